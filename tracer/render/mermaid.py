"""A computational graph as a flowchart of Mermaid: its names, its short formulas, its shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tracer.page.document import Graph, Neurons, Node
from tracer.render.layout import Gaps, Link, Size, arrange
from tracer.render.lettering import plain, width
from tracer.written.names import pretty
from tracer.written.text import text
from tracer.written.tree import Grid

COLUMN = 798
"Pixels of the column in which GitHub shows a page; a wider flowchart is made smaller there."
LETTERS, INSIDE, GAPS = 16, 32, Gaps(across=50, along=25, track=0)
"How Mermaid draws: the height of its letters, a node without its words, between nodes."
LONGEST = 18
"Letters of a formula that stands in its node."
SPELLED = str.maketrans(
    {sign: f"#{ord(sign)};" for sign in "&\\`$"}
    | {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;"}
)
"""What means something in a label of Mermaid, as the entity that stands for it there."""
GIVEN, COMPUTED = '["{}"]', '(["{}"])'
COLOURS = (
    "classDef data fill:#eeeeee,stroke:#666666,color:#222222",
    "classDef parameter fill:#fff3cd,stroke:#8a6d00,color:#222222",
    "classDef computed fill:#e3f2fd,stroke:#1565c0,color:#222222",
)


def flowchart(graph: Graph, longest: int = LONGEST) -> str:
    """A graph as the text of a flowchart, to the right or, where that would be wide, down.

    >>> from tracer.page.document import Edge
    >>> nodes = (Node("a", None, "data"), Node("c", None, "computed"))
    >>> print(*flowchart(Graph(nodes, (Edge("a", "c", None, None),))).split("\\n")[:4], sep="\\n")
    flowchart LR
        n0["a"]:::data
        n1(["c"]):::computed
        n0 --> n1
    """
    ids = {node.name: f"n{k}" for k, node in enumerate(graph.nodes)}
    said = {node.name: _said(node, longest) for node in graph.nodes}
    lines = [f"flowchart {_direction(graph, said)}"]
    for node in graph.nodes:
        box = COMPUTED if node.role == "computed" else GIVEN
        shape = box.format(_quoted(said[node.name]))
        lines.append(f"    {ids[node.name]}{shape}:::{_colour(node.role)}")
    for edge, use in zip(graph.edges, graph.uses, strict=True):
        words = [use] if use else []
        words += [f"· {pretty(edge.weight.name)}"] if edge.weight else []
        label = f'|"{_quoted(words)}"|' if words else ""
        lines.append(f"    {ids[edge.start]} -->{label} {ids[edge.end]}")
    return "\n".join([*lines, *(f"    {colour}" for colour in COLOURS)])


def neurons_chart(network: Neurons) -> str:
    """The neurons of a network as the text of a flowchart, a column for each layer."""
    lines, before = ["flowchart LR"], ""
    for k, layer in enumerate(network.layers):
        kind = "computed" if layer.activation else "data"
        ids = [f"n{k}_{j}" for j, _ in enumerate(layer.neurons)]
        for one, name in zip(ids, layer.neurons, strict=True):
            lines.append(f'    {one}(("{_quoted([pretty(name)])}")):::{kind}')
        if before:
            lines.append(f"    {before} --> {' & '.join(ids)}")
        before = " & ".join(ids)
    return "\n".join([*lines, *(f"    {colour}" for colour in COLOURS)])


def _said(node: Node, longest: int) -> list[str]:
    """A name with its formula, if that is short, and the shape of a matrix."""
    formula = text(node.formula) if node.formula else ""
    said = pretty(node.name) + (f" = {formula}" if 0 < len(formula) <= longest else "")
    shape = node.value.shape if isinstance(node.value, Grid) else ()
    return [said, *([f"({shape[0]} × {shape[1]})"] if shape else [])]


def _direction(graph: Graph, said: Mapping[str, Sequence[str]]) -> str:
    """To the right where that fits the column, or is narrower than down."""
    sizes = {name: _size(lines) for name, lines in said.items()}
    links = [Link(edge.start, edge.end) for edge in graph.edges]
    right, down = (arrange(sizes, links, GAPS, way).width for way in ("right", "down"))
    return "LR" if right <= max(down, COLUMN) else "TD"


def _size(lines: Sequence[str]) -> Size:
    wide = max(width(plain(line), LETTERS) for line in lines)
    return Size(wide + INSIDE, len(lines) * LETTERS + INSIDE)


def _quoted(lines: Iterable[str]) -> str:
    """Lines as the label of a node or an edge, in which nothing is taken for Mermaid or HTML."""
    return "<br/>".join(line.translate(SPELLED) for line in lines)


def _colour(role: str) -> str:
    return role if role in ("parameter", "computed") else "data"
