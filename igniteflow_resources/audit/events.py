"""Converts events of Dagster's event log to events of the audit log."""

import json
from collections.abc import Iterator, Mapping, Set
from importlib.metadata import version
from typing import Any

import dagster as dg
from dagster import DagsterEventType, DagsterRun

from igniteflow_core.audit.chain import AuditEvent
from igniteflow_core.config.load import load_settings

_PAGE = 1_000
_STARTED_BY = {
    "dagster/schedule_name": "schedule",
    "dagster/sensor_name": "sensor",
    "dagster/backfill": "backfill",
    "user": "user",
}
_VERSION_FACTS = ("champion_version", "model_version", "policy_version")
_LONGEST_FACT = 2_000


def unrecorded_events(
    instance: dg.DagsterInstance, recorded: Set[str], since: int
) -> list[AuditEvent]:
    """Return all materializations, and all checks of the runs that made them, oldest first.

    Args:
        instance: the Dagster instance whose event log is read.
        recorded: ids of the events that the audit log contains already; they are left out.
        since: UTC microseconds; runs without a materialization after this time are left out.
    """
    runs: dict[str, DagsterRun | None] = {}
    events = [
        event
        for event in (*_materializations(instance, runs, since), *_checks(instance, runs))
        if event.event_id not in recorded
    ]
    return sorted(events, key=lambda event: (event.happened_at, event.event_id))


def _materializations(
    instance: dg.DagsterInstance, runs: dict[str, DagsterRun | None], since: int
) -> Iterator[AuditEvent]:
    for key in instance.get_asset_keys():
        records_filter = dg.AssetRecordsFilter(asset_key=key, after_timestamp=since / 1e6)
        cursor, more = None, True
        while more:
            page = instance.fetch_materializations(
                records_filter, limit=_PAGE, cursor=cursor, ascending=True
            )
            cursor, more = page.cursor, page.has_more
            for record in page.records:
                materialization = record.asset_materialization
                if materialization is None:
                    continue
                run_id = record.run_id
                if run_id not in runs:
                    runs[run_id] = instance.get_run_by_id(run_id) if run_id else None
                facts = _facts(materialization.metadata)
                if materialization.partition:
                    facts["partition"] = materialization.partition
                subject = key.to_user_string()
                at = round(record.timestamp * 1e6)
                event_id = f"{run_id}:{subject}:{materialization.partition or ''}:{at}"
                yield _event(event_id, at, "materialized", subject, facts, run_id, runs)


def _checks(
    instance: dg.DagsterInstance, runs: dict[str, DagsterRun | None]
) -> Iterator[AuditEvent]:
    for run_id in [run_id for run_id in runs if run_id]:
        records = instance.get_records_for_run(
            run_id, of_type=DagsterEventType.ASSET_CHECK_EVALUATION
        ).records
        for record in records:
            event = record.event_log_entry.get_dagster_event()
            check = event.asset_check_evaluation_data
            subject = f"{check.asset_key.to_user_string()}: {check.check_name}"
            at = round(record.event_log_entry.timestamp * 1e6)
            outcome = "check passed" if check.passed else "check failed"
            facts = _facts(check.metadata) | {"severity": check.severity.value}
            yield _event(f"{run_id}:{subject}:{at}", at, outcome, subject, facts, run_id, runs)


def _event(
    event_id: str,
    happened_at: int,
    event: str,
    subject: str,
    facts: dict[str, Any],
    run_id: str,
    runs: dict[str, DagsterRun | None],
) -> AuditEvent:
    run = runs.get(run_id)
    return AuditEvent(
        event_id=event_id,
        happened_at=happened_at,
        event=event,
        subject=subject,
        run_id=run_id,
        job=run.job_name if run else "",
        actor=_actor(run),
        code_version=load_settings().code_version or version("igniteflow"),
        model_version=next((str(facts[name]) for name in _VERSION_FACTS if name in facts), None),
        facts=json.dumps(facts, sort_keys=True),
    )


def _actor(run: DagsterRun | None) -> str:
    if run is None:
        return "reported without a run"
    for tag, kind in _STARTED_BY.items():
        if tag in run.tags:
            reason = run.tags.get("igniteflow/reason")
            return f"{kind} {run.tags[tag]}" + (f" ({reason})" if reason else "")
    return "by hand"


def _facts(metadata: Mapping[str, dg.MetadataValue[Any]]) -> dict[str, Any]:
    """Keep numbers and short texts; plots, tables and schemas are in the UI and in MLflow."""
    facts = {}
    for name, value in metadata.items():
        content = value.value
        if isinstance(content, bool | int | float) or (
            isinstance(content, str) and len(content) <= _LONGEST_FACT
        ):
            facts[name] = content
    return facts
