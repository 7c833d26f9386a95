"""Random lessons beside an oracle that shares no code with the tool: `oracle/` holds it.

Each lesson is written as text and worked out. Its values, gradients and updated parameters are
compared with true numbers of sixty digits, and every line on its pages with the line above it. Many
more are judged by hand: python tests/oracle/run.py --lessons 20000
"""

import copy
import functools
import json
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from oracle import judge, lessons, plain, run
from oracle.findings import Tally
from oracle.formulas import Name, Number, apply
from oracle.markdown import markdown
from oracle.pens import EXACT, WAYS, Pen
from oracle.records import Block, Given, Graph, Lesson, Moving

from tracer import ops
from tracer.network import words
from tracer.ops.rows import row
from tracer.record import encode
from tracer.trace.conventions import BIASES

PARTS, LESSONS = 20, 100


@functools.cache
def judged(part: int) -> tuple[dict[int, list[str]], Tally]:
    """What is wrong with the lessons of a part, by their seeds; and what was looked at."""
    wrong, tally = {}, Tally()
    for seed, findings, one in run.run(part * LESSONS, LESSONS, jobs=1):
        tally.add(one)
        if findings:
            wrong[seed] = list(map(str, findings))
    return wrong, tally


@pytest.mark.parametrize("part", range(PARTS))
def test_a_random_lesson_says_what_is_true_and_each_line_follows(part: int):
    wrong, _ = judged(part)
    assert not wrong, "python tests/oracle/run.py --lessons 1 --seed N shows the smallest lesson"


def everything() -> Tally:
    every = Tally()
    for part in range(PARTS):
        every.add(judged(part)[1])
    return every


EXPECTED = {
    "activation": [*ops.ACTIVATIONS, "leaky relu", "elu", "formula"],
    "loss": [
        *ops.LOSSES, "huber", "formula", "softmax cross-entropy", "multiclass hinge",
        *(f"{loss}, fused" for _, loss in ops.FUSED),
    ],
    "function": [*ops.FUNCTIONS, "+", "-", "*", "/", "**", "@", "T", "neg"],
    "number": ["pi", "e"],
    "optimizer": ops.UPDATES,
    "biases": BIASES,
    "view": words.VIEWS,
    "examples": words.SIDES,
    "weights": words.WEIGHTS,
    "over-outputs": words.REDUCTIONS,
    "over-examples": words.OVER_EXAMPLES,
    "l2": words.PENALTIES,
    "mode": ["exact", "display", "carry"],
    "way": WAYS,
    "role": ["parameter", "data", "fixed"],
    "block": ["forward", "backward", "update"],
    "": [
        "significant", "zeros", "factor", "clip", "delta descent", "updates sequential",
        "rate of a formula", "places", "display", "unrounded", "of", "names",
    ],
}  # fmt: skip
"What the tool knows, and so the lessons have to use."


@pytest.mark.parametrize("key", EXPECTED)
def test_the_lessons_use_everything_there_is(key: str):
    used = everything().words
    assert {word for word in EXPECTED[key] if not used[f"{key} {word}".strip()]} == set()


def test_few_lessons_are_refused_and_much_is_compared():
    every = everything()
    assert every.lessons == PARTS * LESSONS
    assert every.refused < every.lessons / 30
    assert every.numbers > 20 * every.lessons
    assert every.lines > 40 * every.lessons
    assert every.notes > every.lessons / 4


def test_what_is_judged_is_what_the_json_says():
    for seed in range(10):
        recording = plain.recorded(markdown(lessons.lesson(seed)))
        made = json.loads(json.dumps(plain.as_plain(recording)))
        assert made == plain.as_read(json.loads(encode(recording)))


# the judge is not blind

Z = apply("+", apply("*", Name("w"), Name("x")), Name("b"))
SQUARES = apply("sum", apply("**", Name("a"), Number("2")))
GRAPH = Graph(
    (
        Given("w", (("0.4",),), single=True),
        Given("b", (("0.25",),), single=True),
        Given("x", (("1.5", "-2.1"),), single=False, role="data"),
    ),
    (("z", Z), ("a", apply("tanh", Name("z"))), ("L", SQUARES)),
    Moving(Number("0.5")),
)  # fmt: skip
BLOCKS = (Block("forward"), Block("backward"), Block("update"))
CARRIED = Lesson(0, GRAPH, BLOCKS, Pen("carry", 3))
SHOWN = replace(CARRIED, pen=Pen("display", 1))
MANY = replace(GRAPH.given[2], rows=(tuple(f"{k}.12345678" for k in range(1, 10)),))
WIDE = replace(CARRIED, source=replace(GRAPH, given=(*GRAPH.given[:2], MANY)))
"Of so many entries one stands in full."


def exported(lesson: Lesson) -> dict[str, Any]:
    return json.loads(json.dumps(plain.as_plain(plain.recorded(markdown(lesson)))))


def kinds(lesson: Lesson, data: dict[str, Any]) -> set[str]:
    """What kinds of findings there are."""
    return {finding.kind for finding in judge.judged(lesson, data)[0]}


def row_of(data: dict[str, Any], name: str) -> dict[str, Any]:
    return data["epochs"][0][name]


def working_of(data: dict[str, Any], name: str, label: str = "") -> dict[str, Any]:
    blocks = [block for page in data["pages"] for block in page["blocks"]]
    return next(one for one in blocks if one.get("name") == name and one.get("label", "") == label)


def other_value(data: dict[str, Any]) -> None:
    row_of(data, "a")["exact"][0][1] += 1e-6


