"""What every renderer is: one method for each block of the closed set."""

from __future__ import annotations

from typing import Protocol

from tracer.page.document import (
    Block,
    Boundary,
    Curve,
    Derivation,
    Graph,
    Heading,
    Log,
    Neurons,
    Note,
    Points,
    Prose,
    Table,
    Working,
)


class Renderer(Protocol):
    """One output. A method that is missing is a test failure."""

    def heading(self, block: Heading) -> None: ...
    def prose(self, block: Prose) -> None: ...
    def working(self, block: Working) -> None: ...
    def derivation(self, block: Derivation) -> None: ...
    def table(self, block: Table) -> None: ...
    def graph(self, block: Graph) -> None: ...
    def curve(self, block: Curve) -> None: ...
    def boundary(self, block: Boundary) -> None: ...
    def points(self, block: Points) -> None: ...
    def neurons(self, block: Neurons) -> None: ...
    def log(self, block: Log) -> None: ...
    def note(self, block: Note) -> None: ...


def render(renderer: Renderer, block: Block) -> None:
    """Print one block with the method made for it."""
    match block:
        case Heading():
            renderer.heading(block)
        case Prose():
            renderer.prose(block)
        case Working():
            renderer.working(block)
        case Derivation():
            renderer.derivation(block)
        case Table():
            renderer.table(block)
        case Graph():
            renderer.graph(block)
        case Curve():
            renderer.curve(block)
        case Boundary():
            renderer.boundary(block)
        case Points():
            renderer.points(block)
        case Neurons():
            renderer.neurons(block)
        case Log():
            renderer.log(block)
        case Note():
            renderer.note(block)
