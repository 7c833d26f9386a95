"""The rows of `ops`: local gradients proved by sympy, values compared with known numbers."""

from dataclasses import replace
from inspect import isfunction

import mpmath
import numpy as np
import pytest
import sympy

from tracer import ops
from tracer.ops import Op, Slot
from tracer.readings import Floats, Symbols

ONE, TWO = [(1, 2)], [(1, 2), (1, 2)]
SHAPES = {
    "add": (ops.ADD, TWO),
    "subtract": (ops.SUBTRACT, TWO),
    "multiply": (ops.MULTIPLY, TWO),
    "divide": (ops.DIVIDE, TWO),
    "power": (ops.POWER, TWO),
    "negate": (ops.NEGATE, ONE),
    "exp": (ops.EXP, ONE),
    "log": (ops.LOG, ONE),
    "max": (ops.MAX, TWO),
    "tanh": (ops.TANH, ONE),
    "sigmoid": (ops.SIGMOID, ONE),
    "identity": (ops.IDENTITY, ONE),
    "relu": (ops.RELU, ONE),
    "sin": (ops.SIN, ONE),
    "cos": (ops.COS, ONE),
    "tan": (ops.TAN, ONE),
    "linear": (ops.LINEAR, [(2, 3), (3, 2), (2, 1)]),
    "linear-without-bias": (ops.LINEAR_WITHOUT_BIAS, [(2, 3), (3, 2)]),
    "squared-error-loss": (ops.SQUARED_ERROR_LOSS, [(), ()]),
    "squared-error-cost": (ops.SQUARED_ERROR_COST, [(2, 3), (2, 3)]),
    "squared-errors-summed-of-1": (ops.squared_errors_summed(1), [()] * 2),
    "squared-errors-summed-of-2": (ops.squared_errors_summed(2), [()] * 4),
    "squared-errors-summed-of-3": (ops.squared_errors_summed(3), [()] * 6),
    "weighted-sum-of-1": (ops.weighted_sum(1, bias=False), [()] * 2),
    "weighted-sum-of-1-and-bias": (ops.weighted_sum(1, bias=True), [()] * 3),
    "weighted-sum-of-2": (ops.weighted_sum(2, bias=False), [()] * 4),
    "weighted-sum-of-2-and-bias": (ops.weighted_sum(2, bias=True), [()] * 5),
    "weighted-sum-of-3-and-bias": (ops.weighted_sum(3, bias=True), [()] * 7),
}
LOCALS = [
    pytest.param(op, shapes, place, id=f"{name}-{place + 1}")
    for name, (op, shapes) in SHAPES.items()
    for place in range(len(shapes))
]


def symbols(letter, shape):
    """A matrix of symbols (none is zero), or a single one."""
    named = [
        sympy.Symbol(f"{letter}_{k}", real=True, nonzero=True) for k in range(int(np.prod(shape)))
    ]
    return np.array(named, dtype=object).reshape(shape) if shape else named[0]


def refuted(op, shapes, place):
    """Where the row is wrong: entries whose stated gradient is not the derivative of the value."""
    m = Symbols()
    inputs = [symbols(f"x{k}", shape) for k, shape in enumerate(shapes)]
    output = op.value(m, *inputs)
    G = symbols("g", np.shape(output))
    total = np.sum(G * output)
    slot = op.slots[place]
    stated = np.asarray(slot.join(m, G, slot.local(m, output, *inputs)), dtype=object)
    if stated.shape != shapes[place]:
        return [f"the shape is {stated.shape}"]
    entries = np.ndenumerate(np.asarray(inputs[place], dtype=object))
    return [i for i, x in entries if not vanishes(sympy.diff(total, x) - stated[i], inputs)]


def vanishes(difference, inputs):
    """Whether an expression is zero: branch by branch, and with each exp(-z) as one symbol."""
    powers = {p: sympy.Dummy(positive=True) for p in difference.atoms(sympy.exp)}
    return all(
        sympy.cancel(sympy.expand(branch.subs(powers))) == 0
        for branch in branches(difference, inputs)
    )


