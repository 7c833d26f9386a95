"""How many numbers a lesson asks for, counted before any of them is worked out."""

from __future__ import annotations

import numpy as np

from tracer.errors import LessonError
from tracer.numbers.rounding import Pen
from tracer.trace.program import Program

MOST_NUMBERS = 20_000_000
"In all values and local gradients that a lesson writes down."
MOST_ROUNDED = 100_000
"Of these, the numbers that a pen rounds one by one."
MOST_TRAINED = 1_000_000_000
"In all epochs of a lesson's trainings: the parameters once a step, and everything else once."
LEAST_OF_A_STEP = 900
"What the parameters count for at least, since a step of the smallest network takes its time."
MOST_STEPS = 100_000
"Steps of an epoch, where its examples come in batches."
MOST_LOGGED = 10_000
"Lines in the log of a training."


class Amount:
    """What a lesson has asked for so far; what would be too much is refused.

    >>> Amount().write(30_000_000, Pen("exact"))
    Traceback (most recent call last):
    ...
    tracer.errors.LessonError: with all values and local gradients the lesson writes 30,000,000 \
numbers, expected at most 20,000,000; take fewer neurons, examples or iterations
    """

    def __init__(self) -> None:
        self.written = self.rounded = self.trained = 0

    def write(self, numbers: int, pen: Pen) -> None:
        """So many numbers more, written with this pen."""
        self.written += numbers
        self.rounded += numbers * pen.rounds
        if self.written > MOST_NUMBERS:
            raise LessonError(
                f"with all values and local gradients the lesson writes {self.written:,} numbers, "
                f"expected at most {MOST_NUMBERS:,}; take fewer neurons, examples or iterations"
            )
        if self.rounded > MOST_ROUNDED:
            raise LessonError(
                f"with all values and local gradients {self.rounded:,} numbers are rounded, "
                f"expected at most {MOST_ROUNDED:,}; ':rounding: exact' rounds none"
            )

    def train(
        self, program: Program, epochs: int, batch_size: int | None, log_every: int | None
    ) -> None:
        """A training more."""
        if log_every and epochs > MOST_LOGGED * log_every:
            raise LessonError(
                f"the log has {-(-epochs // log_every):,} lines, expected at most {MOST_LOGGED:,}; "
                "a larger ':log-every:' has fewer"
            )
        steps = -(-max(program.widths, default=1) // batch_size) if batch_size else 1
        if steps > MOST_STEPS:
            raise LessonError(
                f"an epoch has {steps:,} steps, expected at most {MOST_STEPS:,}; "
                "a larger ':batch-size:' has fewer"
            )
        learned = sum(map(np.size, program.learned.values()))
        epoch = steps * max(learned, LEAST_OF_A_STEP) + program.numbers
        self.trained += epochs * epoch
        if self.trained > MOST_TRAINED:
            raise LessonError(
                f"{epochs:,} epochs with {epoch:,} numbers each are too many, expected at most "
                f"{MOST_TRAINED:,} numbers in all trainings of a lesson; take fewer epochs"
            )
