"""Printed numbers against written ones: every digit counts, and a mismatch says why."""

import re
from pathlib import Path

import pytest

from tracer.cli import main
from tracer.lesson.check import check
from tracer.lesson.home import load, walkthroughs
from tracer.lesson.reading import read
from tracer.lesson.solution import solve

LESSONS = ["computational-graph", "or-one-example", "or-bias", "or-batch"]
PRINTED = {"computational-graph": 14, "or-one-example": 10, "or-bias": 15, "or-batch": 49}


def lesson(text: str):
    return read(text, "lesson", "lesson.md")


def source(name: str) -> str:
    """A lesson's text, with empty lines for its training, which takes a moment each time."""
    text = (walkthroughs() / f"{name}.md").read_text(encoding="utf-8")
    trained = re.compile(r"^```\{train\}\n.*?^```\n", re.DOTALL | re.MULTILINE)
    return trained.sub(lambda block: "\n" * block.group().count("\n"), text)


def said(text: str) -> list[str]:
    return [str(verdict) for verdict in check(lesson(text))]


# every number of the course


@pytest.mark.parametrize("name", LESSONS)
def test_every_printed_number_of_a_lesson_holds(name):
    verdicts = check(lesson(source(name)))
    assert len(verdicts) == PRINTED[name]
    assert [str(verdict) for verdict in verdicts if not verdict.holds] == []


def printed_numbers(text: str) -> list[tuple[int, re.Match]]:
    """Every asserted number that is no misprint: its line, from 0, and where it stands in it."""
    found, inside = [], False
    for number, line in enumerate(text.split("\n")):
        if line.startswith("```"):
            inside = bool(re.match(r"```\{(forward|backward|update|nudge)\}", line))
        elif inside and "=" in line and not line.startswith((":", "#")) and "misprint" not in line:
            values = line.split("#")[0]
            found += [
                (number, match)
                for match in re.finditer(r"-?\d[\d.]*", values)
                if match.start() > values.index("=")
            ]
    return found


def with_another_digit(text: str, line: int, place: int) -> str:
    """The text with one digit replaced by the next one."""
    lines = text.split("\n")
    digit = lines[line][place]
    lines[line] = lines[line][:place] + str((int(digit) + 1) % 10) + lines[line][place + 1 :]
    return "\n".join(lines)


EVERY_NUMBER = [
    pytest.param(name, line, match, id=f"{name}:{line + 1}: {match.group()} at {match.start()}")
    for name in LESSONS
    for line, match in printed_numbers(source(name))
]


@pytest.mark.parametrize(("name", "line", "match"), EVERY_NUMBER)
def test_one_digit_changed_in_any_printed_number_is_found_with_its_line(name, line, match):
    changed = with_another_digit(source(name), line, match.end() - 1)
    failed = [verdict for verdict in check(lesson(changed)) if not verdict.holds]
    assert [verdict.where for verdict in failed] == [f"lesson.md:{line + 1}"]
    assert failed[0].printed == changed.split("\n")[line][slice(*match.span())]


@pytest.mark.parametrize("place", [0, 2, 3, 4])
def test_any_digit_will_do(place):
    """The digits of `Cost = 0.089`."""
    text = source("or-batch")
    line = text.split("\n").index("Cost = 0.089")
    changed = with_another_digit(text, line, len("Cost = ") + place)
    failed = [verdict for verdict in check(lesson(changed)) if not verdict.holds]
    assert [(verdict.where, verdict.name) for verdict in failed] == [
        (f"lesson.md:{line + 1}", "Cost")
    ]


def test_that_was_every_number_but_the_two_misprints():
    assert len(EVERY_NUMBER) == sum(PRINTED.values()) - 2


# what a mismatch says: a / b is 0.666666666667, so c * c depends on how it was rounded

THIRDS = """\
```{lesson}
:title: Two thirds, squared
:rounding: PEN
```
```{graph}
a = 2
b = 3
c = a / b
d = c * c
```
```{forward}
d = PRINTED
```
"""
EXACTLY = "exactly 0.444444444444"
DISPLAY, CARRY = "by rounding the exact value", "by carrying rounded values on"
CUT, CARRY_CUT = "by cutting the exact value off", "by carrying values cut off"


