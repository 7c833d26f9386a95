"""Printed numbers against written ones, as decimals, digit for digit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from tracer.errors import LessonError, TracerError, shape_text
from tracer.lesson import Block, Lesson, Line, parse_rows
from tracer.names import parse_name
from tracer.quantity import Quantity
from tracer.rounding import Pen, decimals, plain, rounded_like
from tracer.solution import Section, solve


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

    @property
    def holds(self) -> bool:
        """Whether all is as the lesson says: equal, or different where a misprint is declared."""
        return self.agrees != bool(self.misprint)

    def __str__(self) -> str:
        compared = f"{self.name} printed {self.printed}, written {self.written}"
        if self.holds:
            declared = f"  (misprint: {self.misprint})" if self.misprint else ""
            return f"{self.where}: {compared}{declared}"
        if self.misprint:
            return (
                f"{self.where}: {compared}: declared a misprint, but it is right; "
                "take the remark away"
            )
        policies = " or ".join(self.policies)
        why = (
            f"the printed number comes out {policies}"
            if policies
            else "no simple way of rounding gives the printed number"
        )
        return f"{self.where}: {compared}, exactly {self.exact}; {why}"


def check(lesson: Lesson) -> list[Verdict]:
    """Every printed number of a lesson compared with what the tool writes.

    >>> from tracer.lesson import load
    >>> all(verdict.holds for verdict in check(load("or-batch")))
    True

    Raises LessonError for a lesson that cannot be worked out.
    """
    verdicts: list[Verdict] = []
    for index, section in enumerate(solve(lesson).sections):
        for line in asserted(section):
            verdicts += _verdicts(lesson, index, section, line)
    return verdicts


def asserted(section: Section) -> tuple[Line, ...]:
    """The lines of a section that say what was printed."""
    block = section.item
    if not isinstance(block, Block) or block.kind not in ("forward", "backward", "update"):
        return ()
    return tuple(line for line in block.lines if not line.dictated)


def _verdicts(lesson: Lesson, index: int, section: Section, line: Line) -> Iterator[Verdict]:
    where = lesson.where(line.line)
    try:
        rows, _ = parse_rows(line.text)
    except TracerError as error:
        raise error.at(where) from None
    found = section.find(line.name)
    shape = (len(rows), len(rows[0]))
    if shape != (found.shape or (1, 1)):
        raise LessonError(
            f"{line.name} is {shape_text(found.shape)}, but {shape_text(shape)} is printed", where
        )
    for i, row in enumerate(rows):
        for j, printed in enumerate(row):
            whole = parse_name(line.name).entry or shape == (1, 1)
            label = line.name if whole else f"{line.name}[{i + 1},{j + 1}]"
            agrees = prints_as(found, i, j, printed)
            policies: tuple[str, ...] = ()
            if not agrees and not line.misprint:
                policies = tuple(_policies(lesson, index, line.name, i, j, printed))
            yield Verdict(
                where,
                label,
                printed,
                found.digits(_entry(found.written, i, j)),
                plain(_entry(found.exact, i, j)),
                agrees,
                line.misprint or "",
                policies,
            )


def prints_as(quantity: Quantity, i: int, j: int, printed: str) -> bool:
    """Whether an entry (from 0) is written with these digits.

    What a pen rounds is compared as it is written. A number kept in full has as many digits as
    one likes, so the printed ones decide how many are compared.
    """
    digits = Decimal(printed)
    written = _entry(quantity.written, i, j)
    if quantity.pen.mode != "exact" and not quantity.given:
        return Decimal(quantity.digits(written)) == digits
    return rounded_like(written, printed) == digits


def _policies(lesson: Lesson, index: int, name: str, i: int, j: int, printed: str) -> Iterator[str]:
    """The simple ways of rounding that give the printed number; the lesson is run in each."""
    places = lesson.pen.places if lesson.pen.mode != "exact" else decimals(printed)
    tried = {
        "by rounding the exact value": Pen("display", places),
        "by carrying rounded values on": Pen("carry", places),
        "by cutting the exact value off": Pen("display", places, truncate=True),
        "by carrying values cut off": Pen("carry", places, truncate=True),
    }
    for policy, pen in tried.items():
        try:
            quantity = solve(lesson, pen).sections[index].find(name)
        except TracerError:
            continue
        if prints_as(quantity, i, j, printed):
            yield policy


def _entry(value: object, i: int, j: int) -> float:
    return float(np.atleast_2d(value)[i, j])  # type: ignore[call-overload]
