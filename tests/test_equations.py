"""Plain equations: what is read, what is refused, and gradients against differences."""

import contextlib
import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tracer import graph, ops, work
from tracer.errors import LessonError, TracerError, UnknownName
from tracer.ops import Slot
from tracer.training.run import train
from tracer.written.text import text


def nodes(equations):
    """Each computed node: its name, its operation, what goes in."""
    return [(e.output, e.op.name, e.inputs) for e in graph(equations).equations]


# one operation a node


@pytest.mark.parametrize(
    ("equations", "made"),
    [
        ("a = 2; c = a + 1", [("c", "add", ("a", 1))]),
        ("a = 2; c = 3 - a", [("c", "subtract", (3, "a"))]),
        ("a = 2; b = 3; c = a*b", [("c", "multiply", ("a", "b"))]),
        ("a = 2; b = 3; c = a/b", [("c", "divide", ("a", "b"))]),
        ("a = 2; c = a**3", [("c", "power", ("a", 3))]),
        ("a = 2; c = -a", [("c", "negate", ("a",))]),
        ("a = 2; c = exp(a)", [("c", "exp", ("a",))]),
        ("a = 2; c = log(a)", [("c", "log", ("a",))]),
        ("a = 2; c = tanh(a)", [("c", "tanh", ("a",))]),
        ("a = 2; c = max(a, 0)", [("c", "max", ("a", 0))]),
        ("a = 2; c = sigmoid(a)", [("c", "sigmoid", ("a",))]),
        ("a = 2; c = sigma(a)", [("c", "sigmoid", ("a",))]),
        ("a = 2; c = 1/3*a", [("c", "multiply", (1 / 3, "a"))]),
        ("a = 2; c = a*-1.5e-3", [("c", "multiply", ("a", -0.0015))]),
    ],
)
def test_an_operation_is_a_node(equations, made):
    assert nodes(equations) == made


@pytest.mark.parametrize(
    ("equations", "names"),
    [
        ("a = 2; e = (a + 1)*3", ["a", "e.1", "e"]),
        ("a = 2; e = (a + 1)*(a + 2)", ["a", "e.1", "e.2", "e"]),
        ("a = 2; e = exp(exp(exp(a)))", ["a", "e.1", "e.2", "e"]),
        ("a = 2; e = ((a + 1)*2 + 1)*3", ["a", "e.1", "e.2", "e.3", "e"]),
        ("a = 2; e_1 = a + 1; e = (e_1 + a)*3", ["a", "e_1", "e.1", "e"]),
        ("a = 2; d1 = (a + 1)*3; d1_2 = (d1 + 1)*a", ["a", "d1.1", "d1", "d1_2.1", "d1_2"]),
        ("a = 2; e = (a + 1)*3; f = (e + 1)*3", ["a", "e.1", "e", "f.1", "f"]),
    ],
)
def test_what_stands_inside_an_expression_is_called_e_dot_1_and_so_on(equations, names):
    assert graph(equations).names == names


@pytest.mark.parametrize("typed", ["e.1 = 2", "e.1 + a", "2*e.1"])
def test_a_name_with_a_dot_is_the_tools_own_and_cannot_be_typed(typed):
    name, _, value = typed.rpartition(" = ")
    with pytest.raises(TracerError, match="equation 2: "):
        graph(f"a = 2; {name or 'c'} = {value}; e = (a + 1)*3")


@pytest.mark.parametrize(
    ("expression", "inputs"),
    [
        ("w1*x1 + w2*x2", ("w1", "x1", "w2", "x2")),
        ("w1*x1 + w2*x2 + b", ("w1", "x1", "w2", "x2", "b")),
        ("x1*w1 + x2*w2 + 0.5", ("x1", "w1", "x2", "w2", 0.5)),
        ("w1*x1 + w2*x2 + w1*x2 + b", ("w1", "x1", "w2", "x2", "w1", "x2", "b")),
        ("2*x1 + w1*w1", (2, "x1", "w1", "w1")),
    ],
)
def test_a_weighted_sum_is_one_step(expression, inputs):
    given_values = "w1 = 1; x1 = 2; w2 = 3; x2 = 4; b = 5; "
    assert nodes(given_values + "z = " + expression) == [("z", "weighted sum", inputs)]


