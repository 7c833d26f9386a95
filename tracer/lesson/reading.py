"""A Markdown file to a Lesson; every fault with its line.

A lesson is prose with fenced blocks: the info string is a directive in braces, lines `:key: value`
are settings, every other line is an equation. Reading one needs no arithmetic and no NumPy.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tracer.controls import CONTROL, code_of, in_a_line
from tracer.errors import LessonError, TracerError, UnknownName, nearest, placed
from tracer.lesson.comments import without_comments
from tracer.numbers.rounding import Pen, parse_pen
from tracer.numbers.typed import parse_rows, refuse_list
from tracer.written.habits import key_meant, rounding_meant, setting_meant
from tracer.written.names import in_range

LARGEST = 1_000_000
"The most bytes a lesson may have."
LONGEST_SETTING = 5_000
"The most characters behind a key."
MOST_BLOCKS = 500
STDIN = "stdin"
"What standard input is called in a fault, and the lesson that is read from it."
_WRITTEN = ("at", "rounding", "places", "display")
_SHOWN = ("symbols", "answer")
BLOCKS: dict[str, tuple[str, ...]] = {
    "lesson": ("title", "source", "rounding", "order"),
    "network": (
        "view",
        "layers",
        "cost",
        "loss",
        "clip",
        "factor",
        "over-outputs",
        "over-examples",
        "beside",
        "l2",
        "learning-rate",
        "optimizer",
        "updates",
        "delta",
        "data-gradients",
        "examples",
        "weights",
        "biases",
        "names",
        "data",
        "features",
        "init",
        "parameters",
    ),
    "graph": (
        "learning-rate",
        "data",
        "data-gradients",
        "fixed",
        "names",
        "delta",
        "updates",
        "optimizer",
    ),
    "forward": (*_WRITTEN, *_SHOWN),
    "backward": (*_WRITTEN, "of", "contributions", *_SHOWN),
    "update": (*_WRITTEN, *_SHOWN),
    "train": (
        "epochs",
        "learning-rate",
        "batch-size",
        "shuffle",
        "log-every",
        "plot",
        "at",
        "answer",
    ),
    "paths": ("to", "at", "answer"),
    "shapes": ("target", "from", "at", "answer"),
    "derive": ("of", "wrt", "at", "answer"),
    "curve": ("from", "to", "wrt", "mark", "at", "answer"),
}
"Each block with its keys, in the order of the reference."
_NO_NUMBER = re.compile(r"[+-]?(nan|inf|infinity)\b", re.IGNORECASE)
GOES_ON = "\\"
"A line that ends so goes on in the next."
_VALUE = re.compile(r"[A-Za-zŶŷ](?:hat)?[\d_]*(?:\[[\d,]+\])*'?|Cost|[d∂]\w+(?:\[\d+\])?/[d∂]\w.*")
"What looks like the name of a value."
ASSERTING = ("forward", "backward", "update", "train")
"The blocks whose equations are printed numbers."
WITHOUT_EQUATIONS = {"lesson", "paths", "shapes"}


@dataclass(frozen=True)
class Line:
    """An equation of a block: `name = text  # remark`."""

    name: str
    text: str
    line: int
    remark: str = ""
    dictated: bool = False
    "written with := : what the author wrote instead of the right number"

    @property
    def repeats(self) -> str | None:
        """The name of the quantity whose numbers these are, where no number is printed."""
        if re.fullmatch(r"-?[A-Za-zŶŷα-ωΑ-Ω∂∇_].*", self.text) and not _NO_NUMBER.match(self.text):
            return self.text
        return None

    @property
    def misprint(self) -> str | None:
        """Why the printed number is wrong, where the remark declares it so."""
        return _reason(self.remark, "misprint")

    @property
    def slip(self) -> str | None:
        """Why the author wrote another number, where the remark declares it."""
        return _reason(self.remark, "slip")

    @property
    def given(self) -> str | None:
        """Where a number in the middle comes from, where the remark says it is given."""
        return "" if self.remark.strip().lower() == "given" else _reason(self.remark, "given")


@dataclass(frozen=True)
class Prose:
    """Markdown between blocks."""

    text: str
    line: int


@dataclass(frozen=True)
class Block:
    """A directive with its settings and equations."""

    kind: str
    line: int
    settings: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    remarks: tuple[str, ...] = ()
    "remarks that stand on lines of their own"
    setting_lines: Mapping[str, int] = field(default_factory=dict)

    def flag(self, key: str) -> bool:
        """Whether a yes-or-no setting says yes."""
        return self.settings.get(key, "no") == "yes"


@dataclass(frozen=True)
class Lesson:
    """A worked example: what to compute, what to say, and what its author printed."""

    name: str
    path: str
    title: str
    source: str
    pen: Pen
    order: int
    items: tuple[Prose | Block, ...]
    runs: dict[int, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    "the training of each {train} block, by its line, once it was carried out"

    def where(self, line: int) -> str:
        """A line of the lesson's file, as errors name it."""
        return f"{self.path}:{line}"

    @property
    def printed(self) -> int:
        """How many printed numbers the lesson asserts."""
        blocks = [item for item in self.items if isinstance(item, Block)]
        asserted = [
            line
            for block in blocks
            if block.kind in ASSERTING
            for line in block.lines
            if not line.dictated and not line.repeats
        ]
        return sum(len(row) for line in asserted for row in parse_rows(line.text))


