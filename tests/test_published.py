"""What the article printed, number by number: which lesson asserts it, where, and in which mode."""

import contextlib
import functools
import io
import re
import tomllib
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from tracer.cli import main
from tracer.lesson.directive import Directive
from tracer.lesson.home import load
from tracer.numbers.typed import parse_rows

PUBLISHED = tomllib.loads(
    (Path(__file__).parent / "nothing-but-numpy.toml").read_text(encoding="utf-8"),
    parse_float=Decimal,
)
FIGURES = {figure["id"]: figure for figure in PUBLISHED["figure"]}

# figure, mode in the lesson, and for each published value: lesson, block, quantity
WHERE = {
    "Figs 10, 14: forward, no bias": (
        "exact",
        {
            "z": "or-one-example, forward 1: z",
            "yhat": "or-one-example, forward 1: yhat",
            "L": "or-one-example, forward 1: L",
        },
    ),
    "Figs 16, 17a-c: backward, no bias": (
        "exact",
        {
            "dL_dyhat": "or-one-example, backward 1: dL/dyhat",
            "dyhat_dz": "or-one-example, backward 1: dyhat/dz",
            "dL_dz": "or-one-example, backward 1: dL/dz",
            "dz_dw1": "or-one-example, backward 1: dz/dw1",
            "dz_dw2": "or-one-example, backward 1: dz/dw2",
            "dL_dw1": "or-one-example, backward 1: dL/dw1",
            "dL_dw2": "or-one-example, backward 1: dL/dw2",
        },
    ),
    "Figs 22, 23a-c, 24: with bias b=0, alpha=1": (
        "exact",
        {
            "z": "or-bias, forward 1: z",
            "yhat": "or-bias, forward 1: yhat",
            "L": "or-bias, forward 1: L",
            "dL_dyhat": "or-bias, backward 1: dL/dyhat",
            "dyhat_dz": "or-bias, backward 1: dyhat/dz",
            "dL_dz": "or-bias, backward 1: dL/dz",
            "dL_dw1": "or-bias, backward 1: dL/dw1",
            "dL_dw2": "or-bias, backward 1: dL/dw2",
            "dz_db": "or-bias, backward 1: dz/db",
            "dL_db": "or-bias, backward 1: dL/db",
            "new_b": "or-bias, update 1: b",
        },
    ),
    "Figs 25, 26: forward with the new bias": (
        "carry",
        {"z": "or-bias, forward 2: z", "yhat": "or-bias, forward 2: yhat"},
    ),
    "Figs 42, 43: forward and cost": (
        "carry",
        {
            "Z": "or-batch, forward 1: Z",
            "Yhat": "or-batch, forward 1: Yhat",
            "sum_of_squares": "or-batch, forward 1: Cost.sum",
            "Cost": "or-batch, forward 1: Cost",
        },
    ),
    "Figs 44a-c: backward": (
        "carry",
        {
            "dCost_dYhat": "or-batch, backward 1: dCost/dYhat",
            "dYhat_dZ": "or-batch, backward 1: dYhat/dZ",
            "dCost_dZ": "or-batch, backward 1: dCost/dZ",
            "dCost_dW": "or-batch, backward 1: dCost/dW",
            "dCost_db": "or-batch, backward 1: dCost/db",
        },
    ),
    "Figs 45, 46, 47: update and second forward": (
        "carry",
        {
            "new_W": "or-batch, update 1: W",
            "new_b": "or-batch, update 1: b",
            "Z": "or-batch, forward 2: Z",
            "Yhat": "or-batch, forward 2: Yhat",
            "sum_of_squares": "or-batch, forward 2: Cost.sum",
            "Cost": "or-batch, forward 2: Cost",
        },
    ),
    "text after Fig 47: gradients of the second iteration": (
        "display",
        {
            "dCost_dW": "or-batch, backward 2: dCost/dW",
            "dCost_db": "or-batch, backward 2: dCost/db",
        },
    ),
    "Figs 51-53: c = a*b, d = b+1, e = c*d with a=2, b=5": (
        "exact",
        {
            "c": "computational-graph, forward 1: c",
            "d": "computational-graph, forward 1: d",
            "e": "computational-graph, forward 1: e",
            "de_dc": "computational-graph, backward 1: de/dc",
            "de_dd": "computational-graph, backward 1: de/dd",
            "de_db_through_c": "computational-graph, backward 1: de/db through c",
            "de_db_through_d": "computational-graph, backward 1: de/db through d",
            "de_db": "computational-graph, backward 1: de/db",
        },
    ),
}
VALUES = [
    pytest.param(figure, key, place, id=f"{figure.split(':')[0]}, {key}")
    for figure, (_, places) in WHERE.items()
    for key, place in places.items()
]


def numbers(value) -> list[Decimal]:
    """A published value, row by row."""
    if isinstance(value, list):
        return [number for part in value for number in numbers(part)]
    return [Decimal(value)]


