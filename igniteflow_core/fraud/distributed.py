"""Training where the rows outgrow one machine: XGBoost on Spark, the forests on a part."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from xgboost.spark import SparkXGBClassifier

from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.errors import InsufficientDataError
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.fraud.ensemble import FraudEnsemble, combine_members, with_chosen_trees
from igniteflow_core.fraud.inputs import ModelInputs
from igniteflow_core.fraud.matrix import feature_matrix
from igniteflow_core.fraud.members import (
    EARLY_STOPPING_METRIC,
    BoosterMember,
    Member,
    MemberName,
    fit_isolation_forest,
    fit_random_forest,
    xgboost_parameters,
)
from igniteflow_core.fraud.training import with_chosen_threshold
from igniteflow_core.fraud.windows import DayWindow, FraudWindows

_IS_VALIDATION = "is_validation"

_MARGIN = 1.1
"""A draw by chance is sometimes short of what is wanted."""


def train_ensemble_on_spark(
    frame: DataFrame, windows: FraudWindows, settings: FraudSettings
) -> FraudEnsemble:
    """As ``train_ensemble``, but only the validation rows and the forests' part leave Spark.

    Args:
        frame: as FRAUD_TRAINING_SET.
        windows: which of its days are used for what.
        settings: members, threshold policy, and the number of workers.

    Raises:
        InsufficientDataError: a window holds only one class.
    """
    validation = _days(frame, windows.validation).toPandas()
    ensemble = combine_members(
        fit_members_on_spark(
            _days(frame, windows.train), settings, _days(frame, windows.validation)
        ),
        ModelInputs(features=FEATURE_NAMES),
        validation,
        validation["is_fraud"],
        settings,
    )
    chosen = with_chosen_threshold(ensemble, validation, settings)
    refit = _days(frame, windows.refit)
    return replace(chosen, members=fit_members_on_spark(refit, with_chosen_trees(settings, chosen)))


def _days(frame: DataFrame, window: DayWindow) -> DataFrame:
    return frame.where(F.col("event_date").between(window.first_day, window.last_day))


def fit_members_on_spark(
    rows: DataFrame, settings: FraudSettings, validation: DataFrame | None = None
) -> Mapping[MemberName, Member]:
    """All members, of which only the forests' part of the rows comes to the driver.

    XGBoost sees every row, in as many Spark tasks at once as ``spark_workers`` says; its trees are
    grown together by all of them. The random forest takes all frauds and ``negatives_per_fraud``
    others for each anyway, and the isolation forest no more than trees times ``max_samples`` rows.

    Args:
        rows: as FRAUD_TRAINING_SET, only the days to train on.
        settings: of the members, the number of workers, and the seed.
        validation: later rows, see ``members.fit_xgboost``.

    Raises:
        InsufficientDataError: the rows hold only one class.
    """
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
    wanted = max(
        frauds * forest.negatives_per_fraud, isolation.n_estimators * isolation.max_samples
    )
    share = min(1.0, _MARGIN * wanted / others)
    part = rows.where((F.col("is_fraud") == 1) | (F.rand(settings.seed) < share)).toPandas()
    X, y = feature_matrix(part, FEATURE_NAMES), part["is_fraud"].to_numpy()
    # The isolation forest learns what is usual, so it sees both classes in their true proportion.
    as_usual = (y == 0) | (np.random.default_rng(settings.seed).random(len(y)) < share)
    return {
        "isolation_forest": fit_isolation_forest(X[as_usual], settings),
        "random_forest": fit_random_forest(X, y, settings),
        "xgboost": _fit_xgboost(rows, settings, validation),
    }


def _fit_xgboost(
    rows: DataFrame, settings: FraudSettings, validation: DataFrame | None
) -> BoosterMember:
    chosen = settings.xgboost
    stopping: dict[str, Any] = {}
    if validation is not None:
        stopping = {
            "early_stopping_rounds": chosen.early_stopping_rounds,
            "validation_indicator_col": _IS_VALIDATION,
        }
        rows = rows.withColumn(_IS_VALIDATION, F.lit(False)).unionByName(
            validation.withColumn(_IS_VALIDATION, F.lit(True))
        )
    classifier = SparkXGBClassifier(
        features_col=list(FEATURE_NAMES),
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
