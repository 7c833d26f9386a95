"""Lesson and trace to blocks: how each step is told, in the words and lines of a worked example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tracer import ops
from tracer.document import Block, Document, Edge, Graph, Heading, Node, Note, Page, Prose, Table
from tracer.document import Tone, Working
from tracer.errors import LessonError, shape_text
from tracer.lesson import Block as LessonBlock
from tracer.lesson import Line
from tracer.lesson import Prose as LessonProse
from tracer.names import gradient, pretty
from tracer.notation import (
    Apply,
    Entry,
    Expr,
    Grid,
    Matrix,
    Num,
    Sym,
    Word,
    apply,
    entry,
    is_copy,
    settle,
    substitute,
    without_parts,
    working,
)
from tracer.program import Equation, Program
from tracer.quantity import Contribution, Hand, Quantity, given, work_out
from tracer.readings import Notation
from tracer.rounding import EXACT, Pen
from tracer.solution import Section, Solution
from tracer.text import text
from tracer.trace import BackwardStep, ForwardStep, GatherStep, Step, Trace, UpdateStep

MOST_NAMED_CHANGES = 3
MOST_PATHS = 60
PHASES = {"forward": "Forward", "backward": "Backward", "update": "Update"}
EMPTY = Word("")


def explain(solution: Solution) -> Document:
    """A lesson as a document, page by page.

    >>> from tracer.lesson import load
    >>> from tracer.solution import solve
    >>> explain(solve(load("or-batch"))).pages[0].title
    'The OR gate, a batch of four'
    """
    lesson = solution.lesson
    opening: list[Block] = [Heading(lesson.title, 1, lesson.source)]
    opening.append(Note("remark", pen_in_words(solution.pen)))
    pages = [Page(lesson.title, tuple(opening))]
    for section in solution.sections:
        item = section.item
        if isinstance(item, LessonProse):
            pages += _prose_pages(item.text)
        elif item.kind in ("network", "graph"):
            pages.append(_given_page(section, item))
        elif item.kind == "paths":
            pages.append(_paths_page(solution, section, item))
        elif item.kind in PHASES:
            pages += _phase_pages(section, item)
    pages = _joined(pages)
    changes = list(_changes_table([s.trace for s in solution.sections if s.trace]))
    if changes:
        title = "Where rounding changed a digit"
        pages.append(Page(title, (Heading(title), *changes)))
    return Document(lesson.title, tuple(pages))


def explain_trace(trace: Trace) -> Document:
    """A trace without a lesson, as a document: its graph, then each phase."""
    pages = [Page("The graph", (Heading("The graph"), *_given_blocks(trace), _graph(trace, 0)))]
    for epoch in range(trace.epoch + 1):
        steps = trace.steps(epoch)
        kinds = {
            "forward": [s for s in steps if isinstance(s, ForwardStep)],
            "backward": [s for s in steps if isinstance(s, BackwardStep | GatherStep)],
            "update": [s for s in steps if isinstance(s, UpdateStep)],
        }
        for kind, chosen in kinds.items():
            if chosen:
                block = LessonBlock(kind, 0)
                pen = next((q.pen for _, q in trace.quantities() if not q.given), EXACT)
                pages += _phase_pages(Section(block, trace, epoch, tuple(chosen), pen), block)
    return Document("A computational graph", tuple(pages))


def explain_quantity(quantity: Quantity, row: int | None = None, column: int | None = None) -> Page:
    """One quantity alone; with a row and a column (from 1), the calculation behind that entry."""
    if row is None or column is None:
        block: Block = _working(quantity, tone="plain") if quantity.formula else _as_given(quantity)
        return Page(pretty(quantity.name), (block,), (quantity.name,))
    single = quantity.entry(row, column)
    lines: list[Expr] = []
    if quantity.formula is not None and not is_copy(quantity.formula, ()):
        numbers, parts = _numbers(quantity), _parts(quantity)
        lines = [
            entry(line, row - 1, column - 1)
            for line in working(quantity.formula, numbers, parts, quantity.numbers())
            if not _mentions_symbols(line)
        ]
    lines = [*dict.fromkeys(lines), *([] if lines else [single.numbers()])]
    blocks: list[Block] = [Working(single.name, _settled(lines), tone="plain")]
    blocks += _change_notes([single])
    return Page(pretty(single.name), tuple(blocks), (single.name,))


def pen_in_words(pen: Pen) -> str:
    """What a pen does, in a sentence.

    >>> pen_in_words(Pen("carry", 3))
    'By hand: every result is written with 3 decimals, and the written number is used next.'
    """
    digits = "significant figures" if pen.significant else "decimals"
    how = f"{pen.places} {digits}{', cut off' if pen.truncate else ''}"
    if pen.mode == "carry":
        return f"By hand: every result is written with {how}, and the written number is used next."
    if pen.mode == "display":
        return f"Worked out in full precision; every result is shown with {how}."
    return "Exact: nothing is rounded."


# pages


def _prose_pages(text: str) -> Iterator[Page]:
    """Prose, a page for each of its sections."""
    current: list[str] = []
    fenced = False
    for line in text.split("\n"):
        fenced ^= line.startswith("```")
        if line.startswith("## ") and not fenced and any(part.strip() for part in current):
            yield _prose_page(current)
            current = []
        current.append(line)
    yield _prose_page(current)


def _prose_page(lines: list[str]) -> Page:
    text = "\n".join(lines).strip("\n")
    first = text.split("\n", 1)[0]
    title = first.removeprefix("## ") if first.startswith("## ") else ""
    return Page(title, (Prose(text),))


def _joined(pages: list[Page]) -> list[Page]:
    """The opening and the first prose make one page."""
    if len(pages) > 1 and isinstance(pages[1].blocks[0], Prose):
        first, second, *rest = pages
        return [replace(first, blocks=first.blocks + second.blocks), *rest]
    return pages


def _given_page(section: Section, block: LessonBlock) -> Page:
    assert section.trace is not None
    title = "What is given"
    blocks = [
        Heading(title, 3),
        *_given_blocks(section.trace, block.lines),
        _graph(section.trace, section.epoch, bare=True),
        *_remarks(block),
    ]
    leaves = tuple(leaf.name for leaf in section.trace.program.leaves)
    return Page(title, tuple(blocks), leaves)


def _given_blocks(trace: Trace, lines: Sequence[Line] = ()) -> Iterator[Block]:
    transposed = {line.name for line in lines if line.text.endswith("^T")}
    for leaf in trace.program.leaves:
        quantity = trace[leaf.name]
        if leaf.name in transposed:
            matrix = quantity.numbers()
            assert isinstance(matrix, Matrix)
            design = Matrix(matrix.values.T, matrix.digits)
            yield _as_given(quantity, design.T)
        else:
            yield _as_given(quantity)
    if trace.program.learning_rate is not None:
        yield _as_given(given("alpha", trace.program.learning_rate))


def _as_given(quantity: Quantity, *before: Expr) -> Working:
    lines = _settled([*before, quantity.numbers()])
    shapes = Word(_shape(quantity)) if quantity.shape else None
    return Working(quantity.name, lines, tone="forward", shapes=shapes)


def _phase_pages(section: Section, block: LessonBlock) -> Iterator[Page]:
    assert section.trace is not None
    told = _tellers(section)
    answer, caption = block.flag("answer"), block.settings.get("at", "")
    phase = PHASES[block.kind]
    again = f" (iteration {section.epoch + 1})" if section.epoch else ""
    for number, told_step in enumerate(told, 1):
        title = f"{phase} {number} of {len(told)}{again}: {told_step.title}"
        symbols = block.flag("symbols")
        blocks = [_with_symbols(b) if symbols else b for b in told_step.blocks]
        heading = Heading(title, 3, caption)
        notes = [*_change_notes(told_step.quantities), *_slip_notes(told_step.quantities)]
        shows = tuple(q.name for q in told_step.quantities)
        yield Page(title, (heading, *blocks, *notes), shows, answer)
    title = f"{phase}{again}, all together"
    table = _TABLES[block.kind](section)
    graph = [] if block.kind == "update" else [_graph(section.trace, section.epoch, block.kind)]
    notes = [*_display_note(section), *_misprint_notes(section, block), *_remarks(block)]
    blocks = (Heading(title, 3, caption), table, *graph, *notes)
    yield Page(title, blocks, answer=answer)


# steps


@dataclass(frozen=True)
class _Told:
    """One step in words and lines."""

    title: str
    blocks: tuple[Block, ...]
    quantities: tuple[Quantity, ...]


def _tellers(section: Section) -> list[_Told]:
    assert section.trace is not None
    program = section.trace.program
    return [_tell(step, program) for step in section.steps]


def _tell(step: Step, program: Program) -> _Told:
    match step:
        case ForwardStep(equation, value):
            block = _working(value, tone="forward", head=_head(equation, program))
            return _Told(pretty(equation.output), (block,), (value,))
        case BackwardStep():
            return _tell_backward(step, program)
        case GatherStep(total):
            names = ", ".join(pretty(c.through) for c in total.contributions)
            title = f"the sum at {pretty(_wrt(total))}"
            why = f"{pretty(_wrt(total))} is used by {names}: its gradient is the sum over all paths."
            return _Told(title, (Note("why", why), _working(total, tone="gradient")), (total,))
        case UpdateStep(old, _, _, new):
            primed = replace(new, name=f"{new.name}'")
            return _Told(pretty(old.name), (_working(primed, tone="forward"),), (primed,))


def _tell_backward(step: BackwardStep, program: Program) -> _Told:
    upstream = step.upstream
    blocks: list[Block] = [
        Working(upstream.name, _settled([upstream.numbers()]), "upstream", "gradient")
    ]
    quantities = []
    for contribution in step.contributions:
        local, product = contribution.local, contribution.product
        blocks.append(_working(local, "local"))
        blocks.append(_product(contribution))
        quantities += [local, product]
    if step.equation.op.convention:
        blocks.append(Note("why", f"Convention: {step.equation.op.convention}."))
    blocks += _kept_from(step, program)
    return _Told(f"through {_called(step.equation)}", tuple(blocks), tuple(quantities))


def _called(equation: Equation) -> str:
    """What a gradient passes through: the operation by its symbol, or the value it makes."""
    return pretty(equation.op.symbol or equation.output)


def _kept_from(step: BackwardStep, program: Program) -> Iterator[Note]:
    """Why no gradient goes to the data, and what the local gradient would have been."""
    if not step.kept_from:
        return
    output = step.equation.output
    symbols = [Sym(output), *_symbols(step.equation, step.upstream)]
    unused = []
    for name, slot in zip(step.equation.inputs, step.equation.op.slots, strict=True):
        if name in step.kept_from and step.equation.op.name.startswith(("linear", "weighted")):
            local = slot.local(Notation(), *symbols)
            unused.append((gradient(output, str(name)), local))
    names = " and ".join(pretty(name) for name in step.kept_from)
    would_be = ", ".join(f"{pretty(name)} would be {text(local)}" for name, local in unused)
    yield Note(
        "why",
        f"No gradient is sent to {names}: that is data, which training does not change."
        + (f" (The local gradient {would_be}.)" if unused else ""),
    )


def _symbols(equation: Equation, upstream: Quantity) -> list[Expr]:
    """The inputs of an equation as matrices or single numbers, as its output is."""
    shape = (1, 1) if upstream.shape else ()
    return [Sym(i, shape) if isinstance(i, str) else Num(str(i)) for i in equation.inputs]


# lines


def _head(equation: Equation, program: Program) -> Expr | None:
    if equation.op.symbol is None:
        return None
    return apply(equation.op.symbol, *(Sym(str(name)) for name in equation.inputs))


def _working(
    quantity: Quantity, label: str = "", tone: Tone = "plain", head: Expr | None = None
) -> Working:
    """The lines of a quantity: formula, numbers put in, what is worked out on the way, result."""
    assert quantity.formula is not None
    lines = working(quantity.formula, _numbers(quantity), _parts(quantity), quantity.numbers())
    every = [*([head] if head else []), *lines]
    return Working(quantity.name, _settled(every), label, tone, _shapes(quantity))


def _product(contribution: Contribution) -> Working:
    """Upstream and local joined: in words, in names where that says more, in numbers."""
    product, upstream, local = contribution.product, contribution.upstream, contribution.local
    assert product.formula is not None
    said = substitute(
        product.formula,
        {upstream.name: Word("upstream", upstream.shape), local.name: Word("local", local.shape)},
    )
    lines = list(
        working(product.formula, _numbers(product), _parts(product), product.numbers())
    )[1:]
    named: list[Expr] = []
    is_entrywise = isinstance(product.formula, Apply) and product.formula.op == "hadamard"
    if is_entrywise and len(lines) > 2:
        lines = lines[1:]
    elif product.shape and local.formula is not None and upstream.shape:
        named = [without_parts(substitute(product.formula, {local.name: local.formula}))]
    if upstream.name == gradient(contribution.through, contribution.through) and len(lines) > 2:
        lines = [lines[0], lines[-1]]
    tone: Tone = "gradient"
    return Working(
        product.name, _settled([said, *named, *lines]), "product", tone, _shapes(product)
    )


def _numbers(quantity: Quantity) -> dict[str, Expr]:
    """What is put in for each name: written numbers, or exact ones rounded where only shown."""
    put_in = {}
    for source in quantity.inputs:
        if quantity.pen.mode == "display" and not source.given:
            shown = replace(source, written=source.exact, pen=quantity.pen)
            put_in[source.name] = shown.numbers()
        else:
            put_in[source.name] = source.numbers()
    return put_in


def _parts(quantity: Quantity) -> dict[str, Expr]:
    return {part.name.removeprefix(f"{quantity.name}.").split(".")[-1]: part.numbers() for part in quantity.parts}


def _settled(lines: Iterable[Expr]) -> tuple[Expr, ...]:
    return tuple(settle(line) for line in lines)


def _shapes(quantity: Quantity) -> Expr | None:
    """The shapes that meet in a matrix product."""
    formula = quantity.formula
    if formula is None or not quantity.shape or not _has_dot(formula):
        return None
    words: dict[str, Expr] = {q.name: Word(_shape(q), q.shape) for q in quantity.inputs}
    left = substitute(without_parts(formula), words)
    return Apply("=", (left, Word(_shape(quantity))), ())


def _has_dot(expr: Expr) -> bool:
    return isinstance(expr, Apply) and (expr.op == "dot" or any(map(_has_dot, expr.args)))


def _shape(quantity: Quantity) -> str:
    return shape_text(quantity.shape).replace(" x ", " × ")


def _mentions_symbols(expr: Expr) -> bool:
    if isinstance(expr, Apply):
        return any(map(_mentions_symbols, expr.args))
    return isinstance(expr, Sym)


def _with_symbols(block: Block) -> Block:
    """The result's entries named above their numbers; for several rows, in a matrix of their own."""
    if not isinstance(block, Working) or block.label in ("upstream", "local"):
        return block
    grid = block.lines[-1]
    if not isinstance(grid, Grid) or grid.elided or grid.shape == (1, 1):
        return block
    rows, columns = grid.shape
    symbols = tuple(
        tuple(Entry(block.name, i, j, grid.shape) for j in range(1, columns + 1))
        for i in range(1, rows + 1)
    )
    if rows == 1:
        return replace(block, lines=(*block.lines[:-1], replace(grid, symbols=symbols)))
    return replace(block, lines=(*block.lines[:-1], Grid(symbols, grid.shape), grid))


