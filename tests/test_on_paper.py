"""What is on the page decides what comes next: slips, given numbers, pens that change, sums."""

import re

import pytest

from tracer.errors import LessonError, TracerError, UnknownName
from tracer.lesson.check import check
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.numbers.rounding import EXACT
from tracer.page.document import Note, Table, Working
from tracer.page.worked import worked
from tracer.record import decode, encode, record
from tracer.render.markdown import to_markdown
from tracer.written.text import text


def lesson(blocks, rounding="carry 3"):
    """A lesson from its blocks, a line each, such as `graph: a = 2 / b = a*2`."""
    blocks = re.sub(r"\n\s*/", " /", blocks)
    written = f"```{{lesson}}\n:title: T\n:rounding: {rounding}\n```\n"
    for block in blocks.strip().splitlines():
        kind, _, lines = block.strip().partition(":")
        inside = "\n".join(line.strip() for line in lines.split(" / ") if line.strip())
        written += f"```{{{kind}}}\n{inside}\n```\n"
    return read(written, "t", "t.md")


def digits(solution, name):
    """The digits of a quantity as they stand on the page."""
    return text(solution.trace[name].numbers())


def notes(solution, kind):
    """The notes of a kind on all pages."""
    pages = explain(solution).pages
    return [b.text for p in pages for b in p.blocks if isinstance(b, Note) and b.kind == kind]


# a slip is followed by everything after it


SLIP = """
    graph: a = 0.126 / b = 3*a / c = 100*b
    forward: b := 0.39  # slip: misread
"""


@pytest.mark.parametrize(
    ("rounding", "b", "c"),
    [("carry 2", "0.39", "39"), ("display 2", "0.39", "39"), ("exact", "0.39", "39")],
)
def test_everything_follows_from_a_slip_whatever_the_rounding(rounding, b, c):
    solution = solve(lesson(SLIP, rounding))
    assert (digits(solution, "b"), digits(solution, "c")) == (b, c)
    assert solution.trace["c"].exact == pytest.approx(37.8)


@pytest.mark.parametrize("rounding", ["carry 2", "display 2"])
def test_a_slip_with_more_digits_than_the_pen_is_shown_as_it_was_written(rounding):
    longer = SLIP.replace("0.39", "0.3912")
    solution = solve(lesson(longer, rounding))
    assert digits(solution, "b") == "0.3912"
    lines = [text(line) for line in worked(solution.trace["c"]).lines]
    assert lines == ["100*b", "100*0.3912", "39.12"]


def test_drawn_numbers_have_twelve_digits_also_where_one_seems_to_end():
    drawn = """
        network: :layers: 3 sigmoid, 1 sigmoid / :cost: squared error / :init: xavier, seed 48
            / X = 0 1; 1 0 / Y = 1 1
    """
    weights = solve(lesson(drawn)).trace["W[1]"]
    assert 0.75065656081645 in weights.written
    digits_of = re.findall(r"\d\.\d+", text(weights.numbers()))
    assert len(digits_of) == 6
    assert all(len(number.split(".")[1].lstrip("0")) <= 12 for number in digits_of)


@pytest.mark.parametrize("rounding", ["carry 2", "display 2"])
def test_so_it_is_beside_numbers_that_were_not_dictated(rounding):
    slipped = """
        graph: x = 0.126; 0.2 / y = 3*x / z = y + 1
        forward: y[1,1] := 0.3912  # slip: misread
    """
    solution = solve(lesson(slipped, rounding))
    assert text(worked(solution.trace["z"]).lines[2]) == "[(0.3912 + 1); (0.6 + 1)]"


@pytest.mark.parametrize("rounding", ["carry 2", "display 2", "exact"])
def test_what_was_typed_in_a_matrix_keeps_all_its_digits(rounding):
    solution = solve(lesson("graph: x = 0.12345678901234567891 2 / y = x*x\nforward:", rounding))
    line = "[(0.12345678901234567891*0.12345678901234567891)  (2*2)]"
    assert line in [text(line) for line in worked(solution.trace["y"]).lines]


