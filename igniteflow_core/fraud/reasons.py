"""Reason codes: which features raised the score of a transaction most."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xgboost
from numpy.typing import NDArray

from igniteflow_core.errors import PermanentError
from igniteflow_core.fraud.ensemble import FraudEnsemble
from igniteflow_core.fraud.matrix import input_matrix
from igniteflow_core.fraud.members import BoosterMember


@dataclass(frozen=True)
class Reason:
    """One feature of a transaction and its contribution to XGBoost's log-odds of fraud."""

    feature: str
    value: float
    contribution: float


def top_reasons(
    ensemble: FraudEnsemble, X: pd.DataFrame | NDArray[np.floating], k: int
) -> list[list[Reason]]:
    """The features that raise each row's score most, largest first.

    The reasons are exact Shapley values of the XGBoost member by TreeSHAP (Lundberg et al., 2020,
    "From local explanations to global understanding with explainable AI for trees"). The values and
    the expected log-odds sum to that member's log-odds. The other members are not explained.

    Args:
        ensemble: fitted ensemble.
        X: a table with the columns of the inputs, or an array (n, inputs) in their order.
        k: maximum number of reasons per row; features that lower the score are no reasons.

    Raises:
        PermanentError: a feature is missing or not finite, or the member is not XGBoost's.
    """
    member = ensemble.members["xgboost"]
    if not isinstance(member, BoosterMember):
        raise PermanentError(
            f"the xgboost member is a {type(member).__name__}",
            where="reason codes of the fraud ensemble",
            fix="fit or load the ensemble with an XGBoost booster as that member",
        )
    matrix = input_matrix(X, ensemble.inputs)
    contributions = member.booster.predict(xgboost.DMatrix(matrix), pred_contribs=True)[:, :-1]
    names = ensemble.feature_names
    largest = np.argsort(-contributions, axis=1, kind="stable")[:, :k]
    return [
        [
            Reason(names[column], float(values[column]), float(added[column]))
            for column in columns
            if added[column] > 0
        ]
        for columns, values, added in zip(largest, matrix, contributions, strict=True)
    ]
