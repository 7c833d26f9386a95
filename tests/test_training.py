"""Training: many epochs, the parameters of each, and what ends a run early.

What a run should come to is worked out once more here, by a plain NumPy loop.
"""

import functools
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tracer import graph, net
from tracer.cli import main
from tracer.errors import TracerError, UnknownName
from tracer.lesson.blocks.train import TrainBlock
from tracer.lesson.check import check
from tracer.lesson.home import load
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.network import drawn, gate
from tracer.render.markdown import to_markdown
from tracer.render.terminal import pages_as_text
from tracer.trace.program import Program
from tracer.training import run as training
from tracer.training.run import Plan, Run, train

PUBLISHED = (Path(__file__).parent / "nothing-but-numpy.toml").read_text(encoding="utf-8")
LOGS = {log["id"]: log for log in tomllib.loads(PUBLISHED)["log"]}
X = np.array([[0.0, 0, 1, 1], [0, 1, 0, 1]])
CROSSED = np.vstack([X, X[0] * X[1]])
OR, XOR = np.array([[0.0, 1, 1, 1]]), np.array([[0.0, 1, 1, 0]])


# the oracle

ACTIVATIONS = {
    "identity": (lambda z: z, lambda z: np.ones_like(z)),
    "sigmoid": (
        lambda z: 1 / (1 + np.exp(-z)),
        lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
    ),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "relu": (lambda z: z * (z > 0), lambda z: (z > 0).astype(float)),
    "sin": (np.sin, np.cos),
    "cos": (np.cos, lambda z: -np.sin(z)),
    "tan": (np.tan, lambda z: 1 / np.cos(z) ** 2),
}


def moved(x, y, W, b, rate, names):
    """The cost, and every parameter one step later."""
    As, Zs = [x], []
    for w, bias, name in zip(W, b, names, strict=True):
        Zs.append(np.dot(w, As[-1]) + bias)
        As.append(ACTIVATIONS[name][0](Zs[-1]))
    m = x.shape[1]
    cost = ((y - As[-1]) ** 2).sum() / (2 * m)
    delta = (As[-1] - y) / m
    new_W, new_b = list(W), list(b)
    for k in reversed(range(len(W))):
        delta = delta * ACTIVATIONS[names[k]][1](Zs[k])
        new_W[k] = W[k] - rate * np.dot(delta, As[k].T)
        new_b[k] = b[k] - rate * delta.sum(axis=1, keepdims=True)
        delta = np.dot(W[k].T, delta)
    return cost, new_W, new_b


def by_hand(x, y, W, b, epochs, rate=1.0, names=None, batch=None):
    """The costs, and the parameters before the first epoch and after each one."""
    names = names or ["sigmoid"] * len(W)
    batch = batch or x.shape[1]
    costs, history = [], [(W, b)]
    for _ in range(epochs):
        total = 0.0
        for start in range(0, x.shape[1], batch):
            here = slice(start, start + batch)
            cost, W, b = moved(x[:, here], y[:, here], W, b, rate, names)
            total += cost * y[:, here].shape[1]
        costs.append(total / x.shape[1])
        history.append((W, b))
    return costs, history


def as_program(x, y, W, b, rate=1.0, names=None) -> Program:
    """The same network, told to the tool."""
    layers = zip(names or ["sigmoid"] * len(W), W, strict=True)
    one = len(W) == 1
    return net(
        ", ".join(f"{len(w)} {name}" for name, w in layers),
        X=x, Y=y, W=W[0] if one else W, b=b[0] if one else b, learning_rate=rate,
    )  # fmt: skip


def flat(parameters) -> np.ndarray:
    """All parameters of a run, weights before bias, layer by layer."""
    return np.concatenate([np.ravel(value) for value in parameters.values()])


def in_order(W, b) -> np.ndarray:
    """The same, of the oracle."""
    return np.concatenate([np.ravel(part) for pair in zip(W, b, strict=True) for part in pair])


HIDDEN = (
    [np.array([[0.1, 0.6], [0.2, 0.4], [0.3, 0.7]]), np.array([[0.1, 0.4, 0.9]])],
    [np.zeros((3, 1)), np.zeros((1, 1))],
)
NETWORKS = {
    "OR": (X, OR, [np.array([[0.1, 0.6]])], [np.zeros((1, 1))]),
    "XOR, feature cross": (CROSSED, XOR, [np.array([[0.1, 0.6, 0.2]])], [np.zeros((1, 1))]),
    "XOR, hidden layer": (X, XOR, *HIDDEN),
}


def random_network(sizes, m=7, seed=48):
    """Data and parameters from a bell curve."""
    random = np.random.default_rng(seed)
    W = [random.normal(size=(b, a)) for a, b in pairwise(sizes)]
    b = [random.normal(size=(n, 1)) for n in sizes[1:]]
    return random.normal(size=(sizes[0], m)), random.uniform(size=(sizes[-1], m)), W, b


@functools.cache
def trained(name: str) -> Run:
    """5000 epochs of a lesson's network."""
    return train(as_program(*NETWORKS[name]), 5000)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_oracle_has_the_slope_of_each_activation(name, slope):
    value, derivative = ACTIVATIONS[name]
    for z in (-1.2, 0.3, 0.9):
        assert derivative(np.array(z)) == pytest.approx(slope(value, z), rel=1e-8)


