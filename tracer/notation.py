"""A written line as data, and how one line follows from the one above.

An expression is a tree of symbols, numbers, matrices and operations. Rules of `ops` build it by
being run on symbols; `working` then puts the numbers in and works it out line by line.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product as index_pairs

import numpy as np

from tracer.errors import ShapeError, shape_text
from tracer.rounding import plain

Shape = tuple[int, ...]
MOST_ROWS, MOST_COLUMNS, MOST_TERMS = 8, 10, 12
"""What still reads well; anything larger is elided to its corners."""


class Expr:
    """Part of a written line; arithmetic on expressions builds larger ones."""

    __array_ufunc__ = None
    shape: Shape

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
    shape: Shape = ()


@dataclass(frozen=True)
class Entry(Expr):
    """One entry of a named matrix, by its symbol."""

    name: str
    row: int
    column: int
    whole: Shape
    "the shape of the matrix"
    shape: Shape = ()


@dataclass(frozen=True)
class Word(Expr):
    """Plain words in a formula's place, such as "upstream" or a shape."""

    text: str
    shape: Shape = ()


@dataclass(frozen=True)
class Num(Expr):
    """A number as its digits are written."""

    text: str
    shape: Shape = ()


@dataclass(frozen=True)
class Dots(Expr):
    """Entries or terms left out."""

    shape: Shape = ()


@dataclass(frozen=True)
class Grid(Expr):
    """A matrix on the page: the cells that are shown, and its true shape."""

    cells: tuple[tuple[Expr, ...], ...]
    shape: Shape
    symbols: tuple[tuple[Expr, ...], ...] = ()
    "the name of each cell, where they are shown above the numbers"

    @property
    def elided(self) -> bool:
        """Whether entries are left out."""
        return (len(self.cells), len(self.cells[0])) != self.shape


@dataclass(frozen=True, eq=False)
class Matrix(Expr):
    """A matrix of numbers that is written down entry by entry as it is needed."""

    values: np.ndarray
    digits: Callable[[float], str]
    shape: Shape = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", self.values.shape)


@dataclass(frozen=True)
class Part(Expr):
    """Something that is written down on the way, under a label."""

    label: str
    inner: Expr
    shape: Shape


@dataclass(frozen=True)
class Apply(Expr):
    """An operation and what it is applied to.

    Operations: `+ - * / ** neg` and `hadamard` entry by entry, `ratio` (a fraction that is kept),
    `dot`, `T`, `sum` (all entries), `rowsum` and `colsum` (each row, each column), `count` and
    `rows` (of columns and rows), `>` (1 or 0), `if` (a > b, this, that), `ones` (as many as there
    are entries), those of BORDERS and BY_EXAMPLE, and any other name for a function.
    """

    op: str
    args: tuple[Expr, ...]
    shape: Shape


FLAT = {"+", "*"}
REDUCTIONS = {"dot", "sum", "rowsum", "colsum", "blockwise", "blockwise stacked"}
BORDERS = {
    "ones above", "ones below", "but first column", "but last column",
    "first column zero", "last column zero",
}  # fmt: skip
"""What is done for a bias that is folded into its weights."""
FLIPS = {
    "rowsum": "colsum", "colsum": "rowsum", "blockwise": "blockwise stacked",
    "examples": "examples stacked", "column": "row", "ones above": "ones left",
    "ones below": "ones right", "but first column": "but first row",
    "but last column": "but last row", "first column zero": "first row zero",
    "last column zero": "last row zero",
}  # fmt: skip
"""What an operation is on transposed matrices."""
UNFLIPS = {flipped: op for op, flipped in FLIPS.items() if flipped not in FLIPS}
BY_EXAMPLE = {"examples", "column", "diag", "blockwise"}
"""Blocks side by side, one column of a matrix, a diagonal matrix, and block times column."""
ATOM = 9
LEVELS = {
    "if": 0, ">": 0, "+": 1, "-": 1, "neg": 2, "*": 3, "hadamard": 3, "dot": 3, "blockwise": 3,
    "/": 3, "sum": 3, "rowsum": 3, "colsum": 3, "ratio": 4, "**": 5, "T": 6,
}  # fmt: skip
PLAIN_OPERATORS = {
    "+", "-", "*", "hadamard", "neg", "ratio", "count", "rows", "T", "ones",
    "blockwise stacked",
} | REDUCTIONS  # fmt: skip


def lift(value: object) -> Expr:
    """An expression as it is, or the number that a rule has in it."""
    return value if isinstance(value, Expr) else Num(plain(float(value)))  # type: ignore[arg-type]


