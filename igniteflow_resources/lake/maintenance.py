"""Maintenance that keeps reads of a table fast: compaction and deletion of unused files."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from delta.tables import DeltaTable

from igniteflow_resources.lake.tables import LakeResource

_RETENTION_PROPERTIES = ("delta.deletedFileRetentionDuration", "delta.logRetentionDuration")
_COMMITS_OF_VACUUM = 20


@dataclass(frozen=True)
class Maintained:
    """Result of the maintenance of one table.

    Attributes:
        table: name of the table.
        files_before: number of files of the newest version before compaction.
        files_after: number of files of the newest version after compaction.
        files_deleted: number of deleted files, which belonged to no retained version.
        bytes_reclaimed: total size of the deleted files.
    """

    table: str
    files_before: int
    files_after: int
    files_deleted: int
    bytes_reclaimed: int


def maintain_table(lake: LakeResource, table: str, history: timedelta) -> Maintained:
    """Compact the table's small files, and delete files that no retained version uses.

    The rows do not change: readers of the table and streams from it see no difference. Other
    writers may commit at the same time.

    Args:
        lake: lake that contains the table.
        table: name of the table.
        history: how long versions can be read and restored; it must be longer than the longest
            query, which would otherwise lose the files that it reads.
    """
    delta = DeltaTable.forPath(lake.spark.session, lake.path(table))
    _set_retention(delta, lake, table, history)
    before = _files(delta)
    lake.commit(table, lambda: delta.optimize().executeCompaction())
    delta.vacuum()
    done: dict[str, Mapping[str, Any]] = {
        row.operation: row.operationMetrics
        for row in reversed(
            delta.history(_COMMITS_OF_VACUUM)
            .where("operation LIKE 'VACUUM%'")
            .select("operation", "operationMetrics")
            .collect()
        )
    }
    return Maintained(
        table=table,
        files_before=before,
        files_after=_files(delta),
        files_deleted=int(done["VACUUM END"]["numDeletedFiles"]),
        bytes_reclaimed=int(done["VACUUM START"]["sizeOfDataToDelete"]),
    )


def _set_retention(delta: DeltaTable, lake: LakeResource, table: str, history: timedelta) -> None:
    """Set the retention as table properties; Delta refuses to read versions that are older."""
    retention = f"interval {int(history.total_seconds())} seconds"
    expected = dict.fromkeys(_RETENTION_PROPERTIES, retention)
    properties = delta.detail().select("properties").collect()[0][0]
    if {name: properties.get(name) for name in _RETENTION_PROPERTIES} != expected:
        assignments = ", ".join(f"'{name}' = '{value}'" for name, value in expected.items())
        path = lake.path(table)
        lake.spark.session.sql(f"ALTER TABLE delta.`{path}` SET TBLPROPERTIES ({assignments})")


def _files(table: DeltaTable) -> int:
    return int(table.detail().select("numFiles").collect()[0][0])
