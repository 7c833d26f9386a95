"""Written lines: each follows from the one above, as text."""

import numpy as np
import pytest

from tracer import graph, net, work
from tracer.errors import ShapeError
from tracer.written.entries import entry, settle, shown, spread
from tracer.written.lines import is_copy, substitute, working
from tracer.written.text import text
from tracer.written.tree import Apply, Dots, Grid, Matrix, Num, Sym, Word, apply

a, b, c = Sym("a"), Sym("b"), Sym("c")
W, X = Sym("W", (1, 2)), Sym("X", (2, 4))


def lines(quantity):
    """The lines of a quantity, from its formula to what was written."""
    numbers = {q.name: q.numbers() for q in quantity.inputs}
    parts = {part.name.rpartition(".")[2]: part.numbers() for part in quantity.parts}
    return [text(x) for x in working(quantity.formula, numbers, parts, quantity.numbers())]


def unfolded(block):
    """The lines of an indented block."""
    return [line.strip() for line in block.strip().splitlines()]


# the lines of the article's OR batch, carried with three places


OR_LINES = {
    "Z": """
        W · X + b
        [0.1  0.6] · [0  0  1  1; 0  1  0  1] + [0]
        [(0.1*0 + 0.6*0 + 0)  (0.1*0 + 0.6*1 + 0)  (0.1*1 + 0.6*0 + 0)  (0.1*1 + 0.6*1 + 0)]
        [0  0.6  0.1  0.7]
    """,
    "Yhat": """
        1/(1 + e^-Z)
        [1/(1 + e^0)  1/(1 + e^-0.6)  1/(1 + e^-0.1)  1/(1 + e^-0.7)]
        [0.5  0.646  0.525  0.668]
    """,
    "Cost": """
        1/(2*m) Σ (Y - Ŷ)^∘2
        1/(2*4) Σ ([0  1  1  1] - [0.5  0.646  0.525  0.668])^∘2
        1/8 Σ [-0.5  0.354  0.475  0.332]^∘2
        1/8 Σ [0.25  0.125  0.226  0.11]
        1/8 * (0.25 + 0.125 + 0.226 + 0.11)
        1/8 * 0.711
        0.089
    """,
    "local dCost/dYhat": """
        -1/m * (Y - Ŷ)
        -1/4 * ([0  1  1  1] - [0.5  0.646  0.525  0.668])
        -1/4 * [-0.5  0.354  0.475  0.332]
        [(-1/4 * (-0.5))  (-1/4 * 0.354)  (-1/4 * 0.475)  (-1/4 * 0.332)]
        [0.125  -0.089  -0.119  -0.083]
    """,
    "dYhat/dZ": """
        Ŷ ⊙ (1 - Ŷ)
        [0.5  0.646  0.525  0.668] ⊙ (1 - [0.5  0.646  0.525  0.668])
        [0.5  0.646  0.525  0.668] ⊙ [0.5  0.354  0.475  0.332]
        [(0.5*0.5)  (0.646*0.354)  (0.525*0.475)  (0.668*0.332)]
        [0.25  0.229  0.249  0.222]
    """,
    "dCost/dZ": """
        ∂Cost/∂Ŷ ⊙ ∂Ŷ/∂Z
        [0.125  -0.089  -0.119  -0.083] ⊙ [0.25  0.229  0.249  0.222]
        [(0.125*0.25)  (-0.089*0.229)  (-0.119*0.249)  (-0.083*0.222)]
        [0.031  -0.02  -0.03  -0.018]
    """,
    "dZ/dW": """
        Xᵀ
        [0  0  1  1; 0  1  0  1]ᵀ
        [0  0; 0  1; 1  0; 1  1]
    """,
    "dCost/dW": """
        ∂Cost/∂Z · ∂Z/∂W
        [0.031  -0.02  -0.03  -0.018] · [0  0; 0  1; 1  0; 1  1]
        [(0.031*0 + (-0.02)*0 + (-0.03)*1 + (-0.018)*1)  (0.031*0 + (-0.02)*1 + (-0.03)*0 + (-0.018)*1)]
        [-0.048  -0.038]
    """,  # noqa: E501
    "dZ/db": "1",
    "dCost/db": """
        Σ (∂Cost/∂Z * ∂Z/∂b)
        Σ ([0.031  -0.02  -0.03  -0.018] * 1)
        [(0.031*1 + (-0.02)*1 + (-0.03)*1 + (-0.018)*1)]
        [-0.037]
    """,
    "W'": """
        W - α * ∂Cost/∂W
        [0.1  0.6] - 1 * [-0.048  -0.038]
        [0.1  0.6] - [-0.048  -0.038]
        [(0.1 - (-0.048))  (0.6 - (-0.038))]
        [0.148  0.638]
    """,
    "b'": """
        b - α * ∂Cost/∂b
        [0] - 1 * [-0.037]
        [0] - [-0.037]
        [(0 - (-0.037))]
        [0.037]
    """,
}


