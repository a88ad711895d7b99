"""Parts that are away, and runs that fail of it, tell no secret: in errors, logs, traces, pages."""

import io
import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import dagster as dg
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from igniteflow_core.config.load import load_settings
from igniteflow_core.online.connect import connect_online_store
from igniteflow_core.online.store import EntityKey
from igniteflow_core.telemetry.logs import configure_logging
from igniteflow_core.telemetry.tracing import configure_tracing
from igniteflow_resources.alerts import AlertDeliveryError, AlertResource
from igniteflow_resources.audit.events import unrecorded_events
from igniteflow_resources.platform import platform_resources
from igniteflow_resources.stream import progress
from tests.canaries.conftest import assert_no_canary


def ask_redis() -> None:
    connect_online_store(load_settings().online).read([EntityKey("customer", "C1")])


def ask_kafka() -> None:
    progress.read_progress(load_settings().stream)


def ask_mlflow() -> None:
    platform_resources(load_settings())["mlflow"].client.get_experiment_by_name("x")


def ask_s3() -> None:
    import boto3

    boto3.client("s3", endpoint_url="http://127.0.0.1:1").list_buckets()


def ask_webhook() -> None:
    AlertResource().send("run_failure", {"job": "j"})


def ask_postgres() -> None:
    from dagster_postgres import PostgresRunStorage
    from dagster_postgres.utils import get_conn_string

    password = os.environ["DAGSTER_PG_PASSWORD"]
    PostgresRunStorage(get_conn_string("dagster", password, "127.0.0.1", "dagster", "1"))


AWAY: dict[str, Callable[[], None]] = {
    "Redis": ask_redis, "Kafka": ask_kafka, "MLflow": ask_mlflow, "S3": ask_s3,
    "webhook": ask_webhook, "Postgres": ask_postgres,
}  # fmt: skip


class Refusing(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.send_error(500)

    def log_message(self, *_: object) -> None:
        """Keeps the test's output quiet."""


@pytest.fixture
def log():
    """All that this process logs, down to the last detail."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    configure_logging("tests", load_settings(), written)
    yield written
    root.handlers, root.level = handlers, level
    logging.getLogger("igniteflow").setLevel(logging.NOTSET)


@pytest.mark.parametrize("part", AWAY)
def test_a_part_that_is_away_is_told_without_its_secret(part, canaries, log, monkeypatch):
    monkeypatch.setattr(progress, "_SECONDS", 0.5)
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("tests")
    with pytest.raises(Exception) as failed, tracer.start_as_current_span(part):  # noqa: PT011
        AWAY[part]()
    logging.getLogger("igniteflow").error("failed", exc_info=failed.value)
    told = "".join(traceback.format_exception(failed.value)) + repr(failed.value)
    assert_no_canary(told, "the error")
    assert_no_canary("".join(span.to_json() for span in exporter.get_finished_spans()), "the trace")
    assert part.lower() in log.getvalue().lower() or "127.0.0.1" in log.getvalue()
    assert_no_canary(log.getvalue(), "the log")


def test_a_webhook_that_refuses_is_told_without_its_address(canaries, log, monkeypatch):
    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/services/{canaries['webhook']}"
        monkeypatch.setenv("IGNITEFLOW_ALERTS__WEBHOOK_URL", url)
        with pytest.raises(AlertDeliveryError) as failed:
            AlertResource().send("run_failure", {"job": "j"})
        server.shutdown()
    assert_no_canary("".join(traceback.format_exception(failed.value)), "the error")
    assert_no_canary(log.getvalue(), "the log")


def test_a_collector_that_is_away_is_told_without_the_header(canaries, log, monkeypatch):
    provider = configure_tracing("tests", load_settings().telemetry)
    with provider.get_tracer("tests").start_as_current_span("a span"):
        pass
    provider.force_flush(2_000)
    provider.shutdown()
    assert_no_canary(log.getvalue(), "the log")


@pytest.mark.parametrize("part", ["Redis", "webhook", "MLflow"])
def test_a_run_that_fails_of_it_leaves_no_secret_in_what_dagster_keeps(part, canaries, tmp_path):
    @dg.asset
    def doomed(context: dg.AssetExecutionContext, alerts: AlertResource) -> dg.MaterializeResult:
        context.log.error("%s", load_settings())
        context.add_output_metadata({"settings": dg.MetadataValue.md(repr(load_settings()))})
        AWAY[part]()

    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        result = dg.materialize(
            [doomed], instance=instance, resources={"alerts": AlertResource()}, raise_on_error=False
        )
    assert not result.success
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(b"doomed" in path.read_bytes() for path in kept)
    for path in kept:
        assert_no_canary(path.read_bytes(), path.name)


def test_what_the_audit_log_takes_from_a_run_holds_no_secret(canaries):
    settings = load_settings()

    @dg.asset
    def told() -> dg.MaterializeResult:
        layers = {name: str(value) for name, value in settings if len(str(value)) < 2_000}
        return dg.MaterializeResult(metadata=layers)

    with dg.DagsterInstance.ephemeral() as instance:
        tags = {"user": "somebody", "igniteflow/reason": "as asked"}
        assert dg.materialize([told], instance=instance, tags=tags).success
        events = unrecorded_events(instance, set(), 0)
    recorded = repr(events)
    assert "redis" in recorded
    assert "as asked" in recorded
    assert_no_canary(recorded, "the audit log")


def test_what_dagster_shows_of_resources_holds_no_secret(canaries):
    """Dagster shows the configuration of every resource in its pages, and keeps it."""
    for name, resource in platform_resources(load_settings()).items():
        assert_no_canary(str(vars(resource)), name)
        told = getattr(resource, "_config_schema", resource)
        assert_no_canary(repr(told), name)


SPARK = """
import sys, urllib.request
from dagster import build_init_resource_context
from igniteflow_core.config.load import load_settings
from igniteflow_resources.platform import platform_resources
spark = platform_resources(load_settings())["spark"]
spark.setup_for_execution(build_init_resource_context())
context = spark.session.sparkContext
hadoop = context._jsc.hadoopConfiguration()
assert hadoop.get("fs.s3a.secret.key").startswith("canary"), "the session does not have it"
at = f"{context.uiWebUrl}/api/v1/applications/{context.applicationId}/environment"
# Spark's pages ask for the same, in the browser.
told = urllib.request.urlopen(at, timeout=20).read().decode()
assert "fs.s3a.secret.key" in told, told
print(told)
spark.session.stop()
"""


@pytest.mark.spark
@pytest.mark.slow
def test_spark_shows_and_logs_its_configuration_with_masks(canaries):
    told = subprocess.run(
        [sys.executable, "-c", SPARK], capture_output=True, timeout=300, check=False
    )
    assert told.returncode == 0, told.stderr.decode()[-2_000:]
    assert_no_canary(told.stdout, "Spark's pages")
    assert_no_canary(told.stderr, "Spark's log")
