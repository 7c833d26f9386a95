"""Words looked for in the lines of the pages, from the open one on and round to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.text import Text

Spot = tuple[int, int]
"A page and a line, from 0."


def search(
    words: str, pages: int, lines_of: Callable[[int], Sequence[Text]], at: Spot, way: int = 1
) -> Spot | None:
    """The next line with these words behind a spot, or before it where the way is -1.

    >>> text = [[Text("a gradient")], [Text("the Gradient"), Text("of a")]]
    >>> search("gradient", 2, text.__getitem__, (0, 0))
    (1, 0)
    >>> search("gradient", 2, text.__getitem__, (1, 0))
    (0, 0)
    """
    page, line = at
    for step in range(pages + 1):
        here = (page + way * step) % pages
        found = matches(words, lines_of(here))
        if step == 0:
            found = [k for k in found if (k - line) * way > 0]
        if found:
            return here, found[0 if way > 0 else -1]
    return None


def matches(words: str, lines: Sequence[Text]) -> list[int]:
    """The lines with these words, in capitals or not."""
    return [k for k, line in enumerate(lines) if words.casefold() in line.plain.casefold()]


def highlighted(lines: Sequence[Text], words: str) -> list[Text]:
    """The lines with the words marked."""
    marked = [line.copy() for line in lines]
    for line in marked:
        line.highlight_words([words], "reverse", case_sensitive=False)
    return marked