def apply(op: str, *args: object) -> Expr:
    """An operation applied entry by entry to its arguments."""
    operands = tuple(lift(arg) for arg in args)
    return Apply(op, operands, _broadcast(op, operands))


def _elementwise(op: str, left: object, right: object) -> Expr:
    a, b = lift(left), lift(right)
    if op in FLAT and isinstance(a, Apply) and a.op == op:
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


def is_copy(formula: Expr, given: Container[str]) -> bool:
    """Whether a formula only copies what was given: a value, its transpose, or a plain number."""
    inner = formula.args[0] if isinstance(formula, Apply) and formula.op == "T" else formula
    return isinstance(inner, Num) or (isinstance(inner, Sym) and inner.name in given)


def substitute(formula: Expr, values: Mapping[str, Expr]) -> Expr:
    """The formula with the named symbols replaced; a count of columns becomes a number."""

    def visit(expr: Expr) -> Expr:
        match expr:
            case Sym(name):
                return values.get(name, expr)
            case Part(label, inner, shape):
                return Part(label, visit(inner), shape)
            case Apply("count" | "rows" as side, (arg,), ()):
                known = visit(arg)
                return expr if known is arg else Num(str(known.shape[side == "count"]))
            case Apply(op, args, shape):
                return Apply(op, tuple(visit(arg) for arg in args), shape)
        return expr

    return visit(formula)


def working(
    formula: Expr, numbers: Mapping[str, Expr], parts: Mapping[str, Expr], result: Expr
) -> Iterator[Expr]:
    """The lines from a formula to its result, each following from the one above.

    >>> from tracer.text import text
    >>> b = Sym("b")
    >>> [text(line) for line in working(b + 1, {"b": Num("5")}, {}, Num("6"))]
    ['b + 1', '5 + 1', '6']
    """
    previous = None
    for line in _all_lines(formula, numbers, parts, result):
        if line != previous:
            yield line
        previous = line


def _all_lines(
    formula: Expr, numbers: Mapping[str, Expr], parts: Mapping[str, Expr], result: Expr
) -> Iterator[Expr]:
    yield without_parts(formula)
    line = _with_borders(substitute(formula, numbers))
    if _reads_well(line):
        yield without_parts(line)
    line = _folded(line)
    while inner := _innermost(line):
        if any(_is_reduction(part.inner) or not _reads_well(part.inner) for part in inner):
            yield without_parts(_map_parts(line, inner, lambda part: spread(part.inner)))
        line = _map_parts(line, inner, lambda part: parts[part.label])
        yield without_parts(line)
    if _has_operation(line):
        opened = spread(line)
        # of a matrix too large to show, nobody reads the sums behind a few of its entries
        if not (isinstance(opened, Grid) and opened.elided and _is_reduction_inside(line)):
            yield opened
    yield result


def _with_borders(expr: Expr) -> Expr:
    """A matrix of numbers as it is with ones beside it, or with a column taken away."""
    match expr:
        case Apply(op, (Matrix(),), _) if op in BORDERS or op in UNFLIPS:
            return spread(expr)
        case Part(label, inner, shape):
            return Part(label, _with_borders(inner), shape)
        case Apply(op, args, shape):
            return Apply(op, tuple(map(_with_borders, args)), shape)
    return expr


def without_parts(expr: Expr) -> Expr:
    """The same expression with nothing marked as written on the way."""
    match expr:
        case Part(_, inner, _):
            return without_parts(inner)
        case Apply(op, args, shape):
            return Apply(op, tuple(without_parts(arg) for arg in args), shape)
    return expr


def _reads_well(expr: Expr) -> bool:
    """Whether whole matrices can stand in the line: not in a function or below a bar."""
    match expr:
        case Part(_, inner, _):
            return _reads_well(inner)
        case Apply(op, args, _):
            own = op in PLAIN_OPERATORS or (op == "**" and not args[1].shape) or not expr.shape
            return own and all(_reads_well(arg) for arg in args)
    return True


def _innermost(expr: Expr) -> list[Part]:
    match expr:
        case Part(_, inner, _):
            return _innermost(inner) or [expr]
        case Apply(_, args, _):
            return [part for arg in args for part in _innermost(arg)]
    return []


