"""Losses: how wrong a prediction is, summed or averaged over outputs and examples.

A loss is told for one output of one example; the factor and the means around it are a `Reduction`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Any

from tracer.ops.activations import SIGMOID
from tracer.ops.rows import Op, Rule, Slot, Steps, Write, silent, worked


@dataclass(frozen=True)
class Reduction:
    """What stands before a loss: its factor, and sum or mean over outputs and over examples."""

    factor: Fraction = Fraction(1)
    outputs: str = "sum"
    "sum or mean"
    examples: str = "mean"
    "sum or mean"
    averaged_later: bool = False
    "the mean over the examples is taken where a parameter's gradient is, not in the loss's own"

    def weight(self, m: Any, Y: Any, times: int = 1, slope: bool = False) -> Any:
        """The number before the sum, or None where it is 1."""
        factor = self.factor * times
        counts = [m.rows(Y)] if self.outputs == "mean" else []
        if self.examples == "mean" and not (slope and self.averaged_later):
            counts.append(m.count(Y))
        if not counts:
            return None if factor == 1 else _number(m, factor)
        below = [factor.denominator] if factor.denominator != 1 else []
        return m.ratio(factor.numerator, reduce(lambda a, b: a * b, [*below, *counts]))

    def of_one(self, outputs: int) -> Fraction:
        """The number before the loss of a single example."""
        return self.factor / outputs if self.outputs == "mean" else self.factor


@dataclass(frozen=True)
class Loss:
    """The loss of one output, before its factor; `write` names what is written on the way."""

    name: str
    term: Rule
    "(m, write, y, yhat) -> what is summed up"
    by_yhat: Rule
    "(m, write, y, yhat) -> its derivative, up to `times` and `sign`"
    sign: int = 1
    "the sign of that derivative"
    times: int = 1
    "a number in front of it, which meets the factor: 2 (y - yhat) for a square"
    negative: bool = False
    "a minus stands before the sum"
    factor: Fraction = Fraction(1)
    "the factor that most sources use"
    written: str = "losses"
    "what the terms of a batch are called where they are written"
    convention: str = ""
    stable: str = ""
    formula: str = ""
    steps: Steps = ()
    "what its author writes on the way; the rules above take all of them behind yhat"

    @property
    def outer_sign(self) -> int:
        """The sign before the sum."""
        return -1 if self.negative else 1

    @property
    def inner_sign(self) -> int:
        """The sign before the derivative."""
        return self.sign * self.outer_sign


def _error(write: Write, y: Any, yhat: Any) -> Any:
    return write("error", y - yhat)


SQUARED_ERROR = Loss(
    "squared error",
    lambda m, write, y, yhat: _error(write, y, yhat) ** 2,
    lambda m, write, y, yhat: _error(write, y, yhat),
    sign=-1,
    times=2,
    factor=Fraction(1, 2),
    written="squares",
)
ABSOLUTE_ERROR = Loss(
    "absolute error",
    lambda m, write, y, yhat: m.abs(_error(write, y, yhat)),
    lambda m, write, y, yhat: m.sign(_error(write, y, yhat)),
    sign=-1,
    convention="the derivative of |y - yhat| is 0 where they are equal",
)
BINARY_CROSS_ENTROPY = Loss(
    "binary cross-entropy",
    lambda m, write, y, yhat: y * m.log(yhat) + (1 - y) * m.log(1 - yhat),
    lambda m, write, y, yhat: y / yhat - (1 - y) / (1 - yhat),
    negative=True,
    stable="'binary cross-entropy with logits' behind an identity layer",
)
CROSS_ENTROPY = Loss(
    "cross-entropy",
    lambda m, write, y, yhat: y * m.log(yhat),
    lambda m, write, y, yhat: y / yhat,
    negative=True,
    stable="'softmax cross-entropy' behind an identity layer",
)
BINARY_CROSS_ENTROPY_WITH_LOGITS = Loss(
    "binary cross-entropy with logits",
    lambda m, write, y, z: m.softplus(z) - y * z,
    lambda m, write, y, z: write("probability", SIGMOID.value(m, z)) - y,
)
HINGE = Loss(
    "hinge",
    lambda m, write, y, yhat: m.max(1 - y * yhat, 0),
    lambda m, write, y, yhat: y * m.above(1 - y * yhat, 0),
    sign=-1,
    convention="labels are -1 and 1, and the derivative at the kink is 0",
)


def huber(delta: float = 1.0) -> Loss:
    """Squared near zero, and beyond delta a straight line.

    Source: Huber, "Robust Estimation of a Location Parameter" (1964).
    """

    def scaled(x: Any) -> Any:
        return x if delta == 1 else delta * x

    def term(m: Any, write: Write, y: Any, yhat: Any) -> Any:
        error = _error(write, y, yhat)
        line = scaled(m.abs(error) - delta / 2)
        return m.where_above(m.abs(error), delta, line, m.ratio(1, 2) * error**2)

    def slope(m: Any, write: Write, y: Any, yhat: Any) -> Any:
        error = _error(write, y, yhat)
        return m.where_above(m.abs(error), delta, scaled(m.sign(error)), error)

    return Loss("huber", term, slope, sign=-1)


LOSSES = {
    loss.name: loss
    for loss in (
        SQUARED_ERROR, ABSOLUTE_ERROR, BINARY_CROSS_ENTROPY, CROSS_ENTROPY,
        BINARY_CROSS_ENTROPY_WITH_LOGITS, HINGE,
    )
}  # fmt: skip
TUNABLE_LOSSES = {"huber": huber}
"""Losses with a number of their own: `huber 1.5`."""
FUSED = {("sigmoid", "binary cross-entropy"), ("softmax", "cross-entropy")}
"""Activation and loss whose derivatives are taken in one step: yhat - y."""


def cost(loss: Loss, reduction: Reduction) -> Op:
    """A loss over a batch: Y and Yhat are (outputs x examples).

    >>> import numpy as np
    >>> from tracer.written.readings import Floats
    >>> op = cost(SQUARED_ERROR, Reduction(Fraction(1, 2)))
    >>> op.value(Floats(), np.array([[0, 1]]), np.array([[0.5, 0.5]]))
    0.125
    """

    def value(m: Any, Y: Any, Yhat: Any) -> Any:
        weight = reduction.weight(m, Y)
        steps = worked(loss.steps, m, m.write, Y, Yhat)
        total = m.sum(m.write(loss.written, loss.term(m, _in_plural(m), Y, Yhat, *steps)))
        return _times(weight, total if weight is None else m.write("sum", total), loss.outer_sign)

    def by_yhat(m: Any, C: Any, Y: Any, Yhat: Any, *steps: Any) -> Any:
        weight = reduction.weight(m, Y, loss.times, slope=True)
        known = steps or worked(loss.steps, m, silent, Y, Yhat)
        return _times(weight, loss.by_yhat(m, _in_plural(m), Y, Yhat, *known), loss.inner_sign)

    steps = tuple(label for label, _ in loss.steps)
    return _row(loss, f"{loss.name} cost", value, (Slot(None), Slot(by_yhat)), steps)


def fused_cost(loss: Loss, reduction: Reduction) -> Op:
    """Activation and loss differentiated in one step: inputs Y, Yhat and Z, the gradient goes to Z.

    Source: Bishop, "Pattern Recognition and Machine Learning" (2006), 4.3.
    """

    def value(m: Any, Y: Any, Yhat: Any, Z: Any) -> Any:
        return cost(loss, reduction).value(m, Y, Yhat)

    def by_z(m: Any, C: Any, Y: Any, Yhat: Any, Z: Any) -> Any:
        errors = m.write("errors", Yhat - Y)
        return _times(reduction.weight(m, Y, slope=True), errors)

    slots = (Slot(None), Slot(None), Slot(by_z))
    return _fused(_row(loss, f"{loss.name} cost, fused", value, slots))


def softmax_cross_entropy(reduction: Reduction) -> Op:
    """Cross-entropy of softmax on logits Z, without overflow; each example's labels add up to 1."""

    def value(m: Any, Y: Any, Z: Any) -> Any:
        each = m.log_sum_exp(Z) - m.sum_outputs(Y * Z)
        total = m.write("sum", m.sum(m.write("losses", each)))
        return _times(reduction.weight(m, Y), total)

    def by_z(m: Any, C: Any, Y: Any, Z: Any) -> Any:
        probabilities = m.write("probabilities", m.softmax(Z))
        return _times(reduction.weight(m, Y, slope=True), probabilities - Y)

    return Op("softmax cross-entropy cost", value, (Slot(None), Slot(by_z)))


