"""A graph as an SVG file: what stands where, in words and for the eye; nothing overlaps."""

import functools
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from browser import browser, found
from told import told

from tracer import graph, work
from tracer.cli import main
from tracer.lesson.home import course
from tracer.page.document import Edge, Graph, Node
from tracer.page.pages import explain_trace
from tracer.render.lettering import FONT
from tracer.render.svg import MOST_WIDE, drawn
from tracer.written.tree import Grid, Num, Sym

SVG = "{http://www.w3.org/2000/svg}"
LESSONS = [lesson.name for lesson in course()]


@functools.cache
def graphs(lesson: str) -> list[Graph]:
    """The graphs of a lesson in order."""
    pages = told(lesson).pages
    return [block for page in pages for block in page.blocks if isinstance(block, Graph)]


@functools.cache
def pictures(lesson: str) -> list[str]:
    return [drawn(each) for each in graphs(lesson)]


def of(text: str) -> list[Graph]:
    """Graphs of some equations: bare, forward and backward."""
    pages = explain_trace(work(graph(text))).pages
    return [block for page in pages for block in page.blocks if isinstance(block, Graph)]


def texts(picture: str) -> list[tuple[str, str]]:
    """What stands in a picture, each with its tone."""
    said = []
    for parent in ElementTree.fromstring(picture).iter():
        for child in parent:
            if child.tag == f"{SVG}text":
                tone = child.get("class") or parent.get("class", "").removesuffix(" matrix")
                said.append((tone, "".join(child.itertext()).replace("−", "-")))
    return said


def arrows(picture: str) -> list[tuple[str, float | None]]:
    """The arrows of a picture: their tone, and how wide they are drawn."""
    paths = ElementTree.fromstring(picture).iter(f"{SVG}path")
    return [
        (
            path.get("class").removeprefix("arrow "),
            float(path.get("style").removeprefix("stroke-width:")) if path.get("style") else None,
        )
        for path in paths
        if path.get("class", "").startswith("arrow")
    ]


# what stands in a picture

