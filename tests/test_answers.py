"""What a trained network answers: labels, how many are right, and where the answer changes."""

import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from tracer import graph, net, ops
from tracer.cli import main
from tracer.errors import TracerError
from tracer.lesson.check import check
from tracer.lesson.home import walkthroughs
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.page.document import Boundary, Document, Page
from tracer.page.plots import decision_boundary
from tracer.record import decode, encode, record
from tracer.render.canvas import boundary_rows
from tracer.render.markdown import to_markdown
from tracer.render.pictures import svg
from tracer.render.terminal import pages_as_text
from tracer.training.answers import (
    ON_CLASSES,
    ON_PROBABILITIES,
    ON_SCORES,
    Answering,
    NoAnswers,
    answering,
    judged,
)
from tracer.training.run import train

X = [[0.0, 0, 1, 1], [0, 1, 0, 1]]
BITS, SIGNS = [[0, 1, 1, 1]], [[-1, 1, 1, 1]]
ONE_HOT = [[1, 0, 0, 1], [0, 1, 1, 0]]
BOTH = [[1, 0, 1, 1], [1, 1, 0, 0]]
PROBABILITIES, SCORES = Answering((0, 1), 0.5), Answering((0, 1), 0.0)
SIGNED, LARGEST = Answering((-1, 1), 0.0), Answering((0, 1), None)


def network(layers: str, loss: str = "squared error", Y=BITS, **more):
    """A network on four examples, with small weights of many kinds."""
    size = int(layers.split()[0])
    W = np.linspace(-0.7, 0.9, 2 * size).reshape(size, 2)
    given = {"X": X, "Y": Y, "W": W, "b": np.zeros((size, 1)), "learning_rate": 0.5} | more
    return net(layers, loss=loss, **given)


# how outputs are read


@pytest.mark.parametrize(
    ("layers", "loss", "Y", "found"),
    [
        ("1 sigmoid", "squared error", BITS, PROBABILITIES),
        ("1 sigmoid", "binary cross-entropy", BITS, PROBABILITIES),
        ("1 sigmoid", "binary cross-entropy, fused", BITS, PROBABILITIES),
        ("1 sigmoid", "(y - yhat)**4", BITS, PROBABILITIES),
        ("1 1/(1 + exp(-z))", "squared error", BITS, PROBABILITIES),
        ("1 relu", "squared error", BITS, PROBABILITIES),
        ("1 tanh", "squared error", BITS, PROBABILITIES),
        ("1 leaky relu", "absolute error", BITS, PROBABILITIES),
        ("2 sigmoid", "squared error", BOTH, PROBABILITIES),
        ("2 sigmoid", "binary cross-entropy", BOTH, PROBABILITIES),
        ("1 identity", "binary cross-entropy with logits", BITS, SCORES),
        ("2 identity", "binary cross-entropy with logits", BOTH, SCORES),
        ("1 identity", "hinge", SIGNS, SIGNED),
        ("1 tanh", "hinge", SIGNS, SIGNED),
        ("1 tanh", "squared error", SIGNS, SIGNED),
        ("1 sin", "huber", SIGNS, SIGNED),
        ("2 softmax", "squared error", ONE_HOT, LARGEST),
        ("2 softmax", "cross-entropy", ONE_HOT, LARGEST),
        ("2 softmax", "cross-entropy, fused", ONE_HOT, LARGEST),
        ("2 shifted softmax", "cross-entropy, fused", ONE_HOT, LARGEST),
        ("2 softmax", "binary cross-entropy", ONE_HOT, LARGEST),
        ("2 sigmoid", "cross-entropy", ONE_HOT, LARGEST),
        ("2 identity", "softmax cross-entropy", ONE_HOT, LARGEST),
        ("2 identity", "multiclass hinge", ONE_HOT, LARGEST),
    ],
)
def test_the_loss_and_else_the_activation_say_how_an_output_is_read(layers, loss, Y, found):
    assert answering(network(layers, loss, Y)) == found


OTHERS = "there are other labels than 0 and 1"
NUMBER = "an identity layer gives a number, and no answer"


