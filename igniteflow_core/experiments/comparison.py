"""One metric of one treatment against control: the lift, with intervals and p-values."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from igniteflow_core.experiments.sequential import always_valid_p_value, always_valid_radius


@dataclass(frozen=True)
class Sample:
    """A metric over the users of a variant: their number, mean, and variance (n - 1)."""

    users: int
    mean: float
    variance: float

    @classmethod
    def of_sums(cls, users: int, total: float, total_of_squares: float) -> "Sample":
        """From the sums of the values and of their squares; NaN if there are too few users."""
        mean = total / users if users else float("nan")
        spread = max(total_of_squares - users * mean**2, 0.0)
        return cls(users, mean, spread / (users - 1) if users > 1 else float("nan"))

    @property
    def squared_error(self) -> float:
        """The squared standard error of the mean."""
        return self.variance / self.users


@dataclass(frozen=True)
class Comparison:
    """A treatment's metric minus control's.

    Attributes:
        difference: difference of the means, in units of the metric.
        low, high: interval (1 - alpha) of the difference for a single planned look.
        p_value: p-value of "no difference" for that single look (Welch, 1947).
        always_low, always_high: interval of the difference that holds at all looks together.
        always_p_value: p-value that holds at all looks together.
        lift: difference as a share of control's mean; NaN if that is 0.
        lift_low, lift_high: interval of the lift for a single look, by the delta method.
    """

    difference: float
    low: float
    high: float
    p_value: float
    always_low: float
    always_high: float
    always_p_value: float
    lift: float
    lift_low: float
    lift_high: float


def compare(
    control: Sample, treatment: Sample, *, alpha: float, effect_scale: float, margin: float = 0.0
) -> Comparison:
    """Compare the means of two variants.

    Args:
        control: sample of at least 2 users.
        treatment: sample of at least 2 users.
        alpha: error probability of the intervals.
        effect_scale: expected size of effects in standard deviations of the metric.
        margin: compare with ``(1 + margin)`` times control's mean instead: a positive margin tests
            whether the treatment is more than that share above control, a negative one whether it
            is less than that share below it. The lift is always relative to control itself.
    """
    stretch = 1.0 + margin
    difference = treatment.mean - stretch * control.mean
    from_control, from_treatment = stretch**2 * control.squared_error, treatment.squared_error
    variance = from_control + from_treatment
    pooled = (control.users * control.variance + treatment.users * treatment.variance) / (
        control.users + treatment.users
    )
    lift, lift_radius = _lift(control, treatment, alpha)
    if variance == 0:  # all users of a variant have the same value, so nothing is uncertain
        certain = 0.0 if difference else 1.0
        return Comparison(
            difference, difference, difference, certain, difference, difference, certain,
            lift, lift, lift,
        )  # fmt: skip
    # Welch and Satterthwaite's degrees of freedom.
    freedom = variance**2 / (
        from_control**2 / (control.users - 1) + from_treatment**2 / (treatment.users - 1)
    )
    radius = float(stats.t.ppf(1 - alpha / 2, freedom)) * np.sqrt(variance)
    mixture = effect_scale**2 * pooled
    always_radius = float(always_valid_radius(variance, mixture, alpha))
    return Comparison(
        difference=difference,
        low=difference - radius,
        high=difference + radius,
        p_value=float(2 * stats.t.sf(abs(difference) / np.sqrt(variance), freedom)),
        always_low=difference - always_radius,
        always_high=difference + always_radius,
        always_p_value=float(always_valid_p_value(difference, variance, mixture)),
        lift=lift,
        lift_low=lift - lift_radius,
        lift_high=lift + lift_radius,
    )


def _lift(control: Sample, treatment: Sample, alpha: float) -> tuple[float, float]:
    """The lift and half the width of its interval (delta method; Deng, Knoblich and Lu, 2018)."""
    if control.mean == 0:
        return float("nan"), float("nan")
    ratio = treatment.mean / control.mean
    variance = (treatment.squared_error + ratio**2 * control.squared_error) / control.mean**2
    return ratio - 1.0, float(stats.norm.ppf(1 - alpha / 2)) * float(np.sqrt(variance))
