from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest
from pyspark.sql import DataFrame

from igniteflow_assets.table_assets import column_schema
from igniteflow_core.errors import DataContractError, MissingTableError
from igniteflow_core.schemas.contract import Column, TableContract
from igniteflow_resources.platform import platform_resources
from igniteflow_resources.spark.session import SparkResource

pytestmark = pytest.mark.spark

DAYS = dg.DailyPartitionsDefinition("2025-01-01", end_date="2025-01-05")
FIRST = date(2025, 1, 1)
EVENTS = TableContract(
    name="events",
    description="Events",
    columns=(
        Column(name="id", type="int", description="id"),
        Column(name="day", type="date", description="day"),
    ),
    key=("id",),
    partition_by="day",
)


@dg.asset(
    partitions_def=DAYS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    metadata={"partition_expr": "day", "dagster/column_schema": column_schema(EVENTS)},
    config_schema={"offset": int},
)
def events(context: dg.AssetExecutionContext, spark: SparkResource) -> DataFrame:
    window = context.partition_time_window
    days = [window.start.date() + timedelta(n) for n in range((window.end - window.start).days)]
    offset = context.op_execution_context.op_config["offset"]
    rows = [(offset + (day - FIRST).days, day) for day in days]
    return spark.session.createDataFrame(rows, EVENTS.ddl)


@dg.asset(
    partitions_def=DAYS,
    ins={
        "events": dg.AssetIn(
            partition_mapping=dg.TimeWindowPartitionMapping(
                start_offset=-1, allow_nonexistent_upstream_partitions=True
            )
        )
    },
)
def days_seen(context: dg.AssetExecutionContext, events: DataFrame) -> dg.MaterializeResult[None]:
    seen = sorted(row.day.isoformat() for row in events.collect())
    return dg.MaterializeResult(metadata={"days": ",".join(seen)})


@dg.asset
def all_ids(events: pd.DataFrame) -> pd.DataFrame:
    assert isinstance(events, pd.DataFrame)
    return events[["id"]].sort_values("id")


@pytest.fixture
def resources(spark, workspace):
    return platform_resources(workspace)


def write(resources, first: str, last: str, offset: int) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [events],
        resources=resources,
        run_config={"ops": {"events": {"config": {"offset": offset}}}},
        tags={
            "dagster/asset_partition_range_start": first,
            "dagster/asset_partition_range_end": last,
        },
    )


def ids(spark, workspace) -> list[int]:
    rows = spark.read.format("delta").load(f"{workspace.lake.root}/events").collect()
    return sorted(row.id for row in rows)


def test_days_of_one_run_are_one_commit_and_running_again_changes_nothing(
    spark, workspace, resources
):
    result = write(resources, "2025-01-01", "2025-01-03", 0)
    assert ids(spark, workspace) == [0, 1, 2]
    (first, *_) = result.asset_materializations_for_node("events")
    assert first.metadata["delta_version"].value == 0
    again = write(resources, "2025-01-01", "2025-01-03", 0)
    assert ids(spark, workspace) == [0, 1, 2]
    (first, *_) = again.asset_materializations_for_node("events")
    assert first.metadata["delta_version"].value == 1
    assert first.metadata["rows_written"].value == 3


def test_a_run_replaces_its_own_days_and_no_others(spark, workspace, resources):
    write(resources, "2025-01-01", "2025-01-03", 0)
    result = write(resources, "2025-01-02", "2025-01-02", 100)
    assert ids(spark, workspace) == [0, 2, 101]
    (only,) = result.asset_materializations_for_node("events")
    assert only.metadata["dagster/row_count"].value == 3
    assert only.metadata["rows_written"].value == 1


def test_an_input_holds_the_days_that_the_partition_depends_on(resources):
    write(resources, "2025-01-01", "2025-01-04", 0)
    result = dg.materialize(
        [events, days_seen], selection=[days_seen], resources=resources, partition_key="2025-01-03"
    )
    (materialization,) = result.asset_materializations_for_node("days_seen")
    assert materialization.metadata["days"].value == "2025-01-02,2025-01-03"


def test_pandas_in_and_out_of_an_unpartitioned_asset(spark, workspace, resources):
    write(resources, "2025-01-01", "2025-01-02", 5)
    dg.materialize([events, all_ids], selection=[all_ids], resources=resources)
    rows = spark.read.format("delta").load(f"{workspace.lake.root}/all_ids").collect()
    assert sorted(row.id for row in rows) == [5, 6]


def test_reading_a_table_that_nothing_wrote_says_what_to_materialize(resources):
    with pytest.raises(MissingTableError, match="materialize the asset events first"):
        dg.materialize([events, all_ids], selection=[all_ids], resources=resources)


def test_columns_that_break_the_contract_are_refused_before_anything_is_written(
    spark, workspace, resources
):
    @dg.asset(metadata={"dagster/column_schema": column_schema(EVENTS)})
    def broken() -> pd.DataFrame:
        return pd.DataFrame({"id": [1]})

    with pytest.raises(DataContractError, match="day"):
        dg.materialize([broken], resources=resources)
    assert not Path(workspace.lake.root, "broken").exists()


def test_a_failed_write_leaves_the_table_as_it_was(spark, workspace, resources):
    write(resources, "2025-01-01", "2025-01-02", 0)

    @dg.asset(
        name="events",
        partitions_def=DAYS,
        metadata={"partition_expr": "day", "dagster/column_schema": column_schema(EVENTS)},
    )
    def of_another_day(spark: SparkResource) -> DataFrame:
        return spark.session.createDataFrame([(9, date(2025, 1, 4))], EVENTS.ddl)

    result = dg.materialize(
        [of_another_day], resources=resources, partition_key="2025-01-02", raise_on_error=False
    )
    assert not result.success
    assert ids(spark, workspace) == [0, 1]
