"""Blocks as Markdown that GitHub renders: fenced math, tables, and the graph as Mermaid."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from tracer.errors.controls import visible
from tracer.numbers.rounding import Pen, plain
from tracer.page.document import (
    Boundary,
    Curve,
    Derivation,
    Document,
    Graph,
    Heading,
    Log,
    Neurons,
    Note,
    Page,
    Points,
    Prose,
    Table,
    Working,
)
from tracer.render import neurons
from tracer.render.base import render
from tracer.render.displays import aligned, derived
from tracer.render.pictures import HOW_TO_GET, can_draw, svg
from tracer.written.names import pretty
from tracer.written.text import text
from tracer.written.tree import Apply, Expr, Grid

SHORT = Pen("display", 4, significant=True)
LONGEST_ON_AN_EDGE = 60
"Characters of a matrix that still read well beside an arrow."
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


FENCE, DOLLARS = ("```math", "```"), ("$$", "$$")
"What stands around a formula where GitHub reads it, and where Jupyter does."


def to_markdown(document: Document, around: tuple[str, str] = FENCE) -> str:
    """A document as one Markdown text, with numbers in place of pictures.

    >>> from tracer.page.document import Heading
    >>> to_markdown(Document("A", (Page("A", (Heading("A", 1),)),)))
    '# A\\n'
    """
    return with_pictures(document, None, around)[0]


def with_pictures(
    document: Document, stem: str | None, around: tuple[str, str] = FENCE
) -> tuple[str, dict[str, str]]:
    """A document as Markdown, and its pictures by file name; an answer is folded away.

    The names of the pictures begin with `stem`; without one there are none.
    """
    writer = MarkdownWriter(stem, around)
    for is_answer, pages in document.parts:
        if is_answer:
            writer.parts.append("<details>\n<summary>The answer</summary>")
        for page in pages:
            writer.page(page)
        if is_answer:
            writer.parts.append("</details>")
    return visible("\n\n".join(writer.parts) + "\n"), writer.pictures


def escape(shown: str) -> str:
    r"""Text in which nothing is taken for Markdown or HTML.

    >>> print(escape("1/(2*m) <b>"))
    1/(2\*m) &lt;b&gt;
    """
    plain = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    plain = re.sub(r"([\\`*_|~$])", r"\\\1", plain)
    return re.sub(r"\](?=[(\[:])", r"\]", plain)


class MarkdownWriter:
    """Collects the paragraphs of a text, and the pictures that go with it."""

    def __init__(self, pictures: str | None = None, around: tuple[str, str] = FENCE) -> None:
        self.parts: list[str] = []
        self.caption = ""
        self.stem = pictures
        self.around = around
        self.pictures: dict[str, str] = {}

    def page(self, page: Page) -> None:
        """Everything on one page; what is given stands in one display."""
        for display in page.displays:
            if isinstance(display, tuple):
                self._math(display)
            else:
                render(self, display)

    def heading(self, block: Heading) -> None:
        """A title, with where it was printed below."""
        self.parts.append(f"{'#' * block.level} {escape(block.text)}")
        if block.caption and block.caption != self.caption:
            self.parts.append(f"*{escape(block.caption)}*")
        self.caption = block.caption

    def prose(self, block: Prose) -> None:
        """The author's own Markdown, untouched."""
        self.parts.append(block.text)

    def note(self, block: Note) -> None:
        """A remark, as a quotation."""
        self.parts.append(f"> **{block.kind}.** {escape(block.text)}")

    def working(self, block: Working) -> None:
        """Aligned lines, under the part they play."""
        if block.label:
            # a path is labelled with names, and W is another quantity than w
            is_word = block.label in ("upstream", "local", "product", "sum")
            label = block.label.capitalize() if is_word else block.label
            self.parts.append(f"**{escape(label)}**")
        self._math([block])
        last = block.lines[-1]
        if isinstance(last, Grid) and last.elided:
            self.parts.append(f"The matrix is ({last.shape[0]} × {last.shape[1]}).")
        if isinstance(block.shapes, Apply):
            self.parts.append(f"Shapes: {escape(text(block.shapes))}")

    def derivation(self, block: Derivation) -> None:
        """Aligned lines, each with its rule behind it."""
        self._formula(derived(block))

    def table(self, block: Table) -> None:
        """A table with one line a row."""
        lines = [_row(block.columns), _row("---" for _ in block.columns)]
        lines += [_row(_cell(cell) for cell in row) for row in block.rows]
        self.parts.append("\n".join(lines))

    def graph(self, block: Graph) -> None:
        """A flowchart with what goes forward (→) and what comes back (←) on its edges."""
        ids = {node.name: f"n{k}" for k, node in enumerate(block.nodes)}
        lines = ["flowchart LR"]
        for node in block.nodes:
            said = [pretty(node.name) + (f" = {text(node.formula)}" if node.formula else "")]
            if value := block.ends.get(node.name):
                said.append(f"→ {_short(value)}")
            shape = (COMPUTED if node.role == "computed" else GIVEN).format(_quoted(said))
            lines.append(f"    {ids[node.name]}{shape}:::{_colour(node.role)}")
        for edge, use in zip(block.edges, block.uses, strict=True):
            said = [use] if use else []
            said += [f"→ {_short(edge.value)}"] if edge.value else []
            said += [f"← {_short(edge.gradient)}"] if edge.gradient else []
            label = f'|"{_quoted(said)}"|' if said else ""
            lines.append(f"    {ids[edge.start]} -->{label} {ids[edge.end]}")
        lines += [f"    {colour}" for colour in COLOURS]
        self.parts.append("```mermaid\n" + "\n".join(lines) + "\n```")
        if any(edge.gradient for edge in block.edges):
            self.parts.append("On each edge: → the forward value, ← the gradient that comes back.")

    def curve(self, block: Curve) -> None:
        """A picture, or its numbers where none can be drawn."""
        if self._picture(block):
            return
        series = block.series[-1]
        step = max(1, (len(series.points) - 1) // 10)
        shown = [*series.points[:-1][::step], series.points[-1]]
        lines = [_row([escape(block.across), escape(block.up)]), _row(["---", "---"])]
        lines += [_row(SHORT.text(value) for value in point) for point in shown]
        self.parts.append("\n".join(lines))

    def boundary(self, block: Boundary) -> None:
        """A picture, or where it cannot be drawn, what it says."""
        if self._picture(block):
            return
        kind, names = block.labels[0].split()[0], [label.split()[-1] for label in block.labels]
        lines = [_row(["x1", "x2", kind]), _row(["---"] * 3)]
        lines += [_row([plain(p.x), plain(p.y), names[p.label]]) for p in block.points]
        self.parts += [escape(block.alt), "\n".join(lines)]

    def points(self, block: Points) -> None:
        """A picture; without one, the tables and notes beside it have all that it shows."""
        self._picture(block)

    def neurons(self, block: Neurons) -> None:
        """A picture in a file of its own, or a flowchart with the names alone."""
        if self.stem is not None:
            self._file(block.alt, neurons.drawn(block))
            return
        names = [[pretty(name) for name in layer.neurons] for layer in block.layers]
        ids = [[f"n{k}_{j}" for j in range(len(layer))] for k, layer in enumerate(names)]
        lines = ["flowchart LR"]
        for k, layer in enumerate(block.layers):
            kind = "computed" if layer.activation else "data"
            lines += [
                f'    {ids[k][j]}(("{_quoted([name])}")):::{kind}'
                for j, name in enumerate(names[k])
            ]
            if k:
                lines += [f"    {' & '.join(ids[k - 1])} --> {' & '.join(ids[k])}"]
        lines += [f"    {colour}" for colour in COLOURS]
        self.parts.append("```mermaid\n" + "\n".join(lines) + "\n```")
        self.parts.append(escape(block.alt))

    def log(self, block: Log) -> None:
        """The costs of a run, as a log prints them."""
        lines = [f"{block.name} at epoch#{epoch}: {cost!r}" for epoch, cost in block.entries]
        self.parts.append("```text\n" + "\n".join(lines) + "\n```")

    def _picture(self, block: Curve | Boundary | Points) -> bool:
        """Whether a picture was drawn; if it could not be, say how it can."""
        if self.stem is None:
            self.parts.append(
                f"> **Note.** The picture comes with an export to a file ({block.title})."
            )
            return False
        if not can_draw():
            self.parts.append(f"> **Note.** The picture needs Matplotlib: `{HOW_TO_GET}`")
            return False
        self._file(block.alt, svg(block))
        return True

    def _file(self, alt: str, drawn: str) -> None:
        """A picture in a file of its own, with what it shows in words."""
        name = f"{self.stem}-{len(self.pictures) + 1}.svg"
        self.pictures[name] = drawn
        self.parts.append(f"![{escape(alt)}]({quote(os.fsencode(name))})")

    def _math(self, blocks: Sequence[Working]) -> None:
        self._formula(aligned(blocks))

    def _formula(self, latex: str) -> None:
        """LaTeX on lines of its own."""
        opening, closing = self.around
        self.parts.append(f"{opening}\n{latex}\n{closing}")


def _row(cells: object) -> str:
    return "| " + " | ".join(cells) + " |"  # type: ignore[arg-type]


def _cell(cell: Expr) -> str:
    return escape(re.sub(r"  +", " ", text(cell)))


def _short(value: Expr) -> str:
    said = re.sub(r"  +", " ", text(value))
    if isinstance(value, Grid) and (value.elided or len(said) > LONGEST_ON_AN_EDGE):
        return f"({value.shape[0]} × {value.shape[1]})"
    return said


def _quoted(lines: Iterable[str]) -> str:
    """Lines as the label of a node or an edge, in which nothing is taken for Mermaid or HTML."""
    return "<br/>".join(line.translate(SPELLED) for line in lines)


def _colour(role: str) -> str:
    return role if role in ("parameter", "computed") else "data"
