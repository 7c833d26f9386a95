"""What a trace begins with: numbers, the learning rate, and the graph."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from tracer.page.document import Block, Heading, Note, Page, Working
from tracer.page.summaries import graph_of
from tracer.page.worked import as_given, settled
from tracer.trace.book import Book
from tracer.trace.program import Program
from tracer.trace.quantity import given
from tracer.trace.rates import Schedule
from tracer.written.tree import Matrix


def given_page(
    view: Book,
    trace: Book,
    agreed: Iterable[Block],
    transposed: Collection[str],
    remarks: Iterable[Note],
    drawn: Iterable[Block] | None = None,
) -> Page:
    """What a network or a graph of a lesson gives; `transposed` was typed with ^T behind it.

    Behind the numbers stands what is `agreed` on them: how they are written, and conventions.
    `drawn` is how it is drawn, if not as its graph.
    """
    title = "What is given"
    blocks: list[Block] = [
        Heading(title, 3),
        *given_blocks(view, transposed),
        *agreed,
        *([graph_of(view)] if drawn is None else drawn),
        *doubts(trace),
        *remarks,
    ]
    leaves = tuple(view[leaf.name] for leaf in view.program.leaves)
    return Page(title, tuple(blocks), leaves)


def doubts(trace: Book) -> Iterator[Note]:
    """What can be worked out, and is seldom meant; and what is too large for decimal numbers."""
    for said in trace.program.doubts:
        yield Note("Note", said)
    if not trace.program.is_small:
        yield Note(
            "Note",
            "This is so large that it is worked out in float64, with some fifteen digits; the last "
            "ones may be wrong.",
        )


def given_blocks(trace: Book, transposed: Collection[str] = ()) -> Iterator[Block]:
    """Each given value, and the learning rate."""
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


def remembered(trace: Book, view: Book) -> Iterator[Block]:
    """What the update rule remembers of earlier steps, where there were some."""
    for leaf in trace.program.leaves:
        for state in trace.program.remembered(leaf):
            if state in trace.program.memory:
                yield as_given(view[state])


def _given_rate(program: Program) -> Iterator[Block]:
    """The learning rate, or the formula that gives it, if there is one."""
    called, rate = program.conventions.theirs("alpha"), program.learning_rate
    if isinstance(rate, Schedule):
        yield Working(called, settled([rate.formula]), tone="forward")
    elif rate is not None:
        yield as_given(given(called, rate))
