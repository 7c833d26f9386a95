"""Learning rates: a number, or a schedule by which it changes from step to step."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tracer.errors import LessonError, RateError
from tracer.numbers.decimals import Number, number
from tracer.written.evaluate import value_of
from tracer.written.readings import Decimals, Floats
from tracer.written.tree import Expr

DUST = 1e-12
"What binary numbers leave of a difference that is 0: 0.3 - 0.05*6."


@dataclass(frozen=True)
class Schedule:
    """A learning rate as a formula in `t`, the number of the update from 1, and `epoch`, from 0.

    >>> from tracer.written.tree import Sym
    >>> Schedule("0.1/t", 0.1 / Sym("t")).at(t=4, epoch=0)
    0.025
    """

    typed: str
    "as it was typed"
    formula: Expr

    def __str__(self) -> str:
        return self.typed

    def at(self, t: float, epoch: float) -> float:
        """The rate of one step, in full precision.

        Raises RateError where it is negative or not finite.
        """
        known = {"t": np.float64(t), "epoch": np.float64(epoch)}
        with np.errstate(all="ignore"):
            # NumPy's own numbers overflow to infinity, where Python's raise or take for ever
            rate = float(value_of(Floats(), self.formula, known, np.float64))
        rate = 0.0 if -DUST < rate < 0 else rate
        self._check(rate, epoch)
        return rate

    def exactly(self, t: float, epoch: float) -> Number:
        """The rate of one step as a decimal number.

        Raises RateError where it is negative or not finite.
        """
        known = {"t": number(t), "epoch": number(epoch)}
        rate = number(value_of(Decimals(), self.formula, known, Number))
        self._check(float(rate), epoch)
        return rate

    def _check(self, rate: float, epoch: float) -> None:
        if not 0 <= rate < math.inf:
            called = f"{rate:.6g}" if math.isfinite(rate) else "not finite"
            raise RateError(
                f"the learning rate {self} is {called} at epoch {epoch:g}, expected 0 or more"
            )


Rate = float | Schedule


def usable(rate: float) -> float:
    """A learning rate that steps can be made with.

    Raises LessonError for one that is negative or not finite.
    """
    if not math.isfinite(rate):
        raise LessonError("the learning rate is not finite, expected a number such as 0.1")
    if rate < 0:
        raise LessonError(f"the learning rate is {rate:g}, expected 0 or more")
    return float(rate)
