"""What a person does to an expression without being told: drop ones and zeros, gather factors."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from operator import mul

from tracer.notation import Apply, Expr, Num, Sym, apply

ZERO, ONE, TWO = Num("0"), Num("1"), Num("2")


def contains(expr: Expr, name: str) -> bool:
    """Whether a variable stands in an expression."""
    return name in variables(expr)


def variables(expr: Expr) -> set[str]:
    match expr:
        case Sym(name):
            return {name}
        case Apply(_, args, _):
            return set().union(*map(variables, args)) if args else set()
    return set()


def times(*factors: Expr) -> Expr:
    return reduce(mul, factors)


def light(expr: Expr) -> Expr:
    """The expression without the zeros and ones that a person would not write down."""
    match expr:
        case Apply("neg", (arg,), _):
            inner = light(arg)
            if inner == ZERO:
                return ZERO
            return inner.args[0] if isinstance(inner, Apply) and inner.op == "neg" else -inner
        case Apply("+", args, _):
            kept = [a for a in map(light, args) if a != ZERO]
            return reduce(plus, kept) if kept else ZERO
        case Apply("-", (a, b), _):
            a, b = light(a), light(b)
            if isinstance(b, Apply) and b.op == "neg":
                return light(a + b.args[0])
            return a if b == ZERO else light(-b) if a == ZERO else a - b
        case Apply("*", args, _):
            kept = [a for a in map(light, args) if a != ONE]
            if ZERO in kept:
                return ZERO
            return times(*kept) if kept else ONE
        case Apply("/", (a, b), _):
            a, b = light(a), light(b)
            return ZERO if a == ZERO else a if b == ONE else a / b
        case Apply("**", (base, exponent), _):
            base = light(base)
            return ONE if exponent == ZERO else base if exponent == ONE else base**exponent
    return expr


def plus(a: Expr, b: Expr) -> Expr:
    return a - b.args[0] if isinstance(b, Apply) and b.op == "neg" else a + b


def tidy(expr: Expr) -> Expr:
    """Products with their numbers multiplied out and their fractions gathered.

    >>> from tracer.text import text
    >>> text(tidy(apply("ratio", 1, 2) * (TWO * Sym("y")) * -ONE))
    '-y'
    """
    match expr:
        case Apply("*" | "neg" | "/" | "ratio", _, _):
            number, over, below = _factors(expr)
            return light(_assembled(number, over, below))
        case Apply(op, args, shape) if op != "d":
            return light(Apply(op, tuple(map(tidy, args)), shape))
    return expr


def _factors(expr: Expr) -> tuple[Fraction, list[Expr], list[Expr]]:
    """A product's number, and its factors above and below the bar."""
    value = as_number(expr)
    if value is not None:
        return value, [], []
    match expr:
        case Apply("neg", (arg,), _):
            number, over, below = _factors(arg)
            return -number, over, below
        case Apply("*", args, _):
            parts = [_factors(arg) for arg in args]
            number = reduce(mul, (part[0] for part in parts))
            return number, [f for p in parts for f in p[1]], [f for p in parts for f in p[2]]
        case Apply("/" | "ratio", (a, b), _):
            number_a, over_a, below_a = _factors(a)
            number_b, over_b, below_b = _factors(b)
            if number_b:
                return number_a / number_b, over_a + below_b, below_a + over_b
    tidied = tidy(expr) if not (isinstance(expr, Apply) and expr.op == "d") else expr
    return Fraction(1), [tidied], []


def _assembled(number: Fraction, over: list[Expr], below: list[Expr]) -> Expr:
    sign, size = (number < 0), abs(number)
    for factor in list(below):
        if factor in over:
            over, below = _without(over, factor), _without(below, factor)
    above = [*([Num(str(size.numerator))] if size.numerator != 1 or not over else []), *over]
    under = [*([Num(str(size.denominator))] if size.denominator != 1 else []), *below]
    if under and not below and over:
        product = apply("ratio", Num(str(size.numerator)), Num(str(size.denominator))) * times(
            *over
        )
    else:
        product = times(*above) / times(*under) if under else times(*above)
    return -product if sign else product


def _without(factors: list[Expr], factor: Expr) -> list[Expr]:
    place = factors.index(factor)
    return factors[:place] + factors[place + 1 :]


def as_number(expr: Expr) -> Fraction | None:
    match expr:
        case Num(digits):
            return Fraction(digits)
        case Apply("neg", (arg,), _):
            inner = as_number(arg)
            return None if inner is None else -inner
        case Apply("ratio" | "/", (a, b), _):
            over, below = as_number(a), as_number(b)
            return over / below if over is not None and below else None
    return None


def as_expr(number: Fraction) -> Expr:
    """A number as it is written: whole, or as a fraction.

    >>> from tracer.text import text
    >>> text(as_expr(Fraction(-1, 3)))
    '-1/3'
    """
    size = abs(number)
    whole = size.denominator == 1
    written: Expr = (
        Num(str(size.numerator))
        if whole
        else apply("ratio", Num(str(size.numerator)), Num(str(size.denominator)))
    )
    return -written if number < 0 else written
