"""What a training run comes to: its log, its answers, and the pictures asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from tracer.numbers.rounding import MOST_PLACES, Pen, decimals, plain
from tracer.numbers.typed import Rows
from tracer.page.document import Block, Heading, Log, Note, Page, Table
from tracer.page.plots import decision_boundary, learning_curve, loss_steps
from tracer.trace.quantity import Quantity, as_written, known
from tracer.trace.rates import Schedule
from tracer.trace.view import Turn
from tracer.training.run import Plan, Run, counted
from tracer.written.entries import settle
from tracer.written.names import pretty
from tracer.written.text import text
from tracer.written.tree import Expr, Word

MOST_STEPS = 12


def train_page(
    run: Run,
    plan: Plan,
    printed: Iterable[tuple[Quantity, str, Rows]],
    plots: Iterable[str],
    *,
    root: str,
    notes: Iterable[Note],
    caption: str,
    answer: bool,
) -> Page:
    """A training run from the declared parameters on, in full precision.

    `printed` are results with their names and the digits that were printed, `root` is what the
    source calls the cost.
    """
    called = pretty(run.program.conventions.theirs("alpha"))
    title = f"Training: {counted(run.epochs)} with {called} = {_rate(run)}"
    blocks: list[Block] = [
        Heading(title, 3, caption),
        *_batches(run),
        Log(root, plan.log(run)),
        Note("Note", _outcome(run)),
    ]
    rows = tuple(_printed(*one) for one in printed)
    if rows:
        blocks.append(Table("", ("quantity", "value"), rows, ("plain", "forward")))
    blocks += [_plot(words, run) for words in plots]
    return Page(title, (*blocks, *notes), answer=answer)


def _rate(run: Run) -> str:
    rate = run.program.learning_rate
    return text(rate.formula) if isinstance(rate, Schedule) else plain(rate or 0)


def _batches(run: Run) -> Iterator[Note]:
    """How many examples a step takes, and in which order, where it is not all of them."""
    if run.batches.size is None:
        return
    sizes = [len(batch.examples) for batch in run.batches.of(0)]
    taken = f"{sizes[0]} examples" if sizes[0] > 1 else "1 example"
    if sizes[-1] < sizes[0]:
        taken += f" and the last one {sizes[-1]}"
    order = "in the order in which they are given"
    if run.batches.seed is not None:
        order = f"in a new order in every epoch, drawn with the seed {run.batches.seed}"
    several = f"{len(sizes)} steps" if len(sizes) > 1 else "1 step"
    yield Note("Note", f"Each step takes {taken}, {order}: {several} in an epoch.")


def _printed(found: Quantity, name: str, rows: Rows) -> tuple[Expr, Expr]:
    """A quantity of a run that was printed, with as many decimals, or in full if they are many."""
    digits = max(decimals(digits) for row in rows for digits in row)
    pen = Pen("display", digits) if digits <= MOST_PLACES and not found.pen.rounds else found.pen
    shown = known(found.name, as_written(pen, found.own.written, {}), pen)
    return Word(pretty(name)), settle(shown.numbers())


def _outcome(run: Run) -> str:
    if run.stopped:
        return f"The run stopped early: it {run.stopped}."
    said = f"After {counted(run.epochs)} {run.called} is {run.final_cost:.4g}, in float64."
    if run.classifies:
        answers = _in_rows(run, run.predictions())
        said += f" The predictions are {answers}; {run.accuracy():.1%} of the examples are right."
    elif run.answers().size:
        said += f" It answers {_in_rows(run, run.answers().round(4))}."
    return said


def _in_rows(run: Run, answers: np.ndarray) -> str:
    """Answers as the lesson lays them out."""
    laid = np.atleast_2d(Turn(run.program.conventions, run.program).value("Yhat", answers))
    return "; ".join(" ".join(plain(float(x)) for x in row) for row in laid)


def _plot(word: str, run: Run) -> Block:
    kind, _, parameter = word.partition(" ")
    if kind == "cost" and run.epochs == 0:
        return Note("Note", "There is no learning curve: the run ended in its first epoch.")
    if kind == "cost":
        return learning_curve(run)
    if kind == "steps":
        return loss_steps(run, parameter, MOST_STEPS)
    if run.diverged:
        return Note("Note", f"There is no boundary: the run {run.stopped}.")
    return decision_boundary(run.at(run.epochs), shaded=kind == "shaded")
