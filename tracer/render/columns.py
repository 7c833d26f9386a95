"""A network as neurons in the terminal: boxes in columns, joined by lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tracer.page.document import NeuronLayer, Neurons
from tracer.written.names import pretty

GAP = 7
"Columns between two layers, at least."
BOX, BOX_IN_ASCII = tuple("╭╮╰╯─│"), tuple("++++-|")
JUNCTIONS = {
    "l": "─", "r": "─", "lr": "─", "u": "│", "d": "│", "du": "│", "dr": "┌", "dl": "┐", "ru": "└",
    "lu": "┘", "dru": "├", "dlu": "┤", "dlr": "┬", "lru": "┴", "dlru": "┼",
}  # fmt: skip
"The sign of a place by the ways that a line leaves it."
Draw = Callable[[str], str]


@dataclass(frozen=True)
class _Column:
    """A layer as it is drawn."""

    labels: tuple[str, ...]
    biases: tuple[str, ...]
    title: str
    gap_before_last: bool

    @property
    def width(self) -> int:
        """Of its boxes."""
        return max(map(len, (*self.labels, *self.biases))) + 4

    @property
    def tall(self) -> int:
        """Rows of a box."""
        return 4 if self.biases else 3

    @property
    def height(self) -> int:
        """Of all boxes."""
        return self.tall * len(self.labels) + self.gap_before_last


def neuron_rows(picture: Neurons, width: int, ascii_only: bool, draw: Draw) -> list[str] | None:
    """The rows of a drawing at most so wide; None where it does not fit.

    `draw` spells what a terminal has no sign for.
    """
    for is_short in (False, True):
        columns = [_column(layer, draw, is_short) for layer in picture.layers]
        labels = [_beside(layer, draw, is_short) for layer in picture.layers[1:]]
        gaps = [GAP + max((len(label) + 2 for label in each), default=0) for each in labels]
        if sum(column.width for column in columns) + sum(gaps) <= width:
            return _drawn(columns, labels, gaps, ascii_only)
    return None


def _column(layer: NeuronLayer, draw: Draw, is_short: bool) -> _Column:
    applied = f" = {layer.activation}" if layer.activation and not is_short else ""
    labels = tuple(draw(pretty(name) + applied) for name in layer.neurons)
    biases = () if is_short else tuple(draw(f"bias {pretty(name)}") for name in layer.biases)
    return _Column(labels, biases, draw(layer.title.split()[0]), layer.left_out > 0)


def _beside(layer: NeuronLayer, draw: Draw, is_short: bool) -> list[str]:
    """The weights on the lines, where each line between two layers has one of its own."""
    if is_short or len(layer.weights) > 1:
        return []
    return [draw(pretty(name)) for name in layer.weights[0]]


class _Sheet:
    """Characters and lines by their places."""

    def __init__(self, ascii_only: bool) -> None:
        self.ascii = ascii_only
        self.words: dict[tuple[int, int], str] = {}
        self.ways: dict[tuple[int, int], set[str]] = defaultdict(set)

    def write(self, x: int, y: int, text: str) -> None:
        for k, letter in enumerate(text):
            self.words[x + k, y] = letter

    def across(self, x: int, until: int, y: int) -> None:
        """A line along a row, from one place to the next but one end."""
        for k in range(x, until):
            self.ways[k, y].add("r")
            self.ways[k + 1, y].add("l")

    def down(self, x: int, y: int, until: int) -> None:
        for k in range(y, until):
            self.ways[x, k].add("d")
            self.ways[x, k + 1].add("u")

    def rows(self) -> Iterator[str]:
        places = {*self.words, *self.ways}
        for y in range(max(y for _, y in places) + 1):
            reach = max((x for x, row in places if row == y), default=-1)
            yield "".join(self._at(x, y) for x in range(reach + 1)).rstrip()

    def _at(self, x: int, y: int) -> str:
        if (x, y) in self.words:
            return self.words[x, y]
        ways = self.ways.get((x, y))
        if not ways:
            return " "
        if self.ascii:
            return "-" if ways <= {"l", "r"} else "|" if ways <= {"u", "d"} else "+"
        return JUNCTIONS["".join(sorted(ways))]


def _drawn(
    columns: Sequence[_Column],
    labels: Sequence[Sequence[str]],
    gaps: Sequence[int],
    ascii_only: bool,
) -> list[str]:
    sheet, height, x = _Sheet(ascii_only), max(column.height for column in columns), 0
    middles: list[int] = []
    for number, column in enumerate(columns):
        found = list(_boxes(sheet, column, x, 2 + (height - column.height) // 2))
        title = column.title.center(column.width)
        sheet.write(x, 0, title)
        if number:
            _joined(sheet, middles, found, (x - gaps[number - 1], x), labels[number - 1])
        middles, x = found, x + column.width + (gaps[number] if number < len(gaps) else 0)
    return list(sheet.rows())


def _boxes(sheet: _Sheet, column: _Column, x: int, y: int) -> Iterator[int]:
    """Draw the boxes of a column, and tell the row in which lines come and go for each."""
    a, b, c, d, line, side = BOX_IN_ASCII if sheet.ascii else BOX
    inner = column.width - 2
    for number, label in enumerate(column.labels):
        if column.gap_before_last and number == len(column.labels) - 1:
            sheet.write(x + column.width // 2, y, ":" if sheet.ascii else "⋮")
            y += 1
        rows = [label, *column.biases[number : number + 1]]
        sheet.write(x, y, a + line * inner + b)
        for k, row in enumerate(rows, 1):
            sheet.write(x, y + k, side + row.center(inner) + side)
        sheet.write(x, y + len(rows) + 1, c + line * inner + d)
        yield y + 1
        y += column.tall


def _joined(
    sheet: _Sheet, left: Sequence[int], right: Sequence[int], ends: tuple[int, int],
    labels: Sequence[str],
) -> None:  # fmt: skip
    """Lines from all boxes on the left through one upright line to all boxes on the right."""
    start, end = ends
    bus = end - 4
    every = (*left, *right)
    sheet.down(bus, min(every), max(every))
    for k, y in enumerate(left):
        sheet.across(start, bus, y)
        if labels:
            sheet.write(start + 1, y, f" {labels[k]} ")
    for y in right:
        sheet.across(bus, end - 1, y)
        sheet.write(end - 1, y, ">" if sheet.ascii else "▶")
