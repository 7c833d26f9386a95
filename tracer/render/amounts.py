"""How much a number or a matrix on an edge is: its largest entry, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.written.text import text
from tracer.written.tree import Expr, Grid, Num

MOST_SAID = 4
"Entries of a matrix that are said in words one by one."


def largest(expr: Expr) -> Num | None:
    """The entry that is furthest from zero; of a matrix that is not shown in full, too.

    >>> largest(Grid(((Num("0.1"), Num("-0.6")),), (1, 2)))
    Num(text='-0.6', shape=())
    """
    return max(_numbers(expr), key=lambda number: abs(float(number.text)), default=None)


def _numbers(expr: Expr) -> Iterator[Num]:
    match expr:
        case Num():
            yield expr
        case Grid(cells):
            for row in (*cells, expr.extremes):
                for cell in row:
                    yield from _numbers(cell)


def amount(expr: Expr | None) -> float:
    """How strong something is: its largest entry, without its sign; 0 where there is none."""
    entry = largest(expr) if expr else None
    return abs(float(entry.text)) if entry else 0.0


def is_negative(expr: Expr) -> bool:
    """Which way something pushes: the sign of its largest entry."""
    entry = largest(expr)
    return entry is not None and entry.text.startswith("-")


def said(expr: Expr) -> str:
    """A number, or a matrix in a few words.

    >>> said(Num("0.5"))
    '0.5'
    >>> said(Grid(((Num("1"),) * 3,) * 2, (2, 3)))
    '(2 × 3), largest 1'
    """
    if isinstance(expr, Grid) and (expr.elided or expr.shape[0] * expr.shape[1] > MOST_SAID):
        return ", ".join(shortened(expr))
    return text(expr)


def shortened(grid: Grid) -> list[str]:
    """A matrix by its shape and its largest entry."""
    entry = largest(grid)
    return [f"({grid.shape[0]} × {grid.shape[1]})", *([f"largest {entry.text}"] if entry else [])]
