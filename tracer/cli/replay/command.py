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
    lessons,
    loaded,
    pen_for,
    rounding_options,
)
from tracer.doors.outputs import OUTPUTS
from tracer.errors import TracerError
from tracer.lesson.home import STDIN, course, lesson_names, text_of
from tracer.numbers.rounding import Mode

if TYPE_CHECKING:
    from rich.console import Console

    from tracer.cli.replay.sources import Source
    from tracer.page.detail import Detail
    from tracer.record import Recording


@command(
    "replay",
    "tracer replay or-batch",
    "tracer replay or-batch --from dCost/dW --step",
    "tracer export or-batch --format json | tracer replay - --all",
)
@click.argument(
    "lesson",
    required=False,
    shell_complete=lessons,
    help=f"{A_LESSON}; or a trace that export wrote as .json. Without one, where you stopped.",
)
@rounding_options
@detail_option
@click.option("--from", "begin", metavar="PLACE", help="Begin at a page, a title or a quantity.")
@click.option("--step", "stepwise", is_flag=True, help="Open each step line by line.")
@click.option("--all", "at_once", is_flag=True, help="Show everything at once.")
@click.option(
    "--epoch",
    type=int,
    metavar="K",
    help="The steps of that epoch of the training, in full.",
)
@click.option("--train", type=int, metavar="N", help="Which training, where there are several.")
def replay(
    lesson: str | None,
    mode: Mode | None,
    places: int | None,
    detail: Detail,
    begin: str | None,
    stepwise: bool,
    at_once: bool,
    epoch: int | None,
    train: int | None,
) -> int:
    """Work a lesson out step by step in the terminal."""
    from tracer.render.terminal import make_console

    name = _where_one_stopped() if lesson is None else lesson
    source = _source(name, mode, places, detail, epoch, train)
    console = make_console()
    if console.is_terminal and not console.is_dumb_terminal and _at_keyboard() and not at_once:
        return _play(source, console, begin, stepwise)
    _print(source, console, begin)
    return 0


def _play(source: Source, console: Console, begin: str | None, stepwise: bool) -> int:
    """The application; what goes wrong in it is told when the terminal is as it was."""
    from tracer.cli.replay.app import Replay
    from tracer.cli.replay.sheet import Paper
    from tracer.cli.replay.state import Stopped, state_file

    paper = Paper(console.encoding, not console.no_color)
    app = Replay(source, Stopped(state_file()), paper, begin, stepwise)
    app.run()
    if app.fault:
        raise app.fault
    if app.interrupted:
        raise KeyboardInterrupt
    return 0


def _print(source: Source, console: Console, begin: str | None) -> None:
    """Every page, one after the other."""
    from tracer.cli.replay.ends import next_command
    from tracer.cli.replay.places import find
    from tracer.cli.replay.sources import OfEpoch
    from tracer.render.terminal import Terminal

    terminal = Terminal(console)
    *_, script = source.scripts()
    place = find(script, begin, -1) if begin is not None else None
    first = place.at if place else 0
    for at, page in enumerate(script.pages[first:], first):
        if page.answer and not script.pages[at - 1].answer:
            console.print("The answer\n", style="bold")
        terminal.page(page)
        if place and place.at == at and place.besides:
            terminal.page(place.besides)
    if not isinstance(source, OfEpoch):
        console.print(next_command(source.name), markup=False)


def _source(
    name: str,
    mode: Mode | None,
    decimals: int | None,
    detail: Detail,
    epoch: int | None,
    train: int | None,
) -> Source:
    """What is to be replayed."""
    from tracer.cli.replay.sources import OfEpoch, OfLesson, OfRecording

    asked = {"mode": mode, "places": decimals, "epoch": epoch, "train": train}
    recording = _recording(name, **asked)
    if recording is not None:
        return OfRecording(recording, None if name == "-" else Path(name), detail)
    lesson = loaded(name)
    pen = pen_for(lesson, mode, decimals)
    if epoch is not None:
        return OfEpoch(lesson, epoch, pen, train, detail)
    if train is not None:
        raise TracerError("--train says which training --epoch is of, expected '--epoch K' with it")
    return OfLesson(lesson, pen, detail)


def _where_one_stopped() -> str:
    """The lesson that was open last, or the first one of the course."""
    from tracer.cli.replay.state import Stopped, state_file

    last = Stopped(state_file()).last
    there = last in lesson_names() or Path(last).is_file()
    return last if last and there else course()[0].name


def _at_keyboard() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _recording(name: str, **asked: object) -> Recording | None:
    """The trace that is to be replayed, where it is a recorded one and no lesson."""
    from tracer.cli.replay.sources import one_way
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
