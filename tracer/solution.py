"""A lesson worked out from top to bottom: each block with the trace it reads or writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from tracer.equations import build
from tracer.errors import LessonError, TracerError, shape_text
from tracer.lesson import Block, Lesson, Line, Prose, read_pen
from tracer.names import Name, parse_name
from tracer.network import Blame, assemble, graph_conventions, parts, spec_of, update_of
from tracer.program import Program, Value
from tracer.quantity import Dictated, Hand, Quantity
from tracer.rounding import EXACT, Pen, parse_pen
from tracer.size import Amount, numbers_of
from tracer.trace import Step, Trace
from tracer.training import MOST_EPOCHS, Plan, Run
from tracer.typed import finite, parse_rows
from tracer.view import seen


@dataclass(frozen=True)
class Section:
    """One item of a lesson, worked out."""

    item: Prose | Block
    trace: Trace | None = None
    "the trace it reads or writes; none for prose"
    view: Trace | None = None
    "the same as its source writes it"
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

    @property
    def seen(self) -> Trace:
        """The trace as its source writes it."""
        assert self.view is not None
        return self.view

    @property
    def told(self) -> tuple[Step, ...]:
        """Its steps as the source writes them."""
        return self.seen.told(self.steps)

    def find(self, name: str) -> Quantity:
        """The quantity a name means in this block: in an update, a parameter is the new one."""
        assert isinstance(self.item, Block)
        return self.seen.find(self.meant(parse_name(name)), self.epoch)

    def meant(self, name: Name) -> Name:
        """A name as it is meant here: in an update, what is moved is the new one."""
        assert isinstance(self.item, Block)
        assert self.trace is not None
        ours = self.trace.program.conventions.ours(name)
        moved = self.item.kind == "update" and ours.of is None and ours.epoch is None
        return replace(name, prime=True) if moved else name


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


def _plan(block: Block, program: Program, amount: Amount) -> Plan:
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
    if plan.epochs <= MOST_EPOCHS:  # else the plan itself is at fault
        amount.train(program, plan.epochs, plan.batch_size, plan.log_every)
    plan.check(program)
    return plan


def _positive(block: Block, key: str) -> int:
    text = block.settings[key]
    if not text.isdecimal() or int(text[:20]) == 0:
        raise LessonError(f"{key} is {text!r}, expected a whole number of 1 or more")
    return int(text[:20])


def solve(lesson: Lesson, pen: Pen | None = None, tape: type[Trace] = Trace) -> Solution:
    """A lesson worked out with its own pen, or with another one and then without its slips.

    >>> from tracer.lesson import load
    >>> solve(load("or-batch")).trace["dCost/dW[1,2]"].written
    -0.038

    Raises LessonError and its kin, with file and line, where the lesson cannot be followed.
    """
    sections: list[Section] = []
    trace: Trace | None = None
    view: Trace | None = None
    amount = Amount()
    for item in lesson.items:
        if isinstance(item, Prose) or item.kind in ("lesson", "derive", "curve"):
            sections.append(Section(item))
            continue
        with _at(lesson, item.line):
            if item.kind in ("network", "graph"):
                program = _program(lesson, item)
                amount.write(numbers_of(program), EXACT)
                trace = tape(program)
                view = seen(trace)
                sections.append(Section(item, trace, view))
                continue
            if trace is None or view is None:
                raise LessonError(
                    f"{{{item.kind}}} has nothing to work on, expected a {{network}} or "
                    "a {graph} before it"
                )
            section = Section(item, trace, view, trace.epoch)
            sections.append(_work(lesson, section, pen, amount))
    return Solution(lesson, pen or lesson.pen, tuple(sections))


def _work(lesson: Lesson, section: Section, override: Pen | None, amount: Amount) -> Section:
    block, trace = section.item, section.trace
    assert isinstance(block, Block)
    assert trace is not None
    if block.kind == "train":
        return replace(section, plan=_plan(block, trace.program, amount))
    if block.kind in ("paths", "shapes"):
        return replace(section, pen=override or lesson.pen)
    hand = _hand(lesson, block, section.seen, override)
    amount.write(numbers_of(trace.program), hand.pen)
    steps: tuple[Step, ...]
    if block.kind == "forward":
        steps = trace.forward(hand)
    elif block.kind == "backward":
        steps = trace.backward(hand, block.settings.get("of"))
    else:
        steps = trace.update(hand)
    section = replace(section, steps=steps, pen=hand.pen)
    for line in block.lines:
        with _at(lesson, line.line):
            _fits(line, section.find(line.name), by_author=override is None)
    for key in ("display", "places"):
        for name in names(block.settings.get(key, "")):
            with _at(lesson, block.setting_lines[key]):
                section.find(re.sub(r"\s+\d+(?: \w+)*$", "", name))
    return section


def _fits(line: Line, found: Quantity, by_author: bool) -> None:
    """A printed number has the shape of what it stands for, and a dictated one was written here."""
    rows = parse_rows(line.text)
    shape = (len(rows), len(rows[0]))
    if shape != (found.shape or (1, 1)) and not line.dictated:
        raise LessonError(
            f"{line.name} is {shape_text(found.shape)}, but {shape_text(shape)} is printed"
        )
    if line.dictated and by_author and not found.slip:
        raise LessonError(f"{line.name} is not written in this block, so no slip can be made here")


def _hand(lesson: Lesson, block: Block, view: Trace, override: Pen | None) -> Hand:
    if override:
        return Hand(override)
    pen = read_pen(block, f"{lesson.path}:") or lesson.pen
    display = replace(pen if pen.mode != "exact" else lesson.pen, mode="display")
    shown = names(block.settings.get("display", ""))
    modes = {view.canonical(parse_name(name)): display for name in shown}
    for name, chosen in _places(lesson, block, pen):
        with _at(lesson, block.setting_lines["places"]):
            modes[_key(view, parse_name(name))] = chosen
    return Hand(pen, modes, _slips(lesson, block, view), carries=lesson.pen.mode == "carry")


def _key(view: Trace, name: Name) -> str:
    """The name by which a hand knows a quantity, or something written on the way to it."""
    return view.canonical(name) + (f".{name.part}" if name.part else "")


def _slips(lesson: Lesson, block: Block, view: Trace) -> dict[str, tuple[Dictated, ...]]:
    """What the author wrote otherwise, by the names that quantities have inside."""
    slips: dict[str, tuple[Dictated, ...]] = {}
    for line in block.lines:
        if line.dictated:
            with _at(lesson, line.line):
                name = parse_name(line.name)
                key = _key(view, name)
                value, entry, flipped = view.inside(name, _value(line))
                dictated = Dictated(
                    value,
                    entry,
                    line.slip or "",
                    lesson.where(line.line),
                    called=str(name.whole),
                    flipped=flipped,
                )
                slips[key] = (*slips.get(key, ()), dictated)
    return slips


def _places(lesson: Lesson, block: Block, pen: Pen) -> Iterator[tuple[str, Pen]]:
    """Quantities that are written with other digits than the rest: `Yhat 2, Z 4 truncate`."""
    for words in names(block.settings.get("places", "")):
        with _at(lesson, block.setting_lines["places"]):
            match = re.fullmatch(r"(.+?)\s+(\d+(?: \w+)*)", words)
            if not match:
                raise LessonError(f"places {words!r} cannot be read, expected such as 'Yhat 2'")
            mode = pen.mode if pen.mode != "exact" else lesson.pen.mode
            yield match[1], parse_pen(f"{'display' if mode == 'exact' else mode} {match[2]}")


def _program(lesson: Lesson, block: Block) -> Program:
    settings = block.settings
    rate = _learning_rate(lesson, block)
    if block.kind == "graph":
        return _graph(lesson, block, rate)
    _none_dictated(lesson, block)
    values: dict[str, Value] = {}
    places: dict[str, int] = {}
    for line in block.lines:
        with _at(lesson, line.line):
            name = str(parse_name(line.name))
            if name in values:
                raise LessonError(f"{name} is given twice, first on line {places[name]}")
            values[name], places[name] = _value(line), line.line
    with _at(lesson, block.line):
        spec = replace(
            spec_of(settings, _blame(lesson, block)),
            learning_rate=rate,
            features=tuple(filter(None, map(str.strip, parts(settings.get("features", ""))))),
            init=settings.get("init"),
        )
    try:
        return assemble(
            spec,
            values,
            data=settings.get("data"),
            parameters=settings.get("parameters"),
            folder=Path(lesson.path).parent,
        )
    except TracerError as error:
        blamed = error.problem.split(" ")[0]
        number = places.get(blamed) or block.setting_lines.get(blamed) or block.line
        raise error.at(lesson.where(number)) from None


def _graph(lesson: Lesson, block: Block, rate: float | None) -> Program:
    settings, blame = block.settings, _blame(lesson, block)
    _none_dictated(lesson, block)
    for key in {"names", "examples"} & set(settings):
        raise LessonError(f"{key} belongs to {{network}}", lesson.where(block.setting_lines[key]))
    equations = [(line.name, line.text, lesson.where(line.line)) for line in block.lines]
    program = build(
        equations, rate, names(settings.get("data", "")), names(settings.get("fixed", ""))
    )
    return replace(
        program, update=update_of(settings, blame), conventions=graph_conventions(settings, blame)
    )


def _blame(lesson: Lesson, block: Block) -> Blame:
    """Faults of a setting, given its line."""
    return lambda key: _at(lesson, block.setting_lines.get(key, block.line))


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
    array = np.array([[float(token) for token in row] for row in parse_rows(line.text)])
    return array if array.size > 1 or ";" in line.text else float(array[0, 0])


@contextmanager
def _at(lesson: Lesson, line: int) -> Iterator[None]:
    """Give a fault the line of the lesson it belongs to."""
    try:
        yield
    except TracerError as error:
        raise error.at(lesson.where(line)) from None
