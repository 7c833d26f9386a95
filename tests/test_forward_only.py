"""A network with neither labels nor a cost only goes forward."""

import re

import numpy as np
import pytest

from tracer import graph, net, ops, work
from tracer.cli import main
from tracer.errors import TracerError
from tracer.lesson.check import check
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.network import words
from tracer.page.declared import conventions_table
from tracer.page.document import Graph
from tracer.page.pages import explain_trace
from tracer.record import decode, encode, record
from tracer.render import svg
from tracer.render.markdown import to_markdown
from tracer.render.terminal import Terminal, make_console
from tracer.trace.tape import Tape
from tracer.training.answers import answering
from tracer.training.run import train
from tracer.written.text import text

HEAD = "```{lesson}\n:title: A lesson\n```\n"
MATRICES = """\
```{network}
:layers: 2 relu, 2 softmax
X = 0 1; 1 1
W[1] = 1 2; 2 -3
b[1] = 0; 0.5
W[2] = 1 0; 0 1
b[2] = 0; 0
```
"""
NEURON = """\
```{network}
:view: scalar
:layers: 1 sigmoid
x1 = 1
x2 = 0.5
w1 = 0.4
w2 = -0.2
```
"""
BATCH = "```{network}\n:layers: 1 identity\nX = 1 2\nW = 3\n```\n"


def drawn_of(trace):
    """The last drawing of a trace: with all that flows along its edges."""
    blocks = [block for page in explain_trace(trace).pages for block in page.blocks]
    return [block for block in blocks if isinstance(block, Graph)][-1]


def solved(given):
    return solve(read(HEAD + given, "lesson", "lesson.md"))


def forward(given, printed=""):
    return f"{given}```{{forward}}\n{printed}\n```\n"


def failing(given):
    """The printed numbers of a lesson that do not hold."""
    solution = solved(given)
    explain(solution)
    return [str(v) for v in check(solution.lesson, solution) if not v.holds]


def fault(given):
    with pytest.raises(TracerError) as refused:
        failing(given)
    return str(refused.value).removeprefix("lesson.md:")


# the numbers

X = [[1, 2, -1], [0.5, -0.3, 2]]
W = [[[1, -2], [0.5, 1], [3, 1]], [[1, -1, 0.5]]]
b = [[[0.1], [0.2], [-0.3]], [[0.4]]]


@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize("in_out", [False, True])
@pytest.mark.parametrize("biases", [False, True])
def test_in_every_layout_it_is_what_numpy_gives(rows, in_out, biases):
    laid = {"examples": "rows" if rows else "columns"}
    laid |= {"weights": "(in, out)" if in_out else "(out, in)"}
    given = {"X": np.transpose(X) if rows else X}
    given |= {"W": [np.transpose(one) if in_out else one for one in W]}
    if biases:
        given |= {"b": [np.transpose(one) if rows else one for one in b]}
    trace = work(net("3 tanh, 1 sigmoid", settings=laid, **given))
    hidden = np.tanh(np.array(W[0]) @ X + (np.array(b[0]) if biases else 0))
    answer = 1 / (1 + np.exp(-(np.array(W[1]) @ hidden + (np.array(b[1]) if biases else 0))))
    expected = {"A[1]": hidden, "Yhat": answer, "A[2]": answer}
    for name, value in expected.items():
        assert trace[name].exact.astype(float) == pytest.approx(value.T if rows else value)


@pytest.mark.parametrize("last", [*ops.ACTIVATIONS, *ops.TUNABLE])
def test_any_activation_can_be_the_last(last):
    program = net(f"2 {last}", X=[[0.5]], W=[[1], [-1]])
    assert (program.names[-1], program.root, program.outputs) == ("Yhat", "Yhat", ["Yhat"])
    assert list(work(program).quantities())[-1][1].name == "Yhat"


