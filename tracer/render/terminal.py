"""Blocks in the terminal: rich tables, aligned lines, tall brackets; 60 to 160 columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.box import ASCII2, SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markdown import Markdown
from rich.measure import Measurement
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table as RichTable
from rich.text import Text
from rich.theme import Theme

from tracer.errors.controls import visible
from tracer.page.document import (
    PARTS,
    Boundary,
    Curve,
    Derivation,
    Edge,
    Graph,
    Heading,
    Log,
    Neurons,
    Note,
    Page,
    Points,
    Prose,
    Table,
    Tone,
    Working,
)
from tracer.render.base import render
from tracer.render.boxes import Box, Signs, beside, box, lines_of
from tracer.render.canvas import LABELS, boundary_rows, curve_rows, points_rows
from tracer.render.columns import neuron_rows
from tracer.render.graphs import STYLES, drawing
from tracer.written.names import GREEK, listed, pretty
from tracer.written.text import rule_text, text
from tracer.written.tree import Expr, Grid, OneEntry, Word

THEME = Theme(
    {"markdown.code": "bold", "markdown.code_block": "none", "markdown.h2": "bold underline"},
)
REGIONS = {"1": "green", "0": "red", "x": "bold", ".": "dim"}
STROKES = {"a": "blue", "b": "green", "c": "magenta", "d": "cyan"}
MOST_ENTRIES_IN_A_LABEL = 16
NARROW = 72
IN_ASCII = {sign: word for word, sign in GREEK.items()} | {
    "∂": "d", "Ŷ": "Yhat", "ŷ": "yhat", "⊙": "(*)", "·": ".", "×": "x", "Σ": "sum", "ᵀ": "^T",
    "→": "->", "←": "<-", "↓": "v", "↑": "^", "≥": ">=", "⁽": "(", "⁾": ")", "ⁱ": "i",
    "²": "^2", "−": "-", "–": "-", "—": "-", "…": "...", "‘": "'", "’": "'", "“": '"', "”": '"',
    "∘": "o", "≈": "~", "√": "sqrt", "⁻": "^-", "ᵢ": "_i", "≤": "<=", "±": "+-",
    "•": "*", "─": "-", "━": "-", "▌": "|", "│": "|",
}  # fmt: skip


class _Console(Console):
    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        """What is drawn: text with nothing in it that a terminal would obey, and rich's codes."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))

    def on_broken_pipe(self) -> None:
        """Leave it to the command, where rich would end the program with a failure."""
        raise BrokenPipeError


def make_console(**options: object) -> Console:
    """A console with the project's styles; NO_COLOR and pipes are honoured by rich itself."""
    return _Console(theme=THEME, highlight=False, **options)  # type: ignore[arg-type]


def in_ascii(shown: str) -> str:
    """Text for a terminal whose encoding has no other signs.

    >>> in_ascii("∂Cost/∂Ŷ = Ŷ ⊙ (1 - Ŷ)")
    'dCost/dYhat = Yhat (*) (1 - Yhat)'
    """
    spelled = "".join(IN_ASCII.get(sign, sign) for sign in unicodedata.normalize("NFC", shown))
    plain = unicodedata.normalize("NFKD", spelled)
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return plain.encode("ascii", "replace").decode("ascii")


