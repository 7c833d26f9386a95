"""Pieces of a picture as boxes that know their size: a text, a matrix, a row, a stack."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from tracer.render.lettering import Line, marked, width

SIZE = 12
"The height of the font of a number."
ROW = 15
"From one line of text to the next."
BRACKET, BETWEEN = 7, 9
"The room of a bracket, and between two columns of a matrix."


@dataclass(frozen=True)
class Ink:
    """Something drawn, wherever it will stand."""

    width: int
    height: int
    at: Callable[[int, int], str]
    "it as SVG, with its upper left corner there"


NOTHING = Ink(0, 0, lambda x, y: "")


def words(line: Line, tone: str, size: int = SIZE) -> Ink:
    """A line of text, in the middle of the room that the widest font takes.

    >>> from tracer.render.lettering import plain
    >>> words(plain("0.5"), "value").at(0, 0)
    '<text class="value" x="10" y="12">0.5</text>'
    """
    room, height = width(line, size), size + 3
    return Ink(
        room,
        height,
        lambda x, y: (
            f'<text class="{tone}" x="{x + room // 2}" y="{y + size}">{marked(line, size)}</text>'
        ),
    )


def matrix(rows: Sequence[Sequence[Line]], tone: str) -> Ink:
    """Numbers in rows between brackets, each column to the right.

    >>> from tracer.render.lettering import plain
    >>> drawn = matrix([[plain("1"), plain("0")]], "value")
    >>> drawn.width, drawn.height
    (39, 15)
    """
    columns = [max(width(cell, SIZE) for cell in column) for column in zip(*rows, strict=True)]
    ends = [BRACKET + end for end in accumulate(wide + BETWEEN for wide in columns)]
    full, height = ends[-1] - BETWEEN + BRACKET, ROW * len(rows)

    def at(x: int, y: int) -> str:
        cells = "".join(
            f'<text x="{x + end - BETWEEN}" y="{y + ROW * row + SIZE}">{marked(cell, SIZE)}</text>'
            for row, line in enumerate(rows)
            for end, cell in zip(ends, line, strict=True)
        )
        right, tall = x + full - 1, height - 2
        brackets = f"M{x + 4} {y + 1}h-3v{tall}h3M{right - 3} {y + 1}h3v{tall}h-3"
        return f'<g class="{tone} matrix">{cells}<path d="{brackets}"/></g>'

    return Ink(full, height, at)


def over(*inks: Ink, to_the_left: bool = False) -> Ink:
    """Boxes in a stack, each in the middle or to the left."""
    wide = max((ink.width for ink in inks), default=0)
    tops = [0, *accumulate(ink.height for ink in inks)]

    def at(x: int, y: int) -> str:
        return "".join(
            ink.at(x if to_the_left else x + (wide - ink.width) // 2, y + top)
            for ink, top in zip(inks, tops, strict=False)
        )

    return Ink(wide, tops[-1], at)


def beside(*inks: Ink, gap: int = 0) -> Ink:
    """Boxes in a row, each in the middle."""
    tall = max((ink.height for ink in inks), default=0)
    lefts = [0, *accumulate(ink.width + gap for ink in inks)]

    def at(x: int, y: int) -> str:
        return "".join(
            ink.at(x + left, y + (tall - ink.height) // 2)
            for ink, left in zip(inks, lefts, strict=False)
        )

    return Ink(lefts[-1] - gap if inks else 0, tall, at)
