"""Derivations: a rule to a line, every line proved, and numbers that agree with each of them.

The oracle is `number`, which works a line out for some values of its letters: derivatives by
central differences, sums over examples one by one, matrices by NumPy.
"""

import math
import os
import random
import re
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational

from tracer.cli import main
from tracer.derive import Proof, derivation, derive, limit, only_variable, sample, steps
from tracer.derive.bounds import is_light
from tracer.derive.catalogue import STORIES, story
from tracer.derive.judge import real, to_sympy
from tracer.derive.limit import in_time
from tracer.derive.rules import apply_a_rule, at_the_kink
from tracer.errors import LessonError, TracerError, UnknownName, placed
from tracer.lesson.reading import read as read_lesson
from tracer.lesson.solution import explain, solve
from tracer.numbers.rounding import parse_pen
from tracer.ops import CALLED, OF_MATRICES, Slot
from tracer.ops import FUNCTIONS as ROWS
from tracer.render.markdown import to_markdown
from tracer.render.terminal import pages_as_text
from tracer.written.names import parse_name
from tracer.written.reading import read
from tracer.written.text import rule_text, text
from tracer.written.tree import Apply, Grid, Num, Sym

FORMULA = {called for name, called in CALLED.items() if name not in OF_MATRICES}
"What the functions of a formula are called."


def written(derived: Proof) -> str:
    """A derivation as it would stand on paper, with the rule behind each line."""
    first, *others = [(text(line.expr), rule_text(line.rule)) for line in derived.lines]
    lines = [f"{text(derived.left)} = {first[0]}"]
    return "\n".join([*lines, *(f"= {line}   [{rule}]" for line, rule in others)]) + "\n"


# each rule by its name


@pytest.mark.parametrize(
    ("formula", "rule", "line"),
    [
        ("z", "the variable itself", "1"),
        ("z**2 + z**3", "sum", "d/dz (z^2) + d/dz (z^3)"),
        ("z**2 - 5", "sum", "d/dz (z^2)"),
        ("3 * z**2", "constant multiple", "3 * d/dz (z^2)"),
        ("w*x*z", "constant multiple", "w*x"),
        ("-z", "constant multiple", "-1"),
        ("z**2 / 3", "constant multiple", "d/dz (z^2)/3"),
        ("z**3", "power", "3 * z^2"),
        ("z**n", "power", "n * z^(n - 1)"),
        ("1/z", "power", "-1/z^2"),
        ("(1 + z)**3", "power, chain with u = 1 + z", "3 * (1 + z)^2 * d/dz (1 + z)"),
        ("1/(1 + z)", "power, chain with u = 1 + z", "-1/(1 + z)^2 * d/dz (1 + z)"),
        ("z * exp(z)", "product", "e^z + z * d/dz (e^z)"),
        ("sin(z) * cos(z)", "product", "d/dz (sin(z)) * cos(z) + sin(z) * d/dz (cos(z))"),
        ("sin(z) / z", "quotient", "(d/dz (sin(z)) * z - sin(z))/z^2"),
        ("exp(z)", "exp", "e^z"),
        ("exp(-z)", "exp, chain with u = -z", "e^-z * d/dz (-z)"),
        ("log(z)", "log", "1/z"),
        ("log(3*z)", "log, chain with u = 3*z", "1/(3*z) * d/dz (3*z)"),
        ("sin(z)", "sin", "cos(z)"),
        ("sin(z**2)", "sin, chain with u = z^2", "cos(z^2) * d/dz (z^2)"),
        ("cos(z)", "cos", "-sin(z)"),
        ("tan(z)", "tan", "1 + tan(z)^2"),
        ("tanh(z)", "tanh", "1 - tanh(z)^2"),
        ("tanh(w*z)", "tanh, chain with u = w*z", "(1 - tanh(w*z)^2) * d/dz (w*z)"),
        ("sqrt(z)", "sqrt", "1/(2 * sqrt(z))"),
        ("atan(z)", "atan", "1/(1 + z^2)"),
        ("sinh(z)", "sinh", "cosh(z)"),
        ("cosh(z)", "cosh", "sinh(z)"),
        ("erf(z)", "erf", "2/sqrt(π) * e^(-z^2)"),
        ("abs(z)", "abs, and 0 at the kink", "sign(z)"),
        ("sigmoid(z)", "sigma", "σ(z) * (1 - σ(z))"),
        ("sigma(z)", "sigma", "σ(z) * (1 - σ(z))"),
        ("2**z", "exponential", "2^z * log(2)"),
        ("2**(-z)", "exponential, chain with u = -z", "2^(-z) * log(2) * d/dz (-z)"),
        ("z**z", "rewriting as a power of e, for a positive base", "d/dz (e^(z * log(z)))"),
        ("relu(z)", "the larger of the two, and 0 at the kink", "1 if z > 0 else 0"),
        ("relu(w*z)", "the larger of the two, and 0 at the kink", "d/dz (w*z) if w*z > 0 else 0"),
        ("max(z, 2)", "the larger of the two, and 0 at the kink", "1 if z > 2 else 0"),
        ("max(w, z)", "the larger of the two, and 0 at the kink", "1 if z > w else 0"),
        ("max(0.01*z, z)", "the larger of the two", "1 if z > 0 else d/dz (0.01*z)"),
        ("max(z, z**2)", "the larger of the two", "d/dz (z^2) if z^2 > z else 1"),
        ("min(z, z**2)", "the smaller of the two", "d/dz (z^2) if z > z^2 else 1"),
        ("min(z, 0)", "the smaller of the two, and 0 at the kink", "1 if 0 > z else 0"),
        ("pi*z", "constant multiple", "π"),
    ],
)
def test_a_rule_has_its_name_and_leads_to_the_next_line(formula, rule, line):
    second = derive(formula).lines[1]
    assert (rule_text(second.rule), text(second.expr)) == (rule, line)


def test_what_does_not_change_has_the_derivative_zero():
    rule, line = apply_a_rule(Apply("d", (read("y**2 + 1"), Sym("z")), ()))
    assert (rule_text(rule), text(line)) == ("constant", "0")


@pytest.mark.parametrize(
    "formula", ["max(0, z)", "max(2, z)", "max(z, z**2)", "max(z, 2*z)", "max(1 - z, z)"]
)
def test_of_the_larger_of_two_either_one_may_change_or_both(formula, slope):
    derived = derive(formula)
    for z in (-0.7, 0.4, 1.6, 2.7):
        measured = slope(lambda t: evaluated(formula, t), z)
        assert number(derived.result, {"z": z}, slope) == pytest.approx(measured, abs=1e-6)


@pytest.mark.parametrize(
    ("formula", "before", "after"),
    [
        ("(2*z + 1)**3", "3 * (2*z + 1)^2 * 2", "6 * (2*z + 1)^2"),
        ("1/2 * z**2", "1/2 * 2*z", "z"),
        ("1/2 * (y - z)**2", "1/2 * 2 * (y - z) * (-1)", "-(y - z)"),
        ("log(z)**2", "2 * log(z) * 1/z", "2 * log(z)/z"),
        ("-(1 - z)**2", "-2 * (1 - z) * (-1)", "2 * (1 - z)"),
        ("0.25 * z**2", "0.25 * 2*z", "0.5*z"),
        ("1/4 * z**2", "1/4 * 2*z", "1/2 * z"),
        ("0.5/0.3 * z**2", "0.5/0.3 * 2*z", "1/0.3 * z"),
        ("z**1.5", "1.5 * z^0.5", "1.5 * sqrt(z)"),
        ("z - z", "1 - 1", "0"),
        ("z/z", "(z - z)/z^2", "0"),
        ("z * z", "z + z", "2*z"),
        ("z**2 - z*z", "2*z - (z + z)", "0"),
        ("z * abs(z)", "abs(z) + z * sign(z)", "2 * abs(z)"),
        ("abs(z)**2", "2 * abs(z) * sign(z)", "2*z"),
        ("sqrt(z) * sqrt(z)", "1/(2 * sqrt(z)) * sqrt(z) + sqrt(z) * 1/(2 * sqrt(z))", "1"),
    ],
)
def test_rewriting_gathers_numbers_and_fractions_at_the_end(formula, before, after):
    *_, last_but_one, last = derive(formula).lines
    assert [text(last_but_one.expr), text(last.expr)] == [before, after]
    assert rule_text(last.rule) == "rewriting"


