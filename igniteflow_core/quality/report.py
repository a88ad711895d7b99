"""The results of the checks of a batch, rule by rule."""

from dataclasses import dataclass
from typing import Final

RULE_SCORE: Final = "score of "
"""Prefix of the metadata entry with the score of a rule, which metrics read."""


@dataclass(frozen=True)
class RuleResult:
    """The result of one rule.

    Attributes:
        name: name, unique among the rules of the batch.
        success: whether the rule holds; in a batch of several days, on each of them.
        observed: measured value: rows for a row count, the statistic (in column units) for a
            profile; None for rules about single rows, and if there was nothing to measure.
        unexpected_count: number of rows or values that break the rule; None for row count and
            profile.
        share: share (0 to 1) of the checked rows or values that satisfy the rule, to compare with
            its threshold; None for row count and profile, and if there was nothing to check.
        examples: a few distinct violating values, or rows as a dict of columns.
        explanation: requirement and result, as a sentence.
    """

    name: str
    success: bool
    observed: float | None
    unexpected_count: int | None
    share: float | None
    examples: tuple[object, ...]
    explanation: str

    @property
    def score(self) -> float:
        """Share of the rows that satisfy the rule, 0 to 1; 0 or 1 for a rule on all rows."""
        return float(self.success) if self.share is None else self.share


@dataclass(frozen=True)
class QualityReport:
    """The results of all rules on one batch of ``row_count`` rows."""

    row_count: int
    results: tuple[RuleResult, ...]

    @property
    def success(self) -> bool:
        """Whether every rule holds."""
        return not self.failed

    @property
    def failed(self) -> tuple[RuleResult, ...]:
        """The rules that do not hold."""
        return tuple(result for result in self.results if not result.success)

    @property
    def score(self) -> float:
        """Share of the rules that hold, 0 to 1; 1 if there are no rules."""
        if not self.results:
            return 1.0
        return 1 - len(self.failed) / len(self.results)

    def to_markdown(self) -> str:
        """A table with a line per rule, the failed ones first."""
        lines = ["| rule | holds | finding | examples |", "|---|---|---|---|"]
        for result in sorted(self.results, key=lambda result: result.success):
            examples = ", ".join(str(example) for example in result.examples)
            cells = (result.name, "yes" if result.success else "NO", result.explanation, examples)
            lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
        return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
