"""{train}: a network trained in full precision, and what was printed of the run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from tracer.errors import LessonError, placed
from tracer.lesson.blocks.base import Each, Traced, unheard
from tracer.lesson.directive import Directive, Setting

if TYPE_CHECKING:
    from typing import Self

    from tracer.lesson.desk import Desk, Whole
    from tracer.page.document import Page
    from tracer.trace.quantity import Quantity
    from tracer.training.run import Plan, Run


@dataclass(frozen=True, kw_only=True)
class TrainBlock(Traced):
    """A training, carried out when its run is first asked for."""

    plan: Plan
    runs: dict[int, Run] = field(repr=False)
    "the runs that were made of the lesson already, by the line of their block"
    keys = (
        "epochs",
        "learning-rate",
        "batch-size",
        "shuffle",
        "log-every",
        "plot",
        "at",
        "answer",
    )
    prints: ClassVar[bool] = True
    repeats: ClassVar[bool] = False
    waits: ClassVar[bool] = True

    @classmethod
    def solve(cls, block: Directive, desk: Desk) -> Self:
        """What is asked of the training and cannot be is found before it is carried out."""
        from tracer.training.planes import check_plot
        from tracer.training.results import foreseen
        from tracer.training.run import MOST_EPOCHS

        trace, view = desk.traces(block)
        plan = _plan(block)
        if plan.epochs <= MOST_EPOCHS:  # else the plan itself is at fault
            desk.amount.train(trace.program, plan.epochs, plan.batch_size, plan.log_every)
        plan.check(trace.program)
        section = cls(block, trace, view, trace.epoch, plan=plan, runs=desk.lesson.runs)
        for words in block.names("plot"):
            with desk.faults.kept(), placed(block.settings["plot"].where):
                check_plot(words, trace.program)
        for line in block.lines:
            with desk.faults.kept(), placed(line.where):
                if line.dictated:
                    raise LessonError(
                        "a training is written by no hand, so no slip can be made in it"
                    )
                found = foreseen(trace.program, plan, line.name)
                if found is not None:
                    section.check_shape(line, found)
        return section

    @cached_property
    def run(self) -> Run:
        """The run; it depends on no pen, so that a lesson worked out again has it already."""
        return self._carried_out(unheard)

    def _carried_out(self, each: Each) -> Run:
        made = self.runs.get(self.block.line) or self.plan.carry_out(self.trace.program, each)
        if not made.interrupted:
            self.runs[self.block.line] = made
        return made

    def prepare(self, each: Each) -> None:
        vars(self)["run"] = self._carried_out(each)  # which is cached

    @property
    def title(self) -> str:
        from tracer.training.run import counted

        return f"Training: {counted(self.plan.epochs)}"

    @property
    def epochs(self) -> int:
        return self.plan.epochs

    def find(self, name: str) -> Quantity:
        """The result of the run that a name means."""
        from tracer.training.results import result

        return result(self.run, name)

    def pages(self, whole: Whole) -> Iterator[Page]:
        from tracer.page.trained import train_page

        printed = []
        for line in self.block.lines:
            with placed(line.where):
                printed.append((self.find(line.name), line.name, line.rows))
        yield train_page(
            self.run,
            self.plan,
            printed,
            self.block.names("plot"),
            root=self.view.program.root,
            notes=(*self.misprints(), *self.remarks()),
            caption=self.block.caption,
            answer=self.block.flag("answer"),
        )


def _plan(block: Directive) -> Plan:
    from tracer.trace.equations import rate_of
    from tracer.training.batches import parse_shuffle
    from tracer.training.run import Plan

    said = block.settings
    if "epochs" not in said:
        raise LessonError("the training has no length, expected ':epochs: 5000'")
    return Plan(
        said["epochs"].whole(),
        block.read("learning-rate", rate_of),
        block.read("batch-size", Setting.whole),
        block.read("log-every", Setting.whole),
        block.read("shuffle", parse_shuffle),
    )
