"""The vocabularies a rule is read in: float64 numbers, sympy symbols, written notation.

A rule of `ops` is a plain function of a vocabulary `m` and its inputs. What `m.exp`, `m.sum` or
`m.write` mean is decided here, so one rule computes, proves itself and writes its own lines.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from tracer.notation import Apply as _Apply
from tracer.notation import Expr, Part, apply


class Vocabulary(Protocol):
    """The words that rules are written in, beside `+ - * / ** @` and `.T`."""

    def exp(self, z: Any) -> Any: ...
    def log(self, z: Any) -> Any: ...
    def tanh(self, z: Any) -> Any: ...
    def max(self, a: Any, b: Any) -> Any: ...

    def sin(self, z: Any) -> Any: ...
    def cos(self, z: Any) -> Any: ...
    def tan(self, z: Any) -> Any: ...

    def above(self, a: Any, b: Any) -> Any:
        """1 where a > b, else 0."""

    def ratio(self, over: Any, below: Any) -> Any:
        """A fraction that stays one on the page and is exact where numbers are."""

    def count(self, columns: Any) -> Any:
        """How many examples there are: one to a column."""

    def sum(self, x: Any) -> Any:
        """All entries added up."""

    def sum_examples(self, x: Any) -> Any:
        """Each row added up."""

    def write(self, label: str, x: Any) -> Any:
        """Something a person writes down on the way."""


class Floats:
    """Rules read as float64 numbers; `write` hands what is written to the pen.

    >>> Floats().sum(np.array([[1.0, 2.0]]))
    3.0
    """

    def __init__(self, write: Callable[[str, Any], Any] = lambda label, x: x) -> None:
        self.write = write

    exp = staticmethod(np.exp)
    log = staticmethod(np.log)
    tanh = staticmethod(np.tanh)
    max = staticmethod(np.maximum)
    sin = staticmethod(np.sin)
    cos = staticmethod(np.cos)
    tan = staticmethod(np.tan)

    @staticmethod
    def above(a: Any, b: Any) -> Any:
        return np.greater(a, b).astype(float)

    @staticmethod
    def ratio(over: Any, below: Any) -> Any:
        return over / below

    @staticmethod
    def count(columns: Any) -> float:
        return float(columns.shape[1])

    @staticmethod
    def sum(x: Any) -> float:
        return float(np.sum(x))

    @staticmethod
    def sum_examples(x: Any) -> Any:
        return np.sum(x, axis=1, keepdims=True)


class Symbols:
    """Rules read as sympy expressions, in NumPy object arrays where there are matrices.

    >>> import sympy
    >>> Symbols().ratio(1, 3) * sympy.Symbol("x")
    x/3
    """

    def __init__(self) -> None:
        import sympy  # only a proof needs it, and it takes a second to import

        def lifted(function: Callable[..., Any], inputs: int = 1) -> np.ufunc:
            made: np.ufunc = np.frompyfunc(function, inputs, 1)
            return made

        self.exp, self.log, self.tanh = map(lifted, (sympy.exp, sympy.log, sympy.tanh))
        self.max = lifted(lambda a, b: sympy.Piecewise((a, a >= b), (b, True)), 2)
        self.above = lifted(lambda a, b: sympy.Piecewise((1, a > b), (0, True)), 2)
        self.sin, self.cos, self.tan = map(lifted, (sympy.sin, sympy.cos, sympy.tan))
        self.ratio = lambda over, below: sympy.Integer(1) * over / below
        self.count = lambda columns: sympy.Integer(columns.shape[1])

    @staticmethod
    def sum(x: Any) -> Any:
        return np.sum(x)

    @staticmethod
    def sum_examples(x: Any) -> Any:
        return np.sum(x, axis=1, keepdims=True)

    @staticmethod
    def write(label: str, x: Any) -> Any:
        return x


class Notation:
    """Rules read as written lines.

    >>> from tracer.notation import Sym
    >>> from tracer.text import text
    >>> m = Notation()
    >>> text(m.ratio(1, 2) * (Sym("y") - Sym("yhat")) ** 2)
    '1/2 * (y - ŷ)^2'
    """

    @staticmethod
    def exp(z: Expr) -> Expr:
        return apply("exp", z)

    @staticmethod
    def log(z: Expr) -> Expr:
        return apply("log", z)

    @staticmethod
    def tanh(z: Expr) -> Expr:
        return apply("tanh", z)

    @staticmethod
    def max(a: Expr, b: Expr | int) -> Expr:
        return apply("max", a, b)

    @staticmethod
    def above(a: Expr, b: Expr) -> Expr:
        return apply(">", a, b)

    @staticmethod
    def sin(z: Expr) -> Expr:
        return apply("sin", z)

    @staticmethod
    def cos(z: Expr) -> Expr:
        return apply("cos", z)

    @staticmethod
    def tan(z: Expr) -> Expr:
        return apply("tan", z)

    @staticmethod
    def ratio(over: Expr | int, below: Expr | int) -> Expr:
        return apply("ratio", over, below)

    @staticmethod
    def count(columns: Expr) -> Expr:
        return _Apply("count", (columns,), ())

    @staticmethod
    def sum(x: Expr) -> Expr:
        return _Apply("sum", (x,), ())

    @staticmethod
    def sum_examples(x: Expr) -> Expr:
        return _Apply("rowsum", (x,), (x.shape[0], 1))

    @staticmethod
    def write(label: str, x: Expr) -> Expr:
        return Part(label, x, x.shape)
