"""Plain equations to a program: `c = a * b`, one operation a node.

An expression is data: it is parsed with a small whitelist over Python's `ast`, never run.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import InvalidOperation
from graphlib import CycleError, TopologicalSorter

import numpy as np

from tracer import ops
from tracer.errors import LessonError, ShapeError, UnknownName, nearest, placed
from tracer.numbers.decimals import Number, number
from tracer.numbers.rounding import Real, in_full
from tracer.numbers.typed import finite, is_row, parse_rows, refuse_decimal_comma, refuse_list
from tracer.numbers.values import typed
from tracer.ops import Op
from tracer.trace.program import Equation, Leaf, Program
from tracer.trace.rates import Rate, Schedule, usable
from tracer.written.habits import IN_FORMULAS, no_step_here, refuse_reserved
from tracer.written.lines import without_parts
from tracer.written.readings import Notation
from tracer.written.tree import Expr, Num, Shape, Sym

LONGEST, DEEPEST, MOST_NODES = 2_000, 150, 400


@dataclass(frozen=True, eq=False)
class Typed:
    """A matrix typed in where an expression could stand."""

    array: np.ndarray


Tree = ast.expr | Typed
_BINARY: dict[type[ast.operator], Op] = {
    ast.Add: ops.ADD,
    ast.Sub: ops.SUBTRACT,
    ast.Mult: ops.MULTIPLY,
    ast.Div: ops.DIVIDE,
    ast.Pow: ops.POWER,
}
SPELLED_OUT = {
    "1/(1 + exp(-z))": ops.SIGMOID,
    "(exp(z) - exp(-z))/(exp(z) + exp(-z))": ops.TANH,
    "log(1 + exp(z))": ops.SOFTPLUS,
}
"""Formulas of activations that are one step, as their names are."""
_SPELLED_OUT = [(ast.parse(formula, mode="eval").body, op) for formula, op in SPELLED_OUT.items()]
CLOCK = ("t", "epoch")
"""What a learning rate can depend on: the number of the update from 1, and the epoch from 0."""
_KNOWN = "expected names, numbers, + - * / ** @, and " + ", ".join(sorted(ops.FUNCTIONS))


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
    read = _Reader()
    for name, expression, where in equations:
        with placed(where):
            read.add(name, expression, where)
    trees, places = read.trees, read.places
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
    builder = _Builder(read.set_aside)
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
    tree = _parse("learning-rate", text)
    strangers = sorted({name.id for name in _names_in(tree)} - set(CLOCK))
    if strangers:
        raise LessonError(
            f"learning-rate {text!r} is not a number, expected such as 0.1, or a formula in t and "
            f"epoch such as 0.1/sqrt(t); {strangers[0]} is neither"
        )
    schedule = Schedule(text, _formula(tree))
    first = schedule.at(t=1, epoch=0)
    return schedule if _names_in(tree) else first


def _formula(tree: ast.expr) -> Expr:
    """An expression in t and epoch as one formula."""
    builder = _Builder()
    builder.shapes = dict.fromkeys(CLOCK, ())
    last = builder.node(tree, "rate")
    found: dict[str, Expr] = {name: Sym(name) for name in CLOCK}

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


def _parse(name: str, expression: str) -> ast.expr:
    if len(expression) > LONGEST:
        raise LessonError(f"the expression of {name} is longer than {LONGEST} characters")
    if "^" in expression:
        raise LessonError(f"{expression!r} has ^, expected ** for a power")
    try:
        tree = ast.parse(expression.strip() or "?", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        refuse_reserved(expression)
        refuse_decimal_comma(expression)
        part = re.search(r"[A-Za-z_]\w*\.\d+", expression)
        way_out = f"{part[0]} has no name to use: give it an equation" if part else _KNOWN
        raise LessonError(f"{name} = {expression} cannot be read, {way_out}") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.NamedExpr):
            raise no_step_here(node)
        if isinstance(node, ast.Constant) and node.value in (math.inf, -math.inf):
            said = ast.get_source_segment(expression.strip(), node)
            raise LessonError(f"{said} is not a finite number, expected one")
        if isinstance(node, ast.Constant):
            # Python keeps no more digits of a number than a float has
            node.kind = ast.get_source_segment(expression.strip(), node)
        if isinstance(node, ast.Tuple) or (isinstance(node, ast.Call) and _inputs_left(node)):
            refuse_decimal_comma(expression)
    if _depth(tree) > DEEPEST:
        raise LessonError(f"{name} is nested too deeply; give parts of it names of their own")
    return tree


def _inputs_left(call: ast.Call) -> bool:
    """Whether a function is given more inputs than it has."""
    op = ops.FUNCTIONS.get(call.func.id) if isinstance(call.func, ast.Name) else None
    return op is not None and len(call.args) > len(op.slots)


def _depth(tree: ast.AST) -> int:
    level, depth = [tree], 0
    while level:
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        depth += 1
    return depth


def _names_in(tree: ast.expr) -> list[ast.Name]:
    """Where an expression names a value, and no function."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return [n for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called]


