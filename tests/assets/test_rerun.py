import json
from pathlib import Path

import dagster as dg
import pytest
from mlflow import MlflowClient

from igniteflow_core.intervals import Interval
from igniteflow_core.promotion import PromotionDecision, better_than_champion
from igniteflow_resources.mlflow.promotion import rolled_back_reason, settle_promotion
from igniteflow_resources.mlflow.registry import RegisteredModel
from igniteflow_resources.platform import platform_resources
from tests.support import GRAPH, range_tags

pytestmark = [pytest.mark.spark, pytest.mark.slow]

DAILY = ["raw_transactions", "transactions", "quarantined_transactions", "fraud_features"]


def fingerprint(graph_run, table: str) -> tuple[int, int]:
    frame = graph_run.table(table)
    columns = [name for name, type_name in frame.dtypes if not type_name.startswith("array")]
    row = frame.selectExpr(f"xxhash64({', '.join(columns)}) AS hash").selectExpr(
        "count(*) AS rows", "sum(cast(hash AS decimal(38, 0))) AS total"
    )
    return tuple(row.collect()[0])


def test_running_one_day_again_gives_the_tables_of_the_backfill(graph_run):
    before = {table: fingerprint(graph_run, table) for table in DAILY}
    result = dg.materialize(
        GRAPH,
        selection=dg.AssetSelection.assets(*DAILY),
        instance=graph_run.instance,
        resources=platform_resources(graph_run.settings),
        partition_key="2025-01-20",
    )
    assert result.success
    assert {table: fingerprint(graph_run, table) for table in DAILY} == before


def test_retraining_on_the_same_data_is_refused_as_no_better(graph_run):
    result = dg.materialize(
        GRAPH,
        selection=dg.AssetSelection.assets("fraud_model", "fraud_evaluation", "fraud_champion"),
        instance=graph_run.instance,
        resources=platform_resources(graph_run.settings),
        tags=range_tags("2025-01-01", "2025-01-24"),
    )
    assert result.success
    metadata = graph_run.metadata("fraud_champion")
    assert metadata["promoted"].value is False
    assert metadata["champion_version"].value == "1"
    assert metadata["challenger_version"].value == "2"
    assert metadata["reason"].value.startswith("better than the champion: average precision")
    assert "required: interval above +0.0000" in metadata["reason"].value


def test_the_way_back_is_one_run_after_which_the_previous_champion_serves(graph_run):
    client = MlflowClient(graph_run.settings.mlflow.tracking_uri)
    first, second = (
        RegisteredModel("fraud_ensemble", number, f"models:/fraud_ensemble/{number}")
        for number in ("1", "2")
    )
    better = PromotionDecision((better_than_champion("AP", Interval(0.2, 0.1, 0.3), 0),))
    settle_promotion(client, second, first, better)
    back = {"action": "roll_back", "reason": "too many alerts"}
    result = dg.materialize(
        GRAPH,
        selection=dg.AssetSelection.assets("fraud_champion", "fraud_endpoint", "audit_log"),
        instance=graph_run.instance,
        resources=platform_resources(graph_run.settings),
        run_config={"ops": {"fraud_champion": {"config": back}}},
        tags={"user": "someone"},
    )
    assert result.success
    metadata = graph_run.metadata("fraud_champion")
    assert metadata["champion_version"].value == "1"
    assert metadata["rolled_back"].value is True
    assert rolled_back_reason(client, second) == "too many alerts"
    rollout = Path(graph_run.settings.serving.endpoints_dir, "fraud", "rollout.json")
    assert json.loads(rollout.read_text())["champion"] == "1"
    entry = graph_run.table("audit_log").where(f"run_id = '{result.run_id}'").collect()[0]
    assert (entry["subject"], entry["actor"]) == ("fraud_champion", "user someone")


def test_a_changed_policy_is_backtested_promoted_if_it_costs_no_more_and_rolled_back(
    graph_run, monkeypatch
):
    def run(*assets: str, config=None):
        result = dg.materialize(
            GRAPH,
            selection=dg.AssetSelection.assets(*assets),
            instance=graph_run.instance,
            resources=platform_resources(graph_run.settings),
            run_config=config,
            tags={"user": "someone"},
        )
        assert result.success
        metadata = graph_run.metadata("decision_policy_champion")
        return metadata["champion_version"].value, metadata["reason"].value, result.run_id

    def change(rule: dict[str, str]) -> None:
        monkeypatch.setenv("IGNITEFLOW_DECISIONS__POLICY", json.dumps({"rules": [rule]}))

    rollout = Path(graph_run.settings.serving.endpoints_dir, "fraud", "rollout.json")
    changing = ("decision_policy", "decision_backtest", "decision_policy_champion")
    assert json.loads(rollout.read_text())["policy"] == "1"
    scores = graph_run.table("fraud_scores")
    assert scores.where("is_alert != (decision = 'review')").count() == 0
    assert {
        tuple(row) for row in scores.select("decided_by", "policy_version").distinct().collect()
    } == {("score", "1")}

    change({"name": "all", "when": "True", "then": "decline"})
    version, reason, _ = run(*changing)
    assert version == "1"
    assert reason.startswith("cost of the changed policy:")
    days = graph_run.table("decision_backtest").toPandas()
    assert set(days["policy"]) == {"present", "changed"}
    of_change = days[days["policy"] == "changed"]
    assert (of_change["declined"] == of_change["transactions"]).all()
    assert (of_change["missed_frauds"] == 0).all()

    change({"name": "huge", "when": "amount > 1e9", "then": "decline"})
    version, _, _ = run(*changing, "fraud_endpoint")
    assert version == "3"
    assert json.loads(rollout.read_text())["policy"] == "3"

    back = {"action": "roll_back", "reason": "too many reviews"}
    version, _, run_id = run(
        "decision_policy_champion", "fraud_endpoint", "audit_log",
        config={"ops": {"decision_policy_champion": {"config": back}}},
    )  # fmt: skip
    assert version == "1"
    assert json.loads(rollout.read_text())["policy"] == "1"
    entry = graph_run.table("audit_log").where(
        f"run_id = '{run_id}' AND subject = 'decision_policy_champion'"
    ).collect()[0]  # fmt: skip
    assert (entry["actor"], entry["model_version"]) == ("user someone", "1")
    assert "too many reviews" in entry["facts"]
