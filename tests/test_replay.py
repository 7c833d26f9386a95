"""A lesson replayed as an application: what each key does, at three sizes and in two encodings."""

import asyncio
import functools
import os
import re
import select
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from textual.events import Key, MouseScrollDown
from textual.pilot import Pilot, WaitForScreenTimeout

from tracer.cli.main import main
from tracer.cli.replay.app import Replay
from tracer.cli.replay.compared import pairs
from tracer.cli.replay.keys import ACTIONS, HELP
from tracer.cli.replay.lit import graph_at, lit
from tracer.cli.replay.opened import stages
from tracer.cli.replay.places import find
from tracer.cli.replay.sheet import Paper
from tracer.cli.replay.sources import OfEpoch, OfLesson, OfRecording, Script, Source
from tracer.cli.replay.state import Stopped
from tracer.cli.replay.widgets import Contents, Pane
from tracer.errors import TracerError
from tracer.lesson.directive import Lesson
from tracer.lesson.home import course, load, walkthroughs
from tracer.lesson.reading import read
from tracer.lesson.solution import Telling, explain, solve
from tracer.numbers.rounding import Pen
from tracer.page.document import Unfinished
from tracer.record import Recording, decode, encode, record
from tracer.render.terminal import pages_as_text
from tracer.training import run as training

LESSONS = ["computational-graph", "or-one-example", "or-bias", "or-batch"]
SIZES = [(60, 20), (80, 24), (120, 40)]
HELD = list(zip(LESSONS, [*SIZES, (80, 24)], strict=True))
"A lesson of each kind, and every size."
FORWARD_Z = "Forward 1 of 3: Z"
FORWARD_COST = "Forward 3 of 3: Cost"
BACKWARD_COST = "Backward 1 of 3: through Cost"
BACKWARD_SIGMA = "Backward 2 of 3: through Ŷ = σ(Z)"
BACKWARD_Z = "Backward 3 of 3: through Z"


def without_training(text: str, name: str) -> Lesson:
    return read(
        re.sub(r"^```\{train\}\n.*?^```\n", "", text, flags=re.S | re.M), name, f"{name}.md"
    )


@functools.cache
def lesson(name: str) -> Lesson:
    """A lesson of the course, but without its training, which takes a moment each time."""
    return without_training((walkthroughs() / f"{name}.md").read_text(encoding="utf-8"), name)


@functools.cache
def recording(name: str) -> Recording:
    """The same lesson, worked out, written as JSON and read back."""
    solution = solve(lesson(name))
    return decode(encode(record(solution, explain(solution))), "trace.json")


def source(name: str | Path | Recording | Source, pen: Pen | None = None) -> Source:
    match name:
        case str():
            return OfLesson(lesson(name), pen)
        case Path():
            return OfLesson(load(name), pen)
        case Recording():
            return OfRecording(name)
    return name


@functools.cache
def script(name: str) -> Script:
    """What there is to show of a lesson of the course, or of its recording."""
    made = recording(name.removesuffix(".json")) if name.endswith(".json") else name
    *_, whole = source(made).scripts()
    return whole


@dataclass
class Desk:
    """A replay that is driven as a user does, and what can be seen of it."""

    app: Replay
    pilot: Pilot[None]

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other; a word of several letters is the name of one key.

        The pilot's own `press` waits until the processor is idle, which it is not in a training.
        """
        for key in keys:
            self.app.post_message(Key(key, key if len(key) == 1 else None))
            await self.settle()

    async def type(self, words: str) -> None:
        """Type into the question that is open, and send it off."""
        self.app.query_one("#question").value = words
        await self.press("enter")

    async def go(self, words: str) -> None:
        await self.press("g")
        await self.type(words)

    async def settle(self) -> None:
        """Wait until what was asked for has been done and drawn."""
        for _ in range(3):
            if not self.app.is_running:
                return
            done = asyncio.Event()
            self.app.call_later(done.set)
            while not done.is_set() and self.app.is_running and not self.app.fault:
                await asyncio.sleep(0.002)
            if self.app.fault or not self.app.is_running:
                return
            try:
                await self.pilot.pause(0)
            except WaitForScreenTimeout:
                assert self.app.fault, "the application does not answer"

    async def until(self, holds) -> None:
        """Wait until something holds."""
        for _ in range(3000):
            if holds():
                return await self.settle()
            await self.pilot.pause(0.01)
        raise AssertionError(f"it never held; {self.screen}")

    @property
    def reading(self):
        return self.app.reading

    @property
    def title(self) -> str:
        return self.reading.page.title

    @property
    def screen(self) -> str:
        """All that stands on the screen."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(part.text for part in strip).rstrip() for strip in strips)

    @property
    def pane(self) -> Pane:
        return self.app.query_one("#page", Pane)

    @property
    def page(self) -> str:
        """All lines of the page, in sight or not."""
        return "\n".join(strip.text.rstrip() for strip in self.pane.strips)

    @property
    def keys(self) -> str:
        return self.screen.splitlines()[-1]

    @property
    def said(self) -> str:
        """What is said above the keys."""
        said = self.app.query_one("#said")
        return str(said.content) if said.display else ""


def replay(name, drive, *, size=(80, 24), encoding="utf-8", pen=None, tmp=None, **options):
    """Replay something, and do with it what a function says."""

    async def run():
        path = (tmp or Path(os.devnull)) / "replay.json"
        paper = Paper(encoding, options.pop("colours", True))
        app = Replay(source(name, pen), Stopped(path), paper, **options)
        async with app.run_test(size=size) as pilot:
            desk = Desk(app, pilot)
            await desk.until(lambda: app.reading is not None or app.fault)
            if drive is not None and not app.fault:
                await drive(desk)
        if app.fault:
            raise app.fault
        return app

    return asyncio.run(run())


def pressed(name, *keys: str, **options) -> Desk:
    """A replay in which these keys were pressed, as it stood then."""
    seen = SimpleNamespace()

    async def drive(desk: Desk) -> None:
        seen.titles = [desk.title]
        for key in keys:
            await desk.press(key)
            seen.titles.append(desk.title)
        for what in ("title", "screen", "page", "keys", "said", "reading"):
            setattr(seen, what, getattr(desk, what))

    seen.app = replay(name, drive, **options)
    return seen


