"""{nudge}: one given number moved up and down, and both quotients beside the gradient.

What is expected is worked out by Python's own numbers, from the formulas of a textbook.
"""

import math
import re
from fractions import Fraction

import mpmath
import pytest
from oracle import graphs, lessons, networks, reals
from oracle.markdown import markdown
from oracle.naming import on_page
from oracle.pens import EXACT as PEN
from oracle.records import Graph, Lesson, Network

from tracer import graph, net, work
from tracer.errors import TracerError
from tracer.lesson import reading
from tracer.lesson.check import check
from tracer.lesson.solution import explain, solve
from tracer.numbers.decimals import Number, with_enough_digits
from tracer.render.markdown import to_markdown
from tracer.trace.nudged import nudge, single_names, step_of
from tracer.written.names import parse_name

GRAPH = """```{graph}
a = 2
b = 5
c = a * b
d = b + 1
e = c * d
```
"""
BATCH = """```{network}
:layers: 1 sigmoid
:cost: squared error
:learning-rate: 1
:data: OR
W = 0.1 0.6
b = 0
```
"""


def lesson(before: str, inside: str, rounding: str = "exact", after: str = ""):
    head = f"```{{lesson}}\n:title: T\n:rounding: {rounding}\n```\n"
    text = f"{head}{before}{after}```{{nudge}}\n{inside}\n```\n"
    return reading.read(text, "mine", "mine.md")


def verdicts(before: str, inside: str, **more: str) -> dict[str, bool]:
    """Whether each printed number of a block holds."""
    return {verdict.name: verdict.holds for verdict in check(lesson(before, inside, **more))}


def page(before: str, inside: str, **more: str) -> str:
    return to_markdown(explain(solve(lesson(before, inside, **more))))


def rows(said: str) -> list[list[str]]:
    """The cells of the tables of the last page."""
    last = said[said.rindex("### ") :].replace("\\", "")
    lines = [line for line in last.split("\n") if line.startswith("|") and "---" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def fault(before: str, inside: str, **more: str) -> str:
    with pytest.raises(TracerError) as refused:
        solve(lesson(before, inside, **more))
    return str(refused.value)


# what is worked out


def test_the_graph_of_the_first_lesson_is_worked_out_again_with_b_moved():
    said = page(GRAPH, ":of: b\n:by: 0.01")
    assert rows(said) == [
        ["", "b", "c", "d", "e"],
        ["lowered", "4.99", "9.98", "5.99", "59.7802"],
        ["as it is", "5", "10", "6", "60"],
        ["raised", "5.01", "10.02", "6.01", "60.2202"],
        ["slope", "worked out", "is", "off by"],
        ["one-sided", "(60.2202 - 60)/0.01", "22.02", "0.02"],
        ["central", "(60.2202 - 59.7802)/0.02", "22", "0"],
        ["∂e/∂b", "by the pass back", "22", ""],
    ]


def cost(W: list[float], b: float) -> float:
    """The cost of the OR batch, as the article has it."""
    examples = [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 1)]
    said = [1 / (1 + math.exp(-(W[0] * x1 + W[1] * x2 + b))) for x1, x2, _ in examples]
    return sum((y - yhat) ** 2 for (_, _, y), yhat in zip(examples, said, strict=True)) / 8


@pytest.mark.parametrize("h", [0.5, 0.01, 1e-4])
def test_a_weight_of_a_network_moves_the_cost_as_the_formula_says(or_batch, h):
    found = nudge(work(or_batch).tape, "W[1,2]", step_of(h))
    up, held, down = (cost([0.1, 0.6 + step], 0) for step in (h, 0, -h))
    assert found.up["Cost"].exact == pytest.approx(up, rel=1e-12)
    assert found.down["Cost"].exact == pytest.approx(down, rel=1e-12)
    assert found.quotient.exact == pytest.approx((up - held) / h, rel=1e-9)
    assert found.central.exact == pytest.approx((up - down) / (2 * h), rel=1e-9)
    assert round(found.gradient.exact, 3) == -0.039


def test_the_central_quotient_comes_nearer_by_the_square_of_the_step():
    """Of x**3 at 2, with h: 12 + 6h + h**2 from one side, and 12 + h**2 from both."""
    trace = work(graph("x = 2; y = x**3"))
    for text in ("0.1", "0.001", "0.00001"):
        h, found = Fraction(text), nudge(trace.tape, "x", step_of(float(text)))
        assert Fraction(str(found.quotient.own.exact.value)) == 12 + 6 * h + h**2
        assert Fraction(str(found.central.own.exact.value)) == 12 + h**2


