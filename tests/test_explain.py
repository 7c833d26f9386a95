"""A lesson as pages: what each step says, line by line, and that each line follows."""

import functools
import re
from itertools import pairwise

import numpy as np
import pytest

from tracer import graph, net, work
from tracer.errors import LessonError, NotFinite, UnknownName
from tracer.lesson.directive import Passage
from tracer.lesson.home import load
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.numbers.rounding import Pen
from tracer.page.document import Graph, Heading, Note, Page, Prose, Table, Working
from tracer.page.notes import pen_in_words
from tracer.page.pages import explain_entry, explain_quantity, explain_trace
from tracer.render.markdown import to_markdown
from tracer.written.text import text
from tracer.written.tree import OneEntry

LESSONS = ["computational-graph", "or-one-example", "or-bias", "or-batch"]
XOR = {"X": [[0, 0, 1, 1], [0, 1, 0, 1]], "Y": [[0, 1, 1, 0]]}
HIDDEN = {"W": [[[0.1, 0.6], [0.2, 0.4], [0.3, 0.7]], [[0.1, 0.4, 0.9]]], "b": [0, 0]}


@functools.cache
def pages(name: str, pen: Pen | None = None) -> tuple[Page, ...]:
    return explain(solve(load(name), pen)).pages


def page(name: str, title: str) -> Page:
    return next(each for each in pages(name) if each.title == title)


def told(shown: Page) -> list[str]:
    """The workings of a page as plain lines, with the part that each plays."""
    lines = []
    for block in shown.blocks:
        if isinstance(block, Working):
            lines.append(f"{block.label} {block.name} = {text(block.lines[0])}".strip())
            lines += [f"= {text(line)}" for line in block.lines[1:]]
    return lines


def notes(shown: Page) -> list[str]:
    return [f"{block.kind}: {block.text}" for block in shown.blocks if isinstance(block, Note)]


def table(shown: Page) -> list[list[str]]:
    [found] = [block for block in shown.blocks if isinstance(block, Table)]
    return [list(found.columns), *([text(cell) for cell in row] for row in found.rows)]


# steps


