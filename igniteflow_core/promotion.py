"""The promotion gate: the criteria that a challenger has to meet, with the measured values."""

from collections.abc import Sequence
from dataclasses import dataclass

from igniteflow_core.intervals import Interval


@dataclass(frozen=True)
class Criterion:
    """One criterion of the promotion gate.

    Attributes:
        name: name of the criterion.
        passed: whether it is met.
        measured: the measured value, as text.
        required: the required value, as text.
    """

    name: str
    passed: bool
    measured: str
    required: str


@dataclass(frozen=True)
class PromotionDecision:
    """The criteria of a challenger, the gain first; it has to meet all of them."""

    criteria: tuple[Criterion, ...]

    @property
    def promoted(self) -> bool:
        """Whether every criterion is met."""
        return all(criterion.passed for criterion in self.criteria)

    @property
    def reason(self) -> str:
        """Every criterion that is not met or, if all are, the gain."""
        if self.promoted:
            return self.criteria[0].measured
        return "; ".join(
            f"{each.name}: {each.measured}, required: {each.required}"
            for each in self.criteria
            if not each.passed
        )

    def markdown(self) -> str:
        """A line for each criterion."""
        lines = ["| criterion | met | measured | required |", "|---|---|---|---|"]
        for each in self.criteria:
            met = "yes" if each.passed else "**no**"
            lines.append(f"| {each.name} | {met} | {each.measured} | {each.required} |")
        return "\n".join(lines)


def better_than_champion(metric: str, gain: Interval | None, margin: float) -> Criterion:
    """The lower end of the 95 % interval of the challenger's gain exceeds the margin.

    Args:
        metric: name of the metric.
        gain: the challenger's metric minus the champion's on the same held-out rows, by a paired
            bootstrap; None if there is no champion yet.
        margin: margin in the unit of the metric.
    """
    if gain is None:
        return Criterion("better than the champion", True, "there was no champion", "no champion")
    measured = f"{metric} {gain.mean:+.4f} (95 % interval {gain.low:+.4f} to {gain.high:+.4f})"
    required = f"interval above {margin:+.4f}"
    return Criterion("better than the champion", gain.low > margin, measured, required)


def enough(name: str, count: int, least: int) -> Criterion:
    """The evaluation has enough data."""
    return Criterion(name, count >= least, f"{count:,}", f"at least {least:,}")


def within(name: str, value: float, limit: float, unit: str) -> Criterion:
    """A cost is within its limit."""
    return Criterion(name, value <= limit, f"{value:.3g} {unit}", f"at most {limit:g} {unit}")


def not_worse_in_segments(
    name: str, losses: Sequence[tuple[str, float]], limit: float
) -> Criterion:
    """No segment is worse than the champion by more than the limit.

    Args:
        name: name of the criterion.
        losses: segments with their losses, in the unit of the limit.
        limit: largest accepted loss.
    """
    required = f"no segment loses more than {limit:g}"
    if not losses:
        return Criterion(name, True, "no segment is large enough to judge", required)
    segment, loss = max(losses, key=lambda each: each[1])
    return Criterion(name, loss <= limit, f"{loss:+.4f} in {segment}", required)


def never_rolled_back(reason: str | None) -> Criterion:
    """The version was never rolled back; ``reason`` is the reason if it was."""
    measured = "never" if reason is None else reason
    return Criterion("rolled back before", reason is None, measured, "never")
