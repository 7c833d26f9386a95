r"""Written lines in LaTeX over several rows, none of them wider than there is room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracer.written.blocks import in_blocks
from tracer.written.brackets import behind_a_plus, needs_brackets
from tracer.written.latex import expression, function_name, raised_to
from tracer.written.signs import Around, Call
from tracer.written.tree import Apply, Expr, Grid, OneEntry, Part
from tracer.written.width import width

INDENT, NESTED = 1.0, 3.5
"How far a row that goes on stands in, and what an operator takes with a bracket, in em."


OPERATORS = ("+", "-", "=", r"\cdot", r"\odot")


def broken(line: Expr, room: float) -> list[str]:
    r"""A line in rows: it breaks before an operator, and a matrix goes on in blocks of columns.

    >>> from tracer.written.tree import Num
    >>> broken(Num("0.25") + Num("0.5") + Num("0.125"), 6)
    ['0.25 + 0.5', '{} + 0.125']
    >>> broken(2 * (Num("0.25") + Num("0.5")), 6)
    ['2 \\cdot \\left(0.25\\right.', '\\left. {} + 0.5\\right)']

    What cannot be broken stands alone in a row, even if that is wider than there is room.
    """
    whole = expression(line)
    return [whole] if width(whole) <= room else _filled(_pieces(line, room - INDENT), room)


def _filled(pieces: Sequence[str], room: float) -> list[str]:
    """Pieces, as many to a row as fit; a bracket that stays open is as tall in the next row."""
    rows = [pieces[0]]
    for piece in pieces[1:]:
        longer = f"{rows[-1]} {piece}"
        depth = _open(rows[-1])
        if width(longer + r"\right." * _open(longer)) <= room - INDENT * (len(rows) > 1):
            rows[-1] = longer
        else:
            rows[-1] += r"\right." * depth
            # an operator keeps its room to both sides where something stands before it
            rows.append(r"\left. " * depth + "{} " * piece.startswith(OPERATORS) + piece)
    return rows


def _open(row: str) -> int:
    """How many brackets of a row are not closed in it."""
    return row.count(r"\left") - row.count(r"\right")


def _pieces(expr: Expr, room: float) -> list[str]:
    """An expression in pieces, before each of which a row may end."""
    match expr:
        case Grid():
            return list(_blocks(expr, room))
        case OneEntry(_, _, inner):
            place = rf"\text{{{expr.place}: }} "
            return _around(place, _pieces(inner, room - width(place)), "")
        case Part(_, inner, _):
            return _pieces(inner, room)
        case Apply("T" | "**", (base, *_)) if base.shape:
            behind = rf"\right)^{{{raised_to(expr.op, *expr.args)}}}"
            return _around(r"\left(", _pieces(base, room - NESTED), behind)
        case Apply("+" | "*" | "group"):
            return _joined(expr, BETWEEN[expr.op], room)
        case Apply():
            match expr.sign.latex:
                case Around(before, between, behind) if "{" not in before:
                    first, *more = _joined(expr, between.strip(), room)
                    return _around(before, [first, *more], behind)
                case Call(name):
                    inside = _around(r"\left(", _joined(expr, ",", room), r"\right)")
                    return _around(function_name(name), inside, "")
    return [expression(expr)]


BETWEEN = {"+": "+", "*": r"\cdot", "group": ""}
"What stands between the arguments where the row of a sign does not say it."


def _joined(expr: Apply, between: str, room: float) -> list[str]:
    """The arguments in pieces, each behind the first with the sign before it."""
    first, *more = expr.args
    pieces = _bracketed(expr, 0, first, room)
    for place, arg in enumerate(more, 1):
        summed = expr.op == "*" and isinstance(arg, Apply) and arg.sign.adds_up
        before = "" if summed else f"{between} "
        pieces += _around(before, _bracketed(expr, place, arg, room), "")
    if expr.op == "group":
        return _around(r"\left(", pieces, r"\right)")
    return pieces


def _bracketed(expr: Apply, place: int, arg: Expr, room: float) -> list[str]:
    """An argument as one piece where it fits, else in its own; in brackets where it needs them."""
    arg = behind_a_plus(arg, has_bars=True) if expr.op == "+" and place else arg
    needs, whole = needs_brackets(expr.op, place, arg), expression(arg)
    closed = rf"\left({whole}\right)" if needs else whole
    if width(closed) <= room - (NESTED if place or len(expr.args) == 1 else 0):
        return [closed]
    pieces = _pieces(arg, room - NESTED)
    is_loose = isinstance(arg, Grid) or (len(expr.args) > 1 and pieces[0].startswith("-"))
    if needs or (is_loose and len(pieces) > 1 and expr.op != "="):
        return _around(r"\left(", pieces, r"\right)")
    return pieces


def _around(before: str, pieces: Sequence[str], behind: str) -> list[str]:
    found = list(pieces)
    found[0] = before + found[0]
    found[-1] += behind
    return found


def _blocks(grid: Grid, room: float) -> Iterator[str]:
    """A matrix in blocks of columns, each behind its numbers."""
    begins = r"\text{{{}: }} {}".format

    def fits(block: Grid) -> bool:
        most = begins(f"columns {grid.shape[1]} to {grid.shape[1]}", expression(block))
        return width(most) <= room

    for numbers, block in in_blocks(grid, fits):
        yield begins(numbers, expression(block))
