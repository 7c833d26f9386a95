"""{points}: examples in the plane, lines by their equations, and which line separates the labels.

Where a point lies is worked out by fractions, from the equations as Python reads them.
"""

import re
from fractions import Fraction
from itertools import product

import pytest

from tracer import record
from tracer.errors import TracerError
from tracer.lesson import reading
from tracer.lesson.solution import explain, solve
from tracer.numbers.decimals import Number
from tracer.page.document import Note, Points, Table
from tracer.page.plane import line_of
from tracer.record import decode, encode
from tracer.render.canvas import points_rows
from tracer.render.markdown import to_markdown, with_pictures
from tracer.render.pictures import can_draw, svg
from tracer.written.text import text

HEAD = "```{lesson}\n:title: T\n```\n"
WINDOW = ((-0.5, 1.5), (-0.5, 1.5))
OR = ":data: OR"
XOR = ":data: XOR"


def lesson(inside: str, before: str = ""):
    return reading.read(f"{HEAD}{before}```{{points}}\n{inside}\n```\n", "mine", "mine.md")


def document(inside: str, before: str = ""):
    return explain(solve(lesson(inside, before)))


def blocks(inside: str, before: str = ""):
    return document(inside, before).pages[-1].blocks


def picture(inside: str, before: str = "") -> Points:
    return next(block for block in blocks(inside, before) if isinstance(block, Points))


def notes(inside: str, before: str = "") -> list[str]:
    return [block.text for block in blocks(inside, before) if isinstance(block, Note)]


def fault(inside: str, before: str = "") -> str:
    with pytest.raises(TracerError) as refused:
        solve(lesson(inside, before))
    return str(refused.value)


# what is said of a line

SAID = {
    # Fig 9 of the article
    (OR, "x2 = 0.5 - x1"): "x2 = 0.5 - x1 separates them: label 1 lies above it, label 0 below it.",
    (OR, "0.5 = x1 + x2"): "0.5 = x1 + x2 separates them: label 1 lies where 0.5 < x1 + x2, label "
    "0 where 0.5 > x1 + x2.",
    # Fig 20: lines through the origin
    (OR, "x2 = -x1"): "x2 = -x1 does not separate them: it goes through (0, 0).",
    (OR, "x2 = 2*x1"): "x2 = 2*x1 does not separate them: it leaves (0, 1) on the wrong side and "
    "goes through (0, 0).",
    # Fig 63: no line separates XOR
    (XOR, "x1 = 0.5"): "x1 = 0.5 does not separate them: it leaves 2 of the 4 points on the wrong "
    "side, either way round.",
    (XOR, "x2 = 0.5 - x1"): "x2 = 0.5 - x1 does not separate them: it leaves (1, 1) on the wrong "
    "side.",
    # Fig 67: but a curve does
    (XOR, "(x1 - 0.5)*(x2 - 0.5) = 0"): "(x1 - 0.5) * (x2 - 0.5) = 0 separates them: label 1 lies "
    "where (x1 - 0.5) * (x2 - 0.5) < 0, label 0 where (x1 - 0.5) * (x2 - 0.5) > 0.",
    ("X = 0 1 2; 0 0 0\nY = -1 -1 1", "x1 = 1.5"): "x1 = 1.5 separates them: label 1 lies to the "
    "right of it, label -1 to the left of it.",
    ("X = 0 1; 0 0\nY = 1 0; 0 1", "x1 = 0.5"): "x1 = 0.5 separates them: class 2 lies to the "
    "right of it, class 1 to the left of it.",
    ("X = 0 1; 0 1\nY = 1 1", "x2 = 0.5"): "x2 = 0.5 has (1, 1) above it and (0, 0) below it.",
    # decided in decimal numbers: in float64, 0.1 + 0.2 is more than 0.3
    ("X = 0.1 1; 0.2 1\nY = 0 1", "x1 + x2 = 0.3"): "x1 + x2 = 0.3 does not separate them: it goes "
    "through (0.1, 0.2).",
}  # fmt: skip


