"""Predictions kept from 0 and 1 before a cross-entropy: their lines, slopes, names and faults."""

import math

import numpy as np
import pytest

from tracer import net, work
from tracer.errors import LessonError, NotFinite, TracerError
from tracer.lesson.check import check
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.network import words
from tracer.page.document import Note, Table
from tracer.training.answers import answering
from tracer.training.run import train
from tracer.written.names import entry_name
from tracer.written.text import text

LESSON = """\
```{lesson}
:title: A clip by hand
:rounding: carry 3
```
```{network}
:layers: 1 identity
:cost: binary cross-entropy
:clip: 0.1
X = 0 1 2 1.8
Y = 0 1 1 0
W = 0.5
```
```{forward}
Yhat = 0 0.5 1 0.9
Yclip = 0.1 0.5 0.9 0.9
Yclip[1,3] = 0.9
Cost.losses = -0.105 -0.693 -0.105 -2.303
Cost = 0.802
```
```{backward}
dCost/dYclip = 0.278 -0.5 -0.278 2.5
dYclip/dYhat = 0 1 0 0
dCost/dYhat = 0 -0.5 0 0
dCost/dW = -0.5
```
"""


def lesson(source):
    return read(source, "lesson", "lesson.md")


# by hand


def test_a_clip_worked_out_by_hand_in_the_forward_and_in_the_backward_pass():
    verdicts = check(lesson(LESSON))
    assert [str(one) for one in verdicts if not one.holds] == []
    assert len(verdicts) == 27


def test_the_same_with_examples_in_rows():
    source = LESSON.replace(":clip:", ":examples: rows\n:clip:").replace("Yclip[1,3]", "Yclip[3,1]")
    turned = "\n".join(
        line if line.startswith(("Cost =", "W =", "dCost/dW =", "Yclip[")) else rows(line)
        for line in source.split("\n")
    )
    assert [str(one) for one in check(lesson(turned)) if not one.holds] == []


def rows(line):
    name, equals, numbers = line.partition(" = ")
    return f"{name} = {numbers.replace(' ', '; ')}" if equals else line


@pytest.mark.parametrize(
    ("yhat", "clipped", "slope"),
    [
        (0.05, 0.1, 0),
        (0.1, 0.1, 0),
        (0.10001, 0.10001, 1),
        (0.5, 0.5, 1),
        (0.89999, 0.89999, 1),
        (0.9, 0.9, 0),
        (0.95, 0.9, 0),
    ],
)
def test_the_slope_is_1_inside_and_0_at_a_bound_and_beyond(yhat, clipped, slope):
    program = net(
        "1 identity", X=[[yhat]], Y=[[1]], W=1, loss="binary cross-entropy",
        settings={"clip": "0.1"},
    )  # fmt: skip
    trace = work(program)
    assert (trace["Yclip"].exact, trace["dYclip/dYhat"].exact) == (clipped, slope)
    assert program.values()["Yclip"] == clipped


# beside NumPy, by small differences


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


def softmax(Z):
    return np.exp(Z) / np.exp(Z).sum(axis=0)


def binary(Y, P):
    return -(Y * np.log(P) + (1 - Y) * np.log(1 - P))


def cross(Y, P):
    return -Y * np.log(P)


PAIRS = {
    "binary cross-entropy": ("sigmoid", sigmoid, binary),
    "cross-entropy": ("softmax", softmax, cross),
}
X = np.array([[0.5, -1.0, 4.0], [1.0, 2.0, -3.0]])
W = np.array([[1.0, 0.5], [-0.25, 0.75]])
Y = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])


def small_differences(f, W, step=1e-6):
    found = np.empty_like(W)
    for place in np.ndindex(W.shape):
        up, down = W.copy(), W.copy()
        up[place] += step
        down[place] -= step
        found[place] = (f(up) - f(down)) / (2 * step)
    return found


def in_numpy(loss, W, c, over_outputs="sum", over_examples="mean"):
    _, function, losses = PAIRS[loss]
    each = losses(Y, np.clip(function(W @ X), c, 1 - c))
    before = (0.5 if over_outputs == "mean" else 1) * (1 if over_examples == "sum" else 1 / 3)
    return before * each.sum()


def settings_of(layout, **more):
    turned = {"examples": "rows", "weights": "(in, out)"} if layout == "rows" else {}
    return {**turned, **{key.replace("_", "-"): value for key, value in more.items()}}


@pytest.mark.parametrize("layout", ["columns", "rows"])
@pytest.mark.parametrize("over_outputs", words.REDUCTIONS)
@pytest.mark.parametrize("over_examples", words.OVER_EXAMPLES)
@pytest.mark.parametrize("c", ["0.2", "0.02", "1e-7"])
@pytest.mark.parametrize("loss", PAIRS)
def test_a_batch_beside_numpy(loss, c, over_examples, over_outputs, layout):
    means = {"over_outputs": over_outputs, "over_examples": over_examples}
    given = {"X": X, "Y": Y, "W": W}
    if layout == "rows":
        given = {name: matrix.T for name, matrix in given.items()}
    program = net(
        f"2 {PAIRS[loss][0]}", **given, loss=loss, settings=settings_of(layout, clip=c, **means)
    )
    trace = work(program)
    assert trace["Cost"].exact == pytest.approx(in_numpy(loss, W, float(c), **means))
    expected = small_differences(lambda W: in_numpy(loss, W, float(c), **means), W)
    found = trace["dCost/dW"].exact
    assert (found.T if layout == "rows" else found) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("c", ["0.2", "1e-7"])