def taken_apart(place: str) -> tuple[str, str, int, str]:
    """`or-bias, forward 2: z` is the second forward block of or-bias."""
    block, name = place.split(": ")
    lesson, (kind, number) = block.split(", ")[0], block.split(", ")[1].split(" ")
    return lesson, kind, int(number), name


def block_of(lesson: str, kind: str, number: int) -> Directive:
    blocks = [
        item for item in load(lesson).items if isinstance(item, Directive) and item.kind == kind
    ]
    return blocks[number - 1]


def printed(lesson: str, kind: str, number: int, name: str) -> list[list[Decimal]]:
    """What a lesson says was printed: one list for each line that is about this quantity."""
    lines = [line for line in block_of(lesson, kind, number).lines if line.name == name]
    assert not any(line.dictated for line in lines)
    return [[Decimal(x) for row in parse_rows(line.text) for x in row] for line in lines]


@pytest.mark.parametrize(("figure", "key", "place"), VALUES)
def test_a_published_value_is_asserted_in_its_lesson(figure, key, place):
    assert printed(*taken_apart(place)) == [numbers(FIGURES[figure]["values"][key])]


@pytest.mark.parametrize(
    ("figure", "mode"), [(figure, mode) for figure, (mode, _) in WHERE.items()]
)
def test_it_is_asserted_in_the_mode_that_the_author_used(figure, mode):
    assert FIGURES[figure]["mode"] == mode
    for lesson, kind, number, _ in map(taken_apart, WHERE[figure][1].values()):
        pen = block_of(lesson, kind, number).pen or load(lesson).pen
        assert pen.mode == mode
        assert mode == "exact" or pen.places == 3


def test_no_published_value_of_these_figures_is_left_out():
    for figure, (_, places) in WHERE.items():
        assert set(places) == set(FIGURES[figure]["values"])


def test_they_are_72_values_and_the_misprinted_loss_makes_73():
    values = [
        number
        for figure, (_, places) in WHERE.items()
        for key in places
        for number in numbers(FIGURES[figure]["values"][key])
    ]
    assert len(values) == 72
    misprint = FIGURES["Figs 25, 26: forward with the new bias"]["misprint"]
    asserted = [line for line in block_of("or-bias", "forward", 2).lines if line.name == "L"]
    assert [line.text for line in asserted] == ["0.109", "0.10998005"]
    assert all(line.misprint and line.text in misprint for line in asserted)


def in_3_decimals(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.001"), ROUND_HALF_UP)


def test_the_sum_in_fig_43_follows_whether_its_squares_are_written_down_or_not():
    """It prints the differences and their sum of squares; what stands between is not printed."""
    figure = FIGURES["Figs 42, 43: forward and cost"]
    differences = [1 - yhat for yhat in numbers(figure["values"]["Yhat"])]  # labels 0 1 1 1, and
    squares = [difference**2 for difference in differences]  # the first is 0.5 from 0 and from 1
    written = [in_3_decimals(square) for square in squares]
    published = figure["values"]["sum_of_squares"]
    assert in_3_decimals(sum(squares)) == sum(written) == published
    assert {str(sum(squares)), *map(str, written), str(published)} <= set(
        re.findall(r"0\.\d+", figure["note"])
    )
    assert printed("or-batch", "forward", 1, "Cost.squares") == [written]
    (line,) = [x for x in block_of("or-batch", "forward", 1).lines if x.name == "Cost.squares"]
    assert line.remark.startswith("not printed, ")


@functools.cache
def lines_of_check(lesson: str) -> list[str]:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert main(["check", "-v", lesson]) == 0
    return out.getvalue().splitlines()


@pytest.mark.parametrize(("figure", "key", "place"), VALUES)
def test_the_tool_writes_what_was_published(figure, key, place):
    """In the words of `check -v`: `... :36: Cost printed 0.089, written 0.089`."""
    lesson, kind, number, name = taken_apart(place)
    line = next(x.line for x in block_of(lesson, kind, number).lines if x.name == name)
    said = [each for each in lines_of_check(lesson) if f"{lesson}.md:{line}: " in each]
    written = [Decimal(each.split("written ")[1].split(" ")[0]) for each in said]
    assert written == numbers(FIGURES[figure]["values"][key])


@pytest.mark.parametrize(
    ("place", "published"),
    [
        ("or-batch, backward 1: dCost/dW", [["-0.048", "-0.039"]]),
        ("or-batch, backward 1: dCost/dW", [["-0.038", "-0.048"]]),
        ("or-batch, backward 2: dCost/dW", [["-0.048", "-0.038"]]),
        ("or-batch, backward 1: dCost/dX", [["-0.048", "-0.038"]]),
        ("or-bias, forward 1: yhat", "0.469"),
    ],
)
def test_another_number_or_another_place_would_be_noticed(place, published):
    assert printed(*taken_apart(place)) != [numbers(published)]
