"""Groups of Dagster run statuses."""

from typing import Final

from dagster import DagsterRunStatus

ENDED: Final = (DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED)
"""The final statuses of a run."""
