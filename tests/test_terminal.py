"""Pages as they are drawn in a terminal, from 60 to 160 columns; no number is ever cut.

The drawn pages stand in `pages/`. After a change of layout, look at what `python
tests/test_terminal.py` draws anew.
"""

import functools
import io
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from told import told

from tracer import graph, net, work
from tracer.lesson.home import course, load
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.page.document import (
    BLOCKS,
    Derivation,
    Document,
    Graph,
    Heading,
    Note,
    Page,
    Prose,
    Table,
    Working,
)
from tracer.page.pages import explain_trace
from tracer.render.base import render
from tracer.render.markdown import MarkdownWriter
from tracer.render.terminal import Terminal, make_console, pages_as_text
from tracer.written.text import text

DRAWN = Path(__file__).parent / "pages"
LESSONS = ["computational-graph", "or-one-example", "or-bias", "or-batch"]
WIDTHS = [60, 80, 120]


@functools.cache
def pages(name: str) -> tuple[Page, ...]:
    return told(name).pages


def titled(every: tuple[Page, ...], title: str) -> Page:
    return next(each for each in every if each.title == title)


def drawn(shown: Page, width: int) -> str:
    """A page as it is drawn, without the spaces at the ends of its lines."""
    lines = pages_as_text([shown], width).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"


# networks that are larger than those of the lessons


@functools.cache
def hidden() -> tuple[Page, ...]:
    """2-3-1: matrices of several rows."""
    program = net(
        "3 sigmoid, 1 sigmoid",
        X=[[0, 0, 1, 1], [0, 1, 0, 1]],
        Y=[[0, 1, 1, 0]],
        W=[[[0.1, 0.6], [0.2, 0.4], [0.3, 0.7]], [[0.1, 0.4, 0.9]]],
        b=[0, 0],
        learning_rate=1,
    )
    return explain_trace(work(program, "carry 3")).pages


@functools.cache
def dozen() -> tuple[Page, ...]:
    """12-1: a long dot product."""
    k = np.arange(1, 13)
    program = net("1 sigmoid", X=np.array([k % 3, k % 2]).T, Y=[[1, 0]], W=[(k - 6) / 10], b=0.5)
    return explain_trace(work(program, "carry 3")).pages


@functools.cache
def large() -> tuple[Page, ...]:
    """40-30-1: a matrix of weights that is 30 x 40."""
    i, j, m = np.ogrid[:30, :40, :12]
    program = net(
        "30 tanh, 1 sigmoid",
        X=(j * m % 7 / 10)[0],
        Y=m[0] % 2,
        W=[((i * j) % 19 - 9)[:, :, 0] / 10, (i % 5 - 2)[:, 0, :].T / 10],
        b=[0, 0.1],
        learning_rate=0.5,
    )
    return explain_trace(work(program, "carry 3")).pages


ALL_FUNCTIONS = (
    "a = 2; b = 0.5; c = exp(a) / b; d = log(c) - a**3; f = max(d, -b); g = tanh(f * 0.1); "
    "h = sigma(g) * b + a; k = h ** b; l = (k - c) / (a - b)"
)


@functools.cache
def functions() -> tuple[Page, ...]:
    """Every function a graph can have, in twelve digits."""
    return explain_trace(work(graph(ALL_FUNCTIONS))).pages


# a page, and the name of its drawing in pages/
PAGES = {
    "or-batch-backward-2": lambda: titled(pages("or-batch"), "Backward 2 of 3: through Ŷ = σ(Z)"),
    "or-batch-backward-3": lambda: titled(pages("or-batch"), "Backward 3 of 3: through Z"),
    "or-batch-backward": lambda: titled(pages("or-batch"), "Backward, all together"),
    "or-bias-forward-again": lambda: titled(
        pages("or-bias"), "Forward (iteration 2), all together"
    ),
    "computational-graph-paths": lambda: titled(pages("computational-graph"), "All paths to b"),
    "hidden-layer": lambda: titled(hidden(), "Backward 3 of 5: through Z[2]"),
    "long-dot-product": lambda: titled(dozen(), "Forward 1 of 3: Z"),
    "elided": lambda: titled(large(), "Forward 1 of 5: Z[1]"),
}


