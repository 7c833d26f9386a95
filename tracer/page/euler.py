"""Where a value is called e, an exponential is written exp(...): e^x would be read as its power."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from tracer.page.document import BLOCKS, DerivationLine, Document, Formula, Node, Page
from tracer.written.signs import EXP_IN_FULL
from tracer.written.tree import Apply, Expr

EULER = "e"
Written = TypeVar("Written")
_REBUILT = (Expr, *BLOCKS, DerivationLine, Formula, Node, Page, Document)


def unmistakable(written: Written, names: Iterable[str]) -> Written:
    """The same, with exponentials spelled out if one of the names on the page is e.

    >>> from tracer.written.tree import Sym, apply
    >>> from tracer.written.text import text
    >>> text(unmistakable(apply("exp", Sym("e")), ["e"]))
    'exp(e)'
    """
    changed: Written = _spelled_out(written) if EULER in names else written
    return changed


def symbols(written: Any) -> Iterable[str]:
    """The names of everything that stands in a formula."""
    if isinstance(written, tuple):
        for item in written:
            yield from symbols(item)
    elif isinstance(written, _REBUILT):
        name = getattr(written, "name", "")
        if isinstance(written, Expr) and name:
            yield name
        for field in fields(written):  # type: ignore[arg-type]
            yield from symbols(getattr(written, field.name))


def _spelled_out(written: Any) -> Any:
    if isinstance(written, tuple):
        return tuple(map(_spelled_out, written))
    if not (is_dataclass(written) and isinstance(written, _REBUILT)):
        return written
    made_of = fields(written)  # type: ignore[arg-type]
    parts = {field.name: getattr(written, field.name) for field in made_of if field.init}
    changed = {name: _spelled_out(part) for name, part in parts.items()}
    if isinstance(written, Apply) and written.op == "exp":
        changed["op"] = EXP_IN_FULL
    return replace(written, **changed)
