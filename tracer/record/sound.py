"""Records that no page could show, which are refused."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracer import document
from tracer.errors import TracerError
from tracer.notation import Grid
from tracer.record.quantities import StoredQuantity
from tracer.record.records import Recording
from tracer.record.stored import tag_of


def check_sound(made: Any, where: str) -> None:
    """Refuse records that no page could show."""
    match made:
        case Grid(cells, _, symbols):
            sound = _rectangular(cells) and (not symbols or _rectangular(symbols))
        case StoredQuantity(_, exact, written, used):
            shapes = {np.shape(value) for value in (exact, written, used)}
            sound = len(shapes) == 1
        case document.Working() | document.Derivation():
            sound = bool(made.lines)
        case document.Table(_, columns, rows, tones):
            sound = {len(columns)} == {len(tones), *map(len, rows)}
        case document.Graph(nodes, edges):
            known = {node.name for node in nodes}
            sound = bool(nodes) and all({edge.start, edge.end} <= known for edge in edges)
        case document.Curve():
            sound = bool(made.series) and all(series.points for series in made.series)
        case document.Boundary(_, across, up, answers):
            sound = {len(across)} == set(map(len, answers)) and len(up) == len(answers)
        case Recording():
            sound = bool(made.pages)
        case _:
            return
    if not sound:
        raise TracerError(
            f"{where or 'this'} is not whole, expected {tag_of(type(made))} without gaps"
        )


def _rectangular(rows: tuple[tuple[Any, ...], ...]) -> bool:
    return len({len(row) for row in rows}) == 1 and bool(rows[0])