HOLDING = {
    "a batch": (MATRICES, "A[1] = 2 3; 0 0\nZ[2] = 2 3; 0 0\nYhat = 0.881 0.953; 0.119 0.047"),
    "one example a row": (
        MATRICES.replace(":layers:", ":examples: rows\n:layers:")
        .replace("X = 0 1; 1 1", "X = 0 1; 1 1")
        .replace("0; 0.5", "0 0.5")
        .replace("b[2] = 0; 0", "b[2] = 0 0"),
        "A[1] = 2 0; 3 0\nYhat = 0.881 0.119; 0.953 0.047",
    ),
    "the last activation under the source's name": (
        MATRICES.replace(":layers:", ":names: a2 = A[2], W2 = W[2]\n:layers:").replace(
            "W[2] =", "W2 ="
        ),
        "a2 = 0.881 0.953; 0.119 0.047\nYhat[1,1] = 0.881",
    ),
    "a bias folded in": (
        "```{network}\n:layers: 1 identity\n:biases: first column\nX = 1 2\nW = 10 3\n```\n",
        "Z = 13 16\nYhat = 13 16",
    ),
    "a feature": (
        "```{network}\n:layers: 1 identity\n:features: x1**2\nX = 2 3\nW = 1 10\n```\n",
        "Yhat = 42 93",
    ),
    "random weights": (
        "```{network}\n:layers: 1 identity\n:init: plain, seed 3\nX = 1\n```\n",
        "Yhat = 0.0178862847",
    ),
    "a neuron, each number by its name": (NEURON, "z = 0.3\nyhat = 0.574"),
    "two outputs, each number by its name": (
        "```{network}\n:view: scalar\n:layers: 1 relu, 2 softmax\nx1 = 1\nw11[1] = 2\n"
        "w11[2] = 1\nw21[2] = 0\n```\n",
        "a1[1] = 2\nz1[2] = 2\nz2[2] = 0\nyhat1 = 0.881\nyhat2 = 0.119",
    ),
}


@pytest.mark.parametrize(("given", "printed"), HOLDING.values(), ids=HOLDING)
def test_it_goes_forward(given, printed):
    assert failing(forward(given, printed)) == []


@pytest.mark.parametrize(("given", "printed"), HOLDING.values(), ids=HOLDING)
def test_another_digit_is_noticed(given, printed):
    other = printed[:-1] + str((int(printed[-1]) + 3) % 10)
    assert failing(forward(given, other)) != []


def test_misprints_and_slips_are_told_as_ever():
    printed = "A[1][1,1] := 3  # slip: the row below was read\nYhat[1,1] = 0.9  # misprint: a guess"
    solution = solved(forward(MATRICES, f":rounding: carry 3\n{printed}\nYhat[2,1] = 0.047"))
    kinds = {b.kind for p in explain(solution).pages for b in p.blocks if hasattr(b, "kind")}
    assert {"Slip", "Misprint"} <= kinds
    assert all(verdict.holds for verdict in check(solution.lesson, solution))


def test_data_from_a_table_may_have_no_labels(tmp_path):
    (tmp_path / "flowers.csv").write_text("kind,length,width\nrose,0.2,0.5\ndaisy,0.9,0.1\n")
    given = BATCH.replace("X = 1 2\nW = 3", ":data: flowers.csv, X from length width\nW = 1 10")
    lesson = read(HEAD + given, "lesson", str(tmp_path / "lesson.md"))
    trace = solve(lesson).trace
    trace.forward()
    assert trace["Yhat"].exact.astype(float).tolist() == [[5.2, 1.9]]


# in the scalar view an output is a single number, which gradients can start from


def test_an_output_that_is_a_single_number_has_gradients_when_it_is_named():
    given = forward(NEURON.replace(":layers:", ":data-gradients: yes\n:layers:"))
    steps = f"{given}```{{backward}}\n:of: yhat\ndyhat/dw1 = 0.2445\ndyhat/dx2 = -0.0489\n```\n"
    assert failing(f"{steps}```{{paths}}\n:to: w1\n```\n") == []


# what is on the page


def rows_of(given):
    table = conventions_table(solved(given).sections[-1].view.program)
    return {text(what): text(here) for what, here in table.rows}


