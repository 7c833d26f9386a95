"""{shapes}: which product of two matrices has the shape that a gradient must have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracer.errors import LessonError
from tracer.lesson.blocks.base import Traced

if TYPE_CHECKING:
    from tracer.lesson.desk import Whole
    from tracer.page.document import Page

MOST_MATRICES = 10
"Of which a product is sought."


@dataclass(frozen=True)
class ShapesBlock(Traced):
    """Dimension analysis as a calculation."""

    keys = ("target", "from", "at", "answer")
    takes_equations = False

    def pages(self, whole: Whole) -> Iterator[Page]:
        from tracer.page.shapes import shapes_page

        said = self.block.settings
        if not {"target", "from"} <= set(said):
            raise LessonError("expected ':target: dCost/dW' and ':from: dCost/dZ, X, W'")
        wanted = said["from"].split(",")
        if len(wanted) > MOST_MATRICES:
            raise LessonError(
                f"from has {len(wanted)} matrices, expected at most {MOST_MATRICES}; take fewer",
                said["from"].where,
            )
        target = self.find(said["target"])
        sources = [self.find(name.strip()) for name in wanted]
        through = target.contributions[0].through if target.contributions else None
        made = self.find(through) if through else None
        yield shapes_page(
            target,
            sources,
            made,
            self.epoch,
            caption=self.block.caption,
            answer=self.block.flag("answer"),
        )