def branches(expression, inputs):
    """The expression, or where it has cases: one input above the other (or zero), and below."""
    if not expression.has(sympy.Piecewise):
        return [expression]
    gap = sympy.Symbol("gap", positive=True)
    first = np.ravel(inputs[0])
    second = np.ravel(inputs[1]) if len(inputs) > 1 else np.zeros_like(first)
    sides = [{a: b + way for a, b in zip(first, second, strict=True)} for way in (gap, -gap)]
    decided = [expression.subs(side) for side in sides]
    assert not any(branch.has(sympy.Piecewise) for branch in decided)
    return decided


@pytest.mark.parametrize(("op", "shapes", "place"), LOCALS)
def test_a_local_gradient_is_proved(op, shapes, place):
    assert refuted(op, shapes, place) == []


def unproved(rows):
    """The rows that the table above leaves out."""
    return [row.name for row in rows if row not in [op for op, _ in SHAPES.values()]]


def test_every_row_is_proved():
    rows = [value for value in vars(ops).values() if isinstance(value, Op)]
    assert unproved([*rows, *ops.ACTIVATIONS.values(), *ops.FUNCTIONS.values()]) == []
    assert unproved([ops.ADD, replace(ops.ADD, name="new")]) == ["new"]


def test_every_family_of_rows_is_proved():
    functions = {name: value for name, value in vars(ops).items() if isfunction(value)}
    families = [name for name, f in functions.items() if f.__annotations__.get("return") == "Op"]
    assert families == ["_op", "squared_errors_summed", "weighted_sum"]


@pytest.mark.parametrize(("op", "shapes"), SHAPES.values(), ids=SHAPES)
def test_a_row_has_a_local_gradient_for_each_input(op, shapes):
    assert len(op.slots) == len(shapes)


def with_slot(op, place, local=None, join=None):
    """A row with one local gradient or join replaced."""
    slots = list(op.slots)
    old = slots[place]
    slots[place] = Slot(local or old.local, join or old.join)
    return replace(op, slots=tuple(slots))


FROM_LEFT, FROM_RIGHT = ops.LINEAR.slots[1].join, ops.LINEAR.slots[0].join
SQUARE = [(2, 2), (2, 2), (2, 1)]
WRONG = {
    "sigmoid-forgets-a": (with_slot(ops.SIGMOID, 0, lambda m, a, z: 1 - a), ONE, 0),
    "sigmoid-of-z": (with_slot(ops.SIGMOID, 0, lambda m, a, z: z * (1 - z)), ONE, 0),
    "tanh-of-z": (with_slot(ops.TANH, 0, lambda m, a, z: 1 - z**2), ONE, 0),
    "subtract-adds": (with_slot(ops.SUBTRACT, 1, lambda m, c, a, b: 1), TWO, 1),
    "divide-forgets-the-sign": (with_slot(ops.DIVIDE, 1, lambda m, c, a, b: a / b**2), TWO, 1),
    "power-keeps-the-exponent": (with_slot(ops.POWER, 0, lambda m, c, a, b: b * a**b), TWO, 0),
    "power-forgets-the-log": (with_slot(ops.POWER, 1, lambda m, c, a, b: c), TWO, 1),
    "max-takes-both": (with_slot(ops.MAX, 1, lambda m, c, a, b: 1), TWO, 1),
    "max-takes-the-smaller": (with_slot(ops.MAX, 0, lambda m, c, a, b: m.above(b, a)), TWO, 0),
    "relu-lets-all-through": (with_slot(ops.RELU, 0, lambda m, a, z: 1), ONE, 0),
    "relu-lets-nothing-through": (with_slot(ops.RELU, 0, lambda m, a, z: 0), ONE, 0),
    "cos-forgets-the-sign": (with_slot(ops.COS, 0, lambda m, a, z: m.sin(z)), ONE, 0),
    "multiply-swaps": (with_slot(ops.MULTIPLY, 0, lambda m, c, a, b: a), TWO, 0),
    "W-untransposed": (with_slot(ops.LINEAR, 1, lambda m, Z, W, X, b: W), SQUARE, 1),
    "X-untransposed": (with_slot(ops.LINEAR, 0, lambda m, Z, W, X, b: X), SQUARE, 0),
    "W-from-the-right": (with_slot(ops.LINEAR, 1, join=FROM_RIGHT), SQUARE, 1),
    "X-from-the-left": (with_slot(ops.LINEAR, 0, join=FROM_LEFT), SQUARE, 0),
    "b-not-summed": (with_slot(ops.LINEAR, 2, join=ops.elementwise), SQUARE, 2),
    "loss-forgets-the-sign": (
        with_slot(ops.SQUARED_ERROR_LOSS, 1, lambda m, L, y, yhat: y - yhat),
        [(), ()],
        1,
    ),
    "cost-forgets-the-mean": (
        with_slot(ops.SQUARED_ERROR_COST, 1, lambda m, C, Y, Yhat: Yhat - Y),
        [(1, 3), (1, 3)],
        1,
    ),
    "weighted-sum-takes-the-wrong-partner": (
        with_slot(ops.weighted_sum(2, bias=False), 0, lambda m, z, w1, x1, w2, x2: x2),
        [()] * 4,
        0,
    ),
}


