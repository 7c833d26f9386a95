"""A lesson worked out by `tracer`, as plain data: what its JSON holds and the judge reads.

Beside `run` this is the only module that knows `tracer`. The JSON itself says every line three
times, and every step besides; made for thousands of lessons it would take longer than the judge.
"""

from collections.abc import Iterable, Iterator
from dataclasses import MISSING
from typing import Any

from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.numbers.decimals import Number
from tracer.page.document import Note, Working
from tracer.record import Recording, record
from tracer.record.quantities import derived, stored
from tracer.record.stored import stored_fields, tag_of
from tracer.trace.quantity import Quantity


def recorded(text: str) -> Recording:
    """A lesson worked out and explained."""
    solution = solve(read(text, "made", "made.md"))
    return record(solution, explain(solution))


def as_plain(recording: Recording) -> dict[str, Any]:
    """Its pages with their lines and notes, and the quantities of each epoch."""
    [trace] = recording.traces
    return {
        "pages": [
            {"title": page.title, "blocks": list(_told(page.blocks))} for page in recording.pages
        ],
        "epochs": [
            {name: _row(quantity) for name, quantity in _by_name(epoch.quantities).items()}
            for epoch in trace.epochs
        ],
    }


def as_read(data: Any) -> dict[str, Any]:
    """The same of what was read back from JSON."""
    [trace] = data["traces"]
    return {
        "pages": [
            {"title": page["title"], "blocks": [_bare(b) for b in page["blocks"] if _is_told(b)]}
            for page in data["pages"]
        ],
        "epochs": [
            {
                row["name"]: _chosen(row)
                for row in (data["quantities"][place] for place in epoch["quantities"])
            }
            for epoch in trace["epochs"]
        ],
    }


def _by_name(quantities: Iterable[Quantity]) -> dict[str, Quantity]:
    """Quantities by their names; of several the last, which is the gradient."""
    return {quantity.name: quantity for quantity in quantities}


def _told(blocks: Any) -> Iterator[dict[str, Any]]:
    for block in blocks:
        if isinstance(block, Working | Note):
            yield _chosen_block(_plain(block))


def _is_told(block: dict[str, Any]) -> bool:
    return block["is"] in ("working", "note")


ROW, BLOCK = ("name", "given", "exact", "digits"), ("is", "name", "label", "lines", "kind", "text")
"What is judged of a quantity, and of a block on a page."


def _chosen(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in ROW if key in row}


def _chosen_block(block: dict[str, Any]) -> dict[str, Any]:
    return {key: block[key] for key in BLOCK if key in block}


def _bare(block: dict[str, Any]) -> dict[str, Any]:
    lines = [line["tree"] for line in block.get("lines", ())]
    return _chosen_block({**block, "lines": lines} if lines else block)


def _row(quantity: Quantity) -> dict[str, Any]:
    kept = stored(quantity)
    row = {"name": kept.name, "exact": _plain(kept.exact), **derived(quantity)}
    return _chosen(row | ({"given": True} if kept.given else {}))


def _plain(value: Any) -> Any:
    match value:
        case str() | bool() | None | int():
            return value
        case Number() | float():
            return float(value)
        case tuple() | list():
            return [_plain(item) for item in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    kind: Any = type(value)
    return {"is": tag_of(kind)} | {
        name: _plain(found)
        for name, (_, default) in stored_fields(kind).items()
        if (found := getattr(value, name)) is not default
        and (default is MISSING or found != default)
    }
