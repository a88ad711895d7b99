"""Training the fraud ensemble from the training set, and evaluating it on the test window."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.config.fraud import EntitySettings, FraudSettings
from igniteflow_core.errors import InsufficientDataError, PermanentError
from igniteflow_core.features.contract import FRAUD_FEATURES_TABLE, with_features
from igniteflow_core.features.declared import declared_features, feature_names
from igniteflow_core.fraud.comparison import ModelComparison, compare_models
from igniteflow_core.fraud.ensemble import FraudEnsemble, fit_ensemble, refit_members
from igniteflow_core.fraud.evaluation import LabelledTransactions
from igniteflow_core.fraud.fit_inputs import fit_inputs
from igniteflow_core.fraud.own_choice import gains_of_own_columns, helpful
from igniteflow_core.fraud.threshold import choose_threshold
from igniteflow_core.fraud.windows import DayWindow, FraudWindows, chronological_windows
from igniteflow_core.ingestion.own_columns import with_declared
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.schemas.own_columns import NO_OWN_COLUMNS, OwnColumns, with_own_columns
from igniteflow_core.schemas.transactions import TRANSACTIONS

FRAUD_TRAINING_SET = TableContract(
    name="fraud_training_set",
    description="Features and known labels of the days of the training, validation and test "
    "windows",
    columns=(
        *FRAUD_FEATURES_TABLE.columns,
        TRANSACTIONS.column("is_fraud").model_copy(
            update={"nullable": False, "description": "1 for fraud, 0 for none"}
        ),
    ),
    key=("transaction_id",),
)


def training_set_contract(entities: Sequence[EntitySettings], own: OwnColumns) -> TableContract:
    """FRAUD_TRAINING_SET with the own columns and the features of the declared entities."""
    return with_features(with_own_columns(FRAUD_TRAINING_SET, own), declared_features(entities))


def training_set(
    features: DataFrame,
    transactions: DataFrame,
    settings: FraudSettings,
    own: OwnColumns = NO_OWN_COLUMNS,
) -> DataFrame:
    """The rows of FRAUD_TRAINING_SET, up to the newest day whose labels are known.

    Args:
        features: features as FRAUD_FEATURES_TABLE.
        transactions: transactions as TRANSACTIONS, for the labels; rows without one are left out.
        settings: lengths of the windows.
        own: the declared columns.

    Raises:
        InsufficientDataError: there are no features or no labels, or too few days of them.
    """
    first_day, last_day = days_with_labels(features, transactions)
    windows = chronological_windows(last_day, settings)
    windows.require_data_from(first_day)
    return labelled_features(features, transactions, windows.first_day, own, settings.entities)


def days_with_features(features: DataFrame) -> tuple[date, date]:
    """The first and the last day of FRAUD_FEATURES_TABLE.

    Raises:
        InsufficientDataError: the table is empty.
    """
    first_day, last_day = features.agg(F.min("event_date"), F.max("event_date")).collect()[0]
    if last_day is None:
        raise InsufficientDataError(
            "there are no features to train on",
            where=FRAUD_FEATURES_TABLE.name,
            fix="materialize the partitions of fraud_features first",
        )
    return first_day, last_day


def days_with_labels(features: DataFrame, transactions: DataFrame) -> tuple[date, date]:
    """The first day of FRAUD_FEATURES_TABLE, and the newest day with labels.

    Raises:
        InsufficientDataError: the table is empty, or there are no labels.
    """
    first_day, last_day = days_with_features(features)
    known = F.col("is_fraud").isNotNull() & (F.col("event_date") <= last_day)
    newest = transactions.where(known).agg(F.max("event_date")).collect()[0][0]
    if newest is None:
        raise InsufficientDataError(
            "there are no labels to train on",
            where=TRANSACTIONS.name,
            fix="map the column is_fraud of the source, or wait until its labels are delivered",
        )
    return first_day, newest


def labelled_features(
    features: DataFrame,
    transactions: DataFrame,
    first_day: date,
    own: OwnColumns = NO_OWN_COLUMNS,
    entities: Sequence[EntitySettings] = (),
) -> DataFrame:
    """The rows of FRAUD_TRAINING_SET, with the own columns, from ``first_day`` on.

    Raises:
        PermanentError: features of the declared entities were never computed.
    """
    contract = training_set_contract(entities, own)
    missing = sorted(set(contract.column_names) - {*features.columns, *own, "is_fraud"})
    if missing:
        raise PermanentError(
            f"the table of features has no columns {', '.join(missing)}",
            where=FRAUD_FEATURES_TABLE.name,
            fix="materialize fraud_features for all days that are trained on",
        )
    labels = transactions.where(F.col("event_date") >= first_day).select(
        "transaction_id", "is_fraud"
    )
    return (
        with_declared(features, own)
        .where(F.col("event_date") >= first_day)
        .join(labels.where("is_fraud IS NOT NULL"), "transaction_id")
        .select(contract.column_names)
    )


def windows_of(frame: pd.DataFrame, settings: FraudSettings) -> FraudWindows:
    """The windows that end on the newest day of the training set."""
    newest: date = frame["event_date"].max()
    return chronological_windows(newest, settings)


def rows_of(frame: pd.DataFrame, window: DayWindow) -> pd.DataFrame:
    """The rows of the training set whose event lies in the window, in the order of their ids.

    Spark reads the rows of a table in any order, and random samples depend on the order.
    """
    inside = frame["event_date"].between(window.first_day, window.last_day)
    return frame[inside].sort_values("transaction_id")


def train_ensemble(
    frame: pd.DataFrame,
    windows: FraudWindows,
    settings: FraudSettings,
    own: OwnColumns = NO_OWN_COLUMNS,
) -> FraudEnsemble:
    """Fit on train, choose on validation, then fit the members again on the refit window.

    Args:
        frame: rows as FRAUD_TRAINING_SET with the own columns and the features of the settings'
            entities.
        windows: days of each window.
        settings: settings of the members, and threshold policy.
        own: declared columns; ``own_choice`` selects those that the model uses.

    Raises:
        InsufficientDataError: a window holds only one class.
    """
    train, validation = rows_of(frame, windows.train), rows_of(frame, windows.validation)
    taken = helpful(own, gains_of_own_columns(train, validation, settings, own))
    names = feature_names(settings.entities)
    fitted = fit_inputs(train, taken, names)
    ensemble = fit_ensemble(
        fitted.matrix,
        train["is_fraud"],
        validation,
        validation["is_fraud"],
        validation["event_date"],
        settings,
        fitted.inputs,
    )
    refit = rows_of(frame, windows.refit)
    refitted = fit_inputs(refit, taken, names)
    return refit_members(
        with_chosen_threshold(ensemble, validation, settings),
        refitted.matrix,
        refit["is_fraud"],
        settings,
        refitted.inputs,
    )


def with_chosen_threshold(
    ensemble: FraudEnsemble, validation: pd.DataFrame, settings: FraudSettings
) -> FraudEnsemble:
    """The ensemble with the alert threshold that the policy chooses on the validation rows."""
    threshold = choose_threshold(
        ensemble.predict_proba(validation),
        validation["is_fraud"].to_numpy(),
        validation["amount"].to_numpy(),
        validation["event_date"].to_numpy(),
        settings.threshold,
    )
    return ensemble.with_threshold(threshold)


def labelled_transactions(test: pd.DataFrame) -> LabelledTransactions:
    """The data of the test rows that the evaluation needs."""
    return LabelledTransactions(
        labels=test["is_fraud"].to_numpy(),
        amounts=test["amount"].to_numpy(dtype=np.float64),
        days=test["event_date"].to_numpy(),
        customers=test["customer_id"].to_numpy(),
    )


def evaluate_ensemble(
    ensemble: FraudEnsemble, frame: pd.DataFrame, windows: FraudWindows, settings: FraudSettings
) -> ModelComparison:
    """Compare the ensemble, its members and logistic regression on the test window."""
    train, test = rows_of(frame, windows.refit), rows_of(frame, windows.test)
    return compare_models(
        ensemble,
        train_X=train,
        train_y=train["is_fraud"],
        test_X=test,
        test=labelled_transactions(test),
        settings=settings,
    )
