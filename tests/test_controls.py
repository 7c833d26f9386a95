"""Nothing that is read reaches a terminal as a command: it is refused at the door, or spelled out.

Every door is fed with characters that a terminal would obey, and every byte that comes out is
looked at.
"""

import functools
import io
import json
import os
import re
import struct
import subprocess
import sys
import unicodedata
import zipfile
from copy import deepcopy
from pathlib import Path

import pytest

from tracer import net, work
from tracer.cli import main
from tracer.errors import TracerError
from tracer.errors.controls import CONTROL, code_of, in_a_line, visible
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.numbers.rounding import EXACT
from tracer.page import document
from tracer.page.document import BLOCKS, Document, Page
from tracer.record import Origin, Recording, decode, encode, record
from tracer.render.markdown import to_markdown
from tracer.render.pictures import can_draw, svg
from tracer.render.terminal import Terminal, make_console
from tracer.written.tree import Num, Sym, Word

ROOT = Path(__file__).parent.parent
TITLE, CLEARED, RED = "\x1b]0;stolen\x07", "\x1b[2J", "\x9b31m"
BACKWARD, ISOLATED = "\u202egnp.exe", "\u2066x\u2069"
HOSTILE = [TITLE, CLEARED, RED, BACKWARD, ISOLATED, "\x08\x08", "\x7f", "\x0b", "\x85", "\u2028"]
spelled = pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)


def is_control(character: str) -> bool:
    """Whether a terminal obeys a character, as Unicode's own tables have it."""
    turning = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    return character not in "\n\t" and (
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(character) in turning
    )


def commands_in(output: bytes | str) -> list[str]:
    """What a terminal would obey in an output, besides the console's own colours."""
    text = output if isinstance(output, str) else output.decode("utf-8")
    return [ascii(c) for c in re.sub(r"\x1b\[[\d;]*m", "", text) if is_control(c)]


def test_what_is_refused_or_spelled_is_what_unicode_calls_a_control():
    every = map(chr, range(0x110000))
    assert [c for c in every if is_control(c) != bool(CONTROL.search(c))] == []


def test_a_command_in_an_output_would_be_noticed():
    assert commands_in("\x1b[1;32mgreen\x1b[0m\n\ttext") == []
    assert commands_in(CLEARED) == ["'\\x1b'"]
    assert commands_in(RED.encode()) == ["'\\x9b'"]


@spelled
def test_a_character_is_spelled_as_python_writes_it_and_once_is_enough(hostile):
    assert commands_in(visible(hostile)) == []
    assert visible(hostile) == hostile.encode("unicode_escape").decode()
    assert visible(visible(hostile)) == visible(hostile)
    assert in_a_line(f"a{hostile}\n\t") == f"a{visible(hostile)}\\n\\t"


# lessons


LESSON = """\
```{lesson}
:title: A title@
:source: a source@
```

Some prose@.

## A heading@

```{graph}
:data: a@
# a remark@
a = 2  # another@
c@ = a * 3@
```

```{forward}
:at: page 7@
c = 7  # misprint: a smudge@
```

```text
code@
```

```{backward}@
```
"""
PLACES = [match.start() for match in re.finditer("@", LESSON)]
GOOD = LESSON.replace("@", "")


def lesson_with(hostile: str, place: int) -> str:
    """The lesson with a character in one of its places."""
    return (LESSON[:place] + hostile + LESSON[place + 1 :]).replace("@", "")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("hostile", [TITLE, RED, BACKWARD], ids=ascii)
def test_a_lesson_with_one_is_refused_with_line_and_column(hostile, place, tmp_path, capfdbinary):
    before = LESSON[:place].replace("@", "")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    path = tmp_path / "mine.md"
    path.write_text(lesson_with(hostile, place), encoding="utf-8")
    for command in (["check"], ["check", "-v"], ["export"], ["replay", "--all"], ["train"]):
        assert main([*command, str(path)]) == 2
        said = capfdbinary.readouterr()
        assert said.out == b""
        assert said.err.decode() == (
            f"{path}:{line}: column {column} has the control character {code_of(hostile[0])}, "
            "expected text; take it out\n"
        )


