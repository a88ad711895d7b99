"""Distributed training: XGBoost on Spark with all rows, the forests on a sample of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from xgboost.spark import SparkXGBClassifier

from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.errors import InsufficientDataError
from igniteflow_core.features.declared import feature_names
from igniteflow_core.fraud.ensemble import FraudEnsemble, combine_members, with_chosen_trees
from igniteflow_core.fraud.fit_inputs import TrainingInputs
from igniteflow_core.fraud.inputs_on_spark import INPUTS, encoded_rows, fit_inputs_on_spark
from igniteflow_core.fraud.matrix import input_matrix
from igniteflow_core.fraud.members import (
    EARLY_STOPPING_METRIC,
    BoosterMember,
    Member,
    MemberName,
    fit_isolation_forest,
    fit_random_forest,
    xgboost_parameters,
)
from igniteflow_core.fraud.own_choice import gains_of_own_columns, helpful
from igniteflow_core.fraud.training import with_chosen_threshold
from igniteflow_core.fraud.windows import DayWindow, FraudWindows
from igniteflow_core.schemas.own_columns import NO_OWN_COLUMNS, OwnColumns, inputs_of_models

_IS_VALIDATION = "is_validation"

_MARGIN = 1.1
"""Oversampling factor, because a random sample can have fewer rows than requested."""


def train_ensemble_on_spark(
    frame: DataFrame,
    windows: FraudWindows,
    settings: FraudSettings,
    own: OwnColumns = NO_OWN_COLUMNS,
) -> FraudEnsemble:
    """Train as ``train_ensemble`` does; only the validation rows and a sample leave Spark.

    Own columns are evaluated on the sample that the forests are fitted on. Encodings are
    fitted on all rows.

    Args:
        frame: rows as FRAUD_TRAINING_SET with the own columns and the features of the settings'
            entities.
        windows: days of each window.
        settings: members, threshold policy, and the number of workers.
        own: declared columns; ``own_choice`` selects those that the model uses.

    Raises:
        InsufficientDataError: a window holds only one class.
    """
    train, later = _days(frame, windows.train), _days(frame, windows.validation)
    refit, names = _days(frame, windows.refit), feature_names(settings.entities)
    validation = later.toPandas()
    own = inputs_of_models(own)
    if own:
        part = _forests_part(train, settings).rows
        own = helpful(own, gains_of_own_columns(part, validation, settings, own))
    fitted = fit_inputs_on_spark(train, own, names)
    ensemble = combine_members(
        fit_members_on_spark(train, fitted, settings, later),
        fitted.inputs,
        validation,
        validation["is_fraud"],
        validation["event_date"],
        settings,
    )
    chosen = with_chosen_threshold(ensemble, validation, settings)
    refitted = fit_inputs_on_spark(refit, own, names)
    members = fit_members_on_spark(refit, refitted, with_chosen_trees(settings, chosen))
    return replace(chosen, inputs=refitted.inputs, members=members)


def _days(frame: DataFrame, window: DayWindow) -> DataFrame:
    return frame.where(F.col("event_date").between(window.first_day, window.last_day))


def fit_members_on_spark(
    rows: DataFrame,
    fitted: TrainingInputs,
    settings: FraudSettings,
    validation: DataFrame | None = None,
) -> Mapping[MemberName, Member]:
    """Fit all members; only the sample for the forests is collected to the driver.

    XGBoost sees every row, in as many Spark tasks at once as ``spark_workers`` says; its trees are
    grown together by all of them. The random forest takes all frauds and ``negatives_per_fraud``
    others for each anyway, and the isolation forest no more than trees times ``max_samples`` rows.

    Args:
        rows: rows as FRAUD_TRAINING_SET, of the days to train on.
        fitted: inputs that were fitted on these rows.
        settings: settings of the members, number of workers, and seed.
        validation: later rows, see ``members.fit_xgboost``.

    Raises:
        InsufficientDataError: the rows hold only one class.
    """
    part = _forests_part(rows, settings)
    X, y = fitted.matrix(part.rows), part.rows["is_fraud"].to_numpy()
    # The isolation forest learns what is normal, so it sees both classes in their true proportion.
    as_usual = (y == 0) | (np.random.default_rng(settings.seed).random(len(y)) < part.share)
    return {
        "isolation_forest": fit_isolation_forest(X[as_usual], settings),
        "random_forest": fit_random_forest(X, y, settings),
        "xgboost": _fit_xgboost(rows, fitted, settings, validation),
    }


@dataclass(frozen=True)
class _Part:
    """All frauds and a share of the other rows, in the order of their ids."""

    rows: pd.DataFrame
    share: float


def _forests_part(rows: DataFrame, settings: FraudSettings) -> _Part:
    counts = {
        row["is_fraud"]: int(row["count"]) for row in rows.groupBy("is_fraud").count().collect()
    }
    frauds, others = counts.get(1, 0), counts.get(0, 0)
    if not frauds or not others:
        raise InsufficientDataError(
            f"{frauds} frauds and {others} other transactions",
            where="distributed training of the fraud ensemble",
            fix="train on more days, or check that labels arrive",
        )
    isolation, forest = settings.isolation_forest, settings.random_forest
    target = max(
        frauds * forest.negatives_per_fraud, isolation.n_estimators * isolation.max_samples
    )
    share = min(1.0, _MARGIN * target / others)
    drawn = rows.where((F.col("is_fraud") == 1) | (F.rand(settings.seed) < share))
    return _Part(drawn.toPandas().sort_values("transaction_id"), share)


def _fit_xgboost(
    rows: DataFrame,
    fitted: TrainingInputs,
    settings: FraudSettings,
    validation: DataFrame | None,
) -> BoosterMember:
    chosen, inputs = settings.xgboost, fitted.inputs
    rows = encoded_rows(rows, inputs.columns, fitted.matrix)
    stopping: dict[str, Any] = {}
    if validation is not None:
        stopping = {
            "early_stopping_rounds": chosen.early_stopping_rounds,
            "validation_indicator_col": _IS_VALIDATION,
        }
        rows = rows.withColumn(_IS_VALIDATION, F.lit(False)).unionByName(
            encoded_rows(
                validation, inputs.columns, lambda later: input_matrix(later, inputs)
            ).withColumn(_IS_VALIDATION, F.lit(True))
        )
    classifier = SparkXGBClassifier(
        features_col=INPUTS,
        label_col="is_fraud",
        num_workers=settings.spark_workers,
        n_estimators=chosen.n_estimators,
        random_state=settings.seed,
        eval_metric=EARLY_STOPPING_METRIC,
        **xgboost_parameters(chosen),
        **stopping,
    )
    booster = classifier.fit(rows).get_booster()
    if validation is not None:
        booster = booster[: booster.best_iteration + 1]
    return BoosterMember.from_bytes(bytes(booster.save_raw("ubj")))
