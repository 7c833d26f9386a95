"""The worked solution as Markdown: what GitHub would show, and nothing taken for markup."""

import functools
import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from markdown_it import MarkdownIt
from told import as_markdown, told

from tracer import graph, net, work
from tracer.doors.outputs import OUTPUTS
from tracer.lesson.directive import Lesson, Passage
from tracer.lesson.home import course, load, walkthroughs
from tracer.lesson.reading import read
from tracer.lesson.solution import explain, solve
from tracer.numbers.rounding import Pen
from tracer.page.document import Document, Edge, Graph, Node, Page, Table
from tracer.page.pages import explain_trace
from tracer.render.markdown import to_markdown, with_pictures
from tracer.render.mermaid import flowchart
from tracer.written.tree import Word

LESSONS = ["computational-graph", "or-one-example", "or-bias", "or-batch"]
NODE = Path(__file__).parent / "node"


# the exported solutions


def exported(lesson: Lesson, pen: Pen | None = None) -> str:
    of_the_course = pen is None and lesson.name in SOLUTIONS and lesson == load(lesson.name)
    return as_markdown(lesson.name) if of_the_course else to_markdown(explain(solve(lesson, pen)))


SOLUTIONS = sorted(path.stem for path in (walkthroughs() / "solutions").glob("*.md"))


@pytest.mark.parametrize("name", SOLUTIONS)
def test_an_exported_solution_is_what_export_writes_now(name):
    kept = walkthroughs() / "solutions" / f"{name}.md"
    renew = f"stale; renew it with: tracer export {name} -o walkthroughs/solutions/{name}.md"
    now = OUTPUTS["markdown"].write(solve(load(name)), kept, "full")
    assert steady(now.text) == steady(kept.read_text(encoding="utf-8")), renew
    # another release of Matplotlib draws other bytes; that the same one does not, test_plots says
    assert all((kept.parent / picture).is_file() for picture in now.beside), renew


def steady(text: str) -> str:
    """A text without the last digits of long numbers: they are the machine's, not ours."""
    return re.sub(r"\d+\.\d{13,}(e-?\d+)?", lambda found: f"{float(found[0]):.11g}", text)


def test_a_solution_that_is_stale_would_be_noticed():
    path = walkthroughs() / "or-batch.md"
    source = path.read_text(encoding="utf-8")
    changed = read(source.replace("W = 0.1 0.6", "W = 0.1 0.7"), "or-batch", str(path))
    kept = walkthroughs() / "solutions" / "or-batch.md"
    now = OUTPUTS["markdown"].write(solve(changed), kept, "full").text.split("\n\n")
    then = kept.read_text(encoding="utf-8").split("\n\n")
    assert now[-1] == then[-1]
    assert steady("\n\n".join(now)) != steady("\n\n".join(then))


def test_every_lesson_has_its_solution_and_no_solution_is_left_over():
    assert set(SOLUTIONS) == {lesson.name for lesson in course()}


# what an export looks like


def test_a_source_with_an_address_is_a_link():
    linked = exported(with_url("https://a.org/x"))
    assert linked.split("\n\n")[1] == "*[A book, p. 7](https://a.org/x)*"
    odd = 'https://a.org/w_(x)?q=[1]&b="2"#c'
    address = re.search(r"\]\((\S*)\)\*", exported(with_url(odd)))[1]
    assert unquote(address) == odd
    assert not set('()[]"') & set(address)


def with_url(address: str) -> Lesson:
    return read(SMALL.replace(":source:", f":url: {address}\n:source:"), "small", "small.md")


SMALL = """\
```{lesson}
:title: A product
:source: A book, p. 7
```

Two numbers are *multiplied*.

```{graph}
a = 2
b = 5
c = a * b
```

```{forward}
:at: Fig 1
c = 11  # misprint: the 1 is a smudge
```

Go back **yourself**.

```{backward}
:answer: yes
```
"""

