"""True numbers: fractions as long as they last, and mpmath behind them.

What is typed in is a fraction, and sums, products and quotients of fractions are fractions, so that
ties are ties. What e^x or a root leaves has as many digits as are worked with; a difference that
has used all of them up is told, so that everything can be worked out again with more.
"""

from collections.abc import Callable
from fractions import Fraction
from math import isqrt

import mpmath

FEW, MANY = 60, 250
"Digits that are worked with: at first, and where they were not enough."
GUARD = 15
"How many of them may be wrong."
LARGEST, SMALLEST = 80, -596
"Powers of two of numbers that are too large, and of those that are too small."
FARTHEST = 10**30
"A larger exponent is not worked with."
LONGEST = 4_000
"Bits that a fraction may have before it is cut off."
own = mpmath.MPContext()
own.dps = FEW
Real = Fraction | mpmath.mpf
ZERO, ONE = Fraction(0), Fraction(1)


class Undefined(ArithmeticError):
    """A number that does not exist: 1/0, log(-1)."""


class Lost(ArithmeticError):
    """Nothing but wrong digits is left of a number."""


class Seen:
    """What was met while something was worked out."""

    huge = tiny = False
    "whether a number was larger or smaller than any whose digits are judged"


seen = Seen()


def with_enough_digits(make: Callable[[], object]) -> object:
    """What is made with few digits, or with many where those were not enough."""
    seen.huge = seen.tiny = False
    own.dps = FEW
    try:
        return make()
    except Lost:
        own.dps = MANY
        return make()
    finally:
        own.dps = FEW


def real(text: str) -> Fraction:
    """A number as it was typed.

    >>> real("-1.5e-3")
    Fraction(-3, 2000)
    """
    return Fraction(text)


def add(a: Real, b: Real) -> Real:
    """The sum.

    >>> add(real("0.1"), real("0.2")) == real("0.3")
    True
    """
    if type(a) is Fraction and type(b) is Fraction:
        return _kept(a + b)
    if not a or not b:
        return a or b
    x, y = inexact(a), inexact(b)
    return _settled(x + y, max(_size(x), _size(y)))


def sub(a: Real, b: Real) -> Real:
    """The difference."""
    return add(a, -b)


def mul(a: Real, b: Real) -> Real:
    """The product."""
    if type(a) is Fraction and type(b) is Fraction:
        return _kept(a * b)
    return _watched(inexact(a) * inexact(b)) if a and b else ZERO


def div(a: Real, b: Real) -> Real:
    """The quotient; raises Undefined where there is none."""
    if not b:
        raise Undefined("division by zero")
    if type(a) is Fraction and type(b) is Fraction:
        return _kept(a / b)
    return _watched(inexact(a) / inexact(b)) if a else ZERO


def power(a: Real, b: Real) -> Real:
    """a to the power of b; raises Undefined where there is none."""
    if not b:
        return ONE
    if type(b) is Fraction and b.denominator == 1 and abs(b) <= 64:
        if not a and b < 0:
            raise Undefined("zero to a negative power")
        return _kept(a ** int(b)) if type(a) is Fraction else _watched(a ** int(b))
    if a < 0 or (not a and b < 0):
        raise Undefined("a broken power of a negative number")
    if b == Fraction(1, 2):
        return sqrt(a)
    return _watched(inexact(a) ** _within(b)) if a else ZERO


def sqrt(a: Real) -> Real:
    """The square root, exactly where it is a fraction."""
    if a < 0:
        raise Undefined("the root of a negative number")
    if type(a) is Fraction:
        over, below = isqrt(a.numerator), isqrt(a.denominator)
        if over * over == a.numerator and below * below == a.denominator:
            return Fraction(over, below)
    return own.sqrt(inexact(a))


def exp(a: Real) -> Real:
    """e to the power of a."""
    if a < -FARTHEST:
        seen.tiny = True
        return ZERO
    return _watched(own.exp(_within(a))) if a else ONE


def _within(exponent: Real) -> mpmath.mpf:
    """An exponent of a power that can be written down."""
    if abs(exponent) > FARTHEST:
        seen.huge = True
        raise Undefined("a power that nobody can write down")
    return inexact(exponent)


def _bounded(name: str, a: Real) -> mpmath.mpf:
    return _within(a) if name in ("sinh", "cosh") else inexact(a)


def log(a: Real) -> Real:
    """The natural logarithm; raises Undefined where there is none."""
    if a <= 0:
        raise Undefined("the logarithm of zero or less")
    if type(a) is Fraction:
        return own.log(inexact(a)) if a != 1 else ZERO
    # near 1 all digits of a number can stand behind as many nines or zeros
    return _settled(own.log(a), 1)


def odd(name: str) -> Callable[[Real], Real]:
    """A function of mpmath that is 0 at 0."""
    return lambda a: _watched(getattr(own, name)(_bounded(name, a))) if a else ZERO


def even(name: str) -> Callable[[Real], Real]:
    """A function of mpmath that is 1 at 0."""
    return lambda a: _watched(getattr(own, name)(_bounded(name, a))) if a else ONE


sin, tan, sinh, tanh, atan, erf = map(odd, ("sin", "tan", "sinh", "tanh", "atan", "erf"))
cos, cosh = map(even, ("cos", "cosh"))


def pi() -> Real:
    """Half the way around."""
    return +own.pi


def sign(a: Real) -> int:
    """1 above zero, -1 below, 0 at it."""
    return (a > 0) - (a < 0)


def order(a: Real, b: Real) -> int:
    """1 where a is the larger, -1 where b is, 0 where both are equal."""
    if type(a) is Fraction and type(b) is Fraction:
        return (a > b) - (a < b)
    return sign(sub(a, b))


def total(terms: list[Real]) -> Real:
    """The sum of many."""
    found = ZERO
    for term in terms:
        found = add(found, term)
    return found


def inexact(a: Real) -> mpmath.mpf:
    """A number with as many digits as are worked with."""
    return own.mpf(a.numerator) / a.denominator if type(a) is Fraction else a


def _kept(a: Fraction) -> Real:
    if a.numerator.bit_length() > LARGEST and abs(a) >= 1 << LARGEST:
        seen.huge = True
    return inexact(a) if a.denominator.bit_length() > LONGEST else a


def _size(a: mpmath.mpf) -> int:
    """The power of two just above a number."""
    _, _, exponent, bits = a._mpf_
    return exponent + bits


def _watched(a: mpmath.mpf) -> mpmath.mpf:
    if not own.isfinite(a):
        raise Undefined("infinite")
    seen.huge = seen.huge or _size(a) > LARGEST
    seen.tiny = seen.tiny or (bool(a) and _size(a) < SMALLEST)
    return a


def _settled(total: mpmath.mpf, largest: int) -> Real:
    """A sum, or 0 where all its digits cancelled."""
    if total and _size(total) >= largest - own.prec + int(GUARD * 3.33):
        return total
    if own.dps < MANY:
        raise Lost
    return ZERO
