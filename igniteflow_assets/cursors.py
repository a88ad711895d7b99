"""Where a sensor begins that has no cursor: switched on, reset, or upgraded."""

import dagster as dg


def before_newest(instance: dg.DagsterInstance, asset: str) -> int | None:
    """Storage id of the asset's last materialization but one, None if there are fewer than two.

    Whoever goes on from there sees the newest one alone: what lies before was dealt with.
    """
    records = instance.fetch_materializations(dg.AssetKey(asset), limit=2).records
    return records[1].storage_id if len(records) == 2 else None
