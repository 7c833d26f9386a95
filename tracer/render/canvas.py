"""Pictures drawn with characters: curves in braille dots, regions in half blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from tracer.numbers.rounding import Pen
from tracer.page.document import Boundary, Curve, PlaneLine, Points, Series

NUMBERS = Pen("display", 3, significant=True)
BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
HALVES = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}
MARK, LABELS = "●", ("○", "×")
FLAT = 0.01
"A change of less than this part of the values is too small to fill a picture."


def curve_rows(curve: Curve, width: int, height: int, ascii_only: bool) -> list[str]:
    """A curve with its axes and their numbers, in rows of at most `width` characters."""
    every = [point for series in curve.series for point in series.points]
    left, right = _range([x for x, _ in every])
    low, high = _range([y for _, y in every] + [0.0] * from_zero(curve))
    top, bottom = NUMBERS.text(high), NUMBERS.text(low)
    margin = max(len(top), len(bottom), len(curve.up)) + 1
    columns = max(8, width - margin - 1)

    def place(x: float, y: float, across: int, down: int) -> tuple[int, int]:
        return (
            round((x - left) / (right - left) * (across - 1)),
            round((high - y) / (high - low) * (down - 1)),
        )

    rows = [[" "] * columns for _ in range(height)]
    for series in curve.series:
        if series.marked:
            continue
        if ascii_only:
            for x, y in _joined(series, columns * 2):
                i, j = place(x, y, columns, height)
                rows[j][i] = "*"
        else:
            _dot(
                rows,
                [place(x, y, columns * 2, height * 4) for x, y in _joined(series, columns * 4)],
            )
    for series in curve.series:
        for x, y in series.points if series.marked else ():
            i, j = place(x, y, columns, height)
            rows[j][i] = "o" if ascii_only else MARK
    side, corner, floor = ("|", "+", "-") if ascii_only else ("│", "└", "─")
    names = {0: top, 1: curve.up, height - 1: bottom}
    drawn = [f"{names.get(j, ''):>{margin}}{side}{''.join(row)}" for j, row in enumerate(rows)]
    drawn.append(" " * margin + corner + floor * columns)
    first, last = NUMBERS.text(left), NUMBERS.text(right)
    middle = curve.across.center(columns - len(first) - len(last))
    drawn.append(" " * (margin + 1) + first + middle + last)
    return drawn


def from_zero(curve: Curve) -> bool:
    """Whether its values differ so little that the upward axis has to start at 0.

    >>> flat = Series("Cost", ((0, 0.12500008), (5000, 0.125)))
    >>> from_zero(Curve("Learning curve", "epoch", "Cost", (flat,), ""))
    True
    """
    values = [y for series in curve.series for _, y in series.points]
    low, high = min(values), max(values)
    return high - low < FLAT * max(abs(low), abs(high))


def _dot(rows: list[list[str]], dots: Sequence[tuple[int, int]]) -> None:
    """Dots at four rows and two columns to a character."""
    bits: dict[tuple[int, int], int] = {}
    for i, j in dots:
        cell = (j // 4, i // 2)
        bits[cell] = bits.get(cell, 0) | BRAILLE[j % 4][i % 2]
    for (j, i), value in bits.items():
        rows[j][i] = chr(0x2800 + value)


def _joined(series: Series, count: int) -> list[tuple[float, float]]:
    """Points along the straight lines between those of a series."""
    points = list(series.points)
    between = max(1, count // max(1, len(points) - 1))
    joined = []
    for (x0, y0), (x1, y1) in pairwise(points):
        joined += [
            (x0 + (x1 - x0) * k / between, y0 + (y1 - y0) * k / between) for k in range(between)
        ]
    return [*joined, points[-1]]


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    around = max(0.5, abs(low) / 2)
    return (low, high) if high > low else (low - around, high + around)


def boundary_rows(picture: Boundary, width: int, ascii_only: bool) -> list[tuple[str, str]]:
    """A boundary as pairs: characters, and for each the kind of cell it is.

    Kinds: `1` answered with the upper label, `0` with the lower one, `x` an example, ` ` anything
    else. Two points of the plane stand above each other in one character.
    """
    columns = min(width - 8, 2 * len(picture.across))
    height = max(6, columns // 4)
    grid = [
        [_answer(picture, i, j, columns, 2 * height) for i in range(columns)]
        for j in range(2 * height)
    ]
    drawn, kinds = [], []
    for j in range(height):
        pairs = list(zip(grid[2 * j], grid[2 * j + 1], strict=True))
        drawn.append(
            [_cell(pair, grid, i, j, picture.shaded, ascii_only) for i, pair in enumerate(pairs)]
        )
        kinds.append(["1" if above or below else "0" for above, below in pairs])
    for point in picture.points:
        i = _index(point.x, picture.across[0], picture.across[-1], columns)
        j = height - 1 - _index(point.y, picture.up[0], picture.up[-1], height)
        drawn[j][i] = "ox"[point.label] if ascii_only else LABELS[point.label]
        kinds[j][i] = "x"
    return _framed(picture, drawn, kinds, ascii_only)


def points_rows(picture: Points, width: int, ascii_only: bool) -> list[tuple[str, str]]:
    """Points and lines as pairs: characters, and for each the kind of cell it is.

    Kinds: `a`, `b` and so on the first line, the second and so on; `x` an example, `.` where a
    feature is 0, ` ` anything else. Where there are several lines, each has its number on it.
    """
    columns = width - 8
    height = max(6, columns // 4)
    drawn = [[" "] * columns for _ in range(height)]
    kinds = [[" "] * columns for _ in range(height)]

    def place(x: float, y: float, finer: tuple[int, int] = (1, 1)) -> tuple[int, int]:
        across, down = columns * finer[0], height * finer[1]
        return _index(x, *picture.across, across), down - 1 - _index(y, *picture.up, down)

    zero = place(0, 0)
    if picture.up[0] < 0 < picture.up[1]:
        drawn[zero[1]] = ["." if ascii_only else "·"] * columns
        kinds[zero[1]] = ["."] * columns
    if picture.across[0] < 0 < picture.across[1]:
        for j in range(height):
            drawn[j][zero[0]], kinds[j][zero[0]] = ":" if ascii_only else "┊", "."
    finer = (1, 1) if ascii_only else (2, 4)
    runs = [_dots(line, place, finer, columns) for line in picture.lines]
    if not ascii_only:
        _dot(drawn, [dot for run in runs for dot in run])
    for number, run in enumerate(runs, 1):
        cells = [(i // finer[0], j // finer[1]) for i, j in run]
        for i, j in cells:
            drawn[j][i] = "*" if ascii_only else drawn[j][i]
            kinds[j][i] = chr(ord("a") + number - 1)
        if cells and len(runs) > 1:
            i, j = cells[len(cells) // 10]
            drawn[j][i] = str(number)
    for point in picture.points:
        i, j = place(point.x, point.y)
        drawn[j][i] = "ox"[point.label] if ascii_only else LABELS[point.label]
        kinds[j][i] = "x"
    return _framed(picture, drawn, kinds, ascii_only)


def _dots(
    line: PlaneLine, place: Callable[..., tuple[int, int]], finer: tuple[int, int], columns: int
) -> list[tuple[int, int]]:
    """Where a line goes, in parts of a character."""
    runs = (_joined(Series("", piece), 8 * columns) for piece in line.pieces)
    return [place(x, y, finer) for run in runs for x, y in run]


def _framed(
    picture: Boundary | Points, drawn: list[list[str]], kinds: list[list[str]], ascii_only: bool
) -> list[tuple[str, str]]:
    """Cells of a plane with axes and numbers, beside the kinds of cells."""
    columns, height = len(drawn[0]), len(drawn)
    top, bottom = NUMBERS.text(picture.up[-1]), NUMBERS.text(picture.up[0])
    side = "|" if ascii_only else "│"
    rows = []
    for j in range(height):
        name = {0: top, 1: "x2", height - 1: bottom}.get(j, "")
        rows.append((f"{name:>5} {side}" + "".join(drawn[j]), " " * 7 + "".join(kinds[j])))
    floor = "+" + "-" * columns if ascii_only else "└" + "─" * columns
    first, last = NUMBERS.text(picture.across[0]), NUMBERS.text(picture.across[-1])
    axis = " " * 7 + first + "x1".center(columns - len(first) - len(last)) + last
    return [*rows, (" " * 6 + floor, ""), (axis, "")]


def _answer(picture: Boundary, i: int, j: int, columns: int, rows: int) -> bool:
    """Whether the upper label is answered at a point of the picture, from its upper left."""
    across = round(i / (columns - 1) * (len(picture.across) - 1))
    up = round((rows - 1 - j) / (rows - 1) * (len(picture.up) - 1))
    return picture.answers[up][across] > picture.level


def _cell(
    pair: tuple[bool, bool], grid: list[list[bool]], i: int, j: int, shaded: bool, ascii_only: bool
) -> str:
    if shaded:
        return ("#" if any(pair) else ".") if ascii_only else HALVES[pair]
    here = grid[2 * j][i]
    near = [grid[2 * j + 1][i]]
    near += [grid[2 * j][i + 1]] if i + 1 < len(grid[0]) else []
    near += [grid[2 * j + 2][i]] if 2 * j + 2 < len(grid) else []
    return ("+" if ascii_only else "•") if any(other != here for other in near) else " "


def _index(value: float, low: float, high: float, count: int) -> int:
    if low == high:  # so large that nothing beside it is another number
        return count // 2
    return round(min(1.0, max(0.0, (value - low) / (high - low))) * (count - 1))
