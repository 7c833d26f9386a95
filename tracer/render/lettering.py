"""Short texts in a picture: how much room they take in any font, and indices set as indices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal
from xml.sax.saxutils import escape

from tracer.errors.controls import in_a_line
from tracer.written.names import pretty

FONT = "Helvetica,Arial,'Liberation Sans','DejaVu Sans',sans-serif"
SMALL = 0.75
"How large an index is set, beside what it belongs to."
WIDTHS = {
    28: "'ijl", 32: " ,.·I", 34: "/:;\\|ι", 36: "f", 39: "-ᵀ", 42: "()[]tr!²³¹", 50: "*J`\"",
    55: "∂szcεζ", 58: "?L_νξΓkυχ", 60: "vxyγλŷκ", 62: "FTaeoδθοêτ",
    64: "$0123456789bdghnpqu{}βημρσΣ√∘αφΞ", 69: "ABVXZπΔΛEKPSYŶÊ", 75: "CRUNHΠψ∑",
    80: "&DGOQΘΦΩ", 84: "#+<=>^~ωΨ−×⊙≤≥±¬∞wM",
}  # fmt: skip
"""Hundredths of the height of the font, the widest of DejaVu Sans, Liberation Sans (as wide as
Arial and Helvetica) and what a browser takes for sans-serif; measured in Chromium."""
WIDEST = 103
_WIDTH = {letter: width for width, letters in WIDTHS.items() for letter in letters}
_POWER = re.compile(r"\^(∘?(?:\d+|[^\W\d_](?!\w)|\(-?[\w.]+\)))")

Level = Literal[-1, 0, 1]


@dataclass(frozen=True)
class Run:
    """A piece of text on the line, below it as an index, or above it as a power."""

    text: str
    level: Level = 0


Line = tuple[Run, ...]


def plain(text: str) -> Line:
    """Text as it is, with the minus sign of a number for a hyphen."""
    return (Run(in_a_line(text).replace("-", "−")),)


def named(name: str) -> Line:
    """A name with its index below and its layer above.

    >>> [(run.text, run.level) for run in named("W[1]")]
    [('W', 0), ('[1]', 1)]
    >>> [(run.text, run.level) for run in named("net_h1")]
    [('net', 0), ('h1', -1)]
    """
    of, slash, shown = pretty(name).rpartition("/∂")
    stem, bracket, layer = shown.partition("[")
    found = re.fullmatch(r"([^\W\d_]+)(?:_([^\W_]+)|(\d+))", stem)
    letters, index = (found[1], found[2] or found[3]) if found else (stem, "")
    parts: list[tuple[str, Level]] = [(of + slash + letters, 0), (index, -1), (bracket + layer, 1)]
    return tuple(Run(in_a_line(text), level) for text, level in parts if text)


def formula(text: str, names: Iterable[str]) -> Line:
    """A formula in one line of text, with the names in it and its powers set as such.

    >>> [(run.text, run.level) for run in formula("x1 + a^2", ["x1", "a"])]
    [('x', 0), ('1', -1), (' + a', 0), ('2', 1)]
    """
    known = {pretty(name): named(name) for name in names}
    longest = sorted(map(re.escape, known), key=len, reverse=True)
    either = re.compile(rf"(?<!\w)(?:{'|'.join(longest)})(?![\w\[])" if known else r"(?!)")
    return tuple(_joined(_set(text, either, known)))


def _set(text: str, either: re.Pattern[str], known: dict[str, Line]) -> Iterator[Run]:
    at = 0
    while at < len(text):
        if name := either.match(text, at):
            yield from known[name[0]]
            at = name.end()
        elif power := _POWER.match(text, at):
            yield from (Run(run.text, 1) for run in plain(power[1].removeprefix("(").rstrip(")")))
            at = power.end()
        else:
            yield from plain(text[at])
            at += 1


def _joined(runs: Iterable[Run]) -> Iterator[Run]:
    """Neighbours of one level made one."""
    last: Run | None = None
    for run in runs:
        if last and last.level == run.level == 0:
            last = Run(last.text + run.text)
        else:
            if last:
                yield last
            last = run
    if last:
        yield last


def width(line: Line, size: int) -> int:
    """How wide a line is at most, where the font is so high.

    >>> width(plain("0.5"), 12), width(named("x1"), 12)
    (20, 13)
    """
    hundredths = sum(
        _WIDTH.get(letter, WIDEST) * (SMALL if run.level else 1)
        for run in line
        for letter in run.text
    )
    return ceil(hundredths * size / 100)


def broken(line: Line, size: int, room: int) -> list[Line]:
    """A line in pieces that fit into a width, cut at spaces.

    >>> [piece[0].text for piece in broken(plain("a + b + c"), 10, 30)]
    ['a + b', '+ c']
    """
    rows: list[Line] = []
    row: Line = ()
    for word in _words(line):
        longer = tuple(_joined((*row, Run(" "), *word))) if row else word
        if row and width(longer, size) > room:
            rows.append(row)
            longer = word
        row = longer
    return [*rows, row]


def _words(line: Line) -> list[Line]:
    """What stands between spaces; the sign of an operation stays with what follows it."""
    words: list[list[Run]] = [[]]
    for run in line:
        for place, part in enumerate(run.text.split(" ")):
            if place and _is_sign(words[-1]):
                words[-1].append(Run(" "))
            elif place:
                words.append([])
            words[-1].append(Run(part, run.level))
    return [tuple(_joined(run for run in word if run.text)) for word in words]


def _is_sign(word: Sequence[Run]) -> bool:
    return "".join(run.text for run in word).strip(" (") in set("+−*·⊙/=Σ")


def marked(line: Line, size: int) -> str:
    """A line as what stands in a `<text>` of SVG; nothing in it is taken for markup.

    >>> marked(named("x1"), 12)
    'x<tspan dy="3" font-size="9">1</tspan>'
    >>> marked(plain("<b>"), 12)
    '&lt;b&gt;'
    """
    said, height = "", 0
    for run in line:
        lower = round(-run.level * size * (0.25 if run.level < 0 else 0.4))
        text = escape(run.text)
        if lower == height == 0:
            said += text
        else:
            small = f' font-size="{round(size * SMALL)}"' if run.level else ""
            said += f'<tspan dy="{lower - height}"{small}>{text}</tspan>'
        height = lower
    return said
