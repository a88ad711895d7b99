"""A team's own columns from the delivered text to the table of features."""

from datetime import UTC, datetime, timedelta

import pytest

from igniteflow_core.features.own_entities import KeyColumn, OwnEntity
from igniteflow_core.features.spark import fraud_features
from igniteflow_core.ingestion.transactions import (
    accepted_transactions,
    judge_transactions,
    quarantined_transactions,
)
from igniteflow_core.schemas.own_columns import OwnColumn, with_own_texts
from igniteflow_core.schemas.transactions import CUSTOMERS, RAW_TRANSACTIONS, TERMINALS
from igniteflow_core.values.own import own_value
from tests.clock import CLOCK

from .test_judging_rows import DAY, GOOD

OWN = {
    "population": OwnColumn(type="numeric"),
    "is_online": OwnColumn(type="boolean"),
    "opened": OwnColumn(type="timestamp"),
    "category": OwnColumn(type="categorical", nulls="refuse"),
    "ip": OwnColumn(type="ip"),
    "email": OwnColumn(type="email"),
    "lat": OwnColumn(type="customer_latitude"),
    "long": OwnColumn(type="customer_longitude"),
    "east": OwnColumn(type="terminal_x", kilometres_per_unit=0.001),
    "north": OwnColumn(type="terminal_y", kilometres_per_unit=0.001),
}
TEXTS = {
    "population": (
        *("12", " 1.5 ", "-3e4", "1e30", "1e31", "-1e31", "1e400", "0x10", "1,5", "NaN", "", "yes"),
    ),
    "is_online": ("1", "0", "true", "No", "Y", "1.0", "2", "maybe", "n/a", " f "),
    "opened": (
        *(
            "2024-02-30T10:00:00Z",
            "2024-02-29T10:00:00.25+02:00",
            "1700000000",
            "1969-12-31T00:00Z",
        ),
        *("2024-02-29T10:00:00 Europe/Berlin", "yesterday", "n/a", "2301-01-01T00:00:00Z"),
    ),
    "category": ("grocery", " 5411 ", "\u200b", "null", "x" * 257, "a\u0000b", "Ä", "1.2e30"),
    "ip": (
        *(
            "203.0.113.7",
            "256.0.0.1",
            "1.2.3",
            "01.2.3.4",
            "::1",
            "::",
            "2001:db8::8:800:200c:417a",
        ),
        *("::ffff:1.2.3.4", "1::2::3", "fe80::1%eth0", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9"),
        *("10.0.0.0/8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "٣.1.1.1"),
    ),
    "lat": ("48.1", "-90", "90.1", "north", ""),
    "long": ("-180", "180", "-180.5", "1e30"),
    "east": ("4468298.5", "1e31"),
    "email": ("a@b.co", "Ä.b+c@sub.Exämple.com", "a@b", "a b@c.de", "@c.de", "a@@c.de", "a@c..de"),
}


def delivered(spark, rows, own):
    contract = with_own_texts(RAW_TRANSACTIONS, own)
    filled = [
        tuple((GOOD | dict.fromkeys(own) | {"transaction_id": f"t{at}"} | row)[name]
              for name in contract.column_names)
        for at, row in enumerate(rows)
    ]  # fmt: skip
    known = spark.createDataFrame([], "transaction_id string")
    return judge_transactions(
        spark.createDataFrame(filled, contract.ddl), known, CLOCK, own=own
    ).persist()


def as_python(value):
    """Spark gives times without their zone, which is that of the machine."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value


@pytest.mark.spark
def test_tables_and_json_take_the_same_texts_for_the_same_values(spark):
    cases = [(name, text) for name, texts in TEXTS.items() for text in texts]
    judged = delivered(spark, [{"category": "shop"} | {name: text} for name, text in cases], OWN)
    kept = {row.transaction_id: row for row in accepted_transactions(judged, OWN).collect()}
    quarantined = quarantined_transactions(judged, OWN).collect()
    refused = {row.transaction_id: row.reasons for row in quarantined}

    for at, (name, text) in enumerate(cases):
        try:
            expected = own_value(OWN[name].type, text)
        except ValueError:
            assert refused[f"t{at}"] == [f"invalid_{name}"], (name, text)
            continue
        if expected is None and OWN[name].nulls == "refuse":
            assert refused[f"t{at}"] == [f"missing_{name}"], (name, text)
        else:
            assert as_python(kept[f"t{at}"][name]) == expected, (name, text)
    assert len(kept) + len(refused) == len(cases)


@pytest.mark.spark
def test_own_columns_go_along_to_the_features_and_change_none_of_them(spark):
    rows = [
        {
            "category": f"kind {at % 3}",
            "population": str(at) if at % 2 else None,
            "opened": f"{DAY}T0{at}:00:00Z",
        }
        for at in range(8)
    ]
    judged = delivered(spark, rows, OWN)
    transactions = accepted_transactions(judged, OWN)
    entities = [spark.createDataFrame([], each.ddl) for each in (CUSTOMERS, TERMINALS)]

    def features(own):
        table = fraud_features(
            transactions,
            *entities,
            first_day=DAY,
            last_day=DAY,
            label_delay=timedelta(days=7),
            own=own,
        )
        return sorted(table.collect(), key=lambda row: row.transaction_id)

    with_own, without = features(OWN), features({})
    assert [
        (row.category, row.population, row.is_online, as_python(row.opened).hour)
        for row in with_own
    ] == [(f"kind {at % 3}", float(at) if at % 2 else None, None, at) for at in range(8)]
    assert [row[: len(without[0])] for row in with_own] == [tuple(row) for row in without]


@pytest.mark.spark
def test_positions_of_the_transactions_count_and_not_those_of_the_tables(spark):
    own = {
        "lat": OwnColumn(type="customer_latitude"),
        "long": OwnColumn(type="customer_longitude"),
        "merch_lat": OwnColumn(type="terminal_latitude"),
        "merch_long": OwnColumn(type="terminal_longitude"),
    }
    here = {"lat": "48.137", "long": "11.575"}
    rows = [
        {"event_time": f"{DAY}T10:00:00Z", "merch_lat": "48.137", "merch_long": "11.575"} | here,
        {"event_time": f"{DAY}T11:00:00Z", "merch_lat": "52.52", "merch_long": "13.405"} | here,
        {"event_time": f"{DAY}T12:00:00Z", "merch_lat": None, "merch_long": "13.405"} | here,
    ]
    transactions = accepted_transactions(delivered(spark, rows, own), own)
    elsewhere = [(GOOD["customer_id"], None, None, 0.0, 0.0)]
    terminals = [(GOOD["terminal_id"], None, None, 10.0, 10.0)]
    table = fraud_features(
        transactions,
        spark.createDataFrame(elsewhere, CUSTOMERS.ddl),
        spark.createDataFrame(terminals, TERMINALS.ddl),
        first_day=DAY,
        last_day=DAY,
        label_delay=timedelta(days=7),
        own=own,
        entities=(OwnEntity("card", (KeyColumn("customer_id"),)),),
    )
    # Munich to Berlin by the haversine formula.
    kilometres = pytest.approx(504.3386, abs=1e-4)
    assert [
        (
            row.distance_from_home_km,
            row.customer_distance_from_previous_km_30d,
            row.customer_speed_from_previous_kmh_30d,
            row.card_count_1h,
        )
        for row in table.orderBy("event_time").collect()
    ] == [(0.0, -1.0, -1.0, 1), (kilometres, kilometres, kilometres, 1), (-1.0, -1.0, -1.0, 1)]


@pytest.mark.spark
def test_rows_of_before_the_declaration_have_no_value(spark):
    judged = delivered(spark, [{}], {})
    again = judge_transactions(
        judged.select(RAW_TRANSACTIONS.column_names),
        spark.createDataFrame([], "transaction_id string"),
        CLOCK,
        own=OWN,
    )
    assert again.collect()[0].reasons == ["missing_category"]
