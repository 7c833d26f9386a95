"""What a lesson can be written as, in one register: a row for each, and what writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING

from tracer.errors import OutputError
from tracer.lesson.home import INDEX, SOLUTIONS, course, walkthroughs

if TYPE_CHECKING:
    from tracer.lesson.directive import Lesson
    from tracer.lesson.solution import Solution
    from tracer.page.detail import Detail


@dataclass(frozen=True)
class Export:
    """What is written of a lesson."""

    text: str
    beside: Mapping[str, str] = field(default_factory=dict)
    "files that go with it, by their names, which begin with that of the text's file"
    advice: str = ""
    "how to get what is missing in it, for the one who writes it and not for its readers"


@dataclass(frozen=True)
class Output:
    """One form in which a lesson is written."""

    suffix: str
    "how the name of its file ends"
    write: Callable[[Solution, Path | None, Detail], Export]
    "of a lesson worked out, for a file, in full or in short; without a file, the text alone"


def _markdown(solution: Solution, file: Path | None, detail: Detail) -> Export:
    """The worked solution."""
    from tracer.lesson.solution import explain
    from tracer.render.markdown import advice, with_pictures

    document, stem = explain(solution, detail), file.stem if file else None
    text, pictures = with_pictures(document, stem)
    return Export(text + ways_on(solution.lesson, file), pictures, advice(document, stem))


def _json(solution: Solution, file: Path | None, detail: Detail) -> Export:
    """Everything that was written down, with the pages."""
    from tracer.lesson.solution import explain
    from tracer.record.encoding import encode
    from tracer.record.make import record

    return Export(encode(record(solution, explain(solution, detail))))


OUTPUTS = {"markdown": Output(".md", _markdown), "json": Output(".json", _json)}
"The first is written unless another is asked for."


def output_for(file: Path | None, form: str | None) -> Output:
    """The output that is asked for, by its name, by the suffix of its file, or by both.

    >>> output_for(Path("or-batch.json"), None).suffix, output_for(None, None).suffix
    ('.json', '.md')

    Raises OutputError for a suffix that no output has, or another than that of the form.
    """
    suffix = file.suffix.lower() if file else ""
    by_suffix = {output.suffix: name for name, output in OUTPUTS.items()}
    named = by_suffix.get(suffix)
    if suffix and named is None:
        there = " or ".join(f"{one} for {name}" for one, name in by_suffix.items())
        raise OutputError(f"no output has the suffix {suffix!r}, expected {there}", str(file))
    if form and named not in (None, form):
        meant = OUTPUTS[form].suffix
        raise OutputError(
            f"{suffix} is {named}, and --format says {form}; name the file *{meant} or leave "
            "--format out",
            str(file),
        )
    return OUTPUTS[form or named or next(iter(OUTPUTS))]


def ways_on(lesson: Lesson, file: Path | None) -> str:
    """Links from a page of the course to its neighbours; nothing where they would lead nowhere."""
    from tracer.render.markdown import escape

    home, name = walkthroughs(), f"{lesson.name}.md"
    place = [realpath(home / name), realpath(home / SOLUTIONS / name)]
    if file is None or [realpath(lesson.path), realpath(file)] != place:
        return ""
    lessons = course()
    here = [one.name for one in lessons].index(lesson.name)
    links = [f"[← {escape(one.title)}]({one.name}.md)" for one in lessons[:here][-1:]]
    links.append(f"[The course](../{INDEX})")
    links += [f"[{escape(one.title)} →]({one.name}.md)" for one in lessons[here + 1 :][:1]]
    links.append(f"[the source of this page](../{name})")
    return f"\n---\n\n{' · '.join(links)}\n"
