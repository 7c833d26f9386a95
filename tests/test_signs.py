"""The signs of written lines: every one is written, worked out, opened and transposed."""

import re

import numpy as np
import pytest

from tracer import graph
from tracer.trace.conventions import Conventions
from tracer.trace.view import Turn
from tracer.written import latex
from tracer.written import text as plain_text
from tracer.written.entries import spread
from tracer.written.evaluate import value_of
from tracer.written.latex import expression
from tracer.written.lines import substitute
from tracer.written.readings import Floats
from tracer.written.signs import SIGNS, Sign, sign_of
from tracer.written.text import text
from tracer.written.tree import Apply, Matrix, Num, Sym, apply

a, b, z, i = map(Sym, "abzi")
X, Y, column = Sym("X", (2, 3)), Sym("Y", (2, 3)), Sym("b", (2, 1))
blocks = Sym("A", (2, 6))
POWERS, NUMBERS = Sym("Z", (3, 2)), Sym("M", (2, 3))
KNOWN = {
    "a": 0.75,
    "b": np.array([[2.0], [-3.0]]),
    "z": 0.3,
    "X": np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]]),
    "Y": np.array([[0.4, 1.0, -2.0], [1.25, -0.75, 3.0]]),
    "A": np.arange(12.0).reshape(2, 6) - 5,
    "Z": np.array([[1.0, 2.0], [-1.0, 0.5], [0.25, -2.0]]),
    "M": np.array([[0.5, 1.0, 2.0], [1.5, 0.25, 0.75]]),
}


def made(op, shape, *args):
    """A sign applied, with the shape of the whole."""
    return Apply(op, args, shape)


def of_each(op, inner):
    """Blocks for the three examples, side by side or below one another."""
    rows, columns = inner.shape
    return made(op, (rows, 3 * columns) if op == "examples" else (3 * rows, columns), inner)


def border(op, shape):
    return made(op, shape, X)