# notes


def _change_notes(quantities: Iterable[Quantity]) -> Iterator[Note]:
    changes = [change for quantity in quantities for change in _changed(quantity)]
    for name, written, rounded, exact in changes[:MOST_NAMED_CHANGES]:
        yield Note(
            "rounding",
            f"{name} is {written} as written by hand; exactly it is {rounded} ({exact}).",
        )
    if len(changes) > MOST_NAMED_CHANGES:
        more = len(changes) - MOST_NAMED_CHANGES
        yield Note("rounding", f"{more} more entries of this step differ in their last digit.")


def _changed(quantity: Quantity) -> Iterator[tuple[str, str, str, str]]:
    """Name, written, exact as rounded, and exact with more digits, where the first two differ."""
    more = replace(quantity.pen, places=min(quantity.pen.places + 3, 12), mode="display")
    for i, j in quantity.changed():
        one = quantity.entry(i + 1, j + 1) if quantity.shape else quantity
        exact = float(one.exact)
        yield (
            pretty(one.name),
            one.digits(float(one.written)),
            one.pen.text(exact),
            more.text(exact),
        )


def _slip_notes(quantities: Iterable[Quantity]) -> Iterator[Note]:
    for quantity in quantities:
        if quantity.slip:
            yield Note("slip", f"{pretty(quantity.name)} as its author wrote it: {quantity.slip}.")