STEPS = {
    "or-batch: Forward 1 of 3: Z": """
        Z = W · X + b
        = [0.1  0.6] · [0  0  1  1; 0  1  0  1] + [0]
        = [(0.1*0 + 0.6*0 + 0)  (0.1*0 + 0.6*1 + 0)  (0.1*1 + 0.6*0 + 0)  (0.1*1 + 0.6*1 + 0)]
        = [0  0.6  0.1  0.7]""",
    "or-batch: Forward 2 of 3: Ŷ": """
        Yhat = σ(Z)
        = 1/(1 + e^-Z)
        = [1/(1 + e^0)  1/(1 + e^-0.6)  1/(1 + e^-0.1)  1/(1 + e^-0.7)]
        = [0.5  0.646  0.525  0.668]""",
    "or-batch: Forward 3 of 3: Cost": """
        Cost = 1/(2*m) Σ (Y - Ŷ)^∘2
        = 1/(2*4) Σ ([0  1  1  1] - [0.5  0.646  0.525  0.668])^∘2
        = 1/8 Σ [-0.5  0.354  0.475  0.332]^∘2
        = 1/8 Σ [0.25  0.125  0.226  0.11]
        = 1/8 * (0.25 + 0.125 + 0.226 + 0.11)
        = 1/8 * 0.711
        = 0.089""",
    "or-batch: Backward 1 of 3: through Cost": """
        upstream dCost/dCost = 1
        local dCost/dYhat = -1/m * (Y - Ŷ)
        = -1/4 * ([0  1  1  1] - [0.5  0.646  0.525  0.668])
        = -1/4 * [-0.5  0.354  0.475  0.332]
        = [(-1/4 * (-0.5))  (-1/4 * 0.354)  (-1/4 * 0.475)  (-1/4 * 0.332)]
        = [0.125  -0.089  -0.119  -0.083]
        product dCost/dYhat = upstream * local
        = 1 * [0.125  -0.089  -0.119  -0.083]
        = [0.125  -0.089  -0.119  -0.083]""",
    "or-batch: Backward 2 of 3: through Ŷ = σ(Z)": """
        upstream dCost/dYhat = [0.125  -0.089  -0.119  -0.083]
        local dYhat/dZ = Ŷ ⊙ (1 - Ŷ)
        = [0.5  0.646  0.525  0.668] ⊙ (1 - [0.5  0.646  0.525  0.668])
        = [0.5  0.646  0.525  0.668] ⊙ [0.5  0.354  0.475  0.332]
        = [(0.5*0.5)  (0.646*0.354)  (0.525*0.475)  (0.668*0.332)]
        = [0.25  0.229  0.249  0.222]
        product dCost/dZ = upstream ⊙ local
        = [(0.125*0.25)  (-0.089*0.229)  (-0.119*0.249)  (-0.083*0.222)]
        = [0.031  -0.02  -0.03  -0.018]""",
    "or-batch: Backward 3 of 3: through Z": """
        upstream dCost/dZ = [0.031  -0.02  -0.03  -0.018]
        local dZ/dW = Xᵀ
        = [0  0  1  1; 0  1  0  1]ᵀ
        = [0  0; 0  1; 1  0; 1  1]
        product dCost/dW = upstream · local
        = ∂Cost/∂Z · Xᵀ
        = [0.031  -0.02  -0.03  -0.018] · [0  0; 0  1; 1  0; 1  1]
        = [(0.031*0 + (-0.02)*0 + (-0.03)*1 + (-0.018)*1)  (0.031*0 + (-0.02)*1 + (-0.03)*0 + (-0.018)*1)]
        = [-0.048  -0.038]
        local dZ/db = 1
        product dCost/db = Σ (upstream * local)
        = Σ (∂Cost/∂Z * 1)
        = Σ ([0.031  -0.02  -0.03  -0.018] * 1)
        = [(0.031*1 + (-0.02)*1 + (-0.03)*1 + (-0.018)*1)]
        = [-0.037]""",  # noqa: E501
    "or-batch: Update 1 of 2: W": """
        W' = W - α * ∂Cost/∂W
        = [0.1  0.6] - 1 * [-0.048  -0.038]
        = [0.1  0.6] - [-0.048  -0.038]
        = [(0.1 - (-0.048))  (0.6 - (-0.038))]
        = [0.148  0.638]""",
    "or-bias: Forward 2 of 3 (iteration 2): ŷ": """
        yhat = σ(z)
        = 1/(1 + e^-z)
        = 1/(1 + e^-(-0.125))
        = 0.469""",
    "or-bias: Forward 3 of 3 (iteration 2): L": """
        L = 1/2 * (y - ŷ)^2
        = 1/2 * (0 - 0.469)^2
        = 1/2 * (-0.469)^2
        = 0.11""",
    "or-one-example: Backward 3 of 3: through z": """
        upstream dL/dz = 0.125
        local dz/dw1 = x1
        = 0
        product dL/dw1 = upstream * local
        = 0.125*0
        = 0
        local dz/dw2 = x2
        = 0
        product dL/dw2 = upstream * local
        = 0.125*0
        = 0""",
    "computational-graph: Backward 4 of 4: the sum at b": """
        de/db = ∂e/∂c * ∂c/∂b + ∂e/∂d * ∂d/∂b
        = 6*2 + 10*1
        = 12 + 10
        = 22""",
    "computational-graph: All paths to b": """
        b ← c ← e de/db through c = ∂e/∂c * ∂c/∂b
        = 6*2
        = 12
        b ← d ← e de/db through d = ∂e/∂d * ∂d/∂b
        = 10*1
        = 10
        sum de/db = ∂e/∂b through c + ∂e/∂b through d
        = 12 + 10
        = 22""",
}


@pytest.mark.parametrize(("where", "lines"), STEPS.items(), ids=STEPS)
def test_a_step_is_worked_as_on_paper(where, lines):
    name, title = where.split(": ", 1)
    assert told(page(name, title)) == [line.strip() for line in lines.strip().split("\n")]


@pytest.mark.parametrize(
    ("title", "quantity", "shapes"),
    [
        ("Forward 1 of 3: Z", "Z", "(1 × 2) · (2 × 4) + (1 × 1) = (1 × 4)"),
        ("Backward 3 of 3: through Z", "dCost/dW", "(1 × 4) · (4 × 2) = (1 × 2)"),
        ("What is given", "X", "(2 × 4)"),
        ("What is given", "b", "(1 × 1)"),
    ],
)
def test_the_shapes_that_meet_are_said(title, quantity, shapes):
    blocks = page("or-batch", title).blocks
    [found] = {
        text(block.shapes)
        for block in blocks
        if isinstance(block, Working) and block.name == quantity and block.shapes
    }
    assert found == shapes


NOTES = {
    "or-batch: Backward 1 of 3: through Cost": [
        "Note: No gradient is sent to Y, nor further back to X: that is data, which training does "
        "not change.",
    ],
    "or-batch: Backward 3 of 3: through Z": [
        "Rounding: ∂Cost/∂W[1,2] is -0.038 as written by hand; exactly it is -0.039 (-0.038659).",
    ],
    "or-one-example: Backward 3 of 3: through z": [],
    "or-batch: Update 1 of 2: W": [
        "Rounding: W'[1,2] is 0.638 as written by hand; exactly it is 0.639 (0.638659).",
    ],
    "or-batch: Forward, all together": [
        "Note: Cost.squares: not printed, Fig 43 passes from the differences straight to the sum.",
    ],
    "or-bias: Forward (iteration 2), all together": [
        "Misprint: L is printed as 0.109; worked out it is 0.11: the text cuts the digits off "
        "instead of rounding them, 0.10998 is 0.11 to three decimals.",
        "Misprint: L is printed as 0.10998005; worked out it is 0.11: Fig 26 has one zero too "
        "many, half of 0.469 squared is 0.1099805.",
    ],
    "computational-graph: Backward 4 of 4: the sum at b": [
        "Note: b is used by c and d, so its gradient is the sum over all paths.",
    ],
    "or-bias: Forward 1 of 3: z": [],
}


