"""Tests whether the variants have their planned shares of users."""

from collections.abc import Mapping

from scipy import stats

MISMATCH_P_VALUE = 0.001
"""Below it something is wrong with assignment or logging (Fabijan et al., 2019, "Diagnosing Sample
Ratio Mismatch in Online Controlled Experiments"), and no result of the test can be trusted."""


def sample_ratio_p_value(users: Mapping[str, int], shares: Mapping[str, float]) -> float:
    """Pearson's chi-square test of the users of each variant against their shares.

    Args:
        users: number of users of each variant; a missing variant has none.
        shares: planned share of each variant; they add up to 1.

    Returns:
        The p-value; 1 if there are no users yet.
    """
    observed = [users.get(variant, 0) for variant in shares]
    total = sum(observed)
    if total == 0:
        return 1.0
    expected = [share * total for share in shares.values()]
    return float(stats.chisquare(observed, expected).pvalue)
