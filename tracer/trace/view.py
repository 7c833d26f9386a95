"""A trace as its source writes it: in its names, its layout and its signs.

Every line is turned as a whole. Where the source has examples in rows, Z = W X + b is shown as
Z = X W^T + b, because each matrix on the page is the transpose of the one inside; and a gradient
that is written as a descent has its minus taken into the line.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from typing import Any

from tracer.errors import NotOnPage, UnknownName
from tracer.numbers.values import Value
from tracer.trace.book import Book
from tracer.trace.conventions import Conventions
from tracer.trace.program import Equation, Leaf, Program
from tracer.trace.quantity import Contribution, Laid, Quantity
from tracer.trace.steps import BackwardStep, ForwardStep, GatherStep, Step, UpdateStep
from tracer.trace.tape import Tape
from tracer.written.habits import name_meant
from tracer.written.names import Chosen, Name, parse_name
from tracer.written.tree import Apply, Expr, Num, Part, Shape, Sym


class View(Book):
    """What was written for a program, read as its source would have written it.

    >>> from tracer import net
    >>> from tracer.trace.tape import Tape
    >>> program = net("1 identity", X=[[1, 2]], Y=[[3]], W=[[0.5], [1]],
    ...               settings={"examples": "rows", "weights": "(in, out)"})
    >>> trace = Tape(program)
    >>> _ = trace.forward()
    >>> View(trace)["W"].written.shape, trace["W"].written.shape
    ((2, 1), (1, 2))
    """

    def __init__(self, tape: Tape) -> None:
        self.own = tape
        self.conventions = tape.program.conventions
        self.turn = Turn(self.conventions, tape.program)
        self._seen: dict[int, tuple[Quantity, Quantity]] = {}

    @property
    def program(self) -> Program:
        """The program with the source's names and matrices, to be shown rather than run."""
        return self.turn.program

    @property
    def epoch(self) -> int:
        """The iteration that is open."""
        return self.own.epoch

    def find(self, name: Name, epoch: int = 0) -> Quantity:
        """The quantity of a name, the source's or ours, as the source writes it."""
        entry, ours = name.entry, self._ours(name)
        if name.minus and not self.conventions.descent:
            raise UnknownName(f"{name} is written only with ':delta: descent'")
        try:
            whole = self.own.find(replace(ours, entry=None, part=None, minus=False), epoch)
        except NotOnPage:
            raise self._missing(name) from None
        seen = self.quantity(whole)
        if self.turn.sign(whole.name) != self._sign_of(name, whole.name):
            seen = self._shown(whole, 1)  # asked for as a gradient, and that is what it is
        if name.part:
            self.own.find(replace(ours, entry=None, minus=False), epoch)
            seen = next(p for p in seen.parts if p.label == name.part)
        return seen.entry(*entry) if entry else seen

    def _ours(self, name: Name) -> Name:
        """A name as it stands inside."""
        ours, penalty = self.conventions.ours(name), self.own.program.penalty
        if penalty and ours.local and self.conventions.is_of_one(ours):
            return replace(ours, of=penalty[0])  # the loss of one example stands in E, not in Cost
        return ours

    def _sign_of(self, name: Name, ours: str) -> int:
        """-1 for a name that means the direction of the descent: the source's own, or -dCost/dW."""
        meant = name.minus or self.conventions.is_theirs(name)
        return self.turn.sign(ours) if meant else 1

    def _missing(self, name: Name) -> NotOnPage:
        """The fault in the source's names."""
        known = dict.fromkeys(self.turn.name(q.name) for _, q in self.own.quantities() if q.name)
        way_out = self.own.missing(self._ours(name)) or name_meant(
            name, known, self.turn.name(self.own.program.root)
        )
        return NotOnPage(f"{name} is not on this page; {way_out}")

    def canonical(self, name: Name) -> str:
        """The name under which a quantity is kept inside."""
        return self.own.canonical(self._ours(name))

    def inside(self, name: Name, value: Value) -> tuple[Value, Chosen | None, bool]:
        """A value that the source writes, and its entry, as they stand inside; and if turned."""
        if name.part:
            return super().inside(name, value)
        ours = str(self.conventions.ours(replace(name, entry=None, minus=False)))
        way = Laid(self.turn.flipped(ours), self._sign_of(name, ours))
        return way.turn(value), way.at(name.entry), way.flip

    def ways(self, name: str, formula: Expr) -> Mapping[str, Laid]:
        """How the source has what stands in the line of a quantity, by its label."""
        laid = dict[str, Laid]()
        self.turn.line(formula, self.turn.flipped(name), self.turn.sign(name), laid)
        return laid

    def steps(self, epoch: int = 0) -> tuple[Step, ...]:
        """The steps of one iteration, in the order in which they were written."""
        return self.told(self.own.steps(epoch))

    def told(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """Some steps as the source writes them."""
        return tuple(map(self._turned_step, steps))

    def quantities(self) -> Iterator[tuple[int, Quantity]]:
        """Every quantity with its epoch."""
        for epoch, quantity in self.own.quantities():
            yield epoch, self.quantity(quantity)

    def quantity(self, own: Quantity) -> Quantity:
        """One quantity as the source writes it."""
        if id(own) not in self._seen:
            # the original is kept with it, so that its id is not given to another
            self._seen[id(own)] = own, self._shown(own)
        return self._seen[id(own)][1]

    def _shown(self, own: Quantity, sign: int | None = None) -> Quantity:
        if not own.name:
            return own
        turn = self.turn
        flip, sign = turn.flipped(own.name), sign or turn.sign(own.name)
        formula, laid = own.formula, dict[str, Laid]()
        if formula is not None:
            formula = turn.line(formula, flip, sign, laid)
        return replace(
            own,
            name=turn.name(own.name).lstrip("-") if sign > 0 else turn.name(own.name),
            **_laid(own, Laid(flip, sign)),
            formula=formula,
            inputs=tuple(map(self.quantity, own.inputs)),
            parts=tuple(self._part(own.name, part, laid) for part in own.parts),
            contributions=tuple(map(self._contribution, own.contributions)),
        )

    def _part(self, whole: str, part: Quantity, laid: dict[str, Laid]) -> Quantity:
        label = part.label
        way = laid.get(label, Laid())
        return replace(
            part,
            name=f"{self.turn.name(whole)}.{label}",
            **_laid(part, way),
        )

    def _contribution(self, own: Contribution) -> Contribution:
        return replace(
            own,
            through=self.turn.name(own.through),
            to=self.turn.name(own.to),
            upstream=self.quantity(own.upstream),
            local=self.quantity(own.local),
            product=self.quantity(own.product),
        )

    def _turned_step(self, step: Step) -> Step:
        match step:
            case ForwardStep(equation, value):
                return ForwardStep(self.turn.equation(equation), self.quantity(value))
            case BackwardStep(equation, upstream, contributions, kept, updates, sums):
                return BackwardStep(
                    self.turn.equation(equation),
                    self.quantity(upstream),
                    tuple(map(self._contribution, contributions)),
                    tuple(map(self.turn.name, kept)),
                    tuple(map(self._update, updates)),
                    tuple(map(self.quantity, sums)),
                )
            case GatherStep(gradient):
                return GatherStep(self.quantity(gradient))
            case UpdateStep():
                return self._update(step)

    def _update(self, step: UpdateStep) -> UpdateStep:
        old, gradient, new = map(self.quantity, (step.old, step.gradient, step.new))
        rate, before = self.quantity(step.rate), tuple(map(self.quantity, step.before))
        return UpdateStep(old, gradient, rate, new, before)


def view_of(tape: Tape) -> Book:
    """What was written, as its source writes it; as it is where nothing is written otherwise."""
    return tape if tape.program.conventions.is_usual else View(tape)


class Turn:
    """Names, lines and equations of a program, turned to a source's conventions."""

    def __init__(self, conventions: Conventions, own: Program) -> None:
        self.conventions, self.own = conventions, own

    @cached_property
    def program(self) -> Program:
        """The program in the source's names, with its formulas in the source's layout."""
        leaves = tuple(
            Leaf(
                self.name(leaf.name),
                self.value(leaf.name, leaf.value),
                leaf.role,
            )
            for leaf in self.own.leaves
        )
        return _Shown(
            leaves,
            tuple(map(self.equation, self.own.equations)),
            self.own.learning_rate,
            features=self.own.features,
            view=self.own.view,
            conventions=self.conventions,
            update=self.own.update,
            beside=tuple(map(self.name, self.own.beside)),
            loss=self.own.loss,
            turn=self,
        )

    def name(self, name: str) -> str:
        """A name of ours as the source has it."""
        if not name:
            return name
        theirs = self.conventions.theirs(name)
        named = self.sign(name) > 0 or self.conventions.is_named(parse_name(name))
        return theirs if named else f"-{theirs}"

    def value(self, name: str, own: Value) -> Value:
        """A value of ours, as the source has it laid out."""
        return Laid(self.flipped(name)).turn(own)

    def equation(self, own: Equation) -> Equation:
        """An equation between the source's names."""
        inputs = tuple(self.name(i) if isinstance(i, str) else i for i in own.inputs)
        return Equation(self.name(own.output), own.op, inputs)

    def flipped(self, name: str) -> bool:
        """Whether the source's matrix is the transpose of ours."""
        parsed = parse_name(name) if name else Name("")
        # what is written on the way to a cost lies as the predictions do
        of_cost = parsed.part and not parsed.of and parsed.base in ("Cost", "E")
        of = "Yhat" if of_cost else self.own.parameter_of(parsed.base)
        return self.conventions.flipped(of)

    def sign(self, name: str) -> int:
        """-1 for what the source writes with the other sign."""
        parsed = parse_name(name) if name else Name("")
        is_gradient = parsed.of == self.own.root and parsed.base != self.own.root
        return -1 if self.conventions.descent and is_gradient else 1

    def line(
        self, expr: Expr, flip: bool = False, sign: int = 1, laid: dict[str, Laid] | None = None
    ) -> Expr:
        """An expression of ours in the source's symbols, transposed and negated where asked.

        How parts are turned is noted in `laid`.
        """
        return _Layer(self, {} if laid is None else laid).lay(expr, flip, sign)


@dataclass(frozen=True)
class _Shown(Program):
    """A program as its source writes it."""

    turn: Any = field(default=None, repr=False, compare=False)

    def formulas(self) -> dict[str, Expr]:
        return {
            self.turn.name(name): self.turn.line(formula, self.turn.flipped(name))
            for name, formula in self.turn.own.formulas().items()
        }

    def role(self, name: str) -> str:
        return next((leaf.role for leaf in self.leaves if leaf.name == name), "computed")


class _Layer:
    """Lays one expression out, noting how its parts are turned."""

    # Two questions go down the tree together: is a transpose wanted here, and a minus? A product
    # hands the transpose on to its factors, in reverse, because (A B)^T = B^T A^T; a symbol answers
    # it, since the source has its matrix transposed or not. The minus is answered where a gradient
    # of the other sign stands: each factor says what sign it comes out with, and their product is
    # written once, in front.

    def __init__(self, turn: Turn, laid: dict[str, Laid]) -> None:
        self.turn, self.laid = turn, laid

    def lay(self, expr: Expr, flip: bool, sign: int) -> Expr:
        """`sign` times the expression, transposed if `flip`."""
        match expr:
            case Sym(name, shape):
                return self._symbol(name, shape, flip, sign)
            case Part(label, inner, _):
                # a part is a number on the page, so it keeps the sign with which its author wrote
                # it; whatever else is wanted stands outside of it
                own = self._sign_of_part(inner)
                self.laid[label] = Laid(flip, own)
                kept = self.lay(inner, flip, own)
                return _signed(Part(label, kept, kept.shape), sign * own)
            case Apply("neg", (arg,), _):
                return self.lay(arg, flip, -sign)
            case Apply("+", args, _):
                return reduce(_plus, [self.lay(arg, flip, sign) for arg in args])
            case Apply("-", (a, b), _):
                return _plus(self.lay(a, flip, sign), self.lay(b, flip, -sign))
            case Apply("T", (Apply("ones", _, (_, 1)) as column,), _):
                # a column of ones has no name that could say which way it lies
                ones = self.lay(column, False, sign)
                return ones if flip else ones.T
            case Apply("T", (arg,), _):
                return self.lay(arg, not flip, sign)
            case Apply(_, args) if expr.sign.passes_minus:
                signs = list(map(self._nature, args))
                laid = self._multiplied(expr, flip, signs)
                return _signed(laid, sign * math.prod(signs))
            case Apply("**", (base, Num("2" as two)), _):
                # a square has the same value with or without a minus inside: it is left out
                return _signed(self.lay(base, flip, self._nature(base)) ** Num(two), sign)
            case Apply():
                return _signed(self._applied(expr, flip), sign)
        return _signed(expr, sign)

    def _symbol(self, name: str, shape: Shape, flip: bool, sign: int) -> Expr:
        # the source's own matrix, and then the transpose of it where that is not what is wanted
        turned = self.turn.flipped(name) and bool(shape)
        symbol: Expr = Sym(self.turn.name(name), shape[::-1] if turned else shape)
        if shape and turned != flip:
            symbol = symbol.T
        return _signed(symbol, sign * self.turn.sign(name))

    def _multiplied(self, expr: Apply, flip: bool, signs: list[int]) -> Expr:
        if expr.op == "sum":
            # the sum of all entries is the same, transposed or not: it lies as most of its matrices
            best = self._prefers(expr.args[0])
            return replace(expr, args=(self.lay(expr.args[0], best, signs[0]),))
        laid = tuple(self.lay(arg, flip, s) for arg, s in zip(expr.args, signs, strict=True))
        return _transposed(expr, laid) if flip else replace(expr, args=laid)

    def _applied(self, expr: Apply, flip: bool) -> Expr:
        op, args = expr.op, expr.args
        if op in ("count", "rows"):
            # how many examples there are does not depend on how they lie
            return replace(expr, args=(self.lay(args[0], False, self._nature(args[0])),))
        if op == "column" and self._prefers(args[0]):
            whole = self.lay(args[0], True, 1)
            one = Apply("row", (whole,), (1, whole.shape[1]))
            return one if flip else one.T
        if op == "diag":
            # a diagonal is its own transpose, so its column may stand as a row
            return replace(expr, args=(self.lay(args[0], self._prefers(args[0]), 1),))
        laid = tuple(self.lay(arg, flip and bool(arg.shape), 1) for arg in args)
        return _transposed(expr, laid) if flip else replace(expr, args=laid)

    def _prefers(self, expr: Expr) -> bool:
        """Whether an expression reads better transposed: most of its matrices are."""
        turned = [self.turn.flipped(name) for name in _matrices(expr)]
        return 2 * sum(turned) > len(turned)

    def _sign_of_part(self, inner: Expr) -> int:
        """-1 for what is written on the way with a gradient in it that has the other sign.

        A minus of its own it keeps: it is a number that its author has named.
        """
        turned = any(self.turn.sign(one.name) < 0 for one in _symbols(inner))
        return self._nature(inner) if turned else 1

    def _nature(self, expr: Expr) -> int:
        """-1 where an expression comes out with a minus in front, which it can do without."""
        match expr:
            case Sym(name):
                return self.turn.sign(name)
            case Part(_, inner, _):
                return self._sign_of_part(inner)
            case Apply("neg", (arg,), _):
                return -self._nature(arg)
            case Apply(op, args) if expr.sign.passes_minus or op == "T":
                return math.prod(map(self._nature, args))
            case Apply("+", args, _):
                return -1 if all(self._nature(arg) < 0 for arg in args) else 1
        return 1


def _matrices(expr: Expr) -> Iterator[str]:
    return (one.name for one in _symbols(expr) if one.shape)


def _symbols(expr: Expr) -> Iterator[Sym]:
    match expr:
        case Sym():
            yield expr
        case Part(_, inner, _):
            yield from _symbols(inner)
        case Apply(_, args, _):
            for arg in args:
                yield from _symbols(arg)


def _transposed(expr: Apply, laid: tuple[Expr, ...]) -> Expr:
    """An operation on arguments that are transposed already."""
    args = laid[::-1] if expr.sign.swaps else laid
    return Apply(expr.sign.transposed, args, expr.shape[::-1])


def _signed(expr: Expr, sign: int) -> Expr:
    if sign > 0:
        return expr
    return expr.args[0] if isinstance(expr, Apply) and expr.op == "neg" else -expr


def _plus(a: Expr, b: Expr) -> Expr:
    """A sum in which no minus stands behind a plus, and none in front if that can be helped."""
    if isinstance(b, Apply) and b.op == "neg":
        return a - b.args[0]
    if isinstance(a, Apply) and a.op == "neg":
        return b - a.args[0]
    return a + b


def _laid(own: Quantity, way: Laid) -> dict[str, Any]:
    """The numbers of a quantity, transposed and negated, with all that is said of their entries."""

    shown = own.own.map(way.turn)
    return {
        "own": shown,
        "right": shown if own.own is own.right else own.right.map(way.turn),
        "dictations": tuple(
            replace(d, entry=way.at(d.entry), wrote=d.wrote * way.sign, due=d.due * way.sign)
            for d in own.dictations
        ),
        "pens": {way.at(place): pen for place, pen in own.pens.items()},
    }
