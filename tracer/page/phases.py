"""The pages of a phase: one for each step, and one for what they come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracer.numbers.rounding import Pen
from tracer.page.document import Block, Heading, Note, Page, Tone
from tracer.page.notes import change_notes, display_note, given_notes, slip_notes
from tracer.page.summaries import (
    Flow,
    Row,
    RowOf,
    backward_rows,
    count_numbers,
    forward_rows,
    graph_of,
    summed_up,
    update_rows,
)
from tracer.page.told import Said, Told, tell_all
from tracer.page.worked import with_symbols, worked
from tracer.trace.book import Book
from tracer.trace.steps import BackwardStep, ForwardStep, GatherStep, Step, UpdateStep


@dataclass(frozen=True)
class Phase:
    """One part of an iteration, as it is told."""

    title: str
    steps: tuple[type[Step], ...]
    rows: Callable[[Book, Step], Iterator[Row]]
    "what each step adds to the table of all"
    columns: tuple[str, ...]
    tones: tuple[Tone, ...]
    has_graph: bool = True


FORWARD = Phase(
    "Forward", (ForwardStep,), forward_rows,
    ("node", "formula", "value"), ("plain", "plain", "forward"),
)  # fmt: skip
BACKWARD = Phase(
    "Backward", (BackwardStep, GatherStep), backward_rows,
    ("node", "upstream", "local gradient", "product"), ("plain", "gradient", "plain", "gradient"),
)  # fmt: skip
UPDATE = Phase(
    "Update", (UpdateStep,), update_rows,
    ("parameter", "old", "gradient", "step", "new"),
    ("plain", "forward", "gradient", "gradient", "forward"), has_graph=False,
)  # fmt: skip
MOST_SUMMED_UP = 60
"""Numbers of a phase beyond which its drawing stands alone: a table of so many says nothing."""
PHASES = (FORWARD, BACKWARD, UPDATE)


def phase_pages(
    phase: Phase,
    steps: Sequence[Step],
    view: Book,
    epoch: int,
    pen: Pen,
    usual: Pen,
    *,
    notes: Iterable[Note] = (),
    caption: str = "",
    symbols: bool = False,
    answer: bool = False,
    said: Said | None = None,
) -> Iterator[Page]:
    """A page for each step of a phase, and one for what it comes to, with `notes` below.

    What was `said` already is not said again.

    The steps are in the source's names, like the view that they stand in. `pen` wrote them, and
    `usual` is the pen of the lesson.
    """
    told = list(tell_all(steps, view.program, set() if said is None else said))
    again = f" (iteration {epoch + 1})" if epoch else ""
    titles: dict[int, str] = {}
    for number, (step, one) in enumerate(told, 1):
        title = f"{phase.title} {number} of {len(told)}{again}: {one.title}"
        shown = [with_symbols(block) if symbols else block for block in one.blocks]
        beside = [
            *slip_notes(one.quantities),
            *given_notes(one.quantities),
            *change_notes(one.quantities),
            *_why_displayed(one, pen, usual, first=number == 1),
        ]
        # a local gradient and its product can be the same numbers under the same name
        blocks = (Heading(title, 3, caption), *_rate_of(step), *shown, *dict.fromkeys(beside))
        yield Page(title, blocks, one.quantities, epoch, answer)
        titles[id(step)] = title
    title = f"{phase.title}{again}, all together"
    summary: tuple[Block, ...] = (
        Heading(title, 3, caption),
        *_table_of(phase, list(_rows_of(phase, view, steps, titles))),
        *([graph_of(view, Flow(epoch, steps, pen))] if phase.has_graph else []),
        *notes,
    )
    yield Page(title, summary, epoch=epoch, answer=answer)


def _rows_of(
    phase: Phase, view: Book, steps: Sequence[Step], titles: Mapping[int, str]
) -> Iterator[RowOf]:
    """What each step adds to the table, with the title of the page that it stands on."""
    title = ""
    for step in steps:
        title = titles.get(id(step), title)
        yield from ((title, row) for row in phase.rows(view, step))


def _table_of(phase: Phase, rows: Sequence[RowOf]) -> Iterator[Block]:
    """What happened at each node, where a drawing does not say it better."""
    if not rows:
        yield Note("Note", "Nothing moves: no value here is learned.")
    elif not phase.has_graph or count_numbers(rows) <= MOST_SUMMED_UP:
        yield summed_up(phase.columns, phase.tones, rows)


def _rate_of(step: Step) -> Iterator[Block]:
    """The learning rate of the updates in a step, where a formula gives it."""
    updates = step.updates if isinstance(step, BackwardStep) else (step,)
    for update in updates[:1]:
        if isinstance(update, UpdateStep) and update.rate.formula is not None:
            yield worked(update.rate)


def _why_displayed(step: Told, pen: Pen, usual: Pen, first: bool) -> Iterator[Note]:
    """Why rounded numbers may not lead to a result: once for a block, or by name for a few."""
    if usual.mode == "display":
        return
    if pen.mode == "display":
        yield from display_note() if first else ()
    else:
        yield from display_note(step.quantities)
