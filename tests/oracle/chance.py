"""Random choices, and numbers as people type them."""

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

T = TypeVar("T")
STYLES = ("everyday", "everyday", "everyday", "tenths", "tenths", "long", "small", "large", "wild")
"What the numbers of a lesson are like; what stands here more often is more common."


class Chance(random.Random):
    """A source of chance with a seed.

    >>> Chance(1).number("tenths") == Chance(1).number("tenths")
    True
    """

    def odds(self, percent: float) -> bool:
        """Whether something happens that does so often of a hundred times."""
        return self.random() * 100 < percent

    def one_of(self, choices: Sequence[T], *weights: float) -> T:
        """One of several; without weights each is as likely."""
        return self.choices(choices, weights or None)[0]

    def some_of(self, choices: Sequence[T], most: int) -> list[T]:
        """A few of several, each once."""
        return self.sample(list(choices), min(most, len(choices)))

    def style(self) -> str:
        return self.one_of(STYLES)

    def number(self, style: str) -> str:
        """A number as it is typed, in the style of a lesson."""
        match style:
            case "tenths":
                return _typed(self.randint(-15, 15), -1)
            case "everyday":
                return _typed(self.randint(-199, 199), -2)
            case "long":
                return _typed(self.randint(-(10**6), 10**6), -self.randint(4, 7))
            case "small":
                return self._scaled(self.randint(-6, -2))
            case "large":
                return self._scaled(self.randint(1, 4))
        return self._scaled(self.randint(-6, 6)) if self.odds(40) else self.number("everyday")

    def _scaled(self, power: int) -> str:
        digits = self.randint(-99, 99)
        if self.odds(30):
            return f"{_typed(digits, -1)}e{power}" if digits else "0"
        return _typed(digits, power - 1)

    def positive(self) -> str:
        """A number above zero."""
        return _typed(self.randint(1, 30), -1)

    def rows(self, shape: tuple[int, int], style: str) -> tuple[tuple[str, ...], ...]:
        """A matrix of numbers as they are typed."""
        rows, columns = shape
        return tuple(tuple(self.number(style) for _ in range(columns)) for _ in range(rows))


def _typed(digits: int, power: int) -> str:
    """A number without idle zeros."""
    number = Decimal(digits).scaleb(power)
    return format(number.normalize() if number else Decimal(0), "f")