@pytest.mark.parametrize(
    ("pen", "printed", "verdict"),
    [
        # carrying on 0.67 gives 0.4489, which is written 0.45
        ("carry 2", "0.45", "written 0.45"),
        ("carry 2", "0.450", "written 0.45"),
        ("carry 2", "0.44", f"written 0.45, {EXACTLY}; the printed number comes out {DISPLAY}..."),
        ("carry 2", "0.43", f"written 0.45, {EXACTLY}; the printed number comes out {CARRY_CUT}"),
        ("carry 2", "0.5", f"written 0.45, {EXACTLY}; no simple way of rounding gives ..."),
        ("carry 2", "0.449", f"written 0.45, {EXACTLY}; no simple way of rounding gives ..."),
        # the exact value, rounded: 0.44
        ("display 2", "0.44", "written 0.44"),
        ("display 2", "0.45", f"written 0.44, {EXACTLY}; the printed number comes out {CARRY}"),
        ("display 2", "0.43", f"written 0.44, {EXACTLY}; the printed number comes out {CARRY_CUT}"),
        # nothing is rounded: the printed digits say how many of them are compared
        ("exact", "0.4444", "written 0.444444444444"),
        ("exact", "0.44", "written 0.444444444444"),
        ("exact", "0.4", "written 0.444444444444"),
        (
            "exact",
            "0.45",
            f"written 0.444444444444, {EXACTLY}; the printed number comes out {CARRY}",
        ),
        # digits cut off: 0.66 squared is 0.4356
        ("carry 2 truncate", "0.43", "written 0.43"),
        (
            "carry 2 truncate",
            "0.44",
            f"written 0.43, {EXACTLY}; the printed number comes out {DISPLAY} or {CUT}",
        ),
        # two significant figures
        ("carry 2 significant", "0.45", "written 0.45"),
        (
            "carry 2 significant",
            "0.44444",
            f"written 0.45, {EXACTLY}; the printed number comes out in full precision",
        ),
        # 0.667 squared is 0.444889
        ("display 3", "0.445", f"written 0.444, {EXACTLY}; the printed number comes out {CARRY}"),
        # half to even
        ("display 3 half-even", "0.444", "written 0.444"),
    ],
)
def test_a_verdict_names_printed_written_exact_and_the_rounding_that_explains_it(
    pen, printed, verdict
):
    [found] = said(THIRDS.replace("PEN", pen).replace("PRINTED", printed))
    expected = re.escape(f"lesson.md:12: d printed {printed}, {verdict}").replace(r"\.\.\.", ".*")
    assert re.fullmatch(expected, found), found


@pytest.mark.parametrize(
    ("equation", "printed", "ways"),
    [
        # 0.125 is written 0.12 in all three, and 0.36 + 0.009 is 0.37; cut off, it would be 0.36
        (
            "c = 0.125*1 / d = 3*c + 0.009",
            "0.37",
            ["carrying values rounded half to even", "carrying values rounded half towards zero"],
        ),
        (
            "c = 0.121*1 / d = c*1",
            "0.13",
            ["rounding the exact value up", "carrying values rounded up"],
        ),
        (
            "c = -0.121*1 / d = c*1",
            "-0.13",
            ["rounding the exact value down", "carrying values rounded down"],
        ),
    ],
)
def test_the_ways_of_a_few_are_tried_where_the_usual_ones_do_not_fit(equation, printed, ways):
    text = THIRDS.replace("PEN", "display 2").replace("PRINTED", printed)
    lines = equation.replace(" / ", "\n")
    text = text.replace("a = 2\nb = 3\nc = a / b\nd = c * c", lines)
    [found] = [verdict for verdict in check(lesson(text)) if not verdict.holds]
    assert found.policies == tuple(f"by {way}" for way in ways)


def test_a_lesson_is_worked_out_once_with_each_other_pen(monkeypatch):
    pens = []

    def counted(lesson, pen=None):
        pens.append(pen)
        return solve(lesson, pen)

    monkeypatch.setattr("tracer.lesson.check.solve", counted)
    text = THIRDS.replace("PEN", "carry 2").replace("d = PRINTED", "c = 7\nd = 8\nd = 9")
    assert [verdict.holds for verdict in check(lesson(text))] == [False] * 3
    assert len(pens) == len(set(pens)) == 13


def test_an_entry_is_named_with_its_row_and_column():
    text = source("or-batch").replace("dCost/dW = -0.048 -0.038", "dCost/dW = -0.048 -0.039")
    [found] = [v for v in check(lesson(text)) if not v.holds]
    assert (found.name, found.printed, found.written) == ("dCost/dW[1,2]", "-0.039", "-0.038")
    assert found.exact == "-0.0386588238168"
    assert found.policies == ("by rounding the exact value",)


# slips, misprints, and quantities that are only displayed


@pytest.mark.parametrize(
    ("line", "holds", "verdict"),
    [
        (
            "d = 0.44  # misprint: not carried",
            True,
            "printed 0.44, written 0.45  (misprint: not carried)",
        ),
        (
            "d = 0.45  # misprint: so they say",
            False,
            "printed 0.45, written 0.45: declared a misprint, but it is right; "
            "take the remark away",
        ),
        ("d = 0.45  # as in the second edition", True, "printed 0.45, written 0.45"),
    ],
)
def test_a_misprint_holds_as_long_as_it_is_wrong(line, holds, verdict):
    text = THIRDS.replace("PEN", "carry 2").replace("d = PRINTED", line)
    [found] = check(lesson(text))
    assert (found.holds, str(found)) == (holds, f"lesson.md:12: d {verdict}")


