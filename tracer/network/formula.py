"""A formula typed in as a rule: activations and losses of the reader's own.

sympy finds the local gradient, in named and proved steps; the numbers and the page come from the
same expression.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracer.derive.bounds import check_size
from tracer.derive.simplify import variables
from tracer.derive.stepwise import derive_stepwise
from tracer.errors import LessonError
from tracer.numbers.decimals import Number, number
from tracer.numbers.rounding import plain
from tracer.ops import FUNCTIONS, Loss, Op, Rule, Steps, Write, row, silent, worked
from tracer.written.evaluate import value_of
from tracer.written.lines import parts
from tracer.written.reading import Stepwise, read_steps
from tracer.written.readings import Notation
from tracer.written.tree import Apply, Expr, Sym


def activation_of(formula: str) -> Op:
    """An activation from an expression in z, in which `(e := exp(-z))` names a step.

    >>> activation_of("z/(1 + exp(-z))").name
    'z/(1 + exp(-z))'

    Raises LessonError for an expression that cannot be read or derived, or has other names in it.
    """
    typed = _typed(formula, ("z",), "a", "an activation is an expression in z")

    def value(m: Any, z: Any) -> Any:
        return typed.value(m, z, *worked(typed.steps, m, m.write, z))

    def local(m: Any, a: Any, z: Any, *steps: Any) -> Any:
        return typed.slope(m, a, (z,), steps or worked(typed.steps, m, silent, z))

    return row(
        formula,
        value,
        local,
        convention=_convention(typed.kinks),
        formula=formula,
        steps=tuple(label for label, _ in typed.steps),
    )


def loss_of(formula: str) -> Loss:
    """A loss from an expression in y and yhat, in which `(p := ...)` names a step.

    >>> loss_of("(y - yhat)**4").name
    '(y - yhat)**4'

    Raises LessonError as `activation_of` does.
    """
    typed = _typed(formula, ("y", "yhat"), "L", "a loss is an expression in y and yhat")

    def term(m: Any, write: Write, *values: Any) -> Any:
        return typed.value(m, *values)

    def by_yhat(m: Any, write: Write, y: Any, yhat: Any, *steps: Any) -> Any:
        # the derivative may be told by the loss itself
        return typed.slope(m, typed.value(m, y, yhat, *steps), (y, yhat), steps)

    return Loss(
        formula,
        term,
        by_yhat,
        convention=_convention(typed.kinks),
        formula=formula,
        steps=typed.steps,
    )


@dataclass(frozen=True)
class _Typed:
    """A formula typed in, as rules of its inputs and of the steps that are named in it."""

    formula: str
    inputs: tuple[str, ...]
    "the last one is what it is differentiated by"
    steps: Steps
    value: Rule
    "(m, *inputs, *steps) -> what the formula is worth"
    derivative: Rule
    "(m, what it is worth, *inputs, *steps) -> its derivative"
    kinks: Sequence[str]
    "the functions in it that have one"

    def slope(self, m: Any, output: Any, inputs: Sequence[Any], steps: Sequence[Any]) -> Any:
        """The derivative from what was written; at a kink, seen to be one of the formula there."""
        derived = self.derivative(m, output, *inputs, *steps)
        if self.kinks:
            self._check_kinks(m, inputs)
        return derived

    def _check_kinks(self, m: Any, inputs: Sequence[Any]) -> None:
        """Raise LessonError where the rules for the kinks of its parts give no slope of it.

        That is seen of the formula as it is, with nothing rounded on the way.
        """
        *others, x = inputs

        def unrounded(x: Any) -> tuple[Any, ...]:
            return (*others, x, *worked(self.steps, m, silent, *others, x))

        def at(x: Any) -> Any:
            return self.value(m, *unrounded(x))

        slope = self.derivative(m, at(x), *unrounded(x))
        m.checked(slope, lambda slope: _check_slope(m, self, slope, at, x))


def _typed(formula: str, inputs: tuple[str, ...], output: str, expected: str) -> _Typed:
    found = _body(formula, (*inputs, output), set(inputs), expected)
    names, steps = inputs, list[tuple[str, Rule]]()
    for label, step in found.steps.items():
        steps.append((label, _rule(formula, step, names)))
        names = (*names, label)
    slope = derive_stepwise(found, inputs[-1], output)[-1].result
    value = _rule(formula, found.body, names)
    derivative = _rule(formula, slope, (output, *names))
    return _Typed(formula, inputs, tuple(steps), value, derivative, _kinks(found))


def rule_of(expr: Expr, names: Sequence[str]) -> Rule:
    """An expression as a rule of the values that its names stand for.

    >>> from tracer.written.readings import Floats
    >>> from tracer.written.reading import read
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


def _kinks(formula: Stepwise) -> list[str]:
    """The functions of a formula that have a kink, those of two numbers first."""
    called = {part.op for part in parts(formula.whole) if isinstance(part, Apply)}
    kinked = [name for name, op in FUNCTIONS.items() if name in called and op.convention]
    return sorted(kinked, key=lambda name: -len(FUNCTIONS[name].slots))


def _check_slope(m: Any, typed: _Typed, slope: Any, f: Callable[[Any], Any], x: Any) -> None:
    """Raise LessonError where a slope of f at x lies not between those on its two sides."""
    step = NEAR * m.max(m.abs(x), 1)
    here = f(x)
    sides = ((f(x + step) - here) / step, (here - f(x - step)) / step)
    for place, one in np.ndenumerate(slope):
        ends = sorted(float(np.broadcast_to(side, np.shape(slope))[place]) for side in sides)
        slack = SLACK * (1 + max(map(abs, ends)))
        if not ends[0] - slack <= float(one) <= ends[1] + slack:
            at = np.broadcast_to(x, np.shape(slope))[place]
            said = f"{typed.inputs[-1]} = {plain(number(at))}"
            raise _no_slope(typed.formula, said, ends, float(one))


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


def _body(formula: str, taken: Collection[str], allowed: set[str], expected: str) -> Stepwise:
    """A formula of the inputs that are allowed; no step of it has a name that is taken."""
    body = read_steps(formula, taken)
    check_size(body.whole)
    found = variables(body.whole)
    strangers = sorted(found - allowed)
    if strangers or not found:
        what = f"has {strangers[0]} in it" if strangers else "has no variable in it"
        raise LessonError(f"{formula!r} {what}: {expected}")
    return body


def _convention(kinks: Sequence[str]) -> str:
    return f"where {kinks[0]} has a kink, the derivative is the one derived for it" if kinks else ""
