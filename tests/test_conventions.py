"""Conventions: a network in a source's layout, signs and names, beside NumPy written in them."""

import ast
import math
import re
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tracer import graph, net, ops, work
from tracer.errors import LessonError, NotFinite, TracerError
from tracer.lesson.check import check
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.network import words
from tracer.numbers.rounding import parse_pen
from tracer.page.declared import conventions_table
from tracer.page.document import Derivation
from tracer.page.summaries import graph_of
from tracer.page.worked import combined, worked
from tracer.trace.conventions import BIASES, Conventions, parse_names
from tracer.trace.quantity import Hand
from tracer.trace.steps import BackwardStep, ForwardStep, GatherStep, UpdateStep
from tracer.trace.tape import Tape
from tracer.trace.view import View, view_of
from tracer.training.run import train
from tracer.written.names import parse_name, pretty
from tracer.written.text import text

# a network of two layers, solved in a convention by the tool and by NumPy as the source would

FEATURES, HIDDEN, OUTPUTS, EXAMPLES, RATE = 4, 3, 2, 5, 0.5
random = np.random.RandomState(7)
INSIDE = {
    "X": random.randn(FEATURES, EXAMPLES),
    "Y": random.rand(OUTPUTS, EXAMPLES),
    "W[1]": random.randn(HIDDEN, FEATURES),
    "W[2]": random.randn(OUTPUTS, HIDDEN),
    "b[1]": random.randn(HIDDEN, 1),
    "b[2]": random.randn(OUTPUTS, 1),
}
"One example a column, W as (out, in): `typed` says how a source with other conventions has it."

FORWARD = {
    ("columns", "(out, in)"): lambda W, A: W @ A,
    ("columns", "(in, out)"): lambda W, A: W.T @ A,
    ("rows", "(out, in)"): lambda W, A: A @ W.T,
    ("rows", "(in, out)"): lambda W, A: A @ W,
}
TO_WEIGHTS = {
    ("columns", "(out, in)"): lambda delta, A: delta @ A.T,
    ("columns", "(in, out)"): lambda delta, A: A @ delta.T,
    ("rows", "(out, in)"): lambda delta, A: delta.T @ A,
    ("rows", "(in, out)"): lambda delta, A: A.T @ delta,
}
BACK = {
    ("columns", "(out, in)"): lambda W, delta: W.T @ delta,
    ("columns", "(in, out)"): lambda W, delta: W @ delta,
    ("rows", "(out, in)"): lambda W, delta: delta @ W,
    ("rows", "(in, out)"): lambda W, delta: delta @ W.T,
}
TO_BIAS = {
    ("columns", False): lambda delta: delta.sum(axis=1, keepdims=True),
    ("rows", False): lambda delta: delta.sum(axis=0, keepdims=True),
    ("columns", True): lambda delta: delta.sum(),
    ("rows", True): lambda delta: delta.sum(),
}
"What a bias gets, and whether the layer shares it."


def typed(case, inside):
    """The numbers as a source with these conventions types them."""
    rows, turned, kind = case["examples"] == "rows", case["weights"] == "(in, out)", case["biases"]
    found = {name: inside[name].T if rows else inside[name] for name in ("X", "Y")}
    for k in (1, 2):
        W, b = inside[f"W[{k}]"], inside[f"b[{k}]"]
        if is_folded(kind):
            W = np.hstack([b, W] if kind.startswith("first") else [W, b])
        found[f"W[{k}]"] = W.T if turned else W
        if "shared" in kind:
            found[f"b[{k}]"] = float(b[0, 0])
        elif not is_folded(kind) and kind != "none":
            found[f"b[{k}]"] = b.T if rows else b
    return found


def is_folded(kind):
    return "column" in kind or "row" in kind


def is_learned(kind):
    return kind != "none" and "fixed" not in kind


def beside(bias, W, kind):
    """A bias put beside its weights."""
    both = [bias, W] if kind.startswith("first") else [W, bias]
    return np.concatenate(both, axis=1 if "column" in kind else 0)


def apart(folded, kind):
    """A bias and its weights, taken apart."""
    axis = 1 if "column" in kind else 0
    at = 1 if kind.startswith("first") else -1
    first, last = np.split(folded, [at], axis=axis)
    return (first, last) if kind.startswith("first") else (last, first)


def is_turned(case):
    """Whether a bias lies otherwise beside its weights than it is added to a matrix."""
    return (case["examples"] == "rows") == ("column" in case["biases"])


def bias_and_weights(case, values, k):
    """What a layer adds, and what it multiplies with."""
    if not is_folded(case["biases"]):
        return values.get(f"b[{k}]", 0), values[f"W[{k}]"]
    bias, W = apart(values[f"W[{k}]"], case["biases"])
    return bias.T if is_turned(case) else bias, W


def by_name(case, bias, W, k, mark):
    """The quantities of a layer's parameters, as the source keeps them."""
    if is_folded(case["biases"]):
        folded = beside(bias.T if is_turned(case) else bias, W, case["biases"])
        return {mark.format(f"W[{k}]"): folded}
    found = {mark.format(f"W[{k}]"): W}
    if is_learned(case["biases"]):
        found[mark.format(f"b[{k}]")] = bias
    return found


def on_paper(case, X, Y, penalty=0.0, **values):
    """Every quantity of an iteration, by the name that the source gives it.

    A `penalty` is what weights add of themselves to their gradients.
    """
    layout = case["examples"], case["weights"]
    forward, to_weights, back = FORWARD[layout], TO_WEIGHTS[layout], BACK[layout]
    to_bias = TO_BIAS[case["examples"], "shared" in case["biases"]]
    descends, later = case["delta"] == "descent", case["over-examples"].endswith("gradients")
    m = 1 if case["over-examples"] == "sum" else len(Y if case["examples"] == "rows" else Y.T)
    early, late = (1, m) if later else (m, 1)
    learned, plus = is_learned(case["biases"]), -1 if "subtracted" in case["biases"] else 1
    step = RATE if descends else -RATE
    shrink = -penalty if descends else penalty

    (b1, W1), (b2, W2) = (bias_and_weights(case, values, k) for k in (1, 2))
    Z1 = forward(W1, X) + plus * b1
    A1 = np.tanh(Z1)
    Z2 = forward(W2, A1) + plus * b2
    Yhat = 1 / (1 + np.exp(-Z2))
    cost = np.sum((Y - Yhat) ** 2) / (2 * m)

    dYhat = (Y - Yhat if descends else Yhat - Y) / early
    dZ2 = dYhat * Yhat * (1 - Yhat)
    dW2, db2 = to_weights(dZ2, A1) / late + shrink * W2, plus * to_bias(dZ2) / late
    new_W2, new_b2 = W2 + step * dW2, b2 + step * db2 * learned
    dA1 = back(new_W2 if case["updates"] == "sequential" else W2, dZ2)
    dZ1 = dA1 * (1 - A1**2)
    dW1, db1 = to_weights(dZ1, X) / late + shrink * W1, plus * to_bias(dZ1) / late
    new_W1, new_b1 = W1 + step * dW1, b1 + step * db1 * learned

    d, of = "-d" if descends else "d", "L" if later else "Cost"
    to_data = back(new_W1 if case["updates"] == "sequential" else W1, dZ1)
    return {
        **({f"{d}{of}/dX": to_data} if case.get("data-gradients") == "yes" else {}),
        "Z[1]": Z1,
        "A[1]": A1,
        "Z[2]": Z2,
        "Yhat": Yhat,
        "Cost": cost,
        f"{d}{of}/dYhat": dYhat,
        f"{d}{of}/dZ[2]": dZ2,
        f"{d}{of}/dA[1]": dA1,
        f"{d}{of}/dZ[1]": dZ1,
        **by_name(case, db1, dW1, 1, f"{d}Cost/d{{}}"),
        **by_name(case, db2, dW2, 2, f"{d}Cost/d{{}}"),
        **by_name(case, new_b1, new_W1, 1, "{}'"),
        **by_name(case, new_b2, new_W2, 2, "{}'"),
    }


