"""A value nudged: the same program worked out again with one number changed, beside its gradient.

A derivative C' is what (C(w + h) - C(w))/h and (C(w + h) - C(w - h))/(2h) come near to as h becomes
small: the first as h does, the second as its square (Nocedal and Wright, "Numerical Optimization",
2006, section 8.1).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tracer.errors import LessonError, UnknownName
from tracer.numbers.decimals import Number, number
from tracer.numbers.values import Value, as_value
from tracer.ops import Rule
from tracer.trace.book import Book
from tracer.trace.program import LEARNING, Program
from tracer.trace.quantity import Hand, Place, Quantity, given, work_out
from tracer.trace.tape import Tape
from tracer.trace.view import view_of
from tracer.written.names import Name, gradient, listed, parse_name

EXACTLY = Hand()


@dataclass(frozen=True, eq=False)
class Nudge:
    """One number moved up and down by a step, and what becomes of the last value.

    >>> from tracer import graph
    >>> nudge(Tape(graph("a = 2; b = 5; c = a*b; d = b + 1; e = c*d")), "b", Number("0.01"))
    <b nudged by 0.01: e rises by 22.02 for each 1, by 22 around it; its gradient is 22>
    """

    name: str
    "what is nudged, as its source calls it: W[1][1,2]"
    step: Number
    "how far"
    held: Book
    "everything as it is, with its gradients"
    up: Book
    "the values with the step added"
    down: Book
    "the values with the step taken away"
    quotient: Quantity
    "by how much the last value rises with the step added, for each 1"
    central: Quantity
    "the same from the step taken away to the step added"
    gradient: Quantity
    "the derivative, from a pass back"
    stands_still: bool = False
    "whether parameters stand still while gradients go back, where on the page they do not"

    @property
    def root(self) -> str:
        """The last value, as its source calls it."""
        return self.held.program.root

    def __repr__(self) -> str:
        return (
            f"<{self.name} nudged by {self.step}: {self.root} rises by {self.quotient.text} for "
            f"each 1, by {self.central.text} around it; its gradient is {self.gradient.text}>"
        )


def nudge(trace: Tape, name: str, step: Number, epoch: int = 0) -> Nudge:
    """A given number of a trace nudged, in exact numbers whatever the rounding.

    The given values are taken as they are exactly at `epoch`, unless the name says another.
    Raises a fault for what is not a given number, and where no gradient arrives to compare with.
    """
    view, asked = view_of(trace), parse_name(name)
    leaf = _leaf(view, trace, asked)
    if np.size(view.find(asked, epoch).right.exact) > 1:
        raise LessonError(f"{name} is several numbers, expected one, as in {asked.whole}[1,1]")
    place = view.place(asked) if asked.single else None
    at = epoch if asked.epoch is None else asked.epoch
    values = {one: trace.find(parse_name(one), at).right.exact for one in _given(trace.program)}
    program, kept = _standing(trace.program).given(values), trace.program.conventions.sequential
    held = _forward(program)
    held.backward()
    moved = (_moved(values[leaf], place, by, name) for by in (step, -step))
    up, down = (_forward(program.given({leaf: there})) for there in moved)
    one_sided = _divided("quotient", lambda _, up, held, h: (up - held) / h, up, held, step)
    central = _divided("central", lambda _, up, down, h: (up - down) / (2 * h), up, down, step)
    books = view_of(held), view_of(up), view_of(down)
    return Nudge(str(asked), step, *books, one_sided, central, _gradient(books[0], asked), kept)


def single_names(trace: Tape, name: str, epoch: int = 0) -> Iterator[str]:
    """The numbers that a name stands for, each by its own name: the entries of a matrix or a row.

    Raises a fault for what is not given.
    """
    view, asked = view_of(trace), parse_name(name)
    _leaf(view, trace, asked)
    found = view.find(asked, epoch)
    if np.size(found.right.exact) == 1:
        yield name
        return
    row, column = asked.entry or (None, None)
    for (i, j), _ in found.entries():
        yield str(replace(asked, entry=(row or i, column or j)))


def step_of(by: float | Number) -> Number:
    """How far a number is nudged; raises LessonError unless that is more than 0."""
    step = number(by)
    if not (step.is_finite and step > 0):
        raise LessonError(f"a nudge is by {by}, expected a number above 0, such as 0.01")
    return step


def in_a_row(name: str, found: Sequence[Quantity]) -> Quantity:
    """Single numbers side by side, under one name; one alone as it is."""
    if len(found) == 1:
        return found[0]
    return given(name, as_value(np.array([[one.right.exact for one in found]])))


def _leaf(view: Book, trace: Tape, asked: Name) -> str:
    """What is nudged, by its name inside; raises a fault where that is nothing to nudge."""
    program = trace.program
    leaf, whole = view.canonical(asked.whole), str(asked.whole)
    if leaf not in _given(program) or asked.prime:
        if leaf not in program.names:
            view.find(asked, trace.epoch)  # which says what may be meant
        ours = listed((n.name for n in view.program.leaves if n.role in LEARNING), "or")
        raise UnknownName(f"{asked} is worked out, expected something given: {ours}")
    program.check_cost()
    if leaf in program.kept:
        why = trace.missing(Name(leaf, of=program.root)) or f"{whole} is held fixed"
        raise LessonError(f"{whole} has no gradient to compare with: {why}")
    if leaf not in program.live(program.root):
        root = view.program.root
        raise LessonError(f"{whole} has no gradient to compare with: {root} does not depend on it")
    if program.conventions.averaged_later and program.role(leaf) == "value":
        raise LessonError(
            f"the gradient of {whole} is that of each example's own loss here, expected a parameter"
        )
    return leaf


def _given(program: Program) -> list[str]:
    return [leaf.name for leaf in program.leaves]


def _standing(program: Program) -> Program:
    """The program with all parameters standing still while gradients go back."""
    return replace(program, conventions=replace(program.conventions, sequential=False))


def _gradient(view: Book, asked: Name) -> Quantity:
    """The derivative of the last value by a number, as a plain gradient."""
    whole = parse_name(gradient(view.program.root, asked.base))
    found = view.find(replace(whole, entry=asked.entry))
    return found.at((1, 1)) if found.shape else found


def _divided(name: str, rule: Rule, above: Tape, below: Tape, step: Number) -> Quantity:
    """How much the last value rises from one tape to another, for each 1 of the step."""
    last, first = (tape.now(tape.program.root) for tape in (above, below))
    h = given("h", step if last.is_decimal else float(step))
    return work_out(name, rule, [last, first, h], EXACTLY)


def _forward(program: Program) -> Tape:
    tape = Tape(program)
    tape.forward()
    return tape


def _moved(value: Value, place: Place | None, step: Number, name: str) -> Value:
    """A value with a step added to it, or to its entry at a place from 1."""
    table = np.array(value, dtype=object if isinstance(value, Number) else None, ndmin=2)
    i, j = (k - 1 for k in place or (1, 1))
    before = table[i, j]
    table[i, j] = before + (step if isinstance(before, Number) else float(step))
    if table[i, j] == before:
        raise LessonError(f"{name} is {before} with {step} added as well, expected a larger step")
    return as_value(table if np.ndim(value) else table[0, 0])
