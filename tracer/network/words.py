"""A network in a few words: layers, loss, conventions and update rule, as a lesson sets them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TypeVar

from tracer import ops
from tracer.errors import LessonError, about, nearest
from tracer.network.formula import activation_of, loss_of
from tracer.network.spec import Criterion, Penalty, Spec
from tracer.numbers.decimals import Number, number
from tracer.numbers.typed import finite, parts
from tracer.ops import Loss, Op, Reduction, UpdateRule
from tracer.trace.conventions import BIASES, Conventions, one_of, parse_names
from tracer.trace.program import aim_of
from tracer.written.habits import ACTIVATIONS, LOSSES

VIEWS = {"matrix": "a batch in matrices", "scalar": "one example, each number a node of its own"}
SIDES = {"columns": False, "rows": True}
WEIGHTS = {"(out, in)": False, "(in, out)": True}
DELTAS = {"gradient": False, "descent": True}
UPDATE_ORDERS = {"together": False, "sequential": True}
YES_OR_NO = {"no": False, "yes": True}
REDUCTIONS = {"sum": "the sum", "mean": "the mean"}
OVER_EXAMPLES = {**REDUCTIONS, "mean, in the gradients": "the mean, where parameters get theirs"}
PENALTIES = {"lambda/2m": (True, True), "lambda/m": (False, True), "lambda/2": (True, False),
             "lambda": (False, False)}  # fmt: skip
"""What stands before the sum of squared weights: whether it is halved, and a mean."""
CLIPPED = ("binary cross-entropy", "cross-entropy")
"""Losses that take the logarithm of a probability."""
MOST_NEURONS = 10_000
MOST_LAYERS = 20
SETTINGS = (
    "layers", "view", "cost", "loss", "clip", "factor", "over-outputs", "over-examples", "beside",
    "l2", "examples", "weights", "biases", "delta", "data-gradients", "updates", "optimizer",
    "names",
)  # fmt: skip
"""What a network's words are read from."""
OF_A_COST = (
    "clip", "factor", "over-outputs", "over-examples", "beside", "l2", "learning-rate",
    "optimizer", "updates", "delta", "data-gradients",
)  # fmt: skip
"""Settings that say nothing unless there is a cost."""
Made = TypeVar("Made")


def spec_of(settings: Mapping[str, str]) -> Spec:
    """A network from its settings, such as {"layers": "1 sigmoid", "cost": "squared error"}.

    >>> spec_of({"layers": "2 softmax", "cost": "cross-entropy, fused"}).criterion.fused
    True

    Raises LessonError, about the setting, for one that cannot be used.
    """
    if "layers" not in settings:
        raise LessonError("the network has no layers, expected ':layers: 1 sigmoid'")
    with about("view"):
        view = one_of("view", settings.get("view", "matrix"), VIEWS)
    wanted = aim_of(view)
    other = "cost" if wanted == "loss" else "loss"
    if other in settings and wanted not in settings:
        raise LessonError(f"{no_aim(view)}; {other} belongs to the other view")
    if other in settings:
        with about(other):
            raise LessonError(f"{other} belongs to the other view, expected ':{wanted}: ...' alone")
    criterion = _minimised(settings, wanted, view) if wanted in settings else None
    with about("layers"):
        layers = tuple(parse_layers(settings["layers"]))
    if criterion is not None:
        with about(wanted):
            _check_fused(criterion, layers)
        if "clip" in settings:
            with about("clip"):
                criterion = replace(criterion, clip=parse_clip(settings["clip"]))
                _check_clip(criterion)
    penalty = None
    if "l2" in settings:
        with about("l2"):
            penalty = parse_penalty(settings["l2"])
    return Spec(
        layers,
        criterion,
        view,
        conventions=_conventions(settings),
        penalty=penalty,
        update=update_of(settings),
        beside=tuple(_beside(settings, criterion.reduction, layers)) if criterion else (),
        data_gradients=_chosen(settings, "data-gradients", YES_OR_NO),
        aimless=() if criterion else tuple(_of_a_cost(settings, view)),
    )