@pytest.mark.parametrize("formula", ["sigma(z)**2", "(1 + z)**-2", "2**z * 3**z", "z**2 * tanh(z)"])
def test_no_line_repeats_the_one_above(formula):
    lines = [text(line.expr) for line in derive(formula).lines]
    assert [before for before, after in pairwise(lines) if before == after] == []


# whole derivations


SIGMOID = """\
∂a/∂z = d/dz (1/(1 + e^-z))
= -1/(1 + e^-z)^2 * d/dz (1 + e^-z)   [power, chain with u = 1 + e^-z]
= -1/(1 + e^-z)^2 * d/dz (e^-z)   [sum]
= -1/(1 + e^-z)^2 * e^-z * d/dz (-z)   [exp, chain with u = -z]
= -1/(1 + e^-z)^2 * e^-z * (-1)   [constant multiple]
= e^-z/(1 + e^-z)^2   [rewriting]
= a * (1 - a)   [in terms of a = 1/(1 + e^-z)]
"""

TANH = """\
∂a/∂z = d/dz (tanh(z))
= 1 - tanh(z)^2   [tanh]
= 1 - a^2   [in terms of a = tanh(z)]
"""

EXP = """\
∂a/∂z = d/dz (e^z)
= e^z   [exp]
= a   [in terms of a = e^z]
"""

SIN_SQUARED = """\
∂a/∂z = d/dz (sin(z)^2)
= 2 * sin(z) * d/dz (sin(z))   [power, chain with u = sin(z)]
= 2 * sin(z) * cos(z)   [sin]
"""

SOFTPLUS = """\
∂a/∂z = d/dz (log(1 + e^z))
= 1/(1 + e^z) * d/dz (1 + e^z)   [log, chain with u = 1 + e^z]
= 1/(1 + e^z) * d/dz (e^z)   [sum]
= 1/(1 + e^z) * e^z   [exp]
= e^z/(1 + e^z)   [rewriting]
= σ(z)   [which is the sigmoid]
"""

SQUARED_ERROR = """\
∂L/∂ŷ = d/dŷ (1/2 * (y - ŷ)^2)
= 1/2 * d/dŷ ((y - ŷ)^2)   [constant multiple]
= 1/2 * 2 * (y - ŷ) * d/dŷ (y - ŷ)   [power, chain with u = y - ŷ]
= 1/2 * 2 * (y - ŷ) * (-1)   [sum]
= -(y - ŷ)   [rewriting]
"""


SWISH = """\
∂a/∂z = d/dz (z/(1 + e^-z))
= d/dz (z * σ(z))   [with σ(z) = 1/(1 + e^-z)]
= σ(z) + z * d/dz (σ(z))   [product]
= σ(z) + z * σ(z) * (1 - σ(z))   [sigma]
"""

LEAKY_RELU = """\
∂a/∂z = d/dz (max(0.01*z, z))
= 1 if z > 0 else d/dz (0.01*z)   [the larger of the two]
= 1 if z > 0 else 0.01   [constant multiple]
"""

SOFTSIGN = """\
∂a/∂z = d/dz (z/(1 + abs(z)))
= (1 + abs(z) - z * d/dz (1 + abs(z)))/(1 + abs(z))^2   [quotient]
= (1 + abs(z) - z * d/dz (abs(z)))/(1 + abs(z))^2   [sum]
= (1 + abs(z) - z * sign(z))/(1 + abs(z))^2   [abs, and 0 at the kink]
= 1/(1 + abs(z))^2   [rewriting]
"""

BENT_LINE = """\
∂a/∂z = d/dz (sqrt(z^2 + 1) - 1)
= d/dz (sqrt(z^2 + 1))   [sum]
= 1/(2 * sqrt(z^2 + 1)) * d/dz (z^2 + 1)   [sqrt, chain with u = z^2 + 1]
= 1/(2 * sqrt(z^2 + 1)) * d/dz (z^2)   [sum]
= 1/(2 * sqrt(z^2 + 1)) * 2*z   [power]
= z/sqrt(z^2 + 1)   [rewriting]
"""


@pytest.mark.parametrize(
    ("formula", "wrt", "of", "lines"),
    [
        ("1/(1 + exp(-z))", "z", "a", SIGMOID),
        ("tanh(z)", "z", "a", TANH),
        ("exp(z)", "z", "a", EXP),
        ("sin(z)**2", "z", "a", SIN_SQUARED),
        ("log(1 + exp(z))", "z", "a", SOFTPLUS),
        ("1/2 * (y - yhat)**2", "yhat", "L", SQUARED_ERROR),
        ("z/(1 + exp(-z))", "z", "a", SWISH),
        ("max(0.01*z, z)", "z", "a", LEAKY_RELU),
        ("z/(1 + abs(z))", "z", "a", SOFTSIGN),
        ("sqrt(z**2 + 1) - 1", "z", "a", BENT_LINE),
    ],
    ids=[
        "sigmoid",
        "tanh",
        "exp",
        "sin squared",
        "softplus",
        "squared error",
        "swish",
        "leaky relu",
        "softsign",
        "bent line",
    ],
)
def test_a_derivation_reads_like_this(formula, wrt, of, lines):
    derived = derive(formula, wrt, of)
    assert written(derived) == lines
    assert derived.proved


def test_the_line_that_does_not_follow_would_be_noticed():
    assert written(derive("1/(1 + exp(-z))")) != SIGMOID.replace("(-1)", "1")


@pytest.mark.parametrize(
    ("formula", "people_use"),
    [
        ("1/(1 + exp(-z))", "a * (1 - a)"),
        ("sigmoid(z)", "a * (1 - a)"),
        ("1/(1 + exp(-2*z))", "2 * a * (1 - a)"),
        ("(exp(z) - exp(-z))/(exp(z) + exp(-z))", "1 - a^2"),
        ("2/(1 + exp(-2*z)) - 1", "1 - a^2"),
        ("tanh(z/2)", "1/2 - 1/2 * a^2"),
        ("tan(z)", "1 + a^2"),
        ("exp(z)", "a"),
        ("exp(-2*z)", "-2*a"),
        ("5*exp(z) - 1", "1 + a"),
        ("1/z", "-a^2"),
        ("sin(z)", "cos(z)"),
        ("z**3", "3 * z^2"),
        ("log(z)", "1/z"),
        ("w*exp(z)", "w * e^z"),
        ("0.5*tanh(z)", "0.5 - 2 * a^2"),
        ("0.5*z*(1 + erf(z/sqrt(2)))", "0.5 + 0.5 * erf(z/sqrt(2)) + z * e^(-z^2/2)/sqrt(2*π)"),
        ("z/(1 + exp(-1.702*z))", "σ(1.702*z) + 1.702 * z * σ(1.702*z) * (1 - σ(1.702*z))"),
        ("z * (1/(1 + exp(-z)))", "σ(z) + z * σ(z) * (1 - σ(z))"),
        ("z/(1 + exp(z))", "(1 + e^z - z * e^z)/(1 + e^z)^2"),
        ("max(z, exp(z) - 1)", "e^z if e^z - 1 > z else 1"),
    ],
)
def test_the_last_line_is_in_terms_of_the_output_where_that_is_possible(formula, people_use):
    derived = derive(formula)
    assert text(derived.result) == people_use
    assert derived.proved


