"""Limits: the threshold where a column is calm, its own noise where it is not."""

from datetime import date

import numpy as np

from igniteflow_core.config.drift import DriftSettings
from igniteflow_core.drift.bins import Bins
from igniteflow_core.drift.calibration import calibrated_limits
from igniteflow_core.drift.effect_size import population_stability_index, scaled_wasserstein

SETTINGS = DriftSettings()
DAYS = np.arange(np.datetime64(date(2025, 1, 1), "D"), np.datetime64(date(2025, 1, 29), "D"))


def limits_of(values, days, settings=SETTINGS):
    return calibrated_limits(values, Bins.of(values), days, settings)


def restless(random, days, rows_a_day):
    """A mean that wanders from week to week."""
    level = np.repeat(random.normal(0, 0.5, days.size // 7), 7)
    return np.repeat(level, rows_a_day) + random.normal(size=days.size * rows_a_day)


def test_a_calm_column_keeps_the_thresholds():
    values = np.random.default_rng(1).normal(size=28 * 500)
    limits = limits_of(values, np.repeat(DAYS, 500))
    assert (limits.psi, limits.wasserstein) == (0.1, 0.1)


def test_a_restless_column_and_one_of_few_rows_get_higher_limits():
    random = np.random.default_rng(1)
    wandering = limits_of(restless(random, DAYS, 500), np.repeat(DAYS, 500))
    few = limits_of(random.normal(size=28 * 8), np.repeat(DAYS, 8))
    for limits in (wandering, few):
        assert limits.psi > 0.2
        assert limits.wasserstein > 0.2


def test_limits_hold_back_nearly_all_windows_of_a_restless_column():
    beyond_thresholds, beyond_limits, trials = 0, 0, 100
    long = np.arange(DAYS[0], DAYS[0] + 35)
    for seed in range(trials):
        values = restless(np.random.default_rng(seed), long, 60)
        before, after = values[: 28 * 60], values[28 * 60 :]
        limits = limits_of(before, np.repeat(DAYS, 60))
        bins = Bins.of(before)
        psi = population_stability_index(
            *(np.bincount(bins.codes(s), minlength=bins.count) for s in (before, after))
        )
        distance = scaled_wasserstein(before, after)
        beyond_thresholds += psi >= SETTINGS.psi_threshold or distance >= 0.1
        beyond_limits += psi >= limits.psi or distance >= limits.wasserstein
    assert beyond_thresholds / trials > 0.8
    # The hardest case: a mean that moves as a whole has one degree of freedom, not three.
    assert beyond_limits / trials < 0.1


def test_a_weekly_rhythm_is_no_noise():
    values = np.random.default_rng(1).normal(size=28 * 500)
    days = np.repeat(DAYS, 500)
    weekend = np.isin(days.astype("datetime64[D]").astype(int) % 7, (2, 3))
    settings = DriftSettings(current_days=14)
    assert limits_of(values + 3 * weekend, days, settings).psi == 0.1