@pytest.mark.parametrize(("name", "written"), OR_LINES.items(), ids=OR_LINES)
def test_the_lines_of_the_or_batch(or_batch, name, written):
    assert lines(work(or_batch, "carry 3")[name]) == unfolded(written)


ONE_EXAMPLE = {
    "z": """
        w1*x1 + w2*x2 + b
        0.1*0 + 0.6*0 + (-0.125)
        -0.125
    """,
    "yhat": """
        1/(1 + e^-z)
        1/(1 + e^-(-0.125))
        0.469
    """,
    "L": """
        1/2 * (y - ŷ)^2
        1/2 * (0 - 0.469)^2
        1/2 * (-0.469)^2
        0.11
    """,
    "local dL/dyhat": """
        -(y - ŷ)
        -(0 - 0.469)
        -(-0.469)
        0.469
    """,
    "dyhat/dz": """
        ŷ * (1 - ŷ)
        0.469 * (1 - 0.469)
        0.469*0.531
        0.249
    """,
    "dL/dz": """
        ∂L/∂ŷ * ∂ŷ/∂z
        0.469*0.249
        0.117
    """,
    "b'": """
        b - α * ∂L/∂b
        -0.125 - 1*0.117
        -0.125 - 0.117
        -0.242
    """,
}


@pytest.mark.parametrize(("name", "written"), ONE_EXAMPLE.items(), ids=ONE_EXAMPLE)
def test_the_lines_of_one_example(name, written):
    values = {"x1": 0, "x2": 0, "y": 0, "w1": 0.1, "w2": 0.6, "b": -0.125}
    program = net("1 sigmoid", view="scalar", learning_rate=1, **values)
    assert lines(work(program, "carry 3")[name]) == unfolded(written)


@pytest.mark.parametrize(
    ("equations", "name", "written"),
    [
        ("a = 2; b = 5; c = a*b; d = b + 1; e = c*d", "e", ["c*d", "10*6", "60"]),
        (
            "a = 2; b = 5; c = a*b; d = b + 1; e = c*d",
            "de/db",
            ["∂e/∂c * ∂c/∂b + ∂e/∂d * ∂d/∂b", "6*2 + 10*1", "12 + 10", "22"],
        ),
        ("a = -2; c = 3 - a", "c", ["3 - a", "3 - (-2)", "5"]),
        ("a = -2; c = -a", "c", ["-a", "-(-2)", "2"]),
        ("a = -2; c = a**2", "c", ["a^2", "(-2)^2", "4"]),
        ("a = 2; b = -3; c = a*b", "c", ["a*b", "2*(-3)", "-6"]),
        ("a = -2; b = 3; c = a*b", "c", ["a*b", "-2*3", "-6"]),
        ("a = 6; b = -3; c = a/b", "c", ["a/b", "6/(-3)", "-2"]),
        ("a = -1; b = 2; c = a/b", "local dc/db", ["-a/b^2", "-(-1)/2^2", "0.25"]),
        ("a = 5; c = a**3", "local dc/da", ["3 * a^2", "3 * 5^2", "75"]),
        ("a = 0; c = tanh(a)", "c", ["tanh(a)", "tanh(0)", "0"]),
        ("a = 0.5; c = tanh(a)", "local dc/da", ["1 - c^2", "1 - 0.46^2", "1 - 0.21", "0.79"]),
        ("a = 1; c = log(a)", "c", ["log(a)", "log(1)", "0"]),
        ("a = -1; c = exp(a)", "c", ["e^a", "e^-1", "0.37"]),
        ("a = 2; b = 5; c = max(a, b)", "c", ["max(a, b)", "max(2, 5)", "5"]),
        (
            "a = 2; b = 5; c = max(a, b)",
            "local dc/da",
            ["1 - (1 if b > a else 0)", "1 - (1 if 5 > 2 else 0)", "0"],
        ),
        ("a = 2; c = a + 1", "local dc/da", ["1"]),
        ("a = 2; b = 5; c = a*b", "local dc/da", ["b", "5"]),
    ],
)
def test_the_lines_of_an_equation(equations, name, written):
    trace = work(graph(equations), "carry 2")
    assert lines(trace[name]) == written


def test_a_parameter_called_alpha_is_not_the_learning_rate():
    trace = work(graph("alpha = 2; c = alpha*alpha", learning_rate=0.5))
    assert lines(trace["alpha'"])[1:] == ["2 - 0.5*4", "2 - 2", "0"]


