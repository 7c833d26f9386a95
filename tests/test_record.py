"""A lesson worked out as JSON: what it holds, that nothing is lost, and what is refused."""

import functools
import json
import math
import re
import subprocess
import sys
import typing
from copy import deepcopy
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import jsonschema
import mpmath
import numpy as np
import pytest
from hypothesis import assume, settings
from hypothesis import given as given_some
from hypothesis import strategies as st

import tracer
from tracer import record
from tracer.errors import NotFinite, TracerError
from tracer.lesson.home import course
from tracer.lesson.reading import read
from tracer.lesson.solution import Solution, explain, solve
from tracer.numbers.decimals import Number
from tracer.numbers.rounding import EXACT, Pen
from tracer.numbers.values import to_floats
from tracer.page import document
from tracer.page.document import Document, Page, Working
from tracer.record import EXPRESSIONS, Recording, decode, encode, schema
from tracer.record import encoding as writing
from tracer.record.quantities import EntryPen, StoredQuantity, Unslipped
from tracer.record.schema import published
from tracer.trace.quantity import Contribution, Dictation, Numbers, Quantity, given, known
from tracer.written.names import parse_name
from tracer.written.tree import Expr, Grid, Matrix, Num, Sym

SCHEMA_FILE = Path(tracer.__file__).parent / "trace-schema.json"
SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
LESSONS = [lesson.name for lesson in course()]
SEVERAL = ["or-batch", "computational-graph", "eleven-lines", "sequential-update", "folded-bias"]
"""Batch and graph, pictures, other layouts and signs: enough for what takes long."""


@functools.cache
def worked(name: str) -> tuple[Solution, Document, str]:
    """A lesson of the course: worked out, explained, and as JSON."""
    lesson = next(lesson for lesson in course() if lesson.name == name)
    solution = solve(lesson)
    told = explain(solution)
    return solution, told, encode(record.record(solution, told))


@functools.cache
def read_back(name: str) -> Recording:
    """The same, from its JSON."""
    return decode(worked(name)[2], "trace.json")


def recorded(text: str) -> dict[str, typing.Any]:
    """The JSON of a lesson's text."""
    solution = solve(read(text, "mine", "mine.md"))
    return json.loads(encode(record.record(solution, explain(solution))))


def row(data: dict[str, typing.Any], name: str) -> dict[str, typing.Any]:
    """The quantity of a name; of a gradient, the sum behind its contributions."""
    return [quantity for quantity in data["quantities"] if quantity["name"] == name][-1]


# what it holds


SHARED = """\
```{lesson}
:title: b is used twice
:rounding: carry 3
```
```{graph}
a = 2
b = 5
c = a*b
d = b + 1
e = c*d
```
```{forward}
```
```{backward}
```
"""
NEURON = """\
```{lesson}
:title: A neuron
:source: page 7
:rounding: carry 3
```
```{network}
:layers: 1 sigmoid
:cost: squared error
:learning-rate: 1
X = 0 0 1 1; 0 1 0 1
Y = 0 1 1 1
W = 0.1 0.6
b = 0
```
```{forward}
```
```{backward}
```
```{update}
```
"""


def test_it_says_which_lesson_was_worked_out_and_how_numbers_were_rounded():
    data = recorded(NEURON)
    assert (data["schema"], data["version"]) == ("tracer-trace", 2)
    assert data["lesson"] == {"name": "mine", "title": "A neuron", "source": "page 7"}
    assert data["rounding"] == "carry 3"


def test_a_quantity_has_its_numbers_exact_written_and_used_and_its_digits():
    found = row(recorded(NEURON), "dCost/dW")
    assert found["written"] == found["used"] == [[-0.048, -0.038]]
    assert found["digits"] == [["-0.048", "-0.038"]]
    assert found["exact"] == pytest.approx(np.array([[-0.0480064629, -0.0386588238]]), abs=1e-10)
    assert found["changed"] == [[1, 2]]
    assert found["pen"] == "carry 3"


@pytest.mark.parametrize(
    ("mode", "used"),
    [("carry 3", 0.646), ("display 3", 0.6456563062257955), ("exact", 0.6456563062257955)],
)
def test_exact_numbers_are_floats_in_full_precision(mode, used):
    text = f"```{{lesson}}\n:title: T\n:rounding: {mode}\n```\n"
    text += "```{graph}\nz = 0.6\na = sigma(z)\n```\n```{forward}\n```\n"
    found = row(recorded(text), "a")
    assert found["used"] == used
    with mpmath.workdps(40):
        assert (
            found["exact"] == 0.6456563062257955 == float(1 / (1 + mpmath.exp(mpmath.mpf("-0.6"))))
        )


