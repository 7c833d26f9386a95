"""The reference of the lesson format names everything that tracer knows, nothing else, and works.

What there is comes from tracer's own tables. What a formula on the page gives is worked out by
Python and NumPy from the text of the page.
"""

import contextlib
import json
import math
import re
import runpy
import shlex
import struct
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from itertools import pairwise, product, zip_longest
from pathlib import Path

import numpy as np
import pytest
from markdown_it import MarkdownIt

from tracer import files as loading
from tracer import graph, net, ops, work
from tracer.cli import main
from tracer.derive import bounds as sizes
from tracer.derive import derive, limit
from tracer.derive.catalogue import STORIES
from tracer.errors import TracerError, shape_text
from tracer.lesson import amount as size
from tracer.lesson import home
from tracer.lesson import reading as lesson
from tracer.lesson.blocks import KEYS as BLOCK_KEYS
from tracer.lesson.blocks import network, nudge, points, shapes
from tracer.lesson.blocks.phases import Written
from tracer.lesson.check import check
from tracer.lesson.home import walkthroughs
from tracer.lesson.solution import Solution, explain, solve
from tracer.network import words
from tracer.network.data import GATES, MOST_DRAWN
from tracer.network.features import MOST_FEATURES
from tracer.network.initial import SCALES
from tracer.network.labels import BETWEEN, OF_PROBABILITIES, OF_SCORES, SHARES
from tracer.numbers.rounding import MODES, MOST_PLACES, WAYS, parse_pen
from tracer.page import paths, plots
from tracer.record import decoding as decoding
from tracer.record import encoding as writing
from tracer.render import graphs
from tracer.trace import equations
from tracer.trace.conventions import BIASES
from tracer.trace.equations import SPELLED_OUT
from tracer.trace.tape import Tape
from tracer.training import run as training
from tracer.training.planes import PLOTS
from tracer.training.results import ANSWERED
from tracer.written import reading
from tracer.written.names import Name, parse_name
from tracer.written.text import text as as_text

TEXT = (walkthroughs() / "FORMAT.md").read_text(encoding="utf-8")


# the page, taken apart


