"""Every alert fires and resolves, evaluated by Prometheus' own promtool."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.monitoring.prometheus_server import executable

RULES = sorted(Path("helm/igniteflow/rules").glob("*.yaml"))
TESTS = Path(__file__).with_name("alerts")


def alerts(rules: Path) -> Iterator[str]:
    for group in yaml.safe_load(rules.read_text())["groups"]:
        yield from (rule["alert"] for rule in group["rules"])


def expected_states(test: dict[str, Any], alert: str) -> list[bool]:
    """Whether the alert is to fire, at each of the times that a test asks for it."""
    return [
        bool(asked.get("exp_alerts"))
        for asked in test["alert_rule_test"]
        if asked["alertname"] == alert
    ]


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.stem)
def test_alerts_fire_and_resolve_when_they_should(rules: Path) -> None:
    result = subprocess.run(
        [executable("promtool"), "test", "rules", str(TESTS / rules.name)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.stem)
def test_no_alert_goes_untested(rules: Path) -> None:
    tests = yaml.safe_load((TESTS / rules.name).read_text())["tests"]
    for alert in alerts(rules):
        states = [expected_states(test, alert) for test in tests]
        assert any(found[0] is False and True in found for found in states if found), alert
        assert any(True in found and found[-1] is False for found in states), alert
