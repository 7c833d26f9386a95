"""What a training can be asked to draw, and the plane on which its answers change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracer.errors import LessonError, ShapeError, TracerError
from tracer.network.features import with_features
from tracer.trace.program import Program
from tracer.training.answers import Answering, NoAnswers, answering

PLOTS = ("cost", "boundary", "shaded", "steps P")


@dataclass(frozen=True, eq=False)
class Plane:
    """Two features, and over them one number whose crossing of a level changes the answer."""

    program: Program
    X: np.ndarray
    outputs: int
    sides: np.ndarray
    "for each example 0 for the lower label, 1 for the upper one"
    level: float
    labels: tuple[str, str]

    @classmethod
    def of(cls, program: Program) -> Plane:
        """The plane of a network; raises TracerError where there is none, or nothing to answer."""
        X, Y = _data(program)
        found = answering(program)
        by_largest = isinstance(found, Answering) and found.level is None
        if X.shape[0] - len(program.features) != 2 or len(Y) != 1 + by_largest:
            raise TracerError(
                "a boundary can be drawn for two features and one output only, or two classes"
            )
        if isinstance(found, NoAnswers):
            raise TracerError(f"a boundary lies where an answer changes: {found.why}")
        if found.level is None:
            return cls(program, X, 2, Y[1], 0.0, ("class 1", "class 2"))
        lower, upper = found.labels
        called = f"label {lower:g}", f"label {upper:g}"
        return cls(program, X, 1, Y[0] == upper, found.level, called)

    def answers(self, places: np.ndarray) -> np.ndarray:
        """The number at places (2 x points); for two classes, by how much the second is larger."""
        inputs = with_features(places, self.program.features)
        there = self.program.given({"X": inputs, "Y": np.zeros((self.outputs, inputs.shape[1]))})
        try:
            there.formulas()
        except ShapeError:
            raise TracerError("a boundary needs a network whose only data are X and Y") from None
        outputs = np.asarray(there.values()["Yhat"])
        return np.asarray(outputs[-1] - outputs[0] if self.outputs > 1 else outputs[0])


def check_plot(words: str, program: Program) -> None:
    """Raise TracerError for a plot that is not known, or that a program cannot have."""
    kind, _, parameter = words.partition(" ")
    known = {plot.partition(" ")[0] for plot in PLOTS}
    if kind not in known or bool(parameter) != (kind == "steps"):
        raise LessonError(f"there is no plot {words!r}, expected {', '.join(PLOTS)}")
    if kind in ("boundary", "shaded"):
        plane = Plane.of(program)
        plane.answers(plane.X[:2])
    if kind == "steps":
        check_single(program, parameter)


def check_single(program: Program, parameter: str) -> None:
    """Raise TracerError unless a parameter is a single number."""
    if parameter not in program.learned or np.ndim(program.learned[parameter]):
        raise TracerError(
            f"{parameter} is no single number, expected a parameter that is one, as in the scalar "
            "view"
        )


def _data(program: Program) -> tuple[np.ndarray, np.ndarray]:
    given = {leaf.name: np.asarray(leaf.value) for leaf in program.leaves}
    matrices = [given[name] for name in ("X", "Y") if name in given and given[name].ndim]
    if len(matrices) < 2 or "Yhat" not in program.outputs:
        raise TracerError("a boundary needs a network with data X and labels Y")
    return matrices[0], matrices[1]