def test_lines_of_two_outputs_count_their_terms():
    program = net("2 sigmoid", X=[[0]], Y=[[1], [0]], W=[[1], [1]])
    assert lines(work(program, "carry 3")["Cost"]) == unfolded(
        """
        1/(2*m) Σ (Y - Ŷ)^∘2
        1/(2*1) Σ ([1; 0] - [0.5; 0.5])^∘2
        1/2 Σ [0.5; -0.5]^∘2
        1/2 Σ [0.25; 0.25]
        1/2 * (0.25 + 0.25)
        1/2 * 0.5
        0.25
        """
    )


def test_a_line_that_repeats_the_one_above_is_left_out():
    assert [text(x) for x in working(a, {"a": Num("5")}, {}, Num("5"))] == ["a", "5"]


# brackets


@pytest.mark.parametrize(
    ("expression", "line"),
    [
        (a + b + c, "a + b + c"),
        (a - (b - c), "a - (b - c)"),
        ((a - b) - c, "a - b - c"),
        (a - (b + c), "a - (b + c)"),
        (a * (b + c), "a * (b + c)"),
        ((a + b) * c, "(a + b) * c"),
        (a * b * c, "a*b*c"),
        (a / (b * c), "a/(b*c)"),
        (a / b / c, "a/b/c"),
        (a * b / c, "a*b/c"),
        ((a + b) ** 2, "(a + b)^2"),
        ((a * b) ** 2, "(a*b)^2"),
        ((a**b) ** c, "(a^b)^c"),
        (a ** (b + 1), "a^(b + 1)"),
        (-(a + b), "-(a + b)"),
        (-a * b, "-a * b"),
        (Apply("neg", (-a,), ()), "-(-a)"),
        (1 - (-a), "1 - (-a)"),
        (1 / (1 + apply("exp", -a)), "1/(1 + e^-a)"),
        (apply("exp", -(a * b)), "e^(-a*b)"),
        (apply("exp", a), "e^a"),
        (apply("tanh", a + b), "tanh(a + b)"),
        (apply("max", a, b - c), "max(a, b - c)"),
        (apply("sigma", a), "σ(a)"),
        (W @ X, "W · X"),
        ((W @ X).T, "(W · X)ᵀ"),
        (W.T, "Wᵀ"),
        (a * W, "a*W"),
        (W * W, "W ⊙ W"),
        (W * (1 - W), "W ⊙ (1 - W)"),
        (W**2, "W^∘2"),
        (Apply("sum", (W,), ()), "Σ W"),
        (Apply("sum", (W + W,), ()), "Σ (W + W)"),
        (Word("upstream") * Word("local"), "upstream * local"),
    ],
)
def test_brackets_stand_where_they_are_needed(expression, line):
    assert text(expression) == line


@pytest.mark.parametrize(
    ("expression", "line"),
    [
        (Num("2") + Num("-3"), "2 + (-3)"),
        (Num("2") - Num("-3"), "2 - (-3)"),
        (Num("-2") - Num("3"), "-2 - 3"),
        (Num("2") * Num("-3"), "2*(-3)"),
        (Num("-2") * Num("3"), "-2*3"),
        (Num("2") / Num("-3"), "2/(-3)"),
        (Num("-2") / Num("3"), "-2/3"),
        (Num("-2") ** Num("2"), "(-2)^2"),
        (Num("2") ** Num("-2"), "2^(-2)"),
        (-Num("-2"), "-(-2)"),
        (apply("exp", -Num("-2")), "e^-(-2)"),
        (apply("exp", Num("-2")), "e^-2"),
        (apply("tanh", Num("-2")), "tanh(-2)"),
    ],
)
def test_negative_numbers_stand_in_brackets(expression, line):
    assert text(expression) == line


def test_factors_keep_their_order():
    assert text(b * a + 0.5 * c) == "b*a + 0.5*c"


# matrices


def grid(rows):
    """A matrix of numbers as they are."""
    return Matrix(np.array(rows, dtype=float), lambda x: f"{x:g}")


@pytest.mark.parametrize(
    ("expression", "worked_into_entries"),
    [
        (grid([[1, 2]]) @ grid([[3], [4]]), "[(1*3 + 2*4)]"),
        (grid([[1], [2]]) @ grid([[3, 4]]), "[(1*3)  (1*4); (2*3)  (2*4)]"),
        (grid([[1, 2]]) @ grid([[3], [4]]) + grid([[5]]), "[(1*3 + 2*4 + 5)]"),
        (grid([[1, 2]]) + grid([[5]]), "[(1 + 5)  (2 + 5)]"),
        (grid([[1, 2]]) * grid([[3, -4]]), "[(1*3)  (2*(-4))]"),
        (grid([[1, 2]]).T, "[1; 2]"),
        (-grid([[1, -2]]), "[-1  -(-2)]"),
        (grid([[1, 2]]) ** 2, "[1^2  2^2]"),
        (Apply("rowsum", (grid([[1, 2], [3, -4]]),), (2, 1)), "[(1 + 2); (3 + (-4))]"),
        (Apply("sum", (grid([[1, 2], [3, -4]]),), ()), "1 + 2 + 3 + (-4)"),
    ],
)
def test_a_matrix_opens_into_its_scalar_sums(expression, worked_into_entries):
    assert text(spread(expression)) == worked_into_entries


