"""Numbers from files beside a lesson, for which no file is believed: not its name, not its sizes.

A file is checked in the order in which it could do harm: its path, its size, the sizes that it
declares, and only then its numbers.
"""

from __future__ import annotations

import csv
import io
import json
import math
import stat
import warnings
import zipfile
from array import array
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from tracer.errors import LessonError, nearest

LARGEST = 50_000_000
"The most bytes a file may have, packed or unpacked."
MOST = 5_000_000
"The most numbers taken from a file."
WIDEST = 10_000
"The most names in a file, and the most cells in a line of CSV."
LONGEST_HEADER = 1_000_000
"The most bytes in the header of a .safetensors file."
LONGEST_NPY_HEADER = 1_000
"The most characters in the header of an .npy array; numpy writes about a hundred."
LONGEST_NAME = 100
_NO_TEXT = "the file is not UTF-8 text; save it as UTF-8"
_SAVE_AGAIN = "save the arrays with numpy.savez"

Loaded = dict[str, float | np.ndarray]
Table = dict[str, np.ndarray]
Picks = dict[str, list[str]]
"Each name that a table is to have, with the columns it is made of."
Row = tuple[int, list[str]]
"A line's number, and its cells."


@dataclass(frozen=True)
class _File:
    """A file as the lesson names it, and all its bytes."""

    name: str
    content: bytes

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem

    def fault(self, problem: str, line: int | None = None) -> LessonError:
        return LessonError(problem, self.name if line is None else f"{self.name}:{line}")


def load_values(words: str, folder: Path) -> dict[str, float | np.ndarray]:
    """The named numbers in a file beside the lesson: .csv, .json, .npy, .npz or .safetensors.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "weights.json").write_text('{"W": [[0.1, 0.6]], "b": 0}')
    ...     load_values("weights.json", Path(folder))
    {'W': array([[0.1, 0.6]]), 'b': 0.0}

    An array has one dimension or two, as in the file, and float64 entries. The array of an .npy and
    the matrix of a .csv are named after their file.

    Raises LessonError for a path that leaves the folder, and for a file that holds anything else.
    """
    file = _read(words.strip(), folder, _VALUES)
    return _VALUES[_suffix(file.name)](file)


def load_table(words: str, folder: Path) -> dict[str, np.ndarray]:
    """Data from a .csv with a header line or an .npz beside the lesson, with examples in rows.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "or.csv").write_text("x1,x2,label\\n0,1,1\\n1,1,1\\n")
    ...     load_table("or.csv, X from x1 x2, Y from label", Path(folder))
    {'X': array([[0., 1.], [1., 1.]]), 'Y': array([[1.], [1.]])}

    Without `from`, each column or array comes under its own name.

    Raises LessonError for a path that leaves the folder, an unknown column, or a file that holds
    anything else.
    """
    name, picks = _parts(words)
    file = _read(name, folder, _TABLES)
    return _TABLES[_suffix(name)](file, picks)


def _parts(words: str) -> tuple[str, Picks]:
    name, *parts = words.split(",")
    picks: Picks = {}
    for part in parts:
        match part.split():
            case [target, "from", source, *more]:
                sources = [source, *more]
            case _:
                raise LessonError(f"{_short(part.strip())} cannot be read, expected 'X from x1 x2'")
        if target in picks or len(set(sources)) < len(sources):
            raise LessonError(f"{_short(part.strip())} has a name twice, expected each name once")
        picks[target] = sources
    return name.strip(), picks


# the file


def _read(name: str, folder: Path, formats: Collection[str]) -> _File:
    path = _inside(name, folder)
    if _suffix(name) not in formats:
        raise LessonError(f"{_short(name)} is not read here, expected {_either(formats)}")
    try:
        content = _content(path, name)
    except FileNotFoundError:
        way_out = _neighbour(path, folder, formats)
        raise LessonError(f"there is no file {_short(name)} beside the lesson; {way_out}") from None
    except OSError as error:
        raise LessonError(f"{_short(name)} cannot be read: {error.strerror}") from None
    return _File(name, content)


def _inside(name: str, folder: Path) -> Path:
    absolute = name.startswith("/")
    if not name or not name.isprintable() or absolute or any(sign in name for sign in "\\:"):
        raise LessonError(
            f"{_short(name)} is no path in the lesson's folder, expected one such as "
            "data/points.csv, with / between folders"
        )
    try:
        home = folder.resolve()
        path = (home / name).resolve()
    except (OSError, RuntimeError):  # a link to itself
        raise LessonError(f"{_short(name)} leads nowhere, expected a file") from None
    if not path.is_relative_to(home):
        raise LessonError(
            f"{_short(name)} leads out of the lesson's folder, expected a file in it; copy it there"
        )
    return path