def _of_a_cost(settings: Mapping[str, str], view: str) -> Iterator[str]:
    """The settings that need a cost; in the scalar view an output has gradients for the data."""
    for key in OF_A_COST:
        if key in settings and (key, view) != ("data-gradients", "scalar"):
            yield key


def no_aim(view: str) -> str:
    """What is said where there are labels, and nothing compares the outputs with them."""
    return f"no {aim_of(view)} is set, expected ':{aim_of(view)}: squared error'"


def _minimised(settings: Mapping[str, str], wanted: str, view: str) -> Criterion:
    with about(wanted):
        loss, fused = parse_loss(settings[wanted])
    return _criterion(loss, _reduction(settings, loss, view), fused)


def update_of(settings: Mapping[str, str]) -> UpdateRule:
    """The update rule that a block sets; gradient descent if it sets none.

    Raises LessonError for a rule or a constant that is not known.
    """
    with about("optimizer"):
        return parse_update(settings.get("optimizer", "gradient descent"))


def graph_conventions(settings: Mapping[str, str]) -> Conventions:
    """The conventions that a graph can have: its names, the sign of gradients, when it updates."""
    return Conventions(
        names=_names_of(settings),
        descent=_chosen(settings, "delta", DELTAS),
        sequential=_chosen(settings, "updates", UPDATE_ORDERS),
    )


def _names_of(settings: Mapping[str, str]) -> dict[str, str]:
    """The source's names, and what they stand for."""
    with about("names"):
        return parse_names(settings["names"]) if "names" in settings else {}


def parse_layers(words: str) -> list[tuple[int, Op]]:
    """Layers from words such as `3 sigmoid, 1 sigmoid`: neurons and activation of each.

    >>> [(size, op.name) for size, op in parse_layers("3 tanh, 1 z/(1 + exp(-z))")]
    [(3, 'tanh'), (1, 'z/(1 + exp(-z))')]

    Raises LessonError for other words, and for an expression that is not one in z.
    """
    layers = []
    if ";" in words:
        raise LessonError(f"layers {words!r} cannot be read, expected commas between the layers")
    if comma := re.search(r"\w\s+[-−]?(\d+,\d+)\s*(?:[,*/]|$)", words):
        finite("layers", comma[1])
    said = [part.strip() for part in parts(words)]
    if len(said) > MOST_LAYERS:
        raise LessonError(f"layers has {len(said)}, expected at most {MOST_LAYERS}; take fewer")
    _refuse_inputs(said)
    for part in said:
        size, _, activation = part.partition(" ")
        if not (size.isascii() and size.isdecimal()) or not 1 <= int(size[:6]) <= MOST_NEURONS:
            raise LessonError(f"layer {part!r} cannot be read, expected {_turned(part)!r}")
        if not activation.strip():
            raise LessonError(f"layer {part!r} has no activation, expected '{size} identity'")
        op = parse_activation(activation.strip())
        if op.shares and int(size) == 1:
            raise LessonError(f"layer {part!r} is always 1, expected 2 neurons, or '1 sigmoid'")
        layers.append((int(size), op))
    return layers


def _refuse_inputs(parts: Sequence[str]) -> None:
    """Refuse inputs among the layers: `2, 1 sigmoid`, `2 input, 3 sigmoid`, `2-3-1`."""
    drawn = len(parts) == 1 and re.fullmatch(r"\d+(?:\s*(?:->|→|-|x)\s*\d+)+", parts[0])
    first, *layers = re.findall(r"\d+", parts[0]) if drawn else parts
    counted = re.fullmatch(r"(?:inputs? )?\d+(?: inputs?| features?| in)?", first)
    if counted and layers and all(layer[:1].isdecimal() for layer in layers):
        meant = ", ".join(layer + " sigmoid" * layer.isdecimal() for layer in layers)
        raise LessonError(f"layer {first!r} is none: inputs are not counted, expected {meant!r}")