# the parameters of every epoch


@pytest.mark.parametrize("name", NETWORKS)
def test_the_parameters_of_any_epoch_are_those_of_a_plain_loop(name):
    run = trained(name)
    costs, history = by_hand(*NETWORKS[name], 5000)
    for epoch in (0, 1, 2, 30, 999, 2814, 4999, 5000):
        expected = in_order(*history[epoch])
        assert flat(run.parameters(epoch)) == pytest.approx(expected, rel=1e-10), epoch
    assert run.costs == pytest.approx(np.array(costs), rel=1e-10)
    assert len(run.costs) == run.epochs == 5000


@pytest.mark.parametrize(
    ("names", "sizes"),
    [
        (["tanh", "identity"], (2, 4, 2)),
        (["relu", "sigmoid"], (2, 4, 2)),
        (["sin", "sigmoid"], (1, 3, 1)),
        (["cos", "tanh"], (3, 2, 2)),
        (["sigmoid", "tan"], (2, 3, 1)),
        (["identity", "sigmoid"], (2, 2, 1)),
        (["sigmoid", "tanh", "identity"], (2, 4, 3, 2)),
    ],
    ids=lambda value: "-".join(map(str, value)),
)
def test_so_they_are_for_every_activation_and_for_several_outputs(names, sizes):
    x, y, W, b = random_network(sizes)
    run = train(as_program(x, y, W, b, 0.01, names), 60)
    costs, history = by_hand(x, y, W, b, 60, 0.01, names)
    assert run.costs == pytest.approx(np.array(costs), rel=1e-9)
    assert flat(run.parameters()) == pytest.approx(in_order(*history[-1]), rel=1e-8)


@pytest.mark.parametrize(
    ("name", "cost"),
    [("OR", "0.00052757"), ("XOR, feature cross", "0.001567"), ("XOR, hidden layer", "0.0009")],
)
def test_the_cost_after_5000_epochs_is_the_published_one(name, cost):
    decimals = len(cost) - 2
    assert f"{trained(name).final_cost:.{decimals}f}" == cost


def test_the_cost_of_an_epoch_is_taken_before_its_update_and_the_final_one_after_the_last():
    run = trained("OR")
    costs, _ = by_hand(*NETWORKS["OR"], 5001)
    assert run.costs[0] == pytest.approx(0.08891294752305501, rel=1e-13)
    assert run.final_cost == pytest.approx(costs[5000], rel=1e-10)
    assert len(run.costs) == 5000


def test_an_epoch_can_be_worked_out_in_full_from_its_parameters():
    run = trained("XOR, hidden layer")
    program = run.at(3217)
    assert program.values()["Cost"] == run.costs[3217]
    assert np.array_equal(run.parameters(3217)["W[1]"], program.values()["W[1]"])


@pytest.mark.parametrize("epoch", [-1, 5001, 99999])
def test_an_epoch_that_a_run_does_not_have_is_refused(epoch):
    with pytest.raises(TracerError, match=f"epoch {epoch} is not in this run, expected 0 to 5000"):
        trained("OR").parameters(epoch)


@pytest.mark.parametrize(
    ("name", "answers"),
    [("OR", [[0, 1, 1, 1]]), ("XOR, feature cross", [[0, 1, 1, 0]]),
     ("XOR, hidden layer", [[0, 1, 1, 0]])],
)  # fmt: skip
def test_in_the_end_every_answer_is_right(name, answers):
    assert trained(name).predictions().tolist() == answers
    assert trained(name).accuracy() == 1


def test_before_it_has_learned_the_answers_are_wrong():
    run = train(as_program(*NETWORKS["XOR, hidden layer"]), 1)
    assert run.predictions().tolist() == [[1, 1, 1, 1]]
    assert run.accuracy() == 0.5


def test_a_trained_run_leaves_the_program_as_it_was():
    program = as_program(*NETWORKS["OR"])
    train(program, 3, learning_rate=0.5)
    assert program.learning_rate == 1
    assert program.values()["W"].tolist() == [[0.1, 0.6]]


def test_another_learning_rate_can_be_asked_for():
    run = train(as_program(*NETWORKS["OR"]), 20, learning_rate=0.25)
    _, history = by_hand(*NETWORKS["OR"], 20, rate=0.25)
    assert flat(run.parameters()) == pytest.approx(in_order(*history[-1]), rel=1e-12)


def test_one_example_with_single_weights_trains_like_its_matrix():
    single = net("1 sigmoid", view="scalar", x1=0, x2=1, y=1, w1=0.1, w2=0.6, b=0, learning_rate=1)
    run = train(single, 200)
    x, y = X[:, 1:2], OR[:, 1:2]
    _, history = by_hand(x, y, [np.array([[0.1, 0.6]])], [np.zeros((1, 1))], 200)
    assert flat(run.parameters()) == pytest.approx(in_order(*history[-1]), rel=1e-12)
    assert all(type(value) is float for value in run.parameters().values())


