"""Every figure of the article has its lesson, and every number it printed is asserted there.

The lessons are read as they are written, line by line; whether their numbers hold is what `tracer
check` says, and another test.
"""

import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from tracer.lesson.directive import Directive, Lesson, Line, Passage
from tracer.lesson.home import course, load
from tracer.numbers.typed import parse_rows

PUBLISHED = tomllib.loads(
    Path(__file__).with_name("nothing-but-numpy.toml").read_text(encoding="utf-8"),
    parse_float=Decimal,
)
LETTERS = {17: "abc", 23: "abc", 44: "abc", 57: "abc", 79: "ab", 81: "abcde"}

# each figure of the article, and the lessons that have it, or why none has
FIGURES = {
    "1-6": "or-one-example",
    "7": "sigmoid, or-one-example",
    "8-10": "or-one-example",
    "11-16": "or-one-example, loss-and-cost",
    "17a-c": "or-one-example",
    "18": "or-one-example, sigmoid",
    "19-26": "or-bias",
    "27-29": "learning-rate, or-bias",
    "30, 31": "learning-rate",
    "32-38": "loss-and-cost",
    "39": "batch-slow-and-fast",
    "40, 41": "batch-slow-and-fast, or-batch",
    "42-49": "or-batch",
    "50": "loss-and-cost, batch-slow-and-fast, shared-parameters",
    "51-53": "computational-graph",
    "54-61": "shared-parameters",
    "62-76": "xor-feature-cross",
    "77-85": "xor-hidden-layer",
    "86": "why-activations",
    "87-92": "none: listings of code, of which modular-layers has a version in our own words",
    "93": "modular-layers",
}

# figures that compute or draw something: lesson, block, and what is set there
WORKED_OUT = {
    "7": "sigmoid, curve",
    "9": "or-one-example, points, data: OR",
    "10, 14": "or-one-example, forward",
    "11": "loss-and-cost, curve",
    "16": "loss-and-cost, derive, of: squared-error",
    "17a-c": "or-one-example, backward",
    "18": "sigmoid, derive, of: sigmoid",
    "20": "or-bias, points, data: OR",
    "22, 25, 26": "or-bias, forward",
    "23a-c": "or-bias, backward",
    "24": "or-bias, update",
    "30, 31": "learning-rate, train, plot: steps w1",
    "35-37": "loss-and-cost, derive, of: cost",
    "38": "loss-and-cost, backward",
    "40, 41": "batch-slow-and-fast, forward",
    "42, 43, 46, 47": "or-batch, forward",
    "44a-c": "or-batch, backward",
    "45": "or-batch, update",
    "48, 49": "or-batch, train, plot: cost, boundary, shaded",
    "51": "computational-graph, forward",
    "52, 53": "computational-graph, backward",
    "54, 58": "shared-parameters, forward",
    "55, 56": "shared-parameters, paths, to: b",
    "56": "shared-parameters, derive, of: bias",
    "57-61": "shared-parameters, derive, of: linear",
    "59, 60": "shared-parameters, paths, to: w1",
    "61": "shared-parameters, shapes, target: dCost/dW",
    "62, 63, 67": "xor-feature-cross, points, data: XOR",
    "64-66": "xor-feature-cross, points",
    "63": "xor-feature-cross, derive, of: xor-line",
    "71": "xor-feature-cross, forward",
    "72": "xor-feature-cross, backward",
    "73": "xor-feature-cross, update",
    "74, 75": "xor-feature-cross, train, plot: cost, boundary, shaded",
    "76": "xor-feature-cross, derive, of: feature-cross",
    "79a-b, 80": "xor-hidden-layer, forward",
    "81a-e, 83": "xor-hidden-layer, backward",
    "82": "xor-hidden-layer, update",
    "84, 85": "xor-hidden-layer, train, plot: cost, boundary, shaded",
    "86": "why-activations, derive, of: collapse",
    "93": "modular-layers, train, plot: cost, boundary, shaded",
}


def expanded(listed: str) -> list[str]:
    """Every single figure of a list such as `16, 17a-c` or `43-45`.

    A number without a letter stands for all its parts.
    """
    found = []
    for first, letter, last, to in re.findall(r"(\d+)([a-e]?)(?:-(\d*)([a-e]?))?", listed):
        for number in range(int(first), int(last or first) + 1):
            parts = LETTERS.get(number, "")
            start = letter if letter else parts[:1]
            end = to or (letter if letter and not last else parts[-1:])
            found += [f"{number}{part}" for part in parts if start <= part <= end] or [str(number)]
    return found


