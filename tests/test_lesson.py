"""A lesson is a Markdown file. What it may look like, and the one line said where it is wrong."""

import re
from pathlib import Path

import pytest

from tracer.cli import main
from tracer.errors import TracerError
from tracer.lesson.directive import Directive, Passage
from tracer.lesson.home import course, load
from tracer.lesson.reading import read
from tracer.numbers.typed import parse_rows

HEAD = """\
```{lesson}
:title: A lesson
```
"""
GRAPH = """\
```{graph}
a = 2
b = 5
c = a * b
```
"""
NETWORK = """\
```{network}
:layers: 1 sigmoid
:cost: squared error
:learning-rate: 1
X = 0 0 1 1; 0 1 0 1
Y = 0 1 1 1
W = 0.1 0.6
b = 0
```
"""
FORWARD = "```{forward}\n```\n"
BACKWARD = "```{backward}\n```\n"
AFTER_GRAPH, AFTER_NETWORK = HEAD + GRAPH, HEAD + NETWORK
"the next line of the file is the 9th, or the 13th"


def lesson(text: str):
    return read(text, "lesson", "lesson.md")


def graph(*equations: str) -> str:
    return "\n".join([HEAD + "```{graph}", *equations, "```"])


def forward(*lines: str, after: str = AFTER_NETWORK) -> str:
    return "\n".join([after + "```{forward}", *lines, "```"])


def network(old: str, new: str) -> str:
    assert old in NETWORK
    return HEAD + NETWORK.replace(old, new)


def features(formulas: str) -> str:
    """XOR with further rows of X, set on line 9."""
    return network("X = 0 0 1 1; 0 1 0 1\nY = 0 1 1 1\n", f":data: XOR\n:features: {formulas}\n")


IS_INDENTED = "a block is indented, expected its ``` at the start of the line"
WHAT_A_FORMULA_IS = "expected such as 1/(1 + exp(-z))"
WHAT_A_GRAPH_TAKES = "expected names, numbers, + - * / ** @, and ...transpose"
WHAT_A_PEN_IS = (
    "expected 'exact', 'display N' or 'carry N', and behind it 'significant', 'zeros' "
    "or one of half-up, half-even, half-down, up, down, truncate, as in 'carry 3'"
)

