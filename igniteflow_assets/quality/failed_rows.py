"""Metadata of a check with the rows that violate its rules."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
from pyspark.sql import DataFrame, Row

from igniteflow_core.config.quality import QualityRule
from igniteflow_core.quality.describe import rule_names
from igniteflow_core.quality.failed_rows import failed_rows
from igniteflow_core.quality.report import QualityReport

_SHOWN_OF_A_RULE = 5


def failed_row_metadata(
    table: str, batch: DataFrame, rules: Sequence[QualityRule], report: QualityReport
) -> Mapping[str, Any]:
    """Return a table with a few rows for each broken rule, and the command that lists all rows.

    The result is empty if no rule that applies to single rows is broken.
    """
    broken = {result.name for result in report.failed}
    shown = [
        _record(name, row)
        for name, rule in zip(rule_names(rules), rules, strict=True)
        if name in broken and (rows := failed_rows(batch, rule)) is not None
        for row in rows.take(_SHOWN_OF_A_RULE)
    ]
    if not shown:
        return {}
    return {
        "failed_rows": dg.MetadataValue.table(shown),
        "all_failed_rows": f"igniteflow table failed-rows {table}",
    }


def _record(rule: str, row: Row) -> dg.TableRecord:
    values = {
        name: value if isinstance(value, bool | int | float | str) else str(value)
        for name, value in row.asDict().items()
    }
    return dg.TableRecord({"broken rule": rule, **values})
