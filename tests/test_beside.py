"""What a network gives beside its cost: worked out from the same outputs, and never learned from.

The oracle for its value is NumPy; that it changes nothing is seen in the same network without it.
"""

import re

import numpy as np
import pytest

from tracer import net, ops, work
from tracer.cli import main
from tracer.errors import TracerError
from tracer.lesson.check import check
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.network import words
from tracer.page.declared import conventions_table
from tracer.page.document import Derivation, Graph
from tracer.page.pages import explain_trace
from tracer.trace.steps import BackwardStep
from tracer.trace.view import view_of
from tracer.training.run import train
from tracer.written.text import text

random = np.random.RandomState(11)
X = random.randn(3, 4)
Y = np.array([[1.0, 0, 0, 1], [0, 1, 1, 0]])
PARAMETERS = {
    "W": [random.randn(3, 3), random.randn(2, 3)],
    "b": [random.randn(3, 1), random.randn(2, 1)],
}


def drawn_of(trace):
    """The last drawing of a trace: with all that flows along its edges."""
    blocks = [block for page in explain_trace(trace.tape).pages for block in page.blocks]
    return [block for block in blocks if isinstance(block, Graph)][-1]


def network(beside=None, last="sigmoid", loss="squared error", **settings):
    """Two layers and four examples; with something beside the cost, if asked."""
    said = {key.replace("_", "-"): value for key, value in settings.items()}
    said |= {"beside": beside} if beside else {}
    rows = said.get("examples") == "rows"
    b = [each.T if rows else each for each in PARAMETERS["b"]]
    data = {"X": X.T if rows else X, "Y": Y.T if rows else Y}
    return net(
        f"3 tanh, 2 {last}", loss=loss, learning_rate=0.5, settings=said,
        W=PARAMETERS["W"], b=b, **data,
    )  # fmt: skip


# its value, beside NumPy

TERMS = {
    "squared error": lambda y, p: (y - p) ** 2,
    "absolute error": lambda y, p: np.abs(y - p),
    "huber": lambda y, p: np.where(np.abs(y - p) > 1, np.abs(y - p) - 0.5, (y - p) ** 2 / 2),
    "huber 0.2": lambda y, p: np.where(
        np.abs(y - p) > 0.2, 0.2 * (np.abs(y - p) - 0.1), (y - p) ** 2 / 2
    ),
    "binary cross-entropy": lambda y, p: -np.log(np.where(y == 1, p, 1 - p)),
    "cross-entropy": lambda y, p: -y * np.log(p),
    "binary cross-entropy with logits": lambda y, p: np.logaddexp(0, p) - y * p,
    "softmax cross-entropy": lambda y, p: np.log(np.exp(p).sum(0)) / 2 - y * p,
    "multiclass hinge": lambda y, p: (1 - y) * np.maximum(p - (y * p).sum(0) + 1, 0),
    "(y - yhat)**4": lambda y, p: (y - p) ** 4,
    "max(y - yhat, 0)": lambda y, p: np.maximum(y - p, 0),
}
"What one output of one example adds; softmax cross-entropy is shared between both."
ON_SCORES = {*ops.ON_SCORES, "binary cross-entropy with logits"}
MEANS = {
    "sum": lambda losses, axis: losses.sum(axis),
    "mean": lambda losses, axis: losses.mean(axis),
    "mean, in the gradients": lambda losses, axis: losses.mean(axis),
}


@pytest.mark.parametrize("outputs", words.REDUCTIONS)
@pytest.mark.parametrize("examples", words.OVER_EXAMPLES)
@pytest.mark.parametrize("loss", TERMS)
def test_it_is_the_loss_without_a_factor_and_with_the_means_of_the_cost(loss, examples, outputs):
    last = "identity" if loss in ON_SCORES else "sigmoid"
    trace = work(
        network(f"other = {loss}", last, factor="1/7", over_outputs=outputs, over_examples=examples)
    )
    losses = TERMS[loss](Y, trace["Yhat"].exact)
    expected = MEANS[examples](MEANS[outputs](losses, 0), 0)
    assert trace["other"].exact == pytest.approx(expected, rel=1e-12)


def test_every_loss_can_stand_there():
    hinge = {"hinge"}  # it has other labels
    assert {*ops.LOSSES, *ops.TUNABLE_LOSSES, *ops.ON_SCORES} - hinge <= set(TERMS)
    program = net("1 tanh", X=[[1, 2]], Y=[[1, -1]], W=[[0.5]], settings={"beside": "h = hinge"})
    tanh = np.tanh([0.5, 1.0])
    assert work(program)["h"].exact == pytest.approx(np.mean([1 - tanh[0], 1 + tanh[1]]))