@pytest.mark.parametrize(
    "formula",
    ["3*sigmoid(z)", "tanh(z)*3", "(1 + 2*exp(z))/7", "z**(1/3)", "z**z", "z**sin(z)"],
)
def test_a_right_derivation_is_proved_even_where_its_numbers_are_no_decimals(formula):
    derived = derive(formula)
    assert [written_line(line) for line in derived.lines if not line.proved] == []


def written_line(line) -> str:
    return f"{text(line.expr)}   [{rule_text(line.rule)}]"


@pytest.mark.parametrize(
    ("formula", "wrt"),
    [
        ("abs(0.1234567*z)", "z"),
        ("abs(m)", "m"),
        ("relu(m) + m", "m"),
        ("abs(log(z))", "z"),
        ("abs(sqrt(z))", "z"),
        ("erf(z)*atan(z)", "z"),
        ("cosh(z)**2 - sinh(z)**2", "z"),
        ("max(w*z, 1 - z)", "z"),
        ("a**2", "a"),
    ],
)
def test_it_is_proved_with_kinks_and_whatever_the_letters_are(formula, wrt):
    assert [written_line(line) for line in derive(formula, wrt).lines if not line.proved] == []


def test_pi_is_a_number():
    assert only_variable("pi*x") == "x"
    with pytest.raises(LessonError, match="does not contain pi, expected a variable of it"):
        derive("pi*x", "pi")


@pytest.mark.parametrize(
    ("formula", "same"),
    [
        ("e**z", "exp(z)"),
        ("1/(1 + e**-z)", "1/(1 + exp(-z))"),
        ("log(e)*z", "log(exp(1))*z"),
        ("e**(e*z)", "exp(exp(1)*z)"),
    ],
)
def test_e_is_a_number_as_well(formula, same):
    assert read(formula) == read(same)
    assert only_variable(formula) == "z"
    assert derive(formula) == derive(same)


def test_e_is_a_letter_where_something_is_called_so():
    assert text(derive("e**2", "e").result) == "2*e"
    with pytest.raises(LessonError, match="e\\^2 does not contain z, expected a variable of it"):
        derive("e**2", only_variable("e**2"))


@pytest.mark.parametrize(
    ("typed", "same"), [("ln(z)", "log(z)"), ("swish(z)", "silu(z)"), ("sigmoid(z)", "sigma(z)")]
)
def test_a_function_has_one_name_on_the_page(typed, same):
    assert derive(typed) == derive(same)


@pytest.mark.parametrize(
    ("formula", "rule", "line"),
    [
        ("softplus(z)", "softplus", "1/(1 + e^-z)"),
        ("silu(z)", "silu", "1/(1 + e^-z) + silu(z) * (1 - 1/(1 + e^-z))"),
        ("gelu(z)", "gelu", "1/2 * (1 + erf(z/sqrt(2))) + z * e^(-z^2/2)/sqrt(2*π)"),
        ("leaky_relu(z)", "leaky relu, and 0.01 at the kink", "1 if z > 0 else 0.01"),
        ("elu(z)", "elu, and 1 at the kink", "1 if z > 0 else elu(z) + 1"),
        ("ln(w*z)", "log, chain with u = w*z", "1/(w*z) * d/dz (w*z)"),
    ],
)
def test_what_a_lesson_calls_is_derived_by_the_slope_of_its_row(formula, rule, line):
    derived = derive(formula)
    assert (rule_text(derived.lines[1].rule), text(derived.lines[1].expr)) == (rule, line)
    assert derived.proved


def test_a_formula_with_the_letter_of_the_output_in_it_gets_another_output():
    assert text(derive("exp(a)", "a").left) == "∂f/∂a"


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("exp(z)**2", "(e^z)^2"),
        ("exp(z**2)", "e^(z^2)"),
        ("(z**2)**3", "(z^2)^3"),
        ("z**-1", "z^(-1)"),
        ("exp(2)**z", "(e^2)^z"),
        ("2.0*z + 0.50", "2*z + 0.5"),
        ("1e3*z - 1e-5", "1000*z - 1e-05"),
    ],
)
def test_a_formula_is_shown_as_it_can_be_read_in_one_way_only(formula, shown):
    assert text(read(formula)) == shown


# lines that do not follow


x, y, z = Sym("x"), Sym("y"), Sym("z")
U = Grid(((Sym("u11"), Sym("u12")), (Sym("u21"), Sym("u22"))), (2, 2))
W = Grid(((Sym("w11"), Sym("w12")), (Sym("w21"), Sym("w22"))), (2, 2))


@pytest.mark.parametrize(
    ("line", "next_line"),
    [
        (x + x, x * 3),
        (x - y, y - x),
        ((x + y) ** Num("2"), x ** Num("2") + y ** Num("2")),
        (read("d*exp(-z)"), read("-d*exp(-z)")),
        (Apply("d", (read("1/(1 + exp(-z))"), z), ()), read("exp(-z)/(1 + exp(-z))")),
        (Apply("d", (read("sin(z)"), z), ()), read("-cos(z)")),
        (read("log(x*y)"), read("log(x)*log(y)")),
        (read("log(1+exp(x))*abs(x)"), read("log(1+exp(x))*x")),
        (read("log(x)*sqrt(y**2)"), read("log(x)*y")),
        (read("log(y)*relu(x)"), read("log(y)*x")),
        (U @ W, W @ U),
        (U @ W, U @ W.T),
        ((U @ W).T, U.T @ W.T),
    ],
    ids=text,
)
def test_a_false_step_is_not_proved(line, next_line):
    assert not derivation(Sym("q"), line, ("so they say", next_line)).proved


@pytest.mark.parametrize(
    ("line", "next_line"),
    [
        (x - y, -(y - x)),
        (Apply("d", (read("sin(z)"), z), ()), read("cos(z)")),
        ((U @ W).T, W.T @ U.T),
        (U @ (W + U), U @ W + U @ U),
    ],
    ids=text,
)
def test_a_true_step_is_proved(line, next_line):
    assert derivation(Sym("q"), line, ("so they say", next_line)).proved


@pytest.mark.parametrize("name", sorted(FORMULA))
@pytest.mark.parametrize("z", [-0.75, 0.5, 2.25])
def test_what_refutes_a_false_step_is_worth_what_the_formula_is(name, z):
    formula = f"w*{name}(z**2 + z/3) - pi"
    if name in ("max", "min"):
        formula = f"{name}(z**2, 2 - z) + {name}(z, 1)"
    places = {real("z"): Rational(z), real("w"): Rational(0.7)}
    assert float(sample.worth(to_sympy(read(formula)), places)) == pytest.approx(
        evaluated(formula, z)
    )


@pytest.mark.parametrize(
    "formula", ["1/(z - 1)", "log(z - 2)", "exp(exp(9*z))", "exp(exp(exp(48*z)))", "z**-99*1e-99"]
)
def test_nothing_is_worked_out_where_there_is_no_number_or_none_that_can_be_written(formula):
    places = {real("z"): Rational(1)}
    assert sample.worth(to_sympy(read(formula)), places) is None


def test_only_the_faulty_line_of_several_is_not_proved():
    steps = [("adding", x * 3), ("halving", x * 3), ("back", x * 2)]
    lines = derivation(Sym("q"), x + x, *steps).lines
    assert [line.proved for line in lines] == [True, False, True, False]


def test_what_is_known_of_a_letter_counts_only_where_it_is_said():
    a, line = Sym("a"), derivation(Sym("q"), x + x)
    assert line.then("with a for 2x", a, a=x * 2).proved
    assert not line.then("with a for 2x", a).proved
    assert not line.then("with a for 2x", a, a=x * 3).proved


def test_a_row_is_not_equal_to_a_column():
    row, column = Grid(((x, y),), (1, 2)), Grid(((x,), (y,)), (2, 1))
    assert not derivation(Sym("q"), row, ("turned", column)).proved
    assert derivation(Sym("q"), row, ("turned", column.T)).proved