def went(name, wanted: str, **options):
    """Where `g` and a name lead from the first page, and what was shown there."""
    seen = SimpleNamespace()

    async def drive(desk: Desk) -> None:
        await desk.go(wanted)
        seen.title, seen.page, seen.said = desk.title, desk.page, desk.said

    replay(name, drive, **options)
    return seen


# the first page


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize(("name", "size"), HELD, ids=str)
def test_the_first_page_its_keys_and_the_place(name, size, encoding):
    seen = pressed(name, size=size, encoding=encoding)
    assert lesson(name).title.split(",")[0] in seen.screen
    assert seen.keys.startswith(f"[1/{len(script(name).pages)}]  Enter next")
    assert seen.keys.endswith("? help  q quit")
    assert max(map(len, seen.screen.splitlines())) <= size[0]
    assert len(seen.screen.splitlines()) == size[1]


@pytest.mark.parametrize("keys", [[], ["?"], ["l"], ["d"], ["g"], ["slash"], ["e"], ["s"]], ids=str)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_an_ascii_terminal_gets_no_other_sign_whatever_is_open(keys, size):
    async def drive(desk: Desk) -> None:
        await desk.go("dCost/dW")
        await desk.press(*keys)
        if keys == ["e"]:
            await desk.until(lambda: desk.reading.exact)
        assert desk.screen.isascii(), desk.screen
        has_list = keys != ["e"] and (size == SIZES[-1]) != (keys == ["l"])
        assert ("Forward, all together" in desk.screen) == has_list
        assert "dCost/d" in desk.screen or has_list

    replay("or-batch", drive, size=size, encoding="ascii")


@pytest.mark.parametrize(("name", "size"), HELD, ids=str)
def test_page_by_page_shows_the_start_of_each_page_and_all_of_it(name, size):
    async def drive(desk: Desk) -> None:
        for page in script(name).pages:
            assert desk.pane.scroll_offset.y == 0
            drawn = pages_as_text(iter([page]), desk.app.page_width).rstrip().splitlines()
            shown = desk.page.splitlines()
            if page.answer and shown[0] == "The answer":
                shown = shown[2:]
            assert [line.rstrip() for line in drawn] == shown
            await desk.press("enter")
        assert desk.title == "The end"

    replay(name, drive, size=size)


def test_a_pane_of_any_width_shows_a_page_of_that_width():
    async def drive(desk: Desk) -> None:
        await desk.go("Z")
        narrow = desk.page
        await desk.pilot.resize_terminal(130, 40)
        await desk.settle()
        assert desk.page != narrow
        assert desk.title == FORWARD_Z
        await desk.pilot.resize_terminal(60, 20)
        await desk.settle()
        assert desk.page == narrow

    replay("or-batch", drive, size=(60, 20))


@pytest.mark.parametrize("colours", [True, False])
def test_colours_are_those_of_the_terminal_or_none(colours):
    async def drive(desk: Desk) -> None:
        await desk.go("Z")
        numbered = {
            part.style.color.number
            for strip in desk.pane.strips
            for part in strip
            if part.style and part.style.color and not part.style.color.is_default
        }
        assert numbered == ({2} if colours else set())  # green

    replay("or-batch", drive, colours=colours)


# turning pages


@pytest.mark.parametrize("key", ["enter", "ctrl+j", "right"])
def test_these_keys_turn_to_the_next_page(key):
    assert pressed("or-batch", key, key).titles == [
        "The OR gate, a batch of four",
        "One example, some, or all",
        "From loss to cost",
    ]


@pytest.mark.parametrize("key", ["b", "left"])
def test_these_keys_turn_back(key):
    assert pressed("or-batch", "enter", "enter", key).title == "One example, some, or all"


def test_before_the_first_page_there_is_none():
    assert pressed("or-batch", "b", "b", "enter").title == "One example, some, or all"


@pytest.mark.parametrize("key", ["q", "ctrl+d"])
def test_these_keys_leave(key):
    async def drive(desk: Desk) -> None:
        await desk.press(key)
        await desk.until(lambda: not desk.app.is_running)

    app = replay("or-batch", drive)
    assert not app.interrupted


def test_ctrl_c_leaves_as_it_does_everywhere():
    async def drive(desk: Desk) -> None:
        await desk.press("ctrl+c")
        await desk.until(lambda: not desk.app.is_running)

    assert replay("or-batch", drive).interrupted


@pytest.mark.parametrize("key", ["x", "7", "tab", "ü", "f5"])
def test_any_other_key_does_nothing(key):
    before, after = pressed("or-batch", "enter"), pressed("or-batch", "enter", key)
    assert before.screen == after.screen


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_help_names_every_key_and_goes_away(size):
    seen = pressed("or-batch", "question_mark", size=size)
    for key, _ in HELP:
        assert key in seen.page
    named = " ".join(key for key, _ in HELP)
    for keys in ACTIONS.values():
        first = keys.split(",")[0]
        spelled = {"greater_than_sign": ">", "less_than_sign": "<", "slash": "/",
                   "question_mark": "?", "pagedown": "", "pageup": "", "ctrl+c": ""}  # fmt: skip
        assert spelled.get(first, first).lower() in (named + str(HELP)).lower()
    assert pressed("or-batch", "question_mark", "escape", size=size).page != seen.page
    assert pressed("or-batch", "question_mark", "question_mark", size=size).page != seen.page


def test_h_is_help_too():
    assert pressed("or-batch", "h").page == pressed("or-batch", "question_mark").page


@pytest.mark.parametrize("name", LESSONS)
def test_the_answer_stands_on_a_page_after_the_question_and_is_announced(name):
    first = next(k for k, page in enumerate(script(name).pages, 1) if page.answer)

    async def drive(desk: Desk) -> None:
        await desk.go(str(first - 1))
        assert "The answer" not in desk.page
        await desk.press("enter")
        assert desk.page.startswith("The answer\n")

    replay(name, drive)


# scrolling


def test_a_long_page_scrolls_by_line_screen_and_to_its_ends():
    async def drive(desk: Desk) -> None:
        await desk.go("dCost/dW")
        last = desk.pane.rows - desk.pane.size.height
        assert last > 10
        moved = []
        for key in ("down", "down", "up", "pagedown", "pageup", "end", "home"):
            await desk.press(key)
            moved.append(desk.pane.scroll_offset.y)
        assert moved[:3] == [1, 2, 1]
        assert moved[3] > moved[4]
        assert moved[5:] == [last, 0]
        assert desk.title == BACKWARD_Z

    replay("or-batch", drive, size=(60, 20))


