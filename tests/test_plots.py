"""Pictures: curves and boundaries as data, as drawn in a terminal, and as files of an export.

The drawn pictures stand in `pages/canvas-*`. After a change of layout, look at what `python
tests/test_plots.py` draws anew.
"""

import functools
import io
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tracer import graph, net
from tracer.cli import main
from tracer.errors import NotFinite, TracerError
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.network import drawn as drawn_weights
from tracer.network import gate
from tracer.page.document import Boundary, Curve, Document, Page, Series
from tracer.page.plots import decision_boundary, formula_curve, learning_curve, loss_steps
from tracer.render.canvas import boundary_rows
from tracer.render.markdown import to_markdown, with_pictures
from tracer.render.pictures import COLOURS, HOW_TO_GET, svg
from tracer.render.terminal import pages_as_text
from tracer.training.run import Run, train

ROOT = Path(__file__).parent.parent
DRAWN = Path(__file__).parent / "pages"
HIDDEN = {"W": [[[0.1, 0.6], [0.2, 0.4], [0.3, 0.7]], [[0.1, 0.4, 0.9]]], "b": [0, 0]}
LESSON = """\
```{lesson}
:title: A small training
```
```{network}
:layers: 1 sigmoid
:cost: squared error
:learning-rate: 1
:data: OR
W = 0.1 0.6
b = 0
```
```{train}
:epochs: 300
:log-every: 100
:plot: PLOT
```
"""


def small(plot: str = "cost, boundary, shaded"):
    """A lesson with a training and pictures of it."""
    return read(LESSON.replace("PLOT", plot), "small", "small.md")


@functools.cache
def or_run() -> Run:
    return train(net("1 sigmoid", **gate("OR"), W=[[0.1, 0.6]], b=0, learning_rate=1), 5000)


@functools.cache
def hidden_run() -> Run:
    """XOR with a hidden layer of three, as in Figs 84 and 85."""
    return train(net("3 sigmoid, 1 sigmoid", **gate("XOR"), **HIDDEN, learning_rate=1), 5000)


@functools.cache
def stuck_run() -> Run:
    """XOR with a hidden layer whose weights are too small to learn: 0.12500008 becomes 0.125."""
    drawn_at = drawn_weights("plain, seed 48", (2, 3, 1))
    given = {letter: [drawn_at[f"{letter}[{k}]"] for k in (1, 2)] for letter in "Wb"}
    return train(net("3 sigmoid, 1 sigmoid", **gate("XOR"), **given, learning_rate=1), 100)


CROSSED = """\
```{lesson}
:title: A feature cross
```
```{network}
:layers: 1 sigmoid
:cost: squared error
:learning-rate: 1
:data: XOR
:features: x1*x2
W = 0.1 0.6 0.2
b = 0
```
```{train}
:epochs: 5000
```
"""


@functools.cache
def crossed_run() -> Run:
    """XOR with the feature x1*x2, as in Figs 74 and 75."""
    return solve(read(CROSSED, "crossed", "crossed.md")).sections[-1].run


def descent(rate: float, epochs: int = 12) -> Run:
    """x = 0.25, w = -4, y = 0, no activation: the loss is a parabola over w."""
    neuron = net("1 identity", view="scalar", x1=0.25, w1=-4, y=0, learning_rate=rate)
    return train(neuron, epochs)


# curves as data


def test_a_learning_curve_has_the_cost_of_every_epoch():
    run = descent(5)
    curve = learning_curve(run)
    assert curve.series == (Series("L", tuple(enumerate(run.costs.tolist()))),)
    assert (curve.across, curve.up) == ("epoch", "L")


def test_of_a_long_run_it_has_400_points_from_the_first_epoch_to_the_last():
    points = learning_curve(hidden_run()).series[0].points
    assert len(points) == 400
    assert (points[0][0], points[-1][0]) == (0, 4999)
    assert all(cost == hidden_run().costs[int(epoch)] for epoch, cost in points)
    gaps = {b - a for (a, _), (b, _) in pairwise(points)}
    assert gaps == {12, 13}


@pytest.mark.parametrize(
    ("run", "alt"),
    [
        (or_run, "Learning curve: over 5000 epochs the cost falls from 0.0889 to 0.000528."),
        (lambda: descent(5), "Learning curve: over 12 epochs the loss falls from 0.5 to 0.000132."),
        (lambda: descent(50, 4), "Learning curve: over 4 epochs the loss rises from 0.5 to 46."),
        (
            stuck_run,
            "Learning curve: over 100 epochs the cost is 0.125 at the start and at the end.",
        ),
    ],
)
def test_what_a_learning_curve_shows_is_said_in_words(run, alt):
    assert learning_curve(run()).alt == alt


