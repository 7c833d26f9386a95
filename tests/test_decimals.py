"""Decimal numbers: every digit right, ties that are ties, and no dust where digits cancel."""

import math
import operator
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer import graph, net, work
from tracer.errors import NotFinite
from tracer.numbers.decimals import Number, number, with_enough_digits, working_with
from tracer.numbers.values import is_decimal, to_floats, to_numbers
from tracer.page.document import Note
from tracer.page.pages import explain_trace

BOUNDED = settings(max_examples=200, deadline=None, derandomize=True)
SHORT = st.decimals(-1000, 1000, places=4).map(str)


def third():
    """A number whose digits never end."""
    return Number(1) / 3


# exact as long as nothing was cut off


@pytest.mark.parametrize(
    ("made", "value", "cut"),
    [
        (Number("0.1") + Number("0.2"), "0.3", False),
        (Number("0.1") + Number("0.2") - Number("0.3"), "0", False),
        (Number("0.646") * Number("0.354"), "0.228684", False),
        (Number(1) / 8, "0.125", False),
        (Number("-1.5") ** 2, "2.25", False),
        (Number(0) ** 0, "1", False),
        (Number("2.25").sqrt(), "1.5", False),
        (Number(0).exp(), "1", False),
        (Number(1).log(), "0", False),
        (1 - Number("0.75"), "0.25", False),
        (0.1 * Number(3), "0.3", False),
        (third() * 0, "0", False),
    ],
)
def test_a_number_is_exact_until_a_digit_is_cut_off(made, value, cut):
    assert (made == Number(value), made.cut) == (True, cut)


@pytest.mark.parametrize("made", [third(), Number(2).sqrt(), Number(1).exp(), Number(2).log()])
def test_and_knows_when_one_was(made):
    assert made.cut


@BOUNDED
@given(SHORT, SHORT)
def test_sums_differences_and_products_of_short_numbers_are_exact(a, b):
    x, y = Decimal(a), Decimal(b)
    assert (Number(a) + Number(b)).value == x + y
    assert (Number(a) - Number(b)).value == x - y
    assert (Number(a) * Number(b)).value == x * y