def test_a_step_of_the_or_batch_reads_like_this():
    shown = PAGES["or-batch-backward-2"]()
    assert drawn(shown, 100) == (
        "Backward 2 of 3: through Ŷ = σ(Z)  Figs 44a-c\n"
        "\n"
        "  upstream  ∂Cost/∂Ŷ = [ 0.125  -0.089  -0.119  -0.083 ]\n"
        "\n"
        "  local     ∂Ŷ/∂Z    = Ŷ ⊙ (1 - Ŷ)\n"
        "                     = [ 0.5  0.646  0.525  0.668 ] ⊙ (1 - [ 0.5  0.646  0.525  0.668 ])\n"
        "                     = [ 0.5  0.646  0.525  0.668 ] ⊙ [ 0.5  0.354  0.475  0.332 ]\n"
        "                     = [ (0.5*0.5)  (0.646*0.354)  (0.525*0.475)  (0.668*0.332) ]\n"
        "                     = [ 0.25  0.229  0.249  0.222 ]\n"
        "\n"
        "  product   ∂Cost/∂Z = upstream ⊙ local\n"
        "                     = [ (0.125*0.25)  (-0.089*0.229)  (-0.119*0.249)  "
        "(-0.083*0.222) ]\n"
        "                         ∂Cost/∂Z[1,1]  ∂Cost/∂Z[1,2]  ∂Cost/∂Z[1,3]  ∂Cost/∂Z[1,4]\n"
        "                     = [ 0.031          -0.02          -0.03          -0.018        ]\n"
    )


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_drawn_as_it_stands_in_pages(name, width):
    path = DRAWN / f"{name}.{width}.txt"
    assert drawn(PAGES[name](), width) == path.read_text(encoding="utf-8"), (
        f"{path.name} is drawn differently; 'python tests/test_terminal.py' draws it anew"
    )


def test_there_is_no_drawing_without_its_page():
    drawn = {path.name for path in DRAWN.iterdir()}
    assert {name for name in drawn if not name.startswith("canvas-")} == {
        f"{name}.{width}.txt" for name in PAGES for width in WIDTHS
    }


# no number is cut, no line is too wide


NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
COLUMNS = re.compile(r"columns? \d+(?: to \d+)?:")
"What stands before a block of a matrix that is too wide for a line."


def numbers(shown: str) -> Counter:
    """Every number of a text, with how often it appears: a cut one is another number."""
    return Counter(NUMBER.findall(COLUMNS.sub("", shown)))


def said(shown: Page) -> str:
    """What a page says as plain text, without the help of a renderer."""
    parts = []
    for block in shown.blocks:
        match block:
            case Heading(title, _, caption):
                parts += [title, caption]
            case Prose(words) | Note(_, words):
                parts.append(words)
            case Working(name, lines):
                parts += [name, *map(text, lines)]
            case Table(_, _, rows):
                parts += [text(cell) for row in rows for cell in row]
    return "\n".join(parts)


def but_graphs(shown: Page) -> Page:
    """A page without its drawings, which say more or less where there is more or less room."""
    return replace(shown, blocks=tuple(b for b in shown.blocks if not isinstance(b, Graph)))


@pytest.mark.parametrize(
    ("there", "here"),
    [
        ("= [ 0.125  -0.089 ]", "= [ 0.125  -0.0… ]"),
        ("= [ 0.125  -0.089 ]", "= [ 0.125  -0.0\n89 ]"),
        ("= [ 0.125  -0.089 ]", "= [ 0.125  -\n0.089 ]"),
        ("= [ 0.125  -0.089 ]", "= [ 0.125 ]"),
    ],
)
def test_a_number_that_is_cut_split_or_lost_would_be_noticed(there, here):
    assert numbers(there) != numbers(here)


def too_wide(shown: str, width: int) -> list[str]:
    return [line for line in shown.split("\n") if len(line) > width]


def test_a_line_that_is_too_wide_would_be_noticed():
    assert too_wide("12345\n123456\n1234", 5) == ["123456"]


PROSE = 90
"Columns of prose: it is no wider in a wider terminal, for it would be harder to read."


BETWEEN = sorted({*range(60, 161, 8), 61, 79, 80, 81, 119, 120, 121, 159})
"""Each width takes as long as all the others; a line breaks at these as at any."""


@pytest.mark.parametrize("name", LESSONS)
def test_in_60_to_160_columns_a_lesson_keeps_within_them_and_keeps_its_numbers(name):
    every = [but_graphs(shown) for shown in pages(name)]
    expected = [numbers(pages_as_text([shown], 10_000)) for shown in every]
    faults = []
    for shown, there in zip(every, expected, strict=True):
        faults += [(shown.title, "lost")] * (not numbers(said(shown)) <= there)
        is_prose = all(isinstance(block, Prose) for block in shown.blocks)
        for width in (w for w in BETWEEN if w <= (PROSE if is_prose else 160)):
            here = pages_as_text([shown], width)
            faults += [(width, line) for line in too_wide(here, width)]
            faults += [(width, shown.title)] * (numbers(here) != there)
    assert faults == []


