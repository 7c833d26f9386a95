"""The tables of experiments in the lessons, made anew: whole where that is quick, else some cells.

What is expected stands in the lessons; what is made comes from `benchmarks/experiments.py`.
"""

import importlib.util
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from tracer.lesson.home import walkthroughs
from tracer.network import drawn, gate, net
from tracer.training.run import train

ROOT = Path(__file__).parent.parent


def program():
    """The benchmark as a module."""
    spec = importlib.util.spec_from_file_location(
        "experiments", ROOT / "benchmarks" / "experiments.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules["experiments"] = module
    spec.loader.exec_module(module)
    return module


experiments = program()


def text_of(lesson: str) -> str:
    return (walkthroughs() / f"{lesson}.md").read_text(encoding="utf-8")


def tables_of(lesson: str) -> list[str]:
    """The tables of a lesson as they are typed."""
    return [found.rstrip("\n") for found in re.findall(r"(?:^\|.*\n)+", text_of(lesson), re.M)]


def cells(lesson: str, corner: str, *columns: str) -> dict[str, dict[str, str]]:
    """The cells of the table with these words in its head, by row and by column."""
    for table in tables_of(lesson):
        head, _, *rows = (
            [cell.strip() for cell in row.strip("|").split("|")] for row in table.split("\n")
        )
        if head[0] == corner and set(columns) <= set(head):
            return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}
    raise AssertionError(f"{lesson} has no table {corner!r} with {columns}")


# tables that are quick to make


@pytest.mark.parametrize(
    ("lesson", "name"),
    [
        ("batch-slow-and-fast", "updates"),
        ("xor-hidden-layer", "hidden-activations"),
        ("feature-engineering-or-depth", "side-by-side"),
        ("why-random-weights", "variances"),
        ("three-layers", "one-more-layer"),
    ],
)
def test_a_table_stands_in_its_lesson_as_the_program_prints_it(lesson, name, capsys):
    experiments.main([name])
    assert capsys.readouterr().out.rstrip("\n") in tables_of(lesson)


# cells of the others


XOR_SOLVED = {
    ("xor-hidden-layer", "hidden neurons", "solved, of 100"): [
        ("2", "2 sigmoid", "xavier"),
    ],
    ("why-activations", "hidden activation", "of 100"): [
        ("identity", "3 identity", "xavier"),
        ("sine", "3 sin", "xavier"),
    ],
    ("why-random-weights", "hidden activation", "sigmoid"): [("Xavier", "3 sigmoid", "xavier")],
    ("why-random-weights", "hidden activation", "tanh"): [("He", "3 tanh", "he")],
    ("why-random-weights", "hidden activation", "ReLU"): [("plain", "3 relu", "plain")],
}


@pytest.mark.parametrize(
    ("lesson", "corner", "row", "column", "hidden", "method"),
    [(*where, *cell) for where, cells in XOR_SOLVED.items() for cell in cells],
)
def test_of_a_hundred_networks_as_many_learn_xor_as_the_table_says(
    lesson, corner, row, column, hidden, method
):
    networks = experiments.begun(f"{hidden}, 1 sigmoid", 2, method, experiments.SEEDS)
    expected = cells(lesson, corner, column)[row][column]
    assert str(experiments.solved(networks)) == expected


def test_a_number_that_two_lessons_have_is_the_same_in_both():
    starts = cells("why-activations", "hidden activation", "cosine")["of 100"]
    by_method = cells("why-random-weights", "hidden activation", "He")
    for activation in ("sigmoid", "tanh", "ReLU"):
        assert by_method[activation]["Xavier"] == starts[activation]
    by_neurons = cells("xor-hidden-layer", "hidden neurons")["solved, of 100"]
    by_layers = cells("three-layers", "of 100 networks")["solved after 5000 epochs"]
    assert by_neurons["3"] == starts["sigmoid"] == by_layers["2-3-1"]


def test_twenty_of_the_hundred_seeds_give_the_spread_in_ten_layers_that_the_table_says():
    name, *means = experiments.spread_row("xavier", "tanh", range(20))
    assert list(cells("why-random-weights", "weights, activation")[name].values()) == means


