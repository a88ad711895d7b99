"""Several members serve where that is better on days their weights were not fitted on, else one."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from igniteflow_core.fraud.combination import MIN_GAIN, choose_combination, in_words
from igniteflow_core.fraud.metrics import average_precision
from igniteflow_core.fraud.voting import stacking_weights, vote

NAMES = ("isolation_forest", "random_forest", "xgboost")
ROWS = 6_000
DAYS = np.repeat(np.arange(6), ROWS // 6)


@pytest.fixture
def random():
    return np.random.default_rng(4)


@pytest.fixture
def labels(random):
    return (random.random(ROWS) < 0.05).astype(np.int8)


def test_members_that_know_different_frauds_serve_together(random, labels):
    of_one = labels * (random.random(ROWS) < 0.5)
    members = np.array([3 * of_one, 3 * (labels - of_one), np.zeros(ROWS)])
    members = members + random.normal(size=(3, ROWS))

    chosen = choose_combination(members, labels, DAYS, seed=1)

    assert chosen.method in {"voting", "stacking"}
    assert chosen.gains[chosen.method].low > 0.05
    assert chosen.weights[:2].min() > 0.3
    best = max(average_precision(each, labels) for each in members)
    assert average_precision(vote(members, chosen.weights), labels) > best + 0.05


def test_a_member_that_nothing_is_added_to_serves_alone(random, labels):
    good = 3 * labels + random.normal(size=ROWS)
    members = np.array([random.normal(size=ROWS), good + random.normal(size=ROWS), good])

    chosen = choose_combination(members, labels, DAYS, seed=1)

    assert chosen.method == "best_member"
    assert chosen.weights.tolist() == [0, 0, 1]
    assert max(gain.mean for gain in chosen.gains.values()) < MIN_GAIN
    words = in_words(chosen.method, dict(zip(NAMES, chosen.weights, strict=True)), chosen.gains)
    assert words.startswith("xgboost alone; cross-fitted gain")


@pytest.mark.parametrize("frauds", ["of one day", "on one day"])
def test_without_days_to_compare_the_best_member_serves_and_that_is_said(random, labels, frauds):
    days = np.zeros(ROWS) if frauds == "of one day" else DAYS
    labels = labels if frauds == "of one day" else labels * (DAYS == 0)
    members = np.outer([1.0, 2.0, 3.0], labels) + random.normal(size=(3, ROWS))

    chosen = choose_combination(members, labels, days, seed=1)

    assert (chosen.method, chosen.gains) == ("best_member", {})
    words = in_words(chosen.method, dict(zip(NAMES, chosen.weights, strict=True)), chosen.gains)
    assert words == "xgboost alone; whether the members gain on the best of them was not measured"


def test_stacking_is_logistic_regression_whose_weights_are_not_negative(random, labels):
    useful = np.array([[1.0], [2.0]]) * labels + random.normal(size=(2, ROWS))
    misleading = -labels + random.normal(size=ROWS)
    reference = LogisticRegression(C=np.inf, tol=1e-10).fit(useful.T, labels).coef_[0]

    weights = stacking_weights(np.array([*useful, misleading]), labels)

    assert weights == pytest.approx([*reference / reference.sum(), 0], abs=1e-3)
    assert stacking_weights(-np.outer([1, 1], labels), labels).tolist() == [0.5, 0.5]
