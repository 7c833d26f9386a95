"""What each command does."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tracer.controls import in_a_line, visible
from tracer.errors import OutputError, TracerError
from tracer.lesson.block import Lesson
from tracer.lesson.home import STDIN, course, load, text_of, walkthroughs
from tracer.numbers.rounding import Pen, plain

if TYPE_CHECKING:
    from rich.console import Console

    from tracer.record import Recording
    from tracer.render.terminal import Terminal
    from tracer.training.run import Run


def list_command(options: Namespace) -> int:
    """The lessons in course order, or only their names."""
    if options.names:
        print(*lesson_names(), sep="\n")
        return 0
    rows = [(lesson.name, lesson.title, str(lesson.printed)) for lesson in course()]
    rows.insert(0, ("lesson", "title", "printed numbers"))
    widths = [max(len(row[k]) for row in rows) for k in range(2)]
    for name, title, printed in rows:
        print(f"{name:<{widths[0]}}  {title:<{widths[1]}}  {printed}")
    return 0


def lesson_names() -> list[str]:
    """The names of the lessons, by the alphabet; none of them is read for it."""
    return sorted(path.stem for path in walkthroughs().glob("*.md") if path.stem != "README")


def replay_command(options: Namespace) -> int:
    """A lesson in the terminal: page by page, or all at once where nobody can press a key."""
    from tracer.cli.replay import Player, next_command
    from tracer.render.terminal import Terminal, make_console

    source = _recording(options) or load(options.source)
    console = make_console()
    terminal = Terminal(console)
    if isinstance(source, Lesson) and options.epoch is not None:
        _replay_epoch(source, options, terminal)
        return 0
    pen = _pen(options, source) if isinstance(source, Lesson) else None
    player = Player(source, pen, terminal)
    can_ask = console.is_terminal and not console.is_dumb_terminal and _at_keyboard()
    if can_ask and not options.all:
        return player.play()
    player.show_all()
    console.print(next_command(player.name), markup=False)
    return 0


def _at_keyboard() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _recording(options: Namespace) -> Recording | None:
    """The trace that is to be replayed, where it is a recorded one and no lesson."""
    from tracer.cli.replay import one_way
    from tracer.record import LARGEST, decode

    path = None if options.source == "-" else Path(options.source)
    if not (_json_is_coming() if path is None else path.suffix == ".json"):
        return None
    where = STDIN if path is None else str(path)
    recording = decode(text_of(path, "a trace as JSON", LARGEST), where)
    asked = {"mode": options.mode, "places": options.places, "epoch": options.epoch}
    for option, value in asked.items():
        if value is not None:
            raise TracerError(f"--{option} goes with a lesson; here is {one_way(recording)}", where)
    return recording


def _json_is_coming() -> bool:
    """Whether standard input begins as JSON does, where a lesson begins with a block."""
    coming = sys.stdin.buffer if sys.stdin else None
    return isinstance(coming, io.BufferedReader) and coming.peek(1)[:1] == b"{"


def _replay_epoch(lesson: Lesson, options: Namespace, terminal: Terminal) -> None:
    """The steps of one epoch of a lesson's training, worked out in full with the lesson's pen."""
    from tracer.doors.notebook import work
    from tracer.lesson.blocks.train import Train
    from tracer.lesson.solution import solve
    from tracer.page.document import Heading, Page
    from tracer.page.pages import explain_trace
    from tracer.training.batches import in_words

    training = next((s for s in solve(lesson).sections if isinstance(s, Train)), None)
    if training is None:
        raise TracerError(f"{lesson.name} has no {{train}} block, expected one for --epoch")
    epoch, pen = options.epoch, _pen(options, lesson) or lesson.pen
    steps = list(training.run.steps(epoch))
    several = f"epoch {epoch}, in {len(steps)} batches"
    title = f"{lesson.title}: {several if steps[1:] else f'the iteration of epoch {epoch}'}"
    terminal.page(Page(title, (Heading(title, 1),)))
    for number, (batch, program) in enumerate(steps, 1):
        if batch.examples:
            which = f"Batch {number} of {len(steps)}: {in_words(batch.examples)}"
            terminal.page(Page(which, (Heading(which),)))
        for page in explain_trace(work(program, pen).tape).pages:
            terminal.page(page)


def export_command(options: Namespace) -> int:
    """A lesson's worked solution as Markdown, or its trace as JSON."""
    lesson = _load(options.lesson)
    output = None if options.output in (None, "-") else Path(options.output)
    pen = _pen(options, lesson)
    pictures: dict[str, str] = {}
    if options.format == "json":
        text = recorded(lesson, pen)
    else:
        text, pictures = exported(lesson, pen, output.stem if output else None)
    if output is None:
        write_out(text)
        return 0
    files = {output.parent / name: picture for name, picture in pictures.items()} | {output: text}
    for path in files if options.lesson != "-" else ():
        _refuse_itself(path, lesson)
    for path, content in files.items():
        write_whole(path, content)
    return 0


