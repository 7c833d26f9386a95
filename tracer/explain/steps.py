"""One step in words and lines, as a worked example tells it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from operator import add

import numpy as np

from tracer.document import Block, Note, Working
from tracer.explain.lines import combined, settled, worked
from tracer.names import gradient, pretty
from tracer.notation import Expr, Sym
from tracer.program import Equation, Program
from tracer.quantity import Quantity
from tracer.readings import Notation
from tracer.text import text
from tracer.trace import BackwardStep, ForwardStep, GatherStep, Step, UpdateStep


@dataclass(frozen=True)
class Told:
    """One step in words and lines."""

    title: str
    blocks: tuple[Block, ...]
    quantities: tuple[Quantity, ...]
    "what is worked out in it"


def tell(step: Step, program: Program) -> Told:
    """A step as its page shows it."""
    match step:
        case ForwardStep(equation, value):
            block = worked(value, tone="forward", symbol=_by_symbol(equation, value))
            return Told(pretty(equation.output), (block,), (value,))
        case BackwardStep():
            return _tell_backward(step, program)
        case GatherStep(total):
            at = pretty(total.contributions[0].to)
            users = " and ".join(pretty(c.through) for c in total.contributions)
            why = f"{at} is used by {users}, so its gradient is the sum over all paths."
            blocks = (Note("Note", why), _with_products(worked(total, tone="gradient"), total))
            return Told(f"the sum at {at}", blocks, (total,))
        case UpdateStep(old, _, _, new):
            primed = replace(new, name=f"{new.name}'")
            return Told(pretty(old.name), (worked(primed, tone="forward"),), (primed,))


def _with_products(block: Working, total: Quantity) -> Working:
    """A sum with its products worked out on a line of their own, where none had to be rounded."""
    products = [c.product for c in total.contributions]
    if total.shape or any(product.written != product.exact for product in products):
        return block
    added: Expr = reduce(add, [product.numbers() for product in products])
    return replace(block, lines=(*block.lines[:-1], *settled([added]), block.lines[-1]))


def _by_symbol(equation: Equation, value: Quantity) -> Expr | None:
    assert value.formula is not None
    return equation.applied(value.formula) if equation.op.symbol else None


def _tell_backward(step: BackwardStep, program: Program) -> Told:
    upstream = step.upstream
    blocks: list[Block] = [
        Working(upstream.name, settled([upstream.numbers()]), "upstream", "gradient")
    ]
    for contribution in step.contributions:
        blocks += [worked(contribution.local, "local"), combined(contribution)]
    if step.equation.op.convention:
        blocks.append(Note("Note", f"Convention: {step.equation.op.convention}."))
    if step.kept_from:
        blocks.append(_kept_from(step, program))
    title = f"through {pretty(step.equation.op.symbol or step.equation.output)}"
    quantities = tuple(q for c in step.contributions for q in (c.local, c.product))
    return Told(title, tuple(blocks), quantities)


def _kept_from(step: BackwardStep, program: Program) -> Note:
    """Why no gradient goes to the data, and what its local gradient would have been."""
    equation = step.equation
    formulas = program.formulas()
    shapes = {leaf.name: np.shape(leaf.value) for leaf in program.leaves}
    shapes |= {name: formula.shape for name, formula in formulas.items()}
    symbols = [Sym(equation.output), *equation.symbols(shapes)]
    would_be = [
        f"{pretty(gradient(equation.output, str(name)))} would be "
        f"{text(slot.local(Notation(), *symbols))}"
        for name, slot in zip(equation.inputs, equation.op.slots, strict=True)
        if name in step.kept_from and equation.output != program.root
    ]
    names = " and ".join(pretty(name) for name in step.kept_from)
    aside = f" (The local gradient {', '.join(would_be)}.)" if would_be else ""
    reason = "that is data, which training does not change."
    return Note("Note", f"No gradient is sent to {names}: {reason}{aside}")
