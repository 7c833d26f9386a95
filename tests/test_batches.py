"""Examples taken so many at a time: their order, the cost of an epoch, and its steps in full.

What a run should come to is worked out once more here, by a plain NumPy loop.
"""

import re
from dataclasses import replace

import numpy as np
import pytest

from tracer import graph, net, work
from tracer.cli import main
from tracer.errors import TracerError
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.network.words import parse_update
from tracer.render.terminal import pages_as_text
from tracer.training import batches
from tracer.training import run as training
from tracer.training.batches import Batches, Orders, in_words, parse_shuffle
from tracer.training.run import Plan, train

X = np.array([[0.0, 0, 1, 1, 2], [0, 1, 0, 1, 1]])
Y = np.array([[0.0, 1, 1, 1, 0]])


def sigma(z):
    return 1 / (1 + np.exp(-z))


def neuron(**settings) -> object:
    rule = {key.replace("_", "-"): words for key, words in settings.items()}
    return net("1 sigmoid", X=X, Y=Y, W=[[0.1, 0.6]], b=0, learning_rate=0.5, settings=rule)


# the order


def drawn(seed: int, m: int, epochs: int) -> list[list[int]]:
    """What NumPy's generator gives, epoch after epoch."""
    random = np.random.RandomState(seed)
    return [random.permutation(m).tolist() for _ in range(epochs)]


@pytest.mark.parametrize(("seed", "m"), [(3, 4), (0, 5), (48, 1), (2**32 - 1, 7)])
def test_every_epoch_has_the_next_order_of_one_generator(seed, m):
    orders = Orders(seed, m)
    assert [orders.of(epoch).tolist() for epoch in range(30)] == drawn(seed, m, 30)


@pytest.mark.parametrize("apart", [1, 4, 1000])
def test_the_order_of_any_epoch_is_found_again(apart, monkeypatch):
    monkeypatch.setattr(batches, "APART", apart)
    orders, expected = Orders(3, 6), drawn(3, 6, 40)
    for epoch in (0, 1, 17, 39, 2, 2, 3, 38, 12, 11, 0):
        assert orders.of(epoch).tolist() == expected[epoch], epoch


def test_of_a_long_training_only_some_places_of_the_generator_are_kept(monkeypatch):
    monkeypatch.setattr(batches, "APART", 10)
    orders = Orders(3, 4)
    for epoch in range(95):
        orders.of(epoch)
    assert len(orders._marks) == 10


def test_numpys_own_generator_is_left_alone():
    np.random.seed(1)
    expected = np.random.rand()
    np.random.seed(1)
    train(neuron(), 5, batch_size=2, shuffle=1)
    assert np.random.rand() == expected


@pytest.mark.parametrize(
    ("size", "seed", "examples"),
    [
        (2, None, [(1, 2), (3, 4), (5,)]),
        (3, None, [(1, 2, 3), (4, 5)]),
        (9, None, [(1, 2, 3, 4, 5)]),
        (2, 3, [tuple(k + 1 for k in drawn(3, 5, 8)[7][i : i + 2]) for i in (0, 2, 4)]),
    ],
)
def test_a_batch_has_its_own_columns_of_the_data(size, seed, examples):
    found = Batches(neuron(), size, seed).of(7)
    assert [batch.examples for batch in found] == examples
    assert sum(batch.share for batch in found) == pytest.approx(1)
    for batch in found:
        given = {leaf.name: leaf.value for leaf in batch.leaves}
        columns = [k - 1 for k in batch.examples]
        assert np.array_equal(given["X"], X[:, columns])
        assert np.array_equal(given["Y"], Y[:, columns])
        assert np.shape(given["W"]) == (1, 2)