def test_the_note_names_the_entry_the_slip_and_the_right_number():
    slipped = """
        graph: x = 0.2; 0.4 / y = sigma(x) / s = sum(y)
        forward: y[2,1] := 0.6  # slip: a table was misread
    """
    assert notes(solve(lesson(slipped)), "Slip") == [
        "y[2,1] as its author wrote it is 0.6; by the rules it is 0.599: a table was misread.",
        "s is 1.15 because of a slip; without it, it is 1.149.",
    ]


def test_what_rounding_did_to_a_number_that_slipped_is_told_of_the_one_without_the_slip():
    thirds = SLIP.replace("3*a", "a/3")
    assert notes(solve(lesson(thirds, "carry 2")), "Rounding") == [
        "c is 4 by hand, without the slip; exactly it is 4.2."
    ]


def test_what_follows_from_a_slip_and_what_rounding_did_stand_in_tables_of_their_own():
    both = """
        graph: a = 0.4449 / b = a*0.5 / c = b*b / d = 10*c
        forward: b := 0.3  # slip: misread
    """
    pages = {page.title: page.blocks for page in explain(solve(lesson(both, "carry 2"))).pages}
    slips, rounding = (
        [
            tuple(map(text, row))
            for block in pages[title]
            if isinstance(block, Table)
            for row in block.rows
        ]
        for title in ("What follows from a slip", "Where rounding changed a digit")
    )
    assert slips == [("c", "0.09", "0.05"), ("d", "0.9", "0.5")]
    assert rounding == [("d", "0.5", "0.49", "0.49484")]


def test_a_slip_that_is_none_fails():
    right = solve(lesson(SLIP.replace("b := 0.39", "b := 0.38"), "carry 2"))
    (verdict,) = check(right.lesson, right)
    assert not verdict.holds
    assert str(verdict) == (
        "t.md:11: b printed 0.38, written 0.38: declared a slip, but it is right; "
        "write '=' for ':=' and take the remark away"
    )


def test_of_a_slip_in_a_matrix_one_wrong_entry_is_enough():
    slipped = """
        graph: x = 1 2 / y = 2*x / s = sum(y)
        forward: y := 2 5  # slip: miscounted
    """
    solution = solve(lesson(slipped))
    assert check(solution.lesson, solution) == []
    assert notes(solution, "Slip")[0].startswith("y[1,2] as its author wrote it is 5; by the rules")


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        ("y[1,1] := 2  # slip: oops / y[1,2] := 5  # slip: oops", ["t.md:11"]),
        ("y[1,1] := 3  # slip: oops / y[1,2] := 4  # slip: oops", ["t.md:12"]),
        ("y[1,1] := 2  # given: oops / y[1,2] := 4  # slip: oops", ["t.md:12"]),
        ("y[1,1] := 7  # given: oops / y[1,2] := 5  # slip: oops", []),
        ("y := 2 4  # slip: oops", ["t.md:11"]),
        ("y[1,:] := 2 5  # slip: oops", []),
    ],
)
def test_each_slip_is_judged_by_its_own_line_whatever_its_reason(lines, where):
    of_two = "graph: x = 1 2 / y = 2*x / s = sum(y)\nforward: "
    slipped = lesson(of_two + lines)
    assert [verdict.where for verdict in check(slipped)] == where


@pytest.mark.parametrize(
    ("layout", "lines", "said"),
    [
        ("columns", "Z := 1 2", "t.md:15: Z[1,2] is dictated twice, first at t.md:14"),
        ("rows", "Z := 1; 2", "t.md:15: Z[2,1] is dictated twice, first at t.md:14"),
    ],
)
def test_an_entry_is_dictated_once(layout, lines, said):
    entry, X, Y = ("1,2", "1 2", "0 1") if layout == "columns" else ("2,1", "1; 2", "0; 1")
    twice = f"""
        network: :layers: 1 identity / :cost: squared error / :examples: {layout}
            / X = {X} / Y = {Y} / W = 1
        forward: Z[{entry}] := 3  # slip: oops / {lines}  # given
    """
    with pytest.raises(LessonError, match=re.escape(said)):
        solve(lesson(twice))


