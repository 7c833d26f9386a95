"""How quantities are called: read, shown and typeset."""

import re

import pytest

from tracer.errors import UnknownName
from tracer.written.names import entry_latex, entry_name, gradient, latex, parse_name, pretty


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Z", {"base": "Z"}),
        ("w1", {"base": "w1"}),
        ("W[1]", {"base": "W[1]"}),
        ("W[1,2]", {"base": "W", "entry": (1, 2)}),
        ("W[1][2,3]", {"base": "W[1]", "entry": (2, 3)}),
        ("w12[1]", {"base": "w12[1]"}),
        ("W[1]'", {"base": "W[1]", "prime": True}),
        ("W'[1,2]", {"base": "W", "prime": True, "entry": (1, 2)}),
        ("Z[1]@4600", {"base": "Z[1]", "epoch": 4600}),
        ("Z[1][2,3]@1", {"base": "Z[1]", "entry": (2, 3), "epoch": 1}),
        ("dCost/dW", {"of": "Cost", "base": "W"}),
        ("dCost/dW[2][1,3]", {"of": "Cost", "base": "W[2]", "entry": (1, 3)}),
        ("dA[1]/dZ[1]", {"of": "A[1]", "base": "Z[1]"}),
        ("dd/dd", {"of": "d", "base": "d"}),
        ("de/db through c", {"of": "e", "base": "b", "through": "c"}),
        ("dc/da through c#2", {"of": "c", "base": "a", "through": "c#2"}),
        ("local dCost/dYhat", {"of": "Cost", "base": "Yhat", "local": True}),
        ("Cost.squares", {"base": "Cost", "part": "squares"}),
        ("Cost.squares[1,2]", {"base": "Cost", "part": "squares", "entry": (1, 2)}),
        ("L.1", {"base": "L.1", "part": None}),
        ("d1.2[1,2]", {"base": "d1.2", "entry": (1, 2)}),
        ("dL/dd1.2", {"of": "L", "base": "d1.2"}),
        ("dL.2/dL.1", {"of": "L.2", "base": "L.1"}),
        ("L.1.square", {"base": "L.1", "part": "square"}),
        ("dL/dx through L.1#2", {"of": "L", "base": "x", "through": "L.1#2"}),
        ("grad W[1]", {"base": "grad W[1]", "of": None}),
    ],
)
def test_a_name_is_taken_apart_and_put_together(typed, meant):
    parsed = parse_name(typed)
    assert {field: getattr(parsed, field) for field in meant} == meant
    assert str(parsed) == typed


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("Ŷ", "Yhat"),
        ("ŷ", "yhat"),
        ("∂Cost/∂Ŷ", "dCost/dYhat"),
        ("∂Cost/∂W[2]", "dCost/dW[2]"),
        ("dCost / dW", "dCost/dW"),
        ("W[1, 2]", "W[1,2]"),
        ("W′", "W'"),
        ("α", "alpha"),
        ("∇W", "nabla W"),
        ("  de/db   through  c ", "de/db through c"),
    ],
)
def test_both_spellings_are_read(typed, plain):
    assert str(parse_name(typed)) == plain


@pytest.mark.parametrize(
    ("typed", "whole"), [("W[1][2,3]", "W[1]"), ("dCost/dW[1,2]", "dCost/dW"), ("Z@1", "Z@1")]
)
def test_an_entry_belongs_to_a_whole(typed, whole):
    assert str(parse_name(typed).whole) == whole


@pytest.mark.parametrize(
    "typed", ["", "3", "W[", "W[1", "W[1,]", "W[a]", "a b", "a+b", "dCost/", "/dW", "Z@", "Z@-1"]
)
def test_other_texts_are_no_names(typed):
    with pytest.raises(UnknownName) as refused:
        parse_name(typed)
    expected = f"{typed!r} is not a name, expected one such as Z, W[1][2,3] or dCost/dW"
    assert str(refused.value) == expected


