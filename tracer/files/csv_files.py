"""Numbers in the rows and columns of a .csv."""

from __future__ import annotations

import csv
import io
import math
from array import array
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import numpy as np

from tracer.errors import LessonError, nearest
from tracer.files import limits
from tracer.files.checks import NO_TEXT, Loaded, Picks, Table, check_name, too_many
from tracer.files.file import File, short

NO_CELLS = "the line cannot be read, expected cells between commas"
Row = tuple[int, str]
"A line's number, and its text."


def csv_values(file: File) -> Loaded:
    check_name(file.stem, file)
    rows = _rows(file)
    first = next(rows)
    cells = _cells(first, file)
    if any(cells) and not any(map(_is_number, cells)):  # a header, unless it is all there is
        first = next(rows, first)
    width = len(_cells(first, file))
    return {file.stem: _numbers(file, chain([first], rows), width, range(width))}


def csv_table(file: File, picks: Picks) -> Table:
    rows = _rows(file)
    first = next(rows)
    header = _cells(first, file)
    if not picks and any(map(_is_number, header)):
        said = "the line has numbers, expected a header with the columns' names"
        raise file.fault(said, first[0])
    place = _places(header, file, first[0])
    chosen = picks or {name: [name] for name in header}
    columns = [place(name) for names in chosen.values() for name in names]
    numbers = iter(_numbers(file, rows, len(header), columns).T)
    return {
        target: np.column_stack([next(numbers) for _ in names]) for target, names in chosen.items()
    }


def _rows(file: File) -> Iterator[Row]:
    """The lines of a CSV that are not blank, at least one."""
    content = _content(file)
    if content.count(b"\n") > limits.MOST:
        raise too_many(file, "lines")
    if not content.strip():
        raise file.fault("the file is blank, expected numbers")
    for line, raw in enumerate(io.BytesIO(content), 1):
        if not raw.strip():
            continue
        if raw.count(b",") >= limits.WIDEST:
            raise file.fault(
                f"the line has too many cells, expected at most {limits.WIDEST:,}", line
            )
        try:
            yield line, raw.decode()
        except UnicodeDecodeError:
            raise file.fault(NO_TEXT, line) from None


def _content(file: File) -> bytes:
    return file.content.removeprefix(BOM_UTF8).replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _cells(row: Row, file: File) -> list[str]:
    """The cells of a line, each of which ends on the line it began on."""
    line, text = row
    try:
        cells = next(csv.reader([text], strict=True, skipinitialspace=True))
    except csv.Error:
        raise file.fault(NO_CELLS, line) from None
    return [cell.strip() for cell in cells]


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


def _numbers(file: File, rows: Iterator[Row], width: int, columns: Sequence[int]) -> np.ndarray:
    """The numbers in some columns, row by row, as NumPy reads them."""
    lines = array("L")
    try:
        numbers = np.loadtxt(
            _plain(file, rows, width, len(columns), lines),
            delimiter=",",
            comments=None,
            usecols=columns,
            ndmin=2,
        )
    except ValueError:
        raise _no_number(file, lines[-1], columns) from None
    odd = np.argwhere(~np.isfinite(numbers))
    if odd.size:
        raise _no_number(file, lines[odd[0][0]], columns)
    return numbers


def _plain(
    file: File, rows: Iterator[Row], width: int, taken: int, lines: array[int]
) -> Iterator[str]:
    """Lines as NumPy reads them, without quotes; the number of each is kept."""
    for line, text in rows:
        if '"' in text:
            text = ",".join(cell.replace(",", " ") for cell in _cells((line, text), file))
        cells = text.count(",") + 1
        if cells != width:
            raise file.fault(f"the row has {cells} cells, expected {width}", line)
        lines.append(line)
        if len(lines) * taken > limits.MOST:
            raise too_many(file)
        yield text
    if not lines:
        raise file.fault("there is a header and no row, expected rows of numbers")


def _no_number(file: File, line: int, columns: Sequence[int]) -> LessonError:
    """What is said of the first cell of a line that is no finite number."""
    text = _content(file).split(b"\n")[line - 1].decode()
    cells = _cells((line, text), file)
    for place in columns:
        called = f"{short(cells[place])} in column {place + 1}"
        if not _is_number(cells[place]) or not cells[place].isascii() or "_" in cells[place]:
            said = f"{called} is not a number, expected one such as -0.038 between commas"
            return file.fault(said, line)
        if not math.isfinite(float(cells[place])):
            return file.fault(f"{called} is not a finite number", line)
    return file.fault(NO_CELLS, line)