@dataclass(frozen=True)
class Cell:
    """A cell of a table: its text, and what stands in it in code font."""

    text: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table under a heading, called after the first cell of its head."""

    heading: str
    called: str
    rows: tuple[tuple[Cell, ...], ...]
    header: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fence:
    """Something shown under a heading, and the paragraph before it."""

    heading: str
    info: str
    text: str
    before: Cell


@dataclass(frozen=True)
class Page:
    """The reference: its headings, its tables, and what it shows."""

    headings: tuple[str, ...]
    tables: tuple[Table, ...]
    fences: tuple[Fence, ...]

    def table(self, place: str) -> Table:
        """The table at a place such as `Functions: function`; an empty one if there is none."""
        every = {f"{table.heading}: {table.called}": table for table in self.tables}
        return every.get(place, Table("", "", ()))

    def first(self, place: str) -> list[str]:
        """What the first column of a table has in code font."""
        return [code for row in self.table(place).rows for code in row[0].codes]

    def shown(self, info: str) -> list[Fence]:
        """What is shown in one language."""
        return [fence for fence in self.fences if fence.info == info]

    @property
    def examples(self) -> list[Fence]:
        """The lessons and the pieces of lessons."""
        return self.shown("markdown")


def page_of(text: str) -> Page:
    headings: list[str] = []
    tables: list[Table] = []
    fences: list[Fence] = []
    before = Cell("", ())
    rows: list[list[Cell]] = []
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for token, inside in zip_longest(tokens, tokens[1:]):
        match token.type:
            case "heading_open":
                headings.append(inside.content.replace("`", ""))
            case "paragraph_open":
                before = cell_of(inside)
            case "tr_open":
                rows.append([])
            case "th_open" | "td_open":
                rows[-1].append(cell_of(inside))
            case "table_close":
                called = rows[0][0].text.replace("`", "")
                header = tuple(cell.text for cell in rows[0])
                tables.append(Table(headings[-1], called, tuple(map(tuple, rows[1:])), header))
                rows = []
            case "fence":
                fences.append(Fence(headings[-1], token.info, token.content, before))
    return Page(tuple(headings), tuple(tables), tuple(fences))


def cell_of(inline) -> Cell:
    codes = tuple(t.content for t in inline.children or () if t.type == "code_inline")
    return Cell(inline.content, codes)


PAGE = page_of(TEXT)


# nothing is missing, and nothing is there that tracer does not know

PHASES = "{forward}, {backward}, {update}"
CHOICES = {
    "delta": words.DELTAS,
    "updates": words.UPDATE_ORDERS,
    "over-outputs": words.REDUCTIONS,
    "over-examples": words.OVER_EXAMPLES,
}


def settings(*keys: str) -> set[str]:
    return {f":{key}: {word}" for key in keys for word in CHOICES[key]}


def formats(load) -> set[str]:
    """The endings of files that are read, as the refusal of another file names them."""
    with pytest.raises(TracerError) as refused:
        load("no.txt", Path())
    return set(re.findall(r"\.\w+", str(refused.value).partition("expected")[2]))


USUAL = (":over-outputs: sum", ":over-examples: mean")
KNOWN = {
    "What stands in a file: block": {f"{{{kind}}}" for kind in BLOCK_KEYS},
    **{f"{{{kind}}}: key": set(keys) for kind, keys in BLOCK_KEYS.items() if kind not in PHASES},
    "Rounding: mode": set(MODES),
    "Functions: function": set(ops.FUNCTIONS),
    "Activations: activation": {*ops.ACTIVATIONS, *ops.TUNABLE},
    "Losses: loss": {*ops.LOSSES, *ops.TUNABLE_LOSSES, *ops.ON_SCORES},
    "Losses: fused loss": {f"{loss}, fused" for _, loss in ops.FUSED},
    "What stands before a loss: setting": {
        *settings("over-outputs", "over-examples"),
        ":factor: 1",
    },
    "Beside the cost: setting": {
        *(each for each in settings("over-outputs", "over-examples") if each not in USUAL),
        ":factor: 1/4",
    },
    "A penalty on weights: behind the number": set(words.PENALTIES),
    "Biases: :biases:": {kind for kind in BIASES if "subtracted" not in kind},
    "Thresholds: :biases:": {kind for kind in BIASES if "subtracted" in kind},
    "Signs and order: setting": settings("delta", "updates"),
    "Update rules: rule": set(ops.UPDATES),
    "Drawn as neurons: :draw:": {*network.DRAWN, "neurons, graph"},
    "Gates: :data:": set(GATES),
    "Random weights: method": set(SCALES),
    "Parameters from a file: file": formats(loading.load_values),
    f"{PHASES}: key": {*BLOCK_KEYS["forward"], *BLOCK_KEYS["backward"], *BLOCK_KEYS["update"]},
    "Plots: plot": set(PLOTS),
    "{derive}: derivation": set(STORIES),
}


@pytest.mark.parametrize("place", KNOWN)
def test_a_table_names_everything_there_is_and_nothing_else(place):
    assert differences(PAGE, place) == ([], [])


def differences(page: Page, place: str) -> tuple[list[str], list[str]]:
    """What is missing in a table, and what tracer does not know."""
    named = page.first(place)
    twice = [name for name in set(named) if named.count(name) > 1]
    return sorted(KNOWN[place] - set(named)), sorted(set(named) - KNOWN[place]) + twice


def test_every_block_has_a_table_of_its_keys():
    tables = {place for place in KNOWN if place.endswith(": key")}
    assert set(re.findall(r"\{(\w+)\}", " ".join(tables))) == set(BLOCK_KEYS)


def test_a_key_of_one_phase_only_says_of_which():
    for key, said, _ in PAGE.table(f"{PHASES}: key").rows:
        phases = {"forward", "backward", "update"}
        having = {kind for kind in phases if key.codes[0] in BLOCK_KEYS[kind]}
        if having != phases:
            assert {f"{{{kind}}}" for kind in having} <= set(said.codes)


def test_what_is_called_usual_is_what_happens_unless_set():
    rows = PAGE.table("Signs and order: setting").rows
    usual = {setting.codes[0] for setting, said in rows if said.text.endswith("the usual way")}
    assert usual == {f":{key}: {next(iter(CHOICES[key]))}" for key in ("delta", "updates")}


def test_layouts_are_all_shown_and_the_usual_one_first():
    rows = PAGE.table("Layout: :examples:").rows
    assert [rows[0][k].codes[0] for k in (0, 1)] == [
        next(iter(words.SIDES)),
        next(iter(words.WEIGHTS)),
    ]
    shown = {(row[0].codes[0], row[1].codes[0]) for row in rows}
    assert shown == {(side, order) for side in words.SIDES for order in words.WEIGHTS}


def test_views_are_named():
    (said,) = (row[1] for row in PAGE.table("{network}: key").rows if row[0].codes == ("view",))
    assert set(said.codes) == set(words.VIEWS)


def test_every_word_behind_a_rounding_is_shown():
    with pytest.raises(TracerError) as refused:
        parse_pen("?")
    behind = set(re.findall(r"'([a-z]+)'", str(refused.value))) - set(MODES) | set(WAYS)
    shown = {word for row in ROUNDINGS for word in row[1][0].codes[0].split()}
    assert shown - {"1", "2", "3"} == {"exact", "carry"} | behind


def test_data_is_read_from_the_formats_that_are_named():
    text = next(cell.text for cell in paragraphs(TEXT) if "table of data" in cell.text)
    assert set(re.findall(r"`(\.\w+)`", text)) == formats(loading.load_table)


def paragraphs(text: str) -> Iterator[Cell]:
    tokens = MarkdownIt("commonmark").parse(text)
    for token, inside in pairwise(tokens):
        if token.type == "paragraph_open":
            yield cell_of(inside)


def test_the_contents_lead_to_every_heading():
    contents = TEXT[: TEXT.index("\n## ")]
    assert re.findall(r"\]\(#([^)]*)\)", contents) == [anchor(h) for h in PAGE.headings[1:]]


def test_every_link_leads_to_a_heading():
    anchors = set(map(anchor, PAGE.headings))
    assert set(re.findall(r"\]\(#([^)]*)\)", TEXT)) <= anchors
    assert len(anchors) == len(PAGE.headings)


def anchor(heading: str) -> str:
    """What GitHub calls a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