@pytest.mark.parametrize("name", LESSONS)
def test_prose_is_drawn_alike_in_every_terminal_that_is_wide_enough(name):
    for shown in pages(name):
        if all(isinstance(block, Prose) for block in shown.blocks):
            assert drawn(shown, PROSE) == drawn(shown, 160)
            assert too_wide(pages_as_text([shown], 160), PROSE) == []


@pytest.mark.parametrize("width", [60, 61, 72, 80, 99, 120, 160])
@pytest.mark.parametrize("network", [hidden, dozen, large, functions])
def test_larger_networks_keep_within_the_width_and_keep_their_numbers_too(network, width):
    faults = []
    for whole in network():
        faults += [(whole.title, line) for line in too_wide(pages_as_text([whole], width), width)]
        shown = but_graphs(whole)
        here = pages_as_text([shown], width)
        faults += [shown.title] * (numbers(here) != numbers(pages_as_text([shown], 10_000)))
        faults += [f"{shown.title}: lost"] * (not numbers(said(shown)) <= numbers(here))
    assert faults == []


TALL = ("⎡⎢⎣", "⎤⎥⎦")


def torn(shown: str) -> list[str]:
    """The drawn rows in which a bracket of a matrix has no other."""
    return [
        row
        for row in shown.split("\n")
        if row.count("[") != row.count("]")
        or len(re.findall(f"[{TALL[0]}]", row)) != len(re.findall(f"[{TALL[1]}]", row))
    ]


@pytest.mark.parametrize(
    ("row", "is_torn"),
    [
        ("= [ 1  2 ] · ⎡ 3 ⎤", False),
        ("= [ 0.125  -0.089", True),
        ("  ⎢ 0.4  0.25", True),
        ("W[1] = columns 1 to 2: [ 1  2 ]", False),
    ],
)
def test_a_matrix_that_is_cut_would_be_noticed(row, is_torn):
    assert bool(torn(row)) is is_torn


COURSE = [lesson.name for lesson in course()]


@pytest.mark.parametrize("name", COURSE)
def test_no_line_breaks_inside_the_brackets_of_a_matrix(name):
    for shown in pages(name):
        worked = tuple(b for b in shown.blocks if isinstance(b, Working | Derivation))
        for width in WIDTHS[:2]:  # what fits into 80 columns is in one piece in 120
            assert torn(pages_as_text([Page("", worked)], width)) == [], (shown.title, width)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("network", [hidden, dozen, large, functions])
def test_nor_in_larger_networks(network, width):
    for shown in network():
        worked = tuple(b for b in shown.blocks if isinstance(b, Working))
        assert torn(pages_as_text([Page("", worked)], width)) == [], shown.title


@pytest.mark.parametrize("width", WIDTHS)
def test_a_shape_is_never_broken_in_two(width):
    lines = pages_as_text([PAGES["elided"]()], width).split("\n")
    assert all(line.count("(") == line.count(")") for line in lines if "×" in line), lines[-5:]


@pytest.mark.parametrize("width", WIDTHS)
def test_the_shape_of_a_matrix_that_is_given_is_said_once(width):
    [given] = [b for b in large()[0].blocks if isinstance(b, Working) and b.name == "X"]
    assert pages_as_text([Page("", (given,))], width).count("(40 × 12)") == 1


def test_edges_that_carry_nothing_yet_have_no_column_for_it():
    shown = pages_as_text([explain_trace(work(graph(MANY_USES))).pages[0]], 80)
    assert "a → c3, first use" in shown
    assert "forward value" not in shown


TABLE_IN_PROSE = """\
| z | -6 | -4 | -2 | -1 | 0 | 1 | 2 | 4 | 6 | 8 | 10 |
|---|---|---|---|---|---|---|---|---|---|---|---|
| σ(z) | 0.0025 | 0.0180 | 0.1192 | 0.2689 | 0.5000 | 0.7311 | 0.8808 | 0.9820 | 0.9975 | 1 | 1 |
"""


@pytest.mark.parametrize(
    "prose",
    [
        TABLE_IN_PROSE,
        "```\nthe loss of the first iteration is 1/2 · (0 - 0.468790627)² = 0.109882326\n```",
        "> " * 6 + "The loss of the first iteration is 1/2 · (0 - 0.468790627)² = 0.109882326.",
        "- " * 6 + "The loss of the first iteration is 1/2 · (0 - 0.468790627)² = 0.109882326.",
    ],
    ids=["a table", "code", "a quotation", "a list"],
)
def test_numbers_in_the_prose_are_not_cut_either(prose):
    shown = Page("", (Prose(prose),))
    here = pages_as_text([shown], 60)
    assert numbers(here) == numbers(prose)
    assert too_wide(here, 60) == []


