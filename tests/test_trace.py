"""The tape: what is written forward, sent backward and updated, in the order of the pen."""

from dataclasses import replace

import numpy as np
import pytest

from tracer import graph, net, work
from tracer.errors import NotFinite, ShapeError, TracerError, UnknownName
from tracer.numbers.rounding import EXACT, Pen, parse_pen
from tracer.trace.quantity import Dictated, Hand
from tracer.trace.steps import BackwardStep, ForwardStep, GatherStep, UpdateStep
from tracer.trace.tape import Tape

CARRY, DISPLAY = Pen("carry", 3), Pen("display", 3)


def worked(program, hand, rounds=1):
    """A program worked out by one hand, with an update after every backward pass."""
    trace = Tape(program)
    for _ in range(rounds):
        trace.forward(hand)
        trace.backward(hand)
        trace.update(hand)
    return trace


def contributions(trace, name):
    """Through which value each contribution came, and what it was."""
    return [(c.through, c.product.written) for c in trace[name].contributions]


# a gradient is the sum of its contributions


@pytest.mark.parametrize(
    ("equations", "gradient", "came", "total"),
    [
        ("a = 2; b = 5; c = a*b; d = b + 1; e = c*d", "de/db", [("c", 12), ("d", 10)], 22),
        ("a = 2; b = 5; c = a*b; d = b + 1; e = c*d", "de/da", [("c", 30)], 30),
        ("a = 3; c = a*a", "dc/da", [("c", 3), ("c", 3)], 6),
        ("a = 3; c = a - a", "dc/da", [("c", 1), ("c", -1)], 0),
        ("a = 4; c = a/a", "dc/da", [("c", 0.25), ("c", -0.25)], 0),
        ("a = 2; b = 3; z = a*b + b*a + a", "dz/da", [("z", 3), ("z", 3), ("z", 1)], 7),
    ],
)
def test_a_gradient_is_the_sum_of_its_contributions(equations, gradient, came, total):
    trace = work(graph(equations))
    assert contributions(trace, gradient) == came
    assert trace[gradient].written == total


@pytest.mark.parametrize(
    ("equations", "gradient", "through"),
    [
        ("a = 2; b = a + 1; c = a*3; d = b*c; e = d + a", "de/da", ["b", "c", "e"]),
        ("a = 2; b = a*a; c = b*a; d = c*b", "dd/db", ["c", "d"]),
        ("a = 2; b = a*a; c = b*a; d = c*b", "dd/da", ["b", "b", "c"]),
        ("a = 2; e = a*d; d = a + c; c = a + 1", "de/da", ["c", "d", "e"]),
    ],
)
def test_contributions_are_in_the_order_of_the_uses(equations, gradient, through):
    """Although the last use is the first that the backward pass meets."""
    assert [name for name, _ in contributions(work(graph(equations)), gradient)] == through


def test_a_contribution_is_upstream_times_local(shared_input):
    first, second = work(shared_input)["de/db"].contributions
    assert (first.upstream.name, first.upstream.written) == ("de/dc", 6)
    assert (first.local.name, first.local.written) == ("dc/db", 2)
    assert (second.upstream.name, second.upstream.written) == ("de/dd", 10)
    assert (second.local.name, second.local.written) == ("dd/db", 1)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("dc/da through c", 3),
        ("dc/da through c#2", 3),
        ("local dc/da", 3),
        ("dc/da", 6),
    ],
)
def test_two_uses_in_one_operation_are_two_contributions(name, written):
    assert work(graph("a = 3; c = a*a"))[name].written == written


def test_two_uses_in_one_operation_have_two_local_gradients():
    """Of a**a: a * a**(a - 1) as the base, a**a * log(a) as the exponent."""
    trace = work(graph("a = 2; c = a**a"))
    locals_ = [contribution.local for contribution in trace["dc/da"].contributions]
    assert [q.written for q in locals_] == pytest.approx([4, 4 * np.log(2)])
    kept = [quantity for _, quantity in trace.quantities()]
    assert all(any(quantity is local for quantity in kept) for local in locals_)


