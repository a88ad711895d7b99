"""Days that came late or again: which of several rows with one id counts is no matter of luck."""

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
    "earlier day; where that fails, one run over the days first_day to last_day mends it",
)
def every_duplicate_has_its_original(
    context: dg.AssetCheckExecutionContext, lake: LakeResource, settings: SettingsResource
) -> dg.AssetCheckResult:
    """Look at the duplicates of the days whose ids those of the run may have taken or left."""
    quarantined = lake.read(QUARANTINED_TRANSACTIONS.name)
    days = days_of_run(context, QUARANTINED_TRANSACTIONS)
    if days:
        reach = timedelta(days=settings.current.sources.duplicate_lookback_days)
        quarantined = days.widened(reach).rows_of(quarantined)
    found = days_to_judge_together(quarantined, lake.read(TRANSACTIONS.name))
    rows, first, last = found.agg(
        F.count(F.lit(1)), F.min("first_day"), F.max("last_day")
    ).collect()[0]
    return dg.AssetCheckResult(
        passed=rows == 0,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"rows": rows, "first_day": str(first), "last_day": str(last)},
    )
