"""From a lesson to its page, in one place: read, worked out, told.

    load  ->  solve  ->  explain  ->  a renderer

Reading gives blocks. Solving works them out from top to bottom, each with the trace that the last
{network} or {graph} began; explaining asks each for its pages. What is wrong in one block does not
hide what is wrong in another: all that does not follow from something else is told together.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

from tracer.errors import Faults, Follows, LessonError, placed
from tracer.lesson.amount import Amount
from tracer.lesson.block import Block, Lesson, Prose
from tracer.lesson.blocks import BLOCKS, Section, Text
from tracer.lesson.blocks.given import Given
from tracer.numbers.decimals import with_enough_digits
from tracer.numbers.rounding import EXACT, Pen
from tracer.page import document
from tracer.page.declared import conventions_table
from tracer.page.document import Document, Heading, Page, Table
from tracer.page.euler import unmistakable
from tracer.page.summaries import changes_table, slips_table
from tracer.trace.program import Program
from tracer.trace.tape import Trace
from tracer.trace.view import seen


@dataclass
class Desk:
    """What lies open while a lesson is worked out from top to bottom."""

    lesson: Lesson
    pen: Pen | None
    "another pen than the lesson's; it makes no slips"
    tape: type[Trace]
    faults: Faults = field(default_factory=Faults)
    amount: Amount = field(default_factory=Amount)
    open: tuple[Trace, Trace] | None = None
    "the trace that is written, and the same as its source writes it"
    is_faulty: bool = False
    "whether something is missing in it, so that what follows cannot be judged"

    def clear(self) -> None:
        """Put the trace away; until the next begins there is nothing to work on."""
        self.open, self.is_faulty = None, True

    def begin(self, program: Program) -> tuple[Trace, Trace]:
        """A new trace, and the same as its source writes it."""
        self.amount.write(program.numbers, EXACT)
        trace = self.tape(program)
        self.open, self.is_faulty = (trace, seen(trace)), False
        return self.open

    def traces(self, block: Block) -> tuple[Trace, Trace]:
        """The trace that is open, and the same as its source writes it."""
        if self.is_faulty:
            raise Follows(f"{{{block.kind}}} stands behind a fault")
        if self.open is None:
            self.is_faulty = True
            raise LessonError(
                f"{{{block.kind}}} has nothing to work on, expected a {{network}} or "
                "a {graph} before it"
            )
        return self.open

    @contextmanager
    def writing(self) -> Iterator[None]:
        """While the trace is written; where that fails, what follows is not told."""
        self.is_faulty = True
        yield
        self.is_faulty = False


@dataclass(frozen=True)
class Solution:
    """A lesson with everything in it worked out."""

    lesson: Lesson
    pen: Pen
    sections: tuple[Section | Text, ...]

    @property
    def given(self) -> tuple[Given, ...]:
        """Its networks and graphs."""
        return tuple(section for section in self.sections if isinstance(section, Given))

    @property
    def trace(self) -> Trace:
        """What was written for the lesson's first network or graph."""
        if not self.given:
            raise LessonError(
                "there is no {network} or {graph} here, expected one", self.lesson.path
            )
        return self.given[0].trace

    @cached_property
    def declared(self) -> Table | None:
        """The conventions of its first network or graph, where some are told."""
        tables = [conventions_table(section.view.program) for section in self.given[:1]]
        return tables[0] if tables and tables[0].rows else None


def solve(lesson: Lesson, pen: Pen | None = None, tape: type[Trace] = Trace) -> Solution:
    """A lesson worked out with its own pen, or with another one and then without its slips.

    >>> from tracer.lesson.home import load
    >>> solve(load("or-batch")).trace["dCost/dW[1,2]"].written
    -0.038

    Raises LessonError and its kin, with file and line, where the lesson cannot be followed.
    """
    return with_enough_digits(lambda: _solved(lesson, pen, tape))


def _solved(lesson: Lesson, pen: Pen | None, tape: type[Trace]) -> Solution:
    desk = Desk(lesson, pen, tape)
    sections: list[Section | Text] = []
    for item in lesson.items:
        with desk.faults.kept(), placed(item.where):
            sections.append(_worked(item, desk))
    desk.faults.tell()
    return Solution(lesson, pen or lesson.pen, tuple(sections))


def _worked(item: Prose | Block, desk: Desk) -> Section | Text:
    return Text(item) if isinstance(item, Prose) else BLOCKS[item.kind].work(item, desk)


def explain(solution: Solution) -> Document:
    """A lesson as a document, page by page.

    >>> from tracer.lesson.home import load
    >>> explain(solve(load("or-batch"))).pages[0].title
    'The OR gate, a batch of four'

    Raises LessonError and its kin, with file and line, for what cannot be told.
    """
    faults, pages = Faults(), list[Page]()
    for section in solution.sections:
        with faults.kept(), placed(section.block.where):
            pages += section.pages(solution)
    faults.tell()
    views = [section.view for section in solution.given]
    for title, table in (
        ("Where rounding changed a digit", changes_table(views)),
        ("What follows from a slip", slips_table(views)),
    ):
        pages += (Page(title, (Heading(title), one)) for one in table)
    called = {name for view in views for name in view.program.names}
    return unmistakable(Document(solution.lesson.title, tuple(_joined(pages))), called)


def _joined(pages: list[Page]) -> list[Page]:
    """The opening and the first prose make one page."""
    if len(pages) > 1 and isinstance(pages[1].blocks[0], document.Prose):
        first, second, *rest = pages
        return [replace(first, blocks=first.blocks + second.blocks), *rest]
    return pages
