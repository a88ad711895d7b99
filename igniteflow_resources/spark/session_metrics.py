"""Prometheus metrics of a process that holds a Spark session for as long as it lives."""

from prometheus_client import start_http_server
from pyspark.sql import SparkSession

from igniteflow_core.telemetry.memory import resident_bytes
from igniteflow_core.telemetry.metrics import (
    MEMORY_USAGE_BYTES,
    REGISTRY,
    SPARK_CORES_TOTAL,
    SPARK_EXECUTORS_ACTIVE,
)


def serve_session_metrics(session: SparkSession, port: int) -> None:
    """Answer ``GET /metrics`` on that port from a thread, with the executors as they are then."""
    context = session.sparkContext
    # PySpark has no public way to the executors; one entry of the map is the driver's.
    executors = context._jsc.sc().getExecutorMemoryStatus
    is_local = str(context.master).startswith("local")
    SPARK_EXECUTORS_ACTIVE.set_function(lambda: float(executors().size() - (not is_local)))
    SPARK_CORES_TOTAL.set_function(lambda: float(context.defaultParallelism))
    MEMORY_USAGE_BYTES.labels("stream").set_function(resident_bytes)
    start_http_server(port, registry=REGISTRY)
