"""What vectorising gains: one iteration of batch gradient descent, slow and fast, as m grows.

Run `python benchmarks/slow_and_fast.py`. The slow way goes through the examples one after another
and adds up their gradients (Fig 39 of the article); the fast way treats them as one matrix. Both
use NumPy and give the same gradients. The machine decides what one unit is, so only ratios of
medians of the same run are printed.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np

SIZES = (4, 40, 400, 4000)
RUNS = 21
SHORTEST = 0.002
"Seconds that one measurement lasts at least; a quick iteration is repeated until then."

Gradients = tuple[np.ndarray, np.ndarray, float]
Iteration = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], Gradients]


def slow(X: np.ndarray, Y: np.ndarray, W: np.ndarray, b: np.ndarray) -> Gradients:
    """Example by example: the sums of all gradients and losses, divided by m at the end."""
    m = X.shape[1]
    sum_dW, sum_db, sum_loss = np.zeros_like(W), np.zeros_like(b), 0.0
    for i in range(m):
        x, y = X[:, i : i + 1], Y[:, i : i + 1]
        yhat = 1 / (1 + np.exp(-(W @ x + b)))
        dz = -(y - yhat) * yhat * (1 - yhat)
        sum_dW += dz @ x.T
        sum_db += dz
        sum_loss += 0.5 * float((y - yhat)[0, 0]) ** 2
    return sum_dW / m, sum_db / m, sum_loss / m


def fast(X: np.ndarray, Y: np.ndarray, W: np.ndarray, b: np.ndarray) -> Gradients:
    """All examples at once."""
    m = X.shape[1]
    Yhat = 1 / (1 + np.exp(-(W @ X + b)))
    dZ = -1 / m * (Y - Yhat) * Yhat * (1 - Yhat)
    return dZ @ X.T, dZ.sum(axis=1, keepdims=True), float(np.sum((Y - Yhat) ** 2)) / (2 * m)


def or_examples(m: int) -> tuple[np.ndarray, np.ndarray]:
    """The four examples of the OR gate, over and over: X (2 x m) and Y (1 x m)."""
    X = np.array([[0.0, 0, 1, 1], [0, 1, 0, 1]])
    Y = np.array([[0.0, 1, 1, 1]])
    return np.tile(X, m // 4), np.tile(Y, m // 4)


def seconds(iteration: Iteration, given: tuple[np.ndarray, ...], times: int) -> float:
    """The time of one iteration, as the mean of so many in a row."""
    begun = time.perf_counter()
    for _ in range(times):
        iteration(*given)
    return (time.perf_counter() - begun) / times


def repetitions(iteration: Iteration, given: tuple[np.ndarray, ...]) -> int:
    """How many iterations fill the shortest measurement; the first ones warm up."""
    return max(1, int(SHORTEST / seconds(iteration, given, 3)))


def main() -> None:
    """Time both ways for each size in turn, several times over, and print ratios of medians."""
    W, b = np.array([[0.1, 0.6]]), np.array([[0.0]])
    cases = {}
    for m in SIZES:
        given = (*or_examples(m), W, b)
        for one, other in zip(slow(*given), fast(*given), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)
        cases[m] = given
    plan = [(m, way, repetitions(way, given)) for m, given in cases.items() for way in (slow, fast)]
    taken: dict[tuple[int, Iteration], list[float]] = {(m, way): [] for m, way, _ in plan}
    for _ in range(RUNS):
        for m, way, times in plan:
            taken[m, way].append(seconds(way, cases[m], times))
    median = {key: statistics.median(times) for key, times in taken.items()}
    first = SIZES[0]
    print("    m   slow/fast   slow, as multiples of m = 4   fast, as multiples of m = 4")
    for m in SIZES:
        ratio = median[m, slow] / median[m, fast]
        slower, faster = (median[m, way] / median[first, way] for way in (slow, fast))
        print(f"{m:5}{ratio:12.1f}{slower:30.1f}{faster:30.1f}")


if __name__ == "__main__":
    main()
