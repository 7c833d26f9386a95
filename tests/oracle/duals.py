"""Numbers with their slopes: forward mode, one slope for each entry that is asked about.

A kink has the slope that the reference gives it: `max` of two equal values that of the first, `max`
of a value and a plain number equal to it none, and so on.
"""

from collections.abc import Callable, Hashable, Mapping

from oracle import reals
from oracle.reals import ONE, ZERO, Real

Slopes = Mapping[Hashable, Real]
NONE: Slopes = {}


class Dual:
    """A number, and its slopes by the entries it depends on.

    >>> x = Dual(reals.real("3"), {"x": ONE})
    >>> (x * x).slopes["x"]
    Fraction(6, 1)
    """

    __slots__ = ("slopes", "value")

    def __init__(self, value: Real, slopes: Slopes = NONE) -> None:
        self.value, self.slopes = value, slopes

    def __add__(self, other: "Dual") -> "Dual":
        return Dual(reals.add(self.value, other.value), _sum(self.slopes, other.slopes))

    def __sub__(self, other: "Dual") -> "Dual":
        return self + -other

    def __neg__(self) -> "Dual":
        return Dual(-self.value, {key: -slope for key, slope in self.slopes.items()})

    def __mul__(self, other: "Dual") -> "Dual":
        slopes = _sum(_times(other.value, self.slopes), _times(self.value, other.slopes))
        return Dual(reals.mul(self.value, other.value), slopes)

    def __truediv__(self, other: "Dual") -> "Dual":
        value = reals.div(self.value, other.value)
        below = reals.div(ONE, other.value)
        ours = _times(below, self.slopes)
        theirs = _times(-reals.mul(value, below), other.slopes)
        return Dual(value, _sum(ours, theirs))

    def __pow__(self, other: "Dual") -> "Dual":
        a, b = self.value, other.value
        value, slopes = reals.power(a, b), _flat(self)
        if self.slopes and b:
            slope = reals.mul(b, reals.power(a, reals.sub(b, ONE)))
            slopes = _times(slope, self.slopes)
        if other.slopes:
            slopes = _sum(slopes, _times(reals.mul(value, reals.log(a)), other.slopes))
        return Dual(value, slopes)

    def along(self, value: Real, slope: Callable[[], Real]) -> "Dual":
        """A function of it, from its value and its slope here."""
        return Dual(value, _times(slope(), self.slopes) if self.slopes else NONE)


def plain(value: Real | int) -> Dual:
    """A number that depends on nothing."""
    return Dual(reals.Fraction(value) if isinstance(value, int) else value)


def _times(factor: Real, slopes: Slopes) -> Slopes:
    if factor == 1 or not slopes:
        return slopes
    # a slope of 0 is kept: there is a gradient, and it is 0
    return {key: reals.mul(factor, slope) for key, slope in slopes.items()}


def _flat(*inputs: Dual) -> Slopes:
    """No slope by anything that some numbers depend on."""
    return {key: ZERO for one in inputs for key in one.slopes}


def _sum(a: Slopes, b: Slopes) -> Slopes:
    if not a or not b:
        return a or b
    both = dict(a)
    for key, slope in b.items():
        both[key] = reals.add(both[key], slope) if key in both else slope
    return both


# functions


def exp(z: Dual) -> Dual:
    value = reals.exp(z.value)
    return z.along(value, lambda: value)


def log(z: Dual) -> Dual:
    return z.along(reals.log(z.value), lambda: reals.div(ONE, z.value))


def sqrt(z: Dual) -> Dual:
    value = reals.sqrt(z.value)
    return z.along(value, lambda: reals.div(ONE, reals.add(value, value)))


def sin(z: Dual) -> Dual:
    return z.along(reals.sin(z.value), lambda: reals.cos(z.value))


def cos(z: Dual) -> Dual:
    return z.along(reals.cos(z.value), lambda: -reals.sin(z.value))


def tan(z: Dual) -> Dual:
    value = reals.tan(z.value)
    return z.along(value, lambda: reals.add(ONE, reals.mul(value, value)))


def sinh(z: Dual) -> Dual:
    return z.along(reals.sinh(z.value), lambda: reals.cosh(z.value))


def cosh(z: Dual) -> Dual:
    return z.along(reals.cosh(z.value), lambda: reals.sinh(z.value))


def tanh(z: Dual) -> Dual:
    def slope() -> Real:
        wide = reals.cosh(z.value)
        return reals.div(ONE, reals.mul(wide, wide))

    return z.along(reals.tanh(z.value), slope)


def atan(z: Dual) -> Dual:
    square = reals.mul(z.value, z.value)
    return z.along(reals.atan(z.value), lambda: reals.div(ONE, reals.add(ONE, square)))


def erf(z: Dual) -> Dual:
    def slope() -> Real:
        bell = reals.exp(-reals.mul(z.value, z.value))
        return reals.div(reals.mul(reals.real("2"), bell), reals.sqrt(reals.pi()))

    return z.along(reals.erf(z.value), slope)


def absolute(z: Dual) -> Dual:
    return z.along(abs(z.value), lambda: reals.Fraction(reals.sign(z.value)))


def sigmoid(z: Dual) -> Dual:
    """1/(1 + e^-z)."""
    power = reals.exp(-z.value)
    below = reals.add(ONE, power)
    value = reals.div(ONE, below)
    # a(1 - a) is e^-z/(1 + e^-z)^2, where no digits cancel
    return z.along(value, lambda: reals.div(reals.mul(value, power), below))


def softplus(z: Dual) -> Dual:
    return log(plain(1) + exp(z))


def relu(z: Dual) -> Dual:
    return above(z, plain(0), z, plain(0))


LEAK = reals.Fraction(1, 100)


def leaky_relu(z: Dual, slope: Real = LEAK) -> Dual:
    return above(z, plain(0), z, Dual(slope) * z)


def elu(z: Dual, alpha: Real = ONE) -> Dual:
    if z.value > 0:
        return z
    return Dual(alpha) * (exp(z) - plain(1))


def gelu(z: Dual) -> Dual:
    half = Dual(reals.Fraction(1, 2))
    return z * (half * (plain(1) + erf(z / plain(reals.sqrt(reals.Fraction(2))))))


def silu(z: Dual) -> Dual:
    return z * sigmoid(z)


def above(a: Dual, b: Dual, this: Dual, that: Dual) -> Dual:
    """`this` where a > b, and `that` elsewhere."""
    chosen = this if reals.order(a.value, b.value) > 0 else that
    return Dual(chosen.value, {**_flat(a, b, this, that), **chosen.slopes})


def largest(a: Dual, b: Dual) -> Dual:
    """The larger one; of two equal ones the first."""
    return above(b, a, b, a)


def smallest(a: Dual, b: Dual) -> Dual:
    """The smaller one; of two equal ones the first."""
    return above(a, b, b, a)


def beside_a_number(choose: Callable[[Dual, Dual], Dual]) -> Callable[[Dual, Dual], Dual]:
    """The choice between a value and a plain number: no slope where they are equal."""

    def chosen(a: Dual, b: Dual) -> Dual:
        found = choose(a, b)
        return found if reals.order(a.value, b.value) else Dual(found.value, _flat(a, b))

    return chosen
