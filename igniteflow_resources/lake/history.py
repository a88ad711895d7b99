"""The versions of a table: which run wrote each of them, and how to restore one."""

from dataclasses import dataclass
from datetime import UTC, datetime

from delta.tables import DeltaTable
from pyspark.errors import AnalysisException
from pyspark.sql import functions as F

from igniteflow_core.errors import TableVersionError
from igniteflow_resources.lake.tables import LakeResource


@dataclass(frozen=True)
class TableVersion:
    """One commit.

    Attributes:
        version: version number, starting at 0.
        committed_at: time of the commit in UTC.
        operation: Delta's name of the operation, such as WRITE, MERGE, OPTIMIZE or RESTORE.
        rows_written: None for a commit that wrote no rows.
        run_id: Dagster run that made the commit, None for a commit that was not made by an asset.
    """

    version: int
    committed_at: datetime
    operation: str
    rows_written: int | None
    run_id: str | None


@dataclass(frozen=True)
class Restored:
    """A restore: the version before it, the version that was restored, and the new version."""

    from_version: int
    to_version: int
    version: int


def table_history(lake: LakeResource, table: str, limit: int | None = None) -> list[TableVersion]:
    """Return the commits in the table's log, newest first, at most ``limit`` of them.

    Raises:
        MissingTableError: the table does not exist.
    """
    lake.require(table)
    history = DeltaTable.forPath(lake.spark.session, lake.path(table)).history(limit)
    metrics = F.coalesce(
        F.col("operationMetrics")["numOutputRows"],
        F.col("operationMetrics")["numTargetRowsInserted"],
    )
    rows = history.select(
        "version",
        F.unix_micros("timestamp").alias("micros"),
        "operation",
        metrics.cast("bigint").alias("rows"),
        "userMetadata",
    ).collect()
    return [
        TableVersion(
            row.version,
            datetime.fromtimestamp(row.micros / 1e6, UTC),
            row.operation,
            row.rows,
            row.userMetadata,
        )
        for row in rows
    ]


def restore_table(lake: LakeResource, table: str, to: int | datetime) -> Restored:
    """Restore the rows and columns of an earlier version by a new commit.

    Args:
        lake: lake that contains the table.
        table: name of the table.
        to: a version, or an aware datetime, which selects the newest version of that time.

    Raises:
        MissingTableError: the table does not exist.
        TableVersionError: the version does not exist, its files were deleted, or the table is
            append-only.
    """
    lake.require(table)
    path = lake.path(table)
    delta = DeltaTable.forPath(lake.spark.session, path)
    # Delta refuses to delete rows of an append-only table, but would restore it.
    if delta.detail().select("properties").collect()[0][0].get("delta.appendOnly") == "true":
        raise TableVersionError(
            f"{table} is an append-only log and cannot be restored",
            where=path,
            fix="leave the table unchanged; corrections are added as later entries",
        )
    before = lake.versions(table)[table]
    try:
        if isinstance(to, int):
            delta.restoreToVersion(to)
        else:
            delta.restoreToTimestamp(f"{to.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}")
    except AnalysisException as error:
        raise TableVersionError(
            f"{table} cannot be restored to {to}: {str(error).splitlines()[0]}",
            where=path,
            fix=f"choose a version that igniteflow table history {table} lists; versions are kept "
            "for lake.history_days",
        ) from error
    version = to if isinstance(to, int) else _version_at(lake, table, before, to)
    return Restored(before, version, lake.versions(table)[table])


def _version_at(lake: LakeResource, table: str, before: int, at: datetime) -> int:
    return max(
        each.version
        for each in table_history(lake, table)
        if each.version <= before and each.committed_at <= at
    )
