"""Where in the graph one is: the nodes that a page works out, and the graph as last drawn."""

from __future__ import annotations

from tracer.cli.replay.sources import Script
from tracer.page.document import Graph, Page, Tone
from tracer.written.names import parse_name


def lit(script: Script, page: Page, graph: Graph) -> dict[str, Tone]:
    """The nodes whose value or gradient is worked out on a page.

    A gradient belongs to the value by which is differentiated, and so does a local one.
    """
    tones: dict[str, Tone] = {}
    for trace in script.traces:
        called = {parse_name(trace.canonical(parse_name(n.name))).base: n.name for n in graph.nodes}
        for quantity in page.shows:
            ours = parse_name(trace.canonical(parse_name(quantity.name)))
            if ours.base in called and not quantity.given:
                tones[called[ours.base]] = "gradient" if ours.of else "forward"
    return tones


def graph_at(script: Script, at: int) -> Graph | None:
    """The graph of a page's network as it is known there: with what was last written on its edges
    in this iteration, or bare.

    None on a page that shows it itself, and where there is none yet.
    """
    if any(isinstance(block, Graph) for block in script.pages[at].blocks):
        return None
    known: Graph | None = None
    for page in script.pages[: at + 1]:
        for block in page.blocks:
            if isinstance(block, Graph) and (
                _is_bare(block) or page.epoch == script.pages[at].epoch
            ):
                known = block
    return known


def _is_bare(graph: Graph) -> bool:
    return all(edge.value is None for edge in graph.edges)