def test_a_graph_of_equations_can_be_trained_too():
    run = train(graph("w = 3; c = (w - 1) * (w - 1)", learning_rate=0.25), 10)
    assert run.parameters()["w"] == 1 + 2 * 0.5**10
    assert run.costs.tolist()[:3] == [4, 1, 0.25]


# the published logs, from a seed


LESSON = """\
```{{lesson}}
:title: XOR from a seed
:rounding: carry 1
```
```{{network}}
:layers: {layers}
:cost: squared error
:learning-rate: 1
:data: XOR
{more}
```
```{{train}}
:epochs: {epochs}
{train}
```
"""


def lesson(layers="1 sigmoid", more="W = 0.1 0.6\nb = 0", epochs=5000, train=""):
    """A lesson with a network and its training."""
    given = LESSON.format(layers=layers, more=more, epochs=epochs, train=train)
    return read(re.sub(r"\n+", "\n", given), "mine", "mine.md")


@functools.cache
def from_seed(layers: str, more: str) -> Run:
    return solve(lesson(layers, more)).sections[-1].run


SEEDED = {
    "two-layer XOR": ("3 sigmoid, 1 sigmoid", ":init: xavier, seed 48"),
    "three-layer XOR": ("5 sigmoid, 3 sigmoid, 1 sigmoid", ":init: xavier, seed 48"),
    "feature-cross XOR": ("1 sigmoid", ":features: x1*x2\n:init: plain, seed 48"),
}
PRINTED = [(log, int(epoch), cost) for log in SEEDED for epoch, cost in LOGS[log]["cost"].items()]


@pytest.mark.parametrize(("log", "epoch", "cost"), PRINTED, ids=lambda value: str(value))
def test_a_published_cost_comes_out_to_13_digits(log, epoch, cost):
    assert from_seed(*SEEDED[log]).costs[epoch] == pytest.approx(cost, rel=1e-13)


def test_these_are_27_costs_and_the_predictions_with_their_accuracy():
    assert len(PRINTED) == 27
    for log in SEEDED:
        run = from_seed(*SEEDED[log])
        assert run.predictions().tolist() == LOGS["two-layer XOR"]["predictions"]
        assert run.accuracy() == LOGS["two-layer XOR"]["accuracy"]


@pytest.mark.parametrize(
    ("words", "sizes", "scale"),
    [
        ("plain, seed 48", (2, 1), lambda n: 0.01),
        ("xavier, seed 7", (2, 3, 1), lambda n: 1 / np.sqrt(n)),
        ("he, seed 0", (2, 5, 3, 1), lambda n: np.sqrt(2 / n)),
    ],
)
def test_a_seed_draws_the_weights_layer_by_layer_and_biases_are_zero(words, sizes, scale):
    found = drawn(words, sizes)
    random = np.random.RandomState(int(words.split()[-1]))
    for k, (n_in, n_out) in enumerate(pairwise(sizes), 1):
        expected = random.randn(n_out, n_in) * scale(n_in)
        assert found[f"W[{k}]"] == pytest.approx(expected, rel=1e-15)
        assert found[f"b[{k}]"].tolist() == [[0.0]] * n_out


def test_a_seed_in_a_lesson_leaves_numpys_own_numbers_alone():
    np.random.seed(1)
    expected = np.random.rand()
    np.random.seed(1)
    solve(lesson(*SEEDED["two-layer XOR"]))
    assert np.random.rand() == expected


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("xavier", "init 'xavier' cannot be read, expected such as 'xavier, seed 48'"),
        ("xavier, 48", "init 'xavier, 48' cannot be read, .*"),
        ("xavier, seed -1", "init 'xavier, seed -1' cannot be read, .*"),
        ("xaviar, seed 48", r"ini_type 'xaviar' is not known; did you mean 'xavier'\?"),
    ],
)
def test_other_words_for_a_start_are_refused_with_their_line(words, complaint):
    with pytest.raises(TracerError) as fault:
        solve(lesson("3 sigmoid, 1 sigmoid", f":init: {words}"))
    assert re.fullmatch(rf"mine.md:\d+: {complaint}", str(fault.value))


@pytest.mark.parametrize("data", ["OR", "AND", "XOR"])
def test_the_data_of_a_gate_are_its_table(data):
    tables = {"OR": lambda p, q: p or q, "AND": lambda p, q: p and q, "XOR": lambda p, q: p != q}
    given = gate(data)
    examples = list(zip(*given["X"], given["Y"][0], strict=True))
    assert [(p, q) for p, q, _ in examples] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert all(label == tables[data](bool(p), bool(q)) for p, q, label in examples)


# batches


@pytest.mark.parametrize("size", [1, 2, 3, 4, 9, None])
@pytest.mark.parametrize("name", NETWORKS)
def test_batches_are_taken_in_order_and_each_moves_the_parameters(name, size):
    run = train(as_program(*NETWORKS[name]), 50, batch_size=size)
    costs, history = by_hand(*NETWORKS[name], 50, batch=size)
    assert run.costs == pytest.approx(np.array(costs), rel=1e-11)
    for epoch in (1, 17, 50):
        assert flat(run.parameters(epoch)) == pytest.approx(in_order(*history[epoch]), rel=1e-10)


