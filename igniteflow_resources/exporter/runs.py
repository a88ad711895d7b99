"""Runs and daemons as metrics."""

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

_UNDER_WAY = (
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
)
_OVERLAP = timedelta(minutes=1)
"""Runs may be stored in another order than that of their times."""


_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def label(status: DagsterRunStatus) -> str:
    """How metrics call the state of a run, such as ``success``."""
    return status.value.lower()


class RunMetrics:
    """Counts the runs that end from now on; what ended before is another process's to have told.

    Args:
        instance: whose runs.
        jobs: names of the jobs that can run; each of their counts is there from the start, as a
            rate cannot see a count that begins at one.
        all_of: a job of which every run counts, whenever it ended, and no run of another job.
    """

    def __init__(
        self, instance: DagsterInstance, jobs: Sequence[str], *, all_of: str | None = None
    ) -> None:
        self._instance = instance
        self._all_of = all_of
        self._since = datetime.now(UTC) if all_of is None else _EVER
        self._counted: set[str] = set()
        for job in jobs:
            for status in ENDED:
                JOB_TOTAL.labels(job, label(status))

    def refresh(self) -> None:
        """Count the runs that have ended since, and set what is under way."""
        self._count_ended()
        for status in _UNDER_WAY:
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
