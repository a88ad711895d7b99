"""Scores of a Spark table of features by an ensemble, spread over the executors."""

from collections.abc import Iterator

import pandas as pd
from pyspark.sql import DataFrame

from igniteflow_core.fraud.ensemble import FraudEnsemble
from igniteflow_core.schemas.transactions import FRAUD_SCORES


def score_transactions(
    features: DataFrame, ensemble: FraudEnsemble, model_version: str
) -> DataFrame:
    """The table FRAUD_SCORES for a table of features; lazy.

    Args:
        features: as FRAUD_FEATURES_TABLE.
        ensemble: what scores; it is sent to the executors once.
        model_version: recorded with each score.
    """
    shared = features.sparkSession.sparkContext.broadcast(ensemble)

    def score(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for batch in batches:
            scores = shared.value.predict_proba(batch)
            yield batch.assign(
                score=scores,
                is_alert=scores >= shared.value.threshold,
                model_version=model_version,
            )[FRAUD_SCORES.column_names]

    return features.mapInPandas(score, FRAUD_SCORES.ddl)