@pytest.mark.parametrize(("where", "said"), NOTES.items(), ids=NOTES)
def test_what_needs_a_word_is_said_beside_the_working(where, said):
    assert notes(page(*where.split(": ", 1))) == said


def test_a_page_that_only_displays_says_why_its_lines_may_not_add_up():
    first, second = (
        notes(page("or-batch", f"Backward {k} of 3 (iteration 2): through {node}"))
        for k, node in ((1, "Cost"), (2, "Ŷ = σ(Z)"))
    )
    why = "rounded only to be shown"
    assert any(why in note for note in first)
    assert not any(why in note for note in second), "once for the block is enough"


def test_a_slip_stands_beside_what_it_changed():
    lesson = read(
        "```{lesson}\n:title: T\n:rounding: carry 3\n```\n"
        "```{graph}\na = 0.4\nb = sigma(a)\nc = b * 2\n```\n"
        "```{forward}\nb := 0.6  # slip: sigma(0.4) is 0.599\n```\n",
        "t",
        "t.md",
    )
    shown = next(p for p in explain(solve(lesson)).pages if p.title == "Forward 1 of 2: b")
    assert told(shown)[-1] == "= 0.6"
    assert (
        "Slip: b as its author wrote it is 0.6; by the rules it is 0.599: sigma(0.4) is 0.599."
        in notes(shown)
    )


TABLES = {
    "or-batch: Forward, all together": [
        ["node", "formula", "value"],
        ["Z", "W · X + b", "(1 × 4), largest 0.7"],
        ["Ŷ", "σ(Z)", "(1 × 4), largest 0.668"],
        ["Cost", "1/(2*m) Σ (Y - Ŷ)^∘2", "0.089"],
    ],
    "computational-graph: Backward, all together": [
        ["node", "upstream", "local gradient", "product"],
        ["e → c", "1", "6", "6"],
        ["e → d", "1", "10", "10"],
        ["d → b", "10", "1", "10"],
        ["c → a", "6", "5", "30"],
        ["c → b", "6", "2", "12"],
        ["b, sum", "", "", "22"],
    ],
    "or-batch: Update, all together": [
        ["parameter", "old", "gradient", "step", "new"],
        [
            "W",
            "(1 × 2), largest 0.6",
            "(1 × 2), largest -0.048",
            "(1 × 2), largest -0.048",
            "(1 × 2), largest 0.638",
        ],
        ["b", "[0]", "[-0.037]", "[-0.037]", "[0.037]"],
    ],
    "or-batch: Where rounding changed a digit": [
        ["quantity", "by hand", "exact, rounded", "exact"],
        ["∂Cost/∂W[1,2], iteration 1", "-0.038", "-0.039", "-0.038659"],
        ["W[1,2], iteration 2", "0.638", "0.639", "0.638659"],
        ["Z[1,2], iteration 2", "0.675", "0.676", "0.675682"],
        ["Z[1,4], iteration 2", "0.823", "0.824", "0.823689"],
        ["∂Cost/∂Ŷ[1,3], iteration 2", "-0.114", "-0.113", "-0.113469"],
        ["∂Ŷ/∂Z[1,2], iteration 2", "0.223", "0.224", "0.223505"],
    ],
}


@pytest.mark.parametrize(("where", "rows"), TABLES.items(), ids=TABLES)
def test_a_phase_ends_with_a_table(where, rows):
    assert table(page(*where.split(": ", 1))) == rows


def test_the_graph_after_backward_carries_both_directions_on_its_edges():
    [drawn] = [
        block
        for block in page("computational-graph", "Backward, all together").blocks
        if isinstance(block, Graph)
    ]
    edges = [(e.start, e.end, text(e.value), text(e.gradient)) for e in drawn.edges]
    assert edges == [
        ("a", "c", "2", "30"),
        ("b", "c", "5", "12"),
        ("b", "d", "5", "10"),
        ("c", "e", "10", "6"),
        ("d", "e", "6", "10"),
    ]


# a whole document


@pytest.mark.parametrize("name", LESSONS)
def test_all_prose_is_kept_in_order_and_verbatim(name):
    written = "".join(item.text for item in load(name).items if isinstance(item, Passage))
    shown = [b.text for p in pages(name) for b in p.blocks if isinstance(b, Prose)]
    assert "".join(shown).replace("\n", "") == written.replace("\n", "")


CODE_WITH_HEADINGS = """\
A lesson may show another:

````markdown
```{lesson}
:title: Another
```

## A heading of the other
````

~~~text
## Neither is this one
~~~

## A heading of this one

Its text."""