def test_a_batch_of_all_is_the_full_batch_to_the_last_bit():
    program = as_program(*NETWORKS["OR"])
    assert np.array_equal(train(program, 20, batch_size=4).history, train(program, 20).history)


def test_smaller_batches_learn_another_way():
    program = as_program(*NETWORKS["OR"])
    after = [train(program, 50, batch_size=size).final_cost for size in (1, 2, 4)]
    assert after[0] < after[1] < after[2]


# an end before its time


def interrupt_at(epoch: int):
    """A reader who presses Ctrl-C."""

    def each(reached: int, cost: float) -> None:
        if reached == epoch:
            raise KeyboardInterrupt

    return each


@pytest.mark.parametrize("at", [0, 1, 36])
def test_ctrl_c_keeps_what_was_learned_so_far(at):
    program = as_program(*NETWORKS["OR"])
    stopped, whole = train(program, 100, each=interrupt_at(at)), train(program, 100)
    assert stopped.stopped.startswith(f"was interrupted after {at + 1} epoch")
    assert stopped.epochs == at + 1
    assert np.array_equal(stopped.costs, whole.costs[: at + 1])
    assert np.array_equal(flat(stopped.parameters()), flat(whole.parameters(at + 1)))
    assert stopped.final_cost == whole.costs[at + 1]


def test_a_run_that_ends_by_itself_was_not_stopped():
    assert trained("OR").stopped == ""


def test_every_epoch_is_told_with_its_cost():
    told = []
    run = train(as_program(*NETWORKS["OR"]), 5, each=lambda epoch, cost: told.append((epoch, cost)))
    assert told == list(enumerate(run.costs.tolist()))


def identity_neuron(rate: float) -> Program:
    """x = 0.25, w = -4, y = 0, no activation: the loss is a parabola over w."""
    return net("1 identity", view="scalar", x1=0.25, w1=-4, y=0, learning_rate=rate)


@pytest.mark.parametrize(
    ("rate", "loss", "called"),
    [
        (0.5, "0.23337", "slow"),
        (5, "0.0000622", "fast"),
        (5e-10, "0.4999999996", "a crawl"),
        (16, "0.0000", "there in one step"),
        (32, "0.5000", "to and fro for ever"),
    ],
)
def test_how_far_a_learning_rate_comes_in_12_steps(rate, loss, called):
    run = train(identity_neuron(rate), 12)
    assert f"{run.final_cost:.{len(loss) - 2}f}" == loss, called
    assert run.final_cost == pytest.approx(0.5 * (1 - rate / 16) ** 24, rel=1e-9)
    assert run.stopped == ""


def test_with_a_learning_rate_of_50_the_loss_is_multiplied_by_4_5_each_step_and_it_is_said():
    run = train(identity_neuron(50), 100)
    assert run.costs[:4].tolist() == [0.5, 2.2578125, 10.1954345703125, 46.03875923156738]
    assert run.costs[1:] / run.costs[:-1] == pytest.approx(np.full(9, 2.125**2))
    assert run.stopped == ("diverged: the loss grows without end, from 0.5 to 1.76e+06 at epoch 10")
    assert run.epochs == 10


def test_the_steps_that_diverge_can_be_looked_at_all_the_same():
    run = train(identity_neuron(50), 100)
    places = [run.parameters(epoch)["w1"] for epoch in range(4)]
    assert places == [-4, 8.5, -18.0625, 38.3828125]


@pytest.mark.parametrize(
    ("program", "stopped", "epochs"),
    [
        (
            net("1 identity", X=[[0.25]], Y=[[0]], W=[[-4]], learning_rate=1e200),
            "diverged: the cost is infinite at epoch 1",
            1,
        ),
        (
            net("1 identity", X=[[1e200]], Y=[[0]], W=[[1]], learning_rate=1),
            "diverged: the cost is infinite at epoch 0",
            0,
        ),
        (
            graph("w = 3; z = w - 2; c = log(z)", learning_rate=2),
            "diverged: c is not a number at epoch 1",
            1,
        ),
        (identity_neuron(1e200), "diverged: the loss is infinite at epoch 1", 1),
        (
            graph("w = 1; c = (w - 3)**4", learning_rate=1e100),
            "diverged: c is infinite at epoch 1",
            1,
        ),
        (graph("w = 0; c = 1/w", learning_rate=1), "diverged: c is infinite at epoch 0", 0),
        (
            graph("w = 0; c = 1/w - 1/w", learning_rate=1),
            "diverged: c is not a number at epoch 0",
            0,
        ),
    ],
    ids=["matrix", "at once", "log of -3", "single number", "power", "1/0", "inf - inf"],
)
def test_infinity_and_what_is_not_a_number_end_a_run_with_epoch_and_quantity(
    program, stopped, epochs
):
    run = train(program, 100)
    assert (run.stopped, run.epochs) == (stopped, epochs)


def test_a_parameter_that_is_not_finite_is_named():
    """The cost is still 5e-99, and the step from it is too long for any number."""
    program = net("1 identity", X=[[1e-50]], Y=[[0]], W=[[1e1]], learning_rate=1e308)
    program = program.given({"X": np.array([[1e100]]), "W": np.array([[1e40]])})
    assert train(program, 5).stopped == "diverged: W is not finite after epoch 0"


