"""Deliveries of which parts were once lost, or changed, without a word."""

import json
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.errors import UnreadableSourceError
from igniteflow_core.ingestion.delivery import read_table
from igniteflow_core.ingestion.tables import judge_table, read_whole
from igniteflow_core.schemas.interactions import ITEMS
from tests.clock import BERLIN
from tests.core.ingestion.delivered import DAY, HEADER, ROW, Delivery

pytestmark = pytest.mark.spark

WITH_NOTE = f"{HEADER},note"
GOOD = f'{ROW.format("T1")},"fine"'
IDS = ["9007199254740993", "10000000000000000000000000000000000000001", "9007199254740993e0"]
OPEN = f'{ROW.format("T2")},"open'


@pytest.fixture
def delivery(spark, tmp_path):
    return Delivery(spark, tmp_path)


def of(id_: str, **values: object) -> dict[str, object]:
    row = dict(zip(HEADER.split(","), ROW.format(id_).split(","), strict=True))
    return row | values


UNCLOSED = {
    "plain": ([GOOD, OPEN, f"{ROW.format('T3')},x"], "\n"),
    "empty_quoted_end": ([GOOD, OPEN, f'{ROW.format("T3")},""', f'{ROW.format("T4")},""'], "\n"),
    "doubled_quotes": ([GOOD, OPEN, f'{ROW.format("T3")},a ""b"" c'], "\n"),
    "CR": ([GOOD, OPEN, f"{ROW.format('T3')},x"], "\r"),
    "CRLF": ([GOOD, OPEN, f"{ROW.format('T3')},x"], "\r\n"),
}


def test_a_quote_that_is_never_closed_is_found_in_each_file(delivery):
    for name, (lines, end) in UNCLOSED.items():
        text = end.join([WITH_NOTE, *lines]) + end
        delivery.write(f"{name}.csv", text.replace("T1", f"{name}.T1"))
    kept, refused = delivery.judge()
    assert set(kept) == {f"{name}.T1" for name in UNCLOSED}
    assert sorted((row.source_file.rsplit("/", 1)[1], row.reasons) for row in refused) == sorted(
        (f"{name}.csv", ["unclosed_quote"]) for name in UNCLOSED
    )


def test_a_quote_that_is_never_closed_is_found_in_an_encoding_of_two_bytes(delivery):
    text = "\n".join([WITH_NOTE, GOOD, OPEN, f"{ROW.format('T3')},xyz", ""])
    delivery.write("a.csv", f"\ufeff{text}".encode("utf-16-be"))
    kept, refused = delivery.judge(encoding="utf-16")
    assert (set(kept), [row.reasons for row in refused]) == ({"T1"}, [["unclosed_quote"]])


def test_a_header_of_other_line_ends_hides_no_open_quote(delivery):
    delivery.write("a.csv", f"{WITH_NOTE}\n{GOOD}\r\n{OPEN}\r\n{ROW.format('T3')},x\r\n")
    kept, refused = delivery.judge()
    assert (set(kept), [row.reasons for row in refused]) == ({"T1"}, [["unclosed_quote"]])


def test_a_field_of_several_lines_that_ends_the_file_is_whole(delivery):
    notes = ['two\nlines"', 'two\r\nlines ""quoted"""', 'a\n"']
    for number, note in enumerate(notes):
        rows = f'{ROW.format(f"A{number}")},"fine"\n{ROW.format(f"B{number}")},"{note}'
        delivery.write(f"{number}.csv", f"{WITH_NOTE}\n{rows}\n")
    kept, refused = delivery.judge()
    assert (set(kept), refused) == ({"A0", "A1", "A2", "B0", "B1", "B2"}, [])


def test_what_follows_the_object_of_a_line_is_seen(delivery):
    afters = [json.dumps(of("T9")), "garbage", ",", "]", "}"]
    lines = [f"{json.dumps(of(f'T{number}'))}{after}" for number, after in enumerate(afters)]
    delivery.write("a.json", "\n".join([*lines, f"{json.dumps(of('last'))} ", ""]))
    kept, refused = delivery.judge(format="json")
    assert set(kept) == {"last"}
    assert [row.reasons for row in refused] == [["invalid_json"]] * len(lines)
    assert sorted(row.row_text for row in refused) == sorted(lines)


@pytest.mark.parametrize("name", ["_a.csv", ".a.csv", "a.csv._COPYING_"])
def test_a_file_that_spark_passes_over_is_refused_by_its_name(delivery, name):
    delivery.write(name, f"{HEADER}\n{ROW.format('T1')}\n")
    with pytest.raises(UnreadableSourceError, match=r"begin with _ or \.") as error:
        delivery.judge(path=f"{{date}}/{name}")
    assert name in str(error.value)
    delivery.write("b.csv", f"{HEADER}\n{ROW.format('T2')}\n")
    kept, refused = delivery.judge(path="{date}/*")
    assert (set(kept), refused) == ({"T2"}, [])


