"""What people type as other books and programs have it is answered with what means the same here.

Each table has on its left what is typed, on its right the one line that is said, behind its place.
"""

import re

import pytest

from tracer import graph, work
from tracer.errors import TracerError
from tracer.lesson import blocks
from tracer.lesson.check import check
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.written.habits import KEYS

HEAD = "```{lesson}\n:title: A lesson\n```\n"
ONE_LAYER = """\
```{network}
:layers: 1 sigmoid
:cost: squared error
:learning-rate: 1
X = 0 0 1 1; 0 1 0 1
Y = 0 1 1 1
W = 0.1 0.6
b = 0
```
"""
TWO_LAYERS = """\
```{network}
:layers: 2 tanh, 1 sigmoid
:cost: squared error
:learning-rate: 1
X = 0 0 1 1; 0 1 0 1
Y = 0 1 1 1
W[1] = 0.1 0.6; 0.2 0.3
b[1] = 0; 0
W[2] = 0.1 0.6
b[2] = 0
```
"""
ONE_NEURON = """\
```{network}
:view: scalar
:layers: 1 sigmoid
:loss: squared error
:learning-rate: 1
x1 = 1
y = 1
w1 = 0.1
b = 0
```
"""
GRAPH = """\
```{graph}
a = 2
b = 5
c = a * b
d = b + 1
e = c * d
```
"""
PHASES = "```{forward}\n```\n```{backward}\n```\n"


def fault(text: str) -> str:
    """What is said of a lesson, without its place."""
    with pytest.raises(TracerError) as caught:
        failing(text)
    place, _, said = str(caught.value).partition(": ")
    assert re.fullmatch(r"lesson\.md:\d+", place)
    return said


def failing(text: str) -> list[str]:
    """The printed numbers of a lesson that do not hold."""
    solution = solve(read(HEAD + text, "lesson", "lesson.md"))
    explain(solution)
    return [str(v) for v in check(solution.lesson, solution) if not v.holds]


# keys

