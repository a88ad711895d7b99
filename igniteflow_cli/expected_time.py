"""Estimates the duration of a run from the previous comparable run."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

from igniteflow_core.runs.days import RANGE_END, RANGE_START

_MAX_RUNS: Final = 20


def expected_seconds(instance: DagsterInstance, job: str, tags: Mapping[str, str]) -> float | None:
    """Return the duration of the job's newest successful run over as many days, or None.

    Args:
        instance: Dagster instance of the runs.
        job: name of the job.
        tags: tags of the run to estimate.
    """
    succeeded = RunsFilter(job_name=job, statuses=[DagsterRunStatus.SUCCESS])
    for record in instance.get_run_records(succeeded, limit=_MAX_RUNS):
        is_comparable = _days(record.dagster_run.tags) == _days(tags)
        if is_comparable and record.start_time is not None and record.end_time is not None:
            return record.end_time - record.start_time
    return None


def _days(tags: Mapping[str, str]) -> int | None:
    """Return the number of days of a run, or None if the run has no range of days."""
    if RANGE_START not in tags or RANGE_END not in tags:
        return None
    first, last = (date.fromisoformat(tags[name]) for name in (RANGE_START, RANGE_END))
    return (last - first).days + 1
