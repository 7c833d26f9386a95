"""`tracer replay`: page by page, or all at once where nobody can press a key."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli.parameters import (
    A_LESSON,
    command,
    detail_option,
    lesson_argument,
    loaded,
    pen_for,
    rounding_options,
)
from tracer.doors.outputs import OUTPUTS
from tracer.errors import TracerError
from tracer.lesson.directive import Lesson
from tracer.lesson.home import STDIN, text_of
from tracer.numbers.rounding import Mode, Pen

if TYPE_CHECKING:
    from tracer.page.detail import Detail
    from tracer.record import Recording
    from tracer.render.terminal import Terminal


@command(
    "replay",
    "tracer replay or-batch",
    "tracer export or-batch --format json | tracer replay - --all",
)
@lesson_argument(f"{A_LESSON}; or a trace that export wrote as .json")
@rounding_options
@detail_option
@click.option("--all", "at_once", is_flag=True, help="Show everything at once.")
@click.option(
    "--epoch",
    type=int,
    metavar="K",
    help="The steps of that epoch of the training, in full.",
)
def replay(
    lesson: str,
    mode: Mode | None,
    places: int | None,
    detail: Detail,
    at_once: bool,
    epoch: int | None,
) -> int:
    """Work a lesson out step by step in the terminal."""
    from tracer.cli.player import Player, next_command
    from tracer.render.terminal import Terminal, make_console

    source = _recording(lesson, mode=mode, places=places, epoch=epoch) or loaded(lesson)
    console = make_console()
    terminal = Terminal(console)
    pen = pen_for(source, mode, places) if isinstance(source, Lesson) else None
    if isinstance(source, Lesson) and epoch is not None:
        _replay_epoch(source, epoch, pen or source.pen, terminal, detail)
        return 0
    player = Player(source, pen, terminal, detail=detail)
    can_ask = console.is_terminal and not console.is_dumb_terminal and _at_keyboard()
    if can_ask and not at_once:
        return player.play()
    player.show_all()
    console.print(next_command(player.name), markup=False)
    return 0


def _at_keyboard() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _recording(name: str, **asked: object) -> Recording | None:
    """The trace that is to be replayed, where it is a recorded one and no lesson."""
    from tracer.cli.player import one_way
    from tracer.record import LARGEST, decode

    path = None if name == "-" else Path(name)
    if not (_json_is_coming() if path is None else path.suffix == OUTPUTS["json"].suffix):
        return None
    where = STDIN if path is None else str(path)
    instead = "'tracer export --format json' writes one"
    recording = decode(text_of(path, "a trace as JSON", LARGEST, instead), where)
    for option, value in asked.items():
        if value is not None:
            raise TracerError(f"--{option} goes with a lesson; here is {one_way(recording)}", where)
    return recording


def _json_is_coming() -> bool:
    """Whether standard input begins as JSON does, where a lesson begins with a block."""
    coming = getattr(sys.stdin, "buffer", sys.stdin)
    if isinstance(coming, io.BufferedReader):
        return coming.peek(1)[:1] == b"{"
    if coming is None or not coming.seekable():
        return False
    place = coming.tell()
    first = coming.read(1)
    coming.seek(place)
    return first in ("{", b"{")


def _replay_epoch(
    lesson: Lesson, epoch: int, pen: Pen, terminal: Terminal, detail: Detail
) -> None:
    """The steps of one epoch of a lesson's training, worked out in full."""
    from tracer.doors.notebook import work
    from tracer.lesson.blocks.train import TrainBlock
    from tracer.lesson.solution import solve
    from tracer.page.detail import told_in
    from tracer.page.document import Heading, Page
    from tracer.page.pages import explain_trace
    from tracer.training.batches import in_words

    training = next((s for s in solve(lesson).sections if isinstance(s, TrainBlock)), None)
    if training is None:
        raise TracerError(f"{lesson.name} has no {{train}} block, expected one for --epoch")
    steps = list(training.run.steps(epoch))
    several = f"epoch {epoch}, in {len(steps)} batches"
    title = f"{lesson.title}: {several if steps[1:] else f'the iteration of epoch {epoch}'}"
    terminal.page(Page(title, (Heading(title, 1),)))
    for number, (batch, program) in enumerate(steps, 1):
        if batch.examples:
            which = f"Batch {number} of {len(steps)}: {in_words(batch.examples)}"
            terminal.page(Page(which, (Heading(which),)))
        for page in told_in(detail, explain_trace(work(program, pen).tape).pages):
            terminal.page(page)
