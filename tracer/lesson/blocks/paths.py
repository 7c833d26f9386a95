"""{paths}: all ways by which a gradient reaches a value, and their sum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracer.errors import LessonError
from tracer.lesson.blocks.base import Traced

if TYPE_CHECKING:
    from tracer.lesson.desk import Whole
    from tracer.page.document import Page


@dataclass(frozen=True)
class PathsBlock(Traced):
    """Each path from the last value to one named, as a product."""

    keys = ("to", "at", "answer")
    takes_equations = False

    def pages(self, whole: Whole) -> Iterator[Page]:
        from tracer.page.paths import paths_page

        if "to" not in self.block.settings:
            raise LessonError("{paths} names no value, expected such as ':to: b'")
        yield paths_page(
            self.view,
            self.trace,
            str(self.block.settings["to"]),
            self.epoch,
            caption=self.block.caption,
            answer=self.block.flag("answer"),
        )
