"""Contracts of the tables that hold learned vectors and measured models."""

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
        Column(name="item_id", type="string", description="Thing that is described"),
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
    description="The best settings of the ensemble's members that the last search found",
    columns=_FOUND_SETTINGS,
    key=("setting",),
)

RECOMMENDATION_MEMBER_SETTINGS = TableContract(
    name="recommendation_member_settings",
    description="The best settings of the recommender's members that the last search found",
    columns=_FOUND_SETTINGS,
    key=("setting",),
)

_DRIFT_COLUMNS = (
    Column(name="feature", type="string", description="Name of the feature, or score"),
    Column(name="psi", type="double", description="Population stability index"),
    Column(name="psi_limit", type="double", description="From where on it counts"),
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
        description="From where on it counts",
    ),
    Column(name="statistic", type="double", description="Pearson's chi-square"),
    Column(
        name="design_effect",
        type="double",
        description="How much more it scatters than if all rows were independent",
    ),
    Column(name="p_value", type="double", description="Of this feature alone"),
    Column(name="p_adjusted", type="double", description="Corrected for all features"),
    Column(name="drifted", type="boolean", description="A size and the test agree that it moved"),
)

FEATURE_DRIFT = TableContract(
    name="feature_drift",
    description="How far each feature has moved since the champion was trained",
    columns=_DRIFT_COLUMNS,
    key=("feature",),
)

PREDICTION_DRIFT = TableContract(
    name="prediction_drift",
    description="How far the champion's scores have moved since the days after its training",
    columns=_DRIFT_COLUMNS,
    key=("feature",),
)

FRAUD_PERFORMANCE = TableContract(
    name="fraud_performance",
    description="What the champion caught and missed on each day after its promotion whose labels "
    "are known",
    columns=(
        Column(name="event_date", type="date", description="Day of the transactions"),
        Column(name="transactions", type="bigint", description="With a known label"),
        Column(name="frauds", type="bigint", description="Among them"),
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
            description="Of the day's scores; null without frauds",
        ),
        Column(
            name="caught_amount",
            type="double",
            unit="source currency",
            description="Of the frauds with an alert",
        ),
        Column(
            name="missed_amount",
            type="double",
            unit="source currency",
            description="Of the frauds without one",
        ),
        Column(name="model_version", type="string", description="The champion's"),
    ),
    key=("event_date",),
)
