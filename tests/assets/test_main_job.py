import json
import re
from pathlib import Path
from urllib.parse import urlparse

import mlflow
import numpy as np
import pytest
from pyspark.sql import functions as F

from igniteflow_assets.definitions import defs
from igniteflow_core.audit.chain import AuditEntry, first_broken
from igniteflow_core.audit.provenance import provenance
from igniteflow_core.audit.report import compliance_report
from igniteflow_core.features.contract import FRAUD_FEATURES_TABLE
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.fraud.training import FRAUD_TRAINING_SET
from igniteflow_core.schemas import audit, experiments, interactions, models, transactions
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.telemetry.metrics import REGISTRY
from igniteflow_resources.audit.model_facts import evaluation_artifacts, registry_facts
from igniteflow_resources.exporter.serve import refresher

pytestmark = [pytest.mark.spark, pytest.mark.slow]

CONTRACTS = [
    *(
        value
        for module in (transactions, interactions, models, experiments, audit)
        for value in vars(module).values()
        if isinstance(value, TableContract)
    ),
    FRAUD_FEATURES_TABLE,
    FRAUD_TRAINING_SET,
]


def audit_entries(graph_run) -> list[AuditEntry]:
    rows = graph_run.table("audit_log").orderBy("sequence").toArrow().to_pylist()
    return [AuditEntry(**row) for row in rows]


def test_every_check_passes_on_good_data(graph_run):
    evaluations = graph_run.check_evaluations()
    assert {evaluation.asset_key.path[-1] for evaluation in evaluations} >= {
        "transactions", "customers", "terminals", "fraud_features", "ratings", "items",
    }  # fmt: skip
    assert all(evaluation.passed for evaluation in evaluations)


def test_rows_delivered_are_rows_kept_plus_rows_quarantined(graph_run):
    delivered, kept, quarantined = (
        graph_run.table(name).count()
        for name in ("raw_transactions", "transactions", "quarantined_transactions")
    )
    assert quarantined > 0
    assert delivered == kept + quarantined
    assert graph_run.table("transactions").select("transaction_id").distinct().count() == kept


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_every_table_keeps_its_contract(graph_run, contract):
    table = graph_run.table(contract.name)
    assert table.columns == contract.column_names
    types = dict(table.dtypes)
    assert types == {column.name: column.type for column in contract.columns}
    required = [column.name for column in contract.columns if not column.nullable]
    missing = " OR ".join(f"`{name}` IS NULL" for name in required)
    assert table.where(missing).count() == 0
    if contract.key:
        assert table.select(*contract.key).distinct().count() == table.count()


def test_every_transaction_has_features_and_a_score(graph_run):
    kept = graph_run.table("transactions")
    for name in ("fraud_features", "fraud_scores"):
        assert kept.join(graph_run.table(name), "transaction_id", "anti").count() == 0


def test_registered_model_answers_as_the_batch_scores_do(graph_run):
    features = graph_run.table("fraud_features").orderBy("transaction_id").limit(200).toPandas()
    scores = graph_run.table("fraud_scores").toPandas().set_index("transaction_id")
    mlflow.set_tracking_uri(graph_run.settings.mlflow.tracking_uri)
    model = mlflow.pyfunc.load_model("models:/fraud_ensemble@champion")
    answered = model.predict(features[list(FEATURE_NAMES)])
    np.testing.assert_allclose(
        answered["score"], scores.loc[features["transaction_id"], "score"], atol=1e-6
    )


def test_registered_models_hold_no_pickle(graph_run, tmp_path):
    mlflow.set_tracking_uri(graph_run.settings.mlflow.tracking_uri)
    for name in ("fraud_ensemble", "recommender"):
        folder = tmp_path / name
        mlflow.artifacts.download_artifacts(f"models:/{name}@champion", dst_path=str(folder))
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert files
        assert not [path for path in files if path.suffix in {".pkl", ".pickle", ".joblib"}]
        assert not [path for path in files if path.read_bytes()[:2] == b"\x80\x05"]


def test_registered_model_leads_back_to_run_and_table_versions(graph_run):
    client = mlflow.MlflowClient(graph_run.settings.mlflow.tracking_uri)
    version = client.get_model_version_by_alias("fraud_ensemble", "champion")
    run = client.get_run(version.run_id)
    assert run.data.tags["dagster.run_id"] == graph_run.run_id
    assert run.data.tags["delta.fraud_training_set"] == "0"
    assert version.tags["delta.transactions"] == "0"
    parent = client.get_run(run.data.tags["mlflow.parentRunId"])
    assert parent.data.tags["dagster_run_id"] == graph_run.run_id
    assert parent.info.status == "FINISHED"
    assert json.loads(run.data.params["fraud"])["train_days"] == 7


