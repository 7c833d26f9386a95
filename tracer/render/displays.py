"""Blocks of written lines as displays in LaTeX, aligned at their = signs."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.page.document import Derivation, Working
from tracer.written.latex import broken, expression
from tracer.written.names import latex
from tracer.written.tree import Expr, Word


def aligned(blocks: Sequence[Working]) -> str:
    r"""Workings as one display, aligned at their = signs.

    >>> from tracer.written.tree import Num, Sym
    >>> print(aligned([Working("c", (Sym("a") * Sym("b"), Num("10")))]))
    \begin{aligned}
    c &= a \cdot b \\[0.3em]
    &= 10
    \end{aligned}
    """
    rows = []
    for block in blocks:
        for number, line in enumerate(block.lines):
            left = f"{latex(block.name)} " if number == 0 else ""
            first, *more = broken(line)
            rows += [f"{left}&= {first}", *(rf"&\phantom{{=}}\; {part}" for part in more)]
        if isinstance(block.shapes, Word):
            rows[-1] += rf" \quad {expression(block.shapes)}"
    return "\\begin{aligned}\n" + " \\\\[0.3em]\n".join(rows) + "\n\\end{aligned}"


def derived(block: Derivation) -> str:
    r"""A derivation as one display, the rules in a column of their own.

    >>> from tracer.page.document import DerivationLine
    >>> from tracer.written.tree import Sym
    >>> line = DerivationLine(Sym("x") * 2, ("adding",))
    >>> print(derived(Derivation(Sym("y"), (DerivationLine(Sym("x") + Sym("x")), line))))
    \begin{aligned}
    y &= x + x \\[0.3em]
    &= x \cdot 2 && \text{adding}
    \end{aligned}
    """
    rows = []
    for number, line in enumerate(block.lines):
        left = f"{expression(block.left)} " if number == 0 else ""
        words = "".join(_rule_part(part) for part in line.rule)
        unproved = "" if line.proved else r"\ \text{(not proved)}"
        behind = f" && {words}{unproved}" if words else ""
        rows.append(f"{left}&= {expression(line.expr)}{behind}")
    return "\\begin{aligned}\n" + " \\\\[0.3em]\n".join(rows) + "\n\\end{aligned}"


def _rule_part(part: str | Expr) -> str:
    return expression(part) if isinstance(part, Expr) else rf"\text{{{part}}}"
