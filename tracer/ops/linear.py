"""The linear half of a layer, in the forms in which sources write its bias."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from tracer.ops.rows import Op, Rule, Slot, from_left, from_right, over_all, over_examples

LINEAR = Op(
    "linear",
    lambda m, W, X, b: W @ X + b,
    (
        Slot(lambda m, Z, W, X, b: X.T, from_left),
        Slot(lambda m, Z, W, X, b: W.T, from_right),
        Slot(lambda m, Z, W, X, b: 1, over_examples),
    ),
    weighs=True,
    of_matrices=True,
    multiplies=True,
)
LINEAR_SHARED_BIAS = replace(
    LINEAR,
    name="linear with one bias for the layer",
    slots=(*LINEAR.slots[:2], Slot(lambda m, Z, W, X, b: 1, over_all)),
)
LINEAR_WITHOUT_BIAS = Op(
    "linear without bias",
    lambda m, W, X: W @ X,
    (Slot(lambda m, Z, W, X: X.T, from_left), Slot(lambda m, Z, W, X: W.T, from_right)),
    weighs=True,
    of_matrices=True,
    multiplies=True,
)
TRANSPOSE = Op(
    "transpose",
    lambda m, a: a.T,
    (Slot(lambda m, c, a: 1, lambda m, upstream, local: upstream.T),),
    of_matrices=True,
)


@cache
def matmul(left: bool = False, right: bool = False) -> Op:
    """The product of two matrices, each of them transposed first if asked."""

    def turned(x: Any, is_turned: bool) -> Any:
        return x.T if is_turned else x

    def to_left(m: Any, upstream: Any, local: Any) -> Any:
        return local @ upstream.T if left else upstream @ local

    def to_right(m: Any, upstream: Any, local: Any) -> Any:
        return upstream.T @ local if right else local @ upstream

    return Op(
        "matrix product",
        lambda m, a, b: turned(a, left) @ turned(b, right),
        (
            Slot(lambda m, c, a, b: turned(b, right == left), to_left),
            Slot(lambda m, c, a, b: turned(a, left == right), to_right),
        ),
        of_matrices=True,
        multiplies=True,
    )


@cache
def subtracting(op: Op) -> Op:
    """A linear row whose bias is a threshold: it is subtracted, and its slope is -1."""
    *others, bias = op.slots
    threshold = replace(bias, local=lambda m, Z, W, X, b: -1)
    return replace(
        op,
        name=f"{op.name}, bias subtracted",
        value=lambda m, W, X, b: W @ X - b,
        slots=(*others, threshold),
    )


@cache
def linear_folded(last: bool, subtracted: bool = False) -> Op:
    """A weight matrix with the bias as its first or last column, times the input and a one.

    For a bias that is `subtracted`, a minus one stands beside the input.
    """
    return Op(
        f"linear with the bias folded in{', subtracted' * subtracted}",
        lambda m, W, X: W @ m.ones_beside(X, last, subtracted),
        (
            Slot(lambda m, Z, W, X: m.ones_beside(X, last, subtracted).T, from_left),
            Slot(lambda m, Z, W, X: m.without_bias(W, last).T, from_right),
        ),
        weighs=True,
        of_matrices=True,
        multiplies=True,
    )


@cache
def averaging(op: Op) -> Op:
    """A linear row that takes the mean over the examples itself, where a parameter's gradient is.

    The gradients that arrive are then each example's own: dW = 1/m dZ X^T.
    """

    def mean(join: Rule) -> Rule:
        def joined(m: Any, upstream: Any, local: Any) -> Any:
            return m.ratio(1, m.count(upstream)) * join(m, upstream, local)

        return joined

    slots = tuple(
        slot if slot.join is from_right else replace(slot, join=mean(slot.join))
        for slot in op.slots
    )
    return replace(op, name=f"{op.name}, averaged", slots=slots)