def test_what_does_not_lead_to_the_end_gets_no_gradient():
    trace = work(graph("a = 2; b = 3; c = a*b; d = a + 1"))
    assert "dd/da" in trace
    assert "dd/db" not in trace


def test_gradients_start_where_they_are_asked_to(shared_input):
    trace = Tape(shared_input)
    trace.forward()
    trace.backward(of="c")
    assert (trace["dc/da"].written, trace["dc/db"].written) == (5, 2)
    assert "dc/dd" not in trace


def test_steps_are_in_the_order_of_the_pen(shared_input):
    trace = work(shared_input)
    assert [
        (type(step).__name__, step.equation.output if hasattr(step, "equation") else "")
        for step in trace.steps()
    ] == [
        ("ForwardStep", "c"),
        ("ForwardStep", "d"),
        ("ForwardStep", "e"),
        ("BackwardStep", "e"),
        ("BackwardStep", "d"),
        ("BackwardStep", "c"),
        ("GatherStep", ""),
    ]
    assert trace.steps()[-1].gradient is trace["de/db"]


def test_an_iteration_is_forward_then_backward_then_update(or_batch):
    kinds = [type(step) for step in work(or_batch).steps()]
    assert kinds == [ForwardStep] * 3 + [BackwardStep] * 3 + [UpdateStep] * 2
    assert GatherStep not in kinds


# names


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("A[1]", "Yhat"),
        ("A", "Yhat"),
        ("Ŷ", "Yhat"),
        ("W[1]", "W"),
        ("Z[1]", "Z"),
        ("b[1]", "b"),
        ("∂Cost/∂Ŷ", "dCost/dYhat"),
        ("dCost/dA[1]", "dCost/dYhat"),
        ("∂Cost/∂W[1]", "dCost/dW"),
        ("dA[1]/dZ[1]", "dYhat/dZ"),
        ("local dA[1]/dZ[1]", "dYhat/dZ"),
        ("dCost/dZ[1] through A[1]", "dCost/dZ"),
        ("W′", "W'"),
        ("W@1", "W'"),
        ("Z@0", "Z"),
    ],
)
def test_one_quantity_has_several_names(or_batch, spelled, name):
    found, same = work(or_batch)[spelled], work(or_batch)[name]
    assert np.array_equal(found.exact, same.exact)
    assert spelled in work(or_batch)


@pytest.mark.parametrize(
    ("spelled", "name"),
    [("A[2]", "Yhat"), ("dCost/dA[2]", "dCost/dYhat"), ("dA[2]/dZ[2]", "dYhat/dZ[2]")],
)
def test_the_last_activation_is_the_prediction(xor_hidden, spelled, name):
    trace = work(xor_hidden)
    assert trace[spelled] is trace[name]


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("X[2,4]", 1),
        ("W[1,2]", 0.6),
        ("W[1][1,2]", 0.6),
        ("Z[1,4]", 0.7),
        ("b[1,1]", 0),
        ("Cost[1,1]", 0.089),
        ("dCost/dW[1,2]", -0.038),
        ("dCost/dZ[1][1,3]", -0.03),
        ("dZ/dW[3,1]", 1),
        ("Cost.squares[1,3]", 0.226),
        ("W'[1,2]", 0.638),
        ("Z[1,3]@1", 0.185),
    ],
)
def test_entries_count_from_one(or_batch, name, entry):
    assert work(or_batch, "carry 3", iterations=2)[name].written == entry


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("W[2,1]", "W[2,1] does not exist: W is (1 x 2) and its entries count from 1"),
        ("W[0,1]", "W[0,1] does not exist: W is (1 x 2) and its entries count from 1"),
        (
            "Cost[1,2]",
            "Cost[1,2] does not exist: Cost is a single number and its entries count from 1",
        ),
        ("dCost/dw", "dCost/dw is not on this page; did you mean 'dCost/dW'?"),
        ("Yhad", "Yhad is not on this page; did you mean 'Yhat'?"),
        (
            "dCost/dX",
            "dCost/dX is not on this page; data gets a gradient only with ':data-gradients: yes'",
        ),
        (
            "Cost.cubes",
            "Cost.cubes is not written on the way to Cost; known here: errors, squares, sum",
        ),
        ("W + b", "'W + b' is not a name, expected one such as Z, W[1][2,3] or dCost/dW"),
    ],
)
def test_an_unknown_name_gives_the_way_out(or_batch, name, fault):
    trace = work(or_batch)
    with pytest.raises(UnknownName) as unknown:
        trace[name]
    assert str(unknown.value) == fault
    assert name not in trace


