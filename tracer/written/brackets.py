"""Where an expression needs brackets inside another."""

from __future__ import annotations

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


def first_factor(expr: Expr) -> Expr:
    """What stands in front of a product; anything else as it is."""
    return expr.args[0] if isinstance(expr, Apply) and expr.sign.is_product else expr


def begins_with_minus(expr: Expr) -> bool:
    """Whether a product has its sign in front: behind another sign that needs a bracket."""
    first = first_factor(expr)
    return first is not expr and (level(first) == MINUS or begins_with_minus(first))
