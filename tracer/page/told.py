"""One step in words and lines, as a worked example tells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tracer.page.document import Block, Note, Working
from tracer.page.notes import saturation_notes, vanished_notes
from tracer.page.worked import combined, settled, step_by_step, worked
from tracer.trace.program import Equation, Program
from tracer.trace.quantity import Quantity
from tracer.trace.steps import BackwardStep, ForwardStep, GatherStep, Step, UpdateStep
from tracer.written.names import gradient, listed, pretty
from tracer.written.text import text
from tracer.written.tree import Expr


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
            *before, last = step_by_step(value, equation.op.steps)
            blocks = [worked(one, tone="forward") for one in before]
            blocks.append(worked(last, tone="forward", symbol=_by_symbol(equation, value)))
            notes = saturation_notes(equation, value)
            return Told(pretty(equation.output), (*blocks, *notes), (value,))
        case BackwardStep():
            return _tell_backward(step, program)
        case GatherStep(total):
            at = pretty(total.contributions[0].to)
            return Told(f"the sum at {at}", _sum(total), (total,))
        case UpdateStep():
            moved = _moved(step)
            lines = [worked(q, tone="forward") for q in moved]
            notes = vanished_notes(moved[:-1])
            return Told(pretty(step.old.name), (*lines, *notes), moved)


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


def _tell_backward(step: BackwardStep, program: Program) -> Told:
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
    if step.kept_from:
        blocks.append(_kept_from(step, program))
    title = f"through {pretty(step.equation.op.symbol or step.equation.output)}"
    quantities = tuple(
        q for c in step.contributions for q in (c.local, c.product)[: 1 + c.is_written]
    )
    begun = (upstream,) if not upstream.contributions and upstream.dictations else ()
    moved = tuple(q for update in step.updates for q in _moved(update))
    return Told(title, tuple(blocks), (*begun, *quantities, *step.sums, *moved))


def _updates_at_once(step: BackwardStep) -> Iterator[Block]:
    """The updates that a sequential page makes in the middle of its way back."""
    for total in step.sums:
        yield from _sum(total)
    names = listed(pretty(update.old.name) for update in step.updates)
    yield Note("Note", f"Updated at once, before the gradient goes on: {names}.")
    for update in step.updates:
        yield from (worked(q, tone="forward") for q in _moved(update))


def _kept_from(step: BackwardStep, program: Program) -> Note:
    """Why no gradient goes to the data, and what its local gradient would have been."""
    equation = step.equation
    would_be = [
        f"{pretty(gradient(equation.output, str(name)))} would be {text(slope)}"
        for place, name in enumerate(equation.inputs)
        if name in step.kept_from
        and equation.output != program.root
        and (slope := program.slope(equation, place))
    ]
    aside = f" (The local gradient {', '.join(would_be)}.)" if would_be else ""
    data = [name for name in step.kept_from if program.role(name) == "data"]
    others = [name for name in step.kept_from if name not in data]
    why = [
        f"No gradient is sent to {listed(map(pretty, names))}: {reason}"
        for names, reason in (
            (data, "that is data, which training does not change."),
            (others, "that is held fixed."),
        )
        if names
    ]
    return Note("Note", f"{' '.join(why)}{aside}")