def after(page, values):
    """What the next iteration starts from."""
    return {name: page.get(f"{name}'", value) for name, value in values.items()}


def fits(case):
    """Whether the biases can stand where they are said to."""
    side = {"(out, in)": "row", "(in, out)": "column"}[case["weights"]]
    return side not in case["biases"]


CHOICES = {
    "examples": words.SIDES,
    "weights": words.WEIGHTS,
    "biases": BIASES,
    "delta": words.DELTAS,
    "over-examples": words.OVER_EXAMPLES,
    "updates": words.UPDATE_ORDERS,
}
CASES = [
    case
    for chosen in product(*CHOICES.values())
    if fits(case := dict(zip(CHOICES, chosen, strict=True)))
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: "; ".join(case.values()))
def test_a_network_solved_in_a_convention_as_its_source_would_in_numpy(case):
    values = typed(case, INSIDE)
    layers = f"{HIDDEN} tanh, {OUTPUTS} sigmoid"
    program = net(layers, settings=case, learning_rate=RATE, **values)
    trace, run = work(program, iterations=2), train(program, 2)
    for epoch in (0, 1):
        page = on_paper(case, **values)
        for name, expected in page.items():
            found = trace[f"{name}@{epoch}"]
            assert found.name == name.rstrip("'")
            assert found.shape == np.shape(expected)
            assert found.exact == pytest.approx(expected, rel=1e-12, abs=1e-14), name
        values = after(page, values)
        assert run.costs[epoch] == pytest.approx(page["Cost"], rel=1e-12)
    for name, found in run.parameters().items():
        turned = case["weights"] == "(in, out)" if name[0] == "W" else case["examples"] == "rows"
        found = found.T if turned and np.ndim(found) else found
        assert found == pytest.approx(values[name], rel=1e-12)


PENALISED = [
    case
    for case in CASES
    if (case["examples"], case["weights"], case["over-examples"]) == ("rows", "(in, out)", "mean")
]


@pytest.mark.parametrize("case", PENALISED, ids=lambda case: "; ".join(case.values()))
def test_a_penalty_pulls_at_weights_alone_also_where_they_are_updated_at_once(case):
    values = typed(case, INSIDE)
    program = net(
        f"{HIDDEN} tanh, {OUTPUTS} sigmoid", learning_rate=RATE,
        settings=case | {"l2": "0.3, lambda/2m"}, **values,
    )  # fmt: skip
    trace, run = work(program), train(program, 1)
    page = on_paper(case, **values, penalty=0.3 / EXAMPLES)
    page.pop("Cost")
    for name, expected in page.items():
        assert trace[name].exact == pytest.approx(expected, rel=1e-12, abs=1e-14), name
    for name, found in run.parameters().items():
        assert (found.T if np.ndim(found) else found) == pytest.approx(trace[f"{name}'"].exact)


@pytest.mark.parametrize("case", CASES, ids=lambda case: "; ".join(case.values()))
def test_data_gets_its_gradient_in_a_convention_as_its_source_would_in_numpy(case):
    case, values = case | {"data-gradients": "yes"}, typed(case, INSIDE)
    layers = f"{HIDDEN} tanh, {OUTPUTS} sigmoid"
    trace = work(net(layers, settings=case, learning_rate=RATE, **values))
    for name, expected in on_paper(case, **values).items():
        assert trace[name].exact == pytest.approx(expected, rel=1e-12, abs=1e-14), name
    assert np.array_equal(trace["X'"].exact, values["X"])


def test_what_is_used_twice_is_moved_once():
    """L = w^2 x: by 2 w x in all, once both gradients are there."""
    program = graph("w = 0.5; x = 2; a = w*x; L = a*w", learning_rate=0.1, data=["x"])
    at_once = replace(program, conventions=Conventions(sequential=True))
    assert work(at_once)["w'"].exact == pytest.approx(0.3)
    assert train(at_once, 1).parameters() == pytest.approx({"w": 0.3})


def test_a_bias_that_is_not_trained_gets_no_gradient():
    for kind in (kind for kind in BIASES if "fixed" in kind):
        case = CASES[0] | {"biases": kind}
        trace = work(
            net("3 tanh, 2 sigmoid", settings=case, learning_rate=RATE, **typed(case, INSIDE))
        )
        assert [name for name in ("dCost/db[1]", "dCost/db[2]") if name in trace] == []
        kept = {name for step in trace.steps() for name in getattr(step, "kept_from", ())}
        assert {"b[1]", "b[2]", "X", "Y"} <= kept


@pytest.mark.parametrize("rule", ops.UPDATES)
def test_what_a_rule_writes_on_the_way_is_laid_out_as_its_parameter(rule):
    usual, turned = (
        work(
            net(
                f"{HIDDEN} tanh, {OUTPUTS} sigmoid", learning_rate=RATE,
                settings=case | {"optimizer": rule}, **typed(case, INSIDE),
            )
        )
        for case in (CASES[0], CASES[0] | {"examples": "rows", "weights": "(in, out)"})
    )  # fmt: skip
    for line in ops.UPDATES[rule].lines:
        for parameter in ("W[1]", "b[1]", "W[2]", "b[2]"):
            name = f"{line.output.removesuffix('w')}{parameter}'"
            assert turned[name].exact == pytest.approx(usual[name].exact.T, rel=1e-12)


# one example with every weight a node of its own

SCALAR = [
    (biases, delta, updates)
    for biases in BIASES
    for delta in words.DELTAS
    for updates in words.UPDATE_ORDERS
    if not is_folded(biases)
]


def one_by_one(name, matrix, shared):
    """The entries of a quantity of an example, by the names that they have as single numbers."""
    parsed = parse_name(name)
    stem = {"X": "x", "W": "w", "b": "b", "Z": "z", "A": "a", "Y": "yhat"}[parsed.base[0]]
    layer = "" if stem == "yhat" else parsed.base[1:]
    head = f"{'-' * parsed.minus}dL/d" if parsed.of else ""
    tail = "'" * parsed.prime
    if stem == "b" and shared:
        return {f"{head}b{layer}{tail}": float(matrix)}
    return {
        f"{head}{stem}{i + 1}{j + 1 if stem == 'w' else ''}{layer}{tail}": float(x)
        for (i, j), x in np.ndenumerate(matrix)
    }


@pytest.mark.parametrize(("biases", "delta", "updates"), SCALAR)
def test_an_example_number_by_number(biases, delta, updates):
    case = {"examples": "columns", "weights": "(out, in)", "over-examples": "sum"}
    case |= {"biases": biases, "delta": delta, "updates": updates, "data-gradients": "yes"}
    values = typed(case, INSIDE)
    values |= {"X": values["X"][:, :1], "Y": values["Y"][:, :1]}
    shared = "shared" in biases
    numbers = {f"x{i + 1}": x for i, x in enumerate(values["X"][:, 0])}
    numbers |= {f"y{i + 1}": y for i, y in enumerate(values["Y"][:, 0])}
    for name in values.keys() - {"X", "Y"}:
        numbers |= one_by_one(name, values[name], shared)
    settings = {key: case[key] for key in ("biases", "delta", "updates", "data-gradients")}
    program = net(
        f"{HIDDEN} tanh, {OUTPUTS} sigmoid", view="scalar", settings=settings,
        learning_rate=RATE, **numbers,
    )  # fmt: skip
    trace, page = work(program), on_paper(case, **values)
    assert trace["L"].exact == pytest.approx(page.pop("Cost"), rel=1e-12)
    expected = {}
    for name, matrix in page.items():
        expected |= one_by_one(name, matrix, shared)
    assert {name: trace[name].exact for name in expected} == pytest.approx(expected, rel=1e-12)
    assert [trace[name].name for name in expected] == [name.rstrip("'") for name in expected]


# how a line reads

