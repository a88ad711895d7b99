"""Pushes the metrics of a command-line run, which may end before Prometheus scrapes them."""

import logging
from collections.abc import Sequence

from dagster import AssetCheckKey, DagsterInstance
from prometheus_client import push_to_gateway

from igniteflow_core.telemetry.metrics import REGISTRY
from igniteflow_resources.exporter.assets import AssetMetrics
from igniteflow_resources.exporter.runs import RunMetrics

_PUSHED = frozenset(
    {
        "igniteflow_job_total",
        "igniteflow_job_duration_seconds_bucket",
        "igniteflow_job_duration_seconds_count",
        "igniteflow_job_duration_seconds_sum",
        "igniteflow_records_processed_total",
        "igniteflow_data_quality_score",
        "igniteflow_model_accuracy",
        "igniteflow_model_precision",
        "igniteflow_model_recall",
        "igniteflow_model_f1_score",
        "igniteflow_model_data_drift_score",
        "igniteflow_asset_check_passed",
        "igniteflow_asset_materialized_timestamp_seconds",
        "igniteflow_spark_executors_active",
        "igniteflow_spark_cores_total",
        "igniteflow_memory_usage_bytes",
    }
)
_TIMEOUT_SECONDS = 10.0

_log = logging.getLogger("igniteflow.push")


class RunPush:
    """Tracks one run of a job; create it before the run starts, so that its records are counted.

    Args:
        url: URL of the Pushgateway.
        instance: the Dagster instance of the run. All of its runs of the job are counted, so that
            counters increase from run to run although each run is a separate process.
        job: name of the job and of the group of metrics, which this run's metrics replace.
        checks: all defined asset checks.
    """

    def __init__(
        self, url: str, instance: DagsterInstance, job: str, checks: Sequence[AssetCheckKey]
    ) -> None:
        self._url = url
        self._job = job
        self._runs = RunMetrics(instance, [job], all_of=job)
        self._assets = AssetMetrics(instance, checks)

    def push(self) -> bool:
        """Push the current metrics, and return whether the Pushgateway accepted them.

        An unreachable gateway is logged and does not fail a run that has succeeded.
        """
        self._runs.refresh()
        self._assets.refresh()
        pushed = REGISTRY.restricted_registry(_PUSHED)
        try:
            push_to_gateway(self._url, job=self._job, registry=pushed, timeout=_TIMEOUT_SECONDS)
        except OSError as error:
            _log.warning("The metrics of %s were not pushed to the gateway: %s", self._job, error)
            return False
        return True
