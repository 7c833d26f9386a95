"""Words and numbers to a program: every shape fits, and nothing is missing or left over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tracer import ops
from tracer.errors import (
    LessonError,
    ShapeError,
    TracerError,
    UnknownName,
    about,
    nearest,
    shape_text,
)
from tracer.files.file import short
from tracer.network.build import Layer, Network, ScalarNames
from tracer.network.data import data_of, drawn, in_our_layout, parameters_of
from tracer.network.features import with_features
from tracer.network.labels import check_labels
from tracer.network.spec import Spec
from tracer.network.words import SETTINGS, no_aim, spec_of
from tracer.numbers.values import Value, to_floats, to_numbers
from tracer.trace.conventions import Conventions, parse_names
from tracer.trace.equations import rate_of
from tracer.trace.program import Program, aim_of, way_to_a_cost
from tracer.written.habits import name_meant
from tracer.written.names import parse_name

Matrices = Mapping[str, np.ndarray]
TAKEN = ("A", "L", "Cost", "alpha", "m", "n", "predictions", "accuracy")
"What means something in every network, be it one of its values or not."
LABELS = re.compile(r"Y|y\d*")


def net(
    layers: str,
    *,
    view: str = "matrix",
    loss: str | None = None,
    learning_rate: float | str | None = None,
    settings: Mapping[str, str] | None = None,
    **values: object,
) -> Program:
    """The program of a network given in a few words and its numbers.

    >>> program = net("1 sigmoid", X=[[0, 0, 1, 1], [0, 1, 0, 1]], Y=[[0, 1, 1, 1]],
    ...               W=[[0.1, 0.6]], b=0, learning_rate=1)
    >>> program.names
    ['X', 'W', 'b', 'Y', 'Z', 'Yhat', 'Cost']

    X is (features x examples), Y (outputs x examples), W (n_out x n_in), b (n_out x 1). With
    several layers, as in "3 sigmoid, 1 sigmoid", W and b are lists with one matrix a layer. In the
    scalar view the values are x1, w1, b, y. `settings` are those of a lesson's network, such as
    {"examples": "rows", "optimizer": "adam"}; values are then in that layout. The loss is squared
    error unless another is named; with neither labels nor a loss, the network only goes forward.
    A learning rate is a number or a formula, as in "0.1/sqrt(t)".
    Raises ShapeError, naming both shapes, when matrices do not fit, UnknownName for other values.
    """
    words = {"view": view, **(settings or {}), "layers": layers}
    for key in words:
        if key not in SETTINGS:
            raise LessonError(f"unknown setting {key!r}; {nearest(key, SETTINGS)}")
    wanted = aim_of(words["view"])
    if loss or _has_labels(words, values):
        words[wanted] = loss or words.get(wanted, "squared error")
    if learning_rate is not None:
        words["learning-rate"] = str(learning_rate)
    spec = replace(spec_of(words), learning_rate=rate_of(learning_rate))
    named: dict[str, Value] = {}
    for name, value in values.items():
        if name in ("W", "b") and len(spec.layers) > 1:
            if not isinstance(value, Sequence | np.ndarray) or isinstance(value, str):
                raise TracerError(f"{name} is no list, expected one with a matrix for each layer")
            named |= {f"{name}[{k}]": numbers(name, one) for k, one in enumerate(value, 1)}
        else:
            named[name] = numbers(name, value)
    return assemble(spec, named)


def _has_labels(words: Mapping[str, str], values: Mapping[str, object]) -> bool:
    """Whether some of the values are labels, whatever the source calls them."""
    ours = parse_names(words["names"]) if "names" in words else {}
    return any(LABELS.fullmatch(ours.get(name, name)) for name in values)


def assemble(
    spec: Spec,
    values: Mapping[str, Value],
    *,
    data: str | None = None,
    parameters: str | None = None,
    folder: Path = Path(),
) -> Program:
    """The program of a network in words and named numbers, in the source's own names and layout.

    `data` and `parameters` name what is not typed in: a gate, or files in `folder`.
    Raises LessonError, ShapeError and UnknownName where they do not make a network.
    """
    conventions = spec.conventions
    if spec.view == "matrix":
        _check_beside(spec, _matrix_names(spec))
        with about("names"):
            conventions.check_names([*_matrix_names(spec), *(name for name, _ in spec.beside)])
    loaded: dict[str, Value] = {}
    if data is not None:
        with about("data"):
            loaded |= data_of(data, folder, conventions)
    if parameters is not None:
        with about("parameters"):
            loaded |= parameters_of(parameters, folder, conventions)
    typed: dict[str, Value] = {}
    for name, value in values.items():
        ours = _full_name(spec, str(conventions.ours(parse_name(name))))
        if ours in loaded or ours in typed:
            raise LessonError(f"{name} is given twice, expected once", about=name)
        typed[ours] = value
    if spec.criterion is None:
        _check_forward(spec, [*loaded, *typed])
    if spec.view == "scalar":
        taken = {"features": spec.features, "init": spec.init, "data": data}
        for key, given in (taken | {"parameters": parameters}).items():
            if given:
                raise LessonError(
                    f"{key} belongs to the matrix view: the scalar view takes its numbers one by "
                    "one, without features, init or files",
                    about=key,
                )
        return _from_scalars(spec, typed).program()
    matrices = {name: np.atleast_2d(value) for name, value in loaded.items()}
    for name, value in typed.items():
        matrices[name] = np.atleast_2d(in_our_layout(name, value, conventions))
    if spec.features and "X" in matrices:
        with about("features"):
            matrices["X"] = with_features(matrices["X"], spec.features)
            _check_finite(spec.features, matrices["X"])
    if spec.init and "X" in matrices:
        sizes = [matrices["X"].shape[0], *(size for size, _ in spec.layers)]
        with about("init"):
            made = drawn(spec.init, sizes, conventions)
        matrices |= {n: np.atleast_2d(v) for n, v in made.items() if n not in matrices}
    return _from_matrices(spec, matrices).program()


def _check_forward(spec: Spec, names: Sequence[str]) -> None:
    """Raise LessonError where a network without a cost has labels, or settings that need one."""
    if any(map(LABELS.fullmatch, names)):
        raise LessonError(no_aim(spec.view))
    for key in spec.aimless:
        outputs = range(spec.layers[-1][0])
        raise LessonError(
            f"{key} needs a {aim_of(spec.view)}, and the network has none; "
            f"{way_to_a_cost(spec.view, outputs)}",
            about=key,
        )


def _check_finite(features: Sequence[str], X: np.ndarray) -> None:
    for formula, row in zip(features, to_floats(X[-len(features) :]), strict=True):
        for example in np.flatnonzero(~np.isfinite(row))[:1]:
            called = "not a number" if np.isnan(row[example]) else "infinite"
            raise LessonError(
                f"features has {short(formula)}, which is {called} for example {example + 1}, "
                "expected a finite number"
            )


def _full_name(spec: Spec, name: str) -> str:
    """The name of a parameter with its layer's number, which a single layer may leave out."""
    alone = len(spec.layers) == 1 and spec.view == "matrix" and name in ("W", "b")
    return f"{name}[1]" if alone else name


