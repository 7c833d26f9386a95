"""A lesson as the text of its file."""

from collections.abc import Iterator

from oracle import formulas
from oracle.records import Block, Given, Graph, Lesson, Moving, Network, Rows


def markdown(lesson: Lesson) -> str:
    """The file of a lesson."""
    head = [f":title: Lesson {lesson.seed}", f":rounding: {lesson.pen.words}"]
    source = lesson.source
    made = _graph(source) if isinstance(source, Graph) else _network(source)
    kind = "graph" if isinstance(source, Graph) else "network"
    parts = [_fenced("lesson", head), _fenced(kind, made)]
    parts += [_fenced(block.kind, _block(block, lesson)) for block in lesson.blocks]
    return "\n".join(parts)


def _fenced(kind: str, lines) -> str:
    return "\n".join([f"```{{{kind}}}", *lines, "```", ""])


def _moving(moving: Moving) -> Iterator[str]:
    if moving.rate is not None:
        yield f":learning-rate: {formulas.text(moving.rate)}"
    if moving.optimizer.name != "gradient descent":
        yield f":optimizer: {moving.optimizer.name}{moving.optimizer.said}"
    if moving.descent:
        yield ":delta: descent"
    if moving.sequential:
        yield ":updates: sequential"


def _graph(graph: Graph) -> Iterator[str]:
    yield from _moving(graph.moving)
    for role in ("data", "fixed"):
        names = [given.name for given in graph.given if given.role == role]
        if names:
            yield f":{role}: {', '.join(names)}"
    yield from map(_typed, graph.given)
    for name, formula in graph.equations:
        yield f"{name} = {formulas.text(formula)}"


def _typed(given: Given) -> str:
    return f"{given.name} = {rows_text(given.rows)}"


def rows_text(rows: Rows) -> str:
    """Rows as they are typed."""
    return "; ".join(" ".join(row) for row in rows)


def _network(network: Network) -> Iterator[str]:
    if network.scalar:
        yield ":view: scalar"
    layers = (f"{len(layer.weights)} {layer.activation.words}" for layer in network.layers)
    yield f":layers: {', '.join(layers)}"
    loss = network.loss.words + ", fused" * network.loss.fused
    yield f":{'loss' if network.scalar else 'cost'}: {loss}"
    for key, value in _settings(network):
        yield f":{key}: {value}"
    yield from _moving(network.moving)
    theirs = {ours: name for name, ours in network.names}
    yield from (f"{theirs.get(name, name)} = {rows_text(rows)}" for name, rows in _numbers(network))


def _settings(network: Network) -> Iterator[tuple[str, str]]:
    for key, value in (
        ("factor", network.factor),
        ("over-outputs", network.over_outputs),
        ("over-examples", network.over_examples),
        ("l2", network.l2 and ", ".join(network.l2)),
        ("examples", "rows" if network.rows else None),
        ("weights", "(in, out)" if network.in_out else None),
        ("biases", network.biases if network.biases != "trained" else None),
        ("clip", network.clip),
        ("names", ", ".join(f"{theirs} = {ours}" for theirs, ours in network.names)),
    ):
        if value:
            yield key, value


def _numbers(network: Network) -> Iterator[tuple[str, Rows]]:
    """Everything that is typed in, by our names, in the source's layout."""
    if network.scalar:
        yield from _one_by_one(network)
        return
    yield "X", _turned(network.X, network.rows)
    for number, layer in enumerate(network.layers, 1):
        mark = f"[{number}]" if len(network.layers) > 1 else ""
        yield f"W{mark}", _turned(with_folded(layer, network), network.in_out)
        if layer.biases is not None and not network.folded:
            yield f"b{mark}", _turned(layer.biases, network.rows)
    yield "Y", _turned(network.Y, network.rows)


def with_folded(layer, network: Network) -> Rows:
    """The weights of a layer, with the biases as a column where they are folded in."""
    if not network.folded:
        return layer.weights
    pairs = zip(layer.weights, layer.biases, strict=True)
    if "last" in network.biases:
        return tuple((*row, *bias) for row, bias in pairs)
    return tuple((*bias, *row) for row, bias in pairs)


def _turned(rows: Rows, turn: bool) -> Rows:
    return tuple(zip(*rows, strict=True)) if turn else rows


def _one_by_one(network: Network) -> Iterator[tuple[str, Rows]]:
    from oracle.networks import Scalars

    called = Scalars(network)
    for k, (value,) in enumerate(network.X):
        yield called("X", 0, k, 0)[0], ((value,),)
    for number, layer in enumerate(network.layers, 1):
        for i, row in enumerate(layer.weights):
            for j, value in enumerate(row):
                yield called("W", number, i, j)[0], ((value,),)
        for i, (value,) in enumerate(layer.biases or ()):
            yield called("b", number, i, 0)[0], ((value,),)
    for k, (value,) in enumerate(network.Y):
        yield called("Y", 0, k, 0)[0], ((value,),)


def _block(block: Block, lesson: Lesson) -> Iterator[str]:
    if block.pen is not None:
        yield f":rounding: {block.pen.words}"
    if block.places:
        said = (f"{_entry(name, entry)} {pen.digits}" for name, entry, pen in block.places)
        yield f":places: {', '.join(said)}"
    if block.display:
        yield f":display: {', '.join(block.display)}"
    if block.unrounded:
        yield ":contributions: unrounded"
    if block.of:
        yield f":of: {block.of}"


def _entry(name: str, entry) -> str:
    return f"{name}[{entry[0]},{entry[1]}]" if entry else name
