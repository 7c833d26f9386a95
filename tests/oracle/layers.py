"""Random networks."""

from dataclasses import replace
from fractions import Fraction

from oracle.chance import Chance
from oracle.formulas import Formula, Name, Number, apply, text
from oracle.moving import moving
from oracle.records import Activation, Layer, Loss, Network, Rows

Z, Y, YHAT = Name("z"), Name("y"), Name("yhat")
ERROR = apply("-", Y, YHAT)
USUAL = ["identity", "sigmoid", "tanh", "relu", "softplus", "gelu", "silu", "swish", "sin", "cos",
         "tan"]  # fmt: skip
OWN: list[Formula] = [
    apply("/", Z, apply("+", Number("1"), apply("exp", apply("neg", Z)))),
    apply("**", Z, Number("2")),
    apply("max", Z, apply("*", Number("0.1"), Z)),
    apply("abs", Z),
    apply("exp", apply("neg", apply("**", Z, Number("2")))),
    apply("log", apply("+", Number("1"), apply("*", Z, Z))),
    apply("*", Z, apply("tanh", Z)),
    apply("neg", Z),
    apply("max", Z, Number("0")),
    apply("atan", Z),
]
"Activations that are typed as expressions."
OWN_LOSSES: list[Formula] = [
    apply("**", ERROR, Number("4")),
    apply("abs", ERROR),
    apply("max", Number("0"), apply("-", Number("1"), apply("*", Y, YHAT))),
    apply("log", apply("+", Number("1"), apply("**", ERROR, Number("2")))),
]
"Losses that are typed as expressions."
ANY, SIGNS, SHARES, ONE_HOT, PARTS = "any", "signs", "shares", "one hot", "parts"
LABELS = {
    "squared error": ANY, "absolute error": ANY, "huber": ANY, "formula": ANY, "hinge": SIGNS,
    "binary cross-entropy": PARTS, "binary cross-entropy with logits": PARTS,
    "cross-entropy": SHARES, "softmax cross-entropy": SHARES, "multiclass hinge": ONE_HOT,
}  # fmt: skip
"What labels a loss has a meaning for."
BIASES = ["trained", "fixed", "shared", "shared, fixed", "none"]


