"""What a loss needs of its labels and of the last layer: refused where it cannot be, else said."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tracer.errors import LessonError
from tracer.network.spec import Spec
from tracer.numbers.rounding import plain
from tracer.numbers.values import to_floats
from tracer.ops.rows import INFINITE

BETWEEN = {
    "binary cross-entropy": "labels from 0 to 1",
    "binary cross-entropy with logits": "labels from 0 to 1",
    "cross-entropy": "labels from 0 to 1",
    "softmax cross-entropy": "labels from 0 to 1",
    "multiclass hinge": "labels 0 and 1",
    "hinge": "labels -1 and 1",
}
"The labels that a loss has a meaning for."
SHARES = ("cross-entropy", "softmax cross-entropy", "multiclass hinge")
"Losses whose labels of an example add up to 1."
OF_PROBABILITIES = ("binary cross-entropy", "cross-entropy")
OF_SCORES = (
    "hinge", "multiclass hinge", "binary cross-entropy with logits", "softmax cross-entropy",
)  # fmt: skip


def check_labels(spec: Spec, labels: np.ndarray) -> None:
    """Raise LessonError for labels, outputs x examples, that a loss has no meaning for."""
    for loss in spec.losses:
        _check_labels_of(loss, spec, to_floats(labels))


def _check_labels_of(loss: str, spec: Spec, Y: np.ndarray) -> None:
    called = _called(spec, 0, len(Y))
    wanted = BETWEEN.get(loss, "")
    if "from" in wanted:
        wrong = (Y < 0) | (Y > 1)
    else:
        wrong = ~np.isin(Y, [-1, 1] if "-1" in wanted else [0, 1]) & bool(wanted)
    for row, column in np.argwhere(wrong)[:1]:
        name, label = _called(spec, row, len(Y)), plain(float(Y[row, column]))
        problem = f"{name} has the label {label}, and {loss} needs {wanted}"
        raise LessonError(problem, about=name)
    sums = Y.sum(axis=0)
    if loss in SHARES and not np.allclose(sums, 1):
        example = int(np.argmin(np.isclose(sums, 1)))
        of = f" for example {example + 1}" if len(sums) > 1 else ""
        instead = "; for one output there is 'binary cross-entropy'" if len(Y) == 1 else ""
        raise LessonError(
            f"{called} adds up to {plain(float(sums[example]))}{of}, and {loss} needs 1{instead}",
            about=called,
        )


def _called(spec: Spec, row: int, outputs: int) -> str:
    """What the labels of an output are called where they are given."""
    ours = "Y"
    if spec.view == "scalar":
        ours = "y" if outputs == 1 else f"y{row + 1}"
    return spec.conventions.theirs(ours)


def doubts(spec: Spec, labels: np.ndarray) -> Iterator[str]:
    """What can be worked out, and is seldom meant: said on the page of what is given."""
    Y = to_floats(labels)
    yield from dict.fromkeys(said for loss in spec.losses for said in _doubts_of(loss, spec, Y))


def _doubts_of(loss: str, spec: Spec, Y: np.ndarray) -> Iterator[str]:
    last = spec.layers[-1][1]
    low, high = last.span
    if loss in OF_PROBABILITIES and not last.formula and not 0 <= low <= high <= 1:
        yield f"{loss} takes probabilities, and {last.name} gives other numbers as well."
    elif loss in OF_SCORES and (low, high) != (-INFINITE, INFINITE):
        yield f"{loss} takes scores of any size, and {last.name} gives only {_said(low, high)}."
    elif loss not in OF_SCORES and ((low > Y) | (high < Y)).any():
        row, column = np.argwhere((low > Y) | (high < Y))[0]
        name, label = _called(spec, row, len(Y)), plain(float(Y[row, column]))
        yield f"{name} has the label {label}, and {last.name} gives only {_said(low, high)}."


def _said(low: float, high: float) -> str:
    if high == INFINITE:
        return f"numbers above {plain(low)}"
    return f"numbers between {plain(low)} and {plain(high)}"
