"""`import tracer`: a network in a few lines, its trace, and how it shows itself in a notebook."""

import doctest
import re
import rlcompleter
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import tracer
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.render.markdown import to_markdown

OR = {"X": [[0, 0, 1, 1], [0, 1, 0, 1]], "Y": [[0, 1, 1, 1]], "W": [[0.1, 0.6]], "b": 0}


def test_the_public_names_are_few():
    assert {"Pen", "Trace", "TracerError", "graph", "load", "net", "work"} <= set(tracer.__all__)
    assert len(tracer.__all__) <= 12
    assert tracer.__all__ == sorted(tracer.__all__)


def test_dir_shows_the_public_names_and_nothing_else_whatever_was_imported():
    assert tracer.render  # a module that the imports above have left in the package
    assert dir(tracer) == tracer.__all__


def test_the_tab_key_shows_them_too():
    completer = rlcompleter.Completer({"tracer": tracer})
    offered = [completer.complete("tracer.", k) for k in range(len(tracer.__all__) + 1)]
    shown = [found.removeprefix("tracer.").rstrip("()") for found in offered if found]
    assert shown == tracer.__all__


def fresh(program: str) -> str:
    """What a program prints in an interpreter of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout


def test_the_layers_are_there_after_import_tracer():
    assert fresh("import tracer; print(tracer.layers.SigmoidLayer((1, 2)).A)") == "[[0. 0.]]\n"


CALLED = [name for name in tracer.__all__ if name not in ("from_torch", "layers")]


@pytest.mark.parametrize("name", CALLED)
def test_each_name_has_a_docstring_with_an_example_that_runs(name):
    public = getattr(tracer, name)
    examples = doctest.DocTestFinder(recurse=False).find(public, name, globs={name: public})
    assert any(test.examples for test in examples)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for test in examples:
        module = sys.modules[public.__module__]
        test.globs = dict(vars(module))
        assert runner.run(test).failed == 0


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'tracer' has no attribute 'network_of'"):
        tracer.network_of  # noqa: B018


def test_importing_brings_nothing_heavy():
    heavy = "[m for m in ('numpy', 'sympy', 'rich') if m in sys.modules]"
    assert fresh(f"import sys, tracer; dir(tracer); print({heavy})") == "[]\n"


def test_star_imports_the_public_names():
    names: dict[str, object] = {}
    exec("from tracer import *", names)
    assert set(tracer.__all__) <= set(names)


# a trace


def of_a_lesson() -> tracer.Trace:
    return tracer.work(tracer.load("or-batch"))


def of_a_net() -> tracer.Trace:
    return tracer.work(tracer.net("1 sigmoid", **OR, learning_rate=1), "carry 3")


@pytest.mark.parametrize("trace", [of_a_lesson, of_a_net])
def test_written_and_exact_stand_side_by_side(trace):
    gradient = trace()["dCost/dW"]
    assert gradient.written.tolist() == [[-0.048, -0.038]]
    np.testing.assert_allclose(gradient.exact, [[-0.0480064629, -0.0386588238]], atol=1e-10)
    assert repr(trace()["dCost/dW[1,2]"]) == "dCost/dW[1,2] = -0.038 (exactly -0.0386588238168)"


@pytest.mark.parametrize("trace", [of_a_lesson, of_a_net])
def test_a_gradient_keeps_its_contributions(trace):
    [one] = trace()["dCost/dW"].contributions
    assert (one.through, one.to) == ("Z", "W")
    assert one.upstream.written.tolist() == [[0.031, -0.02, -0.03, -0.018]]
    assert one.local.written.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert one.product.written.tolist() == [[-0.048, -0.038]]


def test_two_uses_are_two_contributions_and_the_gradient_is_their_sum():
    trace = tracer.work(tracer.graph("a = 2; b = 5; c = a*b; d = b + 1; e = c*d"))
    products = [(c.through, c.product.written) for c in trace["de/db"].contributions]
    assert products == [("c", 12.0), ("d", 10.0)]
    assert trace["de/db"].written == 22.0


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Z", [[0, 0.6, 0.1, 0.7]]),
        ("Z[1,2]", 0.6),
        ("Yhat", [[0.5, 0.646, 0.525, 0.668]]),
        ("Ŷ", [[0.5, 0.646, 0.525, 0.668]]),
        ("A[1]", [[0.5, 0.646, 0.525, 0.668]]),
        ("Cost", 0.089),
        ("Cost.sum", 0.711),
        ("dYhat/dZ", [[0.25, 0.229, 0.249, 0.222]]),
        ("∂Cost/∂b", [[-0.037]]),
        ("W'", [[0.148, 0.638]]),
        ("W@1", [[0.148, 0.638]]),
        ("b'", [[0.037]]),
    ],
)
def test_a_quantity_is_read_by_the_name_it_has_on_paper(name, written):
    found = of_a_net()[name].written
    assert (found.tolist() if isinstance(written, list) else found) == written
    assert name in of_a_net()


def test_another_iteration_is_read_with_its_number():
    program = tracer.net("1 sigmoid", **OR, learning_rate=1)
    trace = tracer.work(program, "carry 3", iterations=2)
    assert trace["Z@1"].written.tolist() == [[0.037, 0.675, 0.185, 0.823]]
    assert trace["Cost@1"].written == 0.084


def test_numbers_are_plain_floats_and_arrays_that_nobody_can_change():
    trace = of_a_net()
    assert type(trace["Cost"].written) is type(trace["Cost"].exact) is float
    assert type(trace["Z[1,2]"].written) is float
    with pytest.raises(ValueError, match="read-only"):
        trace["Z"].written[0, 0] = 1


def test_a_pen_can_be_given_in_words_or_as_a_pen():
    program = tracer.net("1 sigmoid", **OR)
    in_words = tracer.work(program, "display 2")["Cost"]
    assert (
        in_words.written == tracer.work(program, tracer.Pen("display", 2))["Cost"].written == 0.09
    )
    assert tracer.work(program)["Cost"].written == tracer.work(program)["Cost"].exact


def one(**changed: object) -> object:
    return tracer.net("1 sigmoid", **OR | changed)


FAULTS = [
    (lambda: of_a_net()["Yhta"], "Yhta is not on this page; did you mean 'Yhat'?"),
    (lambda: tracer.load("or-bach"), "there is no lesson 'or-bach'; did you mean 'or-batch'?"),
    (lambda: tracer.work(one(), "carry x"), "rounding 'carry x' cannot be read"),
    (lambda: tracer.work(tracer.graph("a = 1e3; b = exp(a)")), "b is infinite, expected a finite"),
    (lambda: tracer.net("1 sigmod", **OR), "activation 'sigmod' is not known; did you mean"),
    (lambda: one(W=[[1, 2, 3]]), "is (1 x 3), expected (1 x 2)"),
    (lambda: one(W=[["x", 2]]), "W is not made of numbers in rows of equal length"),
    (lambda: one(X=[[1, 2], [3]]), "X is not made of numbers in rows of equal length"),
    (lambda: one(W=[[1, np.nan]]), "W has an entry that is not finite"),
    (lambda: one(learning_rate=np.inf), "the learning rate is not finite"),
    (lambda: one(V=3), "V has no place in this network"),
    (lambda: tracer.net("1 sigmoid", X=OR["X"], Y=OR["Y"]), "is missing, expected X, Y, W"),
    (lambda: tracer.net("3 tanh, 1 tanh", **OR), "is no list, expected one with a matrix"),
    (lambda: tracer.net("3 tanh, 1 tanh", **OR | {"W": 5}), "is no list, expected one with"),
    (lambda: tracer.net("1 sigmoid", **OR | {"X": np.zeros((2, 2, 2))}), "X"),
    (lambda: tracer.graph("c = a * 2"), "a has no equation of its own"),
    (lambda: tracer.graph("a 2"), "'a 2' is no equation, expected 'name = expression'"),
    (lambda: tracer.Pen("round", 3), "rounding mode 'round' is not one of exact, display, carry"),
    (lambda: tracer.Pen("carry", 13), "places is 13, expected 0 to 12"),
]


@pytest.mark.parametrize(("attempt", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_what_cannot_be_worked_out_is_one_tracer_error(attempt, said):
    with pytest.raises(tracer.TracerError) as caught:
        attempt()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


# in a notebook


def test_a_trace_shows_itself_in_a_notebook_with_steps_tables_and_graphs():
    shown = of_a_net()._repr_markdown_()
    for part in [
        "### Forward 1 of 3: Z",
        "### Backward 3 of 3: through Z",
        "### Update 1 of 2: W",
        "$$\n\\begin{aligned}\nZ &= W \\cdot X + b",
        '<img alt="The graph of Cost, with the gradients that come back. X is given as',
        "| [Z → W](#backward-3-of-3-through-z) |",
        "∂Cost/∂W[1,2] is -0.038 as written by hand; exactly it is -0.039 (-0.038659)",
    ]:
        assert part in shown


def test_the_trace_of_a_lesson_shows_itself_too_each_phase_in_its_own_rounding():
    shown = of_a_lesson()._repr_markdown_()
    assert "### Backward 3 of 3 (iteration 2): through Z" in shown
    again = shown[shown.index("### Backward 1 of 3 (iteration 2)") :]
    assert "rounded only to be shown" in again
    assert "rounded only to be shown" not in shown[: shown.index("(iteration 2)")]


@pytest.mark.parametrize("mine", ["a = 2", "a = 2\nb = a * a"])
def test_a_trace_that_has_not_run_yet_can_be_shown_as_well(mine):
    text = f"```{{lesson}}\n:title: T\n```\n```{{graph}}\n{mine}\nc = a * 3\n```\n"
    assert "c = a" in tracer.work(read(text, "t", "t.md"))._repr_markdown_()


@pytest.mark.parametrize("name", ["or-batch", "computational-graph", "xor-hidden-layer"])
def test_a_lesson_shows_its_page_as_it_is_exported_but_with_formulas_that_jupyter_reads(name):
    shown = tracer.load(name)._repr_markdown_()
    exported = to_markdown(explain(solve(tracer.load(name))))
    assert exported.count("```math") > 9
    assert "```math" not in shown
    assert re.findall(r"^\$\$\n(.*?)^\$\$$", shown, re.DOTALL | re.MULTILINE) == re.findall(
        r"^```math\n(.*?)^```$", exported, re.DOTALL | re.MULTILINE
    )
    headings = re.compile(r"^#+ .*$", re.MULTILINE)
    assert headings.findall(shown) == headings.findall(exported)


def test_a_graph_stands_in_the_page_as_a_picture():
    shown = tracer.load("computational-graph")._repr_markdown_()
    pictures = re.findall(r'<img alt="The graph of e[^"]*" src="data:image/svg\+xml;base64,', shown)
    assert len(pictures) == 6
    data = re.search(r"base64,([^\"]+)", shown)[1]
    assert ElementTree.fromstring(b64decode(data)).tag.endswith("svg")


def test_a_lesson_is_worked_out_when_it_is_looked_at_and_a_fault_is_one_line(tmp_path):
    path = tmp_path / "mine.md"
    path.write_text("```{lesson}\n:title: *T*\n```\n```{graph}\nc = q * 3\n```\n", "utf-8")
    lesson = tracer.load(path)
    assert repr(lesson) == "<lesson mine: *T*>"
    shown = lesson._repr_markdown_()
    assert "mine.md:5: q has no equation of its own" in shown.replace("\\", "")
    assert "\n" not in shown