def test_after_a_slip_everything_follows_from_the_slip():
    slipped = THIRDS.replace("PEN", "carry 2").replace(
        "d = PRINTED", "c := 0.76  # slip: digits swapped\nd = 0.58"
    )
    assert said(slipped) == ["lesson.md:13: d printed 0.58, written 0.58"]


ON_THE_WAY = """\
```{lesson}
:title: A slip on the way to a cost
:rounding: PEN 2
```
```{network}
:layers: 1 identity
:cost: squared error
:examples: SIDE
X = 0SEP 1SEP 2
Y = 0SEP 1SEP 1
W = 0.5
```
```{forward}
Cost.squares[PLACE] := 0.52  # slip: digits swapped
Cost.squares = 0SEP 0.52SEP 0
Cost = 0.09
```
"""


@pytest.mark.parametrize("pen", ["carry", "display"])
@pytest.mark.parametrize(("side", "place"), [("columns", "1,2"), ("rows", "2,1")])
def test_a_slip_on_the_way_is_one_with_every_pen_and_in_every_layout(side, place, pen):
    text = ON_THE_WAY.replace("PEN", pen).replace("SIDE", side).replace("PLACE", place)
    text = text.replace("SEP", ";" if side == "rows" else ",")
    assert all(verdict.holds for verdict in check(lesson(text)))
    none = text.replace("0.52", "0.25")
    assert "declared a slip, but it is right" in "\n".join(said(none))


@pytest.mark.parametrize(
    ("pen", "settings", "c", "d"),
    [
        ("carry 2", "", "0.67", "2.01"),
        ("carry 2", ":display: c\n", "0.67", "2.01"),
        ("carry 2", ":rounding: display 2\n", "0.67", "2.00"),
        ("display 2", "", "0.67", "2.00"),
    ],
)
def test_a_displayed_number_is_carried_on_where_the_work_carries(pen, settings, c, d):
    """c is 2/3 and d is three times c."""
    text = THIRDS.replace("PEN", pen).replace("c * c", "c * b")
    text = text.replace("d = PRINTED", f"{settings}c = {c}\nd = {d}")
    assert [v.holds for v in check(lesson(text))] == [True, True]


@pytest.mark.parametrize(
    ("printed", "holds"),
    [
        ("0.7", True),
        ("0.67", True),
        ("0.66667", True),
        ("0.6", False),
        ("0.66", False),
        ("1", True),
    ],
)
def test_a_number_kept_in_full_is_rounded_to_as_many_digits_as_were_printed(printed, holds):
    text = THIRDS.replace("PEN", "exact").replace("d = PRINTED", f"c = {printed}")
    assert [v.holds for v in check(lesson(text))] == [holds]


def test_a_number_displayed_in_full_precision_shows_its_own_last_digit():
    """c is written 0.67 and carried on; d is displayed, so it is 4/9 and not 0.67 squared."""
    text = THIRDS.replace("PEN", "carry 2").replace("d = PRINTED", ":display: d\nd = 0.44")
    assert [v.holds for v in check(lesson(text))] == [True]


HIDDEN = """\
```{lesson}
:title: XOR with a hidden layer of three
:rounding: carry 3
```
```{network}
:layers: 3 sigmoid, 1 sigmoid
:cost: squared error
:learning-rate: 1
X = 0 0 1 1; 0 1 0 1
Y = 0 1 1 0
W[1] = 0.1 0.6; 0.2 0.4; 0.3 0.7
b[1] = 0
W[2] = 0.1 0.4 0.9
b[2] = 0
```
```{forward}
A[1][2,2] := 0.6  # slip: sigma(0.4) is 0.599
Z[1] = 0 0.6 0.1 0.7; 0 0.4 0.2 0.6; 0 0.7 0.3 1
A[1] = 0.5 0.646 0.525 0.668; 0.5 0.6 0.55 0.646; 0.5 0.668 0.574 0.731
Z[2] = 0.7 0.906 0.789 0.983
Yhat = 0.668 0.712 0.688 0.728
Cost = 0.145
```
```{backward}
:display: dA[1]/dZ[1]
dCost/dYhat = 0.167 -0.072 -0.078 0.182
dYhat/dZ[2] = 0.222 0.205 0.215 0.198
dCost/dZ[2] = 0.037 -0.015 -0.017 0.036
dCost/dW[2] = 0.024 0.023 0.025
dCost/db[2] = 0.041
dCost/dA[1] = 0.004 -0.002 -0.002 0.004; 0.015 -0.006 -0.007 0.014; 0.033 -0.014 -0.015 0.032
dA[1]/dZ[1] = 0.25 0.229 0.249 0.222; 0.25 0.24 0.248 0.229; 0.25 0.222 0.244 0.197
dCost/dZ[1] = 0.001 0 0 0.001; 0.004 -0.001 -0.002 0.003; 0.008 -0.003 -0.004 0.006
dCost/dW[1] = 0.001 0.001; 0.001 0.002; 0.002 0.003
dCost/db[1] = 0.002; 0.004; 0.007
```
```{update}
W[2] = 0.076 0.377 0.875
b[2] = -0.041
W[1] = 0.099 0.599; 0.199 0.398; 0.298 0.697
b[1] = -0.002; -0.004; -0.007
```
"""
"Figs 79-82 of the article: one slip, and one table that was not carried."


