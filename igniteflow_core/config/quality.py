"""Data-quality rules: what Great Expectations checks, the tolerances, and what a failure stops."""

from collections.abc import Collection, Mapping
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from igniteflow_core.config.base import SettingsGroup

EVERY_TABLE: Final = "*"
"""A table name whose rules apply to every table that has their columns."""

Share = Annotated[float, Field(gt=0, le=1)]


class RowCountRule(SettingsGroup):
    """The number of rows is between ``min`` and ``max``."""

    type: Literal["row_count"]
    min: int = Field(default=1, ge=0)
    max: int | None = None


class CompletenessRule(SettingsGroup):
    """At least ``threshold`` of the rows have a value."""

    type: Literal["completeness"]
    column: str
    threshold: Share = 1.0


class UniquenessRule(SettingsGroup):
    """No combination of the values of ``columns`` occurs twice."""

    type: Literal["uniqueness"]
    columns: tuple[str, ...] = Field(min_length=1)


class RangeRule(SettingsGroup):
    """At least ``threshold`` of the values lie in [``min``, ``max``]."""

    type: Literal["range"]
    column: str
    min: float | None = None
    max: float | None = None
    threshold: Share = 1.0

    @model_validator(mode="after")
    def _some_bound(self) -> "RangeRule":
        if self.min is None and self.max is None:
            raise ValueError("a range rule needs min, max or both")
        return self


class PatternRule(SettingsGroup):
    """The regular expression ``pattern`` matches in at least ``threshold`` of the values.

    Its syntax is that of Spark, ``java.util.regex``, whatever the size of the table.
    """

    type: Literal["pattern"]
    column: str
    pattern: str
    threshold: Share = 1.0


class ProfileRule(SettingsGroup):
    """A statistic of the column is near its value on the preceding days.

    Near is within ``tolerance`` (a share: 0.25 is plus or minus 25 %) of the same statistic over
    the ``reference_days`` days before the checked ones. Without earlier days the rule passes, and
    its result says so.
    """

    type: Literal["profile"]
    column: str
    statistic: Literal["mean", "stdev", "median"]
    tolerance: float = Field(gt=0)
    reference_days: int = Field(default=14, ge=1)


class CustomRule(SettingsGroup):
    """A condition in SQL that holds for at least ``threshold`` of the rows.

    A condition that is null does not hold: write ``is_fraud IS NULL OR is_fraud IN (0, 1)`` if a
    value may be missing.
    """

    type: Literal["custom"]
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    condition: str
    threshold: Share = 1.0


QualityRule = Annotated[
    RowCountRule
    | CompletenessRule
    | UniquenessRule
    | RangeRule
    | PatternRule
    | ProfileRule
    | CustomRule,
    Field(discriminator="type"),
]


class QualitySettings(SettingsGroup):
    """The rules of one table; with ``fail_on_error`` a failed rule stops the downstream assets."""

    fail_on_error: bool = True
    rules: tuple[QualityRule, ...] = ()

    @model_validator(mode="after")
    def _one_reference(self) -> "QualitySettings":
        spans = {rule.reference_days for rule in self.rules if isinstance(rule, ProfileRule)}
        if len(spans) > 1:
            raise ValueError(
                f"the profile rules of a table need the same reference_days, not {sorted(spans)}"
            )
        return self


def rules_of_table(
    quality: Mapping[str, QualitySettings], table: str, columns: Collection[str]
) -> QualitySettings:
    """The rules of the table: its own, then those of every table whose columns it has."""
    own = quality.get(table, QualitySettings())
    general = quality.get(EVERY_TABLE, QualitySettings())
    fitting = tuple(rule for rule in general.rules if columns_of(rule) <= set(columns))
    source = own if "fail_on_error" in own.model_fields_set else general
    return QualitySettings(
        fail_on_error=source.fail_on_error,
        rules=(*own.rules, *(rule for rule in fitting if rule not in own.rules)),
    )


def columns_of(rule: QualityRule) -> set[str]:
    """The columns that the rule names; those in an SQL condition are not parsed."""
    if isinstance(rule, UniquenessRule):
        return set(rule.columns)
    return set() if isinstance(rule, RowCountRule | CustomRule) else {rule.column}


def rules_without_a_table(
    quality: Mapping[str, QualitySettings], tables: Mapping[str, Collection[str]]
) -> list[str]:
    """The rules whose table or columns do not exist, given the columns of each table."""
    mistakes = []
    for table, settings in quality.items():
        if table != EVERY_TABLE and table not in tables:
            mistakes.append(f"quality.{table}: there are no rules for a table of this name")
            continue
        candidates = tables.values() if table == EVERY_TABLE else [tables[table]]
        for number, rule in enumerate(settings.rules):
            named = columns_of(rule)
            if not any(named <= set(columns) for columns in candidates):
                problem = "no table has" if table == EVERY_TABLE else "the table lacks"
                mistakes.append(
                    f"quality.{table}.rules.{number}: {problem} {', '.join(sorted(named))}"
                )
    return mistakes
