"""The layers of Part II: the article's interface, its formulas, and its training logs.

What a layer must do is written out here once more in NumPy, from the formulas of the article:
Z = W . A_prev + b, A = sigma(Z), dZ = upstream * A * (1 - A), dW = dZ . A_prev^T, db the sum of dZ
over the examples, dA_prev = W^T . dZ, and W - alpha * dW.
"""

import functools
import re
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tracer import net
from tracer.errors import ShapeError, TracerError
from tracer.layers import LinearLayer, SigmoidLayer, compute_cost, initialize_parameters, predict
from tracer.lesson.directive import Passage
from tracer.lesson.home import load
from tracer.training.run import train
from tracer.written.text import text

ROOT = Path(__file__).parent.parent
PUBLISHED = (Path(__file__).parent / "nothing-but-numpy.toml").read_text(encoding="utf-8")
LOGS = {log["id"]: log for log in tomllib.loads(PUBLISHED)["log"]}
X = np.array([[0, 0, 1, 1], [0, 1, 0, 1]])
Y = np.array([[0, 1, 1, 0]])
CROSSED = np.vstack([X, X[0] * X[1]])

# features, neurons, examples
SHAPES = [(2, 1, 4), (2, 3, 4), (3, 1, 4), (5, 3, 1), (1, 1, 1), (7, 4, 30)]


def linear(n_in, n_out, m, tape=None):
    """A linear layer with weights and bias from a bell curve, and data for it."""
    random = np.random.default_rng(n_in + 10 * n_out + 100 * m)
    layer = LinearLayer((n_in, m), n_out, tape=tape)
    layer.params = {"W": random.normal(size=(n_out, n_in)), "b": random.normal(size=(n_out, 1))}
    return layer, random.normal(size=(n_in, m)), random.normal(size=(n_out, m))


# one layer, one pass


@pytest.mark.parametrize("shape", SHAPES)
def test_forward_is_the_weighted_sum_and_the_bias_for_every_example(shape):
    layer, A_prev, _ = linear(*shape)
    layer.forward(A_prev)
    W, b = layer.params["W"], layer.params["b"]
    for i, k in np.ndindex(layer.Z.shape):
        by_hand = sum(W[i, j] * A_prev[j, k] for j in range(shape[0])) + b[i, 0]
        assert layer.Z[i, k] == pytest.approx(by_hand, rel=1e-12)
    assert layer.Z.shape == (shape[1], shape[2])


@pytest.mark.parametrize("shape", SHAPES)
def test_backward_gives_weights_bias_and_the_layer_before_their_gradients(shape):
    layer, A_prev, upstream = linear(*shape)
    layer.forward(A_prev)
    layer.backward(upstream)
    m = range(shape[2])
    one_by_one = [np.outer(upstream[:, k], A_prev[:, k]) for k in m]
    assert layer.dW == pytest.approx(np.sum(one_by_one, axis=0), rel=1e-10, abs=1e-12)
    assert layer.db == pytest.approx(np.array([[sum(row)] for row in upstream]), rel=1e-10)
    back = [[sum(layer.params["W"][:, j] * upstream[:, k]) for k in m] for j in range(shape[0])]
    assert layer.dA_prev == pytest.approx(np.array(back), rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_gradient_has_the_shape_of_what_it_belongs_to(shape):
    layer, A_prev, upstream = linear(*shape)
    layer.forward(A_prev)
    layer.backward(upstream)
    W, b = layer.params["W"], layer.params["b"]
    assert [layer.dW.shape, layer.db.shape, layer.dA_prev.shape] == [W.shape, b.shape, A_prev.shape]


@pytest.mark.parametrize("rate", [{}, {"learning_rate": 1}, {"learning_rate": 0.03}])
def test_update_takes_one_step_against_the_gradients_0_1_unless_told_otherwise(rate):
    layer, A_prev, upstream = linear(2, 3, 4)
    W, b = layer.params["W"].copy(), layer.params["b"].copy()
    layer.forward(A_prev)
    layer.backward(upstream)
    assert np.array_equal(layer.params["W"], W), "backward moves nothing"
    layer.update_params(**rate)
    alpha = rate.get("learning_rate", 0.1)
    assert layer.params["W"] == pytest.approx(W - alpha * layer.dW, rel=1e-14)
    assert layer.params["b"] == pytest.approx(b - alpha * layer.db, rel=1e-14)


@pytest.mark.parametrize(("neurons", "m"), [(1, 4), (3, 4), (4, 30)])
def test_a_sigmoid_layer_squeezes_each_entry_and_passes_a_times_1_minus_a_back(neurons, m):
    Z = np.random.default_rng(m).normal(size=(neurons, m), scale=3)
    upstream = np.random.default_rng(m + 1).normal(size=(neurons, m))
    layer = SigmoidLayer((neurons, m))
    layer.forward(Z)
    layer.backward(upstream)
    squeezed = 1 / (1 + np.exp(-Z))
    assert np.allclose(layer.A, squeezed, rtol=1e-14, atol=0)
    assert layer.dZ == pytest.approx(upstream * squeezed * (1 - squeezed), rel=1e-12)


def test_a_sigmoid_is_0_or_1_far_out_and_warns_of_nothing():
    layer = SigmoidLayer((1, 3))
    layer.forward(np.array([[-1000.0, 0.0, 1000.0]]))
    assert layer.A.tolist() == [[0, 0.5, 1]]


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (3, 4), (2, 100)])
def test_the_cost_is_half_the_mean_of_the_squares_and_its_gradient_holds_the_1_over_m(shape):
    random = np.random.default_rng(shape[1])
    Y, Y_hat = random.integers(0, 2, shape), random.uniform(size=shape)
    cost, dY_hat = compute_cost(Y, Y_hat)
    m = shape[1]
    assert cost == pytest.approx(np.square(Y - Y_hat).sum() / (2 * m), rel=1e-13)
    assert dY_hat == pytest.approx(-(Y - Y_hat) / m, rel=1e-13)
    assert type(cost) is float