WRONG = {
    "exp": lambda m, a, z: z,
    "log": lambda m, a, z: 1 / a,
    "sin": lambda m, a, z: -m.cos(z),
    "cos": lambda m, a, z: m.sin(z),
    "tan": lambda m, a, z: 1 - a**2,
    "atan": lambda m, a, z: 1 / (1 - z**2),
    "sinh": lambda m, a, z: -m.cosh(z),
    "cosh": lambda m, a, z: -m.sinh(z),
    "tanh": lambda m, a, z: 1 + a**2,
    "sigma": lambda m, a, z: a * (1 + a),
    "sqrt": lambda m, a, z: 1 / a,
    "erf": lambda m, a, z: m.exp(-(z**2)),
    "abs": lambda m, a, z: 2 * m.sign(z),
    "leaky_relu": lambda m, a, z: m.where_above(z, 0, 1, 0.1),
    "elu": lambda m, a, z: m.where_above(z, 0, 1, a),
    "softplus": lambda m, a, z: 1 / (1 + m.exp(z)),
    "gelu": lambda m, a, z: m.ratio(1, 2) * (1 + m.erf(z / m.sqrt(2))),
    "silu": lambda m, a, z: 1 / (1 + m.exp(-z)),
}


def test_a_wrong_derivative_is_tried_of_every_function():
    assert set(WRONG) == FORMULA - {"max", "min", "relu"}


@pytest.fixture
def with_slope(monkeypatch):
    """Give a function another derivative."""

    def give(name, slope):
        monkeypatch.setitem(ROWS, name, replace(ROWS[name], slots=(Slot(slope),)))

    return give


@pytest.mark.parametrize("name", WRONG)
def test_a_function_with_a_wrong_derivative_gives_an_unproved_line(name, with_slope):
    assert derive(f"{name}(z)").proved
    with_slope(name, WRONG[name])
    faulty = [rule_text(line.rule) for line in derive(f"{name}(z)").lines if not line.proved]
    assert faulty == [name.replace("_", " ") + at_the_kink(ROWS[name])]


def test_an_unproved_line_says_so_wherever_it_is_shown(with_slope, capsys):
    with_slope("exp", lambda m, a, z: -a)
    assert main(["derive", "exp(z)*z"]) == 0
    assert [line for line in capsys.readouterr().out.split("\n") if "not proved" in line]
    document = explain(solve(lesson_with(":wrt: z\na = exp(z)*z")))
    assert "not proved" in pages_as_text(document.pages, 80)
    assert "not proved" in to_markdown(document)


def test_where_all_is_proved_nothing_of_the_kind_is_said(capsys):
    assert main(["derive", "exp(z)*z"]) == 0
    assert "proved" not in capsys.readouterr().out


# the numbers of a line


FUNCTIONS = {
    "exp": math.exp, "log": math.log, "sin": math.sin, "cos": math.cos, "tan": math.tan,
    "tanh": math.tanh, "sqrt": math.sqrt, "abs": abs, "max": max,
    "sigma": lambda u: 1 / (1 + math.exp(-u)), "relu": lambda u: max(u, 0.0),
    "sign": lambda u: (u > 0) - (u < 0),
    "sinh": math.sinh, "cosh": math.cosh, "atan": math.atan, "erf": math.erf, "min": min,
    "leaky_relu": lambda u: u if u > 0 else u / 100,
    "elu": lambda u: u if u > 0 else math.expm1(u),
    "softplus": lambda u: math.log1p(math.exp(u)),
    "gelu": lambda u: u / 2 * math.erfc(-u / math.sqrt(2)),
    "silu": lambda u: u / (1 + math.exp(-u)),
    ">": lambda a, b: float(a > b), "if": lambda a, b, this, that: this if a > b else that,
}  # fmt: skip
SUMS = {"+": np.add, "*": np.multiply}


def number(expr, of, slope):
    """A line worked out: what its letters stand for is in `of`, and `y(2)` in `of['y'][1]`."""
    match expr:
        case Num(digits):
            return float(digits)
        case Sym(name):
            return math.pi if name == "pi" else of[name]
        case Grid(cells):
            return np.array([[number(cell, of, slope) for cell in row] for row in cells])
        case Apply("at", (Sym(name), index), _):
            return of[name][number(index, of, slope) - 1]
        case Apply("over", (body, Sym(index)), _):
            return sum(number(body, {**of, index: k}, slope) for k in range(1, of["m"] + 1))
        case Apply("d", (body, Sym(name)), _):
            return slope(lambda t: number(body, {**of, name: t}, slope), of[name])
        case Apply("d", (body, Apply("at", (Sym(name), index), _)), _):
            k = number(index, of, slope) - 1
            moved = lambda t: {**of, name: [*of[name][:k], t, *of[name][k + 1 :]]}  # noqa: E731
            return slope(lambda t: number(body, moved(t), slope), of[name][k])
        case Apply(op, args, _):
            return applied(op, [number(arg, of, slope) for arg in args])


def applied(op, values):
    """One operation on numbers or matrices."""
    match op, values:
        case "+" | "*", _:
            total = values[0]
            for value in values[1:]:
                total = SUMS[op](total, value)
            return total
        case "-", (a, b):
            return a - b
        case "/" | "ratio", (a, b):
            return a / b
        case "**", (a, b):
            return a**b
        case "neg", (a,):
            return -a
        case "group", (a,):
            return a
        case "dot", (a, b):
            return a @ b
        case "T", (a,):
            return a.T
        case "sum", (a,):
            return a.sum()
        case _:
            return FUNCTIONS[op](*values)


def letters(expr) -> set[str]:
    """The names of a line."""
    match expr:
        case Sym(name):
            return {name}
        case Grid(cells):
            return set().union(*(letters(cell) for row in cells for cell in row))
        case Apply(_, args, _):
            return set().union(*map(letters, args)) if args else set()
    return set()


def some_values(names, seed=48) -> dict:
    """Numbers for letters; those of examples are rows of four."""
    drawn = random.Random(seed)
    values = {name: drawn.uniform(0.3, 1.7) for name in sorted(names)}
    values |= {name: drawn.uniform(0.1, 0.9) for name in values if name.startswith("yhat")}
    rows = {name: [drawn.uniform(0.3, 1.7) for _ in range(4)] for name in ("y", "yhat")}
    return values | (rows | {"m": 4, "i": 2} if "m" in names else {})


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1/(1 + exp(-z))", 0.6456563062257954),
        ("z**2 - 2*z/3 + 1", 0.96),
        ("max(z, 1) * abs(-z)", 0.6),
        ("tanh(z)", 0.5370495669980353),
    ],
)
def test_the_oracle_knows_what_a_formula_is_worth(formula, value, slope):
    assert number(read(formula), {"z": 0.6}, slope) == pytest.approx(value, rel=1e-14)


def test_the_oracle_knows_sums_over_examples_and_slopes(slope):
    cost = next(part for part in reversed(story("cost")) if isinstance(part, Proof))
    of = {"m": 2, "i": 2, "y": [1.0, 0.0], "yhat": [0.75, 0.5]}
    assert number(cost.lines[0].expr, of, slope) == pytest.approx(0.25, rel=1e-9)


def worth(formula: str, of: dict) -> float:
    """A formula by Python itself."""
    known = {**FUNCTIONS, **{name: FUNCTIONS[CALLED[name]] for name in ("sigmoid", "ln", "swish")}}
    return eval(formula, {**known, "pi": math.pi, "e": math.e, **of})


# the derivations that have a name


def derivations() -> list[Proof]:
    return [part for name in STORIES for part in story(name) if isinstance(part, Proof)]


