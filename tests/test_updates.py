"""Update rules: printed numbers, steps beside plain Python, and what is remembered between."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tracer import graph, net, ops, work
from tracer.errors import LessonError
from tracer.lesson.check import check
from tracer.lesson.reading import read
from tracer.network.words import parse_update
from tracer.numbers.rounding import parse_pen
from tracer.trace.program import STEPS
from tracer.trace.quantity import Hand
from tracer.trace.tape import Tape
from tracer.training import run as training
from tracer.training.run import train
from tracer.written.lines import without_parts
from tracer.written.text import text


def digits(value, printed):
    """Numbers, row by row, with as many decimals as were printed."""
    texts = printed.split()
    flat = [float(x) for x in np.ravel(value)]
    return [f"{x:.{len(t.partition('.')[2])}f}" for x, t in zip(flat, texts, strict=True)]


def parabola(rule, w, rate=0.1):
    """Half of w squared, whose gradient is w itself, with an update rule."""
    program = graph("w = 1; L = 0.5*w**2", learning_rate=rate).given({"w": w})
    return replace(program, update=parse_update(rule))


# numbers that were printed: the docstrings of Keras, where all start at half a square

KERAS = [
    ("velocity momentum", 1.0, "0.90 0.72"),  # SGD: w falls by 0.1 and by 0.18
    ("momentum", 1.0, "0.90 0.72"),
    ("rmsprop", 10.0, "9.683772"),
    ("adam", 10.0, "9.9"),
]


@pytest.mark.parametrize(("rule", "w", "printed"), KERAS)
def test_the_steps_that_keras_prints(rule, w, printed):
    run = train(parabola(rule, w), len(printed.split()))
    assert digits(run.history[1:, 0], printed) == printed.split()


# and a unit test of Ng's course "Improving Deep Neural Networks", week 2, where all is random

random = np.random.RandomState(1)
SHAPES = {"W1": (2, 3), "b1": (2, 1), "W2": (3, 3), "b2": (3, 1)}
PARAMETERS, GIVEN = ({n: random.randn(*shape) for n, shape in SHAPES.items()} for _ in range(2))
NG = {
    "gradient descent": {
        "W1": "1.63535156 -0.62320365 -0.53718766 -1.07799357 0.85639907 -2.29470142",
        "b1": "1.74604067 -0.75184921",
        "W2": "0.32171798 -0.25467393 1.46902454 -2.05617317 -0.31554548 -0.37560230 "
        "1.14048190 -1.09976462 -0.16125510",
        "b2": "-0.88020257 0.02561572 0.57539477",
    },
    "averaged momentum": {
        "W1": "1.62544598 -0.61290114 -0.52907334 -1.07347112 0.86450677 -2.30085497",
        "b1": "1.74493465 -0.76027113",
        "W2": "0.31930698 -0.24990073 1.46279960 -2.05974396 -0.32173003 -0.38320915 "
        "1.13444069 -1.09987860 -0.17131090",
        "b2": "-0.87809283 0.04055394 0.58207317",
        "vW1": "-0.11006192 0.11447237 0.09015907 0.05024943 0.09008559 -0.06837279",
        "vb1": "-0.01228902 -0.09357694",
        "vW2": "-0.02678881 0.05303555 -0.06916608 -0.03967535 -0.06871727 -0.08452056 "
        "-0.06712461 -0.00126646 -0.11173103",
        "vb2": "0.02344157 0.16598022 0.07420442",
    },
    "adam": {
        "W1": "1.63178673 -0.61919778 -0.53561312 -1.08040999 0.85796626 -2.29409733",
        "b1": "1.75225313 -0.75376553",
        "W2": "0.32648046 -0.25681174 1.46954931 -2.05269934 -0.31497584 -0.37661299 "
        "1.14121081 -1.09244991 -0.16498684",
        "b2": "-0.88529979 0.03477238 0.57537385",
        "vW1": "0.00121136 0.00131039 0.00081287 0.00025250 0.00081154 0.00046748",
        "vb1": "0.0000151020075 0.000875664434",
        "vW2": "0.0000717640232 0.000281276921 0.000478394595 0.000157413361 0.000472206320 "
        "0.000714372576 0.000450571368 0.000000160392066 0.00124838242",
        "vb2": "0.0000549507194 0.00275494327 0.000550629536",
    },
}
STARTED = {"adam": {STEPS: 1.0}}
"The unit test of Adam calls its first step t = 2."


def matrix(name, array):
    return f"{name} = " + "; ".join(" ".join(map(repr, map(float, row))) for row in array)


def sums_of_products():
    """A graph whose gradients are given numbers: L = sum(G*W) has the gradient G."""
    lines = [matrix(n, a) for n, a in PARAMETERS.items()]
    lines += [matrix(f"G{n}", a) for n, a in GIVEN.items()]
    return [*lines, "L = " + " + ".join(f"sum(G{n}*{n})" for n in SHAPES)]


@pytest.mark.parametrize("rule", NG)
def test_the_step_that_ng_prints(rule):
    program = replace(
        graph("\n".join(sums_of_products()), 0.01, data=[f"G{n}" for n in SHAPES]),
        update=ops.UPDATES[rule],
        memory=STARTED.get(rule, {}),
    )
    trace = work(program)
    for name, array in GIVEN.items():
        assert np.array_equal(trace[f"dL/d{name}"].exact, array)
    for name, printed in NG[rule].items():
        assert digits(trace[f"{name}'"].exact, printed) == printed.split()


@pytest.mark.parametrize("rule", ["gradient descent", "averaged momentum"])
def test_a_lesson_says_the_same(rule):
    def rows(name, printed):
        width = SHAPES[name.removeprefix("v")][1]
        numbers = printed.split()
        return "; ".join(" ".join(numbers[k : k + width]) for k in range(0, len(numbers), width))

    blocks = [
        "```{lesson}\n:title: A step\n:rounding: exact\n```",
        f"```{{graph}}\n:optimizer: {rule}\n:learning-rate: 0.01",
        f":data: {', '.join(f'G{n}' for n in SHAPES)}",
        *sums_of_products(),
        "```\n```{forward}\n```\n```{backward}\n```\n```{update}",
        *(f"{name} = {rows(name, printed)}" for name, printed in NG[rule].items()),
        "```",
    ]
    verdicts = check(read("\n".join(blocks), "ng", "ng.md"))
    assert len(verdicts) == sum(len(printed.split()) for printed in NG[rule].values())
    assert [str(verdict) for verdict in verdicts if not verdict.holds] == []


# by hand: w = 1, whose gradient is w, and steps of 0.1 (the averages as fractions of 100)

BY_HAND = {
    "gradient descent": [0.9, 0.81],
    "momentum": [0.9, 0.9 - 0.1 * 1.8],
    "averaged momentum": [0.99, 0.99 - 0.1 * (0.09 + 0.099)],
    "velocity momentum": [0.9, 0.9 - (0.09 + 0.09)],
    "nesterov": [0.81, 0.81 - 0.1 * (0.81 + 0.9 * (0.9 + 0.81))],
    "velocity nesterov": [1 + 0.9 * -0.1 - 0.1, 0.5751],
    "rmsprop, epsilon 0": [1 - 0.1 / math.sqrt(0.1)],
    "rmsprop with epsilon inside, epsilon 0.15": [1 - 0.1 / 0.5],
    "rmsprop with epsilon inside, beta 0, epsilon 3": [1 - 0.1 / 2],
    "rmsprop, beta 0, epsilon 1": [1 - 0.1 / 2],
    "adagrad, epsilon 0": [0.9, 0.9 - 0.1 * 0.9 / math.sqrt(1.81)],
    "adagrad, epsilon 1": [0.95],
    "adam, epsilon 0": [0.9, 0.9 - 0.1 * (0.18 / 0.19) / math.sqrt(0.001809 / 0.001999)],
    "adam, beta1 0, beta2 0, epsilon 1": [0.95],
    # the gradients are 1 and 0.9, and the larger of 0.999 * 1 and 0.9 is the older one
    "adamax, epsilon 0": [0.9, 0.9 - 0.1 * (0.18 / 0.19) / 0.999],
    # once faded to 0.3, it is the smaller one
    "adamax, beta1 0, beta2 0.3, epsilon 0": [0.9, 0.8],
    "adamax, beta1 0, beta2 0, epsilon 1": [0.95],
    "adamw, epsilon 0": [0.999 - 0.1],
    "adamw, decay 0.5, epsilon 0": [0.95 - 0.1],
}


@pytest.mark.parametrize(("rule", "steps"), BY_HAND.items())
def test_a_step_by_hand(rule, steps):
    run = train(parabola(rule, 1.0), len(steps))
    assert run.history[1:, 0] == pytest.approx(steps, rel=1e-12)


# three iterations beside plain Python. What a rule remembers is told there as the sum it stands
# for, over all gradients so far, and not as the line that brings it up to date


def fading(beta, gradients):
    """All gradients so far, the older the less: g3 + beta g2 + beta^2 g1."""
    return sum(beta**age * g for age, g in enumerate(reversed(gradients)))


def mean(beta, gradients):
    """Their weighted mean."""
    return fading(beta, gradients) / sum(beta**age for age in range(len(gradients)))


def squares(gradients):
    return [g**2 for g in gradients]


def adam(g, beta1, beta2, epsilon):
    return mean(beta1, g) / (math.sqrt(mean(beta2, squares(g))) + epsilon)


def largest(beta, gradients):
    """The largest of all gradients so far, the older ones faded."""
    return max(beta**age * abs(g) for age, g in enumerate(reversed(gradients)))


AFTER = {
    "gradient descent": lambda w, g, rate: w - rate * g[-1],
    "momentum": lambda w, g, rate, beta: w - rate * fading(beta, g),
    "averaged momentum": lambda w, g, rate, beta: w - rate * (1 - beta) * fading(beta, g),
    "velocity momentum": lambda w, g, rate, beta: w - rate * fading(beta, g),
    "nesterov": lambda w, g, rate, beta: w - rate * (g[-1] + beta * fading(beta, g)),
    "velocity nesterov": lambda w, g, rate, beta: w - rate * (g[-1] + beta * fading(beta, g)),
    "rmsprop": lambda w, g, rate, beta, epsilon: (
        w - rate * g[-1] / (math.sqrt((1 - beta) * fading(beta, squares(g))) + epsilon)
    ),
    "rmsprop with epsilon inside": lambda w, g, rate, beta, epsilon: (
        w - rate * g[-1] / math.sqrt((1 - beta) * fading(beta, squares(g)) + epsilon)
    ),
    "adagrad": lambda w, g, rate, epsilon: (
        w - rate * g[-1] / (math.sqrt(sum(squares(g))) + epsilon)
    ),
    "adam": lambda w, g, rate, beta1, beta2, epsilon: w - rate * adam(g, beta1, beta2, epsilon),
    "adamax": lambda w, g, rate, beta1, beta2, epsilon: (
        w - rate * mean(beta1, g) / (largest(beta2, g) + epsilon)
    ),
    "adamw": lambda w, g, rate, beta1, beta2, epsilon, decay: (
        w * (1 - rate * decay) - rate * adam(g, beta1, beta2, epsilon)
    ),
}
"A parameter after a step, from all its gradients so far."
WITH_BETA = ["momentum", "averaged momentum", "velocity momentum", "nesterov", "velocity nesterov"]
CONSTANTS = {
    "gradient descent": {},
    **{name: {"beta": 0.9} for name in WITH_BETA},
    "rmsprop": {"beta": 0.9, "epsilon": 1e-8},
    "rmsprop with epsilon inside": {"beta": 0.9, "epsilon": 1e-8},
    "adagrad": {"epsilon": 1e-8},
    "adam": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    "adamax": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    "adamw": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "decay": 0.01},
}
OTHERS = {"beta": 0.5, "beta1": 0.7, "beta2": 0.6, "epsilon": 0.25, "decay": 0.3}
REMEMBERED = {
    "momentum": {"v": lambda g, rate, beta: fading(beta, g)},
    "averaged momentum": {"v": lambda g, rate, beta: (1 - beta) * fading(beta, g)},
    "velocity momentum": {"v": lambda g, rate, beta: -rate * fading(beta, g)},
    "nesterov": {"v": lambda g, rate, beta: fading(beta, g)},
    "velocity nesterov": {"v": lambda g, rate, beta: -rate * fading(beta, g)},
    "rmsprop": {"s": lambda g, rate, beta, **_: (1 - beta) * fading(beta, squares(g))},
    "adagrad": {"s": lambda g, rate, **_: sum(squares(g))},
    "adam": {
        "m": lambda g, rate, beta1, **_: (1 - beta1) * fading(beta1, g),
        "v": lambda g, rate, beta2, **_: (1 - beta2) * fading(beta2, squares(g)),
        "mhat": lambda g, rate, beta1, **_: mean(beta1, g),
        "vhat": lambda g, rate, beta2, **_: mean(beta2, squares(g)),
    },
    "adamax": {
        "m": lambda g, rate, beta1, **_: (1 - beta1) * fading(beta1, g),
        "u": lambda g, rate, beta2, **_: largest(beta2, g),
        "mhat": lambda g, rate, beta1, **_: mean(beta1, g),
    },
}
REMEMBERED["rmsprop with epsilon inside"] = REMEMBERED["rmsprop"]
REMEMBERED["adamw"] = REMEMBERED["adam"]
RULES = [
    pytest.param(name, constants, id=f"{name}{kind}")
    for name, usual in CONSTANTS.items()
    for kind, constants in (("", usual), (", other constants", {c: OTHERS[c] for c in usual}))
]
RATE = 0.3
X, Y, START = (
    [[1, 2, -1], [0.5, -1, 3]],
    [1, -2, 0.5],
    {"W[1,1]": 0.7, "W[1,2]": -0.4, "b[1,1]": 0.2},
)


def gradients(parameters, examples):
    """Of the mean of (w1 x1 + w2 x2 + b - y)^2 / 2 over some examples."""
    found = dict.fromkeys(parameters, 0.0)
    for k in examples:
        inputs = dict(zip(parameters, [X[0][k], X[1][k], 1], strict=True))
        error = sum(parameters[name] * x for name, x in inputs.items()) - Y[k]
        for name, x in inputs.items():
            found[name] += error * x / len(examples)
    return found


def in_plain_python(name, constants, steps, batches=((0, 1, 2),)):
    """The parameters before each step and after the last, and all gradients by their names."""
    history, sent = [START], {parameter: [] for parameter in START}
    for k in range(steps):
        slopes = gradients(history[-1], batches[k % len(batches)])
        for parameter, slope in slopes.items():
            sent[parameter].append(slope)
        after = AFTER[name]
        history.append({p: after(w, sent[p], RATE, **constants) for p, w in history[-1].items()})
    return history, sent


def in_words(name, constants):
    return ", ".join([name, *(f"{key} {value!r}" for key, value in constants.items())])


def neuron(name, constants):
    """The same neuron: one layer without activation, and squared error."""
    return net(
        "1 identity", X=X, Y=[Y], W=[[0.7, -0.4]], b=0.2, learning_rate=RATE,
        settings={"optimizer": in_words(name, constants)},
    )  # fmt: skip


@pytest.mark.parametrize(("name", "constants"), RULES)
def test_three_iterations_on_paper(name, constants):
    trace = work(neuron(name, constants), iterations=3)
    history, _ = in_plain_python(name, constants, 3)
    for epoch, parameters in enumerate(history):
        found = {p: trace[f"{p}@{epoch}"].exact for p in parameters}
        assert found == pytest.approx(parameters, rel=1e-12)


@pytest.mark.parametrize(("name", "constants"), RULES)
def test_three_epochs_of_training(name, constants):
    run = train(neuron(name, constants), 3)
    history, _ = in_plain_python(name, constants, 3)
    for epoch, parameters in enumerate(history):
        found = run.parameters(epoch)
        assert [*found["W"][0], *found["b"][0]] == pytest.approx(
            list(parameters.values()), rel=1e-12
        )


@pytest.mark.parametrize(("name", "constants"), RULES)
def test_every_batch_is_a_step_of_its_own(name, constants):
    run = train(neuron(name, constants), 2, batch_size=2)
    history, _ = in_plain_python(name, constants, 4, batches=[(0, 1), (2,)])
    for epoch in (0, 1, 2):
        found = run.parameters(epoch)
        parameters = list(history[2 * epoch].values())
        assert [*found["W"][0], *found["b"][0]] == pytest.approx(parameters, rel=1e-12)


@pytest.mark.parametrize(("name", "constants"), RULES)
def test_what_is_remembered_between_the_steps(name, constants):
    trace = work(neuron(name, constants), iterations=3)
    _, sent = in_plain_python(name, constants, 3)
    for state, formula in REMEMBERED.get(name, {}).items():
        for parameter, slopes in sent.items():
            for epoch in (1, 2, 3):
                found = trace[f"{state}{parameter}@{epoch}"].exact
                assert found == pytest.approx(formula(slopes[:epoch], RATE, **constants), rel=1e-12)


@pytest.mark.parametrize(("name", "constants"), RULES)
def test_the_numbers_of_one_example_move_as_a_matrix_does(name, constants):
    setting = {"optimizer": in_words(name, constants)}
    values = {"x1": 1, "x2": -2, "y": 0.5, "w1": 0.7, "w2": -0.4, "b": 0.2}
    alone = net("1 tanh", view="scalar", learning_rate=RATE, settings=setting, **values)
    batch = net(
        "1 tanh", X=[[1], [-2]], Y=[[0.5]], W=[[0.7, -0.4]], b=0.2, learning_rate=RATE,
        settings=setting,
    )  # fmt: skip
    one, many = work(alone, iterations=3), work(batch, iterations=3)
    for scalar, entry in (("w1", "W[1,1]"), ("w2", "W[1,2]"), ("b", "b[1,1]")):
        assert one[f"{scalar}@3"].exact == pytest.approx(many[f"{entry}@3"].exact, rel=1e-12)


@pytest.mark.parametrize(("name", "constants"), RULES)
def test_what_stands_still_remembers_nothing(name, constants):
    trace = work(
        net(
            "1 identity", X=X, Y=[Y], W=[[0.7, -0.4]], b=0.2, learning_rate=RATE,
            settings={"optimizer": in_words(name, constants), "biases": "fixed"},
        )
    )  # fmt: skip
    assert trace["b'"].exact.tolist() == [[0.2]]
    assert [state for state in REMEMBERED.get(name, {}) if f"{state}b'" in trace] == []


# the step itself, as it is written

WRITTEN = {
    "gradient descent": ["W - α * ∂Cost/∂W"],
    "momentum": ["β*vW + ∂Cost/∂W", "W - α*vW'"],
    "averaged momentum": ["β*vW + (1 - β) * ∂Cost/∂W", "W - α*vW'"],
    "velocity momentum": ["β*vW - α * ∂Cost/∂W", "W + vW'"],
    "nesterov": ["β*vW + ∂Cost/∂W", "W - α * (∂Cost/∂W + β*vW')"],
    "velocity nesterov": ["β*vW - α * ∂Cost/∂W", "W - β*vW + (1 + β) * vW'"],
    "rmsprop": ["β*sW + (1 - β) * (∂Cost/∂W)^∘2", "W - α * ∂Cost/∂W/(sqrt(sW') + ε)"],
    "rmsprop with epsilon inside": [
        "β*sW + (1 - β) * (∂Cost/∂W)^∘2",
        "W - α * ∂Cost/∂W/sqrt(sW' + ε)",
    ],
    "adagrad": ["sW + (∂Cost/∂W)^∘2", "W - α * ∂Cost/∂W/(sqrt(sW') + ε)"],
    "adam": [
        "β1*mW + (1 - β1) * ∂Cost/∂W",
        "β2*vW + (1 - β2) * (∂Cost/∂W)^∘2",
        "mW'/(1 - β1^t)",
        "vW'/(1 - β2^t)",
        "W - α*mhatW'/(sqrt(vhatW') + ε)",
    ],
    "adamax": [
        "β1*mW + (1 - β1) * ∂Cost/∂W",
        "max(β2*uW, abs(∂Cost/∂W))",
        "mW'/(1 - β1^t)",
        "W - α*mhatW'/(uW' + ε)",
    ],
    "adamw": [
        "W - α*decay*W",
        "β1*mW + (1 - β1) * ∂Cost/∂W",
        "β2*vW + (1 - β2) * (∂Cost/∂W)^∘2",
        "mW'/(1 - β1^t)",
        "vW'/(1 - β2^t)",
        "decayW' - α*mhatW'/(sqrt(vhatW') + ε)",
    ],
}


@pytest.mark.parametrize(("name", "lines"), WRITTEN.items())
def test_an_update_is_written_line_by_line(name, lines):
    trace = Tape(neuron(name, CONSTANTS[name]))
    trace.forward()
    trace.backward()
    step = next(step for step in trace.update() if step.old.name == "W")
    assert [text(without_parts(line.formula)) for line in (*step.before, step.new)] == lines


# an epoch of a run, worked out in full, leads to the next one


@pytest.mark.parametrize("kept", [training.MOST_KEPT, 20])
@pytest.mark.parametrize("name", CONSTANTS)
def test_an_epoch_worked_out_gives_the_parameters_of_the_next(name, kept, monkeypatch):
    monkeypatch.setattr(training, "MOST_KEPT", kept)
    run = train(neuron(name, CONSTANTS[name]), 7)
    assert (run.every > 1) == (kept == 20)
    for epoch in range(7):
        trace, following = work(run.at(epoch)), run.parameters(epoch + 1)
        assert trace["Cost"].exact == pytest.approx(run.costs[epoch], rel=1e-15)
        for parameter, value in following.items():
            assert trace[f"{parameter}'"].exact == pytest.approx(value, rel=1e-14)


def test_a_run_that_goes_on_from_an_epoch_is_the_same_run():
    whole = train(neuron("adam", {"beta1": 0.5, "beta2": 0.75}), 6)
    after = train(whole.at(4), 2)
    assert after.history[-1].tolist() == whole.history[-1].tolist()
    assert after.costs.tolist() == whole.costs[4:].tolist()


# written by hand, what is remembered is rounded, too, and carried on

PARABOLA = """\
```{lesson}
:title: Half a square
:rounding: PEN
```
```{graph}
:optimizer: RULE
:learning-rate: 0.1
w = 0.77
L = 0.5 * w**2
```
```{forward}
```
```{backward}
```
```{update}
FIRST
```
```{forward}
```
```{backward}
```
```{update}
SECOND
```
"""
CARRIED = [
    # v = 0.77, a step of 0.077, which is 0.08; then v = 0.9 * 0.77 + 0.69 = 1.383, a step of 0.138
    ("carry 2", "momentum", "vw = 0.77; w = 0.69", "vw = 1.38; w = 0.55"),
    # v = 0.77, w = 0.693; then v = 0.693 + 0.693 = 1.386, and w = 0.693 - 0.1386 = 0.5544
    ("display 2", "momentum", "vw = 0.77; w = 0.69", "vw = 1.39; w = 0.55"),
    ("exact", "momentum", "vw = 0.77; w = 0.693", "vw = 1.386; w = 0.5544"),
    # s = 0.1 * 0.77^2 = 0.05929, and a step of 0.077/0.2429 = 0.317; then
    # s = 0.9 * 0.059 + 0.1 * 0.453^2 = 0.0736, and a step of 0.0453/0.272 = 0.1665
    ("carry 3", "rmsprop", "sw = 0.059; w = 0.453", "sw = 0.074; w = 0.286"),
    # the mean of squares is 0.0005929, written 0.001, which stands for 0.001/0.001 = 1
    ("carry 3", "adam", "mw = 0.077; vw = 0.001; mhatw = 0.77; vhatw = 1; w = 0.693", ""),
]


@pytest.mark.parametrize(("pen", "rule", "first", "second"), CARRIED)
def test_what_is_remembered_is_rounded_and_carried_on(pen, rule, first, second):
    lesson = PARABOLA.replace("PEN", pen).replace("RULE", rule)
    for place, printed in (("FIRST", first), ("SECOND", second)):
        lesson = lesson.replace(place, printed.replace("; ", "\n"))
    verdicts = check(read(lesson, "parabola", "parabola.md"))
    assert len(verdicts) == first.count("=") + second.count("=")
    assert [str(verdict) for verdict in verdicts if not verdict.holds] == []


def test_a_step_that_divides_by_what_was_rounded_away_is_as_large_as_on_paper():
    """The mean of the squares, 0.0004, is written 0: what is left below the step is epsilon."""
    trace = Tape(parabola("rmsprop, beta 0.99", 0.2))
    hand = Hand(parse_pen("carry 3"))
    for phase in (trace.forward, trace.backward, trace.update):
        phase(hand)
    assert (trace["sw'"].written, trace["sw'"].exact) == (0, pytest.approx(0.0004))
    assert trace["w'"].written == pytest.approx(0.2 - 0.1 * 0.2 / 1e-8)


# a rule is one row: what it keeps has any letter, and begins where the row says


def with_states(rule, *states):
    """A rule whose states are others, letter for letter."""
    letters = {old.letter: new.letter for old, new in zip(rule.states, states, strict=True)}

    def called(part):
        return letters.get(part.removesuffix("'"), part.removesuffix("'")) + "'" * (part[-1] == "'")

    lines = tuple(
        replace(line, output=called(line.output), inputs=tuple(map(called, line.inputs)))
        for line in rule.lines
    )
    return replace(rule, lines=lines, states=states)


@pytest.mark.parametrize("letter", ["q", "h", "acc"])
def test_a_state_with_a_new_letter_lies_as_its_parameter_does(letter):
    rule = with_states(ops.UPDATES["adagrad"], ops.State(letter))
    settings = {"examples": "rows", "weights": "(in, out)"}
    inside = net("2 tanh", X=X, Y=[Y, Y], W=[[0.7, -0.4], [0.1, 0.2]], b=[[0.2], [0.1]],
                 learning_rate=RATE)  # fmt: skip
    outside = net("2 tanh", X=np.transpose(X), Y=np.transpose([Y, Y]),
                  W=[[0.7, 0.1], [-0.4, 0.2]], b=[[0.2, 0.1]], learning_rate=RATE,
                  settings=settings)  # fmt: skip
    usual, turned = (work(replace(program, update=rule)) for program in (inside, outside))
    for name in ("W", "b", f"{letter}W", f"{letter}b"):
        assert turned[f"{name}'"].exact == pytest.approx(usual[f"{name}'"].exact.T, rel=1e-12)


def test_a_state_begins_where_its_row_says():
    rule = with_states(ops.UPDATES["adagrad"], ops.State("s", begins=3.0))
    program = replace(parabola("adagrad", 1.0), update=rule)
    # s = 3 + 1^2, and a step of 0.1 * 1/2
    assert work(program)["w'"].exact == pytest.approx(0.95)
    assert train(program, 1).history[-1].tolist() == pytest.approx([0.95, 4])


# names that a graph has already


@pytest.mark.parametrize(
    "equations",
    ["alpha = 2; w = 3; L = alpha*w", "beta = 2; w = 3; L = beta*w", "t = 2; w = 3; L = t*w"],
)
@pytest.mark.parametrize("rule", ["momentum", "adam"])
def test_a_graph_may_have_names_that_a_rule_has_too(equations, rule):
    """The learning rate is then called eta, and beta beta_, so that no line has two meanings."""
    program = replace(graph(equations, learning_rate=0.1), update=parse_update(rule))
    called = equations[: equations.index(" ")]
    trace, run = work(program), train(program, 1)
    step = {"momentum": {called: 0.3, "w": 0.2}, "adam": {called: 0.1, "w": 0.1}}[rule]
    for name, start in ((called, 2), ("w", 3)):
        assert trace[f"{name}'"].exact == pytest.approx(start - step[name])
        assert run.parameters(1)[name] == pytest.approx(start - step[name])


@pytest.mark.parametrize("equations", ["w = 1; vw = 2; L = w*vw", "w = 1; vw = 3*w; L = vw*w"])
def test_the_name_of_a_velocity_is_not_free(equations):
    lesson = PARABOLA.replace("PEN", "exact").replace("RULE", "momentum")
    lesson = lesson.replace("w = 0.77\nL = 0.5 * w**2", equations.replace("; ", "\n"))
    with pytest.raises(LessonError, match="vw"):
        check(read(lesson.replace("FIRST\n", "").replace("SECOND\n", ""), "taken", "taken.md"))


def test_a_parameter_may_be_called_steps():
    program = graph("w = 1; steps = 2; L = w*steps", learning_rate=0.1)
    run = train(replace(program, update=parse_update("adam")), 2)
    assert run.parameters(1) == pytest.approx({"w": 0.9, "steps": 1.9})


# rules in words


@pytest.mark.parametrize(
    ("words", "constants"),
    [
        ("momentum", {"beta": 0.9}),
        ("momentum, beta 0.8", {"beta": 0.8}),
        ("adam,beta2 0.99 ,  epsilon 1e-7", {"beta1": 0.9, "beta2": 0.99, "epsilon": 1e-7}),
        ("gradient descent", {}),
    ],
)
def test_a_rule_is_said_in_words(words, constants):
    assert dict(parse_update(words).constants) == constants


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("momentun", "optimizer 'momentun' is not known; did you mean 'momentum'?"),
        ("adam, beta 0.8", "adam has no 'beta'; did you mean 'beta"),
        ("gradient descent, beta 0.8", "gradient descent has no 'beta'"),
        ("momentum, beta", "beta '' is not a number, expected such as 0.1"),
        ("momentum, beta much", "beta 'much' is not a number, expected such as 0.1"),
        ("momentum, beta inf", "beta 'inf' is not finite, expected such as 0.1"),
    ],
)
def test_other_words_are_refused(words, fault):
    with pytest.raises(LessonError) as refused:
        parse_update(words)
    assert str(refused.value).startswith(fault)


# none is left out


def missing(tried):
    """The rules that no case is about; a constant behind a comma does not matter."""
    return sorted(set(ops.UPDATES) - {words.partition(",")[0] for words in tried})


@pytest.mark.parametrize("tried", [BY_HAND, AFTER, CONSTANTS, WRITTEN])
def test_every_rule_is_worked_out_by_hand_and_in_plain_python(tried):
    assert missing(tried) == []
    assert missing(set(tried) - {"nesterov"}) == ["nesterov"]


def test_every_state_and_constant_is_known_here():
    for name, rule in ops.UPDATES.items():
        assert dict(rule.constants) == CONSTANTS[name]
        written = {line.output for line in rule.lines} - {"w", "decay"}
        assert written == set(REMEMBERED.get(name, {}))
