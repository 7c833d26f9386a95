"""A Markdown file to a Lesson; every fault with its line.

A lesson is prose with fenced blocks: the info string is a directive in braces, lines `:key: value`
are settings, every other line is an equation. Reading one needs no arithmetic and no NumPy. What
is wrong in one line does not hide what is wrong in another: all is told together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tracer.errors import Faults, LessonError, nearest, placed
from tracer.errors.controls import CONTROL, code_of, in_a_line
from tracer.lesson.blocks import KEYS, KINDS
from tracer.lesson.comments import without_comments
from tracer.lesson.directive import Directive, Lesson, Line, Passage, Setting
from tracer.lesson.lines import NoEquation, equations, whole_lines, with_colons
from tracer.numbers.rounding import Pen
from tracer.written.habits import key_meant, setting_meant

LONGEST_SETTING = 5_000
"The most characters behind a key."
MOST_BLOCKS = 500
_VALUE = re.compile(r"[A-Za-zŶŷ](?:hat)?[\d_]*(?:\[[\d,]+\])*'?|Cost|[d∂]\w+(?:\[\d+\])?/[d∂]\w.*")
"What looks like the name of a value."


def read(text: str, name: str, path: str, faults: Faults | None = None) -> Lesson:
    """A lesson from the text of its file.

    Raises LessonError, with the line, for what cannot be read; into `faults`, where they are given,
    it is kept instead, and the lesson has the rest.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    _refuse_controls(text, path)
    kept = Faults() if faults is None else faults
    items = _items(text, path, kept)
    opening = items[0] if items else None
    is_read = isinstance(opening, Directive) and (opening.is_broken or opening.kind == "lesson")
    if not isinstance(opening, Directive) or not is_read:
        kept.tell()
        raise LessonError(
            "the file does not begin with a ```{lesson} block, expected one", f"{path}:1"
        )
    for item in items[1:]:
        with kept.kept(), placed(item.where):
            if isinstance(item, Directive) and item.kind == "lesson" and not item.is_broken:
                raise LessonError("a second {lesson} block; expected one, at the top")
    said, order, pen = opening.settings, 1000, Pen("exact")
    url, needs = "", list[str]()
    with kept.kept(), placed(opening.where):
        if not opening.is_broken and not said.get("title"):
            raise LessonError("the lesson has no title, expected ':title: ...'")
    with kept.kept():
        order = said["order"].read(_order) if "order" in said else order
    with kept.kept():
        url = opening.read("url", Setting.address) or url
    with kept.kept():
        needs = opening.names("needs")
    with kept.kept():
        pen = opening.pen or pen
    if faults is None:
        kept.tell()
    title, source, about = (str(said.get(key, "")) for key in ("title", "source", "about"))
    printed = sum(_printed(items))
    beside = (url, about, tuple(needs))
    return Lesson(in_a_line(name), path, title, source, pen, order, items, printed, *beside)


def _order(words: str) -> int:
    if not words.isdecimal():
        raise LessonError(f"order {str(words)!r} is not a whole number, expected such as 40")
    return int(words[:20])


def _printed(items: Sequence[Passage | Directive]) -> Iterator[int]:
    """How many printed numbers each line asserts."""
    for block in items:
        if isinstance(block, Directive) and not block.is_broken and KINDS[block.kind].prints:
            for line in block.lines:
                if not line.dictated and not line.repeats:
                    yield sum(map(len, line.rows))


def _refuse_controls(text: str, path: str) -> None:
    if found := CONTROL.search(text):
        before = text[: found.start()]
        line, column = before.count("\n") + 1, found.start() - before.rfind("\n")
        raise LessonError(
            f"column {column} has the control character {code_of(found[0])}, expected text; "
            "take it out",
            f"{path}:{line}",
        )


def _items(text: str, path: str, faults: Faults) -> tuple[Passage | Directive, ...]:
    text, emptied = without_comments(text, path)
    lines = text.split("\n")
    tokens = MarkdownIt("commonmark").parse(text)
    fences = [token for token in tokens if token.type == "fence" and token.map]
    _refuse_too_many(fences, path)
    covered: set[int] = set()
    blocks: list[tuple[int, int, Directive]] = []
    for fence in fences:
        assert fence.map is not None
        start, end = fence.map
        is_directive = fence.info.strip().startswith("{") or fence.info.strip() in KINDS
        if is_directive:
            block = Directive(_kind(fence), start + 1, path=path, is_broken=True)
            with faults.kept():
                _check_fence(fence, lines, path)
                block = _block(fence, path)
            blocks.append((start, end, block))
        if is_directive or fence.level == 0:
            covered.update(range(start, end))
    for number, line in enumerate(lines):
        if number not in covered and re.match(r"[\s>*+-]*(`+|~+)\s*\{", line):
            with faults.kept():
                _refuse_stray(line, f"{path}:{number + 1}")
    items: list[Passage | Directive] = []
    reached = 0
    for start, end, found in [*blocks, (len(lines), len(lines), None)]:
        prose = "\n".join(_prose(lines, reached, start, emptied)).strip("\n")
        if prose.strip():
            items.append(Passage(prose, reached + 1, path))
        if found is not None:
            items.append(found)
        reached = end
    return tuple(items)