def _refuse_itself(output: Path, lesson: Lesson) -> None:
    with contextlib.suppress(OSError):
        if output.samefile(lesson.path):
            raise OutputError(
                "this is the lesson itself, expected another file to write", str(output)
            )


def exported(
    lesson: Lesson, pen: Pen | None = None, stem: str | None = None
) -> tuple[str, dict[str, str]]:
    """The Markdown of a lesson worked out, and its pictures by file name."""
    from tracer.lesson.solution import explain, solve
    from tracer.render.markdown import with_pictures

    return with_pictures(explain(solve(lesson, pen)), stem)


def recorded(lesson: Lesson, pen: Pen | None = None) -> str:
    """The trace and the pages of a lesson worked out, as JSON."""
    from tracer.lesson.solution import explain, solve
    from tracer.record import encode, record

    solution = solve(lesson, pen)
    return encode(record(solution, explain(solution)))


def write_out(text: str) -> None:
    """Print a text as UTF-8, whatever the terminal can show."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8"))


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all: what stood there stays until the new one is complete.

    A link stays a link, and the file it leads to is written.
    """
    unfinished = None
    if path.exists() and not path.is_file():
        _write_into(path, text)
        return
    try:
        file_itself = _behind_links(path)
        with tempfile.NamedTemporaryFile(
            "w",
            encoding="utf-8",
            newline="\n",
            dir=file_itself.parent,
            prefix=".tracer-",
            delete=False,
        ) as file:
            unfinished = Path(file.name)
            file.write(text)
        there = file_itself.exists()
        unfinished.chmod(file_itself.stat().st_mode & 0o777 if there else 0o666 & ~_umask())
        unfinished.replace(file_itself)
    except OSError as error:
        if unfinished is not None:
            unfinished.unlink(missing_ok=True)
        raise OutputError(f"the file cannot be written: {error.strerror}", str(path)) from None


def _behind_links(path: Path) -> Path:
    """The file that a path leads to, whether or not it is there; OSError for links in a circle."""
    with contextlib.suppress(FileNotFoundError):
        path.stat()
    return Path(os.path.realpath(path))


def _write_into(device: Path, text: str) -> None:
    """Write to a pipe or a device, which no file may replace."""
    try:
        device.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"the file cannot be written: {error.strerror}", str(device)) from None


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def derive_command(options: Namespace) -> int:
    """A derivation by its name, or that of a formula."""
    from tracer.derive import only_variable
    from tracer.derive.catalogue import STORIES
    from tracer.ops import FUNCTIONS
    from tracer.page.derivations import derivation_blocks
    from tracer.render.base import render
    from tracer.render.terminal import Terminal, make_console

    what = options.what.strip()
    by_name = {what} & {*STORIES, *FUNCTIONS} or re.fullmatch(r"[A-Za-z-]{2,}", what)
    if by_name and options.wrt:
        raise TracerError(f"{what} is a derivation by name, and --wrt goes with a formula")
    wrt = options.wrt or ("" if by_name else only_variable(what))
    blocks = derivation_blocks(what) if by_name else derivation_blocks("a", what, wrt)
    terminal = Terminal(make_console())
    for block in list(blocks):
        render(terminal, block)
    return 0


