"""A trained model, states and requests from simulated transactions, without Spark."""

import json
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.config.online import OnlineStoreSettings, RedisSettings
from igniteflow_core.deployment.endpoint import Endpoint, Rollout
from igniteflow_core.features.compute import compute_fraud_features
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.fraud.ensemble import FraudEnsemble, fit_ensemble
from igniteflow_core.fraud.scorer_export import save_scorer
from igniteflow_core.online.connect import connect_online_store
from igniteflow_core.online.materialize import entity_states, write_states
from igniteflow_core.online.store import OnlineStore
from igniteflow_core.simulation.dataset import write_dataset
from igniteflow_core.simulation.settings import SimulationSettings

DELAY = timedelta(days=7)
FIRST, DAYS = date(2025, 1, 1), 50
TEST_FROM = FIRST + timedelta(days=DAYS - 2)


@dataclass(frozen=True)
class World:
    """The model, the states and the requests."""

    ensemble: FraudEnsemble
    history: pa.Table
    customers: pa.Table
    terminals: pa.Table
    complete_until: int
    transactions: list[dict[str, object]]
    features: np.ndarray

    def fill(self, store: OnlineStore) -> None:
        states = entity_states(
            self.history,
            self.customers,
            self.terminals,
            label_delay=DELAY,
        )
        write_states(store, states)
        store.mark_complete(self.complete_until)

    def predict_bodies(self) -> list[bytes]:
        return [json.dumps(each).encode() for each in self.transactions]

    def mlflow_bodies(self) -> list[bytes]:
        return [
            json.dumps(
                {"dataframe_split": {"columns": list(FEATURE_NAMES), "data": [row.tolist()]}}
            ).encode()
            for row in self.features
        ]


def deploy(folder: Path, world: World, version: str = "1") -> None:
    """Roll out the model in ``folder / "endpoints"``."""
    endpoint = Endpoint(folder / "endpoints" / "fraud")
    endpoint.add_version(version, lambda place: save_scorer(world.ensemble, place))
    endpoint.roll_out(Rollout(champion=version))


def fill(world: World, settings: OnlineStoreSettings) -> None:
    with closing(connect_online_store(settings)) as store:
        world.fill(store)


def on_redis(world: World, port: int) -> dict[str, str]:
    """Write the states to Redis, and return the environment variables of a server that uses it."""
    fill(world, OnlineStoreSettings(backend="redis", redis=RedisSettings(port=port)))
    return {"IGNITEFLOW_ONLINE__BACKEND": "redis", "IGNITEFLOW_ONLINE__REDIS__PORT": str(port)}


def build(folder: Path, customers: int) -> World:
    simulated = SimulationSettings(
        start_date=FIRST,
        days=DAYS,
        bad_row_share=0.0,
        customers=customers,
        ratings=1_000,
        users=100,
    )
    write_dataset(folder, simulated)
    cards, terminals = (
        pa.table(ds.dataset(folder / f"{name}.parquet").to_table())
        for name in ("customers", "terminals")
    )
    table = ds.dataset(folder / "transactions").to_table()
    frame = table.to_pandas()
    for entity, positions in (("customer", cards), ("terminal", terminals)):
        where = positions.to_pandas().rename(columns={"x": f"{entity}_x", "y": f"{entity}_y"})
        frame = frame.merge(where[[f"{entity}_id", f"{entity}_x", f"{entity}_y"]], how="left")
    frame["event_time"] = pd.to_datetime(frame["event_time"], utc=True).astype(
        "datetime64[us, UTC]"
    )
    frame["amount"] = frame["amount"].astype(float)
    events = pa.Table.from_pandas(frame, preserve_index=False)
    features = compute_fraud_features(
        events,
        first_day=FIRST + timedelta(days=10),
        last_day=FIRST + timedelta(days=DAYS - 1),
        label_delay=DELAY,
    ).to_pandas()
    joined = features.merge(frame[["transaction_id", "is_fraud", "event_time"]])
    day = joined["event_time"].dt.date
    names = list(FEATURE_NAMES)
    train = joined[day < TEST_FROM - timedelta(days=8)]
    validation = joined[(day >= TEST_FROM - timedelta(days=8)) & (day < TEST_FROM)]
    ensemble = fit_ensemble(
        train[names],
        train["is_fraud"],
        validation[names],
        validation["is_fraud"],
        day[validation.index],
        FraudSettings(),
    )
    start = datetime(TEST_FROM.year, TEST_FROM.month, TEST_FROM.day, tzinfo=UTC)
    asked = frame[frame["event_time"] >= start].sample(2_000, replace=True, random_state=0)
    rows = joined.set_index("transaction_id").loc[asked["transaction_id"], names].to_numpy()
    requests = [
        {
            "transaction_id": row.transaction_id,
            "event_time": row.event_time.isoformat(),
            "customer_id": row.customer_id,
            "terminal_id": row.terminal_id,
            "amount": row.amount,
        }
        for row in asked.itertuples()
    ]
    past = pa.Table.from_pandas(frame[frame["event_time"] < start], preserve_index=False)
    micros = int(start.timestamp() * 1_000_000)
    return World(ensemble, past, cards, terminals, micros, requests, rows)
