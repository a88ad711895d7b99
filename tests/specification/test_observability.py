"""Metrics, alert rules and the log line that the specification shows."""

import io
import json
import logging
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from igniteflow_core.telemetry import metrics
from igniteflow_core.telemetry.correlation import correlated
from igniteflow_core.telemetry.logs import JsonFormatter
from tests.monitoring.prometheus_server import executable
from tests.specification.snippets import snippet


def series(name: str) -> list[tuple[str, set[str]]]:
    """Each metric of a text, with the names of its labels."""
    found = re.findall(r"^(\w+)\{(.*)\}$", snippet(name).read_text(), re.MULTILINE)
    return [(metric, set(re.findall(r"(\w+)=", labels))) for metric, labels in found]


@pytest.mark.parametrize("name", ["application_metrics.txt", "infrastructure_metrics.txt"])
def test_every_metric_has_its_name_and_its_labels(name: str) -> None:
    ours = {
        str(family.name): set(value._labelnames)
        for value in vars(metrics).values()
        if hasattr(value, "_labelnames")
        for family in value.describe()
    }
    found = series(name)
    assert len(found) >= 5
    for metric, labels in found:
        assert labels <= ours[metric.removesuffix("_total") if metric not in ours else metric]


def alert_test(alert: str, given: dict[str, str], at: str, *, fires: bool) -> dict[str, Any]:
    inputs = [{"series": name, "values": values} for name, values in given.items()]
    labels = {"PipelineFailureRate": "critical", "DataQualityDegraded": "warning"}
    (name,) = given
    stated = dict(re.findall(r'(\w+)="([^"]*)"', name))
    expected = [{"exp_labels": stated | {"severity": labels[alert]}}] if fires else []
    asked = {"eval_time": at, "alertname": alert, "exp_alerts": expected}
    return {"interval": "1m", "input_series": inputs, "alert_rule_test": [asked]}


def test_the_alert_rules_fire_as_they_stand(tmp_path: Path) -> None:
    """With the names, labels and states that the exporter gives."""
    rules = yaml.safe_load(snippet("alert_rules.yaml").read_text())
    for rule in rules["groups"][0]["rules"]:
        rule.pop("annotations")  # promtool wants them repeated in every expectation
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rules))
    failed = 'igniteflow_job_total{job_name="fraud_job",status="failure"}'
    quality = 'igniteflow_data_quality_score{dataset="transactions",rule="completeness_amount"}'
    tests = [
        alert_test("PipelineFailureRate", {failed: "0+30x10"}, "10m", fires=True),
        alert_test("PipelineFailureRate", {failed: "0x10"}, "10m", fires=False),
        alert_test("DataQualityDegraded", {quality: "0.94x5"}, "5m", fires=True),
        alert_test("DataQualityDegraded", {quality: "0.99x5"}, "5m", fires=False),
    ]
    file = tmp_path / "tests.yaml"
    file.write_text(yaml.safe_dump({"rule_files": ["rules.yaml"], "tests": tests}))
    command = [executable("promtool"), "test", "rules", str(file)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_log_line_has_the_fields_of_the_one_that_is_shown() -> None:
    wanted = json.loads(snippet("log_line.json").read_text())
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter("run", "prod"))
    logger = logging.getLogger(wanted["logger"])
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel("INFO")
    stated = ("job_name", "records_processed", "duration_seconds", "model_accuracy")
    with correlated(wanted["correlation_id"]):
        logger.info(wanted["message"], extra={name: wanted[name] for name in stated})

    line = json.loads(written.getvalue())
    assert wanted.keys() <= line.keys()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["timestamp"])
    same = wanted.keys() - {"timestamp", "environment"}
    assert {name: line[name] for name in same} == {name: wanted[name] for name in same}
