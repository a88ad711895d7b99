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
# Delta's classes for them have no base in common.
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
    """Delta tables under one root: a folder, or an object-store address such as ``s3a://bucket``."""

    spark: ResourceDependency[SparkResource]
    root: str

    def path(self, table: str) -> str:
        """Where the table of that name lies."""
        return f"{self.root.rstrip('/')}/{table}"

    def landing(self, table: str) -> str:
        """Where the answers of an API land that is the source of the table."""
        return self.path(f"landing/{table}")

    def exists(self, table: str) -> bool:
        """True if the table was ever written."""
        return DeltaTable.isDeltaTable(self.spark.session, self.path(table))

    def read(self, table: str) -> DataFrame:
        """The table as it is now.

        Raises:
            MissingTableError: nothing has written it yet.
        """
        self.require(table)
        return self.spark.session.read.format("delta").load(self.path(table))

    def rows_of(self, contract: TableContract) -> DataFrame:
        """The contract's columns of its table; no rows where nothing has written it yet.

        A column that an earlier version did not write is null.
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
        """Make sure that the table was ever written.

        Raises:
            MissingTableError: it was not.
        """
        if not self.exists(table):
            raise MissingTableError(
                f"the table {table} is not there yet",
                where=self.path(table),
                fix=f"materialize the asset {table} first",
            )

    def insert_new(
        self, contract: TableContract, rows: DataFrame | None, among: str = "true"
    ) -> int:
        """Insert the rows whose key the table does not hold, by one commit; make it if need be.

        Columns that an earlier version did not write are added.

        Args:
            contract: of the table; its key tells rows apart.
            rows: with the contract's columns, or None for no rows.
            among: condition on the table's rows (named ``held``) that every row of a key of
                ``rows`` meets, so that Delta need not look at all of them.

        Returns:
            How many rows were inserted.

        Raises:
            DataContractError: a column is of another type in the table.
            TableConflictError: others keep changing the table.
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
        """Run a write; again, if another one has changed what it had read of the table.

        Maintenance rewrites small files of a table while assets and the stream write it.

        Raises:
            TableConflictError: it happened three times.
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
        """The newest commit that a run has made to the table, which others may have followed.

        Of a run that changed nothing, which makes no commit, it is the table's newest one.
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
        """The newest version of each of these tables, for the lineage of what is made from them."""
        newest = {}
        for table in tables:
            history = DeltaTable.forPath(self.spark.session, self.path(table)).history(1)
            newest[table] = int(history.select("version").collect()[0][0])
        return newest
