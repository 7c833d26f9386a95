"""A lesson worked out from top to bottom: each block with the trace it reads or writes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tracer.equations import build
from tracer.errors import LessonError, TracerError, nearest, shape_text
from tracer.lesson import Block, Lesson, Line, Prose, parse_rows, read_pen
from tracer.names import Name, parse_name
from tracer.network import VIEWS, assemble, check_loss, gate, parse_layers
from tracer.program import Program, Value
from tracer.quantity import Dictated, Hand, Quantity
from tracer.rounding import Pen
from tracer.trace import Step, Trace
from tracer.training import Plan, Run


@dataclass(frozen=True)
class Section:
    """One item of a lesson, worked out."""

    item: Prose | Block
    trace: Trace | None = None
    "the trace it reads or writes; none for prose"
    epoch: int = 0
    "the iteration it belongs to"
    steps: tuple[Step, ...] = ()
    pen: Pen | None = None
    "the pen it was written with"
    plan: Plan | None = None
    "how a network is trained, in a {train} block"

    @cached_property
    def run(self) -> Run:
        """The training run of a {train} block, made when it is first asked for."""
        assert self.plan is not None
        assert self.trace is not None
        return self.plan.carry_out(self.trace.program)

    def find(self, name: str) -> Quantity:
        """The quantity a name means in this block: in an update, a parameter is the new one."""
        assert self.trace is not None
        assert isinstance(self.item, Block)
        parsed = parse_name(name)
        if self.item.kind == "update" and self._is_parameter(parsed):
            parsed = replace(parsed, prime=True)
        return self.trace.find(parsed, self.epoch)

    def _is_parameter(self, name: Name) -> bool:
        assert self.trace is not None
        program = self.trace.program
        base = program.aliases.get(name.base, name.base)
        return name.of is None and name.epoch is None and program.role(base) == "parameter"


@dataclass(frozen=True)
class Solution:
    """A lesson with everything in it worked out."""

    lesson: Lesson
    pen: Pen
    sections: tuple[Section, ...]

    @property
    def trace(self) -> Trace:
        """What was written for the lesson's first network or graph."""
        for section in self.sections:
            if section.trace is not None:
                return section.trace
        raise LessonError("there is no {network} or {graph} here, expected one", self.lesson.path)


def _plan(block: Block, program: Program) -> Plan:
    numbers = {
        key: _positive(block, key)
        for key in ("epochs", "batch-size", "log-every")
        if key in block.settings
    }
    if "epochs" not in numbers:
        raise LessonError("the training has no length, expected ':epochs: 5000'")
    rate = block.settings.get("learning-rate")
    plan = Plan(
        numbers["epochs"],
        None if rate is None else finite("learning-rate", rate),
        numbers.get("batch-size"),
        numbers.get("log-every"),
    )
    plan.check(program)
    return plan


def _positive(block: Block, key: str) -> int:
    text = block.settings[key]
    if not text.isdecimal() or int(text) == 0:
        raise LessonError(f"{key} is {text!r}, expected a whole number of 1 or more")
    return int(text)


def finite(key: str, text: str) -> float:
    """The number that a setting gives; raises LessonError for anything else."""
    try:
        number = float(text)
    except ValueError:
        raise LessonError(f"{key} {text!r} is not a number, expected such as 0.1") from None
    if not math.isfinite(number):
        raise LessonError(f"{key} {text!r} is not finite, expected such as 0.1")
    return number


def solve(lesson: Lesson, pen: Pen | None = None, tape: type[Trace] = Trace) -> Solution:
    """A lesson worked out with its own pen, or with another one and then without its slips.

    >>> from tracer.lesson import load
    >>> solve(load("or-batch")).trace["dCost/dW[1,2]"].written
    -0.038

    Raises LessonError and its kin, with file and line, where the lesson cannot be followed.
    """
    sections: list[Section] = []
    trace: Trace | None = None
    for item in lesson.items:
        if isinstance(item, Prose) or item.kind in ("lesson", "derive", "curve"):
            sections.append(Section(item))
            continue
        with _at(lesson, item.line):
            if item.kind in ("network", "graph"):
                trace = tape(_program(lesson, item))
                sections.append(Section(item, trace))
                continue
            if trace is None:
                raise LessonError(
                    f"{{{item.kind}}} has nothing to work on, expected a {{network}} or "
                    "a {graph} before it"
                )
            sections.append(_work(lesson, item, trace, pen))
    return Solution(lesson, pen or lesson.pen, tuple(sections))


def _work(lesson: Lesson, block: Block, trace: Trace, override: Pen | None) -> Section:
    epoch = trace.epoch
    if block.kind == "train":
        return Section(block, trace, plan=_plan(block, trace.program))
    if block.kind in ("paths", "shapes"):
        return Section(block, trace, epoch, pen=override or lesson.pen)
    hand = _hand(lesson, block, trace, override)
    steps: tuple[Step, ...]
    if block.kind == "forward":
        steps = trace.forward(hand)
    elif block.kind == "backward":
        steps = trace.backward(hand, block.settings.get("of"))
    else:
        steps = trace.update(hand)
    section = Section(block, trace, epoch, steps, hand.pen)
    for line in block.lines:
        with _at(lesson, line.line):
            _fits(line, section.find(line.name), by_author=override is None)
    for name in names(block.settings.get("display", "")):
        with _at(lesson, block.setting_lines["display"]):
            section.find(name)
    return section


