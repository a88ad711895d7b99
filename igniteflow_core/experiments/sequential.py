"""Sequential tests, which are valid at any number of looks.

The mixture sequential probability ratio test with a normal mixture (Robbins, 1970; Johari, Koomen,
Pekelis and Walsh, 2017, "Peeking at A/B Tests") and the confidence sequence that it inverts to.
Variances are estimated, so both hold for large samples (Waudby-Smith, Arbour, Sinha, Kennedy and
Ramdas, 2024, "Time-uniform central limit theory and asymptotic confidence sequences"): look at the
results only once there are some hundred users.

All functions take arrays of equal shape, one element per look or repetition, or plain numbers.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def always_valid_radius(variance: ArrayLike, mixture: ArrayLike, alpha: float) -> Floats:
    """Half the width of the confidence sequence around an estimate.

    The probability that the true value is outside at any look is at most ``alpha``.

    Args:
        variance: squared standard error of the estimate, above 0.
        mixture: variance of the effects that the test is tuned to, above 0. At an alpha of 0.05 the
            interval is tightest where it is about 8 times ``variance``.
        alpha: error probability, in (0, 1).
    """
    v, m = np.asarray(variance, dtype=np.float64), np.asarray(mixture, dtype=np.float64)
    return np.asarray(np.sqrt(v * (v + m) / m * (2.0 * np.log(1.0 / alpha) + np.log1p(m / v))))


def always_valid_p_value(estimate: ArrayLike, variance: ArrayLike, mixture: ArrayLike) -> Floats:
    """The p-value of "no effect" at each look: one over the mixture likelihood ratio, at most 1.

    Without an effect, the probability that it is at most alpha at any look is at most alpha.
    """
    d, v, m = (np.asarray(each, dtype=np.float64) for each in (estimate, variance, mixture))
    log_ratio = 0.5 * (m * d**2 / (v * (v + m)) - np.log1p(m / v))
    return np.asarray(np.exp(-np.maximum(log_ratio, 0.0)))