ENDS = {
    "sigmoid": ["∂a/∂z = a * (1 - a)"],
    "tanh": ["∂a/∂z = 1 - a^2"],
    "relu": ["∂a/∂z = 1", "∂a/∂z = 0"],
    "squared-error": ["∂L/∂ŷ = -(y - ŷ)"],
    "cost": [
        "∂Cost/∂ŷ1 = -1/2 * (y1 - ŷ1)",
        "∂Cost/∂ŷ2 = -1/2 * (y2 - ŷ2)",
        "∂Cost/∂Ŷ = -1/2 * ([y1  y2] - [ŷ1  ŷ2])",
        "∂Cost/∂ŷ = -1/m * (y(i) - ŷ(i))",
    ],
    "bias": ["∂Cost/∂b = Σ [g1  g2  g3  g4]"],
    "linear": [
        "∂A/∂w1 = x1",
        "∂A/∂w2 = x2",
        "∂A/∂W = [x1; x2]ᵀ",
        "∂Cost/∂W = [g1  g2  g3  g4] · [x11  x12  x13  x14; x21  x22  x23  x24]ᵀ",
    ],
    "collapse": [
        "C = (w4*w3*w1) * x1 + (w4*w3*w2) * x2",
        "Z = ([u11  u12; u21  u22] · [w11  w12; w21  w22]) · [x1; x2] + "
        "([u11  u12; u21  u22] · [b1; b2] + [c1; c2])",
    ],
    "feature-cross": ["z = w1*x1 + (w2 + w3*x1) * x2 + b"],
    "xor-line": ["S = (w1 + w2 + b) + b"],
    "leaky-relu": ["∂a/∂z = 1 if z > 0 else 0.01"],
    "elu": ["∂a/∂z = α * e^z", "∂a/∂z = a + α"],
    "softplus": ["∂a/∂z = σ(z)"],
    "gelu": ["∂a/∂z = 0.5 + 0.5 * erf(z/sqrt(2)) + z * e^(-z^2/2)/sqrt(2*π)"],
    "silu": ["∂a/∂z = σ(z) + a * (1 - σ(z))"],
    "softmax": [
        "∂a1/∂z1 = a1 * (1 - a1)",
        "∂a1/∂z2 = -a1*a2",
        "∂A/∂Z = [a1  0  0; 0  a2  0; 0  0  a3] - [a1; a2; a3] · [a1; a2; a3]ᵀ",
    ],
    "absolute-error": ["∂L/∂ŷ = -sign(y - ŷ)"],
    "huber": ["∂L/∂ŷ = -(y - ŷ)", "∂L/∂ŷ = -δ * sign(y - ŷ)"],
    "hinge": ["∂L/∂ŷ = -y if 1 - y*ŷ > 0 else 0"],
    "binary-cross-entropy": ["∂L/∂ŷ = (ŷ - y)/(ŷ * (1 - ŷ))", "∂L/∂z = ŷ - y"],
    "cross-entropy": [
        "∂L/∂ŷ1 = -y1/ŷ1",
        "∂L/∂z1 = ŷ1 - y1",
        "∂L/∂Z = [ŷ1; ŷ2; ŷ3] - [y1; y2; y3]",
    ],
    "l2": ["∂R/∂w1 = λ*w1", "w' = (1 - α*λ) * w - α*g"],
}
SUM = "(exp(z1) + exp(z2) + exp(z3))"
GIVEN = {
    "sigmoid": {"a": "1/(1 + exp(-z))"},
    "tanh": {"a": "tanh(z)"},
    "elu": {"a": "alpha*(exp(z) - 1)"},
    "silu": {"a": "z/(1 + exp(-z))"},
    "softmax": {f"a{k}": f"exp(z{k})/{SUM}" for k in (1, 2, 3)},
    "cross-entropy": {"y3": "1 - y1 - y2"},
}
"""What the story says of a letter: the output of a function, or labels that add up to 1."""


def test_every_derivation_with_a_name_is_here():
    assert set(ENDS) == set(STORIES)


@pytest.mark.parametrize("name", ENDS)
def test_it_is_proved_line_by_line_and_ends_in_what_the_article_says(name):
    parts = [part for part in story(name) if isinstance(part, Proof)]
    assert [f"{text(part.left)} = {text(part.result)}" for part in parts] == ENDS[name]
    assert [line for part in parts for line in part.lines if not line.proved] == []


@pytest.mark.parametrize("name", ENDS)
def test_all_its_lines_have_the_same_numbers(name, slope):
    parts = [part for part in story(name) if isinstance(part, Proof)]
    of = some_values(set().union(*(letters(line.expr) for part in parts for line in part.lines)))
    of |= {letter: worth(said, of) for letter, said in GIVEN.get(name, {}).items()}
    for part in parts:
        first, *others = [number(line.expr, of, slope) for line in part.lines]
        for line, worked_out in zip(part.lines[1:], others, strict=True):
            assert worked_out == pytest.approx(first, rel=1e-6), text(line.expr)


def test_the_jacobian_of_softmax_is_the_slope_of_each_output_by_each_z(slope):
    of = {"z1": 0.3, "z2": -0.5, "z3": 1.1}
    of |= {letter: worth(said, of) for letter, said in GIVEN["softmax"].items()}
    measured = [
        [slope(lambda t, z=f"z{k}", i=i: worth(f"exp(z{i})/{SUM}", of | {z: t}), of[f"z{k}"])
         for k in (1, 2, 3)] for i in (1, 2, 3)
    ]  # fmt: skip
    assert number(story("softmax")[-2].result, of, slope) == pytest.approx(np.array(measured))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("relu", "At `z = 0` there is no derivative. By convention it is taken as 0."),
        ("cost", "without the `1/m`"),
        ("bias", "four paths lead back to it"),
        ("linear", "what arrives by several paths is added"),
        ("collapse", "The result is a single linear layer with the weights `u · w`"),
        ("feature-cross", "That is a hyperbola, not a line, and so the boundary is curved."),
        ("xor-line", "No numbers `w1`, `w2` and `b` can do both, so no line separates XOR."),
        ("leaky-relu", "At the kink, `z = 0`, the smaller slope is taken."),
        ("elu", "The output `a` has already worked the exponential out"),
        ("softplus", "Where the slope of ReLU jumps from 0 to 1, the sigmoid rises gently"),
        ("gelu", "`z` times the height of the bell curve at `z`"),
        ("silu", "lets `z` through as far as its sigmoid is open"),
        ("softmax", "the local gradient is a whole matrix, the Jacobian"),
        ("absolute-error", "Only its sign says which way to go."),
        ("huber", "Where the error is `δ`, both say `-δ`: the two pieces meet without a kink."),
        ("hinge", "An example that is right by a margin of 1 sends no gradient at all."),
        ("binary-cross-entropy", "the neuron learns even where its sigmoid is flat"),
        ("cross-entropy", "`z1` reaches each of them, so three paths lead back to it"),
        ("l2", "the weight shrinks a little, by the factor `1 - α*λ`"),
    ],
)
def test_what_is_said_beside_it(name, said):
    assert said in "\n".join(part for part in story(name) if isinstance(part, str))


def test_the_four_demands_on_a_line_are_those_of_the_xor_data():
    said = next(part for part in story("xor-line") if "four demands" in part)
    demands = re.findall(r"`(.*?) ([<>]) 0` for (?:the example )?(\d) (\d)", said)
    assert [(x1, x2, sign == ">") for _, sign, x1, x2 in demands] == [
        ("0", "0", False), ("0", "1", True), ("1", "0", True), ("1", "1", False),
    ]  # fmt: skip
    weights = {"w1": 0.37, "w2": -1.2, "b": 0.11}
    for left, _, x1, x2 in demands:
        z = weights["w1"] * int(x1) + weights["w2"] * int(x2) + weights["b"]
        assert sum(weights[name] for name in left.split(" + ")) == pytest.approx(z)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("sigmoyd", "did you mean 'sigmoid'"),
        ("xor_line", "did you mean 'xor-line'"),
        ("mse", "it is called 'squared-error' here"),
        ("logistic", "it is called 'sigmoid' here"),
    ],
)
def test_a_name_that_is_not_known_is_answered_with_the_nearest(name, nearest):
    with pytest.raises(UnknownName, match=f"there is no derivation '{name}'; {nearest}"):
        story(name)


