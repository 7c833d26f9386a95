"""Lessons opened from Python, which a notebook shows as their worked pages."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from tracer.errors import TracerError
from tracer.lesson import home
from tracer.lesson.directive import Lesson


class Opened(Lesson):
    """A lesson that is worked out when it is looked at, with its prose."""

    def __repr__(self) -> str:
        return f"<lesson {self.name}: {self.title}>"

    def _repr_markdown_(self) -> str:
        from tracer.lesson.solution import explain, solve  # opening a lesson needs no NumPy
        from tracer.render.markdown import escape, for_notebook

        try:
            return for_notebook(explain(solve(self)))
        except TracerError as error:
            return escape(str(error))


def load(name: str | Path) -> Opened:
    """A lesson by its name, or by the path of its file; `-` is standard input.

    >>> load("or-batch")
    <lesson or-batch: The OR gate, a batch of four>
    >>> load("or-batch").pen.places
    3

    Raises LessonError, with file and line, for a lesson that is not valid, and UnknownName for a
    name that no lesson has.
    """
    read = home.load(name)
    return Opened(**{one.name: getattr(read, one.name) for one in fields(read) if one.init})