@pytest.mark.parametrize(
    ("layers", "loss", "Y", "why"),
    [
        ("1 identity", "squared error", BITS, NUMBER),
        ("1 identity", "squared error", SIGNS, NUMBER),
        ("1 identity", "huber", [[0.3, 2, 1, -4]], NUMBER),
        ("1 identity", "absolute error", BITS, NUMBER),
        ("2 identity", "squared error", ONE_HOT, NUMBER),
        ("1 sigmoid", "squared error", [[0.1, 0.9, 0.9, 0.9]], OTHERS),
        ("1 sigmoid", "squared error", SIGNS, OTHERS),
        ("1 tanh", "squared error", [[0.5, -1, 1, 1]], "there are other labels than -1 and 1"),
        ("1 identity", "binary cross-entropy with logits", [[0.2, 1, 1, 0]],
         OTHERS),
        ("2 softmax", "squared error", BOTH, "the labels do not name one class for each example"),
        ("2 softmax", "cross-entropy", [[0.3, 1, 0, 1], [0.7, 0, 1, 0]],
         "the labels do not name one class for each example"),
    ],
)  # fmt: skip
def test_other_outputs_answer_nothing_and_it_is_said_why(layers, loss, Y, why):
    program = network(layers, loss, Y)
    assert answering(program) == NoAnswers(why)
    run = train(program, 2)
    assert not run.classifies
    for ask in (run.predictions, run.accuracy):
        with pytest.raises(TracerError, match=rf"this training has no \w+: {why}"):
            ask()


GRAPH = "X = 0 1 2\nY = {}\nw = 0.5\nZ = w*X\nYhat = {}\nL = sum((Y - Yhat)**2)"


@pytest.mark.parametrize(
    ("Y", "yhat", "found"),
    [
        ("0 0 1", "sigma(Z)", PROBABILITIES),
        ("-1 -1 1", "tanh(Z)", SIGNED),
        ("0 0 1", "Z + 1", NoAnswers("a number is no answer unless an activation gives it, as in "
                                     "sigma(z)")),
        ("0; 1", "sigma(Z)", NoAnswers("the labels have another shape than the outputs")),
    ],
)  # fmt: skip
def test_a_graph_has_answers_where_an_activation_gives_them(Y, yhat, found):
    program = graph(GRAPH.format(Y, yhat), learning_rate=0.1, data=["X", "Y"])
    assert answering(program) == found


def test_a_graph_without_labels_has_none():
    program = graph("w = 1; c = w*w", learning_rate=0.1)
    assert answering(program) == NoAnswers("there is no Yhat with labels Y")


def test_every_loss_has_its_place():
    """A new loss is on classes, on scores or on probabilities, or is left to the activation."""
    known = {*ops.LOSSES, *ops.TUNABLE_LOSSES, *ops.ON_SCORES}
    placed = {*ON_CLASSES, *ON_SCORES, *ON_PROBABILITIES}
    assert known - placed == {"squared error", "absolute error", "huber"}
    assert placed <= known


@pytest.mark.parametrize(
    ("answered", "losses"),
    [
        ("1 for the largest", ON_CLASSES),
        ("1 above 0, ", ON_SCORES),
        ("1 above 0.5, ", ON_PROBABILITIES),
    ],
)
def test_the_reference_names_the_losses_that_decide(answered, losses):
    text = (walkthroughs() / "FORMAT.md").read_text(encoding="utf-8")
    table = re.search(r"### What is answered\n.*?\n\n(\|.*?)\n\n", text, re.DOTALL)[1]
    cells = [[cell.strip() for cell in row.split("|")[1:-1]] for row in table.split("\n")]
    named = {loss for _, said, _, last in cells[2:] if last.startswith(answered)
             for loss in re.findall(r"`([^`]+)`", said)}  # fmt: skip
    assert named == set(losses)


# predictions and accuracy


@pytest.mark.parametrize(
    ("found", "outputs", "predictions"),
    [
        (PROBABILITIES, [[0.2, 0.5, 0.51]], [[0, 0, 1]]),
        (PROBABILITIES, [[0.5 + 1e-15, 0.9]], [[0, 1]]),
        (SCORES, [[-3, 0, 0.2]], [[0, 0, 1]]),
        (SIGNED, [[-3, 0, 0.2]], [[-1, -1, 1]]),
        (
            LARGEST,
            [[0.1, 3, 0.5], [0.7, -1, 0.5], [0.2, 5, 0.1]],
            [[0, 0, 1], [1, 0, 0], [0, 1, 0]],
        ),
        (LARGEST, [[-5.0, -1], [-7, -1]], [[1, 1], [0, 0]]),
    ],
)
def test_outputs_become_labels(found, outputs, predictions):
    assert found.predictions(np.array(outputs)).tolist() == predictions


