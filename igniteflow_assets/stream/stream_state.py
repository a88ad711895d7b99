"""Progress of the stream, which itself runs continuously outside of Dagster."""

import json
from datetime import UTC, datetime

import dagster as dg

from igniteflow_assets.running import sensor_status
from igniteflow_core.config.load import load_settings
from igniteflow_resources.alerts import AlertResource
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.stream.progress import StreamProgress, read_progress

_DESCRIPTION = "Lag of the stream behind its topics, and its last committed micro-batch"


def progress_metadata(progress: StreamProgress) -> dict[str, dg.MetadataValue]:
    """Return the progress as metadata for the UI."""
    metadata: dict[str, dg.MetadataValue] = {
        "lag_messages": dg.MetadataValue.int(progress.lag),
        "lag_by_partition": dg.MetadataValue.json(progress.waiting),
    }
    last = progress.last_batch
    if last is not None:
        metadata |= {
            "batch_id": dg.MetadataValue.int(last.batch_id),
            "batch_seconds": dg.MetadataValue.float(last.seconds),
            "batch_rows_scored": dg.MetadataValue.int(last.scored),
            "batch_dead_letters": dg.MetadataValue.int(last.dead_letters),
            "committed_at": dg.MetadataValue.timestamp(last.committed_at),
        }
    return metadata


@dg.asset(description=_DESCRIPTION, kinds={"kafka"})
def stream_state(settings: SettingsResource) -> dg.MaterializeResult[None]:
    """Read the progress of the stream's consumer group."""
    return dg.MaterializeResult(metadata=progress_metadata(read_progress(settings.current.stream)))


@dg.sensor(
    minimum_interval_seconds=30,
    description="Keeps stream_state up to date, and sends one alert each time the stream stalls",
    default_status=sensor_status("stream_stall_sensor"),
)
def stream_stall_sensor(
    context: dg.SensorEvaluationContext, alerts: AlertResource
) -> dg.SensorResult:
    """Alert when the stream stalls; the cursor records whether it was stalled at the last tick."""
    stream = load_settings().stream
    if stream.brokers is None:
        return dg.SensorResult(skip_reason="no stream: stream.brokers is not set")
    progress = read_progress(stream)
    stalled = progress.is_stalled(datetime.now(UTC), stream.stall_seconds)
    # A cursor of another version causes at most one additional alert.
    if stalled and context.cursor != json.dumps(True):
        alerts.send(
            "stream_stalled",
            {
                "group": stream.group,
                "lag_messages": progress.lag,
                "last_batch": progress.last_batch and progress.last_batch.to_note(),
            },
        )
    state = dg.AssetMaterialization("stream_state", metadata=progress_metadata(progress))
    return dg.SensorResult(
        asset_events=[state],
        cursor=json.dumps(stalled),
        skip_reason=f"{'stalled' if stalled else 'running'}, {progress.lag} messages wait",
    )
