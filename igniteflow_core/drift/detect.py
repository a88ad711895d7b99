"""Which columns of the newest rows no longer look like those of the reference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_numeric_dtype
from scipy.stats import false_discovery_control

from igniteflow_core.config.drift import DriftSettings
from igniteflow_core.drift.bins import Bins, FloatArray
from igniteflow_core.drift.calibration import Limits, calibrated_limits
from igniteflow_core.drift.clustered_test import (
    CountedSample,
    HomogeneityTest,
    clustered_homogeneity_test,
)
from igniteflow_core.drift.columns import WatchedColumn
from igniteflow_core.drift.effect_size import (
    float_values,
    population_stability_index,
    scaled_wasserstein,
)
from igniteflow_core.drift.report import DriftReport, FeatureDrift
from igniteflow_core.drift.seasonality import DayArray, days_of, weekday_weights
from igniteflow_core.errors import ConfigurationError, InsufficientDataError


@dataclass(frozen=True)
class CalibratedReference:
    """What drift is measured against; see ``calibrate``.

    Attributes:
        frame: the reference's rows.
        columns: what is watched.
        limits: of the columns that have warmed up, by name.
        bins: of the same columns.
        first_days: the day from which on each column has warmed up.
    """

    frame: pd.DataFrame
    columns: tuple[WatchedColumn, ...]
    limits: Mapping[str, Limits]
    bins: Mapping[str, Bins]
    first_days: Mapping[str, np.datetime64]


def calibrate(
    reference: pd.DataFrame,
    columns: Sequence[WatchedColumn],
    settings: DriftSettings,
    *,
    data_from: date,
) -> CalibratedReference:
    """Learn from rows without drift how each column looks and how much it moves by itself.

    Args:
        reference: rows with event_date, the watched columns and their clusters.
        columns: what to watch. One that has fewer than ``min_reference_days`` days from
            ``data_from`` plus its warm-up on is not judged.
        settings: thresholds and level of the calibration.
        data_from: the first day of all data.

    Raises:
        ConfigurationError: a column is no numeric column of it, or there are none.
    """
    _require_numeric(reference, columns, "reference")
    days = days_of(reference)
    limits, bins, first_days = {}, {}, {}
    for column in columns:
        first = np.datetime64(data_from, "D") + np.timedelta64(column.warm_up_days, "D")
        warm = days >= first
        if np.unique(days[warm]).size < settings.min_reference_days:
            continue
        values = float_values(reference[column.name])[warm]
        first_days[column.name] = first
        bins[column.name] = Bins.of(values)
        limits[column.name] = calibrated_limits(values, bins[column.name], days[warm], settings)
    return CalibratedReference(reference, tuple(columns), limits, bins, first_days)


def detect_drift(
    reference: CalibratedReference, current: pd.DataFrame, settings: DriftSettings
) -> DriftReport:
    """Compare the watched columns of ``current`` (rows, columns) with those of the reference.

    A column has drifted where its population stability index or its Wasserstein distance is at
    least its limit, and the p value of its test, which allows for clusters and is adjusted by the
    step-up procedure of Benjamini and Hochberg (1995), lies below ``alpha``. The reference is given
    the current rows' shares of weekdays.

    Raises:
        InsufficientDataError: there are no current rows.
        ConfigurationError: a column is no numeric column of them.
    """
    if current.empty:
        raise InsufficientDataError(
            "Drift needs current rows, and there are none",
            where="drift detection",
            fix="Materialize the newest days of the features",
        )
    _require_numeric(current, reference.columns, "current window")
    sides = _Sides(reference.frame, current)
    judged = [column for column in reference.columns if column.name in reference.limits]
    measured = [_measure(column, reference, sides) for column in judged]
    p_values = [each.test.p_value for each in measured]
    adjusted: list[float] = list(false_discovery_control(p_values)) if p_values else []
    drifts = []
    for column, each, p_adjusted in zip(judged, measured, adjusted, strict=True):
        limits = reference.limits[column.name]
        moved = each.psi >= limits.psi or each.wasserstein >= limits.wasserstein
        drifts.append(
            FeatureDrift(
                feature=column.name,
                psi=each.psi,
                psi_limit=limits.psi,
                wasserstein=each.wasserstein,
                wasserstein_limit=limits.wasserstein,
                statistic=each.test.statistic,
                design_effect=each.test.design_effect,
                p_value=each.test.p_value,
                p_adjusted=float(p_adjusted),
                drifted=bool(moved and p_adjusted < settings.alpha),
            )
        )
    return DriftReport(
        features=tuple(drifts),
        not_warmed_up=tuple(c.name for c in reference.columns if c.name not in reference.limits),
        weekdays_matched=all(each.weekdays_matched for each in measured),
        reference_rows=len(reference.frame),
        current_rows=len(current),
        psi_threshold=settings.psi_threshold,
        alpha=settings.alpha,
    )


class _Sides:
    """Both frames, with days and numbered clusters, which many columns share."""

    def __init__(self, reference: pd.DataFrame, current: pd.DataFrame) -> None:
        self.reference, self.current = reference, current
        self.reference_days, self.current_days = days_of(reference), days_of(current)
        self._clusters: dict[str, NDArray[np.intp]] = {}
        self._weights: dict[np.datetime64, tuple[FloatArray, bool]] = {}

    def clusters(self, column: str) -> NDArray[np.intp]:
        """The number of each row's cluster, those of the reference first."""
        if column not in self._clusters:
            both = pd.concat([self.reference[column], self.current[column]], ignore_index=True)
            self._clusters[column] = np.asarray(pd.factorize(both, use_na_sentinel=False)[0])
        return self._clusters[column]

    def weights(self, first_day: np.datetime64) -> tuple[FloatArray, bool]:
        """Weights of the reference's rows from that day on, and if they even out weekdays."""
        if first_day not in self._weights:
            days: DayArray = self.reference_days[self.reference_days >= first_day]
            weights = weekday_weights(days, self.current_days)
            matched = weights is not None
            self._weights[first_day] = (np.ones(days.size) if weights is None else weights, matched)
        return self._weights[first_day]