def _of_margins(m: Any, M: Any, Y: Any, S: Any) -> Any:
    """For each example, dM_k/dS_i in row i: a margin has its own score in it, less the true one."""
    return m.each_example(lambda y: m.diagonal(m.ones_like(y)) - y @ m.ones_like(y).T, Y)


MARGINS = Op(
    "margins",
    lambda m, Y, S: S - m.sum_outputs(Y * S) + 1,
    (Slot(None), Slot(_of_margins, lambda m, upstream, local: m.blockwise(local, upstream))),
    convention="the true score stands in every margin of its example, so the local gradient is a "
    "whole Jacobian",
)
"""How close each score comes to the true one's, and 1 more; Y is one-hot."""


def multiclass_hinge(reduction: Reduction) -> Op:
    """Every margin above 0 costs what it is; that of the true score does not count.

    Source: Weston and Watkins, "Multi-Class Pattern Recognition" (ESANN 1999).
    """

    def value(m: Any, Y: Any, M: Any) -> Any:
        losses = m.write("losses", m.max(M, 0) * (1 - Y))
        return _times(reduction.weight(m, Y), m.write("sum", m.sum(losses)))

    def by_margin(m: Any, C: Any, Y: Any, M: Any) -> Any:
        return _times(reduction.weight(m, Y, slope=True), m.above(M, 0) * (1 - Y))

    said = "the derivative at the kink is 0"
    return Op("multiclass hinge cost", value, (Slot(None), Slot(by_margin)), convention=said)


