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

FRAUD_MEMBER_SETTINGS = TableContract(
    name="fraud_member_settings",
    description="The best settings of the ensemble's members that the last search found",
    columns=(
        Column(name="setting", type="string", description="member.setting, as in the settings"),
        Column(name="value", type="double", description="Used by the next training"),
    ),
    key=("setting",),
)

FEATURE_DRIFT = TableContract(
    name="feature_drift",
    description="How far each feature has moved since the champion was trained",
    columns=(
        Column(name="feature", type="string", description="Name of the feature"),
        Column(name="psi", type="double", description="Population stability index"),
        Column(
            name="wasserstein",
            type="double",
            unit="standard deviations of the reference",
            description="Earth mover's distance",
        ),
        Column(name="test", type="string", description="ks or chi2"),
        Column(name="statistic", type="double", description="Statistic of that test"),
        Column(name="p_value", type="double", description="Of this feature alone"),
        Column(name="p_adjusted", type="double", description="Corrected for all features"),
        Column(name="drifted", type="boolean", description="Size and test agree that it moved"),
    ),
    key=("feature",),
)
