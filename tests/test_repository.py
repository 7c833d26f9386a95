"""What visitors of a repository look for agrees with the project."""

import re
import tomllib
from pathlib import Path

import pytest

import tracer

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_changes_begin_with_what_is_unreleased_and_go_on_with_this_version():
    headings = re.findall(r"^## (.*)$", text_of("CHANGELOG.md"), re.MULTILINE)
    assert headings[:2] == ["Unreleased", tracer.__version__]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("version", tracer.__version__),
        ("title", PROJECT["name"]),
        ("abstract", f"{PROJECT['description']}."),
        ("license", PROJECT["license"]),
    ],
)
def test_a_citation_names_the_project_as_it_names_itself(key, value):
    assert re.findall(rf"^{key}: (.*)$", text_of("CITATION.cff"), re.MULTILINE) == [value]


def test_a_citation_has_the_authors_of_the_licence_and_the_keywords_of_the_project():
    cited = text_of("CITATION.cff")
    (authors,) = re.findall(r"^Copyright \(c\) \d+ (.*)$", text_of("LICENSE"), re.MULTILINE)
    assert f"\nauthors:\n  - name: {authors}\n" in cited
    assert re.findall(r"^  - ([\w ]+)$", cited, re.MULTILINE) == PROJECT["keywords"]


def test_the_workflow_begins_with_the_oldest_python_that_will_do():
    workflow = text_of(".github/workflows/tests.yml")
    (versions,) = re.findall(r"^ +python: \[(.*)\]$", workflow, re.MULTILINE)
    assert PROJECT["requires-python"] == f">={versions.split(', ')[0].strip(chr(34))}"
    assert (ROOT / re.findall(r"- run: (.*)$", workflow, re.MULTILINE)[0]).is_file()


def test_what_stands_beside_the_package_is_in_the_source_distribution():
    included = tomllib.loads(text_of("pyproject.toml"))["tool"]["hatch"]["build"]["targets"]
    assert {"/*.md", "CITATION.cff", ".ci", ".github"} <= set(included["sdist"]["include"])
