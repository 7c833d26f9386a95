"""`tracer list`."""

from __future__ import annotations

import click

from tracer.cli.parameters import command
from tracer.lesson.home import course, lesson_names


@command("list", "tracer list")
@click.option("--names", is_flag=True, help="Only the names, by the alphabet.")
def list_lessons(names: bool) -> None:
    """List the lessons in course order.

    Beside its title stands how many printed numbers each of them asserts.
    """
    if names:
        print(*lesson_names(), sep="\n")
        return
    rows = [(lesson.name, lesson.title, str(lesson.printed)) for lesson in course()]
    rows.insert(0, ("lesson", "title", "printed numbers"))
    widths = [max(len(row[k]) for row in rows) for k in range(2)]
    for name, title, printed in rows:
        print(f"{name:<{widths[0]}}  {title:<{widths[1]}}  {printed}")