def test_a_table_that_was_only_displayed_stands_in_work_that_carries():
    verdicts = check(lesson(HIDDEN))
    assert len(verdicts) == 107
    assert all(verdict.holds for verdict in verdicts)


def test_without_the_word_display_that_table_is_found():
    text = HIDDEN.replace(":display: dA[1]/dZ[1]\n", "\n")
    [found] = [verdict for verdict in check(lesson(text)) if not verdict.holds]
    assert str(found).startswith(
        "lesson.md:32: dA[1]/dZ[1][3,3] printed 0.244, written 0.245, exactly 0.244458311691; "
        "the printed number comes out by rounding the exact value"
    )


def test_without_the_slip_the_page_does_not_come_out():
    text = HIDDEN.replace("A[1][2,2] := 0.6  # slip: sigma(0.4) is 0.599", "")
    failed = [verdict.name for verdict in check(lesson(text)) if not verdict.holds]
    assert failed[0] == "A[1][2,2]"


@pytest.mark.parametrize("block", ["forward", "backward"])
def test_a_number_is_compared_with_what_its_own_block_wrote(block):
    """A quantity that a later block writes again, in another iteration, is another one."""
    text = source("or-batch")
    wheres = {verdict.where: verdict.written for verdict in check(lesson(text))}
    lines = text.split("\n")
    again = {"forward": "Cost.sum = ", "backward": "dCost/dW = "}[block]
    first, second = [k + 1 for k, line in enumerate(lines) if line.startswith(again)]
    assert wheres[f"lesson.md:{first}"] != wheres[f"lesson.md:{second}"]


# the command


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return name


@pytest.fixture
def files(tmp_path, monkeypatch) -> dict[str, str]:
    """A lesson that holds, one that fails, and one that cannot be used."""
    monkeypatch.chdir(tmp_path)
    thirds = THIRDS.replace("PEN", "carry 2")
    return {
        "holds": written(tmp_path, "holds.md", thirds.replace("PRINTED", "0.45")),
        "fails": written(tmp_path, "fails.md", thirds.replace("PRINTED", "0.44")),
        "broken": written(tmp_path, "broken.md", "```{lesson}\n```\n"),
    }


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (["holds"], 0),
        (["fails"], 1),
        (["broken"], 2),
        (["holds", "fails"], 1),
        (["fails", "holds"], 1),
        (["broken", "fails", "holds"], 2),
        (["fails", "broken"], 2),
    ],
)
def test_the_exit_status_is_0_if_all_hold_1_if_some_fail_2_if_a_lesson_cannot_be_used(
    given, status, files, capsys
):
    assert main(["check", *(files[name] for name in given)]) == status
    said = capsys.readouterr()
    assert ("broken.md:1: " in said.err) == ("broken" in given)
    summaries = re.findall(r"^(\w+\.md): \d+ printed numbers?, ", said.out, re.MULTILINE)
    assert summaries == [files[name] for name in given if name != "broken"]


WITHOUT_V = """\
FAILS  fails.md:12: d printed 0.44, written 0.45, exactly 0.444444444444; \
the printed number comes out by rounding the exact value or by cutting the exact value off
fails.md: 1 printed number, 1 fail
holds.md: 1 printed number, all hold
"""
WITH_V = WITHOUT_V.replace(
    "holds.md: 1", "holds  holds.md:12: d printed 0.45, written 0.45\nholds.md: 1"
)


@pytest.mark.parametrize(("options", "out"), [([], WITHOUT_V), (["-v"], WITH_V)])
def test_v_says_a_line_for_each_number_and_without_it_only_mismatches_are_said(
    options, out, files, capsys
):
    main(["check", *options, files["fails"], files["holds"]])
    assert capsys.readouterr().out == out


@pytest.mark.parametrize("name", LESSONS)
def test_check_v_lists_every_printed_number_of_a_lesson(name, capsys):
    assert main(["check", "-v", name]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert all(line.startswith("holds  ") for line in lines)
    assert last == f"{name}: {len(lines)} printed numbers, all hold"
    assert len(lines) == load(name).printed >= PRINTED[name]
