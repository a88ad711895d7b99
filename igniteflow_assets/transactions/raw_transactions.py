"""Transactions as delivered."""

from datetime import UTC, datetime
from functools import partial

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_assets.partitions import days_of
from igniteflow_assets.table_assets import table_asset
from igniteflow_assets.transactions.transaction_arrivals import NAME, transaction_arrivals
from igniteflow_assets.transactions.transaction_source import transaction_source
from igniteflow_core.config.load import load_settings
from igniteflow_core.ingestion.delivery import read_days, read_days_together
from igniteflow_core.ingestion.landing import landed
from igniteflow_core.schemas.own_columns import with_own_texts
from igniteflow_core.schemas.transactions import RAW_TRANSACTIONS, TRANSACTION_SOURCE_COLUMNS
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource

READ_AT = "read_at"
"""Metadata entry with the time at which the reading of a day started."""


@table_asset(
    with_own_texts(RAW_TRANSACTIONS, load_settings().sources.own_columns),
    deps=[NAME] if transaction_arrivals else [],
)
def raw_transactions(
    context: dg.AssetExecutionContext,
    lake: LakeResource,
    spark: SparkResource,
    settings: SettingsResource,
) -> dg.Output[DataFrame]:
    """Read the rows of the days, and rename the source's columns to IgniteFlow's names."""
    current = settings.current
    sources = current.sources
    read_at = datetime.now(UTC)
    days = days_of(context.partition_time_window)
    landing = lake.landing(RAW_TRANSACTIONS.name)
    source = landed(spark.session, transaction_source(current, lake), landing, days)
    read = (
        read_days
        if source.is_daily
        else partial(
            read_days_together,
            clock=sources.clock(read_at),
            first_day=current.partitions.start_date,
        )
    )
    delivered = read(
        spark.session,
        source,
        sources.root,
        days,
        (*TRANSACTION_SOURCE_COLUMNS, *sources.own_columns),
        optional=("is_fraud",),
    )
    left_out = ", ".join(
        f"{name} since {day}" if day else name for name, day in delivered.left_out.items()
    )
    contract = with_own_texts(RAW_TRANSACTIONS, sources.own_columns)
    return dg.Output(
        delivered.rows.select(contract.column_names),
        metadata={
            "columns_left_out": left_out or "none",
            READ_AT: dg.MetadataValue.timestamp(read_at),
        },
    )
