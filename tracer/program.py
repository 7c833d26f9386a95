"""A graph to work out: what is given, and one operation for each equation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tracer.ops import Op

Value = float | np.ndarray


@dataclass(frozen=True)
class Leaf:
    """A value that is given rather than computed."""

    name: str
    value: Value
    role: str = "parameter"
    "data (no gradient is sent there), parameter (it is learned), or value"


@dataclass(frozen=True)
class Equation:
    """One operation applied to named values and plain numbers."""

    output: str
    op: Op
    inputs: tuple[str | float, ...]


@dataclass(frozen=True)
class Program:
    """A graph to work out: what is given, and the equations in order."""

    leaves: tuple[Leaf, ...]
    equations: tuple[Equation, ...]
    learning_rate: float | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    "other names under which a value is known: A[1] for Yhat"

    @property
    def root(self) -> str:
        """What is differentiated: the last equation's value."""
        return self.equations[-1].output

    @property
    def names(self) -> list[str]:
        """Every value, in order."""
        return [leaf.name for leaf in self.leaves] + [eq.output for eq in self.equations]

    def role(self, name: str) -> str:
        """What a value is: data, parameter, value, or computed."""
        return next((leaf.role for leaf in self.leaves if leaf.name == name), "computed")

    def uses(self, name: str) -> list[tuple[Equation, int]]:
        """Where a value is used: the equations and the places in them, in order."""
        return [
            (equation, place)
            for equation in self.equations
            for place, used in enumerate(equation.inputs)
            if used == name
        ]
