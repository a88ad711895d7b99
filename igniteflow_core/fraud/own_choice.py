"""Selection of the own columns that improve a model on unseen days."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.features.declared import feature_names
from igniteflow_core.fraud.bootstrap import average_precision_gain
from igniteflow_core.fraud.fit_inputs import fit_inputs
from igniteflow_core.fraud.matrix import Floats, input_matrix
from igniteflow_core.fraud.members import LabelledMatrix, fit_xgboost
from igniteflow_core.intervals import Interval
from igniteflow_core.schemas.own_columns import NO_OWN_COLUMNS, OwnColumns, inputs_of_models

MIN_GAIN: Final = 0.005
"""Minimum gain in average precision; columns of noise gain less if a model is already good."""

_QUICK: Final = {
    "n_estimators": 200,
    "early_stopping_rounds": 25,
    "learning_rate": 0.1,
    "max_bin": 256,
}
"""Parameters of the booster that evaluates a column, with and without it."""


def gains_of_own_columns(
    train: pd.DataFrame, validation: pd.DataFrame, settings: FraudSettings, own: OwnColumns
) -> Mapping[str, Interval]:
    """The gain in average precision on the validation rows that each column adds alone.

    Args:
        train: training rows, as FRAUD_TRAINING_SET with the own columns.
        validation: rows of later days.
        settings: settings of XGBoost, and the seed.
        own: declared columns; those that are no input of a model themselves are left out.

    Raises:
        InsufficientDataError: the rows of a window hold only one class.
    """
    own = inputs_of_models(own)
    if not own:
        return {}
    booster = settings.xgboost.model_copy(update=_QUICK)
    quick = settings.model_copy(update={"xgboost": booster})
    labels, days = validation["is_fraud"].to_numpy(), validation["event_date"].to_numpy()

    def scores(columns: OwnColumns) -> Floats:
        fitted = fit_inputs(train, columns, feature_names(settings.entities))
        known = LabelledMatrix(fitted.matrix, train["is_fraud"].to_numpy())
        later = LabelledMatrix(input_matrix(validation, fitted.inputs), labels)
        return fit_xgboost(known, quick, later).scores(later.X)

    without = scores(NO_OWN_COLUMNS)
    return {
        name: average_precision_gain(
            scores({name: column}), without, labels, days, seed=settings.seed
        )
        for name, column in own.items()
    }


def helpful(own: OwnColumns, gains: Mapping[str, Interval]) -> OwnColumns:
    """The columns that gain at least ``MIN_GAIN``.

    A column whose meaning drifts, such as a category that was rare and mostly fraud in the training
    days and is common later, makes a model worse on later days. The validation days show this,
    because they follow the training days after a label delay, as the days to be scored do.
    """
    return {
        name: column
        for name, column in own.items()
        if name in gains and gains[name].mean >= MIN_GAIN
    }
