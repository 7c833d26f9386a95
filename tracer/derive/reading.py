"""A formula typed in, as an expression; parsed with a whitelist over Python's `ast`, never run."""

from __future__ import annotations

import ast
from collections.abc import Callable

from tracer.derive.functions import FUNCTIONS, SPELLINGS
from tracer.derive.simplify import as_number
from tracer.derive.size import check_size
from tracer.errors import LessonError, nearest
from tracer.habits import refuse_reserved
from tracer.notation import Expr, Num, Sym, apply
from tracer.typed import refuse_decimal_comma

LONGEST, LARGEST = 400, 1e12


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
        expr = _read(ast.parse(formula.strip() or "?", mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        refuse_reserved(formula)
        refuse_decimal_comma(formula)
        raise LessonError(f"{formula!r} cannot be read, expected such as 1/(1 + exp(-z))") from None
    except LessonError:
        refuse_decimal_comma(formula)
        raise
    check_size(expr)
    return expr


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
            return _number(number)
        case ast.Name(id=name):
            return Sym(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_read(operand)
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _BINARY:
            a, b = _read(left), _read(right)
            if isinstance(operator, ast.Div) and as_number(b) == 0:
                raise LessonError(f"{ast.unparse(tree)} divides by zero")
            if isinstance(operator, ast.Div) and isinstance(a, Num) and isinstance(b, Num):
                return apply("ratio", a, b)
            return _BINARY[type(operator)](a, b)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return _called(name, [_read(arg) for arg in args])
    raise LessonError(f"{ast.unparse(tree)!r} is not allowed in a formula")


def _number(number: int | float) -> Num:
    if abs(number) > LARGEST:
        raise LessonError(f"{number:g} is too large for a formula, expected up to {LARGEST:g}")
    return Num(str(int(number)) if number == int(number) else repr(number))


def _called(name: str, inputs: list[Expr]) -> Expr:
    called = SPELLINGS.get(name, name)
    if called not in FUNCTIONS:
        raise LessonError(f"{name}() is not known; {nearest(name, [*FUNCTIONS, *SPELLINGS])}")
    if len(inputs) != FUNCTIONS[called].inputs:
        raise LessonError(f"{name}() has {len(inputs)} inputs, expected another number")
    return apply(called, *inputs)
