"""A lesson judged: what was exported of it beside what is true, and its pages line by line."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from oracle import pages, reals
from oracle.compared import compared, purely_shown
from oracle.exports import Export
from oracle.findings import Finding, Tally
from oracle.reals import Undefined
from oracle.records import Graph, Lesson
from oracle.truth import truth_of


def judged(lesson: Lesson, exported: Mapping[str, Any]) -> tuple[list[Finding], Tally]:
    """Everything that is not as it should be, and what was looked at."""

    def judge() -> tuple[list[Finding], Tally]:
        tally = Tally(lessons=1)
        export = Export(exported)
        found = [*compared(lesson, truth_of(lesson), export, tally)]
        return [*found, *pages.Reader(lesson, export, tally).findings()], tally

    try:
        return reals.with_enough_digits(judge)
    except Undefined as why:
        return [Finding("undefined", f"worked out, and there is no such number: {why}")], Tally()


def refused(lesson: Lesson, fault: str) -> list[Finding]:
    """What is wrong with a refusal: that there is a truth, which is not too large."""
    if "finite number" not in fault:
        return [Finding("refused", fault)]
    if purely_shown(lesson) < len(lesson.blocks):
        return []  # rounding on the way can lead to a division by zero
    try:
        reals.with_enough_digits(lambda: truth_of(_all_learned(lesson)))
    except Undefined:
        return []
    return [] if reals.seen.huge else [Finding("refused", fault)]


def _all_learned(lesson: Lesson) -> Lesson:
    """The same where a gradient is sent to all that is given: local ones are written anyway."""
    if not isinstance(lesson.source, Graph):
        return lesson
    given = tuple(replace(one, role="parameter") for one in lesson.source.given)
    return replace(lesson, source=replace(lesson.source, given=given))
