"""Written lines in LaTeX: commands that MathJax on GitHub and KaTeX both know."""

from __future__ import annotations

from collections.abc import Callable

from tracer.written.brackets import behind_a_plus, needs_brackets
from tracer.written.names import GREEK, entry_latex, latex, pretty
from tracer.written.signs import Alone, Around, Call
from tracer.written.tree import Apply, Dots, Entry, Expr, Grid, Num, OneEntry, Part, Sym, Word


def expression(expr: Expr) -> str:
    r"""An expression in LaTeX.

    >>> print(expression(1 / (1 + Apply("exp", (-Num("0.6"),), ()))))
    \frac{1}{1 + e^{-0.6}}
    """
    match expr:
        case Grid():
            return _grid(expr)
        case Sym(name):
            return latex(name)
        case Entry(name, row, column, whole):
            return entry_latex(name, row, column, whole)
        case Num(digits):
            return _number(digits)
        case Word(words):
            return _words(words)
        case Dots():
            return r"\cdots"
        case Part(_, inner, _):
            return expression(inner)
        case OneEntry(_, _, inner):
            return rf"\text{{{expr.place}: }} {expression(inner)}"
        case Apply():
            return _applied(expr)
    raise TypeError(f"no LaTeX for {type(expr).__name__}")


def _applied(expr: Apply) -> str:
    match expr.sign.latex:
        case Around(before, between, behind):
            written = [_argument(expr.op, position, arg) for position, arg in enumerate(expr.args)]
            return before + between.join(written) + behind
        case Call(name):
            arguments = ", ".join(map(expression, expr.args))
            return rf"{function_name(name)}\left({arguments}\right)"
        case Alone(letter):
            return letter
    return WRITTEN[expr.op](*expr.args)


def function_name(name: str) -> str:
    if name in GREEK:
        return f"\\{name}"
    if name.startswith("\\"):
        return name
    words = pretty(name).replace("_", r"\_")
    return rf"\text{{{words}}}"


def _words(words: str) -> str:
    r"""Words as text, and a shape as numbers; the sign between rows and columns is not text.

    >>> print(_words("(2 × 4)"), _words("weights (out × in)"))
    (2 \times 4) \text{weights (out} \times \text{in)}
    """
    if "×" in words and not any(map(str.isalpha, words)):
        return words.replace("×", r"\times")
    return r" \times ".join(rf"\text{{{part}}}" for part in words.split(" × "))


def _raised(base: str, above: str) -> str:
    """A base with a superscript; one that has a superscript already stands in a group."""
    return f"{{{base}}}^{{{above}}}" if "^" in base else f"{base}^{{{above}}}"


def _superscript(op: str, base: Expr, above: str) -> str:
    """A power or a transpose; a number in scientific form is a product here, and in brackets."""
    if isinstance(base, Num) and "e" in base.text:
        return rf"\left({expression(base)}\right)^{{{above}}}"
    return _raised(_argument(op, 0, base), above)


def _product(*args: Expr) -> str:
    written = _argument("*", 0, args[0])
    for position, arg in enumerate(args[1:], 1):
        summed = isinstance(arg, Apply) and arg.sign.adds_up
        written += (" " if summed else r" \cdot ") + _argument("*", position, arg)
    return written


def _fraction(over: Expr, below: Expr) -> str:
    return rf"\frac{{{expression(over)}}}{{{expression(below)}}}"


def raised_to(op: str, base: Expr, *exponent: Expr) -> str:
    """What stands above a base: a number, with a ring for each entry of a matrix; or the T."""
    if op == "T":
        return r"\mathsf{T}"
    return (r"\circ " if base.shape else "") + expression(exponent[0])


def _power(base: Expr, exponent: Expr) -> str:
    return _superscript("**", base, raised_to("**", base, exponent))


def _blockwise(*args: Expr) -> str:
    factors = [_argument("blockwise", k, arg) for k, arg in enumerate(args)]
    return r" \cdot ".join(_raised(rf"\left({f}\right)", "(i)") for f in factors)


def _if(a: Expr, b: Expr, this: Expr, that: Expr) -> str:
    first, second = expression(this), expression(that)
    return (
        rf"\begin{{cases}} {first} & {expression(a)} > {expression(b)} \\ "
        rf"{second} & \text{{else}} \end{{cases}}"
    )


WRITTEN: dict[str, Callable[..., str]] = {
    "*": _product,
    "/": _fraction,
    "ratio": _fraction,
    "**": _power,
    "T": lambda arg: _superscript("T", arg, raised_to("T", arg)),
    "column": lambda arg: _raised(expression(arg), "(i)"),
    "row": lambda arg: _raised(expression(arg), "(i)"),
    "blockwise": _blockwise,
    "blockwise stacked": _blockwise,
    ">": lambda a, b: f"[{expression(a)} > {expression(b)}]",
    "if": _if,
    "group": lambda inner: rf"\left({expression(inner)}\right)",
    "at": lambda of, index: f"{expression(of)}^{{({expression(index)})}}",
    "over": lambda body, index: (
        rf"\sum_{{{expression(index)}=1}}^{{m}} {_argument('sum', 0, body)}"
    ),
    "d": lambda body, variable: (
        rf"\frac{{d}}{{d {expression(variable)}}}\left({expression(body)}\right)"
    ),
}
"""How the signs are written whose row does not say it."""


def _argument(op: str, position: int, arg: Expr) -> str:
    if op == "+" and position:
        arg = behind_a_plus(arg, has_bars=True)
    written = expression(arg)
    return rf"\left({written}\right)" if needs_brackets(op, position, arg) else written


def _grid(grid: Grid) -> str:
    rows = [" & ".join(map(expression, row)) for row in grid.cells]
    apart = r" \\[0.6em] " if any(r"\frac" in row for row in rows) else r" \\ "
    matrix = rf"\begin{{bmatrix}} {apart.join(rows)} \end{{bmatrix}}"
    if grid.symbols and len(grid.cells) == 1:
        names = " & ".join(map(expression, grid.symbols[0]))
        return rf"\begin{{bmatrix}} {names} \end{{bmatrix}} = {matrix}"
    return matrix


def _number(digits: str) -> str:
    mantissa, e, exponent = digits.partition("e")
    return rf"{mantissa} \cdot 10^{{{exponent}}}" if e else mantissa
