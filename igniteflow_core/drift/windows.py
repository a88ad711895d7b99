"""The days that are compared, and their rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.config.drift import DriftSettings
from igniteflow_core.drift.columns import WatchedColumn
from igniteflow_core.fraud.windows import DayWindow

_DAY = timedelta(days=1)
_HASH_RANGE = 1_000_000


@dataclass(frozen=True)
class DriftWindows:
    """The days of the reference, empty if its last is before its first, and the newest days."""

    reference: DayWindow
    current: DayWindow


def feature_windows(trained: DayWindow, newest: date, settings: DriftSettings) -> DriftWindows:
    """The days that the champion was trained on, and the newest days; no day is in both."""
    current = DayWindow(newest - (settings.current_days - 1) * _DAY, newest)
    last = min(trained.last_day, current.first_day - _DAY)
    return DriftWindows(DayWindow(trained.first_day, last), current)


def score_windows(
    trained: DayWindow, held_out_days: int, newest: date, settings: DriftSettings
) -> DriftWindows:
    """The ``held_out_days`` after the training window, and the newest days; no day is in both.

    A model is overconfident on its training rows, so their scores are not a valid reference.
    """
    after = DayWindow(trained.last_day + _DAY, trained.last_day + held_out_days * _DAY)
    return feature_windows(after, newest, settings)


def sampled_rows(
    frame: DataFrame,
    windows: DriftWindows,
    columns: tuple[WatchedColumn, ...],
    settings: DriftSettings,
    others: Iterable[str] = (),
    key: Sequence[str] = ("transaction_id",),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of both windows, at most about ``max_rows`` each.

    The same share of both is drawn, by a hash of the row's ``key``, so that a day of either has its
    number of rows, memory does not grow with the table, and the same rows come each time. Columns:
    event_date, the watched ones as numbers, their clusters, and ``others``.
    """
    reference, current = (
        F.col("event_date").between(window.first_day, window.last_day)
        for window in (windows.reference, windows.current)
    )
    sizes = frame.agg(F.count_if(reference), F.count_if(current)).collect()[0]
    share = settings.max_rows / max(*sizes, 1)
    place = F.pmod(F.xxhash64(*key, F.lit(settings.seed)), F.lit(_HASH_RANGE))
    clusters = sorted({column.cluster for column in columns})
    watched = [F.col(column.name).cast("double").alias(column.name) for column in columns]
    drawn = (
        frame.where((reference | current) & (place < share * _HASH_RANGE))
        .select("event_date", *clusters, *watched, *others)
        .toPandas()
    )
    is_reference, is_current = (
        drawn["event_date"].between(window.first_day, window.last_day)
        for window in (windows.reference, windows.current)
    )
    return drawn[is_reference].reset_index(drop=True), drawn[is_current].reset_index(drop=True)
