"""Losses, their means and the weight penalty: printed numbers, and numbers from plain Python."""

import re
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from tracer import net, ops, work
from tracer.errors import LessonError
from tracer.network import words
from tracer.page.document import Note
from tracer.page.pages import explain_trace
from tracer.training.run import train
from tracer.written.readings import Floats


def at(Yhat, Y, loss, **settings):
    """A network whose last activation is exactly Yhat: an identity layer with W = 1."""
    outputs = len(Yhat)
    settings = {key.replace("_", "-"): value for key, value in settings.items()}
    return work(
        net(
            f"{outputs} identity", X=Yhat, Y=Y, W=np.eye(outputs), loss=loss,
            settings=settings, learning_rate=1,
        )
    )  # fmt: skip


# numbers that were printed

MEAN = {"over_outputs": "mean"}
SAME_SIGNS = [[-2.18, 2.36, 0.09]], [[-1, 1, 1]]
FOUR = [[0.6, 0.4], [0.4, 0.6]], [[0, 0], [1, 0]]
PRINTED = [
    # a step-by-step backpropagation example, Mazur (2015)
    ("squared error", [[0.75136507], [0.772928465]], [[0.01], [0.99]], {}, "0.298371109"),
    # scikit-learn, mean_squared_error and mean_absolute_error
    ("squared error", [[2.5, 0, 2, 8]], [[3, -0.5, 2, 7]], {"factor": "1"}, "0.375"),
    ("absolute error", [[2.5, 0, 2, 8]], [[3, -0.5, 2, 7]], {}, "0.5"),
    ("absolute error", [[0, -1, 8], [2, 2, -5]], [[0.5, -1, 7], [1, 1, -6]], MEAN, "0.75"),
    # scikit-learn, log_loss and hinge_loss
    ("binary cross-entropy", [[0.9, 0.1, 0.2, 0.65]], [[1, 0, 0, 1]], {}, "0.21616"),
    (
        "cross-entropy",
        [[0.1, 0.9, 0.8, 0.35], [0.9, 0.1, 0.2, 0.65]],
        [[0, 1, 1, 0], [1, 0, 0, 1]],
        {},
        "0.21616",
    ),
    ("hinge", *SAME_SIGNS, {}, "0.30"),
    # Keras, BinaryCrossentropy(from_logits=True) and Huber, whose examples stand in rows
    (
        "binary cross-entropy with logits",
        [[-18.6, 0.51, 2.94, -12.8]],
        [[0, 1, 0, 0]],
        {},
        "0.865",
    ),
    ("huber", *FOUR, MEAN, "0.155"),
    ("huber", *FOUR, {**MEAN, "over_examples": "sum"}, "0.31"),
    # the figure of CS231n, linear-classify: scores of three classes, the last one is right
    ("multiclass hinge", [[-2.85], [0.86], [0.28]], [[0], [0], [1]], {}, "1.58"),
    ("softmax cross-entropy", [[-2.85], [0.86], [0.28]], [[0], [0], [1]], {}, "1.04"),
    # Ng, week 2: what two saturated neurons answer
    ("binary cross-entropy with logits", [[9, 12]], [[1, 0]], {}, "6.00006477319"),
]


def digits(value, printed):
    """Numbers, row by row, with as many decimals as were printed."""
    texts = printed.split()
    flat = [float(x) for x in np.ravel(value)]
    return [f"{x:.{len(t.partition('.')[2])}f}" for x, t in zip(flat, texts, strict=True)]


@pytest.mark.parametrize(("loss", "Yhat", "Y", "settings", "printed"), PRINTED)
def test_a_loss_is_the_printed_number(loss, Yhat, Y, settings, printed):
    assert digits(at(Yhat, Y, loss, **settings)["Cost"].exact, printed) == [printed]


# examples in rows, as the book "Neural Networks from Scratch" has them, and CS231n
COMBINED = [[0.7, 0.1, 0.2], [0.1, 0.5, 0.4], [0.02, 0.9, 0.08]], [[1, 0, 0], [0, 1, 0], [0, 1, 0]]
GRADIENTS = [
    (
        "Kinsley, chapter 9",
        *COMBINED,
        "-0.10000000 0.03333333 0.06666667 "
        "0.03333333 -0.16666667 0.13333333 0.00666667 -0.03333333 0.02666667",
    ),
    ("CS231n, case study", [[0.2, 0.3, 0.5]], [[0, 1, 0]], "0.2 -0.7 0.5"),
]