@dataclass(frozen=True)
class _Measured:
    psi: float
    wasserstein: float
    test: HomogeneityTest
    weekdays_matched: bool


def _measure(column: WatchedColumn, reference: CalibratedReference, sides: _Sides) -> _Measured:
    first_day, bins = reference.first_days[column.name], reference.bins[column.name]
    warm = sides.reference_days >= first_day
    weights, matched = sides.weights(first_day)
    before = float_values(sides.reference[column.name])[warm]
    after = float_values(sides.current[column.name])
    clusters = sides.clusters(column.cluster)
    counted = (
        CountedSample(bins.codes(before), clusters[: len(warm)][warm], weights),
        CountedSample(bins.codes(after), clusters[len(warm) :], np.ones(after.size)),
    )
    before_counts, after_counts = (
        np.bincount(c.bins, c.weights, minlength=bins.count).astype(np.float64) for c in counted
    )
    return _Measured(
        psi=population_stability_index(before_counts, after_counts),
        wasserstein=scaled_wasserstein(before, after, weights),
        test=clustered_homogeneity_test(
            *counted, bins=bins.count, clusters=int(clusters.max()) + 1
        ),
        weekdays_matched=matched,
    )


def _require_numeric(frame: pd.DataFrame, columns: Sequence[WatchedColumn], name: str) -> None:
    unfit = [
        column.name
        for column in columns
        if column.name not in frame.columns or not is_numeric_dtype(frame[column.name])
    ]
    if unfit or not columns:
        raise ConfigurationError(
            f"Drift looks at numeric columns: {', '.join(unfit) or 'no column'} will not do",
            where=f"{name} with the columns {', '.join(map(str, frame.columns))}",
            fix="Watch numeric columns that both sides have",
        )