def _display_note(section: Section) -> Iterator[Note]:
    if section.pen is not None and section.pen.mode == "display":
        yield Note(
            "why",
            "These results were worked out in full precision and rounded only to be shown, so the "
            "rounded numbers of a line can lead to another last digit than its result.",
        )


def _misprint_notes(section: Section, block: LessonBlock) -> Iterator[Note]:
    for line in block.lines:
        quantity = section.find(line.name)
        if line.misprint:
            written = " ".join(str(text(settle(quantity.numbers()))).split())
            yield Note(
                "misprint",
                f"{pretty(line.name)} is printed as {line.text}; worked out it is {written}: "
                f"{line.misprint}.",
            )
        elif line.remark and not line.dictated:
            yield Note("remark", f"{pretty(line.name)}: {line.remark}.")


def _remarks(block: LessonBlock) -> Iterator[Note]:
    for remark in block.remarks:
        yield Note("remark", remark)
    if block.kind in ("network", "graph"):
        for line in block.lines:
            if line.remark:
                yield Note("remark", f"{pretty(line.name)}: {line.remark}")


# tables and graphs


def _changes_table(traces: Sequence[Trace]) -> Iterator[Table]:
    rows = []
    seen: set[int] = set()
    for trace in dict.fromkeys(traces):
        for epoch, quantity in trace.quantities():
            if id(quantity) in seen or any(q is quantity for q in ()):
                continue
            seen.add(id(quantity))
            for name, written, rounded, exact in _changed(quantity):
                place = f"{name}, iteration {epoch + 1}" if trace.epoch else name
                rows.append((Word(place), Num(written), Num(rounded), Num(exact)))
    rows = list(dict.fromkeys(rows))
    if rows:
        columns = ("quantity", "by hand", "exact, rounded", "exact")
        yield Table("", columns, tuple(rows), ("plain", "forward", "forward", "plain"))


