"""What is replayed: a lesson, a recording of one, or an epoch of its training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from tracer.doors.notebook import work
from tracer.errors import TracerError
from tracer.lesson.blocks import Each, unheard
from tracer.lesson.blocks.train import TrainBlock
from tracer.lesson.directive import Lesson
from tracer.lesson.home import course, walkthroughs
from tracer.lesson.solution import Telling, solve
from tracer.numbers.rounding import EXACT, Pen
from tracer.page.detail import Detail, told_in
from tracer.page.document import Heading, Note, Page, Unfinished
from tracer.page.pages import explain_trace
from tracer.record.records import Recording, WrittenTrace
from tracer.trace.book import Book
from tracer.training.batches import Batch, in_words


@dataclass(frozen=True)
class Script:
    """What there is to show of a source, as far as it has been told."""

    pages: tuple[Page, ...]
    pen: Pen
    "what they were written with"
    traces: Sequence[Book | WrittenTrace] = ()
    "what the names on them mean"


class Source(Protocol):
    """Something to be replayed."""

    @property
    def name(self) -> str:
        """The name of its lesson."""

    @property
    def key(self) -> str:
        """What the place where one stopped is kept under; nothing where it is not."""

    def scripts(self, each: Each = unheard) -> Iterator[Script]:
        """What there is to show, the last time all of it; `each` hears of every epoch trained.

        Raises TracerError for a fault of the lesson.
        """

    def exactly(self) -> tuple[Page, ...]:
        """The pages in exact numbers; raises TracerError where there are none."""


@dataclass(frozen=True)
class OfLesson:
    """A lesson, worked out with its own pen or another."""

    lesson: Lesson
    pen: Pen | None = None
    detail: Detail = "full"

    @property
    def name(self) -> str:
        return self.lesson.name

    @property
    def key(self) -> str:
        """The name of a lesson of the course, and the path of any other."""
        path = Path(self.lesson.path).resolve()
        return self.name if path.parent == walkthroughs().resolve() else str(path)

    def scripts(self, each: Each = unheard) -> Iterator[Script]:
        solution = solve(self.lesson, self.pen)
        views = [section.view for section in solution.given]
        for document in Telling(solution, self.detail).documents(each):
            yield Script(document.pages, solution.pen, views)

    def exactly(self) -> tuple[Page, ...]:
        """The pages in exact numbers, but for what waits: no pen writes a training."""
        return next(Telling(solve(self.lesson, EXACT), self.detail).documents()).pages


@dataclass(frozen=True)
class OfRecording:
    """A recording of a lesson."""

    recording: Recording
    path: Path | None = None
    detail: Detail = "full"

    @property
    def name(self) -> str:
        return self.recording.lesson.name

    @property
    def key(self) -> str:
        return str(self.path.resolve()) if self.path else ""

    def scripts(self, each: Each = unheard) -> Iterator[Script]:
        recording = self.recording
        pages = tuple(told_in(self.detail, recording.pages))
        yield Script(pages, recording.rounding, recording.traces)

    def exactly(self) -> tuple[Page, ...]:
        raise TracerError(f"this file holds {one_way(self.recording)}")


@dataclass(frozen=True)
class OfEpoch:
    """The steps of one epoch of a lesson's training, as they were taken, worked out in full."""

    lesson: Lesson
    epoch: int
    pen: Pen | None = None
    training: int | None = None
    "which of the trainings of the lesson, from 1"
    detail: Detail = "full"

    @property
    def name(self) -> str:
        return self.lesson.name

    @property
    def key(self) -> str:
        return ""

    def scripts(self, each: Each = unheard) -> Iterator[Script]:
        block, which = self._training()
        title = f"{self.lesson.title}: epoch {self.epoch}"
        begun = Unfinished(title, (Heading(title, 1), *which), epochs=block.epochs)
        pen = self.pen or self.lesson.pen
        yield Script((begun,), pen)
        block.prepare(each)
        steps = list(block.run.steps(self.epoch))
        in_steps = f"epoch {self.epoch}, in {len(steps)} batches"
        last = in_steps if steps[1:] else f"the iteration of epoch {self.epoch}"
        title = f"{self.lesson.title}: {last}"
        pages = [Page(title, (Heading(title, 1), *which))]
        traces = []
        for number, (batch, program) in enumerate(steps, 1):
            trace = work(program, pen)
            told = tuple(told_in(self.detail, explain_trace(trace.tape).pages))
            pages += _of_batch(batch, f"Batch {number} of {len(steps)}", told)
            traces.append(trace)
        yield Script(tuple(pages), pen, traces)

    def exactly(self) -> tuple[Page, ...]:
        *_, whole = replace(self, pen=EXACT).scripts()
        return whole.pages

    def _training(self) -> tuple[TrainBlock, Sequence[Note]]:
        """The training that is meant, and which it is where there are several."""
        found = [s for s in solve(self.lesson).sections if isinstance(s, TrainBlock)]
        if not found:
            raise TracerError(f"{self.name} has no {{train}} block, expected one for --epoch")
        number = 1 if self.training is None else self.training
        if not 1 <= number <= len(found):
            counted = f"{len(found)} trainings" if found[1:] else "1 training"
            raise TracerError(
                f"--train is {number}, and {self.name} has {counted}; expected 1 to {len(found)}"
            )
        if not found[1:]:
            return found[0], ()
        said = (
            f"This is training {number} of {len(found)} in the lesson, at "
            f"{found[number - 1].block.where}. '--train' and its number choose another."
        )
        return found[number - 1], (Note("Note", said),)


def _of_batch(batch: Batch, which: str, told: tuple[Page, ...]) -> Iterator[Page]:
    """The pages of a step, under a heading that names its examples where they are not all."""
    if not batch.examples:
        yield from told
        return
    first, *rest = told
    title = f"{which}: {in_words(batch.examples)}"
    yield replace(first, title=title, blocks=(Heading(title), *first.blocks))
    yield from rest


def one_way(recording: Recording) -> str:
    """What a recording holds, and what shows the rest."""
    return (
        f"one way of rounding, {recording.rounding}; the lesson it was made from, "
        f"{recording.lesson.name}, can be replayed in others"
    )


def following(name: str) -> Lesson | None:
    """The lesson of the course after the one of this name, if there is one."""
    lessons = course()
    names = [each.name for each in lessons]
    return lessons[names.index(name) + 1] if name in names[:-1] else None
