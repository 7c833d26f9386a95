"""What a source decides differently, declared at the top of a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tracer.numbers.rounding import plain
from tracer.ops import CLIP
from tracer.page.document import Table
from tracer.trace.conventions import BIASES, USUAL, Conventions
from tracer.trace.program import Program
from tracer.written.names import gradient, parse_name, pretty
from tracer.written.tree import Apply, Expr, Sym, Word

MATRIX, GRAPH = "matrix", "graph"
ROOTS = {"matrix": "the cost", "scalar": "the loss", "graph": "at the end"}
USUAL_UPDATE = "gradient descent"


def conventions_table(program: Program) -> Table:
    """The conventions of a program, as its source writes it, one a row; none of a plain graph."""
    usual = program.view == GRAPH and program.conventions == USUAL
    usual = usual and program.update.name == USUAL_UPDATE and not _for_data(program)
    rows = () if usual else tuple(_rows(program))
    return Table("", ("convention", "here"), rows, ("plain", "plain"))


def _rows(program: Program) -> Iterator[tuple[Expr, Expr]]:
    conventions = program.conventions
    formulas = program.formulas()
    if program.no_cost:
        yield _row(ROOTS[program.view], Word("there is none: the network only goes forward"))
    else:
        for name, said in _minimised(program):
            yield _row(said, _equals(name, formulas[name]))
    for equation in program.equations:
        if equation.op is CLIP:
            yield _row("clip", _equals(equation.output, formulas[equation.output]))
    if program.view == MATRIX:
        yield from _layout(program, conventions, formulas)
    if program.view != GRAPH:
        yield from _biases(program, conventions)
    if not program.no_cost:
        yield _row("gradients", Word(_sign(conventions)))
    if _for_data(program):
        yield _row("data", Word(_for_data(program)))
    if program.learning_rate is not None:
        yield _row("update", Word(_update(program)))
    if conventions.names:
        bare = replace(conventions, names={})
        called = (
            f"{_minus(program, ours)}{pretty(bare.theirs(ours))} is {pretty(theirs)}"
            for theirs, ours in conventions.names.items()
        )
        yield _row("names", Word(", ".join(called)))


def _minus(program: Program, ours: str) -> str:
    """The sign that a source's own name of a gradient has in it."""
    root = str(program.conventions.ours(parse_name(program.root)))
    signed = program.conventions.descent and parse_name(ours).of in (root, "L")
    return "-" if signed else ""


def _minimised(program: Program) -> Iterator[tuple[str, str]]:
    """What is minimised, and with a penalty what it is made of."""
    if program.penalty:
        loss, penalty = program.penalty
        yield from [(loss, "the loss"), (penalty, "the penalty")]
    yield program.root, ROOTS[program.view]
    for name in program.beside:
        yield name, f"beside {ROOTS[program.view]}"


def _layout(
    program: Program, conventions: Conventions, formulas: dict[str, Expr]
) -> Iterator[tuple[Expr, Expr]]:
    yield _row("examples", Word(f"one a {'row' if conventions.rows else 'column'}"))
    linear = program.equations[0]
    order = "(in × out)" if conventions.weights_in_out else "(out × in)"
    first = str(linear.inputs[0])
    yield _row(f"weights {order}", _equals(linear.output, formulas[linear.output]))
    if conventions.averaged_later:
        place = pretty(gradient(program.root, first))
        said = f"taken where a parameter's gradient is: in {place}, not before"
        yield _row("mean over examples", Word(said))


def _biases(program: Program, conventions: Conventions) -> Iterator[tuple[Expr, Expr]]:
    linear = [e for e in program.equations if e.op.weighs]
    without = [e.output for e in linear if len(e.inputs) % 2 == 0]
    if conventions.folded is None and len(without) == len(linear) and conventions.biases != "none":
        return
    places = ("before", "behind") if conventions.rows else ("above", "below")
    said = BIASES[conventions.biases].format(
        W=", ".join(pretty(str(e.inputs[0])) for e in linear), before=places[0], behind=places[1]
    )
    if without and conventions.folded is None and conventions.biases != "none":
        said += f"; {', '.join(map(pretty, without))} without"
    yield _row("biases", Word(said))


def _sign(conventions: Conventions) -> str:
    if conventions.descent:
        return "written as the direction of the descent; a step goes along them"
    return "derivatives; a step goes against them"


def _for_data(program: Program) -> str:
    """That data gets gradients, and what they mean; nothing where it gets none."""
    names = [pretty(leaf.name) for leaf in program.leaves if leaf.role == "value"]
    if not names:
        return ""
    said = f"gradients are sent to {', '.join(names)} as well; no step moves them"
    if program.features:
        said += "; a row that a feature adds is taken for data of its own"
    return said


def _update(program: Program) -> str:
    constants = [
        f"{pretty(name)} = {plain(value)}" for name, value in program.update.constants.items()
    ]
    said = ", ".join([program.update.name, *constants])
    if program.conventions.sequential:
        return f"{said}; each layer at once, before the gradient goes on through it"
    return f"{said}; after all gradients are there"


def _equals(name: str, formula: Expr) -> Expr:
    return Apply("=", (Sym(name), formula), ())


def _row(what: str, here: Expr) -> tuple[Expr, Expr]:
    return Word(what), here
