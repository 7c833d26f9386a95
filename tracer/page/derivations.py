"""Derivations, and dimension analysis as a calculation, as blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import permutations, product

from tracer.derive import Derivation, derive, derive_stepwise, read_steps
from tracer.derive.catalogue import story
from tracer.errors import LessonError, TracerError, shape_text
from tracer.lesson.reading import Block as LessonBlock
from tracer.lesson.reading import Lesson
from tracer.lesson.solution import Section
from tracer.page import document
from tracer.page.document import Block, Heading, Note, Page, Prose, Table
from tracer.page.euler import symbols, unmistakable
from tracer.trace.program import Program
from tracer.trace.quantity import Quantity
from tracer.written.names import pretty
from tracer.written.text import text
from tracer.written.tree import Expr, Sym, Word

MOST_MATRICES = 10
"Of which a product is sought."


def derive_page(lesson: Lesson, block: LessonBlock) -> Page:
    """The derivation that a block names, or that of the formula in it.

    Raises LessonError for a name or a formula that cannot be used.
    """
    settings = block.settings
    if bool(block.lines) == ("of" in settings):
        raise LessonError(
            "{derive} takes either a name, as in ':of: sigmoid', or an equation 'a = formula'",
            lesson.where(block.line),
        )
    if "of" in settings and "wrt" in settings:
        raise LessonError(
            "wrt goes with an equation, and ':of:' names a derivation",
            lesson.where(block.setting_lines["wrt"]),
        )
    title = f"Derivation: {settings.get('of') or pretty(block.lines[0].name)}"
    try:
        blocks: list[Block] = [Heading(title, 3, settings.get("at", ""))]
        for line in block.lines:
            blocks += derivation_blocks(line.name, line.text, settings.get("wrt", "z"))
        if not block.lines:
            blocks += derivation_blocks(settings["of"])
    except TracerError as error:
        raise error.at(lesson.where(block.line)) from None
    return Page(title, tuple(blocks), answer=block.flag("answer"))


def own_formulas(program: Program) -> Iterator[Page]:
    """The derivation of each activation and loss that was typed as an expression."""
    typed = dict.fromkeys(equation.op for equation in program.equations if equation.op.formula)
    for op in {op.formula: op for op in typed}.values():
        called = {name: _called(program, name, op.formula) for name in ("y", "yhat")}
        of, wrt = ("a", "z") if len(op.slots) == 1 else ("L", "yhat")
        formula = _renamed(op.formula, called)
        title = f"The local gradient of {formula}"
        letters = ("z",) if wrt == "z" else tuple(called.values())
        found = derive_stepwise(read_steps(formula, letters), called.get(wrt, wrt), of)
        yield Page(title, (Heading(title, 3), *map(as_block, found)))


def _renamed(formula: str, called: Mapping[str, str]) -> str:
    return re.sub(r"\b(yhat|y)\b", lambda found: called[found[0]], formula)


def _called(program: Program, name: str, formula: str) -> str:
    """What the source calls an output or a label, where that can stand in a formula."""
    theirs = program.conventions.theirs(name.capitalize())
    free = theirs.isidentifier() and theirs not in re.findall(r"\w+", formula)
    return theirs if free and theirs != name.capitalize() else name


def derivation_blocks(of: str, formula: str = "", wrt: str = "z") -> Iterator[Block]:
    """A derivation by its name, or that of a formula."""
    for part in (derive(formula, wrt, of),) if formula else story(of):
        yield Prose(part) if isinstance(part, str) else as_block(part)


def as_block(derivation: Derivation) -> document.Derivation:
    """A derivation as a block of a document."""
    lines = tuple(
        document.DerivationLine(line.expr, line.rule, line.proved) for line in derivation.lines
    )
    block = document.Derivation(derivation.left, lines)
    return unmistakable(block, symbols(block))


def shapes_page(lesson: Lesson, section: Section, block: LessonBlock) -> Page:
    """Dimension analysis: which product of two matrices has the shape that a gradient must have.

    Raises LessonError where a name is missing or stands for a single number.
    """
    where = lesson.where(block.line)
    if not {"target", "from"} <= set(block.settings):
        raise LessonError("expected ':target: dCost/dW' and ':from: dCost/dZ, X, W'", where)
    wanted = block.settings["from"].split(",")
    if len(wanted) > MOST_MATRICES:
        said = f"from has {len(wanted)} matrices, expected at most {MOST_MATRICES}; take fewer"
        raise LessonError(said, lesson.where(block.setting_lines["from"]))
    try:
        target = section.find(block.settings["target"])
        sources = [section.find(name.strip()) for name in wanted]
    except TracerError as error:
        raise error.at(where) from None
    single = next((q.name for q in (target, *sources) if not q.shape), None)
    if single:
        raise LessonError(f"{single} is a single number, expected matrices", where)
    possible = list(_products(sources))
    rows = tuple(
        (product, Word(shapes), Word(_said(shape, target.shape)))
        for product, shapes, shape in possible
    )
    fitting = [text(product) for product, _, shape in possible if shape == target.shape]
    tried = 4 * len(sources) * (len(sources) - 1)
    title = f"Which product has the shape of {pretty(target.name)}?"
    found = " or ".join(fitting) or "none of them"
    blocks: tuple[Block, ...] = (
        Heading(title, 3, block.settings.get("at", "")),
        Note("Note", f"{pretty(target.name)} must be {_shape(target.shape)}."),
        Table("", ("product", "shapes", "result"), rows, ("plain", "plain", "plain")),
        Note(
            "Note",
            f"Of {tried} ways to multiply two of these matrices or their transposes, "
            f"{len(possible)} are possible at all. The one that fits: {found}.",
        ),
        *_tensor(section, target),
    )
    return Page(title, blocks, epoch=section.epoch, answer=block.flag("answer"))


def _products(sources: list[Quantity]) -> Iterator[tuple[Expr, str, tuple[int, ...]]]:
    """Every product of two of the matrices, transposed or not, that exists, with its shape."""
    for a, b in permutations(sources, 2):
        for left, right in product(_ways(a), _ways(b)):
            if left.shape[1] == right.shape[0]:
                made = left @ right
                yield made, f"{_shape(left.shape)} · {_shape(right.shape)}", made.shape


def _ways(quantity: Quantity) -> tuple[Expr, Expr]:
    plain = Sym(quantity.name, quantity.shape)
    return plain, plain.T


def _said(shape: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    return f"{_shape(shape)}{', fits' if shape == wanted else ''}"


def _shape(shape: tuple[int, ...]) -> str:
    return shape_text(shape).replace(" x ", " × ")


def _tensor(section: Section, target: Quantity) -> Iterator[Note]:
    """Why nobody takes the derivative of the whole matrix at once."""
    if not target.contributions:
        return
    use = target.contributions[0]
    made = section.find(use.through)
    if made.shape and made.shape[1] > 1:
        rows, columns = target.shape
        sides = (made.shape[1], *((made.shape[0],) if made.shape[0] > 1 else ()), rows, columns)
        size = " × ".join(map(str, sides))
        yield Note(
            "Note",
            f"The derivative of every entry of {pretty(use.through)} with respect to every entry "
            f"of {pretty(use.to)} would be a ({size}) tensor. It is never needed as a whole.",
        )
