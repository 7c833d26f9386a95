"""Lessons with something less, to show what is wrong in as few lines as can be."""

from collections.abc import Iterator
from dataclasses import replace

from oracle import formulas
from oracle.formulas import Apply, Formula
from oracle.pens import EXACT, Pen
from oracle.records import Block, Graph, Lesson, Moving, Network


def smaller(lesson: Lesson) -> Iterator[Lesson]:
    """Each lesson that lacks one thing of this one."""
    for count in range(1, len(lesson.blocks)):
        yield replace(lesson, blocks=lesson.blocks[:count])
    for place, block in enumerate(lesson.blocks):
        for less in _plainer(block):
            blocks = (*lesson.blocks[:place], less, *lesson.blocks[place + 1 :])
            yield replace(lesson, blocks=blocks)
    for pen in (EXACT, Pen(lesson.pen.mode, lesson.pen.places), replace(lesson.pen, zeros=False)):
        if lesson.pen.rounds and pen != lesson.pen:
            yield replace(lesson, pen=pen)
    source = lesson.source
    sources = _graphs(source) if isinstance(source, Graph) else _networks(source)
    for less in (*sources, *_stiller(source)):
        yield replace(lesson, source=less)


def _plainer(block: Block) -> Iterator[Block]:
    plain = Block(block.kind)
    for name in ("pen", "places", "display", "unrounded", "of"):
        if getattr(block, name) != getattr(plain, name):
            yield replace(block, **{name: getattr(plain, name)})


def _stiller(source: Graph | Network) -> Iterator[Graph | Network]:
    """Sources whose parameters move as usual."""
    usual, moving = Moving(), source.moving
    for name in ("optimizer", "descent", "sequential"):
        if getattr(moving, name) != getattr(usual, name):
            less = replace(moving, **{name: getattr(usual, name)})
            yield replace(source, moving=less)


def _graphs(graph: Graph) -> Iterator[Graph]:
    for place in range(len(graph.equations)):
        equations = graph.equations[:place] + graph.equations[place + 1 :]
        if equations:
            yield _needed(replace(graph, equations=equations))
    for place, (name, formula) in enumerate(graph.equations):
        for less in _inside(formula):
            before, behind = graph.equations[:place], graph.equations[place + 1 :]
            yield _needed(replace(graph, equations=(*before, (name, less), *behind)))


def _inside(formula: Formula) -> Iterator[Formula]:
    """What an operation is applied to, or it with less inside."""
    if not isinstance(formula, Apply):
        return
    yield from (arg for arg in formula.args if isinstance(arg, Apply))
    for place, arg in enumerate(formula.args):
        for less in _inside(arg):
            yield Apply(formula.op, (*formula.args[:place], less, *formula.args[place + 1 :]))


def _needed(graph: Graph) -> Graph:
    """The same with what its equations use alone, and an undefined name given as it was."""
    used = {name for _, formula in graph.equations for name in formulas.names_in(formula)}
    return replace(graph, given=tuple(one for one in graph.given if one.name in used))


def _networks(network: Network) -> Iterator[Network]:
    usual = {"factor": None, "over_outputs": None, "over_examples": None, "l2": None, "clip": None,
             "rows": False, "names": ()}  # fmt: skip
    for name, value in usual.items():
        if getattr(network, name) != value:
            yield replace(network, **{name: value})
    if network.in_out and not network.folded:
        yield replace(network, in_out=False)
    if len(network.X[0]) > 1:
        yield replace(
            network,
            X=tuple(row[:-1] for row in network.X),
            Y=tuple(row[:-1] for row in network.Y),
        )
    if len(network.X) > 1:
        first, *rest = network.layers
        less = replace(first, weights=tuple(row[:-1] for row in first.weights))
        yield replace(network, X=network.X[:-1], layers=(less, *rest))
    if len(network.layers) > 1:
        first, second, *rest = network.layers
        wide = len(network.X)
        if len(second.weights[0]) >= wide:
            less = replace(second, weights=tuple(row[:wide] for row in second.weights))
            yield replace(network, layers=(less, *rest))
