"""A lesson replayed page by page: what each key does, and that the terminal is left as it was."""

import functools
import io
import os
import re
import select
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tracer.cli.player import KEYS, Player
from tracer.lesson.directive import Lesson
from tracer.lesson.home import course, load, walkthroughs
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.numbers.rounding import Pen
from tracer.record import Recording, decode, encode, record
from tracer.render.terminal import Terminal, make_console

LESSONS = ["computational-graph", "or-one-example", "or-bias", "or-batch"]
FORWARD_Z = "Forward 1 of 3: Z"
FORWARD_COST = "Forward 3 of 3: Cost"
BACKWARD_COST = "Backward 1 of 3: through Cost"
BACKWARD_SIGMA = "Backward 2 of 3: through Ŷ = σ(Z)"
BACKWARD_Z = "Backward 3 of 3: through Z"


@functools.cache
def lesson(name: str) -> Lesson:
    """A lesson of the course, but without its training, which takes a moment each time."""
    text = (walkthroughs() / f"{name}.md").read_text(encoding="utf-8")
    return read(
        re.sub(r"^```\{train\}\n.*?^```\n", "", text, flags=re.S | re.M), name, f"{name}.md"
    )


@functools.cache
def recording(name: str) -> Recording:
    """The same lesson, worked out, written as JSON and read back."""
    solution = solve(lesson(name))
    return decode(encode(record(solution, explain(solution))), "trace.json")


def played(
    name: str | Path | Recording, *keys: str, answers: tuple[str, ...] = (), pen: Pen | None = None
) -> tuple[Player, list[str], str]:
    """A replay with these keys: the player, the page at each key, and all that was shown."""
    waiting, replies, at = list(keys), list(answers), []
    console = make_console(file=io.StringIO(), width=80, force_terminal=False)

    def read() -> str:
        at.append(player.pages[player.at].title)
        return waiting.pop(0)

    source = lesson(name) if isinstance(name, str) else name
    if isinstance(source, Path):
        source = load(source)
    player = Player(source, pen, Terminal(console), read, lambda prompt: replies.pop(0))
    assert player.play() == 0
    assert not waiting, "the replay ended before its keys"
    return player, at, console.file.getvalue()


def went(name: str | Recording, wanted: str) -> tuple[str, str]:
    """Where `g` and a name lead from the first page, and what was shown there."""
    _, at, shown = played(name, "g", "q", answers=(wanted,))
    return at[-1], shown


# turning pages


@pytest.mark.parametrize("key", ["\r", "\n", " ", "n", "\x1b[C", "\x1b[B", "\x1b[6~"])
def test_these_keys_turn_to_the_next_page(key):
    _, at, _ = played("or-batch", key, key, "q")
    assert at == [
        "The OR gate, a batch of four",
        "One example, some, or all",
        "From loss to cost",
    ]


@pytest.mark.parametrize("key", ["b", "\x1b[D", "\x1b[A", "\x1b[5~"])
def test_these_keys_turn_back(key):
    _, at, _ = played("or-batch", "n", "n", key, "q")
    assert at[-1] == "One example, some, or all"


def test_before_the_first_page_there_is_none():
    _, at, _ = played("or-batch", "b", "b", "n", "q")
    assert at[1:] == ["The OR gate, a batch of four"] * 2 + ["One example, some, or all"]


@pytest.mark.parametrize("key", ["q", "\x04", "\x1b\x1b"])
def test_these_keys_leave(key):
    _, at, shown = played("or-batch", key)
    assert len(at) == 1
    assert "tracer replay" not in shown


@pytest.mark.parametrize("key", ["x", "7", "\t", "\x1b[H", "ü"])
def test_any_other_key_does_nothing(key):
    _, at, shown = played("or-batch", key, "q")
    assert at[0] == at[1]
    assert shown.count("The OR gate, a batch of four") == 1


@pytest.mark.parametrize("key", ["?", "h"])
def test_help_names_every_key_that_does_something(key):
    _, at, shown = played("or-batch", key, "q")
    assert at[0] == at[1]
    for told in ["Enter, space or n", "b  ", "g  ", "e  ", "?  ", "q  "]:
        assert told in shown


def test_each_page_says_where_it_is_and_which_keys_there_are():
    _, _, shown = played("or-batch", "n", "q")
    pages = len(played("or-batch", "q")[0].pages)
    assert f"[1/{pages}]  Enter next  b back  g go to  e exact  ? help  q quit" in shown
    assert f"[2/{pages}]" in shown


def next_in_course(name: str) -> str:
    names = [each.name for each in course()]
    return names[names.index(name) + 1]


