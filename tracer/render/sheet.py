"""A sheet of characters on which lines bend, join and cross, and words are written."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from rich.cells import cell_len
from rich.text import Text

from tracer.render.layout import Point
from tracer.render.strength import Stroke

STEPS = {(1, 0): "right", (-1, 0): "left", (0, 1): "down", (0, -1): "up"}
WHOLE = {"HORIZONTAL": ("LEFT", "RIGHT"), "VERTICAL": ("UP", "DOWN")}
PLAIN: dict[Stroke, tuple[str, str]] = {
    "strong": ("=", "#"),
    "ordinary": ("-", "|"),
    "dead": (".", ":"),
}
"Along and upright, where a terminal has no signs made for lines."
DASHED = ("╌", "╎")


@dataclass
class _Crossed:
    """What runs through one place of a sheet."""

    arms: dict[str, Stroke] = field(default_factory=dict)
    "the ways a line leaves it, and how strong it is there"
    along: set[int] = field(default_factory=set)
    "the lines that run along the rows"
    upright: set[int] = field(default_factory=set)
    styles: dict[int, str] = field(default_factory=dict)
    "the colour of each line"


class Sheet:
    """Rows of characters, each with a style.

    >>> sheet = Sheet()
    >>> sheet.line([Point(0, 0), Point(3, 0), Point(3, 1)])
    >>> sheet.write(0, 1, "ab")
    >>> print(*sheet.rows(), sep="\\n")
    ╶──┐
    ab ╵
    """

    def __init__(self, ascii_only: bool = False) -> None:
        self.ascii = ascii_only
        self.words: dict[Point, tuple[str, str]] = {}
        self.crossed: dict[Point, _Crossed] = defaultdict(_Crossed)
        self.lines = 0

    def write(self, x: int, y: int, text: str, style: str = "") -> None:
        """Words from a place on; a sign that combines stays with the one before it."""
        for sign in text:
            width = cell_len(sign)
            if width == 0 and (before := self.words.get(Point(x - 1, y))):
                self.words[Point(x - 1, y)] = before[0] + sign, before[1]
            for k in range(width):
                self.words[Point(x + k, y)] = sign if k == 0 else "", style
            x += width

    def line(self, corners: Sequence[Point], stroke: Stroke = "ordinary", style: str = "") -> None:
        """A line from corner to corner."""
        self.lines += 1
        for one, other in pairwise(corners):
            step = Point(*((b > a) - (b < a) for a, b in zip(one, other, strict=True)))
            while one != other:
                after = Point(one.x + step.x, one.y + step.y)
                self._pass(one, STEPS[step], stroke, style)
                self._pass(after, STEPS[-step.x, -step.y], stroke, style)
                one = after

    def _pass(self, at: Point, way: str, stroke: Stroke, style: str) -> None:
        here = self.crossed[at]
        before = here.arms.get(way, stroke)
        here.arms[way] = min(before, stroke, key=list(PLAIN).index)
        (here.along if way in ("left", "right") else here.upright).add(self.lines)
        here.styles[self.lines] = style

    def rows(self) -> Iterator[Text]:
        """What stands on the sheet."""
        width: dict[int, int] = defaultdict(int)
        for place in (*self.words, *self.crossed):
            width[place.y] = max(width[place.y], place.x + 1)
        for y in range(max(width) + 1):
            row = Text()
            for x in range(width[y]):
                row.append(*self._at(Point(x, y)))
            row.rstrip()
            yield row

    def _at(self, place: Point) -> tuple[str, str]:
        if place in self.words:
            return self.words[place]
        return self._sign(self.crossed[place]) if place in self.crossed else (" ", "")

    def _sign(self, here: _Crossed) -> tuple[str, str]:
        """The sign of a place; where lines cross that do not join, the upright one passes over."""
        arms, lines = here.arms, here.along | here.upright
        if here.along and here.upright and not here.along & here.upright:
            arms = {way: arms[way] for way in ("up", "down") if way in arms}
            lines = here.upright
        styles = {here.styles[line] for line in lines}
        return _drawn(frozenset(arms.items()), self.ascii), styles.pop() if len(styles) == 1 else ""


def _drawn(arms: frozenset[tuple[str, Stroke]], ascii_only: bool) -> str:
    """The sign with these arms."""
    ways, strokes = {way for way, _ in arms}, {stroke for _, stroke in arms}
    upright = ways <= {"up", "down"}
    is_straight = upright or ways <= {"left", "right"}
    if ascii_only:
        return PLAIN[min(strokes, key=list(PLAIN).index)][upright] if is_straight else "+"
    if is_straight and strokes == {"dead"}:
        return DASHED[upright]
    return _box_drawings()[frozenset((way, stroke == "strong") for way, stroke in arms)]


@cache
def _box_drawings() -> dict[frozenset[tuple[str, bool]], str]:
    """The signs made for lines by their arms, and whether each is heavy, as their names say.

    >>> _box_drawings()[frozenset({("down", False), ("right", True)})]
    '┍'
    """
    found = {}
    for sign in map(chr, range(0x2500, 0x2580)):
        words = unicodedata.name(sign).removeprefix("BOX DRAWINGS ")
        if not any(word in words for word in ("DASH", "DOUBLE", "ARC", "DIAGONAL")):
            found[frozenset(_arms(words))] = sign
    return found


def _arms(words: str) -> Iterator[tuple[str, bool]]:
    """The arms that a name tells of: DOWN LIGHT AND RIGHT HEAVY, or LIGHT DOWN AND RIGHT."""
    heavy = words.startswith("HEAVY")
    for part in words.split(" AND "):
        own = part.split()
        if {"HEAVY", "LIGHT"} & set(own):
            heavy = "HEAVY" in own
        for word in own:
            if word not in ("HEAVY", "LIGHT"):
                yield from ((way.lower(), heavy) for way in WHOLE.get(word, (word,)))