EXPORTED = r"""# A product

*A book, p. 7*

Two numbers are *multiplied*.

### What is given

```math
\begin{aligned}
a &= 2 \\[6pt]
b &= 5
\end{aligned}
```

> **Note.** Exact: nothing is rounded. Of a long number 12 digits are shown.

```mermaid
flowchart LR
    n0["a"]:::parameter
    n1["b"]:::parameter
    n2(["c = a*b"]):::computed
    n0 --> n2
    n1 --> n2
    classDef data fill:#eeeeee,stroke:#666666,color:#222222
    classDef parameter fill:#fff3cd,stroke:#8a6d00,color:#222222
    classDef computed fill:#e3f2fd,stroke:#1565c0,color:#222222
```

### Forward 1 of 1: c

*Fig 1*

```math
\begin{aligned}
c &= a \cdot b \\[6pt]
&= 2 \cdot 5 \\[6pt]
&= 10
\end{aligned}
```

### Forward, all together

| node | formula | value |
| --- | --- | --- |
| [c](#forward-1-of-1-c) | a\*b | 10 |

> **Misprint.** c is printed as 11; worked out it is 10: the 1 is a smudge.

Go back **yourself**.

<details>
<summary>The answer</summary>

### Backward 1 of 1: through c

```math
\begin{aligned}
&\text{upstream}& \frac{\partial c}{\partial c} &= 1 \\[15pt]
&\text{local}& \frac{\partial c}{\partial a} &= b \\[9pt]
&& &= 5 \\[12pt]
&\text{product}& \frac{\partial c}{\partial a} &= \text{upstream} \cdot \text{local} \\[9pt]
&& &= 1 \cdot 5 \\[6pt]
&& &= 5
\end{aligned}
```

```math
\begin{aligned}
&\text{local}& \frac{\partial c}{\partial b} &= a \\[9pt]
&& &= 2 \\[12pt]
&\text{product}& \frac{\partial c}{\partial b} &= \text{upstream} \cdot \text{local} \\[9pt]
&& &= 1 \cdot 2 \\[6pt]
&& &= 2
\end{aligned}
```

### Backward, all together

| node | upstream | local gradient | product |
| --- | --- | --- | --- |
| [c → a](#backward-1-of-1-through-c) | 1 | 5 | 5 |
| [c → b](#backward-1-of-1-through-c) | 1 | 2 | 2 |

</details>
"""


def test_a_small_lesson_is_exported_like_this():
    assert exported(read(SMALL, "small", "small.md")) == EXPORTED


MATRICES = r"""{\partial W} &= \text{upstream} \cdot \text{local} \\[9pt]
&& &= \frac{\partial \mathit{Cost}}{\partial Z} \cdot X^{\mathsf{T}} \\[9pt]
&& &= \begin{bmatrix} 0.031 & -0.02 & -0.03 & -0.018 \end{bmatrix} \cdot """ + (
    r"\begin{bmatrix} 0 & 0 \\ 0 & 1 \\ 1 & 0 \\ 1 & 1 \end{bmatrix} \\[24pt]"
)


def test_matrices_stand_in_square_brackets_side_by_side():
    assert MATRICES in exported(load("or-batch"))


@pytest.mark.parametrize("name", LESSONS)
def test_prose_is_kept_verbatim_but_for_its_formulas(name):
    written = without_spans(exported(load(name)))
    for item in load(name).items:
        if isinstance(item, Passage):
            assert without_spans(item.text) in written


def without_spans(text: str) -> str:
    """A text with a dot for each code span, or formula."""
    return re.sub(r"(?<!`)\$?`[^`\n]+`\$?", "·", text)


def answers(markdown: str) -> list[str]:
    """What is folded away."""
    return re.findall(
        r"<details>\n<summary>The answer</summary>\n\n(.*?)\n\n</details>\n", markdown, re.DOTALL
    )


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("computational-graph", [r"Backward \d of \d: .*"]),
        ("or-one-example", [r"(Forward|Backward) \d of \d: .*"]),
        ("or-bias", [r"(Backward|Update) \d of \d \(iteration 2\): .*"]),
        ("or-batch", [r"Backward \d of \d \(iteration 2\): .*"]),
    ],
)
def test_the_answers_are_folded_away_and_only_they(name, folded):
    markdown = exported(load(name))
    found = answers(markdown)
    repeated = len(re.findall("<summary>The .* as above with other numbers</summary>", markdown))
    assert len(found) == len(folded) == markdown.count("<details>") - repeated
    assert markdown.count("<details>") == markdown.count("</details>")
    steps = [title for part in found for title in re.findall(r"^### (.*)", part, re.MULTILINE)]
    open_text = re.sub(r"<details>.*?</details>", "", markdown, flags=re.DOTALL)
    steps = [title for title in steps if not title.endswith("all together")]
    assert steps
    for title in steps:
        assert re.fullmatch(folded[0], title), title
    assert open_text.index("## Your turn") > 0
    assert (
        "### "
        not in open_text[open_text.index("## Your turn") :]
        .replace("### What is given", "")
        .replace("### Where rounding changed a digit", "")
        or name == "computational-graph"
    )


