"""Work that takes its time, done in a thread beside the application."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from textual.message import Message

from tracer.cli.replay.sources import Script, Source, following
from tracer.errors import TracerError
from tracer.lesson.directive import Lesson
from tracer.page.document import Page


class Told(Message):
    """More of a source has been told."""

    def __init__(self, source: Source, script: Script) -> None:
        super().__init__()
        self.source, self.script = source, script


class Followed(Message):
    """The lesson that comes behind a source."""

    def __init__(self, source: Source, after: Lesson | None) -> None:
        super().__init__()
        self.source, self.after = source, after


class Compared(Message):
    """The exact numbers of a source, or why there are none."""

    def __init__(self, source: Source, found: tuple[Page, ...] | TracerError) -> None:
        super().__init__()
        self.source, self.found = source, found


class Failed(Message):
    """A source that cannot be told."""

    def __init__(self, source: Source, fault: Exception) -> None:
        super().__init__()
        self.source, self.fault = source, fault


class _Left(Exception):
    """Nobody waits for it any more."""


@dataclass
class Clerk:
    """Whoever does the work, and whom it is reported to."""

    post: Callable[[Message], object]
    "takes a report, from whatever thread"
    source: Source | None = None
    "what is being told; another one ends it"
    progress: tuple[int, float] = (0, 0.0)
    "epochs of the training that is under way, and the last cost"

    def tell(self, source: Source) -> None:
        """Tell a source from its first page on, and none that was begun before."""
        self.source, self.progress = source, (0, 0.0)
        self._begin(self._told, source)

    def compare(self, source: Source) -> None:
        """Work a source out in exact numbers."""
        self._begin(self._compared, source)

    def follow(self, source: Source) -> None:
        """Look for the lesson that comes behind a source."""
        self._begin(self._followed, source)

    def leave(self) -> None:
        """End what is under way."""
        self.source = None

    def _begin(self, work: Callable[[Source], None], source: Source) -> None:
        # a daemon, so that whoever leaves does not wait for it
        threading.Thread(target=self._done, args=(work, source), daemon=True).start()

    def _done(self, work: Callable[[Source], None], source: Source) -> None:
        try:
            work(source)
        except _Left:
            pass
        except Exception as fault:  # the command tells it, once the terminal is as it was
            self._report(source, Failed(source, fault))

    def _told(self, source: Source) -> None:
        def each(epoch: int, cost: float) -> None:
            self._check(source)
            self.progress = (epoch + 1, cost)

        for script in source.scripts(each):
            self._report(source, Told(source, script))
            self.progress = (0, 0.0)

    def _followed(self, source: Source) -> None:
        self._report(source, Followed(source, following(source.name)))

    def _compared(self, source: Source) -> None:
        try:
            found: tuple[Page, ...] | TracerError = source.exactly()
        except TracerError as fault:
            found = fault
        self._report(source, Compared(source, found))

    def _check(self, source: Source) -> None:
        if source is not self.source:
            raise _Left

    def _report(self, source: Source, message: Message) -> None:
        if source is self.source:
            self.post(message)