def test_a_section_begins_at_its_heading_but_not_in_code():
    prose = f"```{{lesson}}\n:title: T\n```\n\n{CODE_WITH_HEADINGS}\n"
    every = explain(solve(read(prose, "t", "t.md"))).pages
    assert [p.title for p in every] == ["T", "A heading of this one"]
    first, second = [[b.text for b in p.blocks if isinstance(b, Prose)] for p in every]
    assert "\n\n".join(first + second) == CODE_WITH_HEADINGS


@pytest.mark.parametrize("name", LESSONS)
def test_every_quantity_of_a_lesson_is_worked_out_on_some_page(name):
    solution = solve(load(name))
    shown = {q.name for p in explain(solution).pages for q in p.shows}
    trace = solution.trace
    asked = {quantity.name for epoch, quantity in trace.quantities() if epoch == 0}
    trivial = {f"d{trace.program.root}/d{trace.program.root}"}
    assert asked - trivial <= shown


@pytest.mark.parametrize("name", LESSONS)
def test_only_what_follows_your_turn_is_an_answer(name):
    answers = [p.title for p in pages(name) if p.answer]
    turn = [p.title for p in pages(name)].index("Your turn")
    assert answers
    assert not any(p.answer for p in pages(name)[:turn])


@pytest.mark.parametrize("name", LESSONS)
def test_an_exact_run_has_no_changed_digit_to_report(name):
    exact = pages(name, Pen("exact"))
    assert "Where rounding changed a digit" not in [p.title for p in exact]
    assert not any(note.startswith("Rounding") for p in exact for note in notes(p))


@pytest.mark.parametrize(
    ("pen", "words"),
    [
        (
            Pen("carry", 3),
            "By hand: every result is written with 3 decimals, and the written number is used "
            "next.",
        ),
        (
            Pen("display", 4, significant=True),
            "Worked out in full precision; every result is shown with 4 significant figures.",
        ),
        (
            Pen("carry", 2, way="truncate"),
            "By hand: every result is written with 2 decimals, cut off, and the written number is "
            "used next.",
        ),
        (
            Pen("display", 1),
            "Worked out in full precision; every result is shown with 1 decimal.",
        ),
        (Pen("exact"), "Exact: nothing is rounded. Of a long number 12 digits are shown."),
    ],
)
def test_a_lesson_says_how_it_rounds_where_numbers_are_given(pen, words):
    given = next(
        each for each in pages("or-batch", pen) if Heading("What is given", 3) in each.blocks
    )
    assert pen_in_words(pen) == words
    assert f"Note: {words}" in notes(given)


# what can be asked for


def test_an_entry_of_a_matrix_opens_into_its_own_sum():
    trace = solve(load("or-batch")).trace
    assert told(explain_entry(trace["dCost/dW"], 1, 2)) == [
        "dCost/dW[1,2] = 0.031*0 + (-0.02)*1 + (-0.03)*0 + (-0.018)*1",
        "= -0.038",
    ]
    assert notes(explain_entry(trace["dCost/dW"], 1, 2)) == [
        "Rounding: ∂Cost/∂W[1,2] is -0.038 as written by hand; exactly it is -0.039 (-0.038659)."
    ]


def test_an_entry_of_what_was_given_is_just_its_number():
    trace = solve(load("or-batch")).trace
    assert told(explain_entry(trace["X"], 2, 4)) == ["X[2,4] = 1"]


def test_an_entry_outside_the_matrix_is_refused_with_its_shape():
    trace = solve(load("or-batch")).trace
    with pytest.raises(UnknownName, match=r"Z\[2,1\] does not exist: Z is \(1 x 4\)"):
        explain_entry(trace["Z"], 2, 1)


def test_what_was_written_on_the_way_can_be_shown_alone():
    squares = solve(load("or-batch")).trace["Cost.squares"]
    assert told(explain_quantity(squares)) == ["Cost.squares = [0.25  0.125  0.226  0.11]"]


def test_a_trace_without_a_lesson_is_told_phase_by_phase():
    trace = work(graph("a = 2; b = 5; c = a*b; d = b + 1; e = c*d"))
    titles = [p.title for p in explain_trace(trace).pages]
    assert titles == [
        "The graph",
        "Forward 1 of 3: c",
        "Forward 2 of 3: d",
        "Forward 3 of 3: e",
        "Forward, all together",
        "Backward 1 of 4: through e",
        "Backward 2 of 4: through d",
        "Backward 3 of 4: through c",
        "Backward 4 of 4: the sum at b",
        "Backward, all together",
    ]