@pytest.mark.parametrize(
    ("name", "last"),
    [
        *((name, f"The next lesson: tracer replay {next_in_course(name)}") for name in LESSONS),
        (course()[-1].name, "All lessons: tracer list"),
    ],
)
def test_the_end_of_a_lesson_is_the_command_of_the_next(name, last):
    pages = len(played(name, "q")[0].pages)
    _, _, shown = played(name, *["n"] * pages)
    assert shown.rstrip().endswith(last)


@pytest.mark.parametrize("name", LESSONS)
def test_page_by_page_shows_what_all_at_once_shows(name):
    player, _, _ = played(name, "q")
    pages = len(player.pages)
    _, _, turned = played(name, *["n"] * pages)
    player.terminal.console.file = io.StringIO()
    player.show_all()
    prompts = re.sub(r"\[\d+/\d+\]  Enter next.*?quit", "", turned)
    for line in player.terminal.console.file.getvalue().splitlines():
        assert line.strip() in prompts


@pytest.mark.parametrize("name", LESSONS)
def test_the_answer_stands_on_a_page_after_the_question_and_is_announced(name):
    pages = played(name, "q")[0].pages
    first = next(k for k, page in enumerate(pages) if page.answer)
    _, _, before = played(name, *["n"] * (first - 1), "q")
    _, _, after = played(name, *["n"] * first, "q")
    assert "The answer" not in before
    assert "The answer" in after


# going to a quantity


PLACES = {
    "Z": FORWARD_Z,
    "Yhat": "Forward 2 of 3: Ŷ",
    "Ŷ": "Forward 2 of 3: Ŷ",
    "A": "Forward 2 of 3: Ŷ",
    "A[1]": "Forward 2 of 3: Ŷ",
    "Cost": FORWARD_COST,
    "Cost.squares": FORWARD_COST,
    "dCost/dYhat": BACKWARD_COST,
    "∂Cost/∂Ŷ": BACKWARD_COST,
    "dYhat/dZ": BACKWARD_SIGMA,
    "dA[1]/dZ[1]": BACKWARD_SIGMA,
    "dCost/dZ": BACKWARD_SIGMA,
    "dCost/dW": BACKWARD_Z,
    "dCost/dW[1]": BACKWARD_Z,
    "dCost/dW[1,2]": BACKWARD_Z,
    "dCost / dW[1, 2]": BACKWARD_Z,
    "dCost/db": BACKWARD_Z,
    "X": "What is given",
    "W": "What is given",
    "W[1,2]": "What is given",
    "W'": "Update 1 of 2: W",
    "W[1]'": "Update 1 of 2: W",
    "W'[1,2]": "Update 1 of 2: W",
    "b'": "Update 2 of 2: b",
    "Z@0": FORWARD_Z,
    "Z@1": "Forward 1 of 3 (iteration 2): Z",
    "dCost/dW@1": "Backward 3 of 3 (iteration 2): through Z",
    "W@1": "Update 1 of 2: W",
}


@pytest.mark.parametrize(("wanted", "page"), PLACES.items(), ids=PLACES)
def test_g_goes_to_the_page_that_works_a_quantity_out(wanted, page):
    assert went("or-batch", wanted)[0] == page


@pytest.mark.parametrize(
    ("wanted", "lines"),
    [
        (
            "dCost/dW[1,2]",
            [
                "∂Cost/∂W[1,2] = 0.031*0 + (-0.02)*1 + (-0.03)*0 + (-0.018)*1",
                "              = -0.038",
                "Rounding: ∂Cost/∂W[1,2] is -0.038 as written by hand; exactly it is -0.039",
            ],
        ),
        ("Cost.squares", ["Cost.squares = [ 0.25  0.125  0.226  0.11 ]"]),
        ("W'[1,2]", ["W'[1,2] = 0.6 - 1*(-0.038)", "        = 0.638"]),
        ("Yhat[1,2]", ["Ŷ[1,2] = 1/(1 + e^-0.6)", "       = 0.646"]),
        ("X[2,4]", ["X[2,4] = 1"]),
    ],
)
def test_an_entry_or_a_part_is_shown_alone_below_its_page(wanted, lines):
    _, shown = went("or-batch", wanted)
    end = shown.rindex("all together") if "all together" in shown else 0
    for line in lines:
        assert line in shown[end:]


