"""The sensors of the platform, and the alert for failed runs."""

import dagster as dg

from igniteflow_assets.monitoring.drift_sensor import drift_sensor, recommendation_drift_sensor
from igniteflow_assets.monitoring.performance_sensor import (
    performance_sensor,
    recommendation_performance_sensor,
)
from igniteflow_assets.running import sensor_status
from igniteflow_assets.stream.stream_state import stream_stall_sensor
from igniteflow_assets.transactions.late_rows_sensor import late_rows_sensor
from igniteflow_resources.alerts import AlertResource


@dg.run_failure_sensor(
    monitor_all_code_locations=False,
    minimum_interval_seconds=30,
    description="Sends an alert for each failed run",
    default_status=sensor_status("run_failure_alert"),
)
def run_failure_alert(context: dg.RunFailureSensorContext, alerts: AlertResource) -> None:
    """Send an alert with the run, its job, the failed steps and the error message."""
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


sensors = [
    drift_sensor,
    performance_sensor,
    recommendation_drift_sensor,
    recommendation_performance_sensor,
    run_failure_alert,
    stream_stall_sensor,
    late_rows_sensor,
]
