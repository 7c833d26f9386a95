"""Derivations that have a name: what is said, and the lines that sympy judges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import add

from tracer.derive.steps import Proof, derivation, derive
from tracer.errors import UnknownName, nearest
from tracer.ops import FUNCTIONS
from tracer.written.habits import ACTIVATIONS, LOSSES
from tracer.written.reading import read
from tracer.written.tree import Apply, Expr, Grid, Num, Sym, apply

Story = tuple[str | Proof, ...]
"What is said, and what is derived, in order."


def story(name: str) -> Story:
    """The derivation of that name, or of the function that is called so.

    >>> from tracer.written.text import text
    >>> text(story("squared-error")[-1].result)
    '-(y - ŷ)'

    Raises UnknownName, with the nearest name, when there is none.
    """
    told = FUNCTIONS[name].name.replace(" ", "-") if name in FUNCTIONS else name
    if told in STORIES:
        return STORIES[told]()
    if name in FUNCTIONS:
        letters = "ab" if len(FUNCTIONS[name].slots) == 2 else "z"
        formula = f"{name}({', '.join(letters)})"
        return tuple(derive(formula, letter) for letter in letters)
    word = name.lower().replace("-", " ")
    meant = (ACTIVATIONS.get(word) or LOSSES.get(word, "")).replace(" ", "-")
    way_out = f"it is called {meant!r} here" if meant in STORIES else nearest(name, STORIES)
    raise UnknownName(f"there is no derivation {name!r}; {way_out}")


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


def _leaky_relu() -> Story:
    return (
        "ReLU shuts off whatever is negative. The leaky one lets a hundredth of it through, so "
        "that a neuron can come back:",
        derive("max(0.01*z, z)"),
        "At the kink, `z = 0`, the smaller slope is taken.",
    )


def _elu() -> Story:
    z, alpha = Sym("z"), Sym("alpha")
    curve = alpha * (apply("exp", z) - Num("1"))
    return (
        "ELU is `z` where `z > 0`, with the slope 1. Elsewhere it is `α * (e^z - 1)`, which "
        "levels off at `-α`. Its slope there:",
        derive(curve),
        "The output `a` has already worked the exponential out, and it is used again:",
        derivation(
            Sym("da/dz"),
            alpha * apply("exp", z),
            (
                ("adding ", alpha, " and taking it away"),
                _group(alpha * apply("exp", z) - alpha) + alpha,
            ),
        ).then(("in terms of ", Sym("a"), " = ", curve), Sym("a") + alpha, a=curve),
        "With `α = 1` the two branches meet at `z = 0` with the same slope.",
    )


def _softplus() -> Story:
    return (
        "Softplus is a ReLU without a kink: near 0 far to the left, near `z` far to the right.",
        derive("log(1 + exp(z))"),
        "Where the slope of ReLU jumps from 0 to 1, the sigmoid rises gently between them.",
    )


def _gelu() -> Story:
    return (
        "GELU lets through as much of `z` as a number drawn from a normal distribution is likely "
        "to lie below it. That probability is `0.5 * (1 + erf(z/sqrt(2)))`.",
        derive("0.5*z*(1 + erf(z/sqrt(2)))"),
        "The first two terms are the probability itself. The last one is `z` times the height of "
        "the bell curve at `z`.",
    )


def _silu() -> Story:
    z, a = Sym("z"), Sym("a")
    gate = apply("sigma", z)
    return (
        "SiLU, or swish, lets `z` through as far as its sigmoid is open: all of it far to the "
        "right, nothing of it far to the left. In between it dips below 0.",
        derive("z/(1 + exp(-z))").then(
            ("in terms of ", a, " = ", z * gate),
            gate + a * (Num("1") - gate),
            a=z * gate,
        ),
        "The output `a` has already been worked out, and so has the sigmoid in it.",
    )


def _softmax() -> Story:
    z, a = _letters("z"), _letters("a")
    powers = [apply("exp", one) for one in z]
    shares = [power / reduce(add, powers) for power in powers]
    known = dict(zip(("a1", "a2", "a3"), shares, strict=True))
    own = derive(shares[0], "z1", "a1")
    other = derive(shares[0], "z2", "a1")
    column = _column(a)
    jacobian = _square(lambda i, k: a[i] * (Num("1") - a[i]) if i == k else -(a[i] * a[k]))
    diagonal = _square(lambda i, k: a[i] if i == k else Num("0"))
    return (
        "Softmax turns numbers into shares of a whole: `e^z` of each over the sum of all, so that "
        "the outputs add up to 1. With three of them, the first output by its own `z`:",
        own.then("in terms of the outputs", a[0] * (Num("1") - a[0]), **known),
        "Another `z` stands in the sum only. It takes a share away:",
        other.then("in terms of the outputs", -(a[0] * a[1]), **known),
        "So every output depends on every `z`, and the local gradient is a whole matrix, the "
        "Jacobian. Its row is the output, its column the `z`:",
        derivation(
            Sym("dA/dZ"),
            jacobian,
            (
                "the outputs on the diagonal, less each of them times each",
                diagonal - column @ column.T,
            ),
        ),
        "Each row adds up to 0: raise every `z` by the same amount, and no share changes.",
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


def _absolute_error() -> Story:
    return (
        "The loss is the distance between label and prediction.",
        derive("abs(y - yhat)", "yhat", "L"),
        "Whether the prediction is far off or close, the gradient has the same size. Only its sign "
        "says which way to go.",
    )


def _huber() -> Story:
    return (
        "The Huber loss is the squared error while the error `y - ŷ` is at most `δ`:",
        derive("1/2 * (y - yhat)**2", "yhat", "L"),
        "Beyond, it goes on as a straight line, so that a wild example does not drown the others:",
        derive("delta*(abs(y - yhat) - delta/2)", "yhat", "L"),
        "Where the error is `δ`, both say `-δ`: the two pieces meet without a kink.",
    )


def _hinge() -> Story:
    return (
        "Here the label `y` is -1 or 1, and the loss is 0 once `y*ŷ` is at least 1.",
        derive("max(0, 1 - y*yhat)", "yhat", "L"),
        "An example that is right by a margin of 1 sends no gradient at all.",
    )


def _binary_cross_entropy() -> Story:
    y, yhat = Sym("y"), Sym("yhat")
    error, width = yhat - y, yhat * (Num("1") - yhat)
    return (
        "The label `y` is 0 or 1, and `ŷ` is the probability that the network gives to 1. The "
        "loss is the logarithm, with a minus, of what it gave to the right answer.",
        derive("-(y*log(yhat) + (1 - y)*log(1 - yhat))", "yhat", "L").then(
            "over a common denominator", error / width
        ),
        "The prediction comes from a sigmoid, whose local gradient is `ŷ * (1 - ŷ)`. "
        "Upstream times local:",
        derivation(Sym("dL/dz"), error / width * width, ("cancelling", error)),
        "The slope of the sigmoid has cancelled, and the error alone is left: the neuron learns "
        "even where its sigmoid is flat.",
    )


def _cross_entropy() -> Story:
    y, yhat = _letters("y"), _letters("yhat")
    loss = -reduce(add, [label * apply("log", guess) for label, guess in zip(y, yhat, strict=True)])
    upstream = [-(label / guess) for label, guess in zip(y, yhat, strict=True)]
    local = [yhat[0] * (Num("1") - yhat[0]), *(-(guess * yhat[0]) for guess in yhat[1:])]
    errors = [guess - label for label, guess in zip(y, yhat, strict=True)]
    return (
        "One of several answers is right: its label is 1, the others are 0. With three of them, "
        "the derivative by the first prediction:",
        derive(loss, "yhat1", "L"),
        "The predictions come from softmax, and `z1` reaches each of them, so three paths lead "
        "back to it. On each, upstream times local:",
        derivation(
            Sym("dL/dz1"),
            reduce(add, [up * own for up, own in zip(upstream, local, strict=True)]),
            ("cancelling", -y[0] * (Num("1") - yhat[0]) + y[1] * yhat[0] + y[2] * yhat[0]),
            ("gathering the prediction", _group(reduce(add, y)) * yhat[0] - y[0]),
        ).then("the labels add up to 1", errors[0], y3=Num("1") - y[0] - y[1]),
        "The others come out alike. All together, the gradient is the error again:",
        derivation(Sym("dL/dZ"), _column(errors), ("entry by entry", _column(yhat) - _column(y))),
    )


def _l2() -> Story:
    w, g, alpha, decay = (Sym(name) for name in ("w", "g", "alpha", "lambda"))
    squares = Sym("w1") ** Num("2") + Sym("w2") ** Num("2")
    return (
        "A penalty for large weights, added to the cost. With two weights:",
        derive(decay / Num("2") * squares, "w1", "R"),
        "So each weight gets `λ` times itself on top of the gradient `g` of the cost. The "
        "update with the learning rate `α`:",
        derivation(
            Sym("w'"),
            w - alpha * (g + decay * w),
            ("gathering the weight", (Num("1") - alpha * decay) * w - alpha * g),
        ),
        "Before each step the weight shrinks a little, by the factor `1 - α*λ`. That is "
        "why it is also called weight decay.",
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
    "leaky-relu": _leaky_relu,
    "elu": _elu,
    "softplus": _softplus,
    "gelu": _gelu,
    "silu": _silu,
    "softmax": _softmax,
    "squared-error": _squared_error,
    "cost": _cost,
    "absolute-error": _absolute_error,
    "huber": _huber,
    "hinge": _hinge,
    "binary-cross-entropy": _binary_cross_entropy,
    "cross-entropy": _cross_entropy,
    "l2": _l2,
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


def _letters(name: str) -> list[Sym]:
    """Three quantities of one kind: z1, z2, z3."""
    return [Sym(f"{name}{k}") for k in (1, 2, 3)]


def _column(entries: Sequence[Expr]) -> Grid:
    return Grid(tuple((entry,) for entry in entries), (len(entries), 1))


def _square(entry: Callable[[int, int], Expr]) -> Grid:
    """A matrix of three rows and three columns, from its entries by row and column."""
    rows = tuple(tuple(entry(i, k) for k in range(3)) for i in range(3))
    return Grid(rows, (3, 3))


def _transposed(grid: Grid) -> Grid:
    return Grid(tuple(zip(*grid.cells, strict=True)), grid.shape[::-1])
