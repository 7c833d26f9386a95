"""How much is said of what is worked out: everything, or no more than three lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal, get_args

from tracer.page.document import Block, Page, Working
from tracer.written.lines import parts
from tracer.written.tree import Entry, Expr, Grid, Sym, Word

Detail = Literal["full", "short"]
DETAILS: tuple[Detail, ...] = get_args(Detail)
"The first is meant unless another is asked for."


def told_in(detail: Detail, pages: Iterable[Page]) -> Iterator[Page]:
    """Pages in full, or in short."""
    for page in pages:
        yield page if detail == "full" else replace(page, blocks=tuple(map(_short, page.blocks)))


def in_short(working: Working) -> Working:
    """A working as its formula, the numbers put in, and the result.

    >>> from tracer.written.tree import Num, Sym
    >>> z, two = Sym("z"), Num("2")
    >>> lines = (Sym("f") * z, z**2 + z, two**2 + two, Num("4") + two, Num("6"))
    >>> from tracer.written.text import text
    >>> [text(line) for line in in_short(Working("f", lines)).lines]
    ['z^2 + z', '2^2 + 2', '6']
    """
    *before, result = working.lines
    named = [line for line in before if _has_names(line) and not isinstance(line, Grid)]
    numbers = [line for line in before if not _has_names(line)]
    return replace(working, lines=(*named[-1:], *numbers[:1], result))


def _short(block: Block) -> Block:
    return in_short(block) if isinstance(block, Working) else block


def _has_names(line: Expr) -> bool:
    """Whether a line is of names, or of the words that stand for them."""
    first = line.cells[0][0] if isinstance(line, Grid) else line
    return any(isinstance(part, Sym | Word | Entry) for part in parts(first))
