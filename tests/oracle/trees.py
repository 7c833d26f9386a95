"""Written lines as exported trees: what they say, worked out; and numbers put in for names."""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache, reduce
from typing import Any

from oracle import reals
from oracle.reals import ONE, ZERO, Real, Undefined
from oracle.tables import entrywise, shape_of, turned

Tree = Mapping[str, Any]
Known = Mapping[str, Any]
"What stands for a name: a number, or a matrix as rows; None where a number does not exist."
EXAMPLE = "#example"
LONG = 8
"A number with so many digits may be one of twelve that was cut off."


def value_of(tree: Tree, known: Known) -> Any:
    """What a line says: a number or rows of numbers."""
    match tree["is"]:
        case "num":
            return _number(tree["text"], known)
        case "sym":
            return reals.pi() if tree["name"] == "pi" and "pi" not in known else known[tree["name"]]
        case "word":
            return known[tree["text"]]
        case "grid":
            return [[value_of(cell, known) for cell in row] for row in tree["cells"]]
        case "part":
            return value_of(tree["inner"], known)
        case "apply":
            return _applied(tree, known)
    raise KeyError(tree["is"])


NUDGE = "#nudge"


_read = lru_cache(10_000)(Fraction)


def _number(text: str, known: Known) -> Fraction:
    number = _read(text)
    nudge = known.get(NUDGE)
    return number if nudge is None else nudge(text, number)


def _applied(tree: Tree, known: Known) -> Any:
    op, args, shape = tree["op"], tree["args"], tuple(tree["shape"])
    match op:
        case "count" | "rows":
            return Fraction(shape_of(value_of(args[0], known))[op == "count"])
        case "examples":
            return _side_by_side(args[0], known, shape[1])
        case "examples stacked":
            blocks = _each_example(args[0], known, shape[0], 0)
            return [row for block in blocks for row in block]
        case "column":
            return [[row[known[EXAMPLE]]] for row in value_of(args[0], known)]
        case "row":
            return [value_of(args[0], known)[known[EXAMPLE]]]
    values = [value_of(arg, known) for arg in args]
    if op in WHOLE:
        return _in_shape(WHOLE[op](*values), shape)
    return entrywise(_careful(ENTRYWISE[op]), *values)


def _in_shape(value: Any, shape: tuple[int, ...]) -> Any:
    """A matrix of one entry as the number that it is taken for."""
    return value[0][0] if shape == () and isinstance(value, list) else value


def _side_by_side(block: Tree, known: Known, columns: int) -> Any:
    blocks = _each_example(block, known, columns, 1)
    return [[x for row in rows for x in row] for rows in zip(*blocks, strict=True)]


def _each_example(block: Tree, known: Known, length: int, side: int) -> list[Any]:
    """A block that stands for every example, for each of them."""
    count = length // block["shape"][side]
    return [value_of(block, {**known, EXAMPLE: k}) for k in range(count)]


def _careful(function: Callable[..., Real]) -> Callable[..., Real | None]:
    """A function that has no value where there is none, or where it is given none."""

    def worked(*values: Real | None) -> Real | None:
        if None in values:
            return None
        try:
            return function(*values)
        except Undefined:
            return None

    return worked


add, mul = _careful(reals.add), _careful(reals.mul)


def _total(terms) -> Real | None:
    return reduce(add, terms, ZERO)


def _dot(a: Any, b: Any) -> Any:
    a, b = (x if isinstance(x, list) else [[x]] for x in (a, b))
    columns = turned(b)
    return [[_total(map(mul, row, column)) for column in columns] for row in a]


def _blockwise(blocks: Any, columns: Any) -> Any:
    """Square blocks side by side, each times the column of its example."""
    n = len(columns)
    made = []
    for k, column in enumerate(turned(columns)):
        block = [row[n * k : n * (k + 1)] for row in blocks]
        made.append([_total(map(mul, row, column)) for row in block])
    return turned(made)


def _diagonal(values: Any) -> Any:
    along = [x for row in values for x in row]
    return [[x if i == j else ZERO for j in range(len(along))] for i, x in enumerate(along)]


def _softmax(z: Any) -> Any:
    columns = []
    for column in turned(z):
        powers = list(map(_careful(reals.exp), column))
        total = _total(powers)
        columns.append([_careful(reals.div)(power, total) for power in powers])
    return turned(columns)


SIDES = ("above", "below", "left", "right")


def beside(side: str, one: Fraction) -> Callable[[Any], Any]:
    """A matrix with a row or a column of one number at a side."""

    def bordered(x: Any) -> Any:
        if side in ("left", "right"):
            return [[one, *row] if side == "left" else [*row, one] for row in x]
        row = [one] * len(x[0])
        return [row, *x] if side == "above" else [*x, row]

    return bordered


