"""How a record is stored, on which writing and reading agree."""

from __future__ import annotations

from dataclasses import MISSING, fields
from functools import cache
from typing import Any, get_type_hints

from tracer.trace.quantity import Contribution
from tracer.written.tree import Expr, Matrix

SCHEMA, VERSION = "tracer-trace", 2
EXPRESSIONS: tuple[type[Expr], ...] = tuple(
    kind for kind in Expr.__subclasses__() if kind is not Matrix
)
"What a written line is made of once it is plain data."


@cache
def stored_fields(kind: Any) -> dict[str, tuple[Any, Any]]:
    """The fields of a record that are stored, with type and default; a rule is not stored."""
    types = get_type_hints(kind)
    return {
        one.name: (
            types[one.name],
            one.default_factory() if one.default_factory is not MISSING else one.default,
        )
        for one in fields(kind)
        if not (kind is Contribution and one.name == "join")
    }


def tag_of(kind: type) -> str:
    return kind.__name__.lower()
