"""A network as neurons, as the text of an SVG file; the same bytes on every run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from xml.sax.saxutils import escape

from tracer.errors.controls import in_a_line
from tracer.page.document import NeuronLayer, Neurons
from tracer.written.names import pretty

WIDEST = 798
"Pixels: the column in which GitHub shows a page."
RADIUS, BIAS = 33, 15
"Of a neuron, and of a bias above it."
ROW, ROW_WITH_BIAS = 92, 118
"From one neuron down to the next."
COLUMN = 230
"From one layer to the next, where there is room."
EDGE, TOP = 24, 58
"Around the drawing, and above the uppermost neuron."
LABEL_AT = 0.76
"How far along its line the name of a weight stands: where lines have parted."
LINE = 15
"The least room between two such names, one above the other."
FONT = "Helvetica,Arial,'Liberation Sans','DejaVu Sans',sans-serif"
STYLE = """\
.card{fill:#fff;stroke:#d0d7de}.line{stroke:#57606a;stroke-width:1.2;fill:none}
.dashed{stroke:#8c959f;stroke-dasharray:4 3;fill:none}.tip{fill:#57606a}
.data{fill:#dcefdc;stroke:#4b8b4b}.computed{fill:#eaf3fc;stroke:#4a7fb5}
.end{fill:#fbdcda;stroke:#c0524a}.bias{fill:#fff;stroke:#8c959f}
text{fill:#1f2328;text-anchor:middle}.quiet{fill:#59636e}
.weight{stroke:#fff;stroke-width:4;paint-order:stroke;stroke-linejoin:round}
@media (prefers-color-scheme:dark){
.card{fill:#0d1117;stroke:#3d444d}.line{stroke:#9198a1}.dashed{stroke:#656c76}.tip{fill:#9198a1}
.data{fill:#173a1f;stroke:#57ab5a}.computed{fill:#15304d;stroke:#539bf5}
.end{fill:#4a1c1a;stroke:#e5716a}.bias{fill:#0d1117;stroke:#656c76}
text{fill:#e6edf3}.quiet{fill:#9198a1}.weight{stroke:#0d1117}}"""


@dataclass(frozen=True)
class _Place:
    """The middle of a neuron."""

    x: float
    y: float


def drawn(picture: Neurons) -> str:
    """Circles in columns, joined by lines, at most 798 pixels wide.

    >>> inputs = NeuronLayer("input layer", ("x1",), 1)
    >>> output = NeuronLayer("output layer", ("yhat",), 1, "relu", weights=(("w",),))
    >>> drawn(Neurons("One neuron", (inputs, output), "")).partition(" font")[0]
    '<svg xmlns="http://www.w3.org/2000/svg" width="344" height="148" viewBox="0 0 344 148" \
role="img" aria-labelledby="t d"'
    """
    places = list(_placed(picture.layers))
    width = round(places[-1][0].x + RADIUS + EDGE)
    lowest = max(place.y for column in places for place in column)
    height = round(lowest + RADIUS + EDGE + 17 * picture.has_matrices)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-labelledby="t d" '
        f'font-family="{FONT}" font-size="14">',
        f'<title id="t">{escape(in_a_line(picture.title))}</title>',
        f'<desc id="d">{escape(in_a_line(picture.alt))}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="card" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>',
    ]
    for number, (layer, column) in enumerate(zip(picture.layers, places, strict=True)):
        parts.append(_text(column[0].x, 24, escape(in_a_line(layer.title)), "quiet"))
        if number:
            parts += _lines(layer, places[number - 1], column)
            middle = (places[number - 1][0].x + column[0].x) / 2
            said = escape(in_a_line(layer.matrix)) * picture.has_matrices
            parts += [_text(middle, height - 14, said, "quiet", 13)] if said else []
        parts += _neurons(layer, column, number == len(places) - 1)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _placed(layers: Sequence[NeuronLayer]) -> Iterator[list[_Place]]:
    """The places of all neurons, layer by layer, each column in the middle."""
    most = max(len(layers) - 1, 1)
    step = min(COLUMN, (WIDEST - 2 * (EDGE + RADIUS)) / most)
    heights = [_down(layer) * (len(layer.neurons) - 1 + _gap(layer)) for layer in layers]
    above = max(BIAS * 2 + 10 if layer.biases else 0 for layer in layers)
    for number, layer in enumerate(layers):
        top = TOP + above / 2 + RADIUS + (max(heights) - heights[number]) / 2
        rows = [*range(len(layer.neurons))]
        last = _gap(layer)
        yield [
            _Place(
                round(EDGE + RADIUS + number * step, 1),
                round(top + _down(layer) * (row + (last if row == rows[-1] else 0)), 1),
            )
            for row in rows
        ]


def _down(layer: NeuronLayer) -> int:
    return ROW_WITH_BIAS if layer.biases else ROW


def _gap(layer: NeuronLayer) -> float:
    """Rows for the neurons that are left out."""
    return 0.4 if layer.left_out else 0


def _lines(layer: NeuronLayer, before: Sequence[_Place], column: Sequence[_Place]) -> Iterator[str]:
    """A line from each neuron to each, and the names of the weights where they find room."""
    for end in column:
        for start in before:
            yield _line(start, end)
    labels = [
        (_between(start, end), name)
        for end, names in zip(column, layer.weights, strict=True)
        for start, name in zip(before, names, strict=True)
    ]
    heights = sorted(place.y for place, _ in labels)
    if all(b - a >= LINE for a, b in pairwise(heights)):
        for place, name in labels:
            yield _text(place.x, place.y - 3, _named(name), "weight", 13)


def _line(start: _Place, end: _Place) -> str:
    """An arrow from the border of one neuron to that of another."""
    length = hypot(end.x - start.x, end.y - start.y)
    x, y = (end.x - start.x) / length, (end.y - start.y) / length
    a, b = start.x + RADIUS * x, start.y + RADIUS * y
    c, d = end.x - RADIUS * x, end.y - RADIUS * y
    e, f = c - 8 * x, d - 8 * y
    tip = f"{c:.1f},{d:.1f} {e - 3.5 * y:.1f},{f + 3.5 * x:.1f} {e + 3.5 * y:.1f},{f - 3.5 * x:.1f}"
    return (
        f'<path class="line" d="M{a:.1f} {b:.1f}L{e:.1f} {f:.1f}"/>'
        f'<polygon class="tip" points="{tip}"/>'
    )


def _between(start: _Place, end: _Place) -> _Place:
    x, y = end.x - start.x, end.y - start.y
    at = (LABEL_AT * (hypot(x, y) - 2 * RADIUS) + RADIUS) / hypot(x, y)
    return _Place(start.x + at * x, start.y + at * y)


def _neurons(layer: NeuronLayer, column: Sequence[_Place], is_last: bool) -> Iterator[str]:
    tone = "data" if not layer.activation else "end" if is_last else "computed"
    for number, (name, place) in enumerate(zip(layer.neurons, column, strict=True)):
        if layer.biases:
            above = place.y - RADIUS - BIAS - 9
            yield f'<path class="dashed" d="M{place.x} {above + BIAS:.1f}V{place.y - RADIUS:.1f}"/>'
            yield f'<circle class="bias" cx="{place.x}" cy="{above:.1f}" r="{BIAS}"/>'
            yield _text(place.x, above + 4, _named(layer.biases[number]), "", 11)
        yield f'<circle class="{tone}" cx="{place.x}" cy="{place.y}" r="{RADIUS}"/>'
        applied = layer.activation
        yield _text(place.x, place.y + (-3 if applied else 5), _named(name), "", 15)
        if applied:
            size = 13 if len(applied) < 9 else 11
            yield _text(place.x, place.y + 16, escape(in_a_line(applied)), "", size)
    if layer.left_out:
        above = (column[-2].y + column[-1].y - (BIAS * 2 + 9 if layer.biases else 0)) / 2
        yield _text(column[0].x, above + 7, "⋮", "quiet", 20)


def _named(name: str) -> str:
    """A name with its index below and its layer above, as what stands in a `<text>`."""
    found = re.fullmatch(r"([^\W\d_]+)_?(\w*)(\[\d+\])?", pretty(name))
    if not found:
        return escape(in_a_line(pretty(name)))
    said, height = found[1], 0
    for text, level in ((found[2], 4), (found[3] or "", -6)):
        if text:
            said += f'<tspan dy="{level - height}" font-size="75%">{text}</tspan>'
            height = level
    return said


def _text(x: float, y: float, said: str, tone: str, size: int = 14) -> str:
    kind = f' class="{tone}"' if tone else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}" font-size="{size}">{said}</text>'