@pytest.mark.parametrize(
    ("name", "results"),
    [
        ("swish", ["σ(z) + a * (1 - σ(z))"]),
        ("leaky_relu", ["1 if z > 0 else 0.01"]),
        ("ln", ["1/z"]),
        ("atan", ["1/(1 + z^2)"]),
        ("max", ["0 if b > a else 1", "1 if b > a else 0"]),
        ("min", ["0 if a > b else 1", "1 if a > b else 0"]),
    ],
)
def test_a_function_has_a_derivation_by_its_name(name, results):
    derived = [part for part in story(name) if isinstance(part, Proof)]
    assert [text(part.result) for part in derived] == results
    assert all(part.proved for part in derived)


# random formulas


ATOMS = st.sampled_from(["z", "z", "z", "2", "3", "0.5", "w"])
SHAPES = ["({} + {})", "({} - {})", "({} * {})", "({} / exp({}))", "({} / (3 + sin({})))"]
AROUND = [
    "exp({})", "sin({})", "cos({})", "tanh({})", "sigmoid({})", "log(1 + ({})**2)",
    "sqrt(1 + ({})**2)", "({})**2", "({})**3", "-({})", "2**({})", "1/(1 + exp({}))",
    "relu({})", "max({}, 0.1)", "abs({})", "erf({})", "atan({})", "sinh({})", "z/(1 + exp(-({})))",
]  # fmt: skip


def formulas():
    """Formulas as text, whose values are all finite."""

    def larger(inner):
        joined = st.builds(str.format, st.sampled_from(SHAPES), inner, inner)
        return joined | st.builds(str.format, st.sampled_from(AROUND), inner)

    return st.recursive(ATOMS, larger, max_leaves=3).filter(lambda formula: "z" in formula)


def evaluated(formula: str, z: float) -> float:
    """A formula in z by Python itself."""
    return worth(formula, {"z": z, "w": 0.7})


@settings(max_examples=40, deadline=None, derandomize=True)
@given(formula=formulas())
def test_every_line_of_a_random_derivation_is_the_slope_of_its_formula(formula, slope):
    derived = derive(formula)
    for z in (-0.7, 0.4, 1.1):
        measured = slope(lambda t: evaluated(formula, t), z)
        if measured is None or abs(measured) > 1e6:
            continue
        of = {"z": z, "w": 0.7, "a": evaluated(formula, z)}
        for line in derived.lines[1:]:
            worked_out = number(line.expr, of, slope)
            assert worked_out == pytest.approx(measured, rel=1e-5, abs=1e-6), written_line(line)


@pytest.mark.parametrize(
    ("formula", "name", "wrong"),
    [
        ("exp(z)*z", "exp", lambda m, a, z: -a),
        ("sin(2*z)", "sin", lambda m, a, z: a),
        ("1 - tanh(z)", "tanh", lambda m, a, z: a),
    ],
)
def test_a_line_with_the_wrong_slope_would_be_noticed(formula, name, wrong, with_slope, slope):
    with_slope(name, wrong)
    measured = slope(lambda t: evaluated(formula, t), 0.4)
    last = derive(formula).lines[-1].expr
    assert number(last, {"z": 0.4, "w": 0.7, "a": 0}, slope) != pytest.approx(measured, rel=1e-2)


# what cannot be derived


BAD = {
    "an unknown function": ("sine(z)", r"sine\(\) is not known; did you mean 'sin'\?"),
    "another one": ("sigmod(z)", r"sigmod\(\) is not known; did you mean 'sigmoid'\?"),
    "a hat": ("z^2", r"'z\^2' has \^, expected \*\* for a power"),
    "code": ("open('/etc/passwd')", r"open\(\) is not known; known here: .*"),
    "an import": ("__import__(z)", r"__import__\(\) is not known; known here: .*"),
    "an attribute": ("z.real", "'z.real' is not allowed in a formula, expected names.*"),
    "a comparison": ("z < 1", "'z < 1' is not allowed in a formula, expected names.*"),
    "a lambda": ("(lambda z: z)(1)", ".* is not allowed in a formula, expected names.*"),
    "a text": ("'z'", "\"'z'\" is not allowed in a formula, expected names.*"),
    "a comprehension": ("[z for z in (1,)]", ".* is not allowed in a formula, expected names.*"),
    "a truth": ("True*z", "'True' is not allowed in a formula, expected names.*"),
    "an imaginary number": ("1j*z", "'1j' is not allowed in a formula, expected names.*"),
    "a named input": ("exp(x=z)", r"'exp\(x=z\)' is not allowed in a formula, expected names.*"),
    "half a formula": ("z +", r"'z \+' cannot be read, expected such as 1/\(1 \+ exp\(-z\)\)"),
    "an open bracket": ("(z", r"'\(z' cannot be read, expected such as .*"),
    "two formulas": ("z; z", "'z; z' cannot be read, expected such as .*"),
    "a word of Python's": ("lambda*z", r"lambda is a word of Python's; call it lam or decay"),
    "a decimal comma": ("0,5*z", r"'0,5\*z' has a decimal comma, expected 0\.5"),
    "a decimal comma in a function": ("exp(0,5*z)", r"'exp\(0,5\*z\)' has a decimal comma, .*"),
    "a decimal comma and no formula": ("0,05*z", r"'0,05\*z' has a decimal comma, expected 0\.05"),
    "too long": ("z" + "+z" * 1200, "the formula has 2,401 characters, expected at .*"),
    "too deep": ("-" * 350 + "z", "the formula is nested too deeply; give parts of it names of .*"),
    "no such variable": ("y**2", r"y\^2 does not contain z, expected a variable of it"),
    "too many inputs": ("exp(z, z)", r"exp\(\) takes 1 inputs, 2 given"),
    "too few inputs": ("max(z)", r"max\(\) takes 2 inputs, 1 given"),
    "a division by zero": ("z/0", "z/0 divides by zero"),
    "a division by zero inside": ("sin(z)*(1/-0)", "1/-0 divides by zero"),
    "a number that is too large": ("1e400*z", "1e400 is not a finite number, expected one"),
    "one that nobody writes": ("1e13*z", r"1e\+13 is too large for a formula, expected up to .*"),
    "too many parts": ("+".join(["z*(z + z)"] * 90), "the formula has more than 400 parts; .*"),
    "a matrix product": ("z @ w", "@ takes a matrix, and a formula to derive has single numbers.*"),
    "a transpose": ("z.T", r"\.T takes a matrix, and a formula to derive has single numbers; .*"),
    "a sum over all": ("sum(w)*z", r"sum\(\) takes a matrix, and a formula to derive has .*"),
    "a function of NumPy's": ("np.exp(z)", r"'np\.exp\(z\)' is not allowed .*; functions stand .*"),
    "a name of others": ("logistic(z)", r"logistic\(\) is not known; it is called 'sigmoid' here"),
    "a loss": ("mse(z)", r"mse\(\) is not known; a loss is written out, as in \(y - yhat\)\*\*2"),
    "a tower": ("9**9**9*z", "an exponent is too large, expected up to 100"),
    "a tower in two letters": ("z**(w*1e12)", "an exponent is too large, expected up to 100"),
    "a tower that cancels": ("2**(z + 1e12 - z)", "an exponent is too large, expected up to 100"),
    "powers of powers": ("((z**9 + 1)**9 + 1)**9", "an exponent is too large, expected up to 100"),
    "a number without end": ("z*exp(exp(9))**99", r".* is not a finite number, expected one"),
    "a number near zero": ("z*exp(-999)", r"e\^-999 is too large or too small for a formula, .*"),
    "a root of less than nothing": ("z*sqrt(2 - 3)", r"sqrt\(2 - 3\) is not a finite number, .*"),
}


