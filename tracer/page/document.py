"""The closed set of blocks that a page is made of. A renderer has one method for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from tracer.trace.quantity import Quantity
from tracer.written.tree import Expr

Tone = Literal["forward", "gradient", "plain"]
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def uses(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Of values and what uses them, which use each is; nothing where there is one alone.

    >>> uses([("a", "c"), ("b", "c"), ("a", "c")])
    ['first use', '', 'second use']
    """
    every, met = Counter(pairs), Counter[tuple[str, str]]()
    said = []
    for pair in pairs:
        number = met[pair]
        met[pair] += 1
        which = f"{ORDINALS[number]} use" if number < len(ORDINALS) else f"use {number + 1}"
        said.append(which if every[pair] > 1 else "")
    return said


@dataclass(frozen=True)
class Heading:
    """A title."""

    text: str
    "its words"
    level: int = 2
    "1 for the document, 2 for a phase, 3 for a step"
    caption: str = ""
    "where it was printed"
    url: str = ""
    "where that can be read"


@dataclass(frozen=True)
class Prose:
    """What the lesson's author says."""

    text: str
    "Markdown, as it was written"


@dataclass(frozen=True)
class Working:
    """A quantity worked out in aligned lines, each following from the one above."""

    name: str
    "the quantity on the left of the first ="
    lines: tuple[Expr, ...]
    "what stands on the right of each =, the result last"
    label: str = ""
    "the part it plays in a step: upstream, local, product"
    tone: Tone = "plain"
    "whether it goes forward or is a gradient"
    shapes: Expr | None = None
    "the shapes that meet, in place of the matrices"


@dataclass(frozen=True)
class DerivationLine:
    """One line of a derivation."""

    expr: Expr
    "the line"
    rule: tuple[str | Expr, ...] = ()
    "what leads here from the line above, in words and formulas"
    proved: bool = True
    "whether the two lines were proved equal"


@dataclass(frozen=True)
class Derivation:
    """Something derived in symbols, a rule to a line."""

    left: Expr
    "what stands on the left of the first ="
    lines: tuple[DerivationLine, ...]
    "the lines, each following from the one above"


@dataclass(frozen=True)
class Table:
    """A summary in rows."""

    title: str
    "its title"
    columns: tuple[str, ...]
    "the head of each column"
    rows: tuple[tuple[Expr, ...], ...]
    "the rows, with a cell for each column"
    tones: tuple[Tone, ...]
    "whether each column goes forward or is of gradients"


@dataclass(frozen=True)
class Weight:
    """A parameter that stands on an edge: what goes along it is multiplied by it."""

    name: str
    "its name"
    value: Expr | None = None
    "its value; null while it is not known"
    gradient: Expr | None = None
    "what comes back to it; null while it is not known"
    slope: str = ""
    "what its gradient is called: dL/dw1; empty while it is not known"
    dead: bool = False
    "whether exactly nothing comes back to it: a gradient of zero"


@dataclass(frozen=True)
class Edge:
    """One use of a value."""

    start: str
    "the value that is used"
    end: str
    "the value it is used for"
    value: Expr | None
    "what goes forward; null while it is not known"
    gradient: Expr | None
    "what comes back; null while it is not known, or where nothing comes back"
    weight: Weight | None = None
    "the weight that it is multiplied by on its way, in the view of single neurons"
    dead: bool = False
    "whether exactly nothing comes back: a gradient of zero, in every entry"


@dataclass(frozen=True)
class Node:
    """One value of a graph."""

    name: str
    "its name"
    formula: Expr | None
    "how it is computed; null if it is given"
    role: str
    "data, parameter, value, computed, or another word for what it is for"
    value: Expr | None = None
    "what it comes to; null while it is not known"
    gradient: Expr | None = None
    "what comes back to it, by all its uses; null while it is not known, or where nothing does"
    addition: Expr | None = None
    "how its gradient was added up from what came back by each of its uses: 12 + 10"


@dataclass(frozen=True)
class Graph:
    """A computational graph with what flows along its edges."""

    nodes: tuple[Node, ...]
    "its values, in order"
    edges: tuple[Edge, ...]
    "the uses of its values"
    value: Expr | None = None
    "the value of the last node, once it is known"

    @property
    def ends(self) -> dict[str, Expr | None]:
        """The computed values that nothing uses, and what they come to once that is known."""
        used, last = {edge.start for edge in self.edges}, self.nodes[-1]
        ends = [node for node in self.nodes if node.formula and node.name not in used]
        return {node.name: self.value if node is last else node.value for node in ends}

    @property
    def has_gradients(self) -> bool:
        """Whether anything came back."""
        return any(edge.gradient or (edge.weight and edge.weight.gradient) for edge in self.edges)

    @property
    def uses(self) -> list[str]:
        """Which use each edge is, where an operation uses a value more than once."""
        return uses([(edge.start, edge.end) for edge in self.edges])