@pytest.mark.parametrize("expression", ["w*x + b", "b + w*x", "w*x + (b + 1)*x", "w*x - b*x"])
def test_another_sum_is_not(expression):
    made = nodes("w = 1; x = 2; b = 3; z = " + expression)
    assert "weighted sum" not in [name for _, name, _ in made]


@pytest.mark.parametrize(
    ("number", "value"),
    [
        ("2", 2),
        ("-2", -2),
        ("0.125", 0.125),
        (".5", 0.5),
        ("1e-3", 0.001),
        ("1/4", 0.25),
        ("--3", 3),
    ],
)
def test_a_number_is_a_leaf(number, value):
    (leaf,) = graph(f"a = {number}; c = a + 1").leaves
    assert (leaf.name, leaf.value, leaf.role) == ("a", value, "parameter")


def test_leaves_named_as_data_are_data():
    leaves = graph("w = 2; x = 3; c = w*x", data=["x"]).leaves
    assert [(leaf.name, leaf.role) for leaf in leaves] == [("w", "parameter"), ("x", "data")]


@pytest.mark.parametrize(
    "equations",
    [
        "a = 2; b = 5; c = a*b; d = b + 1; e = c*d",
        "e = c*d; d = b + 1; c = a*b; b = 5; a = 2",
        "c = a*b; a = 2; e = c*d; b = 5; d = b + 1",
        "a=2\nb=5\n\nc = a * b\n  d = b+1  \ne = c*d\n",
    ],
)
def test_the_order_in_the_file_does_not_matter(equations):
    trace = work(graph(equations))
    assert (trace["e"].written, trace["de/db"].written) == (60, 22)


# pi and e


@pytest.mark.parametrize(
    ("expression", "made"),
    [
        ("2*pi*a", [("c.1", "multiply", (2,)), ("c", "multiply", ("c.1", "a"))]),
        ("a*pi + pi", [("c.1", "multiply", ("a",)), ("c", "add", ("c.1",))]),
        ("a*pi + a*2", [("c", "weighted sum", ("a", "a", 2))]),
        ("max(a, pi)", [("c", "max", ("a",))]),
        ("-pi", [("c", "negate", ())]),
        ("e**a", [("c", "exp", ("a",))]),
        ("e*a", [("c.1", "exp", (1,)), ("c", "multiply", ("c.1", "a"))]),
    ],
)
def test_pi_is_no_input_and_a_power_of_e_is_an_exponential(expression, made):
    assert nodes(f"a = 2; c = {expression}") == made


@pytest.mark.parametrize(
    ("expression", "value", "slope_by_a"),
    [
        ("pi*a**2", 4 * math.pi, 4 * math.pi),
        ("a**pi", 2**math.pi, math.pi * 2 ** (math.pi - 1)),
        ("pi**a", math.pi**2, math.pi**2 * math.log(math.pi)),
        ("sin(pi/6)*a/pi", 1 / math.pi, 0.5 / math.pi),
        ("a*sigmoid(pi)", 2 / (1 + math.exp(-math.pi)), 1 / (1 + math.exp(-math.pi))),
        ("min(a, pi) - pi", 2 - math.pi, 1),
        ("e**-a + e*a", math.exp(-2) + 2 * math.e, math.e - math.exp(-2)),
        ("1/(1 + e**-a)", 1 / (1 + math.exp(-2)), math.exp(-2) / (1 + math.exp(-2)) ** 2),
    ],
)
def test_pi_and_e_are_numbers(expression, value, slope_by_a):
    trace = work(graph(f"a = 2; c = {expression}"))
    assert trace["c"].exact == pytest.approx(value, rel=1e-14)
    assert trace["dc/da"].exact == pytest.approx(slope_by_a, rel=1e-14)


def test_pi_is_stretched_like_any_number_and_stands_in_the_formula():
    program = graph("a = 1 2; 3 4; c = sum(a*pi)".replace("; c", "\nc"), learning_rate=0.1)
    assert text(program.formulas()["c.1"]) == "a*π"
    assert work(program)["dc/da"].exact == pytest.approx(np.full((2, 2), math.pi))
    assert train(program, 2).parameters()["a"][0, 0] == pytest.approx(1 - 0.2 * math.pi)


