"""Derivatives as a person writes them: one rule a line, each proved equal to the line before.

The lines are our own notation, so factors keep their order; sympy only judges them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tracer.derive.bounds import check_size, is_light
from tracer.derive.forms import people_use, with_sigmoid
from tracer.derive.judge import equal
from tracer.derive.limit import in_time
from tracer.derive.rules import Rule, apply_a_rule, differential
from tracer.derive.simplify import contains, variables
from tracer.derive.tidy import tidy
from tracer.errors import LessonError, TracerError
from tracer.written.lines import substitute
from tracer.written.names import gradient
from tracer.written.reading import read
from tracer.written.text import text
from tracer.written.tree import Apply, Expr, Sym

MOST_LINES = 80
OUTPUTS = ("f", "g", "h", "F")
"What a formula is called if its own name stands in it."


@dataclass(frozen=True)
class ProvedLine:
    """One line of a derivation."""

    rule: Rule
    "what leads here from the line before; empty for the first"
    expr: Expr
    proved: bool = True
    "whether sympy finds it equal to the line before"


@dataclass(frozen=True)
class Proof:
    """Something worked out rule by rule."""

    left: Expr
    "what stands on the left of the first ="
    lines: tuple[ProvedLine, ...]

    @property
    def result(self) -> Expr:
        """The last line: the form that people use."""
        return self.lines[-1].expr

    @property
    def proved(self) -> bool:
        """Whether every line follows from the one before."""
        return all(line.proved for line in self.lines)

    def then(self, rule: Rule | str, expr: Expr, **known: Expr) -> Proof:
        """One line more; what is known of its letters is put in before it is judged.

        >>> y = Sym("y")
        >>> derivation(Sym("q"), y + y).then("with a for 2y", Sym("a"), a=y * 2).proved
        True
        """
        words = (rule,) if isinstance(rule, str) else rule
        proved = equal(substitute(self.result, known), substitute(expr, known))
        return replace(self, lines=(*self.lines, ProvedLine(words, expr, proved)))

    def merged(self) -> Proof:
        """The same without a last line that reads like the one above it."""
        *before, above, last = self.lines
        if text(above.expr) != text(last.expr):
            return self
        both = ProvedLine(above.rule, last.expr, above.proved and last.proved)
        return replace(self, lines=(*before, both))


def derive(formula: str | Expr, wrt: str = "z", of: str = "a") -> Proof:
    """The derivative of a formula, in named steps.

    >>> from tracer.written.text import text
    >>> text(derive("1/(1 + exp(-z))").result)
    'a * (1 - a)'

    Each line names its rule: constant, sum, constant multiple, power, product, quotient, chain with
    its substitution, the derivative of a function, rewriting.
    Raises LessonError for a formula that cannot be read or a variable that it lacks, TracerError
    where it takes too long.
    """
    said = formula if isinstance(formula, str) else text(formula)
    body = read(formula, {wrt}) if isinstance(formula, str) else formula
    check_size(body)
    if is_light(body):
        return derive_at_length(body, wrt, of, said)
    return in_time(f"deriving {said}", derive_at_length, body, wrt, of, said)


def derive_at_length(body: Expr, wrt: str, of: str, said: str) -> Proof:
    """The same, however long it takes; the formula is called what is said."""
    try:
        return _derived(body, wrt, of)
    except TracerError:
        raise
    except RecursionError:
        raise LessonError(f"{said} is nested too deeply to be derived here") from None
    except Exception as error:  # sympy has faults of its own, of any kind
        raise LessonError(f"{said} cannot be derived here ({error})") from None


def _derived(body: Expr, wrt: str, of: str) -> Proof:
    if not contains(body, wrt):
        raise LessonError(f"{text(body)} does not contain {wrt}, expected a variable of it")
    of = next((name for name in (of, *OUTPUTS) if not contains(body, name)), of)
    derived = derivation(Sym(gradient(of, wrt)), Apply("d", (body, Sym(wrt)), ()))
    rule, clearer = with_sigmoid(body)
    if rule:
        derived = derived.then(rule, differential(clearer, Sym(wrt))).merged()
    while (found := apply_a_rule(derived.result)) is not None:
        derived = derived.then(*found).merged()
        if len(derived.lines) > MOST_LINES:
            raise LessonError(
                f"the derivation has more than {MOST_LINES} lines, expected a shorter formula"
            )
    derived = derived.then("rewriting", tidy(derived.result)).merged()
    for rule, better in people_use(body, derived.result, wrt, of):
        final = derived.then(rule, better, **{of: body})
        derived = final.merged() if final.lines[-1].proved else derived
    return derived


def only_variable(formula: str) -> str:
    """The variable of a formula; z where it has several.

    >>> only_variable("x**2 + 1")
    'x'
    """
    found = variables(read(formula))
    return found.pop() if len(found) == 1 else "z"


def derivation(left: Expr, first: Expr, *steps: tuple[Rule | str, Expr]) -> Proof:
    """Lines that somebody wrote, each judged by sympy: (what leads to it, the line).

    >>> x = Sym("x")
    >>> derivation(Sym("y"), x + x, ("adding", x * 2)).proved
    True
    >>> derivation(Sym("y"), x + x, ("adding", x * 3)).proved
    False
    """
    derived = Proof(left, (ProvedLine((), first),))
    for rule, expr in steps:
        derived = derived.then(rule, expr)
    return derived
