"""The README keeps what it promises."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from readme_picture import PICTURE, picture

from tracer.lesson.check import check
from tracer.lesson.home import load
from tracer.lesson.reading import read

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
LESSON = re.search(r"^````markdown\n(.*?)^````$", README, re.DOTALL | re.MULTILINE)[1]


def test_it_opens_with_the_promise():
    assert "The book prints -0.038, the exact value is -0.039" in README.split("\n\n")[1]


def test_its_picture_is_what_a_replay_draws():
    renew = "python tests/readme_picture.py renews it"
    assert PICTURE.read_text(encoding="utf-8") == picture(), renew


def test_its_lesson_has_ten_lines_and_holds():
    assert len(LESSON.splitlines()) == 10
    assert [str(v.holds) for v in check(read(LESSON, "my-lesson", "my-lesson.md"))] == ["True"]


def test_its_lesson_with_another_digit_fails():
    changed = LESSON.replace("0.65", "0.66")
    assert not check(read(changed, "my-lesson", "my-lesson.md"))[0].holds


@pytest.mark.parametrize("command", re.findall(r"^\S*python -c \"(.*)\"$", README, re.MULTILINE))
def test_its_python_lines_run(command):
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "through='c'" in done.stdout
    assert "de/db through d = 10" in done.stdout


def test_its_first_command_opens_a_lesson_that_needs_no_other_before_it():
    name = re.search(r"\btracer replay ([\w-]+)", README)[1]
    assert load(name).needs == ()
    assert load("or-batch").needs


def test_its_links_lead_somewhere_and_some_to_solutions():
    links = re.findall(r"\]\(((?!https:)[^)]*)\)", README)
    assert [link for link in links if not (ROOT / link).is_file()] == []
    assert len([link for link in links if link.startswith("walkthroughs/solutions/")]) >= 3


@pytest.mark.parametrize("name", re.findall(r"^tracer \w+ ([\w-]+)", README, re.MULTILINE))
def test_the_lessons_it_names_exist(name):
    assert load(name).title


def test_its_python_example_prints_what_it_says():
    program = re.search(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)[1]
    names: dict[str, object] = {}
    exec(program, names)
    trace = names["trace"]
    assert repr(trace["dCost/dW"].written) == "array([[-0.048, -0.038]])"
    assert repr(trace["dCost/dW"].exact) == "array([[-0.04800646, -0.03865882]])"
    assert repr(trace["dCost/dW[1,2]"]) == "dCost/dW[1,2] = -0.038 (exactly -0.0386588238168)"
