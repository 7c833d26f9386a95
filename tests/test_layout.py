"""Where a drawn graph's nodes, labels and lines stand: nothing lies on anything else."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.render.layout import Gaps, Layout, Link, Placed, Point, Size, arrange

GAPS = Gaps(across=1, along=1, track=1)
NODE, LABEL = Size(5, 3), Size(6, 3)

GRAPHS = {
    "two edges leave b": "a-c b-c b-d c-e d-e",
    "a neuron": "x-z y-z w-z v-z b-z z-a a-L t-L",
    "2-3-1 in matrices": "X-Z W-Z b-Z Z-A V-D A-D c-D D-Y Y-C y-C",
    "a value skips layers": "x-a a-b b-c a-c x-c",
    "a value is used twice by one operation": "a-b a-b b-c",
    "everything with everything": "a-c a-d a-e b-c b-d b-e c-f d-f e-f a-f",
}


def links_of(edges: str) -> list[Link]:
    return [Link(*edge.split("-"), LABEL) for edge in edges.split()]


def nodes_of(links: list[Link], size: Size = NODE) -> dict[str, Size]:
    """The nodes, each behind those that it is made from."""
    every = dict.fromkeys(name for link in links for name in (link.start, link.end))
    depth = dict.fromkeys(every, 0)
    for _ in every:
        for link in links:
            depth[link.end] = max(depth[link.end], depth[link.start] + 1)
    return dict.fromkeys(sorted(every, key=lambda name: depth[name]), size)


def boxes(layout: Layout) -> list[Placed]:
    return [*layout.nodes.values(), *(label for label in layout.labels if label)]


def corners(layout: Layout, links: list[Link], number: int) -> list[Point]:
    """The line of a link, from the border of one node to that of the other."""
    start, end = layout.nodes[links[number].start], layout.nodes[links[number].end]
    path = layout.paths[number]
    points = [Point(start.x + start.width, path[0].start.y)]
    for leg in path:
        points += [leg.start, Point(leg.bend, leg.start.y), Point(leg.bend, leg.end.y), leg.end]
    return [*points, Point(end.x, path[-1].end.y)]


def cells(points: list[Point]) -> tuple[set[Point], set[Point]]:
    """Where a line goes along, and where it goes across."""
    along, across = set(), set()
    for one, other in pairwise(points):
        if one.y == other.y:
            along |= {Point(x, one.y) for x in range(one.x, other.x)}
        else:
            low, high = sorted((one.y, other.y))
            across |= {Point(one.x, y) for y in range(low, high + 1)}
    return along, across


def inside(point: Point, box: Placed) -> bool:
    return box.x <= point.x < box.x + box.width and box.y <= point.y < box.y + box.height


def judge(links: list[Link], layout: Layout) -> None:
    every = boxes(layout)
    for one, other in combinations(every, 2):
        apart = (
            one.x + one.width <= other.x or other.x + other.width <= one.x
            or one.y + one.height <= other.y or other.y + other.height <= one.y
        )  # fmt: skip
        assert apart, "two boxes lie on one another"
    for box in every:
        assert 0 <= box.x <= layout.width - box.width
        assert 0 <= box.y <= layout.height - box.height
    lines = [cells(corners(layout, links, k)) for k in range(len(links))]
    for number, (along, across) in enumerate(lines):
        others = [box for box in every if box is not layout.labels[number]]
        assert not any(inside(point, box) for point in along | across for box in others)
    for (k, one), (j, other) in combinations(enumerate(lines), 2):
        if not {links[k].start, links[k].end} & {links[j].start, links[j].end}:
            shared = (one[0] & other[0]) | (one[1] & other[1])
            assert not shared, "two lines run along one another"


@pytest.mark.parametrize("edges", GRAPHS.values(), ids=GRAPHS)
def test_no_box_and_no_line_lies_on_another(edges):
    links = links_of(edges)
    judge(links, arrange(nodes_of(links), links, GAPS))


@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=16), st.data()
)
@settings(max_examples=150, deadline=None)
def test_neither_do_they_in_any_other_graph(pairs, data):
    links = [
        Link(f"n{min(pair)}", f"n{max(pair) + 1}", data.draw(st.sampled_from([LABEL, None])))
        for pair in pairs
    ]
    names = sorted({name for link in links for name in (link.start, link.end)})
    sizes = {
        name: Size(data.draw(st.integers(3, 9)), data.draw(st.integers(1, 5))) for name in names
    }
    judge(links, arrange(sizes, links, GAPS))


def test_a_judge_sees_what_lies_on_a_line():
    links = links_of("a-b")
    layout = arrange(nodes_of(links), links, GAPS)
    layout.nodes["c"] = Placed(5, 1, 1, 1)
    with pytest.raises(AssertionError):
        judge(links, layout)


def test_the_arrows_go_to_the_right_or_down():
    links = links_of(GRAPHS["two edges leave b"])
    right, down = (arrange(nodes_of(links), links, GAPS, way) for way in ("right", "down"))
    assert all(right.nodes[link.start].x < right.nodes[link.end].x for link in links)
    assert all(down.nodes[link.start].y < down.nodes[link.end].y for link in links)


def test_what_is_given_stands_beside_its_first_use():
    links = links_of("X-Z Z-A A-D V-D")
    nodes = arrange(nodes_of(links), links, GAPS).nodes
    assert nodes["V"].x == nodes["A"].x


def test_arrows_do_not_cross_where_they_need_not():
    links = links_of("a-d b-c a-e")
    nodes = arrange(nodes_of(links), links, GAPS).nodes
    assert (nodes["a"].y < nodes["b"].y) == (nodes["d"].y < nodes["c"].y)


def test_a_chain_is_a_straight_line():
    links = links_of("a-b b-c c-d")
    assert {box.y for box in arrange(nodes_of(links), links, GAPS).nodes.values()} == {0}


def test_a_label_stands_on_its_line():
    links = links_of("a-b")
    layout = arrange(nodes_of(links), links, GAPS)
    assert layout.labels[0].y + 1 == layout.paths[0][0].end.y


WIDE = "a-p b-p c-p p-e d-q q-e"


def test_a_drawing_keeps_within_a_limit_that_each_layer_can_keep():
    links = links_of(WIDE)
    nodes = nodes_of(links)
    free = arrange(nodes, links, GAPS).height
    # four nodes in the widest layer, each 3 high, and a gap between two
    within = arrange(nodes, links, GAPS, limit=4 * 3 + 3)
    assert within.height == 15 <= free
    judge(links, within)


def test_a_limit_that_cannot_be_kept_is_passed_by_as_little_as_may_be():
    links = links_of(WIDE)
    assert arrange(nodes_of(links), links, GAPS, limit=3).height == 15


def test_what_is_made_from_what_is_given_can_stand_late():
    links = links_of("x-z z-a a-b b-E w-z w-R R-J E-J")
    nodes = nodes_of(links)
    early, late = (arrange(nodes, links, GAPS, late=each).nodes for each in (False, True))
    assert early["R"].x == early["z"].x
    assert late["R"].x == late["E"].x


def test_the_label_of_a_longer_line_stands_where_most_room_is_left():
    links = links_of("a-b b-c x-c y-c a-c")
    layout = arrange(nodes_of(links), links, GAPS)
    assert layout.labels[4].x == layout.labels[0].x


def test_a_line_that_passes_a_layer_has_the_room_that_is_asked_for():
    links = [Link("a", "b"), Link("b", "c"), Link("a", "c")]
    narrow, broad = (
        arrange(nodes_of(links), links, Gaps(across=1, along=1, track=0, line=line)).height
        for line in (1, 9)
    )
    assert broad > narrow