def _content(path: Path, name: str) -> bytes:
    status = path.stat()
    # opened only after this look: a named pipe would wait for ever
    if not stat.S_ISREG(status.st_mode):
        raise LessonError(f"{_short(name)} is a folder or a device, expected a file")
    if not status.st_size:
        raise LessonError("the file is empty, expected numbers", name)
    if status.st_size > LARGEST:
        raise LessonError(
            f"the file has {status.st_size:,} bytes, expected at most {LARGEST:,}; keep a part",
            name,
        )
    with path.open("rb") as opened:
        return opened.read(status.st_size)


def _neighbour(path: Path, folder: Path, formats: Collection[str]) -> str:
    """Which file could have been meant, among the first thousand in the same folder."""
    home = folder.resolve()
    try:
        beside = [other.relative_to(home) for other in islice(path.parent.iterdir(), 1000)]
    except OSError:
        beside = []
    known = sorted(other.as_posix() for other in beside if other.suffix.lower() in formats)
    printable = [name for name in known if name.isprintable()]
    name = path.relative_to(home).as_posix()
    return nearest(name, printable) if printable else "put it there"


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _either(words: Iterable[str]) -> str:
    *others, last = sorted(words)
    return f"{', '.join(others)} or {last}"


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")


# what every format must keep to


def _check_name(name: str, file: _File, line: int | None = None) -> None:
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise file.fault(
            f"{_short(name)} is no name, expected 1 to {LONGEST_NAME} printable characters", line
        )


def _size(shape: Sequence[int], name: str, file: _File, room: int) -> int:
    """How many numbers a declared shape has; refused where they are none, or more than the room."""
    if len(shape) > 2:
        raise file.fault(
            f"{_short(name)} has {len(shape)} dimensions, expected at most 2; reshape it first"
        )
    if any(length < 1 for length in shape):
        raise file.fault(f"{_short(name)} has no entries, expected at least one number")
    if math.prod(shape) > room:
        raise _too_many(file)
    return math.prod(shape)


def _too_many(file: _File, what: str = "numbers") -> LessonError:
    return file.fault(f"the file has too many {what}, expected at most {MOST:,}; keep a part of it")


def _float64(numbers: np.ndarray, name: str, file: _File) -> np.ndarray:
    with np.errstate(all="ignore"):  # what overflows here is refused below
        # in one order, so that sums do not depend on the file's
        exact = np.array(numbers, dtype=np.float64, order="C")
    finite = np.isfinite(exact)
    if not finite.all():
        index = tuple(np.argwhere(~finite)[0])
        place = ",".join(str(k + 1) for k in index)
        raise file.fault(
            f"{_short(name)}{f'[{place}]' * bool(index)} is {exact[index]}, expected finite numbers"
        )
    return exact


def _check_some(arrays: Collection[object], file: _File) -> None:
    if not arrays:
        raise file.fault("the file has no arrays, expected at least one")


def _values(arrays: Table) -> Loaded:
    return {name: found if found.ndim else float(found) for name, found in arrays.items()}


# .csv


def _csv_values(file: _File) -> Loaded:
    _check_name(file.stem, file)
    rows = _rows(file)
    first = next(rows)
    if _is_header(first[1]):
        first = next(rows, first)
    width = len(first[1])
    return {**_columns(file, chain([first], rows), width, {file.stem: range(width)})}


def _csv_table(file: _File, picks: Picks) -> Table:
    rows = _rows(file)
    line, header = next(rows)
    if not picks and any(map(_is_number, header)):
        raise file.fault("the line has numbers, expected a header with the columns' names", line)
    place = _places(header, file, line)
    chosen = picks or {name: [name] for name in header}
    places = {target: [place(name) for name in names] for target, names in chosen.items()}
    return _columns(file, rows, len(header), places)


def _rows(file: _File) -> Iterator[Row]:
    """The lines of a CSV that are not blank, at least one; a cell ends on the line it began on."""
    content = file.content.removeprefix(BOM_UTF8).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if content.count(b"\n") > MOST:
        raise _too_many(file, "lines")
    if not content.strip():
        raise file.fault("the file is blank, expected numbers")
    for line, raw in enumerate(io.BytesIO(content), 1):
        if raw.strip():
            yield line, _cells(raw, file, line)