def by_hand(order, epochs: int, size: int, rate: float = 0.5):
    """The costs, and the parameters before each epoch, with the examples in these orders."""
    W, b, costs, places = np.array([[0.1, 0.6]]), 0.0, [], []
    for epoch in range(epochs):
        places.append([*W[0], b])
        total = 0.0
        for k in range(0, 5, size):
            columns = order[epoch][k : k + size]
            x, y = X[:, columns], Y[:, columns]
            a = sigma(W @ x + b)
            total += float(((y - a) ** 2).sum()) / 2
            delta = (a - y) * a * (1 - a) / len(columns)
            W, b = W - rate * delta @ x.T, b - rate * float(delta.sum())
        costs.append(total / 5)
    return costs, [*places, [*W[0], b]]


@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("kept", [20_000_000, 12])
def test_a_shuffled_training_is_the_plain_loop_with_numpys_orders(size, kept, monkeypatch):
    monkeypatch.setattr(training, "MOST_KEPT", kept)
    run = train(neuron(), 25, batch_size=size, shuffle=3)
    costs, places = by_hand(drawn(3, 5, 25), 25, size)
    assert run.costs == pytest.approx(np.array(costs), rel=1e-12)
    for epoch in (25, 0, 13, 4, 24):
        found = run.parameters(epoch)
        assert [*found["W"][0], found["b"].item()] == pytest.approx(places[epoch], rel=1e-12)


def test_batches_in_order_can_be_thinned_too(monkeypatch):
    whole = train(neuron(), 40, batch_size=2)
    monkeypatch.setattr(training, "MOST_KEPT", 30)
    thinned = train(neuron(), 40, batch_size=2)
    assert thinned.every > 1
    for epoch in range(41):
        for name, value in whole.parameters(epoch).items():
            assert np.array_equal(thinned.parameters(epoch)[name], value)


def test_a_seed_is_a_training_of_its_own():
    ends = [train(neuron(), 20, batch_size=2, shuffle=seed).final_cost for seed in (1, 1, 2, None)]
    assert ends[0] == ends[1]
    assert len(set(ends)) == 3


@pytest.mark.parametrize(
    ("words", "seed"),
    [("seed 3", 3), ("seed   48", 48), (" seed 0 ", 0), ("seed 999999999", 999999999)],
)
def test_a_seed_is_read_as_for_random_weights(words, seed):
    assert parse_shuffle(words) == seed


@pytest.mark.parametrize(
    "words", ["3", "seed", "seed -1", "seed 1.5", "yes", "seed 1 2", "sed 3", "seed 10000000000"]
)
def test_other_words_for_a_seed_are_refused(words):
    with pytest.raises(TracerError) as fault:
        parse_shuffle(words)
    assert str(fault.value) == f"shuffle {words!r} cannot be read, expected such as 'seed 3'"


@pytest.mark.parametrize(
    ("plan", "complaint"),
    [
        (Plan(5, shuffle=3), "their order decides nothing; expected a batch size with shuffle"),
        (Plan(5, batch_size=2, shuffle=-1), "the seed is -1, expected 0 to 4294967295"),
        (Plan(5, batch_size=2, shuffle=2**32), "the seed is 4294967296, expected 0 to 4294967295"),
    ],
)
def test_an_order_that_cannot_be_drawn_is_refused(plan, complaint):
    for ask in (plan.check, plan.carry_out):
        with pytest.raises(TracerError, match=complaint):
            ask(neuron())


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize(
    "equations",
    [
        "b = 1 2 3 4\nz = w*x + b\nL = sum(z**2)",
        "V = 1; 2; 3; 4\nz = x @ V\nL = sum(z**2)",
    ],
)
def test_what_is_made_for_all_examples_cannot_be_taken_in_batches(equations, size):
    """A parameter with a column for each example; a batch of one would be stretched to it."""
    program = graph(f"x = 1 2 3 4\nw = 0.5\n{equations}", learning_rate=0.1, data=["x"])
    assert train(program, 2).epochs == 2
    with pytest.raises(TracerError, match=r"any number of examples; with 5, \(1 x 5\)"):
        train(program, 2, batch_size=size)


# the cost of an epoch


