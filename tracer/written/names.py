"""How quantities are called: read from a lesson, shown on a page, typeset in LaTeX.

A value is `Z`, `W[1]` or `w1`; a gradient is `dCost/dW`; what one use of a value contributes is
`de/db through c`; something written down on the way to a value is `Cost.squares`, and a part of its
formula that has no name is `L.1`. An entry counts from 1 (`dCost/dW[1,2]`), `W[2,:]` is a row and
`W[:,2]` a column, `W'` is the updated parameter, and `Z@1` is Z at epoch 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from tracer.errors import UnknownName

_BASE = r"[A-Za-z_]\w*?(?:\.\d+)?(?:\[\d+\])?"
_WORD = r"(?:(?:grad|nabla) )?"
"What others put before a name for its gradient; no page has such a name, but a fault can say it."
_PATTERN = re.compile(
    rf"(?P<local>local )?(?:(?P<minus>-)?d(?P<of>{_BASE})/d)?(?P<base>{_WORD}{_BASE})(?P<prime>')?"
    rf"(?P<again>#\d+)?(?:\.(?P<part>[a-z]\w*))?"
    r"(?:\[(?P<row>\d{1,9}|:),(?P<column>\d{1,9}|:)\])?(?:@(?P<epoch>\d{1,9}))?"
    rf"(?: through (?P<through>{_BASE}(?:#\d+)?))?"
)
_SPELLINGS = {
    "∂": "d", "∇": "nabla ", "Ŷ": "Yhat", "ŷ": "yhat", "α": "alpha", "σ": "sigma", "′": "'",
}  # fmt: skip
_HATS = {"Y": "Ŷ", "y": "ŷ"}
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η",
    "theta": "θ", "lambda": "λ", "mu": "μ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ",
    "phi": "φ", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Sigma": "Σ", "Phi": "Φ",
    "Omega": "Ω",
}  # fmt: skip
Chosen = tuple[int | None, int | None]
"Row and column, from 1; none where all are meant."
MOST_IN_RANGE = 1_000
_BY_EXAMPLE = re.compile(r"[XYZAMxyzam](?:hat|clip)?(?:\[\d+\])?")


@dataclass(frozen=True)
class Name:
    """A quantity's name, taken apart."""

    base: str
    "the value itself: Z, W[1], w1"
    of: str | None = None
    "what is differentiated, for a gradient: Cost in dCost/dW"
    local: bool = False
    "the local gradient is meant, where the gradient has the same name"
    through: str | None = None
    "the one use through which a contribution came"
    part: str | None = None
    "what was written down on the way"
    entry: Chosen | None = None
    "row and column, from 1; none in place of one of them for a whole row or column"
    epoch: int | None = None
    prime: bool = False
    again: str = ""
    "which use, where one operation uses a value several times: #2"
    minus: bool = False
    "the direction of the descent, -dCost/dW, rather than the gradient"

    def __str__(self) -> str:
        head = f"{'-' * self.minus}d{self.of}/d{self.base}" if self.of else self.base
        part = f".{self.part}" if self.part else ""
        entry = f"[{chosen_text(self.entry)}]" if self.entry else ""
        epoch = f"@{self.epoch}" if self.epoch is not None else ""
        through = f" through {self.through}" if self.through else ""
        local, prime = "local " * self.local, "'" * self.prime
        return f"{local}{head}{prime}{self.again}{part}{entry}{epoch}{through}"

    @property
    def single(self) -> tuple[int, int] | None:
        """Row and column of the one entry that is meant; none for anything else."""
        row, column = self.entry or (None, None)
        return None if row is None or column is None else (row, column)

    @property
    def whole(self) -> Name:
        """The quantity this is an entry of."""
        return replace(self, entry=None)


def chosen_text(chosen: Chosen) -> str:
    """Row and column as they stand in a name.

    >>> chosen_text((2, None))
    '2,:'
    """
    return ",".join(":" if number is None else str(number) for number in chosen)


def gradient(of: str, wrt: str) -> str:
    """The name of the derivative of one value with respect to another.

    >>> gradient("Cost", "W[1]")
    'dCost/dW[1]'
    """
    return f"d{of}/d{wrt}"


