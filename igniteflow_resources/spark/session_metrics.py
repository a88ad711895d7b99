"""Prometheus metrics of the stream, which holds a Spark session for as long as it lives."""

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
    """Answer ``GET /metrics`` on that port from a thread, with the executors as they are then."""
    tell_of_session(session)
    start_metrics_server("stream", port)


def tell_of_session(session: SparkSession) -> None:
    """Executors, their cores, and the memory of Spark's driver, as they are when they are asked."""
    context = session.sparkContext
    # PySpark has no public way to the executors; one entry of the map is the driver's.
    executors = context._jsc.sc().getExecutorMemoryStatus
    is_local = str(context.master).startswith("local")
    application = str(context.applicationId)
    SPARK_EXECUTORS_ACTIVE.labels(application).set_function(
        lambda: float(executors().size() - (not is_local))
    )
    SPARK_CORES_TOTAL.labels(application).set_function(lambda: float(context.defaultParallelism))
    driver = int(cast("Any", context._jvm).java.lang.ProcessHandle.current().pid())
    MEMORY_USAGE_BYTES.labels("spark").set_function(partial(resident_bytes, driver))