@pytest.mark.parametrize("loss", PAIRS)
def test_one_example_beside_numpy(loss, c):
    numbers = {"x1": 4, "x2": -3, "y1": 1, "y2": 0, "w11": 1, "w12": 0.5, "w21": -0.25, "w22": 0.75}
    trace = work(
        net(f"2 {PAIRS[loss][0]}", view="scalar", loss=loss, settings={"clip": c}, **numbers)
    )
    _, function, losses = PAIRS[loss]

    def cost(W):
        clipped = np.clip(function(W @ X[:, [2]]), float(c), 1 - float(c))
        return losses(Y[:, [2]], clipped).sum()

    assert trace["L"].exact == pytest.approx(cost(W))
    names = [["dL/dw11", "dL/dw12"], ["dL/dw21", "dL/dw22"]]
    found = np.array([[trace[name].exact for name in row] for row in names])
    assert found == pytest.approx(small_differences(cost, W), abs=1e-8)


@pytest.mark.parametrize("loss", PAIRS)
def test_a_training_beside_numpy(loss):
    program = net(
        f"2 {PAIRS[loss][0]}", X=X, Y=Y, W=W, loss=loss, settings={"clip": "0.2"}, learning_rate=0.5
    )
    run, moved = train(program, 25), W.copy()
    for _ in range(25):
        moved -= 0.5 * small_differences(lambda W: in_numpy(loss, W, 0.2), moved)
    assert run.last == pytest.approx(moved.ravel(), abs=1e-6)
    assert run.final_cost == pytest.approx(in_numpy(loss, moved, 0.2), abs=1e-6)


def test_in_a_training_a_clip_keeps_the_cost_finite():
    far = {"X": [[1000]], "Y": [[0]], "W": 1, "loss": "binary cross-entropy", "learning_rate": 1}
    assert train(net("1 sigmoid", **far), 3).diverged
    clipped = train(net("1 sigmoid", **far, settings={"clip": "1e-7"}), 3)
    assert clipped.final_cost == pytest.approx(7 * np.log(10))


# with a pen


SATURATED = (
    LESSON[: LESSON.index("Yhat =")]
    .replace("1 identity", "1 sigmoid")
    .replace("0.1\n", "1e-7\n")
    .replace("W = 0.5", "W = 1")
    + "```\n"
)


@pytest.mark.parametrize(
    ("x", "y", "said", "way_out"),
    [
        (20, 1, "Yclip[1,4] is 0.9999999 before it is rounded", ":places: Yclip 9"),
        (-20, 1, "Yclip[1,4] is 1e-07 before it is rounded", ":places: Yclip 9"),
        (-20, 0, "Yclip[1,4] is 1e-07 before it is rounded", ":places: Yclip 9"),
    ],
)
def test_a_clip_that_is_rounded_away_is_named_with_what_keeps_it(x, y, said, way_out):
    source = SATURATED.replace("1.8", str(x)).replace("Y = 0 1 1 0", f"Y = 0 1 1 {y}")
    with pytest.raises(NotFinite) as refused:
        solve(lesson(source))
    assert "log of zero" in str(refused.value)
    assert f"{said}, and '{way_out}' keeps it" in str(refused.value)
    kept = solve(lesson(source.replace("```{forward}", f"```{{forward}}\n{way_out}"))).trace
    assert kept["Yclip"].written[0, 3] == (0.9999999 if x > 0 else 1e-7)
    assert np.isfinite(kept["Cost"].written)


@pytest.mark.parametrize("rounding", ["exact", "display 3"])
def test_where_nothing_is_carried_nothing_is_lost(rounding):
    source = SATURATED.replace("1.8", "20").replace("carry 3", rounding)
    losses = [math.log(1 + math.exp(-z)) for z in (0, 1, 2)] + [7 * math.log(10)]
    assert solve(lesson(source)).trace["Cost"].exact == pytest.approx(sum(losses) / 4)


# names, the page, and what is answered


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, "Yclip"),
        ({"names": "P = Yclip"}, "P"),
        ({"examples": "rows", "weights": "(in, out)", "names": "P = Yclip"}, "P"),
    ],
)
def test_what_is_clipped_has_a_name_that_the_source_may_change(settings, name):
    given = {"X": X, "Y": Y, "W": W}
    if "examples" in settings:
        given = {name: matrix.T for name, matrix in given.items()}
    program = net(
        "2 sigmoid", **given, loss="binary cross-entropy", settings={"clip": "0.2"} | settings
    )
    trace = work(program)
    assert trace[name].shape == trace["Yhat"].shape
    assert trace[f"dCost/d{name}"].shape == trace["Yhat"].shape