SMALL = {"X": [[0, 1, 1], [1, 0, 1]], "Y": [[1, 0, 1]], "W": [[0.1, 0.2]], "b": 0.3}
TURNED = {"examples": "rows", "weights": "(in, out)"}


def small(**settings):
    """One neuron with three examples, in the layout that the settings ask for."""
    settings = {key.replace("_", "-"): value for key, value in settings.items()}
    values = {name: np.array(value) for name, value in SMALL.items()}
    biases = settings.get("biases", "trained")
    if is_folded(biases):
        values["W"] = np.array([[0.3, 0.1, 0.2] if biases.startswith("first") else [0.1, 0.2, 0.3]])
    if is_folded(biases) or biases == "none":
        del values["b"]
    flipped = {"XY": settings.get("examples"), "W": settings.get("weights")}
    for names, said in flipped.items():
        for name in names:
            values[name] = values[name].T if said in ("rows", "(in, out)") else values[name]
    ours = {ours: theirs for theirs, ours in parse_names(settings.get("names", "W = W")).items()}
    typed = {ours.get(name, name): value for name, value in values.items()}
    return net("1 sigmoid", settings=settings, learning_rate=0.5, **typed)


def page_of(program):
    """A program worked out once, as its source writes it."""
    trace = Tape(program)
    for phase in (trace.forward, trace.backward, trace.update):
        phase()
    return view_of(trace)


def formulas(program):
    """Each quantity by the line it begins with; a product of matrices by the names in it."""
    found = {}
    for step in page_of(program).steps():
        match step:
            case ForwardStep(_, value):
                found[value.name] = text(worked(value).lines[0])
            case BackwardStep(_, _, contributions, _):
                for sent in contributions:
                    lines = combined(sent).lines
                    found[sent.product.name] = text(lines[1 if sent.to[0] in "Wbst" else 0])
            case UpdateStep():
                found[f"{step.new.name}'"] = text(worked(step.new).lines[0])
    return found


LINES = [
    (
        {},
        {
            "Z": "W · X + b",
            "dCost/dW": "∂Cost/∂Z · Xᵀ",
            "dCost/db": "Σ (∂Cost/∂Z * 1)",
            "W'": "W - α * ∂Cost/∂W",
        },
    ),
    (TURNED, {"Z": "X · W + b", "dCost/dW": "Xᵀ · ∂Cost/∂Z", "W'": "W - α * ∂Cost/∂W"}),
    ({"examples": "rows"}, {"Z": "X · Wᵀ + b", "dCost/dW": "(∂Cost/∂Z)ᵀ · X"}),
    ({"weights": "(in, out)"}, {"Z": "Wᵀ · X + b", "dCost/dW": "X · (∂Cost/∂Z)ᵀ"}),
    ({"biases": "none"}, {"Z": "W · X"}),
    ({"biases": "first column"}, {"Z": "W · [1; X]", "dCost/dW": "∂Cost/∂Z · [1; X]ᵀ"}),
    ({"biases": "last column"}, {"Z": "W · [X; 1]", "dCost/dW": "∂Cost/∂Z · [X; 1]ᵀ"}),
    ({**TURNED, "biases": "first row"}, {"Z": "[1 X] · W", "dCost/dW": "[1; Xᵀ] · ∂Cost/∂Z"}),
    ({**TURNED, "biases": "last row"}, {"Z": "[X 1] · W", "dCost/dW": "[Xᵀ; 1] · ∂Cost/∂Z"}),
    (
        {"biases": "subtracted"},
        {"Z": "W · X - b", "dCost/db": "Σ (∂Cost/∂Z * (-1))", "b'": "b - α * ∂Cost/∂b"},
    ),
    ({**TURNED, "biases": "subtracted"}, {"Z": "X · W - b", "dCost/dW": "Xᵀ · ∂Cost/∂Z"}),
    (
        {"biases": "subtracted", "names": "theta = b", "delta": "descent"},
        {
            "Z": "W · X - θ",
            "-dCost/dtheta": "Σ (-∂Cost/∂Z * (-1))",
            "theta'": "θ + α * (-∂Cost/∂θ)",
        },
    ),
    (
        {"biases": "subtracted", "over_examples": "mean, in the gradients"},
        {"dCost/db": "1/m Σ (∂L/∂Z * (-1))"},
    ),
    (
        {"biases": "first column, subtracted"},
        {"Z": "W · [-1; X]", "dCost/dW": "∂Cost/∂Z · [-1; X]ᵀ"},
    ),
    (
        {"biases": "last column, subtracted"},
        {"Z": "W · [X; -1]", "dCost/dW": "∂Cost/∂Z · [X; -1]ᵀ"},
    ),
    (
        {**TURNED, "biases": "first row, subtracted"},
        {"Z": "[-1 X] · W", "dCost/dW": "[-1; Xᵀ] · ∂Cost/∂Z"},
    ),
    (
        {**TURNED, "biases": "last row, subtracted"},
        {"Z": "[X -1] · W", "dCost/dW": "[Xᵀ; -1] · ∂Cost/∂Z"},
    ),
    (
        {"delta": "descent"},
        {
            "-dCost/dW": "-∂Cost/∂Z · Xᵀ",
            "W'": "W + α * (-∂Cost/∂W)",
            "b'": "b + α * (-∂Cost/∂b)",
        },
    ),
    ({**TURNED, "delta": "descent"}, {"-dCost/dW": "Xᵀ · (-∂Cost/∂Z)"}),
    (
        {"over_examples": "mean, in the gradients"},
        {
            "Cost": "1/(2*m) Σ (Y - Ŷ)^∘2",
            "dCost/dW": "1/m * ∂L/∂Z · Xᵀ",
            "dCost/db": "1/m Σ (∂L/∂Z * 1)",
        },
    ),
    ({"over_examples": "sum"}, {"Cost": "1/2 Σ (Y - Ŷ)^∘2", "dCost/dW": "∂Cost/∂Z · Xᵀ"}),
    (
        {**TURNED, "delta": "descent", "names": "syn0 = W, l1 = Yhat, l1_delta = dCost/dZ"},
        {
            "Z": "X · syn0 + b",
            "Cost": "1/(2*m) Σ (Y - l1)^∘2",
            "-dCost/dsyn0": "Xᵀ · l1_delta",
            "syn0'": "syn0 + α * (-∂Cost/∂syn0)",
        },
    ),
]


@pytest.mark.parametrize(("settings", "lines"), LINES)
def test_a_line_reads_as_in_the_source(settings, lines):
    found = formulas(small(**settings))
    assert {name: found[name] for name in lines} == lines


def test_with_weights_updated_at_once_the_gradient_goes_on_through_the_new_ones():
    case = next(case for case in CASES if case["updates"] == "sequential")
    trace = work(net("3 tanh, 2 sigmoid", settings=case, learning_rate=RATE, **typed(case, INSIDE)))
    assert text(trace["dZ[2]/dA[1]"].formula) == "W[2]'ᵀ"
    assert trace["dZ[2]/dA[1]"].exact.tolist() == trace["W[2]'"].exact.T.tolist()


def test_a_penalty_leaves_the_folded_bias_out():
    program = small(**TURNED, biases="first row", l2="0.1, lambda/2m")
    assert formulas(program)["R"] == "λ/(2*m) Σ W[2:, :]^∘2"


def test_margins_stand_in_rows_where_the_examples_do():
    values = {"X": [[1, 2], [0, 1]], "Y": [[1, 0, 0], [0, 1, 0]]}
    W = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]
    settings = {"examples": "rows"}
    trace = work(net("3 identity", W=W, loss="multiclass hinge", settings=settings, **values))
    assert trace["Yhat"].exact == pytest.approx(np.array([[0.5, 1.1, 1.7], [0.2, 0.4, 0.6]]))
    assert trace["M"].exact == pytest.approx(np.array([[1, 1.6, 2.2], [0.8, 1, 1.2]]))
    assert trace["dCost/dM"].exact.tolist() == [[0, 0.5, 0.5], [0.5, 0, 0.5]]
    assert trace["dCost/dYhat"].exact.tolist() == [[-1, 0.5, 0.5], [0.5, -1, 0.5]]


