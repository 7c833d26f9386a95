"""The course: its order, what each lesson needs, its index, and the ways from page to page."""

import re
from dataclasses import replace

import course_index
import pytest
from course_index import PAGE, index, minutes

from tracer.lesson.home import course, walkthroughs
from tracer.lesson.reading import read

COURSE = course()
BY_NAME = {lesson.name: lesson for lesson in COURSE}
INDEX = PAGE.read_text(encoding="utf-8")
RENEW = "stale; renew it with: python tests/course_index.py"


# what a lesson needs


def reached(name: str) -> set[str]:
    """What a lesson needs, and all that those need."""
    needs = BY_NAME[name].needs
    return {*needs, *(far for need in needs for far in reached(need))}


def too_late(lessons) -> list[str]:
    """Each lesson that needs one which does not come before it."""
    met, late = set(), []
    for lesson in lessons:
        late += [lesson.name] if set(lesson.needs) - met else []
        met.add(lesson.name)
    return late


def test_a_lesson_needs_only_what_comes_before_it():
    assert too_late(COURSE) == []
    assert too_late(COURSE[::-1])[0] == "wrong-turns"


def test_no_two_lessons_have_the_same_place():
    assert len({lesson.order for lesson in COURSE}) == len(COURSE)


def test_only_the_first_lesson_needs_no_other():
    assert [lesson.name for lesson in COURSE if not lesson.needs] == [COURSE[0].name]


@pytest.mark.parametrize("lesson", COURSE, ids=BY_NAME)
def test_a_lesson_names_no_need_that_another_of_its_needs_has_already(lesson):
    for need in lesson.needs:
        others = [other for other in lesson.needs if other != need]
        assert not any(need in reached(other) for other in others)


@pytest.mark.parametrize("lesson", COURSE, ids=BY_NAME)
def test_a_lesson_that_speaks_of_the_last_one_needs_it(lesson):
    before = COURSE[COURSE.index(lesson) - 1].name
    text = (walkthroughs() / f"{lesson.name}.md").read_text(encoding="utf-8")
    assert before in lesson.needs or not re.search(r"\bthe last lesson\b", text)


@pytest.mark.parametrize("lesson", COURSE, ids=BY_NAME)
def test_a_lesson_says_in_one_sentence_or_two_what_it_is_about(lesson):
    assert re.fullmatch(r"[A-Z][^|]{30,110}\.", lesson.about)


# the index


def test_the_index_is_what_the_lessons_say_now():
    assert index(INDEX) == INDEX, RENEW


def test_an_index_that_is_stale_would_be_noticed(monkeypatch):
    changed = [replace(COURSE[0], about="Something else."), *COURSE[1:]]
    monkeypatch.setattr(course_index, "course", lambda: changed)
    assert index(INDEX) != INDEX


def test_every_link_of_the_index_leads_somewhere():
    links = re.findall(r"\]\(((?!https:)[^)]*)\)", INDEX)
    assert {f"solutions/{name}.md" for name in BY_NAME} <= set(links)
    assert [link for link in links if not (PAGE.parent / link).is_file()] == []


@pytest.mark.parametrize(
    ("words", "steps", "expected"), [(400, 2, 5), (1000, 2, 10), (400, 20, 15)]
)
def test_minutes_are_counted_from_words_and_steps(words, steps, expected):
    equations = "".join(f"a{k + 1} = 2*a{k}\n" for k in range(steps))
    graph = f"```{{graph}}\na0 = 1\n{equations}```\n```{{forward}}\n```\n"
    prose = "word " * words
    lesson = read(f"```{{lesson}}\n:title: T\n```\n{prose}\n\n{graph}", "t", "t.md")
    assert minutes(lesson) == expected
