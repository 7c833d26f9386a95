"""What is written at once: a step forward, backward, of a sum, or of an update."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.trace.program import Equation
from tracer.trace.quantity import Contribution, Quantity


@dataclass(frozen=True)
class ForwardStep:
    """One equation worked out."""

    equation: Equation
    value: Quantity


@dataclass(frozen=True)
class BackwardStep:
    """One equation seen backward: what arrives, and what is sent on to each input."""

    equation: Equation
    upstream: Quantity
    contributions: tuple[Contribution, ...]
    kept_from: tuple[str, ...]
    "the inputs that get no gradient because they are data or held fixed"
    updates: tuple[UpdateStep, ...] = ()
    "the updates made at once, before the gradient goes on to the other inputs"
    sums: tuple[Quantity, ...] = ()
    "the gradients by several uses that are added up for these updates"


@dataclass(frozen=True)
class GatherStep:
    """A gradient that came by several uses, added up."""

    gradient: Quantity


@dataclass(frozen=True)
class UpdateStep:
    """One parameter moved against its gradient."""

    old: Quantity
    gradient: Quantity
    rate: Quantity
    new: Quantity
    before: tuple[Quantity, ...] = ()
    "what the update rule writes before: a velocity, running means"


Step = ForwardStep | BackwardStep | GatherStep | UpdateStep
