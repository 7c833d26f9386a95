"""From a lesson to its page, in one place: read, worked out, told.

    load  ->  solve  ->  explain  ->  a renderer

Reading gives blocks. Solving works them out from top to bottom, each with the trace that the last
{network} or {graph} began; explaining asks each for its pages. What is wrong in one block does not
hide what is wrong in another: all that does not follow from something else is told together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tracer.errors import Faults, Follows, LessonError, placed
from tracer.lesson.blocks import KINDS, Section, Text
from tracer.lesson.blocks.given import Given
from tracer.lesson.desk import Desk, Whole
from tracer.lesson.directive import Directive, Lesson, Passage
from tracer.numbers.decimals import with_enough_digits
from tracer.numbers.rounding import Pen
from tracer.page import document
from tracer.page.declared import conventions_table
from tracer.page.detail import Detail, told_in
from tracer.page.document import Document, Heading, Page
from tracer.page.euler import unmistakable
from tracer.page.prose import with_formulas, with_what_gives_them_away
from tracer.page.summaries import changes_table, slips_table
from tracer.trace.tape import Tape


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
    def trace(self) -> Tape:
        """What was written for the lesson's first network or graph."""
        if not self.given:
            raise LessonError(
                "there is no {network} or {graph} here, expected one", self.lesson.path
            )
        return self.given[0].trace

    @property
    def whole(self) -> Whole:
        """What each block is told of it."""
        tables = [conventions_table(section.view.program) for section in self.given[:1]]
        declared = tables[0] if tables and tables[0].rows else None
        return Whole(self.lesson, self.pen, declared)


def solve(lesson: Lesson, pen: Pen | None = None) -> Solution:
    """A lesson worked out with its own pen, or with another one and then without its slips.

    >>> from tracer.lesson.home import load
    >>> solve(load("or-batch")).trace["dCost/dW[1,2]"].written
    -0.038

    Raises LessonError and its kin, with file and line, where the lesson cannot be followed.
    """
    return with_enough_digits(lambda: _solved(lesson, pen))


def _solved(lesson: Lesson, pen: Pen | None) -> Solution:
    desk = Desk(lesson, pen)
    sections: list[Section | Text] = []
    for item in lesson.items:
        with desk.faults.kept(), placed(item.where):
            sections.append(_worked(item, desk))
    solution = Solution(lesson, pen or lesson.pen, tuple(sections))
    if desk.faults.found:  # what is told of the others may be wrong as well
        whole = solution.whole
        for section in sections:
            if isinstance(section, Section) and not section.prints:
                with desk.faults.kept(), placed(section.block.where):
                    list(section.pages(whole))
    desk.faults.tell()
    return solution


def _worked(item: Passage | Directive, desk: Desk) -> Section | Text:
    if isinstance(item, Passage):
        return Text(item)
    if item.is_broken:
        desk.is_faulty |= item.kind not in KINDS or KINDS[item.kind].writes
        raise Follows(f"{{{item.kind}}} could not be read")
    return KINDS[item.kind].solve(item, desk)


def explain(solution: Solution, detail: Detail = "full") -> Document:
    """A lesson as a document, page by page; in short, a working has three lines at most.

    >>> from tracer.lesson.home import load
    >>> explain(solve(load("or-batch"))).pages[0].title
    'The OR gate, a batch of four'

    Raises LessonError and its kin, with file and line, for what cannot be told.
    """
    faults, pages, whole = Faults(), list[Page](), solution.whole
    for section in solution.sections:
        with faults.kept(), placed(section.block.where):
            pages += section.pages(whole)
    faults.tell()
    views = [section.view for section in solution.given]
    for title, table in (
        ("Where rounding changed a digit", changes_table(views)),
        ("What follows from a slip", slips_table(views)),
    ):
        pages += (Page(title, (Heading(title), one)) for one in table)
    called = {name for view in views for name in view.program.names}
    named = {*called, *(name for view in views for name in view.program.aliases)}
    named |= {view.program.conventions.theirs("alpha") for view in views}
    parted = with_what_gives_them_away(_joined(pages))
    told = told_in(detail, with_formulas(parted, named))
    return unmistakable(Document(solution.lesson.title, tuple(told)), called)


def _joined(pages: list[Page]) -> list[Page]:
    """The opening and the first prose make one page."""
    if len(pages) > 1 and isinstance(pages[1].blocks[0], document.Prose):
        first, second, *rest = pages
        return [replace(first, blocks=first.blocks + second.blocks), *rest]
    return pages