@pytest.mark.parametrize("name", ["Z@1", "W@2", "Cost@9"])
def test_an_epoch_that_was_not_reached_is_not_on_the_page(or_batch, name):
    with pytest.raises(UnknownName, match="is not on this page"):
        work(or_batch)[name]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Cost.errors", "-0.5 0.354 0.475 0.332"),
        ("Cost.squares", "0.25 0.125 0.226 0.11"),
        ("Cost.sum", "0.711"),
        ("local dCost/dYhat.errors", "-0.5 0.354 0.475 0.332"),
        ("dYhat/dZ.complement", "0.5 0.354 0.475 0.332"),
        ("W'.step", "-0.048 -0.038"),
    ],
)
def test_what_is_written_on_the_way_has_a_name(or_batch, digits, name, written):
    assert digits(work(or_batch, "carry 3")[name]) == written


# three ways of writing, with the article's numbers


OR_BY_HAND = [
    # Figs 42, 43
    ("Z", "0 0.6 0.1 0.7"),
    ("Yhat", "0.5 0.646 0.525 0.668"),
    ("Cost.sum", "0.711"),
    ("Cost", "0.089"),
    # Figs 44a-c
    ("dCost/dYhat", "0.125 -0.089 -0.119 -0.083"),
    ("dYhat/dZ", "0.25 0.229 0.249 0.222"),
    ("dCost/dZ", "0.031 -0.02 -0.03 -0.018"),
    ("dCost/dW", "-0.048 -0.038"),
    ("dCost/db", "-0.037"),
    # Figs 45-47
    ("W'", "0.148 0.638"),
    ("b'", "0.037"),
    ("Z@1", "0.037 0.675 0.185 0.823"),
    ("Yhat@1", "0.509 0.663 0.546 0.695"),
    ("Cost.sum@1", "0.672"),
    ("Cost@1", "0.084"),
]


@pytest.mark.parametrize(("name", "printed"), OR_BY_HAND)
def test_carry_gives_the_numbers_of_the_or_batch(or_batch, digits, name, printed):
    assert digits(work(or_batch, "carry 3", iterations=2)[name]) == printed


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("dCost/dW", "-0.048 -0.039"),
        # the text after Fig 47
        ("dCost/dW@1", "-0.044 -0.035"),
        ("dCost/db@1", "-0.031"),
    ],
)
def test_display_rounds_the_exact_numbers(or_batch, digits, name, printed):
    trace = work(or_batch, "display 3", iterations=2)
    assert digits(trace[name]) == printed
    assert np.array_equal(trace[name].used, trace[name].exact)


def test_exact_writes_in_full(or_batch):
    slope = work(or_batch)["dCost/dW[1,2]"]
    assert slope.written == slope.used == slope.exact == pytest.approx(-0.0386588238168)


def test_the_exact_run_stands_beside_the_written_one(or_batch):
    by_hand, exact = work(or_batch, "carry 3", iterations=2), work(or_batch, iterations=2)
    for (epoch, one), (same_epoch, other) in zip(
        by_hand.quantities(), exact.quantities(), strict=True
    ):
        assert (epoch, one.name) == (same_epoch, other.name)
        assert np.array_equal(one.exact, other.written)


def test_what_is_carried_is_what_was_written(or_batch):
    for _, quantity in work(or_batch, "carry 3").quantities():
        assert np.array_equal(quantity.used, quantity.written)