# the table at the top of a page

USUAL_TABLE = {
    "the cost": "Cost = 1/(2*m) Σ (Y - Ŷ)^∘2",
    "examples": "one a column",
    "weights (out × in)": "Z = W · X + b",
    "biases": BIASES["trained"],
    "gradients": "derivatives; a step goes against them",
    "update": "gradient descent; after all gradients are there",
}
TABLES = [
    ({}, {}),
    ({"examples": "rows"}, {"examples": "one a row", "weights (out × in)": "Z = X · Wᵀ + b"}),
    (
        {"weights": "(in, out)"},
        {"weights (out × in)": None, "weights (in × out)": "Z = Wᵀ · X + b"},
    ),
    *(
        ({"biases": kind}, {"biases": BIASES[kind]})
        for kind in ("fixed", "shared", "shared, fixed")
    ),
    (
        {"biases": "first column"},
        {
            "biases": "the biases are the first column of W; ones stand above its input",
            "weights (out × in)": "Z = W · [1; X]",
        },
    ),
    (
        {"biases": "last column"},
        {
            "biases": "the biases are the last column of W; ones stand below its input",
            "weights (out × in)": "Z = W · [X; 1]",
        },
    ),
    *(
        ({"biases": kind}, {"biases": BIASES[kind], "weights (out × in)": "Z = W · X - b"})
        for kind in BIASES
        if "subtracted" in kind and not is_folded(kind)
    ),
    (
        {"biases": "last column, subtracted"},
        {
            "biases": "the biases are the last column of W and are subtracted; minus ones stand "
            "below its input",
            "weights (out × in)": "Z = W · [X; -1]",
        },
    ),
    ({"biases": "none"}, {"biases": BIASES["none"], "weights (out × in)": "Z = W · X"}),
    (
        {"delta": "descent"},
        {"gradients": "written as the direction of the descent; a step goes along them"},
    ),
    (
        {"over_examples": "mean, in the gradients"},
        {"mean over examples": "taken where a parameter's gradient is: in ∂Cost/∂W, not before"},
    ),
    (
        {"updates": "sequential"},
        {"update": "gradient descent; each layer at once, before the gradient goes on through it"},
    ),
    (
        {"optimizer": "momentum, beta 0.8"},
        {"update": "momentum, β = 0.8; after all gradients are there"},
    ),
    (
        {"names": "syn0 = W, l1 = Yhat"},
        {
            "the cost": "Cost = 1/(2*m) Σ (Y - l1)^∘2",
            "weights (out × in)": "Z = syn0 · X + b",
            "names": "W is syn0, Ŷ is l1",
        },
    ),
    (
        {"l2": "0.1, lambda/2m"},
        {
            "the loss": "E = 1/(2*m) Σ (Y - Ŷ)^∘2",
            "the penalty": "R = λ/(2*m) Σ W^∘2",
            "the cost": "Cost = E + R",
        },
    ),
]


@pytest.mark.parametrize(("settings", "different"), TABLES)
def test_the_table_says_what_is_different_here(settings, different):
    rows = conventions_table(page_of(small(**settings)).program).rows
    expected = {key: said for key, said in {**USUAL_TABLE, **different}.items() if said}
    assert {text(what): text(here) for what, here in rows} == expected


# a lesson in its source's layout: printed and dictated numbers, also one by one

LESSON = """\
```{lesson}
:title: A neuron
:rounding: PEN
```
```{network}
:layers: 1 sigmoid
:cost: squared error
:learning-rate: 0.5
:examples: rows
:weights: (in, out)
SETTINGS
X = 0 1; 1 0; 1 1
Y = 1; 0; 1
W = 0.1; 0.2
b = 0.3
```
```{forward}
FORWARD
```
```{backward}
BACKWARD
```
```{update}
UPDATE
```
"""
NAMES = ":delta: descent\n:names: syn0 = W, l1 = Yhat, l1_delta = dCost/dZ"


def lesson(forward="", backward="", update="", settings="", pen="carry 3"):
    """A lesson about a neuron; blocks are given as `name = numbers`, separated by bars."""
    blocks = {"FORWARD": forward, "BACKWARD": backward, "UPDATE": update, "SETTINGS": settings}
    text = LESSON.replace("PEN", pen)
    for block, lines in blocks.items():
        text = text.replace(f"{block}\n", lines.replace(" | ", "\n") + "\n" if lines else "")
    if "syn0" in settings:
        text = text.replace("\nW = ", "\nsyn0 = ")
    return read(text, "neuron", "neuron.md")


def failed(verdicts):
    return [str(verdict) for verdict in verdicts if not verdict.holds]


def test_printed_numbers_stand_in_rows_where_the_examples_do():
    verdicts = check(
        lesson(
            forward="X[3,2] = 1 | Z = 0.5; 0.4; 0.6 "
            "| Yhat = 0.622; 0.599; 0.646 | Yhat[2,1] = 0.599",
            backward="dCost/dZ = -0.03; 0.048; -0.027 | dCost/dZ[2,1] = 0.048 "
            "| dCost/dW = 0.021; -0.057",
            update="W = 0.089; 0.229 | W[2,1] = 0.229 | b = 0.305",
        )
    )
    assert failed(verdicts) == []
    assert len(verdicts) == 18


def test_names_and_signs_are_those_of_the_source():
    verdicts = check(
        lesson(
            settings=NAMES,
            forward="l1 = 0.622; 0.599; 0.646 | l1[2,1] = 0.599",
            backward="l1_delta = 0.03; -0.048; 0.027 | l1_delta[2,1] = -0.048 "
            "| -dCost/dsyn0 = -0.021; 0.057 | -dCost/dsyn0[2,1] = 0.057 | -dCost/db = 0.009",
            update="syn0 = 0.089; 0.229 | syn0[2,1] = 0.229 | b = 0.305",
        )
    )
    assert failed(verdicts) == []
    assert len(verdicts) == 16


GRAPH = """\
```{lesson}
:title: A neuron as a graph
:rounding: carry 3
```
```{graph}
:learning-rate: 0.5
:data: x, y
:names: NAMES
x = 1.5
y = 1
w = 0.4
z = w*x
p = sigmoid(z)
L = (y - p)**2
```
```{forward}
err = 0.354
```
```{backward}
delta = -0.162
grad = -0.243
dL/dw = -0.243
```
```{paths}
:to: w
```
```{update}
w = 0.522
```
"""
GRAPH_NAMES = "delta = dL/dz, grad = dL/dw, err = L.1"


def in_a_graph(names=GRAPH_NAMES, text=GRAPH):
    return read(text.replace("NAMES", names), "graph", "graph.md")


DESCENDING = GRAPH.replace(":data:", ":delta: descent\n:data:").replace(
    "delta = -0.162\ngrad = -0.243", "delta = 0.162\ngrad = 0.243\n-dL/dw = 0.243"
)


@pytest.mark.parametrize(
    ("text", "called", "product"),
    [
        (GRAPH, "∂L/∂z is δ, ∂L/∂w is grad, L.1 is err", "-0.243"),
        (DESCENDING, "-∂L/∂z is δ, -∂L/∂w is grad, L.1 is err", "0.243"),
    ],
    ids=["derivatives", "descent"],
)
def test_a_graph_has_the_names_of_its_source_too(text, called, product):
    solution = solve(in_a_graph(text=text))
    assert failed(check(solution.lesson, solution)) == []
    assert dict(table_of(solution))["names"] == called
    [along] = [page for page in explain(solution).pages if page.title == "All paths to w"]
    assert f"{along.shows[-1]}".split(" (")[0] == f"grad = {product}"


def table_of(solution):
    program = solution.sections[-1].view.program
    return [tuple(map(text, row)) for row in conventions_table(program).rows]


