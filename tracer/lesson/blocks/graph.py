"""{graph}: plain equations, each value a node."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracer.errors import about, placed
from tracer.lesson.blocks.given import Given, learning_rate
from tracer.lesson.directive import Directive, Line

if TYPE_CHECKING:
    from tracer.trace.program import Program


@dataclass(frozen=True)
class GraphBlock(Given):
    """A graph of equations."""

    keys = (
        "learning-rate",
        "data",
        "data-gradients",
        "fixed",
        "names",
        "delta",
        "updates",
        "optimizer",
    )

    @classmethod
    def may_name_a_value(cls, line: Line, block: Directive) -> bool:
        return line.name.isidentifier()

    @classmethod
    def program(cls, block: Directive) -> Program:
        from tracer.network.words import graph_conventions, update_of
        from tracer.trace.equations import build

        equations = [(line.name, line.text, line.where) for line in block.lines]
        data, fixed = block.names("data"), block.names("fixed")
        with placed(block.where, block.places):
            rate = learning_rate(block)
            program = build(equations, rate, data, fixed, block.flag("data-gradients"))
            conventions = graph_conventions(block.settings)
            with about("names"):
                conventions.check_names(program.names)
            rule = update_of(block.settings)
            return replace(program, update=rule, conventions=conventions)
