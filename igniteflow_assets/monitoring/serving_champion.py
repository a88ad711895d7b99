"""Which version of a model serves, as the graph has recorded it."""

from dataclasses import dataclass

import dagster as dg

CHAMPION_VERSION = "champion_version"
"""Metadata entry with a champion: the serving one, or the one that a measurement refers to."""

_AT_ONCE = 100


@dataclass(frozen=True)
class ServingChampion:
    """The serving model.

    Attributes:
        version: version number in the registry.
        since: storage id of the materialization with which its service started, so that a version
            that serves again has another id; 0 if there is no record of a previous version.
    """

    version: str
    since: int


def serving_champion(instance: dg.DagsterInstance, champion: str) -> ServingChampion | None:
    """What the newest materialization of the champion let serve, None if nothing is recorded.

    Sensors ignore measurements of other versions, because a request for them would retrain or roll
    back for a model that no longer serves.
    """
    key = dg.AssetKey(champion)
    event = instance.get_latest_materialization_event(key)
    version = _version(event.asset_materialization) if event else None
    return None if version is None else ServingChampion(version, _since(instance, key, version))


def _since(instance: dg.DagsterInstance, champion: dg.AssetKey, version: str) -> int:
    since, cursor, more = 0, None, True
    while more:
        page = instance.fetch_materializations(champion, limit=_AT_ONCE, cursor=cursor)
        for record in page.records:
            if _version(record.asset_materialization) != version:
                return since
            since = record.storage_id
        cursor, more = page.cursor, page.has_more
    return 0


def _version(materialization: dg.AssetMaterialization | None) -> str | None:
    named = materialization.metadata.get(CHAMPION_VERSION) if materialization else None
    return None if named is None else str(named.value)
