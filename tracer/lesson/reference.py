"""The reference of the lesson format: as a whole, or what stands under one of its headings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from tracer.errors import UnknownName, nearest
from tracer.lesson.home import REFERENCE, walkthroughs


@dataclass(frozen=True)
class Heading:
    """A heading of the reference."""

    topics: tuple[str, ...]
    "the words that lead to it"
    level: int
    "2 for a section, 3 for a part of one"
    line: int
    "where it stands, from 0"


def topics() -> list[str]:
    """What can be looked up, in the order of the reference.

    >>> topics()[:4]
    ['a-first-lesson', 'what-stands-in-a-file', 'numbers', 'names']
    """
    return [topic for heading in _headings(_text()) for topic in heading.topics]


def reference(topic: str = "") -> str:
    """The reference as Markdown, or what stands under one of its headings, however that is typed.

    >>> reference("{curve}").splitlines()[0]
    '## `{curve}`'
    >>> reference("Learning rates") == reference("learning-rates")
    True

    A word that a table explains leads to where the table points, or to the table.

    >>> reference("l2").splitlines()[0], reference("adam").splitlines()[0]
    ('### A penalty on weights', '### Update rules')

    Raises UnknownName for a topic that leads nowhere.
    """
    whole = _text()
    if not topic:
        return whole
    lines, headings = whole.split("\n"), _headings(whole)
    known = {name: place for place, heading in enumerate(headings) for name in heading.topics}
    asked = _slug(topic)
    place = known.get(asked)
    if place is None and (row := _row(topic.strip().strip(":"), lines)) is not None:
        pointed = re.search(r"\(#([\w-]+)\)", lines[row])
        above = sum(heading.line < row for heading in headings) - 1
        place = known.get(pointed[1], above) if pointed else above
    if place is None:
        raise UnknownName(f"the reference has no topic {topic[:100]!r}; {nearest(asked, known)}")
    start, *later = headings[place:]
    end = next((heading.line for heading in later if heading.level <= start.level), None)
    return "\n".join(lines[start.line : end])


def _row(word: str, lines: list[str]) -> int | None:
    """The first row of a table that begins with a word in code font."""
    begins = re.compile(rf"\|[^|]*`{re.escape(word)}`[^|]*\|")
    return next((number for number, line in enumerate(lines) if begins.match(line)), None)


def _text() -> str:
    return (walkthroughs() / REFERENCE).read_text(encoding="utf-8")


def _headings(text: str) -> list[Heading]:
    """All headings but the title, in order."""
    from markdown_it import MarkdownIt

    found = []
    for opening, title in pairwise(MarkdownIt("commonmark").parse(text)):
        if opening.type == "heading_open" and opening.tag != "h1" and opening.map:
            level, line = int(opening.tag[1:]), opening.map[0]
            found.append(Heading(_topics(title.content), level, line))
    return found


def _topics(title: str) -> tuple[str, ...]:
    """Each block that a heading names, or all of its words."""
    return tuple(re.findall(r"\{(\w+)\}", title)) or (_slug(title),)


def _slug(words: str) -> str:
    """Words as an address has them.

    >>> _slug("What is not typed in")
    'what-is-not-typed-in'
    """
    return re.sub(r"[\W_]+", "-", words.lower()).strip("-")
