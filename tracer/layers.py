"""Layers as small machines with state: the interface of the article's Part II, on our operations.

Source: Rafay Khan, "Nothing but NumPy" (2019), Part II. A layer given a `tape` writes every value
it works out to it, with its formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tracer import ops
from tracer.errors import ShapeError, TracerError, shape_text
from tracer.network.initial import initialize_parameters as initialize_parameters
from tracer.numbers.values import as_value
from tracer.ops import Op, Rule
from tracer.trace.quantity import Hand, Quantity, given, work_out
from tracer.trace.rates import usable
from tracer.written.readings import Floats

Tape = list[Quantity]


class LinearLayer:
    """The linear half of a layer, Z = W . A_prev + b.

    >>> layer = LinearLayer((2, 4), 1)
    >>> layer.params["W"] = np.array([[0.1, 0.6]])
    >>> layer.forward(np.array([[0, 0, 1, 1], [0, 1, 0, 1]]))
    >>> layer.Z
    array([[0. , 0.6, 0.1, 0.7]])
    """

    def __init__(
        self,
        input_shape: tuple[int, int],
        n_out: int,
        ini_type: str = "plain",
        tape: Tape | None = None,
        number: int = 1,
    ) -> None:
        self.params = initialize_parameters(input_shape[0], n_out, ini_type)
        self.Z = np.zeros((n_out, input_shape[1]))
        self.tape, self.number = tape, number

    def forward(self, A_prev: np.ndarray) -> None:
        """Work out Z (n_out x m) from the activations of the layer before (n_in x m)."""
        W = self.params["W"]
        if np.ndim(A_prev) != 2 or W.shape[1] != np.shape(A_prev)[0]:
            raise ShapeError(
                f"A_prev is {_said(A_prev)}, expected {W.shape[1]} rows for W, "
                f"which is {shape_text(W.shape)}"
            )
        self.A_prev = np.asarray(A_prev, dtype=float)
        self.Z = _write(self.tape, self._name("Z"), ops.LINEAR.value, self._inputs())

    def backward(self, upstream_grad: np.ndarray) -> None:
        """Work out dW, db and dA_prev from the gradient that arrives at Z (n_out x m)."""
        _check_gradient(upstream_grad, getattr(self, "A_prev", None), self.Z)
        names = ("W", "A_prev", "b")
        sent = _send_back(
            self.tape, ops.LINEAR, self._name("Z"), self.Z, self._inputs(), upstream_grad
        )
        gradients = dict(zip(names, sent, strict=True))
        self.dW, self.db, self.dA_prev = gradients["W"], gradients["b"], gradients["A_prev"]

    def update_params(self, learning_rate: float = 0.1) -> None:
        """Move W and b one step against their gradients.

        Raises LessonError for a rate that is negative or not finite.
        """
        if not hasattr(self, "dW"):
            raise TracerError("there are no gradients to update with: backward comes first")
        for name, slope in (("W", self.dW), ("b", self.db)):
            inputs = {
                self._name(name): self.params[name],
                "alpha": usable(learning_rate),
                f"dCost/d{self._name(name)}": slope,
            }
            self.params[name] = _write(self.tape, f"{self._name(name)}'", ops.descend, inputs)

    def _inputs(self) -> dict[str, Any]:
        before = "X" if self.number == 1 else f"A[{self.number - 1}]"
        return {
            self._name("W"): self.params["W"],
            before: self.A_prev,
            self._name("b"): self.params["b"],
        }

    def _name(self, stem: str) -> str:
        return f"{stem}[{self.number}]"


class SigmoidLayer:
    """The activation half of a layer, A = sigma(Z).

    >>> layer = SigmoidLayer((1, 2))
    >>> layer.forward(np.array([[0.0, 0.6]]))
    >>> layer.A.round(3)
    array([[0.5  , 0.646]])
    """

    def __init__(
        self, input_shape: tuple[int, ...], tape: Tape | None = None, number: int = 1
    ) -> None:
        self.A = np.zeros(input_shape)
        self.tape, self.number = tape, number

    def forward(self, Z: np.ndarray) -> None:
        """Work out A, entry by entry."""
        self.Z = np.asarray(Z, dtype=float)
        inputs = {f"Z[{self.number}]": self.Z}
        self.A = _write(self.tape, f"A[{self.number}]", ops.SIGMOID.value, inputs)

    def backward(self, upstream_grad: np.ndarray) -> None:
        """Work out dZ from the gradient that arrives at A."""
        _check_gradient(upstream_grad, getattr(self, "Z", None), self.A)
        inputs = {f"Z[{self.number}]": self.Z}
        name = f"A[{self.number}]"
        (self.dZ,) = _send_back(self.tape, ops.SIGMOID, name, self.A, inputs, upstream_grad)


def compute_cost(Y: np.ndarray, Y_hat: np.ndarray) -> tuple[float, np.ndarray]:
    """The squared-error cost 1/(2m) sum (Y - Y_hat)^2, and its derivative by Y_hat.

    >>> cost, dY_hat = compute_cost(np.array([[0, 1]]), np.array([[0.5, 0.5]]))
    >>> cost, dY_hat.tolist()
    (0.125, [[0.25, -0.25]])
    """
    if np.ndim(Y) != 2 or np.shape(Y) != np.shape(Y_hat):
        raise ShapeError(f"Y is {_said(Y)} and Y_hat is {_said(Y_hat)}, expected equal shapes")
    m, op = Floats(), ops.SQUARED_ERROR_COST
    cost = float(op.value(m, Y, Y_hat))
    slot = op.slots[1]
    assert slot.local is not None
    return cost, slot.join(m, 1.0, slot.local(m, cost, Y, Y_hat))


def predict(
    X: np.ndarray,
    Y: np.ndarray,
    Zs: Sequence[LinearLayer],
    As: Sequence[SigmoidLayer],
    threshold: float = 0.5,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Predicted labels, the activations behind them, and the accuracy in per cent."""
    A = X
    for linear, activation in zip(Zs, As, strict=True):
        linear.forward(A)
        activation.forward(linear.Z)
        A = activation.A
    labels = (threshold < A).astype(float)
    return labels, A, float(np.mean(labels == Y) * 100)


