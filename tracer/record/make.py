"""A solution and its pages as records."""

from __future__ import annotations

import numpy as np

from tracer.lesson.solution import Solution
from tracer.page.document import Document
from tracer.record.records import (
    GivenValue,
    Iteration,
    Origin,
    Recording,
    WrittenEquation,
    WrittenStep,
    WrittenTrace,
)
from tracer.trace.book import Book
from tracer.trace.program import Equation, Program
from tracer.trace.quantity import Quantity
from tracer.trace.rates import Schedule
from tracer.trace.steps import BackwardStep, ForwardStep, GatherStep, Step, UpdateStep
from tracer.written.tree import Expr


def record(solution: Solution, told: Document) -> Recording:
    """A lesson worked out and explained, as records without any rule in them.

    >>> from tracer.lesson.home import load
    >>> from tracer.lesson.solution import explain, solve
    >>> solution = solve(load("or-batch"))
    >>> record(solution, explain(solution)).rounding
    Pen(mode='carry', places=3, significant=False, keep_zeros=False, way='half-up')
    """
    lesson = solution.lesson
    return Recording(
        Origin(lesson.name, lesson.title, lesson.source),
        solution.pen,
        tuple(_trace(section.view, section.trace.program) for section in solution.given),
        told.pages,
    )


def _trace(trace: Book, own: Program) -> WrittenTrace:
    """A trace as its source writes it; `own` is the program as it was worked out."""
    program = trace.program
    formulas, rate = program.formulas(), own.learning_rate
    written: list[list[Quantity]] = [[] for _ in range(trace.epoch + 1)]
    for epoch, quantity in trace.quantities():
        written[epoch].append(quantity)
    return WrittenTrace(
        tuple(GivenValue(leaf.name, leaf.role, np.shape(leaf.value)) for leaf in program.leaves),
        tuple(_equation(equation, formulas[equation.output]) for equation in program.equations),
        tuple(
            Iteration(tuple(quantities), tuple(map(_step, trace.steps(epoch))))
            for epoch, quantities in enumerate(written)
        ),
        str(rate) if isinstance(rate, Schedule) else rate,
        own.update.name,
        own.features,
        own.aliases,
        own.conventions,
    )


def _equation(equation: Equation, formula: Expr) -> WrittenEquation:
    op = equation.op
    shown = equation.applied(formula)
    return WrittenEquation(
        equation.output, op.name, equation.inputs, shown, formula.shape, op.convention
    )


def _step(step: Step) -> WrittenStep:
    match step:
        case ForwardStep(equation, value):
            return WrittenStep("forward", equation.output, (value,))
        case BackwardStep(equation, _, sent, kept_from, updates, sums):
            writes = [quantity for c in sent for quantity in (c.local, c.product)]
            moved = [quantity for one in updates for quantity in (*one.before, one.new)]
            every = (*writes, *sums, *moved)
            return WrittenStep("backward", equation.output, every, sent, kept_from)
        case GatherStep(total):
            return WrittenStep("sum", total.contributions[0].to, (total,))
        case UpdateStep():
            return WrittenStep("update", step.old.name, (*step.before, step.new))
