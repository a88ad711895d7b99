"""From a score in [0, 1] to a probability, without changing the ranking."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from igniteflow_core.fraud.matrix import Floats, Labels

SMOOTHING = 1e-4
"""Added to a score and its complement: the log-odds of scores of exactly 0 and 1 stay finite."""

_MIN_SLOPE = 1e-3


@dataclass(frozen=True)
class SigmoidCalibration:
    """Platt's sigmoid, as a line on the log-odds: strictly increasing, so the ranking is kept."""

    slope: float
    intercept: float

    def apply(self, log_odds: Floats) -> Floats:
        """Calibrate the log-odds of shape (n,); the result has the same shape."""
        return self.slope * log_odds + self.intercept


def smoothed_log_odds(scores: Floats) -> Floats:
    """The log-odds of scores in [0, 1], shape (n,), see ``SMOOTHING``."""
    return np.asarray(np.log(scores + SMOOTHING) - np.log(1 - scores + SMOOTHING))


def fit_sigmoid(log_odds: Floats, labels: Labels) -> SigmoidCalibration:
    """The maximum-likelihood sigmoid with a slope above 0.

    The method is that of Platt (1999), "Probabilistic outputs for support vector machines", with
    smoothed targets. It is applied to log-odds instead of scores, as in beta calibration (Kull et
    al., 2017).

    Args:
        log_odds: log-odds of rows that the model has not seen, shape (n,).
        labels: 0 or 1, both present, shape (n,).
    """
    positives = int(labels.sum())
    negatives = len(labels) - positives
    targets = np.where(labels == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = parameters[0] * log_odds + parameters[1]
        residual = expit(margin) - targets
        value = np.mean(np.logaddexp(0, margin) - targets * margin)
        return float(value), np.array([np.mean(residual * log_odds), np.mean(residual)])

    result = minimize(
        loss,
        x0=np.array([1.0, 0.0]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(_MIN_SLOPE, None), (None, None)],
        options={"ftol": 1e-12, "gtol": 1e-9, "maxiter": 500},
    )
    return SigmoidCalibration(slope=float(result.x[0]), intercept=float(result.x[1]))
