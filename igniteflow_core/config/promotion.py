"""Settings of the promotion gate and of the monitoring of the promoted model."""

from pydantic import Field

from igniteflow_core.config.base import SettingsGroup


class PromotionSettings(SettingsGroup):
    """Limits of the promotion gate.

    ``margin`` is in the unit of the metric: average precision for fraud, nDCG for recommendations.
    ``max_recall_loss`` and ``max_false_alarm_rise`` hold in every segment with at least
    ``min_segment_frauds`` frauds, against the champion on the same transactions.
    """

    margin: float = Field(default=0.0, ge=0)
    min_days: int = Field(default=5, ge=1)
    min_frauds: int = Field(default=30, ge=1)
    min_users: int = Field(default=100, ge=1)
    min_segment_frauds: int = Field(default=20, ge=1)
    max_recall_loss: float = Field(default=0.05, ge=0)
    max_false_alarm_rise: float = Field(default=0.01, ge=0)
    max_score_milliseconds: float = Field(default=5.0, gt=0)
    max_megabytes: float = Field(default=200.0, gt=0)


class PerformanceSettings(SettingsGroup):
    """The monitoring of the champion on the newest ``days`` days whose labels are known.

    Its performance has dropped when its average precision is significantly more than ``tolerance``
    below that at its promotion, on at least ``min_frauds`` frauds.
    """

    days: int = Field(default=7, ge=1)
    min_frauds: int = Field(default=30, ge=1)
    tolerance: float = Field(default=0.05, ge=0)


class RecommendationPerformanceSettings(SettingsGroup):
    """The watch over the recommender that serves.

    It has dropped when its nDCG on held-out likes of at least ``min_users`` users is surely more
    than the share ``tolerance`` below that at its promotion, or when the share of lists that led to
    a like within ``outcome_days`` is, of the newest ``days``, surely so far below that of the
    ``reference_days`` before them; both need ``min_lists`` lists.
    """

    days: int = Field(default=7, ge=1)
    reference_days: int = Field(default=28, ge=1)
    outcome_days: int = Field(default=1, ge=1)
    min_users: int = Field(default=100, ge=1)
    min_lists: int = Field(default=1_000, ge=1)
    tolerance: float = Field(default=0.1, ge=0, lt=1)
