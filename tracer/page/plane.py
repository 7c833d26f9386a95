"""Lines and curves in the plane of two features: on which side a point lies, and their pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import hypot
from typing import Any

import numpy as np

from tracer.errors import LessonError
from tracer.numbers.decimals import Number, number
from tracer.numbers.rounding import Real, in_full
from tracer.ops import OF_MATRICES
from tracer.written.evaluate import value_of
from tracer.written.lines import names_in, parts
from tracer.written.reading import PI, read
from tracer.written.readings import Decimals, Floats
from tracer.written.text import text
from tracer.written.tree import Apply, Expr, Num, apply

AXES = ("x1", "x2")
SIDE = 121
"Places along each side of the grid on which a line is sought."
STRAY = 0.1
"""How far, in parts of what is usual on the grid, the two sides of an equation may differ where a
line is found; at a pole they differ more."""
Window = tuple[tuple[float, float], tuple[float, float]]
"From where to where across, and up."
Piece = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Line:
    """An equation in x1 and x2, such as x2 = 0.5 - x1.

    >>> line = line_of("x2", "0.5 - x1")
    >>> line.side(Number(1), Number(0)), line.side(Number("0.5"), Number(0))
    (1, 0)
    >>> [sorted(piece) for piece in line.pieces(((0, 1), (0, 1)))]
    [[(0.0, 0.5), (0.5, 0.0)]]
    """

    left: Expr
    right: Expr

    @property
    def equation(self) -> Expr:
        """It as it is written."""
        return apply("=", self.left, self.right)

    def values(self, x1: Real, x2: Real) -> tuple[Number, Number]:
        """What stands on both sides of it at a point.

        Raises LessonError where one of them has no value.
        """
        known = {"x1": number(x1), "x2": number(x2)}
        found = [number(value_of(Decimals(), each, known, Number)) for each in self._sides]
        if not all(each.is_finite for each in found):
            place = f"({in_full(x1)}, {in_full(x2)})"
            raise LessonError(f"{text(self.equation)} has no value at {place}, expected one")
        return found[0], found[1]

    def side(self, x1: Real, x2: Real) -> int:
        """1 where the left side of it is the larger at a point, -1 where the right one, else 0."""
        left, right = self.values(x1, x2)
        return (left > right) - (left < right)

    def pieces(self, window: Window) -> tuple[Piece, ...]:
        """What of it lies in a window, as runs of points; a straight piece is two points.

        A product is 0 where one of its factors is, so that lines which cross stay straight.
        """
        factors = self._factors
        if factors:
            return tuple(run for each in factors for run in Line(each, self.right).pieces(window))
        from contourpy import contour_generator

        across, up = (np.linspace(*ends, SIDE) for ends in window)
        grid = self._difference(*np.meshgrid(across, up))
        usual = float(np.nanmedian(np.abs(grid)))
        found: list[Piece] = []
        runs: Any = contour_generator(across, up, grid).lines(0)
        for run in runs:
            stray = np.abs(self._difference(*run.T)) > STRAY * usual
            for is_stray, points in groupby(zip(stray, run.tolist(), strict=True), lambda p: p[0]):
                kept = _straightened([(x, y) for _, (x, y) in points])
                found += [kept] if not is_stray and len(kept) > 1 else []
        return tuple(found)

    @property
    def _factors(self) -> tuple[Expr, ...]:
        match self.left, self.right:
            case Apply("*", factors), Num(zero) if not float(zero):
                return tuple(each for each in factors if names_in(each))
        return ()

    @property
    def _sides(self) -> tuple[Expr, Expr]:
        return self.left, self.right

    def _difference(self, x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
        """By how much its left side is larger at many points; NaN where that is not finite."""
        known = {"x1": x1, "x2": x2}
        with np.errstate(all="ignore"):
            left, right = (value_of(Floats(), each, known, float) for each in self._sides)
            found = np.broadcast_to(np.asarray(left - right, dtype=float), x1.shape)
        return np.where(np.isfinite(found), found, np.nan)


def line_of(left: str, right: str) -> Line:
    """A line from the two sides of its equation.

    Raises LessonError for what is no formula in x1 and x2.
    """
    made = Line(read(left), read(right))
    said = f"{left} = {right}"
    names = {name for each in (made.left, made.right) for name in names_in(each)}
    strangers = sorted(names - {*AXES, PI})
    if strangers or not names & {*AXES}:
        why = f"{strangers[0]} is neither" if strangers else "it has neither"
        raise LessonError(
            f"{said!r} is no line in x1 and x2, expected such as x2 = 0.5 - x1; {why}"
        )
    if any(_is_of_matrices(part) for each in (made.left, made.right) for part in parts(each)):
        raise LessonError(f"{said!r} takes a matrix, and x1 and x2 are single numbers here")
    return made


def _is_of_matrices(expr: Expr) -> bool:
    return isinstance(expr, Apply) and expr.op in ("dot", "T", *OF_MATRICES)


def _straightened(run: Sequence[tuple[float, float]]) -> Piece:
    """A run of points without those on a straight way between their neighbours."""
    kept = list[tuple[float, float]]()
    for point in _tidied(run):
        while len(kept) > 1 and _is_between(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return tuple(kept)


def _tidied(run: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Points without binary dust, each once."""
    rounded = ((round(x, 9) + 0.0, round(y, 9) + 0.0) for x, y in run)
    for point, _ in groupby(rounded):
        yield point


def _is_between(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    (x, y), (u, v) = ((q[0] - p[0], q[1] - p[1]) for p, q in ((a, b), (b, c)))
    return abs(x * v - y * u) <= 1e-6 * hypot(x, y) * hypot(u, v) and x * u + y * v > 0