NETWORK_KEYS = {
    ":alpha: 0.5": "expected ':learning-rate: 0.5'",
    ":eta: 0.5": "expected ':learning-rate: 0.5'",
    ":lr: 0.5": "expected ':learning-rate: 0.5'",
    ":η: 0.5": "expected ':learning-rate: 0.5'",
    ":learning_rate: 0.5": "expected ':learning-rate: 0.5'",
    ":Learning Rate: 0.5": "expected ':learning-rate: 0.5'",
    ":step-size: 0.5": "expected ':learning-rate: 0.5'",
    ":activation: tanh": "expected ':layers: 1 tanh'",
    ":neurons: 3": "expected ':layers: 3 sigmoid'",
    ":hidden-layers: 2": "expected ':layers: 2 sigmoid'",
    ":objective: hinge": "expected ':cost: hinge'",
    ":optimiser: adam": "expected ':optimizer: adam'",
    ":momentum: 0.8": "expected ':optimizer: momentum, beta 0.8'",
    ":regularization: 0.1": "expected ':l2: 0.1, lambda/2m'",
    ":weight-decay: 0.1": "expected ':l2: 0.1, lambda/2m'",
    ":lambda: 0.1": "expected ':l2: 0.1, lambda/2m'",
    ":seed: 7": "expected ':init: xavier, seed 7'",
    ":initializer: he": "expected ':init: he, seed 1'",
    ":bias: shared": "expected ':biases: shared'",
    ":bias: 0": "expected an equation, 'b = 0'",
    ":metrics: MAE = huber": "expected ':beside: MAE = huber'",
    ":threshold: 0.8": "expected ':biases: subtracted'",
    ":inputs: 0 1; 1 0": "expected an equation, 'X = 0 1; 1 0'",
    ":labels: 0 1": "expected an equation, 'Y = 0 1'",
    ":dataset: XOR": "expected ':data: XOR'",
    ":W: 0.1": "expected an equation, 'W = 0.1'",
    ":W[1]: 0.1": "expected an equation, 'W[1] = 0.1'",
    ":batch: 2": "':batch-size: 2' belongs to {train}",
    ":epochs: 100": "':epochs: 100' belongs to {train}",
    ":answer: yes": "':answer: yes' belongs to {forward}, {backward}, {update}, {train}, {paths}, "
    "{nudge}, {shapes}, {derive}, {curve} or {points}",
    ":layer-norm: yes": "did you mean 'layers'?",
}  # fmt: skip
OTHER_KEYS = {
    ("lesson", ":author: Bishop"): "expected ':source: Bishop'",
    ("lesson", ":heading: OR"): "expected ':title: OR'",
    ("lesson", ":link: https://a.org"): "expected ':url: https://a.org'",
    ("lesson", ":description: one neuron"): "expected ':about: one neuron'",
    ("lesson", ":prerequisites: or-bias"): "expected ':needs: or-bias'",
    ("lesson", ":decimals: 3"): "expected ':rounding: carry 3'",
    ("graph", ":lr: 0.1"): "expected ':learning-rate: 0.1'",
    ("graph", ":constants: a"): "expected ':fixed: a'",
    ("graph", ":inputs: x"): "expected ':data: x'",
    ("graph", ":loss: hinge"): "':loss: hinge' belongs to {network}",
    ("graph", ":w: 3"): "expected an equation, 'w = 3'",
    ("forward", ":page: 7"): "expected ':at: 7'",
    ("forward", ":digits: 3"): "expected ':rounding: carry 3'",
    ("forward", ":solution: yes"): "expected ':answer: yes'",
    ("forward", ":Z: 0 1"): "expected an equation, 'Z = 0 1'",
    ("backward", ":loss: E"): "expected ':of: E'",
    ("backward", ":dL/dw1: 3"): "expected an equation, 'dL/dw1 = 3'",
    ("update", ":lr: 1"): "':learning-rate: 1' belongs to {network}, {graph} or {train}",
    ("train", ":iterations: 5"): "expected ':epochs: 5'",
    ("train", ":batch: 2"): "expected ':batch-size: 2'",
    ("train", ":verbose: 10"): "expected ':log-every: 10'",
    ("train", ":draw: cost"): "expected ':plot: cost'",
    ("paths", ":node: b"): "expected ':to: b'",
    ("points", ":dataset: OR"): "expected ':data: OR'",
    ("nudge", ":epsilon: 0.01"): "expected ':by: 0.01'",
    ("nudge", ":parameter: w1"): "expected ':of: w1'",
    ("shapes", ":matrices: X, W"): "expected ':from: X, W'",
    ("shapes", ":gradient: dCost/dW"): "expected ':target: dCost/dW'",
    ("derive", ":variable: x"): "expected ':wrt: x'",
    ("derive", ":name: relu"): "expected ':of: relu'",
    ("curve", ":min: -3"): "expected ':from: -3'",
    ("curve", ":max: 3"): "expected ':to: 3'",
    ("curve", ":points: 0, 1"): "expected ':mark: 0, 1'",
}
EVERY_KEY = {("network", typed): said for typed, said in NETWORK_KEYS.items()} | OTHER_KEYS


@pytest.mark.parametrize(("block", "typed"), EVERY_KEY)
def test_a_key_of_others_is_told_with_the_one_that_means_the_same(block, typed):
    key = typed[1:].partition(":")[0] if "dL" not in typed else "dL/dw1"
    said = fault(f"```{{{block}}}\n{typed}\n```\n")
    assert said == f"unknown key {key!r} in {{{block}}}; {EVERY_KEY[block, typed]}"


def test_every_word_for_a_key_leads_to_a_key_that_there_is():
    known = {key for keys in blocks.KEYS.values() for key in keys}
    assert {line.split(":")[1] for line in KEYS} <= known


@pytest.mark.parametrize("block", blocks.KEYS)
def test_no_key_is_taken_for_another(block):
    for key in blocks.KEYS[block]:
        said = fault(f"```{{{block}}}\n:{key}: no\n```\n```{{x}}\n```\n")
        assert "unknown key" not in said


# equations that are settings

SETTINGS = {
    ("network", "learning-rate = 1"): ":learning-rate: 1",
    ("network", "learning rate = 1"): ":learning-rate: 1",
    ("network", "eta = 1"): ":learning-rate: 1",
    ("network", "cost = hinge"): ":cost: hinge",
    ("network", "layers = 1 tanh"): ":layers: 1 tanh",
    ("network", "threshold = 0.8"): ":biases: subtracted",
    ("graph", "learning-rate = 1"): ":learning-rate: 1",
    ("lesson", "title = A lesson"): ":title: A lesson",
    ("forward", "at = Fig 3"): ":at: Fig 3",
    ("train", "learning-rate = 1"): ":learning-rate: 1",
    ("paths", "to = b"): ":to: b",
    ("curve", "from = -3"): ":from: -3",
}


