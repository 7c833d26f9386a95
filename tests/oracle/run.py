"""Random lessons worked out by `tracer` and judged: python tests/oracle/run.py --lessons 2000

    --lessons N     how many; 2000 unless said
    --seed S        the seed of the first; 0 unless said
    --jobs J        processes; 1 unless said
    --print         the lesson of the seed and what is found in it, and no more

The exit status is 1 where something differs.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from multiprocessing import Pool
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[1])

from oracle import judge, lessons, plain
from oracle.findings import Finding, Tally
from oracle.markdown import markdown
from oracle.records import Lesson
from oracle.smaller import smaller
from tracer.errors import TracerError

OFTEN = 1000
"Lessons between two lines that say how far it is."
MOST = 20
"Findings that are shown."


def judged(lesson: Lesson) -> tuple[list[Finding], Tally]:
    """A lesson worked out by `tracer`, and what the oracle says of it."""
    try:
        recording = plain.recorded(markdown(lesson))
    except TracerError as fault:
        return judge.refused(lesson, str(fault)), Tally(lessons=1, refused=1)
    except Exception as crash:
        return [Finding("crash", repr(crash))], Tally(lessons=1)
    return judge.judged(lesson, plain.as_plain(recording))


def of_seed(seed: int) -> tuple[int, list[Finding], Tally]:
    """The seed, and what is said of its lesson."""
    lesson = lessons.lesson(seed)
    findings, tally = judged(lesson)
    tally.used(lesson)
    return seed, findings, tally


def smallest(lesson: Lesson, kind: str) -> Lesson:
    """The smallest lesson found that is wrong in the same way."""
    for less in smaller(lesson):
        if any(found.kind == kind for found in judged(less)[0]):
            return smallest(less, kind)
    return lesson


def run(first: int, count: int, jobs: int) -> Iterator[tuple[int, list[Finding], Tally]]:
    """What is said of each lesson of a row of seeds."""
    seeds = range(first, first + count)
    if jobs == 1:
        yield from map(of_seed, seeds)
        return
    with Pool(jobs) as pool:
        yield from pool.imap(of_seed, seeds, chunksize=20)


def main() -> int:
    said = _arguments()
    if said.print:
        return _printed(said.seed)
    tally, wrong = Tally(), {}
    for seed, findings, one in run(said.seed, said.lessons, said.jobs):
        tally.add(one)
        if findings:
            wrong[seed] = findings
            print(f"seed {seed}: {findings[0]}", flush=True)
        if tally.lessons % OFTEN == 0:
            print(f"{tally.lessons} lessons, {len(wrong)} with a difference", flush=True)
    for seed, findings in list(wrong.items())[:MOST]:
        lesson = smallest(lessons.lesson(seed), findings[0].kind)
        print(f"\nseed {seed}: {findings[0]}\n\n{markdown(lesson)}")
        for finding in judged(lesson)[0]:
            print(f"    {finding}")
    kinds = Counter(finding.kind for findings in wrong.values() for finding in findings)
    print(f"{tally}\n{len(wrong)} lessons with a difference {dict(kinds) or ''}")
    return 1 if wrong else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="random lessons beside an oracle")
    parser.add_argument("--lessons", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0, help="of the first lesson")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--print", action="store_true", help="the lesson of the seed")
    return parser.parse_args()


def _printed(seed: int) -> int:
    print(markdown(lessons.lesson(seed)))
    _, findings, tally = of_seed(seed)
    print("\n".join(map(str, [*findings, tally])))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
