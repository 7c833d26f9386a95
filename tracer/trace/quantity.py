"""One quantity: a rule worked out exactly and, side by side, as it is written by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from tracer.errors import LessonError, NotFinite, ShapeError, UnknownName, shape_text
from tracer.numbers.rounding import EXACT, Pen, Real, enough_places, in_full, plain
from tracer.numbers.values import Value, as_value, for_numpy, is_decimal, to_floats, to_numbers
from tracer.ops import Rule
from tracer.written.evaluate import first_trouble
from tracer.written.lines import is_copy
from tracer.written.names import Chosen, chosen_text, parse_name
from tracer.written.readings import Decimals, Floats, Notation
from tracer.written.tree import Expr, Matrix, Num, Sym

Place = tuple[int, int]
"Row and column of an entry, from 1."


@dataclass(frozen=True, eq=False)
class Numbers:
    """The same numbers three times, along one way through a calculation."""

    exact: Value
    "with nothing rounded on the way"
    written: Value
    "as they stand on the page"
    used: Value
    "as a step takes them that does not round, or rounds for the page only"

    def map(self, change: Callable[[Value], Value]) -> Numbers:
        """All three, changed alike."""
        return Numbers(change(self.exact), change(self.written), change(self.used))


@dataclass(frozen=True)
class Laid:
    """How a source has something written: transposed, with the other sign, or as it is inside."""

    flip: bool = False
    sign: int = 1

    def turn(self, value: Value) -> Value:
        """A value from the one side to the other."""
        laid: Value = value.T if self.flip and isinstance(value, np.ndarray) else value
        return as_value(-laid if self.sign < 0 else laid)

    def at(self, entry: Any) -> Any:
        """The place of an entry, of a row or a column, or a shape, from one side to the other."""
        return (entry[1], entry[0]) if self.flip and entry else entry


@dataclass(frozen=True)
class Dictation:
    """One number that its author wrote down without working it out by the rules."""

    entry: Place | None
    "row and column, from 1; null for a single number"
    wrote: Real
    "the number that was written"
    due: Real
    "what the rules give there from the numbers on the page"
    reason: str
    "why another number was written, or where it comes from"
    given: bool = False
    "whether it was given, rather than a slip"

    @property
    def is_slip(self) -> bool:
        """Whether it is another number than the rules give."""
        return not self.given and self.wrote != self.due


@dataclass(frozen=True)
class Quantity:
    """Named numbers, along the way its author went and along the one without slips."""

    name: str
    own: Numbers
    "as its author went on from each number on the page, slips and all"
    right: Numbers
    "as they are where nobody slips; the same record where nobody did"
    pen: Pen
    given: bool = False
    "typed in, or a bare copy of what was: never rounded"
    formula: Expr | None = None
    inputs: tuple[Quantity, ...] = ()
    parts: tuple[Quantity, ...] = ()
    "what was written down on the way"
    contributions: tuple[Contribution, ...] = ()
    "for a gradient: one for each use of the value"
    dictations: tuple[Dictation, ...] = ()
    pens: Mapping[Place, Pen] = field(default_factory=dict)
    "of the entries that are written with another pen"

    @cached_property
    def exact(self) -> Any:
        """The exact numbers, in float64."""
        return _floats(self.right.exact)

    @cached_property
    def written(self) -> Any:
        """The numbers on the page, in float64."""
        return _floats(self.own.written)

    @cached_property
    def used(self) -> Any:
        """The numbers that the next step uses where it does not carry, in float64."""
        return _floats(self.own.used)

    @property
    def label(self) -> str:
        """What it is called on the way to another quantity: losses, of Cost.losses."""
        return self.name.rpartition(".")[2]

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and columns; empty for a single number."""
        return np.shape(self.own.written)

    @property
    def is_decimal(self) -> bool:
        """Whether each digit of it is right, where float64 has some fifteen."""
        return is_decimal(self.right.exact)

    @property
    def slips(self) -> tuple[Dictation, ...]:
        """The entries that its author wrote otherwise than the rules have them."""
        return tuple(one for one in self.dictations if one.is_slip)

    @property
    def given_instead(self) -> bool:
        """Whether it was given in the middle, all of it, and no number of it is worked out."""
        given = [one for one in self.dictations if one.given]
        return len(given) == np.size(self.own.written)

    @property
    def text(self) -> str:
        """A single number as it stands on the page."""
        return self.digits(_single(self.own.written))

    @property
    def right_text(self) -> str:
        """A single number as it would stand there had nobody slipped."""
        return self.digits(_single(self.right.written))

    @property
    def exact_text(self) -> str:
        """A single number, exactly, with the digits that its pen would write."""
        return self.pen.text(_single(self.right.exact))

    def digits(self, written: Real) -> str:
        """A written number of this quantity as it stands on the page."""
        return in_full(written) if self.given else self.pen.digits(written)

    def numbers(self) -> Expr:
        """The written numbers as part of a line."""
        return _expression(self.own.written, self.digits)

    def put_in(self, pen: Pen) -> Expr:
        """The numbers as they stand in a line that is written with this pen."""
        shown = self.shown(pen)
        if shown is self.own.written:
            return self.numbers()
        return _expression(shown, (self.pen if self.pen.rounds else pen).digits)

    def shown(self, pen: Pen) -> Value:
        """What stands in a line: the written numbers, or in one that displays, those behind them.

        A pen that rounds for the page only works with numbers that are longer than they look. What
        was dictated has the digits in which it was.
        """
        if pen.mode != "display" or self.given or self.pen.mode == "carry":
            return self.own.written
        shown = as_written(self.pen if self.pen.rounds else pen, self.own.used, self.pens)
        if not self.dictations:
            return shown
        dictated = np.zeros(self.shape, dtype=bool)
        for one in self.dictations:
            dictated[tuple(k - 1 for k in one.entry or ())] = True
        return as_value(np.where(dictated, self.own.written, shown)[()])

    def pen_at(self, row: int, column: int) -> Pen:
        """The pen that wrote an entry, counted from 1."""
        return self.pens.get((row, column), self.pen)

    def changed(self) -> list[Place]:
        """The entries (from 1) whose digits are not those of the exact value, slips apart."""
        if self.given or self.right.written is self.right.exact:
            return []
        return [
            place
            for place, written, exact in self._entries(self.right.written, self.right.exact)
            if written != exact and (pen := self.pen_at(*place)).digits(written) != pen.text(exact)
        ]

    def entries(self) -> Iterator[tuple[Place, Quantity]]:
        """Each entry as a quantity of its own, with its place; a single number as it is."""
        for i, j in np.ndindex(np.shape(np.atleast_2d(self.own.written))):
            yield (i + 1, j + 1), self.at((i + 1, j + 1))

    def at(self, place: Place) -> Quantity:
        """The number at a place: an entry, or the quantity itself where it is a single number."""
        return self.entry(*place) if self.shape else self

    def vanished(self) -> list[Quantity]:
        """The entries that are written as 0 and are not."""
        lost = np.atleast_2d((self.written == 0) & (self.exact != 0))
        return [self.at((int(i) + 1, int(j) + 1)) for i, j in np.argwhere(lost)]

    def astray(self) -> list[Place]:
        """The entries (from 1) that would have been written otherwise without a slip."""
        if self.own is self.right:
            return []
        return [
            place
            for place, own, right in self._entries(self.own.written, self.right.written)
            if own != right
        ]

    @staticmethod
    def _entries(*values: Value) -> Iterator[tuple[Any, ...]]:
        tables = [np.atleast_2d(value) for value in values]
        for i, j in np.ndindex(tables[0].shape):
            yield (i + 1, j + 1), *(table[i, j] for table in tables)

    def entry(self, row: int | None, column: int | None) -> Quantity:
        """One entry, counted from 1, as a quantity of its own; or a row or a column.

        Raises UnknownName for one that is not there.
        """
        name = str(replace(parse_name(self.name), entry=(row, column)))
        chosen = (row, column)
        for index, length in zip(chosen, self.shape or (1, 1), strict=True):
            if index is not None and not 1 <= index <= length:
                raise UnknownName(
                    f"{name} does not exist: {self.name} is {shape_text(self.shape)} and its "
                    "entries count from 1"
                )
        rows, columns = (
            slice(None) if index is None else slice(index - 1, index) for index in chosen
        )
        is_single = None not in chosen

        def pick(value: Value) -> Value:
            picked: np.ndarray = np.atleast_2d(value)[rows, columns]
            return as_value(picked[0, 0] if is_single else picked)

        def is_here(place: Place) -> bool:
            return all(index in (None, k) for index, k in zip(chosen, place, strict=True))

        def from_here(place: Place) -> Place:
            i, j = (k if index is None else 1 for index, k in zip(chosen, place, strict=True))
            return i, j

        own = self.own.map(pick)
        return replace(
            self,
            contributions=(),
            parts=(),
            formula=None,
            name=name,
            own=own,
            right=own if self.own is self.right else self.right.map(pick),
            pen=self.pen_at(row or 1, column or 1) if is_single else self.pen,
            dictations=tuple(
                replace(one, entry=None if is_single else from_here(one.entry or (1, 1)))
                for one in self.dictations
                if is_here(one.entry or (1, 1))
            ),
            pens={}
            if is_single
            else {from_here(place): pen for place, pen in self.pens.items() if is_here(place)},
        )

    def __repr__(self) -> str:
        return f"{self.name} = {_flat(self.own.written)} (exactly {_flat(self.right.exact)})"


