"""Networks: shapes, names, two views that agree, and gradients against differences."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tracer import net, ops, work
from tracer.errors import LessonError, ShapeError, TracerError, UnknownName
from tracer.network import assemble, drawn, parse_layers, spec_of
from tracer.numbers.rounding import Pen
from tracer.ops import Slot
from tracer.trace.quantity import Hand
from tracer.trace.tape import Tape

XOR = {"X": [[0, 0, 1, 1], [0, 1, 0, 1]], "Y": [[0, 1, 1, 0]]}
ONE = {"W": [[0.1, 0.6]], "b": 0}


# layers in words


@pytest.mark.parametrize(
    ("words", "layers"),
    [
        ("1 sigmoid", [(1, "sigmoid")]),
        ("3 tanh, 1 sigmoid", [(3, "tanh"), (1, "sigmoid")]),
        ("3  tanh ,2 tanh,  1 sigmoid", [(3, "tanh"), (2, "tanh"), (1, "sigmoid")]),
    ],
)
def test_layers_are_said_in_words(words, layers):
    assert [(size, op.name) for size, op in parse_layers(words)] == layers


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("", "layer '' cannot be read, expected '3 sigmoid'"),
        ("sigmoid", "layer 'sigmoid' cannot be read, expected '3 sigmoid'"),
        ("0 sigmoid", "layer '0 sigmoid' cannot be read, expected '3 sigmoid'"),
        ("-1 sigmoid", "layer '-1 sigmoid' cannot be read, expected '3 sigmoid'"),
        ("1.5 sigmoid", "layer '1.5 sigmoid' cannot be read, expected '3 sigmoid'"),
        ("3 sigmoid,", "layer '' cannot be read, expected '3 sigmoid'"),
        (
            "3 sigmoid 1 sigmoid",
            "activation 'sigmoid 1 sigmoid' is not known; did you mean 'sigmoid'?",
        ),
        ("3 sigmod", "activation 'sigmod' is not known; did you mean 'sigmoid'?"),
        (
            "3 soft",
            "activation 'soft' is not known; did you mean 'softmax'?",
        ),
    ],
)
def test_other_words_are_refused(words, fault):
    with pytest.raises(LessonError) as refused:
        net(words, **XOR, **ONE)
    assert str(refused.value) == fault


# names


@pytest.mark.parametrize(
    ("layers", "values", "names"),
    [
        ("1 sigmoid", {"W": [[1, 2]]}, "X W Y Z Yhat Cost"),
        ("1 sigmoid", {"W": [[1, 2]], "b": 0}, "X W b Y Z Yhat Cost"),
        (
            "2 tanh, 1 sigmoid",
            {"W": [[[1, 2], [3, 4]], [[5, 6]]]},
            "X W[1] W[2] Y Z[1] A[1] Z[2] Yhat Cost",
        ),
        (
            "2 tanh, 1 sigmoid",
            {"W": [[[1, 2], [3, 4]], [[5, 6]]], "b": [[[0], [0]], 0]},
            "X W[1] b[1] W[2] b[2] Y Z[1] A[1] Z[2] Yhat Cost",
        ),
        (
            "2 tanh, 1 sigmoid",
            {"W[1]": [[1, 2], [3, 4]], "W[2]": [[5, 6]], "b[2]": 0},
            "X W[1] W[2] b[2] Y Z[1] A[1] Z[2] Yhat Cost",
        ),
    ],
)
def test_the_names_of_a_batch(layers, values, names):
    assert net(layers, **XOR, **values).names == names.split()


@pytest.mark.parametrize(
    ("layers", "values", "names"),
    [
        ("1 sigmoid", "x1 x2 y w1 w2", "x1 x2 w1 w2 y z yhat L"),
        ("1 sigmoid", "x1 x2 y w1 w2 b", "x1 x2 w1 w2 b y z yhat L"),
        (
            "2 sigmoid",
            "x1 y1 y2 w11 w21 b1 b2",
            "x1 w11 b1 w21 b2 y1 y2 z1 yhat1 z2 yhat2 L",
        ),
        (
            "2 tanh, 1 sigmoid",
            "x1 y w11[1] w21[1] w11[2] w12[2]",
            "x1 w11[1] w21[1] w11[2] w12[2] y z1[1] a1[1] z2[1] a2[1] z1[2] yhat L",
        ),
    ],
)
def test_the_names_of_one_example(layers, values, names):
    numbers = dict.fromkeys(values.split(), 0.5)
    assert net(layers, view="scalar", **numbers).names == names.split()


def test_one_number_is_a_bias_for_every_neuron():
    program = net("2 tanh, 1 sigmoid", **XOR, W=[[[1, 2], [3, 4]], [[5, 6]]], b=[0.5, 0])
    values = {leaf.name: leaf.value for leaf in program.leaves}
    assert values["b[1]"].tolist() == [[0.5], [0.5]]
    assert values["b[2]"].tolist() == [[0]]


def test_a_single_row_needs_no_inner_brackets():
    typed = net("1 sigmoid", X=[[0, 1], [1, 1]], Y=[0, 1], W=[0.1, 0.6])
    assert [np.shape(leaf.value) for leaf in typed.leaves] == [(2, 2), (1, 2), (1, 2)]


# shapes that do not fit


TWO = {"W": [[[1, 2], [3, 4]], [[5, 6]]]}


@pytest.mark.parametrize(
    ("layers", "values", "fault"),
    [
        ("1 sigmoid", {"W": [[1, 2, 3]]}, r"W.* is \(1 x 3\), expected \(1 x 2\)"),
        ("1 sigmoid", {"W": [[1], [2]]}, r"W.* is \(2 x 1\), expected \(1 x 2\)"),
        ("2 sigmoid", {"W": [[1, 2]]}, r"W.* is \(1 x 2\), expected \(2 x 2\)"),
        ("1 sigmoid", ONE | {"b": [[1, 2]]}, r"b.* is \(1 x 2\), expected \(1 x 1\)"),
        ("1 sigmoid", ONE | {"Y": [[1, 0]]}, r"Y is \(1 x 2\), expected \(1 x 4\)"),
        ("1 sigmoid", ONE | {"Y": [[0], [1], [1], [0]]}, r"Y is \(4 x 1\), expected \(1 x 4\)"),
        ("1 sigmoid", ONE | {"X": [[0, 0, 1, 1]]}, r"W.* is \(1 x 2\), expected \(1 x 1\)"),
        (
            "3 tanh, 1 sigmoid",
            {"W": [[[1, 2]] * 3, [[1, 2]]]},
            r"W\[2\] is \(1 x 2\), expected \(1 x 3\): .* the layer before has 3 neurons",
        ),
        (
            "2 tanh, 1 sigmoid",
            TWO | {"b": [[[1, 2]], 0]},
            r"b\[1\] is \(1 x 2\), expected \(2 x 1\)",
        ),
    ],
)
def test_both_shapes_are_named(layers, values, fault):
    with pytest.raises(ShapeError, match=f"^{fault}"):
        net(layers, **(XOR | values))


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"W": [[1, 2]], "Y": None}, "Y"),
        ({"W": [[1, 2], [3]]}, "W is not made of numbers in rows of equal length"),
        ({"W": "heavy"}, "W is not made of numbers in rows of equal length"),
        ({"W": [[1, float("nan")]]}, "W has an entry that is not finite"),
        ({"W": [[1, float("inf")]]}, "W has an entry that is not finite"),
    ],
)
def test_what_is_no_matrix_is_refused(values, fault):
    with pytest.raises(TracerError, match=f"^{fault}"):
        net("1 sigmoid", **(XOR | values))


def test_a_matrix_has_rows_and_columns_and_no_more():
    with pytest.raises(TracerError, match=r"^X"):
        net("1 sigmoid", X=[[[1, 2]]], Y=[[1]], W=[[1]])


@pytest.mark.parametrize("W", [5, [[[1, 2], [3, 4]]], "heavy", None])
def test_several_layers_need_a_list_of_matrices(W):
    with pytest.raises(TracerError, match=r"^W"):
        net("2 tanh, 1 sigmoid", **XOR, W=W)


def test_a_matrix_is_given_once():
    with pytest.raises(TracerError, match="W"):
        net("1 sigmoid", **XOR, **{"W": [[1, 2]], "W[1]": [[5, 5]]})


# missing and unknown values


@pytest.mark.parametrize(
    ("layers", "values", "fault"),
    [
        ("1 sigmoid", XOR, r"W.* is missing, expected X, Y, W"),
        ("1 sigmoid", {"X": [[1], [1]], "loss": "huber", **ONE}, "Y is missing, expected X, Y, W"),
        ("1 sigmoid", {"Y": [[1]], **ONE}, "X is missing, expected X, Y, W"),
        ("2 tanh, 1 sigmoid", XOR | {"W": TWO["W"][:1]}, r"W\[2\] is missing, expected X, Y"),
    ],
)
def test_a_missing_matrix_is_named(layers, values, fault):
    with pytest.raises(LessonError, match=f"^{fault}"):
        net(layers, **values)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"bias": 0}, r"bias has no place in this network; "),
        ({"yhat": [[1]]}, r"yhat has no place in this network; "),
        ({"W[2]": [[1]]}, r"W\[2\] has no place in this network; known here: X, W, b, Y"),
    ],
)
def test_an_unknown_matrix_is_named(values, fault):
    with pytest.raises(UnknownName, match=f"^{fault}"):
        net("1 sigmoid", **XOR, **ONE, **values)


SCALARS = {"x1": 0, "x2": 0, "y": 0, "w1": 0.1, "w2": 0.6}


@pytest.mark.parametrize(
    ("without", "more", "fault"),
    [
        ("w2", {}, "w2 is missing, expected x1, x2, y, w1, w2"),
        (
            "y",
            {"loss": "squared error"},
            "y is missing, expected x1, x2, y, w1, w2; without a cost as well, the network only "
            "goes forward",
        ),
        ("", {"x3": 1}, "w3 is missing, expected x1, x2, x3, y, w1, w2, w3"),
        ("", {"w3": 1}, "w3 has no place in this network; known here: x1, x2, w1, w2, b, y"),
        ("", {"w": 1}, "w has no place in this network; did you mean 'w1'?"),
        ("x1", {}, "x2 has no place in this network; known here: x1, w1, b, y"),
        ("", {"w1": [1, 2]}, "w1 is (1 x 2), expected a single number"),
    ],
)
def test_a_scalar_network_has_every_number(without, more, fault):
    values = {name: number for name, number in (SCALARS | more).items() if name != without}
    with pytest.raises(TracerError) as refused:
        net("1 sigmoid", view="scalar", **values)
    assert str(refused.value) == fault


def test_a_scalar_network_has_features():
    with pytest.raises(LessonError, match="there are no features, expected x1, x2 and so on"):
        net("1 sigmoid", view="scalar", y=0, w1=1)


def test_a_scalar_layer_has_a_bias_for_each_neuron_or_for_none():
    values = {"x1": 1, "y1": 0, "y2": 1, "w11": 1, "w21": 1, "b1": 0}
    with pytest.raises(LessonError) as refused:
        net("2 sigmoid", view="scalar", **values)
    expected = "b2 is missing, expected a bias for each neuron or for none"
    assert str(refused.value) == expected


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ({"view": "matirx"}, "view 'matirx' is not known; did you mean 'matrix'?"),
        (
            {"loss": "squared eror"},
            "loss 'squared eror' is not known; did you mean 'squared error'?",
        ),
        (
            {"learning_rate": float("inf")},
            "the learning rate is not finite, expected a number such as 0.1",
        ),
    ],
)
def test_other_settings_are_refused(words, fault):
    with pytest.raises(LessonError) as refused:
        net("1 sigmoid", **XOR, **ONE, **words)
    assert str(refused.value) == fault


# the scalar and the matrix view of one network


def weights_of(sizes, biased, seed):
    """Weights and biases with two decimals for layers of these sizes."""
    random = np.random.default_rng(seed)
    shapes = [(n_out, n_in) for n_in, n_out in pairwise(sizes)]
    W = [random.integers(-90, 90, shape) / 100 for shape in shapes]
    b = [random.integers(-50, 50, (rows, 1)) / 100 if biased else None for rows, _ in shapes]
    return W, b


def matrix_view(words, W, b, X, Y):
    """The program of a batch, with or without biases."""
    layers = range(1, len(W) + 1)
    values = {f"W[{k}]": W[k - 1] for k in layers}
    values |= {f"b[{k}]": b[k - 1] for k in layers if b[k - 1] is not None}
    return net(words, X=X, Y=Y, **values)


def scalar_view(words, W, b, x, y):
    """The program of one example, and what each entry of a batch is called in it."""
    single, outputs = len(W) == 1 and len(W[0]) == 1, len(W[-1])
    called, values = {}, {}
    for k, (weights, biases) in enumerate(zip(W, b, strict=True), 1):
        mark = f"[{k}]" if len(W) > 1 else ""
        for (i, j), weight in np.ndenumerate(weights):
            name = f"w{j + 1}" if single else f"w{i + 1}{j + 1}{mark}"
            called[f"W[{k}][{i + 1},{j + 1}]"], values[name] = name, weight
        for i in range(len(weights)):
            bias = "b" if single else f"b{i + 1}{mark}"
            called[f"Z[{k}][{i + 1},1]"] = bias.replace("b", "z")
            called[f"A[{k}][{i + 1},1]"] = bias.replace("b", "a")
            if biases is not None:
                called[f"b[{k}][{i + 1},1]"], values[bias] = bias, biases[i, 0]
    for i in range(outputs):
        mark = str(i + 1) if outputs > 1 else ""
        called[f"A[{len(W)}][{i + 1},1]"] = f"yhat{mark}"
        values[f"y{mark}"] = y[i]
    values |= {f"x{j}": number for j, number in enumerate(x, 1)}
    return net(words, view="scalar", **values), called


NETWORKS = [
    ("1 sigmoid", (2, 1), False),
    ("1 sigmoid", (2, 1), True),
    ("1 tanh", (3, 1), True),
    ("2 sigmoid", (2, 2), True),
    ("3 sigmoid, 1 sigmoid", (2, 3, 1), True),
    ("3 tanh, 1 sigmoid", (2, 3, 1), False),
    ("1 tanh, 1 tanh, 1 sigmoid", (1, 1, 1, 1), True),
    ("2 sigmoid, 1 tanh, 1 sigmoid", (3, 2, 1, 1), True),
]
SEVERAL_PATHS = [
    ("2 sigmoid, 2 sigmoid", (2, 2, 2), True),
    ("3 tanh, 2 tanh, 1 sigmoid", (2, 3, 2, 1), True),
    ("2 sigmoid, 3 tanh, 2 sigmoid", (2, 2, 3, 2), False),
]


@pytest.mark.parametrize(("words", "sizes", "biased"), NETWORKS + SEVERAL_PATHS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_views_have_the_same_exact_numbers(words, sizes, biased, seed):
    W, b = weights_of(sizes, biased, seed)
    x, y = np.arange(1, sizes[0] + 1) / 2, np.arange(sizes[-1]) / 2
    scalar_program, called = scalar_view(words, W, b, x, y)
    batch, one = work(matrix_view(words, W, b, x[:, None], y[:, None])), work(scalar_program)
    assert batch["Cost"].exact == pytest.approx(one["L"].exact, rel=1e-12)
    for entry, name in called.items():
        slope = batch[f"dCost/d{entry}"].exact
        assert batch[entry].exact == pytest.approx(one[name].exact, rel=1e-12)
        assert slope == pytest.approx(one[f"dL/d{name}"].exact, rel=1e-12)


def hand_differences(words, sizes, biased, seed):
    """The values and gradients that the two views write differently.

    In matrices the terms of a product are spelled out, and only their sum is written.
    """
    W, b = weights_of(sizes, biased, seed)
    x, y = np.arange(1, sizes[0] + 1) / 2, np.arange(sizes[-1]) / 2
    scalar_program, called = scalar_view(words, W, b, x, y)
    batch = work(matrix_view(words, W, b, x[:, None], y[:, None]), "carry 3")
    one = Tape(scalar_program)
    one.forward(Hand(Pen("carry", 3)))
    one.backward(Hand(Pen("carry", 3), adds_unrounded=True))
    values = [e for e, name in called.items() if batch[e].written != one[name].written]
    slopes = {f"dCost/d{entry}": f"dL/d{name}" for entry, name in called.items()}
    return values + [e for e, name in slopes.items() if batch[e].written != one[name].written]


@pytest.mark.parametrize(("words", "sizes", "biased"), NETWORKS)
@pytest.mark.parametrize("seed", range(10))
def test_both_views_are_written_alike_by_hand(words, sizes, biased, seed):
    assert hand_differences(words, sizes, biased, seed) == []


@pytest.mark.parametrize(("words", "sizes", "biased"), SEVERAL_PATHS)
def test_both_views_are_written_alike_where_a_gradient_comes_by_several_paths(words, sizes, biased):
    found = {seed: hand_differences(words, sizes, biased, seed) for seed in range(10)}
    assert {seed: names for seed, names in found.items() if names} == {}


@pytest.mark.parametrize("pen", ["exact", "carry 3"])
def test_a_batch_of_one_is_one_example(or_batch, pen):
    scalars = {"x1": 1, "x2": 1, "y": 1, "w1": 0.1, "w2": 0.6, "b": 0}
    one = work(net("1 sigmoid", view="scalar", learning_rate=1, **scalars), pen)
    batch = work(net("1 sigmoid", X=[[1], [1]], Y=[[1]], **ONE, learning_rate=1), pen)
    same = {"Z": "z", "Yhat": "yhat", "Cost": "L", "dCost/dZ": "dL/dz", "dYhat/dZ": "dyhat/dz"}
    same |= {"W'[1,1]": "w1'", "W'[1,2]": "w2'", "b'": "b'"}
    for matrix, scalar in same.items():
        assert np.ravel(batch[matrix].written) == pytest.approx(one[scalar].written, rel=1e-15)


@pytest.mark.parametrize(("words", "sizes", "biased"), NETWORKS + SEVERAL_PATHS)
def test_the_gradient_of_a_batch_is_the_mean_of_its_examples(words, sizes, biased):
    W, b = weights_of(sizes, biased, seed=7)
    random = np.random.default_rng(8)
    X, Y = random.normal(size=(sizes[0], 5)), random.uniform(size=(sizes[-1], 5))
    batch = work(matrix_view(words, W, b, X, Y))
    views = [scalar_view(words, W, b, x, y) for x, y in zip(X.T, Y.T, strict=True)]
    ones, called = [work(program) for program, _ in views], views[0][1]
    for entry, name in called.items():
        if entry[0] in "Wb":
            mean = np.mean([one[f"dL/d{name}"].exact for one in ones])
            assert batch[f"dCost/d{entry}"].exact == pytest.approx(mean, rel=1e-10, abs=1e-15)


# the numbers of others


MAZUR = net(
    "2 sigmoid, 2 sigmoid",
    X=[[0.05], [0.10]],
    Y=[[0.01], [0.99]],
    W=[[[0.15, 0.20], [0.25, 0.30]], [[0.40, 0.45], [0.50, 0.55]]],
    b=[0.35, 0.60],
    learning_rate=0.5,
)


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Z[1][1,1]", "0.3775"),
        ("A[1][1,1]", "0.593269992"),
        ("A[1][2,1]", "0.596884378"),
        ("Z[2][1,1]", "1.105905967"),
        ("Yhat[1,1]", "0.75136507"),
        ("Yhat[2,1]", "0.772928465"),
        ("Cost", "0.298371109"),
        ("dCost/dYhat[1,1]", "0.74136507"),
        ("dYhat/dZ[2][1,1]", "0.186815602"),
        ("dCost/dZ[2][1,1]", "0.138498562"),
        ("dCost/dW[2][1,1]", "0.082167041"),
        ("dCost/dA[1][1,1]", "0.036350306"),
        ("dA[1]/dZ[1][1,1]", "0.241300709"),
        ("dCost/dW[1][1,1]", "0.000438568"),
        ("W[2]'[1,1]", "0.35891648"),
        ("W[2]'[1,2]", "0.408666186"),
        ("W[2]'[2,1]", "0.51130127"),
        ("W[2]'[2,2]", "0.561370121"),
        ("W[1]'[1,1]", "0.149780716"),
    ],
)
def test_the_step_by_step_example_of_matt_mazur(digits, name, printed):
    assert digits(work(MAZUR, "display 9")[name]) == printed


@pytest.mark.parametrize(
    ("name", "printed"),
    [("W[1]'[1,2]", "0.19956143"), ("W[1]'[2,1]", "0.24975114"), ("W[1]'[2,2]", "0.29950229")],
)
def test_and_what_he_printed_with_eight_places(digits, name, printed):
    assert digits(work(MAZUR, "display 8")[name]) == printed


def test_and_his_two_paths_back_to_the_first_hidden_neuron():
    """He printed -0.019049119 for the second; unrounded it is -0.0190491183."""
    values = {"x1": 0.05, "x2": 0.10, "y1": 0.01, "y2": 0.99}
    values |= {"w11[1]": 0.15, "w12[1]": 0.20, "w21[1]": 0.25, "w22[1]": 0.30}
    values |= {"w11[2]": 0.40, "w12[2]": 0.45, "w21[2]": 0.50, "w22[2]": 0.55}
    values |= {"b1[1]": 0.35, "b2[1]": 0.35, "b1[2]": 0.60, "b2[2]": 0.60}
    trace = work(net("2 sigmoid, 2 sigmoid", view="scalar", **values), "display 9")
    slope = trace["dL/da1[1]"]
    assert slope.written == 0.036350306
    assert [(c.through, c.product.written) for c in slope.contributions] == [
        ("z1[2]", 0.055399425),
        ("z2[2]", -0.019049118),
    ]


# random networks, judged by differences


ACTIVATE = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.where(z > 0, z, 0),
    "sin": np.sin,
    "cos": np.cos,
}


def cost_of(parameters, activations, X, Y):
    """The mean over the examples of half the squared errors, layer by layer."""
    A = X
    for (W, b), activation in zip(parameters, activations, strict=True):
        Z = np.einsum("ij,jk->ik", W, A) + (0 if b is None else b)
        A = ACTIVATE[activation](Z)
    return float(((Y - A) ** 2).sum() / 2 / X.shape[1])


def slopes_of(parameters, activations, X, Y, slope):
    """The slope of the cost along every entry of every parameter."""
    found = {}
    for k, layer in enumerate(parameters):
        for letter, matrix in zip("Wb", layer, strict=True):
            for (i, j), at in np.ndenumerate(matrix) if matrix is not None else ():

                def cost(x, matrix=matrix, i=i, j=j):
                    was, matrix[i, j] = matrix[i, j], x
                    result = cost_of(parameters, activations, X, Y)
                    matrix[i, j] = was
                    return result

                found[f"{letter}[{k + 1}][{i + 1},{j + 1}]"] = slope(cost, float(at))
    return found


def disagreements(trace, slopes):
    """The parameters whose gradient is not the slope."""
    return [
        name
        for name, slope in slopes.items()
        if trace[f"dCost/d{name}"].exact != pytest.approx(slope, rel=1e-5, abs=1e-9)
    ]


@st.composite
def random_networks(draw):
    """Activations, parameters and data of a network with one to three layers."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    activations = [draw(st.sampled_from(list(ACTIVATE))) for _ in sizes[1:]]
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    parameters = [
        (random.normal(size=(n_out, n_in)), random.normal(size=(n_out, 1)) if biased else None)
        for n_in, n_out in pairwise(sizes)
        if (biased := draw(st.booleans())) is not None
    ]
    examples = draw(st.integers(1, 4))
    X, Y = random.normal(size=(sizes[0], examples)), random.uniform(size=(sizes[-1], examples))
    return activations, parameters, X, Y


