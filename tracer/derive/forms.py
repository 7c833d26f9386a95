"""The form in which people use a derivative: in terms of the output it belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np

from tracer.derive.judge import real, to_sympy
from tracer.derive.rules import Rule
from tracer.derive.sample import worth
from tracer.derive.simplify import ONE, TWO, ZERO, as_expr, has_decimals, light, plus, variables
from tracer.derive.tidy import product_of
from tracer.written.tree import Apply, Expr, Num, Sym, apply

Quadratic = tuple[Fraction, Fraction, Fraction]
"c0, c1, c2 of c0 + c1 a + c2 a^2"


def with_sigmoid(body: Expr) -> tuple[Rule, Expr]:
    """Something over 1 + exp(-u) as its product with the sigmoid of u; no rule where none stands.

    >>> from tracer.written.text import text
    >>> from tracer.written.reading import read
    >>> text(with_sigmoid(read("z/(1 + exp(-z))"))[1])
    'z * σ(z)'
    """
    if not isinstance(body, Apply):
        return (), body
    product = product_of(body)
    for below, exponent in product.powers:
        others = tuple(power for power in product.powers if power[0] != below)
        match below:
            case Apply("+", (Num("1"), Apply("exp", (arg,)))) if exponent == -1:
                u = product_of(arg).scaled(Fraction(-1))
                sigma = apply("sigma", u.written())
                if u.number > 0 and any(variables(other) & variables(arg) for other, _ in others):
                    clearer = replace(product, powers=(*others, (sigma, Fraction(1))))
                    return ("with ", sigma, " = ", ONE / below), clearer.written()
    for place, arg in enumerate(body.args):
        rule, clearer_arg = with_sigmoid(arg)
        if rule:
            args = (*body.args[:place], clearer_arg, *body.args[place + 1 :])
            return rule, Apply(body.op, args, body.shape)
    return (), body


def people_use(body: Expr, result: Expr, wrt: str, of: str) -> Iterator[tuple[Rule, Expr]]:
    """The result in terms of the output, if its numbers are those of a simple quadratic in it."""
    import sympy

    if variables(body) != {wrt}:
        return
    sigma = apply("sigma", Sym(wrt))
    places = [{real(wrt): sympy.Rational(k, 7)} for k in (2, 5, 9)]
    try:
        outputs, slopes, sigmoids = (
            [float(worth(to_sympy(expr), place)) for place in places]
            for expr in (body, result, sigma)
        )
    except (TypeError, OverflowError):
        return
    if (coefficients := _fitted(outputs, slopes)) is not None:
        form = _as_quadratic(coefficients, Sym(of), has_decimals(body))
        if form != result:
            yield ("in terms of ", Sym(of), " = ", body), form
    elif result != sigma and np.allclose(slopes, sigmoids):
        yield ("which is the sigmoid",), sigma


def _as_quadratic(coefficients: Quadratic, a: Expr, decimal: bool) -> Expr:
    c0, c1, c2 = coefficients
    if c0 == 0 and c1 == -c2 and c1 != 0:
        return light(as_expr(c1, decimal) * a * (ONE - a))
    terms = [as_expr(c0, decimal), _scaled(c1, a, decimal), _scaled(c2, a**TWO, decimal)]
    total: Expr = ZERO
    for term in terms:
        total = light(plus(total, term))
    return total


def _scaled(number: Fraction, expr: Expr, decimal: bool) -> Expr:
    scaled = light(as_expr(abs(number), decimal) * expr)
    return ZERO if number == 0 else -scaled if number < 0 else scaled


def _fitted(outputs: list[float], slopes: list[float]) -> Quadratic | None:
    """c0, c1, c2 with slope = c0 + c1 a + c2 a^2 for three outputs a, if they are simple."""
    try:
        fitted = np.linalg.solve(np.vander(outputs, 3, increasing=True), slopes)
    except np.linalg.LinAlgError:
        return None
    found = [Fraction(float(c)).limit_denominator(12) for c in fitted]
    exact = all(abs(float(f) - float(c)) < 1e-8 for f, c in zip(found, fitted, strict=True))
    c0, c1, c2 = found
    return (c0, c1, c2) if exact and (c1 or c2) else None
