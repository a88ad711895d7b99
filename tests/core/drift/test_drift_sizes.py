"""PSI and the scaled Wasserstein distance, against values worked out by hand."""

import math

import numpy as np
import pytest

from igniteflow_core.drift.bins import Bins
from igniteflow_core.drift.effect_size import population_stability_index, scaled_wasserstein

NAN = math.nan


def bin_counts(reference, current):
    """The rows of both samples in the bins that are not empty in both."""
    bins = Bins.of(reference)
    counts = [np.bincount(bins.codes(s), minlength=bins.count) for s in (reference, current)]
    filled = (counts[0] + counts[1]) > 0
    return counts[0][filled], counts[1][filled]


def psi_of(reference, current):
    return population_stability_index(*bin_counts(np.array(reference), np.array(current)))


def test_psi_of_two_bins_is_the_sum_worked_out_by_hand():
    # Shares (9.5/20, 10.5/20) and (4.5/20, 15.5/20) after half a row is added to 19 rows in each.
    expected = (4.5 / 20 - 9.5 / 20) * math.log(4.5 / 9.5) + (15.5 / 20 - 10.5 / 20) * math.log(
        15.5 / 10.5
    )
    assert psi_of([0.0] * 9 + [1.0] * 10, [0.0] * 4 + [1.0] * 15) == pytest.approx(expected)


def test_psi_is_symmetric_in_its_counts():
    p, q = np.array([5, 10, 85]), np.array([20, 20, 60])
    assert population_stability_index(p, q) == pytest.approx(population_stability_index(q, p))


def test_psi_of_equal_samples_is_zero():
    sample = np.random.default_rng(1).gamma(2.0, size=500)
    assert psi_of(sample, sample) == 0.0


def test_psi_does_not_depend_on_the_unit():
    random = np.random.default_rng(1)
    reference, current = random.gamma(2.0, size=999), random.gamma(3.0, size=999)
    assert psi_of(reference, current) == pytest.approx(psi_of(100 * reference, 100 * current))


def test_continuous_reference_is_split_into_even_deciles():
    reference = np.arange(100.0)
    counts, _ = bin_counts(reference, reference)
    assert counts.tolist() == [10] * 10


def test_values_beyond_the_reference_fall_into_the_outer_bins():
    _, counts = bin_counts(np.arange(100.0), np.array([-1e9, -math.inf, 1e9, math.inf, 55.0]))
    assert counts.tolist() == [2, 0, 0, 0, 0, 1, 0, 0, 0, 2]


def test_a_value_that_fills_several_deciles_makes_one_bin():
    reference = np.concatenate([np.zeros(60), np.arange(1.0, 41.0)])
    counts, _ = bin_counts(reference, reference)
    assert counts[0] == 60
    assert counts.sum() == 100
    assert counts.size == 5


def test_discrete_reference_has_a_bin_for_each_value_and_for_each_new_one():
    reference = np.array([1.0, 1.0, 2.0, 4.0])
    counts, current = bin_counts(reference, np.array([0.0, 2.0, 3.0, 3.5, 4.0, 9.0]))
    # below 1, 1, 2, between 2 and 4, 4, above 4
    assert counts.tolist() == [0, 2, 1, 0, 1, 0]
    assert current.tolist() == [1, 0, 1, 2, 1, 1]


def test_constant_feature_is_stable_until_its_value_changes():
    assert psi_of([3.0] * 50, [3.0] * 20) == 0.0
    assert psi_of([3.0] * 50, [3.1] * 20) > 1


def test_missing_values_are_a_bin_of_their_own():
    counts, current = bin_counts(np.array([1.0, NAN, 1.0]), np.array([NAN, NAN, 1.0]))
    assert counts.tolist() == [2, 1]
    assert current.tolist() == [1, 2]
    assert psi_of([1.0] * 50, [NAN] * 50) > 1
    assert psi_of([NAN] * 50, [NAN] * 30) == 0.0


def test_wasserstein_of_a_shift_is_the_shift_in_deviations():
    reference = np.random.default_rng(2).normal(5.0, 3.0, size=400)
    assert scaled_wasserstein(reference, reference + 1.5) == pytest.approx(1.5 / reference.std())


def test_bins_that_are_empty_in_both_samples_change_nothing():
    p, q = np.array([5, 0, 10, 85]), np.array([20, 0, 20, 60])
    assert population_stability_index(p, q) == population_stability_index(p[p > 0], q[q > 0])


def test_wasserstein_of_weighted_rows_is_that_of_repeated_ones():
    reference, current = np.array([0.0, 1.0, 5.0]), np.array([2.0, 3.0])
    weighted = scaled_wasserstein(reference, current, np.array([2.0, 1.0, 0.0]))
    repeated = scaled_wasserstein(np.array([0.0, 0.0, 1.0]), current)
    assert weighted * reference.std() == pytest.approx(repeated * np.array([0, 0, 1]).std())


def test_wasserstein_passes_over_values_that_are_not_finite():
    assert scaled_wasserstein(np.array([0.0, 2.0, NAN]), np.array([1.0, math.inf])) == 1.0


def test_wasserstein_of_a_constant_is_zero_or_infinite():
    assert scaled_wasserstein(np.full(9, 0.1), np.full(4, 0.1)) == 0.0
    assert scaled_wasserstein(np.full(9, 0.1), np.full(4, 0.2)) == math.inf


def test_wasserstein_without_values_is_undefined():
    assert math.isnan(scaled_wasserstein(np.array([NAN]), np.array([1.0])))