@pytest.mark.parametrize(
    ("equations", "value"),
    [("e = 3; c = e**2", 9), ("pi = 3; c = pi*2", 6), ("c = e**2; e = 3", 9)],
)
def test_a_value_may_be_called_pi_or_e(equations, value):
    assert work(graph(equations))["c"].exact == value


@pytest.mark.parametrize(
    ("equations", "fault"),
    [
        ("a = 2; c = pi", "equation 2: c = pi only renames pi; use pi itself"),
        ("a = 2; pi += 1", "equation 2: pi has no value yet to change, expected 'pi = ...' above"),
        ("a = 1 2\nb = a @ pi", "equation 2: matrix product in b has a single number, expected a "
         "matrix"),
    ],
)  # fmt: skip
def test_pi_is_no_value(equations, fault):
    with pytest.raises(TracerError) as refused:
        graph(equations)
    assert str(refused.value) == fault


# what is refused


KNOWN = f"expected names, numbers, + - * / ** @, and {', '.join(sorted(ops.FUNCTIONS))}"
SUCH_AS = "expected such as 1/(1 + exp(-z))"
ROWS = "a row is typed 1 1 1, a matrix 1 2; 3 4, in an equation of its own"
ALONE = "functions stand alone, as in exp(z), and the matrix product is a @ b"
WRITTEN_OUT = "a loss is written out, as in (y - yhat)**2"


@pytest.mark.parametrize(
    ("equations", "fault"),
    [
        ("", "the graph is empty, expected equations such as 'c = a * b'"),
        ("a = 2", "the graph computes nothing, expected an equation such as 'c = a * b'"),
        ("a + 1", "'a + 1' is no equation, expected 'name = expression'"),
        ("2a = 1", "equation 1: '2a' is no name for a node, expected one such as c or w1"),
        ("a = 1; a = 2", "equation 2: a is given twice, first at equation 1; rename one"),
        ("a = 1; c = a^2", "equation 2: 'a^2' has ^, expected ** for a power"),
        ("a = 1; c = a", "equation 2: c = a only renames a; use a itself"),
        ("a = 1; c = a +", f"equation 2: 'a +' cannot be read, {SUCH_AS}"),
        ("a = 1; c =", f"equation 2: '' cannot be read, {SUCH_AS}"),
        ("a = 1; c = a == 1", f"equation 2: 'a == 1' is not allowed in a formula, {KNOWN}"),
        ("a = 1; c = a/0", "equation 2: a/0 divides by zero"),
        ("a = 1; c = 1/0 + a", "equation 2: 1/0 divides by zero"),
        ("a = 1; c = [a, 1]", f"equation 2: '[a, 1]' is not allowed in a formula; {ROWS}"),
        ("a = 1; c = np.exp(a)", f"equation 2: 'np.exp(a)' is not allowed in a formula; {ALONE}"),
        ("a = 1; c = lrelu(a)", "equation 2: lrelu() is not known; it is called 'leaky_relu' here"),
        ("a = 1; c = mse(a, 1)", f"equation 2: mse() is not known; {WRITTEN_OUT}"),
        ("a = 1; c = expp(a)", "equation 2: expp() is not known; did you mean 'exp'?"),
        (
            "a = 1; c = floor(a)",
            "equation 2: floor() is not known; known here: "
            f"{', '.join([*ops.FUNCTIONS][:12])}, ...",
        ),
        ("a = 1; c = exp(a, a)", "equation 2: exp() takes 1 inputs, 2 given"),
        ("a = 1; c = max(a)", "equation 2: max() takes 2 inputs, 1 given"),
        ("a = 1; c = exp()", "equation 2: exp() takes 1 inputs, 0 given"),
    ],
)
def test_an_equation_that_cannot_be_read_is_refused(equations, fault):
    with pytest.raises(LessonError) as refused:
        graph(equations)
    assert str(refused.value) == fault


@pytest.mark.parametrize(
    ("equations", "fault"),
    [
        ("rate = 2; y = rat*2", "equation 2: rat has no equation of its own; did you mean 'rate'?"),
        ("a = 2; c = a*zz", "equation 2: zz has no equation of its own; known here: a, c"),
        ("a = 2; c = a*A", "equation 2: A has no equation of its own; did you mean 'a'?"),
        ("a = 2; c = a*np", f"equation 2: np has no equation of its own; {ALONE}"),
    ],
)
def test_an_unknown_name_gives_the_nearest(equations, fault):
    with pytest.raises(UnknownName) as refused:
        graph(equations)
    assert str(refused.value) == fault


