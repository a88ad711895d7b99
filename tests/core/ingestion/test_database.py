"""Tables and queries of real databases as sources."""

from contextlib import closing
from datetime import date

import psycopg2
import pytest

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.errors import (
    EnvironmentSetupError,
    SourceSchemaError,
    SourceUnreachableError,
    UnreadableSourceError,
)
from igniteflow_core.ingestion.arrivals import Arrivals, read_arrivals
from igniteflow_core.ingestion.delivery import read_table
from tests.clock import BERLIN
from tests.core.ingestion.delivered import DAY, judged
from tests.local_server import free_port
from tests.postgres_server import PASSWORD, USER, postgres_server

pytestmark = pytest.mark.spark

DAYS = [DAY, date(2025, 1, 7)]
PAYMENTS = """
CREATE TABLE payments (
    id uuid PRIMARY KEY, paid_at timestamp, paid_at_zoned timestamptz, card bigint, shop text,
    amount numeric(14, 2), fraud boolean, note jsonb
);
INSERT INTO payments VALUES
    ('00000000-0000-0000-0000-000000000001', '2025-01-06 00:30', '2025-01-06 00:30+01', 42,
     'Müller', 1234567.89, true, '{}'),
    ('00000000-0000-0000-0000-000000000002', '2025-01-07 23:59:59.999999',
     '2025-01-07 23:59:59.999999+01', 43, 'S2', 0.10, false, NULL),
    ('00000000-0000-0000-0000-000000000003', NULL, NULL, 43, 'S2', 5, NULL, NULL),
    ('00000000-0000-0000-0000-000000000004', '2025-01-06 12:00', '2025-01-06 12:00+01', 44, 'S2',
     -1, false, NULL),
    ('00000000-0000-0000-0000-000000000005', '2025-03-01 12:00', '2025-03-01 12:00+01', 44, 'S2',
     1, false, NULL);
"""
COLUMNS = {
    "transaction_id": "id",
    "event_time": "paid_at",
    "customer_id": "card",
    "terminal_id": "shop",
    "is_fraud": "fraud",
}


def shop(server):
    return psycopg2.connect(
        host="127.0.0.1", port=server.port, user=USER, password=PASSWORD, dbname="shop"
    )


@pytest.fixture(scope="module")
def server():
    # Every statement is in the log, which says what of the table was asked for.
    with postgres_server("-c", "log_statement=all") as postgres:
        postgres.create_database("shop")
        with closing(shop(postgres)) as connection:
            connection.cursor().execute(PAYMENTS)
            connection.commit()
        yield postgres


@pytest.fixture
def settings(server):
    return {
        "format": "jdbc",
        "path": f"jdbc:postgresql://127.0.0.1:{server.port}/shop",
        "table": "payments",
        "options": {"user": USER, "password": PASSWORD},
        "columns": COLUMNS,
    }


def of_database(spark, settings, days=DAYS):
    source = SourceSettings.model_validate(settings)
    kept, refused, delivered = judged(spark, source, "", days, BERLIN)
    return {int(row.transaction_id[-1]): row for row in kept}, refused, delivered


@pytest.mark.parametrize("time", ["paid_at", "paid_at_zoned"])
def test_a_table_is_read_by_the_types_of_its_columns(spark, settings, time):
    columns = COLUMNS | {"event_time": time}
    kept, refused, delivered = of_database(spark, settings | {"columns": columns})
    assert set(kept) == {1, 2}
    first, second = kept[1], kept[2]
    # Half past midnight in Berlin, where the settings say that the source is.
    assert str(first.event_time) == "2025-01-05 23:30:00"
    assert str(second.event_time) == "2025-01-07 22:59:59.999999"
    assert (first.customer_id, first.terminal_id, first.amount) == ("42", "Müller", 1234567.89)
    assert (first.is_fraud, second.is_fraud) == (1, 0)
    reasons = {int(row.transaction_id[-1]): row.reasons for row in refused}
    assert reasons == {3: ["invalid_event_time"], 4: ["negative_amount"]}
    assert set(delivered.left_out) == {"note", "paid_at_zoned", "paid_at"} - {time}


def test_rows_say_which_table_they_come_from_and_not_by_which_password(spark, settings):
    source = SourceSettings.model_validate(settings)
    rows = read_table(spark, source, "", ["amount"]).collect()
    assert len(rows) == 5
    assert {row.source_file for row in rows} == {f"{settings['path']} payments"}
    assert PASSWORD not in repr(source)