def walkthroughs() -> Path:
    """Where the lessons are: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parents[1]
    packaged = package / "walkthroughs"
    return packaged if packaged.is_dir() else package.parent / "walkthroughs"


def course() -> list[Lesson]:
    """All lessons in course order."""
    found = [load(path) for path in sorted(walkthroughs().glob("*.md")) if path.stem != "README"]
    return sorted(found, key=lambda lesson: (lesson.order, lesson.name))


def load(name: str | Path) -> Lesson:
    """A lesson by its name, by the path of its file, or from standard input for `-`.

    >>> load("or-batch").title
    'The OR gate, a batch of four'

    Raises LessonError, with file and line, for a lesson that is not valid, and UnknownName for a
    name that no lesson has.
    """
    if name == "-":
        return read(_text(None), STDIN, STDIN)
    path = Path(name)
    if isinstance(name, Path) or path.suffix == ".md" or "/" in name or os.sep in name:
        return read(_text(path), path.stem, str(path))
    home = walkthroughs()
    if (
        len(str(name)) > 100
        or not re.fullmatch(r"[\w-]+", str(name))
        or not (home / f"{name}.md").is_file()
    ):
        known = sorted(p.stem for p in home.glob("*.md") if p.stem != "README")
        raise UnknownName(
            f"there is no lesson {str(name)[:100]!r}; {nearest(str(name), known)} "
            "A file of your own is named by its path, as in ./my-lesson.md"
        )
    path = home / f"{name}.md"
    return read(_text(path), path.stem, _short(path))


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
    path: Path | None, expected: str = "a lesson, a Markdown file", most: int = LARGEST
) -> str:
    """The text of a file of at most so many bytes; without a path, that of standard input.

    Raises LessonError for a file that cannot be read, is too large, or is not UTF-8.
    """
    where = STDIN if path is None else str(path)
    try:
        if path is not None and path.is_dir():
            raise LessonError(f"this is a folder, expected {expected}", where)
        content = _bytes(path, most + 1)
    except FileNotFoundError:
        raise LessonError("there is no such file; 'tracer list' names the lessons", where) from None
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
    return sys.stdin.buffer.read(most) if sys.stdin else b""


def read(text: str, name: str, path: str) -> Lesson:
    """A lesson from the text of its file."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    _refuse_controls(text, path)
    items = _items(text, path)
    first = items[0] if items else None
    if not isinstance(first, Block) or first.kind != "lesson":
        raise LessonError(
            "the file does not begin with a ```{lesson} block, expected one", f"{path}:1"
        )
    for item in items[1:]:
        if isinstance(item, Block) and item.kind == "lesson":
            raise LessonError(
                "a second {lesson} block; expected one, at the top", f"{path}:{item.line}"
            )
    settings, lines = first.settings, first.setting_lines
    if not settings.get("title"):
        raise LessonError("the lesson has no title, expected ':title: ...'", f"{path}:{first.line}")
    order = settings.get("order", "1000")
    if not order.isdecimal():
        raise LessonError(
            f"order {order!r} is not a whole number, expected such as 40",
            f"{path}:{lines['order']}",
        )
    pen = read_pen(first, f"{path}:") or Pen("exact")
    source = settings.get("source", "")
    return Lesson(in_a_line(name), path, settings["title"], source, pen, int(order[:20]), items)


