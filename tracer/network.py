"""Layers and a loss as one training step: a batch in matrices, or one example in scalars."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from tracer import ops
from tracer.equations import build
from tracer.errors import LessonError, ShapeError, TracerError, UnknownName, nearest, shape_text
from tracer.layers import initialize_parameters
from tracer.ops import Op
from tracer.program import Equation, Leaf, Program, Value

LOSSES = ("squared error",)
VIEWS = ("matrix", "scalar")
GATES = {"OR": (0, 1, 1, 1), "AND": (0, 0, 0, 1), "XOR": (0, 1, 1, 0)}
"Labels of the four examples 0 0, 0 1, 1 0, 1 1."
Matrices = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Layer:
    """One fully connected layer: W (n_out x n_in), b (n_out x 1) or none, and an activation."""

    W: np.ndarray
    b: np.ndarray | None
    activation: Op


@dataclass(frozen=True)
class Network:
    """A network with its data: X (features x examples) and Y (outputs x examples)."""

    layers: tuple[Layer, ...]
    X: np.ndarray
    Y: np.ndarray
    learning_rate: float | None = None

    def matrix_program(self) -> Program:
        """The batch: W, X, Z and the cost, one equation a layer's half."""
        depth = len(self.layers)
        leaves, equations, aliases = [Leaf("X", self.X, "data")], [], {}
        previous = "X"
        for number, layer in enumerate(self.layers, 1):
            mark = f"[{number}]" if depth > 1 else ""
            activated = "Yhat" if number == depth else f"A{mark}"
            for stem in "WbZ":
                aliases[f"{stem}[{number}]"] = f"{stem}{mark}"
            aliases[f"A[{number}]"] = activated
            leaves.append(Leaf(f"W{mark}", layer.W))
            inputs = [f"W{mark}", previous]
            if layer.b is not None:
                leaves.append(Leaf(f"b{mark}", layer.b))
                inputs.append(f"b{mark}")
            linear = ops.LINEAR if layer.b is not None else ops.LINEAR_WITHOUT_BIAS
            equations.append(Equation(f"Z{mark}", linear, tuple(inputs)))
            equations.append(Equation(activated, layer.activation, (f"Z{mark}",)))
            previous = activated
        leaves.append(Leaf("Y", self.Y, "data"))
        equations.append(Equation("Cost", ops.SQUARED_ERROR_COST, ("Y", "Yhat")))
        if depth == 1:
            aliases["A"] = "Yhat"
        return Program(tuple(leaves), tuple(equations), self.learning_rate, aliases)

    def scalar_program(self, example: int = 0) -> Program:
        """One example with every weight a node of its own: z = w1*x1 + w2*x2 + b."""
        names = ScalarNames(self.shape)
        x, y = self.X[:, example], self.Y[:, example]
        leaves = [Leaf(name, float(v), "data") for name, v in zip(names.x, x, strict=True)]
        equations = []
        previous = names.x
        for number, layer in enumerate(self.layers):
            activated = names.activations(number)
            for neuron, row in enumerate(layer.W):
                w = names.weights(number, neuron)
                leaves += [Leaf(name, float(v)) for name, v in zip(w, row, strict=True)]
                inputs = [name for pair in zip(w, previous, strict=True) for name in pair]
                if layer.b is not None:
                    inputs.append(names.bias(number, neuron))
                    leaves.append(Leaf(inputs[-1], float(layer.b[neuron, 0])))
                weighted = ops.weighted_sum(len(row), layer.b is not None)
                z = names.at(number, "z", neuron)
                equations.append(Equation(z, weighted, tuple(inputs)))
                equations.append(Equation(activated[neuron], layer.activation, (z,)))
            previous = activated
        leaves += [Leaf(name, float(v), "data") for name, v in zip(names.y, y, strict=True)]
        pairs = tuple(name for pair in zip(names.y, previous, strict=True) for name in pair)
        loss = ops.SQUARED_ERROR_LOSS
        if len(pairs) > 2:
            loss = ops.squared_errors_summed(len(pairs) // 2)
        equations.append(Equation("L", loss, pairs))
        return Program(tuple(leaves), tuple(equations), self.learning_rate)

    @property
    def shape(self) -> tuple[int, ...]:
        """Features, then the neurons of each layer: (2, 3, 1)."""
        return (self.X.shape[0], *(layer.W.shape[0] for layer in self.layers))


@dataclass(frozen=True)
class ScalarNames:
    """What the nodes are called when each number is one: w1 and z, or w12[1] and z1[1]."""

    shape: tuple[int, ...]

    @property
    def x(self) -> list[str]:
        """The features."""
        return [f"x{k}" for k in range(1, self.shape[0] + 1)]

    @property
    def y(self) -> list[str]:
        """The labels."""
        return self._outputs("y")

    def weights(self, layer: int, neuron: int) -> list[str]:
        """The weights into one neuron, both counted from 0."""
        columns = range(1, self.shape[layer] + 1)
        if self._is_single:
            return [f"w{k}" for k in columns]
        between = "_" if max(self.shape) > 9 else ""
        return [f"w{neuron + 1}{between}{k}{self._mark(layer)}" for k in columns]

    def bias(self, layer: int, neuron: int) -> str:
        """The bias of one neuron."""
        return self.at(layer, "b", neuron)

    def activations(self, layer: int) -> list[str]:
        """The outputs of a layer."""
        if layer == len(self.shape) - 2:
            return self._outputs("yhat")
        return [self.at(layer, "a", neuron) for neuron in range(self.shape[layer + 1])]

    def at(self, layer: int, stem: str, neuron: int) -> str:
        """A value of one neuron."""
        return stem if self._is_single else f"{stem}{neuron + 1}{self._mark(layer)}"

    def _outputs(self, stem: str) -> list[str]:
        count = self.shape[-1]
        return [stem] if count == 1 else [f"{stem}{k}" for k in range(1, count + 1)]

    @property
    def _is_single(self) -> bool:
        return self.shape[1:] == (1,)

    def _mark(self, layer: int) -> str:
        return f"[{layer + 1}]" if len(self.shape) > 2 else ""


def net(
    layers: str,
    *,
    view: str = "matrix",
    loss: str = "squared error",
    learning_rate: float | None = None,
    **values: object,
) -> Program:
    """The program of a network given in a few words and its numbers.

    >>> program = net("1 sigmoid", X=[[0, 0, 1, 1], [0, 1, 0, 1]], Y=[[0, 1, 1, 1]],
    ...               W=[[0.1, 0.6]], b=0, learning_rate=1)
    >>> program.names
    ['X', 'W', 'b', 'Y', 'Z', 'Yhat', 'Cost']

    X is (features x examples), Y (outputs x examples), W (n_out x n_in), b (n_out x 1). With
    several layers, as in "3 sigmoid, 1 sigmoid", W and b are lists with one matrix a layer. In the
    scalar view the values are x1, w1, b, y.
    Raises ShapeError, naming both shapes, when matrices do not fit, UnknownName for other values.
    """
    sizes = parse_layers(layers)
    named: dict[str, Value] = {}
    for name, value in values.items():
        if name in ("W", "b") and len(sizes) > 1:
            if not isinstance(value, Sequence | np.ndarray) or isinstance(value, str):
                raise TracerError(f"{name} is no list, expected one with a matrix for each layer")
            named |= {f"{name}[{k}]": _numbers(name, one) for k, one in enumerate(value, 1)}
        else:
            named[name] = _numbers(name, value)
    return assemble(sizes, named, view=view, loss=loss, learning_rate=learning_rate)


def with_features(X: np.ndarray, features: Sequence[str]) -> np.ndarray:
    """The data with rows added for features such as `x1*x2`, computed from the rows above.

    >>> with_features(np.array([[2.0], [3.0]]), ["x1*x2"]).tolist()
    [[2.0], [3.0], [6.0]]
    """
    rows = list(X)
    for feature in features:
        given = [(f"x{k}", "0", "the data") for k in range(1, len(rows) + 1)]
        program = build([*given, ("feature", feature, "features")])
        values = program.given({f"x{k}": row for k, row in enumerate(rows, 1)}).values()
        rows.append(np.asarray(values["feature"]))
    return np.array(rows)


def gate(name: str) -> dict[str, Value]:
    """The data of a logic gate: X (2 x 4) and Y (1 x 4).

    >>> gate("XOR")["Y"].tolist()
    [[0.0, 1.0, 1.0, 0.0]]

    Raises UnknownName for another name.
    """
    if name not in GATES:
        raise UnknownName(f"there is no data {name!r}; {nearest(name, GATES)}")
    return {
        "X": np.array([[0, 0, 1, 1], [0, 1, 0, 1]], dtype=float),
        "Y": np.array([GATES[name]], dtype=float),
    }


def drawn(words: str, sizes: Sequence[int]) -> dict[str, Value]:
    """Parameters drawn at random, from words such as `xavier, seed 48`; biases are zero.

    >>> sorted(drawn("xavier, seed 48", (2, 3, 1)))
    ['W[1]', 'W[2]', 'b[1]', 'b[2]']

    Raises LessonError for other words.
    """
    match = re.fullmatch(r"(\w+)\s*,\s*seed\s+(\d{1,9})", words.strip())
    if not match:
        raise LessonError(f"init {words!r} cannot be read, expected such as 'xavier, seed 48'")
    random = np.random.RandomState(int(match[2]))
    found: dict[str, Value] = {}
    for number, (n_in, n_out) in enumerate(pairwise(sizes), 1):
        layer = initialize_parameters(n_in, n_out, match[1], random)
        found |= {f"W[{number}]": layer["W"], f"b[{number}]": layer["b"]}
    return found


def parse_layers(words: str) -> list[tuple[int, Op]]:
    """Layers from words such as `3 sigmoid, 1 sigmoid`: neurons and activation of each.

    >>> [(size, op.name) for size, op in parse_layers("3 tanh, 1 sigmoid")]
    [(3, 'tanh'), (1, 'sigmoid')]
    """
    layers = []
    for part in words.split(","):
        size, _, activation = part.strip().partition(" ")
        if not size.isdecimal() or not 1 <= int(size) <= 10_000:
            raise LessonError(f"layer {part.strip()!r} cannot be read, expected '3 sigmoid'")
        if activation.strip() not in ops.ACTIVATIONS:
            known = nearest(activation.strip(), ops.ACTIVATIONS)
            raise LessonError(f"activation {activation.strip()!r} is not known; {known}")
        layers.append((int(size), ops.ACTIVATIONS[activation.strip()]))
    return layers


def assemble(
    layers: Sequence[tuple[int, Op]],
    values: Mapping[str, Value],
    *,
    view: str = "matrix",
    loss: str = "squared error",
    learning_rate: float | None = None,
    features: Sequence[str] = (),
    init: str | None = None,
) -> Program:
    """The program of named numbers: every shape fits and nothing is missing or left over."""
    check_loss(loss)
    if learning_rate is not None and not np.isfinite(learning_rate):
        raise LessonError("the learning rate is not finite, expected a number such as 0.1")
    if view == "scalar":
        if features or init:
            raise LessonError(
                "the scalar view takes its numbers one by one, without features or init"
            )
        return _from_scalars(layers, values, learning_rate).scalar_program()
    if view == "matrix":
        matrices = {name: np.atleast_2d(value) for name, value in values.items()}
        if features and "X" in matrices:
            matrices["X"] = with_features(matrices["X"], features)
        if init and "X" in matrices:
            sizes = [matrices["X"].shape[0], *(size for size, _ in layers)]
            matrices |= {n: np.atleast_2d(v) for n, v in drawn(init, sizes).items()}
        program = _from_matrices(layers, matrices, learning_rate).matrix_program()
        return replace(program, features=tuple(features))
    raise LessonError(f"view {view!r} is not known; {nearest(view, VIEWS)}")


def check_loss(loss: str) -> None:
    """Raise LessonError for a loss that is not known."""
    if loss not in LOSSES:
        raise LessonError(f"loss {loss!r} is not known; {nearest(loss, LOSSES)}")


def _from_matrices(
    sizes: Sequence[tuple[int, Op]], matrices: Matrices, learning_rate: float | None
) -> Network:
    if len(sizes) == 1:
        twice = next((n for n in ("W", "b") if n in matrices and f"{n}[1]" in matrices), None)
        if twice:
            raise LessonError(f"{twice} and {twice}[1] are the same, expected one of them")
        matrices = {f"{n}[1]" if n in ("W", "b") else n: v for n, v in matrices.items()}
    single = len(sizes) == 1
    weights = [f"W[{k}]" for k in range(1, len(sizes) + 1)]
    biases = [f"b[{k}]" for k in range(1, len(sizes) + 1)]
    _check_names(matrices, needed=["X", "Y", *weights], allowed=["X", "Y", *weights, *biases])
    X, Y = matrices["X"], matrices["Y"]
    built = []
    n_in, source = X.shape[0], "X has that many features"
    for (n_out, activation), W, b in zip(sizes, weights, biases, strict=True):
        neurons = "1 neuron" if n_out == 1 else f"{n_out} neurons"
        _fit("W" if single else W, matrices[W], (n_out, n_in), f"{neurons}, and {source}")
        bias = matrices.get(b)
        if bias is not None and bias.size == 1:
            bias = np.full((n_out, 1), bias[0, 0])
        if bias is not None:
            _fit("b" if single else b, bias, (n_out, 1), "one number for each neuron, in a column")
        built.append(Layer(matrices[W], bias, activation))
        n_in, source = n_out, f"the layer before has {n_out} neurons"
    _fit("Y", Y, (n_in, X.shape[1]), "one row for each output, one column for each example in X")
    return Network(tuple(built), X, Y, learning_rate)


def _from_scalars(
    sizes: Sequence[tuple[int, Op]], values: Mapping[str, Value], learning_rate: float | None
) -> Network:
    features = [name for name in values if re.fullmatch(r"x\d+", name)]
    names = ScalarNames((len(features), *(size for size, _ in sizes)))
    if not features:
        raise LessonError("there are no features, expected x1, x2 and so on")
    layers = []
    needed, allowed = [*names.x, *names.y], []
    for number, (size, _) in enumerate(sizes):
        needed += [w for neuron in range(size) for w in names.weights(number, neuron)]
        allowed += [names.bias(number, neuron) for neuron in range(size)]
    _check_names(values, needed, needed + allowed)
    for name, value in values.items():
        if np.shape(value):
            raise ShapeError(f"{name} is {shape_text(np.shape(value))}, expected a single number")
    for number, (size, activation) in enumerate(sizes):
        rows = [names.weights(number, neuron) for neuron in range(size)]
        biases = [names.bias(number, neuron) for neuron in range(size)]
        given = [b for b in biases if b in values]
        if given and given != biases:
            missing = next(b for b in biases if b not in values)
            raise LessonError(f"{missing} is missing, expected a bias for each neuron or for none")
        layers.append(
            Layer(
                np.array([[values[w] for w in row] for row in rows], dtype=float),
                np.array([[values[b]] for b in biases], dtype=float) if given else None,
                activation,
            )
        )
    x, y = (
        np.array([[values[name]] for name in group], dtype=float) for group in (names.x, names.y)
    )
    return Network(tuple(layers), x, y, learning_rate)


def _check_names(
    values: Mapping[str, object], needed: Sequence[str], allowed: Sequence[str]
) -> None:
    for name in values:
        if name not in allowed:
            raise UnknownName(f"{name} has no place in this network; {nearest(name, allowed)}")
    for name in needed:
        if name not in values:
            raise LessonError(f"{name} is missing, expected {', '.join(needed)}")


def _fit(name: str, matrix: np.ndarray, shape: tuple[int, int], why: str) -> None:
    if matrix.shape != shape:
        raise ShapeError(
            f"{name} is {shape_text(matrix.shape)}, expected {shape_text(shape)}: {why}"
        )


def _numbers(name: str, value: object) -> Value:
    try:
        array = np.array(value, dtype=float)
    except (TypeError, ValueError):
        raise TracerError(f"{name} is not made of numbers in rows of equal length") from None
    if array.ndim > 2:
        raise TracerError(f"{name} has {array.ndim} dimensions, expected rows and columns")
    if not np.isfinite(array).all():
        raise TracerError(f"{name} has an entry that is not finite")
    return float(array) if array.ndim == 0 else np.atleast_2d(array)
