"""Data-quality rules: what Great Expectations checks, with what tolerance, and what it stops."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from igniteflow_core.config.base import SettingsGroup

Share = Annotated[float, Field(gt=0, le=1)]


class RowCountRule(SettingsGroup):
    """The number of rows lies between ``min`` and ``max``."""

    type: Literal["row_count"]
    min: int = Field(default=1, ge=0)
    max: int | None = None


class CompletenessRule(SettingsGroup):
    """At least ``threshold`` of the rows have a value."""

    type: Literal["completeness"]
    column: str
    threshold: Share = 1.0


class UniquenessRule(SettingsGroup):
    """No combination of the values of ``columns`` stands twice."""

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
    """In at least ``threshold`` of the values the regular expression ``pattern`` is found.

    It is one of Spark, that is of ``java.util.regex``, whatever the size of the table.
    """

    type: Literal["pattern"]
    column: str
    pattern: str
    threshold: Share = 1.0


class ProfileRule(SettingsGroup):
    """A statistic of the column lies near its value in the days before.

    Near is within ``tolerance`` (a share: 0.25 is plus or minus 25 %) of the same statistic over
    the ``reference_days`` days before the checked ones. Without earlier days it passes and says so.
    """

    type: Literal["profile"]
    column: str
    statistic: Literal["mean", "stdev", "median"]
    tolerance: float = Field(gt=0)
    reference_days: int = Field(default=14, ge=1)


class CustomRule(SettingsGroup):
    """A condition in SQL that holds for at least ``threshold`` of the rows.

    A condition that is null does not hold: say ``is_fraud IS NULL OR is_fraud IN (0, 1)`` where a
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
    """The rules of one table; with ``fail_on_error`` a broken rule stops what comes after it."""

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