LIMITS = {
    "bytes of a lesson": home.LARGEST,
    "blocks of a lesson": lesson.MOST_BLOCKS,
    "characters of a setting": lesson.LONGEST_SETTING,
    "bytes of a data file": loading.LARGEST,
    "numbers in a data file": loading.MOST,
    "decimals that are written": MOST_PLACES,
    "layers of a network": words.MOST_LAYERS,
    "neurons in a layer": words.MOST_NEURONS,
    "random weights of a network": MOST_DRAWN,
    "features that are formulas": MOST_FEATURES,
    "nodes of a graph": equations.MOST_NODES,
    "characters of a formula": reading.LONGEST,
    "numbers that are written": size.MOST_NUMBERS,
    "numbers that are rounded": size.MOST_ROUNDED,
    "epochs of a training": training.MOST_EPOCHS,
    "steps of an epoch": size.MOST_STEPS,
    "numbers in all trainings": size.MOST_TRAINED,
    "lines in a log": size.MOST_LOGGED,
    "paths to a value": paths.MOST_PATHS,
    "matrices in `{shapes}`": shapes.MOST_MATRICES,
    "layers drawn as neurons": network.MOST_DRAWN,
    "lines in a `{points}`": points.MOST_LINES,
    "numbers in a `{nudge}`": nudge.MOST_NUDGED,
    "parts of a formula to derive": sizes.MOST_PARTS,
    "seconds of a derivation": limit.SECONDS,
    "a number in a picture": plots.LARGEST,
    "bytes of a trace as JSON": writing.LARGEST,
    "lists and records in it": decoding.MOST_LISTS,
}


def test_limits_are_those_of_the_tool():
    rows = PAGE.table("Limits: what").rows
    assert {what.text: float(most.text.replace(",", "")) for what, most in rows} == LIMITS
    assert f"for at least {size.LEAST_OF_A_STEP}." in TEXT
    assert f"has more than {graphs.MOST_NODES} nodes" in TEXT
    assert f"taller than {graphs.MOST_BRIEF_ROWS} rows" in TEXT


# every example works

FIRST = PAGE.examples[0].text
HEAD = "```{lesson}\n:title: A piece\n```\n"
OPENING = FIRST[: FIRST.index("```{forward}")]


def whole(piece: str) -> str:
    """A lesson from a piece of one: behind a title, or behind the network of the first lesson."""
    opens = piece.split("\n", 1)[0].strip("`{}")
    before = {"lesson": "", "network": HEAD, "graph": HEAD}
    return before.get(opens, OPENING) + piece


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    """A folder with every file that the page shows, and the first lesson."""
    place = tmp_path_factory.mktemp("lesson")
    for fence in (*PAGE.shown("csv"), *PAGE.shown("json")):
        (place / file_named(fence)).write_text(fence.text, encoding="utf-8")
    (place / file_named(PAGE.examples[0])).write_text(FIRST, encoding="utf-8")
    for fence in PAGE.shown("python"):
        (place / "program.py").write_text(fence.text, encoding="utf-8")
        with contextlib.chdir(place):
            runpy.run_path("program.py")
    return place


def file_named(fence: Fence) -> str:
    return next(code for code in reversed(fence.before.codes) if re.fullmatch(r"[\w-]+\.\w+", code))


def worked(text: str, folder: Path) -> Solution:
    """A lesson read, worked out and explained, as far as the last page."""
    solution = solve(lesson.read(text, "my-lesson", str(folder / "my-lesson.md")))
    explain(solution)
    return solution


def failing(text: str, folder: Path) -> list[str]:
    """The printed numbers of a lesson that do not hold."""
    solution = worked(text, folder)
    return [str(v) for v in check(solution.lesson, solution) if not v.holds]


EXAMPLES = [
    pytest.param(fence, id=f"{fence.heading}, {number}")
    for number, fence in enumerate(PAGE.examples, 1)
]


@pytest.mark.parametrize("fence", EXAMPLES)
def test_an_example_is_worked_out_and_its_numbers_hold(fence, folder):
    assert failing(whole(fence.text), folder) == []


KEYS = [
    pytest.param(place.removesuffix(": key"), key.codes[0], example.codes[0], id=example.codes[0])
    for place in KNOWN
    if place.endswith(": key")
    for key, _, example in PAGE.table(place).rows
]


@pytest.mark.parametrize(("heading", "key", "setting"), KEYS)
def test_the_example_of_a_key_works_in_an_example_of_its_block(heading, key, setting, folder):
    assert setting.startswith(f":{key}: ")
    blocks = [kind for kind in re.findall(r"\{(\w+)\}", heading) if key in BLOCK_KEYS[kind]]
    said = [
        outcome(with_setting(whole(fence.text), kind, setting), folder)
        for kind, fence in product(blocks, PAGE.examples)
        if f"```{{{kind}}}" in fence.text
    ]
    assert "works" in said


def outcome(text: str, folder: Path) -> str:
    """Whether a lesson works, or the one line that says why not."""
    try:
        worked(text, folder)
    except TracerError as error:
        return str(error)
    return "works"


def with_setting(text: str, kind: str, setting: str) -> str:
    """A lesson with one setting of a block put in, or replaced, and without what is printed."""
    start = text.index(f"```{{{kind}}}")
    end = text.index("\n```", start)
    key = setting[: setting.index(": ") + 1]
    kept = [line for line in text[start:end].split("\n") if not line.startswith(key)]
    changed = "\n".join([text[:start] + kept[0], setting, *kept[1:]]) + text[end:]
    printing = r"```\{(forward|backward|update|train|nudge)\}\n((?::.*\n)*)[^`]*"
    return re.sub(printing, r"```{\1}\n\2", changed)


