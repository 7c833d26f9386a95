"""Derivatives as a person writes them: one rule a line, each proved equal to the line before.

The lines are our own notation, so factors keep their order; sympy only judges them.
"""

from __future__ import annotations

from dataclasses import dataclass

from tracer.derive.forms import people_use
from tracer.derive.judge import equal
from tracer.derive.reading import read
from tracer.derive.rules import Rule, apply_a_rule
from tracer.derive.simplify import contains, tidy, variables
from tracer.errors import LessonError
from tracer.names import gradient
from tracer.notation import Apply, Expr, Sym, substitute
from tracer.text import text

MOST_LINES = 80


@dataclass(frozen=True)
class Line:
    """One line of a derivation."""

    rule: Rule
    "what leads here from the line before; empty for the first"
    expr: Expr
    proved: bool = True
    "whether sympy finds it equal to the line before"


@dataclass(frozen=True)
class Derivation:
    """Something worked out rule by rule."""

    left: Expr
    "what stands on the left of the first ="
    lines: tuple[Line, ...]

    @property
    def result(self) -> Expr:
        """The last line: the form that people use."""
        return self.lines[-1].expr

    @property
    def proved(self) -> bool:
        """Whether every line follows from the one before."""
        return all(line.proved for line in self.lines)


def derive(formula: str | Expr, wrt: str = "z", of: str = "a") -> Derivation:
    """The derivative of a formula, in named steps.

    >>> from tracer.text import text
    >>> text(derive("1/(1 + exp(-z))").result)
    'a * (1 - a)'

    Each line names its rule: constant, sum, constant multiple, power, product, quotient, chain with
    its substitution, the derivative of a function, rewriting. A derivative that no rule covers is
    sympy's, and its line says so.
    Raises LessonError for a formula that cannot be read or a variable that it lacks.
    """
    try:
        return _derived(formula, wrt, of)
    except (ArithmeticError, ValueError, TypeError, KeyError, RecursionError) as error:
        said = f"{formula if isinstance(formula, str) else text(formula)}"
        raise LessonError(f"{said} cannot be derived here ({error})") from None


def _derived(formula: str | Expr, wrt: str, of: str) -> Derivation:
    body = read(formula) if isinstance(formula, str) else formula
    if not contains(body, wrt):
        raise LessonError(f"{text(body)} does not contain {wrt}, expected a variable of it")
    lines = [Line((), Apply("d", (body, Sym(wrt)), ()))]
    while (found := apply_a_rule(lines[-1].expr)) is not None:
        rule, expr = found
        _append(lines, judged(lines[-1].expr, expr, *rule))
        if len(lines) > MOST_LINES:
            raise LessonError(
                f"the derivation has more than {MOST_LINES} lines, expected a shorter formula"
            )
    tidied = tidy(lines[-1].expr)
    if tidied != lines[-1].expr:
        _append(lines, judged(lines[-1].expr, tidied, "rewriting"))
    for rule, better in people_use(body, lines[-1].expr, wrt, of):
        proved = equal(lines[-1].expr, substitute(better, {of: body}))
        _append(lines, Line(rule, better, proved))
    return Derivation(Sym(gradient(of, wrt)), tuple(lines))


def _append(lines: list[Line], line: Line) -> None:
    """A new line, unless it reads like the one above: then that one is it."""
    if text(line.expr) == text(lines[-1].expr):
        above = lines.pop()
        line = Line(above.rule, line.expr, above.proved and line.proved)
    lines.append(line)


def only_variable(formula: str) -> str:
    """The variable of a formula; z where it has several.

    >>> only_variable("x**2 + 1")
    'x'
    """
    found = variables(read(formula))
    return found.pop() if len(found) == 1 else "z"


def derivation(left: Expr, first: Expr, *steps: tuple[Rule | str, Expr]) -> Derivation:
    """Lines that somebody wrote, each judged by sympy: (what leads to it, the line).

    >>> x = Sym("x")
    >>> derivation(Sym("y"), x + x, ("adding", x * 2)).proved
    True
    >>> derivation(Sym("y"), x + x, ("adding", x * 3)).proved
    False
    """
    lines = [Line((), first)]
    for rule, expr in steps:
        words = (rule,) if isinstance(rule, str) else rule
        lines.append(judged(lines[-1].expr, expr, *words))
    return Derivation(left, tuple(lines))


def judged(before: Expr, after: Expr, *rule: str | Expr) -> Line:
    """The next line, with sympy's word on whether it is equal to the one before."""
    return Line(rule, after, equal(before, after))
