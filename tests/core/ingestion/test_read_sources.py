from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.errors import (
    SourceNotDeliveredError,
    SourceSchemaError,
    UnreadableSourceError,
)
from igniteflow_core.ingestion.delivery import read_days, read_table
from igniteflow_core.ingestion.tables import judge_table, read_whole
from igniteflow_core.schemas.interactions import ITEMS
from tests.clock import CLOCK

pytestmark = pytest.mark.spark

DAYS = [date(2025, 1, 1), date(2025, 1, 2)]
COLUMNS = ("transaction_id", "amount")


def deliver(folder: Path, day: date, **columns: list[object]) -> None:
    pd.DataFrame(columns).to_parquet(folder / f"{day}.parquet")


def test_source_names_are_mapped_and_each_row_knows_its_file_and_day(spark, tmp_path):
    for number, day in enumerate(DAYS):
        deliver(tmp_path, day, TX_ID=[number], TX_AMOUNT=[1.5])
    source = SourceSettings(
        path="{date}.parquet", columns={"transaction_id": "TX_ID", "amount": "TX_AMOUNT"}
    )
    rows = (
        read_days(spark, source, str(tmp_path), DAYS, COLUMNS)
        .rows.orderBy("transaction_id")
        .collect()
    )
    assert [(row.transaction_id, row.amount, row.delivery_date) for row in rows] == [
        ("0", "1.5", DAYS[0]),
        ("1", "1.5", DAYS[1]),
    ]
    assert rows[0].source_file.endswith("2025-01-01.parquet")


def test_days_may_differ_in_types_and_column_order(spark, tmp_path):
    deliver(tmp_path, DAYS[0], transaction_id=[7], amount=[2.0])
    deliver(tmp_path, DAYS[1], amount=["3"], transaction_id=["x"])
    source = SourceSettings(path="{date}.parquet")
    rows = read_days(spark, source, str(tmp_path), DAYS, COLUMNS).rows.collect()
    assert {(row.transaction_id, row.amount, row.delivery_date) for row in rows} == {
        ("7", "2", DAYS[0]),
        ("x", "3", DAYS[1]),
    }


def test_a_column_missing_on_one_day_is_named_with_a_suggestion(spark, tmp_path):
    deliver(tmp_path, DAYS[0], transaction_id=[7], amount=[2.0])
    deliver(tmp_path, DAYS[1], transaction_id=[8], amuont=[2.0])
    with pytest.raises(SourceSchemaError) as caught:
        read_days(spark, SourceSettings(path="{date}.parquet"), str(tmp_path), DAYS, COLUMNS)
    assert "'amount' (did you mean 'amuont'?)" in str(caught.value)
    assert "2025-01-02.parquet" in str(caught.value)


def test_an_optional_column_that_is_missing_is_null(spark, tmp_path):
    deliver(tmp_path, DAYS[0], transaction_id=[7])
    source = SourceSettings(path="{date}.parquet")
    frame = read_days(spark, source, str(tmp_path), DAYS[:1], COLUMNS, optional=("amount",))
    assert frame.rows.collect()[0].amount is None


def test_an_optional_column_that_is_mapped_is_meant_to_be_there(spark, tmp_path):
    deliver(tmp_path, DAYS[0], transaction_id=[7], TX_AMUONT=[2.0])
    source = SourceSettings(path="{date}.parquet", columns={"amount": "TX_AMOUNT"})
    with pytest.raises(SourceSchemaError, match=r"'TX_AMOUNT' \(did you mean 'TX_AMUONT'"):
        read_days(spark, source, str(tmp_path), DAYS[:1], COLUMNS, optional=("amount",))


def test_a_column_that_the_source_has_renamed_is_read_from_the_files_before_and_after(
    spark, tmp_path
):
    deliver(tmp_path, DAYS[0], transaction_id=[1], TX_AMOUNT=[1.5])
    deliver(tmp_path, DAYS[1], transaction_id=[2], TX_AMOUNT=[9.5], total=[2.5])
    source = SourceSettings(path="{date}.parquet", columns={"amount": ["total", "TX_AMOUNT"]})
    delivered = read_days(spark, source, str(tmp_path), DAYS, COLUMNS)
    assert {(row.transaction_id, row.amount) for row in delivered.rows.collect()} == {
        ("1", "1.5"),
        ("2", "2.5"),
    }
    assert delivered.left_out == {"TX_AMOUNT": DAYS[1]}


def test_a_column_that_is_added_is_left_out_and_told_with_its_first_day(spark, tmp_path):
    deliver(tmp_path, DAYS[0], transaction_id=[1], amount=[1.5])
    deliver(tmp_path, DAYS[1], transaction_id=[2], amount=[2.5], currency=["EUR"])
    source = SourceSettings(path="{date}.parquet")
    delivered = read_days(spark, source, str(tmp_path), DAYS, COLUMNS)
    assert delivered.left_out == {"currency": DAYS[1]}
    assert "currency" not in delivered.rows.columns


def test_whole_numbers_have_one_text_whichever_type_they_come_in(spark, tmp_path):
    deliver(tmp_path, DAYS[0], transaction_id=[12_345_678], amount=[10])
    deliver(tmp_path, DAYS[1], transaction_id=[12_345_678.0, None], amount=[1e7, 0.25])
    source = SourceSettings(path="{date}.parquet")
    rows = read_days(spark, source, str(tmp_path), DAYS, COLUMNS).rows.collect()
    assert {(row.transaction_id, row.amount) for row in rows} == {
        ("12345678", "10"),
        ("12345678", "10000000"),
        (None, "0.25"),
    }