@pytest.mark.parametrize(
    ("names", "fault"),
    [
        (
            "delta = dL/dq",
            "names gives delta to dL/dq, and there is no q here; known here: x, y, w, z, p, L.1, L",
        ),
        (
            "p = z",
            "names gives p to z, and another value is called p here; expected a name for that one "
            "as well",
        ),
        ("delta", "names 'delta' cannot be read, expected 'l1 = Yhat'"),
    ],
)
def test_a_name_for_nothing_in_a_graph_has_its_line(names, fault):
    with pytest.raises(LessonError) as error:
        solve(in_a_graph(names))
    assert str(error.value) == f"graph.md:8: {fault}"


def test_ours_are_understood_as_well_and_a_gradient_is_a_gradient():
    verdicts = check(
        lesson(
            settings=NAMES,
            forward="Yhat = 0.622; 0.599; 0.646",
            backward="-dCost/dZ = 0.03; -0.048; 0.027 | dCost/dZ = -0.03; 0.048; -0.027 "
            "| dCost/dW = 0.021; -0.057 | dCost/dsyn0 = 0.021; -0.057",
            update="W = 0.089; 0.229",
        )
    )
    assert failed(verdicts) == []


SLIPS = [
    # what is dictated, and what follows from it: (by hand) the gradient of W is Xt dZ
    ("Yhat[2,1] := 0.5", "", "Yhat = 0.622; 0.5; 0.646", "dCost/dZ[2,1] = 0.042"),
    ("", "dCost/dZ[2,1] := 0.1", "", "dCost/dZ = -0.03; 0.1; -0.027 | dCost/dW = 0.073; -0.057"),
    ("", "dCost/dZ := -0.03; 0; 0", "", "dCost/dW = 0; -0.03 | dCost/db = -0.03"),
    ("", "dCost/dW[2,1] := 0.4", "", "dCost/dW = 0.021; 0.4"),
]


@pytest.mark.parametrize(("forward", "backward", "then", "sent"), SLIPS)
def test_a_slip_is_made_where_the_source_has_the_entry(forward, backward, then, sent):
    def dictated(slip, *lines):
        return " | ".join([*([f"{slip}  # slip: a reason"] if slip else []), *filter(None, lines)])

    verdicts = check(lesson(dictated(forward, then), dictated(backward, sent)))
    assert failed(verdicts) == []
    assert verdicts


@pytest.mark.parametrize(
    ("slip", "descent"),
    [
        ("l1_delta[2,1] := -0.05", "l1_delta[2,1] = -0.05"),
        ("-dCost/dZ[2,1] := -0.05", "l1_delta[2,1] = -0.05"),
        ("dCost/dZ[2,1] := 0.05", "l1_delta[2,1] = -0.05"),
        ("-dCost/dsyn0 := 0.1; 0.2", "-dCost/dW = 0.1; 0.2"),
        ("dCost/dsyn0[1,1] := 0.5", "-dCost/dsyn0[1,1] = -0.5"),
    ],
)
def test_a_dictated_gradient_has_the_sign_that_it_would_be_printed_with(slip, descent):
    verdicts = check(
        lesson(
            settings=NAMES,
            backward=f"{slip}  # slip: a reason | {descent} | dCost/db = 0 # misprint: x",
        )
    )
    assert failed(verdicts) == []


def test_what_is_written_with_other_digits_is_named_as_the_source_names_it():
    # by hand: (1 - 0.62)/3 = 0.127, 0.62 * 0.38 = 0.236, and 0.127 * 0.236 = 0.029972
    verdicts = check(
        lesson(
            settings=NAMES,
            forward=":places: l1 2 | l1 = 0.62; 0.6; 0.65",
            backward=":places: l1_delta 5, -dCost/dsyn0 4 "
            "| l1_delta = 0.02997; -0.048; 0.02668 | -dCost/dsyn0 = -0.0213; 0.0567",
        )
    )
    assert [verdict.written for verdict in verdicts] == (
        ["0.62", "0.6", "0.65", "0.02997", "-0.048", "0.02668", "-0.0213", "0.0567"]
    )


TYPED_LOSS = """\
```{lesson}
:title: A loss of one's own
:rounding: display 3
```
```{network}
:layers: 1 identity
:cost: (yhat - y)**4
:names: t = Y, a = Yhat, J = Cost
X = 1 2
t = 0 1
W = 1
b = 0
```
```{forward}
a = 1 2
J = 1
```
```{backward}
:of: J
dJ/da = 2 2
```
"""


def test_a_loss_that_was_typed_is_derived_in_the_names_of_the_source():
    pages = explain(solve(read(TYPED_LOSS, "own", "own.md"))).pages
    [derived] = [p for p in pages if p.title.startswith("The local gradient")]
    [block] = [b for b in derived.blocks if isinstance(b, Derivation)]
    assert derived.title == "The local gradient of (a - t)**4"
    assert text(block.lines[-1].expr) == "4 * (a - t)^3"
    assert failed(check(read(TYPED_LOSS, "own", "own.md"))) == []


@pytest.mark.parametrize(
    ("of", "fault"),
    [
        ("t", "own.md:19: t is not computed, so it depends on nothing; known here: Z, a, J"),
        ("K", "own.md:19: K is not on this page; known here: X, W, b, t, Z, a, J"),
        ("a", "own.md:19: a is (1 x 2); gradients start from a single number, such as a loss"),
    ],
)
def test_what_gradients_cannot_start_from_is_named_as_the_source_names_it(of, fault):
    with pytest.raises(TracerError) as error:
        solve(read(TYPED_LOSS.replace(":of: J", f":of: {of}"), "own", "own.md"))
    assert str(error.value) == fault


def test_with_a_penalty_and_the_mean_in_the_gradients_a_slope_is_that_of_one_example():
    # by hand: yhat = 1, 2 and y - yhat = -1, -1; over both, E = (1 + 1)/4, without the mean in dL
    program = net(
        "1 identity", X=[[1, 2]], Y=[[0, 1]], W=[[1]], b=0,
        settings={"over-examples": "mean, in the gradients", "l2": "0.1, lambda/2m"},
    )  # fmt: skip
    page = page_of(replace(program, learning_rate=1.0))
    backward = [step for step in page.steps() if isinstance(step, BackwardStep)]
    [slope] = [c for step in backward for c in step.contributions if c.through == "E"]
    assert (page["E"].written, slope.local.name) == (0.5, "dL/dYhat")
    assert slope.local.written.tolist() == [[1, 1]]
    assert page["local dL/dYhat"] == page["local dE/dYhat"] == slope.local


def test_a_penalty_counts_the_labels_and_does_not_depend_on_them():
    program = net("1 identity", X=[[1]], Y=[[0]], W=[[1]], settings={"l2": "0.1, lambda/2m"})
    trace = page_of(replace(program, learning_rate=1.0))
    assert [edge.start for edge in graph_of(trace).edges if edge.end == "R"] == ["lambda", "W"]
    backward = [step for step in trace.steps() if isinstance(step, BackwardStep)]
    assert [s.kept_from for s in backward if s.equation.output == "R"] == [("lambda",)]


# what does not fit is said in the source's names and layout

