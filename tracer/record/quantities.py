"""Quantities as plain records: the numbers of a trace in the form in which they are stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tracer.numbers.decimals import Number, cut_off
from tracer.numbers.decimals import number as lifted
from tracer.numbers.rounding import Pen
from tracer.numbers.values import Value, as_value, is_decimal, to_numbers
from tracer.trace.quantity import Contribution, Dictation, Numbers, Place, Quantity, with_zeros
from tracer.written.tree import Expr

ON = "…"
"Stands behind the digits of a number that were cut off there."


@dataclass(frozen=True)
class EntryPen:
    """One entry that is written with another pen than the rest."""

    entry: Place
    "row and column, from 1"
    pen: Pen
    "how it was written down"


@dataclass(frozen=True)
class Unslipped:
    """The numbers as they would be had nobody slipped."""

    written: Value
    "as they would be written down"
    used: Value
    "as a step would use them that does not carry"


@dataclass(frozen=True)
class StoredQuantity:
    """A quantity: exactly, as it is written, and as the next step uses it."""

    name: str
    """the name: Z, W[1], dCost/dW, 'dCost/dW through Z' for what one use contributes, Cost.squares
    for what is written on the way"""
    exact: Value
    "the exact numbers, from a run that never rounds and never slips"
    written: Value
    "the numbers as they are written down"
    used: Value
    """the numbers that a step uses which does not carry: the written ones where rounding is carried
    on"""
    pen: Pen
    "how it was written down"
    given: bool = False
    "whether it was typed in, or is a bare copy of what was, and so is never rounded"
    formula: Expr | None = None
    "how it is worked out from its inputs; null where it was given"
    inputs: tuple[Quantity, ...] = ()
    "what the formula is worked out from, in the order of the rule"
    parts: tuple[Quantity, ...] = ()
    "what was written down on the way"
    contributions: tuple[Contribution, ...] = ()
    "for a gradient, what it is the sum of: one for each use of the value"
    dictations: tuple[Dictation, ...] = ()
    "the entries that were dictated: slips, and what was given in the middle"
    pens: tuple[EntryPen, ...] = ()
    "the entries that are written with another pen"
    followed: Value | None = None
    "the exact numbers that follow from the slips; null where nobody slipped"
    unslipped: Unslipped | None = None
    "what would be written had nobody slipped; null where nobody did"


def stored(quantity: Quantity) -> StoredQuantity:
    """A quantity as it is stored: in floats, and in texts of more digits where it needs them."""
    in_floats = _stored(quantity, _as_float)
    same = derived(restored(in_floats)) == derived(quantity)
    return in_floats if same else _stored(quantity, _as_text)


def _stored(quantity: Quantity, number: Callable[[Any], Any]) -> StoredQuantity:
    own, right = quantity.own.map(_each(number)), quantity.right.map(_each(number))
    slipped = quantity.own is not quantity.right
    return StoredQuantity(
        quantity.name,
        right.exact,
        own.written,
        own.used,
        quantity.pen,
        quantity.given,
        quantity.formula,
        quantity.inputs,
        quantity.parts,
        quantity.contributions,
        quantity.dictations,
        tuple(EntryPen(place, pen) for place, pen in quantity.pens.items()),
        own.exact if slipped else None,
        Unslipped(right.written, right.used) if slipped else None,
    )


def restored(kept: StoredQuantity) -> Quantity:
    """A quantity from what was stored of it."""
    pens = {one.entry: one.pen for one in kept.pens}

    def numbers(exact: Value, written: Value, used: Value) -> Numbers:
        read = Numbers(exact, written, used).map(_read)
        return replace(read, written=with_zeros(kept.pen, read.written, pens))

    followed = kept.exact if kept.followed is None else kept.followed
    own = right = numbers(followed, kept.written, kept.used)
    if kept.unslipped is not None:
        right = numbers(kept.exact, kept.unslipped.written, kept.unslipped.used)
    return Quantity(
        kept.name,
        own,
        right,
        kept.pen,
        kept.given,
        kept.formula,
        kept.inputs,
        kept.parts,
        kept.contributions,
        kept.dictations,
        pens,
    )


def derived(quantity: Quantity) -> dict[str, Any]:
    """What follows from a quantity and is stored for those who read the file otherwise."""
    digits = [[quantity.digits(x) for x in row] for row in np.atleast_2d(quantity.own.written)]
    return {
        "digits": digits if quantity.shape else digits[0][0],
        "changed": [list(place) for place in quantity.changed()],
    }


def _each(number: Callable[[Any], Any]) -> Callable[[Value], Any]:
    def entries(value: Value) -> Any:
        if not is_decimal(value):
            return value
        if not isinstance(value, np.ndarray):
            return number(value)
        return [[number(entry) for entry in row] for row in value]

    return entries


def _as_float(number: Number) -> float:
    return float(number)


def _as_text(number: Number) -> float | str:
    """A number as a float where that is all of it, and as a text of its digits where it is not."""
    if number.is_finite:
        as_float = lifted(float(number))
        if (as_float.value, as_float.cut) != (number.kept, number.cut):
            return f"{number.kept}{ON * number.cut}"
    return float(number)


def number_of(stored: float | str) -> Number:
    """A number from what was stored of it.

    >>> number_of("0.3333…").cut, number_of("0.3333").cut, number_of(0.25)
    (True, False, Number('0.25'))
    """
    if not isinstance(stored, str):
        return lifted(stored)
    found = Number(stored.removesuffix(ON))
    return cut_off(found.value) if stored.endswith(ON) else found


def _read(value: Any) -> Value:
    if isinstance(value, list) and any(isinstance(entry, str) for row in value for entry in row):
        value = np.array([[number_of(entry) for entry in row] for row in value], dtype=object)
    return as_value(number_of(value) if isinstance(value, str) else to_numbers(value))
