"""The pages of a lesson read from the first to the last, each line by what stands above it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from oracle import hands, lines, notes, pens, trees
from oracle.exports import Export
from oracle.findings import Finding, Tally
from oracle.lines import Broken, Departure, Rules
from oracle.naming import on_page
from oracle.pens import EXACT, Pen
from oracle.records import Block, Graph, Lesson
from oracle.trees import Tree

Page = Mapping[str, Any]
PHASES = {"Forward": "forward", "Backward": "backward", "Update": "update"}


@dataclass
class Board:
    """What stands on the pages so far."""

    shown: dict[str, Tree] = field(default_factory=dict)
    "the last number of each name"
    pens: dict[str, str] = field(default_factory=dict)
    "the mode in which it was written; given for what was typed in"

    def write(self, name: str, tree: Tree, mode: str) -> None:
        self.shown[name], self.pens[name] = tree, mode

    def put_in(self, name: str, pen: Pen) -> Tree:
        """What stands for a name in a line: one that displays shows all numbers with its pen."""
        tree = self.shown[name]
        if pen.mode == "display" and self.pens[name] == "exact":
            return _rewritten(tree, pen)
        return tree


def number(text: str) -> Tree:
    """A number as a line has it."""
    return {"is": "num", "text": text}


def zeros(like: Tree) -> Tree:
    """A line of zeros."""
    if like["is"] == "num":
        return number("0")
    return {**like, "cells": [[number("0") for _ in row] for row in like["cells"]]}


def _rewritten(tree: Tree, pen: Pen) -> Tree:
    if tree["is"] == "num":
        return number(str(pens.rounded(pens.shown(tree["text"]), pen)))
    return {**tree, "cells": [[_rewritten(cell, pen) for cell in row] for row in tree["cells"]]}


def _negated(tree: Tree) -> Tree:
    """A number with a minus before it as one number, in a matrix too."""
    if tree["is"] == "grid":
        return {**tree, "cells": [list(map(_negated, row)) for row in tree["cells"]]}
    if tree.get("op") == "neg" and trees.is_number(tree["args"][0]):
        text = tree["args"][0]["text"]
        return number(text[1:] if text.startswith("-") else f"-{text}")
    return tree


class Reader:
    """A lesson's pages, judged one after the other."""

    def __init__(self, lesson: Lesson, export: Export, tally: Tally) -> None:
        self.lesson, self.export, self.tally = lesson, export, tally
        self.board = Board()
        self.waiting, self.updates = list(lesson.blocks), 0
        self._constants()

    def _constants(self) -> None:
        """What has a value and is typed in a setting: constants of an update, t."""
        moving = self.lesson.source.moving
        for name, value in [*moving.optimizer.constants, ("t", "1"), ("epoch", "0")]:
            self.board.write(name, number(value), "given")

    def findings(self) -> Iterator[Finding]:
        """Everything on the pages that is not as it should be."""
        for page in self.export.pages:
            first = page["title"].partition(" ")[0].rstrip(",")
            if page["title"] == "What is given":
                self._given(page)
            elif first in PHASES:
                for found in self._phase(page):
                    yield Finding(found.kind, found.said, page["title"])

    def _given(self, page: Page) -> None:
        for block in page["blocks"]:
            if block["is"] == "working":
                self.board.write(block["name"], block["lines"][-1], "given")

    def _phase(self, page: Page) -> Iterator[Finding]:
        block = self.waiting[0]
        if page["title"].endswith("all together"):
            self.waiting.pop(0)
            if block.kind == "update":
                self._next_iteration()
            return
        yield from _Step(self, block, page).findings()

    def _next_iteration(self) -> None:
        """What is new is what the next iteration starts from."""
        self.updates += 1
        self.board.write("t", number(str(self.updates + 1)), "given")
        self.board.write("epoch", number(str(self.updates)), "given")
        for name in [name for name in self.board.shown if name.endswith("'")]:
            self.board.write(name[:-1], self.board.shown[name], self.board.pens[name])


