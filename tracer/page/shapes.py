"""Dimension analysis as a calculation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations, product

from tracer.errors import LessonError, shape_text
from tracer.page.document import Block, Heading, Note, Page, Table
from tracer.trace.quantity import Quantity
from tracer.written.names import pretty
from tracer.written.text import text
from tracer.written.tree import Expr, Sym, Word


def shapes_page(
    target: Quantity,
    sources: Sequence[Quantity],
    made: Quantity | None,
    epoch: int,
    *,
    caption: str,
    answer: bool,
) -> Page:
    """Which product of two matrices has the shape that a gradient must have.

    `made` is what the target was used for, if anything.
    Raises LessonError where a name stands for a single number.
    """
    single = next((q.name for q in (target, *sources) if not q.shape), None)
    if single:
        raise LessonError(f"{single} is a single number, expected matrices")
    possible = list(_products(sources))
    rows = tuple(
        (product, Word(shapes), Word(_said(shape, target.shape)))
        for product, shapes, shape in possible
    )
    fitting = [text(product) for product, _, shape in possible if shape == target.shape]
    tried = 4 * len(sources) * (len(sources) - 1)
    title = f"Which product has the shape of {pretty(target.name)}?"
    found = " or ".join(fitting) or "none of them"
    blocks: tuple[Block, ...] = (
        Heading(title, 3, caption),
        Note("Note", f"{pretty(target.name)} must be {_shape(target.shape)}."),
        Table("", ("product", "shapes", "result"), rows, ("plain", "plain", "plain")),
        Note(
            "Note",
            f"Of {tried} ways to multiply two of these matrices or their transposes, "
            f"{len(possible)} are possible at all. The one that fits: {found}.",
        ),
        *_tensor(target, made),
    )
    return Page(title, blocks, epoch=epoch, answer=answer)


def _products(sources: Sequence[Quantity]) -> Iterator[tuple[Expr, str, tuple[int, ...]]]:
    """Every product of two of the matrices, transposed or not, that exists, with its shape."""
    for a, b in permutations(sources, 2):
        for left, right in product(_ways(a), _ways(b)):
            if left.shape[1] == right.shape[0]:
                made = left @ right
                yield made, f"{_shape(left.shape)} · {_shape(right.shape)}", made.shape


def _ways(quantity: Quantity) -> tuple[Expr, Expr]:
    plain = Sym(quantity.name, quantity.shape)
    return plain, plain.T


def _said(shape: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    return f"{_shape(shape)}{', fits' if shape == wanted else ''}"


def _shape(shape: tuple[int, ...]) -> str:
    return shape_text(shape).replace(" x ", " × ")


def _tensor(target: Quantity, made: Quantity | None) -> Iterator[Note]:
    """Why nobody takes the derivative of the whole matrix at once."""
    if made and made.shape and made.shape[1] > 1:
        use = target.contributions[0]
        rows, columns = target.shape
        sides = (made.shape[1], *((made.shape[0],) if made.shape[0] > 1 else ()), rows, columns)
        size = " × ".join(map(str, sides))
        yield Note(
            "Note",
            f"The derivative of every entry of {pretty(use.through)} with respect to every entry "
            f"of {pretty(use.to)} would be a ({size}) tensor. It is never needed as a whole.",
        )