def test_the_audit_log_holds_every_materialization_and_check_before_it(graph_run):
    log = audit_entries(graph_run)
    assert first_broken(log) is None
    subjects = {entry.subject for entry in log if entry.run_id == graph_run.run_id}
    made = graph_run.materializations()
    assert made.keys() - {"audit_log"} <= subjects
    assert "transactions: every_row_accounted_for" in subjects


def test_a_champion_leads_back_to_tables_checks_and_its_promotion(graph_run, tmp_path):
    client = mlflow.MlflowClient(graph_run.settings.mlflow.tracking_uri)
    facts = registry_facts(client, "fraud_ensemble", "1")
    model = provenance(facts, audit_entries(graph_run))
    tables = {table.name: table for table in model.tables}
    assert tables["transactions"].written_by == graph_run.run_id
    assert tables["transactions"].checks["every_row_accounted_for"] is True
    assert {entry.subject for entry in model.history} >= {"fraud_model", "fraud_champion"}
    plots, rows = evaluation_artifacts(client, facts, tmp_path)
    assert {"precision_recall", "calibration"} <= set(plots)
    assert rows["comparison"][0]["model"] == "ensemble"
    assert "fraud_ensemble, version 1" in compliance_report(model, plots, rows)


def test_model_has_signature_and_input_example(graph_run):
    mlflow.set_tracking_uri(graph_run.settings.mlflow.tracking_uri)
    info = mlflow.models.get_model_info("models:/fraud_ensemble@champion")
    assert info.signature.inputs.input_names() == list(FEATURE_NAMES)
    assert info.signature.outputs.input_names()[:2] == ["score", "is_alert"]
    assert info.saved_input_example_info is not None


def test_evaluation_compares_the_ensemble_with_members_and_a_baseline(graph_run):
    table = graph_run.table("fraud_evaluation").toPandas().set_index("model")
    assert set(table.index) == {
        "ensemble", "isolation_forest", "random_forest", "xgboost", "logistic_regression",
    }  # fmt: skip
    assert table["average_precision"].between(0, 1).all()
    metadata = graph_run.metadata("fraud_evaluation")
    assert metadata["average_precision"].value == pytest.approx(
        table.loc["ensemble", "average_precision"], rel=1e-3
    )
    members = table.loc[["isolation_forest", "random_forest", "xgboost"], "average_precision"]
    assert metadata["best_member"].value == members.idxmax()
    gain = metadata["gain_over_best_member"].value
    assert metadata["better_than_best_member"].value == (gain > 0)
    assert "cross-fitted" in metadata["served"].value or "not measured" in metadata["served"].value


@pytest.mark.parametrize(
    ("asset", "plots"),
    [
        (
            "fraud_evaluation",
            [
                "precision_recall",
                "precision_at_k",
                "score_histogram",
                "lift",
                "calibration",
                "cost",
            ],
        ),
        (
            "recommendation_evaluation",
            [
                "ndcg_by_model",
                "ndcg_by_history",
                "ndcg_by_segment",
                "cost_of_rules",
                "precision_and_recall",
                "long_tail",
                "ndcg_of_new_users",
            ],
        ),
        ("feature_drift", ["psi", "distributions"]),
        ("experiment_report", ["new_ranking: treatment"]),
        ("business_report", ["caught_and_missed", "alert_load", "experiments"]),
    ],
)
def test_plots_are_shown_in_the_ui(graph_run, asset, plots):
    metadata = graph_run.metadata(asset)
    shown = re.findall(r"!\[(.+?)\]\(data:image/png;base64,iVBOR", metadata["plots"].value)
    assert shown == plots


def test_drift_report_is_a_page_of_the_mlflow_run(graph_run):
    metadata = graph_run.metadata("feature_drift")
    page = Path(urlparse(metadata["page"].value).path).read_text()
    judged = metadata["judged"].value
    assert judged == graph_run.table("feature_drift").count() > 0
    assert page.count("<td>no</td>") + page.count("<td>yes</td>") == judged
    assert metadata["newest_day"].value == "2025-01-24"


def test_business_report_adds_up_the_scores_and_labels_of_the_lake(graph_run):
    metadata = graph_run.metadata("business_report")
    frauds = graph_run.table("transactions").where("is_fraud = 1").select("transaction_id")
    scored = graph_run.table("fraud_scores").join(frauds, "transaction_id")
    caught = scored.where("is_alert").agg(F.sum("amount")).first()[0]
    missed = scored.where("NOT is_alert").agg(F.sum("amount")).first()[0]
    assert metadata["caught_amount"].value == pytest.approx(caught, rel=1e-3)
    assert metadata["missed_amount"].value == pytest.approx(missed, rel=1e-3)
    ndcg = graph_run.table("recommendation_evaluation").toPandas().set_index("model")["ndcg"]
    lift = ndcg["hybrid"] / ndcg["popularity"] - 1
    assert metadata["recommendation_lift"].value == pytest.approx(lift, rel=1e-3)
    page = Path(urlparse(metadata["page"].value).path).read_text()
    assert "Business report of 2025-01-24" in page
    assert page.count("<td>2025-01-") == 24
    for told in ("new_ranking", "fraud_ensemble", "recommender", "there was no champion"):
        assert told in page, told


