"""A graph to work out: what is given, and one operation for each equation."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from tracer.errors import LessonError, TracerError
from tracer.numbers.rounding import Real, in_full
from tracer.numbers.values import Value as Value
from tracer.numbers.values import for_numpy as for_numpy
from tracer.numbers.values import to_floats
from tracer.ops import GRADIENT_DESCENT, Op, UpdateRule
from tracer.trace.conventions import USUAL, Conventions
from tracer.trace.rates import Rate
from tracer.written.lines import without_parts
from tracer.written.names import owner
from tracer.written.readings import Floats, Notation
from tracer.written.tree import Apply, Expr, Num, Part, Shape, Sym

STEPS = "#steps"
"Under this name a memory keeps how many updates there were."
EPOCHS = "#epochs"
"And under this one how many epochs."
LEARNING = ("parameter", "value")
"The roles that a gradient is sent to."
DATA = ("data", "value")
"The roles of data: no update moves it, and a batch takes some of its examples."
MOST_IN_DECIMALS = 50_000
"A larger program is worked out in float64."


@dataclass(frozen=True)
class Leaf:
    """A value that is given rather than computed."""

    name: str
    value: Value
    role: str = "parameter"
    "parameter (learned), data, fixed or constant (no gradient goes there), value (data with one)"

    @property
    def is_data(self) -> bool:
        """Whether it is data, with a gradient or without."""
        return self.role in DATA


@dataclass(frozen=True)
class Equation:
    """One operation applied to named values and plain numbers."""

    output: str
    op: Op
    inputs: tuple[str | Real, ...]

    def depends_on(self) -> Iterator[tuple[int, str]]:
        """The named inputs that the value depends on, with their places."""
        for place, (name, slot) in enumerate(zip(self.inputs, self.op.slots, strict=True)):
            if isinstance(name, str) and not slot.counted:
                yield place, name

    def taken_from(self, values: Mapping[str, Value]) -> list[Value]:
        """The inputs among the values that are known; plain numbers as they are."""
        return [values[i] if isinstance(i, str) else for_numpy(i) for i in self.inputs]

    def symbols(self, shapes: Mapping[str, Shape]) -> list[Expr]:
        """The inputs as they stand in a formula."""
        return [
            Sym(given, shapes[given]) if isinstance(given, str) else Num(in_full(given))
            for given in self.inputs
        ]

    def applied(self, formula: Expr) -> Expr:
        """The operation by its own symbol, as in sigma(z), where it has one; else its formula."""
        if self.op.symbol is None:
            return formula
        inputs = (Sym(i) if isinstance(i, str) else Num(in_full(i)) for i in self.inputs)
        return Apply(self.op.symbol, tuple(inputs), formula.shape)


@dataclass(frozen=True)
class Program:
    """A graph to work out: what is given, and the equations in order."""

    leaves: tuple[Leaf, ...]
    equations: tuple[Equation, ...]
    learning_rate: Rate | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    "other names under which a value is known: A[1] for Yhat"
    features: tuple[str, ...] = ()
    "rows of X that were computed from the rows above them: x1*x2"
    view: str = "graph"
    "what it was made from: a network's matrix or scalar view, or a graph of equations"
    conventions: Conventions = USUAL
    "how its source writes it"
    update: UpdateRule = GRADIENT_DESCENT
    "how parameters move"
    memory: Mapping[str, Value] = field(default_factory=dict)
    "what the update rule remembers from earlier steps: velocities, and how many steps there were"
    doubts: tuple[str, ...] = ()
    "what can be worked out, and is seldom meant: labels that the last layer cannot reach"
    loss: str = ""
    "what a network's loss is called: squared error; empty for one that only goes forward"
    summed: bool = False
    "whether the last value adds its examples up, and takes no mean over them"
    beside: tuple[str, ...] = ()
    "what a network gives beside the last value, and nothing is learned from: MAE"

    def __post_init__(self) -> None:
        for leaf in self.leaves if self.update.states else ():
            for state in self.remembered(leaf):
                if state in self.names:
                    raise LessonError(
                        f"{self.update.name} keeps a value {state} for {leaf.name}, and that name "
                        "is taken; expected another name for it"
                    )

    @property
    def root(self) -> str:
        """What is differentiated: the last equation's value."""
        return self.equations[-1].output

    @property
    def no_cost(self) -> str:
        """Why nothing can be lowered: a network may only go forward. Empty where something can."""
        if self.view == "graph" or self.loss:
            return ""
        return f"the network has no {aim_of(self.view)}; {way_to_a_cost(self.view, self.outputs)}"

    def check_cost(self) -> None:
        """Raise TracerError for a network that only goes forward."""
        if self.no_cost:
            raise TracerError(self.no_cost)

    @property
    def penalty(self) -> tuple[str, str] | None:
        """The loss and the penalty on weights that make up the last value, where there is one."""
        if not self.equations:  # as in a trace that was read back
            return None
        last = self.equations[-1]
        penalties = [each.output for each in self.equations if each.op.penalises]
        if last.inputs[-1] in penalties:
            return str(last.inputs[0]), str(last.inputs[-1])
        return None

    @property
    def names(self) -> list[str]:
        """Every value, in order."""
        return [leaf.name for leaf in self.leaves] + [eq.output for eq in self.equations]

    def formulas(self) -> dict[str, Expr]:
        """How each computed value is written before any number is known, with its shape.

        Raises ShapeError where shapes do not fit.
        """
        return {name: without_parts(formula) for name, formula in self._worded.items()}

    @cached_property
    def _worded(self) -> dict[str, Expr]:
        """Each formula as its rule has it, worked out once."""
        shapes: dict[str, Shape] = {leaf.name: np.shape(leaf.value) for leaf in self.leaves}
        found = {}
        for equation in self.equations:
            formula = equation.op.value(Notation(), *equation.symbols(shapes))
            shapes[equation.output] = formula.shape
            found[equation.output] = formula
        return found

    def given(self, values: Mapping[str, Value]) -> Program:
        """The same program with other values for some of its leaves."""
        leaves = (replace(leaf, value=values.get(leaf.name, leaf.value)) for leaf in self.leaves)
        return replace(self, leaves=tuple(leaves))

    def in_float64(self) -> Program:
        """The same program, with what is given as float64."""
        leaves = (replace(leaf, value=to_floats(leaf.value)) for leaf in self.leaves)
        return replace(self, leaves=tuple(leaves))

    def values(self) -> dict[str, Value]:
        """Every value, worked out in full precision without writing anything down."""
        found: dict[str, Value] = {leaf.name: for_numpy(leaf.value) for leaf in self.leaves}
        self.fill(found)
        return found

    def fill(self, values: dict[str, Value]) -> None:
        """Add what every equation computes to the values of the leaves, in place."""
        m = Floats()
        with np.errstate(all="ignore"):
            for equation in self.equations:
                values[equation.output] = equation.op.value(m, *equation.taken_from(values))

    @cached_property
    def effort(self) -> int:
        """About how many single numbers are worked with in one forward pass."""
        return sum(map(_effort, self._worded.values()))

    @cached_property
    def numbers(self) -> int:
        """How many single numbers its values and local gradients are."""
        shapes: dict[str, Shape] = {leaf.name: np.shape(leaf.value) for leaf in self.leaves}
        shapes |= {name: formula.shape for name, formula in self._worded.items()}
        slopes = (
            slot.local(Notation(), Sym(each.output, shapes[each.output]), *each.symbols(shapes))
            for each in self.equations
            for given, slot in zip(each.inputs, each.op.slots, strict=True)
            if isinstance(given, str) and slot.local
        )
        every = (*shapes.values(), *(one.shape for one in slopes if isinstance(one, Expr)))
        return sum(map(math.prod, every))

    @property
    def is_small(self) -> bool:
        """Whether it is worked out in decimal numbers, where every digit is right."""
        return max(self.effort, self.numbers) <= MOST_IN_DECIMALS

    @property
    def learned(self) -> dict[str, Value]:
        """The parameters, which updates move, by name."""
        return {leaf.name: leaf.value for leaf in self.leaves if leaf.role == "parameter"}

    def remembered(self, leaf: Leaf) -> dict[str, Value]:
        """What the update rule remembers of a leaf when the program begins, by name."""
        states = self.update.states if leaf.role == "parameter" else ()
        begun = {one.of(leaf.name): np.full(np.shape(leaf.value), one.begins) for one in states}
        return begun | {name: self.memory[name] for name in begun if name in self.memory}

    def parameter_of(self, name: str) -> str:
        """The parameter whose state a name is, or what leads to its step; any other as it is."""
        for letter in self.update.letters:
            rest = name.removeprefix(letter)
            if rest != name and self.aliases.get(rest, rest) in self.learned:
                return rest
        return name

    @property
    def widths(self) -> set[int]:
        """How many columns its matrices of data have: where they agree, one for each example."""
        data = (leaf.value for leaf in self.leaves if leaf.is_data)
        return {int(np.shape(value)[1]) for value in data if np.ndim(value)}

    def role(self, name: str) -> str:
        """What a value is: data, parameter, value, or computed."""
        return next((leaf.role for leaf in self.leaves if leaf.name == name), "computed")

    @cached_property
    def kept(self) -> frozenset[str]:
        """The values that no gradient is sent to: data, what is held fixed, and constants.

        A constant is a part of a formula without a name of its own, such as sqrt(2) or 1 - y, that
        comes from nothing else.
        """
        kept = {leaf.name for leaf in self.leaves if leaf.role not in LEARNING}
        for equation in self.equations:
            named = {given for given in equation.inputs if isinstance(given, str)}
            if owner(equation.output) != equation.output and named <= kept:
                kept.add(equation.output)
        return frozenset(kept)

    def live(self, root: str) -> dict[str, list[tuple[Equation, int]]]:
        """For each value, the uses by which a gradient of `root` comes back to it, in order."""
        reached = {root}
        found: dict[str, list[tuple[Equation, int]]] = {}
        kept = self.kept
        for equation in reversed(self.equations):
            if equation.output not in reached:
                continue
            for place, used in reversed(list(enumerate(equation.inputs))):
                if isinstance(used, str) and used not in kept and equation.op.slots[place].local:
                    reached.add(used)
                    found[used] = [(equation, place), *found.get(used, [])]
        return found

    @property
    def labels(self) -> list[str]:
        """What a network is to answer: Y, y, or y1, y2 and so on."""
        return [leaf.name for leaf in self.leaves if re.fullmatch(r"Y|y\d*", leaf.name)]

    @property
    def outputs(self) -> list[str]:
        """What a network answers: Yhat, yhat, or yhat1, yhat2 and so on."""
        names = [equation.output for equation in self.equations]
        return [name for name in names if re.fullmatch(r"Yhat|yhat\d*", name)]

    def uses(self, name: str) -> list[tuple[Equation, int]]:
        """Where a value is used: the equations and the places in them, in order."""
        return [
            (equation, place)
            for equation in self.equations
            for place, used in enumerate(equation.inputs)
            if used == name
        ]


def aim_of(view: str) -> str:
    """What a network of a view minimises: a cost, or the loss of one example."""
    return "loss" if view == "scalar" else "cost"


def way_to_a_cost(view: str, outputs: Sequence[object]) -> str:
    """What to add to a network that only goes forward, so that gradients can start somewhere."""
    labels = "Y" if view != "scalar" else "y" if len(outputs) == 1 else "y1"
    return f"add ':{aim_of(view)}: squared error' and '{labels} = ...'"


def _effort(expr: Expr) -> int:
    match expr:
        case Apply(_, (a, b), shape) if expr.sign.swaps:
            return math.prod(shape) * a.shape[1] + _effort(a) + _effort(b)
        case Apply(_, args, shape):
            return math.prod(shape) + sum(map(_effort, args))
        case Part(_, inner, _):
            return _effort(inner)
    return 0
