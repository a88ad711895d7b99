"""The figures of the business report."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from igniteflow_core.recommendations.holdout import HYBRID

_BASELINE = "popularity"


@dataclass(frozen=True)
class RecommendationLift:
    """How much better the recommender ranks held-out likes than popularity does.

    Attributes:
        recommender: the nDCG of the recommender.
        popularity: the nDCG of popularity.
    """

    recommender: float
    popularity: float

    @property
    def share(self) -> float:
        """Share above popularity; infinite where popularity has an nDCG of 0."""
        return self.recommender / self.popularity - 1 if self.popularity else float("inf")


def recommendation_lift(table: pd.DataFrame) -> RecommendationLift:
    """The lift.

    Args:
        table: ``model`` and ``ndcg``, as ``recommendations.evaluation.comparison_table`` has them.
    """
    ndcg = table.set_index("model")["ndcg"]
    return RecommendationLift(float(ndcg[HYBRID]), float(ndcg[_BASELINE]))


@dataclass(frozen=True)
class ModelVersion:
    """A version of the registry, and what was decided about it.

    Attributes:
        model: registered name.
        version: version in the registry.
        aliases: current aliases, joined by commas.
        trained: first and last day of the training window.
        decision: promoted, refused, or not decided.
        reason: reason for the decision.
        rolled_back: why it was taken out of service, or None.
    """

    model: str
    version: str
    aliases: str
    trained: str
    decision: str
    reason: str
    rolled_back: str | None


@dataclass(frozen=True)
class BusinessReport:
    """Fraud by day, recommendations, experiments, and the models behind them.

    Attributes:
        days: as ``fraud_days`` gives them, at least one.
        lift: lift of the recommender, or None if no evaluation exists.
        experiments: a row a treatment with its primary metric, as ``experiment_states`` gives them.
        models: model versions, newest first.
    """

    days: pd.DataFrame
    lift: RecommendationLift | None
    experiments: pd.DataFrame
    models: Sequence[ModelVersion]

    def figures(self) -> dict[str, float]:
        """Totals over the days: money in the currency of the source, shares from 0 to 1.

        Without frauds no share of them was caught, and without alerts none had precision, so these
        two are left out then.
        """
        total = self.days[
            ["alerts", "labelled_alerts", "caught_frauds", "caught_amount", "missed_amount"]
        ].sum()
        fraud_amount = total["caught_amount"] + total["missed_amount"]
        figures = {
            "caught_amount": float(total["caught_amount"]),
            "missed_amount": float(total["missed_amount"]),
            "alerts_per_day": float(total["alerts"] / len(self.days)),
        }
        if fraud_amount:
            figures["caught_share"] = float(total["caught_amount"] / fraud_amount)
        if total["labelled_alerts"]:
            figures["precision"] = float(total["caught_frauds"] / total["labelled_alerts"])
        if self.lift is not None:
            figures["recommendation_lift"] = self.lift.share
        return figures


def experiment_states(report: pd.DataFrame) -> pd.DataFrame:
    """The primary metric and the decision of each treatment.

    Args:
        report: as EXPERIMENT_REPORT.

    Returns:
        experiment, treatment, metric, lift, lift_low, lift_high, decision, reason.
    """
    primary = report[report["role"] == "primary"]
    return primary[
        ["experiment", "treatment", "metric", "lift", "lift_low", "lift_high", "decision", "reason"]
    ].reset_index(drop=True)
