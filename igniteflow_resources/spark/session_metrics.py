"""Prometheus metrics of the Spark session of a long-running process, such as the stream."""

from functools import partial
from typing import Any, cast

from pyspark.sql import SparkSession

from igniteflow_core.telemetry.memory import resident_bytes
from igniteflow_core.telemetry.metrics import (
    MEMORY_USAGE_BYTES,
    SPARK_CORES_TOTAL,
    SPARK_EXECUTORS_ACTIVE,
)
from igniteflow_core.telemetry.metrics_server import start_metrics_server


def serve_session_metrics(session: SparkSession, port: int) -> None:
    """Serve ``GET /metrics`` on the port from a thread, with metrics of the session."""
    set_session_metrics(session)
    start_metrics_server("stream", port)


def set_session_metrics(session: SparkSession) -> None:
    """Register metrics of executors, cores and driver memory; each scrape reads current values."""
    context = session.sparkContext
    # PySpark has no public API for the executors; one entry of the map is the driver's.
    executors = context._jsc.sc().getExecutorMemoryStatus
    is_local = str(context.master).startswith("local")
    application = str(context.applicationId)
    SPARK_EXECUTORS_ACTIVE.labels(application).set_function(
        lambda: float(executors().size() - (not is_local))
    )
    SPARK_CORES_TOTAL.labels(application).set_function(lambda: float(context.defaultParallelism))
    driver = int(cast("Any", context._jvm).java.lang.ProcessHandle.current().pid())
    MEMORY_USAGE_BYTES.labels("spark").set_function(partial(resident_bytes, driver))
