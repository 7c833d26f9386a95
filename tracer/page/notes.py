"""What stands beside the working: where rounding changed a digit, slips, misprints, reasons."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Literal, TypeVar

import numpy as np

from tracer.numbers.decimals import Number, number
from tracer.numbers.rounding import DIGITS, IN_WORDS, MOST_PLACES, Pen, digits_of, enough_places
from tracer.ops import EXP
from tracer.page.document import Note
from tracer.page.worked import departures
from tracer.trace.program import Equation
from tracer.trace.quantity import Place, Quantity
from tracer.written.entries import settle
from tracer.written.names import listed, pretty
from tracer.written.text import text

Told = TypeVar("Told", bound=tuple[str, ...])
MOST_NAMED_CHANGES = 3


def pen_in_words(pen: Pen) -> str:
    """What a pen does, in a sentence.

    >>> pen_in_words(Pen("carry", 3))
    'By hand: every result is written with 3 decimals, and the written number is used next.'
    """
    digits = "significant figure" if pen.significant else "decimal"
    digits += "s" if pen.places != 1 else ""
    how = f"{pen.places} {digits}{IN_WORDS.get(pen.way, '')}"
    if pen.mode == "carry":
        return f"By hand: every result is written with {how}, and the written number is used next."
    if pen.mode == "display":
        return f"Worked out in full precision; every result is shown with {how}."
    return f"Exact: nothing is rounded. Of a long number {DIGITS} digits are shown."


def change_notes(quantities: Iterable[Quantity]) -> Iterator[Note]:
    """Where a step is not written as it would be exactly, or as it would be without a slip."""
    quantities = tuple(quantities)
    strays = _once(stray for quantity in quantities for stray in led_astray(quantity))
    for name, written, due in strays[:MOST_NAMED_CHANGES]:
        yield Note("Slip", f"{name} is {written} because of a slip; without it, it is {due}.")
    yield from _and_more(strays, "Slip")
    changes = _once(change for quantity in quantities for change in changed(quantity))
    slipped = {pretty(one.name) for quantity in quantities for _, one in _slipped(quantity)}
    for name, written, rounded, exact in changes[:MOST_NAMED_CHANGES]:
        by_hand = "by hand, without the slip" if name in slipped else "as written by hand"
        more = f" ({exact})" if exact != rounded else ""
        yield Note("Rounding", f"{name} is {written} {by_hand}; exactly it is {rounded}{more}.")
    yield from _and_more(changes, "Rounding")
    yield from _departure_notes(quantities)


def _departure_notes(quantities: Iterable[Quantity]) -> Iterator[Note]:
    """Where the numbers of a line, as they are shown, do not lead to its result."""
    found = (departure for quantity in quantities for departure in departures(quantity))
    told = _once((pretty(one.name), one.text, given) for one, given in found)
    for name, written, given in told[:MOST_NAMED_CHANGES]:
        gives = f"give {given}" if given else "give no number, since one of them is written as 0"
        yield Note(
            "Rounding",
            f"{name} is {written}; the numbers of its line, rounded as they are shown, {gives}.",
        )
    yield from _and_more(told, "Rounding")


def _once(told: Iterable[Told]) -> list[Told]:
    """What is told, once: a local gradient and its product can be the same number."""
    return list(dict.fromkeys(told))


def _and_more(
    changes: Sequence[tuple[str, ...]], kind: Literal["Rounding", "Slip"]
) -> Iterator[Note]:
    """The changes that are not named one by one: how many, and how far they go."""
    rest = changes[MOST_NAMED_CHANGES:]
    if rest:
        far = [abs(Decimal(written) - Decimal(other)) for _, written, other, *_ in rest if other]
        entries = (
            "1 more entry of this step differs"
            if len(rest) == 1
            else f"{len(rest)} more entries of this step differ"
        )
        by = f", by {'up to ' * (len(rest) > 1)}{digits_of(max(far), True)}" if far else ""
        yield Note(kind, f"{entries}{by}.")


def changed(quantity: Quantity) -> Iterator[tuple[str, str, str, str]]:
    """Name, written, exact as rounded, and exact with more digits, where rounding told on it."""
    for place in quantity.changed():
        one = quantity.at(place)
        more = replace(one.pen, places=min(one.pen.places + 3, MOST_PLACES))
        yield pretty(one.name), one.right_text, one.exact_text, replace(one, pen=more).exact_text


def _slipped(quantity: Quantity) -> Iterator[tuple[Place | None, Quantity]]:
    """The entries that stand on the page otherwise than without a slip, here or before."""
    for place in quantity.astray():
        yield place if quantity.shape else None, quantity.at(place)


def led_astray(quantity: Quantity) -> Iterator[tuple[str, str, str]]:
    """Name, written, and what would be written had nobody slipped, where an earlier slip did it."""
    slipped = {one.entry for one in quantity.slips}
    for place, one in _slipped(quantity):
        if place not in slipped:
            yield pretty(one.name), one.text, one.right_text


def saturation_notes(equation: Equation, value: Quantity) -> Iterator[Note]:
    """Where a function has reached its end on the page, so that its local gradient is lost."""
    places = [place for place, one in value.entries() if _is_at_end(one, equation.op.ends)]
    alone = equation.op.shares and bool(np.all(value.exact == 1))
    if not places or alone:
        return
    one, cause = value.at(places[0]), value.inputs[0]
    if cause.shape == value.shape:
        cause = cause.at(places[0])
    if cause.exact == 0 or (cause.given and not cause.name):
        return
    more = f" ({len(places) - 1} more entries too)" if len(places) > 1 else ""
    from_ = f" at {pretty(cause.name)} = {cause.text}" if not cause.shape else ""
    yield Note("Note", f"Saturation: {pretty(one.name)} {_saturated(equation, one, from_)}{more}.")


def _is_at_end(one: Quantity, ends: Collection[int]) -> bool:
    """Whether a number stands on the page as an end, and the next step takes it for that."""
    if one.pen.mode == "display" and one.is_decimal:
        return False  # a line that shows the end, and goes on with what is behind it, is noted
    return one.text in map(str, ends)


def _saturated(equation: Equation, one: Quantity, at: str) -> str:
    if equation.op is EXP and not one.is_decimal:
        return f"is 0{at}: the power is too small for a number"
    if not one.is_decimal:
        return f"is {one.text} to the last digit{at}, so its local gradient is 0"
    if one.pen.mode == "carry":
        return f"is written as {one.text}{at}, so its local gradient comes to 0"
    rest = number(one.own.written) - Number(one.text)
    return f"is shown as {one.text}{at} and misses it by {float(abs(rest)):.2g}"


def vanished_notes(quantities: Iterable[Quantity]) -> Iterator[Note]:
    """Where an update writes something as 0 that is not: the step may divide by it."""
    for quantity in quantities:
        for one in quantity.vanished()[:1]:
            called = quantity.name.removesuffix("'")
            yield Note(
                "Rounding",
                f"{pretty(one.name)} is written as 0; exactly it is {float(one.exact):.2g}. "
                f"':places: {called} {enough_places(one.exact)}' would keep it.",
            )


def slip_notes(quantities: Iterable[Quantity]) -> Iterator[Note]:
    """Where the author wrote another number than the rules give."""
    for quantity in quantities:
        # the parts of a sum are contributions, whose own steps tell of them
        for of in (quantity, *(() if quantity.contributions else quantity.parts)):
            for one in of.dictations:
                name = of.entry(*one.entry).name if one.entry else of.name
                wrote, due = of.digits(one.wrote), of.pen_at(*(one.entry or (1, 1))).text(one.due)
                if one.is_slip:
                    yield Note(
                        "Slip",
                        f"{pretty(name)} as its author wrote it is {wrote}; by the rules it is "
                        f"{due}: {one.reason}.",
                    )


def given_notes(quantities: Iterable[Quantity]) -> Iterator[Note]:
    """What was given in the middle, so that nobody looks for its working."""
    for quantity in quantities:
        given = [one for one in quantity.dictations if one.given]
        every = len(given) == np.size(quantity.written)
        names = [
            quantity.name if every or one.entry is None else quantity.entry(*one.entry).name
            for one in given
        ]
        for name, one in dict(zip(names, given, strict=True)).items():
            reason = f": {one.reason}" if one.reason else ""
            yield Note("Note", f"{pretty(name)} is given here, not worked out{reason}.")


def display_note(quantities: Iterable[Quantity] | None = None) -> Iterator[Note]:
    """Why rounded numbers may not lead to a result: those named, or all of a block."""
    said = "What is worked out here is"
    if quantities is not None:
        shown = [
            pretty(quantity.name)
            for quantity in quantities
            if quantity.pen.mode == "display"
            and not np.array_equal(quantity.written, quantity.exact)
        ]
        if not shown:
            return
        names = list(dict.fromkeys(shown))
        said = f"{listed(names)} {'is' if len(names) == 1 else 'are'}"
    yield Note(
        "Note",
        f"{said} rounded only to be shown, so the rounded numbers of a line can lead to another "
        "last digit.",
    )


def misprint_note(name: str, printed: str, quantity: Quantity, reason: str) -> Note:
    """What the author printed wrong."""
    written = " ".join(str(text(settle(quantity.numbers()))).split())
    return Note(
        "Misprint",
        f"{pretty(name)} is printed as {printed}; worked out it is {written}: {reason}.",
    )


def remark_note(name: str, remark: str) -> Note:
    """What was remarked on a number."""
    return Note("Note", f"{pretty(name)}: {remark}")