@pytest.mark.parametrize("loss", ["cross-entropy, fused", "cross-entropy", "softmax cross-entropy"])
@pytest.mark.parametrize(("source", "P", "Y", "printed"), GRADIENTS)
def test_the_gradient_of_softmax_and_cross_entropy_is_the_printed_one(source, P, Y, printed, loss):
    activation = "identity" if loss.startswith("softmax") else "softmax"
    rows = {"examples": "rows", "weights": "(in, out)"}
    trace = work(
        net(f"3 {activation}", X=np.log(P), Y=Y, W=np.eye(3), loss=loss, settings=rows)
    )  # fmt: skip
    assert digits(trace["dCost/dZ"].exact, printed) == printed.split()


def test_the_mean_cross_entropy_of_the_book():
    P, Y = COMBINED
    trace = at(np.transpose(P), np.transpose(Y), "cross-entropy")
    assert trace["Cost"].exact == pytest.approx(0.38506088005216804, rel=1e-14)


LOGISTIC = [
    "binary cross-entropy",
    "binary cross-entropy, fused",
    "binary cross-entropy with logits",
]


@pytest.mark.parametrize("loss", LOGISTIC)
def test_a_logistic_neuron_of_ng(loss):
    activation = "identity" if loss.endswith("logits") else "sigmoid"
    neuron = net(
        f"1 {activation}", X=[[1, 2, -1], [3, 4, -3.2]], Y=[[1, 0, 1]], W=[[1, 2]], b=2, loss=loss,
    )  # fmt: skip
    trace = work(neuron)
    assert digits(trace["Cost"].exact, "5.8015453194") == ["5.8015453194"]
    assert digits(trace["dCost/dW"].exact, "0.99845601 2.39507239") == ["0.99845601", "2.39507239"]
    assert digits(trace["dCost/db"].exact, "0.00145557813678") == ["0.00145557813678"]


@pytest.mark.parametrize(("w", "b", "printed"), [(0.6, 0.9, "0.09"), (2.0, 2.0, "0.20")])
def test_the_saturated_neuron_of_nielsen_after_300_epochs_of_squared_error(w, b, printed):
    neuron = net("1 sigmoid", X=[[1]], Y=[[0]], W=[[w]], b=b, learning_rate=0.15)
    yhat = train(neuron, 300).at(300).values()["Yhat"]
    assert digits(yhat, printed) == [printed]


def test_the_gradients_of_mazur_are_those_he_printed():
    trace = at([[0.75136507], [0.772928465]], [[0.01], [0.99]], "squared error")
    printed = "0.74136507 -0.217071535"
    assert digits(trace["dCost/dYhat"].exact, printed) == printed.split()


# every loss with every mean: told once more for numbers of mpmath, and differentiated by it


def softplus(z):
    return mpmath.log(1 + mpmath.exp(z))


def squared_or_straight(delta):
    def term(y, p):
        error = abs(y - p)
        return error**2 / 2 if error <= delta else delta * error - delta**2 / 2

    return term


ONE_OUTPUT = {
    "squared error": lambda y, p: (y - p) ** 2,
    "absolute error": lambda y, p: abs(y - p),
    "binary cross-entropy": lambda y, p: -(y * mpmath.log(p) + (1 - y) * mpmath.log(1 - p)),
    "cross-entropy": lambda y, p: -y * mpmath.log(p),
    "binary cross-entropy with logits": lambda y, z: y * softplus(-z) + (1 - y) * softplus(z),
    "hinge": lambda y, p: max(mpmath.mpf(0), 1 - y * p),
    "huber": squared_or_straight(1),
    "huber 1.5": squared_or_straight(1.5),
    "(y - yhat)**4 + yhat": lambda y, p: (y - p) ** 4 + p,
}


def all_in_one_sum(y, s):
    powers = [mpmath.exp(one) for one in s]
    return -sum(t * mpmath.log(p / sum(powers)) for t, p in zip(y, powers, strict=True))


