"""The tape: named equations forward, contributions backward, updates, in the order of the pen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tracer import ops
from tracer.errors import NotFinite, NotOnPage, TracerError, UnknownName, nearest
from tracer.numbers.rounding import Real
from tracer.numbers.values import Value, as_value, to_floats, to_numbers
from tracer.ops import Op
from tracer.trace.book import Book
from tracer.trace.program import EPOCHS, STEPS, Equation, Program
from tracer.trace.quantity import Contribution, Hand, Quantity, given, work_out
from tracer.trace.rates import Schedule
from tracer.trace.steps import BackwardStep, ForwardStep, GatherStep, Step, UpdateStep
from tracer.written.habits import ENDS, name_meant
from tracer.written.names import Name, gradient
from tracer.written.readings import Notation
from tracer.written.tree import Sym

EXACTLY = Hand()


class Tape(Book):
    """A program worked out step by step, each written down as a hand does.

    >>> from tracer import graph
    >>> trace = Tape(graph("a = 2; b = 5; c = a*b; d = b + 1; e = c*d"))
    >>> _ = trace.forward(), trace.backward()
    >>> trace["de/db"].written
    22.0
    >>> [(c.through, c.product.written) for c in trace["de/db"].contributions]
    [('c', 12.0), ('d', 10.0)]
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._epoch = 0
        self._step = float(program.memory.get(STEPS, 0))
        self._begun = float(program.memory.get(EPOCHS, 0))
        self._book: list[dict[str, Quantity]] = [{}]
        self._steps: list[list[Step]] = [[]]
        self.back_hand = EXACTLY
        "who wrote the last pass back"
        for leaf in program.leaves:
            self.write(self.given(leaf.name, leaf.value))
            for name, begun in program.remembered(leaf).items():
                self.write(self.given(name, begun))

    @property
    def program(self) -> Program:
        return self._program

    @property
    def epoch(self) -> int:
        return self._epoch

    # reading

    def find(self, name: Name, epoch: int = 0) -> Quantity:
        """The quantity of a name, read at `epoch` unless the name says another.

        Raises UnknownName, with the nearest name, when nothing of that name was written.
        """
        if name.minus:
            raise UnknownName(f"{name} is written only with ':delta: descent'")
        at = (epoch if name.epoch is None else name.epoch) + name.prime
        if at >= len(self._book):
            last = len(self._book) - 1
            raise UnknownName(f"{name} is not on this page, which goes as far as epoch {last}")
        book = self._book[at]
        key = self.canonical(name)
        found = book.get(key) or book.get(f"local {key}")
        if found is None:
            known = [k.removeprefix("local ") for k in book]
            stem, bracket, _ = name.base.partition("[")
            if bracket and stem in book and not name.entry:
                raise UnknownName(
                    f"{name} is not on this page; an entry has a row and a column, as in "
                    f"{stem}[1,2]"
                )
            way_out = self.missing(name) or name_meant(name, known, self.program.root)
            raise NotOnPage(f"{name} is not on this page; {way_out}")
        if name.part:
            labels = {part.label: part for part in found.parts}
            if name.part not in labels:
                way_out = nearest(name.part, labels)
                if name.part == "grad":
                    way_out = name_meant(name, book, self.program.root)
                raise UnknownName(f"{name.whole} is not written on the way to {key}; {way_out}")
            found = labels[name.part]
        return found.entry(*name.entry) if name.entry else found

    def missing(self, name: Name) -> str:
        """Why there is no cost or gradient of a name, where the program cannot have it."""
        if self.program.no_cost and (name.of or name.base).lower() in ENDS:
            return self.program.no_cost
        if name.of is None or self.program.role(name.base) != "data":
            return ""
        if self.program.view != "graph" and name.base in self.program.labels:
            return "labels get no gradient"
        return "data gets a gradient only with ':data-gradients: yes'"

    def canonical(self, name: Name) -> str:
        """The name under which a quantity is kept: aliases resolved, entry and epoch left out."""
        alias = self.program.aliases
        base = alias.get(name.base, name.base)
        of = name.of and alias.get(name.of, name.of)
        through = name.through and alias.get(name.through, name.through).removesuffix("#1")
        # the first use of a value is the one that is meant if none is named
        again = "" if name.again == "#1" else name.again
        return str(Name(base, of=of, through=through, local=name.local, again=again))

    def steps(self, epoch: int = 0) -> tuple[Step, ...]:
        """The steps of one iteration, in the order in which they were written."""
        return tuple(self._steps[epoch])

    def quantities(self) -> Iterator[tuple[int, Quantity]]:
        """Every quantity with its epoch, in the order in which it was written."""
        for epoch, book in enumerate(self._book):
            for quantity in book.values():
                yield epoch, quantity

    # writing

    def forward(self, hand: Hand = EXACTLY) -> tuple[ForwardStep, ...]:
        """Work every equation out, in order."""
        if any(isinstance(step, ForwardStep) for step in self._steps[self.epoch]):
            raise TracerError(
                "the forward pass is worked out already, and a name is written once; "
                "an update comes before the next one"
            )
        steps = []
        for equation in self.program.equations:
            inputs = [self.source(source) for source in equation.inputs]
            with stable_form(equation.op):
                value = work_out(equation.output, equation.op.value, inputs, hand)
            steps.append(ForwardStep(equation, self.write(value)))
        self._steps[self.epoch] += steps
        return tuple(steps)

    def backward(self, hand: Hand = EXACTLY, of: str | None = None) -> tuple[Step, ...]:
        """Send gradients back from `of` (the last value unless named) through every equation."""
        if of is None:
            self.program.check_cost()
        if not any(isinstance(step, ForwardStep) for step in self._steps[self.epoch]):
            raise TracerError("there is nothing to send back yet: a forward pass comes first")
        if self.program.conventions.sequential and self.program.learning_rate is None:
            raise TracerError("':updates: sequential' needs a learning rate, expected one")
        root = of or self.program.root
        self.check_start(self.now(root))
        if gradient(root, root) in self._book[self.epoch]:
            raise TracerError(
                f"the gradients of {root} are worked out already, and a name is written once; "
                "an update and a forward pass come before the next ones"
            )
        self.back_hand = hand
        steps = _BackwardPass(self, root, hand).run()
        self._steps[self.epoch] += steps
        return tuple(steps)

    def update(self, hand: Hand = EXACTLY) -> tuple[UpdateStep, ...]:
        """Move every parameter against its gradient, and begin the next epoch."""
        self.program.check_cost()
        if self.program.learning_rate is None:
            raise TracerError("no learning rate is set, expected one, as in ':learning-rate: 1'")
        if gradient(self.program.root, self.program.root) not in self._book[self.epoch]:
            raise TracerError("there are no gradients to update with: a backward pass comes first")
        steps = []
        following = dict(self._given())
        for leaf in self.program.leaves:
            if leaf.role == "parameter" and leaf.name in following:
                slope = self._book[self.epoch].get(gradient(self.program.root, leaf.name))
                if slope is not None:
                    step = self.move(leaf.name, slope, hand)
                    steps.append(step)
                    following |= {q.name: q for q in (*step.before, step.new)}
        self._steps[self.epoch] += steps
        self._book.append(following)
        self._steps.append([])
        self._epoch += 1
        return tuple(steps)

    def move(self, name: str, slope: Quantity, hand: Hand) -> UpdateStep:
        """One parameter moved by the program's update rule, line by line."""
        rule = self.program.update
        rate = self._rate()
        known = {"w": self.now(name), "g": slope, "alpha": rate}
        known["t"] = self.given(self._free("t", "iteration"), self._step + self.epoch + 1.0)
        known |= {
            c: self.given(self._free(c, f"{c}_"), value) for c, value in rule.constants.items()
        }
        known |= {state.letter: self.now(state.of(name)) for state in rule.states}
        lines = []
        for line in rule.lines:
            called = name if line.output == "w" else f"{line.output}{name}"
            made = work_out(called, line.rule, [known[i] for i in line.inputs], hand)
            known[f"{line.output}'"] = replace(made, name=f"{called}'")
            lines.append(made)
        return UpdateStep(known["w"], slope, rate, lines[-1], tuple(lines[:-1]))

    def _rate(self) -> Quantity:
        """The learning rate of this step; one that a schedule gives is never rounded."""
        name, rate = self._free("alpha", "eta", "rate"), self.program.learning_rate
        if not isinstance(rate, Schedule):
            return self.given(name, rate or 0.0)
        t, epoch = self._step + self.epoch + 1.0, self._begun + self.epoch
        clock = self.given("t", t), self.given("epoch", epoch)
        now = rate.exactly(t, epoch) if self.program.is_small else rate.at(t, epoch)
        return replace(self.given(name, now), formula=rate.formula, inputs=clock)

    def _free(self, *names: str) -> str:
        """The first of some names that no value of the program has."""
        return next((name for name in names if name not in self.program.names), names[-1])

    def _given(self) -> Iterator[tuple[str, Quantity]]:
        """What the next epoch starts from: leaves, and the states of the update rule."""
        for leaf in self.program.leaves:
            yield leaf.name, self.now(leaf.name)
            for state in self.program.remembered(leaf):
                yield state, self.now(state)

    def source(self, source: str | Real) -> Quantity:
        """An input of an equation: a named quantity or a plain number."""
        return self.now(source) if isinstance(source, str) else self.given("", source)

    def given(self, name: str, value: Value) -> Quantity:
        """What is given, in the kind of numbers that the trace is worked out in."""
        kind = to_numbers if self.program.is_small else to_floats
        return given(name, as_value(kind(value)))

    def now(self, name: str) -> Quantity:
        """What a name stands for in the open epoch."""
        book = self._book[self.epoch]
        if name not in book:
            raise UnknownName(f"{name} is not worked out yet; {nearest(name, book)}")
        return book[name]

    def write(self, quantity: Quantity, key: str | None = None) -> Quantity:
        """Write a quantity down in the open epoch."""
        self._book[self.epoch][key or quantity.name] = quantity
        return quantity


