"""Layers and a loss as one training step: a batch in matrices, or one example in scalars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tracer import ops
from tracer.errors import about
from tracer.network.labels import doubts
from tracer.network.spec import Criterion, Spec
from tracer.ops import Op
from tracer.trace.program import Equation, Leaf, Program, Value

MIXING = (ops.SOFTMAX, ops.SHIFTED_SOFTMAX)
"""Activations in which each output depends on every z of its layer."""


@dataclass(frozen=True)
class Layer:
    """One fully connected layer: W (n_out x n_in), b (n_out x 1), one for all or none; activation.

    With a bias that is folded in, W has a column more.
    """

    W: np.ndarray
    b: Value | None
    activation: Op


@dataclass(frozen=True)
class Network:
    """A network with its data: X (features x examples) and Y (outputs x examples).

    Without a cost, one that only goes forward, there are no outputs in Y.
    """

    spec: Spec
    layers: tuple[Layer, ...]
    X: np.ndarray
    Y: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        """Features, then the neurons of each layer: (2, 3, 1)."""
        return (self.X.shape[0], *(layer.W.shape[0] for layer in self.layers))

    def program(self) -> Program:
        """The network as a graph to work out, in the view that its words ask for."""
        leaves, equations = self._scalars() if self.spec.view == "scalar" else self._matrices()
        aliases = {} if self.spec.view == "scalar" else self._aliases()
        computed = [equation.output for equation in equations]
        conventions = self.spec.conventions.canonical(aliases)
        with about("names"):
            conventions.check_names([*(leaf.name for leaf in leaves), *computed])
        criterion = self.spec.criterion
        return Program(
            tuple(leaves),
            tuple(equations),
            self.spec.learning_rate,
            aliases,
            self.spec.features,
            self.spec.view,
            self.spec.conventions.canonical(aliases),
            self.spec.update,
            doubts=tuple(doubts(self.spec, self.Y)),
            loss=criterion.name if criterion else "",
            summed=criterion is not None and criterion.reduction.examples == "sum",
            beside=tuple(name for name, _ in self.spec.beside),
        )

    # the batch: W, X, Z and the cost, one equation for each half of a layer

    def _matrices(self) -> tuple[list[Leaf], list[Equation]]:
        leaves, equations = [Leaf("X", self.X, self._data_role)], []
        previous = "X"
        for number, layer in enumerate(self.layers, 1):
            mark = self._mark(number)
            leaves.append(Leaf(f"W{mark}", layer.W))
            inputs = [f"W{mark}", previous]
            if layer.b is not None:
                leaves.append(Leaf(f"b{mark}", layer.b, self._bias_role))
                inputs.append(f"b{mark}")
            equations.append(Equation(f"Z{mark}", self._linear(layer), tuple(inputs)))
            previous = "Yhat" if number == len(self.layers) else f"A{mark}"
            equations.append(Equation(previous, layer.activation, (f"Z{mark}",)))
        criterion = self.spec.criterion
        if criterion is None:
            return leaves, equations
        leaves.append(Leaf("Y", self.Y, "data"))
        equations += self._costs(criterion, str(equations[-1].inputs[0]))
        weights = [leaf.name for leaf in leaves if leaf.name.startswith("W")]
        return self._penalised(leaves, equations, weights, "Y")

    def _linear(self, layer: Layer) -> Op:
        conventions = self.spec.conventions
        if conventions.folded is not None:
            op = ops.linear_folded(conventions.folded, conventions.subtracted)
        elif layer.b is None:
            op = ops.LINEAR_WITHOUT_BIAS
        else:
            op = ops.LINEAR if isinstance(layer.b, np.ndarray) else ops.LINEAR_SHARED_BIAS
            op = ops.subtracting(op) if conventions.subtracted else op
        return ops.averaging(op) if conventions.averaged_later else op

    def _costs(self, criterion: Criterion, z: str) -> Iterator[Equation]:
        """What stands beside the cost, and then the cost; before them the margins, if needed."""
        if "multiclass hinge" in self.spec.losses:
            yield Equation("M", ops.MARGINS, ("Y", "Yhat"))
        for name, beside in self.spec.beside:
            yield Equation(name, ops.without_slopes(_cost(beside)), _inputs(beside, z))
        if criterion.clip is not None:
            yield Equation("Yclip", ops.CLIP, ("Yhat", criterion.clip))
        yield Equation("Cost", _cost(criterion), _inputs(criterion, z))

    def _aliases(self) -> dict[str, str]:
        """Other names of what the matrix program computes: A[1] for Yhat, W[1] for W."""
        states = sorted(self.spec.update.letters)
        aliases = {"A": "Yhat"} if len(self.layers) == 1 else {}
        for number in range(1, len(self.layers) + 1):
            mark = self._mark(number)
            last = number == len(self.layers)
            aliases[f"A[{number}]"] = "Yhat" if last else f"A{mark}"
            for stem in ("W", "b", "Z", *(f"{s}{p}" for s in states for p in "Wb")):
                aliases[f"{stem}[{number}]"] = f"{stem}{mark}"
        return aliases

    def _mark(self, number: int) -> str:
        return f"[{number}]" if len(self.layers) > 1 else ""

    # one example with every weight a node of its own: z = w1*x1 + w2*x2 + b

    def _scalars(self) -> tuple[list[Leaf], list[Equation]]:
        names = ScalarNames(self.shape, self.spec.conventions.biases.startswith("shared"))
        subtracted = self.spec.conventions.subtracted
        x = zip(names.x, self.X[:, 0], strict=True)
        leaves = [Leaf(name, v, self._data_role) for name, v in x]
        equations: list[Equation] = []
        previous, z = names.x, names.x
        for number, layer in enumerate(self.layers):
            z = [names.at(number, "z", neuron) for neuron in range(len(layer.W))]
            for neuron, row in enumerate(layer.W):
                w = names.weights(number, neuron)
                leaves += [Leaf(name, v) for name, v in zip(w, row, strict=True)]
                inputs = [name for pair in zip(w, previous, strict=True) for name in pair]
                if layer.b is not None:
                    inputs.append(names.bias(number, neuron))
                    if inputs[-1] not in {leaf.name for leaf in leaves}:
                        value = np.atleast_2d(layer.b)[0 if names.shared else neuron, 0]
                        leaves.append(Leaf(inputs[-1], value, self._bias_role))
                weighted = ops.weighted_sum(len(row), layer.b is not None, subtracted)
                equations.append(Equation(z[neuron], weighted, tuple(inputs)))
                if layer.activation not in MIXING:
                    output = names.activations(number)[neuron]
                    equations.append(Equation(output, layer.activation, (z[neuron],)))
            previous = names.activations(number)
            if layer.activation in MIXING:
                for neuron, output in enumerate(previous):
                    shifted = layer.activation is ops.SHIFTED_SOFTMAX
                    share = ops.softmax_of_scalars(len(z), neuron, shifted)
                    equations.append(Equation(output, share, tuple(z)))
        criterion = self.spec.criterion
        if criterion is None:
            return leaves, equations
        leaves += [Leaf(name, v, "data") for name, v in zip(names.y, self.Y[:, 0], strict=True)]
        for name, beside in self.spec.beside:
            loss = _scalar_loss(name, beside, names.y, previous, z)
            equations.append(replace(loss, op=ops.without_slopes(loss.op)))
        if criterion.clip is not None:
            pairs = zip(names.clipped, previous, strict=True)
            equations += [Equation(name, ops.CLIP, (said, criterion.clip)) for name, said in pairs]
            previous = names.clipped
        equations.append(_scalar_loss("L", criterion, names.y, previous, z))
        weights = [leaf.name for leaf in leaves if leaf.name.startswith("w")]
        return self._penalised(leaves, equations, weights, names.y[0])

    # both views

    @property
    def _data_role(self) -> str:
        return "value" if self.spec.data_gradients else "data"

    @property
    def _bias_role(self) -> str:
        return "fixed" if self.spec.conventions.fixed_biases else "parameter"

    def _penalised(
        self, leaves: list[Leaf], equations: list[Equation], weights: list[str], labels: str
    ) -> tuple[list[Leaf], list[Equation]]:
        """With L2 regularisation the loss is E, the penalty R, and their sum is minimised."""
        penalty = self.spec.penalty
        if penalty is None:
            return leaves, equations
        loss = equations[-1]
        folded = self.spec.conventions.folded
        mean = penalty.mean and self.spec.view == "matrix"
        op = ops.weight_penalty(len(weights), penalty.half, mean, folded)
        return [*leaves, Leaf("lambda", penalty.rate, "constant")], [
            *equations[:-1],
            Equation("E", loss.op, loss.inputs),
            Equation("R", op, ("lambda", labels, *weights)),
            Equation(loss.output, ops.ADD, ("E", "R")),
        ]


def _cost(criterion: Criterion) -> Op:
    """A loss over a batch."""
    if criterion.loss is None:
        return ops.ON_SCORES[criterion.name](criterion.reduction)
    make = ops.fused_cost if criterion.fused else ops.cost
    return make(criterion.loss, criterion.reduction)


def _inputs(criterion: Criterion, z: str) -> tuple[str, ...]:
    """What a loss over a batch is told of; z where it is differentiated with the activation."""
    if criterion.name == "multiclass hinge":
        return "Y", "M"
    if criterion.clip is not None:
        return "Y", "Yclip"
    return ("Y", "Yhat", z) if criterion.fused else ("Y", "Yhat")


def _scalar_loss(
    name: str, criterion: Criterion, y: list[str], yhat: list[str], z: list[str]
) -> Equation:
    assert criterion.loss is not None
    groups = zip(y, yhat, z, strict=True) if criterion.fused else zip(y, yhat, strict=True)
    make = ops.fused_loss_of_one if criterion.fused else ops.loss_of_one
    inputs = tuple(name for group in groups for name in group)
    return Equation(name, make(criterion.loss, criterion.reduction, len(y)), inputs)


@dataclass(frozen=True)
class ScalarNames:
    """What the nodes are called when each number is one: w1 and z, or w12[1] and z1[1]."""

    shape: tuple[int, ...]
    shared: bool = False
    "whether a layer has one bias for all its neurons"

    @property
    def x(self) -> list[str]:
        """The features."""
        return [f"x{k}" for k in range(1, self.shape[0] + 1)]

    @property
    def y(self) -> list[str]:
        """The labels."""
        return self._outputs("y")

    @property
    def clipped(self) -> list[str]:
        """The predictions, kept from 0 and 1."""
        return self._outputs("yclip")

    def weights(self, layer: int, neuron: int) -> list[str]:
        """The weights into one neuron, both counted from 0."""
        columns = range(1, self.shape[layer] + 1)
        if self._is_single:
            return [f"w{k}" for k in columns]
        between = "_" if max(self.shape) > 9 else ""
        return [f"w{neuron + 1}{between}{k}{self._mark(layer)}" for k in columns]

    def bias(self, layer: int, neuron: int) -> str:
        """The bias of one neuron, or of the whole layer."""
        return f"b{self._mark(layer)}" if self.shared else self.at(layer, "b", neuron)

    def biases(self, layer: int) -> list[str]:
        """The biases of a layer, each once."""
        every = (self.bias(layer, neuron) for neuron in range(self.shape[layer + 1]))
        return list(dict.fromkeys(every))

    def activations(self, layer: int) -> list[str]:
        """The outputs of a layer."""
        if layer == len(self.shape) - 2:
            return self._outputs("yhat")
        return [self.at(layer, "a", neuron) for neuron in range(self.shape[layer + 1])]

    def at(self, layer: int, stem: str, neuron: int) -> str:
        """A value of one neuron."""
        return stem if self._is_single else f"{stem}{neuron + 1}{self._mark(layer)}"

    def parameters(self) -> Iterator[str]:
        """Weights and biases in the order of the page: neuron by neuron."""
        for layer, neurons in enumerate(self.shape[1:]):
            found = [
                name
                for neuron in range(neurons)
                for name in (*self.weights(layer, neuron), self.bias(layer, neuron))
            ]
            yield from dict.fromkeys(found)

    def computed(self) -> Iterator[str]:
        """Everything that is worked out, without the loss."""
        for layer, neurons in enumerate(self.shape[1:]):
            yield from (self.at(layer, "z", neuron) for neuron in range(neurons))
            yield from self.activations(layer)

    def _outputs(self, stem: str) -> list[str]:
        count = self.shape[-1]
        return [stem] if count == 1 else [f"{stem}{k}" for k in range(1, count + 1)]

    @property
    def _is_single(self) -> bool:
        return self.shape[1:] == (1,)

    def _mark(self, layer: int) -> str:
        return f"[{layer + 1}]" if len(self.shape) > 2 else ""
