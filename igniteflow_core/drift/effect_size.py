"""Effect sizes of a shift of a distribution, which do not grow with the number of rows."""

import numpy as np
import pandas as pd
from scipy.stats import wasserstein_distance

from igniteflow_core.drift.bins import FloatArray

_PSEUDO_COUNT = 0.5


def float_values(column: "pd.Series[float]") -> FloatArray:
    """The values of a numeric column as doubles, NaN for a missing one; shape (rows,)."""
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)


def population_stability_index(reference_counts: FloatArray, current_counts: FloatArray) -> float:
    """The population stability index of two samples that are counted in the same bins.

    PSI = sum over bins of (q - p) ln(q / p), with p and q the shares of the reference and of the
    current rows (Siddiqi, 2006, Credit Risk Scorecards); it is the symmetric divergence of
    Jeffreys (1946). Below 0.1 is usually called stable and above 0.25 a large shift. Bins that are
    empty in both samples are left out; half a row is added to each of the others, which keeps the
    index finite if a bin is empty in one sample.
    """
    filled = (reference_counts + current_counts) > 0
    p = _smoothed_shares(reference_counts[filled])
    q = _smoothed_shares(current_counts[filled])
    return float(np.sum((q - p) * np.log(q / p)))


def scaled_wasserstein(
    reference: FloatArray, current: FloatArray, reference_weights: FloatArray | None = None
) -> float:
    """The 1-Wasserstein distance of two samples (rows,) in standard deviations of the reference.

    Only finite values count. The result is NaN if a sample has none; if the reference is constant,
    it is 0 if the current values equal it, and infinity otherwise.

    Args:
        reference: values, shape (rows,).
        current: values, shape (other rows,).
        reference_weights: weights of the reference's rows, shape (rows,); equal by default.
    """
    finite = np.isfinite(reference)
    finite_reference, finite_current = reference[finite], current[np.isfinite(current)]
    weights = None if reference_weights is None else reference_weights[finite]
    if finite_reference.size == 0 or finite_current.size == 0:
        return float("nan")
    if weights is not None and not weights.any():
        return float("nan")
    distance = float(wasserstein_distance(finite_reference, finite_current, weights))
    # The range is compared, because rounding gives a constant a tiny deviation.
    if np.ptp(finite_reference) == 0:
        return 0.0 if distance == 0 else float("inf")
    return distance / float(np.std(finite_reference))


def _smoothed_shares(counts: FloatArray) -> FloatArray:
    smoothed = counts + _PSEUDO_COUNT
    return np.asarray(smoothed / smoothed.sum(), dtype=np.float64)