@pytest.mark.parametrize(("points", "line"), SAID)
def test_whether_a_line_separates_the_labels(points, line):
    assert notes(f"{points}\n{line}") == [SAID[points, line]]


def is_apart(line: str, labels: tuple[int, ...]) -> bool:
    """Whether a line separates the labels of the four corners, by fractions."""
    left, right = (re.sub(r"\d+(\.\d+)?(?!\w)", r"F('\g<0>')", side) for side in line.split("="))
    left, right = (re.sub(r"xF\('(\d)'\)", r"x\1", side) for side in (left, right))
    sides = set()
    for (x1, x2), label in zip(product((0, 1), repeat=2), labels, strict=True):
        known = {"F": Fraction, "x1": Fraction(x1), "x2": Fraction(x2)}
        difference = eval(f"({left}) - ({right})", known)
        sides.add((label, (difference > 0) - (difference < 0)))
    found = {label: {side for one, side in sides if one == label} for label in (0, 1)}
    return all(len(side) == 1 and side != {0} for side in found.values()) and found[0] != found[1]


EVERY = [
    f"{a}*x1 + {b}*x2 = {c}" for a, b, c in product(("0.1", "1", "3"), ("0.6", "1"), ("0.1", "0.7"))
]


@pytest.mark.parametrize("gate", ["OR", "AND", "XOR"])
def test_the_same_is_said_of_many_lines_as_fractions_say(gate):
    labels = {"OR": (0, 1, 1, 1), "AND": (0, 0, 0, 1), "XOR": (0, 1, 1, 0)}[gate]
    for line in EVERY:
        (said,) = notes(f":data: {gate}\n{line}")
        assert ("separates them" in said) == is_apart(line, labels), line
    assert gate != "XOR" or not any(is_apart(line, labels) for line in EVERY)


def test_each_point_is_put_into_each_equation():
    (table,) = (
        block for block in blocks(f"{XOR}\nx1 = 0.5\nx2 = 0.5 - x1") if isinstance(block, Table)
    )
    assert table.columns == ("x1", "x2", "label", "x1 = 0.5", "x2 = 0.5 - x1")
    assert [[text(cell) for cell in row] for row in table.rows] == [
        ["0", "0", "0", "0 < 0.5", "0 < 0.5"],
        ["0", "1", "1", "0 < 0.5", "1 > 0.5"],
        ["1", "0", "1", "1 > 0.5", "0 > -0.5"],
        ["1", "1", "0", "1 > 0.5", "1 > -0.5"],
    ]


def test_many_points_are_counted_and_not_listed():
    X = "; ".join([" ".join(map(str, range(20))), " ".join(["1"] * 20)])
    inside = f"X = {X}\nY = {' '.join('0' * 6 + '1' * 14)}\nx1 = 10.5"
    said = blocks(inside)
    assert not any(isinstance(block, Table) for block in said)
    assert notes(inside) == [
        "x1 = 10.5 does not separate them: it leaves 5 points on the wrong side."
    ]
    assert picture(inside).alt.startswith(
        "Over x1 and x2, 6 points with label 0 and 14 points with"
    )


# where points come from

BATCH = """```{network}
:layers: 1 sigmoid
:cost: squared error
:data: XOR
:features: x1*x2
W = 1 1 1
b = 0
```
"""
ONE = """```{network}
:view: scalar
:layers: 1 sigmoid
:loss: squared error
x1 = 0.25
x2 = 1
y = 1
w1 = 1
w2 = 1
```
"""
ROWS = """```{network}
:examples: rows
:layers: 1 sigmoid
:cost: squared error
X = 0 0; 0 2
Y = 0; 1
W = 1 1
```
"""


