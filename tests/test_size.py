"""What a lesson asks for is counted before it is worked out, and what is too much is refused."""

import io
import re
from pathlib import Path

import numpy as np
import pytest

from tracer import graph, net
from tracer.errors import LessonError, TracerError
from tracer.lesson.amount import MOST_NUMBERS, MOST_ROUNDED, MOST_TRAINED, Amount
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.numbers.rounding import EXACT, Pen

# how much there is


@pytest.mark.parametrize(
    ("program", "numbers"),
    [
        # a, b and c; dc/da and dc/db
        (lambda: graph("a = 2; b = 5; c = a*b"), 3 + 2),
        # a number that is typed into a formula is no value, and has no gradient
        (lambda: graph("a = 2; c = a*3"), 2 + 1),
        # x (1 x 3), y and s; dy/dx is a single 2, and ds/dy has three entries
        (lambda: graph("x = 1 2 3\ny = 2*x\ns = sum(y)"), 3 + 3 + 1 + 1 + 3),
        # W (4 x 2), x (2 x 1) and z (4 x 1); their local gradients are x^T and W^T
        (lambda: graph("W = 1 2; 3 4; 5 6; 7 8\nx = 1; 2\nz = W @ x"), 8 + 2 + 4 + 2 + 8),
        # z and a (3 x 2); of the two examples, each has a Jacobian of its own (3 x 3)
        (lambda: graph("z = 1 2; 3 4; 5 6\na = softmax(z)"), 6 + 6 + 2 * 9),
    ],
)
def test_values_and_local_gradients_are_counted(program, numbers):
    assert program().numbers == numbers


def test_they_are_counted_without_being_made(memory):
    program = net(
        "2000 softmax, 1 sigmoid",
        X=np.ones((2, 40)),
        Y=np.ones((1, 40)),
        W=[np.ones((2000, 2)), np.ones((1, 2000))],
        b=[0, 0],
    )
    with memory() as taken:
        assert program.numbers > 2000 * 2000 * 40
    assert taken() < 10_000_000


# how much there may be


