"""Characters that a terminal obeys instead of showing, and how they are shown."""

from __future__ import annotations

import re

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but newline and tab, separators of lines, what turns the direction in which
text runs, and halves of a pair, which stand for nothing."""
_IN_A_LINE = str.maketrans({"\n": r"\n", "\t": r"\t"})


def visible(text: str) -> str:
    r"""Text in which each such character is spelled out.

    >>> print(visible("\x1b[2J"))
    \x1b[2J
    """
    return CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)


def in_a_line(text: str) -> str:
    r"""The same for a name or a path, which stands in one line.

    >>> print(in_a_line("two\nlines.md"))
    two\nlines.md
    """
    return visible(text).translate(_IN_A_LINE)


def code_of(character: str) -> str:
    r"""A character by its number, since it cannot be shown.

    >>> code_of("\x1b")
    'U+001B'
    """
    return f"U+{ord(character):04X}"