@pytest.mark.parametrize(
    ("inside", "before", "places"),
    [
        ("X = 0 1; 3 4\nY = 0 1", "", [(0, 3, 0), (1, 4, 1)]),
        (":examples: rows\nX = 0 3; 1 4\nY = 0; 1", "", [(0, 3, 0), (1, 4, 1)]),
        (":data: AND", "", [(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 1, 1)]),
        ("x1 = 0.5", BATCH, [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)]),
        ("x1 = 0.5", ONE, [(0.25, 1, 1)]),
        ("x1 = 0.5", ROWS, [(0, 0, 0), (0, 2, 1)]),
    ],
)
def test_points_are_typed_in_or_those_of_a_gate_or_of_the_network_above(inside, before, places):
    found = picture(inside, before).points
    assert [(point.x, point.y, point.label) for point in found] == places


# the pictures

LINES = {
    "x2 = 0.5 - x1": [[(-0.5, 1.0), (1.0, -0.5)]],
    "x1 = 0.5": [[(0.5, -0.5), (0.5, 1.5)]],
    "x1 + 2*x2 = 1": [[(-0.5, 0.75), (1.5, -0.25)]],
    "x1*x2 = 0": [[(0.0, -0.5), (0.0, 1.5)], [(-0.5, 0.0), (1.5, 0.0)]],
    "x2 = 7": [],
}


@pytest.mark.parametrize("line", LINES)
def test_of_a_straight_line_its_ends_in_the_picture_are_kept(line):
    pieces = line_of(*map(str.strip, line.split("="))).pieces(WINDOW)
    assert [sorted(piece) for piece in pieces] == LINES[line]


@pytest.mark.parametrize(
    ("left", "right", "off"),
    [
        ("x2", "0.3/x1", lambda x, y: x * y - 0.3),
        ("x1**2 + x2**2", "1", lambda x, y: x * x + y * y - 1),
        ("x2", "x1**3", lambda x, y: y - x**3),
    ],
)
def test_a_curve_goes_where_its_equation_holds_and_not_along_its_pole(left, right, off):
    pieces = line_of(left, right).pieces(WINDOW)
    assert pieces
    assert max(abs(off(x, y)) for piece in pieces for x, y in piece) < 2e-3


def drawn(inside: str, width: int, ascii_only: bool) -> list[str]:
    return [row.rstrip() for row, _ in points_rows(picture(inside), width, ascii_only)]


def test_a_plane_in_the_terminal():
    assert drawn(f"{OR}\nx2 = 0.5 - x1", 44, ascii_only=True) == [
        "  1.5 |         :",
        "   x2 |         :",
        "      |***      x                x",
        "      |  *****  :",
        "      |       *****",
        "      |         : *****",
        "      |.........o.....******.....x.........",
        "      |         :          *****",
        " -0.5 |         :              ***",
        "      +------------------------------------",
        "       -0.5              x1             1.5",
    ]  # fmt: skip


def test_of_several_lines_each_has_its_number():
    for ascii_only in (True, False):
        rows = "".join(drawn(f"{XOR}\nx1 = 0.5\nx2 = 0.25", 56, ascii_only)[:-2])
        assert "1" in re.sub(r"1\.5|x1", "", rows)
        assert "2" in rows.replace("x2", "")


@pytest.mark.parametrize("width", [56, 60, 76])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_no_row_is_wider_than_there_is_room(width, ascii_only):
    rows = drawn(f"{OR}\nx2 = 2*x1\nx2 = 0.5/(x1 + 2) - 1", width, ascii_only)
    assert max(map(len, rows)) <= width
    assert not ascii_only or all(row.isascii() for row in rows)


@pytest.mark.skipif(not can_draw(), reason="Matplotlib is not installed")
def test_a_picture_of_a_file_has_all_lines_and_is_the_same_each_time():
    one = picture(f"{XOR}\nx1 = 0.5\nx2 = 0.25")
    assert svg(one) == svg(one)
    assert all(said in svg(one) for said in ("x1 = 0.5", "x2 = 0.25", "label 0", "label 1"))


