"""Files of ORC and Avro, whose columns have types as those of Parquet have."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.errors import SourceSchemaError, UnreadableSourceError
from igniteflow_core.ingestion.delivery import read_days, read_table

pytestmark = pytest.mark.spark

DAY = date(2025, 1, 6)
COLUMNS = ["id", "time", "amount"]
TIME = datetime(2025, 1, 6, 10, 0, 0, 123456, UTC)


@pytest.fixture(params=["orc", "avro"])
def kind(request):
    return request.param


def write(spark, folder, kind, columns):
    frame = spark.createDataFrame(pa.table(columns)).coalesce(1)
    frame.write.format(kind).mode("append").save(str(folder))


def test_files_of_different_columns_are_each_read_by_their_own(spark, tmp_path, kind):
    folder = tmp_path / "2025-01-06"
    write(spark, folder, kind, {"id": [7], "time": [TIME], "amount": [1.5]})
    write(
        spark,
        folder,
        kind,
        {"amount": pa.array([2**53 + 1], pa.int64()), "fee": [9.0], "id": ["007"], "time": [TIME]},
    )
    source = SourceSettings(format=kind, path="{date}")
    delivered = read_days(spark, source, str(tmp_path), [DAY], COLUMNS)
    rows = sorted(delivered.rows.collect(), key=lambda row: row.id)
    assert [(row.id, row.time, row.amount) for row in rows] == [
        ("007", "2025-01-06 10:00:00.123456Z", "9007199254740993"),
        ("7", "2025-01-06 10:00:00.123456Z", "1.5"),
    ]
    assert all(f"{folder}/part-" in row.source_file for row in rows)
    assert delivered.left_out == {"fee": DAY}


def test_values_of_folders_are_columns(spark, tmp_path, kind):
    write(spark, tmp_path / "all" / "country=DE", kind, {"id": ["a"]})
    source = SourceSettings(format=kind, path="all")
    (row,) = read_table(spark, source, str(tmp_path), ["id", "country"]).collect()
    assert (row.id, row.country) == ("a", "DE")


def test_a_file_that_lacks_a_column_is_named(spark, tmp_path, kind):
    write(spark, tmp_path / "all", kind, {"id": ["a"], "time": [TIME]})
    source = SourceSettings(format=kind, path="all")
    with pytest.raises(SourceSchemaError, match="'amount'") as error:
        read_table(spark, source, str(tmp_path), COLUMNS)
    assert f"{tmp_path}/all/part-" in str(error.value)


@pytest.mark.parametrize("content", [b"", b"id,time,amount\n", b"Obj\x01", b"ORC"])
def test_a_file_of_another_format_is_named(spark, tmp_path, kind, content):
    write(spark, tmp_path / "all", kind, {"id": ["a"], "time": [TIME], "amount": [1.0]})
    (tmp_path / "all" / f"bad.{kind}").write_bytes(content)
    source = SourceSettings(format=kind, path="all")
    with pytest.raises(UnreadableSourceError, match="cannot be read") as error:
        read_table(spark, source, str(tmp_path), COLUMNS)
    assert f"bad.{kind}" in str(error.value)
