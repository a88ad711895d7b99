"""Stock and categories of the items in the online store, for the API."""

import time
from contextlib import closing

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_core.online.catalogue import CATALOGUE, catalogue_items, catalogue_state
from igniteflow_core.online.connect import connect_online_store
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.settings import SettingsResource


@dg.asset(
    description="Stock and categories of the items, for the shop's rules in the API",
    kinds={"redis", "sqlite"},
)
def online_catalogue(items: DataFrame, settings: SettingsResource) -> dg.MaterializeResult[None]:
    """Write the catalogue as one state, which replaces the previous one."""
    table = items.toArrow()
    state = catalogue_state(table, as_of=time.time_ns() // 1_000)
    with closing(connect_online_store(settings.current.online)) as store:
        store.write({CATALOGUE: state})
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": table.num_rows,
            "size_bytes": len(state.payload),
        }
    )


@dg.asset_check(asset=online_catalogue, blocking=True, description="No item is left out")
def online_catalogue_holds_every_item(
    lake: LakeResource, settings: SettingsResource
) -> dg.AssetCheckResult:
    """Check that the store has as many items as the lake."""
    expected = lake.read("items").count()
    with closing(connect_online_store(settings.current.online)) as store:
        stored = store.read([CATALOGUE]).states[0]
    held = catalogue_items(stored).num_rows if stored else 0
    return dg.AssetCheckResult(
        passed=held == expected, metadata={"expected": expected, "held": held}
    )
