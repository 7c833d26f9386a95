"""What {network} and {graph} have in common: both give a program, and a trace of it begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tracer.errors import Faults, LessonError, placed
from tracer.lesson.blocks.base import Traced
from tracer.lesson.directive import Directive, Line

if TYPE_CHECKING:
    from typing import Self

    from tracer.lesson.desk import Desk, Whole
    from tracer.page.document import Block as PageBlock
    from tracer.page.document import Note, Page
    from tracer.trace.program import Program
    from tracer.trace.rates import Rate


@dataclass(frozen=True)
class Given(Traced):
    """What a trace begins with."""

    writes: ClassVar[bool] = True

    @classmethod
    def solve(cls, block: Directive, desk: Desk) -> Self:
        desk.clear()
        faults = Faults()
        for line in block.lines:
            with faults.kept(), placed(line.where):
                _refuse_dictated(line, block)
        faults.tell()
        trace, view = desk.begin(cls.program(block))
        return cls(block, trace, view)

    @classmethod
    def program(cls, block: Directive) -> Program:
        """The program that is given."""
        raise NotImplementedError

    def pages(self, whole: Whole) -> Iterator[Page]:
        from tracer.page.derivations import own_formulas
        from tracer.page.given import given_page

        program = self.view.program
        transposed = {line.name for line in self.block.lines if line.text.endswith("^T")}
        agreed = self._agreed(whole)
        yield given_page(self.view, self.trace, agreed, transposed, self.remarks(), self.drawn())
        yield from own_formulas(program)

    def _agreed(self, whole: Whole) -> Iterator[PageBlock]:
        """How numbers are written, once a lesson, and the conventions where they are others."""
        from tracer.page.declared import conventions_table
        from tracer.page.document import Note
        from tracer.page.notes import pen_in_words

        own, pen = conventions_table(self.view.program), pen_in_words(whole.pen)
        if pen not in whole.said:
            yield Note("Note", pen)
        if own.rows and (pen not in whole.said or own != whole.conventions):
            yield own
        whole.said.add(pen)

    def drawn(self) -> list[PageBlock] | None:
        """How it is drawn; none for as its graph."""
        return None

    def remarks(self) -> Iterator[Note]:
        from tracer.page.notes import remark_note

        yield from super().remarks()
        for line in self.block.lines:
            if line.remark:
                yield remark_note(line.name, line.remark)


def learning_rate(block: Directive) -> Rate | None:
    """The learning rate of a block; none where it sets none."""
    from tracer.trace.equations import rate_of

    return block.read("learning-rate", rate_of)


def _refuse_dictated(line: Line, block: Directive) -> None:
    if line.dictated:
        raise LessonError(
            f":= dictates what was written, and {{{block.kind}}} writes nothing; "
            "expected 'name = value'"
        )
