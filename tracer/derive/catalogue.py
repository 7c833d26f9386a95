"""Derivations that have a name: what is said, and the lines that sympy judges."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import add

from tracer.derive.reading import read
from tracer.derive.steps import Derivation, derivation, derive
from tracer.errors import UnknownName, nearest
from tracer.notation import Apply, Expr, Grid, Num, Sym, apply

Story = tuple[str | Derivation, ...]
"What is said, and what is derived, in order."


def story(name: str) -> Story:
    """The derivation of that name.

    >>> from tracer.text import text
    >>> text(story("squared-error")[-1].result)
    '-(y - ŷ)'

    Raises UnknownName, with the nearest name, when there is none.
    """
    if name not in STORIES:
        raise UnknownName(f"there is no derivation {name!r}; {nearest(name, STORIES)}")
    return STORIES[name]()


def _sigmoid() -> Story:
    return (
        "The sigmoid squeezes every number into the interval from 0 to 1.",
        derive("1/(1 + exp(-z))"),
    )


def _tanh() -> Story:
    return (
        "The hyperbolic tangent squeezes every number into the interval from -1 to 1.",
        derive("(exp(z) - exp(-z))/(exp(z) + exp(-z))"),
    )


def _relu() -> Story:
    z = Sym("z")
    above = Apply("d", (z, z), ())
    below = Apply("d", (Num("0"), z), ())
    return (
        "ReLU is `max(z, 0)`: two branches, and a kink where they meet. For `z > 0` it is `z`:",
        derivation(Sym("da/dz"), above, ("the variable itself", Num("1"))),
        "For `z < 0` it is 0:",
        derivation(Sym("da/dz"), below, ("constant", Num("0"))),
        "At `z = 0` there is no derivative. By convention it is taken as 0.",
    )


def _squared_error() -> Story:
    return (
        "The loss of one example. Its label `y` is a constant; the prediction varies.",
        derive("1/2 * (y - yhat)**2", "yhat", "L"),
    )


def _cost() -> Story:
    cost = "1/(2*2) * ((y1 - yhat1)**2 + (y2 - yhat2)**2)"
    y, yhat, j, m = (Sym(name) for name in ("y", "yhat", "j", "m"))
    i = Sym("i")
    error = _at(y, j) - _at(yhat, j)
    factor = apply("ratio", 1, Num("2") * m)
    mine = _at(yhat, i)
    parts = [apply("ratio", 1, 2) * (Sym(f"y{k}") - Sym(f"yhat{k}")) for k in (1, 2)]
    rows = [Grid(((Sym(f"{name}1"), Sym(f"{name}2")),), (1, 2)) for name in ("y", "yhat")]
    return (
        "Written out for two examples, the cost has one term for each. Its partial derivatives:",
        derive(cost, "yhat1", "Cost"),
        derive(cost, "yhat2", "Cost"),
        "Side by side they are the Jacobian, a row with one entry for each prediction:",
        derivation(
            Sym("dCost/dYhat"),
            Grid((tuple(-part for part in parts),), (1, 2)),
            ("the common factor", -apply("ratio", 1, 2) * (rows[0] - rows[1])),
        ),
        "For any number `m` of examples the derivative goes into the sum, term by term. Only the "
        "term of example `i` contains its prediction; all others are constants and vanish:",
        derivation(
            Sym("dCost/dyhat"),
            Apply("d", (factor * _over(error ** Num("2"), j), mine), ()),
            (
                "constant multiple, sum",
                factor * _over(Apply("d", (error ** Num("2"), mine), ()), j),
            ),
            (
                ("power; only the term with ", j, " = ", i, " survives"),
                factor * Num("2") * (_at(y, i) - mine) * Num("-1"),
            ),
            ("rewriting", -apply("ratio", 1, m) * (_at(y, i) - mine)),
        ),
        "The loss of one example has the same derivative without the `1/m`: in the mean, each "
        "example has one vote among `m`.",
    )


def _bias() -> Story:
    terms = [Sym(f"g{k}") for k in range(1, 5)]
    upstream = Grid((tuple(terms),), (1, 4))
    return (
        "Four examples share one bias, so four paths lead back to it. With `g1` to `g4` for the "
        "gradients that arrive at `z` of each example, and the local gradient 1 on every path:",
        derivation(
            Sym("dCost/db"),
            reduce(add, [term * Num("1") for term in terms]),
            ("the sum over all paths", reduce(add, terms)),
            ("the sum of the upstream gradient", Apply("sum", (upstream,), ())),
        ),
    )


def _linear() -> Story:
    w, x = [Sym("w1"), Sym("w2")], [Sym("x1"), Sym("x2")]
    first, second = (derive(w[0] * x[0] + w[1] * x[1], name, "A") for name in ("w1", "w2"))
    column = Grid(((x[0],), (x[1],)), (2, 1))
    g = [Sym(f"g{k}") for k in range(1, 5)]
    data = [[Sym(f"x{feature}{example}") for example in range(1, 5)] for feature in (1, 2)]
    matrix = Grid(tuple(map(tuple, data)), (2, 4))
    rows = [Grid(((data[0][k], data[1][k]),), (1, 2)) for k in range(4)]
    summed = [reduce(add, [g[k] * data[f][k] for k in range(4)]) for f in (0, 1)]
    upstream = Grid((tuple(g),), (1, 4))
    return (
        "One neuron with two weights and one example: `A = W · X` is the single number "
        "`w1*x1 + w2*x2`. Its derivative with respect to each weight:",
        first,
        second,
        "`W` is a row, so its derivative is a row as well: the example, transposed.",
        derivation(
            Sym("dA/dW"),
            Grid(((x[0], x[1]),), (1, 2)),
            ("the column X, turned into a row", column.T),
        ),
        "Four examples share the weights. With `g1` to `g4` for the gradients that arrive, and "
        "`x12` for feature 1 of example 2, each example sends back its gradient times its own "
        "row, and what arrives by several paths is added:",
        derivation(
            Sym("dCost/dW"),
            reduce(add, [gradient * row for gradient, row in zip(g, rows, strict=True)]),
            ("entry by entry", Grid((tuple(summed),), (1, 2))),
            ("which is a matrix product", upstream @ _transposed(matrix)),
            ("upstream times the data, transposed", upstream @ matrix.T),
        ),
    )


def _collapse() -> Story:
    inner = read("w1*x1 + w2*x2")
    matrices = {name: _matrix(name, 2, 2) for name in ("u", "w")}
    x, b, c = _matrix("x", 2, 1), _matrix("b", 2, 1), _matrix("c", 2, 1)
    u, w = matrices["u"], matrices["w"]
    return (
        "Three linear neurons in a row, without activations:",
        derivation(
            Sym("C"),
            Sym("w4") * (Sym("w3") * inner),
            ("multiplying out", read("w4*w3*w1*x1 + w4*w3*w2*x2")),
            (
                "one neuron with two weights",
                _group(read("w4*w3*w1")) * Sym("x1") + _group(read("w4*w3*w2")) * Sym("x2"),
            ),
        ),
        "The same with whole layers of two neurons, `w` and `b` the first, `u` and `c` the second:",
        derivation(
            Sym("Z"),
            u @ (w @ x + b) + c,
            ("multiplying out", _group(u @ w) @ x + _group(u @ b + c)),
        ),
        "The result is a single linear layer with the weights `u · w` and the bias `u · b + c`. "
        "However many are stacked, nothing but a line comes of it.",
    )


def _feature_cross() -> Story:
    x3 = Sym("x1") * Sym("x2")
    line = read("w1*x1 + w2*x2")
    return (
        "With the product of the two features as a third one, `x3 = x1*x2`, the linear node "
        "computes a polynomial:",
        derivation(
            Sym("z"),
            line + Sym("w3") * x3 + Sym("b"),
            (
                "gathering what multiplies x2",
                Sym("w1") * Sym("x1") + (Sym("w2") + Sym("w3") * Sym("x1")) * Sym("x2") + Sym("b"),
            ),
        ),
        "Where `z` is zero, `x2` is a quotient of two expressions in `x1`. That is a hyperbola, "
        "not a line, and so the boundary is curved.",
    )


def _xor_line() -> Story:
    w1, w2, b = Sym("w1"), Sym("w2"), Sym("b")
    return (
        "A line separates the XOR data if `z = w1*x1 + w2*x2 + b` is negative for the examples "
        "with label 0 and positive for those with label 1. That makes four demands:\n\n"
        "1. `b < 0` for the example 0 0\n"
        "2. `w2 + b > 0` for 0 1\n"
        "3. `w1 + b > 0` for 1 0\n"
        "4. `w1 + w2 + b < 0` for 1 1",
        "Add the left sides of (2) and (3), both positive, and sort the terms:",
        derivation(
            Sym("S"),
            _group(w2 + b) + _group(w1 + b),
            ("the left sides of (4) and (1)", _group(w1 + w2 + b) + b),
        ),
        "By (2) and (3) this sum is positive. By (4) and (1) it is negative. No numbers `w1`, `w2` "
        "and `b` can do both, so no line separates XOR.",
    )


STORIES: dict[str, Callable[[], Story]] = {
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "relu": _relu,
    "squared-error": _squared_error,
    "cost": _cost,
    "bias": _bias,
    "linear": _linear,
    "collapse": _collapse,
    "feature-cross": _feature_cross,
    "xor-line": _xor_line,
}


def _at(of: Expr, index: Expr) -> Expr:
    return Apply("at", (of, index), ())


def _over(body: Expr, index: Expr) -> Expr:
    return Apply("over", (body, index), ())


def _group(inner: Expr) -> Expr:
    """Terms that stay together, in brackets."""
    return Apply("group", (inner,), inner.shape)


def _matrix(name: str, rows: int, columns: int) -> Grid:
    def cell(i: int, j: int) -> Expr:
        return Sym(f"{name}{i}{j}" if columns > 1 else f"{name}{i}")

    return Grid(
        tuple(tuple(cell(i, j) for j in range(1, columns + 1)) for i in range(1, rows + 1)),
        (rows, columns),
    )


def _transposed(grid: Grid) -> Grid:
    return Grid(tuple(zip(*grid.cells, strict=True)), grid.shape[::-1])