# a lesson, and what is said about it: the line, and the fault; "..." stands for any words
FAULTS = {
    # blocks
    "an unknown block": (
        HEAD + "```{bakward}\n```",
        "4: unknown block {bakward}; did you mean 'backward'?",
    ),
    "a block nothing is near to": (
        HEAD + "```{zzz}\n```",
        "4: unknown block {zzz}; known here: lesson, network, graph, forward, backward, ...",
    ),
    "a block in capitals": (
        HEAD + "```{Forward}\n```",
        "4: unknown block {Forward}; did you mean 'forward'?",
    ),
    "a block without a name": (HEAD + "```{}\n```", "4: unknown block {}; known here: lesson, ..."),
    "an indented block": (AFTER_GRAPH + "  ```{forward}\n  ```", f"9: {IS_INDENTED}"),
    "a block indented as code": (AFTER_GRAPH + "\n    ```{forward}\n    ```", f"10: {IS_INDENTED}"),
    "a block in a list": (AFTER_GRAPH + "- ```{forward}\n  ```", f"9: {IS_INDENTED}"),
    "a block in a quotation": (AFTER_GRAPH + "> ```{forward}\n> ```", f"9: {IS_INDENTED}"),
    "an unclosed block": (
        AFTER_GRAPH + "```{forward}\nc = 10\n",
        "9: the block {forward} is not closed, expected a line ```",
    ),
    "an unclosed block that is all there is": (
        "```{lesson}",
        "1: the block {lesson} is not closed, expected a line ```",
    ),
    "a block unclosed before the next": (
        AFTER_GRAPH + "```{forward}\n\nProse.\n\n```{backward}\n```",
        "9: the block {forward} is not closed before line 13, expected a line ```",
    ),
    "a block closed by too few": (
        AFTER_GRAPH + "````{forward}\n```",
        "9: the block {forward} is not closed, expected a line ````",
    ),
    "text behind the braces": (
        AFTER_GRAPH + "```{forward} now\n```",
        "9: 'now' stands behind {forward}, expected nothing; settings have their own lines",
    ),
    "a setting behind the braces": (
        AFTER_GRAPH + "```{forward} :at: Fig 1\n```",
        "9: ':at: Fig 1' stands behind {forward}, expected nothing; settings have their own lines",
    ),
    "no braces": (
        AFTER_GRAPH + "```forward\n```",
        "9: 'forward' stands without braces, expected ```{forward}",
    ),
    "half a brace": (
        AFTER_GRAPH + "```{forward\n```",
        "9: '{forward' is no directive, expected a name in braces",
    ),
    "two backticks": (
        AFTER_GRAPH + "``{forward}\n``",
        "9: '``{forward}' opens no block, expected ``` and {name}",
    ),
    # the head
    "no {lesson}": (
        GRAPH,
        "1: the file does not begin with a ```{lesson} block, expected one",
    ),
    "prose before {lesson}": (
        "Hello.\n\n" + HEAD,
        "1: the file does not begin with a ```{lesson} block, expected one",
    ),
    "a second {lesson}": (
        AFTER_GRAPH + HEAD,
        "9: a second {lesson} block; expected one, at the top",
    ),
    "no title": (
        "```{lesson}\n:order: 3\n```",
        "1: the lesson has no title, expected ':title: ...'",
    ),
    "an empty title": (
        "```{lesson}\n:title:\n```",
        "2: title has no value, expected ':title: ...'",
    ),
    "an order that is no number": (
        "```{lesson}\n:title: T\n:order: first\n```",
        "3: order 'first' is not a whole number, expected ...",
    ),
    "an address that a browser does not open": (
        "```{lesson}\n:title: T\n:url: page 7\n```",
        "3: url is 'page 7', expected such as https://example.org/page",
    ),
    "a rounding that is none": (
        "```{lesson}\n:title: T\n:rounding: carry three\n```",
        f"3: rounding 'carry three' cannot be read: {WHAT_A_PEN_IS}",
    ),
    "a block's rounding that is none": (
        forward(":rounding: round 3"),
        "14: rounding 'round 3' has no way to round, expected 'carry 3', which uses the written "
        "number next, or 'display 3', which uses the exact one",
    ),
    "too many places": (
        "```{lesson}\n:title: T\n:rounding: carry 99\n```",
        "3: places is 99, expected 0 to 12",
    ),
    # settings
    "a key like no other": (
        HEAD + "```{graph}\n:zzz: 1\n```",
        "5: unknown key 'zzz' in {graph}; known here: learning-rate, data, data-gradients, fixed, "
        "names, delta, updates, optimizer; see 'tracer reference graph'",
    ),
    "an unknown key": (
        HEAD + "```{graph}\n:learningrate: 1\n```",
        "5: unknown key 'learningrate' in {graph}; did you mean 'learning-rate'?",
    ),
    "a key of another block": (
        forward(":layers: 3"),
        "14: unknown key 'layers' in {forward}; ':layers: 3' belongs to {network}",
    ),
    "a key set twice": (
        "```{lesson}\n:title: T\n:title: U\n```",
        "3: title is set twice, expected once",
    ),
    "a key without its colon": (
        "```{lesson}\n:title T\n```",
        "2: ':title T' cannot be read, expected ':title: T'",
    ),
    "a setting with an equals sign": (
        network(":cost:", ":eta = 0.5\n:cost:"),
        "6: ':eta = 0.5' cannot be read, expected ':learning-rate: 0.5'",
    ),
    "a name for an entry": (
        network(":cost:", ":names: u = W[1,2], v = b\n:cost:"),
        "6: names has W[1,2], expected a whole quantity such as W or dCost/dW",
    ),
    "neither yes nor no": (
        forward(":answer: maybe"),
        "14: answer is 'maybe', expected yes or no",
    ),
    "an equation among settings": (
        "```{lesson}\n:title: T\na = 3\n```",
        "3: {lesson} takes settings only, expected ':key: value'",
    ),
    "a name to display that is nowhere": (
        forward(":display: Yhta"),
        "14: Yhta ... did you mean 'Yhat'?",
    ),
    # equations
    "an equation without =": (
        forward("Z 10"),
        "14: 'Z 10' cannot be read, expected 'name = value'",
    ),
    "an equation with two =": (
        forward("Z = 1 = 2"),
        "14: 'Z = 1 = 2' cannot be read, expected 'name = value'",
    ),
    "an equation without a value": (
        forward("Z ="),
        "14: 'Z =' cannot be read, expected 'name = value'",
    ),
    "half an expression": (
        graph("a = 2", "c = a *"),
        f"6: 'a *' cannot be read, {WHAT_A_FORMULA_IS}",
    ),
    "code": (
        graph("a = 2", "c = __import__('os').getcwd()"),
        f"6: \"__import__('os').getcwd()\" is not allowed in a formula, {WHAT_A_GRAPH_TAKES}",
    ),
    "a circumflex": (graph("a = 2", "c = a^2"), "6: 'a^2' has ^, expected ** for a power"),
    "an unknown function": (
        graph("a = 2", "c = sigmod(a)"),
        "6: sigmod() is not known; did you mean 'sigmoid'?",
    ),
    "a function with too few inputs": (
        graph("a = 2", "c = max(a)"),
        "6: max() takes 2 inputs, 1 given",
    ),
    "a node without a name": (
        graph("2a = 2", "c = 3"),
        "5: '2a' is no name for a node, expected one such as c or w1",
    ),
    "a name used but not given": (
        graph("width = 2", "c = widht * 2"),
        "6: widht has no equation of its own; did you mean 'width'?",
    ),
    "a name given twice": (
        graph("a = 2", "a = 3", "c = a * a"),
        "6: a is given twice, first at lesson.md:5; rename one",
    ),
    "a new name for an old value": (
        graph("a = 2", "c = a"),
        "6: c = a only renames a; use a itself",
    ),
    "a graph that computes nothing": (
        graph("a = 2"),
        "4: the graph computes nothing, expected an equation such as 'c = a * b'",
    ),
    "an empty graph": (graph(), "4: the graph is empty, expected equations such as 'c = a * b'"),
    "a cycle": (
        graph("a = c + 1", "b = a * 2", "c = b + 1"),
        "5: the graph runs in a circle, a -> c -> b -> a; "
        "expected each value to come from earlier ones",
    ),
    "a cycle of one": (
        graph("a = 1", "b = b + a"),
        "6: the graph runs in a circle, b -> b; expected each value to come from earlier ones",
    ),
    "an expression nested very deeply": (
        graph("a = 1", "b = " + "-" * 1500 + "a"),
        "6: ...",
    ),
    "a sum of very many terms": (graph("a = 1", "b = " + "+".join(["a"] * 900)), "6: ..."),
    ":= in a graph": (
        graph("a := 2  # slip: s", "c = a * 2"),
        "5: := ... {graph} ... expected 'name = value'",
    ),
    # numbers
    "rows of unequal length": (
        network("0 1 0 1", "0 1 0"),
        "8: rows of unequal length: row 1 has 4 numbers and row 2 has 3, expected as many in each",
    ),
    "printed rows of unequal length": (
        forward("Z = 0 0.6; 0.1"),
        "14: rows of unequal length: row 1 has 2 numbers and row 2 has 1, expected as many in each",
    ),
    "an empty row": (
        network("; 0 1 0 1", ";"),
        "8: '0 0 1 1;' has an empty row, expected numbers such as '0 1; 1 0'",
    ),
    "a number with a letter": (
        network("0.6", "O.6"),
        "10: 'O.6' is not a number, expected one such as -0.038",
    ),
    "nan": (network("0.6", "nan"), "10: 'nan' is not a finite number, expected one such as -0.038"),
    "infinity": (
        network("0.6", "-inf"),
        "10: '-inf' is not a finite number, expected one such as -0.038",
    ),
    "a number too large for a float": (
        network("0.6", "1e999"),
        "10: '1e999' is too large or too small, expected at most 1e300",
    ),
    "a number as Python writes it": (
        network("0.6", "1_0"),
        "10: '1_0' is not a finite number, expected one such as -0.038",
    ),
    "a printed word": (
        forward("Cost = zero"),
        "14: 'zero' is no number, and zero is not on this page; known here: ...",
    ),
    "a printed nan": (
        forward("Cost = nan"),
        "14: 'nan' is not a finite number, expected one such as -0.038",
    ),
    "infinity in a graph": (
        graph("a = 1e999", "b = a * 2"),
        "5: 1e999 is not a finite number, expected one",
    ),
    "one divided by zero": (
        graph("a = 1/0", "b = a * 2"),
        "5: 1/0 divides by zero",
    ),
    "nan in a graph": (
        graph("a = nan", "b = a * 2"),
        "5: nan has no equation of its own; known here: a, b",
    ),
    "a learning rate that is no number": (
        network("rate: 1", "rate: fast"),
        "7: learning-rate 'fast' is not a number, expected ...",
    ),
    "a learning rate that is not finite": (
        network("rate: 1", "rate: inf"),
        "7: learning-rate 'inf' is not finite, expected such as 0.1",
    ),
    # shapes
    "too many weights": (
        network("0.1 0.6", "0.1 0.6 0.2"),
        "10: W... is (1 x 3), expected (1 x 2): ...",
    ),
    "too few labels": (
        network("Y = 0 1 1 1", "Y = 0 1 1"),
        "9: Y is (1 x 3), expected (1 x 4): "
        "one row for each output, one column for each example in X",
    ),
    "biases in a row": (
        network("b = 0", "b = 0 1"),
        "11: b... is (1 x 2), expected (1 x 1): one number for each neuron, in a column",
    ),
    "too few printed": (forward("Z = 0 0.6 0.1"), "14: Z is (1 x 4), but (1 x 3) is printed"),
    "a row printed as a column": (
        forward("Z = 0; 0.6; 0.1; 0.7"),
        "14: Z is (1 x 4), but (4 x 1) is printed",
    ),
    "a slip of another shape": (
        forward("Z := 0.5  # slip: why"),
        "14: Z is (1 x 4), but a single number is dictated",
    ),
    # quantities
    "a quantity that does not exist": (
        forward("Yhta = 0 0.6 0.1 0.7"),
        "14: Yhta is not on this page; did you mean 'Yhat'?",
    ),
    "a gradient that does not exist": (
        AFTER_NETWORK + FORWARD + "```{backward}\ndCost/dw = 0\n```",
        "16: dCost/dw is not on this page; did you mean 'dCost/dW'?",
    ),
    "an entry that does not exist": (
        forward("Z[1,5] = 0"),
        "14: Z[1,5] does not exist: Z is (1 x 4) and its entries count from 1",
    ),
    "an entry counted from 0": (
        forward("Z[1,0] = 0"),
        "14: Z[1,0] does not exist: Z is (1 x 4) and its entries count from 1",
    ),
    "a part that does not exist": (
        forward("Cost.sqares = 0"),
        "14: Cost.sqares is not written ...on the way to Cost; did you mean ...squares'?",
    ),
    "a name that is none": (
        forward("Z+1 = 0"),
        "14: 'Z+1' is not a name, expected one such as Z, W[1][2,3] or dCost/dW",
    ),
    "a slip in what does not exist": (
        forward("Yhta := 0.5  # slip: why"),
        "14: Yhta is not on this page; did you mean 'Yhat'?",
    ),
    "a slip in an entry that does not exist": (
        forward("Z[1,9] := 0.5  # slip: why"),
        "14: Z is (1 x 4), but entry [1,9] of it is dictated; entries count from 1",
    ),
    "a slip in an entry counted from 0": (
        forward("Z[1,0] := 0.5  # slip: why"),
        "14: Z is (1 x 4), but entry [1,0] of it is dictated; entries count from 1",
    ),
    # a network
    "missing weights": (network("W = 0.1 0.6\n", ""), "4: W... is missing, expected X, Y, W..."),
    "something left over": (
        network("b = 0", "b = 0\nV = 1"),
        "12: V has no place in this network; known here: X, W..., b..., Y",
    ),
    "weights given twice": (
        network("b = 0", "b = 0\nW = 1 1"),
        "12: W is given twice, first on line 10",
    ),
    "no layers": (
        network(":layers: 1 sigmoid\n", ""),
        "4: the network has no layers, expected ':layers: 1 sigmoid'",
    ),
    "layers the wrong way round": (
        network("1 sigmoid", "sigmoid 1"),
        "5: layer 'sigmoid 1' cannot be read, expected '1 sigmoid'",
    ),
    "an unknown activation": (
        network("1 sigmoid", "1 sigmod"),
        "5: activation 'sigmod' is not known; did you mean 'sigmoid'?",
    ),
    "no cost": (
        network(":cost: squared error\n", ""),
        "4: no cost is set, expected ':cost: squared error'",
    ),
    "a loss for a cost": (
        network(":cost:", ":loss:"),
        "4: no cost is set, expected ':cost: squared error'; loss belongs to the other view",
    ),
    "an unknown cost": (
        network("squared error", "squarred error"),
        "6: loss 'squarred error' is not known; did you mean 'squared error'?",
    ),
    "an unknown view": (
        network(":cost:", ":view: matrx\n:cost:"),
        "6: view 'matrx' is not known; did you mean 'matrix'?",
    ),
    # more than anybody needs
    "a setting without end": (
        network(":cost:", f":names: {', '.join(f'q{k} = W[{k}]' for k in range(500))}\n:cost:"),
        "6: names has 7,278 characters, expected at most 5,000; say less with it",
    ),
    "blocks without end": (
        AFTER_NETWORK + FORWARD * 600,
        "1009: the lesson has 602 blocks, expected at most 500; make several lessons of it",
    ),
    "epochs of more digits than Python reads": (
        AFTER_NETWORK + "```{train}\n:epochs: " + "9" * 4500 + "\n```",
        "13: epochs is 99999999999999999999, expected 1 to 1,000,000",
    ),
    "an entry of more digits than Python reads": (
        forward(f"Z[1,{'9' * 4500}] = 0"),
        "14: 'Z[1,999...' is not a name, expected one such as Z, W[1][2,3] or dCost/dW",
    ),
    # features
    "a feature that cannot be read": (
        features("x1*"),
        "9: features has 'x1*': 'x1*' cannot be read, expected such as 1/(1 + exp(-z))",
    ),
    "a feature that is cut": (
        features("x1*x2, max(x1, x2"),
        "9: features has 'max(x1, x2': 'max(x1, x2' cannot be read, ...",
    ),
    "a feature of an unknown function": (
        features("sigm(x1)"),
        "9: features has 'sigm(x1)': sigm() is not known; did you mean 'sigma'?",
    ),
    "a feature of a row that is not there": (
        features("x1*x2, x1*x9"),
        "9: features has 'x1*x9', and there is no x9 here, expected x1 to x3",
    ),
    "a feature of another name": (
        features("x1*y"),
        "9: features has 'x1*y': y has no equation of its own; ...",
    ),
    "a feature with a power from elsewhere": (
        features("x1^2"),
        "9: features has 'x1^2': 'x1^2' has ^, expected ** for a power",
    ),
    "a feature with matrices": (
        features("x1 @ x2"),
        "9: features has 'x1 @ x2': matrix product in x3 has a single number, expected a matrix",
    ),
    "a feature that is one number for all": (
        features("sum(x1)"),
        "9: features has 'sum(x1)', which is no number for each example, expected such as x1*x2",
    ),
    "a feature without an x": (
        features("3"),
        "9: features has '3', which is no number for each example, expected such as x1*x2",
    ),
    "a feature that is infinite": (
        features("1/x2"),
        "9: features has '1/x2', which is infinite for example 1, expected a finite number",
    ),
    "a feature that is not a number": (
        features("log(x1 - 0.5)"),
        "9: features has 'log(x1 - 0.5)', which is not a number for example 1, expected a finite "
        "number",
    ),
    "more features than anybody needs": (
        features(", ".join(["x1*x2"] * 150)),
        "9: features has 150 formulas, expected at most 100; a table of data can hold more",
    ),
    "features of a single example": (
        features("x1*x2").replace(":cost:", ":view: scalar\n:loss:"),
        "10: features belongs to the matrix view: the scalar view takes its numbers one by one, "
        "without features, init or files",
    ),
    # slips and misprints
    ":= without a slip": (
        forward("Cost := 0.09"),
        "14: := dictates a number without a reason, expected '# slip: why' or '# given'",
    ),
    "a slip without a reason": (
        forward("Cost := 0.09  # slip:"),
        "14: := dictates a number without a reason, expected '# slip: why' or '# given'",
    ),
    "a slip with =": (
        forward("Cost = 0.09  # slip: why"),
        "14: a slip is dictated with :=, expected 'name := number # slip: why'",
    ),
    "a misprint without a reason": (
        forward("Cost = 0.09  # misprint:"),
        "14: the remark gives no reason, expected '# misprint: why'",
    ),
    "a misprint and not even a colon": (
        forward("Cost = 0.09  # misprint"),
        "14: the remark gives no reason, expected '# misprint: why'",
    ),
    # the order of things
    "a block before the network": (
        HEAD + FORWARD + NETWORK,
        "4: {forward} has nothing to work on, expected a {network} or a {graph} before it",
    ),
    "backward before forward": (
        AFTER_NETWORK + BACKWARD,
        "13: there is nothing to send back yet: a forward pass comes first",
    ),
    "forward twice": (
        AFTER_NETWORK + FORWARD + FORWARD,
        "15: the forward pass is worked out already, and a name is written once; "
        "an update comes before the next one",
    ),
    "backward twice": (
        AFTER_NETWORK + FORWARD + BACKWARD + BACKWARD,
        "17: the gradients of Cost are worked out already, ...",
    ),
    "an update before backward": (
        AFTER_NETWORK + FORWARD + "```{update}\n```",
        "15: there are no gradients ...to update with: a backward pass comes first",
    ),
    "an update without a learning rate": (
        AFTER_GRAPH + FORWARD + BACKWARD + "```{update}\n```",
        "13: no learning rate is set, expected one, as in ':learning-rate: 1'",
    ),
    "gradients of a matrix": (
        AFTER_NETWORK + FORWARD + "```{backward}\n:of: Z\n```",
        "16: Z is (1 x 4); gradients start from a single number, such as a loss",
    ),
    "paths to nothing": (
        AFTER_GRAPH + FORWARD + BACKWARD + "```{paths}\n:to: q\n```",
        "13: there is no value 'q' to find paths to; known here: a, b, c",
    ),
    "paths before gradients": (
        AFTER_GRAPH + FORWARD + "```{paths}\n:to: b\n```",
        "11: there are no gradients yet, expected a {backward} block before",
    ),
    "paths between matrices": (
        AFTER_NETWORK + FORWARD + BACKWARD + "```{paths}\n:to: W\n```",
        "17: paths are shown for single numbers, not for matrices",
    ),
    # numbers that run away, at the first step where they do
    "an overflow": (
        graph("a = 1000", "b = exp(a)", "c = b * 2") + "\n" + FORWARD,
        "9: b is infinite, expected a finite number; it comes from a = 1000: e^1000 overflows",
    ),
    "the logarithm of a negative number": (
        graph("a = -1", "b = log(a)", "c = b * 2") + "\n" + FORWARD,
        "9: b is not a number, expected a finite number; it comes from a = -1: log of -1, which is "
        "negative",
    ),
    "a division by zero": (
        graph("a = 0", "b = 1", "c = b / a") + "\n" + FORWARD,
        "9: c is infinite, expected a finite number; it comes from b = 1, a = 0: division by zero",
    ),
    "an overflow on the way back": (
        graph("a = 1e-200", "c = 1 / a") + "\n" + FORWARD + BACKWARD,
        "10: dc/da is infinite, expected a finite number; it comes from a = 1e-200: ...",
    ),
}


