"""A step opened line by line, so that each line can be predicted before it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tracer.page.document import Block, Derivation, DerivationLine, Page, Working
from tracer.written.tree import Word

UNKNOWN = Word("?")


def stages(page: Page) -> tuple[Page, ...]:
    """A page from what can be said before anything is worked out to the whole of it.

    >>> from tracer.lesson.home import load
    >>> from tracer.lesson.solution import explain, solve
    >>> step = next(p for p in explain(solve(load("or-batch"))).pages if p.title.endswith(": Z"))
    >>> [len(stage.blocks[1].lines) for stage in stages(step)]
    [1, 2, 3, 4, 4]

    A line that is still to come is a question mark, and nothing stands below it.
    """
    return tuple(replace(page, blocks=tuple(blocks)) for blocks in _blocks(page))


def _blocks(page: Page) -> Iterator[list[Block]]:
    told: list[Block] = []
    for block in page.blocks:
        for begun in _begun(block):
            yield [*told, begun]
        told.append(block)
    yield told


def _begun(block: Block) -> Iterator[Block]:
    """A block with no line of its own, with one, and so on, short of the last."""
    match block:
        case Working(lines=[_, _, *_]):
            for known in range(len(block.lines)):
                yield replace(block, lines=(*block.lines[:known], UNKNOWN), shapes=None)
        case Derivation():
            for known in range(len(block.lines)):
                unknown = DerivationLine(UNKNOWN)
                yield replace(block, lines=(*block.lines[:known], unknown))