def _refuse_controls(text: str, path: str) -> None:
    if found := CONTROL.search(text):
        before = text[: found.start()]
        line, column = before.count("\n") + 1, found.start() - before.rfind("\n")
        raise LessonError(
            f"column {column} has the control character {code_of(found[0])}, expected text; "
            "take it out",
            f"{path}:{line}",
        )


def read_pen(block: Block, file: str) -> Pen | None:
    """The pen that a block's `:rounding:` names, or None; `file` is what a line is put behind."""
    words = block.settings.get("rounding")
    if words is None:
        return None
    try:
        return parse_pen(words)
    except TracerError as error:
        problem = rounding_meant(words) or error.problem
        raise LessonError(problem, f"{file}{block.setting_lines['rounding']}") from None


def _items(text: str, path: str) -> tuple[Prose | Block, ...]:
    text, emptied = without_comments(text, path)
    lines = text.split("\n")
    tokens = MarkdownIt("commonmark").parse(text)
    fences = [token for token in tokens if token.type == "fence" and token.map]
    _refuse_too_many(fences, path)
    covered: set[int] = set()
    blocks: list[tuple[int, int, Block]] = []
    for fence in fences:
        assert fence.map is not None
        start, end = fence.map
        is_directive = fence.info.strip().startswith("{") or fence.info.strip() in BLOCKS
        if is_directive:
            _check_fence(fence, lines, path)
            blocks.append((start, end, _block(fence, path)))
        if is_directive or fence.level == 0:
            covered.update(range(start, end))
    for number, line in enumerate(lines):
        if number not in covered and re.match(r"[\s>*+-]*(`+|~+)\s*\{", line):
            _refuse_stray(line, f"{path}:{number + 1}")
    items: list[Prose | Block] = []
    reached = 0
    for start, end, block in [*blocks, (len(lines), len(lines), None)]:
        prose = "\n".join(_prose(lines, reached, start, emptied)).strip("\n")
        if prose.strip():
            items.append(Prose(prose, reached + 1))
        if block is not None:
            items.append(block)
        reached = end
    return tuple(items)


def _prose(lines: Sequence[str], start: int, end: int, emptied: set[int]) -> Iterator[str]:
    """The lines of prose; a gap that a comment leaves is one empty line."""
    for blank, run in groupby(range(start, end), key=lambda number: not lines[number].strip()):
        numbers = list(run)
        gap = blank and not emptied.isdisjoint(numbers)
        yield from [""] if gap else (lines[number] for number in numbers)


def _refuse_too_many(fences: list[Token], path: str) -> None:
    blocks = [token.map[0] for token in fences if token.map and token.info.startswith("{")]
    if len(blocks) > MOST_BLOCKS:
        raise LessonError(
            f"the lesson has {len(blocks):,} blocks, expected at most {MOST_BLOCKS:,}; "
            "make several lessons of it",
            f"{path}:{blocks[MOST_BLOCKS] + 1}",
        )


def _refuse_stray(line: str, where: str) -> None:
    if re.match(r"\s", line):
        raise LessonError("a block is indented, expected its ``` at the start of the line", where)
    raise LessonError(f"{line.strip()[:30]!r} opens no block, expected ``` and {{name}}", where)


