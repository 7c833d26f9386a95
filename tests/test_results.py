"""What is printed of a training: found before it is made, made once, and shown on its page."""

import re

import numpy as np
import pytest

from tracer import work
from tracer.cli import main
from tracer.cli.replay.sources import OfLesson
from tracer.errors import TracerError
from tracer.lesson.check import check
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.numbers.rounding import EXACT, Pen
from tracer.page.document import Note, Table
from tracer.record import record
from tracer.render.markdown import to_markdown
from tracer.render.terminal import pages_as_text
from tracer.training import run as training
from tracer.training.planes import PLOTS
from tracer.training.run import train
from tracer.written.text import text as as_text

LESSON = """\
```{lesson}
:title: Two trainings
:rounding: carry 3
```
```{network}
:layers: 2 tanh, 1 sigmoid
:cost: squared error
:learning-rate: 1
:optimizer: momentum
:data: XOR
:init: xavier, seed 48
```
```{forward}
Cost = 0.2
```
```{train}
:epochs: 40
:log-every: 10
PRINTED
```
```{train}
:epochs: 20
:batch-size: 2
Cost = 0.1
```
"""


def lesson(*printed: str):
    return read(LESSON.replace("PRINTED\n", "".join(f"{p}\n" for p in printed)), "mine", "mine.md")


@pytest.fixture
def trainings(monkeypatch) -> list[int]:
    """The lengths of all trainings that are made."""
    made: list[int] = []

    def counting(program, epochs, *more):
        made.append(epochs)
        return train(program, epochs, *more)

    monkeypatch.setattr(training, "train", counting)
    return made


# before a training is made


@pytest.mark.parametrize(
    ("printed", "complaint"),
    [
        ("W[1] = 1 2 3", "W[1] is (2 x 2), but (1 x 3) is printed"),
        ("W[1]@7 = 1 2 3", "W[1]@7 is (2 x 2), but (1 x 3) is printed"),
        ("Yhat = 0 1 1", "Yhat is (1 x 4), but (1 x 3) is printed"),
        ("Cost@3 = 0.1 0.2", "Cost@3 is a single number, but (1 x 2) is printed"),
        ("dCost/dW[2] = 1", "dCost/dW[2] is (1 x 2), but (1 x 1) is printed"),
        ("dCost/dW[1]@40 = 1 2", "dCost/dW[1]@40 is (2 x 2), but (1 x 2) is printed"),
        ("dA[1]/dZ[1] = 1", "dA[1]/dZ[1] is (2 x 4), but (1 x 1) is printed"),
        ("predictions = 0 1", "predictions is (1 x 4), but (1 x 2) is printed"),
        ("accuracy = 1 1", "accuracy is a single number, but (1 x 2) is printed"),
        ("vW[1] = 1 1", "vW[1] is (2 x 2), but (1 x 2) is printed"),
        ("Cost.squares = 1 1", "Cost.squares is (1 x 4), but (1 x 2) is printed"),
        ("W[1][3,1] = 0.5", "W[1][3,1] does not exist: W[1] is (2 x 2) and its entries ..."),
        ("predictions[1,5] = 0", "predictions[1,5] does not exist: ..."),
        ("Cost@40 = 0.1", "epoch 40 was not reached, expected 0 to 39"),
        ("W[1]@41 = 1 1; 1 1", "epoch 41 is not in this run, expected 0 to 40"),
        ("dCost/dW[2]@99 = 1 1", "epoch 99 is not in this run, expected 0 to 40"),
        ("Kost = 0.1", "Kost is no result of a training; did you mean 'Cost'?"),
        ("W[3] = 0.1", "W[3] is no result of a training; did you mean 'W[2]'?"),
        ("acuracy = 1", "acuracy is no result of a training; did you mean 'accuracy'?"),
        ("dCost/dX = 1", "dCost/dX is not on this page; data gets a gradient only with ..."),
        ("Cost.total = 1", "Cost.total is not written on the way to Cost; known here: ..."),
        ("predictions@3 = 0 1 1 0", "predictions@3 is no result of a training; predictions is "
                                    "that of the last update"),
        ("W[1]' = 1 1; 1 1", "W[1]' is no result of a training; W[1] is that of the last update"),
        ("Cost := 0.1  # slip: so it was", "a training is written by no hand, so no slip can be "
                                           "made in it"),
        (":plot: costs", f"there is no plot 'costs', expected {', '.join(PLOTS)}"),
        (":plot: cost, boundary x", "there is no plot 'boundary x', expected ..."),
        (":plot: steps", "there is no plot 'steps', expected ..."),
        (":plot: steps W[1]", "W[1] is no single number, expected a parameter that is one, ..."),
        (":learning-rate: -1", "the learning rate is -1, expected 0 or more"),
        (":batch-size: 2\n:shuffle: 3", "shuffle '3' cannot be read, expected such as 'seed 3'"),
    ],
    ids=lambda value: value[:24],
)  # fmt: skip
def test_what_cannot_be_is_found_before_any_training_is_made(printed, complaint, trainings):
    line = 19 + printed.count("\n")
    with pytest.raises(TracerError) as fault:
        solve(lesson(printed))
    said = str(fault.value)
    assert re.fullmatch(rf"mine.md:{line}: " + re.escape(complaint).replace(r"\.\.\.", ".*"), said)
    assert trainings == []


