"""Compares the features that the stream has used with the batch's of the same transactions."""

from datetime import timedelta

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.features.own_entities import OwnEntities
from igniteflow_core.features.own_features import features_of
from igniteflow_core.features.parity import Parity, measure_parity
from igniteflow_core.features.spark import entity_id, fraud_features
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
    entities: OwnEntities = (),
) -> Parity:
    """Recompute the features of every transaction of the stream.

    The batch uses the stream's transactions, and the other transactions before the first of them,
    from which the online states were made.

    Args:
        scores: as STREAM_SCORES with own columns and the entities' features, at least one row.
        transactions: as TRANSACTIONS with own columns; they also contain the labels.
        customers: as CUSTOMERS.
        terminals: as TERMINALS.
        label_delay: time until a label is known.
        own: the own columns.
        entities: the declared entities.
    """
    first, first_day, last_day = scores.agg(
        F.min("event_time"), F.min("event_date"), F.max("event_date")
    ).collect()[0]
    labels = transactions.select("transaction_id", "is_fraud")
    streamed = scores.select(*_EVENT, *own).join(labels, "transaction_id", "left")
    earlier = transactions.where(F.col("event_time") < F.lit(first)).join(
        scores.select("transaction_id"), "transaction_id", "left_anti"
    )
    recomputed = fraud_features(
        streamed.unionByName(earlier.select(streamed.columns)),
        customers,
        terminals,
        first_day=first_day,
        last_day=last_day,
        label_delay=label_delay,
        own=own,
        entities=entities,
    )
    names = (*FEATURE_NAMES, *(feature.name for feature in features_of(entities)))
    return measure_parity(with_order(scores, entities), recomputed, names)


def with_order(scores: DataFrame, entities: OwnEntities = ()) -> DataFrame:
    """Adds ``is_in_order``: whether no earlier event of one of its entities was scored later."""
    # An event without an entity is in a group of its own.
    own = [F.coalesce(entity_id(entity), F.col("transaction_id")) for entity in entities]
    latest = [
        F.max("scored_at").over(
            Window.partitionBy(entity)
            .orderBy("event_time", "transaction_id")
            .rowsBetween(Window.unboundedPreceding, Window.currentRow)
        )
        for entity in (F.col("customer_id"), F.col("terminal_id"), *own)
    ]
    return scores.withColumn("is_in_order", F.greatest(*latest) == F.col("scored_at"))