one = made("column", (2, 1), X)
line = made("row", (1, 2), X.T)
WRITTEN = {
    "=": (made("=", (), a, b), "a = b", "a = b"),
    "+": (X + Y, "X + Y", "X + Y"),
    "-": (X - Y, "X - Y", "X - Y"),
    "neg": (-X, "-X", "-X"),
    "*": (2 * X, "2*X", r"2 \cdot X"),
    "hadamard": (X * Y, "X ⊙ Y", r"X \odot Y"),
    "/": (X / NUMBERS, "X/M", r"\frac{X}{M}"),
    "ratio": (apply("ratio", 1, 2) * X, "1/2 * X", r"\frac{1}{2} \cdot X"),
    "**": (X**2, "X^∘2", r"X^{\circ 2}"),
    ">": (apply(">", X, Y), "1 if X > Y else 0", "[X > Y]"),
    "if": (
        apply("if", X, Y, X, 0.1),
        "X if X > Y else 0.1",
        r"\begin{cases} X & X > Y \\ 0.1 & \text{else} \end{cases}",
    ),
    "exp": (apply("exp", X), "e^X", "e^{X}"),
    "exp in full": (apply("exp in full", X), "exp(X)", r"\exp\left(X\right)"),
    "sqrt": (apply("sqrt", NUMBERS), "sqrt(M)", r"\sqrt{M}"),
    "abs": (apply("abs", X), "abs(X)", r"\left\lvert X \right\rvert"),
    "log": (apply("log", NUMBERS), "log(M)", r"\log\left(M\right)"),
    **{
        name: (apply(name, X), f"{name}(X)", rf"\{name}\left(X\right)")
        for name in ("tanh", "sin", "cos", "tan", "sinh", "cosh")
    },
    "max": (apply("max", X, 0), "max(X, 0)", r"\max\left(X, 0\right)"),
    "min": (apply("min", X, Y), "min(X, Y)", r"\min\left(X, Y\right)"),
    **{
        name: (apply(name, X), f"{name}(X)", rf"\text{{{name}}}\left(X\right)")
        for name in ("atan", "erf", "sign", "relu")
    },
    "sigma": (apply("sigma", X), "σ(X)", r"\sigma\left(X\right)"),
    "ones": (X - made("ones", (2, 3), X), "X - 1", r"X - \mathbf{1}"),
    "group": (made("group", (2, 3), X + Y), "(X + Y)", r"\left(X + Y\right)"),
    "dot": (X @ POWERS, "X · Z", r"X \cdot Z"),
    "T": (X.T @ Y, "Xᵀ · Y", r"X^{\mathsf{T}} \cdot Y"),
    "sum": (made("sum", (), X * Y), "Σ (X ⊙ Y)", r"\sum \left(X \odot Y\right)"),
    "rowsum": (made("rowsum", (2, 1), X), "Σ X", r"\sum X"),
    "colsum": (made("colsum", (1, 3), X), "Σ X", r"\sum X"),
    "count": (X * made("count", (), X), "X*m", r"X \cdot m"),
    "rows": (X * made("rows", (), X), "X*n", r"X \cdot n"),
    "column": (
        of_each("examples", one @ one.T),
        "X(i) · X(i)ᵀ",
        r"X^{(i)} \cdot {X^{(i)}}^{\mathsf{T}}",
    ),
    "row": (of_each("examples stacked", line * 2), "Xᵀ(i) * 2", r"{X^{\mathsf{T}}}^{(i)} \cdot 2"),
    "examples": (of_each("examples", one * 2), "X(i) * 2", r"X^{(i)} \cdot 2"),
    "examples stacked": (of_each("examples stacked", line), "Xᵀ(i)", r"{X^{\mathsf{T}}}^{(i)}"),
    "diag": (made("diag", (2, 2), column), "diag(b)", r"\text{diag}\left(b\right)"),
    "blockwise": (
        made("blockwise", (2, 3), blocks, X),
        "A(i) · X(i)",
        r"\left(A\right)^{(i)} \cdot \left(X\right)^{(i)}",
    ),
    "blockwise stacked": (
        made("blockwise stacked", (3, 2), X.T, blocks.T),
        "Xᵀ(i) · Aᵀ(i)",
        r"{\left(X^{\mathsf{T}}\right)}^{(i)} \cdot {\left(A^{\mathsf{T}}\right)}^{(i)}",
    ),
    "ones above": (border("ones above", (3, 3)), "[1; X]", r"\begin{bmatrix} 1 \\ X \end{bmatrix}"),
    "ones below": (border("ones below", (3, 3)), "[X; 1]", r"\begin{bmatrix} X \\ 1 \end{bmatrix}"),
    "ones left": (border("ones left", (2, 4)), "[1 X]", r"\begin{bmatrix} 1 & X \end{bmatrix}"),
    "ones right": (border("ones right", (2, 4)), "[X 1]", r"\begin{bmatrix} X & 1 \end{bmatrix}"),
    "minus ones above": (
        border("minus ones above", (3, 3)),
        "[-1; X]",
        r"\begin{bmatrix} -1 \\ X \end{bmatrix}",
    ),
    "minus ones below": (
        border("minus ones below", (3, 3)),
        "[X; -1]",
        r"\begin{bmatrix} X \\ -1 \end{bmatrix}",
    ),
    "minus ones left": (
        border("minus ones left", (2, 4)),
        "[-1 X]",
        r"\begin{bmatrix} -1 & X \end{bmatrix}",
    ),
    "minus ones right": (
        border("minus ones right", (2, 4)),
        "[X -1]",
        r"\begin{bmatrix} X & -1 \end{bmatrix}",
    ),
    "but first column": (border("but first column", (2, 2)), "X[:, 2:]", "{X}_{:,2:}"),
    "but last column": (border("but last column", (2, 2)), "X[:, :-1]", "{X}_{:,:-1}"),
    "but first row": (border("but first row", (1, 3)), "X[2:, :]", "{X}_{2:,:}"),
    "but last row": (border("but last row", (1, 3)), "X[:-1, :]", "{X}_{:-1,:}"),
    "first column zero": (
        border("first column zero", (2, 3)),
        "[0 X[:, 2:]]",
        r"\begin{bmatrix} 0 & {X}_{:,2:} \end{bmatrix}",
    ),
    "last column zero": (
        border("last column zero", (2, 3)),
        "[X[:, :-1] 0]",
        r"\begin{bmatrix} {X}_{:,:-1} & 0 \end{bmatrix}",
    ),
    "first row zero": (
        border("first row zero", (2, 3)),
        "[0; X[2:, :]]",
        r"\begin{bmatrix} 0 \\ {X}_{2:,:} \end{bmatrix}",
    ),
    "last row zero": (
        border("last row zero", (2, 3)),
        "[X[:-1, :]; 0]",
        r"\begin{bmatrix} {X}_{:-1,:} \\ 0 \end{bmatrix}",
    ),
    "d": (made("d", (), z**2, z), "d/dz (z^2)", r"\frac{d}{d z}\left(z^{2}\right)"),
    "at": (made("at", (), z, i), "z(i)", "z^{(i)}"),
    "over": (made("over", (), z + a, i), "Σ[i] (z + a)", r"\sum_{i=1}^{m} \left(z + a\right)"),
}
"""Each sign in a small line: as text, and in LaTeX."""
WITHOUT_A_VALUE = ["=", "d", "at", "over"]
"""What states and asks, and is worked out by sympy alone."""
VALUED = {op: written[0] for op, written in WRITTEN.items() if op not in WITHOUT_A_VALUE}


