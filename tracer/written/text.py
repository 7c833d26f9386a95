"""A written line as text: its pieces from left to right, with brackets where they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tracer.written.brackets import behind_a_plus, needs_brackets
from tracer.written.entries import settle
from tracer.written.names import entry_name, pretty
from tracer.written.signs import Alone, Around, Call
from tracer.written.tree import Apply, Dots, Entry, Expr, Grid, Num, OneEntry, Part, Sym, Word


@dataclass(frozen=True)
class Bracket:
    """A round bracket, as tall as what it encloses."""

    text: str


Piece = str | Grid | Bracket
OPEN, CLOSE = Bracket("("), Bracket(")")


def text(expr: Expr) -> str:
    """An expression in one line of text.

    >>> from tracer.written.tree import apply
    >>> text(1 / (1 + apply("exp", -Num("-0.125"))))
    '1/(1 + e^-(-0.125))'
    """
    return "".join(_piece_text(piece) for piece in pieces(settle(expr)))


def _piece_text(piece: Piece) -> str:
    match piece:
        case Bracket(bracket):
            return bracket
        case Grid(cells):
            return "[" + "; ".join("  ".join(map(cell_text, row)) for row in cells) + "]"
        case _:
            return str(piece)


def rule_text(rule: tuple[str | Expr, ...]) -> str:
    """What leads from one line of a derivation to the next, in words.

    >>> rule_text(("chain with ", Sym("u"), " = ", Sym("z")))
    'chain with u = z'
    """
    return "".join(part if isinstance(part, str) else text(part) for part in rule)


def cell_text(cell: Expr) -> str:
    """An entry of a matrix, in brackets when it is a calculation of several terms."""
    compound = isinstance(cell, Apply) and cell.op in {"+", "-", "*"}
    return f"({text(cell)})" if compound else text(cell)


def pieces(expr: Expr) -> Iterator[Piece]:
    """The pieces of a line: words, brackets, and matrices as they are."""
    match expr:
        case Grid():
            yield expr
        case Sym(name):
            yield pretty(name)
        case Entry(name, row, column):
            yield entry_name(name, row, column)
        case Num(digits) | Word(digits):
            yield digits
        case Dots():
            yield "..."
        case Part(_, inner, _):
            yield from pieces(inner)
        case OneEntry(_, _, inner):
            yield f"{expr.place}: "
            yield from pieces(inner)
        case Apply():
            yield from _applied(expr)


def _applied(expr: Apply) -> Iterator[Piece]:
    match expr.sign.text:
        case Around(before, between, behind):
            yield from [before] * bool(before)
            for position, arg in enumerate(expr.args):
                yield from [between] * bool(position)
                yield from _argument(expr.op, position, arg)
            yield from [behind] * bool(behind)
        case Call(name):
            yield pretty(name)
            yield OPEN
            for position, arg in enumerate(expr.args):
                yield from [", "] * bool(position)
                yield from pieces(arg)
            yield CLOSE
        case Alone(letter):
            yield letter
        case None:
            yield from WRITTEN[expr.op](*expr.args)


def _argument(op: str, position: int, arg: Expr) -> Iterator[Piece]:
    if op == "+" and position:
        arg = behind_a_plus(arg)
    if needs_brackets(op, position, arg):
        yield OPEN
        yield from pieces(arg)
        yield CLOSE
    else:
        yield from pieces(arg)


def _is_compound(exponent: Expr) -> bool:
    inner = exponent.args[0] if isinstance(exponent, Apply) and exponent.op == "neg" else exponent
    return not isinstance(inner, Num | Sym | Grid)


def _is_short(factor: Expr) -> bool:
    match factor:
        case Sym(name):
            return "/" not in name
        case Num() | Apply("count" | "rows") | Apply("group", (Num(),)):
            return True
    return False


def _product(*args: Expr) -> Iterator[Piece]:
    tight = all(_is_short(arg) for arg in args)
    for position, arg in enumerate(args):
        if position:
            summed = isinstance(arg, Apply) and arg.sign.adds_up
            yield " " if summed else "*" if tight else " * "
        yield from _argument("*", position, arg)


WRITTEN: dict[str, Callable[..., Iterable[Piece]]] = {
    "*": _product,
    "**": lambda base, exponent: [
        *_argument("**", 0, base),
        "^∘" if base.shape else "^",
        *_argument("**", 1, exponent),
    ],
    "exp": lambda arg: ["e^", *_argument("**" if _is_compound(arg) else "exp", 1, arg)],
    "if": lambda a, b, this, that: [
        *[*_argument("if", 0, this), " if ", *_argument("if", 1, a)],
        *[" > ", *_argument("if", 1, b), " else ", *_argument("if", 2, that)],
    ],
    "group": lambda inner: [OPEN, *pieces(inner), CLOSE],
    "at": lambda of, index: [f"{text(of)}({text(index)})"],
    "over": lambda body, index: [f"Σ[{text(index)}] ", *_argument("sum", 0, body)],
    "d": lambda body, variable: [f"d/d{text(variable)} ", OPEN, *pieces(body), CLOSE],
}
"""How the signs are written whose row does not say it."""
