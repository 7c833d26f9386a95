"""Learning rates: a number, or a formula in t and epoch, read and never run.

What a formula gives is worked out once more by Python, and what becomes of it by a plain loop.
"""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from tracer import graph, net, work
from tracer.cli import main
from tracer.errors import LessonError, RateError, TracerError
from tracer.layers import LinearLayer
from tracer.lesson.check import check
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.network.words import parse_update
from tracer.record import decode, encode, record
from tracer.render.terminal import pages_as_text
from tracer.trace.equations import rate_of
from tracer.trace.rates import Schedule
from tracer.training import run as training
from tracer.training.run import Plan, train

PARABOLA = "w = 3\nc = (w - 1)**2"

# reading


@pytest.mark.parametrize(
    "formula",
    [
        "0.5/(1 + 0.1*epoch)",
        "0.1*0.95**epoch",
        "0.1/sqrt(t)",
        "1/t",
        "t",
        "epoch",
        "0.1*exp(-epoch/3)",
        "max(0.1 - 0.01*epoch, 0.001)",
        "0.1234567890123456*t",
        "0.2 + 0.1*cos(epoch)",
        "-t + 2*t",
        "(t + epoch)/(1 + t*epoch)",
        "1e-3*t",
    ],
)
def test_a_formula_is_what_python_makes_of_it(formula):
    for t, epoch in ((1, 0), (2, 1), (5, 0), (100, 33)):
        known = {"sqrt": math.sqrt, "exp": math.exp, "cos": math.cos, "max": max}
        expected = eval(formula, {"__builtins__": {}}, known | {"t": t, "epoch": epoch})
        assert rate_of(formula).at(t, epoch) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("typed", "rate"), [("0.1", 0.1), ("1e-3", 1e-3), ("1/8", 0.125), ("2*3", 6.0), ("0", 0.0)]
)
def test_a_number_is_a_number_however_it_is_typed(typed, rate):
    assert rate_of(typed) == rate
    assert rate_of(rate) == rate


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("fast", "learning-rate 'fast' is not a number, expected such as 0.1, or a formula in t "
                 "and epoch such as 0.1/sqrt(t); fast is neither"),
        ("0.1/k", "... or a formula in t and epoch such as ...; k is neither"),
        ("0.1*T", "...; T is neither"),
        ("step(t)", "step() is not known; ..."),
        ("0.1 0.2", "'0.1 0.2' cannot be read, expected such as ..."),
        ("0.1; t", "'0.1; t' cannot be read, expected such as ..."),
        ("0.1*t^2", "'0.1*t^2' has ^, expected ** for a power"),
        ("inf", "learning-rate 'inf' is not finite, expected such as 0.1"),
        ("nan", "learning-rate 'nan' is not finite, expected such as 0.1"),
        ("-0.1", "the learning rate is -0.1, expected 0 or more"),
        ("-1/4", "the learning rate -1/4 is -0.25 at epoch 0, expected 0 or more"),
        ("0.5 - t", "the learning rate 0.5 - t is -0.5 at epoch 0, expected 0 or more"),
        ("log(epoch)", "the learning rate log(epoch) is not finite at epoch 0, expected 0 or more"),
        ("1/epoch", "the learning rate 1/epoch is not finite at epoch 0, expected 0 or more"),
        ("2**10**9", "the learning rate 2**10**9 is not finite at epoch 0, expected 0 or more"),
        ("exp(1000)*t", "... is not finite at epoch 0, ..."),
        ("t.T", "... has a single number, expected a matrix"),
        ("softmax(t)", "... has a single number, expected a matrix"),
        ("[t]", "... is not allowed in a formula; ..."),
        ("t if t else 1", "... is not allowed in a formula, ..."),
        ("__import__('os')", "__import__() is not known; ..."),
        ("t.real", "... is not allowed in a formula, ..."),
        ("(lambda: t)()", "... is not allowed in a formula, ..."),
        ("+".join(["t"] * 3000), "the formula has 5,999 characters, ..."),
    ],
    ids=lambda value: value[:20],
)  # fmt: skip
def test_another_text_is_refused_and_never_run(typed, complaint):
    with pytest.raises(TracerError) as fault:
        rate_of(typed)
    pattern = re.escape(complaint).replace(re.escape("..."), ".*")
    assert re.fullmatch(pattern, str(fault.value)), str(fault.value)


