"""The pen: how a number is written down, and when the written one is carried on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
)
from typing import Literal, cast, get_args

from tracer.errors import TracerError, nearest
from tracer.numbers.decimals import SURE, Number, number

Mode = Literal["exact", "display", "carry"]
MODES: tuple[str, ...] = get_args(Mode)
MOST_PLACES = 12
DIGITS = 12
"Significant digits that are shown where nothing is rounded."
WAYS = {
    "half-up": ROUND_HALF_UP,
    "half-even": ROUND_HALF_EVEN,
    "half-down": ROUND_HALF_DOWN,
    "up": ROUND_CEILING,
    "down": ROUND_FLOOR,
    "truncate": ROUND_DOWN,
}
"""How a digit is decided: half goes away from zero, to the even digit or towards zero; or every
number goes to the larger one, to the smaller one, or is cut off."""
IN_WORDS = {
    "half-even": ", half to the even digit",
    "half-down": ", half towards zero",
    "up": ", rounded up",
    "down": ", rounded down",
    "truncate": ", cut off",
}
"""What is said of each but the usual one."""
WIDE = Context(prec=2000, Emax=999_999, Emin=-999_999, traps=[])
Real = Number | float


@dataclass(frozen=True)
class Pen:
    """How numbers are written down: in full, rounded for the page only, or rounded and carried on.

    >>> Pen("carry", 3).write(-0.0385)
    -0.039
    >>> Pen("carry", 3).text(0.25), Pen("exact").text(0.1 + 0.2)
    ('0.25', '0.3')

    Half goes away from zero, on the decimal number, as a person rounds; unless it goes another way.
    """

    mode: Mode = "carry"
    "exact, display (rounded on the page only) or carry (the rounded number is used next)"
    places: int = 3
    "decimals written; significant figures if `significant`"
    significant: bool = False
    keep_zeros: bool = False
    "write 0.500 rather than 0.5"
    way: str = "half-up"
    "one of WAYS"

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise TracerError(f"rounding mode {self.mode!r} is not one of {', '.join(MODES)}")
        if self.way not in WAYS:
            raise TracerError(f"rounding {self.way!r} is not known; {nearest(self.way, WAYS)}")
        least = 1 if self.significant else 0
        if not least <= self.places <= MOST_PLACES:
            raise TracerError(f"places is {self.places}, expected {least} to {MOST_PLACES}")

    def __str__(self) -> str:
        if self.mode == "exact":
            return "exact"
        extras = (
            " significant" * self.significant,
            " zeros" * self.keep_zeros,
            f" {self.way}" * (self.way != "half-up"),
        )
        return f"{self.mode} {self.places}" + "".join(extras)

    @property
    def rounds(self) -> bool:
        """Whether what is written can differ from what was worked out."""
        return self.mode != "exact"

    def write(self, value: Real) -> Real:
        """The number that stands on the page once it is written; it keeps the digits it has there.

        >>> Pen("carry", 3).write(Number("2") / 3)
        Number('0.667')
        """
        if not self.rounds:
            return value
        rounded = self._rounded(value)
        return Number(rounded) if isinstance(value, Number) else float(rounded)

    def keep(self, value: Real) -> Real:
        """A number that was written without being rounded, with zeros where the pen has digits.

        >>> Pen("carry", 3).keep(Number("0.6")), Pen("carry", 3).keep(Number("0.6789"))
        (Number('0.600'), Number('0.6789'))
        """
        rounded = self.write(value)
        return rounded if rounded == value else value

    def text(self, value: Real) -> str:
        """A computed number as its digits stand on the page."""
        return self._text(self._rounded(value)) if self.rounds else plain(value)

    def digits(self, written: Real) -> str:
        """The digits of a number that is written already, be they more or fewer than the pen's."""
        if not self.rounds:
            return plain(written)
        return self._text(written.value) if isinstance(written, Number) else self.text(written)

    def _text(self, rounded: Decimal) -> str:
        return digits_of(rounded, drop_zeros=not self.keep_zeros)

    def _rounded(self, value: Real) -> Decimal:
        how = WAYS[self.way]
        if not self.significant:
            exact = tidy(value, -self.places)
            # what is written in powers of ten has no decimals
            last = exact.adjusted() - SURE + 1 if _is_large(exact) else -self.places
            return _quantized(exact, last, how)
        exact = tidy(value)
        rounded = _quantized(exact, exact.adjusted() - self.places + 1, how)
        # 9.996 becomes 10.00, which has a figure too many
        largest = rounded.adjusted() if rounded else 0
        return _quantized(rounded, largest - self.places + 1, how)


EXACT = Pen("exact")


