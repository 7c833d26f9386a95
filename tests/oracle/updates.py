"""Update rules by their lines in the reference, for one number at a time."""

from collections.abc import Mapping
from fractions import Fraction

from oracle.reals import ONE, ZERO, Real, add, div, mul, order, power, sign, sqrt, sub

Numbers = dict[str, Real]
STATES = {
    "gradient descent": (), "momentum": ("v",), "averaged momentum": ("v",),
    "velocity momentum": ("v",), "nesterov": ("v",), "velocity nesterov": ("v",),
    "rmsprop": ("s",), "rmsprop with epsilon inside": ("s",), "adagrad": ("s",),
    "adam": ("m", "v"), "adamax": ("m", "u"), "adamw": ("m", "v"),
}  # fmt: skip
"What each rule remembers, from zero on."
USUAL = {
    "momentum": {"beta": "0.9"}, "averaged momentum": {"beta": "0.9"},
    "velocity momentum": {"beta": "0.9"}, "nesterov": {"beta": "0.9"},
    "velocity nesterov": {"beta": "0.9"}, "rmsprop": {"beta": "0.9", "epsilon": "1e-8"},
    "rmsprop with epsilon inside": {"beta": "0.9", "epsilon": "1e-8"},
    "adagrad": {"epsilon": "1e-8"},
    "adam": {"beta1": "0.9", "beta2": "0.999", "epsilon": "1e-8"},
    "adamax": {"beta1": "0.9", "beta2": "0.999", "epsilon": "1e-8"},
    "adamw": {"beta1": "0.9", "beta2": "0.999", "epsilon": "1e-8", "decay": "0.01"},
}  # fmt: skip


def moved(
    rule: str,
    constants: Mapping[str, Fraction],
    w: Real,
    g: Real,
    alpha: Real,
    t: int,
    old: Numbers,
) -> Numbers:
    """What a rule writes down for a parameter w with the gradient g: its states, and w."""
    beta, epsilon = constants.get("beta", ZERO), constants.get("epsilon", ZERO)
    match rule:
        case "gradient descent":
            return {"w": sub(w, mul(alpha, g))}
        case "momentum":
            v = add(mul(beta, old["v"]), g)
            return {"v": v, "w": sub(w, mul(alpha, v))}
        case "averaged momentum":
            v = _mean(beta, old["v"], g)
            return {"v": v, "w": sub(w, mul(alpha, v))}
        case "velocity momentum":
            v = sub(mul(beta, old["v"]), mul(alpha, g))
            return {"v": v, "w": add(w, v)}
        case "nesterov":
            v = add(mul(beta, old["v"]), g)
            return {"v": v, "w": sub(w, mul(alpha, add(g, mul(beta, v))))}
        case "velocity nesterov":
            u, v = old["v"], sub(mul(beta, old["v"]), mul(alpha, g))
            return {"v": v, "w": add(sub(w, mul(beta, u)), mul(add(ONE, beta), v))}
        case "rmsprop":
            s = _mean(beta, old["s"], mul(g, g))
            return {"s": s, "w": sub(w, div(mul(alpha, g), add(sqrt(s), epsilon)))}
        case "rmsprop with epsilon inside":
            s = _mean(beta, old["s"], mul(g, g))
            return {"s": s, "w": sub(w, div(mul(alpha, g), sqrt(add(s, epsilon))))}
        case "adagrad":
            s = add(old["s"], mul(g, g))
            return {"s": s, "w": sub(w, div(mul(alpha, g), add(sqrt(s), epsilon)))}
        case "adam":
            return _adam(constants, w, g, alpha, t, old)
        case "adamax":
            m, faded = _mean(constants["beta1"], old["m"], g), mul(constants["beta2"], old["u"])
            size = mul(g, Fraction(sign(g)))
            u = faded if order(faded, size) > 0 else size
            mhat = div(m, sub(ONE, power(constants["beta1"], Fraction(t))))
            return {"m": m, "u": u, "mhat": mhat} | {
                "w": sub(w, div(mul(alpha, mhat), add(u, epsilon)))
            }
        case "adamw":
            smaller = sub(w, mul(mul(alpha, constants["decay"]), w))
            return {"decay": smaller} | _adam(constants, smaller, g, alpha, t, old)
    raise KeyError(rule)


def _mean(beta: Real, old: Real, new: Real) -> Real:
    return add(mul(beta, old), mul(sub(ONE, beta), new))


def _adam(
    constants: Mapping[str, Fraction], w: Real, g: Real, alpha: Real, t: int, old: Numbers
) -> Numbers:
    beta1, beta2 = constants["beta1"], constants["beta2"]
    m, v = _mean(beta1, old["m"], g), _mean(beta2, old["v"], mul(g, g))
    mhat = div(m, sub(ONE, power(beta1, Fraction(t))))
    vhat = div(v, sub(ONE, power(beta2, Fraction(t))))
    step = div(mul(alpha, mhat), add(sqrt(vhat), constants["epsilon"]))
    return {"m": m, "v": v, "mhat": mhat, "vhat": vhat, "w": sub(w, step)}
