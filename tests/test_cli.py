"""The command `tracer`: what it prints, what it writes, and how it ends."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tracer.cli import main
from tracer.lesson import walkthroughs

ROOT = Path(__file__).parent.parent
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


def run(*arguments: str, cwd: Path = ROOT, **environment: str) -> tuple[int, str, str]:
    """The program as a user starts it: its exit status, what it prints, what it complains."""
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    paths = {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", "tracer", *arguments],
        cwd=cwd,
        env=kept | paths | environment,
        stdin=subprocess.DEVNULL,
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


# list


def test_list_names_the_lessons_in_course_order_with_their_titles_and_counts(capsys):
    assert main(["list"]) == 0
    head, *rows = [re.split(r"  +", line) for line in capsys.readouterr().out.splitlines()]
    assert head == ["lesson", "title", "printed numbers"]
    four = ("computational-graph", "or-one-example", "or-bias", "or-batch")
    assert [row for row in rows if row[0] in four] == [
        ["computational-graph", "A computational graph", "8"],
        ["or-one-example", "The OR gate, one example", "10"],
        ["or-bias", "The OR gate, with a bias", "15"],
        ["or-batch", "The OR gate, a batch of four", "51"],
    ]


HEAVY = ("numpy", "sympy", "rich", "mpmath", "matplotlib")


def imported(*arguments: str) -> set[str]:
    """Which of the heavy libraries a command brings with it."""
    program = (
        "import sys\nfrom tracer.cli import main\n"
        f"try: main({list(arguments)!r})\nexcept SystemExit: pass\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return set(done.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "libraries"),
    [
        (["list"], set()),
        (["--help"], set()),
        (["replay", "--help"], set()),
        (["--version"], set()),
        (["check", "or-batch"], {"numpy"}),
        (["export", "or-batch"], {"numpy"}),
        (["replay", "or-batch", "--all"], {"numpy", "rich"}),
    ],
)
def test_a_command_imports_no_more_than_it_needs(arguments, libraries):
    found = imported(*arguments)
    assert found <= libraries
    assert ("numpy" in libraries) == ("numpy" in found)


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


def test_export_writes_the_same_to_a_file_and_to_standard_output(mine, capfdbinary):
    assert main(["export", "my-lesson.md"]) == 0
    out = capfdbinary.readouterr().out
    assert main(["export", "my-lesson.md", "-o", "out.md"]) == 0
    assert capfdbinary.readouterr() == (b"", b"")
    assert Path("out.md").read_bytes() == out
    assert b"\r" not in out
    assert out.decode("utf-8").startswith("# A product\n")


def test_export_is_utf_8_whatever_the_terminal_can_show():
    status, out, _ = run("export", "or-batch", PYTHONIOENCODING="ascii")
    assert status == 0
    assert "| Ŷ | σ(Z) |" in out


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
    assert names(mine.parent) == {"my-lesson.md", "out.md"}


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
    os.close(reader)
    assert Path("pipe").is_fifo()


@pytest.mark.parametrize("output", ["my-lesson.md", "./my-lesson.md", "folder/../my-lesson.md"])
def test_a_lesson_is_never_overwritten_by_its_own_export(output, mine, capsys):
    Path("folder").mkdir()
    assert main(["export", "my-lesson.md", "-o", output]) == 2
    assert capsys.readouterr().err == (
        f"{Path(output)}: this is the lesson itself, expected another file to write\n"
    )
    assert mine.read_text(encoding="utf-8") == LESSON


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_not_even_through_a_link(mine):
    Path("link.md").symlink_to("my-lesson.md")
    assert main(["export", "link.md", "-o", "my-lesson.md"]) == 2
    assert main(["export", "my-lesson.md", "-o", "link.md"]) == 2
    assert mine.read_text(encoding="utf-8") == LESSON


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
        "computational-graph: 8 printed numbers, all hold",
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
        (["chek"], "tracer: .*'chek'.*; 'tracer --help' shows an example"),
        ([], "tracer: .*COMMAND.*; 'tracer --help' shows an example"),
        (["replay"], "tracer replay: .*lesson.*; 'tracer replay --help' shows an example"),
        (
            ["replay", "or-batch", "--mode", "hand"],
            "tracer replay: argument --mode: invalid choice: 'hand' .*exact.*display.*carry.*",
        ),
        (["replay", "or-batch", "--places", "x"], "tracer replay: argument --places: .*'x'.*"),
        (["export", "or-batch", "--places", "99"], "tracer: places is 99, expected 0 to 12"),
        (["export", "or-batch", "--places", "-1"], "tracer: places is -1, expected 0 to 12"),
        (["check", "--loud"], "tracer.*: unrecognized arguments: --loud; .*"),
        (["replay", "or-batch", "extra"], "tracer.*: unrecognized arguments: extra; .*"),
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


@pytest.mark.parametrize("command", ["list", "replay", "export", "check"])
def test_the_help_of_a_command_ends_with_an_example(command, capsys):
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    assert left.value.code == 0
    assert capsys.readouterr().out.rstrip().split("\n")[-1].startswith(f"example: tracer {command}")


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
        "my-lesson.md:15: d_2 is infinite, ",
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

    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"tracer {tracer.__version__}\n"