class Words:
    """A network in the making."""

    def __init__(self, chance: Chance) -> None:
        self.chance, self.style = chance, chance.style()
        self.scalar = chance.odds(30)
        self.examples = 1 if self.scalar else chance.one_of([1, 2, 3, 4], 4, 5, 1, 1)
        self.features = chance.one_of([1, 2, 3], 5, 4, 1)
        depth = chance.one_of([1, 2, 3], 60, 35, 5)
        most = 3 if self.examples < 3 else 2  # larger matrices are not shown in full
        self.sizes = [min(chance.one_of([1, 2, 3], 5, 4, 1), most) for _ in range(depth)]

    def network(self) -> Network:
        """Everything that a network is given."""
        loss = self.loss()
        last = self.last(loss)
        biases, in_out = self.biases(), not self.scalar and self.chance.odds(30)
        if in_out:
            biases = biases.replace("column", "row")
        rows = not self.scalar and self.chance.odds(30)
        made = Network(
            self.chance.rows((self.features, self.examples), self.style),
            self.labels(LABELS[loss.kind]),
            self.layers(last, biases),
            loss,
            scalar=self.scalar,
            factor=self.chance.one_of([None, "1", "1/4", "2", "0.5"], 8, 1, 1, 1, 1),
            over_outputs=self.chance.one_of([None, "mean", "sum"], 7, 2, 1),
            over_examples=self.over_examples(),
            l2=self.penalty(),
            rows=rows,
            in_out=in_out,
            biases=biases,
            clip=self.clip(loss),
            moving=moving(self.chance, sequential=True),
        )
        return self.named(made)

    def loss(self) -> Loss:
        kinds = ["squared error", "absolute error", "huber", "hinge", "binary cross-entropy",
                 "binary cross-entropy with logits", "formula"]  # fmt: skip
        weights = [8, 2, 2, 2, 4, 2, 2]
        if self.sizes[-1] > 1:
            kinds, weights = [*kinds, "cross-entropy"], [*weights, 6]
            if not self.scalar:
                kinds += ["softmax cross-entropy", "multiclass hinge"]
                weights += [4, 3]
        kind = self.chance.one_of(kinds, *weights)
        if kind == "formula":
            formula = self.chance.one_of(OWN_LOSSES)
            return Loss(text(formula), kind, formula=formula)
        if kind == "huber":
            said = self.chance.one_of(["", "1.5", "0.5"])
            return Loss(f"huber {said}".strip(), kind, Fraction(said or "1"))
        fused = kind in ("binary cross-entropy", "cross-entropy") and self.chance.odds(50)
        return Loss(kind, kind, fused=fused)

    def last(self, loss: Loss) -> Activation:
        """The activation of the last layer, as its loss wants it."""
        match loss.kind:
            case "binary cross-entropy":
                return Activation("sigmoid", "sigmoid")
            case "cross-entropy":
                kind = self.chance.one_of(["softmax", "shifted softmax"])
                return Activation(kind, kind)
            case "hinge" | "multiclass hinge" | "softmax cross-entropy":
                return Activation("identity", "identity")
            case "binary cross-entropy with logits":
                return Activation("identity", "identity")
        return self.activation(self.sizes[-1])

    def activation(self, neurons: int) -> Activation:
        kinds = [
            *USUAL,
            "leaky relu",
            "elu",
            "formula",
            *["softmax", "shifted softmax"] * (neurons > 1),
        ]
        kind = self.chance.one_of(kinds)
        if kind == "formula":
            formula = self.chance.one_of(OWN)
            return Activation(text(formula), kind, formula=formula)
        if kind in ("leaky relu", "elu"):
            usual = {"leaky relu": "0.01", "elu": "1"}[kind]
            said = self.chance.one_of(["", "0.2", "1.5"])
            return Activation(f"{kind} {said}".strip(), kind, Fraction(said or usual))
        return Activation(kind, kind)

    def layers(self, last: Activation, biases: str) -> tuple[Layer, ...]:
        made, inputs = [], self.features
        with_biases = biases != "none" and (is_folded(biases) or self.chance.odds(80))
        for size in self.sizes[:-1]:
            made.append(self.layer(self.activation(size), size, inputs, biases, with_biases))
            inputs = size
        return (*made, self.layer(last, self.sizes[-1], inputs, biases, with_biases))

    def layer(
        self, activation: Activation, size: int, inputs: int, biases: str, with_biases: bool
    ) -> Layer:
        weights = self.chance.rows((size, inputs), self.style)
        if not with_biases:
            return Layer(activation, weights, None)
        folded = is_folded(biases)
        alone = "shared" in biases or (not self.scalar and not folded and self.chance.odds(15))
        return Layer(activation, weights, self.chance.rows((1 if alone else size, 1), self.style))

    def biases(self) -> str:
        biases = self.chance.one_of(BIASES, 8, 2, 2, 2, 2)
        if not self.scalar and self.chance.odds(25):
            biases = self.chance.one_of(["first column", "last column"])
        if biases == "none" or self.chance.odds(70):
            return biases
        return "subtracted" if biases == "trained" else f"{biases}, subtracted"

    def over_examples(self) -> str | None:
        if self.scalar:
            return None
        return self.chance.one_of([None, "mean", "sum", "mean, in the gradients"], 6, 1, 2, 3)

    def penalty(self) -> tuple[str, str] | None:
        if self.chance.odds(80):
            return None
        forms = ["lambda/2m", "lambda/m", "lambda/2", "lambda"]
        return self.chance.one_of(["0.1", "0.01", "1", "0.3"]), self.chance.one_of(forms)

    def clip(self, loss: Loss) -> str | None:
        takes = loss.kind in ("binary cross-entropy", "cross-entropy") and not loss.fused
        return (
            self.chance.one_of(["0.1", "0.01", "1e-7"]) if takes and self.chance.odds(30) else None
        )

    def labels(self, wanted: str) -> Rows:
        """Labels for each output, an example a column."""
        outputs = self.sizes[-1]
        columns = [self.of_example(wanted, outputs) for _ in range(self.examples)]
        return tuple(zip(*columns, strict=True))

    def of_example(self, wanted: str, outputs: int) -> tuple[str, ...]:
        match wanted:
            case "signs":
                return tuple(self.chance.one_of(["1", "-1"]) for _ in range(outputs))
            case "parts":
                return tuple(self.chance.one_of(["0", "1", "0.9", "0.3"]) for _ in range(outputs))
            case "shares" if self.chance.odds(25):
                first = self.chance.randint(1, 9)
                return (f"0.{first}", f"0.{10 - first}", *["0"] * (outputs - 2))
            case "shares" | "one hot":
                true = self.chance.randrange(outputs)
                return tuple(str(int(k == true)) for k in range(outputs))
        style = "tenths" if self.style in ("small", "large") else self.style
        return tuple(
            self.chance.one_of(["0", "1", self.chance.number(style)]) for _ in range(outputs)
        )

    def named(self, network: Network) -> Network:
        """Names of a source, now and then."""
        if not self.chance.odds(15):
            return network
        last = f"[{len(self.sizes)}]" if len(self.sizes) > 1 else ""
        if self.scalar:
            usual = [("i1", "x1"), ("f", "L")]
        else:
            usual = [("l0", "X"), ("syn0", "W[1]" if last else "W"), ("out", "Yhat"), ("J", "Cost"),
                     ("net", f"Z{last}"), ("delta", f"dCost/dW{last}")]  # fmt: skip
        return replace(network, names=tuple(self.chance.some_of(usual, self.chance.randint(1, 3))))


def is_folded(biases: str) -> bool:
    return "column" in biases or "row" in biases


def network(chance: Chance) -> Network:
    """A random network."""
    return Words(chance).network()
