"""Blocks of written lines as displays in LaTeX, aligned at their = signs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracer.page.document import Derivation, DerivationLine, Working
from tracer.written.broken import broken
from tracer.written.latex import expression
from tracer.written.names import latex
from tracer.written.tree import Expr, OneEntry, Word
from tracer.written.width import COLUMN, beside, height, width

PART = 6
"Points between two parts of a step, beside those between two rows."


def aligned(blocks: Sequence[Working]) -> str:
    r"""Workings as one display, aligned at their = signs.

    >>> from tracer.written.tree import Num, Sym
    >>> print(aligned([Working("c", (Sym("a") * Sym("b"), Num("10")))]))
    \begin{aligned}
    c &= a \cdot b \\[6pt]
    &= 10
    \end{aligned}
    """
    labelled = any(block.label for block in blocks)
    labels = max(beside("", block.label) for block in blocks)
    room = COLUMN - labels - max(beside(block.name) for block in blocks)
    parts: list[list[str]] = []
    for block in blocks:
        rows = []
        label = rf"\text{{{block.label}}}" if block.label else ""
        for number, row in enumerate(_rows(block, room)):
            before = f"&{label if number == 0 else ''}& " if labelled else ""
            rows.append(before + row)
        parts.append(rows)
    *above, last = parts
    written = "".join(_apart(rows, PART * labelled) for rows in above) + _stacked(last)
    return f"\\begin{{aligned}}\n{written}\n\\end{{aligned}}"


def _stacked(rows: Sequence[str]) -> str:
    """Rows one below the other."""
    return _apart(rows[:-1]) + rows[-1]


def _apart(rows: Sequence[str], more: int = 0) -> str:
    r"""Rows with the distance below each; `more` points below the last.

    KaTeX takes the distance in `\\[6pt]` for the least depth of the row, so that of a tall row
    must be more, or a matrix touches what stands below it.
    """
    ends = [*(0 for _ in rows[1:]), more]
    return "".join(
        f"{row} \\\\[{_depth(row) + end}pt]\n" for row, end in zip(rows, ends, strict=False)
    )


def _depth(row: str) -> int:
    """How far below its line a row should reach, in points: 6 for each row of its matrices."""
    least = 9 if r"\frac" in row else 6
    return max(least, round(6 * height(row))) if r"\begin" in row else least


def _rows(block: Working, room: float) -> Iterator[str]:
    """The rows of one working: a line that goes on stands in a little, and so does an entry."""
    left = f"{latex(block.name)} "
    for number, line in enumerate(block.lines):
        is_entry = isinstance(line, OneEntry)
        is_last = number == len(block.lines) - 1
        first, *more = _with_shape(broken(line, room), block.shapes if is_last else None, room)
        yield rf"&\quad {first}" if is_entry else f"{left}&= {first}"
        yield from (rf"&\qquad {part}" if is_entry else rf"&\quad {part}" for part in more)
        left = f"{latex(block.name)} " if is_entry else ""


def _with_shape(rows: list[str], shapes: Expr | None, room: float) -> list[str]:
    """What is given with its shape behind it, or below it where there is no room."""
    if not isinstance(shapes, Word):
        return rows
    *most, last = rows
    behind = rf"{last} \quad {expression(shapes)}"
    return [*most, behind] if width(behind) <= room else [*rows, expression(shapes)]


def derived(block: Derivation) -> str:
    r"""A derivation as one display, the rules in a column of their own.

    >>> from tracer.page.document import DerivationLine
    >>> from tracer.written.tree import Sym
    >>> line = DerivationLine(Sym("x") * 2, ("adding",))
    >>> print(derived(Derivation(Sym("y"), (DerivationLine(Sym("x") + Sym("x")), line))))
    \begin{aligned}
    y &= x + x \\[6pt]
    &= x \cdot 2 && \text{adding}
    \end{aligned}
    """
    rows = []
    room = COLUMN - width(rf"{expression(block.left)} =")
    rules = max(width(_rule(line)) for line in block.lines) + 1
    is_beside = max(width(expression(line.expr)) for line in block.lines) <= room - rules
    for number, line in enumerate(block.lines):
        left = f"{expression(block.left)} " if number == 0 else ""
        rule = _rule(line)
        first, *more = broken(line.expr, room)
        behind = f" && {rule}" if rule and is_beside else ""
        below = [rf"\quad {rule}"] if rule and not is_beside else []
        rows += [f"{left}&= {first}{behind}", *(rf"&\quad {part}" for part in (*more, *below))]
    return f"\\begin{{aligned}}\n{_stacked(rows)}\n\\end{{aligned}}"


def _rule(line: DerivationLine) -> str:
    """What leads to a line, and whether that was proved."""
    words = "".join(_rule_part(part) for part in line.rule)
    return words if line.proved or not words else rf"{words}\ \text{{(not proved)}}"


def _rule_part(part: str | Expr) -> str:
    return expression(part) if isinstance(part, Expr) else rf"\text{{{part}}}"