def test_unknown_data_give_the_nearest():
    with pytest.raises(UnknownName, match="x1 is named as data but not given; did you mean 'x'"):
        graph("w = 2; x = 3; c = w*x", data=["x1"])


@pytest.mark.parametrize(
    ("equations", "cycle", "place"),
    [
        ("a = a + 1", "a -> a", 1),
        ("x = 1; a = b + x; b = a*2", "a -> b -> a", 2),
        ("a = b + 1; b = c + 1; c = a*2", "a -> b -> c -> a", 1),
    ],
)
def test_a_circle_is_named(equations, cycle, place):
    with pytest.raises(LessonError) as refused:
        graph(equations)
    assert str(refused.value) == (
        f"equation {place}: the graph runs in a circle, {cycle}; expected each value to come "
        "from earlier ones"
    )


@pytest.mark.parametrize(
    "code",
    [
        "__import__('os')",
        "__import__('os').system('true')",
        "a.__class__",
        "a[0]",
        "[a][0]",
        "(lambda: a)()",
        "a if a else a",
        "(b := a)",
        "f'{a}'",
        "'a'",
        "True*a",
        "1j*a",
        "a and a",
        "~a",
        "a % 2",
        "a // 2",
        "a @ a",
        "exp(*[a])",
        "exp(a=a)",
        "max(a, key=a)",
        "eval(a)",
        "a, a",
        "...",
        "a\x00",
    ],
)
def test_code_is_refused(code):
    with pytest.raises(TracerError, match="equation 2: "):
        graph(f"a = 2; c = {code}")


@pytest.mark.parametrize("number", ["1e400", "-1e999", "1/0", "1e308*a*1e400", "inf*a", "nan"])
def test_a_number_is_finite(number):
    with pytest.raises(TracerError, match="equation 2: "):
        graph(f"a = 2; c = {number} + a")


@pytest.mark.parametrize("rate", [math.inf, math.nan])
def test_a_learning_rate_is_finite(rate):
    with pytest.raises(TracerError, match="learning rate is not finite"):
        graph("a = 2; c = a*a", learning_rate=rate)


def balanced(leaves):
    """The product of so many a, halved again and again: a wide graph, not a deep one."""
    half = leaves // 2
    return "a" if leaves == 1 else f"({balanced(half)}*{balanced(leaves - half)})"


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        (
            "a" + " + a" * 600,
            "the formula has 2,401 characters, expected at most 2,000; give parts of it names of "
            "their own",
        ),
        (
            "-" * 1900 + "a",
            "the formula is nested too deeply; give parts of it names of their own",
        ),
        (balanced(402), "the graph has more than 400 nodes, expected fewer"),
    ],
)
def test_what_is_too_long_is_refused(expression, fault):
    with pytest.raises(LessonError) as refused:
        graph(f"a = 2; c = {expression}")
    assert str(refused.value) == f"equation 2: {fault}"


@pytest.mark.parametrize(
    ("expression", "asked"),
    [
        ("a" + "+a" * 100, 1),
        ("a" + "*a" * 100, 100),
        ("a" + "-a" * 100, 100),
        ("-" * 60 + "a", 60),
        (balanced(400), 399),
    ],
    ids=["a+a+a", "a*a*a", "a-a-a", "---a", "((a*a)*(a*a))"],
)
def test_a_long_expression_is_read(expression, asked):
    assert len(graph(f"a = 2; c = {expression}").equations) == asked


@pytest.mark.parametrize(
    "expression",
    [
        "a" + "+a" * 390,
        "a" + "+a" * 500,
        "-" * 1900 + "a",
        "-" * 1900 + "1+a",
        "exp(" * 300 + "a" + ")" * 300,
    ],
    ids=["390 sums", "500 sums", "1900 signs", "1900 signs of a number", "300 calls"],
)
def test_a_deep_expression_is_read_or_refused(expression):
    """And nothing else happens, such as a recursion without end."""
    with contextlib.suppress(LessonError):
        assert graph(f"a = 2; c = {expression}").names[-1] == "c"


# the numbers of the Stanford CS231n notes, "Backpropagation, Intuitions"


