"""What a row of the table is: a value, and for each input a local gradient and a join."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

Rule = Callable[..., Any]
Write = Callable[[str, Any], Any]
Steps = tuple[tuple[str, Rule], ...]
"What somebody writes on the way, by name: (m, *inputs, *earlier steps) -> the step."
Shape = tuple[int, ...]
INFINITE = float("inf")


def elementwise(m: Any, upstream: Any, local: Any) -> Any:
    """The usual join: upstream times local, entry by entry."""
    return upstream * local


def over_examples(m: Any, upstream: Any, local: Any) -> Any:
    """The join of a value that all examples share: their products, added up."""
    return m.sum_examples(upstream * local)


def over_outputs(m: Any, upstream: Any, local: Any) -> Any:
    """The join of a value that all outputs of an example share."""
    return m.sum_outputs(upstream * local)


def over_all(m: Any, upstream: Any, local: Any) -> Any:
    """The join of a single number that every entry shares."""
    return m.sum(upstream * local)


def from_left(m: Any, upstream: Any, local: Any) -> Any:
    """The join of a factor on the left: upstream times the other factor, transposed."""
    return upstream @ local


def from_right(m: Any, upstream: Any, local: Any) -> Any:
    """The join of a factor on the right: the other factor, transposed, times upstream."""
    return local @ upstream


def over_both(m: Any, upstream: Any, local: Any) -> Any:
    """The join of a (1 x 1) matrix that every entry shares."""
    return m.sum_examples(m.sum_outputs(upstream * local))


ENTRYWISE = (elementwise, over_examples, over_outputs, over_all, over_both)


@dataclass(frozen=True)
class Slot:
    """One input of an operation, seen from the backward pass."""

    local: Rule | None
    "(m, output, *inputs) -> the local gradient; none where no gradient goes that way"
    join: Rule = elementwise
    "(m, upstream, local) -> the product sent to this input"
    counted: bool = False
    "whether its entries are only counted, so that nothing depends on their numbers"


@dataclass(frozen=True)
class Op:
    """One operation."""

    name: str
    value: Rule
    "(m, *inputs) -> the forward value"
    slots: tuple[Slot, ...]
    "one for each input, in order"
    symbol: str | None = None
    "how its application is written, if it has a name of its own: sigma in sigma(z)"
    convention: str = ""
    "what the page says where the derivative needs a convention"
    stable: str = ""
    "the form to use instead where this one overflows or saturates"
    formula: str = ""
    "the expression that a reader typed in, where the row comes from one"
    steps: tuple[str, ...] = ()
    "what its author writes on the way; a local gradient takes these behind the inputs, if given"
    span: tuple[float, float] = (-INFINITE, INFINITE)
    "between what its values lie; where that is any number, or nearly so, it need not be said"
    ends: tuple[int, ...] = ()
    "values that it comes near and never has, but for the last digit of a float"
    shares: bool = False
    "whether its outputs are shares of 1, so that each depends on all inputs of its example"
    weighs: bool = False
    "whether it weighs the inputs of a layer, as the first half of it"
    of_matrices: bool = False
    "whether single numbers are refused where its matrices stand"
    multiplies: bool = False
    "whether it multiplies rows by columns, so that (1 x 1) may be meant as a number"
    penalises: bool = False
    "whether it is a penalty on weights, which belongs to no example"


def worked(steps: Steps, m: Any, write: Write, *inputs: Any) -> list[Any]:
    """What each step comes to, written down before the next.

    >>> from tracer.written.readings import Floats
    >>> steps = (("p", lambda m, z: z + 1), ("q", lambda m, z, p: z * p))
    >>> worked(steps, Floats(), silent, 2.0)
    [3.0, 6.0]
    """
    found: list[Any] = []
    for label, step in steps:
        found.append(write(label, step(m, *inputs, *found)))
    return found


def silent(label: str, x: Any) -> Any:
    """Writes nothing down."""
    return x


def row(name: str, value: Rule, *locals_: Rule | None, **more: Any) -> Op:
    """A row whose joins are all the usual one."""
    return Op(name, value, tuple(Slot(local) for local in locals_), **more)


def without_slopes(op: Op) -> Op:
    """The operation where nothing goes back: what it gives is looked at, and not learned from."""
    slots = tuple(replace(slot, local=None) for slot in op.slots)
    return replace(op, slots=slots, convention="", formula="")


def fitted(op: Op, inputs: Sequence[Shape], output: Shape) -> Op:
    """The operation with joins that bring each gradient back to the shape of its input.

    >>> from tracer.ops import ADD
    >>> fitted(ADD, [(2, 3), (2, 1)], (2, 3)).slots[1].join.__name__
    'over_examples'
    """
    pairs = zip(op.slots, inputs, strict=True)
    slots = tuple(
        replace(slot, join=_join(shape, output)) if slot.join in ENTRYWISE else slot
        for slot, shape in pairs
    )
    return op if slots == op.slots else replace(op, slots=slots)


def single(op: Op) -> Op:
    """A product whose (1 x 1) result is the number in it.

    >>> import numpy as np
    >>> from tracer.ops import matmul
    >>> from tracer.written.readings import Floats
    >>> float(single(matmul()).value(Floats(), np.array([[1, 2]]), np.array([[3], [4]])))
    11.0
    """
    slots = tuple(Slot(slot.local) for slot in op.slots)
    return replace(op, value=lambda m, *inputs: m.only(op.value(m, *inputs)), slots=slots)


def of_pi(op: Op, places: Collection[int]) -> Op:
    """The operation with pi in some places, which are no inputs any more.

    >>> from tracer.ops import MULTIPLY
    >>> from tracer.written.readings import Floats
    >>> of_pi(MULTIPLY, {0}).value(Floats(), 2)
    6.283185307179586
    """

    def whole(m: Any, inputs: Sequence[Any]) -> list[Any]:
        given = iter(inputs)
        return [m.pi if place in places else next(given) for place in range(len(op.slots))]

    def kept(slot: Slot) -> Slot:
        local = slot.local
        if local is None:
            return slot
        return replace(slot, local=lambda m, output, *inputs: local(m, output, *whole(m, inputs)))

    slots = tuple(kept(slot) for place, slot in enumerate(op.slots) if place not in places)
    # its symbol would be applied to the inputs alone
    return replace(
        op, value=lambda m, *given: op.value(m, *whole(m, given)), slots=slots, symbol=None
    )


def _join(shape: Shape, output: Shape) -> Rule:
    """How entries meet where an input was stretched to the shape of the output."""
    if shape == output or not output:
        return elementwise
    if not shape:
        return over_all
    rows, columns = (a != b for a, b in zip(shape, output, strict=True))
    return over_both if rows and columns else over_outputs if rows else over_examples
