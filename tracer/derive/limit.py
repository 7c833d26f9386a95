"""A time limit for work that nobody can foresee the length of, on any thread and any system."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread, get_ident, local

from tracer.errors import TracerError

SECONDS = 20.0
"The time that one derivation may take."
AGAIN, MOST_TIMES = 1.0, 10
"How long a fault may take to be heard before it is raised again, and how often it is raised."


@contextmanager
def time_limit(seconds: float, what: str) -> Iterator[None]:
    """A block that ends within so many seconds, or with a fault that says what took longer.

    >>> with time_limit(20, "adding"):
    ...     print(1 + 1)
    2

    Blocks can be nested. The fault is raised between two steps of the interpreter: a single call
    into C delays it, so `size` keeps the numbers small. Where no thread can start, no limit is set.
    Raises TracerError when the time is over.
    """
    over = Event()
    watch = Thread(
        target=_watch, args=(get_ident(), _took_longer(seconds, what), seconds, over), daemon=True
    )
    try:
        with suppress(RuntimeError):
            watch.start()
        yield
    finally:
        # What is raised here from outside is the fault itself: if it arrives as late as in these
        # lines, it leaves the block like any other. Behind `join`, nothing can come.
        over.set()
        if watch.is_alive():
            watch.join()


_working = local()


@contextmanager
def limited(doing: str, formula: str) -> Iterator[None]:
    """The time that one derivation may take; what is done inside another one shares its time."""
    if getattr(_working, "now", False):
        yield
        return
    shown = formula if len(formula) <= 60 else formula[:57] + "..."
    _working.now = True
    try:
        with time_limit(SECONDS, f"{doing} {shown}"):
            yield
    finally:
        _working.now = False


def _watch(worker: int, fault: type[TracerError], seconds: float, over: Event) -> None:
    """Raise the fault when the time is over; again if something has swallowed it."""
    for pause in (seconds, *[AGAIN] * (MOST_TIMES - 1)):
        if over.wait(pause):
            return
        while not _would_be_heard(worker):
            if over.wait(0.001):
                return
        _raise_in(worker, fault)


def _would_be_heard(worker: int) -> bool:
    """Whether a fault would reach the block: not while Python cleans up, or leaves a block."""
    frame = sys._current_frames().get(worker)
    if frame is None or frame.f_code.co_name == "__exit__":
        return False
    cleaners = [getattr(callback, "__code__", None) for callback in gc.callbacks]
    while frame is not None:
        if frame.f_code in cleaners or frame.f_code.co_name == "__del__":
            return False
        frame = frame.f_back
    return True


def _raise_in(thread: int, fault: type[TracerError]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(fault))


def _took_longer(seconds: float, what: str) -> type[TracerError]:
    """The fault as a class of its own: another thread can be sent a class, but no object."""
    said = (
        f"{what} took more than {seconds:g} seconds; "
        "expected a simpler formula, or give parts of it names of their own"
    )

    class TookLonger(TracerError):
        def __init__(self, problem: str = said, where: str | None = None) -> None:
            super().__init__(problem, where)

    return TookLonger