def test_a_formula_stands_there_as_text_as_latex_and_as_a_tree():
    found = row(recorded(SHARED), "d")
    assert found["formula"] == {
        "text": "b + 1",
        "latex": "b + 1",
        "tree": {
            "is": "apply",
            "op": "+",
            "args": [{"is": "sym", "name": "b"}, {"is": "num", "text": "1"}],
            "shape": [],
        },
    }


def test_inputs_are_places_in_the_table_of_quantities():
    data = recorded(SHARED)
    inputs = [data["quantities"][place]["name"] for place in row(data, "e")["inputs"]]
    assert inputs == ["c", "d"]


def test_a_gradient_has_a_contribution_for_each_use():
    data = recorded(SHARED)
    every = data["quantities"]
    total = row(data, "de/db")
    assert total["digits"] == "22"
    assert [
        (c["through"], *(every[c[part]]["digits"] for part in ("upstream", "local", "product")))
        for c in total["contributions"]
    ] == [("c", "6", "2", "12"), ("d", "10", "1", "10")]


def test_what_is_written_on_the_way_are_parts():
    data = recorded(NEURON)
    parts = [data["quantities"][place] for place in row(data, "Cost")["parts"]]
    assert [(part["name"], part["digits"]) for part in parts] == [
        ("Cost.errors", [["-0.5", "0.354", "0.475", "0.332"]]),
        ("Cost.squares", [["0.25", "0.125", "0.226", "0.11"]]),
        ("Cost.sum", "0.711"),
    ]


def test_a_slip_is_recorded_with_its_reason():
    slipped = NEURON.replace(
        "```{forward}\n", "```{forward}\nYhat := 0.5 0.646 0.525 0.67  # slip: misread\n"
    )
    found = row(recorded(slipped), "Yhat")
    last = found["dictations"][-1]
    assert last == {"entry": [1, 4], "wrote": 0.67, "due": 0.668, "reason": "misread"}
    assert found["digits"] == [["0.5", "0.646", "0.525", "0.67"]]
    assert found["unslipped"]["written"] == [[0.5, 0.646, 0.525, 0.668]]
    assert "changed" not in found


def test_equations_have_operation_inputs_formula_and_shape():
    (trace,) = recorded(NEURON)["traces"]
    assert trace["values"][0] == {"name": "X", "role": "data", "shape": [2, 4]}
    assert [value["role"] for value in trace["values"]] == [
        "data", "parameter", "parameter", "data",
    ]  # fmt: skip
    found = {equation["name"]: equation for equation in trace["equations"]}
    assert found["Z"]["operation"] == "linear"
    assert found["Z"]["inputs"] == ["W", "X", "b"]
    assert found["Z"]["formula"]["text"] == "W · X + b"
    assert found["Z"]["shape"] == [1, 4]
    assert found["Yhat"]["formula"]["text"] == "σ(Z)"
    assert found["Cost"]["shape"] == []


def test_numbers_among_the_inputs_stay_numbers():
    (trace,) = recorded(SHARED)["traces"]
    assert trace["equations"][1]["inputs"] == ["b", 1.0]


def test_steps_stand_in_the_order_of_the_pen():
    data = recorded(SHARED)
    (epoch,) = data["traces"][0]["epochs"]
    names = [q["name"] for q in data["quantities"]]
    steps = [(s["kind"], s["of"], [names[place] for place in s["writes"]]) for s in epoch["steps"]]
    assert steps == [
        ("forward", "c", ["c"]),
        ("forward", "d", ["d"]),
        ("forward", "e", ["e"]),
        ("backward", "e", ["de/dc", "de/dc", "de/dd", "de/dd"]),
        ("backward", "d", ["dd/db", "de/db through d"]),
        ("backward", "c", ["dc/da", "de/da", "dc/db", "de/db through c"]),
        ("sum", "b", ["de/db"]),
    ]


def test_an_update_writes_the_parameters_of_the_next_epoch():
    data = recorded(NEURON)
    before, after = data["traces"][0]["epochs"]
    moved = [step for step in before["steps"] if step["kind"] == "update"]
    assert [step["of"] for step in moved] == ["W", "b"]
    every = data["quantities"]
    assert [every[step["writes"][-1]]["digits"] for step in moved] == [
        [["0.148", "0.638"]],
        [["0.037"]],
    ]
    assert {step["writes"][-1] for step in moved} <= set(after["quantities"])
    assert after["steps"] == []


def test_a_lesson_with_two_networks_has_two_traces():
    data = recorded(NEURON + SHARED.split("```\n", 1)[1])
    assert [len(trace["equations"]) for trace in data["traces"]] == [3, 3]


