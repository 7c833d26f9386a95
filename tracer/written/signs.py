"""The signs of a written line, one row each: how a sign looks, binds, turns, and what it means.

A row holds what can be said as data. Where a sign needs a function, its printer has one, in a table
by sign: text, LaTeX, the values of `evaluate`, the entries of a matrix, the transposed page.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Around:
    """Written around the arguments: before the first, between two of them, behind the last."""

    before: str = ""
    between: str = ""
    behind: str = ""


@dataclass(frozen=True)
class Call:
    """Written as a function: its name, with the arguments in brackets."""

    name: str


@dataclass(frozen=True)
class Alone:
    """Written as a letter of its own, whatever it is applied to."""

    letter: str


Look = Around | Call | Alone
ATOM = 9
"The level of what never needs brackets."


@dataclass(frozen=True)
class Sign:
    """One operation of a written line."""

    op: str
    "what it is called in a tree"
    text: Look | None
    "how it looks in plain text; none where the printer has a function for it"
    latex: Look | None
    "and in LaTeX"
    level: int = ATOM
    "how tightly it binds"
    holds: tuple[int, int] = (0, 0)
    "the loosest level without brackets: of its first argument, and of any other"
    word: str = ""
    "the word of a vocabulary that it means in numbers; the evaluator has the meaning of others"
    turned: str = ""
    "what it is on transposed matrices, where that is another sign"
    swaps: bool = False
    "whether it multiplies rows by columns, so that transposed its sides change places"
    mixes: bool = False
    "whether an entry of it is made of several entries"
    merges: bool = False
    "whether a + b + c is one of it"
    is_product: bool = False
    "whether a minus in its first factor stands in front of it all"
    passes_minus: bool = False
    "whether a minus of an argument can stand before it instead"
    stands: bool = False
    "whether it stands between whole matrices of numbers: not in a function or below a bar"
    copies: bool = False
    "whether it changes the places of numbers, and none of them"
    by_example: bool = False
    "whether it means its matrices example by example, not as wholes"

    @property
    def transposed(self) -> str:
        """What it is called on transposed matrices."""
        return self.turned or self.op

    @property
    def adds_up(self) -> bool:
        """Whether it is a sum over entries."""
        return self.mixes and not self.swaps


def between(text: str, latex: str) -> tuple[Look, Look]:
    """How a sign between two arguments looks."""
    return Around(between=text), Around(between=latex)


def function(op: str, latex: str = "") -> Sign:
    """A function of the vocabulary, under its own name."""
    return Sign(op, Call(op), Call(latex or op), word=op)


def border(op: str, turned: str, text: tuple[str, str], latex: tuple[str, str]) -> Sign:
    """What is done for a bias that is folded into its weights: a border put on or taken off."""
    (left, right), (begin, end) = text, latex
    looks = Around(left, behind=right), Around(begin, behind=end)
    return Sign(op, *looks, turned=turned, copies=True)


_OPEN, _CLOSE = r"\begin{bmatrix} ", r" \end{bmatrix}"
_SUM = Around("Σ "), Around(r"\sum ")
EXP_IN_FULL = "exp in full"
"""An exponential that is written exp(x), where e^x would be misread."""
SIGNS = {
    sign.op: sign
    for sign in (
        # entry by entry
        Sign("=", *between(" = ", " = ")),
        Sign("+", *between(" + ", " + "), 1, (1, 1), merges=True, stands=True),
        Sign("-", *between(" - ", " - "), 1, (1, 3), stands=True),
        Sign("neg", Around("-"), Around("-"), 2, (3, 3), stands=True),
        Sign(
            "*", None, None, 3, (2, 3),
            merges=True, is_product=True, passes_minus=True, stands=True,
        ),
        Sign(
            "hadamard", *between(" ⊙ ", r" \odot "), 3, (2, 3),
            is_product=True, passes_minus=True, stands=True,
        ),
        Sign("/", Around(between="/"), None, 3, (2, 5), passes_minus=True),
        Sign("ratio", Around(between="/"), None, 4, (2, 5), "ratio", stands=True),
        Sign("**", None, None, 5, (6, 6)),
        Sign(">", Around("1 if ", " > ", " else 0"), None, 0, (1, 1), "above"),
        Sign("if", None, None, 0, (1, 1), "where_above"),
        Sign("exp", None, Around("e^{", behind="}"), word="exp"),
        Sign(EXP_IN_FULL, Call("exp"), Call(r"\exp")),
        Sign("sqrt", Call("sqrt"), Around(r"\sqrt{", behind="}"), word="sqrt"),
        Sign("abs", Call("abs"), Around(r"\left\lvert ", behind=r" \right\rvert"), word="abs"),
        *(function(op, rf"\{op}") for op in ("log", "tanh", "sin", "cos", "tan", "sinh", "cosh")),
        *(function(op, rf"\{op}") for op in ("max", "min")),
        *(function(op) for op in ("atan", "erf", "sign")),
        Sign("sigma", Call("sigma"), Call("sigma")),
        Sign("relu", Call("relu"), Call("relu")),
        Sign("ones", Alone("1"), Alone(r"\mathbf{1}"), word="ones_like", stands=True),
        Sign("group", None, None),
        # matrices as wholes
        Sign(
            "dot", *between(" · ", r" \cdot "), 3, (2, 3),
            swaps=True, mixes=True, is_product=True, passes_minus=True, stands=True,
        ),
        Sign("T", Around(behind="ᵀ"), None, 6, (ATOM, ATOM), stands=True, copies=True),
        Sign(
            "sum", *_SUM, 3, (5, 5), word="sum",
            mixes=True, passes_minus=True, stands=True,
        ),
        Sign(
            "rowsum", *_SUM, 3, (5, 5), word="sum_examples", turned="colsum",
            mixes=True, passes_minus=True, stands=True,
        ),
        Sign(
            "colsum", *_SUM, 3, (5, 5), word="sum_outputs", turned="rowsum",
            mixes=True, passes_minus=True, stands=True,
        ),
        Sign("count", Alone("m"), Alone("m"), word="count", stands=True),
        Sign("rows", Alone("n"), Alone("n"), word="rows", stands=True),
        # a block for each example: blocks side by side, one column, block times column
        Sign("examples", Around(), Around(), turned="examples stacked", by_example=True),
        Sign("examples stacked", Around(), Around(), turned="examples", by_example=True),
        Sign("column", Around(behind="(i)"), None, turned="row"),
        Sign("row", Around(behind="(i)"), None, turned="column"),
        Sign("diag", Call("diag"), Call("diag")),
        *(
            Sign(
                op, Around(between="(i) · ", behind="(i)"), None, 3, (3, 3), word, turned,
                swaps=True, mixes=True, passes_minus=True, by_example=True,
            )
            for op, word, turned in (
                ("blockwise", "blockwise", "blockwise stacked"),
                ("blockwise stacked", "", "blockwise"),
            )
        ),
        # a bias that is folded into its weights
        border("ones above", "ones left", ("[1; ", "]"), (rf"{_OPEN}1 \\ ", _CLOSE)),
        border("ones left", "ones above", ("[1 ", "]"), (f"{_OPEN}1 & ", _CLOSE)),
        border("ones below", "ones right", ("[", "; 1]"), (_OPEN, rf" \\ 1{_CLOSE}")),
        border("ones right", "ones below", ("[", " 1]"), (_OPEN, f" & 1{_CLOSE}")),
        border("minus ones above", "minus ones left", ("[-1; ", "]"), (rf"{_OPEN}-1 \\ ", _CLOSE)),
        border("minus ones left", "minus ones above", ("[-1 ", "]"), (f"{_OPEN}-1 & ", _CLOSE)),
        border("minus ones below", "minus ones right", ("[", "; -1]"), (_OPEN, rf" \\ -1{_CLOSE}")),
        border("minus ones right", "minus ones below", ("[", " -1]"), (_OPEN, f" & -1{_CLOSE}")),
        border("but first column", "but first row", ("", "[:, 2:]"), ("{", "}_{:,2:}")),
        border("but first row", "but first column", ("", "[2:, :]"), ("{", "}_{2:,:}")),
        border("but last column", "but last row", ("", "[:, :-1]"), ("{", "}_{:,:-1}")),
        border("but last row", "but last column", ("", "[:-1, :]"), ("{", "}_{:-1,:}")),
        border(
            "first column zero", "first row zero",
            ("[0 ", "[:, 2:]]"), (f"{_OPEN}0 & {{", f"}}_{{:,2:}}{_CLOSE}"),
        ),
        border(
            "first row zero", "first column zero",
            ("[0; ", "[2:, :]]"), (rf"{_OPEN}0 \\ {{", f"}}_{{2:,:}}{_CLOSE}"),
        ),
        border(
            "last column zero", "last row zero",
            ("[", "[:, :-1] 0]"), (f"{_OPEN}{{", f"}}_{{:,:-1}} & 0{_CLOSE}"),
        ),
        border(
            "last row zero", "last column zero",
            ("[", "[:-1, :]; 0]"), (f"{_OPEN}{{", rf"}}_{{:-1,:}} \\ 0{_CLOSE}"),
        ),
        # what a derivation asks and says
        Sign("d", None, None),
        Sign("at", None, None),
        Sign("over", None, None),
    )
}  # fmt: skip
"""Every sign by what it is called in a tree."""


def sign_of(op: str) -> Sign:
    """The row of an operation; any other name is that of a function.

    >>> sign_of("dot").swaps, sign_of("softmax").text
    (True, Call(name='softmax'))
    """
    return SIGNS.get(op) or Sign(op, Call(op), Call(op))
