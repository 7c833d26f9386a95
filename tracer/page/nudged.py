"""What one nudged number does to the last value, beside its gradient."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import numpy as np

from tracer.numbers.decimals import SURE, number
from tracer.numbers.rounding import MOST_PLACES, Pen, Real, to_places
from tracer.page.document import Block, Heading, Note, Page, Table, Tone
from tracer.trace.nudged import Nudge
from tracer.trace.quantity import Quantity
from tracer.written.names import gradient, pretty
from tracer.written.tree import Expr, Num, Word

MOST_MOVED = 4
"Values on the way to the last one that still read well beside it."
SHORT = Pen("display", 2, significant=True)


def nudged_page(
    nudges: Sequence[Nudge],
    epoch: int,
    *,
    rounds: bool,
    caption: str,
    answer: bool,
    notes: Iterable[Note] = (),
) -> Page:
    """One number nudged, in full; or several, in a row each. `rounds` is said of the lesson."""
    first = nudges[0]
    several = len(nudges) > 1
    step = to_places(abs(first.step), MOST_PLACES)
    title = f"{'Numbers' if several else pretty(first.name)} nudged by {step}"
    tables = [_each(nudges)] if several else [_values(first), _slopes(first)]
    blocks: list[Block] = [Heading(title, 3, caption), *tables, *_said(first, rounds), *notes]
    return Page(title, tuple(blocks), epoch=epoch, answer=answer)


def _said(nudge: Nudge, rounds: bool) -> Iterator[Note]:
    """What these numbers are, where those of the lesson are others."""
    if rounds:
        yield Note(
            "Note",
            "These are exact numbers, whatever the rounding: in rounded ones so small a change "
            "would drown.",
        )
    if nudge.stands_still:
        yield Note(
            "Note",
            "All parameters stand still here while the gradient goes back, where in {backward} "
            "some have moved already.",
        )


def _values(nudge: Nudge) -> Table:
    """The number that is nudged, and what moves with it, in three rows."""
    names, places = [nudge.name, *_moved(nudge)], _finer(nudge)
    books = (("lowered", nudge.down), ("as it is", nudge.held), ("raised", nudge.up))
    rows = tuple(
        (Word(called), *(Num(to_places(_real(book[name]), places)) for name in names))
        for called, book in books
    )
    forward: Tone = "forward"
    return Table("", ("", *map(pretty, names)), rows, ("plain", *[forward] * len(names)))


def _slopes(nudge: Nudge) -> Table:
    """Both quotients with their numbers put in, and the gradient."""
    finer, step = _finer(nudge), nudge.step
    books = (nudge.up, nudge.held, nudge.down)
    up, held, down = (Num(to_places(_real(book[nudge.root]), finer)) for book in books)
    one, two = (Num(to_places(size, MOST_PLACES)) for size in (step, step + step))
    quotient, central, exactly, *off = map(Num, _shown(nudge))
    rows: tuple[tuple[Expr, ...], ...] = (
        (Word("one-sided"), (up - held) / one, quotient, off[0]),
        (Word("central"), (up - down) / two, central, off[1]),
        (Word(_gradient(nudge)), Word("by the pass back"), exactly, Word("")),
    )
    columns = ("slope", "worked out", "is", "off by")
    return Table("", columns, rows, ("plain", "forward", "gradient", "plain"))


def _each(nudges: Sequence[Nudge]) -> Table:
    """A row for each number that is nudged."""
    rows = []
    for nudge in nudges:
        quotient, central, exactly, _, off = map(Num, _shown(nudge))
        rows.append((Word(_gradient(nudge)), quotient, central, exactly, off))
    columns = ("slope", "one-sided", "central", "gradient", "central off by")
    return Table("", columns, tuple(rows), ("plain", "forward", "forward", "gradient", "plain"))


def _gradient(nudge: Nudge) -> str:
    return pretty(gradient(nudge.root, nudge.name))


def _shown(nudge: Nudge) -> Iterator[str]:
    """Both quotients, the gradient, and by how much each quotient is off."""
    places = _places(nudge)
    for real in _slopes_of(nudge):
        yield to_places(real, places)
    for real in _off(nudge):
        is_lost = real and not Decimal(to_places(real, places)) and nudge.gradient.is_decimal
        yield SHORT.text(real) if is_lost else to_places(real, places)


def _places(nudge: Nudge) -> int:
    """Decimals in which a quotient shows two digits of what it is off by, where that can be."""
    exactly = _real(nudge.gradient)
    wanted = [3 - _first_place(exactly), *(1 - _first_place(off) for off in _off(nudge))]
    if not nudge.gradient.is_decimal:  # of whose digits the division takes some
        lost = _finer_by(nudge) - _first_place(_real(nudge.held[nudge.root]))
        wanted = [min(place, SURE - 1 - lost) for place in wanted]
    return min(max(*wanted, 0), MOST_PLACES)


def _finer(nudge: Nudge) -> int:
    """Decimals of the values from which a quotient comes out with its own."""
    return _places(nudge) + _finer_by(nudge)


def _finer_by(nudge: Nudge) -> int:
    return max(0, -_first_place(nudge.step)) + 1


def _first_place(real: Real) -> int:
    """The power of ten of the first digit; of 0 that of a unit."""
    return number(real).value.adjusted() if real else 0


def _off(nudge: Nudge) -> list[Real]:
    quotient, central, exactly = _slopes_of(nudge)
    return [quotient - exactly, central - exactly]


def _slopes_of(nudge: Nudge) -> list[Real]:
    return [_real(found) for found in (nudge.quotient, nudge.central, nudge.gradient)]


def _moved(nudge: Nudge) -> list[str]:
    """The single numbers that move, or where they are many, the last value alone."""
    names = [equation.output for equation in nudge.held.program.equations]
    single = [name for name in names if not nudge.held[name].shape and name != nudge.root]
    moved = [name for name in single if _real(nudge.up[name]) != _real(nudge.held[name])]
    return [*(moved if len(moved) <= MOST_MOVED else []), nudge.root]


def _real(quantity: Quantity) -> Real:
    single = quantity.at((1, 1)).right.exact
    assert not isinstance(single, np.ndarray)
    return single
