"""The application: a page that scrolls, the list of steps, the graph, and a line of keys."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, OptionList, Static

from tracer.cli.replay import places
from tracer.cli.replay.clerk import Clerk, Compared, Failed, Followed, Told
from tracer.cli.replay.keys import ACTIONS, HELP, HELPING, LIST_ACTIONS, LISTING, OURS, keys_for
from tracer.cli.replay.places import Place
from tracer.cli.replay.reading import Reading
from tracer.cli.replay.sheet import Paper
from tracer.cli.replay.sources import OfLesson, Source
from tracer.cli.replay.state import Stopped
from tracer.cli.replay.widgets import Completions, Contents, Pane, PlainScrollBar, Question
from tracer.errors import TracerError
from tracer.page.document import Unfinished

WIDE, TALL = 100, 32
"Columns from which on the list stands beside the page, and rows from which on the graph does."
LIST_WIDTH = 33
GRAPH_PART = 0.4
"Of the rows, what the graph takes at most."
TICK = 0.1
"Seconds between two looks at how far a training is."


class Replay(App[None]):
    """A lesson, a recording or an epoch, step by step."""

    CSS = f"""
    Screen {{ layout: vertical; overflow: hidden; }}
    #panes {{ height: 1fr; }}
    #contents, #contents:focus {{
        width: {LIST_WIDTH}; height: 100%; max-height: 100%; display: none; padding: 0;
        border: none; border-right: solid ansi_bright_black; background: ansi_default;
    }}
    #contents > .option-list--option {{ padding: 0; }}
    #contents > .option-list--option-highlighted {{
        background: ansi_default; color: ansi_default; text-style: none;
    }}
    #contents:focus > .option-list--option-highlighted {{
        background: ansi_default; color: ansi_default; text-style: underline;
    }}
    #column {{ width: 1fr; height: 100%; }}
    #graph {{ border-bottom: solid ansi_bright_black; }}
    #page {{ height: 1fr; }}
    Pane, #contents {{ scrollbar-size: 1 1; background: ansi_default; }}
    #said {{ height: auto; max-height: 5; text-style: bold; }}
    #asking, #keys, #prompt {{ height: 1; }}
    #prompt {{ width: auto; }}
    #question, #question:focus {{
        border: none; height: 1; padding: 0; width: 1fr; background: ansi_default;
    }}
    .ascii #contents, .ascii #contents:focus {{ border-right: ascii ansi_bright_black; }}
    .ascii #graph {{ border-bottom: ascii ansi_bright_black; }}
    #contents.over, #contents.over:focus {{ width: 100%; border: none; }}
    """
    AUTO_FOCUS = None
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys, action, show=False, priority=True) for action, keys in ACTIONS.items()
    ]

    def __init__(
        self,
        source: Source,
        stopped: Stopped,
        paper: Paper | None = None,
        begin: str | None = None,
        stepwise: bool = False,
    ) -> None:
        super().__init__(ansi_color=True)
        self.theme = "ansi-dark"
        self.paper = paper or Paper()
        self.fault: Exception | None = None
        "why it ended, where that was not the reader's wish"
        self.interrupted = False
        self._stopped, self._begin, self._stepwise = stopped, begin, stepwise
        self._source = source
        self._clerk = Clerk(self.post_message)
        self.reading: Reading | None = None
        "where one is, once there is a page"
        self._early: list[events.Key] = []
        "keys that were pressed before there was a page"
        self._asked = ""
        "the question that is open: go to, or search"
        self._helps = False
        self._match = 0
        "the line in which the words that are looked for were found last"
        self._wants_list: bool | None = None
        self._wants_graph: bool | None = None
        "none where the size of the terminal decides"

    def compose(self) -> ComposeResult:
        """The panes."""
        with Horizontal(id="panes"):
            yield Contents(id="contents", markup=False)
            with Vertical(id="column"):
                yield Pane("graph")
                yield Pane("page")
        yield Static(id="said", markup=False)
        with Horizontal(id="asking"):
            yield Static(id="prompt", markup=False)
            yield Question(id="question")
        yield Static(id="keys", markup=False)

    def on_mount(self) -> None:
        """Begin."""
        self._page = self.query_one("#page", Pane)
        self._graph = self.query_one("#graph", Pane)
        self._contents = self.query_one(Contents)
        self._question = self.query_one(Question)
        self._column = self.query_one("#column")
        self._asking = self.query_one("#asking")
        self._prompt, self._said, self._keys = (
            self.query_one(f"#{name}", Static) for name in ("prompt", "said", "keys")
        )
        for hidden in (self._contents, self._graph, self._said, self._asking):
            hidden.display = False
        if self.paper.is_ascii:
            self.screen.add_class("ascii")
            for pane in (self._page, self._graph, self._contents):
                for bar in (pane.vertical_scrollbar, pane.horizontal_scrollbar):
                    vars(bar)["renderer"] = PlainScrollBar
        self.set_interval(TICK, self._tick)
        self._open(self._source)

    def on_unmount(self) -> None:
        """End what is under way."""
        self._clerk.leave()

    def _handle_exception(self, error: Exception) -> None:
        """Leave with a fault of our own, where textual would print a traceback."""
        self._leave_with(error)

    def _leave_with(self, fault: Exception) -> None:
        self.fault = self.fault or fault
        self.exit()

    # what the clerk reports

    def _open(self, source: Source) -> None:
        """Begin with a source."""
        self._source, self.reading = source, None
        self._show_keys()
        self._clerk.tell(source)

    async def on_told(self, message: Told) -> None:
        """Show what has been told."""
        if message.source is not self._source:
            return
        if self.reading:
            self.reading.script = message.script
            self._draw()
            return
        self.reading = Reading(message.source, message.script, self._stepwise)
        self._start(self.reading)
        early, self._early = self._early, []
        for key in early:
            await self.on_event(key)

    def _start(self, reading: Reading) -> None:
        """Begin where it is asked for, or else where one stopped."""
        begin, self._begin = self._begin, None
        stopped = self._stopped.place(reading.source.key, reading.script.pages)
        if begin is not None:
            try:
                reading.open(places.find(reading.script, begin, -1))
            except TracerError as fault:
                self._leave_with(fault)
                return
        elif stopped:
            reading.open(Place(stopped))
            self._say(f"You stopped here, at page {stopped + 1}; g and 1 begin anew.")
        self._draw()
        self._to_the_top()

    def on_followed(self, message: Followed) -> None:
        """Know which lesson comes behind."""
        if self.reading and message.source is self._source and message.after:
            self.reading.after = message.after
            self._draw()

    def on_compared(self, message: Compared) -> None:
        """Show the exact numbers beside the others."""
        reading, found = self.reading, message.found
        if reading is None or message.source is not self._source:
            return
        told = [page for page in reading.script.pages if not isinstance(page, Unfinished)]
        if isinstance(found, TracerError):
            self._say(f"{found.problem[:1].upper()}{found.problem[1:]}.")
        elif {page.blocks for page in told} <= {page.blocks for page in found}:
            self._say("This lesson is exact by hand, too: nothing in it needs rounding.")
        else:
            self._say("")
            reading.exact, reading.comparing = found, True
            self._draw()

    def on_failed(self, message: Failed) -> None:
        """Leave with a fault, which the command tells."""
        self._leave_with(message.fault)

    def _tick(self) -> None:
        if self.reading and isinstance(self.reading.page, Unfinished):
            self._draw()

    # drawing

    @property
    def _is_narrow(self) -> bool:
        return self.size.width < WIDE

    @property
    def _has_list(self) -> bool:
        if self._wants_list is None:
            return not (self._is_narrow or (self.reading and self.reading.comparing))
        return self._wants_list

    @property
    def _has_graph(self) -> bool:
        if self._wants_graph is None:
            return not self._is_narrow and self.size.height >= TALL
        return self._wants_graph

    @property
    def page_width(self) -> int:
        """Columns of a page, beside the list and a bar to scroll."""
        beside = LIST_WIDTH if self._has_list and not self._is_narrow else 0
        return max(1, self.size.width - beside - 1)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        """Everything, for the page and the size that there are."""
        reading = self.reading
        if reading is None:
            return
        reading.progress = self._clerk.progress
        if reading.is_at_end and reading.after is None:
            self._clerk.follow(reading.source)
        over = self._has_list and self._is_narrow
        self._contents.display = self._has_list
        self._contents.set_class(over, "over")
        self._column.display = not over
        if self._has_list:
            labels = [(places.label(page), places.is_step(page)) for page in reading.pages]
            columns = (self.size.width if over else LIST_WIDTH - 1) - 1
            self._contents.fill([(self.paper.spelled(s), step) for s, step in labels], columns)
            self._contents.show_place(reading.at)
        if self._helps:
            self._page.show(self.paper.pairs(HELP, self.page_width))
        else:
            self._page.show(reading.lines(self.paper, self.page_width))
        self._draw_graph(reading)
        self.call_after_refresh(self._show_keys)

    def _draw_graph(self, reading: Reading) -> None:
        lines, first = list[Text](), 0
        if self._has_graph and not self._helps:
            lines, first = reading.graph(self.paper, self.page_width)
        self._graph.display = bool(lines)
        if lines:
            room = min(len(lines), max(3, int(self.size.height * GRAPH_PART)))
            self._graph.styles.height = room + 1
            self._graph.show(lines)
            self._graph.jump(max(0, first - room // 3))

    def _show_keys(self) -> None:
        """The line of keys, with the place in front."""
        reading = self.reading
        if reading is None:
            said = f"{self._source.name} is being worked out ...  q quit"
        elif self._helps:
            said = HELPING
        elif self._contents.has_focus:
            said = LISTING
        else:
            said = keys_for(
                f"[{reading.place}]",
                self.size.width,
                opening=not reading.is_open,
                below=self._page.below,
                searching=bool(reading.words),
                comparing=reading.comparing,
                stepwise=reading.stepwise,
            )
        self._keys.update(Text(said, style="dim", no_wrap=True))

    def _say(self, words: str) -> None:
        """Say something above the line of keys, until the next key."""
        self._said.update(Text(self.paper.spelled(words)))
        self._said.display = bool(words)

    def _to_the_top(self) -> None:
        """Show the start of the page; below it what was asked for, if something was."""
        self._page.jump(0)
        if self.reading and self.reading.besides:
            below = len(self.reading.below(self.paper, self.page_width))
            self.call_after_refresh(self._page.jump, self._page.rows - below)

    # keys

    async def on_event(self, event: events.Event) -> None:
        """Keep keys until there is a page, and take back what was said at the last one."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            if self.reading is None and (self._early or event.key not in ("q", "ctrl+d")):
                if event.key == "ctrl+c":
                    self.action_interrupt()
                self._early.append(event)
                return
            self._say("")
        await super().on_event(event)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys are for the question while one is open, and some for the list while it covers."""
        if action not in OURS:
            return True
        if self._asked:
            return action == "interrupt"
        if self.reading is None:
            return action in ("leave", "interrupt")
        return not (self._contents.has_focus and action in LIST_ACTIONS)

    def action_forward(self) -> None:
        """The next line, the next page, or the next lesson."""
        reading = self.reading
        assert reading is not None
        if not reading.is_open:
            reading.open_line()
            self._draw()
            self.call_after_refresh(self._page.reveal, self._page.rows - 1)
        elif not reading.is_at_end:
            self._turn(reading.at + 1)
        elif reading.after:
            self._keep()
            self._open(OfLesson(reading.after))

    def action_page_before(self) -> None:
        """The page before."""
        assert self.reading is not None
        self._turn(max(0, self.reading.at - 1))

    def _turn(self, at: int) -> None:
        assert self.reading is not None
        self.reading.open(Place(at))
        self._draw()
        self._to_the_top()

    def action_more(self) -> None:
        """The next screen of the page, or the next page."""
        if self._page.below:
            self._page.scroll_page_down(animate=False)
            self.call_after_refresh(self._show_keys)
        else:
            self.action_forward()

    def action_scroll(self, way: str) -> None:
        """By a line, a screen, or to an end."""
        getattr(self._page, f"scroll_{way}")(animate=False)
        self.call_after_refresh(self._show_keys)

    def action_ask(self, what: str) -> None:
        """Ask where to go, or what to look for."""
        assert self.reading is not None
        self._asked = what
        known = places.completions(self.reading.script) if what == "go to" else []
        self._question.suggester = Completions(known)
        self._question.value = ""
        self._prompt.update(f"{what}: ")
        self._asking.display, self._keys.display = True, False
        self.screen.set_focus(self._question)

    def on_question_left(self) -> None:
        """Ask nothing any more."""
        self._asked = ""
        self.screen.set_focus(None)
        self._asking.display, self._keys.display = False, True

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go where it was asked to go."""
        asked, said = self._asked, event.value.strip()
        self.on_question_left()
        reading = self.reading
        if reading is None:
            return
        if asked == "search":
            reading.words = self.paper.spelled(said)
            self.action_match(1) if said else self._draw()
        elif said:
            try:
                reading.jump(reading.find(said))
            except TracerError as fault:
                self._say(str(fault))
                return
            if reading.besides:
                reading.open_all()
            self._draw()
            self._to_the_top()

    def action_match(self, way: int) -> None:
        """The next place with the words that are looked for, or the one before."""
        reading = self.reading
        assert reading is not None
        if not reading.words:
            self._say("Nothing is looked for; / and some words begin.")
            return
        spot = reading.matching(self.paper, self.page_width, self._match, way)
        if spot is None:
            self._say(f"{reading.words!r} does not stand in this lesson.")
            self._draw()
            return
        at, self._match = spot
        if at != reading.at:
            reading.jump(Place(at))
        reading.open_all()
        self._draw()
        self._page.jump(0)
        self.call_after_refresh(self._page.reveal, self._match)

    def action_return(self) -> None:
        """Back to where one was before one went somewhere."""
        assert self.reading is not None
        if self.reading.go_back():
            self._draw()
            self._to_the_top()
        else:
            self._say("You have not gone anywhere yet; b is the page before.")

    def action_exactly(self) -> None:
        """By hand and exactly, side by side; or by hand alone."""
        reading = self.reading
        assert reading is not None
        if reading.comparing or reading.exact:
            reading.comparing = not reading.comparing
            self._draw()
        else:
            self._say("The exact numbers are being worked out ...")
            self._clerk.compare(self._source)

    def action_stepwise(self) -> None:
        """Line by line, or page by page."""
        assert self.reading is not None
        self._stepwise = self.reading.stepwise = not self.reading.stepwise
        self._say("Line by line." if self._stepwise else "Page by page.")
        self._draw()
        self._to_the_top()

    def action_whole(self) -> None:
        """All of the page."""
        assert self.reading is not None
        self.reading.open_all()
        self._draw()

    def action_list(self) -> None:
        """The list of steps, to choose from; or away with it."""
        self._wants_list = not self._has_list
        self._contents.can_focus = True
        self._draw()
        self.screen.set_focus(self._contents if self._wants_list else None)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go to the step that was chosen."""
        assert self.reading is not None
        self.reading.jump(Place(event.option_index))
        self.action_close()
        self._to_the_top()

    def action_graph(self) -> None:
        """The graph, or away with it."""
        self._wants_graph = not self._has_graph
        self._draw()
        if self._wants_graph and not self._graph.display:
            self._say("There is no graph to draw here, or it stands on the page.")

    def action_help(self) -> None:
        """The keys, or the page again."""
        self._helps = not self._helps
        self._draw()
        self._page.jump(0)

    def action_close(self) -> None:
        """Away with what covers the page."""
        self._helps = False
        self.screen.set_focus(None)
        if self._is_narrow:
            self._wants_list = False
        self._draw()

    def action_leave(self) -> None:
        """The end, for now."""
        self._keep()
        self.exit()

    def action_interrupt(self) -> None:
        """The end, as by Ctrl-C everywhere."""
        self._keep()
        self.interrupted = True
        self.exit()

    def _keep(self) -> None:
        reading = self.reading
        if reading:
            self._stopped.keep(reading.source.key, reading.script.pages, reading.at)