@pytest.mark.parametrize(("block", "typed"), SETTINGS)
def test_an_equation_that_is_a_setting_is_told_so(block, typed):
    name = typed.partition(" =")[0]
    said = fault(f"```{{{block}}}\n{typed}\n```\n")
    assert said == f"{name} is a setting, expected {SETTINGS[block, typed]!r}"


COLONS = {
    ("network", "learning-rate: 1"): ":learning-rate: 1",
    ("network", ":learning-rate 1"): ":learning-rate: 1",
    ("network", "lr: 1"): ":learning-rate: 1",
    ("graph", "fixed: b"): ":fixed: b",
    ("train", "epochs: 5"): ":epochs: 5",
    ("lesson", "source: a book"): ":source: a book",
    ("forward", "Z: 0 1"): "name = value",
    ("forward", "Z 10"): "name = value",
}


@pytest.mark.parametrize(("block", "typed"), COLONS)
def test_a_setting_that_lacks_a_colon_is_told_with_both(block, typed):
    said = fault(f"```{{{block}}}\n{typed}\n```\n")
    assert said == f"{typed!r} cannot be read, expected {COLONS[block, typed]!r}"


@pytest.mark.parametrize(
    "text",
    [
        "```{graph}\nalpha = 2\ndelta = 3\nanswer = alpha*delta\n```\n"
        "```{forward}\nanswer = 6\n```\n",
        ONE_LAYER.replace(":cost", ":names: eta = W\n:cost").replace("W = 0", "eta = 0")
        + "```{forward}\neta = 0.1 0.6\n```\n",
    ],
)
def test_a_value_may_have_the_name_of_a_setting(text):
    assert failing(text) == []


# names

NAMES = [
    (ONE_LAYER, "dW = 0 0", "dCost/dW"),
    (ONE_LAYER, "dL/dW = 0 0", "dCost/dW"),
    (ONE_LAYER, "∂J/∂W = 0 0", "dCost/dW"),
    (ONE_LAYER, "db = 0", "dCost/db"),
    (ONE_LAYER, "dz = 0 0 0 0", "dCost/dZ"),
    (ONE_LAYER, "dW1 = 0 0", "dCost/dW"),
    (ONE_LAYER, "grad W = 0 0", "dCost/dW"),
    (ONE_LAYER, "grad_W = 0 0", "dCost/dW"),
    (ONE_LAYER, "W_grad = 0 0", "dCost/dW"),
    (ONE_LAYER, "nabla W = 0 0", "dCost/dW"),
    (ONE_LAYER, "∇W = 0 0", "dCost/dW"),
    (ONE_LAYER, "z_1 = 0", "Z"),
    (ONE_LAYER, "A1 = 0", "Yhat"),
    (TWO_LAYERS, "dW1 = 0", "dCost/dW[1]"),
    (TWO_LAYERS, "dW2[1,2] = 0", "dCost/dW[2][1,2]"),
    (TWO_LAYERS, "dW_2 = 0 0", "dCost/dW[2]"),
    (TWO_LAYERS, "dW[2] = 0 0", "dCost/dW[2]"),
    (TWO_LAYERS, "grad W2 = 0 0", "dCost/dW[2]"),
    (TWO_LAYERS, "W.grad = 0", "dCost/dW[1]"),
    (TWO_LAYERS, "dL/db1 = 0", "dCost/db[1]"),
    (TWO_LAYERS, "z_1 = 0", "Z[1]"),
    (TWO_LAYERS, "a_1 = 0", "A[1]"),
    (TWO_LAYERS, "W1 = 0", "W[1]"),
    (TWO_LAYERS, "b1 = 0", "b[1]"),
    (TWO_LAYERS, "A_2 = 0", "Yhat"),
    (TWO_LAYERS, "y_hat = 0", "Yhat"),
    (TWO_LAYERS, "Y_hat = 0", "Yhat"),
    (TWO_LAYERS, "y_pred = 0", "Yhat"),
    (TWO_LAYERS, "J = 0", "Cost"),
    (TWO_LAYERS, "loss = 0", "Cost"),
    (TWO_LAYERS, "L = 0", "Cost"),
    (ONE_NEURON, "dw1 = 0", "dL/dw1"),
    (ONE_NEURON, "dW1 = 0", "dL/dw1"),
    (ONE_NEURON, "dCost/dw_1 = 0", "dL/dw1"),
    (ONE_NEURON, "db = 0", "dL/db"),
    (ONE_NEURON, "w_1 = 0", "w1"),
    (ONE_NEURON, "y_hat = 0", "yhat"),
    (ONE_NEURON, "a = 0", "yhat"),
    (ONE_NEURON, "J = 0", "L"),
    (ONE_NEURON, "Cost = 0", "L"),
    (GRAPH, "db = 0", "de/db"),
    (GRAPH, "grad b = 0", "de/db"),
    (GRAPH, "dL/db = 0", "de/db"),
    (GRAPH, "loss = 0", "e"),
]