@pytest.mark.parametrize("size", [1, 2, 3, 5, None])
@pytest.mark.parametrize("examples", ["mean", "sum", "mean, in the gradients"])
@pytest.mark.parametrize("l2", [None, "0.3, lambda/2", "0.3, lambda"])
def test_where_nothing_moves_the_cost_of_an_epoch_is_the_cost_of_all_examples(size, examples, l2):
    """With a learning rate of 0 the log and what is said beneath it cannot differ."""
    program = neuron(over_examples=examples, **({"l2": l2} if l2 else {}))
    run = train(program, 3, learning_rate=0, batch_size=size)
    assert run.costs == pytest.approx(np.full(3, run.final_cost), rel=1e-13)


def test_sums_over_examples_are_added_up_over_the_batches():
    """Each batch's cost is taken before its own update."""
    run = train(neuron(over_examples="sum"), 12, batch_size=2)
    W, b = np.array([[0.1, 0.6]]), 0.0
    for epoch in range(12):
        costs = []
        for k in (0, 2, 4):
            x, y = X[:, k : k + 2], Y[:, k : k + 2]
            a = sigma(W @ x + b)
            costs.append(float(((y - a) ** 2).sum()) / 2)
            delta = (a - y) * a * (1 - a)
            W, b = W - 0.5 * delta @ x.T, b - 0.5 * float(delta.sum())
        assert run.costs[epoch] == pytest.approx(sum(costs), rel=1e-12)


@pytest.mark.parametrize("examples", ["sum", "mean"])
@pytest.mark.parametrize(("form", "penalty"), [("lambda", 1.0), ("lambda/2", 0.5)])
def test_a_penalty_counts_once_however_many_batches_there_are(examples, form, penalty):
    bare = train(neuron(over_examples=examples), 1, learning_rate=0, batch_size=1)
    run = train(neuron(over_examples=examples, l2=f"0.3, {form}"), 1, learning_rate=0, batch_size=1)
    assert run.costs[0] - bare.costs[0] == pytest.approx(0.3 * penalty * (0.1**2 + 0.6**2))


def test_a_penalty_with_m_in_it_has_the_m_of_its_batch():
    bare = train(neuron(), 1, learning_rate=0, batch_size=2)
    run = train(neuron(l2="0.3, lambda/2m"), 1, learning_rate=0, batch_size=2)
    weights = 0.1**2 + 0.6**2
    shares = [(2, 0.4), (2, 0.4), (1, 0.2)]
    assert run.costs[0] - bare.costs[0] == pytest.approx(
        sum(share * 0.3 / (2 * m) * weights for m, share in shares)
    )


GRAPH = "x = 1 2 3 4\ny = 2 1 4 3\nw = 0.5\np = w*x\nL = {}"


@pytest.mark.parametrize(
    ("loss", "cost"),
    [
        ("sum((y - p)**2)", 9.5),
        ("mean((y - p)**2)", 2.375),
        ("sum((y - p)**2)/4", 2.375),
        ("0.5*mean((y - p)**2)", 1.1875),
    ],
)
def test_a_graph_takes_its_batches_together_as_it_takes_its_examples(loss, cost):
    """With a mean of its data it is the mean over the examples, and else the sum."""
    program = graph(GRAPH.format(loss), learning_rate=0, data=["x", "y"])
    run = train(program, 1, batch_size=3)
    assert run.costs[0] == pytest.approx(cost)
    assert run.final_cost == pytest.approx(cost)


def test_a_mean_of_weights_is_no_mean_over_examples():
    loss = "sum((y - p)**2) + mean(V)"
    program = graph("V = 0 0\n" + GRAPH.format(loss), learning_rate=0, data=["x", "y"])
    assert train(program, 1, batch_size=2).costs[0] == pytest.approx(9.5)


# an epoch in full, step by step


LESSON = """\
```{lesson}
:title: Five examples
:rounding: ROUNDING
```
```{network}
:layers: 1 sigmoid
:cost: squared error
:optimizer: RULE
:learning-rate: 0.5
X = 0 0 1 1 2; 0 1 0 1 1
Y = 0 1 1 1 0
W = 0.1 0.6
b = 0
```
```{train}
:epochs: 12
:batch-size: 2
MORE
```
"""


