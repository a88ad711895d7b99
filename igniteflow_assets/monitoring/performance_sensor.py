"""What a champion that has become worse sets off: a rollback, or another training."""

import json
from collections.abc import Mapping
from typing import Final

import dagster as dg
from pydantic import TypeAdapter, ValidationError

from igniteflow_assets.cursors import unseen_materializations
from igniteflow_assets.monitoring.performance_metadata import (
    PERFORMANCE_DROPPED,
    PREVIOUS_IS_BETTER,
)
from igniteflow_assets.monitoring.serving_champion import serving_champion
from igniteflow_assets.monitoring.watched_model import FRAUD, RECOMMENDATION, WatchedModel
from igniteflow_assets.running import sensor_status
from igniteflow_core.config.load import load_settings

_CURSOR: Final = TypeAdapter(tuple[int | None, str | None])


def _performance_sensor(name: str, model: WatchedModel) -> dg.SensorDefinition:
    @dg.sensor(
        name=name,
        jobs=[model.rollback_job, model.training_job],
        minimum_interval_seconds=load_settings().schedules.drift_interval_seconds,
        description="Rolls back a champion that has become worse than the previous one; retrains "
        "if the previous one is no better",
        default_status=sensor_status(name),
    )
    def follow(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        """Follow the judgements of the champion; one request each time a champion serves.

        The cursor holds the last one seen and the run key of the last request, which names the
        champion and since when it serves, so that a sensor that lost its cursor asks for the run
        that there is already. What counts is the newest record of the model that serves.
        """
        serving = serving_champion(context.instance, model.champion)
        seen, requested = _state(context)
        newest: Mapping[str, object] = {}
        for record in unseen_materializations(context.instance, model.performance, seen):
            seen = record.storage_id
            judged = _judgement(record.asset_materialization)
            if judged and (serving is None or str(judged["model_version"]) == serving.version):
                newest = judged
        if newest.get(PERFORMANCE_DROPPED):
            since = serving.since if serving else 0
            champion = f"{model.performance}:{newest['model_version']}:"
            key = f"{champion}{since}"
            # Where older records were deleted, nothing says that it has not served all the time.
            is_answered = str(requested).startswith(champion) if since == 0 else requested == key
            if not is_answered:
                return dg.SensorResult(
                    run_requests=[_request(model, key, newest)], cursor=json.dumps([seen, key])
                )
        return dg.SensorResult(
            cursor=json.dumps([seen, requested]), skip_reason="no champion has become worse"
        )

    return follow


performance_sensor = _performance_sensor("performance_sensor", FRAUD)
recommendation_performance_sensor = _performance_sensor(
    "recommendation_performance_sensor", RECOMMENDATION
)


def _state(context: dg.SensorEvaluationContext) -> tuple[int | None, str | None]:
    """Parse the cursor; return None for both parts if it is invalid."""
    try:
        return _CURSOR.validate_json(context.cursor or "[null, null]")
    except ValidationError:
        context.log.warning("the cursor is of another version; starts at the newest record")
        return None, None


def _judgement(event: dg.AssetMaterialization | None) -> dict[str, object]:
    """Return the metadata; empty for an event that was reported without performance metadata."""
    metadata = event.metadata if event else {}
    if not {PERFORMANCE_DROPPED, PREVIOUS_IS_BETTER, "model_version"} <= metadata.keys():
        return {}
    return {name: value.value for name, value in metadata.items()}


def _request(model: WatchedModel, run_key: str, judged: Mapping[str, object]) -> dg.RunRequest:
    champion = str(judged["model_version"])
    reason = f"performance dropped: {judged.get('verdict')}"
    tags = {"igniteflow/reason": "performance_dropped", "igniteflow/champion": champion}
    if not judged[PREVIOUS_IS_BETTER]:
        return dg.RunRequest(run_key=run_key, job_name=model.training_job.name, tags=tags)
    config = {"action": "roll_back", "reason": reason, "version": champion}
    return dg.RunRequest(
        run_key=run_key,
        job_name=model.rollback_job.name,
        run_config={"ops": {model.champion: {"config": config}}},
        tags=tags,
    )
