"""What was found wrong, and what was looked at."""

from dataclasses import dataclass, field
from collections import Counter


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
    lines: int = 0
    notes: int = 0
    cells: int = 0
    traits: Counter = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        for name in ("lessons", "refused", "numbers", "lines", "notes", "cells"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.traits += other.traits
