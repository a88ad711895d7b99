"""The ensemble: its vote, its calibration, its repeatability and what it refuses."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import IsolationForest, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from xgboost import XGBClassifier

from igniteflow_core.config.fraud import XGBoostSettings
from igniteflow_core.errors import InsufficientDataError, PermanentError
from igniteflow_core.fraud.calibration import fit_sigmoid, smoothed_log_odds
from igniteflow_core.fraud.combination import MIN_GAIN
from igniteflow_core.fraud.ensemble import fit_ensemble, refit_members
from igniteflow_core.fraud.members import LabelledMatrix, fit_xgboost, undersampled_rows
from igniteflow_core.fraud.metrics import average_precision, brier_score, roc_auc
from igniteflow_core.fraud.voting import search_weights, vote


def fitted(train, validation, settings):
    days = validation.transactions.days
    return fit_ensemble(train.X, train.y, validation.X, validation.y, days, settings)


def test_the_best_member_serves_alone_unless_a_combination_gains_on_it(ensemble, validation):
    scores = ensemble.member_scores(validation.X)
    quality = {name: average_precision(each, validation.y) for name, each in scores.items()}
    best = max(quality, key=quality.get)

    assert set(ensemble.gains) == {"voting", "stacking"}
    gain = max(each.mean for each in ensemble.gains.values())
    assert (
        (ensemble.weights[best] == 1)
        == (gain < MIN_GAIN)
        == (ensemble.combination == "best_member")
    )


def test_ensemble_learns_what_later_rows_show(ensemble, test_window):
    assert roc_auc(ensemble.predict_proba(test_window.X), test_window.y) > 0.8


def test_probabilities_are_calibrated_on_later_rows(ensemble, test_window):
    probabilities = ensemble.predict_proba(test_window.X)
    base_rate = np.full(len(test_window.y), test_window.y.mean())

    assert probabilities.mean() == pytest.approx(test_window.y.mean(), rel=0.15)
    assert brier_score(probabilities, test_window.y) < brier_score(base_rate, test_window.y)


def test_two_fits_give_identical_predictions(ensemble, train, validation, test_window, settings):
    again = fitted(train, validation, settings)

    assert again.weights == ensemble.weights
    assert np.array_equal(again.predict_proba(test_window.X), ensemble.predict_proba(test_window.X))


def test_members_score_as_their_own_libraries_do(ensemble, train, test_window, settings):
    X, rows = train.X.to_numpy(np.float32), test_window.X.to_numpy(np.float32)
    sample = undersampled_rows(train.y, settings.random_forest.negatives_per_fraud, settings.seed)
    isolation = IsolationForest(n_estimators=20, max_samples=256, random_state=settings.seed)
    forest = RandomForestClassifier(
        n_estimators=20,
        max_depth=settings.random_forest.max_depth,
        min_samples_leaf=settings.random_forest.min_samples_leaf,
        max_features=settings.random_forest.max_features,
        random_state=settings.seed,
    )
    trees = ensemble.members["xgboost"].trees
    boosted = XGBClassifier(
        **settings.xgboost.model_dump(exclude={"n_estimators", "early_stopping_rounds"}),
        n_estimators=trees,
        base_score=0.5,
        random_state=settings.seed,
    )
    expected = {
        "isolation_forest": -isolation.fit(X).score_samples(rows),
        "random_forest": forest.fit(X[sample], train.y[sample]).predict_proba(rows)[:, 1],
        "xgboost": boosted.fit(X, train.y).predict_proba(rows)[:, 1],
    }

    for name, scores in expected.items():
        assert ensemble.members[name].scores(rows) == pytest.approx(scores, abs=1e-6), name


def test_boosting_stops_where_later_rows_gain_nothing(train, validation, test_window, settings):
    patient = XGBoostSettings(n_estimators=400, early_stopping_rounds=20, max_bin=256)
    rows, held_out = (
        LabelledMatrix(window.X.to_numpy(np.float32), window.y) for window in (train, validation)
    )
    later = test_window.X.to_numpy(np.float32)
    boosted = settings.model_copy(update={"xgboost": patient})

    stopped = fit_xgboost(rows, boosted, held_out)
    full = fit_xgboost(rows, boosted)

    assert full.trees == 400
    assert stopped.trees < 200
    assert average_precision(stopped.scores(held_out.X), held_out.y) > average_precision(
        full.scores(held_out.X), held_out.y
    )
    assert average_precision(stopped.scores(later), test_window.y) > average_precision(
        full.scores(later), test_window.y
    )


def test_refit_grows_as_many_trees_as_early_stopping_chose(train, validation, settings):
    impatient = XGBoostSettings(n_estimators=400, early_stopping_rounds=5, max_bin=256)
    stopping = settings.model_copy(update={"xgboost": impatient})
    chosen = fitted(train, validation, stopping)

    refitted = refit_members(chosen, validation.X, validation.y, stopping)

    assert refitted.members["xgboost"].trees == chosen.members["xgboost"].trees < 400


def test_one_row_scores_as_it_does_among_many(ensemble, test_window):
    together = ensemble.predict_proba(test_window.X)
    alone = [ensemble.predict_proba(test_window.X.iloc[[row]])[0] for row in range(20)]

    assert np.array_equal(together[:20], alone)


def test_columns_are_found_by_name(ensemble, test_window):
    shuffled = test_window.X[test_window.X.columns[::-1]].assign(other="text")

    assert np.array_equal(
        ensemble.predict_proba(shuffled), ensemble.predict_proba(test_window.X.to_numpy(np.float32))
    )


def test_member_without_weight_does_not_change_the_vote(ensemble, test_window):
    alone = replace(
        ensemble, weights={"isolation_forest": 0.0, "random_forest": 0.0, "xgboost": 1.0}
    )

    assert average_precision(alone.predict_proba(test_window.X), test_window.y) == pytest.approx(
        average_precision(alone.member_scores(test_window.X)["xgboost"], test_window.y), abs=1e-12
    )


def test_refit_changes_members_and_nothing_else(ensemble, validation, test_window, settings):
    chosen = ensemble.with_threshold(0.123)

    refitted = refit_members(chosen, validation.X, validation.y, settings)

    assert refitted.threshold == 0.123
    assert refitted.weights == chosen.weights
    assert refitted.calibration == chosen.calibration
    assert not np.array_equal(
        refitted.predict_proba(test_window.X), chosen.predict_proba(test_window.X)
    )


@pytest.mark.parametrize("label", [0, 1])
def test_single_class_window_is_refused(train, validation, settings, label):
    days = validation.transactions.days
    with pytest.raises(InsufficientDataError, match="train window"):
        fit_ensemble(
            train.X, np.full(len(train.y), label), validation.X, validation.y, days, settings
        )
    one = np.full(len(validation.y), label)
    with pytest.raises(InsufficientDataError, match="validation window"):
        fit_ensemble(train.X, train.y, validation.X, one, days, settings)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_hole_in_a_feature_is_refused_by_name(ensemble, test_window, value):
    broken = test_window.X.head(5).copy()
    broken.loc[3, "risk"] = value

    with pytest.raises(PermanentError, match=r"infinite values: risk\."):
        ensemble.predict_proba(broken)


def test_missing_features_are_refused_by_name(ensemble, test_window):
    with pytest.raises(PermanentError, match="features are missing: amount, noise"):
        ensemble.predict_proba(test_window.X[["risk", "count"]])


def test_array_of_the_wrong_width_is_refused(ensemble):
    with pytest.raises(PermanentError, match=r"expected shape \(rows, 4\), got \(2, 3\)"):
        ensemble.predict_proba(np.zeros((2, 3), dtype=np.float32))


def test_unknown_labels_are_refused(train, validation, settings):
    unknown = train.y.astype(float)
    unknown[0] = np.nan

    days = validation.transactions.days
    with pytest.raises(PermanentError, match="labels other than 0 and 1"):
        fit_ensemble(train.X, unknown, validation.X, validation.y, days, settings)


def test_two_features_of_one_name_are_refused(train, validation, settings):
    doubled = pd.concat([train.X, train.X[["risk"]]], axis=1)

    days = validation.transactions.days
    with pytest.raises(PermanentError, match="two features have the same name"):
        fit_ensemble(doubled, train.y, validation.X, validation.y, days, settings)


def test_undersampling_keeps_every_fraud_and_the_wanted_share_of_others():
    labels = np.tile(np.array([0, 0, 1, 0, 0], dtype=np.int8), 40)

    some = undersampled_rows(labels, negatives_per_fraud=2, seed=1)
    everything = undersampled_rows(labels, negatives_per_fraud=5, seed=1)

    assert len(some) == len(set(some.tolist())) == 120
    assert labels[some].sum() == 40
    assert everything.tolist() == list(range(200))
    assert some.tolist() == undersampled_rows(labels, negatives_per_fraud=2, seed=1).tolist()


def test_useless_member_is_outvoted():
    random = np.random.default_rng(0)
    labels = (random.random(4_000) < 0.05).astype(np.int8)
    useless, good = random.normal(size=4_000), 2 * labels + random.normal(size=4_000)

    assert search_weights(np.array([useless, good]), labels)[1] >= 0.9


@pytest.mark.parametrize("seed", range(8))
def test_searched_weights_are_never_worse_than_the_best_member(seed):
    random = np.random.default_rng(seed)
    labels = (random.random(600) < 0.08).astype(np.int8)
    members = np.outer(random.random(3), labels) + random.normal(size=(3, 600))

    weights = search_weights(members, labels)

    best_member = max(average_precision(one, labels) for one in members)
    assert average_precision(vote(members, weights), labels) >= best_member
    assert weights.sum() == pytest.approx(1)


def test_equal_members_share_the_vote_evenly():
    random = np.random.default_rng(0)
    labels = (random.random(500) < 0.1).astype(np.int8)
    log_odds = labels + random.normal(size=500)

    weights = search_weights(np.array([log_odds, log_odds]), labels)

    assert weights == pytest.approx([0.5, 0.5])


def test_sigmoid_agrees_with_unpenalised_logistic_regression():
    random = np.random.default_rng(0)
    scores = random.random(20_000)
    labels = (random.random(20_000) < scores**2).astype(np.int8)

    log_odds = smoothed_log_odds(scores)
    sigmoid = fit_sigmoid(log_odds, labels)

    reference = LogisticRegression(C=np.inf, tol=1e-10).fit(log_odds[:, None], labels)
    assert sigmoid.slope == pytest.approx(reference.coef_[0, 0], rel=1e-3)
    assert sigmoid.intercept == pytest.approx(reference.intercept_[0], rel=2e-3)


def test_calibration_keeps_the_order_of_scores_even_of_a_misleading_member():
    random = np.random.default_rng(0)
    scores = np.sort(np.append(random.random(1_000), [0.0, 1.0]))
    misleading = (random.random(1_002) < 1 - scores).astype(np.int8)

    for labels in (misleading, 1 - misleading):
        calibrated = fit_sigmoid(smoothed_log_odds(scores), labels).apply(smoothed_log_odds(scores))
        assert np.isfinite(calibrated).all()
        assert (np.diff(calibrated) > 0).all()