@pytest.mark.parametrize(
    ("thousands", "decimal", "amounts"),
    [
        (".", ",", ["1.234.56", "1.234.5", "1.234,567.8"]),
        (",", ".", ["1,234,56", "1,234.567,8"]),
        (" ", ".", ["1 234 5"]),
        ("'", ".", ["1'234'5"]),
    ],
)
def test_groups_of_digits_that_are_not_thousands_are_no_number(
    delivery, thousands, decimal, amounts
):
    rows = [
        ROW.format(f"T{number}").replace("12.5", f'"{amount}"')
        for number, amount in enumerate([f"1{thousands}234{decimal}5", *amounts])
    ]
    delivery.write("a.csv", "\n".join([HEADER, *rows]))
    kept, refused = delivery.judge(thousands=thousands, decimal=decimal)
    assert {name: row.amount for name, row in kept.items()} == {"T0": 1234.5}
    assert [row.reasons for row in refused] == [["invalid_amount"]] * len(amounts)


@pytest.mark.parametrize("kind", ["parquet", "delta"])
@pytest.mark.parametrize(
    "name",
    ["fault", "row_text", "source_file", "delivery_date", "file_uri", "_metadata", "file_end"],
)
def test_a_delivered_column_may_have_the_name_of_one_of_ours(delivery, spark, kind, name):
    columns = {key: [value] for key, value in of("T1").items() if key != "is_fraud"}
    table = pa.table(columns | {name: [1]})
    if kind == "delta":
        spark.createDataFrame(table).write.format("delta").save(str(delivery.folder / "table"))
        path = "table"
    else:
        pq.write_table(table, delivery.folder / str(DAY) / "a.parquet")
        path = "{date}"
    kept, refused = delivery.judge(format=kind, path=path, columns={"is_fraud": name})
    assert (kept["T1"].is_fraud, refused) == (1, [])


def test_each_row_of_json_names_its_own_columns(delivery):
    rows = [of("T1"), of("T2", label="0")]
    del rows[1]["is_fraud"]
    delivery.write("a.json", "\n".join(map(json.dumps, rows)))
    kept, _ = delivery.judge(format="json", columns={"is_fraud": ["label", "is_fraud"]})
    assert {name: row.is_fraud for name, row in kept.items()} == {"T1": 1, "T2": 0}


def test_a_name_that_only_another_files_folder_has_does_not_count(delivery):
    without = HEADER.replace(",is_fraud", "")
    delivery.write("label=1/a.csv", f"{without}\n{ROW.format('T1')[:-2]}\n")
    delivery.write("b.csv", f"{HEADER}\n{ROW.format('T2')}\n")
    kept, _ = delivery.judge(columns={"is_fraud": ["label", "is_fraud"]})
    assert {name: row.is_fraud for name, row in kept.items()} == {"T1": 1, "T2": 1}


def test_a_row_of_the_future_is_in_the_quarantine_of_the_first_day(delivery):
    future = [ROW.format(day).replace("2025-01-06", day) for day in ("2099-01-01", "2027-01-01")]
    delivery.write("a.csv", "\n".join([HEADER, ROW.format("T1"), *future]))
    kept, refused = delivery.judge(path="2025-01-06/a.csv")
    assert set(kept) == {"T1"}
    assert {row.transaction_id for row in refused} == {"2099-01-01", "2027-01-01"}
    for row in refused:
        assert "event_time_in_the_future" in row.reasons
        assert row.delivery_date == DAY


def test_a_zone_in_brackets_counts_only_behind_its_offset(delivery):
    times = {
        "T1": "2025-01-06T10:00:00[America/New_York]",
        "T2": "2025-01-06T10:00:00-05:00[America/New_York]",
        "T3": "2025-01-06T10:00:00Z[UTC]",
    }
    rows = [ROW.format(id_).replace("2025-01-06 10:00:00", time) for id_, time in times.items()]
    delivery.write("a.csv", "\n".join([HEADER, *rows]))
    kept, (refused,) = delivery.judge()
    assert refused.transaction_id == "T1"
    assert {name: row.event_time.hour for name, row in kept.items()} == {"T2": 15, "T3": 10}


def test_a_part_that_is_missing_makes_no_joined_value(delivery):
    times = ["10:00", " ", "\u00a0", '""', "-", "NULL"]
    rows = [f"T{number},2025-01-06,{time},C1,S1,1" for number, time in enumerate(times)]
    header = "transaction_id,day,time,customer_id,terminal_id,amount"
    delivery.write("a.csv", "\n".join([header, *rows]))
    kept, refused = delivery.judge(
        joined_columns={"event_time": ["day", "time"]}, null_markers=["-"]
    )
    assert set(kept) == {"T0"}
    assert [row.reasons for row in refused] == [["invalid_event_time"]] * 5


