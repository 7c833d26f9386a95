"""The closed set of blocks that a page is made of. A renderer has one method for each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

from tracer.trace.quantity import Quantity
from tracer.written.tree import Expr

Tone = Literal["forward", "gradient", "plain"]
PARTS = ("upstream", "local", "product")
"The parts that a gradient is made of in a step, as a working is labelled."
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


_LEFT_ALONE = re.compile(r"(?ms)(^(?:```|~~~).*?^(?:```|~~~)[ ]*$|^#[^\n]*$)")
"Fenced code and headings."
_SPAN = re.compile(r"(?<![`\w])`([^`\n]+)`(?![`\w])")


@dataclass(frozen=True)
class Formula:
    """A formula in prose."""

    said: str
    "what stands in the code span"
    means: Expr
    "the same as a line"


@dataclass(frozen=True)
class Prose:
    """What the lesson's author says."""

    text: str
    "Markdown, as it was written"
    formulas: tuple[Formula, ...] = ()
    "the code spans in it that are formulas, each once"

    def set_in(self, written: Callable[[Expr], str]) -> str:
        """Its text with the formulas as an output writes them, in the place of their spans."""
        known = {formula.said: formula.means for formula in self.formulas}

        def replaced(span: re.Match[str]) -> str:
            return written(known[span[1]]) if span[1] in known else span[0]

        parts = _LEFT_ALONE.split(self.text)
        parts[::2] = (_SPAN.sub(replaced, part) for part in parts[::2])
        return "".join(parts)


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
    steps: tuple[str, ...] = ()
    "the title of the step that each row tells of; none where it is left out"


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
class NeuronLayer:
    """A column of neurons, or of inputs."""

    title: str
    "input layer, hidden layer or output layer"
    neurons: tuple[str, ...]
    "what they are called, from top to bottom; of a wide layer the first ones and the last"
    count: int
    "how many there are"
    activation: str = ""
    "what each of them applies; empty for inputs"
    biases: tuple[str, ...] = ()
    "the bias of each neuron; empty where there are none"
    weights: tuple[tuple[str, ...], ...] = ()
    "for each neuron the weights of what comes in from the layer before; empty for inputs"
    matrix: str = ""
    "what all these weights are together, in words: W[1], (3 × 2)"

    @property
    def left_out(self) -> int:
        """How many neurons before the last one are not shown."""
        return self.count - len(self.neurons)


@dataclass(frozen=True)
class Neurons:
    """A network drawn as neurons, layer by layer."""

    title: str
    "its title"
    layers: tuple[NeuronLayer, ...]
    "its layers, the inputs first"
    alt: str
    "what the picture shows, in words"

    @property
    def has_matrices(self) -> bool:
        """Whether weights are so many that what they are together helps."""
        return any(len(layer.weights) > 1 for layer in self.layers)


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


Formulas = tuple[tuple[str, str, Expr | None], ...]
"Of what is worked out: the part that it plays in a step, its name, and its formula."
Block = (
    Heading
    | Prose
    | Working
    | Derivation
    | Table
    | Graph
    | Curve
    | Boundary
    | Points
    | Neurons
    | Log
    | Note
)
BLOCKS: tuple[type[Block], ...] = (
    Heading, Prose, Working, Derivation, Table, Graph, Curve, Boundary, Points, Neurons, Log,
    Note,
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
    def is_a_step(self) -> bool:
        """Whether it works something out and does nothing else."""
        around = (Table, Graph, Neurons, Curve, Boundary, Points, Log)
        return bool(self.shows) and not any(isinstance(block, around) for block in self.blocks)

    @property
    def formulas(self) -> Formulas:
        """What is worked out on it: the part it plays, its name, and its formula."""
        workings = (block for block in self.blocks if isinstance(block, Working))
        return tuple(
            (one.label, one.name, one.lines[0] if one.lines[1:] else None) for one in workings
        )

    @property
    def displays(self) -> Iterator[Block | tuple[Working, ...]]:
        """Its blocks in order; values that are only stated stand together, and contributions."""
        for kind, blocks in groupby(self.blocks, key=_kind):
            if kind == "alone":
                yield from blocks
            else:
                together = tuple(block for block in blocks if isinstance(block, Working))
                yield from _contributions(together) if kind == "part" else [together]


def _kind(block: Block) -> Literal["stated", "part", "alone"]:
    """What a block stands together with."""
    is_part = isinstance(block, Working) and block.label in PARTS
    return "part" if is_part else "stated" if _is_stated(block) else "alone"


def _contributions(parts: Sequence[Working]) -> Iterator[tuple[Working, ...]]:
    """Upstream, local and product, as far as each contribution has its own."""
    begins = [
        place
        for place, part in enumerate(parts)
        if part.label == "upstream" or (part.label == "local" and place != 1)
    ]
    for begin, end in pairwise([*sorted({0, *begins}), len(parts)]):
        yield tuple(parts[begin:end])


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
    def parts(self) -> Iterator[tuple[str, tuple[Page, ...]]]:
        """Its pages in order, and what those are called that can be folded away together.

        An answer can; and where there are many pages, so can the steps of a block that repeat those
        of one above, formula for formula: a second iteration, another example.
        """
        told = set[tuple[Formulas, ...]]()
        for called, group in groupby(self.pages, key=_foldable):
            pages = tuple(group)
            steps = tuple(page.formulas for page in pages)
            if called == STEPS:
                repeats = steps in told and len(self.pages) > MANY
                told.add(steps)
                count = f"{len(pages)} steps" if pages[1:] else "step"
                called = f"The {count}, as above with other numbers" if repeats else ""
            yield called, pages


MANY = 45
"As many pages are read without anything folded away."
ANSWER, STEPS = "The answer", "The steps"


def _foldable(page: Page) -> str:
    return ANSWER if page.answer else STEPS * page.is_a_step
