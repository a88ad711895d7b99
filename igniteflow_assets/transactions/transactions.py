"""Accepted and quarantined transactions."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_assets.partitions import daily, days_of, one_run_for_all_days
from igniteflow_assets.table_assets import output_of
from igniteflow_core.config.load import load_settings
from igniteflow_core.ingestion.rules import reason_counts
from igniteflow_core.ingestion.transactions import (
    accepted_transactions,
    judge_transactions,
    quarantined_transactions,
)
from igniteflow_core.schemas.own_columns import with_own_columns, with_own_texts
from igniteflow_core.schemas.transactions import QUARANTINED_TRANSACTIONS, TRANSACTIONS
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource

_own = load_settings().sources.own_columns


@dg.multi_asset(
    outs={
        "transactions": output_of(with_own_columns(TRANSACTIONS, _own)),
        "quarantined_transactions": output_of(with_own_texts(QUARANTINED_TRANSACTIONS, _own)),
    },
    partitions_def=daily,
    backfill_policy=one_run_for_all_days,
)
def validated_transactions(
    context: dg.AssetExecutionContext,
    raw_transactions: DataFrame,
    lake: LakeResource,
    spark: SparkResource,
    settings: SettingsResource,
) -> Iterator[dg.Output[DataFrame]]:
    """Validate each delivered row: it is accepted, or quarantined with the reasons."""
    sources = settings.current.sources
    clock, form = sources.clock(datetime.now(UTC)), sources.transactions.form
    days = days_of(context.partition_time_window)
    lookback = timedelta(days=sources.duplicate_lookback_days)
    if lake.exists(TRANSACTIONS.name):
        known = lake.read(TRANSACTIONS.name).where(
            F.col("event_date").between(days[0] - lookback, days[-1] + lookback)
            & ~F.col("event_date").between(days[0], days[-1])
        )
    else:
        known = spark.session.createDataFrame([], TRANSACTIONS.ddl)
    own = sources.own_columns
    judged = judge_transactions(raw_transactions, known, clock, form, own).persist()
    yield dg.Output(accepted_transactions(judged, own), output_name="transactions")
    quarantined = quarantined_transactions(judged, own)
    yield dg.Output(
        quarantined, output_name="quarantined_transactions", metadata=_reasons(quarantined)
    )
    judged.unpersist()


def _reasons(quarantined: DataFrame) -> dict[str, Any]:
    lines = [f"| {reason} | {rows} |" for reason, rows in reason_counts(quarantined).items()]
    return {"reasons": dg.MetadataValue.md("\n".join(["| reason | rows |", "|---|---|", *lines]))}
