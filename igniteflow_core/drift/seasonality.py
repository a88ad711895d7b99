"""Weights that match the weekdays of both samples, so that a weekly pattern is not drift."""

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from igniteflow_core.drift.bins import FloatArray

DayArray = NDArray[np.datetime64]
"""Days as datetime64[D]."""

_MONDAY = np.datetime64(date(1970, 1, 5), "D")


def days_of(frame: pd.DataFrame) -> DayArray:
    """The column event_date as an array, shape (rows,)."""
    return np.asarray(pd.to_datetime(frame["event_date"]).to_numpy(), dtype="datetime64[D]")


def weekday_weights(reference: DayArray, current: DayArray) -> FloatArray | None:
    """Weights of the reference's rows, shape (rows,), that match the weekdays of ``current``.

    The weight of a row is its weekday's share of the current rows over that of the reference
    (post-stratification; Holt and Smith, 1979); the weights add up to the number of rows. None if
    the reference lacks a weekday that the current rows have.
    """
    before, after = (
        np.bincount(_weekday(days), minlength=7) / max(days.size, 1)
        for days in (reference, current)
    )
    if np.any((after > 0) & (before == 0)):
        return None
    ratio = np.divide(after, before, out=np.zeros(7), where=before > 0)
    return np.asarray(ratio[_weekday(reference)], dtype=np.float64)


def _weekday(days: DayArray) -> NDArray[np.int64]:
    return (days - _MONDAY).astype(np.int64) % 7
