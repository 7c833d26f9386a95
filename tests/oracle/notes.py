"""What the notes of a page say of numbers that do not follow from the rounded ones above them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from oracle import pens
from oracle.lines import Departure

NAMED = re.compile(
    r"(?P<name>.+?)(?:\[(?P<row>\d+),(?P<column>\d+)\](?: through .+)?)? is (?P<shown>\S+) in full precision; the "
    r"rounded numbers of its line give (?:(?P<due>\S+)|no number, .+)\."
)
MORE = re.compile(r"(\d+) more entr.+ of this step differs?(, .+|\.)")
Blocks = Sequence[Mapping[str, Any]]
MOST = 3
"Departures that are named one by one."


def untold(departures: Iterable[Departure], blocks: Blocks) -> Iterator[str]:
    """What departs and is not told, and what is told and does not depart."""
    departures = list(departures)
    notes, named = _texts(blocks), that_name_one(blocks)
    more = sum(
        int(one[1])
        for before, note in pairwise(notes)
        if (one := MORE.fullmatch(note)) and NAMED.fullmatch(before)
    )
    for note in named:
        if not any(_tells(note, one) for one in departures):
            yield f"a note tells of what follows: {note[0]}"
    # a number that stands twice in a line may be told once
    sure = [one for one in departures if one.sure]
    if not more:
        for one in sure:
            if not any(_tells(note, one) for note in named):
                yield f"no note tells that {one}"
    elif not len({(str(one), one.place) for one in sure}) <= MOST + more <= len(departures):
        yield f"{len(sure)} numbers do not follow, {MOST} and {more} more are told"


def that_name_one(blocks: Blocks) -> list[re.Match[str]]:
    """The notes that tell of one number."""
    return [one for one in map(NAMED.fullmatch, _texts(blocks)) if one]


def _texts(blocks: Blocks) -> list[str]:
    return [block["text"] for block in blocks if block.get("kind") == "Rounding"]


def _tells(note: re.Match[str], one: Departure) -> bool:
    """Whether a note tells of a number that departs."""
    place = (int(note["row"]), int(note["column"])) if note["row"] else None
    if place != one.place or pens.shown(note["shown"]) != pens.shown(one.shown):
        return False
    if one.due is None or note["due"] is None:
        return one.due is None and note["due"] is None
    # exact numbers are shown with twelve digits
    slack = 0 if one.pen.rounds else abs(one.due) / 10**6
    return abs(pens.shown(note["due"]) - one.due) <= slack
