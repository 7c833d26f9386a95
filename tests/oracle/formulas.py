"""Formulas as trees: the text of a lesson, and the value by the rules of the reference."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from oracle import duals, reals, tables
from oracle.duals import Dual, plain
from oracle.tables import Value, entrywise

LEVELS = {"+": 1, "-": 1, "neg": 2, "*": 3, "/": 3, "@": 3, "**": 5, "T": 6}
ATOM = 9
ENTRYWISE = {
    "exp": duals.exp, "log": duals.log, "ln": duals.log, "sqrt": duals.sqrt, "sin": duals.sin,
    "cos": duals.cos, "tan": duals.tan, "sinh": duals.sinh, "cosh": duals.cosh,
    "tanh": duals.tanh, "atan": duals.atan, "erf": duals.erf, "abs": duals.absolute,
    "sigmoid": duals.sigmoid, "sigma": duals.sigmoid, "relu": duals.relu,
    "leaky_relu": duals.leaky_relu, "elu": duals.elu, "softplus": duals.softplus,
    "gelu": duals.gelu, "silu": duals.silu, "swish": duals.silu,
}  # fmt: skip
CHOICES = {"max": duals.largest, "min": duals.smallest}


@dataclass(frozen=True)
class Name:
    """A value by its name."""

    name: str


CONSTANTS = {"pi": reals.pi, "e": lambda: reals.exp(reals.ONE)}
"Numbers with a name, which no value of a lesson made here has."


@dataclass(frozen=True)
class Number:
    """A plain number as it is typed: 2, -0.5, 1/3."""

    text: str

    @property
    def value(self) -> Fraction:
        return Fraction(self.text)


@dataclass(frozen=True)
class Apply:
    """An operation or a function, and what it is applied to."""

    op: str
    args: tuple["Formula", ...]


Formula = Name | Number | Apply


def apply(op: str, *args: Formula) -> Apply:
    """An operation on formulas."""
    return Apply(op, args)


def text(formula: Formula) -> str:
    """A formula as a lesson has it.

    >>> text(apply("*", apply("+", Name("a"), Number("1/3")), apply("T", Name("b"))))
    '(a + 1/3)*b.T'
    """
    match formula:
        case Name(name):
            return name
        case Number(digits):
            return digits
        case Apply("neg", (a,)):
            return f"-{_inside(a, 4)}"
        case Apply("T", (a,)):
            return f"{_inside(a, ATOM)}.T"
        case Apply("+" | "-" as op, (a, b)):
            return f"{_inside(a, 1)} {op} {_inside(b, 2)}"
        case Apply("@", (a, b)):
            return f"{_inside(a, 3)} @ {_inside(b, 4)}"
        case Apply("*" | "/" as op, (a, b)):
            return f"{_inside(a, 3)}{op}{_inside(b, 4)}"
        case Apply("**", (a, b)):
            return f"{_inside(a, 6)}**{_inside(b, 6)}"
        case Apply(op, args):
            return f"{op}({', '.join(map(text, args))})"


def _inside(formula: Formula, least: int) -> str:
    """A formula in brackets where it binds less than it must."""
    return text(formula) if _level(formula) >= least else f"({text(formula)})"


def _level(formula: Formula) -> int:
    match formula:
        case Number(digits):
            return 3 if "/" in digits else 2 if digits.startswith("-") else ATOM
        case Apply(op, _):
            return LEVELS.get(op, ATOM)
    return ATOM


def value_of(formula: Formula, known: Mapping[str, Value]) -> Value:
    """The value of a formula, with its slopes."""
    match formula:
        case Name(name) if name in CONSTANTS:
            return Dual(CONSTANTS[name]())
        case Name(name):
            return known[name]
        case Number():
            return Dual(formula.value)
        case Apply("max" | "min" as op, args) if any(map(_is_number, args)):
            choose = duals.beside_a_number(CHOICES[op])
            return entrywise(choose, *(value_of(arg, known) for arg in args))
        case Apply(op, args):
            return applied(op, *(value_of(arg, known) for arg in args))


def _is_number(formula: Formula) -> bool:
    return isinstance(formula, Number) or formula == Name("pi")


def applied(op: str, *values: Value) -> Value:
    """An operation on values."""
    match op:
        case "+":
            return entrywise(lambda a, b: a + b, *values)
        case "-":
            return entrywise(lambda a, b: a - b, *values)
        case "*":
            return entrywise(lambda a, b: a * b, *values)
        case "/":
            return entrywise(lambda a, b: a / b, *values)
        case "**":
            return entrywise(lambda a, b: a**b, *values)
        case "neg":
            return entrywise(lambda a: -a, *values)
        case "T" | "transpose":
            return tables.turned(values[0])
        case "@":
            return product(*values)
        case "sum":
            return tables.total(tables.entries(values[0]))
        case "mean":
            every = tables.entries(values[0])
            return tables.total(every) / plain(len(every))
        case "softmax":
            return softmax(values[0])
        case "max" | "min":
            return entrywise(CHOICES[op], *values)
    return entrywise(ENTRYWISE[op], *values)


def product(a: Value, b: Value) -> Value:
    """A matrix product; what comes out as one entry is a single number."""
    if not isinstance(a, list) or not isinstance(b, list):
        a, b = (value if isinstance(value, list) else [[value]] for value in (a, b))
    found = tables.dot(a, b)
    return found[0][0] if tables.shape_of(found) == (1, 1) else found


def softmax(z: tables.Table) -> tables.Table:
    """e^z as a part of their sum, in each column."""
    powers = entrywise(duals.exp, z)
    sums = [[tables.total(column) for column in zip(*powers, strict=True)]]
    return entrywise(lambda a, b: a / b, powers, sums)


def names_in(formula: Formula) -> list[str]:
    """Every use of a name, from left to right."""
    match formula:
        case Name(name):
            return [name] * (name not in CONSTANTS)
        case Apply(_, args):
            return [name for arg in args for name in names_in(arg)]
    return []
