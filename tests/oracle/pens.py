"""Pens: which digits of a true number stand on a page."""

from dataclasses import dataclass
from fractions import Fraction

from oracle import reals
from oracle.reals import Real, own

MOST = 12
"Decimals that a pen writes at most, and significant digits where nothing is rounded."
WAYS = ("half-up", "half-even", "half-down", "up", "down", "truncate")
NOTHING = 1e-180
"A smaller number may be shown with its digits or as 0: two hundred digits are worked with."
SURE = 39
"Digits that tell a number from a tie."
HAIR = own.mpf(10) ** -SURE
LONGER = 10**24
"Digits of a larger number are not all judged."
WHOLE = 15
"Digits of a whole number that are written out."


@dataclass(frozen=True)
class Pen:
    """How numbers are written down."""

    mode: str = "exact"
    "exact, display or carry"
    places: int = 3
    significant: bool = False
    zeros: bool = False
    "0.500 rather than 0.5"
    way: str = "half-up"

    @property
    def words(self) -> str:
        """The pen as a lesson sets it.

        >>> Pen("carry", 2, zeros=True).words
        'carry 2 zeros'
        """
        return "exact" if self.mode == "exact" else f"{self.mode} {self.digits}"

    @property
    def digits(self) -> str:
        """The digits it writes, as `:places:` sets them."""
        more = " significant" * self.significant + " zeros" * self.zeros
        return f"{self.places}{more}" + f" {self.way}" * (self.way != "half-up")

    @property
    def rounds(self) -> bool:
        return self.mode != "exact"


EXACT = Pen()


def rounded(value: Real, pen: Pen, recognise: bool = True) -> Fraction:
    """The number that stands on the page; what is nearly a whole one or a half is taken for it.

    >>> rounded(reals.real("-0.0385"), Pen("carry", 3))
    Fraction(-39, 1000)
    """
    if not value or (abs(value) < NOTHING and (not pen.rounds or pen.significant)):
        return Fraction(0)
    if not pen.rounds:
        first = leading(value)
        return to_power(value, first - MOST + 1 if first >= WHOLE else min(first - MOST + 1, 0))
    if not pen.significant:
        # what stands in powers of ten has no decimals, but fifteen digits
        lowest = leading(value) - WHOLE + 1 if abs(value) >= 10**WHOLE else -pen.places
        return to_power(value, lowest, pen.way, recognise)
    return to_power(value, leading(value) - pen.places + 1, pen.way, recognise)


def fits(shown: Fraction, value: Real, pen: Pen) -> bool:
    """Whether a number on the page is what a pen makes of a value.

    A value with digits cut off may lie on either side of what it nearly is; and of one that is
    longer than what is worked with, the last digits are not asked for.
    """
    if shown == rounded(value, pen):
        return True
    if type(value) is Fraction and value.denominator < 10**SURE:
        return False
    value = reals.inexact(value)
    if abs(value) > LONGER:
        return abs(reals.inexact(shown) - value) <= abs(value) / 10**SURE
    return any(shown == rounded(value * (1 + x), pen, False) for x in (HAIR, -HAIR))


def to_power(value: Real, lowest: int, way: str = "half-up", recognise: bool = True) -> Fraction:
    """A number with its last digit at a power of ten."""
    unit = Fraction(10) ** lowest
    if type(value) is Fraction:
        return _decided(value / unit, way) * unit
    scaled = value / reals.inexact(unit)
    return _decided(_recognised(scaled) if recognise else scaled, way) * unit


def leading(value: Real) -> int:
    """The power of ten of the first digit.

    >>> leading(reals.real("0.0385")), leading(reals.real("12"))
    (-2, 1)
    """
    size = abs(value)
    power = int(own.floor(own.log10(reals.inexact(size)))) + 1
    # just below a power of ten the logarithm may be that of the power itself
    while reals.order(size, Fraction(10) ** power) < 0:
        power -= 1
    return power


def is_nearly_short(value: Real) -> bool:
    """Whether a number with digits cut off is nearly one of few decimals."""
    scaled = reals.inexact(value) * 10**MOST
    return type(value) is not Fraction and abs(scaled - own.nint(scaled)) < HAIR * 10**MOST


def _recognised(scaled: Real) -> Real:
    """A number that is a whole one or a half in its first digits, as that one."""
    twice = own.nint(2 * scaled)
    near = abs(2 * scaled - twice) <= HAIR * max(1, abs(scaled))
    return Fraction(int(twice), 2) if near else scaled


def _decided(scaled: Real, way: str) -> int:
    """A whole number near another one."""
    below = int(own.floor(scaled)) if type(scaled) is not Fraction else scaled.__floor__()
    rest = scaled - below
    if not rest:
        return below
    match way:
        case "up":
            up = True
        case "down":
            up = False
        case "truncate":
            up = scaled < 0
        case _ if rest != 0.5:
            up = rest > 0.5
        case "half-even":
            up = below % 2 == 1
        case "half-down":
            up = scaled < 0
        case _:
            up = scaled > 0
    return below + up


def shown(text: str) -> Fraction:
    """The number that some digits on a page mean.

    >>> shown("1.5e-7"), shown("2e-43429")
    (Fraction(3, 20000000), Fraction(0, 1))
    """
    power = text.partition("e")[2]
    return Fraction(0) if power.startswith("-") and int(power) < -999 else Fraction(text)


def badly_written(text: str, pen: Pen, given: bool = False) -> str:
    """What is wrong with the form of some digits; nothing where nothing is.

    >>> badly_written("0.50", Pen("carry", 2)), badly_written("0.5", Pen("carry", 2, zeros=True))
    ('has idle zeros', 'lacks zeros')
    """
    number, mantissa = shown(text), text.partition("e")[0]
    decimals = len(mantissa.partition(".")[2])
    if text.startswith("-") and not number:
        return "is a negative zero"
    if "e" in text:
        return "" if not number or not -7 < leading(number) < WHOLE else "is in powers of ten"
    if number and not -7 < leading(number) < WHOLE:
        return "is not in powers of ten"
    keeps = pen.rounds and pen.zeros and not given
    if not keeps:
        return "has idle zeros" if "." in text and mantissa[-1] in "0." else ""
    if pen.significant:
        wanted = pen.places - 1 - leading(number) if number else decimals
        return "" if decimals == max(wanted, 0) else "lacks zeros"
    return "" if decimals == pen.places else "lacks zeros"