@pytest.mark.parametrize("loss", [loss for loss in TERMS if loss not in ops.ON_SCORES])
@pytest.mark.parametrize("outputs", words.REDUCTIONS)
def test_so_it_is_number_by_number(loss, outputs):
    last = "identity" if loss in ON_SCORES else "sigmoid"
    program = net(
        f"2 {last}", view="scalar", x1=0.4, y1=1, y2=0, w11=0.7, w21=-1.2,
        settings={"beside": f"other = {loss}", "over-outputs": outputs},
    )  # fmt: skip
    trace = work(program)
    p = np.array([[trace["yhat1"].exact], [trace["yhat2"].exact]], dtype=float)
    losses = TERMS[loss](np.array([[1], [0]]), p)
    assert trace["other"].exact == pytest.approx(MEANS[outputs](losses, 0).item())


# it changes nothing

SETTINGS = [
    {},
    {"examples": "rows", "delta": "descent"},
    {"updates": "sequential"},
    {"optimizer": "adam", "l2": "0.1, lambda/2m"},
    {"over_examples": "mean, in the gradients"},
    {"loss": "binary cross-entropy, fused"},
    {"last": "softmax", "loss": "cross-entropy, fused"},
    {"last": "identity", "loss": "softmax cross-entropy"},
    {"last": "identity", "loss": "multiclass hinge"},
    {"names": "out = Yhat, J = Cost"},
]
TWO = "MAE = absolute error, quartic = (y - yhat)**4"


def written(program):
    """Every quantity of two iterations, in order, as its source writes it."""
    trace = work(program, iterations=2)
    return [
        (epoch, quantity.name, np.array(quantity.exact).tolist())
        for epoch, quantity in trace.quantities()
    ]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_all_that_is_written_without_it_is_written_with_it(settings):
    alone, both = written(network(**settings)), written(network(TWO, **settings))
    assert [one for one in both if one[1] not in ("MAE", "quartic")] == alone
    assert [(epoch, name) for epoch, name, _ in both if name in ("MAE", "quartic")] == [
        (epoch, name) for epoch in (0, 1) for name in ("MAE", "quartic")
    ]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("batch_size", [None, 3])
def test_what_is_learned_is_the_same_to_the_last_bit(settings, batch_size):
    runs = [train(network(beside, **settings), 20, batch_size=batch_size) for beside in (None, TWO)]
    assert runs[0].costs.tolist() == runs[1].costs.tolist()
    assert runs[0].last.tolist() == runs[1].last.tolist()


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_way_back_does_not_lead_through_it(settings):
    program = network(TWO, **settings)
    trace = work(program)
    steps = trace.steps()
    passed = {step.equation.output for step in steps if isinstance(step, BackwardStep)}
    assert passed & {"MAE", "quartic"} == set()
    assert [edge.end for edge in drawn_of(trace).edges if edge.start == "MAE"] == []
    slopes = [e.op.slots for e in program.equations if e.output in program.beside]
    assert all(slot.local is None for slots in slopes for slot in slots)
    assert program.root == "Cost"


def test_the_graph_leads_to_it_from_labels_and_outputs():
    trace = work(network(TWO))
    edges = [edge for edge in drawn_of(trace).edges if edge.end == "MAE"]
    assert [(edge.start, edge.gradient) for edge in edges] == [("Y", None), ("Yhat", None)]


def test_a_formula_beside_the_cost_is_not_derived():
    pages = explain(solve(lesson(":beside: quartic = (y - yhat)**4"))).pages
    assert [b for page in pages for b in page.blocks if isinstance(b, Derivation)] == []


def test_what_leads_nowhere_is_an_end_of_the_graph_with_its_value():
    made = read(ENDS, "ends", "ends.md")
    pages = explain(solve(made)).pages
    drawn = [block for page in pages for block in page.blocks if isinstance(block, Graph)][-1]
    assert {name: text(value) for name, value in drawn.ends.items()} == {"b": "4", "L": "9"}
    assert [node.name for node in drawn.nodes if node.value] == ["a", "b", "c", "L"]


def test_margins_are_written_once():
    twice = network("also = multiclass hinge", "identity", "multiclass hinge")
    assert [e.output for e in twice.equations][-3:] == ["M", "also", "Cost"]
    other = network("also = multiclass hinge", "identity", "squared error")
    assert [e.output for e in other.equations][-3:] == ["M", "also", "Cost"]
    assert work(twice)["also"].exact == pytest.approx(work(other)["also"].exact)


# in a lesson

