"""`tracer export`."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli.output import is_stream, write_out, write_together
from tracer.cli.parameters import (
    command,
    detail_option,
    lesson_argument,
    loaded,
    output_option,
    pen_for,
    rounding_options,
)
from tracer.doors.outputs import OUTPUTS, output_for
from tracer.errors import OutputError
from tracer.lesson.directive import Lesson
from tracer.numbers.rounding import Mode

if TYPE_CHECKING:
    from tracer.page.detail import Detail


@command(
    "export",
    "tracer export or-batch -o or-batch.md",
    "tracer export or-batch -o or-batch.json",
)
@lesson_argument()
@rounding_options
@click.option(
    "--format",
    "form",
    type=click.Choice(list(OUTPUTS)),
    show_default="what FILE ends in, or markdown",
    help="The solution to be read, or the trace.",
)
@detail_option
@output_option("Where to.", "standard output")
def export(
    lesson: str,
    mode: Mode | None,
    places: int | None,
    form: str | None,
    detail: Detail,
    output: str | None,
) -> None:
    """Write a worked solution as Markdown, or a trace as JSON."""
    from tracer.lesson.solution import solve

    target = None if output in (None, "-") else Path(output)
    writer = output_for(target, form)
    source = loaded(lesson)
    file = None if target is None or is_stream(target) else target
    written = writer.write(solve(source, pen_for(source, mode, places)), file, detail)
    if target is None:
        write_out(written.text)
    else:
        files = {target: written.text}
        files |= {target.parent / name: beside for name, beside in written.beside.items()}
        for path in files if lesson != "-" else ():
            _refuse_itself(path, source)
        write_together(files)
    if written.advice:
        click.echo(f"tracer export: {written.advice}", err=True)


def _refuse_itself(output: Path, lesson: Lesson) -> None:
    with contextlib.suppress(OSError):
        if output.samefile(lesson.path):
            raise OutputError(
                "this is the lesson itself, expected another file to write", str(output)
            )