def other_gradient(data: dict[str, Any]) -> None:
    row_of(data, "dL/dw")["exact"] = str(Fraction(row_of(data, "dL/dw")["exact"]) + 1)


def lost_gradient(data: dict[str, Any]) -> None:
    del data["epochs"][0]["dL/db"]


def other_digit_of_a_result(data: dict[str, Any]) -> None:
    working_of(data, "z")["lines"][-1]["cells"][0][0]["text"] = "0.851"


def other_digit_on_the_way(data: dict[str, Any]) -> None:
    lines = working_of(data, "z.1")["lines"]
    wrong = json.dumps(lines[1]).replace('"1.5"', '"1.6"')
    assert wrong != json.dumps(lines[1])
    lines[1] = json.loads(wrong)


def other_operation(data: dict[str, Any]) -> None:
    working_of(data, "a")["lines"][0]["op"] = "sin"


def other_factor_in_an_entry_in_full(data: dict[str, Any]) -> None:
    entry_in_full(data)["args"][0]["args"][0]["text"] = "0.7"


def other_entry_in_full(data: dict[str, Any]) -> None:
    lines = working_of(data, "z.1")["lines"]
    next(line for line in lines if line["is"] == "oneentry")["column"] = 2


def entry_in_full(data: dict[str, Any]) -> dict[str, Any]:
    lines = working_of(data, "z.1")["lines"]
    return next(line["inner"] for line in lines if line["is"] == "oneentry")


def other_digits_shown(data: dict[str, Any]) -> None:
    row_of(data, "L")["digits"] += "1"


def notes_taken_away(data: dict[str, Any]) -> None:
    for page in data["pages"]:
        page["blocks"] = [one for one in page["blocks"] if one.get("kind") != "Rounding"]


def note_that_is_not_true(data: dict[str, Any]) -> None:
    text = "L is 5; the numbers of its line, rounded as they are shown, give 6."
    [page] = [page for page in data["pages"] if page["title"].startswith("Forward 3")]
    page["blocks"].append({"is": "note", "kind": "Rounding", "text": text})


@pytest.mark.parametrize("lesson", [CARRIED, SHOWN, WIDE, replace(CARRIED, pen=EXACT)])
def test_nothing_is_found_in_a_lesson_that_is_right(lesson: Lesson):
    assert kinds(lesson, exported(lesson)) == set()


@pytest.mark.parametrize(
    ("lesson", "damage", "found"),
    [
        (CARRIED, other_value, "exact"),
        (CARRIED, other_gradient, "exact"),
        (CARRIED, lost_gradient, "missing"),
        (CARRIED, other_digit_of_a_result, "line"),
        (CARRIED, other_digit_on_the_way, "line"),
        (CARRIED, other_operation, "line"),
        (WIDE, other_factor_in_an_entry_in_full, "line"),
        (WIDE, other_entry_in_full, "line"),
        (SHOWN, other_digits_shown, "digits"),
        (SHOWN, notes_taken_away, "note"),
        (SHOWN, note_that_is_not_true, "note"),
    ],
    ids=lambda case: getattr(case, "__name__", ""),
)
def test_what_is_damaged_is_found(lesson: Lesson, damage: Callable[[Any], None], found: str):
    data = copy.deepcopy(exported(lesson))
    damage(data)
    assert found in kinds(lesson, data)


@pytest.mark.parametrize(
    ("lesson", "pen", "found"),
    [
        (CARRIED, Pen("carry", 2), "line"),
        (CARRIED, Pen("carry", 3, way="truncate"), "line"),
        (SHOWN, Pen("display", 2), "digits"),
        (SHOWN, Pen("display", 1, significant=True), "digits"),
        (SHOWN, Pen("display", 1, zeros=True), "form"),
        (SHOWN, Pen("display", 1, way="up"), "digits"),
    ],
)
def test_what_another_pen_wrote_is_found(lesson: Lesson, pen: Pen, found: str):
    assert found in kinds(replace(lesson, pen=pen), exported(lesson))


def test_a_wrong_slope_in_the_tool_is_found_and_told_in_its_smallest_lesson(monkeypatch):
    wrong = row("tanh", lambda m, z: m.tanh(z), lambda m, a, z: 1 - a)
    monkeypatch.setitem(ops.FUNCTIONS, "tanh", wrong)
    longer = replace(CARRIED, pen=Pen("display", 4))
    findings, _ = run.judged(longer)
    assert {finding.kind for finding in findings} >= {"exact"}
    least = run.smallest(longer, "exact")
    assert "tanh" in markdown(least)
    assert [block.kind for block in least.blocks] == ["forward", "backward"]


def test_a_refusal_is_found_where_there_is_a_truth():
    fault = "made.md:9: L is not a number, expected a finite number"
    assert judge.refused(replace(CARRIED, pen=EXACT), fault)
    divided = (
        *GRAPH.equations[:1],
        ("L", apply("sum", apply("/", Number("1"), apply("-", Name("z"), Name("z"))))),
    )
    nowhere = replace(CARRIED, source=replace(GRAPH, equations=divided), pen=EXACT)
    assert not judge.refused(nowhere, fault)


def test_the_program_says_what_it_compared_and_what_differs(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["run.py", "--lessons", "3", "--seed", "5"])
    assert run.main() == 0
    said = capsys.readouterr().out
    assert re.search(
        r"^3 lessons, \d of them refused; [\d,]+ numbers, [\d,]+ lines and", said, re.M
    )
    monkeypatch.setattr(
        judge, "judged", lambda lesson, data: ([run.Finding("line", "no")], Tally())
    )
    assert run.main() == 1
    assert "seed 5: line: no" in capsys.readouterr().out
