"""The larger and the smaller of two: which of them it is where."""

from __future__ import annotations

from fractions import Fraction

from tracer.derive.simplify import as_expr, has_decimals, variables
from tracer.derive.tidy import terms_of, tidy
from tracer.ops import FUNCTIONS
from tracer.written.lines import without_parts
from tracer.written.readings import Notation
from tracer.written.tree import Apply, Expr, Sym


def branches(function: Apply) -> tuple[str, Expr, Expr] | None:
    """`max` or `min` and its two, where a function is that; None for any other.

    >>> from tracer.written.tree import apply
    >>> from tracer.written.text import text
    >>> op, *two = branches(apply("relu", Sym("z")))
    >>> op, [text(part) for part in two]
    ('max', ['z', '0'])
    """
    match without_parts(FUNCTIONS[function.op].value(Notation(), *function.args)):
        case Apply("max" | "min" as op, (a, b), _):
            return op, a, b
    return None


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
