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
    "its name, without the ending of its file"
    title: str
    "its title"
    source: str = ""
    "where its numbers were printed"


@dataclass(frozen=True)
class GivenValue:
    """A value that is given rather than computed."""

    name: str
    "its name"
    role: str
    """what it is for: data, to which no gradient is sent; value, data to which one is sent;
    parameter, which is learned; fixed or constant, which stay"""
    shape: tuple[int, ...]
    "rows and columns; empty for a single number"


@dataclass(frozen=True)
class WrittenEquation:
    """One operation, as it is written before any number is known."""

    name: str
    "the value that it computes"
    operation: str
    "what is done, in words: linear, sigmoid"
    inputs: tuple[str | Real, ...]
    "what is put in: names of values, or numbers"
    formula: Expr
    "how it is written in names"
    shape: tuple[int, ...]
    "rows and columns of the result; empty for a single number"
    convention: str = ""
    "what was agreed where a derivative does not exist"


@dataclass(frozen=True)
class WrittenStep:
    """One step of the pen."""

    kind: Literal["forward", "backward", "sum", "update"]
    """what is done: forward, an equation is worked out; backward, gradients are sent through an
    equation; sum, the gradients of several uses are added up; update, a parameter is moved"""
    of: str
    "the value that is worked out, sent gradients back from, summed up at, or moved"
    writes: tuple[Quantity, ...]
    "the quantities that are written in this step, in their order"
    contributions: tuple[Contribution, ...] = ()
    "what is sent back to each input, in a backward step"
    kept_from: tuple[str, ...] = ()
    "inputs that get no gradient because they are data"


@dataclass(frozen=True)
class Iteration:
    """What was written in one epoch."""

    quantities: tuple[Quantity, ...]
    """what was written, in the order of the pen; first what was given or carried over from the
    epoch before. Of several with the name of a gradient, the last is the gradient; before it stand
    its local gradient and what a single use contributes"""
    steps: tuple[WrittenStep, ...]
    "the steps, in the order of the pen"


@dataclass(frozen=True)
class WrittenTrace:
    """One network or graph, and everything that was written for it."""

    values: tuple[GivenValue, ...]
    "what is given rather than computed"
    equations: tuple[WrittenEquation, ...]
    "the operations, in the order in which they are carried out"
    epochs: tuple[Iteration, ...]
    "one for each iteration; the last one holds the moved parameters even where nothing follows"
    learning_rate: float | str | None = None
    "the size of a step: a number, or a formula in t and epoch; null where nothing is updated"
    update: str = GRADIENT_DESCENT.name
    "the rule by which parameters move"
    features: tuple[str, ...] = ()
    "rows of X that were computed from the rows above them: x1*x2"
    aliases: Mapping[str, str] = field(default_factory=dict)
    "other names of values: A[1] for Yhat"
    conventions: Conventions = USUAL
    "what the source writes otherwise than tracer does"

    def canonical(self, name: Name) -> str:
        """The name under which a quantity was written, as the trace itself would say."""
        bare = Program((), (), aliases=self.aliases, conventions=self.conventions)
        return view_of(Tape(bare)).canonical(name)


@dataclass(frozen=True)
class Recording:
    """A lesson as it was worked out in one way of rounding."""

    lesson: Origin
    "what was worked out"
    rounding: Pen
    "the lesson's way of writing numbers down, unless a quantity has another"
    traces: tuple[WrittenTrace, ...]
    "one for each network or graph of the lesson, in its order"
    pages: tuple[Page, ...]
    "what a replay shows, page by page"

    @property
    def document(self) -> Document:
        """The pages as a replay shows them."""
        return Document(self.lesson.title, self.pages)