@pytest.mark.parametrize(
    ("lesson", "wanted", "page"),
    [
        ("computational-graph", "de/db", "Backward 4 of 4: the sum at b"),
        ("computational-graph", "de/db through c", "Backward 3 of 4: through c"),
        ("computational-graph", "dc/db", "Backward 3 of 4: through c"),
        ("or-bias", "b'", "Update 3 of 3: b"),
        ("or-bias", "dL/db", "Backward 3 of 3: through z"),
    ],
)
def test_g_finds_sums_contributions_and_local_gradients(lesson, wanted, page):
    assert went(lesson, wanted)[0] == page


def test_g_again_goes_on_to_the_next_page_with_that_quantity_and_round():
    _, at, _ = played("or-batch", "g", "g", "g", "q", answers=("Z", "Z", "Z"))
    assert at[1:] == [FORWARD_Z, "Forward 1 of 3 (iteration 2): Z", FORWARD_Z]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("Yhta", "Yhta is not worked out in this lesson; did you mean 'Yhat'?"),
        ("dCost/dw", "dCost/dw is not worked out in this lesson; did you mean 'dCost/dW'?"),
        ("dCost/dW[1,3]", "dCost/dW[1,3] does not exist: dCost/dW is (1 x 2) and its entries"),
        ("Cost.sqares", "Cost.sqares is not worked out in this lesson"),
        ("W''", "\"W''\" is not a name, expected one such as Z, W[1][2,3] or dCost/dW"),
        ("[red]", "'[red]' is not a name, expected one such as"),
        ("7", "'7' is not a name, expected one such as"),
    ],
)
def test_a_name_that_is_none_is_answered_and_the_page_stays(wanted, said):
    at, shown = went("or-batch", wanted)
    assert at == "The OR gate, a batch of four"
    assert said in " ".join(shown.split())


@pytest.mark.parametrize("nothing", ["", "   "])
def test_no_name_at_all_is_no_fault(nothing):
    at, shown = went("or-batch", nothing)
    assert at == "The OR gate, a batch of four"
    assert "not" not in shown[shown.index("[1/") :]


THEIRS = {
    "dZ": "Backward 1 of 2: through cost",
    "dL/dZ": "Backward 1 of 2: through cost",
    "dw": "Backward 2 of 2: through Z",
    "dCost/dW": "Backward 2 of 2: through Z",
    "dw[2,1]": "Backward 2 of 2: through Z",
}
"""Names of a lesson whose source has its own, and ours for the same."""


@pytest.mark.parametrize(("wanted", "page"), THEIRS.items(), ids=THEIRS)
def test_g_knows_a_quantity_by_its_name_in_the_source_and_by_ours(wanted, page):
    assert went("mean-in-the-gradients", wanted)[0] == page


# hand rounding and exact numbers


def test_e_shows_the_same_page_in_exact_numbers_and_e_again_by_hand():
    _, at, shown = played("or-batch", "g", "e", "e", "q", answers=("dCost/dW",))
    by_hand, exactly, again = shown.split("Backward 3 of 3: through Z")[1:]
    assert at[1:] == [BACKWARD_Z] * 3
    assert "-0.038" in by_hand
    assert "-0.0386588238168" in exactly
    assert again.split("[16/")[0] == by_hand.split("[16/")[0]


def test_e_says_which_numbers_are_shown():
    _, _, shown = played("or-batch", "e", "e", "q")
    exact, hand = shown.index("Exact numbers:"), shown.index("Hand rounding:")
    assert exact < hand
    assert "e hand rounding" in shown[exact:hand]
    assert "e exact" in shown[hand:]


def test_in_a_lesson_that_is_exact_e_says_so():
    _, at, shown = played("computational-graph", "e", "q")
    assert "This lesson is exact by hand, too: nothing in it needs rounding." in shown
    assert at[0] == at[1]


def test_e_shows_what_a_slip_has_hidden(tmp_path):
    path = tmp_path / "slip.md"
    path.write_text(
        "```{lesson}\n:title: T\n:rounding: carry 3\n```\n```{graph}\na = 0.4\nb = sigma(a)\n```\n"
        "```{forward}\nb := 0.6  # slip: sigma(0.4) is 0.599\n```\n",
        encoding="utf-8",
    )
    _, at, shown = played(path, "g", "e", "q", answers=("b",))
    by_hand, exactly = shown.split("Exact numbers:")
    assert at[-1] == at[-2] == "Forward 1 of 1: b"
    assert "= 0.6\n" in by_hand
    assert "= 0.598687660112\n" in exactly


def test_on_the_last_page_which_an_exact_run_lacks_e_stays_within_the_lesson():
    pages = len(played("or-batch", "q")[0].pages)
    player, at, _ = played("or-batch", *["n"] * (pages - 1), "e", "q")
    assert at[-2] == "Where rounding changed a digit"
    assert player.at < len(player.pages) == pages - 1


