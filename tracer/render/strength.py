"""How strong a gradient is and which way it pushes, for every drawing of a graph alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from tracer.page.document import Edge, Graph
from tracer.written.tree import Expr, Grid, Num

Stroke = Literal["strong", "ordinary", "dead"]
Sign = Literal["+", "-", "mixed", "0"]
STRONG = Decimal("0.5")
"From this part of the largest gradient in a drawing on, a gradient is strong."


@dataclass(frozen=True)
class Strength:
    """What is seen of numbers at a glance."""

    sign: Sign
    "of all entries that are not 0"
    largest: str
    "the digits of the entry farthest from 0"

    @property
    def size(self) -> Decimal:
        """How far from 0 that entry is."""
        return abs(Decimal(self.largest))


def strength(numbers: Expr) -> Strength:
    """The sign and the size of a number, or of the entries of a matrix.

    >>> strength(Num("-0.125"))
    Strength(sign='-', largest='-0.125')
    >>> strength(Grid(((Num("2"), Num("-3"), Num("0")),), (1, 3)))
    Strength(sign='mixed', largest='-3')
    """
    found = sorted(set(_digits(numbers)) or {"0"}, key=Decimal)
    low, high = Decimal(found[0]), Decimal(found[-1])
    sign: Sign = "mixed" if low < 0 < high else "-" if low < 0 else "+" if high > 0 else "0"
    return Strength(sign, found[0] if -low > high else found[-1])


def largest(graph: Graph) -> Decimal:
    """The size of the largest gradient on the edges of a graph; 0 where there is none."""
    every = (strength(back).size for edge in graph.edges for back, _ in _gradients(edge))
    return max(every, default=Decimal(0))


def stroke(edge: Edge, most: Decimal) -> Stroke:
    """How the line of an edge is drawn, where `most` is the largest gradient of the drawing.

    One without any gradient is ordinary, since nothing is known to be dead.
    """
    gradients = list(_gradients(edge))
    if gradients and all(dead for _, dead in gradients):
        return "dead"
    if any(strength(back).size >= STRONG * most > 0 for back, _ in gradients):
        return "strong"
    return "ordinary"


def push(edge: Edge) -> Sign | None:
    """The sign of what comes back along an edge; none where nothing is known."""
    signs = {strength(back).sign for back, _ in _gradients(edge)} - {"0"}
    if not signs:
        return "0" if any(_gradients(edge)) else None
    return signs.pop() if len(signs) == 1 else "mixed"


def _gradients(edge: Edge) -> Iterator[tuple[Expr, bool]]:
    """What comes back along an edge, to its value and its weight; and whether it is nothing."""
    if edge.gradient:
        yield edge.gradient, edge.dead
    if edge.weight and edge.weight.gradient:
        yield edge.weight.gradient, edge.weight.dead


def _digits(numbers: Expr) -> Iterator[str]:
    match numbers:
        case Num(digits):
            yield digits
        case Grid(cells):
            for one in (*numbers.extremes, *(cell for row in cells for cell in row)):
                yield from _digits(one)
