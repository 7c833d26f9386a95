"""Random lessons: what is given, and how it is worked out and written down."""

from dataclasses import replace

from oracle.chance import Chance
from oracle.equations import graph
from oracle.layers import network
from oracle.pens import EXACT, WAYS, Pen
from oracle.records import Block, Lesson


def lesson(seed: int) -> Lesson:
    """The lesson of a seed."""
    chance = Chance(seed)
    source = graph(chance) if chance.odds(50) else network(chance)
    return Lesson(seed, source, tuple(blocks(chance)), pen(chance))


def pen(chance: Chance, places: int | None = None) -> Pen:
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
        chance.one_of(WAYS, 14, 2, 2, 1, 1, 1),
    )


def blocks(chance: Chance) -> list[Block]:
    """The phases of one to three iterations."""
    rounds = chance.one_of([1, 2, 3], 80, 15, 5)
    made = []
    for number in range(rounds):
        made += [Block("forward"), Block("backward")]
        if number < rounds - 1 or chance.odds(50):
            made.append(Block("update"))
    if chance.odds(25):
        made = [replace(one, pen=pen(chance)) if chance.odds(50) else one for one in made]
    return made
