"""A written line worked out in numbers or symbols, and where it first goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial, reduce
from operator import add, mul
from typing import Any

import numpy as np

from tracer.numbers.rounding import plain
from tracer.ops import FUNCTIONS
from tracer.written.lines import without_parts
from tracer.written.readings import Floats, Notation
from tracer.written.signs import EXP_IN_FULL, sign_of
from tracer.written.tree import Apply, Expr, Num, Part, Sym

MEANING: dict[str, Callable[..., Any]] = {
    "+": lambda m, *terms: reduce(add, terms),
    "-": lambda m, a, b: a - b,
    "*": lambda m, *factors: reduce(mul, factors),
    "hadamard": lambda m, *factors: reduce(mul, factors),
    "/": lambda m, a, b: a / b,
    "**": lambda m, a, b: a**b,
    "neg": lambda m, a: -a,
    "dot": lambda m, a, b: a @ b,
    "T": lambda m, a: a.T,
    "group": lambda m, a: a,
    "ones above": lambda m, a: m.ones_beside(a, False),
    "ones below": lambda m, a: m.ones_beside(a, True),
    "minus ones above": lambda m, a: m.ones_beside(a, False, True),
    "minus ones below": lambda m, a: m.ones_beside(a, True, True),
    "but first column": lambda m, a: m.without_bias(a, False),
    "but last column": lambda m, a: m.without_bias(a, True),
    "first column zero": lambda m, a: m.bias_as_zero(a, False),
    "last column zero": lambda m, a: m.bias_as_zero(a, True),
    EXP_IN_FULL: lambda m, a: m.exp(a),
    "diag": lambda m, a: m.diagonal(a if a.shape[1] == 1 else a.T),
}
"""What signs mean in the words of a vocabulary, where their row does not name one word for it."""


def _number(digits: str) -> int | float:
    """A number as a rule has it: whole where it is."""
    number = Fraction(digits)
    return int(number) if number.denominator == 1 else float(number)


EXAMPLE = "#example"
"Under this name stands the number of an example, from 0, where a block is worked out for each."


def value_of(
    m: Any, expr: Expr, known: Mapping[str, Any], number: Callable[[str], Any] = _number
) -> Any:
    """An expression in a vocabulary, with the values of its symbols.

    >>> value_of(Floats(), 1 / (1 + Sym("x")), {"x": 3.0})
    0.25

    A part with a value of its own, known as `.label`, is not worked out.
    Raises KeyError for a symbol without a value, AttributeError for an operation that has none.
    """
    match expr:
        case Sym("pi") if "pi" not in known:
            return m.pi
        case Sym(name):
            return known[name]
        case Num(digits):
            return number(digits)
        case Part(label, inner, _):
            own = f".{label}"
            return known[own] if own in known else value_of(m, inner, known, number)
        case Apply("examples" | "examples stacked" as op, (block,), shape):
            side = op == "examples"
            every = range(shape[side] // block.shape[side])
            blocks = [value_of(m, block, {**known, EXAMPLE: k}, number) for k in every]
            return np.hstack(blocks) if side else np.vstack(blocks)
        case Apply("column", (whole,), _):
            return value_of(m, whole, known, number)[:, [known[EXAMPLE]]]
        case Apply("row", (whole,), _):
            return value_of(m, whole, known, number)[[known[EXAMPLE]], :]
        case Apply(op, args, _):
            return applied(m, op, [value_of(m, arg, known, number) for arg in args])
    raise AttributeError(type(expr).__name__)


def applied(m: Any, op: str, values: list[Any]) -> Any:
    """An operation applied to values."""
    if meaning := _meaning(m, op):
        return meaning(*values)
    if meaning := _meaning(m, sign_of(op).transposed):
        return meaning(*(value.T for value in reversed(values))).T
    raise AttributeError(op)


def _meaning(m: Any, op: str) -> Callable[..., Any] | None:
    if op in MEANING:
        return partial(MEANING[op], m)
    if word := sign_of(op).word:
        meaning: Callable[..., Any] = getattr(m, word)
        return meaning
    return partial(_by_its_row, m, op) if op in FUNCTIONS else None


def _by_its_row(m: Any, function: str, *values: Any) -> Any:
    letters, formula = _formula_of(function)
    return value_of(m, formula, dict(zip(letters, values, strict=True)))


@cache
def _formula_of(function: str) -> tuple[tuple[str, ...], Expr]:
    """What a function that is no word of its own is made of, as its row says, with its letters."""
    row = FUNCTIONS[function]
    letters = tuple(f"#{place}" for place in range(len(row.slots)))
    return letters, without_parts(row.value(Notation(), *map(Sym, letters)))


@dataclass(frozen=True)
class Trouble:
    """Where a line first gives something that is not finite."""

    said: str
    "what happens there: e^1000 overflows"
    causes: tuple[str, ...]
    "the values that it comes from, with their entries"


def first_trouble(expr: Expr, known: Mapping[str, Any]) -> Trouble | None:
    """The innermost step that is not finite though what goes into it is.

    >>> first_trouble(1 / (1 - Sym("x")), {"x": 1.0}).said
    'division by zero'
    """
    with np.errstate(all="ignore"):
        try:
            # numbers of NumPy overflow and divide by zero without raising
            numbers = {name: np.asarray(value)[()] for name, value in known.items()}
            return next(_troubles(expr, numbers), None)
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
            return None  # a line that cannot be read back is not explained


def _troubles(expr: Expr, known: Mapping[str, Any]) -> Iterator[Trouble]:
    inner = expr.inner if isinstance(expr, Part) else expr
    if not isinstance(inner, Apply):
        return
    for arg in inner.args:
        yield from _troubles(arg, known)
    values = [value_of(Floats(), arg, known, np.float64) for arg in inner.args]
    result = np.asarray(applied(Floats(), inner.op, values), dtype=float)
    if np.isfinite(result).all():
        return
    place = tuple(int(k) for k in np.argwhere(~np.isfinite(result))[0])
    picked = [_at(value, result.shape, place) for value in values]
    causes = dict.fromkeys(_causes(inner, known, result.shape, place))
    yield Trouble(_said(inner.op, picked), tuple(causes))


def _at(value: Any, shape: tuple[int, ...], place: tuple[int, ...]) -> float:
    try:
        return float(np.broadcast_to(value, shape)[place])
    except ValueError:
        return float("nan")  # a sum or a product of matrices has no single cause


def _said(op: str, values: list[float]) -> str:
    match op, values:
        case "exp", [x]:
            return f"e^{plain(x)} overflows"
        case "log", [x]:
            return "log of zero" if x == 0 else f"log of {plain(x)}, which is negative"
        case "/" | "ratio", [over, below] if below == 0:
            return "zero divided by zero" if over == 0 else "division by zero"
        case "**", [base, _] if base == 0:
            return "zero to a negative power"
        case "**", [base, _] if base < 0:
            return "a broken power of a negative number"
        case "sqrt", _:
            return "the root of a negative number"
    return "the result is too large for a number"


def _causes(
    expr: Expr, known: Mapping[str, Any], shape: tuple[int, ...], place: tuple[int, ...]
) -> Iterator[str]:
    """The symbols below a step, with the entries that meet there."""
    match expr:
        case Sym(name) if name in known:
            value = np.asarray(known[name])
            if not value.ndim:
                yield f"{name} = {plain(float(value))}"
            elif place and value.shape == shape:
                entry = ",".join(str(k + 1) for k in place)
                yield f"{name}[{entry}] = {plain(float(value[place]))}"
        case Part(_, inner, _):
            yield from _causes(inner, known, shape, place)
        case Apply(_, args, _):
            for arg in args:
                yield from _causes(arg, known, shape, place)