def test_a_gradient_is_named_after_both_its_ends():
    assert gradient("Cost", "W[1]") == "dCost/dW[1]"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Z[1]", "Z[1]"),
        ("Yhat", "Ŷ"),
        ("yhat2", "ŷ2"),
        ("dCost/dYhat", "∂Cost/∂Ŷ"),
        ("dL/dyhat", "∂L/∂ŷ"),
        ("dCost/dW[2][1,3]", "∂Cost/∂W[2][1,3]"),
        ("de/db through c", "∂e/∂b through c"),
        ("local dA[1]/dZ[1]", "∂A[1]/∂Z[1]"),
        ("W[1]'", "W[1]'"),
        ("alpha", "α"),
        ("sigma", "σ"),
        ("L.1", "L.1"),
        ("dL/dd1.2", "∂L/∂d1.2"),
        ("alpha.2", "α.2"),
    ],
)
def test_a_name_is_shown(name, shown):
    assert pretty(name) == shown


@pytest.mark.parametrize(
    ("name", "typeset"),
    [
        ("Z", r"Z"),
        ("W[1]", r"W^{[1]}"),
        ("w1", r"w_{1}"),
        ("w12[1]", r"w_{12}^{[1]}"),
        ("Yhat", r"\hat{Y}"),
        ("alpha", r"\alpha"),
        ("e_1", r"e_{1}"),
        ("Cost", r"\mathit{Cost}"),
        ("W'", r"W'"),
        ("yhat2", r"\hat{y}_{2}"),
        ("dCost/dW[2]", r"\frac{\partial \mathit{Cost}}{\partial W^{[2]}}"),
        ("W[1][2,3]", r"{W^{[1]}}_{2,3}"),
        ("L.1", r"L_{.1}"),
        ("d1.2", r"d_{1.2}"),
        ("grad W", r"\mathit{grad\ W}"),
        ("net_h1.2", r"\mathit{net}_{\mathit{h1}.2}"),
        ("dL/dd1.2", r"\frac{\partial L}{\partial d_{1.2}}"),
    ],
)
def test_a_name_is_typeset(name, typeset):
    assert latex(name) == typeset


@pytest.mark.parametrize(
    ("name", "row", "column", "shape", "shown", "typeset"),
    [
        ("Z", 1, 3, (1, 4), "Z[1,3]", r"z^{(3)}"),
        ("Yhat", 1, 2, (1, 4), "Ŷ[1,2]", r"\hat{y}^{(2)}"),
        ("X", 2, 4, (2, 4), "X[2,4]", r"x_{2}^{(4)}"),
        ("A[1]", 2, 3, (3, 4), "A[1][2,3]", r"a_{2}^{[1](3)}"),
        ("W", 1, 2, (1, 2), "W[1,2]", r"w_{2}"),
        ("W[1]", 3, 2, (3, 2), "W[1][3,2]", r"w_{3,2}^{[1]}"),
        ("b[1]", 2, 1, (3, 1), "b[1][2,1]", r"b_{2}^{[1]}"),
        ("H.1", 2, 1, (3, 2), "H.1[2,1]", r"{h_{.1}}_{2,1}"),
        (
            "dCost/dZ",
            1,
            3,
            (1, 4),
            "∂Cost/∂Z[1,3]",
            r"\frac{\partial \mathit{Cost}}{\partial z^{(3)}}",
        ),
    ],
)
def test_an_entry_is_called_as_it_is_typed(name, row, column, shape, shown, typeset):
    assert entry_name(name, row, column) == shown
    assert entry_latex(name, row, column, shape) == typeset


@pytest.mark.parametrize(
    "typeset", [latex("W[1]'"), latex("w12[1]'"), entry_latex("W[1]'", 1, 2, (3, 2))]
)
def test_a_prime_does_not_follow_a_superscript(typeset):
    """LaTeX, MathJax and KaTeX all refuse `W^{[1]}'` as a double superscript."""
    assert not re.search(r"\^\{[^{}]*\}'", typeset)