@pytest.fixture
def replayed(tmp_path, monkeypatch, capsys):
    """What `tracer replay --epoch` shows of a lesson with batches."""
    monkeypatch.chdir(tmp_path)
    usual = {"rule": "gradient descent", "rounding": "carry 3", "size": ":batch-size: 2\n"}

    def shown(epoch: int, more: str = "", **words: str) -> str:
        said = usual | words
        text = LESSON.replace("MORE\n", more and f"{more}\n").replace("RULE", said["rule"])
        text = text.replace("ROUNDING", said["rounding"]).replace(":batch-size: 2\n", said["size"])
        (tmp_path / "mine.md").write_text(text, encoding="utf-8")
        assert main(["replay", "./mine.md", "--epoch", str(epoch)]) == 0
        return capsys.readouterr().out

    return shown


def test_an_epoch_is_shown_batch_by_batch(replayed):
    shown = replayed(4)
    assert "Five examples: epoch 4, in 3 batches" in shown
    headings = re.findall(r"^Batch .*$", shown, re.MULTILINE)
    assert headings == [
        "Batch 1 of 3: examples 1 and 2",
        "Batch 2 of 3: examples 3 and 4",
        "Batch 3 of 3: example 5",
    ]
    for phase in ("Forward 1 of 3: Z", "Backward 1 of 3", "Update 1 of 2: W"):
        assert shown.count(phase) == 3


def batches_of(shown: str) -> list[str]:
    return re.split(r"^Batch .*$", shown, flags=re.MULTILINE)[1:]


def test_each_batch_has_its_own_data_and_the_parameters_as_they_were_then(replayed):
    _, places = by_hand([[0, 1, 2, 3, 4]] * 12, 12, 2)
    W, b = np.array([places[4][:2]]), places[4][2]
    for k, page in zip((0, 2, 4), batches_of(replayed(4, rounding="exact")), strict=True):
        x, y = X[:, k : k + 2], Y[:, k : k + 2]
        given = [re.escape(f"{w:.12g}") for w in W[0]]
        assert re.search(rf"W = \[ {given[0]} +{given[1]} \]", page)
        assert re.search(r"Y = \[ " + " +".join(f"{v:g}" for v in y[0]) + r" \]", page)
        a = sigma(W @ x + b)
        assert all(f"{v:.9f}"[:10] in page for v in a[0])
        delta = (a - y) * a * (1 - a) / y.shape[1]
        W, b = W - 0.5 * delta @ x.T, b - 0.5 * float(delta.sum())


def test_a_shuffled_epoch_is_shown_in_its_own_order(replayed):
    order = [k + 1 for k in drawn(3, 5, 8)[7]]
    shown = replayed(7, ":shuffle: seed 3")
    assert f"Batch 1 of 3: examples {order[0]} and {order[1]}" in shown
    assert f"Batch 2 of 3: examples {order[2]} and {order[3]}" in shown
    assert f"Batch 3 of 3: example {order[4]}" in shown


def test_without_batches_it_is_one_iteration_on_all_examples(replayed):
    shown = replayed(4, size="")
    assert "Five examples: the iteration of epoch 4" in shown
    assert "Batch" not in shown
    assert shown.count("Forward 1 of 3: Z") == 1


def test_one_batch_of_all_examples_is_one_iteration_too(replayed):
    shown = replayed(4, size=":batch-size: 7\n")
    assert "Five examples: the iteration of epoch 4" in shown
    assert shown.count("Batch 1 of 1: examples 1 to 5") == shown.count("Forward 1 of 3: Z") == 1


@pytest.mark.parametrize("rule", ["momentum", "adam", "velocity nesterov", "rmsprop"])
@pytest.mark.parametrize("epoch", [0, 5, 12])
def test_the_update_rule_stands_where_it_stood(rule, epoch):
    """Worked out step by step, each batch ends where the next one begins."""
    program = replace(neuron(), update=parse_update(rule))
    run = train(program, 12, batch_size=2)
    steps = [program for _, program in run.steps(epoch)]
    ends = [work(program).tape for program in steps]
    for here, after in zip(ends, steps[1:], strict=False):
        for name, value in after.memory.items():
            if not name.startswith("#"):
                assert here.now(name).exact == pytest.approx(value, rel=1e-13), name
    if epoch < 12:
        for name, value in run.parameters(epoch + 1).items():
            assert ends[-1].now(name).exact == pytest.approx(value, rel=1e-13)


