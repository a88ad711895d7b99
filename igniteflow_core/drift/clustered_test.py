"""A test whether two samples differ by more than chance, if rows of one customer are correlated."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from igniteflow_core.drift.bins import CodeArray, FloatArray


@dataclass(frozen=True)
class CountedSample:
    """One sample of the test; each array has the shape (rows,).

    Attributes:
        bins: index of each row's bin.
        clusters: index of each row's cluster; a cluster may be in both samples.
        weights: weights of the rows.
    """

    bins: CodeArray
    clusters: NDArray[np.intp]
    weights: FloatArray


@dataclass(frozen=True)
class HomogeneityTest:
    """Attributes as in ``FeatureDrift``."""

    statistic: float
    design_effect: float
    p_value: float


_ALIKE = HomogeneityTest(statistic=0.0, design_effect=1.0, p_value=1.0)
_ROUNDING = 1e-12


def clustered_homogeneity_test(
    reference: CountedSample, current: CountedSample, *, bins: int, clusters: int
) -> HomogeneityTest:
    """The chi-square test of homogeneity, second-order corrected for clusters.

    Rows of one cluster are not independent draws, so that Pearson's statistic exceeds the
    chi-square distribution by a design effect. Rao and Scott (1981, 1984, "On chi-squared tests for
    multiway contingency tables with cell proportions estimated from survey data") divide it by that
    effect, and match the degrees of freedom to its variance (Satterthwaite, 1946).
    The covariance of the shares is estimated between clusters under the hypothesis of no change,
    as in a generalized score test (Boos, 1992); a cluster in both samples counts once, with the
    difference of its two parts.

    Args:
        reference: rows of the reference, whose weights add up to their number.
        current: rows to compare.
        bins: number of bins.
        clusters: number of clusters in both samples together.
    """
    filled, parts = _shares_by_cluster(reference, current, bins, clusters)
    if filled.size < 2:
        return _ALIKE
    (reference_parts, reference_rows), (current_parts, current_rows) = parts
    pooled = reference_parts.sum(axis=0) * reference_rows + current_parts.sum(axis=0) * current_rows
    pooled /= reference_rows + current_rows
    moved = reference_parts - current_parts
    influence = moved - moved.sum(axis=1, keepdims=True) * pooled
    # The covariance of the shares' difference, relative to the variance of independent rows.
    independent = pooled * (1 / reference_rows + 1 / current_rows)
    scatter = influence.T @ influence / independent[:, None]
    first, second = float(np.trace(scatter)), float((scatter * scatter.T).sum())
    if first < _ROUNDING:
        return _ALIKE
    statistic = float((moved.sum(axis=0) ** 2 / independent).sum())
    # A chi-square variable with these degrees of freedom, times this scale, has the same moments.
    scale, freedom = second / first, first**2 / second
    return HomogeneityTest(
        statistic=statistic,
        design_effect=first / (filled.size - 1),
        p_value=float(chi2.sf(statistic / scale, freedom)),
    )


_Parts = tuple[FloatArray, float]


def _shares_by_cluster(
    reference: CountedSample, current: CountedSample, bins: int, clusters: int
) -> tuple[NDArray[np.intp], tuple[_Parts, _Parts]]:
    """The non-empty bins, and per sample the clusters' parts of its shares and its number of rows.

    The parts have the shape (clusters, non-empty bins).
    """
    counts = [
        np.bincount(
            sample.clusters * bins + sample.bins, sample.weights, minlength=clusters * bins
        ).reshape(clusters, bins)
        for sample in (reference, current)
    ]
    filled = np.flatnonzero((counts[0] + counts[1]).sum(axis=0))
    before, after = (
        (np.asarray(count[:, filled] / count.sum(), dtype=np.float64), float(count.sum()))
        for count in counts
    )
    return filled, (before, after)
