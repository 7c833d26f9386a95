"""One row per operation: its value, and for each input a local gradient and a join.

A rule is a plain function of a vocabulary `m` (see `readings`) and the operation's inputs. A local
gradient may also use the output, as sigmoid's does. The join says how the upstream gradient meets
the local one: entry by entry unless the row says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

Rule = Callable[..., Any]


def elementwise(m: Any, upstream: Any, local: Any) -> Any:
    """The usual join: upstream times local, entry by entry."""
    return upstream * local


def over_examples(m: Any, upstream: Any, local: Any) -> Any:
    """The join of a value that all examples share: their products, added up."""
    return m.sum_examples(upstream * local)


@dataclass(frozen=True)
class Slot:
    """One input of an operation, seen from the backward pass."""

    local: Rule
    "(m, output, *inputs) -> the local gradient"
    join: Rule = elementwise
    "(m, upstream, local) -> the product sent to this input"


@dataclass(frozen=True)
class Op:
    """One operation."""

    name: str
    value: Rule
    "(m, *inputs) -> the forward value"
    slots: tuple[Slot, ...]
    "one for each input, in order"
    symbol: str | None = None
    "how its application is written, if it has a name of its own: sigma in sigma(z)"
    convention: str = ""
    "what the page says where the derivative needs a convention"


def _op(name: str, value: Rule, *locals_: Rule, **more: Any) -> Op:
    return Op(name, value, tuple(Slot(local) for local in locals_), **more)


ADD = _op("add", lambda m, a, b: a + b, lambda m, c, a, b: 1, lambda m, c, a, b: 1)
SUBTRACT = _op("subtract", lambda m, a, b: a - b, lambda m, c, a, b: 1, lambda m, c, a, b: -1)
MULTIPLY = _op("multiply", lambda m, a, b: a * b, lambda m, c, a, b: b, lambda m, c, a, b: a)
DIVIDE = _op(
    "divide",
    lambda m, a, b: a / b,
    lambda m, c, a, b: 1 / b,
    lambda m, c, a, b: -a / b**2,
)
POWER = _op(
    "power",
    lambda m, a, b: a**b,
    lambda m, c, a, b: b * a ** (b - 1),
    lambda m, c, a, b: c * m.log(a),
)
NEGATE = _op("negate", lambda m, a: -a, lambda m, c, a: -1)
EXP = _op("exp", lambda m, a: m.exp(a), lambda m, c, a: c)
LOG = _op("log", lambda m, a: m.log(a), lambda m, c, a: 1 / a)
MAX = _op(
    "max",
    lambda m, a, b: m.max(a, b),
    lambda m, c, a, b: 1 - m.above(b, a),
    lambda m, c, a, b: m.above(b, a),
    convention="where both are equal, the first one takes the gradient",
)
TANH = _op("tanh", lambda m, z: m.tanh(z), lambda m, a, z: 1 - m.write("square", a**2))
SIGMOID = _op(
    "sigmoid",
    lambda m, z: 1 / (1 + m.exp(-z)),
    lambda m, a, z: a * m.write("complement", 1 - a),
    symbol="sigma",
)

IDENTITY = _op("identity", lambda m, z: z, lambda m, a, z: 1)
RELU = _op(
    "relu",
    lambda m, z: m.max(z, 0),
    lambda m, a, z: m.above(z, 0),
    convention="ReLU'(0) = 0",
)
SIN = _op("sin", lambda m, z: m.sin(z), lambda m, a, z: m.cos(z))
COS = _op("cos", lambda m, z: m.cos(z), lambda m, a, z: -m.sin(z))
TAN = _op("tan", lambda m, z: m.tan(z), lambda m, a, z: 1 + m.write("square", a**2))

LINEAR = Op(
    "linear",
    lambda m, W, X, b: W @ X + b,
    (
        Slot(lambda m, Z, W, X, b: X.T, lambda m, upstream, local: upstream @ local),
        Slot(lambda m, Z, W, X, b: W.T, lambda m, upstream, local: local @ upstream),
        Slot(lambda m, Z, W, X, b: 1, over_examples),
    ),
)
LINEAR_WITHOUT_BIAS = Op(
    "linear without bias",
    lambda m, W, X: W @ X,
    (
        Slot(lambda m, Z, W, X: X.T, lambda m, upstream, local: upstream @ local),
        Slot(lambda m, Z, W, X: W.T, lambda m, upstream, local: local @ upstream),
    ),
)

SQUARED_ERROR_LOSS = _op(
    "squared error loss",
    lambda m, y, yhat: m.ratio(1, 2) * m.write("error", y - yhat) ** 2,
    lambda m, L, y, yhat: m.write("error", y - yhat),
    lambda m, L, y, yhat: -m.write("error", y - yhat),
)
SQUARED_ERROR_COST = _op(
    "squared error cost",
    lambda m, Y, Yhat: (
        m.ratio(1, 2 * m.count(Y))
        * m.write("sum", m.sum(m.write("squares", m.write("errors", Y - Yhat) ** 2)))
    ),
    lambda m, C, Y, Yhat: m.ratio(1, m.count(Y)) * m.write("errors", Y - Yhat),
    lambda m, C, Y, Yhat: -m.ratio(1, m.count(Y)) * m.write("errors", Y - Yhat),
)


def squared_errors_summed(outputs: int) -> Op:
    """The loss of one example with several outputs: inputs y1, yhat1, y2, yhat2, ..."""

    def value(m: Any, *inputs: Any) -> Any:
        squares = [(y - yhat) ** 2 for y, yhat in zip(inputs[::2], inputs[1::2], strict=True)]
        return m.ratio(1, 2) * reduce(add, squares)

    def slots(k: int) -> tuple[Slot, Slot]:
        def error(m: Any, L: Any, *inputs: Any) -> Any:
            return m.write("error", inputs[2 * k] - inputs[2 * k + 1])

        return Slot(error), Slot(lambda m, L, *inputs: -error(m, L, *inputs))

    pairs = (slot for k in range(outputs) for slot in slots(k))
    return Op("squared error loss", value, tuple(pairs))


def weighted_sum(pairs: int, bias: bool) -> Op:
    """The sum of so many products of two inputs, and a bias: w1*x1 + w2*x2 + b, as one step.

    >>> from tracer.readings import Floats
    >>> weighted_sum(2, bias=True).value(Floats(), 0.1, 1, 0.6, 0, 0.5)
    0.6
    """

    def value(m: Any, *inputs: Any) -> Any:
        products = [inputs[2 * k] * inputs[2 * k + 1] for k in range(pairs)]
        return reduce(add, [*products, inputs[-1]] if bias else products)

    def partner(k: int) -> Rule:
        other = k + 1 if k % 2 == 0 else k - 1
        return lambda m, z, *inputs: inputs[other]

    slots = [Slot(partner(k)) for k in range(2 * pairs)]
    if bias:
        slots.append(Slot(lambda m, z, *inputs: 1))
    return Op("weighted sum", value, tuple(slots))


def descend(m: Any, parameter: Any, alpha: Any, gradient: Any) -> Any:
    """Gradient descent: one step of size alpha against the gradient, written before it is taken."""
    return parameter - m.write("step", alpha * gradient)


def total(m: Any, *contributions: Any) -> Any:
    """A gradient is the sum of its contributions."""
    return reduce(add, contributions)


ACTIVATIONS = {
    "identity": IDENTITY,
    "sigmoid": SIGMOID,
    "tanh": TANH,
    "relu": RELU,
    "sin": SIN,
    "cos": COS,
    "tan": TAN,
}
FUNCTIONS = {
    "exp": EXP,
    "log": LOG,
    "tanh": TANH,
    "relu": RELU,
    "sin": SIN,
    "cos": COS,
    "tan": TAN,
    "max": MAX,
    "sigmoid": SIGMOID,
    "sigma": SIGMOID,
}