class _Step:
    """One page of a phase."""

    def __init__(self, reader: Reader, block: Block, page: Page) -> None:
        self.reader, self.block, self.page = reader, block, page
        self.lesson, self.board = reader.lesson, reader.board
        self.pen = self.lesson.pen_of(block)
        self.words: dict[str, Tree] = {}

    def findings(self) -> Iterator[Finding]:
        departing: list[Departure] = []
        for working in self.page["blocks"]:
            if working["is"] != "working":
                continue
            for found in self._working(working):
                if isinstance(found, Departure) and found.pen.mode != "carry":
                    departing.append(found)
                elif isinstance(found, Departure):
                    if found.sure:
                        yield Finding("line", f"{self.name}: {found}")
                else:
                    yield found
        self.reader.tally.notes += len(notes.that_name_one(self.page["blocks"]))
        for problem in notes.untold(departing, self.page["blocks"]):
            yield Finding("note", problem)

    def _working(self, working: Mapping[str, Any]) -> Iterator[Finding | Departure]:
        name, label = working["name"], working.get("label", "")
        if label == "upstream":
            yield from self._upstream(name, working["lines"][-1])
            return
        self.name, self.label = name, label
        try:
            yield from self._judged(working["lines"])
        except Broken as broken:
            yield Finding("line", f"{name}: {broken}")
        except KeyError as missing:
            yield Finding("name", f"{name}: {missing} is not on a page yet")
        self._write(working["lines"])

    def _upstream(self, name: str, tree: Tree) -> Iterator[Finding]:
        self.words["upstream"] = tree
        if name not in self.board.shown:
            self.board.write(name, tree, "given")  # the root by itself
        if self.board.put_in(name, self.pen) != tree and self.board.shown[name] != tree:
            yield Finding("upstream", f"{name} arrives as {trees.said(tree)}")

    def _write(self, lines_: list[Tree]) -> None:
        """What the page has for a name from here on."""
        result = _negated(lines_[-1])
        pen = self._pen(None)
        self.board.write(self.name, result, self._mode(lines_, pen))
        if self.label == "local":
            self.words["local"] = result

    def _mode(self, lines_: list[Tree], pen: Pen) -> str:
        """In which mode a result was written: a copy is of the mode of its source."""
        first = lines_[0]
        while first["is"] == "apply" and first["op"] in trees.COPIES:
            first = first["args"][0]
        if first["is"] == "num" or self.name == "alpha":
            return "given"
        source = first.get("name") if first["is"] == "sym" else None
        if source and (self.board.pens.get(source) == "given" or lines_[0]["is"] == "sym"):
            mode = self.board.pens.get(source, pen.mode)
            return pen.mode if mode == "exact" and pen.mode == "display" else mode
        return pen.mode

    def _pen(self, place: tuple[int, int] | None) -> Pen:
        name = self.name.removesuffix("'")
        if name == "alpha":
            return EXACT
        root = on_page(self.lesson.source, self.block.of or self.lesson.source.root).name
        if self.label == "local" and name.removeprefix("-").startswith((f"d{root}/", "dL/")):
            return self.pen  # the gradient has the same name
        return hands.pen_of(self.lesson, self.block, name, place)

    def _judged(self, every: list[Tree]) -> Iterator[Finding | Departure]:
        """The departures of some lines, and whether a note tells of each."""
        self.reader.tally.lines += len(every) - 1
        symbolic = [line for line in every if trees.has_names(line)]
        numeric = every[len(symbolic) :]
        if symbolic and symbolic[0].get("op") == "softmax" and _in_rows(self.lesson):
            symbolic = symbolic[1:]  # which is written alike for columns and for rows
        known = self._known(symbolic, every[-1])
        first = trees.put_in(symbolic[0], known) if symbolic else numeric[0]
        for other in symbolic[1:]:
            if not (self.label == "product" and other is symbolic[-1]):
                lines.same(first, trees.put_in(other, known), self.pen.rounds)
        if symbolic and self._is_copy(symbolic[0]):
            lines.same(trees.put_in(symbolic[0], self.board.shown), every[-1])
            return
        rules = Rules(self._part_pen(), self._pen)
        yield from lines.departures([first, *numeric], rules)

    def _is_copy(self, line: Tree) -> bool:
        """Whether a line copies what stands on the page: what was given, or a local gradient's."""
        if line.get("op") == "neg" and self.name.startswith("-"):
            line = line["args"][0]
        bare = line["args"][0] if line.get("op") == "T" else line
        while line["is"] == "apply" and line["op"] in trees.COPIES:
            line = line["args"][0]
        mode = self.board.pens.get(line.get("name"))
        if mode == "exact" and self._pen(None).mode == "display":
            return False  # a block that displays shows all numbers with its pen
        is_asked_for = hands.is_named(self.block, self.name.removesuffix("'"))
        copies = mode == "given" or (self.label == "local" and line is bare)
        is_value = line["is"] == "sym" and line["name"] != "pi"
        return is_value and copies and not is_asked_for

    def _part_pen(self) -> Pen:
        """The pen of what is written on the way to something: that is only shown, if it is."""
        shown = self.pen.rounds and self._pen(None).mode == "display"
        return replace(self.pen, mode="display") if shown else self.pen

    def _known(self, symbolic: list[Tree], result: Tree) -> dict[str, Tree]:
        """What stands on the page for each name and word in some lines."""
        names = {
            part["name"] for line in symbolic for part in trees.parts(line) if part["is"] == "sym"
        }
        for name in names - set(self.board.shown):
            if f"{name}'" == self.name:  # what a rule remembers begins at zero
                self.board.write(name, zeros(result), "given")
        pen = self._pen(None)
        known = {name: self.board.put_in(name, pen) for name in names if name in self.board.shown}
        return {**known, **self.words}


def _in_rows(lesson: Lesson) -> bool:
    return not isinstance(lesson.source, Graph) and lesson.source.rows