LESSON = """\
```{lesson}
:title: A measure
:rounding: carry 2
```
```{network}
:layers: 1 identity
:cost: squared error
:learning-rate: 0.5
BESIDE
X = 1 2
Y = 3 -1
W = 0.5
b = 0.25
```
```{forward}
FORWARD
```
```{backward}
BACKWARD
```
```{train}
:epochs: 6
TRAIN
```
"""
MAE = ":beside: MAE = absolute error"
ENDS = """\
```{lesson}
:title: Two ends
```
```{graph}
a = 2
b = a*2
c = a + 1
L = c**2
```
```{forward}
```
"""


def lesson(beside=MAE, forward="", backward="", trained=""):
    parts = {"BESIDE": beside, "FORWARD": forward, "BACKWARD": backward, "TRAIN": trained}
    made = LESSON
    for mark, part in parts.items():
        made = made.replace(mark, part)
    return read(made, "measure", "measure.md")


def failing(made):
    return [str(verdict) for verdict in check(made) if not verdict.holds]


FORWARDS = [
    "MAE = 2.25",  # yhat = 0.75 1.25: |3 - 0.75| + |-1 - 1.25| = 2.25 + 2.25
    "MAE.errors = 2.25 -2.25",
    "MAE.losses = 2.25 2.25",
    "MAE.sum = 4.5",
]


@pytest.mark.parametrize("line", FORWARDS)
def test_its_value_and_what_is_written_on_the_way_are_asserted(line):
    assert failing(lesson(forward=line)) == []
    assert failing(lesson(forward=line + "1")) != []


def test_it_takes_the_written_outputs_and_has_digits_of_its_own():
    # yhat = 0.3*1.25 = 0.375 and 0.75, written 0.38 and 0.75: |3 - 0.38| and |-1 - 0.75|
    given = LESSON.replace("X = 1 2", "X = 1.25 2.5").replace("W = 0.5", "W = 0.3")
    given = given.replace("b = 0.25", "b = 0").replace("BESIDE", MAE)
    given = given.replace("FORWARD", ":places: MAE 3\nMAE = 2.185")
    made = read(re.sub(r"BACKWARD|TRAIN", "", given), "measure", "measure.md")
    assert failing(made) == []


def test_a_slip_in_it_leads_nothing_astray():
    made = lesson(forward="MAE := 2  # slip: a test\nCost = 2.53", backward="dCost/dW = 1.13")
    usual = lesson(beside="", forward="Cost = 2.53", backward="dCost/dW = 1.13")
    assert failing(made) == failing(usual) == []


def test_it_is_printed_after_a_training_and_of_an_epoch():
    W, b, x, y = 0.5, 0.25, np.array([1, 2]), np.array([3, -1])
    measured = []
    for _ in range(7):
        error = W * x + b - y
        measured.append(np.abs(error).mean())
        W, b = W - 0.5 * (error * x).mean(), b - 0.5 * error.mean()
    lines = [f"MAE@{k} = {measured[k]:.6f}" for k in (0, 1, 5)] + [f"MAE = {measured[6]:.6f}"]
    assert failing(lesson(trained="\n".join(lines))) == []
    assert len(failing(lesson(trained="MAE@1 = 1"))) == 1


@pytest.mark.parametrize(
    ("settings", "rows"),
    [
        (
            {},
            {"beside the cost": ["MAE = 1/m Σ abs(Y - Ŷ)", "quartic = 1/m Σ (Y - Ŷ)^∘4"]},
        ),
        (
            {"over_outputs": "mean", "over_examples": "sum", "names": "out = Yhat, err = MAE"},
            {"beside the cost": ["err = 1/n Σ abs(Y - out)", "quartic = 1/n Σ (Y - out)^∘4"]},
        ),
        ({"l2": "0.1, lambda"}, {"the cost": ["Cost = E + R"]}),
    ],
)
def test_the_table_of_conventions_says_it(settings, rows):
    found = {}
    for what, here in conventions_table(view_of(work(network(TWO, **settings)).tape).program).rows:
        found.setdefault(text(what), []).append(text(here))
    assert {key: found[key] for key in rows} == rows


OUTPUTS = {
    "markdown": [
        r"\mathit{MAE} &= \frac{1}{m} \sum \left\lvert Y - \hat{Y} \right\rvert",
        '(["MAE = 1/m Σ abs(Y - Ŷ)"])',
        "| MAE@2 |",
    ],
    "terminal": ["MAE = 1/m Σ abs(Y - Ŷ)", "2.25", "beside the cost"],
    "json": ['"absolute error cost"'],
}


