"""Retraining after drift: one run an episode."""

import dagster as dg

from igniteflow_assets.jobs import fraud_training_job
from igniteflow_core.config.load import load_settings
from igniteflow_core.drift.episodes import DriftEpisode, DriftMeasured

DRIFTED_FEATURES = "drifted_features"
"""Metadata of the drift assets: the columns that have drifted, a JSON list."""

NEWEST_DAY = "newest_day"
"""Metadata of the drift assets: the newest day of data."""

CHAMPION_VERSION = "champion_version"
"""Metadata of the drift assets: whose training was the reference."""

DRIFT_ASSETS = ("feature_drift", "prediction_drift")

_AT_ONCE = 100


@dg.sensor(
    job=fraud_training_job,
    minimum_interval_seconds=load_settings().schedules.drift_interval_seconds,
    description="Requests one retraining run for each episode of drift",
)
def drift_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Follow the materializations of the drift assets in order; the cursor is a DriftEpisode."""
    state = DriftEpisode.model_validate_json(context.cursor) if context.cursor else DriftEpisode()
    cooldown_days = load_settings().drift.cooldown_days
    requests = []
    for number, measured in _new_measurements(context.instance, state):
        state, asks = state.after(measured, number, cooldown_days)
        if asks:
            features = (name for names in state.drifting.values() for name in names)
            requests.append(
                dg.RunRequest(
                    run_key=f"drift:{number}",
                    tags={
                        "igniteflow/reason": ", ".join(state.drifting),
                        "igniteflow/drifted": ", ".join(features),
                        "igniteflow/champion": state.champion,
                    },
                )
            )
    return dg.SensorResult(
        run_requests=requests,
        cursor=state.model_dump_json(),
        skip_reason=None if requests else _why_not(state),
    )


def _new_measurements(
    instance: dg.DagsterInstance, state: DriftEpisode
) -> list[tuple[int, DriftMeasured]]:
    """What the assets have found since, with the number of the record, in order."""
    found = []
    for asset in DRIFT_ASSETS:
        records = instance.fetch_materializations(
            dg.AssetRecordsFilter(
                asset_key=dg.AssetKey(asset), after_storage_id=state.seen.get(asset)
            ),
            limit=_AT_ONCE,
            ascending=True,
        ).records
        for record in records:
            if record.asset_materialization is not None:
                metadata = record.asset_materialization.metadata
                values = {
                    field: metadata[name].value
                    for field, name in (
                        ("day", NEWEST_DAY),
                        ("champion", CHAMPION_VERSION),
                        ("drifted", DRIFTED_FEATURES),
                    )
                }
                measured = DriftMeasured.model_validate({"by": asset} | values)
                found.append((record.storage_id, measured))
    return sorted(found, key=lambda numbered: numbered[0])


def _why_not(state: DriftEpisode) -> str:
    if not state.drifting:
        return "no drift"
    if state.answered:
        return f"retraining for this drift was requested on {state.last_request}"
    return f"drift, but the last request, on {state.last_request}, is too recent"