def test_carrying_changes_a_digit_of_the_gradient(or_batch):
    slope = work(or_batch, "carry 3")["dCost/dW"]
    assert slope.changed() == [(1, 2)]
    assert work(or_batch, "display 3")["dCost/dW"].changed() == []


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        # Figs 71-73, in display mode
        ("Z", "0 0.6 0.1 0.9"),
        ("Yhat", "0.5 0.646 0.525 0.711"),
        ("Cost", "0.138"),
        ("dCost/dYhat", "0.125 -0.089 -0.119 0.178"),
        ("dCost/dZ", "0.031 -0.02 -0.03 0.037"),
        ("dCost/dW", "0.007 0.016 0.037"),
        ("dCost/db", "0.018"),
        ("W'", "0.093 0.584 0.163"),
        ("b'", "-0.018"),
    ],
)
def test_display_gives_the_numbers_of_the_feature_cross(digits, name, printed):
    X, Y = [[0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 0, 1]], [[0, 1, 1, 0]]
    program = net("1 sigmoid", X=X, Y=Y, W=[[0.1, 0.6, 0.2]], b=0, learning_rate=1)
    assert digits(work(program, "display 3")[name]) == printed


def by_the_author(program):
    """Figs 79-82: 0.6 written for sigma(0.4) = 0.599, and one table in display mode."""
    slip = Dictated(0.6, (2, 2), "sigma(0.4) is 0.599")
    hand = Hand(CARRY, {"dA[1]/dZ[1]": DISPLAY}, slips={"A[1]": (slip,)})
    return worked(program, hand)


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("A[1]", "0.5 0.646 0.525 0.668; 0.5 0.6 0.55 0.646; 0.5 0.668 0.574 0.731"),
        ("Z[2]", "0.7 0.906 0.789 0.983"),
        ("Yhat", "0.668 0.712 0.688 0.728"),
        ("Cost", "0.145"),
        ("dCost/dYhat", "0.167 -0.072 -0.078 0.182"),
        ("dYhat/dZ[2]", "0.222 0.205 0.215 0.198"),
        ("dCost/dZ[2]", "0.037 -0.015 -0.017 0.036"),
        ("dCost/dW[2]", "0.024 0.023 0.025"),
        ("dCost/db[2]", "0.041"),
        (
            "dCost/dA[1]",
            "0.004 -0.002 -0.002 0.004; 0.015 -0.006 -0.007 0.014; 0.033 -0.014 -0.015 0.032",
        ),
        ("dA[1]/dZ[1]", "0.25 0.229 0.249 0.222; 0.25 0.24 0.248 0.229; 0.25 0.222 0.244 0.197"),
        ("dCost/dZ[1]", "0.001 0 0 0.001; 0.004 -0.001 -0.002 0.003; 0.008 -0.003 -0.004 0.006"),
        ("dCost/dW[1]", "0.001 0.001; 0.001 0.002; 0.002 0.003"),
        ("dCost/db[1]", "0.002; 0.004; 0.007"),
        ("W[2]'", "0.076 0.377 0.875"),
        ("b[2]'", "-0.041"),
        ("W[1]'", "0.099 0.599; 0.199 0.398; 0.298 0.697"),
        ("b[1]'", "-0.002; -0.004; -0.007"),
    ],
)
def test_a_hidden_layer_with_the_authors_slip(xor_hidden, digits, name, printed):
    assert digits(by_the_author(xor_hidden)[name]) == printed


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        # Fig 83
        ("dCost/dW[2]@1", "0.023 0.022 0.024"),
        ("dCost/db[2]@1", "0.039"),
        ("dCost/dW[1]@1", "0 0; 0.001 0.002; 0.002 0.003"),
        ("dCost/db[1]@1", "0.001; 0.003; 0.007"),
    ],
)
def test_the_second_iteration_is_shown_from_the_exact_run(xor_hidden, digits, name, printed):
    assert digits(work(xor_hidden, "display 3", iterations=2)[name]) == printed


# one quantity displayed where the rest is carried