def test_a_cost_that_rises_for_a_while_is_no_divergence():
    run = train(net("3 tanh, 1 identity", **gate("XOR"), W=HIDDEN[0], b=[0, 0], learning_rate=0.5),
                300)  # fmt: skip
    assert run.stopped == ""


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"epochs": 0}, "epochs is 0, expected 1 to 1,000,000"),
        ({"epochs": -3}, "epochs is -3, expected 1 to 1,000,000"),
        ({"epochs": 1_000_001}, "epochs is 1000001, expected 1 to 1,000,000"),
        ({"epochs": 5, "learning_rate": float("nan")}, "learning rate"),
        ({"epochs": 5, "learning_rate": float("inf")}, "learning rate"),
        ({"epochs": 5, "batch_size": 0}, "a size of 1 or more"),
        ({"epochs": 5, "batch_size": -2}, "a size of 1 or more"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused(arguments, complaint):
    with pytest.raises(TracerError, match=complaint):
        train(as_program(*NETWORKS["OR"]), **arguments)
    with pytest.raises(TracerError, match=complaint):
        Plan(**arguments).check(as_program(*NETWORKS["OR"]))


@pytest.mark.parametrize(
    ("program", "arguments", "complaint"),
    [
        (net("1 sigmoid", **gate("OR"), W=[[0.1, 0.6]]), {}, "no learning rate is set"),
        (graph("a = 2; b = a * a", data=["a"], learning_rate=1), {}, "there is nothing to learn"),
        (identity_neuron(1), {"batch_size": 1}, "batches need matrices with one example a column"),
    ],
    ids=["no rate", "only data", "no columns"],
)
def test_a_program_that_cannot_be_trained_is_refused(program, arguments, complaint):
    with pytest.raises(TracerError, match=complaint):
        train(program, 10, **arguments)


# a history that is thinned


@pytest.mark.parametrize("epochs", [1, 9, 10, 11, 12, 40])
@pytest.mark.parametrize("kept", [9, 12, 30, 60])
def test_a_thinned_history_gives_every_epoch_back_to_the_last_bit(kept, epochs, monkeypatch):
    program = as_program(*NETWORKS["OR"])
    whole = train(program, epochs)
    monkeypatch.setattr(training, "MOST_KEPT", kept)
    thinned = train(program, epochs)
    assert thinned.history.size <= max(kept, 6) + 3
    assert thinned.epochs == epochs
    assert np.array_equal(thinned.costs, whole.costs)
    assert thinned.final_cost == whole.final_cost
    for epoch in range(epochs + 1):
        assert np.array_equal(flat(thinned.parameters(epoch)), flat(whole.parameters(epoch)))


def test_a_thinned_history_keeps_what_was_learned_before_ctrl_c(monkeypatch):
    program = as_program(*NETWORKS["OR"])
    monkeypatch.setattr(training, "MOST_KEPT", 9)
    run = train(program, 20, each=interrupt_at(9))
    assert run.stopped == "was interrupted after 10 epochs"
    assert run.epochs == 10
    _, history = by_hand(*NETWORKS["OR"], 10)
    assert flat(run.parameters()) == pytest.approx(in_order(*history[-1]), rel=1e-12)


def test_a_small_network_keeps_every_epoch():
    assert trained("OR").every == 1
    assert trained("OR").history.shape == (5001, 3)


# printed numbers in a lesson


HIDDEN_LESSON = {
    "layers": "3 sigmoid, 1 sigmoid",
    "more": "W[1] = 0.1 0.6; 0.2 0.4; 0.3 0.7\nb[1] = 0\nW[2] = 0.1 0.4 0.9\nb[2] = 0",
    "epochs": 500,
}


@pytest.mark.parametrize(
    ("printed", "holds"),
    [
        ("Cost = 0.1", True),
        ("Cost = 0.1225", True),
        ("Cost = 0.122548", True),
        ("Cost = 0.12254773435887", True),
        ("Cost = 0.2", False),
        ("Cost = 0.122547", False),
        ("Cost = 0.12254773435987", False),
        ("Cost@0 = 0.14", True),
        ("Cost@0 = 0.145", True),
        ("Cost@0 = 0.144", False),
        ("Cost@499 = 0.12256", True),
        ("Cost@100 = 0.1248", True),
        ("Cost@100 = 0.1249", False),
        ("W[1][3,1] = 0.980", True),
        ("W[1][3,1] = 0.981", False),
        ("W[1][3,1]@100 = 0.35004", True),
        ("W[2]@0 = 0.1 0.4 0.9", True),
        ("W[2] = -0.3 0.03 0.917", True),
        ("W[2] = -0.3 0.03 0.916", False),
        ("b[2] = -0.521", True),
        ("predictions = 0 1 1 1", True),
        ("predictions = 0 1 1 0", False),
        ("accuracy = 0.75", True),
        ("accuracy = 1.0", False),
    ],
)
def test_a_printed_number_is_checked_at_its_own_digits(printed, holds):
    """Although the pen of the lesson carries one decimal."""
    verdicts = check(lesson(**HIDDEN_LESSON, train=printed))
    assert all(verdict.holds for verdict in verdicts) == holds
    assert len(verdicts) == len(printed.partition(" = ")[2].split())


def test_a_wrong_digit_is_found_with_its_line_and_the_right_number():
    (verdict,) = check(lesson(**HIDDEN_LESSON, train="Cost = 0.1226"))
    assert re.match(r"mine.md:\d+: Cost printed 0.1226, written 0.1225477\d+, ", str(verdict))


def test_a_misprint_in_a_log_can_be_declared():
    declared = "Cost = 0.1226  # misprint: a digit too many"
    (verdict,) = check(lesson(**HIDDEN_LESSON, train=declared))
    assert verdict.holds
    assert not verdict.agrees


@pytest.mark.parametrize(
    ("printed", "complaint"),
    [
        ("Cost@500 = 0.12", "epoch 500 was not reached, expected 0 to 499"),
        ("W[1]@501 = 1 1; 1 1; 1 1", "epoch 501 is not in this run, expected 0 to 500"),
        ("Kost = 0.0009", r"Kost is no result of a training; did you mean 'Cost'\?"),
        ("Yhat@501 = 0 1 1 0", "epoch 501 is not in this run, expected 0 to 500"),
        ("dCost/dW[1]@501 = 1 1; 1 1; 1 1", "epoch 501 is not in this run, expected 0 to 500"),
        ("W[2] = 1 2", r"W\[2\] is \(1 x 3\), but \(1 x 2\) is printed"),
    ],
)
def test_what_is_no_result_of_a_training_is_refused_with_its_line(printed, complaint):
    with pytest.raises(TracerError) as fault:
        check(lesson(**HIDDEN_LESSON, train=printed))
    assert re.fullmatch(rf"mine.md:\d+: {complaint}", str(fault.value))


def test_a_training_starts_from_the_declared_numbers_whatever_was_done_before():
    steps = "```{forward}\n```\n```{backward}\n```\n```{update}\n```\n"
    source = LESSON.format(layers="1 sigmoid", more="W = 0.1 0.6\nb = 0", epochs=10, train="")
    before, _, after = source.partition("```{train}")
    plain, stepped = (
        solve(read(f"{before}{between}```{{train}}{after}", "mine", "mine.md")).sections[-1].run
        for between in ("", steps)
    )
    assert np.array_equal(plain.history, stepped.history)


def test_a_quantity_of_a_training_is_kept_in_full():
    section = solve(lesson(**HIDDEN_LESSON)).sections[-1]
    found = section.find("W[1]@100")
    assert np.array_equal(found.written, section.run.parameters(100)["W[1]"])
    with pytest.raises(UnknownName):
        section.find("V")


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        (":epochs: many", "epochs is 'many', expected a whole number of 1 or more"),
        (":epochs: 0", "epochs is '0', expected a whole number of 1 or more"),
        (":epochs: 1.5", "epochs is '1.5', expected a whole number of 1 or more"),
        (":epochs: 9999999", "epochs is 9999999, expected 1 to 1,000,000"),
        (":log-every: 100", "the training has no length, expected ':epochs: 5000'"),
        (":epochs: 10\n:batch-size: 0", "batch-size is '0', expected a whole number of 1 or more"),
        (":epochs: 10\n:learning-rate: big", "learning-rate 'big' is not a number.*"),
        (":epochs: 10\n:learning-rate: inf", "learning-rate 'inf' is not finite, expected .*"),
        (":epochs: 10\n:epoch: 3", "unknown key 'epoch' in {train}; expected ':epochs: 3'"),
        (":epochs: 10\n:plot: costs", "there is no plot 'costs', expected cost, boundary, .*"),
        (":epochs: 10\n:plot: steps W[1]", "W.1. is no single number, expected a parameter .*"),
    ],
)
def test_a_plan_that_cannot_be_read_has_its_line(settings, complaint):
    source = LESSON.format(train="", **HIDDEN_LESSON | {"epochs": "EPOCHS"})
    with pytest.raises(TracerError) as fault:
        explain(solve(read(source.replace(":epochs: EPOCHS", settings), "mine", "mine.md")))
    assert re.fullmatch(rf"mine.md:\d+: {complaint}", str(fault.value))


