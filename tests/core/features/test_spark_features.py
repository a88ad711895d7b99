"""The Spark function gives what the pure one gives, in the table's contract."""

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from igniteflow_core.config.fraud import EntitySettings
from igniteflow_core.features import spark as spark_features
from igniteflow_core.features.compute import compute_fraud_features, history_days
from igniteflow_core.features.contract import FRAUD_FEATURES_TABLE
from igniteflow_core.features.declared import declared_entities
from igniteflow_core.features.own_entities import OwnEntities
from igniteflow_core.features.state_history import own_states_of
from igniteflow_core.online.materialize import entity_states, stored_state
from igniteflow_core.online.spark import entity_states_by_bucket
from igniteflow_core.online.store import EntityKey, own_kind
from igniteflow_core.schemas.own_columns import (
    NO_OWN_COLUMNS,
    OwnColumn,
    OwnColumns,
    with_own_columns,
)
from igniteflow_core.schemas.transactions import CUSTOMERS, TERMINALS, TRANSACTIONS

pytestmark = pytest.mark.spark

OWN = {"device": OwnColumn(type="categorical"), "email": OwnColumn(type="email")}
ENTITIES = declared_entities(
    (
        EntitySettings(name="device", columns=("device",), distinct="customer_id"),
        EntitySettings(name="domain", columns=("email",)),
        EntitySettings(name="card_device", columns=("customer_id", "device"), distinct="email"),
    ),
    OWN,
)
DELAY = timedelta(days=7)
START = np.datetime64("2024-01-01", "us")
FIRST_DAY, LAST_DAY = date(2024, 2, 20), date(2024, 2, 22)


