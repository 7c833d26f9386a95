"""Decimal numbers with so many digits that each one shown is right, and a tie is a tie.

A number knows whether a digit of it was ever cut off. As long as none was, sums, differences and
products are those of a person with enough paper: 0.1 + 0.2 - 0.3 is 0. Once one was, as in 1/3 or
in e^2, what is left of a difference after nearly all of its digits have cancelled is no number any
more, and counts as 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Context, Decimal, Inexact
from functools import cached_property
from typing import Any, TypeVar

from tracer.errors import TracerError

DIGITS, MANY = 50, 200
"Digits that are worked with: at first, and where those were not enough."
GUARD = 10
"How many of them may be wrong."
SURE = 15
"A float with more digits than these was itself cut off."
Made = TypeVar("Made")


class _Work:
    """The digits that are worked with, and whether a number lost all of its own."""

    def __init__(self, digits: int) -> None:
        self.digits, self.kept = digits, digits - GUARD
        self.lost = False
        limits: dict[str, Any] = {"prec": digits, "Emax": 308, "Emin": -99_999}
        self.nearly = Context(**limits, traps=[])
        self.exactly = Context(**limits, traps=[Inexact])
        self.reduced = Context(**(limits | {"prec": self.kept}), traps=[])

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
    """A decimal number, and whether a digit of it was cut off.

    >>> Number("0.1") + Number("0.2") - Number("0.3") == 0
    True
    >>> Number(1) / 3 * 3 - 1 == 0
    True
    """

    __slots__ = ("cut", "value")

    def __init__(self, value: Decimal | int | str, cut: bool = False) -> None:
        self.value = value if isinstance(value, Decimal) else Decimal(value)
        self.cut = cut

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
        return Number(self.value.copy_negate() if self.value else abs(self.value), self.cut)

    def __abs__(self) -> Number:
        return Number(self.value.copy_abs(), self.cut)

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
    def kept(self) -> Decimal:
        """The digits that are known to be right."""
        return _work.get().reduced.plus(self.value) if self.cut else self.value

    def exp(self) -> Number:
        """e to its power."""
        return Number(_work.get().nearly.exp(self.value), self.cut or bool(self.value))

    def log(self) -> Number:
        """Its natural logarithm."""
        work = _work.get()
        if self.cut and abs(self.value - 1).adjusted() < -work.kept:
            work.lost = True
        return Number(work.nearly.ln(self.value), self.cut or self.value != 1)

    def sqrt(self) -> Number:
        """Its square root."""
        return _once("sqrt", self)

    def by(self, function: str) -> Number:
        """What a function of `mpmath` makes of it: tanh, sin, erf, log1p."""
        work = _work.get()
        own = work.functions
        # mpmath spells infinity as floats do
        said = str(self.value) if self.value.is_finite() else str(float(self.value))
        found = getattr(own, function)(own.mpf(said))
        return Number(Decimal(own.nstr(found, work.digits + 2)), cut=True)


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
            return Number(exact, cut=len(exact.as_tuple().digits) > SURE)
    # a single number of NumPy's
    return _lifted(value.item()) if getattr(value, "shape", None) == () else None


def _added(a: Number | None, other: Any, b: Number | None) -> Any:
    if a is None or b is None:
        return NotImplemented
    work = _work.get()
    if not (a.cut or b.cut):
        try:
            return Number(work.exactly.add(a.value, b.value))
        except Inexact:
            pass
    return Number(_settled(work.nearly.add(a.value, b.value), a.value, b.value, work), cut=True)


def _settled(total: Decimal, a: Decimal, b: Decimal, work: _Work) -> Decimal:
    """A sum of numbers that were cut off, or 0 where nothing but wrong digits is left of it."""
    if not (total.is_finite() and a and b):
        return total
    if total and total.adjusted() >= max(a.adjusted(), b.adjusted()) - work.kept:
        return total
    work.lost = True
    return Decimal(0)


def _order(a: Number, b: Number) -> float:
    """1 where a is the larger, -1 where b is, and 0 where right digits do not tell them apart."""
    if a.value.is_nan() or b.value.is_nan():
        return float("nan")
    if not (a.cut or b.cut) or not (a.value.is_finite() and b.value.is_finite()):
        return (a.value > b.value) - (a.value < b.value)
    work = _work.get()
    apart = _settled(work.nearly.subtract(a.value, b.value), a.value, b.value, work)
    return (apart > 0) - (apart < 0)


def _worked(operation: str, a: Number | None, b: Number | None) -> Any:
    if a is None or b is None:
        return NotImplemented
    work = _work.get()
    if not (a.cut or b.cut):
        try:
            return Number(getattr(work.exactly, operation)(a.value, b.value))
        except Inexact:
            pass
    made: Decimal = getattr(work.nearly, operation)(a.value, b.value)
    return Number(made, cut=bool(made))


def _once(operation: str, a: Number) -> Number:
    work = _work.get()
    if not a.cut:
        try:
            return Number(getattr(work.exactly, operation)(a.value))
        except Inexact:
            pass
    return Number(getattr(work.nearly, operation)(a.value), cut=True)


def _power(base: Number | None, exponent: Number | None) -> Any:
    if base is None or exponent is None:
        return NotImplemented
    return _worked("power", base, exponent) if exponent.value else ONE
