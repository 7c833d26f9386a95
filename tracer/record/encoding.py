"""Records to JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, is_dataclass
from typing import Any

import numpy as np

from tracer.errors import TracerError
from tracer.errors.controls import CONTROL
from tracer.numbers.decimals import Number
from tracer.numbers.rounding import Pen
from tracer.page.document import BLOCKS
from tracer.record.quantities import derived, stored
from tracer.record.records import Recording
from tracer.record.stored import SCHEMA, VERSION, stored_fields, tag_of
from tracer.trace.quantity import Quantity
from tracer.written.entries import settle
from tracer.written.latex import expression
from tracer.written.text import text
from tracer.written.tree import Expr, Matrix

LARGEST = 20_000_000
"The most bytes that a recorded trace may have."
LEAST = len("0.0,0.0,0.0,'0',")
"The bytes that an entry of a quantity takes: exact, written and used, and its digits."


def encode(recording: Recording) -> str:
    """A recording as JSON: the same text for the same recording, a record of a list to a line.

    Raises TracerError where the text would be larger than can be read back, as soon as that is
    known.
    """
    least = LEAST * sum(np.size(quantity.written) for quantity in _every_quantity(recording))
    if least > LARGEST:
        raise _too_large(f"at least {least:,} bytes")
    writer = _Writer()
    told = {name: writer.lines(value) for name, value in writer.stored(recording)}
    data = {"schema": _dumped(SCHEMA), "version": _dumped(VERSION), **told}
    data["quantities"] = _listed(writer.rows)
    lines = ",\n".join(f" {_dumped(key)}: {value}" for key, value in data.items())
    whole = f"{{\n{lines}\n}}\n"
    size = len(whole.encode("utf-8"))
    if size > LARGEST:
        raise _too_large(f"{size:,} bytes")
    return whole


def _too_large(takes: str) -> TracerError:
    return TracerError(
        f"the trace takes {takes}, expected at most {LARGEST:,}; "
        "export it as Markdown, which elides large matrices"
    )


def _every_quantity(recording: Recording) -> Iterator[Quantity]:
    """Every quantity that is stored, once."""
    epochs = (epoch for trace in recording.traces for epoch in trace.epochs)
    waiting = [quantity for epoch in epochs for quantity in epoch.quantities]
    waiting += [quantity for page in recording.pages for quantity in page.shows]
    met: set[int] = set()
    while waiting:
        quantity = waiting.pop()
        if id(quantity) not in met:
            met.add(id(quantity))
            yield quantity
            waiting += _sources(quantity)


def _listed(lines: list[str]) -> str:
    return "[\n" + ",\n".join(f"  {line}" for line in lines) + "\n ]" if lines else "[]"


def _dumped(value: Any) -> str:
    said = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", said)


class _Writer:
    """Records to plain data, and the table of their quantities."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self._places: dict[int, int] = {}
        "of a quantity by its identity"
        self._size = 0

    def lines(self, value: Any) -> str:
        """A value as JSON; the records of a list each on a line, made one after the other."""
        if not isinstance(value, tuple):
            return self._put_down(self.plain(value))
        return _listed([self._put_down(self.plain(item)) for item in value])

    def _put_down(self, data: Any) -> str:
        """Plain data as text; what would make the whole too large is not kept."""
        said = _dumped(data)
        self._size += len(said)
        if self._size > LARGEST:
            raise _too_large(f"more than {self._size:,} bytes")
        return said

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
            case Number():
                return self.plain(float(value))
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
        data: dict[str, Any] = {"is": tag_of(kind)} if issubclass(kind, (Expr, *BLOCKS)) else {}
        return data | {name: self.plain(found, inside) for name, found in self.stored(value)}

    def stored(self, value: Any) -> Iterator[tuple[str, Any]]:
        """The fields of a record that say something."""
        kind: Any = type(value)
        for name, (_, default) in stored_fields(kind).items():
            found = getattr(value, name)
            if default is MISSING or found != default:
                yield name, found

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
        row = self.fields(stored(quantity)) | derived(quantity)
        if not row["changed"]:
            del row["changed"]
        self._places[id(quantity)] = len(self.rows)
        self.rows.append(self._put_down(row))


def _sources(quantity: Quantity) -> Iterator[Quantity]:
    yield from quantity.inputs
    yield from quantity.parts
    for sent in quantity.contributions:
        yield from (sent.upstream, sent.local, sent.product)
