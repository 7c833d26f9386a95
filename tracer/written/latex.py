"""Written lines in LaTeX: commands that MathJax on GitHub and KaTeX both know."""

from __future__ import annotations

from tracer.written.brackets import needs_brackets
from tracer.written.names import GREEK, entry_latex, latex, pretty
from tracer.written.text import text
from tracer.written.tree import EXP_IN_FULL, Apply, Dots, Entry, Expr, Grid, Num, Part, Sym, Word

SIGNS = {
    "+": " + ",
    "-": " - ",
    "*": r" \cdot ",
    "hadamard": r" \odot ",
    "dot": r" \cdot ",
    "=": " = ",
}
WIDEST = 78
"The most characters of plain text that a line of a page holds."
FUNCTIONS = {"log", "tanh", "max", "min", "sin", "cos", "tan", "sinh", "cosh"}
BORDERED = {
    "ones above": (r"\begin{bmatrix} 1 \\ ", r" \end{bmatrix}"),
    "ones below": (r"\begin{bmatrix} ", r" \\ 1 \end{bmatrix}"),
    "ones left": (r"\begin{bmatrix} 1 & ", r" \end{bmatrix}"),
    "ones right": (r"\begin{bmatrix} ", r" & 1 \end{bmatrix}"),
    "minus ones above": (r"\begin{bmatrix} -1 \\ ", r" \end{bmatrix}"),
    "minus ones below": (r"\begin{bmatrix} ", r" \\ -1 \end{bmatrix}"),
    "minus ones left": (r"\begin{bmatrix} -1 & ", r" \end{bmatrix}"),
    "minus ones right": (r"\begin{bmatrix} ", r" & -1 \end{bmatrix}"),
    "but first column": ("{", "}_{:,2:}"),
    "but last column": ("{", "}_{:,:-1}"),
    "but first row": ("{", "}_{2:,:}"),
    "but last row": ("{", "}_{:-1,:}"),
    "first column zero": (r"\begin{bmatrix} 0 & {", r"}_{:,2:} \end{bmatrix}"),
    "last column zero": (r"\begin{bmatrix} {", r"}_{:,:-1} & 0 \end{bmatrix}"),
    "first row zero": (r"\begin{bmatrix} 0 \\ {", r"}_{2:,:} \end{bmatrix}"),
    "last row zero": (r"\begin{bmatrix} {", r"}_{:-1,:} \\ 0 \end{bmatrix}"),
}


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
            return words.replace("×", r"\times") if "×" in words else rf"\text{{{words}}}"
        case Dots():
            return r"\cdots"
        case Part(_, inner, _):
            return expression(inner)
        case Apply("neg", (arg,), _):
            return "-" + _argument("neg", 0, arg)
        case Apply("T", (arg,), _):
            return _superscript("T", arg, r"\mathsf{T}")
        case Apply("sum" | "rowsum" | "colsum" as op, (arg,), _):
            return r"\sum " + _argument(op, 0, arg)
        case Apply("count" | "rows" as op, _, _):
            return "m" if op == "count" else "n"
        case Apply("ones", _, _):
            return r"\mathbf{1}"
        case Apply(op, (arg,), _) if op in BORDERED:
            before, after = BORDERED[op]
            return before + expression(arg) + after
        case Apply("column" | "row", (arg,), _):
            return _raised(expression(arg), "(i)")
        case Apply("examples" | "examples stacked", (arg,), _):
            return expression(arg)
        case Apply("blockwise" | "blockwise stacked", args, _):
            factors = [_argument("blockwise", k, arg) for k, arg in enumerate(args)]
            return r" \cdot ".join(_raised(rf"\left({f}\right)", "(i)") for f in factors)
        case Apply("if", (a, b, this, that), _):
            first, second = expression(this), expression(that)
            return (
                rf"\begin{{cases}} {first} & {expression(a)} > {expression(b)} \\ "
                rf"{second} & \text{{else}} \end{{cases}}"
            )
        case Apply("sqrt", (arg,), _):
            return rf"\sqrt{{{expression(arg)}}}"
        case Apply("abs", (arg,), _):
            return rf"\left\lvert {expression(arg)} \right\rvert"
        case Apply("group", (inner,), _):
            return rf"\left({expression(inner)}\right)"
        case Apply("at", (of, index), _):
            return f"{expression(of)}^{{({expression(index)})}}"
        case Apply("over", (body, index), _):
            return rf"\sum_{{{expression(index)}=1}}^{{m}} {_argument('sum', 0, body)}"
        case Apply("d", (body, variable), _):
            return rf"\frac{{d}}{{d {expression(variable)}}}\left({expression(body)}\right)"
        case Apply("ratio" | "/", (over, below), _):
            return rf"\frac{{{expression(over)}}}{{{expression(below)}}}"
        case Apply("exp", (arg,), _):
            return f"e^{{{expression(arg)}}}"
        case Apply(op, (arg,), _) if op == EXP_IN_FULL:
            return rf"\exp\left({expression(arg)}\right)"
        case Apply("**", (base, exponent), _):
            ring = r"\circ " if base.shape else ""
            return _superscript("**", base, ring + expression(exponent))
        case Apply(">", (a, b), _):
            return rf"[{expression(a)} > {expression(b)}]"
        case Apply(op, args, _) if op in SIGNS:
            return _joined(op, args)
        case Apply(op, args, _):
            name = f"\\{op}" if op in FUNCTIONS or op in GREEK else rf"\text{{{pretty(op)}}}"
            return rf"{name}\left({', '.join(map(expression, args))}\right)"
    raise TypeError(f"no LaTeX for {type(expr).__name__}")