def test_all_blocks_of_a_lesson_are_counted_together():
    amount = Amount()
    for _ in range(4):
        amount.write(MOST_NUMBERS // 4, EXACT)
    with pytest.raises(LessonError, match="writes 20,000,001 numbers, expected at most 20,000,000"):
        amount.write(1, EXACT)


@pytest.mark.parametrize("pen", [Pen("carry", 3), Pen("display", 3)])
def test_of_rounded_numbers_there_are_fewer(pen):
    amount = Amount()
    amount.write(MOST_ROUNDED, EXACT)
    amount.write(MOST_ROUNDED, pen)
    with pytest.raises(LessonError, match="100,001 numbers are rounded, expected at most 100,000"):
        amount.write(1, pen)


@pytest.mark.parametrize(
    ("epochs", "batch_size", "fault"),
    [
        (1_000_000, None, None),
        (100_000, 1, None),
        (300_000, 1, "300,000 epochs with 3,642 numbers each are too many"),
    ],
)
def test_trainings_of_a_small_network_may_be_long(epochs, batch_size, fault, or_batch):
    def train():
        Amount().train(or_batch, epochs, batch_size, None)

    if fault is None:
        train()
    else:
        with pytest.raises(LessonError, match=fault):
            train()


def test_all_trainings_of_a_lesson_are_counted_together(or_batch):
    amount = Amount()
    amount.train(or_batch, 1_000_000, None, None)
    assert amount.trained == 1_000_000 * (900 + or_batch.numbers) < MOST_TRAINED
    with pytest.raises(LessonError, match="in all trainings of a lesson; take fewer epochs"):
        amount.train(or_batch, 100_000, None, None)


# a few bytes that ask for much


HEAD = "```{lesson}\n:title: T\n"
PHASES = "```{forward}\n```\n```{backward}\n```\n```{update}\n```\n"


def network(layers: str, *settings: str, data: str = ":data: XOR") -> str:
    """A network on the fourth line, with weights that are drawn."""
    lines = (":cost: squared error", ":learning-rate: 1", data, ":init: xavier, seed 1")
    return "\n".join(["```{network}", f":layers: {layers}", *lines, *settings, "```", ""])


ASKED = {
    "a large layer behind a large layer": (
        HEAD + "```\n" + network("10000 tanh, 10000 tanh"),
        "9: init draws 100,020,000 weights, expected at most 5,000,000; take fewer neurons",
    ),
    "softmax over a large layer": (
        HEAD + "```\n" + network("10000 softmax, 1 sigmoid") + PHASES,
        "4: with all values and local gradients the lesson writes 400,190,038 numbers, expected at "
        "most 20,000,000; take fewer neurons, examples or iterations",
    ),
    "the same, to be trained only": (
        HEAD + "```\n" + network("10000 softmax, 1 sigmoid") + "```{train}\n:epochs: 1\n```\n",
        "4: with all values and local gradients the lesson writes 400,190,038 numbers, expected at "
        "most 20,000,000; take fewer neurons, examples or iterations",
    ),
    "more numbers than anybody rounds": (
        HEAD + ":rounding: carry 3\n```\n" + network("300 tanh, 300 tanh, 1 tanh") + PHASES,
        "12: with all values and local gradients 192,038 numbers are rounded, expected at most "
        "100,000; ':rounding: exact' rounds none",
    ),
    "a large network for many epochs": (
        HEAD + "```\n" + network("30 tanh, 30 tanh, 1 tanh") + "```{train}\n:epochs: 1000000\n```",
        "11: 1,000,000 epochs with 4,089 numbers each are too many, expected at most "
        "1,000,000,000 numbers in all trainings of a lesson; take fewer epochs",
    ),
    "a training again and again": (
        HEAD + "```\n" + network("1 tanh") + "```{train}\n:epochs: 600000\n```\n" * 2,
        "14: 600,000 epochs with 942 numbers each are too many, expected at most 1,000,000,000 "
        "numbers in all trainings of a lesson; take fewer epochs",
    ),
    "a log of every epoch": (
        HEAD + "```\n" + network("1 tanh") + "```{train}\n:epochs: 100000\n:log-every: 9\n```",
        "11: the log has 11,112 lines, expected at most 10,000; a larger ':log-every:' has fewer",
    ),
    "many layers": (
        HEAD + "```\n" + network(", ".join(["2 tanh"] * 21)),
        "5: layers has 21, expected at most 20; take fewer",
    ),
    "a factor with an exponent": (
        HEAD + "```\n" + network("1 tanh", ":factor: 1e999999999"),
        "10: factor '1e999999999' is no number, expected such as 1/2",
    ),
    "a factor with a small exponent": (
        HEAD + "```\n" + network("1 tanh", ":factor: 1e-999999999"),
        "10: factor '1e-999999999' is no number, expected such as 1/2",
    ),
    "every matrix with every other": (
        HEAD + "```\n" + network("1 tanh") + PHASES + "```{shapes}\n:target: Z\n"
        ":from: X, X, X, X, X, X, X, X, X, X, X\n```\n",
        "19: from has 11 matrices, expected at most 10; take fewer",
    ),
    "a product of a column and a row": (
        HEAD + "```\n```{graph}\nx = " + "1;" * 5000 + "1\ny = x @ x.T\ns = sum(y)\n```\n" + PHASES,
        "4: with all values and local gradients the lesson writes 50,035,006 numbers, expected at "
        "most 20,000,000; take fewer neurons, examples or iterations",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "fault"), ASKED.values(), ids=ASKED)
def test_what_takes_much_is_refused_before_it_is_taken(text, fault, memory):
    with memory() as taken, pytest.raises(TracerError) as refused:
        explain(solve(read(text, "mine", "mine.md")))
    assert str(refused.value) == f"mine.md:{fault}"
    assert taken() < 40_000_000


def test_an_epoch_of_very_many_steps_is_refused(tmp_path):
    written = io.BytesIO()
    np.savez_compressed(written, X=np.zeros((200_000, 1)), Y=np.zeros((200_000, 1)))
    (tmp_path / "d.npz").write_bytes(written.getvalue())
    text = HEAD + "```\n" + network("1 tanh", data=":data: d.npz")
    text += "```{train}\n:epochs: 1\n:batch-size: 1\n```\n"
    expected = "an epoch has 200,000 steps, expected at most 100,000; a larger ':batch-size:'"
    with pytest.raises(TracerError, match=re.escape(expected)):
        solve(read(text, "mine", str(Path(tmp_path, "mine.md"))))


def test_what_is_large_and_not_too_large_is_worked_out():
    text = HEAD + "```\n" + network("200 tanh, 200 softmax, 1 tanh") + PHASES
    solution = solve(read(text, "mine", "mine.md"))
    assert solution.trace["dCost/dW[2]"].written.shape == (200, 200)
    assert explain(solution).pages