def words_of(activations, parameters):
    """The layers in words."""
    return ", ".join(f"{len(W)} {a}" for a, (W, _) in zip(activations, parameters, strict=True))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(case=random_networks())
def test_gradients_of_random_networks_are_their_slopes(slope, case):
    activations, parameters, X, Y = case
    slopes = slopes_of(parameters, activations, X, Y, slope)
    assume(None not in slopes.values())
    W, b = zip(*parameters, strict=True)
    trace = work(matrix_view(words_of(activations, parameters), W, b, X, Y))
    assert trace["Cost"].exact == pytest.approx(cost_of(parameters, activations, X, Y), rel=1e-12)
    assert disagreements(trace, slopes) == []


WRONG_LINEAR = replace(
    ops.LINEAR,
    slots=(
        ops.LINEAR.slots[0],
        ops.LINEAR.slots[1],
        Slot(lambda m, Z, W, X, b: 2, ops.LINEAR.slots[2].join),
    ),
)


def test_a_wrong_gradient_is_not_its_slope(slope):
    X, Y = np.array([[0.2, -0.4], [1, 0.3]]), np.array([[0.1, 0.9]])
    W, b = np.array([[0.5, -0.8]]), np.array([[0.3]])
    slopes = slopes_of([(W, b)], ["tanh"], X, Y, slope)
    right = matrix_view("1 tanh", [W], [b], X, Y)
    linear, *others = right.equations
    wrong = replace(right, equations=(replace(linear, op=WRONG_LINEAR), *others))
    assert disagreements(work(right), slopes) == []
    assert disagreements(work(wrong), slopes) == ["b[1][1,1]"]