def test_a_boundary_that_cannot_be_drawn_is_found_then_too(trainings):
    text = LESSON.replace("PRINTED", ":plot: shaded").replace(
        ":data: XOR", ":data: XOR\n:features: x1*x2"
    )
    solve(read(text, "mine", "mine.md"))
    text = text.replace(":data: XOR\n", "X = 1 2; 3 4; 5 6\nY = 0 1\n").replace(
        ":features: x1*x2\n", ""
    )
    with pytest.raises(TracerError, match=r"mine.md:20: a boundary can be drawn for two features"):
        solve(read(text, "mine", "mine.md"))
    assert trainings == []


def test_what_holds_in_the_end_is_not_asked_of_the_beginning(trainings):
    solve(lesson("Cost = 0.001", "W[1] = 9 9; 9 9", "accuracy = 1"))
    assert trainings == []


def test_a_beginning_that_is_infinite_can_still_be_trained_into():
    """Nothing can be foreseen there; the run says itself what became of it."""
    text = "```{lesson}\n:title: t\n```\n```{graph}\n:learning-rate: 1\nw = 0\nc = 1/w\n```\n"
    text += "```{train}\n:epochs: 3\ndc/dw@0 = 1\n```\n"
    with pytest.raises(TracerError, match=r"mine.md:11: "):
        explain(solve(read(text, "mine", "mine.md")))


# a training is made once


def test_solving_makes_none(trainings):
    solve(lesson("Cost = 0.1"))
    assert trainings == []


def test_explaining_and_comparing_make_each_once(trainings):
    solution = solve(lesson("Cost = 0.1", "W[1] = 1 1; 1 1", "dCost/dW[2]@3 = 1 1"))
    explain(solution)
    check(solution.lesson, solution)
    assert trainings == [40, 20]


def test_a_mismatch_that_looks_for_explanations_makes_no_other(trainings):
    """Both in the training itself and in a block before it, which is worked out anew each time."""
    verdicts = check(lesson("Cost = 0.7", "Cost@3 = 0.9"))
    assert sum(not verdict.holds for verdict in verdicts) >= 3
    assert trainings == [40, 20]


def test_a_lesson_worked_out_again_has_them_already(trainings):
    mine = lesson("Cost = 0.1")
    for pen in (None, EXACT, Pen("display", 5), None):
        explain(solve(mine, pen))
        check(mine)
    assert trainings == [40, 20]
    assert solve(mine).sections[-1].run is solve(mine, EXACT).sections[-1].run


def test_another_lesson_has_its_own(trainings):
    check(lesson("Cost = 0.1"))
    check(lesson("Cost = 0.1"))
    assert trainings == [40, 20] * 2


def test_a_replay_that_compares_makes_each_once(trainings):
    replayed = OfLesson(lesson("Cost = 0.1"))
    for _ in range(2):
        *_, script = replayed.scripts()
        assert replayed.exactly()[0].title == script.pages[0].title
    assert trainings == [40, 20]