def _cells(raw: bytes, file: _File, line: int) -> list[str]:
    if raw.count(b",") >= WIDEST:
        raise file.fault(f"the line has too many cells, expected at most {WIDEST:,}", line)
    try:
        cells = next(csv.reader([raw.decode()], strict=True, skipinitialspace=True))
    except UnicodeDecodeError:
        raise file.fault(_NO_TEXT, line) from None
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


def _places(header: list[str], file: _File, line: int) -> Callable[[str], int]:
    """Finds the place of a column by its name; columns without a name cannot be asked for."""
    counted = Counter(filter(None, header))
    places = {name: k for k, name in enumerate(header)}
    for name in counted:
        _check_name(name, file, line)

    def place(name: str) -> int:
        if not name:
            raise file.fault("a column has no name; say which to take, as in 'X from x1 x2'", line)
        if name not in counted:
            way_out = nearest(name, counted)
            raise file.fault(f"the header has no column {_short(name)}; {way_out}", line)
        if counted[name] > 1:
            raise file.fault(f"the header has {_short(name)} twice, expected each name once", line)
        return places[name]

    return place


def _columns(
    file: _File, rows: Iterable[Row], width: int, places: Mapping[str, Sequence[int]]
) -> Table:
    """Under each name the numbers of its columns, row by row."""
    numbers = {name: array("d") for name in places}
    room = MOST
    for line, cells in rows:
        if len(cells) != width:
            raise file.fault(f"the row has {len(cells)} cells, expected {width}", line)
        for name, columns in places.items():
            numbers[name].extend(_number(cells[k], k, file, line) for k in columns)
            room -= len(columns)
        if room < 0:
            raise _too_many(file)
    if room == MOST:
        raise file.fault("there is a header and no row, expected rows of numbers")
    return {
        name: np.array(numbers[name]).reshape(-1, len(columns)) for name, columns in places.items()
    }


def _number(cell: str, column: int, file: _File, line: int) -> float:
    if not _is_number(cell) or "_" in cell:
        problem = f"{_short(cell)} in column {column + 1} is not a number"
        raise file.fault(f"{problem}, expected one such as -0.038 between commas", line)
    number = float(cell)
    if not math.isfinite(number):
        raise file.fault(f"{_short(cell)} in column {column + 1} is not a finite number", line)
    return number


# .json


def _json_values(file: _File) -> Loaded:
    if sum(map(file.content.count, (b",", b"[", b"{"))) > MOST:
        raise _too_many(file, "numbers and lists")
    try:
        found = _json(file.content.decode("utf-8-sig"), file, float)
    except UnicodeDecodeError as error:
        line = file.content[: error.start].count(b"\n") + 1
        raise file.fault(_NO_TEXT, line) from None
    except json.JSONDecodeError as error:
        problem = f"this is no JSON: {error.msg}, column {error.colno}"
        raise file.fault(problem, error.lineno) from None
    if not isinstance(found, dict):
        raise file.fault('expected names and their numbers, such as {"W": [[0.1, 0.6]], "b": 0}')
    _check_some(found, file)
    return _values({name: _json_array(value, name, file) for name, value in found.items()})


def _json(text: str, file: _File, whole: Callable[[str], float]) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = dict(pairs)
        for name in names:
            _check_name(name, file)
        if len(names) < len(pairs):
            raise file.fault("a name stands twice in one object, expected each name once")
        if len(names) > WIDEST:
            raise file.fault(f"an object has too many names, expected at most {WIDEST:,}")
        return names

    def refuse(word: str) -> None:
        raise file.fault(f"{word} is not a finite number, expected finite numbers")

    try:
        return json.loads(text, object_pairs_hook=unique, parse_int=whole, parse_constant=refuse)
    except RecursionError:
        raise file.fault("the lists are nested too deeply, expected at most 2 dimensions") from None


def _json_array(value: object, name: str, file: _File) -> np.ndarray:
    shape: tuple[int, ...]
    if not isinstance(value, list):
        shape, entries = (), [value]
    elif not value or not isinstance(value[0], list):
        shape, entries = (len(value),), value
    else:
        shape, entries = (len(value), len(value[0])), _joined(value, name, file)
    _size(shape, name, file, MOST)
    for entry in entries:
        if type(entry) is not float:  # each number is one: the text was read with parse_int=float
            raise file.fault(
                f"{_short(name)} holds {_kind(entry)}, expected a number, a list of numbers or "
                "a list of rows"
            )
    return _float64(np.array(entries).reshape(shape), name, file)