def test_e_comes_back_to_the_pen_that_was_asked_for():
    player, _, shown = played("or-batch", "e", "e", "q", pen=Pen("carry", 2))
    assert player.pen == Pen("carry", 2)
    assert "every result is written with 2 decimals" in shown


def test_every_key_has_one_meaning():
    assert set(KEYS.values()) == {"next", "back", "find", "exactly", "ask", "quit"}


# a recorded trace


@pytest.mark.parametrize("name", ["or-batch", "sigmoid", "eleven-lines", "sequential-update"])
def test_a_recorded_trace_shows_the_pages_of_the_lesson(name):
    shown = []
    for source in (lesson(name), recording(name)):
        console = make_console(file=io.StringIO(), width=80, force_terminal=False)
        Player(source, None, Terminal(console)).show_all()
        shown.append(console.file.getvalue())
    is_same = shown[0] == shown[1]
    assert is_same
    assert shown[0].count("\n") > 20


@pytest.mark.parametrize("wanted", [*PLACES, "Yhta", "dCost/dW[1,3]", "7"])
def test_g_leads_to_the_same_place_in_a_recorded_trace(wanted):
    assert went(recording("or-batch"), wanted) == went("or-batch", wanted)


@pytest.mark.parametrize("wanted", THEIRS)
def test_g_knows_both_names_in_a_recorded_trace(wanted):
    name = "mean-in-the-gradients"
    assert went(recording(name), wanted) == went(name, wanted)


def test_e_says_that_a_recorded_trace_has_one_way_of_rounding_and_names_the_lesson():
    _, at, shown = played(recording("or-batch"), "e", "q")
    assert at[0] == at[1]
    assert (
        "This file holds one way of rounding, carry 3; the lesson it was made from, or-batch, "
        "can be replayed in others." in " ".join(shown.split())
    )


def test_the_end_of_a_recorded_trace_is_the_command_of_the_next_lesson():
    pages = len(recording("or-bias").pages)
    _, _, shown = played(recording("or-bias"), *["n"] * pages)
    assert shown.rstrip().endswith(f"The next lesson: tracer replay {next_in_course('or-bias')}")


# the program itself, in a terminal


@pytest.fixture
def terminal():
    """A real terminal of 80 columns: our end, the program's end, and the program in it."""
    if sys.platform == "win32":
        pytest.skip("Windows has no pseudo terminals in Python's standard library")
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    here = SimpleNamespace(ours=ours, theirs=theirs, program=None)
    yield here
    if here.program.poll() is None:
        here.program.kill()
        here.program.wait()
    os.close(ours)
    os.close(theirs)


def start(terminal, *arguments: str, **environment: str) -> None:
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "LINES")}
    terminal.program = subprocess.Popen(
        [sys.executable, "-m", "tracer", *arguments],
        stdin=terminal.theirs,
        stdout=terminal.theirs,
        stderr=terminal.theirs,
        cwd=Path(__file__).parent.parent,
        env=kept | {"TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"} | environment,
        start_new_session=True,
        preexec_fn=at_a_terminal,
    )


def at_a_terminal() -> None:
    """What a program finds at a terminal, whatever this run inherited: Ctrl-C is heard."""
    import fcntl
    import termios

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def read_some(terminal) -> str:
    """What the program has written, after a moment."""
    if select.select([terminal.ours], [], [], 0.05)[0]:
        return os.read(terminal.ours, 65536).decode("utf-8", "replace")
    return ""


def shown_until(terminal, words: str) -> str:
    """What the program writes until it has written these words; it must not fall silent before."""
    seen, silent = "", 0
    while words not in seen:
        ended = terminal.program.poll() is not None
        more = read_some(terminal)
        seen, silent = seen + more, 0 if more else silent + 1
        assert more or not (ended or silent > 400), f"{words!r} was not shown, but {seen!r}"
    return seen


def rest(terminal) -> str:
    """Everything that the program still writes until it ends."""
    seen, silent = "", 0
    while terminal.program.poll() is None:
        more = read_some(terminal)
        seen, silent = seen + more, 0 if more else silent + 1
        assert silent < 400, f"the program does not end, after {seen!r}"
    while more := read_some(terminal):
        seen += more
    return seen


def wait_for_a_key(terminal) -> None:
    """Wait until the program takes single keys."""
    import termios

    while termios.tcgetattr(terminal.theirs)[3] & termios.ICANON:
        assert terminal.program.poll() is None, read_some(terminal)


