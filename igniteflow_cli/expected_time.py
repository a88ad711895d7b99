"""How long a run will take, by the last one like it."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

from igniteflow_core.runs.days import RANGE_END, RANGE_START

_LOOKED_AT: Final = 20


def expected_seconds(instance: DagsterInstance, job: str, tags: Mapping[str, str]) -> float | None:
    """Duration of the newest run of the job that succeeded over as many days; None without one.

    Args:
        instance: that has recorded it.
        job: its name.
        tags: of the run to come.
    """
    succeeded = RunsFilter(job_name=job, statuses=[DagsterRunStatus.SUCCESS])
    for record in instance.get_run_records(succeeded, limit=_LOOKED_AT):
        is_alike = _days(record.dagster_run.tags) == _days(tags)
        if is_alike and record.start_time is not None and record.end_time is not None:
            return record.end_time - record.start_time
    return None


def _days(tags: Mapping[str, str]) -> int | None:
    """How many days a run is over, None if it is over none in particular."""
    if RANGE_START not in tags or RANGE_END not in tags:
        return None
    first, last = (date.fromisoformat(tags[name]) for name in (RANGE_START, RANGE_END))
    return (last - first).days + 1