def test_the_curve_of_a_formula_has_its_values_and_its_marked_points():
    curve = formula_curve("a", "1/(1 + exp(-z))", "z", -6, 6, [-2, 0, 2])
    line, marks = curve.series
    z, a = np.array(line.points).T
    assert (z[0], z[-1], len(z)) == (-6, 6, 241)
    assert a == pytest.approx(1 / (1 + np.exp(-z)), rel=1e-14)
    assert marks.marked
    assert not line.marked
    assert dict(marks.points) == pytest.approx({-2: 0.1192, 0: 0.5, 2: 0.8808}, abs=5e-5)
    assert curve.alt == "The curve of a: 0.00247 at -6, 0.5 at 0, 0.998 at 6."


def test_a_constant_is_a_curve_too():
    assert {y for _, y in formula_curve("a", "0*z + 5", "z", 0, 1).series[0].points} == {5}


@pytest.mark.parametrize(
    ("formula", "low", "high", "fault", "complaint"),
    [
        ("log(z)", -1, 1, NotFinite, "a has no finite value at z = -1, expected one"),
        ("1/z", -1, 1, NotFinite, "a has no finite value at z = 0, expected one"),
        ("sine(z)", 0, 1, TracerError, r"sine\(\) is not known|'sine'"),
        ("z^2", 0, 1, TracerError, r"\^"),
        ("q*z", 0, 1, TracerError, "q"),
    ],
)
def test_a_formula_without_values_has_no_curve(formula, low, high, fault, complaint):
    with pytest.raises(fault, match=complaint):
        formula_curve("a", formula, "z", low, high)


@pytest.mark.parametrize(
    ("formula", "low", "high", "complaint"),
    [
        ("1e308*z", -1, 1, "a has no finite value of at most 1e+300 at z = -1, expected one"),
        ("z*1", -1, 1.7e308, "z goes as far as 1.7e+308, expected at most 1e+300"),
    ],
)
def test_a_picture_has_no_room_for_the_largest_numbers(formula, low, high, complaint):
    with pytest.raises(NotFinite, match=re.escape(complaint)):
        formula_curve("a", formula, "z", low, high)


def test_a_loss_that_is_infinite_beside_its_steps_is_told():
    run = train(graph("w = 0.9\nL = exp(w*700)", 1e-300), 2)
    complaint = "the loss has no finite value of at most 1e+300 at w = 0.987"
    with pytest.raises(NotFinite, match=re.escape(complaint)):
        loss_steps(run, "w", 2)


FAR = """\
```{lesson}
:title: Far away
```
```{network}
:layers: 1 sigmoid
:cost: squared error
:learning-rate: 1
:features: log(x1)
X = 1e17 1e17; -1e300 1e300
Y = 0 1
W = 0 0 0
```
```{train}
:epochs: 2
:plot: boundary, shaded
```
"""


@pytest.mark.parametrize("x1", ["1e17 1e17", "1e300 1e300", "-1e300 -1e300", "0.1 3", "1e-300 2"])
def test_a_boundary_is_drawn_wherever_its_examples_are(x1):
    text = FAR.replace("1e17 1e17", x1).replace("log(x1)", "log(abs(x1))")
    document = explain(solve(read(text, "far", "far.md")))
    pictures = [b for page in document.pages for b in page.blocks if isinstance(b, Boundary)]
    assert len(pictures) == 2
    for picture in pictures:
        assert np.isfinite(picture.answers).all()
        rows = boundary_rows(picture, 60, ascii_only=True)
        assert sum(row.count("o") + row.count("x") for row, _ in rows[:-1]) >= 2


@pytest.mark.parametrize("rate", [0.5, 5, 15, 17, 31])
def test_the_steps_of_descent_lie_on_the_curve_and_shrink_by_themselves(rate):
    curve, steps = loss_steps(descent(rate), "w1", 12).series
    places = [w for w, _ in steps.points]
    assert places == pytest.approx([-4 * (1 - rate / 16) ** k for k in range(13)], rel=1e-12)
    assert [loss for _, loss in steps.points] == pytest.approx(
        [0.5 * (0.25 * w) ** 2 for w in places], rel=1e-12
    )
    lengths = [abs(b - a) for a, b in pairwise(places)]
    assert all(later < earlier for earlier, later in pairwise(lengths))
    w, loss = np.array(curve.points).T
    assert loss == pytest.approx(0.5 * (0.25 * w) ** 2, rel=1e-12)
    assert w[0] < min(places) < max(places) < w[-1]


