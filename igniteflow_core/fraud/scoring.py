"""Scores of a Spark table of features by an ensemble, spread over the executors."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame

from igniteflow_core.decisions.compiled import CompiledPolicy
from igniteflow_core.decisions.table import decide_table
from igniteflow_core.fraud.ensemble import FraudEnsemble
from igniteflow_core.fraud.reasons import Reason, top_reasons
from igniteflow_core.schemas.transactions import FRAUD_SCORES

REASONS_PER_ALERT: Final = 3


def score_transactions(
    features: DataFrame, ensemble: FraudEnsemble, model_version: str, policy: CompiledPolicy
) -> DataFrame:
    """The table FRAUD_SCORES for a table of features; lazy.

    Args:
        features: features as FRAUD_FEATURES_TABLE.
        ensemble: ensemble that scores; it is sent to the executors once.
        model_version: version that is recorded with each score.
        policy: decision policy.
    """
    shared = features.sparkSession.sparkContext.broadcast((ensemble, policy))

    def score(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for batch in batches:
            yield batch.assign(
                **scores_and_reasons(*shared.value, batch), model_version=model_version
            )[FRAUD_SCORES.column_names]

    return features.mapInPandas(score, FRAUD_SCORES.ddl)


def scores_and_reasons(
    ensemble: FraudEnsemble, policy: CompiledPolicy, batch: pd.DataFrame
) -> dict[str, Any]:
    """The computed columns of FRAUD_SCORES for the rows of a table of features.

    Args:
        ensemble: ensemble that scores.
        policy: decision policy.
        batch: rows as FRAUD_FEATURES_TABLE, with the own columns.
    """
    scores = ensemble.predict_proba(batch)
    decisions = decide_table(policy, batch, scores, ensemble.threshold)
    is_alert = decisions.is_alert
    reasons: list[list[Reason]] = [[] for _ in scores]
    if is_alert.any():
        found = top_reasons(ensemble, batch[is_alert], REASONS_PER_ALERT)
        for row, of_alert in zip(np.flatnonzero(is_alert), found, strict=True):
            reasons[row] = of_alert
    return {
        "score": scores,
        **policy.columns_of_decisions(decisions),
        "reasons": [[reason.feature for reason in each] for each in reasons],
        "reason_contributions": [[reason.contribution for reason in each] for each in reasons],
    }
