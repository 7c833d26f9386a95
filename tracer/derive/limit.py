"""A time limit for work that nobody can foresee the length of, on any thread and any system."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer, get_ident, local

from tracer.errors import TracerError

SECONDS = 20.0
"The time that one derivation may take."


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
    worker, fault = get_ident(), _took_longer(seconds, what)
    over = False

    def expire() -> None:
        if not over:
            _raise_in(worker, fault)

    watch = Timer(seconds, expire)
    watch.daemon = True
    try:
        with suppress(RuntimeError):
            watch.start()
        yield
    finally:
        # The watch fires once, and what it raises is the fault itself: if it arrives as late as in
        # these lines, it leaves the block like any other. Behind `join`, nothing can come.
        over = True
        watch.cancel()
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


def _raise_in(thread: int, fault: type[BaseException]) -> None:
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