def _check_fence(fence: Token, lines: list[str], path: str) -> None:
    assert fence.map is not None
    start, end = fence.map
    where = f"{path}:{start + 1}"
    info = fence.info.strip()
    match = re.fullmatch(r"\{([^{}]*)\}(.*)", info)
    if fence.level or lines[start][:1] not in ("`", "~"):
        raise LessonError("a block is indented, expected its ``` at the start of the line", where)
    if info in BLOCKS:
        raise LessonError(f"{info!r} stands without braces, expected ```{{{info}}}", where)
    if not match:
        raise LessonError(f"{info!r} is no directive, expected a name in braces", where)
    kind, rest = match[1].strip(), match[2].strip()
    if kind not in BLOCKS:
        raise LessonError(f"unknown block {{{kind}}}; {nearest(kind, BLOCKS)}", where)
    if rest:
        raise LessonError(
            f"{rest!r} stands behind {{{kind}}}, expected nothing; settings have their own lines",
            where,
        )
    if not re.fullmatch(rf"{re.escape(fence.markup)}+\s*", lines[end - 1]) or end - 1 == start:
        raise LessonError(
            f"the block {{{kind}}} is not closed, expected a line {fence.markup}", where
        )
    inside = next((k for k in range(start + 1, end - 1) if lines[k].startswith("```")), None)
    if inside is not None:
        raise LessonError(
            f"the block {{{kind}}} is not closed before line {inside + 1}, expected a line ```",
            where,
        )


def _block(fence: Token, path: str) -> Block:
    assert fence.map is not None
    first = fence.map[0] + 1
    kind = fence.info.strip().strip("{}").strip()
    settings: dict[str, str] = {}
    setting_lines: dict[str, int] = {}
    equations: list[Line] = []
    remarks: list[str] = []
    for number, text in _whole_lines(fence.content.split("\n"), first + 1):
        where = f"{path}:{number}"
        if text.startswith("#"):
            remarks.append(text.lstrip("# "))
        elif text.startswith(":"):
            key, value = _setting(text, kind, where)
            if key in settings:
                raise LessonError(f"{key} is set twice, expected once", where)
            settings[key], setting_lines[key] = value, number
        elif text:
            equations += _equations(text, number, where, kind)
    block = Block(kind, first, settings, tuple(equations), tuple(remarks), setting_lines)
    _refuse_settings(block, path)
    if equations and kind in WITHOUT_EQUATIONS:
        where = f"{path}:{equations[0].line}"
        raise LessonError(f"{{{kind}}} takes settings only, expected ':key: value'", where)
    for key in ("symbols", "answer", "data-gradients"):
        if settings.get(key, "no") not in ("yes", "no"):
            where = f"{path}:{setting_lines[key]}"
            raise LessonError(f"{key} is {settings[key]!r}, expected yes or no", where)
    if kind in ASSERTING:
        for line in equations:
            if line.repeats and kind != "train" and not line.dictated:
                continue
            try:
                parse_rows(line.text)
            except LessonError as error:
                raise error.at(f"{path}:{line.line}") from None
    return block


def _whole_lines(lines: Sequence[str], number: int) -> Iterator[tuple[int, str]]:
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


def _setting(text: str, kind: str, where: str) -> tuple[str, str]:
    match = re.fullmatch(r":([^:]+):(?:\s+(.*))?", text)
    if not match:
        expected = _with_colons(text, kind) or ":key: value"
        raise LessonError(f"{text!r} cannot be read, expected {expected!r}", where)
    key, value = match[1], (match[2] or "").strip()
    if key not in BLOCKS[kind]:
        raise LessonError(f"unknown key {key!r} in {{{kind}}}; {_way_out(key, value, kind)}", where)
    if not value:
        raise LessonError(f"{key} has no value, expected ':{key}: ...'", where)
    if len(value) > LONGEST_SETTING:
        raise LessonError(
            f"{key} has {len(value):,} characters, expected at most {LONGEST_SETTING:,}; "
            "say less with it",
            where,
        )
    return key, value


