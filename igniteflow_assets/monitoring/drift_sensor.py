"""Retraining after drift: one run an episode."""

from collections.abc import Sequence
from datetime import date

import dagster as dg
from pydantic import ValidationError

from igniteflow_assets.cursors import unseen_materializations
from igniteflow_assets.jobs import fraud_training_job
from igniteflow_assets.monitoring.serving_champion import CHAMPION_VERSION, serving_champion
from igniteflow_assets.running import sensor_status
from igniteflow_core.config.load import load_settings
from igniteflow_core.drift.episodes import DriftEpisode, DriftMeasured

DRIFT_DETECTED = "drift_detected"
"""Metadata of the drift assets: whether some column has drifted."""

DRIFTED_FEATURES = "drifted_features"
"""Metadata of the drift assets: which, separated by commas, or none."""

NEWEST_DAY = "newest_day"
"""Metadata of the drift assets: the newest day of data."""

DRIFT_ASSETS = ("feature_drift", "prediction_drift")

_SEPARATOR = ", "


def drift_metadata(day: date, champion: str, drifted: Sequence[str]) -> dict[str, str | bool]:
    """What a drift asset states for the sensor; the champion's training was its reference."""
    return {
        DRIFT_DETECTED: bool(drifted),
        DRIFTED_FEATURES: _SEPARATOR.join(drifted) or "none",
        NEWEST_DAY: day.isoformat(),
        CHAMPION_VERSION: champion,
    }


@dg.sensor(
    job=fraud_training_job,
    minimum_interval_seconds=load_settings().schedules.drift_interval_seconds,
    description="Requests one retraining run for each episode of drift",
    default_status=sensor_status("drift_sensor"),
)
def drift_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Follow the materializations of the drift assets; the cursor is a DriftEpisode.

    What is asked for is the drift that there is now: episodes that have ended while the sensor was
    off ask for nothing. The run key names the episode, so that a sensor that lost its cursor asks
    for the run that there is already. A look at drift from the training of a model that no longer
    serves is passed over.
    """
    state = _state(context)
    serving = serving_champion(context.instance)
    for number, asset, measured in _new_measurements(context.instance, state):
        if measured is None or (serving and serving.version != measured.champion):
            state = state.past(asset, number)
        else:
            state = state.after(measured, number)
    if serving and serving.version != state.champion:
        skipped = "no drift from the training of the model that serves"
    elif not state.asks(load_settings().drift.cooldown_days):
        skipped = _why_not(state)
    else:
        return dg.SensorResult(
            run_requests=[_request(state)], cursor=state.requested().model_dump_json()
        )
    return dg.SensorResult(cursor=state.model_dump_json(), skip_reason=skipped)


def _request(state: DriftEpisode) -> dg.RunRequest:
    features = (name for names in state.drifting.values() for name in names)
    return dg.RunRequest(
        run_key=f"drift:{state.champion}:{state.began}",
        tags={
            "igniteflow/reason": _SEPARATOR.join(state.drifting),
            "igniteflow/drifted": _SEPARATOR.join(features),
            "igniteflow/champion": state.champion,
        },
    )


def _state(context: dg.SensorEvaluationContext) -> DriftEpisode:
    """What the cursor holds; nothing if it cannot be read."""
    try:
        return DriftEpisode.model_validate_json(context.cursor or "{}")
    except ValidationError:
        context.log.warning("the cursor is of an earlier version; begins at the newest looks")
        return DriftEpisode()


def _new_measurements(
    instance: dg.DagsterInstance, state: DriftEpisode
) -> list[tuple[int, str, DriftMeasured | None]]:
    """The assets' records since, in order: number, asset, and what it found."""
    records = [
        (record.storage_id, asset, _measured(asset, record.asset_materialization))
        for asset in DRIFT_ASSETS
        for record in unseen_materializations(instance, asset, state.seen.get(asset))
    ]
    return sorted(records, key=lambda record: record[0])


def _measured(asset: str, event: dg.AssetMaterialization | None) -> DriftMeasured | None:
    """None for an event that somebody reported by hand, which says nothing of drift."""
    metadata = event.metadata if event else {}
    if not {DRIFT_DETECTED, DRIFTED_FEATURES, NEWEST_DAY, CHAMPION_VERSION} <= metadata.keys():
        return None
    drifted = str(metadata[DRIFTED_FEATURES].value).split(_SEPARATOR)
    return DriftMeasured.model_validate(
        {
            "by": asset,
            "day": metadata[NEWEST_DAY].value,
            "champion": metadata[CHAMPION_VERSION].value,
            "drifted": drifted if metadata[DRIFT_DETECTED].value else [],
        }
    )


def _why_not(state: DriftEpisode) -> str:
    if not state.drifting:
        return "no drift"
    if state.answered:
        return f"retraining for this drift was requested on {state.last_request}"
    return f"drift, but the last request, on {state.last_request}, is too recent"
