"""Numbers in the rows and columns of a .csv."""

from __future__ import annotations

import csv
import io
import math
from array import array
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

import numpy as np

from tracer.errors import nearest
from tracer.files import limits
from tracer.files.checks import NO_TEXT, Loaded, Picks, Table, check_name, too_many
from tracer.files.file import File, short

Row = tuple[int, list[str]]
"A line's number, and its cells."


def csv_values(file: File) -> Loaded:
    check_name(file.stem, file)
    rows = _rows(file)
    first = next(rows)
    if _is_header(first[1]):
        first = next(rows, first)
    width = len(first[1])
    return {**_columns(file, chain([first], rows), width, {file.stem: range(width)})}


def csv_table(file: File, picks: Picks) -> Table:
    rows = _rows(file)
    line, header = next(rows)
    if not picks and any(map(_is_number, header)):
        raise file.fault("the line has numbers, expected a header with the columns' names", line)
    place = _places(header, file, line)
    chosen = picks or {name: [name] for name in header}
    places = {target: [place(name) for name in names] for target, names in chosen.items()}
    return _columns(file, rows, len(header), places)


def _rows(file: File) -> Iterator[Row]:
    """The lines of a CSV that are not blank, at least one; a cell ends on the line it began on."""
    content = file.content.removeprefix(BOM_UTF8).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if content.count(b"\n") > limits.MOST:
        raise too_many(file, "lines")
    if not content.strip():
        raise file.fault("the file is blank, expected numbers")
    for line, raw in enumerate(io.BytesIO(content), 1):
        if raw.strip():
            yield line, _cells(raw, file, line)


def _cells(raw: bytes, file: File, line: int) -> list[str]:
    if raw.count(b",") >= limits.WIDEST:
        raise file.fault(f"the line has too many cells, expected at most {limits.WIDEST:,}", line)
    try:
        cells = next(csv.reader([raw.decode()], strict=True, skipinitialspace=True))
    except UnicodeDecodeError:
        raise file.fault(NO_TEXT, line) from None
    except csv.Error:
        raise file.fault("the line cannot be read, expected cells between commas", line) from None
    return [cell.strip() for cell in cells]


def _is_header(cells: list[str]) -> bool:
    return any(cells) and not any(map(_is_number, cells))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _places(header: list[str], file: File, line: int) -> Callable[[str], int]:
    """Finds the place of a column by its name; columns without a name cannot be asked for."""
    counted = Counter(filter(None, header))
    places = {name: k for k, name in enumerate(header)}
    for name in counted:
        check_name(name, file, line)

    def place(name: str) -> int:
        if not name:
            raise file.fault("a column has no name; say which to take, as in 'X from x1 x2'", line)
        if name not in counted:
            way_out = nearest(name, counted)
            raise file.fault(f"the header has no column {short(name)}; {way_out}", line)
        if counted[name] > 1:
            raise file.fault(f"the header has {short(name)} twice, expected each name once", line)
        return places[name]

    return place


def _columns(
    file: File, rows: Iterable[Row], width: int, places: Mapping[str, Sequence[int]]
) -> Table:
    """Under each name the numbers of its columns, row by row."""
    numbers = {name: array("d") for name in places}
    room = limits.MOST
    for line, cells in rows:
        if len(cells) != width:
            raise file.fault(f"the row has {len(cells)} cells, expected {width}", line)
        for name, columns in places.items():
            numbers[name].extend(_number(cells[k], k, file, line) for k in columns)
            room -= len(columns)
        if room < 0:
            raise too_many(file)
    if room == limits.MOST:
        raise file.fault("there is a header and no row, expected rows of numbers")
    return {
        name: np.array(numbers[name]).reshape(-1, len(columns)) for name, columns in places.items()
    }


def _number(cell: str, column: int, file: File, line: int) -> float:
    if not _is_number(cell) or "_" in cell:
        problem = f"{short(cell)} in column {column + 1} is not a number"
        raise file.fault(f"{problem}, expected one such as -0.038 between commas", line)
    number = float(cell)
    if not math.isfinite(number):
        raise file.fault(f"{short(cell)} in column {column + 1} is not a finite number", line)
    return number
