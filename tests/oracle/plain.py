"""A lesson worked out by `tracer`, as plain data: what its JSON holds, but for repeated texts.

Beside `run` this is the only module that knows `tracer`.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, is_dataclass
from typing import Any

import numpy as np

from tracer.decimals import Number
from tracer.document import BLOCKS
from tracer.explain import explain
from tracer.lesson import read
from tracer.notation import Expr, Matrix, settle
from tracer.quantity import Quantity
from tracer.record import Recording, encode, record
from tracer.record.quantities import derived, stored
from tracer.record.stored import stored_fields, tag_of
from tracer.rounding import Pen
from tracer.solution import solve


def recorded(text: str) -> Recording:
    """A lesson worked out and explained."""
    solution = solve(read(text, "made", "made.md"))
    return record(solution, explain(solution))


def as_json(recording: Recording) -> Any:
    """What its JSON holds, read back, without the texts that are said a second time."""
    return without_texts(json.loads(encode(recording)))


def without_texts(data: Any) -> Any:
    """Plain data with a line as its tree alone."""
    if isinstance(data, list):
        return [without_texts(one) for one in data]
    if isinstance(data, dict):
        if "tree" in data:
            return without_texts(data["tree"])
        return {key: without_texts(one) for key, one in data.items()}
    return data


def as_plain(recording: Recording) -> Any:
    """The same made at once, in half the time."""
    writer = _Writer()
    told = writer.fields(recording)
    return {**told, "quantities": writer.rows}


class _Writer:
    """Records to plain data, and the table of their quantities."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self._places: dict[int, int] = {}

    def plain(self, value: Any) -> Any:
        match value:
            case str() | bool() | None | int():
                return value
            case Quantity():
                return self._place(value)
            case Pen():
                return str(value)
            case Matrix():
                return self.plain(settle(value))
            case Number() | float():
                return float(value)
            case np.ndarray():
                return [[self.plain(x) for x in row] for row in value]
            case tuple() | list():
                return [self.plain(item) for item in value]
            case Mapping():
                return dict(value)
        return self.fields(value) if is_dataclass(value) else value

    def fields(self, value: Any) -> dict[str, Any]:
        kind: Any = type(value)
        data = {"is": tag_of(kind)} if issubclass(kind, (Expr, *BLOCKS)) else {}
        for name, (_, default) in stored_fields(kind).items():
            found = getattr(value, name)
            if default is MISSING or found != default:
                data[name] = self.plain(found)
        return data

    def _place(self, quantity: Quantity) -> int:
        key = id(quantity)
        if key not in self._places:
            row = self.fields(stored(quantity)) | derived(quantity)
            self._places[key] = len(self.rows)
            self.rows.append(row)
        return self._places[key]
