"""Collects Dagster's records of a run for the page about the run."""

import re
from datetime import UTC, datetime
from typing import Final

from dagster import DagsterInstance, RunRecord

from igniteflow_cli.steps import FOLLOWED, Step, Steps
from igniteflow_core.runs.days import RANGE_END, RANGE_START
from igniteflow_core.runs.page import RunSummary, StepLine

_PLOT: Final = re.compile(r"!\[([^\]]+)\]\((data:image/png;base64,[A-Za-z0-9+/=]+)\)")
"""A plot in the Markdown metadata of assets."""


def run_summary(
    instance: DagsterInstance, record: RunRecord, figures: dict[str, str]
) -> RunSummary:
    """Collect steps, checks and plots of a run.

    Args:
        instance: Dagster instance of the run.
        record: record of the run.
        figures: the platform's latest figures, as text by name.
    """
    run, steps, plots = record.dagster_run, Steps(total=0), dict[str, dict[str, str]]()
    entries = [
        logged.event_log_entry
        for logged in instance.get_records_for_run(run.run_id, of_type=FOLLOWED).records
    ]
    steps.read(entries)
    for entry in entries:
        if entry.asset_materialization is None:
            continue
        asset = entry.asset_materialization.asset_key.path[-1]
        for value in entry.asset_materialization.metadata.values():
            for name, image in _PLOT.findall(str(value.value)):
                plots.setdefault(asset, {})[name] = image
    return RunSummary(
        name=run.job_name,
        facts=_facts(record),
        figures=figures,
        steps=[_line(step) for step in steps.begun],
        plots=plots,
    )


def _facts(record: RunRecord) -> dict[str, str]:
    run = record.dagster_run
    facts = {"run": run.run_id, "state": run.status.value.lower()}
    if RANGE_START in run.tags and RANGE_END in run.tags:
        facts["days"] = f"{run.tags[RANGE_START]} to {run.tags[RANGE_END]}"
    if record.start_time is not None:
        facts["began"] = f"{datetime.fromtimestamp(record.start_time, UTC):%Y-%m-%d %H:%M:%S} UTC"
        if record.end_time is not None:
            facts["took"] = f"{record.end_time - record.start_time:.0f} s"
    return facts


def _line(step: Step) -> StepLine:
    if step.has_failed:
        return StepLine(step.title, "failed", step.seconds, step.rows)
    if step.seconds is None:
        return StepLine(step.title, "running", None, step.rows)
    return StepLine(step.title, "warned" if step.broke_a_check else "done", step.seconds, step.rows)
