"""`tracer derive`."""

from __future__ import annotations

import re

import click

from tracer.cli.parameters import command
from tracer.errors import TracerError


@command("derive", "tracer derive sigmoid", "tracer derive 'sin(z)**2'")
@click.argument("what", help="A name such as sigmoid or cost, or a formula such as sin(z)**2.")
@click.option("--wrt", metavar="NAME", help="The variable, where there are several.")
def derive(what: str, wrt: str | None) -> None:
    """Work a derivative out in named steps, each proved."""
    from tracer.derive import only_variable
    from tracer.derive.catalogue import STORIES
    from tracer.ops import FUNCTIONS
    from tracer.page.derivations import derivation_blocks
    from tracer.render.base import render
    from tracer.render.terminal import Terminal, make_console

    what = what.strip()
    if {what} & {*STORIES, *FUNCTIONS} or re.fullmatch(r"[A-Za-z-]{2,}", what):
        if wrt:
            raise TracerError(f"{what} is a derivation by name, and --wrt goes with a formula")
        blocks = derivation_blocks(what)
    else:
        blocks = derivation_blocks("a", what, wrt or only_variable(what))
    terminal = Terminal(make_console())
    for block in list(blocks):
        render(terminal, block)
