"""Retraining after drift: one run an episode."""

from collections.abc import Sequence
from datetime import date

import dagster as dg
from pydantic import ValidationError

from igniteflow_assets.cursors import before_newest
from igniteflow_assets.jobs import fraud_training_job
from igniteflow_assets.monitoring.serving_champion import CHAMPION_VERSION, serving_champion
from igniteflow_core.config.load import load_settings
from igniteflow_core.drift.episodes import DriftEpisode, DriftMeasured

DRIFT_DETECTED = "drift_detected"
"""Metadata of the drift assets: whether some column has drifted."""

DRIFTED_FEATURES = "drifted_features"
"""Metadata of the drift assets: which, separated by commas, or none."""

NEWEST_DAY = "newest_day"
"""Metadata of the drift assets: the newest day of data."""

DRIFT_ASSETS = ("feature_drift", "prediction_drift")

_AT_ONCE = 100
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
)
def drift_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Follow the materializations of the drift assets in order; the cursor is a DriftEpisode.

    A sensor without a cursor begins at the newest look of each asset, and a look at drift from the
    training of a model that no longer serves is passed over.
    """
    state = _state(context)
    serving = serving_champion(context.instance)
    cooldown_days = load_settings().drift.cooldown_days
    requests = []
    for number, asset, measured in _new_measurements(context.instance, state):
        if measured is None or serving not in {None, measured.champion}:
            state = state.past(asset, number)
            continue
        state, asks = state.after(measured, number, cooldown_days)
        if asks:
            features = (name for names in state.drifting.values() for name in names)
            requests.append(
                dg.RunRequest(
                    run_key=f"drift:{number}",
                    tags={
                        "igniteflow/reason": _SEPARATOR.join(state.drifting),
                        "igniteflow/drifted": _SEPARATOR.join(features),
                        "igniteflow/champion": state.champion,
                    },
                )
            )
    return dg.SensorResult(
        run_requests=requests,
        cursor=state.model_dump_json(),
        skip_reason=None if requests else _why_not(state),
    )


def _state(context: dg.SensorEvaluationContext) -> DriftEpisode:
    """What the cursor holds; without one that can be read, all looks but the newest are past."""
    if context.cursor:
        try:
            return DriftEpisode.model_validate_json(context.cursor)
        except ValidationError:
            context.log.warning("the cursor is of an earlier version; begins at the newest looks")
    past = {asset: before_newest(context.instance, asset) for asset in DRIFT_ASSETS}
    return DriftEpisode(seen={asset: at for asset, at in past.items() if at is not None})


def _new_measurements(
    instance: dg.DagsterInstance, state: DriftEpisode
) -> list[tuple[int, str, DriftMeasured | None]]:
    """The assets' records since, in order: number, asset, and what it found."""
    records = [
        (record.storage_id, asset, _measured(asset, record.asset_materialization))
        for asset in DRIFT_ASSETS
        for record in instance.fetch_materializations(
            dg.AssetRecordsFilter(
                asset_key=dg.AssetKey(asset), after_storage_id=state.seen.get(asset)
            ),
            limit=_AT_ONCE,
            ascending=True,
        ).records
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