def test_the_or_gate_by_hand_and_by_layers():
    """The exercise of the lesson: Figs 42 to 45, to three decimals and without rounding between."""
    linear, sigmoid = LinearLayer((2, 4), 1), SigmoidLayer((1, 4))
    linear.params = {"W": np.array([[0.1, 0.6]]), "b": np.array([[0.0]])}
    linear.forward(X)
    sigmoid.forward(linear.Z)
    cost, dY_hat = compute_cost(np.array([[0, 1, 1, 1]]), sigmoid.A)
    sigmoid.backward(dY_hat)
    linear.backward(sigmoid.dZ)
    linear.update_params(learning_rate=1)
    assert sigmoid.A.round(3).tolist() == [[0.5, 0.646, 0.525, 0.668]]
    assert round(cost, 3) == 0.089
    assert sigmoid.dZ.round(3).tolist() == [[0.031, -0.02, -0.03, -0.018]]
    assert linear.dW.round(3).tolist() == [[-0.048, -0.039]]
    assert linear.params["W"].round(3).tolist() == [[0.148, 0.639]]
    assert linear.params["b"].round(3).tolist() == [[0.037]]


# random weights


@pytest.mark.parametrize(
    ("ini_type", "scaled"),
    [
        ("plain", lambda drawn, n: drawn * 0.01),
        ("xavier", lambda drawn, n: drawn / np.sqrt(n)),
        ("he", lambda drawn, n: drawn * np.sqrt(2 / n)),
    ],
)
@pytest.mark.parametrize(("n_in", "n_out"), [(2, 3), (3, 1), (5, 4)])
def test_parameters_are_the_numbers_that_numpy_draws_scaled(n_in, n_out, ini_type, scaled):
    np.random.seed(48)
    drawn = np.random.randn(n_out, n_in)
    np.random.seed(48)
    params = initialize_parameters(n_in, n_out, ini_type)
    assert np.array_equal(params["W"], scaled(drawn, n_in))
    assert params["b"].tolist() == [[0.0]] * n_out


def test_plain_is_drawn_unless_told_otherwise():
    np.random.seed(48)
    layer = LinearLayer((2, 4), 3)
    np.random.seed(48)
    assert np.array_equal(layer.params["W"], 0.01 * np.random.randn(3, 2))


def test_layers_draw_one_after_the_other_from_numpys_own_numbers():
    np.random.seed(48)
    first, second = LinearLayer((2, 4), 3, "he"), LinearLayer((3, 4), 1, "he")
    np.random.seed(48)
    assert np.array_equal(first.params["W"], np.random.randn(3, 2) * np.sqrt(2 / 2))
    assert np.array_equal(second.params["W"], np.random.randn(1, 3) * np.sqrt(2 / 3))


