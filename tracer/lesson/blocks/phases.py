"""{forward}, {backward} and {update}: what a hand writes, and what its author printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from tracer.errors import LessonError, placed
from tracer.lesson.blocks.base import Traced, value_of
from tracer.lesson.directive import Directive, Line, Setting
from tracer.numbers.rounding import Pen, parse_pen
from tracer.written.names import Name, parse_name

if TYPE_CHECKING:
    from typing import Self

    from tracer.lesson.desk import Desk, Whole
    from tracer.page.document import Page
    from tracer.page.phases import Phase
    from tracer.trace.book import Book
    from tracer.trace.quantity import Dictated, Hand, Place, Quantity
    from tracer.trace.steps import Step
    from tracer.trace.tape import Tape

CONTRIBUTIONS = {"written": "added as they were written", "unrounded": "only their sum is written"}
_WRITTEN = ("at", "rounding", "places", "display")
_SHOWN = ("symbols", "answer")


@dataclass(frozen=True, kw_only=True)
class Written(Traced):
    """A phase of an iteration, written by a hand."""

    pen: Pen
    "it was written with"
    steps: tuple[Step, ...]
    writes: ClassVar[bool] = True
    prints: ClassVar[bool] = True

    @classmethod
    def solve(cls, block: Directive, desk: Desk) -> Self:
        trace, view = desk.traces(block)
        epoch = trace.epoch
        with desk.writing():
            hand = _hand(block, view, desk)
            desk.amount.write(trace.program.numbers, hand.pen)
            steps = cls.steps_of(block, trace, view, hand)
        section = cls(block, trace, view, epoch, pen=hand.pen, steps=steps)
        section.check(desk)
        return section

    @classmethod
    def steps_of(cls, block: Directive, tape: Tape, view: Book, hand: Hand) -> tuple[Step, ...]:
        """The steps of the phase, written."""
        raise NotImplementedError

    @classmethod
    def phase(cls) -> Phase:
        """How the phase is told."""
        raise NotImplementedError

    def check(self, desk: Desk) -> None:
        """Keep a fault for each line, and each name of a setting, that does not fit."""
        for line in self.block.lines:
            with desk.faults.kept(), placed(line.where):
                self.fits(line, self.find(line.name), by_author=desk.pen is None)
        rounds = desk.pen or self.pen.rounds or desk.lesson.pen.rounds
        for key in ("display", "places"):
            if key not in self.block.settings:
                continue
            for name in self.block.names(key):
                with desk.faults.kept(), placed(self.block.settings[key].where):
                    self.find(_with_digits(name)[0])
                    if key == "display" and not rounds:
                        raise LessonError(
                            "display has as many digits as the rest, and nothing is rounded here; "
                            f"':places: {name} 3' says how many"
                        )

    def fits(self, line: Line, found: Quantity, by_author: bool) -> None:
        """Refuse a printed number of another shape, and a dictated one that is not written here."""
        self.check_shape(line, found)
        if line.dictated and by_author and not found.dictations:
            cannot = "nothing can be given" if line.given is not None else "no slip can be made"
            raise LessonError(f"{line.name} is not written in this block, so {cannot} here")

    def pages(self, whole: Whole) -> Iterator[Page]:
        from tracer.page.phases import phase_pages

        yield from phase_pages(
            self.phase(),
            self.view.told(self.steps),
            self.view,
            self.epoch,
            self.pen,
            whole.pen,
            notes=(*self.misprints(), *self.remarks()),
            caption=self.block.caption,
            symbols=self.block.flag("symbols"),
            answer=self.block.flag("answer"),
            said=whole.said,
        )


@dataclass(frozen=True)
class ForwardBlock(Written):
    """The forward values, in order."""

    keys = (*_WRITTEN, *_SHOWN)

    @classmethod
    def steps_of(cls, block: Directive, tape: Tape, view: Book, hand: Hand) -> tuple[Step, ...]:
        return tape.forward(hand)

    @classmethod
    def phase(cls) -> Phase:
        from tracer.page.phases import FORWARD

        return FORWARD


@dataclass(frozen=True)
class BackwardBlock(Written):
    """The gradients, sent back."""

    keys = (*_WRITTEN, "of", "contributions", *_SHOWN)

    @classmethod
    def steps_of(cls, block: Directive, tape: Tape, view: Book, hand: Hand) -> tuple[Step, ...]:
        if "of" not in block.settings:
            return tape.backward(hand)
        with placed(block.settings["of"].where):
            name = parse_name(block.settings["of"])
            view.check_start(view.find(name, tape.epoch))
            root = view.canonical(name)
        return tape.backward(hand, root)

    @classmethod
    def phase(cls) -> Phase:
        from tracer.page.phases import BACKWARD

        return BACKWARD


@dataclass(frozen=True)
class UpdateBlock(Written):
    """The parameters, moved one step."""

    keys = (*_WRITTEN, *_SHOWN)

    @classmethod
    def steps_of(cls, block: Directive, tape: Tape, view: Book, hand: Hand) -> tuple[Step, ...]:
        return tape.update(hand)

    def meant(self, name: Name) -> Name:
        """What is moved is the new one."""
        ours = self.trace.program.conventions.ours(name)
        return replace(name, prime=True) if ours.of is None and ours.epoch is None else name

    @classmethod
    def phase(cls) -> Phase:
        from tracer.page.phases import UPDATE

        return UPDATE


def _hand(block: Directive, view: Book, desk: Desk) -> Hand:
    """Who writes a block: the pens, and what is dictated."""
    from tracer.trace.quantity import Hand

    usual, adds = desk.lesson.pen, _adds_unrounded(block)
    dictated = _dictated(block, view)
    pen = desk.pen or block.pen or usual
    with placed(block.places.get("rounding", block.where)):
        _check_way(pen, view)
    if desk.pen:
        kept = {key: tuple(one for one in lines if one.given) for key, lines in dictated.items()}
        return Hand(pen, slips=kept, adds_unrounded=adds, ways=view.ways)
    rounding = pen if pen.rounds else usual
    modes: dict[str, Pen] = {}
    entries: dict[str, dict[Place, Pen]] = {}
    for setting, words, chosen in (*_displayed(block, rounding), *_places(block, rounding)):
        with placed(setting.where):
            _check_way(chosen, view)
            name = parse_name(words)
            if name.entry is None:
                modes[_key(view, name)] = chosen
            elif name.single is None:
                raise LessonError(
                    f"{setting.key} takes a whole quantity or one entry, and {name} is a part of "
                    "one"
                )
            else:
                entries.setdefault(_key(view, name), {})[view.place(name)] = chosen
    return Hand(pen, modes, entries, dictated, adds, view.ways)


def _check_way(pen: Pen, view: Book) -> None:
    """Raise LessonError for a way of rounding that a turned sign would turn as well."""
    if pen.way in ("up", "down") and view.program.conventions.descent:
        raise LessonError(
            f"rounding {pen.way} depends on the sign, and ':delta: descent' turns it; expected "
            "another way, such as truncate"
        )


def _adds_unrounded(block: Directive) -> bool:
    """Whether a backward block adds contributions up before they are written."""
    from tracer.trace.conventions import one_of

    said = block.read("contributions", lambda words: one_of("contributions", words, CONTRIBUTIONS))
    return said == "unrounded"


def _key(view: Book, name: Name) -> str:
    """The name by which a hand knows a quantity, or something written on the way to it."""
    return view.canonical(name) + (f".{name.part}" if name.part else "")


def _dictated(block: Directive, view: Book) -> dict[str, tuple[Dictated, ...]]:
    """What the author wrote otherwise, by the names that quantities have inside."""
    from tracer.trace.quantity import Dictated

    slips: dict[str, tuple[Dictated, ...]] = {}
    for line in block.lines:
        if line.dictated:
            with placed(line.where):
                name = parse_name(line.name)
                key = _key(view, name)
                value, entry, flipped = view.inside(name, value_of(line))
                dictated = Dictated(
                    value,
                    entry,
                    line.given or line.slip or "",
                    line.where,
                    called=str(name.whole),
                    flipped=flipped,
                    given=line.given is not None,
                )
                slips[key] = (*slips.get(key, ()), dictated)
    return slips


def _displayed(block: Directive, pen: Pen) -> Iterator[tuple[Setting, str, Pen]]:
    """Quantities that are written as they are exactly, and rounded."""
    for name in block.names("display"):
        yield block.settings["display"], name, replace(pen, mode="display")


def _places(block: Directive, pen: Pen) -> Iterator[tuple[Setting, str, Pen]]:
    """Quantities that are written with other digits than the rest: `Yhat 2, Z 4 truncate`."""
    for words in block.names("places"):
        setting = block.settings["places"]
        with placed(setting.where):
            name, digits = _with_digits(words)
            if not digits:
                raise LessonError(f"places {words!r} cannot be read, expected such as 'Yhat 2'")
            mode = "display" if pen.mode == "exact" else pen.mode
            yield setting, name, parse_pen(f"{mode} {digits}")


def _with_digits(words: str) -> tuple[str, str]:
    """A name, and the digits that stand behind it: `Z 4 half-even`."""
    match = re.fullmatch(r"(.+?)\s+(\d+(?: [\w-]+)*)", words)
    return (match[1], match[2]) if match else (words, "")
