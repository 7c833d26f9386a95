"""A lesson as its generator knows it: what is given, in what words, and what is worked out."""

from dataclasses import dataclass
from fractions import Fraction

from oracle.formulas import Formula
from oracle.pens import EXACT, Pen

Rows = tuple[tuple[str, ...], ...]
"Numbers as they are typed."
Place = tuple[int, int]
"Row and column, from 1."


@dataclass(frozen=True)
class Given:
    """A value that is typed in."""

    name: str
    rows: Rows
    single: bool
    "a number rather than a matrix"
    role: str = "parameter"
    "parameter, data or fixed"


@dataclass(frozen=True)
class Optimizer:
    """An update rule and its constants, the usual ones included."""

    name: str = "gradient descent"
    constants: tuple[tuple[str, str], ...] = ()
    said: str = ""
    "what stands behind the name in the lesson"


@dataclass(frozen=True)
class Moving:
    """How parameters move, and how gradients are written."""

    rate: Formula | None = None
    "a number, or a formula in t and epoch"
    optimizer: Optimizer = Optimizer()
    descent: bool = False
    sequential: bool = False


@dataclass(frozen=True)
class Graph:
    """A calculation, equation by equation."""

    given: tuple[Given, ...]
    equations: tuple[tuple[str, Formula], ...]
    moving: Moving = Moving()

    @property
    def root(self) -> str:
        return self.equations[-1][0]


@dataclass(frozen=True)
class Activation:
    """An activation: its words, what it is, and the number or the formula it brings."""

    words: str
    kind: str
    number: Fraction | None = None
    formula: Formula | None = None


@dataclass(frozen=True)
class Loss:
    """A loss: its words, what it is, and the number or the formula it brings."""

    words: str
    kind: str
    number: Fraction | None = None
    formula: Formula | None = None
    fused: bool = False


@dataclass(frozen=True)
class Layer:
    """A layer: its neurons, and its weights and biases as (out, in) and a column."""

    activation: Activation
    weights: Rows
    biases: Rows | None
    "one number where the layer shares it, or where it is typed once for all"


@dataclass(frozen=True)
class Network:
    """A network with its data, in one layout: X is (features, examples), W is (out, in)."""

    X: Rows
    Y: Rows
    layers: tuple[Layer, ...]
    loss: Loss
    scalar: bool = False
    factor: str | None = None
    over_outputs: str | None = None
    over_examples: str | None = None
    l2: tuple[str, str] | None = None
    "lambda, and what stands behind it"
    rows: bool = False
    in_out: bool = False
    biases: str = "trained"
    clip: str | None = None
    names: tuple[tuple[str, str], ...] = ()
    "the source's names, each with ours"
    moving: Moving = Moving()

    @property
    def root(self) -> str:
        return "L" if self.scalar else "Cost"

    @property
    def folded(self) -> bool:
        """Whether weights and biases stand in one matrix."""
        return "column" in self.biases or "row" in self.biases

    @property
    def averaged_later(self) -> bool:
        return self.over_examples == "mean, in the gradients"


@dataclass(frozen=True)
class Block:
    """A phase: forward, backward or update."""

    kind: str
    pen: Pen | None = None
    "none for the lesson's own"
    places: tuple[tuple[str, Place | None, Pen], ...] = ()
    "quantities, or entries of them, that have digits of their own"
    display: tuple[str, ...] = ()
    unrounded: bool = False
    "contributions are added before they are rounded"
    of: str | None = None


@dataclass(frozen=True)
class Lesson:
    """A lesson and the seed that it was made with."""

    seed: int
    source: Graph | Network
    blocks: tuple[Block, ...]
    pen: Pen = EXACT

    def pen_of(self, block: Block) -> Pen:
        """The pen that a block is written with."""
        return block.pen or self.pen
