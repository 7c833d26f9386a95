"""{network}: layers, a cost and numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tracer.errors import Faults, LessonError, placed
from tracer.lesson.blocks.base import value_of
from tracer.lesson.blocks.given import Given, learning_rate
from tracer.lesson.directive import Directive, Line
from tracer.written.names import parse_name

if TYPE_CHECKING:
    from tracer.network.spec import Spec
    from tracer.trace.program import Program


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
    )

    @classmethod
    def may_name_a_value(cls, line: Line, block: Directive) -> bool:
        """The source may call one of its quantities so."""
        called = rf"\b{re.escape(line.name)}\s*="
        return re.search(called, block.settings.get("names", "")) is not None

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
