"""Where an expression needs brackets inside another."""

from __future__ import annotations

from collections.abc import Container

from tracer.written.signs import ATOM, sign_of
from tracer.written.tree import Apply, Expr, Num, Part, Sym

MINUS, OVER = sign_of("neg").level, sign_of("/").level


def level(expr: Expr) -> int:
    """How tightly an expression binds: a looser one inside a tighter one needs brackets."""
    match expr:
        case Num(text) if text.startswith("-"):
            return MINUS
        case Sym(name) if "/" in name:
            return MINUS if name.startswith("-") else OVER
        case Apply():
            return expr.sign.level
        case Part(_, inner, _):
            return level(inner)
    return ATOM


def needs_brackets(op: str, position: int, arg: Expr) -> bool:
    """Whether an argument stands in brackets inside an operation.

    >>> needs_brackets("-", 1, Num("-0.5")), needs_brackets("+", 1, Num("-0.5"))
    (True, False)
    """
    if op == "**" and position == 0 and isinstance(arg, Apply) and arg.op == "exp":
        return True  # a power already, though nothing else needs a bracket around it
    first, other = sign_of(op).holds
    if position == 0:
        return level(arg) < first
    # 2 * -3 would be read as a difference; and so would 2 * -3*x, whose sign stands in front of it
    return level(arg) < other or (other > MINUS and begins_with_minus(arg))


def begins_with_minus(expr: Expr) -> bool:
    """Whether a product has its sign in front: behind another sign that needs a bracket."""
    return isinstance(expr, Apply) and expr.sign.is_product and _leads(expr, ())


def behind_a_plus(term: Expr, *, has_bars: bool = False) -> Expr:
    """A term as it stands behind a plus: a minus in front of it is in a bracket of its own.

    With `has_bars` a fraction stands above and below a bar, and its minus behind no sign.

    >>> from tracer.written.text import text
    >>> text(behind_a_plus(Num("-0.5") * Sym("x"))), text(behind_a_plus(Num("0.5")))
    ('(-0.5)*x', '0.5')
    """
    match term:
        case Part(_, inner, _):
            return behind_a_plus(inner, has_bars=has_bars)
        case Apply(op, (first, *more), shape) if term.sign.is_product:
            return Apply(op, (behind_a_plus(first, has_bars=has_bars), *more), shape)
    in_a_line = {"-"} if has_bars else {"-", "/", "ratio"}
    return Apply("group", (term,), term.shape) if _leads(term, in_a_line) else term


def _leads(expr: Expr, in_a_line: Container[str]) -> bool:
    """Whether the first sign of an expression is a minus."""
    if isinstance(expr, Apply) and (expr.sign.is_product or expr.op in in_a_line):
        return _leads(expr.args[0], in_a_line)
    return level(expr) == MINUS
