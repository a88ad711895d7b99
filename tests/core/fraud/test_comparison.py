"""The comparison table and the reason codes."""

import numpy as np
import pytest
from scipy.special import logit
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from igniteflow_core.fraud.evaluation import evaluate
from igniteflow_core.fraud.reasons import top_reasons

MODELS = ["ensemble", "isolation_forest", "random_forest", "xgboost", "logistic_regression"]


def test_every_model_is_measured_on_the_same_rows(comparison, test_window, settings):
    table = comparison.table()

    assert table.index.tolist() == MODELS
    for model in MODELS:
        alone = evaluate(
            comparison.scores[model],
            test_window.transactions,
            0.2,
            settings.threshold,
            seed=settings.seed,
        )
        assert table.loc[model].to_dict() == alone.metrics()


def test_baseline_is_logistic_regression_on_standardised_features(comparison, train, test_window):
    scaler = StandardScaler().fit(train.X)
    reference = LogisticRegression(max_iter=1_000).fit(scaler.transform(train.X), train.y)

    assert comparison.scores["logistic_regression"] == pytest.approx(
        reference.predict_proba(scaler.transform(test_window.X))[:, 1], abs=1e-3
    )


def test_markdown_has_a_line_per_model(comparison):
    lines = comparison.markdown().splitlines()
    header, first = (
        [cell.strip() for cell in line.split("|")[1:-1]] for line in (lines[0], lines[2])
    )

    assert header == ["model", *comparison.table().columns]
    assert first[0] == "ensemble"
    assert float(first[1]) == pytest.approx(comparison.evaluations["ensemble"].auc, rel=1e-3)
    assert len(lines) == 2 + len(MODELS)


def test_reasons_are_the_largest_positive_contributions(ensemble, test_window):
    riskiest = test_window.X.iloc[np.argsort(-ensemble.predict_proba(test_window.X))[:5]]

    for row, reasons in enumerate(top_reasons(ensemble, riskiest, k=2)):
        added = [reason.contribution for reason in reasons]
        assert added == sorted(added, reverse=True)
        assert min(added) > 0
        assert reasons[0].feature != "noise"
        for reason in reasons:
            assert reason.value == pytest.approx(riskiest.iloc[row][reason.feature], rel=1e-6)


def test_all_contributions_add_up_to_the_log_odds(ensemble, test_window):
    import xgboost

    X = test_window.X.head(50).to_numpy(np.float32)
    booster = ensemble.members["xgboost"].booster
    everything = booster.predict(xgboost.DMatrix(X), pred_contribs=True)

    assert everything.sum(axis=1) == pytest.approx(
        logit(ensemble.members["xgboost"].scores(X)), abs=1e-4
    )
    for row, reasons in enumerate(top_reasons(ensemble, X, k=4)):
        positive = everything[row, :-1][everything[row, :-1] > 0]
        assert sum(reason.contribution for reason in reasons) == pytest.approx(positive.sum())