# what was once taken without a word


def small(**settings):
    """A neuron on two examples, with settings as a lesson has them."""
    return net("1 sigmoid", X=[[1, 2]], Y=[[0, 1]], W=[[0.5]], learning_rate=0.1, settings=settings)


def test_the_mean_in_the_gradients_is_one_setting_in_whatever_order_its_words_stand():
    gradients = [
        work(small(**{"over-examples": said}))["dCost/dW"].written.item()
        for said in ("mean", "mean, in the gradients", "in the gradients, mean")
    ]
    assert gradients[1:] == pytest.approx([gradients[0]] * 2, rel=1e-15)


@pytest.mark.parametrize("key", ["examples in", "learning-rate", "epochs"])
def test_a_setting_that_no_network_has_is_refused(key):
    with pytest.raises(LessonError, match=f"^unknown setting '{key}'; "):
        small(**{key: "1"})


def test_a_loss_among_the_settings_is_that_of_the_network():
    by_setting, by_name = (
        work(net("1 sigmoid", X=[[1]], Y=[[1]], W=[[0.5]], **said))["Cost"].written
        for said in ({"settings": {"cost": "absolute error"}}, {"loss": "absolute error"})
    )
    assert by_setting == by_name == pytest.approx(1 - 1 / (1 + math.exp(-0.5)))


