"""Folds follow one another, see no later label, and their measures are those of their rows."""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score

from igniteflow_core.config.fraud import (
    FraudSettings,
    IsolationForestSettings,
    RandomForestSettings,
    XGBoostSettings,
)
from igniteflow_core.errors import InsufficientDataError
from igniteflow_core.fraud.plots import prequential_figure
from igniteflow_core.fraud.prequential import (
    PrequentialEvaluation,
    evaluate_prequentially,
    prequential_windows,
)

from .worlds import FIRST_DAY, training_frame

DAYS = 27
SETTINGS = FraudSettings(
    label_delay_days=2,
    train_days=8,
    validation_days=4,
    test_days=3,
    prequential_folds=3,
    isolation_forest=IsolationForestSettings(n_estimators=10, max_samples=128),
    random_forest=RandomForestSettings(n_estimators=10),
    xgboost=XGBoostSettings(n_estimators=15, max_bin=64),
)
LAST_DAY = FIRST_DAY + timedelta(days=DAYS - 1)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return training_frame(DAYS)


@pytest.fixture(scope="module")
def evaluation(frame) -> PrequentialEvaluation:
    return evaluate_prequentially(frame, SETTINGS)


def test_test_windows_follow_one_another_up_to_the_newest_day():
    folds = prequential_windows(FIRST_DAY, LAST_DAY, SETTINGS)
    assert len(folds) == 3
    assert folds[-1].test.last_day == LAST_DAY
    for earlier, later in pairwise(folds):
        assert later.test.first_day == earlier.test.last_day + timedelta(days=1)


def test_no_label_is_used_before_it_is_known():
    for fold in prequential_windows(FIRST_DAY, LAST_DAY, SETTINGS):
        for trained_on in (fold.train, fold.validation, fold.refit):
            known = trained_on.last_day + timedelta(days=SETTINGS.label_delay_days)
            assert known < fold.test.first_day


def test_there_are_as_many_folds_as_the_days_allow():
    assert len(prequential_windows(FIRST_DAY + timedelta(days=4), LAST_DAY, SETTINGS)) == 2
    with pytest.raises(InsufficientDataError, match="more days"):
        prequential_windows(FIRST_DAY + timedelta(days=10), LAST_DAY, SETTINGS)


@pytest.mark.slow
def test_later_rows_change_nothing_of_an_earlier_fold(frame, evaluation):
    cut = evaluation.folds[0].windows.test.last_day
    changed = frame.assign(
        is_fraud=np.where(frame["event_date"] > cut, 1 - frame["is_fraud"], frame["is_fraud"])
    )
    settings = SETTINGS.model_copy(update={"prequential_folds": 1})
    alone = evaluate_prequentially(changed[changed["event_date"] <= cut], settings)
    for model, scores in evaluation.folds[0].scores.items():
        # A forest of scikit-learn adds its trees in the order in which threads end.
        np.testing.assert_allclose(alone.folds[0].scores[model], scores, rtol=1e-9, err_msg=model)


@pytest.mark.slow
def test_the_table_holds_the_mean_over_folds_of_every_model(evaluation):
    table = evaluation.table().set_index("model")
    assert list(table.index) == [
        "ensemble",
        "isolation_forest",
        "random_forest",
        "xgboost",
        "standard_random_forest",
        "standard_xgboost",
    ]
    for model in table.index:
        by_fold = [
            average_precision_score(fold.test["is_fraud"], fold.scores[model])
            for fold in evaluation.folds
        ]
        assert table.loc[model, "average_precision"] == pytest.approx(np.mean(by_fold))
        assert evaluation.by_fold()[model].tolist() == pytest.approx(by_fold)
        assert table.loc[model, "low"] < np.mean(by_fold) < table.loc[model, "high"]


@pytest.mark.slow
def test_the_lead_over_a_model_is_measured_on_the_same_days(evaluation):
    assert evaluation.gain("ensemble").low == evaluation.gain("ensemble").high == 0
    lead = evaluation.gain("standard_random_forest")
    assert lead.low > 0  # the standard features lack the one that tells most here


@pytest.mark.slow
def test_a_weeks_alert_line_holds_for_its_own_rows(evaluation):
    rows = [len(fold.test) for fold in evaluation.folds]
    assert len(evaluation.thresholds) == len(evaluation.test_rows) == sum(rows)
    assert evaluation.thresholds[0] == evaluation.folds[0].threshold
    assert evaluation.thresholds[-1] == evaluation.folds[-1].threshold
    assert len(evaluation.scores_of("ensemble")) == sum(rows)


@pytest.mark.slow
def test_the_figure_has_a_line_for_every_model(evaluation):
    (axes,) = prequential_figure(evaluation).axes
    lines = {line.get_label().split(" (")[0]: line for line in axes.lines}
    assert set(lines) >= {"Ensemble", "XGBoost", "Standard XGBoost"}
    assert list(lines["Ensemble"].get_ydata()) == evaluation.by_fold()["ensemble"].tolist()


def test_one_class_in_a_window_is_refused(frame):
    fold = prequential_windows(FIRST_DAY, LAST_DAY, SETTINGS)[0]
    without = frame.assign(
        is_fraud=frame["is_fraud"].where(
            ~frame["event_date"].between(fold.validation.first_day, fold.validation.last_day), 0
        )
    )
    with pytest.raises(InsufficientDataError):
        evaluate_prequentially(without, SETTINGS)