@pytest.mark.parametrize(
    ("program", "title"),
    [
        (graph("a = 2; b = a*a"), "A computational graph"),
        (net("1 sigmoid", X=[[0, 1]], Y=[[0, 1]], W=[[0.1]], b=0), "A network and its examples"),
        (net("1 sigmoid", view="scalar", x1=1, y=0, w1=0.1, b=0), "A network and one example"),
    ],
    ids=["a graph", "matrices", "single numbers"],
)
def test_a_trace_without_a_lesson_is_called_what_it_is(program, title):
    assert explain_trace(work(program)).title == title


def large() -> object:
    rng = np.random.default_rng(0)
    return work(
        net(
            "30 tanh, 1 sigmoid",
            X=rng.integers(-9, 9, (40, 12)) / 10,
            Y=rng.integers(0, 2, (1, 12)),
            W=[rng.integers(-9, 9, (30, 40)) / 10, rng.integers(-9, 9, (1, 30)) / 10],
            b=[0, 0],
        ),
        "carry 3",
    )


def test_a_matrix_too_large_to_read_shows_its_corners_and_keeps_its_numbers_within_reach():
    trace = large()
    shown = next(p for p in explain_trace(trace).pages if p.title == "Forward 1 of 5: Z[1]")
    [block] = [b for b in shown.blocks if isinstance(b, Working)]
    result = block.lines[-1]
    assert result.elided
    assert result.shape == (30, 12)
    assert (len(result.cells), len(result.cells[0])) == (6, 6)
    assert text(result.cells[3][0]) == text(result.cells[0][3]) == "..."
    assert told(explain_entry(trace["Z[1]"], 17, 7))[-1] == f"= {trace['Z[1][17,7]'].written:g}"


def test_the_symbols_of_the_entries_stand_above_them_where_the_lesson_asks_for_it():
    [block] = [b for b in page("or-batch", "Forward 1 of 3: Z").blocks if isinstance(b, Working)]
    assert [text(cell) for cell in block.lines[-1].symbols[0]] == [
        f"Z[1,{k}]" for k in (1, 2, 3, 4)
    ]


@pytest.mark.parametrize(
    ("equations", "to", "paths", "total"),
    [
        ("a = 2; b = 5; c = a*b; d = b + 1; e = c*d", "b", [12, 10], 22),
        ("a = 3; c = a*a; e = c + a", "a", [3, 3, 1], 7),
        ("a = 3; c = 2*a; d = c*c; e = d*c", "a", [], 216),
    ],
)
def test_all_paths_are_multiplied_out_and_add_up(equations, to, paths, total):
    body = equations.replace("; ", "\n")
    lesson = read(
        f"```{{lesson}}\n:title: T\n```\n```{{graph}}\n{body}\n```\n```{{forward}}\n```\n"
        f"```{{backward}}\n```\n```{{paths}}\n:to: {to}\n```\n",
        "t",
        "t.md",
    )
    *products, whole = [
        float(text(block.lines[-1]))
        for block in explain(solve(lesson)).pages[-1].blocks
        if isinstance(block, Working)
    ]
    assert whole == total == sum(products)
    assert not paths or sorted(products) == sorted(paths)


def test_more_paths_than_anyone_would_read_are_refused():
    doubling = "\n".join(f"x{k + 1} = x{k} * x{k}" for k in range(8))
    lesson = read(
        f"```{{lesson}}\n:title: T\n```\n```{{graph}}\nx0 = 1\n{doubling}\n```\n"
        "```{forward}\n```\n```{backward}\n```\n```{paths}\n:to: x0\n```\n",
        "t",
        "t.md",
    )
    with pytest.raises(LessonError, match="more than 60 paths lead to x0, expected fewer"):
        explain(solve(lesson))


# each line follows from the one above: the lines are read and worked out by other means

SYMBOL = re.compile(
    r"(?P<number>\d+(?:\.\d+)?(?:e-?\d+)?)|(?P<gap>  +)|(?P<name>log|tanh|max|if|else|e(?=\^))"
    r"|(?P<sign>\^∘|[-+*/^·⊙Σᵀ()\[\];,≥])| "
)
FUNCTIONS = {"log": np.log, "tanh": np.tanh, "max": np.maximum}


def symbols(line: str) -> list[str] | None:
    """The signs and numbers of a line, or None if it has names in it."""
    found, at = [], 0
    while at < len(line):
        match = SYMBOL.match(line, at)
        if match is None:
            return None
        found += [match.group()[:2] if match["gap"] else match.group()] * bool(
            match.group().strip()
        )
        found += ["  "] * bool(match["gap"])
        at = match.end()
    return found


