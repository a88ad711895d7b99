"""What a run's events say of its steps: which have ended, which run, and what they wrote."""

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
    """A step that has begun.

    Attributes:
        started: seconds since 1970.
        seconds: how long it took, None while it runs.
        rows: of each table that it wrote, by the asset's name.
        checks: what it found.
    """

    name: str
    started: float
    seconds: float | None = None
    failed: bool = False
    rows: dict[str, int] = field(default_factory=dict)
    checks: list[AssetCheckEvaluation] = field(default_factory=list)

    @property
    def title(self) -> str:
        """Its name; of a step that only checks, which check of what."""
        if self.rows or not self.checks:
            return self.name
        return ", ".join(
            f"check {check.check_name} of {check.asset_key.path[-1]}" for check in self.checks
        )

    @property
    def broke_a_check(self) -> bool:
        """Whether a check of it did not pass that only warns."""
        return any(not check.passed for check in self.checks)

    @property
    def has_failed(self) -> bool:
        """Whether it, or a check of it that does not only warn, has failed."""
        return self.failed or any(
            not check.passed and check.severity is AssetCheckSeverity.ERROR for check in self.checks
        )


class Steps:
    """The steps of one run, from its events in their order.

    Args:
        total: how many steps the run has.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self._begun: dict[str, Step] = {}

    def read(self, entries: Sequence[EventLogEntry]) -> list[Step]:
        """Take in further events; gives the steps that they ended."""
        return [step for entry in entries if (step := self._ended(entry)) is not None]

    @property
    def begun(self) -> list[Step]:
        """All that have begun, in their order."""
        return list(self._begun.values())

    @property
    def running(self) -> list[Step]:
        """Those under way, in the order in which they began."""
        return [step for step in self._begun.values() if step.seconds is None]

    @property
    def done(self) -> int:
        """How many have ended."""
        return len(self._begun) - len(self.running)

    @property
    def rows(self) -> int:
        """How many rows they have written."""
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
