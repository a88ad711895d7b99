"""What a champion that has become worse sets off: the way back, or another training."""

import json
from collections.abc import Mapping
from typing import Final

import dagster as dg
from pydantic import TypeAdapter, ValidationError

from igniteflow_assets.cursors import before_newest
from igniteflow_assets.jobs import fraud_rollback_job, fraud_training_job
from igniteflow_assets.monitoring.fraud_performance import PERFORMANCE_DROPPED, PREVIOUS_IS_BETTER
from igniteflow_core.config.load import load_settings

_CURSOR: Final = TypeAdapter(tuple[int | None, str | None])


@dg.sensor(
    jobs=[fraud_rollback_job, fraud_training_job],
    minimum_interval_seconds=load_settings().schedules.drift_interval_seconds,
    description="Rolls back a champion that has become worse than the one before it; trains anew "
    "where the one before is no better",
)
def performance_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Follow the materializations of fraud_performance in order; one request for each champion.

    The cursor holds the last one seen and the champion that a request was made for.
    """
    seen, handled = _state(context)
    records = context.instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=dg.AssetKey("fraud_performance"), after_storage_id=seen),
        limit=100,
        ascending=True,
    ).records
    requests = []
    for record in records:
        seen = record.storage_id
        told = _told(record.asset_materialization)
        if not told.get(PERFORMANCE_DROPPED) or told["model_version"] == handled:
            continue
        handled = str(told["model_version"])
        requests.append(_request(record.storage_id, told))
    return dg.SensorResult(
        run_requests=requests,
        cursor=json.dumps([seen, handled]),
        skip_reason=None if requests else "no champion has become worse",
    )


def _state(context: dg.SensorEvaluationContext) -> tuple[int | None, str | None]:
    """What the cursor holds; after one of an earlier version, only the newest record counts."""
    if not context.cursor:
        return None, None
    try:
        return _CURSOR.validate_json(context.cursor)
    except ValidationError:
        context.log.warning("the cursor is of an earlier version; begins at the newest record")
        return before_newest(context.instance, "fraud_performance"), None


def _told(event: dg.AssetMaterialization | None) -> dict[str, object]:
    """Nothing for an event that somebody reported by hand, which says nothing of performance."""
    metadata = event.metadata if event else {}
    if not {PERFORMANCE_DROPPED, PREVIOUS_IS_BETTER, "model_version"} <= metadata.keys():
        return {}
    return {name: value.value for name, value in metadata.items()}


def _request(storage_id: int, told: Mapping[str, object]) -> dg.RunRequest:
    reason = f"performance dropped: {told.get('verdict')}"
    tags = {"igniteflow/reason": "performance_dropped"}
    key = f"fraud_performance:{storage_id}"
    if not told[PREVIOUS_IS_BETTER]:
        return dg.RunRequest(run_key=key, job_name=fraud_training_job.name, tags=tags)
    config = {"action": "roll_back", "reason": reason, "version": told["model_version"]}
    return dg.RunRequest(
        run_key=key,
        job_name=fraud_rollback_job.name,
        run_config={"ops": {"fraud_champion": {"config": config}}},
        tags=tags,
    )