def test_the_exporter_tells_prometheus_what_the_run_found(graph_run):
    checks = sorted(defs.get_repository_def().asset_graph.asset_check_keys)
    assert refresher(graph_run.instance, [], checks)()

    def exported(name, **labels):
        return REGISTRY.get_sample_value(f"igniteflow_{name}", labels)

    evaluated = graph_run.metadata("fraud_evaluation")
    version = {"model_name": "fraud_ensemble", "version": evaluated["model_version"].value}
    for metric in ("accuracy", "precision", "recall"):
        assert exported(f"model_{metric}", **version) == evaluated[metric].value
    assert exported("model_f1_score", **version) == evaluated["f1"].value
    drift = {"model_name": "fraud_ensemble", "feature_set": "features"}
    largest = graph_run.metadata("feature_drift")["largest_psi"].value
    assert exported("model_data_drift_score", **drift) == pytest.approx(largest)
    rule = {"dataset": "transactions", "rule": "completeness_amount"}
    assert exported("data_quality_score", **rule) == 1


def test_columns_whose_look_back_the_data_does_not_cover_are_not_judged(graph_run):
    unjudged = graph_run.metadata("feature_drift")["not_warmed_up"].value.split(", ")
    assert "customer_count_30d" in unjudged
    assert "amount" not in unjudged
    scores = graph_run.metadata("prediction_drift")
    assert scores["not_warmed_up"].value == "score"
    assert scores["judged"].value == 0


def test_the_recommender_that_serves_is_watched(graph_run):
    likes = graph_run.metadata("interaction_drift")
    assert likes["training_would_learn_to"].value == likes["newest_day"].value
    assert likes["drift_detected"].value is False
    lists = graph_run.metadata("recommendation_drift")
    assert lists["not_compared"].value == "the champion has given no list yet"
    judged = graph_run.metadata("recommendation_performance")
    assert judged["performance_dropped"].value is False
    # The same model, and the same likes held out.
    assert judged["ndcg"].value == judged["ndcg_at_promotion"].value
    assert graph_run.table("recommendation_performance").count() == 0


def test_nobody_is_recommended_what_they_rated(graph_run):
    recommended = graph_run.table("recommendations")
    seen = recommended.join(graph_run.table("ratings"), ["user_id", "item_id"])
    assert recommended.count() > 0
    assert seen.count() == 0
    longest = recommended.groupBy("user_id").agg(F.max("rank").alias("n")).agg(F.max("n"))
    assert longest.collect()[0][0] == graph_run.settings.recommendations.top_n


def test_every_user_gets_recommendations(graph_run):
    users = graph_run.table("users")
    assert users.join(graph_run.table("recommendations"), "user_id", "anti").count() == 0


def test_first_models_become_champions_and_the_reason_is_recorded(graph_run):
    for asset in ("fraud_champion", "recommendation_champion"):
        metadata = graph_run.metadata(asset)
        assert metadata["promoted"].value is True
        assert metadata["reason"].value == "there was no champion"
        assert "| rolled back before | yes |" in metadata["criteria"].value


def test_a_champion_without_labels_of_later_days_is_not_judged(graph_run):
    metadata = graph_run.metadata("fraud_performance")
    assert metadata["labelled_days"].value == 0
    assert metadata["performance_dropped"].value is False


def test_an_experiment_with_few_users_goes_on(graph_run):
    report = graph_run.table("experiment_report").toPandas().set_index("metric")
    assert report["role"].to_dict() == {"orders": "primary", "page_seconds": "guardrail"}
    assert 0 < report.loc["orders", ["control_users", "treatment_users"]].sum() <= 150
    assert report.loc["orders", "always_low"] < 0 < report.loc["orders", "always_high"]
    assert report["sample_ratio_p_value"].iloc[0] > 0.001
    assert set(report["decision"]) == {"continue"}


def test_nobody_is_shown_what_is_out_of_stock(graph_run):
    items = graph_run.table("items")
    gone = items.where("in_stock = false").select("item_id")
    assert gone.count() > 0
    for name in ("recommendations", "because_you_liked"):
        assert graph_run.table(name).join(gone, "item_id").count() == 0
    similar = graph_run.table("similar_items").select("similar_item_id").distinct()
    assert similar.count() > 0
    assert similar.join(gone, gone["item_id"] == similar["similar_item_id"]).count() == 0
