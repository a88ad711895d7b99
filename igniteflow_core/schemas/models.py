"""Contracts of the tables of learned vectors and model measurements."""

from igniteflow_core.schemas.contract import Column, TableContract

ALS_MODEL = TableContract(
    name="als_model",
    description="Latent factors of users and items, by alternating least squares",
    columns=(
        Column(name="entity", type="string", description="user or item"),
        Column(name="entity_id", type="string", description="user_id or item_id"),
        Column(name="factors", type="array<float>", description="As many as the model's rank"),
    ),
    key=("entity", "entity_id"),
)

CONTENT_MODEL = TableContract(
    name="content_model",
    description="Vectors of the items from their categories and titles",
    columns=(
        Column(name="item_id", type="string", description="Item that is described"),
        Column(name="vector", type="array<float>", description="Unit length, zeros for no content"),
    ),
    key=("item_id",),
)

_FOUND_SETTINGS = (
    Column(name="setting", type="string", description="member.setting, as in the settings"),
    Column(name="value", type="double", description="Used by the next training"),
)

FRAUD_MEMBER_SETTINGS = TableContract(
    name="fraud_member_settings",
    description="The best settings of the ensemble's members from the last search",
    columns=_FOUND_SETTINGS,
    key=("setting",),
)

RECOMMENDATION_MEMBER_SETTINGS = TableContract(
    name="recommendation_member_settings",
    description="The best settings of the recommender's members from the last search",
    columns=_FOUND_SETTINGS,
    key=("setting",),
)

_DRIFT_COLUMNS = (
    Column(name="feature", type="string", description="Name of the feature, or score"),
    Column(name="psi", type="double", description="Population stability index"),
    Column(name="psi_limit", type="double", description="Smallest index that counts as drift"),
    Column(
        name="wasserstein",
        type="double",
        unit="standard deviations of the reference",
        description="Earth mover's distance",
    ),
    Column(
        name="wasserstein_limit",
        type="double",
        unit="standard deviations of the reference",
        description="Smallest distance that counts as drift",
    ),
    Column(name="statistic", type="double", description="Pearson's chi-square"),
    Column(
        name="design_effect",
        type="double",
        description="Variance of the statistic relative to that of independent rows",
    ),
    Column(name="p_value", type="double", description="For this feature alone"),
    Column(name="p_adjusted", type="double", description="Corrected for all features"),
    Column(name="drifted", type="boolean", description="Whether effect size and test show drift"),
)

FEATURE_DRIFT = TableContract(
    name="feature_drift",
    description="Drift of each feature since the champion was trained",
    columns=_DRIFT_COLUMNS,
    key=("feature",),
)

PREDICTION_DRIFT = TableContract(
    name="prediction_drift",
    description="Drift of the champion's scores since the days after its training",
    columns=_DRIFT_COLUMNS,
    key=("feature",),
)

INTERACTION_DRIFT = TableContract(
    name="interaction_drift",
    description="How far likes have moved since the recommender that serves was trained",
    columns=_DRIFT_COLUMNS,
    key=("feature",),
)

RECOMMENDATION_DRIFT = TableContract(
    name="recommendation_drift",
    description="How far the lists that users are given have moved since the recommender began to "
    "serve",
    columns=_DRIFT_COLUMNS,
    key=("feature",),
)

RECOMMENDATION_PERFORMANCE = TableContract(
    name="recommendation_performance",
    description="How many of each day's lists led to a like, by the version that gave them",
    columns=(
        Column(name="event_date", type="date", description="Day on which the lists were given"),
        Column(name="model_version", type="string", description="Registry version that gave them"),
        Column(name="lists", type="bigint", description="Given by the API"),
        Column(name="hits", type="bigint", description="Lists with a like of one of their items"),
        Column(name="hit_rate", type="double", description="Hits as a share of the lists"),
    ),
    key=("event_date", "model_version"),
)

FRAUD_PERFORMANCE = TableContract(
    name="fraud_performance",
    description="Caught and missed frauds of the champion on each day after its promotion whose "
    "labels are known",
    columns=(
        Column(name="event_date", type="date", description="Day of the transactions"),
        Column(name="transactions", type="bigint", description="Transactions with a known label"),
        Column(name="frauds", type="bigint", description="Frauds among them"),
        Column(name="alerts", type="bigint", description="Scores at or above the threshold"),
        Column(name="caught_frauds", type="bigint", description="Frauds with an alert"),
        Column(
            name="precision",
            type="double",
            nullable=True,
            description="Share of the alerts that were fraud; null without alerts",
        ),
        Column(
            name="recall",
            type="double",
            nullable=True,
            description="Share of the frauds with an alert; null without frauds",
        ),
        Column(
            name="average_precision",
            type="double",
            nullable=True,
            description="Average precision of the day's scores; null without frauds",
        ),
        Column(
            name="caught_amount",
            type="double",
            unit="source currency",
            description="Amount of the frauds with an alert",
        ),
        Column(
            name="missed_amount",
            type="double",
            unit="source currency",
            description="Amount of the frauds without an alert",
        ),
        Column(name="model_version", type="string", description="Version of the champion"),
    ),
    key=("event_date",),
)