def margins(y, s):
    true = s[list(y).index(1)]
    return sum(max(mpmath.mpf(0), one - true + 1) for t, one in zip(y, s, strict=True) if t != 1)


WHOLE_EXAMPLE = {"softmax cross-entropy": all_in_one_sum, "multiclass hinge": margins}
ANY, ONE_HOT, SIDES = [[0.5, -1, 2], [1, 0.25, 0]], [[1, 0, 0], [0, 1, 1]], [[1, -1, 1], [1, 1, -1]]
PARTS, SCORES = [[0.7, 0.2, 0.9], [0.3, 0.6, 0.05]], [[0.5, -1.25, 2], [-3, 0.75, 0.5]]
DATA = {
    **dict.fromkeys(["squared error", "absolute error", "(y - yhat)**4 + yhat"], (ANY, SCORES)),
    **dict.fromkeys(["huber", "huber 1.5"], (ANY, SCORES)),
    **dict.fromkeys(["binary cross-entropy", "cross-entropy"], (ONE_HOT, PARTS)),
    "binary cross-entropy with logits": (PARTS, SCORES),
    "hinge": (SIDES, SCORES),
    **dict.fromkeys(WHOLE_EXAMPLE, (ONE_HOT, SCORES)),
}
"The labels and the predictions, (2 outputs x 3 examples), that a loss is tried with."
USUAL = {"squared error": Fraction(1, 2)}
"The factor that a loss has unless another is set."


def total(loss, Y, P):
    """The losses of all outputs of all examples, added up."""
    examples = list(zip(zip(*Y, strict=True), zip(*P, strict=True), strict=True))
    if loss in WHOLE_EXAMPLE:
        return sum(WHOLE_EXAMPLE[loss](y, p) for y, p in examples)
    return sum(ONE_OUTPUT[loss](t, q) for y, p in examples for t, q in zip(y, p, strict=True))


def slopes(f, P):
    """The derivative of a function of a matrix by each of its entries, by mpmath."""
    P = np.array(P, dtype=object)

    def with_entry(at, x):
        changed = P.copy()
        changed[at] = x
        return changed

    places = np.ndindex(P.shape)
    found = [mpmath.diff(lambda x, at=at: f(with_entry(at, x)), P[at]) for at in places]
    return np.array(found, dtype=float).reshape(P.shape)


def before(loss, factor, over_outputs, over_examples, outputs=2, examples=3):
    """The number before the sum."""
    number = USUAL.get(loss, Fraction(1)) if factor is None else Fraction(factor)
    number /= outputs if over_outputs == "mean" else 1
    return float(number / (examples if over_examples.startswith("mean") else 1))


@pytest.mark.parametrize("factor", [None, "1/2", "3"])
@pytest.mark.parametrize("over_outputs", words.REDUCTIONS)
@pytest.mark.parametrize("over_examples", words.OVER_EXAMPLES)
@pytest.mark.parametrize("loss", [*ONE_OUTPUT, *WHOLE_EXAMPLE])
def test_a_cost_and_its_gradient_with_every_mean(loss, over_examples, over_outputs, factor):
    (Y, P), settings = DATA[loss], {"over_outputs": over_outputs, "over_examples": over_examples}
    trace = at(P, Y, loss, **settings, **({} if factor is None else {"factor": factor}))
    number = before(loss, factor, **settings)
    gradient = number * slopes(lambda p: total(loss, Y, p), P)
    assert trace["Cost"].exact == pytest.approx(float(number * total(loss, Y, P)), rel=1e-13)
    later = over_examples == "mean, in the gradients"
    arriving = trace["dL/dYhat" if later else "dCost/dYhat"].exact
    assert arriving == pytest.approx(gradient * (3 if later else 1), rel=1e-10, abs=1e-14)
    assert trace["dCost/dW"].exact == pytest.approx(gradient @ np.transpose(P), rel=1e-10)