@pytest.mark.parametrize("fence", PAGE.shown("console"), ids=lambda fence: fence.text[:40])
def test_a_command_says_what_the_page_shows(fence, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    command, _, said = fence.text.partition("\n")
    main(shlex.split(command.removeprefix("$ tracer ")))
    assert capsys.readouterr().out == said


MISTAKES = [fence for fence in PAGE.shown("text") if fence.heading == "When something is wrong"]


@pytest.mark.parametrize("fence", MISTAKES, ids=lambda fence: fence.before.text[:40])
def test_a_mistake_is_told_as_the_page_shows_it(fence, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    right, wrong = re.search(r"For\s`([^`]+)`\sstands\s`([^`]+)`", fence.before.text).groups()
    assert FIRST.count(f"\n{right}\n") == 1
    Path("wrong").mkdir(exist_ok=True)
    monkeypatch.chdir("wrong")
    changed = FIRST.replace(f"\n{right}\n", f"\n{wrong}\n")
    Path("my-lesson.md").write_text(changed, encoding="utf-8")
    main(["check", "./my-lesson.md"])
    said = capsys.readouterr()
    assert fence.text.strip() in (said.err + said.out).splitlines()


def test_eight_mistakes_and_a_wrong_digit_are_told():
    assert len(MISTAKES) == 9


HABITS = [
    (line.codes[0], typed, way_out.codes[0])
    for line, each, way_out in PAGE.table("When something is wrong: line").rows
    for typed in each.codes
]


@pytest.mark.parametrize(
    ("line", "typed", "way_out"), HABITS, ids=[typed for _, typed, _ in HABITS]
)
def test_what_others_write_leads_to_what_the_page_says(line, typed, way_out, folder):
    assert FIRST.count(f"\n{line}\n") == 1
    said = outcome(FIRST.replace(f"\n{line}\n", f"\n{typed}\n"), folder)
    number = FIRST[: FIRST.index(f"\n{line}\n")].count("\n") + 2
    assert said.startswith(f"{folder / 'my-lesson.md'}:{number}: ")
    assert re.search(r"(expected|did you mean|called|;) [^;]*$", said.rpartition(way_out)[0]), said


@pytest.mark.parametrize("row", PAGE.table("{graph}: typed out").rows, ids=lambda row: row[0].text)
def test_an_activation_typed_out_is_the_step_of_its_name(row):
    steps = [graph(f"z = 0.3\na = {cell.codes[0]}").equations[0].op for cell in row]
    assert steps[0] is steps[1]


def test_a_typed_out_activation_is_in_the_table():
    assert PAGE.first("{graph}: typed out") == list(SPELLED_OUT)


# what a table says is what is worked out


def erf(z):
    return np.vectorize(math.erf)(z)


PLAIN = {
    **{name: getattr(np, name) for name in ("exp", "log", "sqrt", "sin", "cos", "tan")},
    **{name: getattr(np, name) for name in ("sinh", "cosh", "tanh")},
    "ln": np.log,
    "atan": np.arctan,
    "erf": erf,
    "abs": np.abs,
    "sum": np.sum,
    "mean": np.mean,
    "transpose": np.transpose,
    "max": lambda *given: np.maximum(*given) if len(given) == 2 else np.max(*given),
    "min": np.minimum,
}
"What the functions of a formula are in NumPy."


def value(formula: str, **given):
    """A formula of the page, worked out by Python."""
    with np.errstate(all="ignore"):
        return eval(formula, {"__builtins__": {}}, PLAIN | given)


def formula_in(cell: Cell, name: str) -> str:
    return next((code for code in cell.codes if re.search(r"[(*/]|^z$", code)), f"{name}(z)")


FUNCTIONS = [(n, *row[1:]) for row in PAGE.table("Functions: function").rows for n in row[0].codes]


@pytest.mark.parametrize(("name", "said", "kink"), FUNCTIONS, ids=[n for n, _, _ in FUNCTIONS])
def test_a_function_is_what_the_page_says(name, said, kink):
    formula = formula_in(said, name)
    inputs = sorted(set(re.findall(r"\b[abz]\b", formula)))
    compared = 0
    for column in ([-0.7, 1.3], [0.4, 1.3], [0.2, 0.1]):
        given = {each: np.array([column[::k]]).T for each, k in zip(inputs, (1, -1), strict=False)}
        typed = [f"{each} = {'; '.join(map(str, v.ravel()))}" for each, v in given.items()]
        expected = value(formula, **given)
        if np.isfinite(expected).all():
            program = graph("\n".join([*typed, f"s = {name}({', '.join(inputs)})"]))
            np.testing.assert_allclose(program.values()["s"], expected, atol=1e-12)
            compared += 1
    assert compared >= 2
    for slope in kink.codes:
        trace = work(graph(f"z = 0\ns = {name}(z)"))
        assert trace["ds/dz"].exact == float(slope)


@pytest.mark.parametrize(("name", "said", "kink"), FUNCTIONS, ids=[n for n, _, _ in FUNCTIONS])
def test_a_function_is_known_to_graphs_layers_losses_and_derivations(name, said, kink):
    inputs = {"max": "{0}, 0.1", "min": "{0}, 0.1"}.get(name, "{0}").format
    graph(f"z = 0.4; 0.5\na = {name}({inputs('z')})")
    others = (
        lambda: derive(f"{name}({inputs('z')})*2"),
        lambda: words.parse_activation(f"{name}({inputs('z')})*2"),
        lambda: words.parse_loss(f"{name}({inputs('yhat')})*y"),
    )
    for known in others:
        if name in FOR_A_GRAPH_ALONE:
            with pytest.raises(TracerError, match="takes a matrix"):
                known()
        else:
            known()


FOR_A_GRAPH_ALONE = re.findall(r"`(\w+)`", re.search(r"Only (.*) are for a graph\s", TEXT)[1])


def test_functions_of_a_matrix_are_for_a_graph_alone():
    assert sorted(FOR_A_GRAPH_ALONE) == sorted(ops.OF_MATRICES)


def test_a_kink_that_is_not_told_is_none():
    for name, _, kink in FUNCTIONS:
        assert bool(kink.codes) == (name in {"abs", "relu", "leaky_relu", "elu"})


ACTIVATIONS = [(r[0].codes[0], *r[1:]) for r in PAGE.table("Activations: activation").rows]


@pytest.mark.parametrize(("name", "said", "kink"), ACTIVATIONS, ids=[n for n, _, _ in ACTIVATIONS])
def test_an_activation_is_what_the_page_says(name, said, kink):
    z = np.array([[-0.7], [0.3], [1.4]])
    program = net(f"3 {name}", X=[[1]], W=z, Y=[[0], [0], [1]])
    expected = value(formula_in(said, name), z=z)
    np.testing.assert_allclose(program.values()["Yhat"], expected, atol=1e-12)
    for slope in kink.codes:
        trace = work(net(f"1 {name}", X=[[1]], W=[[0]], Y=[[1]]))
        assert trace["dYhat/dZ"].exact == float(slope)


SAID = {code for cell in paragraphs(TEXT) for code in cell.codes}


@pytest.mark.parametrize(
    ("family", "parse"),
    [(ops.TUNABLE, words.parse_activation), (ops.TUNABLE_LOSSES, words.parse_loss)],
)
def test_what_takes_a_number_is_shown_with_one(family, parse):
    for name in family:
        with_number = [code for code in SAID if re.fullmatch(rf"{name} [\d.]+", code)]
        assert with_number, name
        assert all(map(parse, with_number))


def test_expressions_and_constants_are_typed_as_the_page_says():
    assert words.parse_loss(*SAID & {"(y - yhat)**4"})
    said = next(code for code in SAID if code.startswith("adam, "))
    assert words.parse_update(said).constants == {"beta1": 0.8, "beta2": 0.999, "epsilon": 1e-7}


LOSSES = [(row[0].codes[0], *row[1:]) for row in PAGE.table("Losses: loss").rows]


@pytest.mark.parametrize(("name", "said", "needs"), LOSSES, ids=[n for n, _, _ in LOSSES])
def test_a_loss_is_what_the_page_says(name, said, needs):
    assert needs.text.startswith(BETWEEN.get(name, ""))
    assert ("add up to 1" in needs.text) == (name in SHARES)
    assert ("probabilities" in needs.text) == (name in OF_PROBABILITIES)
    assert ("scores" in needs.text) == (name in OF_SCORES)
    y = np.array([[-1], [1], [1]] if "-1" in needs.text else [[0], [1], [0]])
    shares, scores = [[0.2], [0.5], [0.3]], [[0.2], [-1.5], [3]]
    yhat = np.array(shares if "probabilities" in needs.text else scores)
    one = {"factor": "1", "over-examples": "sum"}
    program = net("3 identity", X=[[1]], W=yhat, Y=y, loss=name, settings=one)
    expected = np.sum(value(said.codes[0], y=y, yhat=yhat))
    assert program.values()["Cost"] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("row", PAGE.table("Losses: fused loss").rows, ids=lambda row: row[0].text)
def test_a_fused_loss_stands_behind_its_activation(row):
    (loss,), (activation,) = row[0].codes, row[1].codes
    assert (activation, loss.removesuffix(", fused")) in ops.FUSED
    trace = work(net(f"2 {activation}", X=[[1]], W=[[0.3], [-0.2]], Y=[[1], [0]], loss=loss))
    np.testing.assert_allclose(trace["dCost/dZ"].exact, trace["Yhat"].exact - [[1], [0]])


RULES = {row[0].codes[0]: row[1:] for row in PAGE.table("Update rules: rule").rows}


def lines_of(rule: str) -> Iterator[str]:
    """The lines of an update rule; one may go on as another."""
    for code in RULES[rule][0].codes:
        yield from lines_of(code) if code in RULES else [code]


@pytest.mark.parametrize("rule", RULES)
def test_an_update_rule_writes_what_the_page_says(rule):
    constants = dict(code.split() for code in RULES[rule][1].codes)
    assert {name: float(v) for name, v in constants.items()} == ops.UPDATES[rule].constants
    program = replace(graph("w = 0.7\nL = w**2 + w", 0.1), update=ops.UPDATES[rule])
    trace, known = Tape(program), {"w": 0.7, "alpha": 0.1}
    known |= dict.fromkeys("mvsu", 0.0)
    known |= {name: float(number) for name, number in constants.items()}
    for t in (1, 2, 3):
        trace.forward(), trace.backward(), trace.update()
        known |= {"t": t, "g": 2 * known["w"] + 1}
        for line in lines_of(rule):
            made, formula = line.split(" = ")
            known[made] = value(formula, **known)
        for made in {line.split(" = ")[0] for line in lines_of(rule)} - {"old"}:
            called = "w" if made == "w" else f"{made}w"
            assert trace.now(called).exact == pytest.approx(known[made], rel=1e-12), (t, made)


ROUNDINGS = [
    (table.header, row)
    for table in PAGE.tables
    if (table.heading, table.called) == ("Rounding", ":rounding:")
    for row in table.rows
]


@pytest.mark.parametrize(("header", "row"), ROUNDINGS, ids=[row[0].text for _, row in ROUNDINGS])
def test_a_rounding_writes_what_the_page_says(header, row):
    pen = parse_pen(row[0].codes[0])
    said = {number: cell.codes[0] for number, cell in zip(header, row, strict=True) if cell.codes}
    written = {number: pen.text(float(Fraction(number))) for number in list(said)[1:]}
    assert list(said.values())[1:] == list(written.values())


NUMBERS = PAGE.table("Numbers: typed").rows


@pytest.mark.parametrize("row", NUMBERS, ids=[row[0].text for row in NUMBERS])
def test_a_number_is_what_the_page_says(row):
    given = graph(f"given = {row[0].codes[0]}\nmore = given + 1").leaves[0]
    assert shape_text(np.shape(given.value)) == row[1].codes[0]


def program_with(setting: str):
    """The network of the first lesson with another setting, as its page writes it."""
    text = with_setting(OPENING, "network", setting) if setting else OPENING
    return worked(text, Path()).sections[-1].view.program


def formula_of(name: str, setting: str) -> str:
    return f"{name} = {as_text(program_with(setting).formulas()[name])}"


REDUCTIONS = PAGE.table("What stands before a loss: setting").rows
PENALTIES = PAGE.table("A penalty on weights: behind the number").rows


@pytest.mark.parametrize("row", REDUCTIONS, ids=lambda row: row[0].text)
def test_what_stands_before_a_loss(row):
    assert formula_of("Cost", "".join(row[0].codes)) == row[1].codes[0]


BESIDE = PAGE.table("Beside the cost: setting").rows


@pytest.mark.parametrize("row", BESIDE, ids=lambda row: row[0].text)
def test_what_stands_before_a_loss_beside_the_cost(row):
    setting = "\n".join([":beside: MAE = absolute error", *row[0].codes])
    assert formula_of("MAE", setting) == row[1].codes[0]


def test_the_factor_of_a_loss_is_one_but_for_the_squared_error():
    assert "The squared error has the factor 1/2, every other loss 1." in TEXT
    losses = [*ops.LOSSES.values(), *(make() for make in ops.TUNABLE_LOSSES.values())]
    assert {loss.name: loss.factor for loss in losses if loss.factor != 1} == {
        "squared error": Fraction(1, 2)
    }


@pytest.mark.parametrize("row", PENALTIES, ids=lambda row: row[0].text)
def test_a_penalty(row):
    assert formula_of("R", f":l2: 0.1, {row[0].codes[0]}") == row[1].codes[0]


LAYOUTS = PAGE.table("Layout: :examples:").rows


@pytest.mark.parametrize("row", LAYOUTS, ids=[f"{r[0].text} {r[1].text}" for r in LAYOUTS])
def test_a_layout(row, folder):
    examples, weights, linear, *shapes = (cell.codes[0] for cell in row)
    head = (
        f"{HEAD}```{{network}}\n:layers: 3 tanh\n:cost: squared error\n"
        f":examples: {examples}\n:weights: {weights}\n"
    )
    given = {"X": shapes[0], "Y": shapes[0].replace("2", "3"), "W": shapes[1], "b": shapes[2]}
    typed = [f"{name} = {zeros(shape)}" for name, shape in given.items()]
    program = worked("\n".join([head, *typed, "```"]), folder).sections[-1].view.program
    assert f"Z = {as_text(program.formulas()['Z'])}" == linear


def zeros(shape: str) -> str:
    rows, columns = map(int, re.findall(r"\d", shape))
    return "; ".join([" ".join(["0"] * columns)] * rows)


def two_neurons(kind, given, folder) -> Solution:
    """A lesson of two neurons with two inputs each, whose biases are given as the page says."""
    in_out = "row" in kind
    weights = [] if given and given[0].startswith("W") else ["W = 1 2; 3 4"]
    text = "\n".join(
        [
            f"{HEAD}```{{network}}\n:layers: 2 identity\n:cost: squared error\n:biases: {kind}",
            f":weights: {'(in, out)' if in_out else '(out, in)'}\nX = 10; 100\nY = 0; 0",
            *weights,
            *given,
            "```\n```{forward}\n```",
        ]
    )
    return worked(text, folder)


def learned(trace) -> set[str]:
    return {leaf.name for leaf in trace.program.leaves if leaf.role == "parameter"}


@pytest.mark.parametrize("row", PAGE.table("Biases: :biases:").rows, ids=lambda row: row[0].text)
def test_biases_are_given_as_the_page_says(row, folder):
    kind = row[0].codes[0]
    trace = two_neurons(kind, row[1].codes, folder).trace
    second = {"shared": 0.1, "shared, fixed": 0.1, "none": 0}.get(kind, 0.2)
    first = 0 if kind == "none" else 0.1
    assert trace["Z"].exact.tolist() == [[210 + first], [430 + second]]
    assert ("b" in learned(trace)) == (kind in ("trained", "shared"))


THRESHOLDS = PAGE.table("Thresholds: :biases:").rows


@pytest.mark.parametrize("row", THRESHOLDS, ids=lambda row: row[0].text)
def test_so_are_thresholds_and_they_are_subtracted(row, folder):
    kind, given, linear = row[0].codes[0], row[1].codes, row[2].codes[0]
    solution = two_neurons(kind, given, folder)
    trace, page = solution.trace, solution.sections[-1].view
    second = 0.1 if "shared" in kind else 0.2
    assert trace["Z"].exact.tolist() == [[210 - 0.1], [430 - second]]
    assert f"Z = {as_text(page.program.formulas()['Z'])}" == linear
    assert ("b" in learned(trace)) == (kind in ("subtracted", "shared, subtracted"))


def test_gates_and_random_weights_are_what_the_page_says():
    for name, labels in PAGE.table("Gates: :data:").rows:
        assert tuple(map(int, labels.codes[0].split())) == GATES[name.codes[0]]
    for name, wide in PAGE.table("Random weights: method").rows:
        assert SCALES[name.codes[0]](7) == pytest.approx(value(wide.codes[0], n=7))


# names

TWO_LAYERS = (
    """\
```{network}
:layers: 2 tanh, 1 sigmoid
:cost: squared error
:learning-rate: 1
:data: XOR
:init: xavier, seed 48
```
"""
    + "```{forward}\n```\n```{backward}\n```\n```{update}\n```\n```{forward}\n```\n"
)
TWICE = "```{graph}\nb = 3\nc = b * b\nd = c + b\n```\n```{forward}\n```\n```{backward}\n```\n"
PAIRS = [f"{j}{i}[{layer}]" for layer in (1, 2) for j in (1, 2) for i in (1, 2)]
SCALARS = {
    **{f"{stem}{k}": 0.5 for stem in "xy" for k in (1, 2)},
    **{f"w{pair}": 0.1 for pair in PAIRS},
    **{f"b{j}[{layer}]": 0.0 for layer in (1, 2) for j in (1, 2)},
}


def found(name: str, solution: Solution) -> bool:
    for section in solution.sections:
        if isinstance(section, Written):
            with contextlib.suppress(TracerError):
                section.find(name)
                return True
    return False


def names_tables() -> tuple[Table, Table]:
    matrices, scalars = (table for table in PAGE.tables if table.heading == "Names")
    return matrices, scalars


def test_every_form_of_a_name_is_one_that_is_found(folder):
    downhill = TWO_LAYERS.replace(":cost:", ":delta: descent\n:cost:", 1)
    frames = [worked(HEAD + frame, folder) for frame in (TWO_LAYERS, TWICE, downhill)]
    names = [code for row in names_tables()[0].rows for code in row[0].codes]
    assert [n for n in names if not any(found(n, frame) for frame in frames)] == []
    trace = work(net("2 tanh, 2 sigmoid", view="scalar", **SCALARS))
    assert [c for row in names_tables()[1].rows for c in row[0].codes if c not in trace] == []


def test_every_value_and_every_part_of_a_name_is_shown():
    parsed = [parse_name(c) for t in names_tables() for row in t.rows for c in row[0].codes]
    for part in fields(Name):
        assert any(getattr(name, part.name) for name in parsed), part.name
    stems = {re.sub(r"\d*(\[\d\])?$", "", name.base) for name in parsed if not name.of}
    program = net("2 tanh, 2 sigmoid", view="scalar", **SCALARS)
    matrices = {"X", "W", "b", "Z", "A", "Y", "Yhat", "Cost"}
    assert {re.sub(r"\d*(\[\d\])?$", "", name) for name in program.names} | matrices <= stems


def test_every_result_of_a_training_is_one_that_is_found(folder):
    text = next(fence.text for fence in PAGE.examples if fence.heading == "{train}")
    training = worked(whole(text), folder).sections[-1]
    named = PAGE.first("{train}: printed")
    for name in named:
        assert training.find(name)
    assert set(ANSWERED) <= set(named)


def parts_written() -> set[str]:
    """Every part that a network, a loss or an update rule writes down on the way."""
    batch = {"X": [[1, 2]], "learning_rate": 1}
    square = {"W": [[0.3], [0.4]], "Y": [[0, 1], [1, 0]]}
    one = {"view": "scalar", "x1": 1, "y": 1, "w1": 0.3}
    two = {"view": "scalar", "x1": 1, "y1": 1, "y2": 0, "w11": 0.3, "w21": 0.2}
    programs = [net(f"2 {name}", **batch, **square) for name in KNOWN["Activations: activation"]]
    for loss in KNOWN["Losses: loss"]:
        signs = {"W": [[0.3]], "Y": [[1, -1]]} if loss == "hinge" else square
        programs.append(net(f"{len(signs['Y'])} identity", loss=loss, **batch, **signs))
        if loss not in ops.ON_SCORES:
            programs.append(net("1 identity", loss=loss, **one))
    programs.append(net("2 softmax", **two))
    programs.append(net("2 shifted softmax", **two))
    programs += [replace(graph("w = 1\nL = w**2", 0.1), update=u) for u in ops.UPDATES.values()]
    programs.append(graph("w = 1; L = w*w"))
    found = set()
    for program in programs:
        every = work(program).quantities()
        found |= {part.name for _, one in every for part in one.parts}
    return found


def test_what_is_written_on_the_way_is_all_there():
    every, place = parts_written(), "What is written on the way: part"
    labels = {re.sub(r"\d$", "1", name.rpartition(".")[2]) for name in every}
    assert set(PAGE.first(place)) == labels
    for row in PAGE.table(place).rows:
        assert set(row[1].codes) <= every


# files


def test_parameters_are_the_same_from_every_format(folder, tmp_path):
    W, b = [[0.1, 0.6]], [[0.25]]
    header = json.dumps(
        {
            "W1": {"dtype": "F64", "shape": [1, 2], "data_offsets": [0, 16]},
            "b1": {"dtype": "F64", "shape": [1, 1], "data_offsets": [16, 24]},
        }
    ).encode()
    numbers = struct.pack("<3d", 0.1, 0.6, 0.25)
    np.savez(tmp_path / "all.npz", W1=W, b1=b)
    (tmp_path / "all.json").write_text(json.dumps({"W1": W, "b1": b}))
    (tmp_path / "all.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + numbers)
    np.save(tmp_path / "W1.npy", W)
    np.save(tmp_path / "b1.npy", b)
    (tmp_path / "W1.csv").write_text("first,second\n0.1,0.6\n")
    (tmp_path / "b1.csv").write_text("0.25\n")
    files = ["all.npz", "all.json", "all.safetensors", "W1.npy, b1.npy", "W1.csv, b1.csv"]
    assert {Path(f).suffix for f in files} == set(PAGE.first("Parameters from a file: file"))
    for named in files:
        text = f"{HEAD}```{{network}}\n:layers: 1 sigmoid\n:cost: squared error\n:data: OR\n"
        trace = worked(f"{text}:parameters: {named}\n```\n", tmp_path).trace
        assert (trace["W"].written.tolist(), trace["b"].written.tolist()) == (W, b)


def test_a_pytorch_state_is_taken_layer_by_layer(tmp_path):
    state = {"0.weight": [[0.1, 0.6]], "0.bias": [0.2], "2.weight": [[0.3]], "2.bias": [0.4]}
    (tmp_path / "state.json").write_text(json.dumps(state))
    text = f"{HEAD}```{{network}}\n:layers: 1 tanh, 1 sigmoid\n:cost: squared error\n:data: OR\n"
    trace = worked(f"{text}:parameters: state.json\n```\n", tmp_path).trace
    found = [trace[name].written.tolist() for name in ("W[1]", "b[1]", "W[2]", "b[2]")]
    assert found == [[[0.1, 0.6]], [[0.2]], [[0.3]], [[0.4]]]


def test_data_from_arrays_has_examples_in_rows(tmp_path):
    X, Y = [[0, 1], [1, 1], [1, 0]], [[1], [1], [0]]
    np.savez(tmp_path / "flowers.npz", X=X, Y=Y, inputs=X, labels=Y)
    np.savez(tmp_path / "plain.npz", X=X, Y=Y)
    (said,) = (code.removeprefix(":data: ") for code in SAID if ".npz, X from" in code)
    for data in (said, "plain.npz"):
        head = f"{HEAD}```{{network}}\n:layers: 1 sigmoid\n:cost: squared error\n"
        trace = worked(f"{head}:data: {data}\nW = 0 0\n```\n", tmp_path).trace
        assert trace["X"].written.T.tolist() == X


def test_numbers_both_typed_in_and_in_a_file_are_a_fault(folder):
    shown = next(f.text for f in PAGE.examples if ":parameters: weights.json" in f.text)
    typed = shown.replace(":parameters: weights.json\n", ":parameters: weights.json\nb[2] = 1\n")
    with pytest.raises(TracerError, match=r"b\[2\] is given twice"):
        worked(whole(typed), folder)


def test_a_misprint_that_is_right_fails(folder):
    shown = next(f.text for f in PAGE.examples if "# misprint" in f.text)
    assert failing(whole(shown.replace("= 0.535", "= 0.525")), folder) != []


def test_both_kinds_of_weights_that_the_page_shows_are_the_same(folder):
    shown = next(f.text for f in PAGE.examples if ":parameters: weights.json" in f.text)
    assert failing(whole(shown.replace("weights.json", "weights.npz")), folder) == []


def test_a_path_out_of_the_folder_is_refused(folder):
    shown = next(f.text for f in PAGE.examples if ":parameters: weights.json" in f.text)
    with pytest.raises(TracerError, match="leads out of the lesson's folder"):
        worked(whole(shown.replace("weights.json", "../weights.json")), folder)


# every check of the page can fail


@pytest.mark.parametrize("place", KNOWN)
def test_a_row_that_is_gone_is_missed_and_one_that_is_invented_is_noticed(place):
    gone = PAGE.first(place)[-1]
    table = PAGE.table(place)
    last = replace(table.rows[-1][0], codes=("invented",))
    changed = replace(table, rows=(*table.rows[:-1], (last, *table.rows[-1][1:])))
    page = replace(PAGE, tables=tuple(changed if t is table else t for t in PAGE.tables))
    missing, invented = differences(page, place)
    assert gone in missing
    assert invented == ["invented"]


def last_printed(piece: str) -> str:
    """The last line of an example that prints a number; nothing where none does."""
    asserting = re.findall(r"```\{(?:forward|backward|update|train)\}\n(.*?)```", piece, re.DOTALL)
    lines = [line for block in asserting for line in block.splitlines()]
    return next((line for line in lines[::-1] if re.match(r"[^:#]+ = [^#]*\d$", line)), "")


@pytest.mark.parametrize("fence", [e for e in EXAMPLES if last_printed(e.values[0].text)])
def test_an_example_with_another_digit_fails(fence, folder):
    line = last_printed(fence.text)
    other = line[:-1] + str((int(line[-1]) + 3) % 10)
    assert failing(whole(fence.text.replace(f"\n{line}\n", f"\n{other}\n")), folder) != []


def test_a_line_gone_from_the_text_is_missed_and_a_new_one_noticed():
    gone = TEXT.replace("| `softplus` | `log(1 + exp(z))` | |\n", "", 1)
    assert "softplus" in differences(page_of(gone), "Functions: function")[0]
    more = TEXT.replace("| `XOR` |", "| `NAND` | `1 1 1 0` |\n| `XOR` |")
    assert "NAND" in differences(page_of(more), "Gates: :data:")[1]
