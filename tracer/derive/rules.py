"""The rules of differentiation, each applied to the first derivative of an expression."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tracer.derive.judge import from_sympy, to_sympy
from tracer.derive.simplify import ONE, TWO, ZERO, as_expr, as_number, contains, light, times
from tracer.notation import Apply, Expr, Sym, apply

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
        case "max" | "relu":
            return _larger(args[0], args[1] if len(args) > 1 else ZERO, z)
        case op if op in FUNCTIONS:
            return _chain(op, args[0], FUNCTIONS[op](args[0], body), z)
    return _ask_sympy(body, z)


def _larger(a: Expr, b: Expr, z: Sym) -> tuple[Rule, Expr]:
    """The derivative of the larger of two: whichever it is."""
    if not contains(a, z.name):
        a, b = b, a
    first = Apply(">", (a, b), ())
    if not contains(b, z.name):
        return ("the larger of the two, and 0 at the kink",), light(first * differential(a, z))
    taken = first * differential(a, z) + (ONE - first) * differential(b, z)
    return ("the larger of the two",), light(taken)


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
        return _chain("power", below, -(over / below**TWO), z)
    return ("quotient",), light(
        (differential(over, z) * below - over * differential(below, z)) / below**TWO
    )


def _power(base: Expr, exponent: Expr, z: Sym) -> tuple[Rule, Expr]:
    if not contains(exponent, z.name):
        less = as_number(exponent)
        lowered = as_expr(less - 1) if less is not None else exponent - ONE
        return _chain("power", base, light(exponent * base**lowered), z)
    if not contains(base, z.name):
        return _chain("exponential", exponent, base**exponent * apply("log", base), z)
    rewritten = apply("exp", exponent * apply("log", base))
    return ("rewriting as a power of e, for a positive base",), differential(rewritten, z)


def _chain(name: str, inner: Expr, outer: Expr, z: Sym) -> tuple[Rule, Expr]:
    """The derivative of a function of `inner`: the function's own, times the inner one's."""
    if inner == z:
        return (name,), outer
    return (f"{name}, chain with ", Sym("u"), " = ", inner), light(outer * differential(inner, z))


FUNCTIONS: dict[str, Callable[[Expr, Expr], Expr]] = {
    "exp": lambda u, f: f,
    "log": lambda u, f: ONE / u,
    "sin": lambda u, f: apply("cos", u),
    "cos": lambda u, f: -apply("sin", u),
    "tan": lambda u, f: ONE + f**TWO,
    "tanh": lambda u, f: ONE - f**TWO,
    "sigma": lambda u, f: f * (ONE - f),
    "sqrt": lambda u, f: ONE / (TWO * f),
}
"The derivative of each function f at u, from u and f(u)."


def _ask_sympy(body: Expr, z: Sym) -> tuple[Rule, Expr]:
    """sympy's own derivative, where no rule above covers a function."""
    import sympy

    derivative = sympy.diff(to_sympy(body), sympy.Symbol(z.name, real=True))
    return ("no rule covers this: sympy's result",), from_sympy(derivative)


def differential(body: Expr, z: Sym) -> Expr:
    if body == z:
        return ONE
    if not contains(body, z.name):
        return ZERO
    return Apply("d", (body, z), ())
