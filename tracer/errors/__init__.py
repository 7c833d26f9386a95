"""What can go wrong, said in one line: where, what is wrong, what was expected, the way out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from types import MappingProxyType

from tracer.errors.controls import in_a_line, visible

LONGEST = 1_000
"Characters of a fault; of a longer one the middle is left out."
MOST_TOLD = 10
"Faults that are told together; of more, how many there are."
NOWHERE: Mapping[str, str] = MappingProxyType({})


class TracerError(Exception):
    """A fault in what was given to tracer; its text is one line meant for the person who gave it.

    >>> str(TracerError("c is not a number", "lesson.md:7"))
    'lesson.md:7: c is not a number'
    """

    def __init__(self, problem: str, where: str | None = None, about: str | None = None) -> None:
        super().__init__(problem, where, about)
        self.problem = problem
        self.where = where
        "the file and line"
        self.about = about
        "the setting or the value that is at fault"

    def __str__(self) -> str:
        problem = visible(" ".join(self.problem.split()))
        if len(problem) > LONGEST:
            problem = f"{problem[: LONGEST // 2]} ... {problem[-LONGEST // 2 :]}"
        return f"{in_a_line(self.where)}: {problem}" if self.where else problem


class LessonError(TracerError):
    """A lesson that cannot be read."""


class SeveralFaults(LessonError):
    """Faults that do not depend on each other, a line for each."""

    def __init__(self, faults: Sequence[TracerError]) -> None:
        super().__init__("; ".join(fault.problem for fault in faults), faults[0].where)
        self.faults = tuple(faults)

    def __str__(self) -> str:
        said = list(dict.fromkeys(map(str, self.faults)))
        rest = len(said) - MOST_TOLD
        more = [f"and {rest} more faults"] if rest > 1 else said[MOST_TOLD:]
        return "\n".join([*said[:MOST_TOLD], *more])


class Follows(LessonError):
    """What cannot be done only because of a fault before it, which is told instead."""


class ShapeError(TracerError):
    """Two shapes that do not fit; both are named."""


class UnknownName(TracerError):
    """A name that stands for nothing here."""


class NotOnPage(UnknownName):
    """A name that nothing was written under; the way out depends on who asks."""


class NotFinite(TracerError):
    """Not a number or infinity, at the first step where it appears."""


class RateError(TracerError):
    """A learning rate that a step cannot be made with, where it changes from step to step."""


class OutputError(TracerError):
    """A result that could not be written."""


@contextmanager
def placed(where: str, whose: Mapping[str, str] = NOWHERE) -> Iterator[None]:
    """Give a fault its place, unless it knows a nearer one already.

    >>> with placed("lesson.md:5", {"c": "lesson.md:7"}), about("c"):
    ...     raise TracerError("c is not a number")
    Traceback (most recent call last):
        ...
    tracer.errors.TracerError: lesson.md:7: c is not a number

    `whose` has the places of settings and values by name, for a fault that is about one of them.
    """
    try:
        yield
    except TracerError as error:
        if not error.where:
            error.where = whose.get(error.about or "", where)
        raise


@contextmanager
def about(name: str) -> Iterator[None]:
    """Say of a fault which setting or value it is about, unless it knows already."""
    try:
        yield
    except TracerError as error:
        error.about = error.about or name
        raise


class Faults:
    """What goes wrong in several places that do not depend on each other, to be told together.

    >>> faults = Faults()
    >>> for where in ("a.md:1", "a.md:2"):
    ...     with faults.kept(), placed(where):
    ...         raise TracerError("this is no number")
    >>> faults.tell()
    Traceback (most recent call last):
        ...
    tracer.errors.SeveralFaults: a.md:1: this is no number
    a.md:2: this is no number
    """

    def __init__(self) -> None:
        self.found: list[TracerError] = []

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep a fault until it is told, and go on."""
        try:
            yield
        except Follows:
            pass
        except SeveralFaults as several:
            self.found += several.faults
        except TracerError as error:
            self.found.append(error)

    def tell(self) -> None:
        """Raise what was found: one fault as it is, several as SeveralFaults."""
        if len(self.found) > 1:
            raise SeveralFaults(self.found)
        if self.found:
            raise self.found[0]


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
