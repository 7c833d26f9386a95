"""Gradients for the data: `:data-gradients: yes` sends them to what `X` or `:data:` names.

In every layout, sign and order they are compared with NumPy in test_conventions.
"""

import json

import numpy as np
import pytest

from tracer import graph, net, ops, work
from tracer.errors import TracerError
from tracer.lesson.amount import Amount
from tracer.lesson.check import check
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.page.declared import conventions_table
from tracer.page.document import Graph
from tracer.record import decode, encode, record
from tracer.render.svg import drawn
from tracer.training.batches import Batches
from tracer.training.run import train
from tracer.written.text import text

HEAD = "```{lesson}\n:title: A lesson\n```\n"
PHASES = "\n```{forward}\n```\n"
YES = {"data-gradients": "yes"}
NETWORK = """\
```{network}
:layers: 1 sigmoid
:cost: squared error
:data-gradients: yes
:learning-rate: 1
X = 0 0 1 1; 0 1 0 1
Y = 0 1 1 1
W = 0.1 0.6
b = 0
```
"""
NEURON = """\
```{graph}
:data: x0, x1
:data-gradients: yes
w0 = 2
x0 = -1
w1 = -3
x1 = -2
w2 = -3
f = sigma(w0*x0 + w1*x1 + w2)
```
"""
"The neuron of the CS231n notes, with which the lesson `circuits` begins."


def solved(text):
    return solve(read(HEAD + text, "lesson", "lesson.md"))


def failing(text):
    """The printed numbers of a lesson that do not hold."""
    solution = solved(text)
    explain(solution)
    return [str(v) for v in check(solution.lesson, solution) if not v.holds]


def fault(text):
    with pytest.raises(TracerError) as refused:
        failing(text)
    return str(refused.value).removeprefix("lesson.md:")


# the numbers


def rate_of_change(program, name):
    """How the last value reacts to each entry of a leaf, by a step to either side."""
    start = {leaf.name: np.asarray(leaf.value, dtype=float) for leaf in program.leaves}[name]
    slopes, h = np.zeros(start.shape), 1e-6
    for place in np.ndindex(start.shape):
        ends = []
        for step in (h, -h):
            moved = start.copy()
            moved[place] += step
            ends.append(float(program.given({name: moved}).values()[program.root]))
        slopes[place] = (ends[0] - ends[1]) / (2 * h)
    return slopes


X = [[0.5, -1.2, 0.3, 0.8], [1.1, 0.4, -0.7, 0.2], [-0.3, 0.9, 0.6, -1.4]]
CLASSES = [[1, 0, 0, 1], [0, 1, 1, 0]]
W = [
    [[0.3, -0.2, 0.5], [0.7, 0.1, -0.4], [-0.6, 0.2, 0.8], [0.2, 0.9, -0.1]],
    [[0.4, -0.7, 0.2, 0.5], [-0.3, 0.6, 0.9, -0.2]],
]
b = [[[0.1], [-0.2], [0.3], [0.05]], [[0.2], [-0.1]]]
ENDS = {
    "2 sigmoid": ["squared error", "binary cross-entropy", "binary cross-entropy, fused"],
    "2 softmax": ["cross-entropy", "cross-entropy, fused", "squared error"],
    "2 identity": ["softmax cross-entropy", "multiclass hinge", "huber", "absolute error"],
}


@pytest.mark.parametrize("hidden", [*ops.ACTIVATIONS, *ops.TUNABLE])
def test_behind_any_first_layer_they_are_how_the_cost_changes_with_the_data(hidden):
    program = net(f"4 {hidden}, 2 sigmoid", X=X, Y=CLASSES, W=W, b=b, settings=YES)
    found = work(program)["dCost/dX"].exact.astype(float)
    assert found == pytest.approx(rate_of_change(program, "X"), abs=1e-8)