def train_command(options: Namespace) -> int:
    """A lesson's network trained; the log in the form of the article."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from tracer.lesson.blocks.train import Train
    from tracer.lesson.solution import solve
    from tracer.render.terminal import make_console
    from tracer.training.run import Plan

    solution = solve(_load(options.lesson))
    training = next((s for s in solution.sections if isinstance(s, Train)), None)
    network = training or next(iter(solution.given), None)
    if network is None:
        raise TracerError(f"{options.lesson} has no network to train")
    own = training.plan if training else Plan(1000)
    asked = {"epochs": options.epochs, "learning_rate": options.learning_rate,
             "batch_size": options.batch_size, "log_every": options.log_every}  # fmt: skip
    plan = replace(own, **{key: value for key, value in asked.items() if value is not None})
    log_every = plan.log_every or 100
    console = make_console()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    root = network.view.program.root
    with bar:
        task = bar.add_task(root, total=plan.epochs)

        def each(epoch: int, cost: float) -> None:
            if epoch % log_every == 0:
                bar.console.print(
                    f"{root} at epoch#{epoch}: {cost!r}", markup=False, soft_wrap=True
                )
            if epoch % 50 == 0:
                bar.update(task, completed=epoch, description=f"{root} {cost:.6f}")

        run = plan.carry_out(network.trace.program, each)
    if run.stopped:
        console.print(f"The run {run.stopped}.", markup=False)
    _report(run, console)
    return 1 if run.stopped and not run.interrupted else 0


def _report(run: Run, console: Console) -> None:
    """What a run has learned; in a terminal, lines break between numbers."""
    from tracer.trace.view import Turn
    from tracer.training.run import counted

    turn = Turn(run.program.conventions, run.program)
    said = [f"{turn.name(run.program.root)} after {counted(run.epochs)}: {run.final_cost!r}"]
    for name, value in run.parameters().items():
        said.append(f"{turn.name(name)} = {rows_text(turn.value(name, value))}")
    if run.classifies:
        said.append(f"predictions: {rows_text(turn.value('Yhat', run.predictions()))}")
        said.append(f"accuracy: {run.accuracy():.1%}")
    elif not run.diverged and run.answers().size:
        said.append(f"answers: {rows_text(turn.value('Yhat', run.answers()))}")
    for line in said:
        # in a pipe a line stays whole, for whatever reads it
        console.print(line, markup=False, soft_wrap=not console.is_terminal)


def rows_text(value: object) -> str:
    """Numbers as a lesson writes them: rows separated by semicolons."""
    import numpy as np

    return "; ".join(" ".join(plain(float(x)) for x in row) for row in np.atleast_2d(value))  # type: ignore[call-overload]


def check_command(options: Namespace) -> int:
    """Every printed number compared; 0 all hold, 1 some fail, 2 a lesson cannot be used."""
    from tracer.lesson.check import check
    from tracer.lesson.solution import explain, solve

    status = 0
    for name, lesson in _lessons(options.lessons):
        called = STDIN if name == "-" else in_a_line(name)
        try:
            solution = solve(_load(name) if lesson is None else lesson)
            explain(solution)  # a fault in any block is a fault of the lesson
            verdicts = check(solution.lesson, solution)
        except TracerError as error:
            if options.debug:
                raise
            print(error, file=sys.stderr)
            status = 2
            continue
        failed = [verdict for verdict in verdicts if not verdict.holds]
        for verdict in verdicts if options.verbose else failed:
            print(visible(f"{'holds' if verdict.holds else 'FAILS'}  {verdict}"))
        numbers = "1 printed number" if len(verdicts) == 1 else f"{len(verdicts)} printed numbers"
        print(f"{called}: {numbers}, {f'{len(failed)} fail' if failed else 'all hold'}")
        status = max(status, 1 if failed else 0)
    return status


def _lessons(names: Iterable[str]) -> list[tuple[str, Lesson | None]]:
    if names:
        return [(name, None) for name in names]
    return [(lesson.name, lesson) for lesson in course()]


def _load(name: str) -> Lesson:
    """A lesson where no recorded trace will do."""
    if name.endswith(".json"):
        raise TracerError("a recorded trace can only be replayed, expected a lesson", name)
    return load(name)


def _pen(options: Namespace, lesson: Lesson) -> Pen | None:
    """The pen that the options ask for, or None for the lesson's own."""
    if options.mode is None and options.places is None:
        return None
    if options.mode == "exact" and options.places is not None:
        raise TracerError(
            "--places goes with a mode that rounds, and in exact nothing is; "
            f"expected '--mode display --places {options.places}'"
        )
    pen = lesson.pen
    if options.mode:
        pen = replace(pen, mode=options.mode)
    elif pen.mode == "exact":
        pen = replace(pen, mode="display")
    return pen if options.places is None else replace(pen, places=options.places)


def new_command(options: Namespace) -> int:
    """A lesson to begin with, in a file of its own."""
    from tracer.cli.new import begun, next_steps, place, title_of, write_new

    path = place(options.name)
    text = begun(title_of(path), options.model)
    if options.output == "-":
        write_out(text)
        return 0
    path = Path(options.output) if options.output else path
    write_new(path, text)
    print(visible(next_steps(path)))
    return 0


def completion_command(options: Namespace) -> int:
    """The script that completes commands in a shell."""
    from tracer.cli.completion import completions

    print(completions(options.shell), end="")
    return 0