NAMED = {**TURNED, "names": "syn0 = W[1], syn1 = W[2], l2 = Yhat"}
THREE = {"X": [[0, 1], [1, 0], [1, 1]], "Y": [[1], [0], [1]]}
PAIR = {"syn0": [[1, 2], [3, 4]], "syn1": [[1], [2]]}
FAULTS = [
    (NAMED, PAIR | {"syn1": None}, "syn1 is missing, expected X, Y, syn0, syn1"),
    (
        NAMED,
        PAIR | {"syn1": [[1, 2]]},
        "syn1 is (1 x 2), expected (2 x 1): 1 neuron, and the layer before has 2 neurons; "
        "it would fit with ':weights: (out, in)'",
    ),
    (
        NAMED,
        PAIR | {"syn0": [[1, 2, 3], [3, 4, 5]]},
        "syn0 is (2 x 3), expected (2 x 2): 2 neurons, and X has that many features",
    ),
    (NAMED, PAIR | {"syn2": [[1]]}, "syn2 has no place in this network; did you mean 'syn1'?"),
    (NAMED, PAIR | {"W[1]": [[1, 2], [3, 4]]}, "W[1] is given twice, expected once"),
    (
        NAMED,
        PAIR | {"Y": [[1, 0, 1]]},
        "Y is (1 x 3), expected (3 x 1): one column for each output, one row for each example in "
        "X; it would fit with ':examples: columns'",
    ),
    (
        NAMED,
        PAIR | {"b[1]": [[1], [2]], "b[2]": 0},
        "b[1] is (2 x 1), expected (1 x 2): one number for each neuron, in a row; "
        "it would fit with ':examples: columns'",
    ),
    (
        {**NAMED, "biases": "shared"},
        PAIR | {"b[1]": [[1, 2]], "b[2]": 0},
        "b[1] is (1 x 2), expected a single number, since the layer shares it",
    ),
    (
        {**NAMED, "biases": "first row"},
        PAIR,
        "syn0 is (2 x 2), expected (3 x 2): 2 neurons, and X has that many features, and a bias "
        "for each neuron",
    ),
    (
        {**NAMED, "biases": "none"},
        PAIR | {"b[1]": 0, "b[2]": 0},
        "b[1] has no place in this network; known here: X, syn0, syn1, Y",
    ),
]


@pytest.mark.parametrize(("settings", "values", "fault"), FAULTS)
def test_what_does_not_fit_is_said_in_the_source_s_words(settings, values, fault):
    given = {name: value for name, value in {**THREE, **values}.items() if value is not None}
    with pytest.raises(TracerError) as refused:
        net("2 tanh, 1 sigmoid", settings=settings, **given)
    assert str(refused.value) == fault


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"examples": "row"}, "examples 'row' is not known; did you mean 'rows'?"),
        ({"weights": "in, out"}, "weights 'in, out' is not known; did you mean '(in, out)'?"),
        ({"delta": "down"}, "delta 'down' is not known; known here: gradient, descent"),
        (
            {"updates": "at once"},
            "updates 'at once' is not known; known here: together, sequential",
        ),
        ({"over-outputs": "average"}, "over-outputs 'average' is not known; known here: sum, mean"),
        (
            {"over-examples": "mean in the gradients"},
            "over-examples 'mean in the gradients' is not known; did you mean 'mean, in the "
            "gradients'?",
        ),
        ({"biases": "shared fixed"}, "biases 'shared fixed' is not known; did you mean 'shared, f"),
        (
            {"biases": "first row"},
            "biases cannot be the first row of weights that are (out, in), expected 'first column'",
        ),
        (
            {"biases": "last column", "weights": "(in, out)"},
            "biases cannot be the last column of weights that are (in, out), expected 'last row'",
        ),
        (
            {"biases": "first row, subtracted"},
            "biases cannot be the first row of weights that are (out, in), expected 'first "
            "column, subtracted'",
        ),
        (
            {"biases": "none, subtracted"},
            "biases 'none, subtracted' subtracts what is not there, expected 'none'",
        ),
        ({"biases": "subtract"}, "biases 'subtract' is not known; did you mean 'subtracted'?"),
        ({"names": "l1 Yhat"}, "names 'l1 Yhat' cannot be read, expected 'l1 = Yhat'"),
        ({"names": "V = W, U = W"}, "W is named twice, expected once"),
        ({"names": "V = W, V = b"}, "V is named twice, expected once"),
    ],
)
def test_a_convention_that_is_not_known_is_refused(settings, fault):
    with pytest.raises(LessonError) as refused:
        net("1 sigmoid", X=[[1]], Y=[[1]], W=[[1]], settings=settings)
    assert str(refused.value).startswith(fault)


@pytest.mark.parametrize(("names", "weights"), [("V = Q", "W"), ("Z = W", "Z"), ("W = Z", "W")])
def test_a_name_for_nothing_and_one_that_is_taken_are_refused(names, weights):
    with pytest.raises(TracerError, match=r"^names"):
        net("1 sigmoid", X=[[1]], Y=[[1]], **{weights: [[1]]}, settings={"names": names})


def test_two_quantities_may_change_their_names():
    program = net("1 sigmoid", X=[[1]], Y=[[0.25]], W=[[1]], settings={"names": "X = Y, Y = X"})
    trace = work(program)
    assert (trace["Y"].written.item(), trace["X"].written.item()) == (0.25, 1)


@pytest.mark.parametrize(
    ("forward", "fault"),
    [
        ("l2 = 0; 0; 0", "l2 is not on this page; known here: X, syn0, b, Y, Z, l1, Cost"),
        ("l1 = 0 0 0", "l1 is (3 x 1), but (1 x 3) is printed"),
        ("l1[1,2] = 0", "l1[1,2] does not exist: l1 is (3 x 1) and its entries count from 1"),
        ("l1 := 0 1 0  # slip: x", "l1 is (3 x 1), but (1 x 3) is dictated"),
        (
            "l1[1,2] := 0  # slip: x",
            "l1 is (3 x 1), but entry [1,2] of it is dictated; entries count from 1",
        ),
    ],
)
def test_so_is_a_number_that_has_no_place_on_the_page(forward, fault):
    with pytest.raises(TracerError) as refused:
        check(lesson(settings=NAMES, forward=forward))
    assert str(refused.value) == f"neuron.md:19: {fault}"


# whatever the convention, the numbers are the same


@st.composite
def networks(draw):
    """A network of two layers: its settings, its layers, and its numbers in its own layout."""
    case = draw(st.sampled_from(CASES))
    settings = case | {
        "over-outputs": draw(st.sampled_from(list(words.REDUCTIONS))),
        "optimizer": draw(st.sampled_from(list(ops.UPDATES))),
    }
    if case["updates"] == "together" and draw(st.booleans()):
        settings["l2"] = f"0.1, {draw(st.sampled_from(list(words.PENALTIES)))}"
    hidden = draw(
        st.sampled_from(["identity", "tanh", "relu", "softmax", "leaky relu 0.2", "gelu"])
    )
    last, loss = draw(
        st.sampled_from(
            [
                ("sigmoid", "squared error"),
                ("tanh", "absolute error"),
                ("identity", "huber 0.5"),
                ("sigmoid", "binary cross-entropy"),
                ("sigmoid", "binary cross-entropy, fused"),
                ("softmax", "cross-entropy"),
                ("softmax", "cross-entropy, fused"),
                ("identity", "softmax cross-entropy"),
                ("identity", "multiclass hinge"),
            ]
        )
    )
    features, neurons, outputs, examples = draw(st.tuples(*[st.integers(1, 3)] * 4))
    # softmax and losses on scores compare several outputs
    neurons = max(neurons, 2) if hidden == "softmax" else neurons
    outputs = max(outputs, 2) if "softmax" in last + loss or "multiclass" in loss else outputs
    numbers = st.integers(-20, 20).map(lambda n: n / 10)

    def matrix(rows, columns):
        entries = st.lists(numbers, min_size=columns, max_size=columns)
        return np.array(draw(st.lists(entries, min_size=rows, max_size=rows)))

    right = draw(st.lists(st.integers(0, outputs - 1), min_size=examples, max_size=examples))
    inside = {"X": matrix(features, examples), "Y": np.eye(outputs)[:, right]}
    for k, (n_in, n_out) in enumerate(pairwise((features, neurons, outputs)), 1):
        inside |= {f"W[{k}]": matrix(n_out, n_in), f"b[{k}]": matrix(n_out, 1)}
    return settings, f"{neurons} {hidden}, {outputs} {last}", loss, inside


