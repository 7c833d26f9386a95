"""The functions of the formula language: what each means to sympy, and its derivative."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tracer.derive.simplify import ONE, PI, TWO, as_expr, has_decimals, variables
from tracer.derive.tidy import terms_of, tidy
from tracer.written.tree import Expr, Sym, apply


@dataclass(frozen=True)
class Function:
    """A function of one number; `max` alone has two."""

    meaning: Callable[..., Any]
    "(sympy, u) -> its value at u"
    slope: Callable[[Expr, Expr], Expr] | None = None
    "(u, f(u)) -> its derivative at u; none where a rule of its own takes it"
    convention: str = ""
    "what is said where the derivative needs a convention"
    inputs: int = 1


FUNCTIONS: dict[str, Function] = {
    "exp": Function(lambda s, u: s.exp(u), lambda u, f: f),
    "log": Function(lambda s, u: s.log(u), lambda u, f: ONE / u),
    "sqrt": Function(lambda s, u: s.sqrt(u), lambda u, f: ONE / (TWO * f)),
    "sin": Function(lambda s, u: s.sin(u), lambda u, f: apply("cos", u)),
    "cos": Function(lambda s, u: s.cos(u), lambda u, f: -apply("sin", u)),
    "tan": Function(lambda s, u: s.tan(u), lambda u, f: ONE + f**TWO),
    "atan": Function(lambda s, u: s.atan(u), lambda u, f: ONE / (ONE + u**TWO)),
    "sinh": Function(lambda s, u: s.sinh(u), lambda u, f: apply("cosh", u)),
    "cosh": Function(lambda s, u: s.cosh(u), lambda u, f: apply("sinh", u)),
    "tanh": Function(lambda s, u: s.tanh(u), lambda u, f: ONE - f**TWO),
    "sigma": Function(lambda s, u: 1 / (1 + s.exp(-u)), lambda u, f: f * (ONE - f)),
    "erf": Function(
        lambda s, u: s.erf(u), lambda u, f: TWO / apply("sqrt", PI) * apply("exp", -(u**TWO))
    ),
    "abs": Function(lambda s, u: s.Abs(u), lambda u, f: apply("sign", u), ", and 0 at the kink"),
    "relu": Function(lambda s, u: s.Piecewise((u, u > 0), (0, True))),
    "max": Function(lambda s, a, b: s.Piecewise((b, b > a), (a, True)), inputs=2),
    "min": Function(lambda s, a, b: s.Piecewise((b, a > b), (a, True)), inputs=2),
}
SPELLINGS = {"sigmoid": "sigma"}
"Other names under which functions are typed."


def compared(op: str, a: Expr, b: Expr) -> tuple[Expr, Expr, Expr, Expr]:
    """What `max` or `min` of two is where left > right, what it is elsewhere, left, and right.

    >>> from tracer.written.tree import Num, Sym
    >>> from tracer.written.text import text
    >>> [text(part) for part in compared("max", Num("0.01") * Sym("z"), Sym("z"))]
    ['z', '0.01*z', 'z', '0']

    Where both are equal it is the number, if one of them is a number, and the first of them if not.
    """
    this, that = (a, b) if not variables(b) else (b, a)
    left, right = (this, that) if op == "max" else (that, this)
    if variables(that):
        letter, slope, start = _straight(left - right)
        if letter is not None:
            place = as_expr(-start / slope, has_decimals(a - b))
            left, right = (letter, place) if slope > 0 else (place, letter)
    return this, that, left, right


def _straight(expr: Expr) -> tuple[Expr | None, Fraction, Fraction]:
    """The letter, the slope and the start of a straight line; no letter for anything else."""
    terms = {term.powers: term.number for term in terms_of(tidy(expr))}
    start = terms.pop((), Fraction(0))
    match list(terms.items()):
        case [(((Sym() as letter, Fraction(numerator=1, denominator=1)),), slope)]:
            return letter, slope, start
    return None, Fraction(0), start
