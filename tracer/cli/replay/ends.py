"""What stands behind the last page of a lesson."""

from __future__ import annotations

from tracer.cli.replay.sources import following
from tracer.lesson.directive import Lesson
from tracer.page.document import Heading, Page, Prose


def next_command(name: str) -> str:
    """What to do when the lesson of this name is over."""
    after = following(name)
    return f"The next lesson: tracer replay {after.name}" if after else "All lessons: tracer list"


def end_page(after: Lesson | None) -> Page:
    """The page behind the last one, with the lesson that comes next."""
    said = "`tracer list` names the lessons; `q` leaves."
    if after is not None:
        said = f"The next lesson is `{after.name}`: {after.title}. Enter opens it."
    return Page("The end", (Heading("The end"), Prose(said)))
