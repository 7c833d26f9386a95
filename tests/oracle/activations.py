"""Activations by their formulas in the reference."""

from oracle import duals, formulas, tables
from oracle.duals import Dual, plain
from oracle.formulas import ENTRYWISE
from oracle.records import Activation
from oracle.tables import Table, entrywise

COLUMNWISE = ("softmax", "shifted softmax")


def activated(activation: Activation, z: Table) -> Table:
    """What a layer makes of its weighted sums, a column for each example."""
    match activation.kind:
        case "identity":
            return z
        case "softmax":
            return formulas.softmax(z)
        case "shifted softmax":
            return _shifted(z)
        case "leaky relu":
            return entrywise(lambda x: duals.leaky_relu(x, activation.number), z)
        case "elu":
            return entrywise(lambda x: duals.elu(x, activation.number), z)
        case "formula":
            return entrywise(lambda x: formulas.value_of(activation.formula, {"z": x}), z)
    return entrywise(ENTRYWISE[activation.kind], z)


def _shifted(z: Table) -> Table:
    """softmax with the largest taken away, which changes no slope."""

    def shifted(column: list[Dual]) -> list[Dual]:
        largest = column[0]
        for entry in column[1:]:
            largest = duals.largest(largest, entry)
        powers = [duals.exp(entry - plain(largest.value)) for entry in column]
        total = tables.total(powers)
        return [power / total for power in powers]

    return tables.turned([shifted(column) for column in tables.turned(z)])