@lru_cache(maxsize=10_000)  # a name is asked for in every line in which it stands
def parse_name(text: str) -> Name:
    """A name taken apart; both spellings, `dCost/dYhat` and `∂Cost/∂Ŷ`, are accepted.

    >>> parse_name("∂Cost/∂W[2][1,3]").entry
    (1, 3)
    >>> str(parse_name("de/db through c")), str(parse_name("W[2, :]"))
    ('de/db through c', 'W[2,:]')

    Raises UnknownName for a text that is no name.
    """
    plain = re.sub(r"\s*([/,])\s*", r"\1", " ".join(text.split())).replace("−", "-")
    for spelled, ascii_spelled in _SPELLINGS.items():
        plain = plain.replace(spelled, ascii_spelled)
    match = _PATTERN.fullmatch(plain)
    if not match:
        way_out = "expected one such as Z, W[1][2,3] or dCost/dW"
        if text.strip().endswith("+"):
            way_out = f"the new value of a parameter is written {text.strip()[:-1].strip()}'"
        raise UnknownName(f"{text!r} is not a name, {way_out}")
    found = match.groupdict()
    row, column = (int(k) if k and k != ":" else None for k in (found["row"], found["column"]))
    if found["row"] and row is column is None:
        raise UnknownName(f"{text!r} leaves both row and column open, expected the name alone")
    return Name(
        base=found["base"],
        of=found["of"],
        local=found["local"] is not None,
        through=found["through"],
        part=found["part"],
        entry=(row, column) if found["row"] else None,
        epoch=int(found["epoch"]) if found["epoch"] else None,
        prime=found["prime"] is not None,
        again=found["again"] or "",
        minus=found["minus"] is not None,
    )


def owner(name: str) -> str:
    """The value in whose formula a part without a name of its own stands; any other as it is.

    >>> owner("L.1"), owner("L"), owner("W[1]")
    ('L', 'L', 'W[1]')
    """
    return re.sub(r"\.\d+$", "", name)


def in_range(text: str) -> list[str]:
    """The names of a range, which differ in one number; a text without `..` alone.

    >>> in_range("x1..x3"), in_range("W[1]..W[2] 4"), in_range("Z")
    (['x1', 'x2', 'x3'], ['W[1] 4', 'W[2] 4'], ['Z'])

    What stands behind the range belongs to each.
    Raises UnknownName for ends between which there is nothing.
    """
    range_, space, behind = text.strip().partition(" ")
    if ".." not in range_:
        return [text.strip()]
    first, last = (re.split(r"(\d+)", end) for end in range_.split("..", 1))
    unlike = [k for k, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]]
    if len(first) != len(last) or len(unlike) != 1 or not unlike[0] % 2:
        whole = ", and ':' stands for a whole row or column: W[1,:]" if "[" in range_ else ""
        raise UnknownName(f"{range_!r} is no range of names, expected such as 'x1..x4'{whole}")
    place = unlike[0]
    low, high = int(first[place]), int(last[place])
    if not low < high <= low + MOST_IN_RANGE:
        raise UnknownName(
            f"{range_!r} is no range of names, expected the lower number first and at most "
            f"{MOST_IN_RANGE} names"
        )
    return [
        "".join([*first[:place], str(k), *first[place + 1 :]]) + space + behind
        for k in range(low, high + 1)
    ]


def pretty(name: str) -> str:
    """A name as a page shows it.

    >>> pretty("dCost/dYhat"), pretty("W[1]"), pretty("alpha")
    ('∂Cost/∂Ŷ', 'W[1]', 'α')
    """
    parsed = parse_name(name)
    shown = replace(parsed, base=_pretty_base(parsed.base), of=None, local=False)
    of = f"{'-' * parsed.minus}∂{_pretty_base(parsed.of)}/∂" if parsed.of else ""
    return f"{of}{shown}"


def listed(names: Iterable[str], joint: str = "and") -> str:
    """Names, or anything else that is said in few words, in a sentence.

    >>> listed(["x1", "x2", "b"]), listed(["rows", "columns"], "or")
    ('x1, x2 and b', 'rows or columns')
    """
    *most, last = names
    return f"{', '.join(most)} {joint} {last}" if most else last