@dataclass(frozen=True)
class Contribution:
    """One use of a value by one operation, seen backward."""

    through: str
    "the value it was used for"
    to: str
    "the value that was used"
    upstream: Quantity
    "the gradient that arrives"
    local: Quantity
    "the local gradient"
    product: Quantity
    "what is sent on: upstream and local joined"
    join: Rule = field(repr=False)
    "how upstream and local are joined"
    is_written: bool = True
    "whether the product stands on the page, or only in the sum with the others"


@dataclass(frozen=True)
class Dictated:
    """A line that says what was written, whatever the rules give."""

    value: Value
    entry: Chosen | None
    "row and column from 1; none for all of them"
    reason: str
    where: str | None = None
    "where it was dictated"
    called: str = ""
    "the source's name of the quantity, if it is another"
    flipped: bool = False
    "whether the source has it transposed"
    given: bool = False
    "whether it was given, rather than a slip"

    def turned(self, way: Laid) -> Dictated:
        """The same line for a quantity that lies otherwise inside than in its source."""
        value, entry = way.turn(self.value), way.at(self.entry)
        return replace(self, value=value, entry=entry, flipped=way.flip)


@dataclass(frozen=True)
class Hand:
    """Who writes one phase: the pen, the quantities written otherwise, and what is dictated.

    What is said of something written on the way is said as its source has it, for how that lies
    depends on the line it stands in.
    """

    pen: Pen = EXACT
    modes: Mapping[str, Pen] = field(default_factory=dict)
    "the pens of single quantities"
    entries: Mapping[str, Mapping[Place, Pen]] = field(default_factory=dict)
    "the pens of single entries"
    slips: Mapping[str, tuple[Dictated, ...]] = field(default_factory=dict)
    adds_unrounded: bool = False
    "whether the contributions to a gradient are added before they are written"
    ways: Callable[[str, Expr], Mapping[str, Laid]] | None = None
    "how the source has what stands in the line of a quantity, by its label; none for as inside"

    def for_line(self, key: str, name: str, formula: Expr) -> Hand:
        """The same hand, with what it says of the parts of a line as they lie inside."""
        said = {*self.entries, *self.slips}
        if self.ways is None or not any(one.startswith(f"{key}.") for one in said):
            return self
        entries, slips = dict(self.entries), dict(self.slips)
        for label, way in self.ways(name, formula).items():
            part = f"{key}.{label}"
            if part in entries:
                entries[part] = {way.at(place): pen for place, pen in entries[part].items()}
            if part in slips:
                slips[part] = tuple(line.turned(way) for line in slips[part])
        return replace(self, entries=entries, slips=slips)

    def pen_for(self, name: str, otherwise: Pen | None = None) -> Pen:
        """The pen that one quantity is written with."""
        return self.modes.get(name, otherwise or self.pen)

    def dictated(self, name: str, slips: bool) -> list[Dictated]:
        """What is dictated for a quantity: what is given, and the slips if asked for."""
        return [line for line in self.slips.get(name, ()) if slips or line.given]

    def slips_in(self, name: str) -> bool:
        """Whether a slip is made in a quantity, or on the way to it."""
        return any(
            not line.given
            for key, lines in self.slips.items()
            if key == name or key.startswith(f"{name}.")
            for line in lines
        )