def operations(expr):
    """Every operation in an expression."""
    if not isinstance(expr, Apply):
        return set()
    return {expr.op, *(op for arg in expr.args for op in operations(arg))}


def missing(signs, tried):
    """The signs that no line is about."""
    return sorted(set(signs) ^ {op for op in tried if op in operations(tried[op][0])})


def test_every_sign_has_a_line_here():
    assert missing(SIGNS, WRITTEN) == []
    assert missing({**SIGNS, "new": Sign("new", None, None)}, WRITTEN) == ["new"]
    assert missing(SIGNS, {**WRITTEN, "dot": WRITTEN["+"]}) == ["dot"]


@pytest.mark.parametrize("op", WRITTEN)
def test_a_sign_is_written_in_text_and_in_latex(op):
    expr, in_text, in_latex = WRITTEN[op]
    assert text(expr) == in_text
    assert expression(expr) == in_latex


# each printer has a function for the signs whose row does not say how they look, and for no other

PRINTERS = {"text": plain_text.WRITTEN, "latex": latex.WRITTEN}


def unlike(signs, printer, functions):
    return sorted({op for op, sign in signs.items() if not getattr(sign, printer)} ^ set(functions))


@pytest.mark.parametrize(("printer", "functions"), PRINTERS.items())
def test_a_printer_has_a_function_where_the_row_does_not_say_it(printer, functions):
    assert unlike(SIGNS, printer, functions) == []
    assert unlike(SIGNS, printer, {**functions, "dot": None}) == ["dot"]
    without = {op: how for op, how in functions.items() if op != "if"}
    assert unlike(SIGNS, printer, without) == ["if"]


def test_any_other_name_is_that_of_a_function():
    assert "softmax" not in SIGNS
    assert text(apply("softmax", X)) == "softmax(X)"
    assert expression(apply("softmax", X)) == r"\text{softmax}\left(X\right)"
    with pytest.raises(AttributeError, match="unheard"):
        value_of(Floats(), apply("unheard", X), KNOWN)


# what it means in numbers


@pytest.mark.parametrize("op", VALUED)
def test_a_sign_has_a_value_of_its_shape(op):
    assert np.shape(value_of(Floats(), VALUED[op], KNOWN)) == VALUED[op].shape


def test_a_word_of_the_vocabulary_is_one_sign():
    words = [sign.word for sign in SIGNS.values() if sign.word]
    assert len(words) == len(set(words))


BY_NUMPY = {
    "blockwise": lambda A, X: np.hstack([A[:, 2 * k : 2 * k + 2] @ X[:, [k]] for k in range(3)]),
    "ones right": lambda A, X: np.hstack([X, np.ones((2, 1))]),
    "minus ones above": lambda A, X: np.vstack([-np.ones((1, 3)), X]),
    "but last row": lambda A, X: X[:-1],
    "first row zero": lambda A, X: np.vstack([np.zeros((1, 3)), X[1:]]),
    "colsum": lambda A, X: X.sum(axis=0, keepdims=True),
    "column": lambda A, X: np.hstack([np.outer(x, x) for x in X.T]),
    "sigma": lambda A, X: 1 / (1 + np.exp(-X)),
}


@pytest.mark.parametrize("op", BY_NUMPY)
def test_the_value_is_what_numpy_says(op):
    found = value_of(Floats(), VALUED[op], KNOWN)
    assert found == pytest.approx(BY_NUMPY[op](KNOWN["A"], KNOWN["X"]), rel=1e-15)


@pytest.mark.parametrize("op", WITHOUT_A_VALUE)
def test_what_states_or_asks_has_none(op):
    with pytest.raises(AttributeError, match=re.escape(op)):
        value_of(Floats(), WRITTEN[op][0], {**KNOWN, "b": 1.0, "i": 1.0})


# the calculation behind each entry comes to the entry


@pytest.mark.parametrize("op", VALUED)
def test_the_entries_of_a_sign_come_to_its_value(op):
    numbers = {name: Matrix(value, repr) for name, value in KNOWN.items() if np.shape(value)}
    numbers |= {name: Num(repr(value)) for name, value in KNOWN.items() if not np.shape(value)}
    opened = spread(substitute(VALUED[op], numbers))
    cells = opened.cells if VALUED[op].shape else ((opened,),)
    found = [[float(value_of(Floats(), cell, {})) for cell in row] for row in cells]
    wanted = np.atleast_2d(value_of(Floats(), VALUED[op], KNOWN))
    assert np.array(found) == pytest.approx(wanted, rel=1e-12)