def _turned(part: str) -> str:
    """How a layer that cannot be read is written: its number of neurons comes first."""
    match = re.fullmatch(r"([a-z]+(?: [a-z]+)?) ?\(?(\d{1,5})\)?", part)
    return f"{match[2]} {match[1]}" if match else "3 sigmoid"


def parse_activation(words: str) -> Op:
    """An activation by its name, `relu`, with a number, `leaky relu 0.2`, or as an expression in z.

    Raises LessonError for another.
    """
    if words in ops.ACTIVATIONS:
        return ops.ACTIVATIONS[words]
    tuned = _tuned(words, ops.TUNABLE)
    if tuned:
        return tuned
    if re.search(r"[()*/+]", words) or ("-" in words and _is_expression(words)):
        return activation_of(words)
    known = nearest(words, [*ops.ACTIVATIONS, *ops.TUNABLE])
    if words.lower() in ACTIVATIONS:
        known = f"it is called {ACTIVATIONS[words.lower()]!r} here"
    elif words in ops.FUNCTIONS and ops.FUNCTIONS[words].name not in (
        *ops.ACTIVATIONS,
        *ops.TUNABLE,
    ):
        inputs = ", ".join(["z", "0"][: len(ops.FUNCTIONS[words].slots)])
        known = f"as an expression it is '{words}({inputs})'"
    raise LessonError(f"activation {words!r} is not known; {known}")


def _is_expression(words: str) -> bool:
    """Whether words with a minus in them are an expression: `-z` is, and `leaky-relu` is none."""
    names = re.findall(r"[A-Za-z_]\w*", words)
    return bool(names) and all(len(name) == 1 or name == "pi" for name in names)


def parse_loss(words: str, minimised: bool = True) -> tuple[Loss | str, bool]:
    """A loss by its name, with a number, or as an expression in y and yhat; and if it is fused.

    Raises LessonError for another.
    """
    inner = words.removesuffix(", fused").strip()
    fused = inner != words.strip()
    if inner in ops.ON_SCORES:
        return inner, fused
    if inner in ops.LOSSES:
        return ops.LOSSES[inner], fused
    tuned = _tuned(inner, ops.TUNABLE_LOSSES)
    if tuned:
        return tuned, fused
    if "yhat" in inner:
        return loss_of(inner), fused
    known = nearest(inner, [*ops.LOSSES, *ops.TUNABLE_LOSSES, *ops.ON_SCORES])
    if meant := LOSSES.get(re.sub(r"[-_ ]+", " ", inner.lower())):
        known = f"it is called {meant!r} here"
        halved = minimised and meant == "squared error"
        known += ", and has the factor 1/2 without ':factor: 1'" * halved
    if re.search(r"[()*/+]", inner):
        known = "a loss of one's own is an expression in y and yhat, such as (y - yhat)**4"
    raise LessonError(f"loss {inner!r} is not known; {known}")


def parse_clip(words: str) -> Number:
    """How far predictions are kept from 0 and 1, from words such as `1e-7`.

    >>> float(parse_clip("1e-7"))
    1e-07

    Raises LessonError for a number that is not between 0 and 0.5.
    """
    bound = finite("clip", words)
    if not 0 < bound < 0.5:
        raise LessonError(f"clip is {words}, expected more than 0 and less than 0.5, as 1e-7 is")
    return number(bound)


def _criterion(loss: Loss | str, reduction: Reduction, fused: bool = False) -> Criterion:
    if isinstance(loss, str):
        return Criterion(loss, None, reduction, fused)
    return Criterion(loss.name, loss, reduction, fused)


