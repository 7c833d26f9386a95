"""A written line as text: its pieces from left to right, with brackets where they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tracer.written.brackets import needs_brackets
from tracer.written.entries import settle
from tracer.written.names import entry_name, pretty
from tracer.written.tree import EXP_IN_FULL, Apply, Dots, Entry, Expr, Grid, Num, Part, Sym, Word


@dataclass(frozen=True)
class Bracket:
    """A round bracket, as tall as what it encloses."""

    text: str


Piece = str | Grid | Bracket
OPEN, CLOSE = Bracket("("), Bracket(")")
SIGNS = {
    "+": " + ",
    "-": " - ",
    "/": "/",
    "ratio": "/",
    "hadamard": " ⊙ ",
    "dot": " · ",
    "**": "^",
    "=": " = ",
}


BORDERED = {
    "ones above": ("[1; ", "]"),
    "ones below": ("[", "; 1]"),
    "but first column": ("", "[:, 2:]"),
    "but last column": ("", "[:, :-1]"),
    "first column zero": ("[0 ", "[:, 2:]]"),
    "last column zero": ("[", "[:, :-1] 0]"),
    "ones left": ("[1 ", "]"),
    "ones right": ("[", " 1]"),
    "minus ones above": ("[-1; ", "]"),
    "minus ones below": ("[", "; -1]"),
    "minus ones left": ("[-1 ", "]"),
    "minus ones right": ("[", " -1]"),
    "but first row": ("", "[2:, :]"),
    "but last row": ("", "[:-1, :]"),
    "first row zero": ("[0; ", "[2:, :]]"),
    "last row zero": ("[", "[:-1, :]; 0]"),
}
"""What stands before and behind a matrix with a border put on or taken off."""


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
        case Entry(name, row, column, whole):
            yield entry_name(name, row, column, whole)
        case Num(digits) | Word(digits):
            yield digits
        case Dots():
            yield "..."
        case Part(_, inner, _):
            yield from pieces(inner)
        case Apply("neg", (arg,), _):
            yield "-"
            yield from _argument("neg", 0, arg)
        case Apply("T", (arg,), _):
            yield from _argument("T", 0, arg)
            yield "ᵀ"
        case Apply("sum" | "rowsum" | "colsum" as op, (arg,), _):
            yield "Σ "
            yield from _argument(op, 0, arg)
        case Apply("count" | "rows" as op, _, _):
            yield "m" if op == "count" else "n"
        case Apply("ones", _, _):
            yield "1"
        case Apply(op, (arg,), _) if op in BORDERED:
            before, after = BORDERED[op]
            yield before
            yield from pieces(arg)
            yield after
        case Apply("column" | "row", (arg,), _):
            yield from [*pieces(arg), "(i)"]
        case Apply("examples" | "examples stacked", (arg,), _):
            yield from pieces(arg)
        case Apply("blockwise" | "blockwise stacked", (left, right), _):
            yield from [*_argument("blockwise", 0, left), "(i) · "]
            yield from [*_argument("blockwise", 1, right), "(i)"]
        case Apply("group", (inner,), _):
            yield from [OPEN, *pieces(inner), CLOSE]
        case Apply("at", (of, index), _):
            yield f"{text(of)}({text(index)})"
        case Apply("over", (body, index), _):
            yield f"Σ[{text(index)}] "
            yield from _argument("sum", 0, body)
        case Apply("d", (body, variable), _):
            yield f"d/d{text(variable)} "
            yield from [OPEN, *pieces(body), CLOSE]
        case Apply("exp", (arg,), _):
            yield "e^"
            yield from _argument("**" if _is_compound(arg) else "exp", 1, arg)
        case Apply(">", (a, b), _):
            yield from ["1 if ", *_argument(">", 0, a), " > ", *_argument(">", 1, b), " else 0"]
        case Apply("if", (a, b, this, that), _):
            yield from [*_argument("if", 0, this), " if ", *_argument("if", 1, a), " > "]
            yield from [*_argument("if", 1, b), " else ", *_argument("if", 2, that)]
        case Apply("*", args, _):
            yield from _product(args)
        case Apply(op, args, _) if op in SIGNS:
            for position, arg in enumerate(args):
                if position:
                    yield "^∘" if op == "**" and args[0].shape else SIGNS[op]
                yield from _argument(op, position, arg)
        case Apply(op, args, _):
            yield "exp" if op == EXP_IN_FULL else pretty(op)
            yield OPEN
            for position, arg in enumerate(args):
                yield from [", "] * bool(position)
                yield from pieces(arg)
            yield CLOSE


def _argument(op: str, position: int, arg: Expr) -> Iterator[Piece]:
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
        case Num() | Apply("count" | "rows"):
            return True
    return False


def _product(args: tuple[Expr, ...]) -> Iterator[Piece]:
    tight = all(_is_short(arg) for arg in args)
    for position, arg in enumerate(args):
        if position:
            summed = isinstance(arg, Apply) and arg.op in {"sum", "rowsum", "colsum"}
            yield " " if summed else "*" if tight else " * "
        yield from _argument("*", position, arg)