@pytest.mark.parametrize(("formula", "complaint"), BAD.values(), ids=BAD)
def test_a_formula_that_cannot_be_derived_is_one_fault(formula, complaint):
    with pytest.raises(TracerError) as fault:
        derive(formula)
    assert re.fullmatch(complaint, str(fault.value))


def test_a_derivation_too_long_to_be_read_is_refused(monkeypatch):
    monkeypatch.setattr(steps, "MOST_LINES", 3)
    with pytest.raises(LessonError, match="the derivation has more than 3 lines, expected a shor"):
        derive("sin(z)**2 + sin(z)**3")


@pytest.mark.parametrize("name", sorted(FORMULA))
def test_an_exponent_is_worked_out_whatever_function_it_is_hidden_in(name):
    hidden = f"{name}(1/3, 1/3)" if name in ("max", "min") else f"{name}(1/3)"
    with pytest.raises(LessonError, match="an exponent is too large, expected up to 100"):
        derive(f"2**(10000*{hidden})*z")
    assert derive(f"z**{hidden}").proved


@pytest.mark.parametrize(
    "formula", ["exp(1000*z)", "exp(400*z)", "max(z, exp(1))", "abs(sqrt(z))", "abs(log(z))"]
)
def test_a_formula_is_derived_or_refused_and_never_breaks_the_tool(formula):
    with suppress(TracerError):
        assert derive(formula).proved


def nested(name: str, times: int) -> str:
    return f"{name}(" * times + "z" + ")" * times


ENDLESS = [
    "9**9**9",
    "9**9**9*z",
    "z**(9**9**9)",
    "((((9**99)**99)**99)**99)*z",
    "1e308*z",
    "z**z**z",
    "exp(exp(exp(exp(z))))",
    "exp(exp(exp(48*z)))",
    "exp(exp(exp(exp(exp(z)))))",
    "2**(2**(2**(9*z)))",
    "2**(10*10*10*10*10*10*10*10*10*10*10)*z",
    "2**(z + 1e12 - z)",
    "z**(w*1e12)",
    "(z + 1)**200*(z - 1)**200",
    "(z + 1)**100*(z - 1)**100",
    "(x + y + z + w)**100",
    "z**0.123456789*(1 + z)/z**0.987654321",
    "+".join(["z"] * 200),
    "+".join(f"z**{k}" for k in range(1, 60)),
    nested("sin(cos(tan", 10).replace(")", ")))"),
    nested("tanh", 30),
    nested("sigmoid", 9),
    nested("abs", 30),
    nested("1/(1+exp", 9).replace(")", "))"),
    "max(z, max(z**2, max(z**3, max(z**4, max(z**5, z**6)))))",
    "(" * 120 + "z" + ")" * 120,
]
PROGRAM = """\
from tracer.derive import derive, limit
from tracer.errors import TracerError
limit.SECONDS = 0.5
for formula in {formulas}:
    try:
        print("derived", len(derive(formula).lines) > 1, flush=True)
    except TracerError as fault:
        print("refused:", fault, flush=True)
"""


def test_no_formula_keeps_the_tool_busy_for_ever():
    run = [sys.executable, "-c", PROGRAM.format(formulas=ENDLESS)]
    ended = subprocess.run(run, capture_output=True, text=True, check=True)
    said = ended.stdout.splitlines()
    assert len(said) == len(ENDLESS)
    assert [line for line in said if not line.startswith(("derived True", "refused: "))] == []


# how long it may take


WAY_OUT = "expected a simpler formula, or give parts of it names of their own"
HEAVY = ["tanh(log(1 + exp(z)))*z", "max(z, exp(z) - 1)", "1/(1 + exp(-abs(z)*abs(w)))"]
"Formulas that a child process derives."


@pytest.fixture
def no_child(monkeypatch):
    """Whoever starts a child process is noticed."""

    def started(*_, **__):
        raise AssertionError("a child process was started")

    limit._answer_to.cache_clear()
    monkeypatch.setattr(limit.subprocess, "run", started)


@pytest.fixture
def soon(monkeypatch):
    """A child process has next to no time."""
    monkeypatch.setattr(limit, "SECONDS", 0.5)


@pytest.mark.usefixtures("soon")
def test_what_takes_too_long_ends_with_a_fault_that_says_so():
    with pytest.raises(TracerError) as fault, placed("mine.md:4"):
        in_time("sleeping", time.sleep, 10**6)
    assert str(fault.value) == f"mine.md:4: sleeping took more than 0.5 seconds; {WAY_OUT}"


@pytest.mark.usefixtures("soon")
def test_a_long_formula_is_not_said_in_full():
    with pytest.raises(TracerError) as fault:
        in_time(f"deriving {'sin(z)+' * 30}", time.sleep, 10**6)
    assert str(fault.value).startswith(f"deriving {'sin(z)+' * 8}s... took more than")


@pytest.mark.usefixtures("soon")
def test_a_block_can_be_limited_on_any_thread():
    said = []

    def work():
        try:
            in_time("sleeping", time.sleep, 10**6)
        except TracerError as fault:
            said.append(str(fault))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert said == [f"sleeping took more than 0.5 seconds; {WAY_OUT}"]


@pytest.mark.parametrize("formula", HEAVY)
def test_a_child_process_derives_what_would_be_derived_here(formula):
    assert not is_light(read(formula))
    assert derive(formula) == steps.derive_at_length(read(formula), "z", "a", formula)


@pytest.mark.usefixtures("no_child")
@pytest.mark.parametrize(
    "formula",
    [
        "1/(1 + exp(-z))",
        "z/(1 + exp(-z))",
        "(exp(z) - exp(-z))/(exp(z) + exp(-z))",
        "log(1 + exp(z))",
        "max(0.01*z, z)",
        "z/(1 + abs(z))",
        "0.5*z*(1 + tanh(sqrt(2/pi)*(z + 0.044715*z**3)))",
        "-(y*log(z) + (1 - y)*log(1 - z))",
        "(x + y + z)**20",
    ],
)
def test_a_formula_that_is_soon_derived_needs_none(formula):
    assert is_light(read(formula))
    assert derive(formula).proved


@pytest.mark.usefixtures("no_child")
@pytest.mark.parametrize(
    "formula", [*HEAVY, "z**z**z", "sigmoid(sigmoid(sigmoid(z)))", "(x + y + z)**21"]
)
def test_any_other_is_derived_by_a_child(formula):
    with pytest.raises(AssertionError, match="a child process was started"):
        derive(formula)


@pytest.mark.usefixtures("no_child")
@pytest.mark.parametrize("name", STORIES)
def test_a_derivation_that_has_a_name_needs_none(name):
    assert story(name)


@pytest.mark.parametrize(
    ("work", "given"), [(parse_pen, "carry x"), (read, "z +* 2"), (parse_name, "a b")]
)
def test_the_fault_of_a_child_is_the_fault_that_is_heard(work, given):
    with pytest.raises(TracerError) as here:
        work(given)
    with pytest.raises(TracerError) as there:
        in_time("reading", work, given)
    assert (type(there.value), str(there.value)) == (type(here.value), str(here.value))


def test_what_is_asked_again_is_known(monkeypatch):
    first = in_time("adding", sum, (3, 4))
    monkeypatch.setattr(limit.subprocess, "run", None)
    assert in_time("adding", sum, (3, 4)) == first == 7


def test_what_a_child_does_takes_no_further_child(no_child, monkeypatch):
    monkeypatch.setattr(limit, "_is_child", True)
    assert in_time("adding", sum, (1, 1)) == 2


def test_a_child_that_dies_is_a_fault():
    with pytest.raises(TracerError) as fault:
        in_time("leaving", os._exit, 9)
    assert str(fault.value) == "leaving was ended by the system, expected a simpler formula"


def test_where_no_process_can_be_started_there_is_no_limit(monkeypatch):
    def fail(*_, **__):
        raise OSError("this system has no processes")

    monkeypatch.setattr(limit.subprocess, "run", fail)
    assert derive(HEAVY[1]).proved


