"""The steps that an author names in a formula of his own: written down, carried on, printed."""

import json
import math

import numpy as np
import pytest

from tracer import graph, net, work
from tracer.cli import main
from tracer.derive import derive, derive_stepwise
from tracer.errors import LessonError, TracerError
from tracer.lesson.check import check
from tracer.lesson.reading import read as read_lesson
from tracer.lesson.solution import explain, solve
from tracer.network import with_features
from tracer.page.derivations import own_formulas
from tracer.page.document import Working
from tracer.page.worked import step_by_step, worked
from tracer.trace.equations import rate_of
from tracer.trace.view import view_of
from tracer.training.run import train
from tracer.written.names import parse_name
from tracer.written.reading import read, read_steps
from tracer.written.text import text

LOGISTIC = "-(y*log(p := 1/(1 + exp(-yhat))) + (1 - y)*log(1 - p))"
BATCH = {"X": [[0, 1, 2]], "Y": [[0, 1, 1]], "W": [[0.5]], "b": 0.1, "learning_rate": 1}
SCORES, LABELS = (0.1, 0.6, 1.1), (0, 1, 1)
PAIRS = list(zip(LABELS, SCORES, strict=True))


def rounded(x, places):
    """Half goes away from zero; no number here comes near a half."""
    return round(x, places)


# by hand


def by_hand(places, places_of_p):
    """The log loss as it is worked out on paper: p is written first, then the losses, their sum."""
    p = [rounded(1 / (1 + math.exp(-z)), places_of_p) for z in SCORES]
    losses = [
        rounded(-(y * math.log(q) + (1 - y) * math.log(1 - q)), places)
        for y, q in zip(LABELS, p, strict=True)
    ]
    total = rounded(sum(losses), places)
    slopes = [
        rounded((-y / q + (1 - y) / (1 - q)) * q * (1 - q) / 3, places)
        for y, q in zip(LABELS, p, strict=True)
    ]
    return p, losses, rounded(total / 3, places), slopes


LESSON = """\
```{lesson}
:title: Log loss, step by step
:rounding: ROUNDING
```
```{network}
:layers: 1 identity
:cost: -(y*log(p := 1/(1 + exp(-yhat))) + (1 - y)*log(1 - p))
X = 0 1 2
Y = 0 1 1
W = 0.5
b = 0.1
```
```{forward}
:places: Cost.p PLACES
FORWARD
```
```{backward}
BACKWARD
```
"""


def filled(rounding="carry 3", places=3, forward="", backward=""):
    words = {"ROUNDING": rounding, "PLACES": str(places), "FORWARD": forward}
    found = LESSON
    for word, said in (words | {"BACKWARD": backward}).items():
        found = found.replace(word, said)
    return found


def lesson(*words):
    return read_lesson(filled(*words), "l", "l.md")


@pytest.mark.parametrize(("places", "places_of_p"), [(3, 3), (3, 2), (4, 1), (2, 5)])
def test_what_follows_a_step_is_worked_out_from_the_step_as_it_is_written(places, places_of_p):
    trace = solve(lesson(f"carry {places}", places_of_p)).trace
    p, losses, cost, slopes = by_hand(places, places_of_p)
    assert trace["Cost.p"].written.tolist() == [p]
    assert trace["Cost.losses"].written.tolist() == [losses]
    assert trace["Cost"].written == cost
    assert trace["dCost/dYhat"].written.tolist() == [slopes]


def test_without_a_step_the_same_formula_rounds_nothing_before_its_losses():
    whole = LOGISTIC.replace("p := 1/(1 + exp(-yhat))", "1/(1 + exp(-yhat))")
    whole = whole.replace("1 - p", "1 - 1/(1 + exp(-yhat))")
    plain, named = (work(net("1 identity", loss=f, **BATCH), "carry 1") for f in (whole, LOGISTIC))
    assert plain["Cost.losses"].written.tolist() == [[0.7, 0.4, 0.3]]
    assert named["Cost.losses"].written.tolist() == [[0.7, 0.5, 0.2]]


