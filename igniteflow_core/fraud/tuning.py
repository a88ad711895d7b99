"""Search for better settings of random forest and XGBoost."""

from collections.abc import Callable

import pandas as pd

from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.features.declared import feature_names
from igniteflow_core.fraud.ensemble import fit_ensemble
from igniteflow_core.fraud.fit_inputs import fit_inputs
from igniteflow_core.fraud.metrics import average_precision
from igniteflow_core.fraud.own_choice import gains_of_own_columns, helpful
from igniteflow_core.fraud.training import rows_of
from igniteflow_core.fraud.windows import FraudWindows
from igniteflow_core.schemas.own_columns import NO_OWN_COLUMNS, OwnColumns
from igniteflow_core.settings_search import Range, SearchResult, Trial, search

RANGES = {
    "xgboost.max_depth": Range(3, 8, whole=True),
    "xgboost.learning_rate": Range(0.02, 0.3, log=True),
    "xgboost.min_child_weight": Range(0.5, 20, log=True),
    "xgboost.subsample": Range(0.5, 1),
    "xgboost.colsample_bytree": Range(0.2, 1),
    "random_forest.min_samples_leaf": Range(1, 10, whole=True),
    "random_forest.negatives_per_fraud": Range(10, 100, whole=True, log=True),
}


def search_settings(
    frame: pd.DataFrame,
    windows: FraudWindows,
    settings: FraudSettings,
    on_trial: Callable[[Trial], None],
    own: OwnColumns = NO_OWN_COLUMNS,
) -> SearchResult:
    """Search the settings with the highest average precision on validation within the budget.

    The number of XGBoost's trees is not searched: early stopping finds it in each trial. A trial
    trains on ``windows.train`` alone, and no test rows are used.

    Args:
        frame: rows as FRAUD_TRAINING_SET.
        windows: windows, of which train and validation are used.
        settings: initial settings, with the budget.
        on_trial: called with each trial when it is done.
        own: declared columns.

    Raises:
        InsufficientDataError: a window holds only one class.
    """
    train, validation = rows_of(frame, windows.train), rows_of(frame, windows.validation)
    taken = helpful(own, gains_of_own_columns(train, validation, settings, own))
    fitted = fit_inputs(train, taken, feature_names(settings.entities))

    def measure(candidate: FraudSettings) -> float:
        ensemble = fit_ensemble(
            fitted.matrix,
            train["is_fraud"],
            validation,
            validation["is_fraud"],
            validation["event_date"],
            candidate,
            fitted.inputs,
        )
        scores = ensemble.predict_proba(validation)
        return average_precision(scores, validation["is_fraud"].to_numpy())

    return search(settings, RANGES, measure, settings.search, settings.seed, on_trial)
