"""Records to JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, is_dataclass
from typing import Any

import numpy as np

from tracer.controls import CONTROL
from tracer.document import BLOCKS
from tracer.errors import TracerError
from tracer.notation import Expr, Matrix, settle
from tracer.quantity import Quantity
from tracer.record.records import Recording
from tracer.record.stored import SCHEMA, VERSION, derived, stored_fields, tag_of
from tracer.render.latex import expression
from tracer.rounding import Pen
from tracer.text import text

LARGEST = 20_000_000
"The most bytes that a recorded trace may have."


def encode(recording: Recording) -> str:
    """A recording as JSON: the same text for the same recording, a record of a list to a line.

    Raises TracerError where the text would be larger than can be read back.
    """
    writer = _Writer()
    told = writer.fields(recording)
    data = {"schema": SCHEMA, "version": VERSION, **told, "quantities": writer.rows}
    lines = ",\n".join(f" {_dumped(key)}: {_lines(value)}" for key, value in data.items())
    whole = f"{{\n{lines}\n}}\n"
    size = len(whole.encode("utf-8"))
    if size > LARGEST:
        raise TracerError(
            f"the trace takes {size:,} bytes, expected at most {LARGEST:,}; "
            "export it as Markdown, which elides large matrices"
        )
    return whole


def _lines(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return _dumped(value)
    return "[\n" + ",\n".join(f"  {_dumped(item)}" for item in value) + "\n ]"


def _dumped(value: Any) -> str:
    said = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", said)


class _Writer:
    """Records to plain data, and the table of their quantities."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self._places: dict[int, int] = {}
        "of a quantity by its identity"

    def plain(self, value: Any, inside: bool = False) -> Any:
        """A value as JSON has it; `inside` an expression, its parts need no text of their own."""
        match value:
            case Quantity():
                return self.place(value)
            case Pen():
                return str(value)
            case Matrix():
                return self.plain(settle(value), inside)
            case Expr() if not inside:
                tree = self.fields(value, inside=True)
                return {"text": text(value), "latex": expression(value), "tree": tree}
            case float():
                return value if math.isfinite(value) else str(value)
            case np.ndarray():
                return self.plain(value.tolist())
            case tuple() | list():
                return [self.plain(item, inside) for item in value]
            case Mapping():
                return dict(value)
        return self.fields(value, inside) if is_dataclass(value) else value

    def fields(self, value: Any, inside: bool = False) -> dict[str, Any]:
        """The fields of a record that say something; its kind too, where several are possible."""
        kind: Any = type(value)
        data = {"is": tag_of(kind)} if issubclass(kind, (Expr, *BLOCKS)) else {}
        for name, (_, default) in stored_fields(kind).items():
            found = getattr(value, name)
            if default is MISSING or found != default:
                data[name] = self.plain(found, inside)
        return data

    def place(self, quantity: Quantity) -> int:
        """Where a quantity stands in the table, behind everything it refers to."""
        waiting = [quantity]
        while waiting:
            top = waiting.pop()
            missing = [one for one in _sources(top) if id(one) not in self._places]
            if missing:
                waiting += [top, *reversed(missing)]
            elif id(top) not in self._places:
                self._add(top)
        return self._places[id(quantity)]

    def _add(self, quantity: Quantity) -> None:
        row = self.fields(quantity) | derived(quantity)
        if not row["changed"]:
            del row["changed"]
        self._places[id(quantity)] = len(self.rows)
        self.rows.append(row)


def _sources(quantity: Quantity) -> Iterator[Quantity]:
    yield from quantity.inputs
    yield from quantity.parts
    for sent in quantity.contributions:
        yield from (sent.upstream, sent.local, sent.product)
