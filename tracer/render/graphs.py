"""A computational graph in the terminal: boxes, and lines with what flows along them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rich.cells import cell_len
from rich.text import Text

from tracer.numbers.rounding import Pen
from tracer.page.document import Edge, Graph, Node, Tone, Weight
from tracer.render.boxes import Box, Signs, beside, lines_of
from tracer.render.layout import Direction, Gaps, Layout, Link, Placed, Point, Size, arrange
from tracer.render.sheet import PLAIN, Sheet
from tracer.render.strength import Sign, Stroke, largest, push, strength, stroke
from tracer.written.names import pretty
from tracer.written.text import text
from tracer.written.tree import Expr, Grid, Num, Word

MOST_NODES, MOST_PIECES = 40, 200
"A graph of more nodes or more pieces of lines is no picture any more."
MOST_ROWS, MOST_BRIEF_ROWS = 60, 150
"A taller drawing is said in fewer words; one that is brief already is none."
MOST_ENTRIES, FEW_ENTRIES = 16, 4
"A matrix with more is said by its shape and its largest entry."
SHORT = 12
"A formula with at most so many signs stands in its box when the others stand below."
LONG = 7
"A number with more signs is rounded to three figures where all is brief, to two beside a shape."
ROUNDED = [Pen("display", places, significant=True) for places in (2, 3)]
STYLES: dict[Tone, str] = {"forward": "green", "gradient": "red", "plain": ""}
PUSHES: dict[Sign | None, str] = {"+": "cyan", "-": "magenta"}
CORNERS = {"parameter": "╔═╗║╚╝", "computed": "╭─╮│╰╯", "given": "┌─┐│└┘", "lit": "┏━┓┃┗┛"}
CORNERS_IN_ASCII = {
    "parameter": "#=##" + "##", "computed": ".-.|''", "given": "+-+|++", "lit": "******",
}  # fmt: skip
LINES: dict[Stroke, str] = {"strong": "━", "ordinary": "─", "dead": "╌"}
Row = tuple[str, Tone]
"A row of words and its tone."


@dataclass(frozen=True)
class Manner:
    """How much is said where."""

    direction: Direction
    formulas: float
    "the longest formula that stands in its box"
    entries: int
    "the largest matrix whose numbers stand on an edge"
    brief: bool = False
    "whether boxes are tight, long numbers are rounded, and additions stand below"
    stages: int = 1
    "in how many rows the labels before a layer of nodes stand"

    @property
    def gaps(self) -> Gaps:
        """The room that is kept free."""
        if self.direction == "right":
            return Gaps(across=not self.brief, along=1, track=1, straight=1)
        return Gaps(across=1 if self.brief else 2, along=0, track=1, straight=0, head=1)


WAYS: tuple[Direction, ...] = ("right", "down")
MANNERS = [
    *(
        [Manner(way, formulas, entries) for formulas in (float("inf"), SHORT, 0) for way in WAYS]
        for entries in (MOST_ENTRIES, FEW_ENTRIES, 1)
    ),
    *(
        [Manner(way, 0, entries, True, stages) for way in WAYS]
        for stages in (1, 2, 3)
        for entries in (MOST_ENTRIES, FEW_ENTRIES, 1)
    ),
]
"From the most words to the fewest; of each group the drawing with the fewest rows is taken."


def drawing(
    graph: Graph, width: int, signs: Signs, ascii_only: bool, lit: Mapping[str, Tone] | None = None
) -> list[Text] | None:
    """A graph in rows of at most `width` columns; None where it does not fit in any manner.

    `lit` are the names of nodes that stand out, with the tone they are drawn in.
    """
    sketch = _chosen(graph, width, signs, ascii_only)
    return list(sketch.rows(lit or {})) if sketch else None


@lru_cache(maxsize=256)
def _chosen(graph: Graph, width: int, signs: Signs, ascii_only: bool) -> _Sketch | None:
    """Of the ways to draw a graph that fit, the one with the fewest rows."""
    if len(graph.nodes) > MOST_NODES or _pieces(graph) > MOST_PIECES:
        return None
    for manners in MANNERS:
        every = (_Sketch(graph, width, signs, ascii_only, one) for one in manners)
        fitting = [sketch for sketch in every if sketch.fits]
        if fitting:
            return min(fitting, key=_Sketch.height)
    return None


def _pieces(graph: Graph) -> int:
    """How many layers all lines together pass: the work of laying a graph out."""
    depth = {node.name: 0 for node in graph.nodes}
    for edge in graph.edges:
        depth[edge.end] = max(depth[edge.end], depth[edge.start] + 1)
    return sum(depth[edge.end] - depth[edge.start] for edge in graph.edges)


class _Sketch:
    """One way to draw a graph."""

    def __init__(
        self,
        graph: Graph,
        width: int,
        signs: Signs,
        ascii_only: bool,
        manner: Manner,
    ) -> None:
        self.graph, self.width, self.signs, self.manner = graph, width, signs, manner
        self.ascii, self.draw = ascii_only, signs.draw
        self.nodes = {node.name: self._box(node) for node in graph.nodes}
        self.labels = [
            self._label(edge, use) for edge, use in zip(graph.edges, graph.uses, strict=True)
        ]
        self.ends = [node for node in graph.nodes if node.value and node.name in graph.ends]
        if manner.stages > 1 and self.is_right:
            self.ends = []
        self.labels += map(self._outcome, self.ends)

    @property
    def is_right(self) -> bool:
        return self.manner.direction == "right"

    @cached_property
    def links(self) -> list[Link]:
        """The edges, and an arrow that leaves each end."""
        pairs = [(edge.start, edge.end) for edge in self.graph.edges]
        pairs += [(node.name, _beyond(node.name)) for node in self.ends]
        rooms = (self._room(*label) for label in self.labels)
        return [
            Link(*pair, room, 1 + number % (1 if self.is_right else self.manner.stages))
            for number, (pair, room) in enumerate(zip(pairs, rooms, strict=True))
        ]

    @cached_property
    def layout(self) -> Layout:
        sizes = {
            name: Size(_width(rows) + 2 + 2 * self.pad, len(rows) + 2)
            for name, rows in self.nodes.items()
        }
        sizes |= {_beyond(node.name): Size(1, 1) for node in self.ends}
        return arrange(sizes, self.links, self.manner.gaps, self.manner.direction)

    @property
    def fits(self) -> bool:
        """Whether it is no wider than it may be, and no taller than a picture should be."""
        most = MOST_BRIEF_ROWS if self.manner.brief else MOST_ROWS
        return self.layout.width <= self.width and self.layout.height <= most

    def height(self) -> int:
        """Its rows."""
        return self.layout.height + len(self.below)

    @property
    def pad(self) -> int:
        """Columns between a box's border and its words."""
        return not self.manner.brief

    # what is said

    def _box(self, node: Node) -> list[Row]:
        """A node's name and formula; where it is used more than once, what comes back in all."""
        rows: list[Row] = [(self.draw(self._named(node)), "plain")]
        if self.manner.brief and node.value and node.name in self.weighed:
            rows.append((self._number(node.value), "forward"))
        if self.manner.stages > 1 and self.is_right and node.name in self.graph.ends:
            rows += (row for part in self._outcome(node) for row in part)
        if node.addition and not self.manner.brief:
            rows.append((self.draw(f"← {self._sum(node)}"), "gradient"))
        return rows

    def _sum(self, node: Node) -> str:
        """What comes back to a node by all its uses: 12 + 10 = 22."""
        assert node.addition is not None
        assert node.gradient is not None
        if isinstance(node.gradient, Grid):
            return ", ".join(self._glance(node.gradient, signed=True))
        return f"{text(node.addition)} = {text(node.gradient)}"

    @cached_property
    def added(self) -> set[str]:
        """The values to which gradients come back by several uses."""
        return {node.name for node in self.graph.nodes if node.addition}

    @cached_property
    def weighed(self) -> set[str]:
        """The values that are multiplied by a weight on their way."""
        return {edge.start for edge in self.graph.edges if edge.weight}

    def _named(self, node: Node) -> str:
        formula = text(node.formula) if node.formula else ""
        is_told = node.formula and len(formula) <= self.manner.formulas
        return f"{pretty(node.name)} = {formula}" if is_told else pretty(node.name)

    def _label(self, edge: Edge, use: str) -> tuple[list[Row], list[Row]]:
        """What goes forward along an edge, and what comes back."""
        above: list[Row] = [(use, "plain")] if use else []
        below: list[Row] = []
        if edge.weight:
            above += self._product(edge.start, edge.value, edge.weight)
            below += self._slopes(edge, edge.weight)
            return above, below
        if edge.value:
            above += self._numbers(edge.value, "forward")
        if edge.gradient:
            below += self._numbers(edge.gradient, "gradient")
        return above, below

    def _product(self, start: str, value: Expr | None, weight: Weight) -> Iterator[Row]:
        """A weight times what it weighs: w1*x1 = 0.1*0."""
        name = self.draw(pretty(weight.name))
        if not (value and weight.value):
            yield name, "plain"
        elif self.manner.brief:
            yield from ((name, "forward"), (self._number(weight.value), "forward"))
        else:
            yield (
                self.draw(f"{name}*{pretty(start)} = {text(weight.value)}*{_factor(value)}"),
                "forward",
            )

    def _slopes(self, edge: Edge, weight: Weight) -> Iterator[Row]:
        """What comes back to a weight, and to what it weighs."""
        if weight.gradient:
            name = "" if self.manner.brief else f"{self.draw(pretty(weight.slope))} = "
            yield name + self._number(weight.gradient), "gradient"
        if edge.gradient and not (self.manner.brief and edge.start in self.added):
            yield self.draw(f"{pretty(edge.start)}: ") + self._number(edge.gradient), "gradient"

    def _outcome(self, node: Node) -> tuple[list[Row], list[Row]]:
        """What leaves an end of the graph, and the gradient that all others begin with."""
        value = self._numbers(node.value, "forward") if node.value else []
        back = self._numbers(node.gradient, "gradient") if node.gradient else []
        return value, back

    def _numbers(self, value: Expr, tone: Tone) -> list[Row]:
        """Numbers, or of a large matrix what is seen of it at a glance."""
        if isinstance(value, Grid) and value.shape[0] * value.shape[1] > self.manner.entries:
            rows = self._glance(value, signed=tone == "gradient")
            rows = rows if self.manner.brief else [", ".join(rows)]
            return [(self.draw(row), tone) for row in rows]
        if self.manner.brief and isinstance(value, Num):
            return [(self._number(value), tone)]
        if self.manner.brief and isinstance(value, Grid) and value.shape == (1, 1):
            return [(f"[ {self._number(value.cells[0][0])} ]", tone)]
        drawn = beside(lines_of(value, 1000, self.signs))
        return [(row.rstrip(), tone) for row in drawn.rows]

    def _number(self, value: Expr, of_shape: bool = False) -> str:
        """A single number; a long one is rounded where all is brief."""
        said = text(value)
        if self.manner.brief and isinstance(value, Num) and len(said) > LONG:
            said = f"≈{ROUNDED[not of_shape].text(float(said))}"
        return self.draw(said)

    def _glance(self, value: Expr, signed: bool) -> list[str]:
        """A matrix by its shape and largest entry; a gradient by its sign and largest entry."""
        if not isinstance(value, Grid):
            return [self._number(value)]
        seen = strength(value)
        most = f"most {self._number(Num(seen.largest), of_shape=True)}"
        if not signed:
            return [f"({value.shape[0]} × {value.shape[1]})", most]
        if seen.sign == "0":
            return ["all 0"]
        return ["mixed" if seen.sign == "mixed" else f"only {seen.sign}", most]

    def _room(self, above: list[Row], below: list[Row]) -> Size | None:
        """The room of a label; the line goes between its rows, or down on their left."""
        rows = above + below
        if not rows:
            return None
        if self.is_right:
            return Size(_width(rows), len(rows) + 1, len(above))
        return Size(_width(rows) + 4, len(rows), 0)

    # what is drawn

    def rows(self, lit: Mapping[str, Tone]) -> Iterator[Text]:
        """The drawing, the formulas that have no room in it, and how to read it."""
        sheet = Sheet(self.ascii)
        most = largest(self.graph)
        for number, link in enumerate(self.links):
            edge = self.graph.edges[number] if number < len(self.graph.edges) else None
            line: Stroke = stroke(edge, most) if edge else "ordinary"
            style = PUSHES.get(push(edge), "") if edge else ""
            corners = self._corners(link, number)
            sheet.line(corners, line, style)
            sheet.write(*corners[-1], self._head, style)
            self._write_label(sheet, number)
        for node in self.graph.nodes:
            self._draw_box(sheet, node, lit.get(node.name))
        yield from sheet.rows()
        yield from self.below

    @property
    def _head(self) -> str:
        return (">v" if self.ascii else "▶▼")[not self.is_right]

    def _corners(self, link: Link, number: int) -> list[Point]:
        """The line of a link, from under the border of its start to the head of the arrow."""
        lain = self.layout if self.is_right else self.layout.turned()
        start, end = lain.nodes[link.start], lain.nodes[link.end]
        path = lain.paths[number]
        points = [Point(start.x + start.width - 1, path[0].start.y)]
        for leg in path:
            points += [Point(leg.bend, leg.start.y), Point(leg.bend, leg.end.y)]
        points.append(Point(end.x - (not link.end.startswith(">")), path[-1].end.y))
        return points if self.is_right else [point.turned() for point in points]

    def _write_label(self, sheet: Sheet, number: int) -> None:
        place, (above, below) = self.layout.labels[number], self.labels[number]
        if place is None:
            return
        if self.is_right:
            for y, (said, tone) in enumerate(above, place.y):
                sheet.write(place.x + _middle(place, said), y, said, STYLES[tone])
            for y, (said, tone) in enumerate(below, place.y + len(above) + 1):
                sheet.write(place.x + _middle(place, said), y, said, STYLES[tone])
            return
        marks = [*_marks(above, "↓"), *_marks(below, "↑")]
        for y, (mark, (said, tone)) in enumerate(zip(marks, above + below, strict=True), place.y):
            sheet.write(place.x + 2, y, f"{self.draw(mark)} {said}", STYLES[tone])

    def _draw_box(self, sheet: Sheet, node: Node, tone: Tone | None) -> None:
        place, rows = self.layout.nodes[node.name], self.nodes[node.name]
        frames = CORNERS_IN_ASCII if self.ascii else CORNERS
        first, flat, second, side, third, fourth = tuple(frames["lit" if tone else _kind(node)])
        style = f"bold reverse {STYLES[tone]}".strip() if tone else ""
        right, bottom = place.width - 2, place.y + place.height - 1
        sheet.write(place.x, place.y, first + flat * right + second, style)
        for y, (said, own) in enumerate(rows, place.y + 1):
            inner = " " * self.pad + said
            sheet.write(place.x, y, side, style)
            sheet.write(
                place.x + 1, y, inner + " " * (right - cell_len(inner)), style or STYLES[own]
            )
            sheet.write(place.x + place.width - 1, y, side, style)
        sheet.write(place.x, bottom, third + flat * right + fourth, style)

    # what stands below

    @cached_property
    def below(self) -> list[Text]:
        """The formulas that have no room in their boxes, and the legend."""
        told = [
            f"{pretty(node.name)} = {text(node.formula)}"
            for node in self.graph.nodes
            if node.formula and len(text(node.formula)) > self.manner.formulas
        ]
        if self.manner.brief:
            every = (node for node in self.graph.nodes if node.addition)
            told += [f"back to {pretty(node.name)}: {self._sum(node)}" for node in every]
        formulas = [Text(line) for line in self._filled(map(self.draw, told))]
        return formulas + [Text(line, "dim") for line in self._filled(self._legend())]

    def _filled(self, pieces: Iterable[str]) -> Iterator[str]:
        """Pieces side by side; one that is wider than a row is broken at its spaces."""
        row = ""
        for piece in pieces:
            if row and cell_len(row) + 3 + cell_len(piece) > self.width:
                yield row
                row = ""
            row += f"   {piece}" if row else piece
            if cell_len(row) > self.width:
                *rows, row = (one.rows[0].rstrip() for one in self._broken(row))
                yield from rows
        if row:
            yield row

    def _broken(self, words: str) -> list[Box]:
        return lines_of(Word(words), self.width, self.signs)

    def _legend(self) -> list[str]:
        frames = CORNERS_IN_ASCII if self.ascii else CORNERS
        kinds = dict.fromkeys(map(_kind, self.graph.nodes))
        said = [f"{frames[kind][0]}{frames[kind][1]}{frames[kind][2]} {kind}" for kind in kinds]
        if self.graph.value is not None:
            flow = ("above a line: the value", "below: the gradient")
            flow = flow if self.is_right else ("↓ the value", "↑ the gradient")
            said += map(self.draw, flow[: 1 + self.graph.has_gradients])
        most = largest(self.graph)
        strokes = dict.fromkeys(stroke(edge, most) for edge in self.graph.edges)
        if self.graph.has_gradients:
            words: dict[Stroke, str] = {
                "strong": "strong", "ordinary": "weaker or none", "dead": "zero",
            }  # fmt: skip
            lines = {one: (PLAIN[one][0] if self.ascii else LINES[one]) * 2 for one in words}
            said += [f"{lines[one]} {words[one]}" for one in words if one in strokes]
        return said


def _beyond(name: str) -> str:
    """Where the arrow that leaves an end goes."""
    return f">{name}"


def _kind(node: Node) -> str:
    return node.role if node.role in ("parameter", "computed") else "given"


def _marks(rows: Sequence[Row], mark: str) -> Iterator[str]:
    """An arrow before the first of some rows."""
    yield from (" " if number else mark for number in range(len(rows)))


def _width(rows: Sequence[Row]) -> int:
    return max(cell_len(said) for said, _ in rows)


def _middle(place: Placed, said: str) -> int:
    return (place.width - cell_len(said)) // 2


def _factor(value: Expr) -> str:
    return f"({text(value)})" if text(value).startswith("-") else text(value)
