"""What a training run comes to, and curves: logs, predictions, and the pictures asked for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tracer.errors import LessonError, TracerError
from tracer.lesson.reading import Block as LessonBlock
from tracer.lesson.reading import Lesson, Line
from tracer.lesson.solution import Section, names
from tracer.numbers.rounding import MOST_PLACES, Pen, decimals, plain
from tracer.numbers.typed import finite, parse_rows
from tracer.page.document import Block, Heading, Log, Note, Page, Table
from tracer.page.notes import misprint_notes, remarks
from tracer.page.plots import decision_boundary, formula_curve, learning_curve, loss_steps
from tracer.trace.quantity import as_written, known
from tracer.trace.rates import Schedule
from tracer.trace.view import Turn
from tracer.training.run import Run, counted
from tracer.written.entries import settle
from tracer.written.names import pretty
from tracer.written.text import text
from tracer.written.tree import Expr, Word

MOST_STEPS = 12


def train_page(lesson: Lesson, section: Section, block: LessonBlock) -> Page:
    """A training run from the declared parameters on, in full precision.

    Raises TracerError, with its line, for what was printed of a run that has not got it.
    """
    run = section.run
    assert section.plan is not None
    called = pretty(run.program.conventions.theirs("alpha"))
    title = f"Training: {counted(run.epochs)} with {called} = {_rate(run)}"
    blocks: list[Block] = [
        Heading(title, 3, block.settings.get("at", "")),
        *_batches(run),
        Log(section.seen.program.root, section.plan.log(run)),
        Note("Note", _outcome(run)),
    ]
    printed = [_printed(lesson, section, line) for line in block.lines]
    if printed:
        blocks.append(Table("", ("quantity", "value"), tuple(printed), ("plain", "forward")))
    blocks += [_plot(word, run) for word in names(block.settings.get("plot", ""))]
    blocks += [*misprint_notes(section, block), *remarks(block)]
    return Page(title, tuple(blocks), answer=block.flag("answer"))


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


def _printed(lesson: Lesson, section: Section, line: Line) -> tuple[Expr, Expr]:
    """A quantity of a run that was printed, with as many decimals, or in full if they are many."""
    try:
        found = section.find(line.name)
    except TracerError as error:
        raise error.at(lesson.where(line.line)) from None
    digits = max(decimals(digits) for row in parse_rows(line.text) for digits in row)
    pen = Pen("display", digits) if digits <= MOST_PLACES and not found.pen.rounds else found.pen
    shown = known(found.name, as_written(pen, found.own.written, {}), pen)
    return Word(pretty(line.name)), settle(shown.numbers())


def curve_page(lesson: Lesson, block: LessonBlock) -> Page:
    """A formula drawn over one variable.

    Raises LessonError for settings or a formula that cannot be used.
    """
    where = lesson.where(block.line)
    if len(block.lines) != 1:
        raise LessonError(
            "{curve} takes one equation, expected such as 'a = 1/(1 + exp(-z))'", where
        )
    line, settings = block.lines[0], block.settings
    try:
        low, high = (finite(key, settings.get(key, "")) for key in ("from", "to"))
        marks = _marks(settings["mark"]) if "mark" in settings else []
        if not low < high:
            raise LessonError(f"from {low:g} to {high:g} is no interval")
        drawn = formula_curve(line.name, line.text, settings.get("wrt", "z"), low, high, marks)
    except TracerError as error:
        raise LessonError(error.problem, where) from None
    heading = Heading(f"The curve of {pretty(line.name)}", 3, settings.get("at", ""))
    return Page(heading.text, (heading, drawn, *remarks(block)), answer=block.flag("answer"))


def _marks(text: str) -> list[float]:
    try:
        return [float(mark) for row in parse_rows(text) for mark in row]
    except LessonError as error:
        raise LessonError(f"mark {error.problem}") from None


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
