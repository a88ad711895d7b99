"""The exporter as a process of its own."""

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
    """What reads the instance once and sets the metrics; it says whether that went well.

    A failure, such as a database that does not answer, is logged and counted, and leaves the
    metrics as they were; their age is a metric too.
    """
    runs, assets = RunMetrics(instance, jobs), AssetMetrics(instance, checks)

    def refresh() -> bool:
        try:
            runs.refresh()
            assets.refresh()
        except Exception:  # noqa: BLE001 - whatever the storage raises, the next time may go well
            EXPORTER_FAILURES_TOTAL.inc()
            _log.exception("Dagster's state cannot be read")
            return False
        EXPORTER_REFRESHED_TIMESTAMP_SECONDS.set_to_current_time()
        return True

    return refresh


def serve_metrics(refresh: Callable[[], bool], port: int) -> None:
    """Answer ``GET /metrics`` on that port, and refresh for ever."""
    start_metrics_server("exporter", port)
    while True:
        refresh()
        sleep(REFRESH_SECONDS)
