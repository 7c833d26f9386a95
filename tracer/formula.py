"""A formula typed in as a rule: activations and losses of the reader's own.

sympy finds the local gradient, in named and proved steps; the numbers and the page come from the
same expression.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tracer.derive import derive, read
from tracer.derive.simplify import variables
from tracer.errors import LessonError
from tracer.evaluate import value_of
from tracer.notation import Expr, Sym
from tracer.ops import Loss, Op, Rule, row
from tracer.readings import Notation

KINKED = ("max", "min", "abs", "relu")


def activation_of(formula: str) -> Op:
    """An activation from an expression in z.

    >>> activation_of("z/(1 + exp(-z))").name
    'z/(1 + exp(-z))'

    Raises LessonError for an expression that cannot be read or derived, or has other names in it.
    """
    body = _body(formula, {"z"}, "an activation is an expression in z")
    slope = derive(formula, "z", "a").result
    return row(
        formula,
        _rule(formula, body, ("z",)),
        _rule(formula, slope, ("a", "z")),
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
    slope = derive(formula, "yhat", "L").result
    term = _rule(formula, body, ("y", "yhat"))
    by_yhat = _rule(formula, slope, ("L", "y", "yhat"))
    return Loss(
        formula,
        lambda m, write, y, yhat: term(m, y, yhat),
        # the derivative may be told by the loss itself
        lambda m, write, y, yhat: by_yhat(m, term(m, y, yhat), y, yhat),
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


def _body(formula: str, allowed: set[str], expected: str) -> Expr:
    body = read(formula)
    strangers = sorted(variables(body) - allowed)
    if strangers or not variables(body):
        what = f"has {strangers[0]} in it" if strangers else "has no variable in it"
        raise LessonError(f"{formula!r} {what}: {expected}")
    return body


def _convention(formula: str) -> str:
    kinks = [name for name in KINKED if f"{name}(" in formula]
    return f"where {kinks[0]} has a kink, the derivative is the one derived for it" if kinks else ""
