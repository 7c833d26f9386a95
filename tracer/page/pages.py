"""A lesson or a trace to a document, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from markdown_it import MarkdownIt

from tracer.lesson.reading import Block as LessonBlock
from tracer.lesson.reading import Line
from tracer.lesson.reading import Prose as LessonProse
from tracer.lesson.solution import Section, Solution
from tracer.numbers.rounding import EXACT, Pen
from tracer.page.declared import conventions_table
from tracer.page.derivations import derive_page, own_formulas, shapes_page
from tracer.page.document import Block, Document, Heading, Note, Page, Prose, Table, Working
from tracer.page.euler import symbols, unmistakable
from tracer.page.notes import (
    change_notes,
    display_note,
    given_notes,
    misprint_notes,
    pen_in_words,
    remarks,
    slip_notes,
)
from tracer.page.paths import paths_page
from tracer.page.summaries import TABLES, changes_table, graph_of, slips_table
from tracer.page.told import Told, tell
from tracer.page.trained import curve_page, train_page
from tracer.page.worked import as_given, numbers, parts, settled, with_symbols, worked
from tracer.trace.program import Program
from tracer.trace.quantity import Quantity, given
from tracer.trace.rates import Schedule
from tracer.trace.tape import BackwardStep, ForwardStep, GatherStep, Step, Trace, UpdateStep
from tracer.trace.view import seen
from tracer.written.entries import entry
from tracer.written.lines import substitute, without_parts, working
from tracer.written.names import pretty
from tracer.written.tree import Apply, Expr, Grid, Matrix, Sym

PHASES = {"forward": "Forward", "backward": "Backward", "update": "Update"}


def explain(solution: Solution) -> Document:
    """A lesson as a document, page by page.

    >>> from tracer.lesson.reading import load
    >>> from tracer.lesson.solution import solve
    >>> explain(solve(load("or-batch"))).pages[0].title
    'The OR gate, a batch of four'
    """
    lesson = solution.lesson
    opening: list[Block] = [Heading(lesson.title, 1, lesson.source)]
    opening.append(Note("Note", pen_in_words(solution.pen)))
    declared = _declared(solution)
    opening += [table for table in declared[:1] if table.rows]
    pages = [Page(lesson.title, tuple(opening))]
    for section in solution.sections:
        item = section.item
        if isinstance(item, LessonProse):
            pages += _prose_pages(item.text)
        elif item.kind in ("network", "graph"):
            pages.append(_given_page(section, item, declared[0]))
            pages += own_formulas(section.seen.program)
        elif item.kind == "paths":
            pages.append(paths_page(solution, section, item))
        elif item.kind == "curve":
            pages.append(curve_page(lesson, item))
        elif item.kind == "train":
            pages.append(train_page(lesson, section, item))
        elif item.kind == "derive":
            pages.append(derive_page(lesson, item))
        elif item.kind == "shapes":
            pages.append(shapes_page(lesson, section, item))
        elif item.kind in PHASES:
            pages += _phase_pages(section, item, solution.pen)
    pages = _joined(pages)
    traces = [section.seen for section in solution.sections if section.trace]
    for title, table in (
        ("Where rounding changed a digit", changes_table(traces)),
        ("What follows from a slip", slips_table(traces)),
    ):
        pages += (Page(title, (Heading(title), one)) for one in table)
    called = {name for view in traces for name in view.program.names}
    return unmistakable(Document(lesson.title, tuple(pages)), called)


def explain_trace(trace: Trace) -> Document:
    """A trace without a lesson, as a document: its graph, then each phase."""
    view = seen(trace)
    first = [*_given_blocks(view), *_remembered(trace, view)]
    pages = [Page("The graph", (Heading("The graph"), *first, graph_of(view), *_doubts(trace)))]
    for epoch in range(trace.epoch + 1):
        steps = trace.steps(epoch)
        kinds: dict[str, list[Step]] = {
            "forward": [s for s in steps if isinstance(s, ForwardStep)],
            "backward": [s for s in steps if isinstance(s, BackwardStep | GatherStep)],
            "update": [s for s in steps if isinstance(s, UpdateStep)],
        }
        for kind, chosen in kinds.items():
            if chosen:
                block = LessonBlock(kind, 0)
                pen = next((q.pen for _, q in trace.quantities() if not q.given), EXACT)
                section = Section(block, trace, view, epoch, tuple(chosen), pen)
                pages += _phase_pages(section, block, pen)
    return unmistakable(Document("A computational graph", tuple(pages)), view.program.names)


def explain_quantity(quantity: Quantity) -> Page:
    """One quantity alone."""
    block = worked(quantity) if quantity.formula else as_given(quantity)
    return unmistakable(Page(pretty(quantity.name), (block,), (quantity,)), symbols(block))


def explain_entry(quantity: Quantity, row: int | None, column: int | None) -> Page:
    """The calculation behind one entry, counted from 1: a matrix step opened into its sums.

    Of a row or a column, where the other is none, the numbers alone.
    Raises UnknownName for an entry that does not exist.
    """
    single = quantity.entry(row, column)
    lines: list[Expr] = []
    if row and column and quantity.formula is not None and not quantity.given:
        values = numbers(quantity)
        every = working(quantity.formula, values, parts(quantity), quantity.numbers())
        whole = [line for line in every if not (_has_symbols(line) or isinstance(line, Grid))]
        first = substitute(quantity.formula, values)
        lines = [without_parts(entry(line, row - 1, column - 1)) for line in (first, *whole)]
    lines = list(dict.fromkeys(lines)) or [single.numbers()]
    blocks: tuple[Block, ...] = (
        Working(single.name, settled(lines)),
        *change_notes([single]),
    )
    return Page(pretty(single.name), blocks, (single,))


def _prose_pages(text: str) -> Iterator[Page]:
    """Prose, a page for each of its sections."""
    tokens = MarkdownIt("commonmark").parse(text)
    titles = {
        token.map[0]: inline.content
        for token, inline in pairwise(tokens)
        if token.type == "heading_open" and token.tag == "h2" and token.map and not token.level
    }
    lines = text.split("\n")
    starts = [0, *(start for start in titles if start > 0), len(lines)]
    for start, end in pairwise(starts):
        section = "\n".join(lines[start:end]).strip("\n")
        if section.strip():
            yield Page(titles.get(start, ""), (Prose(section),))


def _joined(pages: list[Page]) -> list[Page]:
    """The opening and the first prose make one page."""
    if len(pages) > 1 and isinstance(pages[1].blocks[0], Prose):
        first, second, *rest = pages
        return [replace(first, blocks=first.blocks + second.blocks), *rest]
    return pages


def _declared(solution: Solution) -> list[Table]:
    """The conventions of each network or graph of a lesson."""
    return [
        conventions_table(section.seen.program)
        for section in solution.sections
        if isinstance(section.item, LessonBlock) and section.item.kind in ("network", "graph")
    ]


def _given_page(section: Section, block: LessonBlock, declared: Table) -> Page:
    title = "What is given"
    own = conventions_table(section.seen.program)
    blocks: list[Block] = [
        Heading(title, 3),
        *([own] if own != declared and own.rows else []),
        *_given_blocks(section.seen, block.lines),
        graph_of(section.seen),
        *_doubts(section.trace),
        *remarks(block),
    ]
    leaves = tuple(section.seen[leaf.name] for leaf in section.seen.program.leaves)
    return Page(title, tuple(blocks), leaves)


def _doubts(trace: Trace | None) -> Iterator[Note]:
    """What can be worked out, and is seldom meant; and what is too large for decimal numbers."""
    if trace is None:
        return
    for said in trace.program.doubts:
        yield Note("Note", said)
    if not trace.program.is_small:
        yield Note(
            "Note",
            "This is so large that it is worked out in float64, with some fifteen digits; the last "
            "ones may be wrong.",
        )


def _given_blocks(trace: Trace, lines: Sequence[Line] = ()) -> Iterator[Block]:
    transposed = {line.name for line in lines if line.text.endswith("^T")}
    for leaf in trace.program.leaves:
        quantity = trace[leaf.name]
        if leaf.name in transposed:
            matrix = quantity.numbers()
            assert isinstance(matrix, Matrix)
            design = Matrix(matrix.values.T, matrix.digits)
            yield as_given(quantity, design.T)
        else:
            yield as_given(quantity)
    yield from _given_rate(trace.program)


def _remembered(trace: Trace, view: Trace) -> Iterator[Block]:
    """What the update rule remembers of earlier steps, where there were some."""
    for leaf in trace.program.leaves:
        for state in trace.program.update.states:
            if f"{state}{leaf.name}" in trace.program.memory:
                yield as_given(view[f"{state}{leaf.name}"])


def _given_rate(program: Program) -> Iterator[Block]:
    """The learning rate, or the formula that gives it, if there is one."""
    called, rate = program.conventions.theirs("alpha"), program.learning_rate
    if isinstance(rate, Schedule):
        yield Working(called, settled([rate.formula]), tone="forward")
    elif rate is not None:
        yield as_given(given(called, rate))


def _phase_pages(section: Section, block: LessonBlock, by_hand: Pen) -> Iterator[Page]:
    """A page for each step of a phase, and one for what it comes to; `by_hand` is the usual pen."""
    trace, epoch = section.seen, section.epoch
    steps = section.told
    told = [tell(step, trace.program) for step in steps]
    answer, caption = block.flag("answer"), block.settings.get("at", "")
    phase = PHASES[block.kind]
    again = f" (iteration {epoch + 1})" if epoch else ""
    for number, (step, worked_out) in enumerate(zip(told, steps, strict=True), 1):
        title = f"{phase} {number} of {len(told)}{again}: {step.title}"
        shown = [with_symbols(one) if block.flag("symbols") else one for one in step.blocks]
        shown = [*_rate_of(worked_out), *shown]
        notes = [
            *slip_notes(step.quantities),
            *given_notes(step.quantities),
            *change_notes(step.quantities),
        ]
        notes += _why_displayed(section, step, by_hand, first=number == 1)
        # a local gradient and its product can be the same numbers under the same name
        said = dict.fromkeys(notes)
        blocks: tuple[Block, ...] = (Heading(title, 3, caption), *shown, *said)
        yield Page(title, blocks, step.quantities, epoch, answer)
    title = f"{phase}{again}, all together"
    graph = [] if block.kind == "update" else [graph_of(trace, section)]
    notes = [*misprint_notes(section, block), *remarks(block)]
    summary: tuple[Block, ...] = (
        Heading(title, 3, caption),
        *_summary(section, block.kind),
        *graph,
        *notes,
    )
    yield Page(title, summary, epoch=epoch, answer=answer)


def _rate_of(step: Step) -> Iterator[Block]:
    """The learning rate of the updates in a step, where a formula gives it."""
    updates = step.updates if isinstance(step, BackwardStep) else (step,)
    for update in updates[:1]:
        if isinstance(update, UpdateStep) and update.rate.formula is not None:
            yield worked(update.rate)


def _summary(section: Section, kind: str) -> Iterator[Block]:
    """The table of a phase, or that nothing happened in it."""
    table = TABLES[kind](section)
    yield table if table.rows else Note("Note", "Nothing moves: no value here is learned.")


def _why_displayed(section: Section, step: Told, by_hand: Pen, first: bool) -> Iterator[Note]:
    """Why rounded numbers may not lead to a result: once for a block, or by name for a few."""
    if by_hand.mode == "display":
        return
    if section.pen and section.pen.mode == "display":
        yield from display_note() if first else ()
    else:
        yield from display_note(step.quantities)


def _has_symbols(expr: Expr) -> bool:
    if isinstance(expr, Apply):
        return any(map(_has_symbols, expr.args))
    return isinstance(expr, Sym)
