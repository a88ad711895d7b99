"""What is run together."""

import dagster as dg

main_job = dg.define_asset_job(
    "main_job",
    selection=dg.AssetSelection.all(),
    description="The whole graph: ingestion, features, models, scores and recommendations",
)

daily_job = dg.define_asset_job(
    "daily_job",
    selection=dg.AssetSelection.assets(
        "raw_transactions",
        "transactions",
        "quarantined_transactions",
        "customers",
        "terminals",
        "fraud_features",
        "fraud_scores",
        "feature_drift",
    ),
    description="One day: ingest, validate, compute features, score, look for drift",
)

fraud_training_job = dg.define_asset_job(
    "fraud_training_job",
    selection=dg.AssetSelection.assets(
        "fraud_training_set", "fraud_model", "fraud_evaluation", "fraud_champion"
    ),
    description="Train, evaluate and, if it is better, promote a fraud model",
)

recommendation_job = dg.define_asset_job(
    "recommendation_job",
    selection=dg.AssetSelection.groups("recommendations"),
    description="Read ratings, train and evaluate the recommender, write each user's top items",
)

jobs = [main_job, daily_job, fraud_training_job, recommendation_job]
