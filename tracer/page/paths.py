"""All paths by which a gradient reaches a value, each multiplied out, and their sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from tracer import ops
from tracer.errors import LessonError, nearest
from tracer.numbers.rounding import EXACT, Pen
from tracer.page.document import Block, Heading, Note, Page
from tracer.page.notes import given_notes, slip_notes
from tracer.page.worked import worked
from tracer.trace.book import Book
from tracer.trace.quantity import Contribution, Dictated, Hand, Quantity, work_out
from tracer.trace.steps import BackwardStep
from tracer.trace.tape import Tape
from tracer.written.names import gradient, listed, parse_name, pretty
from tracer.written.text import text
from tracer.written.tree import Expr, Part, Sym

MOST_PATHS = 60


def paths_page(
    view: Book, own: Tape, target: str, epoch: int, *, caption: str, answer: bool
) -> Page:
    """Each path from the last value to one named, as a product, and the sum of all.

    The view is the trace as its source writes it, and `own` as it stands inside.
    Raises LessonError where there is no such value, no path, or far too many.
    """
    if target not in view.program.names:
        way_out = nearest(target, view.program.names)
        raise LessonError(f"there is no value {target!r} to find paths to; {way_out}")
    every = [s for s in view.steps(epoch) if isinstance(s, BackwardStep)]
    if not every:
        before = "there are no gradients yet, expected a {backward} block before"
        raise LessonError(own.program.no_cost or before)
    steps = [step for step in every if _started(view, step) == _started(view, every[-1])]
    root = steps[0].equation.output
    if any(c.local.shape for step in steps for c in step.contributions):
        raise LessonError("paths are shown for single numbers, not for matrices")
    hand = own.back_hand
    found: list[Quantity] = []
    title = f"All paths to {target}"
    blocks: list[Block] = [Heading(title, 3, caption)]
    every_path = _paths(steps, root, target)
    if not every_path:
        raise LessonError(f"no path leads from {root} to {target}")
    direction = "-" * view.program.conventions.descent
    by_steps = view.find(parse_name(direction + gradient(root, target)), epoch)
    called = by_steps.name
    for path in every_path:
        through = path[-1].through
        again = sum(q.name.split("#")[0].endswith(f" through {through}") for q in found)
        name = f"{called} through {through}" + (f"#{again + 1}" * bool(again))
        quantity = _multiplied(name, path, hand.pen)
        found.append(quantity)
        label = " ← ".join([pretty(target), *(pretty(c.through) for c in reversed(path))])
        blocks.append(worked(quantity, label, "gradient"))
    total = work_out(called, ops.total, found, _hand_of(by_steps, called, hand.pen))
    blocks.append(worked(total, "sum", "gradient"))
    blocks += _notes(by_steps, total, every_path)
    return Page(title, tuple(blocks), (total,), epoch, answer)


def _started(trace: Book, step: BackwardStep) -> str:
    """What is differentiated in a step, by the name it has inside."""
    return parse_name(trace.canonical(parse_name(step.upstream.name))).of or ""


def _multiplied(name: str, path: Sequence[Contribution], pen: Pen) -> Quantity:
    """A path as a product, from its first factor or from the last that was given instead.

    Each product on the way is the one that the steps have written, as far as the path goes alone.
    """
    products = _products(path, pen)
    begins = max((k for k, q in enumerate(products) if q.given_instead), default=0)
    first, last = products[begins], len(products) - 1
    if not first.given_instead:
        first = replace(first, name=path[0].local.name)
    formula: Expr = Sym(first.name)
    parts = []
    for k in range(begins + 1, len(products)):
        formula = formula * Sym(path[k].local.name)
        # a product that nobody rounds or dictates is no line of its own
        if k < last and (products[k].pen.mode == "carry" or products[k].dictations):
            formula = Part(f"product{k}", formula, ())
            of = name.partition(" through ")[0]
            parts.append(replace(products[k], name=f"{of}.product{k}"))
    inputs = (first, *(c.local for c in path[begins + 1 :]))
    return replace(products[-1], name=name, formula=formula, inputs=inputs, parts=tuple(parts))


def _products(path: Sequence[Contribution], pen: Pen) -> list[Quantity]:
    """What a path has come to at each value: in the steps, and behind a sum by itself."""
    alone = _alone(path)
    found = [c.product for c in path[:alone]]
    for c in path[alone:]:
        own_pen = pen if c.is_written else EXACT
        hand = Hand(own_pen, {c.product.name: c.product.pen})
        found.append(work_out(c.product.name, c.join, [found[-1], c.local], hand))
    return found


def _alone(path: Sequence[Contribution]) -> int:
    """How far a path goes alone: so many steps stand before the first that takes a sum on."""
    sums = (k for k, c in enumerate(path) if len(c.upstream.contributions) > 1)
    return next(sums, len(path))


def _hand_of(quantity: Quantity, name: str, pen: Pen) -> Hand:
    """The hand that wrote a single number, slips and all."""
    dictated = tuple(
        Dictated(one.wrote, None, one.reason, given=one.given) for one in quantity.dictations
    )
    return Hand(pen, {name: quantity.pen}, slips={name: dictated})


def _notes(
    by_steps: Quantity, total: Quantity, paths: Sequence[Sequence[Contribution]]
) -> Iterator[Note]:
    """What was dictated on the paths, and why the steps have another number, where they do."""
    ways = [(path[0].upstream, *(c.product for c in path[: _alone(path)])) for path in paths]
    on_the_way = {q.name: q for way in ways for q in way} | {by_steps.name: by_steps}
    yield from slip_notes(on_the_way.values())
    yield from given_notes(on_the_way.values())
    behind = [c for path in paths for c in path[_alone(path) :]]
    if text(by_steps.numbers()) == text(total.numbers()) or not behind:
        return
    said = f"Step by step {pretty(by_steps.name)} was written as {text(by_steps.numbers())}: there"
    sums = {c.upstream.name: c.upstream for c in behind if len(c.upstream.contributions) > 1}
    dictated = {q.name: q for c in behind for q in (c.upstream, c.product) if q.dictations}
    for quantity in dictated.values():
        kind: Literal["Note", "Slip"] = "Note" if quantity.given_instead else "Slip"
        came = "was given as" if quantity.given_instead else "was by a slip written as"
        yield Note(
            kind,
            f"{said} {pretty(quantity.name)} {came} {quantity.text}, and no path by itself leads "
            "to that.",
        )
    if not dictated:
        summed = "sums" if len(sums) > 1 else "sum"
        each = " each" * (len(sums) > 1)
        yield Note(
            "Rounding",
            f"{said} the {summed} {listed(map(pretty, sums))} went on as one number{each}, here "
            "each path goes on and is rounded by itself.",
        )


def _paths(steps: Sequence[BackwardStep], root: str, target: str) -> list[list[Contribution]]:
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
            raise LessonError(f"more than {MOST_PATHS} paths lead to {target}, expected fewer")
    order = {
        id(c): k for k, c in enumerate(c for step in reversed(steps) for c in step.contributions)
    }
    return sorted(finished, key=lambda path: order[id(path[-1])])