@pytest.fixture
def said(capsys):
    """What a command prints."""

    def run(*command):
        assert main(list(map(str, command))) == 0
        return capsys.readouterr().out

    return run


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "measure.md"
    made = LESSON.replace("BESIDE", MAE).replace("TRAIN", "MAE@2 = 1.15")
    path.write_text(re.sub("FORWARD|BACKWARD", "", made), encoding="utf-8")
    return path


@pytest.mark.parametrize("form", OUTPUTS)
def test_every_output_writes_it(form, page, said):
    command = ["replay", page] if form == "terminal" else ["export", page, "--format", form]
    found = said(*command)
    assert [line for line in OUTPUTS[form] if line not in found] == []


def test_a_trace_that_was_written_down_is_replayed_as_it_was(page, tmp_path, said):
    stored = tmp_path / "stored.json"
    stored.write_text(said("export", page, "--format", "json"), encoding="utf-8")
    assert said("replay", stored) == said("replay", page)


# what is refused

FAULTS = {
    "MAE": "measure.md:9: beside 'MAE' cannot be read, expected 'MAE = absolute error'",
    "mse": "measure.md:9: beside 'mse' cannot be read, expected 'mse = squared error'",
    "absolute error": "measure.md:9: beside 'absolute error' cannot be read, expected 'MAE = "
    "absolute error'",
    "a b = absolute error": "measure.md:9: beside 'a b = absolute error' cannot be read, "
    "expected 'MAE = absolute error'",
    "MAE = mae": "measure.md:9: loss 'mae' is not known; it is called 'absolute error' here",
    "MSE = mse": "measure.md:9: loss 'mse' is not known; it is called 'squared error' here",
    "MAE = absolut error": "measure.md:9: loss 'absolut error' is not known; did you mean "
    "'absolute error'?",
    "a = hinge, a = huber": "measure.md:9: beside has a twice, expected once",
    "a = huber,": "measure.md:9: beside '' cannot be read, expected 'MAE = absolute error'",
    "c = cross-entropy, fused": "measure.md:9: beside has 'fused', which says how a cost is "
    "differentiated; leave it out",
    "Cost = huber": "measure.md:9: beside calls the huber Cost, and that name is taken, expected "
    "another one, as in 'MAE = huber'",
    "Z = huber": "measure.md:9: beside calls the huber Z, and that name is taken, expected "
    "another one, as in 'MAE = huber'",
    "m = huber": "measure.md:9: beside calls the huber m, and that name is taken, expected "
    "another one, as in 'MAE = huber'",
    "accuracy = huber": "measure.md:9: beside calls the huber accuracy, and that name is taken, "
    "expected another one, as in 'MAE = huber'",
    "c = softmax cross-entropy": "measure.md:9: 'softmax cross-entropy' compares several outputs, "
    "expected 2 or more; for one there is 'binary cross-entropy with logits'",
    "h = hinge": "measure.md:11: Y has the label 3, and hinge needs labels -1 and 1",
}


@pytest.mark.parametrize("said_", FAULTS)
def test_what_cannot_stand_beside_the_cost_is_refused(said_):
    with pytest.raises(TracerError) as refused:
        solve(lesson(f":beside: {said_}"))
    assert str(refused.value) == FAULTS[said_]


def test_it_has_no_gradients():
    with pytest.raises(TracerError) as refused:
        solve(lesson(backward=":of: MAE"))
    assert str(refused.value) == (
        "measure.md:19: MAE stands beside Cost and has no gradients, expected ':of: Cost'"
    )


def test_a_loss_on_scores_is_refused_behind_probabilities():
    with pytest.raises(TracerError, match="takes what comes before softmax"):
        network("c = softmax cross-entropy", "softmax", "cross-entropy")


def test_a_loss_that_mixes_outputs_needs_matrices_here_too():
    settings = {"beside": "c = multiclass hinge"}
    with pytest.raises(TracerError, match="multiclass hinge needs matrices"):
        net("2 identity", view="scalar", x1=1, y1=1, y2=0, w11=1, w21=2, settings=settings)


def test_what_is_seldom_meant_is_said_of_it_as_well():
    assert network("c = binary cross-entropy", "identity").doubts == (
        "binary cross-entropy takes probabilities, and identity gives other numbers as well.",
    )


def test_a_graph_has_nothing_beside_its_end():
    made = "```{lesson}\n:title: t\n```\n```{graph}\n:beside: m = huber\na = 2\nb = a*a\n```\n"
    with pytest.raises(TracerError) as refused:
        read(made, "t", "t.md")
    assert str(refused.value) == (
        "t.md:5: unknown key 'beside' in {graph}; ':beside: m = huber' belongs to {network}"
    )