def tables(markdown: str) -> list[list[int]]:
    """For each table, the number of cells in each of its rows."""
    text = re.sub(r"^(```+|~~~+).*?^\1$", "", markdown, flags=re.DOTALL | re.MULTILINE)
    found = re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE)
    return [
        [len(re.split(r"(?<!\\)\|", row.strip().strip("|"))) for row in table.strip().split("\n")]
        for table in found
    ]


@pytest.mark.parametrize("name", LESSONS)
def test_every_row_of_a_table_has_as_many_cells_as_its_head(name):
    found = tables(exported(load(name)))
    assert found
    assert all(len(set(row)) == 1 for row in found)


def test_a_row_with_a_bar_too_many_would_be_noticed():
    assert tables("| a | b |\n| --- | --- |\n| 1 | 2 | 3 |\n") == [[2, 2, 3]]
    assert tables("| a | b |\n| --- | --- |\n| 1 \\| 2 | 3 |\n") == [[2, 2, 2]]


def test_a_bar_in_a_cell_is_no_border():
    rows = ((Word("a | b"), Word("c")),)
    page = Page("", (Table("", ("x", "y"), rows, ("plain", "plain")),))
    assert tables(to_markdown(Document("", (page,)))) == [[2, 2, 2]]


# nothing is taken for markup


SIGNS = [
    "<script>alert(1)</script>",
    "<b>bold</b> & <!-- hidden -->",
    "a | b || c",
    "2 * 3 * 4 and *five*",
    "_x_ and __y__ and x_1_2",
    "`code` and ``more``",
    "~~gone~~",
    "&amp; and &lt;",
    r"a \* b and \\ and \n",
    "[a](http://b.example) and ![c](d)",
    "[red] and W[1]",
    "![",
    "1. one",
    "a - b -- c",
]


def tricky(words: str) -> str:
    """A lesson that says these words wherever words can be said."""
    return (
        f"```{{lesson}}\n:title: {words}\n:source: {words}\n```\n"
        f"```{{graph}}\n# {words}\na = 2  # {words}\nc = a * 3\n```\n"
        f"```{{forward}}\n:at: {words}\n# {words}\nc = 7  # misprint: {words}\nc = 6  # {words}\n"
        "```\n"
    )


def shown(markdown: str) -> str:
    """What a reader sees: rendered, tags taken away."""
    rendered = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown)
    return html.unescape(re.sub(r"<[^>]*>", "", rendered))


@pytest.mark.parametrize("words", SIGNS)
def test_words_come_out_as_they_were_written(words):
    markdown = exported(read(tricky(words), "tricky", "tricky.md"))
    assert shown(markdown).count(words) == 8
    assert all(len(set(row)) == 1 for row in tables(markdown))


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("> **Note.** <script>alert(1)</script>", "<script>alert(1)</script>"),
        ("# 2 * 3 * 4 and *five*", "2 * 3 * 4 and *five*"),
        ("[a](b)", "[a](b)"),
        ("~~gone~~", "~~gone~~"),
    ],
)
def test_words_taken_for_markup_would_be_noticed(markdown, words):
    assert words not in shown(markdown)


def test_a_dollar_never_opens_mathematics():
    markdown = exported(read(tricky("$x$ costs $5"), "tricky", "tricky.md"))
    assert markdown.count(r"\$x\$ costs \$5") == 8
    assert not re.search(r"(?<!\\)\$", markdown)


# the labels of a graph


LABELS = [
    'said "so"',
    "a # b and #35; and #quot;",
    "<b>bold</b> and <br/> and <script>",
    "1 < 2 > 0",
    "&amp; and &lt;b&gt;",
    r"C:\new \n \u0041",
    "`code` and $$x$$",
    "[a] (b) {c} |d| a --> b",
    "%% no comment; and end",
]


def labelled(words: str) -> str:
    """The flowchart of a graph that says these words in its nodes."""
    nodes = (Node("a", Word(words), "data"), Node("b", Word(words), "computed"))
    edges = (Edge("a", "b", Word(words), Word(words)),)
    return flowchart(Graph(nodes, edges, Word(words)), longest=99) + "\n"


LABEL = re.compile(r' {4}(?:n\d(?:\["|\(\[")|n\d -->\|")([^"]*)(?:"\]|"\]\)|"\|) ?(?::::\w+|n\d)')


def labels(flowchart: str) -> list[list[str]]:
    """The lines of each label, as Mermaid reads them: #name; and #35; are entities of HTML."""
    drawn = [line for line in flowchart.split("\n")[1:] if '"' in line]
    raw = [LABEL.fullmatch(line)[1] for line in drawn]
    assert not [label for label in raw if re.search(r"[\\`$<>]", label.replace("<br/>", ""))]
    return [
        [html.unescape(re.sub(r"#(\w+);", entity, line)) for line in label.split("<br/>")]
        for label in raw
    ]


