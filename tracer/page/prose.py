"""Prose of a lesson, page by page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from markdown_it import MarkdownIt

from tracer.page.document import Formula, Page, Prose
from tracer.written.spoken import spoken


def with_formulas(pages: Iterable[Page], names: Collection[str]) -> Iterator[Page]:
    """Pages, of which prose knows its code spans that are formulas of the values so called."""
    for page in pages:
        blocks = (
            replace(block, formulas=tuple(_formulas(block.text, names)))
            if isinstance(block, Prose)
            else block
            for block in page.blocks
        )
        yield replace(page, blocks=tuple(blocks))


def _formulas(text: str, names: Collection[str]) -> Iterator[Formula]:
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    inline = (child for token in tokens for child in token.children or ())
    for said in dict.fromkeys(child.content for child in inline if child.type == "code_inline"):
        if means := spoken(said, names):
            yield Formula(said, means)


def prose_pages(text: str) -> Iterator[Page]:
    """Prose, a page for each of its sections."""
    tokens = MarkdownIt("commonmark").parse(text)
    titles = {
        token.map[0]: inline.content
        for token, inline in pairwise(tokens)
        if token.type == "heading_open" and token.tag == "h2" and token.map and not token.level
    }
    lines = text.split("\n")
    starts = [0, *(start for start in titles if start > 0), len(lines)]
    for start, end in pairwise(starts):
        section = "\n".join(lines[start:end]).strip("\n")
        if section.strip():
            yield Page(titles.get(start, ""), (Prose(section),))


def with_what_gives_them_away(pages: Iterable[Page]) -> Iterator[Page]:
    """Pages, of which prose behind an answer belongs to it, up to the next heading."""
    is_answer = False
    for page in pages:
        match page.blocks:
            case (Prose(text),) if is_answer and not page.answer:
                before, behind = _parted(text)
                if before:
                    yield Page("", (Prose(before),), answer=True)
                if behind:
                    yield Page(page.title, (Prose(behind),))
                is_answer = not behind
            case _:
                yield page
                is_answer = page.answer


def _parted(text: str) -> tuple[str, str]:
    """What stands before the first heading of a text, and what stands from there on."""
    tokens = MarkdownIt("commonmark").parse(text)
    headings = [t.map[0] for t in tokens if t.type == "heading_open" and t.map and not t.level]
    lines = text.split("\n")
    start = min(headings, default=len(lines))
    return "\n".join(lines[:start]).strip("\n"), "\n".join(lines[start:])
