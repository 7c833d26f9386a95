"""Imports go one way: each room imports only from those before it in the plan of the house."""

import ast
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import tracer

PACKAGE = Path(tracer.__file__).parent
PLAN = PACKAGE.parent / "ARCHITECTURE.md"
ORDER = re.findall(r"^\| `(\w+)` \|", PLAN.read_text("utf-8"), re.MULTILINE)
"""A folder counts as one room. The front door, `tracer` itself, fetches names when asked."""
SYMBOLIC = {"written.readings": ("Symbols",), "derive": ()}
"""The rooms or modules that use sympy, and the class in which they do."""


def sources():
    """Every module of the package by its name, with its text."""
    return {module_name(path): path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}


def module_name(path):
    """tracer/render/boxes.py is render.boxes, and tracer/cli/__init__.py is cli."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


def imported(source, known):
    """The modules of tracer that a text imports anywhere, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            found |= {deepest(f"{node.module}.{alias.name}", known) for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {deepest(alias.name, known) for alias in node.names}
    return found - {None}


def deepest(dotted, known):
    """The module that an imported name belongs to: `tracer.ops.rows.row` to `ops.rows`."""
    top, _, rest = dotted.partition(".")
    if top != "tracer":
        return None
    parts = rest.split(".")
    prefixes = [".".join(parts[:k]) for k in range(len(parts), 0, -1)]
    return next((prefix for prefix in prefixes if prefix in known), "__init__")


def room(module):
    """The first part of a module's name."""
    return module.partition(".")[0]


def wrong_way(modules):
    """Each import of a module that does not come before the one that imports it."""
    return [
        f"{module} imports {target}"
        for module, source in modules.items()
        if module != "__init__"
        for target in sorted(imported(source, modules))
        if target != "__init__" and room(target) != room(module) and place(target) > place(module)
    ]


def place(module):
    """Where a module stands in the order; behind all others while it has no place."""
    return ORDER.index(room(module)) if room(module) in ORDER else len(ORDER)


def relative(modules):
    """The modules that say where to import from relative to themselves: `from . import names`."""
    return [
        module
        for module, source in modules.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.level
    ]


def circles(modules):
    """The modules that import each other, files inside one folder included."""
    needs = {
        module: imported(source, modules) - {"__init__", module}
        for module, source in modules.items()
        if module != "__init__"
    }
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def sympy_misplaced(modules):
    """Imports of sympy outside the rooms that need it, or loaded before they are called."""
    return [
        ".".join((module, *path))
        for module, source in modules.items()
        for path in paths_to_sympy(ast.parse(source), ())
        if (inside := SYMBOLIC.get(module, SYMBOLIC.get(room(module)))) is None
        or path[: len(inside)] != inside
        or len(path) == len(inside)
    ]


def paths_to_sympy(node, path):
    """The names of the classes and functions around each import of sympy."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = [alias.name for alias in node.names]
        top = [getattr(node, "module", None) or name for name in names]
        return [path] if any(name.split(".")[0] == "sympy" for name in top) else []
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        path = (*path, node.name)
    return [p for child in ast.iter_child_nodes(node) for p in paths_to_sympy(child, path)]


def test_every_module_has_its_place_in_the_order():
    assert {room(module) for module in sources()} - {"__init__"} == set(ORDER)
    assert len(ORDER) == len(set(ORDER))


def test_imports_go_one_way():
    assert wrong_way(sources()) == []


def test_imports_name_the_whole_way():
    assert relative(sources()) == []


def test_no_two_modules_import_each_other():
    assert circles(sources()) == []


def test_sympy_is_imported_only_where_something_is_derived_and_only_when_it_is():
    assert sympy_misplaced(sources()) == []


# the same checks, given something wrong


def with_line(module, line):
    """The modules of the package, empty but for one line in one of them."""
    return dict.fromkeys(sources(), "") | {module: line}


@pytest.mark.parametrize(
    ("module", "line", "objection"),
    [
        ("numbers.pen", "from tracer.trace import Trace", "numbers.pen imports trace"),
        ("numbers.pen", "import tracer.trace.tape", "numbers.pen imports trace.tape"),
        ("ops", "from tracer import network", "ops imports network"),
        ("ops", "def f():\n    from tracer.cli.main import main", "ops imports cli.main"),
        ("ops", "if True:\n    import tracer.lesson as lesson", "ops imports lesson"),
        ("trace", "from tracer.page import pages", "trace imports page.pages"),
        ("render.boxes", "from tracer.cli import main", "render.boxes imports cli.main"),
    ],
)
def test_an_import_the_wrong_way_is_caught(module, line, objection):
    assert wrong_way(with_line(module, line)) == [objection]


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("trace", "from tracer.errors import TracerError"),
        ("trace", "from tracer import ops"),
        ("trace", "import numpy"),
        ("trace", "from traceback import print_exc"),
        ("cli.main", "from tracer import __version__"),
        ("render.terminal", "from tracer.render.boxes import box"),
    ],
)
def test_an_import_the_right_way_is_not(module, line):
    assert wrong_way(with_line(module, line)) == []


@pytest.mark.parametrize("line", ["from . import names", "from .names import pretty"])
def test_a_relative_import_is_caught(line):
    assert relative(with_line("trace", line)) == ["trace"]


def test_a_module_without_a_place_is_caught():
    assert wrong_way({"new": "", "cli.main": "from tracer import new"}) == ["cli.main imports new"]


@pytest.mark.parametrize(("one", "other"), [("render.base", "render.terminal"), ("ops", "names")])
def test_a_circle_is_caught(one, other):
    modules = {one: f"import tracer.{other}", other: f"import tracer.{one}"}
    assert set(circles(modules)) == {one, other}


@pytest.mark.parametrize(
    ("module", "line", "where"),
    [
        ("trace", "import sympy", ["trace"]),
        ("trace", "def f():\n    import numpy, sympy.abc", ["trace.f"]),
        ("written.readings", "from sympy import Symbol", ["written.readings"]),
        (
            "written.readings",
            "class Floats:\n    def f():\n        import sympy",
            ["written.readings.Floats.f"],
        ),
        ("written.readings", "class Symbols:\n    import sympy", ["written.readings.Symbols"]),
        ("written.readings", "class Symbols:\n    def f():\n        import sympy", []),
        ("derive.judge", "from sympy.core import Expr", ["derive.judge"]),
        ("derive.judge", "def f():\n    import sympy", []),
    ],
)
def test_a_misplaced_import_of_sympy_is_caught(module, line, where):
    assert sympy_misplaced(with_line(module, line)) == where


# what is loaded in fact


def loaded_by(statement):
    """The top-level modules in a fresh interpreter after a statement."""
    asked = f"{statement}\nimport sys\nprint(*sorted({{n.split('.')[0] for n in sys.modules}}))"
    run = [sys.executable, "-c", asked]
    return subprocess.run(
        run, cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    ).stdout.split()


HEAVY = {"numpy", "sympy", "rich", "mpmath", "matplotlib"}


@pytest.mark.parametrize(
    ("statement", "heavy"),
    [
        ("import tracer", set()),
        ("import tracer.errors, tracer.numbers.rounding, tracer.written.names", set()),
        ("import tracer.lesson.reading", set()),
        ("from tracer import load; load('or-batch')", set()),
        ("import tracer.trace.tape, tracer.network, tracer.trace.equations", {"numpy"}),
        ("from tracer import graph, work; work(graph('a = 2; b = a*a'))", {"numpy"}),
        ("from tracer.written.readings import Symbols; Symbols()", {"numpy", "sympy", "mpmath"}),
    ],
)
def test_a_module_loads_no_more_than_it_needs(statement, heavy):
    assert HEAVY & set(loaded_by(statement)) == heavy
