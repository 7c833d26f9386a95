"""What a training comes to, by the names that a lesson prints it under.

`Cost` is the cost after the last update and `Cost@4600` that of epoch 4600, and so are parameters,
other values and gradients; `predictions` and `accuracy` are what the trained network answers.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np

from tracer.errors import NotFinite, UnknownName
from tracer.numbers.rounding import EXACT, Pen
from tracer.trace.program import Program, Value
from tracer.trace.quantity import Quantity, known
from tracer.trace.tape import Tape
from tracer.trace.view import Turn, view_of
from tracer.training.answers import judged, labels_of, read_as
from tracer.training.run import Plan, Run
from tracer.written.habits import name_meant
from tracer.written.names import Name, gradient, parse_name

ANSWERS = Pen("display", 12)
"Answers are right or wrong; they are not near a printed one."
ANSWERED = ("predictions", "accuracy")


def result(run: Run, text: str) -> Quantity:
    """The quantity that a name stands for in a run.

    >>> from tracer import net
    >>> from tracer.training.run import train
    >>> run = train(net("1 identity", X=[[1]], Y=[[0]], W=[[3]], learning_rate=0.5), 10)
    >>> result(run, "W@2"), result(run, "Cost@1")
    (W = 0.75 (exactly 0.75), Cost = 1.125 (exactly 1.125))

    Raises UnknownName for other names and for epochs that the run does not have, TracerError for
    answers where there are none, and NotFinite for what is not a number.
    """
    why = f": the run {run.stopped}" if run.stopped else ""
    name, base = _asked(run.program, text, run.epochs, why)
    if base == "predictions":
        return _made(run.program, name, base, run.predictions())
    if base == "accuracy":
        return _made(run.program, name, base, run.accuracy())
    if not _is_cost(run.program, name, base):
        return _standing(run.at(run.epochs if name.epoch is None else name.epoch), name)
    cost = run.final_cost if name.epoch is None else float(run.costs[name.epoch])
    if not np.isfinite(cost):
        raise NotFinite(f"{name} is not finite, expected a number{why}")
    return _made(run.program, name, base, cost)


def foreseen(program: Program, plan: Plan, text: str) -> Quantity | None:
    """What a name will stand for once a program is trained, with the numbers of its beginning.

    None where the beginning is not finite, so that nothing can be foreseen.
    Raises as `result` does.
    """
    name, base = _asked(program, text, plan.epochs)
    if base in ANSWERED:
        read_as(judged(program), base)
        return _made(program, name, base, 0.0 if base == "accuracy" else labels_of(program))
    if _is_cost(program, name, base):
        return _made(program, name, base, 0.0)
    try:
        return _standing(program, name)
    except NotFinite:
        return None


def _asked(program: Program, text: str, epochs: int, why: str = "") -> tuple[Name, str]:
    """A name that a training has, and what it is called here."""
    name = parse_name(text)
    ours = program.conventions.ours(name)
    base = program.aliases.get(ours.base, ours.base)
    if not ours.of:
        _check_base(program, name, base)
    if name.prime or (base in ANSWERED and name.epoch is not None):
        last = replace(name, prime=False, epoch=None)
        raise UnknownName(f"{name} is no result of a training; {last} is that of the last update")
    at = name.epoch or 0
    if _is_cost(program, name, base) and name.epoch is not None and at >= epochs:
        known = f"expected 0 to {epochs - 1}" if epochs else "and no other"
        raise UnknownName(f"epoch {at} was not reached, {known}{why}")
    if at > epochs:
        raise UnknownName(f"epoch {at} is not in this run, expected 0 to {epochs}{why}")
    return name, base


def _check_base(program: Program, name: Name, base: str) -> None:
    """Raise UnknownName unless a value is one of the program's, or an answer."""
    learned = program.learned
    states = [state for leaf in program.leaves for state in program.remembered(leaf)]
    if base in (*program.names, *states, *ANSWERED):
        return
    turn = Turn(program.conventions, program)
    slopes = [gradient(program.root, parameter) for parameter in learned]
    results = [*map(turn.name, program.names), *ANSWERED, *map(turn.name, slopes)]
    way_out = name_meant(name, results, turn.name(program.root))
    raise UnknownName(f"{name} is no result of a training; {way_out}")


def _is_cost(program: Program, name: Name, base: str) -> bool:
    """Whether the cost of an epoch is meant: with batches, no single pass has it."""
    whole = not (name.part or name.through or program.conventions.ours(name).of)
    return base == program.root and whole


def _standing(program: Program, name: Name) -> Quantity:
    """A quantity of a program as it stands, worked out as far as it takes."""
    trace, name = Tape(program), replace(name, epoch=None)
    with suppress(UnknownName):
        return view_of(trace).find(name)  # a parameter stands there from the beginning
    trace.forward()
    if program.conventions.ours(name).of:
        trace.backward()
    return view_of(trace).find(name)


def _made(program: Program, name: Name, base: str, value: Value) -> Quantity:
    """A result as the source lays it out."""
    turn = Turn(program.conventions, program)
    laid = turn.value("Yhat" if base == "predictions" else base, value)
    pen = ANSWERS if base in ANSWERED else EXACT
    found = known(turn.name(base), laid, pen)
    return found.entry(*name.entry) if name.entry else found
