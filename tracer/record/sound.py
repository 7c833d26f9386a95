"""Records that no page could show, which are refused."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from tracer.errors import TracerError, UnknownName
from tracer.lesson.directive import ADDRESS
from tracer.page import document
from tracer.page.pages import explain_entry, explain_quantity
from tracer.record.quantities import StoredQuantity
from tracer.record.records import GivenValue, Recording, WrittenEquation, WrittenTrace
from tracer.record.stored import tag_of
from tracer.trace.conventions import BIASES, Conventions
from tracer.trace.quantity import Quantity
from tracer.written.names import parse_name
from tracer.written.tree import Expr, Grid, Num, OneEntry

GAPS, FINITE = "without gaps", "with finite numbers"
SHAPED = "with a shape of rows and columns, or none"
Cells = tuple[tuple[Any, ...], ...]


def check_sound(made: Any, where: str) -> None:
    """Refuse records that no page could show."""
    broken = next((said for holds, said in _rules(made) if not holds), None)
    if broken is not None:
        raise TracerError(f"{where or 'this'} is not whole, expected {tag_of(type(made))} {broken}")


def check_lines(quantity: Quantity, where: str) -> None:
    """Refuse a quantity whose lines could not be worked out, whole or entry by entry."""
    if not quantity.name or quantity.formula is None:
        return

    def work() -> Mapping[str, Any]:
        explain_quantity(quantity)
        for place in {(1, 1), quantity.shape or (1, 1)}:
            explain_entry(quantity, *place)
        return {}

    worked(work, where)


def worked(work: Callable[[], Mapping[str, Any]], where: str) -> Mapping[str, Any]:
    """What follows from records; where it cannot be worked out, they do not fit together."""
    try:
        return work()
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError):
        raise TracerError(f"{where} cannot be written as a line") from None


def _rules(made: Any) -> Iterator[tuple[bool, str]]:
    """What must hold of a record, and what is expected where it does not."""
    match made:
        case Expr() | GivenValue() | WrittenEquation():
            yield _is_shape(made.shape), SHAPED
    match made:
        case Grid(cells, shape, symbols):
            yield _rectangular(cells), GAPS
            yield len(shape) == 2, SHAPED
            shown = _extent(cells)
            yield shown[0] <= shape[0] and shown[1] <= shape[1], "as large as its shape says"
            yield not symbols or _rectangular(symbols), GAPS
            yield not symbols or _extent(symbols) == shown, "with a symbol for each cell"
            kinds = [type(end) for end in made.extremes]
            yield kinds in ([], [Num, Num]), "with two numbers for its extremes"
        case OneEntry(row, column, _, shape):
            yield len(shape) == 2, SHAPED
            yield row <= shape[0] and column <= shape[1], "with an entry that it has"
        case Num(digits):
            yield re.fullmatch(r"-?(\d+(\.\d+)?|\.\d+)(e-?\d+)?", digits) is not None, "with digits"
        case StoredQuantity(name, exact, written, used):
            yield not name or _is_name(name), "with a name"
            yield np.shape(exact) == np.shape(written) == np.shape(used), GAPS
        case document.Heading(_, level, url=url):
            yield 1 <= level <= 6, "of level 1 to 6"
            yield not url or ADDRESS.fullmatch(url) is not None, "with an address"
        case document.Working(name, lines):
            yield _is_name(name), "with a name"
            yield bool(lines), GAPS
        case document.Derivation(_, lines):
            yield bool(lines), GAPS
        case document.Table(_, columns, rows, tones, steps):
            yield bool(columns), GAPS
            yield len(steps) in (0, len(rows)), GAPS
            yield {len(columns)} == {len(tones), *map(len, rows)}, GAPS
        case document.Node(name):
            yield _is_name(name), "with a name"
        case document.Graph(nodes, edges):
            known = {node.name for node in nodes}
            yield bool(nodes) and all({edge.start, edge.end} <= known for edge in edges), GAPS
        case document.Series(_, points):
            yield bool(points), GAPS
        case document.Curve(series=series):
            yield bool(series), GAPS
            for side in zip(*(point for one in series for point in one.points), strict=True):
                yield _spans(side), FINITE
        case document.Point(x, y, label):
            yield _spans((x, y)), FINITE
            yield label in (0, 1), "labelled 0 or 1"
        case document.Boundary(_, across, up, answers):
            yield {len(across)} == set(map(len, answers)) and len(up) == len(answers), GAPS
            for side in (across, up):
                yield len(side) > 1 and _spans(side), FINITE
                yield all(a <= b for a, b in pairwise(side)), "with its numbers in order"
            yield all(map(_spans, (*answers, [made.level]))), FINITE
        case document.PlaneLine(_, pieces):
            yield all(map(bool, pieces)), GAPS
            yield all(_spans(side) for run in pieces for side in zip(*run, strict=True)), FINITE
        case document.Points(_, across, up, points):
            yield bool(points), GAPS
            for span in (across, up):
                yield _spans(span), FINITE
                yield span[0] < span[1], "with its numbers in order"
        case document.NeuronLayer(_, neurons, count, _, biases, weights):
            named = (*neurons, *biases, *(name for each in weights for name in each))
            yield all(map(_is_name, named)), "with names"
            yield 0 < len(neurons) <= count, GAPS
            yield len(biases) in (0, len(neurons)), GAPS
            yield len(weights) in (0, len(neurons)), GAPS
        case document.Neurons(_, layers):
            yield len(layers) > 1, GAPS
            for before, layer in pairwise(layers):
                yield {len(each) for each in layer.weights} == {len(before.neurons)}, GAPS
        case document.Log(_, entries):
            yield all(math.isfinite(cost) for _, cost in entries), FINITE
        case document.Page(epoch=epoch):
            yield epoch >= 0, "of an epoch that is counted from 0"
        case Conventions(biases=biases, names=names):
            yield biases in BIASES, "with biases that are known"
            yield all(map(_is_name, names.values())), "with names"
        case WrittenTrace(learning_rate=rate):
            yield not isinstance(rate, float) or math.isfinite(rate), FINITE
        case Recording(pages=pages):
            yield bool(pages), GAPS


def _rectangular(rows: Cells) -> bool:
    return len({len(row) for row in rows}) == 1 and bool(rows[0])


def _extent(rows: Cells) -> tuple[int, int]:
    return len(rows), len(rows[0])


def _is_shape(shape: tuple[int, ...]) -> bool:
    return len(shape) in (0, 2) and all(side > 0 for side in shape)


def _is_name(name: str) -> bool:
    try:
        parse_name(name)
    except UnknownName:
        return False
    return True


def _spans(numbers: Iterable[float]) -> bool:
    """Whether numbers are finite, and so is what lies between them."""
    known = list(numbers)
    return not known or all(map(math.isfinite, (*known, max(known) - min(known))))