def test_a_single_number_is_dictated_for_a_matrix_of_one():
    one = """
        graph: v = 1 2 / w = 3; 4 / h = v @ w / s = sum(h)
        forward: h := 12  # slip: 1*3 + 2*4 is 11
    """
    assert digits(solve(lesson(one)), "s") == "12"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("y := 1 2 3", "t.md:11: y is (1 x 2), but (1 x 3) is dictated"),
        (
            "y[1,3] := 1",
            "t.md:11: y is (1 x 2), but entry [1,3] of it is dictated; entries count from 1",
        ),
        ("y[1,2] := 1 2", "t.md:11: (1 x 2) is dictated for one entry of y"),
    ],
)
def test_a_slip_that_does_not_fit_is_a_fault(typed, said):
    with pytest.raises(TracerError, match=re.escape(said)):
        solve(lesson(f"graph: x = 1 2 / y = 2*x / s = sum(y)\nforward: {typed}  # slip: why"))


# a slip on the way to a value


STEPPED = """
    graph: :learning-rate: 0.5 / w = 2 / L = w**2
    forward:
    backward:
    update: w.step := {step}  # slip: oops
"""
SQUARES = """
    network: :layers: 1 identity / :cost: squared error / X = 1 2 / Y = 0.1 0.2 / W = 0.3
    forward: Cost.squares := {squares}  # slip: oops
"""
PENS = ["exact", "display 3", "carry 3"]


@pytest.mark.parametrize("rounding", PENS)
@pytest.mark.parametrize(
    ("slipped", "said"),
    [
        (STEPPED.format(step=3), "w.step as its author wrote it is 3; by the rules it is 2: oops."),
        (
            SQUARES.format(squares="0.05 0.16"),
            "Cost.squares[1,1] as its author wrote it is 0.05; by the rules it is 0.04: oops.",
        ),
    ],
)
def test_a_slip_on_the_way_is_told_with_the_right_number_whatever_the_rounding(
    slipped, said, rounding
):
    solution = solve(lesson(slipped, rounding))
    assert check(solution.lesson, solution) == []
    assert said in notes(solution, "Slip")


@pytest.mark.parametrize("rounding", PENS)
@pytest.mark.parametrize("right", [STEPPED.format(step=2), SQUARES.format(squares="0.04 0.16")])
def test_and_fails_where_it_is_none_whatever_the_rounding(right, rounding):
    solution = solve(lesson(right, rounding))
    (verdict,) = check(solution.lesson, solution)
    assert "declared a slip, but it is right" in str(verdict)


DESCENT = """
    network: {network} / :delta: descent / :learning-rate: 0.5 / {w} = 2
    forward:
    backward:
    update: {line}
"""
NEURON = ":view: scalar / :layers: 1 identity / :loss: squared error / x1 = 1 / y = 0"
MATRIX = ":layers: 1 identity / :cost: squared error / X = 1 / Y = 0"


@pytest.mark.parametrize(("network", "w"), [(NEURON, "w1"), (MATRIX, "W")])
@pytest.mark.parametrize("rounding", PENS)
@pytest.mark.parametrize(("step", "new"), [("3", 5), ("-3", -1), ("-0.5", 1.5)])
def test_along_the_descent_a_dictated_step_is_what_is_added(network, w, step, new, rounding):
    line = f"{w}.step := {step}  # slip: oops"
    told = DESCENT.format(network=network, w=w, line=line)
    solution = solve(lesson(told, rounding))
    assert solution.trace[f"{w}'"].written == new
    printed = told.replace(":=", "=").replace("# slip", "# misprint")
    assert check(lesson(printed, rounding))[0].written == "-1"
    assert "by the rules it is -1" in notes(solution, "Slip")[0]


ROWS = """
    network: :layers: 1 identity / :cost: squared error / :examples: rows / :weights: (in, out)
        / X = 1; 2 / Y = 0.1; 0.2 / W = 0.3
    forward: {line}
"""


@pytest.mark.parametrize(
    "line", ["Cost.squares[2,1] := 0.4", "Cost.squares := 0.04; 0.4", "Cost.squares[2,:] := 0.4"]
)
def test_what_is_dictated_on_the_way_lies_as_its_source_has_it(line):
    solution = solve(lesson(ROWS.format(line=f"{line}  # slip: oops")))
    assert solution.trace["Cost"].written == 0.11
    assert notes(solution, "Slip")[0].startswith("Cost.squares[2,1] as its author wrote it is 0.4;")


def test_and_is_refused_where_it_lies_otherwise():
    with pytest.raises(TracerError, match=re.escape("Cost.squares is (2 x 1), but (1 x 2) is")):
        solve(lesson(ROWS.format(line="Cost.squares := 0.04 0.4  # slip: oops")))