SAID = {
    "matrices": (MATRICES, "the cost", {"gradients", "update"}),
    "a neuron": (NEURON, "the loss", {"gradients", "update", "biases"}),
    "under the source's names": (
        MATRICES.replace(":layers:", ":names: out = Yhat\n:layers:"),
        "the cost",
        {"gradients", "update"},
    ),
}


@pytest.mark.parametrize(("given", "aim", "absent"), SAID.values(), ids=SAID)
def test_the_conventions_say_that_there_is_no_cost(given, aim, absent):
    rows = rows_of(given)
    assert rows[aim] == "there is none: the network only goes forward"
    assert not absent & rows.keys()


def test_where_there_is_a_cost_the_conventions_say_which():
    renamed = BATCH.replace(":layers:", ":names: out = Yhat\n:cost: squared error\n:layers:")
    assert rows_of(renamed.replace("W =", "Y = 1 2\nW ="))["the cost"].startswith("Cost = 1/(2*m)")


def test_the_last_value_is_where_the_drawing_ends():
    trace = work(net("2 identity", X=[[1]], W=[[2], [3]]))
    drawn = drawn_of(trace)
    assert {name: text(value) for name, value in drawn.ends.items()} == {"Yhat": "[2; 3]"}


OUTPUTS = net("2 sigmoid", view="scalar", x1=0, w11=2, w21=3)


def shown(block, capsys):
    """The lines of a drawing in the terminal."""
    Terminal(make_console()).graph(block)
    return [line.strip() for line in capsys.readouterr().out.splitlines()]


def test_several_outputs_are_all_drawn_with_their_values(capsys):
    drawn = drawn_of(work(OUTPUTS))
    assert {name: text(value) for name, value in drawn.ends.items()} == {
        "yhat1": "0.5",
        "yhat2": "0.5",
    }
    lines = shown(drawn, capsys)
    said = "\n".join(lines)
    assert "ŷ1 = σ(z1)" in said
    assert "ŷ2 = σ(z2)" in said
    assert said.count("0.5") == 2
    assert "w11*x1 = 2*0" in said
    assert "w21*x1 = 3*0" in said


def test_several_outputs_have_their_values_in_a_picture():
    picture = svg.drawn(drawn_of(work(OUTPUTS)))
    assert re.findall(r"(ŷ\d) = σ\(z\d\) is 0\.5\.", picture) == ["ŷ1", "ŷ2"]
    assert picture.count('class="end"') == 2


def test_of_several_ends_the_one_that_gradients_start_from_is_marked(capsys):
    trace = Tape(graph("x = 2\ny = x*x\nz = 3*x"))
    trace.forward()
    trace.backward(of="y")
    drawn = drawn_of(trace)
    ends = {
        node.name: (text(node.value), node.gradient and text(node.gradient)) for node in drawn.nodes
    }
    assert (ends["y"], ends["z"]) == (("4", "1"), ("6", None))
    lines = shown(drawn, capsys)
    y, z = (
        next(k for k, line in enumerate(lines) if end in line) for end in ("y = x*x", "z = 3*x")
    )
    assert [lines[k].split()[-1] for k in (y - 1, y + 1, z - 1)] == ["4", "1", "6"]
    assert not lines[z + 1].split()[-1].isdigit()


@pytest.mark.parametrize(
    "given", [MATRICES, NEURON, HOLDING["two outputs, each number by its name"][0]]
)
def test_a_recorded_trace_is_read_back_as_it_was(given):
    solution = solved(forward(given))
    told = explain(solution)
    content = encode(record(solution, told))
    back = decode(content, "trace.json")
    assert encode(back) == content
    assert to_markdown(back.document) == to_markdown(told)


def test_shapes_are_found_for_its_products():
    given = forward(
        MATRICES.replace("2 softmax", "3 softmax")
        .replace("W[2] = 1 0; 0 1", "W[2] = 1 0; 0 1; 1 1")
        .replace("b[2] = 0; 0", "b[2] = 0; 0; 0")
    )
    page = explain(solved(f"{given}```{{shapes}}\n:target: Z[2]\n:from: W[2], A[1]\n```\n")).pages[
        -1
    ]
    assert page.title == "Which product has the shape of Z[2]?"
    assert "fits: W[2] · A[1] or W[2] · A[1]ᵀ" in page.blocks[-1].text