def work_out(
    name: str, rule: Rule, inputs: Sequence[Quantity], hand: Hand, key: str | None = None
) -> Quantity:
    """One rule, read three ways: as notation, exactly, and as written by hand.

    `key` is the name by which the hand knows the quantity, where that is not its own.
    """
    calculation = _Calculation(name, key or name, rule, inputs, hand)
    right = calculation.along([q.right for q in inputs], slips=False)
    astray = hand.slips_in(calculation.key) or any(q.own is not q.right for q in inputs)
    own = calculation.along([q.own for q in inputs], slips=True) if astray else right
    _check_finite(name, calculation.formula, (right.numbers.exact, own.numbers.written), inputs)
    made = Quantity(
        name,
        own.numbers,
        right.numbers,
        calculation.pen,
        given=calculation.copied,
        formula=calculation.formula,
        inputs=tuple(inputs),
        parts=tuple(
            Quantity(
                f"{name}.{label}",
                part.numbers,
                right.parts[label].numbers,
                calculation.pen_of(label),
                dictations=part.dictations,
            )
            for label, part in own.parts.items()
        ),
        dictations=own.dictations,
        pens=calculation.pens,
    )
    return replace(made, given=True) if made.given_instead else made


@dataclass(frozen=True)
class _Result:
    """What one way through a calculation comes to."""

    numbers: Numbers
    dictations: tuple[Dictation, ...] = ()
    parts: Mapping[str, _Result] = field(default_factory=dict)


