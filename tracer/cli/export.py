"""`tracer export`."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

from tracer.cli.output import write_out, write_whole
from tracer.cli.parameters import (
    command,
    lesson_argument,
    loaded,
    output_option,
    pen_for,
    rounding_options,
)
from tracer.errors import OutputError
from tracer.lesson.reading import Lesson
from tracer.numbers.rounding import Mode

FORMATS = ("markdown", "json")


@command(
    "export",
    "tracer export or-batch -o or-batch.md",
    "tracer export or-batch --format json -o or-batch.json",
)
@lesson_argument()
@rounding_options
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default=FORMATS[0],
    help="The solution to be read, or the trace.",
)
@output_option("Where to.", "standard output")
def export(
    lesson: str, mode: Mode | None, places: int | None, form: str, output: str | None
) -> None:
    """Write a worked solution as Markdown, or a trace as JSON."""
    from tracer.lesson.solution import solve
    from tracer.page.pages import explain
    from tracer.record import encode, record
    from tracer.render.markdown import with_pictures

    source = loaded(lesson)
    target = None if output in (None, "-") else Path(output)
    solution = solve(source, pen_for(source, mode, places))
    document = explain(solution)
    pictures: dict[str, str] = {}
    if form == "json":
        text = encode(record(solution, document))
    else:
        text, pictures = with_pictures(document, target.stem if target else None)
    if target is None:
        write_out(text)
        return
    files = {target.parent / name: picture for name, picture in pictures.items()} | {target: text}
    for path in files if lesson != "-" else ():
        _refuse_itself(path, source)
    for path, content in files.items():
        write_whole(path, content)


def _refuse_itself(output: Path, lesson: Lesson) -> None:
    with contextlib.suppress(OSError):
        if output.samefile(lesson.path):
            raise OutputError(
                "this is the lesson itself, expected another file to write", str(output)
            )
