"""Licence, templates and markers that the specification names."""

import re
import tomllib
from pathlib import Path

import yaml

from tests.specification.snippets import snippet


def test_the_licence_is_mit() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    assert Path("LICENSE").read_text().startswith("MIT License\n")
    assert (project["license"], project["license-files"]) == ("MIT", ["LICENSE"])
    assert "MIT licence](LICENSE)" in Path("README.md").read_text()


def test_a_report_of_a_bug_asks_for_what_is_shown() -> None:
    form = yaml.safe_load(Path(".github/ISSUE_TEMPLATE/bug.yml").read_text())
    asked = [field["attributes"]["label"].lower() for field in form["body"]]
    shown = re.findall(r"^\*\*(.*)\*\*$", snippet("bug_report.md").read_text(), re.MULTILINE)
    assert [title.lower() for title in shown] == asked


def test_the_markers_of_the_tests_are_there() -> None:
    options = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    markers = {marker.split(":")[0] for marker in options["markers"]}
    shown = re.findall(r"pytest -m (\w+)", snippet("running_tests.sh").read_text())
    assert len(shown) == 4
    assert set(shown) <= markers