class _Calculation:
    """Where one rule is worked out: its formula, its pens, and what is dictated there."""

    def __init__(
        self, name: str, key: str, rule: Rule, inputs: Sequence[Quantity], hand: Hand
    ) -> None:
        self.name, self.key, self.rule = name, key, rule
        self.formula = _as_expr(rule(Notation(), *map(_symbol, inputs)))
        self.hand = hand = hand.for_line(key, name, self.formula)
        asked_for = key in hand.modes or key in hand.entries
        given = {q.name for q in inputs if q.given}
        self.copied = not asked_for and is_copy(self.formula, given)
        self.source, self.turned = (None, False) if asked_for else self._source(inputs)
        self.pen, self.pens = hand.pen_for(key), hand.entries.get(key, {})
        if self.source is not None:
            self.pen, self.pens = inputs[self.source].pen, inputs[self.source].pens
        if self.turned:
            self.pens = {place[::-1]: pen for place, pen in self.pens.items()}
        self.reads: Any = Decimals if any(q.is_decimal for q in inputs) else Floats

    def _source(self, inputs: Sequence[Quantity]) -> tuple[int | None, bool]:
        """Which input this is a bare copy of, and whether turned: it has the digits of that.

        A block that rounds for the page only shows no longer ones.
        """
        for k, q in enumerate(inputs):
            symbol = Sym(q.name, q.shape)
            is_shorter = q.pen.rounds or self.hand.pen.mode != "display"
            if q.name and not q.given and is_shorter and self.formula in (symbol, symbol.T):
                return k, self.formula != symbol
        return None, False

    @property
    def carries(self) -> bool:
        """Whether the numbers on the page are worked with, rather than what is behind them."""
        return self.hand.pen.mode == "carry"

    def pen_of(self, label: str) -> Pen:
        """The pen for something written on the way."""
        usual = self.hand.pen
        if usual.rounds and self.pen.mode == "display":
            usual = replace(usual, mode="display")
        return self.hand.pen_for(f"{self.key}.{label}", usual)

    def _pen_for(self, key: str) -> Pen:
        return self.pen if key == self.key else self.pen_of(key.removeprefix(f"{self.key}."))

    def along(self, inputs: Sequence[Numbers], slips: bool) -> _Result:
        """The rule along one way: with nothing rounded, and as it is written."""
        exact, unrounded = self._followed([n.exact for n in inputs], slips)
        parts: dict[str, Numbers] = {}
        if self.source is not None:
            numbers = inputs[self.source]
            numbers = numbers.map(np.transpose) if self.turned else numbers
        elif self.pen.mode == "carry":
            numbers, parts = self._carried([n.written for n in inputs], exact, unrounded, slips)
            displayed = [place for place, pen in self.pens.items() if pen.mode == "display"]
            if displayed:
                others, _ = self._shown(inputs, exact, unrounded, slips)
                numbers = _with_entries(numbers, others, displayed)
        else:
            numbers, parts = self._shown(inputs, exact, unrounded, slips)
        if self.carries:
            numbers = replace(numbers, used=numbers.written)
        done = {
            label: self._with_dictated(f"{self.key}.{label}", part, slips)
            for label, part in parts.items()
        }
        return replace(self._with_dictated(self.key, numbers, slips), parts=done)

    def _followed(
        self, values: Sequence[Value], slips: bool, rounds: bool = False
    ) -> tuple[Value, dict[str, Value]]:
        """What the rule comes to, and what it gives on the way.

        It goes on from what is dictated there, and where it rounds from what is written.
        """
        met: dict[str, Value] = {}

        def follow(label: str, value: Value) -> Value:
            key = f"{self.key}.{label}"
            met[label] = self._rounded(key, self.pen_of(label), value) if rounds else value
            return _replaced(met[label], self._dictated(key, met[label], slips))

        return self._read(values, follow), met

    def _carried(
        self, values: Sequence[Value], exact: Value, unrounded: Mapping[str, Value], slips: bool
    ) -> tuple[Numbers, dict[str, Numbers]]:
        """The result from the numbers on the page; each is rounded when it is written down."""
        reached, met = self._followed(values, slips, rounds=True)
        written = reached if self.copied else self._rounded(self.key, self.pen, reached)
        parts = {label: Numbers(unrounded[label], value, value) for label, value in met.items()}
        return Numbers(exact, written, written), parts

    def _shown(
        self, inputs: Sequence[Numbers], exact: Value, unrounded: dict[str, Value], slips: bool
    ) -> tuple[Numbers, dict[str, Numbers]]:
        """The result rounded for the page only; amid a calculation that carries, the exact one."""
        reached, met = exact, unrounded
        if not self.carries and any(n.used is not n.exact for n in inputs):
            reached, met = self._followed([n.used for n in inputs], slips)
        parts = {
            label: Numbers(
                unrounded[label],
                self._rounded(f"{self.key}.{label}", self.pen_of(label), value),
                value,
            )
            for label, value in met.items()
        }
        written = reached if self.copied else self._rounded(self.key, self.pen, reached)
        return Numbers(exact, written, reached), parts

    def _read(self, values: Sequence[Value], write: Callable[[str, Value], Value]) -> Value:
        """The rule on numbers; what it writes on the way is handed to `write`."""

        def put_down(label: str, value: Any) -> Any:
            return self._for_rule(write(label, self._from_rule(value)))

        with np.errstate(all="ignore"):
            return self._from_rule(self.rule(self.reads(put_down), *map(self._for_rule, values)))

    def _for_rule(self, value: Value) -> Any:
        return to_numbers(value) if self.reads is Decimals else for_numpy(value)

    def _from_rule(self, value: Any) -> Value:
        return as_value(to_numbers(value) if self.reads is Decimals else value)

    def _rounded(self, key: str, pen: Pen, value: Value) -> Value:
        return as_written(pen, value, self.hand.entries.get(key, {}))

    def _dictated(self, key: str, value: Value, slips: bool) -> Places:
        """The entries that are dictated, each with the zeros that its pen has."""
        lines = self.hand.dictated(key, slips)
        name = self.name + key.removeprefix(self.key)
        pens, usual = self.hand.entries.get(key, {}), self._pen_for(key)
        return {
            (i, j): (pens.get((i + 1, j + 1), usual).keep(wrote), line)
            for (i, j), (wrote, line) in _places(lines, value, name).items()
        }

    def _with_dictated(self, key: str, numbers: Numbers, slips: bool) -> _Result:
        """Numbers with what was dictated in the place of what the rules give."""
        places = self._dictated(key, numbers.written, slips)
        due = np.atleast_2d(numbers.written)
        dictations = tuple(
            Dictation(
                (i + 1, j + 1) if np.shape(numbers.written) else None,
                wrote,
                due[i, j],
                line.reason,
                line.given,
            )
            for (i, j), (wrote, line) in places.items()
        )
        return _Result(numbers.map(lambda value: _replaced(value, places)), dictations)


