"""From a lesson to its page, in one place: read, worked out, told.

    load  ->  solve  ->  explain  ->  a renderer

Reading gives blocks. Solving works them out from top to bottom, each with the trace that the last
{network} or {graph} began; explaining asks each for its pages. What is wrong in one block does not
hide what is wrong in another: all that does not follow from something else is told together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from tracer.errors import Faults, Follows, LessonError, placed
from tracer.lesson.blocks import KINDS, Each, Section, Text, unheard
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


class Telling:
    """A lesson as a document, more and more of it: what takes a while to tell is told last."""

    def __init__(self, solution: Solution, detail: Detail = "full") -> None:
        self.solution, self.detail, self._whole = solution, detail, solution.whole
        self._told: list[tuple[Page, ...]] = [() for _ in solution.sections]
        self._faults = [Faults() for _ in solution.sections]
        self._views = [section.view for section in solution.given]

    def documents(self, each: Each = unheard) -> Iterator[Document]:
        """The lesson with a page of its title alone for each block that waits; then with the first
        of these told, and so on; the last is the whole. `each` is told every epoch of a training.

        >>> from tracer.lesson.home import load
        >>> from tracer.page.document import Unfinished
        >>> first, *_, last = Telling(solve(load("or-batch"))).documents()
        >>> [page.title for page in first.pages if isinstance(page, Unfinished)]
        ['Training: 5000 epochs']
        >>> any(isinstance(page, Unfinished) for page in last.pages)
        False

        Raises LessonError and its kin, with file and line, for what cannot be told.
        """
        waiting = [k for k, one in enumerate(self.solution.sections) if self._begin(k, one)]
        for place in waiting:
            if not self._is_faulty:
                yield self.document()
            section = self.solution.sections[place]
            assert isinstance(section, Section)
            with self._faults[place].kept(), placed(section.block.where):
                section.prepare(each)
                self._told[place] = tuple(section.pages(self._whole))
        every = Faults()
        every.found = [fault for faults in self._faults for fault in faults.found]
        every.tell()
        yield self.document()

    def _begin(self, place: int, section: Section | Text) -> bool:
        """Tell what can be told at once; of what cannot, its title."""
        with self._faults[place].kept(), placed(section.block.where):
            if isinstance(section, Section) and section.waits:
                self._told[place] = (section.begun(),)
                return True
            self._told[place] = tuple(section.pages(self._whole))
        return False

    @property
    def _is_faulty(self) -> bool:
        return any(faults.found for faults in self._faults)

    def document(self) -> Document:
        """What has been told so far."""
        pages = [page for told in self._told for page in told]
        parted = with_what_gives_them_away([*_joined(pages), *self._last])
        told = tuple(told_in(self.detail, with_formulas(parted, self._named)))
        called = {name for view in self._views for name in view.program.names}
        return unmistakable(Document(self.solution.lesson.title, told), called)

    @cached_property
    def _named(self) -> set[str]:
        """What a formula in the prose may speak of."""
        programs = [view.program for view in self._views]
        called = {name for program in programs for name in (*program.names, *program.aliases)}
        return called | {program.conventions.theirs("alpha") for program in programs}

    @cached_property
    def _last(self) -> tuple[Page, ...]:
        """What the whole lesson comes to."""
        return tuple(
            Page(title, (Heading(title), one))
            for title, table in (
                ("Where rounding changed a digit", changes_table(self._views)),
                ("What follows from a slip", slips_table(self._views)),
            )
            for one in table
        )


def explain(solution: Solution, detail: Detail = "full") -> Document:
    """A lesson as a document, page by page; in short, a working has three lines at most.

    >>> from tracer.lesson.home import load
    >>> explain(solve(load("or-batch"))).pages[0].title
    'The OR gate, a batch of four'

    Raises LessonError and its kin, with file and line, for what cannot be told.
    """
    *_, whole = Telling(solution, detail).documents()
    return whole


def _joined(pages: list[Page]) -> list[Page]:
    """The opening and the first prose make one page."""
    if len(pages) > 1 and isinstance(pages[1].blocks[0], document.Prose):
        first, second, *rest = pages
        return [replace(first, blocks=first.blocks + second.blocks), *rest]
    return pages