def test_an_example_is_right_when_all_its_labels_are():
    outputs = np.array([[0.9, 0.9, 0.1], [0.9, 0.1, 0.1]])
    labels = np.array([[1, 1, 0], [1, 1, 1]])
    assert PROBABILITIES.right(outputs, labels).tolist() == [True, False, False]


def test_the_accuracy_counts_examples_and_not_entries():
    """Three classes; of five examples three are right, and of their fifteen entries eleven."""
    W = np.array([[2.0, 0], [0, 2], [-1, -1]])
    points = np.array([[1.0, 0, -1, 1, 0], [0, 1, -1, 0, 1]])
    Y = np.array([[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 1, 1]])
    program = net("3 softmax", X=points, Y=Y, W=W, loss="cross-entropy, fused", learning_rate=0)
    run = train(program, 1)
    chosen = np.argmax(W @ points, axis=0)
    assert run.predictions().tolist() == np.eye(3)[:, chosen].tolist()
    assert run.accuracy() == np.mean(chosen == np.argmax(Y, axis=0)) == 0.6
    assert np.mean(run.predictions() == Y) == pytest.approx(11 / 15)


def test_several_sigmoids_are_right_together():
    program = network("2 sigmoid", Y=BOTH, W=[[5, 0], [0, 5]], b=[[-2], [-2]], learning_rate=0)
    run = train(program, 1)
    assert run.predictions().tolist() == [[0, 0, 1, 1], [0, 1, 0, 1]]
    assert run.accuracy() == 0.5


@pytest.mark.parametrize(
    ("loss", "Y", "predictions"),
    [("binary cross-entropy with logits", BITS, [[0, 1, 1, 1]]), ("hinge", SIGNS, [[-1, 1, 1, 1]])],
)
def test_a_score_of_a_third_is_above_the_threshold(loss, Y, predictions):
    """A reading as probabilities would take every one of these for a 0."""
    program = network("1 identity", loss, Y, W=[[0.4, 0.4]], b=-0.1, learning_rate=0)
    run = train(program, 1)
    assert run.answers().max() == pytest.approx(0.7)
    assert run.predictions().tolist() == predictions
    assert run.accuracy() == 1


def test_of_one_example_nothing_is_said():
    program = network("1 sigmoid", X=[[0.0], [1]], Y=[[1]])
    assert judged(program) == NoAnswers(
        "there is only one example, and one says nothing of how many are right"
    )
    assert answering(program) == PROBABILITIES
    assert not train(program, 3).classifies


def test_nor_is_it_after_a_divergence():
    run = train(network("1 leaky relu 3", W=[[-400, 800]], learning_rate=80), 50)
    assert run.diverged
    assert run.answering == NoAnswers(f"the run {run.stopped}")


def test_what_was_learned_before_an_interruption_is_judged():
    def each(epoch, cost):
        raise KeyboardInterrupt

    assert train(network("1 sigmoid"), 5, each=each).classifies


def test_a_last_step_that_leads_to_infinity_is_a_divergence_too():
    program = net("1 identity", X=[[1, 2]], Y=[[0, 1]], W=[[1]], learning_rate=1e200)
    run = train(program, 1)
    assert run.diverged
    assert run.stopped == "diverged: the cost is infinite at epoch 1"


# on the page, in the command, and where they are printed


LESSON = """\
```{lesson}
:title: Answers
```
```{network}
:layers: LAYERS
:cost: LOSS
:learning-rate: 0.5
X = 0 0 1 1; 0 1 0 1
Y = LABELS
W = WEIGHTS
```
```{train}
:epochs: 30
PRINTED
```
"""
CASES = {
    "probabilities": ("1 sigmoid", "squared error", "0 1 1 1", "0.1 0.6"),
    "scores": ("1 identity", "hinge", "-1 1 1 1", "0.1 0.6"),
    "classes": ("2 softmax", "cross-entropy, fused", "1 0 0 0; 0 1 1 1", "0.1 0.6; 0.3 0.2"),
    "numbers": ("1 identity", "squared error", "0 1 1 1", "0.1 0.6"),
}