def test_a_step_is_printed_and_dictated_like_anything_on_the_way():
    forward = (
        "Cost.p[1,2] := 0.65  # slip: a digit left out\nCost.p = 0.525 0.65 0.75\nCost = 0.488"
    )
    slipped = lesson("carry 3", 3, forward, "dCost/dYhat = 0.175 -0.117 -0.083")
    assert [str(one) for one in check(slipped) if not one.holds] == []
    backward = solve(slipped).trace["dCost/dYhat"]
    assert backward.right.written[0, 1] != backward.own.written[0, 1]


@pytest.mark.parametrize("rounding", ["exact", "display 3", "carry 3"])
def test_exactly_it_is_the_loss_without_steps(rounding):
    named = work(net("1 identity", loss=LOGISTIC, **BATCH), rounding)
    known = work(net("1 identity", loss="binary cross-entropy with logits", **BATCH))
    for name in ("Cost", "dCost/dYhat", "dCost/dW", "dCost/db"):
        assert named[name].exact == pytest.approx(known[name].exact, rel=1e-12)


# every view and every convention

KINDS = {
    "one step": ("(p := exp(-yhat))*y + p**2", lambda y, s: math.exp(-s) * y + math.exp(-2 * s)),
    "the variable beside it": ("(p := y*yhat)**2 + yhat*p", lambda y, s: y * s * s * (y + 1)),
    "a step in a step": (
        "(q := exp(p1 := y - yhat)*p1) + q**2 + p1",
        lambda y, s: math.exp(y - s) * (y - s) * (1 + math.exp(y - s) * (y - s)) + y - s,
    ),
    "a step of the labels alone": (
        "(t := 2*y)*(t - yhat)**2",
        lambda y, s: 2 * y * (2 * y - s) ** 2,
    ),
    "a kink": ("max(0, m1 := 1 - y*yhat)**2", lambda y, s: max(0, 1 - y * s) ** 2),
    "the whole formula": ("(e := (y - yhat)**2)", lambda y, s: (y - s) ** 2),
}
Y2, S2 = [[0, 1, 0.5], [1, 0.25, 1]], [[0.3, -0.7, 1.1], [0.6, 0.4, -0.2]]


def slope(f, y, s, h=1e-6):
    return (f(y, s + h) - f(y, s - h)) / (2 * h)


