"""Biases that are subtracted, as the thresholds of older textbooks are: Z = W X - b.

Two oracles: slopes measured by moving a parameter a little, and the network that adds what this
one subtracts. Every number of that one is the same, and what its biases get has the other sign.
"""

import re
from itertools import product

import numpy as np
import pytest

from tracer import net, work
from tracer.cli import main
from tracer.errors import LessonError
from tracer.lesson.check import check
from tracer.lesson.reading import read
from tracer.lesson.solution import solve
from tracer.network import words
from tracer.trace.conventions import BIASES
from tracer.training.run import train

RATE, STEP = 0.5, 1e-6
SUBTRACTED = [kind for kind in BIASES if "subtracted" in kind]
LAYERS = "3 tanh, 2 sigmoid"
random = np.random.RandomState(5)
X, Y = random.randn(4, 5), random.rand(2, 5)
W, B = [random.randn(3, 4), random.randn(2, 3)], [random.randn(3, 1), random.randn(2, 1)]
LAYOUTS = [
    {
        "examples": side, "weights": turned, "biases": kind, "delta": delta,
        "over-examples": mean, "updates": order,
    }
    for side, turned, kind, delta, mean, order in product(
        words.SIDES, words.WEIGHTS, SUBTRACTED, words.DELTAS, words.OVER_EXAMPLES,
        words.UPDATE_ORDERS,
    )
    if ("column" if turned == "(in, out)" else "row") not in kind
]  # fmt: skip


def is_folded(kind):
    return "column" in kind or "row" in kind


def typed(layout, sign=1):
    """The numbers of the network in a layout; its biases with another sign, if asked."""
    rows, in_out, kind = (
        layout["examples"] == "rows", layout["weights"] == "(in, out)", layout["biases"],
    )  # fmt: skip
    found = {"X": X.T if rows else X, "Y": Y.T if rows else Y}
    for k, (w, bias) in enumerate(zip(W, B, strict=True), 1):
        b = sign * bias
        if is_folded(kind):
            w = np.hstack([b, w] if "first" in kind else [w, b])
        else:
            shared = float(b[0, 0])
            found[f"b[{k}]"] = shared if "shared" in kind else b.T if rows else b
        found[f"W[{k}]"] = w.T if in_out else w
    return found


def solved(layout, values, **more):
    return net(LAYERS, settings=layout | more, learning_rate=RATE, **values)


def added(layout):
    """The layout of the network that adds its biases."""
    kind = layout["biases"].removesuffix("subtracted").removesuffix(", ")
    return layout | {"biases": kind or "trained"}


def signs(layout, name, shape):
    """-1 where a gradient or a parameter is that of a bias, and 1 elsewhere."""
    if re.search(r"b\[\d\]'?$", name):
        return -1
    made = np.ones(shape)
    if is_folded(layout["biases"]):
        place = 0 if "first" in layout["biases"] else -1
        made[(place, slice(None)) if "row" in layout["biases"] else (slice(None), place)] = -1
    return made


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: "; ".join(layout.values()))
def test_it_is_the_network_that_adds_with_every_bias_negated(layout):
    """All its values are equal; of a bias, its gradient and its update have the other sign."""
    ours = solved(layout, typed(layout))
    theirs = solved(added(layout), typed(layout, sign=-1))
    mine, other = work(ours, iterations=2), work(theirs, iterations=2)
    compared = 0
    for name in ["Z[1]", "A[1]", "Z[2]", "Yhat", "Cost"]:
        assert mine[f"{name}@1"].exact == pytest.approx(other[f"{name}@1"].exact, rel=1e-12)
    of = "-dCost" if layout["delta"] == "descent" else "dCost"
    parameters = [leaf.name for leaf in ours.leaves if leaf.role == "parameter"]
    for name in [f"{of}/d{name}" for name in parameters] + [f"{name}'" for name in parameters]:
        expected = other[name].exact * signs(layout, name, np.shape(other[name].exact))
        assert mine[name].exact == pytest.approx(expected, rel=1e-12), name
        compared += np.size(expected)
    assert compared >= 2 * (3 * 4 + 2 * 3)
    run, same = train(ours, 3), train(theirs, 3)
    assert run.costs == pytest.approx(same.costs, rel=1e-12)


