"""How assets become Delta tables and tables become the inputs of assets."""

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
from igniteflow_core.ingestion.read import reading
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.tracing import TracingResource

PARTITION_COLUMN = "partition_expr"
"""Asset metadata that names the table's date column, as for Dagster's own IO managers."""


class DeltaIOManager(ConfigurableIOManager):
    """One Delta table an asset, written by one atomic commit a run.

    A partitioned asset replaces the days of the run and nothing else, an unpartitioned one the
    whole table; so running again changes nothing, and a killed run leaves the table as it was.
    An asset takes its input as Spark's DataFrame or, by its annotation, as pandas'.
    """

    lake: ResourceDependency[LakeResource]
    # Dagster starts a resource only where something asks for it, and every asset asks for this.
    tracing: ResourceDependency[TracingResource]

    def handle_output(self, context: OutputContext, obj: DataFrame | pd.DataFrame) -> None:
        """Write the frame and record rows, columns and the table's version."""
        table = context.asset_key.path[-1]
        frame = (
            self.lake.spark.session.createDataFrame(obj) if isinstance(obj, pd.DataFrame) else obj
        )
        _check_columns(table, frame.columns, context.definition_metadata)
        path = self.lake.path(table)
        options: dict[str, str] = {"overwriteSchema": "true"}
        partition_columns: list[str] = []
        if context.has_asset_partitions:
            column = str(context.definition_metadata[PARTITION_COLUMN])
            options = {"replaceWhere": _between(column, context.asset_partitions_time_window)}
            partition_columns = [column]
            if len(context.asset_partition_keys) > 1:
                # One file a day, where each task would write a small one for each of the days.
                tasks = int(frame.sparkSession.conf.get("spark.sql.shuffle.partitions") or 1)
                frame = frame.repartition(tasks, column)
        writer = frame.write.format("delta").mode("overwrite").options(**options)
        with reading(path):
            writer.save(path, partitionBy=partition_columns)
        commit = self.lake.last_commit(table)
        context.add_output_metadata(
            {
                "dagster/row_count": MetadataValue.int(self.lake.read(table).count()),
                "rows_written": MetadataValue.int(commit.rows_written or 0),
                "dagster/uri": MetadataValue.path(path),
                "delta_version": MetadataValue.int(commit.version),
            }
        )

    def load_input(self, context: InputContext) -> DataFrame | pd.DataFrame:
        """Read the table, or those of its days that the asset's partitions depend on."""
        frame = self.lake.read(context.asset_key.path[-1])
        upstream = context.upstream_output
        if upstream is not None and context.has_asset_partitions:
            column = str(upstream.definition_metadata[PARTITION_COLUMN])
            frame = frame.where(_between(column, context.asset_partitions_time_window))
        wanted: Any = context.dagster_type.typing_type
        return frame.toPandas() if wanted is pd.DataFrame else frame


def _between(column: str, window: TimeWindow) -> str:
    first, last = window.start.date(), (window.end - timedelta(days=1)).date()
    # Delta resolves no BETWEEN in replaceWhere.
    return f"{column} >= DATE'{first}' AND {column} <= DATE'{last}'"


def _check_columns(table: str, columns: list[str], metadata: Mapping[str, Any]) -> None:
    schema = metadata.get("dagster/column_schema")
    promised = [column.name for column in schema.columns] if schema else columns
    if columns != promised:
        raise DataContractError(
            f"the columns of {table} are not those it promises",
            where=f"got {columns}, promised {promised}",
            fix="mend the asset, or the table's contract in igniteflow_core/schemas",
        )
