"""What a phase comes to: one table, and the graph with what flows along its edges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracer.document import Edge, Graph, Node, Table, Tone, uses
from tracer.explain.lines import put_in
from tracer.explain.notes import changed
from tracer.names import pretty
from tracer.notation import Expr, Num, Sym, Word, settle
from tracer.rounding import EXACT, Pen
from tracer.solution import Section
from tracer.trace import BackwardStep, ForwardStep, GatherStep, Trace, UpdateStep

EMPTY = Word("")


def changes_table(traces: Sequence[Trace]) -> Iterator[Table]:
    """Every quantity whose written digits are not those of its exact value, if there are any."""
    rows: dict[tuple[Expr, ...], None] = {}
    several = list(dict.fromkeys(traces))
    for number, trace in enumerate(several, 1):
        which = f", example {number}" if len(several) > 1 else ""
        for epoch, quantity in trace.quantities():
            for name, written, rounded, exact in changed(quantity):
                again = any(trace.steps(later) for later in range(1, trace.epoch + 1))
                place = name + which + (f", iteration {epoch + 1}" if again else "")
                rows[Word(place), Num(written), Num(rounded), Num(exact)] = None
    if rows:
        columns = ("quantity", "by hand", "exact, rounded", "exact")
        yield Table("", columns, tuple(rows), ("plain", "forward", "forward", "plain"))


def _forward_table(section: Section) -> Table:
    formulas = section.seen.program.formulas()
    rows = []
    for step in section.told:
        assert isinstance(step, ForwardStep)
        formula = step.equation.applied(formulas[step.value.name])
        rows.append((Sym(step.value.name), formula, settle(step.value.numbers())))
    return Table("", ("node", "formula", "value"), tuple(rows), ("plain", "plain", "forward"))


def _backward_table(section: Section) -> Table:
    rows: list[tuple[Expr, ...]] = []
    for step in section.told:
        if isinstance(step, BackwardStep):
            which = uses([(c.to, c.through) for c in step.contributions])
            for c, use in zip(step.contributions, which, strict=True):
                shown = (settle(q.numbers()) for q in (c.upstream, c.local, c.product))
                said = f"{pretty(c.through)} → {pretty(c.to)}" + (f", {use}" if use else "")
                rows.append((Word(said), *shown))
        elif isinstance(step, GatherStep):
            total = step.gradient
            rows.append(
                (
                    Word(f"{pretty(total.contributions[0].to)}, sum"),
                    EMPTY,
                    EMPTY,
                    settle(total.numbers()),
                )
            )
    columns = ("node", "upstream", "local gradient", "product")
    return Table("", columns, tuple(rows), ("plain", "gradient", "plain", "gradient"))


def _update_table(section: Section) -> Table:
    rows = []
    for step in section.told:
        assert isinstance(step, UpdateStep)
        moved = step.new.parts[0] if step.new.parts else step.before[-1]
        shown = (settle(q.numbers()) for q in (step.old, step.gradient, moved, step.new))
        rows.append((Sym(step.old.name), *shown))
    columns = ("parameter", "old", "gradient", "step", "new")
    tones: tuple[Tone, ...] = ("plain", "forward", "gradient", "gradient", "forward")
    return Table("", columns, tuple(rows), tones)


TABLES = {"forward": _forward_table, "backward": _backward_table, "update": _update_table}


def graph_of(trace: Trace, epoch: int, after: str = "", pen: Pen = EXACT) -> Graph:
    """The graph of a program: bare, or after `forward` or `backward` with what is on its edges."""
    program = trace.program
    formulas = program.formulas()
    values: dict[str, Expr] = {}
    if after:
        names = [*(leaf.name for leaf in program.leaves), *formulas]
        values = {name: settle(put_in(trace[f"{name}@{epoch}"], pen)) for name in names}
    sent: dict[tuple[str, str], list[Expr]] = {}
    for step in trace.steps(epoch) if after == "backward" else ():
        if isinstance(step, BackwardStep):
            for c in step.contributions:
                sent.setdefault((c.to, c.through), []).append(settle(c.product.numbers()))
    nodes = [Node(leaf.name, None, leaf.role) for leaf in program.leaves]
    edges = []
    for equation in program.equations:
        nodes.append(Node(equation.output, equation.applied(formulas[equation.output]), "computed"))
        for place, name in enumerate(equation.inputs):
            if isinstance(name, str):
                back = sent.get((name, equation.output))
                use = equation.inputs[:place].count(name)
                sent_back = back[use] if back else None
                edges.append(Edge(name, equation.output, values.get(name), sent_back))
    return Graph(tuple(nodes), tuple(edges), values.get(program.root))