def test_a_day_that_was_not_delivered_is_named(spark, tmp_path):
    deliver(tmp_path, DAYS[0], transaction_id=[7], amount=[2.0])
    with pytest.raises(SourceNotDeliveredError, match=r"2025-01-02\.parquet"):
        read_days(spark, SourceSettings(path="{date}.parquet"), str(tmp_path), DAYS, COLUMNS)


def test_a_file_that_is_not_parquet_is_named(spark, tmp_path):
    (tmp_path / "2025-01-01.parquet").write_bytes(b"certainly not parquet, but long enough")
    with pytest.raises(UnreadableSourceError, match=r"2025-01-01\.parquet"):
        read_days(spark, SourceSettings(path="{date}.parquet"), str(tmp_path), DAYS[:1], COLUMNS)


def test_a_column_without_a_text_form_is_refused(spark, tmp_path):
    deliver(tmp_path, DAYS[0], transaction_id=[7], amount=[{"value": 2.0}])
    with pytest.raises(SourceSchemaError, match=r"amount \(struct"):
        read_days(spark, SourceSettings(path="{date}.parquet"), str(tmp_path), DAYS[:1], COLUMNS)


def test_delimited_text_with_a_header_is_read(spark, tmp_path):
    (tmp_path / "items.csv").write_text('id;name;kinds\n1;"A; B";x|y\n2;C;\n')
    source = SourceSettings(
        format="csv",
        path="items.csv",
        separator=";",
        columns={"item_id": "id", "title": "name", "categories": "kinds"},
    )
    raw = read_whole(spark, source, str(tmp_path), ITEMS)
    rows = judge_table(raw, ITEMS, CLOCK).accepted.orderBy("item_id").collect()
    assert [(row.item_id, row.title, row.categories) for row in rows] == [
        ("1", "A; B", ["x", "y"]),
        ("2", "C", []),
    ]


MOVIES = (
    "1|Café (1995)|01-Jan-1995||http://x|0|1|0|1\n"
    "2|Nothing (1996)|||http://x|0|0|0|0\n"
    "3|Strange (1997)|||http://x|0|1|maybe|0\n"
)


def test_categories_are_the_columns_whose_flags_are_set(spark, tmp_path):
    (tmp_path / "u.item").write_bytes(MOVIES.encode("latin-1"))
    source = SourceSettings.model_validate(
        {
            "format": "csv",
            "path": "u.item",
            "separator": "|",
            "header": False,
            "encoding": "latin-1",
            "columns": {"item_id": "_c0", "title": "_c1"},
            "category_flags": {
                "unknown": "_c5",
                "Film-Noir": "_c6",
                "Sci-Fi": "_c7",
                "War, Peace": "_c8",
            },
        }
    )
    judged = judge_table(read_whole(spark, source, str(tmp_path), ITEMS), ITEMS, CLOCK)
    kept = {row.item_id: row for row in judged.accepted.collect()}
    assert kept["1"].title == "Café (1995)"
    assert {item: row.categories for item, row in kept.items()} == {
        "1": ["Film-Noir", "War, Peace"],
        "2": [],
    }
    (refused,) = judged.quarantined.collect()
    assert refused.reasons == ["invalid_categories"]
    assert '"Sci-Fi":"maybe"' in refused.categories


def test_a_flag_that_is_no_column_is_named(spark, tmp_path):
    (tmp_path / "items.csv").write_text("item_id,is_drama\n1,1\n")
    flags = {"Drama": "is_drma"}
    source = SourceSettings(format="csv", path="items.csv", category_flags=flags)
    with pytest.raises(SourceSchemaError, match=r"'is_drma' \(did you mean 'is_drama'\?\)"):
        read_whole(spark, source, str(tmp_path), ITEMS)


def test_text_without_a_header_is_mapped_by_position(spark, tmp_path):
    (tmp_path / "ratings.dat").write_text("u1::i1::5\nu2::i9::3\n")
    source = SourceSettings(
        format="csv",
        path="ratings.dat",
        separator="::",
        header=False,
        columns={"user_id": "_c0", "item_id": "_c1", "rating": "_c2"},
    )
    rows = read_table(spark, source, str(tmp_path), ("user_id", "item_id", "rating")).collect()
    assert {(row.user_id, row.item_id, row.rating) for row in rows} == {
        ("u1", "i1", "5"),
        ("u2", "i9", "3"),
    }


def test_lists_of_text_keep_their_parts(spark, tmp_path):
    pd.DataFrame({"item_id": ["1"], "title": ["A"], "categories": [["x", "y z"]]}).to_parquet(
        tmp_path / "items.parquet"
    )
    raw = read_whole(spark, SourceSettings(path="items.parquet"), str(tmp_path), ITEMS)
    assert judge_table(raw, ITEMS, CLOCK).accepted.collect()[0].categories == ["x", "y z"]


def test_a_delta_table_is_a_source_too(spark, tmp_path):
    spark.createDataFrame([("1", "A")], "item_id string, title string").write.format("delta").save(
        str(tmp_path / "items")
    )
    source = SourceSettings(format="delta", path="items")
    assert read_table(spark, source, str(tmp_path), ("item_id", "title")).count() == 1
