"""What a network is given without being typed in: gates, random numbers, files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from tracer.errors import LessonError, UnknownName, nearest
from tracer.files import load_table, load_values
from tracer.network.initial import initialize_parameters
from tracer.trace.conventions import USUAL, Conventions
from tracer.trace.program import Value

MOST_DRAWN = 5_000_000
"Random weights of a network."
GATES = {"OR": (0, 1, 1, 1), "AND": (0, 0, 0, 1), "XOR": (0, 1, 1, 0)}
"Labels of the four examples 0 0, 0 1, 1 0, 1 1."


def gate(name: str) -> dict[str, Value]:
    """The data of a logic gate: X (2 x 4) and Y (1 x 4).

    >>> gate("XOR")["Y"].tolist()
    [[0.0, 1.0, 1.0, 0.0]]

    Raises UnknownName for another name.
    """
    if name not in GATES:
        raise UnknownName(
            f"there is no data {name!r}; {nearest(name, GATES)}; a file ends in .csv or .npz"
        )
    return {
        "X": np.array([[0, 0, 1, 1], [0, 1, 0, 1]], dtype=float),
        "Y": np.array([GATES[name]], dtype=float),
    }


def data_of(words: str, folder: Path, conventions: Conventions) -> dict[str, Value]:
    """X and Y in our layout: of a gate by its name, or from a table with one example a row.

    Raises UnknownName and LessonError where there is no such gate or file, or it has no X and Y.
    """
    if not re.match(r"[^,]*\.(csv|npz)\b", words):
        return gate(words)
    found: dict[str, Value] = {}
    for name, table in load_table(words, folder).items():
        if name not in ("X", "Y"):
            raise LessonError(
                f"data {words!r} gives {name!r}, expected X and Y, as in "
                "'data.csv, X from x1 x2, Y from label'"
            )
        found[name] = (table.reshape(-1, 1) if table.ndim < 2 else table).T
    return found


def parameters_of(words: str, folder: Path, conventions: Conventions) -> dict[str, Value]:
    """W[1], b[1] and so on from files, `weights.npz` or `W1.csv, b1.csv`, in our layout.

    Arrays are in the lesson's own layout; names are ours, the source's, W1 and b1, or those of a
    PyTorch state: `0.weight`, `0.bias`.
    Raises LessonError where a file or a name cannot be used.
    """
    loaded: dict[str, Value] = {}
    for word in filter(None, (part.strip() for part in words.split(","))):
        loaded |= load_values(word, folder)
    torch = sorted({int(n) for key in loaded if (n := _torch_number(key)) is not None})
    found: dict[str, Value] = {}
    for key, value in loaded.items():
        name = _called(key, torch, conventions)
        if name in found:
            raise LessonError(f"parameters give {name} twice, expected once")
        found[name] = in_our_layout(name, as_matrix(name, value, conventions), conventions)
    return found


def as_matrix(name: str, value: Value, conventions: Conventions) -> Value:
    """A list of numbers as the column or the row that the lesson's layout asks for."""
    if np.ndim(value) != 1:
        return value
    column = name.startswith("b") and not conventions.rows
    return np.asarray(value).reshape((-1, 1) if column else (1, -1))


def in_our_layout(name: str, value: Value, conventions: Conventions) -> Value:
    """A source's matrix as it stands inside: examples in columns, W as (out, in)."""
    if np.ndim(value) and conventions.flipped(name):
        return np.asarray(value).T.copy()
    return value


def drawn(words: str, sizes: Sequence[int], conventions: Conventions = USUAL) -> dict[str, Value]:
    """Parameters drawn at random, from words such as `xavier, seed 48`; biases are zero.

    >>> sorted(drawn("xavier, seed 48", (2, 3, 1)))
    ['W[1]', 'W[2]', 'b[1]', 'b[2]']

    Raises LessonError for other words.
    """
    match = re.fullmatch(r"(\w+)\s*,\s*seed\s+(\d{1,9})", words.strip())
    if not match:
        raise LessonError(f"init {words!r} cannot be read, expected such as 'xavier, seed 48'")
    count = sum(n_in * n_out for n_in, n_out in pairwise(sizes))
    if count > MOST_DRAWN:
        raise LessonError(
            f"init draws {count:,} weights, expected at most {MOST_DRAWN:,}; take fewer neurons"
        )
    random = np.random.RandomState(int(match[2]))
    found: dict[str, Value] = {}
    for number, (n_in, n_out) in enumerate(pairwise(sizes), 1):
        layer = initialize_parameters(n_in, n_out, match[1], random)
        W, b = layer["W"], layer["b"]
        if conventions.folded is not None:
            W = np.hstack([W, b] if conventions.folded else [b, W])
        elif "shared" in conventions.biases:
            found[f"b[{number}]"] = 0.0
        elif conventions.biases != "none":
            found[f"b[{number}]"] = b
        found[f"W[{number}]"] = W
    return found


def _torch_number(key: str) -> int | None:
    match = re.fullmatch(r"(?:[a-zA-Z_.]*?)(\d+)\.(?:weight|bias)", key)
    return int(match[1]) if match else None


def _called(key: str, torch: list[int], conventions: Conventions) -> str:
    """What an array in a file is called here."""
    number = _torch_number(key)
    if number is not None:
        return f"{'W' if key.endswith('weight') else 'b'}[{torch.index(number) + 1}]"
    if key in conventions.names:
        return conventions.names[key]
    match = re.fullmatch(r"([Wb])_?(\d+)", key)
    return f"{match[1]}[{match[2]}]" if match else key