FUNCTIONS = {
    "exp": Number.exp, "log": Number.log, "sqrt": Number.sqrt,
    **{
        name: lambda z, name=name: z.by(name)
        for name in ("tanh", "sin", "cos", "tan", "sinh", "cosh", "atan", "erf", "log1p")
    },
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("z", ["0.001", "0.6", "1", "2.75", "12"])
def test_a_function_has_fifty_right_digits(name, z):
    with mpmath.workdps(80):
        true = getattr(mpmath, name)(mpmath.mpf(z))
        made = mpmath.mpf(str(FUNCTIONS[name](Number(z)).value))
        assert abs(made - true) <= abs(true) * mpmath.mpf(10) ** -48


# where digits cancel


@pytest.mark.parametrize(
    "made",
    [
        third() * 3 - 1,
        third() + third() + third() - 1,
        Number(2).exp().log() - 2,
        Number(2).sqrt() ** 2 - 2,
        Number("0.3").by("tanh") - Number("0.3").by("tanh"),
    ],
)
def test_what_is_left_of_a_difference_is_no_dust(made):
    assert made == 0


@pytest.mark.parametrize(
    ("a", "b", "order"),
    [
        (third() * 3, Number(1), 0),
        (Number("0.1") * 3, Number("0.3"), 0),
        (third(), Number("0.3333333333"), 1),
        (Number("1e-40"), Number(0), 1),
        (Number(-1), Number(1), -1),
    ],
)
def test_a_tie_is_a_tie(a, b, order):
    assert ((a > b) - (a < b), a == b) == (order, order == 0)


# how far a number is right


@pytest.mark.parametrize(
    ("made", "last"),
    [
        (Number("0.25") * 3, None),
        (third(), -40),
        (third() * 1000, -37),
        (third() + 1000, -36),
        (third() + 1000 - 1000, -36),
        ((third() + 1000 - 1000) * 3001, -32),
        ((third() + 1000 - 1000).sqrt(), -36),
        ((third() + 1000 - 1000).exp(), -35),
        ((third() + 1000).log(), -39),
        ((third() + 1000 - 1000).by("tanh"), -36),
        ((third() + 1000) ** 2, -33),
        (number(2 / 3) - number(1 / 3), -40),
    ],
)
def test_a_number_knows_its_last_right_digit(made, last):
    """A sum has the coarser place, a product has the fewer digits."""
    assert made.last == last


@pytest.mark.parametrize(
    "dust",
    [
        lambda s: 1 + s - 1 - s,
        lambda s: (s + s * Number("1e-30")) - s - s * Number("1e-30"),
        lambda s: ((1 + s).log().exp() - 1) - s,
        lambda s: (1 + s) ** 2 - 1 - 2 * s - s * s,
        lambda s: 1000 * s + s - s - 1000 * s,
    ],
)
@pytest.mark.parametrize("s", ["1", "2e-9", "1e-12", "7e-20"])
def test_what_was_lost_in_one_difference_is_not_found_in_the_next(dust, s):
    assert with_enough_digits(lambda: dust(Number(s) / 3)) == 0


OPERATIONS = [operator.add, operator.sub, operator.mul, operator.truediv]
SHORT_BUT_NOT_ZERO = SHORT.filter(lambda digits: abs(Decimal(digits)) > Decimal("0.01"))
OPERANDS = st.tuples(SHORT_BUT_NOT_ZERO, st.sampled_from(["1", "3", "7e9", "1e-9", "3e15"]))


@BOUNDED
@given(OPERANDS, st.lists(st.tuples(st.sampled_from(OPERATIONS), OPERANDS), max_size=9))
def test_each_digit_that_is_kept_is_right(first, steps):
    """Whatever is added, taken away, multiplied and divided; judged by fractions."""

    def work(kind):
        made = kind(first[0]) / kind(first[1])
        for operation, (over, below) in steps:
            made = operation(made, kind(over) / kind(below)) if made else made
        return made

    made, true = with_enough_digits(lambda: work(Number)), work(Fraction)
    error = abs(Fraction(made.kept) - true)
    assert error <= Fraction(10) ** made.last if made.cut else error == 0


def test_a_kink_is_not_decided_by_digits_that_were_lost_before():
    trace = work(graph("w = 2e-9; s = w/3; z = 1 + s - 1 - s; a = relu(z); L = a + w"))
    assert (trace["z"].text, trace["dL/dz"].text, trace["dL/dw"].text) == ("0", "0", "1")


def test_a_pole_is_none_that_was_missed_by_dust():
    with pytest.raises(NotFinite):
        work(graph("w = 1; q = atan(w); L = tan(2*q)"))


@pytest.mark.parametrize("z", [40, 100, 300])
def test_where_fifty_digits_are_used_up_there_are_more(z):
    """1 - sigma(z) is 1/(1 + e^z): all its digits lie behind as many nines."""
    made = with_enough_digits(lambda: 1 - 1 / (1 + Number(-z).exp()))
    with mpmath.workdps(300):
        true = 1 / (1 + mpmath.exp(z))
        assert abs(mpmath.mpf(str(made.value)) - true) < true * mpmath.mpf(10) ** -15


def test_how_many_digits_are_kept_does_not_depend_on_who_asks():
    made = with_enough_digits(lambda: 1 / (1 - 1 / (1 + Number(-100).exp())))
    with working_with(200):
        inside = made.kept
    assert made.kept == inside
    assert len(inside.as_tuple().digits) > 140


def test_what_is_only_shown_is_never_called_changed_however_many_digits_it_took():
    neuron = net("1 sigmoid", loss="binary cross-entropy", X=[[100]], Y=[[0]], W=[[1]], b=0)
    trace = work(neuron, "display 3")
    assert trace["dCost/dYhat"].own.written[0, 0] == Number("2.68811714181614e43")
    assert [quantity.name for _, quantity in trace.quantities() if quantity.changed()] == []


def test_what_fails_for_want_of_digits_is_tried_with_more():
    """log(1 - sigma(100)) is the logarithm of nothing with fifty digits."""
    assert work(graph("z = 100; L = log(1 - sigma(z))"))["L"].written == pytest.approx(-100)
    with pytest.raises(NotFinite, match="log of zero"):
        work(graph("z = 1; L = log(1 - z)"))


def test_nothing_is_done_twice_where_digits_last():
    tries = []
    with_enough_digits(lambda: tries.append(third() - Number("0.25")))
    assert len(tries) == 1
    with_enough_digits(lambda: tries.append(third() * 3 - 1))
    assert len(tries) == 3


def test_digits_are_as_many_as_are_asked_for():
    with working_with(20):
        assert str(third().value) == "0." + "3" * 20
    assert str(third().value) == "0." + "3" * 50


# numbers that are none


@pytest.mark.parametrize(
    ("made", "value"),
    [
        (Number(1) / 0, math.inf),
        (Number(-1) / 0, -math.inf),
        (Number(0) ** -1, math.inf),
        (Number(1000).exp(), math.inf),
        (Number(0).log(), -math.inf),
        (Number("9e307") * 10, math.inf),
        ((Number(1) / 0).by("tanh"), 1),
    ],
)
def test_what_is_too_large_is_infinite_as_for_floats(made, value):
    assert float(made) == value
    assert made.is_finite == math.isfinite(value)


@pytest.mark.parametrize("made", [Number(0) / 0, Number(-1).log(), Number(-1).sqrt()])
def test_what_is_undefined_is_not_a_number_and_equals_nothing(made):
    assert math.isnan(float(made))
    assert [made == Number(0), made > 0, made < 0] == [False] * 3


@pytest.mark.parametrize("other", ["0.5", None, [1]])
def test_nothing_but_a_number_is_one(other):
    with pytest.raises(TypeError):
        Number(1) + other
    with pytest.raises(TypeError, match="is no number"):
        number(other)


# arrays


def test_arrays_of_decimal_numbers_work_like_others():
    W, X = to_numbers([[0.1, 0.6]]), to_numbers(np.array([[0, 1], [1, 1]]))
    assert is_decimal(W)
    assert not is_decimal(to_floats(W))
    assert to_floats(W @ X).tolist() == [[0.6, 0.7]]
    assert to_floats(2 * W - W * Number(2)).tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("value", "cut"), [(0.1, False), (1e22, False), (0.1 + 0.2, True), (np.float64(1) / 3, True)]
)
def test_a_float_with_all_its_digits_was_cut_off_itself(value, cut):
    assert (float(number(value)), number(value).cut) == (value, cut)


