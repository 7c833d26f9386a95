"""Named numbers in a .json, each of them a number, a list or a list of rows."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from tracer.files import limits
from tracer.files.checks import (
    NO_TEXT,
    Loaded,
    check_name,
    check_some,
    float64,
    size_of,
    too_many,
    values,
)
from tracer.files.file import File, short


def json_values(file: File) -> Loaded:
    if sum(map(file.content.count, (b",", b"[", b"{"))) > limits.MOST:
        raise too_many(file, "numbers and lists")
    try:
        found = _parsed(file.content.decode("utf-8-sig"), file)
    except UnicodeDecodeError as error:
        line = file.content[: error.start].count(b"\n") + 1
        raise file.fault(NO_TEXT, line) from None
    except json.JSONDecodeError as error:
        problem = f"this is no JSON: {error.msg}, column {error.colno}"
        raise file.fault(problem, error.lineno) from None
    if not isinstance(found, dict):
        raise file.fault('expected names and their numbers, such as {"W": [[0.1, 0.6]], "b": 0}')
    check_some(found, file)
    return values({name: _json_array(value, name, file) for name, value in found.items()})


def _parsed(text: str, file: File) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = dict(pairs)
        for name in names:
            check_name(name, file)
        if len(names) < len(pairs):
            raise file.fault("a name stands twice in one object, expected each name once")
        if len(names) > limits.WIDEST:
            raise file.fault(f"an object has too many names, expected at most {limits.WIDEST:,}")
        return names

    def refuse(word: str) -> None:
        raise file.fault(f"{word} is not a finite number, expected finite numbers")

    try:
        return json.loads(text, object_pairs_hook=unique, parse_int=float, parse_constant=refuse)
    except RecursionError:
        raise file.fault("the lists are nested too deeply, expected at most 2 dimensions") from None


def _json_array(value: object, name: str, file: File) -> np.ndarray:
    shape: tuple[int, ...]
    if not isinstance(value, list):
        shape, entries = (), [value]
    elif not value or not isinstance(value[0], list):
        shape, entries = (len(value),), value
    else:
        shape, entries = (len(value), len(value[0])), _joined(value, name, file)
    size_of(shape, name, file, limits.MOST)
    for entry in entries:
        if type(entry) is not float:  # each number is one: the text was read with parse_int=float
            raise file.fault(
                f"{short(name)} holds {_kind(entry)}, expected a number, a list of numbers or "
                "a list of rows"
            )
    return float64(np.array(entries).reshape(shape), name, file)


def _joined(rows: list[object], name: str, file: File) -> list[object]:
    joined: list[object] = []
    assert isinstance(rows[0], list)
    for number, row in enumerate(rows, 1):
        if not isinstance(row, list) or len(row) != len(rows[0]):
            raise file.fault(
                f"row {number} of {short(name)} is unlike row 1, expected {len(rows[0])} numbers"
            )
        joined += row
    return joined


def _kind(entry: object) -> str:
    kinds: dict[type, str] = {dict: "an object", list: "a list", str: "text"}
    return f"{kinds[type(entry)]} for a number" if type(entry) in kinds else json.dumps(entry)