@pytest.mark.parametrize(
    ("name", "printed"),
    [("q", "3"), ("f", "-12"), ("df/dq", "-4"), ("df/dz", "3"), ("df/dx", "-4"), ("df/dy", "-4")],
)
def test_three_gates_of_cs231n(digits, name, printed):
    trace = work(graph("x = -2; y = 5; z = -4; q = x + y; f = q*z"), "display 2")
    assert digits(trace[name]) == printed


SIGMOID_CIRCUIT = """
    w0 = 2; x0 = -1; w1 = -3; x1 = -2; w2 = -3
    p = w0*x0; q = w1*x1; r = p + q; s = r + w2
    n = s * -1; t = exp(n); u = t + 1; f = 1/u
"""


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("p", "-2.00"),
        ("q", "6.00"),
        ("r", "4.00"),
        ("s", "1.00"),
        ("n", "-1.00"),
        ("t", "0.37"),
        ("u", "1.37"),
        ("f", "0.73"),
        ("df/du", "-0.53"),
        ("df/dt", "-0.53"),
        ("df/dn", "-0.20"),
        ("df/ds", "0.20"),
        ("df/dr", "0.20"),
        ("df/dw2", "0.20"),
        ("df/dp", "0.20"),
        ("df/dq", "0.20"),
        ("df/dw0", "-0.20"),
        ("df/dx0", "0.39"),
        ("df/dw1", "-0.39"),
        ("df/dx1", "-0.59"),
    ],
)
def test_the_sigmoid_neuron_of_cs231n_gate_by_gate(digits, name, printed):
    assert digits(work(graph(SIGMOID_CIRCUIT), "display 2 zeros")[name]) == printed


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("dot", "1"),
        ("f", "0.73"),
        ("df/ddot", "0.2"),
        ("df/dw0", "-0.2"),
        ("df/dx0", "0.39"),
        ("df/dw1", "-0.39"),
        ("df/dx1", "-0.59"),
        ("df/dw2", "0.2"),
    ],
)
def test_the_sigmoid_neuron_of_cs231n_as_one_gate(digits, name, printed):
    equations = "w0 = 2; x0 = -1; w1 = -3; x1 = -2; w2 = -3; dot = w0*x0 + w1*x1 + w2"
    trace = work(graph(f"{equations}; f = sigmoid(dot)"), "display 2")
    assert digits(trace[name]) == printed


# a value that is changed


@pytest.mark.parametrize(
    ("equations", "made"),
    [
        (
            "a = 2; c = a*3; c += 1",
            [("c.1", "multiply", ("a", 3)), ("c", "add", ("c.1", 1))],
        ),
        (
            "a = 2; c = a*3; c -= a; c *= 4; c /= a; c **= 2",
            [
                ("c.1", "multiply", ("a", 3)),
                ("c.2", "subtract", ("c.1", "a")),
                ("c.3", "multiply", ("c.2", 4)),
                ("c.4", "divide", ("c.3", "a")),
                ("c", "power", ("c.4", 2)),
            ],
        ),
        (  # what stands above uses the value as it was, wherever it stands
            "a = 2; d = c*a; c = a*3; e = c + d; c += e",
            [
                ("c.1", "multiply", ("a", 3)),
                ("d", "multiply", ("c.1", "a")),
                ("e", "add", ("c.1", "d")),
                ("c", "add", ("c.1", "e")),
            ],
        ),
        (  # and so does what it is changed by
            "a = 2; c = a*3; c += c*c",
            [
                ("c.1", "multiply", ("a", 3)),
                ("c.2", "multiply", ("c.1", "c.1")),
                ("c", "add", ("c.1", "c.2")),
            ],
        ),
        (  # a number that a sum begins with is no value of its own
            "w = 2; x = 3; s = 0; s += w*x; s += 1",
            [
                ("s.2", "multiply", ("w", "x")),
                ("s.1", "add", (0, "s.2")),
                ("s", "add", ("s.1", 1)),
            ],
        ),
        (  # which is also what stands above it used
            "s = 0; w = 2; a = s*w; s += w",
            [("s", "add", (0, "w")), ("a", "multiply", (0, "w"))],
        ),
        (  # a function is not the value that has its name
            "a = 2; exp = exp(a); exp += 1",
            [("exp.1", "exp", ("a",)), ("exp", "add", ("exp.1", 1))],
        ),
    ],
)
def test_a_value_that_is_changed_is_called_otherwise_before(equations, made):
    assert nodes(equations) == made


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("d += 1", "d has no value yet to change, expected 'd = ...' above"),
        ("M += a", "M is a typed matrix; give what it is changed to another name"),
        ("c += 1 2; e = sum(c)", "c += has a typed matrix; give that a name of its own"),
        ("c @= a", "'c @=' is no way to change a value, expected one of **= += -= *= /="),
        ("c //= a", "'c //=' is no way to change a value, expected one of **= += -= *= /="),
        ("c.1 += a", "'c.1 +' is no name for a node, expected one such as c or w1"),
        ("c += c.1", "'c.1' cannot be read, c.1 has no name to use: give it an equation"),
        ("c += q", "q has no equation of its own; known here: a, M, c.1, c"),
    ],
)
def test_a_change_that_means_nothing_is_refused(change, fault):
    with pytest.raises(TracerError) as error:
        graph(f"a = 2; M = 1 2; c = a*3; {change}")
    assert str(error.value) == f"equation 4: {fault}"


