"""From a run to Spark's jobs and back, as a collector gets it."""

import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import dagster as dg
import pandas as pd
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from pyspark.sql import DataFrame, SparkSession

from igniteflow_core.config.load import load_settings
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.platform import platform_resources

pytestmark = pytest.mark.spark


@dg.asset
def rows() -> pd.DataFrame:
    return pd.DataFrame({"n": [1, 2, 3]})


@dg.asset
def doubled(rows: pd.DataFrame) -> pd.DataFrame:
    return rows * 2


@dg.asset
def model(rows: DataFrame, lake: LakeResource) -> dg.MaterializeResult[None]:
    """Trains from a table and writes none."""
    return dg.MaterializeResult(
        metadata={"rows": rows.count(), "doubled": lake.read("doubled").count()}
    )


@dg.asset_check(asset=doubled)
def is_even(lake: LakeResource) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=lake.read("doubled").where("n % 2 = 1").count() == 0)


@dg.asset(deps=[doubled])
def broken(lake: LakeResource) -> dg.MaterializeResult[None]:
    raise RuntimeError(f"{lake.read('doubled').count()} rows")


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Span]]:
    """What a collector has been sent."""
    received: list[Span] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    received.extend(scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/v1/traces"
        monkeypatch.setenv("IGNITEFLOW_TELEMETRY__OTLP_ENDPOINT", address)
        yield received
        server.shutdown()


def jobs_in_no_group(spark: SparkSession) -> set[int]:
    return set(spark.sparkContext.statusTracker().getJobIdsForGroup(None))


def test_every_spark_job_of_an_asset_or_check_is_under_its_span(spark, workspace, spans):
    before = jobs_in_no_group(spark)
    result = dg.materialize(
        [rows, doubled, model, is_even, broken],
        resources=platform_resources(load_settings()),
        raise_on_error=False,
    )

    assert {span.trace_id for span in spans} == {uuid.UUID(result.run_id).bytes}
    by_name = {span.name: span for span in spans}
    run = by_name.pop(f"run {result.dagster_run.job_name}")
    assert run.parent_span_id == b""
    assert set(by_name) == {"rows", "doubled", "model", "doubled_is_even", "broken"}
    jobs: list[int] = []
    for step, span in by_name.items():
        assert span.parent_span_id == run.span_id
        assert run.start_time_unix_nano < span.start_time_unix_nano < span.end_time_unix_nano
        assert (span.status.code == Status.STATUS_CODE_ERROR) == (step == "broken")
        attributes = {attribute.key: attribute.value for attribute in span.attributes}
        jobs += [value.int_value for value in attributes["spark.jobs"].array_value.values]
        known = spark.sparkContext.statusTracker().getJobIdsForGroup(f"{result.run_id}/{step}")
        assert known
        assert jobs[-len(known) :] == sorted(known)
        assert attributes["spark.app.id"].string_value == spark.sparkContext.applicationId
    assert len(jobs) == len(set(jobs))
    # Spark forgets its oldest jobs as new ones come.
    assert jobs_in_no_group(spark) <= before


def test_the_pod_of_a_step_sends_that_steps_span_alone(spark, workspace, spans, monkeypatch):
    monkeypatch.setenv("DAGSTER_RUN_STEP_KEY", "doubled")
    result = dg.materialize([rows, doubled], resources=platform_resources(load_settings()))
    assert {span.name for span in spans} == {f"run {result.dagster_run.job_name}", "doubled"}


def test_what_comes_after_a_run_is_not_of_its_jobs(spark, workspace):
    result = dg.materialize([rows], resources=platform_resources(workspace))
    group = f"{result.run_id}/rows"
    before = spark.sparkContext.statusTracker().getJobIdsForGroup(group)
    spark.range(3).collect()
    assert before
    assert spark.sparkContext.statusTracker().getJobIdsForGroup(group) == before
