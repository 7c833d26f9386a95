"""A computational graph as the text of an SVG file; the same bytes on every run.

Nodes stand in layers, from left to right or down; a value stands on its edge in green, beside an
arrow that goes with it, and what comes back in red, beside an arrow back.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from xml.sax.saxutils import escape

from tracer.page.document import Edge, Graph, Node
from tracer.render.described import at_a_glance, description, title
from tracer.render.ink import NOTHING, SIZE, Ink, beside, matrix, over, words
from tracer.render.layout import Direction, Gaps, Layout, Leg, Link, Placed, Point, Size, arrange
from tracer.render.lettering import FONT, Line, Run, broken, formula, named, plain, width
from tracer.render.strength import Sign, largest, strength
from tracer.written.names import pretty
from tracer.written.text import cell_text, text
from tracer.written.tree import Expr, Grid

MOST_WIDE = 798
"Pixels: the column in which GitHub shows a page."
NARROW = 70
"The width of what is said of a weight, or of a sum, where many edges stand side by side."
CARD = 12
"Around the drawing."
ROOM = MOST_WIDE - 2 * CARD
"For the drawing."
PRESSED = 1.15
"By how much a drawing may be too wide before its matrices are made short."
NAME = 13
"The height of the font in a node."
INSIDE = 10
"Between the words in a node and its border."
LANE = 3
"From the middle of an edge to the arrow forward, and to the one back."
CLEAR = 4
"From an arrow to the numbers beside it."
ARROWS = LANE + CLEAR
"From the middle of an edge to its numbers."
HEAD = 7
"The length of an arrowhead."
STUB = 9
"Straight on before and behind a node, with room for an arrowhead."
PORT = 12
"Between two edges at one side of a node."
MOST_ROWS, MOST_ENTRIES = 4, 12
"Of a matrix on an edge."
OUT = "→"
"Stands before the name of a node that nothing uses: where its value goes. No name has it."

SHADES = {
    "data": ("#dcefdc #4b8b4b", "#173a1f #57ab5a"),
    "parameter": ("#fff3cd #a58218", "#3d300a #c69026"),
    "computed": ("#eaf3fc #4a7fb5", "#15304d #539bf5"),
    "end": ("#fbdcda #c0524a", "#4a1c1a #e5716a"),
    "other": ("#ececec #777777", "#2a2f36 #8b949e"),
    "card": ("#ffffff #d0d7de", "#0d1117 #3d444d"),
}
"""How a node and the card are filled and framed, by day and by night."""
TONES = {
    "value": ("#0a7a3b", "#4cc77a"),
    "plus": ("#c4161c", "#ff7b72"),
    "minus": ("#8424a8", "#d2a0ff"),
    "mixed": ("#a8480a", "#f0a35e"),
    "dead": ("#666e77", "#9aa3ad"),
    "quiet": ("#666e77", "#9aa3ad"),
    "ink": ("#1f2328", "#e6edf3"),
}
"""The colours of numbers and their arrows, by day and by night."""
SIGNED: dict[Sign, str] = {"+": "plus", "-": "minus", "mixed": "mixed", "0": "quiet"}
"The tone of a gradient."
ROLES = {"data", "parameter", "computed"}


@dataclass(frozen=True)
class _Style:
    """How closely a graph is drawn."""

    direction: Direction
    room: int
    "the width of a formula in a node"
    along: int
    "between a node and the labels before and behind it, twice"
    is_narrow: bool = False
    "whether what comes back stands below what goes forward, where the arrows go down"

    @property
    def gaps(self) -> Gaps:
        return Gaps(8 if self.is_narrow else 12, self.along, track=0, line=4 * LANE)


STYLES: dict[Direction, tuple[_Style, ...]] = {
    "right": (_Style("right", 160, 16), _Style("right", 120, 12), _Style("right", 90, 8)),
    "down": (
        _Style("down", 170, 7),
        _Style("down", 120, 7),
        _Style("down", 150, 12, is_narrow=True),
    ),
}
"From wide to narrow."


def drawn(graph: Graph) -> str:
    """A graph as an SVG file, at most 798 pixels wide.

    >>> drawn(Graph((Node("a", None, "data"),), ())).partition(">")[0]
    '<svg xmlns="http://www.w3.org/2000/svg" width="74" height="56" viewBox="0 0 74 56" \
role="img" aria-labelledby="t d"'
    """
    return _page(graph, _fitted(graph))


# how it fits


def _fitted(graph: Graph) -> _Figure:
    """The drawing to the right or down, whichever shows more numbers; to the right if both do."""
    right, down = (_narrowed(graph, direction) for direction in ("right", "down"))
    return min(right, down, key=lambda figure: (figure.too_wide, len(figure.short)))


def _narrowed(graph: Graph, direction: Direction) -> _Figure:
    """The drawing in its widest style that fits; else with one matrix after another made short."""
    for style in STYLES[direction]:
        figure = _Figure(graph, style, frozenset())
        if not figure.too_wide:
            return figure
    while figure.too_wide and (widest := figure.widest_matrix()) is not None:
        figure = _Figure(graph, style, figure.short | {widest})
    return _Figure(graph, style, figure.short, must_fit=True) if figure.too_wide else figure


# what stands on an edge


@dataclass(frozen=True)
class _Label:
    """What stands beside the arrow forward, and beside the one back."""

    forward: Ink
    back: Ink

    def room(self, style: _Style) -> tuple[Size, Point, Point]:
        """Its room, with the arrows in it; and where in it the two stand."""
        forward, back = self.forward, self.back
        wide, high = max(forward.width, back.width), max(forward.height, back.height)
        both = 2 * ARROWS
        if style.direction == "right":
            size = Size(wide, forward.height + both + back.height, forward.height + ARROWS)
            above, below = (wide - forward.width) // 2, (wide - back.width) // 2
            return size, Point(above, 0), Point(below, forward.height + both)
        if style.is_narrow:
            lower = forward.height + (2 if back.height else 0)
            return (
                Size(both + wide, lower + back.height, ARROWS),
                Point(both, 0),
                Point(both, lower),
            )
        size = Size(forward.width + both + back.width, high, forward.width + ARROWS)
        left, right = (high - forward.height) // 2, (high - back.height) // 2
        return size, Point(0, left), Point(forward.width + both, right)

    def at(self, box: Placed, style: _Style) -> str:
        """It in its place."""
        _, *places = self.room(style)
        return "".join(
            ink.at(box.x + place.x, box.y + place.y)
            for ink, place in zip((self.forward, self.back), places, strict=True)
        )


def _label(edge: Edge, use: str, short: bool, style: _Style) -> _Label | None:
    """What goes forward and what comes back; with the weight on the edge."""
    known = [edge.start, edge.end]
    forward, back = [words(plain(use), "quiet")] if use else [], []
    if weight := edge.weight:
        known.append(weight.name)
        product = f"{pretty(weight.name)}*{pretty(edge.start)}"
        if weight.value and edge.value:
            product += f" = {text(weight.value)}*{_factor(edge.value)}"
        forward += _lines(formula(product, known), "value" if edge.value else "ink", style)
    elif edge.value:
        forward.append(_number(edge.value, "value", short))
    if edge.gradient:
        back.append(_number(edge.gradient, _tone(edge.gradient, edge.dead), short))
    if weight and weight.gradient:
        said = (*named(weight.slope), *plain(f" = {text(weight.gradient)}"))
        back += _lines(said, _tone(weight.gradient, weight.dead), style)
    stacks = (over(*inks, to_the_left=style.is_narrow) for inks in (forward, back))
    return _Label(*stacks) if forward or back else None


def _factor(value: Expr) -> str:
    return f"({text(value)})" if text(value).startswith("-") else text(value)


def _lines(line: Line, tone: str, style: _Style) -> list[Ink]:
    room = NARROW if style.is_narrow else style.room
    return [words(part, tone) for part in broken(line, SIZE, room)]


def _tone(gradient: Expr, dead: bool) -> str:
    return "dead" if dead else SIGNED[strength(gradient).sign]


def _number(expr: Expr, tone: str, short: bool) -> Ink:
    if not isinstance(expr, Grid):
        return words(plain(text(expr)), tone)
    if short or _is_large(expr):
        return over(*(words(plain(line), tone) for line in at_a_glance(expr)))
    return matrix([[plain(cell_text(cell)) for cell in row] for row in expr.cells], tone)


def _is_large(grid: Grid) -> bool:
    """Whether a matrix stands nowhere on an edge."""
    rows, columns = grid.shape
    return grid.elided or rows > MOST_ROWS or rows * columns > MOST_ENTRIES


# what stands at a node


@dataclass(frozen=True)
class _Shape:
    """A node: its words in a box with round corners, and the sum of what comes back beside it."""

    words: Ink
    tone: str
    width: int
    height: int
    radius: int
    beside: Ink

    def size(self, direction: Direction) -> Size:
        """Its room; edges meet it in the middle of the box."""
        if direction == "right":
            wide = max(self.width + 2 * STUB, self.beside.width)
            return Size(wide, self.height + self.beside.height, self.height // 2)
        gap = CLEAR if self.beside.width else 0
        high = max(self.height + 2 * STUB, self.beside.height)
        return Size(self.width + gap + self.beside.width, high, self.width // 2)

    def at(self, box: Placed, direction: Direction) -> str:
        """It in its place, the words in the middle."""
        right = direction == "right"
        x = box.x + (box.width - self.width) // 2 if right else box.x
        y = box.y if right else box.y + (box.height - self.height) // 2
        rect = (
            f'<rect class="{self.tone}" x="{x}" y="{y}" width="{self.width}" '
            f'height="{self.height}" rx="{self.radius}"/>'
        )
        left, top = (self.width - self.words.width) // 2, (self.height - self.words.height) // 2
        if right:
            note = self.beside.at(box.x + (box.width - self.beside.width) // 2, y + self.height)
        else:
            middle = box.y + (box.height - self.beside.height) // 2
            note = self.beside.at(x + self.width + CLEAR, middle)
        return rect + self.words.at(x + left, y + top) + note

    def half(self, direction: Direction) -> int:
        """From its middle to the last place across where an edge can meet it."""
        return (self.height if direction == "right" else self.width) // 2 - 8

    def reach(self, off: float, direction: Direction) -> int:
        """From its middle to its border along the arrows, so far off the middle across."""
        along, across = self.width / 2, self.height / 2
        if direction == "down":
            along, across = across, along
        corner = max(0.0, abs(off) - (across - self.radius))
        return round(along - self.radius + sqrt(max(0.0, self.radius**2 - corner**2)))


def _shape(node: Node, graph: Graph, style: _Style, edges: int) -> _Shape:
    """A node that is tall enough, or wide enough, for so many edges at one side."""
    inner = over(*(words(line, "ink", NAME) for line in _node_lines(node, graph, style.room)))
    wide, high = inner.width + 2 * INSIDE, inner.height + 2 * INSIDE - 4
    for_edges = PORT * (edges - 1) + 20
    if style.direction == "right":
        high = max(high, for_edges)
    else:
        wide = max(wide, for_edges)
    tone = "end" if node.name in graph.ends else node.role if node.role in ROLES else "other"
    if node.formula:
        radius = min(high // 2, 16)
    else:
        radius = 5 if node.role == "parameter" else high // 2
        wide = max(wide, high)
    return _Shape(inner, tone, wide, high, radius, _added(node, style))


def _node_lines(node: Node, graph: Graph, room: int) -> list[Line]:
    """A name and its formula, on one line where there is room."""
    name = named(node.name)
    if not node.formula:
        return [name]
    known = [one.name for one in graph.nodes]
    known += [edge.weight.name for edge in graph.edges if edge.weight]
    worked = formula(text(node.formula), known)
    whole = (*name, Run(" = "), *worked)
    if width(whole, NAME) <= room:
        return [whole]
    return [(*name, Run(" =")), *broken(worked, NAME, room)]


def _added(node: Node, style: _Style) -> Ink:
    """The sum of what comes back to a node by its uses."""
    if not node.addition or not node.gradient:
        return NOTHING
    tone = _tone(node.gradient, False)
    if isinstance(node.gradient, Grid):
        lines = [plain(line) for line in ("sum", *at_a_glance(node.gradient))]
    else:
        said = f"{text(node.addition)} = {text(node.gradient)}"
        return over(*_lines(plain(said), tone, style))
    return over(*(words(line, tone) for line in lines))


# where everything stands


class _Figure:
    """A graph in one style, with its places."""

    def __init__(
        self, graph: Graph, style: _Style, short: frozenset[int], must_fit: bool = False
    ) -> None:
        self.graph, self.style, self.short, self.must_fit = graph, style, short, must_fit
        self.edges = [*graph.edges, *_leaving(graph)]
        uses = [*graph.uses, *[""] * len(graph.ends)]
        self.labels = [
            _label(edge, use, number in short, style)
            for number, (edge, use) in enumerate(zip(self.edges, uses, strict=True))
        ]
        self.shapes = {
            node.name: _shape(node, graph, style, self._most_edges(node.name))
            for node in graph.nodes
        }
        sizes = {name: shape.size(style.direction) for name, shape in self.shapes.items()}
        stub = Size(STUB, 1) if style.direction == "right" else Size(1, STUB)
        sizes |= {edge.end: stub for edge in self.edges if edge.end.startswith(OUT)}
        links = [
            Link(edge.start, edge.end, label.room(style)[0] if label else None)
            for edge, label in zip(self.edges, self.labels, strict=True)
        ]
        self.layout = self._arranged(sizes, links)

    def _arranged(self, sizes: dict[str, Size], links: list[Link]) -> Layout:
        """Its places; what is a little too wide is pressed together."""
        style = self.style
        layout = arrange(sizes, links, style.gaps, style.direction, late=True)
        if style.direction == "right" or layout.width <= ROOM:
            return layout
        pressed = arrange(sizes, links, style.gaps, style.direction, ROOM, late=True)
        may = self.must_fit or layout.width <= PRESSED * ROOM
        return pressed if may else layout

    def _most_edges(self, name: str) -> int:
        starts = sum(edge.start == name for edge in self.edges)
        return max(starts, sum(edge.end == name for edge in self.edges))

    @property
    def too_wide(self) -> int:
        """By how many pixels it is too wide; 0 where it fits."""
        return max(0, self.layout.width - ROOM)

    def widest_matrix(self) -> int | None:
        """The edge whose label takes most room and could take less."""
        found = {
            number: box.width
            for number, (edge, box) in enumerate(zip(self.edges, self.layout.labels, strict=True))
            if box and number not in self.short and _is_matrix(edge)
        }
        return max(found, key=found.__getitem__, default=None)


def _is_matrix(edge: Edge) -> bool:
    return any(isinstance(e, Grid) and not _is_large(e) for e in (edge.value, edge.gradient))


def _leaving(graph: Graph) -> Iterator[Edge]:
    """The arrows that lead out of the graph, from what nothing in it uses."""
    for name, value in graph.ends.items():
        node = next(node for node in graph.nodes if node.name == name)
        yield Edge(name, OUT + name, value, node.gradient)


# its arrows


@dataclass(frozen=True)
class _Way:
    """The way of an edge: where it goes straight on, and between these, in a curve."""

    points: tuple[tuple[Point, Point], ...]
    "pieces that go straight on, along the arrows"

    def forward(self, off: int, turn: Callable[[float, float], str]) -> str:
        """The path of an arrow beside it, so far off to the right of its way."""
        return _path(self.points, off, turn)

    def back(self, off: int, turn: Callable[[float, float], str]) -> str:
        """The path of an arrow the other way."""
        return _path(tuple((end, start) for start, end in reversed(self.points)), off, turn)


def _path(
    pieces: Sequence[tuple[Point, Point]], off: int, turn: Callable[[float, float], str]
) -> str:
    (start, end), *_ = pieces
    path = f"M{turn(start.x, start.y + off)}L{turn(end.x, end.y + off)}"
    for (_, before), (after, end) in pairwise(pieces):
        if before.y == after.y:
            path += f"L{turn(after.x, after.y + off)}"
        else:
            # an arrow beside a curve bends earlier or later, so that the two stay apart
            falls = (after.y > before.y) == (after.x > before.x)
            middle = (before.x + after.x) / 2 + (-off if falls else off)
            path += (
                f"C{turn(middle, before.y + off)} {turn(middle, after.y + off)} "
                f"{turn(after.x, after.y + off)}"
            )
        path += f"L{turn(end.x, end.y + off)}"
    return path


def _arrows(figure: _Figure) -> Iterator[str]:
    """The arrows of each edge: forward, and back where something comes back."""
    down = figure.style.direction == "down"
    most = float(largest(figure.graph)) or 1.0
    ways = _ways(figure)
    for number, (edge, way) in enumerate(zip(figure.edges, ways, strict=True)):
        weight = edge.weight
        returns = edge.gradient or (weight and weight.gradient)
        lane = LANE if returns or edge.dead else 0

        def turn(x: float, y: float) -> str:
            return f"{y:g} {x:g}" if down else f"{x:g} {y:g}"

        tone = "value" if edge.value else "quiet"
        cut = _Way(_shorter(way.points, at_end=True))
        yield _arrow(tone, cut.forward(-lane, turn))
        if not lane:
            continue
        gradient = edge.gradient or (weight and weight.gradient) or None
        is_dead = edge.dead or bool(weight and weight.dead and not edge.gradient)
        tone = _tone(gradient, is_dead) if gradient else "dead"
        points = way.points
        if not edge.gradient and weight and (box := figure.layout.labels[number]):
            points = _only_to(points, _middle(box, figure))
        share = float(strength(gradient).size) / most if gradient else 0
        cut = _Way(_shorter(points, at_end=False))
        yield _arrow(
            tone, cut.back(lane, turn), "" if is_dead else f"{1 + 3 * min(1.0, share):.1f}"
        )


def _arrow(tone: str, path: str, width: str = "") -> str:
    wide = f' style="stroke-width:{width}"' if width else ""
    return f'<path class="arrow {tone}"{wide} d="{path}"/>'


def _shorter(
    points: tuple[tuple[Point, Point], ...], at_end: bool
) -> tuple[tuple[Point, Point], ...]:
    """A way without the length of an arrowhead."""
    if at_end:
        start, end = points[-1]
        return (*points[:-1], (start, Point(end.x - HEAD, end.y)))
    start, end = points[0]
    return ((Point(start.x + HEAD, start.y), end), *points[1:])


def _only_to(points: tuple[tuple[Point, Point], ...], x: int) -> tuple[tuple[Point, Point], ...]:
    """The way from its end back to a place."""
    kept = [(start, end) for start, end in points if end.x >= x]
    start, end = kept[0]
    return ((Point(max(start.x, x), start.y), end), *kept[1:])


def _middle(box: Placed, figure: _Figure) -> int:
    if figure.style.direction == "down":
        return box.y + box.height // 2
    return box.x + box.width // 2


def _ways(figure: _Figure) -> list[_Way]:
    """The way of each edge, as where the arrows go to the right."""
    down = figure.style.direction == "down"
    layout = figure.layout.turned() if down else figure.layout
    offs = _offs(figure, layout)
    ways = []
    for number, edge in enumerate(figure.edges):
        first, last = offs[number]
        path = layout.paths[number]
        if not any(figure.labels) and len(path) == 2:
            path = (Leg(path[0].start, path[1].end, path[0].bend),)
        begin = Point(_border(figure, layout, edge.start, first, 1), path[0].start.y + first)
        finish = Point(_border(figure, layout, edge.end, last, -1), path[-1].end.y + last)
        starts = [begin, *(leg.end for leg in path[:-1]), Point(path[-1].end.x, finish.y)]
        ends = [Point(path[0].start.x, begin.y), *(leg.start for leg in path[1:]), finish]
        ways.append(_Way(tuple(zip(starts, ends, strict=True))))
    return ways


def _border(figure: _Figure, layout: Layout, name: str, off: int, side: int) -> int:
    box = layout.nodes[name]
    if name not in figure.shapes:
        return box.x + box.width
    return box.x + box.width // 2 + side * figure.shapes[name].reach(off, figure.style.direction)


def _offs(figure: _Figure, layout: Layout) -> list[tuple[int, int]]:
    """For each edge how far off the middle it leaves a node and meets one, in their order."""
    leave, meet = defaultdict(list), defaultdict(list)
    for number, edge in enumerate(figure.edges):
        path = layout.paths[number]
        leave[edge.start].append((path[0].end.y - path[0].start.y, number))
        meet[edge.end].append((path[-1].start.y - path[-1].end.y, number))
    first, last = (dict(_all_apart(figure, sides)) for sides in (leave, meet))
    return [(first[number], last[number]) for number in range(len(figure.edges))]


def _all_apart(
    figure: _Figure, sides: Mapping[str, Sequence[tuple[int, int]]]
) -> Iterator[tuple[int, int]]:
    for name, side in sides.items():
        shape = figure.shapes.get(name)
        yield from _apart(side, shape.half(figure.style.direction) if shape else 0)


def _apart(side: Sequence[tuple[int, int]], half: int) -> Iterator[tuple[int, int]]:
    """The edges at one side of a node, one beside the other; a straight one in the middle."""
    ordered = sorted(side)
    spare = half - PORT * (len(side) - 1) / 2
    middle = (len(side) - 1) / 2
    straight = [place for place, (off, _) in enumerate(ordered) if off == 0]
    if len(straight) == 1 and abs(straight[0] - middle) * PORT <= spare:
        middle = straight[0]
    for place, (_, number) in enumerate(ordered):
        yield number, round(PORT * (place - middle))


# the whole page


def _page(graph: Graph, figure: _Figure) -> str:
    layout, direction = figure.layout, figure.style.direction
    arrows = list(_arrows(figure))
    shapes = [shape.at(layout.nodes[name], direction) for name, shape in figure.shapes.items()]
    labels = [
        label.at(box, figure.style)
        for label, box in zip(figure.labels, layout.labels, strict=True)
        if label and box
    ]
    key = _key("".join(arrows)) if graph.has_gradients else NOTHING
    inner = max(layout.width, key.width)
    wide = inner + 2 * CARD
    high = layout.height + 2 * CARD + (key.height + 10 if key.height else 0)
    left = (inner - layout.width) // 2
    shown_wide = min(wide, MOST_WIDE)
    card = f'<rect class="card" x=".5" y=".5" width="{wide - 1}" height="{high - 1}" rx="8"/>'
    below = key.at(CARD + (inner - key.width) // 2, high - CARD - key.height)
    body = "\n".join(
        [
            _heads("".join(arrows)),
            card,
            f'<g transform="translate({CARD + left} {CARD})">',
            *arrows,
            *shapes,
            *labels,
            f"</g>{below}",
        ]
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{shown_wide}" '
        f'height="{round(high * shown_wide / wide)}" viewBox="0 0 {wide} {high}" '
        f'role="img" aria-labelledby="t d">\n<title id="t">{escape(title(graph))}</title>\n'
        f'<desc id="d">{escape(description(graph))}</desc>\n{_style(body)}\n{body}\n</svg>\n'
    )


def _style(drawn: str) -> str:
    """The style sheet of what is drawn, by day and by night."""
    shades = [name for name in SHADES if f'class="{name}"' in drawn]
    tones = [name for name in TONES if re.search(rf'class="(?:arrow )?{name}\b', drawn)]

    def colours(time: int) -> str:
        boxes = ((name, SHADES[name][time].split()) for name in shades)
        rules = [f".{name}{{fill:{fill};stroke:{line}}}" for name, (fill, line) in boxes]
        for name in tones:
            colour = TONES[name][time]
            rules += [f"text.{name},.{name} text,.head.{name}{{fill:{colour}}}"]
            rules += [f"path.{name},.{name} path{{stroke:{colour}}}"]
        return "\n".join(rules)

    dashed = "path.dead{stroke-dasharray:4 3}\n" if "dead" in tones else ""
    return (
        f"<style>\ntext{{font:{SIZE}px {FONT};text-anchor:middle}}\n"
        ".matrix text{text-anchor:end}\npath{fill:none;stroke-width:1.3}\n"
        f"{dashed}{colours(0)}\n@media(prefers-color-scheme:dark){{\n{colours(1)}\n}}\n"
        + "".join(f"path.arrow.{tone}{{marker-end:url(#{tone})}}\n" for tone in tones)
        + "path.head{stroke:none}\n</style>"
    )


def _heads(arrows: str) -> str:
    """The arrowheads that are used."""
    used = [tone for tone in TONES if f'"arrow {tone}"' in arrows]
    return "".join(
        f'<marker id="{tone}" markerUnits="userSpaceOnUse" markerWidth="{HEAD}" markerHeight="8" '
        f'refY="4" orient="auto"><path class="head {tone}" d="M0 0L{HEAD} 4L0 8z"/></marker>'
        for tone in used
    )


def _key(arrows: str) -> Ink:
    """What the arrows that are there mean."""
    parts = [
        ("value", "→ forward value", "value"),
        ("plus", "← gradient above 0", "plus"),
        ("minus", "← below 0", "minus"),
        ("mixed", "← of both signs", "mixed"),
        ("dead", "← exactly 0", "dead"),
        ("", "wider: stronger", "quiet"),
    ]
    shown = [(said, tone) for used, said, tone in parts if f'"arrow {used}' in arrows]
    return beside(*(words(plain(said), tone) for said, tone in shown), gap=14)
