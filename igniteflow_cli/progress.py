"""What a run is doing, a line for each step as it ends."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dagster import DagsterEventType, DagsterInstance, EventLogEntry
from rich.console import Console

_POLL_SECONDS = 0.5
_SHOWN = {
    DagsterEventType.STEP_START,
    DagsterEventType.STEP_SUCCESS,
    DagsterEventType.STEP_FAILURE,
    DagsterEventType.ASSET_CHECK_EVALUATION,
}


@contextmanager
def shown_progress(instance: DagsterInstance, run_id: str, console: Console) -> Iterator[None]:
    """Print the steps of the run while the block runs."""
    ended = threading.Event()
    lines = _Lines(instance, run_id, console)

    def follow() -> None:
        while not ended.wait(_POLL_SECONDS):
            lines.print_new()

    follower = threading.Thread(target=follow, daemon=True)
    follower.start()
    try:
        yield
    finally:
        ended.set()
        follower.join()
        lines.print_new()


class _Lines:
    def __init__(self, instance: DagsterInstance, run_id: str, console: Console) -> None:
        self._instance, self._run_id, self._console = instance, run_id, console
        self._cursor: str | None = None
        self._started: dict[str, float] = {}

    def print_new(self) -> None:
        connection = self._instance.get_records_for_run(
            self._run_id, cursor=self._cursor, of_type=_SHOWN
        )
        self._cursor = connection.cursor
        for record in connection.records:
            self._print(record.event_log_entry)

    def _print(self, entry: EventLogEntry) -> None:
        event = entry.get_dagster_event()
        step = event.step_key or ""
        if event.event_type == DagsterEventType.STEP_START:
            self._started[step] = entry.timestamp
        elif event.event_type == DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            mark = "[green]✓[/]" if check.passed else "[red]✗[/]"
            self._console.print(f"  {mark} check {check.check_name} of {check.asset_key.path[-1]}")
        else:
            mark = "✓" if event.event_type == DagsterEventType.STEP_SUCCESS else "✗"
            colour = "green" if mark == "✓" else "red"
            seconds = entry.timestamp - self._started.get(step, entry.timestamp)
            self._console.print(f"[{colour}]{mark}[/] {step} [dim]{seconds:.1f} s[/]")
