import io
import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from igniteflow_core.config.load import load_settings
from igniteflow_core.config.telemetry import TelemetrySettings
from igniteflow_core.telemetry import metrics
from igniteflow_core.telemetry.correlation import (
    accepted_correlation_id,
    correlated,
    correlation_id,
)
from igniteflow_core.telemetry.logs import JsonFormatter, configure_logging
from igniteflow_core.telemetry.tracing import configure_tracing


@pytest.fixture
def written():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter("serving", "prod"))
    logger = logging.getLogger("tests.json")
    logger.handlers, logger.propagate = [handler], False
    return logger, lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_log_line_is_one_json_object(written):
    logger, lines = written
    logger.warning("two\nlines of %s", "text", extra={"rows": 3, "when": {1}})

    (line,) = lines()
    assert line["message"] == "two\nlines of text"
    assert (line["level"], line["service"], line["rows"], line["when"]) == (
        "WARNING", "serving", 3, "{1}",
    )  # fmt: skip
    assert line["timestamp"].endswith("Z")
    assert line["environment"] == "prod"
    assert "correlation_id" not in line


def test_a_log_line_carries_correlation_and_trace(written):
    logger, lines = written
    with correlated("abc"), TracerProvider().get_tracer("t").start_as_current_span("s") as span:
        logger.error("inside")
    logger.error("outside")

    inside, outside = lines()
    assert inside["correlation_id"] == "abc"
    assert inside["trace_id"] == trace.format_trace_id(span.get_span_context().trace_id)
    assert "correlation_id" not in outside
    assert correlation_id() is None


def test_an_exception_is_in_the_line_of_its_record(written):
    logger, lines = written
    try:
        int("broken")
    except ValueError:
        logger.exception("failed")

    assert "ValueError: invalid literal" in lines()[0]["exception"]


@pytest.mark.parametrize("offered", [None, "", "a b", "x" * 129, "a\nSet-Cookie: b", "ä"])
def test_an_unsafe_correlation_id_is_replaced(offered):
    assert accepted_correlation_id(offered) != offered
    assert len(accepted_correlation_id(offered)) == 32


def test_a_safe_correlation_id_is_kept():
    assert accepted_correlation_id("order-17:retry.2") == "order-17:retry.2"


def test_configured_logging_writes_json_for_every_logger():
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    try:
        telemetry = TelemetrySettings(log_level="WARNING")
        configure_logging(
            "stream", load_settings().model_copy(update={"telemetry": telemetry}), stream
        )
        logging.getLogger("some.library").warning("hello")
        logging.getLogger("some.library").info("not shown")
    finally:
        root.handlers[:] = before
        root.setLevel(level)

    assert [json.loads(line)["message"] for line in stream.getvalue().splitlines()] == ["hello"]


def test_spans_reach_the_collector():
    bodies = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self):
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        provider = configure_tracing(
            "serving",
            TelemetrySettings(
                otlp_endpoint=f"http://127.0.0.1:{server.server_port}/v1/traces",
                trace_sample_ratio=1,
            ),
        )
        with provider.get_tracer("tests").start_as_current_span("score"):
            pass
        provider.shutdown()
        server.shutdown()

    assert b"igniteflow-serving" in bodies[0]
    assert b"score" in bodies[0]


def test_without_a_collector_nothing_is_traced():
    assert configure_tracing("serving", TelemetrySettings()) is None


def test_the_contract_of_metric_names_and_labels_holds():
    contract = {
        "igniteflow_job_duration_seconds": {"job_name", "status"},
        "igniteflow_job": {"job_name", "status"},
        "igniteflow_records_processed": {"job_name", "stage"},
        "igniteflow_data_quality_score": {"dataset", "rule"},
        "igniteflow_column_null_share": {"dataset", "column"},
        "igniteflow_column_distinct_values": {"dataset", "column"},
        "igniteflow_model_accuracy": {"model_name", "version"},
        "igniteflow_model_precision": {"model_name", "version"},
        "igniteflow_model_recall": {"model_name", "version"},
        "igniteflow_model_f1_score": {"model_name", "version"},
        "igniteflow_model_data_drift_score": {"model_name", "feature_set"},
        "igniteflow_spark_executors_active": {"app_id"},
        "igniteflow_spark_cores_total": {"app_id"},
        "igniteflow_memory_usage_bytes": {"component"},
        "igniteflow_api_requests": {"endpoint", "method", "status"},
        "igniteflow_api_request_duration_seconds": {"endpoint", "method", "status"},
    }
    ours = [value for value in vars(metrics).values() if hasattr(value, "_labelnames")]
    labels = {metric._name: set(metric._labelnames) for metric in ours}
    assert contract.items() <= labels.items()