def _in_order(trees: Mapping[str, Tree], places: dict[str, str]) -> list[str]:
    """The names in the order of the file, but none before what it uses."""
    needs: dict[str, list[str]] = {}
    for name, tree in trees.items():
        if isinstance(tree, Typed):
            needs[name] = []
            continue
        names = _names_in(tree)
        for used in names:
            if used.id not in trees:
                way_out = nearest(used.id, trees)
                way_out = IN_FORMULAS.get(used.id, way_out)
                raise UnknownName(f"{used.id} has no equation of its own; {way_out}", places[name])
        needs[name] = [used.id for used in names]
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


class _Reader:
    """Equations as trees, in the order of the file.

    A value that is changed, `c += ...`, is set aside under a name of its own, `c.1` and then `c.2`:
    what stands above used the value as it was.
    """

    def __init__(self) -> None:
        self.trees: dict[str, Tree] = {}
        self.places: dict[str, str] = {}
        self.set_aside: dict[str, int] = {}
        "how many earlier values of a name there are"

    def add(self, name: str, expression: str, where: str) -> None:
        """Read one more equation; the operator of a change stands behind the name: `c +`."""
        name, sign = _named(name)
        if name in self.trees and not sign:
            raise LessonError(f"{name} is given twice, first at {self.places[name]}; rename one")
        tree = _matrix(expression) or _parse(name, expression)
        self.trees[name] = self._changed(name, sign, tree) if sign else tree
        self.places[name] = where

    def _changed(self, name: str, sign: str, tree: Tree) -> ast.expr:
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
        changed = _Renamed(name, now).visit(ast.BinOp(ast.Name(id=name), CHANGES[sign], tree))
        assert isinstance(changed, ast.expr)
        return changed

    def _aside(self, name: str) -> ast.expr:
        """The value of a name so far, under a name of its own."""
        self.set_aside[name] = self.set_aside.get(name, 0) + 1
        _bounded(sum(self.set_aside.values()))
        aside = f"{name}.{self.set_aside[name]}"
        self.trees = {aside if known == name else known: t for known, t in self.trees.items()}
        self.places[aside] = self.places[name]
        return ast.Name(id=aside)

    def _put(self, name: str, other: ast.expr) -> None:
        """Something else in the place of a name, wherever it was used."""
        renamed = _Renamed(name, other)
        for known, tree in self.trees.items():
            if not isinstance(tree, Typed | ast.Constant):
                self.trees[known] = renamed.visit(tree)


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


CHANGES: dict[str, ast.operator] = {
    "**": ast.Pow(),
    "+": ast.Add(),
    "-": ast.Sub(),
    "*": ast.Mult(),
    "/": ast.Div(),
}
"""The operators of `c += ...` and its like."""


class _Renamed(ast.NodeTransformer):
    """Puts something else in the place of a name that is no function's."""

    def __init__(self, name: str, other: ast.expr) -> None:
        self.name, self.other = name, other

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.other if node.id == self.name else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        node.args = [self.visit(given) for given in node.args]
        return node


