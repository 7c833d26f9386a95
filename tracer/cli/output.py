"""Texts to standard output and to files, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path

from tracer.errors import OutputError


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
    unfinished = None
    if path.exists() and not path.is_file():
        _write_into(path, text)
        return
    try:
        file_itself = _behind_links(path)
        with tempfile.NamedTemporaryFile(
            "w",
            encoding="utf-8",
            newline="\n",
            dir=file_itself.parent,
            prefix=".tracer-",
            delete=False,
        ) as file:
            unfinished = Path(file.name)
            file.write(text)
        there = file_itself.exists()
        unfinished.chmod(file_itself.stat().st_mode & 0o777 if there else 0o666 & ~_umask())
        unfinished.replace(file_itself)
    except OSError as error:
        if unfinished is not None:
            unfinished.unlink(missing_ok=True)
        raise OutputError(f"the file cannot be written: {error.strerror}", str(path)) from None


def _behind_links(path: Path) -> Path:
    """The file that a path leads to, whether or not it is there; OSError for links in a circle."""
    with contextlib.suppress(FileNotFoundError):
        path.stat()
    return Path(os.path.realpath(path))


def _write_into(device: Path, text: str) -> None:
    """Write to a pipe or a device, which no file may replace."""
    try:
        device.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"the file cannot be written: {error.strerror}", str(device)) from None


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
