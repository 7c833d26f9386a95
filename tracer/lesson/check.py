"""Printed numbers against written ones, as decimals, digit for digit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from tracer.errors import Faults, TracerError, UnknownName, placed
from tracer.lesson.blocks.base import Traced
from tracer.lesson.blocks.phases import Written
from tracer.lesson.blocks.train import TrainBlock
from tracer.lesson.directive import Lesson, Line
from tracer.lesson.solution import Solution, solve
from tracer.numbers.rounding import MOST_PLACES, Mode, Pen, Real, decimals, plain, reads_as
from tracer.trace.program import Value
from tracer.trace.quantity import Quantity
from tracer.written.names import parse_name


@dataclass(frozen=True)
class Verdict:
    """One printed number, compared."""

    where: str
    "file and line"
    name: str
    "the quantity, with its entry"
    printed: str
    written: str
    exact: str
    agrees: bool
    "whether printed and written are the same decimal number"
    misprint: str = ""
    "why the printed number is declared wrong"
    policies: tuple[str, ...] = ()
    "which simple ways of rounding would have given the printed number; sought on a mismatch"
    sought: bool = True
    "whether they were sought: a training or a nudge does not round"
    like: str = ""
    "the quantity whose numbers are printed here again, where one is named"
    slip: str = ""
    "why another number is declared to have been written than the rules give"

    @property
    def holds(self) -> bool:
        """Whether all is as the lesson says: equal, or different where that is declared."""
        return self.agrees != bool(self.misprint or self.slip)

    def __str__(self) -> str:
        like = f" like {self.like}," if self.like else ""
        compared = f"{self.name} printed{like} {self.printed}, written {self.written}"
        if self.holds:
            declared = f"  (misprint: {self.misprint})" if self.misprint else ""
            return f"{self.where}: {compared}{declared}"
        if self.slip:
            return (
                f"{self.where}: {compared}: declared a slip, but it is right; "
                "write '=' for ':=' and take the remark away"
            )
        if self.misprint:
            return (
                f"{self.where}: {compared}: declared a misprint, but it is right; "
                "take the remark away"
            )
        policies = " or ".join(self.policies)
        why = "; no simple way of rounding gives the printed number" * self.sought
        if policies:
            why = f"; the printed number comes out {policies}"
        return f"{self.where}: {compared}, exactly {self.exact}{why}"


def check(lesson: Lesson, solution: Solution | None = None) -> list[Verdict]:
    """Every printed number of a lesson compared with what the tool writes.

    A `solution` that is there already is not worked out again.

    >>> from tracer.lesson.home import load
    >>> all(verdict.holds for verdict in check(load("or-batch")))
    True

    Raises LessonError for a lesson that cannot be worked out.
    """
    verdicts: list[Verdict] = []
    other_ways, faults = _OtherWays(lesson), Faults()
    for index, section in enumerate((solution or solve(lesson)).sections):
        if isinstance(section, Traced) and section.prints:
            for line in section.printed_lines:
                with faults.kept(), placed(line.where):
                    verdicts += _verdicts(other_ways, index, section, line)
            verdicts += _slips_that_are_none(section)
    faults.tell()
    return verdicts


def _slips_that_are_none(section: Traced) -> Iterator[Verdict]:
    """What is declared a slip, and is what the rules give."""
    for line in section.block.lines:
        if line.dictated and line.slip:
            # an entry is dictated once, so what is dictated under this name is in this line
            found = section.find(line.name)
            if not found.slips:
                one = found.dictations[0]
                place = found.entry(*one.entry) if one.entry else found
                exact = plain(_entry(place.right.exact, 0, 0))
                written = found.digits(one.due)
                yield Verdict(
                    line.where, line.name, line.text, written, exact, agrees=True, slip=line.slip
                )


class _OtherWays:
    """A lesson worked out with other pens, once with each."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        self._solved: dict[Pen, Solution | None] = {}

    def find(self, pen: Pen, index: int, name: str) -> Quantity | None:
        """What a name of a section is with a pen; none where that cannot be worked out."""
        if pen not in self._solved:
            self._solved[pen] = None
            with suppress(TracerError):
                self._solved[pen] = solve(self.lesson, pen)
        solution = self._solved[pen]
        if solution is not None:
            section = solution.sections[index]
            assert isinstance(section, Traced)
            with suppress(TracerError):
                return section.find(name)
        return None


