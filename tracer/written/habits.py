"""What people type from habit, as other books and programs have it, and what it is called here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from keyword import iskeyword

from tracer.errors import LessonError, nearest
from tracer.written.names import Name, listed, parse_name

KEYS = {
    ":title: {}": "heading headline name",
    ":source: {}": "author authors book citation cite origin reference",
    ":url: {}": "address href link web",
    ":about: {}": "abstract description summary",
    ":needs: {}": "depends prerequisites requires",
    ":rounding: carry {}": "decimals digits places precision round",
    ":layers: 1 {}": "activation activations nonlinearity transfer",
    ":layers: {} sigmoid": "architecture hidden hidden-layers layer neurons nodes topology units",
    ":cost: {}": "cost-function criterion error loss-function objective",
    ":beside: {}": "measure measures metric metrics monitor",
    ":learning-rate: {}": "alpha eta learning lr rate step step-size α η",
    ":optimizer: {}": "optim optimiser solver update update-rule",
    ":optimizer: momentum, beta {}": "beta momentum",
    ":l2: {}, lambda/2m": "decay lambda penalty regularisation regularization ridge weight-decay λ",
    ":init: xavier, seed {}": "random random-seed random-state seed",
    ":init: {}, seed 1": "initialisation initialization initialiser initializer weight-init",
    ":parameters: {}": "params pretrained state-dict",
    ":biases: {}": "bias",
    ":biases: subtracted": "threshold thresholds",
    ":features: {}": "feature",
    ":names: {}": "aliases notation rename",
    ":over-examples: {}": "average reduction",
    ":data: {}": "dataset input inputs",
    ":data-gradients: yes": "data-gradient input-gradient input-gradients requires-grad",
    ":fixed: {}": "const constant constants freeze frozen",
    ":epochs: {}": "epoch iteration iterations passes steps",
    ":batch-size: {}": "batch batches minibatch mini-batch",
    ":log-every: {}": "every log print-every verbose",
    ":plot: {}": "draw picture plots show",
    ":at: {}": "caption fig figure page table",
    ":answer: yes": "collapse exercise fold hidden hide solution",
    ":of: {}": "derivation function loss name parameter root",
    ":by: {}": "delta eps epsilon h step step-size",
    ":wrt: {}": "by respect-to var variable with-respect-to",
    ":from: {}": "begin low lower matrices min start",
    ":to: {}": "end high max node stop upper value wrt",
    ":mark: {}": "marks point points",
    ":target: {}": "gradient of",
}
"Settings as they are typed here, each with the words that others have for its key."
EQUATIONS = {
    "X = {}": "input inputs x",
    "Y = {}": "label labels output outputs target targets y",
    "W = {}": "weight weights",
    "b = {}": "bias",
}
"What is given in equations where others have a setting."
ACTIVATIONS = {
    "linear": "identity",
    "none": "identity",
    "z": "identity",
    "logistic": "sigmoid",
    "sigma": "sigmoid",
    "hyperbolic tangent": "tanh",
    "rectifier": "relu",
    "lrelu": "leaky relu",
}
LOSSES = {
    "mse": "squared error",
    "mean squared error": "squared error",
    "half squared error": "squared error",
    "sse": "squared error",
    "quadratic": "squared error",
    "l2": "squared error",
    "mae": "absolute error",
    "mean absolute error": "absolute error",
    "l1": "absolute error",
    "smooth l1": "huber",
    "bce": "binary cross-entropy",
    "log loss": "binary cross-entropy",
    "logistic": "binary cross-entropy",
    "bce with logits": "binary cross-entropy with logits",
    "ce": "cross-entropy",
    "cce": "cross-entropy",
    "categorical cross entropy": "cross-entropy",
    "categorical crossentropy": "cross-entropy",
    "binary crossentropy": "binary cross-entropy",
    "softmax loss": "softmax cross-entropy",
    "nll": "cross-entropy",
    "negative log likelihood": "cross-entropy",
    "svm": "hinge",
}
"""Names that activations and losses have elsewhere."""
IN_FORMULAS = {
    **dict.fromkeys(
        ("np", "numpy", "math", "torch"),
        "functions stand alone, as in exp(z), and the matrix product is a @ b",
    ),
}
"What is written otherwise in a program, and the way out."
ENDS = ("c", "cost", "e", "error", "j", "l", "loss", "objective")
"What others call the last value."
_WORDS = {
    "bias": ("b",),
    "biases": ("b",),
    "input": ("X",),
    "inputs": ("X",),
    "label": ("Y", "y"),
    "labels": ("Y", "y"),
    "out": ("Yhat", "yhat"),
    "output": ("Yhat", "yhat"),
    "prediction": ("Yhat", "yhat"),
    "predictions": ("Yhat", "yhat"),
    "target": ("Y", "y"),
    "targets": ("Y", "y"),
    "weight": ("W", "w"),
    "weights": ("W", "w"),
    "y_hat": ("Yhat", "yhat"),
    "y_pred": ("Yhat", "yhat"),
}
"What others call a network's values."
_ROUNDING = re.compile(
    r"(?:round(?:ed)?(?: to)? )?(\d+)"
    r"(?: (?:(?:decimal )?(?:decimals?|places?|digits?|dp)|(significant|sf)(?: \w+)?))?"
)
_GRADIENT = re.compile(r"(?:d|grad_|grad |nabla |(?=\w+_grad\b))(?P<of>[A-Za-z]\w*?)(?:_grad)?")


# settings


def key_meant(key: str, value: str, kind: str, blocks: Mapping[str, Sequence[str]]) -> str | None:
    """What an unknown key of a block means: the line to write instead, or where it belongs.

    >>> key_meant("eta", "0.5", "network", {"network": ("layers", "learning-rate")})
    "expected ':learning-rate: 0.5'"
    """
    word, said = spelled(key), value or "..."
    if kind == "network" and _begins_as_number(value) and (given := _lines(word, EQUATIONS)):
        return f"expected an equation, {given[0].format(said)!r}"
    lines = [f":{word}: {{}}", *_lines(word, KEYS)]
    for line in lines:
        if _key(line) in blocks[kind]:
            return f"expected {line.format(said)!r}"
    for line in lines:
        if homes := [f"{{{home}}}" for home, keys in blocks.items() if _key(line) in keys]:
            return f"{line.format(said)!r} belongs to {listed(homes, 'or')}"
    return None


def setting_meant(name: str, value: str, keys: Sequence[str]) -> str | None:
    """The setting that is meant by an equation: `learning-rate = 1`.

    >>> setting_meant("lr", "1", ["layers", "learning-rate"])
    ':learning-rate: 1'
    """
    word = spelled(name)
    if _lines(word, EQUATIONS) and _begins_as_number(value):
        return None
    lines = [f":{word}: {{}}", *_lines(word, KEYS)]
    return next((line.format(value) for line in lines if _key(line) in keys), None)


def spelled(key: str) -> str:
    """A key in small letters, with hyphens between its words: learning-rate for Learning_Rate."""
    return re.sub(r"[\s_]+", "-", key.strip().lower())


def _lines(word: str, table: Mapping[str, str]) -> list[str]:
    """The lines of a table that a word can mean."""
    return [line for line, words in table.items() if word in words.split()]


def _key(line: str) -> str:
    return line.split(":")[1]


def _begins_as_number(value: str) -> bool:
    return re.match(r"[\[(]*[-+−]?[\d.]", value) is not None


def rounding_meant(words: str) -> str | None:
    """What is said of a rounding that is a bare number of decimals; None of another.

    >>> print(rounding_meant("carry 3"))
    None
    """
    match = _ROUNDING.fullmatch(words.lower())
    if not match:
        return None
    digits = f"{match[1]}{' significant' * bool(match[2])}"
    return (
        f"rounding {words!r} has no way to round, expected 'carry {digits}', which uses the "
        f"written number next, or 'display {digits}', which uses the exact one"
    )


def refuse_reserved(text: str) -> None:
    """Refuse a name or a formula with a word in it that formulas keep for themselves.

    Raises LessonError for such a word: lambda, in, is, not, and the like.
    """
    word = next((word for word in re.findall(r"[A-Za-z_]\w*", text) if iskeyword(word)), None)
    if word:
        instead = "lam or decay" if word == "lambda" else f"{word}1 or another name"
        raise LessonError(f"{word} is a word of Python's; call it {instead}")


# names


def name_meant(name: Name, known: Iterable[str], root: str) -> str:
    """The way out for a name that is not known: what it means here, or else the nearest.

    >>> from tracer.written.names import parse_name
    >>> name_meant(parse_name("dW1"), ["W[1]", "Cost", "dCost/dW[1]"], "Cost")
    "did you mean 'dCost/dW[1]'?"
    """
    here = list(dict.fromkeys(known))
    for candidate in _candidates(name, here, root):
        if candidate in here:
            kept = replace(parse_name(candidate), entry=name.entry, epoch=name.epoch)
            return f"did you mean {str(kept)!r}?"
    return nearest(str(name.whole), here)


def _candidates(name: Name, known: Sequence[str], root: str) -> Iterator[str]:
    if name.of:
        ends = [name.of, *([root] if name.of.lower() in ENDS else [])]
        yield from (f"d{end}/d{base}" for end in ends for base in _bases(name.base, known, root))
    stem, bracket, layer = name.base.partition("[")
    inner = name.base if name.part == "grad" else None
    if match := _GRADIENT.fullmatch(stem):
        inner = match["of"] + bracket + layer
    if inner:
        yield from (f"d{root}/d{base}" for base in _bases(inner, known, root))
    if not name.of:
        yield from _bases(name.base, known, root)


def _bases(base: str, known: Sequence[str], root: str) -> Iterator[str]:
    """What a value's name could be here: Z[1] for z_1, Yhat for y_hat, the last value for J."""
    yield base
    stem, _, layer = base.partition("[")
    letters = stem.rstrip("0123456789")
    number = stem[len(letters) :] or layer.removesuffix("]")
    letters = letters.rstrip("_")
    words = [letters, letters.swapcase()] if len(letters) == 1 else [letters]
    words += _WORDS.get(letters.lower(), ())
    for word in words:
        yield from (f"{word}{number}", f"{word}[{number}]")
        if number in ("", "1"):
            yield word
    if letters in ("a", "A"):
        yield from _last_activation(number, known)
    if not number:
        yield from [root] * (letters.lower() in ENDS)
        yield from (f"{word}[1]" for word in words)
        yield from (f"{word}1" for word in words)


def _last_activation(number: str, known: Sequence[str]) -> Iterator[str]:
    """A[2] is called Yhat where 2 is the last layer, and a is yhat where there is one neuron."""
    if f"Z[{number}]" in known or (number in ("", "1") and "Z" in known):
        yield "Yhat"
    if number in ("", "1") and "z" in known:
        yield "yhat"