def solved(settings, layers, loss, inside, pen):
    values = typed(settings, inside)
    program = net(layers, loss=loss, learning_rate=0.1, settings=settings, **values)
    trace, hand = Tape(program), Hand(parse_pen(pen))
    for phase in (trace.forward, trace.backward, trace.update):
        phase(hand)
    return trace


USUALLY = {"examples": "columns", "weights": "(out, in)", "delta": "gradient"}


@given(networks(), st.sampled_from(["exact", "carry 2", "display 3"]))
@settings(max_examples=60, deadline=None)
def test_turning_a_page_changes_no_number(network, pen):
    settings, layers, loss, inside = network
    usual = settings | USUALLY | {"biases": settings["biases"].replace("row", "column")}
    try:
        straight = solved(usual, layers, loss, inside, pen)
    except NotFinite:
        assume(False)
    trace = solved(settings, layers, loss, inside, pen)
    page = View(trace)
    for (_, own), (_, other) in zip(straight.quantities(), trace.quantities(), strict=True):
        shown = page.quantity(other)
        assert np.array_equal(own.written, other.written)
        assert sorted(np.ravel(np.abs(shown.written))) == sorted(np.ravel(np.abs(own.written)))
        if own.name and "local" not in own.name:
            typed_again = page.inside(parse_name(shown.name), shown.written)[0]
            assert np.array_equal(typed_again, other.written), shown.name


# every line of a page still means the next one. A line is read as a reader with a calculator would:
# signs become Python's, a matrix is read cell by cell, and a sum sign is one of three sums

SIGNS = {"·": "@", "⊙": "*", "^∘": "**", "^": "**", "ᵀ": ".T"}
SUMS = (np.sum, lambda x: np.sum(x, 0, keepdims=True), lambda x: np.sum(x, 1, keepdims=True))
"Over all, over each column, over each row."
MATRIX = r"(v\d+_(?:\.T)?|cut\([^)]*\))"
BORDERS = {
    MATRIX + r"\[2:, :\]": r"cut(\1, 0, 0)",
    MATRIX + r"\[:-1, :\]": r"cut(\1, 0, -1)",
    MATRIX + r"\[:, 2:\]": r"cut(\1, 1, 0)",
    MATRIX + r"\[:, :-1\]": r"cut(\1, 1, -1)",
    rf"\[(-?[01]); {MATRIX}\]": r"put(\2, 0, 0, \1)",
    rf"\[{MATRIX}; (-?[01])\]": r"put(\1, 0, -1, \2)",
    rf"\[(-?[01]) {MATRIX}\]": r"put(\2, 1, 0, \1)",
    rf"\[{MATRIX} (-?[01])\]": r"put(\1, 1, -1, \2)",
}
"Rows and columns put on or taken off, which count from 1."


class Summed(np.ndarray):
    """Numbers that `~` adds up, for the sum sign: it binds as loosely as `~` does in Python."""

    next_sum = iter(())

    def __invert__(self):
        return as_summed(next(Summed.next_sum)(np.asarray(self)))


def as_summed(x):
    return np.asarray(x, dtype=float).view(Summed)


def cut(x, axis, place):
    return np.delete(x, place, axis)


def put(x, axis, place, number):
    return as_summed(np.insert(x, 0 if place == 0 else x.shape[axis], number, axis))


FUNCTIONS = {name: getattr(np, name) for name in ("log", "tanh", "sqrt", "abs", "sign")}
FUNCTIONS |= {"max": np.maximum, "erf": np.vectorize(math.erf), "e": math.e, "π": math.pi}
FUNCTIONS |= {"where": lambda *choice: as_summed(np.where(*choice))}
FUNCTIONS |= {"diag": lambda x: as_summed(np.diag(np.ravel(x))), "cut": cut, "put": put}


class Choice(ast.NodeTransformer):
    """`a if b > c else d` for matrices."""

    def visit_IfExp(self, node):
        self.generic_visit(node)
        branches = [node.test, node.body, node.orelse]
        return ast.Call(ast.Name("where", ast.Load()), branches, [])


def meanings(line, known):
    """What a line can mean, with the names in it."""
    names = {}

    def kept(value):
        names[f"v{len(names)}_"] = as_summed(value)
        return f"v{len(names) - 1}_"

    def matrix(match):
        rows = [row.split("  ") for row in match[1].split("; ")]
        return kept([[float(meanings(cell, {})[0]) for cell in row] for row in rows])

    for sign, python in SIGNS.items():
        line = line.replace(sign, python)
    for name in sorted(known, key=len, reverse=True):
        start = "" if name.startswith("-") else r"(?<![\w∂\]])"
        line = re.sub(rf"{start}{re.escape(name)}(?!\w|'|\[\d+\])", kept(known[name]), line)
    if "n" in known:
        ones = kept(np.ones((known["n"], 1)))
        line = re.sub(r"(?<=diag\()1(?=\))|(?<![\w.])1(?=\.T| @)", ones, line)
    for border, python in BORDERS.items():
        line = re.sub(border, python, line)
    line = re.sub(r"\[([^\[\]]*)\]", matrix, line)
    line = re.sub(r"(?<=[\w)]) Σ", " * Σ", line).replace("Σ ", "~")
    code = compile(
        ast.fix_missing_locations(Choice().visit(ast.parse(line, mode="eval"))), line, "eval"
    )
    found = []
    for sums in product(SUMS, repeat=line.count("~")):
        Summed.next_sum = iter(sums)
        try:
            found.append(np.asarray(eval(code, FUNCTIONS | names), dtype=float))
        except (ValueError, TypeError):
            continue  # shapes that do not fit, or a sum of a single number: not what was meant
    return found


def pages(page):
    """Each quantity of an iteration with its lines."""
    for step in page.steps():
        match step:
            case ForwardStep(_, value) | GatherStep(value):
                yield value
            case BackwardStep(_, _, contributions, _):
                for sent in contributions:
                    yield from (sent.local, sent.product)
            case UpdateStep():
                yield from (*step.before, step.new)


def same(found, expected):
    shapes = {expected.shape, (), (1, 1) if expected.size == 1 else expected.shape}
    return found.shape in shapes and np.allclose(found, expected, rtol=1e-6, atol=1e-9)


def wrong_lines(quantity, sizes):
    """The lines of a quantity that do not come to its number."""
    known = {pretty(q.name): q.written for q in quantity.inputs if q.name} | sizes
    lines = [text(line) for line in worked(quantity).lines]
    # one entry in full is no whole line; tests/oracle judges it
    unread = ("...", "(i)", ": ")
    readable = [line for line in lines if not any(sign in line for sign in unread)]
    expected = np.asarray(quantity.written)
    return [x for x in readable if not any(same(found, expected) for found in meanings(x, known))]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("1 - -0.5*2", 2),
        ("2 - 3^2", -7),
        ("-2^2", -4),
        ("1/(1 + e^-0)", 0.5),
        ("e^-(-1)", math.e),
        ("[1  2; 3  4] · [1; 1]", [[3], [7]]),
        ("[1  2; 3  4]ᵀ · [1; 0]", [[1], [2]]),
        ("2 * [1  2] ⊙ [3  4]", [[6, 16]]),
        ("1/2 Σ [1  2]^∘2", 2.5),
        ("[(1*2 + 3)  tanh(0)]", [[5, 0]]),
        ("1 if 2 > 1 else 0", 1),
    ],
)
def test_how_a_line_is_read(line, value):
    assert any(same(found, np.array(value)) for found in meanings(line, {}))
    assert not any(same(found, np.array(value) + 1) for found in meanings(line, {}))


def test_names_are_read_too():
    known = {"W[1]": [[1, 2]], "W[1]'": [[3, 4]], "-∂Cost/∂Z": [[5, 6]], "m": 2, "α": 0.1}
    assert meanings("W[1]'ᵀ", known)[0].tolist() == [[3], [4]]
    assert meanings("[W[1]; 1]", known)[0].tolist() == [[1, 2], [1, 1]]
    assert meanings("W[1] + α * (-∂Cost/∂Z)", known)[0].tolist() == [[1.5, 2.6]]
    assert meanings("W[1][:, 2:]/m", known)[0].tolist() == [[1]]
    assert meanings("diag(1) - [1; 0] · 1ᵀ", {"n": 2})[0].tolist() == [[0, -1], [0, 1]]


