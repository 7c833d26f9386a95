"""The examples that each step of an epoch takes: all of them, or so many at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tracer.errors import LessonError, ShapeError, TracerError
from tracer.trace.program import Leaf, Program
from tracer.written.names import listed

APART = 1000
"Epochs between two marks of a generator."
MOST_SEED = 2**32 - 1


@dataclass(frozen=True, eq=False)
class Batch:
    """The examples of one step."""

    examples: tuple[int, ...]
    "counted from 1, in the order in which they are taken; none where a step takes all there are"
    share: float
    "its part of all examples"
    leaves: tuple[Leaf, ...]
    "what is given to the step: the data cut to its examples, and everything else"


class Batches:
    """How an epoch takes its examples.

    >>> from tracer import net
    >>> program = net("1 identity", X=[[1, 2, 3, 4]], Y=[[0, 0, 1, 1]], W=[[1]])
    >>> [batch.examples for batch in Batches(program, size=3).of(epoch=0)]
    [(1, 2, 3), (4,)]
    >>> [batch.examples for batch in Batches(program, size=3, seed=3).of(epoch=0)]
    [(4, 2, 1), (3,)]

    Without a size all are taken at once. With a seed, each epoch has an order of its own, as
    `Orders` draws it.
    Raises TracerError where there are no columns to be cut.
    """

    def __init__(self, program: Program, size: int | None = None, seed: int | None = None) -> None:
        self.program, self.size, self.seed = program, size, seed
        self._always: tuple[Batch, ...] = (Batch((), 1.0, program.leaves),)
        self._orders: Orders | None = None
        if size is None:
            if seed is not None:
                raise TracerError(
                    "all examples are taken at once, and their order decides nothing; "
                    "expected a batch size with shuffle"
                )
            return
        m = _examples(program, size)
        self._always = self._cut(np.arange(m))
        if seed is not None:
            self._orders = Orders(seed, m)

    def of(self, epoch: int) -> tuple[Batch, ...]:
        """The batches of an epoch, in their order."""
        return self._always if self._orders is None else self._cut(self._orders.of(epoch))

    def _cut(self, order: np.ndarray) -> tuple[Batch, ...]:
        assert self.size is not None
        starts = range(0, len(order), self.size)
        return tuple(self._batch(order[k : k + self.size], len(order)) for k in starts)

    def _batch(self, columns: np.ndarray, m: int) -> Batch:
        examples = tuple(int(k) + 1 for k in columns)
        leaves = tuple(_with_columns(leaf, columns) for leaf in self.program.leaves)
        return Batch(examples, len(columns) / m, leaves)


class Orders:
    """The order of the examples in each epoch: NumPy's permutations, one after the other.

    >>> orders = Orders(seed=3, m=4)
    >>> orders.of(epoch=0), orders.of(epoch=1), orders.of(epoch=0)
    (array([3, 1, 0, 2]), array([1, 2, 0, 3]), array([3, 1, 0, 2]))

    Where the generator stood is marked every so many epochs, so that any order can be drawn again.
    """

    def __init__(self, seed: int, m: int) -> None:
        if not 0 <= seed <= MOST_SEED:
            raise TracerError(f"the seed is {seed}, expected 0 to {MOST_SEED}")
        self._random, self._m, self._next = np.random.RandomState(seed), m, 0
        self._marks = [self._random.get_state()]

    def of(self, epoch: int) -> np.ndarray:
        """The places of the examples, from 0, in the order of an epoch."""
        mark = min(epoch // APART, len(self._marks) - 1)
        if not mark * APART <= self._next <= epoch:
            self._random.set_state(self._marks[mark])
            self._next = mark * APART
        while self._next < epoch:
            self._draw()
        return self._draw()

    def _draw(self) -> np.ndarray:
        order = self._random.permutation(self._m)
        self._next += 1
        if self._next == len(self._marks) * APART:
            self._marks.append(self._random.get_state())
        return order


def _examples(program: Program, size: int) -> int:
    """How many examples there are, one a column."""
    widths = program.widths
    if len(widths) != 1 or size < 1:
        raise TracerError(
            "batches need matrices with one example a column, and a size of 1 or more"
        )
    (m,) = widths
    one_more = [*range(m), 0]
    leaves = tuple(_with_columns(leaf, np.array(one_more)) for leaf in program.leaves)
    try:
        replace(program, leaves=leaves).formulas()
    except ShapeError as error:
        raise TracerError(
            f"batches need a graph that takes any number of examples; with {m + 1}, {error.problem}"
        ) from None
    return m


def _with_columns(leaf: Leaf, columns: np.ndarray) -> Leaf:
    if not (leaf.is_data and np.ndim(leaf.value)):
        return leaf
    return replace(leaf, value=np.ascontiguousarray(np.asarray(leaf.value)[:, columns]))


def in_words(examples: Sequence[int]) -> str:
    """Examples by their numbers, in a sentence.

    >>> in_words((3,)), in_words((3, 4)), in_words((4, 1, 3)), in_words((2, 3, 4, 5))
    ('example 3', 'examples 3 and 4', 'examples 4, 1 and 3', 'examples 2 to 5')
    """
    first, last = examples[0], examples[-1]
    if len(examples) > 3 and tuple(examples) == tuple(range(first, last + 1)):
        return f"examples {first} to {last}"
    return f"example{'s' * (len(examples) > 1)} {listed(map(str, examples))}"


def parse_shuffle(words: str) -> int:
    """The seed from words such as `seed 3`.

    Raises LessonError for other words.
    """
    head, _, number = words.strip().partition(" ")
    number = number.strip()
    if head != "seed" or not (number.isascii() and number.isdecimal()) or len(number) > 9:
        raise LessonError(f"shuffle {words!r} cannot be read, expected such as 'seed 3'")
    return int(number)
