"""`:draw: neurons`: a network as neurons, in boxes in the terminal and circles in a file."""

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

from tracer import record
from tracer.errors import TracerError
from tracer.lesson import reading
from tracer.lesson.solution import explain, solve
from tracer.page.document import Graph, Neurons
from tracer.record import decode, encode
from tracer.render.columns import neuron_rows
from tracer.render.markdown import to_markdown, with_pictures
from tracer.render.neurons import RADIUS, drawn
from tracer.render.terminal import in_ascii, pages_as_text

XOR = "3 sigmoid, 1 sigmoid\n:data: XOR\n:init: xavier, seed 1"
WIDE = "20 relu, 12 softmax\n:data: XOR\n:init: xavier, seed 1"
ONE = """1 sigmoid
:view: scalar
:names: i1 = x1, theta = b
x1 = 0
x2 = 1
y = 1
w1 = 0.1
w2 = 0.6
b = 0"""


def document(layers: str, draw: str = "neurons"):
    loss = ":loss" if "scalar" in layers else ":cost"
    text = (
        "```{lesson}\n:title: T\n```\n"
        f"```{{network}}\n:draw: {draw}\n{loss}: squared error\n:layers: {layers}\n```\n"
    )
    return explain(solve(reading.read(text, "mine", "mine.md")))


def blocks(layers: str, draw: str = "neurons"):
    return [block for page in document(layers, draw).pages for block in page.blocks]


def network(layers: str) -> Neurons:
    return next(block for block in blocks(layers) if isinstance(block, Neurons))


def rows(layers: str, width: int = 76, ascii_only: bool = False) -> list[str]:
    return neuron_rows(network(layers), width, ascii_only, in_ascii if ascii_only else str)


def lines_of(layers: str) -> dict[str, list[tuple[float, float, float, float]]]:
    """What an SVG draws: circles by their class, with place and radius."""
    found: dict[str, list] = {}
    for circle in ElementTree.fromstring(drawn(network(layers))).iter():
        if circle.tag.endswith("circle"):
            place = tuple(float(circle.get(key)) for key in ("cx", "cy", "r"))
            found.setdefault(circle.get("class"), []).append(place)
    return found


# what is drawn


@pytest.mark.parametrize(
    ("draw", "kinds"),
    [
        ("graph", [Graph]),
        ("neurons", [Neurons]),
        ("neurons, graph", [Neurons, Graph]),
        ("graph, neurons", [Graph, Neurons]),
    ],
)
def test_a_network_is_drawn_as_it_is_asked_for(draw, kinds):
    assert [type(block) for block in blocks(XOR, draw) if type(block) in (Graph, Neurons)] == kinds


def test_the_network_of_the_hidden_layer_has_the_names_of_the_figures():
    """Figs 77 and 78: w32[1] leads to neuron 3 and comes from input 2."""
    inputs, hidden, output = network(XOR).layers
    assert (inputs.neurons, inputs.title) == (("x1", "x2"), "input layer")
    assert (hidden.neurons, hidden.title) == (("a1[1]", "a2[1]", "a3[1]"), "hidden layer")
    assert hidden.weights == (("w11[1]", "w12[1]"), ("w21[1]", "w22[1]"), ("w31[1]", "w32[1]"))
    assert hidden.biases == ("b1[1]", "b2[1]", "b3[1]")
    assert (output.neurons, output.matrix) == (("yhat",), "W[2], (1 × 3)")


