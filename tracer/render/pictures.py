"""Pictures as SVG files, drawn by Matplotlib (the extra `plots`); the same bytes on every run."""

from __future__ import annotations

import io
from itertools import cycle
from typing import Any

from tracer.errors.controls import visible
from tracer.page.document import Boundary, Curve, Points
from tracer.render.canvas import from_zero
from tracer.written.text import text

COLOURS = ("#0072b2", "#d55e00")
"Blue and orange, told apart by colour-blind readers."
STROKES = (("#222222", "-"), ("#009e73", "--"), ("#cc79a7", "-."), ("#56b4e9", ":"))
"Of several lines, each with a colour and a stroke of its own."
HOW_TO_GET = "python -m pip install matplotlib"


def can_draw() -> bool:
    """Whether Matplotlib is installed."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        return False
    return True


def svg(picture: Curve | Boundary | Points) -> str:
    """A picture as the text of an SVG file."""
    import matplotlib
    from matplotlib.figure import Figure

    settings = {"svg.hashsalt": "tracer", "svg.fonttype": "none", "font.size": 11}
    with matplotlib.rc_context(settings):
        figure = Figure(figsize=(6, 4), layout="constrained")
        axes = figure.subplots()
        if isinstance(picture, Curve):
            _curve(axes, picture)
        elif isinstance(picture, Boundary):
            _boundary(axes, picture)
        else:
            _points(axes, picture)
        axes.set_title(picture.title)
        written = io.StringIO()
        # equations stand beside the plane, and may be long
        box = "tight" if isinstance(picture, Points) else None
        said = {"Date": None, "Creator": None}
        figure.savefig(written, format="svg", metadata=said, bbox_inches=box)
    return "\n".join(line.rstrip() for line in visible(written.getvalue()).split("\n"))


def _curve(axes: Any, picture: Curve) -> None:
    for colour, series in zip(COLOURS, picture.series, strict=False):
        xs, ys = zip(*series.points, strict=True)
        style = "o--" if series.marked else "-"
        axes.plot(xs, ys, style, color=colour, label=series.name)
    axes.set_xlabel(picture.across)
    axes.set_ylabel(picture.up)
    axes.grid(alpha=0.3)
    if from_zero(picture):
        axes.set_ylim(*sorted((0, 1.1 * ys[0])))
    if len(picture.series) > 1:
        axes.legend()


def _boundary(axes: Any, picture: Boundary) -> None:
    if picture.shaded:
        axes.contourf(
            picture.across, picture.up, picture.answers, levels=_levels(picture),
            colors=["#f5c9a8", "#a9d3ec"],
        )  # fmt: skip
    axes.contour(
        picture.across, picture.up, picture.answers, levels=[picture.level], colors=["#222222"]
    )
    _examples(axes, picture)
    axes.legend(loc="upper right", framealpha=0.9)


def _points(axes: Any, picture: Points) -> None:
    for at in (axes.axhline, axes.axvline):
        at(0, color="#999999", linewidth=0.8)
    for line, (colour, stroke) in zip(picture.lines, cycle(STROKES)):
        for number, piece in enumerate(line.pieces):
            label = None if number else text(line.equation)
            axes.plot(*zip(*piece, strict=True), stroke, color=colour, linewidth=2, label=label)
    _examples(axes, picture)
    axes.set_xlim(*picture.across)
    axes.set_ylim(*picture.up)
    axes.set_aspect("equal")
    axes.locator_params(nbins=6)
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1), borderaxespad=0)


def _examples(axes: Any, picture: Boundary | Points) -> None:
    for label, marker in enumerate("ox"):
        chosen = [point for point in picture.points if point.label == label]
        if chosen:
            axes.plot(
                [p.x for p in chosen], [p.y for p in chosen], marker, color=COLOURS[1 - label],
                markersize=11, markeredgewidth=3, label=picture.labels[label],
            )  # fmt: skip
    axes.set_xlabel("x1")
    axes.set_ylabel("x2")


def _levels(picture: Boundary) -> list[float]:
    """The level, between bounds beyond everything that the network says."""
    said = [value for row in picture.answers for value in row]
    low, high = min(said), max(said)
    level = picture.level
    return [min(level - 0.6, low - 0.1), level, max(level + 0.6, high + 0.1)]