@given(networks())
@settings(max_examples=40, deadline=None)
def test_every_line_of_a_page_means_the_number_at_its_end(network):
    try:
        trace = solved(*network, "exact")
    except NotFinite:
        assume(False)
    outputs, examples = network[3]["Y"].shape
    for quantity in pages(view_of(trace)):
        assert wrong_lines(quantity, {"m": examples, "n": outputs}) == [], quantity.name


# published networks, in the layout, names and signs of their authors

RAY = """\
```{lesson}
:title: Neural networks from scratch
:source: Sunil Ray, Analytics Vidhya (2017), in a student's copy with eight decimals
:rounding: display 8
```
```{network}
:layers: 3 sigmoid, 1 sigmoid
:cost: squared error
:over-examples: sum
:examples: rows
:weights: (in, out)
:delta: descent
:learning-rate: 0.01
:names: wh = W[1], bh = b[1], wout = W[2], bout = b[2], hidden = A[1], output = Yhat, \
E = dCost/dYhat, d_output = dCost/dZ[2], Error_at_hidden_layer = dCost/dA[1], \
d_hiddenlayer = dCost/dZ[1]
X = 1 0 1 0; 1 0 1 1; 0 1 0 1
Y = 1; 1; 0
wh = 0.42 0.88 0.55; 0.10 0.73 0.68; 0.60 0.18 0.47; 0.92 0.11 0.52
bh = 0.46 0.72 0.08
wout = 0.30; 0.25; 0.23
bout = 0.69
```
```{forward}
hidden = 0.81457258 0.85569687 0.75026011; 0.91682730 0.86875553 0.83479513; \
0.81457258 0.82635335 0.78244978
output = 0.78932406; 0.79806432; 0.78933532
```
```{backward}
E = 0.21067594; 0.20193568; -0.78933532
d_output = 0.03503364; 0.03254348; -0.13125468
Error_at_hidden_layer = 0.01051009 0.00875841 0.00805774; 0.00976304 0.00813587 0.00748500; \
-0.03937640 -0.03281367 -0.03018858
d_hiddenlayer = 0.00158749 0.00108149 0.00150978; 0.00074448 0.00092765 0.00103227; \
-0.00594757 -0.00470855 -0.00513876
```
```{update}
wout = 0.29951458; 0.24949788; 0.22950751
wh = 0.42002332 0.88002009 0.55002542; 0.09994052 0.72995291 0.67994861; \
0.60002332 0.18002009 0.47002542; 0.91994797 0.10996219 0.51995894
bout = 0.68936322
bh = 0.45996384 0.71997301 0.07997403
```
"""
NG = """\
```{lesson}
:title: A test case of nnCostFunction
:source: Andrew Ng, "Machine Learning" (2011), exercise 4
:rounding: exact
```
```{network}
:layers: 2 sigmoid, 4 sigmoid
:cost: binary cross-entropy, fused
:over-examples: mean, in the gradients
:l2: 4, lambda/2m
:examples: rows
:biases: first column
:names: Theta1 = W[1], Theta2 = W[2], J = Cost
X = 0.5403023058681398 -0.4161468365471424; -0.9899924966004454 -0.6536436208636119; \
0.2836621854632263 0.9601702866503661
Y = 0 0 0 1; 0 1 0 0; 0 0 1 0
Theta1 = 0.1 0.3 0.5; 0.2 0.4 0.6
Theta2 = 0.7 1.1 1.5; 0.8 1.2 1.6; 0.9 1.3 1.7; 1.0 1.4 1.8
```
```{forward}
J = 19.473636522732
Z[1] = 0.05401727 0.16643282; -0.52381956 -0.58818317; 0.66518380 0.88956705
```
```{backward}
dJ/dTheta1 = 0.766138369630 0.372460384114 0.641737883926; \
0.979896866041 0.497489124382 0.746138306027
dJ/dTheta2 = 0.883417207679 1.92598021596 2.47833662315; \
0.568762344915 1.94461818252 2.50225374002; \
0.584667662135 1.98964666454 2.52643728860; 0.598139236978 2.17855172955 2.72233088911
```
"""
RGU = """\
```{lesson}
:title: The back propagation algorithm, second exercise
:source: Robert Gordon University, chapter 3, in copies that cite it
:rounding: display 6
```
```{network}
:layers: 2 sigmoid, 1 sigmoid
:cost: squared error
:biases: none
:updates: sequential
:learning-rate: 1
X = 0.1; 0.7
Y = 1
W[1] = 0.1 0.5; 0.3 0.2
W[2] = 0.2 0.1
```
```{forward}
A[1] = 0.589040; 0.542398
Yhat = 0.542906
```
```{backward}
```
```{update}
:rounding: display 4
W[2] = 0.2668 0.1615
W[1] = 0.1007 0.5051; 0.3005 0.2032
```
"""


@pytest.mark.parametrize(
    ("source", "numbers"), [(RAY, 55), (NG, 25), (RGU, 9)], ids=["Ray", "Ng", "RGU"]
)
def test_a_published_network_in_its_author_s_conventions(source, numbers):
    verdicts = check(read(source, "published", "published.md"))
    assert failed(verdicts) == []
    assert len(verdicts) == numbers


def test_updated_all_together_the_exercise_comes_out_otherwise():
    verdicts = check(read(RGU.replace("sequential", "together"), "published", "published.md"))
    assert [(v.name, v.printed, v.written) for v in verdicts if not v.holds] == [
        ("W[1][1,1]", "0.1007", "0.1005"),
        ("W[1][1,2]", "0.5051", "0.5038"),
        ("W[1][2,1]", "0.3005", "0.3003"),
        ("W[1][2,2]", "0.2032", "0.202"),
    ]


def test_the_network_in_eleven_lines_has_learned_what_its_author_prints():
    """Trask (2015): rows, no bias, the direction of the descent; printed after 9,999 updates."""
    syn0 = 2 * np.random.RandomState(1).random_sample((3, 1)) - 1
    settings = TURNED | {"delta": "descent", "over-examples": "sum", "biases": "none"}
    program = net(
        "1 sigmoid", X=[[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], Y=[[0], [0], [1], [1]],
        syn0=syn0, learning_rate=1, settings=settings | {"names": "syn0 = W, l1 = Yhat"},
    )  # fmt: skip
    l1 = work(train(program, 9999).at(9999))["l1"].exact
    assert [f"{x:.8f}" for x in l1[:, 0]] == [
        "0.00966449",
        "0.00786506",
        "0.99358898",
        "0.99211957",
    ]


# none is left out


def test_every_choice_is_solved_in_numpy():
    for key, known in CHOICES.items():
        assert {case[key] for case in CASES} == set(known)


def test_the_choices_are_all_there_are():
    tables = {
        name for name, value in vars(words).items() if name.isupper() and isinstance(value, dict)
    }
    here = {"SIDES", "WEIGHTS", "BIASES", "DELTAS", "OVER_EXAMPLES", "UPDATE_ORDERS", "YES_OR_NO"}
    in_test_losses = {"REDUCTIONS", "OVER_EXAMPLES", "PENALTIES"}
    assert tables - {"ACTIVATIONS", "LOSSES"} == here | in_test_losses | {"VIEWS"}
    assert set(words.VIEWS) == {"matrix", "scalar"}


@pytest.mark.parametrize("key", CHOICES)
def test_the_first_choice_is_the_usual_one(key):
    case = {key: next(iter(CHOICES[key]))}
    usual, chosen = (net("1 sigmoid", **SMALL, settings=s).conventions for s in ({}, case))
    assert chosen == usual or key == "over-examples"