def test_a_number_of_twelve_digits_is_kept_whole_in_every_cell():
    rng = np.random.default_rng(1)
    program = net(
        "3 tanh, 1 sigmoid",
        X=rng.normal(size=(2, 7)),
        Y=rng.integers(0, 2, (1, 7)),
        W=[rng.normal(size=(3, 2)), rng.normal(size=(1, 3))],
        b=[0.123456789012, 0],
        learning_rate=0.3,
    )
    for whole in explain_trace(work(program)).pages:
        assert too_wide(pages_as_text([whole], 60), 60) == []
        shown = but_graphs(whole)
        here = pages_as_text([shown], 60)
        assert numbers(here) == numbers(pages_as_text([shown], 10_000)), shown.title


# a value that an operation uses twice


MANY_USES = "a = 2\n" + "\n".join(f"c{k} = a*a" for k in range(45))
"A graph that is too large to be drawn."


def test_a_drawing_tells_the_uses_of_a_value_apart():
    shown = explain_trace(work(graph("a = 3; c = a*a"))).pages[-1]
    said = pages_as_text([shown], 80)
    assert "first use" in said
    assert "second use" in said


def test_the_table_of_edges_does_so_too():
    total = " + ".join(f"c{k}" for k in range(45))
    shown = explain_trace(work(graph(f"{MANY_USES}\ne = {total}"))).pages[-1]
    rows = re.findall(r"a → c3,.*", pages_as_text([shown], 80))
    assert [re.split("  +", row.strip()) for row in rows] == [
        ["a → c3, first use", "2", "2"],
        ["a → c3, second use", "2", "2"],
    ]


# text that looks like markup


TRICKY = """\
```{lesson}
:title: About W[1] and [red] and [/bold]
:source: [link=x] and W[1]
```

Prose with W[1], [red]red[/red], `A[1][2,3]` and \\[escaped\\] brackets.

| W[1] | [blue] |
|---|---|
| [1] | [/] |

```{graph}
# a remark on W[1] and [red]
a = 2  # here, too: [green]
c = a * 3
```

```{forward}
:at: Fig [7]
c = 7  # misprint: see [red] and W[1]
```
"""


@pytest.mark.parametrize(
    "kept",
    [
        "About W[1] and [red] and [/bold]",
        "[link=x] and W[1]",
        "Prose with W[1], [red]red[/red], A[1][2,3] and [escaped] brackets.",
        "[blue]",
        "[/]",
        "a remark on W[1] and [red]",
        "here, too: [green]",
        "Fig [7]",
        "see [red] and W[1]",
    ],
)
@pytest.mark.parametrize("width", WIDTHS)
def test_square_brackets_are_never_taken_for_markup(kept, width):
    every = explain(solve(read(TRICKY, "tricky", "tricky.md"))).pages
    shown = "".join(pages_as_text([each], width) for each in every)
    assert re.sub(r"\s+", "", kept) in re.sub(r"\s+", "", shown)


def test_layers_keep_their_brackets_in_tables_and_lines():
    shown = pages_as_text([titled(hidden(), "Forward, all together")], 80)
    assert "Z[1]" in shown
    assert "W[2] · A[1] + b[2]" in shown


# colour, pipes, and terminals that can do less


