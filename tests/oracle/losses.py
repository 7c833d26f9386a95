"""Losses by their formulas in the reference, and what stands before them."""

from fractions import Fraction

from oracle import duals, formulas, tables
from oracle.duals import Dual, plain
from oracle.records import Loss, Network
from oracle.tables import Table, entrywise

HALF = Fraction(1, 2)


def of_one(loss: Loss, y: Dual, yhat: Dual) -> Dual:
    """What one output adds to the loss of an example."""
    error = y - yhat
    match loss.kind:
        case "squared error":
            return error * error
        case "absolute error":
            return duals.absolute(error)
        case "huber":
            return _huber(error, loss.number)
        case "hinge":
            return duals.relu(plain(1) - y * yhat)
        case "binary cross-entropy":
            rest = (plain(1) - y) * duals.log(plain(1) - yhat)
            return -(y * duals.log(yhat) + rest)
        case "cross-entropy":
            return -y * duals.log(yhat)
        case "binary cross-entropy with logits":
            return duals.softplus(yhat) - y * yhat
        case "formula":
            return formulas.value_of(loss.formula, {"y": y, "yhat": yhat})
    raise KeyError(loss.kind)


def _huber(error: Dual, bend: Fraction) -> Dual:
    """Half the square up to the bend, and a straight line behind it."""
    size, delta = duals.absolute(error), Dual(bend)
    line = delta * (size - Dual(bend / 2))
    return duals.above(size, delta, line, Dual(HALF) * error * error)


def summed(loss: Loss, Y: Table, Yhat: Table, margins: Table | None) -> Dual:
    """The losses of all outputs and all examples, added up."""
    match loss.kind:
        case "softmax cross-entropy":
            columns = zip(tables.turned(Y), tables.turned(Yhat), strict=True)
            return tables.total(_on_scores(ys, scores) for ys, scores in columns)
        case "multiclass hinge":
            assert margins is not None
            each = entrywise(lambda y, m: (plain(1) - y) * duals.relu(m), Y, margins)
            return tables.total(tables.entries(each))
    return tables.total(tables.entries(entrywise(lambda y, p: of_one(loss, y, p), Y, Yhat)))


def _on_scores(ys: list[Dual], scores: list[Dual]) -> Dual:
    """log(sum(exp(z))) - sum(y*z)."""
    powers = tables.total(map(duals.exp, scores))
    chosen = tables.total(y * z for y, z in zip(ys, scores, strict=True))
    return duals.log(powers) - chosen


def margins(Y: Table, scores: Table) -> Table:
    """How close each score comes to the true one's, and 1 more."""

    def of_example(ys: list[Dual], column: list[Dual]) -> list[Dual]:
        true = tables.total(y * z for y, z in zip(ys, column, strict=True))
        return [z - true + plain(1) for z in column]

    columns = zip(tables.turned(Y), tables.turned(scores), strict=True)
    return tables.turned([of_example(ys, column) for ys, column in columns])


def before(network: Network) -> Fraction:
    """The number before the sum of losses."""
    usual = HALF if network.loss.kind == "squared error" else Fraction(1)
    factor = Fraction(network.factor) if network.factor else usual
    if network.over_outputs == "mean":
        factor /= len(network.Y)
    if network.over_examples != "sum":
        factor /= len(network.Y[0])
    return factor


def penalty(network: Network, weights: list[Table]) -> Dual:
    """What is added for the weights."""
    assert network.l2 is not None
    rate, form = network.l2
    share = Fraction(rate) / {"lambda/2m": 2, "lambda/2": 2}.get(form, 1)
    if form.endswith("m"):
        share /= len(network.Y[0])
    squares = (w * w for table in weights for w in tables.entries(table))
    return Dual(share) * tables.total(squares)