def _formula(equation: Equation, value: Quantity, program: Program) -> Expr:
    head = _head(equation, program)
    assert value.formula is not None
    return head or without_parts(value.formula)


def _forward_table(section: Section) -> Table:
    assert section.trace is not None
    rows = []
    for step in section.steps:
        assert isinstance(step, ForwardStep)
        formula = _formula(step.equation, step.value, section.trace.program)
        rows.append((Sym(step.value.name), formula, settle(step.value.numbers())))
    return Table("", ("node", "formula", "value"), tuple(rows), ("plain", "plain", "forward"))


def _backward_table(section: Section) -> Table:
    rows: list[tuple[Expr, ...]] = []
    for step in section.steps:
        if isinstance(step, BackwardStep):
            for c in step.contributions:
                shown = (settle(q.numbers()) for q in (c.upstream, c.local, c.product))
                rows.append((Word(f"{pretty(c.through)} → {pretty(c.to)}"), *shown))
        elif isinstance(step, GatherStep):
            total = step.gradient
            rows.append((Word(f"{pretty(_wrt(total))}, sum"), EMPTY, EMPTY, settle(total.numbers())))
    columns = ("node", "upstream", "local gradient", "product")
    return Table("", columns, tuple(rows), ("plain", "gradient", "plain", "gradient"))