@pytest.mark.parametrize("name", LESSONS)
def test_a_quantity_refers_only_to_those_above_it(name):
    rows = json.loads(worked(name)[2])["quantities"]
    for place, found in enumerate(rows):
        contributions = found.get("contributions", ())
        sent = [c[part] for c in contributions for part in ("upstream", "local", "product")]
        assert all(k < place for k in [*found.get("inputs", ()), *found.get("parts", ()), *sent])


# nothing is lost


def as_tuple(numbers: Numbers) -> tuple[typing.Any, ...]:
    """The exact, the written and the used numbers."""
    return numbers.exact, numbers.written, numbers.used


def differences(a: typing.Any, b: typing.Any) -> list[str]:
    """Where two values differ, numbers bit for bit as floats; a contribution's rule is not kept."""
    found, seen = [], set()
    waiting = [(a, b, "")]
    while waiting:
        a, b, where = waiting.pop()
        if (id(a), id(b)) in seen:
            continue
        seen.add((id(a), id(b)))
        if isinstance(a, Numbers):
            a, b = (as_tuple(numbers.map(to_floats)) for numbers in (a, b))
        elif isinstance(a, Number):
            a, b = float(a), float(b)
        if type(a) is not type(b):
            found.append(f"{where}: {type(a).__name__}, {type(b).__name__}")
        elif isinstance(a, np.ndarray):
            if a.shape != b.shape or a.tobytes() != b.tobytes():
                found.append(f"{where}: {a}, {b}")
        elif isinstance(a, tuple):
            if len(a) != len(b):
                found.append(f"{where}: {len(a)} items, {len(b)} items")
            pairs = zip(a, b, strict=False)
            waiting += [(*pair, f"{where}[{k}]") for k, pair in enumerate(pairs)]
        elif is_dataclass(a):
            names = [f.name for f in fields(a) if (type(a), f.name) != (Contribution, "join")]
            waiting += [(getattr(a, name), getattr(b, name), f"{where}.{name}") for name in names]
        elif repr(a) != repr(b):
            found.append(f"{where}: {a!r}, {b!r}")
    return found


@pytest.mark.parametrize("name", LESSONS)
def test_the_document_read_back_is_the_one_that_was_explained(name):
    assert differences(read_back(name).document, worked(name)[1]) == []


def lesson_of(rounding: str, *equations: str) -> str:
    """The text of a lesson with one graph, forward and backward."""
    graph = SHARED.replace("a = 2\nb = 5\nc = a*b\nd = b + 1\ne = c*d", "\n".join(equations))
    return graph.replace("carry 3", rounding)


SATURATED = NEURON.replace("carry 3", "display 3").replace("squared error", "binary cross-entropy")
LONG = {
    "digits as typed": lesson_of("exact", f"w = 1.{'1234567890' * 5}", "L = w/7"),
    "more than any other number has": lesson_of("exact", f"w = 0.{'1234567890' * 99}", "L = w/7"),
    "a large number, carried": lesson_of("carry 12", "w = 1e25", "L = w/7"),
    "a large number, shown": lesson_of("display 3", "w = 1e35", "L = w/7"),
    "a 1 beside a large number": lesson_of("display 2", "w = 1e60", "a = w + 1", "L = a - w"),
    "two hundred digits": SATURATED.replace("0 0 1 1; 0 1 0 1", "100; 0")
    .replace("0 1 1 1", "0")
    .replace("0.1 0.6", "1 1"),
}


@pytest.mark.parametrize("lesson", LONG.values(), ids=LONG)
def test_a_number_of_many_digits_is_read_back(lesson):
    check_read_back(lesson)


def check_read_back(lesson: str) -> None:
    solution = solve(read(lesson, "mine", "mine.md"))
    told = explain(solution)
    text = encode(record.record(solution, told))
    VALIDATOR.validate(json.loads(text))
    back = decode(text, "trace.json")
    assert differences(back.document, told) == []
    assert encode(back) == text


DIGITS = st.tuples(
    st.integers(-(10**45), 10**45) | st.integers(-999, 999), st.integers(-70, 70)
).map(lambda parts: f"{parts[0]}e{parts[1]}")
FORMULAS = ["w*v", "w/3 + v", "(w + v) - w", "exp(-(w/v)**2)", "tanh(w)*v/7", "relu(w - v) + w/3"]
ROUNDINGS = ["exact", "display 0", "display 12", "carry 3", "carry 12", "carry 4 significant"]


@settings(max_examples=100, deadline=None, derandomize=True)
@given_some(DIGITS, DIGITS, st.sampled_from(FORMULAS), st.sampled_from(ROUNDINGS))
def test_numbers_of_any_size_and_pen_are_read_back(w, v, formula, rounding):
    try:
        check_read_back(lesson_of(rounding, f"w = {w}", f"v = {v}", f"a = {formula}", "L = a/3"))
    except NotFinite:
        assume(False)