def test_one_neuron_has_the_names_of_its_source():
    inputs, output = network(ONE).layers
    assert (inputs.neurons, output.weights, output.biases) == (
        ("i1", "x2"), (("w1", "w2"),), ("theta",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("biases", "count"),
    [("trained", 3), ("shared", 3), ("none", 0), ("first column", 0), ("fixed", 3)],
)
def test_a_bias_that_is_folded_in_or_not_there_is_not_drawn(biases, count):
    layer = network(f"{XOR}\n:biases: {biases}").layers[1]
    assert len(layer.biases) == count
    assert len(layer.weights[0]) == 2


def test_a_feature_is_an_input():
    assert network(f"{XOR}\n:features: x1*x2").layers[0].neurons == ("x1", "x2", "x3")


def test_of_a_wide_layer_the_first_neurons_and_the_last_are_drawn():
    hidden = network(f"{WIDE}".replace("12 softmax", "1 sigmoid")).layers[1]
    assert (hidden.count, hidden.left_out) == (20, 16)
    assert hidden.neurons == ("a1[1]", "a2[1]", "a3[1]", "a20[1]")


def test_it_is_said_in_words():
    assert network(XOR).alt == (
        "Input layer: 2 inputs x1 and x2. Hidden layer: 3 neurons a1[1], a2[1] and a3[1] with σ, "
        "each with a bias. Output layer: 1 neuron ŷ with σ, with a bias. Each neuron is connected "
        "with all of the layer before it."
    )


# in the terminal


def test_boxes_in_columns():
    assert rows(ONE) == [
        "input              output",
        "",
        "╭────╮",
        "│ i1 │─ w1 ──┐   ╭────────╮",
        "╰────╯       ├──▶│ ŷ = σ  │",
        "╭────╮       │   │ bias θ │",
        "│ x2 │─ w2 ──┘   ╰────────╯",
        "╰────╯",
    ]


def test_boxes_in_ascii():
    assert rows(XOR, 40, ascii_only=True) == [
        "input          hidden         output",
        "",
        "             +-------+",
        "+----+   +-->| a1[1] |---+",
        "| x1 |---+   +-------+   |",
        "+----+   |   +-------+   |   +------+",
        "+----+   +-->| a2[1] |---+-->| yhat |",
        "| x2 |---+   +-------+   |   +------+",
        "+----+   |   +-------+   |",
        "         +-->| a3[1] |---+",
        "             +-------+",
    ]


DEEP = "6 relu, 6 relu, 6 tanh, 1 sigmoid\n:data: XOR\n:init: he, seed 1"


@pytest.mark.parametrize("width", [40, 58, 78, 118])
@pytest.mark.parametrize("layers", [XOR, ONE, DEEP, WIDE.replace("12 softmax", "1 sigmoid")])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_no_row_is_wider_than_there_is_room(layers, width, ascii_only):
    found = rows(layers, width, ascii_only)
    assert found is None or max(map(len, found)) <= width
    assert found is None or not ascii_only or all(row.isascii() for row in found)


def test_where_there_is_no_room_a_table_of_the_layers_stands_in_its_place():
    assert rows(DEEP, 38) is None
    said = pages_as_text(iter(document(DEEP).pages), 40)
    assert "x1 to x2" in said
    assert "╭" not in said


# as a picture


@pytest.mark.parametrize("layers", [XOR, ONE, DEEP, WIDE.replace("12 softmax", "1 sigmoid")])
def test_a_picture_is_well_formed_fits_its_column_and_no_circles_touch(layers):
    picture = drawn(network(layers))
    root = ElementTree.fromstring(picture)
    assert float(root.get("width")) <= 798
    assert [child.tag.partition("}")[2] for child in root][:2] == ["title", "desc"]
    assert "prefers-color-scheme" in picture
    assert drawn(network(layers)) == picture
    every = [circle for circles in lines_of(layers).values() for circle in circles]
    for (x, y, r), (u, v, s) in combinations(every, 2):
        assert ((x - u) ** 2 + (y - v) ** 2) ** 0.5 > r + s
    for x, y, r in every:
        assert r < x < float(root.get("width")) - r
        assert r < y < float(root.get("height")) - r


def test_each_neuron_has_its_circle_and_a_line_from_each_of_the_layer_before():
    circles = lines_of(XOR)
    assert {kind: len(found) for kind, found in circles.items()} == {
        "data": 2, "computed": 3, "end": 1, "bias": 4,
    }  # fmt: skip
    assert len(re.findall('class="line"', drawn(network(XOR)))) == 2 * 3 + 3 * 1
    assert {r for _, _, r in circles["computed"]} == {RADIUS}


def test_names_of_weights_stand_apart_or_not_at_all():
    for layers, named in ((XOR, 9), (ONE, 2), (DEEP, 0)):
        labels = ElementTree.fromstring(drawn(network(layers))).iter()
        places = [
            (float(label.get("x")), float(label.get("y")))
            for label in labels
            if label.get("class") == "weight"
        ]
        assert len(places) >= named
        for (x, y), (u, v) in combinations(places, 2):
            assert abs(x - u) > 30 or abs(y - v) >= 15


def test_an_export_has_the_picture_and_standard_output_a_flowchart():
    said, pictures = with_pictures(document(XOR), "out")
    assert list(pictures) == ["out-1.svg"]
    assert "each with a bias. Output layer" in said
    said = to_markdown(document(XOR))
    assert 'n1_2(("a3[1]")):::computed' in said
    assert "n0_0 & n0_1 --> n1_0 & n1_1 & n1_2" in said


def test_it_is_the_same_read_back_from_json():
    text = "```{lesson}\n:title: T\n```\n```{network}\n:draw: neurons\n:cost: squared error\n"
    solution = solve(reading.read(f"{text}:layers: {XOR}\n```\n", "mine", "mine.md"))
    told = explain(solution)
    again = decode(encode(record.record(solution, told)), "it")
    shown = [
        [b for p in each for b in p.blocks if isinstance(b, Neurons)]
        for each in (told.pages, again.pages)
    ]
    assert shown[0] == shown[1] == [network(XOR)]


# what is refused


@pytest.mark.parametrize(
    ("layers", "draw", "said"),
    [
        (XOR, "neuron", "mine.md:5: draw 'neuron' is not known; did you mean 'neurons'?"),
        (
            ", ".join(["2 tanh"] * 8) + "\n:data: XOR\n:init: he, seed 1",
            "neurons",
            "mine.md:5: 8 layers are too many to draw as neurons, expected at most 7; "
            "':draw: graph' draws them all",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(layers, draw, said):
    with pytest.raises(TracerError) as refused:
        document(layers.replace(", 2 tanh\n", ", 1 tanh\n"), draw)
    assert str(refused.value) == said