def test_a_query_is_read_like_a_table(spark, settings):
    query = "SELECT id, paid_at, card, shop, amount, fraud FROM payments WHERE card = 43;"
    kept, refused, _ = of_database(spark, settings | {"table": None, "query": query})
    assert (set(kept), [row.reasons for row in refused]) == ({2}, [["invalid_event_time"]])


def test_a_table_is_read_in_parts(spark, settings):
    options = settings["options"] | {
        "partitionColumn": "card",
        "lowerBound": "42",
        "upperBound": "45",
        "numPartitions": "3",
    }
    source = SourceSettings.model_validate(settings | {"options": options})
    rows = read_table(spark, source, "", ["amount"])
    assert rows.rdd.getNumPartitions() == 3
    assert sorted(row.amount for row in rows.collect()) == ["-1", "0.10", "1", "1234567.89", "5"]


@pytest.mark.parametrize("time", ["paid_at", "paid_at_zoned"])
def test_the_database_gives_only_rows_near_the_days(spark, settings, server, time):
    columns = COLUMNS | {"event_time": time}
    begin = len(server.server.log.read_text())
    kept, refused, _ = of_database(spark, settings | {"columns": columns}, [date(2025, 3, 1)])
    assert (set(kept), refused) == ({5}, [])
    asked = server.server.log.read_text()[begin:]
    assert f'"{time}" >= \'2025-02-27' in asked
    assert f'"{time}" < \'2025-03-03' in asked


def test_what_a_database_refuses_is_said(spark, settings):
    path = settings["path"]
    with pytest.raises(UnreadableSourceError, match='relation "orders" does not exist') as table:
        of_database(spark, settings | {"table": "orders"})
    assert f"{path} orders" in str(table.value)
    wrong = {"user": USER, "password": "wrong"}  # pragma: allowlist secret
    with pytest.raises(UnreadableSourceError, match="password authentication failed") as user:
        of_database(spark, settings | {"options": wrong})
    assert "wrong" not in str(user.value)
    away = f"jdbc:postgresql://127.0.0.1:{free_port()}/shop"
    with pytest.raises(SourceUnreachableError, match="refused"):
        of_database(spark, settings | {"path": away})
    with pytest.raises(EnvironmentSetupError, match=r"spark\.packages"):
        of_database(spark, settings | {"path": "jdbc:oracle:thin:@//127.0.0.1/shop"})
    with pytest.raises(SourceSchemaError, match=r"'amonut' \(did you mean 'amount'\?\)"):
        of_database(spark, settings | {"columns": COLUMNS | {"amount": "amonut"}})


GROWING = """
CREATE TABLE growing AS SELECT *, row_number() OVER (ORDER BY id) AS number FROM payments;
"""


def test_a_look_at_a_growing_table_finds_the_days_of_what_is_new(spark, settings, server):
    with closing(shop(server)) as connection:
        cursor = connection.cursor()
        cursor.execute(GROWING)
        connection.commit()
        source = SourceSettings.model_validate(
            settings | {"table": "growing", "watermark": "number"}
        )

        def look(after):
            return read_arrivals(spark, source, "", clock=BERLIN, first_day=DAY, after=after)

        first = look(None)
        # The row without a time is of the first day, where it is quarantined.
        assert first.days == {DAY: 3, date(2025, 1, 7): 1, date(2025, 3, 1): 1}
        assert first.newest == "5"
        assert look(first.newest) == Arrivals({}, "5")

        cursor.execute(
            "INSERT INTO growing SELECT id, '2025-01-07 09:00', NULL, 1, 'S', 1, NULL, "
            "NULL, 11 FROM payments LIMIT 2"
        )
        connection.commit()
        begin = len(server.server.log.read_text())
        # As a number 11 is above 5, and as a text it is not.
        assert look("5") == Arrivals({date(2025, 1, 7): 2}, "11")
        assert '"number" > 5' in server.server.log.read_text()[begin:]


def test_a_watermark_that_is_no_column_is_named(spark, settings):
    source = SourceSettings.model_validate(settings | {"watermark": "amont"})
    with pytest.raises(SourceSchemaError, match=r"'amont' .*'amount'.* is not a column"):
        read_arrivals(spark, source, "", clock=BERLIN, first_day=DAY)