def _verdicts(other_ways: _OtherWays, index: int, section: Traced, line: Line) -> Iterator[Verdict]:
    rows = section.printed(line)
    found = section.find(line.name)
    section.check_shape(line, found)
    shape = (len(rows), len(rows[0]))
    for i, row in enumerate(rows):
        for j, printed in enumerate(row):
            label = _label(line.name, shape, i + 1, j + 1)
            agrees = prints_as(found, i, j, printed)
            policies: tuple[str, ...] = ()
            is_sought = isinstance(section, Written) and not line.repeats
            if not agrees and not line.misprint and not line.repeats:
                at = i, j, printed
                policies = tuple(_policies(other_ways, index, section, line.name, at))
            yield Verdict(
                line.where,
                label,
                printed,
                found.digits(_entry(found.own.written, i, j)),
                plain(_entry(found.right.exact, i, j)),
                agrees,
                line.misprint or "",
                policies,
                is_sought,
                line.repeats or "",
            )


def _label(name: str, shape: tuple[int, int], row: int, column: int) -> str:
    """What an entry of a printed quantity is called."""
    parsed = parse_name(name)
    if parsed.single or (shape == (1, 1) and not parsed.entry):
        return name
    if not parsed.entry:
        return f"{name}[{row},{column}]"
    return str(replace(parsed, entry=(parsed.entry[0] or row, parsed.entry[1] or column)))


def prints_as(quantity: Quantity, i: int, j: int, printed: str) -> bool:
    """Whether an entry (from 0) is written with these digits.

    What a pen rounds is compared as it is written. A number kept in full has as many digits as
    one likes, so the printed ones decide how many are compared.
    """
    digits = Decimal(printed)
    written = _entry(quantity.own.written, i, j)
    if quantity.pen_at(i + 1, j + 1).rounds and not quantity.given:
        return Decimal(quantity.digits(written)) == digits
    return reads_as(written, printed)


def _policies(
    other_ways: _OtherWays,
    index: int,
    section: Traced,
    name: str,
    at: tuple[int, int, str],
) -> Iterator[str]:
    """The simple ways of writing that give the printed number; the lesson is run in each."""
    i, j, printed = at
    lesson = other_ways.lesson
    if prints_as(section.find(name), i, j, plain_minus(printed)):
        yield "with the other sign"
    if isinstance(section, TrainBlock):
        yield from _an_epoch_earlier(section, name, at)
    if not isinstance(section, Written):
        return
    own, pen = decimals(printed), section.pen
    exact = _entry(section.find(name).right.exact, i, j)
    if pen.rounds and not pen.significant and own != pen.places and own <= MOST_PLACES:
        if Decimal(Pen("display", own).text(exact)) == Decimal(printed):
            yield f"with {own} decimals, which ':places: {name} {own}' says"
    elif pen.significant and own > pen.places and reads_as(exact, printed):
        yield "in full precision"
    places = lesson.pen.places if lesson.pen.rounds else min(own, MOST_PLACES)
    for ways in (USUAL_WAYS, SELDOM_WAYS):
        fitting = [
            f"by {words}"
            for words, mode, way in ways
            if (quantity := other_ways.find(Pen(mode, places, way=way), index, name))
            and prints_as(quantity, i, j, printed)
        ]
        yield from fitting
        if fitting:
            return


USUAL_WAYS: tuple[tuple[str, Mode, str], ...] = (
    ("rounding the exact value", "display", "half-up"),
    ("carrying rounded values on", "carry", "half-up"),
    ("cutting the exact value off", "display", "truncate"),
    ("carrying values cut off", "carry", "truncate"),
)
"What most sources do, in words and as a pen."
OTHERS: tuple[tuple[str, str], ...] = (
    ("half to even", "half-even"),
    ("half towards zero", "half-down"),
    ("up", "up"),
    ("down", "down"),
)
SELDOM_WAYS: tuple[tuple[str, Mode, str], ...] = tuple(
    way
    for words, rounded in OTHERS
    for way in (
        (f"rounding the exact value {words}", "display", rounded),
        (f"carrying values rounded {words}", "carry", rounded),
    )
)
"What some do; tried where none of the usual ways fits."


def _an_epoch_earlier(section: TrainBlock, name: str, at: tuple[int, int, str]) -> Iterator[str]:
    """A source can print what the last epoch began with, where the run says what it ended with."""
    last = section.run.epochs - 1
    if parse_name(name).epoch is None and last >= 0:
        with suppress(UnknownName):
            if prints_as(section.find(f"{name}@{last}"), *at):
                yield f"an epoch earlier, which is written {name}@{last}"


def plain_minus(printed: str) -> str:
    """The printed digits with the other sign."""
    return printed[1:] if printed.startswith("-") else f"-{printed}"


def _entry(value: Value, i: int, j: int) -> Real:
    return np.atleast_2d(value)[i, j]  # type: ignore[no-any-return]
