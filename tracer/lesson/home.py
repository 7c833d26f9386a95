"""Where lessons are, and the text of their files."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from tracer.errors import Faults, LessonError, UnknownName, nearest
from tracer.lesson.directive import Lesson

LARGEST = 1_000_000
"The most bytes a lesson may have."
INDEX, REFERENCE = "README.md", "FORMAT.md"
"What stands beside the lessons and is none: the course's index, and the reference of the format."
SOLUTIONS = "solutions"
"The folder of the lessons' exports."
STDIN = "stdin"
"What standard input is called in a fault, and the lesson that is read from it."


def walkthroughs() -> Path:
    """Where the lessons are: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parents[1]
    packaged = package / "walkthroughs"
    return packaged if packaged.is_dir() else package.parent / "walkthroughs"


def lesson_names() -> list[str]:
    """The names of the lessons, by the alphabet; none of them is read for it."""
    names = {path.stem for path in walkthroughs().glob("*.md")}
    return sorted(names - {Path(INDEX).stem, Path(REFERENCE).stem})


def course() -> list[Lesson]:
    """All lessons in course order."""
    found = [load(walkthroughs() / f"{name}.md") for name in lesson_names()]
    return sorted(found, key=lambda lesson: (lesson.order, lesson.name))


def load(name: str | Path, faults: Faults | None = None) -> Lesson:
    """A lesson by its name, by the path of its file, or from standard input for `-`.

    >>> load("or-batch").title
    'The OR gate, a batch of four'

    Raises LessonError, with file and line, for a lesson that is not valid, and UnknownName for a
    name that no lesson has. What cannot be read is kept in `faults`, where they are given.
    """
    from tracer.lesson.reading import read  # a list of names needs no parser of Markdown

    if name == "-":
        return read(_text(None), STDIN, STDIN, faults)
    path = Path(name)
    if isinstance(name, Path) or path.suffix == ".md" or "/" in name or os.sep in name:
        return read(_text(path), path.stem, str(path), faults)
    home = walkthroughs()
    if (
        len(str(name)) > 100
        or not re.fullmatch(r"[\w-]+", str(name))
        or not (home / f"{name}.md").is_file()
    ):
        raise UnknownName(
            f"there is no lesson {str(name)[:100]!r}; {nearest(str(name), lesson_names())} "
            "A file of your own is named by its path, as in ./my-lesson.md"
        )
    path = home / f"{name}.md"
    return read(_text(path), path.stem, _short(path), faults)


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _text(path: Path | None) -> str:
    text = text_of(path)
    if not text.strip():
        raise LessonError(
            "the file is empty, expected a ```{lesson} block", STDIN if path is None else str(path)
        )
    return text


def text_of(
    path: Path | None,
    expected: str = "a lesson, a Markdown file",
    most: int = LARGEST,
    instead: str = "'tracer list' names the lessons",
) -> str:
    """The text of a file of at most so many bytes; without a path, that of standard input.

    Raises LessonError for a file that cannot be read, is too large, or is not UTF-8; `instead` is
    the way out where there is none.
    """
    where = STDIN if path is None else str(path)
    try:
        if path is not None and path.is_dir():
            raise LessonError(f"this is a folder, expected {expected}", where)
        content = _bytes(path, most + 1)
    except FileNotFoundError:
        raise LessonError(f"there is no such file; {instead}", where) from None
    except OSError as error:
        raise LessonError(f"the file cannot be read: {error.strerror}", where) from None
    if len(content) > most:
        raise LessonError(f"the file is larger than {most:,} bytes, expected {expected}", where)
    if b"\0" in content:
        raise LessonError("the file is not UTF-8 text; save it as UTF-8", where)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise LessonError(
            "the file is not UTF-8 text; save it as UTF-8", f"{where}:{line}"
        ) from None


def _bytes(path: Path | None, most: int) -> bytes:
    if path is not None:
        with path.open("rb") as file:
            return file.read(most)
    if sys.stdin is None:
        return b""
    if hasattr(sys.stdin, "buffer"):
        return sys.stdin.buffer.read(most)
    return sys.stdin.read(most).encode("utf-8", "surrogatepass")