# a negative rate, everywhere


NETWORK = """\
```{lesson}
:title: A rate
:rounding: ROUNDING
```
```{network}
:layers: 1 identity
:cost: squared error
:learning-rate: RATE
X = 1 2
Y = 0 1
W = 3
```
"""
GRAPH = f"""\
```{{lesson}}
:title: A rate
```
```{{graph}}
:learning-rate: RATE
{PARABOLA}
```
"""
ITERATION = "```{forward}\n```\n```{backward}\n```\n```{update}\n```\n"
TRAINING = "```{train}\n:epochs: 20\n```\n"


def lesson(text: str, rate: str, rounding: str = "carry 3"):
    return read(text.replace("RATE", rate).replace("ROUNDING", rounding), "mine", "mine.md")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (NETWORK, 8),
        (GRAPH, 5),
        (GRAPH.replace("RATE", "1") + "```{train}\n:epochs: 3\n:learning-rate: RATE\n```\n", 11),
    ],
    ids=["network", "graph", "train"],
)
@pytest.mark.parametrize(
    ("rate", "said"), [("-1", "is -1,"), ("1 - 2*t", "1 - 2*t is -1 at epoch 0,")]
)
def test_a_negative_rate_is_refused_with_its_line(text, line, rate, said):
    with pytest.raises(TracerError) as fault:
        solve(lesson(text, rate))
    assert str(fault.value) == f"mine.md:{line}: the learning rate {said} expected 0 or more"


GIVEN = {
    "net": lambda rate: net("1 identity", X=[[1]], Y=[[0]], W=[[3]], learning_rate=rate),
    "graph": lambda rate: graph(PARABOLA, learning_rate=rate),
    "train": lambda rate: train(graph(PARABOLA, 0.1), 5, learning_rate=rate),
    "plan": lambda rate: Plan(5, learning_rate=rate).check(graph(PARABOLA, 0.1)),
}


@pytest.mark.parametrize("rate", [-0.1, -1e200, float("nan"), float("inf"), "-0.1", "0.1 - t"])
@pytest.mark.parametrize("door", GIVEN)
def test_so_it_is_from_python(door, rate):
    with pytest.raises(TracerError, match=r"learning( |-)rate"):
        GIVEN[door](rate)


@pytest.mark.parametrize("rate", [-0.1, float("nan")])
def test_and_for_the_layers_of_the_article(rate):
    layer = LinearLayer((2, 4), 1)
    layer.forward(np.ones((2, 4)))
    layer.backward(np.ones((1, 4)))
    with pytest.raises(LessonError, match="the learning rate is"):
        layer.update_params(learning_rate=rate)


@pytest.mark.parametrize("door", GIVEN)
def test_no_step_at_all_is_allowed(door):
    GIVEN[door](0)


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        ("-0.1", "the learning rate is -0.1, expected 0 or more"),
        ("0.1 - t", "the learning rate 0.1 - t is -0.9 at epoch 0, expected 0 or more"),
    ],
)
def test_and_in_the_command(rate, said, capsys):
    assert main(["train", "or-batch", f"--learning-rate={rate}"]) == 2
    assert f"tracer train: --learning-rate: {said}; " in capsys.readouterr().err


# what becomes of it in a training


def by_hand(rate, epochs: int, w: float = 3.0) -> list[float]:
    """The places of w on the parabola."""
    places = [w]
    for epoch in range(epochs):
        places.append(places[-1] - rate(epoch + 1, epoch) * 2 * (places[-1] - 1))
    return places


SCHEDULES = {
    "0.4/(1 + 0.1*epoch)": lambda t, epoch: 0.4 / (1 + 0.1 * epoch),
    "0.4*0.9**epoch": lambda t, epoch: 0.4 * 0.9**epoch,
    "0.4/sqrt(t)": lambda t, epoch: 0.4 / math.sqrt(t),
}


@pytest.mark.parametrize("formula", SCHEDULES)
def test_every_epoch_has_the_rate_of_its_own(formula):
    run = train(graph(PARABOLA, learning_rate=formula), 30)
    places = [run.parameters(epoch)["w"] for epoch in range(31)]
    assert places == pytest.approx(by_hand(SCHEDULES[formula], 30), rel=1e-13)
    again = train(graph(PARABOLA, learning_rate=1), 30, learning_rate=formula)
    assert np.array_equal(again.history, run.history)