@pytest.mark.parametrize("over_outputs", ["sum", "mean"])
@pytest.mark.parametrize("over_examples", ["sum", "mean", "mean, in the gradients"])
@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize(("formula", "f"), KINDS.values(), ids=KINDS)
def test_a_batch_has_the_slopes_of_small_differences(formula, f, rows, over_examples, over_outputs):
    layout = {"examples": "rows", "names": "P = Yhat, J = Cost"} if rows else {}
    X, Y = (np.transpose(S2), np.transpose(Y2)) if rows else (S2, Y2)
    means = {"over-examples": over_examples, "over-outputs": over_outputs}
    program = net("2 identity", X=X, Y=Y, W=np.eye(2), loss=formula, settings={**layout, **means})
    trace = work(program)
    before = (1 if over_outputs == "sum" else 0.5) * (1 if over_examples == "sum" else 1 / 3)
    pairs = [list(zip(ys, ss, strict=True)) for ys, ss in zip(Y2, S2, strict=True)]
    total = before * sum(f(y, s) for row in pairs for y, s in row)
    assert trace["Cost"].exact == pytest.approx(total, rel=1e-9)
    later = 3 if over_examples.endswith("gradients") else 1
    expected = later * before * np.array([[slope(f, y, s) for y, s in row] for row in pairs])
    found = trace["dL/dYhat" if later == 3 else "dCost/dYhat"].exact
    assert (found.T if rows else found) == pytest.approx(expected, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize(("formula", "f"), KINDS.values(), ids=KINDS)
def test_so_has_one_example_and_each_output_has_steps_of_its_own(formula, f):
    numbers = {"x1": 1, "y1": 0.5, "y2": 1, "w11": 0.3, "w21": -0.7}
    trace = work(net("2 identity", view="scalar", loss=formula, **numbers))
    assert trace["L"].exact == pytest.approx(f(0.5, 0.3) + f(1, -0.7))
    assert trace["dL/dyhat1"].exact == pytest.approx(slope(f, 0.5, 0.3), rel=1e-7)
    assert trace["dL/dyhat2"].exact == pytest.approx(slope(f, 1, -0.7), rel=1e-7)


@pytest.mark.parametrize(
    ("names", "settings", "view"),
    [
        (["Cost.p"], {}, "matrix"),
        (["E.p"], {"l2": "0.1, lambda"}, "matrix"),
        (["J.p"], {"names": "J = Cost"}, "matrix"),
        (["L.p"], {}, "scalar"),
        (["L.p1", "L.p2"], {}, "two outputs"),
    ],
)
def test_a_step_is_called_after_the_loss_it_belongs_to(names, settings, view):
    if view == "matrix":
        program = net("1 identity", loss=LOGISTIC, settings=settings, **BATCH)
    elif view == "scalar":
        program = net("1 identity", view=view, loss=LOGISTIC, x1=1, w1=0.5, y=1)
    else:
        two = {"x1": 1, "w11": 0.5, "w21": 0.5, "y1": 1, "y2": 0}
        program = net("2 identity", view="scalar", loss=LOGISTIC, **two)
    trace = work(program, "carry 3")
    assert all(name in trace for name in names)


def test_the_steps_of_two_outputs_are_told_apart_where_their_names_end_in_a_digit():
    two = {"x1": 1, "w11": 0.5, "w21": 0.25, "y1": 1, "y2": 0}
    trace = work(net("2 identity", view="scalar", loss="(p1 := y - yhat)**2", **two))
    assert (trace["L.p1_1"].exact, trace["L.p1_2"].exact) == (0.5, -0.25)


@pytest.mark.parametrize("settings", [{}, {"examples": "rows"}, {"delta": "descent"}])
def test_a_step_lies_as_the_predictions_do_in_the_forward_and_in_the_backward_pass(settings):
    turned = "examples" in settings
    values = {**BATCH, "X": [[0], [1], [2]], "Y": [[0], [1], [1]]} if turned else BATCH
    trace = work(net("1 identity", loss=LOGISTIC, settings=settings, **values), "carry 3")
    named = trace["Cost.p"]
    used = trace.find(parse_name("local dCost/dYhat")).inputs[-1]
    assert (used.name, used.shape, used.written.tolist()) == (
        "Cost.p", trace["Yhat"].shape, named.written.tolist(),
    )  # fmt: skip


@pytest.mark.parametrize("settings", [{}, {"examples": "rows"}, {"delta": "descent"}])
def test_a_step_keeps_the_minus_that_its_author_gave_it(settings):
    turned = "examples" in settings
    values = {**BATCH, "X": [[0], [1], [2]], "Y": [[0], [1], [1]]} if turned else BATCH
    program = net("1 identity", loss="(p := -yhat*y)**2", settings=settings, **values)
    trace = work(program, "carry 3")
    assert np.ravel(trace["Cost.p"].written).tolist() == [0, -0.6, -1.1]
    [used] = [q for q in trace.find(parse_name("local dCost/dYhat")).inputs if q.name == "Cost.p"]
    assert np.array_equal(used.written, trace["Cost.p"].written)
    cost = trace["Cost"]
    [step, last] = [worked(one) for one in step_by_step(cost, ["p"])]
    assert text(step.lines[0]).startswith("-")
    assert text(last.lines[1]) == f"1/3 Σ {text(trace['Cost.p'].numbers())}^∘2"


def test_a_training_takes_the_same_steps():
    named, known = (
        train(net("1 identity", loss=loss, **BATCH), 30)
        for loss in (LOGISTIC, "binary cross-entropy with logits")
    )
    assert named.last == pytest.approx(known.last, rel=1e-12)


def test_an_activation_has_steps_as_well():
    program = net("1 (e := exp(-z))/(1 + e)", **BATCH)
    trace = work(program, "carry 2")
    e = [rounded(math.exp(-z), 2) for z in SCORES]
    assert trace["Yhat.e"].written.tolist() == [e]
    assert trace["Yhat"].written.tolist() == [[rounded(x / (1 + x), 2) for x in e]]
    assert work(program)["dYhat/dZ"].exact == pytest.approx(
        np.array([[-math.exp(-z) / (1 + math.exp(-z)) ** 2 for z in SCORES]])
    )


@pytest.mark.parametrize("rounding", ["exact", "carry 1", "display 1"])
def test_a_step_that_was_rounded_is_no_reason_to_doubt_the_slope_beside_a_kink(rounding):
    trace = work(net("1 identity", loss="(p := exp(yhat))*abs(y - yhat)", **BATCH), rounding)
    expected = [slope(lambda y, s: math.exp(s) * abs(y - s), y, s) / 3 for y, s in PAIRS]
    assert trace["dCost/dYhat"].exact == pytest.approx(np.array([expected]), rel=1e-7)


@pytest.mark.parametrize(
    ("formula", "same"),
    [
        ("z/(1 + e**-z)", "z/(1 + exp(-z))"),
        ("(e := exp(-z))/(1 + e)", "(q := exp(-z))/(1 + q)"),
        ("(p := e**-z)/(1 + p)*pi/e", "pi*exp(-z)/(1 + exp(-z))/exp(1)"),
        ("gelu(z) + gelu(2*z)", "z/2*(1 + erf(z/sqrt(2))) + z*(1 + erf(2*z/sqrt(2)))"),
        ("silu(z)**2 + ln(z**2 + 1)", "(z/(1 + exp(-z)))**2 + log(z**2 + 1)"),
        ("leaky_relu(z)*elu(z)", "max(z, 0.01*z)*max(z, min(exp(z) - 1, 0))"),
        ("softplus(z)", "log(1 + exp(z))"),
    ],
)
@pytest.mark.parametrize("rounding", ["exact", "carry 2"])
def test_e_and_every_function_stand_in_an_activation(formula, same, rounding):
    one, other = (work(net(f"1 {each}", **BATCH), rounding) for each in (formula, same))
    for name in ("Yhat", "dYhat/dZ"):
        assert one[name].exact == pytest.approx(other[name].exact, rel=1e-12)
    assert one["Yhat"].written == pytest.approx(other["Yhat"].written, abs=0.011)


# on the page


def test_a_step_has_lines_of_its_own_and_stands_in_those_behind_it_by_its_name():
    pages = explain(solve(lesson())).pages
    page = next(page for page in pages if page.title == "Forward 3 of 3: Cost")
    step, cost = (block for block in page.blocks if isinstance(block, Working))
    assert step.name == "Cost.p"
    assert text(step.lines[0]) == "1/(1 + e^-Ŷ)"
    assert text(step.lines[-1]) == "[0.525  0.646  0.75]"
    assert text(cost.lines[0]) == "1/m Σ (-(Y ⊙ log(Cost.p) + (1 - Y) ⊙ log(1 - Cost.p)))"


@pytest.mark.parametrize(
    ("names", "left"), [("t = Yhat", "∂p/∂t"), ("p = Yhat", "∂p/∂ŷ"), ("exp = Yhat", "∂p/∂ŷ")]
)
def test_the_derivation_has_the_names_of_the_source_but_for_those_that_the_formula_has(names, left):
    trace = work(net("1 identity", loss=LOGISTIC, settings={"names": names}, **BATCH))
    page = next(p for p in own_formulas(view_of(trace).program) if "local gradient" in p.title)
    assert text(page.blocks[1].left) == left


def test_the_derivation_goes_through_the_steps_and_each_line_is_proved():
    found = derive_stepwise(read_steps(KINDS["a step in a step"][0], ["y", "yhat"]), "yhat", "L")
    assert [text(one.left) for one in found] == [
        "∂p1/∂ŷ", "∂q/∂p1", "∂q/∂ŷ", "∂L/∂p1", "∂L/∂q", "∂L/∂ŷ",
    ]  # fmt: skip
    assert all(one.proved for one in found)
    assert text(found[-1].lines[0].expr) == "∂L/∂p1 * ∂p1/∂ŷ + ∂L/∂q * ∂q/∂ŷ"


def test_what_the_variable_does_by_itself_is_a_use_of_its_own():
    found = derive_stepwise(read_steps("(p := z**2)*z", ["z"]), "z", "a")
    assert text(found[-1].lines[0].expr) == "∂a/∂p * ∂p/∂z + ∂a/∂z through a"
    assert text(found[-1].result) == "2 * z^2 + p"


def test_without_steps_there_is_one_derivation_as_ever():
    (only,) = derive_stepwise(read_steps("1/(1 + exp(-z))", ["z"]))
    assert only == derive("1/(1 + exp(-z))")


def test_a_page_with_steps_is_recorded_and_read_back(tmp_path, capsys):
    (tmp_path / "l.md").write_text(filled())
    stored = tmp_path / "l.json"
    assert not main(["export", str(tmp_path / "l.md"), "--format", "json", "-o", str(stored)])
    assert "Cost.p" in json.dumps(json.loads(stored.read_text()))
    assert not main(["replay", str(stored)])
    assert "Cost.p = 1/(1 + e^-Ŷ)" in capsys.readouterr().out


# faults

REFUSED = {
    "before it is named": (
        "p*y + (p := exp(yhat))",
        "p is used before it is named, expected '(p := ...)' where it first stands",
    ),
    "twice": (
        "(p := exp(yhat)) + (p := y)",
        "the step p is named twice, expected another name for one",
    ),
    "the name of an input": (
        "(y := exp(yhat))",
        "a step cannot be called y, which has a meaning already",
    ),
    "the name of a function": (
        "(exp := yhat**2)",
        "a step cannot be called exp, which has a meaning already",
    ),
    "the name of another part": (
        "(losses := yhat**2)",
        "a step cannot be called losses, which has a meaning already",
    ),
    "a capital": (
        "(P := yhat**2)",
        "a step cannot be called P, expected a small letter first, as in p or p1, and no _ last",
    ),
    "no more than another name": (
        "(p := yhat)*y",
        "the step p only renames yhat; use yhat itself",
    ),
    "a number": ("(p := 2*3)*yhat", "the step p is a number; use 2*3 itself"),
    "without brackets": (
        "p := exp(yhat)",
        "'p := exp(yhat)' cannot be read, expected brackets around a step that is named, as in "
        "(p := exp(-z))",
    ),
    "a stranger in it": (
        "(p := exp(x))*yhat",
        "'(p := exp(x))*yhat' has x in it: a loss is an expression in y and yhat",
    ),
    "nothing to differentiate by": (
        "(yhat1 := y**2)*y",
        "ŷ1*y does not contain yhat, expected a variable of it",
    ),
    "too much of it": (
        "+".join([f"(p{k + 1} := p{k}*p{k})" for k in range(20)]).replace("p0", "yhat"),
        "the formula has more than 400 parts; give parts of it names of their own",
    ),
}


@pytest.mark.parametrize(("formula", "fault"), REFUSED.values(), ids=REFUSED)
def test_a_step_that_cannot_be(formula, fault):
    with pytest.raises(TracerError) as refused:
        net("1 identity", loss=formula, **BATCH)
    assert str(refused.value).startswith(fault)


PLAIN = "'(p := exp(x))' names a step, which only the formula of a loss or an activation has; "
ELSEWHERE = {
    "a graph": lambda: graph("x = 1\nL = (p := exp(x))*p"),
    "a learning rate": lambda: rate_of("(p := exp(x))"),
    "a feature": lambda: with_features(np.array([[1.0]]), ["(p := exp(x))"]),
    "a derivation": lambda: derive("(p := exp(x))", "x"),
    "a curve": lambda: read("(p := exp(x))"),
}


@pytest.mark.parametrize("make", ELSEWHERE.values(), ids=ELSEWHERE)
def test_elsewhere_no_step_is_named(make):
    with pytest.raises(LessonError) as refused:
        make()
    assert PLAIN + "expected 'exp(x)'" in str(refused.value)


@pytest.mark.parametrize("block", ["graph", "derive", "curve"])
def test_in_a_block_the_fault_says_the_line(block):
    lines = {"graph": "x = 1\n", "derive": ":wrt: x\n", "curve": ":from: 0\n:to: 1\n:wrt: x\n"}
    source = (
        f"```{{lesson}}\n:title: T\n```\n```{{{block}}}\n{lines[block]}L = (p := exp(x))*p\n```\n"
    )
    with pytest.raises(TracerError) as refused:
        explain(solve(read_lesson(source, "l", "l.md")))
    assert PLAIN in str(refused.value)
    assert str(refused.value).startswith("l.md:")