def test_space_goes_on_by_a_screen_and_then_to_the_next_page():
    async def drive(desk: Desk) -> None:
        await desk.go("dCost/dW")
        assert "Space more (" in desk.keys
        seen = [desk.screen]
        while desk.title == BACKWARD_Z:
            await desk.press("space")
            seen.append(desk.screen)
        assert desk.title == "Backward, all together"
        assert desk.pane.scroll_offset.y == 0
        assert len(seen) > 2
        for line in pages_as_text(iter([script("or-batch").pages[15]]), 59).splitlines():
            assert any(line.strip() in screen for screen in seen)

    replay("or-batch", drive, size=(60, 20))


def test_a_line_that_is_too_long_is_read_by_going_to_the_side():
    async def drive(desk: Desk) -> None:
        await desk.go("Z")
        before = desk.screen
        await desk.press("greater_than_sign")
        aside = desk.screen
        await desk.press("less_than_sign")
        assert before == desk.screen != aside

    replay("or-batch", drive, size=(30, 20))


def test_the_mouse_wheel_scrolls_and_a_click_goes_to_a_step():
    async def drive(desk: Desk) -> None:
        await desk.go("dCost/dW")
        x, y = desk.pane.region.x + 5, desk.pane.region.y + 5
        event = MouseScrollDown(desk.pane, x, y, 0, 1, 0, False, False, False, x, y)
        desk.app.post_message(event)
        await desk.until(lambda: desk.pane.scroll_offset.y > 0)
        await desk.pilot.click(Contents, offset=(5, 1))
        await desk.settle()
        top = round(desk.app.query_one(Contents).scroll_offset.y)
        assert desk.title == script("or-batch").pages[1 + top].title
        assert desk.pane.scroll_offset.y == 0

    replay("or-batch", drive, size=(120, 30))


# going to a place


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
def test_a_quantity_is_on_the_page_that_works_it_out(wanted, page):
    for name in ("or-batch", "or-batch.json"):
        found = find(script(name), wanted, 0)
        assert script(name).pages[found.at].title == page


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
@pytest.mark.parametrize("recorded", [False, True])
def test_g_shows_an_entry_or_a_part_below_its_page_and_in_sight(wanted, lines, recorded):
    async def drive(desk: Desk) -> None:
        whole = desk.app.paper.page
        await desk.go(wanted)
        page = "\n".join(line.plain.rstrip() for line in whole(desk.reading.page, 80))
        below = desk.page[len(page) :] if desk.page.startswith(page) else desk.page
        for line in lines:
            assert line in below
            assert line in desk.screen

    replay(recording("or-batch") if recorded else "or-batch", drive, size=(82, 20))


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
    assert went(lesson, wanted).title == page


@pytest.mark.parametrize(
    ("wanted", "page"),
    [
        ("8", FORWARD_Z),
        ("1", "The OR gate, a batch of four"),
        ("Backward", "Backward"),
        ("backward 2 of 3: through ŷ = σ(z)", BACKWARD_SIGMA),
        ("your turn", "Your turn"),
        ("gets better", None),
        ("through z", BACKWARD_Z),
    ],
)
def test_g_goes_to_a_page_by_its_number_or_its_title(wanted, page):
    seen = went("or-batch", wanted)
    assert seen.title == (page or "The OR gate, a batch of four")
    assert bool(seen.said) == (page is None)


def test_g_again_goes_on_to_the_next_page_with_that_quantity_and_round():
    async def drive(desk: Desk) -> None:
        for page in (FORWARD_Z, "Forward 1 of 3 (iteration 2): Z", FORWARD_Z):
            await desk.go("Z")
            assert desk.title == page

    replay("or-batch", drive)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("Yhta", "Yhta is not worked out in this lesson; did you mean 'Yhat'?"),
        ("dCost/dw", "dCost/dw is not worked out in this lesson; did you mean 'dCost/dW'?"),
        ("dCost/dW[1,3]", "dCost/dW[1,3] does not exist: dCost/dW is (1 x 2) and its entries"),
        ("Cost.sqares", "Cost.sqares is not worked out in this lesson"),
        ("W''", "\"W''\" is not a name, expected one such as Z, W[1][2,3] or dCost/dW"),
        ("[red]", "'[red]' is not a name, expected one such as"),
        ("0", "there is no page 0, expected 1 to"),
        ("999", "there is no page 999, expected 1 to"),
    ],
)
def test_a_place_that_is_none_is_answered_and_the_page_stays(wanted, said):
    for name in ("or-batch", recording("or-batch")):
        seen = went(name, wanted)
        assert seen.title == "The OR gate, a batch of four"
        assert seen.said.startswith(said)


@pytest.mark.parametrize("nothing", ["", "   "])
def test_no_place_at_all_is_no_fault(nothing):
    seen = went("or-batch", nothing)
    assert seen.title == "The OR gate, a batch of four"
    assert seen.said == ""


@pytest.mark.parametrize("key", ["escape", "ctrl+d"])
def test_a_question_can_be_left(key):
    async def drive(desk: Desk) -> None:
        before = desk.screen
        await desk.press("g", "Z")
        assert desk.keys.startswith("go to: Z")
        await desk.press(key)
        assert desk.screen == before
        await desk.press("enter")
        assert desk.title == "One example, some, or all"

    replay("or-batch", drive)


@pytest.mark.parametrize(
    ("begun", "page"),
    [("dCost/dY", BACKWARD_COST), ("dcost/dy", BACKWARD_COST), ("Your", "Your turn")],
)
def test_tab_completes_what_is_asked_for(begun, page):
    async def drive(desk: Desk) -> None:
        await desk.press("g", *begun)
        question = desk.app.query_one("#question")
        assert question.value == begun
        await desk.press("tab")
        await desk.press("enter")
        assert desk.title == page

    replay("or-batch", drive)


THEIRS = {
    "dZ": "Backward 1 of 2: through cost",
    "dL/dZ": "Backward 1 of 2: through cost",
    "dw": "Backward 2 of 2: through Z",
    "dCost/dW": "Backward 2 of 2: through Z",
    "dw[2,1]": "Backward 2 of 2: through Z",
}
"""Names of a lesson whose source has its own, and ours for the same."""


@pytest.mark.parametrize(("wanted", "page"), THEIRS.items(), ids=THEIRS)
@pytest.mark.parametrize("name", ["mean-in-the-gradients", "mean-in-the-gradients.json"])
def test_a_quantity_is_known_by_its_name_in_the_source_and_by_ours(name, wanted, page):
    assert script(name).pages[find(script(name), wanted).at].title == page