@pytest.mark.parametrize("name", SEVERAL)
def test_what_was_read_back_is_written_as_the_same_text(name):
    text = worked(name)[2]
    again = encode(read_back(name))
    assert len(again) == len(text)
    is_same = again == text  # a difference in a text so long takes minutes to draw
    assert is_same


@pytest.mark.parametrize("name", SEVERAL)
def test_a_name_read_back_means_what_it_meant(name):
    views = [section.view for section in worked(name)[0].given]
    for view, back in zip(views, read_back(name).traces, strict=True):
        for _, quantity in view.quantities():
            parsed = parse_name(quantity.name)
            assert back.canonical(parsed) == view.canonical(parsed)
        for alias in back.aliases:
            assert back.canonical(parse_name(alias)) == view.canonical(parse_name(alias))


def test_the_differences_of_two_documents_are_found():
    told = worked("computational-graph")[1]
    assert differences(told, told) == []
    page = replace(told.pages[3], title="another")
    other = replace(told, pages=(*told.pages[:3], page, *told.pages[4:]))
    assert list(differences(told, other)) == [
        f".pages[3].title: {told.pages[3].title!r}, 'another'"
    ]


def one_page(*lines: Expr, shows: tuple[Quantity, ...] = ()) -> Recording:
    blocks = (Working("x", lines or (Num("1"),)),)
    return Recording(record.Origin("n", "t"), EXACT, (), (Page("p", blocks, shows),))


@pytest.mark.parametrize("number", [0.1 + 0.2, -0.0, 5e-324, 1.7976931348623157e308, 1e22, 2 / 3])
def test_every_float_comes_back_bit_for_bit(number):
    text = encode(one_page(shows=(given("x", number),)))
    back = decode(text, "").pages[0].shows[0].exact
    assert np.float64(back).tobytes() == np.float64(number).tobytes()


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_a_number_that_json_has_no_sign_for_comes_back_too(number):
    numbers = Numbers(number, 1.0, 1.0)
    text = encode(one_page(shows=(Quantity("x", numbers, numbers, EXACT),)))
    VALIDATOR.validate(json.loads(text))
    assert repr(decode(text, "").pages[0].shows[0].exact) == repr(number)


def test_a_matrix_is_written_as_the_cells_that_are_shown():
    matrix = Matrix(np.array([[0.25, 1 / 3]]), Pen("carry", 3).text)
    back = decode(encode(one_page(matrix)), "").pages[0].blocks[0]
    assert back.lines == (Grid(((Num("0.25"), Num("0.333")),), (1, 2)),)


def test_a_contribution_read_back_keeps_its_product_but_no_rule():
    back = decode(worked("computational-graph")[2], "")
    total = next(q for page in back.pages for q in page.shows if q.name == "de/db")
    assert [c.product.written for c in total.contributions] == [12, 10]
    with pytest.raises(TracerError, match="keeps its product and no rule"):
        total.contributions[0].join(None, 1, 2)


def sums(depth: int) -> Quantity:
    """A number doubled again and again: each from the one before, taken twice."""
    made = given("x", 0.0)
    for k in range(depth):
        formula = Sym(made.name) + Sym(made.name)
        made = known(f"x{k}", 0.0, EXACT, formula=formula, inputs=(made, made))
    return made


def test_what_is_shared_stands_there_once_and_depth_is_no_trouble():
    last = sums(3000)
    text = encode(one_page(shows=(last,)))
    assert len(json.loads(text)["quantities"]) == 3001
    is_same = encode(decode(text, "")) == text
    assert is_same


# the text


@pytest.mark.parametrize("name", LESSONS)
def test_a_trace_stays_small(name):
    assert len(worked(name)[2].encode()) < (500_000 if name == "or-batch" else 2_000_000)