def test_with_a_learning_rate_of_50_they_grow_and_change_sides():
    places = [w for w, _ in loss_steps(descent(50, 4), "w1", 12).series[1].points]
    assert places == [-4, 8.5, -18.0625, 38.3828125, -81.5634765625]


def test_the_steps_on_the_bias_of_the_or_gate_shrink_too():
    neuron = net("1 sigmoid", view="scalar", x1=0, x2=0, y=0, w1=0.1, w2=0.6, b=0, learning_rate=5)
    steps = loss_steps(train(neuron, 12), "b", 12).series[1].points
    lengths = [abs(b - a) for (a, _), (b, _) in pairwise(steps)]
    assert steps[0] == (0, 0.125)
    assert all(later < earlier for earlier, later in pairwise(lengths))


@pytest.mark.parametrize(("shown", "points"), [(0, 1), (1, 2), (5, 6), (12, 13), (99, 13)])
def test_no_more_steps_are_shown_than_asked_for_or_made(shown, points):
    assert len(loss_steps(descent(5), "w1", shown).series[1].points) == points


@pytest.mark.parametrize("parameter", ["W", "x1", "q"])
def test_only_a_single_number_that_is_learned_has_steps(parameter):
    with pytest.raises(TracerError, match=f"{parameter} is no single number, expected a"):
        loss_steps(descent(5) if parameter != "W" else or_run(), parameter, 3)


# boundaries as data


def sigma(z):
    return 1 / (1 + np.exp(-z))


def answers(run: Run, x1: float, x2: float) -> float:
    """What a network of sigmoids answers at a point, worked out anew."""
    p = run.parameters()
    inputs = np.array([[x1], [x2]])
    if run.program.features:
        inputs = np.vstack([inputs, x1 * x2])
    if "W[1]" not in p:
        return sigma(p["W"] @ inputs + p["b"]).item()
    return sigma(p["W[2]"] @ sigma(p["W[1]"] @ inputs + p["b[1]"]) + p["b[2]"]).item()


@pytest.mark.parametrize("run", [or_run, hidden_run, crossed_run])
def test_a_boundary_has_the_networks_own_answer_at_each_point(run):
    picture = decision_boundary(run().at(5000), shaded=True)
    assert (picture.across[0], picture.across[-1]) == (-0.5, 1.5)
    assert (picture.up[0], picture.up[-1]) == (-0.5, 1.5)
    for i in range(0, len(picture.up), 8):
        for j in range(0, len(picture.across), 8):
            expected = answers(run(), picture.across[j], picture.up[i])
            assert picture.answers[i][j] == pytest.approx(expected, rel=1e-9)


def test_right_and_up_are_not_mixed_up():
    """A network that looks at x1 only."""
    program = net("1 sigmoid", **gate("OR"), W=[[10, 0]], b=-5)
    picture = decision_boundary(program, shaded=True)
    assert {tuple(row) for row in picture.answers} == {picture.answers[0]}
    assert picture.answers[0][0] < 0.5 < picture.answers[0][-1]


@pytest.mark.parametrize(
    ("run", "labels"), [(or_run, (0, 1, 1, 1)), (hidden_run, (0, 1, 1, 0)),
                        (crossed_run, (0, 1, 1, 0))]
)  # fmt: skip
def test_the_examples_stand_at_their_places_with_their_labels(run, labels):
    points = decision_boundary(run().at(5000), shaded=False).points
    assert [(p.x, p.y) for p in points] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert tuple(p.label for p in points) == labels


@pytest.mark.parametrize(
    ("program", "right"),
    [
        (lambda: hidden_run().at(5000), 4),
        (lambda: hidden_run().at(0), 2),
        (lambda: crossed_run().at(5000), 4),
        (lambda: net("1 sigmoid", **gate("XOR"), W=[[1, 1]], b=-0.5), 3),
    ],
)
def test_how_many_examples_lie_on_the_right_side_is_said(program, right):
    alt = decision_boundary(program(), shaded=False).alt
    assert alt == (
        f"Decision boundary over x1 and x2: {right} of 4 examples lie on the side of their label."
    )