def test_each_digit_on_the_page_follows_from_those_above_it():
    """Costs have as many digits as the quotients need."""
    for step in ("0.01", "0.0001", "1e-8"):
        for _, worked, result, *_ in rows(page(BATCH, f":of: W[1,2]\n:by: {step}"))[-3:-1]:
            top, bottom = re.fullmatch(r"\((.*)\)/(\S+)", worked).groups()
            a, b = map(Fraction, top.split(" - "))
            places = len(result.partition(".")[2])
            assert round((a - b) / Fraction(bottom), places) == Fraction(result)


def test_in_a_matrix_and_by_names_of_the_source():
    """Weights as (in, out) and descents for gradients: the entry lies where the source has it."""
    settings = {
        "examples": "rows", "weights": "(in, out)", "delta": "descent",
        "names": "syn0 = W, J = Cost",
    }  # fmt: skip
    X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [1]]
    program = net("1 sigmoid", X=X, Y=Y, W=[[0.1], [0.6]], b=0, settings=settings)
    found = nudge(work(program).tape, "syn0[2,1]", step_of(0.01))
    assert (found.name, found.root) == ("syn0[2,1]", "J")
    assert round(found.gradient.exact, 4) == -0.0387
    assert found.up["syn0"].exact.tolist() == [[0.1], [0.61]]


def test_a_matrix_stands_for_all_its_entries_and_a_row_for_its_own(xor_hidden):
    tape = work(xor_hidden).tape
    assert list(single_names(tape, "W[1][2,:]")) == ["W[1][2,1]", "W[1][2,2]"]
    assert list(single_names(tape, "W[2]")) == ["W[2][1,1]", "W[2][1,2]", "W[2][1,3]"]
    assert list(single_names(work(graph("b = 1; c = b*b")).tape, "b")) == ["b"]


def test_several_numbers_have_a_row_each():
    said = rows(page(GRAPH, ":of: a, b\n:by: 0.001"))
    assert said == [
        ["slope", "one-sided", "central", "gradient", "central off by"],
        ["∂e/∂a", "30", "30", "30", "0"],
        ["∂e/∂b", "22.002", "22", "22", "0"],
    ]


def test_after_an_update_the_new_numbers_are_nudged():
    after = "```{forward}\n```\n```{backward}\n```\n```{update}\n```\n"
    W = [0.1 + 0.0480064629, 0.6 + 0.0386588238]
    for rounding in ("exact", "carry 2"):
        solution = solve(lesson(BATCH, ":of: b\n:by: 0.01", rounding, after))
        (found,) = solution.sections[-1].nudges
        assert found.held["Cost"].exact == pytest.approx(cost(W, 0.0370235261), rel=1e-8)


def test_a_page_that_rounds_says_that_these_numbers_are_exact():
    assert "exact numbers" not in page(BATCH, ":of: b\n:by: 0.01")
    assert "exact numbers" in page(BATCH, ":of: b\n:by: 0.01", rounding="carry 3")


def test_where_weights_move_before_the_gradient_goes_on_the_true_one_is_shown():
    network = BATCH.replace(":data: OR", ":data: OR\n:updates: sequential")
    solution = solve(lesson(network, ":of: W[1,1]\n:by: 0.001"))
    (found,) = solution.sections[-1].nudges
    assert found.central.exact == pytest.approx(found.gradient.exact, rel=1e-5)
    assert "stand still" in page(network, ":of: W[1,1]\n:by: 0.001")


def test_a_large_network_is_nudged_in_float64():
    """Of whose fifteen digits the division takes some; those are not shown."""
    layers = ":layers: 300 tanh, 1 identity\n:cost: squared error\n:init: xavier, seed 1"
    X = "; ".join(" ".join(str((i * j) % 7 / 7) for j in range(200)) for i in range(3))
    network = f"```{{network}}\n{layers}\nX = {X}\nY = {' '.join(['1'] * 200)}\n```\n"
    (_, one_sided, central, exactly) = rows(page(network, ":of: W[2][1,1]\n:by: 0.00001"))[-4:]
    assert central[2][:9] == exactly[2][:9] != one_sided[2][:9]
    assert len(central[2]) <= len("0.123456789")


# printed numbers

