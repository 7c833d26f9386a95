"""The command `tracer`: what it prints, what it writes, and how it ends."""

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tracer.cli import main
from tracer.lesson.home import walkthroughs
from tracer.lesson.reference import topics

ROOT = Path(__file__).parent.parent
BASH, FISH, ZSH = map(shutil.which, ("bash", "fish", "zsh"))
SECTIONS = {
    "Read": ["list", "replay", "reference"],
    "Write": ["export", "new"],
    "Work": ["train", "derive"],
    "Trust": ["check"],
    "Set up": ["completion"],
}
COMMANDS = [command for section in SECTIONS.values() for command in section]
LESSON = """\
```{lesson}
:title: A product
:rounding: carry 2
```

Two numbers, *multiplied*.

```{graph}
a = 2
b = 3
c = a / b
d = c * b
```

```{forward}
d = 2.01
```
"""


def run(
    *arguments: str, cwd: Path = ROOT, given: str = "", **environment: str
) -> tuple[int, str, str]:
    """The program as a user starts it: its exit status, what it prints, what it complains."""
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    paths = {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", "tracer", *arguments],
        cwd=cwd,
        env=kept | paths | environment,
        input=given,
        capture_output=True,
        encoding="utf-8",
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def mine(tmp_path, monkeypatch) -> Path:
    """A lesson of one's own, in the folder one is in."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "my-lesson.md"
    path.write_text(LESSON, encoding="utf-8")
    return path


@pytest.fixture
def as_tracer(tmp_path, monkeypatch) -> Path:
    """A folder to be in, where `tracer` is a program."""
    shims = tmp_path / "programs"
    shims.mkdir()
    shim = shims / "tracer"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tracer "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{shims}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


# list


def test_list_names_the_lessons_in_course_order_with_their_titles_and_counts(capsys):
    assert main(["list"]) == 0
    head, *rows = [re.split(r"  +", line) for line in capsys.readouterr().out.splitlines()]
    assert head == ["lesson", "title", "printed numbers"]
    four = ("computational-graph", "or-one-example", "or-bias", "or-batch")
    assert [row for row in rows if row[0] in four] == [
        ["computational-graph", "A computational graph", "14"],
        ["or-one-example", "The OR gate, one example", "10"],
        ["or-bias", "The OR gate, with a bias", "15"],
        ["or-batch", "The OR gate, a batch of four", "55"],
    ]


def test_list_can_print_the_names_alone_by_the_alphabet(capsys):
    assert main(["list"]) == 0
    named = [row.split()[0] for row in capsys.readouterr().out.splitlines()[1:]]
    assert main(["list", "--names"]) == 0
    assert capsys.readouterr().out.splitlines() == sorted(named)


HEAVY = ("numpy", "sympy", "rich", "mpmath", "matplotlib", "markdown_it", "textual")


def imported(*arguments: str, **environment: str) -> set[str]:
    """Which of the heavy libraries a command brings with it."""
    program = (
        f"import sys\nfrom tracer.cli import main\nmain({list(arguments)!r})\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"} | environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("arguments", "libraries"),
    [
        (["list"], {"markdown_it"}),
        (["list", "--names"], set()),
        (["completion", "bash"], set()),
        (["new", "mine", "-o", "-"], set()),
        ([], set()),
        (["--help"], set()),
        (["replay", "--help"], set()),
        (["--version"], set()),
        (["check", "or-batch"], {"numpy", "markdown_it"}),
        (["export", "or-batch"], {"numpy", "markdown_it"}),
        (["replay", "or-batch", "--all"], {"numpy", "rich", "markdown_it"}),
        (["reference", "--help"], set()),
    ],
)
def test_a_command_imports_no_more_than_it_needs(arguments, libraries):
    found = imported(*arguments)
    assert found <= libraries
    assert ("numpy" in libraries) == ("numpy" in found)


def test_a_lesson_is_completed_without_a_heavy_library():
    asked = {"COMP_WORDS": "tracer replay or-", "COMP_CWORD": "2"}
    assert imported(_TRACER_COMPLETE="bash_complete", **asked) == set()


# replay


def test_replay_in_a_pipe_shows_everything_as_with_all():
    piped = run("replay", "or-bias")
    assert piped == run("replay", "or-bias", "--all")
    status, shown, complaint = piped
    assert (status, complaint) == (0, "")
    assert "Update 3 of 3 (iteration 2): b" in shown
    assert re.search(r"\n\nThe next lesson: tracer replay [\w-]+\n$", shown)


@pytest.mark.parametrize(
    ("options", "written"),
    [
        ([], "-0.048  -0.038"),
        (["--mode", "carry"], "-0.048  -0.038"),
        (["--mode", "display"], "-0.048  -0.039"),
        (["--mode", "exact"], "-0.0480064629155  -0.0386588238168"),
        (["--mode", "display", "--places", "4"], "-0.048  -0.0387"),
        (["--mode", "display", "--places", "5"], "-0.04801  -0.03866"),
        (["--places", "2"], "-0.05  -0.04"),
    ],
)
@pytest.mark.parametrize("command", [["replay", "--all"], ["export"]])
def test_another_pen_can_be_asked_for(command, options, written, capfdbinary):
    assert main([*command, "or-batch", *options]) == 0
    out = capfdbinary.readouterr().out.decode("utf-8")
    flat = written.replace("  ", " & ") if command == ["export"] else written
    assert f"[ {flat} ]" in out or f"{{bmatrix}} {flat} \\end" in out


@pytest.mark.parametrize("command", [["replay", "--all"], ["export"]])
def test_places_for_what_is_not_rounded_are_refused(command, capsys):
    assert main([*command, "or-batch", "--mode", "exact", "--places", "3"]) == 2
    assert capsys.readouterr().err == (
        "tracer: --places goes with a mode that rounds, and in exact nothing is; expected '--mode "
        "display --places 3'\n"
    )


def test_a_lesson_that_is_exact_can_be_rounded_and_places_alone_only_display(capsys):
    assert main(["replay", "--all", "or-one-example", "--places", "1"]) == 0
    assert re.search(r"every result is shown with 1 decimal\.", capsys.readouterr().out)


SLIPPED = """\
```{lesson}
:title: A slip
:rounding: carry 3
```
```{graph}
a = 0.4
b = sigma(a)
c = b * 2
```
```{forward}
b := 0.6  # slip: sigma(0.4) is 0.599
```
"""


@pytest.mark.parametrize(
    ("options", "c"),
    [
        ([], "1.2"),
        (["--mode", "carry"], "1.198"),
        (["--mode", "display"], "1.197"),
        (["--mode", "exact"], "1.19737532022"),
    ],
)
def test_with_another_pen_a_lesson_is_worked_out_without_its_slips(options, c, mine, capsys):
    mine.write_text(SLIPPED, encoding="utf-8")
    assert main(["replay", "my-lesson.md", "--all", *options]) == 0
    assert re.search(rf"^ +c +b\*2 +{re.escape(c)} *$", capsys.readouterr().out, re.MULTILINE)


# export


def test_export_as_json_writes_the_same_to_a_file_and_to_standard_output(mine, capfdbinary):
    assert main(["export", "my-lesson.md", "--format", "json"]) == 0
    out = capfdbinary.readouterr().out
    assert main(["export", "my-lesson.md", "-o", "out.json"]) == 0
    assert capfdbinary.readouterr() == (b"", b"")
    assert Path("out.json").read_bytes() == out
    assert b"\r" not in out


def test_export_writes_to_a_file_what_it_prints_but_for_its_drawings(mine, capfdbinary):
    assert main(["export", "my-lesson.md"]) == 0
    out = capfdbinary.readouterr().out
    assert main(["export", "my-lesson.md", "-o", "out.md"]) == 0
    assert capfdbinary.readouterr() == (b"", b"")
    written = Path("out.md").read_bytes()
    assert b"\r" not in out + written
    assert out.startswith(b"# A product\n")
    assert re.findall(rb"!\[.*\]\((.*)\)", written) == [b"out-1.svg", b"out-2.svg"]
    bare = re.sub(rb"```mermaid\n.*?```\n\n", b"", out, flags=re.DOTALL)
    assert re.sub(rb"!\[.*\]\(.*\)\n\n", b"", written) == bare
    assert names(mine.parent) == {"my-lesson.md", "out.md", *PICTURES}


def test_export_is_utf_8_whatever_the_terminal_can_show():
    status, out, _ = run("export", "or-batch", PYTHONIOENCODING="ascii")
    assert status == 0
    assert "| [Ŷ](#forward-2-of-3-ŷ) | σ(Z) |" in out


PICTURES = {"out-1.svg", "out-2.svg"}
"Those of the lesson: its graph, and its graph with the values."


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("output", "complaint"),
    [
        ("no/such/folder/out.md", "No such file or directory"),
        ("folder", "Is a directory"),
        ("my-lesson.md/out.md", "Not a directory"),
    ],
)
def test_what_cannot_be_written_is_said_in_one_line_and_leaves_nothing(
    output, complaint, mine, capsys
):
    Path("folder").mkdir()
    before = names(mine.parent)
    assert main(["export", "my-lesson.md", "-o", output]) == 2
    said = capsys.readouterr()
    assert said == ("", f"{output}: the file cannot be written: {complaint}\n")
    assert names(mine.parent) == before


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write into any folder"
)
def test_a_folder_that_may_not_be_written_to_is_left_alone(mine, capsys):
    folder = mine.parent / "closed"
    folder.mkdir(mode=0o555)
    assert main(["export", "my-lesson.md", "-o", "closed/out.md"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert names(folder) == set()


@pytest.mark.parametrize(
    "fault",
    [
        ("d = 2.01", "q = 2.01"),
        ("c = a / b", "c = a / 0"),
        ("{forward}", "{foward}"),
    ],
)
def test_when_a_lesson_fails_the_file_that_was_there_stays(fault, mine):
    mine.write_text(LESSON.replace(*fault), encoding="utf-8")
    Path("out.md").write_text("precious", encoding="utf-8")
    assert main(["export", "my-lesson.md", "-o", "out.md"]) == 2
    assert Path("out.md").read_text(encoding="utf-8") == "precious"
    assert names(mine.parent) == {"my-lesson.md", "out.md"}


def test_an_older_file_is_replaced_whole_and_keeps_its_permissions(mine):
    older = Path("out.md")
    older.write_text("x" * 1_000_000, encoding="utf-8")
    older.chmod(0o640)
    assert main(["export", "my-lesson.md", "-o", "out.md"]) == 0
    assert "xxx" not in older.read_text(encoding="utf-8")
    if sys.platform != "win32":
        assert older.stat().st_mode & 0o777 == 0o640
    assert names(mine.parent) == {"my-lesson.md", "out.md", *PICTURES}


@pytest.mark.parametrize("place", sorted(PICTURES))
def test_where_a_picture_cannot_be_written_nothing_is(place, mine, capsys):
    Path(place).mkdir()
    Path("out.md").write_text("precious", encoding="utf-8")
    assert main(["export", "my-lesson.md", "-o", "out.md"]) == 2
    assert capsys.readouterr() == (
        "",
        f"{place}: the file cannot be written: Is a directory\n",
    )
    assert Path("out.md").read_text(encoding="utf-8") == "precious"
    assert names(mine.parent) == {"my-lesson.md", "out.md", place}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not replace an open file")
def test_who_reads_the_older_file_meanwhile_reads_it_whole(mine):
    older = Path("out.md")
    older.write_text("x" * 100_000, encoding="utf-8")
    with older.open(encoding="utf-8") as reader:
        assert main(["export", "my-lesson.md", "-o", "out.md"]) == 0
        assert reader.read() == "x" * 100_000


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_or_a_device_is_never_replaced_by_a_file(mine):
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    main(["export", "my-lesson.md", "-o", "pipe"])
    sent = os.read(reader, 65536).decode("utf-8")
    os.close(reader)
    assert Path("pipe").is_fifo()
    assert "```mermaid" in sent
    assert names(mine.parent) == {"my-lesson.md", "pipe"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
@pytest.mark.parametrize("device", ["/dev/null", "/dev/stdout", "/dev/fd/1"])
def test_no_picture_stands_beside_a_device(device, mine):
    with open("out.md", "w", encoding="utf-8") as out:
        program = [sys.executable, "-m", "tracer", "export", "my-lesson.md", "-o", device]
        done = subprocess.run(program, stdout=out, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.returncode == 0
    written = Path("out.md").read_text(encoding="utf-8")
    assert ("```mermaid" in written) == (device != "/dev/null")
    assert names(mine.parent) == {"my-lesson.md", "out.md"}
    assert not [*Path(device).parent.glob("*.svg")]


@pytest.mark.parametrize("output", ["my-lesson.md", "./my-lesson.md", "folder/../my-lesson.md"])
def test_a_lesson_is_never_overwritten_by_its_own_export(output, mine, capsys):
    Path("folder").mkdir()
    assert main(["export", "my-lesson.md", "-o", output]) == 2
    assert capsys.readouterr().err == (
        f"{Path(output)}: this is the lesson itself, expected another file to write\n"
    )
    assert mine.read_text(encoding="utf-8") == LESSON


links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")


@links
def test_not_even_through_a_link(mine):
    Path("link.md").symlink_to("my-lesson.md")
    assert main(["export", "link.md", "-o", "my-lesson.md"]) == 2
    assert main(["export", "my-lesson.md", "-o", "link.md"]) == 2
    assert mine.read_text(encoding="utf-8") == LESSON


@links
def test_an_output_that_is_a_link_stays_one_and_its_file_is_replaced(mine):
    Path("folder").mkdir()
    Path("folder/real.md").write_text("older", encoding="utf-8")
    Path("folder/real.md").chmod(0o640)
    Path("between.md").symlink_to("folder/real.md")
    Path("link.md").symlink_to("between.md")
    assert main(["export", "my-lesson.md", "-o", "link.md"]) == 0
    assert (os.readlink("link.md"), os.readlink("between.md")) == (
        "between.md",
        "folder/real.md",
    )
    assert Path("folder/real.md").read_text(encoding="utf-8").startswith("# A product")
    assert Path("folder/real.md").stat().st_mode & 0o777 == 0o640
    assert names(Path("folder")) == {"real.md"}
    assert names(mine.parent) == {"my-lesson.md", "folder", "link.md", "between.md"} | {
        "link-1.svg",
        "link-2.svg",
    }


@links
def test_who_reads_through_the_link_meanwhile_reads_the_older_file_whole(mine):
    Path("real.md").write_text("x" * 100_000, encoding="utf-8")
    Path("link.md").symlink_to("real.md")
    with open("link.md", encoding="utf-8") as reader:
        assert main(["export", "my-lesson.md", "-o", "link.md"]) == 0
        assert reader.read() == "x" * 100_000
    assert Path("real.md").read_text(encoding="utf-8").startswith("# A product")


@links
def test_a_link_to_no_file_yet_makes_it(mine):
    Path("folder").mkdir()
    Path("link.md").symlink_to("folder/new.md")
    assert main(["export", "my-lesson.md", "-o", "link.md"]) == 0
    assert Path("link.md").is_symlink()
    assert Path("folder/new.md").read_text(encoding="utf-8").startswith("# A product")


@links
@pytest.mark.parametrize(
    ("target", "complaint"),
    [
        ("link.md", "Too many levels of symbolic links"),
        ("back.md", "Too many levels of symbolic links"),
        ("no/such/folder.md", "No such file or directory"),
        ("folder", "Is a directory"),
    ],
)
def test_a_link_that_leads_nowhere_is_said_in_one_line(target, complaint, mine, capsys):
    Path("folder").mkdir()
    Path("link.md").symlink_to(target)
    Path("back.md").symlink_to("link.md")
    before = names(mine.parent)
    assert main(["export", "my-lesson.md", "-o", "link.md"]) == 2
    said = capsys.readouterr()
    assert said == ("", f"link.md: the file cannot be written: {complaint}\n")
    assert os.readlink("link.md") == target
    assert names(mine.parent) == before


@links
def test_a_link_where_a_picture_goes_stays_one_too(mine):
    pytest.importorskip("matplotlib")
    mine.write_text(LESSON + "```{curve}\n:from: 0\n:to: 1\na = z**2\n```\n", "utf-8")
    Path("folder").mkdir()
    Path("out-1.svg").symlink_to("folder/kept.svg")
    assert main(["export", "my-lesson.md", "-o", "out.md"]) == 0
    assert os.readlink("out-1.svg") == "folder/kept.svg"
    assert "</svg>" in Path("folder/kept.svg").read_text(encoding="utf-8")


@links
def test_a_picture_never_goes_where_the_lesson_is(mine):
    pytest.importorskip("matplotlib")
    text = LESSON + "```{curve}\n:from: 0\n:to: 1\na = z**2\n```\n"
    mine.write_text(text, encoding="utf-8")
    Path("out-1.svg").symlink_to("my-lesson.md")
    assert main(["export", "my-lesson.md", "-o", "out.md"]) == 2
    assert mine.read_text(encoding="utf-8") == text
    assert names(mine.parent) == {"my-lesson.md", "out-1.svg"}


@pytest.mark.parametrize(
    ("options", "written"),
    [
        (["-o", "out.md"], "# A product\n"),
        (["-o", "OUT.MD"], "# A product\n"),
        (["-o", "out"], "# A product\n"),
        (["-o", "out.json"], "{\n"),
        (["-o", "out.json", "--format", "json"], "{\n"),
        (["-o", "out", "--format", "json"], "{\n"),
    ],
    ids=" ".join,
)
def test_the_suffix_of_a_file_says_what_is_written(options, written, mine):
    assert main(["export", "my-lesson.md", *options]) == 0
    assert Path(options[1]).read_text(encoding="utf-8").startswith(written)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (
            ["-o", "page.docx"],
            "page.docx: no output has the suffix '.docx', expected .md for markdown or .json for "
            "json\n",
        ),
        (
            ["-o", "page.docx", "--format", "markdown"],
            "page.docx: no output has the suffix '.docx', expected .md for markdown or .json for "
            "json\n",
        ),
        (
            ["-o", "x.md", "--format", "json"],
            "x.md: .md is markdown, and --format says json; name the file *.json or leave "
            "--format out\n",
        ),
        (
            ["-o", "x.json", "--format", "markdown"],
            "x.json: .json is json, and --format says markdown; name the file *.md or leave "
            "--format out\n",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_suffix_that_no_output_has_or_that_contradicts_the_format_is_refused(
    options, complaint, mine, capsys
):
    assert main(["export", "my-lesson.md", *options]) == 2
    assert capsys.readouterr() == ("", complaint)
    assert names(mine.parent) == {"my-lesson.md"}


# export as JSON


def test_export_as_json_is_the_whole_trace(mine, capfdbinary):
    assert main(["export", "my-lesson.md", "--format", "json"]) == 0
    data = json.loads(capfdbinary.readouterr().out)
    assert (data["schema"], data["lesson"]["title"]) == ("tracer-trace", "A product")
    assert [q["digits"] for q in data["quantities"]] == ["2", "3", "0.67", "2.01"]


def test_export_as_json_writes_one_file(mine):
    assert main(["export", "my-lesson.md", "--format", "json", "-o", "out.json"]) == 0
    assert names(mine.parent) == {"my-lesson.md", "out.json"}


def test_export_as_json_rounds_as_it_is_asked_to(mine, capfdbinary):
    assert main(["export", "my-lesson.md", "--format", "json", "--places", "4"]) == 0
    data = json.loads(capfdbinary.readouterr().out)
    assert data["rounding"] == "carry 4"
    assert data["quantities"][-1]["digits"] == "2.0001"


def test_a_recorded_trace_is_replayed_as_the_lesson_is(mine):
    lesson = run("replay", "my-lesson.md", cwd=mine.parent)
    run("export", "my-lesson.md", "--format", "json", "-o", "out.json", cwd=mine.parent)
    assert run("replay", "out.json", cwd=mine.parent) == lesson
    piped = run("export", "my-lesson.md", "--format", "json", cwd=mine.parent)[1]
    assert run("replay", "-", "--all", cwd=mine.parent, given=piped) == lesson


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ["check", "out.json"],
            "out.json: a recorded trace can only be replayed, expected a lesson",
        ),
        (
            ["export", "out.json"],
            "out.json: a recorded trace can only be replayed, expected a lesson",
        ),
        (
            ["train", "out.json"],
            "out.json: a recorded trace can only be replayed, expected a lesson",
        ),
        (
            ["replay", "out.json", "--mode", "exact"],
            "out.json: --mode goes with a lesson; here is one way of rounding, carry 2; "
            "the lesson it was made from, my-lesson, can be replayed in others",
        ),
        (["replay", "out.json", "--places", "0"], "out.json: --places goes with a lesson; "),
        (["replay", "out.json", "--epoch", "0"], "out.json: --epoch goes with a lesson; "),
        (
            ["replay", "no.json"],
            "no.json: there is no such file; 'tracer export --format json' writes one",
        ),
        (["replay", "folder.json"], "folder.json: this is a folder, expected a trace as JSON"),
        (["replay", "cut.json"], "cut.json:2: this is not JSON: "),
        (["replay", "other.json"], "other.json: this is no recorded trace, "),
        (["replay", "large.json"], "large.json: the file is larger than 20,000,000 bytes, "),
        (["replay", "binary.json"], "binary.json: the file is not UTF-8 text; "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_recorded_trace_that_cannot_be_used_is_a_fault_of_one_line(
    arguments, complaint, mine, capsys
):
    main(["export", "my-lesson.md", "--format", "json", "-o", "out.json"])
    Path("folder.json").mkdir()
    Path("cut.json").write_bytes(Path("out.json").read_bytes()[:17])
    Path("other.json").write_text("{}", encoding="utf-8")
    Path("large.json").write_bytes(b" " * 20_000_001)
    Path("binary.json").write_bytes(b"\0\1")
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(complaint)
    assert said.err.count("\n") == 1


# standard input and output


def test_a_lesson_is_read_from_standard_input_for_a_dash():
    assert run("check", "-", given=LESSON) == (0, "stdin: 1 printed number, all hold\n", "")
    assert run("check", "-v", "-", given=LESSON)[1].startswith("holds  stdin:16: d printed 2.01")


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["--help"],
        ["export", "or-bias"],
        ["export", "or-bias", "--format", "json"],
        ["new", "mine", "-o", "-"],
        ["completion", "fish"],
    ],
    ids=" ".join,
)
def test_whatever_stands_for_standard_output_is_printed_to(arguments, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    printed, said = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(said):
        assert main(arguments) == 0
    assert (0, printed.getvalue(), said.getvalue()) == run(*arguments, COLUMNS="80")


@pytest.mark.parametrize(
    "standing_for",
    [io.StringIO, lambda text: io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8")],
    ids=["text", "bytes"],
)
def test_whatever_stands_for_standard_input_is_read(standing_for, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", standing_for(LESSON))
    assert main(["check", "-"]) == 0
    assert capsys.readouterr().out == "stdin: 1 printed number, all hold\n"
    monkeypatch.setattr(sys, "stdin", standing_for(LESSON))
    assert main(["replay", "-"]) == 0
    replayed = capsys.readouterr().out
    monkeypatch.setattr(
        sys, "stdin", standing_for(run("export", "-", "--format", "json", given=LESSON)[1])
    )
    assert main(["replay", "-"]) == 0
    assert capsys.readouterr().out == replayed


def test_text_on_standard_input_that_is_none_is_a_fault_of_one_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO(LESSON + "half a pair: \ud800"))
    assert main(["check", "-"]) == 2
    assert capsys.readouterr().err == "stdin:18: the file is not UTF-8 text; save it as UTF-8\n"


@pytest.mark.parametrize("command", [["replay", "--all"], ["export"], ["export", "-o", "-"]])
def test_from_standard_input_a_lesson_is_what_it_is_from_a_file(command, mine):
    from_file = run(*command, "my-lesson.md", cwd=mine.parent)
    assert from_file[0] == 0
    assert run(*command, "-", given=LESSON) == from_file


def test_what_is_exported_to_a_dash_is_printed(mine):
    printed = run("export", "my-lesson.md", cwd=mine.parent)
    assert run("export", "my-lesson.md", "-o", "-", cwd=mine.parent) == printed
    assert names(mine.parent) == {"my-lesson.md"}


def test_an_export_from_standard_input_may_be_called_as_it_likes(tmp_path):
    (tmp_path / "stdin").write_text("older", encoding="utf-8")
    assert run("export", "-", "-o", "stdin", cwd=tmp_path, given=LESSON) == (0, "", "")
    assert (tmp_path / "stdin").read_text(encoding="utf-8").startswith("# A product")


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("", "stdin: the file is empty, expected a ```{lesson} block"),
        ("# A title", "stdin:1: the file does not begin with a ```{lesson} block"),
        (LESSON.replace("c * b", "c * q"), "stdin:12: q has no equation of its own"),
        (LESSON.replace("d = 2.01", "q = 2.01"), "stdin:16: q is not on this page"),
        ("x" * 1_000_001, "stdin: the file is larger than 1,000,000 bytes"),
    ],
    ids=["nothing", "no lesson", "a fault", "a wrong name", "too much"],
)
@pytest.mark.parametrize("command", [["check"], ["export"], ["replay", "--all"]])
def test_a_fault_in_standard_input_names_it_and_the_line(command, given, complaint):
    status, out, said = run(*command, "-", given=given)
    assert (status, out) == (2, "")
    assert said.startswith(complaint)
    assert said.count("\n") == 1


def test_the_data_of_a_lesson_from_standard_input_stand_in_the_folder_one_is_in(tmp_path):
    (tmp_path / "or.csv").write_text("p,q,r\n0,0,0\n0,1,1\n1,0,1\n", encoding="utf-8")
    text = (
        "```{lesson}\n:title: Data\n```\n```{network}\n:layers: 1 identity\n"
        ":cost: squared error\n:data: or.csv, X from p q, Y from r\nW = 0.1 0.6\nb = 0\n```\n"
        "```{forward}\nZ = 0 0.6 0.1\n```\n"
    )
    held = (0, "stdin: 3 printed numbers, all hold\n", "")
    assert run("check", "-", cwd=tmp_path, given=text) == held
    status, _, said = run("check", "-", given=text)
    assert status == 2
    assert re.match(r"stdin:\d: there is no file 'or.csv'", said)


def test_a_lesson_that_is_trained_may_come_from_standard_input(tmp_path):
    text = run("new", "x", "-o", "-")[1]
    status, out, complaint = run("train", "-", "--epochs", "2", given=text)
    assert (status, complaint) == (0, "")
    assert "L after 2 epochs: " in out


# new


def test_new_writes_a_lesson_that_holds_and_says_how_to_go_on(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new", "my-first-lesson"]) == 0
    assert capsys.readouterr().out == (
        "my-first-lesson.md is written. Next:\n"
        "  tracer replay ./my-first-lesson.md\n"
        "  tracer check ./my-first-lesson.md\n"
        "'tracer reference' says what may stand in a lesson.\n"
    )
    assert names(tmp_path) == {"my-first-lesson.md"}
    assert ":title: My first lesson\n" in Path("my-first-lesson.md").read_text(encoding="utf-8")
    for next_command in (["check"], ["replay", "--all"]):
        assert main([*next_command, "./my-first-lesson.md"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("./my-first-lesson.md: 7 printed numbers, all hold\n")


def test_a_new_lesson_explains_every_setting_that_it_has():
    text = run("new", "x", "-o", "-")[1]
    blocks = re.findall(r"^```\{\w+\}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    prose = "".join(re.findall(r"<!--.*?-->", text, re.DOTALL))
    spelled = {"title": "Its title", "source": "its source", "rounding": "its rounding"}
    for key in re.findall(r"^:([\w-]+):", "".join(blocks), re.MULTILINE):
        assert spelled.get(key, f"`:{key}:") in prose, key


@pytest.mark.parametrize(
    "command",
    [["replay", "-", "--all"], ["export", "-"], ["export", "-", "--format", "json"]],
    ids=" ".join,
)
def test_what_a_new_lesson_explains_to_its_author_reaches_no_page(command):
    text = run("new", "x", "-o", "-")[1]
    status, out, _ = run(*command, given=text)
    assert status == 0
    explained = " ".join(re.findall(r"<!--(.*?)-->", text, re.DOTALL)).split()
    sentences = {" ".join(explained[k : k + 10]) for k in range(0, len(explained), 5)}
    shown = " ".join(out.split())
    assert [words for words in sentences if words in shown] == []
    assert "One neuron with two weights is shown one example." in shown


@pytest.mark.parametrize(
    ("name", "file", "shown"),
    [
        ("mine", "mine.md", "./mine.md"),
        ("mine.md", "mine.md", "./mine.md"),
        ("./mine.md", "mine.md", "./mine.md"),
        ("folder/mine.md", "folder/mine.md", "folder/mine.md"),
        ("or-batch", "or-batch.md", "./or-batch.md"),
        ("my lesson.md", "my lesson.md", "'./my lesson.md'"),
    ],
)
def test_new_takes_a_name_or_a_path(name, file, shown, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    assert main(["new", name]) == 0
    assert Path(file).is_file()
    assert f"\n  tracer replay {shown}\n" in capsys.readouterr().out


def test_new_writes_where_it_is_told_to(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    assert main(["new", "mine", "-o", "other.txt"]) == 0
    assert capfd.readouterr().out.startswith("other.txt is written. Next:\n")
    assert main(["new", "mine", "-o", "-"]) == 0
    assert capfd.readouterr().out == Path("other.txt").read_text(encoding="utf-8")
    assert names(tmp_path) == {"other.txt"}


@pytest.mark.parametrize("name", ["xor-hidden-layer", "computational-graph"])
def test_new_from_a_lesson_is_its_text_with_a_remark(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new", "mine", "--from", name]) == 0
    lines = Path("mine.md").read_text(encoding="utf-8").splitlines()
    remark = f"# begun as a copy of the lesson {name}"
    assert lines.pop(1) == remark
    assert lines == (walkthroughs() / f"{name}.md").read_text(encoding="utf-8").splitlines()
    capsys.readouterr()
    assert main(["check", "mine.md"]) == 0
    assert capsys.readouterr().out.endswith("all hold\n")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["my-lesson"], "my-lesson.md: this is there already, expected a new file"),
        (["x", "-o", "my-lesson.md"], "my-lesson.md: this is there already, expected a new file"),
        (["folder.md"], "folder.md: this is there already, expected a new file"),
        (["no/such/x.md"], "no/such/x.md: the file cannot be written: No such file or directory"),
        (
            ["a/b"],
            "tracer: 'a/b' is no name for a lesson, expected such as my-lesson or ./lessons/",
        ),
        (["a.txt"], "tracer: 'a.txt' is no name for a lesson, expected such as my-lesson"),
        ([""], "tracer: '' is no name for a lesson, expected such as my-lesson"),
        (
            ["x", "--from", "xor-hiden-layer"],
            "tracer: there is no lesson 'xor-hiden-layer'; did you",
        ),
        (["x", "--from", "no.md"], "no.md: there is no such file; "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_new_cannot_write_is_said_in_one_line(arguments, complaint, mine, capsys):
    Path("folder.md").mkdir()
    before = names(mine.parent)
    assert main(["new", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(complaint)
    assert said.err.count("\n") == 1
    assert names(mine.parent) == before
    assert mine.read_text(encoding="utf-8") == LESSON


# train


def test_in_a_pipe_the_line_of_a_parameter_stays_whole():
    status, out, _ = run("train", "xor-hidden-layer", "--epochs", "1", COLUMNS="80")
    assert status == 0
    (line,) = [line for line in out.splitlines() if line.startswith("W[1] = ")]
    assert len(line) > 80
    assert [len(row.split()) for row in line.removeprefix("W[1] = ").split("; ")] == [2, 2, 2]


# reference


def test_reference_shows_what_stands_under_a_heading(capsys):
    assert main(["reference", "derive"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].strip() == "{derive}"
    assert "```{derive}" in map(str.strip, shown)
    assert "{curve}" not in map(str.strip, shown)


@pytest.mark.parametrize(
    ("typed", "heading"),
    [
        (["{train}"], "{train}"),
        (["Train"], "{train}"),
        (["backward"], "{forward}, {backward}, {update}"),
        (["learning", "rates"], "Learning rates"),
        ([":optimizer:"], "Update rules"),
        (["xavier"], "Random weights"),
        (["local dCost/dYhat"], "Names"),
    ],
    ids=" ".join,
)
def test_a_topic_may_be_a_heading_a_block_a_key_or_a_word_of_a_table(typed, heading, capsys):
    assert main(["reference", *typed]) == 0
    assert capsys.readouterr().out.split("\n")[0].strip() == heading


def test_every_heading_of_the_reference_is_shown_and_everything_without_a_topic(capsys):
    assert main(["reference"]) == 0
    whole = capsys.readouterr().out
    assert whole.split("\n")[0].strip() == "The format of a lesson"
    for topic in topics():
        assert main(["reference", topic]) == 0
        assert capsys.readouterr().out in whole


def test_reference_has_no_links_that_a_terminal_cannot_follow(capsys):
    assert main(["reference"]) == 0
    assert "](" not in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal")
@pytest.mark.parametrize(("topic", "is_paged"), [([], True), (["names"], True), (["gates"], False)])
def test_what_is_longer_than_the_screen_is_shown_by_the_pager(topic, is_paged):
    shown = in_a_terminal("reference", *topic, PAGER="cat -n")
    assert bool(re.match(r" +1\t", shown)) == is_paged


def in_a_terminal(*arguments: str, **environment: str) -> str:
    """What the program prints in a terminal of 80 columns and 24 lines."""
    import pty

    ours, theirs = pty.openpty()
    size = {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    program = subprocess.Popen(
        [sys.executable, "-m", "tracer", *arguments],
        stdin=theirs,
        stdout=theirs,
        cwd=ROOT,
        env=os.environ | size | environment,
    )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # at its end the terminal is gone
        while read := os.read(ours, 65536):
            shown += read
    os.close(ours)
    assert program.wait() == 0
    return shown.decode("utf-8")


# completion


WORDS = [
    ("", set(COMMANDS)),
    ("re", {"replay", "reference"}),
    ("--v", {"--version"}),
    ("replay or-", {"or-batch", "or-bias", "or-one-example"}),
    ("replay my", {"my-lesson.md"}),
    ("replay tr", {"trace.json"}),
    ("check or-bias or-ba", {"or-batch"}),
    ("check or-bias my", {"my-lesson.md"}),
    (
        "replay or-batch --",
        {"--help", "--mode", "--places", "--from", "--step", "--all", "--epoch", "--train"}
        | {"--detail", "--debug"},
    ),
    ("replay or-batch --mode ", {"exact", "display", "carry"}),
    ("replay or-batch --mode=c", {"--mode=carry"}),
    ("replay --places ", set()),
    ("export or-batch --format ", {"markdown", "json"}),
    ("export or-batch -o my", {"my-lesson.md"}),
    ("new x --from xor-h", {"xor-hidden-layer"}),
    ("completion ", {"bash", "zsh", "fish"}),
    ("reference tr", {"train"}),
    (
        "reference what-is-",
        {"what-is-written-on-the-way", "what-is-not-typed-in", "what-is-answered"},
    ),
]
"""A command line as far as it is typed, and what may stand there."""


@pytest.mark.skipif(not BASH or sys.platform == "win32", reason="bash is not at a terminal")
@pytest.mark.parametrize(("typed", "offered"), WORDS)
def test_bash_completes(typed, offered, as_tracer):
    for name in ("my-lesson.md", "trace.json"):
        (as_tracer / name).touch()
    every = f"tracer {typed}\x1b*"  # Esc * puts everything that is offered into the line
    in_bash(f"{every}\x01printf '%s\\n' \x05 >offered.txt\n")
    found = (as_tracer / "offered.txt").read_text(encoding="utf-8").split()
    assert set(found) == {"tracer", *typed.split(" ")[:-1], *offered}


def in_bash(keys: str) -> None:
    """Keys pressed at an interactive bash that completes tracer; it leaves afterwards."""
    import pty

    ours, theirs = pty.openpty()
    shell = subprocess.Popen(
        [BASH, "--norc", "--noprofile", "-i"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"TERM": "dumb", "INPUTRC": os.devnull},
        start_new_session=True,
    )
    os.close(theirs)
    os.write(ours, f'eval "$(tracer completion bash)"\n{keys}exit\n'.encode())
    with contextlib.suppress(OSError):  # at its end the terminal is gone
        while os.read(ours, 65536):
            pass
    os.close(ours)
    assert shell.wait() == 0


# fish takes --mode=c for one word, and offers options with what they do and other files behind
IN_FISH = [(typed, offered) for typed, offered in WORDS if "--" not in typed.split(" ")[-1]]


@pytest.mark.skipif(not FISH, reason="fish is not installed")
@pytest.mark.parametrize(("typed", "offered"), IN_FISH)
def test_fish_completes(typed, offered, as_tracer):
    for name in ("my-lesson.md", "trace.json"):
        (as_tracer / name).touch()
    script = f"tracer completion fish | source; complete -C 'tracer {typed}'"
    done = subprocess.run([FISH, "-c", script], capture_output=True, text=True)
    assert {line.split("\t")[0] for line in done.stdout.splitlines()} == offered


@pytest.mark.skipif(not ZSH, reason="zsh is not installed")
@pytest.mark.parametrize(
    ("typed", "then"),
    [
        ("rep", "replay"),
        ("replay or-bat", "or-batch"),
        ("replay tra", "trace.json"),
        ("new x --from xor-h", "xor-hidden-layer"),
        ("export or-batch --form", "--format"),
        ("export or-batch --format=j", "json"),
    ],
)
def test_zsh_completes(typed, then, as_tracer):
    (as_tracer / "trace.json").touch()
    lines = [
        "zmodload zsh/zpty",
        "zpty -b z zsh -f -i",
        """zpty -w z "autoload -Uz compinit; compinit -u -D" """,
        """zpty -w z 'eval "$(tracer completion zsh)"; print REA''DY'""",
        "zpty -r z seen '*READY*'",
        f"zpty -w -n z $'tracer {typed}\\t'",
        f"zpty -r z seen '*{then}*' && print found",
    ]
    done = subprocess.run(
        [ZSH, "-f", "-c", "; ".join(lines)], capture_output=True, text=True, timeout=60
    )
    assert "found" in done.stdout, done.stderr


# names and paths


@pytest.mark.parametrize("path", ["my-lesson.md", "./my-lesson.md", "{folder}/my-lesson.md"])
@pytest.mark.parametrize("command", [["check"], ["export"], ["replay", "--all"]])
def test_a_path_works_wherever_a_name_does(command, path, mine, capfdbinary):
    assert main([*command, path.format(folder=mine.parent)]) == 0
    assert capfdbinary.readouterr().out


def test_a_path_need_not_end_in_md_when_it_has_a_folder(mine, capsys):
    mine.rename("lesson.txt")
    assert main(["check", "./lesson.txt"]) == 0
    assert "1 printed number, all hold" in capsys.readouterr().out


def test_check_takes_names_and_files_in_any_mixture(mine, capsys):
    assert main(["check", "or-bias", "my-lesson.md", "computational-graph"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "or-bias: 15 printed numbers, all hold",
        "my-lesson.md: 1 printed number, all hold",
        "computational-graph: 14 printed numbers, all hold",
    ]


def test_a_lesson_of_ones_own_is_not_taken_for_one_of_the_course(mine, capsys):
    Path("or-bias").mkdir()
    Path("or-bias.md").write_text(LESSON, encoding="utf-8")
    assert main(["check", "or-bias"]) == 0
    assert "15 printed numbers" in capsys.readouterr().out
    assert main(["check", "or-bias.md"]) == 0
    assert "1 printed number," in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["list"], ["check", "or-bias"], ["replay", "or-bias", "--all"]],
    ids=" ".join,
)
def test_everything_works_from_any_folder(arguments, tmp_path):
    status, out, complaint = run(*arguments, cwd=tmp_path)
    assert (status, complaint) == (0, "")
    assert out == run(*arguments)[1]


def test_a_mismatch_is_placed_where_an_editor_finds_it(tmp_path, monkeypatch, capsys):
    home = walkthroughs()
    monkeypatch.chdir(tmp_path)
    main(["check", "-v", "or-batch"])
    places = re.findall(r"^holds  (.*?):\d+: ", capsys.readouterr().out, re.MULTILINE)
    assert {Path(place).resolve() for place in places} == {(home / "or-batch.md").resolve()}


# commands that cannot be carried out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["chek"], r"tracer: there is no command 'chek'; did you mean 'check'\?"),
        (["q"], "tracer: there is no command 'q'; known here: list, replay, reference, export, .*"),
        (["--verson"], r"tracer: there is no option '--verson'; did you mean '--version'\?"),
        (["export"], "tracer export: LESSON is missing; 'tracer export --help' shows an example"),
        (
            ["replay", "or-batch", "--mode", "hand"],
            "tracer replay: --mode: 'hand' is not one of 'exact', 'display', 'carry'; "
            "'tracer replay --help' shows an example",
        ),
        (
            ["replay", "or-batch", "--mod", "carry"],
            r"tracer replay: there is no option '--mod'; did you mean '--mode'\?",
        ),
        (
            ["replay", "or-batch", "--places"],
            "tracer replay: option '--places' requires an argument; .*",
        ),
        (["replay", "or-batch", "--places", "x"], "tracer replay: --places: 'x' is not a valid .*"),
        (["export", "or-batch", "--places", "99"], "tracer: places is 99, expected 0 to 12"),
        (["export", "or-batch", "--places", "-1"], "tracer: places is -1, expected 0 to 12"),
        (
            ["train", "or-batch", "--learning-rate", "0,5"],
            "tracer train: --learning-rate: '0,5' has a decimal comma, expected '0.5'; "
            "'tracer train --help' shows an example",
        ),
        (
            ["check", "--loud"],
            "tracer check: there is no option '--loud'; known here: -v, --verbose, --debug, "
            "-h, --help",
        ),
        (
            ["derive", "-z**2"],
            "tracer derive: there is no option '-z'; known here: --wrt, --debug, -h, --help; "
            "what is meant with its minus stands behind --",
        ),
        (
            ["replay", "or-batch", "extra"],
            r"tracer replay: got unexpected extra argument \(extra\); 'tracer replay --help' .*",
        ),
        (["completion"], r"tracer completion: \{bash\|zsh\|fish\} is missing; .*"),
        (
            ["reference", "trian"],
            r"tracer: the reference has no topic 'trian'; did you mean 'train'\?",
        ),
        (
            ["export", "or-bach"],
            r"tracer: there is no lesson 'or-bach'; did you mean 'or-batch'\? A file of your own "
            r"is named by its path, as in ./my-lesson.md",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_that_cannot_be_used_is_answered_with_one_line_and_status_2(arguments, complaint):
    status, out, said = run(*arguments)
    assert (status, out) == (2, "")
    assert re.fullmatch(complaint + r"\n", said), said


def examples(*command: str) -> list[str]:
    """The examples at the end of a command's help."""
    said = run(*command, "--help")[1]
    return re.findall(r"^example: (.*)$", said, re.MULTILINE)


@pytest.mark.parametrize("asking", [(), ("--help",), ("-h",)])
def test_the_help_of_the_program_has_every_command_under_a_heading(asking):
    status, said, complaint = run(*asking)
    assert (status, complaint) == (0, "")
    assert said.startswith("Usage: tracer ")
    found: dict[str, list[str]] = {}
    for heading, command in re.findall(r"^(\S[\w ]+):$|^  (\w+) ", said, re.MULTILINE):
        if heading:
            found[heading] = []
        elif found:
            found[[*found][-1]].append(command)
    assert {heading: names for heading, names in found.items() if names} == SECTIONS


@pytest.mark.parametrize(
    ("command", "default"),
    [
        ("replay", "--places N Decimals that are written. [default: (the lesson's)]"),
        ("export", "[default: (what FILE ends in, or markdown)]"),
        ("train", "--epochs N Passes over all examples. [default: (the lesson's, or 1000)]"),
        ("new", "[default: (NAME.md)]"),
    ],
)
def test_the_help_of_a_command_says_what_holds_without_an_option(command, default):
    assert default in " ".join(run(command, "--help")[1].split())


@pytest.mark.skipif(not BASH, reason="the examples are for a shell, and bash is not installed")
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_the_examples_of_a_help_run(command, as_tracer):
    found = examples(*command.split())
    assert found
    for example in found:
        assert f"tracer {command}" in example
        done = subprocess.run([BASH, "-c", example], input="", capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), example


def test_the_example_of_a_help_stands_at_its_end(capsys):
    for command in COMMANDS:
        assert main([command, "--help"]) == 0
        assert capsys.readouterr().out.rstrip().split("\n")[-1].startswith("example: ")


@pytest.mark.parametrize("command", [["check"], ["export"], ["replay", "--all"]])
def test_debug_shows_the_traceback_of_a_fault(command, mine):
    mine.write_text(LESSON.replace("c * b", "c * q"), encoding="utf-8")
    status, _, complaint = run(*command, "my-lesson.md", "--debug", cwd=mine.parent)
    assert status != 0
    assert complaint.startswith("Traceback (most recent call last):")
    assert "q has no equation of its own" in complaint


RUNAWAYS = {
    "forward": ("c = a / b", "c = exp(a * 1000)", "my-lesson.md:15: c is infinite, "),
    "inside an expression": (
        "d = c * b",
        "d = log(b - 3) + c",
        "my-lesson.md:15: d.2 is infinite, ",
    ),
    "not a number": ("d = c * b", "d = log(-c)", "my-lesson.md:15: d is not a number, "),
    "a power": ("d = c * b", "d = (-c) ** c", "my-lesson.md:15: d is not a number, "),
}


@pytest.mark.parametrize("command", [["check"], ["export"], ["replay", "--all"]])
@pytest.mark.parametrize(("old", "new", "complaint"), RUNAWAYS.values(), ids=RUNAWAYS)
def test_what_is_not_finite_is_reported_at_the_first_step_where_it_appears(
    old, new, complaint, command, mine, capsys
):
    mine.write_text(LESSON.replace(old, new), encoding="utf-8")
    assert main([*command, "my-lesson.md"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(complaint)
    assert said.err.count("\n") == 1


# endings


@pytest.mark.parametrize(
    "arguments",
    [["list"], ["check", "-v"], ["export", "or-batch"], ["replay", "or-batch"], ["--help"]],
    ids=" ".join,
)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows reports it otherwise")
def test_a_reader_who_has_read_enough_is_no_fault(arguments):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "tracer", *arguments],
        cwd=ROOT,
        stdout=writer,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    os.close(writer)
    assert done.stderr == ""
    assert done.returncode in (0, 141)


def test_the_version_is_that_of_the_package(capsys):
    import tracer

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"tracer {tracer.__version__}\n"