@pytest.mark.parametrize(
    ("program", "complaint"),
    [
        (
            net("1 sigmoid", X=np.eye(3), Y=[[0, 1, 1]], W=[[1, 2, 3]]),
            "a boundary can be drawn for two features and one output only",
        ),
        (
            net("2 sigmoid", X=np.eye(2), Y=np.eye(2), W=np.eye(2)),
            "a boundary can be drawn for two features and one output only",
        ),
        (graph("a = 2; b = a*a"), "a boundary needs a network with data X and labels Y"),
    ],
    ids=["three features", "two outputs", "a graph"],
)
def test_a_network_without_a_plane_has_no_boundary(program, complaint):
    with pytest.raises(TracerError, match=complaint):
        decision_boundary(program, shaded=False)


# as they are drawn in a terminal


def drawn(picture: Curve | Boundary, width: int, encoding: str) -> str:
    """A picture as a terminal of that width and encoding shows it."""
    console = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    shown = pages_as_text([Page("", (picture,))], width, file=console)
    return "\n".join(line.rstrip() for line in shown.split("\n")).strip("\n") + "\n"


PICTURES = {
    "learning-curve": lambda: learning_curve(hidden_run()),
    "flat": lambda: learning_curve(stuck_run()),
    "boundary": lambda: decision_boundary(hidden_run().at(5000), shaded=False),
    "shaded": lambda: decision_boundary(hidden_run().at(5000), shaded=True),
    "curved": lambda: decision_boundary(crossed_run().at(5000), shaded=True),
    "straight": lambda: decision_boundary(or_run().at(5000), shaded=False),
    "steps": lambda: loss_steps(descent(5), "w1", 12),
    "zigzag": lambda: loss_steps(descent(50, 4), "w1", 12),
    "sigmoid": lambda: formula_curve("a", "1/(1 + exp(-z))", "z", -6, 6, [-2, 0, 2]),
}
EVERY = PICTURES | {
    "loss": lambda: formula_curve("L", "1/2*(0 - yhat)**2", "yhat", -1, 1, [0.5]),
    "prediction": lambda: formula_curve("yhat", "1/(1 + exp(-z))", "z", -6, 6),
}
WIDTHS, ENCODINGS = [60, 80], ["utf-8", "ascii"]
DRAWINGS = {
    f"canvas-{name}.{width}.{encoding}.txt": (name, width, encoding)
    for name in PICTURES
    for width in WIDTHS
    for encoding in ENCODINGS
}


@pytest.mark.parametrize("file", DRAWINGS)
def test_a_picture_is_drawn_as_it_stands_in_pages(file):
    name, width, encoding = DRAWINGS[file]
    assert drawn(PICTURES[name](), width, encoding) == (DRAWN / file).read_text("utf-8"), (
        f"{file} is drawn differently; 'python tests/test_plots.py' draws it anew"
    )


def test_there_is_no_canvas_without_its_picture():
    assert {path.name for path in DRAWN.glob("canvas-*")} == set(DRAWINGS)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", EVERY)
def test_no_picture_is_wider_than_the_terminal(name, encoding):
    picture = EVERY[name]()
    for width in (60, 61, 72, 80, 99, 160):
        lines = drawn(picture, width, encoding).split("\n")
        assert [line for line in lines if len(line) > width] == []


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", EVERY)
def test_the_axis_is_a_straight_line_with_numbers_at_its_ends(name, encoding):
    lines = drawn(EVERY[name](), 80, encoding).split("\n")
    foot = next(k for k, line in enumerate(lines) if re.match(r" +[└+][─-]+$", line))
    corner = re.search(r"[└+]", lines[foot]).start()
    assert {line[corner] for line in lines[1:foot]} == {"│" if encoding == "utf-8" else "|"}
    upper, lower = (float(lines[k][:corner]) for k in (1, foot - 1))
    assert lower < upper
    left, *_, right = lines[foot + 1].split()
    assert float(left) < float(right)


def test_in_ascii_everything_is_ascii():
    for name in EVERY:
        assert drawn(EVERY[name](), 80, "ascii").isascii()


# a change too small to fill a picture


def line(*heights: float) -> Curve:
    """A curve through these heights."""
    return Curve("t", "x", "y", (Series("y", tuple(enumerate(heights))),), "")


def heights_of(name: str, picture: Curve) -> tuple[float, float]:
    """The numbers at the lower and the upper end of an axis, as they are drawn."""
    if name == "svg":
        texts = [node.text for node in ET.fromstring(svg(picture)).iter() if node.text]
        numbers = [float(text.replace("−", "-")) for text in texts if re.match(r"[−\d.]+$", text)]
        ticks = numbers[numbers.index(1.0) + 1 :]  # those of the axis below come first
        return min(ticks), max(ticks)
    lines = drawn(picture, 80, name).split("\n")
    foot = next(k for k, row in enumerate(lines) if re.match(r" +[└+][─-]+$", row))
    return float(re.split("[│|]", lines[foot - 1])[0]), float(re.split("[│|]", lines[1])[0])


