"""The tables of the lake, by name."""

from dataclasses import dataclass

from dagster import ConfigurableResource, ResourceDependency
from delta.tables import DeltaTable
from pyspark.sql import DataFrame

from igniteflow_core.errors import MissingTableError
from igniteflow_core.schemas.contract import TableContract
from igniteflow_resources.spark.session import SparkResource


@dataclass(frozen=True)
class TableCommit:
    """The newest commit of a table; ``rows_written`` is None for one that wrote no rows."""

    version: int
    rows_written: int | None


class LakeResource(ConfigurableResource):  # type: ignore[type-arg]  # a resource is its own type
    """Delta tables under one root: a folder, or an object-store address such as ``s3a://bucket``."""

    spark: ResourceDependency[SparkResource]
    root: str

    def path(self, table: str) -> str:
        """Where the table of that name lies."""
        return f"{self.root.rstrip('/')}/{table}"

    def exists(self, table: str) -> bool:
        """True if the table was ever written."""
        return DeltaTable.isDeltaTable(self.spark.session, self.path(table))

    def read(self, table: str) -> DataFrame:
        """The table as it is now.

        Raises:
            MissingTableError: nothing has written it yet.
        """
        if not self.exists(table):
            raise MissingTableError(
                f"the table {table} is not there yet",
                where=self.path(table),
                fix=f"materialize the asset {table} first",
            )
        return self.spark.session.read.format("delta").load(self.path(table))

    def insert_new(self, contract: TableContract, rows: DataFrame | None) -> int:
        """Insert the rows whose key the table does not hold, by one commit; make it if need be.

        Args:
            contract: of the table; its key tells rows apart.
            rows: with the contract's columns, or None for no rows.

        Returns:
            How many rows were inserted.
        """
        path, session = self.path(contract.name), self.spark.session
        columns = session.createDataFrame([], contract.ddl).schema
        table = (
            DeltaTable.createIfNotExists(session)
            .location(path)
            .addColumns(columns)
            .property("delta.appendOnly", str(contract.append_only).lower())
            .execute()
        )
        if rows is None:
            return 0
        same = " AND ".join(f"held.`{name}` = new.`{name}`" for name in contract.key)
        (
            table.alias("held")
            .merge(rows.dropDuplicates(list(contract.key)).alias("new"), same)
            .whenNotMatchedInsertAll()
            .execute()
        )
        metrics = table.history(1).select("operationMetrics").collect()[0][0]
        return int(metrics["numTargetRowsInserted"])

    def last_commit(self, table: str) -> TableCommit:
        """The newest commit of an existing table."""
        entry = (
            DeltaTable.forPath(self.spark.session, self.path(table))
            .history(1)
            .select("version", "operationMetrics")
            .collect()[0]
        )
        rows = (entry["operationMetrics"] or {}).get("numOutputRows")
        return TableCommit(int(entry["version"]), None if rows is None else int(rows))

    def versions(self, *tables: str) -> dict[str, int]:
        """The newest version of each of these tables, for the lineage of what is made from them."""
        return {table: self.last_commit(table).version for table in tables}
