"""The jobs of the platform."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from igniteflow_assets.lake.table_restore import table_restore_job
from igniteflow_assets.promotion import ChampionConfig
from igniteflow_core.config.load import load_settings

_fraud_review = dg.AssetSelection.assets("fraud_member_settings", "fraud_prequential_evaluation")
_recommendation_review = dg.AssetSelection.assets("recommendation_member_settings")
_review = _fraud_review | _recommendation_review
"""These assets train many models, so they have separate jobs."""

_feedback = dg.AssetSelection.assets("feedback_log")
"""Part of each job that reads labels, ratings or events, because the API receives some of them."""

_recommender = dg.AssetSelection.assets(
    "als_model",
    "content_model",
    "hybrid_recommender",
    "recommendation_evaluation",
    "recommendation_champion",
)
"""What trains and promotes; all else of its group goes by the model that serves."""

_audit = dg.AssetSelection.groups("audit")
"""Part of each job that changes the serving model, so that the audit log is up to date."""

OWNERS_TAG = "igniteflow/owners"
"""Tag of each run, for filtering the list of runs."""


def _job(
    name: str,
    *,
    selection: dg.AssetSelection,
    description: str,
    group: str | None = None,
    config: Mapping[str, Any] | None = None,
) -> Any:  # noqa: ANN401 - Dagster's class has no public name
    """Create a job with the owners of the asset group, or with the default owners."""
    settings = load_settings().owners
    owners = settings.of_group(group) if group else (settings.default,)
    return dg.define_asset_job(
        name,
        selection=selection,
        description=description,
        config=None if config is None else dict(config),
        owners=list(owners),
        tags={OWNERS_TAG: ", ".join(owners)},
    )


main_job = _job(
    "main_job",
    # The stream's assets need Kafka, and maintenance has its own job for the tables of all jobs.
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups("stream", "lake") - _review,
    description="The whole graph: ingestion, features, models, scores and recommendations",
)

ingestion_job = _job(
    "ingestion_job",
    group="transactions",
    selection=dg.AssetSelection.groups("transactions") | _feedback,
    description="Read and validate transactions, customers, terminals and labels",
)

fraud_job = _job(
    "fraud_job",
    group="fraud",
    selection=(
        dg.AssetSelection.groups("transactions", "features", "fraud", "monitoring") | _feedback
    )
    - _review,
    description="Fraud detection: ingestion, features, models, scores, drift",
)

daily_job = _job(
    "daily_job",
    selection=dg.AssetSelection.groups("transactions", "features", "monitoring")
    | dg.AssetSelection.assets("fraud_scores")
    | _feedback
    | _audit,
    description="One day: ingest, validate, compute features, score, detect drift",
)

fraud_training_job = _job(
    "fraud_training_job",
    group="fraud",
    selection=dg.AssetSelection.groups("fraud") - dg.AssetSelection.assets("fraud_scores") - _review
    | dg.AssetSelection.assets("fraud_endpoint")
    | _audit,
    description="Train, evaluate and, if it is better, promote and serve a fraud model",
)


def _roll_back(champion: str) -> Mapping[str, Any]:
    """Return the configuration of a run that rolls back to the previous champion."""
    config = ChampionConfig(action="roll_back")
    return {"ops": {champion: {"config": config.model_dump()}}}


fraud_rollback_job = _job(
    "fraud_rollback_job",
    group="fraud",
    selection=dg.AssetSelection.assets("fraud_champion", "fraud_endpoint") | _audit,
    config=_roll_back("fraud_champion"),
    description="Roll back to the previous fraud champion, and deploy it",
)

recommendation_rollback_job = _job(
    "recommendation_rollback_job",
    group="recommendations",
    selection=dg.AssetSelection.assets("recommendation_champion", "recommendation_endpoint")
    | _audit,
    config=_roll_back("recommendation_champion"),
    description="Roll back to the previous recommender, and deploy it",
)

decision_policy_job = _job(
    "decision_policy_job",
    group="decisions",
    selection=dg.AssetSelection.groups("decisions")
    | dg.AssetSelection.assets("fraud_endpoint")
    | _audit,
    description="Backtest the decision policy of the settings and, if it passes the gate, promote "
    "and deploy it",
)

decision_policy_rollback_job = _job(
    "decision_policy_rollback_job",
    group="decisions",
    selection=dg.AssetSelection.assets("decision_policy_champion", "fraud_endpoint") | _audit,
    config=_roll_back("decision_policy_champion"),
    description="Roll back to the previous decision policy, and deploy it",
)

fraud_review_job = _job(
    "fraud_review_job",
    group="fraud",
    selection=_fraud_review,
    description="Search hyperparameters for the next trainings, and evaluate recent trainings",
)

recommendation_review_job = _job(
    "recommendation_review_job",
    group="recommendations",
    selection=_recommendation_review,
    description="Search settings of the recommender's members for the next trainings",
)

recommendation_job = _job(
    "recommendation_job",
    group="recommendations",
    selection=dg.AssetSelection.groups("recommendations") - _review
    | dg.AssetSelection.assets("recommendation_endpoint")
    | _feedback
    | _audit,
    description="Read ratings, train and evaluate the recommender, write and serve each user's top "
    "items",
)

recommendation_daily_job = _job(
    "recommendation_daily_job",
    group="recommendations",
    selection=dg.AssetSelection.groups("recommendations") - _recommender - _review
    | _feedback
    | _audit,
    description="Read ratings and events, write each user's top items by the recommender that "
    "serves, and evaluate it",
)

recommendation_training_job = _job(
    "recommendation_training_job",
    group="recommendations",
    selection=_recommender
    | dg.AssetSelection.assets(
        "recommendations",
        "similar_items",
        "because_you_liked",
        "online_users",
        "recommendation_endpoint",
    )
    | _audit,
    description="Train, evaluate and, if it is better, promote and serve a recommender",
)

experiment_job = _job(
    "experiment_job",
    group="experiments",
    selection=dg.AssetSelection.groups("experiments"),
    description="Read exposures and outcomes, and report the results of each experiment",
)

stream_job = _job(
    "stream_job",
    group="stream",
    selection=dg.AssetSelection.groups("stream"),
    description="Report the stream's progress, and compare its features with the batch features",
)

serving_job = _job(
    "serving_job",
    group="serving",
    selection=dg.AssetSelection.groups("serving"),
    description="Write the online features, deploy the champions, read the API's logs",
)

logs_job = _job(
    "logs_job",
    group="serving",
    selection=dg.AssetSelection.assets("decision_log", "recommendation_log") | _feedback,
    description="Read the API's logs: what it has decided and recommended, and what it was sent",
)

audit_job = _job(
    "audit_job",
    group="audit",
    selection=_audit,
    description="Append the events since its last entry to the audit log",
)

maintenance_job = _job(
    "maintenance_job",
    group="lake",
    selection=dg.AssetSelection.groups("lake"),
    description="Compact small files of all tables, delete files of expired versions, and profile "
    "the columns",
)

# Dagster has no public base type for both kinds of jobs.
jobs: list[Any] = [
    main_job,
    ingestion_job,
    fraud_job,
    daily_job,
    fraud_training_job,
    fraud_rollback_job,
    recommendation_rollback_job,
    decision_policy_job,
    decision_policy_rollback_job,
    fraud_review_job,
    recommendation_review_job,
    recommendation_job,
    recommendation_daily_job,
    recommendation_training_job,
    experiment_job,
    stream_job,
    serving_job,
    logs_job,
    audit_job,
    maintenance_job,
    table_restore_job,
]
