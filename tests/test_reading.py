"""Typed formulas: what each becomes, and the one fault that every door gives for what is none."""

import numpy as np
import pytest

from tracer import graph, ops
from tracer.derive import derive
from tracer.errors import TracerError
from tracer.network import with_features
from tracer.network.formula import activation_of, loss_of
from tracer.numbers.decimals import Number
from tracer.trace.equations import rate_of
from tracer.written.lines import names_in
from tracer.written.reading import KNOWN, read
from tracer.written.text import text
from tracer.written.tree import Apply, Num, Sym

# what is read


@pytest.mark.parametrize(
    ("formula", "tree"),
    [
        ("a", Sym("a")),
        ("-a", Apply("neg", (Sym("a"),), ())),
        ("a + b + 2", Apply("+", (Sym("a"), Sym("b"), Num("2")), ())),
        ("a - b", Apply("-", (Sym("a"), Sym("b")), ())),
        ("a*b", Apply("*", (Sym("a"), Sym("b")), ())),
        ("a/2", Apply("/", (Sym("a"), Num("2")), ())),
        ("1/2", Apply("ratio", (Num("1"), Num("2")), ())),
        ("a**2", Apply("**", (Sym("a"), Num("2")), ())),
        ("a @ b", Apply("dot", (Sym("a"), Sym("b")), ())),
        ("a.T", Apply("T", (Sym("a"),), ())),
        ("max(a, 0)", Apply("max", (Sym("a"), Num("0")), ())),
        ("sigmoid(a)", Apply("sigma", (Sym("a"),), ())),
        ("ln(a)", Apply("log", (Sym("a"),), ())),
        ("swish(a)", Apply("silu", (Sym("a"),), ())),
        ("pi*a", Apply("*", (Sym("pi"), Sym("a")), ())),
        ("e**a", Apply("exp", (Sym("a"),), ())),
        ("e", Apply("exp", (Num("1"),), ())),
    ],
)
def test_a_formula_is_a_tree(formula, tree):
    assert read(formula) == tree


def test_a_value_that_is_called_e_is_that_value():
    assert read("e**a + e", ["e"]) == Sym("e") ** Sym("a") + Sym("e")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2.0", "2"),
        ("0.50", "0.5"),
        ("1e3", "1000"),
        ("1e-5", "1e-05"),
        ("1_000", "1000"),
        ("0x1f", "31"),
        ("0.1234567890123456789012", "0.1234567890123456789012"),
        ("12345678901234567890", "12345678901234567890"),
    ],
)
def test_a_number_keeps_the_digits_that_were_typed(typed, kept):
    assert read(typed) == Num(kept)
    assert graph(f"a = {typed}; c = a*a").leaves[0].value == Number(kept)


@pytest.mark.parametrize("name", ops.FUNCTIONS)
def test_every_function_is_read_under_every_name_it_has(name):
    inputs = ["a", "b"][: len(ops.FUNCTIONS[name].slots)]
    tree = read(f"{name}({', '.join(inputs)})")
    assert names_in(tree) == inputs
    assert ops.FUNCTIONS[tree.op] is ops.FUNCTIONS[name]


# what is not


DOORS = {
    "a graph": lambda formula: graph(f"t = 2\nc = {formula}"),
    "a learning rate": rate_of,
    "a feature": lambda formula: with_features(np.array([[1.0]]), [formula]),
    "an activation": activation_of,
    "a loss": loss_of,
    "a derivation": lambda formula: derive(formula, "t"),
}
"Wherever a formula is typed."
FAULTS = {
    "t +": "'t +' cannot be read, expected such as 1/(1 + exp(-z))",
    "t.1*2": "'t.1*2' cannot be read, t.1 has no name to use: give it an equation",
    "p := t": "'p := t' cannot be read, expected brackets around a step that is named, as in "
    "(p := exp(-z))",
    "t^2": "'t^2' has ^, expected ** for a power",
    "lambda*t": "lambda is a word of Python's; call it lam or decay",
    "0,5*t": "'0,5*t' has a decimal comma, expected 0.5",
    "exp(0,5*t)": "'exp(0,5*t)' has a decimal comma, expected 0.5",
    "exp(t, t)": "exp() takes 1 inputs, 2 given",
    "max(t)": "max() takes 2 inputs, 1 given",
    "expp(t)": "expp() is not known; did you mean 'exp'?",
    "lrelu(t)": "lrelu() is not known; it is called 'leaky_relu' here",
    "mse(t)": "mse() is not known; a loss is written out, as in (y - yhat)**2",
    "np.exp(t)": "'np.exp(t)' is not allowed in a formula; functions stand alone, as in exp(z), "
    "and the matrix product is a @ b",
    "[t, 1]": "'[t, 1]' is not allowed in a formula; a row is typed 1 1 1, a matrix 1 2; 3 4, in "
    "an equation of its own",
    "t < 1": f"'t < 1' is not allowed in a formula, {KNOWN}",
    "t.real": f"'t.real' is not allowed in a formula, {KNOWN}",
    "True*t": f"'True' is not allowed in a formula, {KNOWN}",
    "+t": f"'+t' is not allowed in a formula, {KNOWN}",
    "t/0": "t/0 divides by zero",
    "t*(1/-0.0)": "1/-0.0 divides by zero",
    "1e400*t": "1e400 is not a finite number, expected one",
    "-" * 500 + "t": "the formula is nested too deeply; give parts of it names of their own",
    "t" + "*t" * 1000: "the formula has 2,001 characters, expected at most 2,000; give parts of it "
    "names of their own",
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("formula", FAULTS, ids=lambda formula: formula[:12])
def test_a_fault_in_a_formula_is_the_same_wherever_it_is_typed(formula, door):
    with pytest.raises(TracerError) as refused:
        DOORS[door](formula)
    assert str(refused.value).endswith(FAULTS[formula])


def test_a_fault_says_what_was_typed_as_it_was_typed():
    with pytest.raises(TracerError, match=r"^'a==1' is not allowed in a formula"):
        read(" 2*(a==1) ")


@pytest.mark.parametrize("formula", ["z/(1 + e**-z)", "pi*z", "ln(z)", "silu(z)", "gelu(-z)*2"])
def test_a_formula_is_shown_as_it_can_be_read_again(formula):
    shown = text(read(formula)).replace("π", "pi").replace("^", "**")
    assert read(shown) == read(formula)
