"""Soft voting of isolation forest, random forest and XGBoost, calibrated to a probability."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.errors import PermanentError
from igniteflow_core.fraud.calibration import (
    SigmoidCalibration,
    fit_sigmoid,
    smoothed_log_odds,
)
from igniteflow_core.fraud.matrix import Floats, Matrix, binary_labels, feature_matrix
from igniteflow_core.fraud.members import (
    MEMBER_NAMES,
    BoosterMember,
    LabelledMatrix,
    Member,
    MemberName,
    fit_members,
)
from igniteflow_core.fraud.voting import search_weights, vote


@dataclass(frozen=True)
class FraudEnsemble:
    """A fitted ensemble.

    Each member's score is calibrated to a probability, the log-odds of the probabilities are
    averaged with fitted weights, and the average is calibrated again.

    Attributes:
        feature_names: the inputs, in order.
        members: the fitted models.
        member_calibrations: of each member's log-odds.
        weights: share of each member in the vote, summing to 1; 0 for one that adds nothing.
        calibration: of the vote.
        threshold: an alert is a probability at or above it.
    """

    feature_names: tuple[str, ...]
    members: Mapping[MemberName, Member]
    member_calibrations: Mapping[MemberName, SigmoidCalibration]
    weights: Mapping[MemberName, float]
    calibration: SigmoidCalibration
    threshold: float

    def member_scores(self, X: pd.DataFrame | NDArray[np.floating]) -> dict[MemberName, Floats]:
        """Each member's own calibrated probability of fraud, shape (n,).

        Args:
            X: a table with the feature columns, or an array (n, features) in their order.

        Raises:
            PermanentError: a feature is missing or holds a value that is not finite.
        """
        matrix = feature_matrix(X, self.feature_names)
        return {name: expit(self._member_log_odds(name, matrix)) for name in self.members}

    def predict_proba(self, X: pd.DataFrame | NDArray[np.floating]) -> Floats:
        """The calibrated probability of fraud, shape (n,); members without weight are not asked.

        Args:
            X: as for ``member_scores``.

        Raises:
            PermanentError: as for ``member_scores``.
        """
        matrix = feature_matrix(X, self.feature_names)
        asked = [name for name in self.members if self.weights[name] > 0]
        log_odds = np.array([self._member_log_odds(name, matrix) for name in asked])
        weights = np.array([self.weights[name] for name in asked])
        return np.asarray(expit(self.calibration.apply(vote(log_odds, weights))))

    def with_threshold(self, threshold: float) -> "FraudEnsemble":
        """The same ensemble with another alert line."""
        return replace(self, threshold=threshold)

    def _member_log_odds(self, name: MemberName, matrix: Matrix) -> Floats:
        log_odds = smoothed_log_odds(self.members[name].scores(matrix))
        return self.member_calibrations[name].apply(log_odds)


def fit_ensemble(
    train_X: pd.DataFrame,
    train_y: ArrayLike,
    validation_X: pd.DataFrame,
    validation_y: ArrayLike,
    settings: FraudSettings,
) -> FraudEnsemble:
    """Fit the members on the train window, and calibration and weights on the validation window.

    Its threshold is ``settings.threshold.fixed`` until ``with_threshold`` sets the chosen one.

    Args:
        train_X: all columns are features, shape (n, features).
        train_y: 0 or 1, shape (n,).
        validation_X: later rows with the same columns, shape (m, features).
        validation_y: 0 or 1, shape (m,).
        settings: of members and seed.

    Raises:
        InsufficientDataError: a window holds only one class.
        PermanentError: a feature is missing or holds a value that is not finite.
    """
    names = _feature_names(train_X)
    train = _labelled(train_X, train_y, names, "train window")
    validation = _labelled(validation_X, validation_y, names, "validation window")
    members = fit_members(train, settings, validation)
    return combine_members(members, names, validation_X, validation_y, settings)


def combine_members(
    members: Mapping[MemberName, Member],
    names: tuple[str, ...],
    validation_X: pd.DataFrame,
    validation_y: ArrayLike,
    settings: FraudSettings,
) -> FraudEnsemble:
    """Calibrate fitted members, and weigh their votes, on rows that they have not seen.

    Args:
        members: fitted on earlier rows.
        names: the features they were fitted on, in order.
        validation_X: rows with those columns, shape (m, features).
        validation_y: 0 or 1, shape (m,).
        settings: for the threshold until ``with_threshold`` sets the chosen one.

    Raises:
        InsufficientDataError: the rows hold only one class.
        PermanentError: a feature is missing or holds a value that is not finite.
    """
    validation = _labelled(validation_X, validation_y, names, "validation window")
    labels = validation.y
    raw = {name: smoothed_log_odds(members[name].scores(validation.X)) for name in MEMBER_NAMES}
    calibrations = {name: fit_sigmoid(raw[name], labels) for name in MEMBER_NAMES}
    log_odds = np.array([calibrations[name].apply(raw[name]) for name in MEMBER_NAMES])
    weights = search_weights(log_odds, labels)
    return FraudEnsemble(
        feature_names=names,
        members=members,
        member_calibrations=calibrations,
        weights=dict(zip(MEMBER_NAMES, weights.tolist(), strict=True)),
        calibration=fit_sigmoid(vote(log_odds, weights), labels),
        threshold=settings.threshold.fixed,
    )


def refit_members(
    ensemble: FraudEnsemble, X: pd.DataFrame, y: ArrayLike, settings: FraudSettings
) -> FraudEnsemble:
    """The ensemble with its members fitted anew on later rows; all else stays as it was chosen.

    XGBoost grows as many trees as early stopping has chosen.

    Call it last: the refit window contains the validation window, on whose rows weights,
    calibration and threshold have to be chosen by members that have not seen them.

    Measured on the handbook's data over four weekly folds with 7 train days, it raised the average
    precision from 0.799 to 0.802; with 28 train days one fold showed no clear difference.

    Args:
        ensemble: chosen on train and validation.
        X: the features of the refit window, shape (n, features).
        y: 0 or 1, shape (n,).
        settings: the same as for ``fit_ensemble``.

    Raises:
        InsufficientDataError: the window holds only one class.
        PermanentError: a feature is missing or holds a value that is not finite.
    """
    rows = _labelled(X, y, ensemble.feature_names, "refit window")
    return replace(ensemble, members=fit_members(rows, with_chosen_trees(settings, ensemble)))


def with_chosen_trees(settings: FraudSettings, ensemble: FraudEnsemble) -> FraudSettings:
    """The settings with the number of trees that the ensemble's XGBoost member has."""
    booster = ensemble.members["xgboost"]
    if not isinstance(booster, BoosterMember):
        raise PermanentError(
            f"the xgboost member is a {type(booster).__name__}",
            where="refit of the fraud ensemble",
            fix="fit the ensemble with an XGBoost booster as that member",
        )
    chosen = settings.xgboost.model_copy(update={"n_estimators": booster.trees})
    return settings.model_copy(update={"xgboost": chosen})


def _labelled(X: pd.DataFrame, y: ArrayLike, names: tuple[str, ...], where: str) -> LabelledMatrix:
    matrix = feature_matrix(X, names)
    return LabelledMatrix(matrix, binary_labels(y, rows=len(matrix), where=where))


def _feature_names(X: pd.DataFrame) -> tuple[str, ...]:
    names = tuple(str(name) for name in X.columns)
    if len(set(names)) < len(names):
        raise PermanentError(
            "two features have the same name",
            where="columns of the training features",
            fix="name each feature once",
        )
    return names
