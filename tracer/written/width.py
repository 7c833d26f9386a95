"""How wide written LaTeX is on a page: an estimate from above, for what our printer writes."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from tracer.written.names import latex

COLUMN = 798 / 19.36
"""The column of a page on GitHub in em: 798 px, and KaTeX's em is 1.21 of 16 px."""

SCALES = (1.0, 1.0, 0.7, 0.5)
"The size of letters in a display, in text, in an index, and in an index of that."
TEXT, SCRIPT = 1, 2
GLYPHS = {
    glyph: width
    for width, glyphs in (
        (0.28, ".,:;'|!"), (0.34, "il"), (0.39, "()[]"), (0.48, "stj"), (0.5, "0123456789/c"),
        (0.53, "abdeoprvI"), (0.61, "fghkqxyznu"), (0.78, "wFJLPRSTZ"), (0.88, "ABCDEGOQUYm"),
        (0.95, "HKNVX_#"), (1.1, "MW"),
    )
    for glyph in glyphs
}  # fmt: skip
"Letters and signs in em, as wide as the italic of their like; any other takes one."
UPRIGHT = {
    glyph: width
    for width, glyphs in (
        (0.28, " .,:;'il!"), (0.39, "()[]strfjI-"), (0.5, "0123456789aceoz/"),
        (0.56, "bdghknpquvxyJSL"), (0.78, "ABCDEFGHKNOPQRTUVXYZw_"), (0.92, "mM"),
    )
    for glyph in glyphs
}  # fmt: skip
"The same where letters stand upright."
WORDS = {
    r"\log": 1.28, r"\tanh": 2.06, r"\sin": 1.23, r"\cos": 1.34, r"\tan": 1.39, r"\sinh": 1.79,
    r"\cosh": 1.9, r"\max": 1.86, r"\min": 1.67, r"\exp": 1.53, r"\ln": 0.84, r"\sum": 1.45,
}  # fmt: skip
"Operators, which keep a little room to both sides."
SPACES = {
    r"\quad": 1.0, r"\qquad": 2.0, r"\;": 0.28, r"\,": 0.17, r"\ ": 0.25, r"\!": -0.17,
}  # fmt: skip
OTHERS = {
    r"\partial": 0.59, r"\cdots": 1.4, r"\ldots": 1.4, r"\lvert": 0.28, r"\rvert": 0.28,
    r"\lambda": 0.59, r"\theta": 0.5, r"\delta": 0.48, r"\circ": 0.5, r"\alpha": 0.64,
    r"\_": 0.5, r"\#": 0.83, r"\sigma": 0.61,
}  # fmt: skip
BINARY = {"+": 0.78, "-": 0.78, r"\cdot": 0.28, r"\odot": 0.78, r"\times": 0.78}
RELATIONS = {"=": 0.78, ">": 0.78, "<": 0.78, r"\ge": 0.78, r"\sim": 0.78, r"\approx": 0.78}
THIN, MEDIUM, THICK = 0.167, 0.223, 0.278
"The room beside an operator, a sign between two terms, and a sign between two sides."
BAR = 0.24
"What a fraction has on its sides."
MADE = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)


@lru_cache(maxsize=4096)
def width(written: str) -> float:
    r"""The width of LaTeX as a display, in em and never too small.

    >>> round(width("w_{1} = 0.25"), 1)
    4.3
    >>> width(r"\begin{bmatrix} 1 & 2 \end{bmatrix}") > width("1 2")
    True
    """
    return _Reader(written).row(0).wide


def height(written: str) -> float:
    r"""How many rows of a matrix LaTeX is high as a display.

    >>> height(r"\begin{bmatrix} 1 \\ 2 \end{bmatrix}"), height("x")
    (2.0, 1.0)
    """
    return _Reader(written).row(0).rows


def beside(name: str, label: str = "") -> float:
    """The room that a name takes with its = sign, and the label of its part in a step."""
    labelled = width(rf"\text{{{label}}}") + 1 if label else 0.0
    return labelled + (width(f"{latex(name)} =") if name else 0.0)


class _Piece(NamedTuple):
    """What was read, and how many rows of a matrix it is high."""

    wide: float
    rows: float = 1


