"""`tracer completion`: what completes commands, options and lessons in a shell."""

from __future__ import annotations

import click
from click.shell_completion import (
    BashComplete,
    add_completion_class,
    get_completion_class,
    shell_complete,
)

from tracer.cli.output import write_out
from tracer.cli.parameters import Session, command

SHELLS = ("bash", "zsh", "fish")
ASKING = "_TRACER_COMPLETE"
"The variable in which the script of a shell says what it wants to know."


@add_completion_class
class Bash(BashComplete):
    """Completion in bash, for which --mode=exact is three words."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one that is completed, without a sign between them, and that one."""
        before, begun = super().get_completion_args()
        return [word for word in before if word != "="], begun


@command("completion", 'eval "$(tracer completion bash)"')
@click.argument("shell", type=click.Choice(SHELLS), help="The shell you use.")
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that completes commands in a shell.

    It completes options and lessons as well. In bash (4.4 or later) and zsh the line of the
    example, with the shell's own name, goes into ~/.bashrc or, behind compinit, into ~/.zshrc. In
    fish, the line 'tracer completion fish | source' goes into ~/.config/fish/config.fish.
    """
    script = get_completion_class(shell)
    assert script is not None
    write_out(script(context.find_root().command, {}, "tracer", ASKING).source())


def complete(program: click.Command, asked: str) -> int:
    """Answer the script of a shell, which asks with the line that is being typed."""
    return shell_complete(program, {"obj": Session()}, "tracer", ASKING, asked)