@pytest.mark.parametrize("rounding", ["display 3", "carry 3"])
def test_so_do_the_places_of_one_entry_on_the_way(rounding):
    solution = solve(lesson(ROWS.format(line=":places: Cost.squares[2,1] 1"), rounding))
    squares = solution.sections[-1].find("Cost.squares")
    assert [one.text for _, one in squares.entries()] == ["0.04", "0.2"]


def test_so_does_what_is_dictated_on_the_way_to_a_local_gradient():
    bent = """
        network: :layers: 1 sigmoid / :cost: squared error / :examples: rows / X = 1; 2 / Y = 0; 1
            / W = 0.3
        forward:
        backward: dYhat/dZ.complement[2,1] := 0.3  # slip: oops
            / dYhat/dZ.complement = 0.426; 0.3
    """
    assert all(verdict.holds for verdict in check(lesson(bent)))


# a number given in the middle is no slip


GIVEN = """
    network: :layers: 1 tanh, 1 identity / :cost: squared error
        / X = 1 2 / Y = 0 1 / W[1] = 0.5 / W[2] = 2
    forward: A[1] := 0.123 0.456  # given: the cache of a test
    backward: dCost/dA[1] := 0.1 0.2  # given
"""


def test_a_number_given_in_the_middle_is_gone_on_from_and_is_no_slip():
    solution = solve(lesson(GIVEN))
    assert digits(solution, "Yhat") == "[0.246  0.912]"
    assert digits(solution, "dCost/dZ[1]") == "[0.099  0.158]"
    assert notes(solution, "Slip") == []
    assert "A[1] is given here, not worked out: the cache of a test." in notes(solution, "Note")
    assert "∂Cost/∂A[1] is given here, not worked out." in notes(solution, "Note")


def test_what_is_given_in_the_middle_is_given_to_the_exact_run_too():
    assert solve(lesson(GIVEN), EXACT).trace["Yhat"].exact.tolist() == [[0.246, 0.912]]


MIDDLE = """
    graph: :learning-rate: 1 / w = 2 / a = 3*w / b = a**2 / L = 0.5*b
    forward: a := 4 # given
    backward: db/da := 8.5 # given / dL/db := -1 # given
    update: w := 3 # given
"""


def equations(solution, of):
    """The lines of a quantity on the pages, joined as on paper."""
    blocks = [block for page in explain(solution).pages for block in page.blocks]
    return [
        " = ".join(text(line) for line in block.lines)
        for block in blocks
        if isinstance(block, Working) and block.name == of
    ]


@pytest.mark.parametrize("rounding", PENS)
@pytest.mark.parametrize(
    ("name", "lines"),
    [("a", ["4"]), ("db/da", ["8.5"]), ("dL/db", ["0.5", "-1"]), ("w'", ["3"])],
)
def test_what_is_given_in_the_middle_is_a_number_and_no_equation(name, lines, rounding):
    shown = equations(solve(lesson(MIDDLE, rounding)), name)
    assert shown[: len(lines)] == lines


def test_so_it_is_in_markdown_and_when_a_record_is_shown_again():
    solution = solve(lesson(MIDDLE))
    told = explain(solution)
    again = decode(encode(record(solution, told)), "t.json").document
    for document in (told, again):
        shown = to_markdown(document)
        assert "a &= 4" in shown
        assert "3 \\cdot w" not in shown
    slipped = solve(lesson(MIDDLE.replace("a := 4 # given", "a := 4 # slip: oops")))
    assert equations(slipped, "a") == ["3*w = 3*2 = 4"]


def test_so_it_is_of_a_matrix_and_of_what_is_written_on_the_way():
    shown = equations(solve(lesson(GIVEN)), "A[1]")
    assert shown == ["[0.123  0.456]"]
    on_the_way = """
        network: :layers: 1 identity / :cost: (p := exp(-yhat))*y + p**2 / X = 1 2 / Y = 0 1 / W = 1
        forward: Cost.p := 0.5 0.25 # given
    """
    assert equations(solve(lesson(on_the_way)), "Cost.p") == ["[0.5  0.25]"]


# a gradient that comes from elsewhere is given where the way back begins


