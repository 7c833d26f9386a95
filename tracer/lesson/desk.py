"""What the blocks of a lesson share while they are worked out, and while they are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tracer.errors import Faults, Follows, LessonError
from tracer.lesson.amount import Amount
from tracer.lesson.directive import Directive, Lesson
from tracer.numbers.rounding import EXACT, Pen
from tracer.page.document import Table
from tracer.page.told import Said
from tracer.trace.book import Book
from tracer.trace.program import Program
from tracer.trace.tape import Tape
from tracer.trace.view import view_of


@dataclass
class Desk:
    """What lies open while a lesson is worked out from top to bottom."""

    lesson: Lesson
    pen: Pen | None
    "another pen than the lesson's; it makes no slips"
    faults: Faults = field(default_factory=Faults)
    amount: Amount = field(default_factory=Amount)
    open: tuple[Tape, Book] | None = None
    "the tape that is written, and the same as its source writes it"
    is_faulty: bool = False
    "whether something is missing in it, so that what follows cannot be judged"

    def clear(self) -> None:
        """Put the tape away; until the next begins there is nothing to work on."""
        self.open, self.is_faulty = None, True

    def begin(self, program: Program) -> tuple[Tape, Book]:
        """A new tape, and the same as its source writes it."""
        self.amount.write(program.numbers, EXACT)
        tape = Tape(program)
        self.open, self.is_faulty = (tape, view_of(tape)), False
        return self.open

    def traces(self, block: Directive) -> tuple[Tape, Book]:
        """The tape that is open, and the same as its source writes it."""
        if self.is_faulty:
            raise Follows(f"{{{block.kind}}} stands behind a fault")
        if self.open is None:
            self.is_faulty = True
            raise LessonError(
                f"{{{block.kind}}} has nothing to work on, expected a {{network}} or "
                "a {graph} before it"
            )
        return self.open

    @contextmanager
    def writing(self) -> Iterator[None]:
        """While the trace is written; where that fails, what follows is not told."""
        self.is_faulty = True
        yield
        self.is_faulty = False


@dataclass(frozen=True)
class Whole:
    """What a block is told of the lesson that it stands in."""

    lesson: Lesson
    pen: Pen
    conventions: Table | None
    "those of the first network or graph, which hold for the others unless they say otherwise"
    said: Said = field(default_factory=set)
