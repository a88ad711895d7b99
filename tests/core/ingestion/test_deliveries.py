"""Files as they really come: in pieces, in other orders, in other encodings, cut and misquoted."""

import gzip
import json
import os
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.errors import SourceNotDeliveredError, SourceSchemaError, UnreadableSourceError
from igniteflow_core.ingestion.entities import judge_entities
from igniteflow_core.ingestion.tables import judge_table, read_whole, rows_of_ids
from igniteflow_core.schemas.interactions import ITEMS, USERS
from igniteflow_core.schemas.transactions import (
    CUSTOMERS,
)
from tests.clock import BERLIN, CLOCK
from tests.core.ingestion.delivered import DAY, HEADER, ROW, Delivery

pytestmark = pytest.mark.spark


@pytest.fixture
def delivery(spark, tmp_path):
    return Delivery(spark, tmp_path)


def test_each_file_of_a_folder_is_read_by_its_own_header(delivery):
    delivery.write("a.csv", f"{HEADER}\n{ROW.format('T1')}\n")
    delivery.write(
        "b.csv",
        "transaction_id,event_time,terminal_id,customer_id,fee,amount,is_fraud\n"
        "T2,2025-01-06 11:00:00,S2,C2,9,20.5,0\n",
    )
    kept, refused = delivery.judge()
    assert not refused
    assert (kept["T1"].customer_id, kept["T1"].amount, kept["T1"].is_fraud) == ("C1", 12.5, 1)
    second = kept["T2"]
    assert (second.customer_id, second.terminal_id, second.amount) == ("C2", "S2", 20.5)


@pytest.mark.parametrize("amount", ["12,50", "1,234.50"])
def test_a_row_of_more_fields_than_its_header_is_quarantined_as_it_is(delivery, amount):
    columns = "transaction_id,event_time,customer_id,terminal_id,is_fraud,amount"
    bad = f"T1,2025-01-06 10:00:00,C1,S1,0,{amount}"
    delivery.write("a.csv", f"{columns}\n{bad}\nT2,2025-01-06 10:00:00,C1,S1,0,7\n")
    kept, (refused,) = delivery.judge()
    assert set(kept) == {"T2"}
    assert refused.reasons == ["wrong_number_of_fields"]
    assert refused.row_text == bad
    assert refused.transaction_id is None


def test_a_row_that_was_cut_is_quarantined(delivery):
    delivery.write("a.csv", f"{HEADER}\n{ROW.format('T1')}\nT2,2025-01-06 10:00:00,C1")
    kept, (refused,) = delivery.judge()
    assert set(kept) == {"T1"}
    assert refused.reasons == ["wrong_number_of_fields"]


def test_a_file_that_lacks_a_mapped_column_is_named(delivery):
    delivery.write("a.csv", f"{HEADER}\n{ROW.format('T1')}\n")
    delivery.write("b.csv", f"{HEADER.replace(',is_fraud', '')}\nT2,2025-01-06 10:00:00,C1,S1,1\n")
    with pytest.raises(SourceSchemaError, match=r"b\.csv"):
        delivery.judge(columns={"is_fraud": "is_fraud"})


@pytest.mark.parametrize("kind", ["parquet", "json"])
def test_the_same_holds_for_files_whose_rows_have_names(delivery, kind):
    rows = [dict(zip(HEADER.split(","), ROW.format("T1").split(","), strict=True))]
    for name, table in (
        ("a", rows),
        ("b", [{k: v for k, v in rows[0].items() if k != "is_fraud"}]),
    ):
        path = delivery.folder / str(DAY) / f"{name}.{kind}"
        if kind == "json":
            path.write_text("\n".join(map(json.dumps, table)))
        else:
            pq.write_table(pa.Table.from_pylist(table), path)
    with pytest.raises(SourceSchemaError, match=rf"b\.{kind}"):
        delivery.judge(format=kind, columns={"is_fraud": "is_fraud"})


def test_a_mapped_column_that_occurs_twice_is_named(delivery):
    delivery.write("a.csv", f"{HEADER},amount\n{ROW.format('T1')},3\n")
    with pytest.raises(SourceSchemaError, match="amount occur more than once"):
        delivery.judge()


def test_a_source_with_a_card_alone_has_it_in_the_place_of_the_terminal(delivery):
    delivery.write("a.csv", "time,card,amount\n2025-01-06 10:00:00,C1,12.5\n")
    columns = {"event_time": "time", "customer_id": "card", "terminal_id": "card"}
    kept, refused = delivery.judge(columns=columns, derive_ids=True)
    assert [(row.customer_id, row.terminal_id) for row in kept.values()] == [("C1", "C1")]
    assert not refused