PRINTED = {
    "b = 5.01": True,
    "c = 10.02": True,
    "d = 6.01": True,
    "e = 60.2202": True,
    "e = 60.22": True,
    "e = 60.21": False,
    "quotient = 22.02": True,
    "quotient = 22.1": False,
    "central = 22": True,
    "central = 22.02": False,
    "de/db = 22": True,
    "de/db through c = 12": True,
    "de/db = 22.02": False,
}


@pytest.mark.parametrize("line", PRINTED)
def test_a_printed_number_is_checked(line):
    (holds,) = verdicts(GRAPH, f":of: b\n:by: 0.01\n{line}").values()
    assert holds == PRINTED[line]


def test_a_rounded_lesson_is_checked_in_the_digits_that_are_printed():
    inside = (
        ":of: W[1,2]\n:by: 0.01\nquotient = -0.0385\ncentral = -0.03866\ndCost/dW[1,2] = -0.0387"
    )
    assert all(verdicts(BATCH, inside, rounding="carry 3").values())


def test_quotients_of_several_numbers_stand_side_by_side():
    inside = ":of: a, b\n:by: 0.001\nquotient = 30 22.002\ncentral = 30 22.001"
    assert verdicts(GRAPH, inside) == {
        "quotient[1,1]": True,
        "quotient[1,2]": True,
        "central[1,1]": True,
        "central[1,2]": False,
    }


def test_a_value_that_is_called_so_is_meant_by_its_name():
    values = "```{graph}\nb = 2\nquotient = b/8\ne = quotient**2\n```\n"
    assert verdicts(values, ":of: b\n:by: 2\nquotient = 0.5") == {"quotient": True}


# what cannot be nudged

FAULTS = {
    (GRAPH, ":of: q\n:by: 0.01"): "mine.md:13: q is not on this page; known here: a, b",
    (GRAPH, ":of: c\n:by: 0.01"): "mine.md:13: c is worked out, expected something given: a or b",
    (GRAPH, ":of: b'\n:by: 0.01"): "mine.md:13: b' is worked out, expected something given: a or b",
    (GRAPH, ":of: de/db\n:by: 1"): "mine.md:13: de/db is not on this page; known here: a, b",
    (GRAPH, ":of: b\n:by: 0"): "mine.md:14: a nudge is by 0, expected a number above 0, such as "
    "0.01",
    (GRAPH, ":of: b\n:by: -1"): "mine.md:14: a nudge is by -1, expected a number above 0, such as "
    "0.01",
    (GRAPH, ":of: b\n:by: 0,1"): "mine.md:14: by '0,1' has a decimal comma, expected '0.1'",
    (GRAPH, ":of: b\n:h: 0.1"): "mine.md:14: unknown key 'h' in {nudge}; expected ':by: 0.1'",
    (GRAPH, ":of: b"): "mine.md:12: {nudge} needs a number and a step, expected ':of: w1' "
    "and ':by: 0.01'",
    (GRAPH, ":by: 1"): "mine.md:12: {nudge} needs a number and a step, expected ':of: w1' "
    "and ':by: 0.01'",
    (GRAPH, ":of: a, b\n:by: 1\ne = 90"): "mine.md:15: e is another number with each nudge, "
    "expected one in ':of:'",
    (GRAPH, ":of: b\n:by: 1\ne = 90 1"): "mine.md:15: e is a single number, but (1 x 2) is printed",
    (GRAPH, ":of: b\n:by: 1\ne := 90  # slip: a guess"): "mine.md:15: a nudge is written by no "
    "hand, so no slip can be made in it",
    (GRAPH.replace("e = c * d", "e = c * 3"), ":of: d\n:by: 1"): "mine.md:13: d is worked out, "
    "expected something given: a or b",
    (GRAPH.replace("d = b + 1", "d = 4\nf = 1"), ":of: f\n:by: 1"): "mine.md:14: f has no gradient "
    "to compare with: e does not depend on it",
    (BATCH, ":of: X[1,1]\n:by: 1"): "mine.md:14: X has no gradient to compare with: data gets a "
    "gradient only with ':data-gradients: yes'",
    (BATCH, ":of: Y[1,1]\n:by: 1"): "mine.md:14: Y has no gradient to compare with: labels get no "
    "gradient",
    (BATCH.replace(":data", ":biases: fixed\n:data"), ":of: b\n:by: 1"): "mine.md:15: b has no "
    "gradient to compare with: b is held fixed",
    (BATCH, ":of: W[1,3]\n:by: 1"): "mine.md:14: W[1,3] does not exist: W is (1 x 2) and its "
    "entries count from 1",
    ("", ":of: b\n:by: 1"): "mine.md:5: {nudge} has nothing to work on, expected a {network} or a "
    "{graph} before it",
}  # fmt: skip