def broken(line: Expr) -> list[str]:
    """A line too wide for a page, broken between the entries of its row or the terms of its sum."""
    if isinstance(line, Grid) and len(line.cells) == 1 and not line.symbols:
        lines = _filled(
            [(expression(cell), len(text(cell)) + 2) for cell in line.cells[0]], r" \quad "
        )
        if len(lines) > 1:
            return [rf"\bigl[\; {lines[0]}", *lines[1:-1], rf"{lines[-1]} \;\bigr]"]
    if isinstance(line, Apply) and line.op == "+":
        terms = [
            (_behind_a_sign("+", k, arg) if k else expression(arg), len(text(arg)) + 3)
            for k, arg in enumerate(line.args)
        ]
        lines = _filled(terms, " + ")
        return [lines[0], *(f"+ {more}" for more in lines[1:])]
    return [expression(line)]


def _filled(pieces: list[tuple[str, int]], between: str) -> list[str]:
    """Pieces with their widths in characters, as many to a line as fit."""
    lines: list[list[str]] = [[]]
    used = 0
    for piece, width in pieces:
        if lines[-1] and used + width > WIDEST:
            lines.append([])
            used = 0
        lines[-1].append(piece)
        used += width
    return [between.join(line) for line in lines]


def _raised(base: str, above: str) -> str:
    """A base with a superscript; one that has a superscript already stands in a group."""
    return f"{{{base}}}^{{{above}}}" if "^" in base else f"{base}^{{{above}}}"


def _superscript(op: str, base: Expr, above: str) -> str:
    """A power or a transpose; a number in scientific form is a product here, and in brackets."""
    if isinstance(base, Num) and "e" in base.text:
        return rf"\left({expression(base)}\right)^{{{above}}}"
    return _raised(_argument(op, 0, base), above)


def _joined(op: str, args: tuple[Expr, ...]) -> str:
    written = _argument(op, 0, args[0])
    for position, arg in enumerate(args[1:], 1):
        summed = isinstance(arg, Apply) and arg.op in ("sum", "rowsum", "colsum")
        sign = " " if op == "*" and summed else SIGNS[op]
        written += sign + _behind_a_sign(op, position, arg)
    return written


def _behind_a_sign(op: str, position: int, arg: Expr) -> str:
    """An argument behind an operator: a leading minus gets brackets of its own."""
    written = _argument(op, position, arg)
    if op != "+" or not written.startswith("-"):
        return written
    first = arg.args[0] if isinstance(arg, Apply) and arg.op in ("*", "hadamard", "dot") else arg
    minus = expression(first)
    return f"({minus})" + written[len(minus) :]


def _argument(op: str, position: int, arg: Expr) -> str:
    written = expression(arg)
    return rf"\left({written}\right)" if needs_brackets(op, position, arg) else written


def _grid(grid: Grid) -> str:
    rows = [" & ".join(map(expression, row)) for row in grid.cells]
    apart = r" \\[0.6em] " if any(r"\frac" in row for row in rows) else r" \\ "
    matrix = rf"\begin{{bmatrix}} {apart.join(rows)} \end{{bmatrix}}"
    if len(rows) > 1 and _width(grid) > WIDEST:
        return rf"{{\small {matrix}}}"
    if grid.symbols and len(grid.cells) == 1:
        names = " & ".join(map(expression, grid.symbols[0]))
        return rf"\begin{{bmatrix}} {names} \end{{bmatrix}} = {matrix}"
    return matrix


def _width(grid: Grid) -> int:
    """The characters that the widest entries of a matrix take side by side."""
    columns = zip(*grid.cells, strict=True)
    return sum(max(len(text(cell)) for cell in column) + 2 for column in columns)


def _number(digits: str) -> str:
    mantissa, e, exponent = digits.partition("e")
    return rf"{mantissa} \cdot 10^{{{exponent}}}" if e else mantissa
