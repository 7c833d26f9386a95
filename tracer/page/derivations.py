"""Derivations as blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tracer.derive.catalogue import story
from tracer.derive.steps import Proof, derive
from tracer.derive.stepwise import derive_stepwise
from tracer.page import document
from tracer.page.document import Block, Heading, Page, Prose
from tracer.page.euler import symbols, unmistakable
from tracer.trace.program import Program
from tracer.written.reading import read_steps


def own_formulas(program: Program) -> Iterator[Page]:
    """The derivation of each activation and loss that was typed as an expression."""
    typed = dict.fromkeys(equation.op for equation in program.equations if equation.op.formula)
    for op in {op.formula: op for op in typed}.values():
        called = {name: _called(program, name, op.formula) for name in ("y", "yhat")}
        of, wrt = ("a", "z") if len(op.slots) == 1 else ("L", "yhat")
        formula = _renamed(op.formula, called)
        title = f"The local gradient of {formula}"
        letters = ("z",) if wrt == "z" else tuple(called.values())
        found = derive_stepwise(read_steps(formula, letters), called.get(wrt, wrt), of)
        yield Page(title, (Heading(title, 3), *map(as_block, found)))


def _renamed(formula: str, called: Mapping[str, str]) -> str:
    return re.sub(r"\b(yhat|y)\b", lambda found: called[found[0]], formula)


def _called(program: Program, name: str, formula: str) -> str:
    """What the source calls an output or a label, where that can stand in a formula."""
    theirs = program.conventions.theirs(name.capitalize())
    free = theirs.isidentifier() and theirs not in re.findall(r"\w+", formula)
    return theirs if free and theirs != name.capitalize() else name


def derivation_blocks(of: str, formula: str = "", wrt: str = "z") -> Iterator[Block]:
    """A derivation by its name, or that of a formula."""
    for part in (derive(formula, wrt, of),) if formula else story(of):
        yield Prose(part) if isinstance(part, str) else as_block(part)


def as_block(derivation: Proof) -> document.Derivation:
    """A derivation as a block of a document."""
    lines = tuple(
        document.DerivationLine(line.expr, line.rule, line.proved) for line in derivation.lines
    )
    block = document.Derivation(derivation.left, lines)
    return unmistakable(block, symbols(block))
