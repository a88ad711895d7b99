"""Windows without drift, and the same windows with one shifted feature."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from benchmarks.drift.data import FIRST_DAY, LABEL_DELAY, WARM_DAY, simulated_features
from benchmarks.drift.detectors import Reference
from benchmarks.drift.planted import planted
from igniteflow_core.config.drift import DriftSettings
from igniteflow_core.drift.columns import watched_features

REFERENCE_DAYS = 28
GAP_DAYS = 7
"""Days between a training and the newest window: the label delay."""

_WEEK = 7
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """The results of a window: the columns that each detector reports, if any."""

    quiet: Mapping[str, frozenset[str]]
    planted: str
    found_by: frozenset[str]


def simulated_windows(seed: int, weeks: int, settings: DriftSettings) -> list[Window]:
    """Return the windows of simulated data."""
    days = REFERENCE_DAYS + GAP_DAYS + settings.current_days + _WEEK * weeks
    rows = simulated_features(seed, WARM_DAY + days * _DAY)
    return rolling_windows(
        rows,
        [WARM_DAY + _WEEK * week * _DAY for week in range(weeks)],
        REFERENCE_DAYS,
        GAP_DAYS,
        settings,
        FIRST_DAY,
    )


def parts_by_customer(rows: pd.DataFrame, parts: int) -> list[pd.DataFrame]:
    """Split the rows by customer, for a data set that is too short for many windows."""
    part = pd.util.hash_array(rows["customer_id"].to_numpy()) % parts
    return [rows[part == number] for number in range(parts)]


def windows_of_part(
    rows: pd.DataFrame, reference_days: int, settings: DriftSettings
) -> list[Window]:
    """Return the windows of one part, with one reference per week."""
    first_day, last_day = rows["event_date"].min(), rows["event_date"].max()
    needed = reference_days + settings.current_days + _WEEK - 1
    weeks = ((last_day - first_day).days + 1 - needed) // _WEEK + 1
    starts = [first_day + _WEEK * week * _DAY for week in range(weeks)]
    return rolling_windows(rows, starts, reference_days, 0, settings, first_day)


def rolling_windows(
    rows: pd.DataFrame,
    starts: Sequence[date],
    reference_days: int,
    gap_days: int,
    settings: DriftSettings,
    data_from: date,
) -> list[Window]:
    """Return the windows of a champion that is retrained every week.

    Each of ``starts`` is followed by ``reference_days`` of training, ``gap_days``, and seven
    current windows that end on consecutive days.
    """
    columns, windows = watched_features(LABEL_DELAY), []
    for start in starts:
        before = _days(rows, start, reference_days)
        reference = Reference.of(before, columns, settings, data_from=data_from)
        for offset in range(_WEEK):
            first = start + (reference_days + gap_days + offset) * _DAY
            current = _days(rows, first, settings.current_days)
            feature, moved = planted(before, current, turn=len(windows))
            windows.append(
                Window(
                    quiet=reference.alarms(current),
                    planted=feature,
                    found_by=reference.found_by(moved, feature),
                )
            )
    return windows


def _days(rows: pd.DataFrame, first: date, days: int) -> pd.DataFrame:
    return rows[rows["event_date"].between(first, first + (days - 1) * _DAY)]
