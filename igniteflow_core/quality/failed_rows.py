"""The rows that break a rule."""

from functools import reduce
from operator import and_

from pyspark.sql import DataFrame
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
from igniteflow_core.quality.columns import outside, without_nan


def failed_rows(batch: DataFrame, rule: QualityRule) -> DataFrame | None:
    """The rows of the batch that break the rule, with all columns; NaN is null there.

    Args:
        batch: rows that the rule was evaluated on.
        rule: rule of any type.

    Returns:
        None for row count and profile rules, which no single row breaks.
    """
    rows = without_nan(batch, batch.columns)
    match rule:
        case RowCountRule() | ProfileRule():
            return None
        case UniquenessRule():
            return _of_repeated_keys(rows, rule.columns)
        case CompletenessRule():
            return rows.where(sf.col(rule.column).isNull())
        case RangeRule():
            return rows.where(outside(rule))
        case PatternRule():
            return rows.where(~sf.col(rule.column).rlike(rule.pattern))
        case CustomRule():
            return rows.where(~sf.coalesce(sf.expr(rule.condition), sf.lit(False)))


def _of_repeated_keys(rows: DataFrame, columns: tuple[str, ...]) -> DataFrame:
    """Rows whose key occurs more than once; keys without any value are ignored."""
    has_value = ~reduce(and_, (sf.col(name).isNull() for name in columns))
    repeated = rows.where(has_value).groupBy(*columns).count().where("count > 1")
    # The keys are renamed, since both sides of the join have the same columns.
    keys = repeated.select(*(sf.col(name).alias(f"repeated_{name}") for name in columns))
    same = (sf.col(name).eqNullSafe(sf.col(f"repeated_{name}")) for name in columns)
    return rows.join(keys, reduce(and_, same), "left_semi")
