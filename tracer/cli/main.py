"""Arguments to commands, faults to one line, results to exit codes."""

from __future__ import annotations

import contextlib
import os
import sys
from argparse import Namespace
from collections.abc import Sequence

from tracer.cli.arguments import UNUSABLE, parser
from tracer.controls import visible
from tracer.errors import TracerError

HOLDS, INTERRUPTED = 0, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    >>> main(["check", "computational-graph"])
    computational-graph: 8 printed numbers, all hold
    0
    """
    options = parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        return _run(options)
    except TracerError as error:
        if options.debug:
            raise
        print(f"tracer: {error}" if not error.where else error, file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # whoever read the output has enough; Python would complain again when it flushes at exit
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return HOLDS
    except Exception as error:  # whatever it is, no traceback reaches a user unasked
        if options.debug:
            raise
        said = visible(" ".join(f"{type(error).__name__}: {error}".split()))
        print(f"tracer: this should not happen: {said}; --debug shows where", file=sys.stderr)
        return UNUSABLE


def _run(options: Namespace) -> int:
    # the commands bring libraries with them which --help does not need
    from tracer.cli import commands

    return int(getattr(commands, f"{options.command}_command")(options))
