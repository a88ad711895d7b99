"""Which fraud model serves, as the graph has recorded it."""

import dagster as dg

CHAMPION_VERSION = "champion_version"
"""Metadata that names a champion: the one that serves, or the one that a look was made for."""


def serving_champion(instance: dg.DagsterInstance) -> str | None:
    """The version that the newest fraud_champion let serve, None if nothing is recorded.

    A sensor drops what was found about another version: a request for it would retrain for, or
    roll back, a model that no longer serves.
    """
    event = instance.get_latest_materialization_event(dg.AssetKey("fraud_champion"))
    materialization = event.asset_materialization if event else None
    named = materialization.metadata.get(CHAMPION_VERSION) if materialization else None
    return None if named is None else str(named.value)