ON_SCORES = {
    "softmax cross-entropy": softmax_cross_entropy,
    "multiclass hinge": multiclass_hinge,
}
"""Losses that mix the outputs of an example: they have no form for a single output."""


def loss_of_one(loss: Loss, reduction: Reduction, outputs: int = 1) -> Op:
    """The loss of one example: inputs y1, yhat1, y2, yhat2, and so on."""
    weight = reduction.of_one(outputs)

    def value(m: Any, *inputs: Any) -> Any:
        write = m.write if outputs == 1 else silent
        pairs = zip(inputs[::2], inputs[1::2], strict=True)
        terms = [
            loss.term(m, write, *pair, *worked(loss.steps, m, _numbered(m, k, outputs), *pair))
            for k, pair in enumerate(pairs, 1)
        ]
        return _times(_factor(m, weight), reduce(add, terms), loss.outer_sign)

    def by_yhat(k: int) -> Rule:
        def local(m: Any, L: Any, *inputs: Any) -> Any:
            (y, yhat), own = inputs[2 * k : 2 * k + 2], len(loss.steps)
            steps = inputs[2 * outputs :][k * own : (k + 1) * own]
            known = steps or worked(loss.steps, m, silent, y, yhat)
            slope = loss.by_yhat(m, m.write, y, yhat, *known)
            return _times(_factor(m, weight * loss.times), slope, loss.inner_sign)

        return local

    slots = [slot for k in range(outputs) for slot in (Slot(None), Slot(by_yhat(k)))]
    every = range(1, outputs + 1)
    steps = tuple(_of_output(label, k, outputs) for k in every for label, _ in loss.steps)
    return _row(loss, f"{loss.name} loss", value, tuple(slots), steps)


