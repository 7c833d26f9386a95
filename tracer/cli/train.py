"""`tracer train`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from tracer.cli.parameters import THE_LESSONS, command, lesson_argument, loaded
from tracer.errors import TracerError
from tracer.numbers.rounding import plain

if TYPE_CHECKING:
    from rich.console import Console

    from tracer.lesson.blocks.base import Traced
    from tracer.trace.rates import Rate
    from tracer.training.run import Plan, Run

EPOCHS, LOG_EVERY = 1000, 100
"Where neither the lesson nor an option says how long a run is, and how often it is logged."


def whole(text: str) -> int:
    """A whole number of 1 or more."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise click.BadParameter(f"{text!r} is not a whole number of 1 or more")
    return number


def rate(text: str) -> Rate | None:
    """A learning rate."""
    from tracer.trace.equations import rate_of  # it brings NumPy with it

    try:
        return rate_of(text)
    except TracerError as error:
        said = error.problem.removeprefix("learning-rate ")  # the option is named in front
        raise click.BadParameter(said) from None


@command("train", "tracer train xor-hidden-layer --epochs 5000")
@lesson_argument()
@click.option(
    "--epochs",
    type=whole,
    metavar="N",
    show_default=f"{THE_LESSONS}, or {EPOCHS}",
    help="Passes over all examples.",
)
@click.option(
    "--learning-rate",
    type=rate,
    metavar="A",
    show_default=THE_LESSONS,
    help="The size of a step, or a formula in t and epoch.",
)
@click.option(
    "--batch-size",
    type=whole,
    metavar="N",
    show_default=THE_LESSONS,
    help="Examples in a step.",
)
@click.option(
    "--log-every",
    type=whole,
    metavar="K",
    show_default=f"{THE_LESSONS}, or {LOG_EVERY}",
    help="Epochs between the lines of the log.",
)
def train(lesson: str, **asked: Any) -> int:
    """Train a lesson's network, from its own parameters."""
    from tracer.lesson.blocks.train import TrainBlock
    from tracer.lesson.solution import solve
    from tracer.render.terminal import make_console
    from tracer.training.run import Plan

    solution = solve(loaded(lesson))
    training = next((s for s in solution.sections if isinstance(s, TrainBlock)), None)
    network = training or next(iter(solution.given), None)
    if network is None:
        raise TracerError(f"{lesson} has no network to train")
    own = training.plan if training else Plan(EPOCHS)
    plan = replace(own, **{key: value for key, value in asked.items() if value is not None})
    console = make_console()
    run = _carried_out(plan, network, console)
    if run.stopped:
        console.print(f"The run {run.stopped}.", markup=False)
    _report(run, console)
    return 1 if run.stopped and not run.interrupted else 0


def _carried_out(plan: Plan, network: Traced, console: Console) -> Run:
    """The run, with its log in the form of the article above a bar that grows."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    program = network.view.program
    root, log_every = program.root, plan.log_every or LOG_EVERY
    with bar:
        task = bar.add_task(root, total=plan.epochs)

        def each(epoch: int, cost: float) -> None:
            if epoch % log_every == 0:
                bar.console.print(
                    f"{root} at epoch#{epoch}: {cost!r}", markup=False, soft_wrap=True
                )
            if epoch % 50 == 0:
                bar.update(task, completed=epoch, description=f"{root} {cost:.6f}")

        return plan.carry_out(network.trace.program, each)


def _report(run: Run, console: Console) -> None:
    """What a run has learned; in a terminal, lines break between numbers."""
    from tracer.trace.view import Turn
    from tracer.training.run import counted

    turn = Turn(run.program.conventions, run.program)
    said = [f"{turn.name(run.program.root)} after {counted(run.epochs)}: {run.final_cost!r}"]
    for name, value in run.parameters().items():
        said.append(f"{turn.name(name)} = {rows_text(turn.value(name, value))}")
    if run.classifies:
        said.append(f"predictions: {rows_text(turn.value('Yhat', run.predictions()))}")
        said.append(f"accuracy: {run.accuracy():.1%}")
    elif not run.diverged and run.answers().size:
        said.append(f"answers: {rows_text(turn.value('Yhat', run.answers()))}")
    for line in said:
        # in a pipe a line stays whole, for whatever reads it
        console.print(line, markup=False, soft_wrap=not console.is_terminal)


def rows_text(value: object) -> str:
    """Numbers as a lesson writes them: rows separated by semicolons."""
    import numpy as np

    return "; ".join(" ".join(plain(float(x)) for x in row) for row in np.atleast_2d(value))  # type: ignore[call-overload]
