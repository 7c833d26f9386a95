"""Whether each written line follows from the one above it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, pairwise

from oracle import pens, reals, trees
from oracle.pens import NOTHING, Pen
from oracle.reals import Real
from oracle.tables import rows_of, shape_of
from oracle.trees import Tree, is_number, is_numbers, said

Place = tuple[int, int]
PenAt = Callable[[Place], Pen]
Nudge = Callable[[str, Fraction], Fraction]


@dataclass(frozen=True)
class Departure:
    """A number that does not follow from the line above it."""

    place: Place | None
    "row and column from 1; none for a single number"
    shown: str
    due: Fraction | None
    "what the line above it gives; none where it gives no number"
    above: Tree
    pen: Pen
    sure: bool
    "whether it departs whatever the digits are that the numbers above do not show"

    def __str__(self) -> str:
        where = f"entry {list(self.place)}: " if self.place else ""
        due = "no number" if self.due is None else float(self.due)
        return f"{where}{said(self.above)} = {self.shown}, but it gives {due}"


class Broken(Exception):
    """A line that says something else than the one above it."""


@dataclass(frozen=True)
class Rules:
    """How the numbers of some lines are written."""

    part: Pen
    "the pen of what is written on the way"
    result: PenAt
    "the pen of each entry of the result"


def departures(lines: list[Tree], rules: Rules) -> Iterator[Departure]:
    """Every number of some lines without names that does not follow; raises Broken for lines."""
    whole = [line for line in lines if line["is"] != "oneentry"]
    entries = _between(lines)
    for number, (above, below) in enumerate(pairwise(whole)):
        step = _Step(rules, number == len(whole) - 2, entries[number])
        yield from step.follows(above, below)
        if step.entries:
            raise Broken(f"{said(step.entries[0]['inner'])} is an entry of nothing")


def _between(lines: list[Tree]) -> list[list[Tree]]:
    """The single entries that stand in full behind each whole line."""
    found: list[list[Tree]] = []
    for line in lines:
        if line["is"] == "oneentry":
            found[-1].append(line)
        else:
            found.append([])
    return found


class _Step:
    """One line and the one below it."""

    def __init__(self, rules: Rules, is_result: bool, entries: list[Tree]) -> None:
        self.rules, self.is_result = rules, is_result
        self.entries = entries
        "entries that stand in full between the two, and have not been met yet"

    def follows(self, above: Tree, below: Tree, whole: bool = False) -> Iterator[Departure]:
        """The numbers below that do not follow; none is written down where `whole`."""
        if above == below:
            return
        if is_numbers(below) and not (above["is"] == "grid" and below["is"] == "grid"):
            yield from self._written(above, below, whole)
        elif above["is"] == below["is"] == "grid":
            yield from self._cells(above, below)
        elif _same_operation(above, below):
            for place, (arg, other) in enumerate(zip(above["args"], below["args"], strict=True)):
                # exponents and what stands below a bar are whole numbers that nobody writes down
                whole = below["op"] in ("ratio", "**") and place == 1
                yield from self.follows(arg, other, whole)
        else:
            self._same(above, below)

    def _cells(self, above: Tree, below: Tree) -> Iterator[Departure]:
        if above["shape"] != below["shape"]:
            raise Broken(f"{said(above)} is no {said(below)}")
        self._one_of(above, below)
        for i, row in enumerate(below["cells"]):
            for j, cell in enumerate(row):
                over = above["cells"][i][j]
                if is_number(over) and is_number(cell) and not self.is_result:
                    self._same(over, cell)
                elif is_number(cell):
                    yield from self._entry(over, cell, trees.value_of(over, {}), (i + 1, j + 1))
                else:
                    yield from self.follows(over, cell)

    def _written(self, above: Tree, below: Tree, whole: bool) -> Iterator[Departure]:
        """Numbers that are written down."""
        value = trees.value_of(above, {})
        if shape_of(value) != tuple(below.get("shape", ())):
            raise Broken(f"{said(above)} is no {said(below)}")
        if whole or (trees.is_copy(above) and value == trees.value_of(below, {})):
            self._same(above, below)
            return
        self._one_of(above, below)
        for i, row in enumerate(rows_of(value)):
            for j, entry in enumerate(row):
                cell = below["cells"][i][j] if below["is"] == "grid" else below
                place = (i + 1, j + 1) if below["is"] == "grid" else None
                yield from self._entry(above, cell, entry, place)

    def _one_of(self, above: Tree, below: Tree) -> None:
        """Raise Broken for an entry in full that says something else than its matrices."""
        shape = list(below.get("shape", ()))
        entry = next((one for one in self.entries if list(one["shape"]) == shape), None)
        if entry is None:
            return
        self.entries.remove(entry)
        i, j = entry["row"] - 1, entry["column"] - 1
        calculation, result = entry["inner"]["args"]
        if result != below["cells"][i][j]:
            raise Broken(f"{said(result)} is not the entry {[i + 1, j + 1]} of {said(below)}")
        if not _alike(trees.value_of(above, {})[i][j], trees.value_of(calculation, {}), 0):
            raise Broken(f"{said(calculation)} is not behind {[i + 1, j + 1]} of {said(above)}")

    def _same(self, above: Tree, below: Tree) -> None:
        """Raise Broken unless two lines say the same."""
        same(above, below, exactly=self.rules.part.rounds)

    def _entry(
        self, above: Tree, cell: Tree, value: Real | None, place: Place | None
    ) -> Iterator[Departure]:
        pen = self.rules.result(place or (1, 1)) if self.is_result else self.rules.part
        shown = pens.shown(cell["text"])
        if value is None:
            yield Departure(place, cell["text"], None, above, pen, pen.rounds)
            return
        if abs(value) < NOTHING and abs(shown) < NOTHING:
            return
        due = pens.rounded(value, pen)
        if shown != due:
            sure = not (pens.fits(shown, value, pen) or _nearly(above, shown, pen, place))
            yield Departure(place, cell["text"], due, above, pen, sure)


def same(above: Tree, below: Tree, exactly: bool = True) -> None:
    """Raise Broken unless two lines say the same, but for digits that are not shown."""
    one, other = trees.value_of(above, {}), trees.value_of(below, {})
    if shape_of(one) != shape_of(other):
        raise Broken(f"{said(above)} is no {said(below)}")
    if one == other:
        return
    exactly = exactly and not trees.has_long(above)
    for i, row in enumerate(rows_of(one)):
        for j, a in enumerate(row):
            b = rows_of(other)[i][j]
            if _alike(a, b, 0):
                continue
            slack = _slack(above, (i + 1, j + 1)) + _slack(below, (i + 1, j + 1))
            if not _alike(a, b, 0 if exactly else slack):
                raise Broken(f"{said(above)} and {said(below)} are not the same")


def _alike(a: Real | None, b: Real | None, slack: Real) -> bool:
    if a is None or b is None:
        return a is b
    a, b = reals.inexact(a), reals.inexact(b)
    return abs(a - b) <= abs(a) * 1e-30 + slack


def _same_operation(above: Tree, below: Tree) -> bool:
    return (
        above["is"] == below["is"] == "apply"
        and above["op"] == below["op"]
        and len(above["args"]) == len(below["args"])
    )


def _nearly(above: Tree, shown: Fraction, pen: Pen, place: Place | None) -> bool:
    """Whether a number follows where the long ones above it have more digits than are shown."""
    if pen.rounds and not trees.has_long(above):
        return False
    middle, slack = reals.inexact(_at(above, place)), _slack(above, place, not pen.rounds)
    if not pen.rounds:
        return abs(reals.inexact(shown) - middle) <= slack + abs(middle) * 1e-11
    return pens.rounded(middle - slack, pen) <= shown <= pens.rounded(middle + slack, pen)


def _slack(tree: Tree, place: Place | None, every: bool = True) -> Real:
    """How far a line may be off by the digits that its numbers do not show."""
    middle = reals.inexact(_at(tree, place))
    numbers = sum(part["is"] == "num" for part in trees.parts(tree))
    # a wave may be where it was after one nudge, and is elsewhere after a third of it
    nudges = (_nudged(bit, every, n) for bit in range(numbers.bit_length() + 1) for n in (1, 3))
    return 4 * max(abs(reals.inexact(_at(tree, place, nudge)) - middle) for nudge in nudges)


def _at(tree: Tree, place: Place | None, nudge: Nudge | None = None) -> Real:
    """An entry of a line; of one that does not exist, 0."""
    value = trees.value_of(tree, {trees.NUDGE: nudge} if nudge else {})
    found = value[place[0] - 1][place[1] - 1] if isinstance(value, list) and place else value
    return reals.ZERO if found is None else found


def _nudged(bit: int, every: bool, part: int) -> Nudge:
    """Numbers with their twelfth digit a little larger or smaller; all of them, or long ones.

    Of any two numbers one is larger and the other smaller for one bit or another.
    """
    places = count()

    def nudge(text: str, number: Fraction) -> Fraction:
        way = 1 if next(places) >> bit & 1 else -1
        if not every and not trees.is_long(text):
            return number
        return number * (1 + Fraction(way, part * 10**11))

    return nudge
