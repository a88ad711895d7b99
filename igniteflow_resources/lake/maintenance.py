"""What keeps a table as fast as it was on its first day: fewer files, and none without use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from delta.tables import DeltaTable

from igniteflow_resources.lake.tables import LakeResource

_KEPT = ("delta.deletedFileRetentionDuration", "delta.logRetentionDuration")
_COMMITS_OF_VACUUM = 20


@dataclass(frozen=True)
class Maintained:
    """What maintenance did to one table.

    Attributes:
        table: its name.
        files_before: files of its newest version.
        files_after: the same, after small files were joined.
        files_deleted: files of no kept version.
        bytes_reclaimed: their size.
    """

    table: str
    files_before: int
    files_after: int
    files_deleted: int
    bytes_reclaimed: int


def maintain_table(lake: LakeResource, table: str, history: timedelta) -> Maintained:
    """Join the table's small files, and delete those that no version of the history needs.

    The rows stay the same: readers of the table and streams from it see no change. Each commit
    may go on beside it.

    Args:
        lake: that holds the table.
        table: its name.
        history: for how long versions can be read and restored; it has to be longer than the
            longest query, whose files would otherwise be deleted below it.
    """
    held = DeltaTable.forPath(lake.spark.session, lake.path(table))
    _keep_history(held, lake, table, history)
    before = _files(held)
    lake.commit(table, lambda: held.optimize().executeCompaction())
    held.vacuum()
    done: dict[str, Mapping[str, Any]] = {
        row.operation: row.operationMetrics
        for row in reversed(
            held.history(_COMMITS_OF_VACUUM)
            .where("operation LIKE 'VACUUM%'")
            .select("operation", "operationMetrics")
            .collect()
        )
    }
    return Maintained(
        table=table,
        files_before=before,
        files_after=_files(held),
        files_deleted=int(done["VACUUM END"]["numDeletedFiles"]),
        bytes_reclaimed=int(done["VACUUM START"]["sizeOfDataToDelete"]),
    )


def _keep_history(held: DeltaTable, lake: LakeResource, table: str, history: timedelta) -> None:
    """Tell Delta, which also refuses to read versions that are older."""
    wanted = dict.fromkeys(_KEPT, f"interval {int(history.total_seconds())} seconds")
    properties = held.detail().select("properties").collect()[0][0]
    if {name: properties.get(name) for name in _KEPT} != wanted:
        told = ", ".join(f"'{name}' = '{value}'" for name, value in wanted.items())
        path = lake.path(table)
        lake.spark.session.sql(f"ALTER TABLE delta.`{path}` SET TBLPROPERTIES ({told})")


def _files(table: DeltaTable) -> int:
    return int(table.detail().select("numFiles").collect()[0][0])
