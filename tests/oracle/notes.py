"""What the notes of a page say of numbers that do not follow from the rounded ones above them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from oracle import pens
from oracle.lines import Departure

NAMED = re.compile(
    r".+?(?:\[(?P<row>\d+),(?P<column>\d+)\](?: through .+)?)? is (?P<shown>\S+); the "
    r"numbers of its line, rounded as they are shown, give (?:(?P<due>\S+)|no number, .+)\."
)
MORE = re.compile(r"(\d+) more entr.+ of this step differs?(, .+|\.)")
Blocks = Sequence[Mapping[str, Any]]
MOST = 3
"Departures that are named one by one."


def untold(departures: Iterable[Departure], blocks: Blocks) -> Iterator[str]:
    """What departs and is not told, and what is told and does not depart."""
    departures = list(departures)
    notes, named = _texts(blocks), that_name_one(blocks)
    for note in named:
        if not (_is_hair(note) or any(_tells(note, one) for one in departures)):
            yield f"a note tells of what follows: {note[0]}"
    sure = [one for one in departures if one.sure]
    untold = [one for one in sure if not any(_tells(note, one) for note in named)]
    # a number that stands twice in a line may be told once
    least, most = len({(one.place, one.shown) for one in sure}), len(departures)
    if untold and not any(least <= MOST + more <= most for more in _more(notes)):
        yield f"no note tells that {untold[0]}, nor of {len(untold)} more"


def _is_hair(note: re.Match[str]) -> bool:
    """Whether a note tells of a last digit among so many that not all of them are shown.

    Or of a number whose power of e is too large to be worked out.
    """
    shown = pens.shown(note["shown"])
    if note["due"] is None:
        return abs(shown) > 10**6
    if abs(shown) < pens.NOTHING:
        return True
    return abs(shown - pens.shown(note["due"])) < abs(shown) / 10**9


def _more(notes: list[str]) -> Iterator[int]:
    """How many more may be told of; where as many changes go as far, both are told at once."""
    last = [place for place, note in enumerate(notes) if NAMED.fullmatch(note)][-1:]
    behind = notes[last[0] + 1 :] if last else []
    for one in filter(None, map(MORE.fullmatch, behind or notes)):
        yield int(one[1])


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
    # exact numbers are shown with twelve digits, and very long ones are not judged to the last
    is_short = one.pen.rounds and abs(one.due) < pens.LONGER
    slack = 0 if is_short else abs(one.due) / 10**6
    return abs(pens.shown(note["due"]) - one.due) <= slack
