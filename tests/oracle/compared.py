"""What was exported beside what is true."""

import re
from collections.abc import Iterator
from fractions import Fraction

from oracle import hands, pens, reals
from oracle.exports import Export, Row
from oracle.findings import Finding, Tally
from oracle.reals import Real, own
from oracle.records import Lesson
from oracle.truth import Fact, Truth

LEAST = 15
"Digits that a number which was cut off has at least."
LEFT = 1e-48
"What may be left of a difference, with fifty digits."


def compared(lesson: Lesson, truth: Truth, export: Export, tally: Tally) -> Iterator[Finding]:
    """Each quantity that is not what it should be."""
    judged = purely_shown(lesson)
    for fact in truth.facts:
        row = export.row(fact.epoch, fact.name)
        if row is None:
            yield Finding("missing", f"{fact.name} is not on the page")
            continue
        for place, true in sorted(fact.entries.items()):
            tally.numbers += 1
            if wrong := _not_exact(row, place, true):
                yield Finding("exact", f"{_named(fact, place)} is exactly {wrong}")
            if fact.block < judged:
                yield from _misshown(lesson, fact, row, place, true)


def _named(fact: Fact, place) -> str:
    return f"{fact.name}[{place[0] + 1},{place[1] + 1}]@{fact.epoch}"


def purely_shown(lesson: Lesson) -> int:
    """How many blocks there are before what is shown depends on what was written."""
    for place, block in enumerate(lesson.blocks):
        modes = {lesson.pen_of(block).mode}
        modes |= {hands.placed(lesson, block, pen).mode for _, _, pen in block.places}
        if "carry" in modes:
            return place
    return len(lesson.blocks)


def _not_exact(row: Row, place: tuple[int, int], true: Real) -> str:
    found = row.exact(place)
    near = Fraction(3, 10**30 if isinstance(found, str) else 10**15)
    number = Fraction(found.rstrip("…") if isinstance(found, str) else found)
    if _close(number, true, near) or _is_cut_off(found, number, true):
        return ""
    return f"{found}, which should be {said(true)}"


def _is_cut_off(found: str | float, number: Fraction, true: Real) -> bool:
    """Whether a text ends behind its last right digit, of which there are more than are shown."""
    if not isinstance(found, str) or not found.endswith("…"):
        return False
    digits, _, power = found.rstrip("…").lower().partition("e")
    last = Fraction(10) ** (int(power or 0) - len(digits.partition(".")[2]))
    away = abs(reals.inexact(number) - reals.inexact(true))
    return len(re.sub(r"\D", "", digits).lstrip("0")) > LEAST and away <= reals.inexact(last)


def _close(number: Fraction, true: Real, near: Fraction) -> bool:
    true = reals.inexact(true)
    return abs(reals.inexact(number) - true) <= reals.inexact(near) * abs(true) + LEFT


def said(true: Real) -> str:
    return own.nstr(reals.inexact(true), 25)


def _misshown(
    lesson: Lesson, fact: Fact, row: Row, place: tuple[int, int], true: Real
) -> Iterator[Finding]:
    digits, name = row.digits(place), _named(fact, place)
    if row.given:
        if pens.shown(digits) != true:
            yield Finding("digits", f"{name} is shown as {digits}, and is a copy of {said(true)}")
        return
    pen = hands.pen_of(lesson, lesson.blocks[fact.block], fact.name, (place[0] + 1, place[1] + 1))
    shown = pens.shown(digits)
    if abs(reals.inexact(shown) - reals.inexact(true)) < LEFT:
        return
    if not pens.fits(shown, true, pen):
        due = float(pens.rounded(true, pen))
        how = f"with {pen.words}, and {said(true)} gives {due}"
        yield Finding("digits", f"{name} is shown as {digits} {how}")
    elif problem := pens.badly_written(digits, pen):
        yield Finding("form", f"{name} is shown as {digits} with {pen.words}, which {problem}")
