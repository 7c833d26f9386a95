"""The working of a formula: the lines from it to its result."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from itertools import islice, product

from tracer.numbers.decimals import Number
from tracer.numbers.rounding import in_full, plain
from tracer.written.entries import entry, spread
from tracer.written.tree import Apply, Expr, Grid, Matrix, Num, OneEntry, Part, Shape, Sym, applied

Fits = Callable[[Grid], bool]
MOST_TRIED = 100
"How many entries are looked at for one that says something."


def is_copy(formula: Expr, given: Container[str]) -> bool:
    """Whether a formula only copies what was given, turned or beside ones; or a plain number."""
    while isinstance(formula, Apply) and formula.sign.copies:
        formula = formula.args[0]
    return isinstance(formula, Num) or (isinstance(formula, Sym) and formula.name in given)


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
                return applied(op, tuple(visit(arg) for arg in args), shape)
        return expr

    return visit(formula)


def parts(formula: Expr) -> Iterator[Expr]:
    """A formula and everything in it, from left to right."""
    waiting = [formula]
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, Apply):
            waiting += reversed(part.args)


def names_in(formula: Expr) -> list[str]:
    """The names that stand in a formula, from left to right, each once.

    >>> names_in(Sym("w") * Sym("x") + Sym("w"))
    ['w', 'x']
    """
    return list(dict.fromkeys(part.name for part in parts(formula) if isinstance(part, Sym)))


def working(
    formula: Expr,
    numbers: Mapping[str, Expr],
    parts: Mapping[str, Expr],
    result: Expr,
    fits: Fits = lambda grid: True,
) -> Iterator[Expr]:
    """The lines from a formula to its result, each following from the one above.

    Of a matrix whose calculations do not fit side by side, one entry is worked out in full.

    >>> from tracer.written.text import text
    >>> b = Sym("b")
    >>> [text(line) for line in working(b + 1, {"b": Num("5")}, {}, Num("6"))]
    ['b + 1', '5 + 1', '6']
    """
    previous = None
    for line in _all_lines(formula, numbers, parts, result, fits):
        if line != previous and not _is_a_one(line):
            yield line
        previous = line


def _is_a_one(line: Expr) -> bool:
    """Whether a line says in a letter what the next one says in a matrix of one number."""
    return isinstance(line, Apply) and line.op == "ones" and line.shape == (1, 1)


def _all_lines(
    formula: Expr,
    numbers: Mapping[str, Expr],
    parts: Mapping[str, Expr],
    result: Expr,
    fits: Fits,
) -> Iterator[Expr]:
    yield without_parts(formula)
    # a border of ones is put on while the numbers are put in: nobody writes a line for that alone
    line = _with_borders(substitute(formula, numbers))
    # a matrix in a function or below a bar stands nowhere on paper; its entries do, further down
    if _reads_well(line):
        yield without_parts(line)
    line = _folded(line)
    # what is written on the way is worked out first, from the inside: first opened where it mixes
    # entries, so that no number appears out of nothing, and then as the number that was written
    while inner := _innermost(line):
        if any(_is_reduction(part.inner) or not _reads_well(part.inner) for part in inner):
            yield from _opened(line, inner, parts, fits)
        line = _map_parts(line, inner, lambda part: parts[part.label])
        yield without_parts(line)
    # a bare number, a fraction that is kept and a transpose are the result already
    if _has_operation(line):
        yield spread(line) if _has_room(line, fits) else _one_entry(line, result)
    yield result


def _opened(line: Expr, inner: list[Part], parts: Mapping[str, Expr], fits: Fits) -> Iterator[Expr]:
    """A line with what is written on the way worked into its entries, or one of them for all."""
    wide = [part for part in inner if not _has_room(part.inner, fits)]
    yield from (_one_entry(part.inner, parts[part.label]) for part in wide)
    if len(wide) < len(inner):

        def opened(part: Part) -> Expr:
            return parts[part.label] if part in wide else spread(part.inner)

        yield without_parts(_map_parts(line, inner, opened))


def _has_room(expr: Expr, fits: Fits) -> bool:
    """Whether the calculations behind all entries can stand side by side."""
    opened = spread(expr)
    if not isinstance(opened, Grid) or not isinstance(opened.cells[0][0], Apply):
        return True
    return not opened.elided and fits(opened)


def _one_entry(expr: Expr, result: Expr) -> OneEntry:
    """The first entry whose products are not all nothing, and what it comes to."""
    rows, columns = expr.shape
    first = islice(product(range(rows), range(columns)), MOST_TRIED)
    i, j = next((place for place in first if _says_something(entry(expr, *place))), (0, 0))
    inner = Apply("=", (entry(expr, i, j), entry(result, i, j)), ())
    return OneEntry(i + 1, j + 1, inner, expr.shape)


def _says_something(calculation: Expr) -> bool:
    products = [part for part in parts(calculation) if isinstance(part, Apply) and part.op == "*"]
    return not products or not all(any(map(_is_nothing, one.args)) for one in products)


def _is_nothing(factor: Expr) -> bool:
    return isinstance(factor, Num) and float(factor.text) == 0


def _with_borders(expr: Expr) -> Expr:
    """A matrix of numbers as it is with ones beside it, or with a column taken away."""
    match expr:
        case Apply(_, (Matrix(),), _) if expr.sign.copies and not expr.sign.stands:
            return spread(expr)
        case Part(label, inner, shape):
            return Part(label, _with_borders(inner), shape)
        case Apply(op, args, shape):
            return Apply(op, tuple(map(_with_borders, args)), shape)
    return expr


def without_parts(expr: Expr) -> Expr:
    """The same expression with nothing marked as written on the way, and exponents worked out."""
    match expr:
        case Part(_, inner, _):
            return without_parts(inner)
        case Apply("**", (base, exponent), shape):
            return _power(without_parts(base), without_parts(exponent), shape)
        case Apply(op, args, shape):
            return Apply(op, tuple(without_parts(arg) for arg in args), shape)
    return expr


def _reads_well(expr: Expr) -> bool:
    """Whether whole matrices can stand in the line: not in a function or below a bar."""
    match expr:
        case Part(_, inner, _):
            return _reads_well(inner)
        case Apply(op, args, _):
            own = expr.sign.stands or (op == "**" and not args[1].shape) or not expr.shape
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
            return applied(op, tuple(_map_parts(arg, chosen, change) for arg in args), shape)
    return expr


def _is_reduction(expr: Expr) -> bool:
    return isinstance(expr, Apply) and expr.sign.mixes


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
        case Apply("**", (base, exponent), shape):
            return _power(_folded(base), exponent, shape)
        case Apply("ratio", (over, Apply("*", factors)), shape) if _all_numbers(factors):
            below = math.prod(float(factor.text) for factor in factors if isinstance(factor, Num))
            return Apply("ratio", (over, Num(plain(below))), shape)
        case Part(label, inner, shape):
            return Part(label, _folded(inner), shape)
        case Apply(op, args, shape):
            return Apply(op, tuple(_folded(arg) for arg in args), shape)
    return expr


def _power(base: Expr, exponent: Expr, shape: Shape) -> Expr:
    """A power in whose exponent nobody leaves 3 - 1 standing: d^(2 - 1) is d."""
    match exponent:
        case Apply("-", (Num(n), Num("1"))):
            exponent = Num(in_full(Number(n) - 1))
            if exponent.text == "1":
                return base
    return Apply("**", (base, exponent), shape)


def _all_numbers(factors: Sequence[Expr]) -> bool:
    return all(isinstance(factor, Num) for factor in factors)
