"""One quantity: a rule worked out exactly and, side by side, as it is written by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tracer.errors import NotFinite, ShapeError, UnknownName, shape_text
from tracer.evaluate import first_trouble
from tracer.names import parse_name
from tracer.notation import Expr, Matrix, Num, Sym, is_copy
from tracer.ops import Rule
from tracer.program import Value, for_numpy
from tracer.readings import Floats, Notation
from tracer.rounding import EXACT, Pen, plain


@dataclass(frozen=True)
class Quantity:
    """Named numbers: as they are exactly, as they are written, and as the next step uses them."""

    name: str
    exact: Value
    written: Value
    used: Value
    pen: Pen
    given: bool = False
    "typed in, or a bare copy of what was: never rounded"
    formula: Expr | None = None
    inputs: tuple[Quantity, ...] = ()
    parts: tuple[Quantity, ...] = ()
    "what was written down on the way"
    contributions: tuple[Contribution, ...] = ()
    "for a gradient: one for each use of the value"
    slip: str = ""
    "why the author wrote something else, where a number was dictated"

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and columns; empty for a single number."""
        return np.shape(self.written)

    def digits(self, number: float) -> str:
        """A number of this quantity as it stands on the page."""
        return plain(number) if self.given else self.pen.text(number)

    def numbers(self, value: Value | None = None) -> Expr:
        """The written numbers (or others of the same quantity) as part of a line."""
        shown = self.written if value is None else value
        if isinstance(shown, np.ndarray):
            return Matrix(shown, self.digits)
        return Num(self.digits(shown))

    def changed(self) -> list[tuple[int, int]]:
        """The entries (from 0) whose written digits are not those of the exact value."""
        if self.pen.mode == "exact" or self.given:
            return []
        written, exact = np.atleast_2d(self.written), np.atleast_2d(self.exact)
        return [
            (int(i), int(j))
            for i, j in np.ndindex(written.shape)
            if self.pen.text(float(written[i, j])) != self.pen.text(float(exact[i, j]))
        ]

    def entry(self, row: int, column: int) -> Quantity:
        """One entry, counted from 1, as a quantity of its own."""
        rows, columns = self.shape or (1, 1)
        if not (1 <= row <= rows and 1 <= column <= columns):
            raise UnknownName(
                f"{self.name}[{row},{column}] does not exist: {self.name} is "
                f"{shape_text(self.shape)} and its entries count from 1"
            )

        def pick(value: Value) -> float:
            return float(np.atleast_2d(value)[row - 1, column - 1])

        return replace(
            self,
            contributions=(),
            parts=(),
            name=str(replace(parse_name(self.name), entry=(row, column))),
            exact=pick(self.exact),
            written=pick(self.written),
            used=pick(self.used),
        )

    def __repr__(self) -> str:
        return f"{self.name} = {_flat(self.written)} (exactly {_flat(self.exact)})"


@dataclass(frozen=True)
class Contribution:
    """One use of a value by one operation, seen backward."""

    through: str
    "the value it was used for"
    to: str
    "the value that was used"
    upstream: Quantity
    local: Quantity
    product: Quantity
    join: Rule = field(repr=False)
    "how upstream and local are joined"


@dataclass(frozen=True)
class Dictated:
    """A number that the author wrote instead of the right one."""

    value: Value
    entry: tuple[int, int] | None
    reason: str
    where: str | None = None
    "where it was dictated"
    called: str = ""
    "the source's name of the quantity, if it is another"
    flipped: bool = False
    "whether the source has it transposed"


@dataclass(frozen=True)
class Hand:
    """Who writes one phase: the pen, the quantities written otherwise, and the slips."""

    pen: Pen = EXACT
    modes: Mapping[str, Pen] = field(default_factory=dict)
    slips: Mapping[str, tuple[Dictated, ...]] = field(default_factory=dict)
    carries: bool = False
    "whether the work as a whole carries, so that even a displayed number is carried on"

    def pen_for(self, name: str, otherwise: Pen | None = None) -> Pen:
        """The pen that one quantity is written with."""
        return self.modes.get(name, otherwise or self.pen)


