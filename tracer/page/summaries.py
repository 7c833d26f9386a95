"""What a phase comes to: one table, and the graph with what flows along its edges."""

from __future__ import annotations

import math
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
from tracer.written.tree import Apply, Expr, Matrix, Num, Sym, Word

EMPTY = Word("")
Row = tuple[Expr, ...]
RowOf = tuple[str, Row]
"A row and the title of the step that it tells of."


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


def forward_rows(trace: Book, step: Step) -> Iterator[Row]:
    """A node with its formula and its value."""
    assert isinstance(step, ForwardStep)
    name = step.value.name
    formula = step.equation.applied(trace.program.formulas()[name])
    yield Sym(name), formula, step.value.numbers()


def backward_rows(trace: Book, step: Step) -> Iterator[Row]:
    """For each use what arrives, the local gradient and their product; and what uses add up to."""
    if isinstance(step, BackwardStep):
        which = uses([(c.to, c.through) for c in step.contributions])
        for c, use in zip(step.contributions, which, strict=True):
            product = c.product.numbers() if c.is_written else EMPTY
            said = f"{pretty(c.through)} → {pretty(c.to)}" + (f", {use}" if use else "")
            yield Word(said), c.upstream.numbers(), c.local.numbers(), product
        yield from map(_sum_row, step.sums)
    elif isinstance(step, GatherStep):
        yield _sum_row(step.gradient)


def _sum_row(total: Quantity) -> Row:
    name = pretty(total.contributions[0].to)
    return Word(f"{name}, sum"), EMPTY, EMPTY, total.numbers()


def update_rows(trace: Book, step: Step) -> Iterator[Row]:
    """A parameter before and after the step."""
    assert isinstance(step, UpdateStep)
    moved = step.new.parts[0] if step.new.parts else step.before[-1]
    yield Sym(step.old.name), *(q.numbers() for q in (step.old, step.gradient, moved, step.new))


def summed_up(columns: tuple[str, ...], tones: tuple[Tone, ...], rows: Sequence[RowOf]) -> Table:
    """One row a node: a matrix stands in its step, and here are its shape and largest entry."""
    cells = tuple(tuple(map(_in_short, row)) for _, row in rows)
    return Table("", columns, cells, tones, tuple(title for title, _ in rows))


def count_numbers(rows: Iterable[RowOf]) -> int:
    """How many numbers rows are about."""
    return sum(
        math.prod(cell.shape) for _, row in rows for cell in row if isinstance(cell, Num | Matrix)
    )


def _in_short(cell: Expr) -> Expr:
    """
    >>> import numpy as np
    >>> _in_short(Matrix(np.array([[0.25, -0.5]]), str)).text
    '(1 × 2), largest -0.5'
    """
    if not isinstance(cell, Matrix) or cell.values.size == 1:
        return settle(cell)
    largest = max(cell.values.flat, key=abs)
    rows, columns = cell.shape
    return Word(f"({rows} × {columns}), largest {cell.digits(largest)}")


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