@pytest.mark.parametrize(("given", "typed", "meant"), NAMES)
def test_a_name_of_others_is_told_with_the_one_of_this_page(given, typed, meant):
    said = fault(f"{given}```{{forward}}\n```\n```{{backward}}\n{typed}\n```\n")
    typed = typed.partition(" =")[0].replace("∂", "d").replace("∇", "nabla ")
    assert said == f"{typed} is not on this page; did you mean {meant!r}?"


def test_the_gradient_that_hangs_on_a_value_elsewhere_is_told_too():
    said = fault(f"{ONE_LAYER}```{{forward}}\n```\n```{{backward}}\nW.grad = 0\n```\n")
    assert said == "W.grad is not written on the way to W; did you mean 'dCost/dW'?"


def test_the_names_of_the_source_are_those_that_are_told():
    named = ONE_LAYER.replace("W =", ":names: syn0 = W, l1 = Yhat\nsyn0 =")
    said = fault(f"{named}```{{forward}}\n```\n```{{backward}}\ndsyn0 = 0\n```\n")
    assert said == "dsyn0 is not on this page; did you mean 'dCost/dsyn0'?"


def test_what_a_source_calls_a_gradient_is_taken_where_names_says_so():
    named = ONE_LAYER.replace("X =", ":names: grad W = dCost/dW, db = dCost/db, J = Cost\nX =")
    forward = "```{forward}\nJ = 0.0889\n```\n"
    backward = "```{backward}\ngrad W = -0.048 -0.0387\ndb = -0.037\n```\n"
    assert failing(named + forward + backward) == []


@pytest.mark.parametrize(
    ("typed", "meant"), [("J = 0", "Cost"), ("W_ = 0", "W"), ("dW@0 = 0", "dCost/dW@0")]
)
def test_a_training_tells_its_own_names(typed, meant):
    said = fault(f"{ONE_LAYER}```{{train}}\n:epochs: 2\n{typed}\n```\n")
    name = typed.partition(" =")[0]
    assert said == f"{name} is no result of a training; did you mean {meant!r}?"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("W1", "W[1]"), ("W_1", "W[1]"), ("weights", "W[1]"), ("x", "X"), ("labels", "Y")],
)
def test_what_is_given_is_told_in_the_names_of_the_network(typed, meant):
    given = TWO_LAYERS.replace(f"\n{meant} =", f"\n{typed} =")
    said = fault(given + PHASES)
    assert said == f"{typed} has no place in this network; did you mean {meant!r}?"


@pytest.mark.parametrize(
    ("given", "known"),
    [
        (ONE_LAYER, "X, W, b, Y, Z, Yhat, Cost"),
        (TWO_LAYERS, "X, W[1], b[1], W[2], b[2], Y, Z[1], A[1], Z[2], Yhat, Cost"),
        (ONE_NEURON, "x1, w1, b, y, z, yhat, L"),
        (GRAPH, "a, b, c, d, e"),
    ],
)
def test_known_names_are_listed_in_the_order_of_the_page(given, known):
    said = fault(f"{given}```{{forward}}\nqqq = 0\n```\n")
    assert said == f"qqq is not on this page; known here: {known}"
    leaves = [name for name in known.split(", ") if f"\n{name} = " in given]
    if given != GRAPH:
        said = fault(given.replace("\n```", "\nqqq = 0\n```"))
        assert said == f"qqq has no place in this network; known here: {', '.join(leaves)}"


# numbers

