"""Metrics of runs and daemons."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

from igniteflow_core.telemetry.metrics import (
    DAGSTER_DAEMON_HEARTBEAT_AGE_SECONDS,
    DAGSTER_QUEUE_AGE_SECONDS,
    DAGSTER_RUNS,
    JOB_DURATION_SECONDS,
    JOB_TOTAL,
)
from igniteflow_resources.run_statuses import ENDED

_IN_PROGRESS = (
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
)
_OVERLAP = timedelta(minutes=1)
"""Runs may be stored out of the order of their update times."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def label(status: DagsterRunStatus) -> str:
    """Return the metrics' label for a run status, such as ``success``."""
    return status.value.lower()


class RunMetrics:
    """Counts the runs that end after this object is created; earlier runs are not counted.

    Args:
        instance: the Dagster instance of the runs.
        jobs: names of the jobs that can run; their counters are created at zero, because a rate
            does not include the first increment of a counter that starts at one.
        all_of: if given, all runs of this job are counted, whenever they ended, and no others.
    """

    def __init__(
        self, instance: DagsterInstance, jobs: Sequence[str], *, all_of: str | None = None
    ) -> None:
        self._instance = instance
        self._all_of = all_of
        self._since = datetime.now(UTC) if all_of is None else _EPOCH
        self._counted: set[str] = set()
        for job in jobs:
            for status in ENDED:
                JOB_TOTAL.labels(job, label(status))

    def refresh(self) -> None:
        """Count the runs that have ended since the last refresh, and set the runs in progress."""
        self._count_ended()
        for status in _IN_PROGRESS:
            count = self._instance.get_runs_count(RunsFilter(statuses=[status]))
            DAGSTER_RUNS.labels(label(status)).set(count)
        oldest = self._instance.get_run_records(
            RunsFilter(statuses=[DagsterRunStatus.QUEUED]), limit=1, ascending=True
        )
        now = time.time()
        queued_at = oldest[0].create_timestamp.timestamp() if oldest else now
        DAGSTER_QUEUE_AGE_SECONDS.set(max(0.0, now - queued_at))
        for name, daemon in self._instance.get_daemon_statuses().items():
            if daemon.required and daemon.last_heartbeat is not None:
                age = now - daemon.last_heartbeat.timestamp
                DAGSTER_DAEMON_HEARTBEAT_AGE_SECONDS.labels(name).set(max(0.0, age))

    def _count_ended(self) -> None:
        records = self._instance.get_run_records(
            RunsFilter(job_name=self._all_of, statuses=ENDED, updated_after=self._since)
        )
        for record in records:
            run = record.dagster_run
            if run.run_id not in self._counted:
                self._counted.add(run.run_id)
                JOB_TOTAL.labels(run.job_name, label(run.status)).inc()
                if record.start_time is not None and record.end_time is not None:
                    seconds = record.end_time - record.start_time
                    JOB_DURATION_SECONDS.labels(run.job_name, label(run.status)).observe(seconds)
        if records:
            newest = max(record.update_timestamp for record in records)
            self._since = max(self._since, newest - _OVERLAP)
            self._counted = {record.dagster_run.run_id for record in records}
