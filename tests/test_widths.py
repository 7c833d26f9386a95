"""No display is wider than the column of a page on GitHub: measured in a browser, and by our own.

Needs Chromium and KaTeX (`npm install --no-package-lock` in tests/node) for the browser; our own
measure, by which a page decides where a line breaks, is held against it.
"""

import functools
import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from statistics import mean

import numpy as np
import pytest
from told import as_markdown

from tracer import graph, net, work
from tracer.lesson.home import course
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.page.pages import explain_trace
from tracer.render.markdown import to_markdown
from tracer.written.broken import broken
from tracer.written.tree import Apply, Grid, Num
from tracer.written.width import COLUMN, width

KATEX = Path(__file__).parent / "node" / "node_modules" / "katex" / "dist"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PIXELS, EM = 798, 19.36
"""The column of a page on GitHub, and KaTeX's em there, 1.21 of 16."""
LESSONS = [lesson.name for lesson in course()]


def wide() -> str:
    """Three layers of eight, eight and two neurons, and ten examples."""
    random = np.random.default_rng(1)

    def typed(*shape: int) -> str:
        drawn = random.normal(size=shape).round(2)
        return "; ".join(" ".join(map(str, row)) for row in drawn)

    given = {"X": (3, 10), "W[1]": (8, 3), "W[2]": (8, 8), "W[3]": (2, 8)}
    lines = [f"{name} = {typed(*shape)}" for name, shape in given.items()]
    lines += [f"b[{layer}] = 0" for layer in (1, 2, 3)]
    labels = ["1 0 1 0 1 0 1 0 1 0", "0 1 0 1 0 1 0 1 0 1"]
    blocks = {
        "lesson": ":title: A wide network\n:rounding: carry 4",
        "network": ":layers: 8 tanh, 8 sigmoid, 2 sigmoid\n:cost: squared error\n"
        ":learning-rate: 0.5\n" + "\n".join([*lines, f"Y = {'; '.join(labels)}"]),
        "forward": "",
        "backward": "",
        "update": "",
    }
    text = "\n".join(f"```{{{kind}}}\n{said}\n```" for kind, said in blocks.items())
    return to_markdown(explain(solve(read(text, "wide", "wide.md"))))


def exact() -> str:
    """Seven examples in twelve digits."""
    random = np.random.default_rng(1)
    program = net(
        "3 tanh, 1 sigmoid",
        X=random.normal(size=(2, 7)),
        Y=random.integers(0, 2, (1, 7)),
        W=[random.normal(size=(3, 2)), random.normal(size=(1, 3))],
        b=[0.123456789012, 0],
        learning_rate=0.3,
    )
    return to_markdown(explain_trace(work(program)))


FUNCTIONS = (
    "a = 2; b = 0.5; c = exp(a) / b; d = log(c) - a**3; f = max(d, -b); g = tanh(f * 0.1); "
    "h = sigma(g) * b + a; k = h ** b; l = (k - c) / (a - b); alpha = sqrt(h); n = abs(alpha - l)"
)
DOCUMENTS = {
    **{name: lambda name=name: as_markdown(name) for name in LESSONS},
    "a wide network": wide,
    "twelve digits": exact,
    "every function": lambda: to_markdown(explain_trace(work(graph(FUNCTIONS)))),
}


@functools.cache
def displays(name: str) -> tuple[str, ...]:
    """The mathematics of a document."""
    return tuple(re.findall(r"^```math\n(.*?)^```$", DOCUMENTS[name](), re.DOTALL | re.MULTILINE))


TOO_WIDE = r"\begin{bmatrix} " + " & ".join(["0.031 \\cdot 0.25"] * 12) + r" \end{bmatrix}"
"Twelve products side by side, as no page has them."


@pytest.fixture(scope="module")
def measured(tmp_path_factory) -> dict[str, float]:
    """Every display and how many pixels it takes in a browser: all of them on one page."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None or not KATEX.is_dir():
        pytest.skip("no Chromium with KaTeX here: the displays are measured by our own measure")
    every = [*dict.fromkeys(one for name in DOCUMENTS for one in displays(name)), TOO_WIDE]
    folder = tmp_path_factory.mktemp("widths")
    page = folder / "page.html"
    page.write_text(PAGE.format(katex=KATEX.as_uri(), displays="".join(map(_shown, every))))
    run = subprocess.run(
        [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--allow-file-access-from-files",
            f"--user-data-dir={folder / 'user'}", "--virtual-time-budget=60000", "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    found = re.search(r"<pre[^>]*>(\[.*?\])</pre>", run.stdout)
    assert found, "the browser did not measure"
    return dict(zip(every, json.loads(found[1]), strict=True))


def _shown(display: str) -> str:
    return f"<div><span>{html.escape(display)}</span></div>"


PAGE = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="{katex}/katex.min.css">
<style>body {{ font-size: 16px }} div {{ white-space: nowrap }} span {{ display: inline-block }}
</style><script src="{katex}/katex.min.js"></script>{displays}<pre></pre><script>
const all = [...document.querySelectorAll("div > span")];
all.forEach(one => katex.render("\\\\displaystyle " + one.textContent, one));
document.fonts.ready.then(() => document.querySelector("pre").textContent =
    JSON.stringify(all.map(one => one.getBoundingClientRect().width)));
</script>"""


@pytest.mark.parametrize("name", DOCUMENTS)
def test_by_our_own_measure_every_display_fits_the_column(name):
    assert [one for one in displays(name) if width(one) > COLUMN] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_in_a_browser_every_display_fits_the_column(name, measured):
    assert displays(name)
    assert {one: measured[one] for one in displays(name) if measured[one] > PIXELS} == {}


def test_a_display_that_is_too_wide_would_be_noticed(measured):
    assert measured[TOO_WIDE] > PIXELS
    assert width(TOO_WIDE) > COLUMN


def test_our_own_measure_is_never_too_small_and_seldom_much_too_large(measured):
    ratios = {one: width(one) * EM / pixels for one, pixels in measured.items()}
    assert {one: ratio for one, ratio in ratios.items() if ratio < 1} == {}
    assert {one: ratio for one, ratio in ratios.items() if ratio > 1.25} == {}
    assert sum(ratio > 1.15 for ratio in ratios.values()) < len(ratios) / 20
    assert mean(ratios.values()) < 1.1


# how a line breaks

ROW = Grid((tuple(map(Num, ["0.125", "-0.089", "-0.119", "-0.083", "0.25", "0.5"])),), (1, 6))
LONG = Num("0.125") + Num("0.25") + Num("0.5")


@pytest.mark.parametrize(
    ("line", "room", "rows"),
    [
        (LONG, 99, ["0.125 + 0.25 + 0.5"]),
        (LONG, 7, ["0.125 + 0.25", "{} + 0.5"]),
        (2 * LONG, 9, [r"2 \cdot \left(0.125 + 0.25\right.", r"\left. {} + 0.5\right)"]),
        (ROW, 20, ["columns 1 to 3", "columns 4 to 6"]),
        (ROW, 18, ["columns 1 to 2", "columns 3 to 4", "columns 5 to 6"]),
        (Apply("hadamard", (ROW, ROW), (1, 6)), 27, ["", r"{} \odot"]),
        (Apply("T", (ROW,), (6, 1)), 21, [r"\left(\text{columns 1 to 2", "columns 3", "columns 5"]),
    ],
)
def test_a_line_breaks_before_an_operator_and_a_matrix_between_its_columns(line, room, rows):
    found = broken(line, room)
    assert len(found) == len(rows)
    assert all(begins in row for begins, row in zip(rows, found, strict=True)), found
    assert all(width(row) <= room for row in found)
