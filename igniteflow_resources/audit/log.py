"""The audit log as it lies in the lake."""

from pyspark.sql import functions as F

from igniteflow_core.audit.chain import AuditEntry
from igniteflow_core.schemas.audit import AUDIT_LOG
from igniteflow_resources.lake.tables import LakeResource


def read_audit_log(lake: LakeResource) -> list[AuditEntry]:
    """Every entry in the order of the chain; none where nothing was ever recorded."""
    if not lake.exists(AUDIT_LOG.name):
        return []
    rows = lake.read(AUDIT_LOG.name).orderBy("sequence").toArrow().to_pylist()
    return [AuditEntry(**row) for row in rows]


def last_entry(lake: LakeResource) -> AuditEntry | None:
    """The entry that the next one follows."""
    if not lake.exists(AUDIT_LOG.name):
        return None
    row = lake.read(AUDIT_LOG.name).orderBy(F.col("sequence").desc()).first()
    return AuditEntry(**row.asDict()) if row else None


def recorded_since(lake: LakeResource, happened_at: int) -> set[str]:
    """The ids of the recorded events of that time, in UTC microseconds, and later."""
    if not lake.exists(AUDIT_LOG.name):
        return set()
    rows = lake.read(AUDIT_LOG.name).where(F.col("happened_at") >= happened_at)
    return {row.event_id for row in rows.select("event_id").collect()}
