"""Update rules: what is written down, line by line, when a parameter moves.

A rule's lines name their inputs by the parts they play: `w` the parameter, `g` its gradient,
`alpha` the learning rate, `t` the number of the iteration from 1, a constant of the rule, a state
as it was (`v`) or as it has just become (`v'`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tracer.ops.rows import Rule


@dataclass(frozen=True)
class UpdateLine:
    """One line of a rule: what it makes, from what."""

    output: str
    inputs: tuple[str, ...]
    rule: Rule
    "(m, *inputs) -> the new value"


@dataclass(frozen=True)
class State:
    """What a rule keeps of each parameter from one step to the next, in the parameter's shape."""

    letter: str
    "what stands before the name of the parameter: v in vW"
    begins: float = 0.0
    "what every entry is before the first step"

    def of(self, parameter: str) -> str:
        """What it is called for a parameter.

        >>> State("v").of("W[1]")
        'vW[1]'
        """
        return f"{self.letter}{parameter}"


@dataclass(frozen=True)
class UpdateRule:
    """How parameters move: constants, what is kept from step to step, lines; the last makes w."""

    name: str
    lines: tuple[UpdateLine, ...]
    states: tuple[State, ...] = ()
    constants: Mapping[str, float] = field(default_factory=dict)
    "each with its usual value"

    @property
    def letters(self) -> list[str]:
        """All that is written for a parameter beside itself: its states, and what leads to them.

        >>> UPDATES["adam"].letters
        ['m', 'v', 'mhat', 'vhat']
        """
        made = [line.output for line in self.lines if line.output != "w"]
        return list(dict.fromkeys([*(state.letter for state in self.states), *made]))


def descend(m: Any, parameter: Any, alpha: Any, gradient: Any) -> Any:
    """Gradient descent: one step of size alpha against the gradient, written before it is taken."""
    return parameter - m.write("step", alpha * gradient)


def _line(output: str, inputs: str, rule: Rule) -> UpdateLine:
    return UpdateLine(output, tuple(inputs.split()), rule)


def _mean(m: Any, rate: Any, old: Any, new: Any) -> Any:
    """A running mean: most of the old one and a little of what is new."""
    return rate * old + (1 - rate) * new


def _mean_square(m: Any, rate: Any, old: Any, g: Any) -> Any:
    return rate * old + (1 - rate) * g**2


def _unbiased(m: Any, mean: Any, rate: Any, t: Any) -> Any:
    """A running mean that began at zero, scaled up to what it stands for."""
    return mean / (1 - rate**t)


def _scaled_step(m: Any, w: Any, alpha: Any, g: Any, square: Any, epsilon: Any) -> Any:
    return w - m.write("step", alpha * g / (m.sqrt(square) + epsilon))


def _scaled_step_inside(m: Any, w: Any, alpha: Any, g: Any, square: Any, epsilon: Any) -> Any:
    return w - m.write("step", alpha * g / m.sqrt(square + epsilon))


def _largest(m: Any, rate: Any, old: Any, g: Any) -> Any:
    """The largest gradient so far, the older ones fading."""
    return m.max(rate * old, m.abs(g))


def _step_below(m: Any, w: Any, alpha: Any, g: Any, size: Any, epsilon: Any) -> Any:
    return w - m.write("step", alpha * g / (size + epsilon))


_DESCENT = _line("w", "w alpha g", descend)
_VELOCITY = _line("v", "beta v g", lambda m, beta, v, g: beta * v + g)
_SPEED = _line("v", "beta v alpha g", lambda m, beta, v, alpha, g: beta * v - alpha * g)
_ADAM_MEANS = (
    _line("m", "beta1 m g", _mean),
    _line("v", "beta2 v g", _mean_square),
    _line("mhat", "m' beta1 t", _unbiased),
    _line("vhat", "v' beta2 t", _unbiased),
)
_M, _V, _S, _U = map(State, "mvsu")
_ADAM = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}

GRADIENT_DESCENT = UpdateRule("gradient descent", (_DESCENT,))
UPDATES = {
    rule.name: rule
    for rule in (
        GRADIENT_DESCENT,
        # Polyak (1964), in the form of Sutskever et al. (2013) that libraries use
        UpdateRule(
            "momentum", (_VELOCITY, _line("w", "w alpha v'", descend)), (_V,), {"beta": 0.9}
        ),
        UpdateRule(
            "averaged momentum",
            (_line("v", "beta v g", _mean), _line("w", "w alpha v'", descend)),
            (_V,),
            {"beta": 0.9},
        ),
        UpdateRule(
            "velocity momentum",
            (_SPEED, _line("w", "w v'", lambda m, w, v: w + v)),
            (_V,),
            {"beta": 0.9},
        ),
        # Nesterov (1983)
        UpdateRule(
            "nesterov",
            (
                _VELOCITY,
                _line(
                    "w",
                    "w alpha g beta v'",
                    lambda m, w, alpha, g, beta, v: (
                        w - m.write("step", alpha * m.write("ahead", g + beta * v))
                    ),
                ),
            ),
            (_V,),
            {"beta": 0.9},
        ),
        UpdateRule(
            "velocity nesterov",
            (
                _SPEED,
                _line(
                    "w",
                    "w beta v v'",
                    lambda m, w, beta, before, v: w - beta * before + (1 + beta) * v,
                ),
            ),
            (_V,),
            {"beta": 0.9},
        ),
        # Hinton, lecture 6e of "Neural Networks for Machine Learning" (2012)
        UpdateRule(
            "rmsprop",
            (
                _line("s", "beta s g", _mean_square),
                _line("w", "w alpha g s' epsilon", _scaled_step),
            ),
            (_S,),
            {"beta": 0.9, "epsilon": 1e-8},
        ),
        UpdateRule(
            "rmsprop with epsilon inside",
            (
                _line("s", "beta s g", _mean_square),
                _line("w", "w alpha g s' epsilon", _scaled_step_inside),
            ),
            (_S,),
            {"beta": 0.9, "epsilon": 1e-8},
        ),
        # Duchi, Hazan and Singer (2011)
        UpdateRule(
            "adagrad",
            (
                _line("s", "s g", lambda m, s, g: s + g**2),
                _line("w", "w alpha g s' epsilon", _scaled_step),
            ),
            (_S,),
            {"epsilon": 1e-8},
        ),
        # Kingma and Ba (2015)
        UpdateRule(
            "adam",
            (*_ADAM_MEANS, _line("w", "w alpha mhat' vhat' epsilon", _scaled_step)),
            (_M, _V),
            _ADAM,
        ),
        UpdateRule(
            "adamax",
            (
                _ADAM_MEANS[0],
                _line("u", "beta2 u g", _largest),
                _ADAM_MEANS[2],
                _line("w", "w alpha mhat' u' epsilon", _step_below),
            ),
            (_M, _U),
            _ADAM,
        ),
        # Loshchilov and Hutter (2019)
        UpdateRule(
            "adamw",
            (
                _line(
                    "decay",
                    "w alpha decay",
                    lambda m, w, alpha, decay: w - m.write("step", alpha * decay * w),
                ),
                *_ADAM_MEANS,
                _line("w", "decay' alpha mhat' vhat' epsilon", _scaled_step),
            ),
            (_M, _V),
            {**_ADAM, "decay": 0.01},
        ),
    )
}
LETTERS = frozenset(letter for rule in UPDATES.values() for letter in rule.letters)
"""What any of the rules writes before the name of a parameter."""
