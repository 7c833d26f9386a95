"""`tracer check`: 0 where every number holds, 1 where one fails, 2 for a lesson at fault."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from tracer.cli import parameters
from tracer.cli.parameters import A_LESSON, Session, command, loaded
from tracer.errors import TracerError
from tracer.errors.controls import in_a_line, visible
from tracer.lesson.directive import Lesson
from tracer.lesson.home import STDIN, course


@command("check", "tracer check -v or-batch")
@click.argument(
    "lessons",
    nargs=-1,
    shell_complete=parameters.lessons,
    help=f"{A_LESSON}; all if left out.",
)
@click.option("-v", "--verbose", is_flag=True, help="One line for each number.")
@click.pass_obj
def check(session: Session, lessons: Sequence[str], verbose: bool) -> int:
    """Compare every printed number with the one worked out."""
    status = 0
    for name, lesson in _named(lessons):
        try:
            status = max(status, _checked(name, lesson or loaded(name), verbose))
        except TracerError as error:
            if session.debug:
                raise
            print(error, file=sys.stderr)
            status = 2
    return status


def _named(names: Sequence[str]) -> list[tuple[str, Lesson | None]]:
    if names:
        return [(name, None) for name in names]
    return [(lesson.name, lesson) for lesson in course()]


def _checked(name: str, lesson: Lesson, verbose: bool) -> int:
    """The status of one lesson, after what is to be said of its numbers."""
    from tracer.lesson.check import check as compare
    from tracer.lesson.solution import explain, solve

    solution = solve(lesson)
    explain(solution)  # a fault in any block is a fault of the lesson
    verdicts = compare(solution.lesson, solution)
    failed = [verdict for verdict in verdicts if not verdict.holds]
    for verdict in verdicts if verbose else failed:
        print(visible(f"{'holds' if verdict.holds else 'FAILS'}  {verdict}"))
    numbers = "1 printed number" if len(verdicts) == 1 else f"{len(verdicts)} printed numbers"
    called = STDIN if name == "-" else in_a_line(name)
    print(f"{called}: {numbers}, {f'{len(failed)} fail' if failed else 'all hold'}")
    return 1 if failed else 0
