"""The audit log as it lies in the lake."""

from igniteflow_core.audit.chain import AuditEntry
from igniteflow_core.schemas.audit import AUDIT_LOG
from igniteflow_resources.lake.tables import LakeResource


def read_audit_log(lake: LakeResource) -> list[AuditEntry]:
    """Every entry in the order of the chain; none where nothing was ever recorded."""
    if not lake.exists(AUDIT_LOG.name):
        return []
    rows = lake.read(AUDIT_LOG.name).orderBy("sequence").toArrow().to_pylist()
    return [AuditEntry(**row) for row in rows]