LISTS = {
    "[[0, 1], [1, 1]]": "0 1; 1 1",
    "np.array([[0, 1], [1, 1]])": "0 1; 1 1",
    "np.array([[0.5, -1e-3]], dtype=float)": "0.5 -1e-3",
    "torch.tensor([[1], [2]])": "1; 2",
    "[0, 1, 1]": "0 1 1",
    "[0 1; 1 1]": "0 1; 1 1",
    "{{0, 1}, {1, 1}}": "0 1; 1 1",
    "(0, 1)": "0 1",
    "np.array([[1, 2]]).T": "(1 2)^T",
}
COMMAS = {
    "0,5": ("0.5", "0, 5"),
    "0,05": ("0.05", "0, 05"),
    "-0,5": ("-0.5", "-0, 5"),
    "1,5 2,5": ("1.5 2.5", "1, 5 2, 5"),
    "1,5; 2,5": ("1.5; 2.5", "1, 5; 2, 5"),
    "0.5 1,5": ("0.5 1.5", "0.5 1, 5"),
}
NUMBERS = {
    **{typed: f"{typed!r} is a list, expected {rows!r}: a semicolon ends a row"
       for typed, rows in LISTS.items()},
    **{typed: f"{typed!r} has a decimal comma, expected {points!r}, or {row!r} for a row"
       for typed, (points, row) in COMMAS.items()},
    "1/3 2/3": "'1/3' is a fraction, expected a decimal number such as 0.333333",
}  # fmt: skip
WHERE_NUMBERS_STAND = {
    "given": ONE_LAYER.replace("0.1 0.6", "NUMBERS"),
    "in a graph": "```{graph}\nw = NUMBERS\nL = sum(w*w)\n```\n",
    "printed": ONE_LAYER + "```{forward}\nZ = NUMBERS\n```\n",
}


@pytest.mark.parametrize("place", WHERE_NUMBERS_STAND)
@pytest.mark.parametrize("typed", NUMBERS)
def test_numbers_typed_as_elsewhere_are_told_as_they_are_typed_here(typed, place):
    assert fault(WHERE_NUMBERS_STAND[place].replace("NUMBERS", typed)) == NUMBERS[typed]


@pytest.mark.parametrize(
    ("typed", "rows"),
    [
        ("0, 1", [[0, 1]]),
        ("0.1,0.6", [[0.1, 0.6]]),
        ("0,1,1", [[0, 1, 1]]),
        ("0.5,1; 0,1", [[0.5, 1], [0, 1]]),
        (".5 -.25", [[0.5, -0.25]]),
    ],
)
def test_a_comma_between_numbers_is_as_good_as_a_space(typed, rows):
    assert graph(f"w = {typed}\nL = sum(w*w)").leaves[0].value.tolist() == rows


@pytest.mark.parametrize("place", ["given", "printed"])
def test_a_single_fraction_is_told_its_value_where_a_decimal_number_stands(place):
    text = {"given": ONE_LAYER.replace("b = 0", "b = 1/3"), "printed": ONE_LAYER}[place]
    said = fault(text + "```{forward}\nCost = 1/3\n```\n")
    assert said == "'1/3' is a fraction, expected a decimal number such as 0.333333"
    assert graph("a = 1/3; c = 3*a").leaves[0].value == 1 / 3


SETTINGS_WITH_A_COMMA = {
    ":learning-rate: 0,5": "learning-rate '0,5' has a decimal comma, expected '0.5'",
    ":l2: 0,1, lambda/2m": "l2 '0,1' has a decimal comma, expected '0.1'",
    ":factor: 0,5": "factor '0,5' has a decimal comma, expected '0.5'",
    ":optimizer: momentum, beta 0,9": "beta '0,9' has a decimal comma, expected '0.9'",
    ":layers: 1 leaky relu 0,2": "layers '0,2' has a decimal comma, expected '0.2'",
    ":layers: 1 0,5*z": "layers '0,5' has a decimal comma, expected '0.5'",
    ":layers: 1 tanh(0,5*z)": "'tanh(0,5*z)' has a decimal comma, expected 0.5",
    ":cost: huber 1,5": "huber '1,5' has a decimal comma, expected '1.5'",
}