def _fits(line: Line, found: Quantity, by_author: bool) -> None:
    """A printed number has the shape of what it stands for, and a dictated one was written here."""
    rows, _ = parse_rows(line.text)
    shape = (len(rows), len(rows[0]))
    if shape != (found.shape or (1, 1)) and not line.dictated:
        raise LessonError(
            f"{line.name} is {shape_text(found.shape)}, but {shape_text(shape)} is printed"
        )
    if line.dictated and by_author and not found.slip:
        raise LessonError(f"{line.name} is not written in this block, so no slip can be made here")


def _hand(lesson: Lesson, block: Block, trace: Trace, override: Pen | None) -> Hand:
    if override:
        return Hand(override)
    pen = read_pen(block, f"{lesson.path}:") or lesson.pen
    display = replace(pen if pen.mode != "exact" else lesson.pen, mode="display")
    modes = {
        trace.canonical(parse_name(name)): display
        for name in names(block.settings.get("display", ""))
    }
    slips: dict[str, tuple[Dictated, ...]] = {}
    for line in block.lines:
        if line.dictated:
            with _at(lesson, line.line):
                name = parse_name(line.name)
                key = trace.canonical(name)
                dictated = Dictated(
                    _value(line), name.entry, line.slip or "", lesson.where(line.line)
                )
                slips[key] = (*slips.get(key, ()), dictated)
    return Hand(pen, modes, slips, carries=lesson.pen.mode == "carry")


def _program(lesson: Lesson, block: Block) -> Program:
    settings = block.settings
    rate = _learning_rate(lesson, block)
    if block.kind == "graph":
        data = names(settings.get("data", ""))
        equations = [(line.name, line.text, lesson.where(line.line)) for line in block.lines]
        _none_dictated(lesson, block)
        return build(equations, rate, data)
    if "layers" not in settings:
        raise LessonError("the network has no layers, expected ':layers: 1 sigmoid'")
    view = settings.get("view", "matrix")
    if view not in VIEWS:
        where = lesson.where(block.setting_lines["view"])
        raise LessonError(f"view {view!r} is not known; {nearest(view, VIEWS)}", where)
    wanted, other = ("loss", "cost") if view == "scalar" else ("cost", "loss")
    if wanted not in settings:
        instead = f"; {other} belongs to the other view" if other in settings else ""
        raise LessonError(f"no {wanted} is set, expected ':{wanted}: squared error'{instead}")
    _none_dictated(lesson, block)
    values: dict[str, Value] = {}
    places: dict[str, int] = {}
    if "data" in settings:
        with _at(lesson, block.setting_lines["data"]):
            values |= gate(settings["data"])
    for line in block.lines:
        with _at(lesson, line.line):
            name = str(parse_name(line.name))
            if name in values:
                first = f"line {places[name]}" if name in places else "':data:'"
                raise LessonError(f"{name} is given twice, first on {first}")
            values[name], places[name] = _value(line), line.line
    with _at(lesson, block.setting_lines[wanted]):
        check_loss(settings[wanted])
    with _at(lesson, block.setting_lines["layers"]):
        layers = parse_layers(settings["layers"])
    try:
        return assemble(
            layers,
            values,
            view=view,
            loss=settings[wanted],
            learning_rate=rate,
            features=names(settings.get("features", "")),
            init=settings.get("init"),
        )
    except TracerError as error:
        blamed = error.problem.split(" ")[0]
        number = places.get(blamed) or block.setting_lines.get(blamed) or block.line
        raise error.at(lesson.where(number)) from None


def _none_dictated(lesson: Lesson, block: Block) -> None:
    for line in block.lines:
        if line.dictated:
            raise LessonError(
                f":= dictates what was written, and {{{block.kind}}} writes nothing; "
                "expected 'name = value'",
                lesson.where(line.line),
            )


def names(text: str) -> list[str]:
    """Names or formulas separated by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def _learning_rate(lesson: Lesson, block: Block) -> float | None:
    text = block.settings.get("learning-rate")
    if text is None:
        return None
    with _at(lesson, block.setting_lines["learning-rate"]):
        return finite("learning-rate", text)


def _value(line: Line) -> Value:
    rows, transposed = parse_rows(line.text)
    array = np.array([[float(token) for token in row] for row in rows])
    if transposed:
        return array.T.copy()
    return array if array.size > 1 or ";" in line.text else float(array[0, 0])


@contextmanager
def _at(lesson: Lesson, line: int) -> Iterator[None]:
    """Give a fault the line of the lesson it belongs to."""
    try:
        yield
    except TracerError as error:
        raise error.at(lesson.where(line)) from None