def test_one_of_several_columns_of_a_name_is_mapped_by_its_number(delivery):
    delivery.write("a.csv", f"{HEADER}, amount \n{ROW.format('T1')},3\n")
    kept, _ = delivery.judge(columns={"amount": "amount (2)"})
    assert kept["T1"].amount == 3.0


def test_rows_before_the_header_of_each_file_are_passed_over(delivery):
    row = ROW.format("T1").replace(",", ";")
    titles = ("Export of shop A\n\nfrom;to\n", '"Export of\nshop B"\n; \n')
    for name, title in zip("ab", titles, strict=True):
        # The second row is that of the title once more, which is bad and not lost.
        text = f"{title}{HEADER.replace(',', ';')}\n{row.replace('T1', name)}\nfrom;to\n"
        delivery.write(f"{name}.csv", text)
    kept, refused = delivery.judge(separator=";", skip_rows=2)
    assert set(kept) == {"a", "b"}
    assert [row.reasons for row in refused] == [["wrong_number_of_fields"]] * 2


def test_a_file_that_ends_before_its_header_is_named(delivery):
    delivery.write("a.csv", f"title\n{HEADER}\n{ROW.format('T1')}\n")
    delivery.write("b.csv", "title\n")
    with pytest.raises(UnreadableSourceError, match=r"b\.csv"):
        delivery.judge(skip_rows=1)


def test_a_file_without_its_header_is_named(delivery):
    delivery.write("a.csv", f"{HEADER}\n{ROW.format('T1')}\n")
    delivery.write("b.csv", b"")
    with pytest.raises(UnreadableSourceError, match=r"b\.csv"):
        delivery.judge()


@pytest.mark.parametrize(
    "name",
    [
        "a b.csv",
        "50%.csv",
        "%2e.csv",
        "#1.csv",
        "(1).csv",
        "[1].csv",
        "{x}.csv",
        "a*.csv",
        "q?.csv",
    ],
)
def test_files_of_any_name_are_read_and_named_as_people_write_them(delivery, name):
    delivery.write(name, f"{HEADER}\n{ROW.format('T1')}\nT2,2025-01-06 10:00:00\n")
    kept, (refused,) = delivery.judge()
    assert set(kept) == {"T1"}
    assert refused.source_file.endswith(f"/{DAY}/{name}")
    assert refused.delivery_date == DAY


def test_compressed_files_lie_beside_plain_ones(delivery):
    delivery.write("a.csv", f"{HEADER}\n{ROW.format('T1')}\n")
    delivery.write("b.csv.gz", gzip.compress(f"{HEADER}\n{ROW.format('T2')}\n".encode()))
    kept, refused = delivery.judge()
    assert set(kept) == {"T1", "T2"}
    assert not refused


def test_a_compression_that_cannot_be_read_is_named(delivery):
    zstandard = pa.compress(f"{HEADER}\n{ROW.format('T1')}\n".encode(), "zstd", asbytes=True)
    delivery.write("a.csv.zst", zstandard)
    with pytest.raises(UnreadableSourceError, match="compressed by Zstandard"):
        delivery.judge()