@pytest.mark.parametrize(
    ("heights", "lower", "upper"),
    [
        ((0.12500008, 0.125), 0, 0.125),
        ((100, 99.1), 0, 100),
        ((100, 98.9), 98.9, 100),
        ((-3, -3.02), -3.02, 0),
        ((5, 5), 0, 5),
        ((0, 0), -0.5, 0.5),
        ((0.01, -0.01), -0.01, 0.01),
    ],
)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_axis_starts_at_0_where_the_values_change_by_less_than_1_percent(
    heights, lower, upper, encoding
):
    assert heights_of(encoding, line(*heights)) == (lower, upper)


@pytest.mark.parametrize(
    ("heights", "lowest", "highest"),
    [
        ((0.12500008, 0.125), 0, 0.12),
        ((-3, -3.02), -3, 0),
        ((100, 99.1), 0, 100),
        ((100, 98.9), 99, 100),
    ],
)
def test_in_a_file_it_does_so_too_and_its_numbers_say_so(heights, lowest, highest):
    assert heights_of("svg", line(*heights)) == (lowest, highest)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", ["learning-curve", "flat", "sigmoid", "steps"])
def test_a_curve_has_no_gap(name, encoding):
    """In each column there is something, no further up or down than where its neighbour ends."""
    plane = canvas(drawn(PICTURES[name](), 80, encoding))
    rows = [{j for j, row in enumerate(plane) if row[i] != " "} for i in range(len(plane[0]))]
    assert all(rows)
    for here, there in pairwise(rows):
        assert min(abs(a - b) for a in here for b in there) <= 1


# a boundary can be recognised


def canvas(shown: str) -> list[str]:
    """What is drawn inside the axes, row by row."""
    lines = shown.split("\n")
    foot = next(k for k, line in enumerate(lines) if re.match(r" +[└+][─-]+$", line))
    corner = re.search(r"[└+]", lines[foot]).start()
    return [line[corner + 1 :].ljust(len(lines[foot]) - corner - 1) for line in lines[1:foot]]


def regions(plane: list[str], filled: str) -> list[set[tuple[int, int]]]:
    """The connected parts of the picture: filled ones and empty ones, largest first."""
    kinds = {
        (j, i): sign in filled for j, row in enumerate(plane) for i, sign in enumerate(row)
        if sign not in "×○xo"
    }  # fmt: skip
    found, left = [], dict(kinds)
    while left:
        start, kind = next(iter(left.items()))
        part, todo = set(), [start]
        while todo:
            j, i = todo.pop()
            if left.get((j, i)) == kind:
                del left[j, i]
                part.add((j, i))
                todo += [(j + 1, i), (j - 1, i), (j, i + 1), (j, i - 1)]
        found.append(part)
    return sorted(found, key=len, reverse=True)


def around(place: tuple[int, int], parts: list[set[tuple[int, int]]]) -> int:
    """Which part of the picture lies to the right and left of a marked point."""
    j, i = place
    found = {k for k, part in enumerate(parts) if {(j, i - 1), (j, i + 1)} <= part}
    assert len(found) == 1
    return found.pop()


def marked(plane: list[str], signs: str) -> list[tuple[int, int]]:
    return [(j, i) for j, row in enumerate(plane) for i, sign in enumerate(row) if sign in signs]


FILLED = {"utf-8": "█▀▄", "ascii": "#"}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["shaded", "curved"])
def test_the_four_points_of_xor_are_marked_at_their_places(name, width, encoding):
    """0 and 1 lie at a quarter and at three quarters of each axis, which go from -0.5 to 1.5."""
    plane = canvas(drawn(PICTURES[name](), width, encoding))
    rows, columns = len(plane), len(plane[0])
    ones, noughts = marked(plane, "×x"), marked(plane, "○o")
    left, right = round((columns - 1) / 4), round((columns - 1) * 3 / 4)
    upper, lower = (rows - 1) / 4, (rows - 1) * 3 / 4
    assert [i for _, i in ones] == [left, right]
    assert [i for _, i in noughts] == [right, left]
    assert [j for j, _ in ones] == pytest.approx([upper, lower], abs=0.5)
    assert [j for j, _ in noughts] == pytest.approx([upper, lower], abs=0.5)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_hidden_layer_answers_1_in_a_band_between_two_regions(width, encoding):
    plane = canvas(drawn(PICTURES["shaded"](), width, encoding))
    parts = regions(plane, FILLED[encoding])
    band = {around(place, parts) for place in marked(plane, "×x")}
    outside = {around(place, parts) for place in marked(plane, "○o")}
    assert len(band) == 1
    assert len(outside) == 2
    assert not band & outside


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_feature_cross_cuts_two_regions_out_with_two_curves(width, encoding):
    plane = canvas(drawn(PICTURES["curved"](), width, encoding))
    parts = regions(plane, FILLED[encoding])
    ones = {around(place, parts) for place in marked(plane, "×x")}
    noughts = {around(place, parts) for place in marked(plane, "○o")}
    assert not ones & noughts
    assert len(ones) == 2 or len(noughts) == 2


