"""The columns that rules check: existing, of a suitable type, null for missing values."""

import re
from collections.abc import Iterable, Mapping, Sequence

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf
from pyspark.sql.types import BooleanType, DoubleType, FloatType, NumericType, StringType

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
from igniteflow_core.errors import QualityRuleError


def named_columns(rule: QualityRule) -> tuple[str, ...]:
    """The columns that the rule names; empty for a row count or a condition in SQL."""
    match rule:
        case RowCountRule() | CustomRule():
            return ()
        case UniquenessRule():
            return rule.columns
        case CompletenessRule() | RangeRule() | PatternRule() | ProfileRule():
            return (rule.column,)


def violation_column(rule_name: str) -> str:
    """The column of the checked frame that is null if the condition of that rule holds."""
    return f"violation_of_{rule_name}"


def match_column(rule_name: str) -> str:
    """The column of the checked frame with the results of that pattern rule.

    It is null for a missing value, MATCHES, or ``NO_MATCH`` and the value.
    """
    return f"match_of_{rule_name}"


MATCHES, NO_MATCH = "", "!"


def outside(rule: RangeRule) -> Column:
    """Whether the value is outside the range; null if it is missing."""
    value, is_outside = sf.col(rule.column), sf.lit(False)
    if rule.min is not None:
        is_outside |= value < rule.min
    if rule.max is not None:
        is_outside |= value > rule.max
    return sf.when(value.isNotNull(), is_outside)


def checked_frame(
    batch: DataFrame, rules: Mapping[str, QualityRule], *, day: str | None = None
) -> DataFrame:
    """The input of the rules: the columns they name, a violation column per custom rule and a
    match column per pattern rule, and the column ``day``, if one is given.

    NaN becomes null, so that a missing number is missing for every rule. A condition that is null
    does not hold. A violation column has the row, as JSON of the columns in the condition.

    Raises:
        QualityRuleError: a column is missing or of a wrong type, or a condition is not boolean SQL.
    """
    require_columns(batch, rules.values(), frame_name="batch")
    rows = without_nan(batch, batch.columns)
    of_day = [] if day is None else [day]
    checked: list[Column] = [
        *(sf.col(column) for column in dict.fromkeys([*_all_named(rules.values()), *of_day])),
        *(
            _violation(rows, rule.condition, name)
            for name, rule in rules.items()
            if isinstance(rule, CustomRule)
        ),
        # Spark matches patterns at any size, because pandas has a different dialect of them.
        *(
            sf.when(sf.col(rule.column).rlike(rule.pattern), sf.lit(MATCHES))
            .otherwise(sf.concat(sf.lit(NO_MATCH), sf.col(rule.column)))
            .alias(match_column(name))
            for name, rule in rules.items()
            if isinstance(rule, PatternRule)
        ),
    ]
    # A frame without columns would lose its number of rows when converted to pandas.
    return rows.select(*checked) if checked else rows.select(sf.lit(1).alias("row"))


def without_nan(frame: DataFrame, columns: Sequence[str]) -> DataFrame:
    """Those columns of the frame, with null for NaN."""
    return frame.select(
        *(
            sf.when(~sf.isnan(name), sf.col(name)).alias(name)
            if isinstance(frame.schema[name].dataType, (DoubleType, FloatType))
            else sf.col(name)
            for name in columns
        )
    )


def require_columns(frame: DataFrame, rules: Iterable[QualityRule], *, frame_name: str) -> None:
    """Check that each column that a rule names exists, in a type that the rule can check.

    Raises:
        QualityRuleError: columns are missing, or a column has an unsuitable type.
    """
    missing = sorted(set(_all_named(rules)) - set(frame.columns))
    if missing:
        raise QualityRuleError(
            f"Quality rules name columns that do not exist: {', '.join(missing)}",
            where=f"{frame_name} with the columns {', '.join(frame.columns)}",
            fix="Correct the column names in the quality settings of this table",
        )
    for rule in rules:
        if isinstance(rule, (RangeRule, ProfileRule)):
            _require_type(frame, rule.column, NumericType, rule.type, frame_name)
        elif isinstance(rule, PatternRule):
            _require_type(frame, rule.column, StringType, rule.type, frame_name)


def _require_type(
    frame: DataFrame, column: str, expected: type, rule_type: str, frame_name: str
) -> None:
    actual = frame.schema[column].dataType
    if not isinstance(actual, expected):
        raise QualityRuleError(
            f"A {rule_type} rule cannot check column {column} of type {actual.simpleString()}",
            where=f"{frame_name}, quality rule {rule_type} of {column}",
            fix="Use a custom rule with a condition in SQL, or correct the column name",
        )


def _all_named(rules: Iterable[QualityRule]) -> list[str]:
    return [name for rule in rules for name in named_columns(rule)]


def _violation(rows: DataFrame, condition: str, rule_name: str) -> Column:
    holds = sf.expr(condition)
    try:
        actual = rows.select(holds).schema[0].dataType
    except AnalysisException as error:
        reason = str(error).strip().splitlines()[0]
        raise _bad_condition(rows, condition, rule_name, reason) from error
    if not isinstance(actual, BooleanType):
        reason = f"it returns {actual.simpleString()}, not true or false"
        raise _bad_condition(rows, condition, rule_name, reason)
    words = set(re.findall(r"\w+", condition))
    shown = [name for name in rows.columns if name in words] or rows.columns
    row = sf.to_json(sf.struct(*shown), {"ignoreNullFields": "false"})
    return sf.when(~sf.coalesce(holds, sf.lit(False)), row).alias(violation_column(rule_name))


def _bad_condition(
    rows: DataFrame, condition: str, rule_name: str, reason: str
) -> QualityRuleError:
    return QualityRuleError(
        f"The condition of custom rule {rule_name} cannot be evaluated: {reason}",
        where=f"condition {condition!r} on the columns {', '.join(rows.columns)}",
        fix="Correct the condition in the quality settings of this table",
    )