def test_a_gradient_with_a_minus_is_there_where_gradients_point_downhill_only():
    with pytest.raises(UnknownName, match="is written only with ':delta: descent'"):
        work(small())["-dCost/dW"]
    downhill = work(small(delta="descent"))
    assert downhill["-dCost/dW"].written == -downhill["dCost/dW"].written


def test_a_sequential_update_needs_a_learning_rate_on_the_way_back():
    program = net("1 sigmoid", X=[[1]], Y=[[1]], W=[[1]], settings={"updates": "sequential"})
    with pytest.raises(TracerError, match="needs a learning rate"):
        work(program)


def test_shifted_softmax_of_single_numbers_is_softmax():
    values = {"x1": 1, "y1": 1, "y2": 0, "w11": 0.5, "w21": -0.5}
    shares = [
        work(net(f"2 {name}", view="scalar", loss="cross-entropy", **values))["yhat1"].written
        for name in ("softmax", "shifted softmax")
    ]
    assert shares == [pytest.approx(1 / (1 + math.exp(-1)))] * 2


def test_shifted_softmax_of_single_numbers_does_not_overflow():
    values = {"x1": 1, "y1": 1, "y2": 0, "w11": 3e6, "w21": 3000001}
    trace = work(net("2 shifted softmax", view="scalar", loss="cross-entropy", **values))
    assert trace["yhat1"].written == pytest.approx(1 / (1 + math.e))
    assert trace["dL/dw11"].written == pytest.approx(1 / (1 + math.e) - 1)
    assert trace["yhat1.largest"].written == 3000001


