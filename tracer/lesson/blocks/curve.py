"""{curve}: a formula drawn over one variable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracer.errors import LessonError
from tracer.lesson.blocks.base import Section
from tracer.lesson.directive import Directive, Line
from tracer.numbers.typed import finite, parse_rows
from tracer.written.names import pretty

if TYPE_CHECKING:
    from tracer.lesson.desk import Whole
    from tracer.page.document import Page


@dataclass(frozen=True)
class CurveBlock(Section):
    """The picture of a formula."""

    keys = ("from", "to", "wrt", "mark", "at", "answer")

    @classmethod
    def may_name_a_value(cls, line: Line, block: Directive) -> bool:
        return line.name not in cls.keys

    def pages(self, whole: Whole) -> Iterator[Page]:
        from tracer.page.document import Heading, Page
        from tracer.page.plots import formula_curve

        block, said = self.block, self.block.settings
        if len(block.lines) != 1:
            raise LessonError("{curve} takes one equation, expected such as 'a = 1/(1 + exp(-z))'")
        [line] = block.lines
        low, high = (finite(key, said.get(key, "")) for key in ("from", "to"))
        marks = _marks(said["mark"]) if "mark" in said else []
        if not low < high:
            raise LessonError(f"from {low:g} to {high:g} is no interval")
        drawn = formula_curve(line.name, line.text, str(said.get("wrt", "z")), low, high, marks)
        heading = Heading(f"The curve of {pretty(line.name)}", 3, block.caption)
        yield Page(heading.text, (heading, drawn, *self.remarks()), answer=block.flag("answer"))


def _marks(text: str) -> list[float]:
    try:
        return [float(mark) for row in parse_rows(text) for mark in row]
    except LessonError as error:
        raise LessonError(f"mark {error.problem}") from None
