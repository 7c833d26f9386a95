"""The rows of `ops`: local gradients proved by sympy, values compared with known numbers."""

import inspect
import re
from dataclasses import replace
from fractions import Fraction
from itertools import product

import mpmath
import numpy as np
import pytest
import sympy

from tracer import graph, net, ops, work
from tracer.errors import LessonError
from tracer.ops import Op, Reduction, Slot, fitted, losses
from tracer.written.readings import Floats, Symbols

HALF = Fraction(1, 2)
ONE, TWO, MATRIX = [(1, 2)], [(1, 2), (1, 2)], [(3, 2)]

# what is proved: each row with the shapes of its inputs

ARITHMETIC = {
    "add": (ops.ADD, TWO),
    "subtract": (ops.SUBTRACT, TWO),
    "multiply": (ops.MULTIPLY, TWO),
    "divide": (ops.DIVIDE, TWO),
    "power": (ops.POWER, TWO),
    "max": (ops.MAX, TWO),
    "min": (ops.MIN, TWO),
    "max-beside-a-number": (ops.BESIDE_A_NUMBER["max"], TWO),
    "min-beside-a-number": (ops.BESIDE_A_NUMBER["min"], TWO),
    "to-the-zero": (ops.TO_THE_ZERO, ONE),
    "multiply-by-pi": (ops.of_pi(ops.MULTIPLY, {1}), ONE),
    "pi-to-the-power": (ops.of_pi(ops.POWER, {0}), ONE),
    "to-the-power-of-pi": (ops.of_pi(ops.POWER, {1}), ONE),
    "negate": (ops.NEGATE, ONE),
    "exp": (ops.EXP, ONE),
    "log": (ops.LOG, ONE),
    "sqrt": (ops.SQRT, ONE),
    "abs": (ops.ABS, ONE),
    "sin": (ops.SIN, ONE),
    "cos": (ops.COS, ONE),
    "tan": (ops.TAN, ONE),
    "sinh": (ops.SINH, ONE),
    "cosh": (ops.COSH, ONE),
    "atan": (ops.ATAN, ONE),
    "erf": (ops.ERF, ONE),
    "sum": (ops.SUM, [(2, 3)]),
    "mean": (ops.MEAN, [(2, 3)]),
    "mean-of-one": (ops.MEAN, [()]),
    "transpose": (ops.TRANSPOSE, [(2, 3)]),
    "sum-of-2": (ops.sum_of(2), TWO),
    "sum-of-3": (ops.sum_of(3), [(1, 2)] * 3),
    "weighted-sum-of-1": (ops.weighted_sum(1, bias=False), [()] * 2),
    "weighted-sum-of-1-and-bias": (ops.weighted_sum(1, bias=True), [()] * 3),
    "weighted-sum-of-2": (ops.weighted_sum(2, bias=False), [()] * 4),
    "weighted-sum-of-2-and-bias": (ops.weighted_sum(2, bias=True), [()] * 5),
    "weighted-sum-of-3-and-bias": (ops.weighted_sum(3, bias=True), [()] * 7),
    "weighted-sum-of-2-and-threshold": (ops.weighted_sum(2, bias=True, subtracted=True), [()] * 5),
}
ACTIVATIONS = {
    "identity": (ops.IDENTITY, ONE),
    "sigmoid": (ops.SIGMOID, ONE),
    "tanh": (ops.TANH, ONE),
    "relu": (ops.RELU, ONE),
    "softplus": (ops.SOFTPLUS, ONE),
    "gelu": (ops.GELU, ONE),
    "silu": (ops.SILU, ONE),
    "leaky-relu": (ops.leaky_relu(), ONE),
    "leaky-relu-0.2": (ops.leaky_relu(0.2), ONE),
    "leaky-relu-called": (ops.FUNCTIONS["leaky_relu"], ONE),
    "elu": (ops.elu(), ONE),
    "elu-1.5": (ops.elu(1.5), ONE),
    "elu-called": (ops.FUNCTIONS["elu"], ONE),
    "softmax": (ops.SOFTMAX, MATRIX),
    "softmax-of-one-example": (ops.SOFTMAX, [(3, 1)]),
    "shifted-softmax": (ops.SHIFTED_SOFTMAX, MATRIX),
    "softmax-of-scalars-1-of-2": (ops.softmax_of_scalars(2, 0), [()] * 2),
    "softmax-of-scalars-2-of-3": (ops.softmax_of_scalars(3, 1), [()] * 3),
    "softmax-of-scalars-3-of-3": (ops.softmax_of_scalars(3, 2), [()] * 3),
}
LINEAR = {
    "linear": (ops.LINEAR, [(2, 3), (3, 2), (2, 1)]),
    "linear-shared-bias": (ops.LINEAR_SHARED_BIAS, [(2, 3), (3, 2), ()]),
    "linear-without-bias": (ops.LINEAR_WITHOUT_BIAS, [(2, 3), (3, 2)]),
    "linear-folded-first": (ops.linear_folded(last=False), [(2, 4), (3, 2)]),
    "linear-folded-last": (ops.linear_folded(last=True), [(2, 4), (3, 2)]),
    "linear-threshold": (ops.subtracting(ops.LINEAR), [(2, 3), (3, 2), (2, 1)]),
    "linear-shared-threshold": (ops.subtracting(ops.LINEAR_SHARED_BIAS), [(2, 3), (3, 2), ()]),
    "linear-threshold-folded-first": (
        ops.linear_folded(last=False, subtracted=True),
        [(2, 4), (3, 2)],
    ),
    "linear-threshold-folded-last": (
        ops.linear_folded(last=True, subtracted=True),
        [(2, 4), (3, 2)],
    ),
    "matrix-product": (ops.matmul(), [(2, 3), (3, 4)]),
    "matrix-product-left-turned": (ops.matmul(left=True), [(3, 2), (3, 4)]),
    "matrix-product-right-turned": (ops.matmul(right=True), [(2, 3), (4, 3)]),
    "matrix-product-both-turned": (ops.matmul(left=True, right=True), [(3, 2), (4, 3)]),
}
TERMS = {**ops.LOSSES, "huber": ops.huber(), "huber-1.5": ops.huber(1.5)}
REDUCTIONS = {
    "mean": Reduction(),
    "half-mean": Reduction(HALF),
    "sum": Reduction(examples="sum"),
    "threefold-mean-of-outputs": Reduction(Fraction(3), outputs="mean", examples="sum"),
    "two-thirds-mean-of-both": Reduction(Fraction(2, 3), outputs="mean"),
}
COSTS = {
    f"{name.replace(' ', '-')}, {reduction}": (make(REDUCTIONS[reduction]), [(2, 3), (2, 3)])
    for reduction in REDUCTIONS
    for name, make in {
        **{name: lambda r, term=term: ops.cost(term, r) for name, term in TERMS.items()},
        **ops.ON_SCORES,
    }.items()
}
LOSSES_OF_ONE = {
    f"{name.replace(' ', '-')}-of-{n}, {reduction}": (
        ops.loss_of_one(term, REDUCTIONS[reduction], n),
        [()] * (2 * n),
    )
    for name, term in TERMS.items()
    for n, reduction in ((1, "mean"), (1, "half-mean"), (2, "two-thirds-mean-of-both"))
}
PENALTIES = {
    f"penalty-of-{n}, half={half}, mean={mean}, folded={folded}": (
        ops.weight_penalty(n, half, mean, folded),
        [(), (1, 3), *[(2, 3), (1, 2)][:n]],
    )
    for n, half, mean, folded in product((1, 2), (True, False), (True, False), (None, True, False))
}
BY_NAME = {
    "squared-error-loss": (ops.SQUARED_ERROR_LOSS, [(), ()]),
    "squared-error-cost": (ops.SQUARED_ERROR_COST, [(2, 3), (2, 3)]),
    "margins": (ops.MARGINS, [(3, 2), (3, 2)]),
    "clip": (ops.CLIP, [(2, 1), ()]),
}
ROWS = {
    **ARITHMETIC, **ACTIVATIONS, **LINEAR, **COSTS, **LOSSES_OF_ONE, **PENALTIES, **BY_NAME,
}  # fmt: skip


