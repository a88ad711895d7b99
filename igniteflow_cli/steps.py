"""Tracks the steps of a run from its events: running and completed steps and written rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from dagster import AssetCheckEvaluation, AssetCheckSeverity, DagsterEventType, EventLogEntry

_ROWS: Final = "dagster/row_count"

FOLLOWED: Final = {
    DagsterEventType.STEP_START,
    DagsterEventType.STEP_SUCCESS,
    DagsterEventType.STEP_FAILURE,
    DagsterEventType.ASSET_MATERIALIZATION,
    DagsterEventType.ASSET_CHECK_EVALUATION,
}
"""The events that ``Steps`` reads."""

_ENDS: Final = {DagsterEventType.STEP_SUCCESS, DagsterEventType.STEP_FAILURE}


@dataclass
class Step:
    """A step that has started.

    Attributes:
        name: step key.
        started: start time in seconds since 1970.
        seconds: duration, None while the step is running.
        failed: whether the step raised an error.
        rows: rows of each written table, by the asset's name.
        checks: evaluations of asset checks.
    """

    name: str
    started: float
    seconds: float | None = None
    failed: bool = False
    rows: dict[str, int] = field(default_factory=dict)
    checks: list[AssetCheckEvaluation] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The name of the step, or the names of its checks if it only runs checks."""
        if self.rows or not self.checks:
            return self.name
        return ", ".join(
            f"check {check.check_name} of {check.asset_key.path[-1]}" for check in self.checks
        )

    @property
    def broke_a_check(self) -> bool:
        """Whether an asset check of the step did not pass."""
        return any(not check.passed for check in self.checks)

    @property
    def has_failed(self) -> bool:
        """Whether the step has failed, or one of its checks with the severity ERROR."""
        return self.failed or any(
            not check.passed and check.severity is AssetCheckSeverity.ERROR for check in self.checks
        )


class Steps:
    """The steps of one run, from its events in order.

    Args:
        total: number of steps of the run.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self._begun: dict[str, Step] = {}

    def read(self, entries: Sequence[EventLogEntry]) -> list[Step]:
        """Process further events, and return the steps that have ended."""
        return [step for entry in entries if (step := self._ended(entry)) is not None]

    @property
    def begun(self) -> list[Step]:
        """All steps that have started, in order."""
        return list(self._begun.values())

    @property
    def running(self) -> list[Step]:
        """The running steps, in the order of their start."""
        return [step for step in self._begun.values() if step.seconds is None]

    @property
    def done(self) -> int:
        """The number of steps that have ended."""
        return len(self._begun) - len(self.running)

    @property
    def rows(self) -> int:
        """The number of rows that the steps have written."""
        return sum(sum(step.rows.values()) for step in self._begun.values())

    def _ended(self, entry: EventLogEntry) -> Step | None:
        event = entry.get_dagster_event()
        name = event.step_key or ""
        step = self._begun.setdefault(name, Step(name, entry.timestamp))
        if entry.asset_materialization is not None:
            rows = entry.asset_materialization.metadata.get(_ROWS)
            if rows is not None:
                step.rows[entry.asset_materialization.asset_key.path[-1]] = int(str(rows.value))
        elif event.event_type is DagsterEventType.ASSET_CHECK_EVALUATION:
            step.checks.append(event.asset_check_evaluation_data)
        elif event.event_type in _ENDS:
            step.seconds = entry.timestamp - step.started
            step.failed = event.event_type is DagsterEventType.STEP_FAILURE
            return step
        return None
