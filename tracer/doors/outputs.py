"""What a lesson can be written as, in one register: a row for each, and what writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracer.lesson.solution import Solution
    from tracer.page.detail import Detail


@dataclass(frozen=True)
class Output:
    """One form in which a lesson is written."""

    suffix: str
    "how the name of its file ends"
    write: Callable[[Solution, str | None, Detail], dict[str, str]]
    """What is written of a lesson: the text, under an empty name, and files that go with it by
    theirs, which begin with what the file of the text is called; without that there are none."""


def _markdown(solution: Solution, stem: str | None, detail: Detail) -> dict[str, str]:
    """The worked solution."""
    from tracer.lesson.solution import explain
    from tracer.render.markdown import with_pictures

    text, pictures = with_pictures(explain(solution, detail), stem)
    return {"": text} | pictures


def _json(solution: Solution, stem: str | None, detail: Detail) -> dict[str, str]:
    """Everything that was written down, with the pages."""
    from tracer.lesson.solution import explain
    from tracer.record.encoding import encode
    from tracer.record.make import record

    return {"": encode(record(solution, explain(solution, detail)))}


OUTPUTS = {"markdown": Output(".md", _markdown), "json": Output(".json", _json)}
"The first is written unless another is asked for."
