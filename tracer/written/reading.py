"""A formula typed in, as a tree; parsed with one whitelist over Python's `ast`, and never run.

Graphs, activations, losses, learning rates and derivations are all read here. What a name stands
for, and which shapes meet, is the business of those who asked.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from tracer.errors import LessonError, nearest
from tracer.numbers.typed import refuse_decimal_comma
from tracer.ops import CALLED, FUNCTIONS, LOSSES
from tracer.written.habits import ACTIVATIONS, IN_FORMULAS, refuse_reserved
from tracer.written.habits import LOSSES as OTHER_LOSSES
from tracer.written.lines import names_in, substitute
from tracer.written.tree import Apply, Expr, Num, Sym, apply

LONGEST, DEEPEST = 2_000, 150
WAY_OUT = "give parts of it names of their own"
KNOWN = "expected names, numbers, + - * / ** @, and " + ", ".join(sorted(FUNCTIONS))
PI = "pi"
TAKEN = {PI, "losses", *FUNCTIONS}
"Names that a step cannot have: they mean something where it stands."
_OPERATIONS: dict[type[ast.operator], Callable[[Expr, Expr], Expr]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: _quotient(a, b),
    ast.Pow: lambda a, b: a**b,
    ast.MatMult: lambda a, b: Apply("dot", (a, b), ()),
}


def read(formula: str, values: Collection[str] = ()) -> Expr:
    """A formula typed in, as a tree; `e` is Euler's number unless it is one of the `values`.

    >>> from tracer.written.text import text
    >>> text(read("1/(1 + exp(-z))")), text(read("1/(1 + e**-z)")), text(read("e**2", ["e"]))
    ('1/(1 + e^-z)', '1/(1 + e^-z)', 'e^2')

    Raises LessonError for anything but names, numbers, operations and functions.
    """
    return Reader(formula, values).whole()


def read_steps(formula: str, inputs: Collection[str]) -> Stepwise:
    """A formula of some inputs in which `(p := ...)` names a step.

    >>> from tracer.written.text import text
    >>> found = read_steps("(p := exp(-z))/(1 + p)", ["z"])
    >>> text(found.steps["p"]), text(found.body), text(found.whole)
    ('e^-z', 'p/(1 + p)', 'e^-z/(1 + e^-z)')

    Raises LessonError as `read` does, and for a name that no step can have.
    """
    reader = _Naming(formula, inputs)
    body = reader.whole()
    return Stepwise(reader.steps, body)


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


class Reader:
    """Reads one formula, from left to right."""

    def __init__(self, formula: str, values: Collection[str]) -> None:
        self.formula, self.values = formula.strip(), values
        self.tree = self._parsed()

    def whole(self) -> Expr:
        """All of it."""
        return self.read(self.tree)

    def read(self, tree: ast.expr) -> Expr:
        """A part of it."""
        match tree:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return Num(self.digits(tree, value))
            case ast.Name(id=name):
                return self.letter(name)
            case ast.NamedExpr():
                return self.step(tree)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.read(operand)
            case ast.BinOp(left=ast.Name("e"), op=ast.Pow(), right=power) if self.knows_e:
                return apply("exp", self.read(power))
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATIONS:
                a, b = self.read(left), self.read(right)
                if isinstance(operator, ast.Div) and _is_zero(b):
                    raise LessonError(f"{self.said(tree)} divides by zero")
                return _OPERATIONS[type(operator)](a, b)
            case ast.Attribute(value=operand, attr="T"):
                return Apply("T", (self.read(operand),), ())
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._called(name, args)
        raise self._not_allowed(tree)

    def letter(self, name: str) -> Expr:
        """A name that stands in the formula."""
        return apply("exp", 1) if name == "e" and self.knows_e else Sym(name)

    def step(self, tree: ast.NamedExpr) -> Expr:
        """A step that is named where it stands."""
        inner = self.said(tree.value)
        raise LessonError(
            f"'({tree.target.id} := {inner})' names a step, which only the formula of a loss or an "
            f"activation has; expected {inner!r}"
        )

    def said(self, tree: ast.expr) -> str:
        """A part of the formula as it was typed."""
        return ast.get_source_segment(self.formula, tree) or ast.unparse(tree)

    @property
    def knows_e(self) -> bool:
        """Whether `e` is Euler's number here, since no value is called so."""
        return "e" not in self.values

    def _parsed(self) -> ast.expr:
        formula = self.formula
        if len(formula) > LONGEST:
            raise LessonError(
                f"the formula has {len(formula):,} characters, expected at most {LONGEST:,}; "
                f"{WAY_OUT}"
            )
        if "^" in formula:
            raise LessonError(f"{formula!r} has ^, expected ** for a power")
        try:
            tree = ast.parse(formula or "?", mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            refuse_reserved(formula)
            refuse_decimal_comma(formula)
            raise LessonError(f"{formula!r} cannot be read, {_way_out(formula)}") from None
        if _depth(tree) > DEEPEST:
            raise LessonError(f"the formula is nested too deeply; {WAY_OUT}")
        return tree

    def digits(self, tree: ast.expr, value: int | float) -> str:
        """A number with all the digits that were typed, of which Python keeps as many as fit."""
        said = self.said(tree)
        if value == math.inf:
            raise LessonError(f"{said} is not a finite number, expected one")
        try:
            exact = Decimal(said)
        except InvalidOperation:  # typed as Python can, and as nobody writes: 0x1f
            exact = Decimal(value)
        short = repr(float(exact)).removesuffix(".0")
        return short if Decimal(short) == exact else str(exact)

    def _called(self, name: str, args: list[ast.expr]) -> Expr:
        if name not in FUNCTIONS:
            raise LessonError(f"{name}() is not known; {_function_meant(name)}")
        expected = len(FUNCTIONS[name].slots)
        if len(args) != expected:
            refuse_decimal_comma(self.formula)
            raise LessonError(f"{name}() takes {expected} inputs, {len(args)} given")
        return apply(CALLED[name], *map(self.read, args))

    def _not_allowed(self, tree: ast.expr) -> LessonError:
        problem = f"{self.said(tree)!r} is not allowed in a formula"
        if isinstance(tree, ast.List | ast.Tuple):
            refuse_decimal_comma(self.formula)
            row = "a row is typed 1 1 1, a matrix 1 2; 3 4, in an equation of its own"
            return LessonError(f"{problem}; {row}")
        names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
        foreign = next((name for name in names if name in IN_FORMULAS), None)
        return LessonError(
            f"{problem}; {IN_FORMULAS[foreign]}" if foreign else f"{problem}, {KNOWN}"
        )


class _Naming(Reader):
    """Reads a formula with named steps."""

    def __init__(self, formula: str, inputs: Collection[str]) -> None:
        super().__init__(formula, inputs)
        nodes = (node for node in ast.walk(self.tree) if isinstance(node, ast.NamedExpr))
        self.inputs, self.named = inputs, {node.target.id for node in nodes}
        self.values = {*inputs, *self.named}
        self.steps: dict[str, Expr] = {}

    def letter(self, name: str) -> Expr:
        if name in self.named - {*self.steps, *self.inputs}:
            raise LessonError(
                f"{name} is used before it is named, expected '({name} := ...)' where it first "
                "stands"
            )
        return super().letter(name)

    def step(self, tree: ast.NamedExpr) -> Expr:
        name, said = tree.target.id, self.said(tree.value)
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
        if {*names_in(made)} <= {PI}:
            raise LessonError(f"the step {name} is a number; use {said} itself")
        self.steps[name] = made
        return Sym(name)


def _quotient(a: Expr, b: Expr) -> Expr:
    """A quotient; of two plain numbers the fraction that they are."""
    return apply("ratio", a, b) if isinstance(a, Num) and isinstance(b, Num) else a / b


def _is_zero(expr: Expr) -> bool:
    match expr:
        case Num(digits):
            return not Decimal(digits)
        case Apply("neg", (inner,)):
            return _is_zero(inner)
    return False


def _depth(tree: ast.AST) -> int:
    level, depth = [tree], 0
    while level:
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        depth += 1
    return depth


def _way_out(formula: str) -> str:
    """What to type instead of what is no formula at all."""
    if part := re.search(r"[A-Za-z_]\w*\.\d+", formula):
        return f"{part[0]} has no name to use: give it an equation"
    if ":=" in formula:
        return "expected brackets around a step that is named, as in (p := exp(-z))"
    return "expected such as 1/(1 + exp(-z))"


def _function_meant(name: str) -> str:
    """The way out for a function that is not known: what it is called here, or else the nearest."""
    word = name.lower().replace("_", " ")
    called = ACTIVATIONS.get(word, "").replace(" ", "_")
    if called in FUNCTIONS:
        return f"it is called {called!r} here"
    if word in OTHER_LOSSES or word in LOSSES:
        return "a loss is written out, as in (y - yhat)**2"
    return nearest(name, FUNCTIONS)
