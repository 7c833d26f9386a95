"""A file that stays in the lesson's folder, and whose size is looked at before it is read."""

from __future__ import annotations

import stat
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from tracer.errors import LessonError, nearest
from tracer.files import limits


@dataclass(frozen=True)
class File:
    """A file as the lesson names it, and all its bytes."""

    name: str
    content: bytes

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem

    def fault(self, problem: str, line: int | None = None) -> LessonError:
        return LessonError(problem, self.name if line is None else f"{self.name}:{line}")


def read(name: str, folder: Path, formats: Collection[str]) -> File:
    path = _inside(name, folder)
    if suffix(name) not in formats:
        raise LessonError(f"{short(name)} is not read here, expected {either(formats)}")
    try:
        content = _content(path, name)
    except FileNotFoundError:
        way_out = _neighbour(path, folder, formats)
        raise LessonError(f"there is no file {short(name)} beside the lesson; {way_out}") from None
    except OSError as error:
        raise LessonError(f"{short(name)} cannot be read: {error.strerror}") from None
    return File(name, content)


def _inside(name: str, folder: Path) -> Path:
    absolute = name.startswith("/")
    if not name or not name.isprintable() or absolute or any(sign in name for sign in "\\:"):
        raise LessonError(
            f"{short(name)} is no path in the lesson's folder, expected one such as "
            "data/points.csv, with / between folders"
        )
    try:
        home = folder.resolve()
        path = (home / name).resolve()
    except (OSError, RuntimeError):  # a link to itself
        raise LessonError(f"{short(name)} leads nowhere, expected a file") from None
    if not path.is_relative_to(home):
        raise LessonError(
            f"{short(name)} leads out of the lesson's folder, expected a file in it; copy it there"
        )
    return path


def _content(path: Path, name: str) -> bytes:
    status = path.stat()
    # opened only after this look: a named pipe would wait for ever
    if not stat.S_ISREG(status.st_mode):
        raise LessonError(f"{short(name)} is a folder or a device, expected a file")
    if not status.st_size:
        raise LessonError("the file is empty, expected numbers", name)
    if status.st_size > limits.LARGEST:
        raise LessonError(
            f"the file has {status.st_size:,} bytes, expected at most {limits.LARGEST:,}; "
            "keep a part",
            name,
        )
    with path.open("rb") as opened:
        return opened.read(status.st_size)


def _neighbour(path: Path, folder: Path, formats: Collection[str]) -> str:
    """Which file could have been meant, among the first thousand in the same folder."""
    home = folder.resolve()
    try:
        beside = [other.relative_to(home) for other in islice(path.parent.iterdir(), 1000)]
    except OSError:
        beside = []
    known = sorted(other.as_posix() for other in beside if other.suffix.lower() in formats)
    printable = [name for name in known if name.isprintable()]
    name = path.relative_to(home).as_posix()
    return nearest(name, printable) if printable else "put it there"


def suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def either(words: Iterable[str]) -> str:
    *others, last = sorted(words)
    return f"{', '.join(others)} or {last}"


def short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")
