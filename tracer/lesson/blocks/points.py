"""{points}: labelled examples in the plane, and lines given by their equations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tracer.errors import LessonError, placed
from tracer.lesson.blocks.base import Section
from tracer.lesson.directive import Directive, Line

if TYPE_CHECKING:
    from typing import Self

    import numpy as np

    from tracer.lesson.desk import Desk, Whole
    from tracer.page import plane
    from tracer.page.document import Note, Page
    from tracer.page.points import Examples

MOST_LINES = 4
"In one picture."


@dataclass(frozen=True, kw_only=True)
class PointsBlock(Section):
    """Points, and lines that separate them or do not."""

    examples: Examples
    lines: tuple[plane.Line, ...]
    keys = ("data", "examples", "at", "answer")

    @classmethod
    def solve(cls, block: Directive, desk: Desk) -> Self:
        from tracer.page.plane import line_of

        data = {line.name: line for line in block.lines if line.name in ("X", "Y")}
        drawn = [line for line in block.lines if line.name not in data]
        if len(drawn) > MOST_LINES:
            raise LessonError(
                f"{{points}} has {len(drawn)} lines, expected at most {MOST_LINES}; make two "
                "pictures of them",
                drawn[MOST_LINES].where,
            )
        examples = _examples(block, data, desk)
        lines = []
        for line in drawn:
            with desk.faults.kept(), placed(line.where):
                if line.dictated:
                    raise LessonError(":= dictates a number, and {points} has none; expected '='")
                found = line_of(line.name, line.text)
                for place in examples.places:
                    found.values(*place)
                lines.append(found)
        return cls(block, examples=examples, lines=tuple(lines))

    def pages(self, whole: Whole) -> Iterator[Page]:
        from tracer.page.points import points_page

        yield points_page(
            self.examples,
            self.lines,
            caption=self.block.caption,
            answer=self.block.flag("answer"),
            notes=tuple(self.remarks()),
        )

    def remarks(self) -> Iterator[Note]:
        from tracer.page.document import Note

        yield from super().remarks()
        for line in self.block.lines:
            if line.remark:
                yield Note("Note", f"{line.name} = {line.text}: {line.remark}")


def _examples(block: Directive, data: dict[str, Line], desk: Desk) -> Examples:
    """The points: typed in, from a gate or a file, or those of the network above."""
    import numpy as np

    from tracer.network.data import data_of
    from tracer.network.words import SIDES
    from tracer.page.points import examples_from, examples_of
    from tracer.trace.conventions import USUAL, one_of

    said = block.settings
    side = block.read("examples", lambda words: one_of("examples", words, SIDES))
    in_rows = side is not None and SIDES[side]
    if "data" in said:
        with placed(said["data"].where):
            if data:
                raise LessonError("the points are typed in as well, expected one of both")
            found = data_of(said["data"], Path(block.path).parent, USUAL)
            return examples_from(*(np.atleast_2d(found[name]) for name in ("X", "Y")))
    if data:
        if len(data) < 2:
            [missing] = {"X", "Y"} - set(data)
            raise LessonError(f"{{points}} has no {missing}, expected '{missing} = ...'")
        X, Y = (_matrix(data[name], in_rows) for name in ("X", "Y"))
        with placed(data["X"].where, {name: line.where for name, line in data.items()}):
            return examples_from(X, Y)
    if desk.open is None and not desk.is_faulty:
        raise LessonError(
            "{points} has no points, expected 'X = ...' and 'Y = ...', ':data: OR', or a {network} "
            "before it"
        )
    return examples_of(desk.traces(block)[0].program)


def _matrix(line: Line, in_rows: bool) -> np.ndarray:
    """What is typed in, with one example in a column."""
    from tracer.numbers.values import typed

    with placed(line.where):
        table = typed(line.rows)
    return table.T if in_rows else table
