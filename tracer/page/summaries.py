"""What a phase comes to: one table, and the graph with what flows along its edges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tracer.numbers.rounding import Pen
from tracer.page.document import Edge, Graph, Node, Table, Tone, uses
from tracer.page.notes import changed, led_astray
from tracer.trace.book import Book
from tracer.trace.quantity import Quantity
from tracer.trace.steps import BackwardStep, ForwardStep, GatherStep, Step, UpdateStep
from tracer.written.entries import settle
from tracer.written.names import pretty
from tracer.written.tree import Expr, Num, Sym, Word

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
    program = trace.program
    formulas = program.formulas()
    values: dict[str, Expr] = {}
    if flow:
        names = [*(leaf.name for leaf in program.leaves), *formulas]
        values = {n: settle(trace[f"{n}@{flow.epoch}"].put_in(flow.pen)) for n in names}
    sent: dict[tuple[str, str], list[Expr | None]] = {}
    for step in flow.steps if flow else ():
        if isinstance(step, BackwardStep):
            for c in step.contributions:
                product = settle(c.product.numbers()) if c.is_written else None
                sent.setdefault((c.to, c.through), []).append(product)
    nodes = [Node(leaf.name, None, leaf.role) for leaf in program.leaves]
    edges = []
    for equation in program.equations:
        name = equation.output
        value = None if name == program.root or program.uses(name) else values.get(name)
        nodes.append(Node(name, equation.applied(formulas[name]), "computed", value))
        for place, name in equation.depends_on():
            back = sent.get((name, equation.output))
            use = equation.inputs[:place].count(name)
            sent_back = back[use] if back else None
            edges.append(Edge(name, equation.output, values.get(name), sent_back))
    return Graph(tuple(nodes), tuple(edges), values.get(program.root))
