"""What the names and the numbers of every format must keep to."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np

from tracer.errors import LessonError
from tracer.files import limits
from tracer.files.file import File, short

NO_TEXT = "the file is not UTF-8 text; save it as UTF-8"

Loaded = dict[str, float | np.ndarray]
Table = dict[str, np.ndarray]
Picks = dict[str, list[str]]
"Each name that a table is to have, with the columns it is made of."


def check_name(name: str, file: File, line: int | None = None) -> None:
    if not 0 < len(name) <= limits.LONGEST_NAME or not name.isprintable():
        raise file.fault(
            f"{short(name)} is no name, expected 1 to {limits.LONGEST_NAME} printable characters",
            line,
        )


def size_of(shape: Sequence[int], name: str, file: File, room: int) -> int:
    """How many numbers a declared shape has; refused where they are none, or more than the room."""
    if len(shape) > 2:
        raise file.fault(
            f"{short(name)} has {len(shape)} dimensions, expected at most 2; reshape it first"
        )
    if any(length < 1 for length in shape):
        raise file.fault(f"{short(name)} has no entries, expected at least one number")
    if math.prod(shape) > room:
        raise too_many(file)
    return math.prod(shape)


def too_many(file: File, what: str = "numbers") -> LessonError:
    return file.fault(
        f"the file has too many {what}, expected at most {limits.MOST:,}; keep a part of it"
    )


def float64(numbers: np.ndarray, name: str, file: File) -> np.ndarray:
    with np.errstate(all="ignore"):  # what overflows here is refused below
        # in one order, so that sums do not depend on the file's
        exact = np.array(numbers, dtype=np.float64, order="C")
    finite = np.isfinite(exact)
    if not finite.all():
        index = tuple(np.argwhere(~finite)[0])
        place = ",".join(str(k + 1) for k in index)
        raise file.fault(
            f"{short(name)}{f'[{place}]' * bool(index)} is {exact[index]}, expected finite numbers"
        )
    return exact


def check_some(arrays: Collection[object], file: File) -> None:
    if not arrays:
        raise file.fault("the file has no arrays, expected at least one")


def values(arrays: Table) -> Loaded:
    return {name: found if found.ndim else float(found) for name, found in arrays.items()}
