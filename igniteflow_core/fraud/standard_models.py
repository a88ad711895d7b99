"""The standard models: a random forest and XGBoost on the handbook's 15 features."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from xgboost import XGBClassifier

from igniteflow_core.features.definitions import STANDARD_FEATURES
from igniteflow_core.fraud.matrix import Floats, Labels
from igniteflow_core.fraud.metrics import average_precision

STANDARD_RANDOM_FOREST = "standard_random_forest"
STANDARD_XGBOOST = "standard_xgboost"


class _Classifier(Protocol):
    def fit(self, X: pd.DataFrame, y: Labels) -> object: ...

    def predict_proba(self, X: pd.DataFrame) -> Floats: ...


_FAMILIES: Final[Mapping[str, tuple[Callable[..., _Classifier], list[dict[str, Any]]]]] = {
    STANDARD_RANDOM_FOREST: (
        RandomForestClassifier,
        [
            {"n_estimators": 100, "max_depth": depth, "n_jobs": -1, "random_state": 0}
            for depth in (10, 20)
        ],
    ),
    # With the default 256 bins XGBoost loses average precision where fraud is rare.
    STANDARD_XGBOOST: (
        XGBClassifier,
        [
            {
                "n_estimators": trees,
                "max_depth": depth,
                "learning_rate": rate,
                "tree_method": "hist",
                "max_bin": 4096,
                "base_score": 0.5,
                "random_state": 0,
            }
            for trees, depth, rate in ((100, 3, 0.3), (100, 6, 0.1), (200, 4, 0.05))
        ],
    ),
}


def standard_scores(
    train: pd.DataFrame, validation: pd.DataFrame, refit: pd.DataFrame, test: pd.DataFrame
) -> dict[str, Floats]:
    """The test scores of both models with the best settings of a grid like the handbook's.

    Settings are chosen by average precision on validation after a fit on train, and models with the
    chosen settings are fitted on refit, so the standard models use the same data as the ensemble.

    Args:
        train: rows of both classes, with STANDARD_FEATURES and is_fraud.
        validation: rows of later days with the same columns.
        refit: newest rows whose labels are known when the test begins.
        test: n rows with STANDARD_FEATURES.

    Returns:
        Probability of fraud, shape (n,), by model.
    """
    names = list(STANDARD_FEATURES)
    scores: dict[str, Floats] = {}
    for model, (family, candidates) in _FAMILIES.items():
        quality = []
        for candidate in candidates:
            fitted = _fitted(family(**candidate), train)
            guess = fitted.predict_proba(validation[names])[:, 1]
            quality.append(average_precision(guess, validation["is_fraud"].to_numpy()))
        best = _fitted(family(**candidates[int(np.argmax(quality))]), refit)
        scores[model] = np.asarray(best.predict_proba(test[names])[:, 1], dtype=np.float64)
    return scores


def _fitted(model: _Classifier, rows: pd.DataFrame) -> _Classifier:
    model.fit(rows[list(STANDARD_FEATURES)], rows["is_fraud"].to_numpy())
    return model
