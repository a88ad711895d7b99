"""One asset check per table: its configured rules, evaluated with Great Expectations."""

from collections.abc import Mapping
from datetime import timedelta

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_assets.quality.days_of_run import days_of_run
from igniteflow_assets.quality.failed_rows import failed_row_metadata
from igniteflow_core.config.load import load_settings
from igniteflow_core.config.quality import (
    ProfileRule,
    QualitySettings,
    rules_of_table,
    rules_without_a_table,
)
from igniteflow_core.errors import ConfigurationError
from igniteflow_core.features.contract import FRAUD_FEATURES_TABLE
from igniteflow_core.quality.days import Days
from igniteflow_core.quality.report import RULE_SCORE
from igniteflow_core.readable import readable
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.schemas.interactions import ITEMS, RATINGS, USERS
from igniteflow_core.schemas.transactions import CUSTOMERS, TERMINALS, TRANSACTIONS
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.settings import SettingsResource

CHECKED_TABLES = (
    TRANSACTIONS,
    CUSTOMERS,
    TERMINALS,
    FRAUD_FEATURES_TABLE,
    RATINGS,
    USERS,
    ITEMS,
)


def rule_check(contract: TableContract, quality: QualitySettings) -> dg.AssetChecksDefinition:
    """Create the check of a table; ``fail_on_error`` makes broken rules block downstream assets."""

    @dg.asset_check(
        asset=contract.name,
        name=f"{contract.name}_rules",
        description=f"{len(quality.rules)} configured quality rules, with Great Expectations",
        blocking=quality.fail_on_error,
    )
    def check(
        context: dg.AssetCheckExecutionContext, lake: LakeResource, settings: SettingsResource
    ) -> dg.AssetCheckResult:
        # Importing Great Expectations takes seconds, so definitions are loaded without it.
        from igniteflow_core.quality.validate import validate  # noqa: PLC0415

        quality = settings.current.quality
        current = rules_of_table(quality, contract.name, contract.column_names)
        days = days_of_run(context, contract)
        batch, reference = _batch_and_reference(lake.read(contract.name), days, current)
        several = days if days and len(days.dates) > 1 else None
        report = validate(batch, current.rules, reference=reference, days=several)
        return dg.AssetCheckResult(
            passed=report.success,
            severity=(
                dg.AssetCheckSeverity.ERROR if current.fail_on_error else dg.AssetCheckSeverity.WARN
            ),
            metadata={
                "rows": dg.MetadataValue.int(report.row_count),
                "score": dg.MetadataValue.float(readable(report.score)),
                "failed_rules": dg.MetadataValue.int(len(report.failed)),
                "rules": dg.MetadataValue.md(report.to_markdown()),
                **{
                    f"{RULE_SCORE}{result.name}": dg.MetadataValue.float(readable(result.score))
                    for result in report.results
                },
                **failed_row_metadata(contract.name, batch, current.rules, report),
            },
        )

    return check


def _batch_and_reference(
    table: DataFrame, days: Days | None, quality: QualitySettings
) -> tuple[DataFrame, DataFrame | None]:
    """Return the run's days and the reference days, or the whole table if it has no days."""
    if days is None:
        return table, None
    spans = [rule.reference_days for rule in quality.rules if isinstance(rule, ProfileRule)]
    reference = days.before(timedelta(days=max(spans))).rows_of(table) if spans else None
    return days.rows_of(table), reference


def checks_of(quality: Mapping[str, QualitySettings]) -> list[dg.AssetChecksDefinition]:
    """Return the checks of all tables that have rules.

    Raises:
        ConfigurationError: a rule refers to a table or a column that does not exist.
    """
    tables = {contract.name: contract.column_names for contract in CHECKED_TABLES}
    unknown = rules_without_a_table(quality, tables)
    if unknown:
        listed = "".join(f"\n    - {rule}" for rule in unknown)
        raise ConfigurationError(
            f"{len(unknown)} rule(s) refer to tables or columns that do not exist:{listed}\n"
            "  They are set",
            where="the settings quality and data_quality",
            fix=f"use columns of these tables: {', '.join(tables)}",
        )
    rules = {
        contract: rules_of_table(quality, contract.name, contract.column_names)
        for contract in CHECKED_TABLES
    }
    return [rule_check(contract, each) for contract, each in rules.items() if each.rules]


rule_checks = checks_of(load_settings().quality)
