"""What was found wrong, and what was looked at."""

from collections import Counter
from dataclasses import dataclass, field

from oracle.records import Lesson
from oracle.words import words


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be."""

    kind: str
    said: str
    where: str = ""
    "the page"

    def __str__(self) -> str:
        return f"{self.kind}: {self.where + ': ' if self.where else ''}{self.said}"


@dataclass
class Tally:
    """What was looked at."""

    lessons: int = 0
    refused: int = 0
    numbers: int = 0
    "compared with the truth"
    lines: int = 0
    "compared with the line above"
    notes: int = 0
    "that tell of a number which does not follow"
    words: Counter[str] = field(default_factory=Counter)
    "of the lessons that were worked out, each with the number of lessons it stands in"

    def used(self, lesson: Lesson) -> None:
        """Count what a lesson is made of, if it was worked out."""
        if not self.refused:
            self.words.update(words(lesson))

    def add(self, other: "Tally") -> None:
        """Take another one's counts as well."""
        for name in ("lessons", "refused", "numbers", "lines", "notes"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.words.update(other.words)

    def __str__(self) -> str:
        return (
            f"{self.lessons:,} lessons, {self.refused:,} of them refused; "
            f"{self.numbers:,} numbers, {self.lines:,} lines and {self.notes:,} notes compared"
        )
