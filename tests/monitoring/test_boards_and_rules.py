"""Boards and alerts ask only for what the code tells, and each alert says what to do."""

import json
import re
from pathlib import Path

import pytest
import yaml

from igniteflow_core.telemetry.metrics import REGISTRY
from scripts import build_dashboards

ROOT = Path(__file__).parents[2]
BOARDS = sorted((ROOT / "helm/igniteflow/dashboards").glob("*.json"))
RULES = [
    rule
    for file in sorted((ROOT / "helm/igniteflow/rules").glob("*.yaml"))
    for group in yaml.safe_load(file.read_text())["groups"]
    for rule in group["rules"]
]


def exported() -> dict[str, set[str]]:
    """Every sample name that the registry can give, with the labels of its metric."""
    names: dict[str, set[str]] = {}
    for collector in set(REGISTRY._collector_to_names):
        labels = set(collector._labelnames)
        for name in REGISTRY._collector_to_names[collector]:
            names[name] = labels | ({"le"} if name.endswith("_bucket") else set())
    return names


def asked(query: str) -> list[tuple[str, set[str]]]:
    """The metrics of a query, and the labels that it selects by."""
    found = re.findall(r"(igniteflow_\w+)(?:\{([^}]*)\})?", query)
    return [(name, set(re.findall(r"(\w+)\s*(?:=~|!=|!~|=)", labels))) for name, labels in found]


def queries() -> list[str]:
    of_boards = [
        target["expr"]
        for file in BOARDS
        for panel in json.loads(file.read_text())["panels"]
        for target in panel["targets"]
    ]
    return of_boards + [rule["expr"] for rule in RULES]


@pytest.mark.parametrize("query", queries())
def test_every_metric_and_label_that_is_asked_for_exists(query):
    known = exported()
    assert asked(query)
    for name, labels in asked(query):
        assert name in known
        assert labels <= known[name], name


def test_a_metric_that_nobody_exports_would_be_found():
    ((name, labels),) = asked('rate(igniteflow_nothing_total{status="x"}[5m])')
    assert (name, labels) == ("igniteflow_nothing_total", {"status"})
    assert name not in exported()


def test_the_boards_are_those_that_the_script_writes(tmp_path):
    build_dashboards.main(tmp_path)
    written = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert written == {file.name: file.read_text() for file in BOARDS}
    assert set(written) == {
        f"{name}.json"
        for name in ("pipeline", "data_quality", "model", "infrastructure", "business")
    }


def test_every_alert_has_a_summary_a_severity_and_its_section_in_the_runbook():
    sections = re.findall(r"^## (\w+)$", (ROOT / "docs/monitoring.md").read_text(), re.MULTILINE)
    assert sorted(sections) == sorted(rule["alert"] for rule in RULES)
    for rule in RULES:
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in {"warning", "critical"}
