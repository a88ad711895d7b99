"""The models whose champions are watched: by what, and what a finding sets off."""

from dataclasses import dataclass
from typing import Any, Final

from igniteflow_assets.jobs import (
    fraud_rollback_job,
    fraud_training_job,
    recommendation_rollback_job,
    recommendation_training_job,
)


@dataclass(frozen=True)
class WatchedModel:
    """A model of the graph.

    Attributes:
        champion: the asset that says which version serves.
        drift: the assets that look for drift from the champion's training.
        performance: the asset that judges the champion.
        training_job: trains another one; Dagster has no public type for it.
        rollback_job: lets the champion before it serve again.
    """

    champion: str
    drift: tuple[str, ...]
    performance: str
    training_job: Any
    rollback_job: Any


FRAUD: Final = WatchedModel(
    champion="fraud_champion",
    drift=("feature_drift", "prediction_drift"),
    performance="fraud_performance",
    training_job=fraud_training_job,
    rollback_job=fraud_rollback_job,
)

RECOMMENDATION: Final = WatchedModel(
    champion="recommendation_champion",
    drift=("interaction_drift", "recommendation_drift"),
    performance="recommendation_performance",
    training_job=recommendation_training_job,
    rollback_job=recommendation_rollback_job,
)