def _kind(fence: Token) -> str:
    return fence.info.strip().strip("{}").strip()


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
    if info in KINDS:
        raise LessonError(f"{info!r} stands without braces, expected ```{{{info}}}", where)
    if not match:
        raise LessonError(f"{info!r} is no directive, expected a name in braces", where)
    kind, rest = match[1].strip(), match[2].strip()
    if kind not in KINDS:
        raise LessonError(f"unknown block {{{kind}}}; {nearest(kind, KINDS)}", where)
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


def _block(fence: Token, path: str) -> Directive:
    assert fence.map is not None
    first = fence.map[0] + 1
    kind = _kind(fence)
    rules, faults = KINDS[kind], Faults()
    settings: dict[str, Setting] = {}
    lines: list[Line] = []
    remarks: list[str] = []
    is_prose = False
    for number, text in whole_lines(fence.content.split("\n"), first + 1):
        with faults.kept(), placed(f"{path}:{number}"):
            if text.startswith("#"):
                remarks.append(text.lstrip("# "))
            elif text.startswith(":"):
                setting = _setting(text, kind, f"{path}:{number}")
                if setting.key in settings:
                    raise LessonError(f"{setting.key} is set twice, expected once")
                settings[setting.key] = setting
            elif text:
                try:
                    lines += equations(text, number, path, rules.keys)
                except NoEquation:
                    if is_prose:  # of a block that is not closed, and that was told already
                        continue
                    is_prose = True
                    raise
    block = Directive(kind, first, settings, tuple(lines), tuple(remarks), path)
    for line in lines:
        with faults.kept(), placed(line.where):
            _check_line(line, block)
    faults.tell()
    return block


def _setting(text: str, kind: str, where: str) -> Setting:
    match = re.fullmatch(r":([^:]+):(?:\s+(.*))?", text)
    if not match:
        expected = with_colons(text, KEYS[kind]) or ":key: value"
        raise LessonError(f"{text!r} cannot be read, expected {expected!r}")
    key, value = match[1], (match[2] or "").strip()
    if key not in KEYS[kind]:
        raise LessonError(f"unknown key {key!r} in {{{kind}}}; {_way_out(key, value, kind)}")
    if not value:
        raise LessonError(f"{key} has no value, expected ':{key}: ...'")
    if len(value) > LONGEST_SETTING:
        raise LessonError(
            f"{key} has {len(value):,} characters, expected at most {LONGEST_SETTING:,}; "
            "say less with it"
        )
    if key in KINDS[kind].flags and value not in ("yes", "no"):
        raise LessonError(f"{key} is {value!r}, expected yes or no")
    return Setting(value, key, where)


def _way_out(key: str, value: str, kind: str) -> str:
    """What an unknown key of a block means, or which one is near."""
    if meant := key_meant(key, value, kind, KEYS):
        return meant
    if KINDS[kind].takes_equations and value and _VALUE.fullmatch(key):
        return f"expected an equation, '{key} = {value}'"
    way_out = nearest(key, KEYS[kind])
    return way_out if way_out[-1] == "?" else f"{way_out}; see 'tracer reference {kind}'"


def _check_line(line: Line, block: Directive) -> None:
    """Refuse an equation that is a setting, `learning-rate = 1`, or that has no place here."""
    rules = KINDS[block.kind]
    meant = setting_meant(line.name, line.text, rules.keys)
    if meant and not rules.may_name_a_value(line, block):
        raise LessonError(f"{line.name} is a setting, expected {meant!r}")
    if not rules.takes_equations:
        raise LessonError(f"{{{block.kind}}} takes settings only, expected ':key: value'")
    if rules.prints and (line.dictated or not line.repeats or not rules.repeats):
        line.rows  # noqa: B018 - which are read here, so that a fault is found