@contextmanager
def stable_form(op: Op) -> Iterator[None]:
    """Name the form that avoids a fault, where an operation has one."""
    try:
        yield
    except NotFinite as error:
        if not op.stable:
            raise
        raise NotFinite(f"{error.problem}; it is avoided by {op.stable}", error.where) from None


class _BackwardPass:
    """One pass from the last value back to the first, with what has arrived so far at each."""

    def __init__(self, trace: Tape, root: str, hand: Hand) -> None:
        self.trace, self.root, self.hand = trace, root, hand
        self.live = trace.program.live(root)
        self.arrived: dict[str, tuple[Contribution, ...]] = {}
        self.moved: dict[str, Quantity] = {}
        self.steps: list[Step] = []

    def run(self) -> list[Step]:
        """Every equation in reverse; then what arrived at the values that were given."""
        program = self.trace.program
        self.trace.write(self.start())
        for equation in reversed(program.equations):
            upstream = self.gather(equation.output)
            if upstream is not None:
                self.steps.append(self.send_back(equation, upstream))
        for leaf in program.leaves:
            if leaf.name not in self.moved:
                self.gather(leaf.name)
        return self.steps

    def start(self) -> Quantity:
        """The gradient of the last value by itself: 1, or what is dictated for it."""
        name = gradient(self.root, self.root)
        if not self.hand.dictated(name, slips=True):
            return given(name, 1.0)
        return work_out(name, lambda _, one: one, [self.trace.given("", 1.0)], self.hand)

    def gather(self, name: str) -> Quantity | None:
        """The gradient of a value, once everything that uses it has sent its contribution."""
        if name == self.root:
            return self.trace.now(gradient(name, name))
        contributions = self.arrived.get(name, ())
        if not contributions:
            return None
        total = contributions[0].product
        if len(contributions) > 1:
            total = self.sum_up(gradient(self.root, name), contributions)
        named = replace(total, name=gradient(self.root, name), contributions=contributions)
        if len(contributions) > 1:
            self.steps.append(GatherStep(named))
        return self.trace.write(named)

    def send_back(self, equation: Equation, upstream: Quantity) -> BackwardStep:
        """What one operation sends to each of its inputs; nothing to data."""
        kept = self.trace.program.kept
        used = dict.fromkeys(name for _, name in equation.depends_on())
        sent: list[Contribution] = []
        updates: list[UpdateStep] = []
        begun = len(self.steps)
        learned, others = self._receivers(equation)
        for names in (learned, others):
            new = [self.contribute(equation, place, name, upstream) for place, name in names]
            for name in dict.fromkeys(name for _, name in names):
                mine = tuple(c for c in new if c.to == name)
                # earlier uses stand first, and this pass meets the later ones before them
                self.arrived[name] = mine + self.arrived.get(name, ())
            sent += new
            if names is learned:
                updates += self.update_at_once([name for _, name in learned])
        spared = tuple(name for name in used if name in kept)
        sums = tuple(step.gradient for step in self.steps[begun:] if isinstance(step, GatherStep))
        del self.steps[begun:]
        return BackwardStep(equation, upstream, tuple(sent), spared, tuple(updates), sums)

    def _receivers(self, equation: Equation) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
        """The inputs that a gradient goes to, with their places.

        Where weights are updated at once, parameters come first.
        """
        program = self.trace.program
        every = [
            (place, name)
            for place, name in equation.depends_on()
            if name not in program.kept and equation.op.slots[place].local
        ]
        if not program.conventions.sequential:
            return [], every
        learned = [(place, name) for place, name in every if program.role(name) == "parameter"]
        return learned, [pair for pair in every if pair not in learned]

    def update_at_once(self, names: Sequence[str]) -> Iterator[UpdateStep]:
        """Move an equation's parameters before the gradient goes on through them."""
        for name in dict.fromkeys(names):
            if len(self.arrived[name]) < len(self.live[name]):
                continue  # used earlier, too: it moves when its gradient is complete
            slope = self.gather(name)
            assert slope is not None
            step = self.trace.move(name, slope, self.hand)
            self.moved[name] = replace(step.new, name=f"{name}'")
            yield step

    def contribute(
        self, equation: Equation, place: int, to: str, upstream: Quantity
    ) -> Contribution:
        """One use of a value: its local gradient, and the product that is sent back."""
        trace, slot = self.trace, equation.op.slots[place]
        assert slot.local is not None
        again = equation.inputs[:place].count(to)
        mark = f"#{again + 1}" if again else ""
        use = f"#{again + 1}" if equation.inputs.count(to) > 1 else ""
        name, mine = gradient(equation.output, to), gradient(self.root, to)
        # the last operation's local gradient has the same name as the gradient
        key = f"local {name}{mark}" if equation.output == self.root else f"{name}{mark}"
        output = trace.now(equation.output)
        steps = [part for part in output.parts if part.label in equation.op.steps]
        inputs = [output, *map(self.source, equation.inputs), *steps]
        with stable_form(equation.op):
            local = work_out(f"{name}{use}", slot.local, inputs, self.hand, key)
        trace.write(local, key=f"local {name}{mark}")
        key = f"{mine} through {equation.output}{mark}"
        alone = len(self.live[to]) == 1
        called = mine if alone else f"{mine} through {equation.output}{use}"
        is_written = alone or not self.hand.adds_unrounded
        hand = self.hand if is_written else EXACTLY
        product = work_out(called, slot.join, [upstream, local], hand, key=mine if alone else key)
        if is_written:
            trace.write(product, key=key)
        through = equation.output
        return Contribution(through, to, upstream, local, product, slot.join, is_written)

    def source(self, name: str | Real) -> Quantity:
        """An input of an equation, after its update where that came first."""
        moved = self.moved.get(name) if isinstance(name, str) else None
        return moved or self.trace.source(name)

    def sum_up(self, name: str, contributions: Sequence[Contribution]) -> Quantity:
        """A gradient by several uses: the sum of what each has sent, as it was written."""
        joins = [contribution.join for contribution in contributions]

        def products(m: Any, *pairs: Any) -> list[Any]:
            sent = zip(joins, pairs[::2], pairs[1::2], strict=True)
            return [join(m, upstream, local) for join, upstream, local in sent]

        def at_once(m: Any, *pairs: Any) -> Any:
            return ops.total(m, *products(m, *pairs))

        def one_by_one(m: Any, *pairs: Any) -> Any:
            every = enumerate(products(m, *pairs), 1)
            return ops.total(m, *(m.write(f"path{k}", product) for k, product in every))

        pairs = tuple(quantity for c in contributions for quantity in (c.upstream, c.local))
        if self.hand.adds_unrounded:
            return work_out(name, at_once, pairs, self.hand)
        total = work_out(name, ops.total, [c.product for c in contributions], self.hand)
        formula = one_by_one(Notation(), *(Sym(q.name, q.shape) for q in pairs))
        parts = (replace(c.product, name=f"{name}.path{k}") for k, c in enumerate(contributions, 1))
        return replace(total, formula=formula, inputs=pairs, parts=tuple(parts))
