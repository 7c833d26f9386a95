"""The house in figures: modules, functions, rooms and arrows, and a lesson's way through them.

Run `python benchmarks/structure.py`, or with the folder of another copy of `tracer` to measure
that one. A room is a folder of the package, or a module that stands beside the folders. The way is
that of a lesson to its verdicts, each function followed at its first call: a station is a room
that is entered, a return one that was left before.
"""

from __future__ import annotations

import ast
import statistics
import sys
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from itertools import groupby
from pathlib import Path
from types import FrameType
from typing import Any

HERE = Path(__file__).parents[1]
LESSON = "or-batch"


@dataclass(frozen=True)
class House:
    """The modules of a package, by name, and what each imports."""

    sources: dict[str, Path]
    arrows: dict[str, frozenset[str]]


def house(root: Path) -> House:
    """The package `tracer` below a folder, read as text."""
    package = root / "tracer"
    sources = {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(package.rglob("*.py"))
    }
    arrows = {
        name: frozenset(_imported(path, set(sources)) - {name, "tracer"})
        for name, path in sources.items()
        if name != "tracer"  # the front door fetches its names when asked
    }
    return House(sources, arrows)


def _imported(path: Path, known: set[str]) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found |= {_module(f"{node.module}.{alias.name}", known) for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {_module(alias.name, known) for alias in node.names}
    return found - {""}


def _module(dotted: str, known: set[str]) -> str:
    """The module that an imported name belongs to, or nothing where it is none of ours."""
    parts = dotted.split(".")
    prefixes = (".".join(parts[:k]) for k in range(len(parts), 0, -1))
    return next((prefix for prefix in prefixes if prefix in known), "")


def room(module: str) -> str:
    """The folder of a module, or the module itself where it stands in none."""
    return module.split(".")[1]


def between_rooms(arrows: dict[str, frozenset[str]]) -> set[tuple[str, str]]:
    """Which rooms import from which others."""
    pairs = {(room(one), room(other)) for one, others in arrows.items() for other in others}
    return {(one, other) for one, other in pairs if one != other}


def has_circle(arrows: dict[str, frozenset[str]]) -> bool:
    """Whether modules import each other."""
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError:
        return True
    return False


def longest_chain(arrows: dict[str, frozenset[str]]) -> int:
    """How many modules stand in the longest line in which each imports the next."""

    @cache
    def below(module: str) -> int:
        return 1 + max(map(below, arrows[module]), default=0)

    return max(map(below, arrows))


def function_lengths(source: str) -> Iterator[int]:
    """The lines of each function, its name and docstring included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1


def code_and_comments(path: Path) -> tuple[int, int]:
    """How many lines hold code, docstrings not counted, and how many hold a comment."""
    nothing = (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    code: set[int] = set()
    comments: set[int] = set()
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT:
                comments.add(token.start[0])
            elif token.type not in (*nothing, tokenize.ENCODING):
                code.update(range(token.start[0], token.end[0] + 1))
    return len(code - _said(path)), len(comments)


def _said(path: Path) -> set[int]:
    """The lines of strings that stand alone: docstrings, and notes below a field."""
    return {
        line
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def way(root: Path) -> list[str]:
    """The rooms that a lesson passes on its way to its verdicts, in turn."""
    sys.path.insert(0, str(root))
    import tracer

    check, load = _check(), tracer.load
    seen: set[object] = set()
    passed: list[str] = []

    def enter(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        path = Path(code.co_filename)
        if event == "call" and code not in seen and path.is_relative_to(root / "tracer"):
            seen.add(code)
            passed.append(path.relative_to(root / "tracer").with_suffix("").parts[0])

    load(LESSON)  # what is made once for all lessons is not on the way of one
    sys.setprofile(enter)
    try:
        check(load(LESSON))
    finally:
        sys.setprofile(None)
    return [one for one, _ in groupby(passed)]


def _check() -> Callable[..., Any]:
    """What compares a lesson with its printed numbers, wherever it stands in this copy."""
    try:
        home = import_module("tracer.lesson.check")
    except ImportError:
        home = import_module("tracer.check")
    found: Callable[..., Any] = home.check
    return found


def main() -> None:
    """Print the figures, one a line."""
    root = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else HERE
    found = house(root)
    texts = [path.read_text("utf-8") for path in found.sources.values()]
    lengths = sorted(length for text in texts for length in function_lengths(text))
    counted = [code_and_comments(path) for path in found.sources.values()]
    stations = way(root)
    figures = {
        "modules": len(texts),
        "lines in all": sum(text.count("\n") for text in texts),
        "lines of code": sum(code for code, _ in counted),
        "lines with a comment": sum(comments for _, comments in counted),
        "median file, lines": int(statistics.median(text.count("\n") for text in texts)),
        "function, median": int(statistics.median(lengths)),
        "function, 90th percentile": lengths[len(lengths) * 9 // 10],
        "function, longest": lengths[-1],
        "import circles": int(has_circle(found.arrows)),
        "longest import chain": longest_chain(found.arrows),
        "rooms": len({room(module) for module in found.arrows}),
        "arrows between rooms": len(between_rooms(found.arrows)),
        "stations to the verdicts": len(stations),
        "returns on the way": len(stations) - len(set(stations)),
    }
    for name, figure in figures.items():
        print(f"{name:<26} {figure:>7,}")


if __name__ == "__main__":
    main()
