"""The records of a lesson worked out: what was written, without any rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tracer.numbers.rounding import Pen, Real
from tracer.ops import GRADIENT_DESCENT
from tracer.page.document import Document, Page
from tracer.trace.conventions import USUAL, Conventions
from tracer.trace.program import Program
from tracer.trace.quantity import Contribution, Quantity
from tracer.trace.tape import Tape
from tracer.trace.view import view_of
from tracer.written.names import Name
from tracer.written.tree import Expr


@dataclass(frozen=True)
class Origin:
    """The lesson that was worked out."""

    name: str
    title: str
    source: str = ""


@dataclass(frozen=True)
class GivenValue:
    """A value that is given rather than computed."""

    name: str
    role: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class WrittenEquation:
    """One operation, as it is written before any number is known."""

    name: str
    operation: str
    inputs: tuple[str | Real, ...]
    formula: Expr
    shape: tuple[int, ...]
    convention: str = ""


@dataclass(frozen=True)
class WrittenStep:
    """One step of the pen."""

    kind: Literal["forward", "backward", "sum", "update"]
    of: str
    "the value that is computed, differentiated, summed up at, or moved"
    writes: tuple[Quantity, ...]
    contributions: tuple[Contribution, ...] = ()
    kept_from: tuple[str, ...] = ()
    "inputs that get no gradient because they are data"


@dataclass(frozen=True)
class Iteration:
    """What was written in one epoch."""

    quantities: tuple[Quantity, ...]
    steps: tuple[WrittenStep, ...]


@dataclass(frozen=True)
class WrittenTrace:
    """One network or graph, and everything that was written for it."""

    values: tuple[GivenValue, ...]
    equations: tuple[WrittenEquation, ...]
    epochs: tuple[Iteration, ...]
    learning_rate: float | str | None = None
    "a number, or a formula in t and epoch"
    update: str = GRADIENT_DESCENT.name
    "how parameters move"
    features: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    conventions: Conventions = USUAL

    def canonical(self, name: Name) -> str:
        """The name under which a quantity was written, as the trace itself would say."""
        bare = Program((), (), aliases=self.aliases, conventions=self.conventions)
        return view_of(Tape(bare)).canonical(name)


@dataclass(frozen=True)
class Recording:
    """A lesson as it was worked out in one way of rounding."""

    lesson: Origin
    rounding: Pen
    traces: tuple[WrittenTrace, ...]
    pages: tuple[Page, ...]

    @property
    def document(self) -> Document:
        """The pages as a replay shows them."""
        return Document(self.lesson.title, self.pages)
