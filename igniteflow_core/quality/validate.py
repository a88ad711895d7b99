"""Checks a batch against quality rules with Great Expectations."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from great_expectations.core import ExpectationValidationResult
from pyspark.errors import (
    ArithmeticException,
    DateTimeException,
    NumberFormatException,
    SparkRuntimeException,
)
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from igniteflow_core.config.quality import (
    CompletenessRule,
    CustomRule,
    PatternRule,
    ProfileRule,
    QualityRule,
    RowCountRule,
)
from igniteflow_core.errors import QualityRuleError
from igniteflow_core.quality.bounds import ProfileBounds, profile_bounds
from igniteflow_core.quality.by_day import DailyMeasures, broken_days, days_finding, measures_by_day
from igniteflow_core.quality.columns import NO_MATCH, checked_frame
from igniteflow_core.quality.days import Days
from igniteflow_core.quality.describe import requirement, rule_names, share_finding
from igniteflow_core.quality.evaluate import evaluate
from igniteflow_core.quality.expectations import expectation_for
from igniteflow_core.quality.report import QualityReport, RuleResult

_MAX_EXAMPLES = 5


def validate(
    batch: DataFrame,
    rules: Sequence[QualityRule],
    *,
    reference: DataFrame | None,
    days: Days | None = None,
) -> QualityReport:
    """Check ``batch`` against ``rules``.

    Values that are missing (null or NaN) break completeness rules and custom conditions, and are
    ignored by the other rules. In an empty batch only the row count and profile rules with a
    reference can fail.

    Args:
        batch: the rows to check.
        rules: the rules to check, in the order of the report.
        reference: the earlier days that profile rules compare with, already limited to their
            ``reference_days``; if it is None or has no value, profile rules pass, and their results
            say so.
        days: days of a batch of several days. Each rule must then hold for every day on its own;
            limits of row counts and profiles apply to one day, and uniqueness to the whole batch.

    Raises:
        QualityRuleError: a rule names a column that does not exist or has an unsuitable type, a
            condition is not boolean SQL, or Great Expectations could not evaluate a rule.
    """
    named = dict(zip(rule_names(rules), rules, strict=True))
    _require_patterns(batch, named)
    checked = checked_frame(batch, named, day=days.column if days else None)
    bounds = profile_bounds(named, reference)
    expectations = [
        expectation_for(rule, name, bounds.get(name))
        for name, rule in named.items()
        if not isinstance(rule, ProfileRule) or name in bounds
    ]
    by_day: Mapping[str, DailyMeasures] = {}
    checked.persist()
    try:
        row_count = checked.count()
        outcomes = evaluate(checked, row_count, expectations)
        if days is not None:
            by_day = measures_by_day(checked, named, days)
    except (ArithmeticException, DateTimeException, NumberFormatException) as error:
        raise QualityRuleError(
            f"A value of the batch cannot be evaluated: {str(error).strip().splitlines()[0]}",
            where=f"quality rules {', '.join(named)}",
            fix="Write conditions that accept every value, for example with try_cast or try_divide",
        ) from error
    finally:
        checked.unpersist()
    return QualityReport(
        row_count=row_count,
        results=tuple(
            _on_each_day(
                _result(name, rule, bounds.get(name), outcomes.get(name)),
                rule,
                bounds.get(name),
                by_day.get(name),
            )
            for name, rule in named.items()
        ),
    )


def _result(
    name: str,
    rule: QualityRule,
    bounds: ProfileBounds | None,
    outcome: ExpectationValidationResult | None,
) -> RuleResult:
    required = requirement(rule, bounds)
    if outcome is None:
        return RuleResult(
            name=name,
            success=True,
            observed=None,
            unexpected_count=None,
            share=None,
            examples=(),
            explanation=f"{required}: passed, as there are no earlier values to compare with.",
        )
    details: dict[str, Any] = outcome.result
    if isinstance(rule, (RowCountRule, ProfileRule)):
        observed = details["observed_value"]
        result = "there are no values" if observed is None else f"it is {observed:,.6g}"
        return RuleResult(
            name=name,
            success=bool(outcome.success),
            observed=None if observed is None else float(observed),
            unexpected_count=None,
            share=None,
            examples=(),
            explanation=f"{required}: {result}.",
        )
    # In Spark the sum over no rows is null, which Great Expectations returns as a count.
    unexpected = int(details["unexpected_count"] or 0)
    checked = int(details["element_count"]) - int(details.get("missing_count") or 0)
    return RuleResult(
        name=name,
        success=bool(outcome.success),
        observed=None,
        unexpected_count=unexpected,
        share=(checked - unexpected) / checked if checked else None,
        examples=_examples(rule, details["partial_unexpected_list"]),
        explanation=f"{required}: {share_finding(checked, unexpected)}.",
    )


def _on_each_day(
    result: RuleResult,
    rule: QualityRule,
    bounds: ProfileBounds | None,
    measures: DailyMeasures | None,
) -> RuleResult:
    if measures is None:
        return result
    broken = broken_days(rule, bounds, measures)
    if not broken:
        # The limits of a row count or a profile apply to each day, not to all days together.
        of_a_day = isinstance(rule, (RowCountRule, ProfileRule))
        return replace(result, success=result.success or of_a_day)
    explanation = f"{result.explanation.removesuffix('.')}; {days_finding(broken)}."
    return replace(result, success=False, explanation=explanation)


def _examples(rule: QualityRule, violations: Sequence[Any]) -> tuple[object, ...]:
    if isinstance(rule, CompletenessRule):
        return ()
    different: list[object] = []
    for violation in violations:
        example = _example(rule, violation)
        if example not in different:
            different.append(example)
    return tuple(different[:_MAX_EXAMPLES])


def _require_patterns(batch: DataFrame, named: Mapping[str, QualityRule]) -> None:
    """Check that patterns are regular expressions, before any row is read."""
    empty = batch.sparkSession.createDataFrame([], "value string")
    for name, rule in named.items():
        if isinstance(rule, PatternRule):
            try:
                empty.select(sf.lit("").rlike(rule.pattern)).collect()
            except SparkRuntimeException as error:
                raise QualityRuleError(
                    f"{rule.pattern!r} is not a regular expression",
                    where=f"quality rule {name}",
                    fix="Write the pattern in the syntax of java.util.regex",
                ) from error


def _example(rule: QualityRule, violation: object) -> object:
    match rule:
        case CustomRule():
            return json.loads(str(violation))
        case PatternRule():
            return str(violation).removeprefix(NO_MATCH)
        case _:
            return violation
