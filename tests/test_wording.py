"""What nobody would write on paper stands on no page of a lesson."""

import io
import re
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from told import as_markdown, told

from tracer import graph, work
from tracer.cli import main
from tracer.lesson.home import course, load
from tracer.lesson.solution import explain, solve
from tracer.numbers.rounding import plain
from tracer.page.document import Derivation, Document, Heading, Note, Page, Prose, Table, Working
from tracer.page.notes import pen_in_words
from tracer.page.pages import explain_trace
from tracer.page.prose import prose_pages, with_formulas, with_what_gives_them_away
from tracer.page.worked import worked
from tracer.record import decode
from tracer.render.markdown import for_notebook, to_markdown
from tracer.render.terminal import Terminal, make_console
from tracer.written.latex import expression
from tracer.written.lines import working
from tracer.written.names import parse_name
from tracer.written.spoken import spoken
from tracer.written.text import text
from tracer.written.tree import Apply, Entry, Grid, Matrix, Sym, Word

LESSONS = [lesson.name for lesson in course()]


@cache
def document(name):
    """A lesson, explained."""
    return told(name)


@cache
def markdown(name):
    """The worked solution of a lesson, as Markdown."""
    return as_markdown(name)


@cache
def terminal(name):
    """A lesson as a terminal of 80 columns shows it."""
    console = make_console(file=io.StringIO(), width=80)
    for page in document(name).pages:
        Terminal(console).page(page)
    return console.file.getvalue()


def found(pattern, shown):
    """The lines in which a pattern is found."""
    return [line for line in shown.splitlines() if re.search(pattern, line)]


# lines that nobody would write

NUMBER = r"\d[\d.]*"
SILLY = {
    "an exponent that is not worked out": rf"\^\(?\{{?-?{NUMBER} - 1\b",
    "a zero with a sign": r"(?<![\w.])-0(?![.\d])|\^\{?-0(?![.\d])",
    "a minus behind another sign": r"([+·*⊙/]|cdot|odot) ?-[^>]",
}


@pytest.mark.parametrize("name", LESSONS)
@pytest.mark.parametrize("what", SILLY)
def test_no_line_of_a_lesson_has(what, name):
    for page in document(name).pages:
        for line in written(page):
            for said in (text(line), expression(line)):
                assert not re.search(SILLY[what], said), page.title


def written(page):
    """The lines on a page."""
    for block in page.blocks:
        match block:
            case Working(lines=lines):
                yield from lines
            case Derivation(lines=lines):
                yield from (line.expr for line in lines)
            case Table(rows=rows):
                yield from (cell for row in rows for cell in row if not isinstance(cell, Word))


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("a = 2; b = a**2", "2*a"),
        ("a = 2; b = a**3", "3 * a^2"),
        ("a = 2; b = a**-1", "-1 * a^(-2)"),
        ("a = 4; b = a**0.5", "0.5 * a^(-0.5)"),
        ("a = 2; n = 3; b = a**n", "n * a^(n - 1)"),
    ],
)
def test_an_exponent_less_one_is_worked_out_where_it_is_a_number(expression, said):
    local = work(graph(expression))["local db/da"]
    first, *_ = worked(local).lines
    assert text(first) == said


@pytest.mark.parametrize(("columns", "said"), [(1, ["[1]"]), (2, ["1", "[1  1]"])])
def test_a_one_is_not_said_to_be_a_matrix_of_it(columns, said):
    ones = Apply("ones", (Sym("q", (1, columns)),), (1, columns))
    shown = Matrix(np.ones((1, columns)), plain)
    lines = [text(line) for line in working(ones, {}, {}, shown)]
    assert list(dict.fromkeys(lines)) == said


# what is said once


@pytest.mark.parametrize("name", LESSONS)
def test_that_data_gets_no_gradient_is_said_once_a_lesson(name):
    for shown in (markdown(name), " ".join(terminal(name).split())):
        assert shown.count("which training does not change") <= 1
        assert shown.count("that is held fixed") <= 1


def test_a_note_names_all_the_data_that_no_gradient_is_sent_to():
    [said] = found("which training", markdown("xor-hidden-layer"))
    assert "No gradient is sent to Y, nor further back to X: that is data" in said