def value(line: str) -> np.ndarray | None:
    """What a line of plain numbers comes to, or None if it has names in it."""
    left = symbols(line)
    if left is None:
        return None

    def take(*wanted: str) -> str | None:
        return left.pop(0) if left and (not wanted or left[0] in wanted) else None

    def choice():
        first = total()
        if not take("if"):
            return first
        a, _, b, _, other = total(), take("≥"), total(), take("else"), total()
        return np.where(a >= b, first, other)

    def total():
        found = product()
        while sign := take("+", "-"):
            found = found + product() if sign == "+" else found - product()
        return found

    def product():
        found = signed()
        while left and left[0] in ("*", "/", "·", "⊙", "Σ"):
            sign = left[0] if left[0] == "Σ" else take()
            other = signed()
            found = {"·": np.matmul, "/": np.divide}.get(sign, np.multiply)(found, other)
        return found

    def signed():
        if take("-"):
            return -signed()
        if take("Σ"):
            return np.sum(signed(), axis=-1, keepdims=True)
        return power()

    def power():
        base = atom()
        while take("ᵀ"):
            base = base.T
        return base ** signed() if take("^", "^∘") else base

    def atom():
        token = take()
        if token == "e":
            return np.e
        if token == "(":
            inner, _ = choice(), take(")")
            return inner
        if token in FUNCTIONS:
            take("(")
            given = [choice()]
            while take(","):
                given.append(choice())
            take(")")
            return FUNCTIONS[token](*given)
        return matrix() if token == "[" else np.float64(token)

    def matrix():
        rows = [[choice()]]
        while sign := take("  ", ";"):
            take("  ")
            rows.append([choice()]) if sign == ";" else rows[-1].append(choice())
        take("]")
        return np.array(rows, dtype=float).reshape(len(rows), -1)

    found = choice()
    assert not left, f"{line!r} is not read to its end: {left}"
    return np.atleast_2d(found)


NUMBER = re.compile(r"(?<![\d.^∘])\d+(?:\.\d+)?(?:e-?\d+)?")
"A number that may have been rounded; an exponent was not."


def moved(line: str, unit: float, known: str) -> np.ndarray | float:
    """How far half a unit in the last place of each number not in `known` can move the value."""
    here, slack = value(line), 0.0
    old = set(NUMBER.findall(known))
    for match in NUMBER.finditer(line):
        if match.group() not in old:
            other = f"({float(match.group()) + unit / 2!r})"
            with np.errstate(invalid="ignore"):
                there = value(line[: match.start()] + other + line[match.end() :])
            slack = slack + np.nan_to_num(abs(there - here), nan=np.inf)
    return slack


def follows(above: str, below: str, unit: float, displayed: bool = False) -> bool:
    """Whether a line comes to what the line above comes to, but for the rounding of new numbers.

    A line that is a result has only new numbers; a line that is only displayed has, too.
    """
    is_result = not re.search(r"[*/+^·⊙Σ]|\w\(| - ", below)
    slack = moved(below, unit, "" if is_result or displayed else above)
    slack = slack + (moved(above, unit, "") if displayed else 0.0)
    return bool(np.all(abs(value(above) - value(below)) <= 1.01 * slack + 1e-9))


@pytest.mark.parametrize(
    ("line", "worth"),
    [
        ("1/8 * (0.25 + 0.125 + 0.226 + 0.11)", [[0.088875]]),
        ("1/(2*4) Σ ([0  1] - [0.5  0.25])^∘2", [[0.1015625]]),
        ("1/(1 + e^-(-0.125))", [[0.4687906]]),
        ("-(0 - 0.469)", [[0.469]]),
        ("-0.5^2", [[-0.25]]),
        ("[1  2] · [3  4; 5  6] + [1]", [[14, 17]]),
        ("[1  2; 3  4]ᵀ", [[1, 3], [2, 4]]),
        ("[(0.1 - (-0.048))  1/(1 + e^0)]", [[0.148, 0.5]]),
        ("1 ⊙ (1 - [0.25  0.5])", [[0.75, 0.5]]),
        ("1 if 2 ≥ 3 else 0", [[0]]),
        ("Σ ([1  2; 3  4] * 1)", [[3], [7]]),
        ("max(2, 3) * log(1) + tanh(0)", [[0]]),
    ],
)
def test_the_judge_of_lines_reads_them_as_a_person_does(line, worth):
    np.testing.assert_allclose(value(line), worth, atol=1e-7)


@pytest.mark.parametrize("line", ["W · X + b", "1/(1 + e^-Z)", "upstream * local", "Σ (∂Cost/∂Z)"])
def test_the_judge_of_lines_leaves_names_alone(line):
    assert value(line) is None


@pytest.mark.parametrize(
    ("above", "below", "verdict"),
    [
        ("1/8 * 0.711", "0.089", True),
        ("1/8 * 0.711", "0.088", False),
        ("1/8 Σ [0.25  0.125]", "1/8 * (0.25 + 0.125)", True),
        ("1/8 Σ [0.25  0.125]", "1/8 * (0.25 + 0.126)", False),
        ("[(0.5*0.5)  (0.646*0.354)]", "[0.25  0.229]", True),
        ("[(0.5*0.5)  (0.646*0.354)]", "[0.25  0.228]", False),
        ("[-0.5  0.354]^∘2", "[0.25  0.125]", True),
        ("0 - 0.469", "-0.469", True),
        ("0 - 0.469", "0.469", False),
        ("tanh(-0.05)", "-0.05", True),
        ("tanh(-0.5)", "-0.5", False),
    ],
)
def test_the_judge_of_lines_sees_a_wrong_digit_and_a_wrong_sign(above, below, verdict):
    assert follows(above, below, 0.001) is verdict