def _numbered(m: Any, k: int, outputs: int) -> Write:
    """Writes the steps of one of several outputs."""
    return lambda label, x: m.write(_of_output(label, k, outputs), x)


def _of_output(label: str, k: int, outputs: int) -> str:
    """What a step is called for one of several outputs: p2, and p1_2 where it has a number."""
    if outputs == 1:
        return label
    return f"{label}{'_' * label[-1].isdecimal()}{k}"


def weight_penalty(matrices: int, half: bool, mean: bool, folded: bool | None = None) -> Op:
    """L2 regularisation: lambda times the sum of squared weights; inputs lambda, Y, W1, W2, ...

    `half` and `mean` divide it by 2 and by the number of examples. With a bias `folded` in as the
    last column (or the first, if False), that column is left out: biases are never penalised.
    """

    def share(m: Any, lam: Any, Y: Any, times: int) -> Any:
        below = [2 // times] if half and times == 1 else []
        over = lam if half or times == 1 else times * lam
        counts = [*below, *([m.count(Y)] if mean else [])]
        return m.ratio(over, reduce(lambda a, b: a * b, counts)) if counts else over

    def value(m: Any, lam: Any, Y: Any, *weights: Any) -> Any:
        kept = [W if folded is None else m.without_bias(W, folded) for W in weights]
        return share(m, lam, Y, 1) * reduce(add, [m.sum(W**2) for W in kept])

    def by_weight(k: int) -> Rule:
        def local(m: Any, R: Any, lam: Any, Y: Any, *weights: Any) -> Any:
            W = weights[k]
            return share(m, lam, Y, 2) * (W if folded is None else m.bias_as_zero(W, folded))

        return local

    examples = Slot(None, counted=True)
    slots = (Slot(None), examples, *(Slot(by_weight(k)) for k in range(matrices)))
    return Op("weight penalty", value, slots, penalises=True)


def fused_loss_of_one(loss: Loss, reduction: Reduction, outputs: int = 1) -> Op:
    """The fused loss of one example: inputs y1, yhat1, z1, y2, and so on."""

    def value(m: Any, *inputs: Any) -> Any:
        pairs = [x for k, x in enumerate(inputs) if k % 3 < 2]
        return loss_of_one(loss, reduction, outputs).value(m, *pairs)

    def by_z(k: int) -> Rule:
        def local(m: Any, L: Any, *inputs: Any) -> Any:
            error = m.write("error", inputs[3 * k + 1] - inputs[3 * k])
            return _times(_factor(m, reduction.of_one(outputs)), error)

        return local

    slots = [slot for k in range(outputs) for slot in (Slot(None), Slot(None), Slot(by_z(k)))]
    return _fused(_row(loss, f"{loss.name} loss, fused", value, tuple(slots)))


def _fused(op: Op) -> Op:
    return replace(op, convention="activation and loss are differentiated in one step")


def _row(
    loss: Loss, name: str, value: Rule, slots: tuple[Slot, ...], steps: tuple[str, ...] = ()
) -> Op:
    return Op(
        name,
        value,
        slots,
        convention=loss.convention,
        stable=loss.stable,
        formula=loss.formula,
        steps=steps,
    )


def _in_plural(m: Any) -> Write:
    """What is an error for one output are the errors of a batch."""
    plurals = {"error": "errors", "probability": "probabilities"}
    return lambda label, x: m.write(plurals[label], x)


def _times(weight: Any, x: Any, sign: int = 1) -> Any:
    """The weight, if there is one, times x; with the sign in front of both."""
    if weight is None:
        return x if sign > 0 else -x
    return weight * x if sign > 0 else -weight * x


def _factor(m: Any, factor: Fraction) -> Any:
    return None if factor == 1 else _number(m, factor)


def _number(m: Any, factor: Fraction) -> Any:
    if factor.denominator == 1:
        return factor.numerator
    return m.ratio(factor.numerator, factor.denominator)
