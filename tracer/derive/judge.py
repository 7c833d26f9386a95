"""sympy as the judge: our expressions in its terms, and whether two of them are equal."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from tracer.derive.branches import branches, compared
from tracer.derive.sample import worth
from tracer.derive.simplify import PI
from tracer.errors import TracerError
from tracer.ops import FUNCTIONS
from tracer.written.lines import parts
from tracer.written.readings import Symbols
from tracer.written.tree import Apply, Expr, Grid, Num, Sym


def equal(left: Expr, right: Expr) -> bool:
    """Whether sympy proves two expressions equal, entry by entry for matrices.

    >>> a = Sym("a")
    >>> equal(a + a, a * Num("2"))
    True

    A letter is a real number, and a positive one where its own logarithm or root is taken.
    """
    import sympy

    positive = _positive(left) | _positive(right)
    a, b = to_sympy(left, positive), to_sympy(right, positive)
    if getattr(a, "shape", ()) != getattr(b, "shape", ()):
        return False
    difference = _summed(a - b)
    entries = list(difference) if isinstance(difference, sympy.MatrixBase) else [difference]
    return all(_vanishes(entry) for entry in entries)


_OF_POSITIVE = ("log", "sqrt")


def _positive(expr: Expr) -> frozenset[str]:
    """The letters whose own logarithm or root is taken; log(1 + exp(x)) asks nothing of x."""
    asking = [part for part in parts(expr) if isinstance(part, Apply) and part.op in _OF_POSITIVE]
    return frozenset(arg.name for part in asking for arg in part.args if isinstance(arg, Sym))


def _vanishes(value: Any) -> bool:
    """Whether sympy proves an expression zero; a number that is not zero refutes it first."""
    import sympy

    if value == 0:
        return True
    symbols = sorted(value.free_symbols, key=str)
    places = {symbol: sympy.Rational(k + 3, k + 7) for k, symbol in enumerate(symbols)}
    sample = worth(value, places)
    if sample is not None and abs(sample) > 1e-50:
        return False
    return bool(sympy.expand(value) == 0 or sympy.simplify(value) == 0)


def to_sympy(expr: Expr, positive: frozenset[str] = frozenset()) -> Any:
    """An expression as sympy reads it; a derivative is taken by sympy itself."""
    import sympy

    match expr:
        case Sym(name):
            if expr == PI:
                return sympy.pi
            return sympy.Symbol(name, positive=True) if name in positive else real(name)
        case Num(digits):
            return sympy.Rational(digits)
        case Apply("at", (Sym(name), Sym(index)), _):
            return sympy.IndexedBase(name)[_index(index)]
        case Apply("over", (body, Sym(index)), _):
            return sympy.Sum(to_sympy(body, positive), (_index(index), 1, _index("m")))
        case Grid(cells):
            return sympy.Matrix([[to_sympy(cell, positive) for cell in row] for row in cells])
        case Apply(op, args, _) if op in _MEANING:
            return _MEANING[op](sympy, *(to_sympy(arg, positive) for arg in args))
        case Apply(op, args, _) if op in FUNCTIONS:
            if found := branches(expr):
                this, that, *_ = compared(*found)
                op, args = found[0], (that, this)
            return FUNCTIONS[op].value(_symbols(), *(to_sympy(arg, positive) for arg in args))
        case Apply(op):
            raise TracerError(f"{op} has no meaning for sympy")
    raise TracerError(f"{type(expr).__name__} has no meaning for sympy")


_symbols = cache(Symbols)


_MEANING: dict[str, Callable[..., Any]] = {
    "d": lambda s, body, variable: s.diff(body, variable),
    "+": lambda s, *args: s.Add(*args),
    "-": lambda s, a, b: a - b,
    "*": lambda s, *args: s.Mul(*args),
    "/": lambda s, a, b: a / b,
    "ratio": lambda s, a, b: a / b,
    "**": lambda s, a, b: a**b,
    "neg": lambda s, a: -a,
    "group": lambda s, a: a,
    "hadamard": lambda s, a, b: a.multiply_elementwise(b),
    "dot": lambda s, a, b: a * b,
    "T": lambda s, a: a.T,
    "sum": lambda s, a: sum(a),
    "rowsum": lambda s, a: s.Matrix([sum(a.row(i)) for i in range(a.rows)]),
    "sign": lambda s, a: s.sign(a),
    ">": lambda s, a, b: s.Piecewise((1, a > b), (0, True)),
    "if": lambda s, a, b, this, that: s.Piecewise((this, a > b), (that, True)),
}


def real(name: str) -> Any:
    """A letter as a real number."""
    import sympy

    return sympy.Symbol(name, real=True)


def _index(name: str) -> Any:
    """A symbol that counts examples: i and j from 1 to m."""
    import sympy

    return sympy.Symbol(name, integer=True, positive=True)


def _summed(value: Any) -> Any:
    """Sums over examples carried out: i counts from 1 to m, so its term is among them."""
    import sympy

    if not value.has(sympy.Sum):
        return value
    done = value.doit()
    within = {piece: piece.args[0].expr for piece in done.atoms(sympy.Piecewise)}
    return done.subs(within)
