"""What is typed in a lesson, taken apart: settings, lines and blocks, each with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from tracer.errors import LessonError, TracerError, placed
from tracer.numbers.rounding import Pen, parse_pen
from tracer.numbers.typed import Rows, parse_rows, parts
from tracer.written.habits import rounding_meant
from tracer.written.names import in_range

Made = TypeVar("Made")
ADDRESS = re.compile(r"https?://[^\s<>]+")
"What a browser opens."
_NO_NUMBER = re.compile(r"[+-]?(nan|inf|infinity)\b", re.IGNORECASE)


class Setting(str):
    """The words behind a key; it knows its place, and reads itself.

    >>> Setting("x1..x3, y", "data", "mine.md:4").names()
    ['x1', 'x2', 'x3', 'y']
    """

    def __new__(cls, words: str, key: str, where: str) -> Setting:
        setting = super().__new__(cls, words)
        setting.key, setting.where = key, where
        return setting

    key: str
    where: str
    "file and line"

    def read(self, reader: Callable[[Setting], Made]) -> Made:
        """What a reader makes of the words; a fault has their place."""
        with placed(self.where):
            return reader(self)

    def names(self) -> list[str]:
        """Names or formulas separated by commas; `x1..x4` stands for four.

        Raises UnknownName for a range that is none.
        """
        return self.read(names)

    def whole(self) -> int:
        """A whole number of 1 or more; raises LessonError for anything else."""
        with placed(self.where):
            if not self.isdecimal() or int(self[:20]) == 0:
                raise LessonError(
                    f"{self.key} is {str(self)!r}, expected a whole number of 1 or more"
                )
            return int(self[:20])

    def address(self) -> str:
        """An address that a browser opens; raises LessonError for anything else."""
        with placed(self.where):
            if not ADDRESS.fullmatch(self):
                raise LessonError(
                    f"{self.key} is {str(self)!r}, expected such as https://example.org/page"
                )
            return str(self)

    def pen(self) -> Pen:
        """A way to round; raises LessonError for anything else."""
        with placed(self.where):
            try:
                return parse_pen(self)
            except TracerError as error:
                raise LessonError(rounding_meant(self) or error.problem) from None


def names(text: str) -> list[str]:
    """Names or formulas separated by commas, ranges of names written out."""
    return [name for part in parts(text) if part.strip() for name in in_range(part)]


@dataclass(frozen=True)
class Line:
    """An equation of a block: `name = text  # remark`."""

    name: str
    text: str
    line: int
    remark: str = ""
    dictated: bool = False
    "written with := : what the author wrote instead of the right number"
    path: str = ""

    @property
    def where(self) -> str:
        """File and line."""
        return f"{self.path}:{self.line}"

    @cached_property
    def rows(self) -> Rows:
        """The numbers as they were typed, row by row; raises LessonError where they are none."""
        return parse_rows(self.text)

    @property
    def has_numbers(self) -> bool:
        """Whether it gives numbers."""
        try:
            return bool(self.rows)
        except LessonError:
            return False

    @cached_property
    def repeats(self) -> str | None:
        """The name of the quantity whose numbers these are, where no number is printed."""
        if re.fullmatch(r"-?[A-Za-zŶŷα-ωΑ-Ω∂∇_].*", self.text) and not _NO_NUMBER.match(self.text):
            return self.text
        return None

    @property
    def misprint(self) -> str | None:
        """Why the printed number is wrong, where the remark declares it so."""
        return _reason(self.remark, "misprint")

    @property
    def slip(self) -> str | None:
        """Why the author wrote another number, where the remark declares it."""
        return _reason(self.remark, "slip")

    @property
    def given(self) -> str | None:
        """Where a number in the middle comes from, where the remark says it is given."""
        return "" if self.remark.strip().lower() == "given" else _reason(self.remark, "given")


def _reason(remark: str, kind: str) -> str | None:
    head, colon, reason = remark.partition(":")
    return reason.strip() if colon and head.strip().lower() == kind else None


@dataclass(frozen=True)
class Directive:
    """A directive with its settings and equations."""

    kind: str
    line: int
    settings: Mapping[str, Setting] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    remarks: tuple[str, ...] = ()
    "remarks that stand on lines of their own"
    path: str = ""
    is_broken: bool = False
    "whether it could not be read, so that nobody knows what it says"

    @property
    def where(self) -> str:
        """File and line of its first fence."""
        return f"{self.path}:{self.line}"

    @property
    def places(self) -> dict[str, str]:
        """Where each of its settings stands."""
        return {key: setting.where for key, setting in self.settings.items()}

    @property
    def caption(self) -> str:
        """Where its numbers were printed."""
        return str(self.settings.get("at", ""))

    @property
    def pen(self) -> Pen | None:
        """How it rounds, where it says so."""
        return self.read("rounding", Setting.pen)

    def flag(self, key: str) -> bool:
        """Whether a yes-or-no setting says yes."""
        return self.settings.get(key, "no") == "yes"

    def names(self, key: str) -> list[str]:
        """The names or formulas of a setting; none where it is not set."""
        return self.settings[key].names() if key in self.settings else []

    def read(self, key: str, reader: Callable[[Setting], Made]) -> Made | None:
        """What a reader makes of a setting; none where it is not set."""
        return self.settings[key].read(reader) if key in self.settings else None


@dataclass(frozen=True)
class Passage:
    """Markdown between blocks."""

    text: str
    line: int
    path: str = ""

    @property
    def where(self) -> str:
        """File and line at which it begins."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True)
class Lesson:
    """A worked example: what to compute, what to say, and what its author printed."""

    name: str
    path: str
    title: str
    source: str
    pen: Pen
    order: int
    items: tuple[Passage | Directive, ...]
    printed: int = 0
    "how many printed numbers it asserts"
    url: str = ""
    "where its source can be read"
    about: str = ""
    "what it is about, in a line"
    needs: tuple[str, ...] = ()
    "the lessons that come before it"
    runs: dict[int, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    "the training of each {train} block, by its line, once it was carried out"
