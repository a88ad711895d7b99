"""The stream's logged features against the batch's, and the stream in the graph."""

import json
import random
from datetime import timedelta

import dagster as dg
import pytest
from pyspark.sql import functions as F

from igniteflow_assets.stream.stream_parity import online_features_equal_the_batch, stream_parity
from igniteflow_assets.stream.stream_state import stream_stall_sensor, stream_state
from igniteflow_core.config.load import load_settings
from igniteflow_core.features.declared import declared_entities
from igniteflow_core.schemas.own_columns import with_own_columns
from igniteflow_core.schemas.transactions import CUSTOMERS, TERMINALS, TRANSACTIONS
from igniteflow_core.stream.parity import stream_parity as measure
from igniteflow_resources.alerts import AlertResource
from igniteflow_resources.platform import platform_resources

from .conftest import MICRO, START, World, as_bytes, transaction


def write_tables(world: World) -> None:
    """A lake in which nothing but the stream has brought transactions; no position is known."""
    for contract in (TRANSACTIONS, CUSTOMERS, TERMINALS):
        empty = world.spark.createDataFrame([], contract.ddl)
        empty.write.format("delta").save(f"{world.settings.lake.root}/{contract.name}")


def parity_of(world: World):
    tables = (
        world.spark.createDataFrame([], contract.ddl)
        for contract in (TRANSACTIONS, CUSTOMERS, TERMINALS)
    )
    delay = timedelta(days=world.settings.fraud.label_delay_days)
    return measure(world.rows, *tables, label_delay=delay)


def test_ordered_events_have_the_batchs_features_and_a_wrong_one_fails_the_check(world: World):
    for first in range(0, 300, 100):
        # Started anew: a running stream could divide them, and would see one partition first.
        world.send(as_bytes([transaction(number) for number in range(first, first + 100)]))
        world.run()
    parity = parity_of(world)
    assert (parity.rows, parity.rows_in_order, parity.share_equal) == (300, 300, 1.0)

    write_tables(world)
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [stream_parity, online_features_equal_the_batch, stream_state],
            instance=instance,
            resources=platform_resources(world.settings),
        )
    (evaluation,) = result.get_asset_check_evaluations()
    assert evaluation.passed
    (materialization,) = result.asset_materializations_for_node("stream_parity")
    assert materialization.metadata["share_equal"].value == 1.0
    assert "data:image/png" in materialization.metadata["plots"].value
    (state,) = result.asset_materializations_for_node("stream_state")
    assert state.metadata["lag_messages"].value == 0

    wrong = world.rows.withColumn("customer_count_1d", F.col("customer_count_1d") + 1)
    wrong.write.format("delta").mode("overwrite").save(world.table_path)
    result = dg.materialize(
        [stream_parity, online_features_equal_the_batch],
        resources=platform_resources(world.settings),
        raise_on_error=False,
    )
    (evaluation,) = result.get_asset_check_evaluations()
    assert not evaluation.passed
    assert evaluation.blocking


