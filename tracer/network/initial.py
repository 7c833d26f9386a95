"""Parameters as they are drawn before a training begins.

Source: Rafay Khan, "Nothing but NumPy" (2019), Part II.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tracer.errors import TracerError, nearest

SCALES: dict[str, Callable[[int], float]] = {
    "plain": lambda n_in: 0.01,
    "xavier": lambda n_in: float(1 / np.sqrt(n_in)),
    "he": lambda n_in: float(np.sqrt(2 / n_in)),
}
"How wide random weights are drawn, from the number of inputs."


def initialize_parameters(
    n_in: int, n_out: int, ini_type: str = "plain", random: np.random.RandomState | None = None
) -> dict[str, np.ndarray]:
    """Random weights W (n_out x n_in) and zero biases b (n_out x 1).

    >>> np.random.seed(48)
    >>> initialize_parameters(2, 1, "xavier")["W"].shape
    (1, 2)

    `plain` draws with the standard deviation 0.01, `xavier` with 1/sqrt(n_in), `he` with
    sqrt(2/n_in). Numbers come from `random`, or from NumPy's global generator.
    Raises TracerError for another ini_type.
    """
    if ini_type not in SCALES:
        raise TracerError(f"ini_type {ini_type!r} is not known; {nearest(ini_type, SCALES)}")
    generator: Any = random or np.random
    drawn = generator.randn(n_out, n_in)
    # the article divides where it could multiply, and a last digit depends on it
    W = drawn / np.sqrt(n_in) if ini_type == "xavier" else drawn * SCALES[ini_type](n_in)
    return {"W": W, "b": np.zeros((n_out, 1))}
