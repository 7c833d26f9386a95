"""What several commands take: a lesson, another way to round, a file to write, --debug."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from tracer.errors import Faults, TracerError
from tracer.lesson.directive import Lesson
from tracer.lesson.home import lesson_names, load
from tracer.numbers.rounding import MODES, Pen

Function = TypeVar("Function", bound=Callable[..., Any])
A_LESSON = "A lesson's name, the path of a file such as ./my.md, or - for standard input"
THE_LESSONS = "the lesson's"


@dataclass
class Session:
    """What holds for one run of the program, whichever command it carries out."""

    debug: bool = False
    "whether a fault is shown with its traceback"


class Command(click.Command):
    """A command whose faults know where they were made, and whose help ends with examples."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments that are left; a fault in them knows its command."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples as they are, since a line that is broken does not run."""
        formatter.write(f"\n{self.epilog}\n")


def command(name: str, *examples: str) -> Callable[[Callable[..., int | None]], Command]:
    """Declare a command: its help is the docstring, with examples that run."""

    def declared(function: Callable[..., int | None]) -> Command:
        made = click.command(name, cls=Command, epilog=as_epilog(*examples))(function)
        made.params.append(_debug())
        return made

    return declared


def as_epilog(*examples: str) -> str:
    """Examples as they end a help.

    >>> as_epilog("tracer list")
    'example: tracer list'
    """
    return "\n".join(f"example: {example}" for example in examples)


def _debug() -> click.Option:
    def remember(context: click.Context, parameter: click.Parameter, value: bool) -> None:
        context.obj.debug = value

    about = "Show the traceback of a fault."
    return click.Option(
        ["--debug"], is_flag=True, expose_value=False, callback=remember, help=about
    )


def files(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """What asks a shell for its own completion of files."""
    return [CompletionItem(begun, type="file")]


def lessons(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """The lessons whose names begin so, and files."""
    named = [CompletionItem(name) for name in lesson_names() if name.startswith(begun)]
    # bash forgets what came before files, and offers them only where no name is left
    return [*files(context, parameter, begun), *named]


def lesson_argument(about: str = A_LESSON) -> Callable[[Function], Function]:
    """The lesson that a command works on."""
    return click.argument("lesson", shell_complete=lessons, help=f"{about}.")


def output_option(about: str, default: str) -> Callable[[Function], Function]:
    """The file that a command writes."""
    return click.option(
        "-o", "--output", metavar="FILE", shell_complete=files, show_default=default, help=about
    )


def rounding_options(function: Function) -> Function:
    """Another way to round than the lesson's: what `pen_for` makes a pen of."""
    mode = click.option(
        "--mode",
        type=click.Choice(MODES),
        show_default=THE_LESSONS,
        help="Another way to round.",
    )
    places = click.option(
        "--places",
        type=int,
        metavar="N",
        show_default=THE_LESSONS,
        help="Decimals that are written.",
    )
    return mode(places(function))


def detail_option(function: Function) -> Function:
    """How much is said of what is worked out."""
    return click.option(
        "--detail",
        type=click.Choice(["short", "full"]),
        default="full",
        help="Formula, numbers put in and result; or every line.",
    )(function)


def pen_for(lesson: Lesson, mode: str | None, places: int | None) -> Pen | None:
    """The pen that the options ask for, or None for the lesson's own."""
    if mode is None and places is None:
        return None
    if mode == "exact" and places is not None:
        raise TracerError(
            "--places goes with a mode that rounds, and in exact nothing is; "
            f"expected '--mode display --places {places}'"
        )
    pen = lesson.pen
    if mode:
        pen = replace(pen, mode=mode)  # type: ignore[arg-type]
    elif pen.mode == "exact":
        pen = replace(pen, mode="display")
    return pen if places is None else replace(pen, places=places)


def loaded(name: str) -> Lesson:
    """A lesson where no recorded trace will do; all its faults are told together."""
    if name.endswith(".json"):
        raise TracerError("a recorded trace can only be replayed, expected a lesson", name)
    faults = Faults()
    lesson = load(name, faults)
    if faults.found:  # the blocks that could be read may have faults of their own
        from tracer.lesson.solution import explain, solve

        with faults.kept():
            explain(solve(lesson))
        faults.tell()
    return lesson