MICROGRAD = """
    a = -4; b = 2
    c = a + b; d = a*b + b**3
    c += c + 1; c += 1 + c + (-a)
    d += d*2 + relu(b + a); d += 3*d + relu(b - a)
    e = c - d; f = e**2; g = f/2; g += 10/f
"""
"The example in the README of Andrej Karpathy's micrograd, with what it prints."


@pytest.mark.parametrize(
    ("name", "printed"), [("g", "24.7041"), ("dg/da", "138.8338"), ("dg/db", "645.5773")]
)
def test_the_values_of_micrograd_are_changed_as_they_go(digits, name, printed):
    assert digits(work(graph(MICROGRAD), "display 4")[name]) == printed


# random graphs, judged by a reader of their own


RULES = {
    "{} + {}": lambda a, b: a + b,
    "{} - {}": lambda a, b: a - b,
    "{} * {}": lambda a, b: a * b,
    "{} / {}": lambda a, b: a / b,
    "{} ** {}": lambda a, b: a**b,
    "-{}": lambda a: -a,
    "exp({})": math.exp,
    "log({})": math.log,
    "tanh({})": math.tanh,
    "max({}, {})": max,
    "sigmoid({})": lambda z: 1 / (1 + math.exp(-z)),
    "relu({})": lambda z: z if z > 0 else 0.0,
    "sin({})": math.sin,
    "cos({})": math.cos,
    "tan({})": math.tan,
}
SAFE = {
    "{} / {}": lambda a, b: abs(b) >= 0.5,
    "{} ** {}": lambda a, b: 0.5 <= a <= 4 and abs(b) <= 3,
    "exp({})": lambda a: a <= 2,
    "log({})": lambda a: a >= 0.5,
    "max({}, {})": lambda a, b: abs(a - b) >= 0.2,
    "relu({})": lambda z: abs(z) >= 0.2,
    "tan({})": lambda z: abs(z) <= 1,
}


def read(tree, env):
    """The value of a tree: a name, a number, or a rule and its trees."""
    if isinstance(tree, tuple):
        rule, *inputs = tree
        return RULES[rule](*(read(one, env) for one in inputs))
    return env[tree] if isinstance(tree, str) else tree


def typed(tree):
    """A tree as a person types it, in brackets where it is not a name or a number."""
    if isinstance(tree, tuple):
        rule, *inputs = tree
        return f"({rule.format(*map(typed, inputs))})"
    return str(tree)


def is_safe(rule, inputs, values):
    """Whether a rule may be used here: away from kinks, poles and overflow."""
    if all(isinstance(tree, float) for tree in inputs):
        return False
    whole = rule == "{} ** {}" and inputs[1] in (2.0, 3.0)
    return (whole or SAFE.get(rule, lambda *_: True)(*values)) and abs(RULES[rule](*values)) <= 10