def test_backspace_returns_to_where_one_was_before_each_jump():
    async def drive(desk: Desk) -> None:
        await desk.go("Z")
        await desk.press("enter")
        await desk.go("dCost/dW")
        titles = []
        for _ in range(3):
            await desk.press("backspace")
            titles.append(desk.title)
        assert titles == ["Forward 2 of 3: Ŷ", *["The OR gate, a batch of four"] * 2]
        assert desk.said.startswith("You have not gone anywhere")

    replay("or-batch", drive)


# search


def test_search_finds_words_page_after_page_and_marks_them():
    async def drive(desk: Desk) -> None:
        await desk.press("slash")
        await desk.type("Every GRADIENT")
        assert "Every gradient was negative" in desk.page
        marked = [p.text for s in desk.pane.strips for p in s if p.style and p.style.reverse]
        assert marked == ["Every gradient"]
        assert "Every gradient" in desk.screen
        first = desk.reading.at
        await desk.press("n")
        assert desk.reading.at == first
        await desk.press("backspace")
        assert desk.title == "The OR gate, a batch of four"

    replay("or-batch", drive, size=(60, 20))


def test_n_goes_on_and_capital_n_goes_back():
    async def drive(desk: Desk) -> None:
        await desk.press("slash")
        await desk.type("iteration 2")
        places = [desk.reading.at]
        for key in ("n", "n", "N", "N"):
            await desk.press(key)
            places.append(desk.reading.at)
        assert places[0] < places[1] < places[2]
        assert places[3:] == places[1::-1]

    replay("or-batch", drive)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (["n"], "Nothing is looked for"),
        (["slash", "q", "q", "enter"], "'qq' does not stand in this lesson."),
    ],
)
def test_what_cannot_be_found_is_said(keys, said):
    seen = pressed("or-batch", *keys)
    assert seen.said.startswith(said)
    assert seen.title == "The OR gate, a batch of four"


# the list of steps


def test_a_wide_terminal_has_the_list_beside_the_page_with_the_place_marked():
    seen = pressed("or-batch", "enter", size=(120, 40))
    assert ">  2 One example, some, or all" in seen.screen
    assert "   8  " + FORWARD_Z in seen.screen
    seen = pressed("or-batch", "l", size=(120, 40))
    assert FORWARD_Z not in seen.screen


@pytest.mark.parametrize("size", SIZES[:2], ids=str)
def test_a_narrow_terminal_has_the_list_over_the_page_on_a_key(size):
    async def drive(desk: Desk) -> None:
        assert FORWARD_Z not in desk.screen
        before = desk.screen
        await desk.press("l")
        assert f"8  {FORWARD_Z}" in desk.screen
        assert ">  1 The OR gate" in desk.screen
        await desk.press("escape")
        assert desk.screen == before
        await desk.press("l", "down", "down", "enter")
        assert desk.title == "From loss to cost"
        assert desk.screen.startswith("From loss to cost")
        await desk.press("backspace")
        assert desk.title == "The OR gate, a batch of four"

    replay("or-batch", drive, size=size)


# the graph, with what is worked out lit


@pytest.mark.parametrize(
    ("name", "page", "tones"),
    [
        ("or-batch", "What is given", {}),
        ("or-batch", FORWARD_Z, {"Z": "forward"}),
        ("or-batch", "Forward 2 of 3: Ŷ", {"Yhat": "forward"}),
        ("or-batch", BACKWARD_SIGMA, {"Z": "gradient"}),
        ("or-batch", BACKWARD_Z, {"W": "gradient", "b": "gradient"}),
        ("or-batch", "Update 1 of 2: W", {"W": "forward"}),
        ("or-batch", "Your turn", {}),
        ("computational-graph", "Backward 4 of 4: the sum at b", {"b": "gradient"}),
        ("mean-in-the-gradients", "Backward 2 of 2: through Z", {"w": "gradient", "b": "gradient"}),
    ],
)
@pytest.mark.parametrize("recorded", ["", ".json"])
def test_a_page_lights_the_nodes_that_it_works_out(name, page, tones, recorded):
    shown = script(name + recorded)
    at = next(k for k, one in enumerate(shown.pages) if one.title == page)
    graph = graph_at(shown, at) or graph_at(shown, at + 1)
    assert lit(shown, shown.pages[at], graph) == tones


@pytest.mark.parametrize(
    ("page", "known"),
    [
        (FORWARD_Z, "nothing"),
        (BACKWARD_Z, "values"),
        ("Update 1 of 2: W", "gradients"),
        ("Forward 1 of 3 (iteration 2): Z", "nothing"),
    ],
)
def test_the_graph_has_what_is_known_so_far_in_this_iteration(page, known):
    shown = script("or-batch")
    at = next(k for k, one in enumerate(shown.pages) if one.title == page)
    edges = graph_at(shown, at).edges
    assert any(edge.value for edge in edges) == (known != "nothing")
    assert any(edge.gradient for edge in edges) == (known == "gradients")


def test_a_page_that_shows_the_graph_and_one_before_it_have_none_beside_it():
    shown = script("or-batch")
    given = next(k for k, one in enumerate(shown.pages) if one.title == "What is given")
    assert [graph_at(shown, k) for k in range(given + 1)] == [None] * (given + 1)


@pytest.mark.parametrize(("wanted", "colour"), [("Z", 2), ("dCost/dZ", 1)])
def test_the_graph_is_lit_green_forward_and_red_backward(wanted, colour):
    async def drive(desk: Desk) -> None:
        await desk.go(wanted)
        graph = desk.app.query_one("#graph", Pane)
        assert graph.display
        parts = [p for s in graph.strips for p in s if p.style and p.style.reverse]
        assert {p.style.color.number for p in parts} == {colour}
        assert "Z = W · X + b" in "".join(p.text for p in parts)

    replay("or-batch", drive, size=(120, 40))


@pytest.mark.parametrize(
    ("options", "mark"),
    [({"encoding": "ascii"}, "* Z = W . X + b *"), ({"colours": False}, "┃ Z = W · X + b ┃")],
    ids=["ASCII", "no colour"],
)
def test_without_colours_or_signs_a_frame_of_its_own_lights_the_graph(options, mark):
    async def drive(desk: Desk) -> None:
        await desk.go("Z")
        assert mark not in desk.screen
        await desk.press("d")
        assert mark in desk.screen
        await desk.press("d")
        assert mark not in desk.screen

    replay("or-batch", drive, **options)


