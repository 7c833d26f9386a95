"""The lines of a block: which go on in the next one, and the equation that each holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tracer.errors import LessonError
from tracer.lesson.directive import Line
from tracer.numbers.typed import refuse_list
from tracer.written.habits import setting_meant
from tracer.written.names import in_range

GOES_ON = "\\"
"A line that ends so goes on in the next."


class NoEquation(LessonError):
    """A line that neither sets nor equates anything."""


def whole_lines(lines: Sequence[str], number: int) -> Iterator[tuple[int, str]]:
    """The lines of a block, each with its number, after the ones that go on in the next are joined.

    A line goes on behind a backslash; and behind a comma or a semicolon, where the next one is
    indented more, or has neither a key nor a name of its own.
    """
    at = 0
    while at < len(lines):
        first, (text, remark) = at, _parted(lines[at])
        while text and at + 1 < len(lines) and _goes_on(text, lines[first], lines[at + 1]):
            at += 1
            more, said = _parted(lines[at])
            text = f"{text.removesuffix(GOES_ON).rstrip()} {more}"
            remark = " ".join(filter(None, (remark, said)))
        yield number + first, f"{text}  # {remark}" if remark else text
        at += 1


def _parted(line: str) -> tuple[str, str]:
    """What a line says, and the remark behind an equation."""
    line = line.strip()
    if line.startswith((":", "#")):
        return line, ""
    # c#2, the second use of c, is a name
    text, *remark = re.split(r"(?<!\w)#|#(?!\d)", line, maxsplit=1)
    return text.rstrip(), " ".join(remark).strip()


def _goes_on(text: str, first: str, following: str) -> bool:
    """Whether a line that begins with `first` and was read up to `text` goes on in the next one."""
    if text.startswith("#") or not following.strip():
        return False
    if text.endswith(GOES_ON):
        return True
    is_deeper = _indent(following) > _indent(first)
    begins = following.strip().startswith((":", "#")) or ("=" in following and not is_deeper)
    return text.endswith((",", ";")) and not begins


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def equations(text: str, line: int, path: str, keys: Sequence[str] = ()) -> Iterator[Line]:
    """The equation of a line; or those of a range of names, each with its number.

    `keys` are the settings of its block, one of which may have been meant.
    Raises LessonError for a line that is no equation.
    """
    found = _equation(text, line, path, keys)
    several = in_range(found.name) if ".." in found.name else [found.name]
    if len(several) == 1:
        yield found
        return
    numbers = found.text.replace(",", " ").replace(";", " ").split()
    if len(numbers) != len(several):
        raise LessonError(
            f"{found.name} is {len(several)} names, and {found.text!r} has {len(numbers)} "
            "numbers, expected one for each"
        )
    for name, one in zip(several, numbers, strict=True):
        yield replace(found, name=name, text=one)


def _equation(text: str, number: int, path: str, keys: Sequence[str]) -> Line:
    equation, remark = _parted(text)
    # patterns go through a run of spaces again and again, so that a long one would take for ever
    equation = " ".join(equation.split())
    # a colon in a name stands for a whole row or column
    match = re.fullmatch(r"((?:[^=:]|:(?=\s*[],]))+?)\s*(:?=)\s*(.+?)\s*", equation)
    if match:
        refuse_list(match[3])
    # a step that is named in a formula is refused, with its way out, where the formula is read
    if not match or "=" in match[3].replace(":=", ""):
        expected = with_colons(equation.strip(), keys) or "name = value"
        raise NoEquation(f"{equation.strip()!r} cannot be read, expected {expected!r}")
    line = Line(match[1], match[3], number, remark.strip(), match[2] == ":=", path)
    if line.dictated and not line.slip and line.given is None:
        raise LessonError(
            ":= dictates a number without a reason, expected '# slip: why' or '# given'"
        )
    if not line.dictated and line.given is not None:
        raise LessonError(
            "what is given in the middle is dictated with :=, expected 'name := number  # given'"
        )
    if not line.dictated and line.slip is not None:
        raise LessonError("a slip is dictated with :=, expected 'name := number  # slip: why'")
    if line.misprint == "" or line.slip == "" or line.remark.lower() in ("misprint", "slip"):
        raise LessonError("the remark gives no reason, expected '# misprint: why'")
    return line


def with_colons(text: str, keys: Sequence[str]) -> str | None:
    """The setting that is meant where a colon of its key is missing: `learning-rate: 1`."""
    match = re.fullmatch(r":?([A-Za-z][\w-]*):?\s+(?:=\s*)?([^=:\s].*)", text)
    return setting_meant(match[1], match[2], keys) if match else None