@pytest.mark.parametrize("factor", [None, "1/2", "3"])
@pytest.mark.parametrize("over_outputs", words.REDUCTIONS)
@pytest.mark.parametrize("loss", ONE_OUTPUT)
def test_the_loss_of_one_example_and_its_gradients(loss, over_outputs, factor):
    Y, P = ([[row[0]] for row in matrix] for matrix in DATA[loss])
    settings = {"over-outputs": over_outputs} | ({} if factor is None else {"factor": factor})
    trace = work(
        net(
            "2 identity", view="scalar", loss=loss, settings=settings,
            x1=P[0][0], x2=P[1][0], y1=Y[0][0], y2=Y[1][0], w11=1, w12=0, w21=0, w22=1,
        )
    )  # fmt: skip
    number = before(loss, factor, over_outputs, "sum")
    expected = number * slopes(lambda p: total(loss, Y, p), P)
    assert trace["L"].exact == pytest.approx(float(number * total(loss, Y, P)), rel=1e-13)
    found = [trace["dL/dyhat1"].exact, trace["dL/dyhat2"].exact]
    assert found == pytest.approx(expected[:, 0], rel=1e-10, abs=1e-14)


@pytest.mark.parametrize(
    ("yhat", "loss", "slope"),
    [(1, 0.5, 1), (1.5, 1.125, 1.5), (1.75, 1.5, 1.5), (3, 3.375, 1.5), (-3, 3.375, -1.5)],
)
def test_huber_is_squared_up_to_delta_and_straight_beyond(yhat, loss, slope):
    trace = at([[yhat]], [[0]], "huber 1.5")
    assert (trace["Cost"].exact, trace["dCost/dYhat"].exact) == (loss, slope)


# activation and loss in one step


def sigmoid(column):
    return [1 / (1 + mpmath.exp(-z)) for z in column]


def softmax(column):
    powers = [mpmath.exp(z) for z in column]
    return [power / sum(powers) for power in powers]


THROUGH = {
    ("sigmoid", "binary cross-entropy"): (sigmoid, PARTS),
    ("softmax", "cross-entropy"): (softmax, ONE_HOT),
    ("softmax", "softer cross-entropy"): (softmax, [[0.7, 0, 0.5], [0.3, 1, 0.5]]),
}


@pytest.mark.parametrize("fused", [", fused", ""])
@pytest.mark.parametrize("over_outputs", words.REDUCTIONS)
@pytest.mark.parametrize("over_examples", words.OVER_EXAMPLES)
@pytest.mark.parametrize(("activation", "loss"), THROUGH)
def test_fused_or_not_the_gradient_is_the_same(
    activation, loss, over_examples, over_outputs, fused
):
    function, Y = THROUGH[activation, loss]
    loss = loss.replace("softer ", "")
    settings = {"over-outputs": over_outputs, "over-examples": over_examples}
    trace = work(
        net(f"2 {activation}", X=SCORES, Y=Y, W=np.eye(2), loss=loss + fused, settings=settings)
    )

    def cost(Z):
        return total(loss, Y, list(zip(*map(function, zip(*Z, strict=True)), strict=True)))

    number = before(loss, None, over_outputs, over_examples)
    later = over_examples == "mean, in the gradients"
    expected = number * slopes(cost, SCORES) * (3 if later else 1)
    assert trace["Cost"].exact == pytest.approx(float(number * cost(SCORES)), rel=1e-12)
    arriving = trace["dL/dZ" if later else "dCost/dZ"]
    assert arriving.exact == pytest.approx(expected, rel=1e-10)
    assert ("dL/dYhat" in trace or "dCost/dYhat" in trace) == (not fused)


@pytest.mark.parametrize("fused", [", fused", ""])
@pytest.mark.parametrize(("activation", "loss"), THROUGH)
def test_so_it_is_for_one_example(activation, loss, fused):
    function, Y = THROUGH[activation, loss]
    loss = loss.replace("softer ", "")
    trace = work(
        net(
            f"2 {activation}", view="scalar", loss=loss + fused, settings={"factor": "3"},
            x1=0.5, x2=-3, y1=Y[0][0], y2=Y[1][0], w11=1, w12=0, w21=0, w22=1,
        )
    )  # fmt: skip

    def cost(Z):
        (z,) = zip(*Z, strict=True)
        return 3 * total(loss, [row[:1] for row in Y], [[a] for a in function(z)])

    expected = slopes(cost, [[0.5], [-3]])[:, 0]
    assert trace["L"].exact == pytest.approx(float(cost([[0.5], [-3]])), rel=1e-12)
    assert [trace["dL/dz1"].exact, trace["dL/dz2"].exact] == pytest.approx(expected, rel=1e-10)


