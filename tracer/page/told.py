"""One step in words and lines, as a worked example tells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import groupby
from operator import add

from tracer.page.document import Block, Derivation, DerivationLine, Note, Working
from tracer.page.notes import saturation_notes, vanished_notes
from tracer.page.worked import combined, settled, step_by_step, worked
from tracer.trace.program import Equation, Program
from tracer.trace.quantity import Quantity
from tracer.trace.steps import BackwardStep, ForwardStep, GatherStep, Step, UpdateStep
from tracer.written.lines import substitute
from tracer.written.names import listed, owner, pretty
from tracer.written.text import text
from tracer.written.tree import Expr, Sym


@dataclass(frozen=True)
class Told:
    """One step in words and lines."""

    title: str
    blocks: tuple[Block, ...]
    quantities: tuple[Quantity, ...]
    "what is worked out in it"

    def __add__(self, other: Told) -> Told:
        """Two steps as one, under the title of the first."""
        return Told(self.title, self.blocks + other.blocks, self.quantities + other.quantities)


Said = set[str]
"What a lesson has said already, and does not say again."
NOT_SENT = {
    "that is data, which training does not change.": ("data",),
    "that is held fixed.": ("fixed", "constant"),
}
"Why a gradient is not sent to values of some roles."


def tell(step: Step, program: Program, said: Said) -> Told:
    """A step as its page shows it; it says nothing that was said, and adds what it says."""
    match step:
        case ForwardStep(equation, value):
            *before, last = step_by_step(value, equation.op.steps)
            blocks = [worked(one, tone="forward") for one in before]
            blocks.append(worked(last, tone="forward", symbol=_by_symbol(equation, value)))
            notes = saturation_notes(equation, value)
            return Told(pretty(equation.output), (*blocks, *notes), (value,))
        case BackwardStep():
            return _tell_backward(step, program, said)
        case GatherStep(total):
            at = pretty(total.contributions[0].to)
            return Told(f"the sum at {at}", _sum(total), (total,))
        case UpdateStep():
            moved = _moved(step)
            lines = [worked(q, tone="forward") for q in moved]
            notes = vanished_notes(moved[:-1])
            return Told(pretty(step.old.name), (*lines, *notes), moved)


def tell_all(steps: Sequence[Step], program: Program, said: Said) -> Iterator[tuple[Step, Told]]:
    """Steps as their pages show them; those of one formula are one, with the first of them."""
    for _, group in groupby(steps, key=_place):
        together = list(group)
        told = [tell(step, program, said) for step in together]
        one = reduce(add, told)
        if together[1:] and isinstance(together[0], ForwardStep):
            one = Told(told[-1].title, (_in_parts(together, program), *one.blocks), one.quantities)
        yield together[0], one


def _in_parts(steps: Sequence[Step], program: Program) -> Derivation:
    """The formula whose parts are worked out one after the other."""
    formulas, whole = program.formulas(), dict[str, Expr]()
    names = [step.equation.output for step in steps if isinstance(step, ForwardStep)]
    for name in names:
        whole[name] = substitute(formulas[name], whole)
    return Derivation(Sym(names[-1]), (DerivationLine(whole[names[-1]], ("part by part",)),))


def _place(step: Step) -> tuple[type[Step], str]:
    """Where a step belongs: to the formula in which it stands, without a name of its own."""
    match step:
        case ForwardStep(equation) | BackwardStep(equation):
            return type(step), owner(equation.output)
        case GatherStep(total):
            return GatherStep, total.name
        case UpdateStep(old):
            return UpdateStep, old.name


def _users(throughs: Sequence[str]) -> str:
    """By what a value is used, and how often where one operation uses it several times."""
    counts = {pretty(through): throughs.count(through) for through in throughs}
    if set(counts.values()) == {1}:
        return f"by {listed(counts)}"
    often = {1: "by", 2: "twice by"}
    return listed(f"{often.get(n, f'{n} times by')} {user}" for user, n in counts.items())


def _moved(step: UpdateStep) -> tuple[Quantity, ...]:
    """What an update makes, under its new names."""
    return tuple(replace(q, name=f"{q.name}'") for q in (*step.before, step.new))


def _sum(total: Quantity) -> tuple[Block, ...]:
    """A gradient by several uses, and why it is a sum."""
    at = pretty(total.contributions[0].to)
    users = _users([c.through for c in total.contributions])
    why = f"{at} is used {users}, so its gradient is the sum over all paths."
    return Note("Note", why), worked(total, tone="gradient")


def _by_symbol(equation: Equation, value: Quantity) -> Expr | None:
    assert value.formula is not None
    return equation.applied(value.formula) if equation.op.symbol else None


def _tell_backward(step: BackwardStep, program: Program, said: Said) -> Told:
    upstream = step.upstream
    blocks: list[Block] = [
        Working(upstream.name, settled([upstream.numbers()]), "upstream", "gradient")
    ]
    early = {update.old.name for update in step.updates}
    told_updates = False
    for contribution in step.contributions:
        if early and contribution.to not in early and not told_updates:
            blocks += _updates_at_once(step)
            told_updates = True
        blocks.append(worked(contribution.local, "local"))
        if contribution.is_written:
            blocks.append(combined(contribution))
    if early and not told_updates:
        blocks += _updates_at_once(step)
    if step.equation.op.convention:
        blocks.append(Note("Note", f"Convention: {step.equation.op.convention}."))
    blocks += _kept_from(step, program, said)
    quantities = tuple(
        q for c in step.contributions for q in (c.local, c.product)[: 1 + c.is_written]
    )
    begun = (upstream,) if not upstream.contributions and upstream.dictations else ()
    moved = tuple(q for update in step.updates for q in _moved(update))
    title = f"through {_called(step.equation, program)}"
    return Told(title, tuple(blocks), (*begun, *quantities, *step.sums, *moved))


def _called(equation: Equation, program: Program) -> str:
    """A value, and the function that it is where that has a sign of its own: Ŷ = σ(Z)."""
    if equation.op.symbol is None:
        return pretty(equation.output)
    formula = equation.applied(program.formulas()[equation.output])
    return f"{pretty(equation.output)} = {text(formula)}"


def _updates_at_once(step: BackwardStep) -> Iterator[Block]:
    """The updates that a sequential page makes in the middle of its way back."""
    for total in step.sums:
        yield from _sum(total)
    names = listed(pretty(update.old.name) for update in step.updates)
    yield Note("Note", f"Updated at once, before the gradient goes on: {names}.")
    for update in step.updates:
        yield from (worked(q, tone="forward") for q in _moved(update))


def _kept_from(step: BackwardStep, program: Program, said: Said) -> Iterator[Note]:
    """Why no gradient goes to the data, or to what is held fixed: once, for all of it."""
    roles = {leaf.name: leaf.role for leaf in program.leaves}
    for reason, such in NOT_SENT.items():
        here = [name for name in step.kept_from if roles.get(name) in such]
        if here and reason not in said:
            said.add(reason)
            rest = [name for name, role in roles.items() if role in such and name not in here]
            further = f", nor further back to {listed(map(pretty, rest))}" if rest else ""
            yield Note(
                "Note", f"No gradient is sent to {listed(map(pretty, here))}{further}: {reason}"
            )