def test_a_region_on_the_wrong_side_would_be_noticed():
    plane = canvas(drawn(PICTURES["shaded"](), 80, "ascii"))
    swapped = [row.translate(str.maketrans("xo", "ox")) for row in plane]
    parts = regions(swapped, FILLED["ascii"])
    assert len({around(place, parts) for place in marked(swapped, "x")}) == 2


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_plain_boundary_runs_where_the_shading_ends(encoding):
    line = canvas(drawn(PICTURES["boundary"](), 80, encoding))
    shaded = canvas(drawn(PICTURES["shaded"](), 80, encoding))
    for j, i in marked(line, "•+"):
        near = "".join(row[max(0, i - 3) : i + 4] for row in shaded[max(0, j - 1) : j + 2])
        filled = {sign in FILLED[encoding] for sign in near if sign not in "×○xo"}
        assert filled == {True, False} or set(near) & set("▀▄"), (j, i)


def test_what_the_signs_mean_stands_below():
    shown = drawn(PICTURES["shaded"](), 80, "utf-8")
    assert "× label 1, ○ label 0; the filled region is answered with 1" in shown
    shown = drawn(PICTURES["boundary"](), 80, "ascii")
    assert "x label 1, o label 0" in shown
    assert "filled" not in shown


# as files


@pytest.mark.parametrize("name", EVERY)
def test_a_picture_is_an_xml_file_with_its_title_and_no_date(name):
    picture = EVERY[name]()
    written = svg(picture)
    root = ET.fromstring(written)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = ["".join(node.itertext()).strip() for node in root.iter()]
    assert picture.title in texts
    assert not re.search(r"\d{4}-\d\d-\d\d|<dc:date>", written)
    assert not re.search(r"[Mm]atplotlib v", written)
    assert written.endswith("\n")
    assert "\r" not in written


@pytest.mark.parametrize("name", EVERY)
def test_the_same_picture_is_the_same_file_to_the_last_byte(name):
    picture = EVERY[name]()
    assert svg(picture) == svg(picture)


def test_another_picture_is_another_file():
    assert svg(PICTURES["shaded"]()) != svg(PICTURES["boundary"]())
    assert svg(PICTURES["shaded"]()) != svg(decision_boundary(hidden_run().at(4000), shaded=True))


def test_the_two_colours_differ_in_blue_and_the_two_labels_in_shape_as_well():
    """Those who cannot tell red from green see blue; and nobody needs the colour alone."""
    first, second = COLOURS
    assert abs(int(first[5:], 16) - int(second[5:], 16)) > 128
    written = svg(PICTURES["shaded"]())
    assert all(colour in written for colour in COLOURS)
    assert "label 0" in written
    assert "label 1" in written


@pytest.mark.parametrize("plot", ["cost", "shaded"])
def test_an_export_is_the_same_to_the_last_byte_in_every_process(plot, tmp_path):
    (tmp_path / "small.md").write_text(small_source(plot), encoding="utf-8")
    written = set()
    for seed in ("1", "2"):
        target = tmp_path / seed
        target.mkdir()
        exported(tmp_path, "-o", f"{seed}/out.md", PYTHONHASHSEED=seed)
        written.add(tuple((path.name, path.read_bytes()) for path in sorted(target.iterdir())))
    assert len(written) == 1
    assert [name for name, _ in written.pop()] == ["out-1.svg", "out-2.svg", "out.md"]


def small_source(plot: str = "cost, boundary, shaded") -> str:
    return LESSON.replace("PLOT", plot)


def exported(
    folder: Path, *options: str, program: str = "", advice: str = "", **environment: str
) -> str:
    """What `tracer export small.md` prints, as a program of its own that gives this advice."""
    start = program or "import sys; from tracer.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", start, "export", "small.md", *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"} | environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stderr == (advice and f"tracer export: {advice}\n")
    return done.stdout


