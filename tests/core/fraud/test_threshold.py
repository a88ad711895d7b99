"""The threshold policies, against hand-made cases and brute force."""

import numpy as np
import pytest

from igniteflow_core.config.fraud import ThresholdSettings
from igniteflow_core.fraud.metrics import alert_cost
from igniteflow_core.fraud.threshold import choose_threshold, cost_curve

SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
LABELS = np.array([1, 0, 1, 0, 0, 1], dtype=np.int8)
AMOUNTS = np.array([100.0, 10.0, 50.0, 10.0, 10.0, 5.0])
DAYS = np.array([1, 1, 1, 2, 2, 2])


def chosen(scores=SCORES, labels=LABELS, amounts=AMOUNTS, days=DAYS, **settings):
    return choose_threshold(scores, labels, amounts, days, ThresholdSettings(**settings))


def test_fixed_policy_is_0_85_by_default():
    assert chosen(policy="fixed") == 0.85


def test_budget_is_spent_over_all_days_together():
    assert chosen(policy="alert_budget", alerts_per_day=2) == 0.6


def test_tied_scores_that_would_break_the_budget_raise_no_alert():
    tied = np.array([0.9, 0.7, 0.7, 0.7, 0.5, 0.4])

    assert chosen(tied, policy="alert_budget", alerts_per_day=1) == 0.9


def test_budget_larger_than_the_window_alerts_on_everything():
    assert chosen(policy="alert_budget", alerts_per_day=100) == 0.4


def test_budget_below_the_first_tie_leaves_no_alert():
    tied = np.full(6, 0.7)

    assert chosen(tied, policy="alert_budget", alerts_per_day=1) > 0.7


def test_cost_policy_finds_the_hand_computed_minimum():
    # No alert 155; at 0.9: 55 + 10; at 0.8: 55 + 20; at 0.7: 5 + 30; at 0.4: 60.
    assert chosen(policy="cost", alert_cost=10.0) == 0.7


def test_equal_costs_give_the_higher_threshold():
    # At 0.7: 5 + 3 alerts of 5; at 0.9: 55 + 5. An alert of 25 makes both 80.
    assert chosen(policy="cost", alert_cost=25.0) == 0.9


def test_alerts_dearer_than_every_fraud_are_never_raised():
    assert chosen(policy="cost", alert_cost=1_000.0) > SCORES.max()


@pytest.mark.parametrize("seed", range(5))
def test_cost_curve_equals_brute_force(seed):
    random = np.random.default_rng(seed)
    scores = random.integers(0, 30, 200) / 30
    labels = (random.random(200) < scores).astype(np.int8)
    amounts = random.gamma(2, 40, 200)

    thresholds, costs = cost_curve(scores, labels, amounts, 12.5)

    brute_force = [alert_cost(scores >= t, labels, amounts, 12.5) for t in thresholds]
    assert costs == pytest.approx(brute_force)
    assert set(scores) <= set(thresholds)
    settings = ThresholdSettings(policy="cost", alert_cost=12.5)
    best = choose_threshold(scores, labels, amounts, np.zeros(200), settings)
    assert alert_cost(scores >= best, labels, amounts, 12.5) == pytest.approx(min(brute_force))
