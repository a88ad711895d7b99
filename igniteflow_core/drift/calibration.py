"""How much a column moves while nothing happens, and the limits that follow from it."""

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
    """The effect sizes from which on a column may be called drifted."""

    psi: float
    wasserstein: float


def calibrated_limits(
    values: FloatArray, bins: Bins, days: DayArray, settings: DriftSettings
) -> Limits:
    """The thresholds of the settings, or the column's own noise where that is larger.

    The reference's days are cut into blocks in order of time, as long as the current window where
    at least two fit. Each is compared with the rest, as the current window will be with all of it.
    Nothing has drifted there, so what they show is noise: of few rows, of like rows, of slow
    changes. PSI and the squared distance of Wasserstein are sums of squared deviations, hence about
    multiples of chi-square variables (Yurdakul, 2018, "Statistical properties of population
    stability index"), and a new one over the mean of the blocks' follows an F distribution. Its
    quantile ``calibration_level`` times that mean is the noise that is still usual.

    Args:
        values: of the reference, shape (rows,).
        bins: made from them.
        days: of the rows, shape (rows,).
        settings: thresholds, level, and days of the current window.
    """
    blocks = _blocks(days, settings.current_days)
    codes = bins.codes(values)
    noise = np.array(
        [_noise(values, codes, bins.count, days, np.isin(days, block)) for block in blocks]
    )
    # Few, because slow changes move all bins together.
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
    """PSI and squared scaled Wasserstein distance of one block from the other rows."""
    rest = ~inside
    weights = weekday_weights(days[rest], days[inside])
    psi = population_stability_index(
        np.bincount(codes[rest], weights, minlength=bins).astype(np.float64),
        np.bincount(codes[inside], minlength=bins).astype(np.float64),
    )
    return psi, scaled_wasserstein(values[rest], values[inside], weights) ** 2
