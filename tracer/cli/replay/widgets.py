"""The panes of a replay: lines that scroll, the list of steps, a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBarRender
from textual.strip import Strip
from textual.suggester import Suggester
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

_CONSOLE = Console(force_terminal=True, color_system="truecolor", legacy_windows=False)


class Pane(ScrollView, can_focus=False, inherit_bindings=False):
    """Lines that were drawn, of which as many are shown as there is room for."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.strips: list[Strip] = []

    @property
    def rows(self) -> int:
        """How many lines it has."""
        return len(self.strips)

    @property
    def below(self) -> int:
        """How many lines lie below what is shown."""
        return max(0, self.rows - self.scroll_offset.y - self.size.height)

    def show(self, lines: Sequence[Text]) -> None:
        """Show other lines; where they are scrolled to stays."""
        self.strips = [Strip(list(line.render(_CONSOLE))) for line in lines]
        widest = max((strip.cell_length for strip in self.strips), default=0)
        self.virtual_size = Size(widest, len(self.strips))
        self.refresh()

    def jump(self, line: int) -> None:
        """Scroll so that a line is the first one shown."""
        self.scroll_to(0, line, animate=False, force=True, immediate=True)

    def reveal(self, line: int) -> None:
        """Scroll no further than needed for a line to be seen."""
        top, height = self.scroll_offset.y, max(1, self.size.height)
        if not top <= line < top + height:
            self.jump(max(0, line - height + 1) if line >= top else line)

    def render_line(self, y: int) -> Strip:
        """One line as far as it is in sight."""
        left, top = self.scroll_offset
        if top + y >= self.rows:
            return Strip.blank(self.size.width)
        return self.strips[top + y].crop_extend(left, left + self.size.width, None)


class PlainScrollBar(ScrollBarRender):
    """A bar in signs that every terminal has, and that need no colour."""

    @classmethod
    def render_bar(
        cls,
        size: int = 25,
        virtual_size: float = 50,
        window_size: float = 20,
        position: float = 0,
        thickness: int = 1,
        vertical: bool = True,
        back_color: object = None,
        bar_color: object = None,
    ) -> Segments:
        """The bar; whoever drags it finds the same handles as in textual's own."""
        shown = max(1, round(size * min(1, window_size / max(1, virtual_size))))
        furthest = max(1, virtual_size - window_size)
        start = round((size - shown) * min(1, position / furthest))
        upper, lower = ({"@mouse.down": f"scroll_{way}"} for way in ("up", "down"))
        rail = "|" if vertical else "-"
        parts = [Segment(rail * thickness, Style(meta=upper))] * start
        parts += [Segment("#" * thickness, Style(meta={"@mouse.down": "grab"}))] * shown
        parts += [Segment(rail * thickness, Style(meta=lower))] * (size - start - shown)
        return Segments(parts, new_lines=True) if vertical else Segments([*parts, Segment.line()])


class Contents(OptionList):
    """The sections and steps, with the place marked."""

    labels: Sequence[tuple[str, bool]] = ()
    marked = -1
    columns = 0

    def fill(self, labels: Sequence[tuple[str, bool]], columns: int) -> None:
        """Show these, each on one line; a step stands in from its section.

        The mark is set by `show_place`.
        """
        if (labels, columns) == (self.labels, self.columns):
            return
        self.labels, self.columns, self.marked = labels, columns, -1
        self.clear_options()
        self.add_options([Option(self._line(k)) for k in range(len(labels))])

    def show_place(self, at: int) -> None:
        """Mark the place, and bring it into sight."""
        if at != self.marked:
            if 0 <= self.marked < len(self.labels):
                self.replace_option_prompt_at_index(self.marked, self._line(self.marked))
            self.replace_option_prompt_at_index(at, self._line(at, ">"))
            self.marked = at
        self.highlighted = at

    def _line(self, place: int, mark: str = " ") -> Text:
        said, is_step = self.labels[place]
        style = "" if is_step else "bold"
        number = f"{place + 1:>3} " if place + 1 < len(self.labels) else " " * 4
        words = f"{mark}{number}{' ' * is_step}{said}"
        line = Text(words[: self.columns], style)
        if mark.strip():
            line.stylize("reverse")
        return line


class Completions(Suggester):
    """What begins as the question does, in the same case if there is such a one."""

    def __init__(self, known: Sequence[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self.known = known

    async def get_suggestion(self, value: str) -> str | None:
        """The first that is known."""
        folded = value.casefold()
        same = (one for one in self.known if one.startswith(value))
        alike = (one for one in self.known if one.casefold().startswith(folded))
        return next(same, None) or next(alike, None)


class Question(Input):
    """A line in which one types where to go, or what to look for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+d,ctrl+c", "leave", priority=True),
        Binding("tab", "complete", priority=True),
    ]

    class Left(Message):
        """Nothing is asked any more."""

    def action_leave(self) -> None:
        """Ask nothing."""
        self.post_message(self.Left())

    def action_complete(self) -> None:
        """Take what is suggested."""
        self.cursor_position = len(self.value)
        self.action_cursor_right()
