"""Fraud in money and alerts, day by day, by the scores that were given on that day."""

from datetime import timedelta
from typing import Final

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.errors import InsufficientDataError
from igniteflow_core.schemas.transactions import FRAUD_SCORES

SHOWN_DAYS: Final = 90


def fraud_days(
    scores: DataFrame, transactions: DataFrame, newest_days: int = SHOWN_DAYS
) -> pd.DataFrame:
    """What the alerts of each of the newest days caught and missed.

    Args:
        scores: as FRAUD_SCORES.
        transactions: as TRANSACTIONS, for the labels.
        newest_days: number of days to report, counted back from the newest score.

    Returns:
        A row a day, oldest first: event_date; transactions; alerts; labelled and labelled_alerts,
        those of either whose label is known; frauds and caught_frauds among them; precision (NaN
        without labelled alerts); recall (NaN without frauds); caught_amount and missed_amount in
        the currency of the source; model_version, several joined by commas.

    Raises:
        InsufficientDataError: nothing has been scored.
    """
    newest = scores.agg(F.max("event_date")).collect()[0][0]
    if newest is None:
        raise InsufficientDataError(
            "there are no scores to report on",
            where=FRAUD_SCORES.name,
            fix="materialize the partitions of fraud_scores first",
        )
    recent = F.col("event_date") > newest - timedelta(days=newest_days)
    labels = transactions.where(recent).select("transaction_id", "is_fraud")
    alert = F.col("is_alert").cast("int")
    fraud = F.coalesce(F.col("is_fraud"), F.lit(0))
    days = (
        scores.where(recent)
        .join(labels, "transaction_id", "left")
        .groupBy("event_date")
        .agg(
            F.count("*").alias("transactions"),
            F.sum(alert).alias("alerts"),
            F.count("is_fraud").alias("labelled"),
            F.coalesce(F.sum(F.when(F.col("is_fraud").isNotNull(), alert)), F.lit(0)).alias(
                "labelled_alerts"
            ),
            F.sum(fraud).alias("frauds"),
            F.sum(fraud * alert).alias("caught_frauds"),
            F.sum(F.col("amount") * fraud * alert).alias("caught_amount"),
            F.sum(F.col("amount") * fraud * (1 - alert)).alias("missed_amount"),
            F.array_join(F.sort_array(F.collect_set("model_version")), ", ").alias("model_version"),
        )
        .toPandas()
        .sort_values("event_date", ignore_index=True)
    )
    return days.assign(
        precision=days["caught_frauds"] / days["labelled_alerts"].where(lambda n: n > 0),
        recall=days["caught_frauds"] / days["frauds"].where(lambda n: n > 0),
    )