@st.composite
def random_graphs(draw):
    """Leaves with their numbers, and named trees whose last one uses every name."""
    quarters = st.integers(-12, 12).filter(bool).map(lambda n: n / 4)
    leaves = {name: draw(quarters) for name in "abc"[: draw(st.integers(1, 3))]}
    items = [*leaves.items(), (2.0, 2.0), (0.5, 0.5), (3.0, 3.0)]
    named = {}
    for number in range(draw(st.integers(1, 6))):
        chosen = draw(st.sampled_from(list(RULES)))
        trees = [
            ((chosen, *(tree for tree, _ in inputs)), RULES[chosen](*(x for _, x in inputs)))
            for inputs in product(items, repeat=chosen.count("{}"))
            if is_safe(chosen, *zip(*inputs, strict=True))
        ]
        if trees:
            tree, value = draw(st.sampled_from(trees))
            if draw(st.booleans()):
                named[f"n{number}"] = tree
                tree = f"n{number}"
            items.append((tree, value))
    parts = [*leaves, *named, *(tree for tree, _ in items if isinstance(tree, tuple))]
    root = parts[0]
    for part in parts[1:]:
        root = ("{} + {}", root, part)
    named["root"] = ("{} * {}", root, parts[-1])
    return leaves, named


def value_of_root(leaves, named):
    """The last tree's value, by the test's own reader."""
    env = dict(leaves)
    for name, tree in named.items():
        env[name] = read(tree, env)
    return env["root"]


def disagreements(trace, slopes):
    """The leaves whose gradient is not the slope."""
    return [
        name
        for name, slope in slopes.items()
        if trace[f"droot/d{name}"].exact != pytest.approx(slope, rel=1e-5, abs=1e-7)
    ]


def program_of(leaves, named):
    """The same graph for tracer, as text."""
    lines = [f"{name} = {value}" for name, value in leaves.items()]
    return graph("\n".join([*lines, *(f"{name} = {typed(tree)}" for name, tree in named.items())]))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(case=random_graphs())
def test_gradients_of_random_graphs_are_their_slopes(slope, case):
    leaves, named = case
    slopes = {
        name: slope(lambda x, name=name: value_of_root(leaves | {name: x}, named), at)
        for name, at in leaves.items()
    }
    assume(None not in slopes.values())
    trace = work(program_of(leaves, named))
    assert trace["root"].exact == pytest.approx(value_of_root(leaves, named), rel=1e-12)
    assert disagreements(trace, slopes) == []


WRONG_SIGMOID = replace(ops.SIGMOID, slots=(Slot(lambda m, a, z: a * a),))


def test_a_wrong_gradient_is_not_its_slope(slope):
    leaves, named = {"a": 0.5, "b": 2.0}, {"n": ("sigmoid({})", "a"), "root": ("{} * {}", "n", "b")}
    slopes = {
        name: slope(lambda x, name=name: value_of_root(leaves | {name: x}, named), at)
        for name, at in leaves.items()
    }
    right = program_of(leaves, named)
    swapped = [replace(e, op=WRONG_SIGMOID) if e.op is ops.SIGMOID else e for e in right.equations]
    assert disagreements(work(right), slopes) == []
    assert disagreements(work(replace(right, equations=tuple(swapped))), slopes) == ["a"]


# a row times a column is a number


SINGLES = {
    "the last value": "L = v @ s",
    "a single neuron": "L = (sigmoid(v @ s/9 + 0.5) - 1)**2",
    "in two steps": "p = v @ s; L = p*p + exp(p/9)",
    "as a factor of a matrix": "p = v @ s; L = sum(p*M*M)",
    "in a further product": "p = v @ s; q = s @ p; L = sum(q*q)",
    "before a further product": "p = v @ s; q = (p/9) @ v; L = sum(q*q)",
    "turned": "p = v @ s; L = sum(M.T @ M @ s @ p.T)",
    "columns": "L = s.T @ s + v @ v.T",
    "with a bias of its own": "b = v @ v.T; L = v @ s + b",
    "with a larger bias": "z = v @ s + M; L = sum(z*z)",
    "from a bilinear form": "L = v @ M @ s",
}


def in_numpy(equations, v, s, M):
    """The same equations, read by NumPy."""
    known = {"v": v, "s": s, "M": M, "sum": np.sum, "exp": np.exp}
    known["sigmoid"] = lambda z: 1 / (1 + np.exp(-z))
    for equation in equations.split("; "):
        name, _, expression = equation.partition(" = ")
        if equation in ("q = s @ p", "q = (p/9) @ v"):  # NumPy wants (1 x 1) in a product
            expression = expression.replace("@", "*")
        expression = expression.replace("@ p.T", "* p")
        known[name] = np.squeeze(eval(expression, known))
    return float(known["L"])