def numeric_pairs(blocks) -> list[tuple[str, str]]:
    """Each line of numbers with the one below it, in every working that has two."""
    found = []
    for block in blocks:
        if isinstance(block, Working):
            entries = [line.inner.args for line in block.lines if isinstance(line, OneEntry)]
            found += [(text(calculation), text(result)) for calculation, result in entries]
            lines = [text(line) for line in block.lines if not isinstance(line, OneEntry)]
            numeric = [line for line in lines if value(line) is not None]
            found += pairwise(numeric)
    return found


def judged(all_pages) -> int:
    """How many pairs of lines were judged; every one of them follows."""
    count = 0
    for shown in all_pages:
        rounding = [q.pen for q in shown.shows if q.pen.mode != "exact"]
        unit = max((10.0**-pen.places for pen in rounding), default=1e-9)
        displayed = any(pen.mode == "display" for pen in rounding)
        for above, below in numeric_pairs(shown.blocks):
            assert follows(above, below, unit, displayed), (shown.title, above, below)
            count += 1
    return count


@pytest.mark.parametrize(
    ("name", "pairs"),
    [("computational-graph", 20), ("or-one-example", 20), ("or-bias", 35), ("or-batch", 45)],
)
@pytest.mark.parametrize("pen", [None, Pen("exact"), Pen("carry", 2), Pen("display", 3)], ids=str)
def test_each_line_of_every_lesson_follows_from_the_one_above(name, pairs, pen):
    assert judged(pages(name, pen)) >= pairs


EVERY_FUNCTION = (
    "a = 2; b = 0.5; c = exp(a) / b; d = log(c) - a**3; f = max(d, -b); g = tanh(f * 0.1); "
    "h = sigma(g) * b + a; k = h ** b; l = (k - c) / (a - b)"
)


@pytest.mark.parametrize("pen", ["exact", "carry 3", "display 3"])
def test_so_do_the_lines_of_a_graph_with_every_function_and_of_larger_networks(pen):
    hidden = net("3 tanh, 1 sigmoid", **XOR, **HIDDEN, learning_rate=1)
    weights = {"w11": 0.1, "w12": -0.6, "w21": 0.4, "w22": 0.3, "b1": 0.2, "b2": -0.1}
    outputs = net("2 sigmoid", view="scalar", x1=1, x2=0.5, y1=0, y2=1, **weights)
    assert judged(explain_trace(work(graph(EVERY_FUNCTION), pen)).pages) > 40
    assert judged(explain_trace(work(hidden, pen)).pages) > 20
    assert judged(explain_trace(work(outputs, pen)).pages) > 20


def test_lines_whose_digits_were_cut_off_do_not_pass_as_rounded():
    with pytest.raises(AssertionError):
        judged(pages("or-batch", Pen("carry", 3, way="truncate")))


def test_an_update_in_which_nothing_is_learned_says_so():
    text = """\
```{lesson}
:title: Nothing moves
```
```{graph}
:learning-rate: 1
:data: x
:fixed: w
x = 2
w = 3
L = x*w
```
```{forward}
```
```{backward}
```
```{update}
```
"""
    last = explain(solve(read(text, "still", "still.md"))).pages[-1]
    assert notes(last) == ["Note: Nothing moves: no value here is learned."]


# how often a value is used, and in which of several networks


@pytest.mark.parametrize(
    ("equations", "said"),
    [
        ("b = 3; c = b*b", "b is used twice by c"),
        ("b = 3; c = b*b; d = c + b", "b is used twice by c and by d"),
        ("b = 3; c = b + b + b", "b is used 3 times by c"),
        ("b = 3; c = b + 1; d = b*c", "b is used by c and d"),
    ],
)
def test_a_value_that_is_used_several_times_by_one_operation_is_said_to_be(equations, said):
    shown = explain_trace(work(graph(equations))).pages
    why = [note for page in shown for note in notes(page) if "sum over all paths" in note]
    assert why == [f"Note: {said}, so its gradient is the sum over all paths."]


SATURATED = """\
```{lesson}
:title: A sure neuron
:rounding: PEN
```
```{network}
:layers: 1 sigmoid
:cost: squared error
X = 40
Y = 0
W = 1
b = 0
```
```{forward}
```
```{backward}
```
"""