# the penalty of large weights

FORMS = {"lambda/2m": 0.1 / 6, "lambda/m": 0.1 / 3, "lambda/2": 0.05, "lambda": 0.1}
"What stands before the sum of squares where lambda is 0.1 and there are 3 examples."
HIDDEN = {
    "W": [[[1, 2], [-3, 0.5]], [[2, -1]]],
    "b": [[[5], [7]], [[9]]],
    "X": [[1, 0, 2], [0, 1, 1]],
    "Y": [[1, 2, 3]],
}
SQUARES = 1 + 4 + 9 + 0.25 + 4 + 1


def penalised(**settings):
    return work(net("2 tanh, 1 identity", **HIDDEN, settings=settings))


@pytest.mark.parametrize("over_examples", words.OVER_EXAMPLES)
@pytest.mark.parametrize(("form", "number"), FORMS.items())
def test_a_penalty_is_added_to_the_cost_and_to_the_gradients_of_weights(
    form, number, over_examples
):
    means = {"over-examples": over_examples}
    plain, trace = penalised(**means), penalised(l2=f"0.1, {form}", **means)
    assert trace["E"].exact == plain["Cost"].exact
    assert trace["R"].exact == pytest.approx(number * SQUARES)
    assert trace["Cost"].exact == pytest.approx(plain["Cost"].exact + number * SQUARES)
    for name, W in (("dCost/dW[1]", HIDDEN["W"][0]), ("dCost/dW[2]", HIDDEN["W"][1])):
        expected = plain[name].exact + 2 * number * np.array(W)
        assert trace[name].exact == pytest.approx(expected)
    for name in ("dCost/db[1]", "dCost/db[2]"):
        assert trace[name].exact == pytest.approx(plain[name].exact)


@pytest.mark.parametrize("subtracted", ["", ", subtracted"])
@pytest.mark.parametrize(("biases", "place"), [("first column", 0), ("last column", -1)])
def test_biases_that_are_folded_into_the_weights_are_not_penalised(biases, place, subtracted):
    biases += subtracted
    values = {"X": HIDDEN["X"], "Y": HIDDEN["Y"], "W": np.insert([[3.0, 4.0]], place % 3, 100, 1)}
    settings = {"biases": biases, "l2": "0.1, lambda"}
    trace = work(net("1 identity", **values, settings=settings))
    plain = work(net("1 identity", **values, settings={"biases": biases}))
    assert trace["R"].exact == pytest.approx(0.1 * (9 + 16))
    grown = trace["dCost/dW"].exact - plain["dCost/dW"].exact
    assert grown == pytest.approx(np.insert([[0.6, 0.8]], place % 3, 0, 1), abs=1e-12)


@pytest.mark.parametrize(
    ("form", "number"),
    {"lambda/2m": 0.05, "lambda/m": 0.1, "lambda/2": 0.05, "lambda": 0.1}.items(),
)
def test_of_one_example_the_mean_is_the_penalty_itself(form, number):
    trace = work(
        net(
            "1 identity", view="scalar", x1=1, x2=2, y=0, w1=3, w2=4, b=100,
            settings={"l2": f"0.1, {form}"},
        )
    )  # fmt: skip
    assert trace["R"].exact == pytest.approx(number * 25)
    loss = {"w1": 111 * 1, "w2": 111 * 2, "b": 111}
    grown = {name: trace[f"dL/d{name}"].exact - slope for name, slope in loss.items()}
    assert grown == pytest.approx({"w1": number * 6, "w2": number * 8, "b": 0})


def test_the_penalised_cost_that_ng_printed():
    """Ng, "Improving Deep Neural Networks", week 1: lambda/2m, and matrices drawn at random."""
    random = np.random.RandomState(1)
    drawn = [random.randn(*shape) for shape in [(2, 3), (2, 1), (3, 2), (3, 1), (1, 3)]]
    A, Y = [[0.40682402, 0.01629284, 0.16722898, 0.10118111, 0.40682402]], [[1, 1, 0, 1, 0]]
    E = at(A, Y, "binary cross-entropy")["Cost"].exact
    penalty = ops.weight_penalty(3, half=True, mean=True)
    R = penalty.value(Floats(), 0.1, np.array(Y), *drawn[::2])
    assert digits(E + R, "1.78648594516") == ["1.78648594516"]