def test_with_batches_t_goes_on_from_step_to_step_and_epoch_from_pass_to_pass():
    X, Y = np.array([[1.0, 2, 3, 4, 5]]), np.array([[1.0, 0, 2, 1, 0]])
    program = net("1 identity", X=X, Y=Y, W=[[0.5]], learning_rate="0.1/(t + 10*epoch)")
    run = train(program, 4, batch_size=2)
    w, t = 0.5, 0
    for epoch in range(4):
        assert run.parameters(epoch)["W"][0, 0] == pytest.approx(w, rel=1e-13)
        for k in range(0, 5, 2):
            x, y, t = X[:, k : k + 2], Y[:, k : k + 2], t + 1
            w -= 0.1 / (t + 10 * epoch) * float(np.mean((w * x - y) * x))
    assert run.parameters()["W"][0, 0] == pytest.approx(w, rel=1e-13)


@pytest.mark.parametrize("kept", [4, 7, 1000])
def test_a_thinned_history_finds_the_rates_again(kept, monkeypatch):
    monkeypatch.setattr(training, "MOST_KEPT", kept)
    run = train(graph(PARABOLA, learning_rate="0.4/t"), 20)
    places = [run.parameters(epoch)["w"] for epoch in range(21)]
    assert places == pytest.approx(by_hand(lambda t, epoch: 0.4 / t, 20), rel=1e-13)


def test_the_iteration_of_an_epoch_has_the_rate_of_that_epoch():
    run = train(graph(PARABOLA, learning_rate="0.4/t + 0.001*epoch"), 9)
    trace = work(run.at(4))
    assert trace["w'"].exact == pytest.approx(run.parameters(5)["w"], rel=1e-15)
    assert [q.exact for q in trace.steps(0)[-1].rate.inputs] == [5, 4]


def test_an_update_rule_that_counts_goes_on_counting_too():
    program = replace(graph(PARABOLA, "0.4/t"), update=parse_update("adam"))
    run = train(program, 9)
    for epoch in (0, 3, 8):
        expected = run.parameters(epoch + 1)["w"]
        assert work(run.at(epoch))["w'"].exact == pytest.approx(expected, rel=1e-13)
        assert train(run.at(epoch), 9 - epoch).parameters() == run.parameters()


# where there is no rate


def test_a_training_ends_where_its_rate_becomes_negative_and_keeps_what_it_learned():
    run = train(graph(PARABOLA, learning_rate="0.3 - 0.07*epoch"), 20)
    assert run.epochs == 5
    assert run.parameters()["w"] == pytest.approx(by_hand(lambda t, e: 0.3 - 0.07 * e, 5)[-1])
    assert run.stopped == (
        "could not go on, since the learning rate 0.3 - 0.07*epoch is -0.05 at epoch 5, "
        "expected 0 or more"
    )
    assert not run.diverged
    assert not run.interrupted


def test_so_it_does_where_the_rate_is_no_number():
    run = train(graph(PARABOLA, learning_rate="0.1/sqrt(3 - epoch)"), 20)
    assert run.epochs == 3
    assert "is not finite at epoch 3" in run.stopped


def test_a_difference_of_nothing_is_0_and_no_negative_rate():
    """In binary numbers 0.3 - 0.05*6 is -5.6e-17."""
    run = train(graph(PARABOLA, learning_rate="0.3 - 0.05*epoch"), 20)
    assert run.epochs == 7
    assert run.parameters(6) == run.parameters(7)


def test_the_command_says_so_with_its_status(tmp_path, capsys):
    (tmp_path / "mine.md").write_text(GRAPH.replace("RATE", "1"), encoding="utf-8")
    asked = ["--learning-rate", "0.3 - 0.07*epoch", "--epochs", "20", "--log-every", "1"]
    assert main(["train", str(tmp_path / "mine.md"), *asked]) == 1
    said = capsys.readouterr().out
    assert "The run could not go on, since the learning rate 0.3 - 0.07*epoch is" in said
    assert said.count("c at epoch#") == 5


def test_a_page_says_so_too():
    solution = solve(lesson(GRAPH + TRAINING, "0.3 - 0.07*epoch"))
    shown = " ".join(pages_as_text(explain(solution).pages, 80).split())
    assert "The run stopped early: it could not go on, since the learning rate" in shown


