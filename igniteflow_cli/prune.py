"""``igniteflow prune``: deletes the records of old runs."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from dagster import DagsterInstance, RunsFilter
from rich.console import Console

from igniteflow_cli.instance import dagster_instance
from igniteflow_resources.run_statuses import ENDED

_BATCH = 100


def prune(
    days: Annotated[int, typer.Option(help="Delete runs that are older than this", min=1)],
) -> None:
    """Delete completed old runs and their event logs; the tables that they wrote are kept."""
    with dagster_instance() as instance:
        deleted = delete_runs_before(instance, datetime.now(UTC) - timedelta(days=days))
    Console().print(f"Deleted {deleted} runs that are older than {days} days.")


def delete_runs_before(instance: DagsterInstance, before: datetime) -> int:
    """Delete the runs that were created before a time and have ended.

    Returns:
        The number of deleted runs.
    """
    old = RunsFilter(created_before=before, statuses=ENDED)
    deleted = 0
    while runs := instance.get_runs(filters=old, limit=_BATCH):
        for run in runs:
            instance.delete_run(run.run_id)
        deleted += len(runs)
    return deleted
