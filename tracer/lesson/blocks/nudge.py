"""{nudge}: one number moved a little, and what becomes of the last value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tracer.errors import LessonError, placed
from tracer.lesson.blocks.base import Traced
from tracer.lesson.directive import Directive, Setting
from tracer.numbers.decimals import Number
from tracer.numbers.rounding import EXACT
from tracer.numbers.typed import finite
from tracer.written.names import parse_name

if TYPE_CHECKING:
    from typing import Self

    from tracer.lesson.desk import Desk, Whole
    from tracer.page.document import Page
    from tracer.trace.nudged import Nudge
    from tracer.trace.quantity import Quantity
    from tracer.trace.tape import Tape

MOST_NUDGED = 20
"Numbers in one block."
QUOTIENTS = ("quotient", "central")


@dataclass(frozen=True, kw_only=True)
class NudgeBlock(Traced):
    """Numbers nudged one at a time, each beside its gradient."""

    nudges: tuple[Nudge, ...]
    keys = ("of", "by", "at", "answer")
    prints: ClassVar[bool] = True
    repeats: ClassVar[bool] = False

    @classmethod
    def solve(cls, block: Directive, desk: Desk) -> Self:
        from tracer.trace.nudged import nudge

        trace, view = desk.traces(block)
        if not {"of", "by"} <= set(block.settings):
            raise LessonError(
                "{nudge} needs a number and a step, expected ':of: w1' and ':by: 0.01'"
            )
        of, step = block.settings["of"], block.settings["by"].read(_step)
        with placed(of.where):
            _refuse_given_in_the_middle(trace)
            names = _names(of, trace)
            desk.amount.write(trace.program.numbers * (1 + 2 * len(names)), EXACT)
            nudges = tuple(nudge(trace, name, step, trace.epoch) for name in names)
        section = cls(block, trace, view, trace.epoch, nudges=nudges)
        for line in block.lines:
            with desk.faults.kept(), placed(line.where):
                if line.dictated:
                    raise LessonError("a nudge is written by no hand, so no slip can be made in it")
                section.check_shape(line, section.find(line.name))
        return section

    def find(self, name: str) -> Quantity:
        """A quotient, a gradient, or a value with the number raised."""
        from tracer.trace.nudged import in_a_row

        asked = parse_name(name)
        if name in QUOTIENTS and name not in self.view.program.names:
            return in_a_row(name, [getattr(nudge, name) for nudge in self.nudges])
        first = self.nudges[0]
        if asked.of is not None:
            return first.held.find(asked)
        if len(self.nudges) > 1:
            raise LessonError(f"{name} is another number with each nudge, expected one in ':of:'")
        return first.up.find(asked)

    def pages(self, whole: Whole) -> Iterator[Page]:
        from tracer.page.nudged import nudged_page

        yield nudged_page(
            self.nudges,
            self.epoch,
            rounds=whole.pen.rounds,
            caption=self.block.caption,
            answer=self.block.flag("answer"),
            notes=(*self.misprints(), *self.remarks()),
        )


def _step(words: Setting) -> Number:
    """How far a number is nudged, with the digits that were typed."""
    from tracer.trace.nudged import step_of

    finite("by", words)
    return step_of(Number(words))


def _names(of: Setting, trace: Tape) -> list[str]:
    """What is nudged, number by number."""
    from tracer.trace.nudged import single_names

    names = [one for name in of.names() for one in single_names(trace, name, trace.epoch)]
    if len(names) > MOST_NUDGED:
        raise LessonError(
            f"of names {len(names):,} numbers, expected at most {MOST_NUDGED}; take some of them"
        )
    return names


def _refuse_given_in_the_middle(trace: Tape) -> None:
    """Refuse a trace in which a value does not depend on what it is computed from."""
    for epoch, quantity in trace.quantities():
        if epoch == trace.epoch and any(one.given for one in quantity.dictations):
            raise LessonError(
                f"{quantity.name} is given in the middle, so that no nudge can reach it, expected "
                "a {nudge} before it is"
            )