FIGURES = {
    "Fig 52: a shared node shows the sum of what comes back": (
        "computational-graph", 2,
        {("value", "2"), ("value", "5"), ("value", "10"), ("value", "6"), ("value", "60"),
         ("plus", "12"), ("plus", "10"), ("plus", "6"), ("plus", "1"),
         ("plus", "12 + 10 = 22"), ("ink", "c = a*b"), ("ink", "d = b + 1")},
    ),
    "Fig 10: a weight stands on the edge of its input": (
        "or-one-example", 1,
        {("value", "w1*x1 = 0.1*0"), ("value", "w2*x2 = 0.6*0"), ("value", "0"),
         ("value", "0.5"), ("value", "0.125")},
    ),
    "Fig 17: red goes back": (
        "or-one-example", 2,
        {("plus", "0.125"), ("plus", "0.5"), ("plus", "1"), ("dead", "∂L/∂w1 = 0")},
    ),
    "Fig 24: what comes back to a bias": ("or-bias", 2, {("ink", "b"), ("plus", "0.125")}),
    "Fig 44: a batch, entry by entry": (
        "or-batch", 2,
        {("value", "0.646"), ("mixed", "-0.089"), ("mixed", "-0.018"), ("minus", "-0.038"),
         ("minus", "-0.037")},
    ),
    "Figs 78 to 81: a hidden layer": (
        "xor-hidden-layer", 2,
        {("ink", "A[1] = σ(Z[1])"), ("value", "0.983"), ("plus", "0.024"), ("mixed", "-0.078"),
         ("plus", "0.041"), ("value", "0.145")},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lesson", "number", "expected"), FIGURES.values(), ids=FIGURES)
def test_a_picture_says_what_the_figure_says(lesson, number, expected):
    assert expected <= set(texts(pictures(lesson)[number]))


def test_every_value_of_a_matrix_stands_in_its_row():
    rows = {}
    for text in ElementTree.fromstring(pictures("or-batch")[1]).iter(f"{SVG}text"):
        rows.setdefault(text.get("y"), []).append(text.text)
    assert ["0", "0", "1", "1"] in [row[-4:] for row in rows.values()]


def test_indices_stand_below_and_layers_above():
    assert 'w<tspan dy="3" font-size="9">1</tspan>' in pictures("or-one-example")[1]
    assert 'W<tspan dy="-5" font-size="10">[1]</tspan>' in pictures("xor-hidden-layer")[0]
    assert ">Ŷ = σ(Z)<" in pictures("or-batch")[0]


def test_a_bare_graph_has_one_arrow_an_edge_and_one_that_leads_out():
    assert arrows(pictures("computational-graph")[0]) == [("quiet", None)] * 6


def test_a_value_has_an_arrow_forward_and_a_gradient_one_back():
    tones = [tone for tone, _ in arrows(pictures("computational-graph")[2])]
    assert tones == ["value", "plus"] * 6


def test_no_arrow_goes_back_to_data():
    tones = [tone for tone, _ in arrows(pictures("or-batch")[2])]
    assert tones.count("value") - sum(tone != "value" for tone in tones) == 2


def test_the_stronger_a_gradient_the_wider_its_arrow():
    (_, *forward), widths = of("a = 3; b = 4; c = a*b; d = 2; e = c*d"), []
    for tone, width in arrows(drawn(forward[-1])):
        widths += [width] if tone == "plus" else []
    # 8 to a, 6 to b, 2 to c, 12 to d, and 1 from the end
    assert widths == [3.0, 2.5, 1.5, 4.0, 1.2]


def test_a_gradient_below_zero_has_a_sign_and_a_colour_of_its_own():
    picture = drawn(of("a = 3; b = 4; c = a - b; d = c*c")[-1])
    assert ("plus", "2") in texts(picture)
    assert ("minus", "-2") in texts(picture)
    assert {"plus", "minus"} <= {tone for tone, _ in arrows(picture)}


def test_a_path_on_which_exactly_nothing_comes_back_is_dashed_and_grey():
    picture = drawn(of("a = -3; b = relu(a); c = b*2")[-1])
    assert ("dead", "0") in texts(picture)
    assert ("dead", None) in arrows(picture)
    assert "path.dead{stroke-dasharray:" in picture


def test_what_was_rounded_to_zero_is_not_dead():
    nodes = (Node("a", None, "parameter"), Node("c", Sym("a") * 2, "computed", Num("0")))
    picture = drawn(Graph(nodes, (Edge("a", "c", Num("0"), Num("0.000")),), Num("0")))
    assert ("quiet", "0.000") in texts(picture)
    assert "dead" not in picture


def test_a_value_that_is_used_twice_has_an_arrow_for_each_use():
    said = [text for _, text in texts(drawn(of("a = 3; c = a*a")[-1]))]
    assert {"first use", "second use", "3 + 3 = 6"} <= set(said)


def one_matrix(rows: int, columns: int) -> Graph:
    """A graph in which a matrix is used."""
    cells = tuple(tuple(Num(str(i - j)) for j in range(columns)) for i in range(rows))
    matrix = Grid(cells, (rows, columns))
    nodes = (Node("A", None, "parameter", matrix), Node("c", Sym("A"), "computed", Num("1")))
    return Graph(nodes, (Edge("A", "c", matrix, None),), Num("1"))


SHOWN = {(2, 4): None, (3, 4): None, (4, 3): None, (5, 2): "most 4", (2, 7): "most -6"}


@pytest.mark.parametrize(("shape", "said"), SHOWN.items(), ids=map(str, SHOWN))
def test_a_larger_matrix_is_its_shape_and_the_entry_farthest_from_zero(shape, said):
    every = texts(drawn(one_matrix(*shape)))
    if said is None:
        numbers = [text for tone, text in every if tone == "value"]
        assert len(numbers) == shape[0] * shape[1] + 1
    else:
        assert ("value", f"({shape[0]} × {shape[1]})") in every
        assert ("value", said) in every


# for readers who do not see it


def test_a_picture_has_a_title_and_tells_the_graph_in_words():
    root = ElementTree.fromstring(pictures("computational-graph")[2])
    told = {child.get("id"): child.text for child in root if child.get("id")}
    assert root.get("role") == "img"
    assert [told[name] for name in root.get("aria-labelledby").split()] == [
        "The graph of e, with the gradients that come back",
        "a is given as 2, and 30 comes back. b is given as 5, and 12 + 10 = 22 comes back. "
        "c = a*b is 10, and 6 comes back. d = b + 1 is 6, and 10 comes back. "
        "e = c*d is 60, and 1 comes back.",
    ]


def test_weights_are_told_where_they_stand():
    assert (
        "w1 = 0.1 stands between x1 and z, and 0 comes back to it."
        in (pictures("or-one-example")[2])
    )


def test_by_night_it_has_colours_of_its_own_on_a_card_of_its_own():
    picture = pictures("or-batch")[2]
    day, night = picture.split("@media(prefers-color-scheme:dark)")
    for name in ("card", "computed", "value", "mixed"):
        assert re.search(rf"\.{name}\b.*{{.*#", day)
        assert re.search(rf"\.{name}\b.*{{.*#", night)
    assert '<rect class="card"' in picture


# a file


HOSTILE = ["a<b>", "a&amp;b", '"a"', "</svg><script>", "]]>", "\x1b[2J", "a\nb"]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_markup(name):
    nodes = (Node("x", None, "data", Num(name)), Node("c", Num(name), "computed", Num(name)))
    picture = drawn(Graph(nodes, (Edge("x", "c", Num(name), None),), Num(name)))
    root = ElementTree.fromstring(picture)
    assert {child.tag.removeprefix(SVG) for child in root.iter()} <= {
        "svg", "title", "desc", "style", "marker", "path", "rect", "g", "text", "tspan",
    }  # fmt: skip
    kept = name.replace("\x1b", r"\x1b").replace("\n", r"\n")
    assert ("value", kept) in texts(picture)


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_graph_of_every_lesson_fits_the_column_and_can_be_read(lesson):
    for picture in pictures(lesson):
        root = ElementTree.fromstring(picture)
        wide = int(root.get("width"))
        assert wide <= MOST_WIDE
        # letters are made a little smaller only where a layer has more than the column can take
        assert wide >= 0.8 * int(root.get("viewBox").split()[2])


def test_a_picture_is_the_same_to_the_last_byte_in_every_process():
    script = (
        "from test_svg import pictures; import hashlib, sys;"
        "sys.stdout.write(hashlib.sha256(''.join(pictures('or-bias')).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent)},
            capture_output=True, encoding="utf-8", check=True,
        ).stdout
        for seed in "12"
    }  # fmt: skip
    assert len(digests) == 1


def test_an_export_to_a_file_has_its_graphs_beside_it(tmp_path):
    assert main(["export", "computational-graph", "-o", str(tmp_path / "mine.md")]) == 0
    page = (tmp_path / "mine.md").read_text("utf-8")
    assert "mermaid" not in page
    assert re.findall(r"!\[The graph of e[^\]]*\]\((.*?)\)", page) == [
        f"mine-{number}.svg" for number in range(1, 7)
    ]
    kept = [(tmp_path / f"mine-{number}.svg").read_text("utf-8") for number in range(1, 7)]
    assert kept == pictures("computational-graph")


# in a browser


JUDGE = r"""
const clash = (a, b, by) => a.left < b.right - by && b.left < a.right - by
    && a.top < b.bottom - by && b.top < a.bottom - by;
function judge(svg) {
    const texts = [...svg.querySelectorAll("text")].map(
        text => [text.textContent, text.getBoundingClientRect()]);
    const boxes = [...svg.querySelectorAll("rect")].map(box => box.getBoundingClientRect());
    const faults = [];
    texts.forEach(([said, box], k) => {
        for (const [other, its] of texts.slice(k + 1))
            // a line of letters is taller than its letters, so that two may touch
            if (clash(box, its, 3)) faults.push(`${said} lies on ${other}`);
        for (const frame of boxes)
            if (clash(box, frame, 0) && !(frame.left <= box.left && box.right <= frame.right
                && frame.top <= box.top && box.bottom <= frame.bottom))
                faults.push(`${said} lies on a border`);
    });
    for (const path of svg.querySelectorAll("path.arrow")) {
        const place = path.getScreenCTM();
        for (let at = 0; at < path.getTotalLength(); at += 3) {
            const point = path.getPointAtLength(at).matrixTransform(place);
            for (const [said, box] of texts)
                if (box.left < point.x && point.x < box.right
                    && box.top + 2 < point.y && point.y < box.bottom - 2)
                    faults.push(`a line lies on ${said}`);
        }
    }
    return [...new Set(faults)];
}
"""
PAGE = """%s<script>%s
document.querySelector("pre").textContent =
    JSON.stringify([...document.querySelectorAll("body > svg")].map(judge));
</script>"""
FONTS = ["Liberation Sans", "DejaVu Sans", "Liberation Sans Narrow"]


def judged(drawings: list[str], folder: Path) -> list[list[str]]:
    if browser() is None:
        pytest.skip("no Chromium is installed, which measures the texts of a picture")
    # a style sheet in a page holds for all of it, so what one of them has all of them have
    faults = found(PAGE % ("".join(drawings), JUDGE), folder)
    assert isinstance(faults, list)
    assert len(faults) == len(drawings)
    return faults


@pytest.mark.parametrize("font", FONTS)
def test_no_text_of_any_lesson_lies_on_another_on_a_line_or_on_a_border(font, tmp_path):
    every = [
        (f"{lesson} {number}", picture.replace(FONT, f"'{font}'"))
        for lesson in LESSONS
        for number, picture in enumerate(pictures(lesson), 1)
    ]
    faults = judged([picture for _, picture in every], tmp_path)
    assert {name: some for (name, _), some in zip(every, faults, strict=True) if some} == {}


def test_the_judge_sees_what_lies_on_something(tmp_path):
    text = '<text x="50" y="{}">0.125</text>'
    frame = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200">{}</svg>'
    drawings = [
        frame.format(text.format(50) + text.format(55)),
        frame.format(text.format(50) + '<rect x="55" y="0" width="80" height="100"/>'),
        frame.format(text.format(50) + '<path class="arrow" d="M0 45L100 45"/>'),
        frame.format(text.format(50) + text.format(90)),
    ]
    assert judged(drawings, tmp_path) == [
        ["0.125 lies on 0.125"], ["0.125 lies on a border"], ["a line lies on 0.125"], [],
    ]  # fmt: skip
