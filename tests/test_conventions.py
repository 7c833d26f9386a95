"""Conventions: a network in a source's layout, signs and names, beside NumPy written in them."""

from itertools import product

import numpy as np
import pytest

from tracer import net, work
from tracer.conventions import BIASES, parse_names
from tracer.explain.conventions import conventions_table
from tracer.explain.lines import combined, worked
from tracer.names import parse_name
from tracer.network import words
from tracer.text import text
from tracer.trace import BackwardStep, ForwardStep, UpdateStep
from tracer.training import train

# a network of two layers, solved in a convention by the tool and by NumPy as the source would

FEATURES, HIDDEN, OUTPUTS, EXAMPLES, RATE = 4, 3, 2, 5, 0.5
random = np.random.RandomState(7)
# one example a column, W as (out, in): how they are typed elsewhere is decided in `laid_out`
DATA = {"X": random.randn(FEATURES, EXAMPLES), "Y": random.rand(OUTPUTS, EXAMPLES)}
WEIGHTS = [random.randn(HIDDEN, FEATURES), random.randn(OUTPUTS, HIDDEN)]
COLUMNS = [random.randn(HIDDEN, 1), random.randn(OUTPUTS, 1)]
SHARED = [0.25, -0.75]

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


def laid_out(case):
    """The numbers as a source with these conventions types them."""
    rows, turned, kind = case["examples"] == "rows", case["weights"] == "(in, out)", case["biases"]
    values = {name: M.T if rows else M for name, M in DATA.items()}
    W = [M.T if turned else M for M in WEIGHTS]
    if is_folded(kind):
        B = [column.T if turned else column for column in COLUMNS]
        return values | {"W": [beside(b, M, kind) for b, M in zip(B, W, strict=True)]}
    if kind == "none":
        return values | {"W": W}
    return values | {
        "W": W,
        "b": SHARED if "shared" in kind else [b.T if rows else b for b in COLUMNS],
    }


def is_folded(kind):
    return kind.endswith(("column", "row"))


def beside(bias, W, kind):
    """A bias put beside its weights."""
    both = [bias, W] if kind.startswith("first") else [W, bias]
    return np.concatenate(both, axis=1 if kind.endswith("column") else 0)


def apart(folded, kind):
    """A bias and its weights, taken apart."""
    axis = 1 if kind.endswith("column") else 0
    at = 1 if kind.startswith("first") else -1
    first, last = np.split(folded, [at], axis=axis)
    return (first, last) if kind.startswith("first") else (last, first)


def is_turned(case):
    """Whether a bias lies otherwise beside its weights than it is added to a matrix."""
    return (case["examples"] == "rows") == case["biases"].endswith("column")


def bias_and_weights(case, values, k):
    """What a layer adds, and what it multiplies with."""
    if not is_folded(case["biases"]):
        return values.get("b", [0, 0])[k], values["W"][k]
    bias, W = apart(values["W"][k], case["biases"])
    return bias.T if is_turned(case) else bias, W


def by_name(case, bias, W, k, mark):
    """The quantities of a layer's parameters, as the source keeps them."""
    if is_folded(case["biases"]):
        folded = beside(bias.T if is_turned(case) else bias, W, case["biases"])
        return {mark.format(f"W[{k}]"): folded}
    found = {mark.format(f"W[{k}]"): W}
    if case["biases"] in ("trained", "shared"):
        found[mark.format(f"b[{k}]")] = bias
    return found


