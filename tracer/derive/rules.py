"""The rules of differentiation, each applied to the first derivative of an expression."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.derive.branches import branches, compared
from tracer.derive.simplify import (
    ONE,
    TWO,
    ZERO,
    as_expr,
    as_number,
    contains,
    either,
    has_decimals,
    light,
    times,
)
from tracer.errors import LessonError
from tracer.numbers.rounding import plain
from tracer.ops import FUNCTIONS, Op
from tracer.written.lines import without_parts
from tracer.written.readings import Floats, Notation
from tracer.written.tree import Apply, Expr, Sym, apply

Rule = tuple[str | Expr, ...]
"What leads from one line to the next, in words and formulas."


def apply_a_rule(expr: Expr) -> tuple[Rule, Expr] | None:
    """The expression with its first derivative taken one rule further; None when none is left."""
    if not isinstance(expr, Apply):
        return None
    if expr.op == "d":
        body, variable = expr.args
        assert isinstance(variable, Sym)
        rule, taken = _rule(body, variable)
        return rule, taken
    for place, arg in enumerate(expr.args):
        found = apply_a_rule(arg)
        if found is not None:
            rule, taken = found
            args = (*expr.args[:place], taken, *expr.args[place + 1 :])
            return rule, light(Apply(expr.op, args, expr.shape))
    return None


def _rule(body: Expr, z: Sym) -> tuple[Rule, Expr]:
    """One rule applied to the derivative of `body` with respect to z."""
    if not contains(body, z.name):
        return ("constant",), ZERO
    if isinstance(body, Sym):
        return ("the variable itself",), ONE
    assert isinstance(body, Apply)
    args = body.args
    match body.op:
        case "+" | "-":
            return ("sum",), light(Apply(body.op, tuple(differential(arg, z) for arg in args), ()))
        case "neg":
            return ("constant multiple",), light(-differential(args[0], z))
        case "*":
            return _product(args, z)
        case "/" | "ratio":
            return _quotient(args[0], args[1], z)
        case "**":
            return _power(args[0], args[1], z)
        case op if op in FUNCTIONS:
            found = branches(body)
            return _either(*found, z) if found else _chain(body, z)
    raise LessonError(f"{body.op} has no rule here, expected one of {', '.join(sorted(FUNCTIONS))}")


def _either(op: str, a: Expr, b: Expr, z: Sym) -> tuple[Rule, Expr]:
    """The derivative of the larger or the smaller of two: whichever it is."""
    this, that, left, right = compared(op, a, b)
    kink = "" if contains(that, z.name) else ", and 0 at the kink"
    taken = either(left, right, differential(this, z), differential(that, z))
    return (f"the {'larger' if op == 'max' else 'smaller'} of the two{kink}",), taken


def _product(factors: Sequence[Expr], z: Sym) -> tuple[Rule, Expr]:
    constant = [f for f in factors if not contains(f, z.name)]
    varying = [f for f in factors if contains(f, z.name)]
    if constant:
        return ("constant multiple",), light(times(*constant, differential(times(*varying), z)))
    first, rest = varying[0], times(*varying[1:])
    return ("product",), light(differential(first, z) * rest + first * differential(rest, z))


def _quotient(over: Expr, below: Expr, z: Sym) -> tuple[Rule, Expr]:
    if not contains(below, z.name):
        return ("constant multiple",), light(differential(over, z) / below)
    if not contains(over, z.name):
        return _through("power", below, -(over / below**TWO), z)
    return ("quotient",), light(
        (differential(over, z) * below - over * differential(below, z)) / below**TWO
    )


def _power(base: Expr, exponent: Expr, z: Sym) -> tuple[Rule, Expr]:
    if not contains(exponent, z.name):
        less = as_number(exponent)
        lowered = as_expr(less - 1, has_decimals(exponent)) if less is not None else exponent - ONE
        return _through("power", base, light(exponent * base**lowered), z)
    if not contains(base, z.name):
        return _through("exponential", exponent, base**exponent * apply("log", base), z)
    rewritten = apply("exp", exponent * apply("log", base))
    return ("rewriting as a power of e, for a positive base",), differential(rewritten, z)


def _chain(body: Apply, z: Sym) -> tuple[Rule, Expr]:
    """The derivative of a function of something: its own, times that of what is in it."""
    row, (inner,) = FUNCTIONS[body.op], body.args
    rule = body.op.replace("_", " ") + at_the_kink(row)
    return _through(rule, inner, slope(row, body, inner), z)


def slope(row: Op, output: Expr, *inputs: Expr) -> Expr:
    """The local gradient of a function as its row writes it.

    >>> from tracer.written.text import text
    >>> text(slope(FUNCTIONS["tanh"], Sym("a"), Sym("z")))
    '1 - a^2'
    """
    (slot,) = row.slots
    assert slot.local is not None
    written: Expr = slot.local(Notation(), output, *inputs)
    return without_parts(written)


def at_the_kink(row: Op) -> str:
    """What is said of a function whose derivative needs a convention.

    >>> at_the_kink(FUNCTIONS["leaky_relu"]), at_the_kink(FUNCTIONS["tanh"])
    (', and 0.01 at the kink', '')
    """
    (slot,) = row.slots
    if not row.convention or slot.local is None:
        return ""
    m = Floats()
    return f", and {plain(float(slot.local(m, row.value(m, 0.0), 0.0)))} at the kink"


def _through(rule: str, inner: Expr, outer: Expr, z: Sym) -> tuple[Rule, Expr]:
    """The outer derivative, times that of what is inside."""
    if inner == z:
        return (rule,), outer
    return (f"{rule}, chain with ", Sym("u"), " = ", inner), light(outer * differential(inner, z))


def differential(body: Expr, z: Sym) -> Expr:
    if body == z:
        return ONE
    if not contains(body, z.name):
        return ZERO
    return Apply("d", (body, z), ())