@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_the_shortest_runs_have_a_page_with_their_plot_too(epochs):
    shown = pages_as_text(explain(solve(lesson(epochs=epochs, train=":plot: cost"))).pages, 80)
    assert f"Training: {epochs} epoch" in shown


@pytest.mark.parametrize("render", [lambda d: pages_as_text(d.pages, 80), to_markdown])
def test_a_training_is_shown_with_its_log_and_its_outcome(render):
    shown = render(explain(solve(lesson(**HIDDEN_LESSON, train=":log-every: 100"))))
    said = " ".join(shown.split())
    for epoch in (0, 100, 200, 300, 400):
        cost = trained("XOR, hidden layer").costs[epoch]
        assert f"Cost at epoch#{epoch}: {float(cost)!r}" in said
    assert "epoch#50:" not in said
    assert "After 500 epochs the cost is 0.1225, in float64." in said
    assert "The predictions are 0 1 1 1; 75.0% of the examples are right." in said


def test_a_lesson_whose_training_diverges_says_so_on_its_page():
    scalar = """\
```{lesson}
:title: Too fast
```
```{network}
:view: scalar
:layers: 1 identity
:loss: squared error
:learning-rate: 50
x1 = 0.25
y = 0
w1 = -4
```
```{train}
:epochs: 100
L@9 = 390329.00389834103
```
"""
    solution = solve(read(scalar, "fast", "fast.md"))
    shown = " ".join(pages_as_text(explain(solution).pages, 80).split())
    assert "The run stopped early: it diverged: the loss grows without end, from 0.5" in shown
    assert all(verdict.holds for verdict in check(solution.lesson, solution))


