"""Plain equations to a program: `c = a * b`, one scalar operation a node.

An expression is data: it is parsed with a small whitelist over Python's `ast`, never run.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable, Sequence
from graphlib import CycleError, TopologicalSorter

from tracer import ops
from tracer.errors import LessonError, TracerError, UnknownName, nearest
from tracer.ops import Op
from tracer.program import Equation, Leaf, Program

LONGEST, DEEPEST, MOST_NODES = 2_000, 150, 400
_BINARY: dict[type[ast.operator], Op] = {
    ast.Add: ops.ADD,
    ast.Sub: ops.SUBTRACT,
    ast.Mult: ops.MULTIPLY,
    ast.Div: ops.DIVIDE,
    ast.Pow: ops.POWER,
}
_KNOWN = "expected names, numbers, + - * / **, and " + ", ".join(sorted(ops.FUNCTIONS))


def graph(equations: str, learning_rate: float | None = None, data: Iterable[str] = ()) -> Program:
    """The program of a few equations, one to a line or separated by semicolons.

    >>> graph("a = 2; b = 5; c = a*b; d = b + 1; e = c*d").names
    ['a', 'b', 'c', 'd', 'e']

    A name that is given a number is a leaf; all numbers are scalars. Gradients go to every leaf
    but those named in `data`. A sum of products, `w1*x1 + w2*x2 + b`, is one step.
    Raises LessonError for an equation that cannot be read, UnknownName for a name without one.
    """
    lines = [line for line in equations.replace(";", "\n").splitlines() if line.strip()]
    parsed = []
    for number, line in enumerate(lines, 1):
        name, equals, expression = line.partition("=")
        if not equals:
            raise LessonError(f"{line.strip()!r} is no equation, expected 'name = expression'")
        parsed.append((name.strip(), expression.strip(), f"equation {number}"))
    return build(parsed, learning_rate, data)


def build(
    equations: Sequence[tuple[str, str, str]],
    learning_rate: float | None = None,
    data: Iterable[str] = (),
) -> Program:
    """The program of equations given as (name, expression, where it stands)."""
    if learning_rate is not None and not math.isfinite(learning_rate):
        raise LessonError("the learning rate is not finite, expected a number such as 0.1")
    trees: dict[str, ast.expr] = {}
    places: dict[str, str] = {}
    for name, expression, where in equations:
        if not name.isidentifier() or not name.isascii():
            raise LessonError(
                f"{name!r} is no name for a node, expected one such as c or w1", where
            )
        if name in trees:
            raise LessonError(f"{name} is given twice, first at {places[name]}; rename one", where)
        trees[name] = _parse(name, expression, where)
        places[name] = where
    if not trees:
        raise LessonError("the graph is empty, expected equations such as 'c = a * b'")
    fixed = set(data)
    for name in fixed - set(trees):
        raise UnknownName(f"{name} is named as data but not given; {nearest(name, trees)}")
    builder = _Builder(trees)
    for name in _in_order(trees, places):
        try:
            builder.add(name, trees[name], "data" if name in fixed else "parameter")
        except TracerError as error:
            raise error.at(places[name]) from None
    if not builder.equations:
        raise LessonError("the graph computes nothing, expected an equation such as 'c = a * b'")
    return Program(tuple(builder.leaves), tuple(builder.equations), learning_rate)


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


def _in_order(trees: dict[str, ast.expr], places: dict[str, str]) -> list[str]:
    """The names in the order of the file, but none before what it uses."""
    needs: dict[str, list[str]] = {}
    for name, tree in trees.items():
        called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        names = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called]
        for used in names:
            if used.id not in trees:
                way_out = nearest(used.id, trees)
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

    def add(self, name: str, tree: ast.expr, role: str) -> None:
        constant = _constant(tree)
        if constant is not None:
            self.leaves.append(Leaf(name, constant, role))
        elif isinstance(tree, ast.Name):
            raise LessonError(f"{name} = {tree.id} only renames {tree.id}; use {tree.id} itself")
        else:
            self._node(tree, name, name)

    def _node(self, tree: ast.expr, of: str, name: str | None = None) -> str | float:
        """The value of a subexpression: a number, a name, or a node made for it.

        A node without a name of its own is called after the one it is part of: e_1, e_2.
        """
        constant = _constant(tree)
        if constant is not None:
            return constant
        match tree:
            case ast.Name(id=used):
                return used
            case ast.BinOp(op=ast.Add()) if terms := _weighted_terms(tree):
                flat = [atom for term in terms for atom in term]
                pairs = sum(len(term) == 2 for term in terms)
                op, inputs = ops.weighted_sum(pairs, bias=len(flat) % 2 == 1), flat
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _BINARY:
                op, inputs = _BINARY[type(operator)], [left, right]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                op, inputs = ops.NEGATE, [operand]
            case ast.Call(func=ast.Name(id=called), args=inputs, keywords=[]):
                op = _function(called, len(inputs))
            case _:
                raise LessonError(f"{ast.unparse(tree)!r} is not allowed here, {_KNOWN}")
        values = tuple(self._node(value, of) for value in inputs)
        if len(self.equations) >= MOST_NODES:
            raise LessonError(f"the graph has more than {MOST_NODES} nodes, expected fewer")
        output = name or self._unused(of)
        self.equations.append(Equation(output, op, values))
        return output

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


def _weighted_terms(tree: ast.expr) -> list[list[ast.expr]] | None:
    """The terms of a sum of two or more products of two factors, perhaps with a bias at its end."""
    terms: list[list[ast.expr]] = []
    while isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Add):
        terms.insert(0, _factors(tree.right))
        tree = tree.left
    terms.insert(0, _factors(tree))
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