# from Python


def test_in_python_it_is_a_net_without_labels():
    program = net("2 relu, 1 sigmoid", X=[[1], [2]], W=[[[1, 0], [0, -1]], [[2, 1]]], b=[0, 0])
    assert program.names == [
        "X", "W[1]", "b[1]", "W[2]", "b[2]", "Z[1]", "A[1]", "Z[2]", "Yhat"
    ]  # fmt: skip
    trace = work(program, "carry 3")
    assert trace["Yhat[1,1]"].text == "0.881"
    assert explain_trace(trace).pages[-1].title == "Forward, all together"
    assert answering(program).why == "there is no Yhat with labels Y"


def test_labels_under_another_name_are_labels():
    program = net("1 identity", X=[[1]], T=[[1]], W=[[2]], settings={"names": "T = Y"})
    assert program.root == "Cost"


IN_PYTHON = {
    "a loss and no labels": (
        {"loss": "squared error"},
        "Y is missing, expected X, Y, W; without a cost as well, the network only goes forward",
    ),
    "a cost among the settings": (
        {"settings": {"cost": "squared error"}},
        "Y is missing, expected X, Y, W; without a cost as well, the network only goes forward",
    ),
    "a learning rate": (
        {"learning_rate": 1},
        "learning-rate needs a cost, and the network has none; add ':cost: squared error' and "
        "'Y = ...'",
    ),
    "a formula for a learning rate": (
        {"learning_rate": "1/t"},
        "learning-rate needs a cost, and the network has none; add ':cost: squared error' and "
        "'Y = ...'",
    ),
}


@pytest.mark.parametrize(("more", "said"), IN_PYTHON.values(), ids=IN_PYTHON)
def test_half_a_cost_is_refused_in_python(more, said):
    with pytest.raises(TracerError) as refused:
        net("1 identity", X=[[1]], W=[[1]], **more)
    assert str(refused.value) == said


NEEDING = {
    "backward": lambda trace: trace.tape.backward(),
    "update": lambda trace: trace.tape.update(),
    "training": lambda trace: train(trace.program, 10, learning_rate=1),
}


@pytest.mark.parametrize("needing", NEEDING.values(), ids=NEEDING)
def test_what_needs_a_cost_says_so_in_python(needing):
    with pytest.raises(TracerError) as refused:
        needing(work(net("1 identity", X=[[1]], W=[[1]])))
    said = "the network has no cost; add ':cost: squared error' and 'Y = ...'"
    assert str(refused.value) == said


# faults