def test_adam_goes_on_counting_from_batch_to_batch(replayed):
    pages = batches_of(replayed(4, rule="adam", rounding="exact"))
    for t, page in zip((13, 14, 15), pages, strict=True):
        assert f"/(1 - 0.9^{t})" in page


def test_the_velocities_at_the_beginning_are_shown(replayed):
    first, second, _ = batches_of(replayed(0, rule="momentum", rounding="exact"))
    assert re.search(r"vW = \[ 0  0 \]", first)
    reached = re.findall(r"vW' = .*?\n(?: +.*\n)*? +(= \[ [-.\d ]+ \])\n", first)[-1]
    assert f"vW {reached}" in second


@pytest.mark.parametrize(
    ("examples", "said"),
    [
        ((1,), "example 1"),
        ((2, 3), "examples 2 and 3"),
        ((3, 2, 5), "examples 3, 2 and 5"),
        ((1, 2, 3), "examples 1, 2 and 3"),
        ((4, 5, 6, 7), "examples 4 to 7"),
        ((4, 5, 7, 6), "examples 4, 5, 7 and 6"),
    ],
)
def test_how_examples_are_named(examples, said):
    assert in_words(examples) == said


# on the page of a training


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            "",
            "Each step takes 2 examples and the last one 1, in the order in which they are given: "
            "3 steps in an epoch.",
        ),
        (
            ":shuffle: seed 3",
            "Each step takes 2 examples and the last one 1, in a new order in every epoch, drawn "
            "with the seed 3: 3 steps in an epoch.",
        ),
    ],
)
def test_the_page_says_how_large_a_batch_is_and_in_which_order_examples_come(more, said):
    text = LESSON.replace("MORE", more).replace("RULE", "adam").replace("ROUNDING", "exact")
    page = explain(solve(read(text, "mine", "mine.md"))).pages[-1]
    assert said in " ".join(pages_as_text([page], 80).split())
    without = text.replace(":batch-size: 2\n", "").replace(":shuffle: seed 3\n", "")
    page = explain(solve(read(without, "mine", "mine.md"))).pages[-1]
    assert "Each step" not in pages_as_text([page], 80)


@pytest.mark.parametrize(
    ("more", "line", "complaint"),
    [
        (":shuffle: 3", 18, "shuffle '3' cannot be read, expected such as 'seed 3'"),
        (":shuffle: yes", 18, "shuffle 'yes' cannot be read, expected such as 'seed 3'"),
        (":shufle: seed 3", 18, "unknown key 'shufle' in {train}; did you mean 'shuffle'?"),
    ],
)
def test_a_shuffle_that_cannot_be_read_has_its_line(more, line, complaint):
    text = LESSON.replace("MORE", more).replace("RULE", "adam").replace("ROUNDING", "exact")
    with pytest.raises(TracerError) as fault:
        solve(read(text, "mine", "mine.md"))
    assert str(fault.value) == f"mine.md:{line}: {complaint}"


def test_the_train_command_takes_the_order_of_the_lesson(tmp_path, capsys):
    text = LESSON.replace("MORE", ":shuffle: seed 3").replace("RULE", "gradient descent")
    (tmp_path / "mine.md").write_text(text.replace("ROUNDING", "exact"), encoding="utf-8")
    assert main(["train", str(tmp_path / "mine.md"), "--log-every", "1"]) == 0
    logged = re.findall(r"epoch#\d+: (\S+)", capsys.readouterr().out)
    costs, _ = by_hand(drawn(3, 5, 12), 12, 2)
    assert [float(cost) for cost in logged] == pytest.approx(costs, rel=1e-12)
