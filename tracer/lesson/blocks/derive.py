"""{derive}: a derivation by its name, or that of a formula."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tracer.errors import LessonError
from tracer.lesson.blocks.base import Section
from tracer.lesson.directive import Directive, Line
from tracer.written.names import pretty

if TYPE_CHECKING:
    from tracer.lesson.desk import Whole
    from tracer.page.document import Page


@dataclass(frozen=True)
class DeriveBlock(Section):
    """A derivation in named steps."""

    keys = ("of", "wrt", "at", "answer")
    waits: ClassVar[bool] = True

    @classmethod
    def may_name_a_value(cls, line: Line, block: Directive) -> bool:
        return line.name not in cls.keys

    @property
    def title(self) -> str:
        derived = [pretty(line.name) for line in self.block.lines[:1]]
        return f"Derivation: {self.block.settings.get('of') or ''.join(derived)}"

    def pages(self, whole: Whole) -> Iterator[Page]:
        from tracer.page.derivations import derivation_blocks
        from tracer.page.document import Heading, Page

        block, said = self.block, self.block.settings
        if bool(block.lines) == ("of" in said):
            raise LessonError(
                "{derive} takes either a name, as in ':of: sigmoid', or an equation 'a = formula'"
            )
        if "of" in said and "wrt" in said:
            raise LessonError(
                "wrt goes with an equation, and ':of:' names a derivation", said["wrt"].where
            )
        asked = list(derivation_blocks(str(said["of"])) if "of" in said else ())
        for line in block.lines:
            asked += derivation_blocks(line.name, line.text, str(said.get("wrt", "z")))
        heading = Heading(self.title, 3, block.caption)
        yield Page(self.title, (heading, *asked), answer=block.flag("answer"))