def _with_colons(text: str, kind: str) -> str | None:
    """The setting that is meant where a colon of its key is missing: `learning-rate: 1`."""
    match = re.fullmatch(r":?([A-Za-z][\w-]*):?\s+(?:=\s*)?([^=:\s].*)", text)
    return setting_meant(match[1], match[2], BLOCKS[kind]) if match else None


def _way_out(key: str, value: str, kind: str) -> str:
    """What an unknown key of a block means, or which one is near."""
    if meant := key_meant(key, value, kind, BLOCKS):
        return meant
    if kind not in WITHOUT_EQUATIONS and value and _VALUE.fullmatch(key):
        return f"expected an equation, '{key} = {value}'"
    return nearest(key, BLOCKS[kind])


def _refuse_settings(block: Block, path: str) -> None:
    """Refuse an equation that is a setting: `learning-rate = 1`."""
    for line in block.lines:
        meant = setting_meant(line.name, line.text, BLOCKS[block.kind])
        if meant and not _may_be_a_value(line, block):
            where = f"{path}:{line.line}"
            raise LessonError(f"{line.name} is a setting, expected {meant!r}", where)


def _may_be_a_value(line: Line, block: Block) -> bool:
    """Whether the name of an equation, which a setting has as well, can be that of a value."""
    match block.kind:
        case "network":  # the source may call something so
            names = block.settings.get("names", "")
            return re.search(rf"\b{re.escape(line.name)}\s*=", names) is not None
        case "graph":
            return line.name.isidentifier()
        case "derive" | "curve":
            return line.name not in BLOCKS[block.kind]
        case kind if kind in ASSERTING:
            return line.name.isidentifier() and _holds_numbers(line)
    return False


def _holds_numbers(line: Line) -> bool:
    try:
        return bool(parse_rows(line.text))
    except LessonError:
        return False


def _equations(text: str, number: int, where: str, kind: str) -> Iterator[Line]:
    """The equation of a line; or those of a range of names, each with its number."""
    line = _equation(text, number, where, kind)
    with placed(where):
        several = in_range(line.name) if ".." in line.name else [line.name]
        if len(several) == 1:
            yield line
            return
        numbers = line.text.replace(",", " ").replace(";", " ").split()
        if len(numbers) != len(several):
            raise LessonError(
                f"{line.name} is {len(several)} names, and {line.text!r} has {len(numbers)} "
                "numbers, expected one for each"
            )
    for name, one in zip(several, numbers, strict=True):
        yield replace(line, name=name, text=one)


def _equation(text: str, number: int, where: str, kind: str) -> Line:
    equation, remark = _parted(text)
    # patterns go through a run of spaces again and again, so that a long one would take for ever
    equation = " ".join(equation.split())
    # a colon in a name stands for a whole row or column
    match = re.fullmatch(r"((?:[^=:]|:(?=\s*[],]))+?)\s*(:?=)\s*(.+?)\s*", equation)
    if match:
        with placed(where):
            refuse_list(match[3])
    # a step that is named in a formula is refused, with its way out, where the formula is read
    if not match or "=" in match[3].replace(":=", ""):
        expected = _with_colons(equation.strip(), kind) or "name = value"
        raise LessonError(f"{equation.strip()!r} cannot be read, expected {expected!r}", where)
    line = Line(match[1], match[3], number, remark.strip(), match[2] == ":=")
    if line.dictated and not line.slip and line.given is None:
        raise LessonError(
            ":= dictates a number without a reason, expected '# slip: why' or '# given'", where
        )
    if not line.dictated and line.given is not None:
        raise LessonError(
            "what is given in the middle is dictated with :=, expected 'name := number  # given'",
            where,
        )
    if not line.dictated and line.slip is not None:
        raise LessonError(
            "a slip is dictated with :=, expected 'name := number  # slip: why'", where
        )
    if line.misprint == "" or line.slip == "" or line.remark.lower() in ("misprint", "slip"):
        raise LessonError("the remark gives no reason, expected '# misprint: why'", where)
    return line


def _reason(remark: str, kind: str) -> str | None:
    head, colon, reason = remark.partition(":")
    return reason.strip() if colon and head.strip().lower() == kind else None