TO_A_FILE = "the pictures come with an export to a file, as in -o solution.md"
BY_MATPLOTLIB = f"the pictures need Matplotlib: {HOW_TO_GET}"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A folder with a lesson in it, in which one is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.md").write_text(small_source(), encoding="utf-8")
    return tmp_path


def test_an_export_to_a_file_writes_its_pictures_beside_it_and_says_what_they_show(folder):
    (folder / "there").mkdir()
    assert main(["export", "small.md", "-o", "there/out.md"]) == 0
    names = {path.name for path in (folder / "there").iterdir()}
    assert names == {"out.md", *(f"out-{number}.svg" for number in range(1, 5))}
    text = (folder / "there" / "out.md").read_text("utf-8")
    referred = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", text)
    assert [name for _, name in referred] == [f"out-{number}.svg" for number in range(1, 5)]
    assert referred[0][0].startswith("The graph of Cost. Given: X, W, b and Y.")
    assert referred[1][0].startswith("Learning curve: over 300 epochs the cost falls from 0.0889")
    assert "4 of 4 examples lie on the side of their label" in referred[3][0]
    for name in names - {"out.md"}:
        ET.parse(folder / "there" / name)


def test_a_picture_in_an_export_is_the_one_of_the_run(folder):
    assert main(["export", "small.md", "-o", "out.md"]) == 0
    run = solve(small()).sections[-1].run
    assert Path("out-2.svg").read_text("utf-8") == svg(learning_curve(run))
    assert Path("out-4.svg").read_text("utf-8") == svg(decision_boundary(run.at(300), shaded=True))


def tables(markdown: str) -> list[list[list[str]]]:
    """The tables of a text, row by row, without the line below the head."""
    found = re.findall(r"(?:^\|.*\|\n)+", markdown + "\n", re.MULTILINE)
    rows = [[re.split(r" *\| *", line.strip("| ")) for line in t.splitlines()] for t in found]
    return [[row for row in each if set(row) != {"---"}] for each in rows]


def check_numbers(markdown: str) -> None:
    """Eleven points of the learning curve, and the four examples twice."""
    curve, *planes = tables(markdown)[-3:]
    run = solve(small()).sections[-1].run
    head, *rows = [[float(x) for x in row] if k else row for k, row in enumerate(curve)]
    assert head == ["epoch", "Cost"]
    assert len(rows) >= 11
    assert (rows[0][0], rows[-1][0]) == (0, 299)
    for epoch, cost in rows:
        assert cost == pytest.approx(run.costs[int(epoch)], rel=5e-4)
    for plane in planes:
        assert plane == [["x1", "x2", "label"], *(row.split() for row in OR_TABLE)]


OR_TABLE = ["0 0 0", "0 1 1", "1 0 1", "1 1 1"]


def test_on_standard_output_the_numbers_stand_in_tables(folder):
    out = exported(folder, advice=TO_A_FILE)
    check_numbers(out)
    assert "![" not in out
    assert "**Learning curve**\n\n| epoch | Cost |\n" in out
    assert "4 of 4 examples lie on the side of their label" in out
    assert {path.name for path in folder.iterdir()} == {"small.md"}