# what a loss cannot mean


@pytest.mark.parametrize(
    ("activation", "loss", "Y", "fault"),
    [
        (
            "softmax",
            "cross-entropy, fused",
            [[1], [1]],
            "Y adds up to 2, and cross-entropy needs 1",
        ),
        (
            "identity",
            "softmax cross-entropy",
            [[0.5], [0.4]],
            "Y adds up to 0.9, and softmax cross-entropy needs 1",
        ),
        (
            "identity",
            "multiclass hinge",
            [[0], [0]],
            "Y adds up to 0, and multiclass hinge needs 1",
        ),
        (
            "identity",
            "multiclass hinge",
            [[0.5], [0.5]],
            "Y has the label 0.5, and multiclass hinge needs labels 0 and 1",
        ),
        ("identity", "hinge", [[1], [0]], "Y has the label 0, and hinge needs labels -1 and 1"),
        (
            "sigmoid",
            "binary cross-entropy",
            [[1], [2]],
            "Y has the label 2, and binary cross-entropy needs labels from 0 to 1",
        ),
        (
            "sigmoid",
            "binary cross-entropy, fused",
            [[-1], [1]],
            "Y has the label -1, and binary cross-entropy needs labels from 0 to 1",
        ),
        (
            "identity",
            "binary cross-entropy with logits",
            [[1], [1.5]],
            "Y has the label 1.5, and binary cross-entropy with logits needs labels from 0 to 1",
        ),
        (
            "softmax",
            "cross-entropy",
            [[2], [-1]],
            "Y has the label 2, and cross-entropy needs labels from 0 to 1",
        ),
        ("softmax", "cross-entropy", [[0], [0]], "Y adds up to 0, and cross-entropy needs 1"),
        (
            "tanh",
            "cross-entropy, fused",
            [[0], [1]],
            "'cross-entropy' cannot be fused with tanh, expected 'binary cross-entropy' behind "
            "sigmoid or 'cross-entropy' behind softmax",
        ),
        (
            "softmax",
            "softmax cross-entropy",
            [[0], [1]],
            "'softmax cross-entropy' takes what comes before softmax, expected an identity layer; "
            "or the loss on probabilities, with ', fused' behind it",
        ),
        (
            "sigmoid",
            "binary cross-entropy with logits",
            [[0], [1]],
            "'binary cross-entropy with logits' takes what comes before sigmoid, expected an "
            "identity layer; or the loss on probabilities, with ', fused' behind it",
        ),
        ("identity", "cross entropy", [[0], [1]], "loss 'cross entropy' is not known; did you "),
    ],
)
def test_labels_and_layers_that_a_loss_does_not_fit_are_refused(activation, loss, Y, fault):
    with pytest.raises(LessonError) as refused:
        net(f"2 {activation}", X=[[1], [2]], Y=Y, W=np.eye(2), loss=loss)
    assert str(refused.value).startswith(fault)


def test_a_loss_that_mixes_outputs_needs_matrices():
    values = dict.fromkeys(["x1", "y1", "y2", "w11", "w21"], 1)
    with pytest.raises(LessonError, match=r"^multiclass hinge needs matrices, expected ':view: m"):
        net("2 identity", view="scalar", loss="multiclass hinge", **values)


# none is left out


def unmentioned(known, tried):
    """Which of the known words no case is tried with; a number behind a word does not matter."""
    return [word for word in known if not any(re.fullmatch(rf"{word}( [\d.]+)?", t) for t in tried)]


@pytest.mark.parametrize("tried", [[loss for loss, *_ in PRINTED], [*ONE_OUTPUT, *WHOLE_EXAMPLE]])
def test_every_loss_has_a_printed_number_and_one_from_plain_python(tried):
    every = [*ops.LOSSES, *ops.TUNABLE_LOSSES, *ops.ON_SCORES]
    assert unmentioned(every, tried) == []
    assert unmentioned([*every, "log-cosh"], tried) == ["log-cosh"]


