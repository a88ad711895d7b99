"""Detects the columns whose distribution in the newest rows differs from the reference."""

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
    """The reference that drift is measured against; see ``calibrate``.

    Attributes:
        frame: the reference's rows.
        columns: the monitored columns.
        limits: limits of the columns that have warmed up, by name.
        bins: bins of the same columns.
        first_days: first day on which each of them has warmed up.
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
    """Estimate each column's distribution and noise from rows without drift.

    Args:
        reference: rows with event_date, the monitored columns and their clusters.
        columns: the columns to monitor. A column with fewer than ``min_reference_days`` days after
            ``data_from`` plus its warm-up is not tested.
        settings: thresholds and calibration level.
        data_from: the first day of all data.

    Raises:
        ConfigurationError: a column is missing or not numeric, or ``columns`` is empty.
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
    """Compare the monitored columns of ``current`` (rows, columns) with those of the reference.

    A column has drifted if its population stability index or its Wasserstein distance is at
    least its limit, and the p value of its test, which is corrected for clusters and adjusted by
    the step-up procedure of Benjamini and Hochberg (1995), is below ``alpha``. The reference is
    weighted to the current rows' shares of weekdays.

    Raises:
        InsufficientDataError: there are no current rows.
        ConfigurationError: a column is missing or not numeric.
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
    """Both frames, with the days and numbered clusters that the columns share."""

    def __init__(self, reference: pd.DataFrame, current: pd.DataFrame) -> None:
        self.reference, self.current = reference, current
        self.reference_days, self.current_days = days_of(reference), days_of(current)
        self._clusters: dict[str, NDArray[np.intp]] = {}
        self._weights: dict[np.datetime64, tuple[FloatArray, bool]] = {}

    def clusters(self, column: str) -> NDArray[np.intp]:
        """The index of each row's cluster, the rows of the reference first."""
        if column not in self._clusters:
            both = pd.concat([self.reference[column], self.current[column]], ignore_index=True)
            self._clusters[column] = np.asarray(pd.factorize(both, use_na_sentinel=False)[0])
        return self._clusters[column]

    def weights(self, first_day: np.datetime64) -> tuple[FloatArray, bool]:
        """Weights of the reference's rows from that day on, and whether they match weekdays."""
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
            f"Drift needs numeric columns, not {', '.join(unfit) or 'an empty list'}",
            where=f"{name} with the columns {', '.join(map(str, frame.columns))}",
            fix="Monitor numeric columns that both windows have",
        )