def work_out(
    name: str, rule: Rule, inputs: Sequence[Quantity], hand: Hand, key: str | None = None
) -> Quantity:
    """One rule, read three ways: as notation, exactly, and as written by hand.

    `key` is the name by which the hand knows the quantity, where that is not its own.
    """
    key = key or name
    pen = hand.pen_for(key)
    symbols = [
        Num(plain(float(q.exact))) if _is_literal(q) else Sym(q.name, q.shape) for q in inputs
    ]
    formula = _as_expr(rule(Notation(), *symbols))
    copied_from = next((q for q in inputs if q.name and formula == Sym(q.name, q.shape)), None)
    if copied_from and not copied_from.given and key not in hand.modes:
        pen = copied_from.pen  # a bare copy has the digits it was written with
    exact_parts: dict[str, Value] = {}
    exact = _read(
        rule, [q.exact for q in inputs], lambda label, x: exact_parts.setdefault(label, x)
    )
    parts: dict[str, Value] = {}

    def pen_of(label: str) -> Pen:
        return hand.pen_for(f"{key}.{label}", pen if pen.mode == "display" else hand.pen)

    reasons: dict[str, str] = {}

    def put_down(label: str, value: Value) -> Value:
        part = f"{key}.{label}"
        rounded = _each(pen_of(label), value)
        parts[label], reasons[label] = _dictate(rounded, hand.slips.get(part, ()), part)
        return parts[label]

    if pen.mode == "display":
        reached = exact
        for label, value in exact_parts.items():
            put_down(label, value)
    else:
        reached = _read(rule, [q.used for q in inputs], put_down)
    copied = is_copy(formula, given={q.name for q in inputs if q.given})
    written = reached if copied else _each(pen, reached)
    written, slip = _dictate(written, hand.slips.get(key, ()), name)
    used = exact if pen.mode == "display" and not hand.carries and not slip else written
    _check_finite(name, formula, (exact, written), inputs)
    return Quantity(
        name, exact, written, used, pen,
        given=copied,
        formula=formula,
        inputs=tuple(inputs),
        parts=tuple(
            Quantity(
                f"{name}.{label}",
                exact_parts[label],
                value,
                value,
                pen_of(label),
                slip=reasons[label],
            )
            for label, value in parts.items()
        ),
        slip="; ".join(filter(None, [slip, *reasons.values()])),
    )  # fmt: skip


def as_value(value: Value) -> Value:
    """A float or an array that nobody can change, without NumPy's scalars."""
    if np.ndim(value) == 0:
        return float(value)
    array = np.array(value, dtype=float)
    array.flags.writeable = False
    return array


def given(name: str, number: float) -> Quantity:
    """A number that is typed in."""
    return Quantity(name, number, number, number, EXACT, given=True)


def _is_literal(quantity: Quantity) -> bool:
    return not quantity.name


def _as_expr(value: object) -> Expr:
    return value if isinstance(value, Expr) else Num(plain(float(value)))  # type: ignore[arg-type]


def _read(rule: Rule, inputs: Sequence[Value], put_down: Callable[[str, Value], Value]) -> Value:
    """The rule on numbers; what it writes on the way is put down under its label."""

    def write(label: str, value: Any) -> Any:
        return for_numpy(put_down(label, as_value(value)))

    with np.errstate(all="ignore"):
        return as_value(rule(Floats(write), *map(for_numpy, inputs)))


def _each(pen: Pen, value: Value) -> Value:
    """A value as the pen writes it, entry by entry."""
    if pen.mode == "exact":
        return value
    write = pen.write
    if isinstance(value, np.ndarray):
        written = [[write(float(x)) if np.isfinite(x) else x for x in row] for row in value]
        return as_value(np.array(written).reshape(value.shape))
    return write(value) if np.isfinite(value) else value


def _dictate(written: Value, slips: Sequence[Dictated], name: str) -> tuple[Value, str]:
    for slip in slips:
        way = -1 if slip.flipped else 1
        said = f"{slip.called or name} is {shape_text(np.shape(written)[::way])}, but"
        if slip.entry is None:
            if np.shape(slip.value) != np.shape(written):
                given_shape = shape_text(np.shape(slip.value)[::way])
                raise ShapeError(f"{said} {given_shape} is dictated", slip.where)
            written = as_value(slip.value)
        else:
            rows = np.array(written, ndmin=2)
            row, column = slip.entry
            if not (1 <= row <= rows.shape[0] and 1 <= column <= rows.shape[1]):
                place = ",".join(map(str, slip.entry[::way]))
                raise UnknownName(
                    f"{said} entry [{place}] of it is dictated; entries count from 1", slip.where
                )
            if np.shape(slip.value):
                shape = shape_text(np.shape(slip.value)[::way])
                called = slip.called or name
                raise ShapeError(f"{shape} is dictated for one entry of {called}", slip.where)
            rows[slip.entry[0] - 1, slip.entry[1] - 1] = slip.value
            written = as_value(rows if np.ndim(written) else rows[0, 0])
    return written, "; ".join(slip.reason for slip in slips)


def _check_finite(
    name: str, formula: Expr, values: Sequence[Value], inputs: Sequence[Quantity]
) -> None:
    exact, written = values
    for value, read in ((exact, [q.exact for q in inputs]), (written, [q.used for q in inputs])):
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
            raise NotFinite(f"{said}: {trouble.said}" if trouble else said)


def _flat(value: Value) -> str:
    """Numbers in a row of text; a large matrix with its first ones and its shape."""
    every = np.atleast_2d(value)
    shown = every[:8, :12]
    rows = (" ".join(plain(float(x)) if np.isfinite(x) else str(x) for x in row) for row in shown)
    said = "; ".join(rows)
    return said if shown.shape == every.shape else f"{said} ... {shape_text(every.shape)}"