@pytest.mark.parametrize(
    "layout",
    [one for one in LAYOUTS if one["updates"] == "together" and one["delta"] == "gradient"],
    ids=lambda layout: "; ".join(layout.values()),
)
def test_a_gradient_is_the_slope_that_is_measured(layout):
    values = typed(layout)
    trace = work(solved(layout, values))
    for name, value in values.items():
        if name in "XY" or f"dCost/d{name}" not in trace:
            continue
        slope = np.atleast_2d(trace[f"dCost/d{name}"].exact)
        for place in np.ndindex(np.shape(slope)):
            costs = []
            for step in (STEP, -STEP):
                moved = np.array(value, dtype=float)
                moved[place if moved.ndim else ()] += step
                costs.append(float(solved(layout, values | {name: moved}).values()["Cost"]))
            assert slope[place] == pytest.approx((costs[0] - costs[1]) / (2 * STEP), abs=1e-8)


@pytest.mark.parametrize("kind", [kind for kind in SUBTRACTED if not is_folded(kind)])
@pytest.mark.parametrize("order", words.UPDATE_ORDERS)
def test_number_by_number_it_is_the_same_network(kind, order):
    numbers = {f"x{k}": x for k, x in enumerate(X[:, 0], 1)}
    numbers |= {f"y{k}": y for k, y in enumerate(Y[:, 0], 1)}
    layout = LAYOUTS[0] | {"biases": kind, "updates": order, "over-examples": "sum"}
    batch = typed(layout) | {"X": X[:, :1], "Y": Y[:, :1]}
    called = {}
    for layer, (w, bias) in enumerate(zip(W, B, strict=True), 1):
        for (i, j), one in np.ndenumerate(w):
            called[f"w{i + 1}{j + 1}[{layer}]"] = f"W[{layer}][{i + 1},{j + 1}]"
            numbers[f"w{i + 1}{j + 1}[{layer}]"] = one
        for i, one in enumerate(bias[:1, 0] if "shared" in kind else bias[:, 0]):
            name = f"b[{layer}]" if "shared" in kind else f"b{i + 1}[{layer}]"
            called[name] = f"b[{layer}]" + ("" if "shared" in kind else f"[{i + 1},1]")
            numbers[name] = one
    settings = {"biases": kind, "updates": order}
    one_by_one = work(net(LAYERS, view="scalar", settings=settings, learning_rate=RATE, **numbers))
    trace = work(solved(layout, batch))
    assert one_by_one["L"].exact == pytest.approx(trace["Cost"].exact)
    for name, ours in called.items():
        if "fixed" not in kind or name[0] != "b":
            assert one_by_one[f"dL/d{name}"].exact == pytest.approx(trace[f"dCost/d{ours}"].exact)
            stem, bracket, place = ours.rpartition("[") if "," in ours else (ours, "", "")
            after = trace[f"{stem}'{bracket}{place}"].exact
            assert one_by_one[f"{name}'"].exact == pytest.approx(after)


def test_its_local_gradient_is_minus_one():
    trace = work(solved(LAYOUTS[0], typed(LAYOUTS[0])))
    assert trace["dZ[1]/db[1]"].exact == trace["dZ[2]/db[2]"].exact == -1


# a published one

XOR = """\
```{lesson}
:title: One step of a network for XOR
:source: Michael Negnevitsky, "Artificial Intelligence" (2005), section 6.4
:rounding: ROUNDING
```
```{network}
:view: scalar
:layers: 2 sigmoid, 1 sigmoid
:loss: squared error
:delta: descent
:biases: subtracted
:learning-rate: 0.1
:names: w13 = w11[1], w23 = w12[1], w14 = w21[1], w24 = w22[1], w35 = w11[2], w45 = w12[2], \
theta3 = b1[1], theta4 = b2[1], theta5 = b1[2], y3 = a1[1], y4 = a2[1], y5 = yhat, yd5 = y, \
delta3 = dL/dz1[1], delta4 = dL/dz2[1], delta5 = dL/dz1[2]
x1..x2 = 1 1
yd5 = 0
w13 = 0.5
w14 = 0.9
w23 = 0.4
w24 = 1.0
w35 = -1.2
w45 = 1.1
theta3..theta5 = 0.8 -0.1 0.3
```
```{forward}
y3..y5 = 0.5250 0.8808 0.5097
```
```{backward}
delta5 = -0.1274
delta3..delta4 = 0.0381 -0.0147
```
```{update}
w13 = 0.5038
w14 = 0.8985
w23 = 0.4038
w24 = 0.9985
w35 = -1.2067
w45 = 1.0888
theta3..theta5 = 0.7962 -0.0985 0.3127
```
"""


@pytest.mark.parametrize("rounding", ["display 4", "exact"])
def test_a_network_with_thresholds_as_it_is_printed(rounding):
    verdicts = check(read(XOR.replace("ROUNDING", rounding), "xor", "xor.md"))
    assert [verdict.name for verdict in verdicts if not verdict.holds] == []
    assert len(verdicts) == 15


