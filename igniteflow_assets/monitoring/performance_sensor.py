"""What a champion that has become worse sets off: the way back, or another training."""

import json
from collections.abc import Mapping
from typing import Final

import dagster as dg
from pydantic import TypeAdapter, ValidationError

from igniteflow_assets.cursors import before_newest
from igniteflow_assets.jobs import fraud_rollback_job, fraud_training_job
from igniteflow_assets.monitoring.fraud_performance import PERFORMANCE_DROPPED, PREVIOUS_IS_BETTER
from igniteflow_assets.monitoring.serving_champion import serving_champion
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

    The cursor holds the last one seen and the champion that a request was made for. A sensor
    without a cursor begins at the newest record, and a record of a model that no longer serves is
    passed over.
    """
    serving = serving_champion(context.instance)
    seen, handled = _state(context)
    records = context.instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=dg.AssetKey("fraud_performance"), after_storage_id=seen),
        limit=100,
        ascending=True,
    ).records
    requests = []
    for record in records:
        seen = record.storage_id
        judged = _judgement(record.asset_materialization)
        if not judged.get(PERFORMANCE_DROPPED):
            continue
        champion = str(judged["model_version"])
        if champion == handled or serving not in {None, champion}:
            continue
        handled = champion
        requests.append(_request(record.storage_id, champion, judged))
    return dg.SensorResult(
        run_requests=requests,
        cursor=json.dumps([seen, handled]),
        skip_reason=None if requests else "no champion has become worse",
    )


def _state(context: dg.SensorEvaluationContext) -> tuple[int | None, str | None]:
    """What the cursor holds; without one that can be read, only the newest record counts."""
    if context.cursor:
        try:
            return _CURSOR.validate_json(context.cursor)
        except ValidationError:
            context.log.warning("the cursor is of an earlier version; begins at the newest record")
    return before_newest(context.instance, "fraud_performance"), None


def _judgement(event: dg.AssetMaterialization | None) -> dict[str, object]:
    """Nothing for an event that somebody reported by hand, which says nothing of performance."""
    metadata = event.metadata if event else {}
    if not {PERFORMANCE_DROPPED, PREVIOUS_IS_BETTER, "model_version"} <= metadata.keys():
        return {}
    return {name: value.value for name, value in metadata.items()}


def _request(storage_id: int, champion: str, judged: Mapping[str, object]) -> dg.RunRequest:
    reason = f"performance dropped: {judged.get('verdict')}"
    tags = {"igniteflow/reason": "performance_dropped", "igniteflow/champion": champion}
    key = f"fraud_performance:{storage_id}"
    if not judged[PREVIOUS_IS_BETTER]:
        return dg.RunRequest(run_key=key, job_name=fraud_training_job.name, tags=tags)
    config = {"action": "roll_back", "reason": reason, "version": champion}
    return dg.RunRequest(
        run_key=key,
        job_name=fraud_rollback_job.name,
        run_config={"ops": {"fraud_champion": {"config": config}}},
        tags=tags,
    )
