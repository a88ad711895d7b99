"""Progress of a run: a line for each completed step and, on a terminal, the running steps."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from dagster import DagsterInstance
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from igniteflow_cli.steps import FOLLOWED, Step, Steps

_POLL_SECONDS = 0.5
_BAR_CHARACTERS = 24


@contextmanager
def shown_progress(
    instance: DagsterInstance,
    run_id: str,
    console: Console,
    *,
    steps: int,
    expected_seconds: float | None,
) -> Iterator[None]:
    """Show the steps of the run while the block runs.

    Args:
        instance: Dagster instance of the run.
        run_id: id of the run, which may not have started yet.
        console: shows a line per step and, if it is a terminal, a view of the running steps.
        steps: number of steps of the run.
        expected_seconds: expected duration, None if it is unknown.
    """
    follower = _Follower(instance, run_id, console, Steps(steps), expected_seconds)
    ended = threading.Event()

    def follow() -> None:
        while not ended.wait(_POLL_SECONDS):
            follower.show_new()

    # The output of libraries is redirected to a file, so the view need not capture it.
    with Live(
        console=console,
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as live:
        follower.live = live
        thread = threading.Thread(target=follow, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            follower.show_new()


class _Follower:
    def __init__(
        self,
        instance: DagsterInstance,
        run_id: str,
        console: Console,
        steps: Steps,
        expected_seconds: float | None,
    ) -> None:
        self.live: Live | None = None
        self._instance, self._run_id, self._console = instance, run_id, console
        self._steps, self._expected_seconds = steps, expected_seconds
        self._began = time.time()
        self._cursor: str | None = None

    def show_new(self) -> None:
        connection = self._instance.get_records_for_run(
            self._run_id, cursor=self._cursor, of_type=FOLLOWED
        )
        self._cursor = connection.cursor
        done = self._steps.done
        entries = [record.event_log_entry for record in connection.records]
        for number, step in enumerate(self._steps.read(entries), start=done + 1):
            self._console.print(_line(step, number, self._steps.total), soft_wrap=True)
        if self.live is not None and self._console.is_terminal:
            self.live.update(self._view(time.time()), refresh=True)

    def _view(self, now: float) -> RenderableType:
        """Render a progress bar, the elapsed time, and the running steps."""
        steps, elapsed = self._steps, now - self._began
        expected = self._expected_seconds
        facts = [
            f"{steps.done} of {steps.total} steps",
            f"{steps.rows:,} rows written",
            f"{_clock(elapsed)} of about {_clock(expected)}" if expected else _clock(elapsed),
        ]
        running = [Text(f"  {step.name} {_clock(now - step.started)}") for step in steps.running]
        line = Table.grid(padding=(0, 1))
        line.add_row(
            ProgressBar(total=steps.total, completed=steps.done, width=_BAR_CHARACTERS),
            " · ".join(facts),
        )
        return Group(
            line,
            *(running or [Text("  starting" if steps.done == 0 else "  ending")]),
        )


def _line(step: Step, number: int, total: int) -> str:
    if step.has_failed:
        mark = "[bold red]✗[/]"
    else:
        mark = "[yellow]![/]" if step.broke_a_check else "[green]✓[/]"
    place = f"{number:>{len(str(total))}}/{total}"
    parts = [f"{step.seconds or 0.0:.1f} s", *_rows(step)]
    return f"{mark} {place} {escape(step.title)} [dim]{', '.join(parts)}[/]"


def _rows(step: Step) -> list[str]:
    """Return the rows written per asset, with the asset's name unless the step has it."""
    return [
        f"{rows:,} row{'s' * (rows != 1)}" + (f" of {escape(asset)}" * (asset != step.name))
        for asset, rows in step.rows.items()
    ]


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