@pytest.mark.parametrize(("op", "shapes", "place"), WRONG.values(), ids=WRONG)
def test_a_wrong_local_gradient_is_refuted(op, shapes, place):
    assert refuted(op, shapes, place)


VALUES = [
    (ops.ADD, (2, 3), 5),
    (ops.SUBTRACT, (2, 3), -1),
    (ops.MULTIPLY, (2, 3), 6),
    (ops.DIVIDE, (3, -4), -0.75),
    (ops.POWER, (2, 10), 1024),
    (ops.POWER, (-3, 2), 9),
    (ops.POWER, (9, 0.5), 3),
    (ops.NEGATE, (2,), -2),
    (ops.EXP, (0,), 1),
    (ops.EXP, (1,), 2.718281828459045),
    (ops.LOG, (1,), 0),
    (ops.LOG, (10,), 2.302585092994046),
    (ops.MAX, (2, 3), 3),
    (ops.MAX, (-2, -3), -2),
    (ops.TANH, (0,), 0),
    (ops.TANH, (1,), 0.7615941559557649),
    (ops.SIGMOID, (0,), 0.5),
    (ops.SIGMOID, (0.6,), 0.6456563062257954529),
    (ops.SIGMOID, (-0.6,), 0.3543436937742045471),
    (ops.IDENTITY, (-0.3,), -0.3),
    (ops.RELU, (3,), 3),
    (ops.RELU, (-3,), 0),
    (ops.SIN, (1,), 0.8414709848078965),
    (ops.COS, (1,), 0.5403023058681398),
    (ops.TAN, (1,), 1.5574077246549023),
    (ops.SQUARED_ERROR_LOSS, (0, 0.5), 0.125),
    (ops.SQUARED_ERROR_LOSS, (1, -2), 4.5),
    (ops.squared_errors_summed(2), (0, 0.5, 1, -2), 4.625),
    (ops.weighted_sum(2, bias=False), (0.5, 3, 2, -1), -0.5),
    (ops.weighted_sum(2, bias=True), (0.5, 3, 2, -1, 10), 9.5),
]


@pytest.mark.parametrize(("op", "inputs", "value"), VALUES, ids=lambda x: getattr(x, "name", None))
def test_a_value_is_the_known_number(op, inputs, value):
    assert op.value(Floats(), *map(float, inputs)) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("op", "inputs", "value"),
    [
        (ops.LINEAR, ([[1, 2], [3, 4]], [[5, 6], [7, 8]], [[10], [20]]), [[29, 32], [63, 70]]),
        (ops.LINEAR_WITHOUT_BIAS, ([[1, 2]], [[0, 1, 1], [1, 0, 1]]), [[2, 1, 3]]),
        (ops.SIGMOID, ([[0, 0.6]],), [[0.5, 0.6456563062257954]]),
        (ops.SQUARED_ERROR_COST, ([[0, 1, 1, 1]], [[0.5, 0.5, 0.5, 0.5]]), 0.125),
        (ops.SQUARED_ERROR_COST, ([[0, 1], [2, 3]], [[1, 1], [0, 0]]), 3.5),
    ],
)
def test_a_value_of_matrices_is_the_known_one(op, inputs, value):
    assert op.value(Floats(), *map(np.array, inputs)) == pytest.approx(np.array(value), rel=1e-15)