def as_said(expected: str) -> re.Pattern:
    """Words as a pattern: `...` stands for any."""
    return re.compile(re.escape(expected).replace(r"\.\.\.", ".*"))


COMMANDS = {"check": ["check"], "export": ["export"], "replay": ["replay", "--all"]}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize(("text", "fault"), FAULTS.values(), ids=FAULTS)
def test_every_command_answers_a_fault_with_one_line(
    text, fault, command, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    Path("lesson.md").write_text(text, encoding="utf-8")
    assert main([*command, "lesson.md"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert as_said(f"lesson.md:{fault}").fullmatch(said.err.rstrip("\n")), said.err


def test_the_lessons_that_the_faults_were_put_into_are_good_themselves(tmp_path):
    for good in (AFTER_GRAPH, AFTER_NETWORK, graph("a = 2", "c = a * 2"), forward("Cost = 0.089")):
        (tmp_path / "lesson.md").write_text(good, encoding="utf-8")
        assert main(["export", str(tmp_path / "lesson.md"), "-o", str(tmp_path / "out.md")]) == 0


IS_NOT_UTF8 = "the file is not UTF-8 text; save it as UTF-8"
ACCENTS = "```{lesson}\n:title: Größe\n```\n"
FILES = {
    "empty": (b"", "lesson.md: the file is empty, expected a ```{lesson} block"),
    "blank": (b" \n\n\t\n", "lesson.md: the file is empty, expected a ```{lesson} block"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", f"lesson.md: {IS_NOT_UTF8}"),
    "any bytes": (bytes(range(256)), f"lesson.md: {IS_NOT_UTF8}"),
    "Latin-1": (ACCENTS.encode("latin-1"), f"lesson.md:2: {IS_NOT_UTF8}"),
    "Windows-1252": (ACCENTS.replace("ö", "“").encode("cp1252"), f"lesson.md:2: {IS_NOT_UTF8}"),
    "UTF-16": (ACCENTS.encode("utf-16"), f"lesson.md: {IS_NOT_UTF8}"),
    "UTF-16 without a mark": (ACCENTS.encode("utf-16-le"), f"lesson.md: {IS_NOT_UTF8}"),
    "UTF-32": (ACCENTS.encode("utf-32"), f"lesson.md: {IS_NOT_UTF8}"),
    "huge": (b"x" * 1_000_001, "lesson.md: the file is larger than 1,000,000 bytes, ..."),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize(("content", "fault"), FILES.values(), ids=FILES)
def test_a_file_that_is_no_lesson_is_named_in_one_line(
    content, fault, command, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    Path("lesson.md").write_bytes(content)
    assert main([*command, "lesson.md"]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert as_said(fault).fullmatch(said.err.rstrip("\n")), said.err


NOT_THERE = {
    "a missing file": ("nowhere.md", "nowhere.md: there is no such file; ..."),
    "a missing file in a folder": ("no/where.md", "no/where.md: there is no such file; ..."),
    "a folder": ("folder.md", "folder.md: this is a folder, expected a lesson, a Markdown file"),
    "a misspelt lesson": (
        "or-bach",
        "...there is no lesson 'or-bach'; did you mean 'or-batch'? "
        "A file of your own is named by its path, as in ./my-lesson.md",
    ),
    "no name at all": ("", "...there is no lesson ''; known here: ..."),
    "a name much too long": ("x" * 300, "...there is no lesson 'xxx...'; ..."),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize(("name", "fault"), NOT_THERE.values(), ids=NOT_THERE)
def test_a_lesson_that_is_not_there_is_one_line_too(
    name, fault, command, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    Path("folder.md").mkdir()
    assert main([*command, name]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert as_said(fault).fullmatch(said.err.rstrip("\n")), said.err


def test_from_python_a_fault_is_a_tracer_error_that_knows_its_place():
    with pytest.raises(TracerError) as caught:
        lesson(HEAD + "```{bakward}\n```")
    assert caught.value.where == "lesson.md:4"
    assert caught.value.problem == "unknown block {bakward}; did you mean 'backward'?"


# what a lesson may look like


@pytest.mark.parametrize(
    ("how", "content"),
    [
        ("with a byte order mark", ("\ufeff" + AFTER_GRAPH).encode()),
        ("with the line ends of Windows", AFTER_GRAPH.replace("\n", "\r\n").encode()),
        ("with the line ends of old Macs", AFTER_GRAPH.replace("\n", "\r").encode()),
        ("without a last line end", AFTER_GRAPH.rstrip("\n").encode()),
        ("with fences of tildes", AFTER_GRAPH.replace("```", "~~~").encode()),
        ("with longer fences", AFTER_GRAPH.replace("```", "`````").encode()),
        ("with spaces in the braces", AFTER_GRAPH.replace("{graph}", " { graph } ").encode()),
    ],
)
def test_a_lesson_can_be_saved(how, content, tmp_path):
    path = tmp_path / "lesson.md"
    path.write_bytes(content)
    head, block = load(path).items
    assert (head.kind, block.kind) == ("lesson", "graph")
    assert [(line.name, line.text, line.line) for line in block.lines] == [
        ("a", "2", 5),
        ("b", "5", 6),
        ("c", "a * b", 7),
    ]


EXAMPLE = """\
A lesson looks like this:

````markdown
```{lesson}
:title: An example
```

```{nonsense}
```
````

And code like this:

```python
print("{not} a block")
```

    ```
    indented
    ```"""


def test_code_in_the_prose_is_prose_even_a_whole_lesson():
    items = lesson(HEAD + "\n" + EXAMPLE + "\n\n" + GRAPH).items
    assert [type(item) for item in items] == [Directive, Passage, Directive]
    assert items[1].text == EXAMPLE


def test_prose_and_blocks_keep_their_order_and_their_lines():
    items = lesson(AFTER_GRAPH + "\nFirst.\n\n" + FORWARD + "Second.\n").items
    said = [(item.kind if isinstance(item, Directive) else item.text, item.line) for item in items]
    assert said == [("lesson", 1), ("graph", 4), ("First.", 9), ("forward", 12), ("Second.", 14)]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("-0.020", [["-0.020"]]),
        ("0 1 0", [["0", "1", "0"]]),
        ("0, 1, 0", [["0", "1", "0"]]),
        ("0 1; 1 0", [["0", "1"], ["1", "0"]]),
        ("−0.5 1e-3", [["-0.5", "1e-3"]]),
        ("(0 0; 0 1; 1 0)^T", [["0", "0", "1"], ["0", "1", "0"]]),
    ],
)
def test_numbers_are_kept_as_printed_digit_for_digit(text, rows):
    assert parse_rows(text) == tuple(map(tuple, rows))


def test_a_design_matrix_is_transposed_and_nothing_else_changes(tmp_path, capsys):
    columns = AFTER_NETWORK + "```{forward}\nZ = 0 0.6 0.1 0.7\n```"
    rows = columns.replace("X = 0 0 1 1; 0 1 0 1", "X = (0 0; 0 1; 1 0; 1 1)^T")
    for text in (columns, rows.replace("Y = 0 1 1 1", "Y = (0; 1; 1; 1)^T")):
        (tmp_path / "lesson.md").write_text(text, encoding="utf-8")
        assert main(["check", str(tmp_path / "lesson.md")]) == 0
        assert "4 printed numbers, all hold" in capsys.readouterr().out


def test_a_remark_belongs_to_its_line_or_to_its_block():
    block = lesson(forward("# a remark of the block", "Z = 0  # a remark of the line")).items[2]
    assert block.remarks == ("a remark of the block",)
    assert block.lines[0].remark == "a remark of the line"


@pytest.mark.parametrize(
    ("remark", "misprint", "slip"),
    [
        ("misprint: truncated", "truncated", None),
        ("Misprint : truncated", "truncated", None),
        ("the misprint: is elsewhere", None, None),
        ("", None, None),
    ],
)
def test_a_remark_declares_a_misprint_when_it_begins_so(remark, misprint, slip):
    line = lesson(forward(f"Z = 0  # {remark}")).items[2].lines[0]
    assert (line.misprint, line.slip) == (misprint, slip)


def test_a_slip_dictates_a_number():
    line = lesson(forward("Z[1,2] := 0.7  # slip: misread")).items[2].lines[0]
    assert (line.name, line.text, line.dictated, line.slip) == ("Z[1,2]", "0.7", True, "misread")


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (["Cost = 0.089"], 1),
        (["Z = 0 0.6 0.1 0.7", "Cost = 0.089"], 5),
        (["Z = 0 0.6 0.1 0.7", "Cost := 0.09  # slip: dictated, not asserted"], 4),
        ([], 0),
    ],
)
def test_printed_numbers_are_counted_entry_by_entry(lines, count):
    assert lesson(forward(*lines)).printed == count


FOUR = ["computational-graph", "or-one-example", "or-bias", "or-batch"]


def test_the_course_is_in_order_and_a_lesson_has_the_name_of_its_file():
    assert [each.name for each in course() if each.name in FOUR] == FOUR
    assert [load(each.name).title for each in course()] == [each.title for each in course()]


@pytest.mark.parametrize("name", FOUR)
def test_a_lesson_ends_by_asking_for_a_step_and_answering_it(name):
    items = load(name).items
    asked = next(
        k
        for k, item in enumerate(items)
        if isinstance(item, Passage) and "## Your turn" in item.text
    )
    answers = [
        k for k, item in enumerate(items) if isinstance(item, Directive) and item.flag("answer")
    ]
    assert answers
    assert min(answers) > asked


# what is said to authors alone


COMMENTED = """\
<!-- Before everything. -->
```{lesson}
:title: A lesson
```

<!-- For you
who write it. -->

First. <!-- Is this clear? -->
Second, with `<!-- code -->`.

<!--
```{forward}
```
-->

```html
<!-- code too -->
```

<div>
<!-- inside -->
</div>

"""
PROSE = """\
First. \nSecond, with `<!-- code -->`.

```html
<!-- code too -->
```

<div>

</div>"""


def test_a_comment_reaches_no_page_and_lines_keep_their_numbers():
    items = lesson(COMMENTED + GRAPH).items
    assert [type(item) for item in items] == [Directive, Passage, Directive]
    assert items[1].text == PROSE
    assert [(line.name, line.line) for line in items[2].lines] == [("a", 26), ("b", 27), ("c", 28)]


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_no_output_shows_a_comment(command, tmp_path, capfd):
    (tmp_path / "lesson.md").write_text(COMMENTED + GRAPH, encoding="utf-8")
    assert main([*command, str(tmp_path / "lesson.md")]) == 0
    said = capfd.readouterr().out
    for secret in ("Before everything", "For you", "Is this clear", "inside"):
        assert secret not in said
    if command != ["check"]:
        assert "<!-- code" in said


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (AFTER_GRAPH + "\n<!-- open\n\n" + FORWARD, 10),
        (AFTER_GRAPH + "\nWords <!-- open\n\n-->\n" + FORWARD, 10),
    ],
)
def test_a_comment_that_is_not_closed_is_a_fault(text, line):
    with pytest.raises(TracerError) as refused:
        lesson(text)
    assert str(refused.value) == f"lesson.md:{line}: a comment is not closed, expected -->"
