"""Decimal numbers with so many digits that each one shown is right, and a tie is a tie.

As long as no digit of a number was cut off, sums, differences and products are those of a person
with enough paper: 0.1 + 0.2 - 0.3 is 0. Once one was, as in 1/3 or in e^2, the number knows its
last right digit, by the rules that are taught for measured numbers: a sum is right down to the
coarser place, a product has as many right digits as the factor with fewer. What such rules of thumb
leave out stays within ten digits that are worked with and never trusted. A difference of which no
right digit is left is no number any more, and counts as 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Context, Decimal, Inexact, Overflow
from functools import cache, cached_property
from typing import Any, TypeVar

from tracer.errors import TracerError

DIGITS, MANY = 50, 200
"Digits that are worked with: at first, and where those were not enough."
GUARD = 10
"How many of them may be wrong."
SURE = 15
"A float with more digits than these was itself cut off; a number with fewer has lost too many."
ALL = MANY
"Right digits of a number that lost none."
STEEP = 3
"Digits that are lost to an exponent that was cut off: the logarithm of a float is below 1000."
Made = TypeVar("Made")


class _Work:
    """The digits that are worked with, and whether a number lost all of its own."""

    def __init__(self, digits: int) -> None:
        self.digits, self.kept = digits, digits - GUARD
        self.lost = False
        limits: dict[str, Any] = {"prec": digits, "Emax": 308, "Emin": -99_999}
        self.nearly = Context(**limits, traps=[])
        self.exactly = Context(**(limits | {"prec": MANY}), traps=[Inexact])

    @cached_property
    def functions(self) -> Any:
        """The functions that decimal numbers do not bring with them."""
        import mpmath  # type: ignore[import-untyped]

        own = mpmath.mp.clone()
        own.dps = self.digits + GUARD
        return own


_USUAL = _Work(DIGITS)
_work: ContextVar[_Work] = ContextVar("work", default=_USUAL)


@contextmanager
def working_with(digits: int) -> Iterator[_Work]:
    """Numbers are worked out with so many digits inside the block."""
    work = _Work(digits)
    token = _work.set(work)
    try:
        yield work
    finally:
        _work.reset(token)


def has_overflowed() -> bool:
    """Whether a number has become too large since the digits that are worked with were chosen.

    >>> with_enough_digits(lambda: (Number("1000").exp(), has_overflowed())[1])
    True
    """
    return bool(_work.get().nearly.flags[Overflow])


def with_enough_digits(make: Callable[[], Made]) -> Made:
    """What is made with 50 digits, or with 200 where a number lost its digits with 50.

    >>> f"{with_enough_digits(lambda: 1 - 1 / (1 + Number('-100').exp())):.3g}"
    '3.72e-44'

    Raises whatever `make` raises.
    """
    with working_with(DIGITS) as work:
        try:
            made = make()
        except TracerError:
            if not work.lost:
                raise
        if not work.lost:
            return made
    with working_with(MANY):
        return make()


class Number:
    """A decimal number, and the power of ten of its last right digit if any was cut off.

    >>> Number("0.1") + Number("0.2") - Number("0.3") == 0
    True
    >>> Number(1) / 3 * 3 - 1 == 0
    True
    >>> (Number(1) / 3).last, (Number(1) / 3 + 1000).last, Number("0.25").last
    (-40, -36, None)
    """

    __slots__ = ("last", "value")

    def __init__(self, value: Decimal | int | str, last: int | None = None) -> None:
        self.value = value if isinstance(value, Decimal) else Decimal(value)
        self.last = last

    def __add__(self, other: Any) -> Any:
        return _added(self, other, _lifted(other))

    def __radd__(self, other: Any) -> Any:
        return _added(_lifted(other), other, self)

    def __sub__(self, other: Any) -> Any:
        lifted = _lifted(other)
        return NotImplemented if lifted is None else _added(self, other, -lifted)

    def __rsub__(self, other: Any) -> Any:
        return _added(_lifted(other), other, -self)

    def __mul__(self, other: Any) -> Any:
        return _worked("multiply", self, _lifted(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return _worked("divide", self, _lifted(other))

    def __rtruediv__(self, other: Any) -> Any:
        return _worked("divide", _lifted(other), self)

    def __pow__(self, other: Any) -> Any:
        return _power(self, _lifted(other))

    def __rpow__(self, other: Any) -> Any:
        return _power(_lifted(other), self)

    def __neg__(self) -> Number:
        return Number(self.value.copy_negate() if self.value else abs(self.value), self.last)

    def __abs__(self) -> Number:
        return Number(self.value.copy_abs(), self.last)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, float):
            return float(self) == other
        lifted = _lifted(other)
        return NotImplemented if lifted is None else _order(self, lifted) == 0

    def __hash__(self) -> int:
        return hash(self.value)

    def __lt__(self, other: Any) -> bool:
        return _order(self, number(other)) < 0

    def __gt__(self, other: Any) -> bool:
        return _order(self, number(other)) > 0

    def __le__(self, other: Any) -> bool:
        return _order(self, number(other)) <= 0

    def __ge__(self, other: Any) -> bool:
        return _order(self, number(other)) >= 0

    def __bool__(self) -> bool:
        return bool(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        import numpy as np  # a pen needs none

        alone = np.empty((), dtype=object)
        alone[()] = self
        return alone if dtype in (None, object) else alone.astype(dtype)

    def __repr__(self) -> str:
        return f"Number('{self.value}')"

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)

    @property
    def is_finite(self) -> bool:
        """Whether it is neither infinite nor undefined, for a float either."""
        return self.value.is_finite() and abs(float(self.value)) != float("inf")

    @property
    def cut(self) -> bool:
        """Whether a digit of it was cut off."""
        return self.last is not None

    @property
    def right(self) -> int:
        """How many of its digits are right."""
        return ALL if self.last is None else self.value.adjusted() - self.last + 1

    @property
    def kept(self) -> Decimal:
        """The digits that are known to be right."""
        if self.last is None or len(self.value.as_tuple().digits) <= self.right:
            return self.value
        return _reduced(self.right).plus(self.value)

    def exp(self) -> Number:
        """e to its power."""
        if not self.value:
            return ONE
        made = _work.get().nearly.exp(self.value)
        return _cut(made, ALL if self.last is None else -self.last)

    def log(self) -> Number:
        """Its natural logarithm."""
        made = _work.get().nearly.ln(self.value)
        if self.value == 1 and not self.cut:
            return ZERO
        return _cut(made, made.adjusted() + self.right if self.cut else ALL)

    def sqrt(self) -> Number:
        """Its square root."""
        return _once("sqrt", self)

    def by(self, function: str) -> Number:
        """What a function of `mpmath` makes of it: tanh, sin, erf, log1p."""
        if function == "tan":
            return self.by("sin") / self.by("cos")  # type: ignore[no-any-return]
        work = _work.get()
        own = work.functions
        # mpmath spells infinity as floats do
        said = str(self.value) if self.value.is_finite() else str(float(self.value))
        made = Decimal(own.nstr(getattr(own, function)(own.mpf(said)), work.digits + 2))
        if not self.value:
            return Number(made)
        # none is steeper than 1, or than itself where it is larger
        return _cut(made, ALL if self.last is None else min(made.adjusted(), 0) - self.last + 1)


ZERO, ONE = Number(0), Number(1)


def number(value: Any) -> Number:
    """A number as a decimal one; of a float, the digits that it is shown with.

    >>> number(0.1)
    Number('0.1')
    """
    lifted = _lifted(value)
    if lifted is None:
        raise TypeError(f"{type(value).__name__} is no number")
    return lifted


def cut_off(value: Decimal) -> Number:
    """A number of which no further digits are known, so that those it has count as right.

    >>> cut_off(Decimal("0.3333")).kept, cut_off(Decimal("0.3333")).cut
    (Decimal('0.3333'), True)
    """
    return Number(value, value.adjusted() - ALL)


def _lifted(value: Any) -> Number | None:
    match value:
        case Number():
            return value
        case bool():
            return None
        case int() | Decimal():
            return Number(value)
        case float():
            exact = Decimal(repr(float(value)))
            return cut_off(exact) if len(exact.as_tuple().digits) > SURE else Number(exact)
    # a single number of NumPy's
    return _lifted(value.item()) if getattr(value, "shape", None) == () else None


def _added(a: Number | None, other: Any, b: Number | None) -> Any:
    if a is None or b is None:
        return NotImplemented
    work = _work.get()
    if a.last is None and b.last is None:
        try:
            return Number(work.exactly.add(a.value, b.value))
        except Inexact:
            pass
    total = work.nearly.add(a.value, b.value)
    lasts = [one.last for one in (a, b) if one.last is not None]
    return _cut(total, total.adjusted() - max(lasts) + 1 if lasts else ALL, work)


def _cut(made: Decimal, right: int, work: _Work | None = None) -> Number:
    """What was made with at most so many right digits; 0 where it has none."""
    if not made.is_finite():
        return Number(made)
    work = work or _work.get()
    right = min(right, work.kept)
    if right < SURE or not made:
        work.lost = True
    return Number(made, made.adjusted() - right + 1) if right > 0 and made else ZERO


@cache
def _reduced(digits: int) -> Context:
    return Context(prec=digits, Emax=999_999, Emin=-999_999, traps=[])


def _order(a: Number, b: Number) -> float:
    """1 where a is the larger, -1 where b is, and 0 where right digits do not tell them apart."""
    x, y = a.value, b.value
    if x.is_nan() or y.is_nan():
        return float("nan")
    if (a.cut or b.cut) and x and y and x.is_finite() and y.is_finite():
        x, y = _added(a, b, -b).value, ZERO.value
    return (x > y) - (x < y)


def _worked(operation: str, a: Number | None, b: Number | None, right: int | None = None) -> Any:
    if a is None or b is None:
        return NotImplemented
    work = _work.get()
    if a.last is None and b.last is None:
        try:
            return Number(getattr(work.exactly, operation)(a.value, b.value))
        except Inexact:
            pass
    made: Decimal = getattr(work.nearly, operation)(a.value, b.value)
    if not (a.value and made):
        return Number(made)
    return _cut(made, min(a.right, b.right) if right is None else right, work)


def _once(operation: str, a: Number) -> Number:
    work = _work.get()
    if a.last is None:
        try:
            return Number(getattr(work.exactly, operation)(a.value))
        except Inexact:
            pass
    return _cut(getattr(work.nearly, operation)(a.value), a.right, work)


def _power(base: Number | None, exponent: Number | None) -> Any:
    if base is None or exponent is None:
        return NotImplemented
    if not exponent.value:
        return ONE
    right = base.right - max(exponent.value.adjusted(), 0)
    if exponent.last is not None:
        right = min(right, -exponent.last - STEEP)
    return _worked("power", base, exponent, right)
