import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from igniteflow_core.config.fraud import (
    FraudSettings,
    IsolationForestSettings,
    RandomForestSettings,
    XGBoostSettings,
)
from igniteflow_core.config.load import load_settings
from igniteflow_core.config.settings import Settings
from igniteflow_core.deployment.endpoint import Endpoint, Rollout
from igniteflow_core.features.declared import declared_features, vocabulary
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.fraud.ensemble import FraudEnsemble, fit_ensemble
from igniteflow_core.fraud.scorer_export import save_scorer
from igniteflow_core.online.connect import connect_online_store
from igniteflow_core.stream.champion import Champion
from igniteflow_resources.stream.job import StreamJob
from igniteflow_resources.stream.scores_table import ScoresTable
from tests.kafka_broker import Broker, kafka_broker

MICRO = 1_000_000
# Spark's Java passes its own environment on to the process that reads Kinesis.
os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "test")
START = int(datetime(2025, 1, 6, 12, tzinfo=UTC).timestamp()) * MICRO


def transaction(number: int, **fields: object) -> dict:
    """A message of the stream; the transactions are 40 seconds apart."""
    return {
        "transaction_id": f"x{number:06}",
        "event_time": START + number * 40 * MICRO,
        "customer_id": f"c{number * 7 % 23}",
        "terminal_id": f"t{number * 5 % 11}",
        "amount": 1.0 + number * 37 % 5_000 / 100,
    } | fields


def as_bytes(messages: list[dict]) -> list[bytes]:
    return [json.dumps(message).encode() for message in messages]


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with kafka_broker(tmp_path_factory.mktemp("kafka")) as running:
        yield running


def fitted(seed: int) -> FraudEnsemble:
    """A model of a few of the real features, fitted on noise."""
    random = np.random.default_rng(seed)
    names = ["amount", "customer_count_1d", "terminal_count_1d", "terminal_risk_7d"]
    assert set(names) <= set(FEATURE_NAMES)
    X = pd.DataFrame({name: random.lognormal(2, 1, 2_000) for name in names})
    y = (random.random(2_000) < 0.05 + 0.4 * (X["amount"] > 20)).to_numpy().astype(np.int8)
    settings = FraudSettings(
        isolation_forest=IsolationForestSettings(n_estimators=5, max_samples=64),
        random_forest=RandomForestSettings(n_estimators=5),
        xgboost=XGBoostSettings(n_estimators=5, max_bin=64),
    )
    return fit_ensemble(
        X[:1_000], y[:1_000], X[1_000:], y[1_000:], np.arange(1_000) // 200, settings
    )


@pytest.fixture(scope="session")
def model_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files of two versions of the model."""
    folders = {version: tmp_path_factory.mktemp("model") for version in ("1", "2")}
    for version, folder in folders.items():
        save_scorer(fitted(int(version)), folder)
    return folders


@dataclass
class World:
    """One test's topics, lake, online store and checkpoint."""

    spark: SparkSession
    broker: Broker
    settings: Settings

    def send(self, messages: list[bytes], topic: str | None = None) -> None:
        self.broker.send(topic or self.settings.stream.transactions_topic, messages)

    def run(self) -> None:
        """The stream over what waits, from its checkpoint, as a new start of its process."""
        with self.running() as query:
            query.processAllAvailable()

    @contextmanager
    def running(self) -> Iterator[StreamingQuery]:
        store = connect_online_store(self.settings.online)
        own, entities = self.settings.sources.own_columns, self.settings.fraud.entities
        scores = ScoresTable(self.spark, self.table_path, own, declared_features(entities))
        champion = Champion(self.endpoint, vocabulary(entities, own))
        job = StreamJob(self.spark, self.settings, scores, store, champion)
        query = job.start()
        try:
            yield query
        finally:
            job.finish()
            query.stop()
            job.close()
            store.close()

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(Path(self.settings.serving.endpoints_dir, "fraud"))

    @property
    def table_path(self) -> str:
        return f"{self.settings.lake.root}/stream_scores"

    @property
    def rows(self) -> DataFrame:
        return self.spark.read.format("delta").load(self.table_path)

    @property
    def scores(self) -> list[dict]:
        return self.broker.committed_messages(self.settings.stream.scores_topic)

    @property
    def dead_letters(self) -> list[dict]:
        return self.broker.committed_messages(self.settings.stream.dead_letter_topic)


@pytest.fixture
def world_settings(
    broker: Broker, workspace: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Settings in the environment, for this process and for one that is started."""
    name = tmp_path.name
    variables = {
        "STREAM__BROKERS": broker.address,
        "STREAM__TRANSACTIONS_TOPIC": f"{name}-in",
        "STREAM__LABELS_TOPIC": f"{name}-labels",
        "STREAM__SCORES_TOPIC": f"{name}-scores",
        "STREAM__DEAD_LETTER_TOPIC": f"{name}-dead",
        "STREAM__GROUP": name,
        "STREAM__CHECKPOINT": str(tmp_path / "checkpoint"),
        "STREAM__TRIGGER_SECONDS": "0",
        "ONLINE__PATH": str(tmp_path / "online.db"),
    }
    for key, value in variables.items():
        monkeypatch.setenv(f"IGNITEFLOW_{key}", value)
    broker.create_topics(*(f"{name}-{each}" for each in ("in", "labels", "scores", "dead")))
    return load_settings()


@pytest.fixture
def world(
    spark: SparkSession, broker: Broker, world_settings: Settings, model_files: dict[str, Path]
) -> World:
    world = World(spark, broker, world_settings)
    for version, files in model_files.items():
        world.endpoint.add_version(version, partial(shutil.copytree, files, dirs_exist_ok=True))
    world.endpoint.roll_out(Rollout(champion="1"))
    return world