def test_a_displayed_quantity_is_carried_on(xor_hidden):
    displayed, carried = by_the_author(xor_hidden), work(xor_hidden, "carry 3")
    assert carried["dA[1]/dZ[1][3,3]"].written == 0.245
    shown = displayed["dA[1]/dZ[1][3,3]"]
    assert (shown.written, shown.used) == (0.244, 0.244)
    assert shown.exact == pytest.approx(0.24446, abs=1e-5)


def test_elsewhere_a_displayed_quantity_goes_on_exactly():
    program = graph("a = 1; b = a/3; c = b*3")
    assert work(program, "display 2")["c"].written == 1
    assert work(program, "carry 2")["c"].written == 0.99


# slips


def test_a_slip_is_written_and_used_and_the_exact_run_does_not_know_it():
    trace = Tape(graph("a = 2; b = a + 1; c = b*10"))
    trace.forward(Hand(CARRY, slips={"b": (Dictated(4.0, None, "counted wrong"),)}))
    b, c = trace["b"], trace["c"]
    assert (b.exact, b.written, b.used) == (3, 4, 4)
    assert (c.exact, c.written, c.slips) == (30, 40, ())
    (slip,) = b.slips
    assert (slip.wrote, slip.due, slip.reason) == (4, 3, "counted wrong")


@pytest.mark.parametrize("pen", [EXACT, DISPLAY, CARRY])
def test_a_slip_is_used_with_every_pen(pen):
    trace = Tape(graph("a = 2; b = a + 1; c = b*10"))
    trace.forward(Hand(pen, slips={"b": (Dictated(4.0, None, "counted wrong"),)}))
    assert trace["b"].used == 4


def test_slips_of_several_entries(or_batch, digits):
    trace = Tape(or_batch)
    slips = (Dictated(0.6, (1, 2), "one"), Dictated(0.7, (1, 4), "two"))
    trace.forward(Hand(CARRY, slips={"Yhat": slips}))
    assert digits(trace["Yhat"]) == "0.5 0.6 0.525 0.7"
    said = [(one.entry, one.due, one.wrote, one.reason) for one in trace["Yhat"].slips]
    assert said == [((1, 2), 0.646, 0.6, "one"), ((1, 4), 0.668, 0.7, "two")]
    assert trace["Yhat[1,2]"].exact == pytest.approx(0.6456563)


def test_a_whole_matrix_can_be_dictated(or_batch, digits):
    trace = Tape(or_batch)
    trace.forward(Hand(CARRY, slips={"Z": (Dictated(np.ones((1, 4)), None, "all ones"),)}))
    assert digits(trace["Yhat"]) == "0.731 0.731 0.731 0.731"


def test_a_dictated_matrix_has_the_right_shape(or_batch):
    hand = Hand(CARRY, slips={"Z": (Dictated(np.ones((4, 1)), None, ""),)})
    with pytest.raises(ShapeError, match=r"Z is \(1 x 4\), but \(4 x 1\) is dictated"):
        Tape(or_batch).forward(hand)


@pytest.mark.parametrize("entry", [(2, 1), (1, 5), (0, 1), (1, 0)])
def test_a_dictated_entry_exists(or_batch, entry):
    hand = Hand(CARRY, slips={"Z": (Dictated(0.5, entry, ""),)})
    with pytest.raises(TracerError, match=r"Z is \(1 x 4\)"):
        Tape(or_batch).forward(hand)


def test_a_slip_in_a_gradient_leaves_the_local_gradient_right():
    """Both are called dc/da, and the sum is what was written wrongly."""
    hand = Hand(slips={"dc/da": (Dictated(7.0, None, "added wrong"),)})
    trace = Tape(graph("a = 3; c = a*a"))
    trace.forward(hand)
    trace.backward(hand)
    assert trace["dc/da"].written == 7
    assert contributions(trace, "dc/da") == [("c", 3), ("c", 3)]


# what is typed in