def _map_parts(expr: Expr, chosen: list[Part], change: Callable[[Part], Expr]) -> Expr:
    match expr:
        case Part(label, inner, shape):
            if any(expr is part for part in chosen):
                return change(expr)
            return Part(label, _map_parts(inner, chosen, change), shape)
        case Apply(op, args, shape):
            return Apply(op, tuple(_map_parts(arg, chosen, change) for arg in args), shape)
    return expr


def _is_reduction(expr: Expr) -> bool:
    return isinstance(expr, Apply) and expr.op in REDUCTIONS


def _is_reduction_inside(expr: Expr) -> bool:
    return _is_reduction(expr) or (
        isinstance(expr, Apply) and any(map(_is_reduction_inside, expr.args))
    )


def _has_operation(expr: Expr) -> bool:
    match expr:
        case Apply("T", (arg,), _):
            return _has_operation(arg)
        case Apply("ratio"):
            return False
        case Apply("neg", (Apply("ratio") | Num(),), _):
            return False
        case Apply():
            return True
    return False


def _folded(expr: Expr) -> Expr:
    """Whole numbers that nobody works out on paper: 1/(2*4) becomes 1/8, 5^(3 - 1) becomes 5^2."""
    match expr:
        case Apply("**", (base, Apply("-", (Num(n), Num("1")))), shape) if n.lstrip(
            "-"
        ).isdecimal():
            return Apply("**", (_folded(base), Num(str(int(n) - 1))), shape)
        case Apply("ratio", (over, Apply("*", factors)), shape) if _all_numbers(factors):
            below = math.prod(float(factor.text) for factor in factors if isinstance(factor, Num))
            return Apply("ratio", (over, Num(plain(below))), shape)
        case Part(label, inner, shape):
            return Part(label, _folded(inner), shape)
        case Apply(op, args, shape):
            return Apply(op, tuple(_folded(arg) for arg in args), shape)
    return expr


def _is_whole(digits: str) -> bool:
    return digits.removeprefix("-").isdecimal()


def _all_numbers(factors: Sequence[Expr]) -> bool:
    return all(isinstance(factor, Num) for factor in factors)


def level(expr: Expr) -> int:
    """How tightly an expression binds: a looser one inside a tighter one needs brackets."""
    match expr:
        case Num(text) if text.startswith("-"):
            return LEVELS["neg"]
        case Sym(name) if "/" in name:
            return LEVELS["neg" if name.startswith("-") else "/"]
        case Apply(op):
            return LEVELS.get(op, ATOM)
        case Part(_, inner, _):
            return level(inner)
    return ATOM


def needs_brackets(op: str, position: int, arg: Expr) -> bool:
    """Whether an argument stands in brackets inside an operation.

    >>> needs_brackets("-", 1, Num("-0.5")), needs_brackets("+", 1, Num("-0.5"))
    (True, False)
    """
    binds = level(arg)
    match op:
        case "+":
            return binds < LEVELS["+"]
        case "-":
            if position == 0:
                return binds < LEVELS["+"]
            return binds <= LEVELS["neg"] or _begins_with_minus(arg)
        case "neg":
            return binds <= LEVELS["neg"]
        case "*" | "hadamard" | "dot":
            if position == 0:
                return binds < LEVELS["neg"]
            return binds < LEVELS["*"] or _begins_with_minus(arg)
        case "/":
            return binds < LEVELS["neg"] if position == 0 else binds < LEVELS["**"]
        case "ratio":
            return binds < LEVELS["neg"] if position == 0 else binds < LEVELS["**"]
        case "**":
            is_power = position == 0 and isinstance(arg, Apply) and arg.op == "exp"
            return is_power or binds < LEVELS["T"]
        case "T":
            return binds < ATOM
        case "sum" | "rowsum" | "colsum":
            return binds < LEVELS["**"]
        case "blockwise" | "blockwise stacked":
            return binds < LEVELS["*"]
        case "column" | "examples" | "diag":
            return False
        case ">" | "if":
            return binds <= LEVELS[">"]
    return False


def _begins_with_minus(expr: Expr) -> bool:
    """Whether a product has its sign in front: behind another sign that needs a bracket."""
    first = (
        expr.args[0] if isinstance(expr, Apply) and expr.op in ("*", "hadamard", "dot") else expr
    )
    return first is not expr and (level(first) == LEVELS["neg"] or _begins_with_minus(first))


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
            return Num(digits(float(values[i if rows > 1 else 0, j if columns > 1 else 0])))
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
    match op:
        case "ones above":
            return Num("1") if i == 0 else entry(arg, i - 1, j)
        case "ones below":
            return Num("1") if i == rows else entry(arg, i, j)
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
