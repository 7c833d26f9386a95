"""sympy as the judge: our expressions in its terms, and whether two of them are equal."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from operator import mul
from typing import Any

from tracer.derive.simplify import as_expr
from tracer.errors import TracerError
from tracer.notation import Apply, Expr, Grid, Num, Sym, apply


def equal(left: Expr, right: Expr) -> bool:
    """Whether sympy proves two expressions equal, entry by entry for matrices.

    >>> a = Sym("a")
    >>> equal(a + a, a * Num("2"))
    True
    """
    import sympy

    a, b = to_sympy(left), to_sympy(right)
    if getattr(a, "shape", ()) != getattr(b, "shape", ()):
        return False
    difference = _summed(a - b)
    entries = list(difference) if isinstance(difference, sympy.MatrixBase) else [difference]
    return all(_vanishes(entry) for entry in entries)


def _vanishes(value: Any) -> bool:
    """Whether sympy proves an expression zero; a number that is not zero refutes it first."""
    import sympy

    if sympy.expand(value) == 0:
        return True
    # log(x) has a value for positive x only; log(1 + exp(x)) asks nothing of x
    bare = {log.args[0] for log in value.atoms(sympy.log) if log.args[0].is_Symbol}
    value = value.subs({s: sympy.Symbol(s.name, positive=True) for s in bare})
    places = {
        s: sympy.Rational(k + 3, k + 7) for k, s in enumerate(sorted(value.free_symbols, key=str))
    }
    sample = sympy.N(value.subs(places), 30)
    if sample.is_number and sample.is_finite and abs(sample) > 1e-15:
        return False
    return bool(sympy.simplify(value) == 0)


def to_sympy(expr: Expr) -> Any:
    """An expression as sympy reads it; a derivative is taken by sympy itself."""
    import sympy

    match expr:
        case Sym(name):
            return sympy.Symbol(name, real=True)
        case Num(digits):
            return sympy.Rational(digits)
        case Apply("d", (body, variable), _):
            return sympy.diff(to_sympy(body), to_sympy(variable))
        case Apply("at", (Sym(name), Sym(index)), _):
            return sympy.IndexedBase(name)[_index(index)]
        case Apply("over", (body, Sym(index)), _):
            return sympy.Sum(to_sympy(body), (_index(index), 1, _index("m")))
        case Grid(cells):
            return sympy.Matrix([[to_sympy(cell) for cell in row] for row in cells])
        case Apply(op, args, _):
            values = [to_sympy(arg) for arg in args]
            return _TO_SYMPY[op](sympy, *values)
    raise TracerError(f"{type(expr).__name__} has no meaning for sympy")


_TO_SYMPY: dict[str, Callable[..., Any]] = {
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
    "exp": lambda s, a: s.exp(a),
    "log": lambda s, a: s.log(a),
    "sin": lambda s, a: s.sin(a),
    "cos": lambda s, a: s.cos(a),
    "tan": lambda s, a: s.tan(a),
    "tanh": lambda s, a: s.tanh(a),
    "sqrt": lambda s, a: s.sqrt(a),
    "sigma": lambda s, a: 1 / (1 + s.exp(-a)),
    ">": lambda s, a, b: s.Piecewise((1, a > b), (0, True)),
    "max": lambda s, a, b: _larger(s, a, b) if a.free_symbols else _larger(s, b, a),
    "abs": lambda s, a: s.Abs(a),
    "relu": lambda s, a: s.Piecewise((a, a > 0), (0, True)),
    "sign": lambda s, a: s.sign(a),
    "step": lambda s, a: s.Heaviside(a),
}


def _larger(s: Any, a: Any, b: Any) -> Any:
    return s.Piecewise((a, a > b), (b, True))


_FROM_SYMPY = {"Max": "max", "Abs": "abs", "Heaviside": "step"}


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


def from_sympy(value: Any) -> Expr:
    """A result of sympy's as an expression of ours."""
    if value.is_Symbol:
        return Sym(value.name)
    if value.is_Rational:
        return as_expr(Fraction(int(value.p), int(value.q)))
    args = [from_sympy(arg) for arg in value.args]
    if value.is_Add:
        return reduce(lambda a, b: a + b, args)
    if value.is_Mul:
        return reduce(mul, args)
    if value.is_Pow:
        return args[0] ** args[1]
    name = type(value).__name__
    return apply(_FROM_SYMPY.get(name, name), *args[:1] if name == "Heaviside" else args)
