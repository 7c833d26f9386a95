"""The course: its order, what each lesson needs, its index, and the ways from page to page."""

import re
from dataclasses import replace

import course_index
import pytest
from course_index import PAGE, index, minutes

from tracer.cli import main
from tracer.doors.outputs import ways_on
from tracer.lesson.home import course, load, walkthroughs
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


# from page to page


def links(lesson) -> dict[str, str]:
    """The links at the foot of a lesson's solution: where each leads, by its words."""
    foot = ways_on(lesson, walkthroughs() / "solutions" / f"{lesson.name}.md")
    return dict(re.findall(r"\[([^]]+)\]\(([^)]+)\)", foot))


def test_a_solution_of_the_course_leads_to_its_neighbours_the_index_and_its_source():
    assert links(BY_NAME["loss-and-cost"]) == {
        "← The sigmoid and its slope": "sigmoid.md",
        "The course": "../README.md",
        "The OR gate, with a bias →": "or-bias.md",
        "the source of this page": "../loss-and-cost.md",
    }


def test_nothing_is_before_the_first_solution_and_nothing_behind_the_last():
    assert [words for words in links(COURSE[0]) if "←" in words] == []
    assert [words for words in links(COURSE[-1]) if "→" in words] == []


@pytest.mark.parametrize("lesson", COURSE, ids=BY_NAME)
def test_every_link_of_a_solution_leads_somewhere(lesson):
    found = links(lesson)
    assert len(found) >= 3
    assert all((walkthroughs() / "solutions" / link).is_file() for link in found.values())


def test_links_are_found_from_wherever_one_stands(monkeypatch):
    monkeypatch.chdir(walkthroughs())
    assert links(load("or-batch"))
    assert ways_on(load("./or-batch.md"), PAGE.parent / "solutions" / "or-batch.md")


@pytest.mark.parametrize(
    "output", [[], ["-o", "-"], ["-o", "or-bias.md"], ["-o", "solutions/or-bias.md"]]
)
def test_an_export_to_elsewhere_has_no_links_that_lead_nowhere(
    output, tmp_path, monkeypatch, capfd
):
    (tmp_path / "solutions").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["export", "or-bias", *output]) == 0
    text = (
        capfd.readouterr().out
        if "-" in output or not output
        else (tmp_path / output[1]).read_text("utf-8")
    )
    assert text.startswith("# The OR gate, with a bias\n")
    assert ".md)" not in text


def test_a_lesson_of_ones_own_has_no_neighbours(tmp_path):
    (tmp_path / "or-bias.md").write_text("```{lesson}\n:title: Mine\n```\n", encoding="utf-8")
    mine = load(tmp_path / "or-bias.md")
    assert ways_on(mine, walkthroughs() / "solutions" / "or-bias.md") == ""
