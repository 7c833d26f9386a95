"""A graph in words, for readers who do not see the picture."""

from __future__ import annotations

import re

from tracer.errors.controls import in_a_line
from tracer.page.document import Edge, Graph, Node
from tracer.render.strength import strength
from tracer.written.names import listed, pretty
from tracer.written.text import text
from tracer.written.tree import Expr, Grid

MOST_SAID = 4
"Entries of a matrix that are said one by one."


def title(graph: Graph) -> str:
    """What a picture of the graph shows.

    >>> title(Graph((Node("a", None, "data"),), ()))
    'The graph of a'
    """
    shown = "the gradients that come back" if graph.has_gradients else "its values"
    name = in_a_line(pretty(graph.nodes[-1].name))
    return f"The graph of {name}" + (f", with {shown}" if graph.value else "")


def description(graph: Graph) -> str:
    """Its nodes in order, each with what it comes to and what comes back.

    >>> from tracer.written.tree import Num, Sym
    >>> nodes = (Node("a", None, "data"), Node("c", Sym("a") * 2, "computed"))
    >>> description(Graph(nodes, (Edge("a", "c", None, None),)))
    'Given: a. c = a*2.'
    >>> nodes = (Node("a", None, "data", Num("3"), Num("2")), nodes[1])
    >>> description(Graph(nodes, (Edge("a", "c", Num("3"), Num("2")),), Num("6")))
    'a is given as 3, and 2 comes back. c = a*2.'
    """
    bare = [] if graph.value else [pretty(node.name) for node in graph.nodes if not node.formula]
    given = [f"Given: {listed(bare)}."] if bare else []
    told = [_node(node) for node in graph.nodes if node.formula or not bare]
    weighed = [_weight(edge) for edge in graph.edges if edge.weight]
    return re.sub("  +", " ", in_a_line(" ".join([*given, *told, *weighed])))


def _node(node: Node) -> str:
    back = [f"{said(node.gradient)} comes back"] if node.gradient else []
    if node.addition and node.gradient and not node.gradient.shape:
        back = [f"{text(node.addition)} = {back[0]}"]
    value = [said(node.value)] if node.value else []
    name = pretty(node.name)
    if node.formula:
        first = " is ".join([f"{name} = {text(node.formula)}", *value])
    else:
        first = " as ".join([f"{name} is given", *value])
    return ", and ".join([first, *back]) + "."


def _weight(edge: Edge) -> str:
    assert edge.weight
    weight = edge.weight
    value = f" = {said(weight.value)}" if weight.value else ""
    back = f", and {said(weight.gradient)} comes back to it" if weight.gradient else ""
    on = f"stands between {pretty(edge.start)} and {pretty(edge.end)}"
    return f"{pretty(weight.name)}{value} {on}{back}."


def said(expr: Expr) -> str:
    """A number, or a matrix in a few words.

    >>> from tracer.written.tree import Num
    >>> said(Num("0.5"))
    '0.5'
    >>> said(Grid(((Num("1"),) * 3,) * 2, (2, 3)))
    '(2 × 3), most 1'
    """
    if isinstance(expr, Grid) and (expr.elided or expr.shape[0] * expr.shape[1] > MOST_SAID):
        return ", ".join(at_a_glance(expr))
    return text(expr)


def at_a_glance(grid: Grid) -> tuple[str, str]:
    """A matrix by its shape, and by its entry that is farthest from 0."""
    rows, columns = grid.shape
    seen = strength(grid)
    return f"({rows} × {columns})", "all 0" if seen.sign == "0" else f"most {seen.largest}"
