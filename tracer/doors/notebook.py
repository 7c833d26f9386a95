"""Programs and lessons worked out from Python, and shown in a notebook."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.errors import TracerError
from tracer.lesson.directive import Lesson
from tracer.lesson.solution import solve
from tracer.numbers.decimals import with_enough_digits
from tracer.numbers.rounding import EXACT, Pen, parse_pen
from tracer.page.pages import explain_trace
from tracer.render.markdown import for_notebook
from tracer.trace.book import Book
from tracer.trace.nudged import Nudge, nudge, step_of
from tracer.trace.program import Program
from tracer.trace.quantity import Hand, Quantity
from tracer.trace.steps import Step
from tracer.trace.tape import Tape
from tracer.trace.view import view_of
from tracer.written.names import Name


class Trace(Book):
    """Everything that was written down, as its source writes it; it shows itself in a notebook.

    >>> from tracer import graph
    >>> trace = work(graph("a = 2; b = 5; c = a*b; d = b + 1; e = c*d"))
    >>> [(c.through, c.product.written) for c in trace["de/db"].contributions]
    [('c', 12.0), ('d', 10.0)]

    A plain name reads the first epoch; `Z@1` reads epoch 1, and `W'` the updated parameter.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape, self._view = tape, view_of(tape)

    @property
    def program(self) -> Program:
        return self.tape.program

    @property
    def epoch(self) -> int:
        return self.tape.epoch

    def find(self, name: Name, epoch: int = 0) -> Quantity:
        """The quantity of a name, in the layout and with the signs of the program's conventions."""
        return self._view.find(name, epoch)

    def steps(self, epoch: int = 0) -> tuple[Step, ...]:
        return self._view.steps(epoch)

    def quantities(self) -> Iterator[tuple[int, Quantity]]:
        return self._view.quantities()

    def canonical(self, name: Name) -> str:
        return self._view.canonical(name)

    def nudge(self, name: str, by: float) -> Nudge:
        """One given number moved up and down, in exact numbers, beside its gradient.

        >>> from tracer import graph
        >>> work(graph("a = 2; b = 5; c = a*b; d = b + 1; e = c*d")).nudge("b", 0.01).quotient
        quotient = 22.02 (exactly 22.02)

        Raises a fault for what is not given, and where no gradient arrives to compare with.
        """
        return with_enough_digits(lambda: nudge(self.tape, name, step_of(by)))

    def __repr__(self) -> str:
        return f"<trace of {', '.join(self.program.names)}, at epoch {self.epoch}>"

    def _repr_markdown_(self) -> str:
        return for_notebook(explain_trace(self.tape))


def work(what: Program | Lesson, pen: Pen | str | None = None, iterations: int = 1) -> Trace:
    """A program or a lesson worked out; a program runs forward, backward and, with a rate, update.

    A network without a cost only goes forward.

    >>> from tracer import graph, load
    >>> work(graph("a = 2; b = 5; c = a*b; d = b + 1; e = c*d"))["de/db"].written
    22.0
    >>> work(load("or-batch"))["dCost/dW[1,2]"]
    dCost/dW[1,2] = -0.038 (exactly -0.0386588238168)

    `pen` is a Pen or words such as "carry 3"; without one a program is exact and a lesson is
    written with its own pen. Of a lesson with several networks, the first is returned.
    Raises NotFinite at the first step that gives infinity or not a number.
    """
    chosen = parse_pen(pen) if isinstance(pen, str) else pen
    if isinstance(what, Lesson):
        return Trace(solve(what, chosen).trace)
    if not isinstance(what, Program):
        raise TracerError(
            f"{type(what).__name__} cannot be worked out, expected net, graph or load"
        )
    return Trace(with_enough_digits(lambda: _written(what, Hand(chosen or EXACT), iterations)))


def _written(program: Program, hand: Hand, iterations: int) -> Tape:
    tape = Tape(program)
    for _ in range(iterations):
        tape.forward(hand)
        if not program.no_cost:
            tape.backward(hand)
        if program.learning_rate is not None:
            tape.update(hand)
    return tape