def test_of_one_example_it_is_yclip_or_yclip1_and_yclip2():
    kept = {"view": "scalar", "loss": "binary cross-entropy"}
    named = {"clip": "0.2", "names": "p = yclip"}
    one = net("1 sigmoid", **kept, settings=named, x1=1, y=1, w1=9)
    assert work(one)["p"].exact == 0.8
    numbers = {"x1": 1, "y1": 1, "y2": 0, "w11": 9, "w21": -9}
    trace = work(net("2 sigmoid", **kept, settings={"clip": "0.2"}, **numbers))
    assert (trace["yclip1"].exact, trace["yclip2"].exact) == (0.8, 0.2)


def test_an_entry_of_it_is_written_with_its_example():
    assert entry_name("dCost/dYclip", 1, 3) == "∂Cost/∂Yclip[1,3]"


def test_the_page_declares_the_clip_and_the_convention_at_its_bounds():
    pages = explain(solve(lesson(LESSON))).pages
    blocks = [block for page in pages for block in page.blocks if isinstance(block, Table)]
    (table,) = (block for block in blocks if block.columns[0] == "convention")
    assert ("clip", "Yclip = min(max(Ŷ, 0.1), 1 - 0.1)") in [
        (text(what), text(here)) for what, here in table.rows
    ]
    said = "Convention: what is clipped has the slope 0, and so has what is equal to a bound."
    through = next(page for page in pages if "through Yclip" in page.title)
    assert Note("Note", said) in through.blocks


def test_what_is_answered_is_yhat_and_not_what_is_clipped():
    given = {"X": X, "Y": Y, "W": W, "loss": "cross-entropy"}
    clipped = net("2 softmax", **given, settings={"clip": "0.2"})
    assert clipped.outputs == ["Yhat"]
    assert answering(clipped) == answering(net("2 softmax", **given))


# faults

BEFORE = "clip keeps probabilities from 0 and 1, and "
REFUSED = {
    "fused": (
        "1 sigmoid", "binary cross-entropy, fused", "1e-7",
        BEFORE + "'binary cross-entropy' is fused, and takes the predictions as they are; expected "
        "'binary cross-entropy' alone",
    ),
    "fused, of several": (
        "2 softmax", "cross-entropy, fused", "1e-7",
        BEFORE + "'cross-entropy' is fused, and takes the predictions as they are; expected "
        "'cross-entropy' alone",
    ),
    "on scores": (
        "1 identity", "binary cross-entropy with logits", "1e-7",
        BEFORE + "'binary cross-entropy with logits' takes scores and no probabilities; take the "
        "clip away",
    ),
    "on the scores of several": (
        "2 identity", "softmax cross-entropy", "1e-7",
        BEFORE + "'softmax cross-entropy' takes scores and no probabilities; take the clip away",
    ),
    "a margin": (
        "1 identity", "hinge", "1e-7",
        BEFORE + "'hinge' takes scores and no probabilities; take the clip away",
    ),
    "no logarithm": (
        "1 sigmoid", "squared error", "1e-7",
        BEFORE + "'squared error' takes no logarithm of its predictions; take the clip away",
    ),
    "a loss of one's own": (
        "1 sigmoid", "-y*log(yhat)", "1e-7",
        BEFORE + "'-y*log(yhat)' is typed out, and so is its clip, as in max(yhat, 1e-7) in the "
        "place of yhat",
    ),
    "zero": (
        "1 sigmoid", "binary cross-entropy", "0",
        "clip is 0, expected more than 0 and less than 0.5, as 1e-7 is",
    ),
    "negative": (
        "1 sigmoid", "binary cross-entropy", "-1e-7",
        "clip is -1e-7, expected more than 0 and less than 0.5, as 1e-7 is",
    ),
    "a half": (
        "1 sigmoid", "binary cross-entropy", "0.5",
        "clip is 0.5, expected more than 0 and less than 0.5, as 1e-7 is",
    ),
    "a word": (
        "1 sigmoid", "binary cross-entropy", "tiny",
        "clip 'tiny' is not a number, expected such as 0.1",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("layers", "loss", "clip", "fault"), REFUSED.values(), ids=REFUSED)
def test_a_clip_that_cannot_be(layers, loss, clip, fault):
    outputs = int(layers[0])
    with pytest.raises(LessonError) as refused:
        net(
            layers, X=[[1]], Y=[[1], [0]][:outputs], W=[[1], [1]][:outputs], loss=loss,
            settings={"clip": clip},
        )  # fmt: skip
    assert str(refused.value) == fault


def test_a_fault_of_a_clip_has_its_line():
    with pytest.raises(LessonError, match=r"^lesson\.md:8: clip is 1, expected more than 0"):
        solve(lesson(LESSON.replace(":clip: 0.1", ":clip: 1")))


def test_without_a_clip_there_is_no_name_for_it():
    plain = LESSON.replace(":clip: 0.1\n", "").replace("X = 0 1 2", "X = 0.1 1 1.9")
    with pytest.raises(TracerError, match="Yclip is not on this page; "):
        check(lesson(plain))
    with pytest.raises(LessonError, match="there is no Yclip here"):
        solve(lesson(plain.replace(":cost:", ":names: P = Yclip\n:cost:")))
