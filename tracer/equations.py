"""Plain equations to a program: `c = a * b`, one operation a node.

An expression is data: it is parsed with a small whitelist over Python's `ast`, never run.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import numpy as np

from tracer import ops
from tracer.errors import LessonError, ShapeError, TracerError, UnknownName, nearest
from tracer.notation import Expr, Num, Shape, Sym, without_parts
from tracer.ops import Op
from tracer.program import Equation, Leaf, Program
from tracer.rates import Rate, Schedule, usable
from tracer.readings import Notation
from tracer.rounding import plain
from tracer.typed import finite, parse_rows

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
HABITS = {
    "e": "a power of Euler's number is written exp(...)",
    **dict.fromkeys(
        ("np", "numpy", "math", "torch"),
        "functions stand alone, as in exp(z), and the matrix product is a @ b",
    ),
}
"""What is written otherwise in a program, and the way out."""
CLOCK = ("t", "epoch")
"""What a learning rate can depend on: the number of the update from 1, and the epoch from 0."""
NEED_MATRIX = ("matrix product", "transpose", "softmax", "linear")
_KNOWN = "expected names, numbers, + - * / ** @, and " + ", ".join(sorted(ops.FUNCTIONS))


def graph(
    equations: str, learning_rate: float | str | None = None, data: Iterable[str] = ()
) -> Program:
    """The program of a few equations, one to a line or separated by semicolons.

    >>> graph("a = 2; b = 5; c = a*b; d = b + 1; e = c*d").names
    ['a', 'b', 'c', 'd', 'e']

    A name that is given a number is a leaf, and so is one that is given a matrix, typed as
    `1 2; 3 4` (in a string of several equations they stand on lines of their own). Gradients go to
    every leaf but those named in `data`. A sum of products, `w1*x1 + w2*x2 + b`, is one step, and
    so is `W @ x + b`.
    Raises LessonError for an equation that cannot be read, UnknownName for a name without one.
    """
    lines = [line for line in re.split(r";(?=[^;\n]*=)|\n", equations) if line.strip()]
    parsed = []
    for number, line in enumerate(lines, 1):
        name, equals, expression = line.partition("=")
        if not equals:
            raise LessonError(f"{line.strip()!r} is no equation, expected 'name = expression'")
        parsed.append((name.strip(), expression.strip(), f"equation {number}"))
    return build(parsed, learning_rate, data)


def build(
    equations: Sequence[tuple[str, str, str]],
    learning_rate: Rate | str | None = None,
    data: Iterable[str] = (),
    fixed: Iterable[str] = (),
) -> Program:
    """The program of equations given as (name, expression, where it stands)."""
    rate = rate_of(learning_rate)
    trees: dict[str, Tree] = {}
    places: dict[str, str] = {}
    for name, expression, where in equations:
        if not name.isidentifier() or not name.isascii():
            raise LessonError(
                f"{name!r} is no name for a node, expected one such as c or w1", where
            )
        if name in trees:
            raise LessonError(f"{name} is given twice, first at {places[name]}; rename one", where)
        trees[name] = _matrix(expression, where) or _parse(name, expression, where)
        places[name] = where
    if not trees:
        raise LessonError("the graph is empty, expected equations such as 'c = a * b'")
    roles = dict.fromkeys(data, "data") | dict.fromkeys(fixed, "fixed")
    for name, role in roles.items():
        if name not in trees:
            raise UnknownName(f"{name} is named as {role} but not given; {nearest(name, trees)}")
    builder = _Builder(trees)
    for name in _in_order(trees, places):
        try:
            builder.add(name, trees[name], roles.get(name, "parameter"))
        except TracerError as error:
            raise error.at(places[name]) from None
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
    with suppress(ValueError):
        float(text)
        return usable(finite("learning-rate", text))
    tree = _parse("learning-rate", text, "")
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
    builder = _Builder(CLOCK)
    builder.shapes = dict.fromkeys(CLOCK, ())
    last = builder.node(tree, "rate")
    found: dict[str, Expr] = {name: Sym(name) for name in CLOCK}

    def part(of: str | float) -> Expr:
        return found[of] if isinstance(of, str) else Num(_digits(of))

    for equation in builder.equations:
        found[equation.output] = equation.op.value(Notation(), *map(part, equation.inputs))
    return without_parts(part(last))


def _matrix(text: str, where: str) -> Typed | None:
    """A matrix typed as numbers, rows separated by semicolons; None for anything else."""
    if not re.fullmatch(r"\(?[\d.eE+\-−,;\s]+(\)\s*\^T)?", text):
        return None
    try:
        rows = parse_rows(text)
    except LessonError as error:
        if ";" in text:
            raise error.at(where) from None
        return None
    array = np.array([[float(token) for token in row] for row in rows])
    return Typed(array) if array.size > 1 or ";" in text else None


def _parse(name: str, expression: str, where: str) -> ast.expr:
    if len(expression) > LONGEST:
        raise LessonError(f"the expression of {name} is longer than {LONGEST} characters", where)
    if "^" in expression:
        raise LessonError(f"{expression!r} has ^, expected ** for a power", where)
    try:
        tree = ast.parse(expression.strip() or "?", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise LessonError(f"{name} = {expression} cannot be read, {_KNOWN}", where) from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in (math.inf, -math.inf):
            typed = ast.get_source_segment(expression.strip(), node)
            raise LessonError(f"{typed} is not a finite number, expected one", where)
    if _depth(tree) > DEEPEST:
        raise LessonError(
            f"{name} is nested too deeply; give parts of it names of their own", where
        )
    return tree


def _depth(tree: ast.AST) -> int:
    level, depth = [tree], 0
    while level:
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        depth += 1
    return depth


def _digits(number: float) -> str:
    """A number as it is typed, with all its digits."""
    short = plain(number)
    return short if float(short) == number else repr(number)


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
                way_out = HABITS.get(used.id, way_out)
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


class _Builder:
    """Takes expressions apart into one operation a node."""

    def __init__(self, names: Iterable[str]) -> None:
        self.taken = set(names)
        self.leaves: list[Leaf] = []
        self.equations: list[Equation] = []
        self.shapes: dict[str, Shape] = {}

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
            self.node(tree, name, name)

    def averages(self) -> bool:
        """Whether a mean is taken of what comes from a matrix of data, and so over examples."""
        reached = {leaf.name for leaf in self.leaves if leaf.role == "data" and np.ndim(leaf.value)}
        for equation in self.equations:
            if reached.intersection(equation.inputs):
                if equation.op.name == "mean":
                    return True
                reached.add(equation.output)
        return False

    def _leaf(self, leaf: Leaf) -> None:
        self.leaves.append(leaf)
        self.shapes[leaf.name] = np.shape(leaf.value)

    def node(self, tree: ast.expr, of: str, name: str | None = None) -> str | float:
        """The value of a subexpression: a number, a name, or a node made for it.

        A node without a name of its own is called after the one it is part of: e_1, e_2.
        """
        constant = _constant(tree)
        if constant is not None:
            return constant
        match tree:
            case ast.Name(id=used):
                return used
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
                op = _function(called, len(inputs))
            case _:
                raise LessonError(f"{ast.unparse(tree)!r} is not allowed here, {_KNOWN}")
        values = tuple(self.node(value, of) for value in inputs)
        if len(self.equations) >= MOST_NODES:
            raise LessonError(f"the graph has more than {MOST_NODES} nodes, expected fewer")
        output = name or self._unused(of)
        self.equations.append(Equation(output, self._fitted(op, values, output), values))
        return output

    def _is_linear(self, *atoms: ast.expr) -> bool:
        """Whether W @ x + b is one step: names, and a bias that does not stretch the product."""
        names = [atom.id for atom in atoms if isinstance(atom, ast.Name)]
        if len(names) < 3:
            return False
        W, X, b = (self.shapes[name] for name in names)
        product = W[:1] + X[1:]
        return len(b) < 2 or all(
            side in (1, whole) for side, whole in zip(b, product, strict=False)
        )

    def _fitted(self, op: Op, inputs: tuple[str | float, ...], output: str) -> Op:
        """The operation with joins for the shapes that meet: a bias for a whole batch is summed."""
        symbols = [Sym(i, self.shapes[i]) if isinstance(i, str) else Num(plain(i)) for i in inputs]
        if op.name in NEED_MATRIX and any(not symbol.shape for symbol in symbols[:2]):
            raise ShapeError(f"{op.name} in {output} has a single number, expected a matrix")
        shape = self.shapes[output] = op.value(Notation(), *symbols).shape
        return ops.fitted(op, [symbol.shape for symbol in symbols], shape)

    def _unused(self, stem: str) -> str:
        number = next(k for k in range(1, 10_000) if f"{stem}_{k}" not in self.taken)
        self.taken.add(f"{stem}_{number}")
        return f"{stem}_{number}"


def _function(called: str, given: int) -> Op:
    if called not in ops.FUNCTIONS:
        raise LessonError(f"{called}() is not known; {nearest(called, ops.FUNCTIONS)}")
    op = ops.FUNCTIONS[called]
    if len(op.slots) != given:
        raise LessonError(f"{called}() takes {len(op.slots)} inputs, {given} given")
    return op


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


def _constant(tree: ast.expr) -> float | None:
    """The number an expression without names stands for."""
    match tree:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as number):
            return _finite(lambda: float(number), tree)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _constant(operand)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            over, below = _constant(left), _constant(right)
            if over is not None and below is not None:
                return _finite(lambda: over / below, tree)
    return None


def _finite(compute: Callable[[], float], tree: ast.expr) -> float:
    try:
        number = compute()
    except (OverflowError, ZeroDivisionError):
        number = math.inf
    if not math.isfinite(number):
        raise LessonError(f"{ast.unparse(tree)[:40]} is not a finite number, expected one")
    return number
