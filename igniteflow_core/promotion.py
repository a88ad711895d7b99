"""Whether a challenger takes the champion's place."""

from dataclasses import dataclass

from igniteflow_core.intervals import Interval


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