@dataclass(frozen=True)
class Series:
    """Points of a curve, joined; or marked one by one."""

    name: str
    "what it is called"
    points: tuple[tuple[float, float], ...]
    "its points, across and up"
    marked: bool = False
    "whether its points are marked one by one instead of joined"


@dataclass(frozen=True)
class Curve:
    """A picture of curves with axes."""

    title: str
    "its title"
    across: str
    "what the horizontal axis counts"
    up: str
    "what the vertical axis measures"
    series: tuple[Series, ...]
    "the curves"
    alt: str
    "what the picture shows, in words"


@dataclass(frozen=True)
class Point:
    """An example in the plane of its features."""

    x: float
    "its place across"
    y: float
    "its place up"
    label: int
    "which of the two labels it has: 0 for the lower one, 1 for the upper one"


@dataclass(frozen=True)
class Boundary:
    """Where the answer of a network changes."""

    title: str
    "its title"
    across: tuple[float, ...]
    "the places along the horizontal axis"
    up: tuple[float, ...]
    "the places along the vertical axis"
    answers: tuple[tuple[float, ...], ...]
    "what the network says at each point, a row for each value of `up`"
    points: tuple[Point, ...]
    "the examples"
    shaded: bool
    "whether the region answered with the upper label is filled"
    alt: str
    "what the picture shows, in words"
    level: float = 0.5
    "above it the answer is the upper label; 0.5 where it is left out"
    labels: tuple[str, str] = ("label 0", "label 1")
    """what the two labels are called, the lower one first; label 0 and label 1 where they are left
    out"""


@dataclass(frozen=True)
class PlaneLine:
    """A line or a curve in the plane of two features."""

    equation: Expr
    "its equation"
    pieces: tuple[tuple[tuple[float, float], ...], ...]
    "what of it lies in the picture, each piece as points that are joined"


@dataclass(frozen=True)
class Points:
    """Examples in the plane of their features, and lines."""

    title: str
    "its title"
    across: tuple[float, float]
    "from where to where the horizontal axis goes"
    up: tuple[float, float]
    "from where to where the vertical axis goes"
    points: tuple[Point, ...]
    "the examples"
    lines: tuple[PlaneLine, ...]
    "the lines and curves"
    labels: tuple[str, str]
    "what the two labels are called, the lower one first"
    alt: str
    "what the picture shows, in words"


@dataclass(frozen=True)
class Log:
    """The costs of a training run."""

    name: str
    "what is logged"
    entries: tuple[tuple[int, float], ...]
    "epochs, each with its cost"


@dataclass(frozen=True)
class Note:
    """A remark beside the working."""

    kind: Literal["Rounding", "Slip", "Misprint", "Note"]
    "what it is about"
    text: str
    "its words"


Block = (
    Heading | Prose | Working | Derivation | Table | Graph | Curve | Boundary | Points | Log | Note
)
BLOCKS: tuple[type[Block], ...] = (
    Heading, Prose, Working, Derivation, Table, Graph, Curve, Boundary, Points, Log, Note,
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """What is shown at once when a document is read step by step."""

    title: str
    "its title; empty for prose without a heading"
    blocks: tuple[Block, ...]
    "what stands on it, from top to bottom"
    shows: tuple[Quantity, ...] = ()
    "the quantities that are worked out here"
    epoch: int = 0
    "the iteration they belong to"
    answer: bool = False
    "whether this is the answer to an exercise, which the reader works out first"

    @property
    def displays(self) -> Iterator[Block | tuple[Working, ...]]:
        """Its blocks in order; values that are only stated stand together."""
        for is_stated, blocks in groupby(self.blocks, key=_is_stated):
            if is_stated:
                yield tuple(block for block in blocks if isinstance(block, Working))
            else:
                yield from blocks


def _is_stated(block: Block) -> bool:
    """Whether a value is given rather than worked out, so that it needs no display of its own."""
    return (
        isinstance(block, Working)
        and block.tone == "forward"
        and len(block.lines) < 3
        and not block.label
    )


@dataclass(frozen=True)
class Unfinished(Page):
    """A page that is still being worked out: its title, and nothing of what will be told."""

    epochs: int = 0
    "how long the training is that it waits for, if it does"


@dataclass(frozen=True)
class Document:
    """Everything there is to say about a lesson, page by page."""

    title: str
    pages: tuple[Page, ...]

    @property
    def parts(self) -> Iterator[tuple[bool, tuple[Page, ...]]]:
        """Its pages in order, those of an answer together: whether they are one, and the pages."""
        for is_answer, pages in groupby(self.pages, key=lambda page: page.answer):
            yield is_answer, tuple(pages)