NO_COST = "the network has no cost; add ':cost: squared error' and 'Y = ...'"
NO_LOSS = "the network has no loss; add ':loss: squared error' and 'y = ...'"
FAULTS = {
    "backward": (forward(BATCH) + "```{backward}\n```\n", f"12: {NO_COST}"),
    "backward of a neuron": (forward(NEURON) + "```{backward}\n```\n", f"15: {NO_LOSS}"),
    "backward of several outputs": (
        "```{network}\n:view: scalar\n:layers: 2 softmax\nx1 = 1\nw11 = 1\nw21 = 1\n```\n"
        "```{forward}\n```\n```{backward}\n```\n",
        f"13: {NO_LOSS.replace('y =', 'y1 =')}",
    ),
    "an update": (forward(BATCH) + "```{update}\n```\n", f"12: {NO_COST}"),
    "an update along an output": (
        forward(NEURON) + "```{backward}\n:of: yhat\n```\n```{update}\n```\n",
        f"18: {NO_LOSS}",
    ),
    "a training": (BATCH + "```{train}\n:epochs: 10\n```\n", f"9: {NO_COST}"),
    "a training with a rate of its own": (
        BATCH + "```{train}\n:epochs: 10\n:learning-rate: 1\n:plot: boundary\n```\n",
        f"9: {NO_COST}",
    ),
    "paths": (forward(NEURON) + "```{paths}\n:to: w1\n```\n", f"15: {NO_LOSS}"),
    "the shape of a gradient": (
        forward(BATCH) + "```{shapes}\n:target: dCost/dW\n:from: X, Z\n```\n",
        f"12: dCost/dW is not on this page; {NO_COST}",
    ),
    "a cost that is printed": (
        forward(BATCH, "Cost = 1"),
        f"10: Cost is not on this page; {NO_COST}",
    ),
    "a cost under another name": (
        forward(BATCH.replace(":layers:", ":names: out = Yhat\n:layers:"), "J = 1"),
        f"11: J is not on this page; {NO_COST}",
    ),
    "gradients of an entry": (
        forward(BATCH) + "```{backward}\n:of: Yhat[1,2]\n```\n",
        "13: Yhat[1,2] is an entry; gradients start from a value that is a single number, such as "
        "a loss, or an output in the scalar view",
    ),
    "gradients of a matrix": (
        forward(BATCH) + "```{backward}\n:of: Yhat\n```\n",
        "13: Yhat is (1 x 2); gradients start from a single number, such as a loss",
    ),
    "a cost without labels": (
        BATCH.replace("X =", ":cost: squared error\nX ="),
        "4: Y is missing, expected X, Y, W; without a cost as well, the network only goes forward",
    ),
    "a loss without labels": (
        NEURON.replace("x1 =", ":loss: squared error\nx1 ="),
        "4: y is missing, expected x1, x2, y, w1, w2; without a cost as well, the network only "
        "goes forward",
    ),
    "labels without a cost": (
        BATCH.replace("W =", "Y = 1 2\nW ="),
        "4: no cost is set, expected ':cost: squared error'",
    ),
    "labels without a loss": (
        NEURON.replace("w1 =", "y = 1\nw1 ="),
        "4: no loss is set, expected ':loss: squared error'",
    ),
    "labels of a gate": (
        "```{network}\n:layers: 1 identity\n:data: OR\nW = 1 1\n```\n",
        "4: no cost is set, expected ':cost: squared error'",
    ),
    "the cost of the other view": (
        BATCH.replace("X =", ":loss: squared error\nX ="),
        "4: no cost is set, expected ':cost: squared error'; loss belongs to the other view",
    ),
    "a name for labels": (
        BATCH.replace("X =", ":names: t = Y\nX ="),
        "6: names gives t to Y, and there is no Y here; known here: X, W[1], b[1], W, b, Z[1], "
        "A[1], Z, A, Yhat",
    ),
}
SETTINGS = {
    "factor": "1/2", "over-outputs": "mean", "over-examples": "sum", "l2": "0.1, lambda/2",
    "clip": "1e-7", "beside": "MAE = absolute error",
    "learning-rate": "1", "optimizer": "adam", "updates": "sequential", "delta": "descent",
    "data-gradients": "yes",
}  # fmt: skip


@pytest.mark.parametrize(("given", "said"), FAULTS.values(), ids=FAULTS)
def test_what_needs_a_cost_says_where_and_the_way_out(given, said):
    assert fault(given) == said


@pytest.mark.parametrize("key", SETTINGS)
def test_a_setting_that_needs_a_cost_says_so(key):
    given = BATCH.replace("X =", f":{key}: {SETTINGS[key]}\nX =")
    assert fault(given) == (
        f"6: {key} needs a cost, and the network has none; add ':cost: squared error' and 'Y = ...'"
    )


def test_every_setting_that_needs_a_cost_is_tried():
    assert set(SETTINGS) == set(words.OF_A_COST)


def test_the_train_command_answers_in_one_line(tmp_path, capsys):
    lesson = tmp_path / "lesson.md"
    lesson.write_text(HEAD + forward(BATCH))
    assert main(["train", str(lesson), "--learning-rate", "1"]) == 2
    assert capsys.readouterr().err == f"tracer: {NO_COST}\n"
