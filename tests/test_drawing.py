"""Drawn graphs: the nodes, edges and numbers of the article's figures, in boxes and lines.

A line of a figure reads `start > end: value < gradient`; `*` stands before the weight on an edge.
"""

import functools
import io
import re
import unicodedata

import pytest
from rich.console import Console
from told import told as as_told

from tracer import graph, net, work
from tracer.lesson.home import lesson_names
from tracer.page.document import Edge, Graph, Node
from tracer.page.pages import explain_trace
from tracer.render.boxes import Signs
from tracer.render.graphs import drawing
from tracer.render.layout import Point
from tracer.render.sheet import Sheet
from tracer.render.strength import largest, push, strength, stroke
from tracer.render.terminal import Terminal, in_ascii, make_console
from tracer.written.names import pretty
from tracer.written.text import text
from tracer.written.tree import Grid, Num

ASCII = Signs(in_ascii, tall=False)


@functools.cache
def graphs(lesson: str) -> list[Graph]:
    """The graphs of a lesson, from top to bottom."""
    pages = as_told(lesson).pages
    return [block for page in pages for block in page.blocks if isinstance(block, Graph)]


def last_graph(program, pen: str = "carry 3") -> Graph:
    pages = explain_trace(work(program, pen)).pages
    return [block for page in pages for block in page.blocks if isinstance(block, Graph)][-1]


def drawn(shown: Graph, width: int, ascii_only: bool = False) -> list[str]:
    rows = drawing(shown, width, ASCII if ascii_only else Signs(), ascii_only)
    assert rows is not None
    return [row.plain for row in rows]


def told(value) -> str:
    return text(value) if value else "-"


def lines_of(shown: Graph) -> list[str]:
    """A graph's edges as the figures below have them."""
    every = []
    for edge in shown.edges:
        line = f"{edge.start} > {edge.end}: {told(edge.value)} < {told(edge.gradient)}"
        if edge.weight:
            weight = edge.weight
            line += f" * {weight.name} {told(weight.value)} < {told(weight.gradient)}"
        every.append(line)
    return every