def with_codes(shown: Page, monkeypatch, **environment: str) -> str:
    """A page as it is sent to a terminal with 16 colours, control codes and all."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    console = make_console(
        file=io.StringIO(), force_terminal=True, color_system="standard", width=80
    )
    Terminal(console).page(shown)
    return console.file.getvalue()


CODE = re.compile(r"\x1b\[([\d;]*)m")


def colours(sent: str) -> set[str]:
    codes = {code for found in CODE.findall(sent) for code in found.split(";")}
    return {code for code in codes if code.isdecimal() and 30 <= int(code) <= 107}


def test_forward_values_are_green_and_gradients_red(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    forward = with_codes(titled(pages("or-batch"), "Forward 2 of 3: Ŷ"), monkeypatch)
    backward = with_codes(PAGES["or-batch-backward-2"](), monkeypatch)
    assert "\x1b[32m[ 0.5     0.646   0.525   0.668  ]" in forward
    assert "\x1b[31m[ 0.125  -0.089  -0.119  -0.083 ]" in backward


@pytest.mark.parametrize("name", PAGES)
def test_no_color_is_honoured_and_nothing_is_lost_with_the_colours(name, monkeypatch):
    shown = PAGES[name]()
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = with_codes(shown, monkeypatch)
    plain = with_codes(shown, monkeypatch, NO_COLOR="1")
    assert colours(coloured)
    assert colours(plain) == set()
    assert CODE.sub("", plain) == CODE.sub("", coloured)


def replayed(name: str, **environment: str) -> bytes:
    """What `tracer replay NAME` writes into a pipe."""
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    run = subprocess.run(
        [sys.executable, "-m", "tracer", "replay", name],
        env=kept | environment,
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        check=True,
    )
    assert run.stderr == b""
    return run.stdout


def test_into_a_pipe_goes_the_whole_lesson_without_control_codes():
    out = replayed("or-batch", PYTHONIOENCODING="utf-8").decode()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", out)
    assert "Forward 1 of 3: Z" in out
    assert "Where rounding changed a digit" in out


def unspelled(out: bytes) -> list[str]:
    """The lines with a ? that asks nothing: it stands for a sign that could not be written."""
    return [line for line in out.decode("ascii").split("\n") if re.search(r"(?<!\w)\?", line)]


def test_a_sign_that_could_not_be_written_would_be_noticed():
    assert unspelled(b"  W = [ 0.1 ]   (1 ? 2)\nHow wrong? The loss") == ["  W = [ 0.1 ]   (1 ? 2)"]


@pytest.mark.parametrize("name", LESSONS)
def test_where_only_ascii_can_be_written_every_sign_is_spelled(name):
    out = replayed(name, PYTHONIOENCODING="ascii")
    source = Path(load(name).path).read_text(encoding="utf-8")
    assert unspelled(out) == []
    assert out.count(b"?") == source.count("?")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no LC_ALL")
def test_the_plainest_locale_is_served_in_ascii():
    out = replayed("or-batch", LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    assert unspelled(out) == []
    assert b"dCost/dYhat" in out


def test_in_ascii_a_page_has_the_same_numbers_and_says_the_same():
    out = replayed("or-batch", PYTHONIOENCODING="ascii", COLUMNS="100").decode("ascii")
    assert re.search(r"dYhat/dZ += Yhat \(\*\) \(1 - Yhat\)", out)
    assert "dCost/dW = upstream . local" in out
    wide = "\n".join(pages_as_text([each], 100) for each in pages("or-batch"))
    lost = numbers(wide) - numbers(out)
    assert set(lost) <= {"2", "1"}, "only ² and the like may be spelled otherwise"


# renderers


def without_a_method(renderer: object) -> list[str]:
    """The blocks for which a renderer has no method."""
    return [block.__name__ for block in BLOCKS if not hasattr(renderer, block.__name__.lower())]


@pytest.mark.parametrize("renderer", [Terminal, MarkdownWriter])
def test_a_renderer_has_a_method_for_each_block(renderer):
    assert without_a_method(renderer) == []


def test_a_renderer_without_one_is_noticed():
    lacking = type("Lacking", (), {"heading": 1, "prose": 1, "working": 1, "graph": 1})
    assert "Table" in without_a_method(lacking)
    assert "Note" in without_a_method(lacking)


@pytest.mark.parametrize("kind", BLOCKS)
def test_each_block_goes_to_the_method_of_its_name(kind):
    went = []
    methods = {
        each.__name__.lower(): staticmethod(lambda _, to=each: went.append(to)) for each in BLOCKS
    }
    render(type("Recording", (), methods)(), kind.__new__(kind))
    assert went == [kind]


def test_a_document_may_be_empty():
    assert Document("nothing", ()).pages == ()
    assert pages_as_text([], 80) == ""


def redraw() -> None:
    """Draw every page anew, and say which changed."""
    DRAWN.mkdir(exist_ok=True)
    for path in DRAWN.iterdir():
        if not path.name.startswith("canvas-") and path.name not in {
            f"{name}.{width}.txt" for name in PAGES for width in WIDTHS
        }:
            path.unlink()
    for name, make in PAGES.items():
        for width in WIDTHS:
            path, now = DRAWN / f"{name}.{width}.txt", drawn(make(), width)
            if not path.exists() or path.read_text(encoding="utf-8") != now:
                path.write_text(now, encoding="utf-8", newline="\n")
                print(f"drawn anew: {path.name}")


if __name__ == "__main__":
    redraw()