# the command


def lines_of(capsys, *arguments: str, status: int = 0) -> list[str]:
    """What the command prints; a line that is broken between numbers is one line."""
    assert main(["train", *arguments]) == status
    return re.sub(r"\n(?=[-\d])", "", capsys.readouterr().out).splitlines()


def test_tracer_train_prints_lines_of_the_articles_form(capsys):
    lines = lines_of(capsys, "modular-layers")
    logged = [line for line in lines if "epoch#" in line]
    assert logged[0] == "Cost at epoch#0: 0.12926510193084198"
    assert [line.split(":")[0] for line in logged[-4:]] == [
        f"Cost at epoch#{epoch}" for epoch in (4600, 4700, 4800, 4900)
    ]
    for line in logged:
        epoch, cost = re.fullmatch(r"Cost at epoch#(\d+): (0\.\d{15,})", line).groups()
        printed = LOGS["two-layer XOR"]["cost"].get(epoch)
        assert printed is None or float(cost) == pytest.approx(printed, rel=1e-13)
    assert lines[-2:] == ["predictions: 0 1 1 0", "accuracy: 100.0%"]


def test_tracer_train_ends_with_the_cost_and_the_parameters(capsys):
    lines = lines_of(capsys, "xor-hidden-layer")
    assert lines[-7].startswith("Cost after 5000 epochs: 0.00089355815706")
    names = [line.split(" = ")[0] for line in lines[-6:-2]]
    assert names == ["W[1]", "b[1]", "W[2]", "b[2]"]
    printed = [float(word) for line in lines[-6:-2] for word in re.findall(r"-?\d+\.\d+", line)]
    assert printed == pytest.approx(flat(trained("XOR, hidden layer").parameters()), rel=1e-10)