@pytest.mark.parametrize(
    ("listed", "single"),
    [
        ("16", ["16"]),
        ("16, 17a-c", ["16", "17a", "17b", "17c"]),
        ("22, 23", ["22", "23a", "23b", "23c"]),
        ("43-45", ["43", "44a", "44b", "44c", "45"]),
        ("79a, 79b, 80", ["79a", "79b", "80"]),
        ("81d-e", ["81d", "81e"]),
        ("17b", ["17b"]),
    ],
)
def test_how_figures_are_listed(listed, single):
    assert expanded(listed) == single


LISTED = r"\d+[a-e]?(?:-\d*[a-e]?)?"


def named(text: str) -> set[str]:
    """The figures that a text names: `Fig 7`, `Figs 55, 56`, `Figs 71 and 72`."""
    lists = re.findall(rf"Figs? ({LISTED}(?:(?:, | and ){LISTED})*)", text)
    return {figure for listed in lists for figure in expanded(listed)}


def blocks(lesson: str) -> list[Directive]:
    return [item for item in load(lesson).items if isinstance(item, Directive)]


def words(lesson: Lesson) -> str:
    """All that a lesson says: its source, where its blocks come from, its prose and remarks."""
    said = [lesson.source]
    for item in lesson.items:
        if isinstance(item, Passage):
            said.append(item.text)
        else:
            said += [item.settings.get("at", ""), *item.remarks]
            said += [line.remark for line in item.lines]
    return "\n".join(said)


# the map of the figures


def test_the_map_has_every_figure_once():
    article = [figure for number in range(1, 94) for figure in expanded(str(number))]
    assert [figure for listed in FIGURES for figure in expanded(listed)] == article


HAVE_IT = [
    (listed, lesson)
    for listed, lessons in FIGURES.items()
    if not lessons.startswith("none: ")
    for lesson in lessons.split(", ")
]


@pytest.mark.parametrize("lesson", sorted({lesson for _, lesson in HAVE_IT}))
def test_a_lesson_of_the_map_is_there(lesson):
    assert lesson in [each.name for each in course()]


@pytest.mark.parametrize(("listed", "lesson"), HAVE_IT)
def test_a_lesson_names_the_figures_it_has(listed, lesson):
    assert set(expanded(listed)) - named(words(load(lesson))) == set()


def test_no_lesson_names_a_figure_that_the_map_gives_to_others():
    """Apart from figures that it only mentions, in its prose."""
    belongs = {(figure, lesson) for listed, lesson in HAVE_IT for figure in expanded(listed)}
    strays = {
        (figure, lesson.name) for lesson in course() for figure in named(lesson.source)
    } - belongs
    assert strays == set()


def test_a_figure_that_a_lesson_does_not_name_would_be_noticed():
    assert "86" not in named(words(load("computational-graph")))
    assert "81e" not in named("Figs 81a-d")


def block_of(figure: str, place: str) -> list[Directive]:
    """The blocks of a lesson, of one kind and with some settings, that name a figure."""
    lesson, kind, *wanted = place.split(", ", 2)
    key, _, value = wanted[0].partition(": ") if wanted else ("", "", "")
    return [
        block
        for block in blocks(lesson)
        if block.kind == kind
        and figure in named(block.settings.get("at", ""))
        and (not key or set(value.split(", ")) <= set(block.settings.get(key, "").split(", ")))
    ]


@pytest.mark.parametrize(("listed", "place"), WORKED_OUT.items())
def test_a_figure_that_computes_or_draws_is_worked_out_where_the_map_says(listed, place):
    assert [figure for figure in expanded(listed) if not block_of(figure, place)] == []


@pytest.mark.parametrize(
    ("figure", "place"),
    [
        ("7", "sigmoid, derive"),
        ("18", "sigmoid, derive, of: tanh"),
        ("49", "or-batch, train, plot: cost, steps b"),
        ("50", "or-batch, train"),
    ],
)
def test_another_block_or_another_setting_would_be_noticed(figure, place):
    assert block_of(figure, place) == []


# the numbers


