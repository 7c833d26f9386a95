"""Plain equations to a program: `c = a * b`, one operation a node."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import permutations

import numpy as np

from tracer import ops
from tracer.errors import LessonError, ShapeError, UnknownName, nearest, placed
from tracer.numbers.decimals import Number
from tracer.numbers.rounding import Real, in_full
from tracer.numbers.typed import finite, is_row, parse_rows, refuse_list
from tracer.numbers.values import typed
from tracer.ops import Op
from tracer.trace.program import Equation, Leaf, Program
from tracer.trace.rates import Rate, Schedule, usable
from tracer.written.habits import IN_FORMULAS, refuse_reserved
from tracer.written.lines import names_in, substitute, without_parts
from tracer.written.reading import PI, read
from tracer.written.readings import Notation
from tracer.written.text import text as written
from tracer.written.tree import Apply, Expr, Num, Shape, Sym

MOST_NODES = 400


@dataclass(frozen=True, eq=False)
class Typed:
    """A matrix typed in where an expression could stand."""

    array: np.ndarray


Tree = Expr | Typed
_BINARY = {
    "+": ops.ADD,
    "-": ops.SUBTRACT,
    "*": ops.MULTIPLY,
    "/": ops.DIVIDE,
    "**": ops.POWER,
}
SPELLED_OUT = {
    "1/(1 + exp(-z))": ops.SIGMOID,
    "(exp(z) - exp(-z))/(exp(z) + exp(-z))": ops.TANH,
    "log(1 + exp(z))": ops.SOFTPLUS,
}
"""Formulas of activations that are one step, as their names are."""
_SPELLED_OUT = [(read(formula), op) for formula, op in SPELLED_OUT.items()]
CLOCK = ("t", "epoch")
"""What a learning rate can depend on: the number of the update from 1, and the epoch from 0."""


def graph(
    equations: str,
    learning_rate: float | str | None = None,
    data: Iterable[str] = (),
    data_gradients: bool = False,
) -> Program:
    """The program of a few equations, one to a line or separated by semicolons.

    >>> graph("a = 2; b = 5; c = a*b; d = b + 1; e = c*d").names
    ['a', 'b', 'c', 'd', 'e']

    A name that is given a number is a leaf, and so is one that is given a matrix, typed as
    `1 2; 3 4` (in a string of several equations they stand on lines of their own). Gradients go to
    every leaf but those named in `data`, and with `data_gradients` to these as well, which no
    update moves. A sum of products, `w1*x1 + w2*x2 + b`, is one step, and so is `W @ x + b`.
    Raises LessonError for an equation that cannot be read, UnknownName for a name without one.
    """
    lines = [line for line in re.split(r";(?=[^;\n]*=)|\n", equations) if line.strip()]
    parsed = []
    for place, line in enumerate(lines, 1):
        name, equals, expression = line.partition("=")
        if not equals:
            raise LessonError(f"{line.strip()!r} is no equation, expected 'name = expression'")
        parsed.append((name.strip(), expression.strip(), f"equation {place}"))
    return build(parsed, learning_rate, data, data_gradients=data_gradients)


def build(
    equations: Sequence[tuple[str, str, str]],
    learning_rate: Rate | str | None = None,
    data: Iterable[str] = (),
    fixed: Iterable[str] = (),
    data_gradients: bool = False,
) -> Program:
    """The program of equations given as (name, expression, where it stands)."""
    rate = rate_of(learning_rate)
    reader = _Equations({name.rstrip(" *+-/") for name, _, _ in equations})
    for name, expression, where in equations:
        with placed(where):
            reader.add(name, expression, where)
    trees, places = reader.trees, reader.places
    if not trees:
        raise LessonError("the graph is empty, expected equations such as 'c = a * b'")
    roles = dict.fromkeys(data, "data") | dict.fromkeys(fixed, "fixed")
    for name, role in roles.items():
        if name not in trees:
            problem = f"{name} is named as {role} but not given; {nearest(name, trees)}"
            raise UnknownName(problem, about=role)
    if data_gradients and "data" not in roles.values():
        problem = "data-gradients goes with data, and none is named; expected ':data: x'"
        raise LessonError(problem, about="data-gradients")
    kinds = {"data": "value"} if data_gradients else {}
    builder = _Builder(reader.set_aside, trees)
    for name in _in_order(trees, places):
        role = roles.get(name, "parameter")
        with placed(places[name]):
            builder.add(name, trees[name], kinds.get(role, role))
    if not builder.equations:
        raise LessonError("the graph computes nothing, expected an equation such as 'c = a * b'")
    summed = not builder.averages()
    return Program(tuple(builder.leaves), tuple(builder.equations), rate, summed=summed)


def rate_of(given: Rate | str | None) -> Rate | None:
    """A learning rate from a number, or from a text such as `0.1` or `0.1/sqrt(t)`.

    >>> rate_of("0.1"), rate_of("0.5/(1 + epoch)").at(t=2, epoch=1)
    (0.1, 0.25)

    Raises LessonError for one that is negative, not finite, or no formula in t and epoch, and
    RateError for a formula that no first step can be made with.
    """
    if isinstance(given, str):
        return _rate_from(given.strip())
    return given if given is None or isinstance(given, Schedule) else usable(given)


def _rate_from(text: str) -> Rate:
    """A learning rate from its text."""
    if re.fullmatch(r"[-−]?\d+,\d+", text):
        finite("learning-rate", text)
    with suppress(ValueError):
        float(text)
        return usable(finite("learning-rate", text))
    tree = read(text)
    used = set(names_in(tree))
    strangers = sorted(used - {*CLOCK, PI})
    if strangers:
        raise LessonError(
            f"learning-rate {text!r} is not a number, expected such as 0.1, or a formula in t and "
            f"epoch such as 0.1/sqrt(t); {strangers[0]} is neither"
        )
    schedule = Schedule(text, _formula(tree))
    first = schedule.at(t=1, epoch=0)
    return schedule if used & {*CLOCK} else first


def _formula(tree: Expr) -> Expr:
    """An expression in t and epoch as one formula."""
    builder = _Builder()
    builder.shapes |= dict.fromkeys(CLOCK, ())
    last = builder.node(tree, "rate")
    found: dict[str, Expr] = {name: Sym(name) for name in (*CLOCK, PI)}

    def part(of: str | Real) -> Expr:
        return found[of] if isinstance(of, str) else Num(in_full(of))

    for equation in builder.equations:
        found[equation.output] = equation.op.value(Notation(), *map(part, equation.inputs))
    return without_parts(part(last))


def _matrix(text: str) -> Typed | None:
    """A matrix typed as numbers, rows separated by semicolons; None for anything else."""
    refuse_list(text)
    if not is_row(text):
        return None
    return Typed(typed(parse_rows(text)))


def _in_order(trees: Mapping[str, Tree], places: dict[str, str]) -> list[str]:
    """The names in the order of the file, but none before what it uses."""
    needs: dict[str, list[str]] = {}
    for name, tree in trees.items():
        if isinstance(tree, Typed):
            needs[name] = []
            continue
        needs[name] = [used for used in names_in(tree) if used in trees or used != PI]
        for used in needs[name]:
            if used not in trees:
                way_out = IN_FORMULAS.get(used) or nearest(used, trees)
                raise UnknownName(f"{used} has no equation of its own; {way_out}", places[name])
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        cycle = error.args[1][::-1]
        raise LessonError(
            f"the graph runs in a circle, {' -> '.join(cycle)}; expected each value to come from "
            "earlier ones",
            places[cycle[0]],
        ) from None
    ordered: list[str] = []
    waiting = list(trees)
    while waiting:
        ready = next(name for name in waiting if all(used in ordered for used in needs[name]))
        ordered.append(ready)
        waiting.remove(ready)
    return ordered


class _Equations:
    """Equations as trees, in the order of the file.

    A value that is changed, `c += ...`, is set aside under a name of its own, `c.1` and then `c.2`:
    what stands above used the value as it was.
    """

    def __init__(self, names: set[str]) -> None:
        self.names = names
        "what the values of the graph are called"
        self.trees: dict[str, Tree] = {}
        self.places: dict[str, str] = {}
        self.set_aside: dict[str, int] = {}
        "how many earlier values of a name there are"

    def add(self, name: str, expression: str, where: str) -> None:
        """Read one more equation; the operator of a change stands behind the name: `c +`."""
        name, sign = _named(name)
        if name in self.trees and not sign:
            raise LessonError(f"{name} is given twice, first at {self.places[name]}; rename one")
        tree = _matrix(expression) or read(expression, self.names)
        self.trees[name] = self._changed(name, sign, tree) if sign else tree
        self.places[name] = where

    def _changed(self, name: str, sign: str, tree: Tree) -> Expr:
        """What a value is after a change."""
        before = self.trees.get(name)
        if before is None:
            raise LessonError(f"{name} has no value yet to change, expected '{name} = ...' above")
        if isinstance(before, Typed):
            raise LessonError(f"{name} is a typed matrix; give what it is changed to another name")
        if isinstance(tree, Typed):
            raise LessonError(f"{name} {sign}= has a typed matrix; give that a name of its own")
        now = before if _constant(before) is not None else self._aside(name)
        self._put(name, now)
        return Apply(sign, (now, substitute(tree, {name: now})), ())

    def _aside(self, name: str) -> Expr:
        """The value of a name so far, under a name of its own."""
        self.set_aside[name] = self.set_aside.get(name, 0) + 1
        _bounded(sum(self.set_aside.values()))
        aside = f"{name}.{self.set_aside[name]}"
        self.trees = {aside if known == name else known: t for known, t in self.trees.items()}
        self.places[aside] = self.places[name]
        return Sym(aside)

    def _put(self, name: str, other: Expr) -> None:
        """Something else in the place of a name, wherever it was used."""
        for known, tree in self.trees.items():
            if not isinstance(tree, Typed):
                self.trees[known] = substitute(tree, {name: other})


def _named(text: str) -> tuple[str, str]:
    """The name at the left of an equation, and the operator with which its value is changed.

    >>> _named("c"), _named("c +")
    (('c', ''), ('c', '+'))
    """
    sign = next((sign for sign in CHANGES if text.endswith(sign)), "")
    name = text.removesuffix(sign).rstrip()
    if re.fullmatch(r"[A-Za-z_]\w*\s*\W+", text) and not name.isidentifier():
        known = " ".join(f"{sign}=" for sign in CHANGES)
        raise LessonError(f"'{text}=' is no way to change a value, expected one of {known}")
    if not name.isidentifier() or not name.isascii():
        raise LessonError(f"{text!r} is no name for a node, expected one such as c or w1")
    refuse_reserved(name)
    return name, sign


def _bounded(nodes: int) -> None:
    """Raise LessonError for more nodes than a graph may have."""
    if nodes > MOST_NODES:
        raise LessonError(f"the graph has more than {MOST_NODES} nodes, expected fewer")


CHANGES = ("**", "+", "-", "*", "/")
"""The operators of `c += ...` and its like."""


class _Builder:
    """Takes expressions apart into one operation a node."""

    def __init__(
        self, unnamed: Mapping[str, int] | None = None, names: Collection[str] = ()
    ) -> None:
        self.leaves: list[Leaf] = []
        self.equations: list[Equation] = []
        self.numbers = {PI}.difference(names)
        "names that stand for a number, and for no value"
        self.shapes: dict[str, Shape] = dict.fromkeys(self.numbers, ())
        self.unnamed = dict(unnamed or {})
        "how many parts of each value there are that have no name of their own"
        self.singles: set[str | Number] = set()
        "numbers that came from a row times a column, which a product may take as (1 x 1)"

    def add(self, name: str, tree: Tree, role: str) -> None:
        if isinstance(tree, Typed):
            self._leaf(Leaf(name, tree.array, role))
            return
        constant = _constant(tree)
        if constant is not None:
            self._leaf(Leaf(name, constant, role))
        elif isinstance(tree, Sym):
            raise LessonError(
                f"{name} = {tree.name} only renames {tree.name}; use {tree.name} itself"
            )
        else:
            self.node(tree, name.partition(".")[0], name)

    def averages(self) -> bool:
        """Whether a mean is taken of what comes from a matrix of data, and so over examples."""
        reached = {leaf.name for leaf in self.leaves if leaf.is_data and np.ndim(leaf.value)}
        for equation in self.equations:
            if reached.intersection(equation.inputs):
                if equation.op is ops.MEAN:
                    return True
                reached.add(equation.output)
        return False

    def _leaf(self, leaf: Leaf) -> None:
        self.leaves.append(leaf)
        self.shapes[leaf.name] = np.shape(leaf.value)

    def node(self, tree: Expr, of: str, name: str | None = None) -> str | Number:
        """The value of a subexpression: a number, a name, or a node made for it.

        A node without a name of its own is called after the one it is part of: e.1, e.2.
        """
        constant = _constant(tree)
        if constant is not None:
            return constant
        if isinstance(tree, Sym):
            return tree.name
        assert isinstance(tree, Apply)
        op, inputs = self._step(tree)
        values = tuple(self.node(value, of) for value in inputs)
        if self.singles & set(values):
            if tree.op == "dot":
                return self.node(self._entrywise(tree, values), of, name)
            if op is ops.TRANSPOSE:
                if name:
                    raise LessonError(f"{name} only renames {values[0]}; use {values[0]} itself")
                return values[0]
        _bounded(len(self.equations) + 1)
        output = name or self._unused(of)
        op = self._fitted(op, values, output)
        if places := {place for place, value in enumerate(values) if value in self.numbers}:
            op = ops.of_pi(op, places)
            values = tuple(value for place, value in enumerate(values) if place not in places)
        self.equations.append(Equation(output, op, values))
        return output

    def _step(self, tree: Apply) -> tuple[Op, Sequence[Expr]]:
        """The operation that is one step, and what it is applied to."""
        if spelled := _spelled_out(tree):
            return spelled
        match tree:
            case Apply("+", (Apply("dot", (left, right)), bias)) if self._is_linear(
                left, right, bias
            ):
                return ops.LINEAR, [left, right, bias]
            case Apply("+", terms) if products := _weighted_terms(terms):
                flat = [atom for term in products for atom in term]
                pairs = sum(len(term) == 2 for term in products)
                return ops.weighted_sum(pairs, bias=len(flat) % 2 == 1), flat
            case Apply("+", terms) if len(terms) > 2:
                return ops.sum_of(len(terms)), terms
            case Apply("**", (base, power)) if _constant(power) == 0:
                return ops.TO_THE_ZERO, [base]
            case Apply("*", (*first, last)) if len(first) > 1:
                return ops.MULTIPLY, [Apply("*", tuple(first), ()), last]
            case Apply(sign, pair) if sign in _BINARY:
                return _BINARY[sign], pair
            case Apply("neg", inner):
                return ops.NEGATE, inner
            case Apply("dot", (left, right)):
                (left, ta), (right, tb) = _transposed(left), _transposed(right)
                return ops.matmul(ta, tb), [left, right]
            case Apply("T", inner):
                return ops.TRANSPOSE, inner
        op = ops.FUNCTIONS[tree.op]
        beside_a_number = any(map(self._is_number, tree.args))
        return ops.BESIDE_A_NUMBER.get(tree.op, op) if beside_a_number else op, tree.args

    def _is_number(self, tree: Expr) -> bool:
        """Whether a plain number stands there."""
        return _constant(tree) is not None or (isinstance(tree, Sym) and tree.name in self.numbers)

    def _fitted(self, op: Op, inputs: tuple[str | Number, ...], output: str) -> Op:
        """The operation with joins for the shapes that meet: a bias for a whole batch is summed."""
        symbols = [
            Sym(i, self.shapes[i]) if isinstance(i, str) else Num(in_full(i)) for i in inputs
        ]
        if op.of_matrices and any(not symbol.shape for symbol in symbols[:2]):
            raise ShapeError(f"{op.name} in {output} has a single number, expected a matrix")
        shape = self.shapes[output] = op.value(Notation(), *symbols).shape
        if shape == (1, 1) and op.multiplies:
            self.shapes[output] = ()
            self.singles.add(output)
            return ops.single(op)
        if not shape and self.singles & set(inputs):
            self.singles.add(output)
        return ops.fitted(op, [symbol.shape for symbol in symbols], shape)

    def _is_linear(self, *atoms: Expr) -> bool:
        """Whether W @ x + b is one step: three names, and b makes the product no larger."""
        names = [atom.name for atom in atoms if isinstance(atom, Sym)]
        if len(names) < 3:
            return False
        W, x, b = (self.shapes[name] for name in names)
        product = W[:1] + x[1:]
        if (not W or not x) or not b:
            return not self.singles & set(names)
        return product != (1, 1) and all(mine in (1, n) for mine, n in zip(b, product, strict=True))

    def _entrywise(self, tree: Apply, values: Sequence[str | Number]) -> Expr:
        """A matrix product with a number that came from another one, as a product of entries."""
        factors: list[Expr] = []
        sides: list[Expr] = []
        for side, value in zip(tree.args, values, strict=True):
            turned = _transposed(side)[1] and value not in self.singles
            shape = self.shapes[value] if isinstance(value, str) else ()
            if not shape and value not in self.singles:
                raise ShapeError("a matrix product has a single number, expected a matrix")
            sides.append(Sym(str(value), (shape[::-1] if turned else shape) or (1, 1)))
            factor = Sym(str(value))
            factors.append(Apply("T", (factor,), ()) if turned else factor)
        _ = sides[0] @ sides[1]  # both shapes are named where they do not fit
        return Apply("*", tuple(factors), ())

    def _unused(self, stem: str) -> str:
        self.unnamed[stem] = self.unnamed.get(stem, 0) + 1
        return f"{stem}.{self.unnamed[stem]}"


def _spelled_out(tree: Expr) -> tuple[Op, Sequence[Expr]] | None:
    """The activation whose formula this is, and what it is applied to."""
    for formula, op in _SPELLED_OUT:
        for bound in _filled([formula], [tree], ()):
            return op, bound
    return None


Bound = tuple[Expr, ...]
"What z is bound to, if it is bound."


def _filled(formulas: Sequence[Expr], trees: Sequence[Expr], z: Bound) -> Iterator[Bound]:
    """What stands for z where trees have the form of formulas; terms may change places."""
    if not formulas:
        yield z
        return
    found: Iterable[Bound] = ()
    match formulas[0], trees[0]:
        case Sym(), tree:
            found = [(tree,)] if z in ((), (tree,)) else []
        case Apply(mine, inner), Apply(theirs, args) if mine == theirs and len(inner) == len(args):
            orders = permutations(args) if mine == "+" else [args]
            found = (bound for order in orders for bound in _filled(inner, order, z))
        case mine, theirs if mine == theirs:
            found = [z]
    for bound in found:
        yield from _filled(formulas[1:], trees[1:], bound)


def _transposed(tree: Expr) -> tuple[Expr, bool]:
    """What a factor is the transpose of, and whether it is one."""
    match tree:
        case Apply("T", (inner,)):
            return inner, True
    return tree, False


def _weighted_terms(terms: Sequence[Expr]) -> list[Sequence[Expr]] | None:
    """The factors of two or more products of two, perhaps with a bias at their end."""
    split = [_factors(term) for term in terms]
    atoms = all(isinstance(atom, Sym | Num) for term in split for atom in term)
    pairs = split[:-1] if len(split[-1]) == 1 else split
    return split if atoms and len(pairs) > 1 and all(len(pair) == 2 for pair in pairs) else None


def _factors(tree: Expr) -> Sequence[Expr]:
    return tree.args if isinstance(tree, Apply) and tree.op == "*" else [tree]


def _constant(tree: Expr) -> Number | None:
    """The number an expression without names stands for."""
    match tree:
        case Num(digits):
            return Number(digits)
        case Apply("neg", (inner,)):
            negated = _constant(inner)
            return None if negated is None else -negated
        case Apply("ratio" | "/", (a, b)):
            over, below = _constant(a), _constant(b)
            if over is not None and below is not None:
                return _finite(over / below, tree)
    return None


def _finite(value: Number, tree: Expr) -> Number:
    if not value.is_finite:
        raise LessonError(f"{written(tree)[:40]} is not a finite number, expected one")
    return value