class Terminal:
    """Prints blocks on a rich console."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.ascii = lacks_signs(console.encoding)
        self.signs = Signs(in_ascii, tall=False) if self.ascii else Signs()
        self.draw = self.signs.draw

    @property
    def width(self) -> int:
        """Columns to write in; very wide lines are hard to read."""
        return max(40, min(self.console.width, 160))

    def page(self, page: Page, whole: Page | None = None) -> None:
        """Everything on one page; a contribution is aligned at one = where there is room.

        A page with lines still to come is aligned as the whole one is.
        """
        for block, name in zip(page.blocks, self._names(whole or page), strict=False):
            if isinstance(block, Working):
                self.working(block, name)
            else:
                render(self, block)

    def heading(self, block: Heading) -> None:
        """A title, with where it was printed."""
        caption = Text(f"  {self.draw(block.caption)}" if block.caption else "", style="dim")
        title = Text(self.draw(block.text), style="bold underline" if block.level < 3 else "bold")
        self.console.print(Text.assemble(title, caption), width=self.width)
        self._line(Text(""))

    def prose(self, block: Prose) -> None:
        """Markdown, no wider than is good to read; its tables as tables are drawn everywhere."""
        for part in _split_at_tables(block.set_in(lambda one: f"`{text(one)}`")):
            if isinstance(part, Table):
                self.table(part, min(self.width, 90))
            else:
                self._markdown(part)

    def _markdown(self, words: str) -> None:
        markdown = Markdown(self.draw(words), code_theme="bw", hyperlinks=False)
        options = self.console.options.update(width=min(self.width, 90))
        if self.ascii:
            for segments in self.console.render_lines(markdown, options, pad=False):
                self._line(Text(in_ascii("".join(segment.text for segment in segments))))
        else:
            self.console.print(markdown, width=options.max_width)
        self._line(Text(""))

    def note(self, block: Note) -> None:
        """A remark, indented."""
        said = Text.assemble((f"{block.kind}: ", "bold"), self.draw(block.text))
        style = "dim" if block.kind == "Note" else "yellow"
        said.style = style
        self.console.print(Padding(said, (0, 0, 0, 2)), width=min(self.width, 100))
        self._line(Text(""))

    def _names(self, page: Page) -> Iterator[int]:
        """For each block the columns that its name takes at least."""
        for display in page.displays:
            yield from self._together(display) if isinstance(display, tuple) else [0]

    def _together(self, blocks: Sequence[Working]) -> Iterator[int]:
        """As many columns as the widest name, unless a line would break for it."""
        called = [len(self.draw(pretty(block.name))) for block in blocks]
        for block, own in zip(blocks, called, strict=True):
            aligned = max(called) if block.label in PARTS else own
            is_free = self._drawn_rows(block, aligned) == self._drawn_rows(block, own)
            yield aligned if is_free else own

    def _drawn_rows(self, block: Working, name: int) -> int:
        """How many rows its lines take beside a name of so many columns."""
        room = self.width - len(f"  {block.label:<10}{' ' * name} = ")
        return sum(len(lines_of(line, room, self.signs)) for line in block.lines)

    def working(self, block: Working, widest: int = 0) -> None:
        """Aligned lines under one =, its name in as many columns as the widest beside it."""
        style = STYLES[block.tone]
        name = self.draw(pretty(block.name)).ljust(widest)
        label = self.draw(block.label)
        before = f"  {label:<10}{name} " if label else f"  {name} "
        if (self.width < NARROW and label) or len(label) > 9:
            self._line(Text(f"  {label}", style="bold"))
            before = f"    {name} "
        if len(before) > self.width // 2:
            self._line(Text(before.rstrip()))
            before = name = "      "
        indent = len(before) + 2
        for number, line in enumerate(block.lines):
            is_entry = isinstance(line, OneEntry)
            boxes = lines_of(line, self.width - indent - 2 * is_entry, self.signs)
            is_result = number == len(block.lines) - 1
            for part, drawn in enumerate(boxes):
                head = (before if part == 0 else "").ljust(indent - 2)
                sign = ("  " if is_entry else "= ") if part == 0 else "  " + "  " * is_entry
                if is_result and part == len(boxes) - 1:
                    drawn = self._with_shape(drawn, block, indent)
                self._box(drawn, head, sign, style if is_result else "")
            if is_result and isinstance(line, Grid) and line.elided and block.shapes is None:
                self._line(Text(" " * indent + self.draw(_true_shape(line)), style="dim"))
            before = f"{name} ".rjust(indent - 2) if is_entry else ""
        if block.shapes is not None and not isinstance(block.shapes, Word):
            self._shapes(block.shapes, indent)
        self._line(Text(""))

    def _shapes(self, shapes: Expr, indent: int) -> None:
        """The shapes that meet, on lines that break between them and not inside."""
        kept = re.sub(r"(\d+) (\S) (\d+)", "\\1\u00a0\\2\u00a0\\3", self.draw(text(shapes)))
        for part, drawn in enumerate(lines_of(Word(kept), self.width - indent - 8, Signs())):
            label = "shapes  " if part == 0 else " " * 8
            row = drawn.rows[0].rstrip().replace("\u00a0", " ")
            self._line(Text(" " * indent + label + row, style="dim"))

    def derivation(self, block: Derivation) -> None:
        """Aligned lines, each with its rule behind it, or below it where there is no room."""
        before = f"  {self.draw(text(block.left))} "
        if len(before) > self.width // 2:
            self._line(Text(before.rstrip()))
            before = "      "
        indent = len(before) + 2
        drawn = [lines_of(line.expr, self.width - indent, self.signs) for line in block.lines]
        widest = max(one.width for boxes in drawn for one in boxes)
        for number, (line, boxes) in enumerate(zip(block.lines, drawn, strict=True)):
            rule = self.draw(rule_text(line.rule)) + ("" if line.proved else "  (not proved)")
            fits = indent + widest + 3 + len(rule) <= self.width
            for part, one in enumerate(boxes):
                head = before if number == part == 0 else " " * len(before)
                behind = (
                    f"{' ' * (widest - one.width)}   {rule}" if rule and part == 0 and fits else ""
                )
                self._box(one, head, "= " if part == 0 else "  ", "", behind)
            if rule and not fits:
                for one in lines_of(Word(rule), self.width - indent - 2, self.signs):
                    self._line(Text(" " * (indent + 2) + one.rows[0].rstrip(), style="dim"))
        self._line(Text(""))

    def table(self, block: Table, width: int | None = None) -> None:
        """A rich table; where its numbers would not fit side by side, a list for each row."""
        width = width or self.width
        rows = [[self._cell(cell) for cell in row] for row in block.rows]
        drawn = RichTable(
            box=ASCII2 if self.ascii else SIMPLE_HEAD, pad_edge=False, show_lines=_has_tall(rows)
        )
        headers = [self.draw(column) for column in block.columns]
        for header, tone in zip(headers, block.tones, strict=True):
            drawn.add_column(Text(header), style=STYLES[tone])
        for row in rows:
            drawn.add_row(*(Text(cell) for cell in row))
        columns = list(zip(headers, *rows, strict=True))
        natural = sum(max(map(_widest_line, cells)) for cells in columns)
        unbound = self.console.options.update(width=100_000)
        frame = Measurement.get(self.console, unbound, drawn).maximum - natural
        widths = _column_widths(columns, width - 2 - frame)
        if widths is None:
            self._records(block, rows)
        else:
            for column, fitted in zip(drawn.columns, widths, strict=True):
                column.width = fitted
            self.console.print(Padding(drawn, (0, 0, 0, 2)), width=width)
        self._line(Text(""))

    def graph(self, block: Graph, lit: Mapping[str, Tone] | None = None) -> None:
        """The graph in boxes and lines; as a table of edges where it does not fit.

        `lit` are the names of what is being worked out, forward or backward.
        """
        rows = drawing(block, self.width, self.signs, self.ascii, lit)
        if rows is None:
            self._edges(block, lit or {})
            return
        indent = " " * min(2, self.width - max(row.cell_len for row in rows))
        for row in rows:
            self._line(Text.assemble(indent, row))
        self._line(Text(""))

    def curve(self, block: Curve) -> None:
        """A curve in dots, with axes and numbers."""
        self._line(Text(f"  {self.draw(block.title)}", style="bold"))
        spelled = replace(block, across=self.draw(block.across), up=self.draw(block.up))
        for row in curve_rows(spelled, min(self.width - 4, 76), 14, self.ascii):
            self._line(Text(f"  {row}"))
        self._line(Text(""))

    def boundary(self, block: Boundary) -> None:
        """A plane with the examples on it; where it is shaded, the upper label is answered."""
        self._line(Text(f"  {self.draw(block.title)}", style="bold"))
        self._plane(boundary_rows(block, min(self.width - 4, 64), self.ascii), REGIONS)
        upper = block.labels[1]
        region = f"; the filled region is answered with {upper.removeprefix('label ')}"
        self._line(Text(f"  {self._marks(block)}{region * block.shaded}", style="dim"))
        self._line(Text(""))

    def points(self, block: Points) -> None:
        """A plane with examples and lines on it, under the heading of its page."""
        styles = REGIONS | STROKES
        self._plane(points_rows(block, min(self.width - 4, 64), self.ascii), styles)
        self._line(Text(f"  {self._marks(block)}", style="dim"))
        for number, (line, style) in enumerate(zip(block.lines, STROKES.values(), strict=False), 1):
            if len(block.lines) > 1:
                self._line(Text(f"  {number} {self.draw(text(line.equation))}", style=style))
        self._line(Text(""))

    def _plane(self, rows: list[tuple[str, str]], styles: Mapping[str, str]) -> None:
        """Rows of a plane, each character in the style of its kind."""
        for row, kinds in rows:
            line = Text(f"  {row}")
            for place, kind in enumerate(kinds, 2):
                line.stylize(styles.get(kind, ""), place, place + 1)
            self._line(line)

    def _marks(self, block: Boundary | Points) -> str:
        """How examples of either label are marked."""
        one, none = ("x", "o") if self.ascii else (LABELS[1], LABELS[0])
        lower, upper = block.labels
        return f"{one} {upper}, {none} {lower}"

    def neurons(self, block: Neurons) -> None:
        """Boxes in columns, joined by lines; where they do not fit, a table of the layers."""
        rows = neuron_rows(block, self.width - 2, self.ascii, self.draw)
        if rows is None:
            self.table(_layers(block))
            return
        for row in rows:
            self._line(Text(f"  {row}".rstrip()))
        if block.has_matrices:
            matrices = listed([self.draw(layer.matrix) for layer in block.layers[1:]])
            self._line(Text(f"  weights: {matrices}", style="dim"))
        self._line(Text(""))

    def log(self, block: Log) -> None:
        """The costs of a run, one to a line."""
        for epoch, cost in block.entries:
            self._line(Text(f"  {block.name} at epoch#{epoch}: {cost!r}"))
        self._line(Text(""))

    def _edges(self, block: Graph, lit: Mapping[str, Tone]) -> None:
        def called(name: str) -> str:
            return f"*{pretty(name)}*" if name in lit else pretty(name)

        shown = 3 if block.has_gradients else 2 if block.value is not None else 1
        columns = ("edge", "forward value", "gradient")[:shown]
        tones: tuple[Tone, ...] = ("plain", "forward", "gradient")
        rows = tuple(
            (
                Word(f"{called(start)} → {called(edge.end)}" + (f", {use}" if use else "")),
                Word(_short(value) if value else ""),
                Word(_short(gradient) if gradient else ""),
            )[:shown]
            for edge, use in zip(block.edges, block.uses, strict=True)
            for start, value, gradient in _carried(edge)
        )
        self.table(Table("", columns, rows, tones[:shown]))

    def _records(self, block: Table, rows: list[list[str]]) -> None:
        """Each row of a table as a list, for a narrow terminal."""
        longest = max(map(len, block.columns)) + 2
        for row, cells in zip(rows, block.rows, strict=True):
            self._line(Text(f"  {row[0]}", style="bold"))
            for column, tone, cell in list(zip(block.columns, block.tones, cells, strict=True))[1:]:
                if not text(cell):
                    continue
                before = f"    {column:<{longest}}"
                for part, drawn in enumerate(lines_of(cell, self.width - len(before), self.signs)):
                    head = before if part == 0 else " " * len(before)
                    self._box(drawn, head, "", STYLES[tone])

    def _cell(self, cell: Expr) -> str:
        if not (isinstance(cell, Grid) and len(cell.cells) > 1):
            return self.draw(text(cell))
        drawn = lines_of(cell, 100_000, self.signs)[0]
        return "\n".join(row.rstrip() for row in drawn.rows)

    def _box(self, drawn: Box, head: str, sign: str, style: str, behind: str = "") -> None:
        for k, row in enumerate(drawn.rows):
            on_line = k == drawn.base
            before = head + sign if on_line else " " * (len(head) + len(sign))
            after = behind if on_line else ""
            self._line(
                Text.assemble(before, (row if after else row.rstrip(), style), (after, "dim"))
            )

    def _with_shape(self, drawn: Box, block: Working, indent: int) -> Box:
        """What is given with its shape behind it, where there is room."""
        if not isinstance(block.shapes, Word):
            return drawn
        shape = self.draw(block.shapes.text)
        behind = beside([drawn, box(f"   {shape}")])
        if indent + behind.width <= self.width:
            return behind
        below = box(shape.ljust(drawn.width))
        return Box((*(row.ljust(below.width) for row in drawn.rows), *below.rows), drawn.base)

    def _line(self, line: Text) -> None:
        self.console.print(line, no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)


def _layers(block: Neurons) -> Table:
    """A row for each layer of a network."""
    rows = tuple(
        (
            Word(layer.title),
            Word(f"{pretty(layer.neurons[0])} to {pretty(layer.neurons[-1])}")
            if layer.count > 1
            else Word(pretty(layer.neurons[0])),
            Word(layer.activation),
            Word(layer.matrix),
        )
        for layer in block.layers
    )
    columns = ("layer", "neurons", "activation", "weights")
    return Table("", columns, rows, ("plain", "forward", "plain", "plain"))


def _split_at_tables(words: str) -> Iterator[str | Table]:
    """Prose and the tables in it, in order."""
    lines, reached = words.split("\n"), 0
    tokens = MarkdownIt("commonmark").enable("table").parse(words)
    for place, token in enumerate(tokens):
        if token.type == "table_open" and token.map and not token.level:
            before = "\n".join(lines[reached : token.map[0]])
            if before.strip():
                yield before
            yield _as_table(tokens[place:])
            reached = token.map[1]
    after = "\n".join(lines[reached:])
    if after.strip():
        yield after


def _as_table(tokens: list[Token]) -> Table:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append("".join(child.content for child in token.children or []))
    columns, *body = rows
    cells = tuple(tuple(Word(cell) for cell in row) for row in body)
    tones: tuple[Tone, ...] = tuple("plain" for _ in columns)
    return Table("", tuple(columns), cells, tones)


def lacks_signs(encoding: str) -> bool:
    """Whether what is drawn has signs that an encoding has not."""
    try:
        "∂Ŷ⊙Σᵀ⎡→".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def _carried(edge: Edge) -> Iterator[tuple[str, Expr | None, Expr | None]]:
    """What goes along an edge and comes back: of the value that is used, and of its weight."""
    yield edge.start, edge.value, edge.gradient
    if edge.weight:
        yield edge.weight.name, edge.weight.value, edge.weight.gradient


def _short(value: Expr) -> str:
    """A value on one line; a large matrix by its shape."""
    if isinstance(value, Grid) and value.shape[0] * value.shape[1] > MOST_ENTRIES_IN_A_LABEL:
        return _true_shape(value)
    return text(value)


def _true_shape(grid: Grid) -> str:
    return f"({grid.shape[0]} × {grid.shape[1]})"


def _has_tall(rows: list[list[str]]) -> bool:
    return any("\n" in cell for row in rows for cell in row)


def _column_widths(columns: list[tuple[str, ...]], room: int) -> list[int] | None:
    """How wide each column is drawn, so that no number is cut; None where they do not fit.

    rich narrows columns without regard to what stands in them.
    """
    least = [max(map(_least_width, cells)) for cells in columns]
    widths = [max(map(_widest_line, cells)) for cells in columns]
    while sum(widths) > room:
        spare = [width - narrowest for width, narrowest in zip(widths, least, strict=True)]
        if max(spare) <= 0:
            return None
        widths[spare.index(max(spare))] -= 1
    return widths


def _widest_line(cell: str) -> int:
    return max(map(len, cell.split("\n")))


def _least_width(cell: str) -> int:
    """The narrowest a cell can be without cutting a number: tall ones keep their lines."""
    lines = cell.split("\n")
    return (
        max(len(line) for line in lines)
        if len(lines) > 1
        else max(map(len, cell.split()), default=1)
    )


def pages_as_text(pages: Iterator[Page], width: int, **options: object) -> str:
    """Pages as they are drawn in a terminal of this width, without colour."""
    console = make_console(width=width, force_terminal=False, record=True, quiet=False, **options)
    with console.capture() as captured:
        terminal = Terminal(console)
        for page in pages:
            terminal.page(page)
    return captured.get()