@pytest.mark.parametrize(
    ("unit", "count", "hour"),
    [
        # Spreadsheets count days of the local clock, whose summer has 11 hours of UTC by noon.
        ("days", "45844.5", 10),
        ("hours", "1100268", 10),
        ("months", "1506", 22),
    ],
)
def test_units_are_those_of_the_local_clock(delivery, unit, count, hour):
    delivery.clock = BERLIN
    delivery.days = [date(2025, 7, 6), date(2025, 6, 30)]
    for day in delivery.days:
        delivery.write("a.csv", HEADER, day)
    day = delivery.days[unit == "months"]
    row = ROW.format("T1").replace("2025-01-06 10:00:00", count)
    delivery.write("a.csv", f"{HEADER}\n{row}\n", day)
    times = {"unit": unit, "origin": "1899-12-30"}
    kept, refused = delivery.judge(times=times)
    assert not refused, refused
    assert kept["T1"].event_time.hour == hour


def test_months_beyond_all_time_spoil_no_other_row(delivery):
    counts = ["0", "99999999999", "2147483647", "1e9", "-1e300"]
    rows = [ROW.format(count).replace("2025-01-06 10:00:00", count) for count in counts]
    delivery.write("a.csv", "\n".join([HEADER, *rows]))
    kept, refused = delivery.judge(times={"unit": "months", "origin": "2025-01-06"})
    assert set(kept) == {"0"}
    assert [row.reasons for row in refused] == [["invalid_event_time"]] * 4


def test_a_part_without_a_row_needs_no_columns(delivery):
    delivery.write("a.csv", f"{ROW.format('T1')}\n")
    delivery.write("b.csv", "")
    columns = {name: f"_c{number}" for number, name in enumerate(HEADER.split(","))}
    kept, refused = delivery.judge(header=False, columns=columns)
    assert (set(kept), refused) == ({"T1"}, [])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16le", "utf-16be", "mac_roman", "cp1252"])
def test_an_encoding_may_have_the_name_that_python_gives_it(spark, tmp_path, encoding):
    (tmp_path / "a.csv").write_bytes("id\nMüller\n".encode(encoding))
    source = SourceSettings(format="csv", path="a.csv", encoding=encoding)
    (row,) = read_table(spark, source, str(tmp_path), ["id"]).collect()
    assert row.id == "Müller"


@pytest.mark.parametrize("kind", ["parquet", "json", "csv"])
def test_a_text_of_a_list_may_hold_what_separates_texts(spark, tmp_path, kind):
    lists = [["Food | Drinks", " x "], ["Action|Adventure"], ["None"], [], ["0", "1990s"]]
    rows = [{"item_id": f"I{n}", "title": "t", "categories": each} for n, each in enumerate(lists)]
    path = tmp_path / f"items.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif kind == "json":
        path.write_text("\n".join(map(json.dumps, rows)))
    else:
        texts = [json.dumps(each).replace('"', '""') for each in lists]
        lines = [f'I{n},t,"{text}"' for n, text in enumerate(texts)]
        path.write_text("\n".join(["item_id,title,categories", *lines, "I9,t,Food | Drinks|x"]))
    source = SourceSettings(format=kind, path=path.name)
    judged = judge_table(
        read_whole(spark, source, str(tmp_path), ITEMS), ITEMS, BERLIN, source.form
    )
    found = {row.item_id: row.categories for row in judged.accepted.collect()}
    plain = {"I9": ["Food", "Drinks", "x"]} if kind == "csv" else {}
    assert found == {
        "I0": ["Food | Drinks", "x"],
        "I1": ["Action|Adventure"],
        "I2": ["None"],
        "I3": [],
        "I4": ["0", "1990s"],
        **plain,
    }


def test_a_number_that_has_lost_digits_is_no_id(delivery):
    numbers = {
        "1234567890123456": pa.array([1234567890123456.0, 12345678901234567.0]),
        "16777215": pa.array([16777215.0, 16777216.0], pa.float32()),
        "7": pa.array([7.0, 1e40]),
    }
    for name, ids in numbers.items():
        columns = {column: [value, value] for column, value in of("T").items()}
        columns |= {"transaction_id": [name, f"not {name}"], "customer_id": ids}
        pq.write_table(pa.table(columns), delivery.folder / str(DAY) / f"{name}.parquet")
    accepted, refused = delivery.judge(format="parquet")
    assert {name: row.customer_id for name, row in accepted.items()} == {
        name: name for name in numbers
    }
    assert [row.reasons for row in refused] == [["invalid_customer_id"]] * 3


def test_large_ids_of_json_are_whole_or_refused(delivery):
    lines = [json.dumps(of(f"T{n}")).replace('"C1"', text) for n, text in enumerate(IDS)]
    delivery.write("a.json", "\n".join(lines))
    kept, refused = delivery.judge(format="json")
    assert {name: row.customer_id for name, row in kept.items()} == {"T0": "9007199254740993"}
    assert [row.reasons for row in refused] == [["invalid_customer_id"]] * 2


def test_decimals_that_are_whole_are_the_ids_of_whole_numbers(delivery):
    columns = {name: [value] for name, value in of("T1").items()}
    columns["customer_id"] = pa.array([Decimal("9007199254740993.00")], pa.decimal128(20, 2))
    pq.write_table(pa.table(columns), delivery.folder / str(DAY) / "a.parquet")
    kept, _ = delivery.judge(format="parquet")
    assert kept["T1"].customer_id == "9007199254740993"