# group of published values, and the lesson that asserts it
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
BY_GROUP = {figure["id"].split(":")[0]: figure for figure in PUBLISHED["figure"]}
BY_LOG = {log["id"]: log for log in PUBLISHED["log"]}
VALUES = [
    pytest.param(group, key, id=f"{group}, {key}")
    for group in GROUPS
    for key in BY_GROUP[group]["values"]
]


def ours(key: str) -> tuple[str, str]:
    """A published name as a lesson has it: the kind of block, and the name there."""
    if key.endswith("_after_5000"):
        return "train", key.removesuffix("_after_5000")
    name = key.removeprefix("new_").replace("_through_", " through ")
    name = re.sub(r"^d(\w+?)_d", r"d\1/d", name)
    name = re.sub(r"([WZAb])(\d)", r"\1[\2]", name)
    kind = "update" if key.startswith("new_") else "backward" if "/" in name else "forward"
    return kind, {"sum_of_squares": "Cost.sum"}.get(name, name)


@pytest.mark.parametrize(
    ("key", "kind", "name"),
    [
        ("z", "forward", "z"),
        ("Yhat", "forward", "Yhat"),
        ("A1", "forward", "A[1]"),
        ("sum_of_squares", "forward", "Cost.sum"),
        ("dL_dw1", "backward", "dL/dw1"),
        ("dCost_dW2", "backward", "dCost/dW[2]"),
        ("dA1_dZ1", "backward", "dA[1]/dZ[1]"),
        ("de_db_through_c", "backward", "de/db through c"),
        ("new_b", "update", "b"),
        ("new_W1", "update", "W[1]"),
        ("Cost_after_5000", "train", "Cost"),
    ],
)
def test_how_published_names_are_written_in_a_lesson(key, kind, name):
    assert ours(key) == (kind, name)


def rows_of(value) -> list[list[Decimal]]:
    """A published value as rows of decimal numbers."""
    rows = value if isinstance(value, list) else [[value]]
    return [[Decimal(number) for number in row] for row in rows]


def printed(line: Line) -> list[list[Decimal]]:
    """What a line of a lesson says was printed."""
    return [[Decimal(digits) for digits in row] for row in parse_rows(line.text)]


def lines_about(group: str, key: str) -> list[tuple[Directive, Line]]:
    """The printed numbers of a quantity, in the blocks that name the group's figures."""
    kind, name = ours(key)
    return [
        (block, line)
        for block in blocks(GROUPS[group])
        if block.kind == kind and named(block.settings.get("at", "")) & named(group)
        for line in block.lines
        if line.name == name and not line.dictated
    ]


def test_every_group_of_published_values_has_its_lesson():
    assert set(GROUPS) == {group for group, figure in BY_GROUP.items() if "values" in figure}


@pytest.mark.parametrize(("group", "key"), VALUES)
def test_a_published_value_is_asserted_under_its_figure(group, key):
    lines = [line for _, line in lines_about(group, key) if not line.misprint]
    assert rows_of(BY_GROUP[group]["values"][key]) in [printed(line) for line in lines]


@pytest.mark.parametrize(("group", "key"), VALUES)
def test_it_is_asserted_in_the_mode_in_which_the_author_rounded(group, key):
    mode, lesson = BY_GROUP[group]["mode"], load(GROUPS[group])
    value = rows_of(BY_GROUP[group]["values"][key])
    for block, line in lines_about(group, key):
        if block.kind != "train" and printed(line) == value:
            shown = line.name in block.settings.get("display", "").split(", ")
            pen = block.pen or lesson.pen
            assert ("display" if shown else pen.mode) == ("display" if shown else mode)
            assert mode == "exact" or pen.places == 3


@pytest.mark.parametrize(
    ("group", "key", "value"),
    [
        ("Figs 44a-c", "dCost_dW", "[[-0.048, -0.039]]"),
        ("Figs 44a-c", "dCost_dW", "[[-0.038, -0.048]]"),
        ("text after Fig 47", "dCost_dW", "[[-0.048, -0.038]]"),
        ("Figs 48, 49", "Cost_after_5000", "0.0009"),
    ],
)
def test_another_number_or_that_of_another_figure_would_be_noticed(group, key, value):
    numbers = tomllib.loads(f"value = {value}", parse_float=Decimal)["value"]
    assert rows_of(numbers) not in [printed(line) for _, line in lines_about(group, key)]


