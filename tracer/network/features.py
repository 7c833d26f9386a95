"""Rows of data that are computed from the rows above them: products, powers, any formula."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from tracer.errors import LessonError, TracerError, UnknownName
from tracer.files.file import short
from tracer.trace.equations import build

MOST_FEATURES = 100


def with_features(X: np.ndarray, features: Sequence[str]) -> np.ndarray:
    """The data with rows added for features such as `x1*x2`, computed from the rows above.

    >>> with_features(np.array([[2.0], [3.0]]), ["x1*x2"]).tolist()
    [[2.0], [3.0], [6.0]]

    Raises LessonError for a formula that cannot be read or is no number for each example.
    """
    if len(features) > MOST_FEATURES:
        raise LessonError(
            f"features has {len(features):,} formulas, expected at most {MOST_FEATURES}; "
            "a table of data can hold more"
        )
    rows = list(X)
    for formula in features:
        rows.append(_feature(formula, rows))
    return np.array(rows)


def _feature(formula: str, rows: Sequence[np.ndarray]) -> np.ndarray:
    """A row of X from the rows above it, which it knows as x1, x2 and so on."""
    known = {f"x{k}": row for k, row in enumerate(rows, 1)}
    used = dict.fromkeys(re.findall(r"\bx\d+\b", formula))
    said, name = f"features has {short(formula)}", f"x{len(rows) + 1}"
    for stranger in used:
        if stranger not in known:
            raise UnknownName(
                f"{said}, and there is no {stranger} here, expected x1 to x{len(rows)}"
            )
    no_row = LessonError(f"{said}, which is no number for each example, expected such as x1*x2")
    if not re.search("[a-z]", formula):
        raise no_row
    try:
        program = build([*((one, "0", "the data") for one in used), (name, formula, "")])
        row = np.asarray(program.given(known).values()[name])
    except TracerError as error:
        raise LessonError(f"{said}: {error.problem}") from None
    if row.shape != rows[0].shape:
        raise no_row
    return row
