"""Random words for how parameters move."""

from dataclasses import replace

from oracle import updates
from oracle.chance import Chance
from oracle.formulas import Formula, Name, Number, apply
from oracle.records import Moving, Optimizer

T, EPOCH = Name("t"), Name("epoch")


def moving(chance: Chance, sequential: bool) -> Moving:
    """A learning rate, an update rule, the sign of gradients and when parameters move."""
    made = Moving(rate(chance), descent=chance.odds(20))
    if chance.odds(40):
        made = replace(made, optimizer=optimizer(chance))
    return replace(made, sequential=sequential and chance.odds(15))


def rate(chance: Chance) -> Formula:
    """A learning rate: mostly a number."""
    if chance.odds(80):
        return Number(chance.one_of(["1", "0.5", "0.1", "0.05", "0.3", "2", "0.01", "0"]))
    decay = apply("+", Number("1"), apply("*", Number("0.1"), EPOCH))
    return chance.one_of(
        [
            apply("/", Number("0.6"), decay),
            apply("*", Number("0.5"), apply("**", Number("0.8"), EPOCH)),
            apply("/", Number("3"), apply("sqrt", apply("*", Number("3"), T))),
            apply("max", apply("-", Number("0.1"), apply("*", Number("0.06"), EPOCH)), Number("0")),
            apply("/", Number("1"), T),
        ]
    )


def optimizer(chance: Chance) -> Optimizer:
    """An update rule, now and then with constants of its own."""
    name = chance.one_of(list(updates.USUAL))
    constants = dict(updates.USUAL[name])
    said = ""
    for key in chance.some_of(sorted(constants), 1) if chance.odds(30) else ():
        value = {"epsilon": ["1e-7", "0.001", "0.1"], "decay": ["0.1", "0.5"]}.get(
            key, ["0.8", "0.5", "0.99"]
        )
        constants[key] = chance.one_of(value)
        said += f", {key} {constants[key]}"
    return Optimizer(name, tuple(constants.items()), said)