ROOT = """
    graph: w = 2 / b = w**2 / L = 0.5*b
    forward:
    backward: {line}
"""


@pytest.mark.parametrize("rounding", PENS)
def test_the_gradient_of_the_last_value_may_be_given(rounding):
    solution = solve(lesson(ROOT.format(line="dL/dL := 3 # given: from above"), rounding))
    assert digits(solution, "dL/dw") == "6"
    assert equations(solution, "dL/dL") == ["3"]
    assert equations(solution, "dL/db")[1] == "upstream * local = 3*0.5 = 1.5"
    assert "∂L/∂L is given here, not worked out: from above." in notes(solution, "Note")
    assert solve(solution.lesson, EXACT).trace["dL/dw"].exact == 6


def test_another_number_than_1_is_a_slip_there_as_anywhere():
    solution = solve(lesson(ROOT.format(line="dL/dL := 3 # slip: oops")))
    assert notes(solution, "Slip")[0] == (
        "∂L/∂L as its author wrote it is 3; by the rules it is 1: oops."
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("L := 3 # given", "L is not written in this block, so nothing can be given here"),
        ("L := 3 # slip: x", "L is not written in this block, so no slip can be made here"),
    ],
)
def test_what_is_not_written_here_cannot_be_dictated(line, said):
    with pytest.raises(LessonError, match=re.escape(said)):
        solve(lesson(ROOT.format(line=line)))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("y = 2 # given", "expected 'name := number # given'"),
        ("y := 2", "expected '# slip: why' or '# given'"),
    ],
)
def test_what_is_given_in_the_middle_says_so(typed, said):
    with pytest.raises(LessonError, match=re.escape(said)):
        lesson(f"graph: x = 1 / y = 2*x\nforward: {typed}")


# contributions


TWICE = """
    graph: a = 0.382 / b = 0.382*a / c = 0.382*a / L = 0.382*b + 0.382*c
    forward:
    backward: {how}
    paths: :to: a
"""


@pytest.mark.parametrize(
    ("how", "total", "lines"),
    [
        ("", "0.3", "0.15 + 0.15"),
        (":contributions: written", "0.3", "0.15 + 0.15"),
        (":contributions: unrounded", "0.29", "0.14516 + 0.14516"),
    ],
)
def test_contributions_are_added_as_they_stand_on_the_page(how, total, lines):
    solution = solve(lesson(TWICE.format(how=how), "carry 2"))
    assert digits(solution, "dL/da") == total
    (paths,) = (p for p in explain(solution).pages if p.title == "All paths to a")
    assert [text(line) for line in paths.blocks[-1].lines[-2:]] == [lines, total]


def test_contributions_that_are_not_written_one_by_one_cannot_be_printed():
    printed = TWICE.format(how=":contributions: unrounded / dL/da through b = 0.15")
    with pytest.raises(UnknownName, match="dL/da through b is not on this page"):
        solve(lesson(printed, "carry 2"))


# paths: the same numbers as in the steps


def along(solution, to):
    """The paths to a value, a line for each, and the notes beside them."""
    (page,) = (p for p in explain(solution).pages if p.title == f"All paths to {to}")
    lines = [b for b in page.blocks if isinstance(b, Working)]
    told = [" = ".join(text(line) for line in block.lines[1:]) for block in lines]
    return told, [f"{b.kind}: {b.text}" for b in page.blocks if isinstance(b, Note)]


CHAIN = """
    graph: w = 2 / a = 3*w / b = a**2 / L = 0.5*b
    forward:
    backward: {line}
    paths: :to: w
"""


@pytest.mark.parametrize("rounding", ["display 3", "carry 3"])
@pytest.mark.parametrize(
    ("line", "path", "note"),
    [
        (
            "dL/da := 7  # slip: oops",
            "0.5*12 * 3 = 7*3 = 21",
            "Slip: ∂L/∂a as its author wrote it is 7; by the rules it is 6: oops.",
        ),
        ("dL/da := 7  # given", "7*3 = 21", "Note: ∂L/∂a is given here, not worked out."),
        ("dL/dw := 7  # given", "", "Note: ∂L/∂w is given here, not worked out."),
        (
            "dL/dw := 7  # slip: oops",
            "0.5*12*3 = 7",
            "Slip: ∂L/∂w as its author wrote it is 7; by the rules it is 18: oops.",
        ),
    ],
)
def test_a_path_goes_by_what_was_dictated_on_the_way_and_says_so(line, path, note, rounding):
    solution = solve(lesson(CHAIN.format(line=line), rounding))
    (first, total), said = along(solution, "w")
    if rounding == "carry 3":
        path = path.replace("0.5*12*3", "0.5*12 * 3 = 6*3")
    assert first == path
    assert total.endswith(digits(solution, "dL/dw")) or not total
    assert said == [note]


