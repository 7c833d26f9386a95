"""Random graphs of equations."""

from fractions import Fraction

from oracle import formulas
from oracle.chance import Chance
from oracle.duals import Dual
from oracle.formulas import Formula, Name, Number, apply
from oracle.moving import moving
from oracle.records import Given, Graph
from oracle.tables import Shape, Value, entries, shape_of, stretched

MOST = 10**9
"Larger numbers are left to lessons that are about them."
NAMES = [*"abcdfghknpqruvwxyABCDVWX", "w1", "w2", "x1", "x2"]
ANYWHERE = ["sin", "cos", "tanh", "atan", "erf", "abs", "sigmoid", "sigma", "relu", "leaky_relu",
            "elu", "softplus", "gelu", "silu", "swish", "exp", "sinh", "cosh", "tan"]  # fmt: skip
"Functions that take any number."
SOMEWHERE = ["log", "ln", "sqrt"]


class Equations:
    """A graph in the making, with what is known of it so far."""

    def __init__(self, chance: Chance, style: str) -> None:
        self.chance, self.style = chance, style
        self.names = iter(chance.sample(NAMES, len(NAMES)))
        self.given: list[Given] = []
        self.equations: list[tuple[str, Formula]] = []
        self.known: dict[str, Value] = {}
        self.unused: list[str] = []
        self.sides = chance.one_of([1, 2, 3], 2, 5, 2), chance.one_of([1, 2, 3], 2, 5, 2)

    def give(self) -> None:
        """One more value that is typed in."""
        rows, columns = self.sides
        shapes: list[Shape] = [(), (), (rows, columns), (rows, 1), (1, columns), (columns, 1)]
        shape = self.chance.one_of([s if s != (1, 1) else () for s in shapes])
        typed = self.chance.rows(shape or (1, 1), self.style)
        role = self.chance.one_of(["parameter", "data", "fixed"], 8, 2, 1)
        name = next(self.names)
        self.given.append(Given(name, typed, not shape, role))
        table = [[Dual(Fraction(text)) for text in row] for row in typed]
        self._file(name, table if shape else table[0][0])

    def add(self) -> bool:
        """One more equation, if one comes out that can be worked out."""
        formula = self.formula()
        return self._equation(formula) if not isinstance(formula, Name | Number) else False

    def close(self) -> bool:
        """The last equation: a single number, made of all that is not used yet."""
        parts = [self._reduced(Name(name)) for name in self.unused[-3:]]
        formula = parts[0]
        for part in parts[1:]:
            formula = apply(self.chance.one_of(["+", "-", "*"], 4, 1, 1), formula, part)
        if isinstance(formula, Name):
            formula = apply("*", formula, formula)
        return self._equation(formula)

    def _reduced(self, formula: Formula) -> Formula:
        if not self._shape(formula):
            return formula
        inner = apply("**", formula, Number("2")) if self.chance.odds(40) else formula
        return apply(self.chance.one_of(["sum", "mean"]), inner)

    def _equation(self, formula: Formula) -> bool:
        try:
            value = formulas.value_of(formula, self.known)
        except (ArithmeticError, ValueError):
            return False
        if any(abs(entry.value) > MOST for entry in entries(value)):
            return False
        name = next(self.names)
        self.equations.append((name, formula))
        used = set(formulas.names_in(formula))
        self.unused = [one for one in self.unused if one not in used]
        self._file(name, value)
        return True

    def _file(self, name: str, value: Value) -> None:
        self.known[name] = value
        self.unused.append(name)

    # formulas

    def formula(self) -> Formula:
        """A formula of one to three operations."""
        if self.chance.odds(25):
            return self.template()
        made = self.atom()
        for _ in range(self.chance.one_of([1, 2, 3], 6, 3, 1)):
            made = self.wrapped(made)
        return made

    def atom(self) -> Name:
        """A value; one that nothing uses yet is likelier."""
        if self.unused and self.chance.odds(60):
            return Name(self.chance.one_of(self.unused))
        return Name(self.chance.one_of(list(self.known)))

    def wrapped(self, inner: Formula) -> Formula:
        """One operation more."""
        kind = self.chance.one_of(
            ["binary", "number", "function", "choice", "product", "turned", "power", "reduction",
             "negative"],
            30, 15, 20, 10, 12, 4, 8, 5, 3,
        )  # fmt: skip
        return getattr(self, f"_{kind}")(inner)

    def _binary(self, inner: Formula) -> Formula:
        other = self._partner(inner)
        pair = (inner, other) if self.chance.odds(70) else (other, inner)
        return apply(self.chance.one_of(["+", "-", "*", "/"], 4, 3, 5, 2), *pair)

    def _partner(self, inner: Formula) -> Formula:
        """A value that fits entry by entry, perhaps stretched; or the same once more."""
        shape = self._shape(inner)
        fitting = [name for name, value in self.known.items() if _fit(shape, shape_of(value))]
        if not fitting or self.chance.odds(10):
            return inner
        return Name(self.chance.one_of(fitting))

    def _number(self, inner: Formula) -> Formula:
        number = self.constant()
        pair = (inner, number) if self.chance.odds(60) else (number, inner)
        return apply(self.chance.one_of(["+", "-", "*", "/"], 4, 3, 4, 2), *pair)

    def constant(self) -> Name | Number:
        """A plain number in a formula."""
        if self.chance.odds(10):
            return Name(self.chance.one_of(["pi", "e"]))
        usual = ["2", "1/3", "0.5", "3", "-1", "10", "-2/3", "0.1", "1", "4"]
        return Number(self.chance.one_of(usual))

    def _function(self, inner: Formula) -> Formula:
        if self.chance.odds(10):
            positive = apply("+", apply("*", inner, inner), Number(self.chance.positive()))
            return apply(self.chance.one_of(SOMEWHERE), positive)
        if self.chance.odds(10):
            return apply(self.chance.one_of(SOMEWHERE), inner)
        if self._shape(inner) and self.chance.odds(15):
            return apply("softmax", inner)
        return apply(self.chance.one_of(ANYWHERE), inner)

    def _choice(self, inner: Formula) -> Formula:
        other = self._partner(inner) if self.chance.odds(50) else self._kink(inner)
        pair = (inner, other) if self.chance.odds(60) else (other, inner)
        return apply(self.chance.one_of(["max", "min"]), *pair)

    def _kink(self, inner: Formula) -> Number:
        """A plain number, rather often one that the value has."""
        if self.chance.odds(50):
            values = {entry.value for entry in entries(formulas.value_of(inner, self.known))}
            short = [
                v for v in values if isinstance(v, Fraction) and v.denominator in (1, 2, 5, 10)
            ]
            if short:
                value = self.chance.one_of(sorted(short))
                return Number(str(value))
        return Number(self.chance.one_of(["0", "1", "-1", "1/3", "0.5"]))

    def _product(self, inner: Formula) -> Formula:
        """A matrix product, perhaps with a transpose and a sum behind it."""
        rows, columns = self._shape(inner) or (0, 0)
        fitting: list[Formula] = []
        for name, value in self.known.items():
            shape = shape_of(value)
            if shape and shape[0] == columns:
                fitting.append(apply("@", inner, Name(name)))
            if shape and shape[1] == columns:
                fitting.append(apply("@", inner, apply("T", Name(name))))
            if shape and shape[1] == rows:
                fitting.append(apply("@", Name(name), inner))
            if shape and shape[0] == rows:
                fitting.append(apply("@", apply("T", Name(name)), inner))
        if not fitting:
            return self._binary(inner)
        product = self.chance.one_of(fitting)
        return apply("+", product, self._partner(product)) if self.chance.odds(40) else product

    def _turned(self, inner: Formula) -> Formula:
        if not self._shape(inner):
            return self._function(inner)
        return apply("T", inner) if self.chance.odds(70) else apply("transpose", inner)

    def _power(self, inner: Formula) -> Formula:
        if self.chance.odds(75):
            return apply("**", inner, Number(self.chance.one_of(["2", "3", "0", "1", "-1", "-2"])))
        if self.chance.odds(50):
            bases = [Number("2"), Number("0.5"), Number("10"), Name("e"), Name("pi")]
            return apply("**", self.chance.one_of(bases), inner)
        base = apply("+", apply("*", inner, inner), Number("1"))
        return apply("**", base, self.chance.one_of([Number("0.5"), Number("1/3"), inner]))

    def _reduction(self, inner: Formula) -> Formula:
        return apply(self.chance.one_of(["sum", "mean"]), inner)

    def _negative(self, inner: Formula) -> Formula:
        return apply("neg", inner)

    def template(self) -> Formula:
        """A form that is written as one step: a sum of products, a typed-out activation."""
        a, b, c, d = (self._scalar() for _ in range(4))
        z = self.atom()
        minus = apply("exp", apply("neg", z))
        return self.chance.one_of(
            [
                apply("+", apply("+", apply("*", a, b), apply("*", c, d)), self._scalar()),
                apply("+", apply("*", a, b), apply("*", c, d)),
                apply("+", apply("+", a, b), c),
                apply("/", Number("1"), apply("+", Number("1"), minus)),
                apply("/", apply("-", apply("exp", z), minus), apply("+", apply("exp", z), minus)),
                apply("log", apply("+", Number("1"), apply("exp", z))),
                apply("*", z, z),
                apply("+", z, z),
            ]
        )

    def _scalar(self) -> Formula:
        single = [name for name, value in self.known.items() if not shape_of(value)]
        if not single:
            return self.constant()
        return Name(self.chance.one_of(single))

    def _shape(self, formula: Formula) -> Shape:
        return shape_of(formulas.value_of(formula, self.known))


def _fit(a: Shape, b: Shape) -> bool:
    try:
        stretched([a, b])
    except ValueError:
        return False
    return True


def graph(chance: Chance) -> Graph:
    """A random graph with a learning rate."""
    while True:
        found = _tried(chance)
        if found is not None:
            return found


def _tried(chance: Chance) -> Graph | None:
    made = Equations(chance, chance.style())
    for _ in range(chance.one_of([1, 2, 3, 4], 1, 3, 3, 1)):
        made.give()
    try:
        for _ in range(chance.one_of([1, 2, 3, 4], 4, 5, 3, 1)):
            made.add()
        if not made.close() or not any(one.role == "parameter" for one in made.given):
            return None
    except (ArithmeticError, ValueError, StopIteration):
        return None
    return Graph(tuple(made.given), tuple(made.equations), moving(chance, sequential=False))
