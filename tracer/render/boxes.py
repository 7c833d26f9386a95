"""Lines taller than one row: matrices in tall brackets, side by side and centred on the line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tracer.written.blocks import in_blocks
from tracer.written.text import Bracket, cell_text, pieces, text
from tracer.written.tree import Expr, Grid

RAISED = len("^∘2")
"The room of what may stand above a matrix."
TALL = {"[": "⎡⎢⎣", "]": "⎤⎥⎦", "(": "⎛⎜⎝", ")": "⎞⎟⎠"}


@dataclass(frozen=True)
class Box:
    """A rectangle of text; its rows are equally wide, and one of them stands on the line."""

    rows: tuple[str, ...]
    base: int = 0
    "the row that stands on the line, from 0"

    @property
    def width(self) -> int:
        """Columns it takes."""
        return len(self.rows[0])

    @property
    def height(self) -> int:
        """Rows it takes."""
        return len(self.rows)

    def framed(self, above: int, below: int) -> Box:
        """The box with blank rows, so many in all above its line and below it."""
        blank = " " * self.width
        return Box(
            (blank,) * (above - self.base)
            + self.rows
            + (blank,) * (below - (self.height - 1 - self.base)),
            above,
        )


@dataclass(frozen=True)
class Signs:
    """How signs are drawn: as they are, or in ASCII."""

    draw: Callable[[str], str] = str
    tall: bool = True
    "whether tall brackets can be drawn with characters made for it"


def box(text: str) -> Box:
    """Text as a box, a row for each of its lines.

    >>> box("ab").width
    2
    """
    lines = text.split("\n")
    width = max(map(len, lines))
    return Box(tuple(line.ljust(width) for line in lines), middle(len(lines)))


def middle(height: int) -> int:
    """The row of a tall box that stands on the line."""
    return (height - 1) // 2


def beside(boxes: Iterable[Box]) -> Box:
    """Boxes side by side, all on one line."""
    boxes = list(boxes) or [box("")]
    above = max(b.base for b in boxes)
    below = max(b.height - 1 - b.base for b in boxes)
    columns = [b.framed(above, below).rows for b in boxes]
    return Box(tuple("".join(row) for row in zip(*columns, strict=True)), above)


def bracket(sign: str, height: int, signs: Signs) -> Box:
    """A bracket of any height.

    >>> bracket("[", 3, Signs()).rows
    ('⎡', '⎢', '⎣')
    """
    if height == 1:
        return Box((sign,))
    if signs.tall:
        top, inner, bottom = tuple(TALL[sign])
        return Box((top, *(inner,) * (height - 2), bottom), middle(height))
    return Box(("|" if sign in "[]" else sign,) * height, middle(height))


def lines_of(expr: Expr, width: int, signs: Signs) -> list[Box]:
    """A written line as boxes no wider than `width`.

    It breaks before a matrix or between terms, and never inside the brackets of a matrix: one that
    is too wide goes on in blocks of columns.
    """
    rows: list[list[Box]] = [[]]
    used = 0
    for group in _groups(expr, width, signs):
        whole = sum(one.width for one in group)
        for one in group if whole > width else [beside(group)]:
            if rows[-1] and used + one.width > width:
                rows.append([])
                used = 0
            rows[-1].append(one)
            used += one.width
    return [beside(row) for row in rows]


def _groups(expr: Expr, width: int, signs: Signs) -> Iterator[list[Box]]:
    """The boxes of a line: each matrix with what stands before it, and text term by term."""
    found = list(pieces(expr))
    heights = [_height(piece) for piece in found]
    group: list[Box] = []
    matrix: list[Box] = []
    for place, piece in enumerate(found):
        if matrix and not _is_postfix(found, place):
            yield matrix
            matrix = []
        match piece:
            case Grid():
                matrix = [*_glued(group), *_grid(piece, width, signs, alone=len(found) == 1)]
                group = []
                continue
            case Bracket(sign):
                tallest = max(heights[slice(*_span(found, place))])
                drawn = bracket(sign, tallest, signs)
            case "ᵀ" if place and heights[place - 1] > 1:
                drawn = _raised(signs.draw("ᵀ"), middle(heights[place - 1]))
            case _:
                drawn = box(signs.draw(piece))
        if matrix:
            matrix[-1] = beside([matrix[-1], drawn])
        else:
            group.append(drawn)
    if matrix:
        yield matrix
    for one in _glued(group):
        yield from [[term] for term in _terms(one.rows[0], width)] if one.height == 1 else [[one]]


def _is_postfix(found: Sequence[object], place: int) -> bool:
    """Whether a piece belongs to the matrix before it: a power, a transposition, a bracket."""
    match found[place]:
        case Bracket(sign):
            return sign == ")"
        case str(piece):
            before = found[place - 1]
            raised = isinstance(before, str) and before.startswith("^")
            return piece.startswith("^") or piece == "ᵀ" or raised
    return False


def _glued(boxes: list[Box]) -> list[Box]:
    """Single rows side by side made one, so that a line breaks only where text may."""
    glued: list[Box] = []
    for one in boxes:
        if glued and glued[-1].height == one.height == 1:
            glued[-1] = box(glued[-1].rows[0] + one.rows[0])
        else:
            glued.append(one)
    return glued


def _raised(sign: str, rows: int) -> Box:
    """A sign so many rows above the line, at the top of the matrix it belongs to."""
    return Box((sign, *(" " * len(sign),) * rows), rows)


def _height(piece: object) -> int:
    return len(piece.cells) if isinstance(piece, Grid) else 1


def _span(found: Sequence[object], place: int) -> tuple[int, int]:
    """From where to where a round bracket encloses, the other one being its partner."""
    here = found[place]
    assert isinstance(here, Bracket)
    step = 1 if here.text == "(" else -1
    depth, other = 0, place
    while True:
        at = found[other]
        if isinstance(at, Bracket):
            depth += step if at.text == "(" else -step
            if depth == 0:
                return min(place, other), max(place, other) + 1
        other += step


def _terms(text: str, width: int) -> Iterator[Box]:
    """Text in pieces of at most `width`, cut at spaces or else at a *, and never in a number."""
    words = re.findall(r" *[^ ]+ *", text)
    piece = ""
    for word in (p for w in words for p in ([w] if len(w) <= width else re.split(r"(?<=\*)", w))):
        if piece and len(piece) + len(word.rstrip()) > width:
            yield box(piece)
            piece = ""
        piece += word
    yield box(piece)


def _grid(grid: Grid, width: int, signs: Signs, alone: bool) -> list[Box]:
    """A matrix as one box, or where it is too wide in blocks of its columns.

    In a line with more in it the blocks stand in brackets together, and what is raised behind them
    has its room.
    """
    room = width if alone else width - RAISED
    whole = _matrix(grid, room, signs)
    if whole.width <= room:
        return [whole]
    blocks = list(_blocks(grid, room if alone else room - 2, signs))
    if not alone:
        blocks[0] = beside([bracket("(", blocks[0].height, signs), blocks[0]])
        blocks[-1] = beside([blocks[-1], bracket(")", blocks[-1].height, signs)])
    return blocks


def _blocks(grid: Grid, width: int, signs: Signs) -> Iterator[Box]:
    """The columns of a matrix in blocks, each behind its numbers or below them."""
    longest = len(f"columns {grid.shape[1]} to {grid.shape[1]}: ")

    def fits(block: Grid) -> bool:
        return longest + _matrix(block, width, signs).width <= width

    for numbers, block in in_blocks(grid, fits):
        label, drawn = box(f"{numbers}: "), _matrix(block, width, signs)
        together = beside([label, drawn])
        yield from [together] if together.width <= width else [label, drawn]


def _matrix(grid: Grid, width: int, signs: Signs) -> Box:
    """A matrix in its brackets; an entry that is too wide goes on below, inside them."""
    room = max(8, width - 4)
    rows = [[_fold(signs.draw(cell_text(cell)), room) for cell in row] for row in grid.cells]
    names = [[box(signs.draw(text(name))) for name in row] for row in grid.symbols]
    heights = [max(cell.height for cell in row) for row in rows]
    height = sum(heights)
    if height == 1 and not names:
        entries = "  ".join(cell.rows[0] for cell in rows[0])
        return box(f"[ {entries} ]")
    opening, closing = (bracket(sign, height, signs) for sign in "[]")
    columns = []
    for j in range(len(rows[0])):
        cells = [_taller(row[j], tall) for row, tall in zip(rows, heights, strict=True)]
        columns.append(_column([row[j] for row in names], cells, to_the_right=height > 1))
        columns.append(box("  "))
    return beside([opening, box(" "), *columns[:-1], box(" "), closing])


def _fold(text: str, width: int) -> Box:
    if len(text) <= width:
        return box(text)
    lines = [piece.rows[0].rstrip() for piece in _terms(text, width - 2)]
    # what goes on is indented where there is room, so that it is not taken for a row of its own
    indent = " " * max(0, min(2, width - max(map(len, lines))))
    return box(f"\n{indent}".join(lines))


def _taller(cell: Box, height: int) -> Box:
    return Box(cell.rows + (" " * cell.width,) * (height - cell.height))


def _column(names: list[Box], cells: list[Box], to_the_right: bool) -> Box:
    width = max(cell.width for cell in (*names, *cells))
    ragged = any(cell.height > 1 for cell in cells) or not to_the_right
    rows = [row for cell in (*names, *cells) for row in cell.rows]
    aligned = tuple(row.ljust(width) if ragged else row.rjust(width) for row in rows)
    return Box(aligned, len(names) + middle(len(rows) - len(names)))
