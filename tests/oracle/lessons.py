"""Random lessons: what is given, and how it is worked out and written down."""

from collections.abc import Sequence
from dataclasses import replace

from oracle import reals
from oracle.chance import Chance
from oracle.equations import graph
from oracle.layers import network
from oracle.pens import EXACT, WAYS, Pen
from oracle.reals import Undefined
from oracle.records import Block, Lesson
from oracle.truth import truth_of


def lesson(seed: int) -> Lesson:
    """The lesson of a seed: its numbers are neither too large nor too small to be worked with."""
    chance = Chance(seed)
    while True:
        source = graph(chance) if chance.odds(50) else network(chance)
        # numbers are rounded before their sign is turned, so up would be down
        ways = [way for way in WAYS if not source.moving.descent or way not in ("up", "down")]
        made = Lesson(seed, source, tuple(blocks(chance, ways)), pen(chance, ways))
        if not is_beyond(made):
            return made


def is_beyond(lesson: Lesson) -> bool:
    """Whether some number is larger or smaller than any that a page has."""
    try:
        reals.with_enough_digits(lambda: truth_of(lesson))
    except Undefined:
        return False
    return reals.seen.huge or reals.seen.tiny


def pen(chance: Chance, ways: Sequence[str]) -> Pen:
    """A way of rounding."""
    mode = chance.one_of(["exact", "display", "carry"], 2, 4, 5)
    if mode == "exact":
        return EXACT
    significant = chance.odds(15)
    most = chance.one_of([0, 1, 2, 3, 4, 5, 6, 8], 1, 3, 6, 8, 4, 2, 1, 1)
    return Pen(
        mode,
        max(most, 1) if significant else most,
        significant,
        chance.odds(20),
        chance.one_of(ways) if chance.odds(30) else "half-up",
    )


def blocks(chance: Chance, ways: Sequence[str]) -> list[Block]:
    """The phases of one to three iterations."""
    rounds = chance.one_of([1, 2, 3], 88, 10, 2)
    made = []
    for number in range(rounds):
        made += [Block("forward"), Block("backward")]
        if number < rounds - 1 or chance.odds(40):
            made.append(Block("update"))
    if chance.odds(25):
        made = [replace(one, pen=pen(chance, ways)) if chance.odds(50) else one for one in made]
    return made
