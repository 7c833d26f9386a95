"""A network worked out by direct formulas, in one layout: examples in columns, W as (out, in)."""

from collections.abc import Mapping
from fractions import Fraction

from oracle import duals, losses, tables
from oracle.activations import activated
from oracle.duals import Dual, plain
from oracle.reals import Real, mul
from oracle.records import Network
from oracle.tables import Table, entrywise

Key = tuple[str, int, int]
"A name, and the row and the column of an entry from 0."
Values = dict[Key, Dual]
Numbers = Mapping[Key, Real]


class Matrices:
    """What an entry is called where each value of a layer is a matrix."""

    def __init__(self, network: Network) -> None:
        self.deep = len(network.layers)
        self.inputs = [len(layer.weights[0]) for layer in network.layers]
        self.biases, self.folded = network.biases, network.folded

    def __call__(self, stem: str, layer: int, i: int, j: int) -> Key:
        if stem in ("X", "Y", "Yclip", "M", "Cost", "E", "R"):
            return stem, i, j
        if stem == "A" and layer == self.deep:
            return "Yhat", i, j
        mark = f"[{layer}]" if self.deep > 1 else ""
        if self.folded and stem in "Wb":
            # weights and biases stand in one matrix
            first = "first" in self.biases
            last = 0 if first else self.inputs[layer - 1]
            return f"W{mark}", i, last if stem == "b" else j + first
        return f"{stem}{mark}", 0 if stem == "b" and "shared" in self.biases else i, j


class Scalars:
    """What a number is called where each has a name of its own."""

    def __init__(self, network: Network) -> None:
        self.sizes = [len(network.X), *(len(layer.weights) for layer in network.layers)]
        self.shared = "shared" in network.biases

    def __call__(self, stem: str, layer: int, i: int, j: int) -> Key:
        return self._name(stem, layer, i + 1, j + 1), 0, 0

    def _name(self, stem: str, layer: int, i: int, j: int) -> str:
        mark = f"[{layer}]" if len(self.sizes) > 2 else ""
        alone = self.sizes[1:] == [1]
        match stem:
            case "X":
                return f"x{i}"
            case "Cost":
                return "L"
            case "E" | "R":
                return stem
            case "Y":
                return "y" if self.sizes[-1] == 1 else f"y{i}"
            case "Yclip":
                return "yclip" if self.sizes[-1] == 1 else f"yclip{i}"
            case "A" if layer == len(self.sizes) - 1:
                return "yhat" if self.sizes[-1] == 1 else f"yhat{i}"
            case "W":
                return f"w{j}" if alone else f"w{i}{j}{mark}"
            case "b" if self.shared:
                return f"b{mark}"
        return stem.lower() if alone else f"{stem.lower()}{i}{mark}"


def called(network: Network) -> Matrices | Scalars:
    """What the entries of a network are called."""
    return Scalars(network) if network.scalar else Matrices(network)


def parameters(network: Network) -> dict[Key, Fraction]:
    """The weights and biases that are given."""
    name, found = called(network), {}
    for number, layer in enumerate(network.layers, 1):
        for i, row in enumerate(layer.weights):
            for j, value in enumerate(row):
                found[name("W", number, i, j)] = Fraction(value)
        for i in range(len(layer.weights) if layer.biases else 0):
            bias = layer.biases[i if len(layer.biases) > 1 else 0][0]
            found[name("b", number, i, 0)] = Fraction(bias)
    return found


def learned(network: Network) -> set[Key]:
    """The entries that a gradient is sent to."""
    name = called(network)
    fixed = {
        name("b", number, i, 0)
        for number, layer in enumerate(network.layers, 1)
        for i in range(len(layer.weights))
        if "fixed" in network.biases
    }
    return set(parameters(network)) - fixed


def of_layer(network: Network, number: int) -> set[Key]:
    """The weights and biases of a layer, counted from 1."""
    name, weights = called(network), network.layers[number - 1].weights
    return {
        name(stem, number, i, j)
        for i, row in enumerate(weights)
        for stem in "Wb"
        for j in range(len(row) if stem == "W" else 1)
    }