@pytest.mark.parametrize("typed", SETTINGS_WITH_A_COMMA)
def test_a_decimal_comma_in_a_setting_is_told(typed):
    key = typed[: typed.index(": ") + 1]
    kept = "\n".join(line for line in ONE_LAYER.split("\n") if not line.startswith(key))
    assert fault(kept.replace("X =", f"{typed}\nX =")) == SETTINGS_WITH_A_COMMA[typed]


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (
            "{curve}\n:from: -0,5\n:to: 1\na = z**2",
            "from '-0,5' has a decimal comma, expected '-0.5'",
        ),
        (
            "{curve}\n:from: -1\n:to: 1\n:mark: 0,5\na = z**2",
            "mark '0,5' has a decimal comma, expected '0.5', or '0, 5' for a row",
        ),
        ("{derive}\nf = 0,5*z", "'0,5*z' has a decimal comma, expected 0.5"),
        ("{graph}\nx = 2\nc = 0,5*x", "'0,5*x' has a decimal comma, expected 0.5"),
        ("{graph}\nx = 2\nc = exp(0,5*x)", "'exp(0,5*x)' has a decimal comma, expected 0.5"),
        ("{graph}\nx = 2\nc = max(x, 5)*0,2", "'max(x, 5)*0,2' has a decimal comma, expected 0.2"),
    ],
)
def test_a_decimal_comma_in_a_formula_or_a_curve_is_told(block, said):
    assert fault(f"```{block}\n```\n") == said


# layers, losses, rounding

NOT_COUNTED = "is none: inputs are not counted, expected"
WORDS = {
    ":layers: 2, 1 sigmoid": f"layer '2' {NOT_COUNTED} '1 sigmoid'",
    ":layers: 2 input, 3 sigmoid": f"layer '2 input' {NOT_COUNTED} '3 sigmoid'",
    ":layers: 2, 3, 1": f"layer '2' {NOT_COUNTED} '3 sigmoid, 1 sigmoid'",
    ":layers: 2-3-1": f"layer '2' {NOT_COUNTED} '3 sigmoid, 1 sigmoid'",
    ":layers: sigmoid(3)": "layer 'sigmoid(3)' cannot be read, expected '3 sigmoid'",
    ":layers: 1 Sigmoid": "activation 'Sigmoid' is not known; did you mean 'sigmoid'?",
    ":layers: 1 ReLU": "activation 'ReLU' is not known; did you mean 'relu'?",
    ":layers: 2 SoftMax": "activation 'SoftMax' is not known; did you mean 'softmax'?",
    ":layers: 2 soft-max": "activation 'soft-max' is not known; did you mean 'softmax'?",
    ":layers: 1 leaky-relu": "activation 'leaky-relu' is not known; did you mean 'leaky relu'?",
    ":layers: 1 lrelu": "activation 'lrelu' is not known; it is called 'leaky relu' here",
    ":layers: 1 Swish": "activation 'Swish' is not known; did you mean 'swish'?",
    ":layers: 1 SiLU": "activation 'SiLU' is not known; did you mean 'silu'?",
    ":layers: 1 ln": "activation 'ln' is not known; as an expression it is 'ln(z)'",
    ":layers: 1 max": "activation 'max' is not known; as an expression it is 'max(z, 0)'",
    ":layers: 1 -x": "'-x' has x in it: an activation is an expression in z",
    ":layers: 2, sigmoid": "layer '2' has no activation, expected '2 identity'",
    ":layers: 1 z": "activation 'z' is not known; it is called 'identity' here",
    ":layers: 1 softmax": "layer '1 softmax' is always 1, expected 2 neurons, or '1 sigmoid'",
    ":cost: mse": "loss 'mse' is not known; it is called 'squared error' here, and has the factor "
    "1/2 without ':factor: 1'",
    ":cost: MAE": "loss 'MAE' is not known; it is called 'absolute error' here",
    ":cost: bce": "loss 'bce' is not known; it is called 'binary cross-entropy' here",
    ":cost: categorical_crossentropy": "loss 'categorical_crossentropy' is not known; it is called "
    "'cross-entropy' here",
    ":cost: softmax cross-entropy": "'softmax cross-entropy' compares several outputs, expected 2 "
    "or more; for one there is 'binary cross-entropy with logits'",
}  # fmt: skip


