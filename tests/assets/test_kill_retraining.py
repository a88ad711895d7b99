"""A retraining run, killed with SIGKILL in each of its steps; each next run goes on from there."""

import json
import os
import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest
from fastapi.testclient import TestClient
from mlflow import MlflowClient
from pyspark.sql import SparkSession

import igniteflow_cli
from benchmarks.chaos.home import EASY_GATE
from benchmarks.chaos.runs import started
from igniteflow_assets.fraud.evaluation import load_fraud_ensemble
from igniteflow_core.audit.chain import AuditEntry, first_broken
from igniteflow_core.config.load import load_settings
from igniteflow_core.config.settings import Settings
from igniteflow_core.deployment.endpoint import Endpoint
from igniteflow_resources.mlflow.promotion import previous_champion
from igniteflow_resources.mlflow.registry import (
    CHALLENGER,
    CHAMPION,
    FRAUD_MODEL,
    PREVIOUS,
    model_tags,
    model_with_alias,
    require_model,
)
from igniteflow_resources.platform import platform_resources
from igniteflow_serving.app import create_app
from tests.support import GRAPH, range_tags

pytestmark = [pytest.mark.spark, pytest.mark.slow]

# Those of fraud_training_job.
STEPS = [
    "fraud_training_set", "fraud_model", "fraud_evaluation", "fraud_champion", "fraud_endpoint",
    "audit_log",
]  # fmt: skip
UPSTREAM = [
    "raw_transactions", "transactions", "quarantined_transactions", "customers",
    "quarantined_customers", "terminals", "quarantined_terminals", "fraud_features",
]  # fmt: skip
"""Tables that the whole graph has made."""
LATEST_IN_STEP_SECONDS = 1.5

POOR_MODEL = {
    "ISOLATION_FOREST__N_ESTIMATORS": "1",
    "RANDOM_FOREST__N_ESTIMATORS": "1",
    "RANDOM_FOREST__MAX_DEPTH": "1",
    "XGBOOST__N_ESTIMATORS": "1",
    "XGBOOST__MAX_DEPTH": "1",
}
"""The first champion, which any other beats."""


@dataclass(frozen=True)
class Platform:
    settings: Settings
    instance: dg.DagsterInstance
    spark: SparkSession
    home: Path

    @property
    def registry(self) -> MlflowClient:
        uri = self.settings.mlflow.tracking_uri
        return MlflowClient(uri, uri)

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(Path(self.settings.serving.endpoints_dir, "fraud"))

    def run(self, *assets: str, tags: dict[str, str] | None = None) -> None:
        result = dg.materialize(
            GRAPH,
            selection=list(assets),
            instance=self.instance,
            resources=platform_resources(self.settings),
            tags=tags,
        )
        assert result.success

    def audit_entries(self) -> list[AuditEntry]:
        table = self.spark.read.format("delta").load(f"{self.settings.lake.root}/audit_log")
        return [AuditEntry(**row) for row in table.orderBy("sequence").toArrow().to_pylist()]


@pytest.fixture
def platform(
    workspace: Settings,
    graph_as_made: Path,
    tmp_path: Path,
    spark: SparkSession,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Platform]:
    """A poor champion that serves, on an instance that outlives processes."""
    for table in UPSTREAM:
        shutil.copytree(graph_as_made / "lake" / table, tmp_path / "lake" / table)
    shutil.copy(graph_as_made / "online.db", tmp_path)
    shutil.copy(Path(igniteflow_cli.__file__).with_name("dagster.yaml"), tmp_path)
    for name, value in EASY_GATE.items():
        monkeypatch.setenv(f"IGNITEFLOW_PROMOTION__{name}", value)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        with pytest.MonkeyPatch.context() as first:
            for name, value in POOR_MODEL.items():
                first.setenv(f"IGNITEFLOW_FRAUD__{name}", value)
            prepared = Platform(load_settings(), instance, spark, tmp_path)
            prepared.run(*STEPS, tags=range_tags("2025-01-01", "2025-01-24"))
        yield prepared


def test_a_retraining_killed_in_any_step_leaves_a_whole_champion_and_the_next_run_goes_on(platform):
    chance = random.Random(11)
    for number, step in enumerate(STEPS):
        killed_in(platform, step, STEPS[max(0, number - 1) :], chance)
        assert_whole(platform)
    platform.run(STEPS[-1])
    assert_whole(platform)

    champion = require_model(platform.registry, FRAUD_MODEL, CHAMPION)
    assert champion.version != "1"
    assert previous_champion(platform.registry, FRAUD_MODEL).version == "1"
    assert platform.endpoint.rollout().champion == champion.version

    # The next tick of a schedule or a sensor: the whole job, on the same data.
    platform.run(*STEPS)
    assert_whole(platform)
    assert require_model(platform.registry, FRAUD_MODEL, CHAMPION) == champion
    challenger = require_model(platform.registry, FRAUD_MODEL, CHALLENGER)
    assert model_tags(platform.registry, challenger)["promotion"] == "refused"
    recorded = {entry.subject for entry in platform.audit_entries()}
    assert recorded >= set(STEPS[:-1])


def killed_in(platform: Platform, step: str, steps: list[str], chance: random.Random) -> None:
    """Start these steps in a process of their own, and kill it within that one."""
    variables = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("IGNITEFLOW_") or name == "DAGSTER_HOME"
    }
    with started(steps, variables, tags={}) as run:
        assert run.wait_for(step, platform.instance), run.output()
        time.sleep(chance.uniform(0, LATEST_IN_STEP_SECONDS))
        assert run.process.is_alive(), run.output()
        run.kill()


def assert_whole(platform: Platform) -> None:
    """Whatever was under way, one champion serves, all of it, and there is a way back."""
    registry = platform.registry
    champion = require_model(registry, FRAUD_MODEL, CHAMPION)
    assert model_tags(registry, champion)["promotion"] == "promoted"
    assert load_fraud_ensemble(champion).threshold > 0

    before = previous_champion(registry, FRAUD_MODEL)
    assert (before is None) == (champion.version == "1")
    shown = model_with_alias(registry, FRAUD_MODEL, PREVIOUS)
    assert shown in {None, before}

    rollout = platform.endpoint.rollout()
    assert rollout.champion in {champion.version, before.version if before else None}
    with TestClient(create_app(platform.settings)) as client:
        answer = client.post("/predict", json=_transaction(platform))
        assert answer.status_code == 200, answer.text
        assert json.loads(answer.text)["model_version"] == rollout.champion

    assert first_broken(platform.audit_entries()) is None


def _transaction(platform: Platform) -> dict[str, object]:
    table = platform.spark.read.format("delta").load(f"{platform.settings.lake.root}/transactions")
    row = table.where("event_date = DATE'2025-01-24'").first()
    return {
        "transaction_id": "after-the-kill",
        "event_time": "2025-01-25T08:00:00Z",
        "customer_id": row["customer_id"],
        "terminal_id": row["terminal_id"],
        "amount": row["amount"],
    }