def test_a_large_graph_is_scrolled_to_what_is_lit():
    async def drive(desk: Desk) -> None:
        await desk.press("d")
        await desk.go("Z[2]")
        assert "* Z[2] = W[2] . A[1] + b[2] *" in desk.screen

    replay("xor-hidden-layer", drive, size=(60, 20), encoding="ascii")


def test_where_there_is_no_graph_d_says_so():
    assert pressed("or-batch", "d").said.startswith("There is no graph to draw here")


# line by line


def test_a_step_is_opened_line_by_line_and_then_comes_the_next_page():
    async def drive(desk: Desk) -> None:
        await desk.go("Z")
        await desk.press("s")
        seen = [desk.page]
        while desk.title == FORWARD_Z:
            assert desk.keys.count("Enter") == 1
            await desk.press("enter")
            seen.append(desk.page)
        first, formula, numbers, sums, whole, next_page = seen
        assert "Z = ?" in first
        assert "Z = W · X + b\n    = ?" in formula
        assert "[ 0.1  0.6 ]" not in formula
        assert "[ 0.1  0.6 ]" in numbers
        assert "(0.1*1 + 0.6*1 + 0)" in sums
        assert "0.7    ]" not in sums
        assert "0.7    ]" in whole
        assert "= ?" not in whole
        assert "Ŷ = ?" in next_page

    replay("or-batch", drive)


def test_what_stands_below_a_line_that_is_still_to_come_is_not_told_before():
    page = next(p for p in script("or-batch").pages if p.title == BACKWARD_Z)
    whole = page.blocks
    for stage in stages(page)[:-1]:
        *told, last = stage.blocks
        assert whole[: len(told)] == tuple(told)
        assert "?" in pages_as_text(iter([stage]), 80)
        assert last != whole[len(told)]
    assert stages(page)[-1] == page


@pytest.mark.parametrize("name", LESSONS)
def test_every_stage_adds_a_line_and_the_last_is_the_page(name):
    for page in script(name).pages:
        opened = stages(page)
        assert opened[-1] == page
        assert len(set(map(repr, opened))) == len(opened)


def test_a_opens_the_whole_page_and_going_back_leaves_it_open():
    async def drive(desk: Desk) -> None:
        await desk.press("enter", "a")
        assert desk.title == FORWARD_Z
        assert "?" not in desk.page
        await desk.press("enter", "b")
        assert "?" not in desk.page

    replay("or-batch", drive, begin="7", stepwise=True)


def test_s_says_what_it_does_and_the_keys_follow():
    async def drive(desk: Desk) -> None:
        await desk.press("s")
        assert desk.said == "Line by line."
        assert "Enter the next line  a all" in desk.keys
        await desk.press("s")
        assert desk.said == "Page by page."
        assert "s line by line" in desk.keys

    replay("or-batch", drive, begin="Z", size=(120, 40))


def test_a_derivation_is_opened_line_by_line_as_well():
    [page] = [p for p in script("sigmoid").pages if p.title.startswith("Derivation")][:1]
    assert len(stages(page)) > 5


def test_a_page_that_grows_beyond_the_screen_shows_its_newest_line():
    async def drive(desk: Desk) -> None:
        while not desk.reading.is_open:
            await desk.press("enter")
            if not desk.reading.is_open:
                assert "= ?" in desk.screen

    replay("or-batch", drive, size=(60, 20), begin="dCost/dW", stepwise=True)


# hand rounding and exact numbers


async def compare(desk: Desk) -> None:
    await desk.press("e")
    await desk.until(lambda: desk.reading.comparing)


def test_e_shows_both_side_by_side_where_there_is_room():
    async def drive(desk: Desk) -> None:
        await desk.go("dCost/dW")
        by_hand = desk.page
        await compare(desk)
        lines = desk.page.splitlines()
        assert lines[0].split() == ["by", "hand", "│", "exactly"]
        [line] = [one for one in lines if "[ 0.031  -0.02" in one and "[ 0.03125" in one][:1]
        assert line.index("0.031 ") < line.index("│") < line.index("0.03125")
        assert "-0.0386588238168" in desk.page
        assert "e by hand" in desk.keys
        await desk.press("e")
        assert desk.page == by_hand

    replay("or-batch", drive, size=(130, 30))


@pytest.mark.parametrize("size", SIZES[:2], ids=str)
def test_e_shows_one_under_the_other_where_it_is_narrow(size):
    async def drive(desk: Desk) -> None:
        await desk.go("dCost/dZ")
        await compare(desk)
        assert "│" not in desk.page
        both = desk.page.split("by hand\n")[-1]
        by_hand, exactly = both.split("exactly\n")
        assert "0.031   " in by_hand
        assert "0.03125" in exactly

    replay("or-batch", drive, size=size)


def test_what_is_the_same_stands_once_and_the_rest_beside_what_tells_the_same():
    hand, exact = (
        next(p for p in told.pages if p.title == BACKWARD_Z)
        for told in (script("or-batch"), SimpleNamespace(pages=source("or-batch").exactly()))
    )
    together = list(pairs(hand, exact))
    assert [one for one, _ in together if one] == list(hand.blocks)
    assert [other for _, other in together if other] == list(exact.blocks)
    names = [(a.name, b.name) for a, b in together if hasattr(a, "name") and hasattr(b, "name")]
    assert len(names) > 3
    assert all(a == b for a, b in names)


@pytest.mark.parametrize("name", ["computational-graph", "or-one-example"])
def test_a_lesson_that_is_exact_by_hand_says_so(name):
    async def drive(desk: Desk) -> None:
        await desk.press("e")
        exact = name == "computational-graph"
        if exact:
            await desk.until(lambda: "exact by hand" in desk.said)
            assert desk.said.endswith("nothing in it needs rounding.")
        else:
            await desk.until(lambda: desk.reading.comparing)

    replay(name, drive)


