"""Whether the variants got the shares of users they were to get."""

from collections.abc import Mapping

from scipy import stats

MISMATCH_P_VALUE = 0.001
"""Below it something is wrong with assignment or logging (Fabijan et al., 2019, "Diagnosing Sample
Ratio Mismatch in Online Controlled Experiments"), and no figure of the test is to be trusted."""


def sample_ratio_p_value(users: Mapping[str, int], shares: Mapping[str, float]) -> float:
    """Pearson's chi-square test of the users of each variant against their shares.

    Args:
        users: of each variant; one that is missing has none.
        shares: of each variant, adding up to 1.

    Returns:
        The p-value; 1 where there are no users yet.
    """
    observed = [users.get(variant, 0) for variant in shares]
    total = sum(observed)
    if total == 0:
        return 1.0
    expected = [share * total for share in shares.values()]
    return float(stats.chisquare(observed, expected).pvalue)
