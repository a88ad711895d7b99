"""Which of a team's own columns a model is given: those that help on days it has not seen."""

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
"""Of average precision; columns of noise reach less than that where a model is good already."""

_QUICK: Final = {
    "n_estimators": 200,
    "early_stopping_rounds": 25,
    "learning_rate": 0.1,
    "max_bin": 256,
}
"""Of the booster that judges a column; it is compared with its like."""


def gains_of_own_columns(
    train: pd.DataFrame, validation: pd.DataFrame, settings: FraudSettings, own: OwnColumns
) -> Mapping[str, Interval]:
    """What each column alone adds to the average precision on the validation rows.

    Args:
        train: rows to fit on, as FRAUD_TRAINING_SET with the own columns.
        validation: rows of later days.
        settings: of XGBoost, and the seed.
        own: the declared columns, of which those are left out that no model takes itself.

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
    days and is common later, makes a model worse on the days to come. The validation days, which
    lie a label delay after the training days as the days to be scored do, show it.
    """
    return {
        name: column
        for name, column in own.items()
        if name in gains and gains[name].mean >= MIN_GAIN
    }
