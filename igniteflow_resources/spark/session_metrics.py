"""Prometheus metrics of the stream, which holds a Spark session for as long as it lives."""

from pyspark.sql import SparkSession

from igniteflow_core.telemetry.metrics import (
    SPARK_CORES_TOTAL,
    SPARK_EXECUTORS_ACTIVE,
)
from igniteflow_core.telemetry.metrics_server import start_metrics_server


def serve_session_metrics(session: SparkSession, port: int) -> None:
    """Answer ``GET /metrics`` on that port from a thread, with the executors as they are then."""
    context = session.sparkContext
    # PySpark has no public way to the executors; one entry of the map is the driver's.
    executors = context._jsc.sc().getExecutorMemoryStatus
    is_local = str(context.master).startswith("local")
    SPARK_EXECUTORS_ACTIVE.set_function(lambda: float(executors().size() - (not is_local)))
    SPARK_CORES_TOTAL.set_function(lambda: float(context.defaultParallelism))
    start_metrics_server("stream", port)