@pytest.mark.parametrize(
    ("pen", "said", "slope"),
    [
        (
            "carry 3",
            ["Note: Saturation: Ŷ[1,1] is written as 1 at Z[1,1] = 40, so its local gradient "
             "comes to 0."],
            "0",
        ),
        # 1 - 1/(1 + e^-40) = 4.248354255e-18
        (
            "exact",
            ["Note: Saturation: Ŷ[1,1] is shown as 1 at Z[1,1] = 40 and misses it by 4.2e-18."],
            "4.24835425529e-18",
        ),
        ("display 3", [], "0.000"),
    ],
)  # fmt: skip
def test_a_function_at_its_end_is_noted_where_the_page_goes_on_from_the_end(pen, said, slope):
    solution = solve(read(SATURATED.replace("PEN", pen), "sure", "sure.md"))
    assert [n for p in explain(solution).pages for n in notes(p) if "Saturation" in n] == said
    assert solution.trace["dYhat/dZ"].entry(1, 1).text == slope.removesuffix(".000")


def test_in_float64_the_end_is_reached():
    weights = [np.ones((300, 1)), np.ones((300, 300)), np.ones((1, 300))]
    layers = "300 sigmoid, 300 sigmoid, 1 sigmoid"
    trace = work(net(layers, X=[[40]], Y=[[0]], W=weights, b=[0, 0, 0]))
    assert not trace.program.is_small
    said = [n for p in explain_trace(trace).pages for n in notes(p) if "A[1]" in n and "Sat" in n]
    assert said == [
        "Note: Saturation: A[1][1,1] is 1 to the last digit at Z[1][1,1] = 40, so its local "
        "gradient is 0 (299 more entries too)."
    ]


VANISHED = """\
```{lesson}
:title: Too few digits
:rounding: carry 2
```
```{graph}
x = 0.004
s = x*1
y = 1/s
```
```{forward}
```
"""


def test_what_is_divided_by_after_it_was_rounded_to_zero_is_named_with_the_way_out():
    with pytest.raises(NotFinite) as error:
        solve(read(VANISHED, "few", "few.md"))
    assert str(error.value) == (
        "few.md:10: y is infinite, expected a finite number; it comes from s = 0: division by "
        "zero; s is 0.004 before it is rounded, and ':places: s 5' keeps it"
    )
    kept = VANISHED.replace("{forward}\n", "{forward}\n:places: s 5\n")
    assert solve(read(kept, "few", "few.md")).trace["y"].written == 250


E_IS_A_NAME = """\
```{lesson}
:title: e
:rounding: display 3
```
```{graph}
NAME = 1
y = exp(2*NAME)
z = NAME*y
```
```{forward}
```
```{backward}
```
"""


@pytest.mark.parametrize(
    ("name", "written"), [("x", "y = e^y.1 = e^2 = 7.389"), ("e", "y = exp(y.1) = exp(2) = 7.389")]
)
def test_where_a_value_is_called_e_no_exponential_looks_like_its_power(name, written):
    document = explain(solve(read(E_IS_A_NAME.replace("NAME", name), "e", "e.md")))
    lines = [line for shown in document.pages for line in told(shown)]
    assert written in " ".join(lines)
    assert any("e^" in line for line in lines) == (name == "x")
    assert ("e^" in to_markdown(document)) == (name == "x")
    shown = told(explain_quantity(work(graph(f"{name} = 1; y = exp({name})"))["y"]))
    assert shown == ([f"y = e^{name}", "= e^1"] if name == "x" else ["y = exp(e)", "= exp(1)"]) + [
        "= 2.71828182846"
    ]


def test_where_rounding_changed_a_digit_networks_and_graphs_are_counted_each_by_itself():
    neuron = (
        "```{network}\n:layers: 1 sigmoid\n:cost: squared error\nX = 3\nY = 1\nW = 0.777\n```\n"
    )
    equations = "```{graph}\nw = 0.777\na = sigmoid(3*w)\nL = (1 - a)**2/2\n```\n"
    forward = "```{forward}\n```\n"
    lesson = "```{lesson}\n:title: T\n:rounding: carry 2\n```\n"
    lesson += "".join(given + forward for given in (equations, neuron, neuron, equations))
    last = explain(solve(read(lesson, "lesson", "lesson.md"))).pages[-1]
    places = [row[0].partition(", ")[2] for row in table(last)[1:]]
    assert list(dict.fromkeys(places)) == ["graph 1", "network 1", "network 2", "graph 2"]


def test_a_backward_pass_draws_its_own_gradients_and_no_others():
    two = """\
```{lesson}
:title: Two passes
```
```{graph}
x = 2
y = x*x
z = 3*x + 5*y
```
```{forward}
```
```{backward}
:of: y
```
```{backward}
```
"""
    solution = solve(read(two, "two", "two.md"))
    drawn = [b for page in explain(solution).pages for b in page.blocks if isinstance(b, Graph)]
    back = [
        {(e.start, e.end): e.gradient and text(e.gradient) for e in graph.edges} for graph in drawn
    ]
    assert back[-2] == {("x", "y"): "2", ("x", "z"): None, ("y", "z"): None}
    assert back[-1] == {("x", "y"): "10", ("x", "z"): "3", ("y", "z"): "5"}