@pytest.fixture(scope="module")
def events() -> pa.Table:
    """60 days of 3,000 events, with ties of time; some lack a position, a device or an e-mail."""
    rng = np.random.default_rng(7)
    n = 3_000
    seconds = np.sort(rng.integers(0, 60 * 86_400 // 600, n)) * 600
    customer, terminal = rng.integers(0, 25, n), rng.integers(0, 40, n)
    home, place = rng.uniform(0, 100, (25, 2)), rng.uniform(0, 100, (40, 2))
    home[3] = place[5] = np.nan

    def position(points: np.ndarray) -> pa.Array:
        return pa.array(points, from_pandas=True)

    label = rng.random(n) < 0.1
    return pa.table(
        {
            "transaction_id": [f"x{number}" for number in rng.permutation(n)],
            "event_time": pa.array(START + seconds * 1_000_000).cast(pa.timestamp("us", "UTC")),
            "customer_id": [f"c{number}" for number in customer],
            "terminal_id": [f"t{number}" for number in terminal],
            "amount": np.round(rng.gamma(2.0, 20.0, n), 2),
            "is_fraud": pa.array(label.astype(np.int32), mask=rng.random(n) < 0.1),
            "customer_x": position(home[customer, 0]),
            "customer_y": position(home[customer, 1]),
            "terminal_x": position(place[terminal, 0]),
            "terminal_y": position(place[terminal, 1]),
            "device": [None if n == 7 else f"d{n}" for n in rng.integers(0, 60, n)],
            "email": [None if n == 2 else f"a@shop{n}.example" for n in rng.integers(0, 5, n)],
        }
    )


@pytest.fixture(scope="module")
def tables(spark: SparkSession, events: pa.Table) -> tuple[DataFrame, DataFrame, DataFrame]:
    """Transactions in another order, and the positions that are known."""
    shuffled = events.take(np.random.default_rng(1).permutation(events.num_rows))
    day = pc.cast(pc.cast(shuffled["event_time"], pa.timestamp("us")), pa.date32(), safe=False)
    contract = with_own_columns(TRANSACTIONS, OWN)
    transactions = shuffled.append_column("event_date", day).select(contract.column_names)

    def known(kind: str) -> pa.Table:
        names = [f"{kind}_id", f"{kind}_x", f"{kind}_y"]
        found = events.select(names).group_by(names).aggregate([])
        found = found.rename_columns([f"{kind}_id", "x", "y"]).drop_null()
        unknown = pa.nulls(len(found), pa.float64())
        return found.append_column("latitude", unknown).append_column("longitude", unknown)

    return (
        spark.createDataFrame(transactions, contract.ddl),
        spark.createDataFrame(known("customer"), CUSTOMERS.ddl),
        spark.createDataFrame(known("terminal"), TERMINALS.ddl),
    )


def in_spark(
    tables: tuple[DataFrame, DataFrame, DataFrame],
    own: OwnColumns = NO_OWN_COLUMNS,
    entities: OwnEntities = (),
) -> DataFrame:
    return spark_features.fraud_features(
        *tables,
        first_day=FIRST_DAY,
        last_day=LAST_DAY,
        label_delay=DELAY,
        own=own,
        entities=entities,
    )


def by_id(table: pa.Table) -> list[dict[str, object]]:
    return table.sort_by("transaction_id").to_pylist()


def test_spark_equals_the_pure_function_to_the_last_bit(tables, events):
    pure = compute_fraud_features(
        events, first_day=FIRST_DAY, last_day=LAST_DAY, label_delay=DELAY, entities=ENTITIES
    )
    distributed = in_spark(tables, OWN, ENTITIES).toArrow()
    assert distributed.num_rows > 100
    assert by_id(distributed.select(pure.column_names)) == by_id(pure)


def test_the_result_has_the_tables_contract_and_the_events_own_columns(tables, events):
    result = in_spark(tables)
    contract = StructType.fromDDL(FRAUD_FEATURES_TABLE.ddl)
    assert [(f.name, f.dataType) for f in result.schema] == [(f.name, f.dataType) for f in contract]
    rows = result.toArrow()
    assert all(rows[name].null_count == 0 for name in rows.column_names)
    pure = compute_fraud_features(events, first_day=FIRST_DAY, last_day=LAST_DAY, label_delay=DELAY)
    assert by_id(rows.select(pure.column_names)) == by_id(pure)
    source = {row["transaction_id"]: row for row in events.to_pylist()}
    for row in rows.to_pylist():
        event = source[row["transaction_id"]]
        assert row["event_date"] == event["event_time"].date()
        assert all(row[name] == event[name] for name in ("event_time", "customer_id", "amount"))


def test_small_buckets_and_chunks_change_nothing(tables, events, monkeypatch):
    expected = by_id(in_spark(tables).toArrow())
    # Read where the plan is made or sent to the workers, so they hold for this plan.
    monkeypatch.setattr(spark_features, "BUCKETS_PER_TASK", 3)
    assert by_id(in_spark(tables).toArrow()) == expected


def test_states_by_bucket_are_those_of_the_events_in_memory(spark, tables, events):
    transactions, customers, terminals = tables
    quiet = spark.createDataFrame([("quiet", 1.0, 2.0, None, None)], customers.schema)
    last_day = date(2024, 2, 29)
    first_day = last_day - timedelta(days=history_days(DELAY))
    recent = events.filter(
        pc.field("event_time")
        >= pa.scalar(datetime.combine(first_day, time(), UTC), pa.timestamp("us", "UTC"))
    )
    expected = dict(
        entity_states(
            recent,
            customers.unionByName(quiet).toArrow(),
            terminals.toArrow(),
            label_delay=DELAY,
        )
    )
    for entity in ENTITIES:
        for name, state in own_states_of(entity, recent, label_delay=DELAY):
            expected[EntityKey(own_kind(entity.name), name)] = stored_state(state)
    by_bucket = entity_states_by_bucket(
        transactions,
        customers.unionByName(quiet),
        terminals,
        last_day=last_day,
        label_delay=DELAY,
        entities=ENTITIES,
    )
    states = list(by_bucket)
    assert dict(states) == expected
    assert len(states) == len(dict(states)) > 25 + 40 + 1 + 59 + 4
