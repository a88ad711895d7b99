"""The tables of the lake, by name."""

from dataclasses import dataclass

from dagster import ConfigurableResource, ResourceDependency
from delta.tables import DeltaTable
from pyspark.sql import DataFrame

from igniteflow_core.errors import MissingTableError
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
