"""Labelled examples in the plane of two features, and what a line makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tracer.errors import LessonError, shape_text
from tracer.numbers.rounding import Real, in_full, plain
from tracer.page.document import Block, Heading, Note, Page, PlaneLine, Point, Points, Table, Tone
from tracer.page.plane import AXES, Line, Window
from tracer.page.plots import MARGIN
from tracer.trace.program import Program
from tracer.written.names import listed
from tracer.written.text import text
from tracer.written.tree import Expr, Num, Sym, Word

MOST_LISTED = 12
"Points that are named one by one."
MOST_NAMED = 4
"Points that are named in a sentence."


@dataclass(frozen=True)
class Examples:
    """Points with one of two labels each."""

    places: tuple[tuple[Real, Real], ...]
    sides: tuple[int, ...]
    "for each 0 for the lower label, 1 for the upper one"
    labels: tuple[str, str]

    @property
    def window(self) -> Window:
        """What is shown of the plane: the points, and some room around them."""
        across, up = (
            (float(min(row)) - MARGIN, float(max(row)) + MARGIN)
            for row in zip(*self.places, strict=True)
        )
        return across, up


def examples_from(X: np.ndarray, Y: np.ndarray) -> Examples:
    """Examples from two rows of features, and a row of labels or one for each of two classes.

    >>> examples_from(np.array([[0, 1], [0, 1]]), np.array([[0, 1]])).labels
    ('label 0', 'label 1')

    Raises LessonError for other shapes, and for more than two labels.
    """
    if len(X) != 2:
        raise LessonError(
            f"X is {shape_text(X.shape)}, and a point of the plane has two features, expected "
            f"(2 x {X.shape[1]})",
            about="X",
        )
    if Y.shape not in ((1, X.shape[1]), (2, X.shape[1])):
        raise LessonError(
            f"Y is {shape_text(Y.shape)}, expected (1 x {X.shape[1]}): a label for each point",
            about="Y",
        )
    places = tuple((x1, x2) for x1, x2 in X.T.tolist())
    if len(Y) == 2:
        return Examples(places, tuple(int(k) for k in np.argmax(Y, axis=0)), ("class 1", "class 2"))
    found = sorted(set(Y[0].tolist()))
    if len(found) > 2:
        raise LessonError(f"Y has {len(found)} labels, expected two", about="Y")
    [lower, upper] = found if len(found) > 1 else [0, found[0]] if found[0] > 0 else [*found, 1]
    sides = tuple(int(label == upper) for label in Y[0].tolist())
    return Examples(places, sides, (f"label {in_full(lower)}", f"label {in_full(upper)}"))


def examples_of(program: Program) -> Examples:
    """The examples that a network is given; raises LessonError where it has no two features."""
    given = {leaf.name: leaf.value for leaf in program.leaves}
    if program.view == "scalar":
        rows = [[given[name]] for name in AXES if name in given]
        labels = [[given[name]] for name in program.labels]
    else:
        rows, labels = (np.atleast_2d(given.get(name, [[]])).tolist() for name in ("X", "Y"))
        rows = rows[: len(rows) - len(program.features)]
    if program.view == "graph" or len(rows) != 2 or not labels or not labels[0]:
        raise LessonError(
            "the {network} above has no points of the plane with labels, expected 'X = ...' and "
            "'Y = ...', or ':data: OR'"
        )
    return examples_from(np.array(rows, dtype=object), np.array(labels, dtype=object))


def points_page(
    examples: Examples,
    lines: Sequence[Line],
    *,
    caption: str,
    answer: bool,
    notes: Iterable[Note] = (),
) -> Page:
    """The points and lines, drawn; on which side of each line each point lies; and what of it."""
    what = "Points and lines in the plane" if lines else "Points in the plane"
    title = f"Points, and {text(lines[0].equation)}" if len(lines) == 1 else what
    said = [f"{text(line.equation)} {_verdict(line, examples)}." for line in lines]
    drawn = Points(
        what,
        *examples.window,
        tuple(
            Point(float(x1), float(x2), side)
            for (x1, x2), side in zip(examples.places, examples.sides, strict=True)
        ),
        tuple(PlaneLine(line.equation, line.pieces(examples.window)) for line in lines),
        examples.labels,
        " ".join([_counted(examples), *said]),
    )
    blocks: list[Block] = [Heading(title, 3, caption), drawn]
    if len(examples.places) <= MOST_LISTED:
        blocks.append(_table(examples, lines))
    blocks += [Note("Note", one) for one in said]
    return Page(title, (*blocks, *notes), answer=answer)


def _counted(examples: Examples) -> str:
    """How many points there are of each label, and where they lie if they are few."""
    several = (
        _points(examples, [k for k, side in enumerate(examples.sides) if side == which])
        for which in (0, 1)
    )
    return f"Over x1 and x2, {listed(_labelled(several, examples.labels))}."


def _labelled(several: Iterable[str], labels: Sequence[str]) -> Iterator[str]:
    for points, label in zip(several, labels, strict=True):
        if points:
            yield f"{points} with {label}"


def _table(examples: Examples, lines: Sequence[Line]) -> Table:
    """For each point what stands on both sides of each equation, and which is the larger."""
    kind = examples.labels[0].split()[0]
    rows = []
    for (x1, x2), side in zip(examples.places, examples.sides, strict=True):
        label = examples.labels[side].split()[-1]
        cells: list[Expr] = [Num(in_full(x1)), Num(in_full(x2)), Num(label)]
        cells += [Word(_compared(line, x1, x2)) for line in lines]
        rows.append(tuple(cells))
    tones: list[Tone] = ["plain"] * (3 + len(lines))
    columns = (*AXES, kind, *(text(line.equation) for line in lines))
    return Table("", columns, tuple(rows), tuple(tones))


def _compared(line: Line, x1: Real, x2: Real) -> str:
    """Both sides of an equation at a point: 1 > 0.5."""
    left, right = line.values(x1, x2)
    return f"{plain(left)} {'<=>'[line.side(x1, x2) + 1]} {plain(right)}"


def _verdict(line: Line, examples: Examples) -> str:
    """Whether a line separates the labels, and if not, which points are in its way."""
    found = [line.side(*place) for place in examples.places]
    ways = _sides(line)
    on_it = [k for k, side in enumerate(found) if side == 0]
    if len(set(examples.sides)) == 1:
        where = {1: ways[0], -1: ways[1], 0: "on it"}
        at = [
            f"{_points(examples, [k for k, one in enumerate(found) if one == side])} {words}"
            for side, words in where.items()
            if side in found
        ]
        return f"has {listed(at)}"
    wrong = {
        way: [k for k, side in enumerate(found) if side == (-way if examples.sides[k] else way)]
        for way in (1, -1)
    }
    way = min(wrong, key=lambda way: len(wrong[way]))
    if not wrong[way] and not on_it:
        upper, lower = ways if way > 0 else ways[::-1]
        return f"separates them: {examples.labels[1]} lies {upper}, {examples.labels[0]} {lower}"
    faults = [f"leaves {_points(examples, wrong[way])} on the wrong side"] if wrong[way] else []
    if wrong[way] and len(wrong[1]) == len(wrong[-1]):
        count = len(wrong[way])
        faults = [f"leaves {count} of the {len(found)} points on the wrong side, either way round"]
    if on_it:
        faults.append(f"goes through {_points(examples, on_it)}")
    return f"does not separate them: it {listed(faults)}"


def _sides(line: Line) -> tuple[str, str]:
    """Where the left side of an equation is the larger, and where the right one, in words."""
    match line.left:
        case Sym("x2"):
            return "above it", "below it"
        case Sym("x1"):
            return "to the right of it", "to the left of it"
    left, right = text(line.left), text(line.right)
    return f"where {left} > {right}", f"where {left} < {right}"


def _points(examples: Examples, chosen: Sequence[int]) -> str:
    """Some points by their places, or how many they are."""
    if len(chosen) > MOST_NAMED:
        return f"{len(chosen)} points"
    places = (examples.places[k] for k in chosen)
    return listed(f"({in_full(x1)}, {in_full(x2)})" for x1, x2 in places) if chosen else ""
