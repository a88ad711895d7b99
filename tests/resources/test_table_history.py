"""The versions of a table: told, restored, and joined and deleted when they are too old."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from igniteflow_core.errors import MissingTableError, TableVersionError
from igniteflow_core.schemas.contract import Column, TableContract
from igniteflow_resources.lake.history import restore_table, table_history
from igniteflow_resources.lake.maintenance import maintain_table
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.platform import platform_resources

pytestmark = pytest.mark.spark

ID = Column(name="id", type="int", description="id")
LOG = TableContract(name="log", description="log", columns=(ID,), key=("id",), append_only=True)
WEEK = timedelta(days=7)


@pytest.fixture
def lake(spark, workspace) -> Iterator[LakeResource]:
    with dg.build_resources({"lake": platform_resources(workspace)["lake"]}) as built:
        yield built.lake


def append(spark, lake: LakeResource, *ids: int) -> None:
    rows = spark.createDataFrame([(each,) for each in ids], "id int").coalesce(1)
    rows.write.format("delta").mode("append").option("userMetadata", f"run {ids}").save(
        lake.path("events")
    )


def ids(lake: LakeResource) -> list[int]:
    return sorted(row.id for row in lake.read("events").collect())


def test_the_history_names_what_wrote_each_version(spark, lake):
    append(spark, lake, 1)
    append(spark, lake, 2, 3)
    newest, oldest = table_history(lake, "events")
    assert (newest.version, newest.operation, newest.rows_written, newest.run_id) == (
        1, "WRITE", 2, "run (2, 3)",
    )  # fmt: skip
    assert oldest.committed_at <= newest.committed_at <= datetime.now(UTC)
    assert [each.version for each in table_history(lake, "events", 1)] == [1]


def test_a_table_goes_back_to_a_version_with_its_columns_and_forward_again(spark, lake):
    append(spark, lake, 1)
    spark.sql(f"ALTER TABLE delta.`{lake.path('events')}` ADD COLUMNS (shop string)")
    append(spark, lake, 2)

    restored = restore_table(lake, "events", 0)
    assert (restored.from_version, restored.to_version, restored.version) == (2, 0, 3)
    assert (ids(lake), lake.read("events").columns) == ([1], ["id"])
    restore_table(lake, "events", 2)
    assert (ids(lake), lake.read("events").columns) == ([1, 2], ["id", "shop"])


def test_a_table_goes_back_to_a_time(spark, lake):
    append(spark, lake, 1)
    then = table_history(lake, "events", 1)[0].committed_at
    append(spark, lake, 2)
    assert restore_table(lake, "events", then + timedelta(microseconds=1)).to_version == 0
    assert ids(lake) == [1]


@pytest.mark.parametrize("to", [7, datetime(2000, 1, 1, tzinfo=UTC)], ids=["version", "time"])
def test_a_version_that_is_not_there_is_told(spark, lake, to):
    append(spark, lake, 1)
    with pytest.raises(TableVersionError, match="events cannot be restored"):
        restore_table(lake, "events", to)


def test_a_log_is_never_taken_back_and_a_missing_table_is_named(spark, lake):
    lake.insert_new(LOG, spark.createDataFrame([(1,)], "id int"))
    lake.insert_new(LOG, spark.createDataFrame([(2,)], "id int"))
    with pytest.raises(TableVersionError, match="log is an append-only log"):
        restore_table(lake, "log", 1)
    assert lake.read("log").count() == 2
    with pytest.raises(MissingTableError, match="nowhere"):
        table_history(lake, "nowhere")


def test_maintenance_joins_small_files_and_keeps_every_version_of_the_history(spark, lake):
    for each in range(5):
        append(spark, lake, each)
    done = maintain_table(lake, "events", WEEK)
    assert (done.files_before, done.files_after) == (5, 1)
    assert (done.files_deleted, done.bytes_reclaimed) == (0, 0)
    assert ids(lake) == [0, 1, 2, 3, 4]
    restore_table(lake, "events", 1)
    assert ids(lake) == [0, 1]


def test_maintenance_deletes_what_only_older_versions_need(spark, lake):
    check = "spark.databricks.delta.retentionDurationCheck.enabled"
    for each in range(4):
        append(spark, lake, each)
    maintain_table(lake, "events", WEEK)
    spark.conf.set(check, "false")
    try:
        done = maintain_table(lake, "events", timedelta(0))
    finally:
        spark.conf.unset(check)
    assert done.files_deleted == 4
    assert done.bytes_reclaimed > 0
    assert ids(lake) == [0, 1, 2, 3]
    with pytest.raises(TableVersionError):
        restore_table(lake, "events", 0)


def test_a_stream_of_a_table_sees_its_rows_once_and_its_writer_goes_on_beside_maintenance(
    spark, lake, tmp_path
):
    def write(batch: int) -> None:
        rows = spark.createDataFrame([(batch,)], "id int")
        options = {"txnAppId": "query", "txnVersion": str(batch)}
        rows.write.format("delta").mode("append").options(**options).save(lake.path("events"))

    def read() -> list[int]:
        query = (
            spark.readStream.format("delta")
            .load(lake.path("events"))
            .writeStream.format("delta")
            .option("checkpointLocation", str(tmp_path / "checkpoint"))
            .trigger(availableNow=True)
            .start(lake.path("copy"))
        )
        query.awaitTermination()
        return sorted(row.id for row in lake.read("copy").collect())

    write(0)
    write(1)
    assert read() == [0, 1]
    assert maintain_table(lake, "events", WEEK).files_after == 1
    write(1)
    write(2)
    assert read() == [0, 1, 2]
    assert ids(lake) == [0, 1, 2]
