"""Who writes what: the pen of each quantity and of each entry, as a lesson sets it."""

from dataclasses import replace

from oracle.pens import Pen
from oracle.records import Block, Lesson, Place


def pen_of(lesson: Lesson, block: Block, name: str, place: Place | None = None) -> Pen:
    """The pen of a quantity, or of an entry of it; a minus before a gradient does not count."""
    name = name.removeprefix("-")
    for called, entry, pen in block.places:
        if called == name and entry is not None and entry == place:
            return placed(lesson, block, pen)
    return named(lesson, block, name) or lesson.pen_of(block)


def named(lesson: Lesson, block: Block, name: str) -> Pen | None:
    """The pen that a whole quantity has by its name; none where it has the block's."""
    name = name.removeprefix("-")
    for called, entry, pen in block.places:
        if called == name and entry is None:
            return placed(lesson, block, pen)
    if name in block.display:
        return replace(_rounding(lesson, block), mode="display")
    return None


def is_named(block: Block, name: str) -> bool:
    """Whether a quantity, or an entry of it, has digits of its own."""
    name = name.removeprefix("-")
    return name in block.display or any(called == name for called, _, _ in block.places)


def placed(lesson: Lesson, block: Block, pen: Pen) -> Pen:
    """Digits that `:places:` sets, in the mode of the block."""
    mode = _rounding(lesson, block).mode
    return replace(pen, mode="display" if mode == "exact" else mode)


def _rounding(lesson: Lesson, block: Block) -> Pen:
    pen = lesson.pen_of(block)
    return pen if pen.rounds else lesson.pen
