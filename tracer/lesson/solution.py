"""A lesson worked out from top to bottom: each block with the trace it reads or writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from tracer.errors import LessonError, TracerError, UnknownName, placed, shape_text
from tracer.lesson.amount import Amount
from tracer.lesson.reading import Block, Lesson, Line, Prose, read_pen
from tracer.network import Blame, assemble, graph_conventions, spec_of, update_of
from tracer.numbers.decimals import with_enough_digits
from tracer.numbers.rounding import EXACT, Pen, parse_pen
from tracer.numbers.typed import Rows, parse_rows, parts
from tracer.numbers.values import typed
from tracer.trace.conventions import one_of
from tracer.trace.equations import build, rate_of
from tracer.trace.program import Program, Value
from tracer.trace.quantity import Dictated, Hand, Place, Quantity
from tracer.trace.rates import Rate
from tracer.trace.tape import Step, Trace
from tracer.trace.view import seen
from tracer.training.batches import parse_shuffle
from tracer.training.planes import check_plot
from tracer.training.results import foreseen, result
from tracer.training.run import MOST_EPOCHS, Plan, Run
from tracer.written.names import Name, in_range, parse_name

Made = TypeVar("Made")


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
    runs: dict[int, Run] = field(default_factory=dict, repr=False)
    "the runs that were made of the lesson already"

    @cached_property
    def run(self) -> Run:
        """The training run of a {train} block, made when it is first asked for.

        It depends on no pen, so that a lesson worked out again has it already.
        """
        assert self.plan is not None
        assert self.trace is not None
        assert isinstance(self.item, Block)
        made = self.runs.get(self.item.line) or self.plan.carry_out(self.trace.program)
        if not made.interrupted:
            self.runs[self.item.line] = made
        return made

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
        """The quantity a name means in this block.

        In an update, a parameter is the new one; in a {train} block, a result of the run is meant.
        """
        if self.plan is not None:
            return result(self.run, name)
        assert isinstance(self.item, Block)
        return self.seen.find(self.meant(parse_name(name)), self.epoch)

    def printed(self, line: Line) -> Rows:
        """The digits that a line prints: where it names another quantity, as that is written."""
        if line.repeats is None or line.dictated:
            return parse_rows(line.text)
        try:
            other = self.find(line.repeats)
        except UnknownName as error:
            raise UnknownName(f"{line.text!r} is no number, and {error.problem}") from None
        columns = other.shape[1] if other.shape else 1
        digits = [one.text for _, one in other.entries()]
        return tuple(
            tuple(digits[start : start + columns]) for start in range(0, len(digits), columns)
        )

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


def _plan(lesson: Lesson, block: Block, program: Program, amount: Amount) -> Plan:
    def read(key: str, reader: Callable[[str, str], Made]) -> Made | None:
        if key not in block.settings:
            return None
        with _at(lesson, block.setting_lines[key]):
            return reader(key, block.settings[key])

    epochs = read("epochs", _positive)
    if epochs is None:
        raise LessonError("the training has no length, expected ':epochs: 5000'")
    plan = Plan(
        epochs,
        read("learning-rate", lambda key, text: rate_of(text)),
        read("batch-size", _positive),
        read("log-every", _positive),
        read("shuffle", lambda key, text: parse_shuffle(text)),
    )
    if plan.epochs <= MOST_EPOCHS:  # else the plan itself is at fault
        amount.train(program, plan.epochs, plan.batch_size, plan.log_every)
    plan.check(program)
    return plan


def _positive(key: str, text: str) -> int:
    if not text.isdecimal() or int(text[:20]) == 0:
        raise LessonError(f"{key} is {text!r}, expected a whole number of 1 or more")
    return int(text[:20])


def solve(lesson: Lesson, pen: Pen | None = None, tape: type[Trace] = Trace) -> Solution:
    """A lesson worked out with its own pen, or with another one and then without its slips.

    >>> from tracer.lesson.reading import load
    >>> solve(load("or-batch")).trace["dCost/dW[1,2]"].written
    -0.038

    Raises LessonError and its kin, with file and line, where the lesson cannot be followed.
    """
    return with_enough_digits(lambda: _solved(lesson, pen, tape))


def _solved(lesson: Lesson, pen: Pen | None, tape: type[Trace]) -> Solution:
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
                amount.write(program.numbers, EXACT)
                trace = tape(program)
                view = seen(trace)
                sections.append(Section(item, trace, view))
                continue
            if trace is None or view is None:
                raise LessonError(
                    f"{{{item.kind}}} has nothing to work on, expected a {{network}} or "
                    "a {graph} before it"
                )
            section = Section(item, trace, view, trace.epoch, runs=lesson.runs)
            sections.append(_work(lesson, section, pen, amount))
    return Solution(lesson, pen or lesson.pen, tuple(sections))


def _work(lesson: Lesson, section: Section, override: Pen | None, amount: Amount) -> Section:
    block, trace = section.item, section.trace
    assert isinstance(block, Block)
    assert trace is not None
    if block.kind == "train":
        return _training(lesson, section, block, trace.program, amount)
    if block.kind in ("paths", "shapes"):
        return replace(section, pen=override or lesson.pen)
    hand = _hand(lesson, block, section.seen, override)
    amount.write(trace.program.numbers, hand.pen)
    steps: tuple[Step, ...]
    if block.kind == "forward":
        steps = trace.forward(hand)
    elif block.kind == "backward":
        steps = trace.backward(hand, _root(lesson, block, section))
    else:
        steps = trace.update(hand)
    section = replace(section, steps=steps, pen=hand.pen)
    for line in block.lines:
        with _at(lesson, line.line):
            _fits(line, section, section.find(line.name), by_author=override is None)
    for key in ("display", "places"):
        for name in _names_in(lesson, block, key):
            with _at(lesson, block.setting_lines[key]):
                section.find(_with_digits(name)[0])
                if key == "display" and not (override or hand.pen.rounds or lesson.pen.rounds):
                    raise LessonError(
                        "display has as many digits as the rest, and nothing is rounded here; "
                        f"':places: {name} 3' says how many"
                    )
    return section


def _root(lesson: Lesson, block: Block, section: Section) -> str | None:
    """What a backward block starts from, by the name that it has inside."""
    if "of" not in block.settings:
        return None
    with _at(lesson, block.setting_lines["of"]):
        section.seen.check_start(section.find(block.settings["of"]))
        return section.seen.canonical(parse_name(block.settings["of"]))


def _training(
    lesson: Lesson, section: Section, block: Block, program: Program, amount: Amount
) -> Section:
    """A training before it is carried out: what is asked of it and cannot be is found first."""
    plan = _plan(lesson, block, program, amount)
    for words in _names_in(lesson, block, "plot"):
        with _at(lesson, block.setting_lines["plot"]):
            check_plot(words, program)
    for line in block.lines:
        with _at(lesson, line.line):
            if line.dictated:
                raise LessonError("a training is written by no hand, so no slip can be made in it")
            found = foreseen(program, plan, line.name)
            if found is not None:
                _fits(line, section, found, by_author=False)
    return replace(section, plan=plan)


def _fits(line: Line, section: Section, found: Quantity, by_author: bool) -> None:
    """A printed number has the shape of what it stands for, and a dictated one was written here."""
    rows = section.printed(line)
    shape = (len(rows), len(rows[0]))
    if shape != (found.shape or (1, 1)) and not line.dictated:
        raise LessonError(
            f"{line.name} is {shape_text(found.shape)}, but {shape_text(shape)} is printed"
        )
    if line.dictated and by_author and not found.dictations:
        cannot = "nothing can be given" if line.given is not None else "no slip can be made"
        raise LessonError(f"{line.name} is not written in this block, so {cannot} here")


def _hand(lesson: Lesson, block: Block, view: Trace, override: Pen | None) -> Hand:
    dictated = _dictated(lesson, block, view)
    pen = override or read_pen(block, f"{lesson.path}:") or lesson.pen
    with _at(lesson, block.setting_lines.get("rounding", block.line)):
        _check_way(pen, view)
    if override:
        kept = {key: tuple(one for one in lines if one.given) for key, lines in dictated.items()}
        adds = _adds_unrounded(lesson, block)
        return Hand(override, slips=kept, adds_unrounded=adds, ways=view.ways)
    display = replace(pen if pen.rounds else lesson.pen, mode="display")
    modes: dict[str, Pen] = {}
    entries: dict[str, dict[Place, Pen]] = {}
    shown = (("display", name, display) for name in _names_in(lesson, block, "display"))
    for key, words, chosen in (*shown, *_places(lesson, block, pen)):
        with _at(lesson, block.setting_lines[key]):
            _check_way(chosen, view)
            name = parse_name(words)
            if name.entry is None:
                modes[_key(view, name)] = chosen
            elif name.single is None:
                raise LessonError(
                    f"{key} takes a whole quantity or one entry, and {name} is a part of one"
                )
            else:
                entries.setdefault(_key(view, name), {})[view.place(name)] = chosen
    return Hand(pen, modes, entries, dictated, _adds_unrounded(lesson, block), view.ways)


def _check_way(pen: Pen, view: Trace) -> None:
    """Raise LessonError for a way of rounding that a turned sign would turn as well."""
    if pen.way in ("up", "down") and view.program.conventions.descent:
        raise LessonError(
            f"rounding {pen.way} depends on the sign, and ':delta: descent' turns it; expected "
            "another way, such as truncate"
        )


def _adds_unrounded(lesson: Lesson, block: Block) -> bool:
    """Whether a backward block adds contributions up before they are written."""
    if "contributions" not in block.settings:
        return False
    with _at(lesson, block.setting_lines["contributions"]):
        said = one_of("contributions", block.settings["contributions"], CONTRIBUTIONS)
    return said == "unrounded"


CONTRIBUTIONS = {"written": "added as they were written", "unrounded": "only their sum is written"}


def _key(view: Trace, name: Name) -> str:
    """The name by which a hand knows a quantity, or something written on the way to it."""
    return view.canonical(name) + (f".{name.part}" if name.part else "")


def _dictated(lesson: Lesson, block: Block, view: Trace) -> dict[str, tuple[Dictated, ...]]:
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
                    line.given or line.slip or "",
                    lesson.where(line.line),
                    called=str(name.whole),
                    flipped=flipped,
                    given=line.given is not None,
                )
                slips[key] = (*slips.get(key, ()), dictated)
    return slips


def _places(lesson: Lesson, block: Block, pen: Pen) -> Iterator[tuple[str, str, Pen]]:
    """Quantities that are written with other digits than the rest: `Yhat 2, Z 4 truncate`."""
    for words in _names_in(lesson, block, "places"):
        with _at(lesson, block.setting_lines["places"]):
            name, digits = _with_digits(words)
            if not digits:
                raise LessonError(f"places {words!r} cannot be read, expected such as 'Yhat 2'")
            mode = (pen if pen.rounds else lesson.pen).mode
            yield "places", name, parse_pen(f"{'display' if mode == 'exact' else mode} {digits}")


def _with_digits(words: str) -> tuple[str, str]:
    """A name, and the digits that stand behind it: `Z 4 half-even`."""
    match = re.fullmatch(r"(.+?)\s+(\d+(?: [\w-]+)*)", words)
    return (match[1], match[2]) if match else (words, "")


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
            features=tuple(_names_in(lesson, block, "features")),
            init=settings.get("init"),
        )
    with _blamed(lesson, block, {**block.setting_lines, **places}):
        return assemble(
            spec,
            values,
            data=settings.get("data"),
            parameters=settings.get("parameters"),
            folder=Path(lesson.path).parent,
        )


def _graph(lesson: Lesson, block: Block, rate: Rate | None) -> Program:
    settings, blame = block.settings, _blame(lesson, block)
    _none_dictated(lesson, block)
    equations = [(line.name, line.text, lesson.where(line.line)) for line in block.lines]
    data, fixed = (_names_in(lesson, block, key) for key in ("data", "fixed"))
    with _blamed(lesson, block, block.setting_lines):
        program = build(equations, rate, data, fixed, block.flag("data-gradients"))
    conventions = graph_conventions(settings, blame)
    with blame("names"):
        conventions.check_names(program.names)
    return replace(program, update=update_of(settings, blame), conventions=conventions)


@contextmanager
def _blamed(lesson: Lesson, block: Block, lines: Mapping[str, int]) -> Iterator[None]:
    """Give a fault the line of the setting or the value that its first word names."""
    try:
        yield
    except TracerError as error:
        word = error.problem.split(" ")[0]
        number = lines.get(word) or lines.get(f"{word}[1]") or block.line
        raise error.at(lesson.where(number)) from None


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
    """Names or formulas separated by commas; `x1..x4` stands for four.

    Raises UnknownName for a range that is none.
    """
    return [name for part in parts(text) if part.strip() for name in in_range(part)]


def _names_in(lesson: Lesson, block: Block, key: str) -> list[str]:
    """The names or formulas of a setting; a fault has its line."""
    with _at(lesson, block.setting_lines.get(key, block.line)):
        return names(block.settings.get(key, ""))


def _learning_rate(lesson: Lesson, block: Block) -> Rate | None:
    with _at(lesson, block.setting_lines.get("learning-rate", block.line)):
        return rate_of(block.settings.get("learning-rate"))


def _value(line: Line) -> Value:
    """The numbers of a line with all the digits that were typed."""
    table = typed(parse_rows(line.text))
    single: Value = table[0, 0]
    return table if table.size > 1 or ";" in line.text else single


def _at(lesson: Lesson, line: int) -> AbstractContextManager[None]:
    """Give a fault the line of the lesson it belongs to."""
    return placed(lesson.where(line))