FIFTY_DIGITS = [
    (ops.SIGMOID, ("0.6",), lambda z: 1 / (1 + mpmath.exp(-z))),
    (ops.SIGMOID, ("-3.7",), lambda z: 1 / (1 + mpmath.exp(-z))),
    (ops.TANH, ("0.3",), lambda z: (mpmath.exp(2 * z) - 1) / (mpmath.exp(2 * z) + 1)),
    (ops.TANH, ("-2.1",), lambda z: (mpmath.exp(2 * z) - 1) / (mpmath.exp(2 * z) + 1)),
    (ops.EXP, ("-0.125",), mpmath.exp),
    (ops.LOG, ("0.3",), mpmath.log),
    (ops.POWER, ("1.7", "2.3"), lambda a, b: mpmath.exp(b * mpmath.log(a))),
    (ops.SQUARED_ERROR_LOSS, ("0", "0.469"), lambda y, yhat: (y - yhat) ** 2 / 2),
]


@pytest.mark.parametrize(("op", "typed", "formula"), FIFTY_DIGITS)
def test_a_value_agrees_with_fifty_digits(op, typed, formula):
    with mpmath.workdps(50):
        expected = float(formula(*map(mpmath.mpf, typed)))
    assert op.value(Floats(), *map(float, typed)) == pytest.approx(expected, rel=4e-16)


def test_fifty_digits_of_sigmoid():
    with mpmath.workdps(50):
        value = 1 / (1 + mpmath.exp(mpmath.mpf("-0.6")))
        assert mpmath.nstr(value, 19) == "0.6456563062257954529"


MIRRORED = replace(
    with_slot(ops.SIGMOID, 0, lambda m, a, z: -a * (1 - a)),
    value=lambda m, z: 1 / (1 + m.exp(z)),
)


def test_a_wrong_value_passes_the_proof_and_is_caught_by_its_number():
    assert refuted(MIRRORED, ONE, 0) == []
    assert MIRRORED.value(Floats(), 0.6) != pytest.approx(0.6456563062257954, rel=1e-3)


@pytest.mark.parametrize(
    ("a", "b", "to_a", "to_b"), [(3.0, 2.0, 1, 0), (2.0, 3.0, 0, 1), (2.0, 2.0, 1, 0)]
)
def test_max_sends_the_gradient_to_the_larger_and_of_equals_to_the_first(a, b, to_a, to_b):
    sent = [slot.local(Floats(), max(a, b), a, b) for slot in ops.MAX.slots]
    assert sent == [to_a, to_b]
    assert ops.MAX.convention == "where both are equal, the first one takes the gradient"


@pytest.mark.parametrize(("z", "sent"), [(0.5, 1), (-0.5, 0), (0.0, 0)])
def test_relu_sends_nothing_on_at_zero_and_below(z, sent):
    assert ops.RELU.slots[0].local(Floats(), max(z, 0), z) == sent
    assert ops.RELU.convention == "ReLU'(0) = 0"


def test_descent_goes_against_the_gradient():
    assert ops.descend(Floats(), 0.5, 0.1, 2.0) == pytest.approx(0.3)


def test_contributions_are_added_up():
    assert ops.total(Floats(), 12.0, 10.0, -2.0) == 20.0


@pytest.mark.parametrize(
    ("rule", "inputs", "written"),
    [
        (ops.SIGMOID.slots[0].local, (0.25, 0.0), {"complement": 0.75}),
        (ops.TANH.slots[0].local, (0.5, 0.0), {"square": 0.25}),
        (ops.SQUARED_ERROR_LOSS.value, (1.0, 0.25), {"error": 0.75}),
        (ops.descend, (0.5, 0.5, 4.0), {"step": 2.0}),
    ],
)
def test_what_is_written_on_the_way(rule, inputs, written):
    noted = {}

    def write(label, x):
        noted[label] = x
        return x

    rule(Floats(write), *inputs)
    assert noted == written
