"""The features that the stream has used beside the batch's of the same transactions."""

from datetime import timedelta

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from igniteflow_core.features.parity import Parity, measure_parity
from igniteflow_core.features.spark import fraud_features
from igniteflow_core.ingestion.own_columns import with_declared
from igniteflow_core.schemas.own_columns import NO_OWN_COLUMNS, OwnColumns

_EVENT = ("transaction_id", "event_time", "customer_id", "terminal_id", "amount", "event_date")


def stream_parity(
    scores: DataFrame,
    transactions: DataFrame,
    customers: DataFrame,
    terminals: DataFrame,
    *,
    label_delay: timedelta,
    own: OwnColumns = NO_OWN_COLUMNS,
) -> Parity:
    """Recompute the features of every transaction of the stream.

    The batch sees the stream's transactions, and of the others those before the first of them,
    from which the online states were made.

    Args:
        scores: as STREAM_SCORES with the own columns, at least one row.
        transactions: as TRANSACTIONS with the own columns; they also tell the labels.
        customers: as CUSTOMERS.
        terminals: as TERMINALS.
        label_delay: time until a label is known.
        own: the declared columns.
    """
    first, first_day, last_day = scores.agg(
        F.min("event_time"), F.min("event_date"), F.max("event_date")
    ).collect()[0]
    labels = transactions.select("transaction_id", "is_fraud")
    events = with_declared(scores, own).select(*_EVENT, *own)
    streamed = events.join(labels, "transaction_id", "left")
    earlier = (
        with_declared(transactions, own)
        .where(F.col("event_time") < F.lit(first))
        .join(scores.select("transaction_id"), "transaction_id", "left_anti")
    )
    recomputed = fraud_features(
        streamed.unionByName(earlier.select(streamed.columns)),
        customers,
        terminals,
        first_day=first_day,
        last_day=last_day,
        label_delay=label_delay,
        own=own,
    )
    return measure_parity(with_order(scores), recomputed)


def with_order(scores: DataFrame) -> DataFrame:
    """Adds ``is_in_order``: no earlier event of the card or the terminal was scored later."""
    latest = [
        F.max("scored_at").over(
            Window.partitionBy(entity)
            .orderBy("event_time", "transaction_id")
            .rowsBetween(Window.unboundedPreceding, Window.currentRow)
        )
        for entity in ("customer_id", "terminal_id")
    ]
    return scores.withColumn("is_in_order", F.greatest(*latest) == F.col("scored_at"))