def _matrix_names(spec: Spec) -> Iterator[str]:
    """Every name that a batch can have, with its layer's number and, for one layer, without."""
    depth = len(spec.layers)
    marks = [f"[{number}]" for number in range(1, depth + 1)] + [""] * (depth == 1)
    yield "X"
    yield from (f"{stem}{mark}" for mark in marks for stem in "Wb")
    yield from ["Y"] * bool(spec.criterion)
    yield from (f"{stem}{mark}" for mark in marks for stem in "ZA")
    yield "Yhat"
    if spec.criterion:
        yield from ["Yclip"] * bool(spec.criterion.clip)
        yield from ["M"] * ("multiclass hinge" in spec.losses)
        yield from (*["lambda", "E", "R"] * bool(spec.penalty), "Cost")


def _check_beside(spec: Spec, known: Iterable[str]) -> None:
    """Raise LessonError where what stands beside the cost has the name of something else."""
    taken = {*known, *TAKEN}
    for name, criterion in spec.beside:
        if name in taken:
            raise LessonError(
                f"beside calls the {criterion.name} {name}, and that name is taken, expected "
                f"another one, as in 'MAE = {criterion.name}'",
                about="beside",
            )


def _from_matrices(spec: Spec, matrices: Matrices) -> Network:
    conventions, depth = spec.conventions, len(spec.layers)
    weights = [f"W[{k}]" for k in range(1, depth + 1)]
    stems = "Wb" if _has_biases(conventions) else "W"
    parameters = [f"{stem}[{k}]" for k in range(1, depth + 1) for stem in stems]
    labels = ["Y"] if spec.criterion else []
    _check_names(matrices, ["X", *labels, *weights], ["X", *parameters, *labels], conventions)
    X = matrices["X"]
    Y = matrices["Y"] if labels else np.empty((0, X.shape[1]))
    built = []
    n_in, source = X.shape[0], "X has that many features"
    for number, (n_out, activation) in enumerate(spec.layers, 1):
        neurons = "1 neuron" if n_out == 1 else f"{n_out} neurons"
        W = matrices[f"W[{number}]"]
        columns = n_in if conventions.folded is None else n_in + 1
        why = "" if conventions.folded is None else ", and a bias for each neuron"
        called = "W" if depth == 1 else f"W[{number}]"
        if number == 1:
            why += _other_data(W, X, columns - n_in, conventions)
        _fit(called, W, (n_out, columns), f"{neurons}, and {source}{why}", conventions)
        bias = _bias(matrices, number, n_out, depth, conventions)
        built.append(Layer(W, bias, activation))
        n_in, source = n_out, f"the layer before has {n_out} neurons"
    each = "row" if conventions.rows else "column"
    why = f"one {'column' if conventions.rows else 'row'} for each output, one {each} for each"
    if labels:
        _fit("Y", Y, (n_in, X.shape[1]), f"{why} example in X", conventions)
    check_labels(spec, Y)
    return Network(spec, tuple(built), X, Y)


