"""Blocks as lines of a pane: drawn by the renderer of the terminal, at the width of the pane."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tracer.page.document import Block, Graph, Heading, Page, Tone
from tracer.render.base import render
from tracer.render.terminal import Terminal, in_ascii, lacks_signs, make_console

LONG = 10_000
"Rows of a pane that no page reaches."
BAR = 60
"Columns of a bar at most."


@dataclass(frozen=True)
class Paper:
    """What the panes are drawn with."""

    encoding: str = "utf-8"
    "that of the terminal, which may lack signs"
    colours: bool = True

    @property
    def is_ascii(self) -> bool:
        """Whether there are no other signs."""
        return lacks_signs(self.encoding)

    def spelled(self, words: str) -> str:
        """Words in the signs that there are."""
        return in_ascii(words) if self.is_ascii else words

    def draw(self, width: int, show: Callable[[Terminal], None]) -> list[Text]:
        """The lines that are printed on a terminal of this width."""
        file = io.TextIOWrapper(io.BytesIO(), self.encoding, errors="replace")
        console = make_console(
            file=file,
            width=width,
            height=LONG,
            force_terminal=True,
            legacy_windows=False,
            color_system="truecolor",
            no_color=not self.colours,
        )
        with console.capture() as captured:
            show(Terminal(console))
        return list(Text.from_ansi(captured.get(), no_wrap=True).split("\n"))

    def blocks(self, blocks: Iterable[Block], width: int) -> list[Text]:
        """Blocks, one below the other.

        >>> from tracer.page.document import Heading
        >>> [line.plain for line in Paper().blocks([Heading("Forward")], width=60)]
        ['Forward', '']
        """

        def show(terminal: Terminal) -> None:
            for block in blocks:
                render(terminal, block)

        return self.draw(width, show)

    def page(
        self, page: Page, width: int, announced: bool = False, whole: Page | None = None
    ) -> list[Text]:
        """A page as it is printed, with room for what is still to come of the whole of it.

        The first page of an answer is announced.
        """
        heads = (Heading("The answer"),) if announced else ()
        shown, full = (replace(one, blocks=(*heads, *one.blocks)) for one in (page, whole or page))
        return self.draw(width, lambda terminal: terminal.page(shown, full))

    def graph(self, graph: Graph, lit: Mapping[str, Tone], width: int) -> tuple[list[Text], int]:
        """A graph with some of its nodes lit, and the first line that is lit."""
        plain = self.draw(width, lambda terminal: terminal.graph(graph))
        lines = self.draw(width, lambda terminal: terminal.graph(graph, lit))
        differ = (k for k, (one, other) in enumerate(zip(lines, plain)) if one != other)  # noqa: B905
        return lines, next(differ, 0)

    def pairs(self, rows: Iterable[tuple[str, str]], width: int) -> list[Text]:
        """Words, and beside them what they mean."""
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True, style="bold")
        grid.add_column()
        for row in rows:
            grid.add_row(*map(Text, row))
        return self.draw(width, lambda terminal: terminal.console.print(grid))

    def bar(self, width: int, total: int, done: int, said: str) -> list[Text]:
        """How far a training is."""
        bar = ProgressBar(total, done, width=min(width - 4, BAR))

        def show(terminal: Terminal) -> None:
            terminal.console.print(bar)
            terminal.console.print(Text(f"\n{said}"))  # a bar ends no line

        return self.draw(width, show)
