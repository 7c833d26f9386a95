"""The pen: how a number is written down, and when the written one is carried on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from typing import Literal, cast, get_args

from tracer.errors import TracerError

Mode = Literal["exact", "display", "carry"]
MODES: tuple[str, ...] = get_args(Mode)
MOST_PLACES = 12
DIGITS = 12
"""Significant digits kept before rounding: enough for paper, few enough to drop binary dust."""


@dataclass(frozen=True)
class Pen:
    """How numbers are written down: in full, rounded for the page only, or rounded and carried on.

    >>> Pen("carry", 3).write(-0.0385)
    -0.039
    >>> Pen("carry", 3).text(0.25), Pen("exact").text(0.1 + 0.2)
    ('0.25', '0.3')

    Half goes away from zero, on the decimal number, as a person rounds.
    """

    mode: Mode = "carry"
    "exact, display (rounded on the page only) or carry (the rounded number is used next)"
    places: int = 3
    "decimals written; significant figures if `significant`"
    significant: bool = False
    keep_zeros: bool = False
    "write 0.500 rather than 0.5"
    truncate: bool = False
    "cut the digits off instead of rounding them"

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise TracerError(f"rounding mode {self.mode!r} is not one of {', '.join(MODES)}")
        least = 1 if self.significant else 0
        if not least <= self.places <= MOST_PLACES:
            raise TracerError(f"places is {self.places}, expected {least} to {MOST_PLACES}")

    def __str__(self) -> str:
        if self.mode == "exact":
            return "exact"
        extras = (
            " significant" * self.significant,
            " zeros" * self.keep_zeros,
            " truncate" * self.truncate,
        )
        return f"{self.mode} {self.places}" + "".join(extras)

    def write(self, number: float) -> float:
        """The number that stands on the page once it is written."""
        return number if self.mode == "exact" else float(self._rounded(number))

    def text(self, number: float) -> str:
        """A computed number as its digits stand on the page."""
        if self.mode == "exact":
            return plain(number)
        rounded = self._rounded(number)
        return _digits(rounded) if self.keep_zeros else _digits(rounded, drop_zeros=True)

    def _rounded(self, number: float) -> Decimal:
        exact, how = tidy(number), ROUND_DOWN if self.truncate else ROUND_HALF_UP
        if not self.significant:
            return _quantized(exact, -self.places, how)
        rounded = _quantized(exact, exact.adjusted() - self.places + 1, how)
        # 9.996 becomes 10.00, which has a figure too many
        largest = rounded.adjusted() if rounded else 0
        return _quantized(rounded, largest - self.places + 1, how)


EXACT = Pen("exact")


def parse_pen(words: str) -> Pen:
    """A pen from words such as `carry 3`, `display 4 significant` or `exact`.

    >>> parse_pen("carry 3") == Pen("carry", 3)
    True

    Raises TracerError for other words.
    """
    expected = (
        "expected 'exact', 'display N' or 'carry N', and behind it 'significant', 'zeros' "
        "or 'truncate'"
    )
    mode, *rest = words.split() or [""]
    if mode == "exact" and not rest:
        return EXACT
    if mode not in ("display", "carry") or not rest or not rest[0].isdecimal():
        raise TracerError(f"rounding {words!r} cannot be read: {expected}, as in 'carry 3'")
    unknown = set(rest[1:]) - {"significant", "zeros", "truncate"}
    if unknown:
        raise TracerError(f"rounding {words!r} has {sorted(unknown)[0]!r}: {expected}")
    return Pen(
        cast(Mode, mode),
        int(rest[0][:20]),
        significant="significant" in rest,
        keep_zeros="zeros" in rest,
        truncate="truncate" in rest,
    )


def tidy(number: float) -> Decimal:
    """The decimal number a float stands for, without the dust of its binary form.

    >>> tidy(0.1 + 0.2)
    Decimal('0.300000000000')
    """
    return Decimal(f"{number:.{DIGITS - 1}e}")


def plain(number: float) -> str:
    """A number that was typed in or is kept in full: at most twelve digits, no idle zeros.

    >>> plain(0.10), plain(5e-10), plain(-0.0)
    ('0.1', '5e-10', '0')
    """
    return _digits(tidy(number), drop_zeros=True)


def decimals(printed: str) -> int:
    """How many decimals a printed number has.

    >>> decimals("-0.038"), decimals("22")
    (3, 0)
    """
    return max(0, -int(Decimal(printed).as_tuple().exponent))


def reads_as(number: float, printed: str) -> bool:
    """Whether a number kept in full has the digits of a printed one.

    >>> reads_as(0.46879, "0.469"), reads_as(0.46879, "0.468")
    (True, False)

    What is printed with all the digits of a float is compared to a relative 1e-13: the order of
    additions decides the last ones.
    """
    digits = Decimal(printed)
    if len(digits.as_tuple().digits) > DIGITS:
        return abs(number - float(printed)) <= 1e-13 * abs(float(printed))
    exponent = digits.as_tuple().exponent
    assert isinstance(exponent, int)
    return _quantized(tidy(number), exponent, ROUND_HALF_UP) == digits


def _quantized(number: Decimal, lowest: int, how: str) -> Decimal:
    with localcontext() as context:
        context.prec = 700
        rounded = number.quantize(Decimal(1).scaleb(lowest), how)
    return abs(rounded) if rounded == 0 else rounded


def _digits(number: Decimal, drop_zeros: bool = False) -> str:
    number = number.normalize() if drop_zeros else number
    if number == 0:
        return format(abs(number) if not drop_zeros else Decimal(0), "f")
    if -7 < number.adjusted() < 15:
        return format(number, "f")
    mantissa, exponent = f"{number.normalize():e}".split("e")
    return f"{mantissa}e{int(exponent)}"