def test_there_are_220_values_the_misprinted_loss_among_them():
    counted = [
        number
        for figure in BY_GROUP.values()
        for value in figure.get("values", {}).values()
        for row in rows_of(value)
        for number in row
    ]
    (loss,) = {line.name for block in blocks("or-bias") for line in block.lines if line.misprint}
    assert (len(counted), loss) == (219, "L")


# the logs


def test_every_log_has_its_lesson_and_there_are_27_costs():
    assert set(LOGS) == set(BY_LOG)
    assert sum(len(log["cost"]) for log in BY_LOG.values()) == 27


def trainings(lesson: str) -> list[dict[str, list[list[Decimal]]]]:
    """For each training of a lesson, what was printed about it."""
    return [
        {line.name: printed(line) for line in block.lines if not line.misprint}
        for block in blocks(lesson)
        if block.kind == "train"
    ]


@pytest.mark.parametrize("log", LOGS)
def test_one_training_has_all_costs_of_a_log_with_all_their_digits(log):
    wanted = {f"Cost@{epoch}": rows_of(cost) for epoch, cost in BY_LOG[log]["cost"].items()}
    missing = [
        {name: value for name, value in wanted.items() if about.get(name) != value}
        for about in trainings(LOGS[log])
    ]
    assert {} in missing, min(missing, key=len)


@pytest.mark.parametrize("log", LOGS)
def test_it_has_the_predictions_and_the_accuracy_too(log):
    expected = BY_LOG["two-layer XOR"]
    (about,) = [each for each in trainings(LOGS[log]) if "Cost@4900" in each]
    assert about["predictions"] == rows_of(expected["predictions"])
    assert about["accuracy"] == rows_of(expected["accuracy"])


@pytest.mark.parametrize(("log", "start"), [("two-layer XOR", "xavier, seed 48"),
                                            ("three-layer XOR", "xavier, seed 48"),
                                            ("feature-cross XOR", "plain, seed 48")])  # fmt: skip
def test_its_network_starts_from_the_published_seed(log, start):
    before = None
    for block in blocks(LOGS[log]):
        before = block if block.kind == "network" else before
        if block.kind == "train" and any(line.name == "Cost@4900" for line in block.lines):
            assert before.settings["init"] == start


# misprints and slips


# group, and what its lesson says of the misprint or slip
SLIPS = {
    "Figs 16, 17a-c": "1 - .05",
    "Figs 25, 26": "0.10998005",
    "Figs 44a-c": "-0.031",
    "Figs 45, 46, 47": "0.099",
    "Figs 79a, 79b, 80": "0.4 0.7",
}


def test_every_misprint_and_slip_that_is_known_is_here():
    assert set(SLIPS) == {g for g, f in BY_GROUP.items() if {"misprint", "slip"} & set(f)}


@pytest.mark.parametrize(("group", "said"), SLIPS.items())
def test_a_lesson_tells_of_a_misprint_in_its_figures(group, said):
    text = " ".join(words(load(GROUPS[group])).split())
    assert said in text
    assert said.replace(" ", "") in BY_GROUP[group]["misprint"].replace(" ", "")


def test_the_misprinted_loss_is_declared_with_both_numbers_that_were_printed():
    declared = {
        line.text: named(block.settings["at"])
        for block in blocks("or-bias")
        for line in block.lines
        if line.misprint
    }
    assert declared == {"0.109": {"25", "26"}, "0.10998005": {"25", "26"}}
    assert all(number in BY_GROUP["Figs 25, 26"]["misprint"] for number in declared)


def test_the_slip_is_dictated_where_it_was_made_and_nowhere_else():
    dictated = [
        (lesson.name, line.name, line.text, named(item.settings["at"]))
        for lesson in course()
        if "Nothing but NumPy" in lesson.source
        for item in lesson.items
        if isinstance(item, Directive)
        for line in item.lines
        if line.dictated
    ]
    assert dictated == [("xor-hidden-layer", "A[1][2,2]", "0.6", {"79a", "79b", "80"})]


def test_no_other_number_of_the_course_is_declared_a_misprint():
    declared = {
        (lesson.name, line.name)
        for lesson in course()
        if "Nothing but NumPy" in lesson.source
        for item in lesson.items
        if isinstance(item, Directive)
        for line in item.lines
        if line.misprint
    }
    assert declared == {("or-bias", "L")}
