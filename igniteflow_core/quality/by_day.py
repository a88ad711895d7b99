"""Evaluates rules for each day, since a joint evaluation would let good days hide bad ones."""

import math
from collections.abc import Mapping
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf

from igniteflow_core.config.quality import (
    CompletenessRule,
    CustomRule,
    PatternRule,
    ProfileRule,
    QualityRule,
    RangeRule,
    RowCountRule,
    UniquenessRule,
)
from igniteflow_core.quality.bounds import STATISTICS, ProfileBounds
from igniteflow_core.quality.columns import MATCHES, match_column, outside, violation_column
from igniteflow_core.quality.days import Days

_SHOWN_DAYS = 5
_DAY = "day"

DailyMeasures = Mapping[date, float | None]
"""The value that a rule compares with its limits, by day; None if the day has no value."""


def measures_by_day(
    checked: DataFrame, rules: Mapping[str, QualityRule], days: Days
) -> dict[str, DailyMeasures]:
    """The value that each rule compares with its limits, for each day, in one pass over the batch.

    That is the number of rows, the statistic of a profile, or the share of the rows or values that
    satisfy the rule; None if the day has none. Uniqueness is left out: values that are unique in a
    batch are unique on each of its days.

    Args:
        checked: result of ``igniteflow_core.quality.columns.checked_frame``.
        rules: rules by name.
        days: days of the batch.
    """
    measures = {
        name: _measure(name, rule)
        for name, rule in rules.items()
        if not isinstance(rule, UniquenessRule)
    }
    if not measures:
        return {}
    rows = (
        checked.groupBy(sf.col(days.column).alias(_DAY))
        .agg(*(column.cast("double").alias(name) for name, column in measures.items()))
        .collect()
    )
    by_day = {row[_DAY]: row for row in rows}
    without_rows = {
        name: 0.0 if isinstance(rules[name], RowCountRule) else None for name in measures
    }
    return {
        name: {day: by_day.get(day, without_rows)[name] for day in days.dates} for name in measures
    }


def broken_days(
    rule: QualityRule, bounds: ProfileBounds | None, measures: DailyMeasures
) -> DailyMeasures:
    """The days that break the rule on their own, with the measured values.

    A day without any value breaks profile rules, but not rules about single rows.
    """
    limits = _limits(rule, bounds)
    if limits is None:
        return {}
    low, high = limits
    return {
        day: value
        for day, value in measures.items()
        if (value is None and isinstance(rule, ProfileRule))
        or (value is not None and not low <= value <= high)
    }


def _limits(rule: QualityRule, bounds: ProfileBounds | None) -> tuple[float, float] | None:
    match rule:
        case RowCountRule():
            return rule.min, math.inf if rule.max is None else rule.max
        case ProfileRule():
            return None if bounds is None else (bounds.low, bounds.high)
        case UniquenessRule():
            return None
        case CompletenessRule() | RangeRule() | PatternRule() | CustomRule():
            return rule.threshold, math.inf


def days_finding(broken: DailyMeasures) -> str:
    """The days that break a rule, as the end of a sentence."""
    shown = [
        f"{day} ({'no values' if value is None else f'{value:,.6g}'})"
        for day, value in list(broken.items())[:_SHOWN_DAYS]
    ]
    more = f" and {len(broken) - _SHOWN_DAYS} more" if len(broken) > _SHOWN_DAYS else ""
    return f"broken by the day(s) {', '.join(shown)}{more}"


def _measure(name: str, rule: QualityRule) -> Column:
    match rule:
        case RowCountRule():
            return sf.count(sf.lit(1))
        case ProfileRule():
            return STATISTICS[rule.statistic](sf.col(rule.column))
        case CompletenessRule():
            return _share(sf.col(rule.column).isNotNull())
        case RangeRule():
            # Both are null if the value is missing, so the row is excluded from the share.
            return _share(~outside(rule))
        case PatternRule():
            return _share(sf.col(match_column(name)) == MATCHES)
        case CustomRule():
            return _share(sf.col(violation_column(name)).isNull())
        case UniquenessRule():
            raise ValueError(f"uniqueness is not measured by day: {name}")


def _share(keeps: Column) -> Column:
    return sf.avg(keeps.cast("int"))
