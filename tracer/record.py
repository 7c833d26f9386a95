"""A lesson worked out, as JSON and back: what was written, step by step, and its pages.

The text is described in `trace-schema.json`. Records are stored under the names of their fields,
those left out that have their default. Quantities share inputs, so they stand in one table and are
referred to by their place in it, counted from 0.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NoReturn, get_args, get_origin, get_type_hints

import numpy as np

from tracer import document
from tracer.conventions import USUAL, Conventions
from tracer.document import BLOCKS, Document, Page
from tracer.errors import TracerError, nearest
from tracer.names import Name
from tracer.notation import Expr, Grid, Matrix, settle
from tracer.ops import GRADIENT_DESCENT
from tracer.program import Equation, Program, Value
from tracer.quantity import Contribution, Quantity, as_value
from tracer.render.latex import expression
from tracer.rounding import Pen, parse_pen
from tracer.solution import Solution
from tracer.text import text
from tracer.trace import BackwardStep, ForwardStep, GatherStep, Step, Trace, UpdateStep
from tracer.view import seen

SCHEMA, VERSION = "tracer-trace", 1
LARGEST = 20_000_000
"The most bytes that a recorded trace may have."
EXPRESSIONS: tuple[type[Expr], ...] = tuple(
    kind for kind in Expr.__subclasses__() if kind is not Matrix
)
"What a written line is made of once it is plain data."
NOT_FINITE = ("inf", "-inf", "nan")
"Numbers that JSON has no sign for."


@dataclass(frozen=True)
class Origin:
    """The lesson that was worked out."""

    name: str
    title: str
    source: str = ""


@dataclass(frozen=True)
class GivenValue:
    """A value that is given rather than computed."""

    name: str
    role: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class WrittenEquation:
    """One operation, as it is written before any number is known."""

    name: str
    operation: str
    inputs: tuple[str | float, ...]
    formula: Expr
    shape: tuple[int, ...]
    convention: str = ""


@dataclass(frozen=True)
class WrittenStep:
    """One step of the pen."""

    kind: Literal["forward", "backward", "sum", "update"]
    of: str
    "the value that is computed, differentiated, summed up at, or moved"
    writes: tuple[Quantity, ...]
    contributions: tuple[Contribution, ...] = ()
    kept_from: tuple[str, ...] = ()
    "inputs that get no gradient because they are data"


@dataclass(frozen=True)
class Iteration:
    """What was written in one epoch."""

    quantities: tuple[Quantity, ...]
    steps: tuple[WrittenStep, ...]


@dataclass(frozen=True)
class WrittenTrace:
    """One network or graph, and everything that was written for it."""

    values: tuple[GivenValue, ...]
    equations: tuple[WrittenEquation, ...]
    epochs: tuple[Iteration, ...]
    learning_rate: float | None = None
    update: str = GRADIENT_DESCENT.name
    "how parameters move"
    features: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    conventions: Conventions = USUAL

    def canonical(self, name: Name) -> str:
        """The name under which a quantity was written, as the trace itself would say."""
        bare = Program((), (), aliases=self.aliases, conventions=self.conventions)
        return seen(Trace(bare)).canonical(name)


@dataclass(frozen=True)
class Recording:
    """A lesson as it was worked out in one way of rounding."""

    lesson: Origin
    rounding: Pen
    traces: tuple[WrittenTrace, ...]
    pages: tuple[Page, ...]

    @property
    def document(self) -> Document:
        """The pages as a replay shows them."""
        return Document(self.lesson.title, self.pages)


def record(solution: Solution, told: Document) -> Recording:
    """A lesson worked out and explained, as records without any rule in them.

    >>> from tracer.explain import explain
    >>> from tracer.lesson import load
    >>> from tracer.solution import solve
    >>> solution = solve(load("or-batch"))
    >>> record(solution, explain(solution)).rounding
    Pen(mode='carry', places=3, significant=False, keep_zeros=False, truncate=False)
    """
    lesson = solution.lesson
    traces = {section.view: section.trace for section in solution.sections}
    return Recording(
        Origin(lesson.name, lesson.title, lesson.source),
        solution.pen,
        tuple(_trace(view, own.program) for view, own in traces.items() if view and own),
        told.pages,
    )


def _trace(trace: Trace, own: Program) -> WrittenTrace:
    """A trace as its source writes it; `own` is the program as it was worked out."""
    program = trace.program
    formulas = program.formulas()
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
        own.learning_rate,
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
        case BackwardStep(equation, _, sent, kept_from):
            writes = tuple(quantity for c in sent for quantity in (c.local, c.product))
            return WrittenStep("backward", equation.output, writes, sent, kept_from)
        case GatherStep(total):
            return WrittenStep("sum", total.contributions[0].to, (total,))
        case UpdateStep():
            return WrittenStep("update", step.old.name, (*step.before, step.new))


# writing


def encode(recording: Recording) -> str:
    """A recording as JSON: the same text for the same recording, a record of a list to a line.

    Raises TracerError where the text would be larger than can be read back.
    """
    writer = _Writer()
    told = writer.fields(recording)
    data = {"schema": SCHEMA, "version": VERSION, **told, "quantities": writer.rows}
    lines = ",\n".join(f" {_dumped(key)}: {_lines(value)}" for key, value in data.items())
    whole = f"{{\n{lines}\n}}\n"
    size = len(whole.encode("utf-8"))
    if size > LARGEST:
        raise TracerError(
            f"the trace takes {size:,} bytes, expected at most {LARGEST:,}; "
            "export it as Markdown, which elides large matrices"
        )
    return whole


def _lines(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return _dumped(value)
    return "[\n" + ",\n".join(f"  {_dumped(item)}" for item in value) + "\n ]"


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class _Writer:
    """Records to plain data, and the table of their quantities."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self._places: dict[int, int] = {}
        "of a quantity by its identity"

    def plain(self, value: Any, inside: bool = False) -> Any:
        """A value as JSON has it; `inside` an expression, its parts need no text of their own."""
        match value:
            case Quantity():
                return self.place(value)
            case Pen():
                return str(value)
            case Matrix():
                return self.plain(settle(value), inside)
            case Expr() if not inside:
                tree = self.fields(value, inside=True)
                return {"text": text(value), "latex": expression(value), "tree": tree}
            case float():
                return value if math.isfinite(value) else str(value)
            case np.ndarray():
                return self.plain(value.tolist())
            case tuple() | list():
                return [self.plain(item, inside) for item in value]
            case Mapping():
                return dict(value)
        return self.fields(value, inside) if is_dataclass(value) else value

    def fields(self, value: Any, inside: bool = False) -> dict[str, Any]:
        """The fields of a record that say something; its kind too, where several are possible."""
        kind: Any = type(value)
        data = {"is": _tag(kind)} if issubclass(kind, (Expr, *BLOCKS)) else {}
        for name, (_, default) in _stored(kind).items():
            found = getattr(value, name)
            if default is MISSING or found != default:
                data[name] = self.plain(found, inside)
        return data

    def place(self, quantity: Quantity) -> int:
        """Where a quantity stands in the table, behind everything it refers to."""
        waiting = [quantity]
        while waiting:
            top = waiting.pop()
            missing = [one for one in _sources(top) if id(one) not in self._places]
            if missing:
                waiting += [top, *reversed(missing)]
            elif id(top) not in self._places:
                self._add(top)
        return self._places[id(quantity)]

    def _add(self, quantity: Quantity) -> None:
        row = self.fields(quantity) | _derived(quantity)
        if not row["changed"]:
            del row["changed"]
        self._places[id(quantity)] = len(self.rows)
        self.rows.append(row)


