"""Prometheus scrapes the exporter of a real Dagster instance while a failure comes and goes."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml

from igniteflow_core.quality.report import RULE_SCORE
from igniteflow_core.telemetry.metrics_server import start_metrics_server
from igniteflow_resources.exporter.serve import refresher
from tests.local_server import free_port
from tests.monitoring.prometheus_server import Prometheus, prometheus_server

pytestmark = pytest.mark.slow

JOB = "delivery_job"
CHECK = dg.AssetCheckKey(dg.AssetKey("deliveries"), "deliveries_rules")
RULE = "completeness_amount"


@dg.asset
def deliveries(context: dg.AssetExecutionContext) -> None:
    if "missing" in context.run.tags:
        raise dg.Failure("the delivery is missing")


@dg.asset_check(asset=deliveries)
def deliveries_rules(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    kept = 0.5 if "spoilt" in context.run.tags else 1.0
    return dg.AssetCheckResult(passed=kept == 1.0, metadata={f"{RULE_SCORE}{RULE}": kept})


DEFS = dg.Definitions(
    [deliveries], asset_checks=[deliveries_rules], jobs=[dg.define_asset_job(JOB)]
)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The rules as the chart has them, but that an alert has to hold for a second only."""
    groups = [
        group
        for file in sorted(Path("helm/igniteflow/rules").glob("*.yaml"))
        for group in yaml.safe_load(file.read_text())["groups"]
    ]
    for group in groups:
        for rule in group["rules"]:
            rule["for"] = "1s"
    written = tmp_path / "rules.yaml"
    written.write_text(yaml.safe_dump({"groups": groups}))
    return written


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test(temp_dir=str(tmp_path)) as made:
        yield made


@pytest.fixture
def exporter() -> str:
    port = free_port()
    start_metrics_server("exporter", port)
    return f"127.0.0.1:{port}"


@pytest.fixture
def prometheus(tmp_path: Path, rules: Path, exporter: str) -> Iterator[Prometheus]:
    with prometheus_server(tmp_path, rules, exporter) as server:
        yield server


def test_alerts_fire_on_a_failure_and_resolve_once_it_is_mended(
    instance: dg.DagsterInstance, prometheus: Prometheus
) -> None:
    refresh = refresher(instance, [JOB], [CHECK])

    def run(*tags: str) -> None:
        DEFS.resolve_job_def(JOB).execute_in_process(
            instance=instance, tags=dict.fromkeys(tags, "yes"), raise_on_error=False
        )
        assert refresh()

    failed_check = {"alertname": "AssetCheckFailed", "check": CHECK.name}
    few_rows = {"alertname": "DataQualityDegraded", "rule": RULE}
    failed_runs = {"alertname": "PipelineFailureRate", "job_name": JOB}

    run()
    prometheus.wait_until_scraped("igniteflow_asset_check_passed", check=CHECK.name)
    assert not any(prometheus.fires(**alert) for alert in (failed_check, few_rows, failed_runs))

    run("spoilt")
    run("missing")
    for alert in (failed_check, few_rows, failed_runs):
        prometheus.wait_until_fires(**alert)

    for _ in range(10):
        run()
    for alert in (failed_check, few_rows, failed_runs):
        prometheus.wait_until_resolved(**alert)
