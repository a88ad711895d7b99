"""Runs the exporter as a separate process."""

import logging
from collections.abc import Callable, Sequence
from time import sleep

from dagster import AssetCheckKey, DagsterInstance

from igniteflow_core.telemetry.metrics import (
    EXPORTER_FAILURES_TOTAL,
    EXPORTER_REFRESHED_TIMESTAMP_SECONDS,
)
from igniteflow_core.telemetry.metrics_server import start_metrics_server
from igniteflow_resources.exporter.assets import AssetMetrics
from igniteflow_resources.exporter.runs import RunMetrics

REFRESH_SECONDS = 15.0

_log = logging.getLogger("igniteflow.exporter")


def refresher(
    instance: DagsterInstance, jobs: Sequence[str], checks: Sequence[AssetCheckKey]
) -> Callable[[], bool]:
    """Return a function that sets the metrics once from the instance and returns its success.

    A failure, such as an unreachable database, is logged and counted, and leaves the metrics
    unchanged; the time of the last refresh is itself a metric.
    """
    runs, assets = RunMetrics(instance, jobs), AssetMetrics(instance, checks)

    def refresh() -> bool:
        try:
            runs.refresh()
            assets.refresh()
        except Exception:  # noqa: BLE001 - any storage error; the next refresh may succeed
            EXPORTER_FAILURES_TOTAL.inc()
            _log.exception("Dagster's state cannot be read")
            return False
        EXPORTER_REFRESHED_TIMESTAMP_SECONDS.set_to_current_time()
        return True

    return refresh


def serve_metrics(refresh: Callable[[], bool], port: int) -> None:
    """Serve ``GET /metrics`` on the port, and refresh the metrics forever."""
    start_metrics_server("exporter", port)
    while True:
        refresh()
        sleep(REFRESH_SECONDS)
