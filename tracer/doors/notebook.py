"""Programs and lessons worked out from Python, and shown in a notebook."""

from __future__ import annotations

from tracer.errors import TracerError
from tracer.lesson.block import Lesson
from tracer.lesson.solution import solve
from tracer.numbers.decimals import with_enough_digits
from tracer.numbers.rounding import EXACT, Pen, parse_pen
from tracer.page.pages import explain_trace
from tracer.render.markdown import to_markdown
from tracer.trace.program import Program
from tracer.trace.quantity import Hand, Quantity
from tracer.trace.tape import Trace
from tracer.trace.view import seen
from tracer.written.names import Name


class Worked(Trace):
    """A trace that is read as its source writes it, and shows itself in a notebook."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self._view = seen(self)

    def find(self, name: Name, epoch: int = 0) -> Quantity:
        """The quantity of a name, in the layout and with the signs of the program's conventions."""
        view = self._view
        return super().find(name, epoch) if view is self else view.find(name, epoch)

    def __repr__(self) -> str:
        return f"<trace of {', '.join(self.program.names)}, at epoch {self.epoch}>"

    def _repr_markdown_(self) -> str:
        return to_markdown(explain_trace(self))


def work(what: Program | Lesson, pen: Pen | str | None = None, iterations: int = 1) -> Worked:
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
        trace = solve(what, chosen, tape=Worked).trace
        assert isinstance(trace, Worked)
        return trace
    if not isinstance(what, Program):
        raise TracerError(
            f"{type(what).__name__} cannot be worked out, expected net, graph or load"
        )
    return with_enough_digits(lambda: _worked(what, Hand(chosen or EXACT), iterations))


def _worked(program: Program, hand: Hand, iterations: int) -> Worked:
    worked = Worked(program)
    for _ in range(iterations):
        worked.forward(hand)
        if not program.no_cost:
            worked.backward(hand)
        if program.learning_rate is not None:
            worked.update(hand)
    return worked
