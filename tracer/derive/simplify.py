"""What a person leaves out without being told: factors of one, terms of zero, two minus signs."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from operator import mul

from tracer.written.lines import names_in, parts
from tracer.written.tree import Apply, Expr, Num, Sym, apply

ZERO, ONE, TWO = Num("0"), Num("1"), Num("2")
PI = Sym("pi")


def contains(expr: Expr, name: str) -> bool:
    """Whether a variable stands in an expression."""
    return name in variables(expr)


def variables(expr: Expr) -> set[str]:
    """The letters of an expression; pi is a number."""
    return {*names_in(expr)} - {PI.name}


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
        case Apply("if", (a, b, this, that), _):
            return either(a, b, light(this), light(that))
    return expr


def plus(a: Expr, b: Expr) -> Expr:
    return a - b.args[0] if isinstance(b, Apply) and b.op == "neg" else a + b


def either(a: Expr, b: Expr, this: Expr, that: Expr) -> Expr:
    """One thing where a > b, another elsewhere.

    >>> from tracer.written.text import text
    >>> z = Sym("z")
    >>> [text(either(z, ZERO, this, that)) for this, that in ((ONE, TWO), (ONE, ZERO), (z, z))]
    ['1 if z > 0 else 2', '1 if z > 0 else 0', 'z']
    """
    if this == that:
        return this
    return apply(">", a, b) if (this, that) == (ONE, ZERO) else apply("if", a, b, this, that)


def as_number(expr: Expr) -> Fraction | None:
    """The number that is written: 3, 0.5, -1/3."""
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


def as_expr(number: Fraction, decimal: bool = False) -> Expr:
    """A number as it is written: whole, with a decimal point if others have one, or as a fraction.

    >>> from tracer.written.text import text
    >>> [text(as_expr(Fraction(n, d), decimal=True)) for n, d in ((-1, 4), (1, 3), (6, 3))]
    ['-0.25', '1/3', '2']
    """
    over, below = over_and_below(abs(number), decimal)
    written = over if below == ONE else apply("ratio", over, below)
    return -written if number < 0 else written


def over_and_below(number: Fraction, decimal: bool) -> tuple[Expr, Expr]:
    """What stands above the bar of a number, and below it: 1 where it needs none.

    >>> from tracer.written.text import text
    >>> [text(part) for part in over_and_below(Fraction(400000, 314159), decimal=True)]
    ['4', '3.14159']
    """
    over, below = Fraction(number.numerator), Fraction(number.denominator)
    if decimal and (number * 10**MOST_PLACES).denominator == 1:
        over, below = number, Fraction(1)
    elif decimal:
        digits = str(number.numerator)
        places = len(digits) - len(digits.rstrip("0"))
        over, below = over / 10**places, below / 10**places
    return Num(_digits(over)), Num(_digits(below))


MOST_PLACES = 12
"A number with more places after its point is a fraction rather."


def _digits(number: Fraction) -> str:
    whole, rest = divmod(number, 1)
    places = f"{int(rest * 10**MOST_PLACES):0{MOST_PLACES}d}".rstrip("0")
    return f"{whole}.{places}" if places else str(whole)


def has_decimals(expr: Expr) -> bool:
    """Whether a number in an expression was typed with a decimal point."""
    return any(isinstance(part, Num) and "." in part.text for part in parts(expr))