@pytest.mark.parametrize(
    ("examples", "learner"), [(16, "one neuron, cross"), (64, "one neuron, cross")]
)
def test_so_many_new_points_are_answered_right_as_the_table_says(examples, learner):
    row = cells("feature-engineering-or-depth", "examples to learn from")[str(examples)]
    assert f"{100 * experiments.learned(examples, learner):.0f} %" == row[learner]


def test_a_hundred_networks_with_a_layer_less_are_what_the_table_says():
    rows = cells("three-layers", "of 100 networks")
    column = tuple(row["2-3-1"] for row in rows.values())
    assert experiments.fitted("3 sigmoid, 1 sigmoid") == column


# what hangs on the last digit of a float: the table of one machine, within what another may find


def test_runs_that_begin_with_another_last_digit_come_apart_as_the_table_says():
    rows = cells("why-activations", "epoch", "lowest cost")
    for (epoch, row), (low, high) in zip(rows.items(), experiments.apart(7), strict=True):
        lowest, highest = map(float, row.values())
        if epoch == "6":
            assert high > 10 * low
            assert highest > 10 * lowest
        else:
            assert (lowest, highest) == pytest.approx((low, high), abs=2 * (high - low))


def test_their_agreement_shrinks_in_every_epoch():
    parts = [(high - low) / low for low, high in experiments.apart(7)]
    assert parts[0] < 1e-12
    assert parts == sorted(parts)


def test_most_of_them_end_beyond_all_bounds():
    (said,) = re.findall(r"(\d+) of the hundred", text_of("why-activations"))
    assert experiments.lost(experiments.neighbours()) == pytest.approx(int(said), abs=15)


def test_about_as_many_networks_of_tangents_learn_xor_as_the_table_says():
    said = cells("why-activations", "hidden activation", "tangent")["of 100"]["tangent"]
    (found,) = experiments.dice([0])
    assert found == pytest.approx(int(said.removeprefix("about ")), abs=8)


# sentences


SAID = [(lesson, said) for lesson, functions in experiments.PASSING.items() for said in functions]


@pytest.mark.parametrize(
    ("lesson", "said"), [each for each in SAID if each[1] is not experiments.never_to_return]
)
def test_a_number_in_passing_is_what_the_program_finds(lesson, said):
    assert said() in " ".join(text_of(lesson).split())


# the program itself


@pytest.mark.parametrize("activation", experiments.ACTIVATIONS)
def test_networks_side_by_side_are_trained_as_each_would_be_alone(activation):
    seeds, epochs = (3, 48), 10
    layers = f"3 {activation}, 1 sigmoid"
    together = experiments.begun(layers, 2, "xavier", seeds).trained(*experiments.XOR, epochs, 0.1)
    for k, seed in enumerate(seeds):
        start = drawn(f"xavier, seed {seed}", (2, 3, 1))
        given = {letter: [start[f"{letter}[{n}]"] for n in (1, 2)] for letter in "Wb"}
        alone = train(net(layers, **gate("XOR"), **given, learning_rate=0.1), epochs)
        assert together.costs(*experiments.XOR)[k] == pytest.approx(alone.final_cost, rel=1e-9)
        for n in (1, 2):
            moved = alone.parameters()[f"W[{n}]"]
            np.testing.assert_allclose(together.W[n - 1][k], moved, rtol=1e-7)


@pytest.mark.parametrize(
    ("lesson", "table"),
    [(lesson, table) for lesson, tables in experiments.TABLES.items() for table in tables],
)
def test_a_lesson_names_the_program_that_makes_its_table(lesson, table):
    name = table.__name__.replace("_", "-")
    assert f"`benchmarks/experiments.py {name}`" in " ".join(text_of(lesson).split())


def test_every_table_is_named_and_another_name_is_refused(capsys):
    experiments.main([])
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == list(experiments.NAMED)
    with pytest.raises(SystemExit, match="there is no table 'stars', expected one of updates, "):
        experiments.main(["stars"])