@pytest.mark.parametrize("name", LESSONS)
def test_no_two_steps_of_a_block_have_the_same_title(name):
    titles: list[str] = []
    for page in document(name).pages:
        if re.search(r" \d+ of \d+", page.title):
            titles.append(page.title.split(": ", 1)[1])
        else:
            assert len(set(titles)) == len(titles)
            titles = []


# a typed formula is one step, as a person treats it

GELU = """
x = 1 2
y = 1 0
w = 0.3
z = w*x
a = z/2*(1 + erf(z/sqrt(2)))
p = 1/(1 + exp(-a))
L = -mean(y*log(p) + (1 - y)*log(1 - p))
"""


def steps(equations, **given):
    """The titles of the steps of some equations, forward and backward, and their pages."""
    trace = work(graph(equations, **given))
    pages = explain_trace(trace.tape).pages
    return trace, {page.title: page for page in pages if re.search(r" \d+ of", page.title)}


def test_the_parts_of_a_typed_loss_have_no_steps_of_their_own():
    _, found = steps(GELU, data=["x", "y"])
    assert [title.split(": ")[1] for title in found] == [
        "z", "a", "p", "L",
        "through L", "the sum at p", "through p = σ(a)", "through a", "the sum at z", "through z",
    ]  # fmt: skip
    names = [b.name for b in found["Forward 4 of 4: L"].blocks if isinstance(b, Working)]
    assert names == [*(f"L.{k}" for k in range(1, 9)), "L"]


def test_it_begins_with_its_formula():
    _, found = steps(GELU, data=["x", "y"])
    [whole] = [b for b in found["Forward 4 of 4: L"].blocks if isinstance(b, Derivation)]
    assert text(whole.left) == "L"
    assert text(whole.lines[0].expr) == "-1/2 Σ (y ⊙ log(p) + (1 - y) ⊙ log(1 - p))"


@pytest.mark.parametrize("constant", ["dL/da.2", "da.3/da.2", "dL/dL.3"])
def test_no_gradient_is_sent_to_a_constant_in_a_formula(constant):
    trace, found = steps(GELU, data=["x", "y"])
    assert constant not in trace
    assert "dL/da.3" in trace
    assert "held fixed" not in str(found)


# where it is said


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_begins_with_its_first_sentence(name):
    title, *rest = document(name).pages[0].blocks
    assert isinstance(title, Heading)
    assert all(isinstance(block, Prose) for block in rest)


@pytest.mark.parametrize("name", LESSONS)
def test_how_numbers_are_written_stands_once_where_they_are_given(name):
    heading = Heading("What is given", 3)
    pages = [page for page in document(name).pages if heading in page.blocks]
    said = Note("Note", pen_in_words(load(name).pen))
    assert [page for page in document(name).pages if said in page.blocks] == pages[:1]


# what is folded as an answer


@pytest.mark.parametrize("name", LESSONS)
def test_behind_an_answer_comes_no_prose_without_a_heading(name):
    parts = list(document(name).parts)
    for (summary, _), (_, behind) in pairwise(parts):
        if summary == "The answer" and isinstance(first := behind[0].blocks[0], Prose):
            assert first.text.startswith("#")


def test_the_prose_behind_an_answer_belongs_to_it_in_every_output():
    shown, folded = "If you have done this by hand", markdown("xor-hidden-layer")
    assert shown in folded[folded.rindex("<details>") : folded.rindex("</details>")]
    [page] = [page for page in document("xor-hidden-layer").pages if shown in str(page.blocks)]
    assert page.answer


@pytest.mark.parametrize(
    ("text", "answers", "others"),
    [
        ("It is so.", ["It is so."], []),
        ("It is so.\n\n### Next\n\nMore.", ["It is so."], ["### Next\n\nMore."]),
        ("# Next\n\nMore.", [], ["# Next\n\nMore."]),
        ("```\n# no heading\n```", ["```\n# no heading\n```"], []),
        ("One.\n\n## Two\n\nTwo.", ["One."], ["## Two\n\nTwo."]),
    ],
)
def test_up_to_the_next_heading(text, answers, others):
    asked = Page("", (Prose("How much is it?"),))
    answer = Page("The step", (Heading("The step", 3),), answer=True)
    asked_again, _, *behind = with_what_gives_them_away([asked, answer, *prose_pages(text)])
    assert asked_again == asked
    assert [page.blocks[0].text for page in behind if page.answer] == answers
    assert [page.blocks[0].text for page in behind if not page.answer] == others