def _update_table(section: Section) -> Table:
    rows = []
    for step in section.steps:
        assert isinstance(step, UpdateStep)
        moved = step.new.parts[0]
        shown = (settle(q.numbers()) for q in (step.old, step.gradient, moved, step.new))
        rows.append((Sym(step.old.name), *shown))
    columns = ("parameter", "old", "gradient", "step", "new")
    tones: tuple[Tone, ...] = ("plain", "forward", "gradient", "gradient", "forward")
    return Table("", columns, tuple(rows), tones)


_TABLES = {"forward": _forward_table, "backward": _backward_table, "update": _update_table}


def _wrt(quantity: Quantity) -> str:
    """What a gradient is taken with respect to."""
    return quantity.contributions[0].to


def _graph(trace: Trace, epoch: int, kind: str = "backward", bare: bool = False) -> Graph:
    """The graph of a program; after a phase, with what that phase put on its edges."""
    program = trace.program
    products: dict[tuple[str, str], list[Quantity]] = {}
    values: dict[str, Quantity] = {}
    formulas: dict[str, Expr] = {}
    for step in () if bare else trace.steps(epoch):
        if isinstance(step, ForwardStep):
            values[step.value.name] = step.value
            formulas[step.value.name] = _formula(step.equation, step.value, program)
        elif isinstance(step, BackwardStep) and kind == "backward":
            for c in step.contributions:
                products.setdefault((c.to, c.through), []).append(c.product)
    if not bare:
        for leaf in program.leaves:
            values[leaf.name] = trace[f"{leaf.name}@{epoch}"]
    nodes = [Node(leaf.name, None, leaf.role) for leaf in program.leaves]
    edges = []
    for equation in program.equations:
        formula = formulas.get(equation.output) or _unworked(equation, trace)
        nodes.append(Node(equation.output, formula, "computed"))
        for place, name in enumerate(equation.inputs):
            if isinstance(name, str):
                sent = products.get((name, equation.output), [])
                back = sent[equation.inputs[:place].count(name)] if sent else None
                edges.append(
                    Edge(
                        name,
                        equation.output,
                        settle(values[name].numbers()) if name in values else None,
                        settle(back.numbers()) if back else None,
                    )
                )
    last = values.get(program.root)
    return Graph(tuple(nodes), tuple(edges), settle(last.numbers()) if last else None)