def _joined(rows: list[object], name: str, file: _File) -> list[object]:
    joined: list[object] = []
    assert isinstance(rows[0], list)
    for number, row in enumerate(rows, 1):
        if not isinstance(row, list) or len(row) != len(rows[0]):
            raise file.fault(
                f"row {number} of {_short(name)} is unlike row 1, expected {len(rows[0])} numbers"
            )
        joined += row
    return joined


def _kind(entry: object) -> str:
    kinds: dict[type, str] = {dict: "an object", list: "a list", str: "text"}
    return f"{kinds[type(entry)]} for a number" if type(entry) in kinds else json.dumps(entry)


# .npy and .npz


def _npy_values(file: _File) -> Loaded:
    _check_name(file.stem, file)
    return _values({file.stem: _npy(file.content, file.stem, file, MOST)})


def _npy(content: bytes, name: str, file: _File, room: int) -> np.ndarray:
    shape, dtype, start = _npy_header(content, name, file)
    if dtype.kind not in "biuf":
        raise file.fault(
            f"{_short(name)} holds {_short(str(dtype))}, expected real numbers; save it as float64"
        )
    declared = _size(shape, name, file, room) * dtype.itemsize
    if declared != len(content) - start:
        raise file.fault(
            f"{_short(name)} declares {declared:,} bytes of numbers and has "
            f"{len(content) - start:,}; save it again"
        )
    return _float64(np.load(io.BytesIO(content), allow_pickle=False), name, file)


