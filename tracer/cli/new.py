"""`tracer new`: a lesson to begin with, a short one that holds or a copy of one of ours."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click

from tracer.cli.output import write_out
from tracer.cli.parameters import command, lessons, output_option
from tracer.errors import OutputError, TracerError
from tracer.errors.controls import in_a_line, visible
from tracer.lesson.directive import Directive
from tracer.lesson.home import load, text_of

FIRST = """\
```{lesson}
:title: <title>
:source: my notes
:rounding: carry 3
```

<!-- What stands between these signs is for you, who write the lesson: no page shows it.

The block above opens every lesson. Its title heads the first page, its source says where the
numbers are printed, and its rounding is the author's: with `carry 3` each result is written with
three decimals, and the written number is used next. Others are `display 3`, which rounds on the
page only, and `exact`. What stands between the blocks is Markdown, and yours to write. Whatever
else may stand in a lesson, `tracer reference` says. -->

One neuron with two weights is shown one example.

<!-- In the next block, `:view: scalar` gives every weight a node of its own, for one example;
without it `X`, `Y`, `W` and `b` are matrices, for a batch. `:layers:` has one neuron here; two
layers are written as in `3 sigmoid, 1 sigmoid`. `:loss:` is what the gradients are of, and
`:learning-rate:` the size of a step. Below the settings stands what is given, a value to a line:
the inputs, the right answer, and the weights to begin with. What stands behind a # is a remark,
and the page shows it. -->

```{network}
:view: scalar
:layers: 1 sigmoid
:loss: squared error
:learning-rate: 1
x1 = 1
x2 = 0.5
y = 1
w1 = 0.4  # a first guess
w2 = -0.2
```

<!-- This block works every value out. Its lines are the numbers that were printed, and
`tracer check` compares each with the one worked out. `:at:` says where they were printed. -->

```{forward}
:at: page 1
z = 0.3
yhat = 0.574
L = 0.091
```

<!-- Here every gradient follows: of the loss with respect to each weight. -->

```{backward}
dL/dw1 = -0.104
dL/dw2 = -0.052
```

<!-- The last block moves each weight against its gradient; a second `{forward}` behind it would be
the next iteration. -->

```{update}
w1 = 0.504
w2 = -0.148
```
"""


@command("new", "tracer new my-lesson", "tracer new my-xor --from xor-hidden-layer")
@click.argument("name", help="The lesson's name, or the path of its file, ending in .md.")
@click.option(
    "--from", "model", metavar="LESSON", shell_complete=lessons, help="A lesson to begin with."
)
@output_option("Where to; - for standard output.", "NAME.md")
def new(name: str, model: str | None, output: str | None) -> None:
    """Begin a lesson of your own.

    It is a short one that holds, with every line explained.
    """
    path = place(name)
    text = begun(title_of(path), model)
    if output == "-":
        write_out(text)
        return
    path = Path(output) if output else path
    write_new(path, text)
    print(visible(next_steps(path)))


def place(name: str) -> Path:
    """The file of a new lesson: NAME.md in this folder, or the path as it was given.

    >>> place("my-lesson").name, place("lessons/or.md").name
    ('my-lesson.md', 'or.md')

    Raises TracerError for what is neither a name nor the path of a Markdown file.
    """
    if Path(name).suffix == ".md":
        return Path(name)
    if re.fullmatch(r"\w[\w-]*", name):
        return Path(f"{name}.md")
    raise TracerError(
        f"{name!r} is no name for a lesson, expected such as my-lesson or ./lessons/my-lesson.md"
    )


def title_of(path: Path) -> str:
    """A title from the name of a file.

    >>> title_of(Path("my-first-lesson.md"))
    'My first lesson'
    """
    words = in_a_line(" ".join(re.split(r"[\s_-]+", path.stem)).strip())
    return words[:1].upper() + words[1:] or "A lesson"


def begun(title: str, model: str | None = None) -> str:
    """The text of a new lesson: a short one, or that of another lesson, which it then names.

    >>> begun("My lesson").splitlines()[1]
    ':title: My lesson'

    Raises LessonError or UnknownName where there is no such other lesson.
    """
    if model is None:
        return FIRST.replace("<title>", title)
    lesson = load(model)
    opening = lesson.items[0]
    assert isinstance(opening, Directive)
    lines = text_of(Path(lesson.path)).splitlines()
    lines.insert(opening.line, f"# begun as a copy of the lesson {lesson.name}")
    return "\n".join(lines) + "\n"


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet; one that is stays as it was.

    Raises OutputError where it is there, or cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise OutputError("this is there already, expected a new file", str(path)) from None
    except OSError as error:
        raise OutputError(f"the file cannot be written: {error.strerror}", str(path)) from None


def next_steps(path: Path) -> str:
    """What one does with a new lesson.

    >>> print(next_steps(Path("my-lesson.md")))
    my-lesson.md is written. Next:
      tracer replay ./my-lesson.md
      tracer check ./my-lesson.md
    'tracer reference' says what may stand in a lesson.
    """
    named = shlex.quote(str(path) if path.parent != Path() else f"./{path}")
    return (
        f"{path} is written. Next:\n  tracer replay {named}\n  tracer check {named}\n"
        "'tracer reference' says what may stand in a lesson."
    )