def _other_data(W: np.ndarray, X: np.ndarray, folded: int, conventions: Conventions) -> str:
    """The setting that would make the data fit the weights of the first layer."""
    features, examples = X.shape
    if features == examples or W.shape[1] != examples + folded:
        return ""
    now, other = ("row", "columns") if conventions.rows else ("column", "rows")
    return f" with one example a {now}; ':examples: {other}' takes them the other way"


def _has_biases(conventions: Conventions) -> bool:
    return conventions.biases != "none" and conventions.folded is None


def _bias(
    matrices: Matrices, number: int, n_out: int, depth: int, conventions: Conventions
) -> Value | None:
    bias = matrices.get(f"b[{number}]")
    called = "b" if depth == 1 else f"b[{number}]"
    if bias is None:
        return None
    if "shared" in conventions.biases:
        if bias.size != 1:
            raise ShapeError(
                f"{called} is {shape_text(bias.shape[:: -1 if conventions.rows else 1])}, "
                "expected a single number, since the layer shares it",
                about=called,
            )
        return bias[0, 0]  # type: ignore[no-any-return]
    if bias.size == 1:
        return np.full((n_out, 1), bias[0, 0])
    side = "row" if conventions.rows else "column"
    _fit(called, bias, (n_out, 1), f"one number for each neuron, in a {side}", conventions)
    return bias


