"""What the notes of a page say of numbers that do not follow from the rounded ones above them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from oracle import pens
from oracle.lines import Departure

NAMED = re.compile(
    r"(?P<name>.+?)(?:\[(?P<row>\d+),(?P<column>\d+)\](?: through .+)?)? is (?P<shown>\S+) in full precision; the "
    r"rounded numbers of its line give (?:(?P<due>\S+)|no number, .+)\."
)
MORE = re.compile(r"(\d+) more entr.+ of this step differs?(, .+|\.)")
MOST = 3
"Departures that are named one by one."
Told = tuple[tuple[int, int] | None, Any, Any]


def untold(departures: Iterable[Departure], blocks: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What departs and is not told, and what is told and does not depart."""
    departures = list(departures)
    notes = [block["text"] for block in blocks if block.get("kind") == "Rounding"]
    named = {_told(one) for one in map(NAMED.fullmatch, notes) if one}
    more = sum(
        int(one[1])
        for before, note in pairwise(notes)
        if (one := MORE.fullmatch(note)) and NAMED.fullmatch(before)
    )
    for place, shown, due in named - {_of(one) for one in departures}:
        yield f"a note tells of {float(shown)} for {due and float(due)} at {place}, which follows"
    # a number that stands twice in a line may be told once
    sure = {(str(one), one.place) for one in departures if one.sure}
    if not more:
        for place, shown, due in {_of(one) for one in departures if one.sure} - named:
            yield f"{float(shown)} for {due and float(due)} at {place} is not told"
    elif not len(sure) <= MOST + more <= len(departures):
        yield f"{len(sure)} numbers do not follow, {MOST} and {more} more are told"


def _of(one: Departure) -> Told:
    return one.place, pens.shown(one.shown), one.due


def _told(note: re.Match[str]) -> Told:
    place = (int(note["row"]), int(note["column"])) if note["row"] else None
    return place, pens.shown(note["shown"]), note["due"] and pens.shown(note["due"])
