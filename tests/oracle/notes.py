"""What the notes of a page say of numbers that do not follow from the rounded ones above them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from oracle import pens
from oracle.lines import Departure

NAMED = re.compile(
    r"(?P<name>.+?)(?:\[(?P<row>\d+),(?P<column>\d+)\])? is (?P<shown>\S+) in full precision; the "
    r"rounded numbers of its line give (?:(?P<due>\S+)|no number, .+)\."
)
MORE = re.compile(r"(\d+) more entr.+ of this step differs?, .+")
MOST = 3
"Departures that are named one by one."
Told = tuple[tuple[int, int] | None, Any, Any]


def untold(departures: Iterable[Departure], blocks: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What departs and is not told, and what is told and does not depart."""
    found = Counter(
        (one.place, pens.shown(one.shown), one.due) for one in departures
    )
    notes = [block["text"] for block in blocks if block.get("kind") == "Rounding"]
    named = Counter(map(_told, filter(None, map(NAMED.fullmatch, notes))))
    more = sum(int(one[1]) for one in map(MORE.fullmatch, notes) if one)
    for place, shown, due in set(named) - set(found):
        yield f"a note tells of {float(shown)} for {due and float(due)} at {place}, which follows"
    if found.total() <= MOST:
        for place, shown, due in set(found) - set(named):
            yield f"{float(shown)} for {due and float(due)} at {place} is not told"
    elif named.total() + more != found.total():
        yield f"{found.total()} numbers do not follow, {named.total()} and {more} more are told"


def _told(note: re.Match[str]) -> Told:
    place = (int(note["row"]), int(note["column"])) if note["row"] else None
    return place, pens.shown(note["shown"]), note["due"] and pens.shown(note["due"])