def _said(value: Any) -> str:
    """A shape in words, also one that is no matrix's."""
    shape = np.shape(value)
    return shape_text(shape) if len(shape) in (0, 2) else f"of shape {shape}"


def _check_gradient(upstream: Any, seen: Any, output: Any) -> None:
    """A gradient has the shape of what it belongs to, and comes after a forward pass."""
    if seen is None:
        raise TracerError("there is nothing to send back yet: forward comes first")
    if np.shape(upstream) != np.shape(output):
        raise ShapeError(f"upstream_grad is {_said(upstream)}, expected {_said(output)}")


def _write(tape: Tape | None, name: str, rule: Rule, inputs: dict[str, Any]) -> Any:
    """A rule worked out, and written to the tape if there is one."""
    if tape is None:
        with np.errstate(over="ignore"):
            return rule(Floats(), *inputs.values())
    sources = [_named(source, value) for source, value in inputs.items()]
    tape.append(work_out(name, rule, sources, Hand()))
    return tape[-1].exact


def _send_back(
    tape: Tape | None, op: Op, name: str, output: Any, inputs: dict[str, Any], upstream: Any
) -> list[Any]:
    """What an operation sends back to each of its inputs."""
    sent = []
    arriving = f"dCost/d{name}"
    for source, slot in zip(inputs, op.slots, strict=True):
        local_name = f"d{name}/d{source}"
        assert slot.local is not None
        local = _write(tape, local_name, slot.local, {name: output, **inputs})
        pair = {arriving: upstream, local_name: local}
        sent.append(_write(tape, f"dCost/d{source}", slot.join, pair))
    return sent


def _named(name: str, value: Any) -> Quantity:
    return given(name, as_value(value))
