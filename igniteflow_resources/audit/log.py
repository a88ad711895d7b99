"""The audit log as it lies in the lake."""

from pyspark.sql import functions as F

from igniteflow_core.audit.chain import AuditEntry
from igniteflow_core.schemas.audit import AUDIT_LOG
from igniteflow_resources.lake.tables import LakeResource


def read_audit_log(lake: LakeResource, first: int = 1) -> list[AuditEntry]:
    """The entries from that sequence on, in the order of the chain; none where there are none."""
    if not lake.exists(AUDIT_LOG.name):
        return []
    entries = lake.read(AUDIT_LOG.name).where(F.col("sequence") >= first)
    return [AuditEntry(**row) for row in entries.orderBy("sequence").toArrow().to_pylist()]


def last_entry(lake: LakeResource) -> AuditEntry | None:
    """The entry that the next one follows."""
    if not lake.exists(AUDIT_LOG.name):
        return None
    # Delta answers this from its log, and then reads only the file that holds the entry.
    last = lake.read(AUDIT_LOG.name).agg(F.max("sequence")).collect()[0][0]
    return read_audit_log(lake, last)[-1] if last is not None else None


def recorded_since(lake: LakeResource, happened_at: int) -> set[str]:
    """The ids of the recorded events of that time, in UTC microseconds, and later."""
    if not lake.exists(AUDIT_LOG.name):
        return set()
    rows = lake.read(AUDIT_LOG.name).where(F.col("happened_at") >= happened_at)
    return {row.event_id for row in rows.select("event_id").collect()}