def parse_pen(words: str) -> Pen:
    """A pen from words such as `carry 3`, `display 4 significant half-even` or `exact`.

    >>> parse_pen("carry 3") == Pen("carry", 3)
    True

    Raises TracerError for other words.
    """
    extras = ("significant", "zeros", *WAYS)
    expected = (
        "expected 'exact', 'display N' or 'carry N', and behind it 'significant', 'zeros' "
        f"or one of {', '.join(WAYS)}"
    )
    mode, *rest = words.split() or [""]
    if mode == "exact" and not rest:
        return EXACT
    if mode not in ("display", "carry") or not rest or not rest[0].isdecimal():
        raise TracerError(f"rounding {words!r} cannot be read: {expected}, as in 'carry 3'")
    unknown = [word for word in rest[1:] if word not in extras]
    if unknown:
        raise TracerError(f"rounding {words!r} has {unknown[0]!r}: {expected}")
    ways = [word for word in rest[1:] if word in WAYS]
    if len(ways) > 1:
        raise TracerError(f"rounding {words!r} goes two ways, {' and '.join(ways)}: expected one")
    return Pen(
        cast(Mode, mode),
        int(rest[0][:20]),
        significant="significant" in rest,
        keep_zeros="zeros" in rest,
        way=ways[0] if ways else "half-up",
    )


def tidy(value: Real, lowest: int = 0) -> Decimal:
    """The decimal number that a number stands for; of a float, without its binary dust.

    >>> tidy(0.1 + 0.2), tidy(Number("0.1") + Number("0.2"))
    (Decimal('0.300000000000'), Decimal('0.3'))

    Of a float at least twelve digits are kept, and down to the `lowest` power of ten up to fifteen.
    """
    if isinstance(value, Number):
        return value.kept
    shortest = Decimal(repr(float(value)))
    first = shortest.adjusted()
    last = max(min(first - DIGITS + 1, lowest), first - SURE + 1)
    return _quantized(shortest, last, ROUND_HALF_UP)


def plain(value: Real) -> str:
    """A number that is not rounded: at most twelve digits of it, no idle zeros.

    >>> plain(0.10), plain(5e-10), plain(-0.0)
    ('0.1', '5e-10', '0')
    """
    exact = tidy(value)
    first = exact.adjusted()
    # a whole number that is written out has all its digits
    lowest = min(first - DIGITS + 1, 0) if first < SURE else first - DIGITS + 1
    return digits_of(_quantized(exact, lowest, ROUND_HALF_UP), drop_zeros=True)


def in_full(value: Real) -> str:
    """A number that was given, with all the digits that were typed, no idle zeros.

    >>> in_full(Number("1234567890123.4567890")), in_full(0.1 + 0.2)
    ('1234567890123.456789', '0.3')

    One that was worked out, as 1/3, or drawn at random, has at most twelve.
    """
    exact = number(value)
    return plain(value) if exact.cut else digits_of(exact.value, drop_zeros=True)


def to_places(value: Real, places: int) -> str:
    """A number to so many decimals, be they more than a pen writes; no idle zeros.

    >>> to_places(Number("60.2202"), 3), to_places(Number(1) / 3, 15), to_places(Number("-0.1"), 0)
    ('60.22', '0.333333333333333', '0')
    """
    return digits_of(_quantized(tidy(value, -places), -places, ROUND_HALF_UP), drop_zeros=True)


def enough_places(value: Real) -> int:
    """How many decimals keep a few digits of a small number; at most what a pen can write.

    >>> enough_places(0.004), enough_places(3.2e-7)
    (5, 9)
    """
    return min(MOST_PLACES, max(2 - number(value).value.adjusted(), 0))


def decimals(printed: str) -> int:
    """How many decimals a printed number has.

    >>> decimals("-0.038"), decimals("22")
    (3, 0)
    """
    return max(0, -int(Decimal(printed).as_tuple().exponent))


def reads_as(value: Real, printed: str) -> bool:
    """Whether a number kept in full has the digits of a printed one.

    >>> reads_as(0.46879, "0.469"), reads_as(0.46879, "0.468")
    (True, False)

    What is printed with all the digits of a float is compared to a relative 1e-13: the order of
    additions decides the last ones.
    """
    digits = Decimal(printed)
    if len(digits.as_tuple().digits) > DIGITS:
        return abs(float(value) - float(printed)) <= 1e-13 * abs(float(printed))
    exponent = digits.as_tuple().exponent
    assert isinstance(exponent, int)
    return _quantized(tidy(value), exponent, ROUND_HALF_UP) == digits


def _quantized(exact: Decimal, lowest: int, how: str) -> Decimal:
    """A number with its last digit at a power of ten; a negative zero is none."""
    rounded = exact.quantize(Decimal((0, (1,), lowest)), how, WIDE)
    return abs(rounded) if rounded == 0 else rounded


def _is_large(exact: Decimal) -> bool:
    return exact != 0 and exact.adjusted() >= SURE


def digits_of(exact: Decimal, drop_zeros: bool = False) -> str:
    """A decimal number as it is written, in powers of ten where it is very large or small.

    >>> digits_of(Decimal("0.500")), digits_of(Decimal("0.500"), drop_zeros=True)
    ('0.500', '0.5')
    """
    if exact == 0:
        return format(abs(exact) if not drop_zeros else Decimal(0), "f")
    exact = exact.normalize(WIDE) if drop_zeros else exact
    if exact.adjusted() > -7 and not _is_large(exact):
        return format(exact, "f")
    mantissa, exponent = f"{exact.normalize(WIDE):e}".split("e")
    return f"{mantissa}e{int(exponent)}"