class _Reader:
    """Reads LaTeX from left to right and adds up how wide it is."""

    def __init__(self, written: str) -> None:
        self.tokens: list[str] = MADE.findall(written)
        self.at = 0

    def _next(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _skip_spaces(self) -> str:
        while self._peek().isspace():
            self.at += 1
        return self._peek()

    def row(self, style: int, ends: tuple[str, ...] = ()) -> _Piece:
        """Everything up to one of the ends, which is read too."""
        wide, rows, opens = 0.0, 1.0, True
        while (token := self._skip_spaces()) and token not in ends:
            is_sign = token in BINARY or token in RELATIONS
            piece = self._sign(opens, style) if is_sign else self._scripted(style)
            wide, rows = wide + piece.wide, max(rows, piece.rows)
            opens = is_sign or token in ("(", "[", r"\sum") or (opens and token in SPACES)
        if token:
            self.at += 1
        return _Piece(wide, rows)

    def _sign(self, opens: bool, style: int) -> _Piece:
        """A sign between two terms; a minus in front of a number keeps no room."""
        token = self._next()
        between = THICK if token in RELATIONS else 0 if opens else MEDIUM
        room = 2 * between if style <= TEXT else 0
        return _Piece(({**BINARY, **RELATIONS}[token] + room) * SCALES[style])

    def _scripted(self, style: int) -> _Piece:
        """Something with what stands above and below it."""
        base, scripts = self._atom(style), 0.0
        while self._skip_spaces() in ("^", "_"):
            self._next()
            scripts = max(scripts, self._argument(min(max(style + 1, SCRIPT), 3)).wide + 0.1)
        return _Piece(base.wide + scripts, base.rows)

    def _argument(self, style: int) -> _Piece:
        if self._skip_spaces() == "{":
            self._next()
            return self.row(style, ("}",))
        return self._atom(style)

    def _atom(self, style: int) -> _Piece:
        token, scale = self._next(), SCALES[style]
        if token in MADE_OF:
            return MADE_OF[token](self, style)
        if token in WORDS:
            return _Piece((WORDS[token] + 2 * THIN) * scale)
        if token == ",":
            return _Piece((GLYPHS[token] + THIN) * scale)
        return _Piece(SPACES.get(token, OTHERS.get(token, GLYPHS.get(token, 1.0))) * scale)

    def _group(self, style: int) -> _Piece:
        return self.row(style, ("}",))

    def _fraction(self, style: int) -> _Piece:
        inner = min(style + 1, 3)
        above, below = self._argument(inner), self._argument(inner)
        return _Piece(max(above.wide, below.wide) + BAR, 1.5 + (style == 0) / 2)

    def _between(self, style: int) -> _Piece:
        """Brackets that are as tall as what stands in them."""
        opening = self._delimiter()
        inside = self.row(style, (r"\right",))
        closing = self._delimiter()
        tall = 0.46 if inside.rows < 1.2 else 0.74 if inside.rows <= 2 else 0.88
        both = sum({".": 0.12, "|": 0.34}.get(sign, tall) for sign in (opening, closing))
        return _Piece(inside.wide + both + 2 * THIN, inside.rows)

    def _delimiter(self) -> str:
        self._skip_spaces()
        return self._next()

    def _letters(self, style: int) -> _Piece:
        """Words in upright letters, or in italics."""
        glyphs = GLYPHS if self.tokens[self.at - 1] == r"\mathit" else UPRIGHT
        wide = 0.0
        self._skip_spaces()
        self._next()
        while (token := self._next()) != "}":
            wide += OTHERS.get(token, glyphs.get(token, GLYPHS.get(token, 1.0)))
        return _Piece((wide + 0.05) * SCALES[style])

    def _environment(self, style: int) -> _Piece:
        """A matrix, or lines that are aligned."""
        name = self._name()
        is_matrix = name != "aligned"
        columns: list[float] = [0.0]
        rows, place, tallest = 1.0, 0, 1.0
        while True:
            cell = self.row(TEXT if is_matrix else 0, ("&", r"\\", r"\end"))
            columns[place] = max(columns[place], cell.wide)
            tallest = max(tallest, cell.rows)
            match self.tokens[self.at - 1]:
                case "&":
                    place += 1
                    columns += [0.0] * (place == len(columns))
                case r"\\":
                    place, rows = 0, rows + tallest
                    tallest = 1.0
                    self._skip_gap()
                case _:
                    self._name()
                    break
        rows += tallest - 1
        gaps = len(columns) - 1 if is_matrix else (len(columns) - 1) // 2
        around = 2 * (_bracket(rows) + THIN) if is_matrix else 0.0
        return _Piece(sum(columns) + gaps + around, rows)

    def _name(self) -> str:
        self._skip_spaces()
        self._next()
        name = ""
        while (token := self._next()) != "}":
            name += token
        return name

    def _skip_gap(self) -> None:
        if self._skip_spaces() == "[":
            while self._next() != "]":
                pass

    def _hat(self, style: int) -> _Piece:
        return self._argument(style)

    def _nothing(self, style: int) -> _Piece:
        return self._argument(style)

    def _root(self, style: int) -> _Piece:
        inside = self._argument(style)
        return _Piece(inside.wide + 1.06 * SCALES[style], inside.rows)

    def _fixed(self, style: int) -> _Piece:
        self._next()
        return _Piece(0.6)


def _bracket(rows: float) -> float:
    return 0.42 if rows < 1.2 else 0.53 if rows <= 2 else 0.67


MADE_OF: dict[str, Callable[[_Reader, int], _Piece]] = {
    "{": _Reader._group,
    r"\frac": _Reader._fraction,
    r"\left": _Reader._between,
    r"\begin": _Reader._environment,
    r"\sqrt": _Reader._root,
    r"\hat": _Reader._hat,
    r"\phantom": _Reader._nothing,
    r"\bigl": _Reader._fixed,
    r"\bigr": _Reader._fixed,
    **dict.fromkeys((r"\text", r"\mathit", r"\mathsf", r"\mathbf", r"\mathrm"), _Reader._letters),
}
"Commands that take something, and how it is read."
