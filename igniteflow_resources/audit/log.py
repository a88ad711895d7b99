"""Reads the audit log from its table in the lake."""

from pyspark.sql import functions as F

from igniteflow_core.audit.chain import AuditEntry
from igniteflow_core.schemas.audit import AUDIT_LOG
from igniteflow_resources.lake.tables import LakeResource


def read_audit_log(lake: LakeResource, first: int = 1) -> list[AuditEntry]:
    """Return the entries from the sequence number ``first`` on, in the order of the chain."""
    if not lake.exists(AUDIT_LOG.name):
        return []
    entries = lake.read(AUDIT_LOG.name).where(F.col("sequence") >= first)
    return [AuditEntry(**row) for row in entries.orderBy("sequence").toArrow().to_pylist()]


def last_entry(lake: LakeResource) -> AuditEntry | None:
    """Return the newest entry, or None if the log is empty."""
    if not lake.exists(AUDIT_LOG.name):
        return None
    # Delta computes the maximum from file statistics and then reads only the file of the entry.
    last = lake.read(AUDIT_LOG.name).agg(F.max("sequence")).collect()[0][0]
    return read_audit_log(lake, last)[-1] if last is not None else None


def recorded_since(lake: LakeResource, happened_at: int) -> set[str]:
    """Return the ids of recorded events that happened at or after a time in UTC microseconds."""
    if not lake.exists(AUDIT_LOG.name):
        return set()
    rows = lake.read(AUDIT_LOG.name).where(F.col("happened_at") >= happened_at)
    return {row.event_id for row in rows.select("event_id").collect()}