def _sources(quantity: Quantity) -> Iterator[Quantity]:
    yield from quantity.inputs
    yield from quantity.parts
    for sent in quantity.contributions:
        yield from (sent.upstream, sent.local, sent.product)


def _derived(quantity: Quantity) -> dict[str, Any]:
    """What follows from a quantity and is stored for those who read the file otherwise."""
    digits = [[quantity.digits(float(x)) for x in row] for row in np.atleast_2d(quantity.written)]
    return {
        "digits": digits if quantity.shape else digits[0][0],
        "changed": [[i + 1, j + 1] for i, j in quantity.changed()],
    }


@dataclass(frozen=True)
class _Line:
    """A written line where it is stored: its text and its LaTeX stand beside it."""

    tree: Expr


@cache
def _stored(kind: Any) -> dict[str, tuple[Any, Any]]:
    """The fields of a record that are stored, with type and default; a rule is not stored."""
    types = get_type_hints(kind)
    return {
        one.name: (
            types[one.name],
            one.default_factory() if one.default_factory is not MISSING else one.default,
        )
        for one in fields(kind)
        if not (kind is Contribution and one.name == "join")
    }


def _tag(kind: type) -> str:
    return kind.__name__.lower()


# reading


def decode(content: str, where: str) -> Recording:
    """The recording that a text of `encode` holds; `where` is what faults call the text.

    Raises TracerError for a text that is no recording, of another version, or not sound.
    """
    data = _parsed(content, where)
    try:
        _check_version(data)
        reader = _Reader()
        for place, row in enumerate(_of(list, data.get("quantities"), "quantities")):
            reader.add(row, f"quantities[{place}]")
        rest = {key: data[key] for key in data if key not in ("schema", "version", "quantities")}
        made: Recording = reader.record(Recording, rest, "")
        return made
    except TracerError as error:
        raise TracerError(error.problem, where) from None
    except RecursionError:
        raise TracerError("something in it is nested too deeply", where) from None