# what it is for


@pytest.mark.parametrize("pen", ["exact", "display 3"])
@pytest.mark.parametrize(
    "activation", ["relu", "leaky relu", "max(z, 0)", "abs(z)", "max(z, 0.01*z)"]
)
def test_a_kink_is_decided_by_the_numbers_and_not_by_their_binary_form(activation, pen):
    """0.1*3 - 0.3 is 0, although its floats differ."""
    neuron = net(f"1 {activation}", X=[[3]], Y=[[1]], W=[[0.1]], b=-0.3)
    at_zero = net(f"1 {activation}", X=[[0]], Y=[[1]], W=[[0.1]], b=0)
    assert work(neuron, pen)["Z"].written == 0
    assert work(neuron, pen)["dYhat/dZ"].written == work(at_zero, pen)["dYhat/dZ"].written


@pytest.mark.parametrize("loss", ["hinge", "absolute error", "max(0, 1 - y*yhat)"])
def test_a_loss_has_its_kink_where_paper_has_it(loss):
    kinked = net("1 identity", loss=loss, X=[[3]], Y=[[1]], W=[[0.4]], b=-0.2)
    assert work(kinked)["Yhat"].written == 1
    assert work(kinked)["dCost/dYhat"].written == 0


def test_a_gradient_that_is_nothing_moves_nothing():
    program = net(
        "1 identity", X=[[0.1, 0.2, -0.3]], Y=[[0, 0, 0]], W=[[0]], b=1, learning_rate=0.1,
        settings={"optimizer": "adam"},
    )  # fmt: skip
    trace = work(program)
    assert trace["dCost/dW"].written == 0
    assert trace["W'"].written == 0


def notes(program):
    """The notes on the first page of a program."""
    first = explain_trace(work(program)).pages[0]
    return [block.text for block in first.blocks if isinstance(block, Note)]


def test_a_large_program_is_worked_out_in_floats_and_says_so():
    rng = np.random.default_rng(0)
    small = net("3 tanh", X=rng.normal(size=(2, 5)), Y=np.zeros((3, 5)), W=rng.normal(size=(3, 2)))
    large = net("9 tanh", X=rng.normal(size=(60, 99)), Y=np.zeros((9, 99)), W=np.ones((9, 60)))
    assert work(small)["Cost"].is_decimal
    assert not work(large)["Cost"].is_decimal
    said = [any("float64" in text for text in notes(program)) for program in (small, large)]
    assert said == [False, True]
