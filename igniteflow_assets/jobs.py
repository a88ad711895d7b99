"""What is run together."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from igniteflow_assets.lake.table_restore import table_restore_job
from igniteflow_assets.promotion import ChampionConfig
from igniteflow_core.config.load import load_settings

_review = dg.AssetSelection.assets("fraud_member_settings", "fraud_prequential_evaluation")
"""They train many times over, so they have a job of their own."""

_feedback = dg.AssetSelection.assets("feedback_log")
"""Part of every job that reads labels, ratings or events, as some of them come by the API."""

_audit = dg.AssetSelection.groups("audit")
"""Part of every job that changes what serves, so that the record is never far behind."""

OWNERS_TAG = "igniteflow/owners"
"""Tag of each run, by which the list of runs can be filtered."""


def _job(
    name: str,
    *,
    selection: dg.AssetSelection,
    description: str,
    group: str | None = None,
    config: Mapping[str, Any] | None = None,
) -> Any:  # noqa: ANN401 - Dagster's class has no public name
    """A job whose owners, and those of its runs, are those of the group of assets; else ours."""
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
    # The stream's assets need Kafka; maintenance looks after the tables of all jobs.
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
    description="The fraud half: ingestion, features, models, scores, drift",
)

daily_job = _job(
    "daily_job",
    selection=dg.AssetSelection.groups("transactions", "features", "monitoring")
    | dg.AssetSelection.assets("fraud_scores")
    | _feedback
    | _audit,
    description="One day: ingest, validate, compute features, score, look for drift",
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
    """The configuration of a run that takes back the champion before."""
    back = ChampionConfig(action="roll_back")
    return {"ops": {champion: {"config": back.model_dump()}}}


fraud_rollback_job = _job(
    "fraud_rollback_job",
    group="fraud",
    selection=dg.AssetSelection.assets("fraud_champion", "fraud_endpoint") | _audit,
    config=_roll_back("fraud_champion"),
    description="Take back the fraud champion before the one that serves, and serve it",
)

recommendation_rollback_job = _job(
    "recommendation_rollback_job",
    group="recommendations",
    selection=dg.AssetSelection.assets("recommendation_champion", "recommendation_endpoint")
    | _audit,
    config=_roll_back("recommendation_champion"),
    description="Take back the recommender before the one that serves, and serve it",
)

decision_policy_job = _job(
    "decision_policy_job",
    group="decisions",
    selection=dg.AssetSelection.groups("decisions")
    | dg.AssetSelection.assets("fraud_endpoint")
    | _audit,
    description="Backtest the decision policy of the settings and, if the gate lets it through, "
    "promote and serve it",
)

decision_policy_rollback_job = _job(
    "decision_policy_rollback_job",
    group="decisions",
    selection=dg.AssetSelection.assets("decision_policy_champion", "fraud_endpoint") | _audit,
    config=_roll_back("decision_policy_champion"),
    description="Take back the decision policy before the one that decides, and serve it",
)

fraud_review_job = _job(
    "fraud_review_job",
    group="fraud",
    selection=_review,
    description="Search settings for the next trainings, and judge training over the last weeks",
)

recommendation_job = _job(
    "recommendation_job",
    group="recommendations",
    selection=dg.AssetSelection.groups("recommendations") | _feedback,
    description="Read ratings, train and evaluate the recommender, write each user's top items",
)

experiment_job = _job(
    "experiment_job",
    group="experiments",
    selection=dg.AssetSelection.groups("experiments"),
    description="Read exposures and outcomes, and report what each experiment has shown",
)

stream_job = _job(
    "stream_job",
    group="stream",
    selection=dg.AssetSelection.groups("stream"),
    description="How far the stream is, and whether its features equal the batch",
)

serving_job = _job(
    "serving_job",
    group="serving",
    selection=dg.AssetSelection.groups("serving"),
    description="Write the online features, deploy the champions, read the API's logs",
)

audit_job = _job(
    "audit_job",
    group="audit",
    selection=_audit,
    description="Append to the audit log what has happened since its last entry",
)

maintenance_job = _job(
    "maintenance_job",
    group="lake",
    selection=dg.AssetSelection.groups("lake"),
    description="Join small files of every table, and delete those of versions that are too old",
)

# Dagster has no public type for both of its kinds of jobs.
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
    recommendation_job,
    experiment_job,
    stream_job,
    serving_job,
    audit_job,
    maintenance_job,
    table_restore_job,
]
