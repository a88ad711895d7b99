"""Maintenance of the tables of the lake."""

from datetime import timedelta

import dagster as dg
import pandas as pd

from igniteflow_assets.lake.written_tables import written_tables
from igniteflow_resources.lake.maintenance import maintain_table
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.settings import SettingsResource


@dg.asset(
    description="Compaction of small files of all tables, and deletion of files of old versions",
    kinds={"spark", "delta"},
)
def table_maintenance(
    context: dg.AssetExecutionContext, lake: LakeResource, settings: SettingsResource
) -> dg.MaterializeResult[None]:
    """Maintain the tables of all assets that have been materialized, and those of topics."""
    history = timedelta(days=settings.current.lake.history_days)
    done = [maintain_table(lake, name, history) for name in written_tables(context.instance, lake)]
    tables = pd.DataFrame([vars(each) for each in done])
    return dg.MaterializeResult(
        metadata={
            "tables": len(done),
            **{
                fact: sum(getattr(each, fact) for each in done)
                for fact in ("files_before", "files_after", "files_deleted", "bytes_reclaimed")
            },
            "by_table": dg.MetadataValue.md(tables.to_markdown(index=False)),
        }
    )
