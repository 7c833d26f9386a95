"""An expression: a tree of symbols, numbers, matrices and operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tracer.errors import ShapeError, shape_text
from tracer.numbers.rounding import plain
from tracer.written.signs import Sign, sign_of

Shape = tuple[int, ...]


class Expr:
    """Part of a written line; arithmetic on expressions builds larger ones."""

    __array_ufunc__ = None
    shape: Shape
    "rows and columns; empty for a single number"

    def __add__(self, other: object) -> Expr:
        return _elementwise("+", self, other)

    def __radd__(self, other: object) -> Expr:
        return _elementwise("+", other, self)

    def __sub__(self, other: object) -> Expr:
        return _elementwise("-", self, other)

    def __rsub__(self, other: object) -> Expr:
        return _elementwise("-", other, self)

    def __mul__(self, other: object) -> Expr:
        return _times(self, other)

    def __rmul__(self, other: object) -> Expr:
        return _times(other, self)

    def __truediv__(self, other: object) -> Expr:
        return _elementwise("/", self, other)

    def __rtruediv__(self, other: object) -> Expr:
        return _elementwise("/", other, self)

    def __pow__(self, other: object) -> Expr:
        return _elementwise("**", self, other)

    def __rpow__(self, other: object) -> Expr:
        return _elementwise("**", other, self)

    def __neg__(self) -> Expr:
        return Apply("neg", (self,), self.shape)

    def __matmul__(self, other: Expr) -> Expr:
        if self.shape[1:] != other.shape[:1]:
            raise ShapeError(
                f"{shape_text(self.shape)} . {shape_text(other.shape)} does not fit, "
                "expected as many columns on the left as rows on the right"
            )
        return Apply("dot", (self, other), (self.shape[0], other.shape[1]))

    @property
    def T(self) -> Expr:  # noqa: N802 (NumPy's name for the transpose)
        return Apply("T", (self,), self.shape[::-1])


@dataclass(frozen=True)
class Sym(Expr):
    """A quantity by its name."""

    name: str
    "the name"
    shape: Shape = ()


@dataclass(frozen=True)
class Entry(Expr):
    """One entry of a named matrix, by its symbol."""

    name: str
    "the matrix"
    row: int
    "its row, from 1"
    column: int
    "its column, from 1"
    whole: Shape
    "the shape of the matrix"
    shape: Shape = ()


@dataclass(frozen=True)
class Word(Expr):
    """Plain words in a formula's place, such as "upstream" or a shape."""

    text: str
    "the words"
    shape: Shape = ()


@dataclass(frozen=True)
class Num(Expr):
    """A number as its digits are written."""

    text: str
    "its digits"
    shape: Shape = ()


@dataclass(frozen=True)
class Dots(Expr):
    """Entries or terms left out."""

    shape: Shape = ()


@dataclass(frozen=True)
class Grid(Expr):
    """A matrix on the page: the cells that are shown, and its true shape."""

    cells: tuple[tuple[Expr, ...], ...]
    "the cells that are shown, row by row; of a large matrix, its corners"
    shape: Shape
    "its true rows and columns"
    symbols: tuple[tuple[Expr, ...], ...] = ()
    "the name of each cell, where they are shown above the numbers"
    extremes: tuple[Expr, ...] = ()
    "its least and its greatest entry, where numbers are left out"

    @property
    def elided(self) -> bool:
        """Whether entries are left out."""
        return (len(self.cells), len(self.cells[0])) != self.shape


@dataclass(frozen=True, eq=False)
class Matrix(Expr):
    """A matrix of numbers that is written down entry by entry as it is needed."""

    values: np.ndarray
    digits: Callable[[Any], str]
    shape: Shape = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", self.values.shape)


@dataclass(frozen=True)
class Part(Expr):
    """Something that is written down on the way, under a label."""

    label: str
    "what it is called"
    inner: Expr
    "what it is"
    shape: Shape


@dataclass(frozen=True)
class OneEntry(Expr):
    """One entry of a matrix in full, where there is no room for those that are made like it."""

    row: int
    "its row, from 1"
    column: int
    "its column, from 1"
    inner: Expr
    "how it is worked out = what it comes to"
    shape: Shape
    "the rows and columns of the matrix"

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        rows, columns = self.shape
        said = [f"row {self.row}"] * (rows > 1) + [f"column {self.column}"] * (columns > 1)
        return ", ".join(said) or "the entry"


@dataclass(frozen=True)
class Apply(Expr):
    """An operation, one of SIGNS or else a function by its name, and what it is applied to."""

    op: str
    """+ - * / ** neg and hadamard (entry by entry), ratio (a fraction that is kept), dot (of
    matrices), T (transposed), sum (of all entries), rowsum and colsum (of each row, of each
    column), count and rows (how many columns and rows there are), > (1 or 0), if (a > b, this,
    that), ones (as many as there are entries), what is done for a bias that is folded into its
    weights (ones above), examples (blocks side by side), column (one of a matrix), diag, blockwise
    (block times column); any other word is a function"""
    args: tuple[Expr, ...]
    "what it is applied to, from left to right"
    shape: Shape

    @property
    def sign(self) -> Sign:
        """What is known of the operation."""
        return sign_of(self.op)


def lift(value: object) -> Expr:
    """An expression as it is, or the number that a rule has in it."""
    return value if isinstance(value, Expr) else Num(plain(float(value)))  # type: ignore[arg-type]


def apply(op: str, *args: object) -> Expr:
    """An operation applied entry by entry to its arguments."""
    operands = tuple(lift(arg) for arg in args)
    return Apply(op, operands, _broadcast(op, operands))


def applied(op: str, args: tuple[Expr, ...], shape: Shape) -> Expr:
    """An operation on numbers that were put in for names: nobody writes -0.

    >>> applied("neg", (Num("0"),), ()), applied("neg", (Num("2"),), ()).args
    (Num(text='0', shape=()), (Num(text='2', shape=()),))
    """
    return args[0] if op == "neg" and _begins_with_zero(args[0]) else Apply(op, args, shape)


def _begins_with_zero(expr: Expr) -> bool:
    match expr:
        case Num(digits):
            return not digits.strip("0.")
        case Apply("*" | "/" | "ratio", (first, *_)):
            return _begins_with_zero(first)
    return False


def _elementwise(op: str, left: object, right: object) -> Expr:
    a, b = lift(left), lift(right)
    if isinstance(a, Apply) and a.op == op and a.sign.merges:
        return apply(op, *a.args, b)
    return apply(op, a, b)


def _times(left: object, right: object) -> Expr:
    a, b = lift(left), lift(right)
    return _elementwise("hadamard" if a.shape and b.shape else "*", a, b)


def _broadcast(op: str, operands: Sequence[Expr]) -> Shape:
    shapes = [operand.shape for operand in operands if operand.shape]
    try:
        return np.broadcast_shapes(*shapes) if shapes else ()
    except ValueError:
        a, b = shapes[0], next(s for s in shapes if s != shapes[0])
        said = "*, entry by entry; the matrix product is @" if op == "hadamard" else op
        raise ShapeError(
            f"{shape_text(a)} and {shape_text(b)} do not fit, expected equal shapes for {said}"
        ) from None
