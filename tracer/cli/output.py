"""Texts to standard output and to files, whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tracer.errors import OutputError

STREAMS = re.compile(r"/dev(/fd)?|/proc(/.*)?")
"Folders of what is no file of one's own, even where a shell leads it to one."


def write_out(text: str) -> None:
    """Print a text as UTF-8, whatever the terminal can show."""
    sys.stdout.flush()
    if hasattr(sys.stdout, "buffer"):
        sys.stdout.buffer.write(text.encode("utf-8"))
    else:  # whoever put another stream in its place takes text
        sys.stdout.write(text)


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all: what stood there stays until the new one is complete.

    A link stays a link, and the file it leads to is written.
    """
    write_together({path: text})


def write_together(texts: Mapping[Path, str]) -> None:
    """Write files of which none is of use without the others: each whole, or none at all.

    The first is the last that takes its place, for it may lead to the others.
    """
    unfinished: dict[Path, Path | None] = {}
    try:
        for path, text in texts.items():
            with _told_of(path):
                unfinished[path] = None if is_stream(path) else _beside(_behind_links(path), text)
        for path, made in reversed(list(unfinished.items())):
            with _told_of(path):
                if made is None:
                    path.write_text(texts[path], encoding="utf-8")
                else:
                    made.replace(_behind_links(path))
    finally:
        for made in unfinished.values():
            if made is not None:
                made.unlink(missing_ok=True)


def is_stream(path: Path) -> bool:
    """Whether a path is a pipe or a device: no file may replace it, and none goes beside it.

    >>> is_stream(Path(os.devnull)), is_stream(Path("out.md"))
    (True, False)
    """
    with contextlib.suppress(OSError):  # a path that is none is told of where it is written
        if not path.is_dir():
            special = STREAMS.fullmatch(os.path.realpath(path.parent))
            return bool(special) or (path.exists() and not path.is_file())
    return False


@contextlib.contextmanager
def _told_of(path: Path) -> Iterator[None]:
    """A fault in one line for what cannot be written."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"the file cannot be written: {error.strerror}", str(path)) from None


def _beside(path: Path, text: str) -> Path:
    """A new file with a text, in the folder of the one whose place it is to take."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=".tracer-", delete=False
    ) as file:
        made = Path(file.name)
        try:
            file.write(text)
            file.flush()
            made.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        except BaseException:
            made.unlink()
            raise
    return made


def _behind_links(path: Path) -> Path:
    """The file that a path leads to, whether or not it is there; OSError for links in a circle."""
    with contextlib.suppress(FileNotFoundError):
        path.stat()
    return Path(os.path.realpath(path))


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
