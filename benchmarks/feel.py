"""What a user feels: how long each command takes, as a multiple of starting Python.

Run `python benchmarks/feel.py`. The numbers of one run compare with each other; the machine
decides what one unit is.
"""

import statistics
import subprocess
import sys
import time

RUNS = 7
FIRST_PAGE = """
from pathlib import Path
from tracer.cli.replay.app import Replay
from tracer.cli.replay.sources import OfLesson
from tracer.cli.replay.state import Stopped
from tracer.lesson.home import load

class First(Replay):
    def on_told(self):
        self.call_after_refresh(self.exit)

First(OfLesson(load("or-batch")), Stopped(Path("none"))).run(headless=True)
"""
"A replay that is left as soon as its first page is there; textual asks `on_told` of each class."
COMMANDS = {
    "python alone": ["-c", "pass"],
    "import numpy": ["-c", "import numpy"],
    "tracer --help": ["-m", "tracer", "--help"],
    "tracer list": ["-m", "tracer", "list"],
    "tracer check or-batch": ["-m", "tracer", "check", "or-batch"],
    "tracer export or-batch": ["-m", "tracer", "export", "or-batch"],
    "tracer replay, the first page": ["-c", FIRST_PAGE],
    "tracer replay or-batch --all": ["-m", "tracer", "replay", "or-batch", "--all"],
}


def seconds(arguments: list[str]) -> float:
    """One run of Python with these arguments, output thrown away."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def main() -> None:
    """Time every command in turn, several times over, and print the medians as ratios."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(RUNS):
        for name, arguments in COMMANDS.items():
            taken[name].append(seconds(arguments))
    unit = statistics.median(taken["python alone"])
    for name, times in taken.items():
        print(f"{name:<30} {statistics.median(times) / unit:6.1f}")


if __name__ == "__main__":
    main()