class _Builder:
    """Takes expressions apart into one operation a node."""

    def __init__(self, unnamed: Mapping[str, int] | None = None) -> None:
        self.leaves: list[Leaf] = []
        self.equations: list[Equation] = []
        self.shapes: dict[str, Shape] = {}
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
        elif isinstance(tree, ast.Name):
            raise LessonError(f"{name} = {tree.id} only renames {tree.id}; use {tree.id} itself")
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

    def node(self, tree: ast.expr, of: str, name: str | None = None) -> str | Number:
        """The value of a subexpression: a number, a name, or a node made for it.

        A node without a name of its own is called after the one it is part of: e.1, e.2.
        """
        constant = _constant(tree)
        if constant is not None:
            return constant
        match tree:
            case ast.Name(id=used):
                return used
            case _ if spelled := _spelled_out(tree):
                op, inputs = spelled[0], [spelled[1]]
            case ast.BinOp(
                left=ast.BinOp(left=left, op=ast.MatMult(), right=right), op=ast.Add(), right=bias
            ) if self._is_linear(left, right, bias):
                op, inputs = ops.LINEAR, [left, right, bias]
            case ast.BinOp(op=ast.Add()) if products := _weighted_terms(tree):
                flat = [atom for term in products for atom in term]
                pairs = sum(len(term) == 2 for term in products)
                op, inputs = ops.weighted_sum(pairs, bias=len(flat) % 2 == 1), flat
            case ast.BinOp(op=ast.Add()) if len(terms := _added(tree)) > 2:
                op, inputs = ops.sum_of(len(terms)), terms
            case ast.BinOp(left=left, op=ast.Pow(), right=right) if _constant(right) == 0:
                op, inputs = ops.TO_THE_ZERO, [left]
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _BINARY:
                op, inputs = _BINARY[type(operator)], [left, right]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                op, inputs = ops.NEGATE, [operand]
            case ast.BinOp(left=left, op=ast.MatMult(), right=right):
                (left, ta), (right, tb) = _transposed(left), _transposed(right)
                op, inputs = ops.matmul(ta, tb), [left, right]
            case ast.List() | ast.Tuple():
                raise LessonError(
                    f"{ast.unparse(tree)!r} is not allowed here; a row is typed 1 1 1, a matrix "
                    "1 2; 3 4, in an equation of its own"
                )
            case ast.Attribute(value=operand, attr="T"):
                op, inputs = ops.TRANSPOSE, [operand]
            case ast.Call(func=ast.Name(id=called), args=inputs, keywords=[]):
                op = _function(called, inputs)
            case _:
                raise LessonError(f"{ast.unparse(tree)!r} is not allowed here, {_KNOWN}")
        values = tuple(self.node(value, of) for value in inputs)
        if self.singles & set(values):
            if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.MatMult):
                return self.node(self._entrywise(tree, values), of, name)
            if op is ops.TRANSPOSE:
                if name:
                    raise LessonError(f"{name} only renames {values[0]}; use {values[0]} itself")
                return values[0]
        _bounded(len(self.equations) + 1)
        output = name or self._unused(of)
        self.equations.append(Equation(output, self._fitted(op, values, output), values))
        return output

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

    def _is_linear(self, *atoms: ast.expr) -> bool:
        """Whether W @ x + b is one step: three names, and b makes the product no larger."""
        shapes = [self.shapes[atom.id] for atom in atoms if isinstance(atom, ast.Name)]
        if len(shapes) < 3:
            return False
        W, x, b = shapes
        product = W[:1] + x[1:]
        if (not W or not x) or not b:
            return not self.singles & {atom.id for atom in atoms if isinstance(atom, ast.Name)}
        return product != (1, 1) and all(mine in (1, n) for mine, n in zip(b, product, strict=True))

    def _entrywise(self, tree: ast.BinOp, values: Sequence[str | Number]) -> ast.BinOp:
        """A matrix product with a number that came from another one, as a product of entries."""
        factors, sides = [], []
        for side, value in zip((tree.left, tree.right), values, strict=True):
            turned = _transposed(side)[1] and value not in self.singles
            shape = self.shapes[value] if isinstance(value, str) else ()
            if not shape and value not in self.singles:
                raise ShapeError("a matrix product has a single number, expected a matrix")
            sides.append(Sym(str(value), (shape[::-1] if turned else shape) or (1, 1)))
            factor = ast.Name(id=str(value))
            factors.append(ast.Attribute(value=factor, attr="T") if turned else factor)
        _ = sides[0] @ sides[1]  # both shapes are named where they do not fit
        return ast.BinOp(left=factors[0], op=ast.Mult(), right=factors[1])

    def _unused(self, stem: str) -> str:
        self.unnamed[stem] = self.unnamed.get(stem, 0) + 1
        return f"{stem}.{self.unnamed[stem]}"


