"""What can go wrong, said in one line: where, what is wrong, what was expected, the way out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

from tracer.controls import in_a_line, visible

LONGEST = 1_000
"Characters of a fault; of a longer one the middle is left out."


class TracerError(Exception):
    """A fault in what was given to tracer; its text is one line meant for the person who gave it.

    >>> str(TracerError("c is not a number").at("lesson.md:7"))
    'lesson.md:7: c is not a number'
    """

    def __init__(self, problem: str, where: str | None = None) -> None:
        super().__init__(problem, where)
        self.problem = problem
        self.where = where

    def __str__(self) -> str:
        problem = visible(" ".join(self.problem.split()))
        if len(problem) > LONGEST:
            problem = f"{problem[: LONGEST // 2]} ... {problem[-LONGEST // 2 :]}"
        return f"{in_a_line(self.where)}: {problem}" if self.where else problem

    def at(self, where: str) -> TracerError:
        """The same fault with its place, unless it knows a nearer one already."""
        return self if self.where else type(self)(self.problem, where)


class LessonError(TracerError):
    """A lesson that cannot be read."""


class ShapeError(TracerError):
    """Two shapes that do not fit; both are named."""


class UnknownName(TracerError):
    """A name that stands for nothing here."""


class NotFinite(TracerError):
    """Not a number or infinity, at the first step where it appears."""


class RateError(TracerError):
    """A learning rate that a step cannot be made with, where it changes from step to step."""


class OutputError(TracerError):
    """A result that could not be written."""


@contextmanager
def placed(where: str) -> Iterator[None]:
    """Give a fault its place, unless it knows a nearer one already.

    >>> with placed("lesson.md:7"):
    ...     raise TracerError("c is not a number")
    Traceback (most recent call last):
        ...
    tracer.errors.TracerError: lesson.md:7: c is not a number
    """
    try:
        yield
    except TracerError as error:
        raise error.at(where) from None


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as it is said: rows x columns, or "a single number".

    >>> shape_text((2, 4)), shape_text(())
    ('(2 x 4)', 'a single number')
    """
    return f"({shape[0]} x {shape[1]})" if shape else "a single number"


def nearest(word: str, known: Iterable[str]) -> str:
    """The way out for a word that is not known: the nearest known one, or all of them when few.

    >>> nearest("bakward", ["forward", "backward"])
    "did you mean 'backward'?"
    >>> nearest("q", ["a", "b"])
    'known here: a, b'
    """
    candidates = list(dict.fromkeys(known))
    by_lower = {candidate.lower(): candidate for candidate in reversed(candidates)}
    close = get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.55)
    if close:
        return f"did you mean {by_lower[close[0]]!r}?"
    listed = ", ".join(candidates[:12]) + (", ..." if len(candidates) > 12 else "")
    return f"known here: {listed}" if candidates else "nothing is known here yet"