def test_e_shows_what_a_slip_has_hidden(tmp_path):
    path = tmp_path / "slip.md"
    path.write_text(
        "```{lesson}\n:title: T\n:rounding: carry 3\n```\n```{graph}\na = 0.4\nb = sigma(a)\n```\n"
        "```{forward}\nb := 0.6  # slip: sigma(0.4) is 0.599\n```\n",
        encoding="utf-8",
    )

    async def drive(desk: Desk) -> None:
        await desk.go("b")
        await compare(desk)
        by_hand, exactly = desk.page.split("exactly\n")[:2]
        assert "= 0.6\n" in by_hand
        assert "= 0.598687660112" in exactly

    replay(path, drive)


def test_a_page_that_only_a_hand_has_stands_alone():
    async def drive(desk: Desk) -> None:
        await compare(desk)
        await desk.go("Where rounding changed")
        assert desk.title == "Where rounding changed a digit"
        assert "by hand\n" not in desk.page

    replay("or-batch", drive)


def test_beside_the_exact_numbers_stand_those_of_the_pen_that_was_asked_for():
    async def drive(desk: Desk) -> None:
        assert desk.reading.script.pen == Pen("carry", 2)
        await desk.go("What is given")
        assert "every result is written with 2 decimals" in " ".join(desk.page.split())
        await desk.go("Yhat")
        await compare(desk)
        assert "0.65" in desk.page
        assert "0.645656306226" in desk.page

    replay("or-batch", drive, pen=Pen("carry", 2))


# a recorded trace


@pytest.mark.parametrize("name", ["or-batch", "sigmoid", "eleven-lines", "sequential-update"])
def test_a_recorded_trace_shows_the_pages_of_the_lesson(name):
    shown = [pages_as_text(iter(script(each).pages), 80) for each in (name, f"{name}.json")]
    is_same = shown[0] == shown[1]
    assert is_same
    assert shown[0].count("\n") > 20


def test_e_says_that_a_recorded_trace_has_one_way_of_rounding_and_names_the_lesson():
    async def drive(desk: Desk) -> None:
        await desk.press("e")
        await desk.until(lambda: "one way" in desk.said)
        assert desk.said == (
            "This file holds one way of rounding, carry 3; the lesson it was made from, or-batch, "
            "can be replayed in others."
        )
        assert not desk.reading.comparing

    replay(recording("or-batch"), drive)


# the end, and the next lesson


def next_in_course(name: str) -> str:
    names = [each.name for each in course()]
    return names[names.index(name) + 1]


@pytest.mark.parametrize("recorded", [False, True])
def test_the_end_names_the_next_lesson_and_enter_opens_it(recorded):
    async def drive(desk: Desk) -> None:
        await desk.go(str(len(desk.reading.script.pages)))
        await desk.press("enter")
        await desk.until(lambda: desk.reading.after)
        assert desk.keys.startswith("[end]")
        assert f"The next lesson is {next_in_course('or-bias')}" in desk.page
        await desk.press("enter")
        await desk.until(lambda: desk.reading)
        assert desk.reading.source.name == next_in_course("or-bias")
        assert desk.reading.at == 0

    replay(recording("or-bias") if recorded else "or-bias", drive)


def test_behind_the_last_lesson_there_is_none():
    async def drive(desk: Desk) -> None:
        await desk.go(str(len(desk.reading.script.pages)))
        await desk.press("enter", "enter", "enter")
        assert desk.title == "The end"
        assert "tracer list" in desk.page

    replay(course()[-1].name, drive)


# where one stopped


def stopped_at(tmp_path, name="or-batch", *keys: str, **options):
    async def drive(desk: Desk) -> None:
        seen.append((desk.title, desk.said))
        await desk.press(*keys)
        await desk.press("q")

    seen = []
    replay(name, drive, tmp=tmp_path, **options)
    return seen[0]


def test_a_replay_goes_on_where_one_stopped(tmp_path):
    path = tmp_path / "walkthroughs"
    made = OfLesson(load("or-bias"))
    assert made.key == "or-bias"
    assert stopped_at(tmp_path, made, "enter", "enter")[1] == ""
    title, said = stopped_at(tmp_path, made)
    assert title == script("or-bias").pages[2].title
    assert said.startswith("You stopped here, at page 3")
    assert stopped_at(tmp_path, made, begin="1")[0] == script("or-bias").pages[0].title
    assert Stopped(tmp_path / "replay.json").last == "or-bias"
    assert not path.exists()


def test_whoever_was_through_begins_again(tmp_path):
    made = OfLesson(load("or-bias"))
    stopped_at(tmp_path, made, *["enter"] * len(script("or-bias").pages))
    assert stopped_at(tmp_path, made) == (script("or-bias").pages[0].title, "")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"places": 7}', '{"places": {"or-bias": 7}}'])
def test_a_state_that_cannot_be_read_is_none(tmp_path, text):
    (tmp_path / "replay.json").write_text(text, encoding="utf-8")
    assert stopped_at(tmp_path, OfLesson(load("or-bias"))) == (script("or-bias").pages[0].title, "")