def test_bytes_of_another_encoding_are_quarantined_until_it_is_named(delivery):
    text = f"{HEADER}\n" + "".join(
        f"T{number},2025-01-06 10:00:00,{name},S1,1,0\n"
        for number, name in enumerate(("Müller", "Möller", "Maier"))
    )
    delivery.write("a.csv", text.encode("cp1252"))
    kept, refused = delivery.judge()
    assert set(kept) == {"T2"}
    assert [row.reasons for row in refused] == [["undecodable_text"]] * 2
    kept, refused = delivery.judge(encoding="cp1252")
    assert not refused
    assert [kept[f"T{number}"].customer_id for number in range(3)] == ["Müller", "Möller", "Maier"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_text_of_other_encodings_is_read(delivery, encoding):
    delivery.write("a.csv", f"{HEADER}\r\nTé,2025-01-06 10:00:00,C1,S1,1,0\r\n".encode(encoding))
    kept, refused = delivery.judge(**{} if encoding == "utf-8-sig" else {"encoding": encoding})
    assert not refused
    assert set(kept) == {"Té"}


def test_delta_tables_of_two_days_are_read_in_one_run(delivery):
    delivery.days = [DAY, date(2025, 1, 7)]
    for number, day in enumerate(delivery.days):
        row = (f"T{number}", f"{day} 10:00:00", "C1", "S1", 1.5, 0)
        delivery.spark.createDataFrame(
            [row],
            "transaction_id string, event_time string, customer_id string, terminal_id string, "
            "amount double, is_fraud int",
        ).write.format("delta").save(str(delivery.folder / "delta" / str(day)))
    kept, refused = delivery.judge(format="delta", path="delta/{date}")
    assert not refused
    assert {(name, row.event_date) for name, row in kept.items()} == {
        ("T0", DAY),
        ("T1", date(2025, 1, 7)),
    }


def test_a_delta_table_that_is_not_there_is_not_delivered(delivery):
    with pytest.raises(SourceNotDeliveredError, match="delta/2025-01-06"):
        delivery.judge(format="delta", path="delta/{date}")


def test_values_in_folder_names_are_columns(delivery):
    columns = HEADER.replace(",terminal_id", "")
    delivery.write("shop=S%201/a.csv", f"{columns}\nT1,2025-01-06 10:00:00,C1,1,0\n")
    delivery.write("shop=S2/a.csv", f"{columns}\nT2,2025-01-06 10:00:00,C1,1,0\n")
    kept, refused = delivery.judge(columns={"terminal_id": "shop"})
    assert not refused
    assert {name: row.terminal_id for name, row in kept.items()} == {"T1": "S 1", "T2": "S2"}


NOON = datetime(2025, 1, 6, 12)


@pytest.mark.parametrize(
    ("column", "hour"),
    [
        (pa.array([NOON], pa.timestamp("us")), 11),
        (pa.array([NOON], pa.timestamp("ms")), 11),
        (pa.array([NOON], pa.timestamp("ns")), 11),
        (pa.array([NOON.replace(tzinfo=UTC)], pa.timestamp("us", "UTC")), 12),
        (pa.array([NOON.replace(tzinfo=UTC)], pa.timestamp("ns", "UTC")), 12),
        (pa.array(["2025-01-06 12:00:00"]), 11),
        (pa.array(["2025-01-06 12:00:00+00"]), 12),
    ],
)
def test_times_of_parquet_mean_what_their_type_says(delivery, column, hour):
    row = {"transaction_id": ["T1"], "customer_id": ["C1"], "terminal_id": ["S1"], "amount": [1]}
    pq.write_table(pa.table({**row, "event_time": column}), delivery.folder / f"{DAY}/a.parquet")
    delivery.clock = BERLIN
    kept, refused = delivery.judge(format="parquet")
    assert not refused
    assert kept["T1"].event_time == datetime(2025, 1, 6, hour)


def test_an_instant_of_96_bits_is_an_instant(delivery):
    row = {"transaction_id": ["T1"], "customer_id": ["C1"], "terminal_id": ["S1"], "amount": [1]}
    table = pa.table({**row, "event_time": pa.array([NOON], pa.timestamp("ns"))})
    pq.write_table(
        table, delivery.folder / f"{DAY}/a.parquet", use_deprecated_int96_timestamps=True
    )
    delivery.clock = BERLIN
    kept, _ = delivery.judge(format="parquet")
    assert kept["T1"].event_time == NOON


def test_rows_of_json_are_read_by_name_and_by_the_type_of_each_value(delivery):
    good = {"event_time": "2025-01-06T10:00:00Z", "customer_id": 7.0, "terminal_id": "7.0"}
    rows = [
        json.dumps({"transaction_id": 1, **good, "amount": "12.50"}),
        json.dumps({"amount": 1e3, "transaction_id": "2", **good, "is_fraud": True}),
        '{"transaction_id": 3, "transaction_id": 4, "amount": 1}',
        '{"transaction_id": 5, "amount": {"value": 1}}',
        '{"transaction_id": 6, "amo',
        "",
    ]
    delivery.write("a.json", "\ufeff" + "\n".join(rows).encode().decode())
    kept, refused = delivery.judge(format="json")
    assert {name: (row.customer_id, row.terminal_id) for name, row in kept.items()} == {
        "1": ("7", "7.0"),
        "2": ("7", "7.0"),
    }
    assert (kept["1"].amount, kept["2"].amount, kept["2"].is_fraud) == (12.5, 1000.0, 1)
    assert sorted((row.row_text, row.reasons) for row in refused) == [
        (rows[2], ["invalid_json"]),
        (rows[3], ["nested_value"]),
        (rows[4], ["invalid_json"]),
    ]


def test_a_file_of_all_days_is_divided_by_the_days_of_its_events(delivery):
    rows = [
        "T1,2025-01-06 10:00:00,C1,S1,1,0",
        "T2,2025-01-06 23:30:00+00:00,C1,S1,1,0",
        "T3,2025-01-08 10:00:00,C1,S1,1,0",
        "T4,2025-01-05 10:00:00,C1,S1,1,0",
        "T5,yesterday,C1,S1,1,0",
        "T6,2025-01-06 10:00:00,C1",
    ]
    (delivery.folder / "all.csv").write_text("\n".join([HEADER, *rows]))
    delivery.clock = BERLIN
    days = (DAY, date(2025, 1, 7), date(2025, 1, 8))
    found = {}
    for day in days:
        delivery.days = [day]
        found[day] = delivery.judge(path="all.csv")
    assert [set(found[day][0]) for day in days] == [{"T1"}, {"T2"}, {"T3"}]
    refused = {row.transaction_id: row.reasons for row in found[DAY][1]}
    assert refused == {
        "T4": ["outside_day"],
        "T5": ["invalid_event_time"],
        None: ["wrong_number_of_fields"],
    }
    assert not found[days[1]][1]
    assert not found[days[2]][1]
    delivery.days = list(days)
    kept, refused = delivery.judge(path="all.csv")
    assert set(kept) == {"T1", "T2", "T3"}
    assert len(refused) == 3


def test_rows_without_ids_get_the_same_ones_whenever_they_are_read(delivery):
    columns = HEADER.removeprefix("transaction_id,")
    row = ROW.partition(",")[2]
    delivery.write("a.csv", f"{columns}\n{row}\n{row}\n{row.replace('C1', 'C2')}\n")
    kept, refused = delivery.judge(derive_ids=True)
    assert not refused
    assert sorted(row.customer_id for row in kept.values()) == ["C1", "C1", "C2"]
    delivery.write("b.csv", f"{columns}\n{row}\n")
    again, refused = delivery.judge(derive_ids=True)
    assert set(again) == set(kept)
    assert [row.reasons for row in refused] == [["duplicate_id"]]


def test_a_source_without_ids_is_refused_until_settings_say_so(delivery):
    delivery.write("a.csv", f"{HEADER.partition(',')[2]}\n{ROW.partition(',')[2]}\n")
    with pytest.raises(SourceSchemaError, match=r"(?s)'transaction_id'.*derive_ids"):
        delivery.judge()


def test_a_bank_export_is_read_as_it_is(delivery):
    delivery.write(
        "export.csv",
        "Buchung;Zeit;Karte;Händler;Betrag;Betrug\n"
        "06.01.2025;23:59;4711;Café Müller;1.234,50;Nein\n"
        "06.01.2025;00:01;4711;Café Müller;-;Ja\n"
        "2025-01-06;10:00;4711;Café Müller;12.50;Nein\n".encode("latin-1"),
    )
    delivery.clock = BERLIN
    kept, refused = delivery.judge(
        separator=";",
        encoding="latin-1",
        decimal=",",
        thousands=".",
        null_markers=["-"],
        times={"pattern": "dd.MM.yyyy HH:mm"},
        derive_ids=True,
        joined_columns={"event_time": ["Buchung", "Zeit"]},
        columns={"customer_id": "Karte", "terminal_id": "Händler", "amount": "Betrag"},
    )
    (row,) = kept.values()
    assert (row.event_time, row.amount) == (datetime(2025, 1, 6, 22, 59), 1234.5)
    assert row.terminal_id == "Café Müller"
    assert sorted(row.reasons for row in refused) == [
        ["invalid_amount"],
        ["invalid_event_time", "invalid_amount"],
    ]


def test_a_part_of_a_joined_column_that_is_missing_is_named(delivery):
    delivery.write("a.csv", f"{HEADER}\n{ROW.format('T1')}\n")
    with pytest.raises(SourceSchemaError, match="'time_of_day'"):
        delivery.judge(joined_columns={"event_time": ["event_time", "time_of_day"]})


def test_a_table_without_a_source_is_made_of_the_ids_of_others(spark):
    ratings = spark.createDataFrame(pa.table({"user_id": ["U1", "U2", "U1"], "rating": [1, 2, 3]}))
    events = spark.createDataFrame(pa.table({"user_id": ["U3", "U1"]}))
    judged = judge_table(rows_of_ids([ratings, events], USERS, "ratings, events"), USERS, CLOCK)
    assert sorted(map(tuple, judged.accepted.collect())) == [
        ("U1", None), ("U2", None), ("U3", None),
    ]  # fmt: skip
    assert judged.quarantined.count() == 0


def items(delivery, text: str):
    (delivery.folder / "items.csv").write_text(text)
    source = SourceSettings(format="csv", path="items.csv")
    raw = read_whole(delivery.spark, source, str(delivery.folder), ITEMS)
    judged = judge_table(raw, ITEMS, CLOCK)
    kept = {row.item_id: row for row in judged.accepted.collect()}
    return kept, {row.item_id: row.reasons for row in judged.quarantined.collect()}


def test_a_quoted_line_break_makes_no_second_item(delivery):
    kept, refused = items(
        delivery,
        'item_id,title,categories,in_stock\nI1,"Rock\nI9, live",a|b,1\nI2,"a ""b""",c,no\n',
    )
    assert {name: row.title for name, row in kept.items()} == {
        "I1": "Rock\nI9, live",
        "I2": 'a "b"',
    }
    assert (kept["I1"].in_stock, kept["I2"].in_stock) == (True, False)
    assert not refused


@pytest.mark.parametrize("end", ["\n", ""])
def test_a_quote_that_is_never_closed_swallows_no_rows_in_silence(delivery, end):
    kept, refused = items(
        delivery, f'item_id,categories,title\nI1,a,Jazz\nI2,b,"Rock\nI3,c,Pop{end}'
    )
    assert set(kept) == {"I1"}
    assert refused == {None: ["unclosed_quote"]}


def test_a_quote_that_is_never_closed_is_found_in_a_compressed_file_too(delivery):
    torn = f'{HEADER},note\n{ROW.format("T1")},a\n{ROW.format("T2")},"b\n{ROW.format("T3")},c\n'
    delivery.write("a.csv.gz", gzip.compress(torn.encode()))
    kept, (refused,) = delivery.judge()
    assert set(kept) == {"T1"}
    assert refused.reasons == ["unclosed_quote"]


def test_a_compressed_file_that_was_cut_is_named(delivery):
    content = gzip.compress(os.urandom(5_000))
    delivery.write("a.csv.gz", content[:2_000])
    with pytest.raises(UnreadableSourceError, match=r"a\.csv\.gz"):
        delivery.judge()


def test_a_quote_that_closes_rows_later_swallows_none_in_silence(delivery):
    kept, refused = items(
        delivery, 'item_id,categories,title\nI1,a,"Rock\nI2,b,"Pop"\nI3,c,Jazz\nI4,d,5" disk\n'
    )
    assert {name: row.title for name, row in kept.items()} == {"I3": "Jazz", "I4": '5" disk'}
    assert refused == {None: ["unclosed_quote"]}


def test_whole_tables_have_a_quarantine(delivery):
    kept, refused = items(
        delivery,
        "item_id,title,categories,in_stock\nI1,A,a,1\n ,B,a,1\nI2,C,a,perhaps\nI1,D,a,0\nI3,E,a,\n",
    )
    assert {name: row.title for name, row in kept.items()} == {"I1": "A", "I3": "E"}
    assert kept["I3"].in_stock is None
    assert refused == {
        " ": ["missing_item_id"],
        "I2": ["invalid_in_stock"],
        "I1": ["duplicate"],
    }


def test_a_customer_may_have_no_position_but_not_half_of_one(delivery):
    (delivery.folder / "customers.csv").write_text(
        "customer_id,x,y,lat,long\nC1,1000,2000,,\nC2,,2,,\nC3,1,north,,\nC4,,,,\n"
        "C5,,,48.1,11.6\nC6,,,91,11.6\nC7,,,48.1,\nC8,1,2,48.1,11.6\n"
    )
    source = SourceSettings(
        format="csv",
        path="customers.csv",
        columns={"latitude": "lat", "longitude": "long"},
        kilometres_per_unit=0.001,
    )
    raw = read_whole(delivery.spark, source, str(delivery.folder), CUSTOMERS)
    judged = judge_entities(raw, CUSTOMERS, CLOCK, source.form)
    assert sorted(map(tuple, judged.accepted.collect())) == [
        ("C1", 1.0, 2.0, None, None),
        ("C4", None, None, None, None),
        ("C5", None, None, 48.1, 11.6),
    ]
    reasons = {row.customer_id: row.reasons for row in judged.quarantined.collect()}
    assert reasons == {
        "C2": ["incomplete_position"],
        "C3": ["invalid_y", "incomplete_position"],
        "C6": ["latitude_out_of_range"],
        "C7": ["incomplete_position"],
        "C8": ["two_positions"],
    }


def test_users_need_no_segment(delivery):
    (delivery.folder / "users.csv").write_text("user_id\nU1\n")
    source = SourceSettings(format="csv", path="users.csv")
    raw = read_whole(delivery.spark, source, str(delivery.folder), USERS)
    assert [tuple(row) for row in judge_table(raw, USERS, CLOCK).accepted.collect()] == [
        ("U1", None)
    ]