@pytest.mark.parametrize("line", ["", ":delta: descent"])
@pytest.mark.parametrize("to", ["w11[1]", "x1"])
def test_paths_are_recorded_and_read_back(line, to):
    two = f"""
        network: :view: scalar / :layers: 1 sigmoid, 1 sigmoid / :loss: squared error / {line}
            / :data-gradients: yes / x1 = 1 / y = 0 / w11[1] = 0.7 / w11[2] = 0.3
        forward:
        backward:
        paths: :to: {to}
    """
    solution = solve(lesson(two.replace(" /  /", " /")))
    told = explain(solution)
    assert along(solution, to)[1] == []
    again = decode(encode(record(solution, told)), "t.json").document
    assert [page.blocks for page in again.pages] == [page.blocks for page in told.pages]


def test_a_given_gradient_is_where_a_path_begins():
    slipped = CHAIN.format(line="dL/db := -1  # given").replace("a = 3*w", "a = 2*w")
    (path, total), said = along(solve(lesson(slipped, "display 3")), "w")
    assert (path, total) == ("-1*8*2 = -16", "-16")
    assert said == ["Note: ∂L/∂b is given here, not worked out."]


FORKED = """
    graph: w = 0.77 / a = 0.93*w / b = 0.9*a / c = 0.7*a / L = 0.345*b + 0.35*c
    forward:
    backward: {line}
    paths: :to: {to}
"""


@pytest.mark.parametrize("rounding", ["carry 2", "carry 3", "display 2", "exact"])
@pytest.mark.parametrize(
    "line",
    ["", ":contributions: unrounded", ":places: dL/db 1", ":display: dL/db, dL/dc",
     "dL/db := 1  # slip: oops", "dL/dL := 2  # given", "dL/da := 7  # slip: oops"],
)  # fmt: skip
def test_where_paths_meet_at_the_end_each_is_the_contribution_of_the_steps(line, rounding):
    if rounding == "exact":  # where nothing is rounded, digits are said one by one
        line = line.replace(":display: dL/db, dL/dc", ":places: dL/db 3, dL/dc 3")
    solution = solve(lesson(FORKED.format(line=line, to="a"), rounding))
    *paths, total = (told.split(" = ")[-1] for told in along(solution, "a")[0])
    assert total == digits(solution, "dL/da")
    if "unrounded" not in line:
        assert paths == [digits(solution, f"dL/da through {name}") for name in "bc"]


@pytest.mark.parametrize(
    ("line", "total", "note"),
    [
        ("", "0.23 + 0.3 = 0.53", []),
        (
            "dL/dL := 2  # given",
            "0.46 + 0.58 = 1.04",
            [
                "Note: ∂L/∂L is given here, not worked out.",
                "Rounding: Step by step ∂L/∂w was written as 1.03: there the sum ∂L/∂a went on as "
                "one number, here each path goes on and is rounded by itself.",
            ],
        ),
        (
            "dL/da := 7  # slip: oops",
            "0.23 + 0.3 = 0.53",
            [
                "Slip: Step by step ∂L/∂w was written as 6.51: there ∂L/∂a was by a slip written "
                "as 7, and no path by itself leads to that."
            ],
        ),
        (
            "dL/da := 7  # given",
            "0.23 + 0.3 = 0.53",
            [
                "Note: Step by step ∂L/∂w was written as 6.51: there ∂L/∂a was given as 7, and no "
                "path by itself leads to that."
            ],
        ),
    ],
)
def test_where_they_meet_before_it_what_comes_of_that_is_named(line, total, note):
    told, said = along(solve(lesson(FORKED.format(line=line, to="w"), "carry 2")), "w")
    assert told[-1] == total
    assert said == note


