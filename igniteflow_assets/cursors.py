"""Reads the materializations after a sensor's cursor."""

from collections.abc import Sequence

import dagster as dg

_AT_ONCE = 100


def unseen_materializations(
    instance: dg.DagsterInstance, asset: str, after: int | None
) -> Sequence[dg.EventLogRecord]:
    """Return the newest materializations of the asset after a storage id, oldest first.

    At most 100 are returned; older ones are skipped. If ``after`` is None, or larger than all ids,
    the newest materializations are returned: a database whose newest records were deleted may
    assign their ids again.
    """
    key = dg.AssetKey(asset)
    newest = instance.fetch_materializations(key, limit=1).records
    if after is not None and newest and newest[0].storage_id >= after:
        newer = dg.AssetRecordsFilter(asset_key=key, after_storage_id=after)
        return instance.fetch_materializations(newer, limit=_AT_ONCE).records[::-1]
    return instance.fetch_materializations(key, limit=_AT_ONCE).records[::-1]
