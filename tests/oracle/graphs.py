"""A graph of equations worked out in the order of its lines."""

from collections.abc import Mapping
from fractions import Fraction

from oracle import formulas, tables
from oracle.duals import Dual
from oracle.networks import Key, Numbers, Values
from oracle.records import Graph
from oracle.tables import Shape, Value


def parameters(graph: Graph) -> dict[Key, Fraction]:
    """Every number that is typed in."""
    return {
        (given.name, i, j): Fraction(text)
        for given in graph.given
        for i, row in enumerate(given.rows)
        for j, text in enumerate(row)
    }


def learned(graph: Graph) -> set[Key]:
    """The entries that a gradient is sent to."""
    names = {given.name for given in graph.given if given.role == "parameter"}
    return {key for key in parameters(graph) if key[0] in names}


class Forward:
    """One forward pass: every value with its slopes by the entries before it."""

    def __init__(self, graph: Graph, known: Numbers) -> None:
        self.known, self.learned = known, learned(graph)
        self.values: Values = {}
        self.tables: dict[str, Value] = {}
        for leaf in graph.given:
            self._leaf(leaf.name, leaf.rows, leaf.single)
        for name, formula in graph.equations:
            self._write(name, formulas.value_of(formula, self.tables))

    def _leaf(self, name: str, rows, single: bool) -> None:
        table = [[self._known((name, i, j)) for j in range(len(row))] for i, row in enumerate(rows)]
        self._file(name, table[0][0] if single else table)

    def _known(self, key: Key) -> Dual:
        return Dual(self.known[key], {key: Fraction(1)} if key in self.learned else {})

    def _write(self, name: str, value: Value) -> None:
        made = [
            [self._seeded((name, i, j), entry) for j, entry in enumerate(row)]
            for i, row in enumerate(tables.rows_of(value))
        ]
        self._file(name, made if isinstance(value, list) else made[0][0])

    def _seeded(self, key: Key, entry: Dual) -> Dual:
        """From here on slopes by this entry are known, too."""
        return Dual(entry.value, {**entry.slopes, key: Fraction(1)})

    def _file(self, name: str, value: Value) -> None:
        self.tables[name] = value
        for i, row in enumerate(tables.rows_of(value)):
            for j, entry in enumerate(row):
                self.values[name, i, j] = entry

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """Rows and columns of every value."""
        return {name: tables.shape_of(value) for name, value in self.tables.items()}
