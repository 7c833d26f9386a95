"""Where an expression needs brackets inside another."""

from __future__ import annotations

from tracer.written.tree import Apply, Expr, Num, Part, Sym

ATOM = 9
LEVELS = {
    "if": 0, ">": 0, "+": 1, "-": 1, "neg": 2, "*": 3, "hadamard": 3, "dot": 3, "blockwise": 3,
    "/": 3, "sum": 3, "rowsum": 3, "colsum": 3, "ratio": 4, "**": 5, "T": 6,
}  # fmt: skip


def level(expr: Expr) -> int:
    """How tightly an expression binds: a looser one inside a tighter one needs brackets."""
    match expr:
        case Num(text) if text.startswith("-"):
            return LEVELS["neg"]
        case Sym(name) if "/" in name:
            return LEVELS["neg" if name.startswith("-") else "/"]
        case Apply(op):
            return LEVELS.get(op, ATOM)
        case Part(_, inner, _):
            return level(inner)
    return ATOM


def needs_brackets(op: str, position: int, arg: Expr) -> bool:
    """Whether an argument stands in brackets inside an operation.

    >>> needs_brackets("-", 1, Num("-0.5")), needs_brackets("+", 1, Num("-0.5"))
    (True, False)
    """
    binds = level(arg)
    match op:
        case "+":
            return binds < LEVELS["+"]
        case "-":
            if position == 0:
                return binds < LEVELS["+"]
            return binds <= LEVELS["neg"] or _begins_with_minus(arg)
        case "neg":
            return binds <= LEVELS["neg"]
        case "*" | "hadamard" | "dot":
            if position == 0:
                return binds < LEVELS["neg"]
            return binds < LEVELS["*"] or _begins_with_minus(arg)
        case "/":
            return binds < LEVELS["neg"] if position == 0 else binds < LEVELS["**"]
        case "ratio":
            return binds < LEVELS["neg"] if position == 0 else binds < LEVELS["**"]
        case "**":
            is_power = position == 0 and isinstance(arg, Apply) and arg.op == "exp"
            return is_power or binds < LEVELS["T"]
        case "T":
            return binds < ATOM
        case "sum" | "rowsum" | "colsum":
            return binds < LEVELS["**"]
        case "blockwise" | "blockwise stacked":
            return binds < LEVELS["*"]
        case "column" | "examples" | "diag":
            return False
        case ">" | "if":
            return binds <= LEVELS[">"]
    return False


def _begins_with_minus(expr: Expr) -> bool:
    """Whether a product has its sign in front: behind another sign that needs a bracket."""
    first = (
        expr.args[0] if isinstance(expr, Apply) and expr.op in ("*", "hadamard", "dot") else expr
    )
    return first is not expr and (level(first) == LEVELS["neg"] or _begins_with_minus(first))
