"""The form in which people use a derivative: in terms of the output it belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from tracer.derive.judge import equal, to_sympy
from tracer.derive.rules import Rule
from tracer.derive.simplify import ONE, TWO, ZERO, as_expr, light, plus, variables
from tracer.notation import Expr, Sym, apply


def people_use(body: Expr, result: Expr, wrt: str, of: str) -> Iterator[tuple[Rule, Expr]]:
    """The result in terms of the output, if it is a quadratic in it with simple coefficients."""
    a = Sym(of)
    coefficients = _quadratic(body, result, wrt)
    if coefficients is not None:
        form = _as_quadratic(coefficients, a)
        if form != result:
            yield ("in terms of ", a, " = ", body), form
        return
    sigma = apply("sigma", Sym(wrt))
    if result != sigma and equal(result, sigma):
        yield ("which is the sigmoid",), sigma


def _as_quadratic(coefficients: tuple[Fraction, Fraction, Fraction], a: Expr) -> Expr:
    c0, c1, c2 = coefficients
    if c0 == 0 and c1 == -c2 and c1 != 0:
        return light(as_expr(c1) * a * (ONE - a))
    square, line = _scaled(c2, a**TWO), _scaled(c1, a)
    terms = [as_expr(c0), line, square] if c0 else [line, square]
    total: Expr = ZERO
    for term in terms:
        total = light(plus(total, term))
    return total


def _scaled(number: Fraction, expr: Expr) -> Expr:
    scaled = light(as_expr(abs(number)) * expr)
    return ZERO if number == 0 else -scaled if number < 0 else scaled


def _quadratic(body: Expr, result: Expr, wrt: str) -> tuple[Fraction, Fraction, Fraction] | None:
    """c0, c1, c2 with result = c0 + c1 a + c2 a^2 for a = body: fitted, then proved."""
    import sympy

    if variables(body) != {wrt}:
        return None
    z = sympy.Symbol(wrt, real=True)
    value, slope = to_sympy(body), to_sympy(result)
    points = [sympy.Rational(k, 7) for k in (2, 5, 9)]
    try:
        a = [float(value.subs(z, p)) for p in points]
        s = [float(slope.subs(z, p)) for p in points]
        if not np.isfinite([*a, *s]).all() or max(map(abs, [*a, *s])) > 1e100:
            return None
        fitted = np.linalg.solve(np.vander(a, 3, increasing=True), s)
    except (TypeError, ValueError, OverflowError, np.linalg.LinAlgError):
        return None
    found = [Fraction(float(c)).limit_denominator(12) for c in fitted]
    if any(abs(float(f) - float(c)) > 1e-8 for f, c in zip(found, fitted, strict=True)):
        return None
    c0, c1, c2 = found
    if all(c == 0 for c in (c1, c2)):
        return None
    form = sum(sympy.Rational(c.numerator, c.denominator) * value**k for k, c in enumerate(found))
    return (c0, c1, c2) if sympy.simplify(slope - form) == 0 else None