# examples in rows: every line is that of the transposed matrices


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("op", VALUED)
def test_a_line_of_transposed_matrices_comes_to_the_transposed_value(op, sign):
    turn = Turn(Conventions(rows=True), graph("z = 1; L = z*z"))
    expr = VALUED[op]
    flipped = {name: np.transpose(value) for name, value in KNOWN.items()}
    turned = turn.line(expr, flip=bool(expr.shape), sign=sign)
    assert turned.shape == expr.shape[::-1]
    wanted = sign * np.transpose(value_of(Floats(), expr, KNOWN))
    assert value_of(Floats(), turned, flipped) == pytest.approx(wanted, rel=1e-12)


# gradients written as a descent: a minus is taken out of a line only where its value allows it


def with_a_gradient(expr):
    """A line with a gradient of L in the place of X."""
    return substitute(expr, {"X": Sym("dL/dz", (2, 3))})


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("op", VALUED)
def test_a_line_of_descents_comes_to_the_same_value(op, sign):
    turn = Turn(Conventions(descent=True), graph("z = 1; L = z*z"))
    turned = turn.line(with_a_gradient(VALUED[op]), sign=sign)
    known = {**KNOWN, "-dL/dz": -KNOWN["X"]}
    wanted = sign * value_of(Floats(), VALUED[op], KNOWN)
    assert value_of(Floats(), turned, known) == pytest.approx(wanted, rel=1e-12)


# how a line is worked out

SUMS, PRODUCTS = {"sum", "rowsum", "colsum"}, {"dot", "blockwise", "blockwise stacked"}
BORDERS = {op for op in SIGNS if re.search("above|below|left|right|but |zero", op)}
TRAITS = {
    "mixes": SUMS | PRODUCTS,
    "adds_up": SUMS,
    "swaps": PRODUCTS,
    "merges": {"+", "*"},
    "is_product": {"*", "hadamard", "dot"},
    "passes_minus": {"*", "hadamard", "/"} | SUMS | PRODUCTS,
    "copies": {"T"} | BORDERS,
    "stands": {"+", "-", "neg", "*", "hadamard", "ratio", "ones", "dot", "T", "count", "rows"}
    | SUMS,
    "by_example": {"examples", "examples stacked", "blockwise", "blockwise stacked"},
}


@pytest.mark.parametrize(("trait", "signs"), TRAITS.items())
def test_a_trait_belongs_to_these_signs_and_no_others(trait, signs):
    assert {op for op, sign in SIGNS.items() if getattr(sign, trait)} == signs


# brackets: each sign around and inside a sum, a product and a power

INSIDE = {
    "+": ("X + Y", "2 * (X + Y)", "(X + Y)^∘2"),
    "-": ("X - Y", "2 * (X - Y)", "(X - Y)^∘2"),
    "neg": ("-X", "2 * (-X)", "(-X)^∘2"),
    "*": ("2*X", "2 * 2*X", "(2*X)^∘2"),
    "hadamard": ("X ⊙ Y", "2 * X ⊙ Y", "(X ⊙ Y)^∘2"),
    "/": ("X/M", "2 * X/M", "(X/M)^∘2"),
    "**": ("X^∘2", "2 * X^∘2", "(X^∘2)^∘2"),
    ">": ("(1 if X > Y else 0)", "2 * (1 if X > Y else 0)", "(1 if X > Y else 0)^∘2"),
    "if": ("(X if X > Y else 0.1)", "2 * (X if X > Y else 0.1)", "(X if X > Y else 0.1)^∘2"),
    "exp": ("e^X", "2 * e^X", "(e^X)^∘2"),
    "dot": ("X · Z", "2 * X · Z", "(X · Z)^∘2"),
    "rowsum": ("Σ X", "2 Σ X", "(Σ X)^∘2"),
    "blockwise": ("A(i) · X(i)", "2 * A(i) · X(i)", "(A(i) · X(i))^∘2"),
    "but last row": ("X[:-1, :]", "2 * X[:-1, :]", "X[:-1, :]^∘2"),
}


@pytest.mark.parametrize("op", INSIDE)
def test_a_sign_inside_a_sum_a_product_and_a_power(op):
    expr = WRITTEN[op][0]
    added, times, power = INSIDE[op]
    found = text(apply("+", expr, 1)), text(apply("*", 2, expr)), text(expr**2)
    assert found == (f"{added} + 1", times, power)


def unpaired(signs):
    """The signs whose transposed form does not lead back to them."""
    return [op for op, s in signs.items() if s.turned and signs[s.turned].turned != op]


def test_a_transposed_sign_transposed_is_the_first_one_again():
    assert unpaired(SIGNS) == []
    assert unpaired({**SIGNS, "new": Sign("new", None, None, turned="rowsum")}) == ["new"]
    assert sign_of("dot").transposed == "dot"