def test_one_entry_of_a_product():
    product = grid([[1, 2], [3, 4]]) @ grid([[5, 6], [7, 8]])
    assert text(entry(product, 1, 0)) == "3*5 + 4*7"


@pytest.mark.parametrize(
    ("build", "fault"),
    [
        (
            lambda: X @ W,
            "(2 x 4) . (1 x 2) does not fit, "
            "expected as many columns on the left as rows on the right",
        ),
        (lambda: W + X, "(1 x 2) and (2 x 4) do not fit, expected equal shapes for +"),
        (
            lambda: X * X.T,
            "(2 x 4) and (4 x 2) do not fit, expected equal shapes for *, entry by entry; the "
            "matrix product is @",
        ),
    ],
)
def test_shapes_that_do_not_fit_are_both_named(build, fault):
    with pytest.raises(ShapeError) as refused:
        build()
    assert str(refused.value) == fault


@pytest.mark.parametrize(
    ("expression", "shape"),
    [(W @ X, (1, 4)), (X.T, (4, 2)), (a * X, (2, 4)), (X + Sym("b", (2, 1)), (2, 4)), (a + b, ())],
)
def test_an_expression_knows_its_shape(expression, shape):
    assert expression.shape == shape


@pytest.mark.parametrize(
    ("formula", "copies"), [(a, True), (b, False), (W.T, True), (Num("1"), True), (a + 0, False)]
)
def test_a_bare_copy_of_what_was_given(formula, copies):
    assert is_copy(formula, given={"a", "W"}) == copies


def test_a_count_becomes_a_number_once_the_matrix_is_known():
    m = Apply("count", (X,), ())
    assert text(substitute(1 / m, {})) == "1/m"
    assert text(substitute(1 / m, {"X": grid([[1, 2, 3]])})) == "1/3"


# what is too large is left out


@pytest.mark.parametrize(
    ("length", "most", "which"),
    [
        (3, 10, [0, 1, 2]),
        (10, 10, list(range(10))),
        (11, 10, [0, 1, 2, None, 9, 10]),
        (784, 12, [0, 1, 2, None, 782, 783]),
    ],
)
def test_the_corners_are_shown(length, most, which):
    assert shown(length, most) == which


def test_a_long_row_is_elided():
    assert text(grid([range(20)])) == "[0  1  2  ...  18  19]"


def test_a_long_sum_is_elided():
    assert text(spread(Apply("sum", (grid([range(100)]),), ()))) == "0 + 1 + 2 + ... + 98 + 99"


@pytest.mark.parametrize(("rows", "elided"), [(8, False), (9, True), (100, True)])
def test_a_grid_knows_that_it_is_elided(rows, elided):
    assert settle(grid([[1]] * rows)).elided == elided


def test_a_large_product_writes_only_what_it_shows():
    """100 x 784 times 784 x 60: of 4 704 000 products a few dozen are written."""
    asked = []

    def digits(number):
        asked.append(number)
        return f"{number:g}"

    random = np.random.default_rng(1)
    left, right = random.integers(0, 9, (100, 784)), random.integers(0, 9, (784, 60))
    product = Matrix(left, digits) @ Matrix(right, digits)
    line = text(spread(product))
    assert len(asked) == 5 * 5 * 5 * 2
    assert len(line) < 1000
    assert line.count("...") == 5 * 5 + 2 * 5 + 1
    assert isinstance(settle(product).args[0].cells[3][3], Dots)


def test_the_lines_of_a_large_layer_stay_short():
    random = np.random.default_rng(2)
    X, W = random.integers(0, 9, (784, 20)) / 10, random.integers(-9, 9, (100, 784)) / 10
    trace = work(net("100 sigmoid", X=X, W=W, Y=np.zeros((100, 20))), "carry 3")
    for name in ("Z", "Cost", "dYhat/dZ", "dCost/dW", "dZ/dW"):
        written = lines(trace[name])
        assert len(written) <= 7
        assert max(map(len, written)) < 2500


def test_a_matrix_on_the_page_keeps_its_true_shape():
    drawn = settle(grid(np.zeros((100, 784))))
    assert isinstance(drawn, Grid)
    assert drawn.shape == (100, 784)
    assert (len(drawn.cells), len(drawn.cells[0])) == (6, 6)