def entity(found: re.Match) -> str:
    return f"&#{found[1]};" if found[1].isdecimal() else f"&{found[1]};"


@pytest.mark.parametrize("words", LABELS)
def test_a_label_of_a_graph_says_what_was_said_and_nothing_in_it_is_taken_for_markup(words):
    assert labels(labelled(words)) == [[f"a = {words}"], [f"b = {words}"]]


TWICE = "a = 3; c = a*a"


def test_a_value_that_is_used_twice_has_an_arrow_for_each_use():
    markdown = to_markdown(explain_trace(work(graph(TWICE))))
    (chart,) = [text for kind, text in blocks(markdown) if kind == "mermaid"]
    assert labels(chart)[2:] == [["first use"], ["second use"]]
    assert "| [c → a, first use](#backward-1-of-2-through-c) | 1 | 3 | 3 |" in markdown
    assert "| [c → a, second use](#backward-1-of-2-through-c) | 1 | 3 | 3 |" in markdown


def flowcharts(lesson: str) -> list[str]:
    return [text for kind, text in blocks(exported(load(lesson))) if kind == "mermaid"]


def test_a_flowchart_says_names_and_shapes_and_stands_there_once():
    bare, forward = flowcharts("or-batch")
    assert ["Z = W · X + b"] in labels(bare)
    assert ["Z = W · X + b", "(1 × 4)"] in labels(forward)
    assert ["X", "(2 × 4)"] in labels(forward)
    assert "0.646" not in forward


def test_a_weight_is_named_on_its_edge():
    _, chart = flowcharts("or-one-example")
    assert ["· w1"] in labels(chart)


def test_a_flowchart_that_would_be_wide_goes_down():
    assert flowcharts("computational-graph")[0].startswith("flowchart LR")
    assert flowcharts("xor-hidden-layer")[1].startswith("flowchart TD")


def test_what_is_used_once_is_not_counted():
    markdown = to_markdown(explain_trace(work(graph("a = 3; b = 2; c = a*b; d = c + a"))))
    assert "use<br/>" not in markdown
    assert ", first use" not in markdown


# the parsers that GitHub uses


def hidden() -> str:
    program = net(
        "3 sigmoid, 1 sigmoid",
        X=[[0, 0, 1, 1], [0, 1, 0, 1]],
        Y=[[0, 1, 1, 0]],
        W=[[[0.1, 0.6], [0.2, 0.4], [0.3, 0.7]], [[0.1, 0.4, 0.9]]],
        b=[0, 0],
        learning_rate=1,
    )
    return to_markdown(explain_trace(work(program, "carry 3", iterations=2)))


def large() -> str:
    i, j, m = np.ogrid[:30, :40, :12]
    program = net(
        "30 tanh, 1 sigmoid",
        X=(j * m % 7 / 10)[0],
        Y=m[0] % 2,
        W=[((i * j) % 19 - 9)[:, :, 0] / 10, (i % 5 - 2)[:, 0, :].T / 10],
        b=[0, 0.1],
        learning_rate=1e-9,
    )
    return to_markdown(explain_trace(work(program, "display 2")))


def outputs() -> str:
    weights = {f"w{n}{k}[1]": 0.1 * (n - k) for n in (1, 2) for k in (1, 2)}
    weights |= {f"w{n}{k}[2]": 0.2 * n - k for n in (1, 2) for k in (1, 2)}
    program = net("2 tanh, 2 sigmoid", view="scalar", x1=1, x2=-2, y1=0, y2=1, **weights)
    return to_markdown(explain_trace(work(program, "carry 3")))