BLOCKED = """\
import sys
sys.modules["matplotlib"] = None
from tracer.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_without_matplotlib_an_export_has_the_numbers(folder):
    exported(folder, "-o", "out.md", program=BLOCKED, advice=BY_MATPLOTLIB)
    text = (folder / "out.md").read_text("utf-8")
    check_numbers(text)
    assert re.findall(r"!\[(\w+ \w+)", text) == ["The graph"]
    assert HOW_TO_GET.startswith("python -m pip install ")
    assert {path.name for path in folder.iterdir()} == {"small.md", "out.md", "out-1.svg"}


@pytest.mark.parametrize("program", ["", BLOCKED], ids=["with", "without"])
def test_advice_is_for_the_one_who_exports_and_only_where_there_are_pictures(program, folder):
    page = exported(folder, program=program, advice=TO_A_FILE)
    assert "Matplotlib" not in page
    assert "export" not in page
    exported(folder, "--format", "json", program=program)
    (folder / "small.md").write_text("```{lesson}\n:title: T\n```\n", encoding="utf-8")
    exported(folder, program=program)
    exported(folder, "-o", "out.md", program=program)


def test_the_extra_plots_brings_matplotlib():
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert re.search(r'^plots = \["matplotlib', project, re.MULTILINE)


def test_the_marked_points_of_a_curve_are_the_numbers_of_its_table():
    curve = formula_curve("a", "1/(1 + exp(-z))", "z", -6, 6, [-2, 0, 2])
    (table,) = tables(to_markdown(Document("", (Page("", (curve,)),))))
    assert table == [["z", "a"], ["-2", "0.1192"], ["0", "0.5"], ["2", "0.8808"]]


def test_alt_text_is_never_taken_for_markup():
    curve = Curve("t", "z", "a", (Series("a", ((0, 1), (1, 2))),), "a [b](c) *d* <e>")
    text, pictures = with_pictures(Document("", (Page("", (curve,)),)), "p")
    assert r"\*d\*" in text
    assert "&lt;e&gt;" in text
    assert "[b](c)" not in text
    assert list(pictures) == ["p-1.svg"]


# what a lesson asks for


@pytest.mark.parametrize(
    ("plot", "titles"),
    [
        ("cost", ["Learning curve"]),
        ("boundary", ["Decision boundary"]),
        ("shaded, cost", ["Decision boundary, shaded", "Learning curve"]),
    ],
)
def test_the_pictures_of_a_training_are_those_that_are_asked_for(plot, titles):
    pages = explain(solve(small(plot))).pages
    blocks = [block for page in pages for block in page.blocks]
    assert [block.title for block in blocks if isinstance(block, Curve | Boundary)] == titles


@pytest.mark.parametrize(
    ("plot", "complaint"),
    [
        ("costs", "small.md:15: there is no plot 'costs', expected cost, boundary, shaded, .*"),
        ("steps", "small.md:15: there is no plot 'steps', expected .*"),
        ("steps W", "small.md:15: W is no single number, expected a parameter that is one, .*"),
        ("steps q", "small.md:15: q is no single number, expected a parameter that is one, .*"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_refused_with_its_line(plot, complaint):
    with pytest.raises(TracerError) as fault:
        explain(solve(small(plot)))
    assert re.fullmatch(complaint, str(fault.value))


CURVE = """\
```{lesson}
:title: A curve
```
```{curve}
SETTINGS
```
"""


def curve_of(settings: str) -> Curve:
    lesson = read(CURVE.replace("SETTINGS", settings), "curve", "curve.md")
    (page,) = explain(solve(lesson)).pages[-1:]
    return next(block for block in page.blocks if isinstance(block, Curve))


def test_a_lesson_can_draw_a_formula():
    curve = curve_of(":wrt: x\n:from: -1\n:to: 3\n:mark: 0, 2\nq = x**2")
    assert (curve.across, curve.up) == ("x", "q")
    assert curve.series[0].points[0] == (-1, 1)
    assert curve.series[0].points[-1] == (3, 9)
    assert curve.series[1].points == ((0, 0), (2, 4))


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        (":from: 0\n:to: 1", "{curve} takes one equation, expected such as .*"),
        (":from: 0\n:to: 1\na = z\nb = z", "{curve} takes one equation, expected such as .*"),
        (":from: 1\n:to: 1\na = z", "from 1 to 1 is no interval"),
        (":from: 2\n:to: 1\na = z", "from 2 to 1 is no interval"),
        (":from: 0\n:to: inf\na = z", "to 'inf' is not finite, expected such as 0.1"),
        (":from: 0\n:to: far\na = z", "to 'far' is not a number.*"),
        (":to: 1\na = z", "from .*"),
        (":from: -1\n:to: 1\na = log(z)", "a has no finite value at z = -1, expected one"),
        (":from: -1\n:to: 1\na = q*z", ".*q.*"),
        (":from: 0\n:to: 1\n:mark: x\na = z", "mark 'x' is not a number.*"),
        (":from: 0\n:to: 1\nz = z", ".*z.*"),
    ],
)
def test_a_curve_that_cannot_be_drawn_is_refused_with_its_line(settings, complaint):
    with pytest.raises(TracerError) as fault:
        curve_of(settings)
    assert re.fullmatch(rf"curve.md:\d+: {complaint}", str(fault.value))


def redraw() -> None:
    """Draw every picture anew, and say which changed."""
    for path in DRAWN.glob("canvas-*"):
        if path.name not in DRAWINGS:
            path.unlink()
    for file, (name, width, encoding) in DRAWINGS.items():
        path, now = DRAWN / file, drawn(PICTURES[name](), width, encoding)
        if not path.exists() or path.read_text("utf-8") != now:
            path.write_text(now, encoding="utf-8", newline="\n")
            print(f"drawn anew: {file}")


if __name__ == "__main__":
    redraw()
