"""Each quality rule as the expectation of Great Expectations that checks it."""

from collections.abc import Callable

from great_expectations.expectations.core.expect_column_mean_to_be_between import (
    ExpectColumnMeanToBeBetween,
)
from great_expectations.expectations.core.expect_column_median_to_be_between import (
    ExpectColumnMedianToBeBetween,
)
from great_expectations.expectations.core.expect_column_stdev_to_be_between import (
    ExpectColumnStdevToBeBetween,
)
from great_expectations.expectations.core.expect_column_values_to_be_between import (
    ExpectColumnValuesToBeBetween,
)
from great_expectations.expectations.core.expect_column_values_to_be_in_set import (
    ExpectColumnValuesToBeInSet,
)
from great_expectations.expectations.core.expect_column_values_to_be_null import (
    ExpectColumnValuesToBeNull,
)
from great_expectations.expectations.core.expect_column_values_to_be_unique import (
    ExpectColumnValuesToBeUnique,
)
from great_expectations.expectations.core.expect_column_values_to_not_be_null import (
    ExpectColumnValuesToNotBeNull,
)
from great_expectations.expectations.core.expect_compound_columns_to_be_unique import (
    ExpectCompoundColumnsToBeUnique,
)
from great_expectations.expectations.core.expect_table_row_count_to_be_between import (
    ExpectTableRowCountToBeBetween,
)
from great_expectations.expectations.expectation import Expectation

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
from igniteflow_core.quality.bounds import ProfileBounds
from igniteflow_core.quality.columns import MATCHES, match_column, violation_column

RULE_NAME = "rule"
"""The key of an expectation's meta data with the rule's name, which the result returns."""

_PROFILE_EXPECTATIONS: dict[str, Callable[..., Expectation]] = {
    "mean": ExpectColumnMeanToBeBetween,
    "stdev": ExpectColumnStdevToBeBetween,
    "median": ExpectColumnMedianToBeBetween,
}


def expectation_for(  # noqa: PLR0911 - one expectation for each type of rule
    rule: QualityRule, name: str, bounds: ProfileBounds | None
) -> Expectation:
    """The expectation that checks ``rule``.

    Args:
        rule: the rule to translate.
        name: the rule's unique name.
        bounds: bounds of the statistic of a profile rule; None for every other rule.
    """
    meta = {RULE_NAME: name}
    match rule:
        case RowCountRule():
            return ExpectTableRowCountToBeBetween(min_value=rule.min, max_value=rule.max, meta=meta)
        case CompletenessRule():
            return ExpectColumnValuesToNotBeNull(
                column=rule.column, mostly=rule.threshold, meta=meta
            )
        case UniquenessRule(columns=(column,)):
            return ExpectColumnValuesToBeUnique(column=column, meta=meta)
        case UniquenessRule():
            return ExpectCompoundColumnsToBeUnique(column_list=list(rule.columns), meta=meta)
        case RangeRule():
            return ExpectColumnValuesToBeBetween(
                column=rule.column,
                min_value=rule.min,
                max_value=rule.max,
                mostly=rule.threshold,
                meta=meta,
            )
        case PatternRule():
            return ExpectColumnValuesToBeInSet(
                column=match_column(name), value_set=[MATCHES], mostly=rule.threshold, meta=meta
            )
        case ProfileRule():
            if bounds is None:
                raise ValueError(f"profile rule {name} has no bounds to be checked against")
            return _PROFILE_EXPECTATIONS[rule.statistic](
                column=rule.column, min_value=bounds.low, max_value=bounds.high, meta=meta
            )
        case CustomRule():
            # A row that satisfies the condition has no violation, so nulls are expected; the values
            # that are not null are the violating rows themselves.
            return ExpectColumnValuesToBeNull(
                column=violation_column(name), mostly=rule.threshold, meta=meta
            )
