"""The JSON Schema of a recorded trace, made from the records and the notes below their fields.

`python -m tracer.record.schema > tracer/trace-schema.json` publishes it.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, is_dataclass
from functools import cache
from itertools import pairwise
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

from tracer.numbers.decimals import Number
from tracer.numbers.rounding import Pen, Real
from tracer.numbers.values import Value
from tracer.page import document
from tracer.page.document import BLOCKS
from tracer.record.quantities import StoredQuantity
from tracer.record.records import Recording, WrittenTrace
from tracer.record.stored import EXPRESSIONS, SCHEMA, VERSION, stored_fields, tag_of
from tracer.trace.quantity import Place, Quantity
from tracer.written.tree import Entry, Expr, Grid, OneEntry

TITLE = "A lesson worked out by tracer"
ABOUT = (
    "Everything that was written while a lesson was worked out in one way of rounding, and the "
    "pages that show it. Fields that have their default are left out. Quantities stand in one "
    "table and are referred to by their place in it, counted from 0; entries, rows and columns "
    "count from 1, epochs from 0."
)
SOME, FROM_1 = {"minItems": 1}, {"minimum": 1}


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def rows_of(entry: dict[str, Any]) -> dict[str, Any]:
    """A matrix: at least one row, of at least one entry."""
    return {"type": "array", **SOME, "items": {"type": "array", **SOME, "items": entry}}


BOUNDS: dict[tuple[type, str], dict[str, Any]] = {
    (Recording, "pages"): SOME,
    (WrittenTrace, "epochs"): SOME,
    (document.Page, "blocks"): SOME,
    (document.Heading, "level"): FROM_1,
    (document.Working, "lines"): SOME,
    (document.Derivation, "lines"): SOME,
    (document.Table, "columns"): SOME,
    (document.Graph, "nodes"): SOME,
    (document.Curve, "series"): SOME,
    (document.Series, "points"): SOME,
    (document.Boundary, "across"): SOME,
    (document.Boundary, "up"): SOME,
    (document.Boundary, "answers"): rows_of(ref("Number")),
    (document.Points, "points"): SOME,
    (document.NeuronLayer, "neurons"): SOME,
    (document.Neurons, "layers"): SOME,
    (Entry, "row"): FROM_1,
    (Entry, "column"): FROM_1,
    (OneEntry, "row"): FROM_1,
    (OneEntry, "column"): FROM_1,
    (Grid, "cells"): rows_of(ref("Tree")),
    (StoredQuantity, "dictations"): SOME,
    (StoredQuantity, "pens"): SOME,
}
"What a field must have that its type does not say."
PAIR = {"type": "array", "items": {"type": "integer", **FROM_1}, "minItems": 2, "maxItems": 2}
"A row and a column."
STORED_AS: dict[Any, Any] = {
    Quantity: ref("Place"), Pen: ref("Rounding"), Value: ref("Value"), Number: ref("Number"),
    float: ref("Number"), Real: ref("Number"), document.Block: ref("Block"),
    tuple[int, ...]: ref("Shape"), Place: PAIR, NoneType: {"type": "null"}, str: {"type": "string"},
    bool: {"type": "boolean"}, int: {"type": "integer", "minimum": 0},
}  # fmt: skip
BESIDES: dict[type, dict[str, Any]] = {
    StoredQuantity: {
        "digits": {
            "description": "The written numbers as their digits stand on the page.",
            "anyOf": [{"type": "string"}, rows_of({"type": "string"})],
        },
        "changed": {
            "description": "The entries, as row and column, whose written digits are not those of "
            "the exact value rounded; a single number is entry 1, 1.",
            "type": "array",
            "items": PAIR,
            **SOME,
        },
    }
}
"What is stored beside the fields of a record because it follows from them."
WRITTEN: dict[str, dict[str, Any]] = {
    "Line": {
        "description": "A written line or a formula.",
        "type": "object",
        "properties": {
            "text": {
                "description": "The line as plain text; matrices in one row, their rows separated "
                "by semicolons.",
                "type": "string",
            },
            "latex": {"description": "The line in LaTeX.", "type": "string"},
            "tree": {
                "description": "What the line is made of; text and LaTeX follow from it.",
                **ref("Tree"),
            },
        },
        "required": ["text", "latex", "tree"],
        "additionalProperties": False,
    },
    "Tree": {
        "description": "Part of a written line; the field 'is' says which.",
        "anyOf": [ref(kind.__name__) for kind in EXPRESSIONS],
    },
    "Block": {
        "description": "One thing that a page shows; the field 'is' says which.",
        "anyOf": [ref(kind.__name__) for kind in BLOCKS],
    },
    "Rounding": {
        "description": "How numbers are written down: 'exact', in full; 'display 3', rounded on "
        "the page only; or 'carry 3', rounded and carried on; behind it 'significant' for figures "
        "instead of decimals, 'zeros' for kept zeros, and how a digit is decided: 'half-even', "
        "'half-down', 'up', 'down' or 'truncate'.",
        "type": "string",
        "pattern": "^(exact|(display|carry) [0-9]+( significant)?( zeros)?"
        "( half-even| half-down| up| down| truncate)?)$",
    },
    "Number": {
        "description": "A number; a text where it needs more digits than a float has, with … "
        "behind them where more were cut off, or where JSON has no sign for it.",
        "type": ["number", "string"],
        "pattern": r"^(-?inf|nan|-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,5})?…?)$",
    },
    "Value": {
        "description": "A single number, or a matrix as a list of rows.",
        "anyOf": [ref("Number"), rows_of(ref("Number"))],
    },
    "Shape": {
        "description": "Rows and columns; empty for a single number.",
        "type": "array",
        "items": {"type": "integer", **FROM_1},
        "maxItems": 2,
    },
    "Place": {
        "description": "A place in the table of quantities, from 0.",
        "type": "integer",
        "minimum": 0,
    },
}
"What is stored otherwise than as a record of its fields."


def schema() -> dict[str, Any]:
    """The schema, with a definition for each record that is stored.

    >>> schema()["$defs"]["Origin"]["properties"]["title"]
    {'description': 'Its title.', 'type': 'string'}

    Raises LookupError for a field without a note.
    """
    whole = _record(Recording)
    fields = {
        "schema": {"description": "Which kind of file this is.", "const": SCHEMA},
        "version": {
            "description": "The version of this description; another version is another file.",
            "const": VERSION,
        },
        **whole["properties"],
        "quantities": {
            "description": "Every quantity that was written or put in; a row refers to rows above "
            "it only.",
            "type": "array",
            "items": ref("StoredQuantity"),
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{SCHEMA}:{VERSION}",
        "title": TITLE,
        "description": ABOUT,
        **_object(fields, list(fields)),
        "$defs": {kind.__name__: _record(kind) for kind in _records()} | WRITTEN,
    }


def _records() -> list[Any]:
    """Every record that a definition is needed for, in the order in which they are met."""
    found: list[Any] = [Recording]
    for kind in found:
        mentioned = [one for type_, _ in stored_fields(kind).values() for one in _mentioned(type_)]
        found += [one for one in dict.fromkeys(mentioned) if one not in found]
    return found[1:]


def _mentioned(type_: Any) -> Iterator[Any]:
    if type_ is Quantity:
        yield StoredQuantity
    elif type_ is Expr:
        yield from EXPRESSIONS
    elif is_dataclass(type_) and type_ not in STORED_AS:
        yield type_
    for argument in get_args(type_):
        yield from _mentioned(argument)


def _record(kind: Any) -> dict[str, Any]:
    is_tagged = issubclass(kind, (Expr, *BLOCKS))
    fields: dict[str, Any] = {}
    if is_tagged:
        fields["is"] = {"description": "The kind of this record.", "const": tag_of(kind)}
    required = list(fields)
    for name, (type_, default) in stored_fields(kind).items():
        described = {"description": sentence(kind, name)}
        typed = _typed(type_, inside=issubclass(kind, Expr))
        fields[name] = described | typed | BOUNDS.get((kind, name), {})
        required += [name] * (default is MISSING)
    besides = BESIDES.get(kind, {})
    required += ["digits"] * ("digits" in besides)
    about = (inspect.getdoc(kind) or "").splitlines()[0]
    return {"description": about, **_object(fields | besides, required)}


def _object(fields: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": fields,
        "required": required,
        "additionalProperties": False,
    }


def _typed(type_: Any, inside: bool) -> dict[str, Any]:
    """How a value of a type is stored; `inside` an expression, its parts need no text."""
    if type_ is Expr:
        return ref("Tree" if inside else "Line")
    if type_ in STORED_AS:
        return dict(STORED_AS[type_])
    if type_ == Value | None:
        return {"anyOf": [ref("Value"), {"type": "null"}]}
    origin, arguments = get_origin(type_), get_args(type_)
    if origin is UnionType:
        options = [_typed(argument, inside) for argument in arguments]
        return {"anyOf": [one for k, one in enumerate(options) if one not in options[:k]]}
    if origin is tuple and arguments[-1] is Ellipsis:
        return {"type": "array", "items": _typed(arguments[0], inside)}
    if origin is tuple:
        items = [_typed(argument, inside) for argument in arguments]
        return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _typed(arguments[1], inside)}
    return ref(type_.__name__)


def sentence(kind: Any, name: str) -> str:
    """A field's note as a sentence."""
    if name not in _notes(kind):
        raise LookupError(f"{kind.__name__}.{name} has no note, expected one on the line below it")
    note = " ".join(_notes(kind)[name].split())
    return f"{note[0].upper()}{note[1:]}."


@cache
def _notes(kind: Any) -> dict[str, str]:
    """The note below each field of a record that has one; that of a base where it has none."""
    notes = {}
    for base in reversed(kind.__mro__[:-1]):
        (made,) = ast.parse(textwrap.dedent(inspect.getsource(base))).body
        assert isinstance(made, ast.ClassDef)
        for field, below in pairwise(made.body):
            match field, below:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(note))),
                ):
                    notes[name] = note
    return notes


def published() -> str:
    """The schema as it is published."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(published(), end="")
