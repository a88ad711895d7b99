"""What a sensor has not seen yet."""

from collections.abc import Sequence

import dagster as dg

_AT_ONCE = 100


def unseen_materializations(
    instance: dg.DagsterInstance, asset: str, seen: int | None
) -> Sequence[dg.EventLogRecord]:
    """The newest materializations of the asset after number ``seen``, oldest first.

    There are 100 at most: what lies before them is past. They are also those that there are where
    ``seen`` is None, and where all numbers are smaller: a database whose newest records were
    deleted may number from there again.
    """
    key = dg.AssetKey(asset)
    newest = instance.fetch_materializations(key, limit=1).records
    if seen is not None and newest and newest[0].storage_id >= seen:
        newer = dg.AssetRecordsFilter(asset_key=key, after_storage_id=seen)
        return instance.fetch_materializations(newer, limit=_AT_ONCE).records[::-1]
    return instance.fetch_materializations(key, limit=_AT_ONCE).records[::-1]
