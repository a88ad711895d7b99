"""The sensor that requests one retraining run per episode of drift."""

from collections.abc import Sequence
from datetime import date

import dagster as dg
from pydantic import ValidationError

from igniteflow_assets.cursors import unseen_materializations
from igniteflow_assets.jobs import fraud_training_job
from igniteflow_assets.monitoring.serving_champion import CHAMPION_VERSION, serving_champion
from igniteflow_core.config.load import load_settings
from igniteflow_core.drift.episodes import DriftEpisode, DriftMeasured

DRIFT_DETECTED = "drift_detected"
"""Metadata of the drift assets: whether any column has drifted."""

DRIFTED_FEATURES = "drifted_features"
"""Metadata of the drift assets: the drifted columns, separated by commas, or none."""

NEWEST_DAY = "newest_day"
"""Metadata of the drift assets: the newest day of data."""

DRIFT_ASSETS = ("feature_drift", "prediction_drift")

_SEPARATOR = ", "


def drift_metadata(day: date, champion: str, drifted: Sequence[str]) -> dict[str, str | bool]:
    """Return the metadata that the sensor reads; the champion's training is the reference."""
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
)
def drift_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Process new materializations of the drift assets; the cursor is a DriftEpisode.

    Only current drift requests a run: episodes that ended while the sensor was stopped do not. The
    run key identifies the episode, so that a sensor without its cursor requests no second run.
    Measurements relative to the training of a model that no longer serves are ignored.
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
    """Parse the cursor; return an empty episode if it is invalid."""
    try:
        return DriftEpisode.model_validate_json(context.cursor or "{}")
    except ValidationError:
        context.log.warning("the cursor is of another version; starts at the newest measurements")
        return DriftEpisode()


def _new_measurements(
    instance: dg.DagsterInstance, state: DriftEpisode
) -> list[tuple[int, str, DriftMeasured | None]]:
    """Return the assets' new records in order: storage id, asset, and measurement."""
    records = [
        (record.storage_id, asset, _measured(asset, record.asset_materialization))
        for asset in DRIFT_ASSETS
        for record in unseen_materializations(instance, asset, state.seen.get(asset))
    ]
    return sorted(records, key=lambda record: record[0])


def _measured(asset: str, event: dg.AssetMaterialization | None) -> DriftMeasured | None:
    """Return the measurement; None for an event that was reported without the drift metadata."""
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
