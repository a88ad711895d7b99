"""The names of rules, and descriptions of their requirements and results."""

from collections.abc import Sequence

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


def rule_names(rules: Sequence[QualityRule]) -> list[str]:
    """A readable name for each rule, such as ``range_amount``; the second of a name gets ``_2``."""
    names: list[str] = []
    for rule in rules:
        base = _base_name(rule)
        name, copy = base, 1
        while name in names:
            copy += 1
            name = f"{base}_{copy}"
        names.append(name)
    return names


def _base_name(rule: QualityRule) -> str:
    match rule:
        case RowCountRule():
            return rule.type
        case UniquenessRule():
            return "_".join((rule.type, *rule.columns))
        case ProfileRule():
            return f"{rule.type}_{rule.column}_{rule.statistic}"
        case CustomRule():
            return rule.name
        case CompletenessRule() | RangeRule() | PatternRule():
            return f"{rule.type}_{rule.column}"


def requirement(  # noqa: PLR0911 - one sentence for each type of rule
    rule: QualityRule, bounds: ProfileBounds | None
) -> str:
    """The requirement of the rule, as the beginning of a sentence."""
    match rule:
        case RowCountRule():
            return f"The number of rows is {_interval(rule.min, rule.max)}"
        case CompletenessRule():
            return f"{_quantity(rule.threshold, 'rows')} have a value in {rule.column}"
        case UniquenessRule():
            return f"No two rows are equal in {', '.join(rule.columns)}"
        case RangeRule():
            return (
                f"{_quantity(rule.threshold, 'values')} of {rule.column} are "
                f"{_interval(rule.min, rule.max)}"
            )
        case PatternRule():
            return f"{_quantity(rule.threshold, 'values')} of {rule.column} match {rule.pattern}"
        case ProfileRule():
            if bounds is None:
                return f"The {rule.statistic} of {rule.column} is near that of earlier days"
            return (
                f"The {rule.statistic} of {rule.column} is {_interval(bounds.low, bounds.high)}, "
                f"within {_percent(rule.tolerance)} of {bounds.expected:.6g} in earlier days"
            )
        case CustomRule():
            return f"{_quantity(rule.threshold, 'rows')} satisfy {rule.condition}"


def share_finding(checked: int, unexpected: int) -> str:
    """The number of checked values or rows that break a rule, as the end of a sentence."""
    if checked == 0:
        return "there is nothing to check"
    kept = _percent((checked - unexpected) / checked)
    return f"{unexpected:,} of {checked:,} break it, {kept} satisfy it"


def _interval(low: float | None, high: float | None) -> str:
    if high is None:
        return f"at least {_number(low)}"
    if low is None:
        return f"at most {_number(high)}"
    return f"between {_number(low)} and {_number(high)}"


def _number(value: float | None) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.6g}"


def _quantity(threshold: float, noun: str) -> str:
    return f"All {noun}" if threshold == 1 else f"At least {_percent(threshold)} of the {noun}"


def _percent(share: float) -> str:
    return f"{100 * share:.6g} %"