def _unworked(equation: Equation, trace: Trace) -> Expr:
    """The formula of an equation before its numbers are known."""
    if equation.op.symbol:
        return apply(equation.op.symbol, *(Sym(str(name)) for name in equation.inputs))
    is_matrix = any(trace[leaf.name].shape for leaf in trace.program.leaves)
    shape = (1, 1) if is_matrix else ()
    symbols = [Sym(i, shape) if isinstance(i, str) else Num(f"{i:g}") for i in equation.inputs]
    formula = equation.op.value(Notation(), *symbols)
    return without_parts(formula)


# paths


def _paths_page(solution: Solution, section: Section, block: LessonBlock) -> Page:
    trace = section.trace
    assert trace is not None
    where = solution.lesson.where(block.line)
    target = block.settings.get("to")
    if target is None or target not in trace.program.names:
        raise LessonError(f"no value {target!r} to find paths to, expected ':to: b'", where)
    steps = [s for s in trace.steps(section.epoch) if isinstance(s, BackwardStep)]
    if not steps:
        raise LessonError("there are no gradients yet, expected a {backward} block before", where)
    root = steps[0].equation.output
    if any(c.local.shape for step in steps for c in step.contributions):
        raise LessonError("paths are shown for single numbers, not for matrices", where)
    hand = Hand(section.pen or EXACT)
    found: list[Quantity] = []
    blocks: list[Block] = [Heading(f"All paths to {target}", 3, block.settings.get("at", ""))]
    for path in _paths(steps, root, target, where):
        locals_ = [c.local for c in path]
        through = path[-1].through
        again = sum(q.name.split("#")[0].endswith(f" through {through}") for q in found)
        name = f"{gradient(root, target)} through {through}" + (f"#{again + 1}" * bool(again))
        quantity = work_out(name, _multiplied, locals_, hand)
        found.append(quantity)
        label = " ← ".join([pretty(target), *(pretty(c.through) for c in reversed(path))])
        blocks.append(_working(quantity, label, "gradient"))
    if not found:
        raise LessonError(f"no path leads from {root} to {target}", where)
    total = work_out(gradient(root, target), ops.total, found, hand)
    blocks.append(_working(total, "sum", "gradient"))
    title = f"All paths to {target}"
    return Page(title, tuple(blocks), (total.name,), block.flag("answer"))


def _multiplied(m: Notation, *factors: Expr) -> Expr:
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    return product


def _paths(
    steps: Sequence[BackwardStep], root: str, target: str, where: str
) -> list[list[Contribution]]:
    """Every way from the root to the target, as the contributions along it."""
    sent: dict[str, list[Contribution]] = {}
    for step in steps:
        sent[step.equation.output] = list(step.contributions)
    finished: list[list[Contribution]] = []
    waiting: list[tuple[str, list[Contribution]]] = [(root, [])]
    while waiting:
        at, path = waiting.pop()
        if at == target and path:
            finished.append(path)
            continue
        waiting += [(c.to, [*path, c]) for c in sent.get(at, [])]
        if len(finished) + len(waiting) > 20 * MOST_PATHS or len(finished) > MOST_PATHS:
            raise LessonError(f"more than {MOST_PATHS} paths lead to {target}, expected fewer", where)
    order = {id(c): k for k, c in enumerate(c for step in reversed(steps) for c in step.contributions)}
    return sorted(finished, key=lambda path: order[id(path[-1])])