def given(name: str, value: Value) -> Quantity:
    """What is typed in."""
    return known(name, value, EXACT, given=True)


def known(name: str, value: Value, pen: Pen, **more: Any) -> Quantity:
    """Numbers that are the same exactly, on the page and for the next step."""
    numbers = Numbers(value, value, value)
    return Quantity(name, numbers, numbers, pen, **more)


def _single(value: Value) -> Real:
    assert not isinstance(value, np.ndarray)
    return value


def _floats(value: Value) -> Any:
    return as_value(to_floats(value)) if is_decimal(value) else value


def _expression(value: Value, digits: Callable[[Real], str]) -> Expr:
    return Matrix(value, digits) if isinstance(value, np.ndarray) else Num(digits(value))


def _symbol(quantity: Quantity) -> Expr:
    """A quantity in a formula; one without a name is a plain number."""
    if quantity.name:
        return Sym(quantity.name, quantity.shape)
    assert not isinstance(quantity.own.written, np.ndarray)
    return Num(in_full(quantity.own.written))


def _as_expr(value: object) -> Expr:
    return value if isinstance(value, Expr) else Num(plain(float(value)))  # type: ignore[arg-type]


def as_written(pen: Pen, value: Value, pens: Mapping[Place, Pen]) -> Value:
    """A value as a pen writes it, entry by entry; `pens` are those of single entries."""
    return _each(Pen.write, pen, value, pens)


