"""Blocks as Markdown that GitHub renders: fenced math, tables, graphs as pictures or Mermaid."""

from __future__ import annotations

import html
import os
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
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
from tracer.render.described import description, title
from tracer.render.displays import aligned, derived
from tracer.render.mermaid import flowchart, neurons_chart
from tracer.render.pictures import HOW_TO_GET, can_draw, svg
from tracer.render.svg import drawn
from tracer.written.latex import expression
from tracer.written.names import pretty
from tracer.written.text import text
from tracer.written.tree import Apply, Expr, Grid

SHORT = Pen("display", 4, significant=True)


SAFE = ":/?#@!$&'*+,;=%~"
"What an address may have beside letters and digits, behind the words of a link."
FENCE, DOLLARS = ("```math", "```"), ("$$", "$$")
"What stands around a formula where GitHub reads it, and where Jupyter does."
INLINE = {FENCE: ("$`", "`$"), DOLLARS: ("$", "$")}
"And around one that stands in a sentence."
Shows = Callable[[str, str], str]
"Of a picture and its description, what stands in the text."


def to_markdown(document: Document) -> str:
    """A document as one Markdown text, with numbers in place of pictures.

    >>> from tracer.page.document import Heading
    >>> to_markdown(Document("A", (Page("A", (Heading("A", 1),)),)))
    '# A\\n'
    """
    return _written(document, MarkdownWriter())


def for_notebook(document: Document) -> str:
    """A document as the Markdown that a notebook shows, with its pictures in the text.

    >>> from tracer.page.document import Node
    >>> graph = Graph((Node("a", None, "data"),), ())
    >>> for_notebook(Document("A", (Page("A", (graph,)),)))[:56]
    '<img alt="The graph of a. Given: a." src="data:image/svg'
    """
    return _written(document, MarkdownWriter(around=DOLLARS, shows=embedded))


def with_pictures(document: Document, stem: str | None) -> tuple[str, dict[str, str]]:
    """A document as Markdown, and its pictures by file name; an answer is folded away.

    The names of the pictures begin with `stem`; without one there are none.
    """
    if stem is None:
        return to_markdown(document), {}
    files: dict[str, str] = {}

    def beside(picture: str, alt: str) -> str:
        name = f"{stem}-{len(files) + 1}.svg"
        files[name] = picture
        return f"![{escape(alt)}]({quote(os.fsencode(name))})"

    return _written(document, MarkdownWriter(shows=beside)), files


def embedded(picture: str, alt: str) -> str:
    """A picture in the text itself, as HTML: some notebooks refuse an SVG in Markdown's own way."""
    data = b64encode(picture.encode()).decode()
    return f'<img alt="{html.escape(alt)}" src="data:image/svg+xml;base64,{data}">'


def _written(document: Document, writer: MarkdownWriter) -> str:
    for summary, pages in document.parts:
        if summary:
            writer.parts.append(f"<details>\n<summary>{summary}</summary>")
        for page in pages:
            writer.page(page)
        if summary:
            writer.parts.append("</details>")
    return visible("\n\n".join(writer.parts) + "\n")


def advice(document: Document, stem: str | None) -> str:
    """How a document comes by the pictures that `with_pictures` has numbers for; else nothing."""
    blocks = (block for page in document.pages for block in page.blocks)
    if not any(isinstance(block, Curve | Boundary | Points) for block in blocks):
        return ""
    if stem is None:
        return "the pictures come with an export to a file, as in -o solution.md"
    return "" if can_draw() else f"the pictures need Matplotlib: {HOW_TO_GET}"


def escape(shown: str) -> str:
    r"""Text in which nothing is taken for Markdown or HTML.

    >>> print(escape("1/(2*m) <b>"))
    1/(2\*m) &lt;b&gt;
    """
    plain = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    plain = re.sub(r"([\\`*_|~$])", r"\\\1", plain)
    return re.sub(r"\](?=[(\[:])", r"\]", plain)


