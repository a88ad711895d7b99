"""``igniteflow stream``: scores transactions from the stream until the process is stopped."""

import logging

from dagster import build_init_resource_context

from igniteflow_core.config.load import load_settings
from igniteflow_core.telemetry.logs import configure_logging
from igniteflow_resources.platform import platform_resources
from igniteflow_resources.spark.session_metrics import serve_session_metrics
from igniteflow_resources.stream.progress import require_brokers
from igniteflow_resources.stream.run import run_stream


def stream() -> None:
    """Score transactions of the stream as they arrive; run it under a supervisor."""
    settings = load_settings()
    require_brokers(settings.stream)
    configure_logging("stream", settings)
    # py4j logs each call from Java, at least one per micro-batch.
    logging.getLogger("py4j").setLevel(logging.WARNING)
    resources = platform_resources(settings)
    spark, lake = resources["spark"], resources["lake"]
    spark.setup_for_execution(build_init_resource_context())
    if settings.telemetry.metrics_port is not None:
        serve_session_metrics(spark.session, settings.telemetry.metrics_port)
    run_stream(spark.session, lake, settings)
