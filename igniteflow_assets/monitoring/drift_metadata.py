"""What the drift assets state for the sensors that follow them."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import dagster as dg

from igniteflow_assets.monitoring.serving_champion import CHAMPION_VERSION
from igniteflow_core.drift.episodes import DriftMeasured

DRIFT_DETECTED: Final = "drift_detected"
"""Metadata of the drift assets: whether some column has drifted."""

DRIFTED_FEATURES: Final = "drifted_features"
"""Metadata of the drift assets: which, separated by commas, or none."""

NEWEST_DAY: Final = "newest_day"
"""Metadata of the drift assets: the newest day of data."""

LEARNED_TO: Final = "training_would_learn_to"
"""Metadata of the drift assets: the last day that a training of now would learn from."""

SEPARATOR: Final = ", "


def drift_metadata(
    day: date, champion: str, drifted: Sequence[str], learned_to: date
) -> dict[str, str | bool]:
    """What a drift asset states; the champion's training was its reference."""
    return {
        DRIFT_DETECTED: bool(drifted),
        DRIFTED_FEATURES: SEPARATOR.join(drifted) or "none",
        NEWEST_DAY: day.isoformat(),
        LEARNED_TO: learned_to.isoformat(),
        CHAMPION_VERSION: champion,
    }


def drift_measured(asset: str, event: dg.AssetMaterialization | None) -> DriftMeasured | None:
    """The same, parsed; None for an event that was reported by hand."""
    metadata = event.metadata if event else {}
    stated = {DRIFT_DETECTED, DRIFTED_FEATURES, NEWEST_DAY, LEARNED_TO, CHAMPION_VERSION}
    if not stated <= metadata.keys():
        return None
    drifted = str(metadata[DRIFTED_FEATURES].value).split(SEPARATOR)
    return DriftMeasured.model_validate(
        {
            "by": asset,
            "day": metadata[NEWEST_DAY].value,
            "champion": metadata[CHAMPION_VERSION].value,
            "drifted": drifted if metadata[DRIFT_DETECTED].value else [],
            "learned_to": metadata[LEARNED_TO].value,
        }
    )
