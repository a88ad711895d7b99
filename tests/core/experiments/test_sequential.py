"""False positives with and without peeking, over simulated A/A tests."""

import numpy as np
import pytest
from scipy import integrate, stats

from igniteflow_core.experiments.sequential import always_valid_p_value, always_valid_radius

REPETITIONS = 2_000
LOOKS = np.arange(100, 3_001, 50)  # users of each variant at each look
ALPHA = 0.05
EFFECT_SCALE = 0.1


def differences(effect: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(repetitions, looks): difference of means, its variance and the metric's, for orders a user.

    The metric is skewed, as money is: most users spend nothing, some a log-normal amount.
    """
    rng = np.random.default_rng(seed)
    found = []
    for shift in (0.0, effect):
        shape = (REPETITIONS, LOOKS[-1])
        values = rng.lognormal(0.0, 0.5, shape) * (rng.random(shape) < 0.3) + shift
        count = LOOKS.astype(float)
        total = np.cumsum(values, axis=1)[:, LOOKS - 1]
        squares = np.cumsum(values**2, axis=1)[:, LOOKS - 1]
        mean = total / count
        found.append((mean, (squares - count * mean**2) / (count - 1)))
    (control, control_variance), (treatment, treatment_variance) = found
    variance = (control_variance + treatment_variance) / LOOKS
    return treatment - control, variance, (control_variance + treatment_variance) / 2


@pytest.fixture(scope="module")
def a_a():
    return differences(effect=0.0, seed=11)


def test_peeking_at_the_always_valid_test_keeps_the_stated_rate(a_a):
    estimate, variance, pooled = a_a
    p_values = always_valid_p_value(estimate, variance, EFFECT_SCALE**2 * pooled)
    false_positives = int((p_values.min(axis=1) <= ALPHA).sum())
    # Not above alpha by more than chance would give in one of a thousand such simulations.
    assert false_positives <= stats.binom.ppf(0.999, REPETITIONS, ALPHA)
    # It can also fire: a test that never does would pass the line above.
    assert false_positives >= 0.005 * REPETITIONS


def test_peeking_at_a_fixed_test_does_not(a_a):
    estimate, variance, _ = a_a
    z = np.abs(estimate) / np.sqrt(variance)
    assert (2 * stats.norm.sf(z[:, -1]) <= ALPHA).mean() == pytest.approx(ALPHA, abs=0.015)
    assert (2 * stats.norm.sf(z).min(axis=1) <= ALPHA).mean() > 4 * ALPHA


def test_the_confidence_sequence_covers_the_truth_at_all_looks_together():
    effect = 0.1
    estimate, variance, pooled = differences(effect, seed=12)
    radius = always_valid_radius(variance, EFFECT_SCALE**2 * pooled, ALPHA)
    missed = (np.abs(estimate - effect) > radius).any(axis=1).sum()
    assert missed <= stats.binom.ppf(0.999, REPETITIONS, ALPHA)


def test_an_effect_is_found_before_the_end():
    estimate, variance, pooled = differences(effect=0.1, seed=13)
    found = always_valid_p_value(estimate, variance, EFFECT_SCALE**2 * pooled) <= ALPHA
    assert found.any(axis=1).mean() > 0.9
    first = LOOKS[np.argmax(found[found.any(axis=1)], axis=1)]
    assert np.median(first) < 0.6 * LOOKS[-1]


def test_interval_and_p_value_agree():
    rng = np.random.default_rng(1)
    estimate, variance = rng.normal(0, 0.1, 500), rng.uniform(1e-4, 1e-2, 500)
    outside = np.abs(estimate) > always_valid_radius(variance, 0.01, ALPHA)
    significant = always_valid_p_value(estimate, variance, 0.01) < ALPHA
    assert (outside == significant).all()
    assert 0 < outside.sum() < 500


def test_the_likelihood_ratio_is_that_of_numerical_integration():
    estimate, variance, mixture = 0.3, 0.01, 0.04

    def weighted(effect: float) -> float:
        likelihood = stats.norm.pdf(estimate, effect, np.sqrt(variance))
        return float(likelihood * stats.norm.pdf(effect, 0.0, np.sqrt(mixture)))

    ratio = integrate.quad(weighted, -3, 3, points=[0.3])[0]
    ratio /= stats.norm.pdf(estimate, 0.0, np.sqrt(variance))
    assert always_valid_p_value(estimate, variance, mixture) == pytest.approx(1 / ratio)
