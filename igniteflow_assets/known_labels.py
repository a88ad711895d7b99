"""The labels of transactions as of a point in time, for training, evaluation and features."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
from pyspark.sql import DataFrame

from igniteflow_core.config.settings import Settings
from igniteflow_core.fraud.known_labels import (
    labels_after_delay,
    labels_known_at,
    labels_then,
    settled_until,
)
from igniteflow_core.schemas.labels import LABELS
from igniteflow_resources.lake.tables import LakeResource


def labelled_by_now(transactions: DataFrame, lake: LakeResource, settings: Settings) -> DataFrame:
    """Return the transactions with the labels known now, for training and evaluation."""
    if not lake.exists(LABELS.name):
        return transactions
    now, zone = datetime.now(UTC), settings.sources.time_zone
    maturity = _maturity_days(settings)
    settled = None if maturity is None else settled_until(now, maturity, zone)
    return labels_known_at(transactions, lake.read(LABELS.name), now, settled=settled)


def labelled_after_delay(
    transactions: DataFrame, lake: LakeResource, settings: Settings
) -> DataFrame:
    """Return the transactions with the labels that features may use."""
    if not lake.exists(LABELS.name):
        return transactions
    return labels_after_delay(
        transactions,
        lake.read(LABELS.name),
        timedelta(days=settings.fraud.label_delay_days),
        come_apart=settings.sources.labels is not None,
    )


def labels_when_day_began(
    transactions: DataFrame, lake: LakeResource, settings: Settings, day: date
) -> pd.DataFrame:
    """Return the result of ``labels_then`` for a day."""
    if not lake.exists(LABELS.name):
        return pd.DataFrame(columns=["transaction_id", "is_fraud"])
    return labels_then(
        transactions,
        lake.read(LABELS.name),
        day,
        maturity_days=_maturity_days(settings),
        time_zone=settings.sources.time_zone,
    )


def _maturity_days(settings: Settings) -> int | None:
    """Return the age at which a transaction without a label counts as genuine.

    None if labels are delivered with the transactions.
    """
    return None if settings.sources.labels is None else settings.fraud.settled_days
