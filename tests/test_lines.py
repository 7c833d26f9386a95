"""How the lines of a block can be written: over several lines, for several names, for a row."""

import re

import pytest

from tracer.errors import TracerError
from tracer.lesson.check import check
from tracer.lesson.directive import Directive
from tracer.lesson.reading import read
from tracer.lesson.solution import solve
from tracer.written.names import in_range, latex, parse_name

ROWS = """\
```{lesson}
:title: Two layers
:rounding: carry 2
```
```{network}
:layers: 3 identity, 1 identity
:cost: squared error
:examples: rows
:weights: (in, out)
:names: wh = W[1], bh = b[1],
        wo = W[2]
X = 1 2;   # the first example
    3 4    # and the second
Y = 1;
0
wh = 0.1 0.2 0.3; 0.4 0.5 \\
0.6
bh = 0 0 0
wo = 1; 1; 1
b[2] = 0
```
```{forward}
PRINTED
```
```{backward}
BACKWARD
```
"""
# by hand: X wh is [[0.9, 1.2, 1.5], [1.9, 2.6, 3.3]], and each yhat is the sum of its row


def lesson(printed="Yhat = 3.6; 7.8", backward="", text=ROWS):
    text = text.replace("PRINTED", printed.replace(" | ", "\n"))
    return read(text.replace("BACKWARD\n", f"{backward}\n" * bool(backward)), "l", "l.md")


def said(*printed, **more):
    return [str(verdict) for verdict in check(lesson(*printed, **more)) if not verdict.holds]


def network_of(text):
    [block] = [
        i for i in lesson(text=text).items if isinstance(i, Directive) and i.kind == "network"
    ]
    return block


# lines that go on


def test_a_matrix_and_a_setting_go_on_in_the_next_line():
    block = network_of(ROWS)
    assert block.settings["names"] == "wh = W[1], bh = b[1], wo = W[2]"
    assert [(line.name, line.text) for line in block.lines][:3] == [
        ("X", "1 2; 3 4"),
        ("Y", "1; 0"),
        ("wh", "0.1 0.2 0.3; 0.4 0.5 0.6"),
    ]


def test_their_remarks_are_joined_and_lines_keep_their_numbers():
    X, Y, wh, bh, *_ = network_of(ROWS).lines
    assert X.remark == "the first example and the second"
    assert [line.line for line in (X, Y, wh, bh)] == [12, 14, 16, 18]


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        # what has a name of its own, or a key, is another line unless it is indented
        ("Y = 1;\nbh = 0 0 0", "'1;' has an empty row, expected numbers such as '0 1; 1 0'"),
        ("Y = 1;\n:view: matrix", "'1;' has an empty row, expected numbers such as '0 1; 1 0'"),
        ("Y = 1;\n# a remark", "'1;' has an empty row, expected numbers such as '0 1; 1 0'"),
        ("Y = 1;\n\n0", "'0' cannot be read, expected 'name = value'"),
        ("Y = 1; \\\nbh = 0", "'Y = 1; bh = 0' cannot be read, expected 'name = value'"),
    ],
)
def test_a_line_does_not_swallow_the_next_by_mistake(typed, fault):
    text = ROWS.replace("Y = 1;\n0", typed).replace("\nbh = 0 0 0\nwo", "\nwo")
    with pytest.raises(TracerError) as error:
        solve(lesson(text=text))
    assert fault in str(error.value)


# a range of names

NUMBERS = """\
```{lesson}
:title: A neuron
```
```{graph}
:data: x1..x3
x1..x3 = 1 2 3
w1..w3 = 0.1, 0.2, 0.3
z = w1*x1 + w2*x2 + w3*x3
```
```{forward}
:places: w1..w2 3
z = 1.4
```
```{backward}
dz/dw1..dz/dw3 = 1 2 3
```
"""


def test_names_that_differ_in_a_number_are_written_once():
    verdicts = check(read(NUMBERS, "l", "l.md"))
    assert [(v.name, v.printed, v.holds) for v in verdicts] == [
        ("z", "1.4", True),
        ("dz/dw1", "1", True),
        ("dz/dw2", "2", True),
        ("dz/dw3", "3", True),
    ]
    trace = solve(read(NUMBERS, "l", "l.md")).trace
    assert [trace.program.role(f"x{k}") for k in (1, 2, 3)] == ["data"] * 3
    assert "dz/dx1" not in trace


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x1..x3", ["x1", "x2", "x3"]),
        ("dCost/dW[1]..dCost/dW[2]", ["dCost/dW[1]", "dCost/dW[2]"]),
        ("w11[1]..w11[3] 4", ["w11[1] 4", "w11[2] 4", "w11[3] 4"]),
        ("net_h9..net_h11", ["net_h9", "net_h10", "net_h11"]),
        ("Z", ["Z"]),
    ],
)
def test_what_a_range_stands_for(text, names):
    assert in_range(text) == names


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("x1..y3 = 1 2 3", "'x1..y3' is no range of names, expected such as 'x1..x4'"),
        ("x1..3 = 1 2 3", "'x1..3' is no range of names, expected such as 'x1..x4'"),
        ("x3..x1 = 1 2 3", "'x3..x1' is no range of names, expected the lower number first and "),
        ("x1..x9999999 = 1", "'x1..x9999999' is no range of names, expected the lower number fi"),
        ("x1..x3 = 1 2", "x1..x3 is 3 names, and '1 2' has 2 numbers, expected one for each"),
    ],
)
def test_a_range_that_is_none_has_its_line(line, fault):
    with pytest.raises(TracerError) as error:
        solve(read(NUMBERS.replace("x1..x3 = 1 2 3", line), "l", "l.md"))
    assert str(error.value).startswith(f"l.md:6: {fault}")


