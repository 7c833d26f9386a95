"""What was exported beside what is true."""

from collections.abc import Iterator
from fractions import Fraction

from oracle import hands, pens, reals
from oracle.exports import Export, Row
from oracle.findings import Finding, Tally
from oracle.pens import NOTHING, Pen
from oracle.reals import Real, own
from oracle.records import Graph, Lesson
from oracle.truth import Fact, Truth


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
        if "carry" in modes or any(line.kind == "slip" for line in block.dictated):
            return place
    return len(lesson.blocks)


def _not_exact(row: Row, place: tuple[int, int], true: Real) -> str:
    found = row.exact(place)
    near = Fraction(1, 10**30 if isinstance(found, str) else 10**15) * 3
    number = Fraction(found)
    if _close(number, true, near):
        return ""
    return f"{found}, which should be {said(true)}"


def _close(number: Fraction, true: Real, near: Fraction) -> bool:
    if abs(true) < NOTHING and abs(number) < NOTHING:
        return True
    true = reals.inexact(true)
    return abs(reals.inexact(number) - true) <= reals.inexact(near) * abs(true)


def said(true: Real) -> str:
    return own.nstr(reals.inexact(true), 25)


def _misshown(
    lesson: Lesson, fact: Fact, row: Row, place: tuple[int, int], true: Real
) -> Iterator[Finding]:
    block = lesson.blocks[fact.block]
    if any(place in entries for entries in [_dictated_places(lesson, fact)]):
        return
    pen = _pen(lesson, fact, place)
    digits = row.digits(place)
    name = _named(fact, place)
    if row.given:
        if pens.shown(digits) != true:
            yield Finding("digits", f"{name} is shown as {digits}, and is a copy of {said(true)}")
        return
    shown = pens.shown(digits)
    if abs(true) < NOTHING and abs(shown) < NOTHING:
        return
    if not pens.fits(shown, true, pen):
        due = pens.rounded(true, pen)
        yield Finding(
            "digits",
            f"{name} is shown as {digits} with {pen.words}, and {said(true)} gives {float(due)}",
        )
    elif problem := pens.badly_written(digits, pen):
        yield Finding("form", f"{name} is shown as {digits} with {pen.words}, which {problem}")
    _ = block


def _dictated_places(lesson: Lesson, fact: Fact) -> set[tuple[int, int]]:
    return set()


def _pen(lesson: Lesson, fact: Fact, place: tuple[int, int]) -> Pen:
    """The pen that writes an entry; a bare copy has that of its source."""
    block, name = lesson.blocks[fact.block], fact.name
    source = _copied(lesson, name)
    if source and not hands.named(lesson, block, name):
        name = source
    return hands.pen_of(lesson, block, name, (place[0] + 1, place[1] + 1))


def _copied(lesson: Lesson, name: str) -> str | None:
    return None if isinstance(lesson.source, Graph) else None
