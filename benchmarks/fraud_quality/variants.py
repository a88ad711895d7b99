"""Treatments of class imbalance and calibrations, on the same folds."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.ensemble import RandomForestClassifier
from sklearn.isotonic import IsotonicRegression

from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.fraud.calibration import fit_sigmoid, smoothed_log_odds
from igniteflow_core.fraud.matrix import Floats, Matrix, feature_matrix
from igniteflow_core.fraud.members import (
    LabelledMatrix,
    fit_isolation_forest,
    fit_random_forest,
    fit_xgboost,
    undersampled_rows,
)
from igniteflow_core.fraud.metrics import average_precision, brier_score
from igniteflow_core.fraud.prequential import prequential_windows
from igniteflow_core.fraud.training import rows_of

Scores = Callable[[Matrix], Floats]
Fit = Callable[[LabelledMatrix, LabelledMatrix, FraudSettings], Scores]
"""Maps training rows and early-stopping rows to a scoring function."""

_BAGS = 10
_ALL_OTHERS = 10**6


def _xgboost(**changes: Any) -> Fit:
    """Return XGBoost on all rows, with changed settings."""

    def fit(rows: LabelledMatrix, held_out: LabelledMatrix, settings: FraudSettings) -> Scores:
        changed = settings.xgboost.model_copy(update=changes)
        booster = settings.model_copy(update={"xgboost": changed})
        return fit_xgboost(rows, booster, held_out).scores

    return fit


def _forest(**changes: Any) -> Fit:
    """Return the random forest, with changed settings."""

    def fit(rows: LabelledMatrix, _: LabelledMatrix, settings: FraudSettings) -> Scores:
        changed = settings.random_forest.model_copy(update=changes)
        forest = settings.model_copy(update={"random_forest": changed})
        return fit_random_forest(rows.X, rows.y, forest).scores

    return fit


def _weighted_forest(rows: LabelledMatrix, _: LabelledMatrix, settings: FraudSettings) -> Scores:
    """Fit the random forest on all rows, with balanced class weights in each tree's sample."""
    chosen = settings.random_forest
    forest = RandomForestClassifier(
        n_estimators=chosen.n_estimators,
        max_depth=chosen.max_depth,
        min_samples_leaf=chosen.min_samples_leaf,
        max_features=chosen.max_features,
        class_weight="balanced_subsample",
        random_state=settings.seed,
        n_jobs=-1,
    ).fit(rows.X, rows.y)
    return lambda X: np.asarray(forest.predict_proba(X)[:, 1])


def _with_isolation_score(
    rows: LabelledMatrix, held_out: LabelledMatrix, settings: FraudSettings
) -> Scores:
    """XGBoost with the isolation forest's score as one more input."""
    forest = fit_isolation_forest(rows.X, settings)

    def wider(X: Matrix) -> Matrix:
        return np.column_stack([X, forest.scores(X)]).astype(np.float32)

    later = LabelledMatrix(wider(held_out.X), held_out.y)
    booster = fit_xgboost(LabelledMatrix(wider(rows.X), rows.y), settings, later)
    return lambda X: booster.scores(wider(X))


def _undersampled(fit: Fit, others: int) -> Fit:
    """Return the model on all frauds and ``others`` legitimate rows per fraud."""

    def fit_part(rows: LabelledMatrix, held_out: LabelledMatrix, settings: FraudSettings) -> Scores:
        drawn = undersampled_rows(rows.y, others, settings.seed)
        return fit(LabelledMatrix(rows.X[drawn], rows.y[drawn]), held_out, settings)

    return fit_part


def _bagged(fit: Fit, others: int) -> Fit:
    """Return the mean of several models, each on all frauds and a different sample of others.

    As EasyEnsemble (Liu, Wu and Zhou, 2009, "Exploratory undersampling for class-imbalance
    learning") and the balanced random forest (Chen, Liaw and Breiman, 2004).
    """

    def fit_bags(rows: LabelledMatrix, held_out: LabelledMatrix, settings: FraudSettings) -> Scores:
        bags = [
            _undersampled(fit, others)(rows, held_out, settings.model_copy(update={"seed": seed}))
            for seed in range(_BAGS)
        ]
        return lambda X: np.asarray(np.mean([scores(X) for scores in bags], axis=0))

    return fit_bags


_VARIANTS: Mapping[str, Fit] = {
    "XGBoost as shipped: every row, no weights": _xgboost(),
    "XGBoost, frauds weighted 10 times": _xgboost(scale_pos_weight=10.0),
    "XGBoost, frauds weighted 130 times: classes alike": _xgboost(scale_pos_weight=130.0),
    "XGBoost, undersampled to 30 others a fraud": _undersampled(_xgboost(), 30),
    "XGBoost, 10 bags of 10 others a fraud": _bagged(_xgboost(), 10),
    "XGBoost, the isolation forest's score as an input": _with_isolation_score,
    "XGBoost, 256 bins": _xgboost(max_bin=256),
    "random forest as shipped: 30 others a fraud": _forest(),
    "random forest, undersampled to 10 others a fraud": _forest(negatives_per_fraud=10),
    "random forest, every row": _forest(negatives_per_fraud=_ALL_OTHERS),
    "random forest, every row, classes weighted alike": _weighted_forest,
    "random forest, 10 bags of 10 trees, 1 other a fraud": _bagged(
        _forest(n_estimators=10, negatives_per_fraud=1), 1
    ),
    "random forest, 10 bags of 10 trees, 30 others a fraud": _bagged(_forest(n_estimators=10), 30),
}


def print_variants(frame: pd.DataFrame, settings: FraudSettings) -> None:
    """Print mean average precision over the folds, and Brier scores after both calibrations."""
    rows = []
    for name, fit in _VARIANTS.items():
        figures = _measure(frame, settings, fit)
        rows.append({"variant": name} | dict(zip(_FIGURES, figures, strict=True)))
        print(rows[-1], flush=True)
    print("\n## Variants\n")
    print(pd.DataFrame(rows).to_markdown(index=False, floatfmt=".5f"))


_FIGURES = ("average_precision", "brier_sigmoid", "brier_isotonic", "average_precision_isotonic")


def _measure(frame: pd.DataFrame, settings: FraudSettings, fit: Fit) -> Floats:
    first_day, last_day = frame["event_date"].min(), frame["event_date"].max()
    names = list(FEATURE_NAMES)
    folds = []
    for windows in prequential_windows(first_day, last_day, settings):
        train, validation, test = (
            rows_of(frame, window) for window in (windows.train, windows.validation, windows.test)
        )
        fitting, held_out = (
            LabelledMatrix(feature_matrix(rows[names], FEATURE_NAMES), rows["is_fraud"].to_numpy())
            for rows in (train, validation)
        )
        scores = fit(fitting, held_out, settings)
        known, labels = (rows["is_fraud"].to_numpy() for rows in (validation, test))
        guessed, scored = (
            scores(feature_matrix(rows[names], FEATURE_NAMES)) for rows in (validation, test)
        )
        sigmoid = fit_sigmoid(smoothed_log_odds(guessed), known)
        by_sigmoid = expit(sigmoid.apply(smoothed_log_odds(scored)))
        by_isotonic = IsotonicRegression(out_of_bounds="clip").fit(guessed, known).predict(scored)
        folds.append(
            (
                average_precision(by_sigmoid, labels),
                brier_score(by_sigmoid, labels),
                brier_score(by_isotonic, labels),
                average_precision(by_isotonic, labels),
            )
        )
    return np.mean(folds, axis=0)
