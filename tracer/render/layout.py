"""Where the nodes, edges and labels of a drawn graph stand, in layers along its arrows.

The method is that of K. Sugiyama, S. Tagawa and M. Toda, "Methods for Visual Understanding of
Hierarchical System Structures" (1981): layers, few crossings, places. A label is a box in a layer
of its own between two layers of nodes, as in E. Gansner et al., "A Technique for Drawing Directed
Graphs" (1993), so nothing can lie on it. Sizes are whole numbers of any unit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Literal, NamedTuple

SWEEPS = 12
"More change nothing in graphs that can be drawn on a page."
Direction = Literal["right", "down"]


class Point(NamedTuple):
    """A place in the drawing, from its upper left corner."""

    x: int
    y: int

    def turned(self) -> Point:
        """The same place where the arrows go down."""
        return Point(self.y, self.x)


@dataclass(frozen=True)
class Size:
    """How much room something takes, and where lines meet it."""

    width: int
    height: int
    port: int | None = None
    "where a line goes in and out, counted across the arrows; the middle where it is left out"

    def turned(self) -> Size:
        """The same room where the arrows go down."""
        return Size(self.height, self.width, self.port)


@dataclass(frozen=True)
class Link:
    """An arrow from one node to another."""

    start: str
    end: str
    label: Size | None = None
    "the room its label takes, with the line through it"
    stage: int = 1
    "how many layers before its end the label stands, so that many find room"


@dataclass(frozen=True)
class Gaps:
    """The room that is kept free."""

    across: int
    "between boxes of one layer"
    along: int
    "on each side of the bends between two layers"
    track: int
    "for each line that bends between two layers; 0 where lines are slanted instead"
    straight: int | None = None
    "between two layers where no line bends; twice `along` where it is left out"
    head: int = 0
    "besides, for the head of an arrow"
    line: int = 1
    "across, for a line that passes a layer"


@dataclass(frozen=True)
class Placed:
    """A box and where it stands."""

    x: int
    y: int
    width: int
    height: int

    def turned(self) -> Placed:
        """The same box where the arrows go down."""
        return Placed(self.y, self.x, self.height, self.width)


@dataclass(frozen=True)
class Leg:
    """A piece of an arrow between two layers: straight on, across at `bend`, straight on."""

    start: Point
    end: Point
    bend: int
    "the x where it goes across; the y where the arrows go down"

    def turned(self) -> Leg:
        """The same piece where the arrows go down."""
        return Leg(self.start.turned(), self.end.turned(), self.bend)


@dataclass(frozen=True)
class Layout:
    """A graph with its places."""

    width: int
    height: int
    nodes: dict[str, Placed]
    labels: tuple[Placed | None, ...]
    "the box of each link's label, in the order of the links"
    paths: tuple[tuple[Leg, ...], ...]
    "the pieces of each link; between them, and to its nodes, it goes straight on"

    def turned(self) -> Layout:
        """The same graph where the arrows go down."""
        return Layout(
            self.height,
            self.width,
            {name: placed.turned() for name, placed in self.nodes.items()},
            tuple(placed and placed.turned() for placed in self.labels),
            tuple(tuple(leg.turned() for leg in path) for path in self.paths),
        )


def arrange(
    nodes: Mapping[str, Size],
    links: Sequence[Link],
    gaps: Gaps,
    direction: Direction = "right",
    limit: int | None = None,
    late: bool = False,
) -> Layout:
    """The places of nodes, labels and arrows; the same for the same graph.

    Every link goes from a node to a later one of the mapping, so there is no circle. Across its
    arrows the drawing takes no more room than the limit, if each layer has as much. What is given
    stands before its first use; `late`, so does what is made only from that.

    >>> gaps = Gaps(across=1, along=1, track=1)
    >>> drawn = arrange({"a": Size(3, 3), "b": Size(3, 3)}, [Link("a", "b", Size(4, 3))], gaps)
    >>> drawn.nodes["b"], drawn.labels[0]
    (Placed(x=11, y=0, width=3, height=3), Placed(x=5, y=0, width=4, height=3))
    """
    if direction == "down":
        turned = [replace(link, label=link.label and link.label.turned()) for link in links]
        return arrange(
            {n: s.turned() for n, s in nodes.items()}, turned, gaps, limit=limit, late=late
        ).turned()
    layers, chains = _layers(nodes, links, gaps.line, late)
    _order(layers)
    _settle(layers, gaps.across, limit)
    return _placed(layers, chains, gaps)


@dataclass(eq=False)
class _Box:
    """A node, a label, or a line that passes a layer."""

    size: Size
    layer: int
    name: str = ""
    "the node; empty for the others"
    is_loose: bool = False
    "whether its line may bend beside it, since labels stand in several layers"
    at: int = 0
    "where its port is, across"
    before: list[_Box] = field(default_factory=list)
    after: list[_Box] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.size.height // 2 if self.size.port is None else self.size.port

    @property
    def top(self) -> int:
        return self.at - self.port

    @property
    def below(self) -> int:
        return self.size.height - self.port


def _ranks(nodes: Iterable[str], links: Sequence[Link], late: bool) -> dict[str, int]:
    """The layer of each node: behind what it is made from; before its first use if it is given."""
    rank = dict.fromkeys(nodes, 0)
    for name in rank:
        for link in links:
            if link.end == name:
                rank[name] = max(rank[name], rank[link.start] + 1)
    made = {link.end for link in links}
    fixed = {link.end for link in links if link.start in made} if late else made
    for name in reversed(rank):
        used = [rank[link.end] for link in links if link.start == name]
        if used and name not in fixed:
            rank[name] = min(used) - 1
    return rank


def _layers(
    nodes: Mapping[str, Size], links: Sequence[Link], line: int, late: bool
) -> tuple[list[list[_Box]], list[list[_Box]]]:
    """Boxes layer by layer, nodes apart from labels; and for each link the boxes that it meets.

    A label stands in the last layer before the end of its link, beside what it goes into, or as
    many before as its stage says; that of a longer link where most room is left.
    """
    rank, step = _ranks(nodes, links, late), 1 + max((link.stage for link in links), default=1)
    boxes = {name: _Box(size, step * rank[name], name) for name, size in nodes.items()}
    layers: list[list[_Box]] = [[] for _ in range(step * max(rank.values()) + 1)]
    chains = []
    for link in links:
        start, end = boxes[link.start], boxes[link.end]
        passed = [
            _Box(Size(0, line), layer, is_loose=step > 2)
            for layer in range(start.layer + 1, end.layer)
        ]
        chain = [start, *passed, end]
        for one, other in pairwise(chain):
            one.after.append(other)
            other.before.append(one)
        chains.append(chain)
    _label(links, chains, step)
    for box in _as_read(list(boxes.values())):
        layers[box.layer].append(box)
    return layers, chains


def _label(links: Sequence[Link], chains: Sequence[Sequence[_Box]], step: int) -> None:
    """Give each label its box in a chain, first where there is no choice."""
    taken: dict[int, int] = defaultdict(int)
    for link, chain in sorted(zip(links, chains, strict=True), key=lambda pair: len(pair[1])):
        if link.label:
            places = chain[-1 - link.stage : 0 : -step]
            box = min(places, key=lambda box: taken[box.layer])
            box.size = link.label
            taken[box.layer] += link.label.height


def _as_read(boxes: Sequence[_Box]) -> list[_Box]:
    """All boxes, each after what it is made from, in the order in which its formula names it."""
    met: dict[_Box, None] = {}

    def visit(box: _Box) -> None:
        if box not in met:
            for one in box.before:
                visit(one)
            met[box] = None

    for box in [box for box in boxes if not box.after]:
        visit(box)
    return list(met)


def _order(layers: list[list[_Box]]) -> None:
    """Sort each layer by the middle of its neighbours, back and forth, and keep the best order."""
    best, fewest = [list(layer) for layer in layers], _crossings(layers)
    place = {box: k for layer in layers for k, box in enumerate(layer)}

    def middle(near: Sequence[_Box], box: _Box) -> float:
        return sum(place[one] for one in near) / len(near) if near else place[box]

    for sweep in range(SWEEPS):
        if not fewest:
            break
        forward = sweep % 2 == 0
        for layer in layers if forward else reversed(layers):
            middles = {box: middle(box.before if forward else box.after, box) for box in layer}
            layer.sort(key=middles.__getitem__)
            place.update((box, k) for k, box in enumerate(layer))
        if (crossed := _crossings(layers)) < fewest:
            best, fewest = [list(layer) for layer in layers], crossed
    layers[:] = best


def _crossings(layers: list[list[_Box]]) -> int:
    """How often two arrows cross between two layers."""
    total = 0
    for one, other in pairwise(layers):
        place = {box: k for k, box in enumerate(other)}
        ends = [sorted(place[box] for box in start.after) for start in one]
        flat = [(k, end) for k, some in enumerate(ends) for end in some]
        total += sum(a < c and b > d for a, b in flat for c, d in flat)
    return total


def _settle(layers: list[list[_Box]], gap: int, limit: int | None) -> None:
    """Give every box its place across: near the middle of its neighbours, in order, apart.

    Then boxes that a straight line can join are put in one row, as in U. Brandes and B. Köpf,
    "Fast and Simple Horizontal Coordinate Assignment" (2002).
    """
    for layer in layers:
        _place(layer, [0.0] * len(layer), gap)
    still = 0
    for sweep in range(SWEEPS):
        forward, before = sweep % 2 == 0, [box.at for layer in layers for box in layer]
        for layer in layers if forward else reversed(layers):
            wishes = [_middle(box.before if forward else box.after, box) for box in layer]
            _place(layer, wishes, gap)
        still = still + 1 if before == [box.at for layer in layers for box in layer] else 0
        if still == 2:  # neither forward nor back does anything move
            break
    _straighten(layers, gap, limit)
    highest = min(box.top for layer in layers for box in layer)
    for layer in layers:
        for box in layer:
            box.at -= highest


def _middle(near: Sequence[_Box], box: _Box) -> float:
    return sum(one.at for one in near) / len(near) if near else box.at


def _straighten(layers: list[list[_Box]], gap: int, limit: int | None) -> None:
    """Move rows of joined boxes as one, in order and apart, to the middle of their neighbours.

    They stay between two bounds; where rows are too many for that, each box goes by itself.
    """
    row = _rows(layers)
    rows = _Rows(layers, row, gap)
    if limit is not None and rows.extent > limit:
        row = {box: k for k, box in enumerate(box for layer in layers for box in layer)}
        rows = _Rows(layers, row, gap)
    rows.settle(limit)
    for box, k in row.items():
        box.at = rows.at[k]


class _Rows:
    """Rows of joined boxes, and how far apart they must be."""

    def __init__(self, layers: list[list[_Box]], row: Mapping[_Box, int], gap: int) -> None:
        self.members: dict[int, list[_Box]] = defaultdict(list)
        for box, k in row.items():
            self.members[k].append(box)
        self.above: dict[int, dict[int, int]] = {k: {} for k in self.members}
        self.below: dict[int, dict[int, int]] = {k: {} for k in self.members}
        for one, other in (pair for layer in layers for pair in pairwise(layer)):
            j, k = row[one], row[other]
            apart = max(self.above[k].get(j, 0), one.below + gap + other.port)
            self.above[k][j] = self.below[j][k] = apart
        self.near = {
            k: [row[o] for box in some for o in (*box.before, *box.after) if row[o] != k]
            for k, some in self.members.items()
        }
        self.order = list(TopologicalSorter(self.above).static_order())
        self.first = self._room(self.order, self.above, lambda box: box.port)
        self.last = self._room(self.order[::-1], self.below, lambda box: box.below)
        self.at: dict[int, int] = {}

    def _room(
        self,
        order: Sequence[int],
        sides: Mapping[int, Mapping[int, int]],
        own: Callable[[_Box], int],
    ) -> dict[int, int]:
        """How much room each row needs at one side for itself and those beyond it."""
        room: dict[int, int] = {}
        for k in order:
            beyond = [room[j] + apart for j, apart in sides[k].items()]
            room[k] = max([*beyond, *map(own, self.members[k])])
        return room

    @property
    def extent(self) -> int:
        """The least room for all."""
        return max(self.first[k] + self.last[k] for k in self.order)

    def settle(self, limit: int | None) -> None:
        """Give each row its place, if there is a limit, within it."""
        boxes = [box for some in self.members.values() for box in some]
        top, bottom = min(box.top for box in boxes), max(box.at + box.below for box in boxes)
        spare = (max(limit, self.extent) if limit is not None else 4 * self.total) - bottom + top
        low = {k: top - spare // 2 + self.first[k] for k in self.order}
        high = {k: bottom + spare - spare // 2 - self.last[k] for k in self.order}
        for k in self.order:
            wish = round(sum(box.at for box in self.members[k]) / len(self.members[k]))
            beyond = [self.at[j] + apart for j, apart in self.above[k].items()]
            self.at[k] = min(max([wish, low[k], *beyond]), high[k])
        still = 0
        for sweep in range(SWEEPS):
            before = dict(self.at)
            for k in self.order if sweep % 2 else reversed(self.order):
                near = [self.at[j] for j in self.near[k]] or [self.at[k]]
                least = [low[k], *(self.at[j] + apart for j, apart in self.above[k].items())]
                most = [high[k], *(self.at[j] - apart for j, apart in self.below[k].items())]
                self.at[k] = min([max([round(sum(near) / len(near)), *least]), *most])
            still = still + 1 if before == self.at else 0
            if still == 2:
                break

    @property
    def total(self) -> int:
        """More room than all can take."""
        return sum(box.size.height for some in self.members.values() for box in some) + self.extent


def _rows(layers: list[list[_Box]]) -> dict[_Box, int]:
    """For each box the number of its row: boxes that straight lines join share one."""
    asked = [(_partner(box), box) for layer in layers[1:] for box in layer]
    pairs = sorted(((one, box) for one, box in asked if one), key=_urgency)
    place = {box: k for layer in layers for k, box in enumerate(layer)}
    joined: dict[_Box, _Box] = {}
    for one, other in pairs:
        beside = ((a, b) for b, a in joined.items() if b.layer == other.layer)
        if one not in joined.values() and all(
            (place[a] < place[one]) == (place[b] < place[other]) for a, b in beside
        ):
            joined[other] = one
    row: dict[_Box, int] = {}
    for box in (box for layer in layers for box in layer):
        row[box] = row[joined[box]] if box in joined else len(row)
    return row


def _partner(box: _Box) -> _Box | None:
    """Of what a box is made from, what it should be level with.

    That is the only thing that is computed itself, else the middle of an odd number of things.
    """
    if box.is_loose and not box.before[0].name and len(_end(box).before) > 1:
        return None
    computed = [one for one in box.before if _origin(one).before]
    if len(computed) == 1:
        return computed[0]
    some = box.before if len(box.before) % 2 else computed
    return some[len(some) // 2] if len(some) % 2 else None


def _origin(box: _Box) -> _Box:
    """The node from which a line comes."""
    return box if box.name else _origin(box.before[0])


def _end(box: _Box) -> _Box:
    """The node to which a line goes."""
    return box if box.name else _end(box.after[0])


def _urgency(pair: tuple[_Box, _Box]) -> tuple[int, int]:
    """Lines go straight before others that end where nothing else does."""
    one, other = pair
    return len(_end(other).before), len(one.after)


def _place(layer: Sequence[_Box], wishes: Sequence[float], gap: int) -> None:
    """The places in order and apart that are nearest to the wishes, by least squares.

    Boxes that would overlap are joined into a block, which stands where its wishes meet on
    average (pool adjacent violators).
    """
    offsets = [0]
    for one, other in pairwise(layer):
        offsets.append(offsets[-1] + one.below + gap + other.port)
    blocks: list[tuple[float, int]] = []
    for wish, offset in zip(wishes, offsets, strict=False):
        total, count = wish - offset, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / count:
            before, number = blocks.pop()
            total, count = total + before, count + number
        blocks.append((total, count))
    bases = [round(total / count) for total, count in blocks for _ in range(count)]
    for box, base, offset in zip(layer, bases, offsets, strict=True):
        box.at = base + offset


def _placed(layers: list[list[_Box]], chains: list[list[_Box]], gaps: Gaps) -> Layout:
    """The layers put side by side, with room for the bends between them."""
    columns: list[tuple[int, int]] = []
    bends: dict[tuple[_Box, _Box], int] = {}
    right = 0
    for number, layer in enumerate(layers):
        if number:
            tracks, count = _tracks(layers[number - 1], layer) if gaps.track else ({}, 0)
            bends |= {pair: right + gaps.along + k * gaps.track for pair, k in tracks.items()}
            bent = 2 * gaps.along + count * gaps.track
            right += bent if count or gaps.straight is None else gaps.straight
            right += gaps.head * any(box.name for box in layer)
        columns.append((right, max(box.size.width for box in layer)))
        right += columns[-1][1]
    places = {box: _standing(box, *columns[box.layer]) for layer in layers for box in layer}

    def leg(one: _Box, other: _Box) -> Leg:
        start, end = sum(columns[one.layer]), columns[other.layer][0]
        bend = bends.get((one, other), (start + end) // 2)
        return Leg(Point(start, one.at), Point(end, other.at), bend)

    paths = (tuple(leg(one, other) for one, other in pairwise(chain)) for chain in chains)
    return Layout(
        right,
        max(placed.y + placed.height for placed in places.values()),
        {box.name: placed for box, placed in places.items() if box.name},
        tuple(
            next((places[box] for box in chain[1:-1] if box.size.width), None) for chain in chains
        ),
        tuple(paths),
    )


def _standing(box: _Box, left: int, broad: int) -> Placed:
    """A box in the middle of its layer."""
    width, height = box.size.width, box.size.height
    return Placed(left + (broad - width) // 2, box.top, width, height)


_Pair = tuple[_Box, _Box]


def _tracks(layer: Sequence[_Box], later: Sequence[_Box]) -> tuple[dict[_Pair, int], int]:
    """For each line between two layers the track in which it bends, and how many there are.

    Lines that share a node share a track, and so do lines that stay clear of each other.
    """
    nets: dict[_Box, list[_Pair]] = defaultdict(list)
    for box in layer:
        for other in dict.fromkeys(box.after):
            nets[box if box.name else other].append((box, other))
    order, earlier = _untangled(nets, later)
    taken: dict[_Box, int] = {}
    for net in order:
        low, high = _span(nets[net])
        if low < high:
            track = max((taken[one] + 1 for one in earlier[net]), default=0)
            near = {taken[one] for one in taken if _meets(_span(nets[one]), low, high)}
            while track in near:
                track += 1
            taken[net] = track
    tracks = {pair: taken.get(net, 0) for net, pairs in nets.items() for pair in pairs}
    return tracks, max(taken.values(), default=-1) + 1


def _untangled(
    nets: Mapping[_Box, Sequence[_Pair]], later: Sequence[_Box]
) -> tuple[list[_Box], dict[_Box, list[_Box]]]:
    """The nets from left to right, and for each those that must bend before it.

    A line that starts in the row in which another ends must have left this row before. Where two
    lines change rows, neither can: then the ends from there on stand one row lower.
    """
    while True:
        earlier = {net: [one for one in nets if _first(nets[one], nets[net])] for net in nets}
        try:
            return list(TopologicalSorter(earlier).static_order()), earlier
        except CycleError as error:
            circle = {other for net in error.args[1] for _, other in nets[net]}
        for box in later[min(map(later.index, circle)) :]:
            box.at += 1


def _first(one: Sequence[_Pair], other: Sequence[_Pair]) -> bool:
    """Whether a net must bend before another one."""
    starts, ends = {start.at for start, _ in one}, {end.at for _, end in other}
    return one is not other and bool(starts & ends)


def _span(pairs: Sequence[_Pair]) -> tuple[int, int]:
    rows = [box.at for pair in pairs for box in pair]
    return min(rows), max(rows)


def _meets(span: tuple[int, int], low: int, high: int) -> bool:
    return span[0] <= high and low <= span[1]
