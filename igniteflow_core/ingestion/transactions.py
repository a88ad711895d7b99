"""Validates delivered transactions; rejected rows have reasons."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.ingestion.own_columns import own_faults, own_values, with_declared
from igniteflow_core.ingestion.rules import (
    add_reason_to_repeats,
    broken_ids,
    text_of,
    value_of,
    with_reasons,
    with_texts,
)
from igniteflow_core.schemas.own_columns import (
    NO_OWN_COLUMNS,
    OwnColumns,
    with_own_columns,
    with_own_texts,
)
from igniteflow_core.schemas.transactions import (
    QUARANTINED_TRANSACTIONS,
    TRANSACTION_SOURCE_COLUMNS,
    TRANSACTIONS,
)
from igniteflow_core.values.form import PLAIN, ValueForm
from igniteflow_core.values.rules import LARGEST_AMOUNT, Clock
from igniteflow_core.values.spark import (
    implausible,
    label,
    local_day,
    number,
    text,
    utc_time,
)

_DUPLICATE = "duplicate_id"
_VALUES = ("event_time", "amount", "is_fraud")


def judge_transactions(
    raw: DataFrame,
    known: DataFrame,
    clock: Clock,
    form: ValueForm = PLAIN,
    own: OwnColumns = NO_OWN_COLUMNS,
) -> DataFrame:
    """Every row of RAW_TRANSACTIONS, with its values and the ``reasons`` for a rejection.

    A row's event must be on the day it was delivered for, which is a day of the clock's zone. Of
    rows with one transaction_id the first is accepted, in order of delivery day, file and content;
    the column transaction_id of ``known`` has the ids that were already delivered on other days.
    """
    columns = (*TRANSACTION_SOURCE_COLUMNS, *own)
    texts = with_texts(with_declared(raw, own, as_text=True), columns, form)
    rows = _with_values(texts, clock, form, own)
    time, amount = F.col(value_of("event_time")), F.col(value_of("amount"))
    label_missing = F.col(text_of("is_fraud")).isNull()
    judged = with_reasons(
        rows,
        {
            **broken_ids("transaction_id", "customer_id", "terminal_id"),
            "invalid_event_time": time.isNull(),
            **implausible(time, clock),
            "outside_day": local_day(time, clock.time_zone) != F.col("delivery_date"),
            "invalid_amount": amount.isNull(),
            "negative_amount": amount < 0,
            "amount_too_large": amount > LARGEST_AMOUNT,
            "invalid_label": ~label_missing & F.col(value_of("is_fraud")).isNull(),
            **own_faults(own),
        },
    )
    content = [F.col(name) for name in columns]
    order = [F.col("delivery_date"), F.col("source_file"), *content]
    transaction_id = F.col(text_of("transaction_id"))
    unique = add_reason_to_repeats(judged, [transaction_id], order, _DUPLICATE)
    ids = known.select(F.col("transaction_id").alias("known_id")).distinct()
    repeated = (F.size("reasons") == 0) & F.col("known_id").isNotNull()
    return (
        unique.join(ids, transaction_id == F.col("known_id"), "left")
        .withColumn(
            "reasons",
            F.when(repeated, F.array(F.lit(_DUPLICATE))).otherwise(F.col("reasons")),
        )
        .drop("known_id", *(text_of(name) for name in (*_VALUES, *own)))
    )


def _with_values(rows: DataFrame, clock: Clock, form: ValueForm, own: OwnColumns) -> DataFrame:
    texts = {name: F.col(text_of(name)) for name in _VALUES}
    values = {
        "event_time": utc_time(texts["event_time"], clock.time_zone, form),
        "amount": number(texts["amount"], form),
        "is_fraud": label(texts["is_fraud"], form),
    }
    return rows.select(
        "*",
        *(value.alias(value_of(name)) for name, value in values.items()),
        *own_values(own, form, clock.time_zone),
    )


def accepted_transactions(judged: DataFrame, own: OwnColumns = NO_OWN_COLUMNS) -> DataFrame:
    """The rows without a reason, as TRANSACTIONS with the own columns."""
    ids = ("transaction_id", "customer_id", "terminal_id")
    return (
        judged.where(F.size("reasons") == 0)
        .select(
            *(F.col(text_of(name)).alias(name) for name in ids),
            *(F.col(value_of(name)).alias(name) for name in (*_VALUES, *own)),
            F.col("delivery_date").alias("event_date"),
        )
        .select(with_own_columns(TRANSACTIONS, own).column_names)
    )


def quarantined_transactions(judged: DataFrame, own: OwnColumns = NO_OWN_COLUMNS) -> DataFrame:
    """The rows with a reason, as QUARANTINED_TRANSACTIONS with the own columns."""
    contract = with_own_texts(QUARANTINED_TRANSACTIONS, own)
    return judged.where(F.size("reasons") > 0).select(contract.column_names)


def days_to_judge_together(quarantined: DataFrame, transactions: DataFrame) -> DataFrame:
    """The duplicates whose rejection depended on the order of deliveries.

    If days are validated together, the row of the earliest day counts. If they are validated one
    by one, a day that is delivered late is rejected because a later day has the id, and a day that
    is delivered again without a row leaves the duplicates of that row rejected.

    Args:
        quarantined: the days of QUARANTINED_TRANSACTIONS to check.
        transactions: TRANSACTIONS, with every day that can contain their originals.

    Returns:
        For each such row its own day as ``first_day``, and as ``last_day`` the day of the row that
        is kept, or its own day if none is.
    """
    duplicates = quarantined.where(F.col("reasons") == F.array(F.lit(_DUPLICATE))).select(
        text("transaction_id").alias("id"), F.col("delivery_date").alias("first_day")
    )
    kept = transactions.select(F.col("transaction_id").alias("id"), "event_date")
    originals = (
        duplicates.distinct()
        .join(kept, "id", "left")
        .groupBy("id", "first_day")
        .agg(F.min("event_date").alias("kept_on"))
    )
    wrong = F.col("kept_on").isNull() | (F.col("kept_on") > F.col("first_day"))
    return originals.where(wrong).select(
        "first_day", F.coalesce("kept_on", "first_day").alias("last_day")
    )
