"""A network as neurons in columns, which its words describe and no number is needed for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tracer.errors import shape_text
from tracer.network.build import ScalarNames
from tracer.ops import Op
from tracer.page.document import NeuronLayer, Neurons
from tracer.trace.book import Book
from tracer.trace.program import Program
from tracer.written.names import GREEK, listed, pretty

MOST_SHOWN = 6
"Neurons of a layer that are all drawn; of more, the first ones and the last."
FIRST_SHOWN = 3
LONGEST = 10
"Characters of a formula that can stand in a neuron."


def neurons_of(own: Program, view: Book, layers: Sequence[tuple[int, Op]]) -> Neurons:
    """The network of a program as neurons; `layers` are its words, neurons and activation of each.

    >>> from tracer import net
    >>> from tracer.network import parse_layers
    >>> from tracer.trace.tape import Tape
    >>> program = net("1 sigmoid", X=[[0], [1]], Y=[[1]], W=[[0.1, 0.6]], b=0)
    >>> drawn = neurons_of(program, Tape(program), parse_layers("1 sigmoid"))
    >>> [layer.neurons for layer in drawn.layers], drawn.layers[1].weights
    ([('x1', 'x2'), ('yhat',)], (('w1', 'w2'),))
    """
    sizes = (_inputs(own), *(size for size, _ in layers))
    names = ScalarNames(sizes, own.conventions.biases.startswith("shared"))
    shown = [list(_shown(size)) for size in sizes]
    columns = [NeuronLayer("input layer", _called(own, names.x, shown[0]), sizes[0])]
    for number, (size, op) in enumerate(layers):
        is_last = number == len(layers) - 1
        biases = [names.bias(number, k) for k in range(size)] if _has_bias(own, number) else []
        weights = tuple(
            _called(own, names.weights(number, neuron), shown[number])
            for neuron in shown[number + 1]
        )
        columns.append(
            NeuronLayer(
                "output layer" if is_last else f"hidden layer{_which(number, len(layers))}",
                _called(own, names.activations(number), shown[number + 1]),
                size,
                _activation(op),
                _called(own, biases, shown[number + 1]) if biases else (),
                weights,
                _matrix(own, view, number, weights),
            )
        )
    title = f"The neurons: {'-'.join(map(str, sizes))}"
    return Neurons(title, tuple(columns), " ".join(_said(columns)))


def _inputs(own: Program) -> int:
    if own.view == "scalar":
        return sum(re.fullmatch(r"x\d+", leaf.name) is not None for leaf in own.leaves)
    [data] = [leaf.value for leaf in own.leaves if leaf.name == "X"]
    return len(data)  # type: ignore[arg-type]


def _shown(count: int) -> Iterator[int]:
    yield from range(count) if count <= MOST_SHOWN else (*range(FIRST_SHOWN), count - 1)


def _called(own: Program, names: Sequence[str], shown: Sequence[int]) -> tuple[str, ...]:
    """The names of those that are shown; where each number has a node, as the source has them."""
    chosen = (names[k] for k in shown)
    return tuple(map(own.conventions.theirs, chosen) if own.view == "scalar" else chosen)


def _has_bias(own: Program, layer: int) -> bool:
    """Whether a layer has biases that are not folded into its weights."""
    pattern = rf"b\d*(\[{layer + 1}\])" if len(_weights(own)) > 1 else r"b\d*(\[1\])?"
    return any(re.fullmatch(pattern, leaf.name) for leaf in own.leaves)


def _weights(own: Program) -> list[str]:
    """A name for the weights of each layer."""
    marks = (re.fullmatch(r"[Ww][\d_]*(\[\d+\])?", leaf.name) for leaf in own.leaves)
    return list(dict.fromkeys(found[1] or "" for found in marks if found))


def _which(number: int, layers: int) -> str:
    return f" {number + 1}" if layers > 2 else ""


def _activation(op: Op) -> str:
    """An activation as it stands in a neuron: σ, relu, or f for a long formula."""
    if op.symbol in GREEK:
        return GREEK[op.symbol]
    return op.name if len(op.name) <= LONGEST else "f"


def _matrix(own: Program, view: Book, layer: int, weights: tuple[tuple[str, ...], ...]) -> str:
    """What the weights into a layer are together: their matrix with its shape, or their names."""
    if own.view == "scalar":
        first, last = pretty(weights[0][0]), pretty(weights[-1][-1])
        return first if first == last else f"{first} to {last}"
    name = f"W{_weights(own)[layer]}"
    found = view[own.conventions.theirs(name)]
    return f"{pretty(found.name)}, {shape_text(found.shape).replace(' x ', ' × ')}"


def _said(columns: Sequence[NeuronLayer]) -> Iterator[str]:
    """The layers in words, and what is connected with what."""
    for column in columns:
        kinds = "input" if not column.activation else "neuron"
        several = f"{column.count} {kinds}s" if column.count > 1 else f"1 {kinds}"
        named = f" {listed(map(pretty, column.neurons))}" if not column.left_out else ""
        applied = f" with {column.activation}" if column.activation else ""
        biased = (", each with a bias" if column.count > 1 else ", with a bias") * bool(
            column.biases
        )
        yield f"{column.title.capitalize()}: {several}{named}{applied}{biased}."
    yield "Each neuron is connected with all of the layer before it."
