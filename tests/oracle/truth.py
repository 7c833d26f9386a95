"""What is true of a lesson: every value, gradient and updated parameter, and who wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from oracle import formulas, graphs, networks, reals, updates
from oracle.duals import plain
from oracle.naming import is_inner, on_page
from oracle.networks import Key
from oracle.reals import ZERO, Real
from oracle.records import Graph, Lesson

Entries = dict[tuple[int, int], Real]


@dataclass(frozen=True)
class Fact:
    """What is true of a quantity: its entries, by row and column from 0."""

    name: str
    "as the page has it"
    epoch: int
    block: int
    "the place of the block that writes it"
    entries: Entries


@dataclass
class Truth:
    """Everything that is true of a lesson."""

    facts: list[Fact] = field(default_factory=list)


def truth_of(lesson: Lesson) -> Truth:
    """What is true of a lesson.

    Raises Undefined where there is no truth, and Lost where it takes more digits.
    """
    return _Run(lesson).done()


class _Run:
    """A lesson carried out from its first block to its last."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson, self.source = lesson, lesson.source
        self.is_graph = isinstance(lesson.source, Graph)
        module = graphs if self.is_graph else networks
        self.known: dict[Key, Real] = dict(module.parameters(self.source))
        self.learned: set[Key] = module.learned(self.source)
        self.truth, self.epoch = Truth(), 0
        self.states: dict[str, dict[Key, Real]] = {}

    def done(self) -> Truth:
        for place, block in enumerate(self.lesson.blocks):
            self.place, self.block = place, block
            if block.kind == "forward":
                self._forward()
            elif block.kind == "update":
                self._update()
            else:
                self._backward()
        return self.truth

    # phases

    def _forward(self) -> None:
        self.moved: dict[Key, Real] = {}
        self._pass()
        for name, entries in _grouped(self.values).items():
            if not any((name, *at) in self.known for at in entries):
                self._state(name, {at: dual.value for at, dual in entries.items()})

    def _pass(self) -> None:
        if self.is_graph:
            made = graphs.Forward(self.source, self.known)
        else:
            made = networks.Forward(self.source, self.known, self.moved)
        self.values = made.values

    def _backward(self) -> None:
        root = self.block.of or self.source.root
        if self.source.moving.sequential:
            self._move_layer_by_layer()
        slopes = self.values[root, 0, 0].slopes
        reached = {key[0] for key in slopes} - {root}
        for name, entries in _grouped(self.values).items():
            if name in reached and self._is_sent_to(name):
                found = {at: slopes.get((name, *at), ZERO) for at in entries}
                self._state(name, {at: self._taken(name, x) for at, x in found.items()}, root)

    def _is_sent_to(self, name: str) -> bool:
        """Whether a gradient stops there; a fused loss sends it on to what is before."""
        fused = not self.is_graph and self.source.loss.fused
        return not (fused and name.lower().startswith("yhat"))

    def _taken(self, name: str, slope: Real) -> Real:
        """A slope as the page has it, where the mean over examples is taken later."""
        if self.is_graph or not self.source.averaged_later or not is_inner(name):
            return slope
        return reals.mul(Fraction(len(self.source.Y[0])), slope)

    def _move_layer_by_layer(self) -> None:
        """Weights that move before the gradient goes on: those of later layers first."""
        for number in range(len(self.source.layers), 0, -1):
            mine = networks.of_layer(self.source, number)
            new = self._new().get("w", {}).items()
            self.moved |= {key: value for key, value in new if key in mine}
            self._pass()

    def _update(self) -> None:
        new = self._new()
        self.epoch += 1
        for stem, numbers in new.items():
            for name, entries in _grouped(numbers).items():
                self._state(name if stem == "w" else f"{stem}{name}", entries)
        self.known |= new.pop("w", {})
        self.states = new

    def _new(self) -> dict[str, dict[Key, Real]]:
        """What the update rule writes for every parameter that has a gradient, by its letters."""
        moving = self.source.moving
        rule, t = moving.optimizer, self.epoch + 1
        constants = {name: Fraction(value) for name, value in rule.constants}
        slopes = self.values[self.source.root, 0, 0].slopes
        reached = {key[0] for key in slopes}
        found: dict[str, dict[Key, Real]] = {}
        for key in sorted(key for key in self.learned if key[0] in reached):
            old = {s: self.states.get(s, {}).get(key, ZERO) for s in updates.STATES[rule.name]}
            w, g = self.known[key], slopes.get(key, ZERO)
            made = updates.moved(rule.name, constants, w, g, self._rate(t), t, old)
            for stem, value in made.items():
                found.setdefault(stem, {})[key] = value
        return found

    def _rate(self, t: int) -> Real:
        """The learning rate of an update, counted from 1."""
        clock = {"t": plain(t), "epoch": plain(t - 1)}
        return formulas.value_of(self.source.moving.rate, clock).value

    def _state(self, name: str, entries: Entries, of: str | None = None) -> None:
        """A fact as the source has it on its page."""
        seen = on_page(self.source, name, of)
        laid = {seen.place(at): x if seen.sign > 0 else -x for at, x in entries.items()}
        self.truth.facts.append(Fact(seen.name, self.epoch, self.place, laid))


def _grouped(numbers: Mapping[Key, object]) -> dict[str, dict]:
    found: dict[str, dict] = {}
    for (name, i, j), value in numbers.items():
        found.setdefault(name, {})[i, j] = value
    return found
