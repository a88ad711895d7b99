"""How far a feature's distribution has moved: sizes that do not grow with the number of rows."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import wasserstein_distance

FloatArray = NDArray[np.float64]
CountArray = NDArray[np.int64]

MAX_DISCRETE_VALUES = 10
"""Up to this many different reference values, each value is a bin; above it, deciles are."""

_DECILES = np.arange(1, 10) / 10
_PSEUDO_COUNT = 0.5


def float_values(column: "pd.Series[float]") -> FloatArray:
    """The values of a numeric column as doubles, NaN where one is missing; shape (rows,)."""
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)


def is_discrete(reference: FloatArray) -> bool:
    """Whether ``reference`` (rows,) has so few different values that each is a bin of its own."""
    return np.unique(_present(reference)).size <= MAX_DISCRETE_VALUES


def bin_counts(reference: FloatArray, current: FloatArray) -> tuple[CountArray, CountArray]:
    """The rows of both samples in bins made from the reference; each result is (bins,).

    The deciles of the reference are the edges; deciles that ties make equal are one edge, and a
    value on an edge lies in the bin below it. A discrete reference has a bin for each of its
    values, and one for each gap before, between and after them, so that new values are seen.
    Missing values (NaN) are a bin. Bins that are empty in both samples are left out.
    """
    present = _present(reference)
    if is_discrete(reference):
        edges = np.unique(present)
        bins = 2 * edges.size + 2
    else:
        edges = np.unique(np.quantile(present, _DECILES))
        bins = edges.size + 2
    counts = [
        np.bincount(_bin_of(sample, edges, bins, exact=is_discrete(reference)), minlength=bins)
        for sample in (reference, current)
    ]
    filled = (counts[0] + counts[1]) > 0
    return counts[0][filled], counts[1][filled]


def population_stability_index(reference_counts: CountArray, current_counts: CountArray) -> float:
    """The population stability index of two samples that are counted in the same bins.

    PSI = sum over bins of (q - p) ln(q / p), with p and q the shares of the reference and of the
    current rows (Siddiqi, 2006, Credit Risk Scorecards); it is the symmetric divergence of
    Jeffreys (1946). Below 0.1 is usually called stable and above 0.25 a large shift. Half a row is
    added to each bin of both samples, which keeps the index finite where a bin is empty.
    """
    p = _smoothed_shares(reference_counts)
    q = _smoothed_shares(current_counts)
    return float(np.sum((q - p) * np.log(q / p)))


def scaled_wasserstein(reference: FloatArray, current: FloatArray) -> float:
    """The 1-Wasserstein distance of two samples (rows,) in standard deviations of the reference.

    Only finite values count. NaN where a sample has none; where the reference is constant, 0 if
    the current values equal it and infinity if they do not.
    """
    finite_reference = reference[np.isfinite(reference)]
    finite_current = current[np.isfinite(current)]
    if finite_reference.size == 0 or finite_current.size == 0:
        return float("nan")
    distance = float(wasserstein_distance(finite_reference, finite_current))
    # The range, because rounding gives a constant a tiny deviation.
    if np.ptp(finite_reference) == 0:
        return 0.0 if distance == 0 else float("inf")
    return distance / float(np.std(finite_reference))


def _present(sample: FloatArray) -> FloatArray:
    return sample[~np.isnan(sample)]


def _bin_of(sample: FloatArray, edges: FloatArray, bins: int, *, exact: bool) -> NDArray[np.intp]:
    position = np.searchsorted(edges, sample, side="left")
    if exact:
        # Even bins are the gaps, odd bins the edges themselves.
        position = position + np.searchsorted(edges, sample, side="right")
    return np.where(np.isnan(sample), bins - 1, position)


def _smoothed_shares(counts: CountArray) -> FloatArray:
    smoothed = counts + _PSEUDO_COUNT
    return np.asarray(smoothed / smoothed.sum(), dtype=np.float64)
