"""``igniteflow run``: runs a job over the configured days, in this process."""

import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from dagster import DagsterEvent, DagsterInstance, ExecuteInProcessResult
from rich.console import Console
from rich.markup import escape

from igniteflow_cli.expected_time import expected_seconds
from igniteflow_cli.instance import dagster_instance
from igniteflow_cli.library_log import library_log, under_way
from igniteflow_cli.progress import shown_progress
from igniteflow_cli.summary import summary_table
from igniteflow_core import errors
from igniteflow_core.config.load import load_settings
from igniteflow_core.errors import ConfigurationError, full_disk
from igniteflow_core.runs.days import RANGE_END, RANGE_START
from igniteflow_resources.spark.java import check_java

if TYPE_CHECKING:
    from igniteflow_resources.exporter.push import RunPush


def run(
    first_day: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day")
    ] = None,
    last_day: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day")
    ] = None,
    job: Annotated[str, typer.Option(help="Name of the job")] = "main_job",
) -> None:
    """Run a job over the configured days, or some of them, in one Spark session."""
    run_days(first_day, last_day, job)
    Console().print("Open it in the Dagster UI: [bold]make ui[/] or [bold]igniteflow ui[/]")


def run_days(
    first_day: datetime | None = None, last_day: datetime | None = None, job: str = "main_job"
) -> None:
    """Run a job as ``run`` does, without the final hint."""
    tags = _range_tags(first_day, last_day)
    Console().print(f"Running {job} for {tags[RANGE_START]} to {tags[RANGE_END]}")
    execute(job, tags, {})


def execute(job: str, tags: Mapping[str, str], ops: Mapping[str, Any]) -> None:
    """Run a job in this process, and show its progress and results.

    Args:
        job: name of the job.
        tags: tags of the run.
        ops: configuration of its assets, by name.
    """
    check_java()
    started = time.monotonic()
    run_id = str(uuid.uuid4())
    with library_log(job) as (console, log), dagster_instance() as instance:
        with under_way(console, "Loading the graph"):
            # The import takes seconds, so other commands do not import it.
            from igniteflow_assets.definitions import defs  # noqa: PLC0415

            chosen = defs.resolve_job_def(job)
            push = _push(instance, job)
        with shown_progress(
            instance,
            run_id,
            console,
            steps=len(chosen.nodes),
            expected_seconds=expected_seconds(instance, job, tags),
        ):
            result = chosen.execute_in_process(
                run_config={
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                    "ops": {name: {"config": config} for name, config in ops.items()},
                },
                instance=instance,
                run_id=run_id,
                tags=dict(tags),
                raise_on_error=False,
            )
        if push is not None and not push.push():
            console.print("The Pushgateway did not accept the run's metrics.")
        if not result.success:
            _print_failures(console, result)
            console.print(f"Log of the libraries: {log}", soft_wrap=True)
            raise typer.Exit(1)
        console.print(summary_table(instance))
        console.print(f"Run {run_id} took {time.monotonic() - started:.0f} s.")
        console.print(f"Log of the libraries: {log}", soft_wrap=True)


def _push(instance: DagsterInstance, job: str) -> "RunPush | None":
    url = load_settings().telemetry.push_gateway_url
    if url is None:
        return None
    from igniteflow_assets.definitions import defs  # noqa: PLC0415
    from igniteflow_resources.exporter.push import RunPush  # noqa: PLC0415

    checks = sorted(defs.get_repository_def().asset_graph.asset_check_keys)
    return RunPush(url, instance, job, checks)


def _range_tags(first_day: datetime | None, last_day: datetime | None) -> dict[str, str]:
    partitions = load_settings().partitions
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    first = first_day.date() if first_day else partitions.start_date
    last = last_day.date() if last_day else partitions.end_date or yesterday
    if not partitions.start_date <= first <= last <= (partitions.end_date or yesterday):
        raise ConfigurationError(
            f"{first} to {last} are not days of the partitions",
            where="--from and --to",
            fix=f"choose days from {partitions.start_date} to {partitions.end_date or yesterday}",
        )
    return {RANGE_START: first.isoformat(), RANGE_END: last.isoformat()}


def _print_failures(console: Console, result: ExecuteInProcessResult) -> None:
    for event in result.get_step_failure_events():
        message = escape(_message(event))
        console.print(f"[bold red]{event.step_key} failed:[/] {message}", soft_wrap=True)
    console.print("The complete log is in the UI: igniteflow ui")


def _message(event: DagsterEvent) -> str:
    """Return the platform's error, which names a fix, instead of Dagster's or Spark's error."""
    # The code location has already imported the module.
    from igniteflow_resources.causes import FULL_DISK  # noqa: PLC0415

    error, chain = event.step_failure_data.error, []
    while error is not None:
        chain.append(error)
        error = error.cause
    if any(words in link.message for link in chain for words in FULL_DISK):
        return str(full_disk(event.step_key or ""))
    ours = {name for name, value in vars(errors).items() if isinstance(value, type)}
    return next((link.message for link in chain if link.cls_name in ours), chain[-1].message)