def _beside(
    settings: Mapping[str, str],
    reduction: Reduction,
    layers: tuple[tuple[int, Op], ...],
) -> Iterator[tuple[str, Criterion]]:
    """What is worked out beside the cost: without a factor, and with the means of the cost."""
    found = set()
    with about("beside"):
        for words in parts(settings["beside"]) if "beside" in settings else ():
            name, equals, said = (part.strip() for part in words.partition("="))
            if name == "fused":
                raise LessonError(
                    "beside has 'fused', which says how a cost is differentiated; leave it out"
                )
            if not (equals and said and re.fullmatch(r"[A-Za-z]\w*", name)):
                meant = LOSSES.get(words.strip().lower(), "absolute error")
                known = name if name.lower() in LOSSES and name.isidentifier() else "MAE"
                raise LessonError(
                    f"beside {words.strip()!r} cannot be read, expected '{known} = {meant}'"
                )
            if name in found:
                raise LessonError(f"beside has {name} twice, expected once")
            found.add(name)
            loss, _ = parse_loss(said, minimised=False)
            criterion = _criterion(loss, replace(reduction, factor=Fraction(1)))
            _check_fused(criterion, layers)
            yield name, criterion


def parse_penalty(words: str) -> Penalty:
    """L2 regularisation from words such as `0.1, lambda/2m`."""
    rate, _, form = (part.strip() for part in words.rpartition(","))
    form = re.sub(r"[\s()*]", "", form).replace("λ", "lambda")
    if form not in PENALTIES:
        known = ", ".join(PENALTIES)
        raise LessonError(f"l2 {words!r} cannot be read, expected a number and one of {known}")
    half, mean = PENALTIES[form]
    number = finite("l2", rate)
    if number < 0:
        raise LessonError(f"lambda is {rate}, expected 0 or more")
    return Penalty(number, half, mean)


def parse_update(words: str) -> UpdateRule:
    """An update rule from words such as `adam` or `momentum, beta 0.8`.

    >>> parse_update("momentum, beta 0.8").constants
    {'beta': 0.8}

    Raises LessonError for a rule or a constant that is not known.
    """
    # the comma of 0,9 is told with its number
    name, *settings = (part.strip() for part in re.split(r"(?<!\d),|,(?!\d)", words))
    if name not in ops.UPDATES:
        raise LessonError(f"optimizer {name!r} is not known; {nearest(name, ops.UPDATES)}")
    rule = ops.UPDATES[name]
    given: dict[str, float] = {}
    for setting in settings:
        key, _, value = setting.partition(" ")
        if key not in rule.constants:
            raise LessonError(f"{name} has no {key!r}; {nearest(key, rule.constants)}")
        if key in given:
            raise LessonError(f"{key} is set twice, expected once")
        given[key] = finite(key, value.strip())
        most = 1 if key.startswith("beta") else math.inf
        if not 0 <= given[key] < most:
            raise LessonError(
                f"{key} is {value.strip()}, expected 0 or more" + ", below 1" * (most == 1)
            )
    return replace(rule, constants={**rule.constants, **given})


def _reduction(settings: Mapping[str, str], loss: Loss | str, view: str) -> Reduction:
    factor = Fraction(1) if isinstance(loss, str) else loss.factor
    if "factor" in settings:
        with about("factor"):
            factor = _fraction(settings["factor"])
    with about("over-outputs"):
        outputs = one_of("over-outputs", settings.get("over-outputs", "sum"), REDUCTIONS)
    with about("over-examples"):
        if view == "scalar" and "over-examples" in settings:
            raise LessonError("over-examples belongs to the matrix view: here is one example")
        said = _over_examples(settings)
    examples, _, later = said.partition(", ")
    return Reduction(factor, outputs, examples, averaged_later=bool(later))


def _over_examples(settings: Mapping[str, str]) -> str:
    return one_of("over-examples", settings.get("over-examples", "mean"), OVER_EXAMPLES)


def _conventions(settings: Mapping[str, str]) -> Conventions:
    with about("biases"):
        biases = _biases(settings.get("biases", "trained"))
    names = _names_of(settings)
    in_out = _chosen(settings, "weights", WEIGHTS)
    if ("column" if in_out else "row") in biases:
        with about("biases"):
            way_out = (
                biases.replace("row", "column") if not in_out else biases.replace("column", "row")
            )
            raise LessonError(
                f"biases cannot be the {biases.partition(',')[0]} of weights that are "
                f"{'(in, out)' if in_out else '(out, in)'}, expected {way_out!r}"
            )
    return Conventions(
        rows=_chosen(settings, "examples", SIDES),
        weights_in_out=in_out,
        biases=biases,
        descent=_chosen(settings, "delta", DELTAS),
        averaged_later=_over_examples(settings) == "mean, in the gradients",
        sequential=_chosen(settings, "updates", UPDATE_ORDERS),
        names=names,
    )