FIGURES = [
    (
        "Fig 51", "computational-graph", 1, "a b c d e", "60",
        ["a > c: 2 < -", "b > c: 5 < -", "b > d: 5 < -", "c > e: 10 < -", "d > e: 6 < -"],
    ),
    (
        "Figs 52, 53", "computational-graph", 2, "a b c d e", "60",
        ["a > c: 2 < 30", "b > c: 5 < 12", "b > d: 5 < 10", "c > e: 10 < 6", "d > e: 6 < 10"],
    ),
    (
        "Figs 10, 14", "or-one-example", 1, "x1 x2 y z yhat L", "0.125",
        [
            "x1 > z: 0 < - * w1 0.1 < -", "x2 > z: 0 < - * w2 0.6 < -", "z > yhat: 0 < -",
            "y > L: 0 < -", "yhat > L: 0.5 < -",
        ],
    ),
    (
        "Figs 16-18", "or-one-example", 2, "x1 x2 y z yhat L", "0.125",
        [
            "x1 > z: 0 < - * w1 0.1 < 0", "x2 > z: 0 < - * w2 0.6 < 0", "z > yhat: 0 < 0.125",
            "y > L: 0 < -", "yhat > L: 0.5 < 0.5",
        ],
    ),
    (
        "Figs 22, 23", "or-bias", 1, "x1 x2 b y z yhat L", "0.125",
        [
            "x1 > z: 0 < - * w1 0.1 < -", "x2 > z: 0 < - * w2 0.6 < -", "b > z: 0 < -",
            "z > yhat: 0 < -", "y > L: 0 < -", "yhat > L: 0.5 < -",
        ],
    ),
    (
        "Figs 23a-c, 24", "or-bias", 2, "x1 x2 b y z yhat L", "0.125",
        [
            "x1 > z: 0 < - * w1 0.1 < 0", "x2 > z: 0 < - * w2 0.6 < 0", "b > z: 0 < 0.125",
            "z > yhat: 0 < 0.125", "y > L: 0 < -", "yhat > L: 0.5 < 0.5",
        ],
    ),
    (
        "Figs 42, 43", "or-batch", 1, "X W b Y Z Yhat Cost", "0.089",
        [
            "W > Z: [0.1  0.6] < -", "X > Z: [0  0  1  1; 0  1  0  1] < -", "b > Z: [0] < -",
            "Z > Yhat: [0  0.6  0.1  0.7] < -", "Y > Cost: [0  1  1  1] < -",
            "Yhat > Cost: [0.5  0.646  0.525  0.668] < -",
        ],
    ),
    (
        "Figs 44, 45", "or-batch", 2, "X W b Y Z Yhat Cost", "0.089",
        [
            "W > Z: [0.1  0.6] < [-0.048  -0.038]", "X > Z: [0  0  1  1; 0  1  0  1] < -",
            "b > Z: [0] < [-0.037]",
            "Z > Yhat: [0  0.6  0.1  0.7] < [0.031  -0.02  -0.03  -0.018]",
            "Y > Cost: [0  1  1  1] < -",
            "Yhat > Cost: [0.5  0.646  0.525  0.668] < [0.125  -0.089  -0.119  -0.083]",
        ],
    ),
    (
        "Figs 46, 47", "or-batch", 3, "X W b Y Z Yhat Cost", "0.084",
        [
            "W > Z: [0.148  0.638] < -", "X > Z: [0  0  1  1; 0  1  0  1] < -",
            "b > Z: [0.037] < -", "Z > Yhat: [0.037  0.675  0.185  0.823] < -",
            "Y > Cost: [0  1  1  1] < -", "Yhat > Cost: [0.509  0.663  0.546  0.695] < -",
        ],
    ),
    (
        "Figs 78-80", "xor-hidden-layer", 1,
        "X W[1] b[1] W[2] b[2] Y Z[1] A[1] Z[2] Yhat Cost", "0.145",
        [
            "W[1] > Z[1]: [0.1  0.6; 0.2  0.4; 0.3  0.7] < -",
            "X > Z[1]: [0  0  1  1; 0  1  0  1] < -", "b[1] > Z[1]: [0; 0; 0] < -",
            "Z[1] > A[1]: [0  0.6  0.1  0.7; 0  0.4  0.2  0.6; 0  0.7  0.3  1] < -",
            "W[2] > Z[2]: [0.1  0.4  0.9] < -",
            "A[1] > Z[2]: [0.5  0.646  0.525  0.668; 0.5  0.6  0.55  0.646; "
            "0.5  0.668  0.574  0.731] < -",
            "b[2] > Z[2]: [0] < -", "Z[2] > Yhat: [0.7  0.906  0.789  0.983] < -",
            "Y > Cost: [0  1  1  0] < -", "Yhat > Cost: [0.668  0.712  0.688  0.728] < -",
        ],
    ),
    (
        "Figs 81, 82", "xor-hidden-layer", 2,
        "X W[1] b[1] W[2] b[2] Y Z[1] A[1] Z[2] Yhat Cost", "0.145",
        [
            "W[1] > Z[1]: [0.1  0.6; 0.2  0.4; 0.3  0.7] < "
            "[0.001  0.001; 0.001  0.002; 0.002  0.003]",
            "X > Z[1]: [0  0  1  1; 0  1  0  1] < -",
            "b[1] > Z[1]: [0; 0; 0] < [0.002; 0.004; 0.007]",
            "Z[1] > A[1]: [0  0.6  0.1  0.7; 0  0.4  0.2  0.6; 0  0.7  0.3  1] < "
            "[0.001  0  0  0.001; 0.004  -0.001  -0.002  0.003; 0.008  -0.003  -0.004  0.006]",
            "W[2] > Z[2]: [0.1  0.4  0.9] < [0.024  0.023  0.025]",
            "A[1] > Z[2]: [0.5  0.646  0.525  0.668; 0.5  0.6  0.55  0.646; "
            "0.5  0.668  0.574  0.731] < "
            "[0.004  -0.002  -0.002  0.004; 0.015  -0.006  -0.007  0.014; "
            "0.033  -0.014  -0.015  0.032]",
            "b[2] > Z[2]: [0] < [0.041]",
            "Z[2] > Yhat: [0.7  0.906  0.789  0.983] < [0.037  -0.015  -0.017  0.036]",
            "Y > Cost: [0  1  1  0] < -",
            "Yhat > Cost: [0.668  0.712  0.688  0.728] < [0.167  -0.072  -0.078  0.182]",
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("lesson", "number", "nodes", "outcome", "edges"),
    [figure[1:] for figure in FIGURES],
    ids=[figure[0] for figure in FIGURES],
)
def test_a_drawing_has_the_nodes_edges_and_numbers_of_the_figure(
    lesson, number, nodes, outcome, edges
):
    shown = graphs(lesson)[number]
    assert [node.name for node in shown.nodes] == nodes.split()
    assert lines_of(shown) == edges
    assert text(shown.value) == outcome
    assert shown.nodes[-1].gradient == (Num("1") if shown.has_gradients else None)


def test_one_bias_is_shared_by_four_examples_as_in_figs_54_and_55():
    before, after = graphs("shared-parameters")[:3:2]
    assert [edge.end for edge in before.edges if edge.start == "b"] == ["z1", "z2", "z3", "z4"]
    assert [line for line in lines_of(after) if line.startswith("b >")] == [
        "b > z1: 0 < 0.031", "b > z2: 0 < -0.02", "b > z3: 0 < -0.03", "b > z4: 0 < -0.018",
    ]  # fmt: skip
    (b,) = (node for node in after.nodes if node.name == "b")
    assert told(b.gradient) == "-0.037"


def test_the_weights_are_shared_by_four_examples_as_in_fig_59():
    lines = lines_of(graphs("shared-parameters")[2])
    assert [line for line in lines if line.startswith("w")] == [
        "w1 > z1: 0.1 < 0", "w2 > z1: 0.6 < 0", "w1 > z2: 0.1 < 0", "w2 > z2: 0.6 < -0.02",
        "w1 > z3: 0.1 < -0.03", "w2 > z3: 0.6 < 0", "w1 > z4: 0.1 < -0.018",
        "w2 > z4: 0.6 < -0.018",
    ]  # fmt: skip


# what is drawn is what is told


def numbers_in(shown: Graph) -> set[str]:
    """The digits that a drawing with room for them must show."""
    values = [value for edge in shown.edges for value in (edge.value, edge.gradient) if value]
    values += [w.value for w in (e.weight for e in shown.edges) if w and w.value]
    cells = [c for v in values for r in (v.cells if isinstance(v, Grid) else [[v]]) for c in r]
    return {text(cell) for cell in cells}


@pytest.mark.parametrize("figure", FIGURES, ids=[figure[0] for figure in FIGURES])
@pytest.mark.parametrize("ascii_only", [False, True], ids=["UTF-8", "ASCII"])
def test_every_number_of_a_figure_stands_on_the_page_at_160_columns(figure, ascii_only):
    shown = graphs(figure[1])[figure[2]]
    words = " ".join(drawn(shown, 160, ascii_only)).replace("*", " ").split()
    assert numbers_in(shown) <= set(words)


def arms(sign: str) -> set[str]:
    """The ways in which a line leaves a sign, as the sign's name tells."""
    name = unicodedata.name(sign, "")
    if not name.startswith("BOX DRAWINGS"):
        return set()
    ways = {way for way in ("UP", "DOWN", "LEFT", "RIGHT") if way in name.split()}
    ways |= {"LEFT", "RIGHT"} if "HORIZONTAL" in name else set()
    return ways | ({"UP", "DOWN"} if "VERTICAL" in name else set())


MOVES = {"RIGHT": (1, 0, "LEFT"), "UP": (0, -1, "DOWN"), "DOWN": (0, 1, "UP")}


def followed(rows: list[str], shown: Graph) -> set[tuple[str, str]]:
    """Where one arrives who follows the lines of a drawing to the right, box by box."""
    rows = [row.ljust(160) for row in rows]
    signs = {(x, y): sign for y, row in enumerate(rows) for x, sign in enumerate(row)}
    borders = {}
    for node in shown.nodes:
        name = pretty(node.name)
        box = re.compile(rf"[│║] ?{re.escape(name)}[ │║]")
        y, x = next((y, at.start()) for y, row in enumerate(rows) if (at := box.search(row)))
        right = min(k for k in range(x + 1, len(rows[y])) if rows[y][k] in "│║")
        bottom = min(k for k in range(y, len(rows)) if rows[k][x] in "╰╚└")
        borders[node.name] = (x, right, range(y, bottom))
    arrived = set()
    for start, (_, right, height) in borders.items():
        waiting = [(right + 1, y, "LEFT") for y in height if arms(signs.get((right + 1, y), " "))]
        met = set(waiting)
        while waiting:
            x, y, came = waiting.pop()
            sign = signs.get((x, y), " ")
            if sign == "▶":
                arrived |= {
                    (start, end) for end, (left, _, rows_) in borders.items()
                    if left == x + 1 and y in rows_
                }  # fmt: skip
                continue
            # a line that another passes over goes on behind it
            ways = arms(sign) if came in arms(sign) else {"RIGHT"} if came == "LEFT" else set()
            for way in (ways & set(MOVES)) - {came}:
                dx, dy, back = MOVES[way]
                step = (x + dx, y + dy, back)
                waiting += [step] if step not in met else []
                met.add(step)
    return arrived


@pytest.mark.parametrize(
    ("lesson", "number"),
    [
        ("computational-graph", 0), ("computational-graph", 2), ("computational-graph", 5),
        ("or-bias", 2), ("xor-hidden-layer", 0), ("shared-parameters", 0),
    ],
    ids=["Fig 50", "Fig 52", "the exercise", "Fig 24", "Fig 78", "Fig 54"],
)  # fmt: skip
def test_who_follows_the_lines_arrives_at_the_ends_of_the_edges(lesson, number):
    shown = graphs(lesson)[number]
    assert followed(drawn(shown, 80), shown) == {(edge.start, edge.end) for edge in shown.edges}


# all lessons


@pytest.mark.parametrize("name", lesson_names())
def test_every_graph_of_every_lesson_is_drawn_at_80_columns(name):
    every = graphs(name)
    largest = max(every, key=lambda each: (len(each.edges), each.value is not None))
    # in ASCII, which takes as much room, the largest one stands for all
    for shown, signs in [*((each, Signs()) for each in every), (largest, ASCII)]:
        rows = drawing(shown, 80, signs, signs is ASCII)
        assert rows is not None
        assert max(row.cell_len for row in rows) <= 80


# nodes and lines


def test_a_shared_node_stands_once_and_tells_the_sum():
    rows = drawn(graphs("computational-graph")[2], 80)
    assert sum("║ b " in row for row in rows) == 1
    assert any("12 + 10 = 22" in row for row in rows)


def test_what_is_given_learned_and_computed_differs_without_colour():
    shown = last_graph(graph("w = 2; x = 3; y = w*x", data=["x"]))
    said = "\n".join(drawn(shown, 80))
    assert "║ w ║" in said
    assert "┌───┐" in said
    assert "│ x │" in said
    assert "╭─────────╮" in said
    said = "\n".join(drawn(shown, 80, ascii_only=True))
    assert all(corner in said for corner in ("#===#", "+---+", ".---------."))


def test_an_edge_is_strong_weaker_or_dead():
    edges = [
        Edge("a", "d", Num("1"), Num("-4")),
        Edge("b", "d", Num("1"), Num("1")),
        Edge("c", "d", Num("1"), Num("0"), dead=True),
        Edge("x", "d", Num("1"), None),
    ]
    nodes = [Node(name, None, "parameter") for name in "abcxd"]
    shown = Graph(tuple(nodes), tuple(edges))
    strokes = [stroke(edge, largest(shown)) for edge in edges]
    assert strokes == ["strong", "ordinary", "dead", "ordinary"]
    assert [push(edge) for edge in edges] == ["-", "+", "0", None]


def test_a_gradient_that_is_only_written_as_0_is_not_dead():
    shown = last_graph(graph("x = 12; y = sigma(x)"), "display 3")
    (edge,) = shown.edges
    assert (told(edge.gradient), edge.dead) == ("0", False)
    assert last_graph(graph("x = -1; y = relu(x)")).edges[0].dead


def test_dead_lines_are_visibly_dead():
    rows = drawn(last_graph(graph("x = -1; y = relu(x)")), 80)
    assert any("╌╌" in row and "▶" in row for row in rows)
    rows = drawn(last_graph(graph("x = -1; y = relu(x)")), 80, ascii_only=True)
    assert any(".." in row and ">" in row for row in rows)


def test_the_strength_of_a_large_matrix_is_known_though_its_middle_is_not_shown():
    values = [[0] * 20 + [-7] + [0] * 20]
    shown = last_graph(graph(f"a = {' '.join(map(str, values[0]))}; b = sum(2*a)"))
    (edge,) = (edge for edge in shown.edges if edge.start == "a")
    assert strength(edge.value).largest == "-7"


def test_crossing_lines_do_not_look_joined():
    sheet = Sheet()
    sheet.line([Point(0, 1), Point(4, 1)])
    sheet.line([Point(2, 0), Point(2, 2)])
    assert [row.plain for row in sheet.rows()] == ["  ╷", "╶─│─╴", "  ╵"]


def test_lines_that_branch_are_joined():
    sheet = Sheet()
    sheet.line([Point(0, 1), Point(2, 1), Point(2, 0), Point(4, 0)])
    sheet.line([Point(0, 1), Point(4, 1)], "strong")
    assert [row.plain for row in sheet.rows()] == ["  ┌─╴", "╺━┷━╸"]


def test_a_sign_that_combines_takes_no_column():
    sheet = Sheet()
    sheet.write(0, 0, "z\u0302 = 1")
    (row,) = sheet.rows()
    assert row.cell_len == 5


# a neuron's weights


def test_in_the_scalar_view_a_weight_stands_on_the_edge_of_its_input():
    shown = graphs("or-one-example")[2]
    assert "w1" not in [node.name for node in shown.nodes]
    said = "\n".join(drawn(shown, 120))
    assert "w1*x1 = 0.1*0" in said
    assert "∂L/∂w1 = 0" in said


def test_a_weight_that_is_used_elsewhere_too_is_a_node():
    program = net(
        "1 sigmoid", view="scalar", loss="squared error", settings={"l2": "0.1, lambda/2"},
        x1=1, y=0, w1=2, b=0,
    )  # fmt: skip
    assert "w1" in [node.name for node in last_graph(program).nodes]


def test_in_a_graph_of_equations_no_value_is_taken_for_a_weight():
    shown = last_graph(graph("a = 2; b = 3; c = a*b; d = a*b + c*b"))
    assert [node.name for node in shown.nodes] == ["a", "b", "c", "d"]


# what does not fit


def test_numbers_give_way_to_shapes_with_the_largest_entry():
    shown = graphs("xor-hidden-layer")[2]
    said = "\n".join(drawn(shown, 80))
    assert "(3 × 4), most 0.731" in said
    assert "mixed, most 0.033" in said


def test_formulas_without_room_in_their_boxes_stand_below():
    rows = drawn(graphs("or-bias")[1], 80)
    assert any("│ z │" in row for row in rows)
    assert any(row.startswith("z = w1*x1 + w2*x2 + b") for row in rows)


def test_a_graph_that_fits_nowhere_is_a_table_of_edges():
    many = "; ".join(["a0 = 1", *(f"a{k + 1} = sigma(a{k})" for k in range(50))])
    shown = last_graph(graph(many))
    assert drawing(shown, 160, Signs(), ascii_only=False) is None
    console = Console(file=io.StringIO(), width=80)
    Terminal(console).graph(shown)
    assert "a0 → a1" in console.file.getvalue()


# what is being worked out


def lit(shown: Graph, **options) -> str:
    console = make_console(file=io.StringIO(), width=80, **options)
    Terminal(console).graph(shown, {"c": "gradient"})
    return console.file.getvalue()


def test_what_is_worked_out_stands_out_without_colour():
    shown = graphs("computational-graph")[2]
    said = lit(shown)
    assert "┃ c = a*b ┃" in said
    said = "\n".join(row.plain for row in drawing(shown, 80, ASCII, True, {"c": "gradient"}))
    assert "* c = a*b *" in said


def test_what_is_worked_out_backward_is_red_and_turned():
    said = lit(graphs("computational-graph")[2], force_terminal=True, color_system="standard")
    assert "\x1b[1;7;31m" in said


def test_nothing_moves_when_something_is_lit():
    shown = graphs("computational-graph")[2]
    plain, bright = (
        [row.cell_len for row in drawing(shown, 80, Signs(), False, names)]
        for names in (None, {"c": "forward"})
    )
    assert plain == bright