class MarkdownWriter:
    """Collects the paragraphs of a text."""

    def __init__(self, around: tuple[str, str] = FENCE, shows: Shows | None = None) -> None:
        self.parts: list[str] = []
        self.caption = ""
        self.around = around
        self.shows = shows
        self.charts: set[str] = set()
        self.slugs = Counter[str]()
        self.anchors: dict[str, str] = {}
        "of the last heading with each text"

    def page(self, page: Page) -> None:
        """Everything on one page; what is given stands in one display, and a contribution."""
        for display in page.displays:
            if isinstance(display, tuple):
                self._together(display)
            else:
                render(self, display)

    def heading(self, block: Heading) -> None:
        """A title, with where it was printed below."""
        slug = _slug(block.text)
        again = self.slugs[slug]
        self.slugs[slug] += 1
        self.anchors[block.text] = f"{slug}-{again}" if again else slug
        self.parts.append(f"{'#' * block.level} {escape(block.text)}")
        if block.caption and block.caption != self.caption:
            said = escape(block.caption)
            self.parts.append(f"*[{said}]({quote(block.url, SAFE)})*" if block.url else f"*{said}*")
        self.caption = block.caption

    def prose(self, block: Prose) -> None:
        """The author's own Markdown, with its formulas typeset."""
        opening, closing = INLINE[self.around]
        self.parts.append(block.set_in(lambda one: f"{opening}{expression(one)}{closing}"))

    def note(self, block: Note) -> None:
        """A remark, as a quotation."""
        self.parts.append(f"> **{block.kind}.** {escape(block.text)}")

    def working(self, block: Working) -> None:
        """Aligned lines, under the part they play."""
        if block.label:
            # a path is labelled with names, and W is another quantity than w
            label = "Sum" if block.label == "sum" else block.label
            self.parts.append(f"**{escape(label)}**")
        self._together([replace(block, label="")])

    def _together(self, blocks: Sequence[Working]) -> None:
        """Workings in one display, and below it which shapes meet."""
        self._formula(aligned(blocks))
        for block in blocks:
            last = block.lines[-1]
            if isinstance(last, Grid) and last.elided and not block.shapes:
                self.parts.append(f"{_called(block)} is ({last.shape[0]} × {last.shape[1]}).")
            if isinstance(block.shapes, Apply):
                self.parts.append(f"Shapes: {escape(text(block.shapes))}")

    def derivation(self, block: Derivation) -> None:
        """Aligned lines, each with its rule behind it."""
        self._formula(derived(block))

    def table(self, block: Table) -> None:
        """A table with one line a row."""
        lines = [_row(block.columns), _row("---" for _ in block.columns)]
        links = map(self.anchors.get, block.steps or [""] * len(block.rows))
        for (first, *others), anchor in zip(block.rows, links, strict=True):
            said = f"[{_cell(first)}](#{anchor})" if anchor else _cell(first)
            lines.append(_row([said, *map(_cell, others)]))
        self.parts.append("\n".join(lines))

    def graph(self, block: Graph) -> None:
        """A picture; where there are none, a flowchart, unless the same stands there already."""
        if self.shows:
            self.parts.append(self.shows(drawn(block), f"{title(block)}. {description(block)}"))
            return
        chart = flowchart(block)
        if chart not in self.charts:
            self.parts.append(f"```mermaid\n{chart}\n```")
        self.charts.add(chart)

    def curve(self, block: Curve) -> None:
        """A picture, or its numbers where none can be drawn."""
        if self._picture(block):
            return
        series = block.series[-1]
        step = max(1, (len(series.points) - 1) // 10)
        shown = [*series.points[:-1][::step], series.points[-1]]
        lines = [_row([escape(block.across), escape(block.up)]), _row(["---", "---"])]
        lines += [_row(SHORT.text(value) for value in point) for point in shown]
        self.parts += [f"**{escape(block.title)}**", "\n".join(lines)]

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
        if self.shows is not None:
            self.parts.append(self.shows(neurons.drawn(block), block.alt))
            return
        self.parts += [f"```mermaid\n{neurons_chart(block)}\n```", escape(block.alt)]

    def log(self, block: Log) -> None:
        """The costs of a run, as a log prints them."""
        lines = [f"{block.name} at epoch#{epoch}: {cost!r}" for epoch, cost in block.entries]
        self.parts.append("```text\n" + "\n".join(lines) + "\n```")

    def _picture(self, block: Curve | Boundary | Points) -> bool:
        """Whether a picture was drawn."""
        if self.shows is None or not can_draw():
            return False
        self.parts.append(self.shows(svg(block), block.alt))
        return True

    def _formula(self, latex: str) -> None:
        """LaTeX on lines of its own."""
        opening, closing = self.around
        self.parts.append(f"{opening}\n{latex}\n{closing}")


def _slug(heading: str) -> str:
    """What GitHub calls the place of a heading.

    >>> _slug("Backward 2 of 3: through W[1]")
    'backward-2-of-3-through-w1'
    """
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _called(block: Working) -> str:
    return escape(pretty(block.name))


def _row(cells: object) -> str:
    return "| " + " | ".join(cells) + " |"  # type: ignore[arg-type]


def _cell(cell: Expr) -> str:
    return escape(re.sub(r"  +", " ", text(cell)))
