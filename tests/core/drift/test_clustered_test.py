"""The two-sample test: right for independent rows, and for customers whose rows are alike."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency, kstest

from igniteflow_core.drift.clustered_test import CountedSample, clustered_homogeneity_test

CUSTOMERS, ROWS = 150, 20


def counted(bins, clusters):
    return CountedSample(bins, clusters, np.ones(len(bins)))


def independent(random, rows):
    return counted(random.integers(4, size=rows), np.arange(rows))


def test_statistic_is_pearsons_and_independent_rows_have_no_design_effect():
    random = np.random.default_rng(1)
    reference, current = independent(random, 3_000), independent(random, 2_000)
    current = counted(current.bins, current.clusters + 3_000)
    found = clustered_homogeneity_test(reference, current, bins=4, clusters=5_000)
    counts = [np.bincount(sample.bins, minlength=4) for sample in (reference, current)]
    plain = chi2_contingency(counts, correction=False)
    assert found.statistic == pytest.approx(plain.statistic)
    assert found.design_effect == pytest.approx(1, abs=0.05)
    assert found.p_value == pytest.approx(plain.pvalue, abs=0.05)


def habits(random, *, customers, first, favourite):
    """Rows of customers who are in their favourite bin nine times out of ten."""
    cluster = np.repeat(np.arange(customers), ROWS)
    bins = np.where(
        random.random(cluster.size) < 0.9, favourite[cluster], random.integers(4, size=cluster.size)
    )
    return counted(bins, cluster + first)


def p_values(seeds, *, same_customers):
    found = []
    for seed in seeds:
        random = np.random.default_rng(seed)
        first, second = random.integers(4, size=(2, CUSTOMERS))
        reference = habits(random, customers=CUSTOMERS, first=0, favourite=first)
        current = habits(
            random,
            customers=CUSTOMERS,
            first=0 if same_customers else CUSTOMERS,
            favourite=first if same_customers else second,
        )
        found.append(clustered_homogeneity_test(reference, current, bins=4, clusters=2 * CUSTOMERS))
    return found


@pytest.mark.parametrize("same_customers", [True, False])
def test_p_values_are_uniform_however_alike_the_rows_of_a_customer_are(same_customers):
    found = p_values(range(120), same_customers=same_customers)
    assert kstest([each.p_value for each in found], "uniform").pvalue > 0.01
    effect = np.mean([each.design_effect for each in found])
    assert (effect > 10) != same_customers


def test_other_customers_with_other_habits_are_found_where_enough_of_them_changed():
    random = np.random.default_rng(3)
    first = random.integers(4, size=CUSTOMERS)
    reference = habits(random, customers=CUSTOMERS, first=0, favourite=first)
    current = habits(random, customers=CUSTOMERS, first=0, favourite=np.minimum(first, 1))
    found = clustered_homogeneity_test(reference, current, bins=4, clusters=CUSTOMERS)
    assert found.p_value < 1e-6


def test_many_rows_of_one_customer_prove_nothing():
    reference = counted(np.zeros(5_000, dtype=int), np.zeros(5_000, dtype=int))
    current = counted(np.ones(5_000, dtype=int), np.ones(5_000, dtype=int))
    found = clustered_homogeneity_test(reference, current, bins=2, clusters=2)
    assert found.p_value > 0.1


def test_one_bin_cannot_differ():
    same = counted(np.zeros(9, dtype=int), np.arange(9))
    assert clustered_homogeneity_test(same, same, bins=3, clusters=9).p_value == 1.0