def _npy_header(content: bytes, name: str, file: _File) -> tuple[tuple[int, ...], np.dtype, int]:
    """The shape and the type that an .npy array declares, and where its numbers begin."""
    formats = np.lib.format
    stream = io.BytesIO(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            readers = {(1, 0): formats.read_array_header_1_0, (2, 0): formats.read_array_header_2_0}
            reader = readers[formats.read_magic(stream)]
            shape, _, dtype = reader(stream, max_header_size=LONGEST_NPY_HEADER)
            if bool in map(type, shape):  # an int to numpy's reader, and not to its reshape
                raise TypeError
    except Exception:  # a header is Python text, and reading one raises whatever it runs into
        raise file.fault(
            f"{_short(name)} is no .npy array; save it with numpy.save or numpy.savez"
        ) from None
    return shape, dtype, stream.tell()


def _npz_values(file: _File) -> Loaded:
    return _values(_npz(file, ()))


def _npz_table(file: _File, picks: Picks) -> Table:
    for target, names in picks.items():
        if len(names) > 1:
            raise file.fault(f"{_short(target)} is from {len(names)} arrays, expected one")
    arrays = _npz(file, [names[0] for names in picks.values()])
    for name, found in arrays.items():
        if not found.ndim:
            raise file.fault(
                f"{_short(name)} is a single number, expected examples in rows; "
                "say which arrays to take, as in 'X from data'"
            )
    return {target: arrays[names[0]] for target, names in picks.items()} or arrays


def _npz(file: _File, wanted: Collection[str]) -> Table:
    """The wanted arrays of an .npz, or all of them."""
    archive, members = _members(file)
    chosen = dict.fromkeys(wanted or members)
    for name in chosen:
        if name not in members:
            raise file.fault(f"there is no array {_short(name)}; {nearest(name, members)}")
    unpacked = sum(members[name].file_size for name in chosen)
    if unpacked > LARGEST:
        raise file.fault(f"the file unpacks to {unpacked:,} bytes, expected at most {LARGEST:,}")
    arrays: Table = {}
    room = MOST
    for name in chosen:
        arrays[name] = _npy(_unpacked(archive, members[name], name, file), name, file, room)
        room -= arrays[name].size
    return arrays


def _members(file: _File) -> tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]:
    # counted before zipfile makes an object of each
    if file.content.count(b"PK\1\2") > WIDEST:
        raise file.fault(f"the file has too many arrays, expected at most {WIDEST:,}")
    try:
        archive = zipfile.ZipFile(io.BytesIO(file.content))
    except Exception:  # zipfile raises whatever a damaged directory makes it run into
        raise file.fault("this is no .npz archive; save it with numpy.savez") from None
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename.removesuffix(".npy")
        _check_name(name, file)
        if name == info.filename or name in members:
            raise file.fault(f"{_short(info.filename)} is no array or stands twice; {_SAVE_AGAIN}")
        members[name] = info
    _check_some(members, file)
    return archive, members


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, file: _File) -> bytes:
    """The bytes of one array, no more than its entry in the directory declares."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise file.fault(f"{_short(name)} is packed in an unusual way; {_SAVE_AGAIN}")
    try:
        with archive.open(info) as member:
            # with a length, since read() unpacks far more before it cuts
            return member.read(info.file_size)
    except Exception:  # a password, a false checksum, a broken stream, ...
        raise file.fault(f"{_short(name)} cannot be unpacked; {_SAVE_AGAIN}") from None


# .safetensors

_TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "i1",
    "U8": "u1",
    "BOOL": "?",
}


@dataclass(frozen=True, order=True)
class _Tensor:
    """Where the numbers of a tensor are, in bytes behind the header, and what they are."""

    begin: int
    end: int
    name: str
    kind: str
    shape: tuple[int, ...]


def _safetensors(file: _File) -> Loaded:
    header, start = _tensor_header(file)
    tensors = [
        _tensor(entry, name, file) for name, entry in header.items() if name != "__metadata__"
    ]
    _check_some(tensors, file)
    data = memoryview(file.content)[start:]
    _check_layout(tensors, len(data), file)
    return _values({tensor.name: _tensor_array(tensor, data, file) for tensor in tensors})


def _tensor_header(file: _File) -> tuple[dict[str, Any], int]:
    length = int.from_bytes(file.content[:8], "little")
    start = 8 + length
    if start > len(file.content) or length > LONGEST_HEADER:
        raise file.fault(
            f"the header is cut, or longer than {LONGEST_HEADER:,} bytes; save the file again"
        )
    try:
        header = _json(file.content[8:start].decode(), file, _whole)
    except ValueError:
        raise file.fault("the header is no JSON, expected a .safetensors file") from None
    if not isinstance(header, dict):
        raise file.fault("the header is no JSON object, expected a .safetensors file")
    return header, start


def _whole(digits: str) -> int:
    if len(digits) > 20:  # longer ones cannot even be printed
        raise ValueError
    return int(digits)


def _tensor(entry: object, name: str, file: _File) -> _Tensor:
    match entry:
        case {"dtype": str(kind), "shape": [*shape], "data_offsets": [begin, end], **rest}:
            if rest or any(type(n) is not int for n in (begin, end, *shape)):  # nor a bool
                raise _no_tensor(name, file)
            if kind not in _TYPES:
                raise file.fault(f"{_short(name)} holds {_short(kind)}, expected {_either(_TYPES)}")
            return _Tensor(begin, end, name, kind, tuple(shape))
    raise _no_tensor(name, file)


def _no_tensor(name: str, file: _File) -> LessonError:
    return file.fault(
        f"the header does not give {_short(name)} a dtype, a shape and data_offsets; "
        "save the file again"
    )


def _check_layout(tensors: Iterable[_Tensor], length: int, file: _File) -> None:
    """Tensors lie one behind the other, from the first byte to the last."""
    reached, room = 0, MOST
    for tensor in sorted(tensors):
        size = _size(tensor.shape, tensor.name, file, room)
        declared = size * np.dtype(_TYPES[tensor.kind]).itemsize
        if tensor.begin != reached:
            raise file.fault(
                f"{_short(tensor.name)} begins at byte {tensor.begin}, expected {reached}: "
                "tensors lie one behind the other"
            )
        if tensor.end - tensor.begin != declared:
            raise file.fault(
                f"{_short(tensor.name)} has {tensor.end - tensor.begin} bytes, expected {declared} "
                "for its shape"
            )
        reached, room = tensor.end, room - size
    if reached != length:
        raise file.fault(f"{length:,} bytes follow the header, expected {reached:,}")


def _tensor_array(tensor: _Tensor, data: memoryview, file: _File) -> np.ndarray:
    numbers = np.frombuffer(data[tensor.begin : tensor.end], _TYPES[tensor.kind])
    if tensor.kind == "BF16":  # the upper half of a float32
        numbers = (numbers.astype(np.uint32) << 16).view(np.float32)
    return _float64(numbers.reshape(tensor.shape), tensor.name, file)


_VALUES: dict[str, Callable[[_File], Loaded]] = {
    ".csv": _csv_values,
    ".json": _json_values,
    ".npy": _npy_values,
    ".npz": _npz_values,
    ".safetensors": _safetensors,
}
_TABLES: dict[str, Callable[[_File, Picks], Table]] = {".csv": _csv_table, ".npz": _npz_table}
