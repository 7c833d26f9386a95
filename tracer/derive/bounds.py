"""How large a formula may be: its parts, its nesting, its exponents and its numbers.

What is still large then is derived in a process of its own, with a limit to its time.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from tracer.derive.simplify import PI, as_number
from tracer.errors import LessonError
from tracer.ops import FUNCTIONS, OF_MATRICES
from tracer.written.lines import parts
from tracer.written.readings import Floats
from tracer.written.text import text
from tracer.written.tree import Apply, Expr, Num

MOST_PARTS, DEEPEST = 400, 40
HIGHEST_POWER = 100
LARGEST, LARGEST_TYPED = 1e100, 1e12
WAY_OUT = "give parts of it names of their own"
LIGHTEST, LIGHT_POWER = 2, 20


def check_size(expr: Expr) -> None:
    """Refuse what nobody writes and no computer works out, and what is no formula of numbers.

    >>> check_size(Num("9") ** (Num("9") ** Num("9")))
    Traceback (most recent call last):
    tracer.errors.LessonError: an exponent is too large, expected up to 100

    Raises LessonError for too many parts, too deep a nesting, exponents that amount to more than
    100, numbers that are not finite, or too large or too small, and operations on matrices.
    """
    level: list[Expr] = [expr]
    count = depth = 0
    while level:
        count, depth = count + len(level), depth + 1
        if count > MOST_PARTS:
            raise LessonError(f"the formula has more than {MOST_PARTS} parts; {WAY_OUT}")
        if depth > DEEPEST:
            raise LessonError(f"the formula is nested too deeply; {WAY_OUT}")
        for part in level:
            _check(part)
        level = [arg for part in level if isinstance(part, Apply) for arg in part.args]
    _size(expr)


def _check(part: Expr) -> None:
    match part:
        case Num(digits) if abs(float(digits)) > LARGEST_TYPED:
            raise LessonError(
                f"{float(digits):g} is too large for a formula, expected up to {LARGEST_TYPED:g}"
            )
        case Apply(op) if op in _OF_MATRICES:
            raise LessonError(
                f"{_OF_MATRICES[op]} takes a matrix, and a formula to derive has single numbers; "
                "expected it written out, as in z1 + z2"
            )


def is_light(*formulas: Expr) -> bool:
    """Whether sympy is soon done with each of some formulas.

    >>> from tracer.written.reading import read
    >>> is_light(read("log(1 + exp(z))")), is_light(read("tanh(log(1 + exp(z)))"))
    (True, False)

    In a light one, functions stand two deep at most, where a kink anywhere counts as one more. Of
    what is deeper, nobody knows how long sympy takes to prove a line of it.
    """
    return all(
        _depth(one) + sum(_is_kinked(part) for part in parts(one)) <= LIGHTEST
        and _size(one).degree <= LIGHT_POWER
        for one in formulas
    )


def _is_kinked(expr: Expr) -> bool:
    return isinstance(expr, Apply) and expr.op in FUNCTIONS and bool(FUNCTIONS[expr.op].convention)


def _depth(expr: Expr) -> int:
    """How deep functions stand in one another; a power whose exponent is no number is two."""
    if not isinstance(expr, Apply):
        return 0
    own = 2 * (expr.op == "**" and as_number(expr.args[1]) is None) or expr.op in FUNCTIONS
    return own + max(map(_depth, expr.args))


@dataclass(frozen=True)
class _Size:
    """What is known of the numbers that an expression stands for."""

    value: float | None = None
    "what it is worth, if no letter is in it"
    reach: float = 1.0
    "the largest that it can be while every letter is at most 1"
    degree: float = 1.0
    "what the exponents in it amount to, one above the other"


def _size(expr: Expr) -> _Size:
    if isinstance(expr, Num) or expr == PI:
        value = math.pi if expr == PI else float(expr.text)  # type: ignore[union-attr]
        return _Size(value, abs(value))
    if not isinstance(expr, Apply):
        return _Size()
    sizes = [_size(arg) for arg in expr.args]
    degree = max((size.degree for size in sizes), default=1.0)
    if expr.op == "**":
        degree = sizes[0].degree * max(1.0, sizes[1].reach)
        if degree > HIGHEST_POWER:
            raise LessonError(f"an exponent is too large, expected up to {HIGHEST_POWER}")
    values = [size.value for size in sizes if size.value is not None]
    if (expr.op in _WORTH or expr.op in FUNCTIONS) and len(values) == len(sizes):
        value = _worth(expr, values)
        return _Size(value, abs(value), degree)
    return _Size(None, _reach(expr.op, sizes), degree)


def _worth(expr: Apply, values: list[float]) -> float:
    value: float | complex
    worth = _WORTH.get(expr.op) or partial(FUNCTIONS[expr.op].value, Floats())
    try:
        with np.errstate(all="ignore"):
            value = worth(*values)
    except (ArithmeticError, ValueError):
        value = math.nan
    if isinstance(value, complex) or not math.isfinite(value):
        raise LessonError(f"{text(expr)} is not a finite number, expected one")
    vanished = value == 0 and expr.op in ("exp", "**", "*", "/", "ratio") and all(values)
    if vanished or (value and not 1 / LARGEST < abs(value) < LARGEST):
        raise LessonError(
            f"{text(expr)} is too large or too small for a formula, expected up to {LARGEST:g}"
        )
    return float(value)


def _reach(op: str, sizes: list[_Size]) -> float:
    reaches = [size.reach for size in sizes]
    try:
        match op:
            case "+" | "-":
                return sum(reaches)
            case "*":
                return math.prod(reaches)
            case "neg":
                return reaches[0]
            case "/" | "ratio":
                return reaches[0] / abs(sizes[1].value or 1.0)
            case "**":
                return float(max(1.0, reaches[0]) ** reaches[1])
    except OverflowError:
        return math.inf
    return 1.0


_WORTH: dict[str, Callable[..., Any]] = {
    "+": lambda *terms: sum(terms),
    "-": lambda a, b: a - b,
    "*": lambda *factors: math.prod(factors),
    "/": lambda a, b: a / b,
    "ratio": lambda a, b: a / b,
    "**": lambda a, b: a**b,
    "neg": lambda a: -a,
}
_OF_MATRICES = {"dot": "@", "T": ".T", **{name: f"{name}()" for name in OF_MATRICES}}
