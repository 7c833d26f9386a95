"""Arithmetic and elementary functions, entry by entry."""

from __future__ import annotations

from functools import cache, reduce
from operator import add
from typing import Any

from tracer.ops.rows import Op, Rule, Slot, row

ADD = row("add", lambda m, a, b: a + b, lambda m, c, a, b: 1, lambda m, c, a, b: 1)
SUBTRACT = row("subtract", lambda m, a, b: a - b, lambda m, c, a, b: 1, lambda m, c, a, b: -1)
MULTIPLY = row("multiply", lambda m, a, b: a * b, lambda m, c, a, b: b, lambda m, c, a, b: a)
DIVIDE = row(
    "divide",
    lambda m, a, b: a / b,
    lambda m, c, a, b: 1 / b,
    lambda m, c, a, b: -a / b**2,
)
POWER = row(
    "power",
    lambda m, a, b: a**b,
    lambda m, c, a, b: b * a ** (b - 1),
    lambda m, c, a, b: c * m.log(a),
)
NEGATE = row("negate", lambda m, a: -a, lambda m, c, a: -1)
EXP = row("exp", lambda m, a: m.exp(a), lambda m, c, a: c, ends=(0,))
LOG = row("log", lambda m, a: m.log(a), lambda m, c, a: 1 / a)
SQRT = row("sqrt", lambda m, a: m.sqrt(a), lambda m, c, a: 1 / (2 * c))
ABS = row("abs", lambda m, a: m.abs(a), lambda m, c, a: m.sign(a), convention="|z|' = 0 at z = 0")
SIN = row("sin", lambda m, z: m.sin(z), lambda m, a, z: m.cos(z), span=(-1, 1))
COS = row("cos", lambda m, z: m.cos(z), lambda m, a, z: -m.sin(z), span=(-1, 1))
TAN = row("tan", lambda m, z: m.tan(z), lambda m, a, z: 1 + m.write("square", a**2))
SINH = row("sinh", lambda m, z: m.sinh(z), lambda m, a, z: m.cosh(z))
COSH = row("cosh", lambda m, z: m.cosh(z), lambda m, a, z: m.sinh(z))
ATAN = row("atan", lambda m, z: m.atan(z), lambda m, a, z: 1 / (1 + z**2))
ERF = row(
    "erf",
    lambda m, z: m.erf(z),
    lambda m, a, z: 2 / m.sqrt(m.pi) * m.exp(-(z**2)),
)
MAX = row(
    "max",
    lambda m, a, b: m.max(a, b),
    lambda m, c, a, b: 1 - m.above(b, a),
    lambda m, c, a, b: m.above(b, a),
    convention="where both are equal, the first one takes the gradient",
)
MIN = row(
    "min",
    lambda m, a, b: m.min(a, b),
    lambda m, c, a, b: 1 - m.above(a, b),
    lambda m, c, a, b: m.above(a, b),
    convention="where both are equal, the first one takes the gradient",
)
_AT_A_NUMBER = "where it is equal to the number, the gradient is 0"
BESIDE_A_NUMBER = {
    "max": row(
        "max",
        MAX.value,
        lambda m, c, a, b: m.above(a, b),
        lambda m, c, a, b: m.above(b, a),
        convention=_AT_A_NUMBER,
    ),
    "min": row(
        "min",
        MIN.value,
        lambda m, c, a, b: m.above(b, a),
        lambda m, c, a, b: m.above(a, b),
        convention=_AT_A_NUMBER,
    ),
}
"""The larger and the smaller of a value and a plain number: max(z, 0) has the slope of relu."""
CLIP = row(
    "clip",
    lambda m, a, c: m.min(m.max(a, c), 1 - c),
    lambda m, b, a, c: m.above(a, c) * m.above(1 - c, a),
    None,
    convention="what is clipped has the slope 0, and so has what is equal to a bound",
)
"""A probability, kept from 0 and 1 by a plain number c: what Keras does before a logarithm."""
TO_THE_ZERO = row("power", lambda m, a: a**0, lambda m, c, a: 0 * m.ones_like(a))
"""1, also of 0, and with no slope anywhere."""
SUM = row("sum", lambda m, a: m.sum(a), lambda m, s, a: m.ones_like(a))
MEAN = row(
    "mean",
    lambda m, a: m.ratio(1, m.size(a)) * m.sum(a),
    lambda m, s, a: m.ratio(1, m.size(a)) * m.ones_like(a),
)


@cache
def sum_of(terms: int) -> Op:
    """The sum of so many terms, as one step: a + b + c."""
    return row("add", lambda m, *inputs: reduce(add, inputs), *[lambda m, *_: 1] * terms)


def total(m: Any, *contributions: Any) -> Any:
    """A gradient is the sum of its contributions."""
    return reduce(add, contributions)


def weighted_sum(pairs: int, bias: bool, subtracted: bool = False) -> Op:
    """The sum of so many products of two inputs, and a bias: w1*x1 + w2*x2 + b, as one step.

    A bias that is `subtracted` is a threshold: w1*x1 + w2*x2 - b.

    >>> from tracer.written.readings import Floats
    >>> weighted_sum(2, bias=True).value(Floats(), 0.1, 1, 0.6, 0, 0.5)
    0.6
    """

    def value(m: Any, *inputs: Any) -> Any:
        total = reduce(add, [inputs[2 * k] * inputs[2 * k + 1] for k in range(pairs)])
        if not bias:
            return total
        return total - inputs[-1] if subtracted else total + inputs[-1]

    def partner(k: int) -> Rule:
        other = k + 1 if k % 2 == 0 else k - 1
        return lambda m, z, *inputs: inputs[other]

    slots = [Slot(partner(k)) for k in range(2 * pairs)]
    if bias:
        slots.append(Slot(lambda m, z, *inputs: -1 if subtracted else 1))
    return Op("weighted sum", value, tuple(slots), weighs=True)
