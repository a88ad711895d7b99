"""Ways to treat rare fraud, and to calibrate, on the same folds."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.fraud.calibration import fit_sigmoid, smoothed_log_odds
from igniteflow_core.fraud.matrix import Floats, feature_matrix
from igniteflow_core.fraud.members import fit_members
from igniteflow_core.fraud.metrics import average_precision, brier_score
from igniteflow_core.fraud.prequential import prequential_windows
from igniteflow_core.fraud.training import rows_of

_ALL_OTHERS = 10**6

_VARIANTS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "XGBoost as shipped": ("xgboost", {}),
    "XGBoost, frauds weighted 10 times": ("xgboost", {"scale_pos_weight": 10.0}),
    "XGBoost, classes weighted alike": ("xgboost", {"scale_pos_weight": 130.0}),
    "XGBoost, 256 bins": ("xgboost", {"max_bin": 256}),
    "random forest as shipped, 30 others a fraud": ("random_forest", {}),
    "random forest, 10 others a fraud": ("random_forest", {"negatives_per_fraud": 10}),
    "random forest, all others": ("random_forest", {"negatives_per_fraud": _ALL_OTHERS}),
}


def print_variants(frame: pd.DataFrame, settings: FraudSettings) -> None:
    """Mean average precision over the folds, and Brier scores after either calibration."""
    rows = []
    for name, (member, changes) in _VARIANTS.items():
        changed = getattr(settings, member).model_copy(update=changes)
        figures = _measure(frame, settings.model_copy(update={member: changed}), member)
        rows.append({"variant": name} | dict(zip(_FIGURES, figures, strict=True)))
        print(rows[-1], flush=True)
    print("\n## Variants\n")
    print(pd.DataFrame(rows).to_markdown(index=False, floatfmt=".5f"))


_FIGURES = ("average_precision", "brier_sigmoid", "brier_isotonic", "average_precision_isotonic")


def _measure(frame: pd.DataFrame, settings: FraudSettings, member: str) -> Floats:
    first_day, last_day = frame["event_date"].min(), frame["event_date"].max()
    names = list(FEATURE_NAMES)
    folds = []
    for windows in prequential_windows(first_day, last_day, settings):
        train, validation, test = (
            rows_of(frame, window) for window in (windows.train, windows.validation, windows.test)
        )
        matrix = feature_matrix(train[names], FEATURE_NAMES)
        fitted = fit_members(matrix, train["is_fraud"].to_numpy(), settings)[member]
        known, labels = (rows["is_fraud"].to_numpy() for rows in (validation, test))
        guessed, scored = (
            fitted.scores(feature_matrix(rows[names], FEATURE_NAMES)) for rows in (validation, test)
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
