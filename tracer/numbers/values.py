"""Single numbers and matrices: decimal where a calculation is small, or float64."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracer.numbers.decimals import Number, cut_off, number
from tracer.numbers.rounding import DIGITS
from tracer.numbers.typed import Rows

Value = float | Number | np.ndarray


def to_numbers(value: Any) -> Any:
    """A single number or an array, with decimal numbers as its entries.

    >>> to_numbers(np.array([[0.5, 1]]))
    array([[Number('0.5'), Number('1.0')]], dtype=object)

    Where a float had more digits than it keeps, so had the long ones beside it.
    """
    if np.ndim(value) == 0:
        return number(value.item() if isinstance(value, np.ndarray) else value)
    table = np.asarray(value)
    numbers = np.empty(table.shape, dtype=object)
    for place, entry in np.ndenumerate(table):
        numbers[place] = number(entry)
    if table.dtype == float and any(entry.cut for entry in numbers.flat):
        for place, entry in np.ndenumerate(numbers):
            if len(entry.value.as_tuple().digits) > DIGITS:
                numbers[place] = cut_off(entry.value)
    return numbers


def to_floats(value: Any) -> Any:
    """A single number or an array, in float64."""
    return float(value) if np.ndim(value) == 0 else np.array(value, dtype=float)


def typed(rows: Rows) -> np.ndarray:
    """Rows of digits as a matrix, with all the digits that were typed.

    >>> typed((("0.10", "0.6"),))
    array([[Number('0.10'), Number('0.6')]], dtype=object)
    """
    table = np.empty((len(rows), len(rows[0])), dtype=object)
    for i, j in np.ndindex(table.shape):
        table[i, j] = Number(rows[i][j])
    return table


def as_value(value: Any) -> Value:
    """A number or an array that nobody can change, in decimal numbers or in float64."""
    if np.ndim(value) == 0:
        return value if isinstance(value, Number) else float(value)
    array = np.array(value, dtype=object if is_decimal(value) else float)
    array.flags.writeable = False
    return array


def for_numpy(value: Value) -> Any:
    """A value in float64; a number that overflows to infinity, where Python's own would raise."""
    if isinstance(value, np.ndarray):
        return to_floats(value) if is_decimal(value) else value
    return np.float64(value)


def is_decimal(value: Any) -> bool:
    """Whether a single number or an array is made of decimal numbers."""
    return isinstance(value, Number) or (isinstance(value, np.ndarray) and value.dtype == object)
