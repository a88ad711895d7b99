"""The audit log, written from what Dagster itself has recorded."""

from typing import Final

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
"""Microseconds: Dagster may store what happened in one run after what happened later in another."""


@dg.asset(
    name=AUDIT_LOG.name,
    deps=["fraud_endpoint", "recommendation_endpoint", "fraud_performance"],
    description=AUDIT_LOG.description,
    metadata={"dagster/column_schema": column_schema(AUDIT_LOG)},
    kinds={"spark", "delta"},
)
def audit_log(context: dg.AssetExecutionContext, lake: LakeResource) -> dg.MaterializeResult[None]:
    """Append what has happened since the last entry."""
    last = last_entry(lake)
    since = last.happened_at - _OVERLAP if last else 0
    events = unrecorded_events(context.instance, recorded_since(lake, since), since)
    entries = chained(events, last)
    rows = None
    if entries:
        frame = pd.DataFrame([vars(entry) for entry in entries])
        rows = contract_rows(lake.spark.session, frame, AUDIT_LOG)
    inserted = lake.insert_new(AUDIT_LOG, rows)
    if inserted < len(entries):
        raise RetryableError(
            f"another writer took the places of {len(entries) - inserted} entries",
            where=AUDIT_LOG.name,
            fix="materialize audit_log again; it goes on where the other one ended",
        )
    last = entries[-1] if entries else last
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": last.sequence if last else 0,
            "rows_inserted": inserted,
            "last_hash": last.hash if last else FIRST_PREVIOUS_HASH,
        }
    )


@dg.asset_check(asset=audit_log, blocking=True, description="No entry was altered or removed")
def audit_log_is_whole(lake: LakeResource) -> dg.AssetCheckResult:
    """Follow the chain from its first entry."""
    entries = read_audit_log(lake)
    broken = first_broken(entries)
    return dg.AssetCheckResult(
        passed=broken is None,
        description=broken or "every hash follows from the entry before it",
        metadata={"entries": len(entries)},
    )
