"""What starts by what happened: retraining after drift, an alert after a failed run."""

import json

import dagster as dg

from igniteflow_assets.jobs import fraud_training_job
from igniteflow_assets.monitoring.performance_sensor import performance_sensor
from igniteflow_assets.stream.stream_state import stream_stall_sensor
from igniteflow_core.config.load import load_settings
from igniteflow_resources.alerts import AlertResource

DRIFT_DETECTED = "drift_detected"
"""Name of the metadata of ``feature_drift`` that says whether some feature has drifted."""

DRIFTED_FEATURES = "drifted_features"
"""Name of the metadata of ``feature_drift`` that lists them."""


@dg.sensor(
    job=fraud_training_job,
    minimum_interval_seconds=load_settings().schedules.drift_interval_seconds,
    description="Requests one retraining run for each drift, when it is first detected",
)
def drift_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Follow the materializations of feature_drift in order.

    A drift lasts from the first materialization that detects it to the next that does not; only
    its first one requests a run. The cursor holds the last one seen and whether it had drift.
    """
    seen, drifting = json.loads(context.cursor) if context.cursor else (None, False)
    records = context.instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=dg.AssetKey("feature_drift"), after_storage_id=seen),
        limit=100,
        ascending=True,
    ).records
    requests = []
    for record in records:
        materialization = record.asset_materialization
        if materialization is None:
            continue
        detected = bool(materialization.metadata[DRIFT_DETECTED].value)
        if detected and not drifting:
            features = str(materialization.metadata[DRIFTED_FEATURES].value)
            requests.append(
                dg.RunRequest(
                    run_key=f"feature_drift:{record.storage_id}",
                    tags={"igniteflow/reason": "feature_drift", "igniteflow/drifted": features},
                )
            )
        seen, drifting = record.storage_id, detected
    return dg.SensorResult(
        run_requests=requests,
        cursor=json.dumps([seen, drifting]),
        skip_reason=None if requests else "no new drift",
    )


@dg.run_failure_sensor(
    monitor_all_code_locations=False,
    minimum_interval_seconds=30,
    description="Sends an alert for each failed run",
)
def run_failure_alert(context: dg.RunFailureSensorContext, alerts: AlertResource) -> None:
    """Say which run failed, of which job, for what reason, and in which step first."""
    steps = [event.step_key for event in context.get_step_failure_events() if event.step_key]
    alerts.send(
        "run_failure",
        {
            "job": context.dagster_run.job_name,
            "run_id": context.dagster_run.run_id,
            "partition": context.partition_key,
            "failed_steps": steps,
            "message": context.failure_event.message,
        },
    )


sensors = [drift_sensor, performance_sensor, run_failure_alert, stream_stall_sensor]
