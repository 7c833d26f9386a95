"""All paths by which a gradient reaches a value, each multiplied out, and their sum."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import mul
from typing import Any

from tracer import ops
from tracer.document import Block, Heading, Note, Page
from tracer.errors import LessonError, nearest
from tracer.explain.lines import worked
from tracer.lesson import Block as LessonBlock
from tracer.names import gradient, parse_name, pretty
from tracer.quantity import Contribution, Hand, Quantity, work_out
from tracer.solution import Section, Solution
from tracer.text import text
from tracer.trace import BackwardStep, Trace

MOST_PATHS = 60


def paths_page(solution: Solution, section: Section, block: LessonBlock) -> Page:
    """Each path from the last value to one named, as a product, and the sum of all.

    Raises LessonError where there is no such value, no path, or far too many.
    """
    trace = section.seen
    where = solution.lesson.where(block.line)
    target = block.settings.get("to")
    if target is None:
        raise LessonError("{paths} names no value, expected such as ':to: b'", where)
    if target not in trace.program.names:
        way_out = nearest(target, trace.program.names)
        raise LessonError(f"there is no value {target!r} to find paths to; {way_out}", where)
    every = [s for s in trace.steps(section.epoch) if isinstance(s, BackwardStep)]
    if not every:
        assert section.trace is not None
        before = "there are no gradients yet, expected a {backward} block before"
        raise LessonError(section.trace.program.no_cost or before, where)
    steps = [step for step in every if _started(trace, step) == _started(trace, every[-1])]
    root = steps[0].equation.output
    if any(c.local.shape for step in steps for c in step.contributions):
        raise LessonError("paths are shown for single numbers, not for matrices", where)
    assert section.trace is not None
    # slips belong to the steps; here the written local gradients are multiplied out anew
    hand = Hand(section.trace.back_hand.pen)
    each = Hand() if section.trace.back_hand.adds_unrounded else hand
    found: list[Quantity] = []
    blocks: list[Block] = [Heading(f"All paths to {target}", 3, block.settings.get("at", ""))]
    every_path = _paths(steps, root, target, where)
    if not every_path:
        raise LessonError(f"no path leads from {root} to {target}", where)
    direction = "-" * trace.program.conventions.descent
    by_steps = trace.find(parse_name(direction + gradient(root, target)), section.epoch)
    called = by_steps.name
    for path in every_path:
        locals_ = [c.local for c in path]
        through = path[-1].through
        again = sum(q.name.split("#")[0].endswith(f" through {through}") for q in found)
        name = f"{called} through {through}" + (f"#{again + 1}" * bool(again))
        quantity = work_out(name, _multiplied, locals_, each)
        found.append(quantity)
        label = " ← ".join([pretty(target), *(pretty(c.through) for c in reversed(path))])
        blocks.append(worked(quantity, label, "gradient"))
    total = work_out(called, ops.total, found, hand)
    blocks.append(worked(total, "sum", "gradient"))
    if text(by_steps.numbers()) != text(total.numbers()):
        blocks.append(
            Note(
                "Rounding",
                f"Step by step {pretty(by_steps.name)} was written as {text(by_steps.numbers())}: "
                "there every product on the way was rounded, here only those of whole paths.",
            )
        )
    title = f"All paths to {target}"
    return Page(title, tuple(blocks), (total,), section.epoch, block.flag("answer"))


def _started(trace: Trace, step: BackwardStep) -> str:
    """What is differentiated in a step, by the name it has inside."""
    return parse_name(trace.canonical(parse_name(step.upstream.name))).of or ""


def _multiplied(m: Any, *factors: Any) -> Any:
    return reduce(mul, factors)


def _paths(
    steps: Sequence[BackwardStep], root: str, target: str, where: str
) -> list[list[Contribution]]:
    """Every way from the root to the target, as the contributions along it."""
    sent = {step.equation.output: step.contributions for step in steps}
    finished: list[list[Contribution]] = []
    waiting: list[tuple[str, list[Contribution]]] = [(root, [])]
    while waiting:
        at, path = waiting.pop()
        if at == target and path:
            finished.append(path)
            continue
        waiting += [(c.to, [*path, c]) for c in sent.get(at, ())]
        if len(finished) + len(waiting) > 20 * MOST_PATHS or len(finished) > MOST_PATHS:
            raise LessonError(
                f"more than {MOST_PATHS} paths lead to {target}, expected fewer", where
            )
    order = {
        id(c): k for k, c in enumerate(c for step in reversed(steps) for c in step.contributions)
    }
    return sorted(finished, key=lambda path: order[id(path[-1])])