# how: the derivative of sum(G * value) is what the join makes of G and the local gradient


def symbols(letter, shape):
    """A matrix of symbols (none is zero), or a single one."""
    named = [
        sympy.Symbol(f"{letter}_{k}", real=True, nonzero=True) for k in range(int(np.prod(shape)))
    ]
    return np.array(named, dtype=object).reshape(shape) if shape else named[0]


def refuted(op, shapes, place, times=1):
    """Where the row is wrong: entries whose stated gradient is not the derivative of the value.

    `times` is for rows that state a multiple of it, because the mean is taken elsewhere.
    """
    inputs = [symbols(f"x{k}", shape) for k, shape in enumerate(shapes)]
    return differing(op, inputs, place, op.value(Symbols(), *inputs), times)


def differing(op, inputs, place, value, times=1):
    """Entries where the derivative of `value`, an expression, is not what the row states."""
    m = Symbols()
    output = op.value(m, *inputs)
    G = symbols("g", np.shape(output))
    total = np.sum(G * value)
    slot = op.slots[place]
    stated = np.asarray(slot.join(m, G, slot.local(m, output, *inputs)), dtype=object)
    if stated.shape != np.shape(inputs[place]):
        return [f"the shape is {stated.shape}"]
    entries = np.ndenumerate(np.asarray(inputs[place], dtype=object))
    return [i for i, x in entries if not vanishes(times * sympy.diff(total, x) - stated[i])]


def vanishes(difference):
    """Whether an expression is zero, branch by branch, and with each exp(z) as one symbol."""
    return all(sympy.cancel(sympy.expand(with_powers(b))) == 0 for b in branches(difference))


def with_powers(expression):
    """exp(z) as a symbol, exp(2z) as its square, and exp(-z) as one over it."""
    known = {}

    def power(z):
        times, rest = z.as_coeff_Mul()
        return known.setdefault(rest / times.q, sympy.Dummy(positive=True)) ** times.p

    return expression.replace(sympy.exp, power)


def branches(expression):
    """The expression on each side of every kink: something above zero, and below."""
    cases = [c.gts - c.lts for c in expression.atoms(sympy.core.relational.Relational)]
    absolute = [x.args[0] for x in expression.atoms(sympy.Abs, sympy.sign)]
    kinks = list(dict.fromkeys(gap(x)[0] for x in (*cases, *absolute)))
    return [
        decided(expression, dict(zip(kinks, sides, strict=True)))
        for sides in product((1, -1), repeat=len(kinks))
    ]


def gap(difference):
    """A difference up to its sign, and that sign."""
    difference = sympy.expand(difference)
    minus = difference.could_extract_minus_sign()
    return (-difference, -1) if minus else (difference, 1)


def decided(expression, sides):
    """An expression without cases, where each gap is on a side."""

    def side(difference):
        kink, sign = gap(difference)
        return sides[kink] * sign

    def holds(condition):
        if isinstance(condition, sympy.ITE):  # one of two conditions, as a third one says
            first, this, that = condition.args
            return holds(this if holds(first) else that)
        return condition is sympy.true or side(condition.gts - condition.lts) > 0

    def case(*cases):
        return next(x for x, condition in cases if holds(condition))

    return (
        expression.replace(sympy.Piecewise, case)
        .replace(sympy.sign, side)
        .replace(sympy.Abs, lambda x: side(x) * x)
    )


def places(op):
    """The inputs that a gradient is sent to."""
    return [k for k, slot in enumerate(op.slots) if slot.local is not None]


def cases(table):
    """Each row and each input that it sends a gradient to."""
    return [
        pytest.param(op, shapes, place, id=f"{name}-{place + 1}")
        for name, (op, shapes) in table.items()
        for place in places(op)
    ]


@pytest.mark.parametrize(("op", "shapes", "place"), cases(ROWS))
def test_a_local_gradient_is_proved(op, shapes, place):
    assert refuted(op, shapes, place) == []


# inputs that are stretched to the shape of the output get the sum of what is sent

STRETCHED = [((2, 3), other) for other in ((2, 3), (2, 1), (1, 3), (1, 1), ())]
BINARY = {
    name: op for name, (op, shapes) in ARITHMETIC.items() if len(shapes) == 2 and "sum" not in name
}


@pytest.mark.parametrize(("large", "small"), STRETCHED, ids=str)
@pytest.mark.parametrize("op", BINARY.values(), ids=BINARY)
def test_what_is_sent_to_a_stretched_input_is_added_up(op, large, small):
    for shapes in ([large, small], [small, large]):
        row = fitted(op, shapes, large)
        assert [refuted(row, shapes, place) for place in (0, 1)] == [[], []]


