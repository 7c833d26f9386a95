"""A page written by hand beside the same page in exact numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from rich.text import Text

from tracer.cli.replay.sheet import Paper
from tracer.page.document import Block, Heading, Page, Working

WIDE = 100
"Columns from which on the two stand side by side."
GAP = 3
HAND, EXACTLY = "by hand", "exactly"
Pair = tuple[Block | None, Block | None]


def partner(page: Page, exact: Sequence[Page], at: int) -> Page | None:
    """The page in exact numbers that tells the same; none where only a hand has one."""
    titled = [k for k, other in enumerate(exact) if _same(page, other)]
    nearest = min(titled, key=lambda k: abs(k - at), default=None)
    return None if nearest is None else exact[nearest]


def _same(page: Page, other: Page) -> bool:
    return (page.title, page.epoch) == (other.title, other.epoch)


def pairs(hand: Page, exact: Page) -> Iterator[Pair]:
    """The blocks of two pages side by side, each with the one that tells the same."""
    ours, theirs = list(map(_about, hand.blocks)), list(map(_about, exact.blocks))
    for kind, i, j, k, m in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from zip(hand.blocks[i:j], exact.blocks[k:m], strict=True)
        else:
            yield from ((block, None) for block in hand.blocks[i:j])
            yield from ((None, block) for block in exact.blocks[k:m])


def _about(block: Block) -> tuple[str, ...]:
    """What a block tells, whatever its numbers are."""
    match block:
        case Working():
            return ("working", block.name, block.label)
        case Heading():
            return ("heading", block.text)
        case _:
            return (type(block).__name__,)


def columns(paper: Paper, hand: Page, exact: Page, width: int) -> list[Text]:
    """Both pages: what is the same once, what differs side by side, or in turn where narrow."""
    is_wide = width >= WIDE
    half = (width - GAP) // 2
    lines: list[Text] = []
    for one, other in pairs(hand, exact):
        if one == other and one is not None:
            lines += paper.blocks([one], width)
        elif is_wide:
            lines += _beside(_drawn(paper, one, half), _drawn(paper, other, half), half, paper)
        elif one is None or other is None:
            lines += paper.blocks([block for block in (one, other) if block], width)
        else:
            for said, block in ((HAND, one), (EXACTLY, other)):
                lines += [Text(said, style="bold"), *paper.blocks([block], width)]
    if is_wide and hand.blocks != exact.blocks:
        heads = _beside([Text(HAND, "bold")], [Text(EXACTLY, "bold")], half, paper)
        return [*heads, *lines]
    return lines


def _drawn(paper: Paper, block: Block | None, width: int) -> list[Text]:
    return [] if block is None else paper.blocks([block], width)


def _beside(left: list[Text], right: list[Text], half: int, paper: Paper) -> list[Text]:
    """Lines side by side, and an empty one below."""
    bar = " | " if paper.is_ascii else " │ "
    rows = []
    for column in (left, right):
        while column and not column[-1].plain.strip():
            column.pop()
    for k in range(max(len(left), len(right))):
        row = left[k].copy() if k < len(left) else Text("")
        row.no_wrap = True
        if row.cell_len < half:
            row.pad_right(half - row.cell_len)
        rows.append(Text.assemble(row, (bar, "dim"), right[k] if k < len(right) else Text("")))
    return [*rows, Text("")]
