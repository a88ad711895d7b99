"""Retraining after drift: one run an episode, once it can learn from the days that drifted."""

import dagster as dg
from pydantic import ValidationError

from igniteflow_assets.cursors import unseen_materializations
from igniteflow_assets.monitoring.drift_metadata import SEPARATOR, drift_measured
from igniteflow_assets.monitoring.serving_champion import serving_champion
from igniteflow_assets.monitoring.watched_model import FRAUD, RECOMMENDATION, WatchedModel
from igniteflow_assets.running import sensor_status
from igniteflow_core.config.load import load_settings
from igniteflow_core.drift.episodes import DriftEpisode, DriftMeasured


def _drift_sensor(name: str, model: WatchedModel) -> dg.SensorDefinition:
    @dg.sensor(
        name=name,
        job=model.training_job,
        minimum_interval_seconds=load_settings().schedules.drift_interval_seconds,
        description="Requests one retraining run for each episode of drift, once it can learn from "
        "the days that drifted",
        default_status=sensor_status(name),
    )
    def follow(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        """Follow the materializations of the drift assets; the cursor is a DriftEpisode.

        What is asked for is the drift that there is now: episodes that have ended while the sensor
        was off ask for nothing. The run key names the episode, so that a sensor that lost its
        cursor asks for the run that there is already. A look at drift from the training of a model
        that no longer serves is passed over.
        """
        state = _state(context)
        serving = serving_champion(context.instance, model.champion)
        for number, asset, measured in _new_measurements(context.instance, model, state):
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

    return follow


drift_sensor = _drift_sensor("drift_sensor", FRAUD)
recommendation_drift_sensor = _drift_sensor("recommendation_drift_sensor", RECOMMENDATION)


def _request(state: DriftEpisode) -> dg.RunRequest:
    features = (name for names in state.drifting.values() for name in names)
    return dg.RunRequest(
        run_key=f"drift:{state.champion}:{state.began}",
        tags={
            "igniteflow/reason": SEPARATOR.join(state.drifting),
            "igniteflow/drifted": SEPARATOR.join(features),
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
    instance: dg.DagsterInstance, model: WatchedModel, state: DriftEpisode
) -> list[tuple[int, str, DriftMeasured | None]]:
    """Return the assets' new records in order: storage id, asset, and measurement."""
    records = [
        (record.storage_id, asset, drift_measured(asset, record.asset_materialization))
        for asset in model.drift
        for record in unseen_materializations(instance, asset, state.seen.get(asset))
    ]
    return sorted(records, key=lambda record: record[0])


def _why_not(state: DriftEpisode) -> str:
    if not state.drifting:
        return "no drift"
    if state.answered:
        return f"retraining for this drift was requested on {state.last_request}"
    if not state.is_learnable:
        return (
            f"drift, seen first on {state.began_on}, and a training would learn from the days to "
            f"{state.learned_to} alone"
        )
    return f"drift, but the last request, on {state.last_request}, is too recent"