@pytest.mark.parametrize("b", [(2, 1), (1, 4), (1, 1), (2, 4), ()], ids=str)
def test_a_bias_of_any_shape_is_added_to_a_matrix_product(b):
    shapes = [(2, 3), (3, 4), b]
    row = fitted(ops.LINEAR, shapes, (2, 4))
    assert [refuted(row, shapes, place) for place in range(3)] == [[], [], []]


def test_a_weighted_sum_of_matrices_and_numbers():
    shapes = [(), (2, 3), (2, 1), (1, 3), (1, 1)]
    row = fitted(ops.weighted_sum(2, bias=True), shapes, (2, 3))
    assert [refuted(row, shapes, place) for place in range(5)] == [[]] * 5


def test_a_sum_of_matrices_and_numbers():
    shapes = [(2, 3), (2, 1), ()]
    row = fitted(ops.sum_of(3), shapes, (2, 3))
    assert [refuted(row, shapes, place) for place in range(3)] == [[]] * 3


def test_without_fitting_a_stretched_input_gets_the_wrong_shape():
    assert refuted(ops.ADD, [(2, 3), (2, 1)], 1) == ["the shape is (2, 3)"]


# activation and loss in one step: the derivative through the activation, with labels that add up


def labels(outputs, examples):
    """Labels that are symbols and add up to 1 for each example."""
    free = symbols("y", (outputs - 1, examples)) if outputs > 1 else np.empty((0, examples))
    return np.vstack([free, 1 - np.sum(free, axis=0, keepdims=True)])


@pytest.mark.parametrize("reduction", REDUCTIONS.values(), ids=REDUCTIONS)
@pytest.mark.parametrize(("activation", "loss"), sorted(ops.FUSED))
def test_a_fused_cost_is_differentiated_through_its_activation(activation, loss, reduction):
    m, row = Symbols(), ops.fused_cost(ops.LOSSES[loss], reduction)
    Y = labels(3, 2) if activation == "softmax" else symbols("y", (3, 2))
    Z = symbols("z", (3, 2))
    Yhat = ops.ACTIVATIONS[activation].value(m, Z)
    assert places(row) == [2]
    assert row.convention == "activation and loss are differentiated in one step"
    assert differing(row, [Y, Yhat, Z], 2, row.value(m, Y, Yhat, Z)) == []


@pytest.mark.parametrize("reduction", REDUCTIONS.values(), ids=REDUCTIONS)
@pytest.mark.parametrize(("activation", "loss"), sorted(ops.FUSED))
def test_so_is_the_fused_loss_of_one_example(activation, loss, reduction):
    m, row = Symbols(), ops.fused_loss_of_one(ops.LOSSES[loss], reduction, 2)
    z = list(symbols("z", (2,)))
    if activation == "softmax":
        y = list(labels(2, 1)[:, 0])
        yhat = [ops.softmax_of_scalars(2, k).value(m, *z) for k in range(2)]
    else:
        y = list(symbols("y", (2,)))
        yhat = [ops.SIGMOID.value(m, one) for one in z]
    inputs = [x for group in zip(y, yhat, z, strict=True) for x in group]
    assert places(row) == [2, 5]
    for place in (2, 5):
        assert differing(row, inputs, place, row.value(m, *inputs)) == []


def test_with_labels_that_do_not_add_up_a_fused_softmax_would_be_wrong():
    m, row = Symbols(), ops.fused_cost(ops.CROSS_ENTROPY, Reduction())
    Y, Z = symbols("y", (2, 1)), symbols("z", (2, 1))
    Yhat = ops.SOFTMAX.value(m, Z)
    assert differing(row, [Y, Yhat, Z], 2, row.value(m, Y, Yhat, Z)) == [(0, 0), (1, 0)]


# the mean over the examples, taken where a parameter's gradient is

LATER = {"mean": Reduction(averaged_later=True), "half": Reduction(HALF, averaged_later=True)}
FORMS = {
    **{name: lambda r, term=term: ops.cost(term, r) for name, term in TERMS.items()},
    **ops.ON_SCORES,
}


@pytest.mark.parametrize("reduction", LATER.values(), ids=LATER)
@pytest.mark.parametrize("make", FORMS.values(), ids=FORMS)
def test_a_loss_that_is_averaged_later_states_the_gradient_of_each_example(make, reduction):
    m = 3
    assert refuted(make(reduction), [(2, m), (2, m)], 1, times=m) == []


@pytest.mark.parametrize(
    ("op", "shapes", "averaged"),
    [
        (ops.LINEAR, [(2, 3), (3, 4), (2, 1)], [0, 2]),
        (ops.LINEAR_SHARED_BIAS, [(2, 3), (3, 4), ()], [0, 2]),
        (ops.LINEAR_WITHOUT_BIAS, [(2, 3), (3, 4)], [0]),
        (ops.linear_folded(last=True), [(2, 4), (3, 4)], [0]),
        (ops.linear_folded(last=False), [(2, 4), (3, 4)], [0]),
        (ops.subtracting(ops.LINEAR), [(2, 3), (3, 4), (2, 1)], [0, 2]),
        (ops.subtracting(ops.LINEAR_SHARED_BIAS), [(2, 3), (3, 4), ()], [0, 2]),
        (ops.linear_folded(last=True, subtracted=True), [(2, 4), (3, 4)], [0]),
    ],
    ids=lambda x: getattr(x, "name", None),
)
def test_and_the_mean_is_taken_in_the_gradients_of_the_parameters(op, shapes, averaged):
    row, m = ops.averaging(op), shapes[1][1]
    for place in places(row):
        times = Fraction(1, m) if place in averaged else 1
        assert refuted(row, shapes, place, times) == []


# no gradient goes to labels, to what a loss is told besides, or to lambda

NONE = {
    "cost": (ops.SQUARED_ERROR_COST, [0]),
    "loss of two outputs": (ops.loss_of_one(ops.HINGE, Reduction(), 2), [0, 2]),
    "fused cost": (ops.fused_cost(ops.CROSS_ENTROPY, Reduction()), [0, 1]),
    "fused loss of two outputs": (
        ops.fused_loss_of_one(ops.CROSS_ENTROPY, Reduction(), 2),
        [0, 1, 3, 4],
    ),
    "softmax cross-entropy": (ops.softmax_cross_entropy(Reduction()), [0]),
    "margins": (ops.MARGINS, [0]),
    "multiclass hinge": (ops.multiclass_hinge(Reduction()), [0]),
    "weight penalty": (ops.weight_penalty(2, half=True, mean=True), [0, 1]),
}


