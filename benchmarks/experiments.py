"""The tables of the lessons that take many networks, many epochs or many draws to fill.

Run `python benchmarks/experiments.py` for their names, and `python benchmarks/experiments.py
starts` for one of them, as it stands in its lesson. A hundred trials are drawn from the seeds 0 to
99, one for each. All tables together take some three minutes.

Every machine finds the same numbers but where the last digit of a float decides: the later epochs
in `last-digits`, how those runs end, and the tangent in `starts`. Their lesson says so.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain

import numpy as np

from tracer.layers import initialize_parameters
from tracer.lesson.blocks.train import TrainBlock
from tracer.lesson.home import load
from tracer.lesson.solution import solve
from tracer.network import drawn, gate
from tracer.trace.program import Program
from tracer.training.run import RUNAWAY, Run
from tracer.training.run import train as train_one

SEEDS = range(100)
XOR = np.asarray(gate("XOR")["X"]), np.asarray(gate("XOR")["Y"])
"X (2 x 4) and Y (1 x 4)."
SOLVED = 0.01
"A network whose cost is lower has solved its gate."
LAST_DIGIT = 1e-15
"Of a float64 number, a few units of its sixteenth digit."


@dataclass(frozen=True)
class Table:
    """A table as a lesson has it."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        head, *rows = ("| " + " | ".join(row) + " |" for row in (self.head, *self.rows))
        return "\n".join([head.replace("|  |", "| |"), "|" + "---|" * len(self.head), *rows])


# many networks at once


@dataclass(frozen=True)
class Activation:
    """What a neuron makes of z, and the slope of that."""

    value: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray, np.ndarray], np.ndarray]
    "of a and z"


ACTIVATIONS = {
    "identity": Activation(lambda z: z, lambda a, z: np.ones_like(z)),
    # by way of tanh, which cannot overflow
    "sigmoid": Activation(lambda z: (1 + np.tanh(z / 2)) / 2, lambda a, z: a * (1 - a)),
    "tanh": Activation(np.tanh, lambda a, z: 1 - a**2),
    "relu": Activation(lambda z: np.maximum(z, 0), lambda a, z: (z > 0).astype(float)),
    "sin": Activation(np.sin, lambda a, z: np.cos(z)),
    "cos": Activation(np.cos, lambda a, z: -np.sin(z)),
    "tan": Activation(np.tan, lambda a, z: 1 + a**2),
}
CALLED = {"relu": "ReLU", "sin": "sine", "cos": "cosine", "tan": "tangent"}
METHODS = {"plain": "plain", "xavier": "Xavier", "he": "He"}