def latex(name: str) -> str:
    r"""A name in LaTeX.

    >>> print(latex("dCost/dW[2]"), latex("w1"))
    \frac{\partial \mathit{Cost}}{\partial W^{[2]}} w_{1}
    """
    parsed = parse_name(name)
    base, minus = _latex_base(parsed.base), "-" * parsed.minus
    if parsed.of:
        base = rf"{minus}\frac{{\partial {_latex_base(parsed.of)}}}{{\partial {base}}}"
    through, _, use = (parsed.through or "").partition("#")
    mark = parsed.again or "#" * bool(use) + use
    if through or mark:
        which = (_latex_base(through) if through else "") + mark.replace("#", r"\#")
        base = rf"\left.{base}\right|_{{{which}}}"
    if parsed.part:
        base = rf"\text{{{parsed.part}}}"
    if parsed.entry:
        base = rf"{{{base}}}_{{{chosen_text(parsed.entry)}}}"
    return _primed(base) if parsed.prime else base


def entry_name(name: str, row: int, column: int) -> str:
    """One entry by its name, the one that is typed for it.

    >>> entry_name("dCost/dZ[1]", 1, 3), entry_name("W", 1, 2)
    ('∂Cost/∂Z[1][1,3]', 'W[1,2]')
    """
    return pretty(str(replace(parse_name(name), entry=(row, column))))


def entry_latex(name: str, row: int, column: int, shape: tuple[int, ...]) -> str:
    r"""The symbol of one entry in LaTeX, as a figure has it: example i stands above, in brackets.

    >>> print(entry_latex("A[1]", 2, 3, (3, 4)))
    a_{2}^{[1](3)}
    """
    parsed = parse_name(name)
    stem, index, example = _entry_parts(parsed, row, column, shape)
    body, _, layer = _latex_base(stem).partition("^")
    body = f"{{{body}}}" if index and "." in stem else body
    above = layer.strip("{}") + example
    symbol = body + (f"_{{{index}}}" if index else "") + (f"^{{{above}}}" if above else "")
    if parsed.of:
        minus = "-" * parsed.minus
        return rf"{minus}\frac{{\partial {_latex_base(parsed.of)}}}{{\partial {symbol}}}"
    return _primed(symbol) if parsed.prime else symbol


def _primed(symbol: str) -> str:
    """A symbol with a prime, which LaTeX refuses right behind a superscript."""
    return f"{{{symbol}}}'" if "^" in symbol else f"{symbol}'"


def _entry_parts(
    parsed: Name, row: int, column: int, shape: tuple[int, ...]
) -> tuple[str, str, str]:
    """The letter in lower case, the index below it, and the example above it."""
    stem = parsed.base[0].lower() + parsed.base[1:]
    if _BY_EXAMPLE.fullmatch(parsed.base):
        return stem, str(row) if shape[0] > 1 else "", f"({column})"
    if shape[0] == 1:
        return stem, str(column), ""
    return stem, str(row) if shape[1] == 1 else f"{row},{column}", ""


def _pretty_base(base: str) -> str:
    stem, layer = _stem_and_rest(base)
    letters = _letters_and_index(stem)[0]
    if letters in GREEK:
        return GREEK[letters] + stem[len(letters) :] + layer
    if hatted := re.fullmatch(r"([Yy])hat(_?\d*)", stem):
        return _HATS[hatted[1]] + hatted[2] + layer
    return stem + layer


def _latex_base(base: str) -> str:
    stem, rest = _stem_and_rest(base)
    part, bracket, layer = rest.partition("[")
    layer = bracket + layer
    letters, index = _letters_and_index(stem)
    if letters.endswith("hat") and len(letters) == 4:
        body = rf"\hat{{{letters[0]}}}"
    elif letters in GREEK:
        body = f"\\{letters}"
    else:
        words = letters.replace("_", r"\_").replace(" ", r"\ ")
        body = letters if len(letters) == 1 else rf"\mathit{{{words}}}"
    below = index if index.isdigit() or len(index) < 2 else rf"\mathit{{{index}}}"
    below = f"_{{{below}{part}}}" if index or part else ""
    return body + below + (f"^{{{layer}}}" if layer else "")


def _letters_and_index(stem: str) -> tuple[str, str]:
    """A letter or word and what stands below it: w and 12 of w12, net and h1 of net_h1."""
    match = re.fullmatch(r"([A-Za-z]+)_?([A-Za-z]*\d*)", stem)
    if match and ("_" in stem or match[2].isdigit() or not match[2]):
        return match[1], match[2]
    return stem, ""


def _stem_and_rest(base: str) -> tuple[str, str]:
    """A name, and the number of its part or its layer: w12 and [1], L and .1."""
    end = next((k for k, sign in enumerate(base) if sign in ".["), len(base))
    return base[:end], base[end:]
