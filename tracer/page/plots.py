"""Curves and boundaries as data; the renderers draw them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tracer.errors import LessonError, NotFinite, TracerError
from tracer.page.document import Boundary, Curve, Point, Series
from tracer.trace.equations import build
from tracer.trace.program import Program
from tracer.training.planes import Plane, check_single
from tracer.training.run import Run, counted
from tracer.written.names import pretty

MOST_POINTS = 400
SIDE = 81
"Points along each side of a boundary."
MARGIN = 0.5
LARGEST = 1e300
"What is larger leaves no room around it, where a picture ends."


def learning_curve(run: Run) -> Curve:
    """The cost of every epoch, thinned to as many points as a picture can show."""
    at = np.unique(np.linspace(0, run.epochs - 1, min(run.epochs, MOST_POINTS)).astype(int))
    points = tuple((float(epoch), float(run.costs[epoch])) for epoch in at)
    name = run.program.root
    alt = f"Learning curve: over {counted(run.epochs)} {run.called} {_moved(run)}."
    return Curve("Learning curve", "epoch", name, (Series(name, points),), alt)


def _moved(run: Run) -> str:
    """Where the cost begins and ends, in words that three figures bear out."""
    first, last = (f"{run.costs[k]:.3g}" for k in (0, -1))
    if first == last:
        return f"is {first} at the start and at the end"
    return f"{'rises' if run.costs[-1] > run.costs[0] else 'falls'} from {first} to {last}"


def formula_curve(
    name: str, formula: str, wrt: str, low: float, high: float, marks: Sequence[float] = ()
) -> Curve:
    """A formula over one variable, with some of its points marked.

    >>> formula_curve("a", "z**2", "z", -1, 1).series[0].points[0]
    (-1.0, 1.0)

    Raises LessonError for a formula that cannot be read, NotFinite where it has no value.
    """
    try:
        program = build([(wrt, "0", wrt), (name, formula, name)])
    except TracerError as error:  # whose place is in these two equations, and in no file
        raise LessonError(error.problem) from None

    def values(places: np.ndarray) -> tuple[tuple[float, float], ...]:
        found = np.broadcast_to(program.given({wrt: places}).values()[name], places.shape)
        return _points(wrt, places, name, found)

    furthest = max(map(abs, (low, high, *marks)))
    if not furthest <= LARGEST:
        raise NotFinite(f"{wrt} goes as far as {furthest:.3g}, expected at most {LARGEST:g}")
    line = Series(name, values(np.linspace(low, high, 241)))
    series = [line]
    if marks:
        series.append(Series("marked", values(np.array(marks)), marked=True))
    said = ", ".join(
        f"{y:.3g} at {x:.3g}" for x, y in (line.points[0], line.points[120], line.points[-1])
    )
    over, up = pretty(wrt), pretty(name)
    return Curve(f"{up} over {over}", over, up, tuple(series), f"The curve of {up}: {said}.")


def _points(
    across: str, places: np.ndarray, up: str, values: np.ndarray
) -> tuple[tuple[float, float], ...]:
    """Points of a curve; raises NotFinite at the first that no picture could hold."""
    for x, y in zip(places, values, strict=True):
        if not abs(y) <= LARGEST:
            limit = f" of at most {LARGEST:g}" if np.isfinite(y) else ""
            raise NotFinite(f"{up} has no finite value{limit} at {across} = {x:.3g}, expected one")
    return tuple((float(x), float(y)) for x, y in zip(places, values, strict=True))


def loss_steps(run: Run, parameter: str, shown: int) -> Curve:
    """The first steps of a run along the curve of the loss over one parameter.

    Raises TracerError unless the parameter is a single number.
    """
    check_single(run.program, parameter)
    visited = [run.parameters(epoch) for epoch in range(min(shown, run.epochs) + 1)]
    places = [float(values[parameter]) for values in visited]
    low, high = min(places), max(places)
    pad = max(0.5, 0.2 * (high - low))
    line = np.linspace(low - pad, high + pad, 161)

    def loss(value: float) -> float:
        return float(run.program.given(visited[0] | {parameter: value}).values()[run.program.root])

    def points(at: Sequence[float]) -> tuple[tuple[float, float], ...]:
        return _points(parameter, np.array(at), "the loss", np.array([loss(p) for p in at]))

    curve = Series("loss", points([float(p) for p in line]))
    steps = Series("steps", points(places), marked=True)
    alt = (
        f"The loss over {parameter}, and the first {len(places) - 1} steps on it: "
        f"{parameter} goes from {places[0]:.3g} to {places[-1]:.3g}."
    )
    return Curve("Steps along the loss", parameter, "loss", (curve, steps), alt)


def decision_boundary(program: Program, shaded: bool) -> Boundary:
    """Where a trained network's answer changes, over the plane of its two first features.

    Raises TracerError for a network without exactly two features of its own, and for one that does
    not answer with one of two labels.
    """
    plane = Plane.of(program)
    edges = [(float(row.min()) - MARGIN, float(row.max()) + MARGIN) for row in plane.X[:2]]
    across, up = (np.linspace(low, high, SIDE) for low, high in edges)
    grid = np.array([[a, b] for b in up for a in across]).T
    said = np.clip(np.nan_to_num(plane.answers(grid), nan=plane.level), -LARGEST, LARGEST)
    answers = said.reshape(SIDE, SIDE)
    rows = tuple(tuple(float(v) for v in row) for row in answers)
    points = tuple(
        Point(float(a), float(b), int(label))
        for a, b, label in zip(*plane.X[:2], plane.sides, strict=True)
    )
    right = sum((_nearest(answers, across, up, p) > plane.level) == bool(p.label) for p in points)
    alt = (
        f"Decision boundary over x1 and x2: {right} of {len(points)} examples lie on the side of "
        f"their {plane.labels[0].split()[0]}."
    )
    title = "Decision boundary, shaded" if shaded else "Decision boundary"
    axes = tuple(map(float, across)), tuple(map(float, up))
    return Boundary(title, *axes, rows, points, shaded, alt, plane.level, plane.labels)


def _nearest(answers: np.ndarray, across: np.ndarray, up: np.ndarray, point: Point) -> float:
    j, i = np.abs(across - point.x).argmin(), np.abs(up - point.y).argmin()
    return float(answers[i, j])
