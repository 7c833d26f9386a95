"""Every figure of the article has its lesson, and every number it printed is asserted there."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from tracer.lesson import ASSERTING, Block, load, parse_rows, walkthroughs

PUBLISHED = tomllib.loads(
    Path(__file__).with_name("nothing-but-numpy.toml").read_text(encoding="utf-8")
)

# first and last figure, and the lesson that has them
FIGURES = [
    (1, 6, "or-one-example"),
    (7, 7, "sigmoid"),
    (8, 10, "or-one-example"),
    (11, 16, "loss-and-cost"),
    (17, 17, "or-one-example"),
    (18, 18, "sigmoid"),
    (19, 26, "or-bias"),
    (27, 31, "learning-rate"),
    (32, 38, "loss-and-cost"),
    (39, 39, "batch-slow-and-fast"),
    (40, 49, "or-batch"),
    (50, 50, "loss-and-cost"),
    (51, 53, "computational-graph"),
    (54, 61, "shared-parameters"),
    (62, 76, "xor-feature-cross"),
    (77, 85, "xor-hidden-layer"),
    (86, 86, "why-activations"),
    (93, 93, "modular-layers"),
]
WITHOUT_A_LESSON = dict.fromkeys(
    range(87, 93), "a listing; modular-layers has the code in our own words"
)

# the groups of published values, and the lesson that asserts them
GROUPS = {
    "Figs 10, 14": "or-one-example",
    "Figs 16, 17a-c": "or-one-example",
    "Figs 22, 23a-c, 24": "or-bias",
    "Figs 25, 26": "or-bias",
    "Figs 42, 43": "or-batch",
    "Figs 44a-c": "or-batch",
    "Figs 45, 46, 47": "or-batch",
    "text after Fig 47": "or-batch",
    "Figs 48, 49": "or-batch",
    "Figs 51-53": "computational-graph",
    "Figs 71, 72, 73": "xor-feature-cross",
    "Figs 79a, 79b, 80": "xor-hidden-layer",
    "Figs 81a-c": "xor-hidden-layer",
    "Figs 81d-e": "xor-hidden-layer",
    "Fig 82": "xor-hidden-layer",
    "Fig 83": "xor-hidden-layer",
    "Figs 84, 85": "xor-hidden-layer",
}
LOGS = {
    "two-layer XOR": "modular-layers",
    "three-layer XOR": "three-layers",
    "feature-cross XOR": "xor-feature-cross",
}


def named_in(lesson: str) -> set[int]:
    """The figures that a lesson's file names, ranges written out."""
    text = (walkthroughs() / f"{lesson}.md").read_text(encoding="utf-8")
    found: set[int] = set()
    for listed in re.findall(r"Figs? ((?:\d+[a-e]?(?:-\d*[a-e]?)?(?:, | and )?)+)", text):
        for first, last in re.findall(r"(\d+)[a-e]?(?:-(\d+))?", listed):
            found |= set(range(int(first), int(last or first) + 1))
    return found


def test_the_map_is_complete():
    mapped = [n for first, last, _ in FIGURES for n in range(first, last + 1)]
    assert sorted([*mapped, *WITHOUT_A_LESSON]) == list(range(1, 94))


@pytest.mark.parametrize(("first", "last", "lesson"), FIGURES)
def test_a_lesson_names_the_figures_it_has(first, last, lesson):
    assert set(range(first, last + 1)) <= named_in(lesson)


def test_a_figure_that_is_not_named_would_be_noticed():
    assert 86 not in named_in("computational-graph")


def ours(name: str) -> str:
    """A published name as a lesson writes it: dCost_dW2 is dCost/dW[2]."""
    if name == "sum_of_squares":
        return "Cost.sum"
    name = name.removeprefix("new_").removesuffix("_after_5000").replace("_through_", " through ")
    name = re.sub(r"^d(\w+?)_d", r"d\1/d", name)
    return re.sub(r"([WZAb])(\d)", r"\1[\2]", name)


def decimals(value: object) -> list[list[Decimal]]:
    rows = value if isinstance(value, list) else [[value]]
    return [[Decimal(repr(number)).normalize() for number in row] for row in rows]


def asserted(lesson: str) -> list[tuple[str, str, list[list[Decimal]]]]:
    """Block, name and numbers of every printed line of a lesson, misprints and slips excepted."""
    found = []
    for item in load(lesson).items:
        asserting = isinstance(item, Block) and item.kind in ASSERTING
        for line in item.lines if asserting else ():
            if not line.dictated and line.misprint is None:
                rows, _ = parse_rows(line.text)
                numbers = [[Decimal(number).normalize() for number in row] for row in rows]
                found.append((item.kind, line.name, numbers))
    return found


VALUES = [
    (GROUPS[figure["id"].split(":")[0]], name, value)
    for figure in PUBLISHED["figure"]
    for name, value in figure.get("values", {}).items()
]


@pytest.mark.parametrize(("lesson", "name", "value"), VALUES)
def test_a_published_value_is_asserted_in_its_lesson(lesson, name, value):
    wanted = decimals(value)
    found = [
        (kind, numbers)
        for kind, line, numbers in asserted(lesson)
        if line == ours(name) and (kind == "update") == name.startswith("new_")
    ]
    assert wanted in [numbers for _, numbers in found]


def test_there_are_220_values_the_misprinted_loss_among_them():
    assert sum(len(row) for _, _, value in VALUES for row in decimals(value)) + 1 == 220


@pytest.mark.parametrize("log", PUBLISHED["log"], ids=lambda log: log["id"])
def test_every_cost_of_a_log_is_asserted(log):
    found = {line: numbers for _, line, numbers in asserted(LOGS[log["id"]])}
    for epoch, cost in log["cost"].items():
        assert found[f"Cost@{epoch}"] == decimals(cost)


def test_there_are_27_costs():
    assert sum(len(log["cost"]) for log in PUBLISHED["log"]) == 27


def test_the_misprints_of_the_loss_are_declared():
    lines = [
        line for item in load("or-bias").items if isinstance(item, Block) for line in item.lines
    ]
    assert {line.text for line in lines if line.misprint} == {"0.109", "0.10998005"}


def test_another_number_would_be_noticed():
    assert decimals([[0.031, -0.020, -0.030, -0.019]]) not in [
        n for _, _, n in asserted("or-batch")
    ]
