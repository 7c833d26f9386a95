"""Formulas as prose has them, as trees: `∂Cost/∂W = ∂Cost/∂Z · Xᵀ`, `1/(2m) · Σ (Y - Ŷ)²`."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection

from tracer.errors import TracerError
from tracer.written.lines import substitute
from tracer.written.names import GREEK, parse_name
from tracer.written.reading import Reader
from tracer.written.tree import Apply, Expr, Num, Sym

_LETTER = r"[A-Za-zŶŷΔΣΘΛΓΦΩα-ω]"
_VALUE = rf"{_LETTER}[A-Za-z0-9_]*(?:\[\d+(?:,\d+)?\])*'?"
_WORD = re.compile(rf"(?:∂{_VALUE}/∂)?{_VALUE}(?:⁽ⁱ⁾)?|\d[\d.]*")
_EXAMPLE = "⁽ⁱ⁾"
"What stands at an entry of each example."
_TYPED = {"^": "**", "²": "**2", "³": "**3", "ᵀ": ".T", "·": "@", "⊙": "//", "−": "-"}
"How a sign of prose is typed; what stands for ⊙ binds like a product."
_WORDS = str.maketrans({letter: word for word, letter in GREEK.items()})
_COUNTS = ("m", "n")
"How many examples and outputs there are, which no program gives a value."


def spoken(said: str, names: Collection[str]) -> Expr | None:
    """A formula of prose as a tree: a value of a lesson by its name, or signs between such.

    >>> from tracer.written.text import text
    >>> text(spoken("1/(2m) · Σ (Y - Ŷ)²", ["Y", "Yhat"]))
    '1/(2*m) · Σ (Y - Ŷ)^2'
    >>> spoken("backward(upstream_grad)", ["W"]), spoken("(2 × 3)", ["W"])
    (None, None)

    Nothing for what is no formula, or has a name in it that no value of the lesson has.
    """
    known = {*names, *_COUNTS, *(name[0].lower() + name[1:] for name in names)}
    try:
        return _value(said, known) or _equation(said, known)
    except (LookupError, TracerError):
        return None


def _value(said: str, known: Collection[str]) -> Sym | None:
    """A value, or a gradient, by its name alone."""
    if not _WORD.fullmatch(said) and not re.fullmatch(r"d\w+(\[\d+\])?/d\w+(\[\d+\])?", said):
        return None
    name = parse_name(said.translate(_WORDS))
    # of Z and X the entries are called z and x1
    small = name.base.rstrip("0123456789") if name.base.islower() else name.base
    is_known = {name.base, small} & {*known} and (name.of or name.base) in {*known, name.base}
    return Sym(str(name)) if is_known else None


def _equation(said: str, known: Collection[str]) -> Expr | None:
    """What has a sign or a function in it, or several of them with = between."""
    sides = [_side(side, known) for side in said.split(" = ")]
    if len(sides) > 1:
        return Apply("=", tuple(sides), ())
    return None if _is_a_number(sides[0]) else sides[0]


def _side(said: str, known: Collection[str]) -> Expr:
    values: dict[str, Expr] = {}

    def held(word: re.Match[str]) -> str:
        """A word of the formula, in the place of a value one that the reader knows."""
        name = word[0].removesuffix(_EXAMPLE)
        is_called = said[word.end() :].lstrip().startswith("(")
        if (name[0].isdigit() or name == "e" or is_called) and name not in known:
            return name.translate(_WORDS)
        value: Expr | None = _value(name, known)
        if value is None or ("/" in name and name != word[0]):
            raise LookupError(word[0])
        if name != word[0]:
            value = Apply("at", (value, Sym("i")), ())
        values[place := f"v{len(values)}"] = value
        return place

    typed = _WORD.sub(held, said.replace("Σ", "§"))
    for sign, as_typed in _TYPED.items():
        typed = typed.replace(sign, as_typed)
    typed = re.sub(r"(?<![\w.])(\d+)(?=v\d|\()", r"\1*", typed)
    return substitute(_Spoken(_with_sums(typed), values).whole(), values)


def _is_a_number(side: Expr) -> bool:
    """Whether it is one number, perhaps with a minus, and so nothing that is typeset."""
    inner = side.args[0] if isinstance(side, Apply) and side.op in ("neg", "exp") else side
    return isinstance(inner, Num)


def _with_sums(typed: str) -> str:
    """A formula in which § stands before all that is added up, with brackets around that."""
    while "§" in typed:
        before, _, behind = typed.rpartition("§")
        depth, end = 0, len(behind)
        for place, sign in enumerate(behind):
            depth += (sign == "(") - (sign == ")")
            if depth < 0 or (depth == 0 and sign in "+-" and behind[:place].strip()):
                end = place
                break
        typed = f"{before}sum({behind[:end]}){behind[end:]}"
    return typed


class _Spoken(Reader):
    """Reads a formula of prose, in which `//` stands for the product entry by entry."""

    def read(self, tree: ast.expr) -> Expr:
        match tree:
            case ast.BinOp(left=left, op=ast.FloorDiv(), right=right):
                return Apply("hadamard", (self.read(left), self.read(right)), ())
            case ast.BinOp(ast.UnaryOp(ast.USub(), over), ast.Div() as divided, below):
                return -self.read(ast.BinOp(over, divided, below))
        return super().read(tree)

    def digits(self, tree: ast.expr, value: int | float) -> str:
        return self.said(tree)