def _biases(words: str) -> str:
    """What the biases are; trained is what they are without a word, be they subtracted or not."""
    said = {part.strip() for part in words.split(",")}
    if said == {"none", "subtracted"}:
        raise LessonError(f"biases {words!r} subtracts what is not there, expected 'none'")
    plain = said == {"trained", "subtracted"}
    return one_of("biases", "subtracted" if plain else words, BIASES)


def _chosen(settings: Mapping[str, str], key: str, known: Mapping[str, bool]) -> bool:
    with about(key):
        return known[one_of(key, settings.get(key, next(iter(known))), known)]


def _check_fused(criterion: Criterion, layers: tuple[tuple[int, Op], ...]) -> None:
    last = layers[-1][1].name.removeprefix("shifted ")
    if criterion.fused and (last, criterion.name) not in ops.FUSED:
        pairs = " or ".join(
            f"{loss!r} behind {activation}" for activation, loss in sorted(ops.FUSED)
        )
        raise LessonError(f"{criterion.name!r} cannot be fused with {last}, expected {pairs}")
    if criterion.loss is None and layers[-1][0] == 1:
        instead = {"softmax cross-entropy": "binary cross-entropy with logits"}
        raise LessonError(
            f"{criterion.name!r} compares several outputs, expected 2 or more; for one there is "
            f"{instead.get(criterion.name, 'hinge')!r}"
        )
    on_scores = criterion.loss is None or criterion.name.endswith("with logits")
    if on_scores and layers[-1][1].span == (0, 1):
        raise LessonError(
            f"{criterion.name!r} takes what comes before {last}, expected an identity layer; "
            "or the loss on probabilities, with ', fused' behind it"
        )


def _check_clip(criterion: Criterion) -> None:
    """Refuse a clip before a loss that takes no logarithm of its predictions."""
    called = repr(criterion.name)
    if criterion.loss is not None and criterion.loss.formula:
        way_out = "is typed out, and so is its clip, as in max(yhat, 1e-7) in the place of yhat"
    elif criterion.fused:
        way_out = f"is fused, and takes the predictions as they are; expected {called} alone"
    elif criterion.loss is None or criterion.name in ("binary cross-entropy with logits", "hinge"):
        way_out = "takes scores and no probabilities; take the clip away"
    elif criterion.name not in CLIPPED:
        way_out = "takes no logarithm of its predictions; take the clip away"
    else:
        return
    raise LessonError(f"clip keeps probabilities from 0 and 1, and {called} {way_out}")


def _tuned(words: str, family: Mapping[str, Callable[..., Made]]) -> Made | None:
    """A member of a family such as `leaky relu 0.2`; with its usual number if none is given."""
    for name, make in family.items():
        if words == name:
            return make()
        if words.startswith(f"{name} ") and re.fullmatch(r"[\d.,/eE+-]+", words[len(name) + 1 :]):
            return make(finite(name, words[len(name) + 1 :]))
    return None


def _fraction(words: str) -> Fraction:
    if "," in words:
        finite("factor", words)
    digits = words.replace(" ", "")
    try:
        # a large exponent would be a power of ten with as many digits
        factor = Fraction(digits if re.fullmatch(r"[^eE_]{1,40}(e-?\d{1,2})?", digits) else "")
    except (ValueError, ZeroDivisionError):
        raise LessonError(f"factor {words!r} is no number, expected such as 1/2") from None
    if not 0 < factor <= 10**6 or factor.denominator > 10**6:
        raise LessonError(f"factor {words!r} is out of reach, expected such as 1/2")
    return factor