@pytest.mark.parametrize(("before", "inside"), FAULTS)
def test_what_cannot_be_nudged_is_refused_in_its_line(before, inside):
    assert fault(before, inside) == FAULTS[before, inside]


def test_no_more_than_twenty_numbers_are_nudged_in_one_block():
    network = BATCH.replace("1 sigmoid", "11 sigmoid, 1 sigmoid")
    network = network[: network.index("W =")] + ":init: plain, seed 1\n```\n"
    said = fault(network, ":of: W[1]\n:by: 0.1")
    assert "of names 22 numbers, expected at most 20; take some of them" in said


def test_what_is_given_in_the_middle_cannot_be_reached():
    after = "```{forward}\nc := 7  # given\n```\n"
    assert "c is given in the middle, so that no nudge can reach it" in fault(
        GRAPH, ":of: b\n:by: 0.1", after=after
    )


def test_a_step_that_is_lost_in_float64_is_refused():
    tape = work(net("1 identity", X=[[1.0]] * 60_000, Y=[[1]], W=[[1.0] * 60_000])).tape
    with pytest.raises(TracerError, match="expected a larger step"):
        nudge(tape, "W[1,1]", step_of(1e-30))


# from Python


def test_from_python():
    found = work(graph("a = 2; b = 5; c = a*b; d = b + 1; e = c*d")).nudge("b", 0.01)
    assert (found.quotient.exact, found.central.exact, found.gradient.exact) == (22.02, 22.0, 22.0)
    assert found.up["e"].exact == 60.2202


@pytest.mark.parametrize("by", [0, -0.1, math.nan, math.inf])
def test_from_python_no_other_step_is_taken(by):
    with pytest.raises(TracerError, match="expected a number above 0"):
        work(graph("b = 5; c = b*b")).nudge("b", by)


# random lessons, beside the oracle's own arithmetic


def truth(source: Graph | Network, known) -> tuple[Fraction, dict]:
    """The last value and its slopes, by a way of working out that shares nothing with the tool."""

    def last():
        if isinstance(source, Graph):
            return graphs.Forward(source, known).values[source.root, 0, 0]
        return networks.Forward(source, known, {}).values[source.root, 0, 0]

    found = reals.with_enough_digits(last)
    return found.value, found.slopes


def near(found, expected) -> bool:
    """Whether two numbers agree, beside what a division by the step leaves of sixty digits."""
    found, expected = (mpmath.mpf(str(one)) for one in (found, reals.inexact(expected)))
    return abs(found - expected) <= mpmath.mpf("1e-25") * max(1, abs(expected))


@pytest.mark.parametrize("part", range(2))
def test_a_nudge_in_a_random_lesson_is_what_the_oracle_works_out(part):
    """Of each lesson some numbers, in whatever layout and under whatever names it has."""
    h, compared = Fraction(1, 64), 0
    for seed in range(part * 20, part * 20 + 20):
        source = lessons.lesson(seed).source
        module = graphs if isinstance(source, Graph) else networks
        known = module.parameters(source)
        tape = solve(reading.read(markdown(Lesson(seed, source, (), PEN)), "made", "made.md")).trace
        for key in sorted(module.learned(source))[::3]:
            try:
                value, slopes = truth(source, known)
                moved = [truth(source, known | {key: known[key] + by})[0] for by in (h, -h)]
            except reals.Undefined:
                continue
            if key not in slopes or not 1e-9 < abs(float(slopes[key])) < 1e9:
                continue
            seen = on_page(source, key[0])
            i, j = seen.place(key[1:])
            single = not tape.now(tape.canonical(parse_name(key[0]))).shape
            name = seen.name if single else f"{seen.name}[{i + 1},{j + 1}]"
            step = step_of(Number("0.015625"))
            found = with_enough_digits(lambda: nudge(tape, name, step))  # noqa: B023
            assert near(found.gradient.right.exact.value, slopes[key]), (seed, name)
            assert near(found.quotient.right.exact.value, (moved[0] - value) / h), (seed, name)
            assert near(found.central.right.exact.value, (moved[0] - moved[1]) / (2 * h)), name
            compared += 1
    assert compared > 20
