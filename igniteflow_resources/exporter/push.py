"""What a run of the command line tells Prometheus' Pushgateway, as it ends before it is scraped."""

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
    """Follows one run of a job; made before it starts, so that its records are counted.

    Args:
        url: of the Pushgateway.
        instance: where the run is kept. All runs of the job that it knows are counted, so that a
            counter grows from run to run although each is a process of its own.
        job: name of the job, and of the group of metrics, which this run's replace as a whole.
        checks: the checks that there are.
    """

    def __init__(
        self, url: str, instance: DagsterInstance, job: str, checks: Sequence[AssetCheckKey]
    ) -> None:
        self._url = url
        self._job = job
        self._runs = RunMetrics(instance, [job], all_of=job)
        self._assets = AssetMetrics(instance, checks)

    def push(self) -> bool:
        """Tell what the instance knows now; whether the Pushgateway took it.

        A gateway that is away must not fail a run that has done its work: that is logged.
        """
        self._runs.refresh()
        self._assets.refresh()
        told = REGISTRY.restricted_registry(_PUSHED)
        try:
            push_to_gateway(self._url, job=self._job, registry=told, timeout=_TIMEOUT_SECONDS)
        except OSError as error:
            _log.warning("The Pushgateway did not take the metrics of %s: %s", self._job, error)
            return False
        return True