@spelled
def test_every_such_character_is_refused_in_a_lesson(hostile):
    with pytest.raises(TracerError, match="has the control character U"):
        read(lesson_with(hostile, PLACES[3]), "mine", "mine.md")


def test_a_lesson_may_have_tabs_and_the_line_ends_of_any_system():
    for ends in ("\n", "\r\n", "\r"):
        text = GOOD.replace("prose", "prose\tin columns").replace("\n", ends)
        assert solve(read(text, "mine", "mine.md")).trace["c"].written == 6


def run(*arguments: str, given: bytes = b"", **environment: str) -> tuple[int, bytes, bytes]:
    done = subprocess.run(
        [sys.executable, "-m", "tracer", *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        input=given,
        capture_output=True,
    )
    return done.returncode, done.stdout, done.stderr


def test_standard_input_is_a_door_like_any_other():
    status, out, err = run("replay", "-", given=lesson_with(TITLE, PLACES[0]).encode())
    assert (status, out) == (2, b"")
    assert err.startswith(b"stdin:2: column 16 has the control character U+001B")


def test_a_character_that_prose_spells_as_markdown_does_is_spelled_out_in_the_terminal():
    prose = GOOD.replace(
        "Some prose.", "Some &#x202e;prose&#8294; and | &#27; |\n|---|\n| &#x202e; |"
    )
    shown = in_terminal(*explain(solve(read(prose, "mine", "mine.md"))).pages)
    assert commands_in(shown) == []
    assert "\\u202e" in shown


# data files


NETWORK = """\
```{lesson}
:title: T
```
```{network}
:layers: 1 identity
:cost: squared error
:data: DATA
:parameters: VALUES
```
"""
ROWS = b"p,q\n1,2\n"


def npz(name: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr(f"{name}.npy", b"none")
    return written.getvalue()


def safetensors(name: str, kind: str = "F64") -> bytes:
    tensor = {"dtype": kind, "shape": [1], "data_offsets": [0, 8]}
    header = json.dumps({name: tensor, "__metadata__": {"said": name}}).encode()
    return struct.pack("<Q", len(header)) + header + struct.pack("<d", 1)


FILES = {
    "a column's name": (":data:", "d.csv", lambda x: f"p{x},q\n1,2\n".encode()),
    "a cell": (":data:", "d.csv", lambda x: f"X,Y\n1{x},2\n".encode()),
    "a cell of a matrix": (":parameters:", "W.csv", lambda x: f"1,{x}\n".encode()),
    "an array's name": (":parameters:", "w.npz", lambda x: npz(f"W{x}")),
    "an array of data": (":data:", "d.npz", lambda x: npz(f"X{x}")),
    "a tensor's name": (":parameters:", "w.safetensors", lambda x: safetensors(f"W{x}")),
    "a tensor's kind": (":parameters:", "w.safetensors", lambda x: safetensors("W", f"F{x}")),
    "a name in JSON": (":parameters:", "w.json", lambda x: json.dumps({f"W{x}": 1}).encode()),
    "a text in JSON": (":parameters:", "w.json", lambda x: json.dumps({"W": x}).encode()),
    "raw in JSON": (":parameters:", "w.json", lambda x: f'{{"W{x}": 1}}'.encode()),
    "no JSON": (":parameters:", "w.json", lambda x: f"{x}".encode()),
    "a file beside": (":data:", "d.csv", None),
}


@pytest.mark.parametrize("hostile", [TITLE, RED, BACKWARD], ids=ascii)
@pytest.mark.parametrize(("key", "name", "made"), FILES.values(), ids=FILES)
def test_a_data_file_never_speaks_to_the_terminal(key, name, made, hostile, tmp_path, capfdbinary):
    data = f":data: {name}" if key == ":data:" else ":data: XOR"
    parameters = f"\n:parameters: {name}" if key == ":parameters:" else "\nW = 0 0"
    if made is None:
        (tmp_path / f"d{hostile}.csv").write_bytes(ROWS)
    else:
        (tmp_path / name).write_bytes(made(hostile))
    text = NETWORK.replace(":data: DATA", data).replace("\n:parameters: VALUES", parameters)
    (tmp_path / "mine.md").write_text(text, encoding="utf-8")
    assert main(["check", str(tmp_path / "mine.md")]) == 2
    said = capfdbinary.readouterr()
    assert said.out == b""
    assert said.err.count(b"\n") == 1
    assert commands_in(said.err) == []


# recorded traces


@functools.cache
def trace() -> dict:
    """The recorded trace of a network with names of its own and a boundary."""
    text = (
        "```{lesson}\n:title: T\n:source: S\n:rounding: carry 2\n```\n\nProse.\n\n"
        "```{network}\n:layers: 1 sigmoid\n:cost: squared error\n:learning-rate: 1\n"
        ":names: l1 = Yhat\n:data: XOR\n:features: x1*x2\nW = 0.1 0.2 0.3\n# a remark\n```\n"
        "```{forward}\n:at: page 7\nl1 := 0.5 0.5 0.5 0.5  # slip: tired\n```\n"
        "```{backward}\n```\n```{train}\n:epochs: 3\n:plot: cost, boundary\n```\n"
        "```{derive}\n:of: sigmoid\n```\n"
    )
    solution = solve(read(text, "mine", "mine.md"))
    return json.loads(encode(record(solution, explain(solution))))


def texts_in(data, path=()):
    """The way to every text, and to every name of something, in a recorded trace."""
    if isinstance(data, str):
        yield path
    elif isinstance(data, dict | list):
        for key, inner in data.items() if isinstance(data, dict) else enumerate(data):
            yield from texts_in(inner, (*path, key))


def kinds_of_texts() -> dict[str, tuple]:
    """One way to each kind of text: places in lists make no difference."""
    found = {}
    for path in texts_in(trace()):
        found.setdefault(".".join("*" if isinstance(k, int) else k for k in path), path)
    return found


def changed(path, change) -> dict:
    data = deepcopy(trace())
    inner = functools.reduce(lambda at, key: at[key], path[:-1], data)
    inner[path[-1]] = change(inner[path[-1]])
    return data


@pytest.mark.parametrize("hostile", [TITLE, RED, BACKWARD, "\ud800"], ids=ascii)
def test_every_text_of_a_recorded_trace_is_a_door(hostile):
    ways = kinds_of_texts()
    assert len(ways) > 60
    for way, path in ways.items():
        data = changed(path, lambda text: text + hostile)
        with pytest.raises(TracerError) as fault:
            decode(json.dumps(data), "trace.json")
        assert commands_in(str(fault.value)) == [], way
        assert len(str(fault.value).splitlines()) == 1


@pytest.mark.parametrize("hostile", [TITLE, RED, BACKWARD, "\ud800"], ids=ascii)
@pytest.mark.parametrize("where", ["", "traces", "aliases", "names"])
def test_so_is_every_name_of_something(where, hostile):
    data = deepcopy(trace())
    own = data["traces"][0]
    names = {
        "": data,
        "traces": own,
        "aliases": own["aliases"],
        "names": own["conventions"]["names"],
    }
    names[where][f"W{hostile}"] = "W"
    with pytest.raises(TracerError) as fault:
        decode(json.dumps(data), "trace.json")
    assert commands_in(str(fault.value)) == []


def test_a_trace_from_a_file_or_standard_input_is_refused_in_one_line(tmp_path):
    text = json.dumps(changed(("lesson", "title"), lambda text: text + TITLE), ensure_ascii=False)
    raw = text.replace("\\u001b", "\x9b").replace("\\u0007", "\x9c")
    for each in (text, raw):
        (tmp_path / "trace.json").write_text(each, encoding="utf-8")
        for arguments in (["replay", str(tmp_path / "trace.json")], ["replay", "-"]):
            status, out, err = run(*arguments, given=each.encode())
            assert (status, out) == (2, b"")
            assert re.search(rb"lesson.title has the control character U\+00[19]B, expected", err)
            assert commands_in(err) == []


# command lines


@pytest.mark.parametrize("hostile", [TITLE, RED, BACKWARD, "two\nlines"], ids=ascii)
@pytest.mark.parametrize(
    "command",
    ["replay", "export", "train", "derive", "check", "new", "completion", "list", "", "new --from",
     "replay or-batch --mode", "replay or-batch --epoch", "export or-batch --format",
     "derive z --wrt", "export or-batch -o no/such", "replay or-batch --no-such-option"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["{}", "./{}.md", "{}.json", "sin(z{}", "z*{}*2", "--{}"])
def test_no_argument_comes_back_as_a_command(command, form, hostile, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    status = main([*command.split(), form.format(hostile)])
    said = capfd.readouterr()
    assert commands_in(said.out + said.err) == []
    assert status in (0, 1, 2)
    assert status == 0 or said.err.count("\n") == 1


# names of files


NOT_UNICODE = b"a\xff".decode(errors="surrogateescape")


@pytest.fixture(params=[f"a{TITLE}b", f"a{RED}", BACKWARD, "two\nlines", NOT_UNICODE], ids=ascii)
def called(request, tmp_path, monkeypatch) -> str:
    """The name of a lesson's file; a terminal would obey it."""
    monkeypatch.chdir(tmp_path)
    try:
        Path(f"{request.param}.md").write_text(GOOD, encoding="utf-8")
    except OSError:
        pytest.skip("this system has no such file names")
    return f"{request.param}.md"


@pytest.mark.parametrize(
    "command",
    [["check"], ["check", "-v"], ["export"], ["export", "--format", "json"], ["replay", "--all"],
     ["train"], ["new", "mine", "-o", "-", "--from"]],
    ids=" ".join,
)  # fmt: skip
def test_a_lesson_may_have_such_a_name_and_it_is_spelled_out(command, called, capfdbinary):
    status = main([*command, f"./{called}"])
    said = capfdbinary.readouterr()
    assert commands_in(said.out + said.err) == []
    assert status == (2 if command == ["train"] else 0)


def test_its_trace_can_be_read_back(called, capfdbinary):
    assert main(["export", f"./{called}", "--format", "json", "-o", "out.json"]) == 0
    assert main(["replay", "out.json", "--all"]) == 0
    assert commands_in(capfdbinary.readouterr().out) == []


def test_its_faults_name_it_in_one_line(called, capfdbinary):
    Path(called).write_text(GOOD.replace("c = a", "c = q"), encoding="utf-8")
    for command in ("check", "export", "replay"):
        assert main([command, f"./{called}"]) == 2
        said = capfdbinary.readouterr().err
        assert commands_in(said) == []
        assert said.count(b"\n") == 1
        assert b":14: q has no equation of its own" in said


def test_a_new_lesson_may_have_it_and_is_a_good_one(called, capfdbinary):
    Path(called).unlink()
    assert main(["new", f"./{called}"]) == 0
    assert main(["check", f"./{called}"]) == 0
    assert commands_in(capfdbinary.readouterr().out) == []


@pytest.mark.skipif(not can_draw(), reason="Matplotlib is not installed")
def test_an_export_may_have_it_and_leads_to_its_pictures(called):
    drawn = GOOD + "```{curve}\n:from: 0\n:to: 1\na = z**2\n```\n"
    Path("mine.md").write_text(drawn, encoding="utf-8")
    assert main(["export", "mine.md", "-o", called]) == 0
    written = Path(called).read_bytes()
    assert commands_in(written) == []
    links = re.findall(rb"!\[.*\]\((.*)\)", written)
    assert all(re.fullmatch(rb"[\w.%~-]+", link) for link in links)
    assert len(list(Path().glob("*.svg"))) == len(links) == 4  # of the graph three, and the curve


# outputs, whatever got in


def page_that_says(words: str) -> Page:
    """A page with every block, each saying these words wherever it has words."""
    said = Word(words)
    nodes = (document.Node("a", None, "data"), document.Node("c", said, "computed"))
    points, examples = ((0.0, 1.0), (1.0, 2.0)), (document.Point(0, 1, 0),)
    line = document.PlaneLine(said, (points,))
    layers = (
        document.NeuronLayer(words, ("x1",), 1),
        document.NeuronLayer(words, ("yhat",), 1, words, ("b",), (("w1",),), words),
    )
    return Page(
        words,
        (
            document.Heading(words, 2, words),
            document.Prose(words),
            document.Working("c", (Sym("a") * said, said), words, shapes=said),
            document.Derivation(said, (document.DerivationLine(said, (words, said)),) * 2),
            document.Table(words, (words, "b"), ((said, Num("1")),), ("plain", "plain")),
            document.Graph(nodes, (document.Edge("a", "c", said, said),), said),
            document.Curve(words, words, words, (document.Series(words, points),), words),
            document.Boundary(words, (0, 1), (0, 1), ((0, 1), (0, 1)), examples, False, words),
            document.Points(words, (0, 1), (0, 1), examples, (line,), (words, words), words),
            document.Neurons(words, layers, words),
            document.Log(words, ((0, 1.0),)),
            document.Note("Note", words),
        ),
    )


def in_terminal(*pages: Page, **options) -> str:
    """Pages as they are sent to a terminal, colours and all."""
    console = make_console(
        file=io.StringIO(), force_terminal=True, color_system="standard", width=80, **options
    )
    for page in pages:
        Terminal(console).page(page)
    return console.file.getvalue()


def test_the_page_has_every_block():
    assert {type(block) for block in page_that_says("x").blocks} == set(BLOCKS)


@spelled
def test_no_block_sends_one_to_a_terminal(hostile):
    shown = in_terminal(page_that_says(f"a{hostile}b"))
    assert commands_in(shown) == []
    assert "a" in shown


@spelled
def test_no_block_writes_one_into_markdown(hostile):
    assert commands_in(to_markdown(Document("", (page_that_says(f"a{hostile}b"),)))) == []


@spelled
def test_none_is_written_raw_into_json(hostile):
    page = page_that_says(f"a{hostile}b")
    text = encode(Recording(Origin(hostile, hostile, hostile), EXACT, (), (page,)))
    assert commands_in(text) == []
    assert json.loads(text)["lesson"]["title"] == hostile


@pytest.mark.skipif(not can_draw(), reason="Matplotlib is not installed")
@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("words", [*HOSTILE, '<script>alert(1)</script> & "so"'], ids=ascii)
def test_none_gets_into_a_picture_and_markup_stays_text_there(words):
    for block in page_that_says(f"a{words}b").blocks:
        if isinstance(block, document.Curve | document.Boundary | document.Points):
            drawn = svg(block)
            assert commands_in(drawn) == []
            assert "<script" not in drawn


@spelled
def test_no_fault_says_one(hostile):
    for fault in (TracerError(f"{hostile} is wrong", f"a{hostile}.md:1"), TracerError(hostile)):
        assert commands_in(str(fault)) == []


def test_a_formula_typed_in_python_says_none():
    trace = work(net("1 z/(1\x0c+ exp(-z))", X=[[1]], Y=[[1]], W=[[0.5]]))
    assert commands_in(trace._repr_markdown_()) == []
