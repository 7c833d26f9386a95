"""The vocabularies a rule is read in: decimal numbers, float64, sympy symbols, written notation.

A rule of `ops` is a plain function of a vocabulary `m` and its inputs. What `m.exp`, `m.sum` or
`m.write` mean is decided here, so one rule computes, proves itself and writes its own lines.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol, cast

import numpy as np

from tracer.numbers.decimals import Number, number
from tracer.written.signs import SIGNS
from tracer.written.tree import Apply, Expr, Num, Part, Sym, apply


class Vocabulary(Protocol):
    """The words that rules are written in, beside `+ - * / ** @` and `.T`."""

    pi: Any

    def exp(self, z: Any) -> Any: ...
    def log(self, z: Any) -> Any: ...
    def tanh(self, z: Any) -> Any: ...
    def sin(self, z: Any) -> Any: ...
    def cos(self, z: Any) -> Any: ...
    def tan(self, z: Any) -> Any: ...
    def sinh(self, z: Any) -> Any: ...
    def cosh(self, z: Any) -> Any: ...
    def atan(self, z: Any) -> Any: ...
    def sqrt(self, z: Any) -> Any: ...
    def erf(self, z: Any) -> Any: ...
    def abs(self, z: Any) -> Any: ...

    def sign(self, z: Any) -> Any:
        """1 above zero, -1 below, and 0 at it."""

    def max(self, a: Any, b: Any) -> Any: ...
    def min(self, a: Any, b: Any) -> Any: ...

    def above(self, a: Any, b: Any) -> Any:
        """1 where a > b, and 0 elsewhere."""

    def where_above(self, a: Any, b: Any, this: Any, that: Any) -> Any:
        """`this` where a > b, and `that` elsewhere."""

    def softplus(self, z: Any) -> Any:
        """log(1 + exp(z)), worked out without overflow."""

    def log_sum_exp(self, Z: Any) -> Any:
        """log of the sum of exp(z) over the outputs, for each example; without overflow."""

    def softmax(self, Z: Any) -> Any:
        """exp(z) as a part of their sum over the outputs; without overflow."""

    def ratio(self, over: Any, below: Any) -> Any:
        """A fraction such as 1/(2*m), kept as one factor."""

    def count(self, columns: Any) -> Any:
        """The number of examples, in the reading's own kind of number."""

    def rows(self, matrix: Any) -> Any:
        """The number of outputs."""

    def size(self, x: Any) -> Any:
        """The number of entries."""

    def ones_like(self, x: Any) -> Any:
        """As many ones as there are entries."""

    def sum(self, x: Any) -> Any:
        """The sum of all entries."""

    def only(self, x: Any) -> Any:
        """The number in a (1 x 1) matrix."""

    def sum_examples(self, x: Any) -> Any:
        """The sum of each row: a column."""

    def sum_outputs(self, x: Any) -> Any:
        """The sum of each column: a row."""

    def ones_beside(self, X: Any, last: bool, minus: bool = False) -> Any:
        """X with a row of ones, or of minus ones, above it or below: what a folded bias meets."""

    def without_bias(self, W: Any, last: bool) -> Any:
        """W without its first or last column, which holds the bias."""

    def bias_as_zero(self, W: Any, last: bool) -> Any:
        """W with zeros in the column that holds the bias."""

    def each_example(self, rule: Callable[[Any], Any], A: Any) -> Any:
        """What a rule makes of each column, side by side."""

    def diagonal(self, column: Any) -> Any:
        """A square matrix with the column on its diagonal and zeros elsewhere."""

    def blockwise(self, blocks: Any, columns: Any) -> Any:
        """Square blocks side by side, each times the column of its example."""

    def write(self, label: str, x: Any) -> Any:
        """Something a person writes down on the way."""

    def checked(self, x: Any, check: Callable[[Any], None]) -> Any:
        """A result that is looked at once more where there are digits enough for it."""


