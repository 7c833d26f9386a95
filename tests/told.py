"""Lessons of the course as documents, each made once however many tests read it."""

import functools

from tracer.lesson.home import load
from tracer.lesson.solution import explain, solve
from tracer.page.document import Document
from tracer.render.markdown import to_markdown


@functools.cache
def told(name: str) -> Document:
    """A lesson as it is told."""
    return explain(solve(load(name)))


@functools.cache
def as_markdown(name: str) -> str:
    """A lesson as standard output has it."""
    return to_markdown(told(name))
