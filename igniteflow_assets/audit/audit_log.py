"""The audit log, written from the events that Dagster has recorded."""

from datetime import UTC, datetime
from typing import Final, NamedTuple

import dagster as dg
import pandas as pd

from igniteflow_assets.table_assets import column_schema
from igniteflow_core.audit.chain import FIRST_PREVIOUS_HASH, chained, first_broken
from igniteflow_core.errors import RetryableError
from igniteflow_core.schemas.audit import AUDIT_LOG
from igniteflow_resources.audit.events import unrecorded_events
from igniteflow_resources.audit.log import last_entry, read_audit_log, recorded_since
from igniteflow_resources.lake.frames import contract_rows
from igniteflow_resources.lake.tables import LakeResource

_OVERLAP: Final = 24 * 3_600 * 1_000_000
"""Microseconds: Dagster may store an event of one run after a later event of another run."""

_LAST: Final = (
    "fraud_endpoint",
    "recommendation_endpoint",
    "feature_drift",
    "prediction_drift",
    "interaction_drift",
    "recommendation_drift",
    "fraud_performance",
    "recommendation_performance",
    "business_report",
)
"""The last assets of the graph, so that the log also records them if they are in the same run."""

_ENTRIES: Final = "entries"
_LAST_HASH: Final = "last_hash"


class _Noted(NamedTuple):
    sequence: int
    hash: str


@dg.asset(
    name=AUDIT_LOG.name,
    deps=_LAST,
    description=AUDIT_LOG.description,
    metadata={"dagster/column_schema": column_schema(AUDIT_LOG)},
    kinds={"spark", "delta"},
)
def audit_log(context: dg.AssetExecutionContext, lake: LakeResource) -> dg.MaterializeResult[None]:
    """Append the events since the last entry."""
    last = last_entry(lake)
    since = last.happened_at - _OVERLAP if last else 0
    events = unrecorded_events(context.instance, recorded_since(lake, since), since)
    entries = chained(events, last)
    rows = None
    if entries:
        frame = pd.DataFrame([vars(entry) for entry in entries])
        rows = contract_rows(lake.spark.session, frame, AUDIT_LOG)
    among = f"held.sequence >= {entries[0].sequence}" if entries else "true"
    inserted = lake.insert_new(AUDIT_LOG, rows, among)
    if inserted < len(entries):
        raise RetryableError(
            f"another writer has used the sequence numbers of {len(entries) - inserted} entries",
            where=AUDIT_LOG.name,
            fix="materialize audit_log again; it continues after the entries of the other writer",
        )
    last = entries[-1] if entries else last
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": last.sequence if last else 0,
            "rows_inserted": inserted,
            _LAST_HASH: last.hash if last else FIRST_PREVIOUS_HASH,
        }
    )


@dg.asset_check(asset=audit_log, blocking=True, description="No entry was altered or removed")
def audit_log_is_whole(
    context: dg.AssetCheckExecutionContext, lake: LakeResource
) -> dg.AssetCheckResult:
    """Verify the chain from its first entry once a day, otherwise from the last verified entry.

    The last verified entry is recorded in Dagster's database, separately from the log.
    """
    noted = _followed_today(context)
    entries = read_audit_log(lake, noted.sequence if noted else 1)
    if noted is None:
        broken = first_broken(entries)
    elif not entries or entries[0].hash != noted.hash:
        broken = f"entry {noted.sequence} is not the entry that was verified before"
    else:
        broken = first_broken(entries, noted.sequence - 1, entries[0].previous_hash)
    last = entries[-1] if entries else None
    return dg.AssetCheckResult(
        passed=broken is None,
        description=broken or "every hash follows from the entry before it",
        metadata={
            "followed_from": noted.sequence if noted else 1,
            _ENTRIES: last.sequence if last else 0,
            _LAST_HASH: last.hash if last else FIRST_PREVIOUS_HASH,
        },
    )


def _followed_today(context: dg.AssetCheckExecutionContext) -> _Noted | None:
    """Return the last entry that the previous run verified today, None if there is no such run."""
    instance = context.instance
    written = instance.fetch_materializations(dg.AssetKey(AUDIT_LOG.name), limit=2).records
    run_id = next((each.run_id for each in written if each.run_id != context.run.run_id), None)
    if run_id is None:
        return None
    records = instance.get_records_for_run(
        run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
    ).records
    for record in records:
        entry = record.event_log_entry
        check = entry.get_dagster_event().asset_check_evaluation_data
        if check.asset_check_key != audit_log_is_whole.check_key or not check.passed:
            continue
        is_of_today = (
            datetime.fromtimestamp(entry.timestamp, UTC).date() == datetime.now(UTC).date()
        )
        if is_of_today and {_ENTRIES, _LAST_HASH} <= check.metadata.keys():
            sequence, hash_of = (check.metadata[name].value for name in (_ENTRIES, _LAST_HASH))
            return _Noted(int(str(sequence)), str(hash_of)) if sequence else None
    return None
