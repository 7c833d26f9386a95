"""Where one is in what is replayed, and how one reads it; nothing here knows of keys or panes."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.text import Text

from tracer.cli.replay import places
from tracer.cli.replay.compared import columns, partner
from tracer.cli.replay.ends import end_page
from tracer.cli.replay.lit import graph_at, lit
from tracer.cli.replay.opened import stages
from tracer.cli.replay.places import Place
from tracer.cli.replay.search import highlighted, search
from tracer.cli.replay.sheet import Paper
from tracer.cli.replay.sources import Script, Source
from tracer.lesson.directive import Lesson
from tracer.page.document import Page, Unfinished


@dataclass
class Reading:
    """A source as far as it has been told, and the page that is open."""

    source: Source
    script: Script
    stepwise: bool = False
    "whether pages are opened line by line"
    comparing: bool = False
    "whether by hand and exactly stand side by side"
    at: int = 0
    "the open page, from 0; behind the last one is the end"
    besides: Page | None = None
    "what is shown below the page: an entry that was asked for"
    words: str = ""
    "what is looked for"
    exact: tuple[Page, ...] = ()
    "the pages in exact numbers, once they were asked for"
    after: Lesson | None = None
    "the lesson that comes behind it"
    progress: tuple[int, float] = (0, 0.0)
    "epochs of the training that is under way, and the last cost"
    _opened: dict[int, int] = field(default_factory=dict)
    _been: list[int] = field(default_factory=list)

    @property
    def pages(self) -> tuple[Page, ...]:
        """Its pages, and the end."""
        return (*self.script.pages, end_page(self.after))

    @property
    def page(self) -> Page:
        """The open page."""
        return self.pages[self.at]

    @property
    def place(self) -> str:
        """Where one is, in a word."""
        return "end" if self.is_at_end else f"{self.at + 1}/{len(self.script.pages)}"

    @property
    def is_at_end(self) -> bool:
        """Whether nothing comes behind."""
        return self.at == len(self.script.pages)

    # moving

    def find(self, wanted: str) -> Place:
        """A place that is asked for; raises TracerError where there is none."""
        return places.find(self.script, wanted, self.at)

    def open(self, place: Place) -> None:
        """Open a page."""
        self.at, self.besides = place.at, place.besides

    def jump(self, place: Place) -> None:
        """Open a page, and remember where one was."""
        self._been.append(self.at)
        self.open(place)

    def go_back(self) -> bool:
        """Return to where one was before the last jump, if there was one."""
        if not self._been:
            return False
        self.open(Place(self._been.pop()))
        return True

    def matching(self, paper: Paper, width: int, line: int, way: int) -> tuple[int, int] | None:
        """The next page and line with the words that are looked for."""
        count = len(self.script.pages)

        def lines(at: int) -> list[Text]:
            return paper.page(self.script.pages[at], width)

        return search(self.words, count, lines, (min(self.at, count - 1), line), way)

    # line by line

    @property
    def is_open(self) -> bool:
        """Whether all lines of the page are shown."""
        return self._stage + 1 == len(self._stages)

    def open_line(self) -> None:
        """Show the next line of the page."""
        self._opened[self.at] = self._stage + 1

    def open_all(self) -> None:
        """Show all lines of the page."""
        self._opened[self.at] = len(stages(self.page))

    @property
    def _stages(self) -> tuple[Page, ...]:
        return stages(self.page) if self.stepwise and not self.comparing else (self.page,)

    @property
    def _stage(self) -> int:
        return min(self._opened.get(self.at, 0), len(self._stages) - 1)

    # drawing

    def lines(self, paper: Paper, width: int) -> list[Text]:
        """The open page as it is to be shown."""
        page, other = self.page, None
        if self.comparing:
            other = partner(page, self.exact, self.at)
        if other is not None:
            lines = columns(paper, page, other, width)
        else:
            announced = page.answer and not self.pages[self.at - 1].answer
            lines = paper.page(self._stages[self._stage], width, announced, page)
        if isinstance(page, Unfinished):
            lines += self._progress(page, paper, width)
        lines += self.below(paper, width)
        while lines and not lines[-1].plain.strip():
            lines.pop()
        return highlighted(lines, self.words) if self.words else lines

    def below(self, paper: Paper, width: int) -> list[Text]:
        """What stands below the page."""
        return paper.page(self.besides, width) if self.besides else []

    def graph(self, paper: Paper, width: int) -> tuple[list[Text], int]:
        """The graph with what is worked out lit, and the first line that is; empty without one."""
        graph = None if self.is_at_end else graph_at(self.script, self.at)
        if graph is None:
            return [], 0
        return paper.graph(graph, lit(self.script, self.page, graph), width)

    def _progress(self, page: Unfinished, paper: Paper, width: int) -> list[Text]:
        """How far it is; what comes first is done first."""
        first = next(one for one in self.pages if isinstance(one, Unfinished))
        if page is not first or not page.epochs:
            return [Text("This is being worked out.", "dim")]
        done, cost = self.progress
        last = f", the last at {cost:.6g}" if done else ""
        return paper.bar(width, page.epochs, done, f"{done} of {page.epochs} epochs{last}")
