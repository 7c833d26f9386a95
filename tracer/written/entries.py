"""The entries of an expression: the scalar calculation behind each, and which are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product as index_pairs

from tracer.written.tree import Apply, Dots, Expr, Grid, Matrix, Num, OneEntry, Part, applied

MOST_ROWS, MOST_COLUMNS, MOST_TERMS = 8, 10, 12
"""What still reads well; anything larger is elided to its corners."""


def shown(length: int, most: int) -> list[int | None]:
    """Which of so many entries are shown; None stands for those left out.

    >>> shown(3, 10), shown(100, 10)
    ([0, 1, 2], [0, 1, 2, None, 98, 99])
    """
    if length <= most:
        return list(range(length))
    return [0, 1, 2, None, length - 2, length - 1]


def spread(expr: Expr) -> Expr:
    """A line worked into its entries: each shows the scalar calculation behind it."""
    if not expr.shape:
        return entry(expr, 0, 0)
    rows, columns = expr.shape
    grid = Grid(
        tuple(
            tuple(
                Dots() if i is None or j is None else entry(expr, i, j)
                for j in shown(columns, MOST_COLUMNS)
            )
            for i in shown(rows, MOST_ROWS)
        ),
        expr.shape,
    )
    if isinstance(expr, Matrix) and grid.elided:
        ends = (expr.values.min(), expr.values.max())
        return replace(grid, extremes=tuple(Num(expr.digits(end)) for end in ends))
    return grid


def entry(expr: Expr, i: int, j: int) -> Expr:
    """The calculation behind one entry (from 0), or behind a single number."""
    match expr:
        case Matrix(values, digits):
            rows, columns = values.shape
            return Num(digits(values.item(i if rows > 1 else 0, j if columns > 1 else 0)))
        case Grid(cells) if not expr.elided:
            return cells[i][j]
        case Part(_, inner, _):
            return entry(inner, i, j)
        case Apply(op, args, _) if op in OPENED:
            return OPENED[op](i, j, *args)
        case Apply(_, args, shape) if expr.sign.transposed in OPENED:
            turned = tuple(arg.T for arg in reversed(args))
            return entry(Apply(expr.sign.transposed, turned, shape[::-1]), j, i)
        case Apply(op, args, _):
            return _entrywise(op, i, j, args)
    return expr


def _entrywise(op: str, i: int, j: int, args: tuple[Expr, ...]) -> Expr:
    scalars = [_stretched(arg, i, j) for arg in args]
    first = scalars[0]
    if isinstance(first, Apply) and first.op == op and first.sign.merges:
        scalars = [*first.args, *scalars[1:]]
    return applied(op, tuple(scalars), ())


def _stretched(expr: Expr, i: int, j: int) -> Expr:
    """The entry of a row or a column that is used for every row or column of the result."""
    if not expr.shape:
        return entry(expr, 0, 0)
    return entry(expr, i if expr.shape[0] > 1 else 0, j if expr.shape[1] > 1 else 0)


def _dot(i: int, j: int, a: Expr, b: Expr) -> Expr:
    return _added(lambda k: entry(a, i, k) * entry(b, k, j), a.shape[1])


def _sum(i: int, j: int, arg: Expr) -> Expr:
    pairs = list(index_pairs(range(arg.shape[0]), range(arg.shape[1])))
    return _added(lambda k: entry(arg, *pairs[k]), len(pairs))


def _diagonal(i: int, j: int, arg: Expr) -> Expr:
    along = (i, 0) if arg.shape[1] == 1 else (0, i)
    return entry(arg, *along) if i == j else Num("0")


def _examples(i: int, j: int, block: Expr) -> Expr:
    example, column = divmod(j, block.shape[1])
    return entry(_of_example(block, example), i, column)


def _blockwise(i: int, j: int, blocks: Expr, columns: Expr) -> Expr:
    n = columns.shape[0]
    return _added(lambda k: entry(blocks, i, n * j + k) * entry(columns, k, j), n)


def _blockwise_stacked(i: int, j: int, rows: Expr, blocks: Expr) -> Expr:
    n = rows.shape[1]
    return _added(lambda k: entry(rows, i, k) * entry(blocks, n * i + k, j), n)


def _above(number: str) -> Callable[..., Expr]:
    return lambda i, j, arg: entry(arg, i - 1, j) if i else Num(number)


def _below(number: str) -> Callable[..., Expr]:
    return lambda i, j, arg: entry(arg, i, j) if i < arg.shape[0] else Num(number)


OPENED: dict[str, Callable[..., Expr]] = {
    "hadamard": lambda i, j, *args: _entrywise("*", i, j, args),
    "ones": lambda i, j, arg: Num("1"),
    "T": lambda i, j, arg: entry(arg, j, i),
    "dot": _dot,
    "sum": _sum,
    "rowsum": lambda i, j, arg: _added(lambda k: entry(arg, i, k), arg.shape[1]),
    "colsum": lambda i, j, arg: _added(lambda k: entry(arg, k, j), arg.shape[0]),
    "diag": _diagonal,
    "examples": _examples,
    "blockwise": _blockwise,
    "blockwise stacked": _blockwise_stacked,
    "ones above": _above("1"),
    "ones below": _below("1"),
    "minus ones above": _above("-1"),
    "minus ones below": _below("-1"),
    "but first column": lambda i, j, arg: entry(arg, i, j + 1),
    "but last column": lambda i, j, arg: entry(arg, i, j),
    "first column zero": lambda i, j, arg: entry(arg, i, j) if j else Num("0"),
    "last column zero": lambda i, j, arg: entry(arg, i, j) if j < arg.shape[1] - 1 else Num("0"),
}
"""What stands behind an entry, by sign; any other sign is one on transposed matrices, or works
entry by entry."""


def _of_example(block: Expr, example: int) -> Expr:
    """A block that stands for every example, for one of them (from 0)."""
    match block:
        case Apply("column", (whole,), shape):
            return Grid(tuple((entry(whole, i, example),) for i in range(shape[0])), shape)
        case Apply("row", (whole,), shape):
            return Grid((tuple(entry(whole, example, j) for j in range(shape[1])),), shape)
        case Apply(op, args, shape):
            return Apply(op, tuple(_of_example(arg, example) for arg in args), shape)
    return block


def _added(term: Callable[[int], Expr], count: int) -> Expr:
    terms = [Dots() if k is None else term(k) for k in shown(count, MOST_TERMS)]
    return terms[0] if len(terms) == 1 else Apply("+", tuple(terms), ())


def settle(expr: Expr) -> Expr:
    """The expression as plain data: matrices become the cells that are shown."""
    match expr:
        case Matrix():
            return spread(expr)
        case Grid(cells):
            return replace(expr, cells=tuple(tuple(settle(c) for c in row) for row in cells))
        case Part(label, inner, shape):
            return Part(label, settle(inner), shape)
        case OneEntry(_, _, inner):
            return replace(expr, inner=settle(inner))
        case Apply(op, args, shape):
            return Apply(op, tuple(settle(arg) for arg in args), shape)
    return expr