def test_an_entry_of_what_came_by_one_path_has_a_name():
    program = net("1 sigmoid", X=[[1, 2]], Y=[[0, 1]], W=[[0.5]], settings={"l2": "0.1, lambda/2"})
    found = work(program)["dCost/dW through Z"].entry(1, 1)
    assert found.name == "dCost/dW[1,1] through Z"


@pytest.mark.parametrize(
    ("names", "fault"),
    [
        ("w = w11", "names gives w to w11, and there is no w11 here; did you mean 'w1'?"),
        ("h = a1", "names gives h to a1, and there is no a1 here; "),
        ("E = Cost", "names gives E to Cost, and there is no Cost here; "),
    ],
)
def test_a_name_for_nothing_is_found_among_the_names_in_the_scalar_view_too(names, fault):
    with pytest.raises(LessonError) as refused:
        net("1 sigmoid", view="scalar", x1=1, w1=1, y=1, settings={"names": names})
    assert str(refused.value).startswith(fault)


@pytest.mark.parametrize("typed", [{"W": [[0.1, 0.6]]}, {"W[1]": [[0.1, 0.6]]}, {"b": 0.5}])
def test_what_is_typed_in_is_not_drawn_in_one_layer_either(typed):
    spec = replace(spec_of({"layers": "1 sigmoid", "cost": "squared error"}), init="he, seed 1")
    values = {name: np.array(value, dtype=float) for name, value in XOR.items()}
    program = assemble(spec, values | typed)
    found = {leaf.name: np.asarray(leaf.value).tolist() for leaf in program.leaves}
    drawn_ones = drawn("he, seed 1", (2, 1))
    for name in "Wb":
        expected = typed.get(name, typed.get(f"{name}[1]", drawn_ones[f"{name}[1]"]))
        assert found[name] == np.atleast_2d(expected).tolist()
