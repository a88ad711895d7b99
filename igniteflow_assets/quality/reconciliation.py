"""Checks that no row is lost or counted twice: rows delivered = rows kept + rows quarantined."""

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_assets.quality.days_of_run import days_of_run
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.schemas.transactions import (
    QUARANTINED_TRANSACTIONS,
    RAW_TRANSACTIONS,
    TRANSACTIONS,
)
from igniteflow_resources.lake.tables import LakeResource


@dg.asset_check(
    asset=TRANSACTIONS.name,
    blocking=True,
    additional_deps=[RAW_TRANSACTIONS.name, QUARANTINED_TRANSACTIONS.name],
    description="Each delivered row is either in transactions or in quarantined_transactions",
)
def every_row_accounted_for(
    context: dg.AssetCheckExecutionContext, lake: LakeResource
) -> dg.AssetCheckResult:
    """Count the rows of the three tables, for the days of the run or for the whole tables."""
    delivered, kept, quarantined = (
        _rows(context, lake.read(contract.name), contract)
        for contract in (RAW_TRANSACTIONS, TRANSACTIONS, QUARANTINED_TRANSACTIONS)
    )
    return dg.AssetCheckResult(
        passed=delivered == kept + quarantined,
        metadata={
            "rows_delivered": delivered,
            "rows_kept": kept,
            "rows_quarantined": quarantined,
        },
    )


def _rows(context: dg.AssetCheckExecutionContext, table: DataFrame, contract: TableContract) -> int:
    days = days_of_run(context, contract)
    return (days.rows_of(table) if days else table).count()
