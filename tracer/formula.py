"""A formula typed in as a rule: activations and losses of the reader's own.

sympy finds the local gradient, in named and proved steps; the numbers and the page come from the
same expression.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tracer.decimals import Number, number
from tracer.derive import derive, read
from tracer.derive.simplify import variables
from tracer.errors import LessonError
from tracer.evaluate import value_of
from tracer.notation import Expr, Sym
from tracer.ops import Loss, Op, Rule, row
from tracer.ops.losses import Write
from tracer.readings import Notation
from tracer.rounding import plain

KINKED = ("max", "min", "abs", "relu")


def activation_of(formula: str) -> Op:
    """An activation from an expression in z.

    >>> activation_of("z/(1 + exp(-z))").name
    'z/(1 + exp(-z))'

    Raises LessonError for an expression that cannot be read or derived, or has other names in it.
    """
    body = _body(formula, {"z"}, "an activation is an expression in z")
    value = _rule(formula, body, ("z",))
    slope = _rule(formula, derive(formula, "z", "a").result, ("a", "z"))
    return row(
        formula,
        value,
        lambda m, a, z: _at_kinks(m, formula, slope(m, a, z), lambda x: value(m, x), z, "z"),
        convention=_convention(formula),
        formula=formula,
    )


def loss_of(formula: str) -> Loss:
    """A loss from an expression in y and yhat.

    >>> loss_of("(y - yhat)**4").name
    '(y - yhat)**4'

    Raises LessonError as `activation_of` does.
    """
    body = _body(formula, {"y", "yhat"}, "a loss is an expression in y and yhat")
    term = _rule(formula, body, ("y", "yhat"))
    slope = _rule(formula, derive(formula, "yhat", "L").result, ("L", "y", "yhat"))

    def by_yhat(m: Any, write: Write, y: Any, yhat: Any) -> Any:
        # the derivative may be told by the loss itself
        derived = slope(m, term(m, y, yhat), y, yhat)
        return _at_kinks(m, formula, derived, lambda x: term(m, y, x), yhat, "yhat")

    return Loss(
        formula,
        lambda m, write, y, yhat: term(m, y, yhat),
        by_yhat,
        convention=_convention(formula),
        formula=formula,
    )


def rule_of(expr: Expr, names: Sequence[str]) -> Rule:
    """An expression as a rule of the values that its names stand for.

    >>> from tracer.readings import Floats
    >>> float(rule_of(read("1/(1 + exp(-z))"), ("z",))(Floats(), 0.0))
    0.5
    """

    def rule(m: Any, *values: Any) -> Any:
        return value_of(m, expr, dict(zip(names, values, strict=True)))

    return rule


def _rule(formula: str, expr: Expr, names: Sequence[str]) -> Rule:
    """A rule, seen to be one: it can be written and worked out."""
    rule = rule_of(expr, names)
    try:
        rule(Notation(), *map(Sym, names))
    except (AttributeError, KeyError) as error:
        raise LessonError(f"{formula!r} has a derivative with {error.args[0]!r} in it") from None
    return rule


def _kinks(formula: str) -> list[str]:
    return [name for name in KINKED if f"{name}(" in formula]


def _at_kinks(
    m: Any, formula: str, derived: Any, f: Callable[[Any], Any], x: Any, called: str
) -> Any:
    """The derived slope of f at x; where the formula has kinks, seen to be a slope of f there.

    Raises LessonError where the rules for the kinks of its parts give what is none of the whole.
    """
    if not _kinks(formula):
        return derived

    def check(derived: Any) -> None:
        step = NEAR * m.max(m.abs(x), 1)
        here = f(x)
        sides = ((f(x + step) - here) / step, (here - f(x - step)) / step)
        for place, slope in np.ndenumerate(derived):
            ends = sorted(float(np.broadcast_to(side, np.shape(derived))[place]) for side in sides)
            slack = SLACK * (1 + max(map(abs, ends)))
            if not ends[0] - slack <= float(slope) <= ends[1] + slack:
                at = np.broadcast_to(x, np.shape(derived))[place]
                raise _no_slope(formula, f"{called} = {plain(number(at))}", ends, float(slope))

    return m.checked(derived, check)


NEAR, SLACK = Number("1e-15"), 1e-6
"How far beside a kink the slopes on its sides are taken, and how well they are known."


def _no_slope(formula: str, place: str, ends: Sequence[float], slope: float) -> LessonError:
    left, right = (f"{end:.6g}" for end in ends)
    true = f"is {left}" if left == right else f"lies between {left} and {right}"
    return LessonError(
        f"the derivative of {formula!r} at {place} {true}, and the rules for the kinks in it give "
        f"{slope:.6g}; expected a form without a kink there, as log(1 + exp(z)) is one of "
        "max(z, 0) + log(1 + exp(-abs(z)))"
    )


def _body(formula: str, allowed: set[str], expected: str) -> Expr:
    body = read(formula)
    strangers = sorted(variables(body) - allowed)
    if strangers or not variables(body):
        what = f"has {strangers[0]} in it" if strangers else "has no variable in it"
        raise LessonError(f"{formula!r} {what}: {expected}")
    return body


def _convention(formula: str) -> str:
    kinks = _kinks(formula)
    return f"where {kinks[0]} has a kink, the derivative is the one derived for it" if kinks else ""