FUNCTIONS = (
    "a = 2; b = 0.5; c = exp(a) / b; d = log(c) - a**3; f = max(d, -b); g = tanh(f * 0.1); "
    "h = sigma(g) * b + a; k = h ** b; l = (k - c) / (a - b)"
)
NAMES = (
    "alpha = 1e-20; beta_1 = -3; loss_of_x = alpha * beta_1 + 1; yhat = sigmoid(loss_of_x); "
    "Yhat2 = yhat * 1e30; x_ = exp(-yhat); _y = x_ ** 2; sum = _y + Yhat2; end = sum - sum * _y"
)
DOCUMENTS = {
    **{
        name: lambda name=name: (walkthroughs() / "solutions" / f"{name}.md").read_text("utf-8")
        for name in SOLUTIONS
    },
    "or-batch, exact": lambda: exported(load("or-batch"), Pen("exact")),
    "or-bias, two figures": lambda: exported(load("or-bias"), Pen("carry", 2, significant=True)),
    "a hidden layer": hidden,
    "a large network": large,
    "two outputs": outputs,
    "every function": lambda: to_markdown(explain_trace(work(graph(FUNCTIONS)))),
    "a value used twice": lambda: to_markdown(explain_trace(work(graph(TWICE)))),
    "odd labels": lambda: "".join(f"```mermaid\n{labelled(words)}```\n" for words in LABELS),
    "odd names": lambda: to_markdown(explain_trace(work(graph(NAMES)))),
    "words that look like markup": lambda: "".join(
        exported(read(tricky(words), "tricky", "tricky.md")) for words in SIGNS
    ),
}
REFUSED = {
    "a brace that is not closed": ("math", r"\frac{1}{2"),
    "an unknown command": ("math", r"\begin{aligned} a &= \nonsense \end{aligned}"),
    "a column too many": ("math", r"\begin{aligned} \end{bmatrix}"),
    "an arrow into nothing": ("mermaid", "flowchart LR\n    a -->"),
    "a bracket that is not closed": ("mermaid", 'flowchart LR\n    a["x"'),
    "no diagram": ("mermaid", "this is prose"),
}


@functools.cache
def document(name: str) -> str:
    return DOCUMENTS[name]()


def blocks(markdown: str) -> list[tuple[str, str]]:
    """Every math block and every flowchart, by the fences of the file."""
    return re.findall(r"^```(math|mermaid)\n(.*?)^```$", markdown, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def faults() -> dict[str, list[str]]:
    """What KaTeX and Mermaid refuse, by document: all of them in one run of node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: KaTeX and Mermaid need Node.js 20 or later")
    if not (NODE / "node_modules" / "mermaid").is_dir():
        pytest.skip("run 'npm install --no-package-lock' in tests/node for KaTeX and Mermaid")
    asked = [
        {"kind": kind, "text": text, "where": name}
        for name in DOCUMENTS
        for kind, text in blocks(document(name))
    ]
    asked += [{"kind": kind, "text": text, "where": name} for name, (kind, text) in REFUSED.items()]
    run = subprocess.run(
        [node, "check.mjs"],
        cwd=NODE,
        input=json.dumps(asked),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    found: dict[str, list[str]] = {}
    for fault in json.loads(run.stdout):
        found.setdefault(fault["where"], []).append(fault["message"])
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_katex_and_mermaid_read_every_block(name, faults):
    assert blocks(document(name))
    assert faults.get(name, []) == []


@pytest.mark.parametrize("name", REFUSED)
def test_katex_and_mermaid_refuse_what_is_broken(name, faults):
    assert len(faults[name]) == 1


@pytest.mark.parametrize("name", LESSONS)
def test_every_step_has_its_mathematics_and_every_phase_its_picture(name):
    kinds = [kind for kind, _ in blocks(exported(load(name)))]
    markdown = exported(load(name))
    assert kinds.count("math") + kinds.count("mermaid") == len(
        re.findall(r"^```m", markdown, re.MULTILINE)
    )
    steps = len(re.findall(r"^### \w+ \d+ of \d+", markdown, re.MULTILINE))
    phases = len(re.findall(r"^### (Forward|Backward).*all together", markdown, re.MULTILINE))
    given = markdown.count("### What is given")
    assert kinds.count("math") >= steps + given
    drawn, _ = with_pictures(told(name), "p")
    assert drawn.count("![The graph of") == phases + given


COMMANDS = {
    "begin", "end", "frac", "cdot", "odot", "circ", "sum", "left", "right", "partial", "hat",
    "mathit", "mathsf", "text", "times", "quad", "qquad", "sigma", "alpha",
    "tanh", "sin", "cos", "tan", "exp", "ln", "log", "max", "ge", "cdots", "sim", "mathrm",
    "operatorname", "ldots", "vdots", "small", "lvert", "rvert", "sqrt", "mathbf", "min", "beta",
    "Gamma", "Delta", "Theta", "Lambda", "Sigma", "Phi", "Omega",
    "gamma", "delta", "epsilon", "eta", "theta", "lambda", "mu", "pi", "rho", "tau", "phi",
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_only_commands_are_used_that_mathjax_knows_without_extensions(name):
    used = {
        command
        for kind, text in blocks(document(name))
        if kind == "math"
        for command in re.findall(r"\\([a-zA-Z]+)", text)
    }
    assert used <= COMMANDS | {"beta"}