def test_nothing_that_is_typed_in_is_part_of_the_command(monkeypatch):
    commands = []

    def run(command, **_):
        commands.append(command)
        raise OSError

    monkeypatch.setattr(limit.subprocess, "run", run)
    derive("max(z, exp(z) - 2)")
    assert commands == [[sys.executable, "-c", limit.CHILD]]


# the command


def test_tracer_derive_shows_a_derivation_by_its_name(capsys):
    assert main(["derive", "sigmoid"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("The sigmoid squeezes every number into the interval from 0 to 1.")
    for line in SIGMOID.splitlines():
        shown, rule = re.fullmatch(r"(.*?)(?:   \[(.*)\])?", line).groups("")
        assert re.search(rf"{re.escape(shown)} *{re.escape(rule)}\n", out)


@pytest.mark.parametrize(
    ("arguments", "last"),
    [
        (["sigmoid"], "= a * (1 - a)"),
        (["tanh"], "= 1 - a^2"),
        (["squared-error"], "= -(y - ŷ)"),
        (["sin(z)**2"], "= 2 * sin(z) * cos(z)"),
        (["log(1+exp(z))"], "= σ(z)"),
        (["1/(1+exp(-z))", "--wrt", "z"], "= a * (1 - a)"),
        (["x**2 * y", "--wrt", "x"], "= 2*y*x"),
        (["  exp(z) "], "= a "),
        (["e**-z"], "= -a"),
        (["leaky_relu"], "= 1 if z > 0 else 0.01"),
        (["ln"], "= 1/z"),
        (["--", "-z**2"], "= -2*z"),
        (["z"], "= 1 "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_tracer_derive_ends_in_the_form_that_people_use(arguments, last, capsys):
    assert main(["derive", *arguments]) == 0
    lines = [line.lstrip() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if line.startswith("= ")][-1].startswith(last)


@pytest.mark.parametrize("name", STORIES)
def test_every_derivation_with_a_name_can_be_shown(name, capsys):
    assert main(["derive", name]) == 0
    out = capsys.readouterr().out
    assert "not proved" not in out
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["sigmoyd"], "there is no derivation 'sigmoyd'; did you mean 'sigmoid'?"),
        (["sine(z)"], "sine() is not known; did you mean 'sin'?"),
        (["z^2"], "'z^2' has ^, expected ** for a power"),
        (["x**2", "--wrt", "y"], "x^2 does not contain y, expected a variable of it"),
        ([""], "'' cannot be read, expected such as 1/(1 + exp(-z))"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_tracer_derive_cannot_do_it_says_in_one_line_with_status_2(
    arguments, complaint, capsys
):
    assert main(["derive", *arguments]) == 2
    assert capsys.readouterr() == ("", f"tracer: {complaint}\n")


def test_with_debug_the_fault_is_shown_whole():
    with pytest.raises(LessonError):
        main(["derive", "z^2", "--debug"])


# in a lesson


LESSON = """\
```{lesson}
:title: A derivation
```
```{derive}
BLOCK
```
"""


def lesson_with(block: str):
    return read_lesson(LESSON.replace("BLOCK", block), "mine", "mine.md")


@pytest.mark.parametrize(
    ("block", "title", "last"),
    [
        (":of: sigmoid", "Derivation: sigmoid", "= a * (1 - a)"),
        (":wrt: x\nq = x**2", "Derivation: q", "= 2*x"),
        ("a = 1/(1 + exp(-2*z))", "Derivation: a", "= 2 * a * (1 - a)"),
    ],
)
def test_a_lesson_can_have_a_derivation_by_name_or_by_formula(block, title, last):
    shown = pages_as_text(explain(solve(lesson_with(block))).pages, 80)
    assert title in shown
    assert last in shown


def test_an_underscore_in_a_name_is_no_index_in_an_export():
    exported = to_markdown(explain(solve(lesson_with("f = leaky_relu(2*z)"))))
    assert r"\text{leaky\_relu}\left(2 \cdot z\right)" in exported
    assert r"\text{leaky relu, and 0.01 at the kink, chain with }" in exported


def test_in_an_export_each_line_has_its_rule_behind_it():
    exported = to_markdown(explain(solve(lesson_with(":of: tanh"))))
    assert "&= 1 - a^{2} \\\\[6pt]\n&\\quad \\quad \\text{in terms of }a" in exported
    assert exported.count(r"\text{exp}") == 2
    assert r"\text{exp, chain with }u\text{ = }-z" in exported


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        (":of: sigmoyd", "there is no derivation 'sigmoyd'; did you mean 'sigmoid'?"),
        ("a = sine(z)", "sine() is not known; did you mean 'sin'?"),
        ("a = x**2", "x^2 does not contain z, expected a variable of it"),
        ("", "{derive} takes either a name, as in ':of: sigmoid', or an equation 'a = formula'"),
        (
            ":of: sigmoid\na = z",
            "{derive} takes either a name, as in ':of: sigmoid', or an equation 'a = formula'",
        ),
    ],
)
def test_a_fault_in_a_derivation_has_its_line_in_the_lesson(block, complaint):
    with pytest.raises(TracerError) as fault:
        explain(solve(lesson_with(block)))
    assert str(fault.value) == f"mine.md:4: {complaint}"


# dimension analysis


SHAPES_LESSON = """\
```{lesson}
:title: Shapes
```
```{network}
:layers: 1 sigmoid
:cost: squared error
:data: OR
W = 0.1 0.6
b = 0
```
```{forward}
```
```{backward}
```
```{shapes}
:target: TARGET
:from: FROM
```
"""


def shapes_page(target: str, sources: str) -> str:
    lesson = SHAPES_LESSON.replace("TARGET", target).replace("FROM", sources)
    pages = explain(solve(read_lesson(lesson, "mine", "mine.md"))).pages
    return " ".join(pages_as_text(pages[-1:], 100).split())


def test_of_all_products_one_has_the_shape_of_the_gradient():
    shown = shapes_page("dCost/dW", "dCost/dZ, X")
    assert "∂Cost/∂W must be (1 × 2)." in shown
    assert "∂Cost/∂Z · Xᵀ (1 × 4) · (4 × 2) (1 × 2), fits" in shown
    assert "X · (∂Cost/∂Z)ᵀ (2 × 4) · (4 × 1) (2 × 1)" in shown
    assert shown.count(", fits") == 1


def test_among_three_matrices_there_are_24_products_and_one_fits():
    shown = shapes_page("dCost/dW", "dCost/dZ, X, W")
    possible = re.search(
        r"Of 24 ways to multiply two of these matrices or their transposes, (\d+) are", shown
    )
    shapes = {"g": (1, 4), "X": (2, 4), "W": (1, 2)}
    counted = [
        (a, b)
        for a in shapes
        for b in shapes
        if a != b
        for left in (shapes[a], shapes[a][::-1])
        for right in (shapes[b], shapes[b][::-1])
        if left[1] == right[0]
    ]
    assert int(possible[1]) == len(counted)
    assert "The one that fits: ∂Cost/∂Z · Xᵀ." in shown


def test_the_derivative_of_everything_by_everything_would_be_a_tensor():
    assert "would be a (4 × 1 × 2) tensor" in shapes_page("dCost/dW", "dCost/dZ, X, W")


@pytest.mark.parametrize(
    ("target", "sources", "complaint"),
    [
        ("dCost/dV", "dCost/dZ, X", "dCost/dV is not on this page; .*"),
        ("dCost/dW", "dCost/dZ, Q", "Q is not on this page; .*"),
        ("Cost", "dCost/dZ, X", "Cost is a single number, expected matrices"),
    ],
)
def test_shapes_of_what_is_not_there_are_refused_with_the_line(target, sources, complaint):
    with pytest.raises(TracerError) as fault:
        shapes_page(target, sources)
    assert re.fullmatch(f"mine.md:15: {complaint}", str(fault.value))
