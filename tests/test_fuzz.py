"""Whatever is typed in, what comes out is a result or one TracerError, and nothing else happens.

Lessons, formulas, graphs and names are made at random, from nothing and from real lessons, and the
traces of lessons are damaged at random. A file in `broken/` is an input that once brought something
else about.
"""

import contextlib
import faulthandler
import functools
import json
import operator
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from random import Random

import pytest
import sympy
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tracer import graph, work
from tracer.cli.replay.places import Place
from tracer.cli.replay.reading import Reading
from tracer.cli.replay.sheet import Paper
from tracer.cli.replay.sources import OfRecording
from tracer.derive import derive, limit, only_variable
from tracer.errors import TracerError
from tracer.lesson.blocks import KEYS
from tracer.lesson.home import lesson_names, walkthroughs
from tracer.lesson.reading import read as read_lesson
from tracer.lesson.solution import explain, solve
from tracer.ops import FUNCTIONS
from tracer.record import decode, encode, record
from tracer.written.names import latex, parse_name, pretty
from tracer.written.reading import read as read_formula

FOLDER = Path(__file__).resolve().with_name("broken")
"What once broke something; and where the lessons made here believe to stand."
LESSONS = {name: (walkthroughs() / f"{name}.md").read_text("utf-8") for name in lesson_names()}
HANGS = 600
"Seconds after which the whole run ends, with a traceback of what hangs."


