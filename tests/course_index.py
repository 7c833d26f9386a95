"""Tables of the course's index, from the lessons; `python tests/course_index.py` renews them."""

import math
import re
from itertools import groupby

from tracer.lesson.blocks.phases import Written
from tracer.lesson.directive import Lesson, Passage
from tracer.lesson.home import INDEX, course, walkthroughs
from tracer.lesson.solution import solve

PAGE = walkthroughs() / INDEX
WORDS_A_MINUTE, STEPS_A_MINUTE = 200, 2


def index(page: str) -> str:
    """The page with each of its tables written anew: the article's lessons, then the others."""
    lessons = course()
    numbers = {lesson.name: number for number, lesson in enumerate(lessons, 1)}
    parts = groupby(lessons, key=lambda lesson: lesson.source.startswith("Rafay Khan"))
    tables = ("".join(row(lesson, numbers) for lesson in part) for _, part in parts)
    return re.sub(r"(^\| \d+ \|.*\n)+", lambda found: next(tables), page, flags=re.MULTILINE)


def row(lesson: Lesson, numbers: dict[str, int]) -> str:
    """A lesson in its table."""
    name = lesson.name
    title = f"[{lesson.title}](solutions/{name}.md)<br>[`{name}`]({name}.md)"
    needs = ", ".join(f"[{numbers[need]}](solutions/{need}.md)" for need in lesson.needs)
    cells = (str(numbers[name]), title, lesson.about, needs, str(minutes(lesson)))
    return f"| {' | '.join(cells)} |\n"


def minutes(lesson: Lesson) -> int:
    """How long it takes to read, to the next five."""
    words = sum(len(item.text.split()) for item in lesson.items if isinstance(item, Passage))
    worked = [one for one in solve(lesson).sections if isinstance(one, Written)]
    steps = sum(len(section.steps) for section in worked)
    return 5 * math.ceil((words / WORDS_A_MINUTE + steps / STEPS_A_MINUTE) / 5)


if __name__ == "__main__":
    PAGE.write_text(index(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