# a row or a column at once


def test_a_row_and_a_column_are_printed_at_once():
    printed = "A[1][2,:] = 1.9 2.6 3.3 | A[1][:,3] = 1.5; 3.3 | A[1][1, :] = 0.9 1.2 1.5"
    assert said(printed) == []
    [fault] = said(printed.replace("2.6", "2.5"))
    assert re.match(r"l.md:23: A\[1\]\[2,2\] printed 2.5, written 2.6, exactly 2.6; ", fault)


def test_a_row_is_dictated_at_once():
    given = "A[1][1,:] := 1 1 2  # given: from a test | A[1][:,1] = 1; 1.9 | Yhat = 4; 7.8"
    assert said(given) == []


def test_one_entry_can_have_other_digits():
    # by hand: 0.9 is written 1, and 1.2 + 1.5 + 1 is 3.7, written with one decimal
    printed = ":places: A[1][1,1] 0, Z[2] 1 | A[1][1,:] = 1 1.2 1.5 | Yhat = 3.7; 7.8"
    assert said(printed) == []
    text = ROWS.replace("carry 2", "carry 0")
    # an activation that copies its z has the digits of each of its entries
    one_more = ":places: Z[1][2,2] 1, Z[1][2,3] 2 | A[1] = 1 1 2; 2 2.6 3.3 | Yhat = 4; 8"
    assert said(one_more, text=text) == []
    # cut off, 0 + 1 + 1 is 2 and 1 + 2 + 3 is 6; the first one is 3.6 exactly
    displayed = ":display: Z[2][1,1] | Z[1] = 0 1 1; 1 2 3 | Z[2] = 3; 6"
    assert said(displayed, text=text.replace("carry 0", "carry 0 truncate")) == []


def test_a_quantity_can_be_rounded_another_way():
    assert said(":places: Z[1] 0 half-down | Z[1] = 1 1 1; 2 3 3") == []


@pytest.mark.parametrize(
    ("head", "printed", "line"),
    [
        ("carry 2 down", "Z[1] = 0.9 1.2 1.5; 1.9 2.6 3.3", 22),
        ("carry 2", ":places: Z[1] 1 up", 23),
        ("carry 2", ":rounding: display 1 up", 23),
    ],
)
def test_a_way_that_depends_on_the_sign_does_not_go_with_turned_signs(head, printed, line):
    text = ROWS.replace(":weights:", ":delta: descent\n:weights:").replace("carry 2", head)
    with pytest.raises(TracerError, match=f"^l.md:{line + 1}: rounding .* depends on the sign"):
        check(lesson(printed, text=text))


def test_digits_of_the_rest_are_asked_for_only_where_the_rest_has_some():
    fault = (
        "l.md:23: display has as many digits as the rest, and nothing is rounded here; "
        "':places: Z[1] 3' says how many"
    )
    with pytest.raises(TracerError, match=re.escape(fault)):
        check(lesson(":display: Z[1]", text=ROWS.replace("carry 2", "exact")))


@pytest.mark.parametrize(
    ("printed", "fault"),
    [
        ("A[1][3,:] = 1 2 3", "A[1][3,:] does not exist: A[1] is (2 x 3) and its entries count f"),
        ("A[1][:,1] = 1 2", "A[1][:,1] is (2 x 1), but (1 x 2) is printed"),
        ("A[1][:,:] = 1 2", "'A[1][:,:]' leaves both row and column open, expected the name alone"),
        (":places: A[1][1,:] 4", "places takes a whole quantity or one entry, and A[1][1,:] is a "),
    ],
)
def test_a_row_that_is_not_there_has_its_line(printed, fault):
    with pytest.raises(TracerError) as error:
        check(lesson(printed))
    assert str(error.value).startswith(f"l.md:23: {fault}")


def test_a_row_has_a_name_of_its_own():
    assert str(parse_name("dCost/dW[1][2, :]@3")) == "dCost/dW[1][2,:]@3"
    assert latex("W[:,2]") == "{W}_{:,2}"
    row = solve(lesson()).trace["A[1][:,1]"]  # inside, the examples are columns
    assert (row.name, row.written.tolist()) == ("A[1][:,1]", [[0.9], [1.2], [1.5]])


# what is printed once more


def test_a_column_that_repeats_another_is_compared_with_it():
    printed = "Z[1] = A[1] | Yhat = Z[2]"
    assert said(printed) == []
    assert len(check(lesson(printed))) == 8
    assert lesson(printed).printed == 0  # no number is printed
    assert said("A[1][1,:] = A[1][2,:]") == [
        "l.md:23: A[1][1,1] printed like A[1][2,:], 1.9, written 0.9, exactly 0.9",
        "l.md:23: A[1][1,2] printed like A[1][2,:], 2.6, written 1.2, exactly 1.2",
        "l.md:23: A[1][1,3] printed like A[1][2,:], 3.3, written 1.5, exactly 1.5",
    ]
    assert said("", "dCost/dYhat = dCost/dZ[2]") == []


@pytest.mark.parametrize(
    ("printed", "fault"),
    [
        ("Yhat = A[1]", "Yhat is (2 x 1), but (2 x 3) is printed"),
        ("Yhat = Q", "'Q' is no number, and Q is not on this page; known here: "),
        ("Yhat = nan; nan", "'nan' is not a finite number"),
        ("Yhat := Z[2]  # given", "'Z[2]' is not a number, expected one such as -0.038"),
    ],
)
def test_what_repeats_nothing_has_its_line(printed, fault):
    with pytest.raises(TracerError) as error:
        check(lesson(printed))
    assert str(error.value).startswith(f"l.md:23: {fault}")
