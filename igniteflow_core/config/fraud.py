"""Settings of the fraud models: time windows, members, and the alert threshold."""

from typing import Literal

from pydantic import Field

from igniteflow_core.config.base import SettingsGroup
from igniteflow_core.config.search import SearchSettings


class IsolationForestSettings(SettingsGroup):
    """scikit-learn's IsolationForest."""

    n_estimators: int = Field(default=100, ge=1)
    max_samples: int = Field(default=1024, ge=2)


class RandomForestSettings(SettingsGroup):
    """scikit-learn's RandomForestClassifier.

    It is trained on every fraud and a random ``negatives_per_fraud`` times as many others, or on
    all rows where there are fewer; calibration restores the true rate.
    """

    n_estimators: int = Field(default=100, ge=1)
    max_depth: int | None = 16
    min_samples_leaf: int = Field(default=2, ge=1)
    negatives_per_fraud: int = Field(default=30, ge=1)
    max_features: float | Literal["sqrt", "log2"] = "sqrt"


class XGBoostSettings(SettingsGroup):
    """XGBoost's binary classifier.

    Trees are added until the average precision on the validation window has not risen for
    ``early_stopping_rounds`` trees, and at most ``n_estimators`` of them: how many a data set needs
    differs by a factor of six among public ones. A large ``max_bin`` and a base score of 0.5 matter
    where fraud is rare: with XGBoost's own defaults the average precision drops.
    """

    n_estimators: int = Field(default=600, ge=1)
    early_stopping_rounds: int = Field(default=50, ge=1)
    max_depth: int = Field(default=5, ge=1)
    learning_rate: float = Field(default=0.05, gt=0, le=1)
    min_child_weight: float = Field(default=1.0, ge=0)
    subsample: float = Field(default=0.9, gt=0, le=1)
    colsample_bytree: float = Field(default=0.6, gt=0, le=1)
    scale_pos_weight: float = Field(default=1.0, gt=0)
    max_bin: int = Field(default=4096, ge=2)


class ThresholdSettings(SettingsGroup):
    """How the alert threshold is chosen.

    ``fixed`` uses ``fixed``; ``alert_budget`` the score that raises ``alerts_per_day`` alerts on
    the validation days; ``cost`` the score with the lowest cost, where a missed fraud costs its
    amount and each alert costs ``alert_cost``.
    """

    policy: Literal["fixed", "alert_budget", "cost"] = "cost"
    fixed: float = Field(default=0.85, gt=0, lt=1)
    alerts_per_day: int = Field(default=100, ge=1)
    alert_cost: float = Field(default=10.0, ge=0)


class EntitySettings(SettingsGroup):
    """An entity with a history besides customers and terminals: a device, a customer at a terminal.

    The transactions that have the same values in ``columns`` are its history: customer_id,
    terminal_id, or a team's own columns of a category, of an address (its network) or of an e-mail
    (its domain). The distinct values of the column ``distinct`` are counted.
    """

    name: str
    columns: tuple[str, ...] = Field(min_length=1)
    distinct: str | None = None


class FraudSettings(SettingsGroup):
    """The chronological windows, in days, and the models trained on them.

    From the newest day back: ``test_days``, a gap of ``settled_days``, ``validation_days``,
    another such gap, ``train_days``. The gaps exclude labels that were not yet known. The
    prequential evaluation does this ``prequential_folds`` times, each ``test_days`` earlier.

    A label that a transaction is delivered with is known ``label_delay_days`` after it; features
    use the label of an event once the event is that old. Where labels are delivered separately, a
    transaction without one counts as genuine from ``maturity_days`` on, but not before
    ``label_delay_days``, which is also the default.

    With ``spark_workers`` above 0, XGBoost is trained by that many Spark tasks at once, for data
    that outgrows one machine; at 0 all members are trained in the memory of the run.

    ``entities`` have features as customers and terminals do.
    """

    label_delay_days: int = Field(default=7, ge=0)
    maturity_days: int | None = Field(default=None, ge=0)
    train_days: int = Field(default=28, ge=1)
    validation_days: int = Field(default=7, ge=1)
    test_days: int = Field(default=7, ge=1)
    prequential_folds: int = Field(default=4, ge=1)
    spark_workers: int = Field(default=0, ge=0)
    entities: tuple[EntitySettings, ...] = ()
    seed: int = 7
    isolation_forest: IsolationForestSettings = IsolationForestSettings()
    random_forest: RandomForestSettings = RandomForestSettings()
    xgboost: XGBoostSettings = XGBoostSettings()
    threshold: ThresholdSettings = ThresholdSettings()
    search: SearchSettings = SearchSettings()

    @property
    def settled_days(self) -> int:
        """How old a transaction is when models may learn from its label."""
        return max(self.label_delay_days, self.maturity_days or 0)