def _from_scalars(spec: Spec, values: Mapping[str, Value]) -> Network:
    shared = "shared" in spec.conventions.biases
    features = [name for name in values if re.fullmatch(r"x\d+", name)]
    names = ScalarNames((len(features), *(size for size, _ in spec.layers)), shared)
    if not features:
        raise LessonError("there are no features, expected x1, x2 and so on")
    mixing = [loss for loss in spec.losses if loss in ops.ON_SCORES]
    if mixing or spec.conventions.folded is not None:
        what = mixing[0] if mixing else "a bias folded into W"
        raise LessonError(f"{what} needs matrices, expected ':view: matrix'")
    labels = names.y if spec.criterion else []
    clipped = names.clipped if spec.criterion and spec.criterion.clip else []
    roots = ("lambda", "E", "R") * bool(spec.penalty) + ("L",) * bool(spec.criterion)
    known = [*names.x, *names.parameters(), *labels, *names.computed(), *clipped, *roots]
    _check_beside(spec, known)
    with about("names"):
        spec.conventions.check_names([*known, *(name for name, _ in spec.beside)])
    biases = {name for k in range(len(spec.layers)) for name in names.biases(k)}
    needed = [*names.x, *labels, *(name for name in names.parameters() if name not in biases)]
    given = [*names.x, *names.parameters(), *labels]
    allowed = [name for name in given if name not in biases or _has_biases(spec.conventions)]
    _check_names(values, needed, allowed, spec.conventions)
    for name, value in values.items():
        if np.shape(value):
            said = shape_text(np.shape(value))
            raise ShapeError(f"{name} is {said}, expected a single number", about=name)
    layers = []
    given_any = any(name in values for name in biases)
    for number, (size, activation) in enumerate(spec.layers):
        rows = [names.weights(number, neuron) for neuron in range(size)]
        bias = None
        if given_any:
            missing = next((b for b in names.biases(number) if b not in values), None)
            if missing:
                raise LessonError(
                    f"{missing} is missing, expected a bias for each neuron or for none"
                )
            column = [values[names.bias(number, neuron)] for neuron in range(size)]
            bias = column[0] if shared else to_numbers([[value] for value in column])
        W = to_numbers([[values[w] for w in row] for row in rows])
        layers.append(Layer(W, bias, activation))
    x, y = (to_numbers([[values[name]] for name in group]) for group in (names.x, labels))
    check_labels(spec, y)
    return Network(spec, tuple(layers), x, y)


def _check_names(
    values: Mapping[str, object],
    needed: Sequence[str],
    allowed: Sequence[str],
    conventions: Conventions,
) -> None:
    single = "W[2]" not in needed and "w11[2]" not in needed

    def said(name: str) -> str:
        return conventions.theirs(name.removesuffix("[1]") if single else name)

    for name in values:
        if name not in allowed:
            way_out = name_meant(parse_name(said(name)), map(said, allowed), "")
            problem = f"{said(name)} has no place in this network; {way_out}"
            raise UnknownName(problem, about=said(name))
    for name in needed:
        if name not in values:
            listed = ", ".join(map(said, needed))
            problem = f"{said(name)} is missing, expected {listed}"
            if LABELS.fullmatch(name):
                problem += "; without a cost as well, the network only goes forward"
            raise LessonError(problem)


def _fit(
    name: str, matrix: np.ndarray, shape: tuple[int, int], why: str, conventions: Conventions
) -> None:
    if matrix.shape != shape:
        way = -1 if conventions.flipped(name) else 1
        raise ShapeError(
            f"{conventions.theirs(name)} is {shape_text(matrix.shape[::way])}, expected "
            f"{shape_text(shape[::way])}: {why}{_other_way(name, matrix, shape, conventions)}",
            about=conventions.theirs(name),
        )


def _other_way(
    name: str, matrix: np.ndarray, shape: tuple[int, int], conventions: Conventions
) -> str:
    """The setting that would make a transposed matrix fit."""
    if matrix.shape != shape[::-1]:
        return ""
    if name.startswith("W"):
        setting = f":weights: {'(out, in)' if conventions.weights_in_out else '(in, out)'}"
    else:
        setting = f":examples: {'columns' if conventions.rows else 'rows'}"
    return f"; it would fit with {setting!r}"


def numbers(name: str, value: object) -> Value:
    """Numbers from Python, as a single one or in rows.

    Raises TracerError for anything else.
    """
    try:
        array = np.array(value, dtype=float)
    except (TypeError, ValueError):
        raise TracerError(f"{name} is not made of numbers in rows of equal length") from None
    if array.ndim > 2:
        raise TracerError(f"{name} has {array.ndim} dimensions, expected rows and columns")
    if not np.isfinite(array).all():
        raise TracerError(f"{name} has an entry that is not finite")
    return float(array) if array.ndim == 0 else np.atleast_2d(array)
