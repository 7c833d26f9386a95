"""Prose of a lesson, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from markdown_it import MarkdownIt

from tracer.page.document import Page, Prose


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