@pytest.mark.parametrize(
    ("last", "loss"), [(last, loss) for last, losses in ENDS.items() for loss in losses]
)
def test_with_any_loss_they_are_how_the_cost_changes_with_the_data(last, loss):
    program = net(f"4 tanh, {last}", X=X, Y=CLASSES, W=W, b=b, loss=loss, settings=YES)
    found = work(program)["dCost/dX"].exact.astype(float)
    assert found == pytest.approx(rate_of_change(program, "X"), abs=1e-8)


HOLDING = {
    "a neuron of the CS231n notes, with the numbers printed there": (
        NEURON,
        "df/dw0 = -0.20\ndf/dx0 = 0.39\ndf/dw1 = -0.39\ndf/dx1 = -0.59\ndf/dw2 = 0.20",
    ),
    # W turned times dCost/dZ: 0.1 and 0.6 times 0.031, -0.02, -0.03, -0.018
    "a batch": (
        NETWORK,
        "dCost/dX = 0.003125 -0.002027 -0.002961 -0.001839; 0.01875 -0.01216 -0.017769 -0.011035",
    ),
    "one example a row": (
        NETWORK.replace(":cost:", ":examples: rows\n:cost:")
        .replace("X = 0 0 1 1; 0 1 0 1", "X = 0 0; 0 1; 1 0; 1 1")
        .replace("Y = 0 1 1 1", "Y = 0; 1; 1; 1"),
        "dCost/dX = 0.003125 0.01875; -0.002027 -0.01216; -0.002961 -0.017769; -0.001839 -0.011035",
    ),
    "under the source's name": (
        NETWORK.replace(":cost:", ":names: dX = dCost/dX\n:cost:"),
        "dX[:,1] = 0.003125; 0.01875\ndCost/dX[1,:] = 0.003125 -0.002027 -0.002961 -0.001839",
    ),
    "as a descent": (
        NETWORK.replace(":cost:", ":delta: descent\n:cost:"),
        "-dCost/dX[:,1] = -0.003125; -0.01875\ndCost/dX[:,1] = 0.003125; 0.01875",
    ),
    "with the bias folded in, whose ones get none": (
        NETWORK.replace(":cost:", ":biases: first column\n:cost:").replace(
            "W = 0.1 0.6\nb = 0", "W = 0 0.1 0.6"
        ),
        "dCost/dX[:,1] = 0.003125; 0.01875",
    ),
    "with a feature, a row like any other": (
        NETWORK.replace(":cost:", ":features: x1*x2\n:cost:").replace("0.1 0.6", "0.1 0.6 0.2"),
        "dCost/dX[:,1] = 0.003125; 0.01875; 0.00625",
    ),
    "with the mean taken later, of each example alone": (
        NETWORK.replace(":cost:", ":over-examples: mean, in the gradients\n:cost:"),
        "dL/dX[:,1] = 0.0125; 0.075",
    ),
    "each number by its name, and added up over the neurons": (
        """\
```{network}
:view: scalar
:layers: 2 identity, 1 identity
:loss: squared error
:data-gradients: yes
x1 = 1
y = 0
w11[1] = 2
w21[1] = 3
w11[2] = 1
w12[2] = 1
```
""",
        "dL/dx1 through z1[1] = 10\ndL/dx1 through z2[1] = 15\ndL/dx1 = 25",
    ),
    "of a graph, matrices": (
        "```{graph}\n:data: x\n:data-gradients: yes\nx = 1; 2\nW = 3 4\nz = W @ x\nL = z**2\n```\n",
        "dL/dx = 66; 88",
    ),
    "and of what is held fixed still none": (
        "```{graph}\n:data: x\n:data-gradients: yes\n:fixed: b\nx = 1\nb = 2\nL = b*x\n```\n",
        "dL/dx = 2",
    ),
}


@pytest.mark.parametrize(("given", "printed"), HOLDING.values(), ids=HOLDING)
def test_the_gradients_of_data_hold(given, printed):
    rounding = ":rounding: display 2\n" if given is NEURON else ""
    assert failing(f"{given}{PHASES}```{{backward}}\n{rounding}{printed}\n```\n") == []


