"""The noise of a column without drift, and the limits that follow from it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import f

from igniteflow_core.config.drift import DriftSettings
from igniteflow_core.drift.bins import Bins, CodeArray, FloatArray
from igniteflow_core.drift.effect_size import population_stability_index, scaled_wasserstein
from igniteflow_core.drift.seasonality import DayArray, weekday_weights

_LEAST_BLOCKS = 2
_FREEDOM = 3


@dataclass(frozen=True)
class Limits:
    """The effect sizes from which a column may count as drifted."""

    psi: float
    wasserstein: float


def calibrated_limits(
    values: FloatArray, bins: Bins, days: DayArray, settings: DriftSettings
) -> Limits:
    """The thresholds of the settings, or the column's own noise if that is larger.

    The reference's days are split chronologically into blocks, as long as the current window if at
    least two fit. Each block is compared with the rest, as the current window is compared with the
    whole reference. The reference has no drift by assumption, so these effects are noise: of small
    samples, of correlated rows, of slow changes. PSI and the squared Wasserstein distance are sums
    of squared deviations, hence about multiples of chi-square variables (Yurdakul, 2018,
    "Statistical properties of population stability index"), and the ratio of a new one to the mean
    over the blocks follows an F distribution. Its ``calibration_level`` quantile times that mean is
    the upper limit of the noise.

    Args:
        values: values of the reference, shape (rows,).
        bins: made from them.
        days: days of the rows, shape (rows,).
        settings: thresholds, calibration level, and length of the current window.
    """
    blocks = _blocks(days, settings.current_days)
    codes = bins.codes(values)
    noise = np.array(
        [_noise(values, codes, bins.count, days, np.isin(days, block)) for block in blocks]
    )
    # The degrees of freedom are few, because slow changes move all bins together.
    usual = f.ppf(settings.calibration_level, _FREEDOM, _FREEDOM * len(blocks))
    psi, squared = usual * np.nan_to_num(noise, posinf=np.inf).mean(axis=0)
    return Limits(
        psi=max(settings.psi_threshold, float(psi)),
        wasserstein=max(settings.wasserstein_threshold, float(np.sqrt(squared))),
    )


def _blocks(days: DayArray, current_days: int) -> list[DayArray]:
    different = np.unique(days)
    return np.array_split(different, max(_LEAST_BLOCKS, different.size // current_days))


def _noise(
    values: FloatArray, codes: CodeArray, bins: int, days: DayArray, inside: NDArray[np.bool_]
) -> tuple[float, float]:
    """PSI and squared scaled Wasserstein distance between one block and the other rows."""
    rest = ~inside
    weights = weekday_weights(days[rest], days[inside])
    psi = population_stability_index(
        np.bincount(codes[rest], weights, minlength=bins).astype(np.float64),
        np.bincount(codes[inside], minlength=bins).astype(np.float64),
    )
    return psi, scaled_wasserstein(values[rest], values[inside], weights) ** 2
