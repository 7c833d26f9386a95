"""What several test files share: the published networks, and slopes by differences."""

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tracer import graph, net
from tracer.derive import limit
from tracer.trace.program import Program
from tracer.trace.quantity import Quantity


@pytest.fixture(scope="session", autouse=True)
def patient() -> None:
    """No derivation is refused because a machine is slow."""
    limit.SECONDS = 3600.0


@pytest.fixture
def shared_input() -> Program:
    """b is used twice, by c and by d (Figs 51-53)."""
    return graph("a = 2; b = 5; c = a*b; d = b + 1; e = c*d")


@pytest.fixture
def or_batch() -> Program:
    """Four examples of the OR gate (Figs 40-47)."""
    X, Y = [[0, 0, 1, 1], [0, 1, 0, 1]], [[0, 1, 1, 1]]
    return net("1 sigmoid", X=X, Y=Y, W=[[0.1, 0.6]], b=0, learning_rate=1)


@pytest.fixture
def xor_hidden() -> Program:
    """XOR with a hidden layer of three (Figs 79-83)."""
    X, Y = [[0, 0, 1, 1], [0, 1, 0, 1]], [[0, 1, 1, 0]]
    W = [[[0.1, 0.6], [0.2, 0.4], [0.3, 0.7]], [[0.1, 0.4, 0.9]]]
    return net("3 sigmoid, 1 sigmoid", X=X, Y=Y, W=W, b=[0, 0], learning_rate=1)


@pytest.fixture
def memory() -> Callable[[], AbstractContextManager[Callable[[], int]]]:
    """Measures a block: what is given back says how many bytes it had at most at a time."""

    @contextmanager
    def measured() -> Iterator[Callable[[], int]]:
        peak = 0
        tracemalloc.start()
        try:
            yield lambda: peak
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()

    return measured


@pytest.fixture(scope="session")
def digits() -> Callable[[Quantity], str]:
    """The written digits of a quantity as a lesson has them: `0 0.6 0.1 0.7`, rows after `;`."""

    def of(quantity: Quantity) -> str:
        rows, columns = quantity.shape or (1, 1)
        entries = [
            [quantity.entry(i, j).written for j in range(1, columns + 1)]
            for i in range(1, rows + 1)
        ]
        return "; ".join(" ".join(map(quantity.digits, row)) for row in entries)

    return of


@pytest.fixture(scope="session")
def slope() -> Callable[[Callable[[float], float], float], float | None]:
    """The slope of a function at x by central differences; None where two steps disagree."""

    def five_points(f: Callable[[float], float], x: float, h: float) -> float:
        return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h)

    def at(f: Callable[[float], float], x: float) -> float | None:
        near, far = five_points(f, x, 2e-4), five_points(f, x, 4e-4)
        return near if abs(near - far) <= 1e-6 * max(1, abs(near)) else None

    return at
