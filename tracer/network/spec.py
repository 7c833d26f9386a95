"""A network before its numbers, as records."""

from __future__ import annotations

from dataclasses import dataclass

from tracer import ops
from tracer.numbers.decimals import Number
from tracer.ops import Loss, Op, Reduction, UpdateRule
from tracer.trace.conventions import USUAL, Conventions
from tracer.trace.rates import Rate


@dataclass(frozen=True)
class Penalty:
    """L2 regularisation: lambda, and what stands around it."""

    rate: float
    half: bool
    mean: bool


@dataclass(frozen=True)
class Criterion:
    """What is minimised: a loss for each output, or one on an example's scores; and its means."""

    name: str
    loss: Loss | None
    "none for a loss that mixes the outputs of an example"
    reduction: Reduction
    fused: bool = False
    "differentiated in one step with the activation before it"
    clip: Number | None = None
    "how far predictions are kept from 0 and 1 before it"


@dataclass(frozen=True)
class Spec:
    """A network before its numbers."""

    layers: tuple[tuple[int, Op], ...]
    criterion: Criterion | None
    "none for a network that only goes forward"
    view: str = "matrix"
    learning_rate: Rate | None = None
    conventions: Conventions = USUAL
    penalty: Penalty | None = None
    update: UpdateRule = ops.GRADIENT_DESCENT
    features: tuple[str, ...] = ()
    init: str | None = None
    data_gradients: bool = False
    "whether gradients are sent to X as well"
    beside: tuple[tuple[str, Criterion], ...] = ()
    "what is worked out beside the cost and not minimised, by name: MAE"
    aimless: tuple[str, ...] = ()
    "settings that need a cost, where there is none"

    @property
    def losses(self) -> dict[str, None]:
        """What each loss is called, be it minimised or not."""
        every = (self.criterion, *(criterion for _, criterion in self.beside))
        return dict.fromkeys(criterion.name for criterion in every if criterion)
