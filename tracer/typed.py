"""Numbers as they are typed: a single one, or a matrix with its rows separated by semicolons."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation

from tracer.errors import LessonError

Rows = tuple[tuple[str, ...], ...]


def parse_rows(text: str) -> Rows:
    """The digits of a number or of a matrix's rows; those of `(...)^T` are turned.

    >>> parse_rows("0 0 1; 0 1 1")
    (('0', '0', '1'), ('0', '1', '1'))

    Raises LessonError for what is no number, is not finite, or has rows of unequal length.
    """
    inner, transposed = text.strip(), False
    if re.fullmatch(r"[-−]?\d+,\d{2,}", inner):
        raise LessonError(
            f"{inner!r} has a decimal comma, expected {inner.replace(',', '.')!r}; numbers are "
            "separated by spaces"
        )
    if match := re.fullmatch(r"\((.*)\)\s*\^T", inner):
        inner, transposed = match[1], True
    rows = tuple(
        tuple(token.replace("−", "-") for token in row.replace(",", " ").split())
        for row in inner.split(";")
    )
    for row in rows:
        for token in row:
            _check_number(token)
    lengths = [len(row) for row in rows]
    if 0 in lengths:
        raise LessonError(f"{text!r} has an empty row, expected numbers such as '0 1; 1 0'")
    if len(set(lengths)) > 1:
        odd = next(k for k, length in enumerate(lengths) if length != lengths[0])
        raise LessonError(
            f"rows of unequal length: row 1 has {lengths[0]} numbers and row {odd + 1} has "
            f"{lengths[odd]}, expected as many in each"
        )
    return tuple(zip(*rows, strict=True)) if transposed else rows


def _check_number(token: str) -> None:
    try:
        number = Decimal(token)
    except InvalidOperation:
        raise LessonError(f"{token!r} is not a number, expected one such as -0.038") from None
    if not number.is_finite() or "_" in token:
        raise LessonError(f"{token!r} is not a finite number, expected one such as -0.038")
    if number and abs(number.adjusted()) > 300:
        raise LessonError(f"{token!r} is too large or too small, expected at most 1e300")


def finite(key: str, text: str) -> float:
    """The number that a setting gives; raises LessonError for anything else."""
    try:
        number = float(text)
    except ValueError:
        raise LessonError(f"{key} {text!r} is not a number, expected such as 0.1") from None
    if not math.isfinite(number):
        raise LessonError(f"{key} {text!r} is not finite, expected such as 0.1")
    return number
