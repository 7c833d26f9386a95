"""The words that a lesson uses, to see that all of them are used."""

from collections.abc import Iterator

from oracle import formulas
from oracle.formulas import Formula
from oracle.records import Graph, Lesson, Network


def words(lesson: Lesson) -> set[str]:
    """Every activation, loss, convention, rule, pen and function of a lesson."""
    source = lesson.source
    own = _of_graph(source) if isinstance(source, Graph) else _of_network(source)
    return {*own, *_of_moving(source.moving), *_of_blocks(lesson)}


def _of_graph(graph: Graph) -> Iterator[str]:
    for _, formula in graph.equations:
        yield from (f"function {op}" for op in _operations(formula))
    yield from (f"role {given.role}" for given in graph.given)


def _operations(formula: Formula) -> Iterator[str]:
    if isinstance(formula, formulas.Apply):
        yield formula.op
        for arg in formula.args:
            yield from _operations(arg)


def _of_network(network: Network) -> Iterator[str]:
    for layer in network.layers:
        yield f"activation {layer.activation.words}"
    yield f"loss {network.loss.words}{', fused' * network.loss.fused}"
    yield "view scalar" if network.scalar else "view matrix"
    yield f"biases {network.biases}"
    yield f"layout rows {network.rows}, in-out {network.in_out}"
    yield f"over-outputs {network.over_outputs}"
    yield f"over-examples {network.over_examples}"
    yield f"l2 {network.l2 and network.l2[1]}"
    yield f"factor {network.factor}"
    yield f"names {bool(network.names)}"


def _of_moving(moving) -> Iterator[str]:
    yield f"optimizer {moving.optimizer.name}"
    yield f"descent {moving.descent}"
    yield f"sequential {moving.sequential}"


def _of_blocks(lesson: Lesson) -> Iterator[str]:
    for block in lesson.blocks:
        pen = lesson.pen_of(block)
        yield f"block {block.kind}"
        yield f"mode {pen.mode}"
        if pen.rounds:
            yield f"way {pen.way}"
            yield from ["significant"] * pen.significant
            yield from ["zeros"] * pen.zeros
        yield from ["places"] * bool(block.places)
        yield from ["display"] * bool(block.display)
        yield from ["unrounded"] * block.unrounded
        yield from ["of"] * bool(block.of)
        yield from (line.kind for line in block.dictated)
