"""What a phase comes to: one table, and the graph with what flows along its edges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tracer.numbers.rounding import Pen
from tracer.page.document import Edge, Graph, Node, Table, Tone, Weight, uses
from tracer.page.notes import changed, led_astray
from tracer.trace.book import Book
from tracer.trace.program import Equation
from tracer.trace.quantity import Contribution, Quantity
from tracer.trace.steps import BackwardStep, ForwardStep, GatherStep, Step, UpdateStep
from tracer.written.entries import settle
from tracer.written.names import pretty
from tracer.written.tree import Apply, Expr, Num, Sym, Word

EMPTY = Word("")


def changes_table(traces: Sequence[Book]) -> Iterator[Table]:
    """Every quantity whose written digits are not those of its exact value, if there are any."""
    rows = _changes(traces, changed)
    if rows:
        columns = ("quantity", "by hand", "exact, rounded", "exact")
        yield Table("", columns, rows, ("plain", "forward", "forward", "plain"))


def slips_table(traces: Sequence[Book]) -> Iterator[Table]:
    """Every quantity that an earlier slip has changed, if there are any."""
    rows = _changes(traces, led_astray)
    if rows:
        columns = ("quantity", "as written", "without the slip")
        yield Table("", columns, rows, ("plain", "forward", "forward"))


def _changes(
    traces: Sequence[Book], found: Callable[[Quantity], Iterable[tuple[str, ...]]]
) -> tuple[tuple[Expr, ...], ...]:
    """A row for each change in any quantity, with the network and the iteration it stands in."""
    rows: dict[tuple[Expr, ...], None] = {}
    several = list(dict.fromkeys(traces))
    for trace, called in zip(several, _called(several), strict=True):
        which = f", {called}" if len(several) > 1 else ""
        again = any(trace.steps(later) for later in range(1, trace.epoch + 1))
        for epoch, quantity in trace.quantities():
            for name, *numbers in found(quantity):
                place = name + which + (f", iteration {epoch + 1}" if again else "")
                rows[Word(place), *map(Num, numbers)] = None
    return tuple(rows)


def _called(traces: Sequence[Book]) -> Iterator[str]:
    """What the networks and graphs of a lesson are called, each kind counted: network 2."""
    kinds = ["graph" if trace.program.view == "graph" else "network" for trace in traces]
    for place, kind in enumerate(kinds):
        yield f"{kind} {kinds[: place + 1].count(kind)}"


def forward_table(trace: Book, steps: Sequence[Step]) -> Table:
    """Each node with its formula and its value."""
    formulas = trace.program.formulas()
    rows = []
    for step in steps:
        assert isinstance(step, ForwardStep)
        formula = step.equation.applied(formulas[step.value.name])
        rows.append((Sym(step.value.name), formula, settle(step.value.numbers())))
    return Table("", ("node", "formula", "value"), tuple(rows), ("plain", "plain", "forward"))


def backward_table(trace: Book, steps: Sequence[Step]) -> Table:
    """Each node with what arrives, its local gradient, and their product."""
    rows: list[tuple[Expr, ...]] = []
    for step in steps:
        if isinstance(step, BackwardStep):
            which = uses([(c.to, c.through) for c in step.contributions])
            for c, use in zip(step.contributions, which, strict=True):
                shown = [settle(q.numbers()) for q in (c.upstream, c.local, c.product)]
                product = shown[-1] if c.is_written else EMPTY
                said = f"{pretty(c.through)} → {pretty(c.to)}" + (f", {use}" if use else "")
                rows.append((Word(said), *shown[:-1], product))
            rows += map(_sum_row, step.sums)
        elif isinstance(step, GatherStep):
            rows.append(_sum_row(step.gradient))
    columns = ("node", "upstream", "local gradient", "product")
    return Table("", columns, tuple(rows), ("plain", "gradient", "plain", "gradient"))


def _sum_row(total: Quantity) -> tuple[Expr, ...]:
    name = pretty(total.contributions[0].to)
    return Word(f"{name}, sum"), EMPTY, EMPTY, settle(total.numbers())


def update_table(trace: Book, steps: Sequence[Step]) -> Table:
    """Each parameter before and after the step."""
    rows = []
    for step in steps:
        assert isinstance(step, UpdateStep)
        moved = step.new.parts[0] if step.new.parts else step.before[-1]
        shown = (settle(q.numbers()) for q in (step.old, step.gradient, moved, step.new))
        rows.append((Sym(step.old.name), *shown))
    columns = ("parameter", "old", "gradient", "step", "new")
    tones: tuple[Tone, ...] = ("plain", "forward", "gradient", "gradient", "forward")
    return Table("", columns, tuple(rows), tones)


@dataclass(frozen=True)
class Flow:
    """What one phase has written, to be shown on the edges of a graph."""

    epoch: int
    steps: Sequence[Step]
    pen: Pen


def graph_of(trace: Book, flow: Flow | None = None) -> Graph:
    """The graph of a program: bare, or with what one phase has written on its edges."""
    drawn = _Drawn(trace, flow)
    kept = [leaf for leaf in trace.program.leaves if leaf.name not in drawn.on_edges]
    nodes = [drawn.node(leaf.name, None, leaf.role) for leaf in kept]
    formulas = trace.program.formulas()
    edges: list[Edge] = []
    for equation in trace.program.equations:
        name = equation.output
        nodes.append(drawn.node(name, equation.applied(formulas[name]), "computed"))
        edges += drawn.edges(equation)
    return Graph(tuple(nodes), tuple(edges), nodes[-1].value)


class _Drawn:
    """What stands on the nodes and edges of a graph."""

    def __init__(self, trace: Book, flow: Flow | None) -> None:
        self.program = trace.program
        self.values: dict[str, Expr] = {}
        self.sent: dict[tuple[str, str], list[Contribution]] = defaultdict(list)
        self.gradients: dict[str, Quantity] = {}
        self.on_edges = {
            name
            for equation in self.program.equations * (self.program.view == "scalar")
            for name in _weights(equation).values()
            if len(self.program.uses(name)) == 1
        }
        if flow:
            pairs = ((n, trace[f"{n}@{flow.epoch}"]) for n in self.program.names)
            self.values = {name: settle(value.put_in(flow.pen)) for name, value in pairs}
        for step in flow.steps if flow else ():
            self._read(step)

    def _read(self, step: Step) -> None:
        """Take what a step of the backward pass has written."""
        if isinstance(step, BackwardStep):
            self.gradients[step.equation.output] = step.upstream
            for sent in step.contributions:
                self.sent[sent.to, sent.through].append(sent)
                self.gradients.setdefault(sent.to, sent.product)
        sums = step.sums if isinstance(step, BackwardStep) else ()
        for total in (step.gradient,) if isinstance(step, GatherStep) else sums:
            self.gradients[total.contributions[0].to] = total

    def node(self, name: str, formula: Expr | None, role: str) -> Node:
        """A value with what it comes to and what comes back to it."""
        back = self.gradients.get(name)
        gradient = settle(back.numbers()) if back else None
        parts = back.contributions if back else ()
        added = [settle(each.product.numbers()) for each in parts if each.is_written]
        addition = None
        if len(parts) > 1 and len(added) == len(parts):
            addition = Apply("+", tuple(added), added[0].shape)
        return Node(name, formula, role, self.values.get(name), gradient, addition)

    def edges(self, equation: Equation) -> Iterator[Edge]:
        """The uses that an operation makes of values; a weight stands on the edge of its input."""
        weights = _weights(equation)
        for place, name in equation.depends_on():
            if name in self.on_edges:
                continue
            on = weights.get(place)
            weight = self._weight(on, equation) if on in self.on_edges else None
            gradient, dead = self._back(equation, place, name)
            yield Edge(name, equation.output, self.values.get(name), gradient, weight, dead)

    def _weight(self, name: str, equation: Equation) -> Weight:
        gradient, dead = self._back(equation, equation.inputs.index(name), name)
        slope = self.gradients[name].name if gradient else ""
        return Weight(name, self.values.get(name), gradient, slope, dead)

    def _back(self, equation: Equation, place: int, name: str) -> tuple[Expr | None, bool]:
        """What one use sends back, where it is written; and whether that is exactly nothing."""
        sent = self.sent.get((name, equation.output))
        if not sent:
            return None, False
        use = sent[equation.inputs[:place].count(name)]
        dead = not np.any(use.product.used)
        return settle(use.product.numbers()) if use.is_written else None, dead


def _weights(equation: Equation) -> dict[int, str]:
    """The weights of a sum of single numbers, by the places of the inputs that they weigh."""
    if not equation.op.weighs or equation.op.of_matrices:
        return {}
    last = len(equation.inputs) - 1
    return {k: str(equation.inputs[k - 1]) for k in range(1, last + 1, 2)}