def with_zeros(pen: Pen, written: Value, pens: Mapping[Place, Pen]) -> Value:
    """A written value, with zeros where a pen has digits."""
    return _each(Pen.keep, pen, written, pens)


def _each(
    change: Callable[[Pen, Real], Real], pen: Pen, value: Value, pens: Mapping[Place, Pen]
) -> Value:
    if not (pen.rounds or pens):
        return value

    def changed(pen: Pen, entry: Real) -> Real:
        return change(pen, entry) if math.isfinite(float(entry)) else entry

    if not isinstance(value, np.ndarray):
        return changed(pens.get((1, 1), pen), value)
    made = np.empty(value.shape, dtype=value.dtype)
    for (i, j), entry in np.ndenumerate(value):
        made[i, j] = changed(pens.get((i + 1, j + 1), pen), entry)
    return as_value(made)


Places = Mapping[tuple[int, int], tuple[Any, Dictated]]
"Row and column from 0, with the number that is dictated there and the line that does."


def _places(lines: Sequence[Dictated], value: Value, name: str) -> Places:
    """The entries that some lines dictate.

    Raises ShapeError for a matrix that does not fit, UnknownName for an entry that is not there,
    LessonError for one that is dictated twice.
    """
    places: dict[tuple[int, int], tuple[Any, Dictated]] = {}
    for line in lines:
        numbers = to_numbers(line.value) if is_decimal(value) else to_floats(line.value)
        rows, columns = _chosen(line, np.shape(value) or (1, 1), name)
        wanted = (len(rows), len(columns))
        if (np.shape(numbers) or (1, 1)) != wanted:
            raise _unlike(line, np.shape(value), wanted, name)
        table = np.atleast_2d(numbers)
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                if (row, column) in places:
                    raise _twice(line, places[row, column][1], (row, column), value, name)
                places[row, column] = table[i, j], line
    return places


def _twice(
    line: Dictated, first: Dictated, at: tuple[int, int], value: Value, name: str
) -> LessonError:
    row, column = Laid(line.flipped).at(at)
    entry = f"[{row + 1},{column + 1}]" if np.shape(value) else ""
    place = f", first at {first.where}" if first.where else ""
    return LessonError(f"{line.called or name}{entry} is dictated twice{place}", line.where)


def _chosen(line: Dictated, shape: tuple[int, ...], name: str) -> tuple[range, range]:
    """The rows and the columns, from 0, that a line is about."""
    entry, way = line.entry or (None, None), Laid(line.flipped)
    for index, length in zip(entry, shape, strict=True):
        if index is not None and not 1 <= index <= length:
            place = chosen_text(way.at(entry))
            raise UnknownName(
                f"{line.called or name} is {shape_text(way.at(shape))}, but entry [{place}] of it "
                "is dictated; entries count from 1",
                line.where,
            )
    rows, columns = (
        range(length) if index is None else range(index - 1, index)
        for index, length in zip(entry, shape, strict=True)
    )
    return rows, columns