def test_with_biases_that_are_added_it_comes_out_otherwise():
    text = XOR.replace("ROUNDING", "display 4").replace("subtracted", "trained")
    verdicts = check(read(text, "xor", "xor.md"))
    assert {v.name for v in verdicts if not v.holds} >= {"y3", "y4", "y5", "theta5"}


# what is not typed in

NETWORK = """\
```{lesson}
:title: Thresholds
```
```{network}
:layers: 2 sigmoid, 1 sigmoid
:cost: squared error
:learning-rate: 0.5
:biases: subtracted
:names: theta1 = b[1], theta2 = b[2]
GIVEN
```
```{forward}
```
```{backward}
```
```{update}
```
"""


def lesson(given, folder="."):
    return read(NETWORK.replace("GIVEN", given), "thresholds", f"{folder}/thresholds.md")


def test_drawn_thresholds_begin_at_zero():
    trace = solve(lesson(":data: XOR\n:init: xavier, seed 3")).trace
    assert trace["b[1]"].exact.tolist() == [[0], [0]]
    assert trace["dCost/db[2]"].exact == pytest.approx(-np.sum(trace["dCost/dZ[2]"].exact))


def test_thresholds_come_from_a_file_as_they_stand(tmp_path):
    np.savez(
        tmp_path / "given.npz", W1=np.ones((2, 2)), theta1=[0.5, 1.5], W2=[[1, -2]], theta2=[[0.3]]
    )
    trace = solve(lesson(":data: XOR\n:parameters: given.npz", tmp_path)).trace
    assert trace["Z[1]"].exact[:, 0].tolist() == [-0.5, -1.5]


GIVEN = ":data: AND\nW[1] = 0.1 0.2; 0.3 0.4\ntheta1 = 0.5; -0.6\nW[2] = 0.7 0.8\ntheta2 = 0.9"
OUTPUTS = {
    "markdown": [r"Z^{[1]} &= W^{[1]} \cdot X - \theta_{1}", 'n6(["Z[1] = W[1] · X - θ1"])'],
    "terminal": ["Z[1] = W[1] · X - θ1", "∂Z[1]/∂θ1 = -1"],
    "json": ['"linear, bias subtracted"', '"subtracted"'],
}


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "thresholds.md"
    path.write_text(NETWORK.replace("GIVEN", GIVEN), encoding="utf-8")
    return path


@pytest.fixture
def said(capsys):
    """What a command prints."""

    def run(*command):
        assert main(list(map(str, command))) == 0
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize("form", OUTPUTS)
def test_every_output_writes_a_minus(form, page, said):
    command = ["replay", page] if form == "terminal" else ["export", page, "--format", form]
    written = said(*command)
    assert [line for line in OUTPUTS[form] if line not in written] == []


def test_a_trace_that_was_written_down_is_replayed_as_it_was(page, tmp_path, said):
    stored = tmp_path / "stored.json"
    stored.write_text(said("export", page, "--format", "json"), encoding="utf-8")
    assert said("replay", stored) == said("replay", page)


def test_a_trained_network_answers_with_what_it_has_subtracted():
    run = train(solve(lesson(GIVEN)).trace.program, 400)
    learned = {name: np.asarray(value) for name, value in run.parameters().items()}
    A = np.array([[0, 0, 1, 1], [0, 1, 0, 1]])
    for k in (1, 2):
        A = 1 / (1 + np.exp(learned[f"b[{k}]"] - learned[f"W[{k}]"] @ A))
    assert run.answers() == pytest.approx(A)


# what makes no sense

FAULTS = {
    "none, subtracted": "biases 'none, subtracted' subtracts what is not there, expected 'none'",
    "subtracted, subtracted": "biases 'subtracted, subtracted' is not known",
    "threshold": "biases 'threshold' is not known",
}


@pytest.mark.parametrize("kind", FAULTS)
def test_what_cannot_be_subtracted_is_refused(kind):
    with pytest.raises(LessonError) as refused:
        net("1 sigmoid", X=[[1]], Y=[[1]], W=[[1]], b=0, settings={"biases": kind})
    assert str(refused.value).startswith(FAULTS[kind])


@pytest.mark.parametrize("kind", ["trained, subtracted", "subtracted, trained"])
def test_trained_is_what_they_are_without_a_word(kind):
    program = net("1 sigmoid", X=[[1]], Y=[[1]], W=[[1]], b=0, settings={"biases": kind})
    assert program.conventions.biases == "subtracted"


def test_folded_biases_need_matrices_here_too():
    with pytest.raises(LessonError, match="a bias folded into W needs matrices"):
        net(
            "1 sigmoid", view="scalar", x1=1, y=1, w1=1, b=0,
            settings={"biases": "first column, subtracted"},
        )  # fmt: skip
