"""What a sympy expression is worth at one place: enough to refute that it is zero everywhere."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

DIGITS = 250
LARGEST = 10**60
"A value beyond it, or so near to zero, is not followed any further."
_NAMES = {"Abs": "fabs"}
_SIGNS = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


def worth(value: Any, places: Mapping[Any, Any]) -> Any:
    """The value of a sympy expression for some values of its symbols; None where none is found.

    >>> import sympy
    >>> z = sympy.Symbol("z")
    >>> round(float(worth(1 / (1 + sympy.exp(-z)), {z: sympy.Rational(3, 5)})), 12)
    0.645656306226
    >>> worth(sympy.exp(sympy.exp(sympy.exp(48 * z))), {z: sympy.Integer(1)})

    sympy's own `N` would try to work out every digit of a tower of powers.
    """
    import mpmath  # type: ignore[import-untyped]

    numbers = mpmath.mp.clone()
    numbers.dps = DIGITS
    known = {symbol: numbers.mpf(place.p) / place.q for symbol, place in places.items()}
    try:
        return _worth(numbers, value, known)
    except (ArithmeticError, ValueError, TypeError, AttributeError, KeyError, IndexError):
        return None


def _worth(numbers: Any, value: Any, known: Mapping[Any, Any]) -> Any:
    if value.is_Symbol:
        return known[value]
    if value.is_Rational:
        return numbers.mpf(value.p) / value.q
    if type(value).__name__ == "Piecewise":
        pieces = (piece for piece, given in value.args if _holds(numbers, given, known))
        chosen = next(pieces, None)
        return _worth(numbers, chosen, known)
    found = _applied(numbers, value, [_worth(numbers, arg, known) for arg in value.args])
    if not isinstance(found, numbers.mpf):
        raise ValueError("a complex number")
    if found and not 1 / numbers.mpf(LARGEST) < abs(found) < LARGEST:
        raise OverflowError
    return found


def _applied(numbers: Any, value: Any, args: list[Any]) -> Any:
    if value.is_Add:
        return numbers.fsum(args)
    if value.is_Mul:
        return numbers.fprod(args)
    if value.is_Pow:
        return args[0] ** args[1]
    name = type(value).__name__
    constant = {"Pi": numbers.pi, "Exp1": numbers.e}.get(name)
    return +constant if constant else getattr(numbers, _NAMES.get(name, name))(*args)


def _holds(numbers: Any, given: Any, known: Mapping[Any, Any]) -> bool:
    if given.is_Boolean and not given.args:
        return bool(given)
    if given.is_Relational:
        return bool(_SIGNS[given.rel_op](*(_worth(numbers, arg, known) for arg in given.args)))
    each = [_holds(numbers, arg, known) for arg in given.args]
    return {"And": all, "Or": any}[type(given).__name__](each)
