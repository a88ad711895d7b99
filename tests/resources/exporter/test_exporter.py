"""The exporter on a real Dagster instance, asked over HTTP as Prometheus asks."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import dagster as dg
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from igniteflow_core.telemetry.metrics import REGISTRY
from igniteflow_resources.exporter import serve
from igniteflow_resources.exporter.push import RunPush
from igniteflow_resources.exporter.runs import RunMetrics
from igniteflow_resources.exporter.serve import refresher, serve_metrics
from tests.local_server import free_port


@dg.asset
def orders(context: dg.AssetExecutionContext) -> None:
    if context.run.tags.get("break"):
        raise dg.Failure("the delivery is missing")
    context.add_output_metadata({"rows_written": 7, "share": 0.5, "note": "no number"})


@dg.asset(deps=[orders])
def fraud_evaluation(context: dg.AssetExecutionContext) -> None:
    context.add_output_metadata({"model_version": "4", "precision": 0.75, "f1": 0.6})


@dg.asset(deps=[orders])
def feature_drift(context: dg.AssetExecutionContext) -> None:
    context.add_output_metadata({"largest_psi": 0.25})


@dg.asset(deps=[orders])
def table_profiles(context: dg.AssetExecutionContext) -> None:
    amount = {"table": "orders", "column": "amount", "rows": 8, "nulls": 2, "distinct": 5}
    empty = {"table": "refunds", "column": "amount", "rows": 0, "nulls": 0, "distinct": 0}
    records = [dg.TableRecord(amount), dg.TableRecord(empty)]
    context.add_output_metadata({"column_profiles": dg.MetadataValue.table(records)})


@dg.asset_check(asset=orders)
def orders_rules(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=not context.run.tags.get("fail_check"),
        metadata={"score": 1.0, "score of completeness_amount": 0.9},
    )


DEFS = dg.Definitions(
    assets=[orders, fraud_evaluation, feature_drift, table_profiles],
    asset_checks=[orders_rules],
    jobs=[dg.define_asset_job("exporter_job")],
)
ROOT = Path(__file__).parents[3]
CHECKS = [dg.AssetCheckKey(dg.AssetKey("orders"), "orders_rules")]


@pytest.fixture
def instance(tmp_path) -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test(temp_dir=str(tmp_path)) as made:
        yield made


def run(instance, **tags) -> None:
    DEFS.resolve_job_def("exporter_job").execute_in_process(
        instance=instance, tags=tags, raise_on_error=False
    )


def value(name: str, **labels) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def ended(status: str) -> float | None:
    return value("igniteflow_job_total", job_name="exporter_job", status=status)


def test_runs_are_counted_once_by_outcome_with_their_duration(instance):
    run(instance)
    refresh = refresher(instance, ["exporter_job"], CHECKS)
    before = ended("success"), ended("failure")

    run(instance)
    run(instance, **{"break": "yes"})
    assert refresh()
    assert refresh()

    assert (ended("success"), ended("failure")) == (before[0] + 1, before[1] + 1)
    duration = "igniteflow_job_duration_seconds_count"
    assert value(duration, job_name="exporter_job", status="failure") >= 1


def test_what_assets_and_checks_said_last_is_told(instance):
    refresh = refresher(instance, ["exporter_job"], CHECKS)
    records = {"job_name": "exporter_job", "stage": "orders"}
    before = value("igniteflow_records_processed_total", **records) or 0.0
    started = time.time()
    for _ in range(2):
        run(instance)
    assert refresh()

    assert value("igniteflow_asset_fact", asset="orders", fact="share") == 0.5
    assert value("igniteflow_asset_fact", asset="orders", fact="note") is None
    assert value("igniteflow_asset_materialized_timestamp_seconds", asset="orders") >= started
    assert value("igniteflow_records_processed_total", **records) == before + 14
    check = {"asset": "orders", "check": "orders_rules"}
    assert value("igniteflow_asset_check_passed", **check) == 1
    rule = {"dataset": "orders", "rule": "completeness_amount"}
    assert value("igniteflow_data_quality_score", **rule) == 0.9
    model = {"model_name": "fraud_ensemble", "version": "4"}
    assert value("igniteflow_model_precision", **model) == 0.75
    assert value("igniteflow_model_f1_score", **model) == 0.6
    drift = {"model_name": "fraud_ensemble", "feature_set": "features"}
    assert value("igniteflow_model_data_drift_score", **drift) == 0.25
    column = {"dataset": "orders", "column": "amount"}
    assert value("igniteflow_column_null_share", **column) == 0.25
    assert value("igniteflow_column_distinct_values", **column) == 5
    assert value("igniteflow_column_null_share", dataset="refunds", column="amount") is None

    run(instance, fail_check="yes")
    assert refresh()
    assert value("igniteflow_asset_check_passed", **check) == 0
    assert value("igniteflow_records_processed_total", **records) == before + 21


def test_waiting_runs_and_daemons_have_their_age(tmp_path):
    # Without a daemon, a run that is launched waits.
    settings = {"concurrency": {"runs": {"max_concurrent_runs": 1}}}
    launch = ["-m", "dagster", "job", "launch", "-m", __name__, "-j", "exporter_job"]
    with dg.instance_for_test(settings, temp_dir=str(tmp_path)) as instance:
        subprocess.run(
            [sys.executable, *launch], cwd=ROOT, check=True, capture_output=True,
            env=os.environ | {"DAGSTER_HOME": str(tmp_path)},
        )  # fmt: skip
        RunMetrics(instance, []).refresh()
        assert value("igniteflow_dagster_runs", status="queued") == 1
        assert value("igniteflow_dagster_queue_age_seconds") > 0

        (queued,) = instance.get_runs()
        instance.delete_run(queued.run_id)
        RunMetrics(instance, []).refresh()
        assert value("igniteflow_dagster_runs", status="queued") == 0
        assert value("igniteflow_dagster_queue_age_seconds") == 0


def test_a_database_that_does_not_answer_is_counted_and_leaves_the_metrics(instance, monkeypatch):
    run(instance)
    refresh = refresher(instance, ["exporter_job"], CHECKS)
    assert refresh()
    failures = value("igniteflow_exporter_failures_total")
    refreshed = value("igniteflow_exporter_refreshed_timestamp_seconds")

    def broken(*_args, **_kwargs):
        raise ConnectionError("the database is gone")

    monkeypatch.setattr(dg.DagsterInstance, "get_asset_records", broken)
    assert not refresh()

    assert value("igniteflow_exporter_failures_total") == failures + 1
    assert value("igniteflow_exporter_refreshed_timestamp_seconds") == refreshed
    assert value("igniteflow_asset_fact", asset="orders", fact="share") == 0.5


def test_prometheus_reads_it_over_http(instance, monkeypatch):
    class StopError(Exception):
        pass

    asked = threading.Event()

    def sleep(_seconds: float) -> None:
        asked.wait(10)
        raise StopError

    monkeypatch.setattr(serve, "sleep", sleep)
    run(instance)
    port = free_port()

    def serve_until_asked() -> None:
        with pytest.raises(StopError):
            serve_metrics(refresher(instance, ["exporter_job"], CHECKS), port)

    thread = threading.Thread(target=serve_until_asked)
    thread.start()
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=10, trust_env=False)
    finally:
        asked.set()
        thread.join()

    told = {family.name: family for family in text_string_to_metric_families(answer.text)}
    facts = {
        (sample.labels["asset"], sample.labels["fact"]): sample.value
        for sample in told["igniteflow_asset_fact"].samples
    }
    assert facts["orders", "rows_written"] == 7
    components = [s.labels["component"] for s in told["igniteflow_memory_usage_bytes"].samples]
    assert "exporter" in components


def test_a_run_is_pushed_with_all_runs_of_its_job_before_it(instance):
    run(instance)
    requests, port = [], free_port()

    class Gateway(BaseHTTPRequestHandler):
        def do_PUT(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append((self.path, body.decode()))
            self.send_response(200)
            self.end_headers()

    with HTTPServer(("127.0.0.1", port), Gateway) as gateway:
        threading.Thread(target=gateway.serve_forever, daemon=True).start()
        counted = ended("success") or 0.0
        push = RunPush(f"http://127.0.0.1:{port}", instance, "exporter_job", CHECKS)
        run(instance)
        assert push.push()
        gateway.shutdown()

    ((path, body),) = requests
    assert path == "/metrics/job/exporter_job"
    told = {family.name: family for family in text_string_to_metric_families(body)}
    of_job = {
        sample.labels["status"]: sample.value
        for sample in told["igniteflow_job"].samples
        if sample.labels["job_name"] == "exporter_job" and sample.name.endswith("_total")
    }
    assert of_job["success"] == counted + 2
    assert "igniteflow_exporter_refreshed_timestamp_seconds" not in told


def test_a_gateway_that_is_away_fails_no_run(instance, caplog):
    push = RunPush(f"http://127.0.0.1:{free_port()}", instance, "exporter_job", CHECKS)
    assert not push.push()
    assert "exporter_job" in caplog.text