def test_a_slip_in_a_contribution_is_told_once_in_the_steps_and_once_along_the_paths():
    slipped = FORKED.format(line="dL/da through b := 5  # slip: oops", to="a")
    said = [note for note in notes(solve(lesson(slipped)), "Slip") if "oops" in note]
    assert said == 2 * [
        "∂L/∂a through b as its author wrote it is 5; by the rules it is 0.311: oops."
    ]


# pens that change


def test_a_carrying_block_starts_from_what_a_displaying_one_has_shown():
    mixed = """
        graph: a = 0.446 / b = a*10 / c = b*b
        forward: :rounding: display 0
        backward: :rounding: carry 0
    """
    solution = solve(lesson(mixed, "display 0"))
    assert (digits(solution, "b"), digits(solution, "c")) == ("4", "20")
    assert digits(solution, "dc/db") == "8"


@pytest.mark.parametrize("rounding", ["display 2", "exact"])
def test_a_displaying_block_starts_from_what_a_carrying_one_has_written(rounding):
    mixed = f"""
        graph: :learning-rate: 1 / w = 0.54 / L = (w - 0.4)**2
        forward:
        backward: :rounding: carry 1
        update: :rounding: {rounding}
    """
    solution = solve(lesson(mixed, "display 2"))
    assert digits(solution, "dL/dw") == "0.3"
    assert digits(solution, "w'.step") == "0.3"
    assert digits(solution, "w'") == "0.24"


def test_what_is_typed_is_not_rounded_where_it_stands_beside_ones():
    folded = """
        network: :layers: 1 identity / :cost: squared error / :biases: first column
            / X = 1.454 / Y = 0 / W = 0 1
        forward: Yhat = 1.45
        backward: dCost/dW = 1.45 2.11
    """
    assert all(verdict.holds for verdict in check(lesson(folded, "carry 2")))


# lines that do not lead to their result


def test_a_displayed_line_that_does_not_follow_says_so():
    steep = """
        network: :view: scalar / :layers: 1 sigmoid / :loss: binary cross-entropy
            / x1 = 1 / y = 0 / w1 = 6.7
        forward:
        backward:
    """
    assert (
        "∂L/∂ŷ is 813.4058; the numbers of its line, rounded as they are shown, give 833.3333."
        in (notes(solve(lesson(steep, "display 4")), "Rounding"))
    )


def test_a_displayed_line_whose_numbers_vanish_says_so():
    tiny = """
        graph: a = 0.004 / b = a*0.5 / c = 1/b
        forward:
    """
    assert notes(solve(lesson(tiny, "display 2")), "Rounding") == [
        "c is 500; the numbers of its line, rounded as they are shown, give no number, since one "
        "of them is written as 0."
    ]


def test_a_contribution_that_does_not_follow_is_named_as_one():
    shared = """
        graph: a = 0.126 / b = 3*a / c = 3.7*a / d = b*c
        forward:
        backward:
    """
    said = notes(solve(lesson(shared, "display 2")), "Rounding")
    assert not [note for note in said if "path" in note]
    assert [note for note in said if note.startswith("∂d/∂a through b is")]


def test_a_block_that_rounds_nothing_behind_one_that_does_tells_of_the_difference():
    later = """
        graph: :learning-rate: 0.1 / w = 0.26 / L = w*w
        forward:
        backward:
        update:
        forward: :rounding: exact
    """
    said = notes(solve(lesson(later, "carry 1")), "Rounding")
    assert "L is 0.04 as written by hand; exactly it is 0.043264." in said


def test_an_entry_is_counted_once_though_two_lines_have_it():
    slipped = """
        network: :layers: 1 identity / :cost: squared error / X = 1 2 / Y = 0 0 / W = 0.26 / b = 0
        forward: Yhat := 0.8 0.9  # slip: tired
        backward:
    """
    said = notes(solve(lesson(slipped, "display 1")), "Slip")
    assert sum(note.startswith("∂Cost/∂Ŷ[1,") for note in said) == 2
    assert not [note for note in said if "more entr" in note]


def test_a_power_of_e_beyond_all_numbers_is_not_said_to_be_missing():
    steep = """
        network: :layers: 2 shifted softmax / :cost: cross-entropy / X = 1 / Y = 1; 0
            / W = 28001; 28000 / b = 0; 0
        forward:
    """
    solution = solve(lesson(steep, "display 5"))
    assert digits(solution, "Yhat") == "[0.73106; 0.26894]"
    assert notes(solution, "Rounding") == []


