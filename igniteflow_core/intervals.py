"""A measured value with its uncertainty."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """A mean and the ends of its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float
