"""Work that nobody can foresee the length of: a child process does it, which ends with its time."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from tracer.errors import TracerError

SECONDS = 20.0
"The time that one derivation may take."
LONGEST = 69
"Characters in which a fault says what took too long."
CHILD = "from tracer.derive import limit; limit.answer()"
"The whole program of the child; what it is to do comes in by its standard input."
_is_child = False
Found = TypeVar("Found")


def in_time(doing: str, work: Callable[..., Found], *given: object) -> Found:
    """What a function gives for what it is given, worked out by a child process.

    >>> in_time("adding", sum, (1, 2))
    3

    What a child does takes no further child: it has its time already. Where no process can be
    started, there is no limit.
    Raises TracerError when the time is over, or the fault that the work ends with.
    """
    if _is_child:
        return work(*given)
    doing = doing if len(doing) <= LONGEST else f"{doing[: LONGEST - 3]}..."
    try:
        said = _answer_to(pickle.dumps((work, given)))
    except subprocess.TimeoutExpired:
        raise TracerError(
            f"{doing} took more than {SECONDS:g} seconds; "
            "expected a simpler formula, or give parts of it names of their own"
        ) from None
    except subprocess.CalledProcessError:
        raise TracerError(f"{doing} was ended by the system, expected a simpler formula") from None
    except OSError:
        return work(*given)
    found = pickle.loads(said)
    if isinstance(found, TracerError):
        raise found
    return found  # type: ignore[no-any-return]


@lru_cache(maxsize=100)
def _answer_to(question: bytes) -> bytes:
    """What a child says; it is kept, since a page and its numbers ask the same."""
    return subprocess.run(
        [sys.executable, "-c", CHILD],
        input=question,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=SECONDS,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ).stdout


def answer() -> None:
    """The child: work out what stands on the standard input."""
    global _is_child
    _is_child = True
    work, given = pickle.load(sys.stdin.buffer)
    try:
        found = work(*given)
    except TracerError as fault:
        found = fault
    pickle.dump(found, sys.stdout.buffer)