def often(examples: int):
    """The same examples on every run."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )


# what may come out


def survives(call, *args) -> bool:
    """Whether something is done; each fault is one line, and nothing outside is touched."""
    faulthandler.dump_traceback_later(HANGS, exit=True, file=sys.__stderr__)
    try:
        with watched():
            call(*args)
    except TracerError as fault:
        for one in getattr(fault, "faults", (fault,)):
            said = str(one)
            assert said.strip()
            assert len(said.splitlines()) == 1
        return False
    finally:
        faulthandler.cancel_dump_traceback_later()
    return True


class Reached(BaseException):
    """Something outside was reached for."""


@contextmanager
def watched():
    """No file is opened, no program started and no code run in the block, on this thread."""
    outside.thread = threading.get_ident()
    try:
        yield
    finally:
        outside.thread = None


class Outside:
    """Hears of all that Python does outside itself, while it watches a thread."""

    def __init__(self) -> None:
        self.thread: int | None = None
        sys.addaudithook(self.heard)

    def heard(self, event: str, args: tuple) -> None:
        if self.thread == threading.get_ident() and is_outside(event, args):
            self.thread = None
            raise Reached(f"{event} {args}")


FORBIDDEN = re.compile(r"(os|ctypes|subprocess|shutil|socket|tempfile|urllib|pickle)\.")
LOADING = "<frozen importlib._bootstrap>"
SYMPY = str(Path(sympy.__file__).parent)
"""Runs code that it writes itself, as to multiply monomials. What is typed in must not be part of
it, so formulas are made that would be noticed: they open files and start programs."""
CHILD = limit.__file__
"Starts the one program that may be started, of which nothing that is typed in is part."


def is_outside(event: str, args: tuple) -> bool:
    """Whether an audit event tells of a file, a program or code that is no lesson's business.

    Its own folder is, and so is a module of Python's that is loaded when it is first needed.
    """
    if event not in ("open", "exec") and not FORBIDDEN.match(event):
        return False
    if {LOADING, CHILD} & {*files_at_work()}:
        return False
    reads = event in ("os.listdir", "os.scandir") or (event == "open" and args[1] in ("r", "rb"))
    beside = reads and Path(os.fsdecode(args[0])).is_relative_to(FOLDER)
    by_sympy = event == "exec" and next(files_at_work()).startswith(SYMPY)
    return not (beside or by_sympy)


def files_at_work():
    """The file of each function at work, the innermost one that is not of these tests first."""
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename != __file__:
            yield frame.f_code.co_filename
        frame = frame.f_back


outside = Outside()


@pytest.mark.parametrize(
    "reach",
    [
        lambda: open(__file__),  # noqa: SIM115
        lambda: open(FOLDER / "made-by-a-lesson.txt", "a"),  # noqa: SIM115
        lambda: list(FOLDER.parent.iterdir()),
        lambda: Path("made-by-a-lesson.txt").write_text("x"),
        lambda: (walkthroughs() / "or-batch.md").read_bytes(),
        lambda: os.system("true"),
        lambda: os.remove("made-by-a-lesson.txt"),
        lambda: os.mkdir("made-by-a-lesson"),
        lambda: subprocess.run(["true"]),
        lambda: eval("1 + 1"),
        lambda: exec("x = 1"),
        lambda: socket.create_connection(("localhost", 9)),
        lambda: tempfile.mkdtemp(),
    ],
)
def test_whatever_reaches_outside_would_be_noticed(reach):
    with pytest.raises(Reached), watched():
        reach()
    assert not [*Path().glob("made-by-a-lesson*"), *FOLDER.glob("made-by-a-lesson*")]


def test_what_stands_beside_a_lesson_may_be_read():
    with watched():
        assert [path.read_text("utf-8") for path in FOLDER.iterdir()]


def test_what_hangs_would_be_noticed():
    hanging = "import test_fuzz, time; test_fuzz.HANGS = 1; test_fuzz.survives(time.sleep, 10**6)"
    ended = subprocess.run(
        [sys.executable, "-c", hanging],
        cwd=Path(__file__).parent,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert ended.returncode != 0
    assert "in survives" in ended.stderr


@pytest.mark.parametrize("said", ["", "  ", "two\nlines", "two\rlines", "two\x85lines"])
def test_a_fault_without_words_or_with_several_lines_would_be_noticed(said):
    class Odd(TracerError):
        def __str__(self) -> str:
            return said

    def fail():
        raise Odd("x")

    with pytest.raises(AssertionError):
        survives(fail)


# formulas


NUMBERS = ["0", "1", "-1", "2", "7", "40", "0.5", "-0.038", "1e-9", "3", "0.1", "99"]
ODD_NUMBERS = ["1e9", "1e300", "-0", "nan", "½", "1e12", "101", "1_0", "0x10", "1j", "1e999"]
LETTERS = ["z", "w", "a", "x1"]
ODD_LETTERS = ["alpha", "pi", "e", "lambda", "True", "__class__", "ŷ", "c_1", "d"]
CALLED = sorted(FUNCTIONS)
ODD_CALLED = ["eval", "open", "__import__", "sine", "z", "''.join"]
BINARY = ["({} + {})", "({} - {})", "{}*{}", "{}/{}", "{}**{}", "({})**({})", "({})/({})"]
ODD_BINARY = ["max({}, {})", "{} @ {}", "{} < {}", "{} if {} else z", "{}; {}", "({}, {})"]
UNARY = ["-{}", "({})", "({})**2", "1/(1 + exp(-({})))"]
ODD_UNARY = [
    "+{}", "({}).real", "{}[0]", "[{}]", "f'{}'", "~{}", "lambda: {}", "({})^2", "{}!", "{}.",
]  # fmt: skip
HARM = [
    "open('made-by-a-lesson.txt', 'w')",
    "__import__('os').system('true')",
    "exec('import os; os.mkdir(\"made-by-a-lesson\")')",
    "[c for c in ().__class__.__base__.__subclasses__()]",
    "(lambda: __import__('os').remove('made-by-a-lesson.txt'))()",
]


def formulas(leaves: int = 6):
    """Formulas by a grammar, now and then with what does not belong there."""
    letters = st.sampled_from(LETTERS)
    odd = seldom([*ODD_LETTERS, *HARM], LETTERS)
    atom = st.one_of(letters, letters, odd, seldom(ODD_NUMBERS, NUMBERS))

    def larger(inner):
        one, two = st.sampled_from(UNARY), st.sampled_from(BINARY)
        return st.one_of(
            st.builds("{}({})".format, st.sampled_from(CALLED), inner),
            st.builds(str.format, one, inner),
            st.builds(str.format, two, inner, inner),
            st.builds(str.format, two, inner, inner),
            st.builds("{}({})".format, seldom(ODD_CALLED, CALLED), inner),
            st.builds(str.format, seldom(ODD_UNARY, UNARY), inner),
            st.builds(str.format, seldom(ODD_BINARY, BINARY), inner, inner),
        )

    return st.recursive(atom, larger, max_leaves=leaves)


def seldom(odd, usual):
    """One of the usual things, and one time in twelve or so an odd one."""
    return st.sampled_from([*usual * (12 * len(odd) // len(usual) + 1), *odd])


def derived(formula: str) -> None:
    derive(formula, only_variable(formula))


# graphs


def graphs():
    """A few equations behind given numbers."""
    equations = st.lists(formulas(), min_size=1, max_size=3)
    outputs = seldom(["fcc", "zcd", ["c", "", "W[1]"]], ["cdf", "dcf", "fgh"])
    return st.builds(
        lambda names, made: "\n".join([GIVEN, *map("{} = {}".format, names, made)]),
        outputs,
        equations,
    )


GIVEN = "z = 0.6\nw = -1.5\na = 2\nx1 = 0"


def computed(equations: str) -> None:
    work(graph(equations))


# names


def names():
    """Names by their grammar, and some that only look like one."""
    bases = ["W", "X", "Yhat", "Ŷ", "Z", "w1", "alpha", "Cost", "_", "sigma", "ab_c2"]
    base = st.builds(str.__add__, st.sampled_from(bases), seldom(["[]", "[1][2]"], ["", "[1]"]))
    d = st.sampled_from("d∂")
    gradient = st.builds("{}{}/{}{}".format, d, base, d, base)
    behind = seldom(
        ["[0,-1]", "T", " through", " through through", "''"],
        ["", "'", "′", "#2", ".squares", "[1,2]", "[ 1 , 2 ]", "@0", "@4600", " through W[1]#2"],
    )
    made = st.builds("{}{}{}".format, seldom(["local "], [""]), base | gradient, behind)
    return made | st.text("abWXYZd/[]1,2'#@._ ∂Ŷ", max_size=9)


def shown(name: str) -> None:
    """A name as a page shows it, and in LaTeX."""
    parsed = parse_name(name)
    assert parse_name(str(parsed)) == parsed
    pretty(name), latex(name)


# lessons


SIGNS = list("abWXYZz019 .,;:=#+-*/()[]{}`~'\"@^\t\n\\é∂Ŷ−\x00")
WORDS = [
    "1 sigmoid", "2 tanh, 1 relu", "squared error", "cross entropy", "XOR", "OR", "yes", "no",
    "xavier, seed 48", "carry 3", "exact", "scalar", "matrix", "Z", "dCost/dW", "all", "f.csv",
    "../f.csv", "/etc/passwd", "adam", "mean", "sum", "pytorch",
]  # fmt: skip


def values():
    """What could stand behind a name or a key."""
    number = seldom(ODD_NUMBERS, NUMBERS)
    row = st.lists(number, min_size=1, max_size=4).map(" ".join)
    rows = st.lists(row, min_size=1, max_size=3).map("; ".join)
    return st.one_of(rows, seldom(HARM, WORDS), formulas(), number)


def blocks_of(kind):
    """What is in the blocks of that kind in all real lessons."""
    inside = re.compile(rf"^```{{{kind}}}\n(.*?)^```", re.DOTALL | re.MULTILINE)
    return [block for lesson in LESSONS.values() for block in inside.findall(lesson)]


def blocks():
    """Blocks with lines of real lessons, and now and then with others."""
    others = sorted(set(KEYS) - {"lesson"})
    return seldom(["lesson"], others).flatmap(lambda kind: MADE[kind])


def made(kind):
    keys = st.builds(":{}: {}".format, st.sampled_from(sorted(KEYS[kind])), values())
    equations = st.builds("{} = {}".format, names(), values())
    real = [line for block in blocks_of(kind) for line in block.splitlines()]
    usual = st.sampled_from(real or [""])
    line = st.one_of(*[usual] * 8, keys, equations)
    lines = st.lists(line, max_size=4, unique=True).map("\n".join)
    end = seldom(["", "~~~", "````"], ["```"])
    return st.builds("```{{{}}}\n{}\n{}".format, st.just(kind), lines, end)


MADE = {kind: made(kind) for kind in KEYS}
REAL = [f"```{{{kind}}}\n{block}```" for kind in ("network", "graph") for block in blocks_of(kind)]


def lessons():
    """The head of a lesson, a real network or graph, and some blocks."""
    return st.builds(
        "{}\n{}\n{}".format,
        st.just(HEAD),
        seldom([""], REAL),
        st.lists(blocks(), max_size=4).map("\n".join),
    )


HEAD = "```{lesson}\n:title: Mine\n```"


@st.composite
def mutated(draw):
    """A real lesson with a few things changed in its blocks."""
    lines = LESSONS[draw(st.sampled_from(sorted(LESSONS)))].split("\n")
    for _ in range(draw(st.integers(1, 3))):
        inside = [k for k, line in enumerate(lines) if re.match(r":[a-z-]+:|[^ `]+ :?= ", line)]
        fences = [k for k, line in enumerate(lines) if line.startswith("```")]
        k = draw(seldom(fences or [0], inside or [0]))
        change = draw(st.sampled_from(CHANGES))
        lines[k : k + 1] = change(draw, lines, lines[k])
        lines = lines or [""]
    return "\n".join(lines)


def dropped(draw, lines, line):
    return []


def doubled(draw, lines, line):
    return [line, line]


def from_elsewhere(draw, lines, line):
    return [line, draw(st.sampled_from(lines))]


def from_another(draw, lines, line):
    other = LESSONS[draw(st.sampled_from(sorted(LESSONS)))].split("\n")
    return [draw(st.sampled_from([line for line in other if line[:1] == ":"]))]


def another_character(draw, lines, line):
    k = draw(st.integers(0, len(line)))
    return [line[:k] + draw(st.sampled_from(["", *SIGNS])) + line[k + draw(st.integers(0, 1)) :]]


def another_number(draw, lines, line):
    found = list(re.finditer(r"-?\d+(\.\d+)?", line))
    if not found:
        return [line]
    match = draw(st.sampled_from(found))
    number = draw(seldom(ODD_NUMBERS, NUMBERS))
    return [line[: match.start()] + number + line[match.end() :]]


def another_value(draw, lines, line):
    head = re.match(r":[\w-]+: |[^=]* :?= |", line)[0]
    return [head + draw(values())]


CHANGES = [
    dropped,
    doubled,
    from_elsewhere,
    from_another,
    another_character,
    another_number,
    another_number,
    another_number,
    another_value,
]


def worked_out(text: str) -> None:
    solve(read_lesson(text, "mine", str(FOLDER / "mine.md")))


# the inputs


@often(100)
@given(text=st.text(max_size=200) | st.lists(blocks()).map("\n".join))
def test_any_text_is_a_lesson_or_a_fault(text):
    survives(worked_out, text)


@often(200)
@given(text=lessons())
def test_any_blocks_are_worked_out_or_a_fault(text):
    survives(worked_out, text)


@often(200)
@given(text=mutated())
def test_a_changed_lesson_is_worked_out_or_a_fault(text):
    survives(worked_out, text)


@often(200)
@given(equations=st.text(max_size=60) | graphs())
def test_any_equations_are_worked_out_or_a_fault(equations):
    survives(computed, equations)


@often(200)
@given(formula=st.text(max_size=60) | formulas(12))
@example(formula="z\0")
def test_any_formula_is_read_or_a_fault(formula):
    survives(read_formula, formula)


@often(60)
@given(formula=formulas(5))
def test_any_formula_is_derived_or_a_fault(formula, monkeypatch):
    monkeypatch.setattr(limit, "SECONDS", 5)
    survives(derived, formula)


@often(200)
@given(name=st.text(max_size=20) | names())
def test_any_text_is_a_name_or_a_fault(name):
    survives(shown, name)


@pytest.mark.parametrize(
    ("call", "inputs"),
    [
        (worked_out, mutated()),
        (worked_out, lessons()),
        (computed, graphs()),
        (read_formula, formulas()),
        (shown, names()),
    ],
    ids=["changed lessons", "blocks", "graphs", "formulas", "names"],
)
def test_what_is_made_here_is_understood_often_enough_to_try_more_than_a_reader(call, inputs):
    understood = []

    @often(80)
    @given(inputs)
    def tried(made):
        understood.append(survives(call, made))

    tried()
    assert sum(understood) > 10


# recorded traces


RECORDED = """\
```{lesson}
:title: T
:source: S
:rounding: carry 2
```
Prose, and `code`.
```{network}
:layers: 1 sigmoid
:cost: squared error
:learning-rate: 1
:names: l1 = Yhat
:data: OR
W = 0.1 0.2
b = 0.1
# a remark
```
```{forward}
:at: page 7
:symbols: yes
l1 := 0.5 0.5 0.5 0.5  # slip: tired
```
```{backward}
```
```{shapes}
:target: dCost/dW
:from: dCost/dZ, X
```
```{update}
```
```{train}
:epochs: 3
:plot: cost, boundary
```
```{derive}
:wrt: x
f = x**2
```
```{graph}
a = 2
c = a*a
```
```{forward}
```
```{backward}
```
```{paths}
:to: a
```
```{curve}
:from: -1
:to: 1
:mark: 0
y = z**2
```
"""
"A page of every kind."


@functools.cache
def recorded(name: str) -> dict:
    """What a lesson is as JSON, its pictures with fewer points."""
    text = LESSONS.get(name, RECORDED)
    solution = solve(read_lesson(text, "mine", "mine.md"))
    data = json.loads(encode(record(solution, explain(solution))))
    for block in [block for page in data["pages"] for block in page["blocks"]]:
        if block["is"] == "boundary":
            block["across"], block["up"] = block["across"][::20], block["up"][::20]
            block["answers"] = [row[::20] for row in block["answers"][::20]]
        elif block["is"] == "curve":
            for series in block["series"]:
                series["points"] = series["points"][::60]
    replayed(data)  # Python evaluates the types of records when they are first read
    return data


def bared(data):
    """A recorded trace without what follows from the rest of it, so that a change goes deeper."""
    if isinstance(data, list):
        return [bared(item) for item in data]
    if not isinstance(data, dict):
        return data
    if "tree" in data:
        return {"tree": bared(data["tree"])}
    return {key: bared(inner) for key, inner in data.items() if key not in ("digits", "changed")}


def places_in(data, way=()):
    """The way to every value in a recorded trace, by the kind of place: numbers in it are alike."""
    for key, inner in data.items() if isinstance(data, dict) else enumerate(data):
        here = (*way, key)
        yield here
        if isinstance(inner, dict | list):
            yield from places_in(inner, here)


@functools.cache
def kinds_of_places(name: str) -> dict[tuple, list[tuple]]:
    """The ways to each kind of place: told by the fields that lead there, wherever in a list."""
    kinds: dict[tuple, list[tuple]] = {}
    for way in places_in(recorded(name)):
        fields = tuple(key for key in way if isinstance(key, str))
        kinds.setdefault((fields[:1], fields[-3:], isinstance(way[-1], int)), []).append(way)
    return kinds


ODD = [
    "inf", "-inf", "nan", 1.7e308, -1.7e308, 5e-324, 0, -1, 2, 0.5, 10**18, -(10**18), None, True,
    [], {}, [[]], [1, 1], [-1, 2], [0, 0], [10**9, 10**9], [1], [1, 1, 1], [[1.0]], [["inf"]],
    "", " ", "x", "1e5e5", "dCost/dW", "Z@3", "dc/da#2", "sum", "exp", "T", "neg", "dot", "+",
]  # fmt: skip


def damaged(random: Random, name: str) -> dict:
    """A recorded trace with one to three of its values changed, doubled, halved or taken away."""
    data = deepcopy(recorded(name))
    for _ in range(random.choice((1, 1, 2, 3))):
        way = random.choice(random.choice(list(kinds_of_places(name).values())))
        with contextlib.suppress(LookupError, TypeError):
            *before, last = way
            inner = functools.reduce(operator.getitem, before, data)
            random.choice((taken_away, exchanged, exchanged, exchanged, cut))(random, inner, last)
    return bared(data) if random.random() < 0.7 else data


def taken_away(random, inner, last):
    del inner[last]


def exchanged(random, inner, last):
    inner[last] = random.choice(ODD)


def cut(random, inner, last):
    was = inner[last]
    if isinstance(was, list | str):
        inner[last] = random.choice((was[:0], was[: len(was) // 2], was * 2))
    else:
        inner[last] = str(was)


def replayed(data: dict) -> None:
    """A recorded trace as the reader would see all of it: each page, each quantity, each entry."""
    source = OfRecording(decode(json.dumps(data), "trace.json"))
    [script] = source.scripts()
    reading, paper = Reading(source, script), Paper()
    for at in range(len(reading.pages)):
        reading.open(Place(at))
        reading.lines(paper, 70)
        reading.graph(paper, 70)
    for name in {quantity.name for page in script.pages for quantity in page.shows}:
        for entry in ("", "[1,1]"):
            with contextlib.suppress(TracerError):
                reading.open(reading.find(name + entry))
                reading.below(paper, 70)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", ["a page of every kind", "computational-graph", "eleven-lines"])
def test_a_damaged_trace_is_replayed_or_a_fault(name, seed):
    random = Random(f"{name} {seed}")
    for _ in range(10):
        survives(replayed, damaged(random, name))


def test_a_trace_that_is_not_damaged_is_replayed_and_one_in_ten_of_the_damaged_ones(capsys):
    for name in ("a page of every kind", "computational-graph", "eleven-lines"):
        assert survives(replayed, recorded(name))
        assert survives(replayed, bared(recorded(name)))
    random = Random("damage")
    every = [survives(replayed, damaged(random, "computational-graph")) for _ in range(60)]
    assert sum(every) > 5


# what once broke something


def drawn(text: str) -> None:
    """A lesson worked out, drawn in a terminal page by page, and as JSON and back."""
    solution = solve(read_lesson(text, "mine", str(FOLDER / "mine.md")))
    replayed(json.loads(encode(record(solution, explain(solution)))))


READERS = {
    "lesson": worked_out,
    "pages": drawn,
    "trace": lambda text: replayed(json.loads(text)),
    "graph": computed,
    "formula": derived,
    "name": shown,
}
"""What the first word of a file's name says about it."""


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_what_once_broke_something_does_so_no_more(path):
    text = path.read_text("utf-8").removesuffix("\n")
    recorded("a page of every kind")
    survives(READERS[path.name.split("-")[0]], text)