def _spelled_out(tree: ast.expr) -> tuple[Op, ast.expr] | None:
    """The activation whose formula this is, and what it is applied to."""
    for formula, op in _SPELLED_OUT:
        inner = next(_filled(formula, tree, None), None)
        if inner is not None:
            return op, inner
    return None


def _filled(formula: ast.expr, tree: ast.expr, z: ast.expr | None) -> Iterator[ast.expr | None]:
    """What stands for z where a tree has the form of a formula; terms may change places."""
    match formula, tree:
        case ast.Name(), _:
            if z is None or ast.dump(z) == ast.dump(tree):
                yield tree
        case ast.Constant(value=mine), ast.Constant(value=int() | float() as typed):
            if mine == typed:
                yield z
        case ast.UnaryOp(operand=mine), ast.UnaryOp(op=ast.USub(), operand=typed):
            yield from _filled(mine, typed, z)
        case ast.Call(func=ast.Name(mine), args=[a]), ast.Call(
            func=ast.Name(typed), args=[b], keywords=[]
        ) if ops.FUNCTIONS[mine] is ops.FUNCTIONS.get(typed):
            yield from _filled(a, b, z)
        case ast.BinOp(op=mine), ast.BinOp(left=a, op=typed, right=b) if type(mine) is type(typed):
            for one, other in [(a, b), (b, a)][: 1 + isinstance(mine, ast.Add)]:
                for bound in _filled(formula.left, one, z):
                    yield from _filled(formula.right, other, bound)


def _function(called: str, inputs: Sequence[ast.expr]) -> Op:
    if called not in ops.FUNCTIONS:
        raise LessonError(f"{called}() is not known; {nearest(called, ops.FUNCTIONS)}")
    op = ops.FUNCTIONS[called]
    if len(op.slots) != len(inputs):
        raise LessonError(f"{called}() takes {len(op.slots)} inputs, {len(inputs)} given")
    beside_a_number = any(_constant(tree) is not None for tree in inputs)
    return ops.BESIDE_A_NUMBER.get(called, op) if beside_a_number else op


def _transposed(tree: ast.expr) -> tuple[ast.expr, bool]:
    """What a factor is the transpose of, and whether it is one."""
    match tree:
        case ast.Attribute(value=inner, attr="T"):
            return inner, True
    return tree, False


def _added(tree: ast.expr) -> list[ast.expr]:
    """The terms of a sum, from left to right."""
    terms: list[ast.expr] = []
    while isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Add):
        terms.insert(0, tree.right)
        tree = tree.left
    return [tree, *terms]


def _weighted_terms(tree: ast.expr) -> list[list[ast.expr]] | None:
    """The terms of a sum of two or more products of two factors, perhaps with a bias at its end."""
    terms = [_factors(term) for term in _added(tree)]
    atoms = all(isinstance(atom, ast.Name | ast.Constant) for term in terms for atom in term)
    pairs = terms[:-1] if len(terms[-1]) == 1 else terms
    return terms if atoms and len(pairs) > 1 and all(len(pair) == 2 for pair in pairs) else None


def _factors(tree: ast.expr) -> list[ast.expr]:
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Mult):
        return [tree.left, tree.right]
    return [tree]


def _constant(tree: ast.expr) -> Number | None:
    """The number an expression without names stands for."""
    match tree:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as value, kind=written):
            return _finite(_as_typed(written, value), tree)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _constant(operand)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            over, below = _constant(left), _constant(right)
            if over is not None and below is not None:
                return _finite(over / below, tree)
    return None


def _as_typed(written: str | None, value: float) -> Number:
    """A number with all the digits that were typed."""
    try:
        return Number(written or repr(value))
    except InvalidOperation:  # typed as Python can, and as nobody writes: 0x1f
        return number(value)


def _finite(value: Number, tree: ast.expr) -> Number:
    if not value.is_finite:
        raise LessonError(f"{ast.unparse(tree)[:40]} is not a finite number, expected one")
    return value