@pytest.mark.parametrize(
    ("name", "typed"), [("X", 0.12345), ("W", 0.98765), ("b", 0.00049), ("Y", 0.5555)]
)
def test_typed_in_numbers_are_never_rounded(name, typed):
    program = net("1 sigmoid", X=[[0.12345]], Y=[[0.5555]], W=[[0.98765]], b=0.00049)
    quantity = work(program, "carry 3")[name].entry(1, 1)
    assert quantity.written == quantity.used == typed
    assert quantity.digits(typed) == str(typed)


def test_bare_copies_of_typed_in_numbers_are_not_rounded(digits):
    trace = work(net("1 sigmoid", X=[[0.12345, 1]], Y=[[0, 1]], W=[[1]]), "carry 3")
    assert digits(trace["dZ/dW"]) == "0.12345; 1"


def test_numbers_in_an_equation_are_not_rounded():
    trace = work(graph("x = 2; c = 0.1234*x; d = 0.0004 + c"), "carry 3")
    assert trace["local dc/dx"].written == 0.1234
    assert trace["c"].written == 0.247
    assert trace["d"].written == 0.247
    assert work(graph("x = 2; d = 10000*x*0.0001"), "carry 3")["d"].written == 2


def test_the_learning_rate_is_not_rounded():
    trace = work(graph("x = 1; c = 100*x", learning_rate=0.0123456), "carry 3")
    assert trace["x'.step"].written == 1.235
    assert trace["x'"].written == -0.235


def test_what_is_computed_from_an_updated_parameter_is_rounded(or_batch, digits):
    trace = work(or_batch, "carry 2", iterations=2)
    assert digits(trace["W'"]) == digits(trace["W@1"])
    assert not trace["W'"].given
    assert trace["X@1"].given


# data


def test_no_gradient_is_sent_to_the_data(or_batch):
    trace = work(or_batch)
    assert "dCost/dX" not in trace
    assert "dCost/dY" not in trace
    backward = [step for step in trace.steps() if isinstance(step, BackwardStep)]
    assert {s.equation.output: s.kept_from for s in backward} == {
        "Cost": ("Y",),
        "Yhat": (),
        "Z": ("X",),
    }


def test_data_of_a_graph_are_named():
    trace = work(graph("w = 2; x = 3; c = w*x", data=["x"]))
    assert "dc/dw" in trace
    assert "dc/dx" not in trace


def test_data_are_not_updated():
    trace = work(graph("w = 2; x = 3; c = w*x", learning_rate=1, data=["x"]))
    assert (trace["w'"].written, trace["x'"].written) == (-1, 3)


def test_a_value_gets_a_gradient_and_is_not_learned():
    program = graph("w = 2; x = 3; c = w*x", learning_rate=1)
    w, x = program.leaves
    trace = work(replace(program, leaves=(w, replace(x, role="value"))))
    assert trace["dc/dx"].written == 2
    assert (trace["w'"].written, trace["x'"].written) == (-1, 3)


def test_a_parameter_without_a_gradient_stays_as_it_is():
    assert work(graph("a = 2; b = 3; c = a*a", learning_rate=1))["b'"].written == 3


# what is refused


def test_a_name_is_written_once(or_batch):
    trace = Tape(or_batch)
    trace.forward()
    with pytest.raises(TracerError, match="an update comes before the next one"):
        trace.forward()


def test_a_gradient_is_written_once(or_batch):
    trace = Tape(or_batch)
    trace.forward()
    trace.backward()
    with pytest.raises(TracerError):
        trace.backward()


def test_an_update_needs_a_learning_rate(shared_input):
    trace = Tape(shared_input)
    trace.forward()
    trace.backward()
    with pytest.raises(TracerError) as refused:
        trace.update()
    assert str(refused.value) == (
        "no learning rate is set, expected one, as in ':learning-rate: 1'"
    )


@pytest.mark.parametrize("forward", [False, True])
def test_an_update_comes_after_a_backward_pass(or_batch, forward):
    trace = Tape(or_batch)
    if forward:
        trace.forward()
    with pytest.raises(TracerError, match="a backward pass comes first"):
        trace.update()


