"""A matrix that is wider than a line, in blocks of its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tracer.written.entries import MOST_COLUMNS, shown
from tracer.written.tree import Grid

Fits = Callable[[Grid], bool]


def in_blocks(grid: Grid, fits: Fits) -> Iterator[tuple[str, Grid]]:
    """As many columns to a block as fit, with their numbers; of a column alone there is no more.

    >>> from tracer.written.tree import Num
    >>> three = Grid(((Num("1"), Num("2"), Num("3")),), (1, 3))
    >>> [numbers for numbers, block in in_blocks(three, lambda block: block.shape[1] < 3)]
    ['columns 1 to 2', 'column 3']
    """
    count = len(grid.cells[0])
    begin = 0
    while begin < count:
        end = begin + 1
        while end < count and fits(_columns(grid, begin, end + 1)):
            end += 1
        yield _numbers(grid, begin, end), _columns(grid, begin, end)
        begin = end


def _columns(grid: Grid, begin: int, end: int) -> Grid:
    cells, symbols = (tuple(row[begin:end] for row in rows) for rows in (grid.cells, grid.symbols))
    return replace(grid, cells=cells, symbols=symbols, shape=(len(cells), end - begin))


def _numbers(grid: Grid, begin: int, end: int) -> str:
    """Which columns a block has; in a matrix with some left out, those that it stands beside."""
    there = shown(grid.shape[1], MOST_COLUMNS) if grid.elided else list(range(grid.shape[1]))
    known = [number + 1 for number in there[begin:end] if number is not None]
    if not known:
        return "..."
    first, last = known[0], known[-1]
    return f"column {first}" if first == last else f"columns {first} to {last}"