@pytest.mark.parametrize("n_in", [2, 10, 100])
@pytest.mark.parametrize(
    ("ini_type", "variance"),
    [("plain", lambda n: 0.0001), ("xavier", lambda n: 1 / n), ("he", lambda n: 2 / n)],
)
def test_over_many_draws_the_variance_is_what_the_method_promises(n_in, ini_type, variance):
    random = np.random.RandomState(48)
    W = initialize_parameters(n_in, 200_000 // n_in, ini_type, random)["W"]
    # the variance of N numbers from a bell curve strays by a factor of about sqrt(2/N)
    assert W.var() == pytest.approx(variance(n_in), rel=5 * np.sqrt(2 / 200_000))
    assert abs(W.mean()) < 5 * np.sqrt(variance(n_in) / 200_000)


def test_a_generator_of_ones_own_leaves_numpys_alone():
    np.random.seed(48)
    expected = np.random.rand()
    np.random.seed(48)
    initialize_parameters(2, 3, "he", np.random.RandomState(7))
    assert np.random.rand() == expected


@pytest.mark.parametrize(
    ("ini_type", "way_out"),
    [
        ("xaviar", "did you mean 'xavier'"),
        ("He", "did you mean 'he'"),
        ("zeros", "known here: plain, xavier, he"),
    ],
)
def test_another_way_to_draw_is_refused_with_the_nearest(ini_type, way_out):
    with pytest.raises(TracerError, match=f"ini_type '{ini_type}' is not known; {way_out}"):
        LinearLayer((2, 4), 3, ini_type)


# the article's training loop


def network(x, sizes, ini_type):
    """Layers for data, from the seed 48."""
    np.random.seed(48)
    shapes = [(n, x.shape[1]) for n in (x.shape[0], *sizes)]
    linears = [LinearLayer(a, b[0], ini_type=ini_type) for a, b in pairwise(shapes)]
    return linears, [SigmoidLayer(layer.Z.shape) for layer in linears]


def one_epoch(x, y, linears, sigmoids, learning_rate=1):
    """Forward, backward, update, as in the article's loop; the cost before the update."""
    A = x
    for each, activation in zip(linears, sigmoids, strict=True):
        each.forward(A)
        activation.forward(each.Z)
        A = activation.A
    cost, gradient = compute_cost(y, A)
    for each, activation in zip(reversed(linears), reversed(sigmoids), strict=True):
        activation.backward(gradient)
        each.backward(activation.dZ)
        gradient = each.dA_prev
    for each in linears:
        each.update_params(learning_rate=learning_rate)
    return cost


@pytest.mark.parametrize(
    ("log", "x", "sizes", "ini_type"),
    [
        ("two-layer XOR", X, (3, 1), "xavier"),
        ("three-layer XOR", X, (5, 3, 1), "xavier"),
        ("feature-cross XOR", CROSSED, (1,), "plain"),
    ],
)
def test_the_loop_prints_the_published_log_and_answers_right(log, x, sizes, ini_type):
    linears, sigmoids = network(x, sizes, ini_type)
    costs = [one_epoch(x, Y, linears, sigmoids) for _ in range(5000)]
    for epoch, printed in LOGS[log]["cost"].items():
        assert costs[int(epoch)] == pytest.approx(printed, rel=1e-13), f"epoch {epoch}"
    labels, activations, accuracy = predict(x, Y, linears, sigmoids)
    assert labels.tolist() == LOGS["two-layer XOR"]["predictions"]
    assert accuracy == 100 * LOGS["two-layer XOR"]["accuracy"]
    assert (activations > 0.5).tolist() == [[False, True, True, False]]


def test_the_three_logs_have_27_costs():
    assert sum(len(log["cost"]) for log in LOGS.values()) == 27


def test_another_seed_or_another_order_of_drawing_would_be_noticed():
    linears, sigmoids = network(X, (3, 1), "xavier")
    linears[0].params["W"] = linears[0].params["W"][::-1]
    cost = one_epoch(X, Y, linears, sigmoids)
    assert cost != pytest.approx(LOGS["two-layer XOR"]["cost"]["0"], rel=1e-13)


@pytest.mark.parametrize(("sizes", "epochs"), [((1,), 200), ((3, 1), 200), ((5, 3, 1), 100)])
def test_layers_and_a_trained_network_agree_to_the_last_bit(sizes, epochs):
    linears, sigmoids = network(X, sizes, "xavier")
    W = [each.params["W"] for each in linears]
    b = [each.params["b"] for each in linears]
    program = net(
        ", ".join(f"{size} sigmoid" for size in sizes),
        X=X,
        Y=Y,
        W=W if len(W) > 1 else W[0],
        b=b if len(b) > 1 else b[0],
        learning_rate=1,
    )
    run = train(program, epochs)
    assert [one_epoch(X, Y, linears, sigmoids) for _ in range(epochs)] == run.costs.tolist()
    for number, each in enumerate(linears, 1):
        mark = f"[{number}]" if len(sizes) > 1 else ""
        assert np.array_equal(each.params["W"], run.parameters()[f"W{mark}"])
        assert np.array_equal(each.params["b"], run.parameters()[f"b{mark}"])


# lesson, which of its programs, what stands before a number there, and its digits in the lesson
PRINTED = [
    ("modular-layers", 0, "Cost at epoch#4600:", "0.001018305488651"),
    (
        "modular-layers",
        0,
        "The predicted outputs: [[0. 1. 1. 0.]]\nThe accuracy of the model is:",
        "100",
    ),
    ("modular-layers", 1, "", "0.00089269"),
    ("why-random-weights", 0, "2 plain", "0.000100"),
    ("why-random-weights", 0, "2 xavier", "0.5010"),
    ("why-random-weights", 0, "2 he", "1.0020"),
    ("why-random-weights", 0, "10 xavier", "0.1002"),
    ("why-random-weights", 0, "10 he", "0.2004"),
    ("why-random-weights", 0, "100 xavier", "0.0100"),
    ("why-random-weights", 0, "100 he", "0.0200"),
]


@functools.cache
def output(lesson: str, place: int) -> str:
    """What a program that stands in a lesson prints when it is run as it stands."""
    prose = "\n".join(item.text for item in load(lesson).items if isinstance(item, Passage))
    program = prose.split("```python\n")[1:][place].split("```")[0]
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize(("lesson", "place", "before", "digits"), PRINTED)
def test_a_program_in_a_lesson_prints_what_the_lesson_says(lesson, place, before, digits):
    found = re.search(rf"{re.escape(before)} *(\d+\.\d+)", output(lesson, place))
    decimals = len(digits.partition(".")[2])
    assert f"{float(found[1]):.{decimals}f}" == digits


# what is written on the tape


def recorded():
    """One iteration of the hidden layer of three, written to a tape."""
    tape = []
    linears, sigmoids = network(X, (3, 1), "xavier")
    for number, (each, activation) in enumerate(zip(linears, sigmoids, strict=True), 1):
        each.tape = activation.tape = tape
        each.number = activation.number = number
    before = [each.params["W"] for each in linears]
    one_epoch(X, Y, linears, sigmoids)
    return {quantity.name: quantity for quantity in tape}, linears, sigmoids, before


FORMULAS = {
    "Z[1]": "W[1] · X + b[1]",
    "A[1]": "1/(1 + e^-Z[1])",
    "Z[2]": "W[2] · A[1] + b[2]",
    "A[2]": "1/(1 + e^-Z[2])",
    "dA[2]/dZ[2]": "A[2] ⊙ (1 - A[2])",
    "dCost/dZ[2]": "∂Cost/∂A[2] ⊙ ∂A[2]/∂Z[2]",
    "dZ[2]/dW[2]": "A[1]ᵀ",
    "dCost/dW[2]": "∂Cost/∂Z[2] · ∂Z[2]/∂W[2]",
    "dCost/dA[1]": "∂Z[2]/∂A[1] · ∂Cost/∂Z[2]",
    "dCost/db[2]": "Σ (∂Cost/∂Z[2] * ∂Z[2]/∂b[2])",
    "dA[1]/dZ[1]": "A[1] ⊙ (1 - A[1])",
    "dCost/dW[1]": "∂Cost/∂Z[1] · ∂Z[1]/∂W[1]",
    "W[2]'": "W[2] - α * ∂Cost/∂W[2]",
    "b[1]'": "b[1] - α * ∂Cost/∂b[1]",
}


def test_a_tape_holds_each_quantity_with_its_name_and_formula():
    tape, *_ = recorded()
    assert {name: text(tape[name].formula) for name in FORMULAS} == FORMULAS


def test_it_holds_them_in_the_order_of_the_pen():
    tape, *_ = recorded()
    order = [
        name for name in tape if name in ("Z[1]", "A[2]", "dCost/dZ[2]", "dCost/dW[1]", "W[1]'")
    ]
    assert order == ["Z[1]", "A[2]", "dCost/dZ[2]", "dCost/dW[1]", "W[1]'"]


def test_the_numbers_on_the_tape_are_those_of_the_layers():
    tape, (first, second), (inner, outer), before = recorded()
    assert np.array_equal(tape["A[1]"].exact, inner.A)
    assert np.array_equal(tape["A[2]"].exact, outer.A)
    assert np.array_equal(tape["dCost/dZ[1]"].exact, inner.dZ)
    assert np.array_equal(tape["dCost/dW[2]"].exact, second.dW)
    assert np.array_equal(tape["dCost/dA[1]"].exact, second.dA_prev)
    assert np.array_equal(tape["dCost/db[1]"].exact, first.db)
    assert np.array_equal(tape["W[1]'"].exact, first.params["W"])
    assert np.array_equal(tape["dCost/dW[1]"].inputs[0].exact, inner.dZ)
    assert first.params["W"] == pytest.approx(before[0] - first.dW, rel=1e-14)


def test_with_a_tape_or_without_one_the_numbers_are_the_same():
    _, linears, _, _ = recorded()
    again, sigmoids = network(X, (3, 1), "xavier")
    one_epoch(X, Y, again, sigmoids)
    for there, here in zip(linears, again, strict=True):
        assert np.array_equal(there.params["W"], here.params["W"])
        assert np.array_equal(there.params["b"], here.params["b"])


# predictions


def test_predict_says_1_above_the_threshold_and_counts_in_per_cent():
    linear, sigmoid = LinearLayer((2, 4), 1), SigmoidLayer((1, 4))
    linear.params = {"W": np.array([[1.0, 2.0]]), "b": np.array([[-1.5]])}
    labels, activations, accuracy = predict(X, np.array([[0, 1, 1, 1]]), [linear], [sigmoid])
    assert labels.tolist() == [[0, 1, 0, 1]]
    assert activations == pytest.approx(1 / (1 + np.exp([[1.5, -0.5, 0.5, -1.5]])))
    assert accuracy == 75


@pytest.mark.parametrize(
    ("threshold", "labels"),
    [(0.5, [[0, 1, 0, 1]]), (0.9, [[0, 0, 0, 0]]), (0.1, [[1, 1, 1, 1]])],
)
def test_the_threshold_can_be_moved(threshold, labels):
    linear, sigmoid = LinearLayer((2, 4), 1), SigmoidLayer((1, 4))
    linear.params = {"W": np.array([[1.0, 2.0]]), "b": np.array([[-1.5]])}
    assert predict(X, Y, [linear], [sigmoid], threshold)[0].tolist() == labels


# what does not fit


@pytest.mark.parametrize(
    ("A_prev", "said"),
    [
        (np.zeros((3, 4)), r"A_prev is \(3 x 4\), expected 2 rows for W, which is \(3 x 2\)"),
        (np.zeros((4, 2)), r"A_prev is \(4 x 2\), expected 2 rows"),
        (5.0, "A_prev is a single number, expected 2 rows"),
        (np.zeros(2), "A_prev is"),
        (np.zeros(3), "A_prev is"),
        (np.zeros((2, 4, 1)), "A_prev is"),
    ],
    ids=lambda value: "x".join(map(str, np.shape(value))) if not isinstance(value, str) else "",
)
def test_data_of_another_shape_are_refused_with_both_shapes(A_prev, said):
    with pytest.raises(ShapeError, match=said):
        LinearLayer((2, 4), 3).forward(A_prev)


@pytest.mark.parametrize("shape", [(2, 4), (1, 4), (3, 1), (3, 5), (4, 3)])
def test_an_upstream_gradient_of_another_shape_is_refused_by_a_linear_layer(shape):
    layer = LinearLayer((2, 4), 3)
    layer.forward(X)
    with pytest.raises(ShapeError):
        layer.backward(np.zeros(shape))


@pytest.mark.parametrize("shape", [(2, 4), (1, 4), (3, 1), (4, 3)])
def test_an_upstream_gradient_of_another_shape_is_refused_by_a_sigmoid_layer(shape):
    layer = SigmoidLayer((3, 4))
    layer.forward(np.zeros((3, 4)))
    with pytest.raises(ShapeError):
        layer.backward(np.zeros(shape))


@pytest.mark.parametrize(
    ("labels", "predictions"),
    [((1, 4), (4, 1)), ((1, 4), (1, 3)), ((1, 1), (1, 4)), ((4,), (1, 4))],
)
def test_labels_and_predictions_of_different_shapes_have_no_cost(labels, predictions):
    with pytest.raises(ShapeError):
        compute_cost(np.zeros(labels), np.zeros(predictions))


@pytest.mark.parametrize(
    "out_of_order",
    [
        lambda: LinearLayer((2, 4), 3).backward(np.zeros((3, 4))),
        lambda: LinearLayer((2, 4), 3).update_params(),
        lambda: SigmoidLayer((3, 4)).backward(np.zeros((3, 4))),
    ],
    ids=["linear backward", "update", "sigmoid backward"],
)
def test_backward_before_forward_and_update_before_backward_are_refused(out_of_order):
    with pytest.raises(TracerError):
        out_of_order()
