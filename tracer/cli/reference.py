"""`tracer reference`."""

from __future__ import annotations

import re

import click
from click.shell_completion import CompletionItem

from tracer.cli.parameters import command


def _topics(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    from tracer.lesson.reference import topics

    return [CompletionItem(topic) for topic in topics() if topic.startswith(begun)]


@command("reference", "tracer reference", "tracer reference train")
@click.argument(
    "topic",
    nargs=-1,
    shell_complete=_topics,
    help="A heading, a block or a key of one; without a topic, everything.",
)
def reference(topic: tuple[str, ...]) -> None:
    """Show what may stand in a lesson, with examples.

    What is longer than the screen is shown page by page.
    """
    from tracer.lesson.reference import reference as text_of
    from tracer.page.document import Prose
    from tracer.render.terminal import Terminal, make_console

    words = _without_links(text_of(" ".join(topic)))
    console = make_console()
    with console.capture() as captured:
        Terminal(console).prose(Prose(words))
    shown = captured.get().rstrip("\n") + "\n"
    if shown.count("\n") < console.height:
        click.echo(shown, nl=False)
    else:
        click.echo_via_pager(shown)


def _without_links(words: str) -> str:
    """Links within the lessons by their words alone: a terminal cannot follow them.

    >>> _without_links("a [gate](#gates), or the [course](README.md)")
    'a gate, or the course'
    """
    return re.sub(r"\[([^]\n]+)\]\((?!https?:)[^)\n]*\)", r"\1", words)
