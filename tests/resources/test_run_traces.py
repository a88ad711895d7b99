"""From a run to Spark's jobs and back, as a collector gets it."""

import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import dagster as dg
import pandas as pd
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from igniteflow_core.config.load import load_settings
from igniteflow_resources.platform import platform_resources

pytestmark = pytest.mark.spark


@dg.asset
def rows() -> pd.DataFrame:
    return pd.DataFrame({"n": [1, 2, 3]})


@dg.asset
def doubled(rows: pd.DataFrame) -> pd.DataFrame:
    return rows * 2


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


def test_a_runs_trace_has_its_id_and_leads_to_sparks_jobs(spark, workspace, spans):
    result = dg.materialize([rows, doubled], resources=platform_resources(load_settings()))

    assert {span.trace_id for span in spans} == {uuid.UUID(result.run_id).bytes}
    by_name = {span.name: span for span in spans}
    run = by_name.pop(f"run {result.dagster_run.job_name}")
    assert run.parent_span_id == b""
    assert set(by_name) == {"write rows", "write doubled"}
    for table, span in (("rows", by_name["write rows"]), ("doubled", by_name["write doubled"])):
        assert span.parent_span_id == run.span_id
        attributes = {attribute.key: attribute.value for attribute in span.attributes}
        jobs = [value.int_value for value in attributes["spark.jobs"].array_value.values]
        known = spark.sparkContext.statusTracker().getJobIdsForGroup(f"{result.run_id}/{table}")
        assert jobs
        assert jobs == sorted(known)
        assert attributes["spark.app.id"].string_value == spark.sparkContext.applicationId


def test_what_comes_after_a_table_is_not_of_its_jobs(spark, workspace):
    result = dg.materialize([rows], resources=platform_resources(workspace))
    group = f"{result.run_id}/rows"
    before = spark.sparkContext.statusTracker().getJobIdsForGroup(group)
    spark.range(3).collect()
    assert before
    assert spark.sparkContext.statusTracker().getJobIdsForGroup(group) == before
