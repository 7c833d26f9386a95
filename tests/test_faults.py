"""A fault says where it is and whom it is about; those that are independent come together."""

import pytest

from tracer.cli import main
from tracer.errors import MOST_TOLD, Faults, SeveralFaults, TracerError, about, placed
from tracer.lesson.check import check
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve

OPENING = "```{lesson}\n:title: A lesson\n```\n"
GRAPH = "```{graph}\na = 2\nb = 5\nc = a*b\n```\n"


def told(text: str) -> list[str]:
    """The faults of a lesson in lines, however far it comes."""
    try:
        lesson = read(text, "mine", "mine.md")
        explain(solve(lesson))
        check(lesson)
    except TracerError as fault:
        return str(fault).split("\n")
    return []


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        pytest.param(
            OPENING + "```{graph}\n:rate: 1\na = 2\nb\n```\n```{backwards}\n```\n",
            [
                "mine.md:5: unknown key 'rate' in {graph}; expected ':learning-rate: 1'",
                "mine.md:7: 'b' cannot be read, expected 'name = value'",
                "mine.md:9: unknown block {backwards}; did you mean 'backward'?",
            ],
            id="in what is typed",
        ),
        pytest.param(
            "```{lesson}\n:order: first\n:rounding: carry\n```\n",
            [
                "mine.md:1: the lesson has no title, expected ':title: ...'",
                "mine.md:2: order 'first' is not a whole number, expected such as 40",
                "mine.md:3: rounding 'carry' cannot be read: expected 'exact', 'display N' or "
                "'carry N', and behind it 'significant', 'zeros' or one of half-up, half-even, "
                "half-down, up, down, truncate, as in 'carry 3'",
            ],
            id="at the top",
        ),
        pytest.param(
            OPENING + GRAPH + "```{forward}\nc = 1 2\nd = 3\n```\n```{backward}\ndc/dq = 1\n```\n",
            [
                "mine.md:10: c is a single number, but (1 x 2) is printed",
                "mine.md:11: d is not on this page; known here: a, b, c",
                "mine.md:14: dc/dq is not on this page; did you mean 'dc/dc'?",
            ],
            id="in what is printed",
        ),
        pytest.param(
            OPENING
            + "```{network}\n:layers: 1 sigmod\nX = 1\nX = 2\nY = one\n```\n"
            + GRAPH
            + "```{derive}\n:of: sigmod\n```\n",
            [
                "mine.md:7: X is given twice, first on line 6",
                "mine.md:8: 'one' is not a number, expected one such as -0.038",
                "mine.md:5: activation 'sigmod' is not known; did you mean 'sigmoid'?",
                "mine.md:15: there is no derivation 'sigmod'; did you mean 'sigmoid'?",
            ],
            id="in what is given, and in what is told beside it",
        ),
        pytest.param(
            OPENING + GRAPH + "```{derive}\n:of: sigmod\n```\n```{curve}\n:from: 1\na = z\n```\n",
            [
                "mine.md:9: there is no derivation 'sigmod'; did you mean 'sigmoid'?",
                "mine.md:12: to '' is not a number, expected such as 0.1",
            ],
            id="in what is told",
        ),
    ],
)
def test_faults_that_do_not_depend_on_each_other_are_told_together(text, faults):
    assert told(text) == faults


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param(
            OPENING + "```{network}\n:layers: 1 sigmod\nX = 1\n```\n```{forward}\nZ = 1\n```\n",
            "mine.md:5: activation 'sigmod' is not known; did you mean 'sigmoid'?",
            id="what is worked out with a network that is none",
        ),
        pytest.param(
            OPENING
            + "```{graph}\na = 0\nb = 1/a\n```\n```{forward}\nb = 1\n```\n```{backward}\n```\n",
            "mine.md:8: b is infinite, expected a finite number; it comes from a = 0: "
            "division by zero",
            id="what is sent back from a forward pass that failed",
        ),
        pytest.param(
            OPENING + "```{forward}\n```\n```{backward}\n```\n```{update}\n```\n",
            "mine.md:4: {forward} has nothing to work on, expected a {network} or a {graph} "
            "before it",
            id="what has nothing to work on either",
        ),
        pytest.param(
            OPENING + "```{graph}\na = 2\n\nSome prose.\nAnd more.\n```\n",
            "mine.md:7: 'Some prose.' cannot be read, expected 'name = value'",
            id="the prose behind a block that is not closed",
        ),
    ],
)
def test_what_follows_from_a_fault_is_not_told(text, fault):
    assert told(text) == [fault]


