"""The entries of an expression: the scalar calculation behind each, and which are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product as index_pairs

from tracer.written.tree import BORDERS, FLAT, UNFLIPS, Apply, Dots, Expr, Grid, Matrix, Num, Part

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
    return Grid(
        tuple(
            tuple(
                Dots() if i is None or j is None else entry(expr, i, j)
                for j in shown(columns, MOST_COLUMNS)
            )
            for i in shown(rows, MOST_ROWS)
        ),
        expr.shape,
    )


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
        case Apply("T", (arg,), _):
            return entry(arg, j, i)
        case Apply("dot", (a, b), _):
            return _added(lambda k: entry(a, i, k) * entry(b, k, j), a.shape[1])
        case Apply("rowsum", (arg,), _):
            return _added(lambda k: entry(arg, i, k), arg.shape[1])
        case Apply("colsum", (arg,), _):
            return _added(lambda k: entry(arg, k, j), arg.shape[0])
        case Apply("ones", _, _):
            return Num("1")
        case Apply(op, (arg,), _) if op in BORDERS:
            return _bordered(op, arg, i, j)
        case Apply("diag", (arg,), _):
            along = (i, 0) if arg.shape[1] == 1 else (0, i)
            return entry(arg, *along) if i == j else Num("0")
        case Apply("examples stacked", (block,), _):
            example, row = divmod(i, block.shape[0])
            return entry(_of_example(block, example), row, j)
        case Apply("blockwise stacked", (rows, blocks), _):
            n = rows.shape[1]
            return _added(lambda k: entry(rows, i, k) * entry(blocks, n * i + k, j), n)
        case Apply(op, (arg,), shape) if op in UNFLIPS:
            return entry(Apply(UNFLIPS[op], (arg.T,), shape[::-1]), j, i)
        case Apply("examples", (block,), _):
            example, column = divmod(j, block.shape[1])
            return entry(_of_example(block, example), i, column)
        case Apply("blockwise", (blocks, columns), _):
            n = columns.shape[0]
            return _added(lambda k: entry(blocks, i, n * j + k) * entry(columns, k, j), n)
        case Apply("sum", (arg,), _):
            pairs = list(index_pairs(range(arg.shape[0]), range(arg.shape[1])))
            return _added(lambda k: entry(arg, *pairs[k]), len(pairs))
        case Apply(op, args, _):
            scalars = [_stretched(arg, i, j) for arg in args]
            op = "*" if op == "hadamard" else op
            if op in FLAT and isinstance(first := scalars[0], Apply) and first.op == op:
                scalars = [*first.args, *scalars[1:]]
            return Apply(op, tuple(scalars), ())
    return expr


def _stretched(expr: Expr, i: int, j: int) -> Expr:
    """The entry of a row or a column that is used for every row or column of the result."""
    if not expr.shape:
        return entry(expr, 0, 0)
    return entry(expr, i if expr.shape[0] > 1 else 0, j if expr.shape[1] > 1 else 0)


def _bordered(op: str, arg: Expr, i: int, j: int) -> Expr:
    rows, columns = arg.shape
    one = Num("-1" if op.startswith("minus") else "1")
    match op:
        case "ones above" | "minus ones above":
            return one if i == 0 else entry(arg, i - 1, j)
        case "ones below" | "minus ones below":
            return one if i == rows else entry(arg, i, j)
        case "but first column":
            return entry(arg, i, j + 1)
        case "but last column":
            return entry(arg, i, j)
    return Num("0") if j == (0 if op == "first column zero" else columns - 1) else entry(arg, i, j)


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
        case Apply(op, args, shape):
            return Apply(op, tuple(settle(arg) for arg in args), shape)
    return expr
