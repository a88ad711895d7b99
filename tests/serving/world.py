"""A deployed fraud model and recommender, an online store with histories, and the API on them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from fastapi.testclient import TestClient

from igniteflow_core.config.fraud import (
    FraudSettings,
    IsolationForestSettings,
    RandomForestSettings,
    XGBoostSettings,
)
from igniteflow_core.config.settings import Settings
from igniteflow_core.deployment.endpoint import Endpoint
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.features.online import observe
from igniteflow_core.features.positions import point
from igniteflow_core.features.state import Transaction, empty_state
from igniteflow_core.fraud.ensemble import FraudEnsemble, fit_ensemble
from igniteflow_core.fraud.scorer_export import save_scorer
from igniteflow_core.online.histories import UserHistory
from igniteflow_core.online.materialize import stored_state
from igniteflow_core.online.store import EntityKey, StoredState
from igniteflow_serving.app import create_app

SOURCES = {
    "transactions": {"path": "transactions/{date}.parquet"},
    **{
        name: {"path": f"{name}.parquet"}
        for name in ("customers", "terminals", "ratings", "users", "items")
    },
}
T0 = 1_741_000_000_000_000
HOUR = 3_600_000_000
DELAY = timedelta(days=7)


def fitted(seed: int) -> FraudEnsemble:
    random = np.random.default_rng(seed)

    def window(rows):
        X = pd.DataFrame(random.lognormal(2, 1, (rows, len(FEATURE_NAMES))), columns=FEATURE_NAMES)
        odds = X["amount"] / 10 - 3 + random.normal(size=rows)
        return X, (odds > 0).astype(int)

    settings = FraudSettings(
        seed=seed,
        isolation_forest=IsolationForestSettings(n_estimators=5),
        random_forest=RandomForestSettings(n_estimators=5),
        xgboost=XGBoostSettings(n_estimators=8, max_depth=3, max_bin=64),
    )
    days = np.arange(1_500) // 300
    return fit_ensemble(*window(1_500), *window(1_500), days, settings).with_threshold(0.5)


@dataclass
class World:
    """What is on disk, and how to serve it."""

    settings: Settings
    ensembles: dict[str, FraudEnsemble]
    past: list[Transaction]

    @property
    def fraud(self) -> Endpoint:
        return Endpoint(Path(self.settings.serving.endpoints_dir) / "fraud")

    def with_serving(self, **changes) -> "World":
        serving = self.settings.serving.model_copy(update=changes)
        settings = self.settings.model_copy(update={"serving": serving})
        return World(settings, self.ensembles, self.past)

    def add_version(self, version: str) -> None:
        self.fraud.add_version(version, lambda folder: save_scorer(self.ensembles[version], folder))

    @contextmanager
    def client(self) -> Iterator[TestClient]:
        with TestClient(create_app(self.settings), raise_server_exceptions=False) as client:
            yield client

    def log(self, name: str) -> list[dict]:
        folder = Path(self.settings.serving.log_dir, name)
        files = sorted([*folder.glob("*.jsonl"), *folder.glob("*.open")])
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def write_states(store, past: list[Transaction]) -> None:
    cards, shops = {}, {}
    for event in past:
        seen = observe(
            event,
            cards.get(event.customer_id, empty_state(point(1.0, 2.0))),
            shops.get(event.terminal_id, empty_state(point(3.0, 4.0))),
            label_delay=DELAY,
        )
        cards[event.customer_id], shops[event.terminal_id] = seen.customer, seen.terminal
    states = {EntityKey("customer", name): state for name, state in cards.items()}
    states |= {EntityKey("terminal", name): state for name, state in shops.items()}
    store.write({key: stored_state(state) for key, state in states.items()})
    history = UserHistory({"I1": 1.0, "I2": 2.0, "gone": 1.0}, ("I3",), None)
    store.write({EntityKey("user", "U1"): StoredState(history.to_bytes(), past[-1].time)})
    store.mark_complete(past[-1].time)


def transaction(**changes) -> dict:
    return {
        "transaction_id": "X1",
        "event_time": "2025-03-03T20:00:00Z",
        "customer_id": "C1",
        "terminal_id": "T1",
        "amount": 25.5,
    } | changes
