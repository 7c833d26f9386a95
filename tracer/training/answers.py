"""How a network's outputs are read as answers: by a threshold, or as the largest of several.

The loss says what an output means. To a loss on scores it is a score, whose sign counts; to one on
classes it stands for one of them; to one on probabilities it is a probability. To any other loss
it is what its activation makes it, and what an identity layer gives is a number and no answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tracer import ops
from tracer.errors import TracerError
from tracer.ops import Op
from tracer.trace.program import Program, Value

ON_CLASSES = ("softmax cross-entropy", "multiclass hinge", "cross-entropy")
ON_SCORES = ("binary cross-entropy with logits", "hinge")
ON_PROBABILITIES = ("binary cross-entropy", "cross-entropy")
ACTIVATIONS = {
    op.name for op in (*ops.ACTIVATIONS.values(), *(make() for make in ops.TUNABLE.values()))
}


@dataclass(frozen=True)
class Answering:
    """A way to read outputs as labels."""

    labels: tuple[float, float]
    "the lower label and the upper one"
    level: float | None
    "an output above it is answered with the upper label; if none, the largest one of an example is"

    def predictions(self, outputs: np.ndarray) -> np.ndarray:
        """The labels that outputs (outputs x examples) stand for; of equal ones the first wins.

        >>> Answering((-1, 1), 0).predictions(np.array([[-0.2, 0.0, 3.0]]))
        array([[-1., -1.,  1.]])
        """
        tidy = np.round(outputs, 12)  # without the dust of binary sums, which decides nothing
        if self.level is None:
            chosen = np.argmax(tidy, axis=0) == np.arange(len(tidy))[:, np.newaxis]
        else:
            chosen = tidy > self.level
        lower, upper = self.labels
        return np.where(chosen, float(upper), float(lower))

    def right(self, outputs: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """For each example whether all its labels are answered."""
        return np.asarray(np.all(self.predictions(outputs) == labels, axis=0))


@dataclass(frozen=True)
class NoAnswers:
    """Outputs that answer nothing."""

    why: str


def answering(program: Program) -> Answering | NoAnswers:
    """How the outputs of a network are read, or why they answer nothing.

    >>> from tracer import net
    >>> answering(net("1 sigmoid", X=[[0, 1]], Y=[[0, 1]], W=[[1]]))
    Answering(labels=(0, 1), level=0.5)
    >>> answering(net("1 identity", X=[[0, 1]], Y=[[0.2, 1.7]], W=[[1]])).why
    'an identity layer gives a number, and no answer'
    """
    labels = labels_of(program)
    if not program.outputs or not labels.size:
        return NoAnswers("there is no Yhat with labels Y")
    makers = {equation.output: equation.op for equation in program.equations}
    activation, several = makers[program.outputs[0]], len(labels) > 1
    if labels.shape != outputs_of(program).shape:
        return NoAnswers("the labels have another shape than the outputs")
    if several and (program.loss in ON_CLASSES or activation.shares):
        return _by_largest(labels)
    if program.loss in ON_SCORES:
        return _by_sign(program.loss, labels)
    if program.loss in ON_PROBABILITIES:
        return _between((0, 1), labels)
    return _by_activation(activation, labels)


def _by_largest(labels: np.ndarray) -> Answering | NoAnswers:
    if not (np.isin(labels, (0, 1)).all() and (labels.sum(axis=0) == 1).all()):
        return NoAnswers("the labels do not name one class for each example")
    return Answering((0, 1), None)


def _by_sign(loss: str, labels: np.ndarray) -> Answering | NoAnswers:
    pair = (-1.0, 1.0) if loss == "hinge" else (0.0, 1.0)
    if not np.isin(labels, pair).all():
        return NoAnswers(_others(pair))
    return Answering(pair, 0)


def _by_activation(activation: Op, labels: np.ndarray) -> Answering | NoAnswers:
    """What is halfway between two labels that the activation comes near."""
    if activation is ops.IDENTITY:
        return NoAnswers("an identity layer gives a number, and no answer")
    if not (activation.formula or activation.name in ACTIVATIONS):
        return NoAnswers("a number is no answer unless an activation gives it, as in sigma(z)")
    signed = (-1, 1) if activation.span[0] < 0 else (0, 1)
    return _between((0, 1) if np.isin(labels, (0, 1)).all() else signed, labels)


def _between(pair: tuple[float, float], labels: np.ndarray) -> Answering | NoAnswers:
    if not np.isin(labels, pair).all():
        return NoAnswers(_others(pair))
    return Answering(pair, sum(pair) / 2)


def _others(pair: tuple[float, float]) -> str:
    return f"there are other labels than {pair[0]:g} and {pair[1]:g}"


def judged(program: Program) -> Answering | NoAnswers:
    """How the outputs are read where it is said how many are right; of a single one it is not."""
    found = answering(program)
    if isinstance(found, Answering) and labels_of(program).shape[1] == 1:
        return NoAnswers("there is only one example, and one says nothing of how many are right")
    return found


def read_as(found: Answering | NoAnswers, wanted: str) -> Answering:
    """The way to read outputs; raises TracerError, with the reason, where there is none."""
    if isinstance(found, NoAnswers):
        raise TracerError(f"this training has no {wanted}: {found.why}")
    return found


def labels_of(program: Program) -> np.ndarray:
    """The labels, a row for each output; empty where there are none."""
    return _rows([leaf.value for leaf in program.leaves if leaf.name in program.labels])


def outputs_of(program: Program) -> np.ndarray:
    """What a network answers, a row for each output; empty where there is no Yhat."""
    values = program.values()
    return _rows([values[name] for name in program.outputs])


def _rows(values: Sequence[Value]) -> np.ndarray:
    """Values below one another, if they have a column for each example."""
    rows = [np.atleast_2d(value) for value in values]
    return np.vstack(rows) if len({row.shape[1] for row in rows}) == 1 else np.empty((0, 0))
