"""The IO manager that stores the outputs of assets as Delta tables and loads their inputs."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pandas as pd
from dagster import (
    ConfigurableIOManager,
    InputContext,
    MetadataValue,
    OutputContext,
    ResourceDependency,
    TimeWindow,
)
from pyspark.sql import DataFrame

from igniteflow_core.errors import DataContractError
from igniteflow_core.ingestion.spark_errors import reading
from igniteflow_resources.lake.evolution import (
    add_missing_columns,
    retyped_columns,
    with_columns,
)
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.tracing import TracingResource

PARTITION_COLUMN = "partition_expr"
"""Asset metadata entry with the table's date column, as for Dagster's own IO managers."""

COLUMN_SCHEMA = "dagster/column_schema"
"""Asset metadata entry with the columns that the table's contract declares."""


class DeltaIOManager(ConfigurableIOManager):
    """Stores each asset in one Delta table, with one atomic commit per run.

    A run of a partitioned asset replaces only the days of the run, a run of an unpartitioned asset
    the whole table; so a repeated run changes nothing, and a killed run leaves the table unchanged.
    Columns that an earlier version did not write are added, and are null in the other days.
    An input is loaded as a Spark DataFrame or, if the parameter is annotated so, as a pandas one.
    """

    lake: ResourceDependency[LakeResource]
    # Dagster initializes only required resources, and every asset requires the IO manager.
    tracing: ResourceDependency[TracingResource]

    def handle_output(self, context: OutputContext, obj: DataFrame | pd.DataFrame) -> None:
        """Write the frame and record rows, columns and the table's version."""
        table = context.asset_key.path[-1]
        session = self.lake.spark.session
        frame = session.createDataFrame(obj) if isinstance(obj, pd.DataFrame) else obj
        _check_columns(table, frame.columns, context.definition_metadata)
        path = self.lake.path(table)
        options = {"overwriteSchema": "true"}
        partition_columns: list[str] = []
        replaces_all = True
        if context.has_asset_partitions:
            column = str(context.definition_metadata[PARTITION_COLUMN])
            days = _between(column, context.asset_partitions_time_window)
            partition_columns = [column]
            replaces_all = self._may_replace_all(table, frame, days)
            if not replaces_all:
                add_missing_columns(session, path, frame.schema)
                options = {"replaceWhere": days}
            if len(context.asset_partition_keys) > 1:
                # Write one file per day; otherwise each task writes a small file for each day.
                tasks = int(frame.sparkSession.conf.get("spark.sql.shuffle.partitions") or 1)
                frame = frame.repartition(tasks, column)
        writer = (
            frame.write.format("delta")
            .mode("overwrite")
            .options(userMetadata=context.run_id, **options)
        )
        with reading(path):
            self.lake.commit(table, lambda: writer.save(path, partitionBy=partition_columns))
        commit = self.lake.commit_of(table, context.run_id)
        # A commit that replaces the whole table has written all of its rows.
        rows = commit.rows_written if replaces_all else None
        context.add_output_metadata(
            {
                "dagster/row_count": MetadataValue.int(
                    self.lake.read(table).count() if rows is None else rows
                ),
                "rows_written": MetadataValue.int(commit.rows_written or 0),
                "dagster/uri": MetadataValue.path(path),
                "delta_version": MetadataValue.int(commit.version),
            }
        )

    def load_input(self, context: InputContext) -> DataFrame | pd.DataFrame:
        """Read the table, or only the days that the asset's partitions depend on."""
        frame = self.lake.read(context.asset_key.path[-1])
        upstream = context.upstream_output
        if upstream is not None and context.has_asset_partitions:
            column = str(upstream.definition_metadata[PARTITION_COLUMN])
            frame = frame.where(_between(column, context.asset_partitions_time_window))
        schema = upstream.definition_metadata.get(COLUMN_SCHEMA) if upstream else None
        if schema:
            frame = with_columns(frame, schema.columns)
        annotation: Any = context.dagster_type.typing_type
        return frame.toPandas() if annotation is pd.DataFrame else frame

    def _may_replace_all(self, table: str, frame: DataFrame, days: str) -> bool:
        """Return True for a new table, and if column types change and the run covers all days."""
        if not self.lake.exists(table):
            return True
        current = self.lake.read(table)
        is_retyped = bool(retyped_columns(current.schema, frame.schema))
        return is_retyped and current.where(f"NOT ({days})").isEmpty()


def _between(column: str, window: TimeWindow) -> str:
    first, last = window.start.date(), (window.end - timedelta(days=1)).date()
    # Delta does not support BETWEEN in replaceWhere.
    return f"{column} >= DATE'{first}' AND {column} <= DATE'{last}'"


def _check_columns(table: str, columns: list[str], metadata: Mapping[str, Any]) -> None:
    schema = metadata.get(COLUMN_SCHEMA)
    expected = [column.name for column in schema.columns] if schema else columns
    if columns != expected:
        raise DataContractError(
            f"the columns of {table} do not match its contract",
            where=f"got {columns}, expected {expected}",
            fix="correct the asset, or the table's contract in igniteflow_core/schemas",
        )
