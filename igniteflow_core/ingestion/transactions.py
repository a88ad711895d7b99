"""Transactions as delivered → transactions to trust, and the rest with the reasons."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.ingestion.rules import (
    add_reason_to_repeats,
    missing,
    number,
    utc_time,
    with_reasons,
)
from igniteflow_core.schemas.transactions import QUARANTINED_TRANSACTIONS, TRANSACTIONS

_LABELS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1}


def judge_transactions(raw: DataFrame, known: DataFrame, time_zone: str) -> DataFrame:
    """Every row of RAW_TRANSACTIONS, with ``reasons`` why it is no transaction, or none.

    A row's event must lie on the day it was delivered for. Of rows with one transaction_id the
    first is accepted, in order of delivery day, file and content; ``known`` holds in its column
    transaction_id the ids that other days have brought already.
    """
    time = utc_time("event_time", time_zone)
    amount = number("amount")
    label = F.lower(F.trim("is_fraud"))
    judged = with_reasons(
        raw,
        {
            "missing_transaction_id": missing("transaction_id"),
            "missing_customer_id": missing("customer_id"),
            "missing_terminal_id": missing("terminal_id"),
            "invalid_event_time": time.isNull(),
            "outside_day": F.to_date(time) != F.col("delivery_date"),
            "invalid_amount": amount.isNull(),
            "negative_amount": amount < 0,
            "invalid_label": ~missing("is_fraud") & ~label.isin(*_LABELS),
        },
    )
    content = [F.col(name) for name in raw.columns if name not in {"delivery_date", "source_file"}]
    order = [F.col("delivery_date"), F.col("source_file"), *content]
    unique = add_reason_to_repeats(judged, [F.trim("transaction_id")], order, "duplicate_id")
    ids = known.select(F.col("transaction_id").alias("known_id")).distinct()
    repeated = (F.size("reasons") == 0) & F.col("known_id").isNotNull()
    return (
        unique.join(ids, F.trim("transaction_id") == F.col("known_id"), "left")
        .withColumn(
            "reasons",
            F.when(repeated, F.array(F.lit("duplicate_id"))).otherwise(F.col("reasons")),
        )
        .drop("known_id")
    )


def accepted_transactions(judged: DataFrame, time_zone: str) -> DataFrame:
    """The rows without a reason, as TRANSACTIONS."""
    labels = F.create_map(*(F.lit(part) for pair in _LABELS.items() for part in pair))
    return (
        judged.where(F.size("reasons") == 0)
        .select(
            F.trim("transaction_id").alias("transaction_id"),
            utc_time("event_time", time_zone).alias("event_time"),
            F.trim("customer_id").alias("customer_id"),
            F.trim("terminal_id").alias("terminal_id"),
            number("amount").alias("amount"),
            labels[F.lower(F.trim("is_fraud"))].cast("int").alias("is_fraud"),
            F.col("delivery_date").alias("event_date"),
        )
        .select(TRANSACTIONS.column_names)
    )


def quarantined_transactions(judged: DataFrame) -> DataFrame:
    """The rows with a reason, as QUARANTINED_TRANSACTIONS."""
    return judged.where(F.size("reasons") > 0).select(QUARANTINED_TRANSACTIONS.column_names)