@pytest.mark.parametrize("case", SINGLES)
def test_a_row_times_a_column_is_a_single_number_with_right_gradients(case, slope):
    equations = SINGLES[case]
    given = {"v": [[1.0, 2.0]], "s": [[3.0], [-0.5]], "M": [[0.5, -1.0], [2.0, 0.25]]}
    arrays = {name: np.array(rows) for name, rows in given.items()}
    typed = "\n".join(
        f"{name} = {'; '.join(' '.join(map(str, row)) for row in rows)}"
        for name, rows in given.items()
    )
    trace = work(graph("\n".join([typed, *equations.split("; ")])))
    assert trace["L"].exact == pytest.approx(in_numpy(equations, **arrays), rel=1e-12)
    for name, array in arrays.items():
        if f"dL/d{name}" not in trace:
            assert name not in equations.replace("sum", "").replace("sigmoid", "")
            continue
        for (i, j), at in np.ndenumerate(array):

            def loss(x, array=array, place=(i, j)):
                was, array[place] = array[place], x
                value = in_numpy(equations, **arrays)
                array[place] = was
                return value

            found = trace[f"dL/d{name}[{i + 1},{j + 1}]"].exact
            assert found == pytest.approx(slope(loss, float(at)), rel=1e-6, abs=1e-9)


def test_a_product_of_a_row_and_a_column_has_no_shape_and_can_be_trained():
    program = graph("w = 0.1 0.6\nx = 1; 2\nz = w @ x\nL = (z - 1)**2", 0.05, data=["x"])
    assert work(program)["z"].shape == ()
    assert train(program, 200).final_cost < 1e-6


@pytest.mark.parametrize(
    ("equations", "fault"),
    [
        ("p = v @ s; q = M @ p", "(2 x 2) . (1 x 1) does not fit, expected as many columns on the"),
        ("p = v @ s; q = 3 @ p", "a matrix product has a single number, expected a matrix"),
        ("p = v @ s; q = p.T", "q only renames p; use p itself"),
    ],
)
def test_such_a_number_fits_where_a_matrix_of_one_entry_would(equations, fault):
    with pytest.raises(TracerError) as refused:
        graph("v = 1 2\ns = 3; 4\nM = 1 2; 3 4\n" + equations.replace("; ", "\n"))
    assert fault in str(refused.value)


# a graph whose product is stretched


STRETCHED = ["b = 1 2 3", "b = 1; 2; 3", "b = 1 2; 3 4", "b = 0.5;1;2"]


@pytest.mark.parametrize("bias", STRETCHED)
@pytest.mark.parametrize("factors", ["W = 1 2\nx = 3; 4", "W = 1 2\nx = 3; 4\nk = 1"])
def test_a_product_that_is_stretched_by_what_is_added_is_trained_and_worked_out(
    bias, factors, slope
):
    program = graph(f"{factors}\n{bias}\nz = W @ x + b\nL = mean((z - 1)**2)", learning_rate=0.01)
    trace = work(program)
    for name in ("W", "x", "b"):
        value = np.atleast_2d(program.values()[name])
        for i, j in np.ndindex(value.shape):

            def loss(entry, name=name, value=value, place=(i, j)):
                moved = value.copy()
                moved[place] = entry
                return float(program.given({name: moved}).values()["L"])

            found = np.atleast_2d(trace[f"dL/d{name}"].exact)[i, j]
            assert found == pytest.approx(slope(loss, value[i, j]), rel=1e-6)
            after = np.atleast_2d(train(program, 1).parameters()[name])[i, j]
            assert after == pytest.approx(value[i, j] - 0.01 * found, rel=1e-12)


def test_a_bias_that_fits_is_one_step_as_ever():
    for bias in ("b = 1; 2", "b = 1", "b = 5 6", "b = 1 2; 3 4"):
        program = graph(f"W = 1 2; 3 4\nx = 1 0; 0 1\n{bias}\nz = W @ x + b\nL = sum(z)")
        assert [equation.output for equation in program.equations] == ["z", "L"]