def test_a_displayed_line_that_follows_says_nothing():
    assert (
        notes(solve(lesson("graph: a = 0.5 / b = a*0.5\nforward:", "display 2")), "Rounding") == []
    )


def test_what_is_not_named_one_by_one_is_counted_and_measured():
    far = """
        graph: a = 0.04 0.14 0.24 0.34 0.44 / b = 0.5*a / c = 100*b
        forward:
    """
    said = notes(solve(lesson(far, "carry 1")), "Rounding")
    assert said[-1] == "2 more entries of this step differ, by up to 3."


def test_numbers_that_vanish_are_counted_with_the_others():
    tiny = """
        graph: a = 0.004 0.014 0.003 0.002 0.0149 / b = a*1 / c = 1/b
        forward:
    """
    said = notes(solve(lesson(tiny, "display 2")), "Rounding")
    assert [one.startswith(("c[1,1]", "c[1,2]", "c[1,3]")) for one in said] == [True] * 3 + [False]
    assert said[-1] == "2 more entries of this step differ, by up to 32.89."


def test_an_exact_line_that_starts_from_displayed_numbers_says_where_it_does_not_follow():
    mixed = """
        graph: a = 0.446 / b = a*10 / c = b*b
        forward: :rounding: display 0
        backward: :rounding: exact
    """
    assert notes(solve(lesson(mixed, "display 0")), "Rounding")[:2] == [
        "c is 20; the numbers of its line, rounded as they are shown, give 16.",
        "∂c/∂b through c#1 is 4.46; the numbers of its line, rounded as they are shown, give 4.",
    ]
    exact = lesson("graph: a = 1.01 / b = a*(1/3)*3\nforward:\nbackward:", "exact")
    assert notes(solve(exact), "Rounding") == []


def test_a_parameter_that_moves_on_the_way_back_says_where_its_line_does_not_follow():
    sequential = """
        network: :layers: 1 identity / :cost: squared error / :updates: sequential
            / :learning-rate: 0.5 / X = 1.3 / Y = 0 / W = 0.74
        forward:
        backward:
    """
    said = notes(solve(lesson(sequential, "display 1")), "Rounding")
    assert (
        "W.step[1,1] is 0.6; the numbers of its line, rounded as they are shown, give 0.7." in said
    )


def test_a_difference_that_uses_its_digits_up_is_not_said_to_come_to_nothing():
    far = """
        network: :layers: 1 gelu / :cost: squared error / X = -15.26 / Y = 0 / W = 1
        forward:
    """
    said = notes(solve(lesson(far, "display 3 significant")), "Rounding")
    assert not [one for one in said if one.endswith("give 0.")]


# what is copied


@pytest.mark.parametrize("pen", ["carry 1", "carry 3", "exact"])
def test_a_copy_has_the_digits_of_what_it_copies_turned_or_not(pen):
    mixed = f"""
        graph: x = 1 2; 3 4 / w = 0.123; 0.456 / h = w*1.5 / y = x @ h / L = sum(h*y)
        forward: :rounding: display 2
        backward: :rounding: {pen}
    """
    solution = solve(lesson(mixed, "display 2"))
    assert digits(solution, "h").split() == ["[0.18;", "0.68]"]
    assert digits(solution, "dy/dx").split() == ["[0.18", "0.68]"]


def test_a_displaying_block_copies_an_exact_number_with_its_own_digits():
    mixed = """
        graph: w = 0.123 / h = w*1.5 / L = h*w
        forward: :rounding: exact
        backward: :rounding: display 2
    """
    solution = solve(lesson(mixed, "exact"))
    assert digits(solution, "h") == "0.1845"
    assert digits(solution, "local dL/dw") == "0.18"


@pytest.mark.parametrize(
    ("way", "written"), [("half-even", "0.12"), ("half-down", "0.12"), ("half-up", "0.13")]
)
def test_the_words_of_a_pen_with_a_hyphen_are_read_in_places(way, written):
    quarter = f"graph: a = 0.25 / b = a*0.5\nforward: :places: b 2 {way}"
    assert digits(solve(lesson(quarter)), "b") == written