@pytest.mark.parametrize(
    ("arguments", "made"),
    [
        (["check", "mine.md"], [40, 20]),
        (["check", "-v", "./mine.md"], [40, 20]),
        (["export", "./mine.md"], [40, 20]),
        (["export", "./mine.md", "-o", "out.md"], [40, 20]),
        (["export", "./mine.md", "--format", "json"], [40, 20]),
        (["replay", "./mine.md", "--all"], [40, 20]),
        (["replay", "./mine.md", "--epoch", "7"], [40]),
        (["train", "./mine.md"], [40]),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
def test_so_does_every_command(arguments, made, trainings, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.md").write_text(LESSON.replace("PRINTED", ":plot: cost, shaded\nCost = 0.1"))
    main(arguments)
    assert trainings == made


def test_in_a_notebook_too(trainings):
    mine = lesson("Cost = 0.1")
    work(mine, "exact")
    work(mine)
    explain(solve(mine))
    assert trainings == [40, 20]


def test_a_training_that_was_interrupted_is_made_again(monkeypatch):
    mine = lesson("Cost = 0.1")
    section = solve(mine).sections[-1]

    def interrupted(program, epochs, rate, size, each, *more):
        def stop(epoch, cost):
            raise KeyboardInterrupt

        return train(program, epochs, rate, size, stop, *more)

    with monkeypatch.context() as patched:
        patched.setattr(training, "train", interrupted)
        assert section.run.epochs == 1
        assert section.run is section.run
    assert solve(mine).sections[-1].run.epochs == 20


# on its page


def blocks(mine) -> list:
    pages = explain(solve(mine)).pages
    return [
        block for page in pages for block in page.blocks if page.title.startswith("Training: 40")
    ]


def table(mine) -> list[tuple[str, str]]:
    (found,) = (block for block in blocks(mine) if isinstance(block, Table))
    assert found.columns == ("quantity", "value")
    return [(as_text(name), as_text(value)) for name, value in found.rows]


def test_what_was_printed_stands_there_as_it_was_worked_out():
    mine = lesson("Cost = 0.1", "Cost@3 = 0.1234", "W[2] = 1.5 1.25", "W[1][2,1]@7 = 0.3",
                  "predictions = 0 1 1 0", "accuracy = 1.0")  # fmt: skip
    run = solve(mine).sections[-2].run
    W, then = run.parameters()["W[2]"], run.parameters(7)["W[1]"]
    expected = [
        ("Cost", run.final_cost, 1),
        ("Cost@3", run.costs[3], 4),
        ("W[2]", W[0], 2),
        ("W[1][2,1]@7", then[1, 0], 1),
        ("predictions", run.predictions()[0], 0),
        ("accuracy", run.accuracy(), 1),
    ]
    for (name, shown), (called, value, places) in zip(table(mine), expected, strict=True):
        assert name == called
        digits = [f"{round(float(x), places):g}" for x in np.atleast_1d(value)]
        assert shown.strip("[]").split() == digits


def test_of_more_digits_than_a_pen_writes_twelve_stand_there():
    mine = lesson("Cost@1 = 0.0000012345678901234", "Cost@2 = 0.1234567890123456")
    costs = solve(mine).sections[-2].run.costs
    assert table(mine) == [("Cost@1", f"{costs[1]:.12g}"), ("Cost@2", f"{costs[2]:.12g}")]


def test_where_nothing_is_printed_no_table_stands():
    assert not [block for block in blocks(lesson()) if isinstance(block, Table)]


def test_misprints_and_remarks_are_told_as_in_any_other_block():
    mine = lesson("# Look at the end.", "Cost = 0.9  # misprint: the 1 became a 9",
                  "Cost@0 = 0.1  # before anything is learned")  # fmt: skip
    notes = [(block.kind, block.text) for block in blocks(mine) if isinstance(block, Note)]
    cost = solve(mine).sections[-2].run.final_cost
    assert notes[-3:] == [
        (
            "Misprint",
            f"Cost is printed as 0.9; worked out it is {cost:.12g}: the 1 became a 9.",
        ),
        ("Note", "Cost@0: before anything is learned."),
        ("Note", "Look at the end."),
    ]


@pytest.mark.parametrize("render", [lambda d: pages_as_text(d.pages, 80), to_markdown])
def test_every_output_shows_them(render):
    mine = lesson("W[2]@0 = 1 1", "Cost = 0.9  # misprint: a 9")
    shown = render(explain(solve(mine)))
    assert "W[2]@0" in shown
    assert "Misprint" in shown


def test_a_recording_has_them_too():
    mine = lesson("Cost = 0.9  # misprint: a 9")
    solution = solve(mine)
    pages = record(solution, explain(solution)).pages
    assert any(isinstance(b, Note) and b.kind == "Misprint" for page in pages for b in page.blocks)


def test_names_are_those_of_the_source():
    text = LESSON.replace("PRINTED", "syn0@0 = 0 0; 0 0\ndCost/dsyn0@0 = 0 0; 0 0")
    text = text.replace(":cost:", ":names: syn0 = W[1]\n:weights: (in, out)\n:cost:")
    mine = read(text, "mine", "mine.md")
    own = solve(mine).sections[-2]
    assert [name for name, _ in table(mine)] == ["syn0@0", "∂Cost/∂syn0@0"]
    turned = own.trace.program.values()["W[1]"].T
    assert np.array_equal(own.find("syn0@0").written, turned)


# whatever the graph


@pytest.mark.parametrize(
    "equations",
    [
        "W = 1 2\nx = 3; 4\nb = 1 2 3\nL = sum(W @ x + b)",
        "W = 1 2\nx = 3; 4\nz = W * x\nL = sum(z)",
        "W = 1 2\nx = 3; 4\nb = 1 1 1\nL = sum((W @ x)*b)",
        "W = 1 2; 3 4\nb = 1; 2; 3\nL = sum(W @ W + b)",
        "yhat1 = 1 2\nw = 1\ny = 1 0 1\nL = sum(w*y)",
    ],
)
@pytest.mark.parametrize("plot", ["cost", "boundary", "shaded"])
def test_whatever_the_graph_a_training_is_a_result_or_a_fault(equations, plot, tmp_path, capsys):
    text = "```{lesson}\n:title: t\n```\n```{graph}\n:learning-rate: 0.1\n" + equations + "\n```\n"
    text += f"```{{train}}\n:epochs: 3\n:plot: {plot}\n```\n"
    (tmp_path / "mine.md").write_text(text, encoding="utf-8")
    assert main(["check", str(tmp_path / "mine.md")]) in (0, 2)
    assert "should not happen" not in capsys.readouterr().err
