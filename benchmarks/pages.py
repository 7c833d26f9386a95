"""What the pages of all lessons come to for who reads them in a terminal.

Run `python benchmarks/pages.py`: how many of the graphs are drawn in so many columns, and how tall
the drawings are.
"""

import statistics
from collections.abc import Iterator

from tracer.lesson.home import course
from tracer.lesson.solution import explain, solve
from tracer.page.document import Graph
from tracer.render.boxes import Signs
from tracer.render.graphs import drawing
from tracer.render.terminal import in_ascii

WIDTHS = (60, 80, 100, 120)
SIGNS = {"UTF-8": Signs(), "ASCII": Signs(in_ascii, tall=False)}


def graphs() -> Iterator[Graph]:
    """Every graph on a page of a lesson."""
    for lesson in course():
        for page in explain(solve(lesson)).pages:
            yield from (block for block in page.blocks if isinstance(block, Graph))


def heights(every: list[Graph], width: int, signs: str) -> list[int]:
    """The rows of each drawing; a graph that is none is left out."""
    drawn = (drawing(each, width, SIGNS[signs], signs == "ASCII") for each in every)
    return [len(rows) for rows in drawn if rows is not None]


def drawings() -> None:
    """How many graphs are drawn, and how tall."""
    every = list(graphs())
    print(f"{len(every)} graphs")
    for width in WIDTHS:
        for signs in SIGNS:
            found = heights(every, width, signs)
            middle, tallest = round(statistics.median(found)), max(found)
            print(
                f"{width:>4} columns, {signs}: {len(found)} drawn, "
                f"{middle} rows in the middle, {tallest} at most"
            )


if __name__ == "__main__":
    drawings()
