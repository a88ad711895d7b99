"""The states that a Dagster run can be in, as far as more than one place asks."""

from typing import Final

from dagster import DagsterRunStatus

ENDED: Final = (DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED)
"""A run that has one of these keeps it."""