WHOLE: dict[str, Callable[..., Any]] = {
    "T": turned,
    "dot": _dot,
    "sum": lambda x: _total(entry for row in x for entry in row) if isinstance(x, list) else x,
    "rowsum": lambda x: [[_total(row)] for row in x],
    "colsum": lambda x: [[_total(column) for column in turned(x)]],
    "ones": lambda x: [[ONE for _ in row] for row in x],
    "group": lambda x: x,
    "diag": _diagonal,
    "blockwise": _blockwise,
    "blockwise stacked": lambda rows, blocks: turned(_blockwise(turned(blocks), turned(rows))),
    "softmax": _softmax,
    **{f"ones {side}": beside(side, ONE) for side in SIDES},
    **{f"minus ones {side}": beside(side, -ONE) for side in SIDES},
    "but first column": lambda x: [row[1:] for row in x],
    "but last column": lambda x: [row[:-1] for row in x],
    "but first row": lambda x: x[1:],
    "but last row": lambda x: x[:-1],
    "first column zero": lambda x: [[ZERO, *row[1:]] for row in x],
    "last column zero": lambda x: [[*row[:-1], ZERO] for row in x],
    "first row zero": lambda x: [[ZERO] * len(x[0]), *x[1:]],
    "last row zero": lambda x: [*x[:-1], [ZERO] * len(x[0])],
}
"What is done to whole matrices."
COPIES = {"T", *(op for op in WHOLE if op.startswith(("ones ", "minus ones ", "but "))),
          "first column zero", "last column zero", "first row zero", "last row zero"}  # fmt: skip
"What changes the places of numbers, and none of them."


ENTRYWISE: dict[str, Callable[..., Real]] = {
    "+": lambda *terms: reduce(reals.add, terms),
    "*": lambda *factors: reduce(reals.mul, factors),
    "hadamard": lambda *factors: reduce(reals.mul, factors),
    "-": reals.sub,
    "/": reals.div,
    "ratio": reals.div,
    "**": reals.power,
    "neg": lambda a: -a,
    "exp": reals.exp,
    "log": reals.log,
    "sqrt": reals.sqrt,
    "abs": abs,
    "sign": lambda a: Fraction(reals.sign(a)),
    "max": lambda a, b: b if reals.order(b, a) > 0 else a,
    "min": lambda a, b: b if reals.order(a, b) > 0 else a,
    ">": lambda a, b: ONE if reals.order(a, b) > 0 else ZERO,
    "if": lambda a, b, this, that: this if reals.order(a, b) > 0 else that,
    "sigma": lambda z: reals.div(ONE, reals.add(ONE, reals.exp(-z))),
    "relu": lambda z: max(z, ZERO),
    "step": lambda z: ONE if z > 0 else ZERO,
    **{
        name: getattr(reals, name)
        for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "atan", "erf")
    },
}
"What is done to each entry."


def parts(tree: Tree) -> Iterator[Tree]:
    """A tree and everything in it."""
    yield tree
    for arg in tree.get("args", ()):
        yield from parts(arg)
    for row in tree.get("cells", ()):
        for cell in row:
            yield from parts(cell)
    if "inner" in tree:
        yield from parts(tree["inner"])


def has_names(tree: Tree) -> bool:
    """Whether something stands in a line for a number."""
    return any(part["is"] in ("sym", "word", "entry") for part in parts(tree))


def is_long(text: str) -> bool:
    """Whether digits may have been cut off.

    >>> is_long("0.333333333333"), is_long("0.25")
    (True, False)
    """
    return len(text.partition("e")[0].lstrip("-0.").replace(".", "")) >= LONG


def has_long(tree: Tree) -> bool:
    """Whether a number in a line may have been cut off."""
    return any(part["is"] == "num" and is_long(part["text"]) for part in parts(tree))


def put_in(tree: Tree, shown: Mapping[str, Tree]) -> Tree:
    """A line with what stands on the page in the place of each name."""
    match tree["is"]:
        case "sym":
            return shown.get(tree["name"], tree)
        case "word":
            return shown.get(tree["text"], tree)
        case "apply":
            return {**tree, "args": [put_in(arg, shown) for arg in tree["args"]]}
        case "part":
            return put_in(tree["inner"], shown)
    return tree


def is_number(tree: Tree) -> bool:
    return tree["is"] == "num"


def is_numbers(tree: Tree) -> bool:
    """Whether a line is a result: a number, or a matrix of them."""
    if tree["is"] == "grid":
        return all(is_number(cell) for row in tree["cells"] for cell in row)
    return is_number(tree)


def is_copy(tree: Tree) -> bool:
    """Whether a line only moves numbers about."""
    while tree["is"] == "apply" and tree["op"] in COPIES:
        tree = tree["args"][0]
    return is_numbers(tree)


def said(tree: Tree) -> str:
    """A line as text, for a finding."""
    match tree["is"]:
        case "num" | "word":
            return tree["text"]
        case "sym":
            return tree["name"]
        case "grid":
            return "[" + "; ".join(", ".join(map(said, row)) for row in tree["cells"]) + "]"
        case "apply":
            return f"{tree['op']}({', '.join(map(said, tree['args']))})"
    return tree["is"]
