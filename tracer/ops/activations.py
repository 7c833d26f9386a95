"""Activations: what a neuron makes of its weighted sum z."""

from __future__ import annotations

from functools import reduce
from typing import Any

from tracer.ops.rows import INFINITE, Op, Slot, row

IDENTITY = row("identity", lambda m, z: z, lambda m, a, z: 1)
SIGMOID = row(
    "sigmoid",
    lambda m, z: 1 / (1 + m.exp(-z)),
    lambda m, a, z: a * m.write("complement", 1 - a),
    symbol="sigma",
    span=(0, 1),
    ends=(0, 1),
)
TANH = row(
    "tanh",
    lambda m, z: m.tanh(z),
    lambda m, a, z: 1 - m.write("square", a**2),
    span=(-1, 1),
    ends=(-1, 1),
)
RELU = row(
    "relu",
    lambda m, z: m.max(z, 0),
    lambda m, a, z: m.above(z, 0),
    convention="ReLU'(0) = 0",
    span=(0, INFINITE),
)
SOFTPLUS = row(
    "softplus",
    lambda m, z: m.softplus(z),
    lambda m, a, z: SIGMOID.value(m, z),
    span=(0, INFINITE),
)


def _gauss(m: Any, z: Any) -> Any:
    """The part of a normal distribution that lies below z."""
    return m.ratio(1, 2) * (1 + m.erf(z / m.sqrt(2)))


def _bell(m: Any, z: Any) -> Any:
    """The density of a normal distribution at z."""
    return m.exp(-(z**2) / 2) / m.sqrt(2 * m.pi)


GELU = row(
    "gelu",
    lambda m, z: z * m.write("phi", _gauss(m, z)),
    lambda m, a, z: m.write("phi", _gauss(m, z)) + z * m.write("density", _bell(m, z)),
)
"""Source: Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016); z times the normal Phi(z)."""


def _gate(m: Any, z: Any) -> Any:
    return m.write("gate", SIGMOID.value(m, z))


def _slope_of_silu(m: Any, a: Any, z: Any) -> Any:
    gate = _gate(m, z)
    return gate + a * (1 - gate)


SILU = row("silu", lambda m, z: z * _gate(m, z), _slope_of_silu)
"""Source: Elfwing, Uchibe and Doya, "Sigmoid-Weighted Linear Units" (2017); swish is the same."""


def leaky_relu(slope: float = 0.01) -> Op:
    """ReLU that lets a small part of what is negative through."""
    return row(
        "leaky relu",
        lambda m, z: m.where_above(z, 0, z, slope * z),
        lambda m, a, z: m.where_above(z, 0, 1, slope),
        convention=f"LeakyReLU'(0) = {slope:g}",
    )


def elu(alpha: float = 1.0) -> Op:
    """The identity above zero, and below it an exponential that levels off at -alpha.

    Source: Clevert, Unterthiner and Hochreiter, "Exponential Linear Units" (2015).
    """

    def scaled(x: Any) -> Any:
        return x if alpha == 1 else alpha * x

    return row(
        "elu",
        lambda m, z: m.where_above(z, 0, z, scaled(m.exp(z) - 1)),
        lambda m, a, z: m.where_above(z, 0, 1, a + alpha),
        convention=f"ELU'(0) = {alpha:g}",
    )


def _share(m: Any, Z: Any) -> Any:
    powers = m.write("powers", m.exp(Z))
    return powers / m.write("sum", m.sum_outputs(powers))


def _shifted(m: Any, Z: Any) -> Any:
    return m.softmax(Z)


def _jacobian(m: Any, A: Any, Z: Any) -> Any:
    """For each example, da_i/dz_k: a_i (1 - a_i) on the diagonal, and -a_i a_k beside it."""
    return m.each_example(lambda a: m.diagonal(a) - a @ a.T, A)


def _through_jacobian(m: Any, upstream: Any, local: Any) -> Any:
    return m.blockwise(local, upstream)


_SHARES: dict[str, Any] = {"span": (0, 1), "ends": (0, 1), "shares": True}
SOFTMAX = Op(
    "softmax",
    _share,
    (Slot(_jacobian, _through_jacobian),),
    symbol="softmax",
    convention="softmax mixes the outputs of an example, so its local gradient is a whole Jacobian",
    stable="'shifted softmax', which takes the largest z of each example away first",
    of_matrices=True,
    **_SHARES,
)
SHIFTED_SOFTMAX = Op(
    "shifted softmax",
    _shifted,
    (Slot(_jacobian, _through_jacobian),),
    symbol="softmax",
    convention=SOFTMAX.convention + "; the largest z is taken away first, which changes no result",
    of_matrices=True,
    **_SHARES,
)


def softmax_of_scalars(outputs: int, mine: int, shifted: bool = False) -> Op:
    """One output of softmax, from the z of all of them: e^z2/(e^z1 + e^z2 + e^z3).

    The shifted one takes the largest z away from each, which changes no result.
    """

    def value(m: Any, *z: Any) -> Any:
        if shifted:
            largest = m.write("largest", reduce(m.max, z))
            z = tuple(one - largest for one in z)
        powers = [m.write(f"power{k}", m.exp(one)) for k, one in enumerate(z, 1)]
        total = powers[0]
        for power in powers[1:]:
            total = total + power
        return powers[mine] / m.write("sum", total)

    def share(k: int) -> Any:
        return softmax_of_scalars(outputs, k, shifted).value

    def local(k: int) -> Any:
        if k == mine:
            return lambda m, a, *z: a * m.write("complement", 1 - a)
        # the share of the other output is what its own node computes
        return lambda m, a, *z: -a * m.write("other", share(k)(m, *z))

    name = "shifted softmax" if shifted else "softmax"
    return row(name, value, *map(local, range(outputs)), **_SHARES)


PLAIN = {
    op.name: op
    for op in (
        IDENTITY, SIGMOID, TANH, RELU, SOFTPLUS, GELU, SILU, SOFTMAX, SHIFTED_SOFTMAX,
    )
}  # fmt: skip
TUNABLE = {"leaky relu": leaky_relu, "elu": elu}
"""Activations with a number of their own: `leaky relu 0.2`."""