@pytest.mark.parametrize(("given", "printed"), HOLDING.values(), ids=HOLDING)
def test_without_the_setting_they_are_not_there(given, printed):
    without = given.replace(":data-gradients: yes\n", ":data-gradients: no\n")
    assert fault(f"{without}{PHASES}```{{backward}}\n{printed}\n```\n")


# data stays data


def test_an_update_moves_what_is_learned_and_not_the_data():
    trace = work(graph("w = 2; x = 3; c = w*x", 1, data=["x"], data_gradients=True))
    assert (trace["dc/dx"].written, trace["w'"].written, trace["x'"].written) == (2, -1, 3)


def test_labels_and_what_is_held_fixed_get_none():
    trace = solved(NETWORK.replace(":cost:", ":biases: fixed\n:cost:") + PHASES).trace
    trace.backward()
    kept = {name for step in trace.steps() for name in getattr(step, "kept_from", ())}
    assert kept == {"b", "Y"}


@pytest.mark.parametrize("batch_size", [None, 2])
@pytest.mark.parametrize("order", ["together", "sequential"])
def test_a_training_learns_the_same_with_them(batch_size, order):
    runs = [
        train(
            net(
                "4 tanh, 2 softmax", X=X, Y=CLASSES, W=W, b=b, learning_rate=0.5,
                loss="cross-entropy, fused", settings={"updates": order, "data-gradients": said},
            ), 20, batch_size=batch_size, shuffle=batch_size and 3,
        )
        for said in ("yes", "no")
    ]  # fmt: skip
    assert np.array_equal(runs[0].last, runs[1].last)
    assert np.array_equal(runs[0].costs, runs[1].costs)


def test_a_training_can_print_them():
    printed = (
        "dCost/dX@0 = 0.003125 -0.002027 -0.002961 -0.001839; 0.01875 -0.01216 -0.017769 -0.011"
    )
    assert failing(f"{NETWORK}```{{train}}\n:epochs: 2\n:batch-size: 2\n{printed}\n```\n") == []


def test_a_batch_takes_some_examples_of_them():
    equations = "x = 1 2 3\ny = 2 4 6\nw = 1\nz = w * x\ne = (z - y)**2\nL = mean(e)"
    program = graph(equations, data=["x", "y"], data_gradients=True)
    taken = [
        [leaf.value.astype(float).tolist() for leaf in batch.leaves if leaf.name == "x"]
        for batch in Batches(program, size=2).of(0)
    ]
    assert taken == [[[[1, 2]]], [[[3]]]]
    assert not program.summed


def test_the_steps_of_an_epoch_are_counted_by_them():
    equations = "x = 1 2\nw = 1\nz = w * x\nL = mean(z)"
    program = graph(equations, 1, data=["x"], data_gradients=True)
    with pytest.raises(TracerError, match="an epoch has 100,001 steps, expected at most 100,000"):
        Amount().train(program.given({"x": np.zeros((1, 100_001))}), 1, 1, None)


def test_paths_lead_to_them():
    given = NEURON.replace("sigma(w0*x0 + w1*x1 + w2)", "w0*x0 + w1*x0*x1 + w2")
    solution = solved(f"{given}{PHASES}```{{backward}}\n```\n```{{paths}}\n:to: x0\n```\n")
    (total,) = explain(solution).pages[-1].shows
    assert total.exact == 2 + -3 * -2


# the page, and what is exported


SAID = {
    "a network": (NETWORK, "gradients are sent to X as well; no step moves them"),
    "a network with features": (
        NETWORK.replace(":cost:", ":features: x1*x2\n:cost:").replace("0.1 0.6", "0.1 0.6 0.2"),
        "gradients are sent to X as well; no step moves them; a row that a feature adds is taken "
        "for data of its own",
    ),
    "a graph": (NEURON, "gradients are sent to x0, x1 as well; no step moves them"),
}


@pytest.mark.parametrize(("given", "said"), SAID.values(), ids=SAID)
def test_the_conventions_say_so(given, said):
    rows = {
        text(what): text(here) for what, here in conventions_table(solved(given).trace.program).rows
    }
    assert rows["data"] == said
    without = given.replace(":data-gradients: yes\n", "")
    rows = conventions_table(solved(without).trace.program).rows
    assert "data" not in {text(what) for what, _ in rows}


