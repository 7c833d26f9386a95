"""Numbers as they are typed: a single one, or a matrix with its rows separated by semicolons."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from decimal import Decimal, InvalidOperation

from tracer.errors import LessonError

Rows = tuple[tuple[str, ...], ...]
MOST_SHOWN = 120
"The most characters of somebody's own numbers that a fault repeats."
_DECIMAL_COMMA = re.compile(r"(?<![^\s;(])([-+−]?\d+),(\d+(?:[eE][-+−]?\d+)?)(?![^\s;)])")
_ROW_COMMA = re.compile(r"\.\d*,|,\s*[-+−]?\d*\.")
_IN_LISTS = set("[]{}(),; \t0123456789.eE+-−/")
_DECIMAL = re.compile(r"[-+−]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+−]?\d+)?")
_FRACTION = re.compile(r"([-+−]?[\d.]+)/([\d.]+)")
_CALL = re.compile(r"[A-Za-z_.]*\b(?:array|asarray|matrix|tensor|constant)\((.*)\)")


def parse_rows(text: str) -> Rows:
    """The digits of a number or of a matrix's rows; those of `(...)^T` are turned.

    >>> parse_rows("0 0 1; 0 1 1")
    (('0', '0', '1'), ('0', '1', '1'))

    Raises LessonError for what is no number, is not finite, or has rows of unequal length.
    """
    inner, transposed = text.strip(), False
    refuse_list(inner)
    _refuse_decimal_commas(inner)
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


def refuse_list(text: str) -> None:
    """Refuse numbers that are typed as a list, as programs have it.

    >>> refuse_list("[[0, 1]]")
    Traceback (most recent call last):
    tracer.errors.LessonError: '[[0, 1]]' is a list, expected '0 1': a semicolon ends a row

    Raises LessonError with the same numbers as they are typed here; says nothing of other texts.
    """
    if listed := _from_list(text):
        raise LessonError(
            f"{_brief(text)!r} is a list, expected {_brief(listed)!r}: a semicolon ends a row"
        )


def _refuse_decimal_commas(text: str) -> None:
    """Refuse `0,5` and `1,5 2,5`; `0, 1` and `0.1,0.6` are rows."""
    if _DECIMAL_COMMA.search(text) and not _ROW_COMMA.search(text):
        points, row = _DECIMAL_COMMA.sub(r"\1.\2", text), _DECIMAL_COMMA.sub(r"\1, \2", text)
        raise LessonError(
            f"{_brief(text)!r} has a decimal comma, expected {_brief(points)!r}, or "
            f"{_brief(row)!r} for a row"
        )


def is_row(text: str) -> bool:
    """Whether a text has nothing but numbers in it, and more than one.

    >>> is_row("1 2; 3 4"), is_row("1 - 2"), is_row("1/3")
    (True, False, False)
    """
    tokens = re.sub(r"\)\s*\^T$", "", text.strip().removeprefix("(")).replace(",", " ")
    parts = tokens.replace(";", " ").split()
    return (len(parts) > 1 or ";" in text) and bool(parts) and all(map(_is_number, parts))


def _from_list(text: str) -> str | None:
    """The rows of a list as Python, NumPy or MATLAB has it; None for anything else."""
    inner, turned = re.subn(r"(?:\.T|\.transpose\(\)|')$", "", text.strip())
    called = _CALL.fullmatch(inner)
    inner = called[1].partition("dtype")[0].strip(", ") if called else inner
    if inner[:1] + inner[-1:] not in ("[]", "{}", "()") or set(inner) - _IN_LISTS:
        return None
    rows = re.findall(r"[\[{(]([^\[\]{}()]*)[\]})]", inner[1:-1]) or inner[1:-1].split(";")
    split = [row.replace(",", " ").split() for row in rows]
    tokens = [token for row in split for token in row]
    least = 2 if inner[0] == "(" else 1  # round brackets are those of a formula as well
    if len(tokens) < least or not all(map(_is_number, tokens)):
        return None
    typed = "; ".join(map(" ".join, split))
    return f"({typed})^T" if turned else typed


def _is_number(token: str) -> bool:
    """Whether a token is a number, or a fraction where a number is meant."""
    return (_DECIMAL.fullmatch(token) or _FRACTION.fullmatch(token)) is not None


def _brief(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def _refuse_fraction(said: str, token: str) -> None:
    """Refuse `1/3` where a decimal number stands, with its value."""
    if match := _FRACTION.fullmatch(token):
        with suppress(ArithmeticError):
            value = f"{Decimal(match[1].replace('−', '-')) / Decimal(match[2]):.6g}"
            raise LessonError(f"{said} is a fraction, expected a decimal number such as {value}")


def _check_number(token: str) -> None:
    _refuse_fraction(repr(token), token)
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
    said = f"{key} {text!r}"
    if match := _DECIMAL_COMMA.fullmatch(text):
        raise LessonError(f"{said} has a decimal comma, expected '{match[1]}.{match[2]}'")
    _refuse_fraction(said, text)
    try:
        number = float(text)
    except ValueError:
        raise LessonError(f"{said} is not a number, expected such as 0.1") from None
    if not math.isfinite(number):
        raise LessonError(f"{said} is not finite, expected such as 0.1")
    return number


def refuse_decimal_comma(formula: str) -> None:
    """Refuse a formula that cannot be read because of a decimal comma: `0,5*x`.

    Raises LessonError with the number as it is typed here.
    """
    if match := re.search(r"(?<![\w.,])(\d+),(\d+)(?![\w.,])", formula):
        raise LessonError(
            f"{_brief(formula)!r} has a decimal comma, expected {match[1]}.{match[2]}"
        )


def parts(words: str) -> list[str]:
    """Words separated by commas that stand in no brackets.

    >>> parts("2 relu, 1 max(z, 0)"), parts("W[1,2], b")
    (['2 relu', ' 1 max(z, 0)'], ['W[1,2]', ' b'])
    """
    found, depth = [""], 0
    for letter in words:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and not depth:
            found.append("")
        else:
            found[-1] += letter
    return found