@pytest.mark.parametrize(("op", "without"), NONE.values(), ids=NONE)
def test_labels_and_constants_get_no_gradient(op, without):
    assert [k for k, slot in enumerate(op.slots) if slot.local is None] == without


def test_nothing_goes_back_through_what_is_only_looked_at():
    row = ops.without_slopes(ops.cost(ops.ABSOLUTE_ERROR, Reduction()))
    assert (len(row.slots), places(row), row.convention) == (2, [], "")
    assert row.value(Floats(), np.array([[1, 0]]), np.array([[0.5, 1]])) == 0.75


def test_every_other_input_gets_one():
    sparing = [name for name, (op, _) in ROWS.items() if len(places(op)) < len(op.slots)]
    assert set(sparing) == {*COSTS, *LOSSES_OF_ONE, *PENALTIES, *BY_NAME}


@pytest.mark.parametrize(("op", "shapes"), ROWS.values(), ids=ROWS)
def test_a_row_has_a_place_for_each_input(op, shapes):
    assert len(op.slots) == len(shapes)


# none is left out


def unproved(rows):
    """The rows that the tables above leave out."""
    return [row.name for row in rows if row not in [op for op, _ in ROWS.values()]]


def test_every_row_is_proved():
    rows = [value for value in vars(ops).values() if isinstance(value, Op)]
    assert unproved([*rows, *ops.ACTIVATIONS.values(), *ops.FUNCTIONS.values()]) == []
    assert unproved([ops.ADD, replace(ops.ADD, name="new")]) == ["new"]


def families(module):
    """The functions that make rows."""
    found = {name: inspect.unwrap(value) for name, value in vars(module).items()}
    functions = {name: f for name, f in found.items() if inspect.isfunction(f)}
    return {name for name, f in functions.items() if f.__annotations__.get("return") == "Op"}


def test_every_family_of_rows_is_proved():
    made = {"weighted_sum", "leaky_relu", "elu", "softmax_of_scalars", "linear_folded", "averaging"}
    made |= {"matmul", "subtracting", "sum_of"}
    made |= {"cost", "loss_of_one", "fused_cost", "fused_loss_of_one", "weight_penalty"}
    made |= {"softmax_cross_entropy", "multiclass_hinge"}
    assert families(ops) == made | {"row", "fitted", "single", "without_slopes", "of_pi"}


def test_every_activation_and_loss_with_a_number_is_proved():
    assert set(ops.TUNABLE) == {"leaky relu", "elu"}
    assert set(ops.TUNABLE_LOSSES) == {"huber"}
    assert set(ops.ON_SCORES) == {"softmax cross-entropy", "multiclass hinge"}
    assert {term.name for term in TERMS.values()} == {*ops.LOSSES, *ops.TUNABLE_LOSSES}


# what a row says of itself, held against what it computes

FAR = np.array([[-800.0, -30.0, -1.0, 0.0, 1.0, 30.0, 700.0], [0.0, 5.0, 1.0, -2.0, 0.0, 1.0, 2.0]])
OF_ONE = {
    name: op
    for name, (op, shapes) in {**ARITHMETIC, **ACTIVATIONS}.items()
    if shapes in (ONE, MATRIX)
}


def strays(op):
    """What a row gives that is not in its span, and ends that it does not come near."""
    with np.errstate(all="ignore"):
        found = np.asarray(op.value(Floats(), FAR), dtype=float)
    low, high = op.span
    outside = [x for x in found.ravel() if x < low or x > high]
    return outside, [end for end in op.ends if not np.isclose(found, end).any()]


@pytest.mark.parametrize("op", OF_ONE.values(), ids=OF_ONE)
def test_a_row_gives_what_lies_in_its_span_and_comes_near_its_ends(op):
    assert strays(op) == ([], [])


def test_a_wrong_span_and_a_wrong_end_are_found_out():
    assert strays(replace(ops.SIGMOID, span=(0.5, 1)))[0] != []
    assert strays(replace(ops.SIGMOID, ends=(0, 2))) == ([], [2])


def shares(op, shapes):
    """Whether the outputs of each example add up to 1, whatever goes in."""
    found = op.value(Floats(), *[FAR[: shape[0], 2:5] for shape in shapes if shape])
    return bool(np.allclose(np.sum(found, axis=0), 1))


def test_rows_that_share_say_so():
    for name, (op, shapes) in ACTIVATIONS.items():
        if () not in shapes:
            assert op.shares == shares(op, shapes), name
    assert ops.softmax_of_scalars(2, 0).shares


TRAITS = {
    "weighs": {*LINEAR, *(name for name in ARITHMETIC if name.startswith("weighted"))}
    - {name for name in LINEAR if name.startswith("matrix-product")},
    "multiplies": set(LINEAR),
    "of_matrices": {*LINEAR, "transpose", "softmax", "softmax-of-one-example", "shifted-softmax"},
    "penalises": set(PENALTIES),
}


@pytest.mark.parametrize(("trait", "names"), TRAITS.items())
def test_a_trait_belongs_to_these_rows_and_no_others(trait, names):
    assert {name for name, (op, _) in ROWS.items() if getattr(op, trait)} == names


# a wrong row is found out


def with_slot(op, place, local=None, join=None):
    """A row with one local gradient or join replaced."""
    slots = list(op.slots)
    old = slots[place]
    slots[place] = Slot(local or old.local, join or old.join)
    return replace(op, slots=tuple(slots))


def with_slope(loss, slope):
    """The cost of a loss whose derivative is another one."""
    return ops.cost(replace(ops.LOSSES[loss], by_yhat=slope), Reduction())