def lesson(case: str, printed: str = ":log-every: 10", **words: str):
    keys = ("LAYERS", "LOSS", "LABELS", "WEIGHTS")
    text = LESSON.replace("PRINTED", printed)
    for key, word in zip(keys, CASES[case], strict=True):
        text = text.replace(key, words.get(key, word))
    return read(text, "mine", "mine.md")


def outcome(case: str, **words: str) -> str:
    shown = pages_as_text(explain(solve(lesson(case, **words))).pages[-1:], 80)
    return re.search(r"After .*", " ".join(shown.split()))[0]


@pytest.mark.parametrize("case", ["probabilities", "scores", "classes"])
def test_a_page_says_what_is_answered_and_how_much_of_it_is_right(case):
    run = solve(lesson(case)).sections[-1].run
    (leaf,) = (leaf for leaf in run.program.leaves if leaf.name == "Y")
    rows = "; ".join(" ".join(f"{x:g}" for x in row) for row in run.predictions())
    right = np.mean(np.all(run.predictions() == leaf.value, axis=0))
    said = f"The predictions are {rows}; {100 * right:.1f}% of the examples are right."
    assert said in outcome(case)


def test_a_page_without_answers_says_what_comes_out_instead():
    said = outcome("numbers")
    assert re.search(r"It answers [-.\d]+ [-.\d]+ [-.\d]+ [-.\d]+\.", said)
    assert "right" not in said
    assert "predictions" not in said


def test_nothing_is_right_beside_a_loss_that_explodes():
    """The end of the lesson's fourth training: a single number, and a loss of 207.9."""
    shown = pages_as_text(explain(solve(read_lesson("learning-rate"))).pages, 80)
    assert "207.9" in shown
    assert "of the examples are right" not in shown


def read_lesson(name: str):
    text = (walkthroughs() / f"{name}.md").read_text(encoding="utf-8")
    return read(text, name, f"{name}.md")


@pytest.mark.parametrize("name", ["predictions = 1", "accuracy = 1"])
@pytest.mark.parametrize(
    ("case", "words", "why"),
    [
        ("numbers", {}, NUMBER),
        ("probabilities", {"LABELS": "0 0.5 1 1"}, OTHERS),
    ],
)
def test_a_printed_answer_that_cannot_be_is_a_fault_that_says_why(name, case, words, why):
    with pytest.raises(TracerError) as fault:
        solve(lesson(case, name, **words))
    assert str(fault.value) == f"mine.md:14: this training has no {name.split()[0]}: {why}"


def test_so_it_is_where_the_run_diverged():
    diverging = lesson(
        "probabilities", ":learning-rate: 500\naccuracy = 1", LAYERS="1 leaky relu 9"
    )
    with pytest.raises(TracerError) as fault:
        explain(solve(diverging))
    assert re.fullmatch(
        r"mine.md:15: this training has no accuracy: the run diverged: the cost .*",
        str(fault.value),
    )


def test_a_cost_that_is_not_a_number_cannot_be_compared():
    diverging = lesson("numbers", ":learning-rate: 1e308\nCost = 1")
    with pytest.raises(TracerError) as fault:
        check(diverging)
    assert re.match(r"mine.md:15: .*: the run diverged: ", str(fault.value))


def test_predictions_are_checked_as_labels():
    for case, printed in (("scores", "predictions = -1 1 1 1"), ("classes", "accuracy = 0.75")):
        (*verdicts,) = check(lesson(case, printed))
        assert verdicts
        assert {v.written for v in verdicts} <= {"-1", "0", "1", "0.75"}


@pytest.fixture
def trained(tmp_path, capsys):
    """The last lines of `tracer train` for a case."""

    def lines(case: str, *options: str, **words: str) -> list[str]:
        text = LESSON.replace("PRINTED", ":log-every: 10")
        for key, word in zip(("LAYERS", "LOSS", "LABELS", "WEIGHTS"), CASES[case], strict=True):
            text = text.replace(key, words.get(key, word))
        (tmp_path / "mine.md").write_text(text, encoding="utf-8")
        main(["train", str(tmp_path / "mine.md"), *options])
        return capsys.readouterr().out.splitlines()

    return lines


