"""The label of each transaction as it was known at a given time.

The latest label of a transaction that was known at the time is used; of two labels that became
known at the same moment, fraud. A transaction without such a label keeps the label that it was
delivered with. If labels are delivered separately, a transaction without any label finally counts
as genuine.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

_LABEL = "is_fraud"
_LATEST = "latest_label"
_GENUINE = 0


def settled_until(as_of: datetime, maturity_days: int, time_zone: str) -> date:
    """The newest day that ended at least ``maturity_days`` days ago.

    Args:
        as_of: reference time, with its time zone.
        maturity_days: age from which a transaction without a label counts as genuine.
        time_zone: time zone of the days.
    """
    today = as_of.astimezone(ZoneInfo(time_zone)).date()
    return today - timedelta(days=maturity_days + 1)


def labels_known_at(
    transactions: DataFrame, labels: DataFrame, as_of: datetime, *, settled: date | None
) -> DataFrame:
    """The transactions with ``is_fraud`` as known at a time, for training and evaluation.

    Args:
        transactions: transactions of any days, as TRANSACTIONS.
        labels: labels as LABELS.
        as_of: reference time, with its time zone; labels that became known later are left out.
        settled: if labels are delivered separately, the last day on which a transaction without a
            label counts as genuine, else None. A transaction of a later day has no label: fraud is
            usually labelled sooner than genuine transactions, so nearly all labels of recent
            transactions would be fraud.
    """
    known = F.coalesce(_LATEST, _LABEL)
    if settled is not None:
        in_the_end = F.coalesce(known, F.lit(_GENUINE))
        is_settled = F.col("event_date") <= F.lit(settled)
        known = F.when(is_settled, in_the_end)
    return _labelled(transactions, labels, F.lit(as_of), known)


def labels_after_delay(
    transactions: DataFrame, labels: DataFrame, label_delay: timedelta, *, come_apart: bool
) -> DataFrame:
    """The transactions with ``is_fraud`` as it was known after the label delay of each.

    Features use events that are at least as old as the delay, so no feature uses a label before it
    is known, whenever the features are computed.

    Args:
        transactions: transactions of any days, as TRANSACTIONS.
        labels: labels as LABELS.
        label_delay: age of an event from which features use its label.
        come_apart: whether labels are delivered separately, so that no label means no known fraud.
    """
    unlabelled = [F.lit(_GENUINE)] if come_apart else []
    known = F.coalesce(_LATEST, _LABEL, *unlabelled)
    return _labelled(transactions, labels, F.col("event_time") + F.lit(label_delay), known)


def labels_then(
    transactions: DataFrame,
    labels: DataFrame,
    day: date,
    *,
    maturity_days: int | None,
    time_zone: str,
) -> pd.DataFrame:
    """The labels that were known at the start of a day, of transactions labelled later.

    Args:
        transactions: transactions as TRANSACTIONS.
        labels: labels as LABELS.
        day: the day, in the zone of ``time_zone``.
        maturity_days: as for ``settled_until``; None unless labels are delivered separately.
        time_zone: time zone of the days.

    Returns:
        transaction_id and is_fraud, which is missing where no label was known.
    """
    begin = datetime.combine(day, datetime.min.time(), ZoneInfo(time_zone))
    later = labels.where(F.col("known_at") > F.lit(begin)).select("transaction_id").distinct()
    settled = None if maturity_days is None else settled_until(begin, maturity_days, time_zone)
    relabelled = transactions.join(later, "transaction_id", "left_semi")
    known = labels_known_at(relabelled, labels, begin, settled=settled)
    return known.select("transaction_id", _LABEL).toPandas()


def with_labels_then(frame: pd.DataFrame, then: pd.DataFrame, day: date) -> pd.DataFrame:
    """The rows with the labels of earlier days as they were known at the start of a day.

    Args:
        frame: rows with transaction_id, event_date and is_fraud, and any other columns.
        then: labels as ``labels_then`` gives them for the day; rows without one are left out.
        day: the day.
    """
    labels = then.set_index("transaction_id")[_LABEL]
    is_other = (frame["event_date"] < day) & frame["transaction_id"].isin(labels.index)
    if not is_other.any():
        return frame
    label = frame[_LABEL].where(~is_other, frame["transaction_id"].map(labels))
    is_known = label.notna()
    return frame[is_known].assign(**{_LABEL: label[is_known].astype(frame[_LABEL].dtype)})


def _labelled(
    transactions: DataFrame, labels: DataFrame, as_of: Column, known: Column
) -> DataFrame:
    """The transactions with ``known``, which may name the latest label, as ``is_fraud``."""
    in_order = F.sort_array(F.collect_set(F.struct("known_at", _LABEL)))
    histories = labels.groupBy("transaction_id").agg(in_order.alias("history"))
    in_time = F.filter("history", lambda each: each["known_at"] <= as_of)
    return (
        transactions.join(histories, "transaction_id", "left")
        .withColumn(_LATEST, F.try_element_at(in_time, F.lit(-1))[_LABEL])
        .withColumn(_LABEL, known)
        .select(transactions.columns)
    )