@pytest.mark.skipif(not can_draw(), reason="Matplotlib is not installed")
def test_an_export_says_in_words_what_its_picture_shows():
    said, pictures = with_pictures(document(f"{OR}\nx2 = 0.5 - x1"), "out")
    assert (
        "![Over x1 and x2, (0, 0) with label 0 and (0, 1), (1, 0) and (1, 1) with label 1." in said
    )
    assert "separates them: label 1 lies above it, label 0 below it.](out-1.svg)" in said
    assert list(pictures) == ["out-1.svg"]


def test_without_a_file_there_is_the_table_and_what_it_says():
    said = to_markdown(document(f"{OR}\nx2 = 0.5 - x1"))
    assert "| 1 | 0 | 1 | 0 &gt; -0.5 |" in said
    assert said.count("separates them") == 1


def test_it_is_the_same_read_back_from_json():
    solution = solve(lesson(f"{OR}\nx2 = 0.5/(x1 + 1)"))
    told = explain(solution)
    again = decode(encode(record.record(solution, told)), "it")
    assert again.pages == told.pages


# what is refused

FAULTS = {
    "x2 = 0.5": "mine.md:4: {points} has no points, expected 'X = ...' and 'Y = ...', ':data: OR', "
    "or a {network} before it",
    f"{OR}\nx3 = 1": "mine.md:6: 'x3 = 1' is no line in x1 and x2, expected such as x2 = 0.5 - x1; "
    "x3 is neither",
    f"{OR}\n2 = 1": "mine.md:6: '2 = 1' is no line in x1 and x2, expected such as x2 = 0.5 - x1; "
    "it has neither",
    f"{OR}\nsum(x1) = x2": "mine.md:6: 'sum(x1) = x2' takes a matrix, and x1 and x2 are single "
    "numbers here",
    f"{OR}\nx2 = 0,5": "mine.md:6: '0,5' has a decimal comma, expected 0.5",
    f"{OR}\nx2 = 1/x1": "mine.md:6: x2 = 1/x1 has no value at (0, 0), expected one",
    f"{OR}\nx2 := 1  # slip: a guess": "mine.md:6: := dictates a number, and {points} has none; "
    "expected '='",
    f"{OR}\nX = 0; 1": "mine.md:5: the points are typed in as well, expected one of both",
    "X = 0 1; 1 0": "mine.md:4: {points} has no Y, expected 'Y = ...'",
    "X = 0 1\nY = 0 1": "mine.md:5: X is (1 x 2), and a point of the plane has two features, "
    "expected (2 x 2)",
    "X = 0 1; 1 0\nY = 0 1 1": "mine.md:6: Y is (1 x 3), expected (1 x 2): a label for each point",
    "X = 0 1 2; 1 0 2\nY = 0 1 2": "mine.md:6: Y has 3 labels, expected two",
    ":data: NAND": "mine.md:5: there is no data 'NAND'; did you mean 'AND'?; a file ends in .csv "
    "or .npz",
    f"{OR}\n:examples: across": "mine.md:6: examples 'across' is not known; did you mean 'rows'?",
    OR + "".join(f"\nx1 = 0.{k}" for k in range(5)): "mine.md:10: {points} has 5 lines, expected "
    "at most 4; make two pictures of them",
}  # fmt: skip


@pytest.mark.parametrize("inside", FAULTS)
def test_what_is_refused(inside):
    assert fault(inside) == FAULTS[inside]


def test_a_graph_has_no_points_of_its_own():
    assert "the {network} above has no points of the plane" in fault(
        "x1 = 1", "```{graph}\na = 2\nb = a*a\n```\n"
    )


def test_a_point_is_on_a_line_only_where_both_sides_are_equal():
    line = line_of("0.1*x1 + 0.6*x2", "0.7")
    assert [line.side(Number(x), Number(1)) for x in ("1", "0.99", "1.01")] == [0, -1, 1]
