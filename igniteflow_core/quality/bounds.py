"""The bounds of profile rules: statistics of the reference, widened by the rule's tolerance."""

from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf

from igniteflow_core.config.quality import ProfileRule, QualityRule
from igniteflow_core.quality.columns import require_columns, without_nan

STATISTICS = {"mean": sf.mean, "stdev": sf.stddev_samp, "median": sf.median}


@dataclass(frozen=True)
class ProfileBounds:
    """The bounds of a statistic; ``expected`` is its value in the reference, in column units."""

    expected: float
    low: float
    high: float


def profile_bounds(
    rules: Mapping[str, QualityRule], reference: DataFrame | None
) -> dict[str, ProfileBounds]:
    """The bounds of the profile rules by name, from one pass over the reference.

    A rule is left out if the reference is None or its statistic has no value: no rows, only
    missing values, or a single value for a standard deviation. NaN counts as missing.

    Raises:
        QualityRuleError: the reference lacks a column, or has it in a type without a mean.
    """
    profiles = {name: rule for name, rule in rules.items() if isinstance(rule, ProfileRule)}
    if reference is None or not profiles:
        return {}
    require_columns(reference, profiles.values(), frame_name="reference")
    values = without_nan(reference, sorted({rule.column for rule in profiles.values()}))
    statistics = values.agg(
        *(_statistic(rule).alias(name) for name, rule in profiles.items())
    ).collect()[0]
    return {
        name: _bounds(float(statistics[name]), rule.tolerance)
        for name, rule in profiles.items()
        if statistics[name] is not None
    }


def _statistic(rule: ProfileRule) -> Column:
    return STATISTICS[rule.statistic](sf.col(rule.column))


def _bounds(expected: float, tolerance: float) -> ProfileBounds:
    margin = tolerance * abs(expected)
    return ProfileBounds(expected=expected, low=expected - margin, high=expected + margin)
