"""{network}: layers, a cost and numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tracer.errors import Faults, LessonError, placed
from tracer.lesson.blocks.base import value_of
from tracer.lesson.blocks.given import Given, learning_rate
from tracer.lesson.directive import Directive, Line, Setting
from tracer.written.names import parse_name

if TYPE_CHECKING:
    from typing import Self

    from tracer.lesson.desk import Desk
    from tracer.network.spec import Spec
    from tracer.page.document import Block as PageBlock
    from tracer.trace.program import Program

MOST_DRAWN = 7
"Layers of neurons in one picture."
DRAWN = {"graph": "as its computational graph", "neurons": "as neurons in columns"}


@dataclass(frozen=True)
class NetworkBlock(Given):
    """A network in a few words, and its numbers."""

    keys = (
        "view",
        "layers",
        "cost",
        "loss",
        "clip",
        "factor",
        "over-outputs",
        "over-examples",
        "beside",
        "l2",
        "learning-rate",
        "optimizer",
        "updates",
        "delta",
        "data-gradients",
        "examples",
        "weights",
        "biases",
        "names",
        "data",
        "features",
        "init",
        "parameters",
        "draw",
    )

    @classmethod
    def may_name_a_value(cls, line: Line, block: Directive) -> bool:
        """The source may call one of its quantities so."""
        called = rf"\b{re.escape(line.name)}\s*="
        return re.search(called, block.settings.get("names", "")) is not None

    @classmethod
    def solve(cls, block: Directive, desk: Desk) -> Self:
        from tracer.network.words import parse_layers

        solved = super().solve(block, desk)
        with desk.faults.kept():
            ways = block.read("draw", _ways_to_draw) or []
            layers = len(parse_layers(block.settings["layers"]))
            if "neurons" in ways and layers > MOST_DRAWN:
                raise LessonError(
                    f"{layers} layers are too many to draw as neurons, expected at most "
                    f"{MOST_DRAWN}; ':draw: graph' draws them all",
                    block.settings["draw"].where,
                )
        return solved

    def drawn(self) -> list[PageBlock] | None:
        """As neurons, as a graph, or as both in the order in which they are asked for."""
        from tracer.network.words import parse_layers
        from tracer.page.neurons import neurons_of
        from tracer.page.summaries import graph_of

        layers = parse_layers(self.block.settings["layers"])
        made: dict[str, Callable[[], PageBlock]] = {
            "neurons": lambda: neurons_of(self.trace.program, self.view, layers),
            "graph": lambda: graph_of(self.view),
        }
        ways = self.block.read("draw", _ways_to_draw)
        return None if ways is None else [made[way]() for way in ways]

    @classmethod
    def program(cls, block: Directive) -> Program:
        from tracer.network.assemble import assemble

        faults = Faults()
        with faults.kept():
            lines = _named(block)
        with faults.kept(), placed(block.where, block.places):
            spec = _spec(block)
        faults.tell()
        said = block.settings
        with placed(block.where, block.places | _places(lines)):
            return assemble(
                spec,
                {name: value_of(line) for name, line in lines.items()},
                data=said.get("data"),
                parameters=said.get("parameters"),
                folder=Path(block.path).parent,
            )


def _ways_to_draw(words: Setting) -> list[str]:
    from tracer.trace.conventions import one_of

    return [one_of("draw", way, DRAWN) for way in words.names()]


def _named(block: Directive) -> dict[str, Line]:
    """The lines of a block by the names that they give, in full."""
    found: dict[str, Line] = {}
    faults = Faults()
    for line in block.lines:
        with faults.kept(), placed(line.where):
            name = str(parse_name(line.name))
            if name in found:
                raise LessonError(f"{name} is given twice, first on line {found[name].line}")
            found[name] = line
            line.rows  # noqa: B018 - which are read here, so that a fault is found
    faults.tell()
    return found


def _places(lines: Mapping[str, Line]) -> dict[str, str]:
    """Where each value stands; the number of a single layer may be left out."""
    named = {name: line.where for name, line in lines.items()}
    return {name.removesuffix("[1]"): where for name, where in named.items()} | named


def _spec(block: Directive) -> Spec:
    from tracer.network.words import spec_of

    return replace(
        spec_of(block.settings),
        learning_rate=learning_rate(block),
        features=tuple(block.names("features")),
        init=block.settings.get("init"),
    )
