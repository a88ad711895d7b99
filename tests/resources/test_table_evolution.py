"""Tables that an earlier version wrote, with fewer, other or differently typed columns."""

from datetime import date

import dagster as dg
import pyarrow as pa
import pytest
from delta.exceptions import ConcurrentDeleteReadException
from pyspark.sql import DataFrame

from igniteflow_assets.table_assets import column_schema
from igniteflow_core.errors import DataContractError, TableConflictError
from igniteflow_core.schemas.contract import Column, TableContract
from igniteflow_core.schemas.stream import STREAM_SCORES
from igniteflow_resources.platform import platform_resources
from igniteflow_resources.stream.scores_table import ScoresTable

pytestmark = pytest.mark.spark

DAYS = dg.DailyPartitionsDefinition("2025-01-01", end_date="2025-01-04")
FIRST, SECOND = date(2025, 1, 1), date(2025, 1, 2)
DAY = Column(name="day", type="date", description="day")


def contract(*columns: Column) -> TableContract:
    return TableContract(
        name="events", description="Events", columns=(*columns, DAY), key=("id",),
        partition_by="day",
    )  # fmt: skip


ID = Column(name="id", type="int", description="id")
SHOP = Column(name="shop", type="string", description="shop")
EARLIER, NOW = contract(ID), contract(ID, SHOP)


def asset_of(of: TableContract, *rows: tuple) -> dg.AssetsDefinition:
    @dg.asset(
        name=of.name,
        partitions_def=DAYS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        metadata={"partition_expr": "day", "dagster/column_schema": column_schema(of)},
        required_resource_keys={"spark"},
    )
    def made(context: dg.AssetExecutionContext) -> DataFrame:
        return context.resources.spark.session.createDataFrame(list(rows), of.ddl)

    return made


@pytest.fixture
def write(spark, workspace):
    resources = platform_resources(workspace)

    def materialize(asset: dg.AssetsDefinition, first: date, last: date) -> None:
        tags = {
            "dagster/asset_partition_range_start": first.isoformat(),
            "dagster/asset_partition_range_end": last.isoformat(),
        }
        dg.materialize([asset], resources=resources, tags=tags)

    return materialize


def rows(spark, workspace) -> list[tuple]:
    table = spark.read.format("delta").load(f"{workspace.lake.root}/events")
    return sorted(tuple(row) for row in table.collect())


def test_a_new_column_is_added_and_null_in_the_days_that_are_not_written_again(
    spark, workspace, write
):
    write(asset_of(EARLIER, (1, FIRST), (2, SECOND)), FIRST, SECOND)
    write(asset_of(NOW, (3, "a", SECOND)), SECOND, SECOND)
    assert rows(spark, workspace) == [(1, FIRST, None), (3, SECOND, "a")]


def test_a_column_that_is_no_longer_promised_stays_and_is_null_in_new_days(spark, workspace, write):
    write(asset_of(NOW, (1, "a", FIRST)), FIRST, FIRST)
    write(asset_of(EARLIER, (2, SECOND)), SECOND, SECOND)
    assert rows(spark, workspace) == [(1, "a", FIRST), (2, None, SECOND)]


def test_who_reads_a_table_of_an_earlier_version_gets_the_promised_columns(spark, workspace, write):
    write(asset_of(EARLIER, (1, FIRST)), FIRST, FIRST)
    seen = []

    @dg.asset
    def reader(events: DataFrame) -> None:
        seen.extend(events.select("id", "shop").collect())

    dg.materialize(
        [asset_of(NOW), reader], selection=[reader], resources=platform_resources(workspace)
    )
    assert seen == [(1, None)]


def test_a_retyped_column_is_refused_for_some_days_and_taken_by_a_run_over_all(
    spark, workspace, write
):
    write(asset_of(EARLIER, (1, FIRST), (2, SECOND)), FIRST, SECOND)
    retyped = contract(Column(name="id", type="string", description="id"))
    with pytest.raises(DataContractError, match="id as int instead of string") as refused:
        write(asset_of(retyped, ("x", SECOND)), SECOND, SECOND)
    assert "in one run" in refused.value.fix
    assert rows(spark, workspace) == [(1, FIRST), (2, SECOND)]

    write(asset_of(retyped, ("x", FIRST), ("y", SECOND)), FIRST, SECOND)
    assert rows(spark, workspace) == [("x", FIRST), ("y", SECOND)]


def test_a_log_grows_a_column_and_keeps_the_entries_of_the_earlier_version(spark, workspace):
    resources = platform_resources(workspace)
    log = TableContract(name="log", description="log", columns=(ID,), key=("id",), append_only=True)
    later = log.model_copy(update={"columns": (ID, SHOP)})

    @dg.asset
    def entries(lake: dg.ResourceParam) -> None:
        assert lake.insert_new(log, spark.createDataFrame([(1,), (2,)], log.ddl)) == 2
        both = spark.createDataFrame([(2, "b"), (3, "c")], later.ddl)
        assert lake.insert_new(later, both, among="held.id >= 2") == 1
        of_before = spark.createDataFrame([(4, None)], "id int, shop string")
        assert lake.insert_new(later, of_before) == 1
        held = lake.read("log").orderBy("id").collect()
        assert [tuple(row) for row in held] == [(1, None), (2, None), (3, "c"), (4, None)]

    assert dg.materialize([entries], resources=resources).success


def test_the_stream_goes_on_with_scores_of_a_version_with_fewer_features(spark, tmp_path):
    path = str(tmp_path / "stream_scores")
    columns = [each for each in STREAM_SCORES.columns if each.name != "amount"]
    earlier = STREAM_SCORES.model_copy(update={"columns": tuple(columns)})
    held = spark.createDataFrame([], earlier.ddl)
    held.write.format("delta").partitionBy("event_date").save(path)

    scores = ScoresTable(spark, path)
    found = scores.find(["t1"], {FIRST})
    assert found.num_rows == 0
    assert pa.types.is_floating(found.schema.field("amount").type)


def test_a_write_that_met_another_one_is_tried_again_and_then_told(spark, workspace):
    conflicts = []

    def write() -> str:
        if len(conflicts) < 2:
            conflicts.append(ConcurrentDeleteReadException("files were joined"))
            raise conflicts[-1]
        return "written"

    def never() -> None:
        raise ConcurrentDeleteReadException("files were joined")

    @dg.asset
    def writer(lake: dg.ResourceParam) -> None:
        assert lake.commit("events", write) == "written"
        with pytest.raises(TableConflictError, match="3 times"):
            lake.commit("events", never)

    assert dg.materialize([writer], resources=platform_resources(workspace)).success