@dataclass(frozen=True, eq=False)
class Networks:
    """Networks of one shape side by side: each W is (networks x n_out x n_in)."""

    activations: tuple[Activation, ...]
    W: tuple[np.ndarray, ...]
    b: tuple[np.ndarray, ...]

    def forward(self, X: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Z and A of every layer."""
        found, A = [], X
        for activation, W, b in zip(self.activations, self.W, self.b, strict=True):
            Z = W @ A + b
            A = activation.value(Z)
            found.append((Z, A))
        return found

    def answers(self, X: np.ndarray) -> np.ndarray:
        """What each network answers: (networks x outputs x examples)."""
        return self.forward(X)[-1][1]

    def costs(self, X: np.ndarray, Y: np.ndarray) -> np.ndarray:
        """The squared error of each network."""
        squares = (Y - self.answers(X)) ** 2
        return np.asarray(squares.sum(axis=(1, 2)) / (2 * X.shape[-1]))

    def stepped(self, X: np.ndarray, Y: np.ndarray, rate: float) -> Networks:
        """Each network after one step of gradient descent."""
        layers = self.forward(X)
        before = [X, *(A for _, A in layers)]
        upstream = -(Y - layers[-1][1]) / X.shape[-1]
        W, b = list(self.W), list(self.b)
        for k in reversed(range(len(layers))):
            Z, A = layers[k]
            dZ = upstream * self.activations[k].slope(A, Z)
            upstream = self.W[k].swapaxes(1, 2) @ dZ
            W[k] = W[k] - rate * dZ @ before[k].swapaxes(-1, -2)
            b[k] = b[k] - rate * dZ.sum(axis=2, keepdims=True)
        return replace(self, W=tuple(W), b=tuple(b))

    def trained(self, X: np.ndarray, Y: np.ndarray, epochs: int, rate: float = 1.0) -> Networks:
        """Each network after so many epochs."""
        networks = self
        for _ in range(epochs):
            networks = networks.stepped(X, Y, rate)
        return networks

    def moved(self, seed: int) -> Networks:
        """The same with every weight changed at random in its last digit."""
        random = np.random.default_rng(seed)
        return replace(
            self, W=tuple(W * (1 + LAST_DIGIT * random.uniform(-1, 1, W.shape)) for W in self.W)
        )


def begun(layers: str, inputs: int, method: str, seeds: Iterable[int]) -> Networks:
    """A network for each seed, as a lesson draws it: `3 tanh, 1 sigmoid` has two layers."""
    words = [layer.split() for layer in layers.split(", ")]
    sizes = [inputs, *(int(neurons) for neurons, _ in words)]
    starts = [drawn(f"{method}, seed {seed}", sizes) for seed in seeds]

    def stacked(letter: str) -> tuple[np.ndarray, ...]:
        numbers = range(1, len(sizes))
        return tuple(np.array([start[f"{letter}[{k}]"] for start in starts]) for k in numbers)

    return Networks(tuple(ACTIVATIONS[name] for _, name in words), stacked("W"), stacked("b"))


def solved(networks: Networks, epochs: int = 5000) -> int:
    """How many of the networks have learned XOR after so many epochs with the rate 1."""
    return int(np.sum(networks.trained(*XOR, epochs).costs(*XOR) < SOLVED))


# the networks of a lesson


@cache
def runs(lesson: str) -> list[Run]:
    """The training runs of a lesson, in their order."""
    sections = solve(load(lesson)).sections
    return [section.run for section in sections if isinstance(section, TrainBlock)]


def answers(program: Program, points: np.ndarray) -> np.ndarray:
    """What a network answers at points (2 x points), with the features that it makes of them."""
    made = [points[0] * points[1] for feature in program.features if feature == "x1*x2"]
    X = np.vstack([points, *made])
    return np.asarray(program.given({"X": X, "Y": np.zeros((1, X.shape[1]))}).values()["Yhat"])


def grid(low: float, high: float) -> np.ndarray:
    """Points of a square, close together: (2 x points)."""
    side = np.linspace(low, high, 401)
    return np.array(np.meshgrid(side, side)).reshape(2, -1)


MIDDLE = np.array([[0.5], [0.5]])


def first_below(run: Run, cost: float) -> int:
    """The first epoch that begins with a lower cost."""
    return int(np.flatnonzero(run.costs < cost)[0])


def overtakes(run: Run, other: Run) -> int:
    """The epoch from which on the cost is lower than that of another run."""
    return int(np.flatnonzero(run.costs >= other.costs)[-1]) + 1


# one function for each table


def updates() -> Table:
    """Batches of all examples, of two, and of one, by the number of updates."""
    program = runs("batch-slow-and-fast")[0].program
    plans = (
        ("full batch", 500, None), ("mini-batch", 500, 2), ("full batch", 1000, None),
        ("stochastic", 500, 1), ("full batch", 2000, None),
    )  # fmt: skip
    rows = [
        (
            f"{name}, {epochs} epochs",
            f"{epochs * 4 // (size or 4)}",
            f"{train_one(program, epochs, batch_size=size).final_cost:.6f}",
        )
        for name, epochs, size in plans
    ]
    return Table(("run", "updates", "cost at the end"), tuple(rows))


def hidden_neurons(counts: Sequence[int] = (1, 2, 3, 4)) -> Table:
    """How many networks solve XOR, by the number of their hidden neurons."""
    found = [
        str(solved(begun(f"{count} sigmoid, 1 sigmoid", 2, "xavier", SEEDS))) for count in counts
    ]
    return Table(("hidden neurons", *map(str, counts)), (("solved, of 100", *found),))


def hidden_activations() -> Table:
    """What the hidden neurons of XOR have become after training."""
    (run,) = runs("xor-hidden-layer")
    values = run.at(run.epochs).values()
    rows = [
        (f"{x1:.0f} {x2:.0f}", *(f"{a:.2f}" for a in hidden), f"{y:.0f}")
        for (x1, x2), hidden, y in zip(
            np.asarray(values["X"]).T,
            np.asarray(values["A[1]"]).T,
            np.asarray(values["Y"])[0],
            strict=True,
        )
    ]
    head = ("example", "neuron 1", "neuron 2", "neuron 3", "label")
    return Table(head, tuple(rows))


def side_by_side() -> Table:
    """One neuron with a feature cross beside three hidden neurons without."""
    cross, hidden = runs("feature-engineering-or-depth")[:2]
    rows = [
        ("parameters", f"{cross.last.size}", f"{hidden.last.size}"),
        ("cost after 500 epochs", f"{cross.costs[500]:.4f}", f"{hidden.costs[500]:.4f}"),
        ("cost after 1000 epochs", f"{cross.costs[1000]:.4f}", f"{hidden.costs[1000]:.4f}"),
        ("cost after 5000 epochs", f"{cross.final_cost:.4f}", f"{hidden.final_cost:.4f}"),
        ("boundary", "a hyperbola", "two nearly straight lines"),
        ("answers 1 in", "two opposite corners", "a band between two corners"),
        ("what had to be known", "that the product matters", "nothing"),
    ]
    return Table(("", "feature cross", "hidden layer"), tuple(rows))


LEARNERS = {
    "one neuron, cross": ("1 sigmoid", True),
    "3 hidden": ("3 sigmoid, 1 sigmoid", False),
    "10 hidden": ("10 sigmoid, 1 sigmoid", False),
    "3 hidden and cross": ("3 sigmoid, 1 sigmoid", True),
}


def scattered(count: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points of the unit square, labelled like XOR: X (2 x count) and Y (1 x count)."""
    X = random.random((2, count))
    return X, ((X[0] > 0.5) != (X[1] > 0.5)).astype(float)[np.newaxis]


def learned(examples: int, learner: str, seeds: Sequence[int] = SEEDS) -> float:
    """The part of 4000 new points that is answered right, in the mean over the trials."""
    layers, crossed = LEARNERS[learner]
    old, new = [], []
    for seed in seeds:
        random = np.random.default_rng(seed)
        old.append(scattered(examples, random))
        new.append(scattered(4000, random))
    (X, Y), (X_new, Y_new) = (map(np.array, zip(*trials, strict=True)) for trials in (old, new))
    if crossed:
        X, X_new = (np.concatenate([x, x[:, :1] * x[:, 1:]], axis=1) for x in (X, X_new))
    networks = begun(layers, X.shape[1], "xavier", seeds).trained(X, Y, 20000)
    return float(np.mean((networks.answers(X_new) > 0.5) == (Y_new > 0.5)))


def few_and_many() -> Table:
    """What networks make of few examples and of many, with a feature cross and without."""
    rows = [
        (str(examples), *(f"{100 * learned(examples, learner):.0f} %" for learner in LEARNERS))
        for examples in (16, 64, 256)
    ]
    return Table(("examples to learn from", *LEARNERS), tuple(rows))


def neighbours() -> Networks:
    """One network of tangents a hundred times over, each time with other last digits."""
    return begun("3 tan, 1 identity", 2, "xavier", [48] * len(SEEDS)).moved(seed=0)


def apart(epochs: int) -> Iterator[tuple[float, float]]:
    """For each epoch the lowest and the highest cost among the neighbours."""
    networks = neighbours()
    for _ in range(epochs):
        costs = networks.costs(*XOR)
        yield float(costs.min()), float(costs.max())
        networks = networks.stepped(*XOR, 0.1)


def lost(networks: Networks, epochs: int = 5000) -> int:
    """How many of the networks end as a run does that is broken off: their cost has no bounds."""
    most = RUNAWAY * networks.costs(*XOR)
    ended = np.zeros(most.shape, dtype=bool)
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            networks = networks.stepped(*XOR, 0.1)
            ended |= ~(networks.costs(*XOR) <= most)  # what is not a number is lost as well
    return int(ended.sum())


def last_digits() -> Table:
    """How far a hundred runs come apart that begin with other last digits."""
    rows = []
    for epoch, (low, high) in enumerate(apart(7)):
        places = max(0, -int(np.floor(np.log10(high - low))))  # as far as to where they differ
        rows.append((str(epoch), f"{low:.{places}f}", f"{high:.{places}f}"))
    return Table(("epoch", "lowest cost", "highest cost"), tuple(rows))


def dice(trials: Iterable[int] = range(20)) -> list[int]:
    """How many networks of tangents learn XOR, counted anew with other last digits."""
    networks = begun("3 tan, 1 sigmoid", 2, "xavier", SEEDS)
    return [solved(networks.moved(trial)) for trial in trials]


def starts() -> Table:
    """How many networks of a hundred learn XOR, by the activation of the hidden neurons."""
    found = [
        str(solved(begun(f"3 {name}, 1 sigmoid", 2, "xavier", SEEDS)))
        for name in ACTIVATIONS
        if name != "tan"
    ]
    found.append(f"about {np.mean(dice()):.0f}")
    names = [CALLED.get(name, name) for name in ACTIVATIONS]
    return Table(("hidden activation", *names), (("of 100", *found),))


def variances() -> Table:
    """The variance of a million weights drawn in each manner."""
    rows = []
    for inputs in (2, 10, 100):
        shape = inputs, 1_000_000 // inputs
        found = (
            initialize_parameters(*shape, method, np.random.RandomState(48))["W"].var()
            for method in METHODS
        )
        rows.append((str(inputs), *(f"{v:.{n}f}" for v, n in zip(found, (6, 4, 4), strict=True))))
    return Table(("inputs", *METHODS.values()), tuple(rows))


def spreads(method: str, activation: str, seed: int) -> list[float]:
    """How far the activations spread in each of ten layers of 100 neurons, for 1000 examples."""
    random = np.random.RandomState(seed)
    A = random.standard_normal((100, 1000))
    found = []
    for _ in range(10):
        A = ACTIVATIONS[activation].value(initialize_parameters(100, 100, method, random)["W"] @ A)
        found.append(float(A.std()))
    return found


DEEP = (
    ("plain", "tanh"), ("xavier", "tanh"), ("plain", "relu"), ("xavier", "relu"), ("he", "relu"),
)  # fmt: skip


def spread_row(method: str, activation: str, seeds: Sequence[int] = SEEDS) -> tuple[str, ...]:
    """The mean spread over the trials, in layers 1, 5 and 10."""
    means = np.mean([spreads(method, activation, seed) for seed in seeds], axis=0)[[0, 4, 9]]
    said = (np.format_float_positional(mean, 2, fractional=False) for mean in means)
    return f"{METHODS[method]}, {CALLED.get(activation, activation)}", *said


def ten_layers() -> Table:
    """What ten layers leave of their inputs, by how the weights were drawn."""
    head = ("weights, activation", "layer 1", "layer 5", "layer 10")
    return Table(head, tuple(spread_row(*each) for each in DEEP))


def methods() -> Table:
    """How many networks of a hundred learn XOR, by activation and by how the weights were drawn."""
    rows = [
        (
            CALLED.get(name, name),
            *(str(solved(begun(f"3 {name}, 1 sigmoid", 2, method, SEEDS))) for method in METHODS),
        )
        for name in ("sigmoid", "tanh", "relu")
    ]
    return Table(("hidden activation", *METHODS.values()), tuple(rows))


def one_more_layer() -> Table:
    """Two networks for XOR from the same seed, one of them with a hidden layer more."""
    pair = runs("modular-layers")[0], runs("three-layers")[0]
    rows = [
        ("parameters", *(str(run.last.size) for run in pair)),
        ("cost at epoch 1000", *(f"{run.costs[1000]:.4f}" for run in pair)),
    ]
    for cost in (0.1, 0.01, 0.001):
        rows.append(
            (f"first below {cost} at epoch", *(str(first_below(run, cost)) for run in pair))
        )
    rows.append(("cost after 5000 epochs", *(f"{run.final_cost:.5f}" for run in pair)))
    return Table(("", "2-3-1", "2-5-3-1"), tuple(rows))


def fitted(layers: str) -> tuple[str, ...]:
    """What a hundred networks of one shape come to: solved, the middle left out, and costs."""
    networks = begun(layers, 2, "xavier", SEEDS).trained(*XOR, 5000)
    costs, out = networks.costs(*XOR), networks.answers(MIDDLE)[:, 0, 0] <= 0.5
    later = networks.trained(*XOR, 15000).costs(*XOR)
    return (
        f"{np.sum(costs < SOLVED)}",
        f"{np.sum((costs < SOLVED) & out)}",
        f"{np.median(costs):.5f}",
        f"{np.sum(later < SOLVED)}",
        f"{np.median(later):.5f}",
    )


def hundred_and_hundred() -> Table:
    """A hundred networks with one hidden layer and a hundred with two."""
    said = (
        "solved after 5000 epochs", "of these, the middle left out", "median cost",
        "solved after 20000 epochs", "median cost then",
    )  # fmt: skip
    columns = fitted("3 sigmoid, 1 sigmoid"), fitted("5 sigmoid, 3 sigmoid, 1 sigmoid")
    rows = tuple(zip(said, *columns, strict=True))
    return Table(("of 100 networks", "2-3-1", "2-5-3-1"), rows)


# what the lessons say in passing: one function for each piece of a sentence


def identity_steps() -> str:
    """Steps of the identity neuron until its loss is a thousandth of what it was."""
    program = runs("learning-rate")[0].program
    trained = [train_one(program, 200, rate) for rate in (5, 0.5)]
    fast, slow = (first_below(run, run.costs[0] / 1000) for run in trained)
    return f"`α = 5` needs {fast} steps and `α = 0.5` needs {slow}"


def bias_updates() -> str:
    """Updates of the bias until the loss of the OR neuron is below 0.001."""
    program = runs("learning-rate")[5].program
    trained = [train_one(program, 700, rate) for rate in (0.5, 5, 50)]
    slow, fast, huge = (first_below(run, 0.001) for run in trained)
    return f"`α = 0.5` takes {slow} updates, `α = 5` takes {fast}, and `α = 50` takes {huge}"


def cross_overtaken() -> str:
    """When the hidden layer has a lower cost than the feature cross."""
    cross, hidden = runs("feature-engineering-or-depth")[:2]
    return f"in epoch {overtakes(hidden, cross)} it overtakes"


def contradiction() -> str:
    """The part of the picture where the feature cross and the hidden layer differ."""
    points = grid(-0.5, 1.5)
    cross, hidden = runs("feature-engineering-or-depth")[:2]
    one, other = (answers(run.at(run.epochs), points) > 0.5 for run in (cross, hidden))
    return f"on {100 * np.mean(one != other):.0f} % of the area"


def in_the_middle() -> str:
    """What both answer where there is no example."""
    cross, hidden = runs("feature-engineering-or-depth")[:2]
    one, other = (answers(run.at(run.epochs), MIDDLE).item() for run in (cross, hidden))
    return f"the first network answers {one:.2f} and the second {other:.2f}"


def wide() -> str:
    """How many networks with 16 ReLU neurons learn XOR."""
    found = solved(begun("16 relu, 1 sigmoid", 2, "he", SEEDS))
    return f"With 16 of them and He weights, {found} of 100 networks succeed"


def never_to_return() -> str:
    """How many of the neighbours end beyond all bounds."""
    return f"{lost(neighbours())} of the hundred"


def random_biases() -> str:
    """How many networks learn XOR whose biases are drawn as well, in five drawings of them."""
    networks = begun("3 sigmoid, 1 sigmoid", 2, "xavier", SEEDS)
    found = []
    for trial in range(5):
        random = np.random.default_rng(trial)
        b = tuple(random.standard_normal(b.shape) for b in networks.b)
        found.append(solved(replace(networks, b=b)))
    return f"between {min(found)} and {max(found)} of the hundred"


def deep_ahead() -> str:
    """When the network with a layer more has the lower cost."""
    two, three = runs("modular-layers")[0], runs("three-layers")[0]
    return f"from epoch {overtakes(three, two)} on it is ahead"


def areas() -> str:
    """The part of the square between the examples that is answered with 1."""
    points = grid(0, 1)
    pair = runs("modular-layers")[0], runs("three-layers")[0]
    two, three = (np.mean(answers(run.at(run.epochs), points) > 0.5) for run in pair)
    return f"{100 * two:.0f} % of the area. Here it is {100 * three:.0f} %"


PASSING = {
    "learning-rate": (identity_steps, bias_updates),
    "feature-engineering-or-depth": (cross_overtaken, contradiction, in_the_middle),
    "why-activations": (wide, never_to_return),
    "why-random-weights": (random_biases,),
    "three-layers": (deep_ahead, areas),
}


def in_passing() -> Table:
    """Numbers of this kind that stand in the sentences of the lessons."""
    rows = tuple((lesson, said()) for lesson, functions in PASSING.items() for said in functions)
    return Table(("lesson", "says"), rows)


TABLES = {
    "batch-slow-and-fast": (updates,),
    "xor-hidden-layer": (hidden_neurons, hidden_activations),
    "feature-engineering-or-depth": (side_by_side, few_and_many),
    "why-activations": (last_digits, starts),
    "why-random-weights": (variances, ten_layers, methods),
    "three-layers": (one_more_layer, hundred_and_hundred),
}
"The tables of each lesson."
NAMED = {
    table.__name__.replace("_", "-"): table
    for table in (*chain.from_iterable(TABLES.values()), in_passing)
}


def main(arguments: Sequence[str]) -> None:
    """Print some tables, or the names of all."""
    if not arguments:
        for name, table in NAMED.items():
            print(f"{name:<22} {table.__doc__}")
    for name in arguments:
        if name not in NAMED:
            sys.exit(f"there is no table {name!r}, expected one of {', '.join(NAMED)}")
        print(NAMED[name]())


if __name__ == "__main__":
    main(sys.argv[1:])