def test_the_same_lesson_is_the_same_text_in_every_run():
    command = [sys.executable, "-m", "tracer", "export", "or-bias", "--format", "json"]
    texts = {
        subprocess.run(
            command,
            cwd=Path(tracer.__file__).parent.parent,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(texts) == 1
    is_same = texts == {worked("or-bias")[2].encode()}
    assert is_same


def test_a_list_at_the_top_has_a_line_for_each_of_its_records():
    lines = worked("or-batch")[2].splitlines()
    data = json.loads(worked("or-batch")[2])
    heads = [line for line in lines if line.startswith("  {")]
    assert len(heads) == sum(len(data[key]) for key in ("quantities", "traces", "pages"))


def wide(rows: int) -> Recording:
    """A page that shows a matrix of a thousand columns."""
    values = np.zeros((rows, 1000))
    numbers = Numbers(values, values, values)
    return one_page(shows=(Quantity("W", numbers, numbers, EXACT, given=True),))


def test_a_trace_is_refused_before_its_numbers_are_written(memory):
    recording = wide(1251)
    said = "takes at least 20,016,000 bytes, expected at most 20,000,000; "
    with memory() as taken, pytest.raises(TracerError, match=said):
        encode(recording)
    assert taken() < 1_000_000


def test_each_entry_takes_at_least_as_much_as_it_is_counted_for():
    assert len(encode(wide(2))) - len(encode(wide(1))) >= 1000 * writing.LEAST


@pytest.mark.parametrize("limit", [150, 400, 600])
def test_a_trace_that_grows_too_large_is_given_up_as_it_is_written(limit, monkeypatch):
    monkeypatch.setattr(writing, "LARGEST", limit)
    with pytest.raises(TracerError, match=rf"the trace takes .* bytes, expected at most {limit}; "):
        encode(one_page(*[Num("0.12345")] * 20))


def test_a_trace_that_is_too_large_to_be_read_back_is_not_written(monkeypatch):
    monkeypatch.setattr(writing, "LARGEST", 200)
    with pytest.raises(TracerError, match=r"the trace takes \d+ bytes, expected at most 200; "):
        encode(one_page())


# the schema


def test_the_schema_is_one_and_stands_beside_the_module():
    VALIDATOR.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_published_schema_is_the_one_that_the_records_make():
    """`python -m tracer.record.schema > tracer/trace-schema.json` makes it anew."""
    is_fresh = SCHEMA_FILE.read_text(encoding="utf-8") == published()
    assert is_fresh


def test_it_is_printed_by_a_command():
    command = [sys.executable, "-m", "tracer.record.schema"]
    ended = subprocess.run(
        command, cwd=SCHEMA_FILE.parent.parent, capture_output=True, encoding="utf-8", check=True
    )
    assert json.loads(ended.stdout) == SCHEMA


def test_another_note_below_a_field_makes_another_schema(monkeypatch):
    monkeypatch.setitem(schema._notes(Page), "title", "what it is called")
    made = schema.schema()["$defs"]["Page"]["properties"]["title"]
    assert made == {"description": "What it is called.", "type": "string"}


def test_a_field_without_a_note_is_noticed(monkeypatch):
    monkeypatch.delitem(schema._notes(Page), "title")
    with pytest.raises(LookupError, match=r"Page\.title has no note, expected one"):
        schema.schema()


@pytest.mark.parametrize("name", SEVERAL)
def test_a_lesson_is_as_the_schema_says(name):
    errors = VALIDATOR.iter_errors(json.loads(worked(name)[2]))
    assert [f"{error.json_path}: {error.message[:200]}" for error in errors] == []


def descriptions(schema: typing.Any, where: str = "") -> typing.Iterator[tuple[str, str]]:
    """Every field that the schema names, with what it says about it."""
    if isinstance(schema, dict):
        for name, field in schema.get("properties", {}).items():
            yield f"{where}.{name}", field.get("description", "")
        for key, part in schema.items():
            yield from descriptions(part, f"{where}/{key}")


def test_every_field_is_described_in_a_sentence():
    found = dict(descriptions(SCHEMA))
    assert len(found) > 100
    assert [where for where, said in found.items() if not said.endswith(".")] == []


RECORDS = [
    StoredQuantity, EntryPen, Unslipped, Dictation, Contribution,
    *document.BLOCKS, *EXPRESSIONS, document.Page, document.Node,
    document.Edge, document.Series, document.Point, document.DerivationLine, record.Origin,
    record.GivenValue, record.WrittenEquation, record.WrittenStep, record.Iteration,
    record.WrittenTrace, record.Conventions,
]  # fmt: skip
BESIDES = {StoredQuantity: {"digits", "changed"}, Contribution: set()}


@pytest.mark.parametrize("kind", RECORDS)
def test_the_schema_has_the_fields_of_each_record_and_no_others(kind):
    own = {field.name for field in fields(kind)} - ({"join"} if kind is Contribution else set())
    tagged = {"is"} if kind in (*document.BLOCKS, *EXPRESSIONS) else set()
    described = SCHEMA["$defs"][kind.__name__]
    assert set(described["properties"]) == own | tagged | BESIDES.get(kind, set())
    assert described["additionalProperties"] is False


def test_every_kind_of_block_and_of_expression_has_a_tag_of_its_own():
    tags = [kind.__name__.lower() for kind in (*document.BLOCKS, *EXPRESSIONS)]
    assert len(tags) == len(set(tags))
    for name, kinds in {"Block": document.BLOCKS, "Tree": EXPRESSIONS}.items():
        offered = {option["$ref"].rpartition("/")[2] for option in SCHEMA["$defs"][name]["anyOf"]}
        assert offered == {kind.__name__ for kind in kinds}


# what is refused


def put(data: typing.Any, path: str, value: typing.Any) -> typing.Any:
    """The data with another value at a path such as `pages.0.title`; `...` takes it away."""
    changed = deepcopy(data)
    *way, last = [int(step) if step.isdecimal() else step for step in path.split(".")]
    at = functools.reduce(lambda inner, step: inner[step], way, changed)
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return changed


REFUSED = {
    "an unknown field": (
        "quantities.0.forumla", "2",
        "quantities[0] has the unknown field 'forumla'; did you mean 'formula'?",
    ),
    "an unknown field at the top": (
        "trace", [], "this has the unknown field 'trace'; did you mean 'traces'?"
    ),
    "a field that is missing": ("quantities.0.used", ..., "quantities[0].used is missing"),
    "a list that is missing": ("quantities", ..., "quantities is None, expected a list"),
    "a text for a number": (
        "quantities.0.exact", "two", "quantities[0].exact is 'two', expected a number"
    ),
    "a number for a text": ("pages.0.title", 7, "pages[0].title is 7, expected a text"),
    "a fraction for a whole number": (
        "pages.0.epoch", 0.5, "pages[0].epoch is 0.5, expected a whole number"
    ),
    "true for a number": ("pages.0.epoch", True, "pages[0].epoch is True, expected a whole number"),
    "a word for true or false": (
        "quantities.0.given", "yes", "quantities[0].given is 'yes', expected true or false"
    ),
    "an unknown block": (
        "pages.0.blocks.0.is", "headline", "pages[0].blocks[0].is is 'headline'; "
    ),
    "an unknown expression": (
        "traces.0.equations.0.formula.tree.is", "applied",
        "traces[0].equations[0].formula.tree.is is 'applied'; did you mean 'apply'?",
    ),
    "an unknown step": (
        "traces.0.epochs.0.steps.0.kind", "onward",
        "traces[0].epochs[0].steps[0].kind is 'onward'; ",
    ),
    "an unknown rounding": ("rounding", "carry", "rounding 'carry' cannot be read: "),
    "rows of unequal length": (
        "quantities.0.written", [[1.0], []],
        "quantities[0].written has rows of unequal length or none, expected a matrix",
    ),
    "a block without lines": (
        "pages.1.blocks.1.lines", [], "pages[1].blocks[1] is not whole, expected working without "
    ),
    "no pages": ("pages", [], "this is not whole, expected recording without gaps"),
    "a record for a list": ("pages", {}, "pages is {}, expected a list"),
    "a list for a record": ("lesson", [], "lesson is [], expected a record"),
}  # fmt: skip


@functools.cache
def example() -> typing.Any:
    """The trace of a graph; on its second page, what is given stands below the heading."""
    return recorded(SHARED)


@pytest.mark.parametrize(("path", "value", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_as_the_schema_says_is_refused_by_both(path, value, said):
    data = put(example(), path, value)
    assert next(VALIDATOR.iter_errors(data), None) is not None
    with pytest.raises(TracerError) as fault:
        decode(json.dumps(data), "trace.json")
    assert str(fault.value).startswith(f"trace.json: {said}")
    assert "\n" not in str(fault.value)


INCONSISTENT = {
    "a quantity that is not there": (
        "quantities.2.inputs", [900],
        "quantities[2].inputs[0] is 900, expected a quantity above, 0 to 1",
    ),
    "a quantity made from itself": (
        "quantities.2.inputs", [2],
        "quantities[2].inputs[0] is 2, expected a quantity above, 0 to 1",
    ),
    "other digits than the number's": (
        "quantities.0.digits", "9", "quantities[0].digits is '9', expected '2'"
    ),
    "a text that is not the tree's": (
        "traces.0.equations.0.formula.text", "a + b",
        "traces[0].equations[0].formula.text is 'a + b', expected 'a*b'",
    ),
    "a LaTeX that is not the tree's": (
        "traces.0.equations.0.formula.latex", "a + b",
        "traces[0].equations[0].formula.latex is 'a + b', expected ",
    ),
    "a matrix for a number": (
        "quantities.0.written", [[2.0]],
        "quantities[0] is not whole, expected storedquantity without gaps",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("path", "value", "said"), INCONSISTENT.values(), ids=INCONSISTENT)
def test_what_does_not_follow_from_the_rest_is_refused(path, value, said):
    with pytest.raises(TracerError) as fault:
        decode(json.dumps(put(example(), path, value)), "trace.json")
    assert str(fault.value).startswith(f"trace.json: {said}")


def number(digits: str) -> dict[str, typing.Any]:
    return {"is": "num", "text": digits}


def curve(*points: tuple) -> dict[str, typing.Any]:
    series = [{"name": "s", "points": points}]
    return {"is": "curve", "title": "t", "across": "x", "up": "y", "series": series, "alt": ""}


def boundary(**changes: typing.Any) -> dict[str, typing.Any]:
    plane = {"across": [0, 1], "up": [0, 1], "answers": [[0, 1], [0, 1]], "points": []}
    return {"is": "boundary", "title": "t", **plane, "shaded": False, "alt": ""} | changes


def working(tree: dict[str, typing.Any], name: str = "W") -> dict[str, typing.Any]:
    return {"is": "working", "name": name, "lines": [{"tree": tree}]}


def grid(rows: list, shape: list[int], **more: typing.Any) -> dict[str, typing.Any]:
    cells = [list(map(number, row)) for row in rows]
    return working({"is": "grid", "cells": cells, "shape": shape, **more})


UNSOUND = {
    "a curve to infinity": (curve((0, 1), ("inf", 2)), "curve with finite numbers"),
    "a curve that is not a number": (curve((0, 1), (1, "nan")), "curve with finite numbers"),
    "a curve over more than all numbers": (
        curve((0, -1.7e308), (1, 1.7e308)), "curve with finite numbers"
    ),
    "a curve without points": (curve(), "series without gaps"),
    "a boundary at infinity": (boundary(up=[0, "inf"]), "boundary with finite numbers"),
    "a boundary of one column": (
        boundary(across=[0], answers=[[0], [0]]), "boundary with finite numbers"
    ),
    "a boundary that turns round": (boundary(up=[1, 0]), "boundary with its numbers in order"),
    "an answer that is none": (
        boundary(answers=[[0, "nan"], [0, 1]]), "boundary with finite numbers"
    ),
    "a level that is none": (boundary(level="inf"), "boundary with finite numbers"),
    "a row of answers too few": (boundary(answers=[[0, 1]]), "boundary without gaps"),
    "an example nowhere": (
        boundary(points=[{"x": "inf", "y": 0, "label": 1}]), "point with finite numbers"
    ),
    "a third label": (boundary(points=[{"x": 0, "y": 0, "label": 2}]), "point labelled 0 or 1"),
    "a cost that is infinite": (
        {"is": "log", "name": "Cost", "entries": [[0, "inf"]]}, "log with finite numbers"
    ),
    "a matrix larger than it says": (
        grid([["1", "2"], ["3", "4"]], [2, 1]), "grid as large as its shape says"
    ),
    "a matrix that is elided and larger than it says": (
        grid([["1"] * 6] * 6, [40, 5]), "grid as large as its shape says"
    ),
    "a matrix of negative size": (
        grid([["1"]], [-1, 1]), "grid with a shape of rows and columns, or none"
    ),
    "a matrix of no size": (grid([["1"]], []), "grid with a shape of rows and columns, or none"),
    "a matrix of one side": (
        grid([["1"]], [1]), "grid with a shape of rows and columns, or none"
    ),
    "a matrix without cells": (grid([[]], [1, 1]), "grid without gaps"),
    "fewer symbols than cells": (
        grid([["1", "2"]], [1, 2], symbols=[[number("1")]]), "grid with a symbol for each cell"
    ),
    "a sum of negative size": (
        working({"is": "apply", "op": "+", "args": [number("1")], "shape": [0, 2]}),
        "apply with a shape of rows and columns, or none",
    ),
    "digits that are none": (working(number("1e5e5")), "num with digits"),
    "no digits": (working(number("")), "num with digits"),
    "a name that is none": (working(number("1"), name="1 2"), "working with a name"),
    "an empty name": (working(number("1"), name=""), "working with a name"),
    "a heading below all levels": (
        {"is": "heading", "text": "t", "level": 7}, "heading of level 1 to 6"
    ),
    "an address that a browser does not open": (
        {"is": "heading", "text": "t", "url": "javascript:alert(1)"}, "heading with an address"
    ),
    "a table without columns": (
        {"is": "table", "title": "t", "columns": [], "rows": [], "tones": []}, "table without gaps"
    ),
    "a table with a tone too few": (
        {"is": "table", "title": "t", "columns": ["a"], "rows": [], "tones": []},
        "table without gaps",
    ),
    "an edge to nowhere": (
        {
            "is": "graph",
            "nodes": [{"name": "a", "formula": None, "role": "data"}],
            "edges": [{"start": "a", "end": "b", "value": None, "gradient": None}],
        },
        "graph without gaps",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("block", "said"), UNSOUND.values(), ids=UNSOUND)
def test_a_block_that_no_page_could_show_is_refused(block, said):
    data = json.loads(encode(one_page()))
    data["pages"][0]["blocks"] = [block]
    with pytest.raises(TracerError) as fault:
        decode(json.dumps(data), "trace.json")
    place = r"trace.json: pages\[0\].blocks\[0\]\S*"
    assert re.fullmatch(f"{place} is not whole, expected {re.escape(said)}", str(fault.value))


def test_the_blocks_that_these_are_made_from_are_sound():
    data = json.loads(encode(one_page()))
    example = {"x": 0.5, "y": 5.5, "label": 1}
    matrix = grid([["1", "-2.5e-7"]], [1, 2], symbols=[[number("1"), number("2")]])
    data["pages"][0]["blocks"] = [curve((0, 1), (1, 2)), boundary(points=[example]), matrix]
    assert len(decode(json.dumps(data), "trace.json").pages[0].blocks) == 3


def doubled(tree: dict[str, typing.Any], shape: tuple[int, int]) -> str:
    """The trace of a matrix of ones, and of another one of some shape that a formula gives."""
    first = given("a", 1.0)
    shown = (replace(first, own=Numbers(*[np.ones((1, 2))] * 3)), given("c", 1.0))
    shown = tuple(replace(one, right=one.own) for one in shown)
    data = json.loads(encode(one_page(shows=shown)))
    ones = np.ones(shape).tolist()
    data["quantities"][1] |= {"given": False, "formula": {"tree": tree}, "inputs": [0]}
    data["quantities"][1] |= dict.fromkeys(("exact", "written", "used"), ones)
    del data["quantities"][1]["digits"]
    return json.dumps(data)


def called(op: str, shape: tuple[int, int], *args: dict) -> dict[str, typing.Any]:
    return {"is": "apply", "op": op, "args": args, "shape": shape}


A = {"is": "sym", "name": "a", "shape": [1, 2]}


@pytest.mark.parametrize(
    ("tree", "shape", "is_sound"),
    [
        (called("exp", (1, 2), A), (1, 2), True),
        (called("exp", (3, 3), A), (3, 3), False),
        (called("T", (2, 1), A), (2, 1), True),
        ({"is": "part", "label": "sum", "inner": A, "shape": [1, 2]}, (1, 2), False),
    ],
    ids=["its shape", "another shape", "turned", "a part not written"],
)
def test_a_quantity_whose_lines_cannot_be_worked_out_is_refused(tree, shape, is_sound):
    if is_sound:
        assert decode(doubled(tree, shape), "trace.json").pages[0].shows[1].shape == shape
    else:
        with pytest.raises(TracerError, match=r"^trace.json: quantities\[1\] cannot be written as"):
            decode(doubled(tree, shape), "trace.json")


def test_lists_are_counted_before_they_take_their_memory(memory):
    text = '{"schema": "tracer-trace", "x": [' + "[]," * 2_000_000 + "[]]}"
    with memory() as taken, pytest.raises(TracerError, match="more than 2,000,000 lists and"):
        decode(text, "trace.json")
    assert taken() < 1_000_000


TEXTS = {
    "nothing": ("", "trace.json:1: this is not JSON: "),
    "half of it": ('{"schema": "tracer-trace",\n "vers', "trace.json:2: this is not JSON: "),
    "something else": (
        "[1, 2]",
        "trace.json: this is no recorded trace, expected one that begins ",
    ),
    "another format": ('{"schema": "other"}', "trace.json: this is no recorded trace, expected "),
    "another version": (
        '{"schema": "tracer-trace", "version": 3}',
        "trace.json: this trace is of version 3, expected 2; export the lesson again",
    ),
    "no version": (
        '{"schema": "tracer-trace"}',
        "trace.json: this trace is of version None, expected 2; export the lesson again",
    ),
    "true for the version": (
        '{"schema": "tracer-trace", "version": true}',
        "trace.json: this trace is of version True, expected 2; export the lesson again",
    ),
    "a hundred thousand brackets": (
        "[" * 100_000,
        "trace.json: something in it is nested too deep",
    ),
    "a number without an end": (
        '{"schema": "tracer-trace", "version": ' + "1" * 10_000 + "}",
        "trace.json: this trace is of version inf, expected 2; ",
    ),
    "not a number": ('{"schema": NaN}', "trace.json: NaN is not a number in JSON"),
}


@pytest.mark.parametrize(("text", "said"), TEXTS.values(), ids=TEXTS)
def test_a_text_that_is_no_trace_is_refused_in_one_line(text, said):
    with pytest.raises(TracerError) as fault:
        decode(text, "trace.json")
    assert str(fault.value).startswith(said)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize("depth", [200, 20_000])
def test_a_tree_that_is_nested_without_end_is_refused(depth):
    tree = '{"is": "apply", "op": "neg", "shape": [], "args": [' * depth + "]}" * depth
    text = json.dumps(put(example(), "traces.0.equations.0.formula.tree", "TREE"))
    with pytest.raises(TracerError, match="nested too deeply"):
        decode(text.replace('"TREE"', tree), "trace.json")
