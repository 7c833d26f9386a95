"""The words of a lesson that name a file and what to take from it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tracer.errors import LessonError
from tracer.files.checks import Loaded, Picks, Table
from tracer.files.csv_files import csv_table, csv_values
from tracer.files.file import File, read, short, suffix
from tracer.files.json_files import json_values
from tracer.files.numpy_files import npy_values, npz_table, npz_values
from tracer.files.safetensors import safetensors_values


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
    file = read(words.strip(), folder, _VALUES)
    return _VALUES[suffix(file.name)](file)


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
    file = read(name, folder, _TABLES)
    return _TABLES[suffix(name)](file, picks)


def _parts(words: str) -> tuple[str, Picks]:
    name, *parts = words.split(",")
    picks: Picks = {}
    for part in parts:
        match part.split():
            case [target, "from", source, *more]:
                sources = [source, *more]
            case _:
                raise LessonError(f"{short(part.strip())} cannot be read, expected 'X from x1 x2'")
        if target in picks or len(set(sources)) < len(sources):
            raise LessonError(f"{short(part.strip())} has a name twice, expected each name once")
        picks[target] = sources
    return name.strip(), picks


_VALUES: dict[str, Callable[[File], Loaded]] = {
    ".csv": csv_values,
    ".json": json_values,
    ".npy": npy_values,
    ".npz": npz_values,
    ".safetensors": safetensors_values,
}
_TABLES: dict[str, Callable[[File, Picks], Table]] = {".csv": csv_table, ".npz": npz_table}