class Forward:
    """One forward pass: every value with its slopes by the entries before it.

    `moved` are the parameters that were updated before a gradient went on through them.
    """

    def __init__(self, network: Network, known: Numbers, moved: Numbers) -> None:
        self.network, self.known, self.moved = network, known, moved
        self.called, self.learned = called(network), learned(network)
        self.values: Values = {}
        self.weights: list[Table] = []
        self._work()

    def _work(self) -> None:
        network = self.network
        flow = self._data("X", network.X)
        for number, layer in enumerate(network.layers, 1):
            z = self._write("Z", number, self._linear(number, flow))
            flow = self._write("A", number, activated(layer.activation, z))
        if network.clip:
            flow = self._write("Yclip", 0, clipped(Fraction(network.clip), flow))
        labels = self._data("Y", network.Y)
        margins = None
        if network.loss.kind == "multiclass hinge":
            margins = self._write("M", 0, losses.margins(labels, flow))
        loss = Dual(losses.before(network)) * losses.summed(network.loss, labels, flow, margins)
        if network.l2:
            loss = self._write("E", 0, [[loss]])[0][0]
            loss = loss + self._write("R", 0, [[losses.penalty(network, self.weights)]])[0][0]
        self._write("Cost", 0, [[loss]])

    def _linear(self, number: int, flow: Table) -> Table:
        layer = self.network.layers[number - 1]
        columns = tables.turned(flow)
        W = [
            [self._parameter(self.called("W", number, i, j)) for j in range(len(row))]
            for i, row in enumerate(layer.weights)
        ]
        self.weights.append(W)
        made = []
        for i, row in enumerate(W):
            keys = [self.called("W", number, i, j) for j in range(len(row))]
            made.append([self._sum(keys, row, column) for column in columns])
        if layer.biases is None:
            return made
        biases = [[self._parameter(self.called("b", number, i, 0))] for i in range(len(W))]
        minus = "subtracted" in self.network.biases
        return entrywise(lambda z, b: z - b if minus else z + b, made, biases)

    def _sum(self, keys: list[Key], row: list[Dual], column: list[Dual]) -> Dual:
        pairs = zip(keys, row, column, strict=True)
        return tables.total(self._weighted(key, w, x) for key, w, x in pairs)

    def _weighted(self, key: Key, w: Dual, x: Dual) -> Dual:
        """A weight times an input, whose slope is the weight as it stands by then."""
        if key not in self.moved:
            return w * x
        slopes = (Dual(x.value) * w + Dual(self.moved[key]) * x).slopes
        return Dual(mul(w.value, x.value), slopes)

    def _parameter(self, key: Key) -> Dual:
        if key not in self.values:
            slopes = {key: Fraction(1)} if key in self.learned else {}
            self.values[key] = Dual(self.known[key], slopes)
        return self.values[key]

    def _data(self, stem: str, rows) -> Table:
        table = [[plain(Fraction(value)) for value in row] for row in rows]
        for i, j in tables.places(tables.shape_of(table)):
            self.values[self.called(stem, 0, i, j)] = table[i][j]
        return table

    def _write(self, stem: str, layer: int, table: Table) -> Table:
        """A value written down: from here on slopes by its own entries are known, too."""
        made = [list(row) for row in table]
        for i, j in tables.places(tables.shape_of(table)):
            key = self.called(stem, layer, i, j)
            entry = table[i][j]
            made[i][j] = self.values[key] = Dual(entry.value, {**entry.slopes, key: Fraction(1)})
        return made


def clipped(least: Fraction, flow: Table) -> Table:
    """Predictions kept from 0 and 1; where one is clipped, or just at a bound, the slope is 0."""
    low, high = Dual(least), Dual(1 - least)
    upper, lower = map(duals.beside_a_number, (duals.smallest, duals.largest))
    return entrywise(lambda p: upper(lower(p, low), high), flow)