@pytest.mark.parametrize(
    ("options", "epochs", "rate", "batch", "every"),
    [
        (["--epochs", "30"], 30, 1, None, 500),
        (["--epochs", "30", "--log-every", "10"], 30, 1, None, 10),
        (["--epochs", "30", "--learning-rate", "0.25"], 30, 0.25, None, 500),
        (["--epochs", "7", "--batch-size", "3", "--log-every", "1"], 7, 1, 3, 1),
        (["--epochs", "3", "--learning-rate", "0"], 3, 0, None, 500),
        (["--epochs", "1"], 1, 1, None, 500),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_options_of_tracer_train(options, epochs, rate, batch, every, capsys):
    lines = lines_of(capsys, "xor-hidden-layer", *options)
    costs, history = by_hand(X, XOR, *HIDDEN, epochs + 1, rate, batch=batch)
    logged = {int(k): float(v) for k, v in re.findall(r"epoch#(\d+): (\S+)", "\n".join(lines))}
    assert logged == pytest.approx({k: costs[k] for k in range(0, epochs, every)}, rel=1e-11)
    last = next(line for line in lines if "after" in line)
    words, _, final = last.partition(": ")
    assert words == f"Cost after {epochs} epoch" + "s" * (epochs != 1)
    after = moved(X, XOR, *history[epochs], rate, ["sigmoid"] * 2)[0]
    assert float(final) == pytest.approx(after, rel=1e-11)


def test_one_epoch_is_one_epoch_and_not_one_epochs(capsys):
    assert any(line.startswith("Cost after 1 epoch:") for line in
               lines_of(capsys, "xor-hidden-layer", "--epochs", "1"))  # fmt: skip


def test_a_lesson_without_a_train_block_can_be_trained_too(capsys):
    lines = lines_of(capsys, "or-bias", "--epochs", "200")
    assert lines[0] == "L at epoch#0: 0.125"
    assert [line.split(":")[0] for line in lines[:3]] == [
        "L at epoch#0", "L at epoch#100", "L after 200 epochs",
    ]  # fmt: skip


def test_tracer_train_says_that_a_run_diverged(capsys):
    lines = lines_of(capsys, "learning-rate", "--learning-rate", "50", "--epochs", "100", status=1)
    assert (
        "The run diverged: the loss grows without end, from 0.5 to 1.76e+06 at epoch 10." in lines
    )
    assert "L after 10 epochs: 1762579.4082284463" in lines


def test_tracer_train_survives_a_loss_beyond_all_numbers(capsys):
    options = ["--learning-rate=1e200", "--epochs", "100"]
    lines = lines_of(capsys, "learning-rate", *options, status=1)
    assert "The run diverged: the loss is infinite at epoch 1." in lines


def test_ctrl_c_in_tracer_train_ends_cleanly_with_what_was_learned(capsys, monkeypatch):
    whole = Plan.carry_out

    def interrupted(plan, program, each):
        def told(epoch, cost):
            each(epoch, cost)
            interrupt_at(36)(epoch, cost)

        return whole(plan, program, told)

    monkeypatch.setattr(Plan, "carry_out", interrupted)
    lines = lines_of(capsys, "xor-hidden-layer")
    assert "The run was interrupted after 37 epochs." in lines
    _, history = by_hand(X, XOR, *HIDDEN, 37)
    printed = next(line for line in lines if line.startswith("b[2]"))
    assert float(printed.split(" = ")[1]) == pytest.approx(history[37][1][1][0, 0], rel=1e-10)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["no-such-lesson"], "there is no lesson 'no-such-lesson'; .*"),
        (["or-one-example"], "no learning rate is set, expected one, as in .*"),
        (["xor-hidden-layer", "--epochs", "9999999"], "epochs is 9999999, expected 1 to .*"),
        (["learning-rate", "--batch-size", "2"], "batches need matrices with one example a .*"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_trained_is_one_line_and_status_2(arguments, complaint, capsys):
    assert main(["train", *arguments]) == 2
    out, said = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(rf"tracer: {complaint}\n", said)


@pytest.mark.parametrize("rate", ["nan", "inf"])
def test_a_learning_rate_that_is_no_number_is_refused_and_called_by_its_name(rate, capsys):
    assert main(["train", "or-batch", "--learning-rate", rate]) == 2
    said = capsys.readouterr().err
    assert rate in said
    assert "no learning rate is set" not in said


@pytest.mark.parametrize(
    "options",
    [["--epochs", "0"], ["--epochs", "x"], ["--epochs", "1.5"], ["--batch-size", "0"],
     ["--log-every", "0"], ["--log-every", "-1"], ["--learning-rate", "fast"]],
    ids=" ".join,
)  # fmt: skip
def test_an_option_that_makes_no_sense_is_one_line_and_status_2(options, capsys):
    assert main(["train", "or-batch", *options]) == 2
    out, said = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(
        rf"tracer train: {options[0]}: .*{re.escape(options[1])}.*; "
        r"'tracer train --help' shows an example\n",
        said,
    )


# one epoch in full


def replayed(capsys, *arguments: str) -> str:
    assert main(["replay", *arguments]) == 0
    return capsys.readouterr().out


def numbers_in(shown: str, heading: str) -> set[str]:
    """The numbers of one page."""
    page = shown.partition(heading)[2]
    return set(
        re.findall(r"-?\d+(?:\.\d+)?", re.split(r"\n(?:Forward|Backward|Update) \d", page)[0])
    )


def test_any_epoch_can_be_worked_out_in_full_with_the_lessons_pen(capsys):
    """Written lines as everywhere: three decimals, carried from step to step."""
    shown = replayed(capsys, "xor-hidden-layer", "--epoch", "3217")
    _, history = by_hand(X, XOR, *HIDDEN, 3217)
    (W1, W2), (b1, b2) = history[3217]
    Z1 = np.round(W1 @ X + b1, 3)
    A1 = np.round(1 / (1 + np.exp(-Z1)), 3)
    Z2 = np.round(W2 @ A1 + b2, 3)
    Yhat = np.round(1 / (1 + np.exp(-Z2)), 3)
    pages = {"Forward 1 of 5": Z1, "Forward 2 of 5": A1, "Forward 3 of 5": Z2,
             "Forward 4 of 5": Yhat}  # fmt: skip
    for heading, matrix in pages.items():
        assert {f"{x:g}" for x in matrix.ravel()} <= numbers_in(shown, heading), heading
    for phase in ("Backward 1 of 5", "Update 1 of"):
        assert phase in shown


def test_epoch_0_is_the_first_iteration(capsys):
    shown = replayed(capsys, "xor-feature-cross", "--epoch", "0")
    for number in ("0.138", "0.016", "0.584", "0.163"):
        assert number in shown


def test_the_epoch_after_the_last_is_what_came_of_it_all(capsys):
    shown = replayed(capsys, "xor-hidden-layer", "--epoch", "5000")
    assert "3.12306194909" in shown


def test_another_pen_can_be_asked_for_there_too(capsys):
    exact = replayed(capsys, "xor-hidden-layer", "--epoch", "10", "--mode", "exact")
    _, history = by_hand(X, XOR, *HIDDEN, 10)
    (W1, _), (b1, _) = history[10]
    assert f"{(W1 @ X + b1)[1, 3]:.12g}" in exact


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["or-batch", "--epoch", "5001"], "epoch 5001 is not in this run, expected 0 to 5000"),
        (["or-batch", "--epoch", "-1"], "epoch -1 is not in this run, expected 0 to 5000"),
        (["or-bias", "--epoch", "1"], "or-bias has no {train} block, expected one for --epoch"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_an_epoch_that_is_not_there_is_one_line_and_status_2(arguments, complaint, capsys):
    assert main(["replay", *arguments]) == 2
    assert capsys.readouterr() == ("", f"tracer: {complaint}\n")


def test_the_lessons_whose_costs_are_published_have_a_training():
    for name in ("or-batch", "xor-hidden-layer", "xor-feature-cross"):
        assert any(isinstance(section, TrainBlock) for section in solve(load(name)).sections)