def on_paper(case, X, Y, **values):
    """Every quantity of an iteration, by the name that the source gives it."""
    layout = case["examples"], case["weights"]
    forward, to_weights, back = FORWARD[layout], TO_WEIGHTS[layout], BACK[layout]
    to_bias = TO_BIAS[case["examples"], "shared" in case["biases"]]
    descends, later = case["delta"] == "descent", case["over-examples"].endswith("gradients")
    m = 1 if case["over-examples"] == "sum" else len(Y if case["examples"] == "rows" else Y.T)
    early, late = (1, m) if later else (m, 1)
    learned = case["biases"] in ("trained", "shared") or is_folded(case["biases"])
    step = RATE if descends else -RATE

    (b1, W1), (b2, W2) = (bias_and_weights(case, values, k) for k in (0, 1))
    Z1 = forward(W1, X) + b1
    A1 = np.tanh(Z1)
    Z2 = forward(W2, A1) + b2
    Yhat = 1 / (1 + np.exp(-Z2))
    cost = np.sum((Y - Yhat) ** 2) / (2 * m)

    dYhat = (Y - Yhat if descends else Yhat - Y) / early
    dZ2 = dYhat * Yhat * (1 - Yhat)
    dW2, db2 = to_weights(dZ2, A1) / late, to_bias(dZ2) / late
    new_W2, new_b2 = W2 + step * dW2, b2 + step * db2 * learned
    dA1 = back(new_W2 if case["updates"] == "sequential" else W2, dZ2)
    dZ1 = dA1 * (1 - A1**2)
    dW1, db1 = to_weights(dZ1, X) / late, to_bias(dZ1) / late
    new_W1, new_b1 = W1 + step * dW1, b1 + step * db1 * learned

    d, of = "-d" if descends else "d", "L" if later else "Cost"
    return {
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
    """The parameters that the next iteration starts from."""
    moved = {n: [page.get(f"{n}[{k}]'") for k in (1, 2)] for n in ("W", "b")}
    return values | {name: pair for name, pair in moved.items() if pair[0] is not None}


def fits(case):
    """Whether the biases can stand where they are said to."""
    side = {"(out, in)": "row", "(in, out)": "column"}[case["weights"]]
    return not case["biases"].endswith(side)


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
    values = laid_out(case)
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
        expected = values[name[0]][int(name[2]) - 1]
        assert (found.T if turned and np.ndim(found) else found) == pytest.approx(
            expected, rel=1e-12
        )


def test_a_bias_that_is_not_trained_gets_no_gradient():
    for kind in ("fixed", "shared, fixed"):
        case = CASES[0] | {"biases": kind}
        trace = work(net("3 tanh, 2 sigmoid", settings=case, learning_rate=RATE, **laid_out(case)))
        assert [name for name in ("dCost/db[1]", "dCost/db[2]") if name in trace] == []
        kept = {name for step in trace.steps() for name in getattr(step, "kept_from", ())}
        assert {"b[1]", "b[2]", "X", "Y"} <= kept


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
    stem = {"W": "w", "b": "b", "Z": "z", "A": "a", "Y": "yhat"}[parsed.base[0]]
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
    case |= {"biases": biases, "delta": delta, "updates": updates}
    values = laid_out(case)
    values |= {"X": values["X"][:, :1], "Y": values["Y"][:, :1]}
    shared = "shared" in biases
    numbers = {f"x{i + 1}": x for i, x in enumerate(values["X"][:, 0])}
    numbers |= {f"y{i + 1}": y for i, y in enumerate(values["Y"][:, 0])}
    for k in (1, 2):
        numbers |= one_by_one(f"W[{k}]", values["W"][k - 1], shared)
        numbers |= one_by_one(f"b[{k}]", values["b"][k - 1], shared) if "b" in values else {}
    settings = {key: case[key] for key in ("biases", "delta", "updates")}
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


def formulas(program):
    """Each quantity by the line it begins with; a product of matrices by the names in it."""
    found = {}
    trace = work(program)
    for step in trace._view.steps():
        match step:
            case ForwardStep(_, value):
                found[value.name] = text(worked(value).lines[0])
            case BackwardStep(_, _, contributions, _):
                for sent in contributions:
                    lines = combined(sent).lines
                    found[sent.product.name] = text(lines[1 if sent.to[0] in "Wbs" else 0])
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
        {"delta": "descent"},
        {
            "-dCost/dW": "-∂Cost/∂Z · Xᵀ",
            "W'": "W + α * (-∂Cost/∂W)",
            "b'": "b + α * (-∂Cost/∂b)",
        },
    ),
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
    trace = work(net("3 tanh, 2 sigmoid", settings=case, learning_rate=RATE, **laid_out(case)))
    assert text(trace["dZ[2]/dA[1]"].formula) == "W[2]'ᵀ"
    assert trace["dZ[2]/dA[1]"].exact.tolist() == trace["W[2]'"].exact.T.tolist()


def test_a_penalty_leaves_the_folded_bias_out():
    program = small(**TURNED, biases="first row", l2="0.1, lambda/2m")
    assert formulas(program)["R"] == "λ/(2*m) * Σ W[2:, :]^∘2"


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
        ({"biases": kind}, {"biases": BIASES[kind], "weights (out × in)": line})
        for kind, line in {
            "fixed": "Z = W · X + b",
            "shared": "Z = W · X + b",
            "shared, fixed": "Z = W · X + b",
            "first column": "Z = W · [1; X]",
            "last column": "Z = W · [X; 1]",
        }.items()
    ),
    ({"biases": "none"}, {"biases": None, "weights (out × in)": "Z = W · X"}),
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
            "the penalty": "R = λ/(2*m) * Σ W^∘2",
            "the cost": "Cost = E + R",
        },
    ),
]


@pytest.mark.parametrize(("settings", "different"), TABLES)
def test_the_table_says_what_is_different_here(settings, different):
    rows = conventions_table(work(small(**settings))._view.program).rows
    expected = {key: said for key, said in {**USUAL_TABLE, **different}.items() if said}
    assert {text(what): text(here) for what, here in rows} == expected
