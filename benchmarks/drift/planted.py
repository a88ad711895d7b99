"""A shift of known size, planted on one feature."""

import numpy as np
import pandas as pd

from igniteflow_core.drift.bins import Bins, FloatArray
from igniteflow_core.drift.effect_size import float_values, population_stability_index

PSI = 0.2
FEATURES = (
    "amount",
    "distance_from_home_km",
    "customer_amount_mean_7d",
    "customer_count_7d",
    "terminal_amount_to_mean_7d",
    "terminal_count_7d",
)
"""Features of the event, the customer and the terminal; all are non-negative."""

_STEPS = 20


def factor_of_psi(reference: FloatArray) -> float:
    """Find the factor that shifts ``reference`` (rows,) by the planted PSI, by bisection."""
    bins = Bins.of(reference)
    before = np.bincount(bins.codes(reference), minlength=bins.count).astype(np.float64)
    low, high = 1.0, 16.0
    for _ in range(_STEPS):
        factor = (low + high) / 2
        after = np.bincount(bins.codes(reference * factor), minlength=bins.count)
        if population_stability_index(before, after.astype(np.float64)) < PSI:
            low = factor
        else:
            high = factor
    return high


def planted(
    reference: pd.DataFrame, current: pd.DataFrame, *, turn: int
) -> tuple[str, pd.DataFrame]:
    """Return the name of the feature for this turn, and the current rows with it shifted."""
    feature = FEATURES[turn % len(FEATURES)]
    factor = factor_of_psi(float_values(reference[feature]))
    return feature, current.assign(**{feature: current[feature] * factor})