def test_what_can_be_read_is_worked_out_for_its_own_faults(tmp_path, capsys):
    path = tmp_path / "mine.md"
    text = (
        OPENING
        + GRAPH
        + "```{forward}\nc = 11\nd = 3\n```\n```{backward}\n:of c\n```\n```{update}\n```\n"
        + "```{derive}\n:of: sigmod\n```\n```{train}\n:epoch: 3\n```\n```{curve}\n:of: x\n```\n"
    )
    path.write_text(text)
    assert main(["check", str(path)]) == 2
    assert [line.removeprefix(f"{path}:") for line in capsys.readouterr().err.splitlines()] == [
        "14: ':of c' cannot be read, expected ':of: c'",
        "22: unknown key 'epoch' in {train}; expected ':epochs: 3'",
        "25: unknown key 'of' in {curve}; ':of: x' belongs to {backward}, {nudge} or {derive}",
        "11: d is not on this page; known here: a, b, c",
        "18: there is no derivation 'sigmod'; did you mean 'sigmoid'?",
    ]


def test_what_is_told_beside_a_block_that_cannot_be_read_is_judged_as_well(tmp_path, capsys):
    path = tmp_path / "mine.md"
    path.write_text(OPENING + "```{graph}\n:rate: 1\na = 2\n```\n```{derive}\n:of: sigmod\n```\n")
    assert main(["check", str(path)]) == 2
    assert [line.removeprefix(f"{path}:") for line in capsys.readouterr().err.splitlines()] == [
        "5: unknown key 'rate' in {graph}; expected ':learning-rate: 1'",
        "8: there is no derivation 'sigmod'; did you mean 'sigmoid'?",
    ]


def test_each_stands_on_its_line_of_the_terminal(tmp_path, capsys):
    path = tmp_path / "mine.md"
    path.write_text(OPENING + "```{graph}\n:rate: 1\nb\n```\n")
    assert main(["check", str(path)]) == 2
    assert [line.split(": ")[0] for line in capsys.readouterr().err.splitlines()] == [
        f"{path}:5",
        f"{path}:6",
    ]


def test_of_very_many_the_first_ones_are_told():
    text = OPENING + "```{graph}\n" + ":no: 1\n" * (MOST_TOLD + 5) + "```\n"
    assert len(told(text)) == MOST_TOLD + 1
    assert told(text)[-1] == "and 5 more faults"


# the fault itself


def test_a_fault_has_the_nearest_place():
    with pytest.raises(TracerError) as fault, placed("far"), placed("near"):
        raise TracerError("wrong")
    assert str(fault.value) == "near: wrong"


@pytest.mark.parametrize(("name", "where"), [("W", "line 3"), ("b", "line 1"), (None, "line 1")])
def test_one_that_is_about_something_stands_where_that_is(name, where):
    with pytest.raises(TracerError) as fault, placed("line 1", {"W": "line 3"}):
        raise TracerError("wrong", about=name)
    assert fault.value.where == where


def test_it_is_about_what_said_so_first():
    with pytest.raises(TracerError) as fault, about("outer"), about("inner"):
        raise TracerError("wrong")
    assert fault.value.about == "inner"


def test_one_alone_is_told_as_it_is():
    faults, one = Faults(), TracerError("wrong")
    with faults.kept():
        raise one
    with pytest.raises(TracerError) as fault:
        faults.tell()
    assert fault.value is one


def test_several_have_the_place_of_the_first():
    several = SeveralFaults([TracerError("wrong", "line 1"), TracerError("worse", "line 2")])
    assert several.where == "line 1"
    assert str(several) == "line 1: wrong\nline 2: worse"
