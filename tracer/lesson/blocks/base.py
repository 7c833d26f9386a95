"""What all blocks of a lesson have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tracer.errors import LessonError, UnknownName, shape_text
from tracer.lesson.directive import Directive, Line, Passage
from tracer.numbers.typed import Rows
from tracer.written.names import Name, parse_name

if TYPE_CHECKING:
    from typing import Self

    from tracer.lesson.desk import Desk, Whole
    from tracer.numbers.values import Value
    from tracer.page.document import Note, Page, Unfinished
    from tracer.trace.book import Book
    from tracer.trace.quantity import Quantity
    from tracer.trace.tape import Tape


Each = Callable[[int, float], None]
"What is told every epoch of a training, and its cost."


def unheard(epoch: int, cost: float) -> None:
    """Where nobody listens to a training."""


@dataclass(frozen=True)
class Section:
    """A block of a lesson, worked out. What a block needs is imported when it is worked out."""

    block: Directive
    keys: ClassVar[tuple[str, ...]] = ()
    "the keys of its settings, in the order of the reference"
    flags: ClassVar[tuple[str, ...]] = ("symbols", "answer", "data-gradients")
    "keys that say yes or no"
    takes_equations: ClassVar[bool] = True
    writes: ClassVar[bool] = False
    "whether blocks behind it read what it has written"
    prints: ClassVar[bool] = False
    "whether its equations are printed numbers"
    repeats: ClassVar[bool] = True
    "whether a name can stand for the numbers of another quantity"

    @classmethod
    def solve(cls, block: Directive, desk: Desk) -> Self:
        """The block worked out with what lies on the desk.

        Raises LessonError and its kin where that cannot be done.
        """
        return cls(block)

    waits: ClassVar[bool] = False
    "whether its one page takes a while, so that the others are told before it"

    def pages(self, whole: Whole) -> Iterator[Page]:
        """What is said of it."""
        yield from ()

    @property
    def title(self) -> str:
        """What its page is called before it is told, where it waits."""
        raise NotImplementedError

    @property
    def epochs(self) -> int:
        """How long the training is that its page waits for."""
        return 0

    def begun(self) -> Unfinished:
        """Its page before it is told."""
        from tracer.page.document import Heading, Unfinished

        heading = Heading(self.title, 3, self.block.caption)
        answer = self.block.flag("answer")
        return Unfinished(self.title, (heading,), answer=answer, epochs=self.epochs)

    def prepare(self, each: Each) -> None:
        """Do what takes its time before it is told; `each` hears of the epochs of a training."""

    @classmethod
    def may_name_a_value(cls, line: Line, block: Directive) -> bool:
        """Whether the name of an equation, which a setting has as well, can be that of a value."""
        return cls.prints and line.name.isidentifier() and line.has_numbers

    @property
    def printed_lines(self) -> tuple[Line, ...]:
        """The lines that say what was printed."""
        return tuple(line for line in self.block.lines if self.prints and not line.dictated)

    def remarks(self) -> Iterator[Note]:
        """The remarks that stand on lines of their own."""
        from tracer.page.document import Note

        for remark in self.block.remarks:
            yield Note("Note", remark)


@dataclass(frozen=True)
class Traced(Section):
    """A block that reads or writes a trace."""

    trace: Tape
    view: Book
    "the same as its source writes it"
    epoch: int = 0
    "the iteration it belongs to"

    @classmethod
    def solve(cls, block: Directive, desk: Desk) -> Self:
        trace, view = desk.traces(block)
        return cls(block, trace, view, trace.epoch)

    def find(self, name: str) -> Quantity:
        """The quantity a name means in this block."""
        return self.view.find(self.meant(parse_name(name)), self.epoch)

    def meant(self, name: Name) -> Name:
        """A name as it is meant here."""
        return name

    def printed(self, line: Line) -> Rows:
        """The digits that a line prints: where it names another quantity, as that is written."""
        if line.repeats is None or line.dictated:
            return line.rows
        try:
            other = self.find(line.repeats)
        except UnknownName as error:
            raise UnknownName(f"{line.text!r} is no number, and {error.problem}") from None
        columns = other.shape[1] if other.shape else 1
        digits = [one.text for _, one in other.entries()]
        return tuple(
            tuple(digits[start : start + columns]) for start in range(0, len(digits), columns)
        )

    def check_shape(self, line: Line, found: Quantity) -> None:
        """Raise LessonError unless a printed number has the shape of what it stands for."""
        rows = self.printed(line)
        shape = (len(rows), len(rows[0]))
        if shape != (found.shape or (1, 1)) and not line.dictated:
            raise LessonError(
                f"{line.name} is {shape_text(found.shape)}, but {shape_text(shape)} is printed"
            )

    def misprints(self) -> Iterator[Note]:
        """What the author printed wrong, and other remarks on printed numbers."""
        from tracer.page.notes import misprint_note, remark_note

        for line in self.block.lines:
            quantity = self.find(line.name)
            if line.misprint:
                yield misprint_note(line.name, line.text, quantity, line.misprint)
            elif line.remark and not line.dictated:
                yield remark_note(line.name, f"{line.remark}.")


def value_of(line: Line) -> Value:
    """The numbers of a line with all the digits that were typed."""
    from tracer.numbers.values import typed

    table = typed(line.rows)
    single: Value = table[0, 0]
    return table if table.size > 1 or ";" in line.text else single


@dataclass(frozen=True)
class Text:
    """Prose between blocks, which needs no work."""

    block: Passage

    def pages(self, whole: Whole) -> Iterator[Page]:
        """A page for each of its sections."""
        from tracer.page.prose import prose_pages

        yield from prose_pages(self.block.text)
