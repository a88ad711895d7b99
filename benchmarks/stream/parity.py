"""``python -m benchmarks.stream.parity``: compares the stream's and the batch features bitwise.

Simulated transactions pass through a real broker and ``igniteflow stream``, whose online store has
the positions of cards and terminals, as after ``online_features``. With ``--late`` a share of the
transactions arrives up to 50 minutes late.
"""

import argparse
import json
import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from dagster import build_init_resource_context
from pyspark.sql import SparkSession

from benchmarks.stream.contenders import deploy_model, running
from benchmarks.stream.load import Reader, Sender, wait_for_all
from igniteflow_core.config.fraud import (
    FraudSettings,
    IsolationForestSettings,
    RandomForestSettings,
    XGBoostSettings,
)
from igniteflow_core.config.load import load_settings
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.features.parity import Parity
from igniteflow_core.features.positions import point
from igniteflow_core.features.state import empty_state
from igniteflow_core.online.embedded import EmbeddedOnlineStore
from igniteflow_core.online.store import EntityKey, EntityKind, StoredState
from igniteflow_core.schemas.transactions import CUSTOMERS, TERMINALS, TRANSACTIONS
from igniteflow_core.simulation.population import Population, draw_population
from igniteflow_core.simulation.settings import SimulationSettings
from igniteflow_core.simulation.transactions import simulate_day
from igniteflow_core.stream.parity import stream_parity
from igniteflow_resources.platform import platform_resources
from tests.kafka_broker import kafka_broker

LATEST_MINUTES = 50
SMALL_MODEL = FraudSettings(
    isolation_forest=IsolationForestSettings(n_estimators=5, max_samples=64),
    random_forest=RandomForestSettings(n_estimators=5),
    xgboost=XGBoostSettings(n_estimators=5, max_bin=64),
)


def simulated(settings: SimulationSettings, population: Population) -> pd.DataFrame:
    """Return all transactions in the order of time and id."""
    days = [simulate_day(settings, population, day) for day in settings.dates]
    return pd.concat(days).sort_values(["event_time", "transaction_id"], ignore_index=True)


def in_order_of_arrival(events: pd.DataFrame, late: float) -> pd.DataFrame:
    """Delay a share of the transactions, and sort all by their arrival."""
    random = np.random.default_rng(5)
    minutes = random.uniform(0, LATEST_MINUTES, len(events))
    minutes[random.random(len(events)) >= late] = 0
    arrival = events["event_time"] + pd.to_timedelta(minutes, unit="min")
    return events.iloc[np.argsort(arrival.to_numpy(), kind="stable")]


def as_messages(events: pd.DataFrame):
    for event in events.to_dict("records"):
        event["event_time"] = event["event_time"].isoformat()
        fields = ("transaction_id", "event_time", "customer_id", "terminal_id", "amount")
        message = {name: event[name] for name in fields} | {"is_fraud": int(event["is_fraud"])}
        yield event["transaction_id"], json.dumps(message).encode()


def write_positions(store: EmbeddedOnlineStore, kind: EntityKind, frame: pd.DataFrame) -> None:
    store.write(
        {
            EntityKey(kind, name): StoredState(empty_state(point(x, y)).to_bytes(), 0)
            for name, x, y in frame[[f"{kind}_id", "x", "y"]].itertuples(index=False)
        }
    )


def compare(
    spark: SparkSession, scores: Path, events: pd.DataFrame, population: Population
) -> Parity:
    settings = load_settings()
    events = events.assign(event_date=events["event_time"].dt.date)
    frames = zip(
        (TRANSACTIONS, CUSTOMERS, TERMINALS),
        (events, population.customer_frame, population.terminal_frame),
        strict=True,
    )
    tables = [
        spark.createDataFrame(frame.reindex(columns=contract.column_names), contract.ddl)
        for contract, frame in frames
    ]
    return stream_parity(
        spark.read.format("delta").load(str(scores)),
        *tables,
        label_delay=timedelta(days=settings.fraud.label_delay_days),
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=3_000)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--late", type=float, default=0.0)
    parser.add_argument("--batch", type=int, default=5_000)
    arguments = parser.parse_args()
    simulation = SimulationSettings(
        customers=arguments.customers, terminals=2 * arguments.customers, days=arguments.days
    )
    population = draw_population(simulation)
    events = simulated(simulation, population)
    with tempfile.TemporaryDirectory() as name, kafka_broker(Path(name)) as broker:
        root = Path(name)
        deploy_model(root, SMALL_MODEL)
        store = EmbeddedOnlineStore(root / "stream" / "online.db", ttl_seconds=10**7)
        write_positions(store, "customer", population.customer_frame)
        write_positions(store, "terminal", population.terminal_frame)
        store.close()
        # One partition, because messages of two partitions are not read in order of time.
        with running(
            "stream",
            broker,
            root,
            partitions=1,
            trigger_seconds=0,
            max_messages_per_batch=arguments.batch,
        ) as (source, target):
            messages = as_messages(in_order_of_arrival(events, arguments.late))
            sender = Sender(broker.address, source, messages)
            reader = Reader(broker.address, target)
            reader.start()
            sender.send(len(events))
            wait_for_all(sender, reader)
            reader.close()
        spark = platform_resources(load_settings())["spark"]
        spark.setup_for_execution(build_init_resource_context())
        parity = compare(
            spark.session, root / "stream" / "lake" / "stream_scores", events, population
        )
        print(
            f"{parity.rows} transactions of {events['customer_id'].nunique()} cards, "
            f"{parity.rows - parity.rows_in_order} out of order, {arguments.late:.0%} late, "
            f"{len(FEATURE_NAMES)} features\n"
            f"equal: {parity.share_equal:.5%} of all values, "
            f"{parity.share_equal_in_order:.5%} of those in order"
        )
        print(parity.to_markdown())
        spark.session.stop()


if __name__ == "__main__":
    main()
