"""A lesson replayed page by page, with single keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.control import Control
from rich.segment import ControlType
from rich.text import Text

from tracer.errors import TracerError, UnknownName, nearest
from tracer.lesson.directive import Lesson
from tracer.lesson.home import course
from tracer.lesson.solution import explain, solve
from tracer.numbers.rounding import EXACT, Pen
from tracer.page.detail import Detail, told_in
from tracer.page.document import Page
from tracer.page.pages import explain_entry, explain_quantity
from tracer.record.records import Recording, WrittenTrace
from tracer.render.terminal import Terminal
from tracer.trace.book import Book
from tracer.trace.quantity import Quantity
from tracer.written.names import Name, parse_name

HELP = """\
Enter, space or n   the next page
b                   back a page
g                   go to a quantity by its name: Z, dCost/dW, or an entry such as dCost/dW[1,2]
e                   hand rounding or exact numbers
?                   this help
q                   quit"""
NEXT, BACK, FIND, EXACTLY, ASK, QUIT = "next", "back", "find", "exactly", "ask", "quit"
KEYS = {
    "\r": NEXT, "\n": NEXT, " ": NEXT, "n": NEXT, "\x1b[C": NEXT, "\x1b[B": NEXT, "\x1b[6~": NEXT,
    "b": BACK, "\x1b[D": BACK, "\x1b[A": BACK, "\x1b[5~": BACK, "g": FIND, "e": EXACTLY,
    "?": ASK, "h": ASK, "q": QUIT, "\x04": QUIT, "\x1b\x1b": QUIT,
}  # fmt: skip


def read_key() -> str:
    """One key press."""
    import readchar  # only a replay at the keyboard needs it

    return readchar.readkey()


def next_command(name: str) -> str:
    """What to do when the lesson of this name is over."""
    names = [each.name for each in course()]
    if name in names[:-1]:
        return f"The next lesson: tracer replay {names[names.index(name) + 1]}"
    return "All lessons: tracer list"


def one_way(recording: Recording) -> str:
    """What a recording holds, and what shows the rest."""
    return (
        f"one way of rounding, {recording.rounding}; the lesson it was made from, "
        f"{recording.lesson.name}, can be replayed in others"
    )


class Player:
    """A lesson or a recording of one, the page that is open, and the pen in hand."""

    pages: tuple[Page, ...]
    pen: Pen
    traces: Sequence[Book | WrittenTrace]

    def __init__(
        self,
        source: Lesson | Recording,
        pen: Pen | None,
        terminal: Terminal,
        read: Callable[[], str] = read_key,
        ask: Callable[[str], str] | None = None,
        detail: Detail = "full",
    ) -> None:
        self.source = source
        self.name = source.lesson.name if isinstance(source, Recording) else source.name
        self.own_pen = pen
        self.detail = detail
        self.terminal = terminal
        self.read = read
        self.ask = ask or terminal.console.input
        self.at = 0
        self._work(pen)

    def _work(self, pen: Pen | None) -> None:
        if isinstance(self.source, Recording):
            self.pages = tuple(told_in(self.detail, self.source.pages))
            self.pen = self.source.rounding
            self.traces = self.source.traces
            return
        solution = solve(self.source, pen)
        self.pages, self.pen = explain(solution, self.detail).pages, solution.pen
        self.traces = [section.view for section in solution.given]

    def show_all(self) -> None:
        """Every page, one after the other."""
        for place in range(len(self.pages)):
            self._show(place)

    def play(self) -> int:
        """Show a page, wait for a key, until the reader leaves or the lesson ends."""
        self._show(self.at)
        while True:
            action = KEYS.get(self._key())
            if action == QUIT:
                return 0
            if action == NEXT:
                if self.at == len(self.pages) - 1:
                    self._say(next_command(self.name))
                    return 0
                self._go(self.at + 1)
            elif action == BACK:
                self._go(max(0, self.at - 1))
            elif action == FIND:
                self._find()
            elif action == EXACTLY:
                self._toggle()
            elif action == ASK:
                self._say(HELP)

    def _go(self, place: int) -> None:
        self.at = place
        self._show(place)

    def _show(self, place: int) -> None:
        page = self.pages[place]
        if page.answer and not self.pages[place - 1].answer:
            self._say("The answer")
        self.terminal.page(page)

    def _key(self) -> str:
        other = "hand rounding" if self.pen.mode == "exact" else "exact"
        console = self.terminal.console
        place = f"[{self.at + 1}/{len(self.pages)}]  "
        keys = f"Enter next  b back  g go to  e {other}  ? help  q quit"
        if len(place + keys) >= console.width:
            keys = "Enter next  b back  ? help  q quit"
        console.print(Text(place + keys, style="dim"), end="", soft_wrap=True)
        try:
            return self.read()
        finally:
            console.control(Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2)))

    def _toggle(self) -> None:
        if isinstance(self.source, Recording):
            self._say(f"This file holds {one_way(self.source)}.")
            return
        exact = self.pen.mode != "exact"
        if not exact and self.source.pen.mode == "exact" and self.own_pen is None:
            self._say("This lesson is exact by hand, too: nothing in it needs rounding.")
            return
        self._work(EXACT if exact else self.own_pen)
        self._say("Exact numbers:" if exact else "Hand rounding:")
        self._go(min(self.at, len(self.pages) - 1))

    def _find(self) -> None:
        try:
            wanted = self.ask("go to: ").strip()
        except EOFError:  # Ctrl-D
            wanted = ""
        if not wanted:
            return
        try:
            name = parse_name(wanted)
            place, quantity = self._whereabouts(name)
            entry = explain_entry(quantity, *name.entry) if name.entry else None
        except TracerError as error:
            self._say(str(error))
            return
        self._go(place)
        if entry:
            self.terminal.page(entry)
        elif name.part:
            self.terminal.page(explain_quantity(quantity))

    def _whereabouts(self, name: Name) -> tuple[int, Quantity]:
        """The next page, from the open one on, that works a quantity out, and the quantity."""
        order = [*range(self.at + 1, len(self.pages)), *range(self.at + 1)]
        wanted = self._kept_as(name)
        for place in order:
            page = self.pages[place]
            for quantity in page.shows:
                parts = {part.label: part for part in quantity.parts}
                found = parse_name(quantity.name)
                if (
                    wanted & self._kept_as(found)
                    and _is_meant(name, found, page.epoch)
                    and (name.part is None or name.part in parts)
                ):
                    return place, parts[name.part] if name.part else quantity
        known = [quantity.name for page in self.pages for quantity in page.shows]
        raise UnknownName(f"{name} is not worked out in this lesson; {nearest(str(name), known)}")

    def _kept_as(self, name: Name) -> set[str]:
        """What a name means in each network or graph, whatever its source calls it."""
        return {trace.canonical(name) for trace in self.traces}

    def _say(self, text: str) -> None:
        self.terminal.console.print(Text(self.terminal.draw(text) + "\n", style="bold"))


def _is_meant(name: Name, found: Name, epoch: int) -> bool:
    """Whether a quantity found at an epoch is the updated one, or of the epoch, that is asked for.

    W at epoch 1 is what the update of epoch 0 made of it.
    """
    if name.prime or name.epoch is None:
        return found.prime == name.prime and name.epoch in (None, epoch)
    return epoch == name.epoch - found.prime