@pytest.mark.parametrize("typed", WORDS)
def test_layers_and_losses_of_others_are_told(typed):
    key = typed[: typed.index(": ") + 1]
    kept = re.sub(rf"(?m)^{key}.*$", typed, ONE_LAYER)
    if "softmax cross" in typed:
        kept = kept.replace("1 sigmoid", "1 identity")
    assert fault(kept) == WORDS[typed]


@pytest.mark.parametrize("activation", ["-z", "1 - z", "z - 1", "-z/2"])
def test_a_formula_with_a_minus_is_an_activation(activation):
    sums = [0, 0.6, 0.1, 0.7]
    answers = " ".join(f"{eval(activation, {'z': z}):.3f}" for z in sums)
    given = ONE_LAYER.replace("1 sigmoid", f"1 {activation}")
    assert failing(f"{given}```{{forward}}\nYhat = {answers}\n```\n") == []


ROUNDINGS = {
    "3": "3",
    "3 decimals": "3",
    "3 decimal places": "3",
    "round 3": "3",
    "rounded to 2 digits": "2",
    "3 significant": "3 significant",
    "4 significant figures": "4 significant",
}


@pytest.mark.parametrize("typed", ROUNDINGS)
def test_a_rounding_without_a_way_is_told_both(typed):
    said = fault(f"{ONE_LAYER}```{{forward}}\n:rounding: {typed}\n```\n")
    digits = ROUNDINGS[typed]
    assert said == (
        f"rounding {typed!r} has no way to round, expected 'carry {digits}', which uses the "
        f"written number next, or 'display {digits}', which uses the exact one"
    )


# words that formulas keep for themselves


@pytest.mark.parametrize("word", ["lambda", "in", "is", "as", "if", "not"])
@pytest.mark.parametrize(
    "text",
    [
        "```{{graph}}\nw = 2\n{} = 3\nc = w*w\n```\n",
        "```{{graph}}\nw = 2\nc = w*{} + 1\n```\n",
        "```{{derive}}\n:wrt: w\nf = w**2*{} + 1\n```\n",
    ],
)
def test_a_reserved_word_is_told_to_be_one(word, text):
    instead = "lam or decay" if word == "lambda" else f"{word}1 or another name"
    assert fault(text.format(word)) == f"{word} is a word of Python's; call it {instead}"


# what is typed out is the same step as what is named

SPELLED_OUT = {
    "1/(1 + exp(-n))": "sigmoid(n)",
    "1.0/(1.0 + exp(-n))": "sigmoid(n)",
    "1/(exp(-n) + 1)": "sigma(n)",
    "1/(1 + exp(-(2*n + 1)))": "sigmoid(2*n + 1)",
    "(exp(n) - exp(-n))/(exp(n) + exp(-n))": "tanh(n)",
    "(exp(n) - exp(-n))/(exp(-n) + exp(n))": "tanh(n)",
    "log(1 + exp(n))": "softplus(n)",
    "ln(exp(n) + 1)": "softplus(n)",
    "2*(1/(1 + exp(-n))) + n": "2*sigmoid(n) + n",
}
OTHERS = [
    "1/(1 + exp(n))",
    "2/(1 + exp(-n))",
    "1/(2 + exp(-n))",
    "1/(1 - exp(-n))",
    "(exp(n) + exp(-n))/(exp(n) - exp(-n))",
    "(exp(n) - exp(-m))/(exp(n) + exp(-m))",
    "(exp(-n) - exp(n))/(exp(n) + exp(-n))",
    "log(2 + exp(n))",
    "log(1 + exp(-n) + n)",
]


def steps(expression):
    program = graph(f"n = 0.3; m = 0.2; f = {expression}")
    return [(e.output, e.op, e.inputs) for e in program.equations]


@pytest.mark.parametrize("typed", SPELLED_OUT)
def test_a_formula_of_an_activation_is_one_step_as_its_name_is(typed):
    assert steps(typed) == steps(SPELLED_OUT[typed])


@pytest.mark.parametrize("typed", OTHERS)
def test_a_formula_that_only_looks_like_one_is_worked_out_as_it_stands(typed):
    names = {"sigmoid", "tanh", "softplus"}
    assert names.isdisjoint(op.name for _, op, _ in steps(typed) if typed != "log(1 + exp(-n) + n)")
    value = work(graph(f"n = 0.3; m = 0.2; f = {typed}"))["f"].exact
    assert value == pytest.approx(eval(typed, {"n": 0.3, "m": 0.2, **vars(__import__("math"))}))
