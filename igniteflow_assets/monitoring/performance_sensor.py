"""What a champion that has become worse sets off: the way back, or another training."""

import json
from collections.abc import Mapping
from typing import Final

import dagster as dg
from pydantic import TypeAdapter, ValidationError

from igniteflow_assets.cursors import unseen_materializations
from igniteflow_assets.jobs import fraud_rollback_job, fraud_training_job
from igniteflow_assets.monitoring.fraud_performance import PERFORMANCE_DROPPED, PREVIOUS_IS_BETTER
from igniteflow_assets.monitoring.serving_champion import serving_champion
from igniteflow_assets.running import sensor_status
from igniteflow_core.config.load import load_settings

_PERFORMANCE = "fraud_performance"
_CURSOR: Final = TypeAdapter(tuple[int | None, str | None])


@dg.sensor(
    jobs=[fraud_rollback_job, fraud_training_job],
    minimum_interval_seconds=load_settings().schedules.drift_interval_seconds,
    description="Rolls back a champion that has become worse than the one before it; trains anew "
    "where the one before is no better",
    default_status=sensor_status("performance_sensor"),
)
def performance_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Follow the materializations of fraud_performance; one request each time a champion serves.

    The cursor holds the last one seen and the run key of the last request, which names the champion
    and since when it serves, so that a sensor that lost its cursor asks for the run that there is
    already. What counts is the newest record of the model that serves.
    """
    serving = serving_champion(context.instance)
    seen, requested = _state(context)
    newest: Mapping[str, object] = {}
    for record in unseen_materializations(context.instance, _PERFORMANCE, seen):
        seen = record.storage_id
        judged = _judgement(record.asset_materialization)
        if judged and (serving is None or str(judged["model_version"]) == serving.version):
            newest = judged
    if newest.get(PERFORMANCE_DROPPED):
        since = serving.since if serving else 0
        champion = f"{_PERFORMANCE}:{newest['model_version']}:"
        key = f"{champion}{since}"
        # Where older records were deleted, nothing says that it has not served all the time.
        is_answered = str(requested).startswith(champion) if since == 0 else requested == key
        if not is_answered:
            return dg.SensorResult(
                run_requests=[_request(key, newest)], cursor=json.dumps([seen, key])
            )
    return dg.SensorResult(
        cursor=json.dumps([seen, requested]), skip_reason="no champion has become worse"
    )


def _state(context: dg.SensorEvaluationContext) -> tuple[int | None, str | None]:
    """What the cursor holds; nothing if it cannot be read."""
    try:
        return _CURSOR.validate_json(context.cursor or "[null, null]")
    except ValidationError:
        context.log.warning("the cursor is of an earlier version; begins at the newest record")
        return None, None


def _judgement(event: dg.AssetMaterialization | None) -> dict[str, object]:
    """Nothing for an event that somebody reported by hand, which says nothing of performance."""
    metadata = event.metadata if event else {}
    if not {PERFORMANCE_DROPPED, PREVIOUS_IS_BETTER, "model_version"} <= metadata.keys():
        return {}
    return {name: value.value for name, value in metadata.items()}


def _request(run_key: str, judged: Mapping[str, object]) -> dg.RunRequest:
    champion = str(judged["model_version"])
    reason = f"performance dropped: {judged.get('verdict')}"
    tags = {"igniteflow/reason": "performance_dropped", "igniteflow/champion": champion}
    if not judged[PREVIOUS_IS_BETTER]:
        return dg.RunRequest(run_key=run_key, job_name=fraud_training_job.name, tags=tags)
    config = {"action": "roll_back", "reason": reason, "version": champion}
    return dg.RunRequest(
        run_key=run_key,
        job_name=fraud_rollback_job.name,
        run_config={"ops": {"fraud_champion": {"config": config}}},
        tags=tags,
    )
