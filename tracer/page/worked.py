"""A quantity as aligned lines: formula, numbers put in, what is worked out on the way, result."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tracer.errors import shape_text
from tracer.numbers.decimals import Number, has_overflowed, with_enough_digits
from tracer.numbers.values import to_numbers
from tracer.page.document import Block, Tone, Working
from tracer.trace.quantity import Contribution, Quantity
from tracer.written.blocks import in_blocks
from tracer.written.entries import settle
from tracer.written.evaluate import value_of
from tracer.written.latex import expression
from tracer.written.lines import substitute, without_parts, working
from tracer.written.names import gradient
from tracer.written.readings import Decimals
from tracer.written.text import text
from tracer.written.tree import Apply, Entry, Expr, Grid, Part, Sym, Word
from tracer.written.width import COLUMN, beside, width


def worked(
    quantity: Quantity, label: str = "", tone: Tone = "plain", symbol: Expr | None = None
) -> Working:
    """The lines of a quantity: formula, numbers put in, what is worked out on the way, result.

    What was given in the middle is its number and no more: nothing leads to it.
    """
    if quantity.given_instead:
        return Working(quantity.name, settled([quantity.numbers()]), label, tone)
    assert quantity.formula is not None
    lines = _lines_of(quantity, label)
    every = settled([*([symbol] if symbol else []), *lines])
    unlike = [line for k, line in enumerate(every) if k == 0 or text(line) != text(every[k - 1])]
    return Working(quantity.name, tuple(unlike), label, tone, _shapes(quantity))


def step_by_step(quantity: Quantity, steps: Collection[str]) -> Iterator[Quantity]:
    """A quantity behind the steps that its author named, each with a line of its own."""
    assert quantity.formula is not None
    if quantity.given_instead:
        yield quantity
        return
    symbols: dict[str, Expr] = {}
    inputs = quantity.inputs
    for label, inner in _parts_of(quantity.formula).items():
        if label in steps:
            part = next(part for part in quantity.parts if part.label == label)
            yield replace(part, formula=_with_parts(inner, symbols), inputs=inputs)
            symbols[label] = Sym(part.name, part.shape)
            inputs = (*inputs, part)
    yield replace(quantity, formula=_with_parts(quantity.formula, symbols), inputs=inputs)


def _with_parts(formula: Expr, known: Mapping[str, Expr]) -> Expr:
    """A formula with something else in the place of what is written on the way."""
    match formula:
        case Part(label, inner, shape):
            return known.get(label) or Part(label, _with_parts(inner, known), shape)
        case Apply(op, args, shape):
            return Apply(op, tuple(_with_parts(arg, known) for arg in args), shape)
    return formula


def combined(contribution: Contribution) -> Working:
    """Upstream and local joined: in words, in names where that says more, in numbers."""
    product, upstream, local = contribution.product, contribution.upstream, contribution.local
    if product.given_instead:
        return worked(product, "product", "gradient")
    assert product.formula is not None
    said = substitute(
        product.formula,
        {upstream.name: Word("upstream", upstream.shape), local.name: Word("local", local.shape)},
    )
    lines = list(_lines_of(product, "product"))[1:]
    named: list[Expr] = []
    is_entrywise = isinstance(product.formula, Apply) and product.formula.op == "hadamard"
    if is_entrywise and len(lines) > 2:
        lines = lines[1:]
    elif product.shape and local.formula is not None and upstream.shape and _is_plain(product):
        named = [without_parts(substitute(product.formula, {local.name: local.formula}))]
    begins = upstream.name == gradient(contribution.through, contribution.through)
    if begins and not upstream.dictations and len(lines) > 2:
        lines = [lines[0], lines[-1]]
    tone: Tone = "gradient"
    return Working(product.name, settled([said, *named, *lines]), "product", tone, _shapes(product))


def _lines_of(quantity: Quantity, label: str) -> Iterator[Expr]:
    """Formula, numbers and result, and on the way what there is room for beside the name."""
    assert quantity.formula is not None
    room = COLUMN - beside(quantity.name, label)
    return working(
        quantity.formula,
        numbers(quantity),
        parts(quantity),
        quantity.numbers(),
        lambda grid: _has_room(grid, room),
    )


def _has_room(grid: Grid, room: float) -> bool:
    """Whether a matrix of calculations fits: in one row, or a single row of them in two."""

    def fits(block: Grid) -> bool:
        last, columns = grid.shape[1], block.shape[1]
        label = f"column {last}: " if columns == 1 else f"columns {last} to {last}: "
        labelled = 0 if columns == last else width(rf"\text{{{label}}}")
        return labelled + width(expression(block)) <= room

    blocks = [block for _, block in in_blocks(grid, fits)]
    return len(blocks) <= 1 + (len(grid.cells) == 1) and all(map(fits, blocks))


def as_given(quantity: Quantity, *before: Expr) -> Working:
    """What was typed in, with its shape; `before` is the form in which it was given."""
    lines = settled([*before, quantity.numbers()])
    shapes = Word(_shape(quantity)) if quantity.shape else None
    return Working(quantity.name, lines, tone="forward", shapes=shapes)


def numbers(quantity: Quantity) -> dict[str, Expr]:
    """What is put in for each name: written numbers, or exact ones rounded where only shown."""
    return {source.name: source.put_in(quantity.pen) for source in quantity.inputs}


def departures(quantity: Quantity) -> Iterator[Departure]:
    """The entries that do not follow from the rounded numbers above them, parts first."""
    if quantity.formula is None or not quantity.is_decimal:
        return
    known = {source.name: source.shown(quantity.pen) for source in quantity.inputs}
    called = {f"path{k}": c.product.name for k, c in enumerate(quantity.contributions, 1)}
    for label, inner in _parts_of(quantity.formula).items():
        part = next(part for part in quantity.parts if part.label == label)
        if _shows_less(part, quantity.inputs):
            part = replace(part, name=called.get(label, part.name))
            yield from _departures(part, inner, known)
        known[f".{label}"] = part.own.written
    if _shows_less(quantity, quantity.inputs):
        yield from _departures(quantity, quantity.formula, known)


def _shows_less(of: Quantity, inputs: Sequence[Quantity]) -> bool:
    """Whether a line may show less than it works with: its own numbers, or earlier ones."""
    shown = (of, *inputs) if of.pen.mode == "exact" else (of,)
    return any(one.pen.mode == "display" for one in shown) and not (of.given or of.dictations)


Departure = tuple[Quantity, str]
"An entry, and what the rounded numbers of its line would give; nothing where they give no number."


def _departures(of: Quantity, formula: Expr, known: Mapping[str, Any]) -> Iterator[Departure]:
    decimal = {name: to_numbers(value) for name, value in known.items()}

    def reach() -> tuple[Any, bool]:
        return to_numbers(value_of(Decimals(), formula, decimal, Number)), has_overflowed()

    reached, is_beyond = with_enough_digits(reach)
    for (i, j), entry in np.ndenumerate(np.atleast_2d(reached)):
        if is_beyond and not entry.is_finite:
            continue  # a power of e that is larger than any number here, not one that is missing
        one = of.at((i + 1, j + 1))
        given = one.pen.text(entry) if entry.is_finite else ""
        if given != one.text:
            yield one, given


def _parts_of(formula: Expr) -> dict[str, Expr]:
    """What is written on the way, by its label, the innermost first."""
    match formula:
        case Part(label, inner, _):
            return {**_parts_of(inner), label: inner}
        case Apply(_, args, _):
            return {label: inner for arg in args for label, inner in _parts_of(arg).items()}
    return {}


def parts(quantity: Quantity) -> dict[str, Expr]:
    """What was written down on the way, by its label."""
    return {part.label: part.numbers() for part in quantity.parts}


def settled(lines: Iterable[Expr]) -> tuple[Expr, ...]:
    """Lines as plain data."""
    return tuple(settle(line) for line in lines)


def _shapes(quantity: Quantity) -> Expr | None:
    """The shapes that meet in a matrix product."""
    formula = quantity.formula
    if formula is None or not quantity.shape or not _has_dot(formula) or not _is_plain(quantity):
        return None
    words: dict[str, Expr] = {q.name: Word(_shape(q), q.shape) for q in quantity.inputs}
    left = substitute(without_parts(formula), words)
    return Apply("=", (left, Word(_shape(quantity))), ())


def _is_plain(quantity: Quantity) -> bool:
    """Whether a line means its matrices as wholes, not example by example."""
    formula = quantity.formula
    return not (isinstance(formula, Apply) and formula.sign.by_example)


def _has_dot(expr: Expr) -> bool:
    return isinstance(expr, Apply) and (expr.op == "dot" or any(map(_has_dot, expr.args)))


def _shape(quantity: Quantity) -> str:
    return shape_text(quantity.shape).replace(" x ", " × ")


def with_symbols(block: Block) -> Block:
    """The result's entries named above their numbers, or for several rows in their own matrix."""
    if not isinstance(block, Working) or block.label in ("upstream", "local"):
        return block
    grid = block.lines[-1]
    if not isinstance(grid, Grid) or grid.elided or grid.shape == (1, 1):
        return block
    rows, columns = grid.shape
    symbols = tuple(
        tuple(Entry(block.name, i, j, grid.shape) for j in range(1, columns + 1))
        for i in range(1, rows + 1)
    )
    if rows == 1:
        return replace(block, lines=(*block.lines[:-1], replace(grid, symbols=symbols)))
    return replace(block, lines=(*block.lines[:-1], Grid(symbols, grid.shape), grid))
