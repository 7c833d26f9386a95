"""The commands with their options, and an example of each that runs."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from tracer import __version__
from tracer.controls import in_a_line
from tracer.errors import TracerError
from tracer.numbers.rounding import MODES

if TYPE_CHECKING:
    from tracer.trace.rates import Rate

UNUSABLE = 2
"The exit status of a command that cannot be carried out."
SHELLS = ("bash", "zsh", "fish")
FORMATS = ("markdown", "json")
LESSON = "a lesson's name, the path of a file such as ./my.md, or - for standard input"


class Parser(argparse.ArgumentParser):
    """A parser whose faults are one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where help is."""
        said = in_a_line(message)
        self.exit(UNUSABLE, f"{self.prog}: {said}; '{self.prog} --help' shows an example\n")


def parser() -> Parser:
    """The whole command line of `tracer`.

    >>> options = parser().parse_args(["export", "or-batch", "--places", "4"])
    >>> options.command, options.lesson, options.places
    ('export', 'or-batch', 4)
    """
    made = Parser(
        prog="tracer",
        description="Small neural networks worked out as on paper, in the author's own rounding.",
        epilog="example: tracer replay or-batch",
    )
    made.add_argument("--version", action="version", version=f"tracer {__version__}")
    commands = made.add_subparsers(
        title="commands", required=True, metavar="COMMAND", dest="command", parser_class=Parser
    )
    for add in (_list, _replay, _export, _train, _derive, _check, _new, _completion):
        add(commands)
    for command in commands.choices.values():
        command.add_argument("--debug", action="store_true", help="show the traceback of a fault")
    return made


Commands = argparse._SubParsersAction  # argparse has no public name for it


def _command(commands: Commands[Parser], name: str, about: str, examples: Sequence[str]) -> Parser:
    return commands.add_parser(
        name,
        help=about,
        description=about[0].upper() + about[1:] + ".",
        epilog="\n".join(f"example: {example}" for example in examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _list(commands: Commands[Parser]) -> None:
    about = "the lessons in course order, with the printed numbers they assert"
    made = _command(commands, "list", about, ["tracer list"])
    made.add_argument("--names", action="store_true", help="only the names, by the alphabet")


def _replay(commands: Commands[Parser]) -> None:
    made = _command(
        commands,
        "replay",
        "work a lesson out step by step in the terminal",
        [
            "tracer replay or-batch",
            "tracer export or-batch --format json | tracer replay - --all",
        ],
    )
    made.add_argument(
        "source", metavar="lesson", help=f"{LESSON}; or a trace that export wrote as .json"
    )
    _add_rounding(made)
    made.add_argument("--all", action="store_true", help="show everything at once")
    made.add_argument(
        "--epoch",
        type=int,
        metavar="K",
        help="the steps of that epoch of the training, in full",
    )


def _export(commands: Commands[Parser]) -> None:
    made = _command(
        commands,
        "export",
        "write a lesson's worked solution as Markdown, or its whole trace as JSON",
        [
            "tracer export or-batch -o or-batch.md",
            "tracer export or-batch --format json -o or-batch.json",
        ],
    )
    made.add_argument("lesson", help=LESSON)
    _add_rounding(made)
    made.add_argument("--format", choices=FORMATS, default=FORMATS[0], help="markdown if left out")
    _add_output(made, "where to; standard output if left out or -")


def _train(commands: Commands[Parser]) -> None:
    examples = ["tracer train xor-hidden-layer --epochs 5000"]
    made = _command(commands, "train", "train a lesson's network", examples)
    made.add_argument("lesson", help=LESSON)
    made.add_argument("--epochs", type=_whole, metavar="N", help="passes over all examples")
    about = "the size of a step, or a formula in t and epoch"
    made.add_argument("--learning-rate", type=_rate, metavar="A", help=about)
    made.add_argument("--batch-size", type=_whole, metavar="N", help="examples in a step")
    made.add_argument(
        "--log-every", type=_whole, metavar="K", help="epochs between the lines of the log"
    )


def _derive(commands: Commands[Parser]) -> None:
    made = _command(
        commands,
        "derive",
        "work a derivative out in named steps, each proved",
        ["tracer derive sigmoid", "tracer derive 'sin(z)**2'"],
    )
    made.add_argument("what", help="a name such as sigmoid or cost, or a formula such as sin(z)**2")
    made.add_argument("--wrt", metavar="NAME", help="the variable, where there are several")


def _check(commands: Commands[Parser]) -> None:
    about = "compare every printed number with the one worked out"
    made = _command(commands, "check", about, ["tracer check -v or-batch"])
    made.add_argument(
        "lessons", nargs="*", metavar="NAME|FILE", help="all lessons if left out; - reads one"
    )
    made.add_argument("-v", "--verbose", action="store_true", help="one line for each number")


def _new(commands: Commands[Parser]) -> None:
    made = _command(
        commands,
        "new",
        "begin a lesson of your own: a short one that holds, each line explained",
        ["tracer new my-lesson", "tracer new my-xor --from xor-hidden-layer"],
    )
    made.add_argument("name", help="the lesson's name, or the path of its file, ending in .md")
    made.add_argument("--from", dest="model", metavar="LESSON", help="a lesson to begin with")
    _add_output(made, "another file than NAME.md; - for standard output")


def _completion(commands: Commands[Parser]) -> None:
    made = _command(
        commands,
        "completion",
        "print a script that completes commands, options and lessons in a shell",
        ['eval "$(tracer completion bash)"'],
    )
    made.description = (
        f"{made.description}\n"
        "In bash and zsh the line of the example, with the shell's own name, goes into\n"
        "~/.bashrc or, behind compinit, into ~/.zshrc. In fish, the line\n"
        "'tracer completion fish | source' goes into ~/.config/fish/config.fish."
    )
    made.add_argument("shell", choices=SHELLS, help="the shell you use")


def _add_rounding(made: Parser) -> None:
    made.add_argument("--mode", choices=MODES, help="another way to round than the lesson's")
    made.add_argument("--places", type=int, metavar="N", help="decimals that are written")


def _add_output(made: Parser, about: str) -> None:
    made.add_argument("-o", "--output", metavar="FILE", help=about)


def _rate(text: str) -> Rate | None:
    from tracer.trace.equations import rate_of  # it brings NumPy with it

    try:
        return rate_of(text)
    except TracerError as error:
        said = error.problem.removeprefix("learning-rate ")  # argparse names the option
        raise argparse.ArgumentTypeError(said) from None


def _whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


_whole.__name__ = "whole number"