class _Arrays:
    """What is the same for numbers and symbols in arrays."""

    @staticmethod
    def only(x: Any) -> Any:
        return x[0, 0]

    @staticmethod
    def sum_examples(x: Any) -> Any:
        return np.sum(x, axis=1, keepdims=True)

    @staticmethod
    def sum_outputs(x: Any) -> Any:
        return np.sum(x, axis=0, keepdims=True)

    @staticmethod
    def ones_like(x: Any) -> Any:
        return np.ones(np.shape(x), dtype=int)

    @staticmethod
    def ones_beside(X: Any, last: bool, minus: bool = False) -> Any:
        ones = np.full((1, X.shape[1]), -1 if minus else 1)
        return np.vstack([X, ones] if last else [ones, X])

    @staticmethod
    def without_bias(W: Any, last: bool) -> Any:
        return W[:, :-1] if last else W[:, 1:]

    @staticmethod
    def bias_as_zero(W: Any, last: bool) -> Any:
        kept = np.array(W)
        kept[:, -1 if last else 0] = 0
        return kept

    @staticmethod
    def each_example(rule: Callable[[Any], Any], A: Any) -> Any:
        return np.hstack([rule(A[:, [k]]) for k in range(A.shape[1])])

    @staticmethod
    def diagonal(column: Any) -> Any:
        return np.diag(column[:, 0])

    @staticmethod
    def blockwise(blocks: Any, columns: Any) -> Any:
        n, m = columns.shape
        return np.hstack([blocks[:, n * k : n * (k + 1)] @ columns[:, [k]] for k in range(m)])

    def softmax(self, Z: Any) -> Any:
        powers = self.exp(Z - np.max(Z, axis=0, keepdims=True))  # type: ignore[attr-defined]
        return powers / self.sum_outputs(powers)

    @staticmethod
    def checked(x: Any, check: Callable[[Any], None]) -> Any:
        return x


class Floats(_Arrays):
    """Rules read as float64 numbers; `write` hands what is written to the pen.

    >>> Floats().sum(np.array([[1.0, 2.0]]))
    3.0
    """

    def __init__(self, write: Callable[[str, Any], Any] = lambda label, x: x) -> None:
        self.write = write

    pi = math.pi
    exp = staticmethod(np.exp)
    log = staticmethod(np.log)
    tanh = staticmethod(np.tanh)
    max = staticmethod(np.maximum)
    sin = staticmethod(np.sin)
    cos = staticmethod(np.cos)
    tan = staticmethod(np.tan)
    sinh = staticmethod(np.sinh)
    cosh = staticmethod(np.cosh)
    atan = staticmethod(np.arctan)
    sqrt = staticmethod(np.sqrt)
    abs = staticmethod(np.abs)
    sign = staticmethod(np.sign)
    min = staticmethod(np.minimum)

    @staticmethod
    def erf(z: Any) -> Any:
        return np.asarray(_ERF(z), dtype=float)

    @staticmethod
    def above(a: Any, b: Any) -> Any:
        return np.greater(a, b).astype(float)

    @staticmethod
    def where_above(a: Any, b: Any, this: Any, that: Any) -> Any:
        return np.where(np.greater(a, b), this, that)

    @staticmethod
    def softplus(z: Any) -> Any:
        return np.logaddexp(0, z)

    @staticmethod
    def log_sum_exp(Z: Any) -> Any:
        return np.logaddexp.reduce(Z, axis=0, keepdims=True)

    @staticmethod
    def ratio(over: Any, below: Any) -> Any:
        return over / below

    @staticmethod
    def count(columns: Any) -> float:
        return float(columns.shape[1])

    @staticmethod
    def rows(matrix: Any) -> float:
        return float(matrix.shape[0])

    @staticmethod
    def size(x: Any) -> float:
        return float(np.size(x))

    @staticmethod
    def sum(x: Any) -> float:
        return float(np.sum(x))


def _each(function: Callable[..., Any], inputs: int = 1) -> Any:
    """A function of single numbers, entry by entry."""
    return staticmethod(np.frompyfunc(function, inputs, 1))


