"""Arguments to commands, faults to one line, results to exit codes."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from tracer import __version__
from tracer.errors import TracerError

HOLDS, UNUSABLE, INTERRUPTED = 0, 2, 130


class Parser(argparse.ArgumentParser):
    """A parser whose faults are one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where help is."""
        self.exit(UNUSABLE, f"{self.prog}: {message}; '{self.prog} --help' shows an example\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    >>> main(["check", "computational-graph"])
    computational-graph: 8 printed numbers, all hold
    0
    """
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        return int(options.run(options))
    except TracerError as error:
        if options.debug:
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
        if options.debug:
            raise
        said = " ".join(f"{type(error).__name__}: {error}".split())
        print(f"tracer: this should not happen: {said}; --debug shows where", file=sys.stderr)
        return UNUSABLE


def _parser() -> Parser:
    parser = Parser(
        prog="tracer",
        description="Small neural networks worked out as on paper, in the author's own rounding.",
        epilog="example: tracer replay or-batch",
    )
    parser.add_argument("--version", action="version", version=f"tracer {__version__}")
    common = Parser(add_help=False)
    common.add_argument("--debug", action="store_true", help="show the traceback of a fault")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, about: str, example: str, *parents: Parser) -> Parser:
        made = commands.add_parser(
            name,
            help=about,
            description=about[0].upper() + about[1:] + ".",
            epilog=f"example: {example}",
            parents=[*parents, common],
        )
        made.set_defaults(run=lambda options: _run(name, options))
        return made

    lesson = Parser(add_help=False)
    lesson.add_argument("lesson", help="a lesson's name, or the path of a file such as ./my.md")
    lesson.add_argument(
        "--mode",
        choices=["exact", "display", "carry"],
        help="another way to round than the lesson's",
    )
    lesson.add_argument("--places", type=int, metavar="N", help="decimals that are written")

    command(
        "list", "the lessons in course order, with the printed numbers they assert", "tracer list"
    )
    replay = command(
        "replay", "work a lesson out step by step in the terminal", "tracer replay or-batch", lesson
    )
    replay.add_argument("--all", action="store_true", help="show everything at once")
    replay.add_argument(
        "--epoch",
        type=int,
        metavar="K",
        help="the iteration of that epoch of the training, in full",
    )
    export = command(
        "export",
        "write a lesson's worked solution as Markdown",
        "tracer export or-batch -o or-batch.md",
        lesson,
    )
    export.add_argument(
        "-o", "--output", metavar="FILE", help="where to; standard output if left out"
    )
    train = command(
        "train", "train a lesson's network", "tracer train xor-hidden-layer --epochs 5000"
    )
    train.add_argument("lesson", help="a lesson's name, or the path of a file")
    train.add_argument("--epochs", type=_whole, metavar="N", help="passes over all examples")
    train.add_argument("--learning-rate", type=float, metavar="A", help="the size of a step")
    train.add_argument("--batch-size", type=_whole, metavar="N", help="examples in a step")
    train.add_argument(
        "--log-every", type=_whole, metavar="K", help="epochs between the lines of the log"
    )
    derive = command(
        "derive",
        "work a derivative out in named steps, each proved",
        "tracer derive sigmoid, or tracer derive 'sin(z)**2'",
    )
    derive.add_argument(
        "what", help="a name such as sigmoid or cost, or a formula such as sin(z)**2"
    )
    derive.add_argument("--wrt", metavar="NAME", help="the variable, where there are several")
    check = command(
        "check", "compare every printed number with the one worked out", "tracer check -v or-batch"
    )
    check.add_argument("lessons", nargs="*", metavar="NAME|FILE", help="all lessons if left out")
    check.add_argument("-v", "--verbose", action="store_true", help="one line for each number")
    return parser


def _whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


_whole.__name__ = "whole number"


def _run(name: str, options: argparse.Namespace) -> int:
    # the commands bring NumPy and rich with them, which --help does not need
    from tracer.cli import commands

    return int(getattr(commands, f"{name}_command")(options))
