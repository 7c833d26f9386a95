"""A formula typed in, as an expression; parsed with a whitelist over Python's `ast`, never run."""

from __future__ import annotations

import ast
from collections.abc import Callable

from tracer.derive.rules import FUNCTIONS
from tracer.derive.simplify import as_number, variables
from tracer.errors import LessonError, nearest
from tracer.notation import Apply, Expr, Num, Sym, apply

LONGEST, LARGEST, HIGHEST_POWER = 400, 1e12, 100


def read(formula: str) -> Expr:
    """A formula typed in, as an expression; it is parsed with a whitelist and never run.

    >>> from tracer.text import text
    >>> text(read("1/(1 + exp(-z))"))
    '1/(1 + e^-z)'
    """
    if len(formula) > LONGEST:
        raise LessonError(f"the formula is longer than {LONGEST} characters")
    if "^" in formula:
        raise LessonError(f"{formula!r} has ^, expected ** for a power")
    try:
        return _read(ast.parse(formula.strip() or "?", mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise LessonError(f"{formula!r} cannot be read, expected such as 1/(1 + exp(-z))") from None


_BINARY: dict[type[ast.operator], Callable[[Expr, Expr], Expr]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}


def _read(tree: ast.expr) -> Expr:
    match tree:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            if abs(number) > LARGEST:
                raise LessonError(f"{number:g} is too large for a formula, expected up to 1e12")
            return Num(repr(number))
        case ast.Name(id=name):
            return Sym(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_read(operand)
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _BINARY:
            a, b = _read(left), _read(right)
            if isinstance(operator, ast.Pow):
                _check_exponent(b)
                if not variables(a) and contains_power(a):
                    raise LessonError(f"{ast.unparse(tree)} is a tower, expected a single power")
            if isinstance(operator, ast.Div) and as_number(b) == 0:
                raise LessonError(f"{ast.unparse(tree)} divides by zero")
            if isinstance(operator, ast.Div) and isinstance(a, Num) and isinstance(b, Num):
                return apply("ratio", a, b)
            return _BINARY[type(operator)](a, b)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            called = {"sigmoid": "sigma"}.get(name, name)
            known = [*FUNCTIONS, "max", "abs", "relu", "sigmoid"]
            if called not in known:
                raise LessonError(f"{name}() is not known; {nearest(name, known)}")
            if len(args) != (2 if called == "max" else 1):
                raise LessonError(f"{name}() has {len(args)} inputs, expected another number")
            return apply(called, *map(_read, args))
    raise LessonError(f"{ast.unparse(tree)!r} is not allowed in a formula")


def _check_exponent(exponent: Expr) -> None:
    """Refuse powers that nobody writes and no computer works out: 9**9**9."""
    number = as_number(exponent)
    is_tower = number is None and not variables(exponent) and contains_power(exponent)
    if is_tower or (number is not None and abs(number) > HIGHEST_POWER):
        raise LessonError(f"an exponent is too large, expected up to {HIGHEST_POWER}")


def contains_power(expr: Expr) -> bool:
    """Whether a power stands in an expression."""
    return isinstance(expr, Apply) and (expr.op == "**" or any(map(contains_power, expr.args)))