@pytest.fixture
def world_with_own_columns(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv(
        "IGNITEFLOW_SOURCES__OWN_COLUMNS",
        '{"device": {"type": "categorical"}, "email": {"type": "email"},'
        ' "lat": {"type": "customer_latitude"}, "long": {"type": "customer_longitude"},'
        ' "merch_lat": {"type": "terminal_latitude"},'
        ' "merch_long": {"type": "terminal_longitude"}}',
    )
    monkeypatch.setenv(
        "IGNITEFLOW_FRAUD__ENTITIES",
        '[{"name": "device", "columns": ["device"], "distinct": "customer_id"},'
        ' {"name": "domain", "columns": ["email"]},'
        ' {"name": "pair", "columns": ["customer_id", "terminal_id"]}]',
    )
    return World(world.spark, world.broker, load_settings())


def test_declared_entities_and_positions_have_the_batchs_features_and_learn_from_labels(
    world_with_own_columns: World,
):
    world = world_with_own_columns
    sent = [
        transaction(
            number,
            event_time=START + number * 7_200 * MICRO,
            device=None if number % 5 == 0 else f"d{number % 7}",
            email=f"a{number}@shop{number % 3}.example",
            lat=48.137,
            long=11.575,
            merch_lat=None if number % 11 == 0 else 40 + number / 100,
            merch_long=13.405,
        )
        for number in range(240)
    ]
    # Their delay is over after the second part.
    frauds = [each | {"is_fraud": 1} for each in sent[140:160]]
    world.send(as_bytes(sent[:80]))
    world.run()
    world.send(as_bytes(sent[80:160]))
    world.run()
    world.send(as_bytes(frauds), world.settings.stream.labels_topic)
    without_device = {key: each for key, each in frauds[0].items() if key != "device"}
    world.send(as_bytes([without_device]), world.settings.stream.labels_topic)
    world.run()
    world.send(as_bytes(sent[160:]))
    world.run()

    own = world.settings.sources.own_columns
    contract = with_own_columns(TRANSACTIONS, own)
    labels = {each["transaction_id"] for each in frauds}
    transactions = world.spark.createDataFrame([], contract.ddl).unionByName(
        world.rows.where(F.col("transaction_id").isin(labels))
        .withColumn("is_fraud", F.lit(1))
        .select(contract.column_names)
    )
    empty = (world.spark.createDataFrame([], each.ddl) for each in (CUSTOMERS, TERMINALS))
    parity = measure(
        world.rows,
        transactions,
        *empty,
        label_delay=timedelta(days=world.settings.fraud.label_delay_days),
        own=own,
        entities=declared_entities(world.settings.fraud.entities, own),
    )
    assert (parity.rows, parity.share_equal) == (240, 1.0), parity.to_markdown()
    assert {"device_fraud_count_30d", "pair_count_7d"} <= set(parity.unequal)
    newest = world.rows.orderBy(F.desc("event_time")).first()
    assert newest["domain_fraud_count_30d"] > 0
    assert newest["distance_from_home_km"] > newest["customer_distance_from_previous_km_30d"] > 0
    assert [letter["reason"] for letter in world.dead_letters] == ["missing_device"]


def test_late_events_are_counted_apart(world: World):
    chance = random.Random(3)
    numbers = list(range(300))
    # Twenty of them come twenty minutes late. The running stream may divide what is sent at once,
    # and see twenty minutes of one partition before the other: both are within the allowed hour.
    for number in chance.sample(range(200), 20):
        numbers.remove(number)
        numbers.insert(number + 60, number)
    sent = [transaction(number, event_time=START + number * 20 * MICRO) for number in numbers]
    with world.running() as query:
        for first in range(0, 300, 60):
            world.send(as_bytes(sent[first : first + 60]))
            query.processAllAvailable()
    assert world.dead_letters == []
    parity = parity_of(world)
    assert parity.rows == 300
    assert 0 < parity.rows - parity.rows_in_order < 200
    assert parity.share_equal < 1
    assert parity.share_equal_in_order >= 0.999
    assert "customer_count_1d" in parity.to_markdown()


def test_the_sensor_sends_one_alert_for_each_stall(world: World, monkeypatch: pytest.MonkeyPatch):
    sent = []
    monkeypatch.setattr(AlertResource, "send", lambda self, kind, details: sent.append(kind))

    def tick(cursor: str | None) -> tuple[dg.SensorResult, str]:
        context = dg.build_sensor_context(cursor=cursor)
        result = stream_stall_sensor(context, alerts=AlertResource())
        return result, result.cursor

    world.send(as_bytes([transaction(0)]))
    _, cursor = tick(None)
    result, cursor = tick(cursor)
    assert sent == ["stream_stalled"]
    (state,) = result.asset_events
    assert state.metadata["lag_messages"].value == 1
    world.run()
    result, cursor = tick(cursor)
    assert json.loads(cursor) is False
    assert result.asset_events[0].metadata["batch_rows_scored"].value == 1
    assert sent == ["stream_stalled"]


def test_without_brokers_the_sensor_does_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("IGNITEFLOW_STREAM__BROKERS", raising=False)
    result = stream_stall_sensor(dg.build_sensor_context(), alerts=AlertResource())
    assert not result.asset_events
    assert "stream.brokers" in result.skip_reason.skip_message
