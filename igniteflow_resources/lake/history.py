"""The versions of a table: what wrote each, and the way back to one of them."""

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
        version: counts from 0.
        committed_at: in UTC.
        operation: Delta's name, such as WRITE, MERGE, OPTIMIZE or RESTORE.
        rows_written: None for a commit that wrote no rows.
        run_id: the Dagster run that wrote it, None for what was not written by an asset.
    """

    version: int
    committed_at: datetime
    operation: str
    rows_written: int | None
    run_id: str | None


@dataclass(frozen=True)
class Restored:
    """What a restore did: the version before it, the one whose rows are back, and its own."""

    from_version: int
    to_version: int
    version: int


def table_history(lake: LakeResource, table: str, limit: int | None = None) -> list[TableVersion]:
    """The commits of a table, newest first; all that its log still holds, or ``limit`` of them.

    Raises:
        MissingTableError: there is no such table.
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
    """Give a table the rows and columns that it had, by a commit of its own.

    Args:
        lake: that holds it.
        table: its name.
        to: a version, or a time with its zone: the version that was the newest then.

    Raises:
        MissingTableError: there is no such table.
        TableVersionError: there is no such version, its files are gone, or the table may only grow.
    """
    lake.require(table)
    path = lake.path(table)
    held = DeltaTable.forPath(lake.spark.session, path)
    # Delta itself refuses to delete rows of such a table, and yet would restore it.
    if held.detail().select("properties").collect()[0][0].get("delta.appendOnly") == "true":
        raise TableVersionError(
            f"{table} is a log: rows are only ever added, and none is taken back",
            where=path,
            fix="leave it as it is; later entries say what was wrong with earlier ones",
        )
    before = lake.versions(table)[table]
    try:
        if isinstance(to, int):
            held.restoreToVersion(to)
        else:
            held.restoreToTimestamp(f"{to.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}")
    except AnalysisException as error:
        raise TableVersionError(
            f"{table} cannot be restored to {to}: {str(error).splitlines()[0]}",
            where=path,
            fix=f"choose one of the versions of: igniteflow table history {table}; they are kept "
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
