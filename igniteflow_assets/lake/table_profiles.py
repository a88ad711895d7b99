"""What the tables of the lake hold, column by column."""

from datetime import timedelta

import dagster as dg
from pydantic import Field
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from igniteflow_assets.lake.written_tables import written_tables
from igniteflow_core.profiles.columns import column_profiles
from igniteflow_core.profiles.page import TableProfile, profile_page
from igniteflow_resources.exporter.assets import COLUMN_PROFILES
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow.tracking import MlflowResource

_DAY = "event_date"


class ProfileConfig(dg.Config):
    """Which rows are looked at."""

    days: int = Field(
        default=7, ge=1, description="Newest days of each table that is partitioned by the day"
    )


@dg.asset(
    description="Rows, nulls, distinct values, quantiles, most common values and a plot of each "
    "column of every table",
    kinds={"spark", "matplotlib"},
)
def table_profiles(
    context: dg.AssetExecutionContext,
    config: ProfileConfig,
    lake: LakeResource,
    mlflow: MlflowResource,
) -> dg.MaterializeResult[None]:
    """Profile the tables of all assets that were ever materialized, and those of topics."""
    tables = written_tables(context.instance, lake)
    profiles = []
    for place, table in enumerate(tables, start=1):
        profiles.append(_profile(table, lake.read(table), config.days))
        context.log.info(f"{place} of {len(tables)}: {table}, {profiles[-1].rows:,} rows")
    with mlflow.asset_run(context, lake.versions(*tables)):
        page = mlflow.log_page(context.asset_key.path[-1], profile_page(profiles))
    return dg.MaterializeResult(
        metadata={
            "tables": len(profiles),
            "records_processed": sum(each.rows for each in profiles),
            "page": dg.MetadataValue.url(page),
            COLUMN_PROFILES: dg.MetadataValue.table(
                [
                    dg.TableRecord(
                        {
                            "table": each.table,
                            "column": column.name,
                            "rows": each.rows,
                            "nulls": column.nulls,
                            "distinct": column.distinct or 0,
                        }
                    )
                    for each in profiles
                    for column in each.columns
                ]
            ),
        }
    )


def _profile(table: str, rows: DataFrame, days: int) -> TableProfile:
    which = "all of them"
    newest = rows.agg(sf.max(_DAY)).first() if _DAY in rows.columns else None
    if newest is not None and newest[0] is not None:
        first = newest[0] - timedelta(days=days - 1)
        rows, which = rows.where(sf.col(_DAY) >= first), f"{first} to {newest[0]}"
    count, columns = column_profiles(rows)
    return TableProfile(table, which, count, tuple(columns))