@pytest.mark.parametrize("rounding", ["exact", "carry 2"])
def test_an_update_with_such_a_rate_is_a_fault_at_its_block(rounding):
    with pytest.raises(RateError) as fault:
        solve(lesson(NETWORK + ITERATION * 3, "0.1 - 0.06*epoch", rounding))
    assert str(fault.value) == (
        "mine.md:29: the learning rate 0.1 - 0.06*epoch is -0.02 at epoch 2, expected 0 or more"
    )


# on the page


def pages(text: str, rate: str, rounding: str = "carry 3") -> str:
    return pages_as_text(explain(solve(lesson(text, rate, rounding))).pages, 80)


def test_an_update_shows_the_rate_of_its_step_with_the_formula():
    shown = pages(NETWORK + ITERATION * 2, "0.1/(1 + epoch)")
    assert "α = 0.1/(1 + epoch)\n" in shown
    first, second = re.findall(r"α = 0.1/\(1 \+ epoch\)\n +(= .*)\n +(= .*)\n", shown)
    assert first == ("= 0.1/(1 + 0)", "= 0.1")
    assert second == ("= 0.1/(1 + 1)", "= 0.05")


def test_the_rate_is_worked_out_in_full_though_the_lesson_rounds():
    shown = pages(NETWORK + ITERATION, "1/(6 + t)")
    assert "= 0.142857142857\n" in shown
    assert "[ 3 ] - 0.142857142857 * [ 6.5 ]" in shown
    solution = solve(lesson(NETWORK + ITERATION, "1/(6 + t)"))
    step = solution.sections[-1].steps[0]
    assert step.rate.used == 1 / 7


def test_where_weights_move_at_once_the_rate_stands_on_that_page():
    text = NETWORK.replace(":cost:", ":updates: sequential\n:cost:") + ITERATION
    shown = pages(text, "0.1/t")
    page = shown[shown.index("Backward 3 of 3") : shown.index("Backward, all together")]
    assert "α = 0.1/t" in page


def test_a_number_is_shown_as_ever():
    shown = pages(NETWORK + ITERATION, "0.1")
    assert shown.count("α = 0.1") == 1


def test_the_source_has_its_own_name_for_it():
    text = NETWORK.replace(":cost:", ":names: eta = alpha\n:cost:") + ITERATION + TRAINING
    shown = pages(text, "0.1/t")
    assert "η = 0.1/t\n" in shown
    assert shown.count("α") == shown.count("α is η") == 1
    assert "Training: 20 epochs with η = 0.1/t" in shown


def test_the_page_of_a_training_has_the_formula_in_its_heading():
    assert "Training: 20 epochs with α = 0.4 * 0.9^epoch" in pages(
        GRAPH + TRAINING, "0.4*0.9**epoch"
    )


def test_a_quantity_called_t_is_not_taken_for_the_clock():
    shown = pages(GRAPH.replace("w = 3", "t = 3").replace("w - 1", "t - 1") + ITERATION, "0.1/t")
    assert "= 0.1/1\n" in shown
    assert "t' = t - α * ∂c/∂t" in shown


def test_printed_numbers_after_such_updates_are_checked():
    printed = ITERATION.replace("{update}\n", "{update}\nW = 2.55\n")
    text = NETWORK + printed + ITERATION.replace("{update}\n", "{update}\nW = 2.378\n")
    solution = solve(lesson(text, "0.1/t"))
    # 3 - 0.1*1/2*((3 - 0)*1 + (6 - 1)*2), and 2.35 - 0.05*1/2*(2.35 + (4.7 - 1)*2)
    assert [v.written for v in check(solution.lesson, solution)] == ["2.35", "2.106"]


def test_a_recorded_trace_keeps_the_formula():
    solution = solve(lesson(NETWORK + ITERATION, "0.1/t"))
    made = record(solution, explain(solution))
    assert made.traces[0].learning_rate == "0.1/t"
    again = decode(encode(made), "trace.json")
    assert again.traces[0].learning_rate == "0.1/t"
    shown = (pages_as_text(one.pages, 80) for one in (made, again))
    assert next(shown) == next(shown)


def test_a_formula_is_kept_as_it_was_typed():
    assert str(rate_of(" 0.1 / t ")) == "0.1 / t"
    assert isinstance(rate_of("0.1/t"), Schedule)