def test_a_state_that_cannot_be_written_is_no_fault(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    stopped_at(tmp_path / "file", OfLesson(load("or-bias")), "enter")


def test_a_lesson_that_has_changed_is_opened_at_the_page_of_the_same_title():
    pages = script("or-batch").pages
    kept = {"or-batch": {"page": 30, "title": FORWARD_COST}}

    class Kept(Stopped):
        def _places(self):
            return kept

    at = Kept(Path("none")).place("or-batch", pages)
    assert pages[at].title == FORWARD_COST
    kept["or-batch"]["title"] = "A page that is gone"
    assert Kept(Path("none")).place("or-batch", pages) == 0


# where to begin


@pytest.mark.parametrize(
    ("begin", "title"), [("8", FORWARD_Z), ("dCost/dW", BACKWARD_Z), ("Your", "Your turn")]
)
def test_from_begins_at_a_place(begin, title):
    assert pressed("or-batch", begin=begin).title == title


def test_from_a_place_that_is_none_is_a_fault():
    with pytest.raises(TracerError, match="did you mean 'Yhat'"):
        replay("or-batch", None, begin="Yhta")


def test_from_in_a_pipe_prints_the_pages_from_there_on(capsys):
    assert main(["replay", "or-batch", "--from", "dCost/dW[1,2]", "--all"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(BACKWARD_Z)
    assert shown.index("∂Cost/∂W[1,2] = 0.031*0") < shown.index("Backward, all together")


# the first page, while the rest is still worked out


SLOW = """\
```{lesson}
:title: A slow one
```

## Before

Words.

```{network}
:layers: 1 sigmoid
:cost: squared error
:learning-rate: 1
X = 0 0 1 1; 0 1 0 1
Y = 0 1 1 1
W = 0.1 0.6
b = 0
```
```{train}
:epochs: 400
```

## After

More words.
"""


class Held:
    """A training that goes on only when it is let."""

    def __init__(self, monkeypatch) -> None:
        self.may_end, self.is_left = threading.Event(), False
        whole = training.train

        def train(program, epochs, rate, size, each, shuffle):
            def heard(epoch, cost):
                each(epoch, cost)
                if epoch == 99:
                    try:
                        while not self.may_end.wait(0.01):
                            each(epoch, cost)
                    except BaseException:
                        self.is_left = True
                        raise

            return whole(program, epochs, rate, size, heard, shuffle)

        monkeypatch.setattr(training, "train", train)


def slow() -> OfLesson:
    return OfLesson(read(SLOW, "slow", "slow.md"))


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_first_page_is_there_while_a_training_still_runs(monkeypatch, size, encoding):
    held = Held(monkeypatch)

    async def drive(desk: Desk) -> None:
        assert "A slow one" in desk.screen
        await desk.go("After")
        assert "More words." in desk.screen
        await desk.press("b")
        assert isinstance(desk.reading.page, Unfinished)
        await desk.until(lambda: "100 of 400 epochs" in desk.screen)
        assert "Training: 400 epochs" in desk.screen
        at, count = desk.reading.at, len(desk.reading.script.pages)
        held.may_end.set()
        await desk.until(lambda: not isinstance(desk.reading.page, Unfinished))
        assert "After 400 epochs" in desk.page
        assert (at, count) == (desk.reading.at, len(desk.reading.script.pages))

    replay(slow(), drive, size=size, encoding=encoding)


def test_leaving_ends_a_training_that_is_under_way(monkeypatch):
    held = Held(monkeypatch)

    async def drive(desk: Desk) -> None:
        await desk.press("q")

    replay(slow(), drive)
    for _ in range(1000):
        if held.is_left:
            break
        threading.Event().wait(0.01)
    assert held.is_left


def test_what_takes_a_while_stands_as_its_title_and_the_rest_is_told_as_ever():
    solution = solve(read(SLOW, "slow", "slow.md"))
    first, last = Telling(solution).documents()
    assert last == explain(solution)
    assert [a == b for a, b in zip(first.pages, last.pages, strict=True)] == [
        not isinstance(page, Unfinished) for page in first.pages
    ]


def test_keys_that_were_pressed_before_the_first_page_are_kept(monkeypatch):
    held = threading.Event()
    whole = OfLesson.scripts

    def scripts(self, *each):
        held.wait()
        yield from whole(self, *each)

    monkeypatch.setattr(OfLesson, "scripts", scripts)

    async def run() -> str:
        app = Replay(source("or-batch"), Stopped(Path(os.devnull)))
        async with app.run_test() as pilot:
            desk = Desk(app, pilot)
            await desk.press("enter", "g", *"Zhat", "backspace", "backspace", "backspace", "enter")
            assert app.reading is None
            assert "or-batch is being worked out" in desk.keys
            held.set()
            await desk.until(lambda: app.reading)
            await desk.until(lambda: desk.title == FORWARD_Z)
            await desk.press("backspace")
            return desk.title

    assert asyncio.run(run()) == "One example, some, or all"


@pytest.mark.parametrize("text", [SLOW.replace("sigmoid", "sigmoyd"), SLOW.replace("= 0.1", "= x")])
def test_a_fault_of_the_lesson_is_raised_when_the_terminal_is_as_it_was(text):
    with pytest.raises(TracerError, match=r"slow\.md:\d+: "):
        replay(OfLesson(read(text, "slow", "slow.md")), None)


def test_a_fault_behind_a_training_is_told_as_ever():
    text = SLOW.replace(":epochs: 400", ":epochs: 4\naccuracy = 1 2")
    with pytest.raises(TracerError) as fault:
        explain(solve(read(text, "slow", "slow.md")))
    with pytest.raises(TracerError, match=re.escape(str(fault.value))):
        replay(OfLesson(read(text, "slow", "slow.md")), None)


def test_a_fault_of_our_own_is_raised_as_well(monkeypatch):
    async def drive(desk: Desk) -> None:
        monkeypatch.setattr(type(desk.reading), "lines", None)
        await desk.press("enter")

    with pytest.raises(TypeError):
        replay("or-batch", drive)


# an epoch of the training


def test_an_epoch_is_paged_batch_by_batch_as_the_training_took_them():
    made = OfEpoch(load("batch-slow-and-fast"), 3, training=2)
    first, whole = made.scripts()
    assert isinstance(first.pages[0], Unfinished)
    titles = [page.title for page in whole.pages]
    assert titles[0] == "The batch, slow and fast: epoch 3, in 2 batches"
    batches = [title for title in titles if title.startswith("Batch")]
    assert batches == ["Batch 1 of 2: examples 1 and 2", "Batch 2 of 2: examples 3 and 4"]
    assert titles[1] == batches[0]
    assert titles.count(FORWARD_Z) == titles.count("Update 1 of 2: W") == 2
    run = made._training()[0].run
    (_, one), (_, two) = run.steps(3)
    assert [trace["W"].exact.tolist() for trace in whole.traces] == [
        one.given({}).values()["W"].tolist(),
        two.given({}).values()["W"].tolist(),
    ]


def test_an_epoch_is_replayed_with_the_keys_of_every_replay():
    async def drive(desk: Desk) -> None:
        await desk.until(lambda: len(desk.reading.script.pages) > 1)
        await desk.go("Batch 2")
        assert desk.title == "Batch 2 of 2: examples 3 and 4"
        await desk.go("Z")
        assert desk.title == FORWARD_Z
        assert desk.reading.at > 10
        await compare(desk)
        assert "exactly" in desk.page

    replay(OfEpoch(load("batch-slow-and-fast"), 3, training=2), drive)


@pytest.mark.parametrize("number", [None, 1, 3])
def test_of_several_trainings_it_is_said_which_and_how_to_choose(number, capsys):
    chosen = ["--train", str(number)] if number else []
    assert main(["replay", "batch-slow-and-fast", "--epoch", "0", *chosen]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert f"This is training {number or 1} of 4 in the lesson" in shown
    assert "'--train' and its number choose another" in shown
    assert ("Batch 1 of 4: example 1" in shown) == (number == 3)


def test_of_one_training_nothing_is_to_be_chosen(capsys):
    assert main(["replay", "or-batch", "--epoch", "0"]) == 0
    assert "--train" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["or-batch", "--epoch", "0", "--train", "2"], "has 1 training; expected 1 to 1"),
        (["or-batch", "--epoch", "0", "--train", "0"], "--train is 0, and or-batch has 1"),
        (["or-batch", "--train", "1"], "--train says which training --epoch is of, expected"),
        (["or-bias", "--epoch", "0"], "or-bias has no {train} block, expected one for --epoch"),
        (["or-batch", "--epoch", "5001"], "epoch 5001 is not in this run, expected 0 to 5000"),
    ],
)
def test_an_epoch_that_cannot_be_shown_is_one_line(options, said, capsys):
    assert main(["replay", *options]) == 2
    out, complaint = capsys.readouterr()
    assert out == ""
    assert said in complaint
    assert complaint.count("\n") == 1


# without a name


def at_home(monkeypatch, tmp_path) -> Path:
    path = tmp_path / "state" / "replay.json"
    monkeypatch.setattr("tracer.cli.replay.state.state_file", lambda: path)
    return path


def test_without_a_name_the_course_begins(monkeypatch, tmp_path, capsys):
    at_home(monkeypatch, tmp_path)
    assert main(["replay", "--all"]) == 0
    assert capsys.readouterr().out.startswith(course()[0].title)


@pytest.mark.parametrize("gone", [False, True])
def test_without_a_name_it_goes_on_with_the_lesson_that_was_open_last(
    monkeypatch, tmp_path, capsys, gone
):
    stopped = Stopped(at_home(monkeypatch, tmp_path))
    mine = tmp_path / "mine.md"
    mine.write_text(SLOW.replace("{train}\n:epochs: 400", "{forward}"), encoding="utf-8")
    made = OfLesson(load(mine))
    *_, told = made.scripts()
    stopped.keep(made.key, told.pages, 1)
    if gone:
        mine.unlink()
    assert main(["replay", "--all"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(course()[0].title if gone else "A slow one")


# the program itself, in a terminal


@pytest.fixture
def terminal(tmp_path):
    """A real terminal of 80 columns: our end, the program's end, and the program in it."""
    if sys.platform == "win32":
        pytest.skip("Windows has no pseudo terminals in Python's standard library")
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    here = SimpleNamespace(ours=ours, theirs=theirs, program=None, home=tmp_path)
    yield here
    if here.program.poll() is None:
        here.program.kill()
        here.program.wait()
    os.close(ours)
    os.close(theirs)


def start(terminal, *arguments: str, **environment: str) -> None:
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "LINES")}
    at_home = {"HOME": str(terminal.home), "XDG_STATE_HOME": str(terminal.home)}
    at_home |= {"TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"}
    terminal.program = subprocess.Popen(
        [sys.executable, "-m", "tracer", *arguments],
        stdin=terminal.theirs,
        stdout=terminal.theirs,
        stderr=terminal.theirs,
        cwd=Path(__file__).parent.parent,
        env=kept | at_home | environment,
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
    assert attributes(terminal) != before
    press(terminal, "q")
    shown += rest(terminal)
    assert terminal.program.returncode == 0
    assert attributes(terminal) == before
    assert "\x1b[?1049l" in shown
    assert "One example, some, or all" in shown
    assert "From loss to cost" in shown


def test_g_in_a_terminal_reads_a_name_and_goes_there(terminal):
    start(terminal, "replay", "or-batch")
    shown_until(terminal, "[1/")
    press(terminal, "gdCost/dW[1,2]\r")
    shown_until(terminal, "0.031*0 + (-0.02)*1 + (-0.03)*0 + (-0.018)*1")
    press(terminal, "q")
    rest(terminal)
    assert terminal.program.returncode == 0


@pytest.mark.parametrize("where", ["at a page", "at the question"])
def test_ctrl_c_leaves_quietly_with_status_130_and_the_terminal_as_it_was(terminal, where):
    before = attributes(terminal)
    start(terminal, "replay", "or-batch")
    shown_until(terminal, "[1/")
    if where == "at the question":
        press(terminal, "g")
        shown_until(terminal, "go to: ")
    press(terminal, "\x03")
    shown = rest(terminal)
    assert terminal.program.returncode == 130
    assert attributes(terminal) == before
    assert "Traceback" not in shown


def test_a_recorded_trace_is_replayed_in_a_terminal(terminal, tmp_path):
    path = tmp_path / "trace.json"
    solution = solve(lesson("or-batch"))
    path.write_text(encode(record(solution, explain(solution))), encoding="utf-8")
    start(terminal, "replay", str(path), "--from", "dCost/dW[1,2]")
    shown_until(terminal, "0.031*0 + (-0.02)*1 + (-0.03)*0 + (-0.018)*1")
    press(terminal, "q")
    rest(terminal)
    assert terminal.program.returncode == 0


def test_a_replay_in_a_terminal_goes_on_where_it_was_left(terminal):
    start(terminal, "replay", "or-batch")
    shown_until(terminal, "[1/")
    press(terminal, "\r")
    shown_until(terminal, "[2/")
    press(terminal, "q")
    rest(terminal)
    start(terminal, "replay")
    shown_until(terminal, "[2/")
    press(terminal, "q")
    rest(terminal)
    assert terminal.program.returncode == 0


@pytest.mark.parametrize(
    ("text", "said"), [(SLOW.replace("sigmoid", "sigmoyd"), "did you mean 'sigmoid'?")]
)
def test_a_fault_in_a_terminal_is_one_line_and_leaves_it_as_it_was(terminal, tmp_path, text, said):
    path = tmp_path / "mine.md"
    path.write_text(text, encoding="utf-8")
    before = attributes(terminal)
    start(terminal, "replay", str(path))
    shown = rest(terminal)
    assert terminal.program.returncode == 2
    assert attributes(terminal) == before
    [line] = shown.rpartition("\x1b[?1004l")[2].strip().splitlines()
    assert said in line
    assert "Traceback" not in shown


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
    press(terminal, "\r")
    shown += shown_until(terminal, "[2/")
    press(terminal, "q")
    shown += rest(terminal)
    codes = {code for found in re.findall(r"\x1b\[([\d;]*)m", shown) for code in found.split(";")}
    default = {"39", "49"}
    assert not {c for c in codes - default if c.isdecimal() and int(c) >= 30}