def test_an_update_needs_the_gradients_of_the_end():
    trace = Tape(graph("a = 2; b = a*a; c = b + 1", learning_rate=0.1))
    trace.forward()
    trace.backward(of="b")
    with pytest.raises(TracerError):
        trace.update()


def test_backward_comes_after_forward(or_batch):
    with pytest.raises(TracerError, match="a forward pass comes first"):
        Tape(or_batch).backward()


def test_gradients_start_from_a_single_number(or_batch):
    trace = Tape(or_batch)
    trace.forward()
    with pytest.raises(ShapeError) as refused:
        trace.backward(of="Z")
    assert str(refused.value) == (
        "Z is (1 x 4); gradients start from a single number, such as a loss"
    )


@pytest.mark.parametrize(
    ("equations", "fault"),
    [
        (
            "a = 0; b = log(a); c = b + 1",
            "b is infinite, expected a finite number; it comes from a = 0: log of zero",
        ),
        (
            "a = -1; b = log(a)",
            "b is not a number, expected a finite number; it comes from a = -1: log of -1, which "
            "is negative",
        ),
        (
            "a = 1000; b = exp(a); c = 1/b",
            "b is infinite, expected a finite number; it comes from a = 1000: e^1000 overflows",
        ),
        (
            "a = 2; d = 0; b = a/d",
            "b is infinite, expected a finite number; it comes from a = 2, d = 0: division by zero",
        ),
        (
            "a = 0; b = 3/a",
            "b is infinite, expected a finite number; it comes from a = 0: division by zero",
        ),
        (
            "a = 0; b = a**0.5",
            "db/da is infinite, expected a finite number; it comes from a = 0: zero to a negative "
            "power",
        ),
        (
            "a = -8; b = 0.5; c = a**b",
            "c is not a number, expected a finite number; it comes from a = -8, b = 0.5: a broken "
            "power of a negative number",
        ),
    ],
)
@pytest.mark.parametrize("pen", ["exact", "display 3", "carry 3"])
def test_infinity_is_reported_at_the_first_step(equations, fault, pen):
    with pytest.raises(NotFinite) as reported:
        work(graph(equations), pen)
    assert str(reported.value) == fault


def test_what_rounding_makes_infinite_is_reported_too():
    program = graph("a = 0.0004; b = a*1; c = 1/b")
    assert work(program)["c"].written == 2500
    with pytest.raises(
        NotFinite, match="c is infinite, expected a finite number; it comes from b = 0"
    ):
        work(program, "carry 3")


def test_sigmoid_saturates_without_overflow():
    program = net("1 sigmoid", X=[[-1000, 1000]], Y=[[1, 1]], W=[[1]])
    assert work(program)["Yhat"].written.tolist() == [[0, 1]]


# records


def test_records_hold_plain_numbers(or_batch, shared_input):
    assert type(work(shared_input)["de/db"].written) is float
    trace = work(or_batch, "carry 3")
    for name in ("Cost", "W[1,2]", "dCost/dW[1,2]", "Cost.sum"):
        quantity = trace[name]
        assert {type(quantity.exact), type(quantity.written), type(quantity.used)} == {float}


def test_what_was_written_cannot_be_changed(or_batch):
    trace = work(or_batch, "carry 3")
    for name in ("X", "Z", "dCost/dW", "W'"):
        with pytest.raises(ValueError, match="read-only"):
            trace[name].written[0, 0] = 1


def test_a_quantity_shows_both_its_numbers(or_batch):
    assert repr(work(or_batch, "carry 3")["dCost/dW[1,2]"]) == (
        "dCost/dW[1,2] = -0.038 (exactly -0.0386588238168)"
    )


@pytest.mark.parametrize("words", ["exact", "display 2", "carry 4 significant"])
def test_the_same_work_twice_gives_the_same_trace(xor_hidden, words):
    first, second = (
        [(epoch, str(q)) for epoch, q in work(xor_hidden, parse_pen(words), 2).quantities()]
        for _ in range(2)
    )
    assert first == second
