"""Each measure on a case small enough to compute by hand."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

from igniteflow_core.config.fraud import ThresholdSettings
from igniteflow_core.errors import InsufficientDataError, PermanentError
from igniteflow_core.fraud import metrics
from igniteflow_core.fraud.bootstrap import average_precision_gain, average_precision_interval
from igniteflow_core.fraud.evaluation import LabelledTransactions, evaluate

SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
LABELS = np.array([1, 0, 1, 0, 1], dtype=np.int8)


def test_average_precision_is_the_mean_precision_at_each_fraud():
    assert metrics.average_precision(SCORES, LABELS) == pytest.approx((1 + 2 / 3 + 3 / 5) / 3)


def test_auc_is_the_share_of_ordered_pairs():
    assert metrics.roc_auc(SCORES, LABELS) == pytest.approx(3 / 6)


def test_brier_score_is_the_mean_squared_error():
    assert metrics.brier_score(SCORES, LABELS) == pytest.approx(
        (0.01 + 0.64 + 0.09 + 0.36 + 0.25) / 5
    )


def test_card_precision_takes_each_card_at_its_highest_score_and_drops_found_ones():
    days = np.array([1, 1, 1, 1, 2, 2, 2])
    customers = np.array(["a", "a", "b", "c", "a", "b", "c"])
    scores = np.array([0.2, 0.9, 0.8, 0.1, 0.99, 0.5, 0.6])
    labels = np.array([1, 0, 0, 1, 1, 1, 0], dtype=np.int8)

    # Day 1 checks a (compromised) and b (not); on day 2 a is known, so b (compromised) and c.
    assert metrics.card_precision_at(2, scores, labels, days, customers) == pytest.approx(0.5)
    # Day 1 finds a, day 2 checks c in vain.
    assert metrics.card_precision_at(1, scores, labels, days, customers) == pytest.approx(0.5)


def test_card_precision_divides_by_k_even_where_fewer_cards_were_used():
    one = np.array([1], dtype=np.int8)

    assert metrics.card_precision_at(4, np.array([0.5]), one, ["d"], ["a"]) == 0.25


def test_recall_at_budget_checks_the_highest_scores_of_every_day():
    days = np.array([1, 1, 1, 2, 2])

    assert metrics.recall_at_budget(1, SCORES, LABELS, days) == pytest.approx(1 / 3)
    assert metrics.recall_at_budget(2, SCORES, LABELS, days) == pytest.approx(2 / 3)
    assert metrics.recall_at_budget(3, SCORES, LABELS, days) == 1


@pytest.mark.parametrize("threshold", [0.55, 0.7, 0.95])
def test_alert_quality_agrees_with_scikit_learn(threshold):
    is_alert = threshold <= SCORES

    assert metrics.alert_quality(is_alert, LABELS) == pytest.approx(
        (
            precision_score(LABELS, is_alert, zero_division=0),
            recall_score(LABELS, is_alert),
            f1_score(LABELS, is_alert),
        )
    )


def test_cost_is_missed_amounts_plus_alerts():
    amounts = np.array([10.0, 20.0, 30.0, 40.0, 50.0])

    assert metrics.alert_cost(SCORES >= 0.75, LABELS, amounts, 7.0) == 30 + 50 + 2 * 7


def test_bootstrap_interval_agrees_with_scikit_learn_on_redrawn_rows():
    random = np.random.default_rng(0)
    days = np.repeat(np.arange(7), 100)
    scores = random.integers(0, 40, 700) / 40
    labels = (random.random(700) < 0.4 * scores).astype(np.int8)

    interval = average_precision_interval(scores, labels, days, seed=5)

    draws = np.random.default_rng(5)
    reference = []
    for _ in range(500):
        rows = np.concatenate([np.flatnonzero(days == d) for d in draws.integers(7, size=7)])
        reference.append(average_precision_score(labels[rows], scores[rows]))
    assert (interval.low, interval.high) == pytest.approx(
        tuple(np.quantile(reference, [0.025, 0.975]))
    )


def test_gain_over_oneself_is_exactly_zero_and_over_noise_is_positive():
    random = np.random.default_rng(1)
    days = np.repeat(np.arange(7), 300)
    labels = (random.random(2100) < 0.05).astype(np.int8)
    good, noise = labels + random.normal(0, 0.5, 2100), random.random(2100)

    assert average_precision_gain(good, good, labels, days, seed=1).low == 0
    assert average_precision_gain(good, good, labels, days, seed=1).high == 0
    assert average_precision_gain(good, noise, labels, days, seed=1).low > 0


def _transactions(labels=LABELS, **changes):
    columns = {
        "amounts": np.array([10.0, 20.0, 30.0, 40.0, 50.0]),
        "days": np.array([1, 1, 1, 2, 2]),
        "customers": np.array(list("abcde")),
    }
    return LabelledTransactions(labels=labels, **(columns | changes))


def test_evaluation_puts_the_measures_together():
    settings = ThresholdSettings(alerts_per_day=1, alert_cost=7.0)

    result = evaluate(SCORES, _transactions(), 0.75, settings, seed=1)

    assert result.metrics() == pytest.approx(
        {
            "auc": 0.5,
            "average_precision": (1 + 2 / 3 + 3 / 5) / 3,
            "average_precision_low": 0.5,
            "average_precision_high": 5 / 6,
            "card_precision_top_100": (2 / 100 + 1 / 100) / 2,
            "recall_at_budget": 1 / 3,
            "accuracy": 2 / 5,
            "precision": 0.5,
            "recall": 1 / 3,
            "f1": 0.4,
            "cost": 30 + 50 + 14,
            "brier": 1.35 / 5,
            "alerts_per_day": 1.0,
        }
    )


def test_one_class_cannot_be_evaluated():
    with pytest.raises(InsufficientDataError, match="0 frauds among 5 rows"):
        _transactions(np.zeros(5, dtype=np.int8))


def test_columns_of_different_length_are_refused():
    with pytest.raises(PermanentError, match="4 amounts for 5 labels"):
        _transactions(amounts=np.ones(4))


def test_scores_of_other_rows_are_refused():
    with pytest.raises(PermanentError, match="scores of shape"):
        evaluate(SCORES[:3], _transactions(), 0.5, ThresholdSettings(), seed=1)