def _unlike(
    line: Dictated, shape: tuple[int, ...], wanted: tuple[int, int], name: str
) -> ShapeError:
    way = Laid(line.flipped)
    typed, called = shape_text(way.at(np.shape(line.value))), line.called or name
    if line.entry and None not in line.entry:
        return ShapeError(f"{typed} is dictated for one entry of {called}", line.where)
    if line.entry:
        side = f"for a part of it that is {shape_text(way.at(wanted))}, {typed} is dictated"
        return ShapeError(f"{called} is {shape_text(way.at(shape))}; {side}", line.where)
    return ShapeError(
        f"{called} is {shape_text(way.at(shape))}, but {typed} is dictated", line.where
    )


def _replaced(value: Value, places: Places) -> Value:
    """A value with some of its entries dictated."""
    if not places:
        return value
    if not isinstance(value, np.ndarray):
        return as_value(places[0, 0][0])
    changed = np.array(value)
    for place, (number, _) in places.items():
        changed[place] = number
    return as_value(changed)


def _with_entries(numbers: Numbers, others: Numbers, places: Iterable[Place]) -> Numbers:
    """Numbers with some entries, counted from 1, of others."""
    at = [(row - 1, column - 1) for row, column in places]

    def mixed(value: Value, other: Value) -> Value:
        if not isinstance(value, np.ndarray):
            return other
        made = np.array(value)
        for place in at:
            made[place] = np.asarray(other)[place]
        return as_value(made)

    return Numbers(
        numbers.exact, mixed(numbers.written, others.written), mixed(numbers.used, others.used)
    )


def _check_finite(
    name: str, formula: Expr, values: Sequence[Value], inputs: Sequence[Quantity]
) -> None:
    exact, written = map(to_floats, values)
    for value, read in ((exact, [q.exact for q in inputs]), (written, [q.written for q in inputs])):
        numbers = np.ravel(value)
        faulty = numbers[~np.isfinite(numbers)]
        if faulty.size:
            known = {q.name: one for q, one in zip(inputs, read, strict=True) if q.name}
            called = "not a number" if np.isnan(faulty[0]) else "infinite"
            source = ", ".join(f"{source} = {_flat(one)}" for source, one in known.items())
            trouble = first_trouble(formula, known)
            if trouble and trouble.causes:
                source = ", ".join(trouble.causes)
            said = f"{name} is {called}, expected a finite number"
            said += f"; it comes from {source}" if source else ""
            said += f": {trouble.said}" if trouble else ""
            causes = trouble.causes if trouble else ()
            raise NotFinite(f"{said}{'' if value is exact else _rounded_away(inputs, causes)}")


def _rounded_away(inputs: Sequence[Quantity], causes: Collection[str]) -> str:
    """That an input was rounded to 0, or to the 1 that was the cause, and how it is kept."""
    named = [q for q in inputs if q.name]
    lost = [(q, one, enough_places(one.exact)) for q in named for one in q.vanished()]
    lost += [
        (q, one, enough_places(1 - _single(one.right.exact)))
        for q in named
        for _, one in q.entries()
        if f"{one.name} = 1" in causes and one.exact != 1
    ]
    if not lost:
        return ""
    whole, one, places = lost[0]
    before = f"{float(one.exact):.2g}" if one.written == 0 else plain(one.exact)
    return (
        f"; {one.name} is {before} before it is rounded, and "
        f"':places: {whole.name} {places}' keeps it"
    )


def _flat(value: Any) -> str:
    """Numbers in a row of text; a large matrix with its first ones and its shape."""
    every = np.atleast_2d(value)
    shown = every[:8, :12]
    rows = (" ".join(_said(x) for x in row) for row in shown)
    said = "; ".join(rows)
    return said if shown.shape == every.shape else f"{said} ... {shape_text(every.shape)}"


def _said(value: Any) -> str:
    return plain(value) if math.isfinite(float(value)) else str(float(value))
