"""A formula typed in, as an expression; parsed with a whitelist over Python's `ast`, never run."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from tracer.derive.bounds import check_size
from tracer.derive.functions import FUNCTIONS, SPELLINGS
from tracer.derive.simplify import as_number, variables
from tracer.errors import LessonError, nearest
from tracer.numbers.typed import refuse_decimal_comma
from tracer.written.habits import no_step_here, refuse_reserved
from tracer.written.lines import substitute
from tracer.written.tree import Expr, Num, Sym, apply

LONGEST, LARGEST = 400, 1e12


TAKEN = {"pi", "losses", "sum", *FUNCTIONS, *SPELLINGS}
"Names that a step cannot have: they mean something where it stands."


@dataclass(frozen=True)
class Stepwise:
    """A formula whose author writes steps of it down first, each under a name of its own."""

    steps: Mapping[str, Expr]
    "in the order in which they are named; one may stand in those behind it"
    body: Expr
    "the formula, with the names of its steps"

    @property
    def whole(self) -> Expr:
        """The formula with its steps put in."""
        known: dict[str, Expr] = {}
        for name, step in self.steps.items():
            known[name] = substitute(step, known)
        return substitute(self.body, known)


def read(formula: str) -> Expr:
    """A formula typed in, as an expression; it is parsed with a whitelist and never run.

    >>> from tracer.written.text import text
    >>> text(read("1/(1 + exp(-z))"))
    '1/(1 + e^-z)'
    """
    expr = _parsed(formula, lambda tree: _Reader().read(tree))
    check_size(expr)
    return expr


def read_steps(formula: str, inputs: Collection[str]) -> Stepwise:
    """A formula of some inputs in which `(p := ...)` names a step.

    >>> from tracer.written.text import text
    >>> found = read_steps("(p := exp(-z))/(1 + p)", ["z"])
    >>> text(found.steps["p"]), text(found.body), text(found.whole)
    ('e^-z', 'p/(1 + p)', 'e^-z/(1 + e^-z)')

    Raises LessonError as `read` does, and for a name that no step can have.
    """
    reader = _Naming({*inputs})
    body = _parsed(formula, reader.read_all)
    found = Stepwise(reader.steps, body)
    check_size(found.whole)
    return found


def _parsed(formula: str, as_expr: Callable[[ast.expr], Expr]) -> Expr:
    if len(formula) > LONGEST:
        raise LessonError(f"the formula is longer than {LONGEST} characters")
    if "^" in formula:
        raise LessonError(f"{formula!r} has ^, expected ** for a power")
    try:
        return as_expr(ast.parse(formula.strip() or "?", mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        refuse_reserved(formula)
        refuse_decimal_comma(formula)
        expected = "such as 1/(1 + exp(-z))"
        if ":=" in formula:
            expected = "brackets around a step that is named, as in (p := exp(-z))"
        raise LessonError(f"{formula!r} cannot be read, expected {expected}") from None
    except LessonError:
        refuse_decimal_comma(formula)
        raise


_BINARY: dict[type[ast.operator], Callable[[Expr, Expr], Expr]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}


class _Reader:
    """Reads a tree as an expression."""

    def read(self, tree: ast.expr) -> Expr:
        match tree:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return _number(number)
            case ast.Name(id=name):
                return self.letter(name)
            case ast.NamedExpr():
                return self.step(tree)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.read(operand)
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _BINARY:
                a, b = self.read(left), self.read(right)
                if isinstance(operator, ast.Div) and as_number(b) == 0:
                    raise LessonError(f"{ast.unparse(tree)} divides by zero")
                if isinstance(operator, ast.Div) and isinstance(a, Num) and isinstance(b, Num):
                    return apply("ratio", a, b)
                return _BINARY[type(operator)](a, b)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return _called(name, [self.read(arg) for arg in args])
        raise LessonError(f"{ast.unparse(tree)!r} is not allowed in a formula")

    def letter(self, name: str) -> Expr:
        """A name that stands in the formula."""
        return Sym(name)

    def step(self, tree: ast.NamedExpr) -> Expr:
        """A step that is named where it stands."""
        raise no_step_here(tree)


class _Naming(_Reader):
    """Reads a tree with named steps, from left to right as it is written."""

    def __init__(self, inputs: Collection[str]) -> None:
        self.inputs = inputs
        self.steps: dict[str, Expr] = {}
        self.named: set[str] = set()
        "the names of all steps, read or not"

    def read_all(self, tree: ast.expr) -> Expr:
        """The whole formula."""
        targets = (n.target for n in ast.walk(tree) if isinstance(n, ast.NamedExpr))
        self.named = {target.id for target in targets}
        return self.read(tree)

    def letter(self, name: str) -> Expr:
        if name in self.named - {*self.steps, *self.inputs}:
            raise LessonError(
                f"{name} is used before it is named, expected '({name} := ...)' where it first "
                "stands"
            )
        return Sym(name)

    def step(self, tree: ast.NamedExpr) -> Expr:
        name = tree.target.id
        if name in self.steps:
            raise LessonError(f"the step {name} is named twice, expected another name for one")
        if name in TAKEN or name in self.inputs:
            raise LessonError(f"a step cannot be called {name}, which has a meaning already")
        if not re.fullmatch(r"[a-z]\w*(?<!_)", name, re.ASCII):
            expected = "expected a small letter first, as in p or p1, and no _ last"
            raise LessonError(f"a step cannot be called {name}, {expected}")
        made = self.read(tree.value)
        if isinstance(made, Sym):
            raise LessonError(f"the step {name} only renames {made.name}; use {made.name} itself")
        if not variables(made):
            raise LessonError(f"the step {name} is a number; use {ast.unparse(tree.value)} itself")
        self.steps[name] = made
        return Sym(name)


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