def _by(name: str) -> Any:
    return _each(lambda z: number(z).by(name))


class Decimals(_Arrays):
    """Rules read as decimal numbers, in NumPy object arrays where there are matrices.

    >>> Decimals().above(Number("0.1") * 3, Number("0.3"))
    0
    """

    def __init__(self, write: Callable[[str, Any], Any] = lambda label, x: x) -> None:
        self.write = write

    @property
    def pi(self) -> Number:
        quarter: Number = Number(1).by("atan")
        return 4 * quarter  # type: ignore[no-any-return]

    exp = _each(lambda z: number(z).exp())
    log = _each(lambda z: number(z).log())
    sqrt = _each(lambda z: number(z).sqrt())
    tanh, sin, cos, tan, sinh, cosh, atan, erf = map(
        _by, ("tanh", "sin", "cos", "tan", "sinh", "cosh", "atan", "erf")
    )
    abs = _each(abs)
    sign = _each(lambda z: (number(z) > 0) - (number(z) < 0))
    max = _each(lambda a, b: b if number(b) > a else a, 2)
    min = _each(lambda a, b: b if number(b) < a else a, 2)
    above = _each(lambda a, b: int(number(a) > b), 2)
    where_above = _each(lambda a, b, this, that: this if number(a) > b else that, 4)
    _log_of_1_and = _by("log1p")

    def softplus(self, z: Any) -> Any:
        # the larger of z and 0, and what is left beside it, so that nothing overflows
        return self.max(z, 0) + self._log_of_1_and(self.exp(-self.abs(z)))

    def log_sum_exp(self, Z: Any) -> Any:
        largest = np.max(Z, axis=0, keepdims=True)
        return largest + self.log(self.sum_outputs(self.exp(Z - largest)))

    @staticmethod
    def ratio(over: Any, below: Any) -> Any:
        return number(over) / below

    @staticmethod
    def count(columns: Any) -> int:
        return int(columns.shape[1])

    @staticmethod
    def rows(matrix: Any) -> int:
        return int(matrix.shape[0])

    @staticmethod
    def size(x: Any) -> int:
        return int(np.size(x))

    @staticmethod
    def sum(x: Any) -> Any:
        return np.sum(x)

    @staticmethod
    def checked(x: Any, check: Callable[[Any], None]) -> Any:
        check(x)
        return x


class Symbols(_Arrays):
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

        for name in ("exp", "log", "tanh", "sin", "cos", "tan", "sinh", "cosh", "atan", "sqrt"):
            setattr(self, name, lifted(getattr(sympy, name)))
        self.pi = sympy.pi
        self.erf, self.abs, self.sign = map(lifted, (sympy.erf, sympy.Abs, sympy.sign))
        self.max = lifted(lambda a, b: sympy.Piecewise((b, b > a), (a, True)), 2)
        self.min = lifted(lambda a, b: sympy.Piecewise((b, a > b), (a, True)), 2)
        self.above = lifted(lambda a, b: sympy.Piecewise((1, a > b), (0, True)), 2)
        self.where_above = lifted(lambda a, b, x, y: sympy.Piecewise((x, a > b), (y, True)), 4)
        self.softplus = lifted(lambda z: sympy.log(1 + sympy.exp(z)))
        self.ratio = lambda over, below: sympy.Integer(1) * over / below
        self.count = lambda columns: sympy.Integer(columns.shape[1])
        self.rows = lambda matrix: sympy.Integer(matrix.shape[0])
        self.size = lambda x: sympy.Integer(np.size(x))

    def log_sum_exp(self, Z: Any) -> Any:
        return self.log(self.sum_outputs(self.exp(Z)))  # type: ignore[attr-defined]

    def softmax(self, Z: Any) -> Any:
        return self.exp(Z) / self.sum_outputs(self.exp(Z))  # type: ignore[attr-defined]

    @staticmethod
    def sum(x: Any) -> Any:
        return np.sum(x)

    @staticmethod
    def write(label: str, x: Any) -> Any:
        return x