def _parsed(content: str, where: str) -> Any:
    try:
        return json.loads(content, parse_int=_whole, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise TracerError(f"this is not JSON: {error.msg}", f"{where}:{error.lineno}") from None
    except TracerError as error:
        raise error.at(where) from None
    except RecursionError:
        raise TracerError("something in it is nested too deeply", where) from None


def _whole(digits: str) -> int | float:
    # Python refuses to read a whole number of thousands of digits; nothing here is so large
    return int(digits) if len(digits) < 20 else float(digits)


def _no_number(word: str) -> NoReturn:
    raise TracerError(f"{word} is not a number in JSON")


def _check_version(data: Any) -> None:
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise TracerError(
            f"this is no recorded trace, expected one that begins with 'schema': '{SCHEMA}', as "
            "'tracer export or-batch --format json' writes it"
        )
    if data.get("version") != VERSION or isinstance(data["version"], bool):
        raise TracerError(
            f"this trace is of version {_said(data.get('version'))}, expected {VERSION}; "
            "export the lesson again"
        )


class _Reader:
    """Plain data to records; a fault says where in the data it is."""

    def __init__(self) -> None:
        self.quantities: list[Quantity] = []

    def add(self, data: Any, where: str) -> None:
        """The next quantity of the table."""
        made = self.record(Quantity, data, where, ("digits", "changed"))
        self.quantities.append(made)
        _agrees(data, lambda: _derived(made), where)

    def read(self, kind: Any, data: Any, where: str, inside: bool = False) -> Any:
        """Data as a value of a type."""
        if kind is Quantity:
            return self._quantity(data, where)
        if kind is Pen:
            return parse_pen(_of(str, data, where))
        if kind == Value:
            return self._value(data, where)
        if kind is Expr:
            return self._expression(data, where, inside)
        if is_dataclass(kind):
            return self.record(kind, data, where, (), inside)
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is UnionType:
            return self._either(arguments, data, where)
        if origin is tuple:
            return self._tuple(arguments, data, where, inside)
        if origin is Literal:
            return _one_of(arguments, data, where)
        if origin is Mapping:
            return {key: _of(str, name, where) for key, name in _of(dict, data, where).items()}
        return _of(kind, data, where)

    def record(
        self,
        kind: Any,
        data: Any,
        where: str,
        besides: tuple[str, ...] = (),
        inside: bool = False,
    ) -> Any:
        """A record from its fields; `besides` are keys that are known but not read here."""
        stored = _stored(kind)
        for key in _of(dict, data, where):
            if key not in stored and key not in besides:
                way_out = nearest(key[:40], stored)
                raise TracerError(
                    f"{where or 'this'} has the unknown field {_said(key)}; {way_out}"
                )
        found = {}
        for name, (type_, default) in stored.items():
            if name in data:
                found[name] = self.read(type_, data[name], _below(where, name), inside)
            elif default is MISSING:
                raise TracerError(f"{_below(where, name)} is missing")
        if kind is Contribution:
            found["join"] = _joined_already
        made = kind(**found)
        _check_sound(made, where)
        return made

    def _quantity(self, data: Any, where: str) -> Quantity:
        place: int = _of(int, data, where)
        if not 0 <= place < len(self.quantities):
            known = f"a quantity above, 0 to {len(self.quantities) - 1}"
            raise TracerError(f"{where} is {place}, expected {known}")
        return self.quantities[place]

    def _value(self, data: Any, where: str) -> Value:
        if not isinstance(data, list):
            return float(_of(float, data, where))
        rows = self.read(tuple[tuple[float, ...], ...], data, where)
        if not rows or not rows[0] or len({len(row) for row in rows}) > 1:
            raise TracerError(f"{where} has rows of unequal length or none, expected a matrix")
        return as_value(np.array(rows))

    def _expression(self, data: Any, where: str, inside: bool) -> Expr:
        if inside:
            made: Expr = self._tagged(EXPRESSIONS, data, where, inside)
            return made
        tree: Expr = self.record(_Line, data, where, ("text", "latex"), inside=True).tree
        _agrees(data, lambda: {"text": text(tree), "latex": expression(tree)}, where)
        return tree

    def _tagged(self, kinds: Any, data: Any, where: str, inside: bool = False) -> Any:
        tags = {_tag(kind): kind for kind in kinds}
        tag = _one_of(tuple(tags), _of(dict, data, where).get("is"), _below(where, "is"))
        return self.record(tags[tag], data, where, ("is",), inside)

    def _either(self, kinds: tuple[Any, ...], data: Any, where: str) -> Any:
        if data is None and NoneType in kinds:
            return None
        if isinstance(data, str) and str in kinds:
            return data
        rest = [kind for kind in kinds if kind not in (NoneType, str)]
        return self._tagged(rest, data, where) if rest[1:] else self.read(rest[0], data, where)

    def _tuple(
        self, kinds: tuple[Any, ...], data: Any, where: str, inside: bool
    ) -> tuple[Any, ...]:
        items = _of(list, data, where)
        if kinds[-1] is Ellipsis:
            kinds = (kinds[0],) * len(items)
        if len(items) != len(kinds):
            raise TracerError(f"{where} has {len(items)} items, expected {len(kinds)}")
        return tuple(
            self.read(kind, item, f"{where}[{k}]", inside)
            for k, (kind, item) in enumerate(zip(kinds, items, strict=True))
        )


CALLED = {
    str: "a text", int: "a whole number", float: "a number", bool: "true or false",
    list: "a list", dict: "a record",
}  # fmt: skip


def _of(kind: Any, data: Any, where: str) -> Any:
    """Data that must be of a plain type."""
    if kind is float and (data in NOT_FINITE or type(data) in (int, float)):
        return float(data)
    if type(data) is not kind:
        raise TracerError(f"{where or 'this'} is {_said(data)}, expected {CALLED[kind]}")
    return data


def _one_of(known: tuple[str, ...], data: Any, where: str) -> Any:
    if not isinstance(data, str) or data not in known:
        raise TracerError(f"{where} is {_said(data)}; {nearest(str(data)[:40], known)}")
    return data


def _agrees(data: Mapping[str, Any], work: Callable[[], Mapping[str, Any]], where: str) -> None:
    """Refuse what is stored for other readers where it does not follow from the rest."""
    try:
        worked = work()
    except (AttributeError, LookupError, TypeError, ValueError):
        raise TracerError(f"{where} cannot be written as a line") from None
    for key, value in worked.items():
        if data.get(key, value) != value:
            given = _said(data[key])
            raise TracerError(f"{_below(where, key)} is {given}, expected {_said(value)}")


def _said(data: Any) -> str:
    shown = repr(data)
    return shown if len(shown) <= 60 else f"{shown[:60]}..."


def _below(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _joined_already(*_: object) -> NoReturn:
    raise TracerError("a contribution that was read back keeps its product and no rule")


def _check_sound(made: Any, where: str) -> None:
    """Refuse records that no page could show."""
    match made:
        case Grid(cells, _, symbols):
            sound = _rectangular(cells) and (not symbols or _rectangular(symbols))
        case Quantity(_, exact, written, used):
            sound = np.shape(exact) == np.shape(written) == np.shape(used)
        case document.Working() | document.Derivation():
            sound = bool(made.lines)
        case document.Table(_, columns, rows, tones):
            sound = {len(columns)} == {len(tones), *map(len, rows)}
        case document.Graph(nodes, edges):
            known = {node.name for node in nodes}
            sound = bool(nodes) and all({edge.start, edge.end} <= known for edge in edges)
        case document.Curve():
            sound = bool(made.series) and all(series.points for series in made.series)
        case document.Boundary(_, across, up, answers):
            sound = {len(across)} == set(map(len, answers)) and len(up) == len(answers)
        case Recording():
            sound = bool(made.pages)
        case _:
            return
    if not sound:
        raise TracerError(
            f"{where or 'this'} is not whole, expected {_tag(type(made))} without gaps"
        )


def _rectangular(rows: tuple[tuple[Any, ...], ...]) -> bool:
    return len({len(row) for row in rows}) == 1 and bool(rows[0])
