"""{lesson}: what a lesson is called, where it comes from, and the pen it is written with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracer.lesson.blocks.base import Section

if TYPE_CHECKING:
    from tracer.lesson.desk import Whole
    from tracer.page.document import Page


@dataclass(frozen=True)
class OpeningBlock(Section):
    """The first block of a lesson, which says what holds for all of it."""

    keys = ("title", "source", "url", "rounding", "order", "about", "needs")
    takes_equations = False

    def pages(self, whole: Whole) -> Iterator[Page]:
        from tracer.page.document import Heading, Page

        lesson = whole.lesson
        heading = Heading(lesson.title, 1, lesson.source, lesson.url)
        yield Page(lesson.title, (heading,))