class Notation:
    """Rules read as written lines.

    >>> from tracer.written.tree import Sym
    >>> from tracer.written.text import text
    >>> m = Notation()
    >>> text(m.ratio(1, 2) * (Sym("y") - Sym("yhat")) ** 2)
    '1/2 * (y - ŷ)^2'
    """

    pi = Sym("pi")

    def __getattr__(self, word: str) -> Callable[..., Expr]:
        """Any function of one or more values, entry by entry, under its own name."""
        if word not in _NAMED:
            raise AttributeError(word)
        return lambda *args: apply(_NAMED[word], *args)

    @staticmethod
    def softplus(z: Expr) -> Expr:
        return apply("log", 1 + apply("exp", z))

    @staticmethod
    def log_sum_exp(Z: Expr) -> Expr:
        return apply("log", Notation.sum_outputs(apply("exp", Z)))

    @staticmethod
    def softmax(Z: Expr) -> Expr:
        powers = apply("exp", Z)
        return powers / Notation.sum_outputs(powers)

    @staticmethod
    def count(columns: Expr) -> Expr:
        return Apply("count", (columns,), ())

    @staticmethod
    def rows(matrix: Expr) -> Expr:
        return Apply("rows", (matrix,), ())

    @staticmethod
    def size(x: Expr) -> Expr:
        return Num(str(math.prod(x.shape)))

    @staticmethod
    def ones_like(x: Expr) -> Expr:
        return Apply("ones", (x,), x.shape) if x.shape else Num("1")

    @staticmethod
    def sum(x: Expr) -> Expr:
        return Apply("sum", (x,), ()) if x.shape else x

    @staticmethod
    def only(x: Apply) -> Expr:
        return Apply(x.op, x.args, ())

    @staticmethod
    def sum_examples(x: Expr) -> Expr:
        return Apply("rowsum", (x,), (x.shape[0], 1))

    @staticmethod
    def sum_outputs(x: Expr) -> Expr:
        return Apply("colsum", (x,), (1, x.shape[1]))

    @staticmethod
    def ones_beside(X: Expr, last: bool, minus: bool = False) -> Expr:
        rows, columns = X.shape
        op = f"{'minus ' * minus}ones {'below' if last else 'above'}"
        return Apply(op, (X,), (rows + 1, columns))

    @staticmethod
    def without_bias(W: Expr, last: bool) -> Expr:
        rows, columns = W.shape
        return Apply("but last column" if last else "but first column", (W,), (rows, columns - 1))

    @staticmethod
    def bias_as_zero(W: Expr, last: bool) -> Expr:
        return Apply("last column zero" if last else "first column zero", (W,), W.shape)

    @staticmethod
    def each_example(rule: Callable[[Any], Any], A: Expr) -> Expr:
        rows, columns = A.shape
        if columns == 1:
            return cast(Expr, rule(A))
        block = rule(Apply("column", (A,), (rows, 1)))
        return Apply("examples", (block,), (block.shape[0], block.shape[1] * columns))

    @staticmethod
    def diagonal(column: Expr) -> Expr:
        return Apply("diag", (column,), (column.shape[0], column.shape[0]))

    @staticmethod
    def blockwise(blocks: Expr, columns: Expr) -> Expr:
        if columns.shape[1] == 1:
            return blocks @ columns
        return Apply("blockwise", (blocks, columns), columns.shape)

    @staticmethod
    def write(label: str, x: Expr) -> Expr:
        return Part(label, x, x.shape)

    @staticmethod
    def checked(x: Expr, check: Callable[[Any], None]) -> Expr:
        return x


_ERF = np.frompyfunc(math.erf, 1, 1)
_NAMED = {sign.word: sign.op for sign in SIGNS.values() if sign.word}
"""Words that are one sign of a written line, each with what it is called there."""
