"""Evaluation of a fraud model on labelled transactions that it has not seen."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.config.fraud import ThresholdSettings
from igniteflow_core.errors import PermanentError
from igniteflow_core.fraud import metrics
from igniteflow_core.fraud.bootstrap import average_precision_interval
from igniteflow_core.fraud.matrix import Floats, Labels, binary_labels

CARDS_PER_DAY = 100
"""The k of card precision top-k, as in the handbook's tables."""


@dataclass(frozen=True)
class LabelledTransactions:
    """The data of n transactions that the measures need, in the order of their scores.

    Attributes:
        labels: 1 for fraud, 0 for none, both present, shape (n,).
        amounts: amounts in the currency of the source, shape (n,).
        days: day of each transaction, shape (n,), of any comparable type.
        customers: customer ids, shape (n,).

    Raises:
        InsufficientDataError: only one class is present.
        PermanentError: the arrays differ in length, or a label is neither 0 nor 1.
    """

    labels: Labels
    amounts: Floats
    days: NDArray[np.generic]
    customers: NDArray[np.generic]

    def __post_init__(self) -> None:
        rows = len(self.labels)
        binary_labels(self.labels, rows=rows, where="evaluated transactions")
        for name in ("amounts", "days", "customers"):
            if len(getattr(self, name)) != rows:
                raise PermanentError(
                    f"{len(getattr(self, name))} {name} for {rows} labels",
                    where="evaluated transactions",
                    fix="take all columns from the same rows",
                )


@dataclass(frozen=True)
class FraudEvaluation:
    """The measures of one model on one set of transactions.

    Attributes:
        auc: area under the ROC curve.
        average_precision: area under the precision-recall curve.
        average_precision_low: lower end of its 95 % interval over days.
        average_precision_high: upper end.
        card_precision_top_100: see ``metrics.card_precision_at``.
        recall_at_budget: share of frauds in the alerts of the daily budget.
        accuracy: share of transactions that are classified correctly at the threshold.
        precision: share of frauds among the alerts at the threshold.
        recall: share of frauds with an alert at the threshold.
        f1: harmonic mean of precision and recall.
        cost: cost of alerts and missed frauds at the threshold, in the currency of the amounts.
        brier: mean squared error of the probability.
        alerts_per_day: alerts at the threshold, mean over days.
    """

    auc: float
    average_precision: float
    average_precision_low: float
    average_precision_high: float
    card_precision_top_100: float
    recall_at_budget: float
    accuracy: float
    precision: float
    recall: float
    f1: float
    cost: float
    brier: float
    alerts_per_day: float

    def metrics(self) -> dict[str, float]:
        """All measures by name."""
        return asdict(self)


def evaluate(
    scores: Floats,
    transactions: LabelledTransactions,
    threshold: float,
    settings: ThresholdSettings,
    *,
    seed: int,
) -> FraudEvaluation:
    """Measure the probabilities of one model.

    Args:
        scores: probabilities of fraud, shape (n,).
        transactions: data of the n transactions.
        threshold: an alert is a score at or above it.
        settings: the daily alert budget and the cost of an alert.
        seed: seed of the bootstrap.

    Raises:
        PermanentError: the number of scores differs from that of transactions.
    """
    labels, days = transactions.labels, transactions.days
    if scores.shape != labels.shape:
        raise PermanentError(
            f"scores of shape {scores.shape} for {len(labels)} transactions",
            where="evaluation of a fraud model",
            fix="score the rows that are evaluated, in their order",
        )
    is_alert = scores >= threshold
    precision, recall, f1 = metrics.alert_quality(is_alert, labels)
    interval = average_precision_interval(scores, labels, days, seed=seed)
    return FraudEvaluation(
        auc=metrics.roc_auc(scores, labels),
        average_precision=metrics.average_precision(scores, labels),
        average_precision_low=interval.low,
        average_precision_high=interval.high,
        card_precision_top_100=metrics.card_precision_at(
            CARDS_PER_DAY, scores, labels, days, transactions.customers
        ),
        recall_at_budget=metrics.recall_at_budget(settings.alerts_per_day, scores, labels, days),
        accuracy=float((is_alert == (labels > 0)).mean()),
        precision=precision,
        recall=recall,
        f1=f1,
        cost=metrics.alert_cost(is_alert, labels, transactions.amounts, settings.alert_cost),
        brier=metrics.brier_score(scores, labels),
        alerts_per_day=float(is_alert.sum() / len(np.unique(days))),
    )