def test_the_command_says_the_same(trained):
    assert trained("scores")[-2:] == ["predictions: -1 1 1 1", "accuracy: 100.0%"]
    predicted, accuracy = trained("classes")[-2:]
    assert re.fullmatch(r"predictions: [01 ]+; [01 ]+", predicted)
    assert re.fullmatch(r"accuracy: \d+\.0%", accuracy)
    assert trained("numbers")[-1].startswith("answers: ")
    assert not [line for line in trained("numbers") if "accuracy" in line]


def test_after_a_divergence_the_command_answers_nothing(trained):
    lines = trained("numbers", "--learning-rate", "500")
    assert any(line.startswith("The run diverged") for line in lines)
    assert not [line for line in lines if re.match("answers|accuracy|predictions", line)]


# where the answer changes


def plane(case: str) -> Boundary:
    return decision_boundary(PLANES[case], shaded=True)


PLANES = {
    "scores": network("1 identity", "binary cross-entropy with logits", W=[[2, 1]], b=-1),
    "hinge": network("1 identity", "hinge", SIGNS, W=[[2, 1]], b=-1),
    "tanh": network("1 tanh", "squared error", SIGNS, W=[[2, 1]], b=-1),
    "probabilities": network("1 sigmoid", W=[[2, 1]], b=-1),
    "classes": network("2 softmax", "cross-entropy, fused", [[1, 0, 0, 0], [0, 1, 1, 1]],
                       W=[[-1, -1], [1, 0]], b=[[0.5], [-0.5]]),
    "class scores": network("2 identity", "multiclass hinge", [[1, 0, 0, 0], [0, 1, 1, 1]],
                            W=[[-1, -1], [1, 0]], b=[[0.5], [-0.5]]),
}  # fmt: skip
"Each with the line 2*x1 + x2 = 1 between its answers."


@pytest.mark.parametrize("case", PLANES)
def test_the_boundary_lies_where_the_answer_changes(case):
    picture = plane(case)
    for i in range(0, len(picture.up), 7):
        for j in range(0, len(picture.across), 7):
            side = 2 * picture.across[j] + picture.up[i] - 1
            if abs(side) > 1e-9:
                assert (picture.answers[i][j] > picture.level) == (side > 0), (i, j)


@pytest.mark.parametrize(
    ("case", "level", "labels"),
    [
        ("scores", 0, ("label 0", "label 1")),
        ("hinge", 0, ("label -1", "label 1")),
        ("tanh", 0, ("label -1", "label 1")),
        ("probabilities", 0.5, ("label 0", "label 1")),
        ("classes", 0, ("class 1", "class 2")),
        ("class scores", 0, ("class 1", "class 2")),
    ],
)
def test_its_level_and_its_labels_are_those_of_the_answers(case, level, labels):
    picture = plane(case)
    assert (picture.level, picture.labels) == (level, labels)
    assert [point.label for point in picture.points] == [0, 1, 1, 1]
    kind = labels[0].split()[0]
    # (0, 1) lies on the line itself, and is answered with the lower label
    assert picture.alt == (
        f"Decision boundary over x1 and x2: 3 of 4 examples lie on the side of their {kind}."
    )


@pytest.mark.parametrize("case", PLANES)
def test_the_terminal_draws_it_there(case):
    """In the row of x2 = 0 the region begins at x1 = 1/2, in the middle of the picture."""
    rows = boundary_rows(plane(case), 64, ascii_only=True)
    plane_rows = [row.partition("|")[2] for row, _ in rows if "|" in row]
    row = plane_rows[round(len(plane_rows) * 3 / 4)]
    begun = row.index("#")
    assert abs(begun - len(row) / 2) <= 3
    assert set(row[:begun]) <= set(".o")