def press(terminal, key: str) -> None:
    """Press a key as soon as the program waits for one."""
    wait_for_a_key(terminal)
    os.write(terminal.ours, key.encode())


def attributes(terminal) -> list:
    import termios

    return termios.tcgetattr(terminal.theirs)


def test_a_replay_in_a_terminal_turns_pages_and_leaves_it_as_it_was(terminal):
    before = attributes(terminal)
    start(terminal, "replay", "or-batch")
    shown = shown_until(terminal, "[1/")
    press(terminal, "\r")
    shown += shown_until(terminal, "[2/")
    press(terminal, "\x1b[C")
    shown += shown_until(terminal, "[3/")
    press(terminal, "b")
    shown += shown_until(terminal, "[2/")
    wait_for_a_key(terminal)
    assert attributes(terminal) != before
    press(terminal, "q")
    rest(terminal)
    assert terminal.program.returncode == 0
    assert attributes(terminal) == before
    assert "One example, some, or all" in shown
    assert "From loss to cost" in shown


def test_g_in_a_terminal_reads_a_name_and_goes_there(terminal):
    start(terminal, "replay", "or-batch")
    shown_until(terminal, "[1/")
    press(terminal, "g")
    shown_until(terminal, "go to: ")
    os.write(terminal.ours, b"dCost/dW[1,2]\n")
    shown = shown_until(terminal, "quit")
    press(terminal, "q")
    rest(terminal)
    assert terminal.program.returncode == 0
    assert "0.031*0 + (-0.02)*1 + (-0.03)*0 + (-0.018)*1" in shown


@pytest.mark.parametrize("where", ["at a page", "at the question"])
def test_ctrl_c_leaves_quietly_with_status_130_and_the_terminal_as_it_was(terminal, where):
    before = attributes(terminal)
    start(terminal, "replay", "or-batch")
    shown_until(terminal, "[1/")
    if where == "at the question":
        press(terminal, "g")
        shown_until(terminal, "go to: ")
        os.write(terminal.ours, b"\x03")
    else:
        press(terminal, "\x03")
    shown = rest(terminal)
    assert terminal.program.returncode == 130
    assert attributes(terminal) == before
    assert "Traceback" not in shown


def test_ctrl_d_at_the_question_is_no_name_and_no_fault(terminal):
    before = attributes(terminal)
    start(terminal, "replay", "or-batch")
    shown_until(terminal, "[1/")
    press(terminal, "g")
    shown_until(terminal, "go to: ")
    os.write(terminal.ours, b"\x04")
    shown = shown_until(terminal, "q quit")
    press(terminal, "q")
    shown += rest(terminal)
    assert "Traceback" not in shown
    assert terminal.program.returncode == 0
    assert attributes(terminal) == before


def test_a_recorded_trace_is_replayed_page_by_page_in_a_terminal(terminal, tmp_path):
    path = tmp_path / "trace.json"
    solution = solve(lesson("or-batch"))
    path.write_text(encode(record(solution, explain(solution))), encoding="utf-8")
    start(terminal, "replay", str(path))
    shown_until(terminal, "[1/")
    press(terminal, "g")
    shown_until(terminal, "go to: ")
    os.write(terminal.ours, b"dCost/dW[1,2]\n")
    shown = shown_until(terminal, "quit")
    press(terminal, "q")
    rest(terminal)
    assert terminal.program.returncode == 0
    assert "0.031*0 + (-0.02)*1 + (-0.03)*0 + (-0.018)*1" in shown


def test_a_dumb_terminal_gets_everything_at_once_and_no_codes(terminal):
    start(terminal, "replay", "computational-graph", TERM="dumb")
    shown = rest(terminal)
    assert terminal.program.returncode == 0
    assert "\x1b" not in shown
    assert "The next lesson: tracer replay or-one-example" in shown


def test_all_asks_for_no_key_even_in_a_terminal(terminal):
    start(terminal, "replay", "computational-graph", "--all")
    shown = rest(terminal)
    assert terminal.program.returncode == 0
    assert "Enter next" not in shown
    assert "\x1b[32m" in shown


def test_no_color_in_a_terminal_leaves_the_keys_and_takes_the_colours(terminal):
    start(terminal, "replay", "computational-graph", NO_COLOR="1")
    shown = shown_until(terminal, "[1/")
    press(terminal, "n")
    shown += shown_until(terminal, "[2/")
    press(terminal, "q")
    shown += rest(terminal)
    codes = {code for found in re.findall(r"\x1b\[([\d;]*)m", shown) for code in found.split(";")}
    assert not {code for code in codes if code.isdecimal() and int(code) >= 30}
