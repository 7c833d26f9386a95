"""The words that a lesson uses, to see that all of them are used."""

from collections.abc import Iterator

from oracle import formulas
from oracle.formulas import Formula
from oracle.records import Graph, Lesson, Network


def words(lesson: Lesson) -> set[str]:
    """Every activation, loss, convention, rule, pen and function of a lesson."""
    source = lesson.source
    own = _of_graph(source) if isinstance(source, Graph) else _of_network(source)
    return {*own, *_of_moving(lesson), *_of_blocks(lesson)}


def _of_graph(graph: Graph) -> Iterator[str]:
    for _, formula in graph.equations:
        yield from (f"function {op}" for op in _operations(formula))
        yield from (f"number {name}" for name in _numbers(formula))
    yield from (f"role {given.role}" for given in graph.given)


def _operations(formula: Formula) -> Iterator[str]:
    if isinstance(formula, formulas.Apply):
        yield formula.op
        for arg in formula.args:
            yield from _operations(arg)


def _numbers(formula: Formula) -> Iterator[str]:
    match formula:
        case formulas.Name(name) if name in formulas.CONSTANTS:
            yield name
        case formulas.Apply(_, args):
            for arg in args:
                yield from _numbers(arg)


def _of_network(network: Network) -> Iterator[str]:
    for layer in network.layers:
        yield f"activation {layer.activation.kind}"
    yield f"loss {network.loss.kind}"
    yield from [f"loss {network.loss.kind}, fused"] * network.loss.fused
    yield f"view {'scalar' if network.scalar else 'matrix'}"
    yield f"biases {network.biases}"
    if not network.scalar:
        yield f"examples {'rows' if network.rows else 'columns'}"
        yield f"weights {'(in, out)' if network.in_out else '(out, in)'}"
    yield f"over-outputs {network.over_outputs}"
    yield f"over-examples {network.over_examples}"
    yield from ["factor"] * bool(network.factor)
    yield from [f"l2 {form}" for _, form in [network.l2] * bool(network.l2)]
    yield from ["clip"] * bool(network.clip)
    yield from ["names"] * bool(network.names)


def _of_moving(lesson: Lesson) -> Iterator[str]:
    moving = lesson.source.moving
    if any(block.kind == "update" for block in lesson.blocks):
        yield f"optimizer {moving.optimizer.name}"
        yield from ["updates sequential"] * moving.sequential
        if not isinstance(moving.rate, formulas.Number):
            yield "rate of a formula"
    yield from ["delta descent"] * moving.descent


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
