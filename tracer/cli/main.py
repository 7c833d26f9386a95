"""The program: commands under headings, faults to one line, results to exit codes."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

import click

from tracer import __version__
from tracer.cli.check import check
from tracer.cli.derive import derive
from tracer.cli.export import export
from tracer.cli.listing import list_lessons
from tracer.cli.new import new
from tracer.cli.parameters import Command, Session, as_epilog
from tracer.cli.reference import reference
from tracer.cli.replay import replay
from tracer.cli.shells import ASKING, complete, completion
from tracer.cli.train import train
from tracer.errors import TracerError, nearest
from tracer.errors.controls import visible

HOLDS, UNUSABLE, INTERRUPTED = 0, 2, 130
SECTIONS = {
    "Read": (list_lessons, replay, reference),
    "Write": (export, new),
    "Work": (train, derive),
    "Trust": (check,),
    "Set up": (completion,),
}


class Commands(Command, click.Group):
    """The commands, under headings."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What each command does, in the order of the sections."""
        width = max(map(len, self.list_commands(ctx)))
        for heading, section in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl(
                    [(f"{made.name:<{width}}", made.get_short_help_str(60)) for made in section]
                )


@click.group(
    cls=Commands,
    commands=[made for section in SECTIONS.values() for made in section],
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
    epilog=as_epilog("tracer replay computational-graph"),
)
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def program(context: click.Context) -> None:
    """Small neural networks worked out as on paper, in the author's own rounding."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    >>> main(["check", "computational-graph"])
    computational-graph: 14 printed numbers, all hold
    0
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if asked := os.environ.get(ASKING):
        return complete(program, asked)
    session = Session()
    try:
        given = sys.argv[1:] if arguments is None else [*arguments]
        with program.make_context("tracer", given, obj=session) as context:
            return program.invoke(context) or HOLDS
    except click.exceptions.Exit as left:  # after --help and --version
        return left.exit_code
    except click.UsageError as error:
        print(misused(error), file=sys.stderr)
        return UNUSABLE
    except TracerError as error:
        if session.debug:
            raise
        print(f"tracer: {error}" if not error.where else error, file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # whoever read the output has enough; Python would complain again when it flushes at exit
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return HOLDS
    except Exception as error:  # whatever it is, no traceback reaches a user unasked
        if session.debug:
            raise
        said = visible(" ".join(f"{type(error).__name__}: {error}".split()))
        print(f"tracer: this should not happen: {said}; --debug shows where", file=sys.stderr)
        return UNUSABLE


def misused(error: click.UsageError) -> TracerError:
    """What is wrong with how a command was called, and the way out."""
    context = error.ctx
    assert context is not None
    called, command = context.command_path, context.command
    way_out = f"'{called} --help' shows an example"
    match error:
        case click.NoSuchCommand(command_name=name):
            said = f"there is no command {name!r}"
            way_out = nearest(name, program.commands)
        case click.NoSuchOption(option_name=name):
            said = f"there is no option {name!r}"
            options = [one for one in command.get_params(context) if isinstance(one, click.Option)]
            way_out = nearest(name, [spelled for option in options for spelled in option.opts])
            if not name.startswith("--"):
                way_out += "; what is meant with its minus stands behind --"
        case click.MissingParameter(param=click.Argument() as argument):
            said = f"{argument.make_metavar(context)} is missing"
        case click.BadParameter(param=click.Parameter() as given):
            said = f"{given.opts[-1]}: {error.message.removesuffix('.')}"
        case _:
            said = error.message[:1].lower() + error.message[1:].removesuffix(".")
    return TracerError(f"{said}; {way_out}", called)