# what a long lesson folds away


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("or-batch", []),
        ("xor-hidden-layer", ["Forward 1 of 5 (iteration 2): Z[1]"]),
        (
            "learning-rate",
            [
                "Forward 1 of 3 (iteration 2): z",
                "Backward 1 of 3 (iteration 2): through L",
                "Update 1 of 1 (iteration 2): w1",
            ],
        ),
        ("batch-slow-and-fast", ["Forward 1 of 3: z", "Backward 1 of 3: through L"] * 3),
    ],
)
def test_a_long_lesson_folds_the_steps_that_it_repeats(name, folded):
    parts = document(name).parts
    assert [pages[0].title for summary, pages in parts if "as above" in summary] == folded


def test_what_the_folded_steps_come_to_stays_open():
    _, *behind = markdown("xor-hidden-layer").split("The 5 steps, as above with other numbers")
    folded, _, open_ = behind[0].partition("</details>")
    assert [line for line in folded.splitlines() if line.startswith("### ")] == [
        f"### Forward {k} of 5 (iteration 2): {value}"
        for k, value in enumerate(["Z[1]", "A[1]", "Z[2]", "Ŷ", "Cost"], 1)
    ]
    assert open_.lstrip().startswith("### Forward (iteration 2), all together")


@pytest.mark.parametrize("name", LESSONS)
def test_whatever_is_folded_is_closed_again(name):
    opened = re.findall("</?details>", markdown(name))
    assert opened == ["<details>", "</details>"] * (len(opened) // 2)


# how much is said


@pytest.mark.parametrize("name", ["or-batch", "xor-hidden-layer", "sequential-update"])
def test_in_short_a_working_is_formula_numbers_and_result(name):
    full, short = document(name), explain(solve(load(name)), "short")
    assert [page.title for page in full.pages] == [page.title for page in short.pages]
    for one, other in zip(workings(full), workings(short), strict=True):
        assert len(other.lines) <= 3
        assert other.lines[-1] == one.lines[-1]
        assert set(map(text, other.lines)) <= set(map(text, one.lines))


def test_in_short_a_sigmoid_is_three_lines():
    short = explain(solve(load("or-one-example")), "short")
    said = next(one for one in workings(short) if one.name == "yhat")
    assert list(map(text, said.lines)) == ["1/(1 + e^-z)", "1/(1 + e^0)", "0.5"]


def workings(document):
    """Everything that is worked out in a document."""
    return [b for page in document.pages for b in page.blocks if isinstance(b, Working)]


@pytest.mark.parametrize(
    "command",
    [["replay", "--all"], ["replay", "--all", "--epoch", "1"], ["export"]],
    ids=" ".join,
)
def test_the_commands_say_as_much_as_they_are_asked_to(command, capsys):
    first, *options = command
    lengths = []
    for detail in ("short", "full"):
        assert main([first, "or-batch", *options, "--detail", detail]) == 0
        lengths.append(len(capsys.readouterr().out))
    assert main([first, "or-batch", *options]) == 0
    assert len(capsys.readouterr().out) == lengths[1] > lengths[0]


def test_a_recording_has_what_was_asked_for(tmp_path):
    path = tmp_path / "or.json"
    options = ["--format", "json", "--detail", "short", "-o", str(path)]
    assert main(["export", "or-batch", *options]) == 0
    recorded = decode(path.read_text("utf-8"), "or.json")
    said = explain(solve(load("or-batch")), "short")
    assert [page.blocks for page in recorded.pages] == [page.blocks for page in said.pages]


# one notation


@pytest.mark.parametrize("name", LESSONS)
def test_an_entry_is_called_alike_wherever_it_stands(name):
    for page in document(name).pages:
        for line in written(page):
            for symbol in entries(line):
                typed = parse_name(text(symbol))
                assert typed.single == (symbol.row, symbol.column)
                assert str(typed.whole) == symbol.name


def entries(line):
    """The symbols of entries in a line."""
    rows = (*line.cells, *line.symbols) if isinstance(line, Grid) else ()
    return [cell for row in rows for cell in row if isinstance(cell, Entry)]


OR = ["W", "X", "b", "Z", "Yhat", "Y", "Cost", "alpha", "lambda"]


@pytest.mark.parametrize(
    ("said", "shown", "typeset"),
    [
        ("W", "W", "W"),
        ("z", "z", "z"),
        ("x1", "x1", "x_{1}"),
        ("Ŷ", "Ŷ", r"\hat{Y}"),
        ("∂Cost/∂W", "∂Cost/∂W", r"\frac{\partial \mathit{Cost}}{\partial W}"),
        ("dCost/dW", "∂Cost/∂W", r"\frac{\partial \mathit{Cost}}{\partial W}"),
        ("Ŷ ⊙ (1 - Ŷ)", "Ŷ ⊙ (1 - Ŷ)", r"\hat{Y} \odot \left(1 - \hat{Y}\right)"),
        ("W·X + b", "W · X + b", r"W \cdot X + b"),
        ("1/(2m)", "1/(2*m)", r"\frac{1}{2 \cdot m}"),
        ("-1/m · Y", "-1/m · Y", r"-\frac{1}{m} \cdot Y"),
        ("Σ (Y - Ŷ)² + b", "Σ (Y - Ŷ)^2 + b", r"\sum \left(Y - \hat{Y}\right)^{2} + b"),
        ("y⁽ⁱ⁾ - ŷ⁽ⁱ⁾", "y(i) - ŷ(i)", r"y^{(i)} - \hat{y}^{(i)}"),
        ("Z = 4", "Z = 4", "Z = 4"),
        ("a = σ(z)", None, None),
        ("0.20 * 2", "0.20*2", r"0.20 \cdot 2"),
        ("λ/m", "λ/m", r"\frac{\lambda}{m}"),
        ("e^(-z)", "e^-z", "e^{-z}"),
        ("tanh(z)", "tanh(z)", r"\tanh\left(z\right)"),
    ],
)
def test_a_formula_in_prose_is_read(said, shown, typeset):
    means = spoken(said, OR)
    assert (means and text(means)) == shown
    assert (means and expression(means)) == typeset


@pytest.mark.parametrize(
    "said",
    [
        "tracer replay or-batch", "keepdims=True", "backward(upstream_grad)", "-0.038", "0.20",
        "0 0 1", "(1 × 2) · (2 × 4)", "(i)", "dW", "linear.dW", "W1", "A_prev", "sigmoid", ":=",
        "W := W - α · ∂Cost/∂W", "g / √n", "O(m)", "∘2", "e", "⊙", "predict(X, Y)", "params['W']",
        "", "=", "W =", "(", "x" * 3000,
    ],
)  # fmt: skip
def test_what_is_no_formula_of_the_lesson_stays_code(said):
    assert spoken(said, OR) is None


def test_a_formula_in_prose_is_typeset_where_the_output_can():
    page = Page("", (Prose("The `dCost/dW` of `tracer`, and `W`s.\n\n```\nZ = `W`\n```"),))
    [made] = with_formulas([page], ["Cost", "W"])
    shown = Document("", (made,))
    fenced = "`W`s.\n\n```\nZ = `W`\n```\n"
    gradient = r"\frac{\partial \mathit{Cost}}{\partial W}"
    assert to_markdown(shown) == f"The $`{gradient}`$ of `tracer`, and {fenced}"
    assert for_notebook(shown) == f"The ${gradient}$ of `tracer`, and {fenced}"
    console = make_console(file=io.StringIO(), width=80)
    Terminal(console).page(made)
    assert "The ∂Cost/∂W of tracer" in console.file.getvalue()


@pytest.mark.parametrize("name", LESSONS)
def test_a_formula_in_a_sentence_stands_on_one_line_in_its_own_signs(name):
    prose = re.sub(r"(?ms)^```.*?^```$", "", markdown(name))
    for formula in re.findall(r"\$`(.*?)`\$", prose):
        assert "\n" not in formula
        assert not re.search(r"[`$|∂ŷŶα-ωΣ²·]", formula)
