"""JSON to records, each field checked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, NoReturn, get_args, get_origin

from tracer.errors import TracerError, nearest, placed
from tracer.errors.controls import CONTROL, code_of
from tracer.numbers.rounding import Pen, Real, parse_pen
from tracer.numbers.values import Value
from tracer.record.quantities import StoredQuantity, derived, number_of, restored
from tracer.record.records import Recording
from tracer.record.sound import check_lines, check_sound, worked
from tracer.record.stored import EXPRESSIONS, SCHEMA, VERSION, stored_fields, tag_of
from tracer.trace.quantity import Contribution, Quantity
from tracer.written.latex import expression
from tracer.written.text import text
from tracer.written.tree import Expr

MOST_LISTS = 2_000_000
"Lists and records in a trace, counted before each takes its memory."
NOT_FINITE = ("inf", "-inf", "nan")
"Numbers that JSON has no sign for."
CALLED = {
    str: "a text", int: "a whole number", float: "a number", bool: "true or false",
    list: "a list", dict: "a record",
}  # fmt: skip


@dataclass(frozen=True)
class _Line:
    """A written line where it is stored: its text and its LaTeX stand beside it."""

    tree: Expr


def decode(content: str, where: str) -> Recording:
    """The recording that a text of `encode` holds; `where` is what faults call the text.

    Raises TracerError for a text that is no recording, of another version, or not sound.
    """
    if content.count("[") + content.count("{") > MOST_LISTS:
        said = f"the trace has more than {MOST_LISTS:,} lists and records; export the lesson again"
        raise TracerError(said, where)
    with placed(where):
        try:
            data = _parsed(content, where)
            _check_version(data)
            reader = _Decoder()
            for place, row in enumerate(_of(list, data.get("quantities"), "quantities")):
                reader.add(row, f"quantities[{place}]")
            rest = {k: data[k] for k in data if k not in ("schema", "version", "quantities")}
            made: Recording = reader.record(Recording, rest, "")
            return made
        except RecursionError:
            raise TracerError("something in it is nested too deeply") from None


def _parsed(content: str, where: str) -> Any:
    try:
        return json.loads(content, parse_int=_whole, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise TracerError(f"this is not JSON: {error.msg}", f"{where}:{error.lineno}") from None


def _whole(digits: str) -> int | float:
    # Python refuses to read a whole number of thousands of digits; nothing here is so large
    return int(digits) if len(digits) < 20 else float(digits)


def _no_number(word: str) -> NoReturn:
    raise TracerError(f"{word} is not a number in JSON")


def _check_version(data: Any) -> None:
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise TracerError(
            f"this is no recorded trace, expected one that begins with 'schema': '{SCHEMA}', as "
            "'tracer export or-batch --format json' writes it"
        )
    if data.get("version") != VERSION or isinstance(data["version"], bool):
        raise TracerError(
            f"this trace is of version {_said(data.get('version'))}, expected {VERSION}; "
            "export the lesson again"
        )


class _Decoder:
    """Plain data to records; a fault says where in the data it is."""

    def __init__(self) -> None:
        self.quantities: list[Quantity] = []

    def add(self, data: Any, where: str) -> None:
        """The next quantity of the table."""
        made = restored(self.record(StoredQuantity, data, where, ("digits", "changed")))
        self.quantities.append(made)
        _agrees(data, lambda: derived(made), where)
        check_lines(made, where)

    def read(self, kind: Any, data: Any, where: str, inside: bool = False) -> Any:
        """Data as a value of a type."""
        if kind is Quantity:
            return self._quantity(data, where)
        if kind is Pen:
            return parse_pen(_of(str, data, where))
        if kind in (Value, Value | None):
            return None if data is None and kind != Value else self._value(data, where)
        if kind == Real:
            return number_of(_stored_number(data, where))
        if kind is Expr:
            return self._expression(data, where, inside)
        if is_dataclass(kind):
            return self.record(kind, data, where, (), inside)
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is UnionType:
            return self._either(arguments, data, where)
        if origin is tuple:
            return self._tuple(arguments, data, where, inside)
        if origin is Literal:
            return _one_of(arguments, data, where)
        if origin is Mapping:
            pairs = _of(dict, data, where).items()
            return {_of(str, key, where): _of(str, name, where) for key, name in pairs}
        return _of(kind, data, where)

    def record(
        self,
        kind: Any,
        data: Any,
        where: str,
        besides: tuple[str, ...] = (),
        inside: bool = False,
    ) -> Any:
        """A record from its fields; `besides` are keys that are known but not read here."""
        stored = stored_fields(kind)
        for key in _of(dict, data, where):
            if key not in stored and key not in besides:
                way_out = nearest(key[:40], stored)
                raise TracerError(
                    f"{where or 'this'} has the unknown field {_said(key)}; {way_out}"
                )
        found = {}
        for name, (type_, default) in stored.items():
            if name in data:
                found[name] = self.read(type_, data[name], _below(where, name), inside)
            elif default is MISSING:
                raise TracerError(f"{_below(where, name)} is missing")
        if kind is Contribution:
            found["join"] = _joined_already
        made = kind(**found)
        check_sound(made, where)
        return made

    def _quantity(self, data: Any, where: str) -> Quantity:
        place: int = _of(int, data, where)
        if not 0 <= place < len(self.quantities):
            known = f"a quantity above, 0 to {len(self.quantities) - 1}"
            raise TracerError(f"{where} is {place}, expected {known}")
        return self.quantities[place]

    def _value(self, data: Any, where: str) -> Any:
        """What was stored of a value, as `restored` takes it."""
        if not isinstance(data, list):
            return _stored_number(data, where)
        rows = [[_stored_number(entry, where) for entry in _of(list, row, where)] for row in data]
        if not rows or not rows[0] or len({len(row) for row in rows}) > 1:
            raise TracerError(f"{where} has rows of unequal length or none, expected a matrix")
        return rows

    def _expression(self, data: Any, where: str, inside: bool) -> Expr:
        if inside:
            made: Expr = self._tagged(EXPRESSIONS, data, where, inside)
            return made
        tree: Expr = self.record(_Line, data, where, ("text", "latex"), inside=True).tree
        _agrees(data, lambda: {"text": text(tree), "latex": expression(tree)}, where)
        return tree

    def _tagged(self, kinds: Any, data: Any, where: str, inside: bool = False) -> Any:
        tags = {tag_of(kind): kind for kind in kinds}
        tag = _one_of(tuple(tags), _of(dict, data, where).get("is"), _below(where, "is"))
        return self.record(tags[tag], data, where, ("is",), inside)

    def _either(self, kinds: tuple[Any, ...], data: Any, where: str) -> Any:
        if data is None and NoneType in kinds:
            return None
        if isinstance(data, str) and str in kinds:
            return _of(str, data, where)
        rest = [kind for kind in kinds if kind not in (NoneType, str)]
        if set(rest) == set(get_args(Real)):
            return number_of(_stored_number(data, where))
        return self._tagged(rest, data, where) if rest[1:] else self.read(rest[0], data, where)

    def _tuple(
        self, kinds: tuple[Any, ...], data: Any, where: str, inside: bool
    ) -> tuple[Any, ...]:
        items = _of(list, data, where)
        if kinds[-1] is Ellipsis:
            kinds = (kinds[0],) * len(items)
        if len(items) != len(kinds):
            raise TracerError(f"{where} has {len(items)} items, expected {len(kinds)}")
        return tuple(
            self.read(kind, item, f"{where}[{k}]", inside)
            for k, (kind, item) in enumerate(zip(kinds, items, strict=True))
        )


def _stored_number(data: Any, where: str) -> float | str:
    """A float, or a text with the digits of a number that needs more than a float has."""
    if isinstance(data, str) and re.fullmatch(DIGITS, data):
        return data
    found: float = _of(float, data, where)
    return found


DIGITS = r"-?\d+(\.\d+)?([eE][+-]?\d{1,5})?…?"


def _of(kind: Any, data: Any, where: str) -> Any:
    """Data that must be of a plain type."""
    if kind is float and (data in NOT_FINITE or type(data) in (int, float)):
        return float(data)
    if type(data) is not kind:
        raise TracerError(f"{where or 'this'} is {_said(data)}, expected {CALLED[kind]}")
    if kind is str and (found := CONTROL.search(data)):
        raise TracerError(f"{where} has the control character {code_of(found[0])}, expected text")
    return data


def _one_of(known: tuple[str, ...], data: Any, where: str) -> Any:
    if not isinstance(data, str) or data not in known:
        raise TracerError(f"{where} is {_said(data)}; {nearest(str(data)[:40], known)}")
    return data


def _agrees(data: Mapping[str, Any], work: Callable[[], Mapping[str, Any]], where: str) -> None:
    """Refuse what is stored for other readers where it does not follow from the rest."""
    for key, value in worked(work, where).items():
        if data.get(key, value) != value:
            given = _said(data[key])
            raise TracerError(f"{_below(where, key)} is {given}, expected {_said(value)}")


def _said(data: Any) -> str:
    shown = repr(data)
    return shown if len(shown) <= 60 else f"{shown[:60]}..."


def _below(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _joined_already(*_: object) -> NoReturn:
    raise TracerError("a contribution that was read back keeps its product and no rule")