def test_a_drawing_shows_data_and_what_comes_back_to_it():
    solution = solved(f"{NEURON}{PHASES}```{{backward}}\n:rounding: display 2\n```\n")
    shown = [block for page in explain(solution).pages for block in page.blocks]
    *_, last = (block for block in shown if isinstance(block, Graph))
    assert "x0 is given as -1, and 0.39 comes back." in drawn(last)


def test_a_recorded_trace_keeps_that_it_is_data_with_a_gradient():
    solution = solved(f"{NEURON}{PHASES}```{{backward}}\n```\n")
    content = encode(record(solution, explain(solution)))
    roles = {row["name"]: row["role"] for row in json.loads(content)["traces"][0]["values"]}
    assert roles == {
        "w0": "parameter",
        "x0": "value",
        "w1": "parameter",
        "x1": "value",
        "w2": "parameter",
    }
    assert encode(decode(content, "trace.json")) == content


# faults

WITHOUT = NETWORK.replace(":data-gradients: yes\n", "")
UNKNOWN = "is not on this page; data gets a gradient only with ':data-gradients: yes'"


def printed(name, given):
    """A lesson that prints one gradient."""
    return f"{given}{PHASES}```{{backward}}\n{name} = 0\n```\n"


FAULTS = {
    "data without the setting": (
        printed("dCost/dX[1,1]", WITHOUT),
        f"17: dCost/dX[1,1] {UNKNOWN}",
    ),
    "data under the source's name": (
        printed("dCost/dl0[1,1]", WITHOUT.replace(":cost:", ":names: l0 = X\n:cost:")),
        f"18: dCost/dl0[1,1] {UNKNOWN}",
    ),
    "a local gradient of data": (
        printed("dZ/dX[1,1]", WITHOUT),
        f"17: dZ/dX[1,1] {UNKNOWN}",
    ),
    "data of a graph": (
        printed("df/dx0", NEURON.replace(":data-gradients: yes\n", "")),
        f"17: df/dx0 {UNKNOWN}",
    ),
    "labels of a graph, which are data like any other": (
        printed("dL/dy", "```{graph}\n:data: y\nw = 2\ny = 3\nL = w*y\n```\n"),
        f"14: dL/dy {UNKNOWN}",
    ),
    "labels": (
        printed("dCost/dY[1,1]", NETWORK),
        "18: dCost/dY[1,1] is not on this page; labels get no gradient",
    ),
    "its name from code": (
        printed("dX[1,1]", NETWORK),
        "18: dX[1,1] is not on this page; did you mean 'dCost/dX[1,1]'?",
    ),
    "another word": (
        NETWORK.replace(": yes", ": true"),
        "7: data-gradients is 'true', expected yes or no",
    ),
    "another word in a graph": (
        NEURON.replace(": yes", ": x0"),
        "6: data-gradients is 'x0', expected yes or no",
    ),
    "a graph without data": (
        NEURON.replace(":data: x0, x1\n", ""),
        "5: data-gradients goes with data, and none is named; expected ':data: x'",
    ),
    "another program's word": (
        NETWORK.replace(":data-gradients: yes", ":input-gradients: yes"),
        "7: unknown key 'input-gradients' in {network}; expected ':data-gradients: yes'",
    ),
}


@pytest.mark.parametrize(("given", "said"), FAULTS.values(), ids=FAULTS)
def test_a_fault_says_where_and_the_way_out(given, said):
    assert fault(given) == said


def test_from_python_another_word_is_refused_too():
    with pytest.raises(
        TracerError, match=r"^data-gradients 'maybe' is not known; known here: no, yes$"
    ):
        net("1 sigmoid", X=[[1]], Y=[[1]], W=[[1]], settings={"data-gradients": "maybe"})
    with pytest.raises(TracerError, match=r"^data-gradients goes with data, and none is named"):
        graph("w = 2; x = 3; c = w*x", data_gradients=True)
