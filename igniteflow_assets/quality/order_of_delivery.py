"""Checks that duplicates are resolved consistently when days arrive late or repeatedly."""

from datetime import timedelta

import dagster as dg
from pyspark.sql import functions as F

from igniteflow_assets.quality.days_of_run import days_of_run
from igniteflow_core.ingestion.transactions import days_to_judge_together
from igniteflow_core.schemas.transactions import QUARANTINED_TRANSACTIONS, TRANSACTIONS
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.settings import SettingsResource


@dg.asset_check(
    asset=TRANSACTIONS.name,
    additional_deps=[QUARANTINED_TRANSACTIONS.name],
    description="Each row that is quarantined as a duplicate has its original on the same or an "
    "earlier day; a failure is corrected by one run over the days first_day to last_day",
)
def every_duplicate_has_its_original(
    context: dg.AssetCheckExecutionContext, lake: LakeResource, settings: SettingsResource
) -> dg.AssetCheckResult:
    """Check the duplicates of all days within the duplicate lookback of the run's days."""
    quarantined = lake.read(QUARANTINED_TRANSACTIONS.name)
    days = days_of_run(context, QUARANTINED_TRANSACTIONS)
    if days:
        reach = timedelta(days=settings.current.sources.duplicate_lookback_days)
        quarantined = days.widened(reach).rows_of(quarantined)
    unresolved = days_to_judge_together(quarantined, lake.read(TRANSACTIONS.name))
    rows, first, last = unresolved.agg(
        F.count(F.lit(1)), F.min("first_day"), F.max("last_day")
    ).collect()[0]
    return dg.AssetCheckResult(
        passed=rows == 0,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"rows": rows, "first_day": str(first), "last_day": str(last)},
    )