def shown(picture: Boundary) -> str:
    console = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    return pages_as_text([Page("", (picture,))], 80, file=console)


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("hinge", "x label 1, o label -1; the filled region is answered with 1"),
        ("classes", "x class 2, o class 1; the filled region is answered with class 2"),
    ],
)
def test_what_the_signs_mean_is_said_with_the_labels(case, said):
    assert said in shown(plane(case))


@pytest.mark.parametrize("case", PLANES)
def test_a_picture_file_has_the_labels_and_the_line(case):
    picture = plane(case)
    written = svg(picture)
    texts = {"".join(node.itertext()).strip() for node in ET.fromstring(written).iter()}
    assert set(picture.labels) <= texts
    assert lines_in(written) == pytest.approx(expected_line(written), abs=2)


def lines_in(written: str) -> list[float]:
    """Where the line between the answers begins and ends, across and down, in the file."""
    root = ET.fromstring(written)
    groups = [
        g for g in root.iter() if g.get("id", "").startswith(("ContourSet", "QuadContourSet"))
    ]
    path = next(groups[-1].iter("{http://www.w3.org/2000/svg}path")).get("d")
    points = [tuple(map(float, pair)) for pair in re.findall(r"[ML] (\S+) (\S+)", path)]
    ends = sorted(points, key=lambda point: point[1])
    return [ends[0][0], ends[-1][0]]


def expected_line(written: str) -> list[float]:
    """From 2*x1 + x2 = 1: a quarter and three quarters of x1 = -0.5 ... 1.5, at x2 = 1 and 0."""
    root = ET.fromstring(written)
    frame = next(g for g in root.iter() if g.get("id") == "patch_2")
    path = next(frame.iter("{http://www.w3.org/2000/svg}path")).get("d")
    across = [float(x) for x, _ in re.findall(r"[ML] (\S+) (\S+)", path)]
    left, wide = min(across), max(across) - min(across)
    # the plane goes from -0.5 to 1.5; at x2 = 1.5 the line is at x1 = -1/4, at -0.5 at 3/4
    return [left + wide * (0.25 / 2), left + wide * (1.25 / 2)]


def test_a_recording_keeps_the_level_and_the_labels():
    solution = solve(lesson("scores", ":plot: shaded"))
    made = record(solution, explain(solution))
    again = decode(encode(made), "trace.json")
    (picture,) = (b for page in again.pages for b in page.blocks if isinstance(b, Boundary))
    assert (picture.level, picture.labels) == (0, ("label -1", "label 1"))
    assert picture in made.pages[-1].blocks


def test_where_no_picture_is_drawn_the_table_has_the_labels():
    text = to_markdown(Document("", (Page("", (plane("hinge"),)),)))
    assert "| x1 | x2 | label |" in text
    assert "| 0 | 0 | -1 |" in text
    text = to_markdown(Document("", (Page("", (plane("classes"),)),)))
    assert "| x1 | x2 | class |" in text
    assert "| 0 | 0 | 1 |" in text
    assert "| 1 | 1 | 2 |" in text


@pytest.mark.parametrize(
    ("program", "complaint"),
    [
        (network("1 identity"), f"a boundary lies where an answer changes: {NUMBER}"),
        (network("3 softmax", Y=[[1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]]),
         "a boundary can be drawn for two features and one output only, or two classes"),
        (network("2 sigmoid", Y=ONE_HOT),
         "a boundary can be drawn for two features and one output only, or two classes"),
        (graph("X = 0 1; 1 0\nY = 0 1\nD = 1 2\nw = 1 1\nZ = w @ X + D\nYhat = sigma(Z)\n"
               "L = sum((Y - Yhat)**2)", 1, data=["X", "Y", "D"]),
         "a boundary needs a network whose only data are X and Y"),
    ],
    ids=["a number", "three classes", "two labels", "other data"],
)  # fmt: skip
def test_where_no_answer_changes_there_is_no_boundary(program, complaint):
    with pytest.raises(TracerError) as fault:
        decision_boundary(program, shaded=False)
    assert str(fault.value) == complaint


def test_a_boundary_after_a_divergence_is_a_note():
    diverging = lesson(
        "probabilities", ":learning-rate: 500\n:plot: shaded", LAYERS="1 leaky relu 9"
    )
    page = explain(solve(diverging)).pages[-1]
    assert "There is no boundary: the run diverged" in pages_as_text([page], 200)
