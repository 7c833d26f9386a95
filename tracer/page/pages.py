"""A trace, a quantity or an entry as pages, without a lesson."""

from __future__ import annotations

from tracer.numbers.rounding import EXACT
from tracer.page.document import Block, Document, Heading, Page, Working
from tracer.page.euler import symbols, unmistakable
from tracer.page.given import doubts, given_blocks, remembered
from tracer.page.notes import change_notes
from tracer.page.phases import PHASES, phase_pages
from tracer.page.summaries import graph_of
from tracer.page.told import Said
from tracer.page.worked import as_given, numbers, parts, settled, worked
from tracer.trace.quantity import Quantity
from tracer.trace.tape import Tape
from tracer.trace.view import view_of
from tracer.written.entries import entry
from tracer.written.lines import substitute, without_parts, working
from tracer.written.names import pretty
from tracer.written.tree import Apply, Expr, Grid, Sym

TITLES = {
    "graph": "A computational graph",
    "matrix": "A network and its examples",
    "scalar": "A network and one example",
}
"What a trace without a lesson is called, by what its program was made from."


def explain_trace(trace: Tape) -> Document:
    """A trace without a lesson, as a document: its graph, then each phase.

    >>> from tracer.trace.equations import graph
    >>> explain_trace(Tape(graph("a = 2; b = a*a"))).title
    'A computational graph'
    """
    view = view_of(trace)
    first = [*given_blocks(view), *remembered(trace, view)]
    pages = [Page("The graph", (Heading("The graph"), *first, graph_of(view), *doubts(trace)))]
    pen = next((q.pen for _, q in trace.quantities() if not q.given), EXACT)
    said: Said = set()
    for epoch in range(trace.epoch + 1):
        for phase in PHASES:
            steps = [step for step in trace.steps(epoch) if isinstance(step, phase.steps)]
            if steps:
                told = view.told(tuple(steps))
                pages += phase_pages(phase, told, view, epoch, pen, pen, said=said)
    return unmistakable(Document(TITLES[view.program.view], tuple(pages)), view.program.names)


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


def _has_symbols(expr: Expr) -> bool:
    if isinstance(expr, Apply):
        return any(map(_has_symbols, expr.args))
    return isinstance(expr, Sym)