def test_every_pair_that_can_be_fused_is_tried():
    assert set(THROUGH) >= ops.FUSED


def test_every_form_of_the_penalty_is_tried():
    assert set(FORMS) == set(words.PENALTIES)


# what can be worked out, and is seldom meant


@pytest.mark.parametrize(
    ("activation", "loss", "Y", "said"),
    [
        (
            "sigmoid",
            "squared error",
            [[0], [-1]],
            "Y has the label -1, and sigmoid gives only numbers between 0 and 1.",
        ),
        (
            "tanh",
            "absolute error",
            [[0], [2]],
            "Y has the label 2, and tanh gives only numbers between -1 and 1.",
        ),
        (
            "relu",
            "squared error",
            [[-3], [1]],
            "Y has the label -3, and relu gives only numbers above 0.",
        ),
        (
            "softmax",
            "(y - yhat)**2",
            [[2], [0]],
            "Y has the label 2, and softmax gives only numbers between 0 and 1.",
        ),
        (
            "sigmoid",
            "hinge",
            [[-1], [1]],
            "hinge takes scores of any size, and sigmoid gives only numbers between 0 and 1.",
        ),
        (
            "relu",
            "binary cross-entropy with logits",
            [[0], [1]],
            "binary cross-entropy with logits takes scores of any size, and relu gives only "
            "numbers above 0.",
        ),
        (
            "identity",
            "cross-entropy",
            [[0], [1]],
            "cross-entropy takes probabilities, and identity gives other numbers as well.",
        ),
        (
            "relu",
            "binary cross-entropy",
            [[0], [1]],
            "binary cross-entropy takes probabilities, and relu gives other numbers as well.",
        ),
    ],
)
def test_what_is_seldom_meant_is_said_on_the_page_of_what_is_given(activation, loss, Y, said):
    program = net(f"2 {activation}", X=[[0.3], [0.2]], Y=Y, W=np.eye(2), loss=loss)
    assert program.doubts == (said,)
    given, *_ = explain_trace(work(program)).pages
    assert Note("Note", said) in given.blocks


@pytest.mark.parametrize(
    ("activation", "loss", "Y"),
    [
        ("sigmoid", "binary cross-entropy", [[0.25], [0.9]]),
        ("softmax", "cross-entropy, fused", [[0.1], [0.9]]),
        ("identity", "softmax cross-entropy", [[0.3], [0.7]]),
        ("identity", "hinge", [[-1], [1]]),
        ("tanh", "squared error", [[-1], [1]]),
        ("relu", "squared error", [[0], [70]]),
        ("leaky relu", "squared error", [[-7], [70]]),
        ("2*z", "squared error", [[-7], [70]]),
        ("1/(1 + exp(-z))", "binary cross-entropy", [[0], [1]]),
    ],
)
def test_what_fits_is_worked_out_without_a_word_soft_labels_too(activation, loss, Y):
    assert net(f"2 {activation}", X=[[0.3], [0.2]], Y=Y, W=np.eye(2), loss=loss).doubts == ()


def test_of_several_examples_the_one_whose_labels_do_not_add_up_is_named():
    said = "Y adds up to 0 for example 2, and cross-entropy needs 1; for one output there is "
    with pytest.raises(LessonError, match=said + "'binary cross-entropy'"):
        net("1 sigmoid", X=[[1, 2]], Y=[[1, 0]], W=1, loss="cross-entropy")


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"y1": 1, "y2": 2}, "y2 has the label 2, and binary cross-entropy needs labels from 0"),
        ({"t1": 1, "t2": -1}, "t2 has the label -1, and binary cross-entropy needs labels from 0"),
    ],
)
def test_a_label_that_cannot_be_is_named_as_its_source_names_it(values, fault):
    settings = {"names": "t1 = y1, t2 = y2"} if "t1" in values else {}
    numbers = {"x1": 1, "w11": 1, "w21": 1, **values}
    with pytest.raises(LessonError, match=fault):
        net("2 sigmoid", view="scalar", loss="binary cross-entropy", settings=settings, **numbers)