FROM_LEFT, FROM_RIGHT = ops.LINEAR.slots[0].join, ops.LINEAR.slots[1].join
SQUARE, PAIR = [(2, 2), (2, 2), (2, 1)], [(2, 3), (2, 3)]
WRONG = {
    "sigmoid-forgets-a": (with_slot(ops.SIGMOID, 0, lambda m, a, z: 1 - a), ONE, 0),
    "sigmoid-of-z": (with_slot(ops.SIGMOID, 0, lambda m, a, z: z * (1 - z)), ONE, 0),
    "tanh-of-z": (with_slot(ops.TANH, 0, lambda m, a, z: 1 - z**2), ONE, 0),
    "softplus-mirrored": (with_slot(ops.SOFTPLUS, 0, lambda m, a, z: 1 / (1 + m.exp(z))), ONE, 0),
    "gelu-forgets-the-density": (
        with_slot(ops.GELU, 0, lambda m, a, z: m.ratio(1, 2) * (1 + m.erf(z / m.sqrt(2)))),
        ONE,
        0,
    ),
    "silu-forgets-z": (with_slot(ops.SILU, 0, lambda m, a, z: ops.SIGMOID.value(m, z)), ONE, 0),
    "subtract-adds": (with_slot(ops.SUBTRACT, 1, lambda m, c, a, b: 1), TWO, 1),
    "divide-forgets-the-sign": (with_slot(ops.DIVIDE, 1, lambda m, c, a, b: a / b**2), TWO, 1),
    "power-keeps-the-exponent": (with_slot(ops.POWER, 0, lambda m, c, a, b: b * a**b), TWO, 0),
    "power-forgets-the-log": (with_slot(ops.POWER, 1, lambda m, c, a, b: c), TWO, 1),
    "max-takes-both": (with_slot(ops.MAX, 1, lambda m, c, a, b: 1), TWO, 1),
    "max-takes-the-smaller": (with_slot(ops.MAX, 0, lambda m, c, a, b: m.above(b, a)), TWO, 0),
    "min-takes-the-larger": (with_slot(ops.MIN, 0, lambda m, c, a, b: m.above(a, b)), TWO, 0),
    "abs-forgets-the-sign": (with_slot(ops.ABS, 0, lambda m, c, a: 1), ONE, 0),
    "relu-lets-all-through": (with_slot(ops.RELU, 0, lambda m, a, z: 1), ONE, 0),
    "relu-lets-nothing-through": (with_slot(ops.RELU, 0, lambda m, a, z: 0), ONE, 0),
    "leaky-relu-takes-the-other-slope": (
        replace(ops.leaky_relu(0.2), slots=ops.leaky_relu(0.1).slots),
        ONE,
        0,
    ),
    "elu-forgets-alpha": (replace(ops.elu(1.5), slots=ops.elu().slots), ONE, 0),
    "cos-forgets-the-sign": (with_slot(ops.COS, 0, lambda m, a, z: m.sin(z)), ONE, 0),
    "cosh-takes-the-sign-of-cos": (with_slot(ops.COSH, 0, lambda m, a, z: -m.sinh(z)), ONE, 0),
    "multiply-swaps": (with_slot(ops.MULTIPLY, 0, lambda m, c, a, b: a), TWO, 0),
    "mean-forgets-to-divide": (replace(ops.MEAN, slots=ops.SUM.slots), [(2, 3)], 0),
    "softmax-forgets-the-others": (
        with_slot(ops.SOFTMAX, 0, lambda m, A, Z: A * (1 - A), ops.elementwise),
        MATRIX,
        0,
    ),
    "softmax-mixes-the-examples": (
        replace(
            ops.SOFTMAX,
            value=lambda m, Z: m.exp(Z) / m.sum_examples(m.exp(Z)),
        ),
        MATRIX,
        0,
    ),
    "softmax-of-scalars-forgets-the-sign": (
        with_slot(ops.softmax_of_scalars(2, 0), 1, lambda m, a, z1, z2: a * (1 - a)),
        [()] * 2,
        1,
    ),
    "W-untransposed": (with_slot(ops.LINEAR, 1, lambda m, Z, W, X, b: W), SQUARE, 1),
    "X-untransposed": (with_slot(ops.LINEAR, 0, lambda m, Z, W, X, b: X), SQUARE, 0),
    "W-from-the-left": (with_slot(ops.LINEAR, 1, join=FROM_LEFT), SQUARE, 1),
    "X-from-the-right": (with_slot(ops.LINEAR, 0, join=FROM_RIGHT), SQUARE, 0),
    "b-not-summed": (with_slot(ops.LINEAR, 2, join=ops.elementwise), SQUARE, 2),
    "shared-b-summed-by-rows": (
        with_slot(ops.LINEAR_SHARED_BIAS, 2, join=ops.over_examples),
        [*SQUARE[:2], ()],
        2,
    ),
    "folded-on-the-other-side": (
        replace(ops.linear_folded(True), slots=ops.linear_folded(False).slots),
        [(2, 3), (2, 2)],
        0,
    ),
    "averaged-where-it-should-not": (ops.averaging(ops.LINEAR), SQUARE, 0),
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
    "cross-entropy-of-the-wrong-label": (
        with_slope("cross-entropy", lambda m, write, y, yhat: yhat / y),
        PAIR,
        1,
    ),
    "binary-cross-entropy-forgets-zeros": (
        with_slope("binary cross-entropy", lambda m, write, y, yhat: y / yhat),
        PAIR,
        1,
    ),
    "hinge-forgets-the-margin": (
        with_slope("hinge", lambda m, write, y, yhat: y * m.above(0, y * yhat)),
        PAIR,
        1,
    ),
    "penalty-forgets-the-two": (
        replace(
            ops.weight_penalty(1, half=False, mean=True),
            slots=ops.weight_penalty(1, half=True, mean=True).slots,
        ),
        [(), (1, 3), (2, 3)],
        2,
    ),
    "penalty-of-the-bias": (
        replace(
            ops.weight_penalty(1, half=True, mean=True, folded=True),
            slots=ops.weight_penalty(1, half=True, mean=True).slots,
        ),
        [(), (1, 3), (2, 3)],
        2,
    ),
    "threshold-with-the-slope-of-a-bias": (
        replace(ops.subtracting(ops.LINEAR), slots=ops.LINEAR.slots),
        [(2, 3), (3, 2), (2, 1)],
        2,
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


# values: numbers that were printed, or follow in the head

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
    (ops.SQRT, (2.25,), 1.5),
    (ops.ABS, (-2.5,), 2.5),
    (ops.MAX, (2, 3), 3),
    (ops.MAX, (-2, -3), -2),
    (ops.MIN, (2, 3), 2),
    (ops.MIN, (-2, -3), -3),
    (ops.CLIP, (0.05, 0.1), 0.1),
    (ops.CLIP, (0.5, 0.1), 0.5),
    (ops.CLIP, (0.95, 0.1), 0.9),
    (ops.SIN, (1,), 0.8414709848078965),
    (ops.COS, (1,), 0.5403023058681398),
    (ops.TAN, (1,), 1.5574077246549023),
    (ops.SINH, (1,), 1.1752011936438014),
    (ops.COSH, (1,), 1.5430806348152437),
    (ops.ATAN, (1,), 0.7853981633974483),
    (ops.ERF, (1,), 0.8427007929497149),
    (ops.TANH, (0,), 0),
    (ops.TANH, (1,), 0.7615941559557649),
    (ops.SIGMOID, (0,), 0.5),
    (ops.SIGMOID, (0.6,), 0.6456563062257954529),
    (ops.SIGMOID, (-0.6,), 0.3543436937742045471),
    (ops.IDENTITY, (-0.3,), -0.3),
    (ops.RELU, (3,), 3),
    (ops.RELU, (-3,), 0),
    (ops.leaky_relu(), (-3,), -0.03),
    (ops.leaky_relu(0.2), (-3,), -0.6),
    (ops.leaky_relu(0.2), (3,), 3),
    (ops.elu(), (2,), 2),
    (ops.elu(), (-1,), -0.6321205588285577),
    (ops.elu(1.5), (-1,), -0.9481808382428365),
    (ops.SOFTPLUS, (0,), 0.6931471805599453),
    (ops.SOFTPLUS, (1,), 1.3132616875182228),
    (ops.GELU, (0,), 0),
    (ops.GELU, (1,), 0.8413447460685429),
    (ops.GELU, (-1,), -0.15865525393145707),
    (ops.SILU, (0,), 0),
    (ops.SILU, (0.6,), 0.3873937837352772717),
    (ops.SILU, (-0.6,), -0.2126062162647227283),
    (ops.sum_of(3), (1, 2, -0.5), 2.5),
    (ops.weighted_sum(2, bias=False), (0.5, 3, 2, -1), -0.5),
    (ops.weighted_sum(2, bias=True), (0.5, 3, 2, -1, 10), 9.5),
    (ops.weighted_sum(2, bias=True, subtracted=True), (0.5, 3, 2, -1, 10), -10.5),
    (ops.softmax_of_scalars(2, 0), (0, 0), 0.5),
    (ops.softmax_of_scalars(3, 1), (1, -2, 0), 0.03511902695933973),
    (ops.SQUARED_ERROR_LOSS, (0, 0.5), 0.125),
    (ops.SQUARED_ERROR_LOSS, (1, -2), 4.5),
]


@pytest.mark.parametrize(("op", "inputs", "value"), VALUES, ids=lambda x: getattr(x, "name", None))
def test_a_value_is_the_known_number(op, inputs, value):
    assert op.value(Floats(), *map(float, inputs)) == pytest.approx(value, rel=1e-15)


# optimization-2 and linear-classify are notes of Stanford's CS231n; Ng's course is
# "Neural Networks and Deep Learning"; numbers as they were printed
PRINTED = [
    ("CS231n, optimization-2", ops.SIGMOID, 1.0, "0.73"),
    ("CS231n, optimization-2", ops.EXP, -1.0, "0.37"),
    ("Ng, week 2", ops.SIGMOID, 9.2, "0.999898970806"),
    ("Ng, week 2", ops.SIGMOID, 2.0, "0.88079708"),
    ("CS231n, linear-classify", ops.SOFTMAX, [[1], [-2], [0]], "0.7 0.04 0.26"),
    ("CS231n, linear-classify", ops.SOFTMAX, [[0.5], [-1], [0]], "0.55 0.12 0.33"),
    ("CS231n, linear-classify", ops.SHIFTED_SOFTMAX, [[0.5], [-1], [0]], "0.55 0.12 0.33"),
    ("Kinsley, chapter 9", ops.RELU, 6.0, "6.0"),
]


@pytest.mark.parametrize(("source", "op", "z", "printed"), PRINTED)
def test_a_value_is_the_printed_number(source, op, z, printed):
    value = np.ravel(op.value(Floats(), np.array(z)))
    digits = printed.split()
    assert [
        f"{x:.{len(d.partition('.')[2])}f}" for x, d in zip(value, digits, strict=True)
    ] == digits


MATRICES = [
    (ops.LINEAR, ([[1, 2], [3, 4]], [[5, 6], [7, 8]], [[10], [20]]), [[29, 32], [63, 70]]),
    (ops.LINEAR_SHARED_BIAS, ([[1, 2], [3, 4]], [[5], [7]], 10), [[29], [53]]),
    (ops.LINEAR_WITHOUT_BIAS, ([[1, 2]], [[0, 1, 1], [1, 0, 1]]), [[2, 1, 3]]),
    (ops.matmul(), ([[1, 2]], [[3], [4]]), [[11]]),
    (ops.matmul(left=True), ([[1], [2]], [[3], [4]]), [[11]]),
    (ops.matmul(right=True), ([[1, 2]], [[3, 4]]), [[11]]),
    (ops.matmul(left=True, right=True), ([[1], [2]], [[3, 4]]), [[11]]),
    (ops.MARGINS, ([[0], [1], [0]], [[3], [2], [1.5]]), [[2], [1], [0.5]]),
    (ops.linear_folded(last=False), ([[10, 1, 2]], [[5, 6], [7, 8]]), [[29, 32]]),
    (ops.linear_folded(last=True), ([[1, 2, 10]], [[5, 6], [7, 8]]), [[29, 32]]),
    (ops.subtracting(ops.LINEAR), ([[1, 2]], [[5, 6], [7, 8]], [[10]]), [[9, 12]]),
    (ops.subtracting(ops.LINEAR_SHARED_BIAS), ([[1, 2], [3, 4]], [[5], [7]], 10), [[9], [33]]),
    (ops.linear_folded(False, subtracted=True), ([[10, 1, 2]], [[5, 6], [7, 8]]), [[9, 12]]),
    (ops.linear_folded(True, subtracted=True), ([[1, 2, 10]], [[5, 6], [7, 8]]), [[9, 12]]),
    (ops.TRANSPOSE, ([[1, 2]],), [[1], [2]]),
    (ops.SUM, ([[1, 2], [3, 4]],), 10),
    (ops.MEAN, ([[1, 2], [3, 4]],), 2.5),
    (ops.SIGMOID, ([[0, 0.6]],), [[0.5, 0.6456563062257954]]),
    (ops.SOFTMAX, ([[0, 1], [0, 1]],), [[0.5, 0.5], [0.5, 0.5]]),
    (ops.SQUARED_ERROR_COST, ([[0, 1, 1, 1]], [[0.5, 0.5, 0.5, 0.5]]), 0.125),
    (ops.SQUARED_ERROR_COST, ([[0, 1], [2, 3]], [[1, 1], [0, 0]]), 3.5),
    (ops.weight_penalty(1, half=True, mean=True), (0.6, [[0, 1]], [[1, 2]]), 0.75),
    (ops.weight_penalty(1, half=False, mean=True), (0.6, [[0, 1]], [[1, 2]]), 1.5),
    (ops.weight_penalty(1, half=True, mean=False), (0.6, [[0, 1]], [[1, 2]]), 1.5),
    (ops.weight_penalty(2, half=False, mean=False), (0.5, [[0]], [[1, 2]], [[3]]), 7),
    (ops.weight_penalty(1, False, False, folded=False), (0.5, [[0]], [[9, 1, 2]]), 2.5),
    (ops.weight_penalty(1, False, False, folded=True), (0.5, [[0]], [[1, 2, 9]]), 2.5),
]


@pytest.mark.parametrize(
    ("op", "inputs", "value"), MATRICES, ids=lambda x: getattr(x, "name", None)
)
def test_a_value_of_matrices_is_the_known_one(op, inputs, value):
    arrays = [np.array(x, dtype=float) if np.ndim(x) else x for x in inputs]
    assert op.value(Floats(), *arrays) == pytest.approx(np.array(value), rel=1e-15)


def normal_below(z):
    """The normal distribution below z, from its tail."""
    return mpmath.erfc(-z / mpmath.sqrt(2)) / 2


FIFTY_DIGITS = {
    ops.SIGMOID: lambda z: 1 / (1 + mpmath.exp(-z)),
    ops.TANH: lambda z: (mpmath.exp(2 * z) - 1) / (mpmath.exp(2 * z) + 1),
    ops.SOFTPLUS: lambda z: mpmath.log(1 + mpmath.exp(z)),
    ops.GELU: lambda z: z * normal_below(z),
    ops.SILU: lambda z: z * mpmath.exp(z) / (mpmath.exp(z) + 1),
    ops.RELU: lambda z: z if z > 0 else mpmath.mpf(0),
    ops.IDENTITY: lambda z: z,
    ops.ACTIVATIONS["sin"]: lambda z: mpmath.im(mpmath.expj(z)),
    ops.ACTIVATIONS["cos"]: lambda z: mpmath.re(mpmath.expj(z)),
    ops.ACTIVATIONS["tan"]: lambda z: mpmath.im(mpmath.expj(z)) / mpmath.re(mpmath.expj(z)),
    ops.EXP: lambda z: mpmath.e**z,
    ops.SINH: lambda z: (mpmath.exp(z) - mpmath.exp(-z)) / 2,
    ops.COSH: lambda z: (mpmath.exp(z) + mpmath.exp(-z)) / 2,
    ops.ATAN: lambda z: mpmath.im(mpmath.log(mpmath.mpc(1, z))),
    ops.ERF: lambda z: 2 * normal_below(z * mpmath.sqrt(2)) - 1,
    ops.FUNCTIONS["leaky_relu"]: lambda z: z if z > 0 else z / 100,
    ops.FUNCTIONS["elu"]: lambda z: z if z > 0 else mpmath.expm1(z),
    ops.LOG: lambda z: mpmath.log(abs(z)),
    ops.SQRT: lambda z: mpmath.exp(mpmath.log(abs(z)) / 2),
}
POSITIVE = (ops.LOG, ops.SQRT)


@pytest.mark.parametrize("z", ["0.6", "-3.7", "0.125", "-0.3", "2.1"])
@pytest.mark.parametrize(
    ("op", "formula"), FIFTY_DIGITS.items(), ids=lambda x: getattr(x, "name", "")
)
def test_a_value_agrees_with_fifty_digits(op, formula, z):
    with mpmath.workdps(50):
        expected = float(formula(mpmath.mpf(z)))
    typed = abs(float(z)) if op in POSITIVE else float(z)
    # a difference of nearly equal numbers, as in 1 + erf(-3.7), keeps its absolute error
    assert float(op.value(Floats(), typed)) == pytest.approx(expected, rel=4e-15, abs=4e-16)


def test_every_function_of_one_number_is_held_against_fifty_digits():
    several = {"max", "min", "sum", "mean", "transpose", "softmax", "abs"}
    named = {**ops.ACTIVATIONS, **{n: f for n, f in ops.FUNCTIONS.items() if n not in several}}
    missing = [name for name, op in named.items() if op not in FIFTY_DIGITS]
    assert missing == ["softmax", "shifted softmax"]  # told for a whole column, see PRINTED
    in_the_head = [op for op, *_ in (*VALUES, *MATRICES)]
    assert [name for name in several if ops.FUNCTIONS[name] not in in_the_head] == []


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


# what is too large for an exponential

LARGE = np.array([[1000.0, -1000.0], [1001.0, -1001.0]])


def test_a_shifted_softmax_does_not_overflow():
    share = 0.2689414213699951
    assert ops.SHIFTED_SOFTMAX.value(Floats(), LARGE) == pytest.approx(
        np.array([[share, 1 - share], [1 - share, share]])
    )


def test_neither_does_softplus():
    assert ops.SOFTPLUS.value(Floats(), np.array([800.0, -800.0])).tolist() == [800, 0]


def test_nor_does_the_cross_entropy_of_logits():
    of_both = ops.cost(ops.BINARY_CROSS_ENTROPY_WITH_LOGITS, Reduction())
    assert of_both.value(Floats(), np.array([[1.0, 0.0]]), np.array([[-800.0, 800.0]])) == 800
    on_scores = ops.softmax_cross_entropy(Reduction())
    assert on_scores.value(Floats(), np.eye(2), LARGE) == pytest.approx(1.3132616875182228)


@pytest.mark.parametrize(
    ("form", "instead"),
    [
        (ops.SOFTMAX, "'shifted softmax', which takes the largest z of each example away first"),
        (ops.BINARY_CROSS_ENTROPY, "'binary cross-entropy with logits' behind an identity layer"),
        (ops.CROSS_ENTROPY, "'softmax cross-entropy' behind an identity layer"),
    ],
    ids=lambda x: getattr(x, "name", ""),
)
def test_the_form_that_overflows_names_the_one_that_does_not(form, instead):
    assert form.stable == instead


# at a kink

KINKS = [
    (ops.RELU, {0.5: 1, -0.5: 0, 0.0: 0}, "ReLU'(0) = 0"),
    (ops.leaky_relu(0.2), {0.5: 1, -0.5: 0.2, 0.0: 0.2}, "LeakyReLU'(0) = 0.2"),
    (ops.elu(1.5), {0.5: 1, 0.0: 1.5}, "ELU'(0) = 1.5"),
    (ops.ABS, {0.5: 1, -0.5: -1, 0.0: 0}, "|z|' = 0 at z = 0"),
]


@pytest.mark.parametrize(("op", "slopes", "said"), KINKS, ids=lambda x: getattr(x, "name", ""))
def test_the_derivative_at_a_kink_is_the_declared_one(op, slopes, said):
    m = Floats()
    assert {z: float(op.slots[0].local(m, op.value(m, z), z)) for z in slopes} == slopes
    assert op.convention == said


@pytest.mark.parametrize(
    ("op", "a", "b", "sent"),
    [
        (ops.MAX, 3.0, 2.0, [1, 0]),
        (ops.MAX, 2.0, 3.0, [0, 1]),
        (ops.MAX, 2.0, 2.0, [1, 0]),
        (ops.MIN, 3.0, 2.0, [0, 1]),
        (ops.MIN, 2.0, 3.0, [1, 0]),
        (ops.MIN, 2.0, 2.0, [1, 0]),
    ],
    ids=lambda x: getattr(x, "name", None),
)
def test_of_two_equals_the_first_one_takes_the_gradient(op, a, b, sent):
    m = Floats()
    assert [slot.local(m, op.value(m, a, b), a, b) for slot in op.slots] == sent
    assert op.convention == "where both are equal, the first one takes the gradient"


@pytest.mark.parametrize(
    ("formula", "place", "slope"),
    [
        ("relu(z)", 0, 0),
        ("max(z, 0)", 0, 0),
        ("max(0, z)", 0, 0),
        ("max(z, 2)", 2, 0),
        ("min(z, 0)", 0, 0),
        ("min(3, z)", 3, 0),
        ("abs(z)", 0, 0),
        ("abs(1 - z)", 1, 0),
        ("max(0.01*z, z)", 0, 0.01),
        ("max(z, 0.01*z)", 0, 1),
        ("min(0.01*z, z)", 0, 0.01),
        ("max(1 - 2*z, z - 2)", 1, -2),
    ],
)
def test_a_kink_has_one_slope_in_graphs_activations_and_losses(formula, place, slope):
    assert work(graph(f"z = {place}; a = {formula}"))["da/dz"].written == slope
    neuron = {"view": "scalar", "x1": 1, "y": 9, "w1": place}
    assert work(net(f"1 {formula}", **neuron))["dyhat/dz"].written == slope
    as_loss = work(net("1 identity", loss=f"{formula.replace('z', 'yhat')} + 0*y", **neuron))
    assert as_loss["local dL/dyhat"].written == slope


@pytest.mark.parametrize(
    ("loss", "y", "said"),
    [
        (
            "max(yhat, 0) - yhat*y + log(1 + exp(-abs(yhat)))",
            0,
            "at yhat = 0 is 0.5, and the rules for the kinks in it give 0",
        ),
        (
            "max(yhat, 0) - yhat*y + log(1 + exp(-abs(yhat)))",
            1,
            "at yhat = 0 is -0.5, and the rules for the kinks in it give -1",
        ),
        (
            "max(yhat, y) - max(-yhat, -y)",
            0,
            "at yhat = 0 is 1, and the rules for the kinks in it give 2",
        ),
        ("abs(yhat) + 2*max(yhat, 0) + y", 0, None),
        ("abs(yhat - y)", 0, None),
    ],
)
def test_where_the_whole_is_smooth_the_rules_for_its_kinks_may_not_lie(loss, y, said):
    program = net("1 identity", view="scalar", loss=loss, x1=1, y=y, w1=0)
    if said is None:
        work(program)
    else:
        with pytest.raises(LessonError, match=re.escape(said)):
            work(program)


EQUAL = "the derivative of |y - yhat| is 0 where they are equal"
KINK = "labels are -1 and 1, and the derivative at the kink is 0"


@pytest.mark.parametrize(
    ("loss", "y", "yhat", "said"),
    [
        (losses.ABSOLUTE_ERROR, 2.0, 2.0, EQUAL),
        (losses.HINGE, 1.0, 1.0, KINK),
        (losses.HINGE, -1.0, -1.0, KINK),
    ],
    ids=lambda x: getattr(x, "name", None),
)
def test_a_loss_sends_nothing_at_its_kink_and_says_so(loss, y, yhat, said):
    for op in (ops.loss_of_one(loss, Reduction()), ops.cost(loss, Reduction())):
        assert op.convention == said
    assert ops.loss_of_one(loss, Reduction()).slots[1].local(Floats(), 0.0, y, yhat) == 0


def test_contributions_are_added_up():
    assert ops.total(Floats(), 12.0, 10.0, -2.0) == 20.0


@pytest.mark.parametrize(
    ("rule", "inputs", "written"),
    [
        (ops.SIGMOID.slots[0].local, (0.25, 0.0), {"complement": 0.75}),
        (ops.TANH.slots[0].local, (0.5, 0.0), {"square": 0.25}),
        (ops.TAN.slots[0].local, (0.5, 0.0), {"square": 0.25}),
        (ops.GELU.value, (0.0,), {"phi": 0.5}),
        (ops.SILU.value, (0.0,), {"gate": 0.5}),
        (ops.SILU.slots[0].local, (0.0, 0.0), {"gate": 0.5}),
        (ops.softmax_of_scalars(2, 0).value, (0.0, 0.0), {"power1": 1, "power2": 1, "sum": 2}),
        (ops.SQUARED_ERROR_LOSS.value, (1.0, 0.25), {"error": 0.75}),
        (ops.loss_of_one(ops.HINGE, Reduction(), 2).value, (1.0, 0.25, 1.0, 0.5), {}),
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
