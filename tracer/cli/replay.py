"""A lesson replayed page by page, with single keys."""

from __future__ import annotations

from collections.abc import Callable

from rich.control import Control
from rich.segment import ControlType
from rich.text import Text

from tracer.document import Document, Page
from tracer.errors import TracerError, UnknownName, nearest
from tracer.explain import explain, explain_entry, explain_quantity
from tracer.lesson import Lesson, course
from tracer.names import Name, parse_name
from tracer.quantity import Quantity
from tracer.render.terminal import Terminal
from tracer.rounding import EXACT, Pen
from tracer.solution import Solution, solve

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


def next_command(lesson: Lesson) -> str:
    """What to do when the lesson is over."""
    names = [each.name for each in course()]
    if lesson.name in names[:-1]:
        return f"The next lesson: tracer replay {names[names.index(lesson.name) + 1]}"
    return "All lessons: tracer list"


class Player:
    """A lesson, the page that is open, and the pen in hand."""

    def __init__(
        self,
        lesson: Lesson,
        pen: Pen | None,
        terminal: Terminal,
        read: Callable[[], str] = read_key,
        ask: Callable[[str], str] | None = None,
    ) -> None:
        self.lesson = lesson
        self.own_pen = pen
        self.terminal = terminal
        self.read = read
        self.ask = ask or terminal.console.input
        self.at = 0
        self._work(pen)

    def _work(self, pen: Pen | None) -> None:
        self.solution: Solution = solve(self.lesson, pen)
        self.document: Document = explain(self.solution)

    @property
    def pages(self) -> tuple[Page, ...]:
        """The pages of the document."""
        return self.document.pages

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
                    self._say(next_command(self.lesson))
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
        other = "hand rounding" if self.solution.pen.mode == "exact" else "exact"
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
        exact = self.solution.pen.mode != "exact"
        if not exact and self.lesson.pen.mode == "exact" and self.own_pen is None:
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
        traces = [section.trace for section in self.solution.sections if section.trace]
        plain = {trace.canonical(name) for trace in traces}
        keys = {key + "'" * name.prime for key in plain}
        # W at epoch 1 is what the update of epoch 0 made of it
        updated = {(f"{key}'", (name.epoch or 0) - 1) for key in plain}
        order = [*range(self.at + 1, len(self.pages)), *range(self.at + 1)]
        for place in order:
            page = self.pages[place]
            for quantity in page.shows:
                parts = {part.name.rpartition(".")[2]: part for part in quantity.parts}
                meant = quantity.name in keys and name.epoch in (None, page.epoch)
                meant |= (quantity.name, page.epoch) in updated and name.epoch is not None
                if meant and (name.part is None or name.part in parts):
                    return place, parts[name.part] if name.part else quantity
        known = [quantity.name for page in self.pages for quantity in page.shows]
        raise UnknownName(f"{name} is not worked out in this lesson; {nearest(str(name), known)}")

    def _say(self, text: str) -> None:
        self.terminal.console.print(Text(self.terminal.draw(text) + "\n", style="bold"))
