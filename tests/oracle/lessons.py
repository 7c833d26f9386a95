"""Random lessons: what is given, and how it is worked out and written down."""

from collections.abc import Sequence
from dataclasses import replace

from oracle import reals
from oracle.chance import Chance
from oracle.equations import graph
from oracle.formulas import Apply, Formula
from oracle.layers import network
from oracle.pens import EXACT, WAYS, Pen, is_nearly_short
from oracle.reals import Undefined
from oracle.records import Block, Graph, Lesson, Network
from oracle.truth import Fact, Truth, truth_of


def lesson(seed: int) -> Lesson:
    """The lesson of a seed: its numbers are neither too large nor too small to be worked with."""
    chance = Chance(seed)
    while True:
        source = graph(chance) if chance.odds(50) else network(chance)
        # numbers are rounded before their sign is turned, so up would be down
        ways = [way for way in WAYS if not source.moving.descent or way not in ("up", "down")]
        made = Lesson(seed, source, tuple(blocks(chance, ways)), pen(chance, ways))
        made = of_another(chance, made) if chance.odds(10) else made
        truth = truth_within(made)
        if truth is not None and not is_on_an_edge(made, truth):
            several = chance.odds(25) and not copies(source)
            return by_several_pens(chance, made, truth, ways) if several else made


def truth_within(lesson: Lesson) -> Truth | None:
    """What is true of a lesson; none where a number is larger or smaller than any on a page."""
    try:
        truth = reals.with_enough_digits(lambda: truth_of(lesson))
    except Undefined:
        truth = Truth()
    return None if reals.seen.huge or reals.seen.tiny else truth


def is_on_an_edge(lesson: Lesson, truth: Truth) -> bool:
    """Whether digits are cut off a number that nearly is a short one, as the tanh of 80 is 1."""
    pens = map(lesson.pen_of, lesson.blocks)
    if all(pen.way.startswith("half") for pen in pens):
        return False
    every = (value for fact in truth.facts for value in fact.entries.values())
    return any(is_nearly_short(value) for value in every)


def of_another(chance: Chance, lesson: Lesson) -> Lesson:
    """A lesson with gradients of another value than the last one as well."""
    source, (forward, *rest) = lesson.source, lesson.blocks
    if isinstance(source, Graph):
        equations = chance.sample(source.equations, len(source.equations))
        names = [name for name, _ in equations if name != source.root]
    else:
        twice = source.averaged_later or source.moving.sequential
        names = ["E"] if source.l2 and not twice else []
    for name in names:
        more = replace(lesson, blocks=(forward, Block("backward", of=name), *rest))
        if is_single(more, name):
            return more
    return lesson


def is_single(lesson: Lesson, name: str) -> bool:
    """Whether a value is a number by which gradients can be sent back."""
    truth = truth_within(replace(lesson, blocks=lesson.blocks[:2]))
    facts = truth.facts if truth else []
    entries = [len(fact.entries) for fact in facts if fact.name == name]
    return entries == [1] and any(fact.block == 1 for fact in facts)


def by_several_pens(chance: Chance, lesson: Lesson, truth: Truth, ways: Sequence[str]) -> Lesson:
    """A lesson in which some quantities have digits of their own, or are only shown."""
    made = []
    for place, block in enumerate(lesson.blocks):
        facts = [fact for fact in truth.facts if fact.block == place]
        mode = lesson.pen_of(block).mode
        carries = mode == "carry"
        if facts and mode != "exact" and chance.odds(60):
            zeros = lesson.pen_of(block).zeros
            chosen = [placed(chance, fact, ways, zeros) for fact in chance.some_of(facts, 2)]
            block = replace(block, places=tuple(chosen))
        others = {bare(fact.name) for fact in facts} - {name for name, _, _ in block.places}
        if others and carries and chance.odds(40):
            block = replace(block, display=(chance.one_of(sorted(others)),))
        if carries and block.kind == "backward" and chance.odds(50):
            block = replace(block, unrounded=True)
        made.append(block)
    return replace(lesson, blocks=tuple(made))


def placed(
    chance: Chance, fact: Fact, ways: Sequence[str], zeros: bool
) -> tuple[str, tuple[int, int] | None, Pen]:
    """Digits for a quantity, or for one entry of it, which has zeros where the others do."""
    i, j = chance.one_of(sorted(fact.entries))
    entry = (i + 1, j + 1) if len(fact.entries) > 1 and chance.odds(40) else None
    own = rounding(chance, "display", ways)
    return bare(fact.name), entry, replace(own, zeros=zeros) if entry else own


def copies(source: Graph | Network) -> bool:
    """Whether a value is a bare copy of another one, whose digits it has."""
    if isinstance(source, Graph):
        return any(is_turned(formula) for _, formula in source.equations)
    return any(layer.activation.kind == "identity" for layer in source.layers)


def is_turned(formula: Formula) -> bool:
    return isinstance(formula, Apply) and formula.op in ("T", "transpose")


def bare(name: str) -> str:
    return name.removeprefix("-")


def pen(chance: Chance, ways: Sequence[str]) -> Pen:
    """A way of rounding."""
    mode = chance.one_of(["exact", "display", "carry"], 2, 4, 5)
    return rounding(chance, mode, ways) if mode != "exact" else EXACT


def rounding(chance: Chance, mode: str, ways: Sequence[str]) -> Pen:
    """A number of digits and a way to decide the last one."""
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
