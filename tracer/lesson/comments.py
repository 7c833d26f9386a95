"""What an author says to authors alone: Markdown's comments, `<!-- ... -->`, reach no page."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tracer.errors import LessonError

OPEN, CLOSE = "<!--", "-->"


def without_comments(text: str, path: str) -> tuple[str, set[int]]:
    """A text without its comments, and the lines, from 0, that nothing is left of.

    >>> without_comments("Look `<!-- here -->`. <!-- Is this clear? -->", "lesson.md")
    ('Look `<!-- here -->`. ', set())

    The text has as many lines as before, and in code a comment is code.
    Raises LessonError, with the line of the file at `path`, for a comment that is not closed.
    """
    lines, emptied = text.split("\n"), set[int]()
    for token in MarkdownIt("commonmark").parse(text) if OPEN in text else ():
        if not token.map or token.type not in ("html_block", "inline"):
            continue
        first, end = token.map
        source = "\n".join(lines[first:end])
        for start, stop in [*_comments(token, source, f"{path}:{first + 1}")][::-1]:
            source = source[:start] + "\n" * source.count("\n", start, stop) + source[stop:]
        for number, line in enumerate(source.split("\n"), first):
            if lines[number].strip() and not line.strip():
                emptied.add(number)
            lines[number] = line
    return "\n".join(lines), emptied


def _comments(token: Token, source: str, where: str) -> Iterator[tuple[int, int]]:
    """Where comments begin and end in the source of a paragraph or of a block of HTML."""
    reached = 0
    for child in token.children or [token]:
        if child.type == "code_inline":
            opened = source.find(child.markup, reached) + len(child.markup)
            reached = source.find(child.markup, opened) + len(child.markup)
        most = child.content.count(OPEN) if child.type in ("html_block", "text") else 0
        for _ in range(most or child.content.startswith(OPEN)):
            start = source.find(OPEN, reached)
            stop = source.find(CLOSE, start) + len(CLOSE)
            if start >= 0 and (stop < len(CLOSE) or child.type == "text"):
                raise LessonError(f"a comment is not closed, expected {CLOSE}", where)
            if start >= 0:
                yield start, stop
                reached = stop
