"""The tables of the lake, by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from dagster import ConfigurableResource, ResourceDependency
from delta.exceptions import (
    ConcurrentAppendException,
    ConcurrentDeleteDeleteException,
    ConcurrentDeleteReadException,
    ConcurrentWriteException,
    MetadataChangedException,
)
from delta.tables import DeltaTable
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.errors import MissingTableError, TableConflictError
from igniteflow_core.schemas.contract import TableContract
from igniteflow_resources.lake.evolution import prepare_table
from igniteflow_resources.spark.session import SparkResource

_T = TypeVar("_T")
_TRIES = 3
# Delta's conflict exceptions have no common base class.
CONFLICTS = (
    ConcurrentAppendException,
    ConcurrentDeleteDeleteException,
    ConcurrentDeleteReadException,
    ConcurrentWriteException,
    MetadataChangedException,
)
_NEWEST = 20


@dataclass(frozen=True)
class TableCommit:
    """A commit of a table; ``rows_written`` is None for one that wrote no rows."""

    version: int
    rows_written: int | None


class LakeResource(ConfigurableResource):  # type: ignore[type-arg]  # a resource is its own type
    """Delta tables under one root: a folder, or an object-store URI such as ``s3a://bucket``."""

    spark: ResourceDependency[SparkResource]
    root: str

    def path(self, table: str) -> str:
        """Return the path of the table."""
        return f"{self.root.rstrip('/')}/{table}"

    def landing(self, table: str) -> str:
        """Return the landing folder for responses of the API that is the table's source."""
        return self.path(f"landing/{table}")

    def exists(self, table: str) -> bool:
        """Return True if the table has been written."""
        return DeltaTable.isDeltaTable(self.spark.session, self.path(table))

    def read(self, table: str) -> DataFrame:
        """Read the newest version of the table.

        Raises:
            MissingTableError: the table has not been written yet.
        """
        self.require(table)
        return self.spark.session.read.format("delta").load(self.path(table))

    def rows_of(self, contract: TableContract) -> DataFrame:
        """Read the contract's columns of its table; without the table, the result has no rows.

        A column that the table does not have is null.
        """
        if not self.exists(contract.name):
            return self.spark.session.createDataFrame([], contract.ddl)
        table = self.read(contract.name)
        return table.select(
            *(
                F.col(each.name)
                if each.name in table.columns
                else F.lit(None).cast(each.type).alias(each.name)
                for each in contract.columns
            )
        )

    def require(self, table: str) -> None:
        """Check that the table has been written.

        Raises:
            MissingTableError: the table has not been written yet.
        """
        if not self.exists(table):
            raise MissingTableError(
                f"the table {table} does not exist yet",
                where=self.path(table),
                fix=f"materialize the asset {table} first",
            )

    def insert_new(
        self, contract: TableContract, rows: DataFrame | None, among: str = "true"
    ) -> int:
        """Insert the rows whose key is not in the table, by one commit.

        The table is created if it does not exist, and missing columns are added.

        Args:
            contract: contract of the table; its key identifies rows.
            rows: rows with the contract's columns, or None for no rows.
            among: condition on the table's rows (alias ``held``) that all rows with a key of
                ``rows`` fulfil, so that Delta does not scan the whole table.

        Returns:
            The number of inserted rows.

        Raises:
            DataContractError: a column has another type in the table.
            TableConflictError: other writers keep changing the table.
        """
        path, session = self.path(contract.name), self.spark.session
        prepare_table(session, path, contract)
        if rows is None:
            return 0
        same = " AND ".join(f"held.`{name}` = new.`{name}`" for name in contract.key)
        merge = (
            DeltaTable.forPath(session, path)
            .alias("held")
            .merge(rows.dropDuplicates(list(contract.key)).alias("new"), f"({among}) AND {same}")
            .whenNotMatchedInsertAll()
        )
        merged = self.commit(contract.name, merge.execute)
        return int(merged.select("num_inserted_rows").collect()[0][0])

    def commit(self, table: str, write: Callable[[], _T]) -> _T:
        """Run a write, and retry it if another writer has changed what it had read.

        Maintenance compacts the files of a table while assets and the stream write to it.

        Raises:
            TableConflictError: all three attempts conflicted.
        """
        for _ in range(_TRIES):
            try:
                return write()
            except CONFLICTS as error:
                conflict = error
        raise TableConflictError(
            f"other writers changed {table} {_TRIES} times while it was written",
            where=self.path(table),
            fix="run again when no other run writes the table",
        ) from conflict

    def commit_of(self, table: str, run_id: str) -> TableCommit:
        """Return the run's newest commit to the table, which later commits may have followed.

        A run that changed nothing makes no commit; the result is then the table's newest commit.
        """
        entries = (
            DeltaTable.forPath(self.spark.session, self.path(table))
            .history(_NEWEST)
            .select("version", "userMetadata", "operationMetrics")
            .collect()
        )
        own = [entry for entry in entries if entry["userMetadata"] == run_id]
        if not own:
            return TableCommit(int(entries[0]["version"]), None)
        rows = (own[0]["operationMetrics"] or {}).get("numOutputRows")
        return TableCommit(int(own[0]["version"]), None if rows is None else int(rows))

    def versions(self, *tables: str) -> dict[str, int]:
        """Return the newest version of each table, to record the lineage of derived data."""
        newest = {}
        for table in tables:
            history = DeltaTable.forPath(self.spark.session, self.path(table)).history(1)
            newest[table] = int(history.select("version").collect()[0][0])
        return newest
