"""Matrices as plain lists of rows, and single numbers as they are."""

from collections.abc import Callable, Iterator
from functools import reduce
from itertools import product
from operator import add

from oracle.duals import Dual, plain

Table = list[list[Dual]]
Value = Dual | Table
Shape = tuple[int, ...]


def shape_of(value: object) -> Shape:
    """Rows and columns; empty for a single number."""
    return (len(value), len(value[0])) if isinstance(value, list) else ()


def rows_of(value: object) -> list[list]:
    """The rows of a matrix, or a single number as the one entry of one."""
    return value if isinstance(value, list) else [[value]]


def places(shape: Shape) -> Iterator[tuple[int, int]]:
    """Row and column of every entry, from 0."""
    return product(*map(range, shape or (1, 1)))


def entrywise(function: Callable[..., Dual], *values: Value) -> Value:
    """A function of entries; a row, a column or a number is used for all of the others'."""
    shape = stretched([shape_of(value) for value in values])
    if not shape:
        return function(*values)
    rows, columns = shape
    return [
        [function(*(at(value, i, j) for value in values)) for j in range(columns)]
        for i in range(rows)
    ]


def at(value: Value, i: int, j: int) -> Dual:
    """An entry of a matrix, where its only row or column stands for all."""
    if not isinstance(value, list):
        return value
    row = value[i if len(value) > 1 else 0]
    return row[j if len(row) > 1 else 0]


def stretched(shapes: list[Shape]) -> Shape:
    """The shape that several have together; raises ValueError where they do not fit.

    >>> stretched([(2, 1), (), (1, 3)])
    (2, 3)
    """
    matrices = [shape for shape in shapes if shape]
    if not matrices:
        return ()
    sides = [max(side) for side in zip(*matrices, strict=True)]
    if any(
        length not in (1, most)
        for side in matrices
        for length, most in zip(side, sides, strict=True)
    ):
        raise ValueError(f"{matrices} do not fit")
    return tuple(sides)


def turned(value):
    """The transpose; a single number is its own."""
    return (
        [list(column) for column in zip(*value, strict=True)] if isinstance(value, list) else value
    )


def dot(a: Table, b: Table) -> Table:
    """The product of two matrices."""
    columns = turned(b)
    return [
        [total(x * y for x, y in zip(row, column, strict=True)) for column in columns] for row in a
    ]


def total(terms) -> Dual:
    """The sum of numbers."""
    return reduce(add, terms, plain(0))


def entries(value: Value) -> list[Dual]:
    """Every entry, row by row."""
    return [entry for row in rows_of(value) for entry in row]
