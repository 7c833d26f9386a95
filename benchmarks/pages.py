"""What a page asks of its reader: drawings that are missing, and pages taller than the screen.

    python benchmarks/pages.py [--columns 80] [--rows 24]

For each lesson: how many graphs are drawn in the terminal and how many are tables of edges; how
many pages are taller than the screen, and of how many of those the reader sees the end first.
"""

from __future__ import annotations

import argparse

from tracer.lesson.home import course, load
from tracer.lesson.solution import explain, solve
from tracer.page.document import Graph, Page
from tracer.render.terminal import pages_as_text

TABLE = "edge"
"The head of the table that stands where a graph is not drawn."


def lines(page: Page, columns: int) -> list[str]:
    """A page as the lines of a terminal."""
    return pages_as_text([page], columns).rstrip("\n").split("\n")


def is_drawn(graph: Graph, columns: int) -> bool:
    """Whether a graph is a drawing in the terminal, and not a table of its edges."""
    first = next(line for line in lines(Page("", (graph,)), columns) if line.strip())
    return not first.strip().startswith(TABLE)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--columns", type=int, default=80)
    asked.add_argument("--rows", type=int, default=24)
    given = asked.parse_args()
    print(f"{'lesson':32}{'graphs':>8}{'tables':>8}{'pages':>8}{'taller':>8}{'lines':>8}")
    totals = [0] * 4
    without = 0
    for each in course():
        pages = explain(solve(load(each.name))).pages
        graphs = [block for page in pages for block in page.blocks if isinstance(block, Graph)]
        tables = sum(not is_drawn(graph, given.columns) for graph in graphs)
        heights = [len(lines(page, given.columns)) for page in pages]
        # the last line of the screen is for the keys
        taller = sum(height > given.rows - 1 for height in heights)
        counts = (len(graphs), tables, len(pages), taller)
        print(f"{each.name:32}" + "".join(f"{n:8}" for n in (*counts, max(heights))))
        totals = [a + b for a, b in zip(totals, counts, strict=True)]
        without += bool(graphs) and tables == len(graphs)
    print(f"{'all':32}" + "".join(f"{n:8}" for n in totals))
    print(f"lessons without any drawing: {without}")


if __name__ == "__main__":
    main()
