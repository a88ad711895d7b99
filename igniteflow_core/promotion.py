"""Whether a challenger takes the champion's place."""

from dataclasses import dataclass
from typing import Protocol


class Interval(Protocol):
    """A mean and the interval that it lies in."""

    @property
    def mean(self) -> float:
        """The mean over resamples or over the sample."""

    @property
    def low(self) -> float:
        """Lower end of the interval."""

    @property
    def high(self) -> float:
        """Upper end of the interval."""


@dataclass(frozen=True)
class PromotionDecision:
    """Whether to promote, and the reason to record."""

    promoted: bool
    reason: str


def decide_promotion(metric: str, gain: Interval | None) -> PromotionDecision:
    """Promote the first model, and after it one whose gain on the same rows is above 0 on average.

    Args:
        metric: what the gain is measured in.
        gain: the challenger's metric minus the champion's on the same held-out rows, with its
            bootstrap interval; None where there is no champion yet.
    """
    if gain is None:
        return PromotionDecision(True, "there was no champion")
    measured = f"{metric} {gain.mean:+.4f} (95 % interval {gain.low:+.4f} to {gain.high:+.4f})"
    if gain.mean > 0:
        return PromotionDecision(True, f"better than the champion: {measured}")
    return PromotionDecision(False, f"not better than the champion: {measured}")
